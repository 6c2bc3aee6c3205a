"""Exchanges over the loopback: redirects, limits, codings, secrets, and the names of failures."""

from __future__ import annotations

import asyncio
import errno
import gzip
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import FetchFailed
from monitor.net.exchange import (
    Answer,
    Ask,
    Limits,
    RefusedError,
    no_connection,
    plain_detail,
    user_agent,
)
from monitor.net.http import Http
from monitor.net.urls import bare, place, read_url
from monitor.net.urls import origin as rfc_origin
from origin import Origin, Reply, Request, rss

LOOPBACK = ("127.0.0.0/8",)


async def to_loopback(host: str, port: int) -> Sequence[str]:
    """Resolves every name to the loopback, but for names that end in .invalid."""
    if host.endswith(".invalid"):
        raise OSError("no such name")
    return ["127.0.0.1"]


def client(*, timeout: float = 5.0, per_host: int = 2, **more: object) -> Http:
    limits = Limits(timeout=timeout, max_bytes=200_000, concurrency=20, per_host=per_host)
    options = {"agent": "Rasid/test", "allow_private": LOOPBACK, "resolve": to_loopback} | more
    return Http(limits, **options)


def ask(*asks: Ask | str, **options: object) -> list[Answer | FetchFailed]:
    """The outcomes of several exchanges with one client, one after another."""

    async def run() -> list[Answer | FetchFailed]:
        http = client(**options)
        return [await http.get(a if isinstance(a, Ask) else Ask(a)) for a in asks]

    return asyncio.run(run())


def failure(url: str, **options: object) -> FetchFailed:
    (outcome,) = ask(url, **options)
    assert isinstance(outcome, FetchFailed), outcome
    return outcome


def answer(url: Ask | str, **options: object) -> Answer:
    (outcome,) = ask(url, **options)
    assert isinstance(outcome, Answer), outcome
    return outcome


def test_a_plain_document() -> None:
    with Origin() as origin:
        url = origin.put("/f", b"<rss/>", headers={"X-Odd": "caf\xe9"})
        got = answer(url)
        (request,) = origin.requests
    assert (got.status, got.body, got.url, got.moved_to) == (200, b"<rss/>", url, None)
    assert got.headers["x-odd"] == "caf\xe9"
    assert request.method == "GET"
    assert request.headers["user-agent"] == "Rasid/test"
    assert request.headers["accept-encoding"] == "gzip"
    assert not {"cookie", "referer", "authorization", "from"} & set(request.headers)


def test_gzip_is_unpacked_even_in_several_members() -> None:
    with Origin() as origin:
        twice = gzip.compress(b"<rss>") + gzip.compress(b"</rss>") + bytes(20)
        url = origin.put("/f", twice, headers={"Content-Encoding": "gzip"})
        assert answer(url).body == b"<rss></rss>"


def test_an_empty_gzip_body_is_empty() -> None:
    with Origin() as origin:
        assert answer(origin.put("/f", b"", headers={"Content-Encoding": "gzip"})).body == b""


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ("garbage", "protocol"),
        ("short", "cut-off"),
        ("gzip-cut", "cut-off"),
        ("gzip-lie", "coding"),
        ("gzip-bomb", "too-large"),
        ("brotli", "coding"),
        ("endless", "too-large"),
        ("hang-up", "cut-off"),
    ],
)
def test_misbehaving_servers_are_failures_with_a_kind(how: str, kind: str) -> None:
    with Origin() as origin:
        got = failure(origin.fail("/f", how))
    assert got.kind == kind
    assert got.detail.isprintable()


@pytest.mark.parametrize("how", ["stall", "drip", "slow-header"])
def test_the_time_limit_covers_the_whole_exchange(how: str) -> None:
    with Origin() as origin:
        begun = time.monotonic()
        assert failure(origin.fail("/f", how), timeout=0.4).kind == "timeout"
        assert time.monotonic() - begun < 3


