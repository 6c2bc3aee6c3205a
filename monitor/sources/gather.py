"""Gets what takes more than one exchange, or reading while it is got: sitemaps and pages.

    page       its document, read
    sitemap    its document, read; of an index those of the sitemaps behind it that are due, two at
               a time, each asked whether it has changed

What is read is read elsewhere (WholeParser). A sitemap that fails takes nothing from the others and
is tried the next time. This module must not decide which sitemaps are due (core.feeds.parts), and
must not raise for what the network does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import ParamSpec, TypeVar

from monitor.core.feeds import parts as plan
from monitor.core.feeds.identity import canonical_link, digest
from monitor.errors import FeedError
from monitor.model import (
    Entry,
    Feed,
    FeedRow,
    Fetched,
    FetchFailed,
    FetchOutcome,
    Item,
    NotModified,
    ParsedFeed,
    Part,
    Parts,
    Polling,
    Reading,
    Validators,
)
from monitor.net.exchange import plain_detail
from monitor.net.threads import in_thread
from monitor.ports import Clock
from monitor.sources.fetch import HttpFetcher
from monitor.sources.hostile import MOST_ENTRIES
from monitor.sources.moments import precision
from monitor.sources.packed import is_packed, unpacked
from monitor.sources.reader import WholeParser
from monitor.sources.sitemap import INDEX, is_named

P = ParamSpec("P")
T = TypeVar("T")

_AT_ONCE = 2  # sitemaps of one feed
_PATIENCE = 4  # times the limit of an exchange, after which no further sitemap is begun
_ZONES = 14 * 3600.0 + 12 * 3600.0  # how long it is some given day somewhere, beyond its 24 hours


class Gatherer:
    """A fetcher of sources of all kinds over one of single documents. Use it in one event loop."""

    def __init__(
        self, fetcher: HttpFetcher, whole: WholeParser, polling: Polling, clock: Clock
    ) -> None:
        self._fetcher = fetcher
        self._whole = whole
        self._polling = polling
        self._clock = clock

    async def fetch(self, feed: Feed, row: FeedRow) -> FetchOutcome:
        """The source, where it has changed since `row`: a feed's document, or what was read of a
        sitemap or page. Raises RasidError where there is no process to read it in."""
        if row.read_as != plan.read_as(feed):  # what we know is of another kind, or of other links
            row = replace(row, validators=Validators(), body_hash="", parts=None)
        if feed.kind == "sitemap":
            return await _Sitemap(self, feed, row).gather()
        if feed.kind == "page":
            return await self._page(feed, row)
        return await self._fetcher.fetch(feed, row)

    async def _page(self, feed: Feed, row: FeedRow) -> FetchOutcome:
        outcome = await self._fetcher.fetch(feed, row)
        if not isinstance(outcome, Fetched):
            return outcome
        outcome = replace(outcome, body_hash=digest(plan.read_as(feed), outcome.body_hash))
        if outcome.body_hash == row.body_hash:
            return outcome
        try:
            page = await self.read(feed, outcome)
        except FeedError as error:
            return _failure(error)
        # Where the selector is another one now, what it picks may have stood there for long.
        first = bool(row.read_as) and row.read_as != plan.read_as(feed)
        items = tuple(Item("", entry, first=first) for entry in page.entries)
        return replace(outcome, body=b"", reading=Reading(page, items))

    async def read(self, feed: Feed, fetched: Fetched) -> ParsedFeed:
        """A document as its feed's kind has it. Raises FeedError."""
        body = fetched.body
        if is_packed(body):
            limit = self._polling.max_bytes
            body = await in_thread(lambda: unpacked(body, limit), "rasid-unpack")
        return await self._whole.read(
            body, fetched.headers, fetched.url, kind=feed.kind, selector=feed.selector
        )

    async def top(self, feed: Feed, row: FeedRow) -> FetchOutcome:
        """The document at a feed's own address."""
        return await self._fetcher.fetch(feed, row)

    async def part(self, feed: Feed, url: str, validators: Validators) -> FetchOutcome:
        """A further document of a feed."""
        return await self._fetcher.fetch_part(feed, url, validators)

    @property
    def patience(self) -> float:
        """Seconds within which sitemaps of an index are begun."""
        return _PATIENCE * self._polling.timeout

    def now(self) -> float:
        """The moment, in seconds since 1970."""
        return self._clock()


