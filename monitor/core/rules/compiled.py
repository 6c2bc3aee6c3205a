"""From a rule as written to clauses: the parts that must all hold for it to fire.

This module must match nothing. A faulty rule raises QueryError here; lint tells all its faults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.items import Manner, parse_item
from monitor.core.rules.tree import (
    And,
    InPlace,
    Leaf,
    Mode,
    Node,
    Not,
    Or,
    Pattern,
    Term,
    triggers,
)
from monitor.core.text.lexicon import NO_LEXICON, Lexicon
from monitor.errors import QueryError
from monitor.model import NearPlace, PlaceName, Rule

_PREFIX: Final = 1e6
_PLACE: Final = 1e7
_ALWAYS: Final = 1e12


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


def compile_rule(rule: Rule, gazetteer: Gazetteer, lexicon: Lexicon = NO_LEXICON) -> CompiledRule:
    """The rule's clauses. Raises QueryError for its first fault."""
    clauses = tuple(_clauses(rule, gazetteer, lexicon))
    if not clauses:
        raise QueryError("the rule asks for nothing", 0, "add any, all, query or places")
    found = triggers(And(tuple(clause.node for clause in clauses)), _cost(lexicon))
    if found is None:
        raise QueryError(
            "the rule only excludes, so it would fire on everything else",
            0,
            "add any, all, query or places",
        )
    return CompiledRule(rule, clauses, found)


def manner_of(rule: Rule, lexicon: Lexicon) -> Manner:
    """How a rule wants its words compared."""
    return Manner(rule.loose, rule.forms, lexicon, rule.sense)


def place_node(name: PlaceName, gazetteer: Gazetteer, rule: Rule) -> InPlace:
    """A place or anything inside it. Raises QueryError where none is known by that name."""
    found = gazetteer.find(name)
    ids = frozenset().union(*(gazetteer.inside(place.id) for place in found))
    return InPlace(name.name, ids, rule.sense, rule.loose)


def near_node(near: NearPlace, gazetteer: Gazetteer, rule: Rule) -> InPlace:
    """Every place around one. Raises QueryError where it is unknown, or known without its position
    on the map."""
    label = f"{near.km:g} km around {_shown(near.place)}"
    return InPlace(label, gazetteer.around(near.place, near.km), rule.sense, rule.loose)


def query_node(query: str, gazetteer: Gazetteer, manner: Manner) -> Node:
    """What a query asks for. Raises QueryError with the offset of its fault."""
    from monitor.core.rules.query import parse_query  # its parser takes 3 MB and 0.06 s

    return parse_query(query, manner, gazetteer)


def _clauses(rule: Rule, gazetteer: Gazetteer, lexicon: Lexicon) -> Iterator[Clause]:
    manner = manner_of(rule, lexicon)
    if rule.any:
        yield _either("any", [parse_item(item, manner) for item in rule.any], rule.any)
    for item in rule.all:
        yield Clause("all", item, parse_item(item, manner))
    if rule.query is not None:
        yield Clause("query", rule.query.strip(), query_node(rule.query, gazetteer, manner))
    if rule.places:
        nodes = [place_node(name, gazetteer, rule) for name in rule.places]
        yield _either("places", nodes, map(_shown, rule.places))
    if rule.near:
        near = near_node(rule.near, gazetteer, rule)
        yield Clause("near", near.label, near)
    for item in rule.none:
        yield Clause("none", item, Not(parse_item(item, manner)))
    for name in rule.not_places:
        yield Clause("not_places", _shown(name), Not(place_node(name, gazetteer, rule)))


def _shown(name: PlaceName) -> str:
    return f"{name.name} in {name.within}" if name.within else name.name


def _cost(lexicon: Lexicon) -> Callable[[Leaf], float]:
    """How often a leaf is expected in a thousand million words; what is costly to look for counts
    as common."""

    def cost(leaf: Leaf) -> float:
        match leaf:
            case Pattern():
                return _ALWAYS
            case InPlace():
                return _PLACE
            case Term(mode=Mode.PREFIX):
                return _PREFIX
        return float(10 ** min(map(lexicon.zipf, leaf.words)))

    return cost


def _either(key: str, nodes: Iterable[Node], labels: Iterable[str]) -> Clause:
    return Clause(key, ", ".join(labels), Or(tuple(nodes)))
