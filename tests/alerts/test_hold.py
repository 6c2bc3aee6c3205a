"""Until when a delivery is held back: quiet hours, digests, groups, limits, over changes of the
clocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from itertools import pairwise
from math import inf
from zoneinfo import ZoneInfo

import pytest
from alert_samples import delivery
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.core.alerts.hold import (
    RuleTerms,
    Terms,
    Waits,
    leave_no_time,
    made_since,
    next_daily,
    plan,
    quiet_until,
)
from monitor.model import Alert, Delivery, Hold, Quiet, Severity

ZONES = ["Europe/Berlin", "Asia/Beirut", "Asia/Baghdad", "America/St_Johns", "Pacific/Apia", "UTC"]
BERLIN, BEIRUT, BAGHDAD = (ZoneInfo(name) for name in ZONES[:3])
NIGHT = Quiet(time(23), time(7))
LOW, NORMAL, HIGH, CRITICAL = Severity


def at(text: str, zone: ZoneInfo = BAGHDAD, *, fold: int = 0) -> float:
    """A moment as the clocks of a zone show it: 2026-03-28 23:00."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp()


def shown(moment: float | None, zone: ZoneInfo = BAGHDAD) -> str | None:
    return None if moment is None else f"{datetime.fromtimestamp(moment, zone):%m-%d %H:%M %z}"


# --- quiet hours ----------------------------------------------------------------------------------

# zone, from, to, a moment, the end of the quiet hours that it falls into
NIGHTS = [
    ("Asia/Baghdad", "23:00", "07:00", "2026-01-10T22:59:59", None),
    ("Asia/Baghdad", "23:00", "07:00", "2026-01-10T23:00:00", "01-11 07:00 +0300"),
    ("Asia/Baghdad", "23:00", "07:00", "2026-01-11T00:00:00", "01-11 07:00 +0300"),
    ("Asia/Baghdad", "23:00", "07:00", "2026-01-11T06:59:59", "01-11 07:00 +0300"),
    ("Asia/Baghdad", "23:00", "07:00", "2026-01-11T07:00:00", None),
    ("Asia/Baghdad", "13:00", "15:30", "2026-01-11T13:00:00", "01-11 15:30 +0300"),
    ("Asia/Baghdad", "13:00", "15:30", "2026-01-11T12:59:00", None),
    ("Asia/Baghdad", "00:00", "06:00", "2026-01-11T00:00:00", "01-11 06:00 +0300"),
    ("Asia/Baghdad", "18:00", "00:00", "2026-01-11T23:59:00", "01-12 00:00 +0300"),
    # Berlin, 29 March 2026: after 01:59 comes 03:00
    ("Europe/Berlin", "23:00", "07:00", "2026-03-28T23:30:00", "03-29 07:00 +0200"),
    ("Europe/Berlin", "23:00", "02:30", "2026-03-29T01:59:59", "03-29 03:00 +0200"),
    ("Europe/Berlin", "02:30", "07:00", "2026-03-29T01:59:59", None),
    ("Europe/Berlin", "02:30", "07:00", "2026-03-29T03:00:00", "03-29 07:00 +0200"),
    ("Europe/Berlin", "02:10", "02:50", "2026-03-29T03:00:00", None),
    # Berlin, 25 October 2026: after 02:59 comes 02:00 again
    ("Europe/Berlin", "23:00", "07:00", "2026-10-24T23:30:00", "10-25 07:00 +0100"),
    ("Europe/Berlin", "23:00", "02:30", "2026-10-25T02:29:00", "10-25 02:30 +0100"),
    ("Europe/Berlin", "23:00", "02:30", "2026-10-25T02:45:00", "10-25 02:30 +0100"),
    ("Europe/Berlin", "02:30", "04:00", "2026-10-25T02:29:00", None),
    ("Europe/Berlin", "02:30", "04:00", "2026-10-25T02:30:00", "10-25 04:00 +0100"),
    # Beirut, 29 March 2026: after 23:59 of the day before comes 01:00
    ("Asia/Beirut", "23:00", "00:30", "2026-03-28T23:59:00", "03-29 01:00 +0300"),
    ("Asia/Beirut", "00:00", "06:00", "2026-03-28T23:59:59", None),
    ("Asia/Beirut", "00:00", "06:00", "2026-03-29T01:00:00", "03-29 06:00 +0300"),
    # Beirut, 24 October 2026: after 23:59 comes 23:00 again
    ("Asia/Beirut", "23:00", "07:00", "2026-10-24T23:10:00", "10-25 07:00 +0200"),
    ("Asia/Beirut", "22:00", "23:30", "2026-10-24T23:40:00", "10-24 23:30 +0200"),
]


