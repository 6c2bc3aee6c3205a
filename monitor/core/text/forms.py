"""The forms that a word takes in writing: the proclitics و ف ب ك ل and the article.

Forms are made, never stripped: taking letters off a text's words conflates الرمادي with رماد and
الموصلات with الموصل, while a made form is found or not. Suffixes are never touched.
This module must know nothing of rules or places.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from monitor.core.text.normalise import fold
from monitor.core.text.tokens import Passage

ARTICLE: Final = "ال"
_CONJUNCTIONS: Final = ("", "و", "ف")
PROCLITICS: Final = tuple(c + p for c in _CONJUNCTIONS for p in ("", "ب", "ك", "ل"))
WITH_ARTICLE: Final = tuple(c + p + ARTICLE for c in _CONJUNCTIONS for p in ("", "ب", "ك"))
_TO_THE: Final = tuple(c + "لل" for c in _CONJUNCTIONS)

# What may stand alone before a quotation mark or bracket as part of the word behind it.
_DETACHED: Final = frozenset(PROCLITICS[1:] + WITH_ARTICLE + _TO_THE)

_QUOTES: Final = "\"'`´‘’‚‛“”„‟«»‹›()[]{}＂"
_HIDDEN: Final = "\u0640\u200b-\u200f\u202a-\u202e\u2066-\u2069"
_OPENING: Final = re.compile(f"(?=.*[{re.escape(_QUOTES)}])[{re.escape(_QUOTES)}{_HIDDEN}]+")
_HAMZA: Final = frozenset("أإآ")


def has_article(raw: str) -> bool:
    """Whether a word begins with the article, not merely with its letters (ألمانيا)."""
    composed = unicodedata.normalize("NFC", raw.strip())
    return not composed.startswith(tuple(_HAMZA)) and _stem(fold(composed)) is not None


def attached(word: str, *, article: bool) -> tuple[str, ...]:
    """A folded word with each proclitic. `article`: it begins with ال, which ل contracts."""
    forms = [clitic + word for clitic in PROCLITICS]
    stem = _stem(word) if article else None
    if stem is not None:
        forms += [clitic + stem for clitic in _TO_THE]
        # Three lams are written as two: ل + اللاذقية is للاذقية.
        if stem.startswith("ل"):
            forms += [clitic[:-1] + stem for clitic in _TO_THE]
    return tuple(forms)


def determined(word: str) -> tuple[str, ...]:
    """A folded word without ال in its forms that have it: الغارة بالغارة وللغارة."""
    return tuple(clitic + word for clitic in (*WITH_ARTICLE, *_TO_THE))


def asks(word: str) -> bool:
    """Whether a folded word may follow the interrogative أ: four letters or more, and not a shape
    that أ makes a plural of. مطار is no part of أمطار, nor عراق of أعراق: أفعال and أفعلة are the
    commonest broken plurals (Wright, A Grammar of the Arabic Language, vol. 1, 304)."""
    if len(word) < 4:
        return False
    plural = len(word) == 4 and "ا" not in word[:2] and (word[2] == "ا" or word[3] == "ة")
    return not plural


def from_clitic(passage: Passage, first: int) -> int:
    """The index of the proclitic that quotes or brackets, and no blank, part from a word
    (ل"داعش"), or the word's own index."""
    if first and passage.words[first - 1] in _DETACHED:
        return first - 1 if _OPENING.fullmatch(passage.gap_before(first)) else first
    return first


def _stem(word: str) -> str | None:
    """What follows ال in a folded word, None where that leaves under two letters."""
    return word[2:] if word.startswith(ARTICLE) and len(word) >= 4 else None
