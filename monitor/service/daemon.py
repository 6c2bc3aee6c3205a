"""The daemon: ticks over due feeds until SIGTERM, while senders deliver in threads of their own.

    start   lock, state, senders with what is open, every feed on the agenda
    tick    due feeds -> checks; the index written behind; systemd told
    stop    no new checks, those under way end or are given up, senders end, state closed

A check that is given up has stored nothing, so the next start makes it again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Mapping, Sequence

from monitor.app.outbox import Courier, by_channel
from monitor.app.pipeline import Checked, Kind
from monitor.channels.sender import Sender
from monitor.core.feeds.schedule import at_start, spread
from monitor.errors import EX_OK, NoChannelError, RasidError
from monitor.model import Delivery, Feed, RunMark, SystemState
from monitor.ports import Clock
from monitor.service.agenda import Agenda
from monitor.service.assembly import Parts, assemble, couriers, muted_now
from monitor.service.scheduler import Ticker
from monitor.service.sdnotify import Notifier
from monitor.service.upkeep import tidy
from monitor.settings.load import Config
from monitor.stores.ledger import TinyLedger
from monitor.stores.lock import StateLock
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore

log = logging.getLogger("rasid.service")

TICK = 0.5  # seconds; a feed is checked at most this late
FLUSH = 5.0  # seconds between two writings of the index
AGAIN = 60.0  # seconds until a check is repeated whose outcome could not be stored
GRACE = 4.0  # seconds that checks, and then senders, have to end in


def run(config: Config, *, clock: Clock = time.time, notifier: Notifier | None = None) -> int:
    """Runs until SIGTERM or SIGINT; returns the exit code.

    Raises NoChannelError, LockedError, StateError, CannotWriteError before anything is fetched.
    """
    if not config.channels:
        raise NoChannelError("no channel is configured: alerts would reach nobody")
    with StateLock.acquire(config.state):
        store = TinyStore.open(config.state, now=clock())
        system = SystemFile(config.state)
        state = system.load()
        mark = RunMark(pid=os.getpid(), started_at=clock())
        system.save(_with_run(state, mark))
        try:
            daemon = Daemon(config, store, state.mutes, clock, notifier or Notifier({}))
            asyncio.run(daemon.serve())
        finally:
            store.close(clock())
        stopped = RunMark(pid=mark.pid, started_at=mark.started_at, stopped_at=clock())
        system.save(_with_run(system.load(), stopped))
    return EX_OK


def _with_run(state: SystemState, mark: RunMark) -> SystemState:
    return SystemState(
        mutes=state.mutes,
        run=mark,
        reload_ok=state.reload_ok,
        reload_at=state.reload_at,
        reload_errors=state.reload_errors,
    )


class Daemon:
    """One run over one configuration, on one event loop."""

    def __init__(
        self,
        config: Config,
        store: TinyStore,
        mutes: Mapping[str, float],
        clock: Clock,
        notifier: Notifier,
    ) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._notifier = notifier
        ledgers = {c.name: TinyLedger.open(config.state, c.name) for c in config.channels}
        tidy(config, store, ledgers.values(), clock())
        self._couriers: dict[str, Courier] = couriers(config, ledgers, clock, None)
        self._senders = {
            name: Sender(name, courier.attempt, clock=clock)
            for name, courier in self._couriers.items()
        }
        self._parts: Parts = assemble(
            config,
            store,
            self._couriers,
            muted=lambda: muted_now(mutes, clock()),
            hand_over=self._hand_over,
            clock=clock,
        )
        self._feeds: dict[str, Feed] = {feed.id: feed for feed in config.feeds if feed.enabled}
        self._agenda = Agenda()
        self._checks: set[asyncio.Task[None]] = set()
        self._flushed = time.monotonic()
        self._flushing: asyncio.Future[None] | None = None
        self._ready = False
        self._asked_to_stop = 0
        self._stop = asyncio.Event()

    async def serve(self) -> None:
        """Works until a signal asks to stop; a second signal stops without waiting."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)
        loop.add_signal_handler(signal.SIGHUP, self._on_hangup)
        for sender in self._senders.values():
            sender.start()
        self._hand_over(list(self._store.open_deliveries()))
        self._plan()
        ticker = Ticker(self._tick, every=TICK)
        ticker.start()
        log.info("watching %d feeds with %d rules", len(self._feeds), len(self._config.rules))
        try:
            await self._stop.wait()
        finally:
            self._notifier.send("STOPPING=1")
            ticker.stop()
            await self._finish()
        log.info("stopped")

    def _on_signal(self) -> None:
        self._asked_to_stop += 1
        self._stop.set()
        for check in self._checks if self._asked_to_stop > 1 else ():
            check.cancel()

    def _on_hangup(self) -> None:
        log.warning("SIGHUP: a changed configuration is read at the next start")

    def _plan(self) -> None:
        """Puts every feed on the agenda: overdue ones at once, the others as stored."""
        now, monotonic = self._clock(), time.monotonic()
        rows = self._store.rows()
        later: list[tuple[float, Feed]] = []
        for feed in self._feeds.values():
            row = rows.get(feed.id)
            due = now if row is None else at_start(row, feed, self._config.polling, now)
            if row is not None and row.gone:
                log.warning("%s: the server says the feed is gone (410); not checked", feed.name)
            elif due <= now:
                self._agenda.put(feed.id, monotonic)
            else:
                later.append((due, feed))
        for index, (due, feed) in enumerate(sorted(later, key=lambda pair: pair[0])):
            step_back = spread(feed, index, len(later))
            self._agenda.put(feed.id, monotonic + due - now + step_back)

    def _tick(self) -> None:
        room = self._config.polling.concurrency * 4 - len(self._checks)
        for feed_id in self._agenda.take(time.monotonic(), max(room, 0)):
            check = asyncio.get_running_loop().create_task(self._check(self._feeds[feed_id]))
            self._checks.add(check)
            check.add_done_callback(self._checks.discard)
        self._write_behind()
        if not self._ready:
            self._ready = True
            self._notifier.send("READY=1", f"STATUS=watching {len(self._feeds)} feeds")
        elif self._notifier.watchdog:
            self._notifier.send("WATCHDOG=1")

    async def _check(self, feed: Feed) -> None:
        checked = await self._parts.pipeline.check(feed)
        wait = self._wait(checked)
        if wait is not None:
            self._agenda.put(feed.id, time.monotonic() + wait)

    def _wait(self, checked: Checked) -> float | None:
        """Seconds until the next check, None where the server said that the feed is gone."""
        if checked.kind is Kind.UNKEPT or checked.update is None:
            return min(AGAIN, max(checked.feed.interval, 1.0))
        row = checked.update.row
        return None if row.gone else max(row.due - self._clock(), 0.0)

    def _hand_over(self, deliveries: Sequence[Delivery]) -> None:
        for name, waiting in by_channel(deliveries).items():
            courier = self._couriers.get(name)
            if courier is None:
                log.warning("%d deliveries wait for channel %s, not configured", len(waiting), name)
                continue
            open_ones = [(d, courier.due(d)) for d in waiting if not courier.settled(d)]
            self._senders[name].submit(open_ones)

    def _write_behind(self) -> None:
        """Writes the index in the writer's thread, now and then; losing it costs only polls."""
        busy = self._flushing is not None and not self._flushing.done()
        if busy or time.monotonic() - self._flushed < FLUSH:
            return
        self._flushed = time.monotonic()
        loop = asyncio.get_running_loop()
        self._flushing = loop.run_in_executor(self._parts.pipeline.writer, self._flush)

    def _flush(self) -> None:
        try:
            self._store.flush(self._clock())
        except RasidError as error:
            log.error("the index was not written, will be tried again: %s", error)

    async def _finish(self) -> None:
        if self._checks:
            log.info("waiting for %d checks under way", len(self._checks))
            _, late = await asyncio.wait(self._checks, timeout=GRACE)
            for check in late:
                check.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._flushing is not None:
            await self._flushing
        await self._parts.close()
        until = time.monotonic() + GRACE
        for name, sender in self._senders.items():
            if not await asyncio.to_thread(sender.stop, max(until - time.monotonic(), 0.0)):
                log.warning("%s: a send is still under way; it is marked if it is repeated", name)
