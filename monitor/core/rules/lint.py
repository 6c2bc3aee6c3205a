"""What is wrong with a rule before it meets any article, and whether its own examples hold.

This module must not read files: settings turns a fault's key, item and offset into a position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.places.mentions import NameFinder
from monitor.core.rules.compiled import (
    compile_rule,
    manner_of,
    near_node,
    place_node,
    query_node,
)
from monitor.core.rules.explain import explain
from monitor.core.rules.items import Manner, parse_item
from monitor.core.rules.matcher import RuleSet
from monitor.core.text.lexicon import NO_LEXICON, Lexicon
from monitor.errors import QueryError
from monitor.model import Article, FeedFilter, Rule, RuleExplanation

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong or odd about a rule. `key` is the key of the rule (any, query, places …; name
    where it is the rule as a whole), `index` the item in its list, None where it is no list;
    `error.offset` counts inside that item."""

    key: str
    index: int | None
    error: QueryError


def faults(rule: Rule, gazetteer: Gazetteer, lexicon: Lexicon = NO_LEXICON) -> tuple[Fault, ...]:
    """Every static error of a rule, in the order of its keys."""
    found = tuple(_item_faults(rule, gazetteer, manner_of(rule, lexicon)))
    if found:
        return found
    try:
        compile_rule(rule, gazetteer, lexicon)
    except QueryError as error:
        return (Fault("name", None, error),)
    return ()


class Examples:
    """Tries rules on their own examples."""

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon = NO_LEXICON) -> None:
        self._gazetteer = gazetteer
        self._lexicon = lexicon
        self._names: NameFinder | None = None

    def broken(self, rule: Rule) -> tuple[tuple[str, int, str], ...]:
        """(list, index, reason) of each example that the rule treats otherwise than it says; the
        list is "match" or "no_match". The rule is taken as enabled, and any feed and language as
        heard. Raises QueryError for a faulty rule."""
        if not (rule.examples_match or rule.examples_no_match):
            return ()
        alone = replace(rule, enabled=True, feeds=FeedFilter(), languages=())
        compiled = compile_rule(alone, self._gazetteer, self._lexicon)
        if self._names is None:
            self._names = NameFinder(self._gazetteer, self._lexicon)
        ruleset = RuleSet([compiled], self._gazetteer, self._lexicon, self._names)
        return (
            *_broken(ruleset, "match", rule.examples_match, fires=True),
            *_broken(ruleset, "no_match", rule.examples_no_match, fires=False),
        )


def example_articles(example: str) -> tuple[Article, ...]:
    """An example as articles: its first line is the title where it has several; one line may be
    the text or the title."""
    title, newline, text = example.partition("\n")
    if newline:
        return (Article(title=title, text=text),)
    return (Article(text=example), Article(title=example))


def _item_faults(rule: Rule, gazetteer: Gazetteer, manner: Manner) -> Iterator[Fault]:
    for key, items in (("any", rule.any), ("all", rule.all), ("none", rule.none)):
        yield from _tried(key, items, lambda item: parse_item(item, manner))
    if rule.query is not None:
        queries = [rule.query]
        for fault in _tried("query", queries, lambda q: query_node(q, gazetteer, manner)):
            yield Fault("query", None, fault.error)
    for key, names in (("places", rule.places), ("not_places", rule.not_places)):
        yield from _tried(key, names, lambda name: place_node(name, gazetteer, rule))
    if rule.near is not None:
        for fault in _tried("near", [rule.near], lambda near: near_node(near, gazetteer, rule)):
            yield Fault("near", None, fault.error)


def _tried(key: str, items: Iterable[_Item], parse: Callable[[_Item], object]) -> Iterator[Fault]:
    for index, item in enumerate(items):
        try:
            parse(item)
        except QueryError as error:
            yield Fault(key, index, error)


def _broken(
    ruleset: RuleSet, name: str, examples: Iterable[str], *, fires: bool
) -> Iterator[tuple[str, int, str]]:
    for index, example in enumerate(examples):
        told = [explain(ruleset, article).rules[0] for article in example_articles(example)]
        if any(each.matched for each in told) is not fires:
            yield name, index, _reason(next((each for each in told if each.matched), told[0]))


def _reason(told: RuleExplanation) -> str:
    if told.matched:
        return "the rule fires: " + "; ".join(clause.reason for clause in told.clauses)
    failed = [clause for clause in told.clauses if not clause.matched]
    return "the rule does not fire: " + "; ".join(
        f"{clause.clause} is not met ({clause.reason})" for clause in failed
    )
