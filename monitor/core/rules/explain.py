"""Why each rule does or does not match an article, clause by clause, in sentences.

It asks the same questions as matching does (verdict), so the two never disagree. This module must
decide nothing itself and print nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.core.rules.compiled import Clause, CompiledRule
from monitor.core.rules.hearing import Hearing
from monitor.core.rules.matcher import RuleSet
from monitor.core.rules.telling import Zipf, told
from monitor.core.rules.tree import Not
from monitor.core.rules.verdict import admits, fires, holds, outside, scope_of, spans, speaks
from monitor.model import Article, ClauseResult, Explanation, FeedFilter, Rule, RuleExplanation

_DEFAULT_FIELDS = ("title", "text")


def explain(ruleset: RuleSet, article: Article) -> Explanation:
    """Every clause of every rule, true or false and why, and every place heard."""
    hearing = ruleset.hear(article)
    zipf = ruleset.lexicon.zipf
    rules = tuple(
        RuleExplanation(rule.rule.name, fires(rule, hearing), tuple(_clauses(rule, hearing, zipf)))
        for rule in ruleset.compiled
    )
    return Explanation(rules, hearing.readings, hearing.language)


def _clauses(compiled: CompiledRule, hearing: Hearing, zipf: Zipf) -> Iterator[ClauseResult]:
    rule = compiled.rule
    if not rule.enabled:
        yield ClauseResult("enabled: false", False, (), "the rule is switched off")
    if rule.fields != _DEFAULT_FIELDS:
        yield _fields(rule)
    for clause in compiled.clauses:
        yield _clause(clause, rule, hearing, zipf)
    if rule.languages:
        yield _language(rule, hearing)
    if rule.feeds != FeedFilter():
        yield _feeds(rule, hearing)


def _clause(clause: Clause, rule: Rule, hearing: Hearing, zipf: Zipf) -> ClauseResult:
    scope = scope_of(rule)
    matched = holds(clause.node, hearing, scope)
    shown, where, always = clause.node, scope, False
    if isinstance(shown, Not):
        shown, where, always = shown.part, outside(scope), True
    found = tuple(sorted(set(spans(shown, hearing, where)))) if matched or always else ()
    reason = "; ".join(told(shown, hearing, where, zipf))
    return ClauseResult(f"{clause.key}: {clause.label}", matched, found, reason)


def _fields(rule: Rule) -> ClauseResult:
    names = ", ".join(rule.fields)
    return ClauseResult(f"fields: {names}", True, (), f"words are looked for in {names} only")


def _language(rule: Rule, hearing: Hearing) -> ClauseResult:
    wanted, language = ", ".join(rule.languages), hearing.language
    reason = f"the article is in {language}"
    if language is None:
        reason = "the article's language cannot be told, so the limit is taken as met"
    return ClauseResult(f"language: {wanted}", speaks(rule, hearing), (), reason)


def _feeds(rule: Rule, hearing: Hearing) -> ClauseResult:
    wanted, feed = rule.feeds, hearing.article.feed
    asked = ", ".join((*wanted.names, *wanted.categories, *wanted.languages))
    if feed is None:
        reason = "the article's feed is unknown, so the filter is taken as met"
    else:
        named = f"{feed.name}, category {feed.category}, language {feed.language}"
        reason = f"the article came from {named}"
    return ClauseResult(f"feeds: {asked}", admits(wanted, feed), (), reason)
