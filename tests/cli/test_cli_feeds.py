"""`rasid feeds list`: what a user sees of how each feed fares."""

from __future__ import annotations

import time
from dataclasses import replace
from email.utils import formatdate

import pytest

from monitor.app.feeds import report
from monitor.cli.feeds import span
from monitor.model import Feed, FeedRow, Polling
from origin import rss

KEYS = [
    "name", "url", "category", "state", "last_check", "last_success", "next_check", "validators",
    "moved_to", "failures", "failing_since", "reason", "hint_seconds", "skip_hours", "skip_days",
    "retry_after", "entries", "skipped", "lag", "pages", "sitemaps",
    "silent_since",
]  # fmt: skip


def item(number: int, **more: str) -> dict[str, str]:
    return {"title": f"خبر {number}", "guid": str(number), "description": f"نص {number}"} | more


@pytest.fixture
def paper(desk, origin):
    """The desk with feeds of every kind, polled once."""
    extra = "<ttl>30</ttl><skipDays><day>Friday</day></skipDays>"
    origin.redirect("/moved.xml", "/new.xml")
    origin.put("/new.xml", rss([item(1)], extra=extra))
    origin.put("/gone.xml", status=410)
    origin.put("/busy.xml", status=429, headers={"Retry-After": "7200"})
    origin.put("/bare.xml", rss([item(2), item(3)]), etag=None)
    desk.monitor(polling={"min_interval": "0s", "interval": "15m"})
    paths = ("moved", "gone", "busy", "bare", "off")
    feeds = [{"url": origin.url(f"/{path}.xml"), "name": path} for path in paths]
    feeds[-1]["enabled"] = False
    desk.write("feeds.yaml", {"feeds": feeds})
    return desk


def listed(rasid, desk):
    return {each["name"]: each for each in rasid("feeds", "list", "--json", "-c", desk.folder).json}


def test_every_state_has_its_word_and_its_facts(rasid, paper, origin):
    before = listed(rasid, paper)
    assert list(before["off"]) == KEYS
    assert {each["state"] for each in before.values()} == {"new", "disabled"}
    assert not paper.state.exists()
    rasid("once", "-c", paper.folder)
    after = listed(rasid, paper)
    states = {name: each["state"] for name, each in after.items()}
    assert states == {
        "moved": "ok", "gone": "gone", "busy": "failing", "bare": "ok", "off": "disabled",
    }  # fmt: skip
    moved, busy, bare = after["moved"], after["busy"], after["bare"]
    assert moved["moved_to"] == origin.url("/new.xml")
    assert (moved["hint_seconds"], moved["skip_days"]) == (1800.0, ["Friday"])
    assert (moved["validators"], bare["validators"], busy["validators"]) == (True, False, None)
    assert (moved["entries"], bare["entries"]) == (1, 2)
    assert (busy["failures"], busy["failing_since"]) == (1, busy["last_check"])
    assert "429" in busy["reason"]
    assert busy["retry_after"] > busy["last_check"]
    assert after["gone"]["next_check"] > after["busy"]["next_check"]


def test_the_floor_of_a_check_that_was_cut_off_is_no_wish_of_the_server() -> None:
    feed = Feed(id="f1", url="https://a.example/f", name="f")
    row = FeedRow("f1", feed.url, last_check=100.0, last_ok=100.0, not_before=160.0)
    assert report(feed, row, Polling()).retry_after is None
    busy = replace(row, failures=1, due=160.0)
    assert report(feed, busy, Polling()).retry_after == 160.0


def test_the_lag_from_publication_is_measured(rasid, paper, origin):
    rasid("once", "-c", paper.folder)
    dates = {number: formatdate(time.time() - 60 * number) for number in (4, 5)}
    news = [item(number, pubDate=date) for number, date in dates.items()]
    origin.put("/bare.xml", rss([*news, item(2), item(3)]), etag=None)
    rasid("once", "-c", paper.folder)
    lag = listed(rasid, paper)["bare"]["lag"]
    assert lag["articles"] == 2
    assert 240 <= lag["median_seconds"] <= lag["worst_seconds"]
    assert lag["worst_seconds"] >= 300
    out = rasid("feeds", "list", "-c", paper.folder).out
    assert "lag 4m" in out or "lag 5m" in out


def test_people_read_one_line_a_feed(rasid, paper, origin):
    rasid("once", "-c", paper.folder)
    answer = rasid("feeds", "list", "-c", paper.folder)
    lines = answer.out.splitlines()
    assert (answer.code, len(lines)) == (0, 5)
    assert "\x1b" not in answer.out
    told = {line.split()[0]: line for line in lines}
    assert "(1 failure in a row since " in told["failing"]
    assert f"moved to {origin.url('/new.xml')}" in answer.out
    assert "the feed asks for 30m between checks" in answer.out
    assert "no validators" in answer.out
    status = rasid("status", "-c", paper.folder).out
    assert f"moved     moved: for good to {origin.url('/new.xml')}" in status
    assert "never checked" in told["disabled"]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0s"), (45, "45s"), (200, "3m 20s"), (3600, "1h"), (7505, "2h 5m"), (86_400, "1d")],
)
def test_durations(seconds, shown):
    assert span(seconds) == shown
