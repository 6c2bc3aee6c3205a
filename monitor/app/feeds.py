"""How each configured feed fares, from its line in the index alone: no feed's file is opened.

This module must change nothing, and must not know how it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.core.feeds.lag import median_and_worst
from monitor.core.feeds.rhythm import silent_since
from monitor.core.feeds.schedule import Asks, followed
from monitor.core.redact import without_login
from monitor.model import Feed, FeedRow, Polling, Validators

_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class State(StrEnum):
    """One word for how a feed fares."""

    OK = "ok"
    NEW = "new"  # never checked
    FAILING = "failing"
    GONE = "gone"  # 410: checked once a week
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class FeedReport:
    """One feed. Moments are seconds since 1970, None where there is none; `validators`: whether the
    server lets us ask "changed since?", None before the first good answer. `hint_seconds` is what
    is followed of what document and server ask for, `retry_after` until when a server that failed
    asked us to wait. `lag_median` and `lag_worst`: seconds from publication to our finding, of the
    last `lag_articles` new ones. `pages_awaited` entries wait for their pages; the last
    `pages_failed` pages could not be read, of which `page_reason` is the last reason. `sitemaps`
    counts those of an index that are followed, `unread` tells of those that could not be read the
    last time. `silent_since`: nothing new has come for far longer than ever before."""

    name: str
    url: str
    category: str | None
    state: State
    last_check: float | None
    last_success: float | None
    next_check: float | None
    validators: bool | None
    moved_to: str | None
    failures: int
    failing_since: float | None
    reason: str | None
    hint_seconds: float | None
    skip_hours: tuple[int, ...]
    skip_days: tuple[str, ...]
    retry_after: float | None
    entries: int
    skipped: int
    lag_median: float | None
    lag_worst: float | None
    lag_articles: int
    pages_awaited: int
    pages_failed: int
    page_reason: str | None
    sitemaps: int = 0
    unread: tuple[str, ...] = ()
    silent_since: float | None = None


def report(feed: Feed, row: FeedRow | None, polling: Polling) -> FeedReport:
    """The state of a feed; `row` is its line, None where it was never checked."""
    line = row or FeedRow(feed.id, feed.url)
    state = state_of(feed, row)
    lags = median_and_worst(line.lags)
    followed_parts = line.parts.members[: line.parts.followed] if line.parts else ()
    waits = state in (State.OK, State.FAILING, State.GONE)
    return FeedReport(
        name=feed.name,
        url=without_login(feed.url),
        category=feed.category,
        state=state,
        last_check=line.last_check or None,
        last_success=line.last_ok or None,
        next_check=(line.due or None) if waits else None,
        validators=_validators(line) != Validators() if line.last_ok else None,
        moved_to=line.moved_to,
        failures=line.failures,
        failing_since=line.failing_since,
        reason=line.error or None,
        hint_seconds=followed(feed, polling, Asks(line.hints, line.fresh_for)),
        skip_hours=line.hints.skip_hours,
        skip_days=tuple(_WEEK[day] for day in line.hints.skip_days),
        retry_after=_asked_until(line),
        entries=line.remembered,
        skipped=line.skipped,
        lag_median=lags[0] if lags else None,
        lag_worst=lags[1] if lags else None,
        lag_articles=len(line.lags),
        pages_awaited=line.late,
        pages_failed=line.pages_failed,
        page_reason=line.page_error or None,
        silent_since=silent_since(line),
        sitemaps=len(followed_parts),
        unread=tuple(
            f"{without_login(part.url)}: {part.error}" for part in followed_parts if part.failures
        ),
    )


def _validators(line: FeedRow) -> Validators:
    return line.parts.validators if line.parts else line.validators


def _asked_until(line: FeedRow) -> float | None:
    """Until when a server that failed asked us to wait. What lies behind the due time is our own
    floor, of a check that is under way or was cut off: no feed is due before it may be asked."""
    asked = line.failures and line.last_check < line.not_before <= line.due
    return line.not_before if asked else None


def state_of(feed: Feed, row: FeedRow | None) -> State:
    """One word for how a feed fares; `row` is its line, None where it was never checked."""
    if not feed.enabled:
        return State.DISABLED
    if row is None or not row.last_check:
        return State.NEW
    if row.gone:
        return State.GONE
    return State.FAILING if row.failures else State.OK
