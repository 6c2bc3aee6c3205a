"""What an article speaks of as a whole: places, countries, sport, towns.

Everything is gathered once for an article, so that what is asked of one name costs no more in an
article of a hundred thousand names. Names of places are weighed by how likely each is a place
itself, else بلد and الدور would make any article one about Iraq. This module must not look at what
stands beside the name that is judged: see clues.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from math import log1p
from typing import Final, NamedTuple

from monitor.core.places.clues import written
from monitor.core.places.gazetteer import distance_km
from monitor.core.places.lore import Lore
from monitor.core.places.mentions import Mention
from monitor.core.places.prior import Clue
from monitor.core.text.tokens import Passage
from monitor.model import Place

_SENTENCE_END: Final = re.compile(r"[.!?؟؛…](?=\s)|\n")
_NEAR_KM: Final = 60.0
_MOST_NEAR: Final = 100  # names that are asked whether they lie near
_LEAST_CHANCE: Final = 0.05  # of a name that may say which country an article speaks of
_LEAST_MASS: Final = 0.3  # of all countries together, below which an article speaks of none
_NO_MASS: Final = 0.1  # of one country
_WORD_MASS: Final = 0.7  # of a word of a country
_SHORT: Final = 60.0  # words below which an article is too short to name other places
_SPORT: Final = 0.06  # of the words of an article that is about sport
_SHOWN: Final = 3  # names

Name = tuple[str, ...]
Sentence = tuple[int, int]  # the passage and the number of the sentence in it


class _Named:
    """Names with how likely each is a place, at most."""

    def __init__(self) -> None:
        self.chances: dict[Name, float] = {}

    def add(self, name: Name, chance: float) -> None:
        self.chances[name] = max(self.chances.get(name, 0.0), chance)

    @cached_property
    def _total(self) -> float:
        return sum(self.chances.values())

    @cached_property
    def _likeliest(self) -> list[Name]:
        return sorted(self.chances, key=lambda name: -self.chances[name])[: _SHOWN + 1]

    def without(self, name: Name) -> tuple[float, list[Name]]:
        """The chances of all other names together, and the likeliest of them."""
        others = [other for other in self._likeliest if other != name][:_SHOWN]
        return self._total - self.chances.get(name, 0.0), others


class _Land(NamedTuple):
    """What is heard of a country: names in the article and in each sentence, how often each is
    named, and where the country itself is spoken of, by the word or name for it."""

    named: _Named
    in_sentence: dict[Sentence, _Named]
    masses: dict[Name, float]
    places: dict[Name, tuple[float, tuple[Place, ...]]]
    itself: dict[Name, tuple[set[Sentence], str]]


class Surroundings:
    """What one article speaks of. For one article, one thread."""

    def __init__(
        self,
        passages: Sequence[Passage],
        mentions: Sequence[Mention],
        lore: Lore,
        chance: Callable[[Mention], float],
    ) -> None:
        self._passages = passages
        self._mentions = mentions
        self._lore = lore
        self._chance = chance
        self._near: dict[tuple[Name, str], list[Clue]] = {}
        self._topics: dict[frozenset[str], str | None] = {}
        self._spelled: dict[Name, str] = {}

    def around(self, mention: Mention, land: str) -> Iterator[Clue]:
        """Places and words of the same country, in the sentence and in the article."""
        name, sentence = mention.key, self._sentence_at(mention.passage, mention.first)
        heard = self._lands.get(land) or _empty()
        near, others = heard.in_sentence.get(sentence, _NOTHING).without(name)
        if near > 0:
            yield "places_in_sentence", min(2.0, near), self._listed(others)
        same, others = heard.named.without(name)
        text = self._listed(others)
        if same > 0:
            yield "places_in_article", log1p(same), text
        told = [where for word, where in heard.itself.items() if word != name]
        here = next((word for sentences, word in told if sentence in sentences), None)
        if here:
            yield "country_in_sentence", 1.0, here
        if told:
            text = told[0][1]
            yield "country_in_article", 1.0, text
        yield from self._countries(name, land, text)

    def _countries(self, name: Name, land: str, text: str) -> Iterator[Clue]:
        """Whether the article speaks of the country, or of others, the name itself apart: it may be
        borne in several."""
        mass = self._masses.get(land, 0.0) - self._own(name, land)
        total = self._mass - sum(self._own(name, each) for each in self._lands_of.get(name, ()))
        if total > _LEAST_MASS:
            yield "share_of_country", max(0.0, mass) / total, text
            if mass < _NO_MASS:
                yield "other_country", min(1.0, total), self._most_named(name)

    def _own(self, name: Name, land: str) -> float:
        return self._lands[land].masses.get(name, 0.0) if land in self._lands else 0.0

    def beside(self, name: Name, place: Place) -> list[Clue]:
        """Places that contain the place, or lie near it."""
        known = self._near.get((name, place.id))
        if known is None:
            known = self._near[name, place.id] = list(self._beside(name, place))
        return known

    def _beside(self, name: Name, place: Place) -> Iterator[Clue]:
        heard = self._lands.get(self._lore.land(place.country) or "")
        if heard is None:
            return
        containers = [
            told
            for parent in place.parents
            if parent != place.country
            for told in self._ids.get(parent, ())
            if told[0] != name
        ]
        if containers:
            other, chance = max(containers, key=lambda told: told[1])
            yield "container_named", chance, self._written(other)
        near = max(
            (
                (chance, key)
                for key, (chance, others) in list(heard.places.items())[:_MOST_NEAR]
                for other in others
                if key != name and other.id != place.country and _close(place, other)
            ),
            default=None,
        )
        if near:
            yield "place_near", near[0], self._written(near[1])

    def about(self, words: frozenset[str]) -> str | None:
        """The first word of a topic that the article holds, as it writes it."""
        if words not in self._topics:
            word = next((word for word in self._words if word in words), None)
            self._topics[words] = self._raw(word) if word else None
        return self._topics[words]

    @cached_property
    def sport(self) -> tuple[float, str]:
        """How much an article is about sport, from 0 to 1, and the first word that says so."""
        count, word = self._of_kind("sport")
        share = count / (_SPORT * len(self._words)) if count else 0.0
        return min(1.0, share), word

    @cached_property
    def towns(self) -> tuple[float, str]:
        """How often an article speaks of a town again (القضاء، الأهالي), as log(1 + n), and the
        first word that does."""
        count, word = self._of_kind("the_town")
        return log1p(count), word

    @cached_property
    def shortness(self) -> float:
        """How much too short the article is to name other places: from 1 down to 0."""
        return max(0.0, 1 - len(self._words) / _SHORT)

    @cached_property
    def _words(self) -> list[str]:
        return [word for passage in self._passages for word in passage.words]

    def _of_kind(self, kind: str) -> tuple[int, str]:
        """How many words are of a kind, and the first of them as it is written."""
        kinds = self._lore.kinds
        told = [word for word in self._words if kind in kinds.get(word, ())]
        return len(told), self._raw(told[0]) if told else ""

    def _raw(self, wanted: str) -> str:
        """A word of the article as it is written there first."""
        passage = next(each for each in self._passages if wanted in each.words)
        return passage.raw(passage.words.index(wanted))

    def _listed(self, names: Iterable[Name]) -> str:
        return "، ".join(map(self._written, names))

    def _written(self, name: Name) -> str:
        """A name as the article writes it."""
        known = self._spelled.get(name)
        if known is None:
            mention = self._plainest[name]
            known = self._spelled[name] = written(self._passages[mention.passage], mention)
        return known

    @cached_property
    def _plainest(self) -> dict[Name, Mention]:
        """The first mention of each name, or the first without anything attached to it."""
        found: dict[Name, Mention] = {}
        for mention in self._mentions:
            known = found.get(mention.key)
            if known is None or (known.clitic and not mention.clitic):
                found[mention.key] = mention
        return found

    @cached_property
    def _sentences(self) -> list[list[int]]:
        """Where sentences end in each passage."""
        return [
            [end.end() for end in _SENTENCE_END.finditer(passage.original)]
            for passage in self._passages
        ]

    def _sentence_at(self, number: int, index: int) -> Sentence:
        start, _ = self._passages[number].span(index, index + 1)
        return number, bisect(self._sentences[number], start)

    @cached_property
    def _lands(self) -> dict[str, _Land]:
        found: dict[str, _Land] = {}
        for mention in self._mentions:
            lands = {self._lore.land(place.country) for place in mention.places} - {None}
            if mention.loose or not lands:
                continue
            chance, name = self._chance(mention), mention.key
            sentence = self._sentence_at(mention.passage, mention.first)
            for land in lands:
                heard = found.setdefault(land or "", _empty())
                heard.masses[name] = heard.masses.get(name, 0.0) + chance
                if chance > heard.places.get(name, (-1.0,))[0]:
                    heard.places[name] = chance, mention.places
                if mention.places[0].kind == "country":
                    if name not in heard.itself:
                        heard.itself[name] = set(), self._written(name)
                    heard.itself[name][0].add(sentence)
                elif chance >= _LEAST_CHANCE:
                    heard.named.add(name, chance)
                    heard.in_sentence.setdefault(sentence, _Named()).add(name, chance)
        for land, sentence, word in self._country_words:
            heard = found.setdefault(land, _empty())
            heard.itself.setdefault(("", word), (set(), word))[0].add(sentence)
        return found

    @cached_property
    def _ids(self) -> dict[str, list[tuple[Name, float]]]:
        """The places that may be named, by id: name and chance."""
        found: dict[str, list[tuple[Name, float]]] = {}
        for heard in self._lands.values():
            for name, (chance, places) in heard.places.items():
                for place in places:
                    found.setdefault(place.id, []).append((name, chance))
        return found

    @cached_property
    def _country_words(self) -> list[tuple[str, Sentence, str]]:
        """Words that mean a country: the country, the sentence, and the word."""
        found: list[tuple[str, Sentence, str]] = []
        countries, longest, starts = self._lore.countries, self._lore.longest, self._lore.starts
        for number, passage in enumerate(self._passages):
            words = passage.words
            for index, word in enumerate(words):
                if word not in starts:
                    continue
                for length in range(longest, 0, -1):
                    land = self._lore.land(countries.get(tuple(words[index : index + length])))
                    if land:
                        where = self._sentence_at(number, index)
                        found.append((land, where, passage.raw(index)))
                        break
        return found

    @cached_property
    def _masses(self) -> dict[str, float]:
        """How much each country is spoken of."""
        found = {land: sum(heard.masses.values()) for land, heard in self._lands.items()}
        for land, _, _ in self._country_words:
            found[land] += _WORD_MASS
        return found

    @cached_property
    def _mass(self) -> float:
        return sum(self._masses.values())

    @cached_property
    def _lands_of(self) -> dict[Name, list[str]]:
        """The countries in which each name is borne."""
        found: dict[Name, list[str]] = {}
        for land, heard in self._lands.items():
            for name in heard.masses:
                found.setdefault(name, []).append(land)
        return found

    def _most_named(self, name: Name) -> str:
        """A word or name, other than this, of the country that the article speaks of most."""
        land = max(self._masses, key=lambda each: self._masses[each] - self._own(name, each))
        heard = self._lands[land]
        told = (text for word, (_, text) in heard.itself.items() if word != name)
        names = (self._written(other) for other in heard.masses if other != name)
        return next(told, None) or next(names, "")


_NOTHING: Final = _Named()


def _empty() -> _Land:
    return _Land(_Named(), {}, {}, {}, {})


def _close(one: Place, other: Place) -> bool:
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return False
    return distance_km((one.lat, one.lon), (other.lat, other.lon)) <= _NEAR_KM
