"""What a document is by its first elements: a feed, a page, or something else.

A site that is down, asks for a password or checks for robots answers with a page and status 200;
taken for a feed, its outage would look like a quiet day. This module must not parse: what stands
behind the first element that tells is of no interest here.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple

_OPEN = re.compile(r"<(?:(!--)|(!\[CDATA\[)|([!?/])|(?:[\w.-]{1,100}:)?([A-Za-z][\w.-]{0,100}))")
_FEEDS = frozenset(("rss", "feed", "rdf", "channel", "entry"))
_PAGES = frozenset(("html", "head", "body", "frameset"))
_OTHERS = frozenset(("opml", "urlset", "sitemapindex", "envelope", "error"))
_DOCTYPE = re.compile(r"<!doctype\s+html\b", re.IGNORECASE)
_HEAD = 1_000  # letters in which it stands
_RAW = frozenset(("script", "style", "noscript", "textarea", "title"))
_MOST_TAGS = 2_000  # before the root: what a broken program writes there is a table at most


class Kind(Enum):
    """What the first element that tells belongs to."""

    FEED = auto()
    PAGE = auto()
    OTHER = auto()


class Root(NamedTuple):
    """The first element that tells: its name in lower case, without a prefix. `is_first`: neither
    text nor another element stands before it."""

    kind: Kind
    name: str = ""
    is_first: bool = True


def root_of(text: str) -> Root:
    """Looks for the root of a feed or a page, past what programs, caches and hosters write before
    it: comments, warnings, scripts. Takes linear time."""
    at = 0
    ends: dict[str, int] = {}
    is_first = text.startswith("<")
    otherwise = Kind.PAGE if _DOCTYPE.search(text, 0, _HEAD) else Kind.OTHER
    for _ in range(_MOST_TAGS):
        opening = _OPEN.search(text, at)
        if opening is None:
            break
        comment, cdata, _, name = opening.groups()
        at = opening.end()
        if name is None:
            at = _behind(text, "-->" if comment else "]]>" if cdata else ">", at, ends)
            continue
        name = name.lower()
        if name in _OTHERS:
            break
        if name in _FEEDS or name in _PAGES:
            return Root(Kind.FEED if name in _FEEDS else Kind.PAGE, name, is_first)
        is_first = False
        if name in _RAW:
            at = _behind(text, f"</{opening[0][1:]}", at, ends)
    return Root(otherwise)


def _behind(text: str, end: str, at: int, ends: dict[str, int]) -> int:
    """Where to go on behind the next `end`, here if there is none; a search that found nothing is
    not repeated."""
    if ends.get(end) == -1:
        return at
    ends[end] = found = text.find(end, at)
    return at if found == -1 else found + len(end)
