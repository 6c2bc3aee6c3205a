"""What was heard of each part of a rule, as sentences: found where, or not, and what came close.

This module must decide nothing itself (see verdict) and print nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from monitor.core.places.sense import ACCEPTED
from monitor.core.rules.hearing import ALL_FIELDS, Hearing
from monitor.core.rules.near_miss import near_miss
from monitor.core.rules.positions import hits
from monitor.core.rules.tree import (
    And,
    Count,
    Gapped,
    InPlace,
    Leaf,
    Mode,
    Near,
    Node,
    Not,
    Or,
    Pattern,
    Term,
    Within,
    parts_of,
)
from monitor.core.rules.verdict import Scope, holds, inside, outside
from monitor.core.text.lexicon import Lexicon
from monitor.core.text.normalise import fold
from monitor.model import Evidence, PlaceReading, Span

_SHOWN: Final = 12  # derived forms
_COMPARED: Final = 100  # hits of either side
_OF_THE_NAME: Final = frozenset({"doubtful", "seldom_place", "often_place"})


def told(node: Node, hearing: Hearing, scope: Scope, lexicon: Lexicon) -> Iterator[str]:
    """What was heard of each word, phrase, place and operator of a tree, as sentences."""
    match node:
        case Term() | InPlace() | Pattern():
            yield _told_leaf(node, hearing, scope, lexicon)
        case Not(part=part):
            yield from (f"NOT {said}" for said in told(part, hearing, outside(scope), lexicon))
        case Within(part=part):
            yield from told(part, hearing, inside(node), lexicon)
        case Near() | Gapped() | Count():
            yield _told_operator(node, hearing, scope)
    if isinstance(node, And | Or | Near | Gapped | Count):
        for part in parts_of(node):
            yield from told(part, hearing, scope, lexicon)


def _told_leaf(leaf: Leaf, hearing: Hearing, scope: Scope, lexicon: Lexicon) -> str:
    if isinstance(leaf, Term):
        return _told_word(leaf, hearing, scope, lexicon)
    if isinstance(leaf, InPlace):
        return _told_place(leaf, hearing, scope)
    return _told_pattern(leaf, hearing, scope)


def _told_word(term: Term, hearing: Hearing, scope: Scope, lexicon: Lexicon) -> str:
    found = list(map(hearing.span, hearing.of_term(term, scope.fields)))
    if found:
        heard = _heard(term, hearing, found[0])
        return f"{term.label}: found {_times(len(found))}, at {_where(found[0])}{heard}"
    elsewhere = next(map(hearing.span, hearing.of_term(term, ALL_FIELDS)), None)
    if elsewhere:
        return f"{term.label}: found only at {_where(elsewhere)}, and looked for in {_in(scope)}"
    if term.mode is Mode.FORMS:
        forms = forms_of(term, lexicon)
        shown = ", ".join([form for form in forms if lexicon.zipf(form)][:_SHOWN] or forms[:_SHOWN])
        return f"{term.label}: neither it nor a form of it found ({shown} …)"
    return f"{term.label}: not found{near_miss(term, hearing, lexicon)}"


def _heard(term: Term, hearing: Hearing, span: Span) -> str:
    """As what a derived word was found, where it is not the word as written."""
    if term.mode is not Mode.FORMS:
        return ""
    return f", as {hearing.text(span)}"


def forms_of(term: Term, lexicon: Lexicon) -> tuple[str, ...]:
    """The derived forms that a term finds, the commonest first."""
    every = dict.fromkeys(form for forms in term.forms for form in forms)
    return tuple(sorted(every, key=lambda form: -lexicon.zipf(form)))


def _told_operator(node: Near | Gapped | Count, hearing: Hearing, scope: Scope) -> str:
    if holds(node, hearing, scope):
        return f"{node.label}: holds"
    missing = [part for part in parts_of(node) if not holds(part, hearing, scope)]
    if missing:
        return f"{node.label}: not all of it is there"
    if isinstance(node, Count):
        return f"{node.label}: found less often"
    if isinstance(node, Gapped):
        return f"{node.label}: all of it is there, but too far apart, or in another order"
    return f"{node.label}: {_how_far(node, hearing, scope)}"


def _how_far(node: Near, hearing: Hearing, scope: Scope) -> str:
    """How far apart the two sides are that should be near."""
    lefts, rights = (
        list(islice(hits(side, hearing, scope.fields), _COMPARED))
        for side in (node.left, node.right)
    )
    apart = [
        max(right.first - left.end, left.first - right.end)
        for left in lefts
        for right in rights
        if left.passage == right.passage
        and (right.first >= left.end or (right.end <= left.first and not node.ordered))
    ]
    order = ", in this order" if node.ordered else ""
    if apart:
        return f"the nearest have {min(apart)} words between them{order}"
    return f"both are there, but not in one field{order}"


def _told_pattern(wanted: Pattern, hearing: Hearing, scope: Scope) -> str:
    found = list(hearing.of_pattern(wanted, scope.fields))
    if found:
        return f"{wanted.label}: found {_times(len(found))}, at {_where(found[0])}"
    return f"{wanted.label}: finds nothing in the raw text of {_in(scope)}"


def _told_place(wanted: InPlace, hearing: Hearing, scope: Scope) -> str:
    heard = [reading for reading in hearing.readings if reading.id in wanted.ids]
    if not heard and len(wanted.ids) > 1:
        return f"neither {wanted.label} nor a place in it is named"
    if not heard:
        return f"{wanted.label} is not named"
    accepted = hearing.accepted(wanted.ids)
    if scope.limited:
        limited = [reading for reading in accepted if reading.span.field in scope.fields]
        if accepted and not limited:
            return f"{wanted.label}: heard, but not in {_in(scope)}"
        accepted = limited
    first = (accepted or heard)[0]
    taken = "taken" if accepted else "not taken"
    inner = f" in {wanted.label}" if fold(first.place) != fold(wanted.label) else ""
    place = f"{first.place}{inner}: heard at {_where(first.span)}"
    return f"{place}, {taken} for the place: {_why(first)}"


def _why(reading: PlaceReading) -> str:
    """The two reasons that weigh most on the side that won; what the name is, only alone."""
    side = 1 if reading.score >= ACCEPTED else -1
    told = [item for item in reading.evidence if item.weight * side > 0]
    told.sort(key=lambda item: -abs(item.weight))
    found = [item for item in told if item.what not in _OF_THE_NAME] or told[:1]
    return "; ".join(map(_sentence, found[:2])) or "nothing speaks against it"


def _sentence(item: Evidence) -> str:
    return _SENTENCES[item.what].format(item.text)


def _in(scope: Scope) -> str:
    return " and ".join(scope.fields)


def _where(span: Span) -> str:
    return f"{span.field} {span.start}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


_SENTENCES = {
    "unambiguous": "{} has no other sense",
    "doubtful": "{} has other senses, and too little here speaks for the place",
    "seldom_place": "{} is seldom the place",
    "often_place": "{} is often the place",
    "word_before": "{} before it",
    "word_before_elsewhere": "{} before it elsewhere in the article",
    "place_of": "{} before it",
    "verb_before": "{} before it",
    "preposition_before": "{} before it",
    "definite_before": "it may describe {} before it",
    "feminine_pair": "it may describe {} before it",
    "definite_after": "{} after it may describe it",
    "country_after": "{} after it",
    "opens_text": "{} opens the text as a dateline does",
    "hashtag": "it is a hashtag",
    "sport_near": "{} near it: it may be a club",
    "common_word": "{} is a commoner word",
    "other_hamza": "{} is written with another hamza",
    "direction_before": "{} before it",
    "beside_place": "{} beside it",
    "same_country": "the article names {} too",
    "one_of_same_country": "the article names {} too",
    "country_named": "the article names {}",
    "person_before": "{} before it",
    "predicate_before": "{} before it",
    "name_before": "{} before it is part of a person's name",
    "tanwin": "{} is written with tanwin",
}
