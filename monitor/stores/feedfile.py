"""One feed's own file: its state in one table, its entries and open deliveries in two more, so
that each stands on a line of its own. This module must not know of other feeds."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from monitor.model import FeedState
from monitor.stores import codec
from monitor.stores.atomic import save_tables
from monitor.stores.disk import Disk
from monitor.stores.generations import Documents, Recalled, recall


def feed_path(root: Path, feed_id: str) -> Path:
    """Where a feed's own file stands. Ids are hashes: one that could leave the folder is a bug."""
    if not (feed_id.isascii() and feed_id.isalnum()):
        raise ValueError(f"a feed's id is letters and digits, not {feed_id!r}")
    return root / "feeds" / feed_id[:2] / f"{feed_id}.json"


def load_feed(path: Path) -> Recalled[FeedState] | None:
    """The feed's state, or None where there is no file; StateError where it is no such file.

    One that was recalled from the generation before is doubtful: what it does not know of may have
    been sent."""
    found = recall(path, partial(feed_of, feed_id=path.stem))
    if found is None or found.fault is None:
        return found
    return replace(found, value=replace(found.value, doubtful=True))


def save_feed(path: Path, state: FeedState, disk: Disk) -> None:
    """Replaces the file, durable on return; CannotWriteError leaves the old one."""
    save_tables(path, feed_documents(state), disk)


def feed_documents(state: FeedState) -> Documents:
    """The tables of a feed's file."""
    return {
        "feed": [codec.encode(replace(state, entries=(), open=()))],
        "entries": [codec.encode(each) for each in state.entries],
        "open": [codec.encode(each) for each in state.open],
    }


def feed_of(tables: Documents, feed_id: str) -> FeedState:
    """The state of that feed in a file's documents; ShapeError where it is another file."""
    feeds = tables.get("feed", ())
    if len(feeds) != 1:
        raise codec.ShapeError(f"expected one feed, got {len(feeds)}")
    lists = {name: list(tables.get(name, ())) for name in ("entries", "open")}
    state = codec.decode(FeedState, {**feeds[0], **lists})
    if state.feed_id != feed_id:
        raise codec.ShapeError(f"holds another feed, {state.feed_id}")
    return state
