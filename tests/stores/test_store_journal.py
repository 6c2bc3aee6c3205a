"""What checks taught in the last seconds outlives kill -9, and the journal is in nobody's way."""

from __future__ import annotations

import errno
import logging
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_samples import NOON, row, state, update

from monitor.model import FeedRow, FeedUpdate, Validators
from monitor.stores import journal
from monitor.stores.disk import Disk
from monitor.stores.journal import FILE, read_journal
from monitor.stores.tiny import TinyStore

SCRIPT = Path(__file__).with_name("store_child.py")
GOOD = row(state())
LATER = replace(GOOD, last_check=NOON + 900, last_ok=NOON + 900, due=NOON + 1800)
FAILED = replace(
    GOOD,
    last_check=NOON + 900.25,
    due=NOON + 2700.25,
    not_before=NOON + 2000,
    failures=3,
    failing_since=NOON + 100.5,
    error="status: the server answered with status 503 · لا جواب",
)


def known(root: Path, disk: Disk | None = None) -> TinyStore:
    """A store whose index knows one feed."""
    store = TinyStore.open(root, now=NOON, disk=disk)
    store.commit(update(state()))
    store.flush(NOON)
    return store


def found(root: Path, feed_id: str = "ab01") -> FeedRow:
    """The feed's line as a start after a crash, and as one who looks on, find it."""
    seen = TinyStore.read(root).rows()[feed_id]
    assert TinyStore.open(root, now=NOON).rows()[feed_id] == seen
    return seen


@pytest.mark.parametrize(
    "learnt", [LATER, FAILED, replace(LATER, fresh_for=600.0)], ids=["304", "failed", "fresh"]
)
def test_what_a_check_without_a_file_taught_outlives_a_crash(
    tmp_path: Path, learnt: FeedRow
) -> None:
    store = known(tmp_path)
    store.commit(FeedUpdate(row=learnt))
    assert found(tmp_path) == learnt


def test_the_last_check_counts(tmp_path: Path) -> None:
    store = known(tmp_path)
    for each in (FAILED, replace(LATER, last_check=NOON + 950, last_ok=NOON + 950)):
        store.commit(FeedUpdate(row=each))
    assert (found(tmp_path).failures, found(tmp_path).last_check) == (0, NOON + 950)


