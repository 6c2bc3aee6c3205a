"""All rules over one article in one pass.

Every form of every term stands in one dictionary, so that the work of an article depends on its
length and on what it holds, hardly on how many rules there are. This module must do no I/O and
keep nothing between articles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.places.lexicon import SET_PHRASES
from monitor.core.places.mentions import NameFinder
from monitor.core.rules.compiled import CompiledRule, compile_rule
from monitor.core.rules.hearing import Hearing
from monitor.core.rules.needles import Needles
from monitor.core.rules.tree import Term, leaves
from monitor.core.rules.verdict import fires, readings, spans
from monitor.model import Article, Match, Rule


class RuleSet:
    """Compiled rules. Immutable, so that threads share it and a reload swaps it whole."""

    def __init__(self, compiled: Iterable[CompiledRule], gazetteer: Gazetteer) -> None:
        self.compiled = tuple(compiled)
        self.gazetteer = gazetteer
        self.rules: tuple[Rule, ...] = tuple(rule.rule for rule in self.compiled)
        terms = _terms(self.compiled)
        self._needles = tuple(
            Needles((term for term in terms if term.loose is loose), loose=loose)
            for loose in sorted({term.loose for term in terms})
        )
        self._names = NameFinder(gazetteer, SET_PHRASES)
        self._by_term: dict[Term, list[int]] = {}
        self._by_place: dict[str, list[int]] = {}
        for number, rule in enumerate(self.compiled):
            if rule.rule.enabled:
                self._index(number, rule)

    def match(self, article: Article) -> tuple[Match, ...]:
        """The rules that fire on an article, in their order, each with its spans."""
        hearing = self.hear(article)
        return tuple(
            _match(self.compiled[number], hearing)
            for number in sorted(self._candidates(hearing))
            if fires(self.compiled[number], hearing)
        )

    def hear(self, article: Article) -> Hearing:
        """The article with every term of every rule found in it."""
        return Hearing(article, self._needles, self._names)

    def _index(self, number: int, rule: CompiledRule) -> None:
        for leaf in rule.triggers:
            if isinstance(leaf, Term):
                self._by_term.setdefault(leaf, []).append(number)
            else:
                for place_id in leaf.ids:
                    self._by_place.setdefault(place_id, []).append(number)

    def _candidates(self, hearing: Hearing) -> set[int]:
        """The rules that may fire: one of their triggers is there."""
        found: set[int] = set()
        for term in hearing.sightings:
            found.update(self._by_term.get(term, ()))
        if self._by_place:
            for mention in hearing.mentions:
                for place in mention.places:
                    found.update(self._by_place.get(place.id, ()))
        return found


def compile_rules(rules: Iterable[Rule], gazetteer: Gazetteer) -> RuleSet:
    """The rules, ready to match. Raises QueryError for the first faulty one; lint tells all."""
    return RuleSet([compile_rule(rule, gazetteer) for rule in rules], gazetteer)


def _match(compiled: CompiledRule, hearing: Hearing) -> Match:
    rule = compiled.rule
    nodes = [clause.node for clause in compiled.clauses]
    found = {span for node in nodes for span in spans(node, hearing, rule.fields)}
    places = {reading.span: reading for node in nodes for reading in readings(node, hearing)}
    return Match(rule, tuple(sorted(found)), tuple(places[span] for span in sorted(places)))


def _terms(compiled: Iterable[CompiledRule]) -> list[Term]:
    """The terms of all rules, each once, in order."""
    return list(dict.fromkeys(_all_terms(compiled)))


def _all_terms(compiled: Iterable[CompiledRule]) -> Iterator[Term]:
    for rule in compiled:
        for clause in rule.clauses:
            for leaf in leaves(clause.node):
                if isinstance(leaf, Term):
                    yield leaf
