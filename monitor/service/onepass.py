"""The outbox for a single pass: every channel sends what is due, side by side, and ends.

What the operator has to be told of comes up while channels send, so it goes out in a second round.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TextIO

from monitor.app.outbox import by_channel, left_open, settled_for_good, settled_in
from monitor.channels.pace import Pace
from monitor.channels.queue import Tried
from monitor.model import Delivery, Outcome
from monitor.ports import Clock, Store, System
from monitor.service.desk import Around, open_desk
from monitor.service.operator import Operator
from monitor.settings.load import Config
from monitor.stores.ledger import TinyLedger, channel_names


@dataclass(frozen=True, slots=True)
class Sent:
    """What a pass sent: `messages` were taken, `left` deliveries wait, a bundle counting once, of
    which `held_back` wait by the operator's own wish.
    `damaged`: a ledger cannot be read, so that what it should tell of waits."""

    messages: int = 0
    left: int = 0
    held_back: int = 0
    damaged: bool = False


class OnePass:
    """All channels of a configuration, for one pass; ledgers also of those that are no more."""

    def __init__(
        self, config: Config, store: Store, system: System, clock: Clock, out: TextIO | None
    ) -> None:
        self._config = config
        self._system = system
        self._clock = clock
        self._taken = 0
        self._held: frozenset[str] = frozenset()  # ids of deliveries
        self._lock = threading.Lock()
        self._notices: list[Delivery] = []
        names = {*(channel.name for channel in config.channels), *channel_names(config.state)}
        self.ledgers = {name: TinyLedger.open(config.state, name) for name in names}
        self.operator = Operator(
            config, system, clock, hand_over=self._notices.extend, settled=self.settled
        )
        self._around = Around(
            clock,
            Pace(),
            on_tried=self._heard,
            on_error=self.operator.failed,
            outlets=store.outlets,
            out=out,
            passing=True,
        )

    def settled(self, delivery: Delivery) -> bool:
        """Whether nothing more will come of a delivery."""
        return settled_in(self.ledgers.get(delivery.channel), delivery, self._clock())

    def settled_for_good(self, delivery: Delivery) -> bool:
        """Whether a delivery went out or was given up, and cannot be tried again."""
        return settled_for_good(self.ledgers.get(delivery.channel), delivery)

    def send(self, deliveries: Iterable[Delivery]) -> Sent:
        """Tries what is due, then what the operator is to be told."""
        standing = by_channel(deliveries)
        self._round(standing)
        taken = self._taken
        for ledger in self.ledgers.values():
            self.operator.damage(ledger.problems())
        self._round(by_channel((*self._system.load().notices, *self._notices)))
        held = {
            name: [each for each in waiting if each.id in self._held]
            for name, waiting in standing.items()
        }
        unreadable = any(ledger.unreadable for ledger in self.ledgers.values())
        return Sent(taken, self._left(standing), self._left(held), unreadable)

    def _left(self, standing: dict[str, list[Delivery]]) -> int:
        return sum(
            left_open(self.ledgers[name], waiting) if name in self.ledgers else len(waiting)
            for name, waiting in standing.items()
        )

    def _round(self, standing: dict[str, list[Delivery]]) -> None:
        desks = [
            open_desk(self._config, channel, self.ledgers[channel.name], self._around)
            for channel in self._config.channels
            if channel.name in standing
        ]
        for desk in desks:
            desk.hand_over(standing[desk.sender.name])
            desk.sender.start()
        for desk in desks:
            desk.sender.join()
            self._held |= desk.sender.held_back

    def _heard(self, channel: str, tried: Tried) -> None:
        if tried.outcome is Outcome.SENT:
            with self._lock:
                self._taken += 1
        self.operator.heard(channel, tried)
