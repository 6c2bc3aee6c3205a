"""Damaged files: the generation before stands in for the current one, loudly, and never silently
another; a newer version's files are left alone."""

from __future__ import annotations

import errno
import logging
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from store_samples import DAY, NOON, FailingDisk, delivery, record, row, seen, state, update

from monitor.core.alerts import retry
from monitor.errors import CannotWriteError, StateError
from monitor.model import FeedUpdate, LedgerState, Member, Parcel, SystemState, Validators
from monitor.stores import migrate
from monitor.stores.atomic import load_tables, previous, save_tables
from monitor.stores.disk import Disk
from monitor.stores.feedfile import feed_path, load_feed
from monitor.stores.generations import recall
from monitor.stores.index import index_of
from monitor.stores.layout import CorruptError, NewerError
from monitor.stores.ledger import TinyLedger, channel_id, channel_names, load_day
from monitor.stores.migrate import Schema, Tables
from monitor.stores.system import SystemFile, system_of
from monitor.stores.tiny import TinyStore

FIRED = seen("e2", fired=("حرائق",))
OLD = state(checked_at=NOON, entries=(seen("e1"),))
NEW = state(checked_at=NOON + 60, entries=(seen("e1"), FIRED), open_=(delivery(2),))
RECALLED = replace(OLD, doubtful=True)
NEWER = b'{"rasid":{"schema":7,"made_by":"later"}}'
DESK = Path("channels") / channel_id("desk-mail")


def feed_file(root: Path) -> Path:
    return feed_path(root, "ab01")


def day_file(root: Path) -> Path:
    return root / DESK / "2025-11-24.json"


def live(root: Path) -> TinyStore:
    """A feed with two checks behind it, the second of which alerted, and an index of that."""
    store = TinyStore.open(root, now=NOON)
    store.commit(update(OLD))
    store.commit(update(state("cd02")))
    store.flush(NOON)
    store.commit(update(NEW, alerted={"link-e2": ("حرائق",), "print-e2": ("حرائق",)}))
    store.close(NOON)
    return store


def rot(path: Path) -> None:
    """Damages a file in place, so that neither its size nor its dates tell of it."""
    times = path.stat()
    content = path.read_bytes()
    path.write_bytes(content[:-20] + bytes([content[-20] ^ 1]) + content[-19:])
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "rotten in place": rot,
    "empty": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(b"\0" * path.stat().st_size),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-9]),
    "missing": lambda path: path.unlink(),
    "of another kind": lambda path: save_tables(path, {"t": [{"n": 1}]}, Disk()),
}


def damage(how: str, path: Path) -> None:
    before = previous(path).read_bytes()
    DAMAGE[how](path)
    previous(path).write_bytes(before)  # "of another kind" is written as all files are


