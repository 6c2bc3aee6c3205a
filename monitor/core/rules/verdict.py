"""Whether a part of a rule holds over a heard article, and what it rests on.

Matching and explaining ask the same questions here, so that they never disagree. This module
must not know lists, queries or messages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from monitor.core.rules.compiled import CompiledRule
from monitor.core.rules.hearing import EVERYWHERE, Hearing
from monitor.core.rules.tree import And, InPlace, Node, Not, Or
from monitor.model import FeedFilter, FeedInfo, PlaceReading, Span


def holds(node: Node, hearing: Hearing, fields: Collection[str]) -> bool:
    """Whether the tree holds; its words are looked for in `fields`, those under NOT everywhere."""
    if isinstance(node, And):
        return all(holds(part, hearing, fields) for part in node.parts)
    if isinstance(node, Or):
        return any(holds(part, hearing, fields) for part in node.parts)
    if isinstance(node, Not):
        return not holds(node.part, hearing, EVERYWHERE)
    if isinstance(node, InPlace):
        return bool(hearing.accepted(node.ids))
    return hearing.has(node, fields)


def spans(node: Node, hearing: Hearing, fields: Collection[str]) -> Iterator[Span]:
    """What a tree that holds rests on: every find of every part of it that holds."""
    if isinstance(node, And | Or):
        for part in node.parts:
            if holds(part, hearing, fields):
                yield from spans(part, hearing, fields)
    elif isinstance(node, InPlace):
        yield from (reading.span for reading in hearing.accepted(node.ids))
    elif not isinstance(node, Not):
        yield from hearing.spans(node, fields)


def readings(node: Node, hearing: Hearing) -> Iterator[PlaceReading]:
    """The accepted places that a tree that holds rests on."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from readings(part, hearing)
    elif isinstance(node, InPlace):
        yield from hearing.accepted(node.ids)


def fires(rule: CompiledRule, hearing: Hearing) -> bool:
    """Whether every key of an enabled rule is met."""
    return (
        rule.rule.enabled
        and admits(rule.rule.feeds, hearing.article.feed)
        and all(holds(clause.node, hearing, rule.rule.fields) for clause in rule.clauses)
    )


def admits(wanted: FeedFilter, feed: FeedInfo | None) -> bool:
    """Whether a rule listens to a feed. An article of unknown source is heard by every rule."""
    if feed is None:
        return True
    return (
        (not wanted.names or feed.name in wanted.names)
        and (not wanted.categories or feed.category in wanted.categories)
        and (not wanted.languages or feed.language in wanted.languages)
    )
