"""Reads what is whole of a JSON Feed that is ill-formed: cut off, or with a broken letter in it.

One backslash in a title would else hide all articles of a paper. Items are decoded one by one; of
one that is broken the next place counts at which an item surely begins. This module must not mend
an item, which might become half an article, nor take what lies inside one for another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from monitor.sources.hostile import MOST_ENTRIES

# A number stays the text that it was written as: an id of 5,000 digits is an id all the same.
DECODER = json.JSONDecoder(
    parse_int=str, parse_float=str, parse_constant=lambda _: None, strict=False
)
TELLING = frozenset(("id", "url", "title", "content_html", "content_text"))

_OF_OTHERS = frozenset(("mime_type", "avatar", "name"))  # of attachments and authors
_MOST_SHAPES = 4
_NEAR = 200  # letters before an object that tell what it is part of
_NEARER = 80  # without the blanks right before it
_SEPARATING = frozenset("},:[]{")
# Where the items are told of, whatever single letter there may be wrong; PHP numbers them
_ITEMS = re.compile(r"(?:\"items\b|\bitems\")\W{0,199}?(?=\{)(?:\{\s*\"\d+\"\s*:\s*(?=\{))?")
_SPARE_COMMA = re.compile(r"\"(?:[^\"\\]++|\\.)*+\"|,(?=\s*+[}\]])", re.DOTALL)
_NO_ITEMS = re.compile(r"\"items\"\s*:\s*\[\s*\]")
_UNTOLD = re.compile(r"\"items\"\s*:\s*")  # the brace of the first is missing
_BEGINNING = re.compile("")
_SHAPE = re.compile(r"\{\s{0,99}\"\w{1,99}\"")
_ANY_SHAPE = re.compile(r"\{\s{0,99}\"(?:id|url|title|content_html|content_text)\"")
_NUMBER = r"(?:\d{1,9}\"\s{0,99}:\s{0,99})?"
_BEFORE = re.compile(rf"(?:\}}[\s,:\[\]{{]*(?:\"{_NUMBER})?|[\"\]\w]\s*,\s*)\Z")
# One closing bracket may be too many; two are the end of a list inside an item, and of the item
_NEXT = re.compile(
    rf"[^\"{{\]}}]{{0,99}}+(?:[\]}}][^\"{{\]}}]{{0,99}}+)?(?:\"{_NUMBER}[\s,]{{0,99}})?(?=\{{)"
)
_LAST = re.compile(r"[\s,:]*+(?:[\]}]|\Z)")
_END = re.compile(r"[\s\]}\x00]*+\Z")
_MEMBERS = re.compile(
    r"\"(version|title|home_page_url|feed_url|language|authors?)\"\s{0,99}:\s{0,99}"
)

_Object = Mapping[str, Any]


class Parts(NamedTuple):
    """What is whole of a document, as if that were all of it; `broken` items are left out."""

    document: _Object
    broken: int


def without_spare_commas(text: str) -> str:
    """The text without the commas behind which nothing follows, {"a": 1,}, as JavaScript takes it;
    what stands in a string stays. Takes linear time."""
    return _SPARE_COMMA.sub(lambda match: "" if match[0] == "," else match[0], text)


def whole_parts(text: str) -> Parts | None:
    """The whole items, and what else can be read; None where there is no whole item, nor an empty
    list of them. Takes linear time. Raises RecursionError for values nested without end."""
    told = _ITEMS.search(text)
    start = told or _NO_ITEMS.search(text) or _UNTOLD.search(text)
    start = start or _BEGINNING.match(text)
    if start is None:
        return None
    items = _Items(text)
    if start.re is _NO_ITEMS:
        items.end = start.end()
    else:
        items.read(start.end(), is_item=told is not None)
        if not items.whole:
            return None
    at, end = start.start(), items.end
    head = _members(text[:at].rstrip(" \t\r\n,") + "}")
    tail = _members("{" + text[end:].lstrip(" \t\r\n,]"))
    return Parts({**tail, **head, "items": items.whole}, items.broken)


def _members(text: str) -> dict[str, Any]:
    """Those of an object; where that is broken, what of it is known to be a feed's."""
    try:
        return dict(DECODER.raw_decode(text)[0])
    except ValueError:
        pass
    found: dict[str, Any] = {}
    document = _Document(text)
    for match in _MEMBERS.finditer(text):
        if match[1] not in found:
            try:
                found[match[1]] = DECODER.raw_decode(document, match.end())[0]
            except ValueError:
                continue
    return found


