"""Kills, power cuts, full and dying disks: what was acknowledged is there, and nothing else."""

from __future__ import annotations

import errno
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, combinations
from pathlib import Path

import pytest
from store_samples import NOON, FailingDisk, delivery, record, seen, state, update

from monitor.errors import CannotWriteError
from monitor.model import FeedUpdate, Validators
from monitor.stores.atomic import load_tables, save_tables, write_file
from monitor.stores.disk import Disk
from monitor.stores.ledger import TinyLedger
from monitor.stores.tiny import TinyStore

SCRIPT = Path(__file__).with_name("store_child.py")
OLD = state(checked_at=NOON, entries=(seen("e1"),))
NEW = state(checked_at=NOON + 60, entries=(seen("e1"), seen("e2")), open_=(delivery(),))


# --- kill -9 of a real process --------------------------------------------------------------------


def test_a_killed_process_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    kill_in_a_loop(tmp_path, kills=15)


@pytest.mark.long
def test_many_killed_processes_lose_nothing(tmp_path: Path) -> None:
    kill_in_a_loop(tmp_path, kills=300)


def kill_in_a_loop(root: Path, kills: int) -> None:
    chance, acknowledged = random.Random(11), 0
    for _ in range(kills):
        acknowledged = kill_after(root, acknowledged + 1, acks=chance.randrange(1, 25))
        check_after_kill(root, acknowledged)


def kill_after(root: Path, first: int, acks: int) -> int:
    """Lets a child commit, kills it wherever it is by then, and gives its last acknowledgement."""
    command = [sys.executable, str(SCRIPT), "loop", str(root), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(acks)]
        child.kill()
        said += child.stdout.readlines()
    whole = [line for line in said if line.endswith("\n")]
    assert whole, "the child could not take the lock or open the state"
    return int(whole[-1])


def check_after_kill(root: Path, acknowledged: int) -> None:
    for path in root.rglob("*.json"):
        assert load_tables(path) is not None
    reader = TinyStore.read(root)
    found = reader.feed("ab01")
    assert found is not None
    assert acknowledged <= found.checked_at <= acknowledged + 1
    assert len(found.entries) == int(found.checked_at) * 37 % 90
    assert reader.rows()["ab01"].last_check == found.checked_at
    assert reader.open_deliveries() == found.open
    sent = {each.changed_at for each in TinyLedger.read(root, "desk-mail").records()}
    assert acknowledged in sent


# --- power cuts, enumerated -----------------------------------------------------------------------
# After "All File Systems Are Not Created Equal" (Pillai et al., OSDI 2014): unsynced bytes may be
# lost, cut or zero, and of the unsynced changes to a folder any subset may have happened.


@dataclass
class File:
    written: bytes = b""
    synced: bool = False

    def after_cut(self) -> tuple[bytes, ...]:
        half = self.written[: len(self.written) // 2]
        zeros = b"\0" * len(self.written)
        return (self.written,) if self.synced else (b"", half, zeros, self.written)


@dataclass
class Recorder(Disk):
    """Does nothing but keep, after each call, every content that a power cut could leave."""

    target: Path
    files: list[File] = field(default_factory=list)
    names: dict[Path, int] = field(default_factory=dict)
    durable: dict[Path, int] = field(default_factory=dict)
    pending: list[int] = field(default_factory=list)  # files put in the target's place
    outcomes: list[tuple[int, frozenset[bytes | None]]] = field(default_factory=list)
    acknowledged: int = 0

    def create(self, path: Path) -> int:
        self.files.append(File())
        self.names[path] = len(self.files) - 1
        self._note()
        return self.names[path]

    def write(self, descriptor: int, data: bytes) -> None:
        self.files[descriptor].written = data
        self._note()

    def sync(self, descriptor: int) -> None:
        self.files[descriptor].synced = True
        self._note()

    def close(self, descriptor: int) -> None:
        self._note()

    def rename(self, source: Path, target: Path) -> None:
        assert target == self.target
        self.names[target] = self.names.pop(source)
        self.pending.append(self.names[target])
        self._note()

    def sync_folder(self, path: Path) -> None:
        self.durable, self.pending = dict(self.names), []
        self._note()

    def commit(self, content: bytes) -> None:
        write_file(self.target, content, self)
        self.acknowledged += 1
        self._note()

    def _note(self) -> None:
        self.outcomes.append((self.acknowledged, frozenset(self._after_cut())))

    def _after_cut(self) -> Iterator[bytes | None]:
        """The target's content for each way in which the cut may fall; None: it is not there."""
        for happened in subsets(self.pending):
            at = happened[-1] if happened else self.durable.get(self.target)
            yield from (None,) if at is None else self.files[at].after_cut()


def subsets(items: list[int]) -> Iterator[tuple[int, ...]]:
    return chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))


