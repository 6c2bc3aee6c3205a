"""Reads the items of plain, well-formed RSS and Atom to what feedparser would make of them.

It knows the elements that news feeds consist of, and of each just what feedparser does with it;
wherever anything else stands, it says so by None, and feedparser itself must read the document.
That both come to the same is tested on documents made at random. The dictionaries have those
members of feedparser's that sources.feed looks at, and no other. This module must not guess.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from monitor.sources import engine
from monitor.sources.outline import Node, Outline

_MOST_CATEGORIES = 100  # of an entry: each is compared with all before it
_LONGEST_AUTHOR = 100  # letters with an @: feedparser's search for an address takes long
_LANGUAGE = ("lang", "http://www.w3.org/XML/1998/namespace lang xml")
_OF_TEXTS = frozenset(("type", *_LANGUAGE))
_OF_CATEGORIES = frozenset(("term", "scheme", "domain", "label"))
_TEXT_TYPES = {
    "text": "text/plain",
    "plain": "text/plain",
    "text/plain": "text/plain",
    "html": "text/html",
    "text/html": "text/html",
}
_OF_LINKS = frozenset(("rel", "type", "href", "hreflang", "title", "length"))
_OF_ENCLOSURES = frozenset(("url", "type", "length", "duration", "title", "medium"))
# Attributes of the outer elements that count, beside the version
_COUNTING = frozenset(("base", "lang", "href", "lastmod"))
_VERSIONS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
_TELLING = ("http://my.netscape.com/rdf/simple/0.9/", "http://purl.org/rss/1.0/")
_ATOM = "http://www.w3.org/2005/atom"
_MISREAD = re.compile("[\x80-\x9f]")
_ENTITY_LIKE = re.compile("&([A-Za-z0-9_]+);")
# What our reading looks at: an element that feedparser does not know may not be called so
_OWN = frozenset(
    (
        "author",
        "author_detail",
        "authors",
        "content",
        "created",
        "dc_identifier",
        "dc_title",
        "dc_title_detail",
        "guidislink",
        "id",
        "itunes_title",
        "language",
        "link",
        "links",
        "media_description",
        "media_description_detail",
        "media_player",
        "media_title",
        "media_title_detail",
        "published",
        "source",
        "summary",
        "summary_detail",
        "tags",
        "title",
        "title_detail",
        "updated",
        "yandex_full-text",
    )
)
# What feedparser has methods for, but that changes nothing we look at
_QUIET = frozenset(
    (
        "media_content",
        "media_thumbnail",
        "media_credit",
        "media_rating",
        "media_group",
        "generator",
        "dc_publisher",
        "dc_rights",
        "rights",
        "copyright",
    )
)
_QUIET_IN_HEAD = _QUIET | frozenset(
    (
        "enclosure",
        "description",
        "subtitle",
        "tagline",
        "managingeditor",
        "webmaster",
        "lastbuilddate",
        "pubdate",
        "updated",
        "published",
        "modified",
        "category",
        "cloud",
        "dc_date",
        "dc_creator",
        "dc_subject",
        "keywords",
        "logo",
        "icon",
    )
)
_IN_IMAGE = frozenset(("url", "title", "link", "width", "height", "description"))
_IN_AUTHOR = frozenset(("name", "email", "uri"))


class _NotPlainError(Exception):
    """Something stands here that feedparser must read."""


Members = dict[str, Any]


def read_head(document: Outline, language: str) -> Members | None:
    """The document's `version`, and its `feed`: title, link and language. `language` is what the
    answer's header says."""
    try:
        return _head(document, language)
    except _NotPlainError:
        return None


def read_item(item: Node, *, atom: bool) -> Members | None:
    """The members of one entry."""
    try:
        return _Entry(atom=atom).read(item)
    except _NotPlainError:
        return None


def _head(document: Outline, language: str) -> Members:
    root = document.root
    version = _version(root, document.namespaces)
    feed: Members = {"language": language.replace("_", "-")} if language else {}
    told = _lang(root)
    if told:
        feed["language"] = told.replace("_", "-")
    holder = root
    if root.tag == "rss":
        holder = _channel(root)
        _lang(holder)
    reader = _Feed(feed, atom=version.startswith("atom"))
    for child in holder.children:
        reader.child(child)
    return {"version": version, "feed": feed}


def _channel(root: Node) -> Node:
    channels = [child for child in root.children if child.tag == "channel"]
    if len(channels) != 1 or len(root.children) != 1:
        raise _NotPlainError
    return channels[0]


def _version(root: Node, namespaces: tuple[str, ...]) -> str:
    """feedparser's name of the format, for RSS and for Atom 1.0."""
    addresses = [uri.lower() for uri in namespaces]
    if any(each in _TELLING for each in addresses):
        raise _NotPlainError
    if root.tag == "feed" and _ATOM in addresses:
        return "atom10"
    if root.tag != "rss":
        raise _NotPlainError
    if any(name.lower() == "version" != name for name in root.attributes):
        raise _NotPlainError
    told = root.attributes.get("version", "")
    if told in _VERSIONS:
        return _VERSIONS[told]
    return "rss20" if told.startswith("2.") else "rss"