def test_the_time_limit_covers_redirects_and_name_servers() -> None:
    async def slow(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return ["127.0.0.1"]

    with Origin() as origin:
        origin.put("/end", delay=30)
        assert failure(origin.redirect("/start", "/end"), timeout=0.3).kind == "timeout"
    assert failure("http://slow.example/", timeout=0.3, resolve=slow).kind == "timeout"


def test_a_body_larger_than_allowed_is_refused_before_it_is_read() -> None:
    with Origin() as origin:
        assert failure(origin.put("/f", bytes(200_001))).kind == "too-large"
        assert len(answer(origin.put("/g", bytes(200_000))).body) == 200_000


def test_a_body_of_very_many_gzip_members_is_refused() -> None:
    with Origin() as origin:
        many = gzip.compress(b"") * 5_000
        url = origin.put("/f", many, headers={"Content-Encoding": "gzip"})
        assert failure(url).kind == "coding"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("ftp://example.org/feed", "url"),
        ("file:///etc/hostname", "url"),
        ("/feed", "url"),
        ("http://", "url"),
        ("http://user:secret@exa mple.invalid/", "dns"),
        ("http://example.org:secret/", "url"),
        ("http://example.org:99999/", "url"),
        ("http://" + "a" * 9000, "url"),
        ("http://nowhere.invalid/", "dns"),
        ("http://[::1]:1/", "blocked"),
        ("http://0xa9fea9fe/latest/meta-data", "blocked"),
        ("http://127.0.0.1:1/", "refused"),
    ],
)
def test_addresses_that_lead_nowhere(url: str, kind: str) -> None:
    got = failure(url)
    assert got.kind == kind
    assert "secret" not in got.detail


def test_what_stands_in_the_way_is_told_in_words_of_ours() -> None:
    nobody = "no connection: nobody listens there"
    assert failure("http://127.0.0.1:1/").detail == nobody
    assert failure("http://paper.example/", proxy="http://127.0.0.1:1").detail == nobody
    unnamed = "10.0.0.1 is no public address, and allow_private in monitor.yaml does not name it"
    assert failure("http://10.0.0.1/").detail == unnamed


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ETIMEDOUT, "no connection: timed out"),
        (errno.EHOSTUNREACH, "no connection: no route there"),
        (errno.EMFILE, "no connection: Too many open files"),
        (None, "no connection"),
    ],
)
def test_no_words_of_python_are_told(number: int | None, told: str) -> None:
    error = OSError("Multiple exceptions: [Errno 111] Connect call failed ('127.0.0.1', 9999)")
    error.errno = number
    assert no_connection(error) == told


ODD_NAMES = ["xn--ls8h.example", "xn--a", "xn--zzzzzzz99999999", "xn--.example", "a_b.example"]


@pytest.mark.parametrize("host", ODD_NAMES)
def test_a_name_that_idna_does_not_know_is_dialled_like_any_other(host: str) -> None:
    with Origin() as origin:
        origin.put("/f", b"<rss/>")
        url = origin.url("/f", host=host)
        assert answer(url).body == b"<rss/>"
        assert answer(origin.redirect("/r", url)).url == url
        assert {request.headers["host"] for request in origin.requests} >= {f"{host}:{origin.port}"}


@pytest.mark.parametrize("host", ODD_NAMES)
def test_a_name_that_idna_does_not_know_goes_through_a_proxy(host: str) -> None:
    with Origin() as origin:
        origin.put(f"http://{host}/f", b"<rss/>")
        assert answer(Ask(f"http://{host}/f", proxy=origin.url(""))).body == b"<rss/>"


HOSTS = st.one_of(
    st.text(max_size=20),
    st.text("xn-a.0:[]%@\\/?#é١٢。\u00ad", max_size=20).map("xn--".__add__),
)


