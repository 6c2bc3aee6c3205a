"""When one part of a rule is found wherever another is, as far as their words and places tell.

This module must not judge rules: see cautions and shadows.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Final

from monitor.core.rules.tree import (
    And,
    InPlace,
    Leaf,
    Mode,
    Node,
    Or,
    Pattern,
    Term,
    parts_of,
)
from monitor.core.text.clitics import ARTICLE
from monitor.core.text.joined import spellings
from monitor.model import Sense

_SETTINGS: Final = ("field", "distance", "ordered", "gap", "least")  # of the operators


def canonical(node: Node) -> Hashable:
    """What a node asks for, without what the user wrote for it: equal where two ask the same."""
    match node:
        case Term():
            return (node.words, node.mode, node.articles, node.loose, node.forms)
        case InPlace():
            return (node.ids, node.sense, node.loose)
        case Pattern(pattern=pattern):
            return pattern
        case Or(parts=parts) | And(parts=parts):
            below = frozenset(map(canonical, parts))
            return next(iter(below)) if len(below) == 1 else (type(node), below)
    own = tuple(getattr(node, name, None) for name in _SETTINGS)
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


def _covers(wide: InPlace, leaf: InPlace) -> bool:
    """Whether a place is heard wherever another is."""
    order = list(Sense)
    surer = order.index(leaf.sense) <= order.index(wide.sense)
    return leaf.ids <= wide.ids and surer and (wide.loose or not leaf.loose)


class Alternatives:
    """Leaves joined by OR, ready to be asked whether one of them is found wherever another is."""

    def __init__(self, leaves: Sequence[Leaf]) -> None:
        self.leaves = tuple(leaves)
        self._same = frozenset(map(canonical, leaves))
        self._places = [leaf for leaf in leaves if isinstance(leaf, InPlace)]
        single = [leaf for leaf in leaves if isinstance(leaf, Term) and len(leaf.words) == 1]
        self._words = {
            (leaf.loose, leaf.words[0])
            for leaf in single
            if leaf.mode in (Mode.PLAIN, Mode.FORMS) and not leaf.article
        }
        self._prefixes = [leaf for leaf in single if leaf.mode is Mode.PREFIX]

    def cover(self, leaf: Leaf) -> bool:
        """Whether one of them is found wherever the leaf is."""
        if canonical(leaf) in self._same:
            return True
        if isinstance(leaf, InPlace):
            return any(_covers(wide, leaf) for wide in self._places)
        if not isinstance(leaf, Term) or leaf.mode not in (Mode.PLAIN, Mode.EXACT):
            return False
        ways = spellings(leaf.words) if leaf.mode is Mode.PLAIN else (leaf.words,)
        return all(self._in_way(leaf, way) for way in ways)

    def cover_all(self, others: Alternatives) -> bool:
        """Whether one of them is found wherever one of the others is."""
        return bool(others.leaves) and all(map(self.cover, others.leaves))

    def _in_way(self, leaf: Term, way: Sequence[str]) -> bool:
        """Whether one of them is found in a word or phrase, as it is spelled here: as a word of it,
        or without the article of one."""
        bare = [word.removeprefix(ARTICLE) for word in way if word in leaf.articles]
        if any((leaf.loose, word) in self._words for word in (*way, *bare)):
            return True
        return any(
            prefix.loose == leaf.loose and word.startswith(prefix.words[0])
            for prefix in self._prefixes
            for word in way
        )
