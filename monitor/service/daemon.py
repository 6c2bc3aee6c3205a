"""The daemon: ticks over due feeds until SIGTERM, while senders deliver in threads of their own.

    start   lock, state, senders with what is open, every feed on the agenda
    tick    due feeds -> checks; the index written behind; changed files read again; systemd told
    stop    no new checks, those under way end or are given up, senders end, state closed

A check that is given up has stored nothing, so the next start makes it again. A changed
configuration is read whole before it replaces the old one; one with an error is told and left.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.app import logs
from monitor.app.health import Vitals
from monitor.channels.pace import Pace
from monitor.channels.queue import Tried
from monitor.errors import EX_OK, ConfigError, NoChannelError, RasidError
from monitor.model import RunMark, SystemState
from monitor.net.slots import Slots
from monitor.ports import Clock
from monitor.service.agenda import since_boot
from monitor.service.assembly import Parts, assemble, give_way, let_go, muted_now, settle_memory
from monitor.service.checks import Checks, enabled
from monitor.service.chores import Chores
from monitor.service.desk import Around
from monitor.service.edits import changes, mostly_gone, refuse_emptied
from monitor.service.exporter import Exporter
from monitor.service.operator import Operator
from monitor.service.pulse import Pulse
from monitor.service.reload import Watch
from monitor.service.requests import Clerk
from monitor.service.scheduler import Ticker
from monitor.service.sdnotify import Notifier
from monitor.service.senders import Senders
from monitor.settings.load import Config
from monitor.stores import inforce
from monitor.stores.archive import SqliteArchive
from monitor.stores.inbox import Inbox
from monitor.stores.lock import StateLock
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore

log = logging.getLogger("rasid.service")

TICK = 0.25  # seconds; a feed is checked at most this late
LOOK = 10.0  # seconds between two showings of how things stand
BEATS = 4  # signs of life within systemd's limit
GRACE = 4.0  # seconds that checks, and then senders, have to end in


def run(
    config: Config,
    *,
    read_again: Callable[[], Config],
    clock: Clock = time.time,
    notifier: Notifier | None = None,
    read_at: float | None = None,
) -> int:
    """Runs until SIGTERM or SIGINT; returns the exit code. `read_again` loads the configuration
    after a change, raising ConfigError where it is wrong; `read_at` is when reading this one began,
    in seconds since 1970.

    Raises NoChannelError, LockedError, StateError, CannotWriteError before anything is fetched.
    """
    with_channels(config)
    with StateLock.acquire(config.state):
        notifier = notifier or Notifier({})
        with notifier.extending():
            store = TinyStore.open(config.state, now=clock(), alerted_for=config.seen)
        system = SystemFile(config.state)
        _tell_of_crash(system.load().run)
        mark = _in_force(RunMark(pid=os.getpid(), started_at=clock()), config)
        system.update(lambda state: _begun(state, mark))
        try:
            daemon = Daemon(config, store, system, read_again, clock, notifier, read_at=read_at)
            asyncio.run(daemon.serve())
        finally:
            with notifier.extending():
                store.close(clock())
        system.update(lambda state: replace(state, run=replace(mark, stopped_at=clock())))
    return EX_OK


class Daemon:
    """One run over one state, on one event loop."""

    def __init__(
        self,
        config: Config,
        store: TinyStore,
        system: SystemFile,
        read_again: Callable[[], Config],
        clock: Clock,
        notifier: Notifier,
        elapsed: Clock = since_boot,
        *,
        read_at: float | None = None,
    ) -> None:
        self._config = config
        self._store = store
        self._system = system
        self._read_again = read_again
        self._clock = clock
        self._notifier = notifier
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._archive = SqliteArchive(
            config.state, keep=config.archive, largest=config.archive_bytes, clock=clock
        )
        self._slots = Slots(config.polling.concurrency, config.polling.per_host)
        self._senders = Senders(
            Around(
                clock,
                Pace(),
                on_tried=self._heard,
                on_error=self._failed,
                outlets=store.outlets,
            )
        )
        hand_over = self._senders.hand_over
        self._operator = Operator(
            config, system, clock, hand_over=hand_over, settled=self._senders.settled
        )
        self._exporter = Exporter(
            clock,
            look=self._vitals,
            is_ready=lambda: self._ready and not self._stop.is_set(),
            refused=self._operator.unheard,
        )
        self._exporter.prepare(config)
        self._checks = Checks(
            config,
            store,
            system,
            clock,
            elapsed,
            exporter=self._exporter,
            operator=self._operator,
            gone=self._look_soon,
            hand_over=hand_over,
            settle=self._archive.flush,
        )
        inbox = Inbox(config.state)
        self._clerk = Clerk(inbox, store, system, clock, acts=self._senders.acts)
        self._chores = Chores(
            config,
            store,
            system,
            clock,
            archive=self._archive,
            writer=self._writer,
            senders=self._senders,
            operator=self._operator,
            clerk=self._clerk,
            checks=self._checks,
        )
        self._refused: tuple[Path, ...] = ()  # files that a refused configuration names
        self._watch = Watch(
            config.directory, lambda: (*self._config.files, *self._refused), read_at
        )
        self._chore: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()  # of parts that a reload replaced
        self._reload_asked = self._ready = False
        self._pulse = Pulse(self._writer, self._senders)
        self._beating: asyncio.Task[None] | None = None
        self._felt = self._told = -inf
        self._stop = asyncio.Event()

    async def serve(self) -> None:
        """Works until a signal asks to stop; a second signal stops without waiting."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_stop_signal)
        loop.add_signal_handler(signal.SIGHUP, self._on_hangup)
        with self._notifier.extending():
            self._chores.tidy()
            self._parts = self._assemble(self._config)
            inforce.keep(self._config.state, self._config.directory)
            settle_memory()
            give_way()
            self._senders.use(self._config)
            self._chores.hand_over()
            self._checks.begin(self._parts)
        self._checks.backfill()
        await self._exporter.serve()
        ticker = Ticker(self._tick, every=TICK)
        ticker.start()
        self._chores.tell_damage()
        self._operator.reloaded(())  # it was read whole; an earlier process may have refused it
        feeds, rules = len(enabled(self._config)), len(self._config.rules)
        log.info("watching %d feeds with %d rules", feeds, rules)
        try:
            await self._stop.wait()
        finally:
            self._notifier.send("STOPPING=1", "STATUS=stopping")
            ticker.stop()
            with self._notifier.extending():
                await self._finish()
        log.info("stopped")

    def _on_stop_signal(self) -> None:
        self._checks.stop(at_once=self._stop.is_set())
        self._stop.set()

    def _on_hangup(self) -> None:
        self._reload_asked = True

    def _heard(self, channel: str, tried: Tried) -> None:
        self._exporter.tried(channel, tried)
        self._operator.heard(channel, tried)

    def _failed(self, error: RasidError) -> None:
        self._operator.failed(error)

    def _vitals(self) -> Vitals:
        return self._chores.vitals()

    def _look_soon(self) -> None:
        self._chores.look_soon()

    def _assemble(self, config: Config) -> Parts:
        return assemble(
            config,
            self._store,
            self._writer,
            settled=self._senders.settled,
            muted=lambda: muted_now(self._chores.mutes, self._clock()),
            hand_over=self._senders.hand_over,
            clock=self._clock,
            slots=self._slots,
            events=self._exporter,
            warm=True,
            archive=self._archive,
        )

    def _tick(self) -> None:
        self._checks.tick()
        if not self._ready:
            self._ready = True
            self._notifier.send("READY=1", self._chores.status())
        self._feel_pulse()
        if self._chore is None or self._chore.done():
            self._chore = self._next_chore()

    def _feel_pulse(self) -> None:
        """Gives systemd a sign of life a few times within its limit: only a tick leads to one, and
        only where the writer and the senders get on, and not all checks hang."""
        now, watchdog = time.monotonic(), self._notifier.watchdog
        idle = self._beating is None or self._beating.done()
        if watchdog and idle and now - self._felt >= watchdog / BEATS and not self._checks.hang:
            self._felt = now
            self._beating = asyncio.get_running_loop().create_task(self._beat())

    async def _beat(self) -> None:
        if await asyncio.to_thread(self._pulse.beats):
            self._notifier.send("WATCHDOG=1")

    def _next_chore(self) -> asyncio.Task[None] | None:
        now, loop = time.monotonic(), asyncio.get_running_loop()
        if self._watch.changed(now) or self._reload_asked:
            if self._reload_asked:
                self._watch.taken()
            self._reload_asked = False
            return loop.create_task(self._reload())
        if now - self._told >= LOOK:
            self._told = now
            return loop.create_task(self._show())
        chore = self._chores.due()
        return None if chore is None else loop.create_task(chore)

    async def _show(self) -> None:
        """Has others see how things stand, and listens where that could not be had so far."""
        await self._exporter.serve()
        self._notifier.send(self._chores.status())

    # --- a changed configuration ----------------------------------------------------------------

    async def _reload(self) -> None:
        """Reads the configuration and puts it into force, or leaves the old one and says why."""
        self._notifier.send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        before = self._config
        try:
            config = with_channels(await asyncio.to_thread(self._read_again))
            refuse_emptied(config, self._config)
            parts = await asyncio.to_thread(self._assemble, config)
            await self._put_in_force(config, parts)
            await asyncio.to_thread(inforce.keep, self._config.state, config.directory)
        except RasidError as error:
            problems = error.problems if isinstance(error, ConfigError) else (error,)
            errors = tuple(map(str, problems))
            named = error.files if isinstance(error, ConfigError) else ()
            self._refused = tuple(map(Path, named))
            log.error("configuration refused, the old one stays: %s", "; ".join(errors))
            await asyncio.to_thread(self._note_reload, errors)
        except Exception:
            log.exception("fault in a reload; the old configuration stays")
            await asyncio.to_thread(self._note_reload, ("a fault in rasid: see the log",))
        else:
            feeds, rules = len(enabled(config)), len(config.rules)
            changed = changes(before, config)
            log.info("configuration read: %d feeds, %d rules%s", feeds, rules, changed)
            await asyncio.to_thread(self._note_reload, ())
            if gone := mostly_gone(before, config):
                await asyncio.to_thread(self._operator.most_gone, gone, rules)
        self._notifier.send("READY=1", self._chores.status())

    async def _put_in_force(self, config: Config, parts: Parts) -> None:
        if config.state != self._config.state:
            log.warning("state: another folder takes a restart; the old one stays in use")
            config = replace(config, state=self._config.state)
        await asyncio.to_thread(self._senders.use, config)
        old_parts = self._parts
        self._config, self._parts = config, parts
        self._refused = ()
        self._slots.limit(config.polling.concurrency, config.polling.per_host)
        under_way = self._checks.use(config, parts)
        self._chores.use(config)
        logs.change(config.log_level, config.log_format, ZoneInfo(config.timezone))
        self._store.alerted_for = config.seen
        self._operator.use(config)
        self._exporter.prepare(config)
        await self._exporter.serve()
        self._clerk.start_over()  # a sender that ended left undone what it was asked
        await asyncio.to_thread(self._chores.hand_over)
        self._archive.keep, self._archive.largest = config.archive, config.archive_bytes
        self._archive.prune()
        self._checks.backfill()
        closing = asyncio.get_running_loop().create_task(_close_after(under_way, old_parts))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _note_reload(self, errors: tuple[str, ...]) -> None:
        now = self._clock()
        self._exporter.reloaded(ok=not errors)
        try:
            self._system.update(
                lambda state: replace(
                    state,
                    run=state.run and _in_force(state.run, self._config),
                    reload_ok=not errors,
                    reload_at=now,
                    reload_errors=errors,
                )
            )
        except RasidError as error:
            log.error("the reload was not noted: %s", error)
        self._operator.reloaded(errors)

    # --- the end ----------------------------------------------------------------------------------

    async def _finish(self) -> None:
        await self._checks.end_backfill()
        ending = asyncio.to_thread(self._senders.stop, GRACE)
        await asyncio.gather(self._checks.end(GRACE), ending)
        for task in (self._chore, self._beating):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await asyncio.gather(*self._closing, self._parts.close(), self._exporter.close())
        self._writer.shutdown(wait=True)
        await asyncio.to_thread(self._archive.close)


