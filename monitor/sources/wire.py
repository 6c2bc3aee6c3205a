"""How a parsed feed crosses from a reading process to ours: lines of JSON, the feed's, then one
for each entry.

Unpickling would run whatever code a reader that a document took over puts into its answer; JSON
makes plain values only, and their types are checked. A line per entry keeps every step short, so
that the event loop gets its turns while a thread unpacks megabytes. This module must do no I/O.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any

from monitor.model import Entry, Hints, Identity, ParsedFeed

_ENTRY = tuple(field.name for field in fields(Entry))
_APART = ("entries", "hints", "identities")
_FEED = tuple(field.name for field in fields(ParsedFeed) if field.name not in _APART)
_KEYS = ("key", "link_key", "print_key", "content")  # of an identity
_MOMENTS = frozenset(("published", "updated"))  # seconds since 1970 UTC
_LISTS = frozenset(("categories", "warnings", "marks"))
_ALWAYS = frozenset(("kind", "title", "text"))  # a text, never null


def pack(feed: ParsedFeed) -> bytes:
    """The feed as lines of JSON in UTF-8."""
    lines = [_line({name: getattr(feed, name) for name in _FEED} | {"hints": asdict(feed.hints)})]
    for entry, identity in zip_longest(feed.entries, feed.identities):
        told = {name: getattr(entry, name) for name in _ENTRY}
        for name in _MOMENTS:
            told[name] = None if told[name] is None else told[name].timestamp()
        if identity is not None:
            told["identity"] = [*(getattr(identity, name) for name in _KEYS), identity.shared]
        if entry.summary == entry.text:  # as it is where there is no content
            told["summary"] = None
        lines.append(_line(told))
    return b"\n".join(lines)


def unpack(data: bytes) -> ParsedFeed:
    """The feed that was packed. Raises ValueError where the bytes are none."""
    try:
        head, *lines = data.split(b"\n")
        told = [_read(line) for line in lines]
        about = _read(head)
        hints = _hints(about["hints"])
        return ParsedFeed(
            **_fields(about, _FEED),
            entries=tuple(map(_entry, told)),
            hints=hints,
            identities=tuple(map(_identity, told)) if told and "identity" in told[0] else (),
        )
    except (ValueError, TypeError, KeyError, OverflowError, OSError, RecursionError) as error:
        raise ValueError(f"no packed feed: {type(error).__name__}") from error


def _line(value: Mapping[str, object]) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _read(line: bytes) -> Any:
    return json.loads(line.decode("utf-8", "surrogatepass"))


def _entry(told: Any) -> Entry:
    values = _fields(told, _ENTRY)
    if values["summary"] is None:
        values["summary"] = values["text"]
    return Entry(**values)


def _identity(told: Any) -> Identity:
    *keys, shared = told["identity"]
    if not isinstance(shared, bool) or not all(isinstance(each, str) for each in keys):
        raise TypeError("identity")
    key, link_key, print_key, content = keys
    return Identity(key, link_key, print_key, content, shared)


def _hints(told: Any) -> Hints:
    every, hours, days = told["every"], told["skip_hours"], told["skip_days"]
    numbers = [*hours, *days]
    if not isinstance(every, float) or not all(isinstance(each, int) for each in numbers):
        raise TypeError("hints")
    return Hints(every, tuple(hours), tuple(days))


def _fields(told: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _value(name, told[name]) for name in names}


def _value(name: str, value: object) -> object:
    """A field's value, if it has the field's type."""
    if name in _LISTS:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise TypeError(name)
        return tuple(value)
    if value is None and name not in _ALWAYS:
        return None
    if name in _MOMENTS and isinstance(value, float | int):
        return datetime.fromtimestamp(value, UTC)
    if name in _MOMENTS or not isinstance(value, str):
        raise TypeError(name)
    return value
