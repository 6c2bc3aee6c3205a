"""What a message tells: the sentences that matched, with the very words marked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from alert_samples import NASTY, article, match, spans_of
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alerts.ids import alert_id
from monitor.core.alerts.inert import PARTING, inert, one_line
from monitor.core.alerts.story import LONGEST_EXCERPTS, LONGEST_TITLE, raise_alert, tell
from monitor.model import (
    Article,
    Evidence,
    Marked,
    Match,
    PlaceReading,
    Rule,
    Severity,
    Span,
    Story,
)

TEXT = (
    "قال شهود إن الطرق مغلقة. طال القصف أطراف سنجار ليلًا؟ "
    "لم تصدر حصيلة… وعاد القصف فجرًا!\nانتهت التغطية"
)


def told(text: str, *words: str, title: str = "عنوان الخبر") -> Story:
    return tell(
        article(text, title=title),
        [match(*spans_of("text", text, *words))],
        article_id="a1",
        source="وكالة",
    )


def marked(text: Marked) -> list[str]:
    return [text.text[start:end] for start, end in text.marks]


def test_only_the_sentences_that_matched_are_shown() -> None:
    story = told(TEXT, "القصف أطراف", "سنجار")
    assert story.excerpts == (Marked("طال القصف أطراف سنجار ليلًا؟", ((4, 15), (16, 21))),)
    assert (story.id, story.source) == ("a1", "وكالة")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("أولى. قصف المدن. ثالثة", "قصف المدن."),
        ("أولى؟ قصف المدن؛ ثالثة", "قصف المدن؛"),
        ("أولى! قصف المدن… ثالثة", "قصف المدن…"),
        ("أولى\nقصف المدن\nثالثة", "قصف المدن"),
        ("قال «أولى.» قصف المدن! ثالثة", "قصف المدن!"),
        ("بلغ 3.5 ملايين قصف المدن في www.x.example اليوم", None),
    ],
)
def test_where_sentences_end(text: str, sentence: str | None) -> None:
    (excerpt,) = told(text, "قصف").excerpts
    assert excerpt.text == (sentence or text)


def test_a_match_over_the_end_of_a_sentence_keeps_both_sides() -> None:
    (excerpt,) = told("أولى. وقع قصف. المدن خالية. ثالثة", "قصف. المدن").excerpts
    assert excerpt.text == "وقع قصف. المدن خالية."
    assert marked(excerpt) == ["قصف. المدن"]


def test_at_most_three_sentences_and_first_those_with_words_of_their_own() -> None:
    text = " ".join(f"قصف رقم {i}." for i in range(6)) + " هدنة أخيرًا."
    spans = [Span("text", at, at + 3) for at in range(len(text)) if text.startswith("قصف", at)]
    spans += spans_of("text", text, "هدنة")
    story = tell(article(text), [match(*spans)], article_id="a", source="و")
    assert [e.text for e in story.excerpts] == ["قصف رقم 0.", "قصف رقم 1.", "هدنة أخيرًا."]


def test_a_sentence_without_end_is_cut_around_its_match() -> None:
    text = "كلمة " * 400 + "قصف مفاجئ " + "تتمة " * 400
    (excerpt,) = told(text, "قصف").excerpts
    assert marked(excerpt) == ["قصف"]
    assert len(excerpt.text) <= LONGEST_EXCERPTS
    assert excerpt.text.startswith("…كلمة")
    assert excerpt.text.endswith("تتمة…")


def test_where_only_the_title_matched_the_beginning_gives_context() -> None:
    text = "بداية المقال طويلة " * 40
    only_title = match(*spans_of("title", "قصف على المدن", "قصف"))
    story = tell(article(text, title="قصف على المدن"), [only_title], article_id="a", source="و")
    assert marked(story.title) == ["قصف"]
    (lead,) = story.excerpts
    assert lead.text.startswith("بداية المقال")
    assert 150 < len(lead.text) <= 200
    assert lead.marks == ()
    assert tell(article(""), [only_title], article_id="a", source="و").excerpts == ()


def test_marks_of_all_rules_are_joined() -> None:
    text = "تنظيم داعش الإرهابي"
    rules = [
        match(*spans_of("text", text, "تنظيم داعش"), rule="أ"),
        match(*spans_of("text", text, "داعش الإرهابي"), rule="ب"),
    ]
    (excerpt,) = tell(article(text), rules, article_id="a", source="و").excerpts
    assert marked(excerpt) == [text]


def test_what_is_left_of_the_room_is_not_filled_with_a_scrap() -> None:
    first, second = "قصف " + "طويل " * 150, "غارة ثم انتهى الخبر كله"
    story = told(f"{first.strip()}. {second}.", "قصف", "غارة")
    assert [excerpt.text[:4] for excerpt in story.excerpts] == ["قصف "]


def test_a_sentence_too_long_is_shown_from_a_little_before_its_match() -> None:
    words = "كلمة " * 200
    (excerpt,) = told(words + "قصف " + words, "قصف").excerpts
    assert excerpt.text.startswith("…كلمة")
    assert excerpt.text.endswith("كلمة…")
    assert marked(excerpt) == ["قصف"]
    (excerpt,) = told("ا" * 900 + "قصف" + "ا" * 900, "قصف").excerpts
    assert excerpt.text.startswith("…اا")
    assert marked(excerpt) == ["قصف"]


def test_a_long_title_is_cut() -> None:
    story = told("نص", title="كلمة " * 200)
    assert len(story.title.text) <= LONGEST_TITLE
    assert story.title.text.endswith("كلمة…")


def test_where_there_is_no_title_the_beginning_of_the_text_is_the_headline() -> None:
    text = "عاجل\nقصف على أطراف القضاء. " + "كلمة " * 40
    story = told(text, "قصف", title=" ")
    assert story.title.text.startswith("عاجل قصف على أطراف القضاء. كلمة")
    assert story.title.text.endswith("كلمة…")
    assert len(story.title.text) <= 100
    assert marked(story.title) == ["قصف"]
    assert [marked(excerpt) for excerpt in story.excerpts] == [["قصف"]]


def test_a_text_that_is_the_headline_is_not_told_twice() -> None:
    story = told("قصف على أطراف\nالقضاء", "قصف", title="")
    assert (story.title.text, story.excerpts) == ("قصف على أطراف القضاء", ())


def test_offsets_beyond_the_text_do_no_harm() -> None:
    odd = match(Span("text", 2, 900), Span("title", 50, 60))
    story = tell(article("قصف."), [odd], article_id="a", source="و")
    assert marked(story.excerpts[0]) == ["ف."]


def test_an_alert_has_each_word_once_as_written_title_first_and_what_speaks_for_places() -> None:
    text = "القصف\u00a0 على سنجار، القصف"
    told_of = replace(article(text, title="قصف"), author="سالم", categories=("أمن", "سنجار"))
    again = text.rindex("القصف")
    found = match(
        *spans_of("text", text, "القصف\u00a0 على", "القصف"),
        Span("text", again, again + 5),
        Span("author", 0, 4),
        Span("category", 4, 9),
        Span("title", 0, 3),
        rule="قاعدة",
        severity=Severity.HIGH,
        evidence=[
            Evidence("unambiguous", 2.2, "سنجار"),
            Evidence("definite_before", -1.6, "ال"),
            Evidence("head_before", 4.0, "قضاء"),
        ],
    )
    alert = raise_alert(found, told_of, "a1", 2)
    assert alert.words == ("قصف", "القصف على", "القصف", "سالم", "سنجار")
    assert [evidence.what for evidence in alert.evidence] == ["head_before", "unambiguous"]
    assert (alert.rule, alert.severity) == ("قاعدة", Severity.HIGH)
    assert alert.id == alert_id("قاعدة", "a1", 2)


def test_each_reason_names_the_word_of_its_place_and_no_place_goes_without() -> None:
    text = "قصف على سنجار، ثم بنينوى وعلى سنجار"
    told_of = article(text, title="ليلة في سنجار")
    again = text.rindex("سنجار")
    strong = tuple(Evidence(f"head_{number}", 9.0 - number, "قضاء") for number in range(9))
    places = (
        PlaceReading("نينوى", "nineveh", (), 0.9, Span("text", 18, 24), (Evidence("x", 0.1, "ي"),)),
        PlaceReading("سنجار", "sinjar", (), 0.9, Span("text", again, again + 5), strong),
        PlaceReading("سنجار", "sinjar", (), 0.9, Span("title", 8, 13), strong[:1]),
    )
    found = Match(Rule("ق"), tuple(each.span for each in places), places)
    alert = raise_alert(found, told_of, "a1", 0)
    assert alert.words == ("سنجار", "بنينوى")
    assert {each.place for each in alert.evidence} == {"سنجار", "بنينوى"}
    assert len(alert.evidence) == 8
    assert alert.evidence[0] == Evidence("head_0", 9.0, "قضاء", "سنجار")
    assert alert.evidence[-1] == Evidence("x", 0.1, "ي", "بنينوى")


@st.composite
def heard(draw: st.DrawFn) -> tuple[Article, list[Match]]:
    """An article of any letters, and rules that fired somewhere on it."""
    told_of = article(draw(NASTY), title=draw(NASTY))
    matches = []
    for number in range(draw(st.integers(1, 3))):
        spans = set()
        for _ in range(draw(st.integers(0, 3))):
            field = draw(st.sampled_from(["title", "text"]))
            ends = st.integers(0, len(getattr(told_of, field)))
            start, end = sorted((draw(ends), draw(ends)))
            if start < end:
                spans.add(Span(field, start, end))
        matches.append(match(*sorted(spans), rule=f"ق{number}"))
    return told_of, matches


@given(heard())
def test_what_is_marked_is_what_matched_and_stays_so_made_harmless(
    heard: tuple[Article, list[Match]],
) -> None:
    told_of, matches = heard
    story = tell(told_of, matches, article_id="a", source="و")
    for shown in (story.title, *story.excerpts):
        is_title = shown is story.title and told_of.title.strip()
        source = told_of.title if is_title else told_of.text
        for word in marked(shown):
            assert word.split() in [source[a:b].split() for a, b in _pieces(source, word)]
        harmless = [word.replace(PARTING, "") for word in marked(inert(shown))]
        plain = [one_line(word).replace("\u200c", "") for word in marked(shown)]
        assert [w.replace("\u200c", "") for w in harmless if w.replace("\u200c", "")] == [
            w for w in plain if w
        ]


def _pieces(source: str, word: str) -> list[tuple[int, int]]:
    """Every part of the source that reads as the word once blanks are collapsed."""
    parts = word.split(" ")
    found = []
    for start in range(len(source) + 1):
        at = start
        for number, part in enumerate(parts):
            if number:
                blank = at
                while at < len(source) and source[at].isspace():
                    at += 1
                if at == blank:
                    break
            if not source.startswith(part, at):
                break
            at += len(part)
        else:
            found.append((start, at))
    return found
