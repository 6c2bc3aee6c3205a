"""All that we know of feedparser: the reading of a whole document, and the ways of its inside that
a faster reader of plain documents must share to come to the same.

Its two parsers, the strict one and the one for ill-formed documents, are taken without what is
around them, which would open the file that a document names; and with repairs where they lose or
mix up what a document says. This module must open nothing, start nothing, and let no exception of
feedparser out.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, ClassVar
from xml.sax.expatreader import ExpatParser
from xml.sax.handler import feature_external_ges
from xml.sax.saxutils import unescape
from xml.sax.xmlreader import InputSource

from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.datetimes import _date_handlers
from feedparser.html import _cp1252
from feedparser.mixin import _FeedParserMixin
from feedparser.sanitizer import replace_doctype
from feedparser.sgml import sgmllib
from feedparser.urls import _urljoin
from feedparser.util import FeedParserDict

from monitor.errors import FeedError

# Dates are read by us, from the texts that feedparser keeps: its own readers swap days and months,
# and take seconds for a long text.
_date_handlers.clear()
# As feedparser's own expression for where a tag ends, but for its memory: a hundred bytes a letter
sgmllib.endbracket.endbracket = re.compile(
    r"(?:[^'\"<>]++|\"[^\"]*+\"(?=>|/|\s|\w+=)|'[^']*+'(?=>|/|\s|\w+=))*+(?=[<>])"
    r"|[^<>\n]*+(?=[<>])"
)

_NAMESPACES = {
    **_FeedParserMixin.namespaces,
    "http://channel.netscape.com/rdf/simple/0.9/": "",  # RSS 0.90, as Mozilla wrote it
    "http://purl.org/net/rss1.1#": "",
    "http://purl.org/dc/elements/1.0/": "dc",
}
# Address of a namespace in lower case -> feedparser's prefix for it, "" for plain names
NAMESPACES: Mapping[str, str] = {uri.lower(): prefix for uri, prefix in _NAMESPACES.items()}
# Letters that a careless conversion from windows-1252 leaves, and what they were meant to be
CP1252: Mapping[int, str] = _cp1252
# Names by which feedparser keeps what goes by another one: <date> is updated
ALIASES: Collection[str] = FeedParserDict.keymap.keys()
PAGES = (
    "html",
    "text/html",
    "xhtml",
    "application/xhtml+xml",
)  # types of pages, as links tell them

_OF_CP1252 = re.compile("[\x80-\x9f]")
_DECLARATION = re.compile(r"^<\?xml[^>]*?>")
_AS_UTF8 = "<?xml version='1.0' encoding='utf-8'?>"
_WEB = re.compile(r"\s*https?:", re.IGNORECASE)
# Relations are names, or addresses that begin so (RFC 4287 section 4.2.7.2)
_RELATIONS = "http://www.iana.org/assignments/relation/"
_STRAY = re.compile(r"(?<!\S)https?://[^\s<>\"]++")
_PERSON = re.compile(r"[^\s()<>\[\],;|]++")  # what may be a word of a name, or an address
_ADDRESS = re.compile(r"[^@]+@[^@]+\.[^@]+")
_NO_NAME = re.compile(r"\(\s*\)|<\s*>|\[\s*\]")
_QUOTES = {"&quot;": '"', "&apos;": "'"}
PERMALINK = "an id that is a link"  # in an entry; no element is called so
_TEXTS = frozenset(("text/plain", "text/html", "application/xhtml+xml"))
_ANOTHERS = "a description of something else"
_UNDECLARED = ("atom", "rss")  # prefixes that documents use without a declaration


def parse_document(text: str, language: str) -> Mapping[str, Any]:
    """What feedparser makes of the document, markup and links as they stand in it: its `version`,
    "" where it tells none, `feed`, `entries`, `namespaces`, `bozo`. Raises FeedError whatever
    feedparser raises over it, and where entities expand without end."""
    declared, found = _DECLARATION.subn(_AS_UTF8, text)
    whole = declared if found else f"{_AS_UTF8}\n{text}"
    try:
        document = _parse(whole.encode("utf-8", "replace"), language)
    except MemoryError:
        raise
    except Exception as error:  # it lets out KeyError, ValueError, UnicodeError … of its own
        raise FeedError(f"feedparser fails over it: {type(error).__name__}") from error
    if "amplification" in str(document.get("bozo_exception", "")):
        raise FeedError("refused: entities that expand without end")
    return document


def _parse(data: bytes, language: str) -> dict[str, Any]:
    """As feedparser.parse does it, but for links and markup, which it would change."""
    told, data, entities = replace_doctype(data)
    parser: Any = _Strict("", language or None, "utf-8")
    oddity = _run_strictly(parser, data)
    if oddity is not None:
        parser = _Loose("", language or None, "utf-8", entities)
        parser.resolve_relative_uris = parser.sanitize_html = False
        parser.feed(data.decode("utf-8", "replace"))
    return {
        "version": told or parser.version,
        "feed": parser.feeddata,
        "entries": parser.entries,
        "namespaces": parser.namespaces_in_use,
        "bozo": oddity is not None,
        "bozo_exception": oddity,
    }


def _run_strictly(parser: Any, data: bytes) -> Exception | None:
    """What makes a document ill-formed, None for nothing. It reads by expat, and no document or
    entity that lies elsewhere."""
    parser.resolve_relative_uris = parser.sanitize_html = False
    # In one piece: given a huge token bit by bit, expat begins with it anew each time
    reader = _Reader(namespaceHandling=1, bufsize=len(data) + 1)
    reader.setFeature(feature_external_ges, False)
    reader.setContentHandler(parser)
    reader.setErrorHandler(parser)
    source = InputSource()
    source.setByteStream(io.BytesIO(data))
    try:
        reader.parse(source)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # of expat's, or of its own: the other may read it
        oddity: Exception = parser.exc or error
        return oddity
    return None


class _Reader(ExpatParser):
    """Gives a text in few pieces: expat has one for each line and each reference."""

    _parser: Any

    def reset(self) -> None:
        super().reset()
        self._parser.buffer_text = True
        self._parser.buffer_size = 65_536


class _Text(str):
    """A text that feedparser asks letter by letter for those of windows-1252, of which it knows
    none beyond 159: one look tells that there are none."""

    __slots__ = ()

    def translate(self, table: Any) -> str:
        return super().translate(table) if _OF_CP1252.search(self) else self[:]


class _Repairs:
    """What we do otherwise than feedparser's two parsers."""

    namespaces: ClassVar = _NAMESPACES
    _matchnamespaces: ClassVar = dict(NAMESPACES)

    def _start_link(self: Any, attributes: dict[str, str]) -> None:
        """An address that is no web page's (uri="at://…") may stand beside the one that the text
        tells; `own` marks a link of RSS, which tells no relation, `inside` that of an author or
        another element of the entry."""
        relation = attributes.get("rel", "").removeprefix(_RELATIONS)
        if self.is_inside():
            attributes["inside"] = "yes"
        if not relation and not attributes.keys() >= {"href", "type"}:
            attributes["own"] = "yes"
        attributes["rel"] = relation or "alternate"
        for name in ("url", "uri"):
            if name in attributes and not _WEB.match(attributes[name]):
                del attributes[name]
        _FeedParserMixin._start_link(self, attributes)

    def is_inside(self) -> bool:
        """Whether an element stands inside another one of an entry. Where tags may lack their ends
        nobody can tell."""
        return False

    def _end_item(self: Any) -> None:
        """What a program for HTML makes of a link has its address behind it: <link/>https://…"""
        entry = self._get_context()
        if "link" in entry and not entry["link"]:
            name, _, pieces = self.elementstack[-1] if self.elementstack else ("", 0, [])
            address = _STRAY.search("".join(pieces)) if name == "item" else None
            if address:
                entry["link"] = address[0]
                entry["links"].append({"rel": "alternate", "href": address[0], "own": "yes"})
        _FeedParserMixin._end_item(self)

    _end_entry = _end_item

    def _end_guid(self: Any) -> None:
        """The address of the page too, where the link is told empty, or is no address."""
        is_link = self.guidislink
        _FeedParserMixin._end_guid(self)
        context = self._get_context()
        if is_link and "id" in context:
            context[PERMALINK] = context["id"]

    _end_id = _end_guid

    def _start_dc_title(self: Any, attributes: dict[str, str]) -> None:
        """The catalogue's name for it: it stands for the title only where there is none."""
        self.push_content("dc_title", attributes, "text/plain", 1)

    def _end_dc_title(self: Any) -> None:
        self.pop_content("dc_title")

    def _start_media_title(self: Any, attributes: dict[str, str]) -> None:
        """Of a picture or film: it stands for the entry's only where that has none."""
        self.push_content("media_title", attributes, "text/plain", 1)

    def _end_media_title(self: Any) -> None:
        self.pop_content("media_title")

    def _start_media_description(self: Any, attributes: dict[str, str]) -> None:
        """The same for the summary."""
        self.push_content("media_description", attributes, "text/plain", 1)

    def _end_media_description(self: Any) -> None:
        self.pop_content("media_description")

    def _end_gml_pos(self: Any) -> None:
        """Where something lies is not asked for here, and feedparser fails over an odd system of
        coordinates (srsName="http://www.opengis.net/def/crs/EPSG/0/4326")."""
        self.pop("pos")

    _end_gml_poslist = _end_gml_pos

    def push_content(self: Any, tag: str, attributes: Any, default: str, expecting: int) -> None:
        """Markup of any kind is kept as such: its elements are none of the feed's. A type that is
        written otherwise than RFC 4287 has it hides no text."""
        told = self.map_content_type(attributes.get("type", default))
        if told not in _TEXTS:
            attributes = {**attributes, "type": text_type(told)}
        _FeedParserMixin.push_content(self, tag, attributes, default, expecting)
        # A plain mapping: that of feedparser looks for aliases each time that letters come
        self.contentparams = dict(self.contentparams)

    def _sync_author_detail(self: Any, key: str = "author") -> None:
        """Parts a name from the address beside it, of which feedparser knows but the older kinds
        (editor@site.media), and takes quadratic time to find them."""
        entry = self._get_context()
        told, detail = entry.get(key), entry.get(f"{key}s", [{}])[-1]
        if detail or not told:
            _FeedParserMixin._sync_author_detail(self, key)
            return
        entry.setdefault(f"{key}_detail", detail)
        detail.update(_person(told))

    def _add_tag(self: Any, term: str | None, scheme: str | None, label: str | None) -> None:
        """In the same time however many there are: a blog may tell a thousand."""
        tags = self._get_context().setdefault("tags", [])
        told = (term, scheme, label)
        _, known = self.tags_known.setdefault(id(tags), (tags, set()))
        if any(told) and told not in known:
            if term:  # else the text of the element is still to come
                known.add(told)
            tags.append({"term": term, "scheme": scheme, "label": label})


