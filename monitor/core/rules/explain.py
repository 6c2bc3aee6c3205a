"""Why each rule does or does not match an article, clause by clause, in sentences.

It asks the same questions as matching does (verdict), so the two never disagree. This module must
decide nothing itself and print nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.core.places.sense import ACCEPTED
from monitor.core.rules.compiled import Clause, CompiledRule
from monitor.core.rules.hearing import EVERYWHERE, Hearing
from monitor.core.rules.matcher import RuleSet
from monitor.core.rules.tree import InPlace, Leaf, Not, Term, leaves
from monitor.core.rules.verdict import admits, fires, holds, spans
from monitor.model import (
    Article,
    ClauseResult,
    Evidence,
    Explanation,
    FeedFilter,
    PlaceReading,
    Rule,
    RuleExplanation,
    Span,
)

_OF_THE_NAME = frozenset({"doubtful", "seldom_place", "often_place"})
_DEFAULT_FIELDS = ("title", "text")


def explain(ruleset: RuleSet, article: Article) -> Explanation:
    """Every clause of every rule, true or false and why, and every place heard."""
    hearing = ruleset.hear(article)
    rules = tuple(
        RuleExplanation(rule.rule.name, fires(rule, hearing), tuple(_clauses(rule, hearing)))
        for rule in ruleset.compiled
    )
    return Explanation(rules, hearing.readings)


def _clauses(compiled: CompiledRule, hearing: Hearing) -> Iterator[ClauseResult]:
    rule = compiled.rule
    if not rule.enabled:
        yield ClauseResult("enabled: false", False, (), "the rule is switched off")
    if rule.fields != _DEFAULT_FIELDS:
        yield _fields(rule)
    for clause in compiled.clauses:
        yield _clause(clause, rule, hearing)
    if rule.feeds != FeedFilter():
        yield _feeds(rule, hearing)


def _clause(clause: Clause, rule: Rule, hearing: Hearing) -> ClauseResult:
    matched = holds(clause.node, hearing, rule.fields)
    if isinstance(clause.node, Not):
        found = tuple(sorted(set(spans(clause.node.part, hearing, EVERYWHERE))))
        told = [_told(leaf, hearing, EVERYWHERE) for leaf in leaves(clause.node.part)]
    else:
        found = tuple(sorted(set(spans(clause.node, hearing, rule.fields))))
        told = [_told(leaf, hearing, rule.fields) for leaf in leaves(clause.node)]
        found = found if matched else ()
    return ClauseResult(f"{clause.key}: {clause.label}", matched, found, "; ".join(told))


def _told(leaf: Leaf, hearing: Hearing, fields: tuple[str, ...]) -> str:
    """What was heard of one word, phrase or place, as a sentence."""
    return (
        _told_word(leaf, hearing, fields) if isinstance(leaf, Term) else _told_place(leaf, hearing)
    )


def _told_word(term: Term, hearing: Hearing, fields: tuple[str, ...]) -> str:
    found = hearing.spans(term, fields)
    if found:
        return f"{term.label}: found {_times(len(found))}, at {_where(found[0])}"
    elsewhere = hearing.spans(term, EVERYWHERE)
    if elsewhere:
        return (
            f"{term.label}: found only at {_where(elsewhere[0])},"
            f" and the rule looks in {' and '.join(fields)}"
        )
    return f"{term.label}: not found"


def _told_place(wanted: InPlace, hearing: Hearing) -> str:
    heard = [reading for reading in hearing.readings if reading.id in wanted.ids]
    if not heard:
        return f"no place of {wanted.label} is named"
    accepted = hearing.accepted(wanted.ids)
    if accepted:
        first = accepted[0]
        return f"{first.place}: heard at {_where(first.span)}, taken for the place: {_why(first)}"
    first = heard[0]
    return f"{first.place}: heard at {_where(first.span)}, not taken for the place: {_why(first)}"


def _why(reading: PlaceReading) -> str:
    """The two reasons that weigh most on the side that won; what the name is, only alone."""
    side = 1 if reading.score >= ACCEPTED else -1
    told = [item for item in reading.evidence if item.weight * side > 0]
    told.sort(key=lambda item: -abs(item.weight))
    found = [item for item in told if item.what not in _OF_THE_NAME] or told[:1]
    return "; ".join(map(_sentence, found[:2])) or "nothing speaks against it"


def _sentence(item: Evidence) -> str:
    return _SENTENCES[item.what].format(item.text)


def _fields(rule: Rule) -> ClauseResult:
    names = ", ".join(rule.fields)
    return ClauseResult(f"fields: {names}", True, (), f"words are looked for in {names} only")


def _feeds(rule: Rule, hearing: Hearing) -> ClauseResult:
    wanted, feed = rule.feeds, hearing.article.feed
    asked = ", ".join((*wanted.names, *wanted.categories, *wanted.languages))
    if feed is None:
        reason = "the article's feed is unknown, so the filter is taken as met"
    else:
        named = f"{feed.name}, category {feed.category}, language {feed.language}"
        reason = f"the article came from {named}"
    return ClauseResult(f"feeds: {asked}", admits(wanted, feed), (), reason)


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
