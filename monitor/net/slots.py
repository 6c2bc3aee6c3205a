"""How many exchanges run at once, in all and on one host.

Its limits may change while exchanges run, and it outlives the clients that ask for places: a server
that may be asked twice at once must not be asked four times because a configuration was read again.
This module must know nothing of exchanges.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import AbstractAsyncContextManager
from weakref import WeakValueDictionary


class Slots:
    """For one event loop, and as many clients as like."""

    def __init__(self, concurrency: int, per_host: int) -> None:
        self._all = _Gate(concurrency)
        self._per_host = per_host
        self._hosts: WeakValueDictionary[str, _Gate] = WeakValueDictionary()

    def limit(self, concurrency: int, per_host: int) -> None:
        """Sets new limits. Those who run go on, however few may."""
        self._all.limit(concurrency)
        self._per_host = per_host
        for gate in self._hosts.values():
            gate.limit(per_host)

    def of(self, host: str) -> AbstractAsyncContextManager[None]:
        """A place, once there is one: the host's first, so that a busy host holds up no other."""
        return _Place(self._hosts.setdefault(host, _Gate(self._per_host)), self._all)


class _Gate:
    """A semaphore whose limit may change. Who waits longest is first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._busy = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def limit(self, most: int) -> None:
        self._most = most
        self._let_in()

    async def enter(self) -> None:
        if self._busy < self._most:  # else others would wait
            self._busy += 1
            return
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():  # let in a moment ago
                self.leave()
            raise

    def leave(self) -> None:
        self._busy -= 1
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self._busy < self._most:
            first = self._waiting.popleft()
            if not first.cancelled():  # who was cancelled waits no more
                self._busy += 1
                first.set_result(None)


class _Place(AbstractAsyncContextManager[None]):
    """A place behind two gates. It holds on to the host's gate while it is wanted."""

    def __init__(self, own: _Gate, shared: _Gate) -> None:
        self._own = own
        self._shared = shared

    async def __aenter__(self) -> None:
        await self._own.enter()
        try:
            await self._shared.enter()
        except BaseException:
            self._own.leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._shared.leave()
        self._own.leave()
