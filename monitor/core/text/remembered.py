"""What words of texts lead to, found out once for each: most words of news lead nowhere, so that a
text costs little more than one set difference. This module must not know what words lead to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """`look_up` gives what a word leads to, None for nowhere. Up to `most` words are remembered
    before all are forgotten, of up to `longest` letters: a longer one is no word. Any thread may
    use it: what it holds is only ever added to, or replaced whole."""

    def __init__(self, look_up: Callable[[str], T | None], *, most: int, longest: int) -> None:
        self._look_up = look_up
        self._most = most
        self._longest = longest
        self._known: dict[str, T] = {}
        self._nothing: dict[str, None] = {}  # half of what a set takes

    def among(self, words: frozenset[str]) -> dict[str, T]:
        """Those of the words that lead somewhere, with what they lead to."""
        found = {}
        for word in words.difference(self._nothing):
            led = self.of(word)
            if led is not None:
                found[word] = led
        return found

    def of(self, word: str) -> T | None:
        """What a word leads to."""
        led = self._known.get(word)
        if led is not None or word in self._nothing:
            return led
        if len(self._known) + len(self._nothing) >= self._most:
            self._known, self._nothing = {}, {}
        led = self._look_up(word)
        if len(word) > self._longest:
            return led
        if led is None:
            self._nothing[word] = None
        else:
            self._known[word] = led
        return led
