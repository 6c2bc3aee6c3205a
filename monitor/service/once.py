"""One pass: check every feed that may be checked, try every open delivery, and end.

For cron, for trying out, and for the demonstration; the daemon uses the same parts.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from operator import itemgetter
from typing import TextIO, TypeVar

from monitor.app.pipeline import Checked, Kind
from monitor.core.feeds.schedule import may_poll
from monitor.errors import (
    EX_CANTCREAT,
    EX_DATA,
    EX_OK,
    EX_TEMPFAIL,
    CannotWriteError,
    NoChannelError,
    RasidError,
    StateError,
)
from monitor.model import Decision, Delivery, Feed, Verdict
from monitor.ports import Archive, Clock, Store, System
from monitor.service.assembly import Parts, assemble, muted_now, settle_memory
from monitor.service.backfill import Backfills, Hits
from monitor.service.catchup import MOST_CATCHING_UP
from monitor.service.feedwatch import look
from monitor.service.heartbeat import beat
from monitor.service.onepass import OnePass, Sent
from monitor.service.requests import carry_out_alone
from monitor.service.turns import Turns, most_at_once, turn_of
from monitor.service.upkeep import tidy
from monitor.settings.load import Config
from monitor.stores import inforce
from monitor.stores.archive import SqliteArchive
from monitor.stores.inbox import Inbox
from monitor.stores.lock import StateLock
from monitor.stores.overlay import Overlay
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore

T = TypeVar("T")

_CATCHING_UP = 300.0  # seconds of one feed

log = logging.getLogger("rasid.service")


@dataclass(frozen=True, slots=True)
class OnceReport:
    """What a pass did. `pending` counts the deliveries that are left open, `held_back` those of
    them that wait by the operator's own wish; `decided` are the entries that were new or edited, by
    feed name, where they were asked for; `unkept` checks could not be stored."""

    feeds: int
    polled: int
    changed: int
    not_modified: int
    failed: int
    new_articles: int
    alerts: int
    delivered: int
    pending: int
    seconds: float
    unkept: tuple[str, ...] = ()
    damaged: bool = False
    failures: tuple[tuple[str, str], ...] = ()
    decided: tuple[tuple[str, Decision], ...] = ()
    held_back: int = 0

    @property
    def exit_code(self) -> int:
        """65 where a file of the state cannot be read, 73 where something could not be stored, 75
        where a delivery waits that nobody holds back, else 0."""
        if self.damaged:
            return EX_DATA
        if self.unkept:
            return EX_CANTCREAT
        return EX_TEMPFAIL if self.pending > self.held_back else EX_OK


Progress = Callable[[int, int], None]


def once(
    config: Config,
    *,
    clock: Clock = time.time,
    dry_run: bool = False,
    out: TextIO | None = None,
    progress: Progress | None = None,
    keep_decisions: bool = False,
) -> OnceReport:
    """Makes one pass. `out` is where console channels print; `progress` hears (done, all).

    A dry run sends and stores nothing and takes no lock. Raises NoChannelError, LockedError,
    StateError, CannotWriteError.
    """
    began = time.monotonic()
    tally = _Tally(keep_decisions=keep_decisions, progress=progress)
    if dry_run:
        store = Overlay(TinyStore.read(config.state))
        mutes = SystemFile(config.state).load().mutes
        _check(config, store, lambda _: False, mutes, clock, tally)
        return _report(config, tally, Sent(), time.monotonic() - began)
    if not config.channels:
        raise NoChannelError("no channel is configured: alerts would reach nobody")
    with StateLock.acquire(config.state):
        tiny = TinyStore.open(config.state, now=clock(), alerted_for=config.seen)
        try:
            sent = _whole_pass(config, tiny, clock, out, tally)
        finally:
            tiny.close(clock())
    return _report(config, tally, sent, time.monotonic() - began)


def _whole_pass(
    config: Config,
    store: TinyStore,
    clock: Clock,
    out: TextIO | None,
    tally: _Tally,
) -> Sent:
    system = SystemFile(config.state)
    outbox = OnePass(config, store, system, clock, out)
    notices = system.load().notices
    tidy(config, store, outbox.ledgers.values(), notices, clock(), settled=outbox.settled)
    _obey(Inbox(config.state), store, system, outbox, clock)
    mutes = system.load().mutes
    archive = SqliteArchive(
        config.state,
        keep=config.archive,
        largest=config.archive_bytes,
        clock=clock,
        patient=True,  # no alert waits for it: they go out after all checks
    )
    archive.prune()
    if store.tight():
        archive.give_way()
        archive.flush()
    inforce.keep(config.state, config.directory)
    try:
        _check(config, store, outbox.settled, mutes, clock, tally, archive, system)
    finally:
        archive.close()
    watched = [feed for feed in config.feeds if feed.enabled]
    look(watched, store.rows(), outbox.operator, clock(), gather=0.0)
    beat(config, store, system, outbox.ledgers.values(), outbox.operator, clock())
    outbox.operator.damage([*system.problems(), *store.problems()])
    for fault in tally.faults:
        outbox.operator.failed(fault)
    if store.tight():
        outbox.operator.failed(CannotWriteError("the disk is full, or nearly: make room"))
    elif not tally.faults:
        outbox.operator.written()
    sent = outbox.send(store.unsettled(outbox.settled_for_good))
    store.unsettled(outbox.settled_for_good)  # of what went out now, the next pass reads nothing
    return sent


def _obey(
    inbox: Inbox, store: TinyStore, system: SystemFile, outbox: OnePass, clock: Clock
) -> None:
    """Does what was asked of a process that ended since; what cannot be done waits."""
    for path, request in inbox.waiting():
        try:
            carry_out_alone(
                request, store=store, system=system, ledgers=outbox.ledgers, clock=clock
            )
            inbox.done(path)
        except RasidError as error:
            log.error("a request is put off: %s", error)


class _Tally:
    """What is kept of the checks of a pass: the rest would fill the memory with thousands of
    feeds."""

    def __init__(self, *, keep_decisions: bool, progress: Progress | None) -> None:
        self.kinds: Counter[Kind] = Counter()
        self.new_articles = self.alerts = 0
        self.faults: list[RasidError] = []
        self._unkept: list[tuple[int, str]] = []
        self._failures: list[tuple[int, tuple[str, str]]] = []
        self._decided: list[tuple[int, tuple[str, Decision]]] = []
        self._keep_decisions = keep_decisions
        self._progress = progress

    def add(self, number: int, check: Checked, feeds: int) -> None:
        """Counts the check of the feed of that number, of so many feeds."""
        self.kinds[check.kind] += 1
        if check.kind is Kind.FAILED:
            self._failures.append((number, (check.feed.name, check.error)))
        self.add_pages(number, check)
        if self._progress is not None:
            self._progress(self.kinds.total(), feeds)

    def add_pages(self, number: int, check: Checked) -> None:
        """Counts what the pages of a feed's entries brought; a check brings the same, and more."""
        if check.fault is not None:
            self.faults.append(check.fault)
        if check.kind is Kind.UNKEPT:
            self._unkept.append((number, check.error))
        if (update := check.update) is None:
            return
        self.new_articles += update.new_articles
        self.alerts += len(update.alerts)
        if self._keep_decisions:
            decided = [d for d in update.decisions if d.verdict is not Verdict.AWAITED]
            self._decided += [(number, (check.feed.name, each)) for each in decided]

    @property
    def unkept(self) -> tuple[str, ...]:
        return _in_order(self._unkept)

    @property
    def failures(self) -> tuple[tuple[str, str], ...]:
        return _in_order(self._failures)

    @property
    def decided(self) -> tuple[tuple[str, Decision], ...]:
        return _in_order(self._decided)


