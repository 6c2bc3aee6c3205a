"""`near_duplicates`: a text with lines more or less than one that alerted is recorded and not sent;
what differs in anything else is another story."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pressroom import CELL, DAY, FEED, RAID, TWIN, Newsroom, rss

from monitor.core.feeds.near import is_near, keys_of, print_of
from monitor.model import Article, Verdict
from monitor.stores.index import Index

HOUR = 3600.0
TEXT = (
    "أعلنت قيادة العمليات المشتركة تنفيذ غارة جوية على وكر للمسلحين في أطراف قضاء الحويجة "
    "جنوب غربي محافظة كركوك، وأسفرت الضربة عن مقتل 4 عناصر وتدمير مخزن للأسلحة والأعتدة، "
    "فيما تواصل القطعات العسكرية عمليات التمشيط والتفتيش في القرى المجاورة."
)
MORE = " وكانت القيادة قد أعلنت في وقت سابق انطلاق عملية واسعة لملاحقة الخلايا النائمة."
ASKS = replace(RAID, near_duplicates=True)


def item(text: str, number: int) -> dict[str, str]:
    return {
        "title": f"عنوان الصحيفة {'أبجد'[number % 4]} لهذا الخبر",
        "guid": f"n{number}",
        "link": f"https://paper{number}.example/{number}",
        "content": text,
    }


def room(*, restarts: bool = False, asks: bool = True) -> Newsroom:
    made = Newsroom(ASKS if asks else RAID, CELL, restarts=restarts)
    for feed in (FEED, TWIN):
        made.shows(rss([item("نص لا شأن له بما يأتي بعده من أخبار البلاد.", 90)]), feed)
    return made


CASES = [
    ("a line more", TEXT + MORE, 0),
    ("a line before", "بغداد - وكالة النهر: " + TEXT, 0),
    ("a line less", TEXT.partition("، فيما")[0], 0),
    ("other digits of the same number", TEXT.replace("4", "٤"), 0),
    ("another number", TEXT.replace("4", "6"), 1),
    ("a number more", TEXT + " وأصيب 2 بجروح.", 1),
    ("another town", TEXT.replace("الحويجة", "مخمور"), 1),
    ("another province and town", TEXT.replace("الحويجة", "سنجار").replace("كركوك", "نينوى"), 1),
    ("a denial", TEXT.replace("أعلنت", "نفت"), 1),
    ("not", TEXT.replace("وأسفرت", "ولم تسفر"), 1),
    ("other words", TEXT.replace("وتدمير مخزن للأسلحة", "واعتقال قيادي بارز بينهم"), 1),
    ("half of it", TEXT[: len(TEXT) // 3], 1),
    ("another rule fires as well", TEXT + " وتعقبت خلية هناك.", 1),
]


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize(("text", "count"), [row[1:] for row in CASES], ids=[r[0] for r in CASES])
def test_who_tells_nearly_the_same(text: str, count: int, *, restarts: bool) -> None:
    made = room(restarts=restarts)
    assert len(made.shows(rss([item(TEXT, 1)]), FEED)) == 1
    told = made.shows(rss([item(text, 2)]), TWIN, HOUR)
    assert len(told) == count
    if text.endswith("هناك."):
        assert [alert.rule for each in told for alert in each.alerts] == [CELL.name]


def test_only_where_asked_for() -> None:
    made = room(asks=False)
    assert len(made.shows(rss([item(TEXT, 1)]), FEED)) == 1
    assert len(made.shows(rss([item(TEXT + MORE, 2)]), TWIN)) == 1


def test_only_within_a_day() -> None:
    made = room()
    made.shows(rss([item(TEXT, 1)]), FEED)
    assert len(made.shows(rss([item(TEXT + MORE, 2)]), TWIN, 23 * HOUR)) == 0
    assert len(made.shows(rss([item(MORE + TEXT, 3)]), TWIN, DAY - 22.5 * HOUR)) == 1


def test_what_is_only_good_for_a_day_is_forgotten() -> None:
    made = room()
    made.shows(rss([item(TEXT, 1)]), FEED)
    made.shows(rss([item("نص آخر لا شأن له بشيء.", 5), item(TEXT, 1)]), FEED, DAY + 1)
    state = made.store.feed(FEED.id)
    assert state is not None
    assert [each.near for each in state.entries] == [""] * len(state.entries)
    index = Index()
    index.tell([*keys_of(RAID.name, made.now)[:1], "other"], ["x"], made.now)
    index.prune(made.now - 90 * DAY, made.now + 3 * DAY)
    assert list(index.told) == ["other"]


def test_one_word_of_a_long_text_is_enough() -> None:
    long = " ".join(f"كلمة{a}{b}" for a in "ابتثجحخدذرزسشص" for b in "ابتثجحخدذرزسشص")
    known = print_of(Article(text=long + " سنجار"), 1000.0)
    assert is_near(known, Article(text=long + " سنجار وأطرافها"), 1000.0)
    assert not is_near(known, Article(text=long + " مخمور"), 1000.0)
    assert print_of(Article(text=long + " " + long.replace("كلمة", "كلام")), 1000.0) == ""


def test_in_one_feed_too_and_it_is_told_why() -> None:
    made = room()
    made.shows(rss([item(TEXT, 1)]), FEED)
    assert made.shows(rss([item(TEXT + MORE, 2), item(TEXT, 1)]), FEED) == []
    state = made.store.feed(FEED.id)
    assert state is not None
    assert [each.spent for each in state.entries if each.verdict is Verdict.TOLD_NEARLY] == [
        (RAID.name,)
    ]


WORDS = st.lists(st.text("ابتثجحخدرسعفقكلمنهوي", min_size=4, max_size=9), min_size=14, unique=True)


@given(WORDS, st.data())
def test_a_word_for_another_is_another_story(told: list[str], data: st.DataObject) -> None:
    known = print_of(Article(text=" ".join(told)), 1000.0)
    at = data.draw(st.integers(0, len(told) - 1))
    other = [*told[:at], "ززززز", *told[at + 1 :]]
    if known:
        assert is_near(known, Article(text=" ".join(told)), 1000.0)
        assert not is_near(known, Article(text=" ".join(other)), 1000.0)
