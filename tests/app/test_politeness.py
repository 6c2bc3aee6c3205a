"""What a server sees of us over time: real exchanges on the loopback, the clock in our hands."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email.utils import formatdate

import pytest

from in_process import InProcess, NoPages
from monitor.app.pipeline import Checked, Pipeline
from monitor.core.entries import Circumstances
from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.model import Feed, FeedRow, Polling, Rule, Validators
from monitor.sources.fetch import HttpFetcher
from monitor.sources.reader import Reader
from monitor.stores.memory import MemoryStore
from origin import FAULTS, Origin, Reply, Request, rss

NOW = 1_736_841_600.0  # Tue, 14 Jan 2025 08:00:00 GMT
POLLING = Polling(timeout=0.5, max_bytes=200_000)
OLD = Validators('"old"', "Mon, 13 Jan 2025 10:00:00 GMT")
NEW = Validators('W/"new"', "a moment ago")
BODY = rss([{"title": "خبر", "link": "https://a.example/1", "guid": "1"}])
WEEK = 7 * 86_400.0


class Desk:
    """One feed of an origin, checked whenever a test says so."""

    def __init__(self, origin: Origin, path: str = "/feed", polling: Polling = POLLING) -> None:
        self.now = NOW
        self.store = MemoryStore()
        self.feed = Feed("f", origin.url(path), "صحيفة")
        self.origin = origin
        self._polling = polling

    @property
    def row(self) -> FeedRow:
        return self.store.rows()["f"]

    @property
    def wait(self) -> float:
        return self.row.due - self.now

    @property
    def asked(self) -> tuple[str | None, str | None]:
        """The conditions of the last request."""
        headers = self.origin.requests[-1].headers
        return headers.get("if-none-match"), headers.get("if-modified-since")

    def check(self, later: float = 0.0) -> Checked:
        self.now += later
        return asyncio.run(self._check())

    async def _check(self) -> Checked:
        fetcher = HttpFetcher(self._polling, allow_private=["127.0.0.0/8"], clock=lambda: self.now)
        with ThreadPoolExecutor(1) as writer:
            pipeline = Pipeline(
                fetcher=fetcher,
                parser=Reader(InProcess()),
                pages=NoPages(),
                store=self.store,
                writer=writer,
                polling=self._polling,
                around=self._around,
                hand_over=lambda _: None,
                clock=lambda: self.now,
                jitter=lambda: 0.0,
            )
            return await pipeline.check(self.feed)

    def _around(self) -> Circumstances:
        return Circumstances(
            rules=compile_rules([Rule(name="غارات", any=("غارة",))], Gazetteer(())),
            channels=("mail",),
            polling=self._polling,
            seen=9e6,
            alerted=self.store.alerted,
            settled=lambda _: False,
        )


def headers(validators: Validators, **more: str) -> dict[str, str]:
    told = {"ETag": validators.etag, "Last-Modified": validators.last_modified}
    return {name: value for name, value in (told | more).items() if value}


def knowing(origin: Origin, polling: Polling = POLLING) -> Desk:
    """A feed that was checked well, and whose server told OLD."""
    origin.put("/feed", handler=lambda _: Reply(BODY, headers=headers(OLD)))
    desk = Desk(origin, polling=polling)
    desk.check()
    assert desk.row.validators == OLD
    return desk


# --- validators -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "told", "kept"),
    [
        (BODY, NEW, NEW),  # the same body: what peers forget
        (BODY, Validators(NEW.etag, OLD.last_modified), Validators(NEW.etag, OLD.last_modified)),
        (BODY, Validators(OLD.etag, NEW.last_modified), Validators(OLD.etag, NEW.last_modified)),
        (BODY, Validators(), Validators()),  # a 200 without any drops the old ones
        (rss([]), NEW, NEW),
        (rss([]), Validators(etag=NEW.etag), Validators(etag=NEW.etag)),
        (rss([]), Validators(), Validators()),
    ],
)
def test_a_good_answer_replaces_both_validators(
    body: bytes, told: Validators, kept: Validators
) -> None:
    with Origin() as origin:
        desk = knowing(origin)
        origin.put("/feed", handler=lambda _: Reply(body, headers=headers(told)))
        desk.check(900)
        assert desk.asked == (OLD.etag, OLD.last_modified)
        assert desk.row.validators == kept
        stored = desk.store.feed("f")
        assert stored is not None
        assert stored.validators == kept
        desk.check(900)
        assert desk.asked == (kept.etag, kept.last_modified)


def test_a_304_merges_what_it_tells() -> None:
    with Origin() as origin:
        desk = knowing(origin)
        told = Validators(etag=NEW.etag)
        origin.put("/feed", handler=lambda _: Reply(status=304, headers=headers(told)))
        desk.check(900)
        desk.check(900)
        assert desk.asked == (NEW.etag, OLD.last_modified)


PAGE = b"<!DOCTYPE html><html><body>maintenance</body></html>"
BAD = {
    "html": Reply(PAGE, headers=headers(NEW)),
    "empty": Reply(b"", headers=headers(NEW)),
    "blank": Reply(b" \n ", headers=headers(NEW)),
    "no feed": Reply(b"<a/>", headers=headers(NEW)),
    "429": Reply(BODY, 429, headers(NEW)),
    "500": Reply(BODY, 500, headers(NEW)),
    "404": Reply(BODY, 404, headers(NEW)),
    "short": Reply(BODY, headers=headers(NEW, **{"Content-Length": "99999"})),
    "gzip that is none": Reply(BODY, headers=headers(NEW, **{"Content-Encoding": "gzip"})),
    "too large": Reply(BODY * 800, headers=headers(NEW)),
    "to itself": Reply(status=302, headers=headers(NEW, Location="/feed")),
}


@pytest.mark.parametrize("reply", BAD.values(), ids=BAD.keys())
def test_a_bad_answer_teaches_nothing(reply: Reply) -> None:
    with Origin() as origin:
        desk = knowing(origin)
        origin.put("/feed", handler=lambda _: reply)
        desk.check(900)
        assert (desk.row.failures, desk.row.validators) == (1, OLD)
        desk.check(1800)
        assert desk.asked == (OLD.etag, OLD.last_modified)
        assert (desk.row.failures, desk.row.failing_since) == (2, NOW + 900)


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_misbehaving_server_is_left_alone_for_longer_each_time(fault: str) -> None:
    with Origin() as origin:
        desk = knowing(origin)
        origin.fail("/feed", fault)
        desk.check(900)
        assert (desk.row.failures, desk.wait, desk.row.validators) == (1, 1800, OLD)
        desk.check(1800)
        assert (desk.row.failures, desk.wait) == (2, 3600)


# --- moves ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hops", "asked_next"),
    [
        ((301,), "/1"),
        ((308,), "/1"),
        ((302,), "/feed"),
        ((307,), "/feed"),
        ((303,), "/feed"),
        ((301, 301), "/2"),
        ((301, 302), "/1"),  # the permanent head of a mixed chain
        ((308, 307, 301), "/1"),
        ((302, 301), "/feed"),
    ],
)
def test_a_permanent_move_is_remembered_and_a_passing_one_is_not(
    hops: Sequence[int], asked_next: str
) -> None:
    with Origin() as origin:
        for number, status in enumerate(hops):
            origin.redirect(f"/{number}" if number else "/feed", f"/{number + 1}", status)
        origin.put(f"/{len(hops)}", BODY)
        desk = Desk(origin)
        desk.check()
        assert desk.row.failures == 0
        before = len(origin.requests)
        desk.check(900)
        assert origin.requests[before].path == asked_next
        assert desk.row.moved_to == (None if asked_next == "/feed" else origin.url(asked_next))


# --- patience -------------------------------------------------------------------------------------

IN_TWO_HOURS = formatdate(NOW + 900 + 7200, usegmt=True)


@pytest.mark.parametrize(
    ("status", "asks", "wait"),
    [
        (429, "7200", 7200),
        (429, None, 1800),
        (429, "60", 1800),  # less than our own back-off
        (503, IN_TWO_HOURS, 7200),
        (503, "soon", 1800),
        (500, "7200", 7200),
        (500, None, 1800),
        (404, None, 1800),
        (403, None, 1800),
        (401, None, 1800),
    ],
)
def test_a_refusal_is_obeyed_and_the_subscription_kept(
    status: int, asks: str | None, wait: float
) -> None:
    with Origin() as origin:
        desk = knowing(origin)
        told = {"Retry-After": asks} if asks else {}
        origin.put("/feed", status=status, headers=told)
        desk.check(900)
        assert desk.wait == wait
        assert not desk.row.gone
        assert str(status) in desk.row.error
        origin.put("/feed", BODY)
        desk.check(wait)
        row = desk.row
        assert (row.failures, row.failing_since, row.error, row.not_before) == (0, None, "", 0.0)


def test_retry_after_speaks_of_one_feed_and_not_of_its_host() -> None:
    with Origin() as origin:
        desk = knowing(origin)
        origin.put("/feed", status=429, headers={"Retry-After": "7200"})
        origin.put("/other", BODY)
        desk.check(900)
        desk.feed = replace(desk.feed, id="g", url=origin.url("/other"))
        desk.check()
        other = desk.store.rows()["g"]
        assert (other.failures, other.not_before) == (0, 0.0)


def test_a_feed_that_fails_for_a_week_is_asked_once_a_day() -> None:
    with Origin() as origin:
        desk = knowing(origin)
        origin.put("/feed", status=500)
        waits = []
        for _ in range(9):
            desk.check(desk.wait)
            waits.append(desk.wait)
        assert waits == [1800, 3600, 7200, 14400, 28800, 57600, 86400, 86400, 86400]


def test_410_ends_it() -> None:
    with Origin() as origin:
        desk = knowing(origin)
        origin.put("/feed", status=410)
        desk.check(900)
        stored = desk.store.feed("f")
        assert stored is not None
        assert (stored.gone, desk.row.gone) == (True, True)
        assert desk.wait == WEEK


def test_a_feed_that_was_gone_comes_back_with_its_weekly_check() -> None:
    with Origin() as origin:
        desk = knowing(origin)
        origin.put("/feed", status=410)
        desk.check(900)
        origin.put("/feed", status=500)
        desk.check(WEEK)
        assert (desk.row.gone, desk.wait) == (True, WEEK)  # that is no way back
        origin.put("/feed", BODY)
        desk.check(WEEK)
        stored = desk.store.feed("f")
        assert stored is not None
        assert (stored.gone, desk.row.gone, desk.wait) == (False, False, 900)


def test_410_where_a_feed_moved_to_sends_it_home() -> None:
    with Origin() as origin:
        origin.redirect("/feed", "/new", 301)
        origin.put("/new", BODY)
        desk = Desk(origin)
        desk.check()
        origin.put("/new", status=410)
        origin.put("/feed", BODY)
        desk.check(900)
        assert (desk.row.gone, desk.row.failures, desk.wait) == (False, 1, 1800)
        desk.check(1800)
        assert origin.requests[-1].path == "/feed"
        assert desk.row.failures == 0


def test_410_behind_a_passing_redirect_is_a_failure_like_others() -> None:
    with Origin() as origin:
        desk = knowing(origin)
        origin.redirect("/feed", "/maintenance", 302)
        origin.put("/maintenance", status=410)
        desk.check(900)
        assert (desk.row.gone, desk.row.failures, desk.wait) == (False, 1, 1800)


# --- hints ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "extra", "wait"),
    [
        ({}, "", 900),
        ({"Cache-Control": "max-age=60"}, "", 900),
        ({"Cache-Control": "max-age=1800"}, "", 1800),
        ({"Cache-Control": "max-age=1800", "Age": "300"}, "", 1500),
        ({"Cache-Control": "max-age=86400"}, "", 3600),
        ({"Cache-Control": "max-age=1800, no-cache"}, "", 900),
        ({}, "<ttl>45</ttl>", 2700),
        ({}, "<skipHours><hour>8</hour></skipHours>", 3600),
        ({}, "<skipDays><day>Tuesday</day></skipDays>", 3600),
        ({"Cache-Control": "max-age=1800"}, "<ttl>45</ttl>", 2700),
    ],
)
def test_hints_lengthen_the_wait_after_a_200_and_after_a_304(
    told: Mapping[str, str], extra: str, wait: float
) -> None:
    document = rss([{"title": "خبر", "guid": "1"}], extra=extra)

    def answer(request: Request) -> Reply:
        # The dates of the answer are of the first check: so is the second one's moment.
        known = request.headers.get("if-none-match") == '"v"'
        return Reply(b"" if known else document, 304 if known else 200, {"ETag": '"v"', **told})

    with Origin() as origin:
        origin.put("/feed", handler=answer)
        desk = Desk(origin)
        desk.check()
        assert desk.wait == wait
        desk.check()
        assert desk.asked == ('"v"', None)
        assert desk.wait == wait


def test_hints_that_a_document_no_longer_gives_are_forgotten() -> None:
    with Origin() as origin:
        origin.put("/feed", rss([], extra="<ttl>45</ttl>"))
        desk = Desk(origin)
        desk.check()
        assert desk.wait == 2700
        origin.put("/feed", rss([]))
        desk.check(2700)
        assert desk.wait == 900


# --- the log --------------------------------------------------------------------------------------


def test_the_log_tells_the_first_failure_the_fifth_and_the_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Origin() as origin, caplog.at_level(logging.INFO, "rasid.feeds"):
        desk = knowing(origin)
        caplog.clear()
        origin.put("/feed", status=500)
        for _ in range(7):
            desk.check(900)
        origin.put("/feed", BODY)
        desk.check(900)
        desk.check(900)
    told = [(each.levelname, each.getMessage().partition(" (")[2]) for each in caplog.records]
    assert told[:2] == [("WARNING", "failure 1 in a row)"), ("WARNING", "failure 5 in a row)")]
    assert caplog.records[2].getMessage() == "صحيفة: works again after 7 failures"
    assert len(caplog.records) == 3
