"""Words: what a folded text is made of, with their places in the original.

A word is a run of letters or a run of digits: everything else parts words, `_` and `#` too, so
that the parts of a hashtag are words, and so does a digit glued to a letter, which news is full of.
This module must not judge words.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property
from typing import Final

from monitor.core.text.common import Bounds, encode, words_of
from monitor.core.text.normalise import compose, fold, fold_with_origins, strips

_WORD: Final = re.compile(r"[^\W\d_]+|\d+")


def words(text: str) -> list[str]:
    """The folded words of a text in order."""
    encoded = encode(text)
    return _WORD.findall(fold(text)) if encoded is None else words_of(encoded)


class Passage:
    """One field of an article in words. What only a hit needs is computed when first asked for.

    `words[i]` is the i-th folded word; `span(i, j)` the part of the original that the words from
    i up to, not including, j cover."""

    def __init__(self, field: str, original: str) -> None:
        self.field = field
        self.original = original
        self._encoded = encode(original)
        self.words: list[str] = (
            _WORD.findall(fold(original)) if self._encoded is None else words_of(self._encoded)
        )

    @cached_property
    def _bounds(self) -> Bounds | list[tuple[int, int]]:
        if self._encoded is not None:
            return Bounds(self._encoded)
        folded = fold_with_origins(self.original)
        return [folded.span(*found.span()) for found in _WORD.finditer(folded.text)]

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

    def begins_with_hamza(self, index: int) -> bool:
        """Whether the original writes a word's first letter as أ."""
        return unicodedata.normalize("NFKC", compose(self.raw(index))[:1]) == "أ"

    def in_hashtag(self, index: int) -> bool:
        """Whether a word is a part of a hashtag, or of a name joined by underscores."""
        before, after = self.gap_before(index), self.gap_after(index)
        return before.endswith(("#", "_")) or after.startswith("_")
