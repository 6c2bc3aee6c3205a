"""Reads a feed's document with feedparser, and turns it into our own plain values.

feedparser gets bytes in a BytesIO only: given bytes, it would open the file that they name. It
gets them in UTF-8 after we have decided on the encoding, and checked for what makes it slow.
Markup is turned into plain text here, so that nothing behind this file meets HTML. This module
must open nothing, start nothing, and let no exception of feedparser out.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from monitor.errors import FeedError
from monitor.model import Entry, Hints, ParsedFeed
from monitor.sources.encoding import decode
from monitor.sources.hints import read_hints
from monitor.sources.hostile import MOST_ENTRIES, make_safe
from monitor.sources.plain import plain, plain_title, tidy

LARGEST_DOCUMENT = 20_000_000  # bytes
LONGEST_TEXT = 1_000_000  # letters of a title or a text
_LONGEST_LINK = 8_192
_LONGEST_NAME = 1_000  # letters of an author, a category, an id or a language
_MOST_CATEGORIES = 100
_HEAD = 10_000  # letters within which a page shows that it is one

# With Debian's libxml2 driver importable, feedparser would read files and URLs that a document
# names; an empty list leaves expat, which reads neither.
feedparser.api.PREFERRED_XML_PARSERS[:] = []

_ROOT = re.compile(
    r"(?:[^<]++|<!--.*?-->|<[!?][^>]*+>)*+<((?:[\w.-]++:)?+[A-Za-z][\w.-]*+)", re.DOTALL
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CUT = " .…[]"  # how summaries end that were cut off
_PARAGRAPHS = re.compile(r"\n\s*\n")
_ATOM_TEXT = ("text/plain", "text", "plain")
_MARKUP = ("text/html", "html", "application/xhtml+xml", "xhtml", "application/xml", "text/xml")


def parse_feed(data: bytes, headers: Mapping[str, str], url: str) -> ParsedFeed:
    """Reads one document: RSS 0.9x, 1.0, 2.0 or Atom.

    `headers` are the answer's, names in any case; `url` is where it came from, which relative
    links are resolved against. Raises FeedError where the document is empty, too large, an HTML
    page, no feed, or refused; a feed that is merely ill-formed or without entries is read, with
    a warning."""
    if len(data) > LARGEST_DOCUMENT:
        raise FeedError(f"larger than {LARGEST_DOCUMENT} bytes")
    named = {name.lower(): value for name, value in headers.items()}
    decoded = decode(data, named.get("content-type", ""))
    text = decoded.text.lstrip("\ufeff \t\r\n\x00")
    if not text:
        raise FeedError("an empty document")
    if _is_page(text):
        raise FeedError("an HTML page, not a feed")
    text, warnings = make_safe(text)
    document = _parse(text, named.get("content-language", ""))
    own = (decoded.warning, *warnings, _oddity(document))
    return _feed(document, url, [warning for warning in own if warning], read_hints(text))


def _is_page(text: str) -> bool:
    root = _ROOT.match(text[:_HEAD])
    return root is not None and root[1].lower() == "html"


def _parse(text: str, language: str) -> Mapping[str, Any]:
    """What feedparser makes of the document, whatever it raises over it."""
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
    except Exception as error:  # it lets out KeyError, ValueError, UnicodeError … of its own
        raise FeedError(f"feedparser fails over it: {type(error).__name__}") from error
    if not document.get("version"):
        raise FeedError("no feed: neither RSS nor Atom")
    if "amplification" in str(document.get("bozo_exception", "")):
        raise FeedError("refused: entities that expand without end")
    return document


def _oddity(document: Mapping[str, Any]) -> str | None:
    if document.get("bozo"):
        return " ".join(f"ill-formed: {document.get('bozo_exception')}".split())[:300]
    return None if document.get("entries") else "no entries"


def _feed(
    document: Mapping[str, Any], url: str, warnings: Iterable[str], hints: Hints
) -> ParsedFeed:
    kind = str(document["version"])
    about = dict(document.get("feed") or {})
    entries = [dict(entry) for entry in document.get("entries") or ()][:MOST_ENTRIES]
    return ParsedFeed(
        kind=kind,
        title=_title(about, kind),
        link=_absolute(about.get("link"), url),
        language=_name(about.get("language")),
        entries=tuple(_entry(entry, kind, url) for entry in entries),
        warnings=tuple(warnings),
        hints=hints,
    )


def _entry(entry: dict[str, Any], kind: str, url: str) -> Entry:
    """`entry` is feedparser's, as a plain dict: its own class makes up keys that are missing."""
    summary = _marked(entry["summary_detail"]) if "summary_detail" in entry else ""
    contents = dict.fromkeys(_marked(content) for content in entry.get("content") or ())
    return Entry(
        id=_id(entry.get("id")),
        title=_title(entry, kind),
        link=_link(entry, url),
        published=_published(entry, kind),
        updated=_moment(entry.get("updated_parsed")),
        author=_author(entry),
        summary=summary,
        text=_whole(summary, [content for content in contents if content]),
        categories=_categories(entry),
    )


