"""Checks a part of a file against its schema and tells every fault in plain words.

What pydantic says stops here. This module must not know what the keys mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from monitor.settings.fields import WRONG, ascii_digits
from monitor.settings.positions import Path
from monitor.settings.report import Scope, did_you_mean, shown
from monitor.settings.schema import Section

_S = TypeVar("_S", bound=Section)


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
    kept = {key: item for key, item in value.items() if key not in faulty}
    try:
        return kind.model_validate({**spare, **kept}), faulty
    except ValidationError:
        return None, faulty


def items(scope: Scope, key: str, *beside: str) -> list[Scope]:
    """The scopes of a file's list (`feeds:`, `rules:`, `places:`); an empty file has none. Other
    keys than those `beside` it are refused."""
    value = scope.value
    if value is None:
        return []
    if not isinstance(value, dict):
        scope.error((), f"must begin with '{key}:'")
        return []
    for other in value:
        if other not in (key, *beside):
            scope.unknown_key((other,), did_you_mean(other, [key, *beside]))
    entries = value.get(key)
    if entries is None:
        return []
    if not isinstance(entries, list):
        scope.error((key,), "must be a list: each item on its own line, after '- '")
        return []
    return [scope.item(key, index) for index in range(len(entries))]


def _tell(fault: ErrorDetails, kind: type[Section], scope: Scope) -> None:
    path: Path = fault["loc"]
    given = fault["input"]
    if fault["type"] == "extra_forbidden":
        scope.unknown_key(path, did_you_mean(path[-1], _fields(_section_at(kind, path[:-1]))))
        return
    if fault["type"] == WRONG:
        context = fault["ctx"]
        if path[-1:] == ("[key]",) and given == path[-2]:  # so pydantic calls a key that is wrong
            scope.wrong_key(path[:-1], context["reason"], context["hint"] or None)
            return
        scope.error(path, context["reason"], context["hint"] or None, context["offset"])
        return
    reason, hint = _sentence(fault, given)
    if hint is None and fault["type"] == "model_type":
        example = _section_at(kind, path).example
        hint = f"write {example}" if example else None
    scope.error(path, reason, hint)


_NOT_TYPES = {
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "list_type": "must be a list",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
}


def _sentence(fault: ErrorDetails, given: object) -> tuple[str, str | None]:
    """What is wrong, and a hint, for an error of pydantic's own."""
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "missing":
        return "is missing", None
    if kind in _NOT_TYPES:
        return _wrong_type(kind, given)
    if given is None:
        return "has no value", None
    if kind == "literal_error":
        choices = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        reason = f"must be one of {', '.join(choices)}, not {shown(given)}"
        return reason, did_you_mean(given, choices)
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = f"at least {context['ge']}" if "ge" in context else f"at most {context['le']}"
        return f"must be {bound}, not {shown(given)}", None
    if kind == "greater_than":
        return f"must be more than {context['gt']:g}, not {shown(given)}", None
    if kind == "string_pattern_mismatch":
        return f"must be Latin letters, digits and . _ -, not {shown(given)}", None
    return f"{fault['msg'][:1].lower()}{fault['msg'][1:]}", None


def _wrong_type(kind: str, given: object) -> tuple[str, str | None]:
    wanted = _NOT_TYPES[kind]
    if given is None:
        return f"has no value: {wanted}", None
    if kind == "list_type" and isinstance(given, str) and "://" not in given:
        listed = " ".join(given.strip("()«»“” ").replace("،", ",").split())
        return f"{wanted}, write [{listed[:40]}]", None
    if kind == "string_type" and isinstance(given, bool | int | float):
        return f"{wanted}: {shown(given)} needs quotes", None
    if kind in ("dict_type", "model_type"):
        return wanted, "write {url: …}" if isinstance(given, str) and "://" in given else None
    if kind == "string_type" and isinstance(given, dict):
        return f"{wanted}, not a mapping: put quotes around a text that holds ': '", None
    number = given if kind in ("int_type", "float_type") and isinstance(given, str) else ""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*\w*", ascii_digits(number))
    return f"{wanted}, not {shown(given)}", f"write {found[1]}" if found else None


def _section_at(kind: type[Section], path: Path) -> type[Section]:
    """The section at `path` of a schema."""
    for part in path:
        field = _fields(kind).get(str(part))
        if field is not None:
            kind = _section_in(field) or kind
    return kind


def _fields(kind: type[Section]) -> dict[str, Any]:
    return {f.alias or name: f.annotation for name, f in kind.model_fields.items()}


def _section_in(annotation: Any) -> type[Section] | None:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next(filter(None, map(_section_in, get_args(annotation))), None)
