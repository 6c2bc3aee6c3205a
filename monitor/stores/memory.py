"""The stores' twins in memory, for tests. They pass the same tests as the files. This module must
not touch the disk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType

from monitor.core.alerts.ids import day_of
from monitor.errors import Problem
from monitor.model import (
    Delivery,
    FeedRow,
    FeedState,
    FeedUpdate,
    LedgerRecord,
    Outlet,
    SystemState,
)
from monitor.stores.tiny import row_of


class MemoryStore:
    """A store that forgets with its process."""

    def __init__(self) -> None:
        self._rows: dict[str, FeedRow] = {}
        self._states: dict[str, FeedState] = {}
        self._told: dict[str, frozenset[str]] = {}
        self._tellers: dict[str, str] = {}
        self._outlets: dict[str, tuple[Outlet, ...]] = {}

    def rows(self) -> Mapping[str, FeedRow]:
        return MappingProxyType(dict(self._rows))

    def row(self, feed_id: str) -> FeedRow | None:
        return self._rows.get(feed_id)

    def feed(self, feed_id: str) -> FeedState | None:
        return self._states.get(feed_id)

    def begin(self, row: FeedRow, until: float) -> None:
        """Nothing of this outlives its process."""

    def commit(self, update: FeedUpdate) -> None:
        self._rows[update.row.feed_id] = row_of(update)
        if update.state is not None:
            self._states[update.row.feed_id] = update.state
        for key, rules in update.alerted.items():
            self._told[key] = self._told.get(key, frozenset()) | frozenset(rules)
        self._tellers = {**update.tellers, **self._tellers}
        for outlet in update.outlets:
            self._outlets[outlet.article] = (*self._outlets.get(outlet.article, ()), outlet)

    def alerted(self, keys: Iterable[str]) -> frozenset[str]:
        return frozenset(rule for key in keys for rule in self._told.get(key, ()))

    def teller(self, keys: Iterable[str]) -> str:
        return next((self._tellers[key] for key in keys if key in self._tellers), "")

    def outlets(self, article: str) -> tuple[Outlet, ...]:
        return self._outlets.get(article, ())

    def open_deliveries(self) -> tuple[Delivery, ...]:
        return tuple(each for state in self._states.values() for each in state.open)

    def forget(self, feed_id: str) -> None:
        self._rows.pop(feed_id, None)
        self._states.pop(feed_id, None)

    def flush(self, now: float) -> bool:  # noqa: ARG002 - as TinyStore's
        """There is nothing to write behind; for the sake of the stores that do."""
        return False

    def close(self, now: float) -> None:
        """There is nothing to close; for the sake of the stores that do."""

    def problems(self) -> tuple[Problem, ...]:
        return ()


class MemoryLedger:
    """A channel's ledger that forgets with its process."""

    def __init__(self, records: Iterable[LedgerRecord] = ()) -> None:
        self._records = {each.delivery_id: each for each in records}

    def get(self, delivery: Delivery) -> LedgerRecord | None:
        for each in self._records.values():
            if delivery.id == each.delivery_id or delivery.id in _members(each):
                return each
        return None

    def put(
        self,
        *records: LedgerRecord,
        without: Collection[str] = (),
        expecting: LedgerRecord | None = None,
    ) -> bool:
        if expecting and self._records.get(expecting.delivery_id) != expecting:
            return False
        for delivery_id in without:
            self._records.pop(delivery_id, None)
        self._records.update({each.delivery_id: each for each in records})
        return True

    def records(self) -> tuple[LedgerRecord, ...]:
        return tuple(self._records.values())

    def since(self, moment: float) -> tuple[LedgerRecord, ...]:
        first = day_of(moment)
        return tuple(each for each in self._records.values() if day_of(each.made_at) >= first)

    def problems(self) -> tuple[Problem, ...]:
        return ()

    def prune(self, before: float, standing: Callable[[], Collection[Delivery]] = tuple) -> int:
        needed = {each.id for each in standing()}
        old = [
            each.delivery_id
            for each in self._records.values()
            if not each.open
            and each.made_at < before
            and needed.isdisjoint({each.delivery_id, *_members(each)})
        ]
        for delivery_id in old:
            del self._records[delivery_id]
        return len(old)


def _members(record: LedgerRecord) -> frozenset[str]:
    return frozenset(each.delivery_id for each in record.members)


class MemorySystem:
    """What concerns no single feed or channel, forgotten with its process."""

    def __init__(self, state: SystemState | None = None) -> None:
        self._state = state or SystemState()

    def load(self) -> SystemState:
        return self._state

    def save(self, state: SystemState) -> None:
        self._state = state

    def update(self, change: Callable[[SystemState], SystemState]) -> SystemState:
        self._state = change(self._state)
        return self._state

    def problems(self) -> tuple[Problem, ...]:
        return ()
