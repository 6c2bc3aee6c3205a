"""The channels at work: a courier and a sender for each, exchanged when the configuration changes.

A channel that stays as it was goes on undisturbed, so a reload neither repeats nor delays its
deliveries. This module must not decide when a configuration changes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from threading import Event

from monitor.app.outbox import by_channel
from monitor.model import Delivery
from monitor.service.desk import Around, Desk, made_of, open_desk
from monitor.settings.load import Config
from monitor.stores.ledger import TinyLedger

log = logging.getLogger("rasid.service")

HANDOVER = 4.0  # seconds that a changed channel's send under way has to end in


class Senders:
    """All channels' desks. `hand_over` and `settled` may be called in any thread."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self._ledgers: dict[str, TinyLedger] = {}
        self._desks: dict[str, Desk] = {}

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
        wanted = {channel.name: channel for channel in config.channels}
        kept = {
            name: desk
            for name, desk in self._desks.items()
            if name in wanted and desk.made_of == made_of(config, wanted[name])
        }
        ended = {name: desk for name, desk in self._desks.items() if name not in kept}
        self._desks = dict(kept)
        self._end(ended, HANDOVER, "a send goes on over the reload; it may be repeated")
        for name, channel in wanted.items():
            if name not in kept:
                kept[name] = open_desk(config, channel, ledgers[name], self._around)
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
            else:
                desk.hand_over(waiting)

    def revive(self, deliveries: Sequence[Delivery]) -> list[Event]:
        """Has these deliveries tried at once, whatever they wait for; the events tell when that is
        noted."""
        return [
            desk.sender.order(partial(desk.courier.revive, waiting))
            for desk, waiting in self._each(deliveries)
        ]

    def drop(self, deliveries: Sequence[Delivery]) -> list[Event]:
        """Gives these deliveries up; the events tell when that is noted."""
        return [
            desk.sender.order(partial(desk.courier.drop, waiting))
            for desk, waiting in self._each(deliveries)
        ]

    def stop(self, grace: float) -> None:
        """Begins no further send; waits up to `grace` seconds for those under way."""
        self._end(self._desks, grace, "a send is still under way; if it is repeated, it says so")

    def _each(self, deliveries: Sequence[Delivery]) -> Iterator[tuple[Desk, list[Delivery]]]:
        for name, waiting in by_channel(deliveries).items():
            if name in self._desks:
                yield self._desks[name], waiting

    def _end(self, desks: Mapping[str, Desk], grace: float, otherwise: str) -> None:
        until = time.monotonic() + grace
        for desk in desks.values():
            desk.sender.stop(0.0)
        for name, desk in desks.items():
            if not desk.sender.stop(max(until - time.monotonic(), 0.0)):
                log.warning("%s: %s", name, otherwise)
