"""Finds the feeds of a site from one of its addresses.

Every candidate is fetched and read before it is named. This module must not fetch by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from monitor.model import Fetched, FetchFailed

Get = Callable[[str], Awaitable[Fetched | FetchFailed]]


@dataclass(frozen=True, slots=True)
class Found:
    """A feed or sitemap that was fetched and read. `kind` is feed or sitemap, as feeds.yaml has it;
    `newest` is the latest date among its entries, None where none has one."""

    url: str
    kind: str
    title: str
    entries: int
    newest: datetime | None


async def discover(url: str, get: Get) -> tuple[Found, ...]:
    """The feeds and sitemaps of the site that `url` belongs to, the best first; none where there
    are none. `get` fetches an address. Raises FeedError where the address itself cannot be had."""
    raise NotImplementedError