@dataclass(frozen=True, slots=True)
class _Got:
    """What became of one sitemap: `part` as it is to be remembered; `feed` None where it is as it
    was, or could not be read."""

    part: Part
    feed: ParsedFeed | None = None
    first: bool = False


@dataclass(slots=True)
class _Sitemap:
    """One check of a sitemap."""

    by: Gatherer
    feed: Feed
    row: FeedRow
    got: dict[str, _Got] = field(default_factory=dict)
    entries: int = 0
    ended: bool = False  # by time: what is left is for the next check

    async def gather(self) -> FetchOutcome:
        known = self.row.parts
        now = self.by.now()
        whole = plan.is_whole_due(known, now)
        told = Validators() if known is None or whole else known.validators
        row = self.row if known is None else replace(self.row, validators=told)
        outcome = await self.by.top(self.feed, row)
        if isinstance(outcome, FetchFailed):
            return outcome
        if isinstance(outcome, NotModified):
            return outcome if known is None else await self._parts(outcome, known, (), whole=False)
        body_hash = outcome.body_hash
        if known is not None and not whole and body_hash == known.body_hash:
            return await self._parts(outcome, known, (), whole=False)
        if known is None and digest(body_hash) == self.row.body_hash:
            return replace(outcome, body_hash=self.row.body_hash)
        try:
            read = await self.by.read(self.feed, outcome)
            if read.kind != INDEX:
                return await _beside(_plain, outcome, read)
            listed = await _beside(_listed, read, outcome.url)
        except FeedError as error:
            return _failure(error)
        return await self._parts(outcome, known, listed, whole=whole)

    async def _parts(
        self,
        outcome: Fetched | NotModified,
        known: Parts | None,
        listed: Sequence[Part],
        *,
        whole: bool,
    ) -> FetchOutcome:
        """Reads what is due of an index; `listed` is empty where it is as we know it."""
        now = self.by.now()
        parts = await _beside(_known_and_new, known, listed)
        ranked = await _beside(plan.ranked, parts)
        most = plan.MOST_FOLLOWED if whole or known is None else known.followed
        await self._read_due(ranked[:most], whole=whole)
        parts, nested = await _beside(self._with_nested, known, parts)
        ranked = await _beside(plan.ranked, parts)
        if nested:
            room = plan.MOST_FOLLOWED - len(self.got)
            inner = [part for part in ranked[:most] if part.inside in nested]
            await self._read_due(inner[:room], whole=whole)
            ranked = await _beside(plan.ranked, self._as_now(parts))
        followed = [part for part in ranked[:most] if not part.is_index]
        if followed and all(part.failures for part in followed):
            return self._failed()
        if whole and self.entries >= MOST_ENTRIES:  # no room for more than these
            most = max((n for n, part in enumerate(ranked, 1) if part.url in self.got), default=1)
        polled = bool(self.row.last_ok)
        memory = await _beside(plan.remembered, known, ranked, most, now, polled=polled)
        memory = _with_index(memory, outcome, whole_at=now if whole else None)
        return await _beside(self._outcome, outcome, memory, whole=whole)

    async def _read_due(self, followed: Sequence[Part], *, whole: bool) -> None:
        limit = asyncio.Semaphore(_AT_ONCE)
        until = time.monotonic() + self.by.patience

        async def take(part: Part) -> None:
            async with limit:
                if self.entries >= MOST_ENTRIES:
                    return
                if time.monotonic() >= until:
                    self.ended = True
                    return
                got = await self._read(part, whole=whole)
                self.entries += len(got.feed.entries) if got.feed and not got.part.is_index else 0
                self.got[part.url] = got

        due = plan.due(followed, self.by.now(), whole=whole)
        try:
            async with asyncio.TaskGroup() as group:
                for part in due:
                    group.create_task(take(part))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed

    async def _read(self, part: Part, *, whole: bool) -> _Got:
        conditions = Validators() if whole or not part.read_at else part.validators
        outcome = await self.by.part(self.feed, part.url, conditions)
        now = self.by.now()
        if isinstance(outcome, FetchFailed):
            return self._failing(part, outcome)
        if isinstance(outcome, NotModified):
            return _Got(plan.after_read(part, now, outcome.validators, part.body_hash))
        body_hash, told = outcome.body_hash, outcome.validators
        if not whole and part.read_at and body_hash == part.body_hash:
            return _Got(plan.after_read(part, now, told, body_hash))
        try:
            read = await self.by.read(self.feed, outcome)
        except FeedError as error:
            return self._failing(part, _failure(error))
        if read.kind == INDEX and part.inside:
            why = "an index in an index that stands in an index itself"
            return self._failing(part, FetchFailed("not-a-feed", why))
        after = plan.after_read(part, now, told, body_hash)
        return _Got(replace(after, is_index=read.kind == INDEX), read, first=part.old)

    def _failing(self, part: Part, why: FetchFailed) -> _Got:
        return _Got(plan.after_failure(part, why, self.feed.interval, self.by.now()))

    def _with_nested(
        self, known: Parts | None, parts: Sequence[Part]
    ) -> tuple[tuple[Part, ...], frozenset[str]]:
        """All sitemaps as they are now, those of nested indexes that were read among them, and the
        addresses of these."""
        parts = self._as_now(parts)
        read = {url: got.feed for url, got in self.got.items() if got.part.is_index and got.feed}
        urls = {part.url for part in parts if part.inside not in read}
        kept = [part for part in parts if part.inside not in read]
        for url, feed in read.items():
            inner = plan.listing(known, _of_site(feed, url), inside=url)
            kept += [part for part in inner if part.url not in urls]
            urls.update(part.url for part in inner)
        return tuple(kept), frozenset(read)

    def _as_now(self, parts: Sequence[Part]) -> tuple[Part, ...]:
        return tuple(self.got[part.url].part if part.url in self.got else part for part in parts)

    def _failed(self) -> FetchFailed:
        """Where nothing that is followed can be read, neither can the feed."""
        errors = [got.part.error for got in self.got.values() if got.part.failures]
        waits = [got.part.not_before - self.by.now() for got in self.got.values()]
        kind, _, detail = (errors[0] if errors else "status: none answers").partition(": ")
        wait = max(waits, default=0.0)
        told = plain_detail(f"none of its sitemaps can be read: {detail}")
        return FetchFailed(kind, told, retry_after=wait if wait > 0 else None)

    def _outcome(
        self, outcome: Fetched | NotModified, memory: Parts, *, whole: bool
    ) -> Fetched | NotModified:
        read = [got for got in self.got.values() if got.feed is not None and not got.part.is_index]
        if not read:
            return NotModified(Validators(), outcome.moved_to, outcome.fresh_for, memory)
        lacking = [
            part
            for part in memory.members[: memory.followed]
            if not part.is_index and part.url not in {got.part.url for got in read}
        ]
        complete = whole and all(map(plan.fails_for_long, lacking))
        order = {part.url: place for place, part in enumerate(memory.members)}
        read.sort(key=lambda got: order.get(got.part.url, len(order)))
        items, warnings = _merged(read)
        body_hash = digest(str(complete), *(f"{g.part.url} {g.part.body_hash}" for g in read))
        feed = ParsedFeed(INDEX, link=self.feed.url, warnings=warnings)
        return Fetched(
            url=outcome.url if isinstance(outcome, Fetched) else self.feed.url,
            headers={},
            body=b"",
            validators=Validators(),
            body_hash=body_hash,
            moved_to=outcome.moved_to,
            fresh_for=outcome.fresh_for,
            reading=_reading(feed, items, partial=not complete),
            parts=memory,
        )