@given(HOSTS, HOSTS)
def test_whatever_is_an_address_can_be_taken_apart(host: str, further: str) -> None:
    with suppress(RefusedError):
        first = read_url(f"http://{host}/")
        url = bare(read_url(f"//{further}", first))
        assert place(url).host
        assert rfc_origin(url)


def test_tls_failures_are_told_as_such() -> None:
    with Origin() as origin:
        assert failure(f"https://127.0.0.1:{origin.port}/").kind == "tls"


# --- redirects ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ([301], "/1"),
        ([308], "/1"),
        ([302], None),
        ([303], None),
        ([307], None),
        ([301, 308], "/2"),
        ([301, 302], "/1"),
        ([302, 301], None),
        ([301, 302, 301], "/1"),
    ],
)
def test_only_the_permanent_head_of_a_chain_moves_the_address(
    statuses: list[int], moved: str | None
) -> None:
    with Origin() as origin:
        for position, status in enumerate(statuses):
            origin.redirect(f"/{position}", f"/{position + 1}", status)
        end = origin.put(f"/{len(statuses)}", b"<rss/>")
        got = answer(origin.url("/0"))
        assert got.url == end
        assert got.moved_to == (moved and origin.url(moved))


def test_ten_redirects_are_followed_and_eleven_are_not() -> None:
    with Origin() as origin:
        for hop in range(11):
            origin.redirect(f"/{hop}", f"/{hop + 1}", 302)
        origin.put("/11", b"<rss/>")
        assert answer(origin.url("/1")).url == origin.url("/11")
        assert failure(origin.url("/0")).kind == "redirects"


@pytest.mark.parametrize("target", ["/a", "/b", "#top", ""])
def test_circles_and_redirects_to_nowhere_end(target: str) -> None:
    with Origin() as origin:
        origin.redirect("/a", target, 302)
        origin.redirect("/b", "/a", 302)
        assert failure(origin.url("/a")).kind == "redirects"
        assert len(origin.requests) <= 2


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("file:///etc/passwd", "url"),
        ("gopher://127.0.0.1/", "url"),
        ("javascript:alert(1)", "url"),
        ("http://[::1]/", "blocked"),
        ("//10.0.0.1/", "blocked"),
        ("http://169.254.169.254/latest/", "blocked"),
    ],
)
def test_redirects_pass_the_same_checks(target: str, kind: str) -> None:
    with Origin() as origin:
        assert failure(origin.redirect("/f", target)).kind == kind


def test_an_arabic_address_in_a_redirect_is_followed() -> None:
    with Origin() as origin:
        origin.put("/%D8%A3%D9%85%D9%86", b"<rss/>")
        location = "/أمن".encode().decode("latin-1")
        assert answer(origin.redirect("/f", location)).body == b"<rss/>"


# --- secrets --------------------------------------------------------------------------------------


def test_secrets_stay_with_their_origin() -> None:
    with Origin() as origin:
        origin.put("/end", b"<rss/>")
        origin.redirect("/away", origin.url("/back", host="other.example"), 302)
        origin.redirect("/back", origin.url("/end"), 302)
        url = origin.url("/away").replace("//", "//reader:word@")
        got = answer(Ask(url, secrets=(("X-Key", "abc"), ("User-Agent", "Mine"))))
        home, other, again = origin.requests
    for request in (home, again):
        assert request.headers["x-key"] == "abc"
        assert request.headers["authorization"].startswith("Basic ")
        assert request.headers["user-agent"] == "Mine"
    assert not {"x-key", "authorization"} & set(other.headers)
    assert other.headers["user-agent"] == "Rasid/test"
    assert "word" not in got.url


def test_secrets_of_an_address_that_has_moved_away_are_not_sent() -> None:
    with Origin() as origin:
        origin.put("/f", b"<rss/>")
        moved = origin.url("/f", host="other.example")
        answer(Ask(moved, secrets=(("X-Key", "abc"),), home=origin.url("/old")))
        (request,) = origin.requests
    assert "x-key" not in request.headers


