"""Folding: which spellings are one, which stay apart, and the way back to the original."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.core.text.normalise import fold, fold_with_origins

ARABIC = (
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءآأؤإئٱپچگڤژکیەہھ"
    "\u064b\u064c\u064e\u0651\u0652\u0653\u0654\u0655\u0670\u0640\u200f\u200e\u200c\u202b\u202c\u2067\u2069"
    "\ufefb\ufef7\ufe76\ufdf2 ,.،\"'«»()#_-/٣۴5abCÉé\u0301\u00ad\ufeff\u00a0½²"
)
TEXTS = st.one_of(st.text(ARABIC, max_size=40), st.text(max_size=40))


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("أإآٱا", "ااااا"),
        ("إلى علي فى", "الي علي في"),
        ("دَاعِشٌ", "داعش"),
        ("داعـــش", "داعش"),
        ("ﺩﺍﻋﺶ", "داعش"),
        ("ﻻ ﻷ ﷲ", "لا لا الله"),
        ("سیاسة تقاریر کتاب", "سياسة تقارير كتاب"),
        ("مەخموور", "مهخموور"),
        ("١٢٣ ۴۵", "123 45"),
        ("DAESH Ärger", "daesh arger"),
        ("Makhmûr Hewlêr e\u0301", "makhmur hewler e"),
        ("ＩＳＩＳ ﬁn", "isis fin"),
        ("йод", "йод"),
        ("داعش\u200f", "داعش"),
        ("\u202bداعش\u202c", "داعش"),
        ("تنظيم\u202bداعش", "تنظيم داعش"),
        ("تنظيمُ\u2067داعش\u2069", "تنظيم داعش"),
        ("دا\u200cعش", "داعش"),
        ("دا\u00adعش", "داعش"),
        ("هذٰا", "هذا"),
        ("كم²", "كم "),
        ("رئيس مؤتمر", "رئيس مؤتمر"),
        ("گوێر پێنج چوار ڤيينا ژنو", "گوێر پێنج چوار ڤيينا ژنو"),
        ("الرقة", "الرقة"),
    ],
)
def test_spellings_that_are_one(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("written", "folded"), [("الرقة", "الرقه"), ("مؤتمر", "موتمر"), ("رئيس", "رييس")]
)
def test_loose_folds_more(written: str, folded: str) -> None:
    assert fold(written, loose=True) == folded


@pytest.mark.parametrize("letter", ["ئ", "ؤ", "أ", "إ", "آ"])
def test_decomposed_hamza_is_the_composed_letter(letter: str) -> None:
    import unicodedata

    decomposed = unicodedata.normalize("NFD", letter)
    assert decomposed != letter
    assert fold(f"س{decomposed}ل") == fold(f"س{letter}ل")


@given(TEXTS)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
@example("ا\u064e\u0654\u0640ب")
@example("\u202bا\u202c")
def test_the_slow_path_folds_as_the_fast_one(text: str) -> None:
    assert fold_with_origins(text).text == fold(text)


@given(TEXTS)
def test_every_letter_leads_back_into_the_original(text: str) -> None:
    folded = fold_with_origins(text)
    for place in range(len(folded.text)):
        start, end = folded.span(place, place + 1)
        assert 0 <= start < end <= len(text)
        assert folded.text[place] in fold(text[start:end]) or folded.text[place] == " "
    assert list(folded.starts) == sorted(folded.starts)
    assert list(folded.ends) == sorted(folded.ends)


@given(st.text("ابتسلمنوي", min_size=1, max_size=8), st.data())
def test_a_word_leads_back_to_all_of_its_marks(word: str, data: st.DataObject) -> None:
    marks = st.lists(st.sampled_from("\u064e\u064f\u0651\u0640"), max_size=3).map("".join)
    written = "".join(letter + data.draw(marks) for letter in word)
    text = f"قال {written}، ثم"
    folded = fold_with_origins(text)
    start = folded.text.index(" ") + 1
    assert folded.text[start : start + len(word)] == word
    first, end = folded.span(start, start + len(word))
    assert text[first:end] == written
