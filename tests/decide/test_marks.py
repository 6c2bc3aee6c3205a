"""Items that are known by their marks are not read again, and nobody can tell by the alerts."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from feed_text import rss
from hypothesis import given, settings
from hypothesis import strategies as st

from in_process import InProcess
from monitor.core import decide
from monitor.core.entries import Circumstances
from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.model import (
    Feed,
    FeedState,
    FeedUpdate,
    Fetched,
    Item,
    ParsedFeed,
    Polling,
    Reading,
    Rule,
    Unread,
    Validators,
)
from monitor.sources.feed import read_feed
from monitor.sources.reader import Reader

FEED = Feed(id="feed1", url="https://a.example/f", name="وكالة")
RULES = compile_rules([Rule(name="قصف", any=("قصف",))], Gazetteer(()))
Items = Sequence[dict[str, str]]


class Life:
    """One feed's memory through its documents. `marks`: as the daemon reads, else always whole."""

    def __init__(self, *, marks: bool) -> None:
        self._marks = marks
        self._reader = Reader(InProcess())
        self._told: dict[str, set[str]] = {}
        self._steps = itertools.count(1)
        self.row = decide.fresh_row(FEED)
        self.state = decide.fresh_state(FEED)
        self.read = 0

    def step(self, items: Items) -> list[str]:
        """The titles that alert on the next document."""
        number = next(self._steps)
        body = rss(items)
        fetched = Fetched(FEED.url, {}, body, Validators(), f"hash {number}")
        check = decide.Check(FEED, self.row, lambda: self.state, 1e9 + 900 * number, 0.0)
        update = decide.changed(check, fetched, self._reading(fetched), self.around())
        return [delivery.story.title.text for delivery in self.keep(update).deliveries]

    def around(self) -> Circumstances:
        return Circumstances(
            rules=RULES,
            channels=("mail",),
            polling=Polling(),
            seen=1e7,
            alerted=self._alerted,
            settled=lambda _: True,
        )

    def keep(self, update: FeedUpdate) -> FeedUpdate:
        self.row = update.row
        self.state = update.state or self.state
        for key, rules in update.alerted.items():
            self._told.setdefault(key, set()).update(rules)
        return update

    def _reading(self, fetched: Fetched) -> Reading:
        whole = read_feed(fetched.body, fetched.headers, fetched.url)
        if not self._marks:
            return Reading.whole(whole)
        known = decide.marks(self.state)
        reading = self._reader.glance(fetched, known)
        assert isinstance(reading, Reading)
        if decide.needs_whole(reading, self.state):
            reading = self._reader.glance(fetched, frozenset())
            assert isinstance(reading, Reading)
        self.read += len(reading.feed.entries)
        return reading

    def _alerted(self, keys: Iterable[str]) -> frozenset[str]:
        return frozenset(rule for key in keys for rule in self._told.get(key, ()))


def both(*documents: Items) -> list[list[str]]:
    """The alerts at each document, the same by marks and by whole documents."""
    quick, slow = Life(marks=True), Life(marks=False)
    alerts = []
    for items in documents:
        alerts.append(quick.step(items))
        assert alerts[-1] == slow.step(items)
        assert remembered(quick.state) == remembered(slow.state)
    return alerts


def remembered(state: FeedState) -> dict[str, object]:
    """By key: the order is the document's, where only a mark has changed that of an earlier one."""
    return {seen.key: replace(seen, mark="") for seen in state.entries}


def news(title: str, text: str = "قصف واحد", guid: str = "", link: str = "") -> dict[str, str]:
    told = {"title": title, "description": text, "guid": guid, "link": link}
    return {name: value for name, value in told.items() if value}


OLD = news("خبر قديم", "رياضة", guid="9", link="https://a.example/9")
A = news("أ", guid="1", link="https://a.example/1")
B = news("ب", guid="2", link="https://a.example/2")

ITEMS = st.builds(
    news,
    title=st.sampled_from(["أ", "ب", "ت"]),
    text=st.sampled_from(["قصف واحد", "قصف اثنان", "رياضة", "قصف " + "على أطراف القضاء " * 5]),
    guid=st.sampled_from(["", "1", "2", "3"]),
    link=st.sampled_from(["", "https://a.example/1", "https://a.example/2", "/3"]),
)


@pytest.mark.untraced
@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(ITEMS, max_size=4), min_size=1, max_size=5))
def test_histories_alert_the_same_by_marks_and_by_whole_documents(
    documents: list[list[dict[str, str]]],
) -> None:
    both([OLD], *documents)


