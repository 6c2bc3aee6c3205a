"""Trying a rule on what is remembered: exact where there is time, else reckoned well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.app.trial import Trial, attempt, compare, matches
from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import RuleSet, compile_rules
from monitor.model import Archived, Article, FeedFilter, FeedInfo, Rule
from monitor.stores.archive import ArchiveView, SqliteArchive

NOW = 1_790_000_000.0
DAY = 86_400.0
NOWHERE = Gazetteer([])
MANY = 1_200


def compiled(*rules: Rule) -> RuleSet:
    return compile_rules(rules, NOWHERE)


def article(number: int, text: str, age: float, **more: str) -> Archived:
    came = NOW - age * DAY
    made = Article(
        id=f"a{number}",
        title=f"خبر {number}",
        text=text,
        published=datetime.fromtimestamp(came, UTC),
        feed=FeedInfo("الرافدين" if number % 2 else "الفرات", "أمن", "ar"),
    )
    return Archived(made, "f", came, **more)


@pytest.fixture
def view(tmp_path: Path) -> Iterator[ArchiveView]:
    """Ten days of articles on a bombing, of which every third is a mere exercise."""
    archive = SqliteArchive(tmp_path, keep=30 * DAY, clock=lambda: NOW)
    said = ("قصف عنيف", "قصف في تدريب", "قصف على القرى")
    archive.put([article(n, said[n % 3], 10 * n / MANY) for n in range(MANY)])
    archive.close()
    with ArchiveView(tmp_path) as opened:
        yield opened


RULE = Rule("قصف", any=("قصف",), none=("تدريب",))


def tried(view: ArchiveView, rule: Rule = RULE, **options: float) -> Trial:
    options = {"patience": 60.0} | options
    return attempt(view, compiled(rule), NOW - 20 * DAY, zone=UTC, **options)


def test_with_time_every_candidate_is_heard(view: ArchiveView) -> None:
    trial = tried(view)
    assert (trial.alerts, trial.articles, trial.reckoned) == (MANY * 2 / 3, MANY, False)
    assert [found.archived.article.id for found in trial.found[:3]] == ["a0", "a2", "a3"]
    assert {miss.archived.article.text for miss in trial.near} == {"قصف في تدريب"}
    assert sum(day.articles for day in trial.days) == MANY


def test_without_time_the_rest_is_reckoned_from_a_sample(view: ArchiveView) -> None:
    trial = tried(view, patience=0.0)
    assert trial.reckoned
    assert trial.heard < trial.candidates == MANY
    assert trial.alerts == pytest.approx(MANY * 2 / 3, rel=0.25)
    exact = tried(view)
    assert len(trial.days) == len(exact.days)
    assert trial.found[0].archived.article.id == "a0", "the newest is shown whatever the time"


def test_an_article_of_several_feeds_counts_once(tmp_path: Path) -> None:
    archive = SqliteArchive(tmp_path, keep=30 * DAY, clock=lambda: NOW)
    first = article(1, "قصف", 2, link_key="l", print_key="p")
    again = article(2, "قصف", 1, link_key="", print_key="p")
    archive.put([first, again, article(3, "قصف", 1, link_key="other")])
    archive.close()
    with ArchiveView(tmp_path) as view:
        trial = tried(view)
    assert trial.alerts == 2
    assert [found.archived.article.id for found in trial.found] == ["a3", "a1"]


def test_a_limit_on_feeds_holds_and_is_no_near_miss(view: ArchiveView) -> None:
    trial = tried(view, replace(RULE, none=(), feeds=FeedFilter(names=("الفرات",))))
    assert trial.alerts == MANY / 2
    assert trial.near == ()


def test_days_are_those_of_the_zone_and_have_no_gaps(tmp_path: Path) -> None:
    archive = SqliteArchive(tmp_path, keep=30 * DAY, clock=lambda: NOW)
    archive.put([article(1, "قصف", 0), article(2, "غيره", 5)])
    archive.close()
    with ArchiveView(tmp_path) as view:
        days = tried(view).days
    assert [day.alerts for day in days] == [0, 0, 0, 0, 0, 1]
    assert [day.articles for day in days] == [1, 0, 0, 0, 0, 1]


def test_what_was_not_there_tells_nothing(tmp_path: Path) -> None:
    archive = SqliteArchive(tmp_path, keep=DAY, clock=lambda: NOW)
    archive.put([article(1, "قصف", 0)])
    archive.close()
    with ArchiveView(tmp_path) as view:
        trial = attempt(view, compiled(RULE), NOW + DAY, zone=UTC)
    assert (trial.days, trial.alerts, trial.found) == ((), 0, ())


def test_all_rules_are_laid_on_it_at_once(view: ArchiveView) -> None:
    rules = compiled(RULE, Rule("تدريب", any=("تدريب",)), Rule("لا", any=("زلزال",)))
    fired = [match.rule.name for _, found in matches(view, rules, 0.0) for match in found]
    assert (fired.count("قصف"), fired.count("تدريب"), fired.count("لا")) == (800, 400, 0)


def test_an_edit_is_told_by_what_it_changes(view: ArchiveView) -> None:
    changes = compare(
        view, compiled(RULE), compiled(replace(RULE, none=("القرى",)), Rule("x", any=("قرى",))), 0.0
    )
    told = {each.rule: (each.many_added, each.many_lost) for each in changes}
    assert told == {"قصف": (400, 400), "x": (400, 0)}
    assert [each.article.id for each in changes[0].added] == ["a1", "a4", "a7", "a10", "a13"]
    assert [each.article.id for each in changes[0].lost] == ["a2", "a5", "a8", "a11", "a14"]


def test_what_is_reckoned_says_how_far_off_it_may_be(view: ArchiveView) -> None:
    exact, reckoned = tried(view), tried(view, patience=0.0)
    assert exact.margin == 0
    assert 0 < reckoned.margin < MANY / 4
    assert abs(reckoned.alerts - exact.alerts) <= reckoned.margin


@pytest.mark.parametrize("patience", [0.0, 60.0])
def test_what_several_feeds_brought_is_reckoned_once(tmp_path: Path, patience: float) -> None:
    archive = SqliteArchive(tmp_path, keep=30 * DAY, clock=lambda: NOW, patient=True)
    archive.put([article(n, "قصف", 5 - n / MANY, print_key=f"p{n // 4}") for n in range(MANY)])
    archive.close()
    with ArchiveView(tmp_path) as view:
        trial = tried(view, Rule("قصف", any=("قصف",)), patience=patience)
    assert trial.reckoned is (patience == 0)
    assert trial.alerts == pytest.approx(MANY / 4, abs=max(trial.margin, 0.1))
    assert trial.margin < MANY / 4
    assert len({found.archived.print_key for found in trial.found}) == len(trial.found)


def test_the_first_of_the_same_that_fires_is_the_one_that_counts(tmp_path: Path) -> None:
    archive = SqliteArchive(tmp_path, keep=30 * DAY, clock=lambda: NOW)
    other = article(1, "قصف", 3, link_key="a", print_key="p")  # of a feed that is not listened to
    one = article(2, "قصف", 2, link_key="a", print_key="q")
    again = article(4, "قصف", 1, link_key="b", print_key="q")
    third = article(6, "قصف", 0.5, link_key="b", print_key="r")  # the same as one that was the same
    archive.put([other, one, again, third])
    archive.close()
    with ArchiveView(tmp_path) as view:
        feeds = FeedFilter(names=("الفرات",))
        trial = tried(view, Rule("قصف", any=("قصف",), feeds=feeds))
    assert [found.archived.article.id for found in trial.found] == ["a2"]
    assert trial.alerts == 1
