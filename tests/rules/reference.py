"""Matching written down as plainly as can be, to hold the compiled matcher to: every word is tried
at every place, every pair with every pair. Slow, and over texts of blanks and bare words only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Span = tuple[int, int]  # words first..end-1
CONJUNCTIONS = ("", "و", "ف")
CLITICS = [c + p for c in CONJUNCTIONS for p in ("", "ب", "ك", "ل")]


def attached(word: str) -> set[str]:
    """A word with its proclitics; ل takes the alef of an article."""
    forms = {clitic + word for clitic in CLITICS}
    if word.startswith("ال") and len(word) >= 4:
        stem = word[2:]
        forms |= {f"{c}لل{stem}" for c in CONJUNCTIONS}
        if stem.startswith("ل"):
            forms |= {f"{c}ل{stem}" for c in CONJUNCTIONS}
    return forms


def determined(word: str) -> set[str]:
    """A word without the article in its forms that have it."""
    if word.startswith("ال") and len(word) >= 4:
        return set()
    forms = {c + p + "ال" + word for c in CONJUNCTIONS for p in ("", "ب", "ك")}
    return forms | {f"{c}لل{word}" for c in CONJUNCTIONS}


@dataclass(frozen=True)
class Words:
    """A word or phrase."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        return f'"{" ".join(self.words)}"' if len(self.words) > 1 else self.words[0]

    def found(self, text: list[str]) -> Iterator[Span]:
        for first in range(len(text)):
            end = first + len(self.words)
            if self._is(text[first:end]):
                yield first, end

    def _is(self, there: list[str]) -> bool:
        if len(there) != len(self.words):
            return False
        first, rest = self.words[0], list(self.words[1:])
        if not rest:
            return there[0] in attached(first) | determined(first)
        if there[0] in attached(first) and there[1:] == rest:
            return True
        if any(word.startswith("ال") and len(word) >= 4 for word in self.words):
            return False
        definite = ["ال" + word for word in rest]
        by_last = there[0] in attached(first) and there[1:] == [*rest[:-1], definite[-1]]
        return by_last or (there[0] in determined(first) and there[1:] == definite)

    def holds(self, text: list[str]) -> bool:
        return any(True for _ in self.found(text))


@dataclass(frozen=True)
class Either:
    """One or the other."""

    left: Node
    right: Node

    def __str__(self) -> str:
        return f"({self.left} OR {self.right})"

    def found(self, text: list[str]) -> Iterator[Span]:
        yield from {*self.left.found(text), *self.right.found(text)}

    def holds(self, text: list[str]) -> bool:
        return self.left.holds(text) or self.right.holds(text)


@dataclass(frozen=True)
class Both:
    """The one and the other, or the one and not the other."""

    left: Node
    right: Node
    without: bool = False

    def __str__(self) -> str:
        return f"({self.left} {'NOT' if self.without else 'AND'} {self.right})"

    def holds(self, text: list[str]) -> bool:
        return self.left.holds(text) and self.right.holds(text) is not self.without


@dataclass(frozen=True)
class Beside:
    """NEAR or ONEAR."""

    left: Node
    right: Node
    distance: int
    ordered: bool

    def __str__(self) -> str:
        return f"({self.left} {'O' * self.ordered}NEAR/{self.distance} {self.right})"

    def found(self, text: list[str]) -> Iterator[Span]:
        for a in self.left.found(text):
            for b in self.right.found(text):
                between = b[0] - a[1] if b[0] >= a[1] else a[0] - b[1]
                if 0 <= between <= self.distance and (b[0] >= a[1] or not self.ordered):
                    yield min(a[0], b[0]), max(a[1], b[1])

    def holds(self, text: list[str]) -> bool:
        return any(True for _ in self.found(text))


@dataclass(frozen=True)
class Gaps:
    """Words in order with gaps."""

    words: tuple[str, ...]
    gap: int

    def __str__(self) -> str:
        return f'"{" ".join(self.words)}"~{self.gap}'

    def found(self, text: list[str]) -> Iterator[Span]:
        for first in range(len(text)):
            ends = [e for e in self._ends(text, first, 0) if e - first <= self._widest]
            if ends:
                yield first, min(ends)

    @property
    def _widest(self) -> int:
        return len(self.words) + self.gap

    def _ends(self, text: list[str], at: int, number: int) -> Iterator[int]:
        """Where it may end whose word of this number stands at this place."""
        word = Words(self.words[number : number + 1])
        if at >= len(text) or (at, at + 1) not in set(word.found(text)):
            return
        if number + 1 == len(self.words):
            yield at + 1
        for later in range(at + 1, len(text)):
            if number + 1 < len(self.words):
                yield from self._ends(text, later, number + 1)

    def holds(self, text: list[str]) -> bool:
        return any(True for _ in self.found(text))


@dataclass(frozen=True)
class Often:
    """count()."""

    part: Words | Either
    least: int

    def __str__(self) -> str:
        return f"count({self.part})>={self.least}"

    def holds(self, text: list[str]) -> bool:
        return len(set(self.part.found(text))) >= self.least


Node = Words | Either | Both | Beside | Gaps | Often
