"""Every file of a state, by what its path says that it is: for those who look at all of them.

    feeds/xx/ID.json  channels/ID/DAY.json  system.json  index.json

They come in this order, which a backup of a running state rests on: see stores.backup. This module
must change nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from monitor.errors import StateError
from monitor.model import FeedState, SystemState
from monitor.stores.atomic import Written, previous
from monitor.stores.feedfile import feed_documents, feed_of
from monitor.stores.generations import Documents, newest, read_value
from monitor.stores.index import Index, index_documents, index_of, start_anew
from monitor.stores.layout import CorruptError, NewerError
from monitor.stores.ledger import Day, day_documents, day_from
from monitor.stores.system import system_documents, system_of


class Verdict(StrEnum):
    """What is wrong with a file."""

    RECOVERABLE = "recoverable"  # something sound stands in, and will at the next start
    LOST = "lost"
    NEWER = "newer"  # of a newer version: sound, but not for us
    UNREADABLE = "unreadable"  # for want of rights, or the like
    UNSECURED = "unsecured"  # sound, but the one before it is not, until the next write


@dataclass(frozen=True, slots=True)
class Finding:
    """A faulty file, its path below the state's root, and what is wrong with it."""

    path: str
    verdict: Verdict
    reason: str


def is_ours(name: str) -> bool:
    """Whether a file of a state may be called so, below its root."""
    return any(kind.pattern.fullmatch(name) for kind in _KINDS)


def decoder(name: str) -> Callable[[Documents], Any]:
    """What reads the file of that name; ShapeError where it is another."""
    return partial(_kind(name).decode, PurePosixPath(name))


def aged_documents(name: str, value: Any, now: float) -> Written:
    """The documents of a file that was copied in the past, as they are worth `now`."""
    kind = _kind(name)
    return kind.encode(kind.aged(value, now))


def names(root: Path) -> Iterator[str]:
    """The names of all files, those too of which only the generation before is left. Folders are
    looked into when their turn comes."""
    for place, pattern in _PLACES:
        for folder in sorted(root.glob(place)) if place else [root]:
            yield from _names(root, folder, pattern)


def examine(root: Path, name: str) -> Finding | None:
    """What is wrong with a file of that name; None: nothing, or it is gone meanwhile."""
    path, read = root / name, partial(read_value, decode=decoder(name))
    try:
        found = newest(path, read)
    except StateError as error:
        return _finding(name, error, _reason(path, error))
    if found is not None and found.fault is not None:
        return Finding(name, Verdict.RECOVERABLE, found.fault.removeprefix(f"{path}: "))
    try:
        read(previous(path))
    except StateError as error:
        reason = f"the one before it: {_reason(previous(path), error)}"
        return Finding(name, Verdict.UNSECURED, reason)
    return None


def _kind(name: str) -> _Kind:
    for kind in _KINDS:
        if kind.pattern.fullmatch(name):
            return kind
    raise ValueError(f"no file of a state is called {name!r}")


def _finding(name: str, error: StateError, reason: str) -> Finding:
    if isinstance(error, NewerError):
        return Finding(name, Verdict.NEWER, reason)
    if not isinstance(error, CorruptError):
        return Finding(name, Verdict.UNREADABLE, reason)
    if _kind(name) is _INDEX:
        built = "it is built again from the feeds' files"
        return Finding(name, Verdict.RECOVERABLE, f"{reason}; {built}")
    return Finding(name, Verdict.LOST, reason)


def _reason(path: Path, error: StateError) -> str:
    return str(error).removeprefix(f"{path}: ")


def _names(root: Path, folder: Path, pattern: str) -> Iterator[str]:
    current = set(folder.glob(pattern))
    before = {each.with_suffix("") for each in folder.glob(previous(Path(pattern)).name)}
    for path in sorted(current | before):
        name = path.relative_to(root).as_posix()
        if is_ours(name):
            yield name


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of file. `decode` reads its documents, `encode` makes them; `aged` is what a copy
    from the past is worth at a later moment, when much may have been sent that it does not know."""

    pattern: re.Pattern[str]
    decode: Callable[[PurePosixPath, Documents], Any]
    encode: Callable[[Any], Written]
    aged: Callable[[Any, float], Any]


def _aged_feed(state: FeedState, _now: float) -> FeedState:
    waiting = tuple(replace(each, doubtful=True) for each in state.open)
    return replace(state, doubtful=True, open=waiting)


def _aged_system(state: SystemState, _now: float) -> SystemState:
    return replace(state, notices=tuple(replace(each, doubtful=True) for each in state.notices))


def _aged_index(index: Index, _now: float) -> Index:
    """Due times and failures alone. What alerted is gathered from the feeds' files, which were
    copied before: the index may tell of alerts that they do not know."""
    aged = Index(rows=dict(index.rows))
    for feed_id in aged.rows:
        start_anew(aged, feed_id)
    return aged


_FEED = _Kind(
    re.compile(r"feeds/([0-9A-Za-z]{1,2})/\1[0-9A-Za-z]{0,126}\.json"),
    lambda name, tables: feed_of(tables, name.stem),
    feed_documents,
    _aged_feed,
)
_LEDGER = _Kind(
    re.compile(r"channels/[0-9a-f]{16}/[0-9]{4}-[0-9]{2}-[0-9]{2}\.json"),
    lambda name, tables: day_from(tables, name.parent.name, name.stem),
    day_documents,
    Day.doubted,
)
_SYSTEM = _Kind(
    re.compile(r"system\.json"), lambda _, tables: system_of(tables), system_documents, _aged_system
)
_INDEX = _Kind(
    re.compile(r"index\.json"),
    lambda _, tables: index_of(tables),
    lambda index: index_documents(index, 0.0),
    _aged_index,
)
_KINDS = (_FEED, _LEDGER, _SYSTEM, _INDEX)
_PLACES = (
    ("feeds/*", "*.json"),
    ("channels/*", "*.json"),
    ("", "system.json"),
    ("", "index.json"),
)
