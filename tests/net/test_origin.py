"""The loopback server that the other tests stand on."""

from __future__ import annotations

import http.client
import threading

import pytest

from origin import FAULTS, Origin, Request, rss


def ask(origin: Origin, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", origin.port, timeout=5)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_serves_what_was_put_and_logs_the_request() -> None:
    with Origin() as origin:
        origin.put("/feed", rss([{"title": "قصف", "categories": ["أمن"]}]))
        status, body = ask(origin, "/feed", {"X-Word": "Yes"})
        (request,) = origin.requests
    assert status == 200
    assert "<title>قصف</title><category>أمن</category>" in body.decode()
    assert (request.method, request.path, request.headers["x-word"]) == ("GET", "/feed", "Yes")


def test_answers_404_where_nothing_was_put() -> None:
    with Origin() as origin:
        assert ask(origin, "/none")[0] == 404


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"If-None-Match": '"a"'}, 304),
        ({"If-None-Match": 'W/"a"'}, 304),
        ({"If-None-Match": '"b"'}, 200),
        ({"If-None-Match": '"b"', "If-Modified-Since": "Tue, 14 Jan 2025 08:00:00 GMT"}, 200),
        ({"If-Modified-Since": "Tue, 14 Jan 2025 08:00:00 GMT"}, 304),
        ({"If-Modified-Since": "Tue, 14 Jan 2025 07:00:00 GMT"}, 200),
        ({"If-Modified-Since": "nonsense"}, 200),
    ],
)
def test_conditional_requests(asked: dict[str, str], status: int) -> None:
    with Origin() as origin:
        origin.put("/", b"x", etag='"a"', last_modified="Tue, 14 Jan 2025 08:00:00 GMT")
        assert ask(origin, "/", asked)[0] == status


def test_a_handler_makes_its_own_answers() -> None:
    def handler(request: Request) -> bytes:
        return request.path.encode()

    with Origin() as origin:
        origin.put("/echo", handler=handler)
        assert ask(origin, "/echo") == (200, b"/echo")


def test_put_ends_a_misbehaviour() -> None:
    with Origin() as origin:
        origin.fail("/f", "hang-up")
        with pytest.raises(http.client.RemoteDisconnected):
            ask(origin, "/f")
        origin.put("/f", b"well again")
        assert ask(origin, "/f") == (200, b"well again")


def test_an_unknown_misbehaviour_is_refused() -> None:
    with Origin() as origin, pytest.raises(ValueError, match="none of garbage, short"):
        origin.fail("/f", "shrot")


def test_closing_cuts_what_hangs_and_leaves_no_thread() -> None:
    before = threading.active_count()
    with Origin() as origin:
        connections = []
        for how in ("stall", "drip", "slow-header", "endless"):
            assert how in FAULTS
            origin.fail(f"/{how}", how)
            connection = http.client.HTTPConnection("127.0.0.1", origin.port, timeout=5)
            connection.request("GET", f"/{how}")
            connections.append(connection)
    for connection in connections:
        connection.close()
    assert threading.active_count() == before
