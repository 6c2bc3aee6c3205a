"""TinyDB on files that are replaced whole: a reader, or a start after a power cut, finds the old
file or the new one, never a mixture; and the one before stays beside it, as X.json.prev.

A write is: temporary file in the same folder, fsync; the current file gets the name .prev too; the
temporary one is renamed over it; fsync of the folder. So each name is good at every moment.
TinyDB's own JSONStorage writes in place: kill -9 left 7 files of 100 unreadable, a full disk every
one.

A current file that is damaged never becomes .prev: it is moved aside to X.json.bad, the last one
of which is kept. This module must not know what the documents mean.
"""

from __future__ import annotations

import contextlib
import errno
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tinydb import TinyDB
from tinydb.middlewares import CachingMiddleware
from tinydb.storages import Storage

from monitor.errors import EX_IOERR, CannotWriteError, StateError
from monitor.stores.disk import Disk
from monitor.stores.layout import CorruptError, check, format_tables, parse_tables
from monitor.stores.migrate import Tables

log = logging.getLogger("rasid.state")

LEFTOVER = ".tmp"  # what a crash may leave; nobody reads it
# Errors of a damaged disk or file system: the file is lost. All others may pass, or be cured.
_DAMAGED = {errno.EIO, errno.EBADMSG, errno.EUCLEAN}
_FULL = {errno.ENOSPC, errno.EDQUOT}

Document = Mapping[str, Any]
Written = Mapping[str, Iterable[Document]]  # what is to be written, gone through once


class DiskFailedError(CannotWriteError):
    """The disk itself failed, rather than being full or closed to us."""

    exit_code = EX_IOERR


class DiskFullError(CannotWriteError):
    """There is no room: what makes some may help."""


class AtomicStorage(Storage):
    """One file for TinyDB. Reading creates nothing; a failed write leaves the old file.

    Raises StateError for a file that is corrupt or newer, CannotWriteError for a write."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self._path = path
        self._disk = disk

    def read(self) -> Tables | None:
        """All tables, or None where there is no file. An empty file is a corrupt one."""
        content = read_file(self._path)
        return None if content is None else parse_tables(content, self._path)

    def write(self, data: Tables) -> None:
        content = format_tables(data)
        try:
            current = read_file(self._path)
            if current is not None:
                check(current, self._path)
        except CorruptError as error:  # it may have rotted since we read or wrote it
            set_aside(self._path, str(error), self._disk)
        write_file(self._path, content, self._disk)


def load_tables(path: Path) -> dict[str, list[Document]] | None:
    """Every table's documents, or None where there is no file; StateError as the storage does."""
    tables = _open(path, Disk()).storage.read()
    return None if tables is None else documents_of(tables)


def documents_of(tables: Tables) -> dict[str, list[Document]]:
    """Every table's documents, without their numbers."""
    return {name: list(table.values()) for name, table in tables.items()}


def save_tables(path: Path, tables: Written, disk: Disk) -> None:
    """Replaces the file by these tables, durable on return; CannotWriteError leaves it as it was.

    TinyDB writes once for each change of a table: the caching layer makes that one write, on
    close. There is no `with` here because that would also write what an error cut off half-way."""
    database = _open(path, disk)
    database.drop_tables()
    for name, documents in tables.items():
        database.table(name).insert_multiple(documents)
    database.close()


def _open(path: Path, disk: Disk) -> TinyDB:
    buffered = CachingMiddleware(AtomicStorage)  # type: ignore[no-untyped-call] # its own gap
    return TinyDB(path, disk, storage=buffered)


def previous(path: Path) -> Path:
    """Where the generation before a file's current one stands."""
    return path.with_name(path.name + ".prev")


def damaged(path: Path) -> Path:
    """Where a file's last damaged generation is kept, for people to look at."""
    return path.with_name(path.name + ".bad")


