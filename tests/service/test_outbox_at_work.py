"""The outbox as its operator meets it: held channels, notices, bundles, retry, drop, why."""

from __future__ import annotations

import json
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from origin import Origin, rss
from sink import Sink
from stranger import Daemon, Insider

RULES = "rules:\n  - {name: داعش, any: [داعش]}\n"
TEXT = "هاجم عناصر من داعش نقطة تفتيش رقم {} في أطراف القضاء ليلا دون أن تقع خسائر في الأرواح."


def item(number: int, **more: str) -> dict[str, str]:
    return {
        "title": f"داعش يهاجم نقطة {number}",
        "link": f"https://news.example/{number}",
        "guid": f"n{number}",
        "content": TEXT.format(number),
        **more,
    }


def home(tmp_path: Path, origin: Origin, channels: dict[str, str], more: str = "") -> Insider:
    """A configuration that has polled an empty feed, so that all that comes is new."""
    origin.put("/a.xml", rss([]))
    stranger = Insider(tmp_path, feeds={"a": origin.url("/a.xml")}, channels=channels, rules=RULES)
    path = stranger.folder / "monitor.yaml"
    path.write_text(path.read_text("utf-8") + more, "utf-8")
    stranger.once()
    return stranger


def publish(origin: Origin, *numbers: int) -> None:
    origin.put("/a.xml", rss([item(number) for number in numbers]))


