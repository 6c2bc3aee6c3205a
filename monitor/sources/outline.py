"""Walks over a feed's document once, to find where its items stand and which of them are new.

One pass of expat, without feedparser: a tenth of what that takes. Each item gets a mark, a digest
of its very bytes and of all around it that bears on its meaning; what has a mark that is known
need not be read again. Where anything speaks against reading items apart from each other there is
no outline, and the whole document must be read. This module must not know what items mean.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple
from xml.parsers import expat

from monitor.sources.engine import NAMESPACES, has_handler
from monitor.sources.hostile import MOST_ENTRIES

_MOST_NODES = 50_000  # elements and attributes: 20 MB of our memory
_MOST_ATTRIBUTES = 100
_MOST_DEPTH = 100
_PIECE = 65_536  # bytes that expat is given at once: between two pieces other threads may run
_VERSION = "5"  # part of every mark: to be raised when items come to be read in another way

_PREFIXES = frozenset(NAMESPACES.values()) - {""}
_IN_AUTHOR = ("name", "email", "uri")
_ITEMS = ("item", "entry")
_HOLDERS = {"rss": "channel", "rdf_rdf": "", "feed": ""}  # root -> what holds the items; "": itself
# Outside an item they would change how feedparser reads the next one
_LEAKING = frozenset(("content", "content_encoded", "fullitem", "body", "xhtml_body", "source"))


class Node(NamedTuple):
    """An element: its name as feedparser calls it (dc_creator), its attributes as expat names them
    (those with a namespace hold a blank), the pieces of its own text, and the elements in it."""

    tag: str
    attributes: dict[str, str]
    pieces: list[str]
    children: list[Node]

    @property
    def text(self) -> str:
        """Its own text, without that of the elements in it."""
        return "".join(self.pieces)


_node = tuple.__new__  # what Node(…) does, without the call around it


class Item(NamedTuple):
    """One item: its bytes are `start:end` of the document."""

    start: int
    end: int
    mark: str
    node: Node


@dataclass(frozen=True, slots=True)
class Outline:
    """A well-formed document. `root` is all of it but the items; `namespaces` the addresses of the
    namespaces that it declares itself. `divisible`: feedparser reads each item as if the others
    were not there. Elements of which it has a notion leave traces in it where they stand inside
    those of an item."""

    root: Node
    items: tuple[Item, ...]
    namespaces: tuple[str, ...]
    divisible: bool

    def without(self, data: bytes, marks: Collection[str]) -> bytes:
        """The document without the items that have one of these marks."""
        parts, at = [], 0
        for item in self.items:
            if item.mark in marks:
                parts.append(data[at : item.start])
                at = item.end
        return b"".join((*parts, data[at:]))


class _DoubtError(Exception):
    """This document is not for us."""


def outline(data: bytes, url: str) -> Outline | None:
    """The outline of a document in UTF-8 that came from `url`; None where it is ill-formed, has a
    document type, or holds anything for which the whole of it must be read."""
    walk = _Walk(data, url)
    try:
        return walk.run()
    except (_DoubtError, expat.ExpatError):
        return None
    finally:
        walk.close()


class _Walk:
    """The state of one pass."""

    def __init__(self, data: bytes, url: str) -> None:
        self._data = data
        self._url = url
        self._parser = expat.ParserCreate("utf-8", " ", {})
        self._parser.namespace_prefixes = True
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse
        self._parser.StartNamespaceDeclHandler = self._declare
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._names: dict[str, str] = {}  # expat's names -> feedparser's
        self._in_use: dict[str, str] = {}  # feedparser's namespaces_in_use
        self._bound: dict[str, str] = {}
        self._declared: list[tuple[str | None, str]] = []
        self._of_root: tuple[str, ...] = ()
        self._stack: list[Node] = []
        self._nodes = 0
        self._holder = 0  # how deep the element lies that holds the items
        self._item_at: int | None = None
        self._divisible = True
        self._context = b""
        self._items: list[Item] = []
        self._root: Node | None = None

    def run(self) -> Outline:
        for at in range(0, len(self._data), _PIECE):
            self._parser.Parse(self._data[at : at + _PIECE], False)
            if self._nodes > _MOST_NODES:
                raise _DoubtError
        self._parser.Parse(b"", True)
        if self._root is None or self._nodes > _MOST_NODES:
            raise _DoubtError
        return Outline(self._root, tuple(self._items), self._of_root, self._divisible)

    def close(self) -> None:
        """Lets go of the parser, which holds on to this: else both, and the whole document with
        them, would wait for the garbage collector."""
        del self._parser

    def _declare(self, prefix: str | None, address: str | None) -> None:
        """As feedparser's track_namespace does it. A prefix must mean one thing in all of the
        document, and one of which feedparser has an own notion just that. Where xmlns="" takes a
        declaration back, expat gives None."""
        uri = address or ""
        known = NAMESPACES.get(uri.lower()) if uri else None
        if prefix is not None and self._bound.setdefault(prefix, uri) != uri:
            raise _DoubtError
        if "backend.userland.com/rss" in uri.lower() or (prefix in _PREFIXES and known != prefix):
            raise _DoubtError
        if uri:
            if len(uri.split()) > 1:  # feedparser's strict parser fails over it
                raise _DoubtError
            self._in_use[known if known is not None else prefix or ""] = uri
        self._declared.append((prefix, uri))
        self._names.clear()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = self._names.get(name)
        if tag is None:
            tag = self._names[name] = self._named(name)
        stack = self._stack
        node = _node(Node, (tag, attributes, [], []))
        self._nodes += 1
        in_item = self._item_at is not None and len(stack) == self._holder + 1
        if in_item and not attributes and tag not in _ITEMS:  # nearly all are
            stack[-1].children.append(node)
        else:
            self._look_at(node)
        stack.append(node)

    def _look_at(self, node: Node) -> None:
        """Puts an element in its place, unless there is something about it."""
        tag, attributes, stack = node.tag, node.attributes, self._stack
        self._nodes += len(attributes)
        if len(attributes) > _MOST_ATTRIBUTES or len(stack) > _MOST_DEPTH:
            raise _DoubtError
        if attributes and stack and any(map(_is_base, attributes)):
            raise _DoubtError  # feedparser may hold on to it beyond its element
        if tag in _ITEMS:
            self._begin(node)
        elif stack:
            self._look_at_inner(tag)
            stack[-1].children.append(node)
            if len(stack) == 1 and self._holder == 2 and tag == "channel":
                self._count_channels()
        else:
            self._begin_document(node)

    def _look_at_inner(self, tag: str) -> None:
        """Notes what would change how feedparser reads the items behind it."""
        depth = len(self._stack) - self._holder  # 1: in an item; 2: in an element of one
        if self._item_at is None:
            if tag in _LEAKING:
                raise _DoubtError
        elif depth > 1 and has_handler(tag):
            in_author = depth == 2 and tag in _IN_AUTHOR and self._stack[-1].tag == "author"
            self._divisible = self._divisible and in_author

    def _begin_document(self, node: Node) -> None:
        if node.tag not in _HOLDERS:
            raise _DoubtError
        self._root = node
        self._of_root = tuple(uri for _, uri in self._declared)
        self._holder = 2 if _HOLDERS[node.tag] else 1

    def _count_channels(self) -> None:
        if sum(child.tag == "channel" for child in self._stack[0].children) > 1:
            raise _DoubtError

    def _begin(self, node: Node) -> None:
        stack = self._stack
        if self._item_at is not None or not stack or len(stack) != self._holder:
            raise _DoubtError
        if self._holder == 2 and stack[1].tag != "channel":
            raise _DoubtError
        if (node.tag == "entry") != (stack[0].tag == "feed") or len(self._items) == MOST_ENTRIES:
            raise _DoubtError
        if not self._items:
            around = [(each.tag, sorted(each.attributes.items())) for each in stack]
            told = repr((_VERSION, self._url, around, self._declared))
            self._context = hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()
        self._item_at = self._parser.CurrentByteIndex

    def _end(self, _: str) -> None:
        node = self._stack.pop()
        if self._item_at is not None and len(self._stack) == self._holder:
            start, at = self._item_at, self._parser.CurrentByteIndex
            if not node.children:  # <item/> too, which ends elsewhere
                raise _DoubtError
            end = self._data.index(b">", at) + 1
            made = hashlib.blake2b(self._data[start:end], digest_size=8, key=self._context)
            self._items.append(Item(start, end, made.hexdigest(), node))
            self._item_at = None

    def _characters(self, text: str) -> None:
        self._stack[-1].pieces.append(text)

    def _named(self, name: str) -> str:
        """The name by which feedparser's methods go: prefix_local, in lower case."""
        uri, local = _split(name)
        known = NAMESPACES.get(uri.lower())
        if known:
            return f"{known.lower()}_{local}"
        if uri:
            for prefix, used in self._in_use.items():
                if prefix and used == uri:
                    return f"{prefix.lower()}_{local}"
        return local


def _split(name: str) -> tuple[str, str]:
    """The address of the namespace and the local name, in lower case, from a name of expat's: an
    address, a name and a prefix, or a name alone."""
    parts = name.split(" ")
    if len(parts) > 3:  # an address with a blank
        raise _DoubtError
    return ("", name.lower()) if len(parts) == 1 else (parts[0], parts[1].lower())


def _is_base(attribute: str) -> bool:
    name = attribute.lower()
    return name == "base" or " base" in name


def _refuse(*_: object) -> None:
    raise _DoubtError
