"""The way of a parcel: record `sending` -> render -> send -> record the outcome.

What a try leads to is decided in core.alerts.retry, what goes out when by the channel's queue. The
record `sending` is on disk before anything leaves, so that after a crash we know what is in doubt;
the outcome is recorded only over that very record, since a try that hung may come back after
another took its place.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from itertools import groupby
from math import inf

from monitor.app.holding import told_by
from monitor.channels.queue import Queue, Tried
from monitor.channels.sender import Waiting
from monitor.core.alerts import bundle, retry
from monitor.core.alerts.hold import Plan, Terms, Waits
from monitor.core.alerts.hold import plan as plan_of
from monitor.core.alerts.ids import bundle_id, day_of
from monitor.core.alerts.render import render
from monitor.errors import CannotWriteError, RasidError, StateError
from monitor.model import (
    Delivery,
    Lang,
    LedgerRecord,
    LedgerState,
    Message,
    Outcome,
    Outlet,
    Parcel,
    Receipt,
)
from monitor.ports import Channel, Clock, Ledger, LedgerView

log = logging.getLogger("rasid.outbox")


def as_rendered(message: Message) -> Message:
    """The message in its standard words."""
    return message


@dataclass(frozen=True, slots=True)
class Courier:
    """One channel with its ledger, and how its messages are worded: `word` gives what is rendered
    the channel's own words; `outlets` those that are known of an article, by its id."""

    channel: Channel
    ledger: Ledger
    language: Lang
    timezone: tzinfo
    clock: Clock
    jitter: Callable[[], float]
    word: Callable[[Message], Message] = as_rendered
    unsaved: dict[str, LedgerRecord] = field(default_factory=dict)  # of our own messages
    terms: Terms | None = None  # None: nothing is held back
    outlets: Callable[[str], tuple[Outlet, ...]] = lambda _: ()

    def settled(self, delivery: Delivery) -> bool:
        """Whether nothing more will come of a delivery, so that its feed may forget it."""
        return settled_in(self.ledger, delivery, self.clock())

    def waiting(self, deliveries: Iterable[Delivery]) -> list[Waiting]:
        """What of the deliveries is still to be sent, those of one bundle together, each parcel
        with what the ledger knows of it."""
        parcels: dict[str, list[Delivery]] = {}
        records: dict[str, LedgerRecord | None] = {}
        distinct = {each.id: each for each in deliveries}.values()
        for delivery in sorted(distinct, key=lambda each: each.made_at):
            try:
                record = self.ledger.get(delivery)
            except RasidError as error:  # it waits until somebody repairs or removes the file
                log.error("%s: %s", self.channel.name, error)
                continue
            if record is not None and not record.open:
                continue
            if record is not None and delivery.doubtful and record.members:
                record = None  # made anew by a feed that lost its memory: not with the others
            ident = delivery.id if record is None else record.delivery_id
            parcels.setdefault(ident, []).append(delivery)
            records[ident] = record
        return [(Parcel(ident, tuple(each)), records[ident]) for ident, each in parcels.items()]

    def fitting(self, deliveries: Sequence[Delivery]) -> int:
        """How many of the deliveries one message of this channel holds."""
        try:
            known = [self._with_outlets(each) for each in deliveries[: bundle.MOST]]
            return bundle.fitting(known, self.channel.longest, self.language, self.timezone)
        except Exception:
            log.exception("%s: fault in measuring a bundle", self.channel.name)
            return 1

    def plan(self, waiting: Sequence[Waits], now: float) -> Plan:
        """What holds back each of those that wait."""
        if self.terms is None:
            return Plan((None,) * len(waiting), inf)
        return plan_of(waiting, self.terms, told_by(self.ledger), now)

    def attempt(self, parcel: Parcel) -> Tried:
        """Tries once. Raises CannotWriteError where the ledger cannot be written; then nothing was
        sent, or the message may go out twice and will say so."""
        known = {each.id: self.ledger.get(each) for each in parcel.deliveries}
        before = next((r for r in known.values() if r and r.delivery_id == parcel.id), None)
        before = self.unsaved.get(parcel.id, before)
        if before is not None and not before.open:
            return Tried(before)
        if before is not None and before.members and parcel.apart:
            return self._split(parcel, before, retry.recover(before, self.clock()))
        taken = [r for r in known.values() if r and r is not before and _elsewhere(r)]
        if taken and not parcel.deliveries[0].doubtful:
            return self._without(parcel, known, taken[0])
        if before is not None and before.state is LedgerState.SENDING:
            before = retry.recover(before, self.clock())
        sending = retry.begin(before, parcel, self.clock())
        singly = {r.delivery_id: r for r in known.values() if r and r is not before}
        if singly and before is None and len(parcel.deliveries) > 1:  # tried before, one by one
            sending = replace(sending, attempts=1 + max(each.attempts for each in singly.values()))
        try:
            self.ledger.put(sending, without=singly if len(parcel.deliveries) > 1 else ())
        except CannotWriteError:
            if parcel.deliveries[0].alerts:
                raise
            return self._tell_anyway(parcel, sending)
        record, receipt = self._try(parcel, sending)
        if record.state is LedgerState.DEAD and record.members:
            return self._split(parcel, sending, record)
        if not self.ledger.put(record, expecting=sending):
            return Tried(record)  # another try took its place, and its record counts
        return Tried(record, receipt.outcome, partly=receipt.partly)

    def _tell_anyway(self, parcel: Parcel, sending: LedgerRecord) -> Tried:
        """A message of our own, which may be about the full disk: better twice than not at all."""
        record, receipt = self._try(parcel, sending)
        self.unsaved[parcel.id] = record
        return Tried(record, receipt.outcome)

    def _try(self, parcel: Parcel, sending: LedgerRecord) -> tuple[LedgerRecord, Receipt]:
        """Sends, and tells the record that the answer leads to."""
        receipt = self._send(parcel, sending)
        record = retry.finish(sending, receipt, self.clock(), jitter=self.jitter())
        report = log.info if record.state is LedgerState.SENT else log.warning
        report(
            "%s: %s (try %d) %s", self.channel.name, record.state, record.attempts, record.detail
        )
        return record, receipt

    def _without(
        self, parcel: Parcel, known: dict[str, LedgerRecord | None], taken: LedgerRecord
    ) -> Tried:
        """Deliveries that meanwhile went out otherwise leave the parcel; the rest goes on."""
        rest = tuple(d for d in parcel.deliveries if not _elsewhere(known[d.id]))
        if not rest:
            return Tried(taken)
        ident = rest[0].id if len(rest) == 1 else bundle_id(self.channel.name, [d.id for d in rest])
        left = Parcel(ident, rest, hold=parcel.hold)
        tried = self.attempt(left)
        if not tried.record.open or tried.instead:
            return tried
        return Tried(tried.record, instead=((left, tried.record),))

    def _send(self, parcel: Parcel, record: LedgerRecord) -> Receipt:
        """The channel's answer. A fault of ours on one message counts as if it were refused, so
        that it is kept and told, and keeps back no other."""
        handed_over = False
        try:
            message = self.word(self._message(parcel, record))
            handed_over = True
            return self.channel.send(message)
        except Exception as error:
            log.exception("%s: fault while sending", self.channel.name)
            detail = f"a fault of ours: {type(error).__name__}"
            return Receipt(Outcome.REJECTED, detail, in_doubt=handed_over)

    def _message(self, parcel: Parcel, record: LedgerRecord) -> Message:
        doubtful = record.in_doubt > 0
        known = tuple(map(self._with_outlets, parcel.deliveries))
        if not record.members or self.fitting(known) == len(known):
            parcel = replace(parcel, deliveries=known)  # else it grew since it was made
        if record.members:
            return bundle.render_bundle(
                parcel,
                language=self.language,
                timezone=self.timezone,
                possible_repeat=doubtful,
                plain=record.plain,
                waited_for=record.held_for,
            )
        return render(
            parcel.deliveries[0],
            language=self.language,
            timezone=self.timezone,
            possible_repeat=doubtful,
            plain=record.plain,
        )

    def _with_outlets(self, delivery: Delivery) -> Delivery:
        outlets = self.outlets(delivery.story.id)
        if not outlets:
            return delivery
        return replace(delivery, story=replace(delivery.story, outlets=outlets))

    def _split(self, parcel: Parcel, sending: LedgerRecord, record: LedgerRecord) -> Tried:
        """Each article of a bundle that was refused, or put off alone, goes on alone."""
        records = {each.delivery_id: each for each in retry.split(record, self.clock())}
        if not self.ledger.put(*records.values(), without={record.delivery_id}, expecting=sending):
            return Tried(record)
        parts = tuple((Parcel(d.id, (d,)), records[d.id]) for d in parcel.deliveries)
        outcome = Outcome.REJECTED if record.state is LedgerState.DEAD else None
        return Tried(record, outcome, instead=parts)

    # --- what the operator asks for, done in the thread that writes the ledger ------------------

    def revive(self, deliveries: Sequence[Delivery]) -> Callable[[Queue], None]:
        """Has these deliveries tried at once, but for what they are held back by; dead ones too.
        Gives what is to be done to the queue."""
        revive(self.ledger, deliveries, self.clock())
        return self._released(deliveries)

    def hurry(self, deliveries: Sequence[Delivery]) -> Callable[[Queue], None]:
        """Has these deliveries tried at once, whatever they wait for. Gives what is to be done to
        the queue."""
        hurry(self.ledger, deliveries, self.clock())
        return self._released(deliveries)

    def _released(self, deliveries: Sequence[Delivery]) -> Callable[[Queue], None]:
        waiting = self.waiting(deliveries)

        def then(queue: Queue) -> None:
            queue.release()
            queue.renew({parcel.id: record for parcel, record in waiting})
            for parcel, record in waiting:
                queue.add(parcel, record)

        return then

    def drop(self, deliveries: Sequence[Delivery]) -> Callable[[Queue], None]:
        """Gives these deliveries up. Gives what is to be done to the queue."""
        changed = drop(self.ledger, deliveries, self.clock())

        def then(queue: Queue) -> None:
            left = [each for ident in changed for each in queue.remove(ident)]
            for parcel, record in self.waiting(left):
                queue.add(parcel, record)

        return then


