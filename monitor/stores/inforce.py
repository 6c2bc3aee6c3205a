"""A copy of the rules that a daemon, or the last pass, has in force, in the folder in-force/ of the
state, and of those that were before in in-force/before/: what an edited file is compared with, and
a saved one, which a daemon takes over at once. Losing them costs no alert. This module must not
know what the files mean."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from monitor.stores.atomic import make_folders, replace_file
from monitor.stores.disk import Disk

FOLDER: Final = "in-force"
BEFORE: Final = "before"
_FILES: Final = ("rules.yaml", "places.yaml")

_Contents = Mapping[str, bytes | None]  # by the names of files; None: there is none

log = logging.getLogger("rasid.state")


class Before(NamedTuple):
    """The files that were in force before: where, and when (seconds since 1970) others took their
    place."""

    folder: Path
    until: float


def keep(root: Path, directory: Path, disk: Disk | None = None) -> None:
    """Copies the files of a configuration that came into force, and what they replace. Raises
    nothing."""
    disk = disk or Disk()
    try:
        here, now = root / FOLDER, _contents(directory)
        held = _contents(here)
        if now == held:
            return
        if held[_FILES[0]] is not None:
            _write(here / BEFORE, held, disk)
        _write(here, now, disk)
    except OSError as error:
        log.warning("the rules in force are not copied, for `rules diff`: %s", error)


def folder(root: Path) -> Path | None:
    """Where the copies are, laid out as a configuration; None where there are none."""
    found = root / FOLDER
    return found if (found / _FILES[0]).exists() else None


def before(root: Path) -> Before | None:
    """What was in force before; None where nothing was yet. Raises OSError."""
    found = root / FOLDER / BEFORE
    rules = found / _FILES[0]
    return Before(found, rules.stat().st_mtime) if rules.exists() else None


def holds(root: Path, directory: Path) -> bool:
    """Whether the files of a configuration are those in force. Raises OSError."""
    return _contents(root / FOLDER) == _contents(directory)


def _contents(directory: Path) -> dict[str, bytes | None]:
    return {name: _content(directory / name) for name in _FILES}


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _write(target: Path, contents: _Contents, disk: Disk) -> None:
    make_folders(target, disk)
    for name, content in contents.items():
        if content is not None:
            replace_file(target / name, content, disk)
        else:
            with suppress(FileNotFoundError):
                disk.remove(target / name)
