"""The index: every feed's line and what alerted lately, in one file that is written behind.

It may be some seconds older than the feeds' own files, so it keeps a stamp of each: as it was read
or written last (time, size, inode, as git's index does, so that a clock set back hides nothing).
A file with another stamp is read over its line. Comparing 10,000 stamps takes 0.03 s (0.12 s from
a cold disk); reading 10,000 files takes 1.8 s. That a feed's deliveries are settled is taken from
the channels' ledgers, so it holds while those lie there as they did. This module must not write
but on `save`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from monitor.core.feeds import near
from monitor.core.feeds.identity import article_id
from monitor.core.feeds.late import counted
from monitor.core.feeds.rhythm import learn
from monitor.core.feeds.stories import keys_of
from monitor.model import FeedRow, FeedState, Outlet, Seen, Validators
from monitor.stores import codec
from monitor.stores.atomic import LEFTOVER, Written, previous, save_tables
from monitor.stores.disk import Disk
from monitor.stores.generations import Documents, Recalled, recall
from monitor.stores.layout import CorruptError

FILE = "index.json"
_MOST_OUTLETS = 30  # of one article
_PREVIOUS = previous(Path(".json")).name


@dataclass(frozen=True, slots=True)
class Told:
    """The rules that alerted on an article, when the last of them did, and the id of the article
    as the feed had it that alerted first ("" in older files)."""

    at: float
    rules: tuple[str, ...]
    article: str = ""


@dataclass(slots=True)
class Index:
    """What the index file holds. `stamps` knows only feeds that have a file of their own; `ledgers`
    stands for the files of all channels as they were when it was written; `outlets` stand by the
    id of the article that alerted, and by their names."""

    rows: dict[str, FeedRow] = field(default_factory=dict)
    stamps: dict[str, str] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)
    ledgers: str = ""
    outlets: dict[str, Mapping[str, Outlet]] = field(default_factory=dict)

    def tell(self, keys: Iterable[str], rules: Iterable[str], at: float, article: str = "") -> None:
        """Remembers that these rules alerted on the article with these cross-feed keys."""
        for key in keys:
            known = self.told.get(key, Told(at, ()))
            merged = tuple(dict.fromkeys((*known.rules, *rules)))
            self.told[key] = Told(max(known.at, at), merged, known.article or article)

    def add_outlet(self, outlet: Outlet) -> None:
        """Remembers that another feed brought what alerted: of each the first time."""
        known = self.outlets.get(outlet.article, {})
        first = known.get(outlet.source, outlet)
        if first.seen_at >= outlet.seen_at and (first is not outlet or len(known) < _MOST_OUTLETS):
            self.outlets[outlet.article] = {**known, outlet.source: outlet}

    def prune(self, before: float, now: float) -> None:
        """Forgets what alerted before that moment, and what is only good for a day."""
        lately = max(before, now - 2 * near.DAY)
        self.told = {
            key: told
            for key, told in self.told.items()
            if told.at >= (lately if key.startswith(near.PREFIX) else before)
        }
        self.outlets = {
            article: outlets
            for article, outlets in self.outlets.items()
            if any(each.seen_at >= before for each in outlets.values())
        }

    def tell_of(self, state: FeedState) -> None:
        """Remembers what alerted by what a feed's own file says."""
        for seen in state.entries:
            if seen.fired:
                article = article_id(state.feed_id, seen.key)
                keys = [key for key in (seen.link_key, seen.print_key) if key]
                keys += keys_of(seen.story, state.feed_id)
                self.tell(keys, seen.fired, max(seen.first_seen, state.checked_at), article)
                if seen.near:
                    self._tell_nearly(seen, article)
            if seen.outlet is not None:
                self.add_outlet(seen.outlet)

    def _tell_nearly(self, seen: Seen, article: str) -> None:
        """What stands under these keys are prints."""
        at = float(seen.near.partition(".")[0])
        self.tell([near.keys_of(rule, at)[0] for rule in seen.fired], [seen.near], at)
        self.tell([near.key_of(seen.near)], (), at, article)


@dataclass(slots=True)
class Files:
    """The feeds' own files, as they lie there. `stamps` by feed id; `lost` are feeds whose current
    file is missing while the one before it is there; `leftovers` are what a crash left."""

    stamps: dict[str, str] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    leftovers: list[Path] = field(default_factory=list)

    @property
    def feeds(self) -> set[str]:
        """All feeds that have a file in some generation."""
        return self.stamps.keys() | self.lost


def load_index(root: Path) -> Recalled[Index]:
    """The index as last written, or as written before that; an empty one where there is none, and
    where all is corrupt, since what it holds can be read from the feeds' files: all but due times
    and counts of failures. StateError where it is newer or cannot be had."""
    path = root / FILE
    try:
        return recall(path, index_of) or Recalled(Index())
    except CorruptError as error:
        return Recalled(Index(), f"{error}; it is built again from the feeds' files")


def save_index(root: Path, index: Index, now: float, disk: Disk) -> None:
    """Writes the index; CannotWriteError leaves the old one."""
    index.ledgers = _seal_of_ledgers(root)
    save_tables(root / FILE, index_documents(index, now), disk)


def doubt_settled(root: Path, index: Index) -> None:
    """Has the feeds' open deliveries looked at anew where a ledger changed since the index was
    written: it may have been damaged, and what it told of be in doubt."""
    if index.ledgers != _seal_of_ledgers(root):
        for feed_id, row in index.rows.items():
            if row.settled:
                index.rows[feed_id] = replace(row, settled=False)


