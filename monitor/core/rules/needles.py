"""All terms of all rules as one dictionary of forms, so that an article is read once.

Each form that a word may take leads to the terms that it is a form of; a phrase stands under each
form of its first word, then under its second word. Built once, read by any thread.
This module must not know rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.core.rules.tree import Mode, Term
from monitor.core.text.forms import asks, attached, determined, from_clitic
from monitor.core.text.tokens import Passage


@dataclass(frozen=True, slots=True)
class Sighting:
    """A term found in a passage: its words first..end-1."""

    passage: int
    first: int
    end: int


class Needles:
    """The terms of one kind of folding (strict or loose), ready to be looked for."""

    def __init__(self, terms: Iterable[Term], *, loose: bool) -> None:
        self._loose = loose
        self._words: dict[str, list[Term]] = {}
        self._exact: dict[str, list[Term]] = {}
        self._phrases: dict[str, dict[str, list[Term]]] = {}
        self._prefixes: dict[str, list[Term]] = {}
        for term in terms:
            self._add(term)
        self._lengths = sorted({len(prefix) for prefix in self._prefixes})

    def _add(self, term: Term) -> None:
        first = term.words[0]
        if term.mode is Mode.EXACT:
            self._exact.setdefault(first, []).append(term)
        elif len(term.words) > 1:
            for form in attached(first, article=term.article):
                seconds = self._phrases.setdefault(form, {})
                seconds.setdefault(term.words[1], []).append(term)
        else:
            table = self._prefixes if term.mode is Mode.PREFIX else self._words
            for form in forms_of(term):
                table.setdefault(form, []).append(term)

    def find(self, number: int, passage: Passage) -> Iterator[tuple[Term, Sighting]]:
        """Every term in a passage, whose number the sightings carry."""
        found_words = passage.loose_words if self._loose else passage.words
        for index, word in enumerate(found_words):
            for term in self._words.get(word, ()):
                yield term, Sighting(number, index, index + 1)
            if word in self._phrases:
                yield from self._phrases_at(number, found_words, index)
            if word.startswith("ا"):
                yield from self._asked_at(number, passage, found_words, index)
            if self._exact or self._prefixes:
                yield from self._signed_at(number, passage, found_words, index)

    def _phrases_at(
        self, number: int, found_words: Sequence[str], index: int, head: str | None = None
    ) -> Iterator[tuple[Term, Sighting]]:
        if index + 1 >= len(found_words):
            return
        seconds = self._phrases.get(head or found_words[index], {})
        for term in seconds.get(found_words[index + 1], ()):
            end = index + len(term.words)
            if tuple(found_words[index + 1 : end]) == term.words[1:]:
                yield term, Sighting(number, index, end)

    def _asked_at(
        self, number: int, passage: Passage, found_words: Sequence[str], index: int
    ) -> Iterator[tuple[Term, Sighting]]:
        """Terms behind the interrogative أ, which the original must write with its hamza."""
        rest = found_words[index][1:]
        found = [term for term in self._words.get(rest, ()) if asks(term.words[0])]
        if found and passage.begins_with_hamza(index):
            yield from ((term, Sighting(number, index, index + 1)) for term in found)
        if rest in self._phrases and passage.begins_with_hamza(index):
            for term, sighting in self._phrases_at(number, found_words, index, rest):
                if asks(term.words[0]):
                    yield term, sighting

    def _signed_at(
        self, number: int, passage: Passage, found_words: Sequence[str], index: int
    ) -> Iterator[tuple[Term, Sighting]]:
        """Terms written with = or *."""
        word = found_words[index]
        if word in self._exact and not passage.in_hashtag(index):
            for term in self._exact[word]:
                yield term, Sighting(number, index, index + 1)
        for length in self._lengths:
            if length > len(word):
                break
            for term in self._prefixes.get(word[:length], ()):
                yield term, Sighting(number, index, index + 1)


def forms_of(term: Term) -> tuple[str, ...]:
    """The forms of a word: with each proclitic, and with the article where it has none."""
    word = term.words[0]
    plain = attached(word, article=term.article)
    return tuple(dict.fromkeys(plain if term.article else plain + determined(word)))


def bounds(passage: Passage, sighting: Sighting, term: Term) -> tuple[int, int]:
    """(start, end) in the original, from the proclitic that quotes part from its word, if any."""
    first = sighting.first
    if term.mode is not Mode.EXACT:
        first = from_clitic(passage, first)
    return passage.span(first, sighting.end)