# --- feeds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", DAMAGE)
def test_the_check_before_stands_in_for_a_damaged_feed(
    tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    live(tmp_path)
    path = feed_file(tmp_path)
    damage(how, path)
    store = TinyStore.open(tmp_path, now=NOON)
    assert store.feed("ab01") == RECALLED
    assert store.open_deliveries() == ()
    assert [(each.file, "used" in each.reason) for each in store.problems()] == [(str(path), True)]
    told = [each for each in caplog.records if each.name == "rasid.state"]
    assert [each.levelno for each in told] == [logging.ERROR], "once"
    assert str(path) in told[0].getMessage()


@pytest.mark.parametrize("how", DAMAGE)
def test_what_a_damaged_feed_lost_can_be_found_again(tmp_path: Path, how: str) -> None:
    live(tmp_path)
    damage(how, feed_file(tmp_path))
    store = TinyStore.open(tmp_path, now=NOON)
    store.feed("ab01")
    line = store.rows()["ab01"]
    assert (line.validators, line.body_hash) == (Validators(), ""), "no 304 may hide it"
    assert (line.has_open, line.due) == (False, 0.0)
    assert store.alerted(["link-e2", "print-e2"]) == frozenset(), "the alert can be made again"
    store.close(NOON)
    again = TinyStore.open(tmp_path, now=NOON)
    assert again.feed("ab01") == RECALLED
    assert again.rows()["ab01"].validators == Validators()
    assert again.alerted(["link-e2"]) == frozenset()


def test_a_feed_damaged_under_a_running_store_is_recalled_as_well(tmp_path: Path) -> None:
    store = live(tmp_path)
    rot(feed_file(tmp_path))
    assert store.feed("ab01") == RECALLED
    assert store.rows()["ab01"].validators == Validators()
    assert store.alerted(["link-e2"]) == frozenset()
    assert not store.rows()["ab01"].has_open


def test_a_check_under_way_when_a_feed_is_recalled_does_not_hide_what_was_lost(
    tmp_path: Path,
) -> None:
    live(tmp_path)
    store = TinyStore.open(tmp_path, now=NOON)
    before = store.rows()["ab01"]
    assert before.validators != Validators()
    rot(feed_file(tmp_path))
    store.feed("ab01")  # by another thread
    store.commit(FeedUpdate(row=replace(before, last_check=NOON + 900, due=NOON + 1800)))
    again = store.rows()["ab01"]
    assert (again.validators, again.body_hash) == (Validators(), "")
    assert (again.last_check, again.due) == (NOON + 900, NOON + 1800)


def test_what_other_feeds_told_of_is_still_known(tmp_path: Path) -> None:
    store = live(tmp_path)
    store.commit(update(state("ef03", entries=(FIRED,)), alerted={"link-e2": ("حرائق",)}))
    rot(feed_file(tmp_path))
    store.feed("ab01")
    assert store.alerted(["link-e2"]) == {"حرائق"}


def test_the_next_check_makes_a_recalled_feed_whole(tmp_path: Path) -> None:
    store = live(tmp_path)
    path = feed_file(tmp_path)
    before = previous(path).read_bytes()
    rot(path)
    rotten = path.read_bytes()
    store.feed("ab01")
    assert path.with_name("ab01.json.bad").read_bytes() == rotten
    store.commit(update(NEW))
    assert store.problems() == ()
    assert store.rows()["ab01"] == row(NEW)
    assert previous(path).read_bytes() == before, "nothing sound was there to take its place"
    third = state(checked_at=NOON + 90)
    store.commit(update(third))
    assert load_tables(previous(path)) is not None
    assert TinyStore.read(tmp_path).feed("ab01") == third


def test_a_file_that_rots_unseen_never_becomes_the_one_before(tmp_path: Path) -> None:
    store = live(tmp_path)
    path = feed_file(tmp_path)
    before = previous(path).read_bytes()
    rot(path)
    store.commit(update(state(checked_at=NOON + 90)))
    assert previous(path).read_bytes() == before
    assert path.with_name("ab01.json.bad").exists()
    assert store.feed("ab01") == state(checked_at=NOON + 90)


def test_a_feed_with_both_generations_damaged_is_refused_and_stops_no_other(tmp_path: Path) -> None:
    live(tmp_path)
    path = feed_file(tmp_path)
    rot(path)
    rot(previous(path))
    store = TinyStore.open(tmp_path, now=NOON)
    with pytest.raises(StateError, match=r"ab01\.json: .*so is the one before.*ab01\.json\.prev"):
        store.feed("ab01")
    assert store.feed("cd02") == state("cd02")
    assert [each.file for each in store.problems()] == [str(path)]


def test_a_file_that_we_may_not_read_is_not_taken_for_a_damaged_one(tmp_path: Path) -> None:
    """Another descriptor too many, or a right that is missing, passes: the file is sound."""
    store = live(tmp_path)
    path = feed_file(tmp_path)
    sound = path.read_bytes()
    path.unlink()
    path.mkdir()  # fails for root too
    with pytest.raises(StateError, match="cannot be read"):
        store.feed("ab01")
    path.rmdir()
    path.write_bytes(sound)
    assert store.feed("ab01") == NEW


def test_a_forgotten_feed_leaves_nothing(tmp_path: Path) -> None:
    store = live(tmp_path)
    rot(feed_file(tmp_path))
    store.feed("ab01")
    store.commit(update(NEW))
    store.commit(update(NEW))
    store.forget("ab01")
    assert list(feed_file(tmp_path).parent.iterdir()) == []


@pytest.mark.parametrize("fail_at", range(1, 5))
def test_a_feed_half_forgotten_does_not_come_back_as_it_was(tmp_path: Path, fail_at: int) -> None:
    live(tmp_path)
    disk = FailingDisk(fail_at, dead=True)
    store = TinyStore.open(tmp_path, now=NOON, disk=disk)
    disk.armed = True
    with pytest.raises(CannotWriteError):
        store.forget("ab01")
    found = TinyStore.read(tmp_path).feed("ab01")
    assert found in (NEW, None)


# --- ledgers --------------------------------------------------------------------------------------


def sent_and_not(root: Path) -> TinyLedger:
    """A day whose last record, of d9, is lost with the current file."""
    ledger = TinyLedger.open(root, "desk-mail", clock=lambda: NOON + 100)
    for number, each in enumerate(LedgerState):
        ledger.put(record(number, state=each))
    ledger.put(record(9))
    return ledger


ALL = {each: number for number, each in enumerate(LedgerState)}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_recalled_day_doubts_what_is_not_settled(
    tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    sent_and_not(tmp_path)
    damage(how, day_file(tmp_path))
    ledger = TinyLedger.open(tmp_path, "desk-mail", clock=lambda: NOON + 100)
    records = {each.state: each for each in ledger.records() if each.delivery_id != "d9"}
    doubts = {each: records[each].in_doubt for each in LedgerState}
    assert doubts == {
        LedgerState.SENDING: 0,  # says so itself
        LedgerState.SENT: 0,
        LedgerState.DROPPED: 0,
        LedgerState.WAITING: 1,
        LedgerState.HELD: 1,
        LedgerState.DEAD: 1,
    }
    assert str(day_file(tmp_path)) in caplog.text


@pytest.mark.parametrize("restarts", [0, 1, 2])
def test_a_delivery_that_a_recalled_day_does_not_know_may_have_been_sent(
    tmp_path: Path, restarts: int
) -> None:
    sent_and_not(tmp_path)
    rot(day_file(tmp_path))
    for _ in range(restarts):
        TinyLedger.open(tmp_path, "desk-mail", clock=lambda: NOON + 100).get(delivery(9))
    ledger = TinyLedger.open(tmp_path, "desk-mail", clock=lambda: NOON + 100)
    lost = ledger.get(delivery(9))
    assert lost is not None
    assert (lost.state, lost.title, lost.rules) == (
        LedgerState.SENDING,
        "حريق في سوق مخمور",
        ("حرائق",),
    )
    assert retry.begin(retry.recover(lost, NOON), Parcel("d9", (delivery(9),)), NOON).in_doubt == 1
    later = delivery(10, made_at=NOON + 101)
    assert ledger.get(later) is None, "made after the day was recalled"
    assert ledger.get(delivery(11, made_at=NOON + DAY)) is None, "another day"
    waiting = ledger.get(delivery(ALL[LedgerState.WAITING]))
    assert waiting is not None
    assert waiting.in_doubt == 1, "doubted once, however often it starts"


def test_the_doubt_outlives_later_records(tmp_path: Path) -> None:
    sent_and_not(tmp_path)
    rot(day_file(tmp_path))
    ledger = TinyLedger.open(tmp_path, "desk-mail", clock=lambda: NOON + 100)
    for _ in range(3):
        ledger.put(record(9, attempts=2))
    assert not ledger.unreadable
    again = TinyLedger.open(tmp_path, "desk-mail")
    assert again.get(delivery(9)) == record(9, attempts=2)
    unknown = again.get(delivery(12))
    assert unknown is not None
    assert unknown.state is LedgerState.SENDING


@pytest.mark.parametrize("fail_at", range(1, 9))
def test_a_doubt_that_cannot_be_written_is_kept_all_the_same(tmp_path: Path, fail_at: int) -> None:
    sent_and_not(tmp_path)
    rot(day_file(tmp_path))
    disk = FailingDisk(fail_at, code=errno.ENOSPC, dead=True)
    ledger = TinyLedger.open(tmp_path, "desk-mail", disk=disk, clock=lambda: NOON + 100)
    disk.armed = True
    try:
        lost = ledger.get(delivery(9))
    except CannotWriteError:
        assert fail_at < 3, "the damaged file could not be moved: nothing may be written over it"
    else:
        assert lost is not None
        assert lost.state is LedgerState.SENDING
    again = TinyLedger.open(tmp_path, "desk-mail", clock=lambda: NOON + 200).get(delivery(9))
    assert again is not None
    assert again.state is LedgerState.SENDING


def test_a_day_with_both_generations_damaged_is_refused(tmp_path: Path) -> None:
    sent_and_not(tmp_path)
    rot(day_file(tmp_path))
    rot(previous(day_file(tmp_path)))
    ledger = TinyLedger.open(tmp_path, "desk-mail")
    for _ in range(2):
        with pytest.raises(StateError, match="so is the one before"):
            ledger.get(delivery(9))
    assert ledger.prune(NOON + 30 * DAY) == 0, "what cannot be read is kept"


def test_a_channel_of_which_only_earlier_generations_are_left_is_known(tmp_path: Path) -> None:
    sent_and_not(tmp_path)
    day_file(tmp_path).unlink()
    assert channel_names(tmp_path) == ("desk-mail",)
    reader = TinyLedger.read(tmp_path, "desk-mail")
    assert len(tuple(reader.records())) == len(LedgerState)
    assert [each.file for each in reader.problems()] == [str(day_file(tmp_path))]


def test_pruning_removes_all_generations(tmp_path: Path) -> None:
    ledger = TinyLedger.open(tmp_path, "desk-mail")
    for _ in range(3):
        ledger.put(record(1))
    rot(day_file(tmp_path))
    fresh = TinyLedger.open(tmp_path, "desk-mail")
    fresh.put(record(2))
    assert fresh.prune(NOON + 30 * DAY) == 1
    assert list((tmp_path / DESK).iterdir()) == []


def test_pruning_keeps_a_day_whose_bundle_still_has_a_member_standing(tmp_path: Path) -> None:
    ledger = TinyLedger.open(tmp_path, "desk-mail")
    ledger.put(record(1, members=(Member("d7"), Member("d8"))))
    own = delivery(8, made_at=NOON + 20 * DAY)
    assert ledger.prune(NOON + 30 * DAY, lambda: [own]) == 0
    assert ledger.prune(NOON + 30 * DAY, lambda: [replace(own, channel="x")]) == 1


def test_pruning_keeps_a_doubtful_day_that_a_delivery_stands_for(tmp_path: Path) -> None:
    sent_and_not(tmp_path).prune(NOON)
    ledger = TinyLedger.open(tmp_path, "other", clock=lambda: NOON)
    ledger.put(record(1))
    ledger.put(record(2))
    rot(next(tmp_path.glob(f"channels/{channel_id('other')}/*.json")))
    standing = delivery(3, channel="other")
    assert TinyLedger.open(tmp_path, "other").prune(NOON + 30 * DAY, lambda: [standing]) == 0


# --- the index and the system ---------------------------------------------------------------------


@pytest.mark.parametrize("how", DAMAGE)
def test_the_index_before_stands_in(tmp_path: Path, how: str) -> None:
    live(tmp_path)
    path = tmp_path / "index.json"
    damage(how, path)
    store = TinyStore.open(tmp_path, now=NOON)
    assert store.rows()["ab01"] == replace(row(NEW), due=NOON + 900)
    assert store.alerted(["link-e2"]) == {"حرائق"}
    assert store.open_deliveries() == (delivery(2),)
    assert [each.file for each in store.problems()] == [str(path)]
    store.close(NOON)
    assert store.problems() == ()


@pytest.mark.parametrize("how", DAMAGE)
def test_the_system_state_before_stands_in(tmp_path: Path, how: str) -> None:
    system = SystemFile(tmp_path)
    first, second = SystemState(mutes={"a": NOON}), SystemState(mutes={"b": NOON})
    system.save(first)
    system.save(second)
    path = tmp_path / "system.json"
    damage(how, path)
    assert system.load() == first
    assert [each.file for each in system.problems()] == [str(path)]
    before = previous(path).read_bytes()
    system.save(second)
    assert (system.load(), system.problems()) == (second, ())
    assert previous(path).read_bytes() == before


def test_a_system_state_that_cannot_be_read_is_not_replaced(tmp_path: Path) -> None:
    system = SystemFile(tmp_path)
    system.save(SystemState())
    (tmp_path / "system.json").write_bytes(b"torn")
    with pytest.raises(StateError, match=r"system\.json"):
        system.save(SystemState())
    assert (tmp_path / "system.json").read_bytes() == b"torn"


# --- those who only look, and newer versions ------------------------------------------------------


def picture(root: Path) -> dict[Path, tuple[int, int, bytes]]:
    return {
        each: (each.stat().st_mtime_ns, each.stat().st_ino, each.read_bytes())
        for each in root.rglob("*")
        if each.is_file()
    }


def write_all(root: Path) -> dict[str, Path]:
    """A state of which every file has two generations."""
    live(root)
    sent_and_not(root)
    for _ in range(2):
        SystemFile(root).save(SystemState())
    files = [feed_file(root), day_file(root), root / "system.json", root / "index.json"]
    assert all(previous(each).exists() for each in files)
    return dict(zip(("feed", "ledger", "system", "index"), files, strict=True))


@pytest.mark.parametrize("how", DAMAGE)
def test_looking_at_damaged_files_changes_nothing(tmp_path: Path, how: str) -> None:
    for path in write_all(tmp_path).values():
        damage(how, path)
    before = picture(tmp_path)
    reader = TinyStore.read(tmp_path)
    assert reader.feed("ab01") == RECALLED
    assert reader.alerted(["link-e2"]) == frozenset()
    assert len(reader.problems()) == 2
    ledger = TinyLedger.read(tmp_path, "desk-mail")
    lost = ledger.get(delivery(9))
    assert lost is not None
    assert lost.state is LedgerState.SENDING
    assert len(ledger.problems()) == 1
    assert SystemFile(tmp_path).load() == SystemState()
    assert picture(tmp_path) == before


@pytest.mark.parametrize("kind", ["feed", "ledger", "system", "index"])
def test_a_newer_file_is_refused_untouched_whatever_stands_before_it(
    tmp_path: Path, kind: str
) -> None:
    path = write_all(tmp_path)[kind]
    path.write_bytes(NEWER)
    before = picture(tmp_path)
    acts: dict[str, Callable[[], object]] = {
        "feed": lambda: TinyStore.open(tmp_path, now=NOON).feed("ab01"),
        "ledger": lambda: TinyLedger.open(tmp_path, "desk-mail").get(delivery(9)),
        "system": lambda: SystemFile(tmp_path).save(SystemState()),
        "index": lambda: TinyStore.open(tmp_path, now=NOON),
    }
    with pytest.raises(NewerError, match=r"schema 7, this one knows 1.*not touched") as caught:
        acts[kind]()
    assert caught.value.exit_code == 65
    assert picture(tmp_path) == before


def test_a_newer_file_is_not_written_over_by_a_check_that_never_read_it(tmp_path: Path) -> None:
    store = live(tmp_path)
    feed_file(tmp_path).write_bytes(NEWER)
    with pytest.raises(NewerError):
        store.commit(update(OLD))
    assert feed_file(tmp_path).read_bytes() == NEWER


# --- damage at random -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """A file of one kind, how it is read, and another file that may be put in its place."""

    path: Path
    read: Callable[[], object]
    other: Path


def kinds(root: Path) -> dict[str, Kind]:
    files = write_all(root)
    ledger = TinyLedger.open(root, "desk-mail")
    ledger.put(record(1, made_at=NOON + DAY))
    return {
        "feed": Kind(files["feed"], lambda: load_feed(files["feed"]), feed_path(root, "cd02")),
        "ledger": Kind(
            files["ledger"],
            lambda: load_day(files["ledger"]),
            root / DESK / "2025-11-25.json",
        ),
        "system": Kind(files["system"], lambda: recall(files["system"], system_of), files["index"]),
        "index": Kind(files["index"], lambda: recall(files["index"], index_of), files["feed"]),
    }


@pytest.mark.untraced
@pytest.mark.parametrize("kind", ["feed", "ledger", "system", "index"])
def test_damage_at_random_is_recalled_or_refused(tmp_path: Path, kind: str) -> None:
    each = kinds(tmp_path)[kind]
    sound, other, chance = each.path.read_bytes(), each.other.read_bytes(), random.Random(23)
    current = each.read()
    each.path.unlink()
    before = each.read()
    recalled = refused = 0
    for _ in range(2000):
        content = damaged(sound, other, chance)
        each.path.write_bytes(content)
        try:
            found = each.read()
        except NewerError:
            refused += 1
            continue
        if content == sound:
            assert found == current
            continue
        recalled += 1
        assert found.value == before.value  # type: ignore[attr-defined] # both are Recalled
        assert found.fault.startswith(f"{each.path}: ")  # type: ignore[attr-defined]
    assert recalled + refused > 1990
    assert refused < 100, "only where the number of the schema itself was hit"


def damaged(content: bytes, other: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    to = chance.randrange(at, len(content)) + 1
    flipped = bytes([content[at] ^ (1 << chance.randrange(8))])
    return chance.choice(
        [
            content[:at],
            content[:at] + flipped + content[at + 1 :],
            content[:at] + content[to:],
            content[:at] + b"\0" * (to - at) + content[to:],
            content[:to] + content[at:],
            content + chance.randbytes(to - at),
            content[:at] + chance.randbytes(to - at) + content[to:],
            content[at:] + content[:at] if at else content[1:],
            content[:at] + other[at:],
            other,
            b"",
        ]
    )


# --- migrations -----------------------------------------------------------------------------------


def test_no_step_leads_beyond_the_schema_that_we_write() -> None:
    assert set(migrate.CURRENT.steps) == set(range(1, migrate.CURRENT.number))


def rename_mood(tables: Tables) -> Tables:
    return {("moods" if name == "mood" else name): table for name, table in tables.items()}


def count_moods(tables: Tables) -> Tables:
    return tables | {"count": {"1": {"n": len(tables["moods"])}}}


THREE = Schema(3, {1: rename_mood, 2: count_moods})


def test_an_older_file_is_read_through_the_steps_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.json"
    save_tables(path, {"mood": [{"a": 1}, {"a": 2}]}, Disk())
    before = path.read_bytes()
    monkeypatch.setattr(migrate, "CURRENT", THREE)
    assert load_tables(path) == {"moods": [{"a": 1}, {"a": 2}], "count": [{"n": 2}]}
    assert path.read_bytes() == before, "reading changes nothing"
    save_tables(path, {"moods": [{"a": 3}]}, Disk())
    assert path.read_bytes().startswith(b'{"rasid":{"schema":3,')
    assert load_tables(path) == {"moods": [{"a": 3}]}
    assert previous(path).read_bytes() == before, "the file from before the steps is kept"
    monkeypatch.undo()
    with pytest.raises(NewerError, match="schema 3, this one knows 1"):
        load_tables(path)


def test_a_file_that_no_step_leads_away_from_is_corrupt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.json"
    save_tables(path, {"mood": [{"a": 1}]}, Disk())
    monkeypatch.setattr(migrate, "CURRENT", Schema(3, {2: count_moods}))
    with pytest.raises(CorruptError):
        load_tables(path)


def test_a_state_of_an_older_schema_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(tmp_path)
    monkeypatch.setattr(migrate, "CURRENT", Schema(2, {1: dict}))
    store = TinyStore.open(tmp_path, now=NOON)
    assert (store.feed("ab01"), store.problems()) == (NEW, ())
    store.commit(FeedUpdate(row=row(NEW), state=NEW))
    store.close(NOON)
    monkeypatch.undo()
    with pytest.raises(NewerError):
        TinyStore.open(tmp_path, now=NOON)


def test_where_only_a_damaged_file_is_left_nothing_passes_for_untried(tmp_path: Path) -> None:
    sent_and_not(tmp_path)
    path = day_file(tmp_path)
    path.rename(path.with_name(path.name + ".bad"))
    path.with_name(path.name + ".prev").unlink()
    ledger = TinyLedger.open(tmp_path, "desk-mail", clock=lambda: NOON + 100)
    found = ledger.get(delivery(1))
    assert found is not None
    assert found.state is LedgerState.SENDING
    assert ledger.get(delivery(2, made_at=NOON + 101)) is None
    assert path.exists(), "the doubt outlives this process"
