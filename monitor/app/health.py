"""Is all well? Computed from what is on disk, so that it can be told of a running watcher and of a
stopped one alike. It reads through the ports and must change nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitor.app.holding import holds
from monitor.core.feeds.schedule import wait_between
from monitor.core.redact import public_part
from monitor.errors import Problem
from monitor.model import (
    Delivery,
    Feed,
    FeedRow,
    Hold,
    LedgerRecord,
    LedgerState,
    Polling,
    SystemState,
)

if TYPE_CHECKING:
    from monitor.ports import LedgerView, StoreView, System
    from monitor.settings.load import Config

FAILING_TOO_LONG = 86_400.0  # a feed may fail for a day before it is anybody's trouble
WAITING_TOO_LONG = 3_600.0
SILENT_TOO_LONG = 3_600.0  # no feed at all succeeded: ours is the connection that is broken


Book = Mapping[str, LedgerRecord]  # a channel's records by delivery id
Known = Callable[[Delivery], LedgerRecord | None]  # None: never tried


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """Configured feeds that are enabled; one that was never checked is only in `total`."""

    total: int
    ok: int
    failing: int
    gone: int

    @property
    def new(self) -> int:
        """Those that were never checked to the end."""
        return self.total - self.ok - self.failing - self.gone


@dataclass(frozen=True, slots=True)
class RuleCounts:
    """Configured rules that are enabled, and those of them that are muted now."""

    total: int
    muted: int


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """`state` is ok, waiting (a try failed and will be repeated) or held. Counts are deliveries."""

    state: str
    pending: int
    held: int
    dead: int


@dataclass(frozen=True, slots=True)
class Outbox:
    """Deliveries that are still to be made, and for how many seconds the oldest could have gone out
    (0: none could)."""

    pending: int
    oldest_seconds: float
    held_back: int = 0  # of the pending ones: by the operator's own wish


@dataclass(frozen=True, slots=True)
class Failing:
    """A feed that fails: since when (seconds since 1970), why, and when it is checked next."""

    name: str
    since: float | None
    why: str
    next_check: float


@dataclass(frozen=True, slots=True)
class Reload:
    """The last time that the daemon read its configuration again; `at` None: never."""

    ok: bool
    at: float | None
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """All is well where `problems`, sentences for people, are none. `moved` are the names of feeds
    whose server sent us to another address for good, each with that; `failing` those that fail, the
    longest first. `next_check` is that of the feed that is due first."""

    running: bool
    feeds: FeedCounts
    rules: RuleCounts
    channels: Mapping[str, ChannelHealth]
    outbox: Outbox
    reload: Reload
    problems: tuple[str, ...]
    moved: tuple[tuple[str, str], ...] = ()
    failing: tuple[Failing, ...] = ()
    next_check: float | None = None


@dataclass(frozen=True, slots=True)
class Vitals:
    """How a running daemon is. `oldest` is for how many seconds the oldest message that is due has
    been waiting; no feed succeeded for `silence` seconds, where one should within `patience` (0:
    none is watched); the state takes `state_bytes`."""

    feeds: FeedCounts
    channels: Mapping[str, ChannelHealth]
    oldest: float
    silence: float
    patience: float
    state_bytes: int = 0

    @property
    def pending(self) -> int:
        """Messages to be sent."""
        return sum(channel.pending for channel in self.channels.values())

    @property
    def ailments(self) -> tuple[str, ...]:
        """What makes it unhealthy, in sentences; nothing of a feed stands in them."""
        dead = sum(channel.dead for channel in self.channels.values())
        found = []
        if 0.0 < self.patience < self.silence:
            found.append(f"no feed succeeded for {self.silence:.0f} seconds")
        if self.oldest > WAITING_TOO_LONG:
            found.append(f"the oldest delivery has been waiting for {self.oldest:.0f} seconds")
        if dead:
            found.append(f"refused for good: {dead}")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Open:
    """A delivery that is not settled, and its line in the ledger (None: never tried). `hold` is
    what the operator's own wishes hold it back by, or held it."""

    delivery: Delivery
    record: LedgerRecord | None
    hold: Hold | None = None

    @property
    def parcel(self) -> str:
        """The id of the message that it goes out in: its own, or that of its bundle."""
        return self.delivery.id if self.record is None else self.record.delivery_id

    @property
    def state(self) -> str:
        """pending where it was never tried, else as in the ledger."""
        return "pending" if self.record is None else self.record.state.value

    @property
    def held(self) -> bool:
        return self.record is not None and self.record.state is LedgerState.HELD

    @property
    def dead(self) -> bool:
        return self.record is not None and self.record.state is LedgerState.DEAD

    @property
    def tried(self) -> bool:
        return self.record is not None and self.record.attempts > 0

    @property
    def ready_at(self) -> float:
        """Since when, or from when on, it may go out."""
        known = self.record.ready_at if self.record is not None else self.delivery.made_at
        return max(known, self.hold.until if self.hold is not None else 0.0)

    def held_back(self, now: float) -> bool:
        """Whether it waits by the operator's own wish."""
        return self.hold is not None and self.hold.until > now


