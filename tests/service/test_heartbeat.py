"""The daily heartbeat: once a day, whatever clocks, restarts and summer time do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_operator import config

from monitor.core.alerts.notices import Day, heartbeat_for
from monitor.errors import CannotWriteError
from monitor.model import (
    Alert,
    Delivery,
    Feed,
    FeedRow,
    FeedState,
    FeedUpdate,
    LedgerRecord,
    LedgerState,
    Marked,
    Member,
    Severity,
    Story,
    SystemState,
)
from monitor.service.heartbeat import beat, day, p95, to_tell
from monitor.service.operator import Operator
from monitor.settings.load import Config
from monitor.stores.ledger import TinyLedger
from monitor.stores.memory import MemorySystem
from monitor.stores.tiny import TinyStore

BERLIN = ZoneInfo("Europe/Berlin")
EIGHT = time(8)


def at(text: str, zone: ZoneInfo = BERLIN, *, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp()


def told_days(moments: Sequence[float], daily: time, zone: ZoneInfo, known: str) -> list[str]:
    """The days that are told at looks at these moments."""
    found = []
    for now in moments:
        known, told = to_tell(known, daily, zone, now)
        if told:
            found.append(known)
    return found


STEPS = [
    ("the first one waits", "", "2026-03-01T10:00", ("2026-03-01", False)),
    ("the first one waits in the night", "", "2026-03-01T07:59", ("2026-02-28", False)),
    ("not yet", "2026-02-28", "2026-03-01T07:59", ("2026-02-28", False)),
    ("due", "2026-02-28", "2026-03-01T08:00", ("2026-03-01", True)),
    ("told", "2026-03-01", "2026-03-01T08:01", ("2026-03-01", False)),
    ("down at eight", "2026-02-28", "2026-03-01T17:00", ("2026-03-01", True)),
    ("down for a week", "2026-02-20", "2026-03-01T17:00", ("2026-03-01", True)),
    ("the clock goes back a little", "2026-03-01", "2026-03-01T07:58", ("2026-03-01", False)),
    ("the clock was a year ahead", "2027-03-01", "2026-03-01T08:58", ("2026-03-01", False)),
]


@pytest.mark.parametrize(
    ("known", "now", "expected"), [row[1:] for row in STEPS], ids=[row[0] for row in STEPS]
)
def test_when_it_is_due(known: str, now: str, expected: tuple[str, bool]) -> None:
    assert to_tell(known, EIGHT, BERLIN, at(now)) == expected


def test_off_forgets() -> None:
    assert to_tell("2026-03-01", None, BERLIN, at("2026-04-01T09:00")) == ("", False)


@given(
    minute=st.integers(0, 24 * 60 - 1),
    zone=st.sampled_from(
        ["Europe/Berlin", "Asia/Baghdad", "Africa/Cairo", "America/St_Johns", "Pacific/Apia"]
    ),
    step=st.integers(60, 5 * 3600),
    begin=st.sampled_from(["2026-03-27", "2026-10-23", "2026-04-22", "2026-10-29"]),
)
def test_each_day_is_told_once_over_changes_of_summer_time(
    minute: int, zone: str, step: int, begin: str
) -> None:
    here, daily = ZoneInfo(zone), time(minute // 60, minute % 60)
    start = datetime.fromisoformat(begin).replace(tzinfo=UTC).timestamp()
    moments = [start + n * step for n in range(5 * 86_400 // step)]
    days = told_days(moments, daily, here, begin)
    assert days == sorted(set(days))
    first, last = (datetime.fromtimestamp(m, here) for m in (moments[0], moments[-1]))
    inner = [first.date() + timedelta(n) for n in range(2, (last.date() - first.date()).days)]
    assert set(map(str, inner)) <= set(days)  # but for those at the ends, which may be cut off


def test_a_time_that_does_not_come_or_comes_twice() -> None:
    half_past_two = time(2, 30)
    leap = [at("2026-03-29T01:59"), at("2026-03-29T03:00"), at("2026-03-29T03:31")]
    assert told_days(leap, half_past_two, BERLIN, "2026-03-28") == ["2026-03-29"]
    twice = [at(f"2026-10-25T02:{m}", fold=fold) for fold in (0, 1) for m in (29, 30, 59)]
    assert told_days(twice, half_past_two, BERLIN, "2026-10-24") == ["2026-10-25"]


NOW = at("2026-03-01T08:00", ZoneInfo("Asia/Baghdad"))


class Room:
    def __init__(self, tmp_path: Path) -> None:
        base = config(tmp_path, "desk", "desk", "chat")
        self.config: Config = replace(
            base,
            state=tmp_path / "state",
            timezone="Asia/Baghdad",
            heartbeat=EIGHT,
            feeds=tuple(Feed(f"f{n}", f"https://f{n}.example/", f"صحيفة {n}") for n in range(3)),
        )
        self.system = MemorySystem()
        self.told: list[Delivery] = []
        self.store = TinyStore.open(self.config.state, now=NOW)
        self.ledgers = {name: TinyLedger.open(self.config.state, name) for name in ("desk", "chat")}
        self.now = NOW - 60

    def look(self, later: float = 0.0) -> list[str]:
        """What is told now, by a process that has just started."""
        self.now += later
        before = len(self.told)
        operator = Operator(
            self.config,
            self.system,
            lambda: self.now,
            hand_over=self.told.extend,
            settled=lambda _: True,
        )
        ledgers = self.ledgers.values()
        beat(self.config, self.store, self.system, ledgers, operator, self.now)
        return [each.story.title.text for each in self.told[before:]]

    def read(self, number: int, ago: float, **more: object) -> None:
        feed = self.config.feeds[number]
        row = FeedRow(feed.id, feed.url, last_ok=NOW - ago, last_check=NOW - ago)
        self.store.commit(FeedUpdate(replace(row, **more)))  # type: ignore[arg-type]


def test_it_tells_what_the_day_brought(tmp_path: Path) -> None:
    room = Room(tmp_path)
    assert room.look() == []  # the first one is yet to come
    room.read(0, 60, lags=(300.0,) * 19 + (360.0,), newest=NOW - 3600)
    room.read(1, 86_000, lags=(60.0,) * 20, newest=NOW - 86_000)
    room.read(2, 90_000)
    sent = LedgerRecord("1", LedgerState.SENT, NOW - 3600, title="أ", link="l1", rules=("x", "y"))
    both = (Member("2", "ب", None, ("x",)), Member("3", "ج", None, ("x",)))
    bundle = LedgerRecord("b", LedgerState.WAITING, NOW - 7200, members=both)
    old = LedgerRecord("4", LedgerState.SENT, NOW - 90_000, title="د", rules=("x",))
    room.ledgers["desk"].put(replace(old, made_at=NOW - 90_000))
    for record in (sent, bundle):
        room.ledgers["desk"].put(record)
    room.ledgers["chat"].put(replace(sent, delivery_id="5"))  # the same over another channel
    story = Story("s", Marked("ه"), (), None, "f", None)
    alert = Alert("a1", "x", Severity.NORMAL)
    fresh = Delivery("6", "desk", NOW - 30, story, (alert,))
    state = FeedState("f0", "https://f0.example/", checked_at=NOW - 60, open=(fresh,))
    row = room.store.row("f0")
    assert row is not None
    room.store.commit(FeedUpdate(replace(row, has_open=True), state))
    assert room.look(60) == ["Rasid: 2 of 3 feeds seen, lag p95 5 min, 5 alerts"]
    assert room.told[0].story.excerpts[0].text == "Not read for a day: صحيفة 2."
    brought = day(room.config, room.store.rows(), room.store.open_deliveries(), (sent, bundle), NOW)
    assert (brought.alerts, brought.articles) == (5, 4)
    assert [room.look(3600) for _ in range(23)] == [[]] * 23
    assert len(room.look(3600)) == 1
    assert len({each.id for each in room.told}) == 2


def test_lags_are_those_of_feeds_that_brought_something(tmp_path: Path) -> None:
    """Of a paper that was down for two days in spring, and has been silent since, none counts."""
    room = Room(tmp_path)
    room.look()
    room.read(0, 60, lags=(170_000.0,) * 20, newest=NOW - 30 * 86_400)
    room.read(1, 60, lags=(240.0,) * 20, newest=NOW - 3600)
    room.read(2, 60)
    assert room.look(60) == ["Rasid: 3 of 3 feeds seen, lag p95 4 min, 0 alerts"]


@pytest.mark.parametrize(
    ("interval", "ago", "seen"),
    [
        (900.0, 86_000, 3),
        (900.0, 86_500, 2),
        (86_400.0, 87_000, 3),
        (86_400.0, 2 * 86_400, 2),
        (7 * 86_400.0, 6 * 86_400, 3),
        (7 * 86_400.0, 8 * 86_400, 2),
    ],
)
def test_a_feed_is_seen_if_it_is_within_its_own_interval(
    tmp_path: Path, interval: float, ago: float, seen: int
) -> None:
    room = Room(tmp_path)
    slow = replace(room.config.feeds[2], interval=interval)
    room.config = replace(room.config, feeds=(*room.config.feeds[:2], slow))
    room.look()
    room.read(0, 60)
    room.read(1, 60)
    room.read(2, ago)
    (title,) = room.look(60)
    assert title.startswith(f"Rasid: {seen} of 3 feeds seen")


class Full(MemorySystem):
    """A system's file on a full disk."""

    def update(self, change: Callable[[SystemState], SystemState]) -> SystemState:
        raise CannotWriteError("no room")