@pytest.mark.parametrize(("name", "start", "end", "moment", "until"), NIGHTS)
def test_quiet_hours(name: str, start: str, end: str, moment: str, until: str | None) -> None:
    zone = ZoneInfo(name)
    quiet = Quiet(time.fromisoformat(start), time.fromisoformat(end))
    assert shown(quiet_until(quiet, at(moment, zone), zone), zone) == until


def on_the_wall(moment: float, zone: ZoneInfo) -> time:
    return datetime.fromtimestamp(moment, zone).time()


def says_quiet(quiet: Quiet, moment: float, zone: ZoneInfo) -> bool:
    """Whether a clock on the wall shows a time within the quiet hours."""
    now = on_the_wall(moment, zone)
    if quiet.start < quiet.end:
        return quiet.start <= now < quiet.end
    return now >= quiet.start or now < quiet.end


TIMES = st.times().map(lambda t: t.replace(second=0, microsecond=0))
CHANGES = [  # around which something may go wrong
    at("2026-03-29T01:00:00", BERLIN),
    at("2026-10-25T01:00:00", BERLIN),
    at("2026-03-28T22:00:00", BEIRUT),
    at("2026-10-24T22:00:00", BEIRUT),
    at("2011-12-29T12:00:00", ZoneInfo("Pacific/Apia")),
    at("2010-11-06T23:00:00", ZoneInfo("America/St_Johns")),
]
MOMENTS = st.one_of(
    st.integers(1_200_000_000, 1_900_000_000),
    st.builds(lambda t, s: int(t) + s, st.sampled_from(CHANGES), st.integers(-90_000, 90_000)),
).map(float)


@settings(max_examples=400)
@given(MOMENTS, TIMES, TIMES, st.sampled_from(ZONES))
@example(at("2026-10-25T02:15:00", BERLIN, fold=1), time(23), time(2, 30), "Europe/Berlin")
def test_what_the_clock_on_the_wall_shows_as_quiet_is_quiet(
    moment: float, start: time, end: time, name: str
) -> None:
    zone, quiet = ZoneInfo(name), Quiet(start, end)
    if start == end:
        return
    until = quiet_until(quiet, moment, zone)
    if until is None:
        assert not says_quiet(quiet, moment, zone)
        return
    assert moment < until <= moment + 2 * 86_400 + 7200
    over = until
    while (later := quiet_until(quiet, over, zone)) is not None:  # nights that meet
        assert later > over
        over = later
    assert not says_quiet(quiet, over, zone)


# --- times of the day -----------------------------------------------------------------------------

DIGESTS = [
    ("Asia/Baghdad", "08:00", "2026-01-10T07:59:59", "01-10 08:00 +0300"),
    ("Asia/Baghdad", "08:00", "2026-01-10T08:00:00", "01-11 08:00 +0300"),
    ("Europe/Berlin", "02:30", "2026-03-29T01:00:00", "03-29 03:00 +0200"),
    ("Europe/Berlin", "02:30", "2026-03-29T03:00:00", "03-30 02:30 +0200"),
    ("Europe/Berlin", "02:30", "2026-10-25T01:00:00", "10-25 02:30 +0200"),
    ("Europe/Berlin", "02:30", "2026-10-25T02:40:00", "10-26 02:30 +0100"),  # once a day
    ("Asia/Beirut", "00:00", "2026-03-28T12:00:00", "03-29 01:00 +0300"),
    ("Asia/Beirut", "23:30", "2026-10-24T23:40:00", "10-25 23:30 +0200"),
]