def with_channels(config: Config) -> Config:
    """The configuration, if alerts would reach somebody; else NoChannelError."""
    if not config.channels:
        raise NoChannelError("no channel is configured: alerts would reach nobody")
    return config


def _tell_of_crash(run: RunMark | None) -> None:
    if run is not None and run.stopped_at is None:
        since = datetime.fromtimestamp(run.started_at, UTC).isoformat(timespec="seconds")
        log.warning(
            "the run before this one, begun %s, was cut off; what it was sending may come twice, "
            "and then says so",
            since,
        )


def _begun(state: SystemState, mark: RunMark) -> SystemState:
    """A run begins, with a configuration that is right: an earlier one may have been refused."""
    if state.reload_ok:
        return replace(state, run=mark)
    return replace(state, run=mark, reload_ok=True, reload_at=mark.started_at, reload_errors=())


def _in_force(mark: RunMark, config: Config) -> RunMark:
    rules = sum(rule.enabled for rule in config.rules)
    return replace(mark, feeds=len(enabled(config)), rules=rules)


async def _close_after(checks: Sequence[asyncio.Task[None]], parts: Parts) -> None:
    """Closes the parts that a reload replaced, once no check uses them."""
    if checks:
        await asyncio.wait(checks)
    await parts.close()
    let_go()
