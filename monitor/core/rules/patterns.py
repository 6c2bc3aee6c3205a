r"""Regular expressions over the raw text, in linear time whatever they are (RE2).

The text is as the feed gives it: no folding, no proclitics; \b knows only ASCII letters. This is
the only file that knows re2; it must know no rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from monitor.errors import QueryError

if TYPE_CHECKING:
    import re2

_SURROGATE: Final = re.compile("[\ud800-\udfff]")  # which no UTF-8 can hold
_MEMORY: Final = 8 << 20  # bytes an expression may take; RE2's own default
_MEMORY_OF_MANY: Final = 256 << 20  # 20,000 names of places take 20 MB


class Patterns:
    """Expressions, compiled once. Each is looked for on its own: a set of them that outgrows RE2's
    memory finds nothing and does not say so. They must have passed `check`. Immutable; any thread
    may use it."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._compiled = {pattern: _compiled(pattern) for pattern in patterns}

    def find(self, pattern: str, text: str) -> Iterator[tuple[int, int]]:
        """(start, end) of every find of one of the expressions in a text, looked for as they are
        asked for; empty finds are none."""
        found = self._compiled[pattern].finditer(_SURROGATE.sub("\ufffd", text))
        return (span for span in (match.span() for match in found) if span[1] > span[0])


class AnyOf:
    """Looks for any of some byte strings at once, in one pass however many they are: those of
    `behind` behind an expression, and those of `bare` as they are. Immutable."""

    def __init__(self, head: bytes, behind: Iterable[bytes], bare: Iterable[bytes]) -> None:
        import re2

        options = re2.Options()
        options.log_errors = False
        options.encoding = re2.Options.Encoding.LATIN1
        options.never_capture = True
        options.max_mem = _MEMORY_OF_MANY
        ways = [b"|".join(map(re2.escape, sorted(words))) for words in (behind, bare)]
        parts = [head + b"(?:" + ways[0] + b")" if ways[0] else b"", ways[1]]
        self._search = re2.compile(b"|".join(filter(None, parts)), options).search

    def is_in(self, data: bytes) -> bool:
        """Whether one of them is."""
        return self._search(data) is not None


def check(pattern: str) -> None:
    """Raises QueryError, with the offset where RE2 tells it, for what is no expression or finds
    something in every text."""
    import re2

    try:
        compiled = _compiled(pattern)
    except re2.error as fault:
        said, _, fragment = _said(fault).partition(": ")
        raise QueryError(
            f"no regular expression: {_reason(said, fragment)}",
            max(0, pattern.find(fragment)),
            "see https://github.com/google/re2/wiki/Syntax",
        ) from None
    if compiled.search(""):
        raise QueryError("the expression finds an empty text, so it would fire on everything", 0)


def _compiled(pattern: str) -> re2._Regexp[str]:
    import re2  # takes 2 MB, and few configurations have expressions

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    return re2.compile(_SURROGATE.sub("\ufffd", pattern), options)


_REASONS: Final = {  # what RE2 says, and what we say; {} is the part at fault
    "missing ]": "a ] is missing behind {}",
    "missing )": "a ) is missing behind {}",
    "unexpected )": "a ( is missing before the ) of {}",
    "invalid perl operator": "{} is not known here: an expression cannot look ahead or back",
    "no argument for repetition operator": "nothing stands before {} that it could repeat",
    "bad repetition operator": "{} repeats what is repeated already",
    "invalid repetition size": "{} repeats too often: 1000 times at most, nested ones together",
    "invalid escape sequence": r"{} means nothing here (\\ is a backslash)",
    "invalid character class range": "{} is no range or class of characters",
    "invalid character class": "{} is no class of characters",
    "invalid named capture group": "the name of a group is wrong in {}",
    "trailing \\": "it ends with a backslash",
    "pattern too large - compile failed": "it is too large",
}


def _reason(said: str, fragment: str) -> str:
    words = _REASONS.get(said)
    if words is None:
        return f"{said}: {fragment}" if fragment else said
    return words.replace("{}", fragment[:40])


def _said(fault: re2.error) -> str:
    said = fault.args[0] if fault.args else "unknown reason"
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
