"""One pass: check every feed that may be checked, try every open delivery, and end.

For cron, for trying out, and for the demonstration; the daemon uses the same parts.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TextIO

from monitor.app.outbox import Courier
from monitor.app.pipeline import Checked, Kind
from monitor.core.feeds.schedule import may_poll
from monitor.errors import EX_CANTCREAT, EX_OK, EX_TEMPFAIL, NoChannelError
from monitor.model import Decision, Feed
from monitor.ports import Clock, Store
from monitor.service.assembly import Parts, assemble, courier, muted_now
from monitor.service.deliver import drain
from monitor.service.upkeep import tidy
from monitor.settings.load import Config
from monitor.stores.ledger import TinyLedger
from monitor.stores.lock import StateLock
from monitor.stores.overlay import Overlay
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore


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
    failures: tuple[tuple[str, str], ...] = ()
    decided: tuple[tuple[str, Decision], ...] = ()

    @property
    def exit_code(self) -> int:
        """73 where something could not be stored, 75 where a delivery waits, else 0."""
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
    if dry_run:
        store = Overlay(TinyStore.read(config.state))
        mutes = SystemFile(config.state).load().mutes
        return _pass(config, store, {}, mutes, clock, progress)
    if not config.channels:
        raise NoChannelError("no channel is configured: alerts would reach nobody")
    with StateLock.acquire(config.state):
        tiny = TinyStore.open(config.state, now=clock())
        try:
            ledgers = {c.name: TinyLedger.open(config.state, c.name) for c in config.channels}
            tidy(config, tiny, ledgers.values(), clock())
            couriers = {
                channel.name: courier(config, channel, ledgers[channel.name], clock, out)
                for channel in config.channels
            }
            mutes = SystemFile(config.state).load().mutes
            return _pass(config, tiny, couriers, mutes, clock, progress)
        finally:
            tiny.close(clock())


def _pass(
    config: Config,
    store: Store,
    couriers: Mapping[str, Courier],
    mutes: Mapping[str, float],
    clock: Clock,
    progress: Progress | None,
) -> OnceReport:
    began = time.monotonic()
    enabled = [feed for feed in config.feeds if feed.enabled]
    rows = store.rows()
    chosen = [f for f in enabled if may_poll(rows.get(f.id), config.polling, clock())]
    with ThreadPoolExecutor(1, thread_name_prefix="writer") as writer:
        parts = assemble(
            config,
            store,
            writer,
            settled=lambda d: d.channel in couriers and couriers[d.channel].settled(d),
            muted=lambda: muted_now(mutes, clock()),
            hand_over=lambda _: None,  # what is open is tried after all checks
            clock=clock,
        )
        checks = asyncio.run(_check_all(parts, chosen, config.polling.concurrency, progress))
    sent, pending = drain(store.open_deliveries(), couriers, clock)
    kinds = Counter(check.kind for check in checks)
    updates = [check.update for check in checks if check.update is not None]
    return OnceReport(
        feeds=len(enabled),
        polled=len(checks),
        changed=kinds[Kind.CHANGED],
        not_modified=kinds[Kind.UNCHANGED],
        failed=kinds[Kind.FAILED] + kinds[Kind.UNKEPT],
        new_articles=sum(update.new_articles for update in updates),
        alerts=sum(len(update.alerts) for update in updates),
        delivered=sent,
        pending=pending,
        seconds=round(time.monotonic() - began, 3),
        unkept=tuple(check.error for check in checks if check.kind is Kind.UNKEPT),
        failures=tuple((c.feed.name, c.error) for c in checks if c.kind is Kind.FAILED),
        decided=tuple(
            (check.feed.name, decision)
            for check in checks
            if check.update is not None
            for decision in check.update.decisions
        ),
    )


async def _check_all(
    parts: Parts, feeds: Sequence[Feed], concurrency: int, progress: Progress | None
) -> list[Checked]:
    """Checks the feeds, a bounded number at a time, and gives the outcomes in order."""
    waiting = iter(enumerate(feeds))
    done: dict[int, Checked] = {}

    async def work() -> None:
        for number, feed in waiting:
            done[number] = await parts.pipeline.check(feed)
            if progress is not None:
                progress(len(done), len(feeds))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(len(feeds), concurrency * 2)):
                group.create_task(work())
    finally:
        await parts.close()
    return [done[number] for number in sorted(done)]
