"""The values of an HTTP exchange, and what we tell of ourselves and of failures.

This module must know nothing of HTTP libraries.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

from monitor.net.freshness import read_date

_LONGEST_DETAIL = 200
_LONGEST_RETRY = 86400.0  # a server may ask for a day's patience, not for more

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one exchange: seconds and bytes; and how many run at once, in all and on one host."""

    timeout: float
    max_bytes: int
    concurrency: int
    per_host: int


@dataclass(frozen=True, slots=True)
class Ask:
    """What to get. `conditions` are left out from the first newly learnt permanent move on, since
    they speak of the old address. `secrets`, and a user and password in `home`, go to the
    origin of `home` only; without `home`, to that of `url`."""

    url: str = field(repr=False)
    headers: Headers = ()
    conditions: Headers = ()
    secrets: Headers = field(default=(), repr=False)
    home: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a chain of redirects. Header names are in lower case, values are bytes decoded
    as ISO-8859-1 (RFC 9110 section 5.5). `body` is unpacked, and empty unless the status is 2xx."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    moved_to: str | None


class RefusedError(Exception):
    """We will not go on with an exchange. `kind` and `detail` are those of FetchFailed."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


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