def open_deliveries(
    store: StoreView, system: System, ledgers: Mapping[str, LedgerView]
) -> tuple[Open, ...]:
    """Every delivery that is not settled in its channel's ledger, oldest first; the daemon's own
    messages to the operator too."""
    standing = (*store.open_deliveries(), *system.load().notices)
    return _unsettled(standing, _in(_books(ledgers)))


def with_holds(
    unsettled: Sequence[Open], config: Config, ledgers: Mapping[str, LedgerView], now: float
) -> tuple[Open, ...]:
    """The same, with what holds them back at `now`."""
    waiting = [(each.delivery, each.record) for each in unsettled if not each.dead]
    found = holds(config, ledgers, waiting, now)
    return tuple(
        each
        if each.dead
        else replace(each, hold=found.get((each.delivery.channel, each.delivery.id)))
        for each in unsettled
    )


def health(
    config: Config,
    store: StoreView,
    ledgers: Mapping[str, LedgerView],
    system: System,
    *,
    running: bool,
    now: float,
    faults: Iterable[Problem] = (),
) -> Health:
    """The whole state of affairs at `now` (seconds since 1970).

    `ledgers` by channel name, `running` whether a process holds the state, `faults` what is wrong
    with the files of the configuration. Raises StateError
    where the system's own file is corrupt; any other such file is one of the problems.
    """
    known = system.load()
    faults = tuple(faults)
    faulty = {fault.file for fault in faults} if running else set()
    if running and not known.reload_ok:  # what it found may be right in itself: an emptied file
        faulty |= {error.partition(":")[0] for error in known.reload_errors}
    total, names = _watched(config, store.rows(), known, guessing="feeds.yaml" in faulty)
    configured = {i: row for i, row in store.rows().items() if i in names}
    books = _books(ledgers)
    standing = _unsettled(store.open_deliveries(), _in(books))
    unsettled = with_holds(standing, config, ledgers, now)
    channels = _channels(config, unsettled)
    outbox = _outbox(unsettled, now)
    reload = Reload(known.reload_ok, known.reload_at, known.reload_errors)
    problems = [
        *_run_problems(known, running=running),
        *_silence_problems(config, known, configured, now, running=running),
        *_feed_problems(names, configured, now),
        *_channel_problems(config, channels),
        *_outbox_problems(outbox),
        *_reload_problems(reload, running=running),
        *map(str, faults),
        *map(str, damage(store, system, ledgers.values())),
    ]
    return Health(
        running=running,
        feeds=_feeds(total, configured),
        rules=_rules(config, known, now, guessing=bool(faulty)),
        channels=channels,
        outbox=outbox,
        reload=reload,
        problems=tuple(problems),
        moved=tuple((names[i], row.moved_to) for i, row in configured.items() if row.moved_to),
        failing=_failing(names, configured),
        next_check=min((row.due for row in configured.values() if not row.gone), default=None),
    )


