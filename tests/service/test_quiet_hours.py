"""Quiet hours, digests and limits over real mail: over restarts, kills, and nights in which the
clocks change."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from at_work import Clocks, at_work
from test_kill import Press, Receivers, check, one_life

from monitor.app.health import open_deliveries
from monitor.service.once import OnceReport, once
from monitor.settings.load import load
from monitor.stores.memory import MemoryLedger
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore
from origin import Origin, rss
from sink import Sink
from stranger import Insider, Stranger

HERE = Path(__file__).parent


def item(number: int, word: str = "داعش") -> dict[str, str]:
    return {
        "title": f"{word} عند نقطة {number}",
        "link": f"https://news.example/{number}",
        "guid": f"n{number}",
        "content": f"جاء خبر {word} من نقطة تفتيش رقم {number} في أطراف القضاء ليلا دون خسائر.",
    }


RULES = """
rules:
  - {name: داعش, any: [داعش]RULE}
  - {name: زلزال, any: [زلزال], severity: critical}
"""


def links(message: EmailMessage) -> list[str]:
    part = message.get_body(("plain",))
    assert part is not None
    lines = str(part.get_content()).splitlines()
    return [line for line in lines if line.startswith("https://news.example/")]


@dataclass
class Newsroom:
    """A feed, a mail server, and passes at the moments that a test wants."""

    folder: Path
    origin: Origin
    sink: Sink
    zone: str
    published: int = 0
    items: tuple[dict[str, str], ...] = ()

    def configure(self, channel: str = "", rule: str = "") -> None:
        self.folder.mkdir(exist_ok=True)
        write = {
            "monitor.yaml": f"timezone: {self.zone}\nallow_private: [127.0.0.0/8]\n"
            "polling: {min_interval: 0s}\n"
            f"channels: {{mail: {{url: '{self.sink.mailto}'{channel}}}}}\n",
            "feeds.yaml": f"feeds: [{{name: a, url: '{self.origin.url('/a.xml')}'}}]\n",
            "rules.yaml": RULES.replace("RULE", rule),
        }
        for name, text in write.items():
            (self.folder / name).write_text(text, "utf-8")

    def at(self, moment: str, *, fold: int = 0) -> float:
        shown = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(self.zone), fold=fold)
        return shown.timestamp()

    def publish(self, count: int = 1, word: str = "داعش") -> None:
        new = [item(self.published + n + 1, word) for n in range(count)]
        self.published += count
        self.items = (*reversed(new), *self.items)

    def once(self, moment: float) -> OnceReport:
        self.origin.put("/a.xml", rss(list(self.items)))
        return once(load(self.folder, environ={}), clock=lambda: moment)

    def mails(self) -> list[list[str]]:
        """The numbers of the articles in each mail, in the order of their links."""
        return [
            [link.rpartition("/")[2] for link in links(each.message)] for each in self.sink.messages
        ]

    def subject(self) -> str:
        return str(self.sink.messages[-1].message["Subject"])


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    with Origin() as origin, Sink() as sink:
        yield Newsroom(tmp_path / "config", origin, sink, "Asia/Baghdad")


NIGHT = ", quiet: {from: 23:00, to: 07:00, except: critical}"
NIGHTS = [
    ("Asia/Baghdad", "2026-01-10", 8),
    ("Europe/Berlin", "2026-03-28", 7),  # an hour is skipped
    ("Europe/Berlin", "2026-10-24", 9),  # an hour comes twice
    ("Asia/Beirut", "2026-03-28", 7),
    ("Asia/Beirut", "2026-10-24", 9),  # the hour from 23:00 on comes twice
]


@pytest.mark.parametrize(("zone", "day", "hours"), NIGHTS)
def test_a_night_goes_by_and_all_that_came_in_it_comes_at_its_end_once(
    newsroom: Newsroom, zone: str, day: str, hours: int
) -> None:
    """Each pass is a start of its own."""
    newsroom.zone = zone
    newsroom.configure(NIGHT)
    newsroom.once(newsroom.at(f"{day}T22:00"))
    newsroom.publish()
    newsroom.once(newsroom.at(f"{day}T22:59"))
    assert newsroom.mails() == [["1"]]
    start = newsroom.at(f"{day}T23:00")
    for hour in range(hours):
        newsroom.publish()
        report = newsroom.once(start + hour * 3600)
        assert (report.exit_code, report.pending, report.held_back) == (0, hour + 1, hour + 1)
    newsroom.once(start + hours * 3600 - 1)
    assert newsroom.mails() == [["1"]]
    report = newsroom.once(start + hours * 3600)
    assert (report.exit_code, report.pending, report.held_back) == (0, 0, 0)
    assert newsroom.mails() == [["1"], [str(2 + n) for n in range(hours)]]
    assert newsroom.subject() == f"موجز: عدد الأخبار {hours} (ساعات الهدوء 23:00-07:00)"
    newsroom.publish()
    newsroom.once(start + hours * 3600 + 60)
    newsroom.once(start + hours * 3600 + 120)
    assert newsroom.mails()[2:] == [[str(hours + 2)]]


def test_what_weighs_enough_comes_at_night(newsroom: Newsroom) -> None:
    newsroom.configure(NIGHT)
    newsroom.once(newsroom.at("2026-01-10T22:00"))
    newsroom.publish()
    newsroom.once(newsroom.at("2026-01-11T01:00"))
    newsroom.publish(word="زلزال")
    newsroom.once(newsroom.at("2026-01-11T02:00"))
    assert newsroom.mails() == [["2"]]
    newsroom.once(newsroom.at("2026-01-11T09:00"))
    assert newsroom.mails() == [["2"], ["1"]]


def test_a_start_after_the_night_tells_it_in_one_message(newsroom: Newsroom) -> None:
    newsroom.configure(NIGHT)
    newsroom.once(newsroom.at("2026-01-10T22:00"))
    newsroom.publish(3)
    newsroom.once(newsroom.at("2026-01-11T02:00"))
    newsroom.publish(2)
    newsroom.once(newsroom.at("2026-01-11T11:00"))
    assert newsroom.mails() == [["1", "2", "3"], ["4"], ["5"]]


def test_quiet_hours_that_are_taken_back_hold_nothing_more(newsroom: Newsroom) -> None:
    newsroom.configure(NIGHT)
    newsroom.once(newsroom.at("2026-01-10T22:00"))
    newsroom.publish(2)
    newsroom.once(newsroom.at("2026-01-11T02:00"))
    assert newsroom.mails() == []
    newsroom.configure()
    newsroom.once(newsroom.at("2026-01-11T02:05"))
    assert newsroom.mails() == [["1"], ["2"]]


def test_a_daily_digest(newsroom: Newsroom) -> None:
    newsroom.configure(", digest: daily 08:00, language: en")
    newsroom.once(newsroom.at("2026-01-10T07:00"))
    for moment in ("2026-01-10T09:00", "2026-01-10T23:00", "2026-01-11T07:59"):
        newsroom.publish()
        newsroom.once(newsroom.at(moment))
    assert newsroom.mails() == []
    newsroom.publish()
    newsroom.once(newsroom.at("2026-01-11T08:00"))
    assert newsroom.mails() == [["1", "2", "3"]]
    assert newsroom.subject() == "Digest: 3 articles (daily digest 08:00)"
    newsroom.once(newsroom.at("2026-01-12T08:00"))
    assert newsroom.mails()[1:] == [["4"]]


def test_a_digest_of_a_rule_holds_back_no_other(newsroom: Newsroom) -> None:
    newsroom.configure(rule=", digest: daily 08:00")
    newsroom.once(newsroom.at("2026-01-10T07:00"))
    newsroom.publish(2)
    newsroom.publish(word="زلزال")
    newsroom.once(newsroom.at("2026-01-10T09:00"))
    assert newsroom.mails() == [["3"]]
    newsroom.once(newsroom.at("2026-01-11T08:00"))
    assert newsroom.mails() == [["3"], ["1", "2"]]


def test_a_limit_counts_over_restarts_and_the_rest_comes_at_the_days_end(
    newsroom: Newsroom,
) -> None:
    newsroom.configure(rule=", max_per_day: 3")
    newsroom.once(newsroom.at("2026-01-10T01:00"))
    for hour in (2, 9, 15):  # over midnight of UTC, at 03:00
        newsroom.publish(2)
        newsroom.once(newsroom.at(f"2026-01-10T{hour:02}:00"))
    newsroom.publish(word="زلزال")
    newsroom.once(newsroom.at("2026-01-10T23:59"))
    assert newsroom.mails() == [["1"], ["2"], ["3"], ["7"]]
    newsroom.publish()
    newsroom.once(newsroom.at("2026-01-11T00:00"))
    assert newsroom.mails()[4:] == [["4", "5", "6"], ["8"]]
    assert "ما زاد على الحد اليومي" in str(newsroom.sink.messages[4].message["Subject"])


def test_a_group_waits_for_more_of_the_same_rules(newsroom: Newsroom) -> None:
    newsroom.configure(", group_wait: 5m")
    start = newsroom.at("2026-01-10T12:00")
    newsroom.once(start)
    newsroom.publish()
    newsroom.once(start + 60)
    newsroom.publish(word="زلزال")
    newsroom.publish()
    newsroom.once(start + 120)
    assert newsroom.mails() == []
    newsroom.once(start + 60 + 300)
    assert newsroom.mails() == [["1", "3"]]
    assert newsroom.subject().endswith(" (+1)")
    newsroom.once(start + 120 + 300)
    assert newsroom.mails() == [["1", "3"], ["2"]]


def test_a_bundle_over_midnight_that_is_refused_is_taken_apart(newsroom: Newsroom) -> None:
    newsroom.configure(NIGHT)
    newsroom.once(newsroom.at("2026-01-10T22:00"))
    for hour in ("2026-01-11T01:00", "2026-01-11T02:00", "2026-01-11T04:00"):
        newsroom.publish()
        newsroom.once(newsroom.at(hour))
    newsroom.sink.answer(554, times=2)
    newsroom.once(newsroom.at("2026-01-11T07:00"))
    newsroom.once(newsroom.at("2026-01-11T07:01"))
    assert sorted(newsroom.mails()) == [["1"], ["2"], ["3"]]


def test_a_bundle_over_midnight_goes_on_over_a_restart(newsroom: Newsroom) -> None:
    newsroom.configure(NIGHT)
    newsroom.once(newsroom.at("2026-01-10T22:00"))
    for hour in ("2026-01-11T01:00", "2026-01-11T04:00"):
        newsroom.publish()
        newsroom.once(newsroom.at(hour))
    newsroom.sink.answer(451)
    assert newsroom.once(newsroom.at("2026-01-11T07:00")).exit_code == 75
    newsroom.publish()
    newsroom.once(newsroom.at("2026-01-11T23:30"))
    assert newsroom.mails() == [], "the next night began meanwhile"
    newsroom.once(newsroom.at("2026-01-12T07:00"))
    assert newsroom.mails() == [["1", "2"], ["3"]]


# --- what the operator sees ---------------------------------------------------------------------


def test_what_is_held_back_is_told_and_is_no_trouble(tmp_path: Path, origin: Origin) -> None:
    now = datetime.now(UTC)
    start, end = (f"{now + timedelta(hours=hours):%H:%M}" for hours in (-3, 3))
    with Sink() as sink:
        origin.put("/a.xml", rss([]))
        rules = "rules:\n  - {name: داعش, any: [داعش], quiet: {from: FROM, to: TO}}\n"
        stranger = Insider(
            tmp_path,
            feeds={"a": origin.url("/a.xml")},
            channels={"mail": sink.mailto},
            rules=rules.replace("FROM", start).replace("TO", end),
        )
        stranger.once()
        origin.put("/a.xml", rss([item(1)]))
        report = stranger.once()
        assert (report["alerts"], report["delivered"], report["pending"]) == (1, 0, 1)
        listed = stranger.run("outbox", "list").stdout
        assert f"held back until {end} (quiet hours)" in listed
        why = stranger.run("alerts", "why", "https://news.example/1").stdout
        assert f"mail: held back until {end} (quiet hours)" in why
        assert "1 delivery to be tried again" in stranger.run("outbox", "retry").stdout
        assert "(1 held back)" in stranger.run("once").stdout
        assert sink.messages == []
        assert '"oldest_seconds": 0' in stranger.run("status", "--json").stdout
        status = stranger.run("status")
        assert status.returncode == 0
        assert "1 delivery pending (1 held back)\n" in status.stdout
        stranger.write("rules.yaml", "rules:\n  - {name: داعش, any: [داعش]}\n")
        assert "held back" not in stranger.run("outbox", "list").stdout
        assert stranger.once()["delivered"] == 1


def test_a_running_daemon_takes_back_its_quiet_hours(newsroom: Newsroom) -> None:
    """And the hours of a rule: what waits is looked at again by each reload."""
    clocks = Clocks()
    now = datetime.fromtimestamp(clocks.wall, ZoneInfo(newsroom.zone))
    start, end = (f"{now + timedelta(hours=hours):%H:%M}" for hours in (-2, 2))
    hours = f", quiet: {{from: {start}, to: {end}}}"
    newsroom.configure(hours, rule=hours)
    newsroom.once(clocks.wall)
    newsroom.publish(3)
    newsroom.origin.put("/a.xml", rss(list(newsroom.items)))

    async def live() -> None:
        config = load(newsroom.folder, environ={})
        clocks.go(1000.0)
        async with at_work(config, newsroom.origin, clocks) as life:
            await life.until(lambda asked: asked["/a.xml"] > 1)
            held = open_deliveries(
                TinyStore.read(config.state), SystemFile(config.state), {"mail": MemoryLedger()}
            )
            assert len(held) == 3
            newsroom.configure(rule=hours)
            await life.reload(load(newsroom.folder, environ={}))
            assert newsroom.mails() == []
            newsroom.configure()
            await life.reload(load(newsroom.folder, environ={}))
            await asyncio.to_thread(newsroom.sink.wait_for, 3)

    asyncio.run(live())
    assert sorted(newsroom.mails()) == [["1"], ["2"], ["3"]]


# --- kill -9 --------------------------------------------------------------------------------------


class Dreamer(Stranger):
    """A watcher that believes in the time that it is told."""

    moment = 0.0

    def command(self, *args: str) -> list[str]:
        return [sys.executable, str(HERE / "night_child.py"), str(self.folder), str(self.moment)]


BERLIN = ZoneInfo("Europe/Berlin")
CHANGES = [datetime(2026, 3, 28, tzinfo=BERLIN), datetime(2026, 10, 24, tzinfo=BERLIN)]
MANY = [CHANGES[0] + timedelta(days=n) for n in range(12)]


@pytest.mark.parametrize("eves", [CHANGES, pytest.param(MANY, marks=[pytest.mark.long])])
def test_a_night_of_kills_loses_nothing_and_stays_silent(
    tmp_path: Path, eves: list[datetime]
) -> None:
    """Killed in the evening, in the night, and over and over when it ends."""
    chance = random.Random(len(eves))
    with Origin() as origin, Sink() as sink:
        receivers, press = Receivers(sink), Press(origin, chance)
        origin.put("/feed.xml", rss([]))
        home = Dreamer(
            tmp_path,
            feeds={"a": origin.url("/feed.xml")},
            channels={"mail": sink.mailto},
            rules="rules:\n  - {name: داعش, any: [داعش]}\n",
        )
        path = home.folder / "monitor.yaml"
        text = path.read_text("utf-8").replace(sink.mailto + '"', sink.mailto + f'"{NIGHT}')
        path.write_text("timezone: Europe/Berlin\n" + text, "utf-8")
        config = load(home.folder, environ={})
        once(config, clock=eves[0].timestamp)
        lives = [eve + timedelta(hours=hour) for eve in eves for hour in (22, 25, 31, 32)]
        for begun in lives:
            home.moment, before = begun.timestamp(), len(sink.messages)
            one_life(home, tmp_path / "daemon", press, chance, kill=True)
            assert begun.hour != 1 or len(sink.messages) == before, "silent at night"
        press.publish()
        once(config, clock=(lives[-1] + timedelta(days=2)).timestamp)
        mails = receivers.mails()
    check(mails, press.published, len(lives))
    assert max(len(each.links) for each in mails) > 1, "the night came in bundles"
