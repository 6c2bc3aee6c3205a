"""Reads JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), and what comes close to it.

feedparser reads no JSON. Whoever writes JSON by hand leaves things out: a missing version, an
item without id, numbers for ids, a comment of a cache before or behind the document are read, and
of one that is ill-formed the whole items, with a warning where something may be lost. This module
must open nothing, and raise nothing but FeedError.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from monitor.core.feeds.dates import read_date
from monitor.errors import FeedError
from monitor.model import Entry, ParsedFeed
from monitor.sources.fields import (
    LONGEST_TEXT,
    absolute,
    as_id,
    paragraphs,
    short,
    terms,
    whole,
    whole_address,
)
from monitor.sources.hostile import MOST_ENTRIES, refuse_marks, without_illegal
from monitor.sources.jsonmend import DECODER, TELLING, whole_parts, without_spare_commas
from monitor.sources.plain import looks_marked, plain, plain_title, unescape
from monitor.sources.roots import Kind, root_of

_MOST_HOLDERS = 400_000  # objects and lists: 64 bytes each where they are empty
_MOST_COMMAS = 2_000_000  # between values; a number takes 50 bytes

_JSON = re.compile(r"\{\s*[\"}]")  # not a template's {{ or {% before a document of another kind
_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/([\d.]+)/?")
_KINDS = {"1": "json1", "1.0": "json1", "1.1": "json11"}  # names as feedparser's main branch has
_ITEMS = re.compile(r"\"items\"\s*:")
_HEAD = 10_000  # letters in which a document behind others shows what it is
_TOLD = re.compile(r"jsonfeed\.org\\?/version|\"items\"\s*:\s*[\[{]")
_BEGINNING = re.compile(
    r"\{\W{0,9}(?:version|title|home_page_url|feed_url|description|language|authors?|items)\b"
)

_Object = Mapping[str, Any]


def looks_like_json(text: str) -> bool:
    """Whether a document is a JSON object, by its first letters, or a JSON Feed behind others."""
    return _beginning(text) is not None


def _beginning(text: str) -> int | None:
    """Where the object begins: a warning, a comment or a stray letter may stand before it, but
    neither a feed, a page or a script, nor the beginning of a comment that is about JSON."""
    if _JSON.match(text):
        return 0
    told = _TOLD.search(text, 0, _HEAD)
    if told is None:
        return None
    beginning = _BEGINNING.search(text, 0, told.end())
    at = beginning.start() if beginning else 0
    before = text[: at if beginning else told.start()]
    if root_of(before).kind is not Kind.OTHER or "<script" in before.lower():
        return None
    is_open = before.rfind("<") > before.rfind(">") or before.rfind("<!--") > before.rfind("-->")
    return None if is_open else at


def read_json_feed(
    text: str, language: str, url: str, *, warnings: Iterable[str] = ()
) -> ParsedFeed:
    """Reads a document that is a JSON object. `language` is the one that headers tell, `url`
    where it came from; `warnings` are those there are already. Raises FeedError where it is
    ill-formed, no feed, or made to fill the memory."""
    document, oddities = _decode(text)
    kind = _kind(document)
    if kind is None:
        kind = "json11"
        oddities.append("tells no known version of JSON Feed: read as 1.1")
    items, more = _items(document)
    base = absolute(_text(document, "feed_url"), url) or url
    author = _author(document)
    told = short(_text(document, "language")) or short(language)
    return ParsedFeed(
        kind=kind,
        title=_title(document),
        link=absolute(_text(document, "home_page_url"), base),
        language=told,
        entries=tuple(_entry(item, base, author, told or "") for item in items),
        warnings=(*warnings, *oddities, *more),
    )


def _decode(text: str) -> tuple[_Object, list[str]]:
    if text.count("{") + text.count("[") > _MOST_HOLDERS or text.count(",") > _MOST_COMMAS:
        raise FeedError("refused: more values than a feed has")
    refuse_marks(text)
    beginning = _beginning(text) or 0
    oddities = ["ill-formed: something stands before the document"] if beginning else []
    text = text[beginning:]
    try:
        document, oddity = _whole(text) or _in_parts(text, "it goes on behind its end")
    except RecursionError as error:
        raise FeedError("refused: values nested without end") from error
    return document, oddities + oddity


def _whole(text: str) -> tuple[_Object, list[str]] | None:
    """The document; None where its items stand behind what would be its end."""
    oddities: list[str] = []
    try:
        document, end = DECODER.raw_decode(text)
    except ValueError as error:
        mended = without_spare_commas(text)
        try:
            document, end = DECODER.raw_decode(mended)
        except ValueError:
            return _in_parts(text, str(error))
        text, oddities = mended, [f"ill-formed: {error}"]
    rest = text[end:].strip("\x00 \t\r\n")
    if not isinstance(document, dict) or ("items" not in document and _ITEMS.search(rest)):
        return None
    if rest:
        oddities.append("ill-formed: something follows the document")
    return document, oddities


def _in_parts(text: str, error: str) -> tuple[_Object, list[str]]:
    """What is whole of an ill-formed document. Raises FeedError where no item is."""
    parts = whole_parts(text)
    if parts is None:
        raise FeedError(f"ill-formed JSON: {error}")
    told = f"; {parts.broken} items that are broken are left out" if parts.broken else ""
    return parts.document, [f"ill-formed: {error}{told}"]


def _kind(document: _Object) -> str | None:
    """The version by feedparser's name; None where there is none that we know, but this is a JSON
    Feed of another one, or items look like a feed's. Raises FeedError where it is no feed."""
    version = _VERSION.fullmatch(_text(document, "version").strip().lower())
    items = _told_items(document)
    objects = [item for item in items or () if isinstance(item, dict)]
    if version is None and not any(TELLING & item.keys() for item in objects):
        raise FeedError("no feed: neither RSS nor Atom nor JSON Feed")
    if items is None:
        raise FeedError("no feed: a JSON Feed without items")
    return _KINDS.get(version[1]) if version is not None else None


