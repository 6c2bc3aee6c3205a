"""Reads a feed's document with feedparser, and turns it into our own plain values.

feedparser gets a document after we have decided on its encoding, and checked for what makes it
slow. Markup is turned into plain text here, so that nothing behind this file meets HTML. This
module must open nothing, start nothing, and let no exception of feedparser out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from monitor.core.alerts.headline import headline
from monitor.core.feeds.dates import read_date
from monitor.errors import FeedError
from monitor.model import Entry, Hints, Marked, ParsedFeed
from monitor.sources.encoding import decode, is_noise
from monitor.sources.engine import PAGES, PERMALINK, parse_document
from monitor.sources.fields import (
    LONGEST_TEXT,
    absolute,
    as_id,
    base_of,
    paragraphs,
    short,
    terms,
    whole,
    whole_address,
)
from monitor.sources.hints import read_hints
from monitor.sources.hostile import MOST_ENTRIES, make_safe
from monitor.sources.jsonfeed import looks_like_json, read_json_feed
from monitor.sources.mend import mended, problem
from monitor.sources.packed import salvaged
from monitor.sources.plain import plain, plain_title, tidy
from monitor.sources.roots import Kind, Root, root_of
from monitor.sources.stump import without_halves
from monitor.sources.wrapped import from_page, from_string, plainly_named

LARGEST_DOCUMENT = 20_000_000  # bytes

# Past sections and comments, which may tell of one
_CHANNEL = re.compile(
    r"<!\[CDATA\[(?:[^\]]++|\](?!\]>))*+|<!--(?:[^-]++|-(?!->))*+"
    r"|<(?:[\w.-]{1,100}+:)?(channel)(?=[\s/>])",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"<(?:[\w.-]{1,100}+:)?(?:errors?|fault|exception|message|status|code|detail)(?=[\s/>])",
    re.IGNORECASE,
)
_ELEMENT = re.compile(r"<\w")
_EMPTY = re.compile(
    r"<(?:[\w.-]{1,100}+:)?(?:rss|rdf)(?=[\s/>])[^<>]*+(?:(?<=/)>|>\s*+</)", re.IGNORECASE
)
_NETSCAPE = "netscape.com/rdf/simple/0.9"
_TITLES = ("title", "dc_title", "itunes_title", "media_title")
_FULL_TEXT = "yandex_full-text"  # of news for Yandex, which others read too
_DATES = ("published", "created", "updated")
_ATOM_TEXT = ("text/plain", "text", "plain")
_MARKUP = ("text/html", "html", "application/xhtml+xml", "xhtml", "application/xml", "text/xml")


def parse_feed(data: bytes, headers: Mapping[str, str], url: str) -> ParsedFeed:
    """One document as it is to be shown: like read_feed, but with a title for each entry, and of
    one in which the document breaks off what is whole."""
    return titled(_read(data, headers, url, in_part=True))


def titled(feed: ParsedFeed) -> ParsedFeed:
    """The feed with a title for each of its entries: where it gives none, the beginning of the
    text, else the link."""
    return replace(feed, entries=tuple(map(_with_title, feed.entries)))


def _with_title(entry: Entry) -> Entry:
    if entry.title:
        return entry
    told = headline(Marked(entry.summary or entry.text)).text
    return replace(entry, title=told or entry.link or "")


def read_feed(data: bytes, headers: Mapping[str, str], url: str) -> ParsedFeed:
    """Reads one document: RSS 0.9x, 1.0, 2.0, Atom or JSON Feed.

    `headers` are the answer's, names in any case; `url` is where it came from, which relative
    links are resolved against. Raises FeedError where the document is empty, too large, an HTML
    page, no feed, or refused; a feed that is merely ill-formed or without entries is read, with
    a warning. An entry in which the document breaks off is left for when it is whole."""
    return _read(data, headers, url, in_part=False)


def _read(data: bytes, headers: Mapping[str, str], url: str, *, in_part: bool) -> ParsedFeed:
    data = salvaged(data, LARGEST_DOCUMENT)
    if len(data) > LARGEST_DOCUMENT:
        raise FeedError(f"larger than {LARGEST_DOCUMENT} bytes")
    named = {name.lower(): value or "" for name, value in headers.items()}
    decoded = decode(data, named.get("content-type", ""))
    text = without_blanks(from_string(without_blanks(decoded.text)))
    if not text:
        raise FeedError("an empty document")
    if is_noise(text):
        raise FeedError("no feed: its bytes are no text")
    language = named.get("content-language", "")
    if looks_like_json(text):
        told = [decoded.warning] if decoded.warning else []
        return read_json_feed(text, language, url, warnings=told)
    root = root_of(text)
    if root.kind is Kind.PAGE:
        text = from_page(text)
        root = root_of(text)
    text, warnings = make_safe(text)
    ill_formed = problem(text)
    whole = without_halves(text) if ill_formed else None
    text = text if whole is None else whole
    put_right = mended(text) if ill_formed else None
    document = _document(put_right or text, language)
    bare = root.name in ("rss", "rdf") and not document["entries"] and not _has_channel(text)
    if bare and (ill_formed or _tells_of_error(text)):
        raise FeedError("no feed: neither a channel nor an entry")
    kind = _kind(document, root)
    own = (decoded.warning, *warnings, ill_formed if put_right else _oddity(document))
    told = [warning for warning in own if warning]
    feed = shape(document, kind, url, told, read_hints(text))
    return feed if whole is None else _broken_off(feed, in_part=in_part)


def _document(text: str, language: str) -> Mapping[str, Any]:
    document = parse_document(text, language)
    named = None if document["entries"] else plainly_named(text)
    if named is None:
        return document
    again = parse_document(named, language)
    return again if again["entries"] else document


def _broken_off(feed: ParsedFeed, *, in_part: bool) -> ParsedFeed:
    """The feed without its last entry, of which only the beginning is there. To rules half a link
    would be another article, a missing date an old one, and half a text all of it; to be shown, an
    entry takes a title, and an id or link."""
    last = feed.entries[-1] if feed.entries else Entry()
    if in_part and last.title and (last.id or last.link):
        warning = "breaks off inside an entry, which is shown as far as it goes"
        return replace(feed, warnings=(*feed.warnings, warning))
    warning = "breaks off inside an entry, which is left for when it is whole"
    return replace(feed, entries=feed.entries[:-1], warnings=(*feed.warnings, warning))


def without_blanks(text: str) -> str:
    """A document's text from its first letter on."""
    return text.lstrip("\ufeff \t\r\n\x00")


