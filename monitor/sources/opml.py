"""OPML 1.0 and 2.0 (http://opml.org/spec2.opml): the lists of feeds that readers exchange.

Of a document every outline that is a feed is read with its folders and all its attributes, known
or not, so that they can be written again. Documents of other programs are read as they are:
unescaped &, names of HTML's characters, wrong encodings. A document type with declarations of its
own is refused, so no entity expands and nothing is loaded. This module must not know which feeds
are watched.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.entities import html5
from itertools import count
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from monitor.errors import DataError
from monitor.sources.encoding import decode
from monitor.sources.hostile import ILLEGAL

OWN = "urn:rasid:opml"  # the namespace of what OPML has no attribute for, with the prefix `rasid`
MAX_BYTES = 20_000_000
MAX_DEPTH = 100
MAX_OUTLINES = 100_000
_MOST_KEPT = 10_000  # letters of an attribute, and attributes of an outline; real ones have 500, 30

Name = tuple[str, str]  # namespace, empty for none, and local name
Attributes = tuple[tuple[Name, str], ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed in OPML, or a folder of feeds: the texts of the folders around it, from the outermost
    on (a folder's with its own), its attributes in their order, its line in the document."""

    path: tuple[str, ...]
    attributes: Attributes
    line: int = 0

    def get(self, name: str, namespace: str = "") -> str | None:
        """An attribute's value; of OPML's own names the case is no matter (`xmlurl`)."""
        for (space, local), value in self.attributes:
            if space == namespace and local.lower() == name.lower():
                return value
        return None


@dataclass(frozen=True, slots=True)
class Outlines:
    """What a document holds. `others` counts outlines that are neither feeds nor folders;
    `prefixes` are those that the namespaces have there."""

    feeds: tuple[Outline, ...] = ()
    folders: tuple[Outline, ...] = ()
    others: int = 0
    prefixes: tuple[tuple[str, str], ...] = ()  # namespace, prefix
    warning: str | None = None


# --- reading ------------------------------------------------------------------------------------


def parse_opml(data: bytes, content_type: str = "") -> Outlines:
    """Reads a document. Raises DataError, with line and column where there is one, for what is no
    OPML, not to be repaired, or made to do harm."""
    if len(data) > MAX_BYTES:
        raise DataError(f"is larger than {MAX_BYTES // 1_000_000} MB")
    decoded = decode(data, content_type)
    text = decoded.text
    start = re.match(r"[\s\ufeff]*", text)
    above = start[0].count("\n") if start else 0
    text = text[start.end() :] if start else text
    try:
        return _Reader(above).read(text, decoded.warning)
    except expat.ExpatError as error:
        what = expat.ErrorString(error.code)
        where = f"line {error.lineno + above}, column {error.offset + 1}"
        fault = f"is no sound XML: {what} at {where}"
    text = _legal(text)
    for repair in (_without_tags_in_attributes, _quoted_again):
        with contextlib.suppress(expat.ExpatError):
            return _Reader(above).read(repair(text), decoded.warning or f"repaired: {fault}")
    raise DataError(fault)


