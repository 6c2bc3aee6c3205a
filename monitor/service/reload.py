"""Notices that the configuration's files changed and are whole: the files have to rest a moment.

An editor writes a file in pieces or by renaming, so what was just written is left alone until
nothing changed for REST seconds. This module must not read what is in the files.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

FILES = ("monitor.yaml", "feeds.yaml", "rules.yaml", "places.yaml")
REST = 1.0
_COARSE: Final = 20_000_000  # nanoseconds that a file's times may lag behind the clock

Stamp = tuple[int, int, int, int]


class Watch:
    """Looks at the files when asked, and at those that `named` gives, which the configuration
    names; `now` is any clock that only goes forward. What changed since `read_at` (seconds since
    1970) is not read yet; where that is not told, all that is there now is read."""

    def __init__(
        self,
        directory: Path,
        named: Callable[[], Iterable[Path]] = tuple,
        read_at: float | None = None,
    ) -> None:
        self._paths = tuple(directory / name for name in FILES)
        self._named = named
        self._read: dict[Path, Stamp | None] = {}
        self._last: dict[Path, Stamp | None] = {}
        self._since = 0.0
        self.taken()
        if read_at is not None:
            self._read_at = round(read_at * 1e9)
            old = {path: stamp for path, stamp in self._read.items() if not self._is_new(stamp)}
            self._read = self._last = old

    def changed(self, now: float) -> bool:
        """True once for each change, as soon as the files have rested."""
        stamps = self._stamps()
        self._meet(stamps)
        if stamps != self._last:
            self._last, self._since = stamps, now
        if stamps == self._read or now - self._since < REST:
            return False
        self._read, self._read_at = stamps, time.time_ns()
        return True

    def taken(self) -> None:
        """What is there now is read without waiting, for somebody asked for it: it is no change to
        be told any more. Should it not have been whole, its rest is one."""
        self._read_at = time.time_ns()
        self._read = self._last = self._stamps()

    def _meet(self, stamps: dict[Path, Stamp | None]) -> None:
        """Files that were not watched until now were read as they are, but for those that changed
        since; of those that are named no more nothing is to be told."""
        for path, stamp in stamps.items():
            if path not in self._read and not self._is_new(stamp):
                self._read = {**self._read, path: stamp}
                self._last = {**self._last, path: stamp}
        if self._read.keys() - stamps.keys():
            self._read = {path: self._read[path] for path in stamps if path in self._read}
            self._last = {path: self._last[path] for path in stamps if path in self._last}

    def _is_new(self, stamp: Stamp | None) -> bool:
        return stamp is not None and stamp[0] > self._read_at - _COARSE

    def _stamps(self) -> dict[Path, Stamp | None]:
        return {path: _stamp_of(path) for path in (*self._paths, *self._named())}


def _stamp_of(path: Path) -> Stamp | None:
    """The time of the change of a file's mode counts too: what could not be read may be now. A
    time that was set back (rsync -t, touch -d) is no time of a change, so that both are here."""
    try:
        status = path.stat()
    except (OSError, ValueError):  # missing, between two names, no name: reading it will tell
        return None
    return status.st_ctime_ns, status.st_mtime_ns, status.st_size, status.st_ino
