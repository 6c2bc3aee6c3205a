"""Runs blocking calls in daemon threads, awaited from the event loop.

A name server that hangs or a document that takes long must neither hold up the loop, nor use up
the few threads of asyncio's own executor, nor keep the process from ending: an executor's
threads are joined at exit. This module must not bound how many calls run: its callers do.
"""

from __future__ import annotations

import asyncio
import queue
import threading
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
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._busy = 0

    async def run(self, call: Callable[[], T]) -> T:
        """What `call` returns or raises. If the caller is cancelled, the call goes on unheard."""
        work, future = _awaited(call)
        self._calls.put(work)
        self._staff(_FEW)
        hurry = asyncio.get_running_loop().call_later(_PATIENCE, self._staff, None)
        try:
            return await future
        finally:
            hurry.cancel()

    def _staff(self, most: int | None) -> None:
        """Starts a thread where calls wait and none is free; `most` None: always."""
        with self._lock:
            free = self._threads - self._busy
            if self._calls.qsize() <= free or (most is not None and self._threads >= most):
                return
            self._threads += 1
        threading.Thread(target=self._serve, name=self._name, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                work = self._calls.get(timeout=_IDLE)
            except queue.Empty:
                if self._leave():
                    return
                continue
            with self._lock:
                self._busy += 1
            work()
            with self._lock:
                self._busy -= 1

    def _leave(self) -> bool:
        """Whether this thread may end: not where a call came in at the very last moment."""
        with self._lock:
            if self._calls.qsize():
                return False
            self._threads -= 1
            return True


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
