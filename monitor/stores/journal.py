"""The journal beside the index: what checks taught since the index was last written, one line each.

A check that brings nothing writes no feed's file, and the index is written some seconds later. A
process that is killed in between would forget that it asked a moment ago, that a server wants to be
left alone, and how often it failed. Lines go to the kernel at once and are not synced: kill -9
loses nothing of them, and a power cut takes longer than the floor between two polls.

    ["3f2a…",1764000000.123,912]                          a good check, and seconds until the next
    ["3f2a…",1764000000.123,1800,{"failures":1,…}]        one that failed, or that learnt more
    ["3f2a…",1764000060.123,0,{"begun":true}]             one that began: not again before then

A line begins with its newline, so that one which a full disk cut short spoils no other. This module
must not raise for the journal's own sake: it is a help, not a part of the state.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from monitor.model import FeedRow, Validators
from monitor.stores import codec
from monitor.stores.atomic import LEFTOVER
from monitor.stores.disk import Disk
from monitor.stores.index import FILE as INDEX
from monitor.stores.index import Index, is_lost

log = logging.getLogger("rasid.state")

FILE = f"{INDEX}.journal"
LARGEST = 32 << 20  # bytes; an index that cannot be written for so long has worse troubles
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Noted:
    """One line: the members of a FeedRow that a check may change without its file. `url` where the
    index does not know the feed yet; `home`: the address moved to was given up; `begun`: a check
    had begun, and `last_check` is when the feed may be asked again."""

    feed_id: str
    last_check: float
    wait: float
    failures: int = 0
    failing_since: float | None = None
    not_before: float = 0.0
    error: str = ""
    fresh_for: float = 0.0
    url: str = ""
    home: bool = False
    begun: bool = False


class Journal:
    """The journal of the state under `root`, for one thread at a time. The file is made with its
    first line."""

    def __init__(self, root: Path, disk: Disk) -> None:
        self._path = root / FILE
        self._next = root / f"{FILE}{LEFTOVER}"
        self._disk = disk
        self._descriptor: int | None = None
        self._size = 0
        self._refused = False

    def note(self, row: FeedRow, before: FeedRow | None) -> None:
        """Adds what a check made of a feed's line; a disk that refuses is told of once."""
        self._add(_line(row, before))

    def begin(self, row: FeedRow) -> None:
        """Adds that a feed is about to be asked, and must not be before `not_before`."""
        more: dict[str, object] = {"begun": True}
        if not row.last_check:  # the index may not know it
            more["url"] = row.url
        self._add(_one_line(row.feed_id, row.not_before, 0, more))

    def _add(self, line: bytes) -> None:
        if self._size + len(line) > LARGEST:
            return
        try:
            if self._descriptor is None:
                self._descriptor = self._disk.append_to(self._path)
            self._disk.write(self._descriptor, line)
            self._size += len(line)
        except OSError as error:
            if not self._refused:
                log.warning("%s: not written, a crash may poll early: %s", self._path, error)
            self._refused = True

    @property
    def size(self) -> int:
        """The bytes written since the last `forget`, and what that left."""
        return self._size

    def forget(self, size: int) -> None:
        """Forgets the first `size` bytes: the index knows what those lines tell."""
        try:
            if self._descriptor is None:
                self._path.unlink(missing_ok=True)  # what a crash left
            elif size < self._size:
                self._start_over(self._descriptor, self._path.read_bytes()[size:])
            else:
                self._disk.empty(self._descriptor)
                self._size = 0
        except OSError:  # older lines are passed over by those who read them
            return
        self._refused = False

    def _start_over(self, old: int, rest: bytes) -> None:
        """A journal of those lines alone, in one step: a kill must find the old one or the new."""
        descriptor = self._disk.append_to(self._next)
        try:
            self._disk.empty(descriptor)  # a crash may have left something
            self._disk.write(descriptor, rest)
            self._disk.rename(self._next, self._path)
        except OSError:
            self._disk.close(descriptor)
            raise
        self._descriptor, self._size = descriptor, len(rest)
        self._disk.close(old)

    def close(self) -> None:
        """Ends writing. The file goes where `forget` left it empty."""
        if self._descriptor is not None:
            self._disk.close(self._descriptor)
            self._descriptor = None
        with contextlib.suppress(OSError):
            if self._path.stat().st_size == 0:
                self._disk.remove(self._path)


def read_journal(root: Path) -> tuple[Noted, ...]:
    """The lines in order; what is no line, such as one cut short, is passed over."""
    try:
        content = (root / FILE).read_bytes()
    except OSError:
        return ()
    return tuple(noted for line in content.split(b"\n") if (noted := _noted(line)) is not None)


def lay_on(index: Index, noted: Noted) -> None:
    """Brings a feed's line up to a check that is newer than what index and feed's file tell.
    One whose memory was lost stays as it is: it is to be asked at once."""
    row = index.rows.get(noted.feed_id)
    if row is None:
        if not noted.url:
            return
        row = FeedRow(noted.feed_id, noted.url)
    elif noted.last_check <= row.last_check or is_lost(row):
        return
    if noted.begun:
        not_before = max(row.not_before, noted.last_check)
        index.rows[noted.feed_id] = replace(row, not_before=not_before)
        return
    index.rows[noted.feed_id] = replace(
        row,
        due=noted.last_check + noted.wait,
        not_before=noted.not_before,
        last_check=noted.last_check,
        last_ok=row.last_ok if noted.failures else noted.last_check,
        failures=noted.failures,
        failing_since=noted.failing_since,
        error=noted.error,
        fresh_for=noted.fresh_for,
        moved_to=None if noted.home else row.moved_to,
        validators=Validators() if noted.home else row.validators,
    )


def _line(row: FeedRow, before: FeedRow | None) -> bytes:
    """Whole seconds of waiting are enough, and only ever more than was decided."""
    wait = math.ceil(row.due - row.last_check)
    return _one_line(row.feed_id, row.last_check, wait, _more(row, before))


def _one_line(feed_id: str, moment: float, wait: int, more: Mapping[str, object]) -> bytes:
    start = f'\n["{feed_id}",{moment:.3f},{wait}'
    if not more:
        return f"{start}]".encode()
    return f"{start},{_encode(more)}]".encode("utf-8", "backslashreplace")


def _more(row: FeedRow, before: FeedRow | None) -> dict[str, object]:
    told: dict[str, object] = {}
    if row.failures:
        told = {"failures": row.failures, "failing_since": row.failing_since, "error": row.error}
    if row.not_before > row.last_check:
        told["not_before"] = row.not_before
    if row.fresh_for:
        told["fresh_for"] = row.fresh_for
    if before is None:
        told["url"] = row.url
    elif before.moved_to is not None and row.moved_to is None:
        told["home"] = True
    return told


def _noted(line: bytes) -> Noted | None:
    try:
        feed_id, last_check, wait, *more = json.loads(line)
        known = {"feed_id": feed_id, "last_check": last_check, "wait": wait}
        return codec.decode(Noted, known | (more[0] if more else {}))
    except (ValueError, TypeError, RecursionError):  # ShapeError is a ValueError
        return None