@pytest.mark.parametrize(("name", "daily", "moment", "until"), DIGESTS)
def test_the_next_digest(name: str, daily: str, moment: str, until: str) -> None:
    zone = ZoneInfo(name)
    assert shown(next_daily(time.fromisoformat(daily), at(moment, zone), zone), zone) == until


@settings(max_examples=200)
@given(MOMENTS, TIMES, st.sampled_from([z for z in ZONES if z != "Pacific/Apia"]))  # lost a day
def test_a_digest_comes_once_a_day(moment: float, daily: time, name: str) -> None:
    zone = ZoneInfo(name)
    found = [moment]
    for _ in range(5):
        found.append(next_daily(daily, found[-1], zone))
    assert all(22 * 3600 <= b - a <= 26 * 3600 for a, b in pairwise(found[1:]))


# --- deliveries -----------------------------------------------------------------------------------


def one(number: int, made_at: float, **rules: Severity) -> Delivery:
    """A delivery of those rules."""
    made = delivery(*(Alert(rule, rule, severity) for rule, severity in rules.items()))
    return replace(made, id=f"d{number}", made_at=made_at)


def held(
    terms: Terms,
    *deliveries: Delivery,
    now: float | None = None,
    told: Mapping[str, int] | None = None,
    tried: bool = False,
) -> list[Hold | None]:
    """What holds each of them; `now` is when the last was made unless told otherwise."""
    moment = deliveries[-1].made_at if now is None else now
    waiting = [Waits([each], each.made_at, tried) for each in deliveries]
    return list(plan(waiting, terms, lambda rule, *_: (told or {}).get(rule, 0), moment).holds)


def ends(*holds: Hold | None) -> list[tuple[str | None, str] | None]:
    return [None if hold is None else (shown(hold.until), hold.why) for hold in holds]


MIDNIGHT, MORNING = at("2026-01-11T00:00:00"), at("2026-01-11T07:00:00")
EVENING = at("2026-01-10T20:00:00")
QUIET = ("01-11 07:00 +0300", "quiet 23:00-07:00")


def terms(**more: object) -> Terms:
    return Terms(BAGHDAD, **more)  # type: ignore[arg-type]


def test_nothing_is_held_where_nothing_is_asked_for() -> None:
    assert terms().hold_nothing
    assert held(terms(), one(1, MIDNIGHT, a=LOW)) == [None]
    assert plan([], terms(), lambda *_: 0, MIDNIGHT).look == inf


@pytest.mark.parametrize(
    ("severity", "but", "waits"),
    [
        (NORMAL, None, True),
        (CRITICAL, None, True),
        (HIGH, CRITICAL, True),
        (CRITICAL, CRITICAL, False),
        (CRITICAL, HIGH, False),
        (HIGH, HIGH, False),
        (NORMAL, HIGH, True),
        (LOW, LOW, False),
    ],
)
def test_what_weighs_enough_breaks_the_silence(
    severity: Severity, but: Severity | None, waits: bool
) -> None:
    asked = terms(quiet=replace(NIGHT, but=but))
    assert ends(*held(asked, one(1, MIDNIGHT, a=severity))) == [QUIET if waits else None]
    assert ends(*held(asked, one(1, MIDNIGHT, a=LOW, b=severity))) == [QUIET if waits else None]


def test_our_own_messages_are_never_held() -> None:
    notice = replace(one(1, MIDNIGHT, a=LOW), alerts=())
    assert held(terms(quiet=NIGHT, digest=time(8), group_wait=60.0), notice) == [None]


