"""Kills, power cuts, full and dying disks: what was acknowledged is there, and nothing else."""

from __future__ import annotations

import contextlib
import errno
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, combinations, product
from pathlib import Path

import pytest
from store_samples import NOON, FailingDisk, SmallDisk, delivery, record, seen, state, update

from monitor.errors import CannotWriteError, StateError
from monitor.model import FeedUpdate, LedgerState, Validators
from monitor.stores.atomic import load_tables, make_folders, previous, remove_file, save_tables
from monitor.stores.disk import Disk
from monitor.stores.feedfile import feed_path, save_feed
from monitor.stores.ledger import TinyLedger
from monitor.stores.reserve import Reserve
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

Names = dict[str, int]  # name -> number of its file
Change = dict[str, int | None]  # what one call did to the names of the folder; None: gone
Left = tuple[tuple[str, bytes], ...]  # what a power cut leaves: name, content


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
    """The real disk, which keeps after each call all that a power cut could leave of one folder."""

    files: list[File] = field(default_factory=list)
    opened: dict[int, int] = field(default_factory=dict)
    names: Names = field(default_factory=dict)
    durable: Names = field(default_factory=dict)
    pending: list[Change] = field(default_factory=list)
    outcomes: dict[int, set[Left]] = field(default_factory=lambda: defaultdict(set))
    acknowledged: int = 0

    def create(self, path: Path) -> int:
        descriptor = super().create(path)
        self.files.append(File())
        self.opened[descriptor] = len(self.files) - 1
        self._change({path.name: len(self.files) - 1})
        return descriptor

    def write(self, descriptor: int, data: bytes) -> None:
        super().write(descriptor, data)
        self.files[self.opened[descriptor]].written = data
        self._note()

    def sync(self, descriptor: int) -> None:
        self.files[self.opened[descriptor]].synced = True
        self._note()

    def link(self, source: Path, target: Path) -> None:
        super().link(source, target)
        self._change({target.name: self.names[source.name]})

    def rename(self, source: Path, target: Path) -> None:
        super().rename(source, target)
        self._change({target.name: self.names[source.name], source.name: None})

    def remove(self, path: Path) -> None:
        super().remove(path)
        self._change({path.name: None})

    def sync_folder(self, path: Path) -> None:
        self.durable, self.pending = dict(self.names), []
        self._note()

    def acknowledge(self) -> None:
        self.acknowledged += 1
        self._note()

    def _change(self, change: Change) -> None:
        self.names = changed(self.names, [change])
        self.pending.append(change)
        self._note()

    def _note(self) -> None:
        for happened in subsets(self.pending):
            names = changed(self.durable, happened)
            contents = [self.files[each].after_cut() for each in names.values()]
            for chosen in product(*contents):
                self.outcomes[self.acknowledged].add(tuple(zip(names, chosen, strict=True)))


def subsets(changes: list[Change]) -> Iterator[tuple[Change, ...]]:
    return chain.from_iterable(combinations(changes, size) for size in range(len(changes) + 1))


def changed(names: Names, changes: Iterable[Change]) -> Names:
    after: dict[str, int | None] = dict(names)
    for change in changes:
        after |= change
    return {name: number for name, number in after.items() if number is not None}


class NoFileSync(Recorder):
    def sync(self, descriptor: int) -> None:
        """Leaves the bytes to the kernel."""


class NoFolderSync(Recorder):
    def sync_folder(self, path: Path) -> None:
        """Leaves the names to the kernel."""


THIRD = state(checked_at=NOON + 90)
VERSIONS = (None, OLD, NEW, THIRD, None)


def live(disk: Recorder, root: Path) -> None:
    """Three commits and the end of a feed, each acknowledged when it is over."""
    path = feed_path(root, "ab01")
    make_folders(path.parent, Disk())
    for each in VERSIONS[1:-1]:
        assert each is not None
        save_feed(path, each, disk)
        disk.acknowledge()
    remove_file(path, disk)
    disk.acknowledge()


