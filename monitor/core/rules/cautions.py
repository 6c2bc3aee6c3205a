r"""What is odd about a rule that has no error: it would fire too often, or never.

Each caution says why and what to do instead. This module must not refuse a rule, and must look at
no article; what is known of words and places comes in as values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import exp
from typing import Final

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.places.prior import Priors
from monitor.core.rules.compiled import CompiledRule
from monitor.core.rules.implied import Alternatives, any_of, canonical, required
from monitor.core.rules.lint import Fault
from monitor.core.rules.misread import QUOTED
from monitor.core.rules.tree import Leaf, Mode, Node, Not, Pattern, Term, Within, parts_of
from monitor.core.text.forms import attached
from monitor.core.text.lexicon import Lexicon
from monitor.errors import QueryError
from monitor.model import Place, Rule

# Shares of hits of a name up to which it hardly is a place, and from which on hardly anything else.
_SELDOM, _SURE = 0.2, 0.9
_FAMOUS: Final = frozenset({"country", "governorate", "city"})
_POPULOUS: Final = 50_000
_WORDS: Final = 450  # of a news article
_OFTEN: Final = 0.15  # of all articles
# Zipf: how much commoner a word is than what it reads as a clitic and: with ب and ل three times,
# for these make common phrases (بسعر, لتحويل), with the others as common.
_COMMONER: Final = {"ب": 0.5, "ل": 0.5}
_KNOWN: Final = 3.5  # Zipf: common enough to be met every week
_LEAST_PREFIX: Final = 3  # letters
_QUOTED: Final = re.compile(rf"{QUOTED}|(?<!\S)/(?:[^/\\\n]|\\.)+/")
_OPERATOR: Final = re.compile(
    r"(?<![^\s(])(?:and|or|not|o?near(?:/\d+)?)(?![^\s()])", re.IGNORECASE
)
_ARABIC: Final = {"أو": "OR", "او": "OR", "و": "AND"}
_CONNECTIVE: Final = re.compile(r"(?<=\s)(?:أو|او|و)(?=\s)")
_NO_OPERATOR: Final = re.compile(r"(?<![^\s(])(?:(O?NEAR)[^\s/()\d]?(\d+)|XOR)(?![^\s()])")
_PARTING: Final = re.compile(r"(?<=\S)\s*(?:(?<!\d),|,(?!\d)|\|)\s*(?=\S)|(?<=\s)[/&\\](?=\s)")
_EXCLUDING: Final = re.compile(r"\s*[-!–—](?=[^\W\d])")
_ASCII: Final = re.compile(r"\\[bBwW]")
_ASCII_DIGITS: Final = re.compile(r"\\d(?!.*[٠-٩])")
_IN_TEXT: Final = frozenset({"title", "text"})


def cautions(compiled: CompiledRule, gazetteer: Gazetteer, lexicon: Lexicon) -> tuple[Fault, ...]:
    """What is odd about one rule, in the order of its keys."""
    rule = compiled.rule
    found: list[Fault] = []
    for clause in compiled.clauses:
        for leaf, excluded in _heard(clause.node):
            for reason, cure in _of_leaf(leaf, compiled, gazetteer, lexicon, excluded=excluded):
                found.append(_fault(clause.key, leaf, rule, reason, cure))
    found += _shared_names(rule, gazetteer)
    found += _repeats(rule, compiled)
    found += _connectives(rule)
    found += _impossible(compiled)
    return tuple(dict.fromkeys(found))


def _heard(node: Node, *, excluded: bool = False) -> Iterator[tuple[Leaf, bool]]:
    """The leaves that are looked for in the text of articles, and whether under NOT."""
    if isinstance(node, Leaf):
        yield node, excluded
    elif not (isinstance(node, Within) and node.field not in _IN_TEXT):
        for part in parts_of(node):
            yield from _heard(part, excluded=excluded or isinstance(node, Not))


def _fault(key: str, leaf: Leaf, rule: Rule, reason: str, cure: str) -> Fault:
    """A caution at the item, or at the word of the query, that it is about."""
    if key == "query":
        whole = re.compile(rf"(?<![^\W_]){re.escape(leaf.label)}(?![^\W_])")
        found = whole.search(rule.query or "")
        return Fault(key, None, QueryError(reason, found.start() if found else 0, cure))
    items = {"any": rule.any, "all": rule.all, "none": rule.none}.get(key, ())
    index = next((at for at, item in enumerate(items) if item.strip() == leaf.label), 0)
    return Fault(key, index, QueryError(reason, 0, cure))


# --- one word -------------------------------------------------------------------------------------


def _of_leaf(
    leaf: Leaf, rule: CompiledRule, gazetteer: Gazetteer, lexicon: Lexicon, *, excluded: bool
) -> Iterator[tuple[str, str]]:
    if isinstance(leaf, Pattern):
        yield from _ascii_only(leaf)
    if not isinstance(leaf, Term) or len(leaf.words) > 1:
        return
    if leaf.mode is Mode.PREFIX:
        yield from _short_prefix(leaf)
        return
    if excluded or leaf in rule.triggers:
        yield from _common(leaf, lexicon, excluded=excluded)
    if not excluded and leaf.label not in {place.name for place in rule.rule.places}:
        yield from _homograph(leaf, gazetteer, lexicon)
    if leaf.mode is not Mode.EXACT:
        yield from _collision(leaf, gazetteer, lexicon, excluded=excluded)


def _short_prefix(term: Term) -> Iterator[tuple[str, str]]:
    if len(term.words[0]) < _LEAST_PREFIX:
        yield f"{term.label} finds very many words", "write more letters before the *"


def _common(term: Term, lexicon: Lexicon, *, excluded: bool) -> Iterator[tuple[str, str]]:
    """A word that stands in every sixth article alone makes a rule fire all day, or hardly ever.
    The share of articles that hold a word is estimated as if words fell at random (Poisson)."""
    share = 1 - exp(-_WORDS * 10 ** (lexicon.zipf(term.words[0]) - 9))
    if share >= _OFTEN:
        reason = f"is a very common word: about {round(100 * share)} of 100 articles have it"
        cure = "ask for a rarer word beside it, under all or with AND in a query"
        if excluded:
            cure = "exclude a rarer word, or one near another: NOT (… NEAR/5 …)"
        yield f"{term.label} {reason}", cure


def _homograph(term: Term, gazetteer: Gazetteer, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    named = gazetteer.bearers(term.words)
    if _SELDOM < _share(term.words, gazetteer, lexicon) < _SURE:
        yield (
            f"{term.label} is a place and has other meanings: as a word it is found in all of them",
            f"places: [{named[0].name}] finds it only where it is the place",
        )


def _share(name: tuple[str, ...], gazetteer: Gazetteer, lexicon: Lexicon) -> float:
    """The share of hits of a name that are a place of that name."""
    priors = Priors(gazetteer.lore, lexicon)
    return max((priors.chance(name, place) for place in gazetteer.bearers(name)), default=0.0)


def _collision(
    term: Term, gazetteer: Gazetteer, lexicon: Lexicon, *, excluded: bool
) -> Iterator[tuple[str, str]]:
    """Other words that read as a clitic and the term: every place, and the commonest word."""
    forms = attached(term.words[0], article=term.article)[1:]
    other = max(forms, key=lexicon.zipf)
    least = max(lexicon.zipf(term.words[0]), 3.0) + _COMMONER.get(other[0], 0.0)
    places = [form for form in forms if any(map(_famous, gazetteer.names.get((form,), ())))]
    common = lexicon.zipf(other) >= max(_KNOWN, least)
    for form in dict.fromkeys([*places, *([other] if common else [])]):
        what = "a place" if form in places else "a commoner word"
        bare = f"write ={term.label} to find only the bare word"
        spare = f"exclude {form} under none"
        cures = [bare] * (term.mode is Mode.PLAIN) + [spare] * (not excluded)
        yield (
            f"{form}, {what}, reads as a clitic and {term.label}, and is found too",
            ", or ".join(cures) or "list the words that are meant instead",
        )


def _ascii_only(pattern: Pattern) -> Iterator[tuple[str, str]]:
    if found := _ASCII.search(pattern.pattern):
        yield (
            f"{found[0]} knows only ASCII in a regular expression, no Arabic letter",
            r"\p{L} is any letter, \p{Arabic} an Arabic one, [\s\p{P}] what may stand between",
        )
    if _ASCII_DIGITS.search(pattern.pattern):
        yield r"\d finds 0 to 9, and no Arabic digit", r"\p{Nd} finds the digits of every script"


# --- a rule as a whole ----------------------------------------------------------------------------


def _shared_names(rule: Rule, gazetteer: Gazetteer) -> Iterator[Fault]:
    """Names of several places, where the rule does not say which."""
    for key, names in (("places", rule.places), ("not_places", rule.not_places)):
        for index, name in enumerate(names):
            found = gazetteer.find(name)
            if len({place.country for place in found if _great(place)}) > 1:
                ids = ", ".join(place.id for place in found)
                reason = f"{name.name} is the name of several places, and all of them count: {ids}"
                cure = f"say which: {{name: {name.name}, in: …}}, or its id"
                yield Fault(key, index, QueryError(reason, 0, cure))


def _great(place: Place) -> bool:
    """Whether a place is one that a rule may mean."""
    return place.kind == "district" or _famous(place)


def _famous(place: Place) -> bool:
    """Whether a place is one that news names every week."""
    return place.kind in _FAMOUS or place.population >= _POPULOUS


def _repeats(rule: Rule, compiled: CompiledRule) -> Iterator[Fault]:
    """Items of `any` that mean the same."""
    first: dict[object, int] = {}
    asked = [clause.node for clause in compiled.clauses if clause.key == "any"]
    for index, term in enumerate(part for node in asked for part in parts_of(node)):
        same = first.setdefault(canonical(term), index)
        if same != index:
            reason = f"finds the same as {rule.any[same]}"
            yield Fault("any", index, QueryError(reason, 0, "remove one of them"))


def _connectives(rule: Rule) -> Iterator[Fault]:
    """Words that were meant to join others: or in small letters, أو and و."""
    query = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), rule.query or "")
    for small in _OPERATOR.finditer(query):
        if small[0] != small[0].upper():
            reason = f"{small[0]} in small letters is a word to look for"
            cure = f"the operator is {small[0].upper()}"
            yield Fault("query", None, QueryError(reason, small.start(), cure))
    for odd in _NO_OPERATOR.finditer(query):
        reason = f"{odd[0]} is a word to look for"
        cure = f"the operator is {odd[1]}/{odd[2]}" if odd[1] else "the operators are AND OR NOT"
        yield Fault("query", None, QueryError(reason, odd.start(), cure))
    for word in _CONNECTIVE.finditer(query):
        reason, cure = f"{word[0]} is a word to look for", f"the operator is {_ARABIC[word[0]]}"
        yield Fault("query", None, QueryError(reason, word.start(), cure))
    for key, items in (("any", rule.any), ("all", rule.all), ("none", rule.none)):
        for index, item in enumerate(items):
            if found := _CONNECTIVE.search(item):
                reason = f"{found[0]} is looked for as a part of this phrase"
                yield Fault(key, index, QueryError(reason, found.start(), _EACH))
            yield from _signs(key, index, item)


_EACH: Final = "write each as an item of its own, if either is meant"


def _signs(key: str, index: int, item: str) -> Iterator[Fault]:
    """Signs that mean something elsewhere, and are passed over in an item."""
    parting = _PARTING.search(item)
    if parting:
        reason = f"{parting[0].strip()} parts nothing: this is looked for as one phrase"
        yield Fault(key, index, QueryError(reason, parting.start(), _EACH))
    excluding = _EXCLUDING.match(item)
    if excluding and key != "none":
        reason = f"{excluding[0].strip()} excludes nothing: the word behind it is looked for"
        yield Fault(key, index, QueryError(reason, 0, "write it under none"))


def _impossible(compiled: CompiledRule) -> Iterator[Fault]:
    """Whether what one key asks for is what another excludes."""
    nodes = [part for clause in compiled.clauses for part in required(clause.node)]
    excluded = Alternatives(
        [leaf for node in nodes if isinstance(node, Not) for leaf in any_of(node.part)]
    )
    for node in nodes:
        # What excludes looks everywhere but at the feed, so it finds what one field holds.
        limited = isinstance(node, Within) and node.field in _IN_TEXT
        wanted = any_of(parts_of(node)[0] if limited else node)
        if excluded.cover_all(Alternatives(wanted)):
            labels = ", ".join(leaf.label for leaf in wanted)
            error = QueryError(
                f"the rule never fires: it asks for {labels} and excludes it",
                0,
                "take it out of none, not_places or NOT",
            )
            yield Fault("name", None, error)
            return
