"""All that we know of feedparser: the reading of a whole document, and the ways of its inside that
a faster reader of plain documents must share to come to the same.

feedparser gets bytes in a BytesIO only: given bytes, it would open the file that they name. This
module must open nothing, start nothing, and let no exception of feedparser out.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import feedparser
from feedparser.datetimes import _date_handlers
from feedparser.html import _cp1252
from feedparser.mixin import _FeedParserMixin
from feedparser.urls import _urljoin

from monitor.errors import FeedError

# With Debian's libxml2 driver importable, feedparser would read files and URLs that a document
# names; an empty list leaves expat, which reads neither.
feedparser.api.PREFERRED_XML_PARSERS[:] = []

# Dates are read by us, from the texts that feedparser keeps: its own readers swap days and months,
# and take seconds for a long text.
_date_handlers.clear()

# Address of a namespace in lower case -> feedparser's prefix for it, "" for plain names
NAMESPACES: Mapping[str, str] = {
    uri.lower(): prefix for uri, prefix in _FeedParserMixin.namespaces.items()
}
# Letters that a careless conversion from windows-1252 leaves, and what they were meant to be
CP1252: Mapping[int, str] = _cp1252


def parse_document(text: str, language: str) -> Mapping[str, Any]:
    """What feedparser makes of the document, markup and links as they stand in it. Raises FeedError
    where it is no feed, whatever feedparser raises over it, and where entities expand without end.
    """
    headers = {"content-type": "application/xml; charset=utf-8"}
    if language:
        headers["content-language"] = language
    try:
        document: Mapping[str, Any] = feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers=headers,
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except MemoryError:
        raise
    except Exception as error:  # it lets out KeyError, ValueError, UnicodeError … of its own
        raise FeedError(f"feedparser fails over it: {type(error).__name__}") from error
    if not document.get("version"):
        raise FeedError("no feed: neither RSS nor Atom nor JSON Feed")
    if "amplification" in str(document.get("bozo_exception", "")):
        raise FeedError("refused: entities that expand without end")
    return document


@lru_cache(4096)  # feeds choose the names
def has_handler(tag: str) -> bool:
    """Whether feedparser treats this element (prefix_local) in a way of its own."""
    return hasattr(_FeedParserMixin, f"_start_{tag}") or hasattr(_FeedParserMixin, f"_end_{tag}")


def looks_like_html(text: str) -> bool:
    """Whether feedparser takes a text that nobody called markup for markup."""
    return bool(_FeedParserMixin.looks_like_html(text))


def without_base(address: str) -> str:
    """An address as feedparser gives it where the document tells no base."""
    if "///" not in address:  # all that it mends without a base
        return address
    joined: str = _urljoin("", address)
    return joined


class _Holder:
    """Stands in for a parser of feedparser's in those methods that need only the entry in work."""

    def __init__(self, entry: dict[str, Any]) -> None:
        self._entry = entry

    def _get_context(self) -> dict[str, Any]:
        return self._entry


def settle_author(entry: dict[str, Any]) -> None:
    """Brings an entry's author, author_detail and authors into line, as feedparser does at the end
    of each author. Its search for an address takes long, and finds none without an @."""
    author, detail = entry.get("author"), entry["authors"][-1]
    if author and not detail and "@" not in author:
        entry.setdefault("author_detail", detail)
        detail["name"] = author
        return
    _FeedParserMixin._sync_author_detail(_Holder(entry))
