"""When a feed is checked next."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.feeds import schedule
from monitor.model import Feed, FeedRow, Hints, Polling

NOW = 1_700_000_000.0
WEEK = 7 * 86_400.0
FEED = Feed(id="f", url="https://a.example/rss", name="a", interval=900.0)
POLLING = Polling(min_interval=60.0)
ROW = FeedRow("f", FEED.url, due=NOW + 900, last_check=NOW, last_ok=NOW)


@given(st.floats(0, 1), st.floats(1, 7 * 86400))
def test_jitter_only_lengthens_and_by_half_a_minute_at_most(jitter: float, interval: float) -> None:
    feed = replace(FEED, interval=interval)
    wait = schedule.after_success(feed, POLLING, NOW, jitter) - NOW
    floor = max(interval, 60.0)
    assert floor - 1e-6 <= wait <= floor + 30.0 + 1e-6


@pytest.mark.parametrize(
    ("failures", "wait"), [(1, 1800), (2, 3600), (3, 7200), (6, 57600), (7, 86400), (5000, 86400)]
)
def test_failures_double_the_wait_up_to_a_day(failures: int, wait: float) -> None:
    assert schedule.after_failure(FEED, POLLING, failures, NOW, 0.0) == NOW + wait


def test_a_feed_rarer_than_a_day_keeps_its_interval_when_it_fails() -> None:
    weekly = replace(FEED, interval=7 * 86400.0)
    assert schedule.after_failure(weekly, POLLING, 3, NOW, 0.0) == NOW + 7 * 86400


@pytest.mark.parametrize(
    ("row", "due"),
    [
        (FeedRow("f", FEED.url), NOW),  # never checked
        (replace(ROW, due=NOW - 5000, last_check=NOW - 6000), NOW),  # overdue
        (replace(ROW, due=NOW + 300), NOW + 300),  # as stored
        (replace(ROW, due=NOW + 1e7), NOW + 930),  # stored by a clock that was wrong
        (replace(ROW, due=NOW + 7200, failures=3), NOW + 7200),  # back-off outlives a restart
        (replace(ROW, due=NOW + 300, not_before=NOW + 4000), NOW + 4000),  # so does Retry-After
        (replace(ROW, due=NOW + 300, not_before=NOW + 1e9), NOW + 300),  # unless it makes no sense
        (replace(ROW, gone=True, last_check=NOW - 9, due=NOW), NOW - 9 + WEEK),  # not the file's
        (replace(ROW, gone=True, last_check=NOW - WEEK, due=0.0), NOW),
        (replace(ROW, gone=True, last_check=NOW + 1e9, due=NOW + 1e9), NOW + WEEK + 30),
    ],
)
def test_due_at_start(row: FeedRow, due: float) -> None:
    assert schedule.at_start(row, FEED, POLLING, NOW) == due


@pytest.mark.parametrize(
    ("row", "may"),
    [
        (None, True),
        (replace(ROW, last_check=NOW - 59), False),  # the floor on the interval
        (replace(ROW, last_check=NOW - 60, due=NOW + 840), True),  # the interval itself is not
        (replace(ROW, last_check=NOW - 600, not_before=NOW + 1), False),
        (replace(ROW, last_check=NOW - 600, failures=2, due=NOW + 1), False),
        (replace(ROW, last_check=NOW - 600, failures=2, due=NOW), True),
        (replace(ROW, last_check=NOW - 600, gone=True), False),
        (replace(ROW, last_check=NOW - WEEK + 1, gone=True), False),
        (replace(ROW, last_check=NOW - WEEK, gone=True), True),
        (replace(ROW, last_check=NOW + 9999), True),  # the clock was set back
    ],
)
def test_what_a_single_pass_may_poll(row: FeedRow | None, may: bool) -> None:
    assert schedule.may_poll(row, POLLING, NOW) is may


@pytest.mark.parametrize(
    ("row", "interval", "least", "wait"),
    [
        (None, 900.0, 1.0, 60.0),
        (None, 5.0, 1.0, 5.0),
        (None, 0.0, 0.0, 1.0),
        (None, 900.0, 600.0, 600.0),
        (replace(ROW, not_before=NOW + 7200), 900.0, 60.0, 7200.0),
        (replace(ROW, not_before=NOW + 1e9), 900.0, 60.0, 60.0),
    ],
)
def test_what_could_not_be_kept_is_done_again(
    row: FeedRow | None, interval: float, least: float, wait: float
) -> None:
    feed, polling = replace(FEED, interval=interval), Polling(min_interval=least)
    assert schedule.after_unkept(row, feed, polling, NOW) == NOW + wait


def test_feeds_due_together_are_spread_over_a_tenth_of_the_interval() -> None:
    steps = [schedule.spread(FEED, index, 100) for index in range(100)]
    assert steps == sorted(steps)
    assert steps[0] == 0.0
    assert steps[-1] < 30.0
    assert schedule.spread(replace(FEED, interval=60.0), 99, 100) < 6.0


# --- hints ----------------------------------------------------------------------------------------

MIDNIGHT = 1_700_006_400.0  # Wed, 15 Nov 2023 00:00:00 GMT


def asks(every: float = 0.0, fresh: float = 0.0, **skips: tuple[int, ...]) -> schedule.Asks:
    return schedule.Asks(Hints(every=every, **skips), fresh)


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        (asks(), 900),
        (asks(every=60.0), 900),  # a hint never shortens
        (asks(every=1800.0), 1800),
        (asks(fresh=1200.0), 1200),
        (asks(every=1800.0, fresh=2400.0), 2400),  # the longest of them
        (asks(every=86400.0), 3600),  # but max_hint ends it
        (asks(fresh=1e9), 3600),
        (asks(skip_hours=(0,)), 3600),  # all of this hour
        (asks(skip_hours=(1, 2)), 900),  # not now
        (asks(skip_hours=tuple(range(24))), 3600),
        (asks(skip_days=(2,)), 3600),  # this Wednesday
        (asks(skip_days=(3,)), 900),
        (asks(every=3000.0, skip_hours=(0,)), 3600),
    ],
)
def test_hints_lengthen_the_wait_up_to_max_hint(asked: schedule.Asks, wait: float) -> None:
    assert schedule.after_success(FEED, POLLING, MIDNIGHT, 0.0, asked) == MIDNIGHT + wait


def test_an_interval_longer_than_max_hint_is_kept_whatever_is_asked() -> None:
    slow = replace(FEED, interval=7200.0)
    every_day = asks(86400.0, skip_hours=tuple(range(24)))
    assert schedule.after_success(slow, POLLING, MIDNIGHT, 0.0, every_day) == MIDNIGHT + 7200


def test_feeds_that_wake_at_one_full_hour_do_not_come_all_at_once() -> None:
    late = MIDNIGHT + 3600 - 960  # a quarter of an hour later it is still the skipped hour
    times = {
        schedule.after_success(FEED, POLLING, late, jitter / 10, asks(skip_hours=(0,)))
        for jitter in range(10)
    }
    assert len(times) == 10
    assert min(times) >= MIDNIGHT + 3600


@given(
    st.floats(0, 1),
    st.floats(1, 1e5),
    st.floats(0, 1e6),
    st.floats(0, 1e6),
    st.frozensets(st.integers(0, 23)),
    st.frozensets(st.integers(0, 6)),
    st.floats(0, 1e5),
)
def test_hints_stay_between_the_interval_and_max_hint(
    jitter: float,
    interval: float,
    every: float,
    fresh: float,
    hours: frozenset[int],
    days: frozenset[int],
    max_hint: float,
) -> None:
    feed, polling = replace(FEED, interval=interval), Polling(min_interval=60.0, max_hint=max_hint)
    asked = asks(every, fresh, skip_hours=tuple(hours), skip_days=tuple(days))
    due = schedule.after_success(feed, polling, MIDNIGHT, jitter, asked)
    plain = schedule.after_success(feed, polling, MIDNIGHT, jitter)
    assert plain <= due <= max(plain, MIDNIGHT + max_hint)


@pytest.mark.parametrize(
    ("row", "due"),
    [
        (replace(ROW, due=NOW + 3000, hints=Hints(every=3000.0)), NOW + 3000),  # a hint stays
        (replace(ROW, due=NOW + 3000, fresh_for=3000.0), NOW + 3000),
        (replace(ROW, due=NOW + 3000), NOW + 930),  # the interval was shortened meanwhile
        # its file is newer than its line: the line's due time lies before the check
        (replace(ROW, due=NOW - 900, last_check=NOW - 2), NOW + 898),
        (replace(ROW, due=0.0, last_check=NOW - 2, body_hash="h"), NOW + 898),
        (replace(ROW, due=NOW - 9, last_check=NOW - 2, hints=Hints(every=2000.0)), NOW + 1998),
        (replace(ROW, due=0.0, last_check=NOW - 2), NOW),  # its memory was lost
        (replace(ROW, due=NOW + 1, last_check=NOW - 2), NOW + 58),  # never below the floor
        # the clock was an hour ahead when this was written
        (replace(ROW, due=NOW + 4500, last_check=NOW + 3600), NOW + 930),
        (replace(ROW, due=NOW + 8600, last_check=NOW + 3600, not_before=NOW + 8600), NOW + 5000),
        (replace(ROW, due=NOW + 90_000, last_check=NOW + 88_200, failures=1), NOW + 1830),
        # and here an hour behind
        (replace(ROW, due=NOW - 2700, last_check=NOW - 3600), NOW),
    ],
)
def test_due_at_start_with_hints_crashes_and_wrong_clocks(row: FeedRow, due: float) -> None:
    assert schedule.at_start(row, FEED, POLLING, NOW) == due


def test_a_single_pass_is_not_held_up_by_a_hint() -> None:
    hinted = replace(ROW, last_check=NOW - 60, due=NOW + 3000, hints=Hints(every=3600.0))
    assert schedule.may_poll(hinted, POLLING, NOW)
