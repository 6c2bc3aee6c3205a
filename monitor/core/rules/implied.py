"""When one part of a rule is found wherever another is, as far as their words and places tell.

This module must not judge rules: see cautions and shadows.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Final

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
    parts_of,
)
from monitor.core.text.clitics import ARTICLE
from monitor.core.text.joined import spellings

_SETTINGS: Final = ("field", "distance", "ordered", "gap", "least")  # of the operators


def canonical(node: Node) -> Hashable:
    """What a node asks for, without what the user wrote for it: equal where two ask the same."""
    match node:
        case Term():
            return (node.words, node.mode, node.articles, node.loose, node.forms)
        case InPlace(ids=ids):
            return ids
        case Pattern(pattern=pattern):
            return pattern
        case Or(parts=parts) | And(parts=parts):
            below = frozenset(map(canonical, parts))
            return next(iter(below)) if len(below) == 1 else (type(node), below)
    own = tuple(
        getattr(node, name, None) for name in ("field", "distance", "ordered", "gap", "least")
    )
    return (type(node), own, tuple(map(canonical, parts_of(node))))


def required(node: Node) -> Iterator[Node]:
    """The parts that must all hold."""
    if isinstance(node, And):
        for part in node.parts:
            yield from required(part)
    else:
        yield node


def any_of(node: Node) -> list[Leaf]:
    """The alternatives of a node that is one leaf or several joined by OR, else none."""
    if isinstance(node, Leaf):
        return [node]
    if isinstance(node, Or) and all(isinstance(part, Leaf) for part in node.parts):
        return [part for part in node.parts if isinstance(part, Leaf)]
    return []


def covers(wider: Leaf, leaf: Leaf) -> bool:
    """Whether the first is found wherever the second is."""
    if isinstance(wider, InPlace) and isinstance(leaf, InPlace):
        return leaf.ids <= wider.ids
    if isinstance(wider, Term) and isinstance(leaf, Term):
        return canonical(wider) == canonical(leaf) or _word_covers(wider, leaf)
    return canonical(wider) == canonical(leaf)


def stronger(part: Node, than: Node) -> bool:
    """Whether the one holds only where the other does."""
    ours, theirs = any_of(part), any_of(than)
    if isinstance(part, Not) and isinstance(than, Not):
        ours, theirs = any_of(than.part), any_of(part.part)
    if not ours or not theirs:
        return canonical(part) == canonical(than)
    same = set(map(canonical, theirs))
    left = [leaf for leaf in ours if canonical(leaf) not in same]
    return all(any(covers(wide, leaf) for wide in theirs) for leaf in left)


def _word_covers(wider: Term, leaf: Term) -> bool:
    """Whether a word is found in every word or phrase that another term finds."""
    plain = leaf.mode in (Mode.PLAIN, Mode.EXACT) and wider.loose == leaf.loose
    if not plain or len(wider.words) > 1:
        return False
    word = wider.words[0]
    ways = spellings(leaf.words) if leaf.mode is Mode.PLAIN else (leaf.words,)
    if wider.mode is Mode.PREFIX:
        return all(any(found.startswith(word) for found in way) for way in ways)
    alike = all(word in way or ARTICLE + word in way for way in ways)
    return wider.mode is not Mode.EXACT and not wider.article and alike
