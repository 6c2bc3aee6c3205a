"""When a feed is checked next."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.feeds import schedule
from monitor.model import Feed, FeedRow, Polling

NOW = 1_700_000_000.0
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
        (replace(ROW, due=NOW - 5000), NOW),  # overdue
        (replace(ROW, due=NOW + 300), NOW + 300),  # as stored
        (replace(ROW, due=NOW + 1e7), NOW + 930),  # stored by a clock that was wrong
        (replace(ROW, due=NOW + 7200, failures=3), NOW + 7200),  # back-off outlives a restart
        (replace(ROW, due=NOW, not_before=NOW + 4000), NOW + 4000),  # so does Retry-After
        (replace(ROW, due=NOW, not_before=NOW + 1e9), NOW),  # unless it makes no sense
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
        (replace(ROW, last_check=NOW + 9999), True),  # the clock was set back
    ],
)
def test_what_a_single_pass_may_poll(row: FeedRow | None, may: bool) -> None:
    assert schedule.may_poll(row, POLLING, NOW) is may


def test_feeds_due_together_are_spread_over_a_tenth_of_the_interval() -> None:
    steps = [schedule.spread(FEED, index, 100) for index in range(100)]
    assert steps == sorted(steps)
    assert steps[0] == 0.0
    assert steps[-1] < 30.0
    assert schedule.spread(replace(FEED, interval=60.0), 99, 100) < 6.0
