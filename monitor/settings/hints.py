"""What to write instead of a value that has no right type, or a key that nobody knows.

A guess is tried before it is given. Nothing that may be a secret is repeated. This module must not
decide what is right: pydantic does, by the schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, get_args

from pydantic import ValidationError

from monitor.settings import meant
from monitor.settings.report import did_you_mean
from monitor.settings.schema import (
    FeedsFile,
    MonitorFile,
    OwnPlaceSection,
    PlacesFile,
    QuietSection,
    RuleSection,
    RulesFile,
    Section,
)

FILES: dict[str, type[Section]] = {
    "monitor.yaml": MonitorFile,
    "feeds.yaml": FeedsFile,
    "rules.yaml": RulesFile,
    "places.yaml": PlacesFile,
}
_OUTER = (*FILES.values(), RuleSection)
_CHANNELS = "a channel has a name: {desk-mail: {url: …}}"
_LONGEST = 60  # letters of what is repeated


def keys_of(kind: type[Section]) -> dict[str, Any]:
    """The keys of a section, as a file has them, and the types of their values."""
    return {f.alias or name: f.annotation for name, f in kind.model_fields.items()}


def section_at(kind: type[Section], path: Iterable[str | int]) -> type[Section]:
    """The section at `path` of a schema."""
    for part in path:
        annotation = keys_of(kind).get(str(part))
        kind = _section_in(annotation) or kind
    return kind


def _section_in(annotation: Any) -> type[Section] | None:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next(filter(None, map(_section_in, get_args(annotation))), None)


# --- keys -----------------------------------------------------------------------------------------


def for_key(word: object, kind: type[Section]) -> str | None:
    """What to write instead of a key that the section does not have."""
    known = keys_of(kind)
    text = str(word)
    if text in ("disabled", "disable") and "enabled" in known:
        return "write enabled: false"
    start = re.match(r"\w+", text)
    rest = text[start.end() :] if start else ""
    if start and start[0] in known and rest.strip():
        return _colon(start[0], rest)
    if text.isdigit() and kind is OwnPlaceSection:
        return "a number has a point, not a comma: 35.77"
    other = meant.key(text, known)
    if other:
        return f"did you mean '{other}'?"
    missing = "is a ':' or a ',' missing in it?" if " " in text.strip() else None
    return did_you_mean(text, known) or _elsewhere(text, kind) or missing


def _colon(key: str, rest: str) -> str:
    """`name:x` and `name x` instead of `name: x`."""
    return f"write a blank after '{key}:'" if rest[:1] == ":" else f"write a ':' after {key}"


def _elsewhere(key: str, kind: type[Section]) -> str | None:
    """Where a key belongs that stands too far out, or in the wrong file."""
    for name, annotation in keys_of(kind).items() if kind in _OUTER else ():
        section = _section_in(annotation)
        if section and key in keys_of(section):
            listed = f"write '{name}:' above it, and '- ' before the first key of each"
            return f"write it under {name}" if kind in (MonitorFile, RuleSection) else listed
    return _in_file(key) if kind in FILES.values() else None


def beside_list(key: object, kind: type[Section]) -> str | None:
    """What to do about a key that stands beside the list of a file, and not in an item of it."""
    item = next(iter(filter(None, map(_section_in, keys_of(kind).values()))), kind)
    there = _in_file(str(key))
    if there or str(key) not in keys_of(item):
        return there or for_key(key, kind)
    return "indent it as far as the keys of the item above"


def _in_file(key: str) -> str | None:
    there = next((file for file, kind in FILES.items() if key in keys_of(kind)), None)
    return f"write it in {there}" if there else None


# --- values ---------------------------------------------------------------------------------------


def for_section(kind: type[Section], given: object) -> str | None:
    """What to write instead of a value that is no mapping."""
    if isinstance(given, str):
        start = re.match(r"(\w+)\s*([:=])", given)
        if start and start[1] in keys_of(kind):
            return _colon(start[1], start[2])
    if kind is QuietSection:
        return f"write {_hours(given) or kind.example}"
    guesses = (_with_lead(kind, key, given) for key in kind.lead)
    guess = next(filter(None, guesses), kind.example)
    return f"write {guess}" if guess else None


def _hours(given: object) -> str | None:
    """Two times of day in a text, or in a list."""
    listed = given if isinstance(given, list) else re.split("[-–—]|to|الى|إلى", str(given))
    times = [meant.clock(str(each)) for each in listed]
    return f"{{from: {times[0]}, to: {times[1]}}}" if len(times) == 2 and all(times) else None


def _with_lead(kind: type[Section], key: str, given: object) -> str | None:
    """The value as that of a key, corrected, where the schema then takes it."""
    try:
        kind.model_validate({key: given})
        correct = _written(given)
    except ValidationError as error:
        hint = str(error.errors()[0].get("ctx", {}).get("hint", ""))
        found = re.fullmatch(r"write ([^, ]+)", hint)
        correct = found[1] if found else None
        if correct is None and isinstance(given, str):
            return _with_lead(kind, key, [given])
    return f"{{{key}: {correct}}}" if correct else None


def _written(given: object) -> str | None:
    """A short value as a file has it; None where it is long or may be a secret."""
    text = f"[{', '.join(map(str, given))}]" if isinstance(given, list) else str(given)
    fit = len(text) <= _LONGEST and "://" not in text and text.isprintable()
    return text if fit and not isinstance(given, bool | dict) else None


def for_one(given: object) -> str | None:
    """What to write instead of a list of one text where a text is due."""
    if not isinstance(given, list) or len(given) != 1 or not isinstance(given[0], str):
        return None
    text = _written(given[0])
    return f"write {text}" if text else None


def for_mapping(path: tuple[str | int, ...]) -> str | None:
    """What to write instead of a value that is no mapping of the user's own names."""
    return _CHANNELS if path == ("channels",) else None


def for_list(given: object, source: str) -> str | None:
    """What to write instead of a value that is no list; `source` is how it is written."""
    if isinstance(given, dict) and not any(given.values()):
        given = ", ".join(given)  # {a, b}, which are keys without values
    if not isinstance(given, str) or "://" in given:
        return None
    lines = given if source[:1] in "|>'\"" else source or given
    text = ", ".join(filter(None, (line.strip(" -") for line in lines.splitlines())))
    listed = " ".join(text.strip("()[]{}［］«»“” ").replace("،", ",").split())
    return f"write [{listed[:40]}]" if listed else None


def for_number(given: object, *, whole: bool) -> str | None:
    """What to write instead of a text where a number is due."""
    if not isinstance(given, str):
        return None
    plain = re.sub(r"(?<=[0-9])[,٬](?=[0-9]{3}(?![0-9]))", "", meant.ascii_digits(given))
    plain = re.sub(r"(?<=[0-9])[,٫](?=[0-9])", ".", plain)
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*/?\s*(\w*)\s*", plain)
    if found is None or (whole and "." in found[1]):
        return None
    thousand = found[2].casefold() in ("k", "ألف", "الف")
    return f"write {found[1]}{'000' if thousand and '.' not in found[1] else ''}"
