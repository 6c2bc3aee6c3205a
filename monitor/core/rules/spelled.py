"""Words that a text spells letter by letter, as writers do to slip past filters: د.ا.ع.ش, د ا ع ش.

This module must not know which words are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from monitor.core.text.tokens import Passage

_LEAST: Final = 3  # letters
_MOST: Final = 12
_ENOUGH: Final = 1000  # letters of one passage; a text of more is made to be slow
LETTERS: Final = frozenset("ابتثجحخدذرزسشصضطظعغفقكلمنهويةءئؤپچڤگژabcdefghijklmnopqrstuvwxyz")
# What may stand between two letters of one word; a comma or a new line parts a list.
_BETWEEN: Final = re.compile(r"[.\-_·•*/|~+\u00a0 ]{1,3}")
_GLUED: Final = re.compile(r"[.\-_·•*/|~+]")


def spelled_out(passage: Passage, distinct: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    """(first, end, word) of every run of single letters in a passage, and of every part of one, by
    where they begin, the longest first.
    `distinct`: its words, each once; most articles hold too few letters to go on."""
    if len(distinct & LETTERS) < 2:
        return
    words = passage.words
    first, read = 0, 0
    while first < len(words) and read < _ENOUGH:
        end = first
        while end < len(words) and words[end] in LETTERS and _joined(passage, first, end):
            end += 1
        end = min(end, first + _ENOUGH)
        yield from _in_run(passage, first, end)
        read += end - first
        first = max(end, first + 1)


def _in_run(passage: Passage, first: int, end: int) -> Iterator[tuple[int, int, str]]:
    words = passage.words
    if end - first >= _LEAST - 1 and _has_head(passage, first):
        yield first - 1, end, "".join(words[first - 1 : end])
    for start in range(first, end - _LEAST + 1):
        for stop in range(min(end, start + _MOST), start + _LEAST - 1, -1):
            yield start, stop, "".join(words[start:stop])


def _has_head(passage: Passage, first: int) -> bool:
    """Whether the first letter of a run stands before it with its proclitics: لد.ا.ع.ش."""
    return (
        first > 0
        and 2 <= len(passage.words[first - 1]) <= 4
        and _GLUED.search(passage.gap_before(first)) is not None
        and _joined(passage, first - 1, first)
    )


def _joined(passage: Passage, first: int, index: int) -> bool:
    """Whether nothing but dots, hyphens or a few blanks parts a letter from the one before it."""
    return index == first or _BETWEEN.fullmatch(passage.gap_before(index)) is not None
