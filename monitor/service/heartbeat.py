"""Once a day the operator hears that all goes on: how many feeds were seen, how late, how many
alerts. A message that stays away says that something is wrong.

The day that was told last stands in the state, so that no restart, no change of the clocks and no
change of summer time tells a day twice; what was missed while the daemon was down is told once,
when it is back. The first one comes at the next such time of day. This module must not know how a
message travels.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.core.alerts.notices import Day
from monitor.core.feeds.schedule import wait_between
from monitor.model import Delivery, Feed, FeedRow, LedgerRecord, Polling
from monitor.ports import System
from monitor.service.operator import Operator
from monitor.settings.load import Config
from monitor.stores.ledger import TinyLedger
from monitor.stores.tiny import TinyStore

DAY = 86_400.0  # seconds that a heartbeat speaks of
LATE = 1_800.0  # seconds that a check may come late: jitter, other feeds, the exchange

Told = tuple[str, str | None, str]  # an alert: title and link of its article, and its rule


def beat(
    config: Config,
    store: TinyStore,
    system: System,
    ledgers: Iterable[TinyLedger],
    operator: Operator,
    now: float,
) -> None:
    """Tells the operator what is due. Cheap where nothing is; may read and write files, so to be
    called off the event loop."""
    zone = ZoneInfo(config.timezone)
    noted = system.load().heartbeat
    name, told = to_tell(noted, config.heartbeat, zone, now)
    if name == noted:
        return
    if not told:
        operator.heartbeat(name, None)
        return
    records = [record for ledger in ledgers for record in ledger.since(now - DAY)]
    operator.heartbeat(name, day(config, store.rows(), store.open_deliveries(), records, now))


def to_tell(known: str, at: time | None, zone: ZoneInfo, now: float) -> tuple[str, bool]:
    """The day to be noted now, as YYYY-MM-DD, and whether it is to be told; `known` is the one that
    was noted last, "" for none. Without a time of day there is none."""
    if at is None:
        return "", False
    due = _last_due(at, zone, now)
    last = date.fromisoformat(known) if known else None
    if last is None or last > due + timedelta(days=1):  # noted by a clock that was wrong
        return due.isoformat(), False
    return max(due, last).isoformat(), due > last


def _last_due(at: time, zone: ZoneInfo, now: float) -> date:
    """The last day on which that time was reached. One that the clocks leap over is reached with
    the leap; one that comes twice is reached the first time."""
    here = datetime.fromtimestamp(now, zone)
    return here.date() if here.time() >= at else here.date() - timedelta(days=1)


def day(
    config: Config,
    rows: Mapping[str, FeedRow],
    deliveries: Iterable[Delivery],
    records: Iterable[LedgerRecord],
    now: float,
) -> Day:
    """What the last 24 hours brought. `deliveries` are those that are open, `records` what the
    ledgers of all channels know of that time. A feed that is asked once a week was seen, if it was
    within the week; lags are those of feeds in which something new was found."""
    feeds = [feed for feed in config.feeds if feed.enabled]
    since = now - DAY
    known = {feed.id: rows[feed.id] for feed in feeds if feed.id in rows}
    unseen = [f.name for f in feeds if not _is_seen(f, known.get(f.id), config.polling, now)]
    told = {each for record in records if record.made_at >= since for each in _of(record)}
    told |= {each for delivery in deliveries if delivery.made_at >= since for each in _in(delivery)}
    lags = [lag for row in known.values() if row.newest >= since for lag in row.lags]
    return Day(
        seen=len(feeds) - len(unseen),
        feeds=len(feeds),
        lag_p95=p95(lags),
        alerts=len(told),
        unseen=tuple(unseen),
        articles=len({(title, link) for title, link, _ in told}),
    )


def _is_seen(feed: Feed, row: FeedRow | None, polling: Polling, now: float) -> bool:
    wait = wait_between(feed, polling, row)
    usual = wait + LATE if wait >= DAY else DAY
    return row is not None and row.last_ok >= now - usual


def p95(values: Iterable[float]) -> float | None:
    """What 95 of 100 do not exceed (nearest rank); None where there are none."""
    ranked = sorted(values)
    return ranked[math.ceil(0.95 * len(ranked)) - 1] if ranked else None


def _of(record: LedgerRecord) -> Iterable[Told]:
    articles = record.members or (record,)
    return [(each.title, each.link, rule) for each in articles for rule in each.rules]


def _in(delivery: Delivery) -> Iterable[Told]:
    story = delivery.story
    return [(story.title.text, story.link, alert.rule) for alert in delivery.alerts]
