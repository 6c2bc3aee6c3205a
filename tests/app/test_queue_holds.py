"""What is held back blocks nobody, and goes out together when its time comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import inf

import pytest
from outbox_samples import AWAY, LATER, NOON, TAKEN, Provider, delivery, numbers, single

from monitor.channels.queue import Queue
from monitor.core.alerts import retry
from monitor.core.alerts.hold import Plan, Waits
from monitor.model import Hold, Parcel

HOUR = 3600.0
SEVEN = NOON + 10 * HOUR


def until(holds: Mapping[int, Hold], *, look: float = inf) -> Callable[..., Plan]:
    """A plan that holds these numbers back, once; what was tried is free."""

    def plan(waiting: Sequence[Waits], now: float) -> Plan:
        found = tuple(
            None if each.tried else holds.get(int(each.deliveries[0].id[1:])) for each in waiting
        )
        ends = [each.until for each in found if each is not None and each.until > now]
        return Plan(found, min([*ends, look], default=inf))

    return plan


def provider(plan: Mapping[int, Hold], **more: int) -> Provider:
    made = Provider(lambda *_: TAKEN, **more)
    made.queue = Queue(
        "mail",
        burst=more.get("burst", 20),
        fitting=lambda deliveries: min(len(deliveries), more.get("holds", 10)),
        plan=until(plan),
    )
    made.now = NOON + 100
    return made


def sent(made: Provider) -> list[tuple[int, ...]]:
    return [each for _, each, _ in made.log]


NIGHT = Hold(SEVEN, "quiet 23:00-07:00")


def test_what_is_held_back_blocks_nobody() -> None:
    made = provider({1: NIGHT, 3: NIGHT})
    made.add(1, 2, 3, 4)
    made.run(SEVEN - 1)
    assert sent(made) == [(2,), (4,)]
    assert made.queue.held_back == {"d0001", "d0003"}
    assert made.queue.wait(SEVEN - 1) == 1
    assert len(made.queue) == 2


def test_what_is_released_at_one_time_goes_out_together() -> None:
    made = provider({1: NIGHT, 3: NIGHT, 5: NIGHT})
    made.add(1, 2, 3, 4, 5)
    made.run(SEVEN + 60)
    assert sent(made) == [(2,), (4,), (1, 3, 5)]
    assert made.log[-1][0] == pytest.approx(SEVEN)
    assert len(made.queue) == 0


def test_in_as_many_messages_as_it_takes() -> None:
    made = provider(dict.fromkeys(range(7), NIGHT), holds=3)
    made.add(*range(7))
    made.run(SEVEN + 60)
    assert sent(made) == [(0, 1, 2), (3, 4, 5), (6,)]


def test_the_bundle_says_what_it_waited_for() -> None:
    digest = Hold(SEVEN, "digest 07:00")
    made = provider({1: NIGHT, 2: NIGHT, 3: NIGHT._replace(until=SEVEN + 60), 4: digest, 5: NIGHT})
    made.add(1, 2, 3)
    assert made.queue.wait(SEVEN) == 0
    parcel = made.queue.take(SEVEN)
    assert (numbers(parcel), parcel.hold) == ((1, 2), NIGHT)
    record = retry.begin(None, parcel, SEVEN)
    assert (record.held_until, record.held_for) == (SEVEN, "quiet 23:00-07:00")
    made.queue.failed(SEVEN, alone=True)
    made = provider({4: digest, 5: NIGHT})
    made.add(4, 5)
    assert made.queue.wait(SEVEN) == 0
    mixed = made.queue.take(SEVEN).hold
    assert mixed is not None
    assert mixed.why == "several"


def test_groups_of_other_rules_go_apart() -> None:
    one, other = Hold(SEVEN, "group_wait", ("a",)), Hold(SEVEN, "group_wait", ("b",))
    made = provider({1: one, 2: other, 3: one, 4: other})
    made.add(1, 2, 3, 4)
    made.run(SEVEN + 60)
    assert sent(made) == [(1, 3), (2, 4)]


def test_over_midnight_they_are_one_bundle() -> None:
    made = provider({1: NIGHT, 2: NIGHT})
    for number, when in ((1, NOON), (2, NOON + 20 * HOUR)):
        made.queue.add(single(number, made_at=when), None)
    assert made.queue.wait(NOON + 30 * HOUR) == 0
    parcel = made.queue.take(NOON + 30 * HOUR)
    assert numbers(parcel) == (1, 2)
    assert retry.begin(None, parcel, SEVEN).made_at == NOON + 20 * HOUR


def test_it_is_looked_at_again_in_time() -> None:
    """What is free in the evening is not free at night."""
    asked: list[float] = []

    def plan(waiting: Sequence[Waits], now: float) -> Plan:
        asked.append(now)
        night = NOON + HOUR <= now < SEVEN
        return Plan((NIGHT if night else None,) * len(waiting), SEVEN if night else NOON + HOUR)

    queue = Queue("mail", burst=20, fitting=len, plan=plan)
    queue.add(single(1), None)
    queue.add(single(2), None)
    assert [queue.wait(NOON + at) for at in (10, 20, 30)] == [0, 0, 0]
    assert asked == [NOON + 10], "not at each look"
    assert queue.wait(NOON + HOUR) == SEVEN - NOON - HOUR
    assert queue.held_back == {"d0001", "d0002"}
    queue.add(single(3), None)
    assert queue.wait(NOON + HOUR + 1) > 0
    assert asked == [NOON + 10, NOON + HOUR, NOON + HOUR + 1]


def test_what_the_clock_holds_back_is_not_planned_anew_for_each_that_comes() -> None:
    asked: list[int] = []

    def plan(waiting: Sequence[Waits], now: float) -> Plan:
        del now
        asked.append(len(waiting))
        return Plan((NIGHT,) * len(waiting), SEVEN)

    queue = Queue("mail", burst=20, fitting=len, plan=plan)
    for number in range(50):
        queue.add(single(number), None)
        assert queue.wait(NOON + 100) > 0
    assert asked == [1] * 50
    assert queue.wait(SEVEN) == 0
    assert asked[-1] == 50


def test_a_clock_that_is_set_back_is_believed() -> None:
    since: list[float] = []

    def plan(waiting: Sequence[Waits], now: float) -> Plan:
        since[:] = [each.since for each in waiting]
        return Plan(tuple(Hold(now + HOUR, "digest 08:00") for _ in waiting), now + HOUR)

    queue = Queue("mail", burst=20, fitting=len, plan=plan)
    queue.add(single(1, made_at=NOON + 50 * HOUR), None)
    assert queue.wait(NOON + 50 * HOUR) == HOUR
    assert queue.wait(NOON) == HOUR
    assert since == [NOON]


def test_a_retry_by_the_operator_hurries_nothing_that_is_held_back() -> None:
    made = provider({1: NIGHT})
    made.add(1, 2)
    made.queue.release()
    made.run(NOON + HOUR)
    assert sent(made) == [(2,)]


def test_what_the_operator_wants_out_goes_out_together() -> None:
    made = provider({})
    asked: list[Waits] = []

    def plan(waiting: Sequence[Waits], now: float) -> Plan:
        asked[:] = waiting
        return Plan(
            tuple(NIGHT if w.asked is None else Hold(w.asked, "by_hand") for w in waiting), SEVEN
        )

    made.queue._plan = plan
    made.add(1, 2, 3)
    assert made.queue.wait(made.now) > 0
    parcels = {f"d{n:04}": single(n) for n in (1, 3)}
    hurried = {i: retry.hurry(retry.untried(p), made.now) for i, p in parcels.items()}
    made.records.update(hurried)
    made.queue.release()
    made.queue.renew(hurried)
    assert made.queue.wait(made.now) == 0
    made.now += 10  # the clock goes on meanwhile
    made.run(SEVEN - 1)
    assert sent(made) == [(1, 3)]
    assert made.queue.held_back == {"d0002"}


def backfilled(number: int) -> Parcel:
    one = replace(delivery(number), backfilled=True)
    return Parcel(one.id, (one,))


def test_what_a_backfill_brings_goes_out_together_however_little_it_is() -> None:
    for planned in (True, False):
        made = provider({}, burst=20)
        if not planned:
            made.queue._plan = None
        for number in (1, 3, 4):
            made.queue.add(backfilled(number), None)
        made.add(2, 5)
        made.run(NOON + HOUR)
        assert sent(made) == [(1, 3, 4), (2,), (5,)]


def test_what_a_backfill_brings_waits_as_all_does() -> None:
    made = provider({1: NIGHT, 2: NIGHT, 3: NIGHT})
    made.add(2)
    for number in (1, 3):
        made.queue.add(backfilled(number), None)
    made.run(SEVEN - 1)
    assert sent(made) == []
    made.run(SEVEN + 1)
    assert sent(made) == [(1, 2, 3)]


def test_what_is_held_back_can_be_given_up() -> None:
    made = provider({1: NIGHT})
    made.add(1)
    assert made.queue.wait(made.now) > 0
    assert [each.id for each in made.queue.remove("d0001")] == ["d0001"]
    assert (len(made.queue), made.queue.wait(made.now)) == (0, inf)
    made.add(1)
    assert len(made.queue) == 1


def test_what_was_put_off_alone_stays_aside_over_the_night() -> None:
    made = provider({})
    made.answer = lambda parcel, _: LATER if numbers(parcel) == (1,) else TAKEN
    made.add(1, 2, 3)
    made.run(made.now + 300)
    assert made.taken == [2, 3]
    made.queue._plan = lambda waiting, now: Plan((NIGHT,) * len(waiting), max(SEVEN, now + 1))
    made.add(4)
    assert made.queue.wait(made.now) > 0
    assert made.queue.held_back == {"d0001", "d0004"}
    made.run(SEVEN + 1)
    assert made.taken == [2, 3, 4], "the one holds up nobody"


def test_a_bundle_that_our_own_side_spoilt_is_held_back_again_as_it_was() -> None:
    made = provider({1: NIGHT, 2: NIGHT})
    made.add(1, 2)
    assert made.queue.wait(SEVEN) == 0
    assert numbers(made.queue.take(SEVEN)) == (1, 2)
    made.queue.failed(SEVEN, alone=False)
    wait = made.queue.wait(SEVEN)
    assert wait > 0
    assert made.queue.wait(SEVEN + wait) == 0
    assert numbers(made.queue.take(SEVEN + wait)) == (1, 2)


def test_a_bundle_that_is_put_off_stays_whole() -> None:
    answers = iter([AWAY, TAKEN])
    made = provider({1: NIGHT, 2: NIGHT})
    made.answer = lambda *_: next(answers)
    made.add(1, 2)
    made.run(SEVEN + HOUR)
    assert sent(made) == [(1, 2), (1, 2)]


def test_a_doubtful_one_is_held_back_and_goes_alone() -> None:
    doubtful = replace(delivery(1), doubtful=True)
    made = provider({1: NIGHT, 2: NIGHT, 3: NIGHT})
    made.queue.add(Parcel(doubtful.id, (doubtful,)), None)
    made.add(2, 3)
    made.run(SEVEN + HOUR)
    assert sent(made) == [(1,), (2, 3)]
