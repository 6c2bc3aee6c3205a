"""A running daemon takes over what is saved, and nothing that is wrong."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.service.reload import REST, Watch
from origin import Origin, rss
from sink import Received, Sink
from stranger import Daemon, Stranger

NEW_RULE = "rules:\n  - {name: فيضان, any: [فيضان]}\n"


def item(number: int, text: str) -> dict[str, str]:
    return {
        "title": f"خبر {number}",
        "link": f"https://news.example/{number}",
        "guid": f"n{number}",
        "content": text,
    }


def text_of(mail: Received) -> str:
    body = mail.message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\u200b", "")  # behind dots, for links


def status_until(home: Stranger, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first status of which it is true; each look is a process, so there is no need to wait."""
    for _ in range(40):
        found: dict[str, Any] = json.loads(home.run("status", "--json").stdout)
        if true(found):
            return found
    pytest.fail(f"did not come about: {found}")


def test_rules_feeds_and_channels_that_are_saved_come_into_force(tmp_path: Path) -> None:
    with Origin() as origin, Sink() as sink, Sink() as other:
        flood = item(1, "فيضان يغمر قرى على ضفاف النهر ويقطع الطريق العام منذ ليلة أمس")
        origin.put("/a.xml", rss([item(0, "لا شيء يذكر هنا")]))
        origin.put("/b.xml", rss([]))
        home = Stranger(tmp_path, feeds={"a": origin.url("/a.xml")}, channels={"mail": sink.mailto})
        monitor = (home.folder / "monitor.yaml").read_text("utf-8")
        feeds = (home.folder / "feeds.yaml").read_text("utf-8")
        with Daemon(home, tmp_path / "daemon") as daemon:
            daemon.wait_until_ready()
            home.write("rules.yaml", NEW_RULE)
            home.write("monitor.yaml", monitor + f"  second: {{url: {json.dumps(other.mailto)}}}\n")
            home.write("feeds.yaml", feeds + f"  - {{name: b, url: {origin.url('/b.xml')}}}\n")
            found = status_until(home, lambda s: s["reload"]["at"] and s["feeds"]["ok"] == 2)
            assert found["reload"]["ok"] is True
            origin.put("/b.xml", rss([flood]))
            assert "فيضان" in str(sink.wait_for(1)[0].message.get_body(("plain",)).get_content())
            other.wait_for(1)
            assert daemon.stop() == 0, daemon.log.read_text("utf-8")


def test_a_wrong_configuration_leaves_the_old_one_in_force_and_says_why(tmp_path: Path) -> None:
    with Origin() as origin, Sink() as sink:
        origin.put("/a.xml", rss([item(0, "لا شيء يذكر هنا")]))
        home = Stranger(tmp_path, feeds={"a": origin.url("/a.xml")}, channels={"mail": sink.mailto})
        monitor = (home.folder / "monitor.yaml").read_text("utf-8")
        home.write("monitor.yaml", f"{monitor}operator: mail\nlanguage: en\n")
        with Daemon(home, tmp_path / "daemon") as daemon:
            daemon.wait_until_ready()
            home.write("rules.yaml", "rules:\n  - {name: فيضان, chanels: [mail], any: [فيضان]}\n")
            daemon.process.send_signal(signal.SIGHUP)
            found = status_until(home, lambda s: s["reload"]["ok"] is False)
            (error,) = found["reload"]["errors"]
            assert error.startswith("rules.yaml:2:19: chanels: unknown key (did you mean")
            assert error in found["problems"]
            shown = home.run("status")
            assert shown.returncode == 1
            assert "rules     2, 0 muted" in shown.stdout  # those in force
            (refused,) = sink.wait_for(1)
            assert "has an error" in refused.message["subject"]
            assert error in text_of(refused)
            home.write("rules.yaml", "rules: [\n")  # broken otherwise: told already
            status_until(home, lambda s: s["reload"]["errors"] != [error])
            home.write("rules.yaml", "rules:\n  - {name: داعش, any: [داعش]}\n")
            origin.put("/a.xml", rss([item(1, "هجوم لداعش على نقطة تفتيش في أطراف المدينة ليلا")]))
            subjects = [each.message["subject"] for each in sink.wait_for(3)]
            assert sum("right again" in subject for subject in subjects) == 1
            assert sum("has an error" in subject for subject in subjects) == 1
            assert daemon.stop() == 0


def test_files_are_left_alone_until_they_rest(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("rules: []\n")
    watch = Watch(tmp_path)
    assert not watch.changed(10.0)
    rules.write_text("rules:\n")
    assert not watch.changed(11.0)
    rules.write_text("rules:\n  - {}\n")
    assert not watch.changed(11.0 + REST / 2)
    assert not watch.changed(11.0 + REST)
    assert watch.changed(11.0 + REST * 1.5)
    assert not watch.changed(99.0)
    rules.unlink()
    assert not watch.changed(100.0)
    assert watch.changed(100.0 + REST)


def test_files_that_the_configuration_names_are_watched_too(tmp_path: Path) -> None:
    words, later = tmp_path / "words.j2", tmp_path / "later.j2"
    words.write_text("أ")
    named = [words]
    watch = Watch(tmp_path, lambda: named)
    words.write_text("أ ب")
    assert not watch.changed(10.0)
    assert watch.changed(10.0 + REST)
    named.append(later)
    assert not watch.changed(20.0)
    assert watch.changed(20.0 + REST)
    later.write_text("ج")
    assert not watch.changed(30.0)
    assert watch.changed(30.0 + REST)
    assert not watch.changed(99.0)
