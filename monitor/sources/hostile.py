"""Refuses, or cuts to size, documents made to keep feedparser busy for minutes.

Some of feedparser's steps take quadratic time: the attributes of one start tag, the e-mail
address in an author, an entry's categories, the namespaces in use. Each guard is one linear scan
of the text. The limits are far beyond every real feed. This module must not parse.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from monitor.errors import FeedError
from monitor.sources.mojibake import has_spoiled_references, without_spoiled_references

MOST_ENTRIES = 10_000
_MOST_ATTRIBUTES = 400  # measured: 10,000 take 1.5 s
_MOST_NAMESPACES = 200
_MOST_CATEGORIES = 20_000  # of one entry, or of the feed: a blog may tell all of its labels there
_LONGEST_KEYWORDS = 20_000  # letters of one list of keywords
_KEYWORDS_FREE = 1_000  # letters of one that cost nothing to speak of
_KEYWORDS_COST = 500_000_000  # sum of the squares of the longer ones: half a second
_AUTHOR_FREE = 200  # letters of an author that cost nothing to speak of
_AUTHOR_COST = 200_000_000  # sum of the squares of the longer ones: about a second
_MOST_AUTHORS = 100_000  # 20 us each
_LONGEST_PROLOG = 100_000
_MOST_ELEMENTS = 200_000  # outside CDATA, 10 to 18 us each
_ELEMENT_COST = 8  # of what a mark costs
_MOST_ATTRIBUTES_IN_ALL = 400_000  # 8 us each
_MOST_WORK = 2_200_000  # marks and elements together
_MOST_MARKS = 1_500_000  # of < and &, wherever they stand: about 2 us each
_MOST_EXPANDED = 2_000_000  # letters that the document's own entities may make
_LONGEST_CODED = 4_000_000  # letters of a document with texts in base64, which hide their marks
_LONGEST_DATE = 1_000
_DATE_FREE = 40  # letters of a date that cost nothing to speak of
_DATE_COST = 40_000_000  # sum of the squares of the longer ones: some two seconds

_TAG = r"(?:[\w.-]{1,100}+:)?"
_CROWDED = re.compile(
    r"<[A-Za-z_][^\s<>/\"'=]*+(?:\s++[^\s<>/\"'=]++(?:\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'"
    rf"|[^\s<>\"']++))?+){{{_MOST_ATTRIBUTES}}}"
)
_NAMESPACE = re.compile(r"xmlns:([\w.-]{1,200}+)")
_AUTHOR = rf"<{_TAG}(?:author|creator|managingeditor|webmaster|publisher|owner|name)\b"
_AUTHORS = re.compile(_AUTHOR, re.IGNORECASE)
_AUTHORS_END = re.compile(_AUTHOR.replace("<", "</", 1), re.IGNORECASE)
_KEYWORDS = re.compile(rf"<{_TAG}(?:keywords|tags)\b", re.IGNORECASE)
_KEYWORDS_END = re.compile(rf"</{_TAG}(?:keywords|tags)\b", re.IGNORECASE)
_DATES = re.compile(
    rf"<{_TAG}\w{{0,30}}(?:date|updated|published|issued|modified|created|valid)\b", re.IGNORECASE
)
_DATES_END = re.compile(
    rf"</{_TAG}\w{{0,30}}(?:date|updated|published|issued|modified|created|valid)\b", re.IGNORECASE
)
_CATEGORY_OR_ENTRY = re.compile(rf"<{_TAG}(?:(category|subject)|item|entry)\b", re.IGNORECASE)
# Each link is joined to it, at its length
_LONG_BASE = re.compile(
    r"([Bb][Aa][Ss][Ee](?<=\b.{4})\s{0,20}=\s{0,20})(?:\"[^\"]{2000}[^\"]*+\"|'[^']{2000}[^']*+')"
)
_ENTRY_END = re.compile(rf"</{_TAG}(?:item|entry)\s*>", re.IGNORECASE)
_START_TAG = re.compile(r"<\w[^<>]*+")
_ROOT = re.compile(r"<\w")
_ENTITY = re.compile(r"<!ENTITY\s++([^\s>]++)\s++(\"[^\">]*+|'[^'>]*+)")
_ENTITY_IN_USE = re.compile(r"&([^\s#&;]+);")
_CODED = re.compile(r"mode\s{0,9}=\s{0,9}[\"']base64", re.IGNORECASE)
_BLANKS = re.compile(r"(\s)\s+")
_MISSPELT_CDATA = re.compile(r"<!\[\s{0,9}(?!CDATA\[)[Cc][Dd][Aa][Tt][Aa]\s{0,9}\[")
# What a link's query begins its next part with, &lang=ar, is taken for a letter that is called so
_PART = re.compile(r"&(?=[A-Za-z]\w*+=)")
_CDATA_OR_PART = re.compile(r"<!\[CDATA\[(?:[^\]]++|\](?!\]>))*+|" + _PART.pattern)
_TWICE_OPENED, _TWICE_CLOSED = "<![CDATA[<![CDATA[", "]]>]]>"
_ODD_REFERENCE = re.compile(
    r"&#(?:0++(?![0-9])|0*+(?:[0-9]{6}[0-9]*|5[5-7][0-9]{3}|[0-9]{1,2}(?![0-9]))"
    r"|[xX](?:0++(?![0-9a-fA-F])|0*+(?:[0-9a-fA-F]{5}[0-9a-fA-F]*|[dD][89a-fA-F][0-9a-fA-F]{2}"
    r"|[0-9a-fA-F]{1,2}(?![0-9a-fA-F]))));?"
)
# An emoji as two references, which Java and JavaScript count as two letters
_PAIR = re.compile(
    r"&#(?:(5[56][0-9]{3})|[xX]([dD][89abAB][0-9a-fA-F]{2}));"
    r"&#(?:(5[67][0-9]{3})|[xX]([dD][c-fC-F][0-9a-fA-F]{2}));"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def make_safe(text: str) -> tuple[str, tuple[str, ...]]:
    """The document with what XML forbids taken out and its entries limited, and warnings.

    Raises FeedError where it is made to be slow."""
    refuse_marks(text)
    _refuse_entities(text)
    _refuse_crowds(text)
    _refuse_long(text)
    text = _LONG_BASE.sub(r"\1''", _repaired(without_illegal(text)))
    text = _ODD_REFERENCE.sub(_repair, _PAIR.sub(_joined, text))
    text, warnings = _fewer_entries(_short_prolog(text))
    begun, ended = _elements(text)
    work = begun * _ELEMENT_COST + text.count("<") + text.count("&")
    if max(begun, ended) > _MOST_ELEMENTS or work > _MOST_WORK:
        raise FeedError(f"refused: more than {_MOST_ELEMENTS} elements")
    if text.count("=") > _MOST_ATTRIBUTES_IN_ALL and _attributes(text) > _MOST_ATTRIBUTES_IN_ALL:
        raise FeedError(f"refused: more than {_MOST_ATTRIBUTES_IN_ALL} attributes")
    return text, warnings


def refuse_marks(text: str) -> None:
    """Raises FeedError where a document holds more of what texts are searched for than any feed."""
    if text.count("<") + text.count("&") > _MOST_MARKS:
        raise FeedError(f"refused: more than {_MOST_MARKS} tags or references")
    if len(text) > _LONGEST_CODED and _CODED.search(text):
        raise FeedError(f"refused: base64 in more than {_LONGEST_CODED} letters")


def without_illegal(text: str) -> str:
    """The text without the letters that XML forbids; takes no more memory than that."""
    found = ILLEGAL.search(text)
    if found is not None and _SURROGATES.search(text, found.start()):
        text = text.encode("utf-8", "ignore").decode("utf-8")
    while found is not None:
        text = text.replace(found[0], "")
        found = ILLEGAL.search(text, found.start())
    return text


def _repaired(text: str) -> str:
    """Undoes what would leave a reader nothing of a text, or take its marks for part of it."""
    if "<![" in text:
        text = _MISSPELT_CDATA.sub("<![CDATA[", text)
        text = text.replace(_TWICE_OPENED, "<![CDATA[").replace(_TWICE_CLOSED, "]]>")
    if _PART.search(text):
        text = _CDATA_OR_PART.sub(lambda match: "&amp;" if match[0] == "&" else match[0], text)
    return without_spoiled_references(text)


def _needs_repair(text: str) -> bool:
    sections = text.count("<![")
    if sections and (_TWICE_OPENED in text or _TWICE_CLOSED in text):
        return True
    misspelt = sections != text.count("<![CDATA[") and _MISSPELT_CDATA.search(text)
    return bool(misspelt) or has_spoiled_references(text)


def is_harmless(text: str) -> bool:
    """Whether a document that an XML parser takes would stay as it is here, and could only be
    refused for the length or number of things that its reader counts itself."""
    if "<!ENTITY" in text or "\x00" in text[:4]:  # expat would take it for UTF-16
        return False
    if _needs_repair(text):
        return False
    return "&#" not in text or not any(
        _repair(match) != match[0] for match in _ODD_REFERENCE.finditer(text)
    )


def _refuse_entities(text: str) -> None:
    """Entities made of other entities grow with each level; no feed has a use for them."""
    own = dict(reversed(_ENTITY.findall(text)))  # of two by one name, the first counts
    inside = {
        name: [each for each in _ENTITY_IN_USE.findall(value) if each in own]
        for name, value in own.items()
    }
    used = Counter(_ENTITY_IN_USE.findall(text)) if own else Counter()
    for name in own:  # what is made of others counts for these as well
        for other in inside[name]:
            used[other] += used[name]
    nested = any(len(others) > 1 for others in inside.values())
    if nested or sum(len(own[name]) * used[name] for name in own) > _MOST_EXPANDED:
        raise FeedError("refused: entities that expand without end")


def _refuse_crowds(text: str) -> None:
    if _CROWDED.search(text):
        raise FeedError(f"refused: a tag with more than {_MOST_ATTRIBUTES} attributes")
    if len(set(_NAMESPACE.findall(text))) > _MOST_NAMESPACES:
        raise FeedError(f"refused: more than {_MOST_NAMESPACES} namespaces")
    categories = 0
    for match in _CATEGORY_OR_ENTRY.finditer(text):
        categories = categories + 1 if match[1] else 0
        if categories > _MOST_CATEGORIES:
            raise FeedError(f"refused: an entry with more than {_MOST_CATEGORIES} categories")


def _refuse_long(text: str) -> None:
    authors = [*_lengths(text, _AUTHORS, _AUTHORS_END)]
    if len(authors) > _MOST_AUTHORS or _squares(authors, _AUTHOR_FREE) > _AUTHOR_COST:
        raise FeedError("refused: authors of many thousand letters, or far too many of them")
    keywords = [*_lengths(text, _KEYWORDS, _KEYWORDS_END)]
    most = max(keywords, default=0)
    if most > _LONGEST_KEYWORDS or _squares(keywords, _KEYWORDS_FREE) > _KEYWORDS_COST:
        raise FeedError(f"refused: keywords of more than {_LONGEST_KEYWORDS} letters")
    dates = [*_lengths(text, _DATES, _DATES_END)]
    if max(dates, default=0) > _LONGEST_DATE or _squares(dates, _DATE_FREE) > _DATE_COST:
        raise FeedError(f"refused: a date of more than {_LONGEST_DATE} letters, or many long ones")


def _squares(lengths: Iterable[int], free: int) -> int:
    return sum(length * length for length in lengths if length > free)


def _lengths(text: str, start: re.Pattern[str], end: re.Pattern[str]) -> Iterator[int]:
    """How long each element is, from its start tag to the next end tag of the kind. What lies
    inside another is counted with it, so that the scan takes linear time."""
    at = 0
    while (opening := start.search(text, at)) is not None:
        closing = end.search(text, opening.end())
        if closing is None:
            return
        yield closing.start() - opening.end()
        at = closing.end()


def _repair(match: re.Match[str]) -> str:
    """A character reference that XML and feedparser cannot take becomes U+FFFD, or nothing."""
    digits = match[0].rstrip(";")[2:].lower()
    digits, base = (digits[1:], 16) if digits.startswith("x") else (digits, 10)
    code = int(digits, base) if len(digits) < 16 else 0x110000
    if code < 32 and code not in (9, 10, 13):
        return ""
    return "\ufffd" if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else match[0]


def _joined(match: re.Match[str]) -> str:
    """A letter of which both halves stand there; else what stood there."""
    numbers = zip(match.groups(), (10, 16, 10, 16), strict=True)
    high, low = (int(digits, base) for digits, base in numbers if digits)
    is_pair = 0xD800 <= high <= 0xDBFF and 0xDC00 <= low <= 0xDFFF
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00) if is_pair else match[0]


def _short_prolog(text: str) -> str:
    """Blanks before the root are matched again at each line's start: leave few of them."""
    root = _ROOT.search(text)
    if root is None:
        raise FeedError("no feed: neither RSS nor Atom nor JSON Feed")
    if root.start() > _LONGEST_PROLOG:
        prolog = _BLANKS.sub(r"\1", text[: root.start()])
        if len(prolog) > _LONGEST_PROLOG:
            raise FeedError(f"refused: more than {_LONGEST_PROLOG} letters before the root element")
    return _BLANKS.sub(r"\1", text[: root.start()]) + text[root.start() :]


