"""Checks a part of a file against its schema and tells every fault in plain words.

What pydantic says stops here. This module must not know what the keys mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from monitor.settings import hints
from monitor.settings.fields import WRONG, choice_meant
from monitor.settings.positions import Path
from monitor.settings.report import Scope, shown
from monitor.settings.schema import Section

_S = TypeVar("_S", bound=Section)
_DEEPEST = 6  # values stand in so many others at most


def check(
    kind: type[_S], scope: Scope, spare: Mapping[str, object]
) -> tuple[_S | None, frozenset[str]]:
    """Validates the value at `scope`; every fault goes to its report.

    Returns the section and the keys that were at fault. A faulty section is looked at again
    without those keys (with those of `spare` in their place), so that the checks that follow can
    tell their faults in the same run; None where even that fails.
    """
    value = scope.value
    try:
        return kind.model_validate(value), frozenset()
    except ValidationError as error:
        faults = error.errors(include_url=False)
    for fault in faults:
        _tell(fault, kind, scope)
    if not isinstance(value, dict):
        return None, frozenset()
    faulty = frozenset(str(fault["loc"][0]) for fault in faults if fault["loc"])
    return _sound(kind, {**spare, **deepcopy(value)}, faults, scope, spare), faulty


def _sound(
    kind: type[_S],
    value: dict[str, Any],
    faults: Sequence[ErrorDetails],
    scope: Scope,
    spare: Mapping[str, object],
) -> _S | None:
    """The section of what is left without the faults: first without the values at fault, then,
    where these cannot be spared, without what they stand in."""
    for _ in range(_DEEPEST):
        _take_out(value, [fault["loc"] for fault in faults], scope)
        try:
            return kind.model_validate({**spare, **value})
        except ValidationError as error:
            faults = error.errors(include_url=False)
    return None


def _take_out(value: dict[str, Any], paths: Sequence[Path], scope: Scope) -> None:
    """Takes out the values at some paths, of a path that leads too far the last that there is. In
    a list another of its items takes the place, for the others keep their numbers."""
    listed: dict[Path, set[int]] = {}
    for path in paths:
        holder, at = _last(value, path)
        if not at:
            continue
        if isinstance(holder, list):
            listed.setdefault(at[:-1], set()).add(int(at[-1]))
        else:
            holder.pop(at[-1], None)
    for at, numbers in listed.items():
        holder, _ = _last(value, (*at, 0))
        if not isinstance(holder, list):
            continue  # it is out already
        sound = [item for number, item in enumerate(holder) if number not in numbers]
        for number in numbers if sound else ():
            holder[number] = sound[0]
            scope.hush((*at, number))
        if not sound:
            holder.clear()


def _last(value: Any, path: Path) -> tuple[Any, Path]:
    """What holds the last value of a path that there is, and the path of that value."""
    holder, at = value, 0
    for number, part in enumerate(path, 1):
        inside = isinstance(value, dict) and part in value
        if not inside and not (isinstance(value, list) and _is_index(part, len(value))):
            break
        holder, value, at = value, value[part], number
    return holder, path[:at]


def _is_index(part: object, length: int) -> bool:
    return isinstance(part, int) and part < length


def items(scope: Scope, key: str, *beside: str) -> list[Scope]:
    """The scopes of a file's list (`feeds:`, `rules:`, `places:`); an empty file has none. Other
    keys than those `beside` it are refused."""
    value = scope.value
    if value is None:
        return []
    if not isinstance(value, dict):
        above = f"write '{key}:' above it, alone on its line" if isinstance(value, list) else None
        scope.error((), f"must begin with '{key}:'", above)
        return []
    for other in value:
        if other not in (key, *beside):
            hint = hints.beside_list if value.get(key) else hints.for_key
            scope.unknown_key((other,), hint(other, hints.FILES[f"{key}.yaml"]))
    entries = value.get(key)
    if entries is None:
        return []
    if not isinstance(entries, list):
        _tell_no_items(key, entries, scope)
        return []
    return [scope.item(key, index) for index in range(len(entries))]


def _tell_no_items(key: str, entries: object, scope: Scope) -> None:
    first = next(iter(entries), "") if isinstance(entries, dict) else entries
    if isinstance(first, str) and re.match(r"-[^\s-]", first):
        at = (key, first) if isinstance(entries, dict) else (key,)
        scope.wrong_key(at, "a blank is missing after the dash", None)
    else:
        scope.error((key,), "must be a list: each item on its own line, after '- '")


def _tell(fault: ErrorDetails, kind: type[Section], scope: Scope) -> None:
    path: Path = fault["loc"]
    given = fault["input"]
    if fault["type"] == "extra_forbidden":
        scope.unknown_key(path, hints.for_key(path[-1], hints.section_at(kind, path[:-1])))
        return
    if fault["type"] == WRONG:
        context = fault["ctx"]
        if path[-1:] == ("[key]",) and given == path[-2]:  # so pydantic calls a key that is wrong
            scope.wrong_key(path[:-1], context["reason"], context["hint"] or None)
            return
        scope.error(path, context["reason"], context["hint"] or None, context["offset"])
        return
    if fault["type"] in _NOT_TYPES:
        scope.error(path, *_wrong_type(fault["type"], given, path, kind, scope))
        return
    scope.error(path, *_sentence(fault, given))


_TELLING = ("url", "url_file", "secret_file", "headers_file", "proxy")  # keys near secrets
_NOT_TYPES = {
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "list_type": "must be a list",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "",  # which its section tells
}


def _sentence(fault: ErrorDetails, given: object) -> tuple[str, str | None]:
    """What is wrong, and a hint, for an error of pydantic's own about a value of the right type."""
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "missing":
        return "is missing", None
    if given is None:
        return "has no value", None
    if kind == "literal_error":
        choices = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        reason = f"must be one of {', '.join(choices)}, not {shown(given)}"
        return reason, hints.for_one(given) or choice_meant(given, choices)
    bound = next((words for words in _BOUNDS if words in context), None)
    if bound:
        return f"must be {_BOUNDS[bound]} {context[bound]:.15g}, not {shown(given)}", None
    if kind == "string_pattern_mismatch":
        return f"must be Latin letters, digits and . _ -, not {shown(given)}", None
    return f"{fault['msg'][:1].lower()}{fault['msg'][1:]}", None