def bad_outcomes(disk: Recorder, root: Path) -> list[object]:
    """What a start after a power cut finds that is neither what was acknowledged nor the next."""
    live(disk, root / "live")
    bad: list[object] = []
    for acknowledged, outcomes in disk.outcomes.items():
        for number, left in enumerate(sorted(outcomes)):
            found = start_after(left, root / f"{acknowledged}-{number}")
            if found not in VERSIONS[acknowledged : acknowledged + 2]:
                bad.append(found)
    return bad


def start_after(left: Left, root: Path) -> object:
    """What a start finds in what a power cut left; every name is a file of its own then."""
    folder = feed_path(root, "ab01").parent
    folder.mkdir(parents=True)
    for name, content in left:
        (folder / name).write_bytes(content)
    try:
        return TinyStore.read(root).feed("ab01")
    except StateError as error:
        return error


def test_a_power_cut_leaves_the_old_state_or_the_new_one(tmp_path: Path) -> None:
    disk = Recorder()
    assert bad_outcomes(disk, tmp_path) == []
    assert sum(map(len, disk.outcomes.values())) > 30
    names = {name for outcomes in disk.outcomes.values() for left in outcomes for name, _ in left}
    files = {"ab01.json", "ab01.json.tmp", "ab01.json.prev", "ab01.json.prev.tmp"}
    assert names == files, "every step was cut off"


@pytest.mark.parametrize("careless", [NoFileSync, NoFolderSync])
def test_the_enumeration_sees_a_missing_sync(tmp_path: Path, careless: type[Recorder]) -> None:
    assert bad_outcomes(careless(), tmp_path) != []


# --- disks that are full or fail ------------------------------------------------------------------


def test_a_full_disk_changes_nothing_and_the_store_goes_on(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "full", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ended.stdout.split(), ended.stderr) == (["73", "True", "True"], "")
    assert [each.name for each in tmp_path.rglob("*.tmp")] == []


FIRST = range(1, 7)  # create, write, sync, link (of nothing), rename, sync_folder of a first commit
LATER = range(1, 8)  # a later one renames the link as well
ERRORS = pytest.mark.parametrize(("code", "exit_code"), [(errno.ENOSPC, 73), (errno.EIO, 74)])


def full_of_calls(calls: range, tmp_path: Path, act: Callable[[Path, FailingDisk], None]) -> None:
    """Sees to it that `calls` are all calls of an act: one more, and nothing fails."""
    disk = FailingDisk(calls[-1] + 1)
    act(tmp_path, disk)
    assert disk.calls == calls[-1]


def first_commit(root: Path, disk: FailingDisk) -> None:
    store = TinyStore.open(root, now=NOON, disk=disk)
    store.commit(update(state("ab99")))  # the folder is there
    disk.armed = True
    store.commit(update(NEW))


def later_commit(root: Path, disk: FailingDisk) -> None:
    store = TinyStore.open(root, now=NOON, disk=disk)
    store.commit(update(OLD))
    store.commit(update(OLD))
    disk.armed = True
    store.commit(update(NEW))


def test_every_call_of_a_commit_is_tried(tmp_path: Path) -> None:
    full_of_calls(FIRST, tmp_path / "first", first_commit)
    full_of_calls(LATER, tmp_path / "later", later_commit)


@ERRORS
@pytest.mark.parametrize("commits", [1, 2, 3])
@pytest.mark.parametrize("fail_at", LATER)
def test_an_error_at_any_call_changes_nothing(
    tmp_path: Path, fail_at: int, commits: int, code: int, exit_code: int
) -> None:
    disk = FailingDisk(fail_at, code=code, full=code == errno.ENOSPC)
    store = TinyStore.open(tmp_path, now=NOON, disk=disk)
    for _ in range(commits):
        store.commit(update(OLD))
    store.flush(NOON)
    before = store.rows()
    disk.armed = True
    with pytest.raises(CannotWriteError, match=r"ab01\.json: injected") as caught:
        store.commit(update(NEW, alerted={"k": ("r",)}))
    disk.armed = False

    assert caught.value.exit_code == exit_code
    assert (store.rows(), store.feed("ab01"), store.alerted(["k"])) == (before, OLD, frozenset())
    reader = TinyStore.read(tmp_path)
    assert (reader.rows(), reader.feed("ab01")) == (before, OLD)
    assert [each for each in reader.problems() if not each.file.endswith("reserve")] == []
    assert [each.name for each in tmp_path.rglob("*.tmp")] == []
    store.commit(update(NEW))
    assert TinyStore.read(tmp_path).feed("ab01") == NEW
    assert load_tables(previous(feed_path(tmp_path, "ab01"))) is not None


