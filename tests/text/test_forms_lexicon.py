"""The shipped lexicon of broken plurals: every line well formed, and well-known pairs in it."""

from __future__ import annotations

import re
from collections import Counter
from importlib.resources import files

import pytest

from monitor.core.text.normalise import fold

TEXT = (files("monitor.data") / "forms.tsv").read_bytes().decode("utf-8")
LINES = tuple(line for line in TEXT.splitlines() if not line.startswith("#"))
WORD = "[ء-غف-يگپچڤ]{2,}"
LINE = re.compile(f"{WORD}\t{WORD}(?: {WORD})*")

LEAST = 1500

PAIRS = (
    ("جندي", "جنود"),
    ("قتيل", "قتلى"),
    ("جريح", "جرحى"),
    ("شهيد", "شهداء"),
    ("أسير", "أسرى"),
    ("صاروخ", "صواريخ"),
    ("قذيفة", "قذائف"),
    ("لغم", "ألغام"),
    ("كمين", "كمائن"),
    ("مدفع", "مدافع"),
    ("هجوم", "هجمات"),
    ("فصيل", "فصائل"),
    ("عنصر", "عناصر"),
    ("وزير", "وزراء"),
    ("رئيس", "رؤساء"),
    ("نائب", "نواب"),
    ("حزب", "أحزاب"),
    ("سفير", "سفراء"),
    ("زعيم", "زعماء"),
    ("قاضي", "قضاة"),
    ("قاض", "قضاة"),
    ("محامي", "محامين"),
    ("تهمة", "تهم"),
    ("جريمة", "جرائم"),
    ("لص", "لصوص"),
    ("سعر", "أسعار"),
    ("مصرف", "مصارف"),
    ("ديون", "دين"),
    ("برميل", "براميل"),
    ("بئر", "آبار"),
    ("مرض", "أمراض"),
    ("زلزال", "زلازل"),
    ("محصول", "محاصيل"),
    ("جبل", "جبال"),
    ("نهر", "أنهار"),
    ("قرية", "قرى"),
    ("قرية", "قروي"),
    ("مدينة", "مدن"),
    ("منفذ", "منافذ"),
    ("معبر", "معابر"),
    ("كردي", "أكراد"),
    ("كردي", "كرد"),
    ("تركي", "أتراك"),
    ("عربي", "عرب"),
    ("يهودي", "يهود"),
    ("شيعي", "شيعة"),
    ("داعش", "دواعش"),
    ("امرأة", "نساء"),
    ("صنعاء", "صنعاني"),
    ("راعي", "رعاة"),
)

# Other words, far commoner, that folding or a clitic makes of a correct plural.
HOMOGRAPHS = (
    ("عدد", "أعداد"),  # إعداد
    ("لسان", "ألسنة"),  # السنة
    ("حل", "حلول"),  # بحلول
    ("أيمن", "يمنى"),  # يمني
    ("جديد", "جدد"),  # renewed
    ("نظام", "نظم"),  # organised
    ("لغز", "ألغاز"),  # الغاز
    ("كاتب", "كتاب"),  # book
    ("مصب", "مصاب"),  # wounded
)


def forms_of(word: str) -> set[str]:
    lines = (line.split("\t") for line in LINES)
    return {form for left, forms in lines if left == word for form in forms.split()}


def test_the_file_ends_its_lines_as_unix_does() -> None:
    assert "\r" not in TEXT
    assert TEXT.endswith("\n")
    assert not TEXT.startswith("\ufeff")


def test_there_are_many_lines() -> None:
    assert len(LINES) >= LEAST


def test_lines_are_a_word_a_tab_and_its_forms() -> None:
    assert [line for line in LINES if not LINE.fullmatch(line)] == []


def test_no_word_is_only_the_article() -> None:
    assert [line for line in LINES if "ال" in line.split()] == []


def test_no_line_holds_a_word_twice() -> None:
    folded = {line: [fold(word) for word in line.split()] for line in LINES}
    assert [line for line, words in folded.items() if len(set(words)) < len(words)] == []


def test_each_word_has_one_line() -> None:
    counted = Counter(fold(line.split("\t")[0]) for line in LINES)
    assert [word for word, count in counted.items() if count > 1] == []


@pytest.mark.parametrize(("word", "form"), PAIRS)
def test_well_known_pairs(word: str, form: str) -> None:
    assert form in forms_of(word)


@pytest.mark.parametrize(("word", "form"), HOMOGRAPHS)
def test_plurals_that_look_like_commoner_words_are_left_out(word: str, form: str) -> None:
    assert form not in forms_of(word)
