"""The channels at work: a courier and a sender for each, exchanged when the configuration changes.

A channel that stays as it was goes on undisturbed by a reload. This module must not decide when a
configuration changes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from threading import Lock

from monitor.app.outbox import Courier, by_channel, drop, known, settled_for_good, settled_in
from monitor.channels.sender import Then
from monitor.model import Delivery, LedgerRecord, Wish
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
        self._state: Path | None = None
        self._changing = Lock()  # of the desks: by a reload, or by the end
        self._ended = False

    def ledgers(self, config: Config) -> dict[str, TinyLedger]:
        """The ledger of each configured channel; there is one object for a channel for ever, since
        each file has one writer."""
        self._state = config.state
        for channel in config.channels:
            self._ledger(channel.name)
        return {channel.name: self._ledgers[channel.name] for channel in config.channels}

    def use(self, config: Config) -> None:
        """Puts a configuration's channels to work, or raises ConfigError and changes nothing. Waits
        for the send under way of a channel that is changed or gone; what it leaves waits for
        `hand_over` of the open deliveries."""
        with self._changing:
            ledgers = self.ledgers(config)
            wanted = {channel.name: channel for channel in config.channels}
            kept = {
                name: desk
                for name, desk in self._desks.items()
                if name in wanted and desk.made_of == made_of(config, wanted[name])
            }
            new = {
                name: open_desk(config, channel, ledgers[name], self._around)
                for name, channel in wanted.items()
                if name not in kept
            }
            ended = {name: desk for name, desk in self._desks.items() if name not in kept}
            self._desks = dict(kept)
            self._end(ended, HANDOVER, "a send goes on over the reload; it may be repeated")
            if not self._ended:
                self._desks = kept | new
                for desk in new.values():
                    desk.sender.start()

    def settled(self, delivery: Delivery) -> bool:
        """Whether a delivery is settled, also over a channel that is configured no more."""
        return settled_in(self._ledger(delivery.channel), delivery, self._around.clock())

    def record(self, delivery: Delivery) -> LedgerRecord | None:
        """What is known of a delivery; None: never tried, or its day cannot be read."""
        return known(self._ledger(delivery.channel), delivery)

    def settled_for_good(self, delivery: Delivery) -> bool:
        """Whether a delivery went out or was given up, and cannot be tried again."""
        return settled_for_good(self._ledger(delivery.channel), delivery)

    def hand_over(self, deliveries: Sequence[Delivery]) -> None:
        """Gives durable deliveries to their senders; those that wait there already are known."""
        for name, waiting in by_channel(deliveries).items():
            desk = self._desks.get(name)
            if desk is not None:
                desk.hand_over(waiting)
            elif left := [each for each in waiting if not self.settled(each)]:
                log.warning("%d deliveries wait for channel %s, not configured", len(left), name)

    @property
    def acts(self) -> dict[Wish, Callable[[Sequence[Delivery]], list[Future[None]]]]:
        """What can be asked of open deliveries; done with what is given."""
        return {
            Wish.RETRY: partial(self._order, Courier.revive),
            Wish.HURRY: partial(self._order, Courier.hurry),
            Wish.DROP: self.drop,
        }

    def _order(
        self,
        act: Callable[[Courier, Sequence[Delivery]], Then],
        deliveries: Sequence[Delivery],
    ) -> list[Future[None]]:
        return [
            desk.sender.order(partial(act, desk.courier, waiting))
            for name, waiting in by_channel(deliveries).items()
            if (desk := self._desks.get(name)) is not None
        ]

    def drop(self, deliveries: Sequence[Delivery]) -> list[Future[None]]:
        """Gives these deliveries up; done with what is given."""
        under_way = []
        for name, waiting in by_channel(deliveries).items():
            desk, ledger = self._desks.get(name), self._ledger(name)
            if desk is not None:
                under_way.append(desk.sender.order(partial(desk.courier.drop, waiting)))
            elif ledger is not None:  # nobody else writes it
                drop(ledger, waiting, self._around.clock())
        return under_way

    def probe(self, work: Callable[[], Then]) -> list[Callable[[], bool]]:
        """Has every sender do some work between two tries. For each, what tells whether it has done
        it, or is excused: it waits for its channel, or is gone."""
        return [
            partial(self._answered, name, desk, desk.sender.order(work))
            for name, desk in self._desks.copy().items()
        ]

    def _answered(self, name: str, desk: Desk, done: Future[None]) -> bool:
        return done.done() or desk.way.busy or self._desks.get(name) is not desk

    def waiting(self) -> int:
        """How many messages wait to be sent, those that are being tried among them."""
        return sum(desk.sender.waiting for desk in self._desks.copy().values())

    def stop(self, grace: float) -> None:
        """Begins no further send; waits up to `grace` seconds for those under way."""
        self._ended = True
        self._end(self._desks, grace, "a send is still under way; if it is repeated, it says so")

    def _ledger(self, name: str) -> TinyLedger | None:
        if name not in self._ledgers and self._state is not None:
            self._ledgers[name] = TinyLedger.open(self._state, name)
        return self._ledgers.get(name)

    def _end(self, desks: Mapping[str, Desk], grace: float, otherwise: str) -> None:
        until = time.monotonic() + grace
        for desk in desks.values():
            desk.sender.stop(0.0)
        for name, desk in desks.items():
            if not desk.sender.stop(max(until - time.monotonic(), 0.0)):
                log.warning("%s: %s", name, otherwise)
