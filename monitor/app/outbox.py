"""The way of a parcel: record `sending` -> render -> send -> record the outcome.

What a try leads to is decided in core.alerts.retry, what goes out when by the channel's queue. The
record `sending` is on disk before anything leaves, so that after a crash we know what is in doubt.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from monitor.channels.queue import Queue, Tried
from monitor.channels.sender import Waiting
from monitor.core.alerts import bundle, retry
from monitor.core.alerts.render import render
from monitor.errors import RasidError
from monitor.model import Delivery, Lang, LedgerRecord, LedgerState, Message, Outcome, Parcel
from monitor.ports import Channel, Clock, Ledger, LedgerView

log = logging.getLogger("rasid.outbox")


def as_rendered(message: Message) -> Message:
    """The message in its standard words."""
    return message


@dataclass(frozen=True, slots=True)
class Courier:
    """One channel with its ledger, and how its messages are worded: `word` gives what is rendered
    the channel's own words."""

    channel: Channel
    ledger: Ledger
    language: Lang
    timezone: tzinfo
    clock: Clock
    jitter: Callable[[], float]
    word: Callable[[Message], Message] = as_rendered

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
            if record is None or record.open:
                ident = delivery.id if record is None else record.delivery_id
                parcels.setdefault(ident, []).append(delivery)
                records[ident] = record
        return [(Parcel(ident, tuple(each)), records[ident]) for ident, each in parcels.items()]

    def fitting(self, deliveries: Sequence[Delivery]) -> int:
        """How many of the deliveries one message of this channel holds."""
        return bundle.fitting(deliveries, self.channel.longest, self.language)

    def attempt(self, parcel: Parcel) -> Tried:
        """Tries once. Raises CannotWriteError where the ledger cannot be written; then nothing was
        sent, or the message may go out twice and will say so."""
        alone = {each.delivery_id: each for each in self._records(parcel)}
        before = alone.pop(parcel.id, None)
        if before is not None and not before.open:
            return Tried(before)
        if before is not None and before.state is LedgerState.SENDING:
            before = retry.recover(before, self.clock())
        sending = retry.begin(before, parcel, self.clock())
        if alone:  # tried one by one until they became too many
            sending = replace(sending, attempts=1 + max(each.attempts for each in alone.values()))
        self.ledger.put(sending, without=alone)
        receipt = self.channel.send(self.word(self._message(parcel, sending)))
        record = retry.finish(sending, receipt, self.clock(), jitter=self.jitter())
        report = log.info if record.state is LedgerState.SENT else log.warning
        report(
            "%s: %s (try %d) %s", self.channel.name, record.state, record.attempts, record.detail
        )
        if record.state is LedgerState.DEAD and record.members:
            return self._split(parcel, record)
        self.ledger.put(record)
        return Tried(record, receipt.outcome)

    def _records(self, parcel: Parcel) -> Iterator[LedgerRecord]:
        for delivery in parcel.deliveries:
            record = self.ledger.get(delivery)
            if record is not None:
                yield record

    def _message(self, parcel: Parcel, record: LedgerRecord) -> Message:
        doubtful = record.in_doubt > 0
        if record.members:
            return bundle.render_bundle(
                parcel, language=self.language, possible_repeat=doubtful, plain=record.plain
            )
        return render(
            parcel.deliveries[0],
            language=self.language,
            timezone=self.timezone,
            possible_repeat=doubtful,
            plain=record.plain,
        )

    def _split(self, parcel: Parcel, record: LedgerRecord) -> Tried:
        """Each article of a refused bundle goes on alone."""
        records = {each.delivery_id: each for each in retry.split(record, self.clock())}
        self.ledger.put(*records.values(), without={record.delivery_id})
        parts = tuple((Parcel(d.id, (d,)), records[d.id]) for d in parcel.deliveries)
        return Tried(record, Outcome.REJECTED, instead=parts)

    # --- what the operator asks for, done in the thread that writes the ledger ------------------

    def revive(self, deliveries: Sequence[Delivery], queue: Queue) -> None:
        """Has these deliveries tried at once, whatever they wait for; dead ones too."""
        revive(self.ledger, deliveries, self.clock())
        queue.release()
        for parcel, record in self.waiting(deliveries):
            queue.add(parcel, record)

    def drop(self, deliveries: Sequence[Delivery], queue: Queue) -> None:
        """Gives these deliveries up; a bundle goes as a whole."""
        for ident in drop(self.ledger, deliveries, self.clock()):
            queue.remove(ident)


def settled_in(ledger: LedgerView, delivery: Delivery, now: float) -> bool:
    """Whether nothing more will come of a delivery, so that its feed may forget it."""
    try:
        record = ledger.get(delivery)
    except RasidError:  # nobody knows; `waiting` tells of it
        return False
    return record is not None and retry.over(record, now)


def left_open(ledger: LedgerView, deliveries: Iterable[Delivery]) -> int:
    """How many messages the deliveries still make, as far as is known: a bundle counts once."""
    left = set()
    for delivery in deliveries:
        try:
            record = ledger.get(delivery)
        except RasidError:
            record = None
        if record is None or record.open:
            left.add(delivery.id if record is None else record.delivery_id)
    return len(left)


def revive(ledger: Ledger, deliveries: Iterable[Delivery], now: float) -> None:
    """Notes that these deliveries are to be tried at once, whatever they wait for."""
    for delivery in deliveries:
        record = ledger.get(delivery)
        if record is not None and not record.settled and record.state is not LedgerState.SENDING:
            ledger.put(retry.revive(record, now))


def drop(ledger: Ledger, deliveries: Iterable[Delivery], now: float) -> list[str]:
    """Notes that these deliveries are given up, a bundle as a whole; gives the parcels' ids."""
    dropped = []
    for delivery in deliveries:
        record = ledger.get(delivery) or retry.untried(Parcel(delivery.id, (delivery,)))
        if not record.settled:
            ledger.put(retry.drop(record, now))
            dropped.append(record.delivery_id)
    return dropped


def by_channel(deliveries: Iterable[Delivery]) -> dict[str, list[Delivery]]:
    """The deliveries of each channel, oldest first."""
    grouped: dict[str, list[Delivery]] = {}
    for delivery in sorted(deliveries, key=lambda d: d.made_at):
        grouped.setdefault(delivery.channel, []).append(delivery)
    return grouped
