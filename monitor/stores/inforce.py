"""A copy of the rules that a daemon, or the last pass, has in force, in the folder in-force/ of the
state: what an edited file is compared with. Losing it costs no alert. This module must not know
what the files mean."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import Final

from monitor.stores.atomic import make_folders, replace_file
from monitor.stores.disk import Disk

FOLDER: Final = "in-force"
_FILES: Final = ("rules.yaml", "places.yaml")

log = logging.getLogger("rasid.state")


def keep(root: Path, directory: Path, disk: Disk | None = None) -> None:
    """Copies the files of a configuration that came into force. Raises nothing."""
    disk = disk or Disk()
    try:
        make_folders(root / FOLDER, disk)
        for name in _FILES:
            _copy(directory / name, root / FOLDER / name, disk)
    except OSError as error:
        log.warning("the rules in force are not copied, for `rules diff`: %s", error)


def folder(root: Path) -> Path | None:
    """Where the copies are, laid out as a configuration; None where there are none."""
    found = root / FOLDER
    return found if (found / _FILES[0]).exists() else None


def _copy(source: Path, target: Path, disk: Disk) -> None:
    try:
        content = source.read_bytes()
    except FileNotFoundError:
        with suppress(FileNotFoundError):
            disk.remove(target)
        return
    if not target.exists() or target.read_bytes() != content:
        replace_file(target, content, disk)