def _title(holder: Mapping[str, Any], kind: str) -> str:
    """RSS does not say whether a title is markup; Atom does (RFC 4287 section 3.1)."""
    raw = str(holder.get("title") or "")[:LONGEST_TEXT]
    told = str((holder.get("title_detail") or {}).get("type", ""))
    if kind.startswith("atom") and told in _ATOM_TEXT:
        return " ".join(tidy(raw).split())
    return plain_title(raw, is_markup=told in _MARKUP)


def _marked(detail: Mapping[str, Any]) -> str:
    """The text of a content construct; nothing where it is neither text nor markup."""
    raw = str(detail.get("value") or "")[:LONGEST_TEXT]
    told = str(detail.get("type") or "text/html")
    if told in _ATOM_TEXT:
        lines = (" ".join(part.split()) for part in _PARAGRAPHS.split(raw))
        return tidy("\n".join(lines))
    return plain(raw) if told in _MARKUP else ""


def _whole(summary: str, contents: list[str]) -> str:
    """The content, after those paragraphs of the summary that it lacks: an opening may stand in
    the summary alone, and a summary is often the cut-off beginning of the content."""
    text = "\n".join(contents)
    if not text:
        return summary
    folded = _folded(text)
    lacking = [part for part in summary.split("\n") if _folded(part).rstrip(_CUT) not in folded]
    return "\n".join([*lacking, text])[:LONGEST_TEXT]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _link(entry: Mapping[str, Any], url: str) -> str | None:
    """The entry's page. An id stands for it only where it is a whole address by itself."""
    told = [link for link in entry.get("links") or () if link.get("rel") == "alternate"]
    link = entry.get("link") or (told[0].get("href") if told else None)
    if not told and not str(link).startswith(("http://", "https://")):
        return None
    return _absolute(link, url)


def _absolute(link: object, url: str) -> str | None:
    """An http(s) address, None for anything else: no script, file or data of a feed's choosing."""
    if not isinstance(link, str) or not link.strip() or len(link) > _LONGEST_LINK:
        return None
    bare = _CONTROL.sub("", link.strip()).replace(" ", "%20")
    try:
        own = urlsplit(bare)
        whole = urljoin(url, bare)
        parts = urlsplit(whole)
    except ValueError:
        return None
    named = own.hostname or not own.scheme  # "https://" alone would lead back to the feed
    return whole if named and parts.scheme in ("http", "https") and parts.hostname else None


def _published(entry: Mapping[str, Any], kind: str) -> datetime | None:
    """When it came out. RSS 1.0 has only dc:date for that, which feedparser calls updated."""
    told = entry.get("published_parsed") or entry.get("created_parsed")
    if told is None and not kind.startswith("atom"):
        told = entry.get("updated_parsed")
    return _moment(told)


def _author(entry: Mapping[str, Any]) -> str | None:
    """The name without the address beside it, where there is one."""
    return _name((entry.get("author_detail") or {}).get("name")) or _name(entry.get("author"))


def _moment(parsed: time.struct_time | None) -> datetime | None:
    """feedparser's dates are in UTC; one that no calendar has is none."""
    if parsed is None:
        return None
    try:
        return datetime(*parsed[:6], tzinfo=UTC)
    except (ValueError, OverflowError, TypeError):
        return None


def _categories(entry: Mapping[str, Any]) -> tuple[str, ...]:
    terms = (_name(tag.get("term") or tag.get("label")) for tag in entry.get("tags") or ())
    return tuple(dict.fromkeys(term for term in terms if term))[:_MOST_CATEGORIES]


def _id(value: object) -> str | None:
    """An id as it was given: nothing in it has a meaning."""
    text = value.strip() if isinstance(value, str) else ""
    return text[:_LONGEST_LINK] or None


def _name(value: object) -> str | None:
    """A short text in one line, None where it is empty."""
    if not isinstance(value, str):
        return None
    return plain_title(value[:_LONGEST_NAME], is_markup=False) or None