def test_credentials_in_a_redirect_are_not_taken_up() -> None:
    with Origin() as origin:
        origin.put("/f", b"<rss/>")
        target = origin.url("/f").replace("//", "//mallory:word@")
        assert answer(origin.redirect("/r", target)).moved_to == origin.url("/f")
        assert "authorization" not in origin.requests[-1].headers


def test_conditions_speak_of_the_old_address_only() -> None:
    with Origin() as origin:
        origin.put("/new", b"<rss/>")
        origin.redirect("/moved", "/new", 301)
        origin.redirect("/elsewhere", "/new", 302)
        conditions = (("If-None-Match", '"a"'),)
        answer(Ask(origin.url("/moved"), conditions=conditions))
        answer(Ask(origin.url("/elsewhere"), conditions=conditions))
        there = origin.url("/new")
        answer(Ask(origin.url("/elsewhere"), conditions=conditions, conditions_at=there))
        told = ["if-none-match" in request.headers for request in origin.requests]
    assert told == [True, False, True, False, False, True]


def test_headers_that_http_cannot_carry_are_a_failure() -> None:
    with Origin() as origin:
        url = origin.put("/f", b"<rss/>")
        for bad in ("كلمة", "a\r\nX-Other: b"):
            (got,) = ask(Ask(url, secrets=(("X-Key", bad),)))
            assert isinstance(got, FetchFailed)
            assert got.kind == "protocol"
            assert bad not in got.detail


def test_cookies_are_never_sent_back() -> None:
    with Origin() as origin:
        url = origin.put("/f", b"<rss/>", headers={"Set-Cookie": "id=1; Path=/"})
        ask(url, url)
        assert all("cookie" not in request.headers for request in origin.requests)


def test_the_environments_proxy_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with Origin() as origin:
        assert answer(origin.put("/f", b"<rss/>")).status == 200


# --- proxies --------------------------------------------------------------------------------------


def test_a_proxy_is_asked_by_name_and_needs_no_permission() -> None:
    def proxy(request: Request) -> Reply:
        return Reply(f"via proxy: {request.path}")

    with Origin() as origin:
        origin.put("http://paper.example/feed", handler=proxy)
        asked = Ask("http://paper.example/feed", proxy=origin.url("").replace("//", "//u:p@"))
        got = answer(asked, allow_private=())
        (request,) = origin.requests
    assert got.body == b"via proxy: http://paper.example/feed"
    assert request.headers["proxy-authorization"].startswith("Basic ")


@pytest.mark.parametrize("url", ["http://127.1/", "http://[::ffff:10.0.0.1]/", "http://localhost/"])
def test_a_proxy_is_not_asked_for_private_addresses(url: str) -> None:
    with Origin() as origin:
        assert failure(url, proxy=origin.url(), allow_private=()).kind == "blocked"
        assert origin.requests == []


def test_a_proxy_that_refuses_is_told_as_that() -> None:
    with Origin() as origin:  # which knows no CONNECT
        got = failure("https://paper.example/", proxy=origin.url())
        assert (got.kind, "501" in got.detail) == ("proxy", True)
    assert failure("http://paper.example/", proxy="http://127.0.0.1:1").kind == "refused"


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ("garbage", "protocol"),
        ("short", "cut-off"),
        ("gzip-bomb", "too-large"),
        ("brotli", "coding"),
        ("endless", "too-large"),
        ("hang-up", "cut-off"),
        ("stall", "timeout"),
        ("drip", "timeout"),
        ("slow-header", "timeout"),
    ],
)
def test_what_comes_through_a_proxy_has_the_same_limits(how: str, kind: str) -> None:
    with Origin() as origin:
        url = "http://paper.example/feed"
        origin.fail(url, how)
        timeout = 0.5 if kind == "timeout" else 30.0
        assert failure(url, proxy=origin.url(""), timeout=timeout).kind == kind


