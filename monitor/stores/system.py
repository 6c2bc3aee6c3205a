"""What concerns no single feed or channel, in system.json. This module must not keep anything in
memory: the file is small, and what reads it is another process as often as not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from monitor.errors import Problem
from monitor.model import SystemState
from monitor.stores import codec
from monitor.stores.atomic import save_tables, set_aside
from monitor.stores.disk import Disk
from monitor.stores.generations import Documents, recall
from monitor.stores.reserve import Reserve

FILE = "system.json"


class SystemFile:
    """Reads and replaces system.json under the state's root."""

    def __init__(self, root: Path, *, disk: Disk | None = None) -> None:
        self._path = root / FILE
        self._disk = disk or Disk()
        self._lock = threading.Lock()
        self._reserve = Reserve(root, self._disk)

    def load(self) -> SystemState:
        """The state, the empty one where there is no file; StateError where it is corrupt and so is
        the one before it. Changes nothing, so those who only look may call it."""
        found = recall(self._path, system_of)
        return found.value if found else SystemState()

    def save(self, state: SystemState) -> None:
        """Replaces the file, durable on return; CannotWriteError leaves the old one. StateError as
        `load`, since what cannot be read must not be replaced."""
        found = recall(self._path, system_of)
        if found and found.fault:
            set_aside(self._path, found.fault, self._disk)
        self._reserve.spend(lambda: save_tables(self._path, system_documents(state), self._disk))

    def update(self, change: Callable[[SystemState], SystemState]) -> SystemState:
        """Changes the state, durable on return, one change at a time; raises as `save`."""
        with self._lock:
            before = self.load()
            after = change(before)
            if after != before:
                self.save(after)
            return after

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the current file, where the one before it is used; StateError as
        `load`."""
        found = recall(self._path, system_of)
        if found is None or found.fault is None:
            return ()
        return (Problem(str(self._path), 0, 0, "", found.fault.removeprefix(f"{self._path}: ")),)


def system_of(tables: Documents) -> SystemState:
    """The state in a file's documents; ShapeError where it is another file."""
    documents = tables.get("system", ())
    if len(documents) != 1:
        raise codec.ShapeError(f"expected one document, got {len(documents)}")
    return codec.decode(SystemState, documents[0])


def system_documents(state: SystemState) -> Documents:
    """The tables of the system's file."""
    return {"system": [codec.encode(state)]}