def test_what_was_ready_before_the_night_waits_in_it_too() -> None:
    asked = terms(quiet=NIGHT)
    assert ends(*held(asked, one(1, EVENING, a=LOW))) == [None]
    assert ends(*held(asked, one(1, EVENING, a=LOW), now=MIDNIGHT)) == [QUIET]
    assert ends(*held(asked, one(1, EVENING, a=LOW), now=MIDNIGHT, tried=True)) == [QUIET]
    late = one(1, EVENING, a=LOW), one(2, MIDNIGHT, a=LOW)
    for tried in (True, False):
        assert ends(*held(asked, *late, now=MORNING, tried=tried)) == [QUIET] * 2, "together"
    assert ends(*held(asked, one(1, MORNING, a=LOW), now=MORNING + 60, tried=True)) == [None]
    next_day = ("01-12 07:00 +0300", "quiet 23:00-07:00")
    assert ends(*held(asked, *late, now=MORNING + 86_400 + 60)) == [next_day] * 2


def test_what_could_not_be_sent_before_the_hours_of_a_rule_goes_out_behind_them() -> None:
    noon = Quiet(time(12), time(15))
    asked = terms(quiet=NIGHT, rules={"a": RuleTerms(quiet=noon)})
    morning, three = at("2026-01-10T11:00:00"), at("2026-01-10T15:00:00")
    shown_as = ("01-10 15:00 +0300", "quiet 12:00-15:00")
    waiting = one(1, morning, a=LOW), one(2, morning, b=LOW), one(3, morning, a=LOW, b=LOW)
    assert ends(*held(asked, *waiting, now=three)) == [shown_as, None, None]


def test_a_night_is_known_after_a_restart() -> None:
    """Those that waited for its end are told by it, so that they go out together."""
    night = [one(n, MIDNIGHT + n, a=LOW) for n in range(3)]
    assert ends(*held(terms(quiet=NIGHT), *night, now=MORNING + 900)) == [QUIET] * 3


def test_a_rules_own_quiet_hours() -> None:
    early = Quiet(time(22), time(6))
    asked = terms(rules={"a": RuleTerms(quiet=NIGHT), "b": RuleTerms(quiet=early)})
    six = ("01-11 06:00 +0300", "quiet 22:00-06:00")
    assert ends(*held(asked, one(1, MIDNIGHT, a=LOW))) == [QUIET]
    assert ends(*held(asked, one(1, MIDNIGHT, a=LOW, b=LOW))) == [six]  # then b is not quiet
    assert ends(*held(asked, one(1, MIDNIGHT, a=LOW, c=LOW))) == [None]
    assert ends(*held(replace(asked, quiet=NIGHT), one(1, MIDNIGHT, b=LOW))) == [QUIET]


def test_where_quiet_hours_leave_no_time_at_all_those_of_the_channel_count() -> None:
    day = Quiet(time(7), time(23))
    asked = terms(quiet=NIGHT, rules={"a": RuleTerms(quiet=day)})
    assert ends(*held(asked, one(1, MIDNIGHT, a=LOW))) == [QUIET]
    assert ends(*held(asked, one(1, MIDNIGHT, a=LOW), now=MORNING)) == [QUIET], "it is over"
    assert ends(*held(asked, one(1, EVENING, a=LOW))) == [None]


# the channel's hours, the rule's, of what severity, whether no time is left
ENDLESS = [
    ("23:00-07:00", "07:00-23:00", LOW, True),
    ("23:00-07:00", "06:00-00:30", LOW, True),
    ("23:00-07:00", "07:00-22:59", LOW, False),
    ("23:00-07:00", "07:01-23:00", LOW, False),
    ("23:00-07:00", "22:00-08:00", LOW, False),
    ("23:00-07:00", "23:00-07:00", LOW, False),
    ("08:00-20:00", "20:00-08:00", LOW, True),
    ("08:00-20:00", "19:59-08:01", LOW, True),
    ("00:00-12:00", "12:00-00:00", LOW, True),
    ("08:00-20:00 critical", "20:00-08:00", CRITICAL, False),
    ("08:00-20:00", "20:00-08:00 high", CRITICAL, False),
    ("08:00-20:00 critical", "20:00-08:00 high", NORMAL, True),
]


