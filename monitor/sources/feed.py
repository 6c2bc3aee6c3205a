"""Reads a feed's document with feedparser, and turns it into our own plain values.

feedparser gets a document after we have decided on its encoding, and checked for what makes it
slow. Markup is turned into plain text here, so that nothing behind this file meets HTML. This
module must open nothing, start nothing, and let no exception of feedparser out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from monitor.core.feeds.dates import read_date
from monitor.errors import FeedError
from monitor.model import Entry, Hints, ParsedFeed
from monitor.sources.encoding import decode
from monitor.sources.engine import parse_document
from monitor.sources.fields import LONGEST_TEXT, absolute, as_id, paragraphs, short, terms, whole
from monitor.sources.hints import read_hints
from monitor.sources.hostile import MOST_ENTRIES, make_safe
from monitor.sources.jsonfeed import looks_like_json, read_json_feed
from monitor.sources.packed import salvaged
from monitor.sources.plain import plain, plain_title, tidy
from monitor.sources.roots import Root, root_of

LARGEST_DOCUMENT = 20_000_000  # bytes

_ENTRY_TAGS = re.compile(
    r"<(?:(/)(?:[\w.-]++:)?(?:item|entry|channel|rss|feed|rdf)|(?:[\w.-]++:)?(?:item|entry))"
    r"(?=[\s/>])",
    re.IGNORECASE,
)
_LONGEST_STUMP = 1_000_000  # letters from the end in which the last entry begins
_DATES = ("published", "created", "updated")
_ATOM_TEXT = ("text/plain", "text", "plain")
_MARKUP = ("text/html", "html", "application/xhtml+xml", "xhtml", "application/xml", "text/xml")


def parse_feed(data: bytes, headers: Mapping[str, str], url: str) -> ParsedFeed:
    """Reads one document: RSS 0.9x, 1.0, 2.0, Atom or JSON Feed.

    `headers` are the answer's, names in any case; `url` is where it came from, which relative
    links are resolved against. Raises FeedError where the document is empty, too large, an HTML
    page, no feed, or refused; a feed that is merely ill-formed or without entries is read, with
    a warning."""
    data = salvaged(data, LARGEST_DOCUMENT)
    if len(data) > LARGEST_DOCUMENT:
        raise FeedError(f"larger than {LARGEST_DOCUMENT} bytes")
    named = {name.lower(): value for name, value in headers.items()}
    decoded = decode(data, named.get("content-type", ""))
    text = without_blanks(decoded.text)
    if not text:
        raise FeedError("an empty document")
    language = named.get("content-language", "")
    if looks_like_json(text):
        told = [decoded.warning] if decoded.warning else []
        return read_json_feed(text, language, url, warnings=told)
    root = root_of(text)
    if root is Root.PAGE:
        raise FeedError("an HTML page, not a feed")
    if root is Root.OTHER:
        raise FeedError("no feed: neither RSS nor Atom nor JSON Feed")
    text, warnings = make_safe(text)
    document = parse_document(text, language)
    own = (decoded.warning, *warnings, _oddity(document))
    feed = shape(document, url, [warning for warning in own if warning], read_hints(text))
    return _without_stump(feed) if document.get("bozo") and _ends_in_entry(text) else feed


def _ends_in_entry(text: str) -> bool:
    """Whether a document breaks off inside an entry."""
    tags = _ENTRY_TAGS.findall(text, max(0, len(text) - _LONGEST_STUMP))
    return bool(tags) and not tags[-1]


def _without_stump(feed: ParsedFeed) -> ParsedFeed:
    """The feed without its last entry, of which only the beginning is there: half a link would be
    another article, and half a text would count as all of it."""
    warning = "breaks off inside an entry, which is left for when it is whole"
    return replace(feed, entries=feed.entries[:-1], warnings=(*feed.warnings, warning))


def without_blanks(text: str) -> str:
    """A document's text from its first letter on."""
    return text.lstrip("\ufeff \t\r\n\x00")


