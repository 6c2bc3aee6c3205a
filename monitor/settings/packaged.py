"""What the package brings along: the gazetteer, the lexicon and the starter configuration.

This module must not read the user's files; it writes them once, where there are none.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path

from monitor.core.text.lexicon import Lexicon
from monitor.core.text.normalise import fold
from monitor.errors import CannotWriteError, UsageError
from monitor.model import Place
from monitor.settings.report import FILES

_ENDINGS = ("ي", "ية", "ون", "ين", "ات")


@cache
def shipped_places() -> tuple[Place, ...]:
    """The gazetteer, in its file's order."""
    text = (files("monitor.data") / "places.jsonl").read_text(encoding="utf-8")
    return tuple(_place(json.loads(line)) for line in text.splitlines() if line.strip())


def _place(row: dict[str, object]) -> Place:
    lists = {key: tuple(value) for key, value in row.items() if isinstance(value, list)}
    return Place(**{**row, **lists})  # type: ignore[arg-type]  # our own data; tests read all of it


def shipped_lexicon() -> Lexicon:
    """What is known of Arabic words. Its files are read when a word is first looked up."""
    return Lexicon(
        zipf=lambda word: _frequencies().get(word, 0.0),
        related=lambda word: _related().get(word, ()),
    )


@cache
def _frequencies() -> dict[str, float]:
    rows = (line.split("\t") for line in _data_lines("words.tsv"))
    return {word: float(zipf) for word, zipf in rows}


@cache
def _related() -> dict[str, tuple[str, ...]]:
    """Every word of the file leads to its forms, and a broken plural to its singular; a nisba does
    not lead back, for صنعاني is not every صنعاء."""
    found: dict[str, dict[str, None]] = {}
    for line in _data_lines("forms.tsv"):
        word, _, forms = fold(line).partition("\t")
        found.setdefault(word, {}).update(dict.fromkeys(forms.split()))
        for form in forms.split():
            if not form.endswith(_ENDINGS):
                found.setdefault(form, {})[word] = None
    return {word: tuple(family) for word, family in found.items()}


def _data_lines(name: str) -> list[str]:
    text = (files("monitor.data") / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


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
