"""What was sent: for each channel, one TinyDB file for each day on which alerts were made.

A day's file is read when first asked for, kept, and written whole with each change, so its cost
is bounded by one day's alerts. The folder is a hash of the channel's name, since a path must not
be made of what the operator writes; the name stands in each file. This module must not decide
what is sent.

A bundle of deliveries of several days stands in the file of the last of them. The files of the
others say so of each of theirs, before the bundle is written: that file alone decides, and where it
knows nothing of a delivery, the word of another means nothing.

A day that was recalled from the generation before has lost its last record, which may have said
that something is being sent, or was. So it is doubtful: whatever in it is not settled, and every
delivery until then that it does not know, may have been sent. That stands in the file itself.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from monitor.core.alerts.ids import day_of
from monitor.errors import CannotWriteError, Problem, StateError
from monitor.model import Delivery, LedgerRecord, LedgerState
from monitor.stores import codec
from monitor.stores.atomic import damaged, previous, remove_file, save_tables, set_aside
from monitor.stores.disk import Disk
from monitor.stores.generations import Documents, Recalled, recall
from monitor.stores.reserve import Reserve

log = logging.getLogger("rasid.state")

_DAYS = "????-??-??.json"


@dataclass(frozen=True, slots=True)
class Day:
    """One day of one channel: its records by id, and the bundle that a delivery went into, if it
    did. Deliveries made until `doubtful_before` that are not in it may have been sent all the
    same. `elsewhere`: the day in whose file a delivery of this one is told of, if anywhere."""

    channel: str
    records: Mapping[str, LedgerRecord] = field(default_factory=dict)
    doubtful_before: float | None = None
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    bundled: Mapping[str, str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        bundled = {m.delivery_id: key for key, one in self.records.items() for m in one.members}
        object.__setattr__(self, "bundled", bundled)

    def get(self, delivery: Delivery) -> LedgerRecord | None:
        """What is known of a delivery of this day, or must be feared; None: never tried."""
        return self.known(delivery.id) or self.feared(delivery)

    def known(self, delivery_id: str) -> LedgerRecord | None:
        """The record of a delivery, alone or in a bundle."""
        return self.records.get(self.bundled.get(delivery_id, delivery_id))

    def feared(self, delivery: Delivery) -> LedgerRecord | None:
        """What must be feared of a delivery that has no record."""
        if self.doubtful_before is None or delivery.made_at > self.doubtful_before:
            return None
        return _perhaps_sent(delivery, self.doubtful_before)

    def doubted(self, now: float) -> Day:
        """This day, where all that happened in it until `now` may be more than it knows."""
        records = {each.delivery_id: _doubted(each) for each in self.records.values()}
        return replace(self, records=records, doubtful_before=now)


class LedgerReader:
    """One channel's ledger for those who only look, each day as it stood when first asked for.
    Creates and changes nothing; any thread may read."""

    def __init__(self, root: Path, channel: str, *, clock: Callable[[], float] = time.time) -> None:
        self._channel = channel
        self._folder = root / "channels" / channel_id(channel)
        self._clock = clock
        self._lock = threading.Lock()  # a day is read once, by whoever asks first
        self._days: dict[str, Day] = {}
        self._problems: dict[str, str] = {}

    def get(self, delivery: Delivery) -> LedgerRecord | None:
        """What is known of a delivery, be it alone or in a bundle; None: never tried. StateError
        where its day is corrupt, since one that may have been sent must not pass for a new one."""
        if delivery.doubtful and (known := self._anywhere(delivery.id)) is not None:
            return known
        day = self._load(day_of(delivery.made_at))
        if (there := day.elsewhere.get(delivery.id)) is not None:
            other = self._load(there)
            return other.known(delivery.id) or day.get(delivery) or other.feared(delivery)
        known = day.known(delivery.id)
        if known is None and (feared := day.feared(delivery)) is not None:
            return self._anywhere(delivery.id) or feared  # what it lost may tell where it went
        return known

    def _anywhere(self, delivery_id: str) -> LedgerRecord | None:
        """The record of a delivery that a lost memory made on another day, under the same id."""
        for record in self.records():
            if delivery_id in _ids(record):
                return record
        return None

    def records(self) -> Iterator[LedgerRecord]:
        """All that is known, oldest day first. A day that cannot be read stops no other;
        `problems` tells of it."""
        return self._records("")

    def _records(self, first: str) -> Iterator[LedgerRecord]:
        for path in _day_files(self._folder):
            if path.stem < first:
                continue
            try:
                day = self._load(path.stem)
            except StateError:  # noted by _load()
                continue
            yield from (each for each in day.records.values() if not self._overruled(day, each))

    def since(self, moment: float) -> Iterator[LedgerRecord]:
        """What is known of alerts made on the day of that moment and later."""
        return self._records(day_of(moment))

    def _overruled(self, day: Day, record: LedgerRecord) -> bool:
        """Whether another day tells of a delivery that went on in a bundle."""
        there = day.elsewhere.get(record.delivery_id)
        try:
            return there is not None and self._load(there).known(record.delivery_id) is not None
        except StateError:  # noted by _load()
            return False

    def problems(self) -> tuple[Problem, ...]:
        """The days' files that could not be read, or only the ones before them, with the reason."""
        return tuple(Problem(file, 0, 0, "", why) for file, why in self._problems.copy().items())

    def _load(self, name: str) -> Day:
        with self._lock:
            if name not in self._days:
                self._days[name] = self._read(self._path(name))
            return self._days[name]

    def _read(self, path: Path) -> Day:
        try:
            found = load_day(path)
        except StateError as error:
            self._note(path, str(error))
            raise
        if found is None and damaged(path).exists():
            fault = f"{path}: only a damaged file is left of it; what waits may have been sent"
            found = Recalled(Day(self._channel), fault)
        if found is None or found.fault is None:
            self._problems.pop(str(path), None)
            return found.value if found else Day(self._channel)
        day = found.value.doubted(self._clock())
        self._note(path, found.fault)
        self._take_over(path, day, found.fault)
        return day

    def _note(self, path: Path, reason: str) -> None:
        self._problems[str(path)] = reason.removeprefix(f"{path}: ")

    def _take_over(self, path: Path, day: Day, fault: str) -> None:
        """Looking on changes nothing."""

    def _path(self, day: str) -> Path:
        return self._folder / f"{day}.json"