def text_type(told: str) -> str:
    """What is meant by the type of a text, in lower case: text/html; charset=utf-8, html5."""
    bare = told.partition(";")[0].strip()
    if bare in _TEXTS:
        return bare
    if bare.endswith("xml") or "xhtml" in bare:
        return "application/xhtml+xml"
    if "plain" in bare or bare == "text" or (bare.startswith("text/") and "htm" not in bare):
        return "text/plain"
    return "text/html" if "/" not in bare or "htm" in bare else bare


def _person(told: str) -> dict[str, str]:
    """The `name` and `email` of a person, where they are told."""
    addresses = [word for word in _PERSON.findall(told) if _ADDRESS.fullmatch(word)]
    if not addresses:
        return {"name": told}
    rest = _PERSON.sub(lambda word: "" if _ADDRESS.fullmatch(word[0]) else word[0], told)
    name = _NO_NAME.sub("", rest.replace("&lt;&gt;", "")).strip(" \t\r\n,;|-")
    if name.startswith("(") and name.endswith(")"):
        name = name[1:-1].strip()
    found = {"email": addresses[0].removeprefix("mailto:")}
    return {"name": name, **found} if name else found


class _Strict(_Repairs, StrictFeedParser):  # type: ignore[misc]
    """Within an item's item, and within a text that holds elements, other methods than usual stand
    in for those that take tags and letters; so nothing becomes slower outside."""

    incontent: int

    def __init__(self, *given: Any) -> None:
        self.tags_known: dict[int, Any] = {}
        super().__init__(*given)
        self._levels = 0
        self._entry_depth = 0

    def is_inside(self) -> bool:
        return bool(self.inentry and not self.insource and self.depth > self._entry_depth + 1)

    def _start_description(self, attributes: dict[str, str]) -> None:
        """That of a comment or a related article is no text of the entry, which has its own."""
        if self.is_inside() and "summary" in self._get_context():
            self.push(_ANOTHERS, 0)
        else:
            super()._start_description(attributes)

    def _end_description(self) -> None:
        if self.elementstack and self.elementstack[-1][0] == _ANOTHERS:
            self.pop(_ANOTHERS)
        else:
            super()._end_description()

    def _start_item(self, attributes: dict[str, str]) -> None:
        """An item inside another is none of the feed's, nor is anything in it the other's."""
        if not self.inentry:
            super()._start_item(attributes)
            self._entry_depth = self.depth
            return
        self._levels = 1
        self.unknown_starttag = self._deeper
        self.unknown_endtag = self._higher
        self.handle_data = self._nothing

    _start_entry = _start_item

    def decode_entities(self, element: str, data: str) -> str:
        return _Text(super().decode_entities(element, data))

    def _deeper(self, *_: Any) -> None:
        self._levels += 1

    def _higher(self, *_: Any) -> None:
        self._levels -= 1
        if not self._levels:
            del self.unknown_starttag, self.unknown_endtag, self.handle_data
            self._leave()

    def _nothing(self, *_: Any, **__: Any) -> None:
        pass

    def push_content(self, *given: Any) -> None:
        """The elements in a text are a part of it, even those that have a feed's names."""
        super().push_content(*given)
        self._levels = 0
        self.unknown_starttag = self._begin_inside
        self.unknown_endtag = self._end_inside

    def _begin_inside(self, tag: str, attributes: Any) -> None:
        self._levels += 1
        super().unknown_starttag(tag, attributes)

    def _end_inside(self, tag: str) -> None:
        if not self._levels:
            del self.unknown_starttag, self.unknown_endtag
            super().unknown_endtag(tag)
            return
        self._levels -= 1
        name = tag.rpartition(":")[2]
        self.svgOK -= name == "svg" and self.svgOK > 0
        if self.contentparams.get("type", "xml").endswith("xml"):
            self.handle_data(f"</{name}>", escape=0)
        inside, self.incontent = self.incontent, 0
        self._leave()
        self.incontent = inside

    def _leave(self) -> None:
        """Lets feedparser forget what it keeps of every element: its base and its language."""
        super().unknown_endtag("an element without a method")


