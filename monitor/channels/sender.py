"""One channel's sender: a thread of its own, so that a channel that hangs delays no other.

It tries what its queue hands out, no faster than the channel's pace, until it is stopped; or, for
a single pass, until what is left has to wait. What the operator asks for is done in this thread,
between two tries, since it alone writes the channel's ledger. How a try is made and recorded is
handed in; this module must know neither services nor ledgers.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Final, TypeVar

from monitor.channels.pace import Pace
from monitor.channels.queue import Queue, Tried
from monitor.errors import RasidError, StateError
from monitor.model import LedgerRecord, Limit, Parcel
from monitor.ports import Clock

log = logging.getLogger("rasid.outbox")

T = TypeVar("T")

LONGEST_WAIT: Final = 30.0  # seconds between looks at the clock, which may be set meanwhile

Attempt = Callable[[Parcel], Tried]
Then = Callable[[Queue], None]
Pause = Callable[[threading.Condition, float], object]
Waiting = tuple[Parcel, LedgerRecord | None]


class Sender:
    """Sends a channel's parcels as they become due. Its methods are safe in any thread.

    `limits` with their `pace` say how fast; `on_tried` hears what came of each try, `on_error` what
    our own side spoilt. `passing`: it ends by itself once nothing is due any more. `pause` lets
    seconds pass, or less where the condition is notified."""

    def __init__(
        self,
        name: str,
        queue: Queue,
        attempt: Attempt,
        *,
        clock: Clock,
        pace: Pace | None = None,
        limits: Sequence[Limit] = (),
        on_tried: Callable[[Tried], None] = lambda _: None,
        on_error: Callable[[RasidError], None] = lambda _: None,
        passing: bool = False,
        pause: Pause = threading.Condition.wait,
    ) -> None:
        self.name = name
        self._queue = queue
        self._attempt = attempt
        self._clock = clock
        self._pace = pace or Pace()
        self._limits = limits
        self._on_tried = on_tried
        self._on_error = on_error
        self._passing = passing
        self._pause = pause
        self._orders: list[tuple[Callable[[], Then], Future[None]]] = []
        self._stopping = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=f"sender {name}", daemon=True)

    @property
    def waiting(self) -> int:
        """How many parcels wait or are being tried."""
        return len(self._queue)

    def start(self) -> None:
        """Starts the thread. It is a daemon thread: a send that hangs does not hold up the exit."""
        self._thread.start()

    def submit(self, waiting: Callable[[], Iterable[Waiting]]) -> None:
        """Adds parcels, each with its record; what waits or is being tried is passed over. They are
        asked for while nothing can be learnt, so that no record is out of date."""
        with self._changed:
            for parcel, record in waiting():
                self._queue.add(parcel, record)
            self._changed.notify()

    def order(self, work: Callable[[], Then]) -> Future[None]:
        """Has something done in this thread before its next try: `work`, then what it gives, to the
        queue. The future ends when it is done, or with its error."""
        done: Future[None] = Future()
        with self._changed:
            self._orders.append((work, done))
            self._changed.notify()
        return done

    @property
    def held_back(self) -> frozenset[str]:
        """The ids of the deliveries that wait for a time that the operator wishes."""
        with self._changed:
            return self._queue.held_back

    def stop(self, timeout: float) -> bool:
        """Begins no further send and waits for the one under way; False where it goes on."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        return self.join(timeout)

    def join(self, timeout: float | None = None) -> bool:
        """Waits for the thread's end; False where it goes on."""
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (parcel := self._next()) is not None:
            try:
                tried = self._attempt(parcel)
            except RasidError as error:
                log.error("%s: %s", self.name, error)
                self._failed(alone=isinstance(error, StateError))  # one day's file, not the disk
                self._tell(self._on_error, error)
            except Exception:
                # A fault of ours on one message must end neither the thread nor the message.
                log.exception("%s: fault while sending", self.name)
                self._failed(alone=True)
            else:
                with self._changed:
                    self._queue.learn(tried, self._clock())
                self._tell(self._on_tried, tried)

    def _next(self) -> Parcel | None:
        """The next parcel, once it is due and the pace allows it; None at the end."""
        while True:
            self._obey()
            with self._changed:
                if self._orders:
                    continue
                now = self._clock()
                wait = self._queue.wait(now)
                if self._stopping or (self._passing and wait > 0.0):
                    return None
                if wait <= 0.0:
                    wait = self._pace.take(self._limits, now)
                    if wait <= 0.0:
                        return self._queue.take(now)
                self._pause(self._changed, min(wait, LONGEST_WAIT))

    def _obey(self) -> None:
        while self._orders:
            work, done = self._orders[0]
            try:
                then = work()
                with self._changed:
                    then(self._queue)
            except Exception as error:  # noqa: BLE001 - it is told to who asked for it
                done.set_exception(error)
            else:
                done.set_result(None)
            del self._orders[0]

    def _tell(self, who: Callable[[T], None], what: T) -> None:
        try:
            who(what)
        except Exception:
            log.exception("%s: fault after a send", self.name)

    def _failed(self, *, alone: bool) -> None:
        with self._changed:
            self._queue.failed(self._clock(), alone=alone)
