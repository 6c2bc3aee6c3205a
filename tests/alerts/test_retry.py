"""A delivery's way through the ledger: waits, holds, gives up only on what is refused for good."""

from __future__ import annotations

from dataclasses import replace

import pytest
from alert_samples import NOW, delivery
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alerts.retry import (
    LONGEST_ASKED,
    PATIENCE,
    begin,
    drop,
    expired,
    finish,
    recover,
    revive,
    split,
    untried,
)
from monitor.model import LedgerRecord, LedgerState, Outcome, Parcel, Receipt

SENT, RETRY = Receipt(Outcome.SENT, "taken", 250), Receipt(Outcome.RETRY, "451 later", 451)
HELD, REJECTED = Receipt(Outcome.HELD, "535 no", 535), Receipt(Outcome.REJECTED, "554 no", 554)
HOUR = 3600.0
PARCEL = Parcel("d1", (delivery(),))


def after(*receipts: Receipt, now: float = NOW, jitter: float = 1.0) -> LedgerRecord:
    record: LedgerRecord | None = None
    for receipt in receipts:
        record = finish(begin(record, PARCEL, now), receipt, now, jitter=jitter)
    assert record is not None
    return record


def test_what_is_on_disk_before_a_send_tells_the_delivery_on_its_own() -> None:
    record = begin(None, PARCEL, NOW + 5)
    assert record.state is LedgerState.SENDING
    assert (record.delivery_id, record.made_at, record.changed_at) == ("d1", NOW, NOW + 5)
    assert (record.attempts, record.in_doubt, record.plain) == (1, 0, False)
    assert (record.title, record.rules) == ("قصف على سنجار", ("قصف المدن",))
    assert record.link == "https://news.example/1"


@pytest.mark.parametrize(
    ("receipts", "state", "wait"),
    [
        ([SENT], LedgerState.SENT, None),
        ([RETRY], LedgerState.WAITING, 30),
        ([RETRY] * 2, LedgerState.WAITING, 60),
        ([RETRY] * 3, LedgerState.WAITING, 120),
        ([RETRY] * 8, LedgerState.WAITING, 3840),
        ([RETRY] * 9, LedgerState.WAITING, 4000),
        ([RETRY] * 3000, LedgerState.WAITING, 4000),
        ([HELD], LedgerState.HELD, HOUR),
        ([HELD] * 50, LedgerState.HELD, HOUR),
        ([HELD, SENT], LedgerState.SENT, None),
        ([REJECTED], LedgerState.WAITING, 0),
        ([REJECTED, REJECTED], LedgerState.DEAD, None),
        ([REJECTED, RETRY, REJECTED], LedgerState.DEAD, None),
        ([REJECTED, SENT], LedgerState.SENT, None),
    ],
)
def test_states_and_waits(receipts: list[Receipt], state: LedgerState, wait: float | None) -> None:
    record = after(*receipts)
    assert record.state is state
    assert record.next_at == (None if wait is None else NOW + wait)
    assert record.attempts == len(receipts)
    assert record.code == receipts[-1].code
    assert record.detail == receipts[-1].detail


def test_a_refused_message_goes_once_more_in_plain_text() -> None:
    refused = after(REJECTED)
    assert refused.plain
    again = begin(refused, PARCEL, NOW)
    assert again.plain
    assert finish(again, REJECTED, NOW, jitter=0).state is LedgerState.DEAD


@pytest.mark.parametrize(
    ("asked", "wait"), [(5, 30), (600, 600), (86400 * 900, LONGEST_ASKED), (None, 30)]
)
def test_the_other_side_may_ask_for_more_time_but_not_for_ever(
    asked: float | None, wait: float
) -> None:
    record = after(Receipt(Outcome.RETRY, code=429, retry_after=asked))
    assert record.next_at == NOW + wait


def test_after_five_days_of_trying_it_is_held_not_lost() -> None:
    record = begin(None, PARCEL, NOW + PATIENCE - 1)
    assert finish(record, RETRY, NOW + PATIENCE - 1, jitter=1).state is LedgerState.WAITING
    late = finish(record, RETRY, NOW + PATIENCE, jitter=1)
    assert late.state is LedgerState.HELD
    assert not late.settled
    assert expired(late, NOW + PATIENCE)
    assert finish(begin(late, PARCEL, NOW * 2), SENT, NOW * 2, jitter=1).settled


