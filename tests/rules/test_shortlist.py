"""No article that a rule fires on is missing from its shortlist, whatever its words are dressed in;
and most others are not on it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import RuleSet, compile_rules
from monitor.core.rules.shortlist import Shortlists, shortlist, vocabulary
from monitor.core.text.lexicon import Lexicon
from monitor.model import Article, FeedInfo, NearPlace, PlaceName, Rule, Sense
from monitor.settings.packaged import shipped_gazetteer, shipped_lexicon

ITEMS = [
    *["قصف", "غارة", "القنبلة", "تنظيم الدولة", "عبد الملك", "عبدالملك", "نصرالله", "أبو ظبي"],
    *["=داعش", "داع*", "الق*", "داعش+", "مقاتل+", "سيارة+ مفخخة+", "اللاذقية", "مؤتمر", "مدرسة"],
    *["UN", "covid-19", "هەولێر", "=تنظيم الدولة", "له"],
]
QUERIES = [
    *["قصف NEAR/3 غارة", "قصف ONEAR/2 (غارة OR لغم+)", '"تنظيم الدولة"~2', "count(داعش)>=2"],
    *["title:قصف OR author:سالم", "feed:الرافدين AND قصف", "category:أمن", "قصف NOT تدريب"],
    *["/[0-9]{4}/", "قصف /ab+c/", 'place:"الموصل" NEAR/5 غارة', 'within:"نينوى"', "عبد الله+"],
]
PLACES = ["مخمور", "العراق", "أبو ظبي", "اللاذقية", "حلب"]
WORDS = [
    *["قصف", "وقصف", "للقصف", "قَصْف", "غارة", "بالغارة", "غارات", "القنبلة", "للقنبلة", "فقنبلة"],
    *["تنظيم", "وتنظيم", "التنظيم", "الدولة", "للدولة", "عبد", "الملك", "عبدالملك", "لعبدالملك"],
    *[
        "نصر",
        "الله",
        "نصرالله",
        "أبو",
        "ظبي",
        "أبوظبي",
        "داعش",
        "لداعش",
        "الداعشي",
        "دواعش",
        "ـداعـش",
    ],
    *["أداعش", "د.ا.ع.ش", "لد-ا-ع-ش", "#تنظيم_الدولة", "«داعش»", "ل«داعش»", "الـ«قنبلة»", "مقاتلو"],
    *["مقاتلين", "المقاتلات", "سيارات", "السيارة", "المفخخة", "مفخخات", "للاذقية", "اللاذقية"],
    *["مؤتمر", "موتمر", "مدرسه", "المدرسة", "مدارس", "UN", "un", "COVID-19", "هەولێر", "له", "لهم"],
    *[
        "ألغام",
        "لغم",
        "تدريب",
        "سالم",
        "2014",
        "abbc",
        "الموصل",
        "للموصل",
        "نينوى",
        "مخمور",
        "مخمورا",
    ],
    *["قضاء", "بمخمور", "العراق", "بالعراق", "حلب", "بحلب", "دمشق", "أربيل", "Mosul", "London"],
    *["ﻻ", "عَبْدُ", "الق\u200fصف", "القائد", "، ", ". ", "؟ "],
]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


def every_rule() -> list[Rule]:
    rules = [
        Rule(f"{item} {options}", any=(item,), **options)
        for item in ITEMS
        for options in ({}, {"loose": True}, {"forms": True})
    ]
    rules += [Rule(query, query=query) for query in QUERIES]
    rules += [
        Rule(f"{name} {loose}", places=(PlaceName(name),), sense=Sense.ANY, loose=loose)
        for name in PLACES
        for loose in (False, True)
    ]
    rules.append(Rule("all", all=("قصف", "داعش"), none=("تدريب",), places=(PlaceName("نينوى"),)))
    rules.append(Rule("near", near=NearPlace(PlaceName("الموصل"), 30), sense=Sense.ANY))
    rules.append(Rule("either", any=("تنظيم الدولة", "عبدالملك", "غارة")))
    return rules


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    good = []
    for rule in every_rule():
        try:
            compile_rules([rule], shipped_gazetteer(), shipped_lexicon())
        except Exception:  # noqa: BLE001 - an item that takes no such option
            continue
        good.append(rule)
    assert len(good) > 60
    return compile_rules(good, shipped_gazetteer(), shipped_lexicon())


@pytest.fixture(scope="module")
def lists(rules: RuleSet) -> dict[str, object]:
    return {each.rule.name: shortlist(each, rules.gazetteer) for each in rules.compiled}


@pytest.fixture(scope="module")
def all_lists(rules: RuleSet) -> Shortlists:
    return Shortlists(rules.compiled, rules.gazetteer)


@given(TEXTS, TEXTS, st.sampled_from(["", "سالم", "أمن"]))
def test_what_matches_is_on_the_list(
    rules, lists, all_lists, title: str, text: str, author: str
) -> None:
    article = Article(
        title=title,
        text=text,
        author=author,
        categories=(author,),
        feed=FeedInfo("الرافدين", "أمن", "ar"),
    )
    words = vocabulary(article)
    fired = rules.match(article)
    for match in fired:
        assert lists[match.rule.name].admits(words), match.rule.name
    if fired:
        assert all_lists.admits(words)


@pytest.mark.parametrize(
    ("rule", "text", "listed"),
    [
        (Rule("a", any=("غارة",)), "غارات على المدينة", False),
        (Rule("a", any=("غارة",)), "بالغارة", True),
        (Rule("a", any=("تنظيم الدولة",)), "تنظيم كرة القدم", False),
        (Rule("a", all=("قصف", "غارة")), "قصف بلا طيران", False),
        (Rule("a", any=("قصف", "غارة")), "قصف بلا طيران", True),
        (Rule("a", query="قصف NOT تدريب"), "تدريب على قصف", True),
        (Rule("a", query="قصف NEAR/3 غارة"), "قصف فقط", False),
        (Rule("a", places=(PlaceName("مخمور"),)), "أوقف سائق مخمور", True),
        (Rule("a", places=(PlaceName("مخمور"),)), "أوقف سائق مسرع", False),
        (Rule("a", query="/x[0-9]/"), "لا شيء", True),
    ],
)
def test_the_list_is_short(
    gazetteer: Gazetteer, lexicon: Lexicon, rule: Rule, text: str, listed: bool
) -> None:
    (compiled,) = compile_rules([rule], gazetteer, lexicon).compiled
    assert shortlist(compiled, gazetteer).admits(vocabulary(Article(text=text))) is listed


def test_what_is_lacking_is_told_for_up_to_two_parts(gazetteer: Gazetteer) -> None:
    (compiled,) = compile_rules([Rule("a", all=("قصف", "غارة", "لغم"))], gazetteer).compiled
    needed = shortlist(compiled, gazetteer)
    assert needed.lacks(vocabulary(Article(text="قصف غارة لغم"))) == ()
    assert len(needed.lacks(vocabulary(Article(text="قصف غارة")))) == 1
    assert len(needed.lacks(vocabulary(Article(text="سلام")))) == 2
