"""Documents that are packed themselves (sitemap.xml.gz, feed.xml.gz), or come in a coding that no
header tells. This module must not unpack more than it is asked for, whatever a few bytes may grow
to.
"""

from __future__ import annotations

import zlib

from monitor.errors import FeedError
from monitor.net.body import body_reader
from monitor.net.exchange import RefusedError

_GZIP = b"\x1f\x8b"  # RFC 1952 section 2.3.1
_MOST_LAYERS = 2
_MOST_MEMBERS = 1_000  # of one file
_AUTOMATIC = 32 + zlib.MAX_WBITS  # gzip or zlib, by its head
_PIECE = 16_384  # bytes; what a broken piece holds is lost with it
_TEXT = frozenset((9, 10, 13, *range(32, 127)))


def is_packed(data: bytes) -> bool:
    """Whether a document is a gzip file."""
    return data.startswith(_GZIP)


def unpacked(data: bytes, limit: int) -> bytes:
    """The document itself, or the one in a gzip file: that of at most `limit` bytes. Raises
    FeedError where it does not come out whole."""
    if not is_packed(data):
        return data
    reader = body_reader(packed=True, limit=limit)
    try:
        reader.feed(data)
        return reader.close()
    except RefusedError as error:
        raise FeedError(error.detail) from error


def salvaged(data: bytes, most: int) -> bytes:
    """The bytes themselves, or what they hold where they are gzip, zlib or deflate: at most `most`
    and one more. What breaks off, or has a wrong check sum, is given as far as it goes; what turns
    out to be nothing of the kind is given back."""
    for _ in range(_MOST_LAYERS):
        window = _window(data)
        if window is None:
            break
        found = _inflated(data, window, most + 1)
        if not found:
            break
        data = found
    return data


def _window(data: bytes) -> int | None:
    """How zlib is to read it; None for what is not packed."""
    if data.startswith(_GZIP) or (data[:1] == b"x" and int.from_bytes(data[:2], "big") % 31 == 0):
        return _AUTOMATIC
    is_wide = data[1:2] == b"\x00"  # a letter in UTF-16 or UTF-32: {, say
    odd = len(data) > 8 and sum(byte in _TEXT for byte in data[:32]) < 24
    if odd and data[0] & 6 in (2, 4) and not is_wide:
        return -zlib.MAX_WBITS  # deflate without a head begins with a block of a known kind
    return None


def _inflated(data: bytes, window: int, most: int) -> bytes:
    """At most that much of what is packed: of gzip all members, one after another (RFC 1952
    section 2.2)."""
    found = bytearray()
    start = 0
    for _ in range(_MOST_MEMBERS):
        end = _member(data, start, window, most, found)
        if end is None or not data.startswith(_GZIP, end) or len(found) >= most:
            break
        start = end
    return bytes(found)


def _member(data: bytes, start: int, window: int, most: int, found: bytearray) -> int | None:
    """Adds what one member holds; gives where it ends, None for one that is not whole."""
    unpacker = zlib.decompressobj(window)
    before = len(found)
    try:
        for at in range(start, len(data), _PIECE):
            piece = data[at : at + _PIECE]
            found += unpacker.decompress(piece, most - len(found))
            if unpacker.eof:
                return at + len(piece) - len(unpacker.unused_data)
            if len(found) >= most:
                break
    except zlib.error:  # what came before it may be most of the feed
        pass
    if window != _AUTOMATIC:
        del found[before:]
    return None