def hours(text: str) -> Quiet:
    shown, _, but = text.partition(" ")
    start, end = (time.fromisoformat(each) for each in shown.split("-"))
    return Quiet(start, end, Severity(but) if but else None)


@pytest.mark.parametrize(("ours", "own", "severity", "none_left"), ENDLESS)
def test_hours_that_cover_the_day(ours: str, own: str, severity: Severity, none_left: bool) -> None:
    assert leave_no_time(hours(ours), hours(own), severity) == none_left


@settings(max_examples=200)
@given(TIMES, TIMES, TIMES, TIMES)
def test_hours_that_cover_the_day_leave_no_minute(a: time, b: time, c: time, d: time) -> None:
    if a == b or c == d:
        return
    ours, own = Quiet(a, b), Quiet(c, d)
    minutes = [MIDNIGHT + 60.0 * n for n in range(24 * 60)]
    loud = [m for m in minutes if not (says_quiet(ours, m, BAGHDAD) or says_quiet(own, m, BAGHDAD))]
    assert leave_no_time(ours, own, LOW) == (not loud)


def test_what_the_operator_wants_out_goes_out() -> None:
    asked = terms(quiet=NIGHT, digest=time(8), rules={"a": RuleTerms(max_per_day=1)})
    waiting = [Waits([one(n, MIDNIGHT, a=LOW)], MIDNIGHT, asked=MIDNIGHT + 60) for n in range(3)]
    by_hand = Hold(MIDNIGHT + 60, "by_hand")
    assert plan(waiting, asked, lambda *_: 0, MIDNIGHT + 90).holds == (by_hand,) * 3
    earlier = plan(waiting, asked, lambda *_: 0, MIDNIGHT).holds  # by a clock that was set back
    assert earlier == (Hold(MIDNIGHT, "by_hand"),) * 3


def test_what_a_clock_made_that_was_ahead_does_not_begin_to_wait_at_each_start() -> None:
    """Else what is made in a wrong year waits for it, where a pass is made each hour."""
    assert made_since(EVENING, MIDNIGHT) == EVENING
    assert made_since(MIDNIGHT + 30, MIDNIGHT) == MIDNIGHT
    for asked in (terms(digest=time(8)), terms(group_wait=300.0)):
        far = one(1, MIDNIGHT + 400 * 86_400, a=LOW)
        waiting = [Waits([far], made_since(far.made_at, MIDNIGHT))]
        (hold,) = plan(waiting, asked, lambda *_: 0, MIDNIGHT).holds
        assert hold is not None
        assert hold.until <= MIDNIGHT


def test_what_waits_for_the_end_of_the_night_uses_up_no_limit() -> None:
    asked = terms(quiet=NIGHT, rules={"a": RuleTerms(max_per_day=1)})
    night = [one(n, MIDNIGHT + n, a=LOW) for n in range(3)]
    day = [one(3 + n, MORNING + 60 + n, a=LOW) for n in range(2)]
    rest = ("01-12 07:00 +0300", "quiet 23:00-07:00")
    assert ends(*held(asked, *night, *day)) == [QUIET, QUIET, QUIET, None, rest]


def test_a_digest_of_a_channel() -> None:
    eight = ("01-11 08:00 +0300", "digest 08:00")
    asked = terms(digest=time(8), quiet=replace(NIGHT, but=CRITICAL))
    assert ends(*held(asked, one(1, EVENING, a=LOW))) == [eight]
    assert ends(*held(asked, one(1, EVENING, a=CRITICAL))) == [eight]
    assert ends(*held(replace(asked, digest=time(3)), one(1, EVENING, a=LOW))) == [QUIET]


