"""A courier between its ledger and a channel: tries that overlap, faults of ours, lost members."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC

import pytest
from outbox_samples import AWAY, NEVER, NOON, TAKEN, delivery, numbers, single

from monitor.app.outbox import Courier, drop, left_open, revive
from monitor.channels.queue import Queue
from monitor.core.alerts import retry
from monitor.core.alerts.ids import bundle_id
from monitor.errors import CannotWriteError, StateError
from monitor.model import (
    Delivery,
    LedgerRecord,
    LedgerState,
    Message,
    Outcome,
    Outlet,
    Parcel,
    Receipt,
    Story,
)
from monitor.stores.memory import MemoryLedger

REPEAT = "possible repeat"


class Way:
    """A channel that answers as told; `had` are the messages that it was handed."""

    name = "mail"
    longest = 100_000
    limits = ()

    def __init__(self, answer: Callable[[Message], Receipt] = lambda _: TAKEN) -> None:
        self.answer = answer
        self.had: list[Message] = []

    def send(self, message: Message) -> Receipt:
        self.had.append(message)
        return self.answer(message)


def courier(way: Way, ledger: MemoryLedger | None = None) -> Courier:
    return Courier(
        channel=way,
        ledger=ledger or MemoryLedger(),
        language="ar",
        timezone=UTC,
        clock=lambda: NOON + 1000,
        jitter=lambda: 1.0,
    )


def bundle(*which: int) -> Parcel:
    deliveries = tuple(map(delivery, which))
    return Parcel(bundle_id("mail", [each.id for each in deliveries]), deliveries)


def state(ledger: MemoryLedger, number: int) -> LedgerState | None:
    record = ledger.get(delivery(number))
    return record.state if record else None


def test_a_try_that_comes_back_late_does_not_undo_the_one_that_took_its_place() -> None:
    ledger = MemoryLedger()
    second = courier(Way(), ledger)

    def hang(_: Message) -> Receipt:
        second.attempt(single(1))  # a reload gave the delivery to another sender meanwhile
        return AWAY

    tried = courier(Way(hang), ledger).attempt(single(1))
    assert tried.outcome is None
    assert state(ledger, 1) is LedgerState.SENT
    assert second.channel.had[0].possible_repeat  # type: ignore[attr-defined]


def test_a_bundle_does_not_outgrow_its_message_by_who_brought_it_later() -> None:
    """Between two tries: the channel would cut off articles."""
    answers = iter([AWAY, TAKEN])
    way, brought = Way(lambda _: next(answers)), 0

    def outlets(article: str) -> tuple[Outlet, ...]:
        return tuple(Outlet(article, f"صحيفة {n}", None, NOON) for n in range(brought))

    desk = replace(courier(way), outlets=outlets)
    many = bundle(*range(1, 30)).deliveries
    way.longest = 1200
    held = many[: desk.fitting(many)]
    parcel = Parcel(bundle_id("mail", [each.id for each in held]), held)
    desk.attempt(parcel)
    brought = 9
    desk.attempt(parcel)
    first, second = way.had
    assert len(second.text) <= way.longest
    assert [each.link for each in stories(second)] == [each.link for each in stories(first)]
    brought, way.longest = 1, 100_000
    way.answer = lambda _: TAKEN
    desk.attempt(bundle(31, 32))
    assert "صحيفة 0" in way.had[-1].text


def stories(message: Message) -> list[Story]:
    return [each.story for each in message.deliveries]


def test_what_went_out_in_a_bundle_is_not_sent_alone_nor_forgotten() -> None:
    ledger, way = MemoryLedger(), Way()
    desk = courier(way, ledger)
    desk.attempt(bundle(1, 2, 3))
    assert desk.attempt(single(2)).outcome is None
    desk.attempt(bundle(2, 3, 4, 5))
    assert [numbers(Parcel("", each.deliveries)) for each in way.had] == [(1, 2, 3), (4, 5)]
    assert desk.attempt(bundle(1, 4)).outcome is None
    assert {state(ledger, n) for n in range(1, 6)} == {LedgerState.SENT}


def test_a_bundle_whose_member_is_lost_does_not_settle_it() -> None:
    ledger, way = MemoryLedger(), Way(lambda _: AWAY)
    desk = courier(way, ledger)
    desk.attempt(bundle(1, 2, 3))
    way.answer = lambda _: TAKEN
    ((again, record),) = desk.waiting([delivery(1), delivery(2)])  # a damaged file had the third
    assert record is not None
    desk.attempt(again)
    made_anew = replace(delivery(3), doubtful=True)
    assert not desk.settled(made_anew)
    ((alone, _),) = desk.waiting([made_anew])
    desk.attempt(alone)
    assert [numbers(Parcel("", each.deliveries)) for each in way.had[1:]] == [(1, 2), (3,)]
    assert way.had[-1].possible_repeat


def test_made_anew_it_leaves_the_bundle_that_still_waits() -> None:
    ledger, way = MemoryLedger(), Way(lambda _: AWAY)
    desk = courier(way, ledger)
    desk.attempt(bundle(1, 2, 3))
    way.answer = lambda _: TAKEN
    made_anew = replace(delivery(3), doubtful=True)
    parcels = desk.waiting([delivery(1), delivery(2), made_anew])
    for parcel, _ in parcels:
        desk.attempt(parcel)
    assert sorted(numbers(Parcel("", each.deliveries)) for each in way.had[1:]) == [(1, 2), (3,)]
    assert left_open(ledger, [delivery(1), delivery(2), made_anew]) == 0


def test_a_bundle_that_may_have_arrived_is_taken_apart_with_a_mark() -> None:
    """It was being sent when the process died, and stands behind one that is put off alone."""
    ledger, way = MemoryLedger(), Way()
    desk = courier(way, ledger)
    ledger.put(retry.begin(None, bundle(1, 2), NOON))
    tried = desk.attempt(replace(bundle(1, 2), apart=True))
    for parcel, _ in tried.instead:
        desk.attempt(parcel)
    assert [numbers(Parcel("", each.deliveries)) for each in way.had] == [(1,), (2,)]
    assert all(each.possible_repeat for each in way.had)


def test_a_bundle_with_one_bad_article_ends_and_delivers_the_others() -> None:
    ledger = MemoryLedger()
    way = Way(lambda m: NEVER if "d0002" in {each.id for each in m.deliveries} else TAKEN)
    desk = courier(way, ledger)
    queue = Queue("mail", burst=3, fitting=desk.fitting)
    for number in range(8):
        queue.add(single(number), None)
    tries = 0
    while queue.wait(NOON + 1000) == 0:
        queue.learn(desk.attempt(queue.take(NOON + 1000)), NOON + 1000)
        tries += 1
        assert tries < 30
    states = {n: state(ledger, n) for n in range(8)}
    assert states == {n: LedgerState.DEAD if n == 2 else LedgerState.SENT for n in range(8)}


def test_a_fault_of_ours_on_one_message_counts_as_its_refusal() -> None:
    def fault(message: Message) -> Receipt:
        if "d0001" in {each.id for each in message.deliveries}:
            raise ZeroDivisionError
        return TAKEN

    ledger = MemoryLedger()
    desk = courier(Way(fault), ledger)
    assert desk.attempt(bundle(1, 2)).record.state is LedgerState.WAITING
    parts = desk.attempt(bundle(1, 2)).instead
    assert [parcel.id for parcel, _ in parts] == ["d0001", "d0002"]
    for parcel, _ in parts:
        desk.attempt(parcel)
    tried = desk.attempt(single(1))
    assert tried.record.state is LedgerState.DEAD
    assert "ZeroDivisionError" in tried.record.detail
    assert state(ledger, 2) is LedgerState.SENT


def test_a_day_that_cannot_be_read_spoils_nothing_else() -> None:
    class Broken(MemoryLedger):
        def get(self, delivery: Delivery) -> LedgerRecord | None:
            if delivery.id == "d0001":
                raise StateError("its day is corrupt")
            return super().get(delivery)

    ledger = Broken()
    desk = courier(Way(lambda _: Receipt(Outcome.HELD, "535", 535)), ledger)
    desk.attempt(single(2))
    both = [delivery(1), delivery(2)]
    assert [parcel.id for parcel, _ in desk.waiting(both)] == ["d0002"]
    assert not desk.settled(delivery(1))
    assert left_open(ledger, both) == 2
    revive(ledger, both, NOON + 2000)
    record = ledger.get(delivery(2))
    assert record is not None
    assert (record.state, record.attempts) == (LedgerState.WAITING, 0)
    assert drop(ledger, both, NOON + 2000) == ["d0002"]
    assert desk.settled(delivery(2))


def test_many_are_revived_in_one_write_a_day() -> None:
    class Counting(MemoryLedger):
        writes = 0

        def put(self, *records: LedgerRecord, **more: object) -> bool:
            self.writes += 1
            return super().put(*records, **more)  # type: ignore[arg-type]

    ledger = Counting()
    desk = courier(Way(lambda _: Receipt(Outcome.HELD, "535", 535)), ledger)
    for number in range(50):
        desk.attempt(single(number))
    ledger.writes = 0
    revive(ledger, map(delivery, range(50)), NOON + 2000)
    assert ledger.writes == 1


def test_a_bundle_that_is_put_off_alone_is_taken_apart() -> None:
    ledger, moment = MemoryLedger(), [NOON + 1000]
    later = Receipt(Outcome.RETRY, "451", 451)
    way = Way(lambda m: later if "d0002" in {each.id for each in m.deliveries} else TAKEN)
    desk = replace(courier(way, ledger), clock=lambda: moment[0])
    queue = Queue("mail", burst=3, fitting=desk.fitting)
    for number in range(8):
        queue.add(single(number), None)
    for tries in range(60):
        if tries == 1:
            queue.add(single(9), None)
        moment[0] += queue.wait(moment[0])
        queue.learn(desk.attempt(queue.take(moment[0])), moment[0])
        if {state(ledger, n) for n in (0, 1, 3, 4, 5, 6, 7, 9)} == {LedgerState.SENT}:
            break
    assert {state(ledger, n) for n in (0, 1, 3, 4, 5, 6, 7, 9)} == {LedgerState.SENT}
    assert state(ledger, 2) is LedgerState.WAITING
    assert moment[0] < NOON + 1000 + 3600


def test_on_a_full_disk_our_own_messages_go_out_once_and_back_off() -> None:
    class Full(MemoryLedger):
        def put(self, *records: LedgerRecord, **more: object) -> bool:
            raise CannotWriteError("no space left")

    own = replace(delivery(1), alerts=())
    answers = iter([NEVER, NEVER, AWAY, AWAY, TAKEN])
    way = Way(lambda _: next(answers))
    desk = courier(way, Full())
    refused = Parcel("d0001", (own,))
    states = [desk.attempt(refused).record.state for _ in range(2)]
    assert states == [LedgerState.WAITING, LedgerState.DEAD]
    other = Parcel("d0002", (replace(delivery(2), alerts=()),))
    waits = []
    for _ in range(3):
        record = desk.attempt(other).record
        waits.append(record.next_at and record.next_at - NOON - 1000)
    assert waits == [30, 60, None]
    desk.attempt(other)
    assert len(way.had) == 5
    with pytest.raises(CannotWriteError):
        desk.attempt(single(3))


def test_what_is_left_of_a_bundle_waits_as_what_it_is() -> None:
    ledger, way = MemoryLedger(), Way()
    desk = courier(way, ledger)
    desk.attempt(single(1))
    way.answer = lambda _: AWAY
    tried = desk.attempt(bundle(1, 2, 3))
    ((rest, record),) = tried.instead
    assert numbers(rest) == (2, 3)
    assert record.state is LedgerState.WAITING
    assert tried.outcome is None


def test_one_article_of_a_bundle_is_dropped_and_the_others_go_on() -> None:
    ledger, way = MemoryLedger(), Way(lambda _: AWAY)
    desk = courier(way, ledger)
    together = bundle(1, 2, 3)
    queue = Queue("mail", burst=1, fitting=desk.fitting)
    tried = desk.attempt(together)
    queue.add(together, tried.record)
    desk.drop([delivery(2)])(queue)
    assert state(ledger, 2) is LedgerState.DROPPED
    assert len(queue) == 2
    way.answer = lambda _: TAKEN
    queue.release()
    while queue.wait(NOON + 5000) == 0:
        queue.learn(desk.attempt(queue.take(NOON + 5000)), NOON + 5000)
    assert numbers(Parcel("", way.had[-1].deliveries)) == (1, 3)


def test_a_bundle_that_may_have_arrived_is_dropped_whole() -> None:
    ledger = MemoryLedger()
    desk = courier(Way(lambda _: replace(AWAY, in_doubt=True)), ledger)
    desk.attempt(bundle(1, 2))
    assert drop(ledger, [delivery(1)], NOON + 2000) == [bundle(1, 2).id]
    assert {state(ledger, 1), state(ledger, 2)} == {LedgerState.DROPPED}
