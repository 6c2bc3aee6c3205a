"""One channel's sender: a thread of its own, so that a channel that hangs delays no other.

It keeps the deliveries that wait, tries each when it is due, oldest first, and pauses the whole
channel while the other side is down or refuses us. How a try is made and recorded is handed in;
this module must know neither services nor ledgers.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from monitor.errors import RasidError
from monitor.model import Delivery, LedgerRecord, LedgerState
from monitor.ports import Clock

log = logging.getLogger("rasid.outbox")

PATIENCE = 3  # failures in a row, after which only the oldest delivery is tried
LONGEST_WAIT = 30.0  # seconds between looks at the clock, which may be set meanwhile
AFTER_FAULT = 60.0  # seconds until a try that our own side spoilt (full disk) is made again


@dataclass(order=True, slots=True)
class _Waiting:
    due: float
    made_at: float
    number: int
    delivery: Delivery = field(compare=False)
    unreachable: bool = field(default=False, compare=False)


class Sender:
    """Sends a channel's deliveries as they become due. Its methods are safe in any thread."""

    def __init__(
        self, name: str, attempt: Callable[[Delivery], LedgerRecord], *, clock: Clock
    ) -> None:
        self.name = name
        self._attempt = attempt
        self._clock = clock
        self._heap: list[_Waiting] = []
        self._known: set[str] = set()
        self._numbers = itertools.count()
        self._failures = 0
        self._paused_until = 0.0
        self._stopping = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=f"sender {name}", daemon=True)

    def start(self) -> None:
        """Starts the thread. It is a daemon thread: a send that hangs does not hold up the exit."""
        self._thread.start()

    def submit(self, deliveries: Iterable[tuple[Delivery, float]]) -> None:
        """Adds deliveries with the moment each is due; one that waits already is passed over."""
        with self._changed:
            for delivery, due in deliveries:
                if delivery.id not in self._known:
                    self._known.add(delivery.id)
                    self._push(delivery, due)
            self._changed.notify()

    def stop(self, timeout: float) -> bool:
        """Begins no further send and waits for the one under way; False where it goes on."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _push(self, delivery: Delivery, due: float, *, unreachable: bool = False) -> None:
        number = next(self._numbers)
        waiting = _Waiting(due, delivery.made_at, number, delivery, unreachable)
        heapq.heappush(self._heap, waiting)

    def _run(self) -> None:
        while (delivery := self._next()) is not None:
            try:
                record = self._attempt(delivery)
            except RasidError as error:
                log.error("%s: %s", self.name, error)
                self._again(delivery)
            except Exception:
                # A fault of ours on one message must end neither the thread nor the message.
                log.exception("%s: fault while sending", self.name)
                self._again(delivery)
            else:
                self._learn(delivery, record)

    def _next(self) -> Delivery | None:
        with self._changed:
            while not self._stopping:
                wait = self._wait()
                if wait <= 0:
                    return heapq.heappop(self._heap).delivery
                self._changed.wait(min(wait, LONGEST_WAIT))
            return None

    def _wait(self) -> float:
        if not self._heap:
            return LONGEST_WAIT
        return max(self._heap[0].due, self._paused_until) - self._clock()

    def _again(self, delivery: Delivery) -> None:
        with self._changed:
            self._push(delivery, self._clock() + AFTER_FAULT)

    def _learn(self, delivery: Delivery, record: LedgerRecord) -> None:
        with self._changed:
            if record.settled:
                self._known.discard(delivery.id)
                self._failures, self._paused_until = 0, 0.0
                self._release()
                return
            due = record.next_at if record.next_at is not None else self._clock() + AFTER_FAULT
            self._failures += 1
            if record.state is LedgerState.HELD or self._failures >= PATIENCE:
                self._paused_until = due
            self._push(delivery, due, unreachable=record.code is None)

    def _release(self) -> None:
        """The other side answers again: what failed for want of an answer is due at once."""
        for waiting in self._heap:
            if waiting.unreachable:
                waiting.due, waiting.unreachable = waiting.made_at, False
        heapq.heapify(self._heap)
