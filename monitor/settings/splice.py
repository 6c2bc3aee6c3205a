"""Puts feeds into the text of feeds.yaml and takes them out, leaving every other byte as it is.

ruamel.yaml writes a whole file anew: measured with 0.19, of eight small files in the styles that
people use it left one as it was (it re-indents lists, rewraps brackets, drops line ends of
Windows), and with 10,000 feeds it takes 7 seconds. Here the parser only tells where things stand.

A comment goes with a feed where it stands on one of its lines. One above it stays: it may head
those that follow too, and a comment too many does less harm than one that is lost.

This module must not read or write files. What it makes is read again before it is given out, and
must mean what it should: where a file is written in a way that is not foreseen here, the edit is
refused and never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from monitor.errors import DataError
from monitor.settings.positions import Document, Extent, parse
from monitor.settings.written import FeedItem, Style, item_of, written
from monitor.settings.yaml_text import Misread

_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_DASH = re.compile(r"( *)-( +)$")
_DASH_ALONE = re.compile(r"( *)- *(?:#.*)?$")
_TO_COMMA = re.compile(r"(?:\s|(?<=\s)#[^\r\n]*+)*+,")
_BOM = b"\xef\xbb\xbf"


class Splice(NamedTuple):
    """Between two indexes of the text something else comes to stand."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class FeedsText:
    """feeds.yaml: its bytes and what the parser makes of them."""

    data: bytes
    document: Document

    @property
    def items(self) -> tuple[FeedItem, ...]:
        """The feeds as they are written; for a file without faults."""
        return tuple(map(item_of, _listed(self.document)))


def read_text(data: bytes) -> FeedsText:
    """Reads the file's bytes. Raises Misread."""
    return FeedsText(data, parse(data))


def append(feeds: FeedsText, items: Sequence[FeedItem]) -> FeedsText:
    """The file with these feeds after its last one. Raises DataError where it is written in a way
    that cannot be added to."""
    document = feeds.document
    text, root = document.text, document.value
    before = _listed(document)
    if before:
        way = _append_flow if _extent(document, "feeds").flow else _append_block
        splices = way(document, items)
    elif isinstance(root, dict) and _extent(document).flow:
        splices = [_fill_flow(document, items)]
    elif isinstance(root, dict):
        splices = _fill_block(document, items)
    else:
        splices = [_begin(text, items)]
    return _spliced(feeds, splices, [*before, *(dict(item.values) for item in items)])


def remove(feeds: FeedsText, index: int) -> FeedsText:
    """The file without the feed of this number (from 0). Raises DataError where that cannot be
    done."""
    document = feeds.document
    listed = _listed(document)
    way = _remove_flow if _extent(document, "feeds").flow else _remove_block
    return _spliced(feeds, way(document, index), listed[:index] + listed[index + 1 :])


def _listed(document: Document) -> list[Any]:
    value = document.value
    feeds = value.get("feeds") if isinstance(value, dict) else None
    return feeds if isinstance(feeds, list) else []


def _extent(document: Document, *path: str | int) -> Extent:
    extent = document.extent(path)
    if extent is None:
        raise _unforeseen()
    return extent


def _spliced(feeds: FeedsText, splices: Iterable[Splice], expected: Sequence[object]) -> FeedsText:
    text = feeds.document.text
    for start, end, new in sorted(splices, reverse=True):
        text = text[:start] + new + text[end:]
    mark = _BOM if feeds.data.startswith(_BOM) else b""
    try:
        result = read_text(mark + text.encode())
    except Misread:
        raise _unforeseen() from None
    if _listed(result.document) != list(expected):
        raise _unforeseen()
    return result


def _unforeseen() -> DataError:
    return DataError(
        "feeds.yaml is written in a way that rasid cannot edit (an alias, perhaps): nothing was "
        "changed, please edit it by hand"
    )


# --- lines --------------------------------------------------------------------------------------


def _line_start(text: str, at: int) -> int:
    """Where the line of this letter begins."""
    found = max(text.rfind(sign, 0, at) for sign in "\n\r\x85\u2028\u2029")
    return found + 1


def _line_above(text: str, start: int) -> int:
    """Where the line before the one that begins here begins."""
    return _line_start(text, start - 1 - text.endswith("\r\n", 0, start))


