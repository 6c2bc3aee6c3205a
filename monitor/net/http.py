"""HTTP for everything that we fetch: one exchange with all its redirects, within limits.

GET only; no cookies, no referrer, nothing from the environment, no coding but gzip. One time
limit covers the whole exchange, since a limit per read never ends a body of one byte a second.
Redirects are followed by hand: each hop passes the guard, and what is secret stays with its host.
All exceptions of httpx, httpcore, ssl and sockets end here as a FetchFailed. This module must
know nothing of feeds.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.util import find_spec
from weakref import WeakValueDictionary

import httpcore
import httpx

from monitor.model import FetchFailed
from monitor.net.body import is_gzip, read_body
from monitor.net.exchange import Answer, Ask, Headers, Limits, RefusedError, plain_detail
from monitor.net.guard import (
    AddressPolicy,
    BlockedAddressError,
    GuardedBackend,
    NameNotFoundError,
    Resolver,
    resolve_by_system,
)

MOST_REDIRECTS = 10
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_PERMANENT = frozenset((301, 308))
_LONGEST_URL = 8192


class Http:
    """A client for many exchanges at once. Connections live as long as their exchange.

    `resolve` stands in for the system's resolver. Raises ValueError where `allow_private` holds
    no CIDR."""

    def __init__(
        self,
        limits: Limits,
        *,
        agent: str,
        allow_private: Iterable[str] = (),
        proxy: str | None = None,
        resolve: Resolver = resolve_by_system,
    ) -> None:
        self._limits = limits
        self._agent = agent
        self._policy = AddressPolicy(allow_private)
        self._proxy = proxy
        self._client = httpx.AsyncClient(
            transport=_Transport(GuardedBackend(self._policy, resolve=resolve)),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # none from anywhere
            timeout=None,  # noqa: S113 (one limit covers the whole exchange, in get)
            trust_env=False,
            follow_redirects=False,
        )
        self._running = asyncio.Semaphore(limits.concurrency)
        self._hosts: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def get(self, ask: Ask) -> Answer | FetchFailed:
        """One exchange. Waits for a free slot first, which the time limit does not count."""
        try:
            first = read_url(ask.url)
            async with self._slot(first.host), asyncio.timeout(self._limits.timeout):
                return await self._follow(ask, first)
        except RefusedError as error:
            return FetchFailed(error.kind, plain_detail(error.detail))
        except TimeoutError:
            return FetchFailed("timeout", f"no whole answer within {self._limits.timeout:g} s")
        except (BlockedAddressError, NameNotFoundError) as error:
            kind = "blocked" if isinstance(error, BlockedAddressError) else "dns"
            return FetchFailed(kind, plain_detail(str(error)))
        except (httpx.HTTPError, httpx.InvalidURL, *CORE_ERRORS, OSError) as error:
            return failure(error)

    async def aclose(self) -> None:
        """Closes the client; exchanges that still run are the caller's to cancel first."""
        await self._client.aclose()

    @asynccontextmanager
    async def _slot(self, host: str) -> AsyncIterator[None]:
        """A place for one exchange: the host's first, so that a busy host holds up no other."""
        own = self._hosts.setdefault(host, asyncio.Semaphore(self._limits.per_host))
        async with own, self._running:
            yield

    async def _follow(self, ask: Ask, first: httpx.URL) -> Answer:
        route = _Route(first, ask)
        for _ in range(MOST_REDIRECTS + 1):
            response = await self._send(route, ask)
            try:
                if response.status_code not in _REDIRECTS:
                    return await self._answer(response, route)
                route.turn(response.status_code, response.headers.get("location", ""))
            finally:
                await response.aclose()
        raise RefusedError("redirects", f"more than {MOST_REDIRECTS} redirects")

    async def _send(self, route: _Route, ask: Ask) -> httpx.Response:
        proxy = ask.proxy or self._proxy
        if proxy is not None:
            self._policy.check_host(route.url.raw_host.decode("ascii"))
        fixed = (("User-Agent", self._agent), ("Accept-Encoding", "gzip"), ("Connection", "close"))
        secret, auth = route.secrets()
        own = {name.lower() for name, _ in secret}
        common = [pair for pair in (*fixed, *ask.headers) if pair[0].lower() not in own]
        headers = _encoded((*common, *route.conditions, *secret))
        extensions: dict[str, object] = {_PROXY: proxy, "timeout": {}}
        request = httpx.Request("GET", route.url, headers=headers, extensions=extensions)
        return await self._client.send(request, stream=True, auth=auth)

    async def _answer(self, response: httpx.Response, route: _Route) -> Answer:
        body = b""
        if response.is_success:
            packed = is_gzip(response.headers.get("content-encoding", ""))
            self._check_length(response.headers.get("content-length", ""))
            limit = self._limits.max_bytes
            body = await read_body(response.aiter_raw(), packed=packed, limit=limit)
        headers: dict[str, str] = {}
        for raw_name, raw_value in response.headers.raw:
            name, value = raw_name.decode("ascii").lower(), raw_value.decode("iso-8859-1")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return Answer(str(route.url), response.status_code, headers, body, route.moved_to())

    def _check_length(self, told: str) -> None:
        limit = self._limits.max_bytes
        if told.isdecimal() and (len(told) > 18 or int(told) > limit):
            raise RefusedError("too-large", f"the answer is larger than {limit} bytes")


