"""The forms that a word takes in writing: the proclitics و ف ب ك ل and the article.

Forms are made, never stripped: taking letters off a text's words conflates الرمادي with رماد and
الموصلات with الموصل, while a made form is found or not. Suffixes are never touched.
This module must know nothing of rules or places.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import Final, NamedTuple

from monitor.core.text.clitics import (
    ARTICLE,
    CONJUNCTIONS,
    PROCLITICS,
    QUOTES,
    TO_THE,
    WITH_ARTICLE,
)
from monitor.core.text.normalise import compose, fold
from monitor.core.text.tokens import Passage

_BEGINNINGS: Final = frozenset(form[0] for form in (*PROCLITICS[1:], *WITH_ARTICLE, *TO_THE))

# All that a word of a text may have before a word that is looked for, the interrogative أ apart.
HEAD_LETTERS: Final = frozenset("".join((*PROCLITICS, *WITH_ARTICLE, *TO_THE)))
LONGEST_HEAD: Final = max(map(len, (*WITH_ARTICLE, *TO_THE)))
_ASKED: Final = 4  # letters

# What may stand alone before a quotation mark or bracket as part of the word behind it. Where there
# is no mark either, an invisible control of direction has parted the two.
_DETACHED: Final = frozenset(PROCLITICS[1:])
_OPENING: Final = re.compile(f"[{re.escape(QUOTES)}]*")
HAMZA: Final = frozenset("أإآ")


class Join(Enum):
    """How a text's word holds a word: with proclitics only; with an article that the word itself
    has not (الغارة holds غارة); or with its article contracted (للموصل holds الموصل)."""

    ATTACHED = auto()
    DETERMINED = auto()
    CONTRACTED = auto()


class Reading(NamedTuple):
    """A word of a text read as proclitics and this word."""

    word: str
    join: Join

    def admits(self, *, article: bool) -> bool:
        """Whether the reading is right for a word that begins with the article, or does not."""
        return self.join is Join.ATTACHED or (self.join is Join.CONTRACTED) is article


def has_article(raw: str) -> bool:
    """Whether a word begins with the article, not merely with its letters (ألمانيا)."""
    composed = "".join(letter for letter in compose(raw) if letter.isalnum())
    return not composed.startswith(tuple(HAMZA)) and _stem(fold(composed)) is not None


def attached(word: str, *, article: bool) -> tuple[str, ...]:
    """A folded word with each proclitic. `article`: it begins with ال, which ل contracts."""
    forms = [clitic + word for clitic in PROCLITICS]
    stem = _stem(word) if article else None
    if stem is not None:
        forms += [clitic + stem for clitic in TO_THE]
        # Three lams are written as two: ل + اللاذقية is للاذقية.
        if stem.startswith("ل"):
            forms += [clitic[:-1] + stem for clitic in TO_THE]
    return tuple(forms)


def determined(word: str) -> tuple[str, ...]:
    """A folded word without ال in its forms that have it: الغارة بالغارة وللغارة."""
    return tuple(clitic + word for clitic in (*WITH_ARTICLE, *TO_THE))


def readings(surface: str) -> tuple[Reading, ...]:
    """Every way to read a folded word of a text as proclitics and a word, itself first: exactly
    those for which `attached` or `determined` makes it. Taking letters off its beginning is safe
    where what remains is looked up whole."""
    found = [Reading(surface, Join.ATTACHED)]
    if surface[:1] in _BEGINNINGS:
        found += _without(surface, PROCLITICS[1:], Join.ATTACHED)
        found += _without(surface, WITH_ARTICLE, Join.DETERMINED)
        found += _without(surface, TO_THE, Join.DETERMINED)
        found += [Reading(ARTICLE + stem, Join.CONTRACTED) for stem in _to_the(surface)]
    return tuple(found)


def asks(word: str, rest: str, zipf: Callable[[str], float]) -> bool:
    """Whether أ before `rest`, which holds the folded word, asks a question about it: the word has
    four letters or more, and أ makes no other word that one meets (أمطار is rain, and أضحية a
    sacrifice; no question about a مطار or a ضحية)."""
    return len(word) >= _ASKED and not zipf("ا" + rest)


def from_clitic(passage: Passage, first: int) -> int:
    """The index of the proclitic that quotes or brackets, and no blank, part from a word
    (ل"داعش"), or the word's own index."""
    if first and passage.words[first - 1] in _DETACHED:
        return first - 1 if _OPENING.fullmatch(passage.gap_before(first)) else first
    return first


def _stem(word: str) -> str | None:
    """What follows ال in a folded word, None where that leaves under two letters."""
    return word[2:] if word.startswith(ARTICLE) and len(word) >= 4 else None


def _without(surface: str, heads: tuple[str, ...], join: Join) -> Iterator[Reading]:
    for head in heads:
        if surface.startswith(head) and len(surface) > len(head):
            yield Reading(surface[len(head) :], join)


def _to_the(surface: str) -> Iterator[str]:
    """What may follow ال where ل has taken its alef; of three lams two are written."""
    for conjunction in CONJUNCTIONS:
        head = conjunction + "ل"
        rest = surface[len(head) :]
        if surface.startswith(head) and rest.startswith("ل"):
            yield from (stem for stem in (rest[1:], rest) if len(stem) >= 2)
