"""What one check makes of a feed: histories of documents, and the alerts that each must bring."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from monitor.core import decide
from monitor.core.entries import MOST_LEFT, Circumstances
from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.model import (
    Delivery,
    Entry,
    Feed,
    FeedState,
    FeedUpdate,
    Fetched,
    FetchFailed,
    NotModified,
    ParsedFeed,
    Polling,
    Reading,
    Rule,
    Seen,
    Validators,
    Verdict,
)

NOW = 1_700_000_000.0
DAY = 86400.0
RAID = Rule(name="غارات", any=("غارة",))
CELL = Rule(name="خلايا", any=("خلية",))
FEED = Feed(id="feed-1", url="https://a.example/rss", name="وكالة ألف")
OTHER = Feed(id="feed-2", url="https://b.example/rss", name="وكالة باء")
BODY = "نفذت طائرات سلاح الجو غارة على مخبأ في أطراف القضاء فجر اليوم ولم ترد أنباء عن ضحايا"
PLAIN = "افتتح المحافظ معرض الكتاب السنوي في المدينة بحضور عدد من الناشرين والكتاب والقراء العرب"


class World:
    """Feeds and what the watcher remembers of them, in memory."""

    def __init__(self, *rules: Rule, channels: tuple[str, ...] = ("mail",)) -> None:
        self.rules = rules or (RAID, CELL)
        self.channels = channels
        self.muted: frozenset[str] = frozenset()
        self.settled: set[str] = set()
        self.now = NOW
        self.states: dict[str, FeedState] = {}
        self.rows = {feed.id: decide.fresh_row(feed) for feed in (FEED, OTHER)}
        self.told: dict[str, set[str]] = {}
        self.bodies = itertools.count()

    def _alerted(self, keys: Iterable[str]) -> frozenset[str]:
        return frozenset(rule for key in keys for rule in self.told.get(key, ()))

    def check(self, feed: Feed) -> decide.Check:
        state = self.states.get(feed.id) or decide.fresh_state(feed)
        return decide.Check(feed, self.rows[feed.id], lambda: state, self.now, 0.0)

    def keep(self, feed: Feed, update: FeedUpdate) -> FeedUpdate:
        self.rows[feed.id] = update.row
        if update.state is not None:
            self.states[feed.id] = update.state
        for key, rules in update.alerted.items():
            self.told.setdefault(key, set()).update(rules)
        return update

    def around(self) -> Circumstances:
        return Circumstances(
            rules=compile_rules(self.rules, Gazetteer(())),
            channels=self.channels,
            polling=Polling(),
            seen=90 * DAY,
            alerted=self._alerted,
            settled=lambda delivery: delivery.id in self.settled,
            muted=self.muted,
        )

    def shows(self, *entries: Entry, feed: Feed = FEED, later: float = 900.0) -> FeedUpdate:
        self.now += later
        number = next(self.bodies)
        answer = Fetched(feed.url, {}, b"", Validators(f'"{number}"'), f"hash {number}")
        parsed = ParsedFeed("rss20", entries=entries)
        return self.keep(
            feed, decide.changed(self.check(feed), answer, Reading.whole(parsed), self.around())
        )

    def alerts(self, *entries: Entry, feed: Feed = FEED, later: float = 900.0) -> list[str]:
        return sorted(alert.rule for alert in self.shows(*entries, feed=feed, later=later).alerts)


def item(number: int, text: str = BODY, title: str = "خبر", **more: object) -> Entry:
    entry = Entry(id=f"id-{number}", title=title, link=f"https://a.example/{number}", text=text)
    return replace(entry, **more)  # type: ignore[arg-type]  # the names are Entry's own


def at(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def known() -> World:
    """A feed that was polled before and showed nothing of interest."""
    world = World()
    assert world.alerts(item(0, PLAIN)) == []
    return world


def test_a_new_article_alerts_once_however_often_it_is_shown() -> None:
    world = known()
    assert world.alerts(item(1), item(0, PLAIN)) == ["غارات"]
    assert world.alerts(item(1), item(0, PLAIN)) == []
    assert world.alerts(item(2, PLAIN), item(1)) == []


def test_an_entry_that_stands_twice_in_a_document_is_one() -> None:
    world = known()
    update = world.shows(item(1), item(1), item(0, PLAIN))
    assert [alert.rule for alert in update.alerts] == ["غارات"]
    assert update.new_articles == 1


def test_a_first_poll_matches_only_what_is_dated_of_late() -> None:
    world = World()
    update = world.shows(
        item(1, published=at(NOW - 3600)),
        item(2, BODY + " أولا", published=at(NOW - 30 * DAY)),
        item(3, BODY + " ثانيا"),
    )
    assert [alert.rule for alert in update.alerts] == ["غارات"]
    assert update.new_articles == 1
    assert update.row.skipped == 2
    assert [d.verdict for d in update.decisions].count(Verdict.OLD) == 2


def test_after_the_first_poll_no_date_keeps_an_article_back() -> None:
    world = known()
    assert world.alerts(item(1, published=at(NOW - 400 * DAY))) == ["غارات"]


def test_an_article_dated_in_the_future_is_as_old_as_it_is_known() -> None:
    """A clock that is some minutes fast is let be; a wrong zone is not."""
    world = World()
    first = world.shows(
        item(1, BODY + " أولا", published=at(NOW + 900 + 300)),
        item(2, BODY + " ثانيا", published=at(NOW + 900 + 3 * 3600)),
        item(3, BODY + " ثالثا", updated=at(NOW + 400 * DAY)),
    )
    shown = sorted(delivery.story.published or 0.0 for delivery in first.deliveries)
    assert shown == [NOW + 900, NOW + 900, NOW + 900 + 300]
    edited = item(2, BODY + " ثانيا استهدفت خلية", published=at(NOW + 400 * DAY))
    later = world.shows(edited, later=7200)
    assert [delivery.story.published for delivery in later.deliveries] == [NOW + 900]
    assert world.rows[FEED.id].lags == ()


def test_an_edit_alerts_only_for_rules_that_never_fired() -> None:
    world = known()
    assert world.alerts(item(1)) == ["غارات"]
    assert world.alerts(item(1, BODY + " وأصيب اثنان")) == []
    assert world.alerts(item(1, BODY + " استهدفت خلية")) == ["خلايا"]
    assert world.alerts(item(1, BODY)) == []


def test_an_edit_of_an_old_article_does_not_bring_up_what_it_matched_before() -> None:
    world = World()
    assert world.alerts(item(1)) == []
    assert world.alerts(item(1, BODY + " مساء")) == []
    assert world.alerts(item(1, BODY + " واعتقلت خلية")) == ["خلايا"]


def test_on_change_alerts_for_every_edit_that_still_matches() -> None:
    world = World(replace(RAID, on_change=True))
    world.shows(item(0, PLAIN))
    first = world.shows(item(1))
    second = world.shows(item(1, BODY + " وأصيب اثنان"))
    third = world.shows(item(1, BODY + " وأصيب ثلاثة"))
    ids = [update.alerts[0].id for update in (first, second, third)]
    assert len(set(ids)) == 3
    assert world.alerts(item(1, PLAIN)) == []


def test_an_earlier_version_that_comes_back_is_no_edit() -> None:
    world = World(replace(RAID, on_change=True))
    world.shows(item(0, PLAIN))
    versions = [item(1, BODY), item(1, BODY + " وأصيب اثنان")]
    assert [world.alerts(versions[n % 2]) for n in range(6)] == [
        ["غارات"],
        ["غارات"],
        [],
        [],
        [],
        [],
    ]
    assert world.alerts(item(1, BODY + " وأصيب ثلاثة")) == ["غارات"]


def test_the_same_article_in_another_feed_is_told_once() -> None:
    world = known()
    world.shows(item(0, PLAIN, link=None), feed=OTHER)
    assert world.alerts(item(1)) == ["غارات"]
    by_text = item(7, id="x", link="https://b.example/elsewhere")
    by_link = item(8, "غارة، بكلمات أخرى", id="y", link="http://www.a.example/1?utm_source=b")
    assert world.alerts(by_text, feed=OTHER) == []
    assert world.alerts(by_link, by_text, feed=OTHER) == []
    assert world.alerts(by_link, by_text, item(9), feed=OTHER) == []


def test_a_twin_in_the_same_document_is_told_once() -> None:
    world = known()
    assert world.alerts(item(1), item(2)) == ["غارات"]


def test_short_texts_of_two_feeds_are_two_articles() -> None:
    world = known()
    world.shows(item(0, PLAIN, link=None), feed=OTHER)
    flash = "غارة في الموصل"
    assert world.alerts(item(1, flash)) == ["غارات"]
    assert world.alerts(item(2, flash, id="z", link="https://b.example/2"), feed=OTHER) == ["غارات"]


def test_a_publisher_who_changes_all_ids_repeats_nothing() -> None:
    world = known()
    assert world.alerts(item(1), item(2, BODY + " أمس")) == ["غارات", "غارات"]
    churned = [
        item(1, id="new-1"),
        item(2, BODY + " أمس", id="new-2"),
    ]
    assert world.alerts(*churned) == []
    assert world.alerts(*(replace(entry, id=f"again {entry.id}") for entry in churned)) == []


def test_a_new_article_under_the_link_of_an_old_one_is_not_missed() -> None:
    world = known()
    live = "https://a.example/live"
    assert world.alerts(item(1, link=live)) == ["غارات"]
    other = BODY.replace("فجر", "ليل") + " في حي آخر"
    assert world.alerts(item(2, other, title="خبر آخر", link=live)) == ["غارات"]


def test_a_feed_that_empties_and_fills_again_alerts_nothing_anew() -> None:
    world = known()
    assert world.alerts(item(1)) == ["غارات"]
    assert world.alerts() == []
    assert world.alerts(item(1), later=80 * DAY) == []


def test_what_is_gone_is_forgotten_after_the_time_set() -> None:
    world = known()
    world.shows(item(1))
    world.shows(item(2, PLAIN))
    assert len(world.states[FEED.id].entries) == 3
    world.shows(item(3, PLAIN + " غدا"), later=91 * DAY)
    assert [seen.gone_at for seen in world.states[FEED.id].entries].count(None) == 1
    assert len(world.states[FEED.id].entries) == 2


def test_of_entries_that_left_the_newest_are_remembered() -> None:
    world = World()
    left = tuple(
        Seen(f"e{n}", "", "", "c", NOW, gone_at=NOW + n % 7) for n in range(MOST_LEFT + 70)
    )
    world.states[FEED.id] = replace(decide.fresh_state(FEED), polled=True, entries=left)
    world.shows(item(1))
    kept = [seen for seen in world.states[FEED.id].entries if seen.gone_at is not None]
    assert len(kept) == MOST_LEFT
    assert [seen.gone_at for seen in kept].count(NOW) == (MOST_LEFT + 70 + 6) // 7 - 70


def test_an_entry_is_remembered_as_long_as_it_stands_in_its_feed() -> None:
    world = known()
    assert world.alerts(item(1)) == ["غارات"]
    for turn in range(5):
        assert world.alerts(item(1), item(2, f"{PLAIN} {turn}"), later=60 * DAY) == []


def test_one_message_for_each_channel_names_all_the_rules_that_go_there() -> None:
    world = World(RAID, replace(CELL, channels=("chat",)), channels=("mail", "chat", "log"))
    world.shows(item(0, PLAIN))
    update = world.shows(item(1, BODY + " استهدفت خلية"))
    sent = {d.channel: sorted(alert.rule for alert in d.alerts) for d in update.deliveries}
    assert sent == {"mail": ["غارات"], "chat": ["خلايا", "غارات"], "log": ["غارات"]}
    assert update.state is not None
    assert update.state.open == update.deliveries
    assert len({d.id for d in update.deliveries}) == 3


def test_a_channel_that_no_rule_names_gets_nothing() -> None:
    world = World(replace(RAID, channels=("chat",)), channels=("mail", "chat"))
    world.shows(item(0, PLAIN))
    update = world.shows(item(1))
    assert [each.channel for each in update.deliveries] == ["chat"]
    assert update.state is not None
    assert update.state.entries[0].sent == {"chat": update.deliveries[0].id}


def test_a_muted_alert_is_recorded_and_not_sent() -> None:
    world = known()
    world.muted = frozenset({"غارات"})
    update = world.shows(item(1))
    assert [alert.rule for alert in update.alerts] == ["غارات"]
    assert update.deliveries == ()
    assert update.decisions[0].verdict is Verdict.MUTED
    world.muted = frozenset()
    assert world.alerts(item(1, BODY + " مساء")) == []


def test_a_settled_delivery_is_dropped_at_the_next_check_and_an_open_one_is_kept() -> None:
    world = known()
    one = world.shows(item(1)).deliveries[0]
    two = world.shows(item(2, BODY + " أمس")).deliveries[0]
    world.settled.add(one.id)

    def left(update: FeedUpdate) -> tuple[Delivery, ...]:
        assert update.state is not None
        return update.state.open

    assert left(world.shows(item(3, PLAIN))) == (two,)
    world.settled.add(two.id)
    assert left(world.shows(item(4, PLAIN))) == ()
    assert not world.rows[FEED.id].has_open


def test_a_304_writes_nothing_unless_a_validator_changed() -> None:
    world = known()
    validators = world.rows[FEED.id].validators
    same = decide.unchanged(world.check(FEED), NotModified(validators), Polling())
    assert same.state is None
    assert same.row.due == world.now + 900
    newer = decide.unchanged(world.check(FEED), NotModified(Validators('"new"')), Polling())
    assert newer.state is not None
    assert newer.state.validators == newer.row.validators == Validators('"new"')
    assert newer.state.entries == world.states[FEED.id].entries
    moved = decide.unchanged(
        world.check(FEED), NotModified(validators, moved_to="https://c.example/rss"), Polling()
    )
    assert moved.state is not None
    assert moved.state.moved_to == moved.row.moved_to == "https://c.example/rss"


def test_a_failure_keeps_the_validators_and_backs_off() -> None:
    world = known()
    validators = world.rows[FEED.id].validators
    why = FetchFailed("timeout", "no answer within 30 s")
    for failures, wait in ((1, 1800), (2, 3600)):
        update = world.keep(FEED, decide.failed(world.check(FEED), why, Polling()))
        assert update.state is None
        assert update.row.failures == failures
        assert update.row.due == world.now + wait
        assert update.row.validators == validators
        assert update.row.failing_since == world.now
    assert world.alerts(item(1)) == ["غارات"]
    assert world.rows[FEED.id].failures == 0
    assert world.rows[FEED.id].failing_since is None


def test_retry_after_outlasts_the_back_off() -> None:
    world = known()
    why = FetchFailed("status", "429", status=429, retry_after=7200.0)
    update = decide.failed(world.check(FEED), why, Polling())
    assert update.row.due == update.row.not_before == world.now + 7200


def test_410_stops_the_feed_durably_and_a_good_answer_brings_it_back() -> None:
    world = known()
    why = FetchFailed("status", "410", status=410, gone=True)
    update = world.keep(FEED, decide.failed(world.check(FEED), why, Polling()))
    assert update.state is not None
    assert update.state.gone
    assert update.row.gone
    assert decide.failed(world.check(FEED), why, Polling()).state is None
    back = decide.unchanged(
        world.check(FEED), NotModified(world.rows[FEED.id].validators), Polling()
    )
    assert back.state is not None
    assert not back.state.gone


def test_a_feed_that_is_gone_where_it_moved_to_is_not_gone_at_home() -> None:
    world = known()
    moved = NotModified(Validators('"v"'), moved_to="https://c.example/rss")
    world.keep(FEED, decide.unchanged(world.check(FEED), moved, Polling()))
    why = FetchFailed("status", "410", status=410, gone=True)
    home = world.keep(FEED, decide.failed(world.check(FEED), why, Polling()))
    assert (home.row.gone, home.row.moved_to, home.row.failures) == (False, None, 1)
    assert home.row.validators == Validators()
    gone = world.keep(FEED, decide.failed(world.check(FEED), why, Polling()))
    assert gone.state is not None
    assert (gone.row.gone, gone.state.gone, gone.state.moved_to) == (True, True, None)


def test_an_address_moved_to_that_dies_is_given_up_for_the_configured_one() -> None:
    world = known()
    moved = NotModified(Validators('"v"'), moved_to="https://c.example/rss")
    world.keep(FEED, decide.unchanged(world.check(FEED), moved, Polling()))
    why = FetchFailed("dns", "no such host")
    asked = []
    for _ in range(4):
        asked.append(world.rows[FEED.id].moved_to)
        world.keep(FEED, decide.failed(world.check(FEED), why, Polling()))
    assert asked == ["https://c.example/rss"] * 3 + [None]
    assert world.rows[FEED.id].validators == Validators()
    at_home = world.shows(item(7))
    assert at_home.state is not None
    assert at_home.state.moved_to is at_home.row.moved_to is None


def test_how_late_an_article_is_found_is_measured_once_and_not_at_the_first_poll() -> None:
    world = World()
    world.shows(item(0, PLAIN, published=at(NOW - 60)))
    assert world.rows[FEED.id].lags == ()
    found = NOW + 1800
    late = item(1, published=at(found - 120))
    world.shows(late, item(0, PLAIN, published=at(NOW - 60)))
    assert world.rows[FEED.id].lags == (120.0,)
    world.shows(item(2, PLAIN + " غدا"), late)  # undated, and known
    world.shows(replace(late, text=BODY + " وأصيب اثنان"))  # edited
    world.shows(replace(late, id="other id", text=BODY + " وأصيب اثنان"))  # the id was changed
    assert world.rows[FEED.id].lags == (120.0,)
    state = world.states[FEED.id]
    assert (state.lags, world.rows[FEED.id].remembered) == ((120.0,), len(state.entries))
