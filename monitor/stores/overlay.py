"""A store that remembers over another one and writes nothing: for a dry run.

What is committed is seen by later checks of the same run, so that an article in two feeds counts
once, and is forgotten with the object.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from monitor.errors import Problem
from monitor.model import Delivery, FeedRow, FeedState, FeedUpdate, Outlet
from monitor.ports import StoreView


class Overlay:
    """A Store whose commits stay in memory, over `base`, which is only read."""

    def __init__(self, base: StoreView) -> None:
        self._base = base
        self._rows = dict(base.rows())
        self._states: dict[str, FeedState] = {}
        self._alerted: dict[str, set[str]] = {}
        self._tellers: dict[str, str] = {}
        self._outlets: dict[str, tuple[Outlet, ...]] = {}

    def rows(self) -> Mapping[str, FeedRow]:
        """The lines of the index, with what this run learnt."""
        return self._rows

    def row(self, feed_id: str) -> FeedRow | None:
        """One line of the index, with what this run learnt."""
        return self._rows.get(feed_id)

    def feed(self, feed_id: str) -> FeedState | None:
        """A feed's memory, with what this run learnt."""
        return self._states.get(feed_id) or self._base.feed(feed_id)

    def begin(self, row: FeedRow, until: float) -> None:
        """Nothing of this outlives its process."""

    def commit(self, update: FeedUpdate) -> None:
        """Remembers one check until the end of the run."""
        feed_id = update.row.feed_id
        self._rows[feed_id] = update.row
        if update.state is not None:
            self._states[feed_id] = update.state
        for key, rules in update.alerted.items():
            self._alerted.setdefault(key, set()).update(rules)
        self._tellers = {**update.tellers, **self._tellers}
        for outlet in update.outlets:
            self._outlets[outlet.article] = (*self._outlets.get(outlet.article, ()), outlet)

    def alerted(self, keys: Iterable[str]) -> frozenset[str]:
        """The rules that alerted on an article with one of these keys."""
        keys = list(keys)
        here = {rule for key in keys for rule in self._alerted.get(key, ())}
        return self._base.alerted(keys) | here

    def teller(self, keys: Iterable[str]) -> str:
        """The id of an article that alerted with one of these keys, if any."""
        keys = list(keys)
        here = (self._tellers[key] for key in keys if key in self._tellers)
        return self._base.teller(keys) or next(here, "")

    def outlets(self, article: str) -> tuple[Outlet, ...]:
        """Which other feeds brought an article later."""
        return (*self._base.outlets(article), *self._outlets.get(article, ()))

    def open_deliveries(self) -> Iterable[Delivery]:
        """Nothing: a dry run delivers nothing."""
        return ()

    def problems(self) -> Iterable[Problem]:
        """What the store beneath could not read."""
        return self._base.problems()