@pytest.mark.parametrize("fail_at", FIRST)
def test_an_error_in_the_first_commit_leaves_no_feed(tmp_path: Path, fail_at: int) -> None:
    disk = FailingDisk(fail_at)
    with pytest.raises(CannotWriteError):
        first_commit(tmp_path, disk)
    reader = TinyStore.read(tmp_path)
    assert reader.feed("ab01") is None
    assert set(reader.rows()) == {"ab99"}


@pytest.mark.parametrize("fail_at", LATER)
def test_an_error_does_not_unlearn_what_a_304_taught(tmp_path: Path, fail_at: int) -> None:
    disk = FailingDisk(fail_at)
    store = TinyStore.open(tmp_path, now=NOON, disk=disk)
    store.commit(update(OLD))
    learnt = replace(store.rows()["ab01"], validators=Validators('"newer"'))
    store.commit(FeedUpdate(row=learnt))
    disk.armed = True
    with pytest.raises(CannotWriteError):
        store.commit(update(NEW))
    store.close(NOON)
    assert TinyStore.read(tmp_path).rows() == store.rows() == {"ab01": learnt}


@ERRORS
@pytest.mark.parametrize("fail_at", LATER)
@pytest.mark.parametrize("old", [None, OLD], ids=["first commit", "later commit"])
def test_a_disk_that_dies_for_good_leaves_memory_as_the_disk(
    tmp_path: Path, fail_at: int, old: object, code: int, exit_code: int
) -> None:
    disk = FailingDisk(fail_at, code=code, dead=True)
    store = TinyStore.open(tmp_path, now=NOON, disk=disk)
    store.commit(update(OLD if old else state("ab99")))
    store.flush(NOON)
    disk.armed = True
    with contextlib.suppress(CannotWriteError):  # a first commit has fewer calls
        store.commit(update(NEW))
    assert disk.calls > fail_at or (not old and fail_at not in FIRST)
    found = TinyStore.read(tmp_path)
    assert store.feed("ab01") == found.feed("ab01")
    assert store.feed("ab01") in (old, NEW)
    assert store.open_deliveries() == found.open_deliveries()
    assert {k: v.has_open for k, v in store.rows().items()} == {
        k: v.has_open for k, v in found.rows().items()
    }


@pytest.mark.parametrize("flushed", [False, True])
@pytest.mark.parametrize("fail_at", LATER)
def test_an_index_that_cannot_be_written_is_tried_again(
    tmp_path: Path, fail_at: int, flushed: bool
) -> None:
    disk = FailingDisk(fail_at)
    store = TinyStore.open(tmp_path, now=NOON, disk=disk)
    if flushed:
        store.commit(update(state("ab99")))
        store.flush(NOON)
    store.commit(update(OLD))
    disk.armed = True
    if flushed or fail_at in FIRST:
        with pytest.raises(CannotWriteError, match=r"index\.json"):
            store.flush(NOON)
    store.flush(NOON)
    assert TinyStore.read(tmp_path).rows() == store.rows()


@ERRORS
@pytest.mark.parametrize("dead", [False, True])
@pytest.mark.parametrize("fail_at", LATER)
def test_a_ledger_that_cannot_be_written_holds_what_the_disk_holds(
    tmp_path: Path, fail_at: int, dead: bool, code: int, exit_code: int
) -> None:
    disk = FailingDisk(fail_at, code=code, dead=dead, full=code == errno.ENOSPC)
    ledger = TinyLedger.open(tmp_path, "desk-mail", disk=disk)
    ledger.put(record(1))
    disk.armed = True
    with pytest.raises(CannotWriteError):
        ledger.put(record(1, attempts=9))
    disk.armed = False
    assert ledger.get(delivery(1)) == record(1)
    left = TinyLedger.read(tmp_path, "desk-mail").get(delivery(1))
    assert left == record(1) or (dead and left == record(1, attempts=9))
    ledger.put(record(1, attempts=2))
    assert TinyLedger.read(tmp_path, "desk-mail").get(delivery(1)) == record(1, attempts=2)


