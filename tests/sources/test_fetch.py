"""A feed fetched again and again: conditional requests, moves, refusals."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pytest

from monitor.model import (
    Feed,
    FeedRow,
    Fetched,
    FetchFailed,
    FetchOutcome,
    NotModified,
    Polling,
    Validators,
)
from monitor.net.exchange import read_retry_after
from monitor.net.freshness import read_freshness
from monitor.sources.fetch import HttpFetcher
from origin import Origin, Reply, Request, rss

NOW = 1_736_841_600.0  # Tue, 14 Jan 2025 08:00:00 GMT
DATE = "Mon, 13 Jan 2025 10:00:00 GMT"
BODY = rss([{"title": "خبر"}])


async def to_loopback(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def fetch(
    url: str, row: FeedRow | None = None, *, feed: Feed | None = None, **options: object
) -> FetchOutcome:
    async def run() -> FetchOutcome:
        own = {"allow_private": ["127.0.0.0/8"], "resolve": to_loopback} | options
        fetcher = HttpFetcher(Polling(timeout=5.0), clock=lambda: NOW, **own)
        return await fetcher.fetch(feed or Feed("f", url, "f"), row or FeedRow("f", url))

    return asyncio.run(run())


def knowing(url: str, etag: str | None = None, modified: str | None = None) -> FeedRow:
    return FeedRow("f", url, validators=Validators(etag, modified))


def test_a_first_fetch_is_unconditional_and_brings_all() -> None:
    with Origin() as origin:
        url = origin.put("/f", BODY, etag='"a1"', last_modified=DATE)
        got = fetch(url, contact="ops@example.org")
        (request,) = origin.requests
    assert isinstance(got, Fetched)
    assert (got.url, got.body, got.moved_to) == (url, BODY, None)
    assert got.validators == Validators('"a1"', DATE)
    assert got.body_hash == hashlib.sha256(BODY).hexdigest()
    assert got.headers["content-type"].startswith("application/rss+xml")
    assert not {"if-none-match", "if-modified-since"} & set(request.headers)
    assert request.headers["user-agent"].endswith("ops@example.org)")
    assert "application/rss+xml" in request.headers["accept"]


@pytest.mark.parametrize(
    ("etag", "modified"),
    [
        ('"a1"', DATE),
        ('"a1"', None),
        (None, DATE),
        ('W/"a1"', None),
        ("unquoted", None),
        ('"caf\xe9"', None),
        (None, "2025-01-13T10:00:00+00:00"),
        (None, "yesterday"),
    ],
)
def test_validators_are_echoed_byte_for_byte(etag: str | None, modified: str | None) -> None:
    with Origin() as origin:
        url = origin.put("/f", BODY, etag=etag, last_modified=modified)
        first = fetch(url)
        assert isinstance(first, Fetched)
        assert first.validators == Validators(etag, modified)
        again = fetch(url, replace(FeedRow("f", url), validators=first.validators))
        headers = origin.requests[-1].headers
    assert headers.get("if-none-match") == etag
    assert headers.get("if-modified-since") == modified
    assert again == NotModified(first.validators)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({}, Validators('"old"', DATE)),
        ({"ETag": '"new"'}, Validators('"new"', DATE)),
        ({"Last-Modified": "later"}, Validators('"old"', "later")),
        ({"ETag": '"new"', "Last-Modified": "later"}, Validators('"new"', "later")),
    ],
)
def test_a_304_updates_what_it_tells_and_keeps_the_rest(
    told: dict[str, str], kept: Validators
) -> None:
    with Origin() as origin:
        url = origin.put("/f", handler=lambda request: Reply(status=304, headers=told))
        assert fetch(url, knowing(url, '"old"', DATE)) == NotModified(kept)


def test_a_200_replaces_both_validators_even_where_it_gives_one() -> None:
    with Origin() as origin:
        url = origin.put("/f", BODY, etag='"new"')
        got = fetch(url, knowing(url, '"old"', DATE))
    assert isinstance(got, Fetched)
    assert got.validators == Validators('"new"', None)


def test_a_validator_without_end_is_not_kept() -> None:
    with Origin() as origin:
        url = origin.put("/f", BODY, etag='"' + "a" * 5000 + '"')
        got = fetch(url)
    assert isinstance(got, Fetched)
    assert got.validators == Validators()


def test_a_304_that_nobody_asked_for_is_a_failure() -> None:
    with Origin() as origin:
        url = origin.put("/f", handler=lambda request: Reply(status=304))
        got = fetch(url)
    assert isinstance(got, FetchFailed)
    assert (got.kind, got.status) == ("status", 304)


def test_what_is_known_of_another_address_is_not_used() -> None:
    with Origin() as origin:
        url = origin.put("/f", BODY)
        row = replace(knowing(origin.url("/old"), '"a"'), moved_to=origin.url("/moved"))
        assert isinstance(fetch(url, row), Fetched)
        (request,) = origin.requests
    assert (request.path, request.headers.get("if-none-match")) == ("/f", None)


def test_a_moved_feed_is_asked_for_at_its_new_address() -> None:
    with Origin() as origin:
        old = origin.redirect("/old", "/new", 301)
        new = origin.put("/new", BODY, etag='"n"')
        first = fetch(old)
        assert isinstance(first, Fetched)
        assert first.moved_to == new
        row = replace(knowing(old, '"n"'), moved_to=first.moved_to)
        assert fetch(old, row) == NotModified(Validators('"n"'))
        assert [request.path for request in origin.requests] == ["/old", "/new", "/new"]


def test_a_feeds_own_headers_and_password_stay_with_its_host() -> None:
    with Origin() as origin:
        origin.put("/end", BODY)
        origin.redirect("/f", origin.url("/end", host="cdn.example"), 302)
        url = origin.url("/f").replace("//", "//reader:word@")
        feed = Feed("f", url, "f", headers=(("X-Key", "abc"),))
        got = fetch(url, feed=feed)
        home, cdn = origin.requests
    assert isinstance(got, Fetched)
    assert home.headers["x-key"] == "abc"
    assert "authorization" in home.headers
    assert not {"x-key", "authorization"} & set(cdn.headers)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 500, 503, 504, 206, 204])
def test_other_statuses_are_failures(status: int) -> None:
    with Origin() as origin:
        got = fetch(origin.put("/f", b"", status=status))
    assert isinstance(got, FetchFailed)
    assert got.status == status
    assert got.gone == (status == 410)
    assert got.kind == ("empty" if status == 204 else "status")


@pytest.mark.parametrize("status", [206, 226])
def test_a_part_of_a_document_is_no_document(status: int) -> None:
    with Origin() as origin:
        got = fetch(origin.put("/f", rss([]), status=status))
    assert isinstance(got, FetchFailed)
    assert (got.kind, got.status) == ("status", status)


@pytest.mark.parametrize("body", [b"", b" \r\n"])
def test_an_empty_body_is_a_failure(body: bytes) -> None:
    with Origin() as origin:
        got = fetch(origin.put("/f", body))
    assert isinstance(got, FetchFailed)
    assert got.kind == "empty"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 120 ", 120.0),
        ("0", None),
        ("-5", None),
        ("1.5", None),
        ("99999999999999999999", 86400.0),
        ("Tue, 14 Jan 2025 08:10:00 GMT", 600.0),
        ("Tuesday, 14-Jan-25 08:10:00 GMT", 600.0),
        ("Tue Jan 14 08:10:00 2025", 600.0),
        ("Tue, 14 Jan 2025 07:00:00 GMT", None),
        ("Tue, 14 Jan 2036 07:00:00 GMT", 86400.0),
        ("Tue, 14 Jan 99999 07:00:00 GMT", None),
        ("soon", None),
        ("١٢٠", None),
        ("", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert read_retry_after(value, NOW) == seconds


@pytest.mark.parametrize(("status", "wait"), [(429, 90.0), (503, 90.0), (500, 90.0), (404, 90.0)])
def test_a_server_may_ask_for_patience(status: int, wait: float | None) -> None:
    with Origin() as origin:
        got = fetch(origin.put("/f", b"", status=status, headers={"Retry-After": "90"}))
    assert isinstance(got, FetchFailed)
    assert got.retry_after == wait


def test_private_addresses_are_refused_by_default() -> None:
    with Origin() as origin:
        got = fetch(origin.put("/f", BODY), allow_private=())
        assert origin.requests == []
    assert isinstance(got, FetchFailed)
    assert got.kind == "blocked"


def test_get_brings_any_document() -> None:
    async def run(url: str) -> Fetched | FetchFailed:
        polling = Polling(timeout=5.0)
        fetcher = HttpFetcher(polling, allow_private=["127.0.0.0/8"], clock=lambda: NOW)
        return await fetcher.get(url)

    def page(request: Request) -> Reply:
        return Reply("<p>مقال</p>", headers={"Content-Type": "text/html"})

    with Origin() as origin:
        got = asyncio.run(run(origin.put("/page", handler=page)))
    assert isinstance(got, Fetched)
    assert got.headers["content-type"] == "text/html"


# --- for how long an answer is fresh --------------------------------------------------------------

LATER = "Tue, 14 Jan 2025 08:10:00 GMT"
FRESHNESS = [
    ({}, 0.0),
    ({"Cache-Control": "max-age=600"}, 600.0),
    ({"Cache-Control": "public, MAX-AGE=600"}, 600.0),
    ({"Cache-Control": 'max-age="600"'}, 600.0),  # RFC 9111 section 5.2: take both forms
    ({"Cache-Control": "max-age=600, max-age=600"}, 600.0),
    ({"Cache-Control": "max-age=600", "Age": "100"}, 500.0),
    ({"Cache-Control": "max-age=600", "Age": "601"}, 0.0),
    ({"Cache-Control": "max-age=600", "Age": "old"}, 0.0),
    ({"Cache-Control": "s-maxage=600"}, 0.0),  # speaks to shared caches
    ({"Cache-Control": "max-age=0"}, 0.0),
    ({"Cache-Control": "max-age=-5"}, 0.0),
    ({"Cache-Control": "max-age=1.5"}, 0.0),
    ({"Cache-Control": "max-age"}, 0.0),
    ({"Cache-Control": "max-age=٦٠٠"}, 0.0),
    ({"Cache-Control": "max-age=600, max-age=700"}, 0.0),
    ({"Cache-Control": "max-age=99999999999999999999"}, 1e20),
    ({"Cache-Control": "no-store, max-age=600"}, 0.0),
    ({"Cache-Control": "max-age=600, must-revalidate"}, 0.0),
    ({"Cache-Control": 'no-cache="x", max-age=600', "Expires": LATER}, 0.0),
    ({"Cache-Control": "max-age=600; must-revalidate" + " " * 2000}, 0.0),
    ({"Cache-Control": "max-age=odd", "Expires": LATER}, 0.0),  # max-age wins over Expires
    ({"Cache-Control": "public", "Expires": LATER}, 600.0),
    ({"Expires": LATER}, 600.0),
    ({"Expires": "Tuesday, 14-Jan-25 08:10:00 GMT"}, 600.0),
    ({"Expires": "Tue Jan 14 08:10:00 2025"}, 600.0),
    ({"Expires": LATER, "Date": "Tue, 14 Jan 2025 08:08:00 GMT"}, 120.0),  # their clock is ahead
    ({"Expires": LATER, "Date": "today"}, 0.0),
    ({"Expires": "Mon, 13 Jan 2025 08:10:00 GMT"}, 0.0),
    ({"Expires": "0"}, 0.0),
    ({"Expires": "-1"}, 0.0),
]


@pytest.mark.parametrize(("told", "seconds"), FRESHNESS)
def test_how_long_an_answer_is_fresh(told: dict[str, str], seconds: float) -> None:
    headers = {name.lower(): value for name, value in told.items()}
    assert read_freshness(headers, NOW) == seconds


def test_a_200_and_a_304_tell_it_and_an_error_does_not() -> None:
    told = {"Cache-Control": "max-age=600"}
    with Origin() as origin:
        url = origin.put("/f", BODY, headers=told, etag='"a"')
        first = fetch(url)
        second = fetch(url, knowing(url, '"a"'))
        third = fetch(origin.put("/g", BODY, status=500, headers=told))
    assert isinstance(first, Fetched)
    assert first.fresh_for == 600.0
    assert second == NotModified(Validators('"a"'), fresh_for=600.0)
    assert isinstance(third, FetchFailed)


@pytest.mark.parametrize(
    ("statuses", "gone"),
    [([301], True), ([308, 301], True), ([302], False), ([307], False), ([301, 303], False)],
)
def test_410_counts_only_behind_permanent_moves(statuses: list[int], *, gone: bool) -> None:
    with Origin() as origin:
        for position, status in enumerate(statuses):
            origin.redirect(f"/{position}", f"/{position + 1}", status)
        origin.put(f"/{len(statuses)}", status=410)
        got = fetch(origin.url("/0"))
    assert isinstance(got, FetchFailed)
    assert (got.status, got.gone) == (410, gone)


def test_a_304_behind_a_new_permanent_move_is_a_failure() -> None:
    with Origin() as origin:
        origin.put("/new", handler=lambda request: Reply(status=304))
        url = origin.redirect("/old", "/new")
        got = fetch(url, knowing(url, '"a"'))
        assert "if-none-match" not in origin.requests[-1].headers
    assert isinstance(got, FetchFailed)


def test_validators_count_only_where_they_came_from() -> None:
    """A redirect that leads elsewhere today: its ETag may well be the one of yesterday's target."""
    with Origin() as origin:
        url = origin.redirect("/f", "/a", 302)
        origin.put("/a", rss([{"title": "أ"}]), etag='"1"')
        origin.put("/b", rss([{"title": "ب"}]), etag='"1"')
        first = fetch(url)
        assert isinstance(first, Fetched)
        assert first.validators == Validators('"1"', None, origin.url("/a"))
        row = FeedRow("f", url, validators=first.validators)
        assert fetch(url, row) == NotModified(first.validators)
        origin.redirect("/f", "/b", 302)
        second = fetch(url, row)
        assert isinstance(second, Fetched)
        assert "ب".encode() in second.body
        assert second.validators.at == origin.url("/b")
