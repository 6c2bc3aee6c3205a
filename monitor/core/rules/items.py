"""One item of a rule's list, or one word or phrase of a query: from text to a term.

This module must not know the query language; rules/query.py calls it for each word.
"""

from __future__ import annotations

import re
from typing import Final

from monitor.core.rules.tree import Mode, Term
from monitor.core.text.forms import has_article
from monitor.core.text.normalise import fold_loosely
from monitor.core.text.tokens import words
from monitor.errors import QueryError

_COMMA: Final = re.compile("[،؛]")
_OPERATOR: Final = re.compile(r"(?<!\S)(?:AND|OR|NOT|O?NEAR(?:/\d+)?)(?!\S)")
_SIGNS: Final = re.compile(r"[=*]")
_SHORTEST_PREFIX: Final = 2


def parse_item(item: str, *, loose: bool = False) -> Term:
    """The term that a list item means: `داعش`, `=داعش`, `داع*`, `تنظيم الدولة`.

    Raises QueryError with the offset inside the item."""
    _refuse_commas(item)
    operator = _OPERATOR.search(item)
    if operator:
        raise QueryError(
            f"{operator[0]} means nothing in a list item",
            operator.start(),
            "write it under the key query",
        )
    return parse_word(item, loose=loose)


def parse_word(item: str, *, loose: bool = False) -> Term:
    """The term that a word or phrase means, in a list as in a query. Raises QueryError."""
    _refuse_commas(item)
    label = item.strip()
    indent = len(item) - len(item.lstrip())
    if not label:
        raise QueryError("an empty item finds nothing", 0)
    mode, core = _mode(label, indent)
    found = tuple(words(core))
    if not found:
        raise QueryError(f"no letter or digit in {label!r}", indent)
    if mode is not Mode.PLAIN and len(found) > 1:
        raise QueryError("= and * work on one word, not on a phrase", indent)
    if mode is Mode.PREFIX and len(found[0]) < _SHORTEST_PREFIX:
        raise QueryError("a prefix needs at least 2 letters", indent)
    if loose:
        found = tuple(map(fold_loosely, found))
    return Term(label, found, mode, article=has_article(_first_word(core)), loose=loose)


def _refuse_commas(item: str) -> None:
    comma = _COMMA.search(item)
    if comma:
        raise QueryError(
            f"the Arabic comma {comma[0]} does not part items",
            comma.start(),
            "write each as an item of its own, parted by a Latin comma or on a line of its own",
        )


def _mode(label: str, indent: int) -> tuple[Mode, str]:
    """How the item is compared, and the item without the sign that says so."""
    if label.endswith("+") and words(label):
        raise QueryError(
            "derived forms (+) are not available in this version",
            indent + len(label) - 1,
            "list the forms that you want, each as an item",
        )
    exact, prefix = label.startswith("="), label.endswith("*")
    core = label[1 if exact else 0 : -1 if prefix else None]
    sign = _SIGNS.search(core)
    if exact and prefix:
        raise QueryError("a word is either =exact or a prefix*", indent + len(label) - 1)
    if sign:
        place = indent + exact + sign.start()
        raise QueryError("= stands only before a word and * only after it", place)
    return (Mode.EXACT if exact else Mode.PREFIX if prefix else Mode.PLAIN), core


def _first_word(core: str) -> str:
    """The first word as written, from its first letter."""
    start = next(place for place, letter in enumerate(core) if letter.isalnum())
    return core[start:].split(maxsplit=1)[0]