def test_a_crash_while_sending_leaves_a_doubt_and_a_try_at_once() -> None:
    crashed = begin(None, PARCEL, NOW)
    record = recover(crashed, NOW + 9)
    assert record == replace(
        crashed, state=LedgerState.WAITING, next_at=NOW + 9, in_doubt=1, changed_at=NOW + 9
    )
    assert begin(record, PARCEL, NOW + 9).in_doubt == 1


def test_an_answer_that_got_lost_leaves_a_doubt_too() -> None:
    lost = Receipt(Outcome.RETRY, "no answer in time", in_doubt=True)
    assert after(lost, RETRY, lost).in_doubt == 2
    assert after(RETRY).in_doubt == 0


@pytest.mark.parametrize("receipt", [SENT, RETRY, HELD])
def test_recovering_touches_only_what_a_crash_cut_short(receipt: Receipt) -> None:
    record = after(receipt)
    assert recover(record, NOW + 1) == record


RECEIPTS = st.builds(
    Receipt,
    outcome=st.sampled_from(Outcome),
    retry_after=st.none() | st.floats(0, 1e12),
    in_doubt=st.booleans(),
)


@given(
    st.lists(st.tuples(RECEIPTS, st.floats(0, 1e6), st.floats(0, 1), st.booleans()), max_size=12)
)
def test_nothing_is_lost_whatever_the_answers(
    steps: list[tuple[Receipt, float, float, bool]],
) -> None:
    """Only an accepted or twice rejected message is settled; all else has a moment to be tried."""
    record: LedgerRecord | None = None
    now = NOW
    rejected = 0
    for receipt, passed, jitter, crash in steps:
        if record is not None and not record.open:
            break
        now += passed
        sending = begin(record, PARCEL, now)
        assert not sending.settled
        doubts = sending.in_doubt
        if crash:
            record = recover(sending, now)
            assert (record.in_doubt, record.next_at) == (doubts + 1, now)
            continue
        record = finish(sending, receipt, now, jitter=jitter)
        rejected += receipt.outcome is Outcome.REJECTED
        assert record.settled == (receipt.outcome is Outcome.SENT)
        assert record.open == (not record.settled and rejected < 2)
        assert record.in_doubt == doubts + receipt.in_doubt
        if record.open:
            assert record.next_at is not None
            assert now <= record.next_at <= now + LONGEST_ASKED
        if record.state is LedgerState.WAITING and receipt.outcome is Outcome.RETRY:
            assert record.next_at is not None
            assert record.next_at >= now + 15


def test_a_bundle_names_its_members_and_is_split_when_it_is_refused_for_good() -> None:
    two = Parcel("b", (delivery(), replace(delivery(), id="d2")))
    refused = begin(None, two, NOW)
    assert [each.delivery_id for each in refused.members] == ["d1", "d2"]
    assert (refused.title, refused.link, refused.rules) == ("", None, ("قصف المدن",))
    for _ in range(2):
        refused = finish(begin(refused, two, NOW), REJECTED, NOW, jitter=1)
    assert refused.state is LedgerState.DEAD
    parts = split(replace(refused, in_doubt=1), NOW + 1)
    assert [(p.delivery_id, p.state, p.next_at, p.in_doubt) for p in parts] == [
        ("d1", LedgerState.WAITING, NOW + 1, 1),
        ("d2", LedgerState.WAITING, NOW + 1, 1),
    ]
    assert parts[0].title == "قصف على سنجار"


def test_the_operator_revives_what_is_dead_and_drops_what_waits() -> None:
    dead = after(REJECTED, REJECTED)
    assert not dead.settled
    assert not dead.open
    again = revive(dead, NOW + 9)
    assert (again.state, again.next_at, again.plain) == (LedgerState.WAITING, NOW + 9, False)
    given_up = drop(again, NOW + 10)
    assert given_up.settled
    assert (given_up.state, given_up.next_at) == (LedgerState.DROPPED, None)
    never_tried = untried(PARCEL)
    assert (never_tried.open, never_tried.attempts) == (True, 0)


def test_what_a_lost_memory_may_have_sent_is_in_doubt_from_the_start() -> None:
    doubtful = Parcel("d1", (replace(delivery(), doubtful=True),))
    assert begin(None, doubtful, NOW).in_doubt == 1
