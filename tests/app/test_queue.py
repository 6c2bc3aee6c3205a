"""What goes out next over a channel: order, pauses, bundles, by injected time."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from math import inf

import pytest
from outbox_samples import (
    AWAY,
    HELD,
    LATER,
    NEVER,
    NOON,
    TAKEN,
    Provider,
    delivery,
    numbers,
    single,
)

from monitor.channels.pace import Pace
from monitor.channels.queue import AFTER_FAULT, Tried
from monitor.core.alerts import retry
from monitor.model import LedgerState, Outcome, Parcel, Rate, Receipt

HOUR = 3600.0


def test_the_oldest_goes_first_and_each_once() -> None:
    provider = Provider(lambda *_: TAKEN)
    provider.add(3, 1, 2, 1)
    provider.run(provider.now + 10)
    assert provider.taken == [1, 2, 3]
    assert len(provider.queue) == 0
    assert provider.queue.wait(provider.now) == inf


def test_a_temporary_failure_keeps_the_order() -> None:
    answers = iter([AWAY, TAKEN, TAKEN, TAKEN])
    provider = Provider(lambda *_: next(answers))
    provider.add(1, 2, 3)
    provider.run(provider.now + HOUR)
    assert provider.taken == [1, 2, 3]
    assert provider.log[1][0] - provider.log[0][0] == pytest.approx(30, abs=1)


def test_a_message_that_alone_is_put_off_holds_up_nobody() -> None:
    provider = Provider(lambda parcel, _: LATER if numbers(parcel) == (1,) else TAKEN)
    provider.add(1, 2, 3, 4)
    provider.run(provider.now + 120)
    assert provider.taken == [2, 3, 4]
    assert provider.log[-1][1] == (1,)
    provider.answer = lambda *_: TAKEN
    provider.add(5)
    provider.run(provider.now + 2 * HOUR)
    assert provider.taken == [2, 3, 4, 5, 1]


def test_a_message_that_never_gets_an_answer_holds_up_nobody_for_long() -> None:
    provider = Provider(lambda parcel, _: AWAY if numbers(parcel) == (1,) else TAKEN)
    provider.add(1, 2, 3)
    provider.run(provider.now + HOUR)
    assert provider.taken == [2, 3]


def test_too_many_requests_is_about_the_channel() -> None:
    asked = Receipt(Outcome.RETRY, "HTTP 429", 429, retry_after=300.0)
    answers = iter([asked, asked, asked, TAKEN, TAKEN])
    provider = Provider(lambda *_: next(answers))
    provider.add(1, 2)
    provider.run(provider.now + HOUR)
    assert [each for _, each, _ in provider.log] == [(1,), (1,), (1,), (1,), (2,)]
    assert provider.log[1][0] - provider.log[0][0] == pytest.approx(300, abs=1)


def test_a_provider_down_for_the_night_gets_everything_in_order_without_a_flood() -> None:
    """500 alerts, eight hours."""
    start = NOON + 10_000
    provider = Provider(lambda _, now: AWAY if now < start + 8 * HOUR else TAKEN, holds=100)
    chance = random.Random(8)
    for number in range(500):
        provider.add(number)
        provider.run(provider.now + chance.random() * 100)
    provider.run(start + 10 * HOUR)
    assert provider.taken == list(range(500))
    down = [each for each in provider.log if each[0] < start + 8 * HOUR]
    assert len(down) < 40
    sent = [each for each in provider.log if each[2] is Outcome.SENT and len(each[1]) > 1]
    assert len(provider.log) - len(down) <= 40
    assert sent, "the backlog goes out bundled"
    first = min(when for when, _, outcome in provider.log if outcome is Outcome.SENT)
    assert first - (start + 8 * HOUR) < 4000 * 2


def test_a_provider_that_puts_off_everything_keeps_the_order_too() -> None:
    start = NOON + 10_000
    provider = Provider(lambda _, now: LATER if now < start + 8 * HOUR else TAKEN, burst=1000)
    provider.add(*range(60))
    provider.run(start + 10 * HOUR)
    assert provider.taken == list(range(60))
    assert len(provider.log) < 60 + 60


def test_a_wrong_password_overnight_kills_nothing_and_is_tried_hourly() -> None:
    start = NOON + 10_000
    provider = Provider(lambda _, now: HELD if now < start + 10 * HOUR - 1 else TAKEN)
    provider.add(*range(30))
    provider.run(start + 12 * HOUR)
    assert sorted(provider.taken) == list(range(30))
    assert 9 <= sum(outcome is Outcome.HELD for _, _, outcome in provider.log) <= 11
    assert {record.state for record in provider.records.values()} == {LedgerState.SENT}


def test_the_operator_releases_a_held_channel() -> None:
    provider = Provider(lambda *_: HELD)
    provider.add(1, 2)
    provider.run(provider.now + 60)
    assert len(provider.log) == 1
    provider.answer = lambda *_: TAKEN
    provider.queue.release()
    provider.run(provider.now + 60)
    assert provider.taken == [1, 2]


def test_more_than_burst_go_out_in_bundles_until_none_waits() -> None:
    provider = Provider(lambda *_: TAKEN, burst=20, holds=9)
    provider.add(*range(25))
    provider.run(provider.now + 60)
    assert [len(each) for _, each, _ in provider.log] == [9, 9, 7]
    assert provider.taken == list(range(25))
    provider.add(*range(100, 120))
    provider.run(provider.now + 60)
    assert [len(each) for _, each, _ in provider.log[3:]] == [1] * 20


def test_a_bundle_that_is_put_off_stays_the_same_bundle() -> None:
    answers = iter([AWAY, TAKEN, TAKEN])
    provider = Provider(lambda *_: next(answers), burst=3, holds=5)
    provider.add(*range(5))
    provider.try_one()
    provider.add(*range(5, 10))
    provider.run(provider.now + HOUR)
    ids = [each for _, each, _ in provider.log]
    assert ids == [(0, 1, 2, 3, 4), (0, 1, 2, 3, 4), (5, 6, 7, 8, 9)]


def test_what_may_have_arrived_already_is_bundled_with_nothing() -> None:
    provider = Provider(lambda *_: TAKEN, burst=3, holds=10)
    doubtful = retry.recover(retry.begin(None, single(2), NOON), NOON)
    provider.records["d0002"] = doubtful
    provider.add(*range(6))
    provider.run(provider.now + 60)
    assert [each for _, each, _ in provider.log] == [(0, 1), (2,), (3, 4, 5)]


def test_a_bundle_holds_alerts_of_one_day_only() -> None:
    provider = Provider(lambda *_: TAKEN, burst=2, holds=10)
    midnight = NOON + 12 * HOUR
    provider.now = midnight + HOUR
    for number, moment in enumerate([-2.0, -1.0, 1.0, 2.0]):
        one = delivery(number, made_at=midnight + moment)
        provider.queue.add(Parcel(one.id, (one,)), None)
    provider.run(provider.now + 60)
    assert [each for _, each, _ in provider.log] == [(0, 1), (2, 3)]


def test_a_message_too_long_for_company_goes_alone() -> None:
    provider = Provider(lambda *_: TAKEN, burst=2, holds=1)
    provider.add(*range(5))
    provider.run(provider.now + 60)
    assert [each for _, each, _ in provider.log] == [(0,), (1,), (2,), (3,), (4,)]


def test_a_refused_bundle_goes_on_in_its_parts() -> None:
    provider = Provider(lambda *_: TAKEN, burst=1, holds=3)
    provider.add(1, 2, 3)
    bundle = provider.queue.take(provider.now)
    dead = retry.begin(None, bundle, NOON)
    provider.records = {each.delivery_id: each for each in retry.split(dead, provider.now)}
    parts = tuple((single(n), provider.records[f"d000{n}"]) for n in (1, 2, 3))
    dead = replace(dead, state=LedgerState.DEAD)
    provider.queue.learn(Tried(dead, Outcome.REJECTED, instead=parts), provider.now)
    provider.run(provider.now + 10)
    assert [each for _, each, _ in provider.log] == [(1,), (2,), (3,)]


def test_a_refused_message_is_tried_in_plain_text_at_once_and_stops_nobody() -> None:
    provider = Provider(lambda parcel, _: NEVER if numbers(parcel) == (1,) else TAKEN)
    provider.add(1, 2)
    provider.run(provider.now + 10)
    assert [each for _, each, _ in provider.log] == [(1,), (1,), (2,)]
    assert provider.records["d0001"].state is LedgerState.DEAD


@pytest.mark.parametrize("alone", [True, False])
def test_a_fault_of_ours_loses_nothing_and_holds_up_only_whom_it_must(alone: bool) -> None:
    provider = Provider(lambda *_: TAKEN)
    provider.add(1, 2)
    provider.queue.take(provider.now)
    provider.queue.failed(provider.now, alone=alone)
    provider.run(provider.now + AFTER_FAULT / 2)
    assert provider.taken == ([2] if alone else [])
    provider.run(provider.now + AFTER_FAULT * 2)
    assert sorted(provider.taken) == [1, 2]


def test_what_was_put_off_before_a_restart_waits_its_time_but_not_in_a_single_pass() -> None:
    for eager in (False, True):
        provider = Provider(lambda *_: TAKEN, eager=eager)
        waiting = retry.finish(retry.begin(None, single(1), NOON), AWAY, NOON + 9_999, jitter=1)
        provider.records["d0001"] = waiting
        provider.add(1)
        assert (provider.queue.wait(provider.now) == 0) is eager


def test_a_parcel_may_be_taken_out() -> None:
    provider = Provider(lambda *_: TAKEN)
    provider.add(1, 2)
    assert provider.queue.remove("d0001")
    assert not provider.queue.remove("d0009")
    provider.run(provider.now + 10)
    assert provider.taken == [2]
    provider.add(1)
    provider.run(provider.now + 10)
    assert provider.taken == [2, 1]


def test_a_pace_keeps_a_rate_and_a_gap_by_key() -> None:
    pace, now, sent = Pace(), NOON, []
    group = ("chat", Rate(20, 60.0, gap=1.0))
    while now < NOON + 180:
        wait = pace.take([group], now)
        if not wait:
            sent.append(now)
        now += wait or 0.01
    assert len(sent) == 60
    assert all(b - a >= 1.0 for a, b in pairwise(sent))
    assert all(sent[i + 20] - sent[i] >= 60 for i in range(len(sent) - 20))
    assert pace.take([("other", group[1])], now) == 0
    assert pace.take([], now) == 0


def test_a_clock_set_back_does_not_stop_a_pace() -> None:
    pace = Pace()
    limit = ("chat", Rate(1, 60.0))
    assert pace.take([limit], NOON) == 0
    assert pace.take([limit], NOON + 1) == 59
    assert pace.take([limit], NOON - 5000) == 0


def test_several_messages_that_are_put_off_alone_hold_up_nobody() -> None:
    provider = Provider(lambda parcel, _: LATER if numbers(parcel)[0] < 3 else TAKEN)
    provider.add(*range(8))
    provider.run(provider.now + 4 * HOUR)
    assert provider.taken == [3, 4, 5, 6, 7]


def test_after_a_restart_what_stood_aside_stands_aside_again() -> None:
    before = Provider(lambda parcel, _: LATER if numbers(parcel) == (1,) else TAKEN)
    before.add(1, 2)
    before.run(before.now + HOUR)
    after = Provider(lambda *_: TAKEN)
    after.records, after.now = before.records, before.now
    after.add(1, 3)
    after.run(after.now + 1)
    assert after.taken == [3]


def test_a_message_that_some_recipients_have_holds_up_nobody() -> None:
    put_off = Receipt(Outcome.RETRY, "1 of 2", 452, in_doubt=True, partly=True)
    provider = Provider(lambda *_: put_off)
    provider.add(1, 2, 3)
    provider.run(provider.now + 10)
    assert [each for _, each, _ in provider.log] == [(1,), (2,), (3,)]


def test_what_is_put_off_alone_does_not_use_up_the_pace() -> None:
    provider = Provider(lambda parcel, _: LATER if numbers(parcel)[0] < 20 else TAKEN, burst=99)
    provider.add(*range(20), 20)
    provider.run(provider.now + 24 * HOUR)
    for waiting in provider.queue._aside:
        waiting.due = provider.now
    provider.add(*range(21, 30))
    for _ in range(20):
        if provider.queue.wait(provider.now) == 0:
            provider.try_one()
    assert len([n for n in provider.taken if n > 20]) >= 9


def test_who_asks_to_wait_is_obeyed_by_the_whole_channel() -> None:
    asked = Receipt(Outcome.RETRY, "HTTP 503", 503, retry_after=600.0)
    answers = iter([LATER, LATER, TAKEN, asked])
    provider = Provider(lambda *_: next(answers, TAKEN))
    provider.add(1, 2)
    provider.run(provider.now + 300)
    provider.add(3)
    at = provider.log[-1][0]
    provider.run(at + 599)
    assert provider.taken == [2]
    provider.run(at + 700)
    assert sorted(provider.taken) == [1, 2, 3]
    eager = Provider(lambda *_: TAKEN, eager=True)
    asking = retry.finish(retry.begin(None, single(4), eager.now), asked, eager.now - 540, jitter=1)
    eager.records = {"d0004": asking}
    eager.add(4)
    assert eager.queue.wait(eager.now) == 60


@pytest.mark.parametrize("ahead", [HOUR, 365 * 24 * HOUR])
def test_a_clock_that_was_ahead_makes_nobody_wait(ahead: float) -> None:
    provider = Provider(lambda *_: AWAY)
    provider.now += ahead
    provider.add(1)
    provider.try_one()
    provider.answer = lambda *_: TAKEN
    provider.now -= ahead
    assert provider.queue.wait(provider.now) == 0
    again = Provider(lambda *_: TAKEN)
    again.records, again.now = provider.records, provider.now
    again.add(1)
    assert again.queue.wait(again.now) == 0


def test_a_bundle_that_our_own_side_spoilt_may_still_lose_a_member() -> None:
    provider = Provider(lambda *_: TAKEN, burst=2, holds=5)
    provider.add(1, 2, 3)
    provider.queue.take(provider.now)
    provider.queue.failed(provider.now, alone=False)
    assert provider.queue.remove("d0002")
    provider.run(provider.now + 2 * AFTER_FAULT)
    assert provider.taken == [1, 3]


@pytest.mark.parametrize("eager", [False, True])
def test_what_is_too_old_to_go_on_trying_holds_up_nobody(eager: bool) -> None:
    old = Provider(lambda parcel, _: LATER if numbers(parcel) == (1,) else TAKEN, eager=eager)
    record = retry.begin(None, single(1), NOON - 6 * 24 * HOUR)
    record = replace(record, made_at=NOON - 6 * 24 * HOUR, attempts=40)
    old.records["d0001"] = retry.finish(record, LATER, old.now, jitter=1)
    assert old.records["d0001"].state is LedgerState.HELD
    old.add(1, 2, 3)
    old.run(old.now + 60)
    assert old.taken == [2, 3]
    old.queue.release()
    old.add(4)
    old.run(old.now + 2 * HOUR)
    assert old.taken == [2, 3, 4]


def test_a_chat_that_asks_to_wait_does_not_stop_the_other_chats() -> None:
    asked = Receipt(Outcome.RETRY, "429", 429, retry_after=600.0, in_doubt=True, partly=True)
    provider = Provider(lambda *_: asked)
    provider.add(1, 2, 3)
    provider.run(provider.now + 60)
    assert [each for _, each, _ in provider.log] == [(1,), (2,), (3,)]


def test_a_full_disk_holds_up_no_message_of_our_own() -> None:
    provider = Provider(lambda *_: TAKEN)
    provider.add(1)
    provider.queue.take(provider.now)
    provider.queue.failed(provider.now, alone=False)
    own = replace(delivery(9), alerts=())
    provider.queue.add(Parcel(own.id, (own,)), None)
    assert provider.queue.wait(provider.now) == 0
    assert provider.try_one().outcome is Outcome.SENT
    assert provider.taken == [9]
    assert provider.queue.wait(provider.now) > 0
