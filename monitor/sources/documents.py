"""Reads a whole document of any kind of source, in the process that it is called in: a worker's,
which finds the identities of a feed's entries as well, so that the daemon's need not.

This module must hold nothing but the choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from monitor.core.feeds.identity import identify
from monitor.errors import FeedError
from monitor.model import ParsedFeed
from monitor.sources.reader import read_whole
from monitor.sources.sitemap import read_sitemap


def read_document(
    data: bytes,
    headers: Mapping[str, str],
    url: str,
    *,
    kind: str = "feed",
    selector: str | None = None,
) -> ParsedFeed:
    """A document of that kind: feed (with identities), sitemap, or page with the CSS selector of
    its links; the other arguments are those of read_feed. Raises FeedError where it is none."""
    if kind == "feed":
        feed = read_whole(data, headers, url)
        return replace(feed, identities=identify(feed.entries))
    told = {name.lower(): value for name, value in headers.items()}.get("content-type", "")
    if kind == "sitemap":
        return read_sitemap(data, told, url)
    if not selector:
        raise FeedError("a page cannot be read without a selector")
    from monitor.sources.page import read_page  # its library takes 10 MB, and few need it

    return read_page(data, told, url, selector)
