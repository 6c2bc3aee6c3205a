"""What the package brings along: the gazetteer and the starter configuration.

This module must not read the user's files; it writes them once, where there are none.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path

from monitor.errors import CannotWriteError, UsageError
from monitor.model import Place
from monitor.settings.report import FILES


@cache
def shipped_places() -> tuple[Place, ...]:
    """The gazetteer, in its file's order."""
    text = (files("monitor.data") / "places.jsonl").read_text(encoding="utf-8")
    return tuple(_place(json.loads(line)) for line in text.splitlines() if line.strip())


def _place(row: dict[str, object]) -> Place:
    lists = {key: tuple(value) for key, value in row.items() if isinstance(value, list)}
    return Place(**{**row, **lists})  # type: ignore[arg-type]  # our own data; tests read all of it


def starter_file(name: str) -> str:
    """The text of one file of the starter configuration, such as `rules.yaml`."""
    return (files("monitor.data") / "starter" / name).read_text(encoding="utf-8")


def write_starter(directory: Path) -> tuple[Path, ...]:
    """Writes the starter configuration into `directory`, made where it is missing, and returns the
    files. Raises UsageError where one of them exists, before anything is written, and
    CannotWriteError where one cannot be written."""
    paths = [directory / name for name in FILES]
    there = [path.name for path in paths if path.exists() or path.is_symlink()]
    if there:
        raise UsageError(f"{directory}: {', '.join(there)} exists; nothing was written")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for path in paths:
            with path.open("x", encoding="utf-8") as file:
                file.write(starter_file(path.name))
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise CannotWriteError(f"cannot write {directory}: {reason}") from error
    return tuple(paths)
