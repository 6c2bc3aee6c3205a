"""A channel's sender: order, pauses, and that nothing is lost by a fault of ours."""

from __future__ import annotations

import threading
from collections.abc import Callable

from monitor.channels.sender import PATIENCE, Sender
from monitor.errors import CannotWriteError
from monitor.model import Delivery, LedgerRecord, LedgerState, Marked, Story

NOW = 1_700_000_000.0


def delivery(number: int) -> Delivery:
    story = Story(f"a{number}", Marked("عنوان"), (), None, "وكالة", None)
    return Delivery(f"d{number:03}", "mail", NOW + number, story, ())


class Other:
    """The other side: answers as told, and notes who came; lets the test wait without sleeping."""

    def __init__(self, answer: Callable[[str, int], LedgerRecord]) -> None:
        self.answer = answer
        self.tried: list[str] = []
        self._came = threading.Condition()
        self.now = NOW + 1000

    def attempt(self, delivery: Delivery) -> LedgerRecord:
        with self._came:
            self.tried.append(delivery.id)
            count = self.tried.count(delivery.id)
            try:
                return self.answer(delivery.id, count)
            finally:
                self._came.notify_all()

    def wait_for(self, tries: int) -> list[str]:
        with self._came:
            assert self._came.wait_for(lambda: len(self.tried) >= tries, timeout=10)
            return list(self.tried)

    def clock(self) -> float:
        return self.now


def record(state: LedgerState, *, at: float | None = None, code: int | None = 250) -> LedgerRecord:
    return LedgerRecord("d", state, NOW, attempts=1, next_at=at, code=code)


def test_sends_oldest_first_and_each_once() -> None:
    other = Other(lambda _id, _count: record(LedgerState.SENT))
    sender = Sender("mail", other.attempt, clock=other.clock)
    waiting = [(delivery(n), NOW + n) for n in (3, 1, 2)]
    sender.submit(waiting)
    sender.submit(waiting)
    sender.start()
    assert other.wait_for(3) == ["d001", "d002", "d003"]
    assert sender.stop(5)
    assert len(other.tried) == 3


def test_a_temporary_failure_of_one_message_lets_the_others_pass() -> None:
    def answer(number: str, count: int) -> LedgerRecord:
        if number == "d001" and count == 1:
            return record(LedgerState.WAITING, at=NOW + 1000, code=451)
        return record(LedgerState.SENT)

    other = Other(answer)
    sender = Sender("mail", other.attempt, clock=other.clock)
    sender.submit((delivery(n), NOW + n) for n in (1, 2))
    sender.start()
    assert sorted(other.wait_for(3)) == ["d001", "d001", "d002"]
    assert sender.stop(5)


def test_a_dead_server_is_not_tried_with_every_message() -> None:
    other = Other(lambda _id, _count: record(LedgerState.WAITING, at=NOW + 9000, code=None))
    sender = Sender("mail", other.attempt, clock=other.clock)
    sender.submit((delivery(n), NOW + n) for n in range(50))
    sender.start()
    other.wait_for(PATIENCE)
    assert sender.stop(5)
    assert len(other.tried) == PATIENCE


def test_a_refusing_channel_is_left_alone_at_once() -> None:
    other = Other(lambda _id, _count: record(LedgerState.HELD, at=NOW + 9000, code=535))
    sender = Sender("mail", other.attempt, clock=other.clock)
    sender.submit((delivery(n), NOW + n) for n in range(50))
    sender.start()
    other.wait_for(1)
    assert sender.stop(5)
    assert other.tried == ["d000"]


def test_once_the_other_side_answers_again_all_that_waited_goes_out() -> None:
    def answer(number: str, count: int) -> LedgerRecord:
        if number in ("d000", "d001") and count == 1:
            return record(LedgerState.WAITING, at=NOW + 9000, code=None)
        return record(LedgerState.SENT)

    other = Other(answer)
    sender = Sender("mail", other.attempt, clock=other.clock)
    sender.submit((delivery(n), NOW + n) for n in range(3))
    sender.start()
    assert other.wait_for(5) == ["d000", "d001", "d002", "d000", "d001"]
    assert sender.stop(5)


def test_a_full_disk_or_a_fault_of_ours_ends_neither_thread_nor_message() -> None:
    def answer(number: str, count: int) -> LedgerRecord:
        other.now += 100
        if number == "d000" and count == 1:
            raise CannotWriteError("no space left")
        if number == "d001" and count == 1:
            message = "a bug"
            raise ZeroDivisionError(message)
        return record(LedgerState.SENT)

    other = Other(answer)
    sender = Sender("mail", other.attempt, clock=other.clock)
    sender.submit((delivery(n), NOW + n) for n in range(3))
    sender.start()
    assert sorted(other.wait_for(5)) == ["d000", "d000", "d001", "d001", "d002"]
    assert sender.stop(5)


def test_a_hung_send_does_not_hold_up_the_stop() -> None:
    gate = threading.Event()

    def answer(_number: str, _count: int) -> LedgerRecord:
        gate.wait(20)
        return record(LedgerState.SENT)

    entered = threading.Event()
    other = Other(answer)

    def attempt(waiting: Delivery) -> LedgerRecord:
        entered.set()
        return answer(waiting.id, 1)

    sender = Sender("mail", attempt, clock=other.clock)
    sender.submit([(delivery(1), NOW)])
    sender.start()
    assert entered.wait(10)
    assert not sender.stop(0.0)
    gate.set()
    assert sender.stop(10)
