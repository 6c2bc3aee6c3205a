"""No exchange reaches an address that is not public: every connect of this process is counted.

The tests' stand-in for a public address is 127.0.0.77, which alone is allowed.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from private_spellings import PRIVATE_SPELLINGS
from raw_server import RawServer, read_head, says

from monitor.model import FetchFailed
from monitor.net.exchange import Answer, Ask, Limits
from monitor.net.http import Http
from monitor.net.post import NotPosted, Poster

PUBLIC = "127.0.0.77"
NAMES = [
    "localhost",
    "LOCALHOST.",
    "a.localhost",
    "127.0.0.1.",
    "127.0.0.1.names.example",
    "１２７.0.0.1",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "ｌocalhost",
    "127.0.0.1%2e",
    "127.0.0.1%00.example",
    "0x7f.1.",
    "%31%32%37.0.0.1",
    "paper.example@127.0.0.1",
    "127.0.0.77@127.0.0.1",
    "127.0.0.77%40127.0.0.1",
    "127.0.0.1\\@127.0.0.77.example",
    "خبر.example",
]
HOSTS = sorted(
    {f"[{h}]" if ":" in h and h[0] != "[" else h for h in PRIVATE_SPELLINGS} | set(NAMES)
)
_connects: list[object] | None = None


def _note(event: str, args: tuple[object, ...]) -> None:
    if event == "socket.connect" and _connects is not None:
        _connects.append(args[1])


sys.addaudithook(_note)  # which stays for good; it notes only where a test listens


@contextmanager
def connects() -> Iterator[list[object]]:
    """All addresses that sockets of this process are connected to meanwhile."""
    global _connects
    _connects = []
    try:
        yield _connects
    finally:
        _connects = None


async def to_loopback(host: str, port: int) -> Sequence[str]:
    """The worst of name servers: every name is this machine."""
    return ["127.0.0.1", "::1", "::ffff:127.0.0.1"]


def client(resolve: object = to_loopback) -> Http:
    limits = Limits(timeout=30.0, max_bytes=100_000, concurrency=20, per_host=20)
    return Http(limits, agent="Rasid/test", allow_private=[f"{PUBLIC}/32"], resolve=resolve)


def get(url: str) -> Answer | FetchFailed:
    return asyncio.run(client().get(Ask(url)))


def test_there_are_spellings_enough() -> None:
    assert len(HOSTS) > 60


@pytest.mark.parametrize("host", HOSTS)
def test_a_private_address_is_not_dialled_however_it_is_spelled(host: str) -> None:
    with RawServer(says(b"secret")) as inner, connects() as dialled:
        got = get(f"http://{host}:{inner.port}/")
        assert dialled == []
        assert inner.connections == 0
    assert isinstance(got, FetchFailed)
    assert got.kind in ("blocked", "url", "dns")


@pytest.mark.parametrize("host", HOSTS)
def test_a_redirect_to_a_private_address_is_not_followed(host: str) -> None:
    with RawServer(says(b"secret")) as inner:
        location = f"http://{host}:{inner.port}/".encode()
        answer = b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\n\r\n"
        with RawServer(says(answer), address=PUBLIC) as outer, connects() as dialled:
            got = get(outer.url())
            assert dialled == [(PUBLIC, outer.port)]
        assert inner.connections == 0
    assert isinstance(got, FetchFailed)
    assert got.kind in ("blocked", "url", "dns")


@pytest.mark.parametrize("host", ["127.0.0.1", "0x7f000001", "[::ffff:127.0.0.1]", "hook.example"])
def test_nothing_is_posted_to_a_private_address(host: str) -> None:
    with RawServer(says(b"secret")) as inner, connects() as dialled:
        url = f"http://{host}:{inner.port}/"
        got = Poster(url, agent="Rasid/test", resolve=to_loopback).send(b"{}", ())
        assert dialled == []
    assert got == NotPosted("blocked")


def test_a_name_server_that_changes_its_answers_gains_nothing() -> None:
    chance = random.Random(3)

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return [chance.choice([PUBLIC, "127.0.0.1", "169.254.169.254", "::1"])]

    async def run(url: str) -> list[Answer | FetchFailed]:
        http = client(rebinding)
        return await asyncio.gather(*(http.get(Ask(url)) for _ in range(200)))

    document = says(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>")
    with RawServer(document, address=PUBLIC) as server, connects() as dialled:
        got = asyncio.run(run(server.url(host="paper.example")))
        assert set(dialled) == {(PUBLIC, server.port)}
        answered = [each for each in got if isinstance(each, Answer)]
        assert len(dialled) == server.connections == len(answered) > 0
    refused = [each for each in got if isinstance(each, FetchFailed)]
    assert {each.kind for each in refused} == {"blocked"}


def test_a_name_that_moves_between_two_hops_is_checked_at_each() -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return next(answers)

    def manner(connection: object) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n")

    with RawServer(manner, address=PUBLIC) as server, connects() as dialled:
        got = asyncio.run(client(rebinding).get(Ask(server.url(host="paper.example"))))
        assert dialled == [(PUBLIC, server.port)]
    assert isinstance(got, FetchFailed)
    assert got.kind == "blocked"
