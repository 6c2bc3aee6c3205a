"""TLS: whom we believe, what we tell, and connections that end in the middle."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import struct
import threading
from collections.abc import Sequence
from contextlib import suppress

import pytest
from certificates import Certificates, make
from raw_server import Manner, RawServer, read_head, says

from monitor.model import FetchFailed
from monitor.net.exchange import Answer, Ask, Limits
from monitor.net.http import Http

DOCUMENT = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command to make certificates")
    return make(tmp_path_factory.mktemp("tls"))


async def to_loopback(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def get(
    certificates: Certificates,
    server_side: ssl.SSLContext,
    manner: Manner = says(DOCUMENT),  # noqa: B008 (it keeps nothing)
    host: str = "paper.example",
    **options: object,
) -> Answer | FetchFailed:
    limits = Limits(timeout=30.0, max_bytes=2_000_000, concurrency=20, per_host=20)
    own = {"allow_private": ["127.0.0.0/8"], "resolve": to_loopback, "tls": certificates.trust}

    async def run(url: str) -> Answer | FetchFailed:
        return await Http(limits, agent="Rasid/test", **(own | options)).get(Ask(url))

    with RawServer(manner, tls=server_side) as server:
        return asyncio.run(run(server.url(host=host)))


@pytest.mark.parametrize(
    "host", ["paper.example", "PAPER.example.", "xn--ls8h.example", "127.0.0.1"]
)
def test_a_document_over_tls(certificates: Certificates, host: str) -> None:
    got = get(certificates, certificates.good, host=host)
    assert isinstance(got, Answer), got
    assert got.body == b"<rss/>"


def test_a_large_document_over_tls(certificates: Certificates) -> None:
    letters = b"0123456789" * 150_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1500000\r\n\r\n"
    got = get(certificates, certificates.good, says(head, letters))
    assert isinstance(got, Answer), got
    assert got.body == letters


def test_the_server_learns_the_name_and_the_protocol(certificates: Certificates) -> None:
    told: list[object] = []

    def note(connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        told.append(name)

    def manner(connection: ssl.SSLSocket) -> None:
        told.append(connection.selected_alpn_protocol())
        says(DOCUMENT)(connection)

    certificates.good.sni_callback = note
    try:
        assert isinstance(get(certificates, certificates.good, manner), Answer)
    finally:
        certificates.good.sni_callback = None
    assert told == ["paper.example", "http/1.1"]


@pytest.mark.parametrize(
    ("which", "host", "said"),
    [
        ("expired", "paper.example", "expired"),
        ("self_signed", "paper.example", "self"),
        ("good", "other.example", "other.example"),
    ],
)
def test_whom_we_do_not_believe(
    certificates: Certificates, which: str, host: str, said: str
) -> None:
    got = get(certificates, getattr(certificates, which), host=host)
    assert isinstance(got, FetchFailed)
    assert got.kind == "tls"
    assert said in got.detail


def test_an_authority_that_nobody_knows_is_not_believed(certificates: Certificates) -> None:
    got = get(certificates, certificates.good, tls=None)
    assert isinstance(got, FetchFailed)
    assert got.kind == "tls"


def test_a_redirect_to_another_name_is_verified_anew(certificates: Certificates) -> None:
    def manner(connection: ssl.SSLSocket) -> None:
        read_head(connection)
        port = connection.getsockname()[1]
        location = f"https://other.example:{port}/".encode()
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\n\r\n")

    got = get(certificates, certificates.good, manner)
    assert isinstance(got, FetchFailed)
    assert got.kind == "tls"


@pytest.mark.parametrize("start", [b"", DOCUMENT[:-3]])
@pytest.mark.parametrize("reset", [True, False])
def test_a_connection_that_ends_in_the_middle(
    certificates: Certificates, start: bytes, *, reset: bool
) -> None:
    def manner(connection: ssl.SSLSocket) -> None:
        read_head(connection)
        if start:
            connection.sendall(start)
        if reset:
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    got = get(certificates, certificates.good, manner)
    assert isinstance(got, FetchFailed)
    assert got.kind == "cut-off"


@pytest.mark.parametrize("goodbye", [True, False])
def test_a_body_may_end_with_the_connection(certificates: Certificates, *, goodbye: bool) -> None:
    """Many servers close without a close_notify, and browsers do not mind."""

    def manner(connection: ssl.SSLSocket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n<rss/>")
        if goodbye:
            connection.unwrap()

    got = get(certificates, certificates.good, manner)
    assert isinstance(got, Answer), got
    assert got.body == b"<rss/>"


def test_names_that_no_certificate_can_hold_are_failures(certificates: Certificates) -> None:
    for host in ("a" * 70 + ".example", "a..example"):
        got = get(certificates, certificates.good, host=host)
        assert isinstance(got, FetchFailed)
        assert got.kind in ("tls", "dns", "url")


# --- through a proxy ------------------------------------------------------------------------------


def relays(port: int, asked: list[bytes]) -> Manner:
    """A proxy that connects to a port of the loopback, whatever it is asked for."""

    def manner(connection: socket.socket) -> None:
        asked.append(read_head(connection).split(b"\r\n")[0])
        with socket.create_connection(("127.0.0.1", port)) as onward:
            connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=pump, args=(onward, connection))
            back.start()
            pump(connection, onward)
            back.join()

    return manner


def pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize(("which", "kind"), [("good", None), ("expired", "tls")])
def test_a_proxy_carries_tls_and_we_verify_it(
    certificates: Certificates, which: str, kind: str | None
) -> None:
    asked: list[bytes] = []
    side = getattr(certificates, which)
    with (
        RawServer(says(DOCUMENT), tls=side) as server,
        RawServer(relays(server.port, asked)) as proxy,
    ):
        limits = Limits(timeout=30.0, max_bytes=2_000_000, concurrency=20, per_host=20)
        http = Http(limits, agent="Rasid/test", tls=certificates.trust, proxy=proxy.url())
        got = asyncio.run(http.get(Ask("https://paper.example/feed")))
    assert asked == [b"CONNECT paper.example:443 HTTP/1.1"]
    assert got.body == b"<rss/>" if isinstance(got, Answer) else got.kind == kind