class _Route:
    """Where a chain of redirects stands. `url` never holds a user or password."""

    def __init__(self, first: httpx.URL, ask: Ask) -> None:
        home = read_url(ask.home) if ask.home else first
        self.url = _bare(first)
        self.conditions = ask.conditions
        self._home = _origin(home)
        self._secrets = ask.secrets
        self._auth = httpx.BasicAuth(home.username, home.password) if home.userinfo else None
        self._moved: httpx.URL | None = None
        self._permanent = True
        self._passed = {self.url}

    def secrets(self) -> tuple[Headers, httpx.BasicAuth | None]:
        """What may be told to the present hop and to nobody else."""
        return (self._secrets, self._auth) if _origin(self.url) == self._home else ((), None)

    def turn(self, status: int, location: str) -> None:
        """Goes on to `location`. Raises RefusedError where that leads nowhere."""
        if not location:
            raise RefusedError("redirects", f"a redirect ({status}) that does not say where to")
        target = _bare(read_url(location, self.url))
        # A move from https to http is followed once, but never taken for good.
        weaker = self.url.scheme == "https" and target.scheme == "http"
        self._permanent = self._permanent and status in _PERMANENT and not weaker
        if self._permanent:
            self._moved = target
            self.conditions = ()
        if target in self._passed:
            raise RefusedError("redirects", "the redirects run in a circle")
        self._passed.add(target)
        self.url = target

    def moved_to(self) -> str | None:
        """The address after the head of permanent redirects."""
        return str(self._moved) if self._moved is not None else None


