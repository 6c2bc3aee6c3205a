"""What the package brings along: the gazetteer, the lexicon and the starter configuration.

This module must not read the user's files; it writes them once, where there are none.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.places.lore import CountryWords, Lore, countries_of, kinds_of
from monitor.core.text.lexicon import Lexicon
from monitor.core.text.normalise import fold
from monitor.core.text.tokens import words
from monitor.errors import CannotWriteError, UsageError
from monitor.model import Place
from monitor.settings.positions import parse
from monitor.settings.report import FILES

_ENDINGS = ("ي", "ية", "ون", "ين", "ات")


_SHARED = ("parents", "kind", "country")


@cache
def shipped_places() -> tuple[Place, ...]:
    """The gazetteer, in its file's order."""
    shared: dict[Any, Any] = {}  # places of one region have the same parents, kind and country

    def value(key: str, told: Any) -> Any:
        plain = tuple(told) if isinstance(told, list) else told
        return shared.setdefault(plain, plain) if key in _SHARED else plain

    with (files("monitor.data") / "places.jsonl").open(encoding="utf-8") as lines:
        rows = map(json.loads, lines)
        return tuple(Place(**{key: value(key, told) for key, told in row.items()}) for row in rows)


@cache
def shipped_lore() -> Lore:
    """The words beside names of places and what they weigh."""
    told = _yaml("sense.yaml")
    kinds = kinds_of(
        {kind: listed.split() for kind, listed in told["words"].items()}, told["definite"]
    )
    countries = {
        country: CountryWords(tuple(own["adjective"]), tuple(own["words"]))
        for country, own in told["countries"].items()
    }
    phrases = tuple(phrase.strip() for phrase in told["phrases"].split("،"))
    rows = (line.split("\t") for line in _data_lines("names.tsv"))
    judged = {name: float(percent) / 100 for name, percent in rows}
    topics = {gloss: frozenset(words(listed)) for gloss, listed in told["topics"].items()}
    weights = _yaml("weights.yaml")["weights"]
    together = {country: group[0] for group in told["together"] for country in group}
    return Lore(
        kinds=kinds,
        countries=countries_of(countries),
        phrases=phrases,
        weights=weights,
        definite=frozenset(told["definite"]),
        judged=judged,
        topics=topics,
        together=together,
    )


@cache
def shipped_gazetteer() -> Gazetteer:
    """The shipped places with the shipped lore."""
    return Gazetteer(shipped_places(), shipped_lore())


def _yaml(name: str) -> dict[str, Any]:
    data = (files("monitor.data") / name).read_bytes()
    return parse(data).value  # type: ignore[return-value]  # our own data; tests read all of it


def shipped_lexicon() -> Lexicon:
    """What is known of Arabic words. Its files are read when a word is first looked up."""
    return Lexicon(
        zipf=_zipf,
        related=lambda word: _related().get(word, ()),
    )


@lru_cache(4_096)
def _zipf(word: str) -> float:
    """How common a word is, 0.0 for one that is not listed: found by halving in the file's bytes,
    since 62,000 strings and numbers of them would take 8 MB more."""
    rows, wanted = _frequencies(), word.encode("utf-8", "surrogatepass")
    low, high = 0, len(rows)
    while low < high:
        start = rows.rfind(b"\n", low, (low + high) // 2) + 1 or low
        end = rows.index(b"\n", start)
        listed, _, zipf = rows[start:end].partition(b"\t")
        if listed == wanted:
            return float(zipf)
        low, high = (end + 1, high) if listed < wanted else (low, start)
    return 0.0


@cache
def _frequencies() -> bytes:
    """The rows of words.tsv, in the order of their words' bytes."""
    data = (files("monitor.data") / "words.tsv").read_bytes()
    return data[re.match(rb"(?:#.*\n)*", data).end() :]  # type: ignore[union-attr] # it matches ""


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
        verb = "exists" if len(there) == 1 else "exist"
        raise UsageError(f"{directory}: {', '.join(there)} {verb}; nothing was written")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for path in paths:
            with path.open("x", encoding="utf-8") as file:
                file.write(starter_file(path.name))
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise CannotWriteError(f"cannot write {directory}: {reason}") from error
    return tuple(paths)
