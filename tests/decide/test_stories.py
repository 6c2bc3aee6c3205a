"""The same story in several feeds: what papers tell under one long title with the same numbers
within a day alerts once, and nothing else does."""

from __future__ import annotations

import pytest
from pressroom import CELL, DAY, FEED, RAID, TWIN, Newsroom, rss

from monitor.model import Verdict

HOUR = 3600.0
TITLE = "غارة جوية تستهدف رتلا عسكريا غرب قضاء مخمور فجر اليوم"
OURS = "نفذت طائرات مسيرة غارة على رتل من {} عجلات في أطراف القضاء وأصابت ثلاث منها إصابة مباشرة."
THEIRS = "أفاد شهود عيان بأن {} سيارات تعرضت للقصف في غارة لم تعرف الجهة التي تقف وراءها حتى الآن."


def item(title: str, text: str, number: int) -> dict[str, str]:
    return {
        "title": title,
        "guid": f"n{number}",
        "link": f"https://paper{number}.example/{number}",
        "content": text,
    }


@pytest.fixture(params=[False, True], ids=["goes on", "restarts"])
def room(request: pytest.FixtureRequest) -> Newsroom:
    room = Newsroom(RAID, CELL, restarts=request.param)
    for feed in (FEED, TWIN):
        room.shows(
            rss([item("افتتاح معرض الكتاب", "نص لا شأن له بما يأتي بعده من أخبار.", 90)]), feed
        )
    return room


def alerts(
    room: Newsroom, first: tuple[str, str], second: tuple[str, str], later: float = HOUR
) -> int:
    """How many alerts the second paper's telling brings after that of the first."""
    assert len(room.shows(rss([item(*first, 1)]), FEED)) == 1
    return len(room.shows(rss([item(*second, 2)]), TWIN, later))


FIVE, SIX = OURS.format("5"), THEIRS.format("6")


@pytest.mark.parametrize(
    ("title", "text", "later", "count"),
    [
        (TITLE, THEIRS.format("5"), HOUR, 0),
        (TITLE.replace("غارة", "غــارة") + ".", THEIRS.format("٥"), HOUR, 0),
        (TITLE, THEIRS.format("5"), 22 * HOUR, 0),
        (TITLE, THEIRS.format("5"), DAY + HOUR, 1),
        (TITLE, SIX, HOUR, 1),
        (TITLE.replace("غرب", "شرق"), THEIRS.format("5"), HOUR, 1),
        ("لا " + TITLE, THEIRS.format("5"), HOUR, 1),
        (TITLE, "غارة وخلية: " + THEIRS.format("5"), HOUR, 1),  # another rule fires too
    ],
)
def test_who_tells_the_same(
    room: Newsroom, title: str, text: str, later: float, count: int
) -> None:
    assert alerts(room, (TITLE, FIVE), (title, text), later) == count


def test_a_short_title_is_many_stories(room: Newsroom) -> None:
    assert (
        alerts(room, ("غارة جديدة غرب مخمور", FIVE), ("غارة جديدة غرب مخمور", FIVE[:-1] + " ليلا"))
        == 1
    )


def test_a_paper_may_tell_more_under_the_same_title(room: Newsroom) -> None:
    first, second = item(TITLE, FIVE, 1), item(TITLE, THEIRS.format("5"), 2)
    assert len(room.shows(rss([first]), FEED)) == 1
    assert len(room.shows(rss([second, first]), FEED)) == 1
    assert len(room.shows(rss([item(TITLE, FIVE + " وانتهى", 3)]), TWIN)) == 0


def test_it_is_told_why(room: Newsroom) -> None:
    alerts(room, (TITLE, FIVE), (TITLE, THEIRS.format("5")))
    state = room.store.feed(TWIN.id)
    assert state is not None
    seen = {each.verdict: each for each in state.entries}
    assert seen[Verdict.TOLD_ELSEWHERE].spent == (RAID.name,)
