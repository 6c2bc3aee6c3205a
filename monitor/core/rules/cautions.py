r"""What is odd about a rule that has no error: it would fire too often, never, or beside another.

Each caution says why and what to do instead. This module must not refuse a rule, and must look at
no article; what is known of words and places comes in as values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import exp
from typing import Final

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.compiled import CompiledRule
from monitor.core.rules.lint import Fault
from monitor.core.rules.tree import (
    And,
    InPlace,
    Leaf,
    Mode,
    Node,
    Not,
    Or,
    Pattern,
    Term,
    leaves,
)
from monitor.core.text.forms import attached
from monitor.core.text.lexicon import Lexicon
from monitor.errors import QueryError
from monitor.model import FeedFilter, Rule

_WORDS: Final = 450  # of a news article
_OFTEN: Final = 0.15  # of all articles
# Zipf: how much commoner a word is than what it reads as a clitic and: with ب and ل three times,
# for these make common phrases (بسعر, لتحويل), with the others as common.
_COMMONER: Final = {"ب": 0.5, "ل": 0.5}
_KNOWN: Final = 3.5  # Zipf: common enough to be met every week
_SMALL: Final = re.compile(r"(?<!\S)(?:and|or|not|o?near(?:/\d+)?)(?!\S)")
_ASCII: Final = re.compile(r"\\[bBwWdDsS]")


def cautions(compiled: CompiledRule, gazetteer: Gazetteer, lexicon: Lexicon) -> tuple[Fault, ...]:
    """What is odd about one rule, in the order of its keys."""
    rule = compiled.rule
    found: list[Fault] = []
    for clause in compiled.clauses:
        for leaf in leaves(clause.node):
            excluded = clause.key in ("none", "not_places")
            for reason, cure in _of_leaf(leaf, compiled, gazetteer, lexicon, excluded=excluded):
                found.append(_fault(clause.key, leaf, rule, reason, cure))
    found += _repeats(rule, compiled)
    found += _small_operators(rule)
    found += _impossible(compiled)
    return tuple(dict.fromkeys(found))


def shadows(compiled: Sequence[CompiledRule]) -> Iterator[tuple[int, Fault]]:
    """(number of the rule, caution) for every enabled rule that never fires without another one
    that alerts in the same way."""
    enabled = [number for number, rule in enumerate(compiled) if rule.rule.enabled]
    by_key: dict[str, list[int]] = {}
    for number in enabled:
        for key in {key for leaf in compiled[number].triggers for key in _keys(leaf)}:
            by_key.setdefault(key, []).append(number)
    for number in enabled:
        rule = compiled[number]
        below = {leaf for clause in rule.clauses for leaf in leaves(clause.node)}
        keys = {key for leaf in below for key in _keys(leaf)}
        for other in sorted({other for key in keys for other in by_key.get(key, ())} - {number}):
            wider = compiled[other]
            if not _implies(rule, wider):
                continue
            if not _implies(wider, rule):
                yield number, _shadowed(wider, "fires wherever this rule does")
            elif other < number:
                yield number, _shadowed(wider, "asks for the same")
            else:
                continue
            break


def _keys(leaf: Leaf) -> Iterator[str]:
    """What two leaves have in common of which one covers the other."""
    match leaf:
        case Term():
            yield from leaf.words
        case InPlace():
            yield from leaf.ids
        case Pattern():
            yield leaf.label


def _shadowed(wider: CompiledRule, what: str) -> Fault:
    error = QueryError(
        f"the rule {wider.rule.name} {what}, with the same severity and channels",
        0,
        "remove one of them, or give them different channels or severities",
    )
    return Fault("name", None, error)


def _fault(key: str, leaf: Leaf, rule: Rule, reason: str, cure: str) -> Fault:
    """A caution at the item, or at the word of the query, that it is about."""
    if key == "query":
        place = (rule.query or "").find(leaf.label)
        return Fault(key, None, QueryError(reason, max(0, place), cure))
    items = {"any": rule.any, "all": rule.all, "none": rule.none}.get(key, ())
    index = next((at for at, item in enumerate(items) if item.strip() == leaf.label), 0)
    return Fault(key, index, QueryError(reason, 0, cure))


# --- one word -------------------------------------------------------------------------------------


def _of_leaf(
    leaf: Leaf, rule: CompiledRule, gazetteer: Gazetteer, lexicon: Lexicon, *, excluded: bool
) -> Iterator[tuple[str, str]]:
    if isinstance(leaf, Pattern):
        yield from _ascii_only(leaf)
    if not isinstance(leaf, Term) or len(leaf.words) > 1 or leaf.mode is Mode.PREFIX:
        return
    if leaf in rule.triggers:
        yield from _common(leaf, lexicon)
    if not excluded:
        yield from _homograph(leaf, gazetteer)
    if leaf.mode is not Mode.EXACT:
        yield from _collision(leaf, gazetteer, lexicon)


def _common(term: Term, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """A word that stands in every sixth article alone makes a rule fire all day. The share of
    articles that hold a word is estimated as if words fell at random (Poisson)."""
    share = 1 - exp(-_WORDS * 10 ** (lexicon.zipf(term.words[0]) - 9))
    if share >= _OFTEN:
        reason = f"is a very common word: about {round(100 * share)} of 100 articles have it"
        yield (
            f"{term.label} {reason}",
            "ask for a rarer word beside it, under all or with AND in a query",
        )


def _homograph(term: Term, gazetteer: Gazetteer) -> Iterator[tuple[str, str]]:
    named = gazetteer.names.get(term.words, ())
    if any(place.doubtful for place in named):
        yield (
            f"{term.label} is a place and has other meanings: as a word it is found in all of them",
            f"places: [{named[0].name}] finds it only where it is the place",
        )


def _collision(term: Term, gazetteer: Gazetteer, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    word = term.words[0]
    forms = attached(word, article=term.article)[1:]
    cure = f"write ={term.label} to find only the bare word, or exclude {{}} under none"
    for name in forms:
        if (name,) in gazetteer.names:
            yield (
                f"{name}, a place, reads as a clitic and {term.label}, and is found too",
                cure.format(name),
            )
    other = max(forms, key=lexicon.zipf)
    known = lexicon.zipf(other)
    least = max(lexicon.zipf(word), 3.0) + _COMMONER.get(other[0], 0.0)
    if known >= max(_KNOWN, least) and (other,) not in gazetteer.names:
        yield (
            f"{other}, a commoner word, reads as a clitic and {term.label}, and is found too",
            cure.format(other),
        )


def _ascii_only(pattern: Pattern) -> Iterator[tuple[str, str]]:
    found = _ASCII.search(pattern.pattern)
    if found:
        yield (
            f"{found[0]} knows only ASCII in a regular expression, no Arabic letter",
            r"\p{L} is any letter, \p{Arabic} an Arabic one, [\s\p{P}] what may stand between",
        )


# --- a rule as a whole ----------------------------------------------------------------------------


def _repeats(rule: Rule, compiled: CompiledRule) -> Iterator[Fault]:
    """Items of `any` that mean the same."""
    for clause in compiled.clauses:
        if clause.key != "any" or not isinstance(clause.node, Or):
            continue
        first: dict[object, int] = {}
        for index, term in enumerate(clause.node.parts):
            if isinstance(term, Term):
                same = first.setdefault((term.words, term.mode, term.article), index)
                if same != index:
                    reason = f"finds the same as {rule.any[same]}"
                    yield Fault("any", index, QueryError(reason, 0, "remove one of them"))


def _small_operators(rule: Rule) -> Iterator[Fault]:
    for found in _SMALL.finditer(rule.query or ""):
        error = QueryError(
            f"{found[0]} in small letters is a word to look for",
            found.start(),
            f"the operator is {found[0].upper()}",
        )
        yield Fault("query", None, error)


def _impossible(compiled: CompiledRule) -> Iterator[Fault]:
    """Whether what one key asks for is what another excludes."""
    nodes = [part for clause in compiled.clauses for part in _required(clause.node)]
    excluded = [leaf for node in nodes if isinstance(node, Not) for leaf in _any_of(node.part)]
    for node in nodes:
        wanted = _any_of(node)
        if wanted and all(any(_covers(no, leaf) for no in excluded) for leaf in wanted):
            labels = ", ".join(leaf.label for leaf in wanted)
            error = QueryError(
                f"the rule never fires: it asks for {labels} and excludes it",
                0,
                "take it out of none, not_places or NOT",
            )
            yield Fault("name", None, error)
            return


def _required(node: Node) -> Iterator[Node]:
    """The parts that must all hold."""
    if isinstance(node, And):
        for part in node.parts:
            yield from _required(part)
    else:
        yield node


def _any_of(node: Node) -> list[Leaf]:
    """The alternatives of a node that is one leaf or several joined by OR, else none."""
    if isinstance(node, Leaf):
        return [node]
    if isinstance(node, Or) and all(isinstance(part, Leaf) for part in node.parts):
        return [part for part in node.parts if isinstance(part, Leaf)]
    return []


def _covers(wider: Leaf, leaf: Leaf) -> bool:
    """Whether the first is found wherever the second is."""
    if isinstance(wider, InPlace) and isinstance(leaf, InPlace):
        return leaf.ids <= wider.ids
    if isinstance(wider, Term) and isinstance(leaf, Term) and wider.loose == leaf.loose:
        same = (wider.words, wider.mode, wider.article) == (leaf.words, leaf.mode, leaf.article)
        plain = wider.mode in (Mode.PLAIN, Mode.FORMS) and leaf.mode in (Mode.PLAIN, Mode.EXACT)
        single = len(wider.words) == 1 and not wider.article
        return same or (plain and single and wider.words[0] in leaf.words)
    return wider == leaf


# --- two rules ------------------------------------------------------------------------------------


def _implies(narrow: CompiledRule, wide: CompiledRule) -> bool:
    """Whether the second rule fires, in the same way, on every article that the first fires on, as
    far as can be seen clause by clause."""
    one, other = narrow.rule, wide.rule
    alike = (one.severity, one.channels, one.on_change) == (
        other.severity,
        other.channels,
        other.on_change,
    )
    hears = (
        set(one.fields) <= set(other.fields)
        and other.feeds in (one.feeds, FeedFilter())
        and (not other.languages or (one.languages and set(one.languages) <= set(other.languages)))
    )
    if not (alike and hears):
        return False
    asked = [part for clause in narrow.clauses for part in _required(clause.node)]
    wanted = [part for clause in wide.clauses for part in _required(clause.node)]
    return all(any(_stronger(part, node) for part in asked) for node in wanted)


def _stronger(part: Node, than: Node) -> bool:
    """Whether the one holds only where the other does."""
    if part == than:
        return True
    ours, theirs = _any_of(part), _any_of(than)
    if isinstance(part, Not) and isinstance(than, Not):
        ours, theirs = _any_of(than.part), _any_of(part.part)
    return bool(ours) and all(any(_covers(wide, leaf) for wide in theirs) for leaf in ours)
