"""Notices that the configuration's files changed and are whole: the files have to rest a moment.

An editor writes a file in pieces or by renaming, so what was just written is left alone until
nothing changed for REST seconds. This module must not read what is in the files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

FILES = ("monitor.yaml", "feeds.yaml", "rules.yaml", "places.yaml")
REST = 1.0

Stamp = tuple[tuple[int, int, int] | None, ...]


class Watch:
    """Looks at the files when asked, and at those that `named` gives, which the configuration in
    force names; `now` is any clock that only goes forward."""

    def __init__(self, directory: Path, named: Callable[[], Iterable[Path]] = tuple) -> None:
        self._paths = tuple(directory / name for name in FILES)
        self._named = named
        self._read = self._last = self._stamp()
        self._since = 0.0

    def changed(self, now: float) -> bool:
        """True once for each change, as soon as the files have rested."""
        stamp = self._stamp()
        if stamp != self._last:
            self._last, self._since = stamp, now
        if stamp == self._read or now - self._since < REST:
            return False
        self._read = stamp
        return True

    def taken(self) -> None:
        """What is there now is read without waiting, for somebody asked for it: it is no change to
        be told any more. Should it not have been whole, its rest is one."""
        self._read = self._last = self._stamp()

    def _stamp(self) -> Stamp:
        return tuple(map(_stamp_of, (*self._paths, *self._named())))


def _stamp_of(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:  # missing, or between two names: reading it will tell
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
