"""Texts with marks: whatever is done to them, the marks stay on the same words."""

from __future__ import annotations

import re

import pytest
from alert_samples import marked_texts
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alerts.marked import collapse, letter_start, merge, part, rewrite, shorten
from monitor.model import Marked


def words(text: Marked) -> list[str]:
    return [text.text[start:end] for start, end in text.marks]


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("قصير", 4, "قصير"),
        ("كلمة ثم كلمة", 9, "كلمة ثم…"),
        ("كلمةطويلةبلافراغ", 5, "كلمة…"),
        ("بِبِبِبِ", 4, "بِ…"),  # a haraka stays with its letter
        ("ab🇮🇶🇮🇶", 5, "ab🇮🇶…"),  # a flag is two code points
        ("ab👍🏽c", 4, "ab…"),  # so is a thumb with a colour
        ("a👨\u200d👩\u200d👦b", 4, "a…"),
        ("ب" + "\u0650" * 99, 60, "ب" + "\u0650" * 58 + "…"),  # no letter has so many marks
        ("نص", 1, "…"),
        ("نص", 0, ""),
    ],
)
def test_a_cut_falls_between_words_or_at_least_letters(
    text: str, limit: int, expected: str
) -> None:
    assert shorten(Marked(text), limit).text == expected


def test_a_mark_is_clipped_at_the_cut() -> None:
    cut = shorten(Marked("خبر عن القصف", ((0, 3), (7, 12))), 8)
    assert cut == Marked("خبر عن…", ((0, 3),))
    cut = shorten(Marked("كلمةطويلةبلافراغ", ((2, 9),)), 6)
    assert words(cut) == ["مةط"]


def test_blanks_of_every_kind_become_one_space() -> None:
    text = "  قصف \n\t على\u00a0\u2028 سنجار\r\n"
    at = text.index("على")
    assert collapse(Marked(text, ((2, 5), (at, at + 3)))) == Marked(
        "قصف على سنجار", ((0, 3), (4, 7))
    )


def test_marks_that_overlap_are_joined_and_empty_ones_go() -> None:
    assert merge([(5, 9), (0, 3), (7, 12), (4, 4), (1, 2)]) == ((0, 3), (5, 12))
    assert merge([(0, 3), (3, 5)]) == ((0, 3), (3, 5))


@given(marked_texts(), st.sampled_from(["ا", "@", " ", "👨"]), st.sampled_from(["", "X", "XYZ"]))
def test_marked_words_are_rewritten_as_the_text_around_them(
    text: Marked, old: str, new: str
) -> None:
    result = rewrite(text, re.compile(re.escape(old)), lambda _: new)
    assert result.text == text.text.replace(old, new)
    expected = [word.replace(old, new) for word in words(text)]
    assert words(result) == [word for word in expected if word]


@given(marked_texts())
def test_collapsing_keeps_every_marked_word(text: Marked) -> None:
    flat = collapse(text)
    assert flat.text == " ".join(text.text.split())
    assert [word.split() for word in words(flat) if word.strip()] == [
        word.split() for word in words(text) if word.strip()
    ]
    assert collapse(flat) == flat


@given(marked_texts(), st.integers(0, 130))
def test_shortening_keeps_to_the_limit_and_to_the_text(text: Marked, limit: int) -> None:
    cut = shorten(text, limit)
    assert len(cut.text) <= limit
    assert cut == text or text.text.startswith(cut.text.removesuffix("…"))
    for start, end in cut.marks:
        assert any(a <= start < end <= b for a, b in text.marks)


@given(marked_texts(), st.integers(0, 120), st.integers(0, 120))
def test_a_part_has_the_marks_that_fall_into_it(text: Marked, start: int, end: int) -> None:
    if start <= end <= len(text.text):
        letters = {i for a, b in text.marks for i in range(max(a, start), min(b, end))}
        marks = part(text, start, end).marks
        assert {i + start for a, b in marks for i in range(a, b)} == letters


@given(st.text(max_size=20), st.text("\u064b\u0651\u0300", max_size=200))
def test_endless_piles_of_marks_do_not_stop_a_cut(text: str, pile: str) -> None:
    at = len(text) + len(pile) // 2
    assert at - 32 <= letter_start(text + pile, at) <= at
