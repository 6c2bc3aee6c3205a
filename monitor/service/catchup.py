"""Which feeds have entries that wait for their own pages, and when to look for those: beside the
checks, so that slow pages hold up no feed, and never of a feed that is being checked.

This module must not know what a look does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

from monitor.model import FeedRow
from monitor.ports import Clock
from monitor.service.agenda import Agenda

MOST_CATCHING_UP: Final = 16  # feeds at once
_MOST_MATCHED: Final = 100  # feeds in one turn
_BUSY: Final = 1.0  # seconds until a feed is looked at again that is being checked

Look = Callable[[str], Coroutine[Any, Any, None]]


class CatchUps:
    """For one event loop. `elapsed` is a clock that nobody sets."""

    def __init__(self, elapsed: Clock) -> None:
        self._elapsed = elapsed
        self._agenda = Agenda()
        self._overdue = Agenda()
        self._running: dict[str, asyncio.Task[None]] = {}

    def __contains__(self, feed_id: str) -> bool:
        """Whether a feed's pages are being read."""
        return feed_id in self._running

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """What runs now."""
        return list(self._running.values())

    def note(self, row: FeedRow | None, now: float) -> None:
        """Notes when to look for the pages of a feed, by its line; `now` is the wall clock's."""
        if row is not None and row.late:
            self._agenda.put(row.feed_id, self._elapsed() + row.late_due - now)
        if row is not None and row.late_match:
            self._overdue.put(row.feed_id, self._elapsed() + row.late_match - now)

    def start(self, look: Look, match: Look, is_busy: Callable[[str], bool]) -> None:
        """Begins looks that are due, and has those that found no place for so long that their
        entries should wait no longer do without pages: `match`."""
        room = MOST_CATCHING_UP - len(self._running)
        self._begin(self._agenda, max(room, 0), look, is_busy)
        self._begin(self._overdue, _MOST_MATCHED, match, is_busy)

    def _begin(self, agenda: Agenda, most: int, work: Look, is_busy: Callable[[str], bool]) -> None:
        for feed_id in agenda.take(self._elapsed(), most):
            if is_busy(feed_id) or feed_id in self._running:
                agenda.put(feed_id, self._elapsed() + _BUSY)
                continue
            task = asyncio.get_running_loop().create_task(work(feed_id))
            self._running[feed_id] = task
            task.add_done_callback(partial(self._over, feed_id))

    def _over(self, feed_id: str, _: asyncio.Task[None]) -> None:
        del self._running[feed_id]
