"""The feeds' memory on disk: one TinyDB file a feed, and an index in front of them.

A commit writes one feed's file, so its cost does not depend on how many feeds there are. The
index is written behind, by `flush`; what a crash keeps out of it stands in the feeds' files.
One thread writes; any thread may read. This module must not decide what is remembered.

A feed recalled from the generation before its current file has lost its last check, so its line
asks for the whole document, and what alerted is gathered anew from the feeds' files: an alert that
only the lost check knew of would else count as told, and nobody would ever tell it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from monitor.errors import CannotWriteError, Problem, RasidError, StateError
from monitor.model import Delivery, FeedRow, FeedState, FeedUpdate, Outlet
from monitor.stores.atomic import LEFTOVER, cannot_write, make_folders, remove_file, set_aside
from monitor.stores.disk import Disk
from monitor.stores.feedfile import feed_path, load_feed, save_feed
from monitor.stores.generations import Recalled
from monitor.stores.index import FILE as INDEX
from monitor.stores.index import (
    Index,
    doubt_settled,
    is_lost,
    lay_over,
    load_index,
    save_index,
    scan,
    stamp,
    start_anew,
    unverified,
)
from monitor.stores.journal import FILE as JOURNAL
from monitor.stores.journal import Journal, lay_on, read_journal
from monitor.stores.reserve import FILE as RESERVE
from monitor.stores.reserve import Reserve

DAY = 86400.0
RESTORING = "restoring"  # stands while a restore is under way
STAGED = "restoring.new"  # what one prepares before that


class TinyReader:
    """The state as it stands on disk when this is made. Takes no lock and creates no file, so it
    may look on while a daemon writes; a state that is not there yet is an empty one."""

    def __init__(self, root: Path) -> None:
        refuse_half_restored(root)
        self._root = root
        self._lock = threading.Lock()  # of the members below
        # Held where files are read to bring the index up to them, before `_lock`
        self._files = threading.RLock()
        self._problems: dict[str, str] = {}
        self._recalled: set[str] = set()  # files that are known to have been stood in for
        # Before the index: what is written to that meanwhile is not missed, nor is it taken twice
        noted = read_journal(root)
        self._index = self._load_index()
        self._snapshot: Mapping[str, FeedRow] | None = None
        self._told_in_doubt = False
        self._catch_up()
        for each in noted:
            lay_on(self._index, each)

    def rows(self) -> Mapping[str, FeedRow]:
        """Every known feed's line by feed id; a view that does not change under its reader."""
        with self._lock:
            if self._snapshot is None:
                self._snapshot = MappingProxyType(dict(self._index.rows))
            return self._snapshot

    def row(self, feed_id: str) -> FeedRow | None:
        """One feed's line."""
        with self._lock:
            return self._index.rows.get(feed_id)

    def feed(self, feed_id: str) -> FeedState | None:
        """The feed's own file, read anew, or else the one before it; None where there is none;
        StateError where it is corrupt."""
        path = feed_path(self._root, feed_id)
        try:
            found = load_feed(path)
            if found is not None and found.fault is not None:
                found = self._recall(path)
        except StateError as error:
            self._note(path, str(error))
            raise
        if found is None or found.fault is None:
            self._note(path, None)
        return None if found is None else found.value

    def alerted(self, keys: Iterable[str]) -> frozenset[str]:
        """The rules that lately alerted on an article with one of these cross-feed keys."""
        if self._told_in_doubt:
            self._gather_told()
        with self._lock:
            told = [self._index.told[key] for key in keys if key in self._index.told]
        return frozenset(rule for each in told for rule in each.rules)

    def teller(self, keys: Iterable[str]) -> str:
        """The id of the article that alerted first with one of these cross-feed keys, if any."""
        with self._lock:
            told = (self._index.told[key] for key in keys if key in self._index.told)
            return next((each.article for each in told if each.article), "")

    def outlets(self, article: str) -> tuple[Outlet, ...]:
        """Which other feeds brought the article of that id later, in their order."""
        with self._lock:
            found = self._index.outlets.get(article, {}).values()
        return tuple(sorted(found, key=lambda each: each.seen_at))

    def open_deliveries(self) -> tuple[Delivery, ...]:
        """Every delivery that stands in a feed's file, settled or not. A file that cannot be read
        stops no other; `problems` tells of it."""
        found: list[Delivery] = []
        for row in self.rows().values():
            if row.has_open:
                found += self._open_of(row.feed_id)
        return tuple(found)

    def problems(self) -> tuple[Problem, ...]:
        """The files that could not be read, or only the ones before them, each with the reason;
        and the reserve, where it was given up."""
        with self._lock:
            found = dict(self._problems)
        if self.tight():
            found[str(self._root / RESERVE)] = "given up: the disk is full, or nearly; make room"
        return tuple(Problem(file, 0, 0, "", why) for file, why in found.items())

    def size(self) -> int:
        """Bytes of all files of the state, as they say of themselves."""
        total = 0
        for folder, _, names in os.walk(self._root):
            for name in names:
                with contextlib.suppress(OSError):  # gone meanwhile
                    total += Path(folder, name).lstat().st_size
        return total

    def tight(self) -> bool:
        """Whether the disk is so full that the reserve was given up, or was never set apart."""
        return (self._root / INDEX).exists() and not (self._root / RESERVE).exists()

    def _open_of(self, feed_id: str) -> tuple[Delivery, ...]:
        try:
            state = self.feed(feed_id)
        except StateError:  # noted by feed()
            return ()
        return state.open if state else ()

    def _load_index(self) -> Index:
        found = load_index(self._root)
        if found.fault is not None:
            self._take_over(self._root / INDEX, found.fault)
        return found.value

    def _catch_up(self) -> None:
        """Reads the files that are not as the index knows them over their lines."""
        known, found = self._index.stamps, scan(self._root)
        changed = [each for each in found.stamps if known.get(each) != found.stamps[each]]
        for feed_id in [*changed, *found.lost]:
            self._reread(feed_id, found.stamps.get(feed_id))
        there = found.feeds
        for feed_id in [each for each in known if each not in there]:
            start_anew(self._index, feed_id)
            self._note(feed_path(self._root, feed_id), "missing: the feed starts anew")
        for path in found.leftovers:
            self._clean(path)

    def _reread(self, feed_id: str, file_stamp: str | None) -> None:
        path = feed_path(self._root, feed_id)
        try:
            state = self.feed(feed_id)
        except StateError:  # noted by feed()
            return
        if state is not None and not self._is_recalled(path):  # a file may go away while we look on
            self._lay_over(state, file_stamp)

    def _recall(self, path: Path) -> Recalled[FeedState] | None:
        """The feed again, where its current file was found to be no good a moment ago."""
        with self._files:
            found = load_feed(path)
            if found is None or found.fault is None or self._is_recalled(path):
                return found
            self._take_over(path, found.fault)
            self._lay_over(found.value, None)
            return found

    def _lay_over(self, state: FeedState, file_stamp: str | None) -> None:
        with self._lock:
            lay_over(self._index, state, file_stamp)
            self._told_in_doubt |= state.doubtful
            self._snapshot = None

    def _gather_told(self) -> None:
        """What alerted, from the feeds' own files. One that cannot be read tells nothing: better
        twice by two feeds than never."""
        with self._files:
            if not self._told_in_doubt:
                return
            gathered = Index()
            for feed_id in scan(self._root).feeds:
                with contextlib.suppress(StateError):
                    found = load_feed(feed_path(self._root, feed_id))
                    if found is not None:
                        gathered.tell_of(found.value)
            with self._lock:
                self._index.told, self._index.outlets = gathered.told, gathered.outlets
                self._told_in_doubt = False

    def _is_recalled(self, path: Path) -> bool:
        with self._lock:
            return str(path) in self._recalled

    def _take_over(self, path: Path, fault: str) -> None:
        """What is to be done once about a damaged file: those who only look tell of it."""
        self._note(path, fault)
        with self._lock:
            self._recalled.add(str(path))

    def _clean(self, path: Path) -> None:
        """Those who only look leave what a crash left: it may be a write that is under way."""

    def _note(self, path: Path, reason: str | None) -> None:
        with self._lock:
            if reason is None:
                self._problems.pop(str(path), None)
                self._recalled.discard(str(path))
            else:
                self._problems[str(path)] = reason.removeprefix(f"{path}: ")