class NoFileSync(Recorder):
    def sync(self, descriptor: int) -> None:
        """Leaves the bytes to the kernel."""


class NoFolderSync(Recorder):
    def sync_folder(self, path: Path) -> None:
        """Leaves the names to the kernel."""


VERSIONS = (None, b"first" * 9, b"second, and longer" * 9, b"third")


def bad_outcomes(disk: Recorder) -> list[bytes | None]:
    """What a power cut could leave that is neither the last acknowledged content nor the next."""
    for content in VERSIONS[1:]:
        assert content is not None
        disk.commit(content)
    return [
        content
        for acknowledged, contents in disk.outcomes
        for content in contents
        if content not in VERSIONS[acknowledged : acknowledged + 2]
    ]


def test_a_power_cut_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    disk = Recorder(tmp_path / "x.json")
    assert bad_outcomes(disk) == []
    assert len(disk.outcomes) > 15
    both = [contents for _, contents in disk.outcomes if set(VERSIONS[1:3]) <= contents]
    assert both, "the cut between rename and the folder's sync may leave either"


@pytest.mark.parametrize("careless", [NoFileSync, NoFolderSync])
def test_the_enumeration_sees_a_missing_sync(tmp_path: Path, careless: type[Recorder]) -> None:
    assert bad_outcomes(careless(tmp_path / "x.json")) != []


# --- disks that are full or fail ------------------------------------------------------------------


def test_a_full_disk_changes_nothing_and_the_store_goes_on(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "full", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ended.stdout.split(), ended.stderr) == (["73", "True", "True"], "")
    assert [each.name for each in tmp_path.rglob("*.tmp")] == []


CALLS = range(1, 7)  # create, write, sync, rename, sync_folder of one commit: and one more


@pytest.mark.parametrize(("code", "exit_code"), [(errno.ENOSPC, 73), (errno.EIO, 74)])
@pytest.mark.parametrize("fail_at", CALLS)
def test_an_error_at_any_call_changes_nothing(
    tmp_path: Path, fail_at: int, code: int, exit_code: int
) -> None:
    disk = FailingDisk(fail_at, code=code)
    store = TinyStore.open(tmp_path, now=NOON, disk=disk)
    store.commit(update(OLD))
    store.flush(NOON)
    before = store.rows()
    disk.armed = True
    if fail_at == CALLS[-1]:
        store.commit(update(NEW))
        assert disk.calls == fail_at - 1, "every call was tried"
        return
    with pytest.raises(CannotWriteError, match=r"ab01\.json: injected") as caught:
        store.commit(update(NEW, alerted={"k": ("r",)}))
    disk.armed = False

    assert caught.value.exit_code == exit_code
    assert (store.rows(), store.feed("ab01"), store.alerted(["k"])) == (before, OLD, frozenset())
    assert TinyStore.read(tmp_path).rows() == before
    assert [each.name for each in tmp_path.rglob("*.tmp")] == []
    store.commit(update(NEW))
    assert TinyStore.read(tmp_path).feed("ab01") == NEW


