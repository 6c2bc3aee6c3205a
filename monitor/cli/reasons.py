"""The reasons of a clause in short: what it rests on, or what it lacks and what came close.

A list of fourteen words of which none is there says so once. What an article holds instead stays:
another form of a word, a place that is not taken for it, a word that must not be there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from monitor.cli.answers import joined
from monitor.model import ClauseResult, Heard, Said

_FEW: Final = 3  # parts that are named one by one
_MOST_NAMED: Final = 8
_WITHOUT: Final = ("none", "not_places")  # keys of a rule that hold where nothing is found
_PLACES: Final = ("places", "not_places", "near")


def holding(clause: ClauseResult) -> Iterator[str]:
    """What a clause rests on that holds, in sentences."""
    if not clause.said:
        yield clause.reason
    telling = Heard.DOUBTED if _key(clause) in _WITHOUT else Heard.FOUND
    for each in clause.said:
        if each.heard is telling and not each.label.startswith("NOT "):
            yield each.sentence


def whole(clause: ClauseResult) -> str:
    """The reason of a clause in full; where it holds, without hints at what would find more."""
    if not clause.matched:
        return clause.reason
    bare = [
        f"{each.label}: not found" if each.heard is Heard.CLOSE else each.sentence
        for each in clause.said
    ]
    return joined(bare, "; ") or clause.reason


def lacking(clause: ClauseResult) -> Iterator[str]:
    """What a clause that does not hold is or lacks, and then what came close, in sentences."""
    key, said = _key(clause), clause.said
    asked = [each for each in said if not each.label.startswith("NOT ")]
    missing = [each.label for each in asked if each.heard in (Heard.MISSING, Heard.CLOSE)]
    if key in _WITHOUT:
        yield clause.clause
        yield from (each.sentence for each in said if each.heard is Heard.FOUND)
    elif not said:
        yield clause.clause
        yield clause.reason
    elif len(missing) == len(asked):
        yield _nothing(key, missing)
        yield from _close(said)
    else:
        yield clause.clause
        if found := [each.label for each in asked if each.heard is Heard.FOUND]:
            yield f"there: {_named(found)}"
        if missing:
            yield f"not {_verb(key)}: {_named(missing)}"
        yield from _close(said)


def _close(said: Sequence[Said]) -> Iterator[str]:
    for each in said:
        if each.heard in (Heard.CLOSE, Heard.DOUBTED):
            yield each.sentence


def _nothing(key: str, labels: Sequence[str]) -> str:
    what, verb = "places" if key in _PLACES else "words", _verb(key)
    if len(labels) == 1:
        return f"{key}: {labels[0]} is not {verb}"
    if len(labels) <= _FEW:
        return f"{key}: none of {joined(labels)} is {verb}"
    return f"{key}: none of {len(labels)} {what} is {verb}"


def _verb(key: str) -> str:
    return "named" if key in _PLACES else "there"


def _named(labels: Sequence[str]) -> str:
    several = list(dict.fromkeys(labels))
    more = len(several) - _MOST_NAMED
    return joined(several[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _key(clause: ClauseResult) -> str:
    return clause.clause.partition(": ")[0]
