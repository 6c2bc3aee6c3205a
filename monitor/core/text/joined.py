"""Names that some write as one word and others as two: عبدالملك, نصرالله, أبوظبي, نورالدين.

This module must not know which words are names: other words are written otherwise nowhere, so that
a spelling made of them is found nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from monitor.core.text.clitics import ARTICLE

_SERVANT: Final = "عبد"
_FATHERS: Final = ("ابو", "ابا", "ابي")
_LAST: Final = ("الله", "الدين")
# A word without any of them is written in one way.
MOVABLE: Final = (_SERVANT, *_FATHERS, *_LAST)
_SHORTEST: Final = 3  # letters of what stands beside them
_MOST: Final = 16  # spellings of one phrase
_LONGEST: Final = 50  # words of a phrase that may hold names


def spellings(words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """A folded word or phrase in every such spelling, itself first."""
    found = dict.fromkeys((words,))
    if len(words) > _LONGEST:
        return (words,)
    for way in _ways(words):
        if len(found) == _MOST:
            break
        found[way] = None
    return tuple(found)


def _ways(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if not words:
        yield ()
        return
    word, rest = words[0], words[1:]
    for way in _ways(rest):
        yield (word, *way)
    if rest and _join(word, rest[0]):
        for way in _ways(rest[1:]):
            yield (word + rest[0], *way)
    if parted := _part(word):
        for way in _ways(rest):
            yield (*parted, *way)


def _join(word: str, following: str) -> bool:
    if word == _SERVANT:
        return following.startswith(ARTICLE)
    if word in _FATHERS:
        return len(following) >= _SHORTEST
    return following in _LAST and len(word) >= _SHORTEST


def _part(word: str) -> tuple[str, str] | None:
    for head in (_SERVANT, *_FATHERS):
        rest = word.removeprefix(head)
        if rest != word and _join(head, rest):
            return head, rest
    for last in _LAST:
        head = word.removesuffix(last)
        if head != word and _join(head, last):
            return head, last
    return None
