"""Whose turn it is: slow feeds and busy hosts hold up nobody else. Time is counted, not spent."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Feed, FeedRow, Polling
from monitor.service.turns import Turn, Turns, turn_of

TIMEOUT = 30.0


def play(
    turns: Turns, due: Iterable[Turn], lasts: Callable[[str], float], slots: int
) -> dict[str, float]:
    """When each feed's check begins, if all are due at 0 and each lasts as told."""
    for turn in due:
        turns.wait(turn)
    began: dict[str, float] = {}
    running: list[tuple[float, str]] = []
    now = 0.0
    while True:
        for feed_id in turns.take(slots - len(running)):
            began[feed_id] = now
            heapq.heappush(running, (now + lasts(feed_id), feed_id))
        if not running:
            return began
        now, feed_id = heapq.heappop(running)
        turns.done(feed_id)


def feeds(kind: str, count: int, *, host: str | None = None, slow: bool = False) -> list[Turn]:
    return [Turn(f"{kind}{n}", host or f"{kind}{n}.example", slow) for n in range(count)]


def stalls(feed_id: str) -> float:
    return TIMEOUT if feed_id.startswith("stalled") else 0.1


def test_feeds_that_lately_timed_out_hold_up_no_others() -> None:
    due = [*feeds("stalled", 50, slow=True), *feeds("good", 500)]
    began = play(Turns(Polling(per_host=2, concurrency=50)), due, stalls, slots=50)
    assert len(began) == 550
    assert max(at for name, at in began.items() if name.startswith("good")) < 3.0
    assert max(began.values()) == TIMEOUT  # and they get theirs: two rounds of 25


def test_a_host_with_a_thousand_slow_feeds_holds_up_no_others() -> None:
    due = [*feeds("stalled", 1000, host="big.example"), *feeds("good", 500)]
    began = play(Turns(Polling(per_host=2, concurrency=50)), due, stalls, slots=50)
    assert max(at for name, at in began.items() if name.startswith("good")) < 3.0
    assert len(began) == 1500


def test_slow_feeds_that_wait_for_a_slow_place_keep_their_host_from_nobody() -> None:
    turns = Turns(Polling(per_host=2, concurrency=2))  # and so one slow place
    for turn in [
        Turn("elsewhere", "b", slow=True),
        *feeds("slow", 9, host="a", slow=True),
        *feeds("fast", 6, host="a"),
    ]:
        turns.wait(turn)
    assert turns.take(99) == ["elsewhere", "fast0", "fast1", "fast2", "fast3"]
    turns.done("elsewhere")
    assert turns.take(99) == []  # the slow place is free, but its host has none
    turns.done("fast0")
    assert turns.take(99) == ["slow0"]
    turns.done("fast1")
    assert turns.take(99) == ["fast4"]


def test_hosts_take_turns_at_the_slow_places() -> None:
    turns = Turns(Polling(per_host=2, concurrency=2))
    slow = [feeds(host, 3, host=host, slow=True) for host in ("a", "b", "c")]
    for turn in (each for line in slow for each in line):
        turns.wait(turn)
    order = []
    while taken := turns.take(99):
        order += taken
        turns.done(*taken)
    assert order == ["a0", "a1", "b0", "c0", "a2", "b1", "c1", "b2", "c2"]


def test_fewer_slow_places_hold_for_those_who_come() -> None:
    turns = Turns(Polling(per_host=1, concurrency=8))
    for turn in feeds("a", 9, slow=True):
        turns.wait(turn)
    assert len(turns.take(99)) == 4
    turns.limit(Polling(per_host=1, concurrency=4))
    for number in range(3):
        turns.done(f"a{number}")
    assert turns.take(99) == ["a4"]


def test_who_waits_longest_is_first() -> None:
    turns = Turns(Polling(per_host=1))  # and so two checks
    for turn in (*feeds("a", 4, host="h"), *feeds("b", 2)):
        turns.wait(turn)
    assert turns.take(9) == ["a0", "a1", "b0", "b1"]
    assert "a2" in turns
    turns.done("a0")
    assert "a0" not in turns
    assert turns.take(9) == ["a2"]


def test_new_limits_hold_for_those_who_come() -> None:
    turns = Turns(Polling(per_host=1))
    turns.limit(Polling(per_host=3))
    for turn in feeds("a", 9, host="h"):
        turns.wait(turn)
    assert len(turns.take(9)) == 6


FEED = Feed("f", "https://A.example:8443/rss", "صحيفة")
LINE = FeedRow("f", FEED.url, last_check=1.0, failures=1, error="timeout: no answer")


@pytest.mark.parametrize(
    ("row", "turn"),
    [
        (None, Turn("f", "a.example")),
        (LINE, Turn("f", "a.example", slow=True)),
        (replace(LINE, error="dns: no such host"), Turn("f", "a.example")),
        (replace(LINE, failures=0, error=""), Turn("f", "a.example")),
        (replace(LINE, failures=0, moved_to="https://b.example/"), Turn("f", "b.example")),
        (replace(LINE, failures=0, moved_to="https://[b/"), Turn("f", "")),
    ],
)
def test_the_turn_of_a_feed(row: FeedRow | None, turn: Turn) -> None:
    assert turn_of(FEED, row) == turn


@given(
    st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=60),
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(1, 8),
    st.randoms(use_true_random=False),
)
def test_limits_hold_and_everybody_has_a_turn(
    drawn: list[tuple[int, bool]], per_host: int, slow: int, slots: int, chance: object
) -> None:
    turns = Turns(Polling(per_host=per_host, concurrency=2 * slow))
    due = {str(n): Turn(str(n), f"h{host}", is_slow) for n, (host, is_slow) in enumerate(drawn)}
    for turn in due.values():
        turns.wait(turn)
    running: list[str] = []
    had: list[str] = []
    while True:
        running += turns.take(slots - len(running))
        if not running:
            break
        assert max(Counter(due[each].host for each in running).values()) <= 2 * per_host
        assert sum(due[each].slow for each in running) <= slow
        over = chance.choice(running)  # type: ignore[attr-defined] # a random.Random
        running.remove(over)
        had.append(over)
        turns.done(over)
    assert sorted(had) == sorted(due)
    assert not any(each in turns for each in due)