def test_known_items_are_not_read_again() -> None:
    life = Life(marks=True)
    life.step([OLD])
    assert life.step([A, OLD]) == ["أ"]
    assert life.step([B, A, OLD]) == ["ب"]
    assert life.step([A, OLD, B]) == []
    assert life.read == 3


def test_an_edit_is_read_and_what_was_known_stays_known() -> None:
    edited = A | {"description": "قصف واحد وعشرون"}
    assert both([OLD], [A, OLD], [edited, OLD], [A, OLD]) == [[], ["أ"], [], []]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (news("أ", link="https://a.example/live"), news("ب", link="https://a.example/live")),
        (news("أ", guid="X"), news("ب", guid="X")),
    ],
)
def test_an_entry_whose_link_or_id_comes_to_be_shared_does_not_alert_again(
    first: dict[str, str], second: dict[str, str]
) -> None:
    steps = both([OLD], [first, OLD], [second, first, OLD], [first, OLD], [second, OLD])
    assert steps == [[], ["أ"], ["ب"], [], []]


def test_an_id_that_new_entries_share_with_a_known_one_takes_the_whole_document() -> None:
    shared = [
        news(title, f"قصف {title}", guid="X", link=f"https://a.example/{title}") for title in "123"
    ]
    edited = news("1 معدل", "قصف معدل", guid="X", link="https://a.example/1")
    alerts = both([OLD], shared[:1], [*shared[1:], shared[0]], [*shared[1:], edited])
    assert alerts == [[], ["1"], ["3", "2"], []]


@pytest.mark.parametrize("left", [(0,), (0, 1), (0, 2)])
def test_an_entry_whose_id_and_link_were_shared_does_not_alert_again(left: tuple[int, ...]) -> None:
    one, two = "https://a.example/1", "https://a.example/2"
    together = [
        news("أ", "قصف أول", "X", one),
        news("ب", "قصف ثان", "X", two),
        news("ت", "قصف ثالث", "Y", one),
    ]
    alone = [together[number] for number in left]
    assert both([OLD], [*together, OLD], [*alone, OLD]) == [[], ["ت", "ب", "أ"], []]


def test_a_mark_that_the_memory_does_not_know_takes_the_whole_document() -> None:
    reading = Reading(ParsedFeed("rss20"), (Item("of another memory", None),))
    assert decide.needs_whole(reading, decide.fresh_state(FEED))


def test_a_document_that_brings_nothing_writes_nothing() -> None:
    life = Life(marks=True)
    life.step([A, OLD])
    before = life.state
    life.step([A, OLD])
    assert life.state is before
    assert life.row.body_hash == "hash 2"


def test_what_left_and_comes_back_is_known() -> None:
    assert both([OLD], [A, OLD], [OLD], [A, OLD]) == [[], ["أ"], [], []]


def test_an_unread_document_of_any_kind_is_told_apart() -> None:
    seen = Reader(InProcess()).glance(
        Fetched(FEED.url, {}, b"<html></html>", Validators(), ""), frozenset(("m",))
    )
    assert seen == Unread(b"<html></html>", {}, FEED.url, known=frozenset(("m",)))


def test_many_new_entries_are_judged_in_several_steps_and_alert_the_same() -> None:
    items = [news(f"خبر {n}", f"قصف {n}", guid=str(n)) for n in range(7)]
    known = OLD
    at_once, in_steps = Life(marks=True), Life(marks=True)
    for life in (at_once, in_steps):
        life.step([known])
    told = at_once.step([*items, known])
    reading = Reading.whole(read_feed(rss([*items, known]), {}, FEED.url))
    fetched = Fetched(FEED.url, {}, b"", Validators(), "hash 2")
    around = in_steps.around()
    steps = []
    while not steps or steps[-1].unfinished:
        check = decide.Check(FEED, in_steps.row, lambda: in_steps.state, 1e9 + 1800, 0.0)
        update = decide.changed(check, fetched, reading, around, most=3)
        in_steps.keep(update)
        steps.append(update)
        assert (in_steps.row.body_hash == "hash 2") is not update.unfinished
    assert [len(step.deliveries) for step in steps] == [3, 3, 1]
    assert [d.story.title.text for step in steps for d in step.deliveries] == told
    keys = {seen.key for seen in in_steps.state.entries}
    assert keys == {seen.key for seen in at_once.state.entries}
    assert all(seen.gone_at is None for seen in in_steps.state.entries)
