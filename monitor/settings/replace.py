"""Replaces a file of the user's as a whole: who reads it meanwhile, or after a power cut, finds the
old file or the new one (rename(2), fsync(2)).

Mode, owner and extended attributes (access lists) stay; a link stays one, and what it leads to
changes. This module must not know what is written.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from monitor.errors import CannotWriteError, ConfigError, Problem


def write_whole(path: Path, data: bytes, *, like: Path | None = None) -> None:
    """Puts `data` in the place of what the file holds, or makes it, as open to others as the file
    `like` where there is that one. Raises CannotWriteError; then the old file is there."""
    target = path.resolve()
    if target.exists() and not target.is_file():  # /dev/stdout, a pipe: there is nothing to lose
        _write_into(target, data)
        return
    if target.exists() and not os.access(target, os.W_OK):  # a rename would not ask
        raise CannotWriteError(f"cannot write {path}: it is read-only")
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            _write(temporary, data, target if target.exists() else like)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    except OSError as error:
        raise CannotWriteError(f"cannot write {path}: {error.strerror or error}") from error


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Waits until no other process of ours edits a file in this folder, and keeps others out."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise CannotWriteError(f"cannot write {folder}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write_into(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise CannotWriteError(f"cannot write {path}: {error.strerror or error}") from error


def _write(path: Path, data: bytes, model: Path | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o666), "wb") as file:
        if model is not None and model.exists():
            _dress(path, model)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _dress(path: Path, model: Path) -> None:
    """Gives a file the owner, the mode and the access list of another. Where we may not, this
    raises: whoever reads the file now could not read it then."""
    owner, ours = model.stat(), path.stat()
    if (owner.st_uid, owner.st_gid) != (ours.st_uid, ours.st_gid):
        os.chown(path, owner.st_uid, owner.st_gid)
    shutil.copystat(model, path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def bytes_of(path: Path) -> bytes:
    """A file as it lies on the disk, nothing where there is none. Raises ConfigError where it
    cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise ConfigError([Problem(path.name, 0, 0, "", reason)]) from error
