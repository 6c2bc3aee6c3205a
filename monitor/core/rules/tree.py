"""What a rule asks for, as a tree: words, phrases and places joined by AND, OR and NOT.

Lists (any, all, none, places) and queries build the same tree. This module must hold no text
that is matched and must decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """How a word is compared. The value is what the user writes around the word."""

    PLAIN = "word"  # with proclitics and the article
    EXACT = "=word"  # this word and no other form
    PREFIX = "word*"  # every word that begins so, with proclitics and the article


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or a phrase of consecutive words, folded. `label` is what the user wrote;
    `article`: its first word begins with ال; `loose`: compared with ة ؤ ئ folded."""

    label: str
    words: tuple[str, ...]
    mode: Mode = Mode.PLAIN
    article: bool = False
    loose: bool = False


@dataclass(frozen=True, slots=True)
class InPlace:
    """One of the places with these ids is named."""

    label: str
    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class And:
    """Every part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold anywhere in the article, whatever fields the rule is limited to."""

    part: Node


Leaf = Term | InPlace
Node = Term | InPlace | And | Or | Not


def leaves(node: Node) -> Iterator[Leaf]:
    """The words and places of a tree, those under NOT as well."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from leaves(part)
    elif isinstance(node, Not):
        yield from leaves(node.part)
    else:
        yield node


def triggers(node: Node) -> frozenset[Leaf] | None:
    """Leaves of which at least one must be found where the tree holds; the fewest that do.

    None: the tree can hold though nothing is found, that is, it only excludes."""
    if isinstance(node, Not):
        return None
    if isinstance(node, And):
        known = [found for part in node.parts if (found := triggers(part)) is not None]
        return min(known, key=len, default=None)
    if isinstance(node, Or):
        every = [triggers(part) for part in node.parts]
        return None if None in every else frozenset().union(*filter(None, every))
    return frozenset({node})
