"""Folding: one spelling for what Arabic writers and keyboards spell in many ways.

A text is freed of tatweel, harakat and invisible characters, composed (NFC), and its letters are
brought to one form each: أإآٱ to ا, ى and the Persian ی to ي, ک to ك, ە ہ ھ to ه, every digit to
ASCII, presentation forms to their letters (NFKC), Latin to lower case without accents. ة ؤ ئ fold
only under `loose`: measured on news, folding ة with ه finds under 0.5 % more and makes names such
as عنة hit عنه. گ پ چ ڤ ژ stay: Kurdish and Persian names need them.

`fold` gives the text, `fold_with_origins` the way back to the original as well. Texts of common
letters, nearly all there are, take the shorter way of core/text/common, with the same result.
This module must know nothing of words, rules or places.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

TANWIN: Final = frozenset("\u064b\u064c\u064d")

# Harakat and Quranic marks without U+06E5 and U+06E6, which are letters; Latin accents that NFC
# left alone; and tatweel. They belong to the letter before them.
_MARKS: Final = (
    "\u0300-\u034e\u0350-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06e4\u06e7-\u06ed"
    "\u0898-\u089f\u08ca-\u08e1\u08e3-\u08ff"
)
# What no reader sees: Default_Ignorable_Code_Point of the Unicode Character Database, but for the
# controls of direction, which may part words.
_HIDDEN: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2065\u206a-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_BIDI: Final = "\u202a-\u202e\u2066-\u2069"
_MARK: Final = re.compile(f"[{_MARKS}]+")
_STRIPPED: Final = re.compile(f"[{_MARKS}{_HIDDEN}{_BIDI}]")
_HAS_BIDI: Final = re.compile(f"[{_BIDI}]")

# Marks that NFC may join to a letter: accents, and the hamza and madda of آ أ إ ؤ ئ. All others
# are taken out before it, for a tatweel or a haraka between a letter and its hamza keeps them
# apart (UAX 15).
_JOINING: Final = re.compile("[\u0300-\u034e\u0350-\u036f\u0653-\u0655]")

# Marks on one letter beyond those that any writing needs: NFC sorts a run of them in quadratic time
# (CPython 3.11), so that a text could be made to take minutes. 30 as in UAX 15, Stream-Safe Text.
_COMBINING: Final = "".join(
    chr(code) for code in range(0x300, 0x20000) if unicodedata.combining(chr(code))
)
_PILE: Final = re.compile(f"(?<=[{_COMBINING}]{{30}})[{_COMBINING}]+")
_COMBINES: Final = frozenset(_COMBINING)

# An embedding or isolate that opens or closes directly between two letters is where words part.
_PARTING: Final = re.compile(rf"(?<=[\w{_MARKS}])[{_BIDI}]+(?=[\w{_MARKS}])")

_LATIN: Final = re.compile("[a-z\u00df-\u024f\u1e00-\u1eff]")
_LETTERS: Final = str.maketrans("أإآٱىیکەہھ", "ااااييكههه")
_LOOSE: Final = str.maketrans("ةؤئ", "هوي")


def _fold_code(code: int) -> str:
    """What one code point of composed text folds to: nothing, a letter, or several."""
    letter = chr(code)
    if _STRIPPED.match(letter):
        return ""
    if 0xFB00 <= code <= 0xFFEF:
        plain = unicodedata.normalize("NFKC", letter)
        if plain != letter:
            # An isolated haraka decomposes to a blank and a mark: the blank parts no words.
            return "".join(_fold_code(ord(part)) for part in plain.strip())
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.digit(letter))
    if category in ("No", "Nl"):
        return " "
    cased = letter.casefold()
    form: Literal["NFD", "NFC"] = "NFD" if _LATIN.search(cased) else "NFC"
    return _STRIPPED.sub("", unicodedata.normalize(form, cased)).translate(_LETTERS)


# Every code point of the scripts that news is written in, so that `translate` never misses; what
# lies beyond (CJK, emoji) stays as it is. One that folds to itself leads to its own number, which
# takes no memory of its own.
_TABLE: Final[dict[int, str | int]] = {
    code: code if (folded := _fold_code(code)) == chr(code) else folded
    for block in (
        range(0x3200),
        range(0xFB00, 0x10000),
        range(0x1BCA0, 0x1BCA4),
        range(0x1D173, 0x1D17B),
        range(0xE0000, 0xE1000),
    )
    for code in block
}
_DROPPING: Final = {
    code: None
    for code in _TABLE
    if _STRIPPED.match(letter := chr(code))
    and not (_JOINING.match(letter) or _HAS_BIDI.match(letter))
}


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text with its origins: `text[i]` came from `original[starts[i]:ends[i]]`.

    Marks and tatweel after a letter belong to it, so that the span of a word covers them."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The part of the original behind `text[start:end]`, which must not be empty."""
        return self.starts[start], self.ends[end - 1]


