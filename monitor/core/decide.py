"""One check of a feed becomes one FeedUpdate: what is remembered, who is told, when to look again.

    failed     keeps the memory and its validators, and backs off
    unchanged  learns the validators and the next check
    changed    judges the document's entries
    caught up  judges entries whose own pages it was to wait for
    backfilled lays new rules on what is remembered

This module only decides: it must not fetch, store, send or read a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from monitor.core.entries import Circumstances, Judge, marks, needs_whole
from monitor.core.feeds import lag, late, rhythm, schedule
from monitor.core.feeds.identity import identify
from monitor.core.feeds.parts import read_as
from monitor.core.redact import without_login
from monitor.model import (
    READ,
    Article,
    Delivery,
    Feed,
    FeedRow,
    FeedState,
    FeedUpdate,
    Fetched,
    FetchFailed,
    FullText,
    Identity,
    Match,
    NotModified,
    Page,
    PageFailed,
    PageText,
    Polling,
    Reading,
    Seen,
    Validators,
)

__all__ = [
    "backfilled",
    "caught_up",
    "changed",
    "failed",
    "fresh_row",
    "fresh_state",
    "identify",
    "marks",
    "needs_whole",
    "unchanged",
]

MOST_AT_ONCE = 500  # entries in one commit: two seconds where all of them alert
HOMEWARD = 3  # failures in a row
# What a feed's line has of its file that an answer without news may change
_in_file = attrgetter("validators", "moved_to", "gone", "read_as")


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a feed: its line in the index, and when the check took place.

    `load` gives the feed's own memory; it is called only where that is needed, since reading it
    for every 304 would cost more than all the rest. `jitter` is drawn from 0..1."""

    feed: Feed
    row: FeedRow
    load: Callable[[], FeedState]
    now: float
    jitter: float


def fresh_row(feed: Feed) -> FeedRow:
    """The line of a feed that was never checked."""
    return FeedRow(feed_id=feed.id, url=without_login(feed.url), interval=feed.interval)


def fresh_state(feed: Feed) -> FeedState:
    """The memory of a feed that was never checked."""
    return FeedState(feed_id=feed.id, url=without_login(feed.url))


def failed(check: Check, why: FetchFailed, polling: Polling) -> FeedUpdate:
    """A check that brought no document. Old validators stay, so that nothing is skipped later.

    An address that the feed has moved to is given up for the configured one when it goes on
    failing, and at once when it is gone: its new owner may have let it die. So a feed is gone only
    by what its configured address says, and until that brings a document again."""
    row, now = check.row, check.now
    failures = row.failures + 1
    wait = why.retry_after or 0.0
    homeward = row.moved_to is not None and (why.gone or failures >= HOMEWARD)
    if homeward:
        row = replace(row, moved_to=None, validators=Validators())
    gone = (why.gone or row.gone) and not homeward
    if gone:
        due = schedule.after_gone(now, check.jitter)
    else:
        due = schedule.after_failure(check.feed, polling, failures, now, check.jitter)
    new = replace(
        row,
        due=max(due, now + wait),
        not_before=now + wait,
        last_check=now,
        failures=failures,
        failing_since=row.failing_since if row.failing_since is not None else now,
        error=f"{why.kind}: {why.detail}",
        gone=gone,
    )
    if gone == row.gone:
        return FeedUpdate(row=new)
    state = replace(
        check.load(),
        validators=new.validators,
        moved_to=new.moved_to,
        gone=gone,
        checked_at=now,
    )
    return FeedUpdate(row=new, state=state)


def unchanged(check: Check, answer: NotModified | Fetched, polling: Polling) -> FeedUpdate:
    """A 304, or a body that we have read before: only validators and an address can be new."""
    row = check.row
    moved_to = answer.moved_to or row.moved_to
    new = _healthy(
        check,
        polling,
        validators=answer.validators,
        moved_to=moved_to,
        fresh_for=answer.fresh_for,
        parts=answer.parts,
        read_as=read_as(check.feed),
    )
    if _in_file(new) == _in_file(row):
        return FeedUpdate(row=new, ended=row.failures)
    state = replace(
        check.load(),
        validators=answer.validators,
        moved_to=moved_to,
        gone=False,
        read_as=new.read_as,
        checked_at=check.now,
    )
    return FeedUpdate(row=new, state=state, ended=row.failures)


