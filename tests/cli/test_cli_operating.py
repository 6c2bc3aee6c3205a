"""What commands tell a person of a desk at work: by whose clock, in which order, what to do."""

from __future__ import annotations

import re
import time
from datetime import datetime
from email.utils import formatdate
from zoneinfo import ZoneInfo

import pytest

from monitor.service.once import once
from monitor.settings.load import load
from origin import rss
from sink import Sink

BAGHDAD = ZoneInfo("Asia/Baghdad")
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
CLOCK = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d \+03\b")


def item(name: str, title: str, text: str) -> dict[str, str]:
    return {
        "guid": name,
        "title": title,
        "link": f"https://paper.example/{name}",
        "description": text,
        "pubDate": formatdate(time.time() - 3600),
    }


FIRE = item("fire", "حريق في سوق الخشب بأربيل", "أخمدت فرق الدفاع المدني الحريق بعد ساعتين")
SECOND = item("second", "حريق ثان في مخازن دهوك", "التهمت النيران مخازن للأقمشة صباح أمس")
RAIN = item("rain", "أمطار غزيرة على مدينة دهوك", "توقعت هيئة الأنواء الجوية هطول أمطار")


@pytest.fixture
def mail():
    with Sink() as sink:
        yield sink


@pytest.fixture
def watched(desk, origin, mail):
    """The desk with a feed, another one that fails, and a channel whose server we answer for."""
    desk.monitor(channels={"mail": {"url": mail.mailto}})
    feed = origin.put("/a.xml", rss([FIRE, SECOND, RAIN]))
    desk.feeds(feed, origin.url("/missing.xml"))
    return desk


@pytest.fixture
def refused(watched, mail, rasid):
    """The same after passes in which the server refused both messages for good."""
    mail.answer(550, times=9)
    now = time.time()
    for later in (0, 600):
        once(load(watched.folder, environ={}), clock=lambda later=later: now + later)
    return watched


LOOKING = [
    ("status",),
    ("alerts", "list"),
    ("alerts", "why", FIRE["link"]),
    ("outbox", "list"),
    ("feeds", "list"),
    ("doctor",),
]


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_people_read_the_clock_on_their_wall_and_programs_utc(rasid, refused, command):
    folder = refused.folder
    for_people = rasid(*command, "-c", folder).out
    assert CLOCK.search(for_people)
    assert not ISO.search(for_people)
    for_programs = rasid(*command, "--json", "-c", folder).out
    assert not CLOCK.search(for_programs)
    if command != ("status",):  # of which no reload is known yet
        assert ISO.search(for_programs)


def test_both_tell_one_moment(rasid, refused):
    (record, *_) = rasid("alerts", "list", "--json", "-c", refused.folder).json
    moment = datetime.fromisoformat(record["changed_at"]).astimezone(BAGHDAD)
    assert f"{moment:%Y-%m-%d %H:%M} +03" in rasid("alerts", "list", "-c", refused.folder).out


def test_the_ledger_is_in_order_of_the_times_that_it_shows_with_paper_and_link(
    rasid, watched, mail
):
    mail.answer(451, times=1)
    now = time.time()
    for later in (0, 3600):
        once(load(watched.folder, environ={}), clock=lambda later=later: now + later)
    out = rasid("alerts", "list", "-c", watched.folder).out
    first, second = out.split("sent  ")[1:]
    assert "tries" not in first
    assert "tries 2" in second
    assert CLOCK.search(first)[0] < CLOCK.search(second)[0]
    for told in (first, second):
        assert "\n    صحيفة 1\n    https://paper.example/" in told
    listed = rasid("alerts", "list", "--json", "-c", watched.folder).json
    assert [each["attempts"] for each in listed] == [1, 2]
    assert "source" not in listed[0], "the answer for programs has its keys"


