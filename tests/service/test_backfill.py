"""A rule that asks for it is laid on what is remembered: once, in bundles, over kills, and only as
far as there is anything."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from datetime import time as clock
from email.utils import formatdate
from pathlib import Path

import pytest

from monitor.model import Quiet, Rule
from monitor.service.backfill import mark
from monitor.stores.archive import FILE
from origin import Origin, rss
from sink import Sink
from stranger import Daemon, Insider, Stranger

OLD = "rules:\n  - {name: داعش, any: [داعش]}\n"
NEW = OLD + "  - {name: فيضان, any: [فيضان], backfill: 7d}\n"
DAY = 86_400.0


def item(number: int, word: str, *, days: float = 2.0) -> dict[str, str]:
    return {
        "title": f"خبر رقم {number} عن {word}",
        "link": f"https://news.example/{number}",
        "guid": f"n{number}",
        "content": f"تفاصيل {word} في الخبر رقم {number} كما نشرتها الصحيفة اليوم",
        "pubDate": formatdate(time.time() - days * DAY),
    }


def links(sink: Sink) -> list[str]:
    """The links in all mails, those of bundles too, as often as they came."""
    found = []
    for received in sink.messages:
        part = received.message.get_body(("plain",))
        assert part is not None
        lines = str(part.get_content()).splitlines()
        found += [line for line in lines if line.startswith("https://news.example/")]
    return sorted(found)


@pytest.fixture
def home(tmp_path: Path, origin: Origin, sink: Sink) -> Insider:
    """A watcher over two feeds, one article of which is in both; nothing of them alerts."""
    flood = [item(n, "فيضان") for n in range(3)]
    undated = item(12, "فيضان")
    del undated["pubDate"]  # of a first poll: it may be of any age
    origin.put("/a.xml", rss([*flood, item(10, "فيضان", days=9), item(11, "قصف"), undated]))
    origin.put("/b.xml", rss([item(0, "فيضان") | {"guid": "twin"}, item(20, "فيضان")]))
    feeds = {name: origin.url(f"/{name}.xml") for name in "ab"}
    made = Insider(tmp_path, feeds=feeds, channels={"mail": sink.mailto}, rules=OLD)
    assert made.once()["alerts"] == 0
    return made


WANTED = [f"https://news.example/{n}" for n in (0, 1, 2, 20)]


def test_a_new_rule_alerts_on_what_is_remembered_and_only_once(home, sink) -> None:
    home.write("rules.yaml", NEW)
    assert home.once()["alerts"] == 4
    assert links(sink) == WANTED
    listed = json.loads(home.run("rules", "list", "--json").stdout)
    assert listed[1]["matched"] == 6, "with the one of another feed"
    assert home.once()["alerts"] == 0
    home.write("rules.yaml", NEW.replace("[فيضان]", "[فيضان, قصف]"))  # changed: laid on anew
    assert home.once()["alerts"] == 1
    home.write("rules.yaml", OLD)
    home.once()
    home.write("rules.yaml", NEW)  # taken out and put back: it has alerted already
    assert home.once()["alerts"] == 0
    assert links(sink) == sorted([*WANTED, "https://news.example/11"])


def test_without_backfill_a_new_rule_hears_only_what_comes(home, sink) -> None:
    home.write("rules.yaml", NEW.replace(", backfill: 7d", ""))
    assert home.once()["alerts"] == 0


def test_a_muted_rule_fills_in_silence(home, sink) -> None:
    home.write("rules.yaml", NEW)
    assert home.run("mute", "فيضان", "2h").returncode == 0
    assert home.once()["alerts"] == 4
    assert not sink.messages
    assert home.once()["alerts"] == 0


@pytest.mark.parametrize("damage", ["gone", "rubbish", "off", "no file"])
def test_where_nothing_is_remembered_it_says_so_and_nothing_else_is_hurt(
    home, sink, origin, damage
) -> None:
    path = home.state / FILE
    path.unlink()
    if damage == "rubbish":
        path.write_bytes(b"rubbish" * 9999)
    if damage == "no file":
        path.mkdir()
    if damage == "off":
        monitor = (home.folder / "monitor.yaml").read_text("utf-8")
        home.write("monitor.yaml", monitor + "archive: {days: 0}\n")
    home.write("rules.yaml", NEW)
    origin.put("/a.xml", rss([item(30, "داعش")]))
    done = home.run("once", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["alerts"] == 1
    if damage == "rubbish":
        assert "made anew" in done.stderr
        assert (home.state / f"{FILE}.bad").exists()
    if damage == "no file":
        assert "articles are not archived" in done.stderr
    if damage in ("no file", "off"):
        assert "so nothing alerts" in done.stderr


def test_a_daemon_fills_at_a_reload_in_one_bundle(
    tmp_path: Path, origin: Origin, sink: Sink
) -> None:
    many = 60
    origin.put("/a.xml", rss([item(n, "فيضان") for n in range(many // 2)]))
    origin.put("/b.xml", rss([item(n, "فيضان") for n in range(many // 2, many)]))
    feeds = {name: origin.url(f"/{name}.xml") for name in "ab"}
    home = Stranger(tmp_path, feeds=feeds, channels={"mail": sink.mailto}, rules=OLD)
    home.once()
    with Daemon(home, tmp_path / "daemon") as daemon:
        daemon.wait_until_ready()
        home.write("rules.yaml", NEW)
        deadline = time.monotonic() + 60
        while len(links(sink)) < many and time.monotonic() < deadline:
            sink.wait_for(len(sink.messages) + 1, timeout=60)
        assert daemon.stop() == 0, daemon.log.read_text("utf-8")
    assert links(sink) == sorted(f"https://news.example/{n}" for n in range(many))
    assert len(sink.messages) <= 8


def test_what_came_last_can_be_tried_once_the_daemon_has_stopped(
    tmp_path: Path, origin: Origin, sink: Sink
) -> None:
    origin.put("/a.xml", rss([item(n, "داعش", days=0.1) for n in range(40)]))
    feeds = {"a": origin.url("/a.xml")}
    home = Stranger(tmp_path, feeds=feeds, channels={"mail": sink.mailto}, rules=OLD, interval="1h")
    with Daemon(home, tmp_path / "daemon") as daemon:
        daemon.wait_until_ready()
        sink.wait_for(1, timeout=60)  # the texts are written a second later
        assert daemon.stop() == 0, daemon.log.read_text("utf-8")
    found = json.loads(home.run("rules", "try", "فيضان OR داعش", "--json").stdout)
    assert (found["articles"], found["alerts"]) == (40, 40)
    assert not list(home.state.glob(f"{FILE}-*")), "it was closed"


def test_a_kill_in_the_middle_alerts_on_everything_once(
    tmp_path: Path, origin: Origin, sink: Sink
) -> None:
    feeds = {}
    for number in range(12):
        items = [item(100 * number + n, "فيضان") for n in range(5)]
        origin.put(f"/{number}.xml", rss(items))
        feeds[f"f{number}"] = origin.url(f"/{number}.xml")
    home = Stranger(tmp_path, feeds=feeds, channels={"mail": sink.mailto}, rules=OLD, interval="1h")
    home.once()
    home.write("rules.yaml", NEW)
    for life in range(4):
        with Daemon(home, tmp_path / "daemon") as daemon:
            daemon.wait_until_ready()
            # somewhere in the filling, or before, or behind it
            threading.Event().wait(0.05 + 0.15 * life)
            daemon.kill()
    for _ in range(3):
        if home.once(expect=[0, 75])["pending"] == 0:
            break
    system = json.loads(home.run("status", "--json").stdout)
    assert system["outbox"]["pending"] == 0
    wanted = {f"https://news.example/{100 * f + n}" for f in range(12) for n in range(5)}
    assert set(links(sink)) == wanted
    marked = [
        received
        for received in sink.messages
        if "possible repeat" in str(received.message.get_body(("plain",)).get_content())
    ]
    once = [each for each in sink.messages if each not in marked]
    told = [line for each in once for line in _links_of(each)]
    assert len(told) == len(set(told)), "unmarked, nothing comes twice"


def _links_of(received) -> list[str]:
    lines = str(received.message.get_body(("plain",)).get_content()).splitlines()
    return [line for line in lines if line.startswith("https://news.example/")]


def test_a_rule_is_another_one_where_it_listens_for_something_else() -> None:
    rule = Rule("a", any=("قصف",), backfill=DAY)
    assert mark(rule) == mark(Rule("a", any=("قصف",), backfill=DAY, note="x", channels=("b",)))
    held = replace(rule, quiet=Quiet(clock(23), clock(7)), digest=clock(8), max_per_day=3)
    assert mark(rule) == mark(held), "when it is sent is no matter of what is heard"
    assert mark(rule) != mark(Rule("a", any=("قصف", "غارة"), backfill=DAY))
    assert mark(rule) != mark(Rule("a", any=("قصف",), backfill=2 * DAY))