def _told_items(document: _Object) -> list[object] | None:
    """The items, which PHP numbers where its list has a gap; None where there are none told."""
    told = document.get("items")
    if isinstance(told, dict):
        return _values(told)
    return told if isinstance(told, list) else None


def _values(told: dict[str, object]) -> list[object]:
    """The values, but no item that was closed too early, so that its members follow it."""
    keys = list(told)
    numbered = any(map(str.isdecimal, keys))
    following = zip(keys, [*keys, "0"][1:], strict=True)
    kept = [key for key, after in following if not numbered or (key + after).isdecimal()]
    return [told[key] for key in kept]


def _items(document: _Object) -> tuple[list[_Object], list[str]]:
    """The items that are objects, as many as we take, and what is to be said of the others."""
    items = _told_items(document) or []
    objects: list[_Object] = [item for item in items if isinstance(item, dict)]
    warnings = []
    if not items:
        warnings.append("no entries")
    if len(objects) < len(items):
        warnings.append(f"{len(items) - len(objects)} items that are no objects are left out")
    if len(objects) > MOST_ENTRIES:
        warnings.append(f"{len(objects)} entries: all beyond the first {MOST_ENTRIES} are left out")
    return objects[:MOST_ENTRIES], warnings


def _entry(item: _Object, base: str, author: str | None, language: str) -> Entry:
    """An item. Without authors of its own it has the feed's (version 1.1, "authors")."""
    told = unescape(_text(item, "summary"))
    summary = plain(told) if looks_marked(told) else paragraphs(told)
    content = plain(_text(item, "content_html")) or paragraphs(_text(item, "content_text"))
    tags = item.get("tags")
    return Entry(
        id=as_id(_text(item, "id")),
        title=_title(item),
        link=_link(item, base),
        published=read_date(_text(item, "date_published"), language),
        updated=read_date(_text(item, "date_modified"), language),
        author=_author(item) or author,
        summary=summary,
        text=whole(summary, [content] if content else []),
        categories=terms(map(_clean, tags)) if isinstance(tags, list) else (),
    )


def _link(item: _Object, base: str) -> str | None:
    """The item's page; else the page that it is about; else its id, which is best an address
    (version 1.1, "id"), or what is attached, but no picture, which many may share."""
    told = item.get("attachments")
    attached = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    others = [each for each in attached if not _text(each, "mime_type").startswith("image/")]
    return (
        absolute(_text(item, "url"), base)
        or absolute(_text(item, "external_url"), base)
        or whole_address(_text(item, "id"))
        or next(filter(None, (absolute(_text(each, "url"), base) for each in others)), None)
    )


def _title(holder: _Object) -> str:
    """Meant to be no markup; but a reference that stands in a title is never meant as itself."""
    return plain_title(unescape(_text(holder, "title")), is_markup=False)


def _author(holder: _Object) -> str | None:
    """The names of `authors` (1.1) or of `author` (1.0), in one line."""
    told = holder.get("authors")
    authors = told if isinstance(told, list) and told else [holder.get("author")]
    named = [each.get("name") if isinstance(each, dict) else each for each in authors]
    return short(", ".join(terms(map(_clean, named)))) or None


def _text(holder: _Object, key: str) -> str:
    """A member that is a text or a number, without what no text may hold; else an empty text."""
    return _clean(holder.get(key))


def _clean(value: object) -> str:
    return without_illegal(value[:LONGEST_TEXT]) if isinstance(value, str) else ""