def fold(text: str, *, loose: bool = False) -> str:
    """The text as rules compare it. Idempotent. Never fails, whatever the text holds."""
    folded = _part(compose(text)).translate(_TABLE)
    return fold_loosely(folded) if loose else folded


def compose(text: str) -> str:
    """The text with each hamza and accent joined to its letter (NFC), whatever marks and tatweel
    stand between, which are left out; a letter's own shape stays."""
    plain = text.translate(_DROPPING)
    return unicodedata.normalize("NFC", _PILE.sub("", plain) if _may_pile(plain) else plain)


def fold_loosely(folded: str) -> str:
    """A folded text with ة ؤ ئ folded as well; letter for letter, so that offsets stay."""
    return folded.translate(_LOOSE)


def strips(letter: str) -> bool:
    """Whether folding takes the character out."""
    return _STRIPPED.match(letter) is not None


def marks(letter: str) -> bool:
    """Whether the character belongs to the letter before it, as harakat and tatweel do."""
    return _MARK.match(letter) is not None


def fold_with_origins(text: str) -> Folded:
    """The same text as `fold`, with the way back: several times slower, so only for hits."""
    kept = array("I", [place for place, letter in enumerate(text) if ord(letter) not in _DROPPING])
    plain = text.translate(_DROPPING)
    if _may_pile(plain):
        for pile in reversed(list(_PILE.finditer(plain))):
            del kept[pile.start() : pile.end()]
        plain = _PILE.sub("", plain)
    composed, origins = _compose(plain)
    pieces = [letter.translate(_TABLE) for letter in _part(composed)]
    # One place for each folded letter: none for what is stripped, several for ligatures.
    starts, ends = array("I"), array("I")
    for (start, end), piece in zip(origins, pieces, strict=True):
        for _ in piece:
            starts.append(kept[start])
            ends.append(kept[end - 1] + 1)
    for found in _MARK.finditer(text):
        letter = bisect_right(starts, found.start()) - 1
        if letter >= 0:
            ends[letter] = max(ends[letter], found.end())
    return Folded("".join(pieces), starts, ends)


def _may_pile(text: str) -> bool:
    """Whether there are combining marks at all: a cheap look, for most texts have none."""
    return not _COMBINES.isdisjoint(frozenset(text))


def _part(composed: str) -> str:
    """Blanks for the bidi controls that part words; length and offsets stay."""
    if not _HAS_BIDI.search(composed):
        return composed
    return _PARTING.sub(lambda controls: " " * len(controls[0]), composed)


def _compose(text: str) -> tuple[str, Iterable[tuple[int, int]]]:
    """NFC, and for each of its letters the (start, end) in the text that it came from."""
    if unicodedata.is_normalized("NFC", text):
        return text, ((place, place + 1) for place in range(len(text)))
    composed: list[str] = []
    origins: list[tuple[int, int]] = []
    for start, end in _clusters(text):
        cluster = text[start:end]
        normal = unicodedata.normalize("NFC", cluster)
        composed.append(normal)
        if normal == cluster:
            origins.extend((place, place + 1) for place in range(start, end))
        else:
            origins.extend([(start, end)] * len(normal))
    return "".join(composed), origins


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Stretches that NFC treats on their own: a starter with all that may combine with it."""
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or not _may_combine(text[place]):
            yield start, place
            start = place


def _may_combine(letter: str) -> bool:
    """Whether NFC may join the letter to what stands before it (UAX 15, NFC_Quick_Check)."""
    return unicodedata.category(letter)[0] == "M" or "\u1160" <= letter <= "\u11ff"
