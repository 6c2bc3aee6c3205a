"""A feed that falls silent, told from one that has a weekend."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.feeds.rhythm import DAY, LEAST, SHORTEST, Rhythm, learn, silent_since
from monitor.model import FeedRow

HOUR = 3600.0
NOW = 1_770_000_000.0


def every(hours: float, days: float, *, until: float = NOW) -> list[float]:
    return [until - n * hours * HOUR for n in range(int(days * 24 / hours))]


def workdays(weeks: int) -> list[float]:
    """Each hour from eight to four on five days, over a week's end at NOW."""
    days = [day for day in range(weeks * 7) if day % 7 not in (0, 1)]
    return [NOW - day * DAY - hour * HOUR for day in days for hour in range(8)]


def row(first_seen: Iterable[float], last_ok: float) -> FeedRow:
    found = learn(first_seen, last_ok)
    return FeedRow("a", "b", last_ok=last_ok, newest=found.newest, longest_silence=found.longest)


CASES = [
    ("a wire, after a night", every(1, 30), 12 * HOUR, False),
    ("a wire, after a day and a half", every(1, 30), 1.5 * DAY, False),
    ("a wire, after two days", every(1, 30), SHORTEST + 60, True),
    ("a paper, after a weekend", workdays(6), 1.6 * DAY, False),
    ("a paper, after a week off", workdays(6), 5 * DAY, False),
    ("a paper, after two weeks", workdays(6), 14 * DAY, True),
    ("a weekly, after two weeks", every(7 * 24, 90), 14 * DAY, False),
    ("a weekly, after a month", every(7 * 24, 90), 30 * DAY, True),
    ("known for too short", every(1, 10), 30 * DAY, False),
    ("a blog with few posts", every(10 * 24, 90), 300 * DAY, False),
    ("a feed that never had anything", [], 300 * DAY, False),
    ("all at one first poll", [NOW] * 50, 300 * DAY, False),
]


@pytest.mark.parametrize(
    ("seen", "after", "silent"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_far_longer_than_ever(seen: list[float], after: float, silent: bool) -> None:
    newest = max(seen, default=0.0)
    assert silent_since(row(seen, NOW + after)) == (newest if silent else None)


def test_what_a_wrong_clock_noted_does_not_count() -> None:
    assert learn([*every(1, 30), NOW + 400 * DAY], NOW) == learn(every(1, 30), NOW)
    assert learn([NOW + DAY], NOW) == Rhythm(0.0, 0.0)


@given(st.lists(st.integers(0, 90 * 24), max_size=60))
def test_a_silence_no_longer_than_one_before_is_none(hours: list[int]) -> None:
    seen = [NOW + hour * HOUR for hour in hours]
    found = learn(seen, NOW + 90 * DAY)
    newest = max(seen, default=0.0)
    assert found.newest == newest
    assert found.longest == 0.0 or len(set(seen)) > LEAST
    assert silent_since(row(seen, newest + found.longest)) is None