def _lang(node: Node) -> str:
    """The language that a start tag tells, of an element that may tell nothing else that counts."""
    told = [value for name, value in node.attributes.items() if name in _LANGUAGE]
    others = [name.lower() for name in node.attributes if name not in _LANGUAGE]
    local = [name.split(" ")[1] if " " in name else name for name in others]
    if len(told) > 1 or not _COUNTING.isdisjoint(local):
        raise _NotPlainError
    return told[0] if told else ""


class _Reader:
    """What entries and feeds have in common."""

    def __init__(self, members: Members, *, atom: bool) -> None:
        self._members = members
        self._atom = atom

    def _save(self, name: str, value: object) -> None:
        self._members.setdefault(name, value)

    def _text(self, node: Node) -> str:
        """The text of an element that may hold nothing but text."""
        if node.children:
            raise _NotPlainError
        return _mended(node.text.strip())

    def _content(self, node: Node, default: str) -> Members:
        """A text with its type, as feedparser's push_content and pop_content make it."""
        told = node.attributes
        kind = _TEXT_TYPES.get(told.get("type", default).lower()) if told else default
        if kind is None or node.children or not told.keys() <= _OF_TEXTS:
            raise _NotPlainError
        text = node.text.strip()
        if not self._atom and kind == "text/plain" and engine.looks_like_html(text):
            kind = "text/html"
        return {"type": kind, "value": _mended(text)}

    def _link(self, node: Node) -> None:
        told = node.attributes
        if told:
            told = {name.lower(): value for name, value in told.items()}
        if node.children or not told.keys() <= _OF_LINKS or not all(told.values()):
            raise _NotPlainError
        link = {"rel": told.get("rel", "alternate").lower()}
        link["type"] = told.get("type", "text/html").lower()
        if "rel" not in told and not told.keys() >= {"href", "type"}:
            link["own"] = "yes"
        self._members.setdefault("links", []).append(link)
        if "href" in told:
            if ":" in link["rel"]:
                raise _NotPlainError
            link["href"] = engine.without_base(told["href"])
            if link["rel"] == "alternate" and link["type"] in engine.PAGES:
                self._members["link"] = link["href"]
        elif told:
            raise _NotPlainError
        else:
            text = node.text.strip()
            address = self._address(_mended(engine.without_base(text)))
            if address:
                link["href"] = address
            self._members["link"] = address

    def _address(self, text: str) -> str:
        return _ENTITY_LIKE.sub(r"&\g<1>", text)

    def _id(self, node: Node) -> None:
        attributes = {name.lower(): value for name, value in node.attributes.items()}
        if not attributes.keys() <= {"ispermalink"}:
            raise _NotPlainError
        is_link = attributes.get("ispermalink", "true") == "true"
        text = node.text.strip()
        if node.children:
            raise _NotPlainError
        value = _mended(engine.without_base(text) if is_link and text else text)
        self._members["id"] = value
        if is_link:
            self._members[engine.PERMALINK] = value
            self._save("link", value)

    def _ignored(self, node: Node, quiet: frozenset[str]) -> None:
        """Passes over an element, and all in it, that changes nothing we look at."""
        if node.tag not in quiet and not _is_unknown(node.tag):
            raise _NotPlainError
        for child in node.children:
            self._ignored(child, _QUIET)


