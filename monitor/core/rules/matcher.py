"""All rules over one article in one pass.

Every term stands in one dictionary, so that the work of an article depends on its length and on
what it holds, hardly on how many rules there are; and a rule is looked at only where the rarest
part of it was found. Only rules that rest on regular expressions alone are looked at every time.
This module must do no I/O, and no answer may depend on the articles before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.places.mentions import NameFinder
from monitor.core.places.sense import ACCEPTED, SenseModel
from monitor.core.rules.compiled import CompiledRule, compile_rule
from monitor.core.rules.hearing import Hearing
from monitor.core.rules.needles import Needles
from monitor.core.rules.patterns import Patterns
from monitor.core.rules.tree import InPlace, Leaf, Not, Pattern, Term, leaves
from monitor.core.rules.verdict import fires, readings, scope_of, spans
from monitor.core.rules.whereabouts import whereabouts
from monitor.core.text.lexicon import NO_LEXICON, Lexicon
from monitor.model import Article, Location, Match, Rule

_LONGEST_BEGINNING: Final = 20_000  # letters that tell what places an article is about


class RuleSet:
    """Compiled rules. Threads share it and a reload swaps it whole: nothing in it changes but what
    it remembers of words that it met."""

    def __init__(
        self,
        compiled: Iterable[CompiledRule],
        gazetteer: Gazetteer,
        lexicon: Lexicon = NO_LEXICON,
        names: NameFinder | None = None,
    ) -> None:
        self.compiled = tuple(compiled)
        self.gazetteer = gazetteer
        self.lexicon = lexicon
        self.rules: tuple[Rule, ...] = tuple(rule.rule for rule in self.compiled)
        found = dict.fromkeys(_all_leaves(self.compiled))
        self._needles = Needles((leaf for leaf in found if isinstance(leaf, Term)), lexicon)
        self._patterns = Patterns(leaf.pattern for leaf in found if isinstance(leaf, Pattern))
        self._finder = names
        self._sense = SenseModel(gazetteer.lore, lexicon)
        self._by_term: dict[Term, list[int]] = {}
        self._by_place: dict[str, list[int]] = {}
        self._always: set[int] = set()
        for number, rule in enumerate(self.compiled):
            if rule.rule.enabled:
                self._index(number, rule)

    def _names(self) -> NameFinder:
        """What finds names of places, made when an article is first asked for some."""
        if self._finder is None:
            self._finder = NameFinder(self.gazetteer, self.lexicon)
        return self._finder

    def warm_up(self) -> None:
        """Makes now what the first article would wait for: a tenth of a second's work."""
        self._names()

    def match(self, article: Article) -> tuple[Match, ...]:
        """The rules that fire on an article, in their order, each with its spans."""
        hearing = self.hear(article)
        return tuple(
            _match(self.compiled[number], hearing)
            for number in sorted(self._candidates(hearing))
            if fires(self.compiled[number], hearing)
        )

    def fires(self, article: Article) -> bool:
        """Whether any of the rules fires on an article: sooner told than what they rest on."""
        hearing = self.hear(article)
        return any(fires(self.compiled[number], hearing) for number in self._candidates(hearing))

    def hear(self, article: Article) -> Hearing:
        """The article with every term of every rule found in it."""
        return Hearing(article, self._needles, self._names, self._sense, self._patterns)

    def locations(self, article: Article, matches: Iterable[Match] = ()) -> tuple[Location, ...]:
        """The places that the beginning of an article speaks of, the one that the matches or the
        title mean first: see whereabouts."""
        matches = tuple(matches)
        beginning = replace(article, text=article.text[:_LONGEST_BEGINNING])
        accepted = (each for each in self.hear(beginning).exact if each.score >= ACCEPTED)
        return whereabouts(accepted, matches, self._wanted(matches), self.gazetteer)

    def _wanted(self, matches: Iterable[Match]) -> frozenset[str]:
        """The ids of the places that the rules of matches listen to."""
        names = {match.rule.name for match in matches}
        nodes = (
            leaf
            for rule in self.compiled
            if rule.rule.name in names
            for clause in rule.clauses
            if not isinstance(clause.node, Not)
            for leaf in leaves(clause.node)
        )
        return frozenset().union(*(leaf.ids for leaf in nodes if isinstance(leaf, InPlace)))

    def _index(self, number: int, rule: CompiledRule) -> None:
        for leaf in rule.triggers:
            if isinstance(leaf, Term):
                self._by_term.setdefault(leaf, []).append(number)
            elif isinstance(leaf, InPlace):
                for place_id in leaf.ids:
                    self._by_place.setdefault(place_id, []).append(number)
            else:
                self._always.add(number)

    def _candidates(self, hearing: Hearing) -> set[int]:
        """The rules that may fire: one of their triggers is there."""
        found = set(self._always)
        for term in hearing.sightings:
            found.update(self._by_term.get(term, ()))
        if self._by_place:
            for mention in hearing.mentions:
                for place in mention.places:
                    found.update(self._by_place.get(place.id, ()))
        return found


def compile_rules(
    rules: Iterable[Rule], gazetteer: Gazetteer, lexicon: Lexicon = NO_LEXICON
) -> RuleSet:
    """The rules, ready to match. Raises QueryError for the first faulty one; lint tells all."""
    return RuleSet([compile_rule(rule, gazetteer, lexicon) for rule in rules], gazetteer, lexicon)


def _match(compiled: CompiledRule, hearing: Hearing) -> Match:
    rule, scope = compiled.rule, scope_of(compiled.rule)
    nodes = [clause.node for clause in compiled.clauses]
    found = {span for node in nodes for span in spans(node, hearing, scope)}
    places = {reading.span: reading for node in nodes for reading in readings(node, hearing, scope)}
    return Match(rule, tuple(sorted(found)), tuple(places[span] for span in sorted(places)))


def _all_leaves(compiled: Iterable[CompiledRule]) -> Iterator[Leaf]:
    for rule in compiled:
        for clause in rule.clauses:
            yield from leaves(clause.node)
