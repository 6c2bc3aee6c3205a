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
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from math import inf
from pathlib import Path

from monitor.app import logs
from monitor.app.health import Vitals, damage, vitals
from monitor.app.pipeline import Checked, Kind
from monitor.channels.pace import Pace
from monitor.channels.queue import Tried
from monitor.core.feeds import late
from monitor.core.feeds.schedule import AGAIN, after_unkept, at_start, spread
from monitor.errors import EX_OK, CannotWriteError, ConfigError, NoChannelError, RasidError
from monitor.model import Delivery, Feed, RunMark, SystemState
from monitor.net.slots import Slots
from monitor.ports import Clock
from monitor.service.agenda import Agenda, since_boot
from monitor.service.assembly import Parts, assemble, give_way, let_go, muted_now, settle_memory
from monitor.service.backfill import Backfills, Hits
from monitor.service.catchup import CatchUps
from monitor.service.desk import Around
from monitor.service.exporter import Exporter
from monitor.service.feedwatch import look
from monitor.service.heartbeat import beat
from monitor.service.operator import Operator
from monitor.service.pulse import Pulse
from monitor.service.reload import Watch
from monitor.service.requests import Clerk
from monitor.service.scheduler import Ticker
from monitor.service.sdnotify import Notifier
from monitor.service.senders import Senders
from monitor.service.turns import Turns, most_at_once, turn_of
from monitor.service.upkeep import tidy
from monitor.settings.load import Config
from monitor.stores import inforce
from monitor.stores.archive import SqliteArchive
from monitor.stores.inbox import Inbox
from monitor.stores.lock import StateLock
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore

log = logging.getLogger("rasid.service")

