"""Sitemaps and pages under the real daemon: killed and started again while a paper publishes."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from pathlib import Path

import pytest
from sitemap_text import XML, index, urlset

from origin import Origin
from sink import Sink
from stranger import Daemon, Insider

OLD = "2025-12-01T00:00:00Z"
REPEAT = "تنبيه ربما تكرر · possible repeat"


class Press:
    """A paper with a sitemap a day, two articles in one, and a page of the latest."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._days: list[list[dict[str, str]]] = []
        self.published = 0
        self.publish()

    def publish(self) -> None:
        if self.published % 2 == 0:
            self._days.append([])
        self.published += 1
        link = f"https://paper.example/iraq/{self.published}"
        self._days[-1].append({"loc": link, "title": f"داعش يهاجم نقطة {self.published}"})
        urls = {}
        for number, day in enumerate(self._days):
            urls[self._origin.put(f"/day{number}.xml", urlset(day), content_type=XML)] = None
        self._origin.put("/sitemap.xml", index(urls), content_type=XML)
        cards = "".join(f"<h2><a href='/n/{n}'>غارة {n}</a></h2>" for n in self._latest())
        page = f"<html><body>{cards}</body></html>"
        self._origin.put("/latest", page, content_type="text/html")

    def _latest(self) -> range:
        return range(max(self.published - 30, 0) + 1, self.published + 1)


def watcher(folder: Path, origin: Origin, sink: Sink) -> Insider:
    home = Insider(
        folder,
        feeds={},
        channels={"mail": sink.mailto},
        rules="rules:\n  - {name: خبر, any: [داعش, غارة]}\n",
    )
    home.write(
        "feeds.yaml",
        "feeds:\n"
        f"  - {{name: خريطة, url: '{origin.url('/sitemap.xml')}', kind: sitemap}}\n"
        f"  - {{name: صفحة, url: '{origin.url('/latest')}', kind: page, selector: h2 a}}\n",
    )
    return home


def told(sink: Sink) -> tuple[Counter[str], Counter[str]]:
    """How often each article was told of, in mails that may be repeats, by their own word, and in
    the others."""
    marked: Counter[str] = Counter()
    plain: Counter[str] = Counter()
    for each in sink.messages:
        lines = str(each.message.get_body(("plain",)).get_content()).splitlines()
        links = [line for line in lines if line.startswith("http")]
        (marked if REPEAT in lines else plain).update(links)
    return marked, plain


@pytest.mark.parametrize("kills", [3, pytest.param(60, marks=pytest.mark.long)])
def test_kills_lose_nothing_and_repeats_say_so(tmp_path: Path, kills: int) -> None:
    chance = random.Random(kills)
    with Origin() as origin, Sink() as sink:
        press = Press(origin)
        home = watcher(tmp_path, origin, sink)
        assert home.once()["failed"] == 0
        first = press.published
        over = threading.Event()
        for _ in range(kills):
            with Daemon(home, tmp_path / "daemon") as daemon:
                daemon.wait_until_ready()
                for _ in range(3):
                    over.wait(chance.random())
                    press.publish()
                over.wait(chance.random())
                daemon.kill()
        for _ in range(3):
            home.once(expect=(0, 75))
        marked, plain = told(sink)
        site = origin.url("/n/")
    numbers = range(first + 1, press.published + 1)
    wanted = {f"{place}{n}" for n in numbers for place in ("https://paper.example/iraq/", site)}
    assert {*marked, *plain} == wanted
    assert set(plain.values()) == {1}


def test_a_list_of_feeds_tells_which_sitemap_fails(tmp_path: Path) -> None:
    with Origin() as origin, Sink() as sink:
        Press(origin)
        bad = origin.put("/bad.xml", status=404)
        origin.put("/sitemap.xml", index({origin.url("/day0.xml"): OLD, bad: OLD}))
        home = watcher(tmp_path, origin, sink)
        assert home.once()["failed"] == 0
        listed = json.loads(home.run("feeds", "list", "--json").stdout)
        reason = f"{bad}: status: the server answered with status 404"
        assert listed[0]["sitemaps"] == {"followed": 2, "unread": [reason]}
        assert listed[0]["state"] == "ok"
        assert f"1 of 2 sitemaps not read: {reason}" in home.run("feeds", "list").stdout


def test_a_dry_run_reads_sitemaps_and_pages_and_keeps_nothing(tmp_path: Path) -> None:
    with Origin() as origin, Sink() as sink:
        Press(origin)
        home = watcher(tmp_path, origin, sink)
        done = json.loads(home.run("once", "--dry-run", "--json").stdout)
        assert (done["changed"], done["failed"]) == (2, 0)
        assert not home.state.exists()


def test_an_article_of_a_sitemap_is_matched_on_its_page(tmp_path: Path) -> None:
    with Origin() as origin, Sink() as sink:
        origin.put("/sitemap.xml", urlset([]), content_type=XML)
        home = watcher(tmp_path, origin, sink)
        site = json.dumps(origin.url("/sitemap.xml"))
        home.write("feeds.yaml", f"feeds: [{{url: {site}, kind: sitemap, full_text: true}}]\n")
        home.once()
        text = "شنت الطائرات غارة على مخبأ في جبال القضاء فجر اليوم، دون أنباء عن ضحايا. " * 8
        page = f"<html><body><article><h1>عنوان</h1><p>{text}</p></article></body></html>"
        link = origin.put("/n/1", page, content_type="text/html; charset=utf-8")
        origin.put("/sitemap.xml", urlset([{"loc": link, "title": "عنوان"}]), content_type=XML)
        assert home.once()["alerts"] == 1
        assert home.once()["alerts"] == 0
