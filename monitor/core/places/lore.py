"""What is known beforehand of the words that stand beside names of places, as one value.

The tables are packaged data which a user may extend, so they come in from outside. This module must
hold no words and no weights itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from monitor.core.text.clitics import CONJUNCTIONS
from monitor.core.text.forms import attached, determined, has_article
from monitor.core.text.tokens import words

_SHORTEST: Final = 2  # letters of a word that و and ف may join
_LONELY: Final = 3  # letters: a shorter word has no other forms with proclitics
_ENDINGS: Final = ("", "ه", "ة", "ين", "ون", "ا", "ات")  # of the adjective of a country
_NO_KIND: Final[frozenset[str]] = frozenset()
_VERBAL: Final = frozenset(
    {"verb", "first_name", "name_part", "particle", "predicate", "preposition"}
)


@dataclass(frozen=True, slots=True)
class CountryWords:
    """The words of one country: masculine adjectives, of which all forms count, and words and
    expressions that mean it alone."""

    adjectives: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lore:
    """`kinds` leads from a folded word of a text to what it says of a name beside it; `countries`
    from a folded expression to the country that it means; `phrases` hold a name and are no place;
    `weights` are log-odds by clue; `definite` are the kinds heard with the article as well;
    `judged` by folded name the share of hits that are the place, as an editor judges; `topics` by
    gloss the words of articles about that meaning of a name; `together` leads from a country to the
    first of those with which its places bear out each other."""

    kinds: Mapping[str, frozenset[str]] = field(default_factory=dict)
    countries: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    phrases: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    definite: frozenset[str] = frozenset()
    judged: Mapping[str, float] = field(default_factory=dict)
    topics: Mapping[str, frozenset[str]] = field(default_factory=dict)
    together: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def starts(self) -> frozenset[str]:
        """The first words of the expressions that mean a country."""
        return frozenset(expression[0] for expression in self.countries)

    @cached_property
    def longest(self) -> int:
        """The most words of an expression that means a country."""
        return max(map(len, self.countries), default=0)

    def land(self, country: str | None) -> str | None:
        """The country that stands for all with which its places bear out each other."""
        return self.together.get(country, country) if country else None


# Nothing is known: every name is the place.
NO_LORE: Final = Lore()


def kinds_of(
    tables: Mapping[str, Iterable[str]], definite: Iterable[str]
) -> dict[str, frozenset[str]]:
    """The tables of words by kind, turned round: each word in the forms that a text may give it.
    Those of the `definite` kinds are heard with the article as well."""
    found: dict[str, frozenset[str]] = {}
    shared: dict[frozenset[str], frozenset[str]] = {}  # words of the same kinds are many
    for kind, listed in tables.items():
        for raw in listed:
            for word in words(raw):
                for form in _forms(word, raw, kind, article=kind in definite):
                    kinds = found.get(form, _NO_KIND) | {kind}
                    found[form] = shared.setdefault(kinds, kinds)
    return found


def countries_of(listed: Mapping[str, CountryWords]) -> dict[tuple[str, ...], str]:
    """The words of countries, turned round, in all their forms."""
    found: dict[tuple[str, ...], str] = {}
    for country, own in listed.items():
        for adjective in own.adjectives:
            for word in words(adjective):
                for ending in _ENDINGS:
                    for form in (
                        *attached(word + ending, article=False),
                        *determined(word + ending),
                    ):
                        found[(form,)] = country
        for expression in own.words:
            first, *rest = words(expression)
            raw = expression.split()[0]
            for form in attached(first, article=has_article(raw)):
                found[(form, *rest)] = country
    return found


def _forms(word: str, raw: str, kind: str, *, article: bool) -> Iterable[str]:
    if kind in _VERBAL and len(word) >= _SHORTEST:
        # No preposition stands before a verb, and ب ك ل before a name is another phrase.
        return [conjunction + word for conjunction in CONJUNCTIONS]
    if len(word) < _LONELY:
        return (word,)
    forms = attached(word, article=has_article(raw))
    return (*forms, *determined(word)) if article else forms
