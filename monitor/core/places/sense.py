"""Whether a name in an article is the place: evidence for and against, added up.

A linear model in log-odds over features that a reader can check: a prior by what the name is, what
stands beside it (clues), and which other places of its country the article names. Neighbours that
are doubtful themselves count only after an administrative word; else بلد and الدور would make any
article one about Iraq. This module must not find names: see mentions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import exp
from types import MappingProxyType
from typing import Final

from monitor.core.places.clues import Neighbours, clues_beside, clues_inside, head_of
from monitor.core.places.lexicon import COUNTRY_OF, OFTEN, PERSON_ADJECTIVES, SELDOM
from monitor.core.places.mentions import Mention, mention_bounds
from monitor.core.text.tokens import Passage
from monitor.model import Evidence, Place, PlaceReading, Span

ACCEPTED: Final = 0.5

# Log-odds: 0 is even, 2.2 is nine to one. A name with other senses starts below even.
WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "unambiguous": 2.2,
        "doubtful": -1.6,
        "seldom_place": -0.9,
        "often_place": 0.9,
        # beside the name
        "word_before": 4.0,
        "direction_before": 2.2,
        "place_of": 2.6,
        "beside_place": 2.2,
        "country_after": 3.0,
        "opens_text": 2.0,
        "hashtag": 1.8,
        "verb_before": 1.7,
        "preposition_before": 0.6,
        "definite_before": -1.6,
        "definite_after": -1.4,
        "feminine_pair": -3.0,
        "sport_near": -1.5,
        "name_before": -4.0,
        "person_before": -8.0,
        "predicate_before": -6.0,
        "common_word": -4.0,
        "other_hamza": -4.0,
        "tanwin": -9.0,
        # elsewhere in the article
        "same_country": 2.6,  # two or more other places of the country
        "one_of_same_country": 1.2,
        "country_named": 1.0,
        "word_before_elsewhere": 2.0,
    }
)

# Doubtful whoever lists them: a user's own place may bear such a name.
_COMMON_NAMES: Final = SELDOM | PERSON_ADJECTIVES


class Scene:
    """One article's names of places, and what each of them is. For one article, one thread."""

    def __init__(self, passages: Sequence[Passage], mentions: tuple[Mention, ...]) -> None:
        self._passages = passages
        self._mentions = mentions
        self._starts = {(found.passage, found.first): found for found in mentions}
        self._ends = {(found.passage, found.end): found for found in mentions}
        self._solid = [found for found in mentions if self._is_solid(found)]
        self._solid_ids = {id(found) for found in self._solid}
        self._heads = self._first_heads()
        self._told: dict[tuple[tuple[str, ...], str], tuple[tuple[str, str], ...]] = {}
        self._demonyms = {
            country: word
            for passage in passages
            for word in passage.words
            if (country := COUNTRY_OF.get(word))
        }

    def readings(self) -> tuple[PlaceReading, ...]:
        """The reading of every mention, accepted or not, in order. Where several places bear the
        name, the best of them."""
        return tuple(
            max((self._read(mention, place) for place in mention.places), key=_score)
            for mention in self._mentions
        )

    def _is_solid(self, mention: Mention) -> bool:
        """Whether a name counts as a place for others: it has no other sense, or a head."""
        certain = any(not place.doubtful for place in mention.places)
        return certain or head_of(self._passages[mention.passage], mention) is not None

    def _read(self, mention: Mention, place: Place) -> PlaceReading:
        evidence = tuple(
            Evidence(what, WEIGHTS[what], text) for what, text in self._clues(mention, place)
        )
        passage = self._passages[mention.passage]
        return PlaceReading(
            place=place.name,
            id=place.id,
            parents=place.parents,
            score=round(1 / (1 + exp(-sum(item.weight for item in evidence))), 3),
            span=Span(passage.field, *mention_bounds(passage, mention)),
            evidence=evidence,
        )

    def _clues(self, mention: Mention, place: Place) -> Iterator[tuple[str, str]]:
        passage = self._passages[mention.passage]
        name = passage.words[mention.first][mention.clitic :]
        doubtful = place.doubtful or (name in _COMMON_NAMES and mention.end == mention.first + 1)
        yield from clues_inside(passage, mention, place)
        if doubtful:
            yield "doubtful", place.name
            yield from _habit(name)
            yield from clues_beside(passage, mention, place, self._neighbours(mention))
            yield from self._elsewhere(mention)
        else:
            yield "unambiguous", place.name
        if doubtful or len(mention.places) > 1:
            yield from self._country(mention, place)

    def _neighbours(self, mention: Mention) -> Neighbours:
        before = self._ends.get((mention.passage, mention.first))
        after = self._starts.get((mention.passage, mention.end))
        return Neighbours(
            before if id(before) in self._solid_ids else None,
            after if id(after) in self._solid_ids else None,
        )

    def _first_heads(self) -> dict[tuple[str, ...], list[tuple[Mention, str]]]:
        """For each name the first two mentions of it behind an administrative word: a second one
        is enough for the first."""
        found: dict[tuple[str, ...], list[tuple[Mention, str]]] = {}
        for mention in self._mentions:
            known = found.setdefault(_bearers(mention), [])
            if len(known) < 2 and (head := head_of(self._passages[mention.passage], mention)):
                known.append((mention, head))
        return found

    def _elsewhere(self, mention: Mention) -> Iterator[tuple[str, str]]:
        """The same name after an administrative word: one sense an article."""
        for other, head in self._heads[_bearers(mention)]:
            if other is not mention:
                yield "word_before_elsewhere", head
                return

    def _country(self, mention: Mention, place: Place) -> tuple[tuple[str, str], ...]:
        """Other places of the same country, each counted once, and the country itself: worked out
        once for all mentions of a name."""
        key = _bearers(mention), place.country or ""
        if key not in self._told:
            self._told[key] = tuple(self._of_country(*key))
        return self._told[key]

    def _of_country(self, bearers: tuple[str, ...], country: str) -> Iterator[tuple[str, str]]:
        named: dict[str, str] = {}
        for other in self._solid if country else ():
            if _bearers(other) != bearers:
                for bearer in other.places:
                    if bearer.country == country:
                        named.setdefault(bearer.id, bearer.name)
        itself = named.pop(country, None) or self._demonyms.get(country)
        if len(named) >= 2:
            yield "same_country", "، ".join(list(named.values())[:3])
        elif named:
            yield "one_of_same_country", next(iter(named.values()))
        if itself:
            yield "country_named", itself


def _bearers(mention: Mention) -> tuple[str, ...]:
    """The ids of the places that bear a name."""
    return tuple([place.id for place in mention.places])


def _habit(name: str) -> Iterator[tuple[str, str]]:
    """What counting says of a name, before any context."""
    if name in SELDOM:
        yield "seldom_place", name
    elif name in OFTEN:
        yield "often_place", name


def _score(reading: PlaceReading) -> float:
    return reading.score
