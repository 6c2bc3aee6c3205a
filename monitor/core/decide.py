"""One check of a feed becomes one FeedUpdate: what is remembered, who is told, when to look again.

    failed     keeps the memory and its validators, and backs off
    unchanged  learns the validators and the next check
    changed    judges the document's entries

This module only decides: it must not fetch, store, send or read a clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from monitor.core.entries import Circumstances, Judge
from monitor.core.feeds import schedule
from monitor.core.feeds.identity import identify
from monitor.model import (
    Feed,
    FeedRow,
    FeedState,
    FeedUpdate,
    Fetched,
    FetchFailed,
    NotModified,
    ParsedFeed,
    Polling,
)


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a feed: what we knew before it, and when it took place. `jitter` is drawn from
    0..1."""

    feed: Feed
    row: FeedRow
    state: FeedState
    now: float
    jitter: float


def fresh_row(feed: Feed) -> FeedRow:
    """The line of a feed that was never checked."""
    return FeedRow(feed_id=feed.id, url=feed.url, interval=feed.interval)


def fresh_state(feed: Feed) -> FeedState:
    """The memory of a feed that was never checked."""
    return FeedState(feed_id=feed.id, url=feed.url)


def failed(check: Check, why: FetchFailed, polling: Polling) -> FeedUpdate:
    """A check that brought no document. Old validators stay, so that nothing is skipped later."""
    row, state, now = check.row, check.state, check.now
    failures = row.failures + 1
    wait = why.retry_after or 0.0
    due = schedule.after_failure(check.feed, polling, failures, now, check.jitter)
    new = replace(
        row,
        due=max(due, now + wait),
        not_before=now + wait,
        last_check=now,
        failures=failures,
        failing_since=row.failing_since if row.failing_since is not None else now,
        error=f"{why.kind}: {why.detail}",
        gone=why.gone,
    )
    gone = replace(state, gone=True, checked_at=now) if why.gone and not state.gone else None
    return FeedUpdate(row=new, state=gone)


def unchanged(check: Check, answer: NotModified | Fetched, polling: Polling) -> FeedUpdate:
    """A 304, or a body that we have read before: only validators and an address can be new."""
    state = check.state
    kept = replace(
        state,
        validators=answer.validators,
        moved_to=answer.moved_to or state.moved_to,
        gone=False,
    )
    return FeedUpdate(
        row=_healthy(check, kept, polling),
        state=replace(kept, checked_at=check.now) if kept != state else None,
    )


def changed(check: Check, answer: Fetched, parsed: ParsedFeed, around: Circumstances) -> FeedUpdate:
    """A document that differs from the last one read. Its oldest entries are judged first, since
    feeds put the newest on top."""
    state = check.state
    judge = Judge(check.feed, state, around, check.now)
    identified = list(zip(parsed.entries, identify(parsed.entries), strict=True))
    for entry, identity in reversed(identified):
        judge.entry(entry, identity)
    kept = FeedState(
        feed_id=check.feed.id,
        url=check.feed.url,
        validators=answer.validators,
        body_hash=answer.body_hash,
        moved_to=answer.moved_to or state.moved_to,
        polled=True,
        skipped=state.skipped + judge.skipped,
        checked_at=check.now,
        entries=judge.remembered(),
        open=(*(d for d in state.open if not around.settled(d)), *judge.deliveries),
    )
    return FeedUpdate(
        row=_healthy(check, kept, around.polling),
        state=kept,
        alerted=judge.alerted,
        new_articles=judge.new_articles,
        alerts=tuple(judge.alerts),
        deliveries=tuple(judge.deliveries),
        decisions=tuple(judge.decisions),
    )


def _healthy(check: Check, state: FeedState, polling: Polling) -> FeedRow:
    return replace(
        check.row,
        url=check.feed.url,
        due=schedule.after_success(check.feed, polling, check.now, check.jitter),
        interval=check.feed.interval,
        not_before=0.0,
        last_check=check.now,
        last_ok=check.now,
        failures=0,
        failing_since=None,
        error="",
        validators=state.validators,
        body_hash=state.body_hash,
        moved_to=state.moved_to,
        gone=False,
        has_open=bool(state.open),
        skipped=state.skipped,
    )