def test_headers_go_through_a_proxy_byte_for_byte_and_bring_no_others_along() -> None:
    with Origin() as origin:
        url = "http://paper.example/feed"
        origin.put(url, b"<rss/>")
        whole, split = ask(
            Ask(url, conditions=(("If-None-Match", '"caf\xe9"'),)),
            Ask(url, secrets=(("X-Key", "a\r\nX-Other: b"),)),
            proxy=origin.url(""),
        )
        (request,) = origin.requests
    assert isinstance(whole, Answer)
    assert request.headers["if-none-match"] == '"caf\xe9"'
    assert isinstance(split, FetchFailed)
    assert split.kind == "protocol"


def test_a_proxy_that_cannot_be_read_is_a_failure_that_keeps_its_secret() -> None:
    for address in ("ftp://u:secret@h/", "http://u:secret@h:port/"):
        got = failure("http://paper.example/", proxy=address)
        assert got.kind == "proxy"
        assert "secret" not in got.detail


# --- how many at once -----------------------------------------------------------------------------


def most_at_once(urls: Callable[[Origin], list[str]], **options: object) -> int:
    running = 0
    most = 0

    def handler(request: Request) -> bytes:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.03)
        running -= 1
        return rss([])

    async def run(origin: Origin) -> None:
        http = client(**options)
        outcomes = await asyncio.gather(*(http.get(Ask(url)) for url in urls(origin)))
        assert all(isinstance(outcome, Answer) for outcome in outcomes)

    with Origin() as origin:
        for number in range(8):
            origin.put(f"/{number}", handler=handler)
        asyncio.run(run(origin))
    return most


def test_a_host_is_asked_no_more_at_once_than_allowed() -> None:
    def one_host(origin: Origin) -> list[str]:
        return [origin.url(f"/{number}") for number in range(8)]

    def eight_hosts(origin: Origin) -> list[str]:
        return [origin.url(f"/{number}", host=f"h{number}.example") for number in range(8)]

    assert most_at_once(one_host, per_host=1) == 1
    assert most_at_once(one_host, per_host=2) <= 2
    assert most_at_once(eight_hosts, per_host=1) > 2


def test_waiting_for_a_slot_does_not_count_as_slowness() -> None:
    async def run(origin: Origin) -> list[Answer | FetchFailed]:
        http = client(timeout=0.6, per_host=1)
        urls = [origin.put(f"/{number}", b"<rss/>", delay=0.2) for number in range(5)]
        return await asyncio.gather(*(http.get(Ask(url)) for url in urls))

    with Origin() as origin:
        assert all(isinstance(outcome, Answer) for outcome in asyncio.run(run(origin)))


def test_a_cancelled_exchange_frees_its_slot() -> None:
    async def run(origin: Origin) -> Answer | FetchFailed:
        http = client(per_host=1)
        hanging = asyncio.create_task(http.get(Ask(origin.fail("/f", "stall"))))
        while not origin.requests:
            await asyncio.sleep(0.005)
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
        return await http.get(Ask(origin.put("/g", b"<rss/>")))

    with Origin() as origin:
        assert isinstance(asyncio.run(run(origin)), Answer)


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contact", "told"),
    [
        (None, "(news feed watcher)"),
        ("ops@example.org", "(news feed watcher; ops@example.org)"),
        ("https://example.org/bot", "(news feed watcher; +https://example.org/bot)"),
        ("a\r\nX: b)", "(news feed watcher; aX: b)"),
    ],
)
def test_the_user_agent_is_honest(contact: str | None, told: str) -> None:
    assert user_agent(contact).startswith("Rasid/")
    assert user_agent(contact).endswith(told)


def test_details_are_one_printable_line() -> None:
    assert plain_detail("a\r\n\x1b[31mb\u202ec\u2066") == "a [31mb c"
    assert len(plain_detail("x" * 1000)) == 200
