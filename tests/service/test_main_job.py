"""The main job as a stranger sees it: a folder of files, the command, feeds and mails."""

from __future__ import annotations

import json
import os
import stat
import time
from email.utils import formatdate
from pathlib import Path

from origin import Origin, rss
from sink import Sink
from stranger import Daemon, Insider, Stranger

SEED = Path(__file__).parents[2].parent / "shared" / "seed"
OWN = (
    "بغداد – نفذت القوات الأمنية عملية تفتيش في جبال مخمور بحثا عن خلايا لداعش، "
    "وعثرت على ثلاثة مخابئ.\n"
    "وقال ضابط إن العملية بدأت فجرا بإسناد من طيران الجيش، وإن القوة عادت إلى مقرها دون خسائر."
)
DRUNK = "أوقفت دورية المرور سائق مخمور بعد أن صدم ثلاث سيارات في شارع فلسطين وسط العاصمة بغداد."
ECONOMY = "ارتفعت أسعار النفط في تعاملات اليوم وسط توقعات بخفض الإنتاج في الأشهر الثلاثة المقبلة."


def article() -> str:
    """A whole article of the kind that is watched for: the seed where it is at hand."""
    found = sorted(SEED.glob("*.txt")) if SEED.is_dir() else []
    return found[0].read_text("utf-8") if found else OWN


def item(number: int, text: str, *, age: float = 60.0, **more: str) -> dict[str, str]:
    return {
        "title": f"خبر رقم {number}",
        "link": f"https://news.example/iraq/{number}",
        "guid": f"https://news.example/?p={number}",
        "content": text,
        "pubDate": formatdate(time.time() - age),
    } | more


def test_from_feeds_to_one_message_and_never_twice(
    tmp_path: Path, origin: Origin, sink: Sink
) -> None:
    first = [
        item(1, article()),
        item(2, DRUNK),
        item(3, "عملية ضد داعش في مخمور قبل شهر، في قضاء مخمور", age=31 * 86400),
        item(4, ECONOMY),
    ]
    twin = item(1, article(), link="https://other.example/world/77", guid="77")
    origin.put("/a.xml", rss(first))
    origin.put("/b.xml", rss([twin]))
    home = Stranger(
        tmp_path,
        feeds={"a": origin.url("/a.xml"), "b": origin.url("/b.xml")},
        channels={"mail": sink.mailto, "screen": "console://"},
    )

    report = home.once()
    assert (report["polled"], report["changed"], report["failed"]) == (2, 2, 0)
    assert (report["alerts"], report["delivered"], report["pending"]) == (2, 2, 0)
    (mail,) = sink.messages
    body = mail.message.get_body(("plain",)).get_content()
    assert "داعش" in body
    assert "مخمور المكان" in body
    assert "https://news.example/iraq/1" in body or "https://other.example/world/77" in body

    again = home.once()
    assert (again["not_modified"], again["alerts"], again["delivered"]) == (2, 0, 0)

    origin.put("/a.xml", rss([item(5, OWN + " وأضاف أن البحث مستمر."), *first]))
    third = home.once()
    assert (third["new_articles"], third["alerts"], third["delivered"]) == (1, 2, 2)
    assert len(sink.messages) == 2
    assert home.once()["delivered"] == 0