class _Reader:
    """Hears a document's elements. No recursion: its depth is only counted."""

    def __init__(self, above: int) -> None:
        self._above = above  # lines before the text that is read
        self._root = ""
        self._feeds: list[Outline] = []
        self._folders: dict[tuple[str, ...], Outline] = {}
        self._seen = self._others = self._depth = 0
        self._open: list[str | None] = []  # of each open outline the text; None: adds no folder
        self._spaces: list[dict[str, str]] = [{"xml": "http://www.w3.org/XML/1998/namespace"}]
        self._prefixes: dict[str, str] = {}
        self._leaf: Outline | None = None

    def read(self, text: str, warning: str | None) -> Outlines:
        parser = expat.ParserCreate("utf-8")  # ours: whatever the document says of itself
        parser.ordered_attributes = True
        parser.StartDoctypeDeclHandler = _refuse_declarations
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        self._parser = parser
        parser.Parse(text.encode("utf-8", "replace"), True)
        return Outlines(
            tuple(self._feeds),
            tuple(self._folders.values()),
            self._others,
            tuple(self._prefixes.items()),
            warning,
        )

    def _start(self, tag: str, attributes: list[str]) -> None:
        if not self._root:
            self._root = tag.lower()
            if self._root != "opml":
                raise DataError(f"is no OPML: it begins with <{tag[:40]}>")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise DataError(f"line {self._line()}: nested deeper than {MAX_DEPTH} levels")
        pairs = list(zip(attributes[::2], attributes[1::2], strict=True))
        self._spaces.append(self._declared(pairs))
        if tag.lower() == "outline":
            self._outline(pairs)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        self._spaces.pop()
        if tag.lower() == "outline":
            self._open.pop()
            if self._leaf is not None:
                self._others += 1
                self._leaf = None

    def _outline(self, pairs: list[tuple[str, str]]) -> None:
        self._seen += 1
        if self._seen > MAX_OUTLINES:
            raise DataError(f"holds more than {MAX_OUTLINES} outlines")
        folders = tuple(text for text in self._open if text)
        outline = Outline(folders, self._named(pairs), self._line())
        if self._leaf is not None:  # it has one in it, so it is a folder
            self._folders.setdefault(folders, self._leaf)
            self._leaf = None
        if outline.get("xmlUrl"):
            self._feeds.append(outline)
            self._open.append(None)
            return
        label = (outline.get("text") or outline.get("title") or "").strip()
        self._open.append(label)
        path = (*folders, label) if label else folders
        self._leaf = Outline(path, outline.attributes, outline.line)

    def _line(self) -> int:
        return int(self._parser.CurrentLineNumber) + self._above

    def _declared(self, pairs: list[tuple[str, str]]) -> dict[str, str]:
        """The namespaces in force (https://www.w3.org/TR/xml-names/)."""
        own = {
            name.removeprefix("xmlns:"): value
            for name, value in pairs
            if name.startswith("xmlns:") and value
        }
        return self._spaces[-1] | own if own else self._spaces[-1]

    def _named(self, pairs: list[tuple[str, str]]) -> Attributes:
        kept = [
            (self._name(name), value)
            for name, value in pairs[:_MOST_KEPT]
            if not name.startswith("xmlns") and len(value) <= _MOST_KEPT
        ]
        return tuple(kept)

    def _name(self, name: str) -> Name:
        prefix, colon, local = name.partition(":")
        if not colon:
            return ("", name)
        space = self._spaces[-1].get(prefix, f"urn:x-prefix:{prefix}")
        self._prefixes.setdefault(space, prefix)
        return (space, local.replace(":", "_"))


def _refuse_declarations(
    _name: str, _system: str | None, _public: str | None, has_declarations: bool
) -> None:
    if has_declarations:
        raise DataError("refused: a document type with declarations of its own")


_AMPERSAND = re.compile(
    r"&+(?=&)|&(?:(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)?"
)
_ATTRIBUTE = re.compile(r"(?<=[\w\"'])(\s*=\s*)(\"[^\"]*\"|'[^']*')")
_XML_ENTITIES = frozenset(("amp", "lt", "gt", "quot", "apos"))


def _legal(text: str) -> str:
    """The document with what other programs forget: `&` alone and HTML's entities escaped,
    characters that XML forbids left out."""
    return _AMPERSAND.sub(_ampersand, ILLEGAL.sub("", text))


def _without_tags_in_attributes(text: str) -> str:
    """The document with every `<` inside an attribute escaped."""
    return _ATTRIBUTE.sub(lambda found: found[1] + found[2].replace("<", "&lt;"), text)


_TAG = re.compile(r"<outline\b", re.IGNORECASE)
_START = re.compile(r"\s*([A-Za-z_][\w:.-]*)\s*=\s*([\"'])")
_KNOWN = (
    "text|title|type|xmlUrl|htmlUrl|url|description|language|version|category|created|isComment"
    "|isBreakpoint|isOpen|[A-Za-z][\\w-]*:[A-Za-z][\\w-]*"
)
_END = {
    quote: re.compile(
        rf"{quote}(?:(\s*/?>)(?=\s*(?:<|\Z))|(?=\s+(?:{_KNOWN})\s*=\s*[\"']))", re.IGNORECASE
    )
    for quote in "\"'"
}