def _in_order(numbered: list[tuple[int, T]]) -> tuple[T, ...]:
    """What checks told, in the order of their feeds."""
    return tuple(told for _, told in sorted(numbered, key=itemgetter(0)))


def _check(
    config: Config,
    store: Store,
    settled: Callable[[Delivery], bool],
    mutes: Mapping[str, float],
    clock: Clock,
    tally: _Tally,
    archive: Archive | None = None,
    system: System | None = None,
) -> None:
    enabled = [feed for feed in config.feeds if feed.enabled]
    rows = store.rows()
    chosen = [f for f in enabled if may_poll(rows.get(f.id), config.polling, clock())]
    taken = {feed.id for feed in chosen}
    left = [f for f in enabled if f.id not in taken and rows[f.id].late]
    with ThreadPoolExecutor(1, thread_name_prefix="writer") as writer:
        parts = assemble(
            config,
            store,
            writer,
            settled=settled,
            muted=lambda: muted_now(mutes, clock()),
            hand_over=lambda _: None,  # what is open is tried after all checks
            clock=clock,
            archive=archive,
        )
        settle_memory()
        turns = Turns(config.polling)
        for feed in chosen:
            turns.wait(turn_of(feed, rows.get(feed.id)))
        room = most_at_once(config.polling)

        async def fill() -> None:
            if system is not None and archive is not None:
                await _backfill(config, system, clock, parts, tally, archive)

        asyncio.run(_check_all(parts, chosen, left, turns, room, tally, fill))


