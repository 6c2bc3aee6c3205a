"""Finds the feeds of a site from one of its addresses.

    the document itself, where it is a feed or sitemap
    what its page names: <link rel=alternate>, links that look like feeds, the platform's own ways
    without a feed so far: where feeds usually lie
    the sitemaps that robots.txt names, or where sitemaps usually lie

Every candidate is fetched and read before it is named, at most a dozen, two at a time. This module
must not fetch by itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from monitor.core.feeds.parts import same_site
from monitor.errors import FeedError
from monitor.model import Fetched, FetchFailed, ParsedFeed
from monitor.sources.documents import read_document
from monitor.sources.encoding import decode
from monitor.sources.feed import LARGEST_DOCUMENT
from monitor.sources.fields import absolute
from monitor.sources.packed import unpacked
from monitor.sources.plain import Tag, Text, plain_title, scan
from monitor.sources.sitemap import INDEX, SITEMAP, kind_of

Get = Callable[[str], Awaitable[Fetched | FetchFailed]]

MOST_REQUESTS = 12  # beside the page itself
_AT_ONCE = 2
_MOST_NAMED = 7  # of what a page names: some room is left for sitemaps
_MOST_MAPS = 3
_FOR_MAPS = 1 + _MOST_MAPS  # requests
_LONGEST_ADDRESS = 2_000  # letters
_LARGEST_PAGE = 5_000_000  # letters that are looked through
_FEEDS = (
    "/feed", "/rss.xml", "/rss", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json",
    "/?feed=rss2",
)  # fmt: skip
_MAPS = ("/sitemap.xml", "/news-sitemap.xml", "/sitemap_index.xml")
_TYPE = re.compile(
    r"(?:application|text)/(?:(?:x-)?(?:rss|atom|rdf|feed)\b|xml|json)", re.IGNORECASE
)
_SURE = re.compile(r"rss|atom|rdf|feed", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:^|[/._?=&-])(?:rss2?|feeds?|atom|rdf|xmlrss|feedburner)(?:$|[/._?=&-])|\.(?:rss|atom|rdf)$"
    r"|\brss\b.*\.xml$",
    re.IGNORECASE,
)
_TEXT = re.compile(r"\brss\b|خلاصات|خلاصة|[آا]ر ?[إا]س ?[إا]س", re.IGNORECASE)
_NO_FEED = re.compile(
    r"oembed|wp-json|/xmlrpc|\.(?:png|jpe?g|svg|css|js|ico)(?:$|\?)", re.IGNORECASE
)
_COMMENTS = re.compile(r"/comments?/|comments?[-_/]?feed|تعليق", re.IGNORECASE)
_SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_NEWS = re.compile(r"news|خبر|أخبار", re.IGNORECASE)
_CHANNEL = re.compile(r"(?:channel/|\"(?:channelId|externalId)\":\")(UC[\w-]{22})")


@dataclass(frozen=True, slots=True)
class Found:
    """A feed or sitemap that was fetched and read. `kind` is feed or sitemap, as feeds.yaml has it;
    `entries` are of a sitemap index the sitemaps that it lists; `newest` is the latest date among
    them, None where none has one."""

    url: str
    kind: str
    title: str
    entries: int
    newest: datetime | None


async def discover(url: str, get: Get) -> tuple[Found, ...]:
    """The feeds and sitemaps of the site that `url` belongs to, the best first; none where there
    are none. `get` fetches an address. Raises FeedError where the address itself cannot be had."""
    first = await get(url)
    if isinstance(first, FetchFailed):
        raise FeedError(f"{first.kind}: {first.detail}")
    itself = _read(first)
    if itself is not None:
        return (_found(first.moved_to or url, itself, ""),)
    page = _look(first)
    search = _Search(get)
    await search.try_all(_named(first, page)[:_MOST_NAMED], page.title, spare=_FOR_MAPS)
    if not search.has_feed:
        await search.try_all(_usual(first.url, _FEEDS), page.title, spare=_FOR_MAPS)
    maps = await search.maps_of(urljoin(first.url, "/robots.txt"))
    await search.try_all((maps or _usual(first.url, _MAPS))[:_MOST_MAPS], page.title)
    return search.found()


@dataclass(slots=True)
class _Search:
    """What was found so far, and what was asked for."""

    get: Get
    left: int = MOST_REQUESTS
    _tried: set[str] = field(default_factory=set)
    _hits: dict[bytes, tuple[int, Found]] = field(default_factory=dict)  # by what they hold

    @property
    def has_feed(self) -> bool:
        return any(hit.kind == "feed" for _, hit in self._hits.values())

    def found(self) -> tuple[Found, ...]:
        """Feeds before sitemaps, comments last; else as they were named."""

        def rank(hit: tuple[int, Found]) -> tuple[bool, bool, bool, int]:
            place, found = hit
            comments = _COMMENTS.search(f"{found.url} {found.title}") is not None
            news = found.kind != "feed" and _NEWS.search(found.url) is not None
            return comments, found.kind != "feed", not news, place

        return tuple(found for _, found in sorted(self._hits.values(), key=rank))

    async def try_all(self, urls: Sequence[str], title: str, *, spare: int = 0) -> None:
        """Fetches and reads candidates, as far as more than `spare` requests are left."""
        chosen = []
        for url in urls:
            if url.rstrip("/") not in self._tried and self.left > spare:
                self._tried.add(url.rstrip("/"))
                self.left -= 1
                chosen.append(url)
        limit = asyncio.Semaphore(_AT_ONCE)
        start = len(self._tried)

        async def one(place: int, url: str) -> None:
            async with limit:
                answer = await self.get(url)
            self._take(start + place, url, answer, title)

        async with asyncio.TaskGroup() as group:
            for place, url in enumerate(chosen):
                group.create_task(one(place, url))

    async def maps_of(self, robots: str) -> list[str]:
        """The sitemaps that a site's robots.txt names (sitemaps.org), those of news first."""
        self.left -= 1
        answer = await self.get(robots)
        if isinstance(answer, FetchFailed):
            return []
        text = decode(answer.body[:_LARGEST_PAGE], answer.headers.get("content-type", "")).text
        links = (absolute(told, answer.url) for told in _SITEMAP_LINE.findall(text))
        return sorted(dict.fromkeys(filter(None, links)), key=lambda url: not _NEWS.search(url))

    def _take(self, place: int, url: str, answer: Fetched | FetchFailed, title: str) -> None:
        feed = None if isinstance(answer, FetchFailed) else _read(answer)
        if feed is None or isinstance(answer, FetchFailed):
            return
        body = hashlib.sha256(answer.body).digest()
        final = answer.moved_to or url
        hits = self._hits
        same = [each for each, (_, hit) in hits.items() if each == body or hit.url == final]
        if all(place < hits[each][0] for each in same):  # the one that is named first stays
            for each in same:
                del hits[each]
            hits[body] = place, _found(final, feed, title)


