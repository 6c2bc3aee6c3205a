"""Runs blocking calls in daemon threads, awaited from the event loop.

A name server that hangs or a document that takes long must neither hold up the loop, nor use up
the few threads of asyncio's own executor, nor keep the process from ending: an executor's
threads are joined at exit. This module must not bound how many calls run: its callers do.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_FEW = 8  # threads that start at once; short calls in any number need no more
_PATIENCE = 0.1  # seconds that a call waits for one of them before it gets a thread of its own
_IDLE = 10.0  # seconds after which a thread without work ends


async def in_thread(call: Callable[[], T], name: str) -> T:
    """What `call` returns or raises. If the caller is cancelled, the thread goes on unheard."""
    work, future = _awaited(call)
    threading.Thread(target=work, name=name, daemon=True).start()
    return await future


class Threads:
    """Threads that many short calls share, from any event loop.

    A hundred calls at once start a few threads, not a hundred; but where the few all hang, each
    further call gets a thread of its own after a moment, so that what hangs holds up no other."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition()  # guards all of these
        self._threads = 0
        self._free = 0

    async def run(self, call: Callable[[], T]) -> T:
        """What `call` returns or raises. If the caller is cancelled, the call is dropped, or goes
        on unheard where it has begun."""
        work, future = _awaited(call)
        with self._changed:
            self._calls.append(work)
            if len(self._calls) > self._free and self._threads < _FEW:
                self._start()
            self._changed.notify()
        hurry = asyncio.get_running_loop().call_later(_PATIENCE, self._hurry, work)
        try:
            return await future
        finally:
            hurry.cancel()
            self._forget(work)

    def _hurry(self, work: Callable[[], None]) -> None:
        """One thread more for a call that none has taken up."""
        with self._changed:
            if work in self._calls:
                self._start()

    def _forget(self, work: Callable[[], None]) -> None:
        with self._changed:
            if work in self._calls:
                self._calls.remove(work)

    def _start(self) -> None:
        threading.Thread(target=self._serve, name=self._name, daemon=True).start()
        self._threads += 1
        self._free += 1

    def _serve(self) -> None:
        while (work := self._next()) is not None:
            work()
            del work  # which holds on to the caller's event loop
            with self._changed:
                self._free += 1

    def _next(self) -> Callable[[], None] | None:
        """The call to make next; None where none came for a while, and this thread ends."""
        with self._changed:
            self._changed.wait_for(lambda: self._calls, timeout=_IDLE)
            self._free -= 1
            if self._calls:
                return self._calls.popleft()
            self._threads -= 1
            return None


def _awaited(call: Callable[[], T]) -> tuple[Callable[[], None], asyncio.Future[T]]:
    """The work for a thread, and what the running event loop awaits of it."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def work() -> None:
        try:
            result = call()
        except BaseException as error:  # noqa: BLE001 (handed to the caller, whatever it is)
            _tell(loop, future, None, error)
        else:
            _tell(loop, future, result, None)

    return work, future


def _tell(
    loop: asyncio.AbstractEventLoop,
    future: asyncio.Future[T],
    result: T | None,
    error: BaseException | None,
) -> None:
    def settle() -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]  # None only where T allows it
        else:
            future.set_exception(error)

    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:
        return  # the loop has been closed: nobody listens any more