class _Document(str):
    """A text whose lines no error counts: each would count all those before it anew."""

    __slots__ = ()

    def count(self, *_: Any) -> int:
        return 0

    def rfind(self, *_: Any) -> int:
        return -1


class _Row(NamedTuple):
    """Objects that stand one behind another; `end` is where that ends, or where one is broken."""

    items: list[_Object]
    end: int
    is_broken: bool


class _Items:
    """The items of a document, in work."""

    def __init__(self, text: str) -> None:
        self._text = _Document(text)
        self._shapes: list[str] = []
        self._beginning = _ANY_SHAPE
        self.whole: list[_Object] = []
        self.broken = 0
        self.end = len(text)

    def read(self, at: int, *, is_item: bool) -> None:
        """Reads the items from `at` on, where the first begins if `is_item`."""
        if is_item:
            shape = _SHAPE.match(self._text, at)
            if shape is not None and self._text.find(shape[0], shape.end()) != -1:
                self._learn(at)
            row = self._row(at)
            self.whole += filter(None, row.items)
        else:
            self.broken += 1
            row = _Row([], at, is_broken=True)
        following = self._following(row.end)
        for _ in range(MOST_ENTRIES):
            if following is None:
                break
            at, row = following, self._row(following)
            following = self._following(row.end)
            if row.is_broken or (following is None and self._ends_document(row.end)):
                self._take(at, row)
        self.end = len(self._text) if row.is_broken else row.end

    def _take(self, at: int, row: _Row) -> None:
        """Takes the items of a row that begins at `at`, as others may do then."""
        if row.items and _is_item(row.items[0]):
            self._learn(at)
        self.whole += filter(_is_item, row.items)

    def _row(self, at: int) -> _Row:
        row: list[_Object] = []
        while True:
            try:
                item, end = DECODER.raw_decode(self._text, at)
            except json.JSONDecodeError as error:
                self.broken += 1
                return _Row(row, max(error.pos, at + 1), is_broken=True)
            following = _NEXT.match(self._text, end)
            if following is None and _LAST.match(self._text, end) is None:
                self.broken += 1  # ends too early: more of it follows
                return _Row(row, end, is_broken=True)
            row.append(item)
            if following is None:
                return _Row(row, end, is_broken=False)
            at = following.end()

    def _learn(self, at: int) -> None:
        """How items begin here: with which member, how far indented."""
        shape = _SHAPE.match(self._text, at) if len(self._shapes) < _MOST_SHAPES else None
        if shape is not None and shape[0] not in self._shapes:
            self._shapes.append(shape[0])
            self._beginning = re.compile("|".join(map(re.escape, self._shapes)))

    def _following(self, end: int) -> int | None:
        """Where from `end` on another item surely begins: as others do, and behind one."""
        for match in self._beginning.finditer(self._text, end):
            at: int = match.start()
            before = self._text[max(0, at - _NEAR) : at].rstrip()
            if before[-1:] in _SEPARATING and _BEFORE.search(before[-_NEARER:]):
                return at
        return None

    def _ends_document(self, end: int) -> bool:
        """Whether the list that ends here is the document's, and none inside an item."""
        rest = self._text[end:].lstrip(" \t\r\n,")[1:].lstrip(" \t\r\n,")
        if _END.match(rest):
            return "]" not in rest
        try:
            _, end = DECODER.raw_decode("{" + rest)
        except ValueError:
            return False
        return not ("{" + rest)[end:].strip()


def _is_item(value: _Object) -> bool:
    return not TELLING.isdisjoint(value) and _OF_OTHERS.isdisjoint(value)
