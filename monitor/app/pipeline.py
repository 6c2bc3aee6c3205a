"""The way of a check: fetch -> parse -> decide -> commit -> hand over to the outbox.

Fetches run side by side; deciding and committing is done by one thread, feed after feed, so that an
article that two feeds bring at one moment alerts once. This module must decide nothing itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from enum import StrEnum

from monitor.core import decide
from monitor.core.entries import Circumstances
from monitor.core.feeds.schedule import WORTH_TELLING
from monitor.errors import FeedError, RasidError
from monitor.model import (
    Delivery,
    Feed,
    FeedRow,
    FeedState,
    FeedUpdate,
    Fetched,
    FetchFailed,
    FetchOutcome,
    ParsedFeed,
)
from monitor.ports import Clock, Fetcher, Parser, Store

log = logging.getLogger("rasid.feeds")


class Kind(StrEnum):
    """What a check came to."""

    CHANGED = "changed"
    UNCHANGED = "not modified"
    FAILED = "failed"
    UNKEPT = "not kept"  # its outcome could not be stored, or a fault of ours: to be done again


@dataclass(frozen=True, slots=True)
class Checked:
    """A check that is over. `update` is None only where `kind` is UNKEPT; `error` says why, `fault`
    is the error behind it where it is one of ours."""

    feed: Feed
    kind: Kind
    update: FeedUpdate | None = None
    error: str = ""
    fault: RasidError | None = None


class Pipeline:
    """Checks feeds. `writer` is an executor of one thread, the same for all pipelines over a store;
    `around` gives the circumstances in force; `hand_over` gets new deliveries once durable."""

    def __init__(
        self,
        *,
        fetcher: Fetcher,
        parser: Parser,
        store: Store,
        writer: Executor,
        around: Callable[[], Circumstances],
        hand_over: Callable[[Sequence[Delivery]], None],
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        self._fetcher = fetcher
        self._parser = parser
        self._store = store
        self._writer = writer
        self._around = around
        self._hand_over = hand_over
        self._clock = clock
        self._jitter = jitter

    async def check(self, feed: Feed) -> Checked:
        """Checks one feed. Never raises for what a feed, the disk or a rule does."""
        try:
            row = self._row(feed)
            outcome = await self._fetcher.fetch(feed, row)
            outcome, parsed = await self._parse(row, outcome)
            loop = asyncio.get_running_loop()
            done = await loop.run_in_executor(self._writer, self._finish, feed, outcome, parsed)
        except RasidError as error:
            done = Checked(feed, Kind.UNKEPT, error=str(error), fault=error)
        except Exception as error:
            # A fault of ours on one feed must not stop the others; nothing of it was kept, so the
            # next check meets the same entries again.
            log.exception("%s: fault in a check", feed.name)
            done = Checked(feed, Kind.UNKEPT, error=f"{type(error).__name__}: {error}")
        _report(done)
        return done

    def _row(self, feed: Feed) -> FeedRow:
        return self._store.rows().get(feed.id) or decide.fresh_row(feed)

    async def _parse(
        self, row: FeedRow, outcome: FetchOutcome
    ) -> tuple[FetchOutcome, ParsedFeed | None]:
        if not isinstance(outcome, Fetched) or outcome.body_hash == row.body_hash:
            return outcome, None
        try:
            return outcome, await self._parser.parse(outcome)
        except FeedError as error:
            return FetchFailed("not-a-feed", str(error)), None

    def _finish(self, feed: Feed, outcome: FetchOutcome, parsed: ParsedFeed | None) -> Checked:
        """Decides and commits; runs in the writer's thread."""

        def load() -> FeedState:
            return self._store.feed(feed.id) or decide.fresh_state(feed)

        around = self._around()
        check = decide.Check(feed, self._row(feed), load, self._clock(), self._jitter())
        if isinstance(outcome, FetchFailed):
            kind, update = Kind.FAILED, decide.failed(check, outcome, around.polling)
        elif isinstance(outcome, Fetched) and parsed is not None:
            kind, update = Kind.CHANGED, decide.changed(check, outcome, parsed, around)
        else:
            kind, update = Kind.UNCHANGED, decide.unchanged(check, outcome, around.polling)
        self._store.commit(update)
        if update.deliveries:
            self._hand_over(update.deliveries)
        return Checked(feed, kind, update, update.row.error)


def _report(done: Checked) -> None:
    update = done.update
    if update is None:
        log.error("%s: outcome not kept, will be checked again: %s", done.feed.name, done.error)
        return
    if done.kind is Kind.FAILED:
        times = update.row.failures
        level = logging.WARNING if times in (1, WORTH_TELLING) else logging.DEBUG
        log.log(level, "%s: %s (failure %d in a row)", done.feed.name, done.error, times)
    elif update.ended:
        log.info("%s: works again after %d failures", done.feed.name, update.ended)
    for decision in update.decisions:
        rules = ", ".join(decision.rules)
        log.debug("%s: %s: %s [%s]", done.feed.name, decision.title, decision.verdict, rules)
    if update.alerts:
        count = len(update.alerts)
        log.info("%s: %d new, %d alerts", done.feed.name, update.new_articles, count)
    else:
        log.debug("%s: %s, %d new", done.feed.name, done.kind, update.new_articles)