def _next_line(text: str, at: int) -> int:
    """Where the line after this letter begins; the text's end where there is none."""
    found = _BREAK.search(text, at)
    return found.end() if found else len(text)


def _line_break(text: str, at: int = 0) -> str:
    """The line end in use after a place, or before it."""
    found = _BREAK.search(text, at) or _BREAK.search(text)
    return found[0] if found else "\n"


def _is_blank(text: str) -> bool:
    return not text.strip()


# --- lists with a dash before each feed -----------------------------------------------------------


class _Lines(NamedTuple):
    """The lines of a feed: where they begin and end, and what stands before and after the dash."""

    start: int
    end: int
    indent: str
    gap: str


def _lines(document: Document, index: int) -> _Lines:
    text, item = document.text, _extent(document, "feeds", index)
    start = _line_start(text, item.start)
    end = _next_line(text, item.end)
    found = _DASH.match(text[start : item.start])
    if found:
        return _Lines(start, end, found[1], found[2])
    while start:
        start = _line_above(text, start)
        found = _DASH_ALONE.match(_BREAK.split(text[start : item.start], maxsplit=1)[0])
        if found:
            return _Lines(start, end, found[1], " ")
    raise _unforeseen()


def _append_block(document: Document, items: Sequence[FeedItem]) -> list[Splice]:
    last = len(_listed(document)) - 1
    lines = _lines(document, last)
    style = _style(document, last)
    line_break = _line_break(document.text, lines.start)
    pause = line_break if _is_airy(document, last) else ""
    new = _block(items, style, lines.indent, lines.gap, line_break, pause)
    return [_after(document.text, lines.end, new, line_break)]


def _block(
    items: Sequence[FeedItem],
    style: Style,
    indent: str = "  ",
    gap: str = " ",
    line_break: str = "\n",
    pause: str = "",
) -> str:
    below = f"{indent} {gap}"
    return "".join(
        f"{pause}{indent}-{gap}{written(item, style, below, line_break)}{line_break}"
        for item in items
    )


def _after(text: str, at: int, new: str, line_break: str) -> Splice:
    """New lines behind others, the last of which may have no end."""
    if at and not _BREAK.match(text, at - 1):
        new = line_break + new.removesuffix(line_break)
    return Splice(at, at, new)


def _is_airy(document: Document, last: int) -> bool:
    """Whether there are empty lines, and nothing else, between feeds: between the last three."""
    spaces = []
    for index in range(max(last - 2, 0), last):
        here, there = _lines(document, index), _lines(document, index + 1)
        spaces.append(document.text[here.end : there.start])
    return bool(spaces) and all(space and _is_blank(space) for space in spaces)


def _style(document: Document, index: int) -> Style:
    """How the feed of this number is written."""
    text, item = document.text, _extent(document, "feeds", index)
    url = text[_extent(document, "feeds", index, "url").start]
    quote = url if url in "\"'" else ""
    return Style(block=not item.flow, json=_extent(document).flow, quote=quote)


def _remove_block(document: Document, index: int) -> list[Splice]:
    text = document.text
    start, end, _, _ = _lines(document, index)
    above, below = _blank_above(text, start), _blank_below(text, end)
    if index == len(_listed(document)) - 1:
        start = above if index else start
    elif below > end and (above < start if index else _is_key_line(document, above)):
        end = below  # one pause is enough where two would meet
    if end == len(text) and start and not _BREAK.search(text, end - 1):
        start -= 2 if text.endswith("\r\n", 0, start) else 1  # the file ends without a line end
    return [Splice(start, end, "")]


def _is_key_line(document: Document, below: int) -> bool:
    """Whether `feeds:` stands on the line above this one."""
    start = document.key_start(("feeds",))
    return _line_above(document.text, below) == _line_start(document.text, start)


def _blank_above(text: str, start: int) -> int:
    """Where the empty lines above a line begin."""
    while start:
        above = _line_above(text, start)
        if not _is_blank(text[above:start]):
            break
        start = above
    return start


def _blank_below(text: str, end: int) -> int:
    """Where the empty lines that begin here end."""
    while end < len(text):
        below = _next_line(text, end)
        if not _is_blank(text[end:below]):
            break
        end = below
    return end


