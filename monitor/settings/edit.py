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
from monitor.settings.positions import parse
from monitor.settings.replace import alone_in, write_whole
from monitor.settings.written import FeedItem, item_of

FILE = "feeds.yaml"
_OURS = (FILE, "feeds.yml")  # the second: a slip that the loader tells


@dataclass(frozen=True, slots=True)
class Current:
    """feeds.yaml as it stands, without a fault: its bytes (none where it is missing), its feeds as
    they are written and as they are read, both in its order."""

    data: bytes
    items: tuple[FeedItem, ...]
    feeds: tuple[Feed, ...]

    def index_of(self, url: str) -> int | None:
        """The number of the feed with this address, however it is spelled."""
        wanted = plain_url(url)
        return next((n for n, f in enumerate(self.feeds) if plain_url(f.url) == wanted), None)


def current(directory: Path, environ: Mapping[str, str]) -> Current:
    """What there is. Raises ConfigError with every fault of feeds.yaml; those of other files are
    in nobody's way here."""
    return _current(directory, environ)[0]


def edit(
    directory: Path,
    environ: Mapping[str, str],
    change: Callable[[Current], bytes],
    *,
    dry_run: bool = False,
) -> None:
    """Replaces feeds.yaml by what `change` makes of it, if that is something else. Raises
    ConfigError, with nothing changed, where the file has faults, or where the configuration would
    have some that it does not have now; CannotWriteError."""
    path = directory / FILE
    with alone_in(directory):
        now, before = _current(directory, environ)
        data = change(now)
        if data == now.data:
            return
        _, after = survey(directory, environ=environ, feeds=data)
        faults = [each for each in after if each not in before]
        if faults:
            why = Problem(FILE, 0, 0, "", "was left as it is: with that change there would be")
            raise ConfigError([why, *faults])
        if dry_run:
            return
        if _bytes_of(path) != now.data:
            raise CannotWriteError(f"{path} was changed by someone else meanwhile: try again")
        write_whole(path, data)


def _current(directory: Path, environ: Mapping[str, str]) -> tuple[Current, tuple[Problem, ...]]:
    data = _bytes_of(directory / FILE)
    config, problems = survey(directory, environ=environ, feeds=data or None)
    faults = [each for each in problems if each.file in _OURS]
    if faults:
        raise ConfigError(faults)
    return Current(data, _items(data), config.feeds), problems


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise ConfigError([Problem(path.name, 0, 0, "", reason)]) from error


def _items(data: bytes) -> tuple[FeedItem, ...]:
    value = parse(data).value
    feeds = value.get("feeds") if isinstance(value, dict) else None
    return tuple(map(item_of, feeds or ()))


def asked_for(
    directory: Path, environ: Mapping[str, str], data: bytes
) -> tuple[Config, tuple[Problem, ...]]:
    """The configuration as if these were all its feeds, and what is wrong with them."""
    config, problems = survey(directory, environ=environ, feeds=data)
    return config, tuple(each for each in problems if each.file == FILE)
