"""Where a file's layout went wrong: the line, and often the one above it, behind a complaint of
the YAML parser, which tells what it met and not what is missing.

This module must not parse; it looks at two lines. Of what stands there it repeats nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_NO_DASH = re.compile(r"[ ]*(-)(?=[^\s\-\d.])")
_ODD_DASH = re.compile(r"[ ]*([–—−‐‑•·*])[ \t]+\S")
_NO_BLANK = re.compile(r"[ ]*(?:-[ ]+)?[A-Za-z_]+(:)(?=[^\s:/,\]}])")
_ODD_COLON = re.compile(r"[ ]*(?:-[ ]+)?[A-Za-z_]+[ ]?([：﹕∶])")
_KEY = re.compile(r"[ ]*(?:-[ ]+)*([^\s#\-\[{][^:\n]*?)(:)(?:\s|$)")
_ITEM = re.compile(r"[ ]*(-)[ ]")
_GONE = re.compile(r"[\[{,][ \t]*(#)[^\s#]")


class Cause(NamedTuple):
    """What is wrong; line and column count from 0."""

    reason: str
    line: int
    column: int


def cause(text: str, line: int, column: int, reason: str) -> Cause:
    """The cause of a complaint, as near as can be told; else the complaint itself."""
    lines = text.split("\n")
    if line >= len(lines) or "the file ends" in reason:
        return _gone(lines) or Cause(reason, line, column)
    above = next(_written_before(lines, line), None)
    here = (line,) if above is None else (line, above)
    slips = (_slip(lines[number], number) for number in here)
    return (
        next(filter(None, slips), None)
        or _in_line(lines[line], line, column, reason)
        or (None if above is None else _beside(lines, line, column, above, reason))
        or Cause(reason, line, column)
    )


def _written_before(lines: list[str], line: int) -> Iterator[int]:
    """The lines above that hold more than blanks or a comment, the nearest first."""
    return (n for n in range(line - 1, -1, -1) if lines[n].strip() and lines[n].lstrip()[0] != "#")


def _slip(text: str, line: int) -> Cause | None:
    """A dash or a colon that is none for want of a blank, or is another character."""
    for pattern, reason in (
        (_NO_DASH, "a blank is missing after the dash"),
        (_NO_BLANK, "a blank is missing after the colon"),
        (_ODD_DASH, "an item begins with the plain dash '-'"),
        (_ODD_COLON, "a key ends with the plain colon ':'"),
    ):
        found = pattern.match(text)
        if found:
            return Cause(reason, line, found.start(1))
    return None


def _in_line(text: str, line: int, column: int, reason: str) -> Cause | None:
    """What stands behind a value that has ended already, or before one that cannot begin so."""
    before, item = text[:column].rstrip(), text.startswith("- ", column)
    told = None
    if item and reason.startswith("a value is missing"):
        told = "in brackets items are parted by commas, and have no '- '"
    elif reason.startswith("expected") and before:
        told = _behind(before[-1], text[column : column + 1], item=item)
    return Cause(told, line, column) if told else None


def _behind(last: str, here: str, *, item: bool) -> str | None:
    if item:
        return "an item ('- ') begins on a line of its own"
    if here in ("]", "}"):
        return "this bracket closes nothing"
    if last in ("]", "}"):
        return "the value in brackets has ended: nothing may stand behind it"
    if last == '"':
        return "the text in quotes has ended: put single quotes around the whole value"
    if last == "'":
        return "the text in quotes has ended: inside it, a quote is written ''"
    return None


def _beside(lines: list[str], line: int, column: int, above: int, reason: str) -> Cause | None:
    """A line that begins in another column than those that it belongs to."""
    here = lines[line]
    start = len(here) - len(here.lstrip(" "))
    if _ITEM.match(here) and reason.startswith("expected"):
        return _item(lines, line, start)
    dash = _ITEM.match(lines[above])
    if reason.startswith("a ':' is missing") and dash and dash.start(1) == start:
        return Cause("'- ' is missing before this item", line, start)
    key, before = _KEY.match(here), _KEY.match(lines[above])
    if key is None or before is None or _ITEM.match(here):
        return None
    begins = before.start(1)
    told = f"the line above begins in column {begins + 1}"
    if "a second ':'" in reason and key.start(2) == column and start > begins:
        return Cause(f"stands too deep: {told}", line, start)
    if reason.startswith("expected") and column == start < begins:
        return Cause(f"{reason} ({told})", line, start)
    return None


def _item(lines: list[str], line: int, start: int) -> Cause | None:
    found = (_ITEM.match(lines[number]) for number in _written_before(lines, line))
    first = next(filter(None, found), None)
    if first is None or first.start(1) == start:
        return Cause("an item ('- ') stands among keys: check the indentation", line, start)
    told = f"the one above in column {first.start(1) + 1}"
    return Cause(f"this '- ' stands in column {start + 1}, {told}", line, start)


def _gone(lines: list[str]) -> Cause | None:
    """A hashtag in brackets that is a comment to YAML, with the bracket that closes them."""
    for line in range(len(lines) - 1, -1, -1):
        found = _GONE.search(lines[line])
        if found:
            return Cause("'#' begins a comment: put quotes around it", line, found.start(1))
    return None
