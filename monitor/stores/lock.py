"""One process at a time changes the state: a POSIX record lock on the file `lock`.

A record lock ends with its process, however that ends, and no child inherits it: flock(2) stayed
with an orphan after its parent was killed. The price is that closing any descriptor of the file
lets go of the lock (fcntl(2)), so this module alone opens that file, and opens it once.
"""

from __future__ import annotations

import fcntl
import os
import struct
from pathlib import Path
from types import TracebackType

from monitor.errors import LockedError, StateError
from monitor.stores.atomic import cannot_write, make_folders
from monitor.stores.disk import Disk, belong_beside

FILE = "lock"
_FLOCK = "hhqqi"  # struct flock of Linux with 64-bit offsets: type, whence, start, length, pid
_held: dict[tuple[int, int], int] = {}  # device and inode of a held file -> the pid that holds it


class StateLock:
    """The lock while it is held; a context manager that lets it go."""

    @classmethod
    def acquire(cls, root: Path) -> StateLock:
        """Takes the lock without waiting, making the state's folder if need be.

        LockedError where somebody holds it, this process included; CannotWriteError without
        rights or on a file system without locks."""
        path = root / FILE
        if (pid := holder(root)) is not None:
            raise LockedError(f"another process ({pid}) holds the state in {root}")
        try:
            make_folders(root, Disk())
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(path, flags, 0o600)
        except OSError as error:
            raise cannot_write(path, error) from error
        try:
            os.fchmod(descriptor, 0o600)
            belong_beside(root, descriptor)
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError) as error:
            os.close(descriptor)
            raise LockedError(f"another process holds the state in {root}") from error
        except OSError as error:
            os.close(descriptor)
            raise cannot_write(path, error) from error
        return cls(descriptor)

    def __init__(self, descriptor: int) -> None:
        status = os.fstat(descriptor)
        self._descriptor: int | None = descriptor
        self._key = (status.st_dev, status.st_ino)
        _held[self._key] = os.getpid()

    def release(self) -> None:
        """Lets go of the lock; the file stays, since removing it would let two processes in."""
        if self._descriptor is not None:
            _held.pop(self._key, None)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> StateLock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def holder(root: Path) -> int | None:
    """The pid of the process that holds the state's lock, or None. Takes nothing and creates
    nothing. 0: a process whose pid is not visible here (another container)."""
    path = root / FILE
    try:
        status = path.stat()
        if _held.get((status.st_dev, status.st_ino)) == os.getpid():
            return os.getpid()  # opening and closing the file would let go of our own lock
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StateError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, _, _, _, pid = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    finally:
        os.close(descriptor)
    return None if kind == fcntl.F_UNLCK else int(pid)
