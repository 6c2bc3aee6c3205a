"""A watcher in the test's own process: real documents, through the real reader and the real
pipeline, into the store in memory. Only the network and the clock are made up."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from typing import Any
from xml.sax.saxutils import escape

from feed_text import rss

from in_process import InProcess, NoPages
from monitor.app.pipeline import Kind, Pipeline
from monitor.core.entries import Circumstances
from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.model import (
    Delivery,
    Feed,
    FeedRow,
    FeedState,
    FeedUpdate,
    Fetched,
    FetchOutcome,
    ParsedFeed,
    Polling,
    Reading,
    Rule,
    Unread,
    Validators,
)
from monitor.sources.feed import read_feed
from monitor.sources.reader import Reader
from monitor.stores import codec
from monitor.stores.index import Index
from monitor.stores.memory import MemoryStore

DAY = 86400.0
NOW = 1_700_000_000.0
SEEN = 90 * DAY
RAID = Rule(name="غارات", any=("غارة",))
CELL = Rule(name="خلايا", any=("خلية",))
FEED = Feed(id="feed-1", url="https://a.example/rss", name="وكالة ألف")
TWIN = Feed(id="feed-2", url="https://b.example/rss", name="وكالة باء")

Item = Mapping[str, Any]


def atom(items: Iterable[Item]) -> bytes:
    """An Atom document; an item has the members that those of feed_text.rss have."""
    parts = []
    for item in items:
        link = item.get("link")
        parts += [
            "<entry>",
            f"<title>{escape(item.get('title', ''))}</title>",
            f"<id>{escape(item['guid'])}</id>" if item.get("guid") else "",
            f'<link href="{escape(link)}"/>' if link else "",
            f"<updated>{item['updated']}</updated>" if item.get("updated") else "",
            f"<summary>{escape(item.get('description', ''))}</summary>",
            "</entry>",
        ]
    head = '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>ألف</title>'
    return f"{head}{''.join(parts)}</feed>".encode()


def json_feed(items: Iterable[Item]) -> bytes:
    """The same as JSON Feed 1.1."""
    names = {"guid": "id", "link": "url", "title": "title", "description": "content_text"}
    shown = [{names[key]: item[key] for key in names if item.get(key)} for item in items]
    told = {"version": "https://jsonfeed.org/version/1.1", "title": "ألف", "items": shown}
    return json.dumps(told, ensure_ascii=False).encode()


class _AtOnce(Executor):
    """Does at once what a thread would do: order is not the point here."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - any, as an executor does
            future.set_exception(error)
        return future


class _Forgetful:
    """Reads all of each document, as if no item had a mark."""

    helps = False

    def glance(self, fetched: Fetched, known: frozenset[str]) -> Unread:
        del known
        return Unread(fetched.body, fetched.headers, fetched.url)

    async def parse(self, unread: Unread) -> Reading:
        feed: ParsedFeed = read_feed(unread.body, unread.headers, unread.url)
        return Reading.whole(feed)

    async def aclose(self) -> None:
        """There is nothing to end."""


def restarted(store: MemoryStore, feeds: Sequence[Feed]) -> MemoryStore:
    """What a new process finds: what alerted is gathered from the feeds' files, in JSON."""
    new, index, rows = MemoryStore(), Index(), []
    for feed in feeds:
        state, row = store.feed(feed.id), store.row(feed.id)
        if state is None or row is None:
            continue
        state = codec.decode(FeedState, json.loads(json.dumps(codec.encode(state))))
        index.tell_of(state)
        new.commit(FeedUpdate(row, state))
        rows.append(row)
    for row in rows[:1]:
        told = index.told.items()
        gathered = FeedUpdate(
            row,
            alerted={key: each.rules for key, each in told},
            tellers={key: each.article for key, each in told if each.article},
            outlets=tuple(each for own in index.outlets.values() for each in own.values()),
        )
        new.commit(gathered)
    return new


class Newsroom:
    """`marks`: known items are not read again, as in the daemon. `restarts`: each check is made by
    a new process."""

    def __init__(self, *rules: Rule, marks: bool = True, restarts: bool = False) -> None:
        self._rules = compile_rules(rules or (RAID, CELL), Gazetteer(()))
        self._marks = marks
        self._restarts = restarts
        self._outcomes: list[FetchOutcome] = []
        self._numbers = itertools.count()
        self._handed: list[Delivery] = []
        self.store = MemoryStore()
        self.now = NOW

    async def fetch(self, feed: Feed, row: FeedRow) -> FetchOutcome:
        """The next document."""
        del feed, row
        return self._outcomes.pop(0)

    def shows(
        self, body: bytes, feed: Feed = FEED, later: float = 900.0, at: str = ""
    ) -> list[Delivery]:
        """The deliveries that the next document of a feed brings; `at`: where it has moved to."""
        self.now += later
        if self._restarts:
            self.store = restarted(self.store, (FEED, TWIN))
        number = next(self._numbers)
        validators = Validators(f'"{number}"')
        self._outcomes = [
            Fetched(at or feed.url, {}, body, validators, f"hash {number}", moved_to=at or None)
        ]
        self._handed = []
        done = asyncio.run(self._pipeline().check(feed))
        assert done.kind is Kind.CHANGED, done.error
        assert done.update is not None
        alerts = {alert.id for each in self._handed for alert in each.alerts}
        assert alerts == {alert.id for alert in done.update.alerts}
        return self._handed

    def _pipeline(self) -> Pipeline:
        return Pipeline(
            fetcher=self,
            parser=Reader(InProcess()) if self._marks else _Forgetful(),
            pages=NoPages(),
            store=self.store,
            writer=_AtOnce(),
            polling=Polling(),
            around=self._around,
            hand_over=self._handed.extend,
            clock=lambda: self.now,
            jitter=lambda: 0.0,
        )

    def _around(self) -> Circumstances:
        return Circumstances(
            rules=self._rules,
            channels=("mail",),
            polling=Polling(),
            seen=SEEN,
            alerted=self.store.alerted,
            teller=self.store.teller,
            settled=lambda _: True,
        )


__all__ = [
    "CELL",
    "DAY",
    "FEED",
    "NOW",
    "RAID",
    "SEEN",
    "TWIN",
    "Newsroom",
    "atom",
    "json_feed",
    "rss",
]