def changed(
    check: Check,
    answer: Fetched,
    reading: Reading,
    around: Circumstances,
    identities: Sequence[Identity] | None = None,
    *,
    most: int = MOST_AT_ONCE,
) -> FeedUpdate:
    """A document that differs from the last one read. Its oldest entries are judged first, since
    feeds put the newest on top; those that are new or edited `most` at a time, so that no
    feed holds up the others for long. `identities` are those of the entries, where the caller has
    them already."""
    state = check.load()
    if identities is None:
        identities = identify(reading.feed.entries)
    judge = Judge(check.feed, state, around, check.now, reading, identities)
    known_by = reversed(identities)
    for item in reversed(reading.items):
        if len(judge.decisions) >= most:
            return _begun(check, state, judge, around)
        if item.entry is None:
            judge.item(item.mark)
        else:
            judge.entry(item.entry, next(known_by), item.mark, first=item.first, weak=item.weak)
    kept = FeedState(
        feed_id=check.feed.id,
        url=without_login(check.feed.url),
        validators=answer.validators,
        body_hash=answer.body_hash,
        moved_to=answer.moved_to or check.row.moved_to,  # the file may know one given up since
        polled=True,
        skipped=state.skipped + judge.skipped,
        checked_at=check.now,
        hints=reading.feed.hints,
        lags=_lags(state, judge, check.now),
        read_as=read_as(check.feed),
        entries=judge.so_far() if reading.partial else judge.remembered(),
        open=_open(state, judge, around),
        late=tuple(judge.late.values()),
    )
    row = _healthy(
        check,
        around.polling,
        validators=kept.validators,
        body_hash=kept.body_hash,
        moved_to=kept.moved_to,
        has_open=bool(kept.open),
        skipped=kept.skipped,
        hints=kept.hints,
        remembered=len(kept.entries),
        lags=kept.lags,
        fresh_for=answer.fresh_for,
        parts=answer.parts,
        read_as=kept.read_as,
    )
    row = late.counted(_in_rhythm(row, kept, judge, check.now), kept.late)
    if _says_nothing(kept, state):
        return FeedUpdate(row=row, ended=check.row.failures)
    return _brings(check, judge, state, row=row, state=kept)


def caught_up(check: Check, pages: Mapping[str, Page], around: Circumstances) -> FeedUpdate:
    """Pages of entries that were set aside, by the keys of those; what came of the others is not
    known yet. Who has waited long enough is judged on what the feed says, and so is all that a feed
    holds that is set otherwise since."""
    state = check.load()
    judge = Judge(check.feed, state, around, check.now)
    row = check.row
    for each in (late.by_clock(told, check.now) for told in state.late):
        judge.late[each.key] = each
        page = pages.get(each.key)
        if check.feed.full_text is FullText.NEVER:
            page = page or PageFailed("not asked for any more", lasting=True)
        if page is None and (each.matched or check.now < each.since + late.PATIENCE):
            continue
        again = late.after(each, page, check.now) if isinstance(page, PageFailed) else None
        told = _told_of(page, again=again is not None)
        judge.set_aside(each, late.as_article(each, check.feed, page), told)
        row = _with_page(row, page)
        left = judge.late.pop(each.key)
        if page is None:
            judge.late[each.key] = left
        elif again is not None:
            judge.late[each.key] = replace(left, tries=again.tries, due=again.due)
    kept = replace(
        state,
        entries=judge.so_far(),
        open=_open(state, judge, around),
        late=tuple(judge.late.values()),
    )
    row = replace(late.counted(row, kept.late), has_open=bool(kept.open))
    return replace(_brings(check, judge, state, row=row, state=kept), ended=0)


def backfilled(
    check: Check, found: Iterable[tuple[Article, Sequence[Match]]], around: Circumstances
) -> FeedUpdate | None:
    """Articles of a feed that are remembered, with the new rules that fire on them. None where none
    of them alerts."""
    state = check.load()
    judge = Judge(check.feed, state, around, check.now)
    for article, matches in found:
        judge.backfill(article, matches)
    if not judge.alerts:
        return None
    kept = replace(state, entries=judge.so_far(), open=_open(state, judge, around))
    row = replace(check.row, has_open=bool(kept.open))
    return replace(_brings(check, judge, state, row=row, state=kept), ended=0)