def _quoted_again(text: str) -> str:
    """The document with quotes inside attributes escaped: an attribute ends where a known one or
    the tag's end follows. One pass; where that fails, as far as it came."""
    parts, at = [], 0
    while tag := _TAG.search(text, at):
        parts.append(text[at : tag.end()])
        at, seen = tag.end(), set()
        while start := _START.match(text, at):
            end = _END[start[2]].search(text, start.end())
            if end is None:
                return "".join(parts) + text[at:]
            if start[1] not in seen:
                value = text[start.end() : end.start()].replace("<", "&lt;")
                parts.append(f' {start[1]}="{value.replace(chr(34), "&quot;")}"')
                seen.add(start[1])
            at = end.end()
            if end[1]:
                parts.append(end[1])
                break
    return "".join(parts) + text[at:]


def _ampersand(found: re.Match[str]) -> str:
    name = found[1]
    if not name:
        return "&amp;" * len(found[0])
    if name.startswith("#"):
        digits = name[1:].lower()
        code = int(digits[1:], 16) if digits.startswith("x") else int(digits)
        legal = code < 0x110000 and (code in (9, 10, 13) or code >= 32)
        return found[0] if legal and not ILLEGAL.match(chr(code)) else "\ufffd"
    if name in _XML_ENTITIES:
        return found[0]
    meant = html5.get(f"{name};")
    return f"&amp;{name};" if meant is None else "".join(f"&#{ord(letter)};" for letter in meant)


# --- writing ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Folder:
    """A folder on its way into a document."""

    folders: dict[str, _Folder] = field(default_factory=dict)
    inside: list[Outline | str] = field(default_factory=list)  # feeds, and texts of folders

    def at(self, path: Sequence[str]) -> _Folder:
        here = self
        for text in path:
            if text not in here.folders:
                here.folders[text] = _Folder()
                here.inside.append(text)
            here = here.folders[text]
        return here


def format_opml(outlines: Outlines, *, title: str, created: str) -> str:
    """An OPML 2.0 document with these feeds in their folders, in order; of `folders` the attributes
    of those that hold feeds are written. `created`: a date as RFC 822 has it."""
    root = _Folder()
    for feed in outlines.feeds:
        root.at(feed.path).inside.append(feed)
    known = {folder.path: folder for folder in outlines.folders}
    body = list(_lines(root, (), known, prefixes := _prefixes(outlines)))
    spaces = "".join(f" xmlns:{p}={_quoted(s)}" for s, p in prefixes.items() if p != "xml")
    return "\n".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<opml version="2.0"{spaces}>',
            "  <head>",
            f"    <title>{_escaped(title)}</title>",
            f"    <dateCreated>{_escaped(created)}</dateCreated>",
            "  </head>",
            "  <body>",
            *body,
            "  </body>",
            "</opml>",
            "",
        )
    )


def _lines(
    folder: _Folder,
    path: tuple[str, ...],
    known: Mapping[tuple[str, ...], Outline],
    prefixes: Mapping[str, str],
) -> Iterator[str]:
    indent = "    " + "  " * len(path)
    for each in folder.inside:
        if isinstance(each, Outline):
            yield f"{indent}<outline{_attributes(each.attributes, prefixes)}/>"
            continue
        below = (*path, each)
        attributes = known[below].attributes if below in known else ((("", "text"), each),)
        yield f"{indent}<outline{_attributes(attributes, prefixes)}>"
        yield from _lines(folder.folders[each], below, known, prefixes)
        yield f"{indent}</outline>"


def _attributes(attributes: Attributes, prefixes: Mapping[str, str]) -> str:
    return "".join(
        f" {prefixes[space]}:{local}={_quoted(value)}" if space else f" {local}={_quoted(value)}"
        for (space, local), value in attributes
    )


def _prefixes(outlines: Outlines) -> dict[str, str]:
    """A prefix for each namespace in use: ours, then those that were met, each of its own."""
    wished = {OWN: "rasid", **dict(outlines.prefixes)} | {OWN: "rasid"}
    taken: dict[str, str] = {}
    every = (*outlines.feeds, *outlines.folders)
    used = dict.fromkeys(s for each in every for (s, _), _ in each.attributes if s)
    for space in sorted(used, key=lambda s: s != OWN):
        wish = wished.get(space) or "ns"
        numbered = (f"{wish}{number}" for number in count(2))
        free = wish
        while free in taken.values():
            free = next(numbered)
        taken[space] = free
    return taken


def _quoted(text: str) -> str:
    return quoteattr(ILLEGAL.sub("\ufffd", text))


def _escaped(text: str) -> str:
    return _quoted(text)[1:-1]
