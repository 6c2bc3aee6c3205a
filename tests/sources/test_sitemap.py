"""Sitemaps as they are met, and what is made of them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import FeedError
from monitor.model import Entry, ParsedFeed
from monitor.sources.sitemap import kind_of, read_sitemap, title_of

CORE = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
TITLED = "<news:news><news:title>غارة على مخبأ</news:title></news:news>"
LINK = "https://paper.example/a"


def read(document: str | bytes, content_type: str = "") -> ParsedFeed:
    data = document.encode() if isinstance(document, str) else document
    return read_sitemap(data, content_type, "https://paper.example/sitemap.xml")


def test_all_that_a_news_sitemap_says() -> None:
    feed = read(f"""<?xml version="1.0" encoding="UTF-8"?>
        <urlset xmlns="{CORE}" xmlns:news="{NEWS}" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
          <!-- <url><loc>https://paper.example/no</loc></url> -->
          <url>
            <image:image><image:loc>https://paper.example/a.jpg</image:loc>
              <image:title>صورة</image:title></image:image>
            <loc> https://paper.example/a?x=1&amp;y=2 </loc>
            <lastmod>2026-01-15T12:00:00+03:00</lastmod>
            <news:news>
              <news:publication><news:name>وكالة المثال</news:name><news:language>ar</news:language>
              </news:publication>
              <news:publication_date>2026-01-15</news:publication_date>
              <news:title>غارة &amp;quot;ليلية&amp;quot; على <![CDATA[مخبأ & نفق]]></news:title>
              <news:keywords>غارة، نينوى, أمن</news:keywords>
            </news:news>
          </url>
        </urlset>""")
    assert (feed.kind, feed.warnings) == ("sitemap", ())
    assert feed.entries == (
        Entry(
            title='غارة "ليلية" على مخبأ & نفق',
            link="https://paper.example/a?x=1&y=2",
            published=datetime(2026, 1, 15, tzinfo=UTC),
            updated=datetime(2026, 1, 15, 9, tzinfo=UTC),
            author="وكالة المثال",
            categories=("غارة", "نينوى", "أمن"),
        ),
    )


@pytest.mark.parametrize(
    "document",
    [
        f"<urlset><url><loc>{LINK}</loc>{TITLED}</url></urlset>",
        f"<URLSET><URL><LOC>{LINK}</LOC>{TITLED}</URL></URLSET>",
        f'<urlset xmlns="urn:other"><url><loc>{LINK}</loc>{TITLED}</url></urlset>',
        f'<s:urlset xmlns:s="{CORE}"><s:url><s:loc>{LINK}</s:loc>{TITLED}</s:url></s:urlset>',
        (
            f'<urlset xmlns:n="{NEWS}"><url><loc>{LINK}</loc><n:news>'
            "<n:title>غارة على مخبأ</n:title></n:news></url></urlset>"
        ),
        f"<urlset><url><loc>{LINK}</loc><news><title>غارة على مخبأ</title></news></url></urlset>",
        (
            f"<urlset><url><image><loc>https://paper.example/i.jpg</loc></image><loc>{LINK}</loc>"
            f"{TITLED}</url></urlset>"
        ),
        f"<urlset><url><loc>{LINK}</loc>{TITLED}</url><url><loc>https://paper.example/cut",
        f"<urlset><url><loc>{LINK}</loc></url><url><loc>{LINK}</loc>{TITLED}</url></urlset>",
        f"<urlset><url><loc>/a</loc>{TITLED}</url></urlset>",
        f"<urlset><url><loc>javascript:x</loc></url><url><loc>{LINK}</loc>{TITLED}</url></urlset>",
        f"<b>Warning</b>: in x.php<br />\n<urlset><url><loc>{LINK}</loc>{TITLED}</url></urlset>",
        f"<sitemapindex><url><loc>{LINK}</loc>{TITLED}</url></sitemapindex>",
        f"\ufeff\n <?php ?><urlset><url><loc>{LINK}</loc>{TITLED}</url></urlset>",
        (
            f"<urlset><url><loc>{LINK}</loc><video:video><video:title>غارة على مخبأ</video:title>"
            "</video:video></url></urlset>"
        ),
    ],
)
def test_what_is_ill_formed_is_read(document: str) -> None:
    (entry,) = read(document).entries
    assert (entry.title, entry.link) == ("غارة على مخبأ", LINK)


def test_windows_letters_and_bare_ampersands_are_read() -> None:
    document = "<urlset><url><loc>https://paper.example/a?b=1&copy=2&section=3</loc>"
    document += "<news:title>غارة على مخبأ في نينوى</news:title></url></urlset>"
    (entry,) = read(document.encode("cp1256"), "text/xml; charset=windows-1256").entries
    assert entry.link == "https://paper.example/a?b=1&copy=2&section=3"
    assert entry.title == "غارة على مخبأ في نينوى"


def test_a_sitemap_that_lists_sitemaps_is_an_index() -> None:
    feed = read("<urlset><sitemap><loc>https://paper.example/1.xml</loc></sitemap></urlset>")
    assert (feed.kind, feed.entries[0].link) == ("sitemapindex", "https://paper.example/1.xml")


def test_an_index_lists_sitemaps_and_their_dates() -> None:
    feed = read(
        "<sitemapindex><sitemap><loc>https://paper.example/1.xml.gz</loc>"
        "<lastmod>2026-01-15</lastmod></sitemap><sitemap><loc>/2.xml</loc></sitemap></sitemapindex>"
    )
    assert feed.kind == "sitemapindex"
    assert [(each.link, each.summary) for each in feed.entries] == [
        ("https://paper.example/1.xml.gz", "2026-01-15"),
        ("https://paper.example/2.xml", ""),
    ]


def test_a_text_sitemap_has_an_address_on_each_line() -> None:
    feed = read("https://paper.example/some-news\r\n\nhttp://paper.example/b\n")
    assert [each.title for each in feed.entries] == ["some news", "b"]


def test_of_too_many_addresses_the_newest_are_kept() -> None:
    urls = "".join(
        f"<url><loc>{LINK}/{n}</loc><lastmod>{2000 + n // 1000}-01-01</lastmod></url>"
        for n in range(12_000)
    )
    feed = read(f"<urlset>{urls}</urlset>")
    assert len(feed.entries) == 10_000
    assert feed.entries[0].link == f"{LINK}/2000"
    assert feed.warnings == ("12000 addresses: 2000 are left out, the oldest by their dates",)


def test_of_too_many_addresses_without_dates_both_ends_are_kept() -> None:
    """A sitemap grows at one of them."""
    urls = "".join(f"<url><loc>{LINK}/{n}</loc></url>" for n in range(12_000))
    links = {entry.link for entry in read(f"<urlset>{urls}</urlset>").entries}
    assert {f"{LINK}/0", f"{LINK}/11999"} <= links
    assert len(links) == 10_000


@pytest.mark.parametrize(
    ("link", "title"),
    [
        ("https://p.example/أخبار/هجوم-في-مخمور", "هجوم في مخمور"),
        (
            (
                "https://p.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/"
                "%D9%87%D8%AC%D9%88%D9%85-%D9%81%D9%8A-%D9%85%D8%AE%D9%85%D9%88%D8%B1.html"
            ),
            "هجوم في مخمور",
        ),
        ("https://p.example/%E5%CC%E6%E3_%DD%ED_%E3%CE%E3%E6%D1.aspx", "هجوم في مخمور"),
        ("https://p.example/هجوم-في-مخمور/123456", "هجوم في مخمور"),
        ("https://p.example/2026/1/15/مقتل-5-جنود-98765", "مقتل 5 جنود"),
        ("https://p.example/news/attack-in-makhmur-a1b2c3d4.htm?id=1", "attack in makhmur"),
        ("https://p.example/story/مخمور", "مخمور"),
        ("https://p.example/ar/index.php?id=77", "ar"),
        ("https://p.example/123/456", ""),
        ("https://p.example/", ""),
        ("https://[bad", ""),
    ],
)
def test_the_words_of_an_address(link: str, title: str) -> None:
    assert title_of(link) == title


PIECES = ["<url>", "</url>", "<loc>", "</loc>", LINK, "<news:news>", "</", "<news:title>", ">"]
PIECES += ["<![CDATA[", "]]>", "<!--", "-->", "&", "خبر", "<sitemap>", "<image>"]


@given(st.lists(st.sampled_from(PIECES)))
def test_no_sitemap_is_too_odd(pieces: list[str]) -> None:
    for root in ("urlset", "sitemapindex"):
        document = f"<{root}>{''.join(pieces)}</{root}>"
        assert kind_of(document.encode()) is not None
        read(document)


@given(st.binary(max_size=300))
def test_other_bytes_are_refused(data: bytes) -> None:
    with suppress(FeedError):
        read(data)