def test_what_no_feed_knows_by_that_name_is_looked_for_in_titles(rasid, watched):
    rasid("once", "-c", watched.folder)
    answer = rasid("alerts", "why", "مخازن دهوك", "-c", watched.folder)
    assert answer.code == 0
    assert answer.out.startswith("no feed has shown it, as far as is remembered\n")
    assert f"  {SECOND['title']}\n    صحيفة 1  " in answer.out
    assert SECOND["link"] in answer.out
    assert FIRE["title"] not in answer.out
    silent = rasid("alerts", "why", "أمطار غزيرة", "-c", watched.folder).out
    assert RAIN["link"] in silent, "what made no alert stands in the archive"
    (watched.state / "archive.sqlite").unlink()
    assert SECOND["link"] in rasid("alerts", "why", "مخازن دهوك", "-c", watched.folder).out
    for unknown in ("زلزال في اليابان", "https://paper.example/nothing", "--"):
        told = rasid("alerts", "why", "-c", watched.folder, "--", unknown).out
        assert "`rasid explain` tells" in told
    assert rasid("alerts", "why", "مخازن دهوك", "--json", "-c", watched.folder).json == []


def test_where_only_refused_ones_are_left_retry_says_how(rasid, refused):
    answer = rasid("outbox", "retry", "-c", refused.folder)
    assert answer.code == 0
    first, second = answer.out.splitlines()
    assert first == (
        "nothing to do: nothing waits; 2 messages were refused for good, to be tried again by ID:"
    )
    words = second.split()
    assert words[:3] == ["rasid", "outbox", "retry"]
    done = rasid(*words[1:], "-c", refused.folder)
    assert done.out.startswith("2 deliveries to be tried again")


def test_status_says_what_to_do_with_what_was_refused(rasid, refused):
    answer = rasid("status", "-c", refused.folder)
    assert answer.code == 1
    assert "problem   channel mail refused 2 for good\n" in answer.out
    for command in ("rasid outbox list", "rasid outbox retry ID", "rasid outbox drop --dead"):
        assert f"`{command}`" in answer.out
    assert "feeds     2: 1 ok, 1 failing, 0 gone\n" in answer.out


def test_status_counts_feeds_that_were_never_checked(rasid, watched):
    assert "feeds     2: 0 ok, 0 failing, 0 gone, 2 new\n" in rasid(
        "status", "-c", watched.folder
    ).out  # fmt: skip


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("status", "channel   mail"),
        ("status --json", '"problems"'),
        ("outbox list", SECOND["title"]),
        ("outbox list --json", SECOND["title"]),
        ("alerts list", SECOND["title"]),
        ("alerts list --json", SECOND["title"]),
        (f"alerts why {SECOND['link']}", "in صحيفة 1"),
        (f"alerts why {SECOND['link']} --json", "صحيفة 1"),
        ("feeds list", "صحيفة 1"),
        ("mute --list", "no rule is muted"),
    ],
)
def test_over_a_broken_file_what_can_be_shown_is_shown_and_it_is_78(rasid, refused, command, shown):
    refused.write("rules.yaml", "rules: [{name: أ, plases: [مخمور]}]")
    answer = rasid(*command.split(), "-c", refused.folder)
    assert answer.code == 78
    assert answer.err.startswith("rules.yaml:1:19: plases: unknown key (did you mean 'places'?)")
    assert answer.err.count("plases") == 1
    assert shown in answer.out


def test_status_tells_an_error_of_the_files_once_to_people(rasid, refused):
    refused.write("rules.yaml", "rules: [{name: أ, plases: [مخمور]}]")
    answer = rasid("status", "-c", refused.folder)
    assert "plases" not in answer.out
    assert "problem   the configuration has errors: nothing can run on it\n" in answer.out
    problems = rasid("status", "--json", "-c", refused.folder).json["problems"]
    assert any(each.startswith("rules.yaml:1:19: plases") for each in problems)


def test_over_a_broken_file_nothing_is_changed(rasid, refused):
    refused.write("rules.yaml", "rules: [{name: أ, plases: [مخمور]}]")
    for command in ("mute أ 2h", "outbox retry", "outbox drop --dead"):
        answer = rasid(*command.split(), "-c", refused.folder)
        assert (answer.code, answer.out) == (78, "")


def test_a_folder_whose_settings_are_broken_is_looked_at_by_the_zone_that_is_left(rasid, refused):
    refused.write("monitor.yaml", "timezone: Asia/Bagdad\nchannels: {}\n")
    answer = rasid("alerts", "list", "-c", refused.folder)
    assert answer.code == 78
    assert re.search(r"\d\d:\d\d UTC\b", answer.out)
    assert SECOND["title"] in answer.out
