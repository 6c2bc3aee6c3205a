r"""The query language: text to tree, with the exact offset of every fault.

    (غارة OR قصف) NEAR/10 place:"مخمور" NOT title:تدريب

Words side by side mean AND; NOT binds closest, then NEAR, then AND, then OR; the operators are in
capitals. Quotation marks of every kind quote, digits of every kind count, and what is invisible
counts as a blank. This is the only file that knows lark; it must match nothing.
"""

from __future__ import annotations

import re
from typing import Final

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedToken

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules import misread, patterns
from monitor.core.rules.items import STRICT, Manner, parse_word
from monitor.core.rules.tree import (
    And,
    Count,
    Gapped,
    InPlace,
    Near,
    Node,
    Not,
    Or,
    Pattern,
    Term,
    Within,
    triggers,
)
from monitor.core.text.clitics import INVISIBLE
from monitor.errors import QueryError
from monitor.model import PlaceName

_BLANK: Final = rf"\s{INVISIBLE}"
_QUOTES: Final = '"“”„‟＂«»‹›‘'
_RESERVED: Final = rf"(?:AND|OR|NOT|O?NEAR(?:\/[^{_BLANK}()]*)?)"
_END: Final = rf"(?=[{_BLANK}(){_QUOTES}]|$)"

_GRAMMAR: Final = rf"""
start: either
either: both (_OR both)*
both: near (_AND? near)*
near: single (NEAR single)*
?single: _NOT positive -> excluded
       | positive
?positive: FIELD atom -> field
         | atom
?atom: WORD -> word
     | PHRASE -> phrase
     | PATTERN -> pattern
     | "(" either ")"
     | COUNT "(" either ")" COMPARED -> count

PHRASE.7: /=?({misread.QUOTED})(~[^{_BLANK}()]*)?/
NEAR.6: /O?NEAR(\/[^{_BLANK}()]*)?{_END}/
FIELD.6: /(title|text|author|category|feed|place|within):[{_BLANK}]*/i
COUNT.6: /count(?=[{_BLANK}]*\()/i
COMPARED.6: /[<>=≥≤]+[{_BLANK}]*\d+{_END}/
PATTERN.5: /\/(?:[^\/\\\n]|\\.)+\/i?{_END}/
_AND.6: /AND{_END}/
_OR.6: /OR{_END}/
_NOT.6: /NOT{_END}/
WORD: /(?!{_RESERVED}{_END})[^{_BLANK}(){_QUOTES}]+/
%ignore /[{_BLANK}]+/
"""

_PARSER: Final = Lark(_GRAMMAR, parser="lalr", lexer="contextual")
_LONGEST: Final = 100  # words between two that are near
_MOST_NEAR: Final = 20  # in one chain
_FIELDS: Final = ("title", "text", "author", "category", "feed")
_NO_PLACES: Final = Gazetteer(())


def parse_query(query: str, manner: Manner = STRICT, gazetteer: Gazetteer = _NO_PLACES) -> Node:
    """The tree of a query. Raises QueryError with the offset, for whatever text."""
    misread.refuse_odd(query)
    try:
        tree = _PARSER.parse(query)
    except UnexpectedToken as fault:
        raise misread.misplaced(query, fault.token.type, fault.token.start_pos) from None
    except UnexpectedCharacters as fault:
        raise misread.misplaced(query, "", fault.pos_in_stream) from None
    reader = _Reader(manner, gazetteer)
    node = reader.node(tree)
    if _only_excludes(node):
        sides = [side for side in _tree(tree.children[0]).children if isinstance(side, Tree)]
        at = next((_first(side) for side in sides if _only_excludes(reader.node(side))), 0)
        what = "part beside OR" if len(sides) > 1 else "query"
        raise QueryError(
            f"this {what} only excludes, so it would fire on everything else",
            at if len(sides) > 1 else len(query) - len(query.lstrip()),
            "say what must be there, and exclude with NOT beside it",
        )
    return node


def _only_excludes(node: Node) -> bool:
    return triggers(node, lambda _leaf: 1.0) is None


