"""Work that nobody waits for: taken over at once, done a moment later, much of it at a time, by a
thread of its own.

    put -> what waits, up to so many bytes -> after a pause, or when there is enough: work([...])

Where the work does not keep up, what is put is refused, or held up for those who would rather wait.
This module must not know what the work is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_ENDING: Final = 15.0  # seconds in which all has to be done at the end; systemd gives us 30


class Behind(Generic[T]):
    """`work`, which must raise nothing, gets what was put in the last `pause` seconds, sooner where
    that has `enough` bytes. At most `most` bytes wait: what is beyond is refused, or where it is
    `patient` waits for its place. Any thread may put."""

    def __init__(
        self,
        work: Callable[[list[T]], None],
        *,
        name: str,
        pause: float,
        enough: int,
        most: int,
        patient: bool = False,
    ) -> None:
        self._work = work
        self._name = name
        self._pause = pause
        self._enough = enough
        self._most = most
        self._patient = patient
        self._changed = threading.Condition()  # guards all that follow
        self._waiting: list[T] = []
        self._bytes = 0  # of what waits
        self._put = self._done = 0  # how many so far
        self._hurried = False
        self._thread: threading.Thread | None = None

    def put(self, thing: T, size: int) -> bool:
        """Takes a thing of so many bytes, and says whether it did."""
        with self._changed:
            if self._patient:
                self._changed.wait_for(lambda: self._bytes + size <= self._most or not self._bytes)
            elif self._bytes and self._bytes + size > self._most:
                return False
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
                self._thread.start()
            self._waiting.append(thing)
            self._bytes += size
            self._put += 1
            if len(self._waiting) == 1 or self._bytes >= self._enough:
                self._changed.notify_all()
            return True

    def flush(self, timeout: float | None = None) -> bool:
        """Waits until all is done that was put before; False where it was not in time."""
        with self._changed:
            wanted = self._put
            self._hurried = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._done >= wanted, timeout)

    def close(self) -> bool:
        """Has all done that was put, and ends the thread, which the next thing starts again; False
        where that took too long, and it is left to itself."""
        with self._changed:
            thread, self._thread = self._thread, None
            self._changed.notify_all()
        if thread is not None:
            thread.join(None if self._patient else _ENDING)
        return thread is None or not thread.is_alive()

    def _serve(self) -> None:
        while things := self._next():
            self._work(things)
            with self._changed:
                self._done += len(things)
                self._changed.notify_all()

    def _next(self) -> list[T]:
        """What is to be done now; nothing at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_over())
            self._changed.wait_for(
                lambda: self._hurried or self._bytes >= self._enough or self._is_over(), self._pause
            )
            things, self._waiting, self._bytes, self._hurried = self._waiting, [], 0, False
            self._changed.notify_all()
            return things

    def _is_over(self) -> bool:
        return self._thread is not threading.current_thread()
