"""HTTP for everything that we fetch: one exchange with all its redirects, within limits.

GET only; no cookies, no referrer, nothing from the environment, no coding but gzip. One time
limit covers the whole exchange, since a limit per read never ends a body of one byte a second.
Redirects are followed by hand: each hop passes the guard, and what is secret stays with its host.
All that goes wrong ends here as a FetchFailed. This module must know nothing of feeds.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable

from monitor.model import FetchFailed
from monitor.net.body import BodyReader, body_reader, is_gzip
from monitor.net.exchange import (
    Answer,
    Ask,
    Head,
    Headers,
    Limits,
    RefusedError,
    Reply,
    plain_detail,
)
from monitor.net.guard import (
    AddressPolicy,
    BlockedAddressError,
    Guard,
    NameNotFoundError,
    Resolver,
    resolve_by_system,
)
from monitor.net.proxied import Proxied, web_trust
from monitor.net.slots import Slots
from monitor.net.urls import Url, bare, basic, host_of, origin, place, read_url
from monitor.net.wire import Wire, request

MOST_REDIRECTS = 10
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_PERMANENT = frozenset((301, 308))


class Http:
    """A client for many exchanges at once. Connections live as long as their exchange, so that
    there is nothing to close.

    `resolve` stands in for the system's resolver, `tls` for the authorities of the web; `slots`
    counts the exchanges of other clients too. Raises ValueError where `allow_private` holds no
    CIDR."""

    def __init__(
        self,
        limits: Limits,
        *,
        agent: str,
        allow_private: Iterable[str] = (),
        proxy: str | None = None,
        resolve: Resolver = resolve_by_system,
        tls: ssl.SSLContext | None = None,
        slots: Slots | None = None,
    ) -> None:
        self._limits = limits
        self._policy = AddressPolicy(allow_private)
        self._proxy = proxy
        trusted = tls or web_trust()
        self._wire = Wire(Guard(self._policy, resolve=resolve), trusted)
        self._proxied = Proxied(trusted)
        self._fixed = (("User-Agent", agent), ("Accept-Encoding", "gzip"), ("Connection", "close"))
        self._slots = slots or Slots(limits.concurrency, limits.per_host)

    async def get(self, ask: Ask) -> Answer | FetchFailed:
        """One exchange. Waits for a free slot first, which the time limit does not count."""
        try:
            first = read_url(ask.url)
            async with self._slots.of(host_of(first)), asyncio.timeout(self._limits.timeout):
                return await self._follow(ask, first)
        except RefusedError as error:
            return FetchFailed(error.kind, plain_detail(error.detail))
        except TimeoutError:
            return FetchFailed("timeout", f"no whole answer within {self._limits.timeout:g} s")
        except (BlockedAddressError, NameNotFoundError) as error:
            kind = "blocked" if isinstance(error, BlockedAddressError) else "dns"
            return FetchFailed(kind, plain_detail(str(error)))

    async def _follow(self, ask: Ask, first: Url) -> Answer:
        route = _Route(first, ask)
        for _ in range(MOST_REDIRECTS + 1):
            head, body = await self._send(route, ask)
            if head.status not in _REDIRECTS:
                return route.answer(head, body)
            route.turn(head.status, head.headers.get("location", ""))
        raise RefusedError("redirects", f"more than {MOST_REDIRECTS} redirects")

    async def _send(self, route: _Route, ask: Ask) -> Reply:
        secret = route.secrets()
        common = (*self._fixed, *ask.headers)
        if secret:
            own = {name.lower() for name, _ in secret}
            common = tuple(pair for pair in common if pair[0].lower() not in own)
        headers = (*common, *route.conditions(), *secret)
        where = place(route.url)
        proxy = ask.proxy or self._proxy
        if proxy is None:
            return await self._wire.exchange(where, request("GET", where, headers), self._reader)
        self._policy.check_host(where.host)
        return await self._proxied.exchange(proxy, route.url, headers, self._reader)

    def _reader(self, head: Head) -> BodyReader | None:
        """What takes the body of an answer: only that of a document is read."""
        if not 200 <= head.status < 300:
            return None
        packed = is_gzip(head.headers.get("content-encoding", ""))
        limit = self._limits.max_bytes
        told = head.headers.get("content-length", "")
        if told.isdecimal() and (len(told) > 18 or int(told) > limit):
            raise RefusedError("too-large", f"the answer is larger than {limit} bytes")
        return body_reader(packed=packed, limit=limit)


class _Route:
    """Where a chain of redirects stands. `url` never holds a user or password."""

    def __init__(self, first: Url, ask: Ask) -> None:
        home = read_url(ask.home) if ask.home and ask.home != ask.url else first
        self.url = bare(first)
        self._conditions = ask.conditions
        self._conditions_at = ask.conditions_at or str(self.url)
        self._home = origin(home)
        self._secrets = _with_login(ask.secrets, basic(home))
        self._moved: Url | None = None
        self._permanent = True
        self._passed = {self.url}

    def secrets(self) -> Headers:
        """What may be told to the present hop and to nobody else."""
        return self._secrets if origin(self.url) == self._home else ()

    def conditions(self) -> Headers:
        """What the present hop is to compare: validators mean nothing but where they came from (RFC
        9110 section 8.8)."""
        return self._conditions if str(self.url) == self._conditions_at else ()

    def turn(self, status: int, location: str) -> None:
        """Goes on to `location`. Raises RefusedError where that leads nowhere."""
        if not location:
            raise RefusedError("redirects", f"a redirect ({status}) that does not say where to")
        target = bare(read_url(_as_meant(location), self.url))
        # A move from https to http is followed once, but never taken for good.
        weaker = self.url.scheme == "https" and target.scheme == "http"
        self._permanent = self._permanent and status in _PERMANENT and not weaker
        if self._permanent:
            self._moved = target
        if target in self._passed:
            raise RefusedError("redirects", "the redirects run in a circle")
        self._passed.add(target)
        self.url = target

    def answer(self, head: Head, body: bytes) -> Answer:
        """The answer at the end of the chain."""
        moved_to = str(self._moved) if self._moved is not None else None
        passing = not self._permanent
        conditional = bool(self.conditions())
        url = str(self.url)
        return Answer(url, head.status, head.headers, body, moved_to, passing, conditional)


def _with_login(secrets: Headers, login: Headers) -> Headers:
    """The login of the address takes the place of an Authorization among the headers."""
    if not login:
        return secrets
    return (*(pair for pair in secrets if pair[0].lower() != "authorization"), *login)


def _as_meant(location: str) -> str:
    """Letters that a server did not escape: UTF-8 in practice, as browsers take them."""
    try:
        return location.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return location
