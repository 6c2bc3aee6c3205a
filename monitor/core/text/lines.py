"""Lines for a terminal, broken between words: left to itself it breaks them inside words.

What has no blank in it, an address for example, stays whole, so that it can be copied. Letters
keep their order; a terminal that sets Arabic right to left does so line by line in any case (UAX 9,
rule L1 and what follows come after lines are broken). This module must not know what is shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from monitor.model import Marked

_WORD = re.compile(r"\S*\d{4}-\d\d-\d\d \d\d:\d\d(?: [A-Z+-]\S*)?|\S+")  # a moment is one word
_NO_CELL = frozenset(("Mn", "Me", "Cf"))  # marks upon letters, and what is not seen


def cells(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(map(_cells, text))


def wrapped(text: Marked, width: int, hang: int = 0) -> list[Marked]:
    """A text as lines of at most `width` columns, where its words allow it. The lines after the
    first are indented as the first is, and by `hang` columns more; each has its part of the marks.
    """
    lines = list(_broken(text.text, width, hang))
    if len(lines) == 1:
        return [text]
    lead = " " * _lead(text.text, hang)
    return [
        _part(text, start, end, lead if number else "") for number, (start, end) in enumerate(lines)
    ]


def _lead(text: str, hang: int) -> int:
    return len(text) - len(text.lstrip(" ")) + hang


def _broken(text: str, width: int, hang: int) -> Iterator[tuple[int, int]]:
    """The start and the end of each line, without the blanks between them."""
    if text.isascii() and len(text) <= width:
        yield 0, len(text)
        return
    start = end = 0
    room, later = width, width - _lead(text, hang)
    for word in _WORD.finditer(text):
        taken = cells(text[end : word.end()])
        if taken > room and text[start:end].strip():
            yield start, end
            start = word.start()
            room, taken = later, cells(word[0])
        end = word.end()
        room -= taken
    yield start, len(text)


def _part(text: Marked, start: int, end: int, lead: str) -> Marked:
    moved = len(lead) - start
    marks = [(max(a, start) + moved, min(b, end) + moved) for a, b in text.marks]
    return Marked(lead + text.text[start:end], tuple(mark for mark in marks if mark[0] < mark[1]))


def _cells(letter: str) -> int:
    if letter.isascii():
        return 1
    if unicodedata.category(letter) in _NO_CELL:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
