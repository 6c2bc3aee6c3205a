"""Checks of single sources, from the exchange to the commit, over a store in memory. The clock is
in the test's hands; what is read is read in its own process."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from in_process import InProcess, NoPages
from monitor.app.pipeline import Checked, Pipeline
from monitor.core.entries import Circumstances
from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.model import Delivery, Feed, FeedRow, FeedUpdate, Polling, Rule
from monitor.sources.fetch import HttpFetcher
from monitor.sources.gather import Gatherer
from monitor.sources.reader import Reader
from monitor.stores.memory import MemoryStore

NOW = 1_768_471_200.0  # 2026-01-15 10:00:00 UTC
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


class Watch:
    """One source that is checked when the test says so, with a rule on داعش."""

    def __init__(self, feed: Feed, web: Any = None, **polling: Any) -> None:
        self.feed = feed
        self.now = NOW
        self.store = MemoryStore()
        self.deliveries: list[Delivery] = []
        self._polling = Polling(**({"timeout": 5.0} | polling))
        self._web = web
        self._rules = compile_rules([Rule(name="داعش", any=("داعش",))], Gazetteer(()))

    @property
    def row(self) -> FeedRow:
        row = self.store.row(self.feed.id)
        assert row is not None
        return row

    @property
    def titles(self) -> list[str]:
        """Of what alerted, in order."""
        return [each.story.title.text for each in self.deliveries]

    @property
    def links(self) -> list[str | None]:
        """Of what alerted, in order."""
        return [each.story.link for each in self.deliveries]

    def check(self, after: float = 20 * MINUTE) -> Checked:
        """One check, `after` seconds after the last one."""
        self.now += after
        return asyncio.run(self._check())

    def forget_line(self) -> None:
        """The index was lost: what the line knows beyond the feed's own file is gone."""
        state = self.store.feed(self.feed.id)
        assert state is not None
        row = replace(
            FeedRow(self.feed.id, self.feed.url),
            validators=state.validators,
            body_hash=state.body_hash,
            read_as=state.read_as,
            last_ok=state.checked_at,
            last_check=state.checked_at,
        )
        self.store.commit(FeedUpdate(row=row, state=state))

    async def _check(self) -> Checked:
        whole = InProcess()
        with ThreadPoolExecutor(1) as writer:
            pipeline = Pipeline(
                fetcher=Gatherer(self._fetcher(), whole, self._polling, lambda: self.now),
                parser=Reader(whole),
                pages=NoPages(),
                store=self.store,
                writer=writer,
                polling=self._polling,
                around=self._around,
                hand_over=self.deliveries.extend,
                clock=lambda: self.now,
                jitter=lambda: 0.0,
            )
            return await pipeline.check(self.feed)

    def _fetcher(self) -> Any:
        if self._web is not None:
            return self._web
        return HttpFetcher(self._polling, allow_private=["127.0.0.0/8"], clock=lambda: self.now)

    def _around(self) -> Circumstances:
        return Circumstances(
            rules=self._rules,
            channels=("mail",),
            polling=self._polling,
            seen=90 * DAY,
            alerted=self.store.alerted,
            settled=lambda _: False,
        )
