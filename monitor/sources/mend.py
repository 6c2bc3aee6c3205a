"""Makes a well-formed document of an ill-formed feed: what broken programs, hands and caches leave
of the markup, put right as its writer meant it.

feedparser reads ill-formed documents by another way, which decodes no references in ids (so that an
article would be another one for as long as its feed is broken) and loses what stands behind an end
tag that is missing. This module must not guess at texts: it sets tags and references right, and
gives up, by None, on what does not come out well-formed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import lru_cache
from xml.parsers import expat

from monitor.errors import FeedError
from monitor.sources.engine import NAMESPACES

_ROOTS = frozenset(("rss", "feed", "rdf:rdf", "channel"))
_HOLDERS = frozenset(("channel", "feed", "rdf:rdf", "rss"))
_ITEMS = frozenset(("item", "entry"))
_WITHOUT_TEXT = _HOLDERS | _ITEMS
# Elements that hold text or markup, and no other element of a feed
_LEAVES = frozenset(
    (
        *("title", "link", "description", "guid", "pubdate", "category", "comments", "summary"),
        *("content", "content:encoded", "id", "updated", "published", "subtitle", "language"),
        *("dc:date", "dc:creator", "dc:subject", "lastbuilddate", "generator", "copyright"),
        *("managingeditor", "webmaster", "ttl", "docs", "rights", "issued", "modified"),
    )
)
_NAME = r"[A-Za-z_][\w.-]{0,100}+(?::[A-Za-z_][\w.-]{0,100}+)?"
# As it should be; with a quote that never ends; with a < in quotes, which may take long to see
_TIDY, _LOOSE, _QUOTED = (
    re.compile(rf"<(/?)\s{{0,9}}({_NAME})((?:{inside})*+)>")
    for inside in (
        r"[^<>\"']++|\"[^\"<]{0,9000}+\"|'[^'<]{0,9000}+'",
        r"[^<>]",
        r"[^<>\"']++|\"[^\"]{0,9000}+\"|'[^']{0,9000}+'",
    )
)
_MOST_MARKS = 700_000  # of < and & in a document that is read as it is, 5 us each
_MOST_TAGS = 600_000  # 3 us each
_START_COST = 3  # of one that begins something, which is read again
_MOST_PREFIXES = 200  # that no namespace is declared for: feedparser looks at all of them each time
_MOST_RETRIES = 100  # of tags in whose quotes a < would have to stand
_ATTRIBUTE = re.compile(
    r"(?<![\w.:-])([A-Za-z_][\w.-]*+(?::[A-Za-z_][\w.-]*+)?)\s{0,9}+=\s{0,9}+"
    r"(?:\"([^\"]*+)\"|'([^']*+)'|[\"']?([^\s\"'<>]++))"
)
# A & that begins no reference that XML knows; of letters by number the ; may be missing
_ODD_REFERENCE = re.compile(
    r"&(?!(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)"
    r"(?:[A-Za-z][A-Za-z0-9]{1,31}+;|#[0-9]{2,7}+(?![0-9;])|#[xX][0-9a-fA-F]{2,6}+(?![0-9a-fA-F;]))?"
)
_PREFIXES = {
    **{prefix: uri for uri, prefix in reversed([*NAMESPACES.items()]) if prefix},
    "atom": "http://www.w3.org/2005/Atom",
    "rss": "http://backend.userland.com/rss",
}


def problem(text: str) -> str | None:
    """What an XML parser says against a document, in one line; None where it is well-formed."""
    parser = expat.ParserCreate("utf-8", " ")
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        return " ".join(f"ill-formed: {error}".split())
    return None


def mended(text: str) -> str | None:
    """The document as a well-formed one; None where that does not succeed, or where it defines
    entities of its own. Takes linear time. Raises FeedError where what is left would take long."""
    whole = None if "<!ENTITY" in text else _Mender(text).run()
    if whole is not None and problem(whole) is None:
        return whole
    if text.count("<") + text.count("&") > _MOST_MARKS:
        raise FeedError("refused: ill-formed beyond repair, and of more marks than can be read so")
    return None


class _Mender:
    """The state of one pass: what has been written, and which elements are open."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[str, int] = {}
        self._out: list[str] = []
        self._root = -1  # where its start tag stands in `out`
        self._open: list[str] = []  # names as written
        self._leaf = ""  # the one that is open, in lower case
        self._markup: set[str] = set()  # what elements of HTML begin in it
        self._declared: set[str] = {"xml", "xmlns"}
        self._used: dict[str, None] = {}
        self._done = False
        self._retries = 0
        self._tags = 0

    def run(self) -> str | None:
        text, at = self._text, 0
        while not self._done:
            opening = self._find("<", at)
            if opening == -1:
                self._write(text[at:])
                break
            self._write(text[at:opening])
            at = self._beyond(opening)
        if self._root < 0:
            return None
        while self._open:
            self._close()
        undeclared = [each for each in self._used if each not in self._declared]
        if len(undeclared) > _MOST_PREFIXES:
            return None
        self._declare(undeclared)
        return "".join(self._out)

    def _declare(self, prefixes: list[str]) -> None:
        """Writes what prefixes stand for into the root's start tag."""
        addresses = {each: _PREFIXES.get(each, f"urn:undeclared:{each}") for each in prefixes}
        told = "".join(f' xmlns:{each}="{uri}"' for each, uri in addresses.items())
        start = self._out[self._root]
        cut = len(start) - (2 if start.endswith("/>") else 1)
        self._out[self._root] = start[:cut] + told + start[cut:]

    def _find(self, what: str, at: int) -> int:
        """Where something stands next; what is known of it is not looked for again."""
        known = self._next.get(what, 0)
        if known == -1 or known >= max(at, 1):
            return known
        self._next[what] = found = self._text.find(what, at)
        return found

    def _beyond(self, at: int) -> int:
        """Deals with what begins with a <, and says where the text goes on."""
        text = self._text
        if text.startswith(("<!", "<?"), at):
            return self._beyond_mark(at)
        tag = _TIDY.match(text, at) or _LOOSE.match(text, at)
        if tag is None and self._retries < _MOST_RETRIES:
            tag = _QUOTED.match(text, at)
            self._retries += tag is None
        if tag is None:
            self._write("<")
            return at + 1
        self._tag(tag)
        return tag.end()

    def _beyond_mark(self, at: int) -> int:
        """The same for comments, sections, declarations and instructions."""
        text = self._text
        if text.startswith("<!--", at):
            end = self._find("-->", at)
            return at + 4 if end == -1 else end + 3
        if text.startswith("<![CDATA[", at):
            return self._cdata(at + 9)
        if text.startswith("<?", at):
            return self._instruction(at)
        end = self._find(">", at)
        return at + 2 if end == -1 else end + 1

    def _instruction(self, at: int) -> int:
        end, whole = self._find(">", at), self._find("?>", at)
        if whole != -1 and self._find("<", at + 2) > whole:
            return whole + 2
        return at + 2 if end == -1 else end + 1

    def _cdata(self, at: int) -> int:
        """A section; one that never ends, or not before the next one begins, ends with its
        element."""
        end, following = self._find("]]>", at), self._find("<![CDATA[", at)
        if end != -1 and (following == -1 or end < following):
            self._text_out(html.escape(self._text[at:end], quote=False))
            return end + 3
        return at

    def _write(self, piece: str) -> None:
        """A piece of text, its references as XML knows them."""
        if piece:
            self._text_out(_escaped(piece.replace("]]>", "")))

    def _text_out(self, piece: str) -> None:
        if self._root < 0:
            return
        holder = "" if self._leaf else self._open[-1].lower()
        if holder not in _WITHOUT_TEXT or (holder in _ITEMS and "http" in piece):
            self._out.append(piece)

    def _tag(self, tag: re.Match[str]) -> None:
        slash, name, told = tag.groups()
        key = name.lower()
        self._tags += 1 if slash else _START_COST
        if self._tags > _MOST_TAGS:
            raise FeedError("refused: ill-formed, and of more elements than are put right")
        if self._root < 0:
            if not slash and key in _ROOTS:
                self._root = len(self._out)
                self._start(name, told)
        elif self._leaf:
            self._in_leaf(tag, key)
        elif slash:
            self._end(key)
        else:
            self._begin(name, told)

    def _in_leaf(self, tag: re.Match[str], key: str) -> None:
        """A tag in a text: its end, that of an element around it, the next element, or markup."""
        slash, name, told = tag.groups()
        if slash and key == self._leaf:
            self._close()
        elif self._is_around(key) if slash else _begins_element(key):
            self._close()
            if slash:
                self._end(key)
            else:
                self._begin(name, told)
        elif not slash or key in self._markup:
            self._out.append(_as_text(tag[0]))
            self._markup.add(key)

    def _is_around(self, key: str) -> bool:
        return key in (each.lower() for each in self._open[-50:-1])

    def _begin(self, name: str, told: str) -> None:
        if name.lower() in _ITEMS:
            while len(self._open) > 1 and self._open[-1].lower() not in _HOLDERS:
                self._close()
        self._start(name, told)

    def _start(self, name: str, told: str) -> None:
        key, told = name.lower(), told.rstrip()
        empty = told.endswith("/") and (key not in _HOLDERS or told[-2:-1] in " \"'")
        attributes = _attributes(told.removesuffix("/") if empty else told)
        if key in _LEAVES and attributes.get("type") in ("xhtml", "application/xhtml+xml"):
            attributes["type"] = "html"  # what is in it becomes text
        self._note_prefixes((name, *attributes))
        written = "".join(f' {each}="{value}"' for each, value in attributes.items())
        self._out.append(f"<{name}{written}{'/' if empty else ''}>")
        if not empty:
            self._open.append(name)
            self._leaf = key if key in _LEAVES else ""
            self._markup.clear()
        self._done = not self._open

    def _note_prefixes(self, names: Iterable[str]) -> None:
        for each in names:
            prefix, colon, local = each.partition(":")
            if prefix == "xmlns" and colon:
                self._declared.add(local)
            elif colon:
                self._used[prefix] = None

    def _end(self, key: str) -> None:
        names = [each.lower() for each in self._open[-50:]]
        if key in names:
            for _ in range(names[::-1].index(key) + 1):
                self._close()

    def _close(self) -> None:
        self._out.append(f"</{self._open.pop()}>")
        self._leaf = ""
        self._done = not self._open


def _begins_element(key: str) -> bool:
    """Whether a start tag cannot be markup of a text."""
    prefix, colon, _ = key.partition(":")
    return key in _LEAVES or key in _ITEMS or key in _HOLDERS or bool(colon and prefix in _PREFIXES)


def _attributes(told: str) -> dict[str, str]:
    """Each attribute once, ready to be written in quotes."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(told):
        found.setdefault(match[1], match[2] or match[3] or match[4] or "")
    return {name: _escaped(value).replace('"', "&quot;") for name, value in found.items()}


def _escaped(piece: str) -> str:
    """Text with those references that XML knows, and as few others as letters."""
    if "&" in piece:
        piece = _ODD_REFERENCE.sub(lambda match: _reference(match[0]), piece)
    return piece.replace("<", "&lt;")


def _as_text(markup: str) -> str:
    """A tag of HTML as text: it is read as markup again."""
    return html.escape(markup, quote=False)


@lru_cache(4096)  # a document holds few different ones
def _reference(written: str) -> str:
    letters = html.unescape(written)
    return f"&amp;{written[1:]}" if letters == written else html.escape(letters, quote=False)
