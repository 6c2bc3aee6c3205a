"""What the daemon does beside its checks, one thing at a time and off the event loop: the index
written behind, the operator's wishes, looks at how feeds and the disk fare, tidying.

This module must not check feeds, nor read the configuration.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Mapping
from concurrent.futures import Executor
from typing import Any

from monitor.app.health import Vitals, damage, vitals
from monitor.errors import CannotWriteError, RasidError
from monitor.model import Delivery
from monitor.ports import Clock
from monitor.service.checks import Checks, enabled
from monitor.service.feedwatch import look
from monitor.service.heartbeat import beat
from monitor.service.operator import Operator
from monitor.service.requests import Clerk
from monitor.service.senders import Senders
from monitor.service.upkeep import tidy
from monitor.settings.load import Config
from monitor.stores.archive import SqliteArchive
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore

log = logging.getLogger("rasid.service")

FLUSH = 5.0  # seconds between two writings of the index
LOOK = 10.0  # seconds between two looks at which feeds fail
RESYNC = 900.0  # seconds between two looks at what is open
DAY = 86_400.0  # seconds between two tidyings
SIZING = 300.0  # seconds between two measurings of the state, which asks for each of its files


class Chores:
    """For one event loop. `writer` is the thread that commits."""

    def __init__(
        self,
        config: Config,
        store: TinyStore,
        system: SystemFile,
        clock: Clock,
        *,
        archive: SqliteArchive,
        writer: Executor,
        senders: Senders,
        operator: Operator,
        clerk: Clerk,
        checks: Checks,
    ) -> None:
        self.use(config)
        self._store = store
        self._system = system
        self._clock = clock
        self._archive = archive
        self._writer = writer
        self._senders = senders
        self._operator = operator
        self._clerk = clerk
        self._checks = checks
        self._sized, self._bytes = -SIZING, 0
        self._flushed = self._tidied = self._handed_over = self._looked = time.monotonic()
        self.mutes: Mapping[str, float] = system.load().mutes

    def use(self, config: Config) -> None:
        """Goes on with a new configuration."""
        self._config, self._feeds = config, enabled(config)

    def look_soon(self) -> None:
        """Has the operator hear of feeds with the next chore."""
        self._looked = -LOOK

    def due(self) -> Coroutine[Any, Any, None] | None:
        """The chore that is to be done now, if any."""
        now = time.monotonic()
        if now - self._flushed >= FLUSH:
            self._flushed = now
            return self._flush()
        if self._clerk.has_work():
            return self._obey()
        if now - self._looked >= LOOK:
            self._looked = now
            return self._look_at_feeds()
        return None

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
                await asyncio.to_thread(self.hand_over)
            if time.monotonic() - self._tidied >= DAY:
                await loop.run_in_executor(self._writer, self.tidy)
        except RasidError as error:
            log.error("the index was not written, will be tried again: %s", error)
            await asyncio.to_thread(self._operator.failed, error)

    def _look_at_disk(self) -> None:
        """Tells the operator while there is still room for the telling, and when there is again.
        Of what can be done without, the archive takes most."""
        if self._store.tight():
            self._archive.give_way()
            self._operator.failed(CannotWriteError("the disk is full, or nearly: make room"))
        else:
            self._operator.written()

    async def _obey(self) -> None:
        """Does what other commands ask for."""
        await asyncio.to_thread(self._clerk.work)
        self.mutes = self._system.load().mutes

    async def _look_at_feeds(self) -> None:
        """Tells the operator which feeds go on failing, and which work again."""
        feeds, rows = tuple(self._feeds.values()), self._store.rows()
        await asyncio.to_thread(look, feeds, rows, self._operator, self._clock())
        await asyncio.to_thread(self._heartbeat)

    def _heartbeat(self) -> None:
        """Tells the operator once a day that all goes on."""
        ledgers = self._senders.ledgers(self._config).values()
        try:
            beat(self._config, self._store, self._system, ledgers, self._operator, self._clock())
        except RasidError as error:
            log.error("the heartbeat is put off: %s", error)

    # --- for any thread: at the start, in a reload, and for who asks how things stand -------------

    def hand_over(self) -> None:
        """Gives all that is open to the senders; what they have already, they do not take twice."""
        waiting = self._store.unsettled(self._senders.settled_for_good)
        found: tuple[Delivery, ...] = (*waiting, *self._system.load().notices)
        self._senders.hand_over(found)

    def tidy(self) -> None:
        """Forgets what is past its time. For the writer's thread, or before it works."""
        self._tidied = time.monotonic()
        ledgers = self._senders.ledgers(self._config).values()
        notices = self._system.load().notices
        settled = self._senders.settled
        tidy(self._config, self._store, ledgers, notices, self._clock(), settled=settled)
        self._archive.prune()

    def tell_damage(self) -> None:
        """Tells the operator of files that could not be read."""
        ledgers = self._senders.ledgers(self._config).values()
        self._operator.damage(damage(self._store, self._system, ledgers))

    def vitals(self) -> Vitals:
        """How things stand. Reads the files of feeds that have something open."""
        now = time.monotonic()
        if now - self._sized >= SIZING:
            self._sized, self._bytes = now, self._store.size()
        return vitals(
            self._config,
            self._store.rows(),
            self._store.unsettled(self._senders.settled_for_good),
            self._senders.record,
            self._senders.ledgers(self._config),
            now=self._clock(),
            silence=self._checks.silence,
            state_bytes=self._bytes,
        )

    def status(self) -> str:
        """How things stand, in a line for `systemctl status`."""
        rows = self._store.rows()
        known = [rows[feed_id] for feed_id in self._feeds if feed_id in rows]
        failing = sum(row.failures > 0 and not row.gone for row in known)
        ok = sum(row.last_ok > 0 and not row.failures and not row.gone for row in known)
        return (
            f"STATUS=watching {len(self._feeds)} feeds: {ok} ok, {failing} failing; "
            f"{self._senders.waiting()} messages waiting"
        )
