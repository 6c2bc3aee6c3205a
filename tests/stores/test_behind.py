"""What is done behind: much at a time, in order, and no more waiting than was said."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from monitor.stores.behind import Behind

HOUR = 3600.0  # a pause that no test waits for


class Slow:
    """Work that goes on when it is let."""

    def __init__(self, *, patient: bool = False) -> None:
        self.done: list[list[int]] = []
        self.goes_on = threading.Event()
        self.began = threading.Event()
        self.behind: Behind[int] = Behind(
            self._work, name="behind", pause=HOUR, enough=100, most=300, patient=patient
        )

    def _work(self, things: list[int]) -> None:
        self.began.set()
        assert self.goes_on.wait(60)
        self.done.append(things)


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow()
    yield made
    made.goes_on.set()
    made.behind.close()


def test_nothing_is_done_before_its_time_and_then_all_at_once(slow) -> None:
    slow.goes_on.set()
    for number in range(9):
        assert slow.behind.put(number, 10)
    assert not slow.done
    assert slow.behind.flush()
    assert slow.done == [list(range(9))]


def test_enough_is_done_at_once(slow) -> None:
    slow.behind.put(1, 99)
    slow.behind.put(2, 1)
    assert slow.began.wait(60)


def test_what_is_beyond_is_refused_until_there_is_room_again(slow) -> None:
    slow.behind.put(0, 5_000)  # larger than all that may wait, but nothing waits
    assert slow.began.wait(60)
    assert [slow.behind.put(n, 100) for n in range(1, 5)] == [True, True, True, False]
    slow.goes_on.set()
    assert slow.behind.flush()
    assert slow.behind.put(5, 100)
    slow.behind.close()
    assert slow.done == [[0], [1, 2, 3], [5]]


def test_the_patient_wait_for_room() -> None:
    slow = Slow(patient=True)

    def fill() -> None:
        for number in range(50):
            slow.behind.put(number, 100)

    filling = threading.Thread(target=fill)
    filling.start()
    assert slow.began.wait(60)
    slow.goes_on.set()
    filling.join(60)
    slow.behind.close()
    assert [n for things in slow.done for n in things] == list(range(50))


def test_closing_does_all_and_another_thing_begins_anew(slow) -> None:
    slow.goes_on.set()
    assert slow.behind.close(), "nothing was put"
    slow.behind.put(1, 1)
    assert slow.behind.close()
    slow.behind.put(2, 1)
    assert slow.behind.close()
    assert slow.done == [[1], [2]]


def test_a_flush_says_where_it_was_not_in_time(slow) -> None:
    slow.behind.put(1, 1)
    assert not slow.behind.flush(timeout=0.01)
    slow.goes_on.set()
    assert slow.behind.flush()
