"""What a rule asks for, as a tree: words, phrases, places and patterns, and what joins them.

Lists (any, all, none, places) and queries build the same tree. This module must hold no text
that is matched and must decide nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from monitor.model import Sense


class Mode(StrEnum):
    """How a word is compared. The value is what the user writes around the word."""

    PLAIN = "word"  # with proclitics and the article
    EXACT = "=word"  # this word and no other form
    PREFIX = "word*"  # every word that begins so, with proclitics and the article
    FORMS = "word+"  # the word and its derived forms, with proclitics and the article


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or a phrase of consecutive words, folded. `label` is what the user wrote;
    `articles`: the words that have an article, which is not every word in ال (ألغام);
    `loose`: compared with ة ؤ ئ folded; `forms`: of FORMS, for each word those that count as it,
    itself first."""

    label: str
    words: tuple[str, ...]
    mode: Mode = Mode.PLAIN
    articles: frozenset[str] = frozenset()
    loose: bool = False
    forms: tuple[tuple[str, ...], ...] = ()

    @property
    def article(self) -> bool:
        """Whether the first word has an article."""
        return self.words[0] in self.articles


@dataclass(frozen=True, slots=True)
class InPlace:
    """One of the places with these ids is named. `sense`: how sure one has to be that a name is the
    place; `loose`: names count with ة ؤ ئ folded as well."""

    label: str
    ids: frozenset[str]
    sense: Sense = Sense.NORMAL
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression (RE2) finds something in the raw text. `label`: with its slashes."""

    label: str
    pattern: str


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


@dataclass(frozen=True, slots=True)
class Near:
    """Both sides stand in one field with at most `distance` words between them; `ordered`: the
    left one first."""

    label: str
    left: Node
    right: Node
    distance: int
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Gapped:
    """Words in this order in one field with at most `gap` other words between them in all."""

    label: str
    words: tuple[Term, ...]
    gap: int


@dataclass(frozen=True, slots=True)
class Count:
    """The part is found at `least` times."""

    label: str
    part: Node
    least: int


@dataclass(frozen=True, slots=True)
class Within:
    """The part, looked for in this field whatever fields the rule is limited to."""

    field: str
    part: Node


Leaf = Term | InPlace | Pattern
Node = Leaf | And | Or | Not | Near | Gapped | Count | Within


def parts_of(node: Node) -> tuple[Node, ...]:
    """The nodes directly below a node."""
    match node:
        case And(parts) | Or(parts):
            return parts
        case Not(part) | Count(part=part) | Within(part=part):
            return (part,)
        case Near(left=left, right=right):
            return (left, right)
        case Gapped(words=words):
            return words
        case _:
            return ()


def leaves(node: Node) -> Iterator[Leaf]:
    """The words, places and patterns of a tree, those under NOT as well."""
    if isinstance(node, Leaf):
        yield node
    for part in parts_of(node):
        yield from leaves(part)


def triggers(node: Node, cost: Callable[[Leaf], float]) -> frozenset[Leaf] | None:
    """Leaves of which at least one must be found where the tree holds: the cheapest choice, so
    that a rule is looked at only where its rarest part occurs. `cost` says how often a leaf is
    expected to occur.

    None: the tree can hold though nothing is found, that is, it only excludes."""
    if isinstance(node, Leaf):
        return frozenset({node})
    if isinstance(node, Not):
        return None
    below = [triggers(part, cost) for part in parts_of(node)]
    if isinstance(node, Or):
        return None if None in below else frozenset().union(*filter(None, below))
    known = [found for found in below if found is not None]
    return min(known, key=lambda found: sum(map(cost, found)), default=None)
