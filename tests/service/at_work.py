"""A daemon at work on the loop of a test: the clocks are in its hands, the exchanges are real."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from monitor.service.daemon import Daemon
from monitor.service.sdnotify import Notifier
from monitor.settings.load import Config, load
from monitor.stores.disk import Disk
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore
from origin import Origin

NOW = 1_736_841_600.0
OFTEN = "/often.xml"  # checked each minute: when it was asked, the tick of that minute is over


class Clocks:
    """The wall clock, which steps, and the one since boot, which does not."""

    def __init__(self) -> None:
        self.wall = NOW
        self.elapsed = 5000.0

    def go(self, seconds: float, *, wall: float | None = None) -> None:
        self.wall += seconds if wall is None else wall
        self.elapsed += seconds


@dataclass
class Saved:
    """What a reload reads."""

    config: Config


class Life:
    """A daemon at work on this loop."""

    def __init__(self, daemon: Daemon, clocks: Clocks, origin: Origin, saved: Saved) -> None:
        self.clocks = clocks
        self._daemon = daemon
        self._origin = origin
        self._saved = saved

    def asked(self) -> Mapping[str, int]:
        return Counter(request.path for request in self._origin.requests)

    async def until(self, there: Callable[[Mapping[str, int]], bool]) -> None:
        """Waits until requests came and their checks are over."""
        async with asyncio.timeout(60):
            while not there(self.asked()) or self._daemon._checks.running:
                await asyncio.sleep(0.005)

    async def minute(self, **steps: float) -> None:
        """A minute goes by, and with it a whole tick."""
        before = self.asked()[OFTEN]
        self.clocks.go(95.0, **steps)
        await self.until(lambda asked: asked[OFTEN] > before)

    def tick(self) -> bool:
        """A tick goes by; whether a check is under way then."""
        self._daemon._tick()
        return bool(self._daemon._checks.running)

    @property
    def looks(self) -> int:
        """How many feeds' pages are being read."""
        return self._daemon._checks.catching_up

    @property
    def alerted_for(self) -> float:
        """Seconds for which the store remembers what alerted."""
        return self._daemon._store.alerted_for

    def notices(self) -> list[str]:
        """The titles of what the operator was told."""
        return [each.story.title.text for each in self._daemon._system.load().notices]

    async def serve_again(self) -> None:
        """It is tried again to listen where that could not be had."""
        await self._daemon._exporter.serve()

    def stop(self) -> None:
        """A signal asks to stop; what follows from it comes with the loop's next turn."""
        self._daemon._on_stop_signal()

    async def reload(self, config: Config) -> None:
        """The configuration is saved, and put into force."""
        self._saved.config = config
        os.kill(os.getpid(), signal.SIGHUP)
        async with asyncio.timeout(60):
            while self._daemon._config is not config:
                await asyncio.sleep(0.005)


def configured(folder: Path, feeds: str, monitor: str = "") -> Config:
    """A configuration of those lines, with a rule and a channel."""
    (folder / "feeds.yaml").write_text(f"feeds:\n{feeds}", "utf-8")
    (folder / "rules.yaml").write_text("rules: [{name: a, any: [خبر]}]\n", "utf-8")
    (folder / "monitor.yaml").write_text(
        f"channels: {{x: {{url: 'console://'}}}}\nallow_private: [127.0.0.0/8]\n{monitor}", "utf-8"
    )
    return load(folder, environ={})


@asynccontextmanager
async def at_work(
    config: Config, origin: Origin, clocks: Clocks, disk: Disk | None = None
) -> AsyncIterator[Life]:
    """Runs a daemon on this loop and over that configuration."""
    store = TinyStore.open(config.state, now=clocks.wall, disk=disk)
    saved = Saved(config)
    daemon = Daemon(
        config,
        store,
        SystemFile(config.state),
        lambda: saved.config,
        lambda: clocks.wall,
        Notifier({}),
        lambda: clocks.elapsed,
    )
    serving = asyncio.create_task(daemon.serve())
    try:
        async with asyncio.timeout(60):
            while not daemon._ready:
                await asyncio.sleep(0.005)
        yield Life(daemon, clocks, origin, saved)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        await serving
        store.close(clocks.wall)
