"""Quiet hours, digests and limits over real mail: over restarts, kills, and nights in which the
clocks change."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from at_work import Clocks, at_work
from test_kill import Press, Receivers, check, one_life

from monitor.app.health import health, open_deliveries
from monitor.service.once import OnceReport, once
from monitor.settings.load import load
from monitor.stores.backup import save_backup
from monitor.stores.ledger import TinyLedger
from monitor.stores.memory import MemoryLedger
from monitor.stores.restore import restore
from monitor.stores.system import SystemFile
from monitor.stores.tiny import TinyStore
from origin import Origin, rss
from sink import Sink
from stranger import Daemon, Insider, Stranger

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

    def add(self, rule: str) -> None:
        """Writes one more rule."""
        with (self.folder / "rules.yaml").open("a", encoding="utf-8") as file:
            file.write(f"  - {rule}\n")

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


def test_what_could_not_be_sent_in_the_evening_comes_with_the_night(newsroom: Newsroom) -> None:
    newsroom.configure(NIGHT)
    newsroom.once(newsroom.at("2026-01-10T22:00"))
    newsroom.publish(3)
    newsroom.sink.answer(451, times=9)
    newsroom.once(newsroom.at("2026-01-10T22:59"))
    newsroom.sink.relent()
    newsroom.publish(2)
    newsroom.once(newsroom.at("2026-01-11T03:00"))
    assert newsroom.mails() == []
    newsroom.once(newsroom.at("2026-01-11T07:00"))
    assert newsroom.mails() == [["1", "2", "3", "4", "5"]]


def test_what_waited_for_the_morning_is_not_late_in_it(newsroom: Newsroom) -> None:
    """One alone; a server that asks for another minute is no trouble yet."""
    newsroom.configure(NIGHT)
    newsroom.once(newsroom.at("2026-01-10T22:00"))
    newsroom.publish()
    newsroom.once(newsroom.at("2026-01-11T01:00"))
    newsroom.sink.answer(451)
    morning = newsroom.at("2026-01-11T07:00")
    newsroom.once(morning)
    config = load(newsroom.folder, environ={})
    ledger = TinyLedger.read(config.state, "mail")
    shown = health(
        config,
        TinyStore.read(config.state),
        {"mail": ledger},
        SystemFile(config.state),
        running=False,
        now=morning + 60,
    )
    assert (shown.problems, shown.outbox.oldest_seconds) == ((), 60.0)
    (record,) = ledger.records()
    assert (record.held_for, record.ready_at) == ("quiet 23:00-07:00", morning)


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


def test_what_a_limit_holds_back_waits_after_a_restore_too(newsroom: Newsroom) -> None:
    """What the restored ledger does not know may have been sent, but not before its time."""
    newsroom.configure(rule=", max_per_day: 1")
    newsroom.once(newsroom.at("2026-01-10 10:00"))
    newsroom.publish(2)
    newsroom.once(newsroom.at("2026-01-10 10:10"))
    assert len(newsroom.mails()) == 1
    state, copy = newsroom.folder / "state", newsroom.folder / "copy.gz"
    save_backup(state, copy, made_at=newsroom.at("2026-01-10 10:20"), version="1")
    with copy.open("rb") as file:
        restore(state, file, now=newsroom.at("2026-01-10 10:30"), force=True)
    newsroom.once(newsroom.at("2026-01-10 10:40"))
    assert len(newsroom.mails()) == 1
    newsroom.once(newsroom.at("2026-01-11 00:01"))
    assert sorted(each for mail in newsroom.mails() for each in mail) == ["1", "2"]


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


def test_a_backfill_in_quiet_hours_comes_at_their_end(newsroom: Newsroom) -> None:
    newsroom.configure(NIGHT)
    newsroom.once(newsroom.at("2026-01-10T20:00"))
    newsroom.publish(2, word="فيضان")
    newsroom.once(newsroom.at("2026-01-10T21:00"))
    newsroom.publish()
    newsroom.once(newsroom.at("2026-01-11T01:00"))
    newsroom.add("{name: فيضان, any: [فيضان], backfill: 7d}")
    report = newsroom.once(newsroom.at("2026-01-11T02:00"))
    assert (report.alerts, report.held_back, newsroom.mails()) == (2, 3, [])
    newsroom.once(newsroom.at("2026-01-11T07:00"))
    assert [sorted(each) for each in newsroom.mails()] == [["1", "2", "3"]]
    newsroom.once(newsroom.at("2026-01-11T08:00"))
    assert len(newsroom.mails()) == 1


def test_a_backfill_comes_in_one_message_that_says_so(newsroom: Newsroom) -> None:
    newsroom.configure()
    newsroom.once(newsroom.at("2026-01-10T11:00"))
    newsroom.publish(3, word="فيضان")
    newsroom.once(newsroom.at("2026-01-10T12:00"))
    newsroom.publish()
    newsroom.add("{name: فيضان, any: [فيضان], backfill: 7d}")
    newsroom.once(newsroom.at("2026-01-10T13:00"))
    assert [sorted(each) for each in newsroom.mails()] == [["4"], ["1", "2", "3"]]
    assert newsroom.subject() == "موجز: عدد الأخبار 3 (مما سبق نشره)"


def test_a_backfill_keeps_to_a_limit_and_to_quiet_hours(newsroom: Newsroom) -> None:
    newsroom.configure(NIGHT)
    newsroom.once(newsroom.at("2026-01-10T11:00"))
    newsroom.publish(5, word="فيضان")
    newsroom.once(newsroom.at("2026-01-10T12:00"))
    newsroom.add("{name: فيضان, any: [فيضان], backfill: 7d, max_per_day: 2}")
    newsroom.once(newsroom.at("2026-01-10T13:00"))
    assert newsroom.mails() == [["5", "4"]]
    newsroom.publish(word="فيضان")
    newsroom.once(newsroom.at("2026-01-10T14:00"))
    newsroom.once(newsroom.at("2026-01-11T06:59"))
    assert newsroom.mails() == [["5", "4"]], "what a backfill brought counts"
    newsroom.once(newsroom.at("2026-01-11T07:00"))
    assert [sorted(each) for each in newsroom.mails()[1:]] == [["1", "2", "3", "6"]]


def test_a_limit_and_quiet_hours(newsroom: Newsroom) -> None:
    """The night comes in one message and uses up nothing; the rest of the day comes with it."""
    newsroom.configure(NIGHT, rule=", max_per_day: 2")
    newsroom.once(newsroom.at("2026-01-10T12:00"))
    newsroom.publish(4)
    newsroom.once(newsroom.at("2026-01-10T20:00"))
    newsroom.publish(3)
    newsroom.once(newsroom.at("2026-01-11T00:30"))
    assert newsroom.mails() == [["1"], ["2"]]
    newsroom.once(newsroom.at("2026-01-11T07:00"))
    assert newsroom.mails()[2:] == [["3", "4", "5", "6", "7"]]
    newsroom.publish(3)
    newsroom.once(newsroom.at("2026-01-11T09:00"))
    assert newsroom.mails()[3:] == [["8"], ["9"]]
    newsroom.once(newsroom.at("2026-01-12T07:00"))
    assert newsroom.mails()[5:] == [["10"]]


def test_what_a_wrong_clock_found_is_not_held_back_until_it_is_right(newsroom: Newsroom) -> None:
    newsroom.configure(", digest: daily 08:00")
    newsroom.once(newsroom.at("2026-01-10T12:00"))
    newsroom.publish(2)
    newsroom.once(newsroom.at("2027-06-01T12:00"))
    assert newsroom.mails() == []
    newsroom.publish()
    newsroom.once(newsroom.at("2026-01-10T12:05"))
    newsroom.once(newsroom.at("2026-01-11T08:30"))
    assert sorted(number for mail in newsroom.mails() for number in mail) == ["1", "2", "3"]


@pytest.mark.parametrize("rule", [", quiet: {from: 23:00, to: 07:00}", ", digest: daily 08:00"])
def test_a_rule_that_is_renamed_holds_nothing_any_more(newsroom: Newsroom, rule: str) -> None:
    newsroom.configure(rule=rule)
    newsroom.once(newsroom.at("2026-01-10T22:00"))
    newsroom.publish(2)
    newsroom.once(newsroom.at("2026-01-11T02:00"))
    assert newsroom.mails() == []
    path = newsroom.folder / "rules.yaml"
    path.write_text(path.read_text("utf-8").replace("name: داعش", "name: تنظيم"), "utf-8")
    for _ in range(2):
        newsroom.once(newsroom.at("2026-01-11T02:05"))
    assert newsroom.mails() == [["1"], ["2"]]


def test_a_channel_that_is_renamed_keeps_what_it_held_until_it_is_back(newsroom: Newsroom) -> None:
    newsroom.configure(NIGHT)
    newsroom.once(newsroom.at("2026-01-10T22:00"))
    newsroom.publish(2)
    newsroom.once(newsroom.at("2026-01-11T02:00"))
    path = newsroom.folder / "monitor.yaml"
    before = path.read_text("utf-8")
    path.write_text(before.replace("{mail:", "{post:"), "utf-8")
    newsroom.publish()
    assert newsroom.once(newsroom.at("2026-01-11T08:00")).exit_code == 75
    path.write_text(before, "utf-8")
    newsroom.once(newsroom.at("2026-01-11T09:00"))
    assert sorted(newsroom.mails()) == [["1", "2"], ["3"]]


def test_a_mute_stops_what_is_found_from_then_on_not_what_waits(newsroom: Newsroom) -> None:
    newsroom.configure(NIGHT)
    newsroom.once(newsroom.at("2026-01-10T22:00"))
    newsroom.publish(2)
    newsroom.once(newsroom.at("2026-01-11T02:00"))
    system = SystemFile(load(newsroom.folder, environ={}).state)
    until = newsroom.at("2026-01-11T12:00")
    system.update(lambda state: replace(state, mutes={"داعش": until}))
    newsroom.publish()
    newsroom.once(newsroom.at("2026-01-11T07:00"))
    newsroom.once(until + 60)
    assert newsroom.mails() == [["1", "2"]]


def test_hours_that_leave_no_time_hold_nothing_for_ever(newsroom: Newsroom) -> None:
    newsroom.configure(
        ", quiet: {from: 23:00, to: 07:00}", rule=", quiet: {from: 07:00, to: 23:00}"
    )
    newsroom.once(newsroom.at("2026-01-10T22:00"))
    newsroom.publish()
    newsroom.once(newsroom.at("2026-01-10T22:30"))
    newsroom.publish(2)
    newsroom.once(newsroom.at("2026-01-11T02:00"))
    assert newsroom.mails() == [["1"]]
    newsroom.once(newsroom.at("2026-01-11T07:00"))
    assert newsroom.mails()[1:] == [["2", "3"]]


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
        retried = stranger.run("outbox", "retry").stdout
        assert "1 delivery to be tried again" in retried
        assert "held back, 1 of them: --held-back sends them now" in retried
        assert "(1 held back)" in stranger.run("once").stdout
        assert sink.messages == []
        assert '"oldest_seconds": 0' in stranger.run("status", "--json").stdout
        status = stranger.run("status")
        assert status.returncode == 0
        assert "1 delivery pending (1 held back)\n" in status.stdout
        stranger.write("rules.yaml", "rules:\n  - {name: داعش, any: [داعش]}\n")
        assert "held back" not in stranger.run("outbox", "list").stdout
        assert stranger.once()["delivered"] == 1


ALWAYS = "rules:\n  - {name: داعش, any: [داعش], max_per_day: 1, digest: daily 00:00}\n"


def listed(stranger: Stranger) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(stranger.run("outbox", "list", "--json").stdout)
    return found


def test_the_operator_has_held_ones_sent_before_their_time(
    tmp_path: Path, origin: Origin, sink: Sink
) -> None:
    """One by its id; then the rest, in one message."""
    origin.put("/a.xml", rss([]))
    feeds, channels = {"a": origin.url("/a.xml")}, {"mail": sink.mailto}
    stranger = Insider(tmp_path, feeds=feeds, channels=channels, rules=ALWAYS)
    stranger.once()
    origin.put("/a.xml", rss([item(n) for n in (1, 2, 3, 4)]))
    assert stranger.once()["pending"] == 4
    first = listed(stranger)[0]
    assert first["held_for"] == "digest 00:00"
    asked = stranger.run("outbox", "retry", first["id"][:12]).stdout
    assert asked == "1 delivery to be sent now: done; the next run goes by it\n"
    assert stranger.run("outbox", "retry", "--channel", "mail").stdout.splitlines() == [
        "4 deliveries to be tried again: done; the next run goes by it",
        "held back, 3 of them: --held-back sends them now",
    ]
    assert [each["held_until"] is None for each in listed(stranger)] == [True, False, False, False]
    assert stranger.once()["delivered"] == 1
    asked = stranger.run("outbox", "retry", "--held-back").stdout
    assert "3 deliveries to be sent now" in asked
    assert "nothing to do" not in asked
    sink.answer(451)
    stranger.once(expect=[75])
    assert stranger.once()["delivered"] == 1
    assert [len(links(each.message)) for each in sink.messages] == [1, 3]
    assert listed(stranger) == []
    assert "nothing to do" in stranger.run("outbox", "retry", "--held-back").stdout


def test_a_running_daemon_hurries_what_it_holds_back_over_a_kill(
    tmp_path: Path, origin: Origin, sink: Sink
) -> None:
    origin.put("/a.xml", rss([]))
    feeds, channels = {"a": origin.url("/a.xml")}, {"mail": sink.mailto}
    stranger = Insider(tmp_path, feeds=feeds, channels=channels, rules=ALWAYS, interval="1h")
    stranger.once()
    origin.put("/a.xml", rss([item(n) for n in (1, 2, 3)]))
    assert stranger.once()["pending"] == 3
    with Daemon(stranger, tmp_path / "daemon") as daemon:
        daemon.wait_until_ready()
        one, *_ = listed(stranger)
        asked = stranger.run("outbox", "retry", one["id"])
        assert asked.stdout == "1 delivery to be sent now: done\n"
        sink.wait_for(1)
        sink.answer(451, times=9)
        assert "2 deliveries" in stranger.run("outbox", "retry", "--held-back").stdout
        daemon.kill()
    sink.relent()
    with Daemon(stranger, tmp_path / "daemon") as daemon:
        daemon.wait_until_ready()
        stranger.run("outbox", "retry")
        sink.wait_for(2)
        assert daemon.stop() == 0
    told = sorted(link for each in sink.messages for link in links(each.message))
    assert told == [f"https://news.example/{n}" for n in (1, 2, 3)]


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
