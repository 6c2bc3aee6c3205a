"""Rules that another rule makes needless: it fires wherever they do, and alerts in the same way.

Of each rule only one part that must hold, the one that the fewest rules share, leads to the rules
that may imply it, so that all rules together are compared in about linear time. This module must
look at no article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from itertools import islice
from typing import Final

from monitor.core.rules.compiled import CompiledRule
from monitor.core.rules.implied import any_of, canonical, required, stronger
from monitor.core.rules.lint import Fault
from monitor.core.rules.tree import InPlace, Leaf, Node, Term
from monitor.core.text.clitics import ARTICLE
from monitor.errors import QueryError
from monitor.model import FeedFilter

_MOST: Final = 1000  # other rules that one rule is compared with


def shadows(compiled: Sequence[CompiledRule]) -> Iterator[tuple[int, Fault]]:
    """(number of the rule, caution) for every enabled rule that never fires without another one
    that alerts in the same way."""
    first: dict[Hashable, int] = {}
    distinct: list[int] = []
    for number, rule in enumerate(compiled):
        if rule.rule.enabled:
            same = first.setdefault(_form(rule), number)
            if same == number:
                distinct.append(number)
            else:
                yield number, _shadowed(compiled[same], "asks for the same")
    wider = _by_key(compiled, distinct)
    for number in distinct:
        keys = {key for leaf in _asked(compiled[number]) for key in _narrow_keys(leaf)}
        others = dict.fromkeys(other for key in keys for other in wider.get(key, ()))
        fault = _first_shadow(compiled, number, list(islice(others, _MOST)))
        if fault:
            yield number, fault


def _first_shadow(compiled: Sequence[CompiledRule], number: int, others: list[int]) -> Fault | None:
    rule = compiled[number]
    for other in sorted(others):
        if other == number or not _implies(rule, compiled[other]):
            continue
        if not _implies(compiled[other], rule):
            return _shadowed(compiled[other], "fires wherever this rule does")
        if other < number:
            return _shadowed(compiled[other], "asks for the same")
    return None


def _shadowed(wider: CompiledRule, what: str) -> Fault:
    error = QueryError(
        f"the rule {wider.rule.name} {what}, with the same severity and channels",
        0,
        "remove one of them, or give them different channels or severities",
    )
    return Fault("name", None, error)


def _parts(rule: CompiledRule) -> list[Node]:
    return [part for clause in rule.clauses for part in required(clause.node)]


def _asked(rule: CompiledRule) -> Iterator[Leaf]:
    for part in _parts(rule):
        yield from any_of(part)


def _alike(rule: CompiledRule) -> Hashable:
    return (rule.rule.severity, rule.rule.channels, rule.rule.on_change)


def _form(rule: CompiledRule) -> Hashable:
    """Equal where two rules ask for the same of the same articles."""
    own = rule.rule
    hears = (frozenset(own.fields), own.feeds, frozenset(own.languages))
    return (_alike(rule), hears, frozenset(map(canonical, _parts(rule))))


def _by_key(compiled: Sequence[CompiledRule], numbers: Sequence[int]) -> dict[Hashable, list[int]]:
    """Each rule under the keys of one part that must hold, the one that the fewest rules share."""
    sharing: Counter[Hashable] = Counter()
    for number in numbers:
        sharing.update({key for leaf in _asked(compiled[number]) for key in _narrow_keys(leaf)})
    found: dict[Hashable, list[int]] = {}
    for number in numbers:
        choices = [
            {key for leaf in any_of(part) for key in _wide_keys(leaf)}
            for part in _parts(compiled[number])
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


def _implies(narrow: CompiledRule, wide: CompiledRule) -> bool:
    """Whether the second rule fires, in the same way, on every article that the first fires on, as
    far as can be seen clause by clause."""
    one, other = narrow.rule, wide.rule
    hears = (
        set(one.fields) <= set(other.fields)
        and other.feeds in (one.feeds, FeedFilter())
        and (not other.languages or (one.languages and set(one.languages) <= set(other.languages)))
    )
    if _alike(narrow) != _alike(wide) or not hears:
        return False
    asked = _parts(narrow)
    return all(any(stronger(part, node) for part in asked) for node in _parts(wide))
