"""Checks over fakes of the network alone: order, failures, and what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from in_process import NoPages
from monitor.app.pipeline import Checked, Kind, Pipeline
from monitor.core.entries import Circumstances
from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.errors import CannotWriteError, FeedError, RasidError
from monitor.model import (
    Delivery,
    Entry,
    Feed,
    FeedRow,
    FeedUpdate,
    Fetched,
    FetchFailed,
    FetchOutcome,
    NotModified,
    ParsedFeed,
    Polling,
    Reading,
    Rule,
    Unread,
    Validators,
)
from monitor.stores.memory import MemoryStore

NOW = 1_700_000_000.0
FEED = Feed(id="f1", url="https://a.example/rss", name="وكالة ألف")
TWIN = Feed(id="f2", url="https://b.example/rss", name="وكالة باء")
NEWS = Entry(id="1", title="خبر", text="غارة على مخبأ في أطراف القضاء فجر اليوم دون أنباء عن ضحايا")
OLD = Entry(id="0", title="قديم")


class Web:
    """Answers by feed; each outcome once, then 304."""

    def __init__(self, **outcomes: list[FetchOutcome]) -> None:
        self._outcomes = outcomes

    async def fetch(self, feed: Feed, row: FeedRow) -> FetchOutcome:
        await asyncio.sleep(0)
        left = self._outcomes.get(feed.id, [])
        return left.pop(0) if left else NotModified(row.validators)


class Reader:
    """Parses by body: what it was told, else it is no feed."""

    def __init__(self, **documents: tuple[Entry, ...]) -> None:
        self._documents = documents
        self.read: list[str] = []
        self.glances = 0
        self.helps = False

    def glance(self, fetched: Fetched, known: frozenset[str]) -> Unread:
        """Nothing is plain."""
        self.glances += 1
        return Unread(fetched.body, fetched.headers, fetched.url)

    async def parse(self, unread: Unread) -> Reading:
        await asyncio.sleep(0)
        self.read.append(unread.body.decode())
        if (entries := self._documents.get(unread.body.decode())) is None:
            raise FeedError("an HTML page, not a feed")
        return Reading.whole(ParsedFeed("rss20", entries=entries))


class FullDisk(MemoryStore):
    """Refuses the first commit that brings something."""

    full = True

    def commit(self, update: FeedUpdate) -> None:
        if self.full and update.state is not None:
            self.full = False
            raise CannotWriteError("no space left on device")
        super().commit(update)


def body(text: str) -> Fetched:
    return Fetched(FEED.url, {}, text.encode(), Validators(f'"{text}"'), f"hash of {text}")


class Desk:
    """A pipeline over a store in memory, and what it hands over."""

    def __init__(self, web: Web, reader: Reader, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.handed: list[Delivery] = []
        self._web, self._reader = web, reader

    def _around(self) -> Circumstances:
        rule = Rule(name="غارات", any=("غارة",))
        return Circumstances(
            rules=compile_rules([rule], Gazetteer(())),
            channels=("mail",),
            polling=Polling(),
            seen=9e6,
            alerted=self.store.alerted,
            settled=lambda _: False,
        )

    def _hand_over(self, deliveries: Sequence[Delivery]) -> None:
        # What is handed over must be durable already.
        assert set(deliveries) <= set(self.store.open_deliveries())
        self.handed.extend(deliveries)

    def check(self, *feeds: Feed) -> list[Checked]:
        async def all_at_once() -> list[Checked]:
            with ThreadPoolExecutor(1) as writer:
                pipeline = Pipeline(
                    fetcher=self._web,
                    parser=self._reader,
                    pages=NoPages(),
                    store=self.store,
                    writer=writer,
                    polling=Polling(),
                    around=self._around,
                    hand_over=self._hand_over,
                    clock=lambda: NOW,
                    jitter=lambda: 0.0,
                )
                return list(await asyncio.gather(*map(pipeline.check, feeds)))

        return asyncio.run(all_at_once())


def test_a_check_ends_in_one_commit_and_hands_over_what_is_durable() -> None:
    desk = Desk(Web(f1=[body("empty"), body("news")]), Reader(empty=(), news=(NEWS,)))
    assert [done.kind for done in desk.check(FEED)] == [Kind.CHANGED]
    (done,) = desk.check(FEED)
    assert done.kind is Kind.CHANGED
    assert [delivery.channel for delivery in desk.handed] == ["mail"]
    assert [done.kind for done in desk.check(FEED)] == [Kind.UNCHANGED]
    assert len(desk.handed) == 1


def test_a_body_read_before_is_not_parsed_again() -> None:
    reader = Reader(empty=())
    desk = Desk(Web(f1=[body("empty"), body("empty")]), reader)
    desk.check(FEED)
    assert [done.kind for done in desk.check(FEED)] == [Kind.UNCHANGED]
    assert reader.read == ["empty"]


def test_what_is_no_feed_fails_and_is_read_again() -> None:
    reader = Reader(news=(NEWS,))
    desk = Desk(Web(f1=[body("page"), body("page"), body("news")]), reader)
    for failures in (1, 2):
        (done,) = desk.check(FEED)
        assert done.kind is Kind.FAILED
        assert done.error == "not-a-feed: an HTML page, not a feed"
        assert desk.store.rows()["f1"].failures == failures
    assert [done.kind for done in desk.check(FEED)] == [Kind.CHANGED]
    assert reader.read == ["page", "page", "news"]


def test_one_article_that_two_feeds_bring_at_one_moment_alerts_once() -> None:
    web = Web(f1=[body("empty"), body("news")], f2=[body("empty"), body("news")])
    desk = Desk(web, Reader(empty=(), news=(NEWS,)))
    desk.check(FEED, TWIN)
    desk.check(FEED, TWIN)
    assert len(desk.handed) == 1


@pytest.mark.parametrize("helps", [True, False])
def test_many_new_feeds_at_once_are_read_elsewhere_where_that_helps(helps: bool) -> None:
    feeds = [replace(FEED, id=f"n{number}") for number in range(20)]
    web = Web(**{feed.id: [body("empty"), body("news")] for feed in feeds})
    reader = Reader(empty=(), news=(NEWS,))
    reader.helps = helps
    desk = Desk(web, reader)
    assert {done.kind for done in desk.check(*feeds)} == {Kind.CHANGED}
    assert reader.glances == (4 if helps else 20), "for a few, no process is worth its start"
    desk.check(*feeds)
    assert reader.read == ["empty"] * 20 + ["news"] * 20
    assert len(desk.handed) == 1


class Plain(Reader):
    """Everything is plain, and there are no processes: what is to be read elsewhere fails."""

    def glance(self, fetched: Fetched, known: frozenset[str]) -> Reading:
        self.glances += 1
        return Reading.whole(ParsedFeed("rss20", entries=self._documents[fetched.body.decode()]))

    async def parse(self, unread: Unread) -> Reading:
        raise RasidError("the reader does not start")


def test_new_feeds_that_nobody_reads_elsewhere_are_read_here() -> None:
    feeds = [replace(FEED, id=f"n{number}") for number in range(20)]
    reader = Plain(old=(OLD,))
    reader.helps = True
    desk = Desk(Web(**{feed.id: [body("old")] for feed in feeds}), reader)
    assert {done.kind for done in desk.check(*feeds)} == {Kind.CHANGED}
    assert reader.glances == 20


def test_what_can_be_read_nowhere_says_why() -> None:
    feeds = [replace(FEED, id=f"n{number}") for number in range(20)]
    reader = Reader()
    reader.helps = True
    desk = Desk(Web(**{feed.id: [body("page")] for feed in feeds}), reader)
    assert {done.error for done in desk.check(*feeds)} == {"not-a-feed: an HTML page, not a feed"}


def test_feeds_of_which_something_is_known_are_read_here() -> None:
    feeds = [replace(FEED, id=f"k{number}") for number in range(20)]
    reader = Reader(old=(OLD,), news=(NEWS, OLD))
    desk = Desk(Web(**{feed.id: [body("old"), body("news")] for feed in feeds}), reader)
    desk.check(*feeds)
    reader.helps = True
    reader.glances = 0
    desk.check(*feeds)
    assert reader.glances == 20


def test_a_full_disk_costs_no_alert() -> None:
    web = Web(f1=[body("empty"), body("empty"), body("news"), body("news")])
    store = FullDisk()
    desk = Desk(web, Reader(empty=(), news=(NEWS,)), store)
    (done,) = desk.check(FEED)
    assert (done.kind, done.error) == (Kind.UNKEPT, "no space left on device")
    desk.check(FEED)
    store.full = True
    assert [done.kind for done in desk.check(FEED)] == [Kind.UNKEPT]
    assert desk.handed == []
    assert [done.kind for done in desk.check(FEED)] == [Kind.CHANGED]
    assert len(desk.handed) == 1


def test_a_fault_of_ours_on_one_feed_stops_no_other() -> None:
    class Faulty(Web):
        async def fetch(self, feed: Feed, row: FeedRow) -> FetchOutcome:
            if feed is FEED:
                raise ZeroDivisionError
            return await super().fetch(feed, row)

    desk = Desk(Faulty(f2=[body("empty")]), Reader(empty=()))
    kinds = [done.kind for done in desk.check(FEED, TWIN)]
    assert kinds == [Kind.UNKEPT, Kind.CHANGED]


def test_a_failure_is_kept_in_the_index() -> None:
    desk = Desk(Web(f1=[FetchFailed("dns", "no such host")]), Reader())
    (done,) = desk.check(FEED)
    assert done.kind is Kind.FAILED
    row = desk.store.rows()["f1"]
    assert (row.failures, row.error, row.failing_since) == (1, "dns: no such host", NOW)
