"""The texts of remembered articles, in archive.sqlite: what rules are tried on. SQLite, since it is
the one part of the state that is searched, and the one that may be lost.

Nothing rests on it: it is written after the feed's own file, without waiting for the disk; what
goes wrong is logged once, and a damaged file is set aside and made anew. It gives way to the rest
of the state where the disk is nearly full.

    articles    the article itself, one row for each, the newest version
    words       its vocabulary (core.rules.shortlist), apart from the text, so that all of them can
                be gone through in a second
    hits        which rules matched it when it came

Write-ahead logging lets commands read while the daemon writes, and neither waits for the other.
This module must not know what rules mean.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from monitor.core.rules.shortlist import VERSION, vocabulary
from monitor.errors import Problem, StateError
from monitor.model import Archived, Article, FeedInfo
from monitor.ports import Clock
from monitor.stores.atomic import damaged
from monitor.stores.disk import Disk

FILE: Final = "archive.sqlite"
_FORMAT: Final = 100 + VERSION  # of the tables, and of what a vocabulary holds
_BESIDE: Final = ("-wal", "-shm")
_ROOM: Final = 100 << 20  # bytes that are left to the rest of the state
_MOST_PRUNED: Final = 20_000  # articles at once: a second
_READ_AHEAD: Final = 500  # rows
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

_TABLES: Final = f"""
PRAGMA page_size = 4096;
PRAGMA journal_mode = WAL;
BEGIN;
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, feed_id TEXT NOT NULL, feed TEXT,
    feed_category TEXT, feed_language TEXT, language TEXT, link TEXT, title TEXT NOT NULL,
    text TEXT NOT NULL, author TEXT, categories TEXT NOT NULL, published REAL,
    first_seen REAL NOT NULL, text_source TEXT NOT NULL, link_key TEXT NOT NULL,
    print_key TEXT NOT NULL);
CREATE INDEX by_age ON articles (first_seen);
CREATE TABLE words (number INTEGER PRIMARY KEY, came REAL NOT NULL, words BLOB NOT NULL);
CREATE TABLE hits (number INTEGER, rule TEXT, came REAL NOT NULL, PRIMARY KEY (number, rule))
    WITHOUT ROWID;
