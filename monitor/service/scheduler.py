"""The tick: APScheduler calls one function at a steady pace, and nothing else is a job.

A job per feed would cost 271 us a run and its defaults drop first runs, so feeds live in an agenda
and the tick looks into it. APScheduler waits by the wall clock: a clock that is set back would stop
it for as long, so a guard compares wall and monotonic time and runs the job again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

GUARD = 0.25  # seconds between two looks at both clocks
STEP = 1.0  # seconds by which they must part to count as a step


class Ticker:
    """Calls `tick` every `every` seconds on the running loop until stopped."""

    def __init__(self, tick: Callable[[], None], *, every: float) -> None:
        self._tick = tick
        self._every = every
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._guard: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Starts ticking, the first time at once."""
        self._scheduler.add_job(
            self._on_tick,
            "interval",
            seconds=self._every,
            id="tick",
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
            next_run_time=datetime.now(UTC),
        )
        self._scheduler.start()
        self._guard = asyncio.get_running_loop().create_task(self._watch_clocks())

    def stop(self) -> None:
        """Ticks no more. What a tick has started goes on."""
        if self._guard is not None:
            self._guard.cancel()
        self._scheduler.shutdown(wait=False)

    async def _on_tick(self) -> None:
        # A coroutine runs on the loop itself; a plain function would go to a thread pool.
        self._tick()

    async def _watch_clocks(self) -> None:
        apart = time.time() - time.monotonic()
        while True:
            await asyncio.sleep(GUARD)
            now = time.time() - time.monotonic()
            if abs(now - apart) > STEP:
                self._scheduler.modify_job("tick", next_run_time=datetime.now(UTC))
            apart = now
