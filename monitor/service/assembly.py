"""Puts the parts together, the same for one pass and for the daemon.

This module only wires: it must hold no logic of its own.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO
from zoneinfo import ZoneInfo

from monitor.app.outbox import Courier, settled_in
from monitor.app.pipeline import Pipeline
from monitor.channels.build import build
from monitor.core.entries import Circumstances
from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.model import Delivery
from monitor.ports import Clock, Ledger, Store
from monitor.settings.load import Config
from monitor.sources.fetch import HttpFetcher
from monitor.sources.workers import ThreadParser


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs: the pipeline of checks, and a courier for each channel."""

    pipeline: Pipeline
    fetcher: HttpFetcher
    parser: ThreadParser
    couriers: Mapping[str, Courier]

    async def close(self) -> None:
        """Ends connections and threads; a commit under way is finished first."""
        await self.fetcher.aclose()
        self.parser.close()
        self.pipeline.close()


def couriers(
    config: Config, ledgers: Mapping[str, Ledger], clock: Clock, out: TextIO | None
) -> dict[str, Courier]:
    """A courier for each configured channel; console channels print to `out`."""
    timezone = ZoneInfo(config.timezone)
    return {
        channel.name: Courier(
            channel=build(channel, out=out or sys.stdout),
            ledger=ledgers[channel.name],
            language="en" if (channel.language or config.language) == "en" else "ar",
            timezone=timezone,
            clock=clock,
            jitter=random.random,
        )
        for channel in config.channels
    }


def assemble(
    config: Config,
    store: Store,
    by_name: Mapping[str, Courier],
    *,
    muted: Callable[[], frozenset[str]],
    hand_over: Callable[[Sequence[Delivery]], None],
    clock: Clock,
) -> Parts:
    """The pipeline over a store. Compiles the rules, which takes seconds with 100,000 of them."""
    rules = compile_rules(config.rules, Gazetteer(config.places))
    channels = tuple(channel.name for channel in config.channels)

    def around() -> Circumstances:
        return Circumstances(
            rules=rules,
            channels=channels,
            polling=config.polling,
            seen=config.seen,
            alerted=store.alerted,
            settled=lambda delivery: settled_in(by_name, delivery),
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
        around=around,
        hand_over=hand_over,
        clock=clock,
        jitter=random.random,
    )
    return Parts(pipeline, fetcher, parser, by_name)


def muted_now(mutes: Mapping[str, float], now: float) -> frozenset[str]:
    """The rules that are muted at a moment."""
    return frozenset(rule for rule, until in mutes.items() if now < until)
