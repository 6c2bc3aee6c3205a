"""Whether a name in an article is the place: evidence for and against, added up.

A logistic regression over clues that a reader can check: what the name is (prior), what stands
beside it (clues), and what the sentence and the article speak of (surroundings). Its weights are
data; how they are learnt stands beside them. This module must not find names: see mentions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from functools import cached_property
from itertools import islice
from math import exp, inf
from typing import Final, NamedTuple

from monitor.core.places.clues import Beside, Neighbours, listed, written, written_from
from monitor.core.places.lore import Lore
from monitor.core.places.mentions import Mention, mention_bounds
from monitor.core.places.prior import Clue, Priors
from monitor.core.places.surroundings import Surroundings
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
_LEAST_TOLD: Final = 0.05
_CERTAIN: Final = 0.95  # of a name behind an administrative word
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
_LOCAL: Final = _TELLING_OF_PERSONS | {"verb_before", "hashtag", "thing_before"}
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
        self._surroundings: dict[tuple[int, int, int, str], list[Clue]] = {}
        self._telling: dict[tuple[str, ...], tuple[tuple[Mention, str], ...]] = {}
        self._spoken = Surroundings(passages, self._mentions, model.lore, self._chance)
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
        if self._spoken.sport[0] and not any(what in _PLACED for what, _, _ in local):
            found.append(("sport_alone", *self._spoken.sport))
        if not person or telling or any(what in _LOCAL for what, _, _ in local):
            land = self._model.lore.land(place.country)
            if land:
                found += self._around(mention, land)
                found += self._spoken.beside(key, place)
        elif not any(what in _OF_A_PERSON for what, _, _ in local):
            name = written(self._passages[mention.passage], mention)
            found.append(("person_alone", 1.0, name))
        return found

    def _around(self, mention: Mention, land: str) -> list[Clue]:
        where = mention.passage, mention.first, mention.end, land
        known = self._surroundings.get(where)
        if known is None:
            known = self._surroundings[where] = list(self._spoken.around(mention, land))
        return known

    def _topics(self, mention: Mention, place: Place, *, person: bool) -> Iterator[Clue]:
        """What the article is about, whatever places it names."""
        if self._spoken.shortness:
            yield "short_text", self._spoken.shortness, ""
        if person and self._spoken.towns[0]:
            yield "town_spoken_of", *self._spoken.towns
        about = self._model.priors.topic(mention.key, place)
        word = self._spoken.about(about) if about else None
        if word:
            yield "other_topic", 1.0, word

    def _local(self, mention: Mention, *, person: bool) -> list[Clue]:
        where = mention.passage, mention.first, mention.end, person
        known = self._beside.get(where)
        if known is None:
            passage = self._passages[mention.passage]
            around = self._neighbours(mention)
            known = self._model.beside.clues(passage, mention, around, person=person)
            head = self._heads_of_lists.get((mention.passage, mention.first))
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

    @cached_property
    def _heads_of_lists(self) -> dict[tuple[int, int], str]:
        """For each name in a row the administrative word before the first of them: قضاءي مخمور
        والكوير."""
        found: dict[tuple[int, int], str] = {}
        for mention in self._mentions:
            passage = self._passages[mention.passage]
            first, clitic = written_from(passage, mention)
            before = self._ends.get((mention.passage, first))
            if before and (clitic.startswith(("و", "ف")) or listed(passage.gap_before(first))):
                head = self._model.beside.head(passage, before)
                head = head or found.get((before.passage, before.first))
                if head:
                    found[mention.passage, mention.first] = head
        return found

    def _chance(self, mention: Mention) -> float:
        """How likely a name is any place, by itself and the word before it."""
        priors, passage = self._model.priors, self._passages[mention.passage]
        best = max(priors.chance(mention.key, place) for place in mention.places)
        person = any(priors.person_adjective(mention.key, place) for place in mention.places)
        if person and self._model.beside.of_a_person(passage, mention):
            return 0.0
        if best < _CERTAIN and self._model.beside.head(passage, mention):
            return _CERTAIN
        return best

    def _elsewhere(self, mention: Mention) -> str | None:
        """What tells of another hit of the same name that it is the place: one sense an article."""
        hits = self._hits[mention.key]
        if len(hits) == 1:
            return None
        if mention.key not in self._telling:
            each = ((hit, text) for hit in hits if (text := self._tells(hit)))
            # The second tells of the first, the first of all others.
            self._telling[mention.key] = tuple(islice(each, 2))
        told = self._telling[mention.key]
        return next((text for other, text in told if other is not mention), None)

    @cached_property
    def _hits(self) -> dict[tuple[str, ...], list[Mention]]:
        found: dict[tuple[str, ...], list[Mention]] = {}
        for mention in self._mentions:
            found.setdefault(mention.key, []).append(mention)
        return found

    def _tells(self, mention: Mention) -> str | None:
        key = mention.key
        person = any(self._model.priors.person_adjective(key, place) for place in mention.places)
        local = self._local(mention, person=person)
        telling = _TELLING_OF_PERSONS if person else _TELLING
        if any(what in _OF_A_PERSON for what, _, _ in local):
            return None
        return next((text for what, _, text in local if what in telling), None)


def _first(pair: tuple[float, Place]) -> float:
    return pair[0]
