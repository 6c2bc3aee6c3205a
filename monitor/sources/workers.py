"""Reads documents off the event loop, a few at a time, each within a deadline.

A thread cannot be stopped: at its deadline the poll fails and the place is free again, while the
thread goes on to its end unheard. What could keep it for long is refused before it starts
(sources.hostile). This module must not know what a document says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from monitor.errors import FeedError
from monitor.model import Fetched, ParsedFeed, Validators
from monitor.net.threads import in_thread
from monitor.sources.feed import parse_feed


class ThreadParser:
    """The parser of the daemon. `workers` documents are read at once, `deadline` seconds each.

    `read` stands in for the reading of one document. Use it inside one event loop."""

    def __init__(
        self,
        *,
        workers: int = 2,
        deadline: float = 30.0,
        read: Callable[[Fetched], ParsedFeed] | None = None,
    ) -> None:
        self._places = asyncio.Semaphore(workers)
        self._deadline = deadline
        self._read = read or _read
        self._closed = False

    async def parse(self, fetched: Fetched) -> ParsedFeed:
        """Reads a document. Raises FeedError where it is no feed, or takes too long."""
        async with self._places:
            if self._closed:
                raise FeedError("not read: closing down")
            try:
                async with asyncio.timeout(self._deadline):
                    return await in_thread(lambda: self._read(fetched), "rasid-parse")
            except TimeoutError as error:
                raise FeedError(f"not read within {self._deadline:g} s") from error

    async def read(self, body: bytes, headers: Mapping[str, str], url: str) -> ParsedFeed:
        """The same, from the parts of an answer."""
        return await self.parse(Fetched(url, headers, body, Validators(), ""))

    def close(self) -> None:
        """Begins no further document."""
        self._closed = True

    async def aclose(self) -> None:
        """The same."""
        self.close()


def _read(fetched: Fetched) -> ParsedFeed:
    return parse_feed(fetched.body, fetched.headers, fetched.url)
