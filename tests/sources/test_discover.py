"""The feeds of a site, found over a loopback server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from feed_text import rss
from sitemap_text import XML, index, urlset

from monitor.errors import FeedError
from monitor.model import Polling
from monitor.sources.discover import MOST_REQUESTS, Found, discover
from monitor.sources.fetch import HttpFetcher
from origin import Origin

HTML = "text/html; charset=utf-8"
ITEM = {
    "title": "خبر",
    "link": "https://paper.example/1",
    "pubDate": "Mon, 02 Mar 2026 12:30:00 GMT",
}


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


def found(url: str) -> tuple[Found, ...]:
    async def search() -> tuple[Found, ...]:
        fetcher = HttpFetcher(Polling(), allow_private=["127.0.0.0/8"], clock=lambda: 0.0)
        return await discover(url, fetcher.get)

    return asyncio.run(search())


def paths(origin: Origin, all_found: tuple[Found, ...]) -> list[tuple[str, str]]:
    return [(each.kind, each.url.removeprefix(origin.url(""))) for each in all_found]


def test_an_address_that_is_a_feed_is_found_itself(origin: Origin) -> None:
    url = origin.put("/rss", rss([ITEM, ITEM | {"link": "https://paper.example/2"}]))
    (one,) = found(url)
    assert (one.url, one.kind, one.entries) == (url, "feed", 2)
    assert one.newest is not None
    assert one.newest.isoformat() == "2026-03-02T12:30:00+00:00"
    assert len(origin.requests) == 1


@pytest.mark.parametrize(
    "markup",
    [
        '<link rel="alternate" type="application/rss+xml" href="/f" title="آخر الأخبار">',
        "<LINK TYPE='application/atom+xml' HREF=f REL='ALTERNATE home'>",
        '<link rel=alternate type="application/feed+json" href="f">',
        '<link rel="feed" href="f">',
        '<base href="/sub/"><link rel="alternate" type="text/xml" href="../f">',
        '<body><div><link rel=alternate type=application/x-rss href="f"></div>',
        '<a href="f">خلاصات</a>',
        '<a href="f"><span>تابعنا عبر آر إس إس</span></a>',
        '<a href="f"><img alt=RSS></a>',
        '<!-- <link rel=alternate type="application/rss+xml" href="/no"> --><a href=f>RSS</a>',
    ],
)
def test_what_a_page_names_is_read(origin: Origin, markup: str) -> None:
    origin.put("/f", rss([ITEM]))
    page = f"<html><head><title>صحيفة</title>{markup}"
    assert paths(origin, found(origin.put("/", page, content_type=HTML))) == [("feed", "/f")]


@pytest.mark.parametrize("path", ["/feed", "/rss.xml", "/index.xml", "/feed.json", "/?feed=rss2"])
def test_feeds_in_the_usual_places_are_found(origin: Origin, path: str) -> None:
    origin.put(path, rss([ITEM]))
    url = origin.put("/ar/world/", "<html>صحيفة</html>", content_type=HTML)
    assert paths(origin, found(url)) == [("feed", path)]
    assert len(origin.requests) <= 1 + MOST_REQUESTS


def test_sitemaps_of_robots_are_found_those_of_news_first(origin: Origin) -> None:
    origin.put("/", "<html>صحيفة</html>", content_type=HTML)
    origin.put("/map.xml", index({origin.url("/a.xml"): "2026-01-15"}), content_type=XML)
    origin.put("/gnews.xml", urlset([]), content_type=XML)
    article = {"loc": "https://paper.example/1", "title": "خبر", "date": "2026-01-15T10:00:00Z"}
    origin.put("/sitemap-news.xml", urlset([article]), content_type=XML)
    robots = f"User-agent: *\nDisallow:\nSitemap: {origin.url('/map.xml')}\nsitemap : /gone.xml\n"
    robots += f"SITEMAP:{origin.url('/sitemap-news.xml')}\r\n"
    origin.put("/robots.txt", robots, content_type="text/plain")
    all_found = found(origin.url("/"))
    assert paths(origin, all_found) == [("sitemap", "/sitemap-news.xml"), ("sitemap", "/map.xml")]
    assert [each.entries for each in all_found] == [1, 1]


def test_no_candidate_is_named_unread_and_none_twice(origin: Origin) -> None:
    named = "".join(
        f'<link rel=alternate type="application/rss+xml" href="{path}">'
        for path in ("/comments/feed", "/gone", "/page", "/feed", "/feed/", "/same")
    )
    origin.put("/", f"<html>{named}", content_type=HTML)
    origin.put("/comments/feed", rss([ITEM | {"title": "تعليق"}]))
    origin.put("/page", "<html>", content_type=HTML)
    origin.put("/feed", rss([ITEM]))
    origin.put("/same", rss([ITEM]))
    assert paths(origin, found(origin.url("/"))) == [("feed", "/feed"), ("feed", "/comments/feed")]


def test_a_moved_feed_is_named_by_its_new_address(origin: Origin) -> None:
    origin.put("/", "<html><link rel=alternate type=application/rss+xml href=/old>")
    origin.redirect("/old", "/new", 301)
    origin.put("/new", rss([ITEM]))
    assert paths(origin, found(origin.url("/"))) == [("feed", "/new")]


def test_a_page_full_of_links_is_asked_about_in_bounds(origin: Origin) -> None:
    links = "".join(f"<a href='/rss/{n}'>RSS</a>" for n in range(500))
    assert found(origin.put("/", f"<html>{links}", content_type=HTML)) == ()
    assert len(origin.requests) <= 1 + MOST_REQUESTS


def test_links_to_other_sites_are_not_followed(origin: Origin) -> None:
    with Origin() as other:
        links = f"<a href='{other.url('/rss', host='localhost')}'>RSS</a>"
        assert found(origin.put("/", f"<html>{links}", content_type=HTML)) == ()
        assert other.requests == []


def test_an_address_that_cannot_be_had_is_an_error(origin: Origin) -> None:
    with pytest.raises(FeedError, match="status: the server answered with status 404"):
        found(origin.url("/none"))