# --- lists in brackets ----------------------------------------------------------------------------


def _comma(text: str, at: int) -> int | None:
    """The comma that follows, comments left aside."""
    found = _TO_COMMA.match(text, at)
    return found.end() - 1 if found else None


def _append_flow(document: Document, items: Sequence[FeedItem]) -> list[Splice]:
    text, last = document.text, len(_listed(document)) - 1
    item, end = _extent(document, "feeds", last), _extent(document, "feeds").end - 1
    style = replace(_style(document, last), block=False)
    new = [written(each, style) for each in items]
    indent = text[_line_start(text, item.start) : item.start]
    if not _is_blank(indent):
        return [Splice(item.end, item.end, "".join(f", {each}" for each in new))]
    line_break = _line_break(text, item.end)
    between = f",{line_break}{indent}"
    comma = _comma(text, item.end)
    at = _next_line(text, item.end if comma is None else comma)
    if at > end:  # the bracket closes on the last feed's line
        return [Splice(item.end, item.end, between + between.join(new))]
    tail = "" if comma is None else ","
    lines = Splice(at, at, indent + between.join(new) + tail + line_break)
    return [lines] if tail else [Splice(item.end, item.end, ","), lines]


def _remove_flow(document: Document, index: int) -> list[Splice]:
    text, last = document.text, len(_listed(document)) - 1
    item = _extent(document, "feeds", index)
    comma = _comma(text, item.end)
    end = item.end if comma is None else comma + 1
    lone = _own_lines(text, item.start, end)
    before = _extent(document, "feeds", index - 1).end if index else item.start
    if lone:
        splices = [Splice(*lone, "")]
        if index and comma is None:
            splices.append(_without_comma(text, before))
        return splices
    if index < last:
        after = _extent(document, "feeds", index + 1).start
        return [Splice(item.start, end if "#" in text[item.end : after] else after, "")]
    if not index:
        return [Splice(item.start, end, "")]
    if "#" in text[before : item.start]:
        return [_without_comma(text, before), Splice(item.start, end, "")]
    return [Splice(before, item.end, "")]


def _own_lines(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The lines that something has for itself, a comment behind it left aside."""
    first, after = _line_start(text, start), _next_line(text, end)
    rest = text[end:after].strip()
    alone = _is_blank(text[first:start]) and (not rest or rest.startswith("#"))
    return (first, after) if alone and first and _BREAK.search(text[end:after]) else None


def _without_comma(text: str, at: int) -> Splice:
    comma = _comma(text, at)
    if comma is None:
        raise _unforeseen()
    return Splice(comma, comma + 1, "")


# --- lists that are empty -------------------------------------------------------------------------


def _fill_flow(document: Document, items: Sequence[FeedItem]) -> Splice:
    """`{}`, `{"feeds": []}`, `{feeds: }`."""
    feeds = "[" + ", ".join(written(item, Style(json=True)) for item in items) + "]"
    if "feeds" not in (document.value or ()):  # type: ignore[operator] # a mapping, or nothing
        at = _extent(document).start + 1
        return Splice(at, at, f'"feeds": {feeds}')
    value = _extent(document, "feeds")
    blank = " " if document.text[value.start - 1] == ":" else ""
    return Splice(value.start, value.end, blank + feeds)


def _fill_block(document: Document, items: Sequence[FeedItem]) -> list[Splice]:
    """`feeds:`, `feeds: []`, `feeds: ~`: the list begins below."""
    text, value = document.text, _extent(document, "feeds")
    at = _next_line(text, value.end)
    line_break = _line_break(text, value.end)
    start = len(text[: value.start].rstrip(" ")) if value.end > value.start else value.end
    below = _block(items, Style(), line_break=line_break)
    return [Splice(start, value.end, ""), _after(text, at, below, line_break)]


def _begin(text: str, items: Sequence[FeedItem]) -> Splice:
    """A file without anything but comments."""
    line_break = _line_break(text)
    lines = f"feeds:{line_break}{_block(items, Style(), line_break=line_break)}"
    if text and not _BREAK.match(text, len(text) - 1):
        lines = line_break + lines
    return Splice(len(text), len(text), lines)
