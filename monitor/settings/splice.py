"""Puts feeds into the text of feeds.yaml and takes them out, or rules into rules.yaml, leaving
every other byte as it is.

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
from monitor.settings.written import FeedItem, Item, Style, item_of, plain, written
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
class ListText:
    """feeds.yaml or rules.yaml: its bytes, what the parser makes of them, the key of its list."""

    data: bytes
    document: Document
    key: str = "feeds"

    @property
    def text(self) -> str:
        return self.document.text

    @property
    def items(self) -> tuple[FeedItem, ...]:
        """The feeds as they are written; for a file without faults."""
        return tuple(map(item_of, _listed(self)))


def read_text(data: bytes, key: str = "feeds") -> ListText:
    """Reads the file's bytes. Raises Misread."""
    return ListText(data, parse(data), key)


def append(file: ListText, items: Sequence[Item]) -> ListText:
    """The file with these feeds, or rules, after its last one. Raises DataError where it is written
    in a way that cannot be added to."""
    text, root = file.text, file.document.value
    before = _listed(file)
    if before:
        way = _append_flow if _extent(file, file.key).flow else _append_block
        splices = way(file, items)
    elif isinstance(root, dict) and _extent(file).flow:
        splices = [_fill_flow(file, items)]
    elif isinstance(root, dict):
        splices = _fill_block(file, items)
    else:
        splices = [_begin(text, file.key, items)]
    return _spliced(file, splices, [*before, *map(plain, items)])


def remove(file: ListText, index: int) -> ListText:
    """The file without the feed of this number (from 0). Raises DataError where that cannot be
    done."""
    listed = _listed(file)
    way = _remove_flow if _extent(file, file.key).flow else _remove_block
    return _spliced(file, way(file, index), listed[:index] + listed[index + 1 :])


def _listed(file: ListText) -> list[Any]:
    value = file.document.value
    listed = value.get(file.key) if isinstance(value, dict) else None
    return listed if isinstance(listed, list) else []


def _extent(file: ListText, *path: str | int) -> Extent:
    extent = file.document.extent(path)
    if extent is None:
        raise _unforeseen(file.key)
    return extent


def _spliced(file: ListText, splices: Iterable[Splice], expected: Sequence[object]) -> ListText:
    text = file.text
    for start, end, new in sorted(splices, reverse=True):
        text = text[:start] + new + text[end:]
    mark = _BOM if file.data.startswith(_BOM) else b""
    try:
        result = read_text(mark + text.encode(), file.key)
    except Misread:
        raise _unforeseen(file.key) from None
    if _listed(result) != list(expected):
        raise _unforeseen(file.key)
    return result


