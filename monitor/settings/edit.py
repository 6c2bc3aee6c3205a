"""Changes feeds.yaml for the user: only what is right is changed, and only into what is right.

This module must not decide which feeds there should be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import CannotWriteError, ConfigError, Problem
from monitor.model import Feed
from monitor.settings.feeds_file import plain_url
from monitor.settings.load import Config, survey
from monitor.settings.replace import alone_in, bytes_of, write_whole
from monitor.settings.splice import ListText, append, read_text
from monitor.settings.written import FeedItem
from monitor.settings.yaml_text import Misread

FILE = "feeds.yaml"
_OURS = (FILE, "feeds.yml")  # the second: a slip that the loader tells


@dataclass(frozen=True, slots=True)
class Current:
    """feeds.yaml as it stands, without a fault: its text (empty where it is missing), its feeds as
    they are written and as they are read, both in its order. `problems` are those of other files,
    which are in nobody's way here."""

    text: ListText
    items: tuple[FeedItem, ...]
    feeds: tuple[Feed, ...]
    problems: tuple[Problem, ...] = ()

    def index_of(self, url: str) -> int | None:
        """The number of the feed with this address, however it is spelled."""
        wanted = plain_url(url)
        return next((n for n, f in enumerate(self.feeds) if plain_url(f.url) == wanted), None)


def current(directory: Path, environ: Mapping[str, str]) -> Current:
    """What there is. Raises ConfigError with every fault of feeds.yaml."""
    return _current(directory, environ, bytes_of(directory / FILE))


def edit(
    directory: Path,
    environ: Mapping[str, str],
    change: Callable[[Current], ListText],
    *,
    seen: Current | None = None,
    dry_run: bool = False,
) -> Current:
    """Replaces feeds.yaml by what `change` makes of it, if that is something else, and returns what
    there is then. `seen` is what it was a moment ago, and saves reading it again. Raises
    ConfigError, with nothing changed, where the file has faults, or where the configuration would
    have some that it does not have now; CannotWriteError."""
    path = directory / FILE
    with alone_in(directory):
        data = bytes_of(path)
        known = seen is not None and seen.text.data == data
        now = seen if known and seen else _current(directory, environ, data)
        text = change(now)
        if text.data == data:
            return now
        after = _after(directory, environ, now, text)
        if dry_run:
            return after
        if bytes_of(path) != data:
            raise CannotWriteError(f"{path} was changed by someone else meanwhile: try again")
        write_whole(path, text.data)
        return after


def asked_for(
    directory: Path, environ: Mapping[str, str], item: FeedItem
) -> tuple[Config, tuple[Problem, ...]]:
    """The configuration as if this were its only feed, and what is wrong with that."""
    document = append(read_text(b""), [item]).document
    config, problems = survey(directory, environ=environ, feeds=document)
    return config, tuple(each for each in problems if each.file == FILE)


def _current(directory: Path, environ: Mapping[str, str], data: bytes) -> Current:
    try:
        text = read_text(data)
    except Misread:  # the loader says where
        text = None
    document = text.document if text and data else None
    config, problems = survey(directory, environ=environ, feeds=document)
    faults = [each for each in problems if each.file in _OURS]
    if text is None or faults:
        raise ConfigError(faults)
    return Current(text, text.items, config.feeds, problems)


def _after(directory: Path, environ: Mapping[str, str], now: Current, text: ListText) -> Current:
    """What there would be. Raises ConfigError where it has faults that are not there now."""
    config, problems = survey(directory, environ=environ, feeds=text.document)
    faults = [each for each in problems if each not in now.problems]
    if faults:
        why = Problem(FILE, 0, 0, "", "was left as it is: with that change there would be")
        raise ConfigError([why, *faults])
    return Current(text, text.items, config.feeds, problems)
