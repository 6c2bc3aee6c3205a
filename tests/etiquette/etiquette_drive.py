"""Lets the real parts of the daemon poll a server for simulated days: the fetcher over sockets, the
pipeline, the state on disk. The clock stands still while feeds are checked and then jumps to when
the next one is due; jitter is drawn from a seed.

What the daemon's loop does with due times is done here in few lines, since its own clock cannot
jump: it plans at the start, checks what is due, and writes the index behind.
"""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from etiquette_log import DAY, START, Kind
from etiquette_server import CANARY, CANARY_HOST, LOOPBACK, Server

from in_process import InProcess, NoPages
from monitor.app.pipeline import Checked, Pipeline
from monitor.core.entries import Circumstances
from monitor.core.feeds.identity import feed_id
from monitor.core.feeds.schedule import at_start, spread
from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.model import Feed, Polling, Rule
from monitor.sources.fetch import HttpFetcher
from monitor.sources.reader import Reader
from monitor.stores.tiny import TinyStore

CONTACT = "watch@rasid.example"
AT_ONCE = 60.0  # simulated seconds: what is due within them is checked at one moment


class Clock:
    """The simulated wall clock."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


async def resolve(host: str, port: int) -> Sequence[str]:
    """Every name is this machine; one leads where redirects must not."""
    return [CANARY if host == CANARY_HOST else LOOPBACK]


def feeds_of(kinds: Iterable[Kind], port: int, interval: float) -> list[Feed]:
    """The subscriptions: one a kind, or as many as it asks for."""
    urls = [
        f"http://{kind.name}.example:{port}{kind.path}{number if kind.feeds > 1 else ''}"
        for kind in kinds
        for number in range(kind.feeds)
    ]
    return [Feed(feed_id(url), url, url, interval=interval) for url in urls]


class Watcher:
    """One life of the daemon, from opening the state on."""

    def __init__(self, root: Path, feeds: Sequence[Feed], polling: Polling, clock: Clock) -> None:
        self._feeds, self._polling, self._clock = feeds, polling, clock
        self._store = TinyStore.open(root, now=clock())
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._fetcher = HttpFetcher(
            polling,
            allow_private=[f"{LOOPBACK}/32"],
            contact=CONTACT,
            clock=clock,
            resolve=resolve,
        )
        self._parser = Reader(InProcess())
        self._pipeline = Pipeline(
            fetcher=self._fetcher,
            parser=self._parser,
            pages=NoPages(),
            store=self._store,
            writer=self._writer,
            polling=polling,
            around=self._around,
            hand_over=lambda _: None,
            clock=clock,
            jitter=random.Random(7).random,
        )
        self._agenda = list(self._plan())
        heapq.heapify(self._agenda)

    async def run(self, until: float, *, flush: bool = True) -> None:
        """Polls until that moment. Without `flush` the index never learns of the checks, as for
        those of the seconds before a kill."""
        while self._agenda and self._agenda[0][0] <= until:
            batch = list(self._take(min(self._agenda[0][0] + AT_ONCE, until)))
            checked = await asyncio.gather(*map(self._pipeline.check, batch))
            for each in checked:
                self._put(each)
            if flush:
                self._writer.submit(self._store.flush, self._clock()).result()

    async def end(self, *, killed: bool = False) -> None:
        """Stops as the daemon does, or leaves the state as a kill would."""
        await self._parser.aclose()
        self._writer.shutdown()
        if not killed:
            self._store.close(self._clock())

    def _plan(self) -> Iterable[tuple[float, int]]:
        """As the daemon's start: stored due times are kept, those behind us are due at once."""
        now, rows = self._clock(), self._store.rows()
        later: list[tuple[float, int]] = []
        for number, feed in enumerate(self._feeds):
            row = rows.get(feed.id)
            due = now if row is None else at_start(row, feed, self._polling, now)
            if due <= now:
                yield now, number
            else:
                later.append((due, number))
        for index, (due, number) in enumerate(sorted(later)):
            yield due + spread(self._feeds[number], index, len(later)), number

    def _take(self, until: float) -> Iterable[Feed]:
        while self._agenda and self._agenda[0][0] <= until:
            due, number = heapq.heappop(self._agenda)
            self._clock.now = max(self._clock.now, due)
            yield self._feeds[number]

    def _put(self, checked: Checked) -> None:
        assert checked.update is not None, checked.error
        row = checked.update.row
        number = self._feeds.index(checked.feed)
        heapq.heappush(self._agenda, (max(row.due, self._clock()), number))

    def _around(self) -> Circumstances:
        return Circumstances(
            rules=compile_rules([Rule(name="كل خبر", any=("خبر",))], Gazetteer(())),
            channels=("screen",),
            polling=self._polling,
            seen=9e6,
            alerted=self._store.alerted,
            settled=lambda _: True,
        )


async def live(
    server: Server, root: Path, kinds: Iterable[Kind], polling: Polling, clock: Clock
) -> list[Feed]:
    """Two and a half simulated days with a restart and a kill in them; gives the subscriptions."""
    feeds = feeds_of(kinds, server.port, polling.interval)
    first = Watcher(root, feeds, polling, clock)
    await first.run(START + 0.9 * DAY)
    await first.end()
    clock.now = START + 0.9 * DAY
    second = Watcher(root, feeds, polling, clock)
    await second.run(START + 1.63 * DAY, flush=False)
    await second.end(killed=True)
    clock.now += 2.0  # as systemd starts it again
    third = Watcher(root, feeds, polling, clock)
    await third.run(START + 2.6 * DAY)
    await third.end()
    clock.now = START + 2.6 * DAY
    return feeds
