"""Operators that count words, fields, places and regular expressions: tables of (name, query,
text, found)."""

from __future__ import annotations

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.errors import QueryError
from monitor.model import Article, FeedInfo, Rule

NEAR = [
    ("beside", "قصف NEAR/0 غارة", "قصف غارة", ["قصف", "غارة"]),
    ("in any order", "قصف NEAR/0 غارة", "غارة قصف", ["غارة", "قصف"]),
    ("just near enough", "قصف NEAR/2 غارة", "قصف جوي بعد غارة", ["قصف", "غارة"]),
    ("just too far", "قصف NEAR/2 غارة", "قصف جوي عنيف بعد غارة", []),
    ("with proclitics", "قصف NEAR/1 غارة", "والقصف بعد بالغارة", ["والقصف", "بالغارة"]),
    ("only what is near", "قصف NEAR/0 غارة", "قصف ثم قصف غارة", ["قصف", "غارة"]),
    ("every near pair", "قصف NEAR/0 غارة", "قصف غارة ثم غارة قصف", ["قصف", "غارة", "غارة", "قصف"]),
    ("in order", "قصف ONEAR/1 غارة", "قصف بعد غارة", ["قصف", "غارة"]),
    ("in the other order", "قصف ONEAR/1 غارة", "غارة بعد قصف", []),
    ("itself is not near itself", "قصف NEAR/5 قصف", "قصف", []),
    ("twice is", "قصف NEAR/5 قصف", "قصف بعد قصف", ["قصف", "قصف"]),
    ("phrases", '"تنظيم الدولة" NEAR/1 قصف', "قصف على تنظيم الدولة", ["قصف", "تنظيم الدولة"]),
    ("a phrase does not overlap", '"تنظيم الدولة" NEAR/5 الدولة', "تنظيم الدولة", []),
    ("alternatives", "(قصف OR غارة) NEAR/1 داعش", "غارة على داعش", ["غارة", "داعش"]),
    ("the same twice", "(غارة OR غارة) NEAR/1 داعش", "غارة على داعش", ["غارة", "داعش"]),
    ("derived words", "داعش+ NEAR/1 قصف", "قصف الدواعش", ["قصف", "الدواعش"]),
    ("a chain", "قصف NEAR/0 غارة NEAR/0 هجوم", "هجوم قصف غارة", ["هجوم", "قصف", "غارة"]),
    ("a chain that breaks", "قصف NEAR/0 غارة NEAR/0 هجوم", "قصف غارة ثم هجوم", []),
    ("the chain's better pair", "أ1 NEAR/9 ب1 NEAR/0 ج1", "أ1 ب1 س س ب1 ج1", None),
    ("not near", "قصف NOT (قصف NEAR/1 تدريب)", "قصف في تدريب", []),
    ("far from what it must not be near", "قصف NOT (قصف NEAR/0 تدريب)", "قصف في تدريب", ["قصف"]),
    ("spelled out", "داعش NEAR/1 قصف", "قصف د.ا.ع.ش ثم داعش قصف", None),
    ("spelled out before", "قصف NEAR/0 داعش", "د.ا.ع.ش قصف داعش", None),
    ("gap", '"مجلس الأمن"~1', "مجلس النواب الأمن", ["مجلس", "الأمن"]),
    ("gap in all", '"أ1 ب1 ج1"~4', "أ1 س ب1 س ج1", None),
    ("gap too wide", '"مجلس الأمن"~1', "مجلس النواب ثم الأمن", []),
    ("gap in order", '"مجلس الأمن"~3', "الأمن في مجلس", []),
    ("gap from the last begin", '"مجلس الأمن"~0', "مجلس مجلس الأمن", ["مجلس", "الأمن"]),
    ("gap over three words", '"قوات حفظ السلام"~1', "قوات دولية حفظ السلام", None),
    ("gap over three words, too wide", '"قوات حفظ السلام"~1', "قوات دولية حفظ على السلام", []),
    ("count", "count(قصف)>=2", "قصف وقصف", ["قصف", "وقصف"]),
    ("count more than", "count(قصف)>1", "قصف", []),
    ("count of alternatives", "count(قصف OR غارة)>=2", "قصف بعد غارة", ["قصف", "غارة"]),
    ("count of one place twice", "count(قصف OR قصف)>=2", "قصف", []),
    ("count of phrases", 'count("تنظيم الدولة")>=2', "تنظيم الدولة", []),
    ("count of pairs", "count(قصف NEAR/0 غارة)>=2", "قصف غارة قصف", None),
    ("count of a pattern", "count(/قصف/)>=2", "قصف وقصف", ["قصف", "قصف"]),
    ("few enough", "قصف NOT count(قصف)>=3", "قصف وقصف", ["قصف", "وقصف"]),
    ("too many", "قصف NOT count(قصف)>=2", "قصف وقصف", []),
    ("pattern", r"/غا.ة/", "غارة غاية", ["غارة", "غاية"]),
    ("pattern on the raw text", "/داعش/", "داعـش", []),
    ("pattern in the dark", "/(?i)isis/", "ISIS", ["ISIS"]),
    ("pattern with a flag", "/isis/i", "ISIS", ["ISIS"]),
    ("pattern with a slash", r"/آذار\/مارس/", "آذار/مارس", ["آذار/مارس"]),
    ("pattern beyond the basic plane", "/قصف/", "😀 قصف", ["قصف"]),
    ("pattern over a lone surrogate", "/قصف/", "\ud800 قصف", ["قصف"]),
    ("pattern and word", "/غا.ة/ قصف", "غارة بعد قصف", ["غارة", "قصف"]),
    ("no pattern", "قصف NOT /غا.ة/", "غارة بعد قصف", []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "text", "expected"), [pytest.param(*row[1:], id=row[0]) for row in NEAR]
)
def test_operators(
    gazetteer: Gazetteer, lexicon: object, query: str, text: str, expected: list[str] | None
) -> None:
    matches = compile_rules([Rule("r", query=query)], gazetteer, lexicon).match(Article(text=text))
    found = [text[span.start : span.end] for match in matches for span in match.spans]
    assert found == expected if expected is not None else found


