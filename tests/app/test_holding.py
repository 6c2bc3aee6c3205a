"""What a day's limit counts, by the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from outbox_samples import HELD, LATER, NEVER, NOON, TAKEN, single

from monitor.app.holding import told_by
from monitor.core.alerts import retry
from monitor.model import Hold, LedgerRecord, Parcel, Receipt
from monitor.stores.memory import MemoryLedger

Way = Callable[[LedgerRecord], LedgerRecord]


def answered(receipt: Receipt) -> LedgerRecord:
    sending = retry.begin(None, single(1), NOON + 1)
    return retry.finish(sending, receipt, NOON + 2, jitter=1.0)


def told(*records: LedgerRecord) -> int:
    ledger = MemoryLedger()
    for record in records:
        ledger.put(record)
    return told_by(ledger)("داعش", NOON, NOON + 3600)


@pytest.mark.parametrize("receipt", [TAKEN, LATER, HELD, NEVER])
def test_what_was_tried_counts(receipt: Receipt) -> None:
    assert told(answered(receipt)) == 1
    assert told(retry.begin(None, single(1), NOON)) == 1


@pytest.mark.parametrize("receipt", [LATER, HELD, NEVER])
def test_what_the_operator_has_tried_again_counts_still(receipt: Receipt) -> None:
    """Else another takes its place before it goes out."""
    assert told(retry.revive(answered(receipt), NOON + 3)) == 1


def test_what_was_given_up_untried_or_hurried_does_not_count() -> None:
    assert told(retry.drop(retry.untried(single(1)), NOON)) == 0
    assert told(retry.hurry(retry.untried(single(1)), NOON)) == 0


@pytest.mark.parametrize(
    ("why", "counts"),
    [("group_wait", 3), ("backfill", 3), ("quiet 23:00-07:00", 0), ("several", 0), ("digest", 0)],
)
def test_each_of_a_bundle_counts_where_it_waited_for_nothing_else(why: str, counts: int) -> None:
    three = tuple(single(n).deliveries[0] for n in (1, 2, 3))
    bundle = Parcel("b", three, hold=Hold(NOON + 10, why))
    sending = retry.begin(None, bundle, NOON + 10)
    assert told(sending) == counts
    assert told(*retry.split(replace(sending, attempts=2), NOON + 20)) == counts


def test_another_days_do_not_count() -> None:
    assert told(retry.begin(None, single(1, made_at=NOON - 1), NOON)) == 0
    assert told(retry.begin(None, single(1, made_at=NOON + 3600), NOON)) == 0