def _told_of(page: Page | None, *, again: bool) -> str:
    if page is None:
        return "not there in time"
    if isinstance(page, PageText):
        return READ
    return f"{page.reason}; it is to be asked for again" if again else page.reason


def _with_page(row: FeedRow, page: Page | None) -> FeedRow:
    """Counts the pages that cannot be had, until one can."""
    if isinstance(page, PageText):
        return replace(row, pages_failed=0, page_error="")
    if page is None:
        return row
    return replace(row, pages_failed=row.pages_failed + 1, page_error=page.reason)


def _begun(check: Check, state: FeedState, judge: Judge, around: Circumstances) -> FeedUpdate:
    """What was judged so far. The document counts as not read, should this be all that is kept."""
    kept = replace(
        state,
        skipped=state.skipped + judge.skipped,
        checked_at=check.now,
        lags=_lags(state, judge, check.now),
        entries=judge.so_far(),
        open=_open(state, judge, around),
        late=tuple(judge.late.values()),
    )
    row = late.counted(_healthy(check, around.polling, has_open=bool(kept.open)), kept.late)
    return _brings(check, judge, state, row=row, state=kept, unfinished=True)


def _brings(
    check: Check,
    judge: Judge,
    before: FeedState,
    *,
    row: FeedRow,
    state: FeedState,
    unfinished: bool = False,
) -> FeedUpdate:
    return FeedUpdate(
        row=row,
        state=state,
        alerted=judge.hearsay.alerted,
        tellers=judge.hearsay.tellers,
        outlets=tuple(judge.hearsay.outlets),
        new_articles=judge.new_articles,
        alerts=tuple(judge.alerts),
        deliveries=tuple(judge.deliveries),
        decisions=tuple(judge.decisions),
        lags=_new_lags(before, judge, check.now),
        ended=check.row.failures,
        unfinished=unfinished,
        archived=tuple(judge.archived.values()),
    )


def _open(state: FeedState, judge: Judge, around: Circumstances) -> tuple[Delivery, ...]:
    return (*(d for d in state.open if not around.settled(d)), *judge.deliveries)


def _says_nothing(kept: FeedState, before: FeedState) -> bool:
    """Whether a feed's memory needs no writing: but for the document's hash, validators and moment,
    which the index keeps too and which cost one more reading where they are lost, it is as it
    was."""
    same = replace(
        kept,
        validators=before.validators,
        body_hash=before.body_hash,
        checked_at=before.checked_at,
        entries=before.entries,
    )
    return same == before and _by_key(kept) == _by_key(before)


def _by_key(state: FeedState) -> dict[str, Seen]:
    return {seen.key: seen for seen in state.entries}


def _in_rhythm(row: FeedRow, kept: FeedState, judge: Judge, now: float) -> FeedRow:
    """With the feed's rhythm, where something new came, or it is not known yet."""
    if not judge.found and row.newest:
        return row
    learnt = rhythm.learn((seen.first_seen for seen in kept.entries), now)
    return replace(row, newest=learnt.newest, longest_silence=learnt.longest)


def _lags(state: FeedState, judge: Judge, now: float) -> tuple[float, ...]:
    """With those of the entries that this check found new."""
    return (*state.lags, *_new_lags(state, judge, now))[-lag.KEPT :]


def _new_lags(state: FeedState, judge: Judge, now: float) -> tuple[float, ...]:
    """Those of the entries that this check found new: a first poll finds what lay there for long,
    and so does one over a memory that was brought back."""
    return lag.of_new(judge.found, now) if state.polled and not state.doubtful else ()


def _healthy(check: Check, polling: Polling, **told: Any) -> FeedRow:
    """The feed's line after a good check, with what the check told."""
    row = check.row
    asks = schedule.Asks(told.get("hints", row.hints), told.get("fresh_for", row.fresh_for))
    return replace(
        row,
        **told,
        url=without_login(check.feed.url),
        due=schedule.after_success(check.feed, polling, check.now, check.jitter, asks),
        interval=check.feed.interval,
        not_before=0.0,
        last_check=check.now,
        last_ok=check.now,
        failures=0,
        failing_since=None,
        error="",
        gone=False,
    )
