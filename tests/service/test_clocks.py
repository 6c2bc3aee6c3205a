"""The daemon's rhythm while clocks do what clocks do: steps, suspends, a wrong start. The clocks
are in our hands; the exchanges are real."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from at_work import NOW, OFTEN, Clocks, at_work, configured

from monitor.settings.load import Config
from monitor.stores.tiny import TinyStore
from origin import Origin, rss

HOUR = 3600.0
QUARTER = 900.0 + 30.0  # the interval and all of its jitter
NEWS = tuple(f"/news{n}.xml" for n in range(12))


def newsroom(tmp_path: Path, origin: Origin) -> Config:
    for path in (*NEWS, OFTEN):
        origin.put(path, rss([]))
    feeds = "".join(f"  - {{name: '{path}', url: '{origin.url(path)}'}}\n" for path in NEWS)
    often = f"  - {{name: often, url: '{origin.url(OFTEN)}', interval: 1m}}\n"
    return configured(tmp_path, feeds + often)


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
