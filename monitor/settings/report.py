"""Collects the problems of all files, so that they are told at once and in the order of the files.

This module must not show a secret: `shown` is the one way for a value into a message.
"""

from __future__ import annotations

import difflib
import pathlib
from collections.abc import Iterable

from monitor.errors import ConfigError, Problem
from monitor.settings.naming import likeness
from monitor.settings.positions import Document, Path
from monitor.settings.yaml_text import Misread, Position

FILES = ("monitor.yaml", "feeds.yaml", "rules.yaml", "places.yaml")
_MOST_NAMED = 12
UNLIKE = "they differ in blanks, capitals, tatweel, harakat or unseen marks"


class Report:
    """All that is wrong or odd in a configuration."""

    def __init__(self) -> None:
        self._errors: list[Problem] = []
        self._warnings: list[Problem] = []
        self._files: list[pathlib.Path] = []

    def uses(self, file: pathlib.Path) -> None:
        """Notes a file that the configuration names, readable or not."""
        self._files.append(file)

    @property
    def files(self) -> tuple[pathlib.Path, ...]:
        return tuple(dict.fromkeys(self._files))

    def error(self, problem: Problem) -> None:
        self._errors.append(problem)

    def warn(self, problem: Problem) -> None:
        self._warnings.append(problem)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(sorted(set(self._warnings), key=_file_order))

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Every error so far, each once, in the order of the files."""
        return tuple(sorted(dict.fromkeys(self._errors), key=_file_order))

    def raise_errors(self) -> None:
        """Raises ConfigError with every error so far."""
        if self._errors:
            raise ConfigError(self.errors, [str(file) for file in self.files])


class Scope:
    """A part of one file, from `base` on. Keys are named from an item of the file's list on
    (`any[1]`, not `rules[3].any[1]`: the position says which rule). A file that is missing or
    could not be read is not `readable`, and has no value."""

    def __init__(
        self,
        report: Report,
        file: str,
        document: Document,
        base: Path = (),
        *,
        unnamed: int = 0,
        readable: bool = True,
    ) -> None:
        self._unnamed = unnamed  # so many parts of a path are not part of a key's name
        self.readable = readable
        self.report = report
        self.file = file
        self.document = document
        self.base = base
        self._hushed: tuple[Path, ...] = ()

    def hush(self, path: Path) -> None:
        """Says no more of the value at a path: it is told, and another stands in its place."""
        self._hushed += (path,)

    def source(self, path: Path) -> str:
        """A value as it is written in the file."""
        extent = self.document.extent(self.base + path)
        return self.document.text[extent.start : extent.end] if extent else ""

    def below(self, *path: str | int) -> Scope:
        """A part of this part; its keys have the names that they have here."""
        base = self.base + path
        return Scope(self.report, self.file, self.document, base, unnamed=self._unnamed)

    def item(self, *path: str | int) -> Scope:
        """An item of a list, from which on its keys are named."""
        base = self.base + path
        return Scope(self.report, self.file, self.document, base, unnamed=len(base))

    @property
    def value(self) -> object:
        return self.document.get(self.base)

    def error(self, path: Path, reason: str, hint: str | None = None, offset: int = 0) -> None:
        """A wrong value; `offset` counts characters into a text, 0 being the value as a whole."""
        if any(path[: len(hushed)] == hushed for hushed in self._hushed):
            return
        full = self.base + path
        where = self.document.inside(full, offset) if offset else self.document.at(full)
        self.report.error(self._problem(where, self._named(path), reason, hint))

    def wrong_key(self, path: Path, reason: str, hint: str | None) -> None:
        """A key that is at fault, and not its value."""
        where = self.document.key_at(self.base + path)
        self.report.error(self._problem(where, self._named(path), reason, hint))

    def unknown_key(self, path: Path, hint: str | None) -> None:
        where = self.document.key_at(self.base + path)
        key = str(path[-1])
        unseen = not key.isprintable() or key != key.strip()
        reason = "unknown key" + ": it holds a no-break space or an unseen character" * unseen
        self.report.error(self._problem(where, key_shown(key), reason, hint))

    def warn(
        self,
        path: Path,
        reason: str,
        hint: str | None = None,
        *,
        key: bool = False,
        offset: int = 0,
    ) -> None:
        """Something odd at a value, or at its key; `offset` as of an error."""
        full = self.base + path
        where = self.document.key_at(full) if key else self.document.at(full)
        if offset:
            where = self.document.inside(full, offset)
        self.report.warn(self._problem(where, self._named(path), reason, hint))

    def comment_after(self, path: Path) -> str | None:
        """The comment behind a text that is written without quotes, on its line."""
        return self.document.comment_after(self.base + path)

    def warn_of_likeness(self, name: str, first: dict[str, Scope], path: Path) -> None:
        """Warns of a name that a reader takes for one that came before; `first` keeps them."""
        earlier = first.setdefault(likeness(name), self)
        if earlier is not self:
            reason = f"looks like the name at line {earlier.line(path)}, and is another"
            self.warn(path, reason, UNLIKE)

    def misread(self, fault: Misread) -> None:
        where = fault.position or Position(0, 0)
        self.report.error(self._problem(where, key_shown(fault.key), fault.reason, None))

    def line(self, path: Path = ()) -> int:
        return self.document.at(self.base + path).line

    def _named(self, path: Path) -> str:
        return named((self.base + path)[self._unnamed :])

    def _problem(self, where: Position, key: str, reason: str, hint: str | None) -> Problem:
        return Problem(self.file, where.line, where.column, key, reason, hint)


def named(path: Path) -> str:
    """A path as shown: `polling.interval`, `any[1]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{key_shown(part)}"
    return text


def key_shown(key: str) -> str:
    """A key as a message may show it: an address that slipped into its place is not repeated."""
    return "…" if "://" in key else "".join(c if c.isprintable() else "\ufffd" for c in key)[:100]


def shown(value: object) -> str:
    """A value as a message may show it: short, in one line, and no address, for addresses hold
    tokens and passwords."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int | float):
        return f"{value:.15g}" if isinstance(value, float) else str(value)[:40]
    text = str(value)
    if "://" in text:
        return "an address"
    text = "".join(c if c.isprintable() else "\ufffd" for c in text)
    return f"'{text[:40]}…'" if len(text) > 40 else f"'{text}'"


def did_you_mean(word: object, known: Iterable[str]) -> str | None:
    """`did you mean 'x'?` where a known word is near, else None."""
    if not isinstance(word, str):
        return None
    by_folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold()[:100], by_folded, n=1, cutoff=0.7)
    return f"did you mean '{by_folded[near[0]]}'?" if near else None


def one_of(word: object, known: Iterable[str]) -> str | None:
    """The known word that is near, else those that there are."""
    names = list(known)
    near = did_you_mean(word, names)
    if near or not names:
        return near
    some = ", ".join(key_shown(name) for name in names[:_MOST_NAMED])
    more = " …" if len(names) > _MOST_NAMED else ""
    return f"there is only {some}" if len(names) == 1 else f"there are {some}{more}"


def _file_order(problem: Problem) -> tuple[int, str, int, int]:
    place = FILES.index(problem.file) if problem.file in FILES else len(FILES)
    return place, problem.file, problem.line, problem.column
