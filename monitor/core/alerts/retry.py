"""One delivery's way through its channel's ledger: a record and an answer give the next record.

    none, waiting, held --begin--> sending --finish--> sent | waiting | held | dead
                                   sending --recover (after a crash)--> waiting, in doubt
    waiting, held, dead --revive--> waiting     --drop--> dropped       (the operator)
    none, waiting, held, dead --hurry--> waiting, and nothing holds it back
    dead, of a bundle --split--> waiting, each member alone

    sent       is settled
    retry      waits longer each time, as long as the other side asks; after five days it is held
    held       the channel refuses as a whole: kept, and tried again every hour
    rejected   this message is refused: once more at once in plain text, then dead

This module must not send, store or read a clock; chance comes in as `jitter`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from monitor.core.alerts.hold import BY_HAND
from monitor.core.alerts.ids import day_of
from monitor.model import (
    Delivery,
    LedgerRecord,
    LedgerState,
    Member,
    Outcome,
    Parcel,
    Receipt,
)

FIRST_WAIT: Final = 30.0  # seconds
LONGEST_WAIT: Final = 4000.0
LONGEST_ASKED: Final = 86400.0  # what a Retry-After may ask for
HELD_WAIT: Final = 3600.0
PATIENCE: Final = 5 * 86400.0
TOO_MANY: Final = 429  # HTTP: it asks to wait, whether it says how long or not
DEAD_KEPT: Final = 30 * 86400.0


def begin(record: LedgerRecord | None, parcel: Parcel, now: float) -> LedgerRecord:
    """The record to have on disk before the message leaves. `record` is the parcel's own so far; of
    a bundle it keeps the members that are still there to be sent. One of several days belongs to
    the last of them."""
    if record is None:
        record = _fresh(parcel)
    here = {each.id for each in parcel.deliveries}
    return replace(
        record,
        state=LedgerState.SENDING,
        members=tuple(each for each in record.members if each.delivery_id in here),
        attempts=record.attempts + 1,
        next_at=None,
        asked=False,
        changed_at=now,
    )


def _fresh(parcel: Parcel) -> LedgerRecord:
    members = tuple(map(member, parcel.deliveries))
    bundled = len(members) > 1
    return LedgerRecord(
        delivery_id=parcel.id,
        state=LedgerState.SENDING,
        made_at=_made_at(parcel),
        in_doubt=int(any(each.doubtful for each in parcel.deliveries)),
        title="" if bundled else members[0].title,
        link=None if bundled else members[0].link,
        rules=tuple(dict.fromkeys(rule for each in members for rule in each.rules)),
        members=members if bundled else (),
        held_until=parcel.hold.until if parcel.hold else 0.0,
        held_for=parcel.hold.why if parcel.hold else "",
        article="" if bundled else members[0].article,
        source="" if bundled else members[0].source,
    )


def _made_at(parcel: Parcel) -> float:
    first, last = parcel.deliveries[0].made_at, parcel.deliveries[-1].made_at
    return first if day_of(first) == day_of(last) else last


def member(delivery: Delivery) -> Member:
    """What the ledger keeps of one delivery of a bundle."""
    return Member(
        delivery_id=delivery.id,
        title=delivery.story.title.text,
        link=delivery.story.link,
        rules=tuple(alert.rule for alert in delivery.alerts),
        made_at=delivery.made_at,
        article=delivery.story.id,
        source=delivery.story.source,
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
    answered = replace(answered, asked=asked > 0 or receipt.code == TOO_MANY)
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


def split(record: LedgerRecord, now: float) -> tuple[LedgerRecord, ...]:
    """What becomes of a bundle that was refused for good: one of its articles may be the reason,
    so each goes on alone."""
    return tuple(
        LedgerRecord(
            delivery_id=each.delivery_id,
            state=LedgerState.WAITING,
            made_at=record.made_at,
            next_at=now,
            in_doubt=record.in_doubt,
            changed_at=now,
            title=each.title,
            link=each.link,
            rules=each.rules,
            alone=True,
            held_until=record.held_until,
            held_for=record.held_for,
            article=each.article,
            source=each.source,
        )
        for each in record.members
    )


def revive(record: LedgerRecord, now: float) -> LedgerRecord:
    """A record that waits, is held or dead, to be tried at once because the operator says so."""
    return replace(
        record,
        state=LedgerState.WAITING,
        attempts=0,
        next_at=now,
        asked=False,
        changed_at=now,
        plain=False,
    )


def hurry(record: LedgerRecord, now: float) -> LedgerRecord:
    """The same, where it is to go out whatever the operator's own wishes hold it back by."""
    return replace(revive(record, now), held_until=now, held_for=BY_HAND)


def drop(record: LedgerRecord, now: float) -> LedgerRecord:
    """A record that the operator gives up."""
    return replace(record, state=LedgerState.DROPPED, next_at=None, changed_at=now)


def drop_some(
    record: LedgerRecord, delivery_ids: Collection[str], now: float
) -> tuple[LedgerRecord, ...]:
    """What becomes of a bundle of which only some are given up: each goes its own way."""
    return tuple(
        drop(each, now)
        if each.delivery_id in delivery_ids
        else replace(each, alone=False, attempts=record.attempts, next_at=record.next_at)
        for each in split(record, now)
    )


def untried(parcel: Parcel) -> LedgerRecord:
    """A record for what was never tried, for those that must note something about it."""
    return replace(_fresh(parcel), state=LedgerState.WAITING)


def over(record: LedgerRecord, now: float) -> bool:
    """Whether nothing will come of it any more: an alert that is dead is kept for a while, so that
    the operator can look at it and try again; a message of our own is not."""
    kept = DEAD_KEPT if record.rules else 0.0
    dead = record.state is LedgerState.DEAD and now - record.changed_at >= kept
    return record.settled or dead


def expired(record: LedgerRecord, now: float) -> bool:
    """Whether temporary failures have gone on for too long."""
    return now - record.ready_at >= PATIENCE


def _wait(attempts: int, jitter: float) -> float:
    doublings = min(max(attempts - 1, 0), 16)  # far beyond LONGEST_WAIT, and no overflow
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0**doublings) * (0.5 + 0.5 * jitter)
