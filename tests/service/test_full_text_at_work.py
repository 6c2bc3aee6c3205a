"""The whole text of articles, by the real command: over a kill, in one pass, and as it is told."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.app.pipeline import Checked, Kind
from monitor.model import Feed
from monitor.service.assembly import Parts
from monitor.service.once import _catch_up, _Tally
from origin import Origin, Reply, Request, rss
from sink import Sink
from stranger import Daemon, Insider

HTML = "text/html; charset=utf-8"
RULES = "rules:\n  - {name: داعش, any: [داعش]}\n  - {name: تفاصيل, any: [تفاصيل]}\n"
TEASER = "تفاصيل ما جرى في المحافظة أمس كما وردت من مراسلنا هناك"
STORY = (
    "نقل مراسلنا أن القوات الأمنية فتشت ثلاث قرى في الوادي بعد ورود معلومات عن تحركات ليلية. وقال "
    "ضابط في الفوج الثاني إن عناصر من داعش كانوا يختبئون في نفق قديم، وإن القوة عثرت على ذخيرة "
    "ومؤن وأجهزة اتصال. وأوضح أن التفتيش سيستمر أسبوعا كاملا وأن أهالي القرى عادوا إلى بيوتهم مساء."
)
ITEM = {"title": "حملة تفتيش في الوادي", "guid": "n1", "description": TEASER}


def page(text: str) -> str:
    return f"<html lang=ar><head><title>خبر</title></head><body><p>{text}</p></body></html>"


@pytest.fixture
def web() -> Iterator[tuple[Origin, Sink]]:
    with Origin() as origin, Sink() as sink:
        origin.put("/feed.xml", rss([]))
        yield origin, sink


def home_of(tmp_path: Path, origin: Origin, sink: Sink) -> Insider:
    home = Insider(tmp_path, feeds={}, channels={"mail": sink.mailto}, rules=RULES)
    home.write("feeds.yaml", f"feeds:\n  - {{url: '{origin.url('/feed.xml')}', full_text: true}}\n")
    home.once()
    return home


def test_an_article_that_waits_for_its_page_outlives_a_kill(tmp_path, web):
    origin, sink = web
    asked, killed = threading.Event(), threading.Event()

    def slow(_: Request) -> Reply:
        if not killed.is_set():
            asked.set()
            killed.wait(30)
        return Reply(page(STORY), headers={"Content-Type": HTML})

    home = home_of(tmp_path, origin, sink)
    with Daemon(home, tmp_path / "daemon") as daemon:
        daemon.wait_until_ready()
        origin.put("/feed.xml", rss([ITEM | {"link": origin.put("/1", handler=slow)}]))
        assert asked.wait(30)
        daemon.kill()
    origin.put("/feed.xml", rss([]))  # feeds do not send again
    killed.set()
    with Daemon(home, tmp_path / "daemon") as daemon:
        daemon.wait_until_ready()
        sink.wait_for(1)
        assert daemon.stop() == 0
    (mail,) = sink.messages
    assert "داعش" in mail.message.get_body(("plain",)).get_content()
    assert home.once()["pending"] == 0
    assert len(sink.messages) == 1


def test_what_waits_for_its_page_is_matched_by_the_rules_in_force(tmp_path, web):
    origin, sink = web
    asked, saved = threading.Event(), threading.Event()

    def slow(_: Request) -> Reply:
        asked.set()
        saved.wait(30)
        return Reply(page(STORY), headers={"Content-Type": HTML})

    home = home_of(tmp_path, origin, sink)
    with Daemon(home, tmp_path / "daemon") as daemon:
        daemon.wait_until_ready()
        origin.put("/feed.xml", rss([ITEM | {"link": origin.put("/1", handler=slow)}]))
        assert asked.wait(30)
        home.write("rules.yaml", "rules:\n  - {name: نفق, any: [نفق]}\n")
        while not json.loads(home.run("status", "--json").stdout)["reload"]["at"]:
            pass  # each look reads files: there is no need to wait
        saved.set()
        (mail,) = sink.wait_for(1)
        assert daemon.stop() == 0
    told = mail.message.get_body(("plain",)).get_content()
    assert "نفق" in told
    assert "داعش" not in told.splitlines()[0]
    assert len(sink.messages) == 1
    (seen,) = json.loads(home.run("alerts", "why", ITEM["title"], "--json").stdout)
    assert seen["fired"] == ["نفق"]


def test_a_pass_reads_pages_and_tells_which_text_was_matched(tmp_path, web):
    origin, sink = web
    home = home_of(tmp_path, origin, sink)
    good = origin.put("/good", page(STORY), content_type=HTML)
    bad = origin.put("/bad", status=404)
    items = [ITEM | {"link": good}, ITEM | {"link": bad, "guid": "n2", "title": "خبر ثان"}]
    origin.put("/feed.xml", rss(items))
    report = home.once()
    assert (report["new_articles"], report["alerts"], report["delivered"]) == (2, 3, 2)

    def why(link: str) -> tuple[str, str | None]:
        (seen,) = json.loads(home.run("alerts", "why", link, "--json").stdout)
        return seen["text_source"], seen["page"]

    assert why(good) == ("page", "read")
    assert why(bad) == ("feed", "status: the server answered with status 404")
    text = home.run("alerts", "why", bad).stdout
    assert "matched on the text of its feed (its page: status: the server answered" in text
    (feed,) = json.loads(home.run("feeds", "list", "--json").stdout)
    assert feed["pages"]["awaited"] == 0
    found = json.loads(home.run("explain", good, "--json").stdout)
    assert found["text_source"] == "html"
    assert [rule["matched"] for rule in found["rules"]] == [True, False]


def kill_while_a_page_is_awaited(home: Insider, folder: Path, origin: Origin) -> None:
    asked, killed = threading.Event(), threading.Event()

    def slow(_: Request) -> Reply:
        asked.set()
        killed.wait(30)
        return Reply(page(STORY), headers={"Content-Type": HTML})

    origin.put("/feed.xml", rss([ITEM | {"link": origin.put("/1", handler=slow)}]))
    with Daemon(home, folder) as daemon:
        assert asked.wait(30)
        daemon.kill()
    killed.set()


def test_a_pass_reads_pages_of_a_feed_that_it_may_not_check(tmp_path, web):
    origin, sink = web
    home = home_of(tmp_path, origin, sink)
    kill_while_a_page_is_awaited(home, tmp_path / "daemon", origin)
    monitor = (home.folder / "monitor.yaml").read_text("utf-8")
    home.write("monitor.yaml", monitor.replace("min_interval: 0s", "min_interval: 1h"))
    report = home.once()
    assert (report["polled"], report["alerts"], report["delivered"]) == (0, 2, 1)


class Full:
    """A pipeline over a disk that is full."""

    looks = 0

    def is_behind(self, _: Feed) -> bool:
        return True

    async def catch_up(self, feed: Feed) -> Checked:
        self.looks += 1
        assert self.looks < 3
        return Checked(feed, Kind.UNKEPT, error="the disk is full")


def test_a_pass_does_not_repeat_what_it_cannot_keep():
    tally = _Tally(keep_decisions=False, progress=None)
    parts = Parts(Full(), None, None)  # type: ignore[arg-type]
    asyncio.run(_catch_up(parts, 0, Feed("f", "https://a.example/", "a"), tally))
    assert tally.unkept == ("the disk is full",)


def test_a_dry_run_reads_pages_and_keeps_nothing(tmp_path, web):
    origin, sink = web
    home = home_of(tmp_path, origin, sink)
    link = origin.put("/1", page(STORY), content_type=HTML)
    origin.put("/feed.xml", rss([ITEM | {"link": link}]))
    before = {path: path.read_bytes() for path in home.state.rglob("*") if path.is_file()}
    told = json.loads(home.run("once", "--dry-run", "--json").stdout)
    assert told["alerts"] == 2
    assert before == {path: path.read_bytes() for path in home.state.rglob("*") if path.is_file()}
    assert sink.messages == []
