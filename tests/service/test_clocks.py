"""The daemon's rhythm while clocks do what clocks do: steps, suspends, a wrong start. The clocks
are in our hands; the exchanges are real."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from monitor.service.daemon import Daemon
from monitor.service.sdnotify import Notifier
from monitor.settings.load import Config, load
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore
from origin import Origin, rss

NOW = 1_736_841_600.0
HOUR = 3600.0
QUARTER = 900.0 + 30.0  # the interval and all of its jitter
NEWS = tuple(f"/news{n}.xml" for n in range(12))
OFTEN = "/often.xml"  # checked each minute: when it was asked, the tick of that minute is over


class Clocks:
    """The wall clock, which steps, and the one since boot, which does not."""

    def __init__(self) -> None:
        self.wall = NOW
        self.elapsed = 5000.0

    def go(self, seconds: float, *, wall: float | None = None) -> None:
        self.wall += seconds if wall is None else wall
        self.elapsed += seconds


class Life:
    """A daemon at work on this loop."""

    def __init__(self, daemon: Daemon, clocks: Clocks, origin: Origin) -> None:
        self.clocks = clocks
        self._daemon = daemon
        self._origin = origin

    def asked(self) -> Mapping[str, int]:
        return Counter(request.path for request in self._origin.requests)

    async def until(self, there: Callable[[Mapping[str, int]], bool]) -> None:
        """Waits until requests came and their checks are over."""
        async with asyncio.timeout(60):
            while not there(self.asked()) or self._daemon._checks:
                await asyncio.sleep(0.005)

    async def minute(self, **steps: float) -> None:
        """A minute goes by, and with it a whole tick."""
        before = self.asked()[OFTEN]
        self.clocks.go(95.0, **steps)
        await self.until(lambda asked: asked[OFTEN] > before)


def newsroom(tmp_path: Path, origin: Origin) -> Config:
    for path in (*NEWS, OFTEN):
        origin.put(path, rss([]))
    feeds = "".join(f"  - {{name: '{path}', url: '{origin.url(path)}'}}\n" for path in NEWS)
    often = f"  - {{name: often, url: '{origin.url(OFTEN)}', interval: 1m}}\n"
    (tmp_path / "feeds.yaml").write_text(f"feeds:\n{feeds}{often}", "utf-8")
    (tmp_path / "rules.yaml").write_text("rules: [{name: a, any: [خبر]}]\n", "utf-8")
    (tmp_path / "monitor.yaml").write_text(
        "channels: {x: {url: 'console://'}}\nallow_private: [127.0.0.0/8]\n", "utf-8"
    )
    return load(tmp_path, environ={})


@asynccontextmanager
async def at_work(config: Config, origin: Origin, clocks: Clocks) -> AsyncIterator[Life]:
    store = TinyStore.open(config.state, now=clocks.wall)
    daemon = Daemon(
        config,
        store,
        SystemFile(config.state),
        lambda: config,
        lambda: clocks.wall,
        Notifier({}),
        lambda: clocks.elapsed,
    )
    serving = asyncio.create_task(daemon.serve())
    try:
        async with asyncio.timeout(60):
            while not daemon._ready:
                await asyncio.sleep(0.005)
        yield Life(daemon, clocks, origin)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        await serving
        store.close(clocks.wall)


def each(times: int) -> Callable[[Mapping[str, int]], bool]:
    return lambda asked: all(asked[path] >= times for path in NEWS)


@pytest.mark.parametrize("step", [HOUR, -HOUR, 400 * 24 * HOUR, -400 * 24 * HOUR])
def test_a_step_of_the_wall_clock_makes_neither_a_gap_nor_a_storm(
    tmp_path: Path, origin: Origin, step: float
) -> None:
    async def live() -> None:
        async with at_work(newsroom(tmp_path, origin), origin, Clocks()) as life:
            await life.until(lambda asked: each(1)(asked) and asked[OFTEN] == 1)
            await life.minute(wall=step)
            await life.minute()
            assert {life.asked()[path] for path in NEWS} == {1}  # no storm
            life.clocks.go(QUARTER)
            await life.until(each(2))  # no gap
            await life.minute()
            assert {life.asked()[path] for path in NEWS} == {2}

    asyncio.run(live())


def test_after_a_suspend_all_that_became_due_is_checked_once(
    tmp_path: Path, origin: Origin
) -> None:
    async def live() -> None:
        async with at_work(newsroom(tmp_path, origin), origin, Clocks()) as life:
            await life.until(lambda asked: each(1)(asked) and asked[OFTEN] == 1)
            life.clocks.go(8 * HOUR)
            await life.until(each(2))
            await life.minute()
            await life.minute()
            assert {life.asked()[path] for path in NEWS} == {2}

    asyncio.run(live())


@pytest.mark.parametrize("wrong", [HOUR, -HOUR, 400 * 24 * HOUR])
def test_a_clock_that_was_wrong_at_the_last_stop_silences_nobody(
    tmp_path: Path, origin: Origin, wrong: float
) -> None:
    async def live() -> None:
        config = newsroom(tmp_path, origin)
        clocks = Clocks()
        clocks.wall += wrong
        async with at_work(config, origin, clocks) as life:
            await life.until(lambda asked: each(1)(asked) and asked[OFTEN] == 1)
        clocks.wall -= wrong
        async with at_work(config, origin, clocks) as life:
            clocks.go(2 * QUARTER)  # the spread of a start is within it
            await life.until(each(2))

    asyncio.run(live())


def test_due_times_outlive_a_restart(tmp_path: Path, origin: Origin) -> None:
    async def live() -> None:
        config, clocks = newsroom(tmp_path, origin), Clocks()
        for _ in range(3):
            async with at_work(config, origin, clocks) as life:
                await life.until(each(1))
                await life.minute()
        assert {life.asked()[path] for path in NEWS} == {1}

    asyncio.run(live())


def test_feeds_checked_at_one_moment_are_not_due_at_one_moment(
    tmp_path: Path, origin: Origin
) -> None:
    async def live() -> None:
        config, clocks = newsroom(tmp_path, origin), Clocks()
        async with at_work(config, origin, clocks) as life:
            await life.until(each(1))
        rows = TinyStore.read(config.state).rows().values()
        due = [row.due for row in rows if row.interval > 60]
        assert len(due) == len(set(due)) == len(NEWS)
        assert all(NOW + 900 <= moment <= NOW + QUARTER for moment in due)

    asyncio.run(live())
