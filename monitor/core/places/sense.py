"""Whether a name in an article is the place: evidence for and against, added up.

A logistic regression over clues that a reader can check: what the name is (prior), what stands
beside it (clues), and which places and countries the sentence and the article name. Its weights are
data; how they are learnt stands beside them. Names of places are weighed by how likely each is one
itself, else بلد and الدور would make any article one about Iraq. This module must not find names:
see mentions.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator, Sequence, Set
from functools import cached_property
from math import exp, inf, log1p
from typing import Final, NamedTuple

from monitor.core.places.clues import Beside, Neighbours, listed, written_from
from monitor.core.places.gazetteer import distance_km
from monitor.core.places.lore import Lore
from monitor.core.places.mentions import Mention, mention_bounds
from monitor.core.places.prior import Clue, Priors
from monitor.core.text.lexicon import Lexicon
from monitor.core.text.tokens import Passage
from monitor.model import Evidence, Place, PlaceReading, Span

ACCEPTED: Final = 0.5
STRICT: Final = 0.8
_ABOUT_AS_LIKELY: Final = 0.7  # log-odds by which another place of the name may be less likely

# What a name is by itself, in log-odds.
_HABITS: Final = (
    (1.5, "unambiguous"), (0.0, "often_place"), (-1.5, "seldom_place"), (-inf, "doubtful"),
)  # fmt: skip
_SPORT: Final = 0.06  # of the words of an article that is about sport
_SHORT: Final = 60.0  # words
_TWO: Final = 2  # hits: the second tells of the first, the first of all others
_LEAST_TOLD: Final = 0.05
_SENTENCE_END: Final = re.compile(r"[.!?؟؛…]+(?=\s)|\n")
_CERTAIN: Final = 0.95  # of a name behind an administrative word
_NEAR_KM: Final = 60.0
_LEAST_CHANCE: Final = 0.05  # of a name that may say which country an article speaks of
_LEAST_MASS: Final = 0.3  # of all countries together, below which an article speaks of none
_NO_MASS: Final = 0.1  # of one country
# What speaks for the other hits of the name as well.
_TELLING: Final = frozenset(
    {"head_before", "heads_before", "direction_before", "dateline", "belonging", "head_of_list"}
)
_BESIDE: Final = frozenset(
    {"site_before", "preposition_before", "apposition_after", "country_after", "direction_after"}
)
# What an adjective of persons needs beside it before the article may speak, and what of that tells
# of its other hits.
_TELLING_OF_PERSONS: Final = _TELLING | _BESIDE | {"beside_place", "disagreeing_before"}
_LOCAL: Final = _TELLING_OF_PERSONS | {"verb_before", "hashtag", "she_after", "thing_before"}
_OF_A_PERSON: Final = frozenset({"person_before", "predicate_before"})
# What a name in an article about sport needs beside it to be no club.
_PLACED: Final = _TELLING | _BESIDE


class SenseModel:
    """What judges names: priors, clues and weights. Threads share it."""

    def __init__(self, lore: Lore, lexicon: Lexicon) -> None:
        self.lore = lore
        self.priors = Priors(lore, lexicon)
        self.beside = Beside(lore, lexicon)
        self.weights = lore.weights
        self.starts = frozenset(expression[0] for expression in lore.countries)
        self.longest = max(map(len, lore.countries), default=0)


class _Heard(NamedTuple):
    """A name in the article: where, and how likely it is a place by itself, at most."""

    mention: Mention
    sentence: tuple[int, int]
    chance: float


class _Judged(NamedTuple):
    """The likeliest place of a name, how likely it is, and the ids of those about as likely."""

    place: Place
    score: float
    ids: frozenset[str]


class Scene:
    """One article's names of places, and what each of them is. For one article, one thread."""

    def __init__(
        self, passages: Sequence[Passage], mentions: Sequence[Mention], model: SenseModel
    ) -> None:
        self._passages = passages
        self._mentions = tuple(mentions)
        self._model = model
        self._starts = {(found.passage, found.first): found for found in mentions}
        self._ends = {(found.passage, found.end): found for found in mentions}
        self._verdicts: dict[tuple[int, int, int], _Judged] = {}
        self._surroundings: dict[tuple[tuple[str, ...], tuple[int, int], str], list[Clue]] = {}
        self._contained: dict[tuple[tuple[str, ...], str], list[Clue]] = {}
        self._beside: dict[tuple[int, int, int, bool], list[Clue]] = {}

    def accepts(self, mention: Mention, ids: Set[str], least: float) -> bool:
        """Whether a name is one of the places, at least so surely."""
        judged = self._judged(mention)
        return judged.score >= least and not judged.ids.isdisjoint(ids)

    def read(self, mention: Mention) -> PlaceReading:
        """What a name is, and why. Where several places bear it, the likeliest of them."""
        judged = self._judged(mention)
        passage = self._passages[mention.passage]
        return PlaceReading(
            place=judged.place.name,
            id=judged.place.id,
            parents=judged.place.parents,
            score=judged.score,
            span=Span(passage.field, *mention_bounds(passage, mention)),
            evidence=self._evidence(mention, judged.place),
            ids=judged.ids,
        )

    def _judged(self, mention: Mention) -> _Judged:
        where = mention.passage, mention.first, mention.end
        known = self._verdicts.get(where)
        if known is None:
            odds = [(self._odds(mention, place), place) for place in mention.places]
            best, likeliest = max(odds, key=_first)
            known = self._verdicts[where] = _Judged(
                likeliest,
                round(1 / (1 + exp(-best)), 3),
                frozenset(place.id for less, place in odds if less >= best - _ABOUT_AS_LIKELY),
            )
        return known

    def _odds(self, mention: Mention, place: Place) -> float:
        weights = self._model.weights
        return weights.get("bias", 0.0) + sum(
            weights.get(what, 0.0) * value for what, value, _ in self.clues(mention, place)
        )

    def _evidence(self, mention: Mention, place: Place) -> tuple[Evidence, ...]:
        """The clues as evidence, the heaviest first; what the name says by itself is one of it."""
        weights = self._model.weights
        clues = self.clues(mention, place)
        own = len(self._model.priors.clues(mention.key, place))
        name = weights.get("bias", 0.0) + sum(
            weights.get(what, 0.0) * value
            for number, (what, value, _) in enumerate(clues)
            if number < own or what == "short_text"
        )
        what = next(what for least, what in _HABITS if name >= least)
        found = [Evidence(what, round(name, 2), place.name)]
        for what, value, text in clues[own:]:
            weight = round(weights.get(what, 0.0) * value, 2)
            if abs(weight) >= _LEAST_TOLD and what != "short_text":
                found.append(Evidence(what, weight, text))
        return tuple(sorted(found, key=lambda each: -abs(each.weight)))

    def clues(self, mention: Mention, place: Place) -> list[Clue]:
        """All that speaks for or against a name's being the place, the name's own clues first."""
        key = mention.key
        person = self._model.priors.person_adjective(key, place)
        local = [
            *self._local(mention, person=person),
            *self._model.beside.clues_for(self._passages[mention.passage], mention, place),
        ]
        found = [*self._model.priors.clues(key, place), *local]
        telling = self._elsewhere(mention)
        if telling:
            found.append(("telling_elsewhere", 1.0, telling))
        found += self._topics(mention, place, person=person)
        if self._sport[0] and not any(what in _PLACED for what, _, _ in local):
            found.append(("sport_alone", *self._sport))
        if not person or telling or any(what in _LOCAL for what, _, _ in local):
            land = self._model.lore.land(place.country)
            if land:
                found += self._around(mention, land)
            found += self._containers(mention.key, place)
        elif not any(what in _OF_A_PERSON for what, _, _ in local):
            found.append(("person_alone", 1.0, " ".join(key)))
        return found

    def _local(self, mention: Mention, *, person: bool) -> list[Clue]:
        where = mention.passage, mention.first, mention.end, person
        known = self._beside.get(where)
        if known is None:
            passage = self._passages[mention.passage]
            around = self._neighbours(mention)
            known = self._model.beside.clues(passage, mention, around, person=person)
            head = self._head_of_list(mention)
            if head:
                known.append(("head_of_list", 1.0, head))
            self._beside[where] = known
        return known

    def _neighbours(self, mention: Mention) -> Neighbours:
        passage = self._passages[mention.passage]
        first, _ = written_from(passage, mention)
        before = self._ends.get((mention.passage, first))
        after = self._starts.get((mention.passage, mention.end))
        if after is None and mention.end + 1 < len(passage.words):
            next_one = self._starts.get((mention.passage, mention.end + 1))
            if next_one and written_from(passage, next_one)[0] == mention.end:
                after = next_one
        return Neighbours(
            before, after,
            self._chance(before) if before else 0.0,
            self._chance(after) if after else 0.0,
        )  # fmt: skip

    def _head_of_list(self, mention: Mention) -> str | None:
        """The administrative word before the first of names in a row: قضاءي مخمور والكوير."""
        passage = self._passages[mention.passage]
        current = mention
        while True:
            first, clitic = written_from(passage, current)
            before = self._ends.get((current.passage, first))
            if before is None:
                return None
            if not clitic.startswith(("و", "ف")) and not listed(passage.gap_before(first)):
                return None
            current = before
            head = self._model.beside.head(passage, current)
            if head:
                return head

    def _chance(self, mention: Mention) -> float:
        """How likely a name is any place, by itself and the word before it."""
        best = max(self._model.priors.chance(mention.key, place) for place in mention.places)
        if best < _CERTAIN and self._model.beside.head(self._passages[mention.passage], mention):
            return _CERTAIN
        return best

    @cached_property
    def _sentences(self) -> list[list[int]]:
        """Where sentences end in each passage."""
        return [
            [end.end() for end in _SENTENCE_END.finditer(passage.original)]
            for passage in self._passages
        ]

    def _sentence_at(self, number: int, index: int) -> tuple[int, int]:
        start, _ = self._passages[number].span(index, index + 1)
        return number, bisect(self._sentences[number], start)

    @cached_property
    def _heard(self) -> list[_Heard]:
        return [
            _Heard(found, self._sentence_at(found.passage, found.first), self._chance(found))
            for found in self._mentions
        ]

    @cached_property
    def _by_country(self) -> dict[str, list[_Heard]]:
        found: dict[str, list[_Heard]] = {}
        for heard in self._heard:
            lands = {self._model.lore.land(place.country) for place in heard.mention.places}
            for country in lands:
                if country:
                    found.setdefault(country, []).append(heard)
        return found

    @cached_property
    def _country_words(self) -> dict[str, list[tuple[tuple[int, int], str]]]:
        """For each country the sentences in which its words stand, with those words."""
        found: dict[str, list[tuple[tuple[int, int], str]]] = {}
        starts, countries = self._model.starts, self._model.lore.countries
        for number, passage in enumerate(self._passages):
            words = passage.words
            for index, word in enumerate(words):
                if word in starts:
                    for length in range(self._model.longest, 0, -1):
                        country = self._model.lore.land(
                            countries.get(tuple(words[index : index + length]))
                        )
                        if country:
                            where = self._sentence_at(number, index)
                            found.setdefault(country, []).append((where, passage.raw(index)))
                            break
        return found

    @cached_property
    def _sport(self) -> tuple[float, str]:
        """How much an article is about sport, from 0 to 1, and the first word that says so: there a
        name alone is a club."""
        kinds = self._model.lore.kinds
        words = [word for passage in self._passages for word in passage.words]
        told = [word for word in words if "sport" in kinds.get(word, ())]
        return (min(1.0, len(told) / (_SPORT * len(words))), told[0]) if told else (0.0, "")

    @cached_property
    def _shortness(self) -> float:
        """How much too short the article is to name other places: from 1 down to 0."""
        length = sum(len(passage.words) for passage in self._passages)
        return max(0.0, 1 - length / _SHORT)

    @cached_property
    def _town_words(self) -> list[str]:
        """Words that speak of a town again: القضاء، الأهالي."""
        kinds = self._model.lore.kinds
        return [
            word
            for passage in self._passages
            for word in passage.words
            if "the_town" in kinds.get(word, ())
        ]

    def _topics(self, mention: Mention, place: Place, *, person: bool) -> Iterator[Clue]:
        """What the article is about, whatever places it names."""
        if self._shortness:
            yield "short_text", self._shortness, ""
        towns = self._town_words
        if towns and person:
            yield "town_spoken_of", log1p(len(towns)), towns[0]
        about = self._model.priors.topic(mention.key, place)
        if about:
            for passage in self._passages:
                for word in passage.words:
                    if word in about:
                        yield "other_topic", 1.0, word
                        return

    @cached_property
    def _masses(self) -> dict[str, float]:
        """How much each country is spoken of."""
        found = {country: 0.7 * len(told) for country, told in self._country_words.items()}
        for country, told in self._by_country.items():
            found[country] = found.get(country, 0.0) + sum(heard.chance for heard in told)
        return found

    def _elsewhere(self, mention: Mention) -> str | None:
        """What tells of another hit of the same name that it is the place: one sense an article."""
        told = self._telling[mention.key]
        return next((text for other, text in told if other is not mention), None)

    @cached_property
    def _telling(self) -> dict[tuple[str, ...], list[tuple[Mention, str]]]:
        """For each name the first two hits of which something beside them tells, with that."""
        found: dict[tuple[str, ...], list[tuple[Mention, str]]] = {}
        for mention in self._mentions:
            told = found.setdefault(mention.key, [])
            if len(told) < _TWO:
                text = self._tells(mention)
                if text:
                    told.append((mention, text))
        return found

    def _tells(self, mention: Mention) -> str | None:
        key = mention.key
        person = any(self._model.priors.person_adjective(key, place) for place in mention.places)
        local = self._local(mention, person=person)
        telling = _TELLING_OF_PERSONS if person else _TELLING
        if any(what in _OF_A_PERSON for what, _, _ in local):
            return None
        return next((text for what, _, text in local if what in telling), None)

    def _around(self, mention: Mention, country: str) -> list[Clue]:
        """What the sentence and the article speak of, worked out once for all hits of a name in a
        sentence."""
        sentence = self._sentence_at(mention.passage, mention.first)
        key = mention.key, sentence, country
        if key not in self._surroundings:
            self._surroundings[key] = list(self._spoken_around(*key))
        return self._surroundings[key]

    def _spoken_around(
        self, name: tuple[str, ...], sentence: tuple[int, int], country: str
    ) -> Iterator[Clue]:
        same: dict[tuple[str, ...], float] = {}
        near: dict[tuple[str, ...], float] = {}
        itself: list[_Heard] = []
        own = 0.0
        for heard in self._by_country.get(country, ()):
            key = heard.mention.key
            if key == name:
                own += heard.chance
            elif heard.mention.places[0].kind == "country":
                itself.append(heard)
            elif heard.chance >= _LEAST_CHANCE:
                same[key] = max(same.get(key, 0.0), heard.chance)
                if heard.sentence == sentence:
                    near[key] = max(near.get(key, 0.0), heard.chance)
        if near:
            yield "places_in_sentence", min(2.0, sum(near.values())), _names(near)
        if same:
            yield "places_in_article", log1p(sum(same.values())), _names(same)
        told = list(self._country_words.get(country, ()))
        told += [(heard.sentence, " ".join(heard.mention.key)) for heard in itself]
        if any(where == sentence for where, _ in told):
            yield "country_in_sentence", 1.0, told[0][1]
        if told:
            yield "country_in_article", 1.0, told[0][1]
        yield from self._of_countries(country, own, told[0][1] if told else _names(same))

    def _of_countries(self, country: str, own: float, text: str) -> Iterator[Clue]:
        """Whether the article speaks of the country, or of others, apart from the name itself."""
        mass = self._masses.get(country, 0.0) - own
        total = sum(self._masses.values()) - own
        if total <= _LEAST_MASS:
            return
        yield "share_of_country", mass / total, text
        if mass < _NO_MASS:
            yield "other_country", min(1.0, total), self._most_named()

    def _most_named(self) -> str:
        """A word of the country, or a place in it, that the article speaks of most."""
        country = max(self._masses, key=lambda each: self._masses[each])
        if country in self._country_words:
            return self._country_words[country][0][1]
        return " ".join(self._by_country[country][0].mention.key)

    def _containers(self, name: tuple[str, ...], place: Place) -> list[Clue]:
        """Places that contain the place, or lie near it."""
        known = self._contained.get((name, place.id))
        if known is None:
            known = self._contained[name, place.id] = list(self._contain(name, place))
        return known

    def _contain(self, name: tuple[str, ...], place: Place) -> Iterator[Clue]:
        parent = near = 0.0
        parents, neighbour = "", ""
        containers = set(place.parents) - {place.country}
        for key, (chance, others) in self._named(self._model.lore.land(place.country)).items():
            if key == name:
                continue
            for other in others:
                if other.id in containers and chance > parent:
                    parent, parents = chance, other.name
                elif chance > near and other.id != place.country and _close(place, other):
                    near, neighbour = chance, other.name
        if parent:
            yield "container_named", parent, parents
        if near:
            yield "place_near", near, neighbour

    def _named(self, country: str | None) -> dict[tuple[str, ...], tuple[float, tuple[Place, ...]]]:
        """The names heard of a country, each once, with its best chance and its places."""
        found: dict[tuple[str, ...], tuple[float, tuple[Place, ...]]] = {}
        for heard in self._by_country.get(country or "", ()):
            key = heard.mention.key
            if key not in found or heard.chance > found[key][0]:
                found[key] = heard.chance, heard.mention.places
        return found


def _close(one: Place, other: Place) -> bool:
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return False
    return distance_km((one.lat, one.lon), (other.lat, other.lon)) <= _NEAR_KM


def _names(told: dict[tuple[str, ...], float]) -> str:
    """The likeliest three of the names."""
    likeliest = sorted(told, key=lambda key: -told[key])[:3]
    return "، ".join(" ".join(key) for key in likeliest)


def _first(pair: tuple[float, Place]) -> float:
    return pair[0]
