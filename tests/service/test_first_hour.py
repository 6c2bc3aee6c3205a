"""The first hour of somebody new, command by command, with the daemon at work."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from origin import Origin, rss
from sink import Sink
from stranger import PATIENCE, Daemon, Stranger

PAGE = (
    "<html><head><title>صحيفة السهل</title>"
    '<link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body></body></html>'
)
RULE = """rules:
  # ما يحرق الحقول
  - name: حرائق الحقول
    any: [حريق, حرائق]
    places: [مخمور]
    examples: {match: [التهم حريق حقول القمح في قضاء مخمور], no_match: [حريق في فندق]}
"""


class NewUser(Stranger):
    """Begins with what `init` writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "my-rasid"

    def told(self, *args: str, expect: int = 0) -> str:
        done = self.run(*args)
        assert done.returncode == expect, (args, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text("utf-8")
        assert text.count(old) == 1, text
        self.write(name, text.replace(old, new))

    def status(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return told

    def status_when(self, there: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """How it stands, as soon as that is so."""
        end = time.monotonic() + PATIENCE
        while not there(told := self.status()):
            assert time.monotonic() < end, told
        return told


def item(number: int, title: str) -> dict[str, str]:
    text = f"{title}. هرعت فرق الإطفاء إلى المكان رقم {number} ولم تسجل إصابات بين الأهالي."
    link = f"https://paper.example/{number}"
    return {"title": title, "guid": f"n{number}", "link": link, "content": text}


def begun(folder: Path, origin: Origin, sink: Sink) -> NewUser:
    """A configuration with one feed, one rule and one mailbox."""
    user = NewUser(folder)
    user.folder.mkdir()
    user.told("init", str(user.folder))
    user.write("feeds.yaml", "feeds: []\n")
    (user.folder / "mail.url").write_text(sink.mailto + "\n", "utf-8")
    user.edit("monitor.yaml", "# allow_private: [10.1.2.0/24, ", "allow_private: [")
    user.edit("monitor.yaml", "  interval: 15m ", "  interval: 1s ")
    user.edit("monitor.yaml", "  min_interval: 1m ", "  min_interval: 0s ")
    user.edit("monitor.yaml", "channels:\n", "channels:\n  desk: {url_file: mail.url}\n")
    user.edit("monitor.yaml", "# operator: desk-mail", "operator: desk")
    assert "صحيفة السهل" in user.told("feeds", "add", origin.url("/"))
    user.write("rules.yaml", RULE)
    return user


def test_from_nothing_to_a_mail_and_through_a_slip_of_the_pen(
    tmp_path: Path, origin: Origin, sink: Sink
) -> None:
    shown = [item(1, "نشوب حريق واسع في حقول قضاء مخمور")]
    origin.put("/", PAGE, content_type="text/html")
    origin.put("/feed.xml", rss(shown, title="صحيفة السهل"))
    user = begun(tmp_path, origin, sink)
    assert "1 feed, 1 rule" in user.told("check")
    assert shown[0]["title"] in user.told("parse", origin.url("/feed.xml"))
    user.write("article.txt", f"{shown[0]['title']}\n{shown[0]['content']}")
    assert "matches" in user.told("explain", str(user.folder / "article.txt"))
    with Daemon(user, tmp_path / "run") as daemon:
        daemon.wait_until_ready()
        user.status_when(lambda told: told["feeds"]["ok"] == 1)
        assert "1 alert in 1 day" in user.told("rules", "try", "حريق")

        origin.put("/feed.xml", rss([item(2, "حريق جديد قرب جبل مخمور"), *shown]))
        (mail,) = sink.wait_for(1)
        assert "حريق جديد قرب جبل مخمور" in str(mail.message["Subject"])

        user.edit("rules.yaml", "places:", "place:")
        told = user.status_when(lambda told: not told["reload"]["ok"])
        (refused,) = told["reload"]["errors"]
        assert refused.startswith("rules.yaml:5:5:")
        assert "did you mean 'places'?" in refused
        origin.put("/feed.xml", rss([item(3, "حريق ثالث في مخمور يأتي على مخزن"), *shown]))
        sink.wait_for(3)  # this, and the word to the operator

        user.edit("rules.yaml", "place:", "places:")
        user.edit("rules.yaml", "[حريق, حرائق]", "[حريق, حرائق, دخان]")
        user.status_when(lambda told: told["reload"]["ok"])
        origin.put("/feed.xml", rss([item(4, "دخان كثيف فوق قضاء مخمور منذ الفجر"), *shown]))
        mails = sink.wait_for(5)  # this, and that all is well again
        assert daemon.stop() == 0
    subjects = " | ".join(str(each.message["Subject"]) for each in mails)
    assert len(mails) == 5, subjects
    assert "دخان كثيف" in subjects
    assert "حريق ثالث" in subjects
    assert "نشوب حريق" not in subjects  # undated, and there before