class _Reader:
    """Turns lark's tree into ours."""

    def __init__(self, manner: Manner, gazetteer: Gazetteer) -> None:
        self._manner = manner
        self._gazetteer = gazetteer

    def node(self, tree: Tree[Token]) -> Node:
        match tree.data:
            case "word":
                return self._word(_token(tree))
            case "phrase":
                return self._phrase(_token(tree))
            case "pattern":
                return _pattern(_token(tree))
            case "near":
                return self._near(tree)
            case "field":
                return self._field(tree)
            case "count":
                return self._count(tree)
            case "excluded":
                return Not(self._only(tree))
        parts = tuple(self.node(part) for part in tree.children if isinstance(part, Tree))
        if len(parts) == 1:
            return parts[0]
        return Or(parts) if tree.data == "either" else And(parts)

    def _only(self, tree: Tree[Token]) -> Node:
        return next(self.node(part) for part in tree.children if isinstance(part, Tree))

    def _word(self, token: Token) -> Node:
        misread.refuse_habits(str(token), _start(token))
        return self._term(str(token), _start(token))

    def _phrase(self, token: Token) -> Node:
        text, gap = _quoted(token)
        if token.startswith("="):
            if gap is not None:
                raise QueryError("= asks for exactly these words, so ~ has no place", _start(token))
            return self._term(f"={text}", _start(token) + 1)
        if gap is None:
            return self._term(text, _start(token) + 1)
        distance = misread.number(gap, _start(token) + len(text) + 3, '"a b"~2', _LONGEST)
        found = self._term(text, _start(token) + 1)
        parts = [self._term(word, _start(token) + 1) for word in text.split()]
        words = tuple(part for part in parts if isinstance(part, Term))
        if len(found.words) < 2 or len(words) < 2:
            raise QueryError("~ counts the words between two or more", _start(token))
        return Gapped(str(token), words, distance)

    def _term(self, text: str, start: int) -> Term:
        try:
            return parse_word(text, self._manner)
        except QueryError as fault:
            raise QueryError(fault.reason, start + fault.offset, fault.suggestion) from None

    def _near(self, tree: Tree[Token]) -> Node:
        first, *rest = tree.children
        if len(rest) > 2 * _MOST_NEAR:
            raise QueryError(f"more than {_MOST_NEAR} NEAR in a row", _first(tree))
        left, left_tree = self.node(_tree(first)), _tree(first)
        for operator, right_tree in zip(map(_leaf, rest[::2]), map(_tree, rest[1::2]), strict=True):
            ordered = operator.startswith("O")
            name, _, count = operator.partition("/")
            place = _start(operator)
            distance = misread.number(count, place + len(name) + 1, f"{name}/10", _LONGEST)
            right = self.node(right_tree)
            for side, side_tree in ((left, left_tree), (right, right_tree)):
                misread.refuse_far(side, name, _first(side_tree))
            left = Near(str(operator), left, right, distance, ordered)
        return left

    def _field(self, tree: Tree[Token]) -> Node:
        name, part = tree.children
        field = str(name).rstrip().partition(":")[0].lower()
        if field in _FIELDS:
            return Within(field, self.node(_tree(part)))
        below = _tree(part)
        if below.data not in ("word", "phrase"):
            place = _first(below)
            raise QueryError(f"{field}: takes the name of one place", place, f'{field}:"مخمور"')
        return self._place(field, _token(below), quoted=below.data == "phrase")

    def _place(self, key: str, token: Token, *, quoted: bool) -> Node:
        start = _start(token) + quoted
        name = (_quoted(token)[0] if quoted else str(token)).strip()
        if not name:
            raise QueryError(f"{key}: takes the name of a place", start, f'{key}:"مخمور"')
        try:
            found = self._gazetteer.find(PlaceName(name))
        except QueryError as fault:
            whole = None if quoted else f'a name of several words goes in quotes: {key}:"{name} …"'
            cures = "; ".join(cure for cure in (fault.suggestion, whole) if cure)
            raise QueryError(fault.reason, start, cures or None) from None
        ids = {place.id for place in found}
        if key == "within":
            ids = ids.union(*(self._gazetteer.inside(place) for place in ids))
        return InPlace(name, frozenset(ids), self._manner.sense, self._manner.loose)

    def _count(self, tree: Tree[Token]) -> Node:
        compared = tree.children[-1]
        sign, least = re.split(r"[\s\u200e\u200f]*(?=\d)", str(compared), maxsplit=1)
        number = int(least) if len(least) < 10 else 10**9
        if sign == ">":
            number += 1
        elif sign not in (">=", "=>", "≥"):
            raise QueryError(
                f"{sign} is no comparison of count()",
                _start(_token(tree, -1)),
                "write count(…)>=3, and NOT count(…)>=3 for fewer",
            )
        if not 1 <= number <= misread.MOST:
            raise QueryError(f"count() compares with 1 to {misread.MOST}", _start(_token(tree, -1)))
        part = self._only(tree)
        misread.refuse_uncountable(part, _first(_tree(tree.children[1])))
        return Count(f"count(…)>={number}", part, number)


def _pattern(token: Token) -> Node:
    body, _, flags = str(token)[1:].rpartition("/")
    pattern = ("(?i)" if flags else "") + body.replace(r"\/", "/")
    try:
        patterns.check(pattern)
    except QueryError as fault:
        raise QueryError(fault.reason, _start(token) + 1 + fault.offset, fault.suggestion) from None
    return Pattern(str(token), pattern)


def _quoted(token: Token) -> tuple[str, str | None]:
    """What stands between the quotation marks, and after the ~ behind them, if there is one."""
    text = str(token)
    end = max(text.rfind(quote) for quote in _QUOTES + "’")
    inner = text[2 if text.startswith("=") else 1 : end]
    return inner, (text[end + 2 :] if text[end + 1 : end + 2] == "~" else None)


def _start(token: Token) -> int:
    return token.start_pos or 0


def _first(tree: Tree[Token]) -> int:
    """Where a part of the query begins."""
    return min(_start(token) for token in tree.scan_values(lambda _: True))


def _token(tree: Tree[Token], index: int = 0) -> Token:
    return _leaf(tree.children[index])


def _leaf(child: Tree[Token] | Token) -> Token:
    assert isinstance(child, Token)  # noqa: S101 - the grammar gives these rules a token there
    return child


def _tree(child: Tree[Token] | Token) -> Tree[Token]:
    assert isinstance(child, Tree)  # noqa: S101 - the grammar gives these rules a tree there
    return child
