"""The query language: text to tree, with the exact offset of every fault.

    غارة OR (قصف AND "تنظيم الدولة") NOT تدريب

Words side by side mean AND; NOT binds closest, then AND, then OR; the operators are in capitals.
“ ” and « » quote as " does. This is the only file that knows lark; it must match nothing.
"""

from __future__ import annotations

from typing import Final

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedToken

from monitor.core.rules.items import parse_word
from monitor.core.rules.tree import And, Node, Not, Or, triggers
from monitor.errors import QueryError

_GRAMMAR: Final = r"""
start: either
either: both (_OR both)*
both: single (_AND? single)*
?single: _NOT positive -> excluded
       | positive
?positive: WORD -> word
         | PHRASE -> phrase
         | "(" either ")"
         | LATER -> later

PHRASE: /"[^"]*"|“[^”]*”|«[^»]*»/
LATER.5: /O?NEAR(\/\w*)?(?=[\s()]|$)/
       | /(title|text|author|category|feed|place|within):/
       | /count(?=\s*\()/
       | /[~\/][^\s()]*/
_AND.4: /AND(?=[\s()"“«]|$)/
_OR.4: /OR(?=[\s()"“«]|$)/
_NOT.4: /NOT(?=[\s()"“«]|$)/
WORD: /[^\s()"“”«»]+/
%ignore /\s+/
"""

_PARSER: Final = Lark(_GRAMMAR, parser="lalr", lexer="basic")
_DEEPEST: Final = 50
_NAMES: Final = {"_AND": "AND", "_OR": "OR", "_NOT": "NOT"}


def parse_query(query: str, *, loose: bool = False) -> Node:
    """The tree of a query. Raises QueryError with the offset, for whatever text."""
    _refuse_odd_tokens(query)
    try:
        tree = _PARSER.parse(query)
    except UnexpectedToken as fault:
        raise _misplaced(query, fault.token) from None
    node = _node(tree, loose=loose)
    if triggers(node) is None:
        raise QueryError(
            "the query only excludes, so it would fire on everything else",
            len(query) - len(query.lstrip()),
            "say what must be there, and exclude with NOT beside it",
        )
    return node


def _refuse_odd_tokens(query: str) -> None:
    """Raises for what is wrong before any grammar: nothing, open quotes, words of a later version,
    parentheses that do not pair or nest too deep."""
    try:
        tokens = list(_PARSER.lex(query))
    except UnexpectedCharacters as fault:
        place = fault.pos_in_stream or 0
        raise QueryError(f"the quotation mark {query[place]} has no partner", place) from None
    if not tokens:
        raise QueryError("an empty query finds nothing", 0)
    for token in tokens:
        if token.type == "LATER":
            raise QueryError(f"{token} is not available in this version", token.start_pos or 0)
    _refuse_unpaired(tokens)


def _refuse_unpaired(tokens: list[Token]) -> None:
    opened: list[int] = []
    for token in tokens:
        place = token.start_pos or 0
        if token.type == "LPAR":
            opened.append(place)
            if len(opened) > _DEEPEST:
                raise QueryError(f"parentheses nest more than {_DEEPEST} deep", place)
        elif token.type == "RPAR":
            if not opened:
                raise QueryError("this parenthesis closes nothing", place)
            opened.pop()
    if opened:
        raise QueryError("this parenthesis is not closed", opened[-1])


def _misplaced(query: str, token: Token) -> QueryError:
    """What to say of the token at which the grammar stopped."""
    if token.type == "$END":
        return QueryError("the query ends where a word is expected", len(query.rstrip()))
    place = token.start_pos or 0
    if token.type == "RPAR":
        return QueryError("a word is expected before this parenthesis", place)
    return QueryError(f"a word is expected, not {_NAMES.get(token.type, token)}", place)


def _node(tree: Tree[Token], *, loose: bool) -> Node:
    """The parse tree as our own."""
    if tree.data in ("word", "phrase"):
        return _term(tree, loose=loose)
    parts = tuple(_node(part, loose=loose) for part in tree.children if isinstance(part, Tree))
    if tree.data == "excluded":
        return Not(parts[0])
    if len(parts) == 1:
        return parts[0]
    return Or(parts) if tree.data == "either" else And(parts)


def _term(tree: Tree[Token], *, loose: bool) -> Node:
    token = tree.children[0]
    assert isinstance(token, Token)  # noqa: S101 - the grammar gives these rules one token
    quoted = tree.data == "phrase"
    text = token[1:-1] if quoted else str(token)
    start = (token.start_pos or 0) + quoted
    try:
        return parse_word(text, loose=loose)
    except QueryError as fault:
        raise QueryError(fault.reason, start + fault.offset, fault.suggestion) from None
