"""One POST to an address that the operator chose, behind the guard that stands before all fetches.

No redirect is followed and nothing is taken from the environment. Of the answer only the status
and the headers count; its body is read a little way, so that the other side can end in peace, and
dropped. Exceptions of httpcore, ssl and sockets end here as a NotPosted, which never quotes the
address. This module must know nothing of messages.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

import httpcore

from monitor.net.exchange import Headers
from monitor.net.guard import (
    AddressPolicy,
    BlockedAddressError,
    GuardedBackend,
    NameNotFoundError,
    Resolver,
    resolve_by_system,
)
from monitor.net.http import CORE_ERRORS, failure, read_url

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
        self._url = httpcore.URL(
            scheme=read.raw_scheme, host=read.raw_host, port=read.port, target=read.raw_path
        )
        port = f":{read.port}" if read.port is not None else ""  # None where it is the default
        host = read.raw_host.decode("ascii")
        self._fixed: Headers = (
            ("Host", f"[{host}]{port}" if ":" in host else f"{host}{port}"),
            ("User-Agent", agent),
            ("Accept", "*/*"),
            ("Connection", "close"),
            *_basic(read.userinfo),
        )
        self._guard = GuardedBackend(AddressPolicy(allow_private), resolve=resolve)
        self._timeout = timeout
        self._tls = ssl.create_default_context()

    def send(self, body: bytes, headers: Headers) -> Posted | NotPosted:
        """One exchange, on an event loop of its own."""
        return asyncio.run(self._post(body, headers))

    async def _post(self, body: bytes, headers: Headers) -> Posted | NotPosted:
        under_way = False

        async def note(event: str, _: object) -> None:
            nonlocal under_way
            under_way = under_way or event.endswith("send_request_body.started")

        length = ("Content-Length", str(len(body)))
        request = httpcore.Request(
            "POST",
            self._url,
            headers=[(k.encode(), v.encode()) for k, v in (*self._fixed, *headers, length)],
            content=body,
            extensions={"timeout": {}, "trace": note},
        )
        try:
            return await self._answer(request)
        except (BlockedAddressError, NameNotFoundError, *CORE_ERRORS, OSError) as error:
            return NotPosted(_kind(error), in_doubt=under_way)

    async def _answer(self, request: httpcore.Request) -> Posted:
        async with httpcore.AsyncConnectionPool(
            ssl_context=self._tls, max_connections=1, network_backend=self._guard
        ) as pool:
            async with asyncio.timeout(self._timeout):
                answer = await pool.handle_async_request(request)
            try:
                with contextlib.suppress(*CORE_ERRORS, OSError):
                    async with asyncio.timeout(_PATIENCE):
                        await _drop(answer)
            finally:
                await answer.aclose()
        headers = {k.decode("ascii").lower(): v.decode("iso-8859-1") for k, v in answer.headers}
        return Posted(answer.status, headers)


def _basic(userinfo: bytes) -> Headers:
    if not userinfo:
        return ()
    user, _, password = userinfo.partition(b":")
    plain = unquote_to_bytes(user) + b":" + unquote_to_bytes(password)
    return (("Authorization", f"Basic {base64.b64encode(plain).decode('ascii')}"),)


async def _drop(answer: httpcore.Response) -> None:
    left = MOST_READ
    async for chunk in answer.aiter_stream():
        left -= len(chunk)
        if left <= 0:
            return


def _kind(error: Exception) -> str:
    if isinstance(error, BlockedAddressError):
        return "blocked"
    if isinstance(error, NameNotFoundError):
        return "dns"
    if isinstance(error, TimeoutError):
        return "timeout"
    cause = error.args[0] if error.args else None  # httpcore hands on what it met
    if isinstance(cause, ssl.SSLCertVerificationError):
        return "certificate"
    return failure(error).kind