async def _backfill(
    config: Config, system: System, clock: Clock, parts: Parts, tally: _Tally, archive: Archive
) -> None:
    """Lays new rules on what is remembered, once all feeds are checked."""

    async def fill(feed: Feed, found: Hits) -> Checked:
        filled = await parts.pipeline.backfill(feed, found)
        tally.add_pages(len(config.feeds), filled)
        return filled

    backfills = Backfills(
        system,
        clock,
        is_busy=lambda _: False,
        fill=fill,
        hand_over=lambda _: None,
        settle=archive.flush,
    )
    try:
        await backfills.work(config)
    except RasidError as error:
        tally.faults.append(error)


async def _catch_up(parts: Parts, number: int, feed: Feed, tally: _Tally) -> None:
    """Reads the pages that a feed's entries wait for: until all were asked for, or for so long that
    every entry was matched meanwhile, on its page or on what the feed says."""
    end = time.monotonic() + _CATCHING_UP
    while parts.pipeline.is_behind(feed) and time.monotonic() < end:
        looked = await parts.pipeline.catch_up(feed)
        tally.add_pages(number, looked)
        if looked.update is None:  # nothing could be done, or nothing of it kept
            return


def _report(config: Config, tally: _Tally, sent: Sent, seconds: float) -> OnceReport:
    kinds = tally.kinds
    return OnceReport(
        feeds=sum(feed.enabled for feed in config.feeds),
        polled=kinds.total(),
        changed=kinds[Kind.CHANGED],
        not_modified=kinds[Kind.UNCHANGED],
        failed=kinds[Kind.FAILED] + kinds[Kind.UNKEPT],
        new_articles=tally.new_articles,
        alerts=tally.alerts,
        delivered=sent.messages,
        pending=sent.left,
        seconds=round(seconds, 3),
        unkept=tally.unkept,
        damaged=sent.damaged or any(isinstance(fault, StateError) for fault in tally.faults),
        failures=tally.failures,
        decided=tally.decided,
        held_back=sent.held_back,
    )


async def _check_all(
    parts: Parts,
    feeds: Sequence[Feed],
    left: Sequence[Feed],
    turns: Turns,
    room: int,
    tally: _Tally,
    then: Callable[[], Awaitable[None]],
) -> None:
    """Checks the feeds, `room` at a time and as their turns come; of those that are `left`, which
    may not be checked now, it only reads the pages that their entries wait for. `turns` has all
    others waiting. `then` is done when all is."""
    numbered = {feed.id: (number, feed) for number, feed in enumerate(feeds)}
    under_way = 0
    catching_up = asyncio.Semaphore(MOST_CATCHING_UP)

    async def check(number: int, feed: Feed) -> None:
        nonlocal under_way
        tally.add(number, await parts.pipeline.check(feed), len(feeds))
        under_way -= 1
        turns.done(feed.id)
        begin()
        await catch_up(number, feed)

    async def catch_up(number: int, feed: Feed) -> None:
        async with catching_up:
            await _catch_up(parts, number, feed, tally)

    def begin() -> None:
        nonlocal under_way
        for feed_id in turns.take(room - under_way):
            under_way += 1
            group.create_task(check(*numbered[feed_id]))

    try:
        async with asyncio.TaskGroup() as group:
            begin()
            for number, feed in enumerate(left, start=len(feeds)):
                group.create_task(catch_up(number, feed))
        await then()
    finally:
        await parts.close()
