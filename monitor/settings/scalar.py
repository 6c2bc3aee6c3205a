"""Where a character of a YAML scalar stands in the file: over folded lines, in blocks, between
quotes and escapes (https://yaml.org/spec/1.2.2/, chapters 7.3 and 8.1).

This module must not parse: the parser has read the value, and here it is found again as written.
"""

from __future__ import annotations

import re

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+(?:#[^\r\n]*\s+)*)*")  # an anchor, a tag, comments
_WHITE = frozenset(" \t\r\n\x85\u2028\u2029")
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_CONTINUED = re.compile(r"\\(?:\r\n|[\r\n\x85\u2028\u2029])\s*")
_LONG = {"x": 4, "u": 6, "U": 10}  # how many characters these escapes take
_SHORT = dict(
    zip('0abtnvfre"/\\N_LP \t', '\0\a\b\t\n\v\f\r\x1b"/\\\x85\xa0\u2028\u2029 \t', strict=True)
)


def index_of(source: str, style: str | None, value: str, offset: int) -> int | None:
    """The index in `source` of the character `offset` of a scalar's value. `source`: the scalar as
    written, from its start to its end; `style`: its sign (' " | >), None where it is plain. None
    where the two do not go together."""
    found = _PROPERTIES.match(source)
    at = found.end() if found else 0
    if style in ("|", ">"):
        header = _BREAK.search(source, at)
        at = header.end() if header else len(source)
    elif style:
        at += 1
    for number, letter in enumerate(value):
        at = _skip(source, at, style, blanks=letter not in _WHITE)
        width = _width(source, at, style, letter)
        if width is None:
            return None
        if number == offset:
            return at
        at += width
    return at if offset == len(value) else None


def lines_to(source: str, index: int) -> tuple[int, int]:
    """(line breaks before a place in a text, characters since the last of them)."""
    breaks = list(_BREAK.finditer(source, 0, index))
    return len(breaks), index - (breaks[-1].end() if breaks else 0)


def _skip(source: str, at: int, style: str | None, *, blanks: bool) -> int:
    """Over what stands for no character: escaped line ends and, before a letter, the blanks and
    line ends that folding left out."""
    while at < len(source):
        continued = _CONTINUED.match(source, at) if style == '"' else None
        if continued:
            at = continued.end()
        elif blanks and source[at] in _WHITE:
            at += 1
        else:
            break
    return at


def _width(source: str, at: int, style: str | None, letter: str) -> int | None:
    """How many characters write a letter; a blank that folding makes of a line's end has none."""
    here = source[at : at + 1]
    if style == '"' and here == "\\":
        return _escape(source, at, letter)
    if here == letter:
        return 2 if style == "'" and letter == "'" else 1
    return 0 if letter in _WHITE else None


def _escape(source: str, at: int, letter: str) -> int | None:
    """How many characters an escape has that writes this letter; None where it writes another."""
    sign = source[at + 1 : at + 2]
    if sign in _LONG:
        digits = source[at + 2 : at + _LONG[sign]]
        return _LONG[sign] if digits and int(digits, 16) == ord(letter) else None
    return 2 if _SHORT.get(sign) == letter else None
