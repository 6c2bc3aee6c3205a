"""No address that is not public is ever dialled, however it is spelled or resolved."""

from __future__ import annotations

import asyncio
import ipaddress
import random
import socket
from collections.abc import Callable, Iterable, Sequence

import pytest
from private_spellings import PRIVATE_SPELLINGS

from monitor.net.guard import (
    Address,
    AddressPolicy,
    BlockedAddressError,
    Guard,
    NameNotFoundError,
    is_public,
)

PUBLIC = ["8.8.8.8", "1.1.1.1", "192.0.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111"]


class Dialler:
    """Connects to nothing, and remembers where to. Addresses in `dead` refuse."""

    def __init__(self, dead: Iterable[str] = ()) -> None:
        self.dialled: list[str] = []
        self.dead = set(dead)

    async def __call__(self, address: Address, port: int) -> socket.socket:
        self.dialled.append(str(address))
        if str(address) in self.dead:
            raise ConnectionRefusedError(111, "Connection refused")
        return socket.socket()


def answers(*addresses: str) -> Callable[[str, int], object]:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


def connect(
    host: str, *, resolve: object = None, allow: Iterable[str] = (), dead: Iterable[str] = ()
) -> list[str]:
    """Dials a host through the guard and returns which addresses were dialled."""
    dialler = Dialler(dead)
    options = {"resolve": resolve} if resolve else {}
    guard = Guard(AddressPolicy(allow), dialler=dialler, **options)
    asyncio.run(guard.connect(host, 80)).close()
    return dialler.dialled


@pytest.mark.parametrize("host", PRIVATE_SPELLINGS)
def test_spellings_of_private_addresses_are_refused(host: str) -> None:
    with pytest.raises((BlockedAddressError, NameNotFoundError)):
        connect(host)


@pytest.mark.parametrize("address", [s for s in PRIVATE_SPELLINGS if s != "[::1]"])
def test_names_with_private_addresses_are_refused(address: str) -> None:
    with pytest.raises((BlockedAddressError, NameNotFoundError)):
        connect("127-0-0-1.names.example", resolve=answers(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_dialled(address: str) -> None:
    assert connect(address) == [address]
    assert connect("paper.example", resolve=answers(address)) == [address]


def test_of_mixed_addresses_only_the_public_one_is_dialled() -> None:
    resolve = answers("127.0.0.1", "8.8.8.8", "::1")
    assert connect("paper.example", resolve=resolve) == ["8.8.8.8"]


def test_a_mapped_address_is_judged_and_dialled_as_the_ipv4_inside() -> None:
    assert connect("::ffff:8.8.8.8") == ["8.8.8.8"]


def test_the_dialled_address_is_the_one_that_was_checked() -> None:
    """A name server that changes its answer gains nothing: it is asked once, and what it said is
    dialled."""
    chance = random.Random(7)

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return [chance.choice(["8.8.8.8", "127.0.0.1", "169.254.169.254"])]

    dialler = Dialler()
    guard = Guard(AddressPolicy(), dialler=dialler, resolve=rebinding)

    async def attempts() -> int:
        refused = 0
        for _ in range(200):
            try:
                (await guard.connect("paper.example", 80)).close()
            except BlockedAddressError:
                refused += 1
        return refused

    refused = asyncio.run(attempts())
    assert set(dialler.dialled) == {"8.8.8.8"}
    assert len(dialler.dialled) + refused == 200


def test_the_next_address_is_tried_where_one_refuses() -> None:
    resolve = answers("8.8.8.8", "1.1.1.1")
    assert connect("a.example", resolve=resolve, dead=["8.8.8.8"]) == ["8.8.8.8", "1.1.1.1"]


def test_all_addresses_refusing_is_the_first_ones_failure() -> None:
    with pytest.raises(ConnectionRefusedError):
        connect("a.example", resolve=answers("8.8.8.8", "1.1.1.1"), dead=["8.8.8.8", "1.1.1.1"])


def test_a_silent_address_does_not_keep_the_others_waiting() -> None:
    class Silent(Dialler):
        async def __call__(self, address: Address, port: int) -> socket.socket:
            if str(address) == "8.8.8.8":
                self.dialled.append("8.8.8.8")
                await asyncio.Event().wait()
            return await super().__call__(address, port)

    dialler = Silent()
    resolve = answers("8.8.8.8", "1.1.1.1")
    guard = Guard(AddressPolicy(), dialler=dialler, resolve=resolve)
    asyncio.run(asyncio.wait_for(guard.connect("a.example", 80), timeout=5)).close()
    assert dialler.dialled == ["8.8.8.8", "1.1.1.1"]


def test_allowed_ranges_are_dialled_and_no_others() -> None:
    assert connect("127.0.0.1", allow=["127.0.0.0/8"]) == ["127.0.0.1"]
    assert connect("::1", allow=["::1/128"]) == ["::1"]
    assert connect("::ffff:10.1.2.3", allow=["10.1.0.0/16"]) == ["10.1.2.3"]
    with pytest.raises(BlockedAddressError):
        connect("10.2.0.1", allow=["10.1.0.0/16"])


def test_a_name_without_an_address_is_told_as_that() -> None:
    with pytest.raises(NameNotFoundError):
        connect("paper.example", resolve=answers())
    with pytest.raises(NameNotFoundError):
        connect("a" * 70 + ".example")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "api.localhost", "127.1", "[::1]"])
def test_hosts_that_a_proxy_must_not_be_asked_for(host: str) -> None:
    with pytest.raises(BlockedAddressError):
        AddressPolicy().check_host(host)
    AddressPolicy().check_host("paper.example")


def test_the_table_is_no_wider_than_the_standard_librarys() -> None:
    """What the standard library calls private, link-local or multicast is never public here."""
    chance = random.Random(11)
    for _ in range(5_000):
        address = ipaddress.ip_address(chance.getrandbits(32))
        if is_public(address):
            assert not address.is_private
            assert not address.is_multicast