def test_state_is_for_the_owner_alone_and_laid_out_as_promised(
    tmp_path: Path, origin: Origin, sink: Sink
) -> None:
    origin.put("/a.xml", rss([item(1, OWN)]))
    home = Stranger(tmp_path, feeds={"a": origin.url("/a.xml")}, channels={"mail": sink.mailto})
    old = os.umask(0)
    try:
        home.once()
    finally:
        os.umask(old)
    names = {str(path.relative_to(home.state)) for path in home.state.rglob("*")}
    kinds = {path.partition("/")[0] for path in names}
    known = {"feeds", "channels", "system.json", "index.json", "lock", "inbox", "reserve"}
    known |= {"archive.sqlite", "in-force"}
    assert {kind.removesuffix(".prev") for kind in kinds} <= known
    for path in (home.state, *home.state.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_a_json_feed_is_polled_like_any_other(tmp_path: Path, origin: Origin, sink: Sink) -> None:
    items = [{"id": 1, "url": "/iraq/1", "title": "خبر", "content_html": f"<p>{OWN}</p>"}]
    document = {"version": "https://jsonfeed.org/version/1.1", "title": "صحيفة", "items": items}
    url = origin.put("/a.json", json.dumps(document), content_type="application/feed+json")
    home = Insider(tmp_path, feeds={"a": url}, channels={"mail": sink.mailto})
    home.once()
    assert "application/feed+json" in origin.requests[0].headers["accept"]
    items.insert(0, {"id": 2, "title": "عاجل", "content_text": "غارة على داعش في قضاء مخمور"})
    origin.put("/a.json", json.dumps(document), content_type="application/feed+json")
    report = home.once()
    assert (report["changed"], report["new_articles"], report["delivered"]) == (1, 1, 1)
    assert home.once()["not_modified"] == 1


def test_a_dry_run_sends_and_stores_nothing(tmp_path: Path, origin: Origin, sink: Sink) -> None:
    origin.put("/a.xml", rss([item(1, OWN)]))
    home = Insider(tmp_path, feeds={"a": origin.url("/a.xml")}, channels={"mail": sink.mailto})
    done = home.run("once", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["alerts"] == 2
    assert sink.messages == []
    assert not home.state.exists()
    assert home.once()["delivered"] == 1


def test_a_mail_server_that_is_down_delays_and_loses_nothing(
    tmp_path: Path, origin: Origin
) -> None:
    origin.put("/a.xml", rss([item(1, OWN)]))
    with Sink() as sink:
        address, port = sink.mailto, sink.port
    home = Insider(tmp_path, feeds={"a": origin.url("/a.xml")}, channels={"mail": address})
    report = home.once(expect=[75])
    assert (report["alerts"], report["delivered"], report["pending"]) == (2, 0, 1)
    assert home.run("outbox", "list").stdout.count("mail") >= 1
    with Sink(port=port) as sink:
        report = home.once()
        assert (report["alerts"], report["delivered"], report["pending"]) == (0, 1, 0)
        assert len(sink.messages) == 1


def test_a_broken_feed_stops_no_other_and_is_no_error_of_the_pass(
    tmp_path: Path, origin: Origin, sink: Sink
) -> None:
    origin.put("/a.xml", "<html><body>maintenance</body></html>", content_type="text/html")
    origin.put("/b.xml", rss([item(1, OWN)]))
    home = Insider(
        tmp_path,
        feeds={"a": origin.url("/a.xml"), "b": origin.url("/b.xml"), "c": origin.url("/none")},
        channels={"mail": sink.mailto},
    )
    report = home.once()
    assert (report["polled"], report["failed"], report["delivered"]) == (3, 2, 1)


def test_without_a_channel_nothing_is_polled(tmp_path: Path, origin: Origin) -> None:
    origin.put("/a.xml", rss([item(1, OWN)]))
    home = Stranger(tmp_path, feeds={"a": origin.url("/a.xml")}, channels={})
    assert home.run("once").returncode == 69
    assert home.run("run").returncode == 69
    assert origin.requests == []


def test_the_daemon_delivers_a_new_article_and_ends_on_sigterm(
    tmp_path: Path, origin: Origin, sink: Sink
) -> None:
    origin.put("/a.xml", rss([item(1, ECONOMY)]))
    home = Stranger(tmp_path, feeds={"a": origin.url("/a.xml")}, channels={"mail": sink.mailto})
    with Daemon(home, tmp_path / "daemon") as daemon:
        daemon.wait_until_ready()
        assert home.run("once").returncode == 75
        assert json.loads(home.run("status", "--json").stdout)["running"] is True
        began = time.monotonic()
        origin.put("/a.xml", rss([item(2, OWN), item(1, ECONOMY)]))
        sink.wait_for(1)
        assert time.monotonic() - began < 5
        began = time.monotonic()
        assert daemon.stop() == 0, daemon.log.read_text("utf-8")
        assert time.monotonic() - began < 10
    assert home.once()["delivered"] == 0
    assert len(sink.messages) == 1