def test_what_a_crash_left_half_written_is_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    save_tables(path, {"t": [{"n": 1}]}, Disk())
    for name in ("x.json.tmp", "x.json.prev.tmp"):
        path.with_name(name).write_bytes(b'{"rasid":{"sch')
    save_tables(path, {"t": [{"n": 2}]}, Disk())
    assert load_tables(path) == {"t": [{"n": 2}]}
    assert load_tables(previous(path)) == {"t": [{"n": 1}]}
    assert set(tmp_path.iterdir()) == {path, previous(path)}


def test_a_crash_between_link_and_rename_leaves_two_names_and_is_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    save_tables(path, {"t": [{"n": 1}]}, Disk())
    previous(path).hardlink_to(path)
    save_tables(path, {"t": [{"n": 2}]}, Disk())
    assert load_tables(previous(path)) == {"t": [{"n": 1}]}
    assert set(tmp_path.iterdir()) == {path, previous(path)}


def test_a_start_clears_away_what_a_crash_left(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    store.commit(update(OLD))
    TinyLedger.open(tmp_path, "desk-mail").put(record())
    store.close(NOON)
    before = set(tmp_path.rglob("*"))
    for each in [each for each in before if each.suffix == ".json"]:
        each.with_name(each.name + ".tmp").write_bytes(b"torn")
    TinyStore.read(tmp_path)
    assert set(tmp_path.rglob("*")) != before, "looking on clears nothing away"
    TinyStore.open(tmp_path, now=NOON)
    assert set(tmp_path.rglob("*")) == before


# --- a full disk and its reserve ------------------------------------------------------------------


def test_the_reserve_takes_the_last_alerts_through_a_full_disk(tmp_path: Path) -> None:
    disk = SmallDisk()
    store = TinyStore.open(tmp_path, now=NOON, disk=disk)
    ledger = TinyLedger.open(tmp_path, "desk-mail", disk=disk)
    store.commit(update(OLD))
    assert (tmp_path / "reserve").stat().st_size == 1 << 20
    disk.room = 0
    store.commit(update(NEW))
    ledger.put(record(1, state=LedgerState.SENDING))
    ledger.put(record(1))
    assert not (tmp_path / "reserve").exists()
    assert TinyStore.read(tmp_path).feed("ab01") == NEW
    assert TinyLedger.read(tmp_path, "desk-mail").get(delivery(1)) == record(1)

    with contextlib.suppress(CannotWriteError):
        store.flush(NOON)
    assert not (tmp_path / "reserve").exists(), "no room to set it apart again"
    disk.room = 100 << 20
    store.flush(NOON)
    assert (tmp_path / "reserve").stat().st_size == 1 << 20


def test_a_reserve_that_is_used_up_refuses_and_loses_nothing(tmp_path: Path) -> None:
    disk = SmallDisk()
    ledger = TinyLedger.open(tmp_path, "desk-mail", disk=disk)
    ledger.put(record(1))
    disk.room = 0
    with pytest.raises(CannotWriteError, match="No space left"):
        ledger.put(record(2))
    assert ledger.get(delivery(2)) is None
    assert TinyLedger.read(tmp_path, "desk-mail").get(delivery(1)) == record(1)


@pytest.mark.parametrize("fail_at", range(1, 7))
def test_a_reserve_that_cannot_be_made_stops_nothing(tmp_path: Path, fail_at: int) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    (tmp_path / "reserve").unlink()
    disk = FailingDisk(fail_at)
    disk.armed = True
    Reserve(tmp_path, disk).make()
    assert [each.name for each in tmp_path.rglob("*.tmp")] == []
    store.flush(NOON)
    assert (tmp_path / "reserve").stat().st_size == 1 << 20
