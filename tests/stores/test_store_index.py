"""The index may be late or lost; the feeds' own files make up for it. Looking changes nothing."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from store_samples import DAY, NOON, delivery, record, row, seen, state, update

from monitor.model import Delivery, FeedRow, FeedUpdate, Parts, Validators
from monitor.stores.index import unverified
from monitor.stores.ledger import TinyLedger, channel_names
from monitor.stores.lock import holder
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore

FIRED = seen("e1", fired=("حرائق",))


def test_what_is_not_verified_is_read_whole() -> None:
    row = FeedRow("ab01", "u", validators=Validators('"a"'), body_hash="b", parts=Parts())
    assert unverified(row) == FeedRow("ab01", "u")


def test_after_a_crash_newer_files_are_read_over_the_index(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    store.commit(update(state("ab01")))
    store.commit(update(state("cd02")))
    store.flush(NOON)
    newer = replace(
        state("ab01", checked_at=NOON + 60, entries=(FIRED,), open_=(delivery(),)),
        moved_to="https://new.example/feed",
        skipped=7,
        read_as="page h2 a",
    )
    store.commit(update(newer, alerted={"link-e1": ("حرائق",), "print-e1": ("حرائق",)}))
    store.commit(update(replace(state("ef03"), gone=True)))

    again = TinyStore.open(tmp_path, now=NOON + 60)
    assert again.rows()["ab01"] == replace(row(newer), due=NOON + 900)
    assert again.rows()["cd02"] == row(state("cd02"))
    assert again.rows()["ef03"].gone
    assert again.alerted(["link-e1"]) == again.alerted(["print-e1"]) == {"حرائق"}
    assert again.open_deliveries() == (delivery(),)


def test_what_is_settled_for_good_is_read_once(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    store.commit(update(state("ab01", open_=(delivery(1),))))
    store.commit(update(state("cd02", open_=(delivery(2), delivery(3)))))
    asked: list[str] = []

    def settled(each: Delivery) -> bool:
        asked.append(each.id)
        return each.id != "d3"

    assert store.unsettled(settled) == (delivery(3),)
    store.close(NOON)
    again = TinyStore.open(tmp_path, now=NOON)
    asked.clear()
    assert again.unsettled(settled) == (delivery(3),)
    assert asked == ["d2", "d3"], "the other feed's file is not opened again"
    assert {each.id for each in again.open_deliveries()} == {"d1", "d2", "d3"}
    again.commit(update(state("ab01", checked_at=NOON + 60, open_=(delivery(1), delivery(4)))))
    asked.clear()
    again.unsettled(settled)
    assert asked == ["d1", "d4", "d2", "d3"], "it has others now"


def test_what_came_while_the_settled_was_looked_at_is_not_taken_for_settled(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    store.commit(update(state(open_=(delivery(1),))))

    def settled(_: Delivery) -> bool:
        store.commit(update(state(checked_at=NOON + 60, open_=(delivery(1), delivery(2)))))
        return True

    assert store.unsettled(settled) == ()
    assert store.unsettled(lambda each: each.id == "d1") == (delivery(2),)


def test_where_a_ledger_changed_what_was_settled_is_looked_at_again(tmp_path: Path) -> None:
    ledger = TinyLedger.open(tmp_path, "mail")
    ledger.put(record(1))
    store = TinyStore.open(tmp_path, now=NOON)
    store.commit(update(state(open_=(delivery(1),))))
    store.unsettled(lambda _: True)
    ledger.put(record(2))  # before the index is written
    store.close(NOON)
    store = TinyStore.open(tmp_path, now=NOON)
    assert store.unsettled(lambda _: False) == ()
    store.close(NOON)
    (day,) = tmp_path.glob("channels/*/*.json")
    day.write_bytes(b"")
    assert TinyStore.open(tmp_path, now=NOON).unsettled(lambda _: False) == (delivery(1),)


def test_a_lost_index_looks_again_at_what_was_settled(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    store.commit(update(state(open_=(delivery(),))))
    store.unsettled(lambda _: True)
    store.close(NOON)
    (tmp_path / "index.json").unlink()
    assert TinyStore.open(tmp_path, now=NOON).unsettled(lambda _: False) == (delivery(),)


def test_a_clock_set_back_hides_no_file(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    store.commit(update(state()))
    store.flush(NOON)
    store.commit(update(state(open_=(delivery(),))))
    os.utime(tmp_path / "feeds/ab/ab01.json", (1000, 1000))
    assert TinyStore.open(tmp_path, now=NOON).open_deliveries() == (delivery(),)


def test_a_lost_index_is_built_again(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    for n in range(5):
        store.commit(update(state(f"ab{n}", entries=(FIRED,), open_=(delivery(n),))))
    store.close(NOON)
    (tmp_path / "index.json").unlink()
    again = TinyStore.open(tmp_path, now=NOON)
    assert set(again.rows()) == set(store.rows())
    assert len(again.open_deliveries()) == 5
    assert again.alerted(["link-e1"]) == {"حرائق"}
    assert again.problems() == ()


def test_a_corrupt_index_is_built_again_and_says_so(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    store.commit(update(state(entries=(FIRED,), open_=(delivery(),))))
    store.close(NOON)
    path = tmp_path / "index.json"
    path.write_bytes(b"torn")
    for again in (TinyStore.read(tmp_path), TinyStore.open(tmp_path, now=NOON)):
        assert set(again.rows()) == {"ab01"}
        assert again.alerted(["link-e1"]) == {"حرائق"}
        assert again.open_deliveries() == (delivery(),)
        reason = "corrupt: no header; it is built again from the feeds' files"
        assert [str(each) for each in again.problems()] == [f"{path}: {reason}"]
    assert isinstance(again, TinyStore)
    assert again.flush(NOON)
    assert again.problems() == ()
    assert TinyStore.read(tmp_path).rows() == again.rows()
    assert path.with_name("index.json.bad").read_bytes() == b"torn"


def test_what_a_304_taught_survives_a_stop(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    store.commit(update(state()))
    learnt = replace(row(state()), validators=Validators('"new"'), due=NOON + 1800)
    store.commit(FeedUpdate(row=learnt))
    store.close(NOON)
    assert TinyStore.open(tmp_path, now=NOON).rows()["ab01"] == learnt


def test_a_feed_whose_file_was_removed_starts_anew(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    store.commit(update(state(open_=(delivery(),))))
    store.close(NOON)
    path = tmp_path / "feeds/ab/ab01.json"
    path.unlink()
    again = TinyStore.open(tmp_path, now=NOON)
    line = again.rows()["ab01"]
    assert (line.validators, line.body_hash, line.has_open) == (Validators(), "", False)
    assert [str(each) for each in again.problems()] == [f"{path}: missing: the feed starts anew"]
    again.commit(update(state()))
    assert again.problems() == ()


def test_one_corrupt_feed_stops_no_other(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    for n in range(3):
        store.commit(update(state(f"ab{n}", open_=(delivery(n),))))
    path = tmp_path / "feeds/ab/ab1.json"
    path.write_bytes(b"")
    assert {each.id for each in store.open_deliveries()} == {"d0", "d2"}
    assert [each.file for each in store.problems()] == [str(path)]
    again = TinyStore.open(tmp_path, now=NOON)
    assert set(again.rows()) == {"ab0", "ab2"}
    assert [each.file for each in again.problems()] == [str(path)]


def test_what_alerted_long_ago_is_forgotten(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON, alerted_for=10 * DAY)
    old, new = state("ab01", checked_at=NOON), state("cd02", checked_at=NOON + 5 * DAY)
    store.commit(update(old, alerted={"old": ("r",)}))
    store.commit(update(new, alerted={"new": ("r",)}))
    store.flush(NOON + 12 * DAY)
    assert (store.alerted(["old"]), store.alerted(["new"])) == (frozenset(), {"r"})
    again = TinyStore.open(tmp_path, now=NOON + 16 * DAY, alerted_for=10 * DAY)
    assert again.alerted(["new"]) == frozenset()


def test_the_index_is_written_only_where_something_changed(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    assert not store.flush(NOON)
    store.commit(FeedUpdate(row=row(state())))
    assert store.flush(NOON)
    assert not store.flush(NOON)
    assert TinyStore.read(tmp_path).rows() == store.rows()


def test_looking_while_another_writes_sees_the_latest_commit(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    store.commit(update(state("ab01")))
    store.flush(NOON)
    store.commit(update(state("cd02", open_=(delivery(),))))
    reader = TinyStore.read(tmp_path)
    assert set(reader.rows()) == {"ab01", "cd02"}
    assert reader.open_deliveries() == (delivery(),)


@pytest.mark.parametrize("there", [False, True], ids=["no state", "a state"])
def test_looking_creates_and_changes_nothing(tmp_path: Path, there: bool) -> None:
    root = tmp_path / "state"
    if there:
        TinyStore.open(root, now=NOON).commit(update(state()))
        TinyLedger.open(root, "screen").put(record())
    before = picture(tmp_path)
    reader = TinyStore.read(root)
    assert set(reader.rows()) == ({"ab01"} if there else set())
    reader.open_deliveries()
    tuple(TinyLedger.read(root, "screen").records())
    tuple(TinyLedger.read(root, "other").records())
    SystemFile(root).load()
    channel_names(root)
    assert holder(root) is None
    assert picture(tmp_path) == before


def picture(root: Path) -> dict[Path, tuple[int, int]]:
    return {each: (each.stat().st_mtime_ns, each.stat().st_ino) for each in root.rglob("*")}
