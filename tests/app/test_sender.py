"""A channel's sender: a thread that goes by its queue, and that no fault of ours ends."""

from __future__ import annotations

import threading
from collections.abc import Callable

from outbox_samples import NOON, TAKEN, numbers, single

from monitor.channels.pace import Pace
from monitor.channels.queue import Queue, Tried
from monitor.channels.sender import Sender
from monitor.core.alerts import retry
from monitor.errors import CannotWriteError, RasidError, StateError
from monitor.model import Outcome, Parcel, Rate


class Other:
    """Answers as told and notes who came; lets the test wait without sleeping."""

    def __init__(self, answer: Callable[[int, int], None] = lambda *_: None) -> None:
        self.answer = answer
        self.tried: list[int] = []
        self.times: list[float] = []
        self.errors: list[RasidError] = []
        self.now = NOON + 1000
        self._came = threading.Condition()

    def attempt(self, parcel: Parcel) -> Tried:
        with self._came:
            (number,) = numbers(parcel)
            self.tried.append(number)
            self.times.append(self.now)
            self._came.notify_all()
        self.answer(number, self.tried.count(number))
        record = retry.finish(retry.begin(None, parcel, self.now), TAKEN, self.now, jitter=1)
        return Tried(record, Outcome.SENT)

    def wait_for(self, tries: int) -> list[int]:
        with self._came:
            assert self._came.wait_for(lambda: len(self.tried) >= tries, timeout=10)
            return list(self.tried)

    def clock(self) -> float:
        return self.now

    def sender(self, *, passing: bool = False, limit: Rate | None = None) -> Sender:
        return Sender(
            "mail",
            Queue("mail", burst=100, fitting=len, eager=passing),
            self.attempt,
            clock=self.clock,
            pace=Pace(),
            limits=[("chat", limit)] if limit else [],
            on_error=self.errors.append,
            passing=passing,
            pause=self.pause,
        )

    def pause(self, changed: threading.Condition, seconds: float) -> None:
        """Lets the time pass at once; a real moment, so that others get their turn."""
        self.now += seconds
        changed.wait(0.001)


def test_it_sends_what_is_handed_over_and_stops_when_told() -> None:
    other = Other()
    sender = other.sender()
    sender.submit(lambda: [(single(n), None) for n in (2, 1)])
    sender.start()
    other.wait_for(2)
    sender.submit(lambda: [(single(3), None)])
    assert other.wait_for(3) == [1, 2, 3]
    assert sender.stop(10)


def test_for_a_single_pass_it_ends_by_itself() -> None:
    other = Other()
    sender = other.sender(passing=True, limit=Rate(2, 60.0))
    sender.submit(lambda: [(single(n), None) for n in range(5)])
    sender.start()
    assert sender.join(20)
    assert other.tried == [0, 1, 2, 3, 4]
    assert other.times[2] - other.times[0] >= 60, "the pace holds in a single pass too"


def test_a_full_disk_stops_the_channel_for_a_while_and_a_bad_file_only_its_message() -> None:
    def answer(number: int, count: int) -> None:
        if count == 1 and number == 1:
            raise CannotWriteError("no space left")
        if count == 1 and number == 2:
            raise StateError("a day's file is corrupt")
        if count == 1 and number == 3:
            message = "a bug"
            raise ZeroDivisionError(message)

    other = Other(answer)
    sender = other.sender()
    sender.submit(lambda: [(single(n), None) for n in (1, 2, 3, 4)])
    sender.start()
    tried = other.wait_for(7)
    assert sender.stop(10)
    assert tried[:2] == [1, 1]
    assert sorted(tried) == [1, 1, 2, 2, 3, 3, 4]
    assert [type(error) for error in other.errors] == [CannotWriteError, StateError]


def test_what_the_operator_asks_for_is_done_between_two_tries() -> None:
    other = Other()
    sender = other.sender()
    asked: list[str] = []

    def ask() -> Callable[[Queue], None]:
        asked.append(threading.current_thread().name)
        return lambda queue: asked.append(str(len(queue)))

    def fail() -> Callable[[Queue], None]:
        raise CannotWriteError("no space left")

    done, failed = sender.order(ask), sender.order(fail)
    sender.start()
    done.result(10)
    assert isinstance(failed.exception(10), CannotWriteError)
    assert asked == ["sender mail", "0"]
    sender.submit(lambda: [(single(1), None)])
    other.wait_for(1)
    assert sender.stop(10)


def test_a_hung_send_does_not_hold_up_the_stop() -> None:
    gate = threading.Event()
    other = Other(lambda *_: gate.wait(20) and None)
    sender = other.sender()
    sender.submit(lambda: [(single(1), None)])
    sender.start()
    other.wait_for(1)
    assert not sender.stop(0.0)
    gate.set()
    assert sender.stop(10)
