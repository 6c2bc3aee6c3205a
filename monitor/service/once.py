"""One pass: check every feed that may be checked, try every open delivery, and end.

For cron, for trying out, and for the demonstration; the daemon uses the same parts.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TextIO

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
from monitor.model import Decision, Delivery, Feed
from monitor.ports import Clock, Store
from monitor.service.assembly import Parts, assemble, muted_now
from monitor.service.feedwatch import look
from monitor.service.onepass import OnePass, Sent
from monitor.service.requests import carry_out_alone
from monitor.service.turns import Turns, turn_of
from monitor.service.upkeep import tidy
from monitor.settings.load import Config
from monitor.stores.inbox import Inbox
from monitor.stores.lock import StateLock
from monitor.stores.overlay import Overlay
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore

log = logging.getLogger("rasid.service")


@dataclass(frozen=True, slots=True)
class OnceReport:
    """What a pass did. `pending` counts the deliveries that are left open; `decided` are the
    entries that were new or edited, by feed name; `unkept` checks could not be stored."""

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

    @property
    def exit_code(self) -> int:
        """65 where a file of the state cannot be read, 73 where something could not be stored, 75
        where a delivery waits, else 0."""
        if self.damaged:
            return EX_DATA
        if self.unkept:
            return EX_CANTCREAT
        return EX_TEMPFAIL if self.pending else EX_OK


Progress = Callable[[int, int], None]


def once(
    config: Config,
    *,
    clock: Clock = time.time,
    dry_run: bool = False,
    out: TextIO | None = None,
    progress: Progress | None = None,
) -> OnceReport:
    """Makes one pass. `out` is where console channels print; `progress` hears (done, all).

    A dry run sends and stores nothing and takes no lock. Raises NoChannelError, LockedError,
    StateError, CannotWriteError.
    """
    began = time.monotonic()
    if dry_run:
        store = Overlay(TinyStore.read(config.state))
        mutes = SystemFile(config.state).load().mutes
        checks = _checks(config, store, lambda _: False, mutes, clock, progress)
        return _report(config, checks, Sent(), time.monotonic() - began)
    if not config.channels:
        raise NoChannelError("no channel is configured: alerts would reach nobody")
    with StateLock.acquire(config.state):
        tiny = TinyStore.open(config.state, now=clock(), alerted_for=config.seen)
        try:
            checks, sent = _whole_pass(config, tiny, clock, out, progress)
        finally:
            tiny.close(clock())
    return _report(config, checks, sent, time.monotonic() - began)


def _whole_pass(
    config: Config,
    store: TinyStore,
    clock: Clock,
    out: TextIO | None,
    progress: Progress | None,
) -> tuple[list[Checked], Sent]:
    system = SystemFile(config.state)
    outbox = OnePass(config, system, clock, out)
    notices = system.load().notices
    tidy(config, store, outbox.ledgers.values(), notices, clock(), settled=outbox.settled)
    _obey(Inbox(config.state), store, system, outbox, clock)
    mutes = system.load().mutes
    checks = _checks(config, store, outbox.settled, mutes, clock, progress)
    watched = [feed for feed in config.feeds if feed.enabled]
    look(watched, store.rows(), outbox.operator, clock(), gather=0.0)
    outbox.operator.damage([*system.problems(), *store.problems()])
    faults = [check.fault for check in checks if check.fault is not None]
    for fault in faults:
        outbox.operator.failed(fault)
    if store.tight():
        outbox.operator.failed(CannotWriteError("the disk is full, or nearly: make room"))
    elif not faults:
        outbox.operator.written()
    return checks, outbox.send(store.open_deliveries())


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


def _checks(
    config: Config,
    store: Store,
    settled: Callable[[Delivery], bool],
    mutes: Mapping[str, float],
    clock: Clock,
    progress: Progress | None,
) -> list[Checked]:
    enabled = [feed for feed in config.feeds if feed.enabled]
    rows = store.rows()
    chosen = [f for f in enabled if may_poll(rows.get(f.id), config.polling, clock())]
    with ThreadPoolExecutor(1, thread_name_prefix="writer") as writer:
        parts = assemble(
            config,
            store,
            writer,
            settled=settled,
            muted=lambda: muted_now(mutes, clock()),
            hand_over=lambda _: None,  # what is open is tried after all checks
            clock=clock,
        )
        turns = Turns(config.polling)
        for feed in chosen:
            turns.wait(turn_of(feed, rows.get(feed.id)))
        room = 2 * config.polling.concurrency
        return asyncio.run(_check_all(parts, chosen, turns, room, progress))


def _report(config: Config, checks: Sequence[Checked], sent: Sent, seconds: float) -> OnceReport:
    kinds = Counter(check.kind for check in checks)
    updates = [check.update for check in checks if check.update is not None]
    return OnceReport(
        feeds=sum(feed.enabled for feed in config.feeds),
        polled=len(checks),
        changed=kinds[Kind.CHANGED],
        not_modified=kinds[Kind.UNCHANGED],
        failed=kinds[Kind.FAILED] + kinds[Kind.UNKEPT],
        new_articles=sum(update.new_articles for update in updates),
        alerts=sum(len(update.alerts) for update in updates),
        delivered=sent.messages,
        pending=sent.left,
        seconds=round(seconds, 3),
        unkept=tuple(check.error for check in checks if check.kind is Kind.UNKEPT),
        damaged=sent.damaged or any(isinstance(check.fault, StateError) for check in checks),
        failures=tuple((c.feed.name, c.error) for c in checks if c.kind is Kind.FAILED),
        decided=tuple(
            (check.feed.name, decision)
            for check in checks
            if check.update is not None
            for decision in check.update.decisions
        ),
    )


async def _check_all(
    parts: Parts, feeds: Sequence[Feed], turns: Turns, room: int, progress: Progress | None
) -> list[Checked]:
    """Checks the feeds, `room` at a time and as their turns come, and gives the outcomes in order.
    `turns` has all of them waiting."""
    by_id = {feed.id: feed for feed in feeds}
    done: dict[str, Checked] = {}
    begun = 0

    async def check(feed: Feed) -> None:
        done[feed.id] = await parts.pipeline.check(feed)
        turns.done(feed.id)
        if progress is not None:
            progress(len(done), len(feeds))
        begin()

    def begin() -> None:
        nonlocal begun
        for feed_id in turns.take(room - (begun - len(done))):
            begun += 1
            group.create_task(check(by_id[feed_id]))

    try:
        async with asyncio.TaskGroup() as group:
            begin()
    finally:
        await parts.close()
    return [done[feed.id] for feed in feeds]
