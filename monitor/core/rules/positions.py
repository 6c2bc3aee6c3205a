"""Where in an article a part of a query stands, for the operators that count words.

NEAR, ONEAR, "a b"~n and count() work on hits: stretches of words in one field. This module must
not decide whether a rule fires: see verdict.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import Final, NamedTuple

from monitor.core.rules.hearing import Hearing
from monitor.core.rules.needles import Sighting
from monitor.core.rules.tree import Gapped, InPlace, Near, Node, Term, Within, parts_of

# The stretches that one operator hands to another around it, all of them or, of so many hits, a few
# each: a text made to be slow ends there.
_MOST: Final = 10_000
_MOST_LEFT: Final = 50_000
_FEW: Final = 3

FIELDS: Final = {
    "title": ("title",),
    "text": ("text",),
    "author": ("author",),
    "category": ("category", "feed_category"),
    "feed": ("feed",),
}


class Hit(NamedTuple):
    """A stretch of words first..end-1 of a passage, and the sightings that it rests on."""

    passage: int
    first: int
    end: int
    sightings: tuple[Sighting, ...]


def hits(node: Node, hearing: Hearing, fields: Collection[str]) -> Iterator[Hit]:
    """Every stretch at which a word, phrase, place, or what is near another stands, in order of
    passage and first word. The query language admits no other nodes here."""
    match node:
        case Term():
            yield from map(_alone, hearing.of_term(node, fields))
        case InPlace():
            yield from map(_alone, hearing.of_place(node, fields))
        case Within(field=field, part=part):
            yield from hits(part, hearing, FIELDS[field])
        case Gapped():
            yield from gapped(node, hearing, fields)
        case Near():
            yield from _stretches(node, hearing, fields)
        case _:
            each = (hits(part, hearing, fields) for part in parts_of(node))
            yield from _distinct(merge(*each))


def near(node: Near, hearing: Hearing, fields: Collection[str]) -> Iterator[Hit]:
    """Every pair of hits of both sides that are near enough, as one stretch."""
    yield from _pairs(node, *_sides(node, hearing, fields))


def _sides(node: Near, hearing: Hearing, fields: Collection[str]) -> tuple[list[Hit], list[Hit]]:
    rights = list(hits(node.right, hearing, fields))
    return (list(hits(node.left, hearing, fields)) if rights else []), rights


def _pairs(node: Near, lefts: Iterable[Hit], rights: Sequence[Hit]) -> Iterator[Hit]:
    longest = _longest(rights)
    for left in lefts:
        start, stop = _reach(node, left, rights, longest)
        yield from _with(node, left, islice(rights, start, stop))


def _stretches(node: Near, hearing: Hearing, fields: Collection[str]) -> list[Hit]:
    """The stretches of `near`, in order, for an operator around it: of those alike one. Where a
    text holds very many, of each hit only those with the nearest and the farthest, and of these the
    shortest from and to each word: what else there is begins and ends with others."""
    lefts, rights = _sides(node, hearing, fields)
    found = list(islice(_pairs(node, lefts, rights), _MOST + 1))
    if len(found) > _MOST:
        found = _shortest(hit for left in lefts[:_MOST_LEFT] for hit in _few(node, left, rights))
    return sorted({hit[:3]: hit for hit in found}.values())


def _shortest(found: Iterable[Hit]) -> list[Hit]:
    """For each word the shortest stretch that begins with it, and the shortest that ends so."""
    by_edge: dict[tuple[int, int, bool], Hit] = {}
    for hit in found:
        for edge in ((hit.passage, hit.first, True), (hit.passage, hit.end, False)):
            known = by_edge.setdefault(edge, hit)
            if hit.end - hit.first < known.end - known.first:
                by_edge[edge] = hit
    return list(by_edge.values())


def _few(node: Near, left: Hit, rights: Sequence[Hit]) -> Iterator[Hit]:
    start, stop = _reach(node, left, rights, node.distance)
    beside = bisect_left(rights, (left.passage, left.first), start, stop)
    ends = [(start, start + _FEW), (beside - _FEW, beside + _FEW), (stop - _FEW, stop)]
    chosen = {at for a, b in ends for at in range(max(a, start), min(b, stop))}
    yield from _with(node, left, [rights[at] for at in sorted(chosen)])


def _reach(node: Near, left: Hit, rights: Sequence[Hit], longest: int) -> tuple[int, int]:
    """(start, stop) of the hits of the right side, in order, that may be near enough to one of the
    left; `longest`: words of the longest of them."""
    earliest = left.end if node.ordered else left.first - node.distance - longest
    start = bisect_left(rights, (left.passage, earliest))
    return start, bisect_left(rights, (left.passage, left.end + node.distance + 1), start)


def _longest(found: Iterable[Hit]) -> int:
    return max((hit.end - hit.first for hit in found), default=0)


def _with(node: Near, left: Hit, rights: Iterable[Hit]) -> Iterator[Hit]:
    """The stretches of one hit of the left side with those of the right that are near enough."""
    for right in rights:
        if _between(left, right) <= node.distance and not _overlap(left, right):
            yield _joined(left, right)


def gapped(node: Gapped, hearing: Hearing, fields: Collection[str]) -> Iterator[Hit]:
    """Every first word with the nearest others behind it, in order, where not too many words
    stand between them."""
    first, *others = [list(hits(word, hearing, fields)) for word in node.words]
    for begun in first:
        hit: Hit | None = begun
        for following in others:
            hit = hit and _extended(hit, following)
        if hit and (hit.end - hit.first) - _words(hit) <= node.gap:
            yield hit


def _extended(hit: Hit, following: list[Hit]) -> Hit | None:
    """A stretch up to the next of these hits behind it in its passage."""
    at = bisect_left(following, (hit.passage, hit.end))
    if at < len(following) and following[at].passage == hit.passage:
        return _joined(hit, following[at])
    return None


def _alone(sighting: Sighting) -> Hit:
    return Hit(sighting.passage, sighting.first, sighting.end, (sighting,))


def _joined(left: Hit, right: Hit) -> Hit:
    first, end = min(left.first, right.first), max(left.end, right.end)
    return Hit(left.passage, first, end, left.sightings + right.sightings)


def _overlap(left: Hit, right: Hit) -> bool:
    return left.first < right.end and right.first < left.end


def _between(left: Hit, right: Hit) -> int:
    """How many words stand between two hits; negative where they overlap."""
    return max(right.first - left.end, left.first - right.end)


def _words(hit: Hit) -> int:
    return sum(sighting.end - sighting.first for sighting in hit.sightings)


def _distinct(found: Iterable[Hit]) -> Iterator[Hit]:
    last = None
    for hit in found:
        if hit[:3] != last:
            yield hit
        last = hit[:3]
