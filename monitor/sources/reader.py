"""Reads no more of a document than is new: by the cheapest way that comes to what feedparser makes
of the whole.

    outline    where the items stand, and which are known by their marks
    simple     the rest, where all of it is plain
    feedparser the head and the rest, or the whole document, in a worker

The first two take a tenth of the third. This module must not know what is remembered of a feed
beyond the marks of its items.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from monitor.model import Fetched, Hints, Item, ParsedFeed, Reading
from monitor.net.threads import in_thread
from monitor.sources import simple
from monitor.sources.encoding import Decoded, decode
from monitor.sources.feed import shape, without_blanks
from monitor.sources.hints import read_hints
from monitor.sources.hostile import is_harmless
from monitor.sources.outline import Outline, outline

LARGEST_OUTLINE = 5_000_000  # bytes


class WholeParser(Protocol):
    """Reads whole documents with feedparser, somewhere else."""

    async def read(self, body: bytes, headers: Mapping[str, str], url: str) -> ParsedFeed:
        """Raises FeedError where it is no feed, or cannot be read within the limits."""

    async def aclose(self) -> None: ...


class Reader:
    """Reads documents; what the fast ways decline goes to `whole`."""

    def __init__(self, whole: WholeParser) -> None:
        self._whole = whole

    def glance(self, fetched: Fetched, known: Collection[str]) -> Reading | None:
        """The document but for the items whose marks are known, or None where that takes
        feedparser. A few milliseconds at most for each 100 kB; raises nothing."""
        prepared = _prepare(fetched)
        if prepared is None:
            return None
        items = prepared.outline.items
        unread = [item for item in items if item.mark not in known]
        head = simple.read_head(prepared.outline, fetched.headers.get("content-language", ""))
        if head is None:
            return None
        atom = head["version"].startswith("atom")
        entries = [simple.read_item(item.node, atom=atom) for item in unread]
        if any(entry is None for entry in entries):
            return None
        warnings = [prepared.decoded.warning] if prepared.decoded.warning else []
        if not items:
            warnings.append("no entries")
        feed = shape({**head, "entries": entries}, fetched.url, warnings, prepared.hints)
        return _reading(prepared.outline, feed, known)

    async def parse(self, fetched: Fetched, known: Collection[str]) -> Reading:
        """The same by feedparser, and of the whole document where it cannot be read in parts.
        Raises FeedError where it is no feed."""
        prepared = await in_thread(lambda: _prepare(fetched), "rasid-outline")
        if prepared is not None and any(i.mark in known for i in prepared.outline.items):
            rest = prepared.outline.without(prepared.data, known)
            headers = {**fetched.headers, "content-type": "application/xml; charset=utf-8"}
            feed = await self._whole.read(rest, headers, fetched.url)
            reading = _reading(prepared.outline, feed, known)
            if reading is not None:
                return reading
        feed = await self._whole.read(fetched.body, fetched.headers, fetched.url)
        reading = _reading(prepared.outline, feed, ()) if prepared is not None else None
        return reading or Reading.whole(feed)

    async def aclose(self) -> None:
        """Ends the workers."""
        await self._whole.aclose()


@dataclass(frozen=True, slots=True)
class _Prepared:
    decoded: Decoded
    data: bytes  # in UTF-8, what the outline speaks of
    outline: Outline
    hints: Hints


def _prepare(fetched: Fetched) -> _Prepared | None:
    """The outline of a document that can be read in parts."""
    if len(fetched.body) > LARGEST_OUTLINE:
        return None
    decoded = decode(fetched.body, fetched.headers.get("content-type", ""))
    text = without_blanks(decoded.text)
    if not is_harmless(text):
        return None
    data = text.encode("utf-8", "surrogatepass")
    found = outline(data, fetched.url)
    if found is None or not found.divisible:
        return None
    return _Prepared(decoded, data, found, read_hints(text))


def _reading(found: Outline, feed: ParsedFeed, known: Collection[str]) -> Reading | None:
    """Puts what was read in its places among the items; None where it does not fit."""
    unread = sum(item.mark not in known for item in found.items)
    if unread != len(feed.entries):
        return None
    entries = iter(feed.entries)
    items = [Item(i.mark, None if i.mark in known else next(entries)) for i in found.items]
    return Reading(feed, tuple(items))
