"""What concerns no single feed or channel, in system.json. This module must not keep anything in
memory: the file is small, and what reads it is another process as often as not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from monitor.errors import StateError
from monitor.model import SystemState
from monitor.stores import codec
from monitor.stores.atomic import load_tables, save_tables
from monitor.stores.disk import Disk


class SystemFile:
    """Reads and replaces system.json under the state's root."""

    def __init__(self, root: Path, *, disk: Disk | None = None) -> None:
        self._path = root / "system.json"
        self._disk = disk or Disk()
        self._lock = threading.Lock()

    def load(self) -> SystemState:
        """The state, the empty one where there is no file; StateError where it is corrupt."""
        tables = load_tables(self._path)
        if tables is None:
            return SystemState()
        documents = tables.get("system", ())
        if len(documents) != 1:
            raise StateError(f"{self._path}: expected one document, got {len(documents)}")
        try:
            return codec.decode(SystemState, documents[0])
        except codec.ShapeError as error:
            raise StateError(f"{self._path}: {error}") from error

    def save(self, state: SystemState) -> None:
        """Replaces the file, durable on return; CannotWriteError leaves the old one."""
        save_tables(self._path, {"system": [codec.encode(state)]}, self._disk)

    def update(self, change: Callable[[SystemState], SystemState]) -> SystemState:
        """Changes the state, durable on return, one change at a time; raises as `save`."""
        with self._lock:
            before = self.load()
            after = change(before)
            if after != before:
                self.save(after)
            return after
