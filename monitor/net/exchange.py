"""The values of an HTTP exchange, and what we tell of ourselves and of failures.

This module must know nothing of HTTP libraries.
"""

from __future__ import annotations

import errno
import math
import os
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

from monitor.net.freshness import read_date

_LONGEST_DETAIL = 200
_LONGEST_RETRY = 86400.0  # a server may ask for a day's patience, not for more
# RFC 9110 section 5.1 and 5.5; more lines than fields: one of them has a line end of its own
_LINES = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [^\x00\r\n]*\r\n)*")

Headers = tuple[tuple[str, str], ...]


_REASONS = {
    errno.ECONNREFUSED: "nobody listens there",
    errno.ETIMEDOUT: "timed out",
    errno.EHOSTUNREACH: "no route there",
    errno.ENETUNREACH: "no route there",
    errno.ENETDOWN: "the network is down",
    errno.ECONNRESET: "the other side hung up",
}


def no_connection(error: OSError) -> str:
    """Why nobody could be connected to, in our words or the system's, never in Python's."""
    if not error.errno:
        return "no connection"
    return f"no connection: {_REASONS.get(error.errno) or os.strerror(error.errno)}"


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one exchange: seconds and bytes; and how many run at once, in all and on one host."""

    timeout: float
    max_bytes: int
    concurrency: int
    per_host: int


@dataclass(frozen=True, slots=True)
class Ask:
    """What to get. `conditions` are told to the one address that they speak of: `conditions_at`, or
    without that to `url`. `secrets`, and a user and password in `home`, go to the
    origin of `home` only; without `home`, to that of `url`."""

    url: str = field(repr=False)
    headers: Headers = ()
    conditions: Headers = ()
    conditions_at: str | None = field(default=None, repr=False)
    secrets: Headers = field(default=(), repr=False)
    home: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a chain of redirects. Header names are in lower case, values are bytes decoded
    as ISO-8859-1 (RFC 9110 section 5.5). `body` is unpacked, and empty unless the status is 2xx.
    `passing`: a redirect that is not permanent led here, so that it speaks of another address;
    `conditional`: the conditions were told to it."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    moved_to: str | None
    passing: bool = False
    conditional: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """An answer before its body. Names and values are those of Answer; the values of a name that
    came several times are joined by commas (RFC 9110 section 5.2)."""

    status: int
    headers: dict[str, str]

    @staticmethod
    def of(status: int, fields: Iterable[tuple[bytes, bytes]]) -> Head:
        headers: dict[str, str] = {}
        for raw_name, raw_value in fields:
            name = raw_name.decode("latin-1").lower()
            value = raw_value.strip(b" \t").decode("latin-1")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return Head(status, headers)


class Sink(Protocol):
    """Takes the body of an answer as it was on the wire. Both may raise RefusedError."""

    def feed(self, chunk: bytes) -> None:
        """The next bytes."""

    def close(self) -> bytes:
        """The body, once the answer has ended."""


Take = Callable[[Head], Sink | None]  # None: the body is not wanted, and not read
Reply = tuple[Head, bytes]


class RefusedError(Exception):
    """We will not go on with an exchange. `kind` and `detail` are those of FetchFailed."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


def field_lines(headers: Headers) -> bytes:
    """Header fields as they are sent, byte for byte. Raises RefusedError for what would end a field
    and begin another (RFC 9110 section 5.5), or cannot be told in ISO-8859-1."""
    try:
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers]).encode("latin-1")
    except UnicodeEncodeError as error:
        raise RefusedError("protocol", "a header that HTTP cannot carry") from error
    if not _LINES.fullmatch(lines) or lines.count(b"\n") != len(headers):
        raise RefusedError("protocol", "a request that HTTP does not allow")
    return lines


def user_agent(contact: str | None) -> str:
    """Who we are and where to complain, for servers' logs."""
    try:
        release = version("rasid")
    except PackageNotFoundError:  # run from a source tree that was never installed
        release = "source"
    safe = "".join(c for c in contact or "" if c.isascii() and c.isprintable() and c not in "()")
    link = f"+{safe}" if safe.startswith(("http://", "https://")) else safe
    return f"Rasid/{release} (news feed watcher{'; ' if link else ''}{link})"


def read_retry_after(value: str, now: float) -> float | None:
    """Seconds that a Retry-After asks for, at most a day (RFC 9110 section 10.2.3: seconds or a
    date); None where it asks for nothing."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        wait = float(text) if len(text) < 10 else math.inf
    else:
        until = read_date(text)
        if until is None:
            return None
        wait = until - now
    return min(wait, _LONGEST_RETRY) if wait > 0 else None


def plain_detail(text: str) -> str:
    """A sentence without control or direction characters, cut to a length for a log line."""
    kept = " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text).split())
    return kept if len(kept) <= _LONGEST_DETAIL else kept[: _LONGEST_DETAIL - 1] + "…"
