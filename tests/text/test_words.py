"""What a word is, and the forms that a word takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.text.forms import Join, asks, attached, determined, has_article, readings
from monitor.core.text.tokens import Passage, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("قصف، مطار؛ بغداد؟", ["قصف", "مطار", "بغداد"]),
        ("#قصف_قرب_بغداد", ["قصف", "قرب", "بغداد"]),
        ("آذار/مارس", ["اذار", "مارس"]),
        ("انتهى.وبدأ", ["انتهي", "وبدا"]),
        ("عام2014م", ["عام", "2014", "م"]),
        ("في\u00a0بغداد", ["في", "بغداد"]),
        ('لـ"النصر"', ["ل", "النصر"]),
        ("", []),
        ("!؟ …", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert list(words(text)) == expected


def test_a_passage_leads_words_back_to_the_original() -> None:
    text = "وصَلَ إلى #بغــداد_اليوم"
    passage = Passage("title", text)
    assert passage.words == ("وصل", "الي", "بغداد", "اليوم")
    start, end = passage.span(2, 4)
    assert text[start:end] == "بغــداد_اليوم"
    assert passage.raw(0) == "وصَلَ"
    assert passage.gap_before(2) == " #"
    assert passage.in_hashtag(2)
    assert passage.in_hashtag(3)
    assert not passage.in_hashtag(0)


@pytest.mark.parametrize(
    ("word", "article", "forms"),
    [
        ("بغداد", False, {"بغداد", "وبغداد", "فبغداد", "ببغداد", "لبغداد", "كبغداد", "ولبغداد"}),
        ("الموصل", True, {"الموصل", "بالموصل", "وبالموصل", "للموصل", "وللموصل", "فللموصل"}),
        ("اللاذقية", True, {"اللاذقية", "باللاذقية", "للاذقية", "وللاذقية"}),
    ],
)
def test_attached_forms(word: str, article: bool, forms: set[str]) -> None:
    assert forms <= set(attached(word, article=article))


def test_a_word_without_the_article_is_found_with_it() -> None:
    assert {"الغارة", "بالغارة", "والغارة", "للغارة", "وللغارة", "كالغارة"} <= set(
        determined("غارة")
    )


@pytest.mark.parametrize(
    ("word", "expected"), [("الموصل", True), ("ألمانيا", False), ("بغداد", False), ("الم", False)]
)
def test_the_article_is_told_from_its_letters(word: str, expected: bool) -> None:
    assert has_article(word) is expected


@pytest.mark.parametrize(
    ("word", "rest", "expected"),
    [
        ("داعش", "داعش", True),
        ("داعش", "بداعش", True),
        ("قصف", "قصف", False),  # three letters
        ("مطار", "مطار", False),  # أمطار, rain
        ("مطار", "بمطار", True),
        ("ضحية", "ضحية", False),  # أضحية, a sacrifice, however rare
        ("عراق", "العراق", True),
    ],
)
def test_which_words_a_question_may_begin_with(word: str, rest: str, expected: bool) -> None:
    known = {"مطار": 4.9, "امطار": 4.0, "عراق": 5.5, "اضحية": 2.0}
    assert asks(word, rest, lambda found: known.get(found, 0.0)) is expected


LETTERS = st.text("والفبكلادعشةأ", min_size=1, max_size=7)


@given(LETTERS, st.booleans())
def test_readings_undo_forms(word: str, article: bool) -> None:
    article = article and word.startswith("ال") and len(word) >= 4
    forms = {*attached(word, article=article), *(() if article else determined(word))}
    for form in forms:
        read = [r for r in readings(form) if r.word == word and r.admits(article=article)]
        assert read, form


@given(LETTERS)
def test_readings_are_forms(surface: str) -> None:
    for reading in readings(surface):
        word, article = reading.word, reading.join is Join.CONTRACTED
        made = attached(word, article=article)
        assert surface in (made if reading.join is not Join.DETERMINED else determined(word))