def answer(stranger: Insider, *args: str) -> Any:
    done = stranger.run(*args, "--json")
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def body(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r", "")


def test_a_refusing_channel_is_held_and_the_operator_told_over_another(
    tmp_path: Path, origin: Origin
) -> None:
    with Sink() as broken, Sink() as desk:
        broken.answer(535, times=9, at="MAIL")
        channels = {"broken": broken.mailto, "desk": desk.mailto}
        stranger = home(tmp_path, origin, channels, "operator: broken\n")
        publish(origin, 1, 2)
        report = stranger.once(expect=[75])
        assert (report["delivered"], report["pending"]) == (2, 2)
        notice = desk.wait_for(3)[-1].message
        assert "broken" in str(notice["Subject"])
        assert "535" in body(notice)
        stranger.once(expect=[75])
        assert len(desk.messages) == 3, "told once"
        status = answer(stranger, "status")
        assert status["channels"]["broken"]["state"] == "held"
        assert status["outbox"]["pending"] + status["channels"]["broken"]["held"] == 2
        broken.relent()
        assert stranger.once(expect=[75])["delivered"] == 0, "asked again every hour"
        assert "2 deliveries to be tried again" in stranger.run("outbox", "retry").stdout
        assert stranger.once()["delivered"] == 2
        assert len(broken.messages) == 2
        over = desk.wait_for(4)[-1].message
        assert "broken" in str(over["Subject"])


def test_without_an_operator_nobody_is_told(tmp_path: Path, origin: Origin) -> None:
    with Sink() as broken, Sink() as desk:
        broken.answer(535, times=9, at="MAIL")
        stranger = home(tmp_path, origin, {"broken": broken.mailto, "desk": desk.mailto})
        publish(origin, 1)
        stranger.once(expect=[75])
        assert len(desk.messages) == 1


def test_a_message_refused_for_good_is_kept_told_and_may_be_tried_again(
    tmp_path: Path, origin: Origin
) -> None:
    with Sink() as picky, Sink() as desk:
        channels = {"picky": picky.mailto, "desk": desk.mailto}
        stranger = home(tmp_path, origin, channels, "operator: desk\n")
        picky.answer(554, times=2)
        publish(origin, 1)
        report = stranger.once()
        assert (report["delivered"], report["pending"]) == (1, 0)
        assert "picky" in str(desk.wait_for(2)[-1].message["Subject"])
        (dead,) = answer(stranger, "outbox", "list")
        assert (dead["state"], dead["attempts"], dead["channel"]) == ("dead", 2, "picky")
        assert "outbox" in stranger.run("status").stdout
        assert "nothing to do" in stranger.run("outbox", "retry").stdout
        publish(origin, 1, 2)  # another check of the feed must not forget the dead one
        stranger.once()
        assert "1 delivery" in stranger.run("outbox", "retry", dead["id"][:8]).stdout
        assert stranger.once()["delivered"] == 1
        assert len(picky.messages) == 2
        assert answer(stranger, "outbox", "list") == []
        assert stranger.run("status").returncode == 0


def test_what_is_dropped_is_settled(tmp_path: Path, origin: Origin) -> None:
    with Sink() as picky:
        stranger = home(tmp_path, origin, {"picky": picky.mailto})
        picky.answer(554, times=2)
        publish(origin, 1)
        stranger.once()
        assert stranger.run("outbox", "drop").returncode == 64
        assert stranger.run("outbox", "drop", "123456789").returncode == 64
        assert "1 delivery dropped: done" in stranger.run("outbox", "drop", "--dead").stdout
        assert answer(stranger, "outbox", "list") == []
        assert stranger.run("status").returncode == 0
        (record,) = answer(stranger, "alerts", "list")
        assert record["state"] == "dropped"


def test_a_running_daemon_does_what_is_asked_of_it(tmp_path: Path, origin: Origin) -> None:
    with Sink() as sink:
        stranger = home(tmp_path, origin, {"mail": sink.mailto})
        sink.answer(535, times=1, at="MAIL")
        publish(origin, 1)
        stranger.once(expect=[75])
        with Daemon(stranger, tmp_path / "daemon") as daemon:
            daemon.wait_until_ready()
            assert answer(stranger, "status")["channels"]["mail"]["state"] == "held"
            asked = stranger.run("outbox", "retry", "--channel", "mail")
            assert (asked.returncode, asked.stdout) == (
                0,
                "1 delivery to be tried again: done\n",
            )
            sink.wait_for(1)
            muted = stranger.run("mute", "داعش", "2h")
            assert muted.stdout.strip().endswith(": done")
            publish(origin, 1, 2)
            assert stranger.run("mute", "داعس", "2h").returncode == 64
            assert daemon.stop() == 0
        assert len(sink.messages) == 1
        assert list((stranger.state / "inbox").glob("*.json")) == []


def test_a_muted_rule_is_recorded_and_not_sent(tmp_path: Path, origin: Origin, sink: Sink) -> None:
    stranger = home(tmp_path, origin, {"mail": sink.mailto})
    assert "done; the next run" in stranger.run("mute", "داعش", "2h").stdout
    publish(origin, 1)
    report = stranger.once()
    assert (report["alerts"], report["delivered"], report["pending"]) == (1, 0, 0)
    (sighting,) = answer(stranger, "alerts", "why", "https://news.example/1")
    assert (sighting["verdict"], sighting["deliveries"]) == ("its rules are muted", [])
    assert "not muted any more" in stranger.run("mute", "داعش", "0s").stdout
    publish(origin, 1, 2)
    assert stranger.once()["delivered"] == 1


def test_a_backlog_goes_out_bundled_with_every_article(
    tmp_path: Path, origin: Origin, sink: Sink
) -> None:
    stranger = home(tmp_path, origin, {"mail": sink.mailto})
    publish(origin, *range(45))
    report = stranger.once()
    assert (report["alerts"], report["delivered"], report["pending"]) == (45, 1, 0)
    (received,) = sink.messages
    text = body(received.message)
    for number in range(45):
        assert f"https://news.example/{number}\n" in text + "\n"
        assert f"رقم {number} في" in text
    assert text.count("داعش يهاجم نقطة") == 45
    listed = answer(stranger, "alerts", "list")
    assert len(listed) == 45
    assert len({each["bundle"] for each in listed}) == 1
    assert stranger.once()["delivered"] == 0


def test_an_interrupted_bundle_is_repeated_as_it_was_and_marked(
    tmp_path: Path, origin: Origin
) -> None:
    with Sink() as sink:
        stranger = home(tmp_path, origin, {"mail": sink.mailto})
        publish(origin, *range(25))
        sink.delay = 30.0
        with Daemon(stranger, tmp_path / "daemon") as daemon:
            daemon.wait_until_ready()
            sink.wait_for(1)
            daemon.kill()
        sink.delay = 0.0
        publish(origin, *range(30))
        stranger.once()
    first, second, *rest = (each.message for each in sink.messages)
    assert first["Message-ID"] == second["Message-ID"]
    assert body(second) == f"تنبيه ربما تكرر · possible repeat\n{body(first)}"
    assert len(rest) == 5


@pytest.mark.parametrize("named", ["https://www.news.example/1?utm_source=x", "n1", TEXT[:0]])
def test_why_tells_what_became_of_an_article(
    tmp_path: Path, origin: Origin, sink: Sink, named: str
) -> None:
    stranger = home(tmp_path, origin, {"mail": sink.mailto})
    sink.answer(451, times=1)
    publish(origin, 1)
    stranger.once(expect=[75])
    stranger.once()
    (sighting,) = answer(stranger, "alerts", "why", named or "داعش يهاجم نقطة 1")
    assert (sighting["feed"], sighting["verdict"], sighting["fired"]) == ("a", "alerted", ["داعش"])
    (told,) = sighting["deliveries"]
    assert (told["channel"], told["state"], told["attempts"]) == ("mail", "sent", 2)
    shown = stranger.run("alerts", "why", named or "داعش يهاجم نقطة 1").stdout
    assert "tries 2" in shown


def test_one_article_of_a_bundle_may_be_dropped(tmp_path: Path, origin: Origin, sink: Sink) -> None:
    stranger = home(tmp_path, origin, {"mail": sink.mailto})
    sink.answer(451, times=1)
    publish(origin, *range(25))
    stranger.once(expect=[75])
    listed = answer(stranger, "outbox", "list")
    assert len({each["bundle"] for each in listed}) == 1
    assert "1 delivery dropped" in stranger.run("outbox", "drop", listed[3]["id"]).stdout
    assert len(answer(stranger, "outbox", "list")) == 24
    stranger.once()
    text = body(sink.wait_for(1)[0].message)
    assert text.count("داعش يهاجم نقطة") == 24
    assert listed[3]["link"] + "\n" not in text + "\n"


def test_why_tells_why_there_was_no_alert(tmp_path: Path, origin: Origin, sink: Sink) -> None:
    stranger = home(tmp_path, origin, {"mail": sink.mailto})
    plain = {"title": "أسعار النفط", "link": "https://news.example/7", "content": "ارتفعت الأسعار."}
    origin.put("/a.xml", rss([plain]))
    stranger.once()
    (sighting,) = answer(stranger, "alerts", "why", "https://news.example/7")
    assert (sighting["verdict"], sighting["deliveries"]) == ("no rule matches", [])
    assert answer(stranger, "alerts", "why", "https://news.example/8") == []
    assert "no feed has shown it" in stranger.run("alerts", "why", "غير معروف").stdout


def test_the_ledger_is_listed_by_time_rule_and_channel(
    tmp_path: Path, origin: Origin, sink: Sink
) -> None:
    stranger = home(tmp_path, origin, {"mail": sink.mailto})
    publish(origin, 1)
    stranger.once()
    for args, count in [
        (["--since", "1h"], 1),
        (["--since", "2026-01-01"], 1),
        (["--since", "2199-01-01T10:00"], 0),
        (["--channel", "mail"], 1),
        (["--rule", "داعش"], 1),
        (["--rule", "غيره"], 0),
    ]:
        assert len(answer(stranger, "alerts", "list", *args)) == count, args
    assert stranger.run("alerts", "list", "--since", "yesterday").returncode == 64
    assert stranger.run("alerts", "list", "--channel", "other").returncode == 64
