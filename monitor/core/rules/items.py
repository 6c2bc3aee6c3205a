"""One item of a rule's list, or one word or phrase of a query: from text to a term.

This module must not know the query language; rules/query.py calls it for each word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from monitor.core.rules.tree import Mode, Term
from monitor.core.text.clitics import ARTICLE, INVISIBLE
from monitor.core.text.derive import SHORTEST, derived, inflected
from monitor.core.text.forms import has_article
from monitor.core.text.lexicon import NO_LEXICON, Lexicon
from monitor.core.text.normalise import fold_loosely
from monitor.core.text.tokens import Passage, words
from monitor.errors import QueryError
from monitor.model import Sense

_COMMA: Final = re.compile("[،؛]")
_OPERATOR: Final = re.compile(r"(?<!\S)(?:AND|OR|NOT|O?NEAR(?:/\d+)?)(?!\S)")
_QUERY: Final = re.compile(
    r"^\s*(?:(?:title|text|author|category|feed|place|within):|count\s*\(|/.+/i?\s*$)"
    r"|[\"“”»’]~\d",
    re.IGNORECASE,
)
_SIGNS: Final = re.compile(r"[=*+]")
_SHORTEST_PREFIX: Final = 2
_SPELLED: Final = 3  # letters on their own that spell a word: د.ا.ع.ش
_EDGES: Final = re.compile(rf"^[\s{INVISIBLE}]+|[\s{INVISIBLE}]+$")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a rule wants its words compared: with ة ؤ ئ folded, with derived forms, and the lexicon
    that these come from; and how sure it wants to be of places."""

    loose: bool = False
    forms: bool = False
    lexicon: Lexicon = NO_LEXICON
    sense: Sense = Sense.NORMAL


STRICT: Final = Manner()


def parse_item(item: str, manner: Manner = STRICT) -> Term:
    """The term that a list item means: `داعش`, `=داعش`, `داع*`, `داعش+`, `تنظيم الدولة`.

    Raises QueryError with the offset inside the item."""
    comma = _COMMA.search(item)
    if comma:
        raise QueryError(
            f"the Arabic comma {comma[0]} does not part items",
            comma.start(),
            "write each as an item of its own, parted by a Latin comma or on a line of its own",
        )
    operator = _OPERATOR.search(item) or _QUERY.search(item)
    if operator:
        raise QueryError(
            f"{operator[0].strip()} means nothing in a list item",
            operator.start(),
            "write it under the key query",
        )
    return parse_word(item, manner)


def parse_word(item: str, manner: Manner = STRICT) -> Term:
    """The term that a word or phrase means, in a list as in a query. Raises QueryError."""
    label = _EDGES.sub("", item)
    indent = item.find(label)
    if not label:
        raise QueryError("an empty item finds nothing", 0)
    mode, core = _mode(label, indent)
    passage = Passage("item", core)
    found = tuple(passage.words)
    if not found:
        raise QueryError(f"no letter or digit in {label!r}", indent)
    if len(found) >= _SPELLED and all(len(word) == 1 and word.isalpha() for word in found):
        found = ("".join(found),)
    if mode not in (Mode.PLAIN, Mode.EXACT) and len(found) > 1:
        cure = "forms: true finds derived forms of all words" if mode is Mode.FORMS else None
        raise QueryError("* and + work on one word, not on a phrase", indent, cure)
    if mode is Mode.PREFIX and len(found[0]) < _SHORTEST_PREFIX:
        raise QueryError("a prefix needs at least 2 letters", indent)
    if manner.forms and mode is Mode.PLAIN:
        mode = Mode.FORMS
    articles = _articles(passage, longer=mode is Mode.PREFIX)
    if mode is Mode.FORMS:
        return _derived_term(label, found, articles, manner)
    if manner.loose:
        found = tuple(map(fold_loosely, found))
        articles = frozenset(map(fold_loosely, articles))
    return Term(label, found, mode, articles, loose=manner.loose)


def _articles(passage: Passage, *, longer: bool) -> frozenset[str]:
    """The words that have an article: in ال as the item writes them. `longer`: they begin longer
    words, so that one letter behind ال is enough (الق*)."""
    return frozenset(
        word
        for index, word in enumerate(passage.words)
        if word.startswith(ARTICLE) and has_article(passage.raw(index) + "ون" * longer)
    )


def derived_forms(word: str, lexicon: Lexicon) -> tuple[str, ...]:
    """A folded word without its article, and all that is derived from it, by rule and lexicon."""
    related = [form for found in lexicon.related(word) for form in inflected(found)]
    return tuple(dict.fromkeys((*derived(word, lexicon.zipf), *related)))


def _derived_term(
    label: str, found: tuple[str, ...], articles: frozenset[str], manner: Manner
) -> Term:
    """Words with all that is derived from each; without articles, which all of them may take. Of
    two letters nothing is derived, so that الله keeps its article, and له is another word."""
    stems = [
        word.removeprefix(ARTICLE)
        if word in articles and len(word) >= len(ARTICLE) + SHORTEST
        else word
        for word in found
    ]
    forms = [derived_forms(stem, manner.lexicon) for stem in stems]
    kept = articles.intersection(stems)
    if manner.loose:
        forms = [tuple(dict.fromkeys(map(fold_loosely, each))) for each in forms]
        kept = frozenset(map(fold_loosely, kept))
    words = tuple(each[0] for each in forms)
    return Term(label, words, Mode.FORMS, kept, manner.loose, tuple(forms))


def _mode(label: str, indent: int) -> tuple[Mode, str]:
    """How the item is compared, and the item without the sign that says so."""
    exact = label.startswith("=")
    last = label[-1] if label[-1] in "*+" and words(label) else ""
    core = label[1 if exact else 0 : -1 if last else None]
    if exact and last:
        raise QueryError(f"a word is either =exact or word{last}", indent + len(label) - 1)
    sign = _SIGNS.search(core)
    if sign and words(label):
        place = indent + exact + sign.start()
        raise QueryError(f"{sign[0]} stands only {_PLACES[sign[0]]} an item", place)
    return (Mode.EXACT if exact else _MODES[last]), core


_PLACES: Final = {"=": "before", "*": "after", "+": "after"}
_MODES: Final = {"*": Mode.PREFIX, "+": Mode.FORMS, "": Mode.PLAIN}
