"""What was sent: for each channel, one TinyDB file for each day on which alerts were made.

A day's file is read when first asked for, kept, and written whole with each change, so its cost
is bounded by one day's alerts. The folder is a hash of the channel's name, since a path must not
be made of what the operator writes; the name stands in each file. This module must not decide
what is sent.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monitor.core.alerts.ids import day_of
from monitor.errors import Problem, StateError
from monitor.model import Delivery, LedgerRecord
from monitor.stores import codec
from monitor.stores.atomic import load_tables, remove_file, save_tables
from monitor.stores.disk import Disk


@dataclass(frozen=True, slots=True)
class Day:
    """One day's records by id, and the bundle that a delivery went into, if it did."""

    records: Mapping[str, LedgerRecord] = field(default_factory=dict)
    bundled: Mapping[str, str] = field(default_factory=dict)

    def of(self, delivery_id: str) -> LedgerRecord | None:
        """The record of a delivery: its own, or that of its bundle."""
        return self.records.get(self.bundled.get(delivery_id, delivery_id))


class LedgerReader:
    """One channel's ledger for those who only look, each day as it stood when first asked for.
    Creates nothing; any thread may read."""

    def __init__(self, root: Path, channel: str) -> None:
        self._channel = channel
        self._folder = root / "channels" / channel_id(channel)
        self._lock = threading.Lock()  # a day is read once, by whoever asks first
        self._days: dict[str, Day] = {}
        self._problems: dict[str, str] = {}

    def get(self, delivery: Delivery) -> LedgerRecord | None:
        """What is known of a delivery, be it alone or in a bundle; None: never tried. StateError
        where its day is corrupt, since one that may have been sent must not pass for a new one."""
        return self._load(day_of(delivery.made_at)).of(delivery.id)

    def records(self) -> Iterator[LedgerRecord]:
        """All that is known, oldest day first. A day that cannot be read stops no other;
        `problems` tells of it."""
        for path in _day_files(self._folder):
            try:
                day = self._load(path.stem)
            except StateError:  # noted by _load()
                continue
            yield from day.records.values()

    def problems(self) -> tuple[Problem, ...]:
        """The days' files that could not be read, each with the reason."""
        return tuple(Problem(file, 0, 0, "", why) for file, why in self._problems.copy().items())

    def _load(self, name: str) -> Day:
        with self._lock:
            if name not in self._days:
                self._days[name] = self._read(self._path(name))
            return self._days[name]

    def _read(self, path: Path) -> Day:
        try:
            day = _load_day(path)
        except StateError as error:
            self._problems[str(path)] = str(error).removeprefix(f"{path}: ")
            raise
        self._problems.pop(str(path), None)
        return day

    def _path(self, day: str) -> Path:
        return self._folder / f"{day}.json"


class TinyLedger(LedgerReader):
    """One channel's ledger, to be changed by its sender alone."""

    @classmethod
    def open(cls, root: Path, channel: str, *, disk: Disk | None = None) -> TinyLedger:
        """The ledger of the channel of that name under the state's root; creates no file yet."""
        return cls(root, channel, disk or Disk())

    @staticmethod
    def read(root: Path, channel: str) -> LedgerReader:
        """A view for those who only look: see LedgerReader."""
        return LedgerReader(root, channel)

    def __init__(self, root: Path, channel: str, disk: Disk) -> None:
        super().__init__(root, channel)
        self._disk = disk

    def put(self, *records: LedgerRecord, without: Collection[str] = ()) -> None:
        """Makes records of one day durable, in one write, in which those with the ids `without`
        go; CannotWriteError changes nothing."""
        (name,) = {day_of(each.made_at) for each in records}
        kept = {k: v for k, v in self._load(name).records.items() if k not in without}
        day = _day_with(kept | {each.delivery_id: each for each in records})
        tables = {
            "channel": [{"name": self._channel}],
            "deliveries": [codec.encode(each) for each in day.records.values()],
        }
        save_tables(self._path(name), tables, self._disk)
        self._days[name] = day

    def prune(self, before: float, standing: Collection[str] = ()) -> int:
        """Drops the days that ended before that moment and are settled throughout; how many.

        `standing` are the ids of deliveries that still stand in a feed's file: without its record
        such a one would be sent again, so its day stays."""
        limit, dropped = day_of(before), 0
        for path in [each for each in _day_files(self._folder) if each.stem < limit]:
            if self._droppable(path.stem, standing):
                remove_file(path, self._disk)
                self._days.pop(path.stem, None)
                dropped += 1
        return dropped

    def _droppable(self, name: str, standing: Collection[str]) -> bool:
        try:
            day = self._load(name)
        except StateError:  # noted by _load(); what cannot be read is kept
            return False
        return day.bundled.keys().isdisjoint(standing) and all(
            not each.open and each.delivery_id not in standing for each in day.records.values()
        )


def channel_id(channel: str) -> str:
    """The folder of a channel: a hash of its name."""
    return hashlib.sha256(channel.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def channel_names(root: Path) -> tuple[str, ...]:
    """The names of all channels that have a ledger, those no longer configured too."""
    folders = (root / "channels").glob("*")
    return tuple(sorted({name for folder in folders for name in _names(folder)}))


def _names(folder: Path) -> Iterator[str]:
    """The name that a channel's readable files bear: once, from the first of them."""
    for path in _day_files(folder):
        try:
            tables = load_tables(path) or {}
        except StateError:  # its channel's own records() tells of it
            continue
        for document in tables.get("channel", ()):
            yield str(document.get("name"))
            return


def _load_day(path: Path) -> Day:
    tables = load_tables(path) or {}
    try:
        records = [codec.decode(LedgerRecord, each) for each in tables.get("deliveries", ())]
    except codec.ShapeError as error:
        raise StateError(f"{path}: {error}") from error
    return _day_with({each.delivery_id: each for each in records})


def _day_with(records: Mapping[str, LedgerRecord]) -> Day:
    bundled = {each.delivery_id: key for key, one in records.items() for each in one.members}
    return Day(records, bundled)


def _day_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("????-??-??.json"))
