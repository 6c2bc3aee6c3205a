"""A configuration file's text around the YAML parser: its encoding, characters that have no place
in it, and the parser's complaints in plain words.

This module must not parse anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_BYTES = 50_000_000

# What YAML allows in a file, turned round (https://yaml.org/spec/1.2.2/#51-character-set).
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file; both count from 1, the column in code points."""

    line: int
    column: int


class Misread(Exception):  # noqa: N818 # not an error of ours yet: the caller names the file
    """A file is no YAML that we accept: why, where (None: nowhere in particular), at which key."""

    def __init__(self, reason: str, position: Position | None = None, key: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position
        self.key = key


def decode(data: bytes) -> str:
    """The text of a file in UTF-8, without its byte order mark. Raises Misread."""
    if len(data) > MAX_BYTES:
        raise Misread(f"is larger than {MAX_BYTES // 1_000_000} MB")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Misread("is UTF-16: save it as UTF-8", Position(1, 1))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix("\ufeff")
        guess = "is windows-1256, it seems" if _is_windows_1256(data) else "is not UTF-8"
        raise Misread(f"{guess}: save it as UTF-8", _end_of(before)) from None
    return text.removeprefix("\ufeff")


def _is_windows_1256(data: bytes) -> bool:
    """Whether what is no UTF-8 reads as Arabic in the code page of Arabic Windows."""
    foreign = re.sub(rb"[\x00-\x7f]+", b"", data[:100_000]).decode("cp1256")
    return sum("\u0621" <= letter <= "\u064a" for letter in foreign) > 0.9 * len(foreign)


def refuse_controls(text: str) -> None:
    """Raises Misread at the first character that YAML does not allow."""
    found = _UNPRINTABLE.search(text)
    if found:
        reason = f"a control character (U+{ord(found[0]):04X}) has no place here"
        raise Misread(reason, _end_of(text[: found.start()]))


def _end_of(text: str) -> Position:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return Position(len(lines), len(lines[-1]) + 1)


_BLOCK = "a value that begins with | or > needs quotes, unless its text stands below"
_COMPLAINTS = (  # (what the parser says, in context or problem), in both of PyYAML's parsers
    ("nesting depth", "nested too deeply"),  # PyYAML 6.0.4 and later look themselves
    ("expected node content", "a value is missing here: one comma or bracket too many"),
    ("tab character", "a tab cannot indent: use blanks"),
    ("flow sequence", "this '[' is not closed, or a comma is missing in it"),
    ("flow mapping", "this '{' is not closed, or a comma is missing in it"),
    ("duplicate anchor", "a name behind & that is taken already: write the text in quotes"),
    ("found undefined alias", "an alias (*) of nothing: write the text in quotes"),
    ("found another document", "a second document begins here: a file holds one"),
    ("unexpected end of stream", "this quote is not closed"),
    ("document indicator", "this quote is not closed"),
    ("hexdecimal", "an unknown escape in double quotes: use single quotes"),
    ("Unicode character escape", "an unknown escape in double quotes: use single quotes"),
    ("mapping keys are not allowed", "a value cannot begin with '?': write it in quotes"),
    ("comment or line break", _BLOCK),
    ("indentation indicator", _BLOCK),
    ("directive", "a line cannot begin with '%': write the value in quotes"),
    ("incompatible YAML", "this file is YAML 1.2: leave the line that begins with % out"),
    ("tag", "a value that begins with * & or ! needs single quotes around it"),
    ("unknown escape character", "an unknown escape in double quotes: use single quotes"),
    (
        "mapping values are not allowed",
        "a second ':' in one value: quote it, or begin a line with the key",
    ),
    ("could not find expected ':'", "a ':' is missing after a key"),
    ("expected alphabetic", "a value that begins with * & or ! needs single quotes around it"),
    ("expected whitespace", "a value that begins with * & or ! needs single quotes around it"),
    ("found unexpected ':'", "a value is missing here, or its ':' needs quotes around the value"),
    ("<document start>", "the file's value has ended above: is a ':' missing in this line?"),
    (
        "block mapping",
        "expected a key here: check the indentation, or put single quotes around the whole value",
    ),
    ("block collection", "expected '- ' here: check the indentation"),
    ("block sequence", "expected '- ' here: check the indentation"),
)


def syntax_reason(context: str, problem: str, rest: str) -> str:
    """A sentence on a syntax error. `rest` is the line from the fault on; nothing more of the file
    than one character of it is repeated, for what stands there may be a secret."""
    if "cannot start any token" in problem:
        if rest[:1] == "\t":
            return "a tab cannot indent: use blanks"
        return f"a value cannot begin with {rest[:1]!r}: write it in quotes"
    if not rest and "expected node content" in problem:
        return "the file ends where a value or a closing bracket is due"
    said = f"{context} {problem}"
    return next((ours for theirs, ours in _COMPLAINTS if theirs in said), problem)
