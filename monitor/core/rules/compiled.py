"""From a rule as written to clauses: the parts that must all hold for it to fire.

This module must match nothing. A faulty rule raises QueryError here; lint tells all its faults.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.items import parse_item
from monitor.core.rules.query import parse_query
from monitor.core.rules.tree import And, InPlace, Leaf, Node, Not, Or, triggers
from monitor.errors import QueryError
from monitor.model import PlaceName, Rule


@dataclass(frozen=True, slots=True)
class Clause:
    """One key of a rule, or one item of a key whose items must each hold."""

    key: str
    label: str
    node: Node


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule and its clauses. `triggers`: one of these leaves is found wherever it fires."""

    rule: Rule
    clauses: tuple[Clause, ...]
    triggers: frozenset[Leaf]


def compile_rule(rule: Rule, gazetteer: Gazetteer) -> CompiledRule:
    """The rule's clauses. Raises QueryError for its first fault."""
    clauses = tuple(_clauses(rule, gazetteer))
    found = triggers(And(tuple(clause.node for clause in clauses)))
    if found is None:
        raise QueryError(
            "the rule only excludes, so it would fire on everything else",
            0,
            "add any, all, query or places",
        )
    return CompiledRule(rule, clauses, found)


def place_node(name: PlaceName, gazetteer: Gazetteer) -> InPlace:
    """A place or anything inside it. Raises QueryError where none is known by that name."""
    found = gazetteer.find(name)
    ids = frozenset().union(*(gazetteer.inside(place.id) for place in found))
    return InPlace(name.name, ids)


def _clauses(rule: Rule, gazetteer: Gazetteer) -> Iterator[Clause]:
    loose = rule.loose
    if rule.any:
        yield _either("any", [parse_item(item, loose=loose) for item in rule.any], rule.any)
    for item in rule.all:
        yield Clause("all", item, parse_item(item, loose=loose))
    if rule.query is not None:
        yield Clause("query", rule.query, parse_query(rule.query, loose=loose))
    if rule.places:
        nodes = [place_node(name, gazetteer) for name in rule.places]
        yield _either("places", nodes, [name.name for name in rule.places])
    for item in rule.none:
        yield Clause("none", item, Not(parse_item(item, loose=loose)))
    for name in rule.not_places:
        yield Clause("not_places", name.name, Not(place_node(name, gazetteer)))


def _either(key: str, nodes: Iterable[Node], labels: Iterable[str]) -> Clause:
    return Clause(key, ", ".join(labels), Or(tuple(nodes)))
