"""`rasid mute`: until when, why, by whom; what is muted, and no more."""

from __future__ import annotations

import getpass
import time
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.model import MuteNote, Request, RunMark, SystemState, Wish
from monitor.service.requests import mute
from monitor.stores import codec
from monitor.stores.system import SystemFile

ZONE = ZoneInfo("Asia/Baghdad")  # that of the desk


@pytest.fixture
def known(rasid, desk, monkeypatch):
    """The state of a desk that has run once."""
    monkeypatch.delenv("SUDO_USER", raising=False)
    assert rasid("once", "-c", desk.folder).code == 0
    return SystemFile(desk.state)


def test_a_mute_keeps_its_reason_and_its_author(rasid, desk, known):
    done = rasid("mute", "حرائق", "2h", "--because", "موسم حصاد", "-c", desk.folder)
    assert done.code == 0
    (listed,) = rasid("mute", "--list", "--json", "-c", desk.folder).json
    assert (listed["rule"], listed["because"]) == ("حرائق", "موسم حصاد")
    assert listed["by"] == getpass.getuser()
    for command in (("mute", "--list"), ("status",), ("rules", "list")):
        shown = rasid(*command, "-c", desk.folder).out
        assert "موسم حصاد" in shown
        assert "muted until" in shown
        assert f"by {getpass.getuser()}" in shown


def test_behind_sudo_the_author_is_who_typed_it(rasid, desk, known, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "layla")
    rasid("mute", "حرائق", "2h", "-c", desk.folder)
    assert known.load().mute_notes["حرائق"].by == "layla"


@pytest.mark.parametrize("end", ["off", "0s"])
def test_off_ends_it_and_forgets_why(rasid, desk, known, end):
    rasid("mute", "حرائق", "2h", "--because", "x", "-c", desk.folder)
    done = rasid("mute", "حرائق", end, "-c", desk.folder)
    assert "not muted any more" in done.out
    assert known.load() == SystemState(reload_ok=True)
    assert rasid("mute", "--list", "-c", desk.folder).out == "no rule is muted\n"
    again = rasid("mute", "حرائق", end, "-c", desk.folder)
    assert (again.code, again.out) == (0, "حرائق: was not muted\n")
    programs = rasid("mute", "حرائق", end, "--json", "-c", desk.folder).json
    assert list(programs) == ["rule", "until", "because", "by"]


def test_until_is_the_next_time_that_the_clock_shows_it(rasid, desk, known):
    before = datetime.now(ZONE).replace(second=0, microsecond=0)
    for wanted in (before - timedelta(minutes=5), before + timedelta(hours=3)):
        rasid("mute", "حرائق", "--until", f"{wanted:%H:%M}", "-c", desk.folder)
        until = known.load().mutes["حرائق"]
        assert 0 < until - time.time() <= 86_400
        assert f"{datetime.fromtimestamp(until, ZONE):%H:%M}" == f"{wanted:%H:%M}"


def test_until_may_be_a_date_on_the_desks_clock(rasid, desk, known):
    rasid("mute", "حرائق", "--until", "2199-03-01T07:00", "-c", desk.folder)
    assert known.load().mutes["حرائق"] == datetime(2199, 3, 1, 7, tzinfo=ZONE).timestamp()


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["حرائق"],
        ["حرائق", "2h", "--until", "07:00"],
        ["حرائق", "2h", "--list"],
        ["حرائق", "soon"],
        ["حرائق", "--until", "7"],
        ["حرائق", "--until", "25:00"],
        ["حرائق", "--until", "2001-01-01"],
        ["حرائق", "--until", "9999-12-31T23:59"],
        ["حرائق", "9999999d"],
        ["حرائقق", "2h"],
        ["حرائق", "2h", "--because", "x" * 501],
    ],
)
def test_what_makes_no_sense_is_refused(rasid, desk, known, args):
    answer = rasid("mute", *args, "-c", desk.folder)
    assert (answer.code, answer.out) == (64, "")
    assert known.load().mutes == {}


@pytest.mark.parametrize("until", [253_402_300_799.0, 1e12])
def test_a_mute_beyond_all_calendars_is_shown(rasid, desk, known, until):
    """Earlier versions took them."""
    known.update(lambda state: replace(state, mutes={"حرائق": until}))
    for command in (
        ["mute", "--list"],
        ["mute", "--list", "--json"],
        ["status"],
        ["rules", "list"],
    ):
        answer = rasid(*command, "-c", desk.folder)
        assert (answer.code, answer.err) == (0, "")
        assert "9999-01-01" in answer.out or "9998-12-31" in answer.out


def test_a_reason_is_one_line_in_which_nothing_acts(rasid, desk, known):
    rasid("mute", "حرائق", "2h", "--because", "a\n\x1b[2Jb\u202e", "-c", desk.folder)
    shown = rasid("mute", "--list", "-c", desk.folder).out
    assert shown.count("\n") == 1
    assert not {"\x1b", "\u202e"} & set(shown)


def test_mutes_of_an_older_version_are_read() -> None:
    state = codec.decode(SystemState, {"mutes": {"أ": 50.0}, "run": codec.encode(RunMark(1, 2.0))})
    assert state.mutes == {"أ": 50.0}
    after = mute(state, Request(Wish.MUTE, rule="ب", until=90.0, because="x", by="y"), 10.0)
    assert after.mutes == {"أ": 50.0, "ب": 90.0}
    assert after.mute_notes == {"ب": MuteNote("x", "y", 10.0)}
    assert mute(after, Request(Wish.MUTE, rule="ج", until=0.0), 60.0).mutes == {"ب": 90.0}
