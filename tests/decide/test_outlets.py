"""Who brings later what alerted already, in another feed, is noted as an outlet of that alert."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pressroom import CELL, FEED, RAID, TWIN, Newsroom, rss

from monitor.app.why import sightings
from monitor.model import Delivery, Outlet, Rule

HOUR = 3600.0
TITLE = "غارة جوية تستهدف رتلا عسكريا غرب قضاء مخمور فجر اليوم"
OURS = "نفذت طائرات مسيرة غارة على رتل من 5 عجلات في أطراف القضاء وأصابت ثلاث منها إصابة مباشرة."
THEIRS = "أفاد شهود عيان بأن 5 سيارات تعرضت للقصف في غارة لم تعرف الجهة التي تقف وراءها حتى الآن."
LONG = (
    "قالت مصادر أمنية إن غارة جوية استهدفت فجر الثلاثاء مستودعا للذخيرة في أطراف البلدة القديمة، "
    "وإن فرق الإطفاء والإسعاف هرعت إلى الموقع، فيما أغلقت الشرطة الطرق المؤدية إليه حتى الظهيرة"
)


def item(number: int, text: str = OURS, title: str = TITLE, link: str = "") -> dict[str, str]:
    return {
        "title": title,
        "guid": f"n{number}",
        "link": link or f"https://paper{number}.example/{number}",
        "content": text,
    }


@pytest.fixture(params=[False, True], ids=["goes on", "restarts"])
def room(request: pytest.FixtureRequest) -> Newsroom:
    return opened(request.param, RAID, CELL)


def opened(restarts: bool, *rules: Rule) -> Newsroom:
    room = Newsroom(*rules, restarts=restarts)
    old = "نص لا شأن له بما يأتي بعده من أخبار."
    for feed in (FEED, TWIN):
        room.shows(rss([item(90, old, "افتتاح معرض الكتاب")]), feed)
    return room


def outlets(room: Newsroom, told: Delivery) -> list[tuple[str, str | None]]:
    return [(each.source, each.link) for each in room.store.outlets(told.story.id)]


LATER = {
    "the same link": item(2, THEIRS, "عنوان آخر عن غارة", "https://paper1.example/1"),
    "the same words": item(2),
    "the same story": item(2, THEIRS),
}


@pytest.mark.parametrize("later", LATER.values(), ids=LATER)
def test_a_later_outlet_is_noted(room: Newsroom, later: dict[str, str]) -> None:
    (first,) = room.shows(rss([item(1)]), FEED)
    assert room.shows(rss([later]), TWIN, HOUR) == []
    assert outlets(room, first) == [(TWIN.name, later["link"])]
    room.shows(rss([item(5, "نص آخر لا شأن له.", "خبر آخر"), later]), TWIN, HOUR)
    assert outlets(room, first) == [(TWIN.name, later["link"])]


@pytest.mark.parametrize("restarts", [False, True])
def test_nearly_the_same_text_is_an_outlet(restarts: bool) -> None:
    room = opened(restarts, replace(RAID, near_duplicates=True))
    (first,) = room.shows(rss([item(1, LONG, "غارة على مستودع")]), FEED)
    assert room.shows(rss([item(2, LONG + " كما ذكر.", "غارة ليلية")]), TWIN, HOUR) == []
    assert outlets(room, first) == [(TWIN.name, "https://paper2.example/2")]


def test_no_outlet_is_what_alerts_itself_or_stands_in_the_same_feed(room: Newsroom) -> None:
    (first,) = room.shows(rss([item(1)]), FEED)
    (more,) = room.shows(rss([item(2, THEIRS + " خلية")]), TWIN, HOUR)
    assert [alert.rule for alert in more.alerts] == [CELL.name]
    twice = {**item(3), "link": item(1)["link"]}
    assert room.shows(rss([item(1), twice]), FEED, HOUR) == []
    assert outlets(room, first) == []


def test_what_was_one_alert_is_told_together(room: Newsroom) -> None:
    (first,) = room.shows(rss([item(1)]), FEED)
    room.shows(rss([item(2, THEIRS)]), TWIN, HOUR)
    for named in (item(1)["link"], item(2)["link"], first.id):
        found = sightings(named, room.store, {})
        assert {each.feed_id for each in found} == {FEED.id, TWIN.id}
        (later,) = [each for each in found if each.seen.outlet]
        assert later.seen.outlet == Outlet(
            first.story.id, TWIN.name, item(2)["link"], later.seen.first_seen
        )
        assert [t.delivery_id for each in found for t in each.told] == [first.id]
