"""One article as the rules hear it: which terms, places and patterns stand where.

Computed once for all rules; what only some rules need is computed when first asked for. This
module must not decide whether a rule fires: see verdict.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property
from typing import Final

from monitor.core.places.mentions import Mention, NameFinder
from monitor.core.places.sense import ACCEPTED, STRICT, Scene, SenseModel
from monitor.core.rules.needles import Needles, Sighting
from monitor.core.rules.patterns import Patterns
from monitor.core.rules.tree import InPlace, Pattern, Term
from monitor.core.text.forms import from_clitic, readings
from monitor.core.text.language import detect
from monitor.core.text.normalise import fold_loosely
from monitor.core.text.tokens import Passage
from monitor.model import Article, PlaceReading, Sense, Span

EVERYWHERE: Final = ("title", "text", "author", "category")
ALL_FIELDS: Final = (*EVERYWHERE, "feed", "feed_category")
_PLACES_HEARD_IN: Final = frozenset({"title", "text", "category"})


def passages_of(article: Article) -> tuple[Passage, ...]:
    """The fields of an article in words."""
    return tuple(Passage(field, original) for field, original in fields_of(article))


def fields_of(article: Article) -> list[tuple[str, str]]:
    """The fields of an article, but for empty ones, each by its name; its categories are one field,
    one a line. What is known of its feed stands beside them, for queries that ask for it."""
    feed = article.feed
    fields = (
        ("title", article.title),
        ("text", article.text),
        ("author", article.author),
        ("category", "\n".join(article.categories)),
        ("feed", feed and feed.name),
        ("feed_category", feed and feed.category),
    )
    return [(field, original) for field, original in fields if original]


class Hearing:
    """One article, heard once. For one thread."""

    def __init__(
        self,
        article: Article,
        needles: Needles,
        names: Callable[[], NameFinder],
        sense: SenseModel,
        patterns: Patterns,
    ) -> None:
        self.article = article
        self._names = names
        self._sense = sense
        self._patterns = patterns
        self._spans: dict[Sighting, Span] = {}
        self.passages = passages_of(article)
        found: dict[Term, set[Sighting]] = {}
        for number, passage in enumerate(self.passages):
            for term, sighting in needles.find(number, passage):
                found.setdefault(term, set()).add(sighting)
        self.sightings = {term: sorted(sightings) for term, sightings in found.items()}

    def of_term(self, term: Term, fields: Collection[str]) -> Iterator[Sighting]:
        """Where the term stands in one of the fields, in order."""
        found = self.sightings.get(term, ())
        return (sighting for sighting in found if self._field(sighting) in fields)

    def of_place(self, wanted: InPlace, fields: Collection[str]) -> Iterator[Sighting]:
        """Where one of the places stands in one of the fields, in order."""
        for mention in self._accepted(wanted):
            sighting = Sighting(self._heard[mention.passage], mention.first, mention.end)
            if self._field(sighting) in fields:
                yield sighting

    def of_pattern(self, wanted: Pattern, fields: Collection[str]) -> Iterator[Span]:
        """What a regular expression finds in the fields, in order, as far as it is asked."""
        for passage in self.passages:
            if passage.field in fields:
                for start, end in self._patterns.find(wanted.pattern, passage.original):
                    yield Span(passage.field, start, end)

    def span(self, sighting: Sighting) -> Span:
        """The part of the original behind a sighting, from the proclitic that quotes part from its
        first word on."""
        known = self._spans.get(sighting)
        if known is None:
            passage = self.passages[sighting.passage]
            first = sighting.first if sighting.bare else from_clitic(passage, sighting.first)
            known = Span(passage.field, *passage.span(first, sighting.end))
            self._spans[sighting] = known
        return known

    def spans(self, sightings: Iterable[Sighting]) -> tuple[Span, ...]:
        """The parts of the original behind several sightings."""
        return tuple(map(self.span, sightings))

    def text(self, span: Span) -> str:
        """What the original writes there."""
        original = next(p.original for p in self.passages if p.field == span.field)
        return original[span.start : span.end]

    @cached_property
    def vocabulary(self) -> dict[str, Sighting]:
        """Each distinct folded word with the first place where it stands."""
        found: dict[str, Sighting] = {}
        for number, passage in enumerate(self.passages):
            for index, word in enumerate(passage.words):
                if word not in found:
                    found[word] = Sighting(number, index, index + 1, bare=True)
        return found

    @cached_property
    def stems(self) -> dict[str, Sighting]:
        """Each word that a word of the article may hold behind proclitics and article, with the
        first place where one does."""
        found: dict[str, Sighting] = {}
        for word, sighting in self.vocabulary.items():
            for reading in readings(word):
                found.setdefault(reading.word, sighting)
        return found

    @cached_property
    def loose_stems(self) -> dict[str, Sighting]:
        """The same with ة ؤ ئ folded."""
        return {fold_loosely(word): found for word, found in reversed(self.stems.items())}

    @cached_property
    def detected(self) -> str | None:
        """The language that the article's own words tell."""
        return detect(f"{self.article.title}\n{self.article.text}")

    @cached_property
    def language(self) -> str | None:
        """The same, or else what the article or its feed declares, as a code of two or three
        letters (ar, ckb, fa, ur, en …); None: unknown."""
        feed = self.article.feed
        declared = self.article.language or (feed and feed.language) or ""
        return self.detected or re.split("[-_]", declared.lower())[0] or None

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """Names of places, whatever they mean."""
        return self._names().find([self.passages[number] for number in self._heard])

    @cached_property
    def readings(self) -> tuple[PlaceReading, ...]:
        """What each of the mentions is, accepted as the place or not."""
        return tuple(map(self._scene.read, self.mentions))

    @property
    def exact(self) -> list[PlaceReading]:
        """The readings of names that no loose spelling makes."""
        return [self._scene.read(mention) for mention in self.mentions if not mention.loose]

    def heard(self, wanted: InPlace) -> list[PlaceReading]:
        """The readings of all names that one of the places bears, accepted or not."""
        return [self._scene.read(self.mentions[each]) for each in self._numbers_of(wanted.ids)]

    def accepted(self, wanted: InPlace) -> list[PlaceReading]:
        """The readings accepted as one of the places."""
        return list(map(self._scene.read, self._accepted(wanted)))

    def _accepted(self, wanted: InPlace) -> Iterator[Mention]:
        """The mentions accepted as one of the places. Only what may be one of them is judged."""
        least = STRICT if wanted.sense is Sense.STRICT else ACCEPTED
        for number in self._numbers_of(wanted.ids):
            mention = self.mentions[number]
            if mention.loose and not wanted.loose:
                continue
            if wanted.sense is Sense.ANY or self._scene.accepts(mention, wanted.ids, least):
                yield mention

    def _numbers_of(self, ids: frozenset[str]) -> list[int]:
        """The numbers of the mentions that may be one of the places, in order."""
        by_place = self._by_place
        if len(ids) == 1:
            return by_place.get(next(iter(ids)), [])
        return sorted({n for place, named in by_place.items() if place in ids for n in named})

    @cached_property
    def _by_place(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, mention in enumerate(self.mentions):
            for place in mention.places:
                found.setdefault(place.id, []).append(number)
        return found

    @cached_property
    def _scene(self) -> Scene:
        heard = [self.passages[number] for number in self._heard]
        return Scene(heard, self.mentions, self._sense)

    @cached_property
    def _heard(self) -> list[int]:
        """The numbers of the passages in which places are listened for."""
        numbered = enumerate(self.passages)
        return [number for number, passage in numbered if passage.field in _PLACES_HEARD_IN]

    def _field(self, sighting: Sighting) -> str:
        return self.passages[sighting.passage].field
