"""The exception tree, and the exit code that each one means (sysexits.h).

    RasidError                 70  a bug, where nothing nearer applies
    ├── UsageError             64  the command line asks for something that makes no sense
    ├── DataError              65  an input document or line cannot be read
    │   ├── FeedError              a document is no feed
    │   └── StateError         65  the state is corrupt, or of a newer schema
    ├── NoChannelError         69  nowhere to send an alert to
    ├── CannotWriteError       73  a file of the state cannot be created or written
    ├── LockedError            75  another process holds the state
    └── ConfigError            78  the configuration; carries every problem found
        └── QueryError             one query of one rule; carries the offset of the fault

Foreign exceptions are turned into these in the one file that knows the library. This module
must import nothing of the package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

EX_OK = 0
EX_USAGE = 64
EX_DATA = 65
EX_UNAVAILABLE = 69
EX_SOFTWARE = 70
EX_CANTCREAT = 73
EX_IOERR = 74
EX_TEMPFAIL = 75
EX_CONFIG = 78


class RasidError(Exception):
    """Base of all our errors. `str()` is a sentence for the user, without secrets."""

    exit_code = EX_SOFTWARE


class UsageError(RasidError):
    """The command line asks for something that makes no sense."""

    exit_code = EX_USAGE


class DataError(RasidError):
    """An input document or line cannot be read."""

    exit_code = EX_DATA


class FeedError(DataError):
    """A document is no feed: an HTML page, an empty body, too large, refused, or unreadable."""


class StateError(DataError):
    """A file of the state is corrupt, or was written by a newer version."""


class NoChannelError(RasidError):
    """No channel is configured, so no alert could be sent."""

    exit_code = EX_UNAVAILABLE


class CannotWriteError(RasidError):
    """A file of the state cannot be created or written (full disk, rights, I/O error)."""

    exit_code = EX_CANTCREAT


class LockedError(RasidError):
    """Another process holds the state."""

    exit_code = EX_TEMPFAIL


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of the configuration. `line` and `column` count from 1 in code points.

    `line` 0 means that the fault has no place in the file (a file that is missing).
    """

    file: str
    line: int
    column: int
    key: str
    reason: str
    suggestion: str | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: "
        key = f"{self.key}: " if self.key else ""
        hint = f" ({self.suggestion})" if self.suggestion else ""
        return f"{where}{key}{self.reason}{hint}"


class ConfigError(RasidError):
    """The configuration is wrong. `problems` holds every fault found, in file order; `files` are
    the paths of those that the configuration names, readable or not."""

    exit_code = EX_CONFIG

    def __init__(self, problems: Sequence[Problem], files: Sequence[str] = ()) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)
        self.files = tuple(files)


class QueryError(RasidError):
    """A rule's word, phrase or query cannot be understood.

    `offset` counts code points from the start of the text that was given; `suggestion` is a
    whole hint ("did you mean …?") or None.
    """

    exit_code = EX_CONFIG

    def __init__(self, reason: str, offset: int = 0, suggestion: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset
        self.suggestion = suggestion