def read_url(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """An absolute http(s) URL. The reasons name no part of it: it may hold a password."""
    if len(text) > _LONGEST_URL:
        raise RefusedError("url", f"an address of more than {_LONGEST_URL} letters")
    try:
        url = httpx.URL(text) if base is None else base.join(text)
    except (httpx.InvalidURL, ValueError) as error:
        raise RefusedError("url", "an address that cannot be read") from error
    if url.scheme not in ("http", "https"):
        raise RefusedError(
            "url", f"an address with the scheme {url.scheme or '(none)'}: not http(s)"
        )
    if not url.host or not 0 < (url.port or 80) < 65536:
        raise RefusedError("url", "an address without a host, or with a port that is none")
    return url


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    try:
        return [(name.encode("ascii"), value.encode("iso-8859-1")) for name, value in headers]
    except UnicodeEncodeError as error:
        raise RefusedError("protocol", "a header that HTTP cannot carry") from error


def _bare(url: httpx.URL) -> httpx.URL:
    return url.copy_with(userinfo=b"", fragment=None)


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


# --- the transport --------------------------------------------------------------------------------

_PROXY = "rasid.proxy"
CORE_ERRORS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


class _Transport(httpx.AsyncBaseTransport):
    """httpcore behind the guard. A connection serves one request: polls of a host lie minutes
    apart, and a shared pool looks through all its connections at every request (measured: 2.1
    to 3.0 ms of CPU a request, 1.6 so)."""

    def __init__(self, guard: GuardedBackend) -> None:
        self._guard = guard
        self._ssl = httpx.create_ssl_context(trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        extensions = dict(request.extensions)
        proxy = _read_proxy(extensions.pop(_PROXY, None))
        pool = httpcore.AsyncConnectionPool(
            ssl_context=self._ssl,
            proxy=proxy,
            max_connections=1,
            network_backend=self._guard if proxy is None else None,  # the operator's own choice
        )
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        headers = request.headers.raw
        asked = httpcore.Request(request.method, url, headers=headers, extensions=extensions)
        try:
            answer = await pool.handle_async_request(asked)
        except BaseException:
            await pool.aclose()
            raise
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Stream(answer, pool),
            extensions=answer.extensions,
        )


class _Stream(httpx.AsyncByteStream):
    """An answer's raw body; closing it closes the connection."""

    def __init__(self, answer: httpcore.Response, pool: httpcore.AsyncConnectionPool) -> None:
        self._answer = answer
        self._pool = pool

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._answer.aiter_stream():
            yield chunk

    async def aclose(self) -> None:
        await self._answer.aclose()
        await self._pool.aclose()


def _read_proxy(address: str | None) -> httpcore.Proxy | None:
    if address is None:
        return None
    try:
        read = httpx.Proxy(address)
    except (httpx.InvalidURL, ValueError) as error:
        raise RefusedError("proxy", "the address of the proxy cannot be read") from error
    if read.url.scheme.startswith("socks") and find_spec("socksio") is None:
        raise RefusedError("proxy", "a SOCKS proxy needs the package socksio")
    return httpcore.Proxy(str(read.url), auth=read.raw_auth)


# --- failures -------------------------------------------------------------------------------------


def failure(error: Exception) -> FetchFailed:
    """What an exception of the libraries means; its text is used only where no part of the
    address can be in it."""
    if isinstance(error, httpx.HTTPError | httpx.InvalidURL):  # httpx reads each Location itself
        return FetchFailed("url", "a redirect to an address that cannot be read")
    cause = error.args[0] if error.args else None  # httpcore hands on what it met
    if isinstance(cause, ssl.SSLError):
        reason = getattr(cause, "verify_message", "") or cause.reason or "handshake failed"
        return FetchFailed("tls", plain_detail(f"TLS: {reason}"))
    if isinstance(error, httpcore.ConnectError):
        return FetchFailed("refused", plain_detail(_reason(cause)))
    if isinstance(error, httpcore.TimeoutException):
        return FetchFailed("timeout", "the connection timed out")
    if isinstance(error, httpcore.ProxyError):
        return FetchFailed("proxy", plain_detail(f"the proxy answered: {error}"))
    if isinstance(error, httpcore.RemoteProtocolError) and "without sending" not in str(error):
        return FetchFailed("protocol", plain_detail(f"no valid HTTP: {error}"))
    if isinstance(error, httpcore.LocalProtocolError | httpcore.UnsupportedProtocol):
        return FetchFailed("protocol", "a request that HTTP does not allow")
    return FetchFailed("cut-off", "the connection ended before the answer did")


def _reason(cause: object) -> str:
    """AnyIO wraps the error of the socket in one of its own, without a number."""
    inner = cause.__cause__ if isinstance(cause, OSError) and cause.__cause__ else cause
    said = inner.strerror if isinstance(inner, OSError) else None
    return f"no connection: {said}" if said else "no connection"
