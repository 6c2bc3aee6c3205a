"""When to check a feed next: after a success, after a failure, and at start.

Jitter only ever lengthens a wait, so that no server sees us earlier than we promised. This module
must not read a clock: moments come in as arguments.
"""

from __future__ import annotations

from monitor.model import Feed, FeedRow, Polling

DAY = 86400.0
MAX_JITTER = 30.0


def after_success(feed: Feed, polling: Polling, now: float, jitter: float) -> float:
    """The next check of a healthy feed. `jitter` is drawn from 0..1."""
    wait = max(feed.interval, polling.min_interval)
    return now + wait + jitter * min(wait / 20, MAX_JITTER)


def after_failure(feed: Feed, polling: Polling, failures: int, now: float, jitter: float) -> float:
    """The next check after the `failures`-th failure in a row: interval x 2^n, a day at most.

    An interval of over a day is kept as it is.
    """
    interval = max(feed.interval, polling.min_interval, 1.0)
    wait = max(interval, min(interval * 2.0 ** min(failures, 32), DAY))
    return now + wait + jitter * min(wait / 20, MAX_JITTER)


def at_start(row: FeedRow, feed: Feed, polling: Polling, now: float) -> float:
    """When a feed is due after a restart: as stored, yet never further off than its own rhythm.

    A feed never checked is due at once, and so is an overdue one. Otherwise a clock that was wrong
    when the moment was stored must not silence a feed.
    """
    if row.last_check == 0.0:
        return now
    ceiling = DAY if row.failures else max(feed.interval, polling.min_interval) + MAX_JITTER
    asked = row.not_before if row.not_before - now <= DAY else now
    return max(now, asked, min(row.due, now + ceiling))


def spread(feed: Feed, index: int, count: int) -> float:
    """Seconds by which the `index`-th of `count` feeds that become due at one moment steps back."""
    return min(feed.interval / 10, MAX_JITTER) * index / max(count, 1)


def may_poll(row: FeedRow | None, polling: Polling, now: float) -> bool:
    """Whether a single pass may check the feed, whatever its interval: the floor on the interval, a
    server's Retry-After and the back-off after failures are kept."""
    if row is None:
        return True
    if row.gone or now < row.not_before:
        return False
    earliest = row.due if row.failures else row.last_check + polling.min_interval
    return now >= earliest or now < row.last_check  # the clock went back