class TinyLedger(LedgerReader):
    """One channel's ledger, to be changed by its sender alone; but `prune` may be called by any
    other thread beside it."""

    @classmethod
    def open(
        cls,
        root: Path,
        channel: str,
        *,
        disk: Disk | None = None,
        clock: Callable[[], float] = time.time,
    ) -> TinyLedger:
        """The ledger of the channel of that name under the state's root; creates no file yet."""
        return cls(root, channel, disk or Disk(), clock)

    @staticmethod
    def read(root: Path, channel: str) -> LedgerReader:
        """A view for those who only look: see LedgerReader."""
        return LedgerReader(root, channel)

    def __init__(self, root: Path, channel: str, disk: Disk, clock: Callable[[], float]) -> None:
        super().__init__(root, channel, clock=clock)
        self._disk = disk
        self._reserve = Reserve(root, disk)
        self._writing = threading.Lock()  # held before `_lock` where both are needed
        self._stood_in: dict[str, str] = {}  # files that are whole again, and what they were

    def put(
        self,
        *records: LedgerRecord,
        without: Collection[str] = (),
        expecting: LedgerRecord | None = None,
    ) -> bool:
        """Makes records of one day durable, in one write, in which those with the ids `without`
        go. False, and nothing is changed, where the record `expecting` is not there as it is told.
        CannotWriteError changes nothing.

        The days of others in a bundle are written before, which means nothing yet, and freed after
        it of what is told in the bundle."""
        with self._writing:
            (name,) = {day_of(each.made_at) for each in records}
            known = self._load(name)
            if expecting and known.records.get(expecting.delivery_id) != expecting:
                return False
            others = _other_days(name, records)
            for day, ids in others.items():
                self._point(day, ids, name)
            kept = {k: v for k, v in known.records.items() if k not in without}
            new = {each.delivery_id: each for each in records}
            self._write(name, replace(known, records=kept | new))
            for day in others if without else ():
                self._clear(day, without)
        return True

    def _point(self, name: str, ids: Collection[str], there: str) -> None:
        """Notes that the day `there` tells of these deliveries of another."""
        day = self._load(name)
        if any(day.elsewhere.get(each) != there for each in ids):
            moved = {**day.elsewhere, **dict.fromkeys(ids, there)}
            self._write(name, replace(day, elsewhere=moved))

    def _clear(self, name: str, ids: Collection[str]) -> None:
        """Drops the records of what a bundle of another day tells of now. They are overruled
        already: where this fails, nothing is lost."""
        day = self._load(name)
        left = {k: v for k, v in day.records.items() if k not in ids}
        if len(left) == len(day.records):
            return
        try:
            self._write(name, replace(day, records=left))
        except CannotWriteError as error:
            log.error("%s", error)

    def _write(self, name: str, day: Day) -> None:
        self._save(self._path(name), day)
        with self._lock:
            self._days[name] = day

    @property
    def unreadable(self) -> bool:
        """Whether a day that was asked for cannot be read."""
        return bool(self._problems)

    def problems(self) -> tuple[Problem, ...]:
        """Those that there are, and those that this process has met and repaired."""
        repaired = self._stood_in.copy().items()
        return (*super().problems(), *(Problem(file, 0, 0, "", why) for file, why in repaired))

    def prune(self, before: float, standing: Callable[[], Collection[Delivery]] = tuple) -> int:
        """Drops the days that ended before that moment and have nothing open; how many.

        `standing` gives the deliveries that still stand in a feed's file, and is asked where there
        are such days: without its record such a one would be sent again, so its day stays. A dead
        one that stands nowhere may go."""
        past = [each for each in _day_files(self._folder) if each.stem < day_of(before)]
        if not past:
            return 0
        here = [each for each in standing() if each.channel == self._channel]
        needed = {day_of(each.made_at) for each in here}
        ids = frozenset(each.id for each in here)
        dropped = 0
        for path in past:
            with self._writing:
                if path.stem not in needed and self._droppable(path.stem, ids):
                    self._drop(path)
                    dropped += 1
        return dropped

    def _droppable(self, name: str, standing: frozenset[str]) -> bool:
        try:
            day = self._load(name)
        except StateError:  # noted by _load(); what cannot be read is kept
            return False
        return not any(each.open or _ids(each) & standing for each in day.records.values())

    def _drop(self, path: Path) -> None:
        try:
            remove_file(path, self._disk)
        finally:  # where it fails, the disk is to be asked again what is left
            with self._lock:
                self._days.pop(path.stem, None)

    def _take_over(self, path: Path, day: Day, fault: str) -> None:
        """Makes the doubt durable, once for all. Where there is no room for it the damaged file is
        out of the way all the same, so that the next start comes to the same doubt."""
        set_aside(path, fault, self._disk)
        self._stood_in[str(path)] = fault.removeprefix(f"{path}: ")
        try:
            self._save(path, day)
        except CannotWriteError as error:
            log.error("%s: its doubt is not on disk yet: %s", path, error)

    def _save(self, path: Path, day: Day) -> None:
        self._reserve.spend(lambda: save_tables(path, day_documents(day), self._disk))
        self._problems.pop(str(path), None)


