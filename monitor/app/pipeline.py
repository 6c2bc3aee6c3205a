"""The way of a check: fetch -> parse -> decide -> commit -> hand over to the outbox.

Fetches run side by side; what brings nothing to read is noted on the event loop at once. Reading
what is plain, deciding and committing is done by one thread, feed after feed, so that an article
that two feeds bring at one moment alerts once. Where many new feeds come at once, that thread is
what they wait for, and processes beside it read their documents. This module must decide nothing
itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from time import perf_counter
from typing import NamedTuple, TypeVar

from monitor.core import decide
from monitor.core.entries import Circumstances
from monitor.core.feeds import late
from monitor.core.feeds.schedule import WORTH_TELLING
from monitor.errors import FeedError, RasidError
from monitor.model import (
    Article,
    Delivery,
    Feed,
    FeedState,
    FeedUpdate,
    Fetched,
    FetchFailed,
    FetchOutcome,
    FullText,
    Identity,
    Match,
    Page,
    Polling,
    Reading,
    Unread,
)
from monitor.net.exchange import plain_detail
from monitor.ports import Archive, Clock, Events, Fetcher, Pages, Parser, Store

T = TypeVar("T")

_PAGES = 30  # of a feed in one look
_LOOK = 90.0  # seconds of it
_CROWD = 4  # documents at once: fewer are not worth a process, which takes a while to start

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


class _Begun(NamedTuple):
    """A document that is being judged: its feed's memory, and what was committed of it so far."""

    reading: Reading
    identities: tuple[Identity, ...]
    state: FeedState
    updates: tuple[FeedUpdate, ...] = ()


_Step = Checked | Unread | _Begun


