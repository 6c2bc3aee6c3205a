"""One delivery's way through its channel's ledger: a record and an answer give the next record.

    none, waiting, held --begin--> sending --finish--> sent | waiting | held | dead
                                   sending --recover (after a crash)--> waiting, in doubt

    sent       is settled
    retry      waits longer each time, as long as the other side asks; after five days it is held
    held       the channel refuses as a whole: kept, and tried again every hour
    rejected   this message is refused: once more at once in plain text, then dead

This module must not send, store or read a clock; chance comes in as `jitter`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from monitor.model import Delivery, LedgerRecord, LedgerState, Outcome, Receipt

FIRST_WAIT: Final = 30.0  # seconds
LONGEST_WAIT: Final = 4000.0
LONGEST_ASKED: Final = 86400.0  # what a Retry-After may ask for
HELD_WAIT: Final = 3600.0
PATIENCE: Final = 5 * 86400.0


def begin(record: LedgerRecord | None, delivery: Delivery, now: float) -> LedgerRecord:
    """The record to have on disk before the message leaves."""
    if record is None:
        record = LedgerRecord(
            delivery_id=delivery.id,
            state=LedgerState.SENDING,
            made_at=delivery.made_at,
            title=delivery.story.title.text,
            link=delivery.story.link,
            rules=tuple(alert.rule for alert in delivery.alerts),
        )
    return replace(
        record,
        state=LedgerState.SENDING,
        attempts=record.attempts + 1,
        next_at=None,
        changed_at=now,
    )


def finish(record: LedgerRecord, receipt: Receipt, now: float, *, jitter: float) -> LedgerRecord:
    """The record after an answer. `jitter` in 0..1 spreads the waits over their upper half."""
    answered = replace(
        record,
        in_doubt=record.in_doubt + receipt.in_doubt,
        changed_at=now,
        detail=receipt.detail,
        code=receipt.code,
    )
    if receipt.outcome is Outcome.SENT:
        return replace(answered, state=LedgerState.SENT, next_at=None)
    if receipt.outcome is Outcome.REJECTED:
        if record.plain:
            return replace(answered, state=LedgerState.DEAD, next_at=None)
        return replace(answered, state=LedgerState.WAITING, next_at=now, plain=True)
    asked = min(receipt.retry_after or 0.0, LONGEST_ASKED)
    if receipt.outcome is Outcome.HELD or expired(record, now):
        return replace(answered, state=LedgerState.HELD, next_at=now + max(asked, HELD_WAIT))
    wait = max(asked, _wait(record.attempts, jitter))
    return replace(answered, state=LedgerState.WAITING, next_at=now + wait)


def recover(record: LedgerRecord, now: float) -> LedgerRecord:
    """What becomes of a record that a crash left in `sending`: tried again at once, in doubt."""
    if record.state is not LedgerState.SENDING:
        return record
    return replace(
        record,
        state=LedgerState.WAITING,
        next_at=now,
        in_doubt=record.in_doubt + 1,
        changed_at=now,
    )


def expired(record: LedgerRecord, now: float) -> bool:
    """Whether temporary failures have gone on for too long."""
    return now - record.made_at >= PATIENCE


def _wait(attempts: int, jitter: float) -> float:
    doublings = min(max(attempts - 1, 0), 16)  # far beyond LONGEST_WAIT, and no overflow
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0**doublings) * (0.5 + 0.5 * jitter)
