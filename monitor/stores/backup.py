"""A backup of the state in one file, taken while a daemon goes on: one JSON document a line.

    {"rasid_backup":1,"schema":1,"made_at":1764000000.0,"version":"0.1.0"}
    {"path":"feeds/ab/ab01.json","crc32":"8f3a01c2","content":"…"}
    …
    {"files":3,"sha256":"…"}                    of all lines before

Each file is copied whole, as it is at that moment: feeds first, then the channels' ledgers, then
the system, and the index last. Why that is a state to go on from:

- A delivery that is open in a copied feed and was sent since stands in the ledger, which is copied
  later: it is not sent again. Ledgers first would not know of it.
- An alert made after its feed was copied is not in the copy. The feed's next check makes it again,
  under the same id (a hash of article, channel and rules): where it was sent before its ledger was
  copied it is known as sent, else it is sent, perhaps again, and says so. What the index, copied
  last, knows of it would hide it, so a restore leaves that out.
- A day of a ledger that was dropped in between had nothing open and nothing standing. A copied feed
  may still hold such a delivery: it may go out again, and says so.

This module must not write below the state's root.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol

from monitor.errors import StateError
from monitor.stores import inventory, migrate
from monitor.stores.atomic import LEFTOVER, cannot_write, documents_of, read_file
from monitor.stores.disk import Disk
from monitor.stores.generations import Decode, decoded, newest
from monitor.stores.inventory import Finding
from monitor.stores.layout import NewerError, parse_tables
from monitor.stores.tiny import refuse_half_restored

FORMAT = 1
_GZIP = b"\x1f\x8b"  # RFC 1952, 2.3.1

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Sink(Protocol):
    """What bytes can be written to."""

    def write(self, data: bytes, /) -> object:
        """Takes all of them."""


@dataclass(frozen=True, slots=True)
class Copied:
    """How many files a backup holds, and which ones are faulty: recoverable ones are in it as the
    generation before them, lost ones are not."""

    files: int
    faults: tuple[Finding, ...]


def save_backup(root: Path, path: Path, *, made_at: float, version: str) -> Copied:
    """Writes a backup of the state under `root` to a file, for its owner alone; an old one there is
    replaced when all is written. Compressed where its name ends in .gz.

    NewerError for a state of a newer version; CannotWriteError leaves what was there."""
    disk, temporary = Disk(), path.with_name(path.name + LEFTOVER)
    write = partial(write_backup, root, made_at=made_at, version=version)
    try:
        with os.fdopen(disk.create(temporary), "wb") as out:
            copied = _write_packed(write, out) if path.name.endswith(".gz") else write(out)
            out.flush()
            disk.sync(out.fileno())
        disk.rename(temporary, path)
        disk.sync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        with suppress(OSError):
            disk.remove(temporary)
    return copied


def write_backup(root: Path, out: Sink, *, made_at: float, version: str) -> Copied:
    """Writes a backup of the state under `root` into a stream."""
    refuse_half_restored(root)
    lines, faults = _Lines(out), []
    schema = migrate.CURRENT.number
    lines.write(rasid_backup=FORMAT, schema=schema, made_at=made_at, version=version)
    files = 0
    for name in inventory.names(root):
        content, fault = _copy(root, name)
        if fault is not None:
            faults.append(fault)
        if content is not None:
            crc = f"{zlib.crc32(content):08x}"
            lines.write(path=name, crc32=crc, content=content.decode("utf-8", "surrogatepass"))
            files += 1
    lines.write(files=files, sha256=lines.digest.hexdigest())
    return Copied(files, tuple(faults))


def read_backup(file: IO[bytes]) -> Iterator[tuple[str, Any]]:
    """The files of a backup, each with its name and what it holds, in order; from a stream that can
    be rewound, compressed or not. It is a whole one only when this comes to an end: StateError
    where anything in it is not as it was written, or is of a newer version."""
    start = file.read(len(_GZIP))
    file.seek(0)
    try:
        if start == _GZIP:
            with gzip.GzipFile(fileobj=file) as plain:
                yield from _read_lines(io.BufferedReader(plain))
        else:
            yield from _read_lines(file)
    except (OSError, EOFError, zlib.error) as error:  # gzip's own for what is cut off or damaged
        raise StateError(f"the backup cannot be read: {error}") from error


class _Lines:
    """Lines of JSON, and the hash of all of them."""

    def __init__(self, out: Sink) -> None:
        self._out = out
        self.digest = hashlib.sha256()

    def write(self, **members: object) -> None:
        line = f"{_encode(members)}\n".encode("utf-8", "backslashreplace")
        self.digest.update(line)
        self._out.write(line)


def _write_packed(write: Callable[[Sink], Copied], out: IO[bytes]) -> Copied:
    with gzip.GzipFile(fileobj=out, mode="wb", filename="") as packed:
        return write(packed)


def _copy(root: Path, name: str) -> tuple[bytes | None, Finding | None]:
    """A file's bytes in the newest generation that is sound, and what is wrong with it."""
    path, fault = root / name, inventory.examine(root, name)
    try:
        found = newest(path, partial(_sound_bytes, decode=inventory.decoder(name)))
    except NewerError:  # what is missing here, the newer version would miss
        raise
    except StateError:
        return None, fault
    return (None if found is None else found.value), fault


def _sound_bytes(path: Path, decode: Decode[Any]) -> bytes | None:
    content = read_file(path)
    if content is not None:
        decoded(documents_of(parse_tables(content, path)), path, decode)
    return content


def _read_lines(file: IO[bytes]) -> Iterator[tuple[str, Any]]:
    head = file.readline()
    _check_head(_document(head))
    digest, known = hashlib.sha256(head), set[str]()
    for line in file:
        document = _document(line)
        if "sha256" in document:
            if document != {"files": len(known), "sha256": digest.hexdigest()} or file.read(1):
                raise StateError("the backup is damaged: its last line does not fit the others")
            return
        digest.update(line)
        name, value = _file_of(document)
        if name in known:
            raise StateError(f"the backup holds {name} twice")
        known.add(name)
        yield name, value
    raise StateError("the backup is cut off: its last line is missing")


def _document(line: bytes) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise StateError(f"the backup is damaged: {error}") from error
    if not isinstance(document, dict):
        raise StateError("the backup is damaged: a line is no object")
    return document


def _check_head(head: dict[str, Any]) -> None:
    written, schema = head.get("rasid_backup"), head.get("schema")
    if type(written) is not int or type(schema) is not int:
        raise StateError("this is no backup of rasid's state")
    if written > FORMAT or schema > migrate.CURRENT.number:
        ours = f"this one knows backup {FORMAT}, schema {migrate.CURRENT.number}"
        message = f"written by a newer version (backup {written}, schema {schema}; {ours})"
        raise NewerError(f"the backup was {message}")


def _file_of(document: dict[str, Any]) -> tuple[str, Any]:
    """One file of a backup: its name, which no path is made of before it was found to be one of a
    state's, and what it holds."""
    name, text = document.get("path"), document.get("content")
    if not isinstance(name, str) or not inventory.is_ours(name):
        raise StateError(f"the backup holds {name!r}, which is no file of a state")
    if not isinstance(text, str):
        raise StateError(f"the backup holds nothing for {name}")
    content = text.encode("utf-8", "surrogatepass")
    if document.get("crc32") != f"{zlib.crc32(content):08x}":
        raise StateError(f"the backup is damaged: the checksum of {name} does not fit")
    tables = documents_of(parse_tables(content, name))
    return name, decoded(tables, name, inventory.decoder(name))
