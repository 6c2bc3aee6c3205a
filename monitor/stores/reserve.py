"""Room kept for the day that the disk is full: a file of 1 MiB that is given up then, so that what
was promised already can still be written down. One alert's record takes a few hundred bytes.

This module must not raise for the reserve's own sake: it is a help, not a part of the state.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path

from monitor.errors import CannotWriteError
from monitor.stores.atomic import DiskFullError, write_file
from monitor.stores.disk import Disk

log = logging.getLogger("rasid.state")

FILE = "reserve"
SIZE = 1 << 20
ROOMY = 4 * SIZE  # what must be free to set some of it apart: less would go to and fro


class Reserve:
    """The reserve of the state under `root`. Any thread may use it, beside any other."""

    def __init__(self, root: Path, disk: Disk) -> None:
        self._path = root / FILE
        self._disk = disk

    def make(self) -> None:
        """Sets the reserve apart where it is missing and the disk has room again."""
        try:
            if self._path.exists() or self._disk.free(self._path.parent) < ROOMY:
                return
            # Random, since zeros take no room on a file system that compresses
            write_file(self._path, os.urandom(SIZE), self._disk)
        except (OSError, CannotWriteError) as error:
            log.debug("no reserve is set apart: %s", error)

    def spend(self, write: Callable[[], None]) -> None:
        """Makes a write; where the disk is full, gives the reserve up and tries once more, so that
        what is written must be made within `write`. Once more also where there is none: another
        thread may just have given it up."""
        try:
            write()
        except DiskFullError as error:
            self._give_up(error)
            write()

    def _give_up(self, error: DiskFullError) -> None:
        with contextlib.suppress(OSError):
            self._disk.remove(self._path)
            log.error("%s: the reserve of %d bytes was given up; make room soon", error, SIZE)