_BOUNDS = {"ge": "at least", "le": "at most", "gt": "more than"}


def _wrong_type(
    fault: str, given: object, path: Path, kind: type[Section], scope: Scope
) -> tuple[str, str | None]:
    """What is wrong, and a hint, where a value has another type than is due."""
    wanted = _NOT_TYPES[fault]
    if fault == "model_type":
        section = hints.section_at(kind, path)
        wanted = ("has no value: must be " if given is None else "must be ") + section.called
        return wanted, hints.for_section(section, given)
    if given is None:
        return f"has no value: {wanted}", None
    if fault == "dict_type":
        return wanted, hints.for_mapping(path)
    if fault == "list_type":
        if isinstance(given, str) and re.match(r"-[^\s-]", given):
            return "a blank is missing after the dash", None
        hint = hints.for_list(given, scope.source(path))
        return (f"{wanted}, {hint}", None) if hint else (f"{wanted}, not {shown(given)}", None)
    if fault == "string_type":
        reason, hint = _no_text(given, wanted, scope.source(path))
        return reason, None if path[-1] in _TELLING else hint
    reason = f"{wanted}, not {shown(given)}"
    if fault == "bool_type":
        return reason, choice_meant(given, ("true", "false"))
    return reason, hints.for_number(given, whole=fault == "int_type")


def _no_text(given: object, wanted: str, source: str) -> tuple[str, str | None]:
    if isinstance(given, bool | int | float):
        return f"{wanted}: {source[:40] or shown(given)} needs quotes", None
    if isinstance(given, dict):
        return f"{wanted}, not a mapping: put quotes around a text that holds ': '", None
    return f"{wanted}, not {shown(given)}", hints.for_one(given)