async def _beside(call: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What takes an index of 50,000 sitemaps half a second, and a sitemap of 10,000 addresses half
    of that, off the event loop."""
    return await in_thread(lambda: call(*arguments, **named), "rasid-sitemap")


def _plain(outcome: Fetched, read: ParsedFeed) -> Fetched:
    """A sitemap that stands alone."""
    reading = _reading(read, map(_item, read.entries))
    return replace(outcome, body=b"", body_hash=digest(outcome.body_hash), reading=reading)


def _reading(feed: ParsedFeed, items: Iterable[Item], *, partial: bool = False) -> Reading:
    """The newest on top, as feeds have them, where all have dates: sitemaps have any order."""
    ordered = list(items)
    if all(_age(item) for item in ordered):
        ordered.sort(key=_age)
    entries = tuple(item.entry for item in ordered if item.entry is not None)
    return Reading(replace(feed, entries=entries, identities=()), tuple(ordered), partial)


def _item(entry: Entry, *, first: bool = False) -> Item:
    return Item("", entry, first=first, weak=not is_named(entry))


def _age(item: Item) -> float:
    """What grows with age; 0 without a date."""
    moment = (item.entry.published or item.entry.updated) if item.entry is not None else None
    return -moment.timestamp() if moment is not None else 0.0


def _merged(read: Iterable[_Got]) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """Each address once, by what says most of it; as new where one of the sitemaps has it new."""
    found: dict[str, Item] = {}
    warnings: list[str] = []
    for got in read:
        feed = got.feed
        for entry in feed.entries if feed is not None else ():
            item = _item(entry, first=got.first)
            key = canonical_link(entry.link) or entry.link or ""
            before = found.get(key, item)
            better = item if before.weak and not item.weak else before
            found[key] = replace(better, first=before.first and item.first)
        warnings += [f"{got.part.url}: {each}" for each in (feed.warnings if feed else ())]
    return tuple(found.values()), tuple(warnings[:20])


def _listed(index: ParsedFeed, url: str) -> list[Part]:
    """What an index lists on its own site. Raises FeedError where that is nothing: whom it may have
    us ask is for its own site to say (sitemaps.org, "Sitemap file location")."""
    parts = _of_site(index, url)
    if not parts and index.entries:
        raise FeedError("a sitemap index that lists only sitemaps of other sites")
    if not parts:
        raise FeedError("a sitemap index that lists no sitemaps")
    return parts


def _of_site(index: ParsedFeed, url: str) -> list[Part]:
    return [_part(each) for each in index.entries if plan.same_site(each.link or "", url)]


def _part(entry: Entry) -> Part:
    dated = entry.updated.timestamp() if entry.updated is not None else 0.0
    exact = precision(entry.summary)
    zones = _ZONES if exact >= 86_400.0 else 0.0
    settled = dated + exact + zones if dated else 0.0
    return Part(entry.link or "", entry.summary, dated=dated, settled=settled)


def _known_and_new(known: Parts | None, listed: Sequence[Part]) -> tuple[Part, ...]:
    """All sitemaps that are listed now, those of nested indexes as we know them."""
    if not listed:
        return known.members if known else ()
    parts = plan.listing(known, listed)
    urls = {part.url for part in parts}
    inner = [
        part
        for part in (known.members if known else ())
        if part.inside in urls and part.url not in urls
    ]
    return (*parts, *inner)


def _with_index(memory: Parts, outcome: Fetched | NotModified, *, whole_at: float | None) -> Parts:
    body_hash = outcome.body_hash if isinstance(outcome, Fetched) else memory.body_hash
    when = memory.whole_at if whole_at is None else whole_at
    return replace(memory, validators=outcome.validators, body_hash=body_hash, whole_at=when)


def _failure(error: FeedError) -> FetchFailed:
    return FetchFailed("not-a-feed", plain_detail(str(error)))
