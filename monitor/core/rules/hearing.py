"""One article as the rules hear it: which terms and places stand where.

Computed once for all rules; what only some rules need is computed when first asked for. This
module must not decide whether a rule fires: see verdict.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Final

from monitor.core.places.mentions import Mention, NameFinder
from monitor.core.places.sense import ACCEPTED, Scene
from monitor.core.rules.needles import Needles, Sighting, bounds
from monitor.core.rules.tree import Term
from monitor.core.text.tokens import Passage
from monitor.model import Article, PlaceReading, Span

EVERYWHERE: Final = ("title", "text", "author", "category")
_PLACES_HEARD_IN: Final = frozenset({"title", "text", "category"})


def passages_of(article: Article) -> tuple[Passage, ...]:
    """The fields of an article in words; its categories are one field, one a line."""
    fields = zip(
        EVERYWHERE,
        (article.title, article.text, article.author or "", "\n".join(article.categories)),
        strict=True,
    )
    return tuple(Passage(field, original) for field, original in fields if original)


class Hearing:
    """One article, heard once. For one thread."""

    def __init__(self, article: Article, needles: Iterable[Needles], names: NameFinder) -> None:
        self.article = article
        self._names = names
        self._passages = passages_of(article)
        self.sightings: dict[Term, list[Sighting]] = {}
        for kind in needles:
            for number, passage in enumerate(self._passages):
                for term, sighting in kind.find(number, passage):
                    self.sightings.setdefault(term, []).append(sighting)

    def has(self, term: Term, fields: Collection[str]) -> bool:
        """Whether the term stands in one of the fields."""
        found = self.sightings.get(term, ())
        return any(self._passages[sighting.passage].field in fields for sighting in found)

    def spans(self, term: Term, fields: Collection[str]) -> list[Span]:
        """Where the term stands in these fields."""
        spans = []
        for sighting in self.sightings.get(term, ()):
            passage = self._passages[sighting.passage]
            if passage.field in fields:
                spans.append(Span(passage.field, *bounds(passage, sighting, term)))
        return spans

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """Names of places, whatever they mean."""
        heard = [passage for passage in self._passages if passage.field in _PLACES_HEARD_IN]
        return self._names.find(heard)

    @cached_property
    def readings(self) -> tuple[PlaceReading, ...]:
        """What each of the mentions is, accepted as the place or not."""
        heard = [passage for passage in self._passages if passage.field in _PLACES_HEARD_IN]
        return Scene(heard, self.mentions).readings()

    def accepted(self, ids: Collection[str]) -> list[PlaceReading]:
        """The readings accepted as one of these places."""
        return [found for found in self.readings if found.score >= ACCEPTED and found.id in ids]