TICK = 0.25  # seconds; a feed is checked at most this late
FLUSH = 5.0  # seconds between two writings of the index
LOOK = 10.0  # seconds between two looks at which feeds fail
RESYNC = 900.0  # seconds between two looks at what is open
DAY = 86_400.0  # seconds between two tidyings
SIZING = 300.0  # seconds between two measurings of the state, which asks for each of its files
_LINED_UP = 500  # feeds in one turn of the loop: 4 ms
_BEGUN = 8  # checks in one turn of the loop
BEATS = 4  # signs of life within systemd's limit
HANGING = 3600.0  # seconds in which no check ended of those under way: each of them hangs
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
        self._elapsed = elapsed  # seconds, by a clock that nobody sets
        self._notifier = notifier
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._archive = SqliteArchive(config.state, keep=config.archive, clock=clock)
        self._senders = Senders(Around(clock, Pace(), on_tried=self._heard, on_error=self._failed))
        self._operator = Operator(
            config,
            system,
            clock,
            hand_over=self._senders.hand_over,
            settled=self._senders.settled,
        )
        self._clerk = Clerk(
            Inbox(config.state),
            store,
            system,
            clock,
            retry=self._senders.revive,
            drop=self._senders.drop,
        )
        self._exporter = Exporter(
            clock,
            look=self._vitals,
            is_ready=lambda: self._ready and not self._stop.is_set(),
            refused=self._operator.unheard,
        )
        self._exporter.prepare(config)
        self._succeeded = elapsed()  # a check, or else the start
        self._sized, self._bytes = -SIZING, 0
        self._mutes: Mapping[str, float] = system.load().mutes
        self._feeds = _enabled(config)
        self._agenda = Agenda()
        self._turns = Turns(config.polling)
        self._slots = Slots(config.polling.concurrency, config.polling.per_host)
        self._checks: dict[str, asyncio.Task[None]] = {}
        self._catch_ups = CatchUps(elapsed)
        self._backfills = Backfills(
            system,
            clock,
            is_busy=lambda feed_id: feed_id in self._turns or feed_id in self._catch_ups,
            fill=self._backfill,
            hand_over=self._senders.hand_over,
        )
        self._refused: tuple[Path, ...] = ()  # files that a refused configuration names
        self._watch = Watch(
            config.directory, lambda: (*self._config.files, *self._refused), read_at
        )
        self._flushed = self._tidied = self._handed_over = self._looked = time.monotonic()
        self._chore: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()  # of parts that a reload replaced
        self._reload_asked = False
        self._ready = self._starting = False
        self._pulse = Pulse(self._writer, self._senders)
        self._beating: asyncio.Task[None] | None = None
        self._felt = -inf
        self._ended = time.monotonic()  # the last check, or when the first one began
        self._stop = asyncio.Event()

    async def serve(self) -> None:
        """Works until a signal asks to stop; a second signal stops without waiting."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_stop_signal)
        loop.add_signal_handler(signal.SIGHUP, self._on_hangup)
        with self._notifier.extending():
            self._tidy()
            self._parts = self._assemble(self._config)
            inforce.keep(self._config.state, self._config.directory)
            settle_memory()
            give_way()
            self._senders.use(self._config)
            self._senders.hand_over(self._standing())
            self._plan(self._feeds.values())
        self._backfills.start(self._config)
        await self._exporter.serve()
        ticker = Ticker(self._tick, every=TICK)
        ticker.start()
        ledgers = self._senders.ledgers(self._config).values()
        self._operator.damage(damage(self._store, self._system, ledgers))
        self._operator.reloaded(())  # it was read whole; an earlier process may have refused it
        log.info("watching %d feeds with %d rules", len(self._feeds), len(self._config.rules))
        try:
            await self._stop.wait()
        finally:
            self._notifier.send("STOPPING=1", "STATUS=stopping")
            ticker.stop()
            with self._notifier.extending():
                await self._finish()
        log.info("stopped")

    def _on_stop_signal(self) -> None:
        if self._stop.is_set():
            for check in self._checks.values():
                check.cancel()
        for task in self._catch_ups.tasks:  # what waits for pages is kept
            task.cancel()
        self._stop.set()

    def _on_hangup(self) -> None:
        self._reload_asked = True

    def _assemble(self, config: Config) -> Parts:
        return assemble(
            config,
            self._store,
            self._writer,
            settled=self._senders.settled,
            muted=lambda: muted_now(self._mutes, self._clock()),
            hand_over=self._senders.hand_over,
            clock=self._clock,
            slots=self._slots,
            events=self._exporter,
            warm=True,
            archive=self._archive,
        )

    # --- checks ---------------------------------------------------------------------------------

    def _plan(self, feeds: Iterable[Feed], *, changed: bool = False) -> None:
        """Puts feeds on the agenda: overdue ones at once, the others as stored. One that is gone
        and that was `changed` in the configuration is tried at once: somebody cares for it."""
        now, elapsed = self._clock(), self._elapsed()
        rows = self._store.rows()
        later: list[tuple[float, Feed]] = []
        for feed in feeds:
            row = rows.get(feed.id)
            went_back = row is not None and row.last_check > now  # the clock
            self._catch_ups.note(late.at_once(row, now) if row and went_back else row, now)
            if row is not None and row.gone and changed:
                row = replace(row, gone=False, due=now)
            due = now if row is None else at_start(row, feed, self._config.polling, now)
            if due <= now:
                self._agenda.put(feed.id, elapsed)
            else:
                later.append((due, feed))
        for index, (due, feed) in enumerate(sorted(later, key=lambda pair: pair[0])):
            step_back = spread(feed, index, len(later))
            self._agenda.put(feed.id, elapsed + due - now + step_back)

    def _tick(self) -> None:
        self._line_up()
        if not self._stop.is_set():
            self._catch_ups.start(self._catch_up, self._match_overdue, self._is_taken)
        if not self._ready:
            self._ready = True
            self._notifier.send("READY=1", self._status())
        self._feel_pulse()
        if self._chore is None or self._chore.done():
            self._chore = self._next_chore()

    def _feel_pulse(self) -> None:
        """Gives systemd a sign of life a few times within its limit: only a tick leads to one, and
        only where the writer and the senders get on, and not all checks hang."""
        now, watchdog = time.monotonic(), self._notifier.watchdog
        idle = self._beating is None or self._beating.done()
        if watchdog and idle and now - self._felt >= watchdog / BEATS and not self._hangs(now):
            self._felt = now
            self._beating = asyncio.get_running_loop().create_task(self._beat())

    async def _beat(self) -> None:
        if await asyncio.to_thread(self._pulse.beats):
            self._notifier.send("WATCHDOG=1")

    def _hangs(self, now: float) -> bool:
        """Whether checks are under way of which none has ended for far too long."""
        return bool(self._checks) and now - self._ended > HANGING

    def _status(self) -> str:
        """How things stand, in a line for `systemctl status`."""
        rows = self._store.rows()
        known = [rows[feed_id] for feed_id in self._feeds if feed_id in rows]
        failing = sum(row.failures > 0 and not row.gone for row in known)
        ok = sum(row.last_ok > 0 and not row.failures and not row.gone for row in known)
        waiting = self._senders.waiting()
        return (
            f"STATUS=watching {len(self._feeds)} feeds: {ok} ok, {failing} failing; "
            f"{waiting} messages waiting"
        )

    def _is_taken(self, feed_id: str) -> bool:
        """Whether a feed is checked or waits for that, or is being filled."""
        return feed_id in self._turns or feed_id in self._backfills

    def _line_up(self) -> None:
        """Has feeds that are due wait for their turn; all of them, but the loop has its turns in
        between, since ten thousand would take a tenth of a second."""
        if self._stop.is_set():
            return
        due = self._agenda.take(self._elapsed(), _LINED_UP)
        for feed_id in due:
            feed = self._feeds.get(feed_id)
            # It is due still, before the feed's next pages
            if feed_id in self._catch_ups or feed_id in self._backfills:
                self._agenda.put(feed_id, self._elapsed())
            elif feed is not None and feed_id not in self._turns:
                self._turns.wait(turn_of(feed, self._store.row(feed_id)))
        if len(due) == _LINED_UP:
            asyncio.get_running_loop().call_soon(self._line_up)
        self._start_checks()

    def _start_checks(self) -> None:
        """Begins checks for those whose turn it is: more than exchanges run at once, since some of
        them are being parsed or stored. Few at a time, since each begins with half a millisecond's
        work."""
        if self._stop.is_set():
            return
        room = most_at_once(self._config.polling) - len(self._checks)
        begun = self._turns.take(max(min(room, _BEGUN), 0))
        if len(begun) == _BEGUN and not self._starting:
            self._starting = True
            asyncio.get_running_loop().call_soon(self._start_more)
        for feed_id in begun:
            feed = self._feeds.get(feed_id)
            if feed is None:  # taken out of the configuration meanwhile
                self._turns.done(feed_id)
                continue
            if not self._checks:
                self._ended = time.monotonic()
            check = asyncio.get_running_loop().create_task(self._check(feed))
            self._checks[feed_id] = check
            check.add_done_callback(partial(self._checked, feed_id))

    def _start_more(self) -> None:
        self._starting = False
        self._start_checks()

    def _heard(self, channel: str, tried: Tried) -> None:
        self._exporter.tried(channel, tried)
        self._operator.heard(channel, tried)

    def _failed(self, error: RasidError) -> None:
        self._operator.failed(error)

    def _checked(self, feed_id: str, _: asyncio.Task[None]) -> None:
        del self._checks[feed_id]
        self._ended = time.monotonic()
        self._turns.done(feed_id)
        self._start_checks()

    async def _check(self, feed: Feed) -> None:
        checked = await self._parts.pipeline.check(feed)
        self._exporter.checked(checked)
        if checked.kind in (Kind.CHANGED, Kind.UNCHANGED):
            self._succeeded = self._elapsed()
        wait, now = self._wait(checked), self._feeds.get(feed.id)
        kept = checked.kind is not Kind.UNKEPT
        if kept and now is not None and now != feed:  # the configuration changed it meanwhile
            self._plan([now], changed=True)
        else:
            self._agenda.put(feed.id, self._elapsed() + wait)
        self._catch_ups.note(self._store.row(feed.id), self._clock())
        if checked.fault is not None:
            await asyncio.to_thread(self._operator.failed, checked.fault)

    async def _catch_up(self, feed_id: str) -> None:
        """Reads pages that a feed's entries wait for."""
        await self._look(feed_id, self._parts.pipeline.catch_up)

    async def _match_overdue(self, feed_id: str) -> None:
        """Has a feed's entries wait no longer for pages, which it keeps its turn to ask for."""
        await self._look(feed_id, self._parts.pipeline.match_overdue)

    async def _backfill(self, feed: Feed, found: Hits) -> Checked:
        """Has new rules alert on what is remembered of a feed."""
        filled = await self._parts.pipeline.backfill(feed, found)
        self._exporter.checked(filled)
        if filled.fault is not None:
            await asyncio.to_thread(self._operator.failed, filled.fault)
        return filled

    async def _look(self, feed_id: str, work: Callable[[Feed], Awaitable[Checked]]) -> None:
        feed = self._feeds.get(feed_id)
        if feed is None:  # taken out of the configuration meanwhile
            return
        try:
            checked = await work(feed)
        except asyncio.CancelledError:  # for other rules, or the end
            self._catch_ups.note(self._store.row(feed_id), self._clock())
            raise
        self._exporter.checked(checked)
        row, now = self._store.row(feed_id), self._clock()
        if row is not None and checked.kind is Kind.UNKEPT:
            row = late.put_off(row, now + AGAIN)
        self._catch_ups.note(row, now)
        if checked.fault is not None:
            await asyncio.to_thread(self._operator.failed, checked.fault)

    def _wait(self, checked: Checked) -> float:
        """Seconds until the next check."""
        if checked.kind is Kind.UNKEPT or checked.update is None:
            now, feed = self._clock(), checked.feed
            row = self._store.row(feed.id)
            return after_unkept(row, feed, self._config.polling, now) - now
        row = checked.update.row
        if row.gone:
            self._looked = -LOOK  # the operator hears of it now
        return max(row.due - row.last_check, 0.0)  # of one clock's reading

    # --- chores: one at a time, off the loop ------------------------------------------------------

    def _next_chore(self) -> asyncio.Task[None] | None:
        now, loop = time.monotonic(), asyncio.get_running_loop()
        if self._watch.changed(now) or self._reload_asked:
            if self._reload_asked:
                self._watch.taken()
            self._reload_asked = False
            return loop.create_task(self._reload())
        if now - self._flushed >= FLUSH:
            self._flushed = now
            return loop.create_task(self._flush())
        if self._clerk.has_work():
            return loop.create_task(self._obey())
        if now - self._looked >= LOOK:
            self._looked = now
            return loop.create_task(self._look_at_feeds())
        return None

    async def _look_at_feeds(self) -> None:
        """Tells the operator which feeds go on failing, and which work again."""
        feeds, rows = tuple(self._feeds.values()), self._store.rows()
        await asyncio.to_thread(look, feeds, rows, self._operator, self._clock())
        await asyncio.to_thread(self._heartbeat)
        await self._exporter.serve()
        self._notifier.send(self._status())

    def _heartbeat(self) -> None:
        """Tells the operator once a day that all goes on."""
        ledgers = self._senders.ledgers(self._config).values()
        try:
            beat(self._config, self._store, self._system, ledgers, self._operator, self._clock())
        except RasidError as error:
            log.error("the heartbeat is put off: %s", error)

    def _vitals(self) -> Vitals:
        """How things stand. Reads the files of feeds that have something open."""
        now = self._elapsed()
        if now - self._sized >= SIZING:
            self._sized, self._bytes = now, self._store.size()
        return vitals(
            self._config,
            self._store.rows(),
            self._store.unsettled(self._senders.settled_for_good),
            self._senders.record,
            self._senders.ledgers(self._config),
            now=self._clock(),
            silence=now - self._succeeded,
            state_bytes=self._bytes,
        )

    async def _flush(self) -> None:
        """Writes the index in the writer's thread; losing it costs only due times. Now and then
        what is open is handed over again, should a file have been unreadable that was repaired
        since; once a day what is past its time is forgotten."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._writer, self._store.flush, self._clock())
            await asyncio.to_thread(self._look_at_disk)
            if time.monotonic() - self._handed_over >= RESYNC:
                self._handed_over = time.monotonic()
                await asyncio.to_thread(lambda: self._senders.hand_over(self._standing()))
            if time.monotonic() - self._tidied >= DAY:
                await loop.run_in_executor(self._writer, self._tidy)
        except RasidError as error:
            log.error("the index was not written, will be tried again: %s", error)
            await asyncio.to_thread(self._operator.failed, error)

    def _look_at_disk(self) -> None:
        """Tells the operator while there is still room for the telling, and when there is again."""
        if self._store.tight():
            self._operator.failed(CannotWriteError("the disk is full, or nearly: make room"))
        else:
            self._operator.written()

    def _tidy(self) -> None:
        self._tidied = time.monotonic()
        ledgers = self._senders.ledgers(self._config).values()
        notices = self._system.load().notices
        settled = self._senders.settled
        tidy(self._config, self._store, ledgers, notices, self._clock(), settled=settled)
        self._archive.prune()

    async def _obey(self) -> None:
        """Does what other commands ask for."""
        await asyncio.to_thread(self._clerk.work)
        self._mutes = self._system.load().mutes

    def _standing(self) -> tuple[Delivery, ...]:
        waiting = self._store.unsettled(self._senders.settled_for_good)
        return (*waiting, *self._system.load().notices)

    async def _reload(self) -> None:
        """Reads the configuration and puts it into force, or leaves the old one and says why."""
        self._notifier.send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            config = with_channels(await asyncio.to_thread(self._read_again))
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
            log.info("configuration read: %d feeds, %d rules", len(self._feeds), len(config.rules))
            await asyncio.to_thread(self._note_reload, ())
        self._notifier.send("READY=1", self._status())

    async def _put_in_force(self, config: Config, parts: Parts) -> None:
        if config.state != self._config.state:
            log.warning("state: another folder takes a restart; the old one stays in use")
            config = replace(config, state=self._config.state)
        await asyncio.to_thread(self._senders.use, config)
        old_feeds, old_parts = self._feeds, self._parts
        self._config, self._parts, self._feeds = config, parts, _enabled(config)
        self._refused = ()
        self._turns.limit(config.polling)
        self._slots.limit(config.polling.concurrency, config.polling.per_host)
        under_way = [*self._checks.values(), *self._catch_ups.tasks]
        for task in self._catch_ups.tasks:  # what waits for pages is matched by the new rules
            task.cancel()
        changed = (feed for feed in self._feeds.values() if old_feeds.get(feed.id) != feed)
        self._plan(changed, changed=True)
        logs.change(config.log_level, config.log_format)
        self._store.alerted_for = config.seen
        self._operator.use(config)
        self._exporter.prepare(config)
        await self._exporter.serve()
        self._clerk.start_over()  # a sender that ended left undone what it was asked
        await asyncio.to_thread(lambda: self._senders.hand_over(self._standing()))
        if self._archive.keep != config.archive:
            self._archive.keep = config.archive
            await asyncio.get_running_loop().run_in_executor(self._writer, self._archive.prune)
        self._backfills.start(config)
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
        ending = asyncio.to_thread(self._senders.stop, GRACE)
        await self._backfills.stop()
        await asyncio.gather(self._end_checks(), ending)
        for task in (self._chore, self._beating):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await asyncio.gather(*self._closing, self._parts.close(), self._exporter.close())
        self._writer.shutdown(wait=True)
        self._archive.close()

    async def _end_checks(self) -> None:
        await asyncio.gather(*self._catch_ups.tasks, return_exceptions=True)
        if not self._checks:
            return
        log.info("waiting for %d checks under way", len(self._checks))
        _, overrun = await asyncio.wait(self._checks.values(), timeout=GRACE)
        for check in overrun:
            check.cancel()
        await asyncio.gather(*overrun, return_exceptions=True)


def with_channels(config: Config) -> Config:
    """The configuration, if alerts would reach somebody; else NoChannelError."""
    if not config.channels:
        raise NoChannelError("no channel is configured: alerts would reach nobody")
    return config


def _begun(state: SystemState, mark: RunMark) -> SystemState:
    """A run begins, with a configuration that is right: an earlier one may have been refused."""
    if state.reload_ok:
        return replace(state, run=mark)
    return replace(state, run=mark, reload_ok=True, reload_at=mark.started_at, reload_errors=())


def _in_force(mark: RunMark, config: Config) -> RunMark:
    rules = sum(rule.enabled for rule in config.rules)
    return replace(mark, feeds=len(_enabled(config)), rules=rules)


def _enabled(config: Config) -> dict[str, Feed]:
    return {feed.id: feed for feed in config.feeds if feed.enabled}


async def _close_after(checks: Sequence[asyncio.Task[None]], parts: Parts) -> None:
    """Closes the parts that a reload replaced, once no check uses them."""
    if checks:
        await asyncio.wait(checks)
    await parts.close()
    let_go()
