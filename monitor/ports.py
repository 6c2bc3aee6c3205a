"""What the application asks of the world, as Protocols of few methods.

Adapters (sources, stores, channels) implement them; tests use the twins that we ship
(stores.memory, a transport in process). This module must import only the values and errors.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol

from monitor.errors import Problem
from monitor.model import (
    Archived,
    Delivery,
    Feed,
    FeedRow,
    FeedState,
    FeedUpdate,
    Fetched,
    FetchOutcome,
    LedgerRecord,
    Limit,
    Message,
    Outlet,
    Page,
    Reading,
    Receipt,
    SystemState,
    Unread,
)


class Clock(Protocol):
    """The wall clock, seconds since 1970 UTC."""

    def __call__(self) -> float: ...


class Fetcher(Protocol):
    """Gets a feed's document once, conditionally; never raises for what the network does."""

    async def fetch(self, feed: Feed, row: FeedRow) -> FetchOutcome: ...


class Parser(Protocol):
    """Reads a fetched document, but for the items whose marks are `known`."""

    def glance(self, fetched: Fetched, known: frozenset[str]) -> Reading | Unread:
        """What can be read at once, or what takes the slower way. Raises nothing."""

    async def parse(self, unread: Unread) -> Reading:
        """The slower way; FeedError where it is no feed."""

    @property
    def helps(self) -> bool:
        """Whether the slower way, taken now, would leave the time of this process to others."""


class Pages(Protocol):
    """Reads the pages that entries link to."""

    async def read(self, link: str, feed: Feed) -> Page:
        """The main text of an entry's page, within the limits of its host. Raises nothing."""


class StoreView(Protocol):
    """The feeds' memory for those who only look."""

    def rows(self) -> Mapping[str, FeedRow]:
        """Every known feed's line by feed id, as of the last commit."""

    def row(self, feed_id: str) -> FeedRow | None:
        """One feed's line, as of the last commit."""

    def feed(self, feed_id: str) -> FeedState | None:
        """The feed's own file, or None where there is none; StateError where it is corrupt."""

    def alerted(self, keys: Iterable[str]) -> frozenset[str]:
        """The rules that lately alerted on an article with one of these cross-feed keys."""

    def teller(self, keys: Iterable[str]) -> str:
        """The id of the article that alerted first with one of these cross-feed keys, if any."""

    def outlets(self, article: str) -> tuple[Outlet, ...]:
        """Which other feeds brought the article of that id later."""

    def open_deliveries(self) -> Iterable[Delivery]:
        """Every delivery that stands in a feed's file, settled or not."""

    def problems(self) -> Iterable[Problem]:
        """The files that could not be read, each with the reason."""


class Store(StoreView, Protocol):
    """The feeds' memory. One process writes; `commit` is atomic and durable when it returns.

    `commit` raises CannotWriteError and then holds what it held before."""

    def begin(self, row: FeedRow, until: float) -> None:
        """Notes that a feed is about to be asked, not to be asked again before `until` should the
        process end before the outcome is there. Raises nothing; an outcome takes its place."""

    def commit(self, update: FeedUpdate) -> None:
        """Makes one check's outcome durable (its own file first), then known to the index."""


class Archive(Protocol):
    """The texts of remembered articles, which may be lost at any time. One thread writes."""

    def put(self, articles: Sequence[Archived]) -> None:
        """Takes over articles, to be kept in the place of earlier versions; waits for no disk.
        Raises nothing."""

    def note(self, feed_id: str, hits: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Notes that rules matched articles of a feed that are kept: (article's id, rules). Raises
        nothing."""

    def flush(self) -> None:
        """Waits until all that was put before can be read. Raises nothing."""


class LedgerView(Protocol):
    """One channel's memory for those who only look."""

    def get(self, delivery: Delivery) -> LedgerRecord | None:
        """What is known of a delivery, be it alone or in a bundle; None: never tried."""

    def records(self) -> Iterable[LedgerRecord]: ...

    def since(self, moment: float) -> Iterable[LedgerRecord]:
        """What is known of alerts made on the day (in UTC) of that moment and later."""

    def problems(self) -> Iterable[Problem]:
        """The files that could not be read, each with the reason."""


class Ledger(LedgerView, Protocol):
    """One channel's memory of what was sent. One thread writes."""

    def put(
        self,
        *records: LedgerRecord,
        without: Collection[str] = (),
        expecting: LedgerRecord | None = None,
    ) -> bool:
        """Makes records of one day (core.alerts.ids.day_of) durable, all or none, in place of
        those with the ids `without`; the members of a bundle may be of earlier days. Not
        where the record `expecting` was changed meanwhile, which gives False. CannotWriteError
        changes nothing."""


class System(Protocol):
    """What concerns no single feed or channel."""

    def load(self) -> SystemState: ...

    def save(self, state: SystemState) -> None: ...

    def update(self, change: Callable[[SystemState], SystemState]) -> SystemState:
        """Changes the state, durable on return, one change at a time; gives the new one."""

    def problems(self) -> Iterable[Problem]:
        """What is wrong with its file, where an older one stands in for it."""


class Events(Protocol):
    """Hears how long things take, for those who measure. In any thread, and raises nothing."""

    def fetched(self, status: str, seconds: float) -> None:
        """An exchange with a feed's server, from asking for a place at the host to the answer;
        `status` is ok, not_modified, or the kind of a FetchFailed."""

    def committed(self, seconds: float) -> None:
        """A check's outcome was made durable."""


class Channel(Protocol):
    """A way out. `send` blocks, never raises for what the other side does, and ends in time.
    `longest` is how many letters one message may have; `limits` are the service's own, where they
    are known, for each chat that a message goes to."""

    name: str
    longest: int
    limits: tuple[Limit, ...]

    def send(self, message: Message) -> Receipt: ...
