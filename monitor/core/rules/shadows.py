"""Rules that another rule makes needless: it fires wherever they do, and alerts in the same way.

Of each rule only one part that must hold, the one that the fewest rules share, leads to the rules
that may imply it, so that all rules together are compared in about linear time. This module must
look at no article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from monitor.core.rules.compiled import CompiledRule
from monitor.core.rules.implied import Alternatives, any_of, canonical, required
from monitor.core.rules.lint import Fault
from monitor.core.rules.tree import InPlace, Leaf, Node, Not, Term
from monitor.core.text.clitics import ARTICLE
from monitor.errors import QueryError
from monitor.model import FeedFilter

_MOST: Final = 200  # other rules that one rule is compared with


class _Part:
    """A part of a rule that must hold."""

    def __init__(self, node: Node) -> None:
        self.excludes = isinstance(node, Not)
        self.form = canonical(node)
        self.alternatives = Alternatives(any_of(node.part if isinstance(node, Not) else node))

    def stronger(self, than: _Part) -> bool:
        """Whether this one, which is not the same, holds only where the other does."""
        if self.excludes is not than.excludes:
            return False
        narrow, wide = (than, self) if self.excludes else (self, than)
        return wide.alternatives.cover_all(narrow.alternatives)


class _Asked:
    """A rule with its parts, worked out once for all comparisons."""

    def __init__(self, rule: CompiledRule) -> None:
        own = rule.rule
        self.rule = own
        self.parts = [_Part(part) for clause in rule.clauses for part in required(clause.node)]
        self.forms = frozenset(part.form for part in self.parts)
        self.alike = (own.severity, own.channels, own.on_change)
        hears = (frozenset(own.fields), own.feeds, frozenset(own.languages))
        self.form = (self.alike, hears, self.forms)

    def leaves(self) -> Iterator[Leaf]:
        for part in self.parts:
            if not part.excludes:
                yield from part.alternatives.leaves

    def implies(self, wide: _Asked) -> bool:
        """Whether the other rule fires, in the same way, on every article that this one fires on,
        as far as can be seen part by part."""
        one, other = self.rule, wide.rule
        hears = (
            set(one.fields) <= set(other.fields)
            and other.feeds in (one.feeds, FeedFilter())
            and (
                not other.languages
                or (bool(one.languages) and set(one.languages) <= set(other.languages))
            )
        )
        return (
            self.alike == wide.alike
            and hears
            and all(
                part.form in self.forms or any(mine.stronger(part) for mine in self.parts)
                for part in wide.parts
            )
        )


def shadows(compiled: Sequence[CompiledRule]) -> Iterator[tuple[int, Fault]]:
    """(number of the rule, caution) for every enabled rule that never fires without another one
    that alerts in the same way."""
    first: dict[Hashable, int] = {}
    asked: dict[int, _Asked] = {}
    for number, rule in enumerate(compiled):
        if rule.rule.enabled:
            one = _Asked(rule)
            same = first.setdefault(one.form, number)
            if same == number:
                asked[number] = one
            else:
                yield number, _shadowed(compiled[same], "asks for the same")
    wider = _by_key(asked)
    for number, one in asked.items():
        keys = dict.fromkeys(key for leaf in one.leaves() for key in _narrow_keys(leaf))
        others = dict.fromkeys(other for key in keys for other in wider.get(key, ()))
        for other in sorted(islice(others, _MOST)):
            what = _relation(number, one, other, asked[other]) if other != number else None
            if what:
                yield number, _shadowed(compiled[other], what)
                break


def _relation(number: int, one: _Asked, other: int, wide: _Asked) -> str | None:
    """What a rule is to one that it implies."""
    if not one.implies(wide):
        return None
    if not wide.implies(one):
        return "fires wherever this rule does"
    return "asks for the same" if other < number else None


def _shadowed(wider: CompiledRule, what: str) -> Fault:
    error = QueryError(
        f"the rule {wider.rule.name} {what}, with the same severity and channels",
        0,
        "remove one of them, or give them different channels or severities",
    )
    return Fault("name", None, error)


def _by_key(asked: Mapping[int, _Asked]) -> dict[Hashable, list[int]]:
    """Each rule under the keys of one part that must hold, the one that the fewest rules share."""
    sharing: Counter[Hashable] = Counter()
    for one in asked.values():
        sharing.update({key for leaf in one.leaves() for key in _narrow_keys(leaf)})
    found: dict[Hashable, list[int]] = {}
    for number, one in asked.items():
        choices = [
            {key for leaf in part.alternatives.leaves for key in _wide_keys(leaf)}
            for part in one.parts
            if not part.excludes
        ]
        rarest = min(
            filter(None, choices), key=lambda keys: sum(map(sharing.__getitem__, keys)), default=()
        )
        for key in rarest:
            found.setdefault(key, []).append(number)
    return found


def _wide_keys(leaf: Leaf) -> Iterator[Hashable]:
    """What a leaf has in common with every leaf that it covers."""
    if isinstance(leaf, Term):
        yield leaf.words
    elif isinstance(leaf, InPlace):
        yield from leaf.ids
    else:
        yield canonical(leaf)


def _narrow_keys(leaf: Leaf) -> Iterator[Hashable]:
    """What a leaf has in common with the leaves that cover it."""
    if isinstance(leaf, Term):
        yield leaf.words
        for word in leaf.words:
            yield (word,)
            yield (word.removeprefix(ARTICLE),)
    elif isinstance(leaf, InPlace):
        yield min(leaf.ids)
    else:
        yield canonical(leaf)