def read_file(path: Path) -> bytes | None:
    """A file's bytes, or None where there is none. CorruptError where the disk has lost them; where
    they are there and we cannot have them, StateError: no older file may stand in for it."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        kind = CorruptError if error.errno in _DAMAGED else StateError
        raise kind(f"{path}: cannot be read: {error.strerror}") from error


def write_file(path: Path, content: bytes, disk: Disk) -> None:
    """Replaces a file, durable on return, and keeps the one before it. CannotWriteError leaves what
    was there."""
    temporary, spare = _temporary(path), _temporary(previous(path))
    try:
        make_folders(path.parent, disk)
        _fill(temporary, content, disk)
        kept = _keep(path, spare, disk)
        _swap(temporary, path, disk, kept=kept)
    except OSError as error:
        for left in (temporary, spare):
            with contextlib.suppress(OSError):  # the write's own error is the one to tell
                disk.remove(left)
        raise cannot_write(path, error) from error


def replace_file(path: Path, content: bytes, disk: Disk) -> None:
    """Replaces a file that needs no generations, durable on return; raises OSError."""
    _fill(_temporary(path), content, disk)
    disk.rename(_temporary(path), path)
    disk.sync_folder(path.parent)


def remove_file(path: Path, disk: Disk) -> None:
    """Removes a file with its generations for good; none there is well. CannotWriteError otherwise.

    The older ones go first, and durably: a crash in between must not leave one alone, which would
    stand in for the file that was removed."""
    try:
        for each in (damaged(path), previous(path), path):
            with contextlib.suppress(FileNotFoundError):
                disk.remove(each)
                disk.sync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error


def set_aside(path: Path, fault: str, disk: Disk) -> None:
    """Moves a damaged current file out of the way, so that the next write does not put it in the
    place of the good one before; durable on return. CannotWriteError leaves it where it is."""
    kept = f"; the damaged file is kept as {damaged(path).name}" if path.exists() else ""
    log.error("%s%s", fault, kept)
    try:
        with contextlib.suppress(FileNotFoundError):  # gone altogether
            disk.rename(path, damaged(path))
            disk.sync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error


def make_folders(path: Path, disk: Disk) -> None:
    """Makes a folder and the missing ones above it, durable on return; raises OSError."""
    if path.is_dir():
        return
    make_folders(path.parent, disk)
    with contextlib.suppress(FileExistsError):  # another channel's thread was first
        disk.make_folder(path)
    disk.sync_folder(path.parent)


def cannot_write(path: Path, error: OSError) -> CannotWriteError:
    """The error for the user: 74 where the disk itself fails, 73 otherwise."""
    kind = CannotWriteError
    if error.errno == errno.EIO:
        kind = DiskFailedError
    elif error.errno in _FULL:
        kind = DiskFullError
    return kind(f"cannot write {path}: {error.strerror}")


def _temporary(path: Path) -> Path:
    return path.with_name(path.name + LEFTOVER)


def _fill(path: Path, content: bytes, disk: Disk) -> None:
    descriptor = disk.create(path)
    try:
        disk.write(descriptor, content)
        disk.sync(descriptor)
    finally:
        disk.close(descriptor)


def _keep(path: Path, spare: Path, disk: Disk) -> bool:
    """Gives the current file the name .prev as well; whether there is one.

    By way of a third name, since a link takes no name that is taken, and .prev must always be
    there. After a crash both may name one file already; rename(2) does nothing then."""
    before = previous(path)
    if _is_one_file(path, before):
        return True
    try:
        disk.link(path, spare)
    except FileNotFoundError:
        return False
    disk.rename(spare, before)
    return True


def _is_one_file(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except FileNotFoundError:
        return False


def _swap(temporary: Path, path: Path, disk: Disk, *, kept: bool) -> None:
    """Renames and makes the names durable; where only the latter fails, the old file comes back,
    since a write that raises must not be found to have happened."""
    disk.rename(temporary, path)
    try:
        disk.sync_folder(path.parent)
    except OSError:
        if kept:
            disk.rename(previous(path), path)  # takes no room, and the file is durable already
        else:
            disk.remove(path)
        raise
