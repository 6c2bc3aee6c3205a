"""Reads the pages that entries link to, politely: within the guard and limits of every exchange, on
each host one fewer at once than it stands, so that feeds there find a place, and no more than it
would have of a diligent reader.

This module must not know why a page is wanted, nor what becomes of its text.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from monitor.errors import FeedError, RasidError
from monitor.model import Feed, Fetched, FetchFailed, Page, PageFailed, PageText
from monitor.net.exchange import plain_detail
from monitor.sources.reader import WholeParser

MOST_A_MINUTE: Final = 30  # pages of one host
_MINUTE: Final = 60.0
_LASTING: Final = frozenset(("blocked", "url", "redirects", "too-large", "coding"))
_PASSING: Final = frozenset((408, 425, 429))
_BUSY: Final = frozenset((429, 503))  # of a host, not of one page
_PAGES: Final = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")

Get = Callable[[str, Feed], Awaitable[Fetched | FetchFailed]]


class WebPages:
    """`get` fetches a page, `whole` finds its text, in another process. `at_once` is how many pages
    one host is asked for at the same time; `elapsed` is a clock that nobody sets. Use it inside one
    event loop."""

    def __init__(
        self, get: Get, whole: WholeParser, *, at_once: int, elapsed: Callable[[], float]
    ) -> None:
        self._get = get
        self._whole = whole
        self._at_once = at_once
        self._elapsed = elapsed
        self._hosts: WeakValueDictionary[str, _Host] = WeakValueDictionary()
        self._recent: deque[_Host] = deque(maxlen=1_000)  # what they were asked is remembered

    async def read(self, link: str, feed: Feed) -> Page:
        """The main text of a page, once its host may be asked. A host has its place until its page
        is read, so that one with slow pages does not fill the processes either."""
        async with self._place(link) as host:
            if (wait := host.asks_for(self._elapsed())) > 0.0:
                return PageFailed("its server asked for patience", retry_after=wait)
            await self._turn(host)
            return await self._read(link, feed, host)

    async def _read(self, link: str, feed: Feed, host: _Host) -> Page:
        answer = await self._get(link, feed)
        if isinstance(answer, FetchFailed):
            if answer.status in _BUSY and answer.retry_after is not None:
                host.free_at = self._elapsed() + answer.retry_after
            return _failed(answer)
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind and kind not in _PAGES:
            return PageFailed(plain_detail(f"no page, but {kind}"), lasting=True)
        try:
            found = await self._whole.read(answer.body, answer.headers, answer.url)
        except RasidError as error:
            return PageFailed(plain_detail(str(error)), lasting=isinstance(error, FeedError))
        if not found.entries:
            return PageFailed("no text was found in the page", lasting=True)
        return PageText(found.entries[0].text)

    async def aclose(self) -> None:
        """Ends the processes."""
        await self._whole.aclose()

    @asynccontextmanager
    async def _place(self, link: str) -> AsyncIterator[_Host]:
        try:
            name = urlsplit(link).hostname or ""
        except ValueError:  # an address that will be refused when it is asked
            name = ""
        host = self._hosts.setdefault(name, _Host(self._at_once))
        async with host.places:
            yield host

    async def _turn(self, host: _Host) -> None:
        """Waits until one page more may be asked for; several may wait for one turn."""
        while (wait := host.wait(self._elapsed())) > 0.0:
            await asyncio.sleep(wait)
        host.asked.append(self._elapsed())
        if host not in self._recent:
            self._recent.append(host)


class _Host:
    """Who is asked for pages, and when it was."""

    def __init__(self, at_once: int) -> None:
        self.places = asyncio.Semaphore(at_once)
        self.asked: deque[float] = deque(maxlen=MOST_A_MINUTE)
        self.free_at = 0.0

    def asks_for(self, now: float) -> float:
        """Seconds for which it asked not to be asked (429 and 503: RFC 6585, RFC 9110)."""
        return self.free_at - now

    def wait(self, now: float) -> float:
        """Seconds until it may be asked for one page more."""
        full = len(self.asked) == MOST_A_MINUTE
        return max(self.asked[0] + _MINUTE - now, 0.0) if full else 0.0


def _failed(answer: FetchFailed) -> PageFailed:
    status = answer.status
    refused = status is not None and 400 <= status < 500 and status not in _PASSING
    lasting = answer.kind in _LASTING or refused
    reason = f"{answer.kind}: {answer.detail}"
    return PageFailed(reason, lasting=lasting, retry_after=answer.retry_after)
