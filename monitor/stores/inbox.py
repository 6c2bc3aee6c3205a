"""Requests of other commands to the process that holds the state: a file each in inbox/.

A request is written under another name and renamed, so that a reader finds it whole. It is removed
once it was carried out, so one that a crash cuts off is carried out again: requests must bear that.
This module must not know what requests mean.
"""

from __future__ import annotations

import contextlib
import logging
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from monitor.errors import CannotWriteError, StateError
from monitor.model import Request
from monitor.stores import codec
from monitor.stores.atomic import load_tables, make_folders, remove_file, save_tables
from monitor.stores.disk import Disk

log = logging.getLogger("rasid.state")


class Inbox:
    """The inbox under the state's root."""

    def __init__(self, root: Path, *, disk: Disk | None = None) -> None:
        self._folder = root / "inbox"
        self._disk = disk or Disk()

    def put(self, request: Request) -> Path:
        """Leaves a request, durable on return; the file goes once it is carried out. Raises
        CannotWriteError."""
        make_folders(self._folder, self._disk)
        path = self._folder / f"{uuid.uuid4().hex}.json"
        save_tables(path, {"request": [codec.encode(request)]}, self._disk)
        return path

    def stirs(self) -> bool:
        """Whether a request waits; cheap enough to be asked all the time."""
        try:
            with os.scandir(self._folder) as entries:
                return any(entry.name.endswith(".json") for entry in entries)
        except OSError:  # none there, or another's: `put` tells who may not write it
            return False

    def waiting(self) -> Iterator[tuple[Path, Request]]:
        """The requests that wait, the oldest first: a mute that is taken back must not come last.
        One that cannot be read is told and removed."""
        for path in sorted(self._folder.glob("*.json"), key=_since):
            try:
                request = self._read(path)
            except (StateError, codec.ShapeError, ValueError) as error:
                log.error("a request in the inbox is passed over: %s: %s", path.name, error)
                if os.access(path, os.R_OK):  # one that we may not read is not ours to remove
                    with contextlib.suppress(CannotWriteError):
                        self.done(path)
                continue
            yield path, request

    def done(self, path: Path) -> None:
        """Removes a request that was carried out."""
        remove_file(path, self._disk)

    def _read(self, path: Path) -> Request:
        (document,) = (load_tables(path) or {}).get("request", ({},))
        return codec.decode(Request, document)


def _since(path: Path) -> tuple[int, str]:
    try:
        return path.stat().st_mtime_ns, path.name
    except OSError:  # gone meanwhile
        return 0, path.name
