"""When feeds have their turn to read the pages that entries wait for. No clock of the machine."""

from __future__ import annotations

import asyncio

from monitor.model import FeedRow
from monitor.service.catchup import MOST_CATCHING_UP, CatchUps

NOW = 1_736_841_600.0


def row(number: int, due: float = NOW, match: float = NOW + 30.0) -> FeedRow:
    return FeedRow(f"f{number}", "https://a.example/f", late=1, late_due=due, late_match=match)


class Looks:
    """Looks that never end, and matches that end at once."""

    def __init__(self) -> None:
        self.elapsed = 50.0
        self.looked: list[str] = []
        self.matched: list[str] = []
        self.busy: set[str] = set()
        self.catch_ups = CatchUps(lambda: self.elapsed)

    async def look(self, feed_id: str) -> None:
        self.looked.append(feed_id)
        await asyncio.Event().wait()

    async def match(self, feed_id: str) -> None:
        self.matched.append(feed_id)

    async def at(self, seconds: float) -> None:
        self.elapsed = 50.0 + seconds
        self.catch_ups.start(self.look, self.match, self.busy.__contains__)
        for _ in range(3):
            await asyncio.sleep(0)


def run(work) -> Looks:
    async def all_of_it() -> Looks:
        looks = Looks()
        await work(looks)
        for task in looks.catch_ups.tasks:
            task.cancel()
        return looks

    return asyncio.run(all_of_it())


def test_who_finds_no_place_waits_no_longer_than_a_page_may_take():
    async def work(looks: Looks) -> None:
        for number in range(MOST_CATCHING_UP + 2):
            looks.catch_ups.note(row(number, NOW - 1.0 + number / 100), NOW)
        looks.catch_ups.note(row(99, NOW + 7_200.0, 0.0), NOW)
        await looks.at(0.0)
        await looks.at(29.9)
        assert looks.matched == []
        await looks.at(30.0)

    looks = run(work)
    assert looks.looked == [f"f{number}" for number in range(MOST_CATCHING_UP)]
    assert looks.matched == ["f16", "f17"]


def test_the_time_of_a_later_entry_is_its_own():
    """Though an earlier one, matched long ago, still waits for its page."""

    async def work(looks: Looks) -> None:
        for number in range(MOST_CATCHING_UP):
            looks.catch_ups.note(row(number, NOW - 1.0, 0.0), NOW)
        await looks.at(0.0)
        looks.catch_ups.note(row(50, NOW - 600.0, NOW + 30.0), NOW)
        await looks.at(29.0)
        assert looks.matched == []
        await looks.at(30.0)
        assert looks.matched == ["f50"]
        looks.catch_ups.note(row(50, NOW - 600.0, NOW + 90.0), NOW + 30.0)
        await looks.at(91.0)

    assert run(work).matched == ["f50", "f50"]


def test_nothing_is_matched_while_its_feed_is_checked():
    async def work(looks: Looks) -> None:
        looks.busy.add("f1")
        looks.catch_ups.note(row(1), NOW)
        await looks.at(0.0)
        await looks.at(30.0)
        assert (looks.looked, looks.matched) == ([], [])
        looks.busy.clear()
        await looks.at(31.0)

    looks = run(work)
    assert looks.looked == ["f1"]
