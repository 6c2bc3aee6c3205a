"""Unpacks documents that are gzip files themselves (sitemap.xml.gz), whatever the transfer did.

This module must not unpack beyond the limit that a body has.
"""

from __future__ import annotations

from monitor.errors import FeedError
from monitor.net.body import body_reader
from monitor.net.exchange import RefusedError

_GZIP = b"\x1f\x8b"  # RFC 1952 section 2.3.1


def is_packed(data: bytes) -> bool:
    """Whether a document is a gzip file."""
    return data.startswith(_GZIP)


def unpacked(data: bytes, limit: int) -> bytes:
    """The document in a gzip file, of at most `limit` bytes; FeedError where it is none."""
    reader = body_reader(packed=True, limit=limit)
    try:
        reader.feed(data)
        return reader.close()
    except RefusedError as error:
        raise FeedError(error.detail) from error
