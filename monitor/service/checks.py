"""Which feeds are checked when, and what else is done for one: its pages read, rules backfilled.

    agenda (due) -> turns (at most so many, of a host too) -> check -> agenda

At most one of these is done for a feed at a time. This module must not know what a check does.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from monitor.app.pipeline import Checked, Kind
from monitor.core.feeds import late
from monitor.core.feeds.schedule import AGAIN, after_unkept, at_start, spread
from monitor.model import Delivery, Feed
from monitor.ports import Clock, System
from monitor.service.agenda import Agenda
from monitor.service.assembly import Parts
from monitor.service.backfill import Backfills, Hits
from monitor.service.catchup import CatchUps
from monitor.service.exporter import Exporter
from monitor.service.operator import Operator
from monitor.service.turns import Turns, most_at_once, turn_of
from monitor.settings.load import Config
from monitor.stores.tiny import TinyStore

log = logging.getLogger("rasid.service")

HANGING = 3600.0  # seconds in which no check ended of those under way: each of them hangs
_LINED_UP = 500  # feeds in one turn of the loop: 4 ms
_BEGUN = 8  # checks in one turn of the loop


class Checks:
    """For one event loop. `elapsed` is a clock that nobody sets, `gone` is called once a feed says
    that it is no more, `hand_over` gets what backfills bring, and `settle` waits until they can
    read all that came."""

    def __init__(
        self,
        config: Config,
        store: TinyStore,
        system: System,
        clock: Clock,
        elapsed: Clock,
        *,
        exporter: Exporter,
        operator: Operator,
        gone: Callable[[], None],
        hand_over: Callable[[Sequence[Delivery]], None],
        settle: Callable[[], None],
    ) -> None:
        self._config = config
        self._feeds = enabled(config)
        self._store = store
        self._clock = clock
        self._elapsed = elapsed
        self._exporter = exporter
        self._operator = operator
        self._gone = gone
        self._agenda = Agenda()
        self._turns = Turns(config.polling)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._catch_ups = CatchUps(elapsed)
        self._backfills = Backfills(
            system,
            clock,
            is_busy=lambda feed_id: feed_id in self._turns or feed_id in self._catch_ups,
            fill=self._backfill,
            hand_over=hand_over,
            settle=settle,
        )
        self._starting = self._stopped = False
        self._succeeded = elapsed()
        self._ended = time.monotonic()  # the last check, or when the first one began

    @property
    def running(self) -> int:
        """How many feeds are being checked."""
        return len(self._running)

    @property
    def catching_up(self) -> int:
        """Of how many feeds pages are being read."""
        return len(self._catch_ups.tasks)

    @property
    def silence(self) -> float:
        """Seconds since a feed was checked with success, or since the start."""
        return self._elapsed() - self._succeeded

    @property
    def hang(self) -> bool:
        """Whether checks are under way of which none has ended for far too long."""
        return bool(self._running) and time.monotonic() - self._ended > HANGING

    def begin(self, parts: Parts) -> None:
        """Puts every feed on the agenda, to be checked with these parts."""
        self._parts = parts
        self._plan(self._feeds.values())

    def backfill(self) -> None:
        """Lays the rules that ask for it, and are new, on what is remembered."""
        self._backfills.start(self._config)

    def use(self, config: Config, parts: Parts) -> list[asyncio.Task[None]]:
        """Goes on with a new configuration. Gives what still works with the old parts."""
        before = self._feeds
        self._config, self._parts, self._feeds = config, parts, enabled(config)
        self._turns.limit(config.polling)
        under_way = [*self._running.values(), *self._catch_ups.tasks]
        for task in self._catch_ups.tasks:  # what waits for pages is matched by the new rules
            task.cancel()
        changed = (feed for feed in self._feeds.values() if before.get(feed.id) != feed)
        self._plan(changed, changed=True)
        return under_way

    def tick(self) -> None:
        """Begins what is due."""
        self._line_up()
        if not self._stopped:
            self._catch_ups.start(self._catch_up, self._match_overdue, self._is_taken)

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

    def _is_taken(self, feed_id: str) -> bool:
        """Whether a feed is checked or waits for that, or is being filled."""
        return feed_id in self._turns or feed_id in self._backfills

    def _line_up(self) -> None:
        """Has feeds that are due wait for their turn; all of them, but the loop has its turns in
        between, since ten thousand would take a tenth of a second."""
        if self._stopped:
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
        self._start()

    def _start(self) -> None:
        """Begins checks for those whose turn it is: more than exchanges run at once, since some of
        them are being parsed or stored. Few at a time, since each begins with half a millisecond's
        work."""
        if self._stopped:
            return
        room = most_at_once(self._config.polling) - len(self._running)
        begun = self._turns.take(max(min(room, _BEGUN), 0))
        if len(begun) == _BEGUN and not self._starting:
            self._starting = True
            asyncio.get_running_loop().call_soon(self._start_more)
        for feed_id in begun:
            feed = self._feeds.get(feed_id)
            if feed is None:  # taken out of the configuration meanwhile
                self._turns.done(feed_id)
                continue
            if not self._running:
                self._ended = time.monotonic()
            check = asyncio.get_running_loop().create_task(self._check(feed))
            self._running[feed_id] = check
            check.add_done_callback(partial(self._checked, feed_id))

    def _start_more(self) -> None:
        self._starting = False
        self._start()

    def _checked(self, feed_id: str, _: asyncio.Task[None]) -> None:
        del self._running[feed_id]
        self._ended = time.monotonic()
        self._turns.done(feed_id)
        self._start()

    async def _check(self, feed: Feed) -> None:
        checked = await self._parts.pipeline.check(feed)
        if checked.kind in (Kind.CHANGED, Kind.UNCHANGED):
            self._succeeded = self._elapsed()
        wait, now = self._wait(checked), self._feeds.get(feed.id)
        kept = checked.kind is not Kind.UNKEPT
        if kept and now is not None and now != feed:  # the configuration changed it meanwhile
            self._plan([now], changed=True)
        else:
            self._agenda.put(feed.id, self._elapsed() + wait)
        self._catch_ups.note(self._store.row(feed.id), self._clock())
        await self._tell(checked)

    def _wait(self, checked: Checked) -> float:
        """Seconds until the next check."""
        if checked.kind is Kind.UNKEPT or checked.update is None:
            now, feed = self._clock(), checked.feed
            row = self._store.row(feed.id)
            return after_unkept(row, feed, self._config.polling, now) - now
        row = checked.update.row
        if row.gone:
            self._gone()
        return max(row.due - row.last_check, 0.0)  # of one clock's reading

    async def _catch_up(self, feed_id: str) -> None:
        """Reads pages that a feed's entries wait for."""
        await self._look(feed_id, self._parts.pipeline.catch_up)

    async def _match_overdue(self, feed_id: str) -> None:
        """Has a feed's entries wait no longer for pages, which it keeps its turn to ask for."""
        await self._look(feed_id, self._parts.pipeline.match_overdue)

    async def _look(self, feed_id: str, work: Callable[[Feed], Awaitable[Checked]]) -> None:
        feed = self._feeds.get(feed_id)
        if feed is None:  # taken out of the configuration meanwhile
            return
        try:
            checked = await work(feed)
        except asyncio.CancelledError:  # for other rules, or the end
            self._catch_ups.note(self._store.row(feed_id), self._clock())
            raise
        row, now = self._store.row(feed_id), self._clock()
        if row is not None and checked.kind is Kind.UNKEPT:
            row = late.put_off(row, now + AGAIN)
        self._catch_ups.note(row, now)
        await self._tell(checked)

    async def _backfill(self, feed: Feed, found: Hits) -> Checked:
        """Has new rules alert on what is remembered of a feed."""
        filled = await self._parts.pipeline.backfill(feed, found)
        await self._tell(filled)
        return filled

    async def _tell(self, checked: Checked) -> None:
        self._exporter.checked(checked)
        if checked.fault is not None:
            await asyncio.to_thread(self._operator.failed, checked.fault)

    def stop(self, *, at_once: bool) -> None:
        """Begins nothing more; `at_once`: what is under way is given up too."""
        self._stopped = True
        given_up = [*self._catch_ups.tasks]  # what waits for pages is kept
        for task in (*self._running.values(), *given_up) if at_once else given_up:
            task.cancel()

    async def end_backfill(self) -> None:
        """Leaves what is not backfilled to the next start, and hands over what was."""
        await self._backfills.stop()

    async def end(self, grace: float) -> None:
        """Waits so many seconds for what is under way, then gives it up."""
        await asyncio.gather(*self._catch_ups.tasks, return_exceptions=True)
        if not self._running:
            return
        log.info("waiting for %d checks under way", len(self._running))
        _, overrun = await asyncio.wait(self._running.values(), timeout=grace)
        for check in overrun:
            check.cancel()
        await asyncio.gather(*overrun, return_exceptions=True)


def enabled(config: Config) -> dict[str, Feed]:
    """The feeds that are to be checked, by their ids."""
    return {feed.id: feed for feed in config.feeds if feed.enabled}
