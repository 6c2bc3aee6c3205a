"""One article from text, a page or JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import DataError
from monitor.model import Article, FeedInfo
from monitor.sources.article import article_from_json, read_article

LEAD = "أعلنت إدارة المرور إغلاق الجسر الحديدي أسبوعين لأعمال الصيانة، ودعت السائقين إلى طرق بديلة."
MORE = "وقال مدير المشروع إن الأعمال تشمل تبديل المفاصل وطلاء الحواجز وإعادة الإنارة على الجانبين."


def page(body: str, head: str = "<title>إغلاق الجسر - صحيفة النهر</title>") -> Article:
    return read_article(f'<!DOCTYPE html><html lang="ar"><head>{head}</head>{body}'.encode())


@pytest.mark.parametrize(
    "document",
    [
        "\n<?xml version='1.0'?><rss version='2.0'><channel><title>ص</title></channel></rss>",
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>ص</title></feed>",
        '{"version": "https://jsonfeed.org/version/1.1", "title": "ص", "items": []}',
    ],
)
def test_a_feed_is_no_article(document: str) -> None:
    with pytest.raises(DataError, match="rasid parse"):
        read_article(document.encode())


# --- text -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "title", "text"),
    [
        ("إغلاق الجسر\nأول\nثان".encode(), "إغلاق الجسر", "أول\nثان"),
        ("\ufeff\r\n إغلاق الجسر \r\n\r\nأول".encode(), "إغلاق الجسر", "أول"),
        ("إغلاق الجسر".encode(), "إغلاق الجسر", ""),
        ("إغلاق الجسر\nأول".encode("cp1256"), "إغلاق الجسر", "أول"),
        ("إغلاق الجسر\nأول".encode("utf-16"), "إغلاق الجسر", "أول"),
    ],
)
def test_text_has_its_title_in_the_first_line(data: bytes, title: str, text: str) -> None:
    assert read_article(data) == Article(title=title, text=text, text_source="text")


@pytest.mark.parametrize("data", [b"", b" \n ", b"<html></html>", b"<p></p>"])
def test_nothing_is_no_article(data: bytes) -> None:
    with pytest.raises(DataError):
        read_article(data)


# --- pages ----------------------------------------------------------------------------------------


def test_a_page_gives_its_headline_and_its_article() -> None:
    got = page(
        "<nav><a href='/'>الرئيسية</a></nav><header>شعار الصحيفة وعنوانها الطويل جدا هنا</header>"
        f"<article><header><h1>إغلاق الجسر</h1><p>{LEAD}</p></header><p>{MORE}</p>"
        "<figure><img src=x><figcaption>صورة من الأرشيف للجسر القديم</figcaption></figure>"
        "<ul><li><a href='/2'>اقرأ أيضا: خبر آخر لا علاقة له بالجسر إطلاقا</a></li></ul></article>"
        "<article><h2><a href='/3'>خبر ثالث</a></h2></article><footer>الحقوق محفوظة</footer>",
        head='<title>ع</title><meta property="og:title" content="إغلاق الجسر الحديدي">'
        '<link rel="canonical" href="https://nahr.example/1"><meta name="author" content="ليلى">'
        '<meta property="article:published_time" content="2025-01-14T11:00:00+03:00">',
    )
    assert got.title == "إغلاق الجسر الحديدي"
    assert got.text == f"{LEAD}\n{MORE}"
    assert (got.link, got.author, got.language) == ("https://nahr.example/1", "ليلى", "ar")
    assert got.published == datetime(2025, 1, 14, 8, tzinfo=UTC)


def test_what_readers_wrote_below_an_article_is_none_of_it() -> None:
    news = "".join(
        f"<p>قال مصدر أمني {n} إن القوات أغلقت الطريق المؤدي إلى البلدة.</p>" for n in range(20)
    )
    for told in ('id="comments"', 'class="comment-list open"'):
        comments = (
            f"<section {told}><p>تعليق: أين داعش من هذا كله يا إخوان نريد الحقيقة</p></section>"
        )
        page = f"<html><body><article><h1>إغلاق طريق</h1>{news}{comments}</article></body></html>"
        text = read_article(page.encode()).text
        assert "أغلقت" in text
        assert "داعش" not in text


def test_a_page_without_an_article_gives_its_long_paragraphs() -> None:
    got = page(f"<div>القائمة</div><div>{LEAD}</div><p>{MORE}<script>x()</script></p><p>تعليق</p>")
    assert (got.title, got.text) == ("إغلاق الجسر - صحيفة النهر", f"{LEAD}\n{MORE}")


def test_a_page_without_a_title_takes_its_headline() -> None:
    assert page(f"<h1>إغلاق <b>الجسر</b></h1><p>{LEAD}</p>", head="").title == "إغلاق الجسر"


def test_a_piece_of_html_is_a_page() -> None:
    assert read_article(f"<h1>إغلاق</h1><p>{LEAD}</p>".encode()) == Article(
        title="إغلاق", text=LEAD, text_source="html"
    )


@pytest.mark.parametrize(
    ("encoding", "head", "content_type"),
    [
        ("cp1256", '<meta charset="windows-1256">', None),
        ("cp1256", "", "text/html; charset=windows-1256"),
        ("cp1256", "", "text/html"),
        ("utf-8", '<meta http-equiv=x content="text/html; charset=windows-1256">', "text/html"),
    ],
)
def test_pages_are_read_in_their_encoding(
    encoding: str, head: str, content_type: str | None
) -> None:
    data = f"<html><head>{head}</head><body><p>{LEAD}</p></body></html>".encode(encoding)
    assert read_article(data, content_type).text == LEAD


def test_a_pages_unusable_link_and_date_are_left_out() -> None:
    got = page(
        f"<p>{LEAD}</p>",
        head='<link rel=canonical href="javascript:x"><meta name=date content="أمس">',
    )
    assert (got.link, got.published) == (None, None)


# --- JSON -----------------------------------------------------------------------------------------


def test_json_is_taken_as_it_is() -> None:
    value = {
        "id": 7,
        "title": "  إغلاق\u00a0الجسر ",
        "text": "أول\r\n  ثان",
        "link": "https://nahr.example/1",
        "published": "2025-01-14T11:00:00+03:00",
        "language": "ar",
        "author": "ليلى",
        "categories": ["محليات"],
        "feed": {"name": "النهر", "category": "local", "language": "ar"},
        "other": [1],
    }
    assert read_article(json.dumps(value).encode()) == Article(
        id="7",
        title="  إغلاق\u00a0الجسر ",
        text="أول\r\n  ثان",
        link="https://nahr.example/1",
        author="ليلى",
        categories=("محليات",),
        published=datetime(2025, 1, 14, 8, tzinfo=UTC),
        language="ar",
        feed=FeedInfo("النهر", "local", "ar"),
        text_source="json",
    )


@pytest.mark.parametrize(
    ("value", "article"),
    [
        ({"title": "ع"}, Article(title="ع")),
        ({"text": "ن", "id": "a", "feed": "النهر"}, Article("a", "", "ن", feed=FeedInfo("النهر"))),
        ({"text": "ن", "feed": None, "link": None}, Article(text="ن")),
        ({"text": "a\ud800b"}, Article(text="a\ufffdb")),
        (
            {"text": "ن", "published": "2025-01-14"},
            Article(text="ن", published=datetime(2025, 1, 14, tzinfo=UTC)),
        ),
    ],
)
def test_json_forms(value: object, article: Article) -> None:
    assert article_from_json(value) == replace(article, text_source="json")


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[]",
        b'"text"',
        b"{}",
        b'{"id": 1}',
        b'{"title": 3}',
        b'{"text": ["a"]}',
        b'{"text": "a", "categories": "b"}',
        b'{"text": "a", "categories": [1]}',
        b'{"text": "a", "feed": 1}',
        b'{"text": "a", "feed": {"name": 1}}',
        b'{"text": "a", "published": "tomorrow"}',
        b'{"text": "a", "published": 5}',
        b'{"text": "a", "published": "0001-01-01T00:00:00+14:00"}',
        b"[" * 100_000,
        b'{"text": ' + b"9" * 5000 + b"}",
    ],
)
def test_malformed_json_is_told_as_that(data: bytes) -> None:
    with pytest.raises(DataError) as told:
        read_article(data, "application/json")
    assert str(told.value).isprintable()


@given(st.binary(max_size=200), st.sampled_from([None, "text/html", "application/json", "x"]))
def test_any_bytes_end_in_an_article_or_in_data_error(data: bytes, kind: str | None) -> None:
    try:
        article = read_article(data, kind)
    except DataError:
        return
    assert article.title or article.text or kind == "application/json" or data.strip()[:1] == b"{"
