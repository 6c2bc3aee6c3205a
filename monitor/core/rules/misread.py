"""What is wrong with a query, in words: where, what was expected, and how to write it.

The grammar only says where it stopped; what people mean who stop there is known here. This module
must not build a tree.
"""

from __future__ import annotations

import difflib
import re
from typing import Final

from monitor.core.rules.tree import And, Count, Node, Not, Pattern, parts_of
from monitor.core.text.clitics import INVISIBLE
from monitor.errors import QueryError

MOST: Final = 1000
_DEEPEST: Final = 50
_FIELDS: Final = ("title", "text", "author", "category", "feed", "place", "within")
_ARABIC_FIELDS: Final = {
    "عنوان": "title",
    "العنوان": "title",
    "نص": "text",
    "النص": "text",
    "متن": "text",
    "كاتب": "author",
    "الكاتب": "author",
    "تصنيف": "category",
    "قسم": "category",
    "مصدر": "feed",
    "المصدر": "feed",
    "مكان": "place",
    "المكان": "place",
    "داخل": "within",
}
# What quotation marks of one kind enclose.
QUOTED: Final = '["“”„‟＂][^"“”„‟＂]*["“”„‟＂]|[«»][^«»]*[«»]|[‹›][^‹›]*[‹›]|‘[^‘’]*’'
_SCANNED: Final = re.compile(rf"""{QUOTED}|(?<![^\s(:])/(?:[^/\\\n]|\\.)+/|[()"“”„‟＂«»‹›‘]""")
_FIELD: Final = re.compile(r"([^\W\d_]+):(?!/)")
_GAP: Final = re.compile(r"~\d*$")
_VISIBLE: Final = re.compile(rf"[^\s{INVISIBLE}]")
_COMMAS: Final = frozenset("،؛,;")
_HABITS: Final = {
    "&&": "AND",
    "&": "AND",
    "||": "OR",
    "|": "OR",
    "!": "NOT",
    "-": "NOT",
    "–": "NOT",
    "—": "NOT",
    "+": "AND",
}
_NAMES: Final = {"_AND": "AND", "_OR": "OR", "_NOT": "NOT", "NEAR": "NEAR"}


def refuse_odd(query: str) -> None:
    """Raises QueryError for what is wrong before any grammar: nothing at all, quotation marks
    without partner, parentheses that do not pair or nest too deep."""
    if not _VISIBLE.search(query):
        raise QueryError("an empty query finds nothing", 0)
    opened: list[int] = []
    for found in _SCANNED.finditer(query):
        if found[0] == "(":
            opened.append(found.start())
            if len(opened) > _DEEPEST:
                raise QueryError(f"parentheses nest more than {_DEEPEST} deep", found.start())
        elif found[0] == ")":
            if not opened:
                raise QueryError("this parenthesis closes nothing", found.start())
            opened.pop()
        elif len(found[0]) == 1:
            raise QueryError(f"the quotation mark {found[0]} has no partner", found.start())
    if opened:
        raise QueryError("this parenthesis is not closed", opened[-1])


def misplaced(query: str, kind: str, place: int | None) -> QueryError:
    """What to say of the token, of this kind and at this place, at which the grammar stopped; the
    kind is empty where no token begins there."""
    if kind == "$END":
        if re.search(r"count\s*\([^()]*\)\s*\Z", query, re.IGNORECASE):
            return _count_alone(len(query.rstrip()))
        return QueryError("the query ends where a word is expected", len(query.rstrip()))
    at = place or 0
    if re.search(r"count\s*\([^()]*\)\s*\Z", query[:at], re.IGNORECASE):
        return _count_alone(at)
    if kind == "RPAR":
        return QueryError("a word is expected before this parenthesis", at)
    token = _NAMES.get(kind) or _word_at(query, at)
    return QueryError(f"a word is expected, not {token}", at)


def refuse_habits(word: str, start: int) -> None:
    """Raises QueryError where a word is what other search languages write: commas, + - ! & |, a
    field that there is not, a regular expression without its end."""
    for place, letter in enumerate(word):
        if letter in _COMMAS and not word[place - 1 : place + 2].replace(letter, "").isdigit():
            raise QueryError(
                f"the comma {letter} joins no words", start + place, "write OR or AND between them"
            )
    if word[0] == "'" and len(word) > 1:
        raise QueryError("' quotes nothing", start, 'write "…" around a phrase')
    gap = _GAP.search(word)
    if gap:
        raise QueryError(
            f"{gap[0]} stands right behind a phrase in quotes", start + gap.start(), '"a b"~2'
        )
    if word[0] == ":" and len(word) > 1:
        raise QueryError("no blank stands before the colon of a field", start, "title:داعش")
    if word[0] == "/" and len(word) > 1:
        raise QueryError(
            "a regular expression ends with / and a blank",
            start,
            r"write /…/, and \/ for a slash inside it",
        )
    if word == "+":
        reason = "+ finds derived forms of one word, not of a phrase in quotes"
        raise QueryError(reason, start, "forms: true finds those of all words")
    sign = word if word in _HABITS else word[0]
    if sign in _HABITS and (sign == word or word[1].isalpha()):
        raise QueryError(f"{sign} is no operator", start, f"write {_HABITS[sign]}")
    _refuse_field(word, start)


def _refuse_field(word: str, start: int) -> None:
    named = _FIELD.match(word)
    if not named:
        return
    name = named[1]
    if name.lower() in _FIELDS:
        raise QueryError(f"{name}: stands directly behind another field", start, f"title:({word})")
    near = difflib.get_close_matches(name.lower(), _FIELDS, n=1)
    meant = _ARABIC_FIELDS.get(name) or (near[0] if near else None)
    suggestion = f"did you mean {meant}:?" if meant else f'write "{word}" in quotes for the words'
    raise QueryError(f"no field is called {name}", start, suggestion)


def number(text: str, place: int, example: str, most: int) -> int:
    """The number behind NEAR/ or ~; digits of any script. Raises QueryError."""
    if not text.isdecimal() or len(text) > 9 or int(text) > most:
        raise QueryError(f"a number of words from 0 to {most} is expected", place, example)
    return int(text)


def refuse_far(side: Node, name: str, place: int) -> None:
    """Raises QueryError for what cannot stand near anything: it has no place of its own."""
    if isinstance(side, And):
        raise QueryError(
            f"{name} takes words, phrases, places, or several joined by OR",
            place,
            "put the words of a phrase in quotes, or OR between them",
        )
    if isinstance(side, Not):
        reason = f"{name} takes no NOT on its sides"
        raise QueryError(reason, place, f"write NOT before the whole: NOT (… {name}/10 …)")
    if isinstance(side, Count | Pattern):
        what = "count()" if isinstance(side, Count) else "a regular expression"
        raise QueryError(f"{name} does not take {what}", place)
    for part in parts_of(side):
        refuse_far(part, name, place)


def refuse_uncountable(part: Node, place: int) -> None:
    """Raises QueryError for what count() cannot count."""
    if isinstance(part, And | Not | Count):
        raise QueryError(
            "count() counts words, phrases, places, or several joined by OR",
            place,
            "give each its own count()",
        )
    for below in parts_of(part):
        refuse_uncountable(below, place)


def _count_alone(place: int) -> QueryError:
    return QueryError("count(…) needs a comparison", place, "count(داعش)>=3")


def _word_at(query: str, place: int) -> str:
    return query[place:].split(maxsplit=1)[0][:30] if query[place:].strip() else "the end"
