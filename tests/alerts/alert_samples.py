"""Articles, matches and texts that the tests of alerts share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from monitor.model import (
    Alert,
    Article,
    Delivery,
    Evidence,
    Marked,
    Match,
    PlaceReading,
    Rule,
    Severity,
    Span,
    Story,
)

NOW = 1_700_000_000.0
BAGHDAD = timezone(timedelta(hours=3), "+03")
PUBLISHED = datetime(2026, 5, 4, 21, 30, tzinfo=UTC)

# Everything that the text of a feed may be made of, weighted towards what has broken programs.
NASTY = st.text(
    st.sampled_from(
        "ابتثجحخدذرز لمنهوي ةىئؤآأإ\u064b\u0651\u0640\u200c abcXYZ 019 ."
        "\x00\x07\x1b\n\r\t\v\x85\u2028\u2029\u202e\u2066\u2069\u200b\u200d\u200e\u200f\ufeff\u00ad"
        "@<>&\"'!*_`~|[](){}:/\\#=?%;,-\ud800\udfff\ufffe\U000e0041😀👨🏽🇮🇶"
    )
    | st.characters(),
    max_size=120,
)


@st.composite
def marked_texts(draw: st.DrawFn, texts: st.SearchStrategy[str] = NASTY) -> Marked:
    """A text with marks in order, none of them empty, none overlapping."""
    text = draw(texts)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    return Marked(text, tuple(zip(cuts[::2], cuts[1::2], strict=False)))


def spans_of(field: str, text: str, *words: str) -> tuple[Span, ...]:
    """A span for the first find of each word."""
    found = (text.index(word) for word in words)
    return tuple(Span(field, at, at + len(word)) for at, word in zip(found, words, strict=True))


def match(
    *spans: Span,
    rule: str = "قصف المدن",
    severity: Severity = Severity.NORMAL,
    evidence: Sequence[Evidence] = (),
) -> Match:
    reading = PlaceReading("سنجار", "sinjar", (), 0.9, Span("text", 0, 1), tuple(evidence))
    return Match(Rule(rule, severity=severity), spans, (reading,) if evidence else ())


def article(text: str, *, title: str = "عنوان الخبر", link: str | None = None) -> Article:
    return Article(id="a1", title=title, text=text, link=link, published=PUBLISHED)


def delivery(*alerts: Alert, **story: object) -> Delivery:
    told = Story(
        id="a1",
        title=Marked("قصف على سنجار", ((0, 3),)),
        excerpts=(Marked("طال القصف أطراف سنجار ليلًا.", ((4, 9),)),),
        link="https://news.example/1",
        source="وكالة النهر",
        published=PUBLISHED.timestamp(),
    )
    given = alerts or (Alert("i1", "قصف المدن", Severity.NORMAL, ("قصف", "القصف")),)
    return Delivery("d1", "mail", NOW, replace(told, **story), given)  # type: ignore[arg-type]  # test shorthand
