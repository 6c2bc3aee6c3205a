"""Why a rule does or does not match: every clause, with its reason."""

from __future__ import annotations

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.explain import explain
from monitor.core.rules.matcher import compile_rules
from monitor.model import Article, FeedFilter, FeedInfo, PlaceName, Rule, RuleExplanation, Span


def told(gazetteer: Gazetteer, rule: Rule, article: Article) -> RuleExplanation:
    ruleset = compile_rules([rule], gazetteer)
    explanation = explain(ruleset, article).rules[0]
    assert explanation.matched is bool(ruleset.match(article))
    assert explanation.matched is all(clause.matched for clause in explanation.clauses)
    return explanation


def test_each_key_is_a_clause(gazetteer: Gazetteer) -> None:
    rule = Rule(
        "r",
        any=("داعش", "غارة"),
        all=("قصف", "هجوم"),
        none=("مسلسل",),
        query="قصف NOT تدريب",
        places=(PlaceName("نينوى"),),
        not_places=(PlaceName("سوريا"),),
        fields=("title",),
        feeds=FeedFilter(categories=("security",)),
        enabled=False,
    )
    explanation = told(gazetteer, rule, Article(title="قصف داعش", feed=FeedInfo("f", "sport")))
    assert [(clause.clause, clause.matched) for clause in explanation.clauses] == [
        ("enabled: false", False),
        ("fields: title", True),
        ("any: داعش, غارة", True),
        ("all: قصف", True),
        ("all: هجوم", False),
        ("query: قصف NOT تدريب", True),
        ("places: نينوى", False),
        ("none: مسلسل", True),
        ("not_places: سوريا", True),
        ("feeds: security", False),
    ]


def test_found_words_have_spans_and_a_reason(gazetteer: Gazetteer) -> None:
    (clause,) = told(gazetteer, Rule("r", any=("داعش",)), Article(text="وداعش")).clauses
    assert clause.spans == (Span("text", 0, 5),)
    assert clause.reason == "داعش: found once, at text 0"


def test_a_word_outside_the_fields_is_told(gazetteer: Gazetteer) -> None:
    rule = Rule("r", any=("داعش",), fields=("title",))
    clause = told(gazetteer, rule, Article(text="وداعش")).clauses[1]
    assert clause.reason == "داعش: found only at text 0, and looked for in title"


def test_an_exclusion_that_fails_shows_where(gazetteer: Gazetteer) -> None:
    rule = Rule("r", any=("قصف",), none=("مسلسل",))
    clause = told(gazetteer, rule, Article(title="قصف", text="في المسلسل")).clauses[1]
    assert (clause.matched, clause.spans) == (False, (Span("text", 3, 10),))


def test_a_homograph_is_told_with_the_word_against_it(gazetteer: Gazetteer) -> None:
    rule = Rule("r", places=(PlaceName("مخمور"),))
    (clause,) = told(gazetteer, rule, Article(text="أوقفت الشرطة سائق مخمور")).clauses
    assert clause.reason == "مخمور: heard at text 18, not taken for the place: سائق before it"


def test_a_place_is_told_with_the_word_for_it(gazetteer: Gazetteer) -> None:
    rule = Rule("r", places=(PlaceName("مخمور"),))
    (clause,) = told(gazetteer, rule, Article(text="حريق في قضاء مخمور")).clauses
    assert clause.reason == "مخمور: heard at text 13, taken for the place: قضاء before it"


def test_no_place_is_told_by_the_name_asked_for(gazetteer: Gazetteer) -> None:
    rule = Rule("r", places=(PlaceName("نينوى"),))
    (clause,) = told(gazetteer, rule, Article(text="حريق في بغداد")).clauses
    assert clause.reason == "no place of نينوى is named"


def test_every_place_heard_is_shown_accepted_or_not(gazetteer: Gazetteer) -> None:
    article = Article(text="حريق في الموصل أشعله رجل مخمور")
    readings = explain(compile_rules([], gazetteer), article).places
    assert [(reading.place, reading.score >= 0.5) for reading in readings] == [
        ("الموصل", True),
        ("مخمور", False),
    ]
    assert readings[0].parents == ("iq-nineveh", "iq")
    assert readings[0].evidence[0].what == "unambiguous"
    assert ("person_before", "رجل") in {(item.what, item.text) for item in readings[1].evidence}
