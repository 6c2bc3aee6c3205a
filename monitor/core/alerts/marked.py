"""Texts with highlighted parts: rewritten, collapsed and cut so that the marks stay right.

A cut never falls inside what a reader sees as one letter. This module must know nothing of
articles, messages or channels.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from typing import Final

from monitor.model import Marked

ELLIPSIS: Final = "…"
_BLANKS: Final = re.compile(r"\s+")
_LONGEST_LETTER: Final = 32  # code points; a longer pile of marks is no letter any more
_WORD_SEARCH: Final = 30  # letters that a cut may give up so that it falls between words
_JOINER: Final = "\u200d"


def rewrite(text: Marked, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str]) -> Marked:
    """Every find of `pattern` replaced. A mark that touches a find grows to cover its replacement;
    a mark with nothing left under it goes."""
    parts: list[str] = []
    changes: list[tuple[int, int, int, int]] = []  # old start and end, new start and end
    at = length = 0
    for found in pattern.finditer(text.text):
        kept, replacement = text.text[at : found.start()], new(found)
        parts += (kept, replacement)
        start = length + len(kept)
        length = start + len(replacement)
        changes.append((found.start(), found.end(), start, length))
        at = found.end()
    if not changes:
        return text
    parts.append(text.text[at:])
    moved = ((_new_start(start, changes), _new_end(end, changes)) for start, end in text.marks)
    return Marked("".join(parts), merge(moved))


def _new_start(offset: int, changes: list[tuple[int, int, int, int]]) -> int:
    index = bisect_right(changes, offset, key=lambda change: change[0]) - 1
    if index < 0:
        return offset
    _, old_end, new_start, new_end = changes[index]
    return new_start if offset < old_end else new_end + offset - old_end


def _new_end(offset: int, changes: list[tuple[int, int, int, int]]) -> int:
    index = bisect_left(changes, offset, key=lambda change: change[0]) - 1
    if index < 0:
        return offset
    _, old_end, _, new_end = changes[index]
    return new_end if offset <= old_end else new_end + offset - old_end


def merge(marks: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The marks in order, empty ones dropped, overlapping ones joined."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(marks):
        if start >= end:
            continue
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def collapse(text: Marked) -> Marked:
    """Every run of blanks, line ends included, becomes one space; none at the ends."""
    flat = rewrite(text, _BLANKS, lambda _: " ")
    start = len(flat.text) - len(flat.text.lstrip(" "))
    return part(flat, start, max(start, len(flat.text.rstrip(" "))))


def part(text: Marked, start: int, end: int) -> Marked:
    """`text[start:end]` with its marks clipped to it."""
    clipped = ((max(a, start) - start, min(b, end) - start) for a, b in text.marks)
    return Marked(text.text[start:end], merge(clipped))


def shorten(text: Marked, limit: int) -> Marked:
    """At most `limit` letters (code points), an ellipsis at the end where something was cut."""
    if len(text.text) <= limit:
        return text
    if limit <= 0:
        return Marked("")
    kept = part(text, 0, _cut_before(text.text, limit - 1))
    kept = part(kept, 0, len(kept.text.rstrip()))
    return Marked(kept.text + ELLIPSIS, kept.marks)


def _cut_before(text: str, limit: int) -> int:
    """Where to cut a longer text so that `limit` letters or fewer are left: between words where one
    ends near, else between letters."""
    blank = text.rfind(" ", max(0, limit - _WORD_SEARCH), limit + 1)
    return blank if blank > 0 else letter_start(text, limit)


def letter_start(text: str, at: int) -> int:
    """`at`, or the start of the letter that it falls into (after UAX #29, simplified)."""
    start = at
    while start > 0 and start < len(text) and _continues(text, start):
        start -= 1
        if at - start >= _LONGEST_LETTER:
            return at
    return start


def _continues(text: str, at: int) -> bool:
    here, before = text[at], text[at - 1]
    if unicodedata.category(here).startswith("M") or _JOINER in (here, before):
        return True
    if "\U0001f3fb" <= here <= "\U0001f3ff":  # a skin colour
        return True
    return _is_flag_letter(here) and _flag_letters_before(text, at) % 2 == 1


def _is_flag_letter(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def _flag_letters_before(text: str, at: int) -> int:
    start = at
    while start > 0 and at - start < _LONGEST_LETTER and _is_flag_letter(text[start - 1]):
        start -= 1
    return at - start
