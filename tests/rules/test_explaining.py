"""Why a rule does or does not match: every clause, with its reason."""

from __future__ import annotations

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.explain import explain
from monitor.core.rules.matcher import compile_rules
from monitor.core.text.lexicon import NO_LEXICON, Lexicon
from monitor.model import Article, FeedFilter, FeedInfo, PlaceName, Rule, RuleExplanation, Span


def told(
    gazetteer: Gazetteer, rule: Rule, article: Article, lexicon: Lexicon = NO_LEXICON
) -> RuleExplanation:
    ruleset = compile_rules([rule], gazetteer, lexicon)
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
        ("feeds: category security", False),
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
    assert clause.reason == (
        "مخمور: heard at text 18, not taken for the place: it may describe سائق before it"
    )


def test_a_place_is_told_with_the_word_for_it(gazetteer: Gazetteer) -> None:
    rule = Rule("r", places=(PlaceName("مخمور"),))
    (clause,) = told(gazetteer, rule, Article(text="حريق في قضاء مخمور")).clauses
    assert clause.reason == "مخمور: heard at text 13, taken for the place: قضاء before it"


def test_no_place_is_told_by_the_name_asked_for(gazetteer: Gazetteer) -> None:
    rule = Rule("r", places=(PlaceName("نينوى"),))
    (clause,) = told(gazetteer, rule, Article(text="حريق في بغداد")).clauses
    assert clause.reason == "neither نينوى nor a place in it is named"


def test_every_place_heard_is_shown_accepted_or_not(gazetteer: Gazetteer) -> None:
    article = Article(text="حريق في الموصل أشعله رجل مخمور")
    readings = explain(compile_rules([], gazetteer), article).places
    assert [(reading.place, reading.score >= 0.5) for reading in readings] == [
        ("الموصل", True),
        ("مخمور", False),
    ]
    assert readings[0].parents == ("iq-nineveh", "iq")
    assert ("preposition_before", "في") in {(each.what, each.text) for each in readings[0].evidence}
    assert ("person_before", "رجل") in {(item.what, item.text) for item in readings[1].evidence}


REASONS = [
    # name, query, text, words of the reason of its first clause
    ("ending", "داعش", "الدواعش داعشي", "داعشي at text 8 is a form of it: داعش+"),
    ("loose", "غارة", "غاره جوية", "غاره at text 0 differs in ة ؤ ئ: loose: true"),
    ("article", "القنبلة", "انفجرت قنبلة", "قنبلة at text 7 has no article"),
    ("exactly", "=داعش", "وداعش", "وداعش at text 0 is not exactly it, on its own"),
    ("inside", "دار", "في جدار", "جدار at text 3 holds it, but is another word"),
    ("nothing alike", "داعش", "خبر", "داعش: not found"),
    ("phrase apart", '"حزب الله"', "حزب من الله", "حزب, الله stand there, but not as"),
    ("phrase not at all", '"حزب الله"', "خبر", "حزب الله: not found"),
    ("form", "داعش+", "هجوم داعشي", "found once, at text 5, as داعشي"),
    ("no form", "داعش+", "خبر", "neither it nor a form of it found (داعش, "),
    ("twice", "داعش", "داعش وداعش", "found 2 times, at text 0"),
    ("near", "قصف NEAR/2 غارة", "قصف غارة", "NEAR/2: holds; قصف: found once"),
    ("too far", "قصف NEAR/0 غارة", "قصف بعد غارة", "NEAR/0: the nearest have 1 words between"),
    ("other order", "قصف ONEAR/9 غارة", "غارة بعد قصف", "but not in one field, in this order"),
    ("gap", '"مجلس الأمن"~0', "مجلس في الأمن", "but too far apart, or in another order"),
    ("far from all", "قصف NEAR/0 غارة", "قصف", "NEAR/0: not all of it is there"),
    ("rarely", "count(قصف)>=2", "قصف", "count(…)>=2: found less often"),
    ("NOT", "قصف NOT غارة", "قصف غارة", "NOT غارة: found once, at text 4"),
    ("field", "title:قصف", "قصف", "found only at text 0, and looked for in title"),
    ("pattern", "/قص./", "قصف", "/قص./: found once, at text 0"),
    ("no pattern", "/قص./", "خبر", "finds nothing in the raw text of title and text"),
    ("that very place", 'place:"نينوى"', "قضاء مخمور", "نينوى is not named"),
    ("place by field", "title:(within:العراق)", "في بغداد", "heard, but not in title"),
    ("place in its field", "text:(within:العراق)", "في بغداد", "بغداد in العراق: heard at text 3"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "text", "reason"), [pytest.param(*row[1:], id=row[0]) for row in REASONS]
)
def test_every_reason_says_what_was_heard(
    gazetteer: Gazetteer, lexicon: Lexicon, query: str, text: str, reason: str
) -> None:
    explanation = told(gazetteer, Rule("r", query=query), Article(text=text), lexicon)
    assert reason in explanation.clauses[0].reason


@pytest.mark.parametrize(
    ("article", "matched", "reason"),
    [
        (Article(text="أعلنت الشرطة القبض على خلية داعش في المدينة اليوم"), True, "is in ar"),
        (Article(text="The police said that they had arrested a cell of داعش"), False, "is in en"),
        (Article(text="داعش"), True, "cannot be told"),
    ],
)
def test_the_language_is_told(
    gazetteer: Gazetteer, article: Article, matched: bool, reason: str
) -> None:
    clause = told(gazetteer, Rule("r", any=("داعش",), languages=("ar",)), article).clauses[-1]
    assert (clause.clause, clause.matched) == ("language: ar", matched)
    assert reason in clause.reason


def test_an_article_of_no_known_feed_passes_the_filter(gazetteer: Gazetteer) -> None:
    rule = Rule("r", any=("داعش",), feeds=FeedFilter(names=("ن",)))
    clause = told(gazetteer, rule, Article(text="داعش")).clauses[-1]
    assert (clause.matched, clause.reason[:25]) == (True, "the article's feed is unk")
