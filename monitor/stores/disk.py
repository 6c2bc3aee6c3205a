"""The few system calls that a durable write is made of, so that a test can record them or let
any one of them fail. This module must not know what is written."""

from __future__ import annotations

import os
from pathlib import Path


def belong_beside(folder: Path, made: Path | int) -> None:
    """Gives what root made to the owner of the folder that it is in: a service that runs as a user
    of its own could not read it else."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(made, owner.st_uid, owner.st_gid)


class Disk:
    """The real disk. Each method raises OSError, as the call beneath it does."""

    def create(self, path: Path) -> int:
        """Opens an empty file for writing, readable by its owner alone whatever the umask says."""
        return self._open(path, os.O_TRUNC)

    def append_to(self, path: Path) -> int:
        """Opens a file for writing at its end, and makes it where there is none, as `create`."""
        return self._open(path, os.O_APPEND)

    def _open(self, path: Path, how: int) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | how
        descriptor = os.open(path, flags, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
            belong_beside(path.parent, descriptor)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def write(self, descriptor: int, data: bytes) -> None:
        """Writes all of it: a nearly full disk takes a part first and refuses the rest."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]

    def empty(self, descriptor: int) -> None:
        """Cuts a file to no bytes."""
        os.ftruncate(descriptor, 0)

    def sync(self, descriptor: int) -> None:
        """Waits until the file's bytes are on the disk."""
        os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Puts `source` in the place of `target` in one step."""
        source.replace(target)

    def link(self, source: Path, target: Path) -> None:
        """Gives a file a second name; what a crash left under that name makes way."""
        try:
            os.link(source, target)
        except FileExistsError:
            target.unlink()
            os.link(source, target)

    def remove(self, path: Path) -> None:
        path.unlink()

    def free(self, folder: Path) -> int:
        """The bytes that we may still write there."""
        found = os.statvfs(folder)
        return found.f_bavail * found.f_frsize

    def make_folder(self, path: Path) -> None:
        """Makes one folder that its owner alone may enter, whatever the umask says."""
        path.mkdir(0o700)
        path.chmod(0o700)
        belong_beside(path.parent, path)

    def sync_folder(self, path: Path) -> None:
        """Waits until the names in a folder are on the disk; without it a power cut may bring
        an older file back (fsync(2), rename(2))."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
