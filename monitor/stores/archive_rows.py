"""What the archive's tables hold, and how an article becomes rows and comes back.

    articles    the article itself, one row for each, the newest version; in one byte a letter where
                a table of ours has all of them, which halves nearly every Arabic text
    words       its vocabulary (core.rules.shortlist) and what it is known by across feeds, apart
                from the text, so that all of them can be gone through in a second
    hits        which rules matched it when it came

Numbers grow as articles come and stay as they are edited. An index by feed and id, not by id alone,
so that what one check brings stands together in it. This module must not know what rules mean.
"""

from __future__ import annotations

import codecs
import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from monitor.core.rules.shortlist import VERSION, vocabulary
from monitor.model import Archived, Article, FeedInfo

FORMAT: Final = 200 + VERSION  # of the tables, and of what a vocabulary holds

TABLES: Final = f"""
PRAGMA page_size = 4096;
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
BEGIN;
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, feed_id TEXT NOT NULL, id TEXT NOT NULL, feed TEXT,
    feed_category TEXT, feed_language TEXT, language TEXT, link TEXT, title NOT NULL,
    text NOT NULL, author TEXT, categories TEXT NOT NULL, published REAL,
    first_seen REAL NOT NULL, text_source TEXT NOT NULL, UNIQUE (feed_id, id));
CREATE INDEX by_age ON articles (first_seen);
CREATE TABLE words (number INTEGER PRIMARY KEY, came REAL NOT NULL, link_key TEXT NOT NULL,
    print_key TEXT NOT NULL, words BLOB NOT NULL);
CREATE TABLE hits (number INTEGER, rule TEXT, came REAL NOT NULL, PRIMARY KEY (number, rule))
    WITHOUT ROWID;
PRAGMA user_version = {FORMAT};
COMMIT;
"""
COLUMNS: Final = (
    "feed_id, id, feed, feed_category, feed_language, language, link, title, text, author,"
    " categories, published, first_seen, text_source"
)
_ARTICLE: Final = f"INSERT OR REPLACE INTO articles (number, {COLUMNS}) VALUES (?{', ?' * 14})"  # noqa: S608
_WORDS: Final = "INSERT OR REPLACE INTO words VALUES (?, ?, ?, ?, ?)"
_HIT: Final = "INSERT OR REPLACE INTO hits VALUES (?, ?, ?)"
_NUMBER: Final = "SELECT number FROM articles WHERE feed_id = ? AND id = ?"

_BUSY: Final = 10.0  # seconds in which another writer has to be done
# Windows-1256 and, in the place of control characters, what news has beside it: digits and their
# signs, letters of Persian and Kurdish, marks that nobody sees. A change makes all texts others.
_BESIDE: Final = "٠١٢٣٤٥٦٧٨٩٪٫٬یەێۆڕڵڤۀ\u0670\u200b\u202b\u202c\ufeff"
_CONTROLS: Final = (*range(1, 9), 11, 12, *range(14, 30))
_BYTES: Final = bytes(range(256)).decode("cp1256")
_TABLE: Final = _BYTES.translate(dict(zip(_CONTROLS, _BESIDE, strict=True)))
_CODEC: Final = codecs.charmap_build(_TABLE)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_as_json: Final = json.JSONEncoder(ensure_ascii=False).encode


class Line(NamedTuple):
    """An article as plain values, which another process can be given: `values` in the order of
    COLUMNS, of which the feed's id and its own are the first two."""

    values: tuple[Any, ...]
    came: float
    link_key: str
    print_key: str
    rules: tuple[str, ...]


