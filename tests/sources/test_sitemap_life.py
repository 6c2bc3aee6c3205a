"""Whatever becomes of a paper's sitemaps, its servers and our memory of them: every article that
came out after the first poll alerts, once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from checks import DAY, HOUR, MINUTE, Watch
from hypothesis import given
from hypothesis import strategies as st
from sitemap_text import index, urlset

from monitor.app.pipeline import Kind
from monitor.errors import CannotWriteError
from monitor.model import (
    Feed,
    FeedRow,
    FeedUpdate,
    Fetched,
    FetchFailed,
    FetchOutcome,
    NotModified,
    Validators,
)
from monitor.stores.memory import MemoryStore

INDEX = "https://paper.example/sitemap.xml"
LASTMODS = ("none", "day", "minute", "second")


@dataclass
class Page:
    """A sitemap: its articles, when it changed, and how the index tells that."""

    lastmod: str
    changed: float
    articles: list[str] = field(default_factory=list)
    failing: int = 0

    def told(self) -> str | None:
        moment = datetime.fromtimestamp(self.changed, UTC)
        forms = {"day": "%Y-%m-%d", "minute": "%Y-%m-%dT%H:%MZ", "second": "%Y-%m-%dT%H:%M:%SZ"}
        return moment.strftime(forms[self.lastmod]) if self.lastmod in forms else None


class Paper:
    """A paper's server, in this process: answers as sources.fetch does."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.failing = 0
        self.published = 0
        self.asked: Counter[str] = Counter()

    def publish(self, url: str, now: float) -> str:
        self.published += 1
        page = self.pages[url]
        link = f"https://paper.example/n/{self.published:05}-داعش-خبر"  # all with one title
        page.articles.insert(0, link)
        page.changed = now
        return link

    async def fetch(self, feed: Feed, row: FeedRow) -> FetchOutcome:
        if self.failing:
            self.failing -= 1
            return FetchFailed("status", "500", 500)
        listed = {url: page.told() for url, page in self.pages.items()}
        return self._answer(INDEX, index(listed), row.validators)

    async def fetch_part(self, feed: Feed, url: str, validators: Validators) -> FetchOutcome:
        page = self.pages[url]
        if page.failing:
            page.failing -= 1
            return FetchFailed("timeout", "no whole answer")
        return self._answer(url, urlset({"loc": each} for each in page.articles), validators)

    def _answer(self, url: str, document: str, asked: Validators) -> FetchOutcome:
        self.asked[url] += 1
        tag = str(hash(document))
        if asked.etag == tag:
            return NotModified(asked)
        return Fetched(url, {}, document.encode(), Validators(tag), tag)


class Disk(MemoryStore):
    """A memory that may refuse its next commit."""

    full = False

    def commit(self, update: FeedUpdate) -> None:
        if self.full:
            self.full = False
            raise CannotWriteError("no space left on device")
        super().commit(update)


class Life:
    """A paper and its watcher from the first poll on."""

    def __init__(self, lastmods: list[str]) -> None:
        self.paper = Paper()
        self.watch = Watch(Feed("f", INDEX, "صحيفة", kind="sitemap"), self.paper)
        self.watch.store = Disk()
        self.due: list[str] = []
        for lastmod in lastmods:
            self.add(lastmod)
        self.watch.check()
        self.due.clear()  # what stood there before: undated, so remembered only

    def add(self, lastmod: str) -> None:
        url = f"https://paper.example/s{len(self.paper.pages)}.xml"
        self.paper.pages[url] = Page(lastmod, self.watch.now)
        self.publish(url)

    def publish(self, url: str) -> None:
        self.due.append(self.paper.publish(url, self.watch.now))

    def at(self, number: int) -> str:
        return list(self.paper.pages)[number % len(self.paper.pages)]

    def act(self, deed: str, number: int) -> None:
        if deed == "add":
            self.add(LASTMODS[number % len(LASTMODS)])
        elif deed == "publish":
            self.publish(self.at(number))
        elif deed == "fail":
            self.paper.pages[self.at(number)].failing = 1 + number % 4
        elif deed == "index":
            self.paper.failing = 1 + number % 2
        elif deed == "forget":
            self.watch.store.full = False
            self.watch.forget_line()
        elif deed == "full":
            self.watch.store.full = True
        else:
            self.watch.check((20 * MINUTE, 3 * HOUR, 1.1 * DAY)[number % 3])


DEEDS = st.sampled_from(["add", "publish", "publish", "fail", "index", "forget", "full"])
STEPS = st.tuples(st.one_of(DEEDS, st.just("check")), st.integers(0, 11))


@pytest.mark.untraced
@given(st.lists(st.sampled_from(LASTMODS), min_size=1, max_size=6), st.lists(STEPS, max_size=40))
def test_every_article_alerts_once(lastmods: list[str], steps: list[tuple[str, int]]) -> None:
    life = Life(lastmods)
    for deed, number in steps:
        life.act(deed, number)
    life.paper.failing = 0
    for page in life.paper.pages.values():
        page.failing = 0
    for _ in range(4):  # the pauses after failures are a day at most
        life.watch.check(1.1 * DAY)
    assert Counter(life.watch.links) == Counter(life.due)


def test_a_quiet_paper_is_asked_for_its_index_alone() -> None:
    life = Life(["second"] * 5)
    life.watch.check(HOUR)
    before = life.paper.asked.copy()
    for _ in range(10):
        assert life.watch.check().kind is Kind.UNCHANGED
    assert life.paper.asked - before == {INDEX: 10}