def _read(answer: Fetched) -> ParsedFeed | None:
    """The feed or sitemap that a document is; None where it is neither."""
    try:
        body = unpacked(answer.body, LARGEST_DOCUMENT)
        kind = SITEMAP if kind_of(body) else "feed"
        return read_document(body, answer.headers, answer.url, kind=kind)
    except FeedError:
        return None


def _found(url: str, feed: ParsedFeed, title: str) -> Found:
    kind = SITEMAP if feed.kind in (SITEMAP, INDEX) else "feed"
    dates = [date for each in feed.entries if (date := each.published or each.updated)]
    newest = max(dates, default=None)
    return Found(url, kind, feed.title or title, len(feed.entries), newest)


# --- what a page names ----------------------------------------------------------------------------


@dataclass(slots=True)
class _Page:
    """What a page shows of feeds."""

    text: str = ""
    title: str = ""
    base: str = ""
    declared: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)


def _look(answer: Fetched) -> _Page:
    """Looks through an HTML page in one scan; of any other document nothing comes."""
    text = decode(answer.body, answer.headers.get("content-type", "")).text[:_LARGEST_PAGE]
    page = _Page(text, base=answer.url)
    anchor, said, in_title = "", "", False
    for piece in scan(text):
        if isinstance(piece, Text):
            said = (said + piece.text)[:300] if anchor or in_title else ""
            continue
        if piece.name == "a":
            _take_anchor(page, anchor, said)
            anchor, said = ("" if piece.is_end else piece.attribute("href")), ""
        elif piece.name == "title":
            if piece.is_end and not page.title:
                page.title = plain_title(said, is_markup=False)
            in_title, said = not piece.is_end, ""
        elif piece.name == "img" and anchor:
            said = f"{said} {piece.attribute('alt')}"[:300]
        elif not piece.is_end:
            _take_tag(page, piece)
    return page


def _take_tag(page: _Page, tag: Tag) -> None:
    href = tag.attribute("href").strip()
    if tag.name == "base" and href:
        page.base = absolute(href, page.base) or page.base
    if tag.name != "link" or not _may_lead(href):
        return
    rels, kind = tag.attribute("rel").lower().split(), tag.attribute("type")
    if not {"alternate", "feed", "alternative"}.intersection(rels) or "stylesheet" in rels:
        return
    if "feed" in rels or (_TYPE.match(kind) and _SURE.search(kind)):
        page.declared.append(href)
    elif _TYPE.match(kind) or _ADDRESS.search(href):
        page.unsure.append(href)


def _may_lead(href: str) -> bool:
    """Whether an address may be a feed's."""
    if not href or href.startswith("#") or len(href) > _LONGEST_ADDRESS:
        return False
    return _NO_FEED.search(href) is None


def _take_anchor(page: _Page, href: str, said: str) -> None:
    href = href.strip()
    if not _may_lead(href):
        return
    if _TEXT.search(said) or _ADDRESS.search(href):
        page.linked.append(href)


def _named(answer: Fetched, page: _Page) -> list[str]:
    """What a page names, the surest first; of other sites only what it declares, or what keeps
    feeds for others."""
    declared = [absolute(href, page.base) for href in page.declared]
    declared.sort(key=lambda url: bool(url and _COMMENTS.search(url)))
    linked = [absolute(href, page.base) for href in (*page.unsure, *page.linked)]
    own = [url for url in linked if url and (same_site(url, answer.url) or "feedburner" in url)]
    found = dict.fromkeys((*filter(None, declared), *_by_platform(answer.url, page.text), *own))
    found.pop(answer.url, None)
    return list(found)


def _by_platform(url: str, text: str) -> Iterator[str]:
    """Where platforms that many write on keep the feed of one writer."""
    parts = urlsplit(url)
    host, path = (parts.hostname or "").removeprefix("www."), parts.path.rstrip("/")
    if host in ("youtube.com", "m.youtube.com"):
        channel = _CHANNEL.search(path) or _CHANNEL.search(text)
        if channel:
            yield f"https://www.youtube.com/feeds/videos.xml?channel_id={channel[1]}"
    elif host.endswith(".blogspot.com"):
        yield urljoin(url, "/feeds/posts/default")
    elif re.fullmatch(r"/@[\w.]+", path) and "mastodon" in text.lower():
        yield urljoin(url, f"{path}.rss")
    elif "/wp-content/" in text:
        yield urljoin(url, "/feed/")


def _usual(url: str, paths: Iterable[str]) -> list[str]:
    return [urljoin(url, path) for path in paths]