def _elsewhere(record: LedgerRecord | None) -> bool:
    """Whether a delivery's record says that it went out, or goes out, otherwise than alone."""
    return record is not None and (not record.open or bool(record.members))


def settled_in(ledger: LedgerView | None, delivery: Delivery, now: float) -> bool:
    """Whether nothing more will come of a delivery, so that its feed may forget it."""
    record = known(ledger, delivery)
    return record is not None and retry.over(record, now)


def settled_for_good(ledger: LedgerView | None, delivery: Delivery) -> bool:
    """Whether a delivery went out or was given up, so that nobody can have it tried again."""
    record = known(ledger, delivery)
    return record is not None and record.settled


def left_open(ledger: LedgerView, deliveries: Iterable[Delivery]) -> int:
    """How many messages the deliveries still make, as far as is known: a bundle counts once."""
    left = set()
    for delivery in deliveries:
        record = known(ledger, delivery)
        if record is None or record.open:
            left.add(delivery.id if record is None else record.delivery_id)
    return len(left)


def known(ledger: LedgerView | None, delivery: Delivery) -> LedgerRecord | None:
    """What is known of a delivery; nothing where its channel has no ledger."""
    try:
        return ledger.get(delivery) if ledger is not None else None
    except RasidError:  # nobody knows; `waiting` tells of it
        return None


