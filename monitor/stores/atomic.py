"""TinyDB on files that are replaced whole: a reader, or a start after a power cut, finds the old
file or the new one, never a mixture.

A write is: temporary file in the same folder, fsync, rename, fsync of the folder. TinyDB's own
JSONStorage writes in place: kill -9 left 7 files of 100 unreadable, a full disk every one.

A file is JSON, one document a line, under a first line that guards the rest:

    {"rasid":{"schema":1,"crc32":"8f3a01c2"},
    "feed":{
    "1":{…}}}

This module must not know what the documents mean.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tinydb import TinyDB
from tinydb.middlewares import CachingMiddleware
from tinydb.storages import Storage

from monitor.errors import EX_IOERR, CannotWriteError, StateError
from monitor.stores.disk import Disk

SCHEMA = 1
_HEADER = re.compile(rb'\{"rasid":\{"schema":(\d{1,9})(?:,"crc32":"([0-9a-f]{8})"\},\n)?')
_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")
).encode

Document = Mapping[str, Any]
Tables = dict[str, dict[str, Any]]


class DiskFailedError(CannotWriteError):
    """The disk itself failed, rather than being full or closed to us."""

    exit_code = EX_IOERR


class AtomicStorage(Storage):
    """One file for TinyDB. Reading creates nothing; a failed write leaves the old file.

    Raises StateError for a file that is corrupt or newer, CannotWriteError for a write."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self._path = path
        self._disk = disk

    def read(self) -> Tables | None:
        """All tables, or None where there is no file. An empty file is a corrupt one."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateError(f"{self._path}: cannot be read: {error.strerror}") from error
        return _parse(content, self._path)

    def write(self, data: Tables) -> None:
        write_file(self._path, _format(data), self._disk)


def load_tables(path: Path) -> dict[str, list[Document]] | None:
    """Every table's documents, or None where there is no file; StateError as the storage does."""
    tables = _open(path, Disk()).storage.read()
    if tables is None:
        return None
    return {name: list(table.values()) for name, table in tables.items()}


def save_tables(path: Path, tables: Mapping[str, Iterable[Document]], disk: Disk) -> None:
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


def _format(tables: Tables) -> bytes:
    # Lone surrogates come from broken feeds; "backslashreplace" turns them into \udXXX, which is
    # JSON's own escape for them.
    body = ",\n".join(map(_format_table, tables, tables.values())) + "}\n"
    payload = body.encode("utf-8", "backslashreplace")
    header = f'{{"rasid":{{"schema":{SCHEMA},"crc32":"{zlib.crc32(payload):08x}"}},\n'
    return header.encode() + payload


def _format_table(name: str, documents: Mapping[str, Any]) -> str:
    rows = ",\n".join([f'"{number}":{_encode(each)}' for number, each in documents.items()])
    return f"{_encode(name)}:{{\n{rows}}}"


def _parse(content: bytes, path: Path) -> Tables:
    header = _HEADER.match(content)
    if header is None:
        raise StateError(f"{path}: corrupt: " + ("no header" if content else "the file is empty"))
    if (schema := int(header[1])) > SCHEMA:
        message = f"written by a newer version (schema {schema}, this one knows {SCHEMA})"
        raise StateError(f"{path}: {message}; it was not touched")
    payload = memoryview(content)[header.end() :]
    if header[2] is None or zlib.crc32(payload) != int(header[2], 16) or schema != SCHEMA:
        raise StateError(f"{path}: corrupt: its checksum does not fit its content")
    try:
        tables: Tables = json.loads(b"{" + payload)
    except (ValueError, RecursionError) as error:
        raise StateError(f"{path}: corrupt: {error}") from error
    if not all(isinstance(table, dict) for table in tables.values()):
        raise StateError(f"{path}: corrupt: a table is no object")
    return tables


def write_file(path: Path, content: bytes, disk: Disk) -> None:
    """Replaces a file, durable on return. CannotWriteError leaves what was there before."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        make_folders(path.parent, disk)
        _fill(temporary, content, disk)
        before = _open_old(path)
        try:
            _swap(temporary, path, before, disk)
        finally:
            if before is not None:
                os.close(before)
    except OSError as error:
        with contextlib.suppress(OSError):  # the write's own error is the one to tell
            disk.remove(temporary)
        raise cannot_write(path, error) from error


def remove_file(path: Path, disk: Disk) -> None:
    """Removes a file for good; none there is well. CannotWriteError otherwise."""
    try:
        with contextlib.suppress(FileNotFoundError):
            disk.remove(path)
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
    kind = DiskFailedError if error.errno == errno.EIO else CannotWriteError
    return kind(f"cannot write {path}: {error.strerror}")


def _fill(path: Path, content: bytes, disk: Disk) -> None:
    descriptor = disk.create(path)
    try:
        disk.write(descriptor, content)
        disk.sync(descriptor)
    finally:
        disk.close(descriptor)


def _open_old(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None


def _swap(temporary: Path, path: Path, before: int | None, disk: Disk) -> None:
    """Renames and makes the name durable; where only the latter fails, the old file comes back,
    since a write that raises must not be found to have happened."""
    disk.rename(temporary, path)
    try:
        disk.sync_folder(path.parent)
    except OSError:
        if before is None:
            disk.remove(path)
        else:
            _fill(temporary, _read_all(before), disk)
            disk.rename(temporary, path)
        raise


def _read_all(descriptor: int) -> bytes:
    with open(descriptor, "rb", closefd=False) as file:
        return file.read()
