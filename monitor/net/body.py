"""Reads the body of an answer within limits: of bytes on the wire and of bytes unpacked.

A few hundred bytes of gzip can unpack to gigabytes, and a body may never end; so each chunk is
unpacked no further than there is room for. What is refused is told as too-large, coding or
cut-off. A reader takes each chunk as it arrives and waits for nothing, so that what is on its way
is never buffered beside it. This module must know nothing of HTTP libraries.
"""

from __future__ import annotations

import zlib

from monitor.net.exchange import RefusedError

_GZIP_OR_ZLIB = 47  # zlib's window bits: 15 of window, and 32 to tell the two headers apart
_STEP = 262_144  # bytes unpacked at a time: zlib holds them twice while it works
_MOST_MEMBERS = 100  # of one gzip body: more is no document but an attack on the CPU


def is_gzip(coding: str) -> bool:
    """Whether a Content-Encoding says gzip; False for none. Raises RefusedError for all others,
    of which we asked for none."""
    named = [name for name in map(str.strip, coding.lower().split(",")) if name != "identity"]
    if named in ([], [""]):
        return False
    if named in (["gzip"], ["x-gzip"]):
        return True
    raise RefusedError("coding", f"the content coding {coding[:40]} was not asked for")


def body_reader(*, packed: bool, limit: int) -> BodyReader:
    """What takes a body of at most `limit` bytes, both on the wire and unpacked."""
    return _Gunzip(limit) if packed else BodyReader(limit)


class BodyReader:
    """Takes a body as it comes. `feed` and `close` raise RefusedError."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._wire = 0
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> None:
        """The next bytes as they were on the wire."""
        self._wire += len(chunk)
        if self._wire > self._limit:
            raise RefusedError("too-large", f"the answer is larger than {self._limit} bytes")
        self._take(chunk)

    def close(self) -> bytes:
        """The whole body, once the answer has ended."""
        return b"".join(self._parts)

    def _take(self, chunk: bytes) -> None:
        self._keep(chunk)

    def _keep(self, part: bytes) -> None:
        self._parts.append(part)
        self._size += len(part)
        if self._size > self._limit:
            raise RefusedError("too-large", f"the document is larger than {self._limit} bytes")

    def _room(self) -> int:
        return self._limit - self._size


class _Gunzip(BodyReader):
    """Unpacks gzip, several members one after another too (RFC 1952 section 2.2)."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._member = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._members = 1
        self._begun = False

    def _take(self, chunk: bytes) -> None:
        while chunk:
            if self._member.eof:
                if not chunk.startswith(b"\x1f"):
                    return  # padding or junk behind the last member
                self._next_member()
            self._begun = True
            try:
                self._keep(self._member.decompress(chunk, min(self._room() + 1, _STEP)))
            except zlib.error as error:
                raise RefusedError("coding", "the body is no gzip, though it says so") from error
            chunk = self._member.unused_data or self._member.unconsumed_tail

    def _next_member(self) -> None:
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise RefusedError("coding", f"the body has more than {_MOST_MEMBERS} gzip members")
        self._member = zlib.decompressobj(_GZIP_OR_ZLIB)

    def close(self) -> bytes:
        if self._begun and not self._member.eof:
            raise RefusedError("cut-off", "the gzip body ends before its end")
        return super().close()