def revive(ledger: Ledger, deliveries: Iterable[Delivery], now: float) -> None:
    """Notes that these deliveries are to be tried at once, but for what they are held back by."""
    tried = (record for _, record in _readable(ledger, deliveries) if record is not None)
    _note(ledger, (retry.revive(each, now) for each in tried if _idle(each)))


def hurry(ledger: Ledger, deliveries: Iterable[Delivery], now: float) -> None:
    """Notes that these deliveries are to be tried at once, whatever they wait for."""
    known = (
        record or retry.untried(Parcel(delivery.id, (delivery,)))
        for delivery, record in _readable(ledger, deliveries)
    )
    _note(ledger, (retry.hurry(each, now) for each in known if _idle(each)))


def _idle(record: LedgerRecord) -> bool:
    """Whether something may come of it, and it is not being sent."""
    return not record.settled and record.state is not LedgerState.SENDING


def drop(ledger: Ledger, deliveries: Iterable[Delivery], now: float) -> list[str]:
    """Notes that these deliveries are given up; gives the ids of the parcels that this changes. A
    bundle of which others are to be sent is taken apart; one that may have arrived goes whole."""
    wanted: dict[str, set[str]] = {}
    records: dict[str, LedgerRecord] = {}
    for delivery, known in _readable(ledger, deliveries):
        record = known or retry.untried(Parcel(delivery.id, (delivery,)))
        if not record.settled:
            wanted.setdefault(record.delivery_id, set()).add(delivery.id)
            records[record.delivery_id] = record
    for ident, record in records.items():
        members = {each.delivery_id for each in record.members}
        if members <= wanted[ident] or record.in_doubt or record.state is LedgerState.SENDING:
            ledger.put(retry.drop(record, now))
        else:
            ledger.put(*retry.drop_some(record, wanted[ident], now), without={ident})
    return list(records)


def _readable(
    ledger: Ledger, deliveries: Iterable[Delivery]
) -> Iterator[tuple[Delivery, LedgerRecord | None]]:
    """Each delivery with its record; one whose day cannot be read is told and passed over."""
    for delivery in deliveries:
        try:
            yield delivery, ledger.get(delivery)
        except StateError as error:
            log.error("%s", error)


def _note(ledger: Ledger, records: Iterable[LedgerRecord]) -> None:
    """Writes each day once."""
    distinct = {each.delivery_id: each for each in records}.values()
    for _, day in groupby(sorted(distinct, key=_day), key=_day):
        ledger.put(*day)


def _day(record: LedgerRecord) -> str:
    return day_of(record.made_at)


def by_channel(deliveries: Iterable[Delivery]) -> dict[str, list[Delivery]]:
    """The deliveries of each channel, oldest first."""
    grouped: dict[str, list[Delivery]] = {}
    for delivery in sorted(deliveries, key=lambda d: d.made_at):
        grouped.setdefault(delivery.channel, []).append(delivery)
    return grouped
