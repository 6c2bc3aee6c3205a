"""Where names of places stand in an article, whatever they mean there.

The longest name wins (بلد روز before بلد), and of names as long the one with the shorter proclitic
(لبنان before ل + بنان). Set phrases that hold a name but are no place (البيت الأبيض) take its words
as well. This module must not judge whether a name is the place: see sense.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.core.places.gazetteer import Gazetteer, name_key
from monitor.core.text.forms import asks, attached, from_clitic, has_article
from monitor.core.text.lexicon import NO_LEXICON, Lexicon
from monitor.core.text.tokens import Passage
from monitor.model import Place


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a passage: its words first..end-1, and the places that bear it. `clitic` is the
    length of what is attached to its first word."""

    passage: int
    first: int
    end: int
    clitic: int
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class _Name:
    """A form of a name's first word, what must follow it, and that word itself."""

    rest: tuple[str, ...]
    clitic: int
    places: tuple[Place, ...]
    word: str


class NameFinder:
    """Finds the names of a gazetteer in passages. Immutable; any thread may use it."""

    def __init__(
        self,
        gazetteer: Gazetteer,
        set_phrases: Iterable[str] = (),
        lexicon: Lexicon = NO_LEXICON,
    ) -> None:
        self._zipf = lexicon.zipf
        table: dict[str, list[_Name]] = {}
        for key, places in gazetteer.names.items():
            _enter(table, key, places)
        for phrase in set_phrases:
            _enter(table, name_key(phrase), ())
        for names in table.values():
            names.sort(key=lambda name: (-len(name.rest), name.clitic))
        self._table = {form: tuple(names) for form, names in table.items()}

    def find(self, passages: Sequence[Passage]) -> tuple[Mention, ...]:
        """The mentions of all names in all passages, in order, none inside another."""
        return tuple(
            mention
            for number, passage in enumerate(passages)
            for mention in self._in_passage(number, passage)
        )

    def _in_passage(self, number: int, passage: Passage) -> Iterable[Mention]:
        taken = 0
        for index, word in enumerate(passage.words):
            if index < taken:
                continue
            name = self._at(passage, index, word)
            if name is None:
                continue
            taken = index + 1 + len(name.rest)
            if name.places:
                yield Mention(number, index, taken, name.clitic, name.places)

    def _at(self, passage: Passage, index: int, word: str) -> _Name | None:
        following = passage.words
        for name in self._table.get(word, ()):
            if tuple(following[index + 1 : index + 1 + len(name.rest)]) == name.rest:
                return name
        if word.startswith("ا"):
            for name in self._table.get(word[1:], ()):
                end = index + 1 + len(name.rest)
                if not asks(name.word, word[1:], self._zipf):
                    continue
                if tuple(following[index + 1 : end]) == name.rest:
                    return name if passage.letter(index, 0) == "أ" else None
        return None


def _enter(table: dict[str, list[_Name]], key: tuple[str, ...], places: tuple[Place, ...]) -> None:
    first, rest = key[0], key[1:]
    for form in dict.fromkeys(attached(first, article=has_article(first))):
        clitic = max(0, len(form) - len(first))
        table.setdefault(form, []).append(_Name(rest, clitic, places, first))


def mention_bounds(passage: Passage, mention: Mention) -> tuple[int, int]:
    """(start, end) in the original, the proclitic included, quoted or not."""
    return passage.span(from_clitic(passage, mention.first), mention.end)
