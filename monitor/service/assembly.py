"""Puts the parts together, the same for one pass and for the daemon.

This module only wires: it must hold no logic of its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TextIO
from zoneinfo import ZoneInfo

from monitor.app.outbox import Courier, as_rendered
from monitor.app.pipeline import Pipeline
from monitor.channels.build import build
from monitor.core.entries import Circumstances
from monitor.core.rules.matcher import compile_rules
from monitor.errors import ConfigError, Problem
from monitor.model import ChannelConfig, Delivery, Message
from monitor.ports import Clock, Ledger, Store
from monitor.settings.load import Config
from monitor.sources.fetch import HttpFetcher
from monitor.sources.workers import ThreadParser


@dataclass(frozen=True, slots=True)
class Parts:
    """What checks feeds: the pipeline, and what it fetches and parses with."""

    pipeline: Pipeline
    fetcher: HttpFetcher
    parser: ThreadParser

    async def close(self) -> None:
        """Ends connections and threads, once no check runs any more."""
        await self.fetcher.aclose()
        self.parser.close()


def courier(
    config: Config, channel: ChannelConfig, ledger: Ledger, clock: Clock, out: TextIO | None
) -> Courier:
    """A channel's courier; a console channel prints to `out` (standard output)."""
    return Courier(
        channel=build(channel, out=out, allow_private=config.allow_private),
        ledger=ledger,
        language="en" if (channel.language or config.language) == "en" else "ar",
        timezone=ZoneInfo(config.timezone),
        clock=clock,
        jitter=random.random,
        word=wording(config, channel),
    )


def wording(config: Config, channel: ChannelConfig) -> Callable[[Message], Message]:
    """What gives a rendered message the channel's own words."""
    if channel.template is None:
        return as_rendered
    from monitor.channels.template import TemplateFaultError, Wording  # only where there is one

    try:
        return Wording(channel.template, timezone=ZoneInfo(config.timezone), channel=channel.name)
    except TemplateFaultError as fault:
        reason = fault.told("its template")
        raise ConfigError(
            [Problem("monitor.yaml", 0, 0, f"channels.{channel.name}", reason)]
        ) from None


def assemble(
    config: Config,
    store: Store,
    writer: Executor,
    *,
    settled: Callable[[Delivery], bool],
    muted: Callable[[], frozenset[str]],
    hand_over: Callable[[Sequence[Delivery]], None],
    clock: Clock,
) -> Parts:
    """The pipeline over a store, committing in `writer`, an executor of one thread. Compiles the
    rules, which takes seconds with 100,000 of them."""
    rules = compile_rules(config.rules, config.gazetteer, config.lexicon)
    channels = tuple(channel.name for channel in config.channels)

    def around() -> Circumstances:
        return Circumstances(
            rules=rules,
            channels=channels,
            polling=config.polling,
            seen=config.seen,
            alerted=store.alerted,
            settled=settled,
            muted=muted(),
        )

    fetcher = HttpFetcher(
        config.polling,
        allow_private=config.allow_private,
        proxy=config.proxy,
        contact=config.contact,
        clock=clock,
    )
    parser = ThreadParser()
    pipeline = Pipeline(
        fetcher=fetcher,
        parser=parser,
        store=store,
        writer=writer,
        around=around,
        hand_over=hand_over,
        clock=clock,
        jitter=random.random,
    )
    return Parts(pipeline, fetcher, parser)


def muted_now(mutes: Mapping[str, float], now: float) -> frozenset[str]:
    """The rules that are muted at a moment."""
    return frozenset(rule for rule, until in mutes.items() if now < until)
