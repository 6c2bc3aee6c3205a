"""One feed's own file: its state in one table, its entries and open deliveries in two more, so
that each stands on a line of its own. This module must not know of other feeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from monitor.errors import StateError
from monitor.model import FeedState
from monitor.stores import codec
from monitor.stores.atomic import Document, load_tables, save_tables
from monitor.stores.disk import Disk


def feed_path(root: Path, feed_id: str) -> Path:
    """Where a feed's own file stands. Ids are hashes: one that could leave the folder is a bug."""
    if not (feed_id.isascii() and feed_id.isalnum()):
        raise ValueError(f"a feed's id is letters and digits, not {feed_id!r}")
    return root / "feeds" / feed_id[:2] / f"{feed_id}.json"


def load_feed(path: Path) -> FeedState | None:
    """The feed's state, or None where there is no file; StateError where it is no such file."""
    tables = load_tables(path)
    if tables is None:
        return None
    try:
        state = _state_of(tables)
    except codec.ShapeError as error:
        raise StateError(f"{path}: {error}") from error
    if state.feed_id != path.stem:
        raise StateError(f"{path}: holds another feed, {state.feed_id}")
    return state


def save_feed(path: Path, state: FeedState, disk: Disk) -> None:
    """Replaces the file, durable on return; CannotWriteError leaves the old one."""
    tables = {
        "feed": [codec.encode(replace(state, entries=(), open=()))],
        "entries": [codec.encode(each) for each in state.entries],
        "open": [codec.encode(each) for each in state.open],
    }
    save_tables(path, tables, disk)


def _state_of(tables: Mapping[str, Sequence[Document]]) -> FeedState:
    feeds = tables.get("feed", ())
    if len(feeds) != 1:
        raise codec.ShapeError(f"expected one feed, got {len(feeds)}")
    lists = {name: list(tables.get(name, ())) for name in ("entries", "open")}
    return codec.decode(FeedState, {**feeds[0], **lists})