def channel_id(channel: str) -> str:
    """The folder of a channel: a hash of its name."""
    return hashlib.sha256(channel.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def channel_names(root: Path) -> tuple[str, ...]:
    """The names of all channels that have a ledger, those no longer configured too."""
    folders = (root / "channels").glob("*")
    return tuple(sorted({name for folder in folders for name in _names(folder)}))


def load_day(path: Path) -> Recalled[Day] | None:
    """A day as it lies on the disk, or None where there is no file; StateError where it is no such
    file."""
    return recall(path, partial(day_from, folder=path.parent.name, date=path.stem))


def day_from(tables: Documents, folder: str, date: str) -> Day:
    """The day in a file's documents; ShapeError where it is another file, or of another channel."""
    channels = tables.get("channel", ())
    if len(channels) != 1:
        raise codec.ShapeError(f"expected one channel, got {len(channels)}")
    channel = codec.decode(_Channel, channels[0])
    if channel_id(channel.name) != folder:
        raise codec.ShapeError(f"holds another channel, {channel.name}")
    records = [codec.decode(LedgerRecord, each) for each in tables.get("deliveries", ())]
    if strays := [each for each in records if day_of(each.made_at) != date]:
        raise codec.ShapeError(f"holds a delivery of another day, {strays[0].delivery_id}")
    known = {each.delivery_id: each for each in records}
    moved = [codec.decode(_Moved, each) for each in tables.get("elsewhere", ())]
    elsewhere = {each.delivery_id: each.day for each in moved}
    return Day(channel.name, known, channel.doubtful_before, elsewhere)


def day_documents(day: Day) -> Documents:
    """The tables of a day's file."""
    tables = {
        "channel": [codec.encode(_Channel(day.channel, day.doubtful_before))],
        "deliveries": [codec.encode(each) for each in day.records.values()],
    }
    moved = [codec.encode(_Moved(key, there)) for key, there in day.elsewhere.items()]
    return {**tables, "elsewhere": moved} if moved else tables


def _other_days(name: str, records: Collection[LedgerRecord]) -> dict[str, list[str]]:
    """The deliveries of bundles that were made on other days than that, by day."""
    others: dict[str, list[str]] = {}
    for member in (each for record in records for each in record.members):
        if member.made_at and (day := day_of(member.made_at)) != name:
            others.setdefault(day, []).append(member.delivery_id)
    return others


@dataclass(frozen=True, slots=True)
class _Channel:
    name: str
    doubtful_before: float | None = None


@dataclass(frozen=True, slots=True)
class _Moved:
    delivery_id: str
    day: str


def _names(folder: Path) -> Iterator[str]:
    """The name that a channel's readable files bear: once, from the first of them."""
    for path in _day_files(folder):
        try:
            found = load_day(path)
        except StateError:  # its channel's own records() tells of it
            continue
        if found is not None:
            yield found.value.channel
            return


def _doubted(record: LedgerRecord) -> LedgerRecord:
    if record.settled or record.state is LedgerState.SENDING:  # which says so itself
        return record
    return replace(record, in_doubt=record.in_doubt + 1)


def _perhaps_sent(delivery: Delivery, at: float) -> LedgerRecord:
    """The record of a delivery that the memory lost: as a crash leaves one that was being sent."""
    return LedgerRecord(
        delivery_id=delivery.id,
        state=LedgerState.SENDING,
        made_at=delivery.made_at,
        changed_at=at,
        title=delivery.story.title.text,
        link=delivery.story.link,
        rules=tuple(alert.rule for alert in delivery.alerts),
        article=delivery.story.id,
        source=delivery.story.source,
    )


def _ids(record: LedgerRecord) -> set[str]:
    return {record.delivery_id, *(member.delivery_id for member in record.members)}


def _day_files(folder: Path) -> list[Path]:
    """The days' files in order, those too of which only the generation before is left."""
    current = set(folder.glob(_DAYS))
    before = {each.with_suffix("") for each in folder.glob(previous(Path(_DAYS)).name)}
    return sorted(current | before)