PRAGMA user_version = {_FORMAT};
COMMIT;
"""
_COLUMNS: Final = (
    "id, feed_id, feed, feed_category, feed_language, language, link, title, text, author,"
    " categories, published, first_seen, text_source, link_key, print_key"
)
_INSERT: Final = f"INSERT INTO articles ({_COLUMNS}) VALUES ({', '.join('?' * 16)})"  # noqa: S608
_REPLACE: Final = (
    f"INSERT OR REPLACE INTO articles ({_COLUMNS}, number)"  # noqa: S608
    f" VALUES ({', '.join('?' * 17)})"
)

log = logging.getLogger("rasid.archive")


class SqliteArchive:
    """The archive under a state's root, kept for `keep` seconds (0: none is kept). For the one
    thread that commits, but for `keep`, which may be set at any time. Raises nothing."""

    def __init__(self, root: Path, *, keep: float, clock: Clock, disk: Disk | None = None) -> None:
        self.keep = keep
        self._path = root / FILE
        self._clock = clock
        self._disk = disk or Disk()
        self._open: tuple[sqlite3.Connection, int] | None = None  # and the file's inode
        self._told = ""

    def put(self, articles: Sequence[Archived]) -> None:
        """Keeps articles, in the place of earlier versions, and forgets as many that are old."""
        if self.keep > 0 and articles:
            self._guarded(lambda connection: self._put(connection, articles))

    def note(self, hits: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Notes that rules matched articles that are remembered: (article's id, rules)."""
        if self.keep > 0 and hits and self._path.exists():
            self._guarded(lambda connection: _note(connection, hits))

    def prune(self) -> None:
        """Forgets what is past its time; the file itself, where nothing is to be kept."""
        if self.keep <= 0:
            self.close()
            with contextlib.suppress(OSError):
                for path in _files(self._path):
                    path.unlink(missing_ok=True)
        elif self._path.exists():
            self._guarded(lambda connection: self._forget(connection, _MOST_PRUNED))

    def close(self) -> None:
        """Closes the file, which leaves it whole in one piece."""
        if self._open is not None:
            with contextlib.suppress(sqlite3.Error):
                self._open[0].close()
            self._open = None

    def _guarded(self, work: Any) -> None:
        """Does it in one transaction; once more where the file was damaged and is made anew."""
        for _ in range(2):
            try:
                with self._connection() as connection:
                    work(connection)
            except (sqlite3.Error, OSError) as error:
                self.close()
                if not self._is_damaged(error):
                    self._tell(str(error))
                    return
                self._set_aside(error)
            except Exception:
                # A fault of ours must not pass for one of the check, which is stored by now.
                self.close()
                log.exception("%s: fault in archiving; no alert depends on it", self._path)
                return
            else:
                self._told = ""
                return

    def _connection(self) -> sqlite3.Connection:
        """The open file; another where somebody removed it."""
        if self._disk.free(self._path.parent) < _ROOM:
            raise OSError(f"the disk has less than {_ROOM >> 20} MB left")
        if self._open is not None and self._open[1] != _inode(self._path):
            self.close()
        if self._open is None:
            if not self._path.exists():
                self._disk.close(self._disk.create(self._path))
            connection = sqlite3.connect(self._path, timeout=1.0, check_same_thread=False)
            try:
                _prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._open = connection, _inode(self._path)
        return self._open[0]

    def _put(self, connection: sqlite3.Connection, articles: Sequence[Archived]) -> None:
        for each in articles:
            number = _insert(connection, each)
            connection.execute(
                "INSERT OR REPLACE INTO words VALUES (?, ?, ?)",
                (number, each.came, vocabulary(each.article)),
            )
            for rule in each.rules:
                connection.execute(
                    "INSERT OR REPLACE INTO hits VALUES (?, ?, ?)",
                    (number, _sound(rule), each.came),
                )
        self._forget(connection, 2 * len(articles))

    def _forget(self, connection: sqlite3.Connection, most: int) -> None:
        """Drops the oldest of what is past its time."""
        old = connection.execute(
            "SELECT number FROM articles WHERE first_seen < ? ORDER BY first_seen LIMIT ?",
            (self._clock() - self.keep, most),
        ).fetchall()
        for table in ("articles", "words", "hits") if old else ():
            connection.executemany(f"DELETE FROM {table} WHERE number = ?", old)  # noqa: S608

    def _is_damaged(self, error: Exception) -> bool:
        return isinstance(error, _OtherFormatError) or (
            isinstance(error, sqlite3.DatabaseError)
            and getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED
        )

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
    """A line to look through: the article's number, when it came out, its vocabulary."""

    number: int
    came: float
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
        query = "SELECT number, came, words FROM words WHERE came >= ? ORDER BY number DESC"
        yield from map(Row._make, self._read(query, (since,)))

    def articles(self, numbers: Iterable[int]) -> Iterator[Archived]:
        """The articles with these numbers, in this order, but for those that went meanwhile."""
        query = f"SELECT {_COLUMNS} FROM articles WHERE number = ?"  # noqa: S608
        for number in numbers:
            for row in self._read(query, (number,)):
                yield _archived(row)

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
    try:
        return (root / FILE).stat().st_size
    except OSError:
        return 0


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
    if version != _FORMAT:
        connection.close()
        raise StateError(f"{path}: of another version ({version}, this one knows {_FORMAT})")
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Makes the tables where there are none. Without synchronous commits a power cut costs the last
    articles, and no more (https://www.sqlite.org/pragma.html#pragma_synchronous)."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0 and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        connection.executescript(_TABLES)
    elif version != _FORMAT:
        raise _OtherFormatError(f"of another version ({version}, this one knows {_FORMAT})")
    connection.execute("PRAGMA synchronous = NORMAL")


def _insert(connection: sqlite3.Connection, archived: Archived) -> int:
    """Writes an article and gives its number, which stays the same for all its versions."""
    found = connection.execute(
        "SELECT number, first_seen FROM articles WHERE id = ?", (archived.article.id,)
    ).fetchone()
    values = _values(archived)
    if found is not None:
        return int(_execute(connection, _REPLACE, (*values, found[0])).lastrowid or found[0])
    return int(_execute(connection, _INSERT, values).lastrowid or 0)


def _note(connection: sqlite3.Connection, hits: Sequence[tuple[str, Sequence[str]]]) -> None:
    for ident, rules in hits:
        connection.executemany(
            "INSERT OR REPLACE INTO hits SELECT number, ?, came FROM articles JOIN words"
            " USING (number) WHERE id = ?",
            [(_sound(rule), ident) for rule in rules],
        )


def _execute(connection: sqlite3.Connection, query: str, values: tuple[Any, ...]) -> sqlite3.Cursor:
    try:
        return connection.execute(query, values)
    except UnicodeEncodeError:
        return connection.execute(query, tuple(map(_sound, values)))


def _sound(value: Any) -> Any:
    """A text without the lone surrogates of broken feeds, letter for letter."""
    if not isinstance(value, str):
        return value
    return "".join("\ufffd" if "\ud800" <= each <= "\udfff" else each for each in value)


def _values(archived: Archived) -> tuple[Any, ...]:
    article = archived.article
    feed = article.feed or FeedInfo()
    return (
        article.id,
        archived.feed_id,
        feed.name,
        feed.category,
        feed.language,
        article.language,
        article.link,
        article.title,
        article.text,
        article.author,
        json.dumps(article.categories, ensure_ascii=False),
        article.published.timestamp() if article.published else None,
        archived.first_seen,
        article.text_source,
        archived.link_key,
        archived.print_key,
    )


def _archived(row: tuple[Any, ...]) -> Archived:
    (ident, feed_id, feed, category, feed_language, language, link, title, text, author) = row[:10]
    categories, published, first_seen, text_source, link_key, print_key = row[10:]
    article = Article(
        id=ident,
        title=title,
        text=text,
        link=link,
        author=author,
        categories=tuple(json.loads(categories)),
        published=None if published is None else datetime.fromtimestamp(published, UTC),
        language=language,
        feed=FeedInfo(feed, category, feed_language),
        text_source=text_source,
    )
    return Archived(article, feed_id, first_seen, link_key, print_key)


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


def _files(path: Path) -> Iterator[Path]:
    yield path
    for ending in _BESIDE:
        yield path.with_name(path.name + ending)
