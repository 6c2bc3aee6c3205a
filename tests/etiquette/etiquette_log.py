"""The values of the tests of etiquette: what a server notes of a request and of its own answer.

This module must judge nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

HOUR = 3600.0
DAY = 24 * HOUR
START = 1_767_225_600.0  # 2026-01-01 00:00 UTC, a Thursday

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Turn:
    """One request, for who answers it. `number` counts those to the same address from 0; header
    names are in lower case, values are bytes decoded as ISO-8859-1."""

    number: int
    at: float
    host: str
    path: str
    headers: dict[str, str]
    port: int

    @property
    def revision(self) -> int:
        """How often the feed has got a new article by now: every twelve hours."""
        return int((self.at - START) // (12 * HOUR))

    def url(self, path: str, host: str | None = None) -> str:
        """An address on this server."""
        return f"http://{host or self.host}:{self.port}{path}"


@dataclass(frozen=True)
class Reply:
    """An answer. `good`: a whole feed that a reader may take for its news and remember the
    validators of. `raw` is sent as it stands instead of a made answer; after that, `chunk` is sent
    over and over with `pause` seconds in between, until the client has had enough; `delay` are
    seconds before all of it. `quiet_until`, `skip_hours` and `skip_days` (0: Monday) are what the
    answer asks of those who poll, in GMT."""

    status: int = 200
    headers: Pairs = ()
    body: bytes = b""
    good: bool = False
    raw: bytes | None = None
    chunk: bytes = b""
    pause: float = 0.0
    delay: float = 0.0
    quiet_until: float | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


Handler = Callable[[Turn], Reply]


@dataclass(frozen=True)
class Kind:
    """A way in which a server behaves. `path` is what is subscribed to, on the host of that name;
    `feeds` as many subscriptions, which then stand at path + number."""

    name: str
    handler: Handler
    path: str = "/feed"
    feeds: int = 1


@dataclass
class Line:
    """One request and its answer, as the server saw them. `at` is the injected time, `seconds` are
    of the real clock; `at_once` counts the exchanges of the host that were under way, this one
    included; `headers` are the request's, byte for byte."""

    at: float
    method: str
    host: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    reply: Reply
    at_once: int = 1
    sent: int = 0
    seconds: float = 0.0
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.url = f"http://{self.host}{self.target}"

    @property
    def kind(self) -> str:
        """The kind of server, by its host: NAME.example, or what it sends on to."""
        return self.host.split(":")[0].split(".")[-2]

    def header(self, name: str) -> bytes | None:
        """A header of the request, None where it was not sent."""
        wanted = name.lower().encode()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def answered(self, name: str) -> str | None:
        """A header of the answer."""
        return next((v for k, v in self.reply.headers if k.lower() == name.lower()), None)

    def __str__(self) -> str:
        day, rest = divmod(self.at - START, DAY)
        clock = f"day {day:.0f} {rest // HOUR:02.0f}:{rest % HOUR // 60:02.0f}:{rest % 60:02.0f}"
        told = [b"%s: %s" % pair for pair in self.headers if pair[0].lower().startswith(b"if-")]
        asked = b"; ".join(told).decode("iso-8859-1")
        answered = "; ".join(f"{name}: {value[:60]}" for name, value in self.reply.headers)
        good = "good" if self.reply.good else "not good"
        return (
            f"{clock} {self.method} {self.url} [{asked}] -> {self.reply.status} [{answered}] {good}"
        )
