"""Answers made to fill memory, or to last for ever, are refused and cost next to nothing."""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
import sys
import zlib
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from raw_server import Manner, RawServer, repeats, says, silent

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n"
LIMIT = 10_000_000
ROOM = 20_000_000  # bytes that the peak of memory may grow by
BROTLI = base64.b64decode("iz8AAAAk")  # any bytes will do: the coding is refused by its name


@cache
def zeros() -> bytes:
    """A hundred million bytes in a hundred thousand."""
    return gzip.compress(b"<rss>" + bytes(100_000_000), 6)


def coded(coding: bytes, body: bytes) -> Manner:
    length = str(len(body)).encode()
    lines = b"Content-Encoding: %b\r\nContent-Length: %b\r\n\r\n" % (coding, length)
    return says(OK, lines, body)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


REFUSED: dict[str, tuple[Manner, str]] = {
    "gzip": (coded(b"gzip", zeros()), "too-large"),
    "gzip in gzip": (coded(b"gzip, gzip", gzip.compress(zeros())), "coding"),
    "gzip, told once, in gzip": (coded(b"gzip", gzip.compress(zeros())), "answer"),
    "x-gzip": (coded(b"x-gzip", zeros()), "too-large"),
    "brotli": (coded(b"br", BROTLI), "coding"),
    "zstd": (coded(b"zstd", b"\x28\xb5\x2f\xfd\xa4\0\0\0\x20"), "coding"),
    "deflate": (coded(b"deflate", zlib.compress(bytes(LIMIT))), "coding"),
    "zlib as gzip": (coded(b"gzip", zlib.compress(bytes(LIMIT + 1))), "too-large"),
    "deflate as gzip": (coded(b"gzip", raw_deflate(bytes(LIMIT + 1))), "coding"),
    "members": (coded(b"gzip", gzip.compress(b"") * 50_000), "coding"),
    "large members": (coded(b"gzip", gzip.compress(bytes(1_000_000)) * 50), "too-large"),
    "chunked gzip": (
        says(CHUNKED, b"Content-Encoding: gzip\r\n\r\n", chunk(zeros()), chunk(b"")),
        "too-large",
    ),
    "told length": (says(OK, b"Content-Length: 10000001\r\n\r\n"), "too-large"),
    "endless": (repeats(OK + b"\r\n", bytes(100_000)), "too-large"),
    "endless chunks": (repeats(CHUNKED + b"\r\n", chunk(bytes(100_000))), "too-large"),
    "endless chunk": (repeats(CHUNKED + b"\r\nffffffffffffff\r\n", bytes(100_000)), "too-large"),
    "small chunks": (repeats(CHUNKED + b"\r\n", chunk(b"x") * 10_000), "protocol"),
    "huge header": (repeats(OK + b"X: ", b"x" * 100_000), "protocol"),
    "endless headers": (repeats(OK, b"X: y\r\n" * 1_000), "protocol"),
    "endless interim": (repeats(b"", b"HTTP/1.1 102 Wait\r\n\r\n" * 1_000), "protocol"),
    "endless trailer": (repeats(CHUNKED + b"\r\n0\r\n", b"X: y\r\n" * 1_000), "protocol"),
    "huge status": (repeats(b"HTTP/1.1 200 ", b"x" * 100_000), "protocol"),
}
SLOW: dict[str, Manner] = {
    "slow-loris": repeats(OK + b"Content-Length: 100000\r\n\r\n", b"<", pause=0.02),
    "header drip": repeats(OK + b"X: ", b"x", pause=0.02),
    "interim drip": repeats(b"", b"HTTP/1.1 102 Wait\r\n\r\n", pause=0.02),
    "silence": silent,
}


def measured(manners: dict[str, Manner], timeout: float) -> tuple[dict[str, str], int]:
    """The kinds of failure of one exchange each, by name, and by how much the peak grew."""
    with ExitStack() as stack:
        warming = stack.enter_context(RawServer(coded(b"gzip", gzip.compress(b"<rss/>")))).url()
        urls = {n: stack.enter_context(RawServer(m)).url() for n, m in manners.items()}
        script = Path(__file__).with_name("exchange_child.py")
        told = subprocess.run(
            [sys.executable, script, str(LIMIT), str(timeout), warming, *urls.values()],
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        )
    got = json.loads(told.stdout)
    return {name: got["kinds"][url] for name, url in urls.items()}, got["grown"]


def test_bombs_are_refused_within_little_memory() -> None:
    kinds, grown = measured({name: manner for name, (manner, _) in REFUSED.items()}, timeout=60)
    assert kinds == {name: kind for name, (_, kind) in REFUSED.items()}
    assert grown <= ROOM


def test_what_drips_ends_within_the_time_limit_and_little_memory() -> None:
    kinds, grown = measured(SLOW, timeout=0.3)
    assert kinds == dict.fromkeys(SLOW, "timeout")
    assert grown <= ROOM
