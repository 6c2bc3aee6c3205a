"""Bodies that are packed themselves: feed.xml.gz as its server keeps it, or a coding that no header
tells. This module must not unpack more than it is asked for, whatever a few bytes may grow to.
"""

from __future__ import annotations

import zlib

_MOST_LAYERS = 2
_GZIP = b"\x1f\x8b\x08"
_AUTOMATIC = 32 + zlib.MAX_WBITS  # gzip or zlib, by its head
_PIECE = 16_384  # bytes; what a broken piece holds is lost with it
_TEXT = frozenset((9, 10, 13, *range(32, 127)))


def unpacked(data: bytes, most: int) -> bytes:
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
    if len(data) > 8 and data[0] & 6 in (2, 4) and sum(byte in _TEXT for byte in data[:32]) < 24:
        return -zlib.MAX_WBITS  # deflate without a head begins with a block of a known kind
    return None


def _inflated(data: bytes, window: int, most: int) -> bytes:
    unpacker = zlib.decompressobj(window)
    found = bytearray()
    try:
        for at in range(0, len(data), _PIECE):
            found += unpacker.decompress(data[at : at + _PIECE], most - len(found))
            if unpacker.eof or len(found) >= most:
                break
    except zlib.error:  # what came before it may be most of the feed
        pass
    whole = unpacker.eof or window == _AUTOMATIC
    return bytes(found) if whole else b""
