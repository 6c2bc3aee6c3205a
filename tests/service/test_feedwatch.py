"""Which feeds the operator hears of: once each, gathered, and when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from test_operator import NOW, config

from monitor.core.feeds.schedule import WORTH_TELLING
from monitor.model import Delivery, Feed, FeedRow
from monitor.service.feedwatch import GATHER, MOST_NAMED, REST, look
from monitor.service.operator import Operator
from monitor.settings.load import Config
from monitor.stores.memory import MemorySystem
from origin import Origin
from sink import Sink
from stranger import Daemon, Stranger

WEEK = 7 * 86_400.0


class Room:
    """Some feeds, and an operator with a clock of ours."""

    def __init__(self, config: Config, count: int = 1, system: MemorySystem | None = None) -> None:
        self.now = NOW
        self.system = system or MemorySystem()
        self.feeds = [Feed(f"f{n}", f"https://f{n}.example/", f"صحيفة {n}") for n in range(count)]
        self.rows = {feed.id: FeedRow(feed.id, feed.url, last_ok=NOW) for feed in self.feeds}
        self.told: list[Delivery] = []
        self.operator = Operator(
            config,
            self.system,
            lambda: self.now,
            hand_over=self.told.extend,
            settled=lambda _: True,
        )

    def fail(self, times: int, names: Sequence[str] = ("f0",), *, gone: bool = False) -> None:
        for name in names:
            self.rows[name] = replace(
                self.rows[name],
                failures=times,
                last_check=self.now,
                error="dns: no such host" if times else "",
                gone=gone,
            )

    def look(self, later: float = 0.0, gather: float = GATHER) -> list[str]:
        """What is told now."""
        self.now += later
        before = len(self.told)
        look(self.feeds, self.rows, self.operator, self.now, gather=gather)
        return [each.story.title.text.removeprefix("Rasid: ") for each in self.told[before:]]


def room(tmp_path: Path, count: int = 1, **members: object) -> Room:
    return Room(config(tmp_path, "desk", "desk"), count, **members)  # type: ignore[arg-type]


def test_a_feed_that_falls_silent_is_told_once_and_when_it_is_over(tmp_path: Path) -> None:
    desk = room(tmp_path, 2)
    newest = NOW - 2 * WEEK
    quiet = replace(desk.rows["f0"], newest=newest, longest_silence=86_400.0)
    desk.rows["f0"] = replace(quiet, last_ok=newest + 2 * 86_400)
    assert desk.look() == []
    desk.rows["f0"] = replace(quiet, last_ok=newest + 4 * 86_400, failures=1)  # its own trouble
    assert desk.look() == []
    desk.rows["f0"] = replace(quiet, last_ok=newest + 4 * 86_400)
    assert desk.look() == ["feeds that fell silent: صحيفة 0"]
    assert "صحيفة 0 (2023-10-31)" in desk.told[-1].story.excerpts[0].text
    for _ in range(30):
        assert desk.look(86_400) == []
    again = Room(desk.operator._config, 2, desk.system)  # the daemon starts anew
    again.now, again.rows = desk.now, desk.rows
    assert again.look(86_400) == []
    again.rows["f0"] = replace(quiet, last_ok=again.now, newest=again.now)
    assert again.look(10) == ["feeds that publish again: صحيفة 0"]
    assert again.look(WEEK) == []


def test_a_failing_feed_is_told_once_and_when_it_is_over(tmp_path: Path) -> None:
    desk = room(tmp_path)
    desk.fail(WORTH_TELLING - 1)
    assert desk.look(GATHER) == []
    desk.fail(WORTH_TELLING)
    assert desk.look(1) == []  # others may follow
    assert desk.look(GATHER) == ["feeds that cannot be read: صحيفة 0"]
    assert "dns: no such host" in desk.told[0].story.excerpts[0].text
    for times in range(WORTH_TELLING, WORTH_TELLING + 40):
        desk.fail(times)
        assert desk.look(86_400) == []  # for weeks
    desk.fail(0)
    assert desk.look(60) == ["feeds that work again: صحيفة 0"]
    assert desk.look(86_400) == []
    desk.fail(WORTH_TELLING)
    assert desk.look(86_400) == ["feeds that cannot be read: صحيفة 0"]


def test_what_was_told_before_a_restart_is_not_told_again(tmp_path: Path) -> None:
    before = room(tmp_path)
    before.fail(WORTH_TELLING)
    assert len(before.look(60)) == 1
    after = room(tmp_path, system=before.system)
    after.fail(WORTH_TELLING + 1)
    assert after.look(2 * WEEK) == []
    after.fail(0)
    assert len(after.look()) == 1


def test_a_network_that_is_down_makes_one_notice_an_hour(tmp_path: Path) -> None:
    desk = room(tmp_path, 300)
    names = list(desk.rows)
    for start in range(0, 300, 50):  # they fail within ten minutes
        desk.fail(WORTH_TELLING, names[start : start + 50])
        desk.look(100)
    for _ in range(120):
        desk.look(60)
    titles = [each.story.title.text for each in desk.told]
    assert titles == [f"Rasid: feeds that cannot be read: {count}" for count in (50, 250)]
    assert desk.told[1].made_at - desk.told[0].made_at >= REST
    assert f"+{250 - MOST_NAMED}" in desk.told[1].story.excerpts[0].text
    desk.fail(0, names)
    assert desk.look(60) == ["feeds that work again: 300"]


def test_a_feed_that_recovers_before_it_is_told_is_not_told(tmp_path: Path) -> None:
    desk = room(tmp_path)
    desk.fail(WORTH_TELLING)
    desk.look(1)
    desk.fail(0)
    assert desk.look(GATHER) == []


def test_a_feed_that_is_gone_is_told_at_once_and_once(tmp_path: Path) -> None:
    desk = room(tmp_path, 2)
    desk.fail(1, gone=True)
    assert desk.look() == ["feeds that are gone: صحيفة 0"]
    assert desk.look(2 * WEEK) == []
    desk.fail(1, ["f1"], gone=True)
    assert desk.look() == ["feeds that are gone: صحيفة 1"]


def test_a_feed_that_is_taken_out_is_forgotten(tmp_path: Path) -> None:
    desk = room(tmp_path)
    desk.fail(WORTH_TELLING)
    desk.look(60)
    feeds, desk.feeds = desk.feeds, []
    desk.look(60)
    desk.feeds = feeds
    assert desk.look(2 * REST) == ["feeds that cannot be read: صحيفة 0"]


def test_a_clock_set_back_silences_nobody_for_long(tmp_path: Path) -> None:
    desk = room(tmp_path, 2)
    desk.fail(WORTH_TELLING)
    assert len(desk.look(60)) == 1
    desk.now -= 10 * 86_400
    desk.fail(WORTH_TELLING, ["f1"])
    assert len(desk.look(60)) == 1


def test_the_operator_gets_a_mail_on_a_feed_that_is_gone(
    tmp_path: Path, origin: Origin, sink: Sink
) -> None:
    feeds = {"lost": origin.put("/lost.xml", status=410)}
    home = Stranger(tmp_path, feeds=feeds, channels={"mail": sink.mailto})
    settings = (home.folder / "monitor.yaml").read_text("utf-8")
    home.write("monitor.yaml", settings + "operator: mail\nlanguage: en\n")
    with Daemon(home, tmp_path / "daemon") as daemon:
        daemon.wait_until_ready()
        sink.wait_for(1)
        assert daemon.stop() == 0
    home.once()
    (mail,) = sink.messages
    assert "feeds that are gone: lost" in str(mail.message["Subject"])
    assert len(origin.requests) == 1