def _watched(
    config: Config, rows: Mapping[str, FeedRow], known: SystemState, *, guessing: bool
) -> tuple[int, dict[str, str]]:
    """How many feeds are in force, and the names of those that are known. With `guessing` the file
    that lists them is broken, and a daemon goes on with the one before it: what it checked since
    it started counts, by address where the file does not tell the name any more."""
    names = {feed.id: feed.name for feed in config.feeds if feed.enabled}
    run = known.run
    if not guessing or run is None or run.feeds is None:
        return len(names), names
    checked = {
        i: public_part(row.url) for i, row in rows.items() if row.last_check >= run.started_at
    }
    return run.feeds, checked | names


def _failing(names: Mapping[str, str], rows: Mapping[str, FeedRow]) -> tuple[Failing, ...]:
    found = [
        Failing(names[feed_id], row.failing_since, row.error, row.due)
        for feed_id, row in rows.items()
        if row.failures and not row.gone
    ]
    return tuple(sorted(found, key=lambda each: each.since or 0.0))


def vitals(
    config: Config,
    rows: Mapping[str, FeedRow],
    deliveries: Iterable[Delivery],
    record: Known,
    ledgers: Mapping[str, LedgerView],
    *,
    now: float,
    silence: float,
    state_bytes: int = 0,
) -> Vitals:
    """How a running daemon is. `deliveries` are those that are not settled for good, `record` gives
    what is known of one; the rest as in Vitals."""
    feeds = [feed for feed in config.feeds if feed.enabled]
    known = {feed.id: rows[feed.id] for feed in feeds if feed.id in rows}
    alerts = (each for each in deliveries if each.alerts)  # not our own messages
    unsettled = with_holds(_unsettled(alerts, record), config, ledgers, now)
    return Vitals(
        feeds=_feeds(len(feeds), known),
        channels=_channels(config, unsettled),
        oldest=_outbox(unsettled, now).oldest_seconds,
        silence=silence,
        patience=_patience(feeds, known, config.polling),
        state_bytes=state_bytes,
    )


def _patience(feeds: Iterable[Feed], rows: Mapping[str, FeedRow], polling: Polling) -> float:
    """Seconds within which a feed should succeed: three waits of the one that is asked most often,
    for as long as that was put off by what it asks for."""
    waits = [
        wait_between(feed, polling, rows.get(feed.id))
        for feed in feeds
        if feed.id not in rows or not rows[feed.id].gone
    ]
    return 3 * min(waits, default=0.0)


def damage(store: StoreView, system: System, ledgers: Iterable[LedgerView]) -> Iterator[Problem]:
    """What is wrong with the files of the state."""
    yield from system.problems()
    yield from store.problems()
    for ledger in ledgers:
        yield from ledger.problems()


def _books(ledgers: Mapping[str, LedgerView]) -> dict[str, Book]:
    """All records in memory, those of bundles under each of their deliveries: a reader's `get`
    would read a day's file for every delivery."""
    return {
        name: {
            ident: record
            for record in ledger.records()
            for ident in ([each.delivery_id for each in record.members] or [record.delivery_id])
        }
        for name, ledger in ledgers.items()
    }


def _in(books: Mapping[str, Book]) -> Known:
    return lambda delivery: books.get(delivery.channel, {}).get(delivery.id)


def _unsettled(deliveries: Iterable[Delivery], known: Known) -> tuple[Open, ...]:
    found = []
    for delivery in deliveries:
        record = known(delivery)
        if record is None or not record.settled:
            found.append(Open(delivery, record))
    return tuple(sorted(found, key=lambda each: each.delivery.made_at))


def _feeds(total: int, rows: Mapping[str, FeedRow]) -> FeedCounts:
    gone = sum(row.gone for row in rows.values())
    failing = sum(row.failures > 0 and not row.gone for row in rows.values())
    ok = sum(row.last_ok > 0 and not row.failures and not row.gone for row in rows.values())
    return FeedCounts(total, ok, failing, gone)


