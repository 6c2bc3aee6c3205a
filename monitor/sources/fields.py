"""The values that make up an entry, from what a feed of any format says: links, ids, short names,
categories, and the text as a whole. Each is cut to a size, and a link never leads but to the web.
This module must not know formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from urllib.parse import urljoin, urlsplit

from monitor.core.text.whole import LONGEST_TEXT, whole
from monitor.sources.plain import paragraphs, plain_title

__all__ = [
    "LONGEST_TEXT",
    "absolute",
    "as_id",
    "base_of",
    "paragraphs",
    "short",
    "terms",
    "whole",
    "whole_address",
]

_LONGEST_LINK = 8_192
_LONGEST_NAME = 1_000  # letters of an author, a category or a language
_MOST_CATEGORIES = 100
_MOST_LOOKED_AT = 1_000

# Controls, and marks of direction, which editors of Arabic leave in addresses without a notice
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_EDGES = " \t\r\n\u00a0\u200b\u200c\u200d"  # joiners may stand inside: Persian words hold them
_WHOLE_ADDRESS = re.compile(
    r"https?://[a-z0-9]+(?:[.-][a-z0-9]+)*(?:/[\w.~%-]*)*(?:\?[\w.~%/=&-]+)?", re.ASCII
)
# http:/host, http:///host and http://https://host too
_SCHEME = re.compile(r"(?:https?:/{0,2}(?=https?:))*+(https?):/++(?=\w)", re.IGNORECASE)
_HOST_AND_PATH = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63})+/")
_HOST = re.compile(r"www\.[\w-]{1,63}(?:\.[\w-]{1,63})+(?=[:/?#]|\Z)", re.IGNORECASE)


def absolute(link: object, url: str) -> str | None:
    """An http(s) address, None for anything else: no script, file or data of a feed's choosing."""
    if not isinstance(link, str) or not link.strip() or len(link) > _LONGEST_LINK:
        return None
    if _WHOLE_ADDRESS.fullmatch(link):
        return link  # as most are: taking it apart would only bring it back
    bare = _CONTROL.sub("", link.strip()).strip(_EDGES).replace(" ", "%20")
    bare = _as_meant(bare, url)
    try:
        own = urlsplit(bare)
        whole = urljoin(url, bare)
        parts = urlsplit(whole)
    except ValueError:
        return None
    named = own.hostname or not own.scheme  # "https://" alone would lead back to the feed
    return whole if named and parts.scheme in ("http", "https") and parts.hostname else None


def _as_meant(link: str, url: str) -> str:
    """A link with what its writer forgot or doubled: //, or all of http://, before a host. As
    browsers' address bars take it: no page is called www.paper.example."""
    scheme = _SCHEME.match(link)
    if scheme is not None:
        return scheme[1] + "://" + link[scheme.end() :]
    if _HOST.match(link) or (_HOST_AND_PATH.match(link) and link.partition("/")[0] == _host(url)):
        return f"//{link}"
    return link


@lru_cache(64)
def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def whole_address(told: object) -> str | None:
    """A web address by itself, that needs no base; None for anything else."""
    whole = isinstance(told, str) and told.strip().lower().startswith(("http://", "https://"))
    return absolute(told, "") if whole else None


def base_of(url: str, site: object, itself: object, *, beside_site: bool) -> str:
    """What relative links are relative to where the document tells no base: its address (RFC 3986
    section 5.1.3), or the site that it speaks of (`beside_site`): RSS says nothing of this, and
    who writes news/1 means it as on a page of the site, wherever the feed itself lies. Where we
    have no address, as of a file, it is what the document tells of the site or of itself."""
    known = whole_address(site)
    if whole_address(url):
        return known if known and beside_site else url
    return known or whole_address(itself) or url


def as_id(value: object) -> str | None:
    """An id as it was given: nothing in it has a meaning."""
    text = value.strip() if isinstance(value, str) else ""
    return text[:_LONGEST_LINK] or None


def short(value: object) -> str | None:
    """A short text in one line, None where it is empty."""
    return _short(value[:_LONGEST_NAME]) if isinstance(value, str) else None


@lru_cache(2048)  # the authors and categories of a feed's entries are mostly the same few
def _short(text: str) -> str | None:
    return plain_title(text, is_markup=False) or None


def terms(values: Iterable[object]) -> tuple[str, ...]:
    """Categories: each once, in order."""
    told = dict.fromkeys(value for value in values if isinstance(value, str))
    names = (short(value) for value in islice(told, _MOST_LOOKED_AT))
    return tuple(dict.fromkeys(name for name in names if name))[:_MOST_CATEGORIES]
