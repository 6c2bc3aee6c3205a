"""What holds of matching for any text: marks change nothing, and a plain reading agrees."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.core.text.tokens import words
from monitor.model import Article, Rule

NOWHERE = Gazetteer([])
ITEMS = ["قصف", "غارة", "القنبلة", "تنظيم الدولة", "الجيش السوري", "بل", "لجنة"]
RULES = compile_rules([Rule(item, any=(item,)) for item in ITEMS], NOWHERE)
WORDS = [
    *["قصف", "وقصف", "القصف", "للقصف", "غارة", "بالغارة", "غارات", "قنبلة", "القنبلة", "للقنبلة"],
    *[
        "تنظيم",
        "التنظيم",
        "وتنظيم",
        "الدولة",
        "دولة",
        "للجيش",
        "الجيش",
        "السوري",
        "بل",
        "ل",
        "للجنة",
    ],
]
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
MARKS = st.sampled_from(
    "\u064b\u064e\u064f\u0650\u0651\u0652\u0670\u0640\u200e\u200f\u200c\ufeff\u00ad"
)
CLITICS = [c + p for c in ("", "و", "ف") for p in ("", "ب", "ك", "ل")]


def fired(text: str) -> list[str]:
    return [match.rule.name for match in RULES.match(Article(text=text))]


@given(SENTENCES, st.lists(st.tuples(st.integers(0, 60), MARKS), max_size=12))
def test_marks_and_tatweel_change_no_match(sentence: str, marks: list[tuple[int, str]]) -> None:
    written = sentence
    for place, mark in marks:
        cut = min(place, len(written))
        written = written[:cut] + mark + written[cut:]
    assert fired(written) == fired(sentence)


@given(SENTENCES)
def test_decomposed_text_matches_as_composed(sentence: str) -> None:
    assert fired(unicodedata.normalize("NFD", sentence)) == fired(sentence)


def plain_forms(word: str) -> set[str]:
    """The forms of a word, written down without regard to speed."""
    forms = {clitic + word for clitic in CLITICS}
    if word.startswith("ال"):
        forms |= {f"{c}لل{word[2:]}" for c in ("", "و", "ف")}
        return forms
    forms |= {c + p + "ال" + word for c in ("", "و", "ف") for p in ("", "ب", "ك")}
    return forms | {f"{c}لل{word}" for c in ("", "و", "ف")}


def plainly(item: str, text: str) -> bool:
    """Whether an item stands in a text, by trying every word."""
    wanted, there = words(item), words(text)
    if len(wanted) == 1:
        return bool(plain_forms(wanted[0]) & set(there))
    first = {c + wanted[0] for c in CLITICS}
    if wanted[0].startswith("ال"):
        first |= {f"{c}لل{wanted[0][2:]}" for c in ("", "و", "ف")}
    return any(
        there[at] in first and there[at + 1 : at + len(wanted)] == wanted[1:]
        for at in range(len(there))
    )


@given(SENTENCES)
def test_all_rules_at_once_agree_with_a_plain_reading(sentence: str) -> None:
    assert fired(sentence) == [item for item in ITEMS if plainly(item, sentence)]


@given(st.text('قصفغارةالونتظيمدولبكل "«_#،\u0640\u064e\n', max_size=60))
def test_spans_lie_in_the_text_and_hold_the_word(text: str) -> None:
    for match in RULES.match(Article(text=text)):
        assert list(match.spans) == sorted(set(match.spans))
        for span in match.spans:
            covered = text[span.start : span.end]
            assert covered == covered.strip()
            assert plainly(match.rule.name, covered)
