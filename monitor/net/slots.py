"""How many exchanges run at once, in all and on one host.

Its limits may change while exchanges run, and it outlives the clients that ask for places: a server
that may be asked twice at once must not be asked four times because a configuration was read again.
This module must know nothing of exchanges.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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

    @asynccontextmanager
    async def of(self, host: str) -> AsyncIterator[None]:
        """A place, once there is one: the host's first, so that a busy host holds up no other."""
        own = self._hosts.setdefault(host, _Gate(self._per_host))
        async with own, self._all:
            yield


class _Gate:
    """A semaphore whose limit may change. Who waits longest is first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._busy = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def limit(self, most: int) -> None:
        self._most = most
        self._let_in()

    async def __aenter__(self) -> None:
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        self._let_in()
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():  # let in a moment ago
                self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        self._busy -= 1
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self._busy < self._most:
            first = self._waiting.popleft()
            if not first.cancelled():  # who was cancelled waits no more
                self._busy += 1
                first.set_result(None)