@pytest.mark.parametrize("fail_at", CALLS[:-1])
def test_an_error_in_the_first_commit_leaves_no_feed(tmp_path: Path, fail_at: int) -> None:
    disk = FailingDisk(fail_at)
    store = TinyStore.open(tmp_path, now=NOON, disk=disk)
    store.commit(update(state("ab99")))  # the folder is there
    disk.armed = True
    with pytest.raises(CannotWriteError):
        store.commit(update(NEW))
    assert store.feed("ab01") is None
    assert set(store.rows()) == set(TinyStore.read(tmp_path).rows()) == {"ab99"}


def test_an_error_does_not_unlearn_what_a_304_taught(tmp_path: Path) -> None:
    disk = FailingDisk(CALLS[-2])
    store = TinyStore.open(tmp_path, now=NOON, disk=disk)
    store.commit(update(OLD))
    learnt = replace(store.rows()["ab01"], validators=Validators('"newer"'))
    store.commit(FeedUpdate(row=learnt))
    disk.armed = True
    with pytest.raises(CannotWriteError):
        store.commit(update(NEW))
    store.close(NOON)
    assert TinyStore.read(tmp_path).rows() == store.rows() == {"ab01": learnt}


@pytest.mark.parametrize("fail_at", CALLS[:-1])
@pytest.mark.parametrize("old", [None, OLD], ids=["first commit", "later commit"])
def test_a_disk_that_dies_for_good_leaves_memory_as_the_disk(
    tmp_path: Path, fail_at: int, old: object
) -> None:
    disk = FailingDisk(fail_at, dead=True)
    store = TinyStore.open(tmp_path, now=NOON, disk=disk)
    if old:
        store.commit(update(OLD))
    else:
        store.commit(update(state("ab99")))
    store.flush(NOON)
    disk.armed = True
    with pytest.raises(CannotWriteError):
        store.commit(update(NEW))
    found = TinyStore.read(tmp_path)
    assert store.feed("ab01") == found.feed("ab01")
    assert store.feed("ab01") in (old, NEW)
    assert store.open_deliveries() == found.open_deliveries()
    assert {k: v.has_open for k, v in store.rows().items()} == {
        k: v.has_open for k, v in found.rows().items()
    }


@pytest.mark.parametrize("fail_at", CALLS[:-1])
def test_an_index_that_cannot_be_written_is_tried_again(tmp_path: Path, fail_at: int) -> None:
    disk = FailingDisk(fail_at)
    store = TinyStore.open(tmp_path, now=NOON, disk=disk)
    store.commit(update(OLD))
    disk.armed = True
    with pytest.raises(CannotWriteError, match=r"index\.json"):
        store.flush(NOON)
    assert store.flush(NOON)
    assert TinyStore.read(tmp_path).rows() == store.rows()


@pytest.mark.parametrize("fail_at", CALLS[:-1])
def test_a_ledger_that_cannot_be_written_holds_what_it_held(tmp_path: Path, fail_at: int) -> None:
    disk = FailingDisk(fail_at, code=errno.ENOSPC)
    ledger = TinyLedger.open(tmp_path, "desk-mail", disk=disk)
    ledger.put(record(1))
    disk.armed = True
    with pytest.raises(CannotWriteError):
        ledger.put(record(1, attempts=9))
    assert ledger.get(delivery(1)) == record(1)
    assert TinyLedger.read(tmp_path, "desk-mail").get(delivery(1)) == record(1)
    ledger.put(record(1, attempts=2))
    assert TinyLedger.read(tmp_path, "desk-mail").get(delivery(1)) == record(1, attempts=2)


def test_what_a_crash_left_half_written_is_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    save_tables(path, {"t": [{"n": 1}]}, Disk())
    path.with_name("x.json.tmp").write_bytes(b'{"rasid":{"sch')
    save_tables(path, {"t": [{"n": 2}]}, Disk())
    assert load_tables(path) == {"t": [{"n": 2}]}
    assert list(tmp_path.iterdir()) == [path]
