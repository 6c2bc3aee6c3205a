"""Values that the tests of the stores share, and disks that record or fail."""

from __future__ import annotations

import errno
from pathlib import Path

from monitor.core.feeds.rhythm import learn
from monitor.model import (
    Alert,
    Delivery,
    Evidence,
    FeedRow,
    FeedState,
    FeedUpdate,
    LedgerRecord,
    LedgerState,
    Marked,
    Seen,
    Severity,
    Story,
    Validators,
)
from monitor.stores.disk import Disk

NOON = 1_764_000_000.0  # 2025-11-24 16:00 UTC
DAY = 86400.0


def delivery(number: int = 1, *, made_at: float = NOON, channel: str = "desk-mail") -> Delivery:
    """A delivery with something in every member."""
    return Delivery(
        id=f"d{number}",
        channel=channel,
        made_at=made_at,
        story=Story(
            id=f"article-{number}",
            title=Marked("حريق في سوق مخمور", ((12, 17),)),
            excerpts=(Marked("قالت فرق الإطفاء إنها أخمدت حريقا", ((0, 4), (9, 16))),),
            link="https://news.example/1",
            source="جريدة المثال",
            published=made_at - 60,
        ),
        alerts=(
            Alert(
                "a1",
                "حرائق",
                Severity.HIGH,
                ("حريق",),
                (Evidence("head_before", 0.5, "سوق"),),
            ),
        ),
    )


def seen(key: str, *, fired: tuple[str, ...] = ()) -> Seen:
    return Seen(key, f"link-{key}", f"print-{key}", "c0ffee", NOON, fired=fired)


def state(
    feed_id: str = "ab01",
    *,
    checked_at: float = NOON,
    entries: tuple[Seen, ...] = (),
    open_: tuple[Delivery, ...] = (),
) -> FeedState:
    return FeedState(
        feed_id=feed_id,
        url=f"https://{feed_id}.example/feed",
        validators=Validators(f'W/"{checked_at}"', "Mon, 24 Nov 2025 16:00:00 GMT"),
        body_hash=f"hash-{checked_at}",
        polled=True,
        checked_at=checked_at,
        entries=entries,
        open=open_,
    )


def row(of: FeedState) -> FeedRow:
    """The index line that goes with a state, as a check leaves it."""
    return FeedRow(
        feed_id=of.feed_id,
        url=of.url,
        due=of.checked_at + 900,
        last_check=of.checked_at,
        last_ok=of.checked_at,
        validators=of.validators,
        body_hash=of.body_hash,
        moved_to=of.moved_to,
        gone=of.gone,
        has_open=bool(of.open),
        newest=learn((each.first_seen for each in of.entries), of.checked_at).newest,
        skipped=of.skipped,
        read_as=of.read_as,
        remembered=len(of.entries),
    )


def update(of: FeedState, **members: object) -> FeedUpdate:
    return FeedUpdate(row=row(of), state=of, **members)  # type: ignore[arg-type] # test shorthand


def record(number: int = 1, *, made_at: float = NOON, **members: object) -> LedgerRecord:
    values: dict[str, object] = {"state": LedgerState.SENT, "rules": ("حرائق",), "code": 250}
    return LedgerRecord(f"d{number}", made_at=made_at, **(values | members))  # type: ignore[arg-type] # test shorthand


class FailingDisk(Disk):
    """A disk whose n-th call fails, and with `dead` every one from there on; with `full` the calls
    that take room fail from there on. A write that fails has written half. Counts only while
    `armed`."""

    def __init__(
        self, fail_at: int, *, code: int = errno.EIO, dead: bool = False, full: bool = False
    ) -> None:
        self.fail_at, self.code, self.dead, self.full = fail_at, code, dead, full
        self.calls, self.armed = 0, False

    def _fails(self, *, takes_room: bool = True) -> bool:
        self.calls += self.armed
        on = self.dead or (self.full and takes_room)
        hit = self.calls >= self.fail_at if on else self.calls == self.fail_at
        return self.armed and hit

    def _call(self, *, takes_room: bool = True) -> None:
        if self._fails(takes_room=takes_room):
            raise OSError(self.code, "injected")

    def create(self, path: Path) -> int:
        self._call()
        return super().create(path)

    def write(self, descriptor: int, data: bytes) -> None:
        if self._fails():
            super().write(descriptor, data[: len(data) // 2])
            raise OSError(self.code, "injected")
        super().write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        self._call()
        super().sync(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        self._call(takes_room=False)
        super().rename(source, target)

    def link(self, source: Path, target: Path) -> None:
        self._call()
        super().link(source, target)

    def remove(self, path: Path) -> None:
        self._call(takes_room=False)
        super().remove(path)

    def make_folder(self, path: Path) -> None:
        self._call()
        super().make_folder(path)

    def sync_folder(self, path: Path) -> None:
        self._call(takes_room=False)
        super().sync_folder(path)


class SmallDisk(Disk):
    """A disk with `room` bytes left. What a file takes comes back when it is removed; what it took
    before it was replaced does not, as where another program fills the disk."""

    def __init__(self) -> None:
        self.room = 100 << 20

    def write(self, descriptor: int, data: bytes) -> None:
        if len(data) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= len(data)
        super().write(descriptor, data)

    def remove(self, path: Path) -> None:
        size = path.stat().st_size
        super().remove(path)
        self.room += size

    def free(self, folder: Path) -> int:
        return self.room
