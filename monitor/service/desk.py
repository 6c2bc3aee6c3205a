"""One channel at work: its courier, and the sender whose queue the courier serves.

This module only wires: it must hold no logic of its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TextIO
from zoneinfo import ZoneInfo

from monitor.app.holding import terms
from monitor.app.outbox import Courier, as_rendered
from monitor.channels.build import build
from monitor.channels.pace import Pace
from monitor.channels.queue import Queue, Tried
from monitor.channels.sender import Sender
from monitor.core.alerts.hold import Terms
from monitor.errors import ConfigError, Problem, RasidError
from monitor.model import ChannelConfig, Delivery, Message, Outlet, Receipt
from monitor.ports import Channel, Clock, Ledger
from monitor.settings.load import Config

MadeOf = tuple[ChannelConfig, str, Terms, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Around:
    """What the desks of one process share. `out` is where console channels print (None: standard
    output); `passing` senders end once nothing is due; `on_tried` hears of each try by channel,
    `on_error` of what our own side spoilt; `outlets` gives those of an article, by its id."""

    clock: Clock
    pace: Pace
    on_tried: Callable[[str, Tried], None]
    on_error: Callable[[RasidError], None]
    outlets: Callable[[str], tuple[Outlet, ...]]
    out: TextIO | None = None
    passing: bool = False


class Way:
    """A channel, and whether a message is on its way out through it."""

    def __init__(self, channel: Channel) -> None:
        self.name = channel.name
        self.longest = channel.longest
        self.limits = channel.limits
        self.busy = False
        self._channel = channel

    def send(self, message: Message) -> Receipt:
        """Sends as the channel does."""
        self.busy = True
        try:
            return self._channel.send(message)
        finally:
            self.busy = False


@dataclass(frozen=True, slots=True)
class Desk:
    """One channel: what it was made of, and what works for it."""

    made_of: MadeOf
    way: Way
    courier: Courier
    sender: Sender

    def hand_over(self, deliveries: Iterable[Delivery]) -> None:
        """Gives durable deliveries of this channel to its sender; any thread may."""
        found = list(deliveries)
        self.sender.submit(lambda: self.courier.waiting(found))


def made_of(config: Config, channel: ChannelConfig) -> MadeOf:
    """What a desk depends on: where it is the same, a desk may stay."""
    return channel, config.language, terms(config, channel), config.allow_private


def wording(config: Config, channel: ChannelConfig, longest: int) -> Callable[[Message], Message]:
    """What gives a rendered message of at most `longest` letters the channel's own words."""
    if channel.template is None:
        return as_rendered
    from monitor.channels.template import TemplateFaultError, Wording  # only where there is one

    try:
        return Wording(
            channel.template,
            timezone=ZoneInfo(config.timezone),
            channel=channel.name,
            longest=longest,
        )
    except TemplateFaultError as fault:
        reason = fault.told("its template")
        raise ConfigError(
            [Problem("monitor.yaml", 0, 0, f"channels.{channel.name}", reason)]
        ) from None


def open_desk(config: Config, channel: ChannelConfig, ledger: Ledger, around: Around) -> Desk:
    """A channel's desk; its sender is not started yet."""
    own_terms = terms(config, channel)
    way = Way(build(channel, out=around.out, allow_private=config.allow_private))
    courier = Courier(
        channel=way,
        ledger=ledger,
        language="en" if (channel.language or config.language) == "en" else "ar",
        timezone=ZoneInfo(config.timezone),
        clock=around.clock,
        jitter=random.random,
        word=wording(config, channel, way.longest),
        terms=own_terms,
        outlets=around.outlets,
    )
    own = ((f"channel {channel.name}", channel.rate),) if channel.rate else None
    sender = Sender(
        channel.name,
        Queue(
            channel.name,
            burst=channel.burst,
            fitting=courier.fitting,
            eager=around.passing,
            plan=None if own_terms.hold_nothing else courier.plan,
        ),
        courier.attempt,
        clock=around.clock,
        pace=around.pace,
        limits=courier.channel.limits if own is None else own,
        on_tried=lambda tried: around.on_tried(channel.name, tried),
        on_error=around.on_error,
        passing=around.passing,
    )
    return Desk(made_of(config, channel), way, courier, sender)