def _fewer_entries(text: str) -> tuple[str, tuple[str, ...]]:
    """Cuts out the entries beyond the limit, and leaves the document's end in its place."""
    ends = [match.end() for match in _ENTRY_END.finditer(text)]
    warnings: tuple[str, ...] = ()
    if len(ends) > MOST_ENTRIES:
        text = text[: ends[MOST_ENTRIES - 1]] + text[ends[-1] :]
        warnings = (f"{len(ends)} entries: all beyond the first {MOST_ENTRIES} are left out",)
    begun = sum(1 for match in _CATEGORY_OR_ENTRY.finditer(text) if not match[1])
    if begun > 2 * MOST_ENTRIES:
        raise FeedError(f"refused: more than {2 * MOST_ENTRIES} entries")
    return text, warnings


def _attributes(text: str) -> int:
    """How many attributes start tags have, roughly, those in CDATA sections too."""
    return sum(tag[0].count("=") for tag in _START_TAG.finditer(text))


def _elements(text: str) -> tuple[int, int]:
    """How many tags begin elements, and how many end some, outside CDATA sections."""
    begun, ended = text.count("<"), text.count("</")
    at = text.find("<![CDATA[")
    while at != -1:
        end = text.find("]]>", at)
        if end == -1:
            break
        begun -= text.count("<", at, end)
        ended -= text.count("</", at, end)
        at = text.find("<![CDATA[", end)
    return begun - ended, ended