def test_a_feed_that_never_succeeded_is_known_by_its_failure(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    new = replace(FAILED, feed_id="cd02", validators=Validators(), body_hash="", last_ok=0.0)
    store.commit(FeedUpdate(row=new))
    store.commit(FeedUpdate(row=replace(new, last_check=NOON + 999, failures=4)))
    again = found(tmp_path, "cd02")
    assert (again.url, again.failures, again.last_ok) == (new.url, 4, 0.0)


def test_an_address_that_was_given_up_stays_given_up(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    moved = replace(state(), moved_to="https://new.example/feed")
    store.commit(update(moved))
    store.flush(NOON)
    store.commit(FeedUpdate(row=replace(FAILED, moved_to=None, validators=Validators())))
    assert (found(tmp_path).moved_to, found(tmp_path).validators) == (None, Validators())


def test_a_newer_file_wins_over_an_older_line(tmp_path: Path) -> None:
    store = known(tmp_path)
    store.commit(FeedUpdate(row=FAILED))
    store.commit(update(state(checked_at=NOON + 2700)))
    again = found(tmp_path)
    assert (again.last_check, again.last_ok) == (NOON + 2700, NOON + 2700)
    assert (again.failures, again.error, again.failing_since) == (0, "", None)
    assert again.validators == state(checked_at=NOON + 2700).validators


def test_a_newer_line_adds_to_a_newer_file(tmp_path: Path) -> None:
    store = known(tmp_path)
    store.commit(update(state(checked_at=NOON + 900)))
    store.commit(FeedUpdate(row=replace(FAILED, last_check=NOON + 1800, due=NOON + 3600)))
    again = found(tmp_path)
    assert (again.failures, again.due) == (3, NOON + 3600)
    assert again.body_hash == state(checked_at=NOON + 900).body_hash


def test_a_line_does_not_put_off_a_feed_whose_memory_was_lost(tmp_path: Path) -> None:
    store = known(tmp_path)
    store.commit(update(state(checked_at=NOON + 60)))
    store.commit(FeedUpdate(row=LATER))
    (tmp_path / "feeds/ab/ab01.json").write_bytes(b"torn")
    assert found(tmp_path).due == 0.0


def test_each_flush_empties_it_and_a_stop_removes_it(tmp_path: Path) -> None:
    store = known(tmp_path)
    store.commit(FeedUpdate(row=FAILED))
    path = tmp_path / FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert store.flush(NOON)
    assert path.read_bytes() == b""
    store.commit(FeedUpdate(row=LATER))
    assert len(read_journal(tmp_path)) == 1
    store.close(NOON)
    assert not path.exists()
    assert found(tmp_path) == LATER


def test_what_a_crash_left_goes_with_the_next_flush(tmp_path: Path) -> None:
    known(tmp_path).commit(FeedUpdate(row=LATER))
    store = TinyStore.open(tmp_path, now=NOON)
    assert store.flush(NOON)
    assert not (tmp_path / FILE).exists()
    assert found(tmp_path) == LATER


def test_a_crash_between_flush_and_emptying_takes_nothing_twice(tmp_path: Path) -> None:
    store = known(tmp_path)
    store.commit(FeedUpdate(row=FAILED))
    left = (tmp_path / FILE).read_bytes()
    store.commit(FeedUpdate(row=replace(LATER, last_check=NOON + 999, last_ok=NOON + 999)))
    store.flush(NOON)
    (tmp_path / FILE).write_bytes(left)
    assert (found(tmp_path).last_check, found(tmp_path).failures) == (NOON + 999, 0)


def test_a_check_with_a_file_writes_no_line(tmp_path: Path) -> None:
    store = known(tmp_path)
    store.commit(update(state(checked_at=NOON + 60)))
    assert not (tmp_path / FILE).exists()


def test_a_line_is_short(tmp_path: Path) -> None:
    store = known(tmp_path)
    store.commit(FeedUpdate(row=LATER))
    assert len((tmp_path / FILE).read_bytes()) < 40 + len(LATER.feed_id)


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_line_cut_short_is_passed_over(tmp_path: Path, cut: int) -> None:
    store = known(tmp_path)
    store.commit(FeedUpdate(row=LATER))
    store.commit(FeedUpdate(row=FAILED))
    path = tmp_path / FILE
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    assert found(tmp_path) == LATER
    again = TinyStore.open(tmp_path, now=NOON)  # goes on behind the torn line
    again.commit(FeedUpdate(row=FAILED))
    assert found(tmp_path) == replace(FAILED, last_ok=LATER.last_ok)


@given(st.binary(max_size=300))
def test_whatever_stands_in_it_stops_no_start(tmp_path_factory: object, rubbish: bytes) -> None:
    root = tmp_path_factory.mktemp("state")  # type: ignore[attr-defined] # pytest's own
    (root / FILE).write_bytes(rubbish + b'\n["ab01",[],{}]\n["ab01",1,2,[3]]\n{"a":1}\nnull')
    assert dict(TinyStore.read(root).rows()) == {}


class FullDisk(Disk):
    """Takes half of each line, and nothing of an append at all where it is `shut`."""

    full = shut = False

    def append_to(self, path: Path) -> int:
        if self.shut:
            raise OSError(errno.EACCES, "injected")
        return super().append_to(path)

    def write(self, descriptor: int, data: bytes) -> None:
        if self.full:
            super().write(descriptor, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "injected")
        super().write(descriptor, data)


@pytest.mark.parametrize("how", ["full", "shut"])
def test_a_disk_that_refuses_fails_no_check_and_is_told_of_once(
    tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    disk = FullDisk()
    store = known(tmp_path, disk)
    setattr(disk, how, True)
    with caplog.at_level(logging.WARNING, "rasid.state"):
        for _ in range(3):
            store.commit(FeedUpdate(row=FAILED))
    assert len(caplog.records) == 1
    assert store.rows()["ab01"] == FAILED
    setattr(disk, how, False)
    store.commit(FeedUpdate(row=FAILED))
    assert found(tmp_path) == FAILED


def test_it_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LARGEST", 100)
    store = known(tmp_path)
    for _ in range(50):
        store.commit(FeedUpdate(row=LATER))
    assert (tmp_path / FILE).stat().st_size <= 100
    assert store.rows()["ab01"] == LATER


class KilledError(BaseException):
    """What stands for kill -9: nothing catches it."""


class Mortal(Disk):
    """Calls `meanwhile` when it is synced, and dies in the `last` call that follows: in a write
    when half of it is done."""

    meanwhile: Callable[[], None] | None = None
    last: int | None = None

    def _dies(self) -> bool:
        if self.last is None or self.meanwhile is not None:
            return False
        self.last -= 1
        return self.last < 0

    def sync(self, descriptor: int) -> None:
        super().sync(descriptor)
        if (meanwhile := self.meanwhile) is not None:
            meanwhile()
            self.meanwhile = None

    def append_to(self, path: Path) -> int:
        descriptor = super().append_to(path)
        if self._dies():
            raise KilledError
        return descriptor

    def empty(self, descriptor: int) -> None:
        super().empty(descriptor)
        if self._dies():
            raise KilledError

    def write(self, descriptor: int, data: bytes) -> None:
        if self._dies():
            super().write(descriptor, data[: len(data) // 2])
            raise KilledError
        super().write(descriptor, data)

    def rename(self, source: Path, target: Path) -> None:
        super().rename(source, target)
        if self._dies():
            raise KilledError


def die_in_flush(root: Path, last: int) -> bool:
    """Flushes while a check ends, and is killed in that call; whether there was such a call."""
    disk = Mortal()
    store = known(root, disk)
    store.commit(FeedUpdate(row=FAILED))
    disk.meanwhile, disk.last = lambda: store.commit(FeedUpdate(row=THEN)), last
    try:
        store.flush(NOON)
    except KilledError:
        return True
    return False


THEN = replace(LATER, last_check=NOON + 999, last_ok=NOON + 999, due=NOON + 1899)


def test_a_kill_at_any_moment_of_a_flush_forgets_no_check_that_ended_meanwhile(
    tmp_path: Path,
) -> None:
    deaths = 0
    while die_in_flush(tmp_path / str(deaths), deaths):
        assert found(tmp_path / str(deaths)) == THEN
        deaths += 1
    assert found(tmp_path / str(deaths)) == THEN
    assert deaths >= 4
    for folder in tmp_path.iterdir():
        assert not list(folder.glob(f"{FILE}?*"))  # a start takes away what a kill left


def test_a_flush_keeps_what_was_noted_meanwhile_and_goes_on_behind_it(tmp_path: Path) -> None:
    disk = Mortal()
    store = known(tmp_path, disk)
    store.commit(FeedUpdate(row=FAILED))
    disk.meanwhile = lambda: store.commit(FeedUpdate(row=THEN))
    store.flush(NOON)
    assert len(read_journal(tmp_path)) == 1
    store.commit(FeedUpdate(row=replace(THEN, last_check=NOON + 1500, due=NOON + 2400)))
    assert [noted.last_check for noted in read_journal(tmp_path)] == [NOON + 999, NOON + 1500]
    store.flush(NOON)
    assert (tmp_path / FILE).read_bytes() == b""
    store.close(NOON)
    assert not list(tmp_path.glob(f"{FILE}*"))


def test_a_killed_process_forgets_no_check(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "checks", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(300)]
        child.kill()
        said += child.stdout.readlines()
    last = int([line for line in said if line.endswith("\n")][-1])
    again = found(tmp_path)
    assert NOON + last <= again.last_check <= NOON + last + 1
    assert again.failures in (last % 7, (last + 1) % 7)


def test_a_check_that_was_cut_off_is_not_repeated_before_the_floor(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    new = FeedRow("cd02", "https://b.example/rss")
    store.begin(new, NOON + 60)
    again = found(tmp_path, "cd02")
    assert (again.url, again.not_before, again.last_check) == (new.url, NOON + 60, 0.0)
    store.flush(NOON + 1)  # the check goes on while the index is written
    assert found(tmp_path, "cd02").not_before == NOON + 60


def test_an_outcome_takes_the_place_of_the_beginning(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    new = FeedRow("cd02", "https://b.example/rss")
    store.begin(new, NOON + 60)
    store.commit(FeedUpdate(row=replace(new, last_check=NOON + 5, due=NOON + 905)))
    again = found(tmp_path, "cd02")
    assert (again.not_before, again.last_check, again.due) == (0.0, NOON + 5, NOON + 905)
