"""One POST to an address that the operator chose, behind the guard that stands before all fetches.

No redirect is followed and nothing is taken from the environment. Of the answer only the status
and the headers count; its body is read a little way, so that the other side can end in peace, and
dropped. All that goes wrong ends here as a NotPosted, which never quotes the address. This module
must know nothing of messages.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from monitor.net.exchange import Head, Headers, RefusedError, Sink
from monitor.net.guard import (
    AddressPolicy,
    BlockedAddressError,
    Guard,
    NameNotFoundError,
    Resolver,
    resolve_by_system,
)
from monitor.net.urls import basic, place, read_url
from monitor.net.wire import Wire, request

TIMEOUT = 30.0  # seconds, from the look-up of the name to the head of the answer
MOST_READ = 65_536  # bytes of an answer's body
_PATIENCE = 2.0  # seconds for that body, which means nothing


@dataclass(frozen=True, slots=True)
class Posted:
    """An answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotPosted:
    """No answer. `kind` is blocked, dns, certificate, tls, refused, timeout, protocol or cut-off;
    `in_doubt` says that the body was on its way, so that it may have been taken."""

    kind: str
    in_doubt: bool = False


class Poster:
    """Posts to one address; `send` blocks, and may be called in any thread without an event loop.

    A user and password in `url` become a Basic Authorization header (RFC 7617). `resolve` stands
    in for the system's resolver. Raises RefusedError, without the address in it, where `url` is no
    http(s) address, and ValueError where `allow_private` holds no CIDR."""

    def __init__(
        self,
        url: str,
        *,
        agent: str,
        allow_private: Iterable[str] = (),
        timeout: float = TIMEOUT,
        resolve: Resolver = resolve_by_system,
    ) -> None:
        read = read_url(url)
        self._place = place(read)
        self._fixed: Headers = (
            ("User-Agent", agent),
            ("Accept", "*/*"),
            ("Connection", "close"),
            *basic(read),
        )
        self._timeout = timeout
        guard = Guard(AddressPolicy(allow_private), resolve=resolve)
        self._wire = Wire(guard, ssl.create_default_context())

    def send(self, body: bytes, headers: Headers) -> Posted | NotPosted:
        """One exchange, on an event loop of its own."""
        return asyncio.run(self._post(body, headers))

    async def _post(self, body: bytes, headers: Headers) -> Posted | NotPosted:
        posting = _Posting()
        try:
            asked = request("POST", self._place, (*self._fixed, *headers), body, has_body=True)
            async with asyncio.timeout(self._timeout) as posting.limit:
                await self._wire.exchange(self._place, asked, posting.take, posting.note)
        except (BlockedAddressError, NameNotFoundError, RefusedError, TimeoutError) as error:
            return posting.posted or NotPosted(_kind(error), in_doubt=posting.under_way)
        return posting.posted or NotPosted("cut-off", in_doubt=True)


class _Posting:
    """What has become of one POST so far."""

    def __init__(self) -> None:
        self.under_way = False
        self.posted: Posted | None = None
        self.limit = asyncio.timeout(None)

    def note(self) -> None:
        """The request is on its way."""
        self.under_way = True

    def take(self, head: Head) -> Sink:
        """The answer has begun, and what follows may take only a little longer."""
        self.posted = Posted(head.status, head.headers)
        self.limit.reschedule(asyncio.get_running_loop().time() + _PATIENCE)
        return _Dropped()


class _Dropped:
    """A body that means nothing."""

    def __init__(self) -> None:
        self._left = MOST_READ

    def feed(self, chunk: bytes) -> None:
        self._left -= len(chunk)
        if self._left <= 0:
            raise RefusedError("too-large", f"more than {MOST_READ} bytes, which mean nothing")

    def close(self) -> bytes:
        return b""


def _kind(error: Exception) -> str:
    if isinstance(error, BlockedAddressError):
        return "blocked"
    if isinstance(error, NameNotFoundError):
        return "dns"
    if isinstance(error, RefusedError):
        untrusted = isinstance(error.__cause__, ssl.SSLCertVerificationError)
        return "certificate" if untrusted else error.kind
    return "timeout"
