"""CSS selectors of a page's links, as XPath: the form in which the page's reader runs them.

Only CSS comes in, so that no configuration can call what XPath has beyond it. This module must
not meet a page.
"""

from __future__ import annotations

import re

from cssselect import HTMLTranslator
from cssselect import SelectorError as ForeignError
from cssselect.xpath import ExpressionError

_LONGEST = 1_000  # letters
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # in XPath
_TOKEN = re.compile(r"<(\w+) ?(.*?) at (\d+)>")  # as its sentences show what they met


class SelectorError(ValueError):
    """A text is no CSS selector that we can run. `offset` counts code points into it."""

    def __init__(self, reason: str, offset: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


def to_xpath(selector: str) -> str:
    """The XPath 1.0 expression of a CSS selector (Selectors Level 3, and :has, :is, :where of
    level 4). Raises SelectorError."""
    if len(selector) > _LONGEST:
        raise SelectorError(f"a CSS selector of more than {_LONGEST} letters")
    try:
        expression = HTMLTranslator().css_to_xpath(selector)
    except RecursionError as error:
        raise SelectorError("a CSS selector nested without end") from error
    except (ExpressionError, ForeignError, ValueError) as error:
        raise _told(str(error)) from error
    if _ILLEGAL.search(expression):  # "\\1" stands for one
        raise SelectorError("a CSS selector with control characters")
    return expression


_WORDS = (  # (what cssselect says, what we say); {} is what it met
    ("expected ident or '*'", "a name is missing before {}"),
    ("expected ident", "a name is missing before {}"),
    ("expected selector", "an element or a class is missing before {}"),
    ("expected an argument", "a value in the parentheses is missing before {}"),
    ("expected ']'", "a ']' is missing before {}"),
    ("expected ')'", "a ')' is missing before {}"),
    ("expected string or ident", "a text in quotes is missing before {}"),
    ("operator expected", "one of = ~= |= ^= $= *= is missing before {}"),
    ("unclosed string", "a quote is not closed"),
    ("invalid series", "in the parentheses a number such as 2 or 2n+1 is due"),
    ("pseudo-elements", "it picks elements, so leave out what begins with ::"),
)


def _told(sentence: str) -> SelectorError:
    found = _TOKEN.search(sentence)
    plain = _TOKEN.sub(lambda token: token[2] or "the end", sentence).rstrip(".")
    plain = plain[:1].lower() + plain[1:]
    met = plain.rpartition("got ")[2]
    ours = next((ours for theirs, ours in _WORDS if plain.startswith(theirs)), plain)
    reason = f"no CSS selector: {ours.replace('{}', met)}"
    return SelectorError(reason, int(found[3]) if found else 0)
