"""The JSON Schema of each file (https://json-schema.org/draft/2020-12/schema), so that editors
complete and check while somebody writes.

It accepts whatever the loader accepts. What takes a second file or the gazetteer to tell (an
unknown channel, a place) only the loader refuses. This module must not read a configuration.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

from monitor.settings.keys import KEYS
from monitor.settings.replace import write_whole
from monitor.settings.schema import FeedsFile, FileKind, MonitorFile, PlacesFile, RulesFile, Section

FOLDER: Final = "schema"  # beside the files, which name it in their first line
_FILES: dict[FileKind, type[Section]] = {
    "monitor": MonitorFile,
    "feeds": FeedsFile,
    "rules": RulesFile,
    "places": PlacesFile,
}
_ABOUT: dict[FileKind, str] = {
    "monitor": "How the watcher runs, and where alerts go.",
    "feeds": "Which feeds are watched.",
    "rules": "What to alert on.",
    "places": "Places of your own, beside those that rasid knows.",
}
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
_BYTES = (("GB", 10**9), ("MB", 10**6), ("kB", 10**3), ("B", 1))
_FIRES_ON = ("any", "all", "query", "places", "near")
_SOURCES = ("url", "url_file", "credential")

# What a section asks of its keys together.
_TOGETHER: dict[str, dict[str, Any]] = {
    "ChannelSection": {"oneOf": [{"required": [key]} for key in _SOURCES]},
    "RuleSection": {"anyOf": [{"required": [key]} for key in _FIRES_ON]},
    "FeedSection": {
        "if": {"required": ["kind"], "properties": {"kind": {"const": "page"}}},
        "then": {"required": ["selector"]},
        "else": {"properties": {"selector": False}},
    },
}


def json_schema(kind: FileKind) -> str:
    """The schema of one file, as JSON text."""
    model = _FILES[kind]
    told = model.model_json_schema(by_alias=True)
    for name, section in ((model.__name__, told), *told.get("$defs", {}).items()):
        _describe(name, section)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{kind}.yaml of Rasid",
        **told,
        "description": _ABOUT[kind],
        "type": ["object", "null"],  # an empty file is one
    }
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def write_schemas(directory: Path) -> tuple[Path, ...]:
    """Writes the four schemas where the files in `directory` name them, and returns their paths.
    Raises CannotWriteError."""
    folder = directory / FOLDER
    folder.mkdir(exist_ok=True)
    return tuple(_write(folder / f"{kind}.json", json_schema(kind)) for kind in get_args(FileKind))


def _write(path: Path, text: str) -> Path:
    write_whole(path, text.encode())
    return path


def _describe(name: str, section: dict[str, Any]) -> None:
    """Puts words to a section and its keys, and takes out what only pydantic means."""
    section.pop("title", None)
    section.update(_TOGETHER.get(name, {}))
    for key, value in section.get("properties", {}).items():
        value.pop("title", None)
        for part in _parts(value):
            _rename_bounds(part)
        if "default" in value:
            _word_default(value)
        told = KEYS.get(name, {}).get(key)
        if told:
            value["description"] = told


def _parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for part in schema.get("anyOf", ()):
        yield from _parts(part)


def _rename_bounds(schema: dict[str, Any]) -> None:
    """pydantic's own words for bounds, behind a check of ours."""
    for ours, theirs in (("ge", "minimum"), ("le", "maximum")):
        if ours in schema:
            schema[theirs] = schema.pop(ours)


def _word_default(schema: dict[str, Any]) -> None:
    """A default as somebody would write it; what is empty, or a section, is none to show."""
    default = schema.pop("default")
    if default is None or default in ("", []) or isinstance(default, dict):
        return
    written = schema.get("type") == "string" and not isinstance(default, str)
    if written and not default:
        return
    if written:
        units = _UNITS if isinstance(default, float) else _BYTES
        default = next(
            f"{default // size:.0f}{unit}" for unit, size in units if default % size == 0
        )
    schema["default"] = default
