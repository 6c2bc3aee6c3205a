"""Words: what a folded text is made of, with their places in the original.

A word is a run of letters or a run of digits: everything else parts words, `_` and `#` too, so
that the parts of a hashtag are words, and so does a digit glued to a letter, which news is full of.
This module must not judge words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Final

from monitor.core.text.clitics import QUOTES, TO_THE, WITH_ARTICLE
from monitor.core.text.common import Bounds, encode, words_of
from monitor.core.text.normalise import compose, fold, fold_with_origins, strips

_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_REMEMBERED: Final = 256  # texts: those of the documents in work
_LONGEST_REMEMBERED: Final = 2_000  # letters; with its words, such a text takes 30 kB


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text in order. Those of the last texts are remembered: what an entry is
    known by rests on them, and then the rules are laid on them."""
    return _remembered(text) if len(text) <= _LONGEST_REMEMBERED else _words(text)


def _words(text: str) -> tuple[str, ...]:
    encoded = encode(text)
    return tuple(_WORD.findall(fold(text)) if encoded is None else words_of(encoded))


_remembered = lru_cache(_REMEMBERED)(_words)


def numbers_among(told: Iterable[str]) -> frozenset[str]:
    """Those of some words that hold a digit."""
    return frozenset(word for word in told if any(map(str.isdigit, word)))


def words_of_each(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """The folded words of many short texts, folded together."""
    lines = fold("\n".join(texts)).split("\n")
    if len(lines) != len(texts):  # one of them holds a line's end
        return [words(text) for text in texts]
    return [tuple(_WORD.findall(line)) for line in lines]


# An article alone before a quotation mark is part of the word in the quotes: الـ«قاعدة».
ARTICLES: Final = frozenset(WITH_ARTICLE + TO_THE)
_QUOTED: Final = re.compile(f"[{re.escape(QUOTES)}]+")
_STOP: Final = re.compile("[.!?؟؛]")
_BLANK: Final = re.compile(r"\s")
_SHORTEST: Final = 3  # letters of the last word of a sentence; shorter ones may be initials


class Passage:
    """One field of an article in words. What only a hit needs is computed when first asked for.

    `words[i]` is the i-th folded word; `span(i, j)` the part of the original that the words from
    i up to, not including, j cover."""

    def __init__(self, field: str, original: str) -> None:
        self.field = field
        self.original = original
        self.words = words(original)
        if not ARTICLES.isdisjoint(self.words):
            self._join_quoted()

    @cached_property
    def _bounds(self) -> Bounds | list[tuple[int, int]]:
        encoded = encode(self.original)
        if encoded is not None:
            return Bounds(encoded)
        folded = fold_with_origins(self.original)
        return [folded.span(*found.span()) for found in _WORD.finditer(folded.text)]

    def _join_quoted(self) -> None:
        """Makes one word of each article and the word that quotes or brackets part from it."""
        quoted = [
            index
            for index, word in enumerate(self.words[:-1])
            if word in ARTICLES and _QUOTED.fullmatch(self.gap_after(index))
        ]
        joined = list(self.words)
        bounds = [self._bounds[index] for index in range(len(joined))]
        for index in reversed(quoted):
            joined[index : index + 2] = [joined[index] + joined[index + 1]]
            bounds[index : index + 2] = [(bounds[index][0], bounds[index + 1][1])]
        self.words, self._bounds = tuple(joined), bounds

    def span(self, first: int, end: int) -> tuple[int, int]:
        """(start, end) in the original of the words first..end-1."""
        return self._bounds[first][0], self._bounds[end - 1][1]

    def raw(self, index: int) -> str:
        """A word as the original writes it, marks included."""
        start, end = self._bounds[index]
        return self.original[start:end]

    def gap_before(self, index: int) -> str:
        """What a reader sees between a word and the one before it (or the beginning), that is,
        without the marks and invisible characters that folding takes out."""
        return self._seen(self._bounds[index - 1][1] if index else 0, self._bounds[index][0])

    def gap_after(self, index: int) -> str:
        """The same between a word and the next one (or the end)."""
        after = self._bounds[index + 1][0] if index + 1 < len(self.words) else len(self.original)
        return self._seen(self._bounds[index][1], after)

    def _seen(self, start: int, end: int) -> str:
        return "".join([sign for sign in self.original[start:end] if not strips(sign)])

    def letter(self, index: int, number: int) -> str:
        """A letter of a word as the original writes it, its hamza kept; empty beyond the word."""
        written = unicodedata.normalize("NFKC", compose(self.raw(index)))
        return "".join([letter for letter in written if letter.isalnum()])[number : number + 1]

    def ends_sentence(self, index: int) -> bool:
        """Whether a sentence ends behind a word, as far as its punctuation tells."""
        if len(self.words[index]) < _SHORTEST:
            return False
        after = self.gap_after(index)
        stop = _STOP.search(after)
        return stop is not None and _BLANK.search(after, stop.end()) is not None

    def in_hashtag(self, index: int) -> bool:
        """Whether a word is a part of a hashtag, or of a name joined by underscores."""
        before, after = self.gap_before(index), self.gap_after(index)
        return before.endswith(("#", "_")) or after.startswith("_")