def _kind(document: Mapping[str, Any], root: Root) -> str:
    """The format by feedparser's name; one that tells no version goes by its first element, or
    by its entries. Raises FeedError where it is no feed."""
    version = str(document.get("version") or "")
    mentioned = not root.is_first and _tells_nothing(document, version)
    if version and root.kind is Kind.FEED and not mentioned:
        return version
    entries, spaces = document["entries"], document["namespaces"].values()
    if root.name == "channel":
        return "rss" if spaces else "cdf"  # RSS 1.1, or of 1997
    if root.name == "rdf" and (entries or {"title", "link"} & document["feed"].keys()):
        return "rss090"
    if any(_NETSCAPE in address for address in spaces):
        return "rss090"
    if any(entry.keys() >= {"title", "link"} for entry in entries):
        return "rss"
    raise FeedError("no feed: neither RSS nor Atom nor JSON Feed")


def _has_channel(text: str) -> bool:
    """Whether a document without entries is a feed's all the same: <rss/> says nothing, but
    nothing else either."""
    return bool(_EMPTY.search(text)) or any(match[1] for match in _CHANNEL.finditer(text))


def _tells_of_error(text: str) -> bool:
    """Whether a document without a channel says why: in an element that is called so, or in words
    where elements would be."""
    return bool(_ERROR.search(text)) or not _ELEMENT.findall(text)[1:]


def _tells_nothing(document: Mapping[str, Any], version: str) -> bool:
    """Whether <rss> or <feed> may only be mentioned in another document's text."""
    told = document["entries"] or {"title", "link"} & document["feed"].keys()
    return version in ("rss", "atom") and not told


def _oddity(document: Mapping[str, Any]) -> str | None:
    if document.get("bozo"):
        return " ".join(f"ill-formed: {document.get('bozo_exception')}".split())[:300]
    return None if document.get("entries") else "no entries"


def shape(
    document: Mapping[str, Any], kind: str, url: str, warnings: Iterable[str], hints: Hints
) -> ParsedFeed:
    """Our own values from a document as feedparser gives it."""
    about = dict(document.get("feed") or {})
    entries = [dict(entry) for entry in document.get("entries") or ()][:MOST_ENTRIES]
    itself = _itself(about)
    pages = (*_pages(about, kind), about.get("link"))
    site = absolute(next(filter(None, pages), None), base_of(url, None, itself, beside_site=False))
    base = base_of(url, site, itself, beside_site=not kind.startswith("atom"))
    language = short(about.get("language"))
    return ParsedFeed(
        kind=kind,
        title=_title(about, kind),
        link=site,
        language=language,
        entries=tuple(_entry(entry, kind, base, language or "") for entry in entries),
        warnings=tuple(warnings),
        hints=hints,
    )


def _entry(entry: dict[str, Any], kind: str, base: str, language: str) -> Entry:
    """`entry` is feedparser's, as a plain dict: its own class makes up keys that are missing."""
    summary = _marked(_mapping(entry["summary_detail"])) if "summary_detail" in entry else ""
    contents = [_marked(content) for content in _mappings(entry.get("content"))]
    contents.append(plain(str(entry.get(_FULL_TEXT) or "")[:LONGEST_TEXT]))
    told = [content for content in dict.fromkeys(contents) if content]
    if not summary and not told:
        summary = _marked(_mapping(entry.get("media_description_detail")))
    return Entry(
        id=as_id(entry.get("id")) or as_id(entry.get("dc_identifier")),
        title=_title(entry, kind),
        link=_link(entry, kind, base),
        published=_published(entry, kind, language),
        updated=_moment(entry.get("updated"), language),
        author=_author(entry),
        summary=summary,
        text=whole(summary, told),
        categories=_categories(entry),
    )