class Pipeline:
    """Checks feeds. `writer` is an executor of one thread, the same for all pipelines over a store;
    `around` gives the circumstances of a document; `hand_over` gets new deliveries once durable,
    and after it `archive` the articles."""

    def __init__(
        self,
        *,
        fetcher: Fetcher,
        parser: Parser,
        pages: Pages,
        store: Store,
        writer: Executor,
        polling: Polling,
        around: Callable[[], Circumstances],
        hand_over: Callable[[Sequence[Delivery]], None],
        clock: Clock,
        jitter: Callable[[], float],
        events: Events | None = None,
        archive: Archive | None = None,
    ) -> None:
        self._archive = archive
        self._fetcher = fetcher
        self._parser = parser
        self._pages = pages
        self._store = store
        self._writer = writer
        self._polling = polling
        self._around = around
        self._hand_over = hand_over
        self._clock = clock
        self._jitter = jitter
        self._events = events
        self._in_reading = 0  # documents, from their arrival to their commit

    async def check(self, feed: Feed) -> Checked:
        """Checks one feed. Never raises for what a feed, the disk or a rule does."""
        return await self._safely(feed, self._poll(feed))

    async def catch_up(self, feed: Feed) -> Checked:
        """Reads pages that entries of a feed wait for, as many as are due and fit in one look, and
        judges each entry as soon as its page is there, or has kept it waiting long enough. Not
        while the feed is checked. Never raises, like a check; without `update` where there was
        nothing to do."""
        return await self._safely(feed, self._read_pages(feed))

    async def match_overdue(self, feed: Feed) -> Checked:
        """Judges the entries that have waited long enough, and asks for no page; otherwise like
        catch_up."""
        return await self._safely(feed, self._match_overdue(feed))

    async def backfill(
        self, feed: Feed, found: Sequence[tuple[Article, Sequence[Match]]]
    ) -> Checked:
        """Has new rules alert on articles of a feed that are remembered. What this brings to be
        delivered is for the caller to hand over, with that of other feeds. Not while the feed is
        checked. Never raises, like a check."""
        return await self._safely(feed, _in(self._writer, self._backfill, feed, found))

    def _backfill(self, feed: Feed, found: Sequence[tuple[Article, Sequence[Match]]]) -> Checked:
        check = self._check(feed, lambda: self._memory(feed))
        update = decide.backfilled(check, found, self._around())
        if update is not None:
            self._store.commit(update)
        if self._archive is not None:
            hits = [(a.id, [each.rule.name for each in fired]) for a, fired in found]
            self._archive.note(feed.id, hits)
        return Checked(feed, Kind.CHANGED, update)

    def is_behind(self, feed: Feed) -> bool:
        """Whether entries of a feed wait for pages that may be asked for now."""
        row = self._store.row(feed.id)
        now = self._clock()
        if row is None or not row.late:
            return False
        return row.late_due <= now or now < row.last_check  # the clock went back

    async def _safely(self, feed: Feed, work: Awaitable[Checked]) -> Checked:
        try:
            done = await work
        except RasidError as error:
            done = Checked(feed, Kind.UNKEPT, error=str(error), fault=error)
        except Exception as error:
            # A fault of ours on one feed must not stop the others; nothing of it was kept, so the
            # next check meets the same entries again.
            log.exception("%s: fault in a check", feed.name)
            done = Checked(feed, Kind.UNKEPT, error=f"{type(error).__name__}: {error}")
        _report(done)
        return done

    async def _poll(self, feed: Feed) -> Checked:
        row = self._store.row(feed.id) or decide.fresh_row(feed)
        self._store.begin(row, self._clock() + self._polling.min_interval)
        began = perf_counter()
        outcome = await self._fetcher.fetch(feed, row)
        if self._events is not None:
            self._events.fetched(_status(outcome), perf_counter() - began)
        if isinstance(outcome, Fetched) and outcome.body_hash != row.body_hash:
            new = not row.remembered and outcome.reading is None
            return await self._read(feed, outcome, new=new)
        return await self._note(feed, outcome)

    async def _read_pages(self, feed: Feed) -> Checked:
        state = await _in(self._writer, self._memory, feed)
        if not state.late:
            await _in(self._writer, self._forget_late, feed)
            return Checked(feed, Kind.CHANGED)
        wanted = () if feed.full_text is FullText.NEVER else state.late
        asked = late.to_ask_for(wanted, self._clock(), _PAGES)
        reading = {
            each.key: asyncio.create_task(self._pages.read(each.link, feed)) for each in asked
        }
        updates: list[FeedUpdate] = []
        now = asyncio.get_running_loop().time
        end = now() + _LOOK
        try:
            while state.late:
                ready = {key: task.result() for key, task in reading.items() if task.done()}
                for key in ready:
                    del reading[key]
                update = await _in(self._writer, self._judge_pages, feed, state, ready)
                if update is not None and update.state is not None:
                    updates.append(update)
                    state = update.state
                if not reading or now() >= end:
                    break
                patience = min(self._patience(state), end - now())
                await asyncio.wait(
                    reading.values(), timeout=patience, return_when=asyncio.FIRST_COMPLETED
                )
        finally:
            for task in reading.values():
                task.cancel()
        return Checked(feed, Kind.CHANGED, _joined(updates) if updates else None)

    async def _match_overdue(self, feed: Feed) -> Checked:
        state = await _in(self._writer, self._memory, feed)
        if not state.late:
            await _in(self._writer, self._forget_late, feed)
            return Checked(feed, Kind.CHANGED)
        update = await _in(self._writer, self._judge_pages, feed, state, {})
        return Checked(feed, Kind.CHANGED, update)

    def _forget_late(self, feed: Feed) -> None:
        """Brings a line up to a memory that was lost, or would have it looked at time and again."""
        row = self._store.row(feed.id)
        if row is not None and row.late:
            self._store.commit(FeedUpdate(row=late.counted(row, ())))

    def _patience(self, state: FeedState) -> float:
        """Seconds for which nothing is to be done unless a page comes."""
        now = self._clock()
        until = late.matched_by(state.late, now)
        return _LOOK if until is None else max(until - now, 0.0)

    def _judge_pages(
        self, feed: Feed, state: FeedState, pages: Mapping[str, Page]
    ) -> FeedUpdate | None:
        check = self._check(feed, lambda: state)
        until = late.matched_by(state.late, check.now)
        waits = until is None or check.now < until
        if not pages and waits and feed.full_text is not FullText.NEVER:
            return None
        update = decide.caught_up(check, pages, self._around())
        self._commit(feed, Kind.CHANGED, update)
        return update

    async def _note(self, feed: Feed, outcome: FetchOutcome) -> Checked:
        """Takes an outcome that brings nothing to read. Most need no file, and no other thread."""
        try:
            return self._commit_note(feed, outcome, _no_memory)
        except _NeedsMemoryError:
            load = partial(self._memory, feed)
            return await _in(self._writer, self._commit_note, feed, outcome, load)

    def _commit_note(
        self, feed: Feed, outcome: FetchOutcome, load: Callable[[], FeedState]
    ) -> Checked:
        check, polling = self._check(feed, load), self._polling
        if isinstance(outcome, FetchFailed):
            return self._commit(feed, Kind.FAILED, decide.failed(check, outcome, polling))
        return self._commit(feed, Kind.UNCHANGED, decide.unchanged(check, outcome, polling))

    async def _read(self, feed: Feed, fetched: Fetched, *, new: bool) -> Checked:
        """Takes a document: by the fast way, by the slower one, or by that and as a whole."""
        self._in_reading += 1
        try:
            if new and self._in_reading > _CROWD and self._parser.helps:
                step = await self._read_beside(feed, fetched)
            else:
                step = await _in(self._writer, self._glance, feed, fetched)
            return await self._read_slowly(feed, fetched, step)
        except FeedError as error:
            why = FetchFailed("not-a-feed", plain_detail(str(error)))
            return await self._note(feed, why)
        finally:
            self._in_reading -= 1

    async def _read_beside(self, feed: Feed, fetched: Fetched) -> _Step:
        """Has a document read elsewhere that is likely plain. That this fails is no reason not to
        read it here, where that can be done."""
        try:
            reading = await self._parser.parse(_whole(fetched))
        except RasidError:
            step: _Step = await _in(self._writer, self._glance, feed, fetched)
            if isinstance(step, Unread):
                raise
            return step
        return await _in(self._writer, self._judge, feed, fetched, reading)

    async def _read_slowly(self, feed: Feed, fetched: Fetched, step: _Step) -> Checked:
        while not isinstance(step, Checked):
            if isinstance(step, Unread):
                reading = await self._parser.parse(step)
                step = await _in(self._writer, self._judge, feed, fetched, reading)
            else:
                step = await _in(self._writer, self._go_on, feed, fetched, step)
        return step

    def _glance(self, feed: Feed, fetched: Fetched) -> _Step:
        """The check, done, or else what is left to read."""
        state = self._memory(feed)
        reading = self._parser.glance(fetched, decide.marks(state))
        if isinstance(reading, Reading) and decide.needs_whole(reading, state):
            reading = self._parser.glance(fetched, frozenset())
        if isinstance(reading, Unread):
            return reading
        return self._go_on(feed, fetched, _begin(feed, reading, state))

    def _judge(self, feed: Feed, fetched: Fetched, reading: Reading) -> _Step:
        """The check, done, or else the whole document, where a part does not tell enough."""
        state = self._memory(feed)
        if decide.needs_whole(reading, state):
            return _whole(fetched)
        return self._go_on(feed, fetched, _begin(feed, reading, state))

    def _go_on(self, feed: Feed, fetched: Fetched, begun: _Begun) -> _Step:
        """Judges and commits entries, all of them or as many as may go at once."""
        check = self._check(feed, lambda: begun.state)
        reading, identities = begun.reading, begun.identities
        update = decide.changed(check, fetched, reading, self._around(), identities)
        done = self._commit(feed, Kind.CHANGED, update)
        if update.unfinished and update.state is not None:
            return _Begun(reading, identities, update.state, (*begun.updates, update))
        return replace(done, update=_joined((*begun.updates, update))) if begun.updates else done

    def _commit(self, feed: Feed, kind: Kind, update: FeedUpdate) -> Checked:
        began = perf_counter()
        self._store.commit(update)
        if self._events is not None and update.state is not None:
            self._events.committed(perf_counter() - began)
        if update.deliveries:
            self._hand_over(update.deliveries)
        if update.archived and self._archive is not None:
            self._archive.put(update.archived)
        return Checked(feed, kind, update, update.row.error)

    def _check(self, feed: Feed, load: Callable[[], FeedState]) -> decide.Check:
        row = self._store.row(feed.id) or decide.fresh_row(feed)
        return decide.Check(feed, row, load, self._clock(), self._jitter())

    def _memory(self, feed: Feed) -> FeedState:
        return self._store.feed(feed.id) or decide.fresh_state(feed)


