"""What every store promises, over the files and over their twins in memory."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from store_samples import DAY, NOON, delivery, record, row, seen, state, update

from monitor.model import (
    Delivery,
    FeedUpdate,
    LedgerRecord,
    LedgerState,
    Member,
    RunMark,
    SystemState,
    Validators,
)
from monitor.stores.ledger import TinyLedger
from monitor.stores.memory import MemoryLedger, MemoryStore, MemorySystem
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore

AnyStore = TinyStore | MemoryStore
AnyLedger = TinyLedger | MemoryLedger
AnySystem = SystemFile | MemorySystem


@pytest.fixture(params=["memory", "tiny"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> AnyStore:
    return MemoryStore() if request.param == "memory" else TinyStore.open(tmp_path, now=NOON)


@pytest.fixture(params=["memory", "tiny"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AnyLedger:
    return MemoryLedger() if request.param == "memory" else TinyLedger.open(tmp_path, "desk-mail")


@pytest.fixture(params=["memory", "tiny"])
def system(request: pytest.FixtureRequest, tmp_path: Path) -> AnySystem:
    return MemorySystem() if request.param == "memory" else SystemFile(tmp_path)


def test_an_empty_store_knows_nothing(store: AnyStore) -> None:
    assert dict(store.rows()) == {}
    assert store.feed("ab01") is None
    assert store.alerted(["k"]) == frozenset()
    assert tuple(store.open_deliveries()) == ()
    assert store.problems() == ()


def test_a_commit_is_found_again_whole(store: AnyStore) -> None:
    committed = state(entries=(seen("e1", fired=("حرائق",)), seen("e2")), open_=(delivery(),))
    store.commit(update(committed))
    assert store.feed("ab01") == committed
    assert store.rows()["ab01"] == row(committed)


def test_a_commit_replaces_what_was_there(store: AnyStore) -> None:
    store.commit(update(state(entries=(seen("e1"), seen("e2")))))
    store.commit(update(state(checked_at=NOON + 1, entries=(seen("e3"),))))
    assert store.feed("ab01") == state(checked_at=NOON + 1, entries=(seen("e3"),))


def test_a_check_that_brought_nothing_changes_the_line_alone(store: AnyStore) -> None:
    store.commit(update(state()))
    later = replace(row(state()), due=NOON + 5000, failures=3)
    store.commit(FeedUpdate(row=later))
    assert store.rows()["ab01"] == later
    assert store.feed("ab01") == state()


def test_the_line_knows_whether_deliveries_are_open(store: AnyStore) -> None:
    forgetful = replace(row(state()), has_open=False)
    store.commit(FeedUpdate(row=forgetful, state=state(open_=(delivery(),))))
    assert store.rows()["ab01"].has_open
    assert tuple(store.open_deliveries()) == (delivery(),)


def test_a_doubtful_memory_asks_for_the_whole_document(store: AnyStore) -> None:
    doubtful = replace(state(), doubtful=True)
    store.commit(update(doubtful))
    line = store.rows()["ab01"]
    assert (line.validators, line.body_hash) == (Validators(), "")
    assert store.feed("ab01") == doubtful
    store.commit(update(state(checked_at=NOON + 60)))
    assert store.rows()["ab01"] == row(state(checked_at=NOON + 60))


def test_open_deliveries_of_all_feeds_are_found(store: AnyStore) -> None:
    store.commit(update(state("ab01", open_=(delivery(1), delivery(2)))))
    store.commit(update(state("cd02")))
    store.commit(update(state("ef03", open_=(delivery(3),))))
    assert {each.id for each in store.open_deliveries()} == {"d1", "d2", "d3"}


def test_a_line_and_a_state_of_two_feeds_are_refused(store: AnyStore) -> None:
    with pytest.raises(ValueError, match="cd02"):
        store.commit(FeedUpdate(row=row(state("ab01")), state=state("cd02")))
    assert dict(store.rows()) == {}


def test_rules_that_alerted_are_found_by_any_key_of_the_article(store: AnyStore) -> None:
    store.commit(update(state("ab01"), alerted={"link": ("r1",), "print": ("r1",)}))
    store.commit(update(state("cd02"), alerted={"link": ("r2", "r1")}))
    assert store.alerted(["print"]) == {"r1"}
    assert store.alerted(["link", "other"]) == {"r1", "r2"}
    assert store.alerted(["other"]) == frozenset()


def test_a_forgotten_feed_is_gone(store: AnyStore) -> None:
    store.commit(update(state("ab01", open_=(delivery(),))))
    store.commit(update(state("cd02")))
    store.forget("ab01")
    store.forget("neverknown")
    assert set(store.rows()) == {"cd02"}
    assert store.feed("ab01") is None
    assert tuple(store.open_deliveries()) == ()


def test_lines_can_be_walked_while_another_thread_commits(store: AnyStore) -> None:
    def commit_many() -> None:
        for n in range(200):
            of = state(f"{n:04}")
            store.commit(FeedUpdate(row=row(of), alerted={f"k{n}": ("r",)}))

    writer = threading.Thread(target=commit_many)
    writer.start()
    while writer.is_alive():
        assert all(each.feed_id == key for key, each in store.rows().items())
        store.alerted(["k1"])
    writer.join()
    assert len(store.rows()) == 200


def test_lines_once_asked_for_do_not_change(store: AnyStore) -> None:
    store.commit(update(state("ab01")))
    before = store.rows()
    for feed_id in before:
        store.commit(update(state(f"{feed_id}x")))
        store.forget(feed_id)
    assert set(before) == {"ab01"}
    assert set(store.rows()) == {"ab01x"}


def test_a_delivery_never_tried_is_not_in_the_ledger(ledger: AnyLedger) -> None:
    assert ledger.get(delivery()) is None
    assert tuple(ledger.records()) == ()


def test_the_ledger_keeps_the_last_record_of_a_delivery(ledger: AnyLedger) -> None:
    ledger.put(record(1, state=LedgerState.SENDING, attempts=1))
    ledger.put(record(1, attempts=1, detail="250 ok", title="حريق", link="https://news.example"))
    assert ledger.get(delivery(1)) == record(
        1, attempts=1, detail="250 ok", title="حريق", link="https://news.example"
    )
    assert len(tuple(ledger.records())) == 1


def test_the_ledger_lists_all_days(ledger: AnyLedger) -> None:
    for number in range(3):
        ledger.put(record(number, made_at=NOON + number * DAY))
    assert [each.delivery_id for each in ledger.records()] == ["d0", "d1", "d2"]


@pytest.mark.parametrize(
    ("kept_by", "standing"),
    [
        (record(1, state=LedgerState.WAITING, next_at=NOON), ()),
        (record(1, state=LedgerState.HELD), ()),
        (record(1, state=LedgerState.SENDING), ()),
        (record(1), (delivery(1),)),
        (record(1, state=LedgerState.DEAD), (delivery(1),)),
    ],
    ids=["waiting", "held", "sending", "sent but in its feed's file", "dead, in its feed's file"],
)
def test_pruning_keeps_what_is_needed(
    ledger: AnyLedger, kept_by: LedgerRecord, standing: tuple[Delivery, ...]
) -> None:
    ledger.put(kept_by)
    ledger.prune(NOON + 30 * DAY, lambda: standing)
    assert ledger.get(delivery(1)) == kept_by


def test_pruning_drops_what_is_old_and_settled_or_dead(ledger: AnyLedger) -> None:
    ledger.put(record(1))
    ledger.put(record(2, state=LedgerState.DEAD))
    ledger.put(record(3, made_at=NOON + 10 * DAY))
    ledger.prune(NOON + 5 * DAY)
    assert [each.delivery_id for each in ledger.records()] == ["d3"]
    assert ledger.get(delivery(1)) is None


def test_the_system_state_is_found_again(system: AnySystem) -> None:
    assert system.load() == SystemState()
    saved = SystemState(
        mutes={"حرائق": NOON},
        run=RunMark(pid=1, started_at=NOON, stopped_at=NOON + 1),
        reload_ok=False,
        reload_at=NOON,
        reload_errors=("rules.yaml:1:1: …",),
    )
    system.save(saved)
    assert system.load() == saved
    assert system.problems() == ()


def test_everything_survives_a_stop(tmp_path: Path) -> None:
    store = TinyStore.open(tmp_path, now=NOON)
    store.commit(update(state("ab01", open_=(delivery(),)), alerted={"k": ("r1", "r2")}))
    store.commit(FeedUpdate(row=replace(row(state("cd02")), failures=2, error="dns: no answer")))
    store.close(NOON)
    again = TinyStore.open(tmp_path, now=NOON)
    assert again.rows() == store.rows()
    assert again.feed("ab01") == store.feed("ab01")
    assert again.alerted(["k"]) == {"r1", "r2"}
    assert again.open_deliveries() == (delivery(),)
    assert not again.flush(NOON)


def test_a_doubtful_delivery_is_known_by_what_was_made_of_it_on_another_day(
    ledger: AnyLedger,
) -> None:
    ledger.put(record(1, state=LedgerState.SENT))
    again = replace(delivery(1, made_at=NOON + DAY), doubtful=True)
    found = ledger.get(again)
    assert found is not None
    assert found.state is LedgerState.SENT
    assert ledger.get(replace(again, id="d2")) is None


def test_a_bundle_stands_for_its_deliveries_and_takes_the_place_of_their_records(
    ledger: AnyLedger,
) -> None:
    ledger.put(record(1))
    both = replace(record(9), members=(Member("d1"), Member("d2")))
    ledger.put(both, without={"d1"})
    assert list(ledger.records()) == [both]
    assert ledger.get(delivery(1)) == ledger.get(delivery(2)) == both
    assert ledger.get(delivery(3)) is None
    ledger.put(record(1), record(2), without={"d9"})
    assert {each.delivery_id for each in ledger.records()} == {"d1", "d2"}
    assert ledger.get(delivery(1)) == record(1)


def test_the_system_is_changed_step_by_step(system: AnySystem) -> None:
    assert system.update(lambda state: replace(state, mutes={"أ": 1.0})).mutes == {"أ": 1.0}
    system.update(lambda state: replace(state, mutes={**state.mutes, "ب": 2.0}))
    assert system.load().mutes == {"أ": 1.0, "ب": 2.0}
    assert tuple(system.problems()) == ()
