"""Whether a part of a rule holds over a heard article, and what it rests on.

Matching and explaining ask the same questions here, so that they never disagree. This module
must not know lists, queries or messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Final, NamedTuple

from monitor.core.rules.compiled import CompiledRule
from monitor.core.rules.hearing import EVERYWHERE, Hearing
from monitor.core.rules.positions import FIELDS, hits, near
from monitor.core.rules.tree import (
    And,
    Count,
    InPlace,
    Near,
    Node,
    Not,
    Or,
    Pattern,
    Term,
    Within,
    parts_of,
)
from monitor.model import FeedFilter, FeedInfo, PlaceReading, Rule, Span

_MOST_SPANS: Final = 1000  # of one word, place or operator


class Scope(NamedTuple):
    """Where words are looked for. `limited`: a query names the field, so that NOT keeps to it."""

    fields: tuple[str, ...]
    limited: bool = False


def scope_of(rule: Rule) -> Scope:
    """Where the words of a rule are looked for."""
    return Scope(rule.fields)


def inside(node: Within) -> Scope:
    """Where the words behind `title:` and its like are looked for."""
    return Scope(FIELDS[node.field], limited=True)


def outside(scope: Scope) -> Scope:
    """Where the words under NOT are looked for: everywhere, unless the query names a field."""
    return scope if scope.limited else Scope(EVERYWHERE)


def holds(node: Node, hearing: Hearing, scope: Scope) -> bool:
    """Whether the tree holds; its words are looked for in the scope, those under NOT everywhere."""
    match node:
        case Term():
            return any(True for _ in hearing.of_term(node, scope.fields))
        case And(parts=parts):
            return all(holds(part, hearing, scope) for part in parts)
        case Or(parts=parts):
            return any(holds(part, hearing, scope) for part in parts)
        case Not(part=part):
            return not holds(part, hearing, outside(scope))
        case Within(part=part):
            return holds(part, hearing, inside(node))
        case InPlace():
            return _in_place(node, hearing, scope if scope.limited else Scope(EVERYWHERE))
        case Count(part=part, least=least):
            return any(True for _ in islice(_finds(part, hearing, scope), least - 1, None))
        case _:
            return any(True for _ in _finds(node, hearing, scope))


def spans(node: Node, hearing: Hearing, scope: Scope) -> Iterator[Span]:
    """What a tree that holds rests on: every find of every part of it that holds, as far as a
    reader could look at them."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                if holds(part, hearing, scope):
                    yield from spans(part, hearing, scope)
        case Not():
            return
        case Within(part=part):
            yield from spans(part, hearing, inside(node))
        case Term():
            found = hearing.of_term(node, scope.fields)
            yield from map(hearing.span, islice(found, _MOST_SPANS))
        case InPlace():
            fields = scope.fields if scope.limited else EVERYWHERE
            found = hearing.of_place(node, fields)
            yield from map(hearing.span, islice(found, _MOST_SPANS))
        case _:
            part = node.part if isinstance(node, Count) else node
            yield from chain.from_iterable(islice(_finds(part, hearing, scope), _MOST_SPANS))


def readings(node: Node, hearing: Hearing, scope: Scope) -> Iterator[PlaceReading]:
    """The accepted places that a tree that holds rests on."""
    match node:
        case Within(part=part):
            yield from readings(part, hearing, inside(node))
        case InPlace():
            fields = scope.fields if scope.limited else EVERYWHERE
            yield from (found for found in hearing.accepted(node) if found.span.field in fields)
        case Not():
            return
        case _:
            for part in parts_of(node):
                if holds(part, hearing, scope):
                    yield from readings(part, hearing, scope)


def fires(rule: CompiledRule, hearing: Hearing) -> bool:
    """Whether every key of an enabled rule is met."""
    scope = scope_of(rule.rule)
    return (
        rule.rule.enabled
        and admits(rule.rule.feeds, hearing.article.feed)
        and all(holds(clause.node, hearing, scope) for clause in rule.clauses)
        and speaks(rule.rule, hearing)
    )


def speaks(rule: Rule, hearing: Hearing) -> bool:
    """Whether an article is in a language of the rule's, by its own words: what a feed declares is
    often wrong. One whose language cannot be told is."""
    language = hearing.detected if rule.languages else None
    return language is None or language in rule.languages


def admits(wanted: FeedFilter, feed: FeedInfo | None) -> bool:
    """Whether a rule listens to a feed. An article of unknown source is heard by every rule."""
    if feed is None:
        return True
    return (
        (not wanted.names or feed.name in wanted.names)
        and (not wanted.categories or feed.category in wanted.categories)
        and (not wanted.languages or feed.language in wanted.languages)
    )


def _in_place(wanted: InPlace, hearing: Hearing, scope: Scope) -> bool:
    return any(True for _ in hearing.of_place(wanted, scope.fields))


def _finds(node: Node, hearing: Hearing, scope: Scope) -> Iterator[tuple[Span, ...]]:
    """Every find of a part that can be counted, as the spans that it rests on."""
    match node:
        case Pattern():
            yield from ((span,) for span in hearing.of_pattern(node, scope.fields))
        case Within(part=part):
            yield from _finds(part, hearing, inside(node))
        case Or(parts=parts):
            every = chain.from_iterable(_finds(part, hearing, scope) for part in parts)
            yield from dict.fromkeys(every)
        case Near():
            pairs = near(node, hearing, scope.fields)
            yield from (hearing.spans(pair.sightings) for pair in pairs)
        case _:
            found = hits(node, hearing, scope.fields)
            yield from (hearing.spans(hit.sightings) for hit in found)