class _Entry(_Reader):
    """One item in work: its members, and what feedparser would have in mind."""

    def __init__(self, *, atom: bool) -> None:
        super().__init__({}, atom=atom)
        self._titled = False
        self._has_content = False

    def read(self, item: Node) -> Members:
        if not item.attributes.keys() <= set(_LANGUAGE):
            raise _NotPlainError
        for node in item.children:
            method = _METHODS.get(node.tag)
            if method is None:
                self._ignored(node, _QUIET)
            else:
                method(self, node)
        if self._members.get("link") == "" and "http" in item.text:
            raise _NotPlainError  # its address may stand behind it
        return self._members

    def _title(self, node: Node) -> None:
        told = self._content(node, "text/plain")
        if not self._titled:
            self._members["title"] = told["value"]
            self._members["title_detail"] = told
        self._titled = self._titled or bool(told["value"])

    def _description(self, node: Node) -> None:
        self._summarise(node, "text/html")

    def _summary(self, node: Node) -> None:
        self._summarise(node, "text/plain")

    def _summarise(self, node: Node, default: str) -> None:
        if "summary" in self._members and not self._has_content:
            raise _NotPlainError  # a second one becomes a content, in a way of its own
        told = self._content(node, default)
        self._members["summary"] = told["value"]
        self._members["summary_detail"] = told

    def _encoded(self, node: Node) -> None:
        self._hold(node, "text/html")

    def _atom_content(self, node: Node) -> None:
        self._hold(node, "text/plain")

    def _hold(self, node: Node, default: str) -> None:
        self._has_content = True
        told = self._content(node, default)
        self._members.setdefault("content", []).append(told)
        self._save("summary", told["value"])

    def _date(self, node: Node, name: str) -> None:
        if node.attributes:
            raise _NotPlainError
        self._members[name] = self._text(node)

    def _published(self, node: Node) -> None:
        self._date(node, "published")

    def _updated(self, node: Node) -> None:
        self._date(node, "updated")

    def _category(self, node: Node) -> None:
        told = node.attributes
        if not told.keys() <= _OF_CATEGORIES:
            raise _NotPlainError
        tags = self._members.setdefault("tags", [])
        if told:
            scheme = told.get("scheme", told.get("domain"))
            _add_tag(tags, told.get("term"), scheme, told.get("label"))
        text = self._text(node)
        if text and tags and not tags[-1]["term"]:
            tags[-1]["term"] = text
        elif text:
            _add_tag(tags, text, None, None)
        if len(tags) > _MOST_CATEGORIES:
            raise _NotPlainError

    def _author(self, node: Node) -> None:
        if node.attributes or _is_long(node.text):
            raise _NotPlainError
        members = self._members
        authors = members.setdefault("authors", [])
        authors.append({})
        for child in node.children:
            self._author_part(child)
        members["author"] = _mended(node.text.strip())
        engine.settle_author(members)

    def _author_part(self, node: Node) -> None:
        """feedparser's _save_author."""
        if node.tag not in _IN_AUTHOR or node.children or node.attributes:
            raise _NotPlainError
        text = node.text.strip()
        if _is_long(text):
            raise _NotPlainError
        name = "href" if node.tag == "uri" else node.tag
        self._members.setdefault("author_detail", {})[name] = text
        engine.settle_author(self._members)
        self._members["authors"][-1][name] = text

    def _enclosure(self, node: Node) -> None:
        told = {name.lower(): value for name, value in node.attributes.items()}
        if node.children or not told.get("url") or not told.keys() <= _OF_ENCLOSURES:
            raise _NotPlainError
        kind = told.get("type", "").lower()
        link = {"rel": "enclosure", "type": kind, "href": told["url"]}
        self._members.setdefault("links", []).append(link)

    def _kept(self, node: Node) -> None:
        """An element that feedparser does not know, so that it keeps the text."""
        if node.attributes:
            raise _NotPlainError
        self._members[node.tag] = self._text(node)

    def _source(self, node: Node) -> None:
        """Where the item was taken from; another title may follow it."""
        if node.children or not node.attributes.keys() <= {"url"}:
            raise _NotPlainError
        self._titled = False

    def _address(self, text: str) -> str:
        return super()._address(text.replace("&amp;", "&"))


class _Feed(_Reader):
    """What stands beside the items."""

    def child(self, node: Node) -> None:
        if node.tag == "title":
            if "title" in self._members:
                raise _NotPlainError
            told = self._content(node, "text/plain")
            self._members["title"] = told["value"]
            self._members["title_detail"] = told
        elif node.tag == "link":
            self._link(node)
        elif node.tag == "id":
            self._id(node)
        elif node.tag in ("language", "dc_language"):
            if node.attributes:
                raise _NotPlainError
            self._members["language"] = self._text(node)
        elif node.tag == "image":
            self._image(node)
        elif node.tag == "author":
            if any(each.tag not in _IN_AUTHOR or each.children for each in node.children):
                raise _NotPlainError
        else:
            self._ignored(node, _QUIET_IN_HEAD)

    def _image(self, node: Node) -> None:
        if node.attributes or any(
            each.tag not in _IN_IMAGE or each.children or each.attributes for each in node.children
        ):
            raise _NotPlainError


_METHODS: Mapping[str, Callable[[_Entry, Node], None]] = {
    "title": _Entry._title,
    "link": _Entry._link,
    "guid": _Entry._id,
    "id": _Entry._id,
    "description": _Entry._description,
    "summary": _Entry._summary,
    "content": _Entry._atom_content,
    "content_encoded": _Entry._encoded,
    "pubdate": _Entry._published,
    "published": _Entry._published,
    "updated": _Entry._updated,
    "dc_date": _Entry._updated,
    "category": _Entry._category,
    "dc_subject": _Entry._category,
    "author": _Entry._author,
    "dc_creator": _Entry._author,
    "source": _Entry._source,
    "enclosure": _Entry._enclosure,
    "dc_identifier": _Entry._kept,
    "yandex_full-text": _Entry._kept,
}


def _is_long(author: str) -> bool:
    return len(author) > _LONGEST_AUTHOR and "@" in author


def _mended(text: str) -> str:
    """As feedparser mends texts that went through a wrong encoding."""
    if text.isascii():
        return text
    if text[0] < "\u0100":  # else it is no Latin-1, and the exception costs more than this look
        with contextlib.suppress(UnicodeError):
            text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(engine.CP1252) if _MISREAD.search(text) else text


def _add_tag(tags: list[Members], term: str | None, scheme: str | None, label: str | None) -> None:
    if not (term or scheme or label):
        return
    tag = {"term": term, "scheme": scheme, "label": label}
    if not term or tag not in tags:
        tags.append(tag)


@lru_cache(4096)  # feeds choose the names
def _is_unknown(tag: str) -> bool:
    """Whether feedparser has no notion of an element, nor we of its name."""
    return tag not in _OWN and tag not in engine.ALIASES and not engine.has_handler(tag)
