"""How likely a name is the place before anything around it is looked at.

A word that is common in Arabic text although few people live in a place of that name has other
meanings; which they are stands in the gazetteer, and how often the name is the place, an editor has
judged. This module must not look at an article.
"""

from __future__ import annotations

from math import exp, log, log10
from typing import Final

from monitor.core.places.gazetteer import name_key
from monitor.core.places.lore import Lore
from monitor.core.text.lexicon import Lexicon
from monitor.model import Place

# People of a place of which the number is not known, by its kind: the seat's, for regions.
_PEOPLE: Final = {
    "country": 5_000_000,
    "region": 1_000_000,
    "governorate": 200_000,
    "district": 30_000,
}
_FEW_PEOPLE: Final = 3_000
RARE: Final = 2.0  # Zipf of what the list of words does not hold
_KNOWN: Final = 2.0  # Zipf from which on a word is Arabic
_PHRASE: Final = 2.5  # Zipf by which words in a row are rarer than the rarest of them
_AGREEING: Final = "person_adjective"

Clue = tuple[str, float, str]


class Priors:
    """The priors of names, each worked out once. Threads share it."""

    def __init__(self, lore: Lore, lexicon: Lexicon) -> None:
        self._lore = lore
        self._zipf = lexicon.zipf
        self._clues: dict[tuple[tuple[str, ...], str], tuple[Clue, ...]] = {}
        self._chances: dict[tuple[tuple[str, ...], str], float] = {}

    def clues(self, key: tuple[str, ...], place: Place) -> tuple[Clue, ...]:
        """What the name itself says: clues as (what, value, text)."""
        known = self._clues.get((key, place.id))
        if known is None:
            known = self._clues[key, place.id] = tuple(self._of_name(key, place))
        return known

    def chance(self, key: tuple[str, ...], place: Place) -> float:
        """The share of hits of the name that are the place, as far as the name alone tells."""
        known = self._chances.get((key, place.id))
        if known is None:
            weights = self._lore.weights
            odds = weights.get("alone.bias", 0.0) + sum(
                weights.get("alone." + what, 0.0) * value
                for what, value, _ in self.clues(key, place)
            )
            known = self._chances[key, place.id] = 1 / (1 + exp(-odds))
        return known

    def person_adjective(self, key: tuple[str, ...], place: Place) -> bool:
        """Whether the name also says of a person what he is, as مخمور does."""
        return len(key) == 1 and any(meaning.startswith(_AGREEING) for meaning in place.meanings)

    def topic(self, key: tuple[str, ...], place: Place) -> frozenset[str]:
        """The words of articles about another meaning of the name."""
        if len(key) > 1 or not self._lore.topics:
            return frozenset()
        glosses = " ".join(place.meanings)
        about = [words for gloss, words in self._lore.topics.items() if gloss in glosses]
        return frozenset().union(*about)

    def _of_name(self, key: tuple[str, ...], place: Place) -> list[Clue]:
        text = " ".join(key)
        if self._is_foreign(key, place):
            return [("other_letters", 1.0, text)]
        found = [("common_word", self._excess(key, place), text)]
        if len(key) > 1:
            found.append(("several_words", 1.0, text))
        else:
            found += [(f"also_{kind}", 1.0, gloss) for kind, gloss in _meanings(place)]
            found += self._judged(key[0], place)
        return found

    def _is_foreign(self, key: tuple[str, ...], place: Place) -> bool:
        """Whether a name is in Latin or Kurdish letters, which means hardly anything else, unless
        it is an Arabic word as well once its letters are folded."""
        if all(map(str.isascii, key)):
            return True
        arabic = map(name_key, (place.name, *place.spellings))
        return (
            key in map(name_key, place.kurdish)
            and key not in arabic
            and min(map(self._zipf, key)) < _KNOWN
        )

    def _excess(self, key: tuple[str, ...], place: Place) -> float:
        """By how many powers of ten the word is commoner than a place of its size deserves."""
        zipf = min(self._zipf(word) or RARE for word in key)
        if len(key) > 1:
            zipf = max(zipf - _PHRASE, 0.0)
        people = place.population or _PEOPLE.get(place.kind, _FEW_PEOPLE)
        return max(-4.0, min(5.0, zipf - (log10(people) - 1.6)))

    def _judged(self, word: str, place: Place) -> list[Clue]:
        """What an editor expects of the word; nothing of one too rare to be asked for."""
        share = self._lore.judged.get(word)
        if share is None:
            return [("rare_word", 1.0, place.name)]
        share = min(max(share, 0.005), 0.99)
        return [("judged", log(share / (1 - share)), place.name)]


def _meanings(place: Place) -> list[tuple[str, str]]:
    """Each kind of other meaning once, with its gloss."""
    found: dict[str, str] = {}
    for meaning in place.meanings:
        kind, _, gloss = meaning.partition(":")
        found.setdefault(kind, gloss)
    return list(found.items())