def test_digests_of_rules() -> None:
    asked = terms(rules={"a": RuleTerms(digest=time(8)), "b": RuleTerms(digest=time(6))})
    assert ends(*held(asked, one(1, EVENING, a=LOW))) == [("01-11 08:00 +0300", "digest 08:00")]
    both = [("01-11 06:00 +0300", "digest 06:00")]
    assert ends(*held(asked, one(1, EVENING, a=LOW, b=LOW))) == both
    assert ends(*held(asked, one(1, EVENING, a=LOW, c=LOW))) == [None]


def test_a_group_waits_from_its_first() -> None:
    asked = terms(group_wait=300.0)
    made = [
        one(1, EVENING, a=LOW),
        one(2, EVENING + 10, b=LOW),
        one(3, EVENING + 290, a=LOW),
        one(4, EVENING + 301, a=LOW),
        one(5, EVENING + 310, a=LOW, b=LOW),
    ]
    found = held(asked, *made)
    assert [hold and hold.until - EVENING for hold in found] == [300, 310, 300, 601, 610]
    assert [hold and hold.rules for hold in found] == [
        ("a",),
        ("b",),
        ("a",),
        ("a",),
        ("a", "b"),
    ]


def test_a_group_that_would_go_out_at_night_waits_for_its_end() -> None:
    asked = terms(group_wait=300.0, quiet=NIGHT)
    late = one(1, at("2026-01-10T22:58:00"), a=LOW)
    assert ends(*held(asked, late)) == [QUIET]


def test_what_is_beyond_a_days_limit_waits_for_its_end() -> None:
    asked = terms(rules={"a": RuleTerms(max_per_day=2), "b": RuleTerms(max_per_day=1)})
    day = ("01-11 00:00 +0300", "max_per_day")
    made = [one(n, EVENING + n, a=LOW) for n in range(4)]
    assert ends(*held(asked, *made)) == [None, None, day, day]
    assert ends(*held(asked, *made, told={"a": 1})) == [None, day, day, day]
    assert ends(*held(asked, *made, told={"a": 2}, now=MORNING)) == [day] * 4
    assert ends(*held(asked, one(1, EVENING, a=LOW, b=LOW), told={"a": 2})) == [None]
    assert ends(*held(asked, one(1, EVENING, a=LOW, c=LOW), told={"a": 2})) == [None]
    both = held(asked, one(1, EVENING, a=LOW, b=LOW), told={"a": 2, "b": 1})
    assert ends(*both) == [day]


def test_the_rest_of_a_day_waits_for_the_end_of_the_night_too() -> None:
    asked = terms(quiet=NIGHT, rules={"a": RuleTerms(max_per_day=1)})
    made = [one(1, EVENING, a=LOW), one(2, EVENING + 1, a=LOW)]
    assert ends(*held(asked, *made)) == [None, QUIET]


def test_what_waits_for_a_digest_uses_up_no_limit() -> None:
    asked = terms(digest=time(21), rules={"a": RuleTerms(max_per_day=1)})
    made = [one(n, EVENING + n, a=LOW) for n in range(3)]
    assert ends(*held(asked, *made)) == [("01-10 21:00 +0300", "digest 21:00")] * 3


def test_when_to_look_again() -> None:
    asked = terms(quiet=NIGHT, rules={"a": RuleTerms(quiet=Quiet(time(22), time(6)))})
    waiting = [Waits([one(1, EVENING, a=LOW)], EVENING)]
    assert shown(plan(waiting, asked, lambda *_: 0, EVENING).look) == "01-10 22:00 +0300"
    assert shown(plan(waiting, asked, lambda *_: 0, MIDNIGHT).look) == "01-11 07:00 +0300"


def test_the_zone_counts() -> None:
    asked = Terms(UTC, quiet=NIGHT)
    late = one(1, at("2026-01-10T21:00:00"), a=LOW)
    assert held(asked, late) == [None]
    night = held(replace(asked, timezone=BAGHDAD), late, now=MIDNIGHT)
    assert ends(*night) == [QUIET]
