"""What stands on the wire: answers good, odd, cut, endless and forged, and our own requests."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_server import Manner, RawServer, read_head, repeats, resets, says, silent

from monitor.model import FetchFailed
from monitor.net.body import body_reader
from monitor.net.exchange import Answer, Ask, Limits, RefusedError
from monitor.net.http import Http
from monitor.net.wire import _Conversation

OK = b"HTTP/1.1 200 OK\r\n"
TEN = b"Content-Length: 10\r\n\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LIMIT = 1_000_000


def client(timeout: float = 30.0, **more: object) -> Http:
    limits = Limits(timeout=timeout, max_bytes=LIMIT, concurrency=20, per_host=2)
    options = {"agent": "Rasid/test", "allow_private": ["127.0.0.0/8"]} | more
    return Http(limits, **options)


def outcome(manner: Manner, ask: Ask | None = None, **options: object) -> Answer | FetchFailed:
    """What becomes of an exchange with a server of such a manner."""
    with RawServer(manner) as server:
        return asyncio.run(client(**options).get(ask or Ask(server.url())))


def body(*chunks: bytes) -> bytes:
    got = outcome(says(*chunks))
    assert isinstance(got, Answer), got
    return got.body


def kind(manner: Manner, **options: object) -> str:
    got = outcome(manner, **options)
    assert isinstance(got, FetchFailed), got
    assert got.detail.isprintable()
    return got.kind


# --- answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        OK + TEN + b"0123456789",
        b"HTTP/1.1 200\r\n" + TEN + b"0123456789",
        b"HTTP/1.1 200 \xd9\x85\r\n" + TEN + b"0123456789",
        b"HTTP/1.0 200 OK\r\n\r\n0123456789",
        OK + b"\r\n0123456789",
        OK + b"Transfer-Encoding: identity\r\n\r\n0123456789",
        (OK + TEN + b"0123456789").replace(b"\r\n", b"\n"),
        OK + b"X-Folded: a\r\n  b\r\n" + TEN + b"0123456789",
        OK + b"X-Odd: \x01\x1b\xff\r\nX-Empty:\r\n" + TEN + b"0123456789",
        OK + b"Connection: Upgrade, close\r\nUpgrade: h2,h2c\r\n" + TEN + b"0123456789",
        OK + TEN + b"0123456789 and more than was said",
        OK + TEN[:-2] + b"content-length:10\r\nX: y\r\n" + TEN + b"0123456789",
        OK + TEN + b"0123456789HTTP/1.1 500 Oops\r\n\r\n",
        OK + b"Connection: close\r\n" + TEN + b"0123456789HTTP/1.1 500 Oops\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + TEN + b"0123456789",
        b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\nContent-Length: 3\r\n\r\n"
        + OK
        + TEN
        + b"0123456789",
        CHUNKED + b"a\r\n0123456789\r\n0\r\n\r\n",
        CHUNKED + b"3\r\n012\r\n0007;x=y\r\n3456789\r\n0\r\nX-Trailer: z\r\n\r\n",
        CHUNKED + b"a  \r\n0123456789\r\n0\r\n\r\n",
        OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n",
    ],
)
def test_what_browsers_read_is_read(answer: bytes) -> None:
    assert body(answer) == b"0123456789"


def test_an_answer_in_single_bytes_is_the_same() -> None:
    answer = CHUNKED + b"3\r\n012\r\n7\r\n3456789\r\n0\r\n\r\n"

    def drop_by_drop(connection: object) -> None:
        read_head(connection)
        for at in range(len(answer)):
            connection.sendall(answer[at : at + 1])

    got = outcome(drop_by_drop)
    assert isinstance(got, Answer)
    assert got.body == b"0123456789"


def test_headers_are_told_byte_for_byte() -> None:
    got = outcome(
        says(OK, b'ETag:  "caf\xe9\xa0" \t\r\nVary: a\r\nVARY: b\r\n', TEN, b"0123456789")
    )
    assert isinstance(got, Answer)
    assert got.headers["etag"] == '"caf\xe9\xa0"'
    assert got.headers["vary"] == "a, b"


@pytest.mark.parametrize("status", [b"304 Not Modified", b"204 No Content"])
def test_answers_without_a_body_need_no_end(status: bytes) -> None:
    def manner(connection: object) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 500\r\n\r\n")
        silent(connection)

    got = outcome(manner)
    assert isinstance(got, Answer)
    assert got.body == b""


def test_the_body_of_an_error_or_a_redirect_is_not_waited_for() -> None:
    def manner(connection: object) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 500\r\n\r\n")
        silent(connection)

    got = outcome(manner)
    assert isinstance(got, Answer)
    assert (got.status, got.body) == (500, b"")


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        OK + TEN,
        OK + TEN + b"012345678",
        CHUNKED,
        CHUNKED + b"a\r\n0123456789\r\n",
        CHUNKED + b"a\r\n0123456789\r\n0\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"0123456789")[:-1],
    ],
)
def test_what_ends_early_is_cut_off(answer: bytes) -> None:
    assert kind(says(answer)) == "cut-off"


@pytest.mark.parametrize(
    "start", [b"", OK, OK + TEN + b"01234", OK + b"\r\n0123", CHUNKED + b"a\r\n0"]
)
def test_a_broken_connection_is_cut_off(start: bytes) -> None:
    assert kind(resets(start)) == "cut-off"


@pytest.mark.parametrize(
    "answer",
    [
        b"hello\r\n\r\n",
        b"<html>hello</html>",
        b"ICY 200 OK\r\n\r\n",
        b"HTTP/1.1 99 Low\r\n\r\n",
        b"HTTP/1.1 2000 High\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        OK + b"no header\r\n\r\n",
        OK + b"X-Zero: a\0b\r\n\r\n",
        OK + b"X-Return: a\rb\r\n\r\n",
        OK + b"Content-Length: 9\r\n" + TEN + b"0123456789",
        OK + b"Content-Length: -1\r\n\r\n",
        OK + b"Content-Length: 99999999999999999999999\r\n\r\n",
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: gzip\r\n\r\nx",
        CHUNKED + b"-1\r\n0\r\n\r\n",
        CHUNKED + b"fffffffffffffffff\r\n0123456789",
        CHUNKED + b"2\r\n0123456789\r\n0\r\n\r\n",
        OK + b"X: y\r\n" * 201 + TEN + b"0123456789",
        OK + b"X: " + b"y" * 70_000 + b"\r\n" + TEN + b"0123456789",
    ],
)
def test_what_is_no_http_is_refused(answer: bytes) -> None:
    assert kind(says(answer)) == "protocol"


@pytest.mark.parametrize(
    ("head", "chunk"),
    [
        (b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 100),
        (OK, b"X: y\r\n" * 100),
        (OK + b"X: ", b"y" * 10_000),
        (b"", b"\r\n" * 1_000),
        (CHUNKED, b"1\r\nx\r\n" * 1_000),
        (CHUNKED, b"1;" + b"x" * 10_000 + b"\r\nx\r\n"),
        (CHUNKED + b"0\r\n", b"X: y\r\n" * 1_000),
    ],
)
def test_what_goes_on_without_saying_anything_is_refused(head: bytes, chunk: bytes) -> None:
    assert kind(repeats(head, chunk)) == "protocol"


@pytest.mark.parametrize(
    ("head", "chunk"),
    [(OK + b"\r\n", bytes(50_000)), (CHUNKED, b"10000\r\n" + bytes(65_536) + b"\r\n")],
)
def test_a_body_without_end_is_too_large(head: bytes, chunk: bytes) -> None:
    assert kind(repeats(head, chunk)) == "too-large"


@pytest.mark.parametrize(
    ("head", "chunk"),
    [
        (b"", b"H"),
        (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
        (OK + b"X: ", b"y"),
        (OK, b"X: y\r\n"),
        (OK + b"\r\n", b"<"),
        (CHUNKED, b"1\r\nx\r\n"),
    ],
)
def test_what_only_drips_ends_with_the_time_limit(head: bytes, chunk: bytes) -> None:
    assert kind(repeats(head, chunk, pause=0.02), timeout=0.3) in ("timeout", "protocol")


def test_a_handshake_that_stalls_ends_with_the_time_limit() -> None:
    with RawServer(silent) as server:
        url = server.url().replace("http:", "https:")
        got = asyncio.run(client(timeout=0.2).get(Ask(url)))
        assert isinstance(got, FetchFailed)
        assert got.kind == "timeout"
        assert server.ended.acquire(timeout=10)


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=20),
            st.sampled_from([OK, TEN, CHUNKED, b"\r\n", b"\n", b"0\r\n\r\n", b"5\r\n01234\r\n"]),
            st.sampled_from(
                [b"Content-Encoding: gzip\r\n", b"HTTP/1.1 100 C\r\n\r\n", b"X: y\r\n"]
            ),
            st.sampled_from([b"HTTP/1.1 304 N\r\n", b"Upgrade: a\r\nConnection: upgrade\r\n"]),
        ),
        max_size=12,
    )
)
@settings(max_examples=200)
def test_whatever_a_server_says_has_an_outcome(pieces: list[bytes]) -> None:
    """Read in one piece or in single bytes, it is the same: an answer, or a failure with a kind."""

    def read(*chunks: bytes) -> object:
        async def run() -> object:
            wire = _Conversation(b"", lambda head: body_reader(packed=False, limit=50), int)
            for chunk in chunks:
                wire.data_received(chunk)
            wire.eof_received()
            wire.connection_lost(None)
            try:
                return await wire.reply
            except RefusedError as error:
                return error.kind

        return asyncio.run(run())

    whole = b"".join(pieces)
    assert read(whole) == read(*(whole[at : at + 1] for at in range(len(whole))))


# --- what we say ----------------------------------------------------------------------------------


def heads(ask: Ask) -> list[bytes]:
    """The bytes of the requests that an exchange makes."""
    seen: list[bytes] = []

    def manner(connection: object) -> None:
        seen.append(read_head(connection))
        connection.sendall(OK + TEN + b"0123456789")

    with RawServer(manner) as server:
        url = ask.url.replace("PORT", str(server.port))
        asyncio.run(client().get(replace(ask, url=url)))
    return [head.replace(str(server.port).encode(), b"PORT") for head in seen]


def test_a_request_is_said_byte_for_byte() -> None:
    ask = Ask(
        "http://127.0.0.1:PORT/أمن?q=a b#top",
        headers=(("Accept", "*/*"),),
        conditions=(("If-None-Match", '"caf\xe9"'),),
    )
    (head,) = heads(ask)
    assert head.split(b"\r\n") == [
        b"GET /%D8%A3%D9%85%D9%86?q=a%20b HTTP/1.1",
        b"Host: 127.0.0.1:PORT",
        b"User-Agent: Rasid/test",
        b"Accept-Encoding: gzip",
        b"Connection: close",
        b"Accept: */*",
        b'If-None-Match: "caf\xe9"',
        b"",
        b"",
    ]


@pytest.mark.parametrize(
    "header",
    [
        ("X-Key", "a\r\nX-Other: b"),
        ("X-Key", "a\nX-Other: b"),
        ("X-Key", "a\rb"),
        ("X-Key", "a\0b"),
        ("X-Key", "a\r\n\r\nGET /other HTTP/1.1"),
        ("X-Key", "كلمة"),
        ("X Key", "a"),
        ("X-Key: b\r\nX-Other", "a"),
        ("", "a"),
        ("مفتاح", "a"),
    ],
)
def test_headers_cannot_bring_others_along(header: tuple[str, str]) -> None:
    assert heads(Ask("http://127.0.0.1:PORT/", secrets=(header,))) == []


@pytest.mark.parametrize(
    "path", ["/a\r\nX-Other: b", "/a\nb", "/a\tb", "/a\0b", "/a HTTP/1.1\r\n\r\n"]
)
def test_addresses_cannot_bring_headers_along(path: str) -> None:
    assert heads(Ask("http://127.0.0.1:PORT" + path)) == []


def test_blanks_in_an_address_stay_in_it() -> None:
    (head,) = heads(Ask("http://127.0.0.1:PORT/a HTTP/1.0"))
    assert head.startswith(b"GET /a%20HTTP/1.0 HTTP/1.1\r\n")


# --- connections ----------------------------------------------------------------------------------


def test_a_cancelled_exchange_closes_its_connection() -> None:
    async def run(urls: Iterable[str], begun: threading.Semaphore) -> None:
        http = client(timeout=600.0)
        running = [asyncio.create_task(http.get(Ask(url))) for url in urls]
        while not begun.acquire(blocking=False):
            await asyncio.sleep(0.005)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        await asyncio.to_thread(server.ended.acquire, timeout=10)

    begun = threading.Semaphore(0)

    def manner(connection: object) -> None:
        read_head(connection)
        connection.sendall(OK + TEN + b"0")
        begun.release()
        silent(connection)  # returns only once the other side has gone

    with RawServer(manner) as server:
        asyncio.run(run([server.url()], begun))
        assert server.connections == 1


def test_a_connection_serves_one_exchange_and_is_closed_by_us() -> None:
    def manner(connection: object) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n" + TEN + b"0123456789")
        silent(connection)

    async def run(url: str) -> None:
        http = client()
        for _ in range(3):
            assert isinstance(await http.get(Ask(url)), Answer)

    with RawServer(manner) as server:
        asyncio.run(run(server.url()))
        for _ in range(3):
            assert server.ended.acquire(timeout=10)
        assert server.connections == 3
