"""Why each rule does or does not match an article, clause by clause, in sentences.

It asks the same questions as matching does (verdict), so the two never disagree. This module must
decide nothing itself and print nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.core.rules.compiled import Clause, CompiledRule
from monitor.core.rules.hearing import Hearing
from monitor.core.rules.matcher import RuleSet
from monitor.core.rules.telling import told
from monitor.core.rules.tree import And, Node, Not, Within
from monitor.core.rules.verdict import (
    Scope,
    admits,
    fires,
    holds,
    inside,
    outside,
    scope_of,
    spans,
    speaks,
)
from monitor.core.text.lexicon import Lexicon
from monitor.model import Article, ClauseResult, Explanation, FeedFilter, Rule, RuleExplanation

_DEFAULT_FIELDS = ("title", "text")
_OF_FEEDS = ("name", "category", "language")


def explain(ruleset: RuleSet, article: Article) -> Explanation:
    """Every clause of every rule, true or false and why, and every place heard."""
    hearing = ruleset.hear(article)
    return Explanation(_rules(ruleset, hearing), hearing.readings, hearing.language)


def explain_rules(ruleset: RuleSet, article: Article) -> tuple[RuleExplanation, ...]:
    """The same of the rules alone: no place is listened for that none of them asks for."""
    return _rules(ruleset, ruleset.hear(article))


def _rules(ruleset: RuleSet, hearing: Hearing) -> tuple[RuleExplanation, ...]:
    lexicon = ruleset.lexicon
    return tuple(
        RuleExplanation(
            rule.rule.name, fires(rule, hearing), tuple(_clauses(rule, hearing, lexicon))
        )
        for rule in ruleset.compiled
    )


def _clauses(compiled: CompiledRule, hearing: Hearing, lexicon: Lexicon) -> Iterator[ClauseResult]:
    rule = compiled.rule
    if not rule.enabled:
        yield ClauseResult("enabled: false", False, (), "the rule is switched off")
    if rule.fields != _DEFAULT_FIELDS:
        yield _fields(rule)
    for clause in compiled.clauses:
        yield _clause(clause, rule, hearing, lexicon)
    if rule.languages:
        yield _language(rule, hearing)
    if rule.feeds != FeedFilter():
        yield _feeds(rule, hearing)


def _clause(clause: Clause, rule: Rule, hearing: Hearing, lexicon: Lexicon) -> ClauseResult:
    scope = scope_of(rule)
    matched = holds(clause.node, hearing, scope)
    shown, where, always = clause.node, scope, False
    if isinstance(shown, Not):
        shown, where, always = shown.part, outside(scope), True
    found = tuple(sorted(set(spans(shown, hearing, where)))) if matched or always else ()
    said = tuple(told(shown, hearing, where, lexicon))
    reason = "; ".join(each.sentence for each in said)
    lacks = 0 if matched else _lacks(clause.node, hearing, scope)
    return ClauseResult(f"{clause.key}: {clause.label}", matched, found, reason, said, lacks)


def _lacks(node: Node, hearing: Hearing, scope: Scope) -> int:
    """How many of the things that a tree asks for together do not hold."""
    if isinstance(node, And):
        return sum(_lacks(part, hearing, scope) for part in node.parts)
    if isinstance(node, Within):
        return _lacks(node.part, hearing, inside(node))
    return int(not holds(node, hearing, scope))


def _fields(rule: Rule) -> ClauseResult:
    names = ", ".join(rule.fields)
    return ClauseResult(f"fields: {names}", True, (), f"words are looked for in {names} only")


def _language(rule: Rule, hearing: Hearing) -> ClauseResult:
    wanted, language = ", ".join(rule.languages), hearing.detected
    reason = f"the article is in {language}"
    if language is None:
        reason = "the language of its words cannot be told, so the limit is taken as met"
    return ClauseResult(f"language: {wanted}", speaks(rule, hearing), (), reason)


def _feeds(rule: Rule, hearing: Hearing) -> ClauseResult:
    wanted, feed = rule.feeds, hearing.article.feed
    asked = "; ".join(
        f"{key} {', '.join(names)}"
        for key, names in zip(
            _OF_FEEDS, (wanted.names, wanted.categories, wanted.languages), strict=True
        )
        if names
    )
    reason = "the article's feed is unknown, so the filter is taken as met"
    if feed is not None:
        known = zip(_OF_FEEDS, (feed.name, feed.category, feed.language), strict=True)
        named = ", ".join(f"{key} {value or 'unknown'}" for key, value in known)
        reason = f"the article came from a feed with {named}"
    return ClauseResult(f"feeds: {asked}", admits(wanted, feed), (), reason)
