"""What is wrong with a template, in plain words: for what Jinja2 says, and Python behind it.

A sentence that is not known here is shown as it is. This module must not run a template.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

_TAGS: Final = ("for", "endfor", "if", "elif", "else", "endif", "set", "block", "endblock", "macro")
_ENDS: Final = {"end of print statement": "}}", "end of statement block": "%}"}
_MOST_NAMED: Final = 12


class UnknownNameError(Exception):
    """A template asks for what there is not: `name` of `owner`, or `alone`."""

    def __init__(self, name: object, owner: object, *, alone: bool) -> None:
        super().__init__(name)
        self.name = name
        self.owner = owner
        self.alone = alone


_UNDERSTOOD: Final = (  # (what Jinja2's own parser says, what we say)
    (r"unexpected '(.+)', expected '(.+)'", r"'\2' is missing before this '\1'"),
    (r"unexpected '(.+)'", r"this '\1' closes nothing, or stands alone where two are due"),
    (r"unexpected end of template, expected '(.+)'\.?", r"the template ends where '\1' is due"),
    (
        r"Unexpected end of template.* The innermost block that needs to be closed is '(\w+)'\.",
        r"the template ends before {% end\1 %}",
    ),
    (r"Expected an expression, got '[}%]}'", "a name or value is missing before this end"),
    (r"Expected an expression, got '(.*)'", r"a name or value is missing before '\1'"),
    (
        r"expected token '(.+)', got '[}%]}'",
        r"'\1' is missing at the end",
    ),
    (
        r"expected token '[}%]}', got '(.+)'",
        r"'\1' stands behind what is complete already: an operator or a quote is missing",
    ),
    (r"expected token '(.+)', got '(.+)'", r"'\1' is missing before '\2'"),
    (r"unexpected char (?:\"'\"|'\"') at \d+", "a quote is not closed"),
    (r"unexpected char [\"'](.+)[\"'] at \d+", r"the character \1 has no place in an expression"),
    ("Missing end of comment tag", "a comment is not closed: #} is missing"),
    (
        r"Encountered unknown tag '(end\w*)'.*",
        r"this {% \1 %} closes nothing",
    ),
)
_FAILED: Final = (  # the same of what fails while a template runs
    ("no loader for this environment", "other files cannot be included or imported"),
    ("object is not callable", "this is no function: leave the parentheses out"),
    ("can only concatenate", "texts and numbers are joined by ~, not by +"),
    ("unsupported operand", "texts and numbers do not go together in this operation"),
    ("not supported between", "a text and a number cannot be compared"),
    ("by zero", "a division by zero"),
    ("unexpected keyword argument", "a filter or function does not take this argument"),
    ("positional argument", "a filter or function has too many or too few arguments"),
    ("is unsafe", "what begins with _ is not available"),
    ("object is not iterable", "a loop runs over a list, and this is none"),
)


def of_syntax(message: str, filters: Iterable[str], tests: Iterable[str]) -> str:
    """A sentence on what the parser refused."""
    for theirs, ours in _ENDS.items():
        message = message.replace(theirs, ours)
    found = re.match(r"No (filter|test) named '(.*)'\.", message)
    if found:
        known = filters if found[1] == "filter" else tests
        return f"no {found[1]} is called {found[2]}{_close(found[2], known)}"
    for theirs, ours in _UNDERSTOOD:
        match = re.fullmatch(theirs, message, re.DOTALL)
        if match:
            return match.expand(ours)
    tag = re.match(r"Encountered unknown tag '(.+?)'", message)
    return f"no tag is called {tag[1]}{_close(tag[1], _TAGS)}" if tag else message


def of_failure(error: Exception, names: Mapping[str, Any], *, plain: bool) -> str:
    """A sentence on what went wrong while a template ran over these names; `plain`: what the error
    says needs no name of the error before it."""
    if isinstance(error, UnknownNameError):
        return _unknown(error, names)
    said = str(error)
    ours = next((words for theirs, words in _FAILED if theirs in said), None)
    if ours:
        return ours
    return said if plain else f"{type(error).__name__}: {said}"


def _unknown(error: UnknownNameError, names: Mapping[str, Any]) -> str:
    name, owner = error.name, error.owner
    if error.alone:
        return f"nothing is called {name}{_close(name, names)}"
    if isinstance(owner, Mapping):
        return f"nothing in it is called {name}{_close(name, owner)}"
    if isinstance(owner, list) and isinstance(name, int):
        return f"the list has no item {name} (ask first: {{% if … %}})"
    if isinstance(owner, list):
        return f"a list has no {name}: its items have, in a loop: {{% for … in … %}}"
    return f"a {'text' if isinstance(owner, str) else 'value'} has no {name}"


def _close(name: object, known: Iterable[str]) -> str:
    """The known name that is near, else those that there are, where they are few."""
    names = sorted(known)
    near = difflib.get_close_matches(str(name).casefold(), names, n=1, cutoff=0.67)
    if near:
        return f" (did you mean {near[0]}?)"
    return f" (there are {', '.join(names)})" if 0 < len(names) <= _MOST_NAMED else ""
