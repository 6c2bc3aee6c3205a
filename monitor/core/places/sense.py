"""Whether a name in an article is the place: evidence for and against, added up.

A linear model in log-odds over few features that a reader can check: a prior by what the name is,
what stands beside it, and which other places of the same country the article names. This module
must not find names: see mentions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import exp
from types import MappingProxyType
from typing import Final

from monitor.core.places import lexicon
from monitor.core.places.mentions import Mention, mention_bounds
from monitor.core.text.normalise import TANWIN
from monitor.core.text.tokens import Passage
from monitor.model import Evidence, Place, PlaceReading, Span

ACCEPTED: Final = 0.5

# Log-odds: 0 is even, 2.2 is nine to one. A name with other senses starts below even.
WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "unambiguous": 2.2,
        "doubtful": -1.5,
        "word_before": 4.0,
        "direction_before": 2.2,
        "beside_place": 1.5,
        "same_country": 2.5,  # two or more other places of the country in the article
        "one_of_same_country": 0.9,
        "country_named": 0.5,
        "person_before": -6.0,
        "predicate_before": -4.0,
        "name_before": -4.0,
        "tanwin": -8.0,
    }
)
# Found together with one of these, a name of an adjective of persons may be the place.
_LOCAL: Final = frozenset({"word_before", "direction_before", "beside_place"})
_FIELDS: Final = frozenset({"title", "text"})


class Scene:
    """One article's names of places, and what each of them is. For one article, one thread."""

    def __init__(self, passages: Sequence[Passage], mentions: tuple[Mention, ...]) -> None:
        self._passages = passages
        self._mentions = mentions

    def readings(self) -> tuple[PlaceReading, ...]:
        """The reading of every mention, accepted or not, in order. Where several places bear the
        name, the best of them."""
        return tuple(
            max((self._read(mention, place) for place in mention.places), key=_score)
            for mention in self._mentions
        )

    def _read(self, mention: Mention, place: Place) -> PlaceReading:
        evidence = tuple(self._evidence(mention, place))
        passage = self._passages[mention.passage]
        return PlaceReading(
            place=place.name,
            id=place.id,
            parents=place.parents,
            score=round(1 / (1 + exp(-sum(item.weight for item in evidence))), 3),
            span=Span(passage.field, *mention_bounds(passage, mention)),
            evidence=evidence,
        )

    def _evidence(self, mention: Mention, place: Place) -> Iterator[Evidence]:
        if not place.doubtful:
            yield _of("unambiguous", place.name)
        else:
            yield _of("doubtful", place.name)
            yield from self._words_beside(mention)
        yield from self._country(mention, place)

    def _words_beside(self, mention: Mention) -> Iterator[Evidence]:
        passage = self._passages[mention.passage]
        name = passage.raw(mention.end - 1)
        if TANWIN.intersection(name):
            yield _of("tanwin", name)
        if not mention.first:
            return
        before = passage.words[mention.first - 1]
        raw = passage.raw(mention.first - 1)
        for what, table in _BEFORE.items():
            if before in table:
                yield _of(what, raw)
                return

    def _country(self, mention: Mention, place: Place) -> Iterator[Evidence]:
        """Other places of the same country, each counted once, and the country itself."""
        named: dict[str, str] = {}
        for other in self._mentions:
            if other.places is not mention.places:
                for bearer in other.places:
                    if bearer.country == place.country and bearer.country:
                        named.setdefault(bearer.id, bearer.name)
        country = named.pop(place.country or "", None)
        if len(named) >= 2:
            yield _of("same_country", "، ".join(list(named.values())[:3]))
        elif named:
            yield _of("one_of_same_country", next(iter(named.values())))
        if country:
            yield _of("country_named", country)


_BEFORE: Final = {
    "person_before": lexicon.PERSONS,
    "word_before": lexicon.HEADS,
    "direction_before": lexicon.DIRECTIONS,
}


def _of(what: str, text: str) -> Evidence:
    return Evidence(what, WEIGHTS[what], text)


def _score(reading: PlaceReading) -> float:
    return reading.score
