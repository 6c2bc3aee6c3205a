"""When the daemon checks a feed again: whose entry was changed, that is gone, that was not kept."""

from __future__ import annotations

import asyncio
import errno
import threading
from pathlib import Path

import pytest
from at_work import Clocks, Life, at_work, configured

from monitor.app import pipeline
from monitor.service import checks
from monitor.settings.load import Config
from monitor.stores.disk import Disk
from origin import Origin, Request, rss

PATH = "/news.xml"
WEEK = 7 * 86_400.0


def one_feed(tmp_path: Path, origin: Origin, interval: str, monitor: str = "") -> Config:
    feed = f"  - {{name: news, url: '{origin.url(PATH)}', interval: {interval}}}\n"
    return configured(tmp_path, feed, monitor)


async def asked(life: Life, times: int) -> None:
    await life.until(lambda asked: asked[PATH] >= times)
    assert life.asked()[PATH] == times


def test_a_feed_that_is_changed_during_its_check_follows_its_new_interval(
    tmp_path: Path, origin: Origin
) -> None:
    goes_on = threading.Event()

    def handler(_: Request) -> str:
        assert goes_on.wait(60)
        return rss([])

    origin.put(PATH, handler=handler)

    async def live() -> None:
        config = one_feed(tmp_path, origin, "12h")
        async with at_work(config, origin, Clocks()) as life:
            while not origin.requests:
                await asyncio.sleep(0.005)
            await life.reload(one_feed(tmp_path, origin, "1m"))
            goes_on.set()
            await asked(life, 1)
            life.clocks.go(95.0)
            await asked(life, 2)

    try:
        asyncio.run(live())
    finally:
        goes_on.set()


def test_all_that_are_due_at_once_are_checked_however_few_begin_at_a_time(
    tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "_LINED_UP", 5)
    monkeypatch.setattr(checks, "_BEGUN", 2)
    paths = [f"/{number}.xml" for number in range(23)]
    for path in paths:
        origin.put(path, rss([]))
    feeds = "".join(
        f"  - {{name: '{path}', url: '{origin.url(path)}', interval: 15m}}\n" for path in paths
    )

    async def live() -> None:
        clocks = Clocks()
        async with at_work(configured(tmp_path, feeds), origin, clocks) as life:
            for times in (1, 2):
                await life.until(lambda asked, all_of=23 * times: sum(asked.values()) >= all_of)
                assert life.asked() == dict.fromkeys(paths, times)
                clocks.go(1000.0)

    asyncio.run(live())


def test_no_check_begins_after_a_stop(tmp_path: Path, origin: Origin) -> None:
    origin.put(PATH, rss([]))

    async def live() -> None:
        clocks = Clocks()
        async with at_work(one_feed(tmp_path, origin, "15m"), origin, clocks) as life:
            await asked(life, 1)
            clocks.go(1000.0)
            life.stop()
            assert not life.tick()

    asyncio.run(live())


def test_what_alerted_is_remembered_for_as_long_as_the_reload_says(
    tmp_path: Path, origin: Origin
) -> None:
    origin.put(PATH, rss([]))

    async def live() -> None:
        async with at_work(one_feed(tmp_path, origin, "15m"), origin, Clocks()) as life:
            assert life.alerted_for == 90 * 86_400.0
            await life.reload(one_feed(tmp_path, origin, "15m", "seen: {days: 50}\n"))
            async with asyncio.timeout(60):
                while life.alerted_for != 50 * 86_400.0:
                    await asyncio.sleep(0.005)

    asyncio.run(live())


def test_a_feed_that_is_gone_is_tried_once_a_week_and_when_its_entry_is_changed(
    tmp_path: Path, origin: Origin
) -> None:
    origin.put(PATH, status=410)

    async def live() -> None:
        config, clocks = one_feed(tmp_path, origin, "15m"), Clocks()
        async with at_work(config, origin, clocks) as life:
            await asked(life, 1)
            clocks.go(WEEK - 1)
            assert not life.tick()
            clocks.go(31.0)
            await asked(life, 2)
        async with at_work(config, origin, clocks) as life:  # a restart is no reason
            clocks.go(WEEK - 60)
            assert not life.tick()
            await life.reload(one_feed(tmp_path, origin, "20m"))
            await asked(life, 3)

    asyncio.run(live())


def test_a_reload_adds_no_exchanges_to_those_that_a_host_may_have(
    tmp_path: Path, origin: Origin
) -> None:
    goes_on = threading.Event()
    at_once: list[int] = []

    def handler(_: Request) -> str:
        at_once.append(1)
        assert goes_on.wait(60)
        at_once.append(-1)
        return rss([])

    first, new = origin.put("/first", handler=handler), origin.put("/new", handler=handler)
    origin.put("/other", rss([]))
    other = origin.url("/other", host="127.1")

    def config(*urls: str) -> Config:
        feeds = "".join(f"  - {{name: '{url}', url: '{url}'}}\n" for url in urls)
        return configured(tmp_path, feeds, "polling: {per_host: 1}\n")

    async def live() -> None:
        async with at_work(config(first), origin, Clocks()) as life:
            while not origin.requests:
                await asyncio.sleep(0.005)
            await life.reload(config(first, new, other))
            async with asyncio.timeout(60):
                while life.asked()["/other"] < 3:  # on another host, and its turn is after new's
                    life.clocks.go(100.0)
                    await asyncio.sleep(0.005)
            goes_on.set()
            await life.until(lambda asked: asked["/new"] == 1)

    try:
        asyncio.run(live())
    finally:
        goes_on.set()
    assert at_once == [1, -1] * 2


class FullDisk(Disk):
    """Takes no byte more where it is full."""

    full = True

    def write(self, descriptor: int, data: bytes) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "injected")
        super().write(descriptor, data)


def test_what_could_not_be_kept_is_asked_again_soon_but_no_sooner_than_is_promised(
    tmp_path: Path, origin: Origin
) -> None:
    origin.put(PATH, rss([{"title": "خبر", "guid": "1", "link": "https://news.example/1"}]))

    async def live() -> None:
        config = one_feed(tmp_path, origin, "12h", "polling: {min_interval: 10m}\n")
        disk = FullDisk()
        async with at_work(config, origin, Clocks(), disk) as life:
            await asked(life, 1)
            life.clocks.go(599.0)
            assert not life.tick()
            life.clocks.go(1.0)
            await asked(life, 2)
            disk.full = False

    asyncio.run(live())


def test_slow_pages_of_its_entries_put_off_no_check_twice(
    tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_LOOK", 0.5)
    goes_on, page = threading.Event(), threading.Event()

    def slow(_: Request) -> str:
        page.set()
        goes_on.wait(60)
        return "<p></p>"

    link = origin.put("/1", handler=slow)
    origin.put(PATH, rss([]))
    feed = f"  - {{url: '{origin.url(PATH)}', interval: 1m, full_text: true}}\n"

    async def live() -> None:
        clocks = Clocks()
        async with at_work(configured(tmp_path, feed), origin, clocks) as life:
            await asked(life, 1)
            origin.put(PATH, rss([{"title": "خبر", "link": link, "guid": "n1"}]))
            clocks.go(95.0)
            await asked(life, 2)
            while not page.is_set():
                await asyncio.sleep(0.005)
            clocks.go(95.0)
            while life.looks:
                life.tick()
                await asyncio.sleep(0.005)
            await asked(life, 3)

    try:
        asyncio.run(live())
    finally:
        goes_on.set()