def index_documents(index: Index, now: float) -> Written:
    """The tables of the index's file, their rows made one by one."""
    rows = (
        codec.encode(row) | _stamp_member(index.stamps.get(row.feed_id))
        for row in index.rows.values()
    )
    about = {"written_at": now, "ledgers": index.ledgers}
    outlets = (codec.encode(each) for own in index.outlets.values() for each in own.values())
    return {
        "index": [about],
        "rows": rows,
        "alerted": _told_documents(index.told),
        "outlets": outlets,
    }


def stamp(path: Path) -> str:
    """What changes whenever the file does; OSError where there is none."""
    return _stamp_of(path.stat())


def scan(root: Path) -> Files:
    """What lies under feeds/."""
    files, before = Files(), set()
    for folder in _entries(root / "feeds"):
        for entry in _entries(Path(folder.path)):
            if entry.name.endswith(".json"):
                files.stamps[entry.name.removesuffix(".json")] = _stamp_of(entry.stat())
            elif entry.name.endswith(_PREVIOUS):
                before.add(entry.name.removesuffix(_PREVIOUS))
            elif entry.name.endswith(LEFTOVER):
                files.leftovers.append(Path(entry.path))
    files.lost = before - files.stamps.keys()
    return files


def lay_over(index: Index, state: FeedState, file_stamp: str | None) -> None:
    """Brings a feed's line up to its own file, which is newer, or was recalled (no stamp)."""
    row = index.rows.get(state.feed_id, FeedRow(state.feed_id, state.url))
    if file_stamp is None:
        index.stamps.pop(state.feed_id, None)
    else:
        index.stamps[state.feed_id] = file_stamp
    if state.checked_at > row.last_check and not state.gone:  # only a good check writes a file
        row = replace(
            row,
            last_ok=state.checked_at,
            not_before=0.0,
            failures=0,
            failing_since=None,
            error="",
        )
    rhythm = learn((seen.first_seen for seen in state.entries), state.checked_at)
    laid = replace(
        row,
        newest=rhythm.newest,
        longest_silence=rhythm.longest,
        validators=state.validators,
        body_hash=state.body_hash,
        moved_to=state.moved_to,
        gone=state.gone,
        skipped=state.skipped,
        has_open=bool(state.open),
        settled=False,
        hints=state.hints,
        remembered=len(state.entries),
        lags=state.lags,
        read_as=state.read_as,
        last_check=max(row.last_check, state.checked_at),
    )
    laid = counted(laid, state.late)
    if state.doubtful:  # at once, before another feed brings a lost article as a new one
        laid = replace(unverified(laid), due=0.0)
    index.rows[state.feed_id] = laid
    index.tell_of(state)


def unverified(row: FeedRow) -> FeedRow:
    """The line of a feed whose memory is not what it was: it must be fetched whole, since a 304, or
    a body that we have read before, would hide what the memory lost."""
    return replace(row, validators=Validators(), body_hash="", parts=None)


def is_lost(row: FeedRow) -> bool:
    """Whether the line asks for a check at once because the feed's memory is not what it was."""
    return row.due == 0.0 and not row.body_hash and row.last_check > 0.0


def start_anew(index: Index, feed_id: str) -> None:
    """Fits a feed's line to the loss of its file: nothing of it is known any more."""
    index.stamps.pop(feed_id, None)
    row = counted(unverified(index.rows[feed_id]), ())
    index.rows[feed_id] = replace(row, has_open=False, skipped=0)


def index_of(tables: Documents) -> Index:
    """The index in a file's documents; ShapeError where it is another file."""
    about = tables.get("index", ())
    if len(about) != 1:
        raise codec.ShapeError("is no index")
    index = Index(ledgers=str(about[0].get("ledgers", "")))
    for document in tables.get("rows", ()):
        row = codec.decode(FeedRow, document)
        index.rows[row.feed_id] = row
        if "file" in document:
            index.stamps[row.feed_id] = document["file"]
    for document in tables.get("alerted", ()):
        told = codec.decode(Told, document)
        index.told.update(dict.fromkeys(document.get("keys", ()), told))
    for document in tables.get("outlets", ()):
        index.add_outlet(codec.decode(Outlet, document))
    return index


def _told_documents(told: Mapping[str, Told]) -> list[dict[str, Any]]:
    articles: dict[Told, list[str]] = {}
    for key, each in told.items():
        articles.setdefault(each, []).append(key)
    return [codec.encode(each) | {"keys": keys} for each, keys in articles.items()]


def _stamp_member(file_stamp: str | None) -> dict[str, str]:
    return {} if file_stamp is None else {"file": file_stamp}


def _seal_of_ledgers(root: Path) -> str:
    """What changes whenever a file of a channel does."""
    found = []
    for folder in _entries(root / "channels"):
        for entry in _entries(Path(folder.path)):
            if entry.name.endswith(".json"):
                with contextlib.suppress(FileNotFoundError):  # pruned meanwhile
                    found.append((folder.name, entry.name, _stamp_of(entry.stat())))
    found.sort()
    return hashlib.sha256(repr(found).encode("utf-8", "surrogateescape")).hexdigest()[:24]


def _stamp_of(status: os.stat_result) -> str:
    return f"{status.st_mtime_ns}-{status.st_size}-{status.st_ino}"


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except (FileNotFoundError, NotADirectoryError):
        return