def _unforeseen(key: str) -> DataError:
    return DataError(
        f"{key}.yaml is written in a way that rasid cannot edit (an alias, perhaps): nothing was "
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


def _lines(file: ListText, index: int) -> _Lines:
    text, item = file.text, _extent(file, file.key, index)
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
    raise _unforeseen(file.key)


def _append_block(file: ListText, items: Sequence[Item]) -> list[Splice]:
    last = len(_listed(file)) - 1
    lines = _lines(file, last)
    style = _style(file, last)
    line_break = _line_break(file.text, lines.start)
    pause = line_break if _is_airy(file, last) else ""
    new = _block(items, style, lines.indent, lines.gap, line_break, pause)
    return [_after(file.text, lines.end, new, line_break)]


def _block(
    items: Sequence[Item],
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


def _is_airy(file: ListText, last: int) -> bool:
    """Whether there are empty lines, and nothing else, between feeds: between the last three."""
    spaces = []
    for index in range(max(last - 2, 0), last):
        here, there = _lines(file, index), _lines(file, index + 1)
        spaces.append(file.text[here.end : there.start])
    return bool(spaces) and all(space and _is_blank(space) for space in spaces)


def _own_style(key: str) -> Style:
    """How we write where there is nothing to go by: a feed fits on a line, a rule does not."""
    return Style(block=key == "rules")


def _style(file: ListText, index: int) -> Style:
    """How the feed or rule of this number is written."""
    item = _extent(file, file.key, index)
    url = file.text[_extent(file, file.key, index, "url").start]
    quote = url if url in "\"'" else ""
    return Style(block=not item.flow, json=_extent(file).flow, quote=quote)


def _remove_block(file: ListText, index: int) -> list[Splice]:
    text = file.text
    start, end, _, _ = _lines(file, index)
    above, below = _blank_above(text, start), _blank_below(text, end)
    if index == len(_listed(file)) - 1:
        start = above if index else start
    elif below > end and (above < start if index else _is_key_line(file, above)):
        end = below  # one pause is enough where two would meet
    if end == len(text) and start and not _BREAK.search(text, end - 1):
        start -= 2 if text.endswith("\r\n", 0, start) else 1  # the file ends without a line end
    return [Splice(start, end, "")]


def _is_key_line(file: ListText, below: int) -> bool:
    """Whether `feeds:` stands on the line above this one."""
    start = file.document.key_start((file.key,))
    return _line_above(file.text, below) == _line_start(file.text, start)


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


def _append_flow(file: ListText, items: Sequence[Item]) -> list[Splice]:
    text, last = file.text, len(_listed(file)) - 1
    item, end = _extent(file, file.key, last), _extent(file, file.key).end - 1
    style = replace(_style(file, last), block=False)
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


def _remove_flow(file: ListText, index: int) -> list[Splice]:
    text, last = file.text, len(_listed(file)) - 1
    item = _extent(file, file.key, index)
    comma = _comma(text, item.end)
    end = item.end if comma is None else comma + 1
    lone = _own_lines(text, item.start, end)
    before = _extent(file, file.key, index - 1).end if index else item.start
    if lone:
        splices = [Splice(*lone, "")]
        if index and comma is None:
            splices.append(_without_comma(file, before))
        return splices
    if index < last:
        after = _extent(file, file.key, index + 1).start
        return [Splice(item.start, end if "#" in text[item.end : after] else after, "")]
    if not index:
        return [Splice(item.start, end, "")]
    if "#" in text[before : item.start]:
        return [_without_comma(file, before), Splice(item.start, end, "")]
    return [Splice(before, item.end, "")]


def _own_lines(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The lines that something has for itself, a comment behind it left aside."""
    first, after = _line_start(text, start), _next_line(text, end)
    rest = text[end:after].strip()
    alone = _is_blank(text[first:start]) and (not rest or rest.startswith("#"))
    return (first, after) if alone and first and _BREAK.search(text[end:after]) else None


def _without_comma(file: ListText, at: int) -> Splice:
    comma = _comma(file.text, at)
    if comma is None:
        raise _unforeseen(file.key)
    return Splice(comma, comma + 1, "")


# --- lists that are empty -------------------------------------------------------------------------


def _fill_flow(file: ListText, items: Sequence[Item]) -> Splice:
    """`{}`, `{"feeds": []}`, `{feeds: }`."""
    listed = "[" + ", ".join(written(item, Style(json=True)) for item in items) + "]"
    if file.key not in (file.document.value or ()):  # type: ignore[operator] # a mapping, or nothing
        at = _extent(file).start + 1
        return Splice(at, at, f'"{file.key}": {listed}')
    value = _extent(file, file.key)
    blank = " " if file.text[value.start - 1] == ":" else ""
    return Splice(value.start, value.end, blank + listed)


def _fill_block(file: ListText, items: Sequence[Item]) -> list[Splice]:
    """`feeds:`, `feeds: []`, `feeds: ~`: the list begins below."""
    text, value = file.text, _extent(file, file.key)
    at = _next_line(text, value.end)
    line_break = _line_break(text, value.end)
    start = len(text[: value.start].rstrip(" ")) if value.end > value.start else value.end
    below = _block(items, _own_style(file.key), line_break=line_break)
    return [Splice(start, value.end, ""), _after(text, at, below, line_break)]


def _begin(text: str, key: str, items: Sequence[Item]) -> Splice:
    """A file without anything but comments."""
    line_break = _line_break(text)
    lines = f"{key}:{line_break}{_block(items, _own_style(key), line_break=line_break)}"
    if text and not _BREAK.match(text, len(text) - 1):
        lines = line_break + lines
    return Splice(len(text), len(text), lines)
