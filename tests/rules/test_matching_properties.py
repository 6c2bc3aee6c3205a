"""What holds of matching for any text and any rule: marks change nothing, all rules at once find
what a plain reading finds, and spans cover exactly what they should."""

from __future__ import annotations

import unicodedata
from functools import cache

import reference as ref
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import RuleSet, compile_rules
from monitor.model import Article, PlaceName, Rule

NOWHERE = Gazetteer([])
ITEMS = ["قصف", "غارة", "القنبلة", "تنظيم الدولة", "الجيش السوري", "بل", "لجنة", "سيارة مفخخة"]
RULES = compile_rules([Rule(item, any=(item,)) for item in ITEMS], NOWHERE)
WORDS = [
    *["قصف", "وقصف", "القصف", "للقصف", "غارة", "بالغارة", "غارات", "قنبلة", "القنبلة", "للقنبلة"],
    *["تنظيم", "التنظيم", "وتنظيم", "الدولة", "دولة", "للجيش", "الجيش", "السوري", "بل", "ل"],
    *["سيارة", "بالسيارة", "المفخخة", "مفخخة", "لجنة", "اللجنة", "للجنة", "لغة", "اللغة", "للغة"],
]
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
MARKS = st.sampled_from(
    "\u064b\u064e\u064f\u0650\u0651\u0652\u0670\u0640\u200e\u200f\u200c\ufeff\u00ad\u06d6"
)
INSERTED = st.lists(st.tuples(st.integers(0, 60), MARKS), max_size=12)


def fired(text: str, rules: RuleSet = RULES) -> list[str]:
    return [match.rule.name for match in rules.match(Article(text=text))]


def written_with(marks: list[tuple[int, str]], text: str) -> str:
    for place, mark in marks:
        cut = min(place, len(text))
        text = text[:cut] + mark + text[cut:]
    return text


@given(SENTENCES, INSERTED)
def test_marks_and_tatweel_change_no_match(sentence: str, marks: list[tuple[int, str]]) -> None:
    assert fired(written_with(marks, sentence)) == fired(sentence)


@given(SENTENCES)
def test_decomposed_text_matches_as_composed(sentence: str) -> None:
    assert fired(unicodedata.normalize("NFD", sentence)) == fired(sentence)


TRICKY = compile_rules(
    [
        Rule(f"{item} {options}", any=(item,), **options)
        for item in ("داعش", "قنبلة", "مؤتمر", "رئيس", "آذار", "=داعش", "داع*", "حزب الله")
        for options in ({}, {"loose": True}, {"forms": True})
    ]
    + [Rule("near", query="داعش NEAR/2 رئيس"), Rule("count", query="count(داعش)>=2")],
    NOWHERE,
)
TRICKY_TEXTS = st.lists(
    st.sampled_from(
        [
            'لـ"داعش"',
            "أداعش؟",
            "د.ا.ع.ش",
            "#داعش_آذار",
            "و«قنبلة»",
            "للقنبلة",
            "المؤتمر،",
            "رئيسا",
            "الرئيس",
            "حزب",
            "ﷲ",
            "الله",
            "ﺩﺍﻋﺶ",
            "داعش1",
            "داعشي",
            "مؤتمرات",
        ]
    ),
    max_size=6,
).map(" ".join)


@example("أداعش؟", [(0, "\u064b"), (2, "\u0640")], True)
@given(TRICKY_TEXTS, INSERTED, st.booleans())
def test_marks_change_no_match_in_odd_texts(
    text: str, marks: list[tuple[int, str]], decomposed: bool
) -> None:
    plain = unicodedata.normalize("NFD", text) if decomposed else text
    assert fired(written_with(marks, plain), TRICKY) == fired(text, TRICKY)


NEWS = st.lists(
    st.sampled_from(
        [
            *["قضاء مخمور", "سائق مخمور،", "مخمور:", "(مخمور)", "في #مخمور", "الكوير، ومخمور"],
            *["القائم", "القائم على", "«القائم»", "بمخمور", "العراق", "أربيل -", "شمالي العراق"],
            *["البيت الأبيض", "الدور الأول", "حديثة", "تقنية حديثة", "من بلد روز", "إلى بلد"],
        ]
    ),
    max_size=5,
).map(" ".join)
TANWIN = frozenset("\u064b\u064c\u064d")


