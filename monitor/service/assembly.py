"""Puts the parts together, the same for one pass and for the daemon.

This module only wires: it must hold no logic of its own.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from monitor.app.pipeline import Pipeline
from monitor.core.entries import Circumstances
from monitor.core.rules.matcher import compile_rules
from monitor.model import Delivery
from monitor.net.slots import Slots
from monitor.ports import Archive, Clock, Events, Store
from monitor.settings.load import Config
from monitor.sources.fetch import HttpFetcher
from monitor.sources.gather import Gatherer
from monitor.sources.pages import WebPages
from monitor.sources.reader import Reader
from monitor.sources.workers import PAGE_READER, ProcessParser

_NEW = 5_000  # objects beside those that went
_TURN = 0.0005  # seconds
_PAGE_DEADLINE = 10.0  # seconds in which a page is read; one of 3 MB takes four


@dataclass(frozen=True, slots=True)
class Parts:
    """What checks feeds: the pipeline, and what it parses with."""

    pipeline: Pipeline
    parser: Reader
    pages: WebPages

    async def close(self) -> None:
        """Ends processes, once no check runs any more."""
        await self.parser.aclose()
        await self.pages.aclose()


def assemble(
    config: Config,
    store: Store,
    writer: Executor,
    *,
    settled: Callable[[Delivery], bool],
    muted: Callable[[], frozenset[str]],
    hand_over: Callable[[Sequence[Delivery]], None],
    clock: Clock,
    slots: Slots | None = None,
    events: Events | None = None,
    warm: bool = False,
    archive: Archive | None = None,
) -> Parts:
    """The pipeline over a store, committing in `writer`, an executor of one thread. `slots` counts
    the exchanges of other pipelines too; `events` hears what is to be measured. Compiles the rules,
    which takes seconds with 100,000 of them; with `warm`, makes at once what else the first article
    would wait for."""
    rules = compile_rules(config.rules, config.gazetteer, config.lexicon)
    if warm:
        rules.warm_up()
    channels = tuple(channel.name for channel in config.channels)

    def around() -> Circumstances:
        return Circumstances(
            rules=rules,
            channels=channels,
            polling=config.polling,
            seen=config.seen,
            alerted=store.alerted,
            teller=store.teller,
            settled=settled,
            muted=muted(),
        )

    fetcher = HttpFetcher(
        config.polling,
        allow_private=config.allow_private,
        proxy=config.proxy,
        contact=config.contact,
        clock=clock,
        slots=slots,
    )
    whole = ProcessParser()
    parser = Reader(whole)
    pages = WebPages(
        fetcher.page,
        ProcessParser(workers=2, deadline=_PAGE_DEADLINE, reader=PAGE_READER),
        at_once=max(config.polling.per_host - 1, 1),
        elapsed=time.monotonic,
    )
    pipeline = Pipeline(
        fetcher=Gatherer(fetcher, whole, config.polling, clock),
        parser=parser,
        pages=pages,
        store=store,
        writer=writer,
        polling=config.polling,
        around=around,
        hand_over=hand_over,
        clock=clock,
        jitter=random.random,
        events=events,
        archive=archive,
    )
    return Parts(pipeline, parser, pages)


def settle_memory() -> None:
    """Takes what is there now, gazetteer and rules above all, out of the garbage collector's sight,
    for good: looking through it would hold up all threads for a tenth of a second time and again.
    What is new is looked through a seventh as often as by default: nearly all of it goes without.
    For the start of a process."""
    gc.freeze()
    gc.set_threshold(_NEW)


def let_go() -> None:
    """Frees what a reload replaced, in some 10 ms. Left alone, rules and gazetteers that circles
    hold would wait for a look through all objects, which comes seldom: 80 MB after 40 reloads."""
    gc.collect()


def give_way() -> None:
    """Makes a thread that computes give way after half a millisecond instead of five: the event
    loop lets go of the interpreter at every call of a socket, and waited that long to have it back.
    """
    sys.setswitchinterval(_TURN)


def muted_now(mutes: Mapping[str, float], now: float) -> frozenset[str]:
    """The rules that are muted at a moment."""
    return frozenset(rule for rule, until in mutes.items() if now < until)