def _title(holder: Mapping[str, Any], kind: str) -> str:
    """Its own; where there is none that of the episode, film or picture that it is about."""
    return next(filter(None, (_titled(holder, name, kind) for name in _TITLES)), "")


def _titled(holder: Mapping[str, Any], name: str, kind: str) -> str:
    """RSS does not say whether a title is markup; Atom does (RFC 4287 section 3.1)."""
    told = holder.get(name)
    raw = told[:LONGEST_TEXT] if isinstance(told, str) else ""
    form = str(_mapping(holder.get(f"{name}_detail")).get("type", ""))
    if kind.startswith("atom") and form in _ATOM_TEXT:
        return " ".join(tidy(raw).split())
    return plain_title(raw, is_markup=form in _MARKUP)


def _marked(detail: Mapping[str, Any]) -> str:
    """The text of a content construct; nothing where it is neither text nor markup."""
    raw = str(detail.get("value") or "")[:LONGEST_TEXT]
    told = str(detail.get("type") or "text/html")
    if told in _ATOM_TEXT:
        return paragraphs(raw)
    return plain(raw) if told in _MARKUP else ""


def _link(entry: Mapping[str, Any], kind: str, base: str) -> str | None:
    """The entry's page; else the address that is its id; else what it is about, a recording or a
    paper, but no picture, which many may share; else where its text lies."""
    return next(filter(None, _links(entry, kind, base)), None)


def _links(entry: Mapping[str, Any], kind: str, base: str) -> Iterator[str | None]:
    for told in _pages(entry, kind):
        yield absolute(told, base)
    yield whole_address(entry.get("link"))
    yield whole_address(entry.get(PERMALINK))
    if kind.startswith(("rss09", "rss10")):
        yield whole_address(entry.get("id"))  # rdf:about
    yield whole_address(entry.get("dc_identifier"))
    for link in _mappings(entry.get("links")):
        if link.get("rel") == "enclosure" and not _is_picture(link):
            yield absolute(link.get("href"), base)
    yield absolute(_mapping(entry.get("media_player")).get("url"), base)
    for content in _mappings(entry.get("content")):
        yield absolute(content.get("src"), base)


def _pages(holder: Mapping[str, Any], kind: str) -> list[object]:
    """The addresses of the page that an entry or feed stands for, the likeliest first: the link of
    RSS itself, of several the last; then links to pages, then those to the same in another form."""
    links = [link for link in _mappings(holder.get("links")) if link.get("rel") == "alternate"]
    atom = kind.startswith("atom")
    if len(links) > 1:
        links.reverse()
        links.sort(key=lambda link: _rank(link, atom=atom))
    return [link["href"] for link in links if link.get("href")]


def _rank(link: Mapping[str, Any], *, atom: bool) -> int:
    if "inside" in link:
        return 3
    if "own" in link and not atom:
        return 0
    return 1 if link.get("type", "text/html") in PAGES else 2


def _itself(about: Mapping[str, Any]) -> object:
    """The address that a feed calls its own."""
    links = _mappings(about.get("links"))
    return next((link.get("href") for link in links if link.get("rel") == "self"), None)


def _is_picture(link: Mapping[str, Any]) -> bool:
    return str(link.get("type", "")).startswith("image/")


def _published(entry: Mapping[str, Any], kind: str, language: str) -> datetime | None:
    """When it came out. RSS 1.0 has only dc:date for that, which feedparser calls updated."""
    told = _DATES[:2] if kind.startswith("atom") else _DATES
    moments = (_moment(entry.get(name), language) for name in told)
    return next((moment for moment in moments if moment is not None), None)


def _author(entry: Mapping[str, Any]) -> str | None:
    """The names without the addresses beside them, where there are any."""
    named = terms(author.get("name") for author in _mappings(entry.get("authors")))
    if len(named) > 1:
        return short(", ".join(named))
    return short(_mapping(entry.get("author_detail")).get("name")) or short(entry.get("author"))


def _moment(written: object, language: str) -> datetime | None:
    return read_date(written, language) if isinstance(written, str) else None


def _categories(entry: Mapping[str, Any]) -> tuple[str, ...]:
    terms_told = (tag.get("term") or tag.get("label") for tag in _mappings(entry.get("tags")))
    return terms(terms_told)


def _mapping(value: object) -> Mapping[str, Any]:
    """A member that feedparser makes a dict, unless a document has an element of that name."""
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    """The same for lists of dicts."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