def _oddity(document: Mapping[str, Any]) -> str | None:
    if document.get("bozo"):
        return " ".join(f"ill-formed: {document.get('bozo_exception')}".split())[:300]
    return None if document.get("entries") else "no entries"


def shape(
    document: Mapping[str, Any], url: str, warnings: Iterable[str], hints: Hints
) -> ParsedFeed:
    """Our own values from a document as feedparser gives it."""
    kind = str(document["version"])
    about = dict(document.get("feed") or {})
    entries = [dict(entry) for entry in document.get("entries") or ()][:MOST_ENTRIES]
    language = short(about.get("language"))
    return ParsedFeed(
        kind=kind,
        title=_title(about, kind),
        link=absolute(about.get("link"), url),
        language=language,
        entries=tuple(_entry(entry, kind, url, language or "") for entry in entries),
        warnings=tuple(warnings),
        hints=hints,
    )


def _entry(entry: dict[str, Any], kind: str, url: str, language: str) -> Entry:
    """`entry` is feedparser's, as a plain dict: its own class makes up keys that are missing."""
    summary = _marked(_mapping(entry["summary_detail"])) if "summary_detail" in entry else ""
    contents = dict.fromkeys(_marked(content) for content in _mappings(entry.get("content")))
    return Entry(
        id=as_id(entry.get("id")),
        title=_title(entry, kind),
        link=_link(entry, url),
        published=_published(entry, kind, language),
        updated=_moment(entry.get("updated"), language),
        author=_author(entry),
        summary=summary,
        text=whole(summary, [content for content in contents if content]),
        categories=_categories(entry),
    )


def _title(holder: Mapping[str, Any], kind: str) -> str:
    """RSS does not say whether a title is markup; Atom does (RFC 4287 section 3.1)."""
    raw = str(holder.get("title") or "")[:LONGEST_TEXT]
    told = str(_mapping(holder.get("title_detail")).get("type", ""))
    if kind.startswith("atom") and told in _ATOM_TEXT:
        return " ".join(tidy(raw).split())
    return plain_title(raw, is_markup=told in _MARKUP)


def _marked(detail: Mapping[str, Any]) -> str:
    """The text of a content construct; nothing where it is neither text nor markup."""
    raw = str(detail.get("value") or "")[:LONGEST_TEXT]
    told = str(detail.get("type") or "text/html")
    if told in _ATOM_TEXT:
        return paragraphs(raw)
    return plain(raw) if told in _MARKUP else ""


def _link(entry: Mapping[str, Any], url: str) -> str | None:
    """The entry's page. An id stands for it only where it is a whole address by itself."""
    told = [link for link in _mappings(entry.get("links")) if link.get("rel") == "alternate"]
    link = entry.get("link") or (told[0].get("href") if told else None)
    if not told and not str(link).startswith(("http://", "https://")):
        return None
    return absolute(link, url)


def _published(entry: Mapping[str, Any], kind: str, language: str) -> datetime | None:
    """When it came out. RSS 1.0 has only dc:date for that, which feedparser calls updated."""
    told = _DATES[:2] if kind.startswith("atom") else _DATES
    moments = (_moment(entry.get(name), language) for name in told)
    return next((moment for moment in moments if moment is not None), None)


def _author(entry: Mapping[str, Any]) -> str | None:
    """The name without the address beside it, where there is one."""
    return short(_mapping(entry.get("author_detail")).get("name")) or short(entry.get("author"))


def _moment(written: object, language: str) -> datetime | None:
    return read_date(written, language) if isinstance(written, str) else None


def _categories(entry: Mapping[str, Any]) -> tuple[str, ...]:
    terms_told = (tag.get("term") or tag.get("label") for tag in _mappings(entry.get("tags")))
    return terms(terms_told)


def _mapping(value: object) -> Mapping[str, Any]:
    """A member that feedparser makes a mapping, unless a document has an element of that name."""
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    """The same for lists of mappings."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