def _rules(config: Config, known: SystemState, now: float, *, guessing: bool) -> RuleCounts:
    """With `guessing` a file is broken, and a daemon goes on with the rules before it, which it
    tells the number of."""
    muted = {name for name, until in known.mutes.items() if until > now}
    names = {rule.name for rule in config.rules if rule.enabled}
    if guessing and known.run is not None and known.run.rules is not None:
        return RuleCounts(known.run.rules, min(len(muted), known.run.rules))
    return RuleCounts(len(names), len(names & muted))


def _channels(config: Config, unsettled: tuple[Open, ...]) -> dict[str, ChannelHealth]:
    held = _messages(each for each in unsettled if each.held)
    pending = _messages(each for each in unsettled if not each.held and not each.dead)
    tried = {each.delivery.channel for each in unsettled if each.tried and not each.dead}
    names = [channel.name for channel in config.channels]
    dead = _messages(each for each in unsettled if each.dead)
    orphans = sorted((held.keys() | pending.keys() | dead.keys()) - set(names))
    result = {}
    for name in [*names, *orphans]:
        state = "held" if held[name] else "waiting" if name in tried else "ok"
        result[name] = ChannelHealth(state, pending[name], held[name], dead[name])
    return result


def _messages(unsettled: Iterable[Open]) -> Counter[str]:
    """How many messages the deliveries make, by channel: a bundle is one."""
    return Counter(channel for channel, _ in {(e.delivery.channel, e.parcel) for e in unsettled})


def _outbox(unsettled: tuple[Open, ...], now: float) -> Outbox:
    waiting = [each for each in unsettled if not each.held and not each.dead]
    oldest = min((each.ready_at for each in waiting), default=now)
    held_back = _messages(each for each in waiting if each.held_back(now)).total()
    return Outbox(_messages(waiting).total(), max(0.0, now - oldest), held_back)


def _run_problems(known: SystemState, *, running: bool) -> list[str]:
    if running or known.run is None or known.run.stopped_at is not None:
        return []
    return [f"the daemon is not running: process {known.run.pid} ended without saying goodbye"]


def _silence_problems(
    config: Config, known: SystemState, rows: Mapping[str, FeedRow], now: float, *, running: bool
) -> list[str]:
    """All feeds fail: not their trouble, but ours."""
    if not running or known.run is None or not rows:
        return []
    seen = max(known.run.started_at, *(row.last_ok for row in rows.values()))
    patience = max(SILENT_TOO_LONG, _patience(config.feeds, rows, config.polling))
    if now - seen <= patience:
        return []
    return [f"no feed succeeded for {(now - seen) / 3600:.1f} hours"]


def _feed_problems(names: Mapping[str, str], rows: Mapping[str, FeedRow], now: float) -> list[str]:
    return [
        f"feed {names[feed_id]} has been failing for over a day: {row.error}"
        for feed_id, row in rows.items()
        if row.failing_since is not None
        and not row.gone
        and now - row.failing_since > FAILING_TOO_LONG
    ]


def _channel_problems(config: Config, channels: Mapping[str, ChannelHealth]) -> list[str]:
    configured = {channel.name for channel in config.channels}
    found = []
    for name, channel in channels.items():
        if channel.held:
            waiting = channel.held + channel.pending
            found.append(f"channel {name} is held with {waiting} undelivered")
        if channel.dead:
            found.append(f"channel {name} refused {channel.dead} for good")
        if name not in configured:
            found.append(f"channel {name} is not configured any more, yet has undelivered alerts")
    return found


def _outbox_problems(outbox: Outbox) -> list[str]:
    if outbox.oldest_seconds <= WAITING_TOO_LONG:
        return []
    return [f"the oldest delivery has been waiting for {outbox.oldest_seconds / 3600:.1f} hours"]


def _reload_problems(reload: Reload, *, running: bool) -> list[str]:
    """Nothing is in force once the process has ended that refused it."""
    if reload.ok or not running:
        return []
    return ["the last reload was refused; the old configuration is in force"]
