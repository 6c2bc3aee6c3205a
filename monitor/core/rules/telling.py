"""What was heard of each part of a rule, as sentences: found where, or not, and what came close.

This module must decide nothing itself (see verdict) and print nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from monitor.core.places.sense import ACCEPTED, STRICT
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
from monitor.model import Evidence, Heard, PlaceReading, Said, Sense, Span

_SHOWN: Final = 12  # derived forms
_COMPARED: Final = 100  # hits of either side
_OF_THE_NAME: Final = frozenset({"doubtful", "seldom_place", "often_place"})


def told(node: Node, hearing: Hearing, scope: Scope, lexicon: Lexicon) -> Iterator[Said]:
    """What was heard of each word, phrase, place and operator of a tree."""
    match node:
        case Term() | InPlace() | Pattern():
            yield _told_leaf(node, hearing, scope, lexicon)
        case Not(part=part):
            yield from map(_denied, told(part, hearing, outside(scope), lexicon))
        case Within(part=part):
            yield from told(part, hearing, inside(node), lexicon)
        case Near() | Gapped() | Count():
            yield _told_operator(node, hearing, scope)
    if isinstance(node, And | Or | Near | Gapped | Count):
        for part in parts_of(node):
            yield from told(part, hearing, scope, lexicon)


def _denied(said: Said) -> Said:
    """The same of a part that must not be there."""
    heard = Heard.DOUBTED if said.heard is Heard.FOUND else Heard.FOUND
    return Said(f"NOT {said.label}", heard, f"NOT {said.sentence}")


def _told_leaf(leaf: Leaf, hearing: Hearing, scope: Scope, lexicon: Lexicon) -> Said:
    if isinstance(leaf, Term):
        return _told_word(leaf, hearing, scope, lexicon)
    if isinstance(leaf, InPlace):
        return _told_place(leaf, hearing, scope)
    return _told_pattern(leaf, hearing, scope)


def _told_word(term: Term, hearing: Hearing, scope: Scope, lexicon: Lexicon) -> Said:
    label = term.label
    found = list(map(hearing.span, hearing.of_term(term, scope.fields)))
    if found:
        heard = _heard(term, hearing, found[0])
        told = f"{label}: found {_times(len(found))}, at {_where(found[0])}{heard}"
        return Said(label, Heard.FOUND, told)
    elsewhere = next(map(hearing.span, hearing.of_term(term, ALL_FIELDS)), None)
    if elsewhere:
        told = f"{label}: found only at {_where(elsewhere)}, and looked for in {_in(scope)}"
        return Said(label, Heard.CLOSE, told)
    if term.mode is Mode.FORMS:
        forms = forms_of(term, lexicon)
        shown = ", ".join([form for form in forms if lexicon.zipf(form)][:_SHOWN] or forms[:_SHOWN])
        told = f"{label}: neither it nor a form of it found ({shown} …)"
        return Said(label, Heard.MISSING, told)
    miss = near_miss(term, hearing, lexicon)
    return Said(label, Heard.CLOSE if miss else Heard.MISSING, f"{label}: not found{miss}")


def _heard(term: Term, hearing: Hearing, span: Span) -> str:
    """As what a derived word was found, where it is not the word as written."""
    if term.mode is not Mode.FORMS:
        return ""
    return f", as {hearing.text(span)}"


def forms_of(term: Term, lexicon: Lexicon) -> tuple[str, ...]:
    """The derived forms that a term finds, the commonest first."""
    every = dict.fromkeys(form for forms in term.forms for form in forms)
    return tuple(sorted(every, key=lambda form: -lexicon.zipf(form)))


def _told_operator(node: Near | Gapped | Count, hearing: Hearing, scope: Scope) -> Said:
    if holds(node, hearing, scope):
        return Said(node.label, Heard.FOUND, f"{node.label}: holds")
    if any(not holds(part, hearing, scope) for part in parts_of(node)):
        return Said(node.label, Heard.MISSING, f"{node.label}: not all of it is there")
    told = f"{node.label}: {_why_not(node, hearing, scope)}"
    return Said(node.label, Heard.CLOSE, told)


def _why_not(node: Near | Gapped | Count, hearing: Hearing, scope: Scope) -> str:
    """Of an operator all of whose parts are there."""
    if isinstance(node, Count):
        return "found less often"
    if isinstance(node, Gapped):
        return "all of it is there, but too far apart, or in another order"
    return _how_far(node, hearing, scope)


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


def _told_pattern(wanted: Pattern, hearing: Hearing, scope: Scope) -> Said:
    label = wanted.label
    if found := list(hearing.of_pattern(wanted, scope.fields)):
        told = f"{label}: found {_times(len(found))}, at {_where(found[0])}"
        return Said(label, Heard.FOUND, told)
    told = f"{label}: finds nothing in the raw text of {_in(scope)}"
    return Said(label, Heard.MISSING, told)


def _told_place(wanted: InPlace, hearing: Hearing, scope: Scope) -> Said:
    label, heard = wanted.label, hearing.heard(wanted)
    if not heard:
        inside = len(wanted.ids) > 1
        told = f"neither {label} nor a place in it is named" if inside else f"{label} is not named"
        return Said(label, Heard.MISSING, told)
    accepted = hearing.accepted(wanted)
    if scope.limited:
        limited = [reading for reading in accepted if reading.span.field in scope.fields]
        if accepted and not limited:
            return Said(label, Heard.DOUBTED, f"{label}: heard, but not in {_in(scope)}")
        accepted = limited
    first = max(accepted or heard, key=lambda reading: reading.score)
    taken = "taken" if accepted else "not taken"
    inner = f" in {label}" if fold(first.place) != fold(label) else ""
    place = f"{first.place}{inner}: heard at {_where(first.span)}"
    why = f"{place}, {taken} for the place: {_why(first, wanted, taken=bool(accepted))}"
    return Said(label, Heard.FOUND if accepted else Heard.DOUBTED, why)


def _why(reading: PlaceReading, wanted: InPlace, *, taken: bool) -> str:
    """The two reasons that weigh most on the side that won; what the name is, only alone."""
    if taken and wanted.sense is Sense.ANY:
        return "sense: any takes every hit of the name"
    if not taken and reading.score >= ACCEPTED:
        if reading.ids.isdisjoint(wanted.ids):
            return f"another place of that name is meant, {reading.id}"
        if reading.score < STRICT and wanted.sense is Sense.STRICT:
            return f"sense: strict asks for {STRICT}, and its score is {reading.score}"
        return "it is spelled with another ة ؤ ئ, which counts with loose: true"
    side = 1 if taken else -1
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


_SENTENCES: Final = {
    "unambiguous": "{} has no other sense",
    "doubtful": "{} has other senses, and too little here speaks for the place",
    "seldom_place": "{} is seldom the place",
    "often_place": "{} is often the place",
    "head_before": "{} before it",
    "heads_before": "{} before it",
    "direction_before": "{} before it",
    "site_before": "{} before it",
    "belonging": "{} before it",
    "verb_before": "{} before it",
    "preposition_before": "{} before it",
    "head_of_list": "{} before the names in a row",
    "title_before": "{} before it: it may be a person",
    "first_name_before": "{} before it: it may be a person",
    "name_part_before": "{} before it is part of a person's name",
    "club_before": "{} before it: it may be a club",
    "number_before": "{} before it",
    "particle_before": "{} before it",
    "definite_before_definite": "it may describe {} before it",
    "noun_before_definite": "it may belong to {} before it",
    "noun_before_bare": "it may describe {} before it",
    "definite_before_bare": "it may describe {} before it",
    "dateline": "{} opens the text as a dateline does",
    "hashtag": "it is a hashtag",
    "beside_place": "{} beside it",
    "country_after": "{} after it",
    "other_country_after": "{} after it is another country's",
    "ordinal_after": "{} after it counts it",
    "direction_after": "{} after it",
    "apposition_after": "{} after it",
    "definite_after_definite": "{} after it may describe it",
    "definite_after_bare": "{} after it may belong to it",
    "sport_alone": "the article is about sport ({}), and nothing beside it says that it is no club",
    "war_near": "{} near it",
    "tanwin": "{} is written with tanwin",
    "commoner_form": "{} is a commoner word",
    "other_hamza": "{} is written with another hamza",
    "person_before": "it may describe {} before it",
    "predicate_before": "it may describe {} before it",
    "person_alone": "nothing beside it says that {} is the place",
    "he_after": "{} after it speaks of a man or a club",
    "she_after": "{} after it speaks of a town",
    "disagreeing_before": "{} before it governs it",
    "thing_before": "{} before it governs it",
    "belonging_after": "{} after it",
    "other_topic": "{} in the article is about its other meaning",
    "town_spoken_of": "the article speaks of a town: {}",
    "telling_elsewhere": "{} before it elsewhere in the article",
    "places_in_sentence": "{} in the same sentence",
    "places_in_article": "the article names {} too",
    "country_in_sentence": "{} in the same sentence",
    "country_in_article": "the article names {}",
    "share_of_country": "the article is about {}",
    "other_country": "the article is about another country: {}",
    "container_named": "the article names {}, which contains it",
    "place_near": "the article names {}, which is near it",
}
