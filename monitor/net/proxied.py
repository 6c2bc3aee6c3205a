"""One exchange through the operator's proxy, by httpx: plain, by CONNECT, or SOCKS.

The proxy resolves names and dials; its own address is the operator's choice and is not checked.
All exceptions of httpx and what lies below it end here as a RefusedError. This module must know
nothing of redirects.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from importlib.util import find_spec

import httpx

from monitor.net.exchange import (
    Head,
    Headers,
    RefusedError,
    Reply,
    Take,
    field_lines,
    no_connection,
)
from monitor.net.urls import Url


def web_trust() -> ssl.SSLContext:
    """The side of TLS that asks, with the authorities that browsers trust (certifi); nothing of it
    is taken from the environment."""
    return httpx.create_ssl_context(trust_env=False)


class Proxied:
    """Makes exchanges, as many at once as the caller likes; each opens and closes its own
    connection to the proxy."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls

    async def exchange(self, proxy: str, url: Url, headers: Headers, take: Take) -> Reply:
        """Gets `url`; `take` says what the body goes to, as for Wire. Raises RefusedError."""
        field_lines(headers)  # is refused here, in our words, where HTTP cannot carry it
        fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        fields.insert(0, (b"Host", url.netloc))  # httpx would take `url.host`: see `host_of`
        asked = httpx.Request("GET", url, headers=fields, extensions={"timeout": {}})
        transport = self._transport(proxy)
        try:
            return await _exchange(transport, asked, take)
        except (httpx.HTTPError, OSError) as error:
            raise _failure(error) from error
        finally:
            await transport.aclose()

    def _transport(self, proxy: str) -> httpx.AsyncHTTPTransport:
        try:
            read = httpx.Proxy(proxy)
        except (httpx.InvalidURL, ValueError) as error:
            raise RefusedError("proxy", "the address of the proxy cannot be read") from error
        if read.url.scheme.startswith("socks") and find_spec("socksio") is None:
            raise RefusedError("proxy", "a SOCKS proxy needs the package socksio")
        return httpx.AsyncHTTPTransport(verify=self._tls, proxy=read, trust_env=False)


async def _exchange(transport: httpx.AsyncHTTPTransport, asked: httpx.Request, take: Take) -> Reply:
    answer = await transport.handle_async_request(asked)
    try:
        head = Head.of(answer.status_code, answer.headers.raw)
        sink = take(head)
        if sink is None:
            return head, b""
        async for chunk in answer.aiter_raw():
            sink.feed(chunk)
        return head, sink.close()
    finally:
        await answer.aclose()


def _failure(error: Exception) -> RefusedError:
    """What an exception of the libraries means; its text is used only where no part of the
    address can be in it."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError):
            said = getattr(cause, "verify_message", "") or cause.reason or "handshake failed"
            return RefusedError("tls", f"TLS: {said}")
    if isinstance(error, httpx.ConnectError):
        return RefusedError("refused", _reason(error))
    if isinstance(error, httpx.TimeoutException):
        return RefusedError("timeout", "the connection timed out")
    if isinstance(error, httpx.ProxyError):
        return RefusedError("proxy", f"the proxy answered: {error}")
    if isinstance(error, httpx.RemoteProtocolError) and "without sending" not in str(error):
        return RefusedError("protocol", f"no valid HTTP: {error}")
    if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
        return RefusedError("protocol", "a request that HTTP does not allow")
    return RefusedError("cut-off", "the connection ended before the answer did")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exceptions that led to this one: httpx and AnyIO wrap what they met."""
    met: BaseException | None = error
    while met is not None:
        yield met
        met = met.__cause__ or met.__context__


def _reason(error: Exception) -> str:
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno:
            return no_connection(cause)
    return "no connection"
