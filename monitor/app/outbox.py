"""The way of a delivery: record `sending` -> render -> send -> record the outcome.

What a try leads to is decided in core.alerts.retry; when to try is the sender's business. The
record `sending` is on disk before anything leaves, so that after a crash we know what is in doubt.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import tzinfo

from monitor.core.alerts import retry
from monitor.core.alerts.render import render
from monitor.model import Delivery, Lang, LedgerRecord, LedgerState, Message
from monitor.ports import Channel, Clock, Ledger

log = logging.getLogger("rasid.outbox")

TOO_MANY_REQUESTS = 429


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
        """Whether nothing more will be done about a delivery."""
        record = self.ledger.get(delivery)
        return record is not None and record.settled

    def due(self, delivery: Delivery) -> float:
        """When to try next: at once where it was never tried, or a crash cut the try short."""
        record = self.ledger.get(delivery)
        if record is None or record.state is LedgerState.SENDING:
            return delivery.made_at
        return record.next_at if record.next_at is not None else delivery.made_at

    def asked_to_wait(self, delivery: Delivery, now: float) -> bool:
        """Whether the service itself asked us to try later (429), and that is not over yet."""
        record = self.ledger.get(delivery)
        asked = record is not None and record.code == TOO_MANY_REQUESTS
        return asked and now < self.due(delivery)

    def attempt(self, delivery: Delivery) -> LedgerRecord:
        """Tries once. Raises CannotWriteError where the ledger cannot be written; then nothing was
        sent, or the message may go out twice and will say so."""
        before = self.ledger.get(delivery)
        if before is not None and before.settled:
            return before
        if before is not None and before.state is LedgerState.SENDING:
            before = retry.recover(before, self.clock())
        sending = retry.begin(before, delivery, self.clock())
        self.ledger.put(sending)
        message = render(
            delivery,
            language=self.language,
            timezone=self.timezone,
            possible_repeat=sending.in_doubt > 0,
            plain=sending.plain,
        )
        receipt = self.channel.send(self.word(message))
        record = retry.finish(sending, receipt, self.clock(), jitter=self.jitter())
        self.ledger.put(record)
        report = log.info if record.state is LedgerState.SENT else log.warning
        report(
            "%s: %s (try %d) %s", self.channel.name, record.state, record.attempts, record.detail
        )
        return record


def by_channel(deliveries: Iterable[Delivery]) -> dict[str, list[Delivery]]:
    """The deliveries of each channel, oldest first."""
    grouped: dict[str, list[Delivery]] = {}
    for delivery in sorted(deliveries, key=lambda d: d.made_at):
        grouped.setdefault(delivery.channel, []).append(delivery)
    return grouped
