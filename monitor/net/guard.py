"""What may be dialled: only public addresses, and the ranges that the operator allows.

A feed's address, and every redirect, is the choice of somebody outside; it must not reach the
machine's own services. The check stands at the only safe place, in the dialler: a name is
resolved, every address of it is checked, and the very address that was checked is dialled, so
that a name server that changes its answer gains nothing (DNS rebinding).

Own tables, since `ipaddress.is_global` lets through 192.0.0.192, 64:ff9b:1::1 and 2002:a00:1::
before Python 3.12.4. Source: IANA's special-purpose address registries (RFC 6890).
This module must dial nothing that it has not checked.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence

from monitor.errors import RasidError
from monitor.net.threads import Threads

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
Dialler = Callable[[Address, int], Awaitable[socket.socket]]

_Ranges = tuple[tuple[int, int], ...]


def _ranges(*cidrs: str) -> _Ranges:
    """First and last address of each: `in ip_network` takes ten times as long as comparing them,
    and all of them are asked before every dial."""
    networks = map(ipaddress.ip_network, cidrs)
    return tuple((int(net.network_address), int(net.broadcast_address)) for net in networks)


_REFUSED_V4 = _ranges(
    "0.0.0.0/8",  # this network
    "10.0.0.0/8",
    "100.64.0.0/10",  # shared by carriers
    "127.0.0.0/8",
    "169.254.0.0/16",  # link-local, the clouds' metadata among it
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
_PUBLIC_V6 = _ranges("2000::/3")
_REFUSED_V6 = _ranges(
    "2001::/23",  # protocol assignments; Teredo carries IPv4 addresses
    "2001:db8::/32",
    "2002::/16",  # 6to4 carries IPv4 addresses
    "3fff::/20",
)
_REFUSED = "is no public address, and allow_private in monitor.yaml does not name it"
_HEAD_START = 0.25  # seconds that an address has before the next is tried beside it (RFC 8305)
_MOST_ADDRESSES = 8
_NAMES = Threads("rasid-dns")  # for name servers' answers, of which each may hang


class BlockedAddressError(RasidError):
    """An address that must not be dialled."""


class NameNotFoundError(RasidError):
    """A host name that has no address."""


def is_public(address: Address) -> bool:
    """Whether an address is globally routable unicast, by the tables above."""
    value = int(address)
    if isinstance(address, ipaddress.IPv4Address):
        return not _within(value, _REFUSED_V4)
    return _within(value, _PUBLIC_V6) and not _within(value, _REFUSED_V6)


def _within(value: int, ranges: _Ranges) -> bool:
    return any(first <= value <= last for first, last in ranges)


def read_literal(host: str) -> Address | None:
    """The address that a host part spells (127.0.0.1, 127.1, 0x7f000001, ::1 …), None for a name.

    An IPv4-mapped IPv6 address is taken as the IPv4 address inside."""
    bare = host.removeprefix("[").removesuffix("]")
    if ":" not in bare:
        return _read_loosely(bare.removesuffix("."))
    try:
        return _unmapped(ipaddress.IPv6Address(bare))
    except ValueError:
        return None


def _read_loosely(text: str) -> Address | None:
    """IPv4 in the spellings of the C library, which getaddrinfo takes too: 127.1, 0x7f000001."""
    try:
        return ipaddress.IPv4Address(socket.inet_aton(text))
    except (OSError, ValueError):
        return None


def _unmapped(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


class AddressPolicy:
    """Which addresses may be dialled: public ones, and those inside `allow_private` (CIDRs).

    Raises ValueError for what is no CIDR."""

    def __init__(self, allow_private: Iterable[str] = ()) -> None:
        self._allowed = tuple(ipaddress.ip_network(cidr, strict=False) for cidr in allow_private)

    def permits(self, address: Address) -> bool:
        inner = _unmapped(address)
        return is_public(inner) or any(inner in network for network in self._allowed)

    def check_host(self, host: str) -> None:
        """Raises BlockedAddressError where the host part itself names a forbidden address.

        For requests through a proxy, which resolves the names itself."""
        address = read_literal(host)
        if address is None:
            name = host.rstrip(".").lower()
            if name == "localhost" or name.endswith(".localhost"):  # RFC 6761
                address = ipaddress.IPv4Address("127.0.0.1")
        if address is not None and not self.permits(address):
            raise BlockedAddressError(f"{address} {_REFUSED}")


async def resolve_by_system(host: str, port: int) -> list[str]:
    """The addresses of a name by the system's resolver, in its order (RFC 6724)."""

    def look_up() -> list[str]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [str(where[0]) for *_, where in found]

    return await _NAMES.run(look_up)


