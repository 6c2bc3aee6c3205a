"""The channels at work: a courier and a sender for each, exchanged when the configuration changes.

A channel that stays as it was goes on undisturbed, so a reload neither repeats nor delays its
deliveries. This module must not decide when a configuration changes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.app.outbox import Courier, by_channel
from monitor.channels.sender import Sender
from monitor.model import ChannelConfig, Delivery
from monitor.ports import Clock
from monitor.service.assembly import courier
from monitor.settings.load import Config
from monitor.stores.ledger import TinyLedger

log = logging.getLogger("rasid.service")

HANDOVER = 4.0  # seconds that a changed channel's send under way has to end in


@dataclass(frozen=True, slots=True)
class _Desk:
    """One channel: what it was made of, and what works for it."""

    made_of: tuple[ChannelConfig, str, str, tuple[str, ...]]
    courier: Courier
    sender: Sender


class Senders:
    """All channels' senders. `hand_over` and `settled` may be called in any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ledgers: dict[str, TinyLedger] = {}
        self._desks: dict[str, _Desk] = {}

    def ledgers(self, config: Config) -> dict[str, TinyLedger]:
        """The ledger of each configured channel; there is one object for a channel for ever, since
        each file has one writer."""
        for channel in config.channels:
            if channel.name not in self._ledgers:
                self._ledgers[channel.name] = TinyLedger.open(config.state, channel.name)
        return {channel.name: self._ledgers[channel.name] for channel in config.channels}

    def use(self, config: Config) -> None:
        """Puts a configuration's channels to work. Waits for the send under way of a channel that
        is changed or gone; what it leaves waits for `hand_over` of the open deliveries."""
        ledgers = self.ledgers(config)
        around = (config.language, config.timezone, config.allow_private)
        wanted = {c.name: (c, *around) for c in config.channels}
        ended = {n: d for n, d in self._desks.items() if wanted.get(n) != d.made_of}
        kept = {n: d for n, d in self._desks.items() if n not in ended}
        self._desks = dict(kept)
        until = time.monotonic() + HANDOVER
        for name, desk in ended.items():
            if not desk.sender.stop(max(until - time.monotonic(), 0.0)):
                log.warning("%s: a send goes on over the reload; it may be repeated", name)
        for name, made_of in wanted.items():
            if name not in kept:
                own = courier(config, made_of[0], ledgers[name], self._clock, None)
                kept[name] = _Desk(made_of, own, Sender(name, own.attempt, clock=self._clock))
                kept[name].sender.start()
        self._desks = kept

    def settled(self, delivery: Delivery) -> bool:
        """Whether a delivery is settled; one for a channel that is not configured now never is."""
        desk = self._desks.get(delivery.channel)
        return desk is not None and desk.courier.settled(delivery)

    def hand_over(self, deliveries: Sequence[Delivery]) -> None:
        """Gives durable deliveries to their senders; those that wait there already are known."""
        for name, waiting in by_channel(deliveries).items():
            desk = self._desks.get(name)
            if desk is None:
                log.warning("%d deliveries wait for channel %s, not configured", len(waiting), name)
                continue
            own = desk.courier
            desk.sender.submit([(d, own.due(d)) for d in waiting if not own.settled(d)])

    def stop(self, grace: float) -> None:
        """Begins no further send; waits up to `grace` seconds for those under way."""
        until = time.monotonic() + grace
        for name, desk in self._desks.items():
            if not desk.sender.stop(max(until - time.monotonic(), 0.0)):
                log.warning("%s: a send is still under way; if it is repeated, it says so", name)