@given(NEWS, INSERTED)
def test_marks_change_no_place(
    gazetteer: Gazetteer, news: str, marks: list[tuple[int, str]]
) -> None:
    rules = place_rules(gazetteer)
    # Tanwin is evidence: no name of a place has it.
    silent = [(place, mark) for place, mark in marks if mark not in TANWIN]
    assert fired(written_with(silent, news), rules) == fired(news, rules)


@cache
def place_rules(gazetteer: Gazetteer) -> RuleSet:
    names = ("مخمور", "القائم", "حديثة", "العراق", "الدور", "بلد", "بلد روز", "أربيل")
    return compile_rules([Rule(n, places=(PlaceName(n),)) for n in names], gazetteer)


BASES = st.sampled_from(
    ["قصف", "غارة", "القنبلة", "قنبلة", "تنظيم", "الدولة", "لجنة", "بل", "اللغة", "سيارة", "مفخخة"]
)
TERMS = st.builds(lambda words: ref.Words(tuple(words)), st.lists(BASES, min_size=1, max_size=3))
ALTERNATIVES = st.one_of(TERMS, st.builds(ref.Either, TERMS, TERMS))
PLACED = st.recursive(
    st.one_of(
        ALTERNATIVES,
        st.builds(ref.Gaps, st.lists(BASES, min_size=2, max_size=3).map(tuple), st.integers(0, 3)),
    ),
    lambda inner: st.builds(ref.Beside, inner, inner, st.integers(0, 4), st.booleans()),
    max_leaves=3,
)
QUERIES = st.recursive(
    st.one_of(PLACED, st.builds(ref.Often, ALTERNATIVES, st.integers(1, 3))),
    lambda inner: st.one_of(
        st.builds(ref.Either, inner, inner), st.builds(ref.Both, inner, inner, st.booleans())
    ),
    max_leaves=5,
)


@given(st.lists(QUERIES, min_size=1, max_size=6), st.lists(st.sampled_from(WORDS), max_size=14))
def test_all_rules_at_once_agree_with_a_plain_reading(
    queries: list[ref.Node], words: list[str]
) -> None:
    rules = compile_rules(
        [Rule(str(number), query=str(query)) for number, query in enumerate(queries)], NOWHERE
    )
    expected = [str(number) for number, query in enumerate(queries) if query.holds(words)]
    assert fired(" ".join(words), rules) == expected


@given(PLACED, st.lists(st.sampled_from(WORDS), max_size=14))
def test_spans_are_those_of_a_plain_reading(query: ref.Node, words: list[str]) -> None:
    rules = compile_rules([Rule("r", query=str(query))], NOWHERE)
    text = " ".join(words)
    starts = [len(" ".join(words[:at])) + (at > 0) for at in range(len(words))]
    covered = {
        at
        for match in rules.match(Article(text=text))
        for span in match.spans
        for at, start in enumerate(starts)
        if span.start <= start < span.end
    }
    within = {at for first, end in query.found(words) for at in range(first, end)}
    assert covered <= within
    assert bool(covered) is bool(within)


@given(ALTERNATIVES, st.lists(st.sampled_from(WORDS), max_size=14))
def test_every_find_of_a_word_or_phrase_has_its_span(query: ref.Node, words: list[str]) -> None:
    rules = compile_rules([Rule("r", query=str(query))], NOWHERE)
    text = " ".join(words)
    starts = [len(" ".join(words[:at])) + (at > 0) for at in range(len(words))]
    found = {
        (starts[first], starts[end - 1] + len(words[end - 1])) for first, end in query.found(words)
    }
    assert {
        (span.start, span.end) for match in rules.match(Article(text=text)) for span in match.spans
    } == found


@given(st.text('قصفغارةالونتظيمدولبكل "«_#،\u0640\u064e\n', max_size=60))
def test_spans_lie_in_the_text_and_hold_the_word(text: str) -> None:
    for match in RULES.match(Article(text=text)):
        assert list(match.spans) == sorted(set(match.spans))
        for span in match.spans:
            covered = text[span.start : span.end]
            assert covered == covered.strip()
            assert match.rule.name in fired(covered)