async def dial_tcp(address: Address, port: int) -> socket.socket:
    """A connected socket that does not block; OSError where nobody answers."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    dialled = socket.socket(family, socket.SOCK_STREAM)
    try:
        dialled.setblocking(False)
        await asyncio.get_running_loop().sock_connect(dialled, (str(address), port))
    except BaseException:
        dialled.close()
        raise
    return dialled


class Guard:
    """Dials what the policy permits.

    `resolve` and `dialler` stand in for the system's resolver and for the sockets; `dialler` is
    only ever given addresses that passed."""

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        resolve: Resolver = resolve_by_system,
        dialler: Dialler = dial_tcp,
    ) -> None:
        self._policy = policy
        self._resolve = resolve
        self._dialler = dialler

    async def connect(self, host: str, port: int) -> socket.socket:
        """A connection to the first of the host's permitted addresses that answers.

        Raises BlockedAddressError, NameNotFoundError, or the OSError of the first address."""
        addresses = await self._permitted(host, port)
        if len(addresses) == 1:
            return await self._dialler(addresses[0], port)
        return await _first_to_connect(addresses, lambda address: self._dialler(address, port))

    async def _permitted(self, host: str, port: int) -> list[Address]:
        literal = read_literal(host)
        found = [literal] if literal is not None else await self._look_up(host, port)
        permitted = [address for address in found if self._policy.permits(address)]
        if not permitted:
            told = str(found[0]) if literal is not None else f"{host}, {found[0]},"
            raise BlockedAddressError(f"{told} {_REFUSED}")
        return permitted[:_MOST_ADDRESSES]

    async def _look_up(self, host: str, port: int) -> list[Address]:
        try:
            spelled = await self._resolve(host, port)
            found = [_unmapped(ipaddress.ip_address(text)) for text in spelled]
        except (OSError, ValueError) as error:  # UnicodeError: a label that is too long
            raise NameNotFoundError(f"no address for the name {host}") from error
        if not found:
            raise NameNotFoundError(f"no address for the name {host}")
        return list(dict.fromkeys(found))


_Running = set["asyncio.Future[socket.socket]"]


async def _first_to_connect(
    addresses: list[Address], dial: Callable[[Address], Awaitable[socket.socket]]
) -> socket.socket:
    """Happy Eyeballs (RFC 8305): each next address starts after a head start or a failure."""
    running: _Running = set()
    failures: list[BaseException] = []
    waiting = list(addresses)
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.ensure_future(dial(waiting.pop(0))))
            patience = _HEAD_START if waiting else None
            dialled = await _next_to_connect(running, failures, patience)
            if dialled is not None:
                return dialled
    finally:
        await _dismiss(running)
    raise failures[0]


async def _next_to_connect(
    running: _Running, failures: list[BaseException], patience: float | None
) -> socket.socket | None:
    done, _ = await asyncio.wait(running, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
    for attempt in done:
        running.discard(attempt)
        failure = attempt.exception()
        if failure is None:
            return attempt.result()
        failures.append(failure)
    return None


async def _dismiss(running: _Running) -> None:
    """Gives up the attempts that lost, and closes those that connected all the same."""
    for attempt in running:
        attempt.cancel()
    for outcome in await asyncio.gather(*running, return_exceptions=True):
        if not isinstance(outcome, BaseException):
            outcome.close()