class TinyStore(TinyReader):
    """The state, to be changed by the one process that holds its lock: by one thread, but for
    commits that bring no state. `alerted_for` may be changed at any time."""

    @classmethod
    def open(
        cls, root: Path, *, now: float, alerted_for: float = 90 * DAY, disk: Disk | None = None
    ) -> TinyStore:
        """Opens or creates the state under `root`; what alerted is remembered for `alerted_for`
        seconds. StateError where the index is newer, CannotWriteError without rights."""
        disk = disk or Disk()
        refuse_half_restored(root)
        try:
            make_folders(root / "feeds", disk)
            disk.sync_folder(root / "feeds")  # folders that a crash left between mkdir and sync
        except OSError as error:
            raise cannot_write(root / "feeds", error) from error
        return cls(root, now, alerted_for, disk)

    @staticmethod
    def read(root: Path) -> TinyReader:
        """A view for those who only look: see TinyReader."""
        return TinyReader(root)

    def __init__(self, root: Path, now: float, alerted_for: float, disk: Disk) -> None:
        self._disk = disk
        self._now = now
        self.alerted_for = alerted_for
        self._dirty = False
        self._reserve = Reserve(root, disk)
        self._journal = Journal(root, disk)
        super().__init__(root)
        self._index.prune(now - alerted_for, now)
        doubt_settled(root, self._index)
        self._dirty |= (root / JOURNAL).exists()  # a crash left it; the next flush takes its place
        for name in ("*.json", "*.json.prev", JOURNAL, RESERVE, RESTORING, "channels/*/*"):
            for each in root.glob(name + LEFTOVER):
                self._clean(each)
        shutil.rmtree(root / STAGED, ignore_errors=True)  # a restore that came to nothing
        self._reserve.make()

    def begin(self, row: FeedRow, until: float) -> None:
        """Notes that a feed is about to be asked: in the journal now, in the index by and by."""
        with self._lock:
            begun = replace(row, not_before=max(row.not_before, until))
            self._index.rows[row.feed_id] = begun
            self._journal.begin(begun)
            self._changed()

    def commit(self, update: FeedUpdate) -> None:
        """Makes one check's outcome durable, then known. CannotWriteError changes nothing.

        A check that brought nothing (state None) writes no file and does not wait: the index learns
        of it, and the journal until that is written."""
        if update.state is None:
            self._learn(update, None)
            return
        with self._files:
            self._learn(update, self._write_feed(update.state))

    def _learn(self, update: FeedUpdate, file_stamp: str | None) -> None:
        row = row_of(update)
        with self._lock:
            before = self._index.rows.get(row.feed_id)
            if file_stamp is None and before is not None and is_lost(before):
                row = unverified(row)  # recalled by another thread since this line was read
            self._index.rows[row.feed_id] = row
            if file_stamp is None:
                self._journal.note(row, before)
            else:
                self._index.stamps[row.feed_id] = file_stamp
            for key, rules in update.alerted.items():
                at = max(self._now, row.last_check)
                self._index.tell([key], rules, at, update.tellers.get(key, ""))
            for outlet in update.outlets:
                self._index.add_outlet(outlet)
            self._changed()

    def unsettled(self, settled: Callable[[Delivery], bool]) -> tuple[Delivery, ...]:
        """The open deliveries of all feeds but those of which all are settled, for good. Their
        files are read once; the index remembers, until they have others."""
        found: list[Delivery] = []
        for row in self.rows().values():
            if row.has_open and not row.settled:
                with self._lock:
                    file_stamp = self._index.stamps.get(row.feed_id)
                standing = self._open_of(row.feed_id)
                waiting = [each for each in standing if not settled(each)]
                found += waiting
                if standing and not waiting:
                    self._settle(row.feed_id, file_stamp)
        return tuple(found)

    def _settle(self, feed_id: str, file_stamp: str | None) -> None:
        """Notes that what stood open in that file is settled, unless the feed has another now."""
        with self._lock:
            row = self._index.rows.get(feed_id)
            if row is not None and file_stamp and self._index.stamps.get(feed_id) == file_stamp:
                self._index.rows[feed_id] = replace(row, settled=True)
                self._changed()

    def flush(self, now: float) -> bool:
        """Writes the index where something changed since; whether it did. CannotWriteError leaves
        the old index, and the next flush tries again. To be called by the thread that commits."""
        self._reserve.make()
        if self._told_in_doubt:
            self._gather_told()
        with self._lock:
            self._now = now
            if not self._dirty:
                return False
            self._index.prune(now - self.alerted_for, now)
            index = self._index
            copy = Index(
                dict(index.rows),
                dict(index.stamps),
                dict(index.told),
                outlets=dict(index.outlets),
            )
            told_so_far = self._journal.size
            self._dirty = False
        try:
            save_index(self._root, copy, now, self._disk)
        except BaseException:
            self._dirty = True
            raise
        with self._lock:  # other checks may have ended while the index was written
            self._journal.forget(told_so_far)
        self._note(self._root / INDEX, None)
        return True

    def close(self, now: float) -> None:
        """Writes what is not yet written; CannotWriteError costs the next start some reading."""
        try:
            self.flush(now)
        finally:
            self._journal.close()

    def forget(self, feed_id: str) -> None:
        """Drops a feed that is configured no more and has no open delivery; its files go too."""
        path = feed_path(self._root, feed_id)
        with self._files:
            remove_file(path, self._disk)
            self._note(path, None)
            with self._lock:
                self._index.rows.pop(feed_id, None)
                self._index.stamps.pop(feed_id, None)
                self._changed()

    def _write_feed(self, state: FeedState) -> str:
        path = feed_path(self._root, state.feed_id)
        try:
            self._reserve.spend(lambda: save_feed(path, state, self._disk))
            self._note(path, None)
            return stamp(path)
        except CannotWriteError:
            self._follow_disk(path, state)
            raise

    def _follow_disk(self, path: Path, refused: FeedState) -> None:
        """After a failed write: a dying disk may also have refused to bring the old file back,
        and then the new one is the truth."""
        try:
            file_stamp = stamp(path)
            found = self.feed(refused.feed_id)
        except (OSError, RasidError):  # no file, or an unreadable one: that is as it was
            return
        with self._lock:
            if found == refused:
                lay_over(self._index, refused, file_stamp)
                self._changed()
            elif refused.feed_id in self._index.stamps:
                self._index.stamps[refused.feed_id] = file_stamp

    def _lay_over(self, state: FeedState, file_stamp: str | None) -> None:
        super()._lay_over(state, file_stamp)
        if state.doubtful:  # not `|=`: another thread may set it in between
            self._dirty = True

    def _take_over(self, path: Path, fault: str) -> None:
        set_aside(path, fault, self._disk)
        super()._take_over(path, fault)
        self._dirty = True

    def _clean(self, path: Path) -> None:
        with contextlib.suppress(OSError):  # nobody reads it, and the next write goes over it
            self._disk.remove(path)

    def _changed(self) -> None:
        self._snapshot = None
        self._dirty = True


def row_of(update: FeedUpdate) -> FeedRow:
    """The line that a commit leaves: whether deliveries are open is for the file to say."""
    state = update.state
    if state is None:
        return update.row
    if state.feed_id != update.row.feed_id:
        raise ValueError(f"a line of feed {update.row.feed_id} with a state of {state.feed_id}")
    row = replace(update.row, has_open=bool(state.open), settled=False)
    return unverified(row) if state.doubtful else row


def refuse_half_restored(root: Path) -> None:
    """StateError where a restore is under way or was cut off: what lies there is no whole state."""
    if (root / RESTORING).exists():
        what = "a restore is under way or was cut off; run `rasid state restore` again"
        raise StateError(f"{root / RESTORING}: {what}")
