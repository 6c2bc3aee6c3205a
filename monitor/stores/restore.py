"""A backup put in the place of a state, whole or not at all.

    check     the whole backup is read and decoded; nothing is changed
    stage     its files are written beside the state, which stands as it did
    moving    the files of the old state go into a folder replaced-…, and stay there
    placing   the new ones go into their place

From the first change to the last a file `restoring` stands, which says how far it came; while it is
there nobody opens the state, and the next restore goes on from there. The two last steps are
renames alone, so that a full disk is met while the old state still stands.

All that is restored is marked as doubtful, since what was sent after the backup was made may be
sent again; each such message says so. This module must not decide what a backup holds.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from monitor.errors import RasidError, StateError, UsageError
from monitor.stores import inventory
from monitor.stores.atomic import cannot_write, make_folders, replace_file, save_tables
from monitor.stores.backup import read_backup
from monitor.stores.disk import Disk
from monitor.stores.index import FILE as INDEX
from monitor.stores.lock import StateLock
from monitor.stores.system import FILE as SYSTEM
from monitor.stores.tiny import RESTORING, STAGED

REPLACED = "replaced-"
_MEMORY = ("feeds", "channels", f"{SYSTEM}*", f"{INDEX}*")  # with generations; all else stays


@dataclass(frozen=True, slots=True)
class Restored:
    """How many files were restored, and where those are that they replaced, if there were any."""

    files: int
    replaced: Path | None


@dataclass(frozen=True, slots=True)
class _Progress:
    """What `restoring` says: where the old files go ("" where there were none), and whether all of
    them are there, so that whatever else lies in the state is of this restore."""

    folder: str
    moved: bool


def restore(
    root: Path, backup: IO[bytes], *, now: float, force: bool, disk: Disk | None = None
) -> Restored:
    """Restores a backup, a stream that can be rewound, into the state under `root`.

    LockedError where a process holds the state; StateError for a backup that is damaged or newer;
    UsageError for a state that is not empty, without `force`; CannotWriteError. None of these has
    changed anything, but a CannotWriteError may come half-way: then it is to be done again."""
    disk = disk or Disk()
    with StateLock.acquire(root):
        files = sum(1 for _ in read_backup(backup))
        progress = _progress(root) or _begin(root, now, force=force)
        try:
            _stage(root, backup, now, disk)
            return Restored(files, _exchange(root, progress, disk))
        except OSError as error:
            raise cannot_write(root, error) from error


def _begin(root: Path, now: float, *, force: bool) -> _Progress:
    if not any(_memory(root)):
        return _Progress("", moved=True)
    if not force:
        raise UsageError(f"the state in {root} is not empty; --force moves it aside first")
    time = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S")
    taken = len(list(root.glob(f"{REPLACED}{time}*")))
    return _Progress(f"{REPLACED}{time}" + (f".{taken}" if taken else ""), moved=False)


def _stage(root: Path, backup: IO[bytes], now: float, disk: Disk) -> None:
    staged = root / STAGED
    shutil.rmtree(staged, ignore_errors=True)
    backup.seek(0)
    try:
        make_folders(staged, disk)
        for name, value in read_backup(backup):
            save_tables(staged / name, inventory.aged_documents(name, value, now), disk)
    except (OSError, RasidError):
        shutil.rmtree(staged, ignore_errors=True)
        raise


def _exchange(root: Path, progress: _Progress, disk: Disk) -> Path | None:
    """Puts what is staged in the place of what is there, and says where that went."""
    replaced = root / progress.folder if progress.folder else None
    _mark(root, progress, disk)
    if replaced is not None and not progress.moved:
        make_folders(replaced, disk)
        _move(_memory(root), replaced, disk)
        _mark(root, _Progress(progress.folder, moved=True), disk)
    for each in _memory(root):  # what a restore that was cut off had placed
        _remove(each)
    _move((root / STAGED).iterdir(), root, disk)
    (root / STAGED).rmdir()
    disk.remove(root / RESTORING)
    disk.sync_folder(root)
    if replaced is not None:
        _drop_older(root, replaced)
    return replaced


def _drop_older(root: Path, kept: Path) -> None:
    """Removes what earlier restores replaced; what cannot be removed is in nobody's way."""
    for each in root.glob(f"{REPLACED}*"):
        if each != kept:
            shutil.rmtree(each, ignore_errors=True)


def _memory(root: Path) -> Iterator[Path]:
    """What makes up the state that is to be replaced."""
    for pattern in _MEMORY:
        yield from sorted(root.glob(pattern))


def _move(paths: Iterator[Path], folder: Path, disk: Disk) -> None:
    """Moves what lies in one folder into another, durable in both."""
    for each in list(paths):
        disk.rename(each, folder / each.name)
        disk.sync_folder(folder)
        disk.sync_folder(each.parent)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _mark(root: Path, progress: _Progress, disk: Disk) -> None:
    content = json.dumps({"replaced": progress.folder, "moved": progress.moved}).encode()
    replace_file(root / RESTORING, content, disk)


def _progress(root: Path) -> _Progress | None:
    """How far a restore came that was cut off; None where there was none."""
    try:
        found = json.loads((root / RESTORING).read_bytes())
        return _Progress(str(found["replaced"]), moved=bool(found["moved"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        what = f"cannot be read: {error}; remove it, and restore with --force"
        raise StateError(f"{root / RESTORING}: {what}") from error
