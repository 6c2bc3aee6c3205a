"""Documents read by feedparser in the test's own process: where processes are not the point."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.model import Feed, Page, ParsedFeed
from monitor.sources.documents import read_document


class InProcess:
    """Reads whole documents for a sources.reader.Reader, and keeps those that it got. `helps`: it
    is to pass for a free process."""

    def __init__(self, *, helps: bool = False) -> None:
        self.bodies: list[bytes] = []
        self.helps = helps

    async def read(
        self,
        body: bytes,
        headers: Mapping[str, str],
        url: str,
        *,
        kind: str = "feed",
        selector: str | None = None,
    ) -> ParsedFeed:
        self.bodies.append(body)
        return read_document(body, headers, url, kind=kind, selector=selector)

    async def aclose(self) -> None:
        """There is nothing to end."""


class NoPages:
    """For pipelines whose feeds ask for no page of an entry."""

    async def read(self, link: str, feed: Feed) -> Page:
        raise AssertionError(f"asked for {link}")