ARTICLE = Article(
    title="غارة على أطراف بغداد",
    text="قصف عنيف في قضاء مخمور، قال المتحدث",
    author="ليلى كريم",
    categories=("أمن", "العراق"),
    feed=FeedInfo(name="شفق المدينة", category="security"),
)
FIELDS = [
    ("title:غارة", True),
    ("title:قصف", False),
    ("text:قصف", True),
    ("text:غارة", False),
    ("author:ليلى", True),
    ("author:قصف", False),
    ("category:أمن", True),
    ("category:security", True),
    ("feed:شفق", True),
    ('feed:"شفق المدينة"', True),
    ("feed:غارة", False),
    ("شفق", False),
    ("security", False),
    ("غارة NOT feed:شفق", False),
    ("غارة NOT شفق", True),
    ("غارة NOT category:security", False),
    ("غارة NOT security", True),
    ("title:(غارة NOT قصف)", True),
    ("title:غارة NOT قصف", False),
    ("title:(غارة قصف)", False),
    ("title:غارة NEAR/5 text:قصف", False),
    ("title:(غارة NEAR/1 أطراف)", True),
    ("text:(غارة NEAR/1 أطراف)", False),
    ("count(title:غارة OR text:قصف)>=2", True),
    ("title:/غا.ة/", True),
    ("text:/غا.ة/", False),
    ("count(title:/غا.ة/)>=1", True),
    ('place:"بغداد"', True),
    ("place:مخمور", True),
    ("place:نينوى", False),
    ("within:نينوى", True),
    ("title:place:مخمور", None),
    ("title:(within:نينوى)", False),
    ("text:(within:نينوى)", True),
    ("قصف NEAR/3 place:مخمور", True),
    ("قصف NEAR/1 place:مخمور", False),
    ("قصف NEAR/9 (place:مخمور OR place:بغداد)", True),
    ("count(within:العراق)>=2", True),
    ("count(within:العراق)>=3", False),
    ("غارة NOT within:نينوى", False),
]


@pytest.mark.parametrize(("query", "expected"), FIELDS)
def test_fields_and_places(gazetteer: Gazetteer, query: str, expected: bool | None) -> None:
    if expected is None:
        with pytest.raises(QueryError):
            compile_rules([Rule("r", query=query)], gazetteer)
        return
    assert bool(compile_rules([Rule("r", query=query)], gazetteer).match(ARTICLE)) is expected


def test_a_named_field_outranks_the_fields_of_the_rule(gazetteer: Gazetteer) -> None:
    rule = Rule("r", query="text:قصف", fields=("title",))
    assert compile_rules([rule], gazetteer).match(ARTICLE)


def test_places_near_words_are_evidence_of_the_match(gazetteer: Gazetteer) -> None:
    for query in ("قصف NEAR/3 place:مخمور", "text:(within:نينوى)", "count(place:مخمور)>=1"):
        (match,) = compile_rules([Rule("r", query=query)], gazetteer).match(ARTICLE)
        assert [reading.place for reading in match.places] == ["مخمور"]


def test_a_text_made_to_be_slow_is_settled(gazetteer: Gazetteer) -> None:
    queries = [
        "قصف NEAR/100 غارة NEAR/100 هجوم",
        "قصف NEAR/100 قصف NEAR/100 غارة",
        '"قصف قصف غارة"~100',
        "count(قصف NEAR/100 قصف)>=1000 غارة",
    ]
    rules = compile_rules([Rule(query, query=query) for query in queries], gazetteer)
    assert rules.match(Article(text="قصف " * 20_000)) == ()
