"""The texts of remembered articles, in archive.sqlite: what rules are tried on. SQLite, since it is
the one part of the state that is searched, and the one that may be lost.

Nothing rests on it: articles are taken over once they are in their feed's own file, and written by
a thread of its own a second later, many in one transaction and without waiting for the disk. What
goes wrong is logged once; where the disk does not keep up, articles are left out; a damaged file is
set aside and made anew. It keeps to a size, grows no more where the disk is nearly full, and goes
where the rest of the state has no room left.

Write-ahead logging lets commands read while the daemon writes, and neither waits for the other.
What the tables hold is told in archive_rows. This module must not know what rules mean.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from monitor.errors import Problem, StateError
from monitor.model import Archived
from monitor.ports import Clock
from monitor.stores.archive_rows import (
    COLUMNS,
    FORMAT,
    TABLES,
    Line,
    archived_of,
    connect,
    line_of,
    write_hits,
    write_lines,
)
from monitor.stores.archivist import Archivist
from monitor.stores.atomic import damaged
from monitor.stores.behind import Behind
from monitor.stores.disk import Disk

FILE: Final = "archive.sqlite"
LARGEST: Final = 2_000_000_000  # bytes
_BESIDE: Final = ("-wal", "-shm")
_ROOM: Final = 100 << 20  # bytes that are left to the rest of the state
_WORTH_GIVING: Final = 1 << 20  # bytes; to remove less would help nobody
_PAUSE: Final = 1.0  # seconds until what is put is written
_LEAST: Final = 500  # letters that an article counts for beside its text
_ENOUGH: Final = 250_000  # letters that are written sooner
_BEHIND: Final = 8_000_000  # letters that wait at most
_MANY: Final = 150  # articles at a time that are worth another process
_LONG: Final = 10  # times of fewer, until it ends
_PRUNED: Final = 2_000  # articles in one transaction: a tenth of a second
_PRUNINGS: Final = 20  # transactions in a row
_SLACK: Final = 4  # one part in so many of the file that may be empty
_PAGE: Final = 4096  # bytes
_SHRUNK: Final = 2_000  # pages that are given back at once: 8 MB
_READ_AHEAD: Final = 500  # rows
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

T = TypeVar("T")

log = logging.getLogger("rasid.archive")


_Job = Sequence[Archived] | Callable[[], None]


class SqliteArchive:
    """The archive under a state's root, kept for `keep` seconds (0: none is kept) and in `largest`
    bytes, both of which may be set at any time. Who is `patient` waits for the disk, where else
    articles would be left out. For the one thread that commits. Raises nothing."""

    def __init__(
        self,
        root: Path,
        *,
        keep: float,
        clock: Clock,
        largest: int = LARGEST,
        patient: bool = False,
        disk: Disk | None = None,
    ) -> None:
        self.keep = keep
        self.largest = largest
        self._path = root / FILE
        self._clock = clock
        self._disk = disk or Disk()
        self._behind: Behind[_Job] = Behind(
            self._work, name="archive", pause=_PAUSE, enough=_ENOUGH, most=_BEHIND, patient=patient
        )
        self._cores = len(os.sched_getaffinity(0))
        self._left_out: deque[int] = deque()  # articles, as many at a time
        # Of the thread behind alone
        self._open: tuple[sqlite3.Connection, int] | None = None  # and the file's inode
        self._archivist: Archivist | None = None
        self._quiet = 0  # how often few articles came at a time
        self._told = ""

    def put(self, articles: Sequence[Archived]) -> None:
        """Takes over articles, to be kept in the place of earlier versions; as many that are old
        are forgotten."""
        if self.keep > 0 and articles:
            size = sum(_LEAST + len(each.article.text) for each in articles)
            if not self._behind.put(articles, size):
                if not self._left_out:
                    log.error("%s: the disk is too slow: articles are left out", self._path)
                self._left_out.append(len(articles))

    def note(self, feed_id: str, hits: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Notes that rules matched articles of a feed that are kept: (article's id, rules)."""
        if self.keep > 0 and hits:
            self._behind.put(partial(self._note, feed_id, hits), 0)

    def prune(self) -> None:
        """Forgets what is past its time or has no room; the file itself, where nothing is to be
        kept."""
        self._behind.put(self._prune, 0)

    def give_way(self) -> None:
        """Leaves the room that it takes to the rest of the state, for which none is left: all that
        is remembered is forgotten."""
        self._behind.put(self._remove, 0)

    def flush(self) -> None:
        """Waits until all that was put before can be read."""
        self._behind.flush()

    def close(self) -> None:
        """Writes what is left and closes the file, which leaves it whole in one piece."""
        self._behind.put(self._close, 0)
        if not self._behind.close():
            log.error("%s: the disk takes too long: the last articles are lost", self._path)

    def _work(self, jobs: list[_Job]) -> None:
        """All in order, and articles that follow each other in one transaction."""
        articles: list[Archived] = []
        try:
            for job in jobs:
                if callable(job):
                    self._put(articles)
                    articles = []
                    job()
                else:
                    articles += job
            self._put(articles)
        except Exception:
            self._close()
            log.exception("%s: fault in archiving; no alert depends on it", self._path)
        self._tell_left_out()

    def _put(self, articles: Sequence[Archived]) -> None:
        """Writes articles, here or in another process, and makes room for as many again."""
        if not (articles and self._has_room()):
            return
        lines = [line_of(each) for each in articles]
        if self._guarded(lambda _: True) and self._has_written(lines):  # the file is there, whole
            lines = []
        self._guarded(partial(self._write, lines=lines, most=2 * len(articles)))
        self._guarded(self._shrink)

    def _has_room(self) -> bool:
        try:
            free = self._disk.free(self._path.parent)
        except OSError as error:
            self._tell(str(error))
            return False
        if free < _ROOM:
            self._tell(f"the disk has less than {_ROOM >> 20} MB left")
        return free >= _ROOM

    def _has_written(self, lines: Sequence[Line]) -> bool:
        """Has articles written beside this process where they are many, and says whether they
        are. Once they have been few for a while, the other process ends."""
        self._quiet = 0 if len(lines) >= _MANY else self._quiet + 1
        if self._quiet:
            if self._quiet >= _LONG:
                self._dismiss()
            return False
        if self._archivist is None and self._cores > 1:
            with contextlib.suppress(OSError):
                self._archivist = Archivist(self._path)
        if self._archivist is not None and self._archivist.write(lines):
            return True
        self._dismiss()
        return False

    def _dismiss(self) -> None:
        if self._archivist is not None:
            self._archivist.end()
            self._archivist = None

    def _write(self, connection: sqlite3.Connection, lines: Sequence[Line], most: int) -> None:
        if lines:
            write_lines(connection, lines)
        self._forget(connection, most)
        self._told = ""

    def _note(self, feed_id: str, hits: Sequence[tuple[str, Sequence[str]]]) -> None:
        if self._path.exists():
            self._guarded(partial(write_hits, feed_id=feed_id, hits=hits))

    def _tell_left_out(self) -> None:
        many = 0
        while self._left_out:
            many += self._left_out.popleft()
        if many:
            log.error("%s: %d articles were left out; others are written again", self._path, many)

    def _guarded(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Does it in one transaction; once more where the file was damaged and is made anew. What
        it gives, None where it failed."""
        for _ in range(2):
            try:
                with self._connection() as connection:
                    done = work(connection)
            except (sqlite3.Error, OSError) as error:
                self._close()
                if not _is_damaged(error):
                    self._tell(str(error))
                    return None
                self._set_aside(error)
            else:
                return done
        return None

    def _connection(self) -> sqlite3.Connection:
        """The open file; another where somebody removed it."""
        if self._open is not None and self._open[1] != _inode(self._path):
            self._close()
        if self._open is None:
            if not self._path.exists():
                self._disk.close(self._disk.create(self._path))
            connection = connect(self._path)
            try:
                _prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._open = connection, _inode(self._path)
        return self._open[0]

    def _close(self) -> None:
        self._dismiss()
        if self._open is not None:
            with contextlib.suppress(sqlite3.Error):
                self._open[0].close()
            self._open = None

    def _prune(self) -> None:
        if self.keep <= 0:
            self._unlink()
        elif self._path.exists():
            for _ in range(_PRUNINGS):
                forgotten = self._guarded(partial(self._forget, most=_PRUNED))
                if not (self._guarded(self._shrink) or forgotten):
                    break

    def _remove(self) -> None:
        size = sum(map(_size, (*_files(self._path), damaged(self._path))))
        if size >= _WORTH_GIVING:
            self._unlink()
            log.error(
                "%s: removed, to make room on a full disk: %d MB; rules are tried on what comes"
                " from now on",
                self._path,
                size >> 20,
            )

    def _unlink(self) -> None:
        self._close()
        with contextlib.suppress(OSError):
            for path in (*_files(self._path), damaged(self._path)):
                path.unlink(missing_ok=True)

    def _forget(self, connection: sqlite3.Connection, most: int) -> int:
        """Drops the oldest of what is past its time or, if nothing is, has no room: how many."""
        old = connection.execute(
            "SELECT number FROM articles WHERE first_seen < ? ORDER BY first_seen LIMIT ?",
            (self._clock() - self.keep, most),
        ).fetchall()
        pages, empty = _pragma(connection, "page_count"), _pragma(connection, "freelist_count")
        if not old and (pages - empty) * _PAGE > self.largest:
            old = connection.execute(
                "SELECT number FROM articles ORDER BY first_seen LIMIT ?", (most,)
            ).fetchall()
        for table in ("articles", "words", "hits") if old else ():
            connection.executemany(f"DELETE FROM {table} WHERE number = ?", old)  # noqa: S608
        return len(old)

    def _shrink(self, connection: sqlite3.Connection) -> bool:
        """Gives back some of the room that is empty, where that is much; whether it was. Some is
        left for what comes."""
        pages, empty = _pragma(connection, "page_count"), _pragma(connection, "freelist_count")
        if empty < max(pages // _SLACK, _SHRUNK):
            return False
        connection.executescript(f"PRAGMA incremental_vacuum({_SHRUNK})")  # `execute` frees a page
        return True

    def _set_aside(self, error: Exception) -> None:
        log.error(
            "%s: %s; it is made anew, and the old one kept as %s: no alert depends on it",
            self._path,
            error,
            damaged(self._path).name,
        )
        with contextlib.suppress(OSError):
            self._path.replace(damaged(self._path))
            for path in _files(self._path):
                path.unlink(missing_ok=True)

    def _tell(self, why: str) -> None:
        if why != self._told:
            log.error("%s: articles are not archived: %s; no alert depends on it", self._path, why)
        self._told = why


class _OtherFormatError(sqlite3.DatabaseError):
    """The file is of another version."""


class Row(NamedTuple):
    """A line to look through: the article's number, when it came out, what it is known by across
    feeds ("" where there is nothing), its vocabulary."""

    number: int
    came: float
    link_key: str
    print_key: str
    words: bytes


class Hit(NamedTuple):
    """A rule that matched an article when that came."""

    rule: str
    number: int
    came: float


class ArchiveView:
    """The archive for those who only look, while a daemon writes or not. Creates no file that is
    not there. Each method raises StateError where the file cannot be read."""

    def __init__(self, root: Path) -> None:
        self._path = root / FILE

    def __enter__(self) -> ArchiveView:
        self._connection = _look(self._path)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    @property
    def exists(self) -> bool:
        """Whether there is one at all, as far as we may look."""
        return _is_there(self._path)

    def rows(self, since: float) -> Iterator[Row]:
        """All that came out since a moment, what was archived last first."""
        query = "SELECT * FROM words WHERE came >= ? ORDER BY number DESC"
        yield from map(Row._make, self._read(query, (since,)))

    def articles(self, numbers: Iterable[int]) -> Iterator[Archived]:
        """The articles with these numbers, in this order, but for those that went meanwhile."""
        query = (
            f"SELECT {COLUMNS}, link_key, print_key FROM articles JOIN words"  # noqa: S608
            " USING (number) WHERE number = ?"
        )
        for number in numbers:
            for row in self._read(query, (number,)):
                yield archived_of(row)

    def hits(self, since: float) -> Iterator[Hit]:
        """Which rules matched what came out since a moment."""
        query = "SELECT rule, number, came FROM hits WHERE came >= ?"
        yield from map(Hit._make, self._read(query, (since,)))

    def count(self) -> int:
        """How many articles there are."""
        return int(next(self._read("SELECT count(*) FROM words", ()))[0])

    def oldest(self) -> float | None:
        """When the article was seen that was archived first; None where there is none."""
        found = next(self._read("SELECT min(first_seen) FROM articles", ()))[0]
        return None if found is None else float(found)

    def _read(self, query: str, arguments: tuple[object, ...]) -> Iterator[Any]:
        try:
            found = self._connection.execute(query, arguments)
            while rows := found.fetchmany(_READ_AHEAD):
                yield from rows
        except sqlite3.Error as error:
            raise StateError(f"{self._path}: {error}") from error


def examine(root: Path) -> Problem | None:
    """What is wrong with the archive; None: nothing, or there is none."""
    path = root / FILE
    if not _is_there(path):
        return None
    try:
        with ArchiveView(root) as view:
            said = [str(row[0]) for row in view._read("PRAGMA quick_check(1)", ())]
    except StateError as error:
        return Problem(FILE, 0, 0, "", str(error).removeprefix(f"{path}: "))
    return None if said == ["ok"] else Problem(FILE, 0, 0, "", "; ".join(said))


def archive_size(root: Path) -> int:
    """Its bytes; 0 where there is none."""
    return _size(root / FILE)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # another's: opening it tells
        return True


def _look(path: Path) -> sqlite3.Connection:
    """The file for reading alone. Where there is no log beside it nobody writes, and what nobody
    writes is read without one."""
    still = "" if _is_there(path.with_name(path.name + "-wal")) else "&immutable=1"
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{still}", uri=True)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise StateError(f"{path}: {error}") from error
    if version != FORMAT:
        connection.close()
        raise StateError(f"{path}: of another version ({version}, this one knows {FORMAT})")
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Makes the tables where there are none."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0 and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        connection.executescript(TABLES)
    elif version != FORMAT:
        raise _OtherFormatError(f"of another version ({version}, this one knows {FORMAT})")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _is_damaged(error: Exception) -> bool:
    return isinstance(error, _OtherFormatError) or (
        isinstance(error, sqlite3.DatabaseError)
        and getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


def _files(path: Path) -> Iterator[Path]:
    yield path
    for ending in _BESIDE:
        yield path.with_name(path.name + ending)