async def _in(executor: Executor, call: Callable[..., T], *arguments: object) -> T:
    return await asyncio.get_running_loop().run_in_executor(executor, call, *arguments)


def _begin(feed: Feed, reading: Reading, state: FeedState) -> _Begun:
    for warning in reading.feed.warnings:
        log.info("%s: %s", feed.name, plain_detail(warning))
    identities = reading.feed.identities or decide.identify(reading.feed.entries)
    return _Begun(reading, identities, state)


def _joined(updates: Sequence[FeedUpdate]) -> FeedUpdate:
    """What several commits of one check brought, as one."""
    return replace(
        updates[-1],
        new_articles=sum(each.new_articles for each in updates),
        alerts=tuple(alert for each in updates for alert in each.alerts),
        lags=tuple(lag for each in updates for lag in each.lags),
        decisions=tuple(decision for each in updates for decision in each.decisions),
        ended=updates[0].ended,
    )


def _status(outcome: FetchOutcome) -> str:
    """One word for what came of an exchange."""
    if isinstance(outcome, FetchFailed):
        return outcome.kind
    return "ok" if isinstance(outcome, Fetched) else "not_modified"


def _whole(fetched: Fetched) -> Unread:
    return Unread(fetched.body, fetched.headers, fetched.url)


class _NeedsMemoryError(Exception):
    """Deciding takes the feed's own file, which must not be read on the event loop."""


def _no_memory() -> FeedState:
    raise _NeedsMemoryError


def _report(done: Checked) -> None:
    update = done.update
    if update is None and done.kind is not Kind.UNKEPT:
        return
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
