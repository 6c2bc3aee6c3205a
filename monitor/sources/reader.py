"""Reads no more of a document than is new: by the cheapest way that comes to what feedparser makes
of the whole.

    outline    where the items stand, and which are known by their marks
    simple     the rest, where all of it is plain
    feedparser the head and the rest, or the whole document, in a worker

The first two take a third of the last, and a tenth where little is new. This module must not know
what is remembered of a feed beyond the marks of its items.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from monitor.model import Fetched, Hints, Item, ParsedFeed, Reading, Unread
from monitor.sources import simple
from monitor.sources.encoding import decode
from monitor.sources.feed import LARGEST_DOCUMENT, read_feed, shape, without_blanks
from monitor.sources.hints import read_hints
from monitor.sources.hostile import is_harmless
from monitor.sources.outline import Outline, outline
from monitor.sources.packed import salvaged
from monitor.sources.wrapped import is_misnamed

LARGEST_HERE = 1_000_000  # bytes that are read beside all else; more goes to another process
LARGEST_OUTLINE = 10_000_000  # bytes


class WholeParser(Protocol):
    """Reads whole documents with feedparser, somewhere else."""

    async def read(
        self,
        body: bytes,
        headers: Mapping[str, str],
        url: str,
        *,
        kind: str = "feed",
        selector: str | None = None,
    ) -> ParsedFeed:
        """Raises FeedError where it is none of that kind, or cannot be read within the limits."""

    @property
    def helps(self) -> bool:
        """Whether a document given now is begun at once, and beside what this process does."""

    async def aclose(self) -> None: ...


class Reader:
    """Reads documents; what the fast ways decline goes to `whole`."""

    def __init__(self, whole: WholeParser) -> None:
        self._whole = whole

    def glance(self, fetched: Fetched, known: frozenset[str]) -> Reading | Unread:
        """The document but for the items whose marks are known, or what takes feedparser. Takes
        some 5 ms for 50 kB, half a second at most, whatever the document holds; raises nothing."""
        if fetched.reading is not None:
            return fetched.reading
        body, headers, url = fetched.body, fetched.headers, fetched.url
        bare = salvaged(body, LARGEST_HERE)
        prepared = None if len(bare) > LARGEST_HERE else _prepare(bare, headers, url)
        if prepared is None:
            return Unread(body, headers, url, known=known)
        feed = _read_plain(prepared, known)
        marks = tuple(item.mark for item in prepared.outline.items)
        if feed is not None:
            return _among(marks, feed, known)
        if known.isdisjoint(marks):
            return Unread(body, headers, url)
        rest = prepared.outline.without(prepared.data, known)
        as_utf8 = {**headers, "content-type": "application/xml; charset=utf-8"}
        whole = Unread(body, headers, url)
        return Unread(rest, as_utf8, url, marks, known, prepared.hints, whole)

    async def parse(self, unread: Unread) -> Reading:
        """The same by feedparser where need be; of the whole where its items do not come out as
        they were told apart. Raises FeedError where it is no feed."""
        feed = await self._whole.read(unread.body, unread.headers, unread.url)
        if unread.whole is None:
            return _without(Reading.whole(feed), unread.known)
        if sum(mark not in unread.known for mark in unread.marks) != len(feed.entries):
            return await self.parse(unread.whole)
        return _among(unread.marks, replace(feed, hints=unread.hints), unread.known)

    @property
    def helps(self) -> bool:
        """Whether a worker is free, and on a processor that this process does not need."""
        return self._whole.helps

    async def aclose(self) -> None:
        """Ends the workers."""
        await self._whole.aclose()


def read_whole(data: bytes, headers: Mapping[str, str], url: str) -> ParsedFeed:
    """All of a document, in this process, with the arguments and errors of read_feed: by the fast
    way where it is plain. What can be read in parts the next time has its marks."""
    named = {name.lower(): value for name, value in headers.items()}
    data = salvaged(data, LARGEST_DOCUMENT)
    prepared = _prepare(data, named, url)
    feed = None if prepared is None else _read_plain(prepared, ())
    if feed is None:
        feed = read_feed(data, headers, url)
    if prepared is None or len(prepared.outline.items) != len(feed.entries):
        return feed
    return replace(feed, marks=tuple(item.mark for item in prepared.outline.items))


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A document that can be read in parts. `data` is `text` in UTF-8, of which the outline speaks;
    `warning` tells of its encoding, `language` is what the answer said."""

    url: str
    language: str
    warning: str | None
    text: str
    data: bytes
    outline: Outline
    hints: Hints


def _prepare(body: bytes, headers: Mapping[str, str], url: str) -> _Prepared | None:
    if len(body) > LARGEST_OUTLINE:
        return None
    decoded = decode(body, headers.get("content-type") or "")
    text = without_blanks(decoded.text)
    if not is_harmless(text):
        return None
    data = text.encode("utf-8", "surrogatepass")
    found = outline(data, url)
    if found is None or not found.divisible:
        return None
    language = headers.get("content-language") or ""
    return _Prepared(url, language, decoded.warning, text, data, found, read_hints(text))


def _read_plain(prepared: _Prepared, known: Collection[str]) -> ParsedFeed | None:
    """The feed with those entries whose marks are not known, where all of that is plain."""
    items = prepared.outline.items
    head = simple.read_head(prepared.outline, prepared.language)
    if head is None or (not items and is_misnamed(prepared.text)):
        return None
    atom = head["version"].startswith("atom")
    unread = [item for item in items if item.mark not in known]
    entries = [simple.read_item(item.node, atom=atom) for item in unread]
    if any(entry is None for entry in entries):
        return None
    warnings = [prepared.warning] if prepared.warning else []
    if not items:
        warnings.append("no entries")
    document = {**head, "entries": entries}
    return shape(document, head["version"], prepared.url, warnings, prepared.hints)


def _among(marks: Sequence[str], feed: ParsedFeed, known: Collection[str]) -> Reading:
    """Puts what was read in its places among all items."""
    entries = iter(feed.entries)
    return Reading(feed, tuple(Item(m, None if m in known else next(entries)) for m in marks))


def _without(reading: Reading, known: frozenset[str]) -> Reading:
    """A document that was read whole as if its known items had not been read."""
    if known.isdisjoint(item.mark for item in reading.items):
        return reading
    items = tuple(Item(i.mark, None if i.mark in known else i.entry) for i in reading.items)
    entries = tuple(item.entry for item in items if item.entry is not None)
    feed = replace(reading.feed, entries=entries, marks=(), identities=())
    return Reading(feed, items)
