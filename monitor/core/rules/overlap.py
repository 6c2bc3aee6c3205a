"""Which rules mostly match the same articles. This module must not match anything itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import permutations
from typing import Final, NamedTuple

_LEAST: Final = 5  # articles of a rule: of fewer it is chance
_SHARE: Final = 0.8
_MOST_TOGETHER: Final = 50  # rules on one article: who has more, has them from a list of names


class Overlap(NamedTuple):
    """So many of the articles that `rule` matched were matched by `other` as well."""

    rule: str
    other: str
    share: float


def overlaps(hits: Iterable[tuple[str, int]]) -> list[Overlap]:
    """Pairs of rules of which one hardly matches without the other, from (rule, article) pairs; the
    closest first."""
    by_article: defaultdict[int, set[str]] = defaultdict(set)
    for rule, article in hits:
        by_article[article].add(rule)
    alone = Counter(rule for rules in by_article.values() for rule in rules)
    together = Counter(
        pair
        for rules in by_article.values()
        if len(rules) <= _MOST_TOGETHER
        for pair in permutations(rules, 2)
    )
    found = [
        Overlap(rule, other, count / alone[rule])
        for (rule, other), count in together.items()
        if alone[rule] >= _LEAST and count >= _SHARE * alone[rule]
    ]
    return sorted(found, key=lambda each: (-each.share, each.rule, each.other))
