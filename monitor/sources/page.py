"""Reads the links of an HTML page that a CSS selector picks, as the entries of a feed.

A page that its makers laid out anew gives no links any more: that is told as a failure, never as
a page without news. The page is hostile input for a parser written in C, so this runs in a reading
process; this module must open nothing, and raise nothing but FeedError.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from lxml import etree, html
from lxml.html import HtmlElement

from monitor.core.feeds.dates import read_date
from monitor.core.feeds.identity import canonical_link
from monitor.core.feeds.selector import SelectorError, to_xpath
from monitor.errors import FeedError
from monitor.model import Entry, ParsedFeed
from monitor.sources.encoding import decode
from monitor.sources.feed import LARGEST_DOCUMENT
from monitor.sources.fields import LONGEST_TEXT, absolute, short
from monitor.sources.hostile import MOST_ENTRIES
from monitor.sources.plain import is_block, plain_title, tidy

_MOST_PIECES = 20_000  # of the text of one picked element
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_UNSEEN = frozenset(("script", "style", "noscript", "template", "svg", "button", "select"))
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_EARLY_END = re.compile(r"</(?:body|html)\s*+>", re.IGNORECASE)  # libxml2 reads no further
_SHOWS_A_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|div|a|p|ul|table)\b", re.IGNORECASE)


def read_page(data: bytes, content_type: str, url: str, selector: str) -> ParsedFeed:
    """The entries that a page's links make. `selector` picks the links themselves, or elements that
    hold one link each or stand inside one; several selectors are joined by commas. `url` is where
    the page came from. Raises FeedError where it is no page, or has no such links."""
    if len(data) > LARGEST_DOCUMENT:
        raise FeedError(f"larger than {LARGEST_DOCUMENT} bytes")
    decoded = decode(data, content_type)
    text = _ODD.sub("", decoded.text).strip("\ufeff \t\r\n")
    if not text:
        raise FeedError("an empty document")
    if _SHOWS_A_PAGE.search(text) is None:
        raise FeedError("no HTML page")
    root = _tree(text)
    base = _base(root, url)
    picked = _picked(root, selector)
    entries = _merged(_entries(picked, base))
    if not entries:
        raise FeedError(f"the selector {selector!r} finds no link to an article in the page")
    warnings = [decoded.warning] if decoded.warning else []
    if len(entries) > MOST_ENTRIES:
        warnings.append(f"{len(entries)} links: all beyond the first {MOST_ENTRIES} are left out")
    return ParsedFeed(
        kind="page",
        title=plain_title(root.findtext(".//title") or "", is_markup=False),
        link=url or None,
        language=short(root.get("lang")),
        entries=tuple(entries[:MOST_ENTRIES]),
        warnings=tuple(warnings),
    )


def _tree(text: str) -> HtmlElement:
    # Without huge_tree what stands behind 256 open tags is lost, and pages forget to close tags.
    parser = html.HTMLParser(
        encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        markup = _EARLY_END.sub("", text).encode("utf-8", "replace")
        return html.document_fromstring(markup, parser=parser)
    except (etree.LxmlError, ValueError) as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        raise FeedError(f"an HTML page that cannot be read: {type(error).__name__}") from error


def _base(root: HtmlElement, url: str) -> str:
    """What relative links stand in relation to (HTML, section 4.2.3)."""
    told = root.find(".//base[@href]")
    return (absolute(told.get("href"), url) if told is not None else None) or url


def _picked(root: HtmlElement, selector: str) -> list[HtmlElement]:
    try:
        found = root.xpath(to_xpath(selector))
    except SelectorError as error:
        raise FeedError(error.reason) from error
    except etree.XPathError as error:
        raise FeedError(f"a selector that cannot be run: {error}") from error
    return [each for each in found if isinstance(each, HtmlElement)]


def _entries(picked: Iterable[HtmlElement], base: str) -> Iterator[Entry]:
    for element in picked:
        anchor = _anchor(element)
        link = _link(anchor, base) if anchor is not None else None
        if anchor is not None and link is not None:
            yield _entry(element, anchor, link)


def _anchor(element: HtmlElement) -> HtmlElement | None:
    """The link that a picked element is, holds, or stands in."""
    if element.tag == "a":
        return element
    inside = element.xpath("(.//h1|.//h2|.//h3|.//h4|.//h5|.//h6)//a[@href]") or element.xpath(
        ".//a[@href]"
    )
    if inside:
        return inside[0]
    return next(element.iterancestors("a"), None)


def _link(anchor: HtmlElement, base: str) -> str | None:
    """Where a link leads; None where that is no other page: a place in this one, a script, mail."""
    href = (anchor.get("href") or "").strip()
    link = None if not href or href.startswith("#") else absolute(href, base)
    if link is None or canonical_link(link) in (None, canonical_link(base)):
        return None
    return link


def _entry(element: HtmlElement, anchor: HtmlElement, link: str) -> Entry:
    title = _title(element, anchor)
    text = "" if element is anchor or anchor in element.iterancestors() else _text(element)
    more = "\n".join(line for line in text.split("\n") if line != title)
    return Entry(
        title=title, link=link, published=_published(element, anchor), summary=more, text=more
    )


def _title(element: HtmlElement, anchor: HtmlElement) -> str:
    """What the link says, else the heading beside it, else what it or its picture is called."""
    candidates = (
        *_inner_heading(anchor),
        _line(anchor),
        *_inner_heading(element),
        anchor.get("title"),
        anchor.get("aria-label"),
        *_outer_heading(element),
        *(each.get("alt") for each in anchor.iter("img")),
    )
    for candidate in candidates:
        title = plain_title(candidate or "", is_markup=False)
        if any(map(str.isalpha, title)):
            return title[:LONGEST_TEXT]
    return ""


def _inner_heading(element: HtmlElement) -> tuple[str, ...]:
    return tuple(_line(each) for each in element.iter(*_HEADINGS))[:1]


def _outer_heading(element: HtmlElement) -> tuple[str, ...]:
    """The heading of the article that an element stands in, or of the item of a list."""
    for around in element.iterancestors("article", "li"):
        return _inner_heading(around)
    return ()


def _published(element: HtmlElement, anchor: HtmlElement) -> datetime | None:
    """The time that stands in the picked element, or beside the link in the smallest thing around
    it that has one time alone."""
    for near in (element, anchor, *_around(element)):
        times = list(near.iter("time"))
        if times:
            told = times[0].get("datetime") or _line(times[0])
            return read_date(told) if len(times) == 1 or near in (element, anchor) else None
    return None


def _around(element: HtmlElement) -> Iterator[HtmlElement]:
    for steps, each in enumerate(element.iterancestors()):
        if steps >= 3 or each.tag in ("body", "main", "section", "ul", "ol"):
            return
        yield each


def _line(element: HtmlElement) -> str:
    return " ".join(_text(element).split())


def _text(element: HtmlElement) -> str:
    """What a reader sees of an element, a line for each of its blocks."""
    parts: list[str] = []
    hidden = None
    for event, each in etree.iterwalk(element, events=("start", "end")):
        if len(parts) > _MOST_PIECES:
            break
        name = each.tag if isinstance(each.tag, str) else ""
        if event == "start" and hidden is None:
            if name in _UNSEEN:
                hidden = each
                continue
            parts += ["\n" if is_block(name) else "", _inline(each.text)]
        elif event == "end" and each is hidden:
            hidden = None
        if event == "end" and hidden is None:
            parts.append("\n" if is_block(name) else "")
            parts.append(_inline(each.tail) if each is not element else "")
    return tidy("".join(parts))[:LONGEST_TEXT]


def _inline(text: str | None) -> str:
    return (text or "").replace("\n", " ").replace("\r", " ")


def _merged(entries: Iterable[Entry]) -> list[Entry]:
    """Links that lead to one article are one entry, which has of each what it says at most."""
    found: dict[str, Entry] = {}
    for entry in entries:
        key = canonical_link(entry.link) or ""
        before = found.get(key)
        found[key] = entry if before is None else _joined(before, entry)
    return list(found.values())


def _joined(one: Entry, other: Entry) -> Entry:
    text = max(one.text, other.text, key=len)
    return Entry(
        title=max(one.title, other.title, key=len),
        link=one.link,
        published=one.published or other.published,
        summary=text,
        text=text,
    )
