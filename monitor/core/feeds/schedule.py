"""When to check a feed next: after a success, after a failure, and at start.

What a server or a document asks for only ever lengthens a wait, and so does jitter, so that no
server sees us earlier than we promised. This module must not read a clock: moments come in as
arguments, seconds since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model import Feed, FeedRow, Hints, Polling

HOUR = 3600.0
DAY = 86400.0
WHILE_GONE = 7 * DAY  # between two checks of a feed that is gone (410): some come back
MAX_JITTER = 30.0
AGAIN = 60.0  # seconds until a check is repeated whose outcome could not be stored
WORTH_TELLING = 5  # failures in a row that the operator hears of: 7.5 hours of a feed every 15 min
_THURSDAY = 3  # 1 January 1970, counted from Monday


@dataclass(frozen=True, slots=True)
class Asks:
    """What a feed asks for: its document by `hints`, its server by `fresh_for` (seconds)."""

    hints: Hints
    fresh_for: float = 0.0

    @property
    def every(self) -> float:
        """The longest wait that it asks for, in seconds; skipped hours and days aside."""
        return max(self.hints.every, self.fresh_for)


NOTHING = Asks(Hints())


def after_success(
    feed: Feed, polling: Polling, now: float, jitter: float, asks: Asks = NOTHING
) -> float:
    """The next check of a healthy feed. `jitter` is drawn from 0..1. What it asks for is followed
    for `max_hint` after this check and no longer: news must not wait for a careless `ttl`."""
    wait = max(feed.interval, polling.min_interval)
    own = _with_jitter(now, wait, jitter)
    if asks == NOTHING:
        return own
    latest = now + polling.max_hint
    asked = max(own, _with_jitter(now, asks.every, jitter))
    awake = _after_skipped(asks.hints, asked, latest)
    if awake > asked:  # many feeds wake at one full hour
        awake += jitter * MAX_JITTER
    return max(own, min(awake, latest))


def after_failure(feed: Feed, polling: Polling, failures: int, now: float, jitter: float) -> float:
    """The next check after the `failures`-th failure in a row: interval x 2^n, a day at most.

    An interval of over a day is kept as it is.
    """
    interval = max(feed.interval, polling.min_interval, 1.0)
    wait = max(interval, min(interval * 2.0 ** min(failures, 32), DAY))
    return _with_jitter(now, wait, jitter)


def after_gone(now: float, jitter: float) -> float:
    """The next check of a feed that its server says is gone (410)."""
    return _with_jitter(now, WHILE_GONE, jitter)


def at_start(row: FeedRow, feed: Feed, polling: Polling, now: float) -> float:
    """When a feed is due after a restart: as stored, yet never further off than its own rhythm.

    A feed never checked is due at once, and so is an overdue one, but for the floor on the
    interval. A clock that was wrong when the moment was stored must not silence a feed: of what a
    server asked for, no more is left than it asked for.
    """
    if row.last_check == 0.0:  # never, but that a check may have been cut off
        return max(now, min(row.not_before, now + polling.min_interval))
    ceiling = _furthest(row, feed, polling, now)
    due = min(_due(row, feed, polling), ceiling)
    return max(now, _floor(row, polling, now), _asked(row, now), due)


def after_unkept(row: FeedRow | None, feed: Feed, polling: Polling, now: float) -> float:
    """The next check where the outcome of one that ends now could not be stored: soon, but for what
    is promised to servers. `row` is what is known from before."""
    soon = now + max(min(AGAIN, feed.interval), polling.min_interval, 1.0)
    return soon if row is None else max(soon, _asked(row, now))


def followed(feed: Feed, polling: Polling, asks: Asks) -> float | None:
    """The seconds between checks that a feed asks for and gets; None where its own interval is no
    shorter."""
    wait = min(asks.every, polling.max_hint)
    return wait if wait > max(feed.interval, polling.min_interval) else None


def wait_between(feed: Feed, polling: Polling, row: FeedRow | None) -> float:
    """The longest wait, in seconds and without jitter, between two checks of a feed that is well;
    `row` is its line, None where it was never checked."""
    own = max(feed.interval, polling.min_interval)
    if row is None:
        return own
    if row.hints.skip_hours or row.hints.skip_days:
        return max(own, polling.max_hint)
    return max(own, min(Asks(row.hints, row.fresh_for).every, polling.max_hint))


def spread(feed: Feed, index: int, count: int) -> float:
    """Seconds by which the `index`-th of `count` feeds that become due at one moment steps back."""
    return min(feed.interval / 10, MAX_JITTER) * index / max(count, 1)


def may_poll(row: FeedRow | None, polling: Polling, now: float) -> bool:
    """Whether a single pass may check the feed, whatever its interval: the floor on the interval, a
    server's Retry-After and the back-off after failures are kept; hints are not."""
    if row is None:
        return True
    if now < row.last_check:  # the clock went back
        return True
    if row.gone:
        return now >= _due_while_gone(row)
    earliest = row.due if row.failures else row.last_check + polling.min_interval
    return now >= max(earliest, row.not_before)


def _with_jitter(now: float, wait: float, jitter: float) -> float:
    return now + wait + jitter * min(wait / 20, MAX_JITTER)


def _after_skipped(hints: Hints, moment: float, latest: float) -> float:
    """The first moment, not before the given one, that lies in no skipped hour (RSS 2.0, skipHours
    and skipDays); the search ends at `latest`."""
    while moment < latest and _is_skipped(hints, moment):
        moment = (moment // HOUR + 1) * HOUR
    return moment


def _is_skipped(hints: Hints, moment: float) -> bool:
    hour = int(moment // HOUR) % 24
    day = (int(moment // DAY) + _THURSDAY) % 7
    return hour in hints.skip_hours or day in hints.skip_days


def _furthest(row: FeedRow, feed: Feed, polling: Polling, now: float) -> float:
    """The latest moment that a check which ended now could have asked for."""
    if row.gone:
        return after_gone(now, 1.0)
    if row.failures:
        return after_failure(feed, polling, row.failures, now, 1.0)
    return after_success(feed, polling, now, 1.0, Asks(row.hints, row.fresh_for))


def _due(row: FeedRow, feed: Feed, polling: Polling) -> float:
    """When the row says that it is due. One that lies behind its own last check was written before
    it, and a crash kept the new one out; what the feed asks for is known all the same."""
    if row.gone:
        return _due_while_gone(row)
    if row.due > row.last_check or _is_lost(row):
        return row.due
    asks = Asks(row.hints, row.fresh_for)
    return after_success(feed, polling, row.last_check, 0.0, asks)


def _asked(row: FeedRow, now: float) -> float:
    """Until when a server asked us to wait, by a clock that may have been wrong when it did."""
    asked = min(row.not_before, now + max(row.not_before - row.last_check, 0.0))
    return now if asked - now > DAY else asked  # no server is granted more


def _due_while_gone(row: FeedRow) -> float:
    """By its last check, which stands in its file, unlike its due time."""
    return row.last_check + WHILE_GONE


def _is_lost(row: FeedRow) -> bool:
    """Whether the feed's memory was lost or is in doubt, so that it is to be asked at once, before
    another feed brings what it forgot as new."""
    return row.due == 0.0 and not row.body_hash


def _floor(row: FeedRow, polling: Polling, now: float) -> float:
    """A start polls nothing sooner than `min_interval` allows, unless the clock went back or the
    memory of the feed was lost."""
    if row.last_check > now or _is_lost(row):
        return now
    return row.last_check + polling.min_interval
