"""Which links and entries are the same article."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.feeds.identity import canonical_link, feed_id, identify, same_title
from monitor.model import Entry

LONG = "أعلنت خلية الإعلام الأمني ضبط مخبأ للأسلحة في أطراف القضاء بعد عملية تفتيش استمرت يومين"


@pytest.mark.parametrize(
    "link",
    [
        "https://news.example/iraq/12",
        "http://news.example/iraq/12",
        "https://www.news.example/iraq/12",
        "HTTPS://WWW.News.Example/iraq/12",
        "https://news.example:443/iraq/12",
        "http://news.example:80/iraq/12",
        "https://news.example./iraq/12",
        "https://news.example/iraq/12/",
        "https://news.example/iraq/12#comments",
        "https://news.example/iraq/12?utm_source=rss&utm_medium=feed",
        "https://news.example/iraq/12?fbclid=abc&at_medium=RSS",
        "https://news.example/iraq/12?ref=top1",
        "https://news.example/iraq/12?pos=3&from=homepage",
        " https://news.example/iraq/12 ",
        "https://user:pw@news.example/iraq/12",
    ],
)
def test_spellings_of_one_link_are_one(link: str) -> None:
    assert canonical_link(link) == "https://news.example/iraq/12"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/1", "https://a.example/2"),
        ("https://a.example/?p=1", "https://a.example/?p=2"),
        ("https://a.example/x?id=1", "https://a.example/x"),
        ("https://a.example/x?ref=1", "https://a.example/x?ref=2"),
        ("https://a.example/x?source=aps", "https://a.example/x?source=bbc"),
        ("https://a.example/x", "https://a.example:8080/x"),
        ("https://a.example/x", "https://m.a.example/x"),
        ("https://a.example/A", "https://a.example/a"),
        ("https://a.example/a%2Fb", "https://a.example/a/b"),
    ],
)
def test_different_links_stay_apart(one: str, other: str) -> None:
    assert canonical_link(one) != canonical_link(other)


def test_escaped_and_plain_arabic_in_a_link_are_one() -> None:
    plain = canonical_link("https://a.example/أخبار/مخمور")
    escaped = canonical_link(
        "https://a.example/%d8%a3%D8%AE%D8%A8%D8%A7%D8%B1/%D9%85%D8%AE%D9%85%D9%88%D8%B1"
    )
    assert plain == escaped is not None


@pytest.mark.parametrize(
    "link",
    [
        None,
        "",
        "https://a.example",
        "https://a.example/",
        "https://a.example/?utm_source=rss",
        "https://a.example/#top",
        "mailto:a@b.example",
        "javascript:alert(1)",
        "/relative",
        "https:///x",
        "https://[::1/x",
        "https://a.example:port/x",
    ],
)
def test_what_names_no_article_is_no_identity(link: str | None) -> None:
    assert canonical_link(link) is None


@given(st.text(max_size=60))
def test_any_text_is_taken_for_a_link_or_not_without_a_fault(text: str) -> None:
    once = canonical_link("https://a.example/" + text)
    assert once is None or canonical_link(once) == once


def test_a_feed_is_known_by_its_address() -> None:
    assert feed_id("https://a.example/rss") != feed_id("https://a.example/rss2")
    assert feed_id("https://a.example/rss") == feed_id("https://a.example/rss")


def test_the_key_is_the_id_then_the_link_then_the_text() -> None:
    with_id = Entry(id="1", link="https://a.example/1", title="عنوان", text=LONG)
    moved = Entry(id="1", link="https://a.example/other", title="عنوان آخر", text="")
    assert identify([with_id])[0].key == identify([moved])[0].key
    no_id = Entry(link="https://a.example/1", title="عنوان", text=LONG)
    no_id_later = Entry(link="http://www.a.example/1?utm_source=x", title="غيره", text="")
    assert identify([no_id])[0].key == identify([no_id_later])[0].key
    bare = Entry(title="عنوان", text=LONG)
    assert identify([bare])[0].key == identify([Entry(title="عنـوان", text=LONG + ".")])[0].key
    assert identify([bare])[0].key != identify([Entry(title="عنوان", text="سواه")])[0].key


def test_a_link_that_entries_with_different_ids_share_is_no_identity() -> None:
    live = "https://a.example/live"
    one, two = identify(
        [Entry(id="1", link=live, text=LONG), Entry(id="2", link=live, text=LONG + " غدا")]
    )
    assert one.link_key == two.link_key == ""
    assert one.key != two.key


def test_entries_without_ids_that_share_a_link_are_told_apart_by_text() -> None:
    live = "https://a.example/live"
    one, two = identify([Entry(link=live, text=LONG), Entry(link=live, text=LONG + " غدا")])
    assert one.key != two.key


def test_an_id_that_different_links_share_is_no_identity_alone() -> None:
    one, two = identify(
        [Entry(id="0", link="https://a.example/1"), Entry(id="0", link="https://a.example/2")]
    )
    assert one.key != two.key


def test_short_texts_are_never_one_article_in_two_feeds() -> None:
    short = identify([Entry(id="1", title="عاجل", text="انفجار في بغداد")])[0]
    assert short.print_key == ""
    assert identify([Entry(id="1", title="عاجل", text=LONG)])[0].print_key


def test_marks_and_spelling_do_not_change_the_content_and_words_do() -> None:
    plain = identify([Entry(id="1", title="أنباء", text=LONG)])[0]
    marked = identify([Entry(id="1", title="انبـاء", text=LONG.replace("ضبط", "ضَبْط"))])[0]
    assert plain.content == marked.content
    edited = identify([Entry(id="1", title="أنباء", text=LONG + " وجرح اثنان")])[0]
    assert edited.content != plain.content
    assert same_title(edited.content, plain.content)
    untitled = identify([Entry(id="1", text=LONG), Entry(id="2", text="سواه")])
    assert not same_title(untitled[0].content, untitled[1].content)