def connect(path: Path) -> sqlite3.Connection:
    """The file for writing; it must be there. Without synchronous commits a power cut costs the
    last articles, and no more (https://www.sqlite.org/pragma.html#pragma_synchronous)."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=_BUSY, check_same_thread=False
    )
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def line_of(archived: Archived) -> Line:
    """The article in plain values."""
    article = archived.article
    feed = article.feed or FeedInfo()
    values = (
        archived.feed_id,
        article.id,
        feed.name,
        feed.category,
        feed.language,
        article.language,
        article.link,
        _packed(article.title),
        _packed(article.text),
        article.author,
        _as_json(article.categories) if article.categories else "[]",
        article.published.timestamp() if article.published else None,
        archived.first_seen,
        article.text_source,
    )
    return Line(values, archived.came, archived.link_key, archived.print_key, archived.rules)


def write_lines(connection: sqlite3.Connection, lines: Iterable[Line]) -> None:
    """Writes articles, each in the place of an earlier version."""
    newest: dict[tuple[Any, ...], Line] = {}
    hits: list[tuple[tuple[Any, ...], str, float]] = []
    for line in lines:
        newest[line.values[:2]] = line
        hits += [(line.values[:2], rule, line.came) for rule in line.rules]
    numbers = _numbers(connection, newest)
    _write(connection, _ARTICLE, [(numbers[key], *line.values) for key, line in newest.items()])
    words = ((numbers[key], *line[1:4], _words(line)) for key, line in newest.items())
    _write(connection, _WORDS, list(words))
    if hits:
        _write(connection, _HIT, [(numbers[key], rule, came) for key, rule, came in hits])


def _words(line: Line) -> bytes:
    return vocabulary(archived_of((*line.values, "", "")).article)


def _numbers(
    connection: sqlite3.Connection, keys: Iterable[tuple[Any, ...]]
) -> dict[tuple[Any, ...], int]:
    """The number of each article: that which it has, or the next one."""
    found = connection.execute("SELECT max(number) FROM articles").fetchone()
    last = int(found[0] or 0)
    numbers: dict[tuple[Any, ...], int] = {}
    for key in keys:
        known = _execute(connection, _NUMBER, key).fetchone()
        if known is None:
            last += 1
        numbers[key] = last if known is None else int(known[0])
    return numbers


def write_hits(
    connection: sqlite3.Connection, feed_id: str, hits: Sequence[tuple[str, Sequence[str]]]
) -> None:
    """Notes that rules matched articles of a feed that are remembered: (article's id, rules)."""
    for ident, rules in hits:
        _write(
            connection,
            "INSERT OR REPLACE INTO hits SELECT number, ?, came FROM articles JOIN words"
            " USING (number) WHERE feed_id = ? AND id = ?",
            [(rule, feed_id, ident) for rule in rules],
        )


def archived_of(row: tuple[Any, ...]) -> Archived:
    """An article that was written: COLUMNS and its keys; all but which rules matched it."""
    (feed_id, ident, feed, category, feed_language, language, link, title, text, author) = row[:10]
    categories, published, first_seen, text_source, link_key, print_key = row[10:]
    article = Article(
        id=ident,
        title=_unpacked(title),
        text=_unpacked(text),
        link=link,
        author=author,
        categories=tuple(json.loads(categories)),
        published=None if published is None else datetime.fromtimestamp(published, UTC),
        language=language,
        feed=FeedInfo(feed, category, feed_language),
        text_source=text_source,
    )
    return Archived(article, feed_id, first_seen, link_key, print_key)


def _packed(text: str) -> str | bytes:
    try:
        return codecs.charmap_encode(text, "strict", _CODEC)[0]
    except UnicodeEncodeError:
        return text


def _unpacked(text: str | bytes) -> str:
    return text if isinstance(text, str) else codecs.charmap_decode(text, "strict", _TABLE)[0]


def _write(connection: sqlite3.Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    try:
        connection.executemany(statement, rows)
    except UnicodeEncodeError:
        connection.executemany(statement, [tuple(map(_sound, row)) for row in rows])


def _execute(connection: sqlite3.Connection, query: str, values: tuple[Any, ...]) -> sqlite3.Cursor:
    try:
        return connection.execute(query, values)
    except UnicodeEncodeError:
        return connection.execute(query, tuple(map(_sound, values)))


def _sound(value: Any) -> Any:
    """A text without the lone surrogates of broken feeds, letter for letter."""
    return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) else value