def test_a_full_disk_puts_it_off_and_loses_nothing(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.look()
    kept, room.system = room.system, Full(room.system.load())
    assert room.look(60) == []
    room.system = kept
    assert len(room.look(60)) == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [((), None), ((5.0,), 5.0), (tuple(map(float, range(1, 101))), 95.0), ((1.0, 9.0), 9.0)],
)
def test_nearest_rank(values: tuple[float, ...], expected: float | None) -> None:
    assert p95(values) == expected


def test_in_both_languages() -> None:
    whole = Day(211, 214, 355.0, 12, tuple("abc"), 7)
    english = heartbeat_for(whole, "2026-03-01", "desk", "en", NOW)
    assert english.story.title.text == "Rasid: 211 of 214 feeds seen, lag p95 6 min, 12 alerts"
    arabic = heartbeat_for(whole, "2026-03-01", "desk", "ar", NOW + 9)
    assert arabic.story.title.text == "راصد: قُرئت 211 من 214 من المصادر، وعدد أخبار التنبيهات 7"
    assert [excerpt.text for excerpt in arabic.story.excerpts] == [
        "وُجد 95 من كل 100 خبر خلال 6 دقائق من نشره.",
        "لم تُقرأ منذ يوم: a · b · c.",
    ]
    assert arabic.id == english.id  # one a day
    quiet = heartbeat_for(Day(1, 1, None, 1), "2026-03-01", "desk", "en", NOW)
    assert quiet.story.title.text == "Rasid: 1 of 1 feeds seen, lag p95 –, 1 alert"
    late = heartbeat_for(Day(1, 1, 7201.0, 0), "2026-03-01", "desk", "en", NOW)
    assert "lag p95 3 h, 0 alerts" in late.story.title.text


@pytest.mark.parametrize(
    ("lag", "arabic"),
    [
        (0.0, "دقيقة"),
        (59.0, "دقيقة"),
        (61.0, "دقيقتين"),
        (600.0, "10 دقائق"),
        (601.0, "11 دقيقة"),
        (6200.0, "104 دقائق"),
        (7140.0, "119 دقيقة"),
        (7200.0, "ساعتين"),
        (7201.0, "3 ساعات"),
        (40_000.0, "12 ساعة"),
    ],
)
def test_durations_in_arabic(lag: float, arabic: str) -> None:
    told = heartbeat_for(Day(1, 1, lag, 1), "2026-03-01", "desk", "ar", NOW).story.excerpts[0]
    assert told.text == f"وُجد 95 من كل 100 خبر خلال {arabic} من نشره."