class _Loose(_Repairs, LooseFeedParser):  # type: ignore[misc]
    def __init__(self, *given: Any) -> None:
        self.tags_known: dict[int, Any] = {}
        super().__init__(*given)
        self.namespacemap.update(dict.fromkeys(_UNDECLARED, ""))

    def decode_entities(self, element: str, data: str) -> str:
        """In ids, names and links too: what an entry tells must not depend on whether something
        else in the document is ill-formed."""
        decoded: str = super().decode_entities(element, data)
        return decoded if self.contentparams else unescape(decoded, _QUOTES)


@lru_cache(4096)  # feeds choose the names
def has_handler(tag: str) -> bool:
    """Whether feedparser treats this element (prefix_local) in a way of its own."""
    return hasattr(_Strict, f"_start_{tag}") or hasattr(_Strict, f"_end_{tag}")


def looks_like_html(text: str) -> bool:
    """Whether feedparser takes a text that nobody called markup for markup."""
    return bool(_FeedParserMixin.looks_like_html(text))


def without_base(address: str) -> str:
    """An address as feedparser gives it where the document tells no base."""
    if "///" not in address:  # all that it mends without a base
        return address
    joined: str = _urljoin("", address)
    return joined


class _Holder:
    """Stands in for a parser of feedparser's in those methods that need only the entry in work."""

    def __init__(self, entry: dict[str, Any]) -> None:
        self._entry = entry

    def _get_context(self) -> dict[str, Any]:
        return self._entry


def settle_author(entry: dict[str, Any]) -> None:
    """Brings an entry's author, author_detail and authors into line, as is done at the end of each
    author."""
    _Repairs._sync_author_detail(_Holder(entry))
