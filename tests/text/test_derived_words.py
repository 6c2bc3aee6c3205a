"""Derived words: which are made by rule, which the lexicon lists, and what they find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.items import Manner, parse_item
from monitor.core.rules.matcher import compile_rules
from monitor.core.rules.tree import Mode
from monitor.core.text.derive import derived
from monitor.core.text.lexicon import Lexicon
from monitor.model import Article, Rule
from monitor.settings.packaged import shipped_lexicon

TABLE = [
    # word, among its forms, not among them
    ("داعش", {"داعشي", "داعشية", "داعشيون", "داعشيين", "داعشيات", "داعشيا"}, {"دواعش"}),
    ("حوثي", {"حوثية", "حوثيون", "حوثيين", "حوثيا", "حوثيو"}, {"حوثيي"}),
    ("قنبلة", {"قنبلتان", "قنبلتين", "قنبلات", "قنبلتا", "قنبلتي"}, {"قنبلةي"}),
    ("مسلح", {"مسلحو", "مسلحي"}, set()),
    ("عمر", {"عمري"}, {"عمرو"}),
    ("لواء", {"لواءان", "لواءين"}, set()),
    ("يقصف", {"سيقصفون"}, set()),
    ("نقابة", {"نقابات"}, {"سنقابة"}),
    ("غارة", {"غارات", "غارتان", "غارتين"}, {"غارة ي"}),
    ("متظاهر", {"متظاهرة", "متظاهرون", "متظاهرين", "متظاهرات", "متظاهران"}, set()),
    ("قايد", {"قايدة"}, set()),
    ("عمل", {"عملان", "عملي"}, {"عملة"}),
    ("سوريا", {"سوري", "سورية", "سوريون"}, {"سوريا ي"}),
    ("فرنسا", {"فرنسي", "فرنسية", "فرنسيين"}, set()),
    ("سامراء", {"سامرائي", "سامرائيين"}, set()),
    ("صحراء", {"صحراوي", "صحراوية", "صحراوان"}, set()),
    ("يهاجم", {"سيهاجم"}, set()),
    ("دولة", {"دولتين"}, set()),
    ("بلد", {"بلدان", "بلدين", "بلدا"}, {"سبلد"}),
    ("في", {"في"}, {"فيي"}),
    ("isis", {"isis"}, {"isisي"}),
    ("1701", {"1701"}, set()),
]  # fmt: skip


@pytest.mark.parametrize(("word", "among", "absent"), TABLE, ids=[row[0] for row in TABLE])
def test_regular_forms(word: str, among: set[str], absent: set[str]) -> None:
    forms = derived(word)
    assert forms[0] == word
    assert len(set(forms)) == len(forms)
    assert among <= set(forms)
    assert not absent & set(forms)


@given(st.text("ءابتةيوناسك", max_size=8))
def test_every_form_holds_the_stem(word: str) -> None:
    assert all(word.rstrip("ةاءي") in form for form in derived(word))


FOUND = [
    ("داعش", "الدواعش", True),
    ("داعش", "وللدواعش", True),
    ("داعش", "دعشنة المجتمع", True),
    ("داعش", "كالداعشية،", True),
    ("داعش", "والداعشيين", True),
    ("داعش", "أحداعشر", False),
    ("السعودية", "السعوديون", True),
    ("عراقية", "العراقي", True),
    ("دورية", "مباراة في الدوري", False),  # a patrol and the league
    ("بعث", "بعثات", False),  # missions are of بعثة
    ("مطار", "المطارات", True),
    ("نائب", "نوابا", True),
    ("وزارة", "وزارتي الدفاع", True),
    ("مقاتل", "مقاتلو الحشد", True),
    ("الداعشي", "الدواعش", True),
    ("كرد", "الأكراد", True),
    ("أمريكا", "الأميركية", True),
    ("حماة", "الحمويون", True),
    ("طفل", "وطفلة", True),
    ("الله", "قال له", False),
    ("الله", "والله", True),
    ("الآن", "إلى أن", False),
    ("داعش", "اندهش الجمهور", False),
    ("الدواعش", "داعش", True),
    ("صاروخ", "بالصواريخ", True),
    ("صاروخ", "صاروخان", True),
    ("الصاروخ", "صواريخ", True),
    ("صواريخ", "صاروخ", True),
    ("قنبلة", "قنابل", True),
    ("صنعاء", "الصنعاني", True),
    ("صنعاني", "صنعاء", False),  # a man of صنعاء is not the city
    ("مدينة", "مدني", False),  # مدن are cities, مدني is a civilian
]


@pytest.mark.parametrize(("keyword", "text", "expected"), FOUND)
def test_what_forms_find(keyword: str, text: str, expected: bool) -> None:
    for rule in (Rule("r", any=(keyword,), forms=True), Rule("r", query=f"{keyword}+")):
        rules = compile_rules([rule], Gazetteer([]), shipped_lexicon())
        assert bool(rules.match(Article(text=text))) is expected


def test_forms_hold_for_plain_words_only() -> None:
    manner = Manner(forms=True)
    assert parse_item("داعش", manner).mode is Mode.FORMS
    assert parse_item("=داعش", manner).mode is Mode.EXACT
    assert parse_item("داع*", manner).mode is Mode.PREFIX
    assert parse_item("=تنظيم الدولة", manner).mode is Mode.EXACT


def test_loose_forms_are_folded() -> None:
    lexicon = Lexicon(lambda _word: 0.0, lambda _word: ("قنابل",))
    term = parse_item("قنبلة+", Manner(loose=True, lexicon=lexicon))
    assert {"قنبله", "قنابل", "قنبلتان"} <= set(term.forms[0])


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("سيارة مفخخة", "سيارة مفخخة", "سيارة مفخخة"),
        ("سيارة مفخخة", "ثلاث سيارات مفخخة", "سيارات مفخخة"),
        ("سيارة مفخخة", "بالسيارات المفخخة", "بالسيارات المفخخة"),
        ("سيارة مفخخة", "وسيارتين مفخختين", "وسيارتين مفخختين"),
        ("عبوة ناسفة", "بالعبوات الناسفة", "بالعبوات الناسفة"),
        ("صاروخ باليستي", "صواريخ باليستية", "صواريخ باليستية"),
        ("صاروخ باليستي", "صاروخا باليستيا", "صاروخا باليستيا"),
        ("الطائرة المسيرة", "طائرات مسيرة", "طائرات مسيرة"),
        ("سيارة مفخخة", "سيارة إسعاف مفخخة", None),
        ("سيارة مفخخة", "سيارة ألمفخخة", None),
        ("سيارة مفخخة", "مفخخة سيارة", None),
    ],
)
def test_forms_of_phrases(phrase: str, text: str, expected: str | None) -> None:
    rules = compile_rules([Rule("r", any=(phrase,), forms=True)], Gazetteer([]), shipped_lexicon())
    found = [text[s.start : s.end] for m in rules.match(Article(text=text)) for s in m.spans]
    assert found == ([expected] if expected else [])
