"""Sitemaps and pages as sources, checked over a loopback server: what is asked, what alerts."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from checks import DAY, HOUR, NOW, Watch
from sitemap_text import XML, index, urlset

from in_process import InProcess
from monitor.app.pipeline import Kind
from monitor.core.feeds import parts as plan
from monitor.errors import RasidError
from monitor.model import Feed, FeedRow, ParsedFeed, Polling
from monitor.sources.fetch import HttpFetcher
from monitor.sources.gather import Gatherer
from origin import Origin, Reply

FEED_INSTEAD = "not-a-feed: a feed, not a sitemap: write kind: feed"
FRESH, STALE = "2026-01-15T09:30:00Z", "2025-12-01T09:30:00Z"


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


def article(number: int | str, **told: str) -> dict[str, str]:
    return {"loc": f"https://paper.example/iraq/{number}", "title": f"داعش {number}"} | told


def put(origin: Origin, path: str, *urls: dict[str, str]) -> str:
    return origin.put(path, urlset(urls), content_type=XML)


def put_index(origin: Origin, **sitemaps: str | None) -> str:
    listed = {origin.url(f"/{name}.xml"): lastmod for name, lastmod in sitemaps.items()}
    return origin.put("/sitemap.xml", index(listed), content_type=XML)


def sitemap(origin: Origin, **told: object) -> Watch:
    return Watch(Feed("f", origin.url("/sitemap.xml"), "صحيفة", kind="sitemap"), **told)


def asked(origin: Origin) -> list[str]:
    """The paths asked for since the last look, with a question mark where that was conditional."""
    seen = getattr(origin, "looked", 0)
    new = origin.requests[seen:]
    origin.looked = len(origin.requests)  # type: ignore[attr-defined]
    told = [each.path + "?" * ("if-none-match" in each.headers) for each in new]
    return [told[0], *sorted(told[1:])] if told else []


# --- one sitemap ----------------------------------------------------------------------------------


def test_a_first_poll_alerts_on_what_is_dated_and_fresh_alone(origin: Origin) -> None:
    put(
        origin, "/sitemap.xml", article(1, date=FRESH), article(2, date=STALE), article(3),
        article(4, lastmod=FRESH),
    )  # fmt: skip
    watch = sitemap(origin)
    watch.check()
    assert sorted(watch.titles) == ["داعش 1", "داعش 4"]
    assert watch.row.skipped == 2
    assert watch.check().kind is Kind.UNCHANGED
    put(origin, "/sitemap.xml", article(5), article(1, date=FRESH), article(3))
    watch.check()
    assert watch.titles[2:] == ["داعش 5"]
    assert asked(origin) == ["/sitemap.xml", "/sitemap.xml?", "/sitemap.xml?"]


def test_words_of_an_address_stand_in_for_a_title(origin: Origin) -> None:
    put(origin, "/sitemap.xml")
    watch = sitemap(origin)
    watch.check()
    loc = "https://paper.example/أخبار/هجوم-داعش-في-مخمور-12345.html"
    put(origin, "/sitemap.xml", {"loc": loc})
    watch.check()
    assert watch.titles == ["هجوم داعش في مخمور"]


def test_a_gzip_file_is_unpacked_within_the_limit(origin: Origin) -> None:
    document = urlset([article(1, date=FRESH)])
    origin.put("/sitemap.xml", gzip.compress(document.encode()), content_type="application/x-gzip")
    watch = sitemap(origin)
    watch.check()
    assert watch.titles == ["داعش 1"]
    bomb = gzip.compress(b"<urlset>" + bytes(3_000_000))
    origin.put("/sitemap.xml", bomb, content_type="application/x-gzip")
    small = sitemap(origin, max_bytes=1_000_000)
    done = small.check()
    assert (done.kind, done.error) == (
        Kind.FAILED,
        "not-a-feed: the document is larger than 1000000 bytes",
    )


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("<html><body>صيانة</body></html>", "not-a-feed: an HTML page, not a sitemap"),
        (
            "<rss version='2.0'><channel/></rss>",
            "not-a-feed: a feed, not a sitemap: write kind: feed",
        ),
        ("مرحبا", "not-a-feed: no sitemap: neither XML nor an address on each line"),
        (" ", "empty: the answer has no body"),
        ("<sitemapindex/>", "not-a-feed: a sitemap index that lists no sitemaps"),
        (
            index({"http://elsewhere.example/a.xml": None}),
            "not-a-feed: a sitemap index that lists only sitemaps of other sites",
        ),
    ],
)
def test_what_is_no_sitemap_is_a_failure_that_keeps_what_is_known(
    origin: Origin, document: str, reason: str
) -> None:
    put(origin, "/sitemap.xml", article(1))
    watch = sitemap(origin)
    watch.check()
    validators = watch.row.validators
    origin.put("/sitemap.xml", document)
    done = watch.check()
    assert (done.kind, done.error) == (Kind.FAILED, reason)
    assert watch.row.validators == validators
    put(origin, "/sitemap.xml", article(2), article(1))
    watch.check()
    assert watch.titles == ["داعش 2"]


def test_another_kind_of_source_is_read_whole(origin: Origin) -> None:
    put(origin, "/sitemap.xml", article(1))
    watch = sitemap(origin)
    watch.check()
    watch.feed = replace(watch.feed, kind="feed")
    assert watch.check().error == "not-a-feed: no feed: neither RSS nor Atom nor JSON Feed"
    assert asked(origin) == ["/sitemap.xml", "/sitemap.xml"]


# --- an index -------------------------------------------------------------------------------------


def test_of_an_index_what_changed_is_asked_for(origin: Origin) -> None:
    put_index(origin, a=STALE, b=STALE, c=None)
    for name in "abc":
        put(origin, f"/{name}.xml", article(name))
    watch = sitemap(origin)
    watch.check()
    assert asked(origin) == ["/sitemap.xml", "/a.xml", "/b.xml", "/c.xml"]
    assert watch.titles == []  # undated

    assert watch.check().kind is Kind.UNCHANGED
    assert asked(origin) == ["/sitemap.xml?", "/c.xml?"]

    put(origin, "/a.xml", article("new"), article("a"))
    put_index(origin, a="2026-01-15T10:30:00Z", b=STALE, c=None)
    watch.check()
    assert asked(origin) == ["/sitemap.xml?", "/a.xml?", "/c.xml?"]
    assert watch.titles == ["داعش new"]


@pytest.mark.parametrize("lastmod", ["2026-01-15", "2026-01-15T10:40Z", "2026-01-15T12:00:00Z"])
def test_a_change_that_the_index_cannot_show_is_found(origin: Origin, lastmod: str) -> None:
    put_index(origin, a=lastmod)
    put(origin, "/a.xml", article(1))
    watch = sitemap(origin)
    watch.check()
    put(origin, "/a.xml", article(2), article(1))
    watch.check()
    assert watch.titles == ["داعش 2"]
    assert asked(origin)[2:] == ["/a.xml?", "/sitemap.xml?"]


def test_a_sitemap_that_appears_later_is_more_of_the_same_source(origin: Origin) -> None:
    put_index(origin, a=STALE)
    put(origin, "/a.xml", article(1))
    watch = sitemap(origin)
    watch.check()
    put_index(origin, b=FRESH, a=STALE)
    put(origin, "/b.xml", article(2))
    watch.check()
    assert watch.titles == ["داعش 2"]


def test_what_was_not_read_now_has_not_left(origin: Origin) -> None:
    put_index(origin, a=STALE, b=STALE)
    put(origin, "/a.xml", article(1))
    put(origin, "/b.xml", article(2))
    watch = sitemap(origin)
    watch.check()
    put(origin, "/a.xml", article(3))
    put_index(origin, a=FRESH, b=STALE)
    watch.check()
    entries = watch.store.feed("f").entries
    assert [each.gone_at for each in entries] == [None, None, None]

    asked(origin)
    watch.check(DAY)  # all is read once a day, and then 1 is found gone
    assert asked(origin) == ["/sitemap.xml", "/a.xml", "/b.xml"]
    entries = watch.store.feed("f").entries
    assert sorted(each.gone_at or 0.0 for each in entries) == [0.0, 0.0, watch.now]
    watch.check()
    assert asked(origin)[0] == "/sitemap.xml?"


@pytest.mark.parametrize("trouble", [404, 503, "short", "gzip-lie", "hang-up", "html"])
def test_a_sitemap_that_fails_takes_nothing_from_the_others(
    origin: Origin, trouble: int | str
) -> None:
    put_index(origin, a=STALE, b=STALE)
    put(origin, "/a.xml", article(1))
    put(origin, "/b.xml", article(2))
    watch = sitemap(origin)
    watch.check()
    put_index(origin, a=FRESH, b=FRESH)
    put(origin, "/a.xml", article(3), article(1))
    if trouble == "html":
        origin.put("/b.xml", "<html>صيانة</html>")
    elif isinstance(trouble, int):
        origin.put("/b.xml", status=trouble)
    else:
        origin.fail("/b.xml", trouble)
    done = watch.check()
    assert done.kind is Kind.CHANGED
    assert watch.titles == ["داعش 3"]
    assert [part.error != "" for part in watch.row.parts.members] == [False, True]

    put(origin, "/b.xml", article(4), article(2))  # the index says nothing new
    watch.check()
    assert watch.titles == ["داعش 3", "داعش 4"]
    assert not any(part.error for part in watch.row.parts.members)


def test_where_all_fail_so_does_the_source_and_loses_nothing(origin: Origin) -> None:
    put_index(origin, a=None)
    put(origin, "/a.xml", article(1))
    watch = sitemap(origin)
    watch.check()
    origin.put("/a.xml", status=503, headers={"Retry-After": "7200"})
    done = watch.check()
    assert done.error == (
        "status: none of its sitemaps can be read: the server answered with status 503"
    )
    assert watch.row.not_before == watch.now + 7200
    put(origin, "/a.xml", article(2), article(1))
    watch.check(3 * HOUR)
    assert watch.titles == ["داعش 2"]


def test_a_sitemap_whose_server_asks_to_wait_is_left_alone(origin: Origin) -> None:
    put_index(origin, a=None, b=None)
    put(origin, "/a.xml", article(1))
    origin.put("/b.xml", status=429, headers={"Retry-After": "7200"})
    watch = sitemap(origin)
    watch.check()
    asked(origin)
    watch.check()
    assert asked(origin) == ["/sitemap.xml?", "/a.xml?"]
    put(origin, "/b.xml", article(2, date="2026-01-15T11:00:00Z"))
    watch.check(2 * HOUR)
    assert watch.titles == ["داعش 2"]


def test_an_index_that_fails_keeps_what_is_known_of_it(origin: Origin) -> None:
    put_index(origin, a=STALE)
    put(origin, "/a.xml", article(1))
    watch = sitemap(origin)
    watch.check()
    known = watch.row.parts
    origin.put("/sitemap.xml", status=500)
    assert watch.check().kind is Kind.FAILED
    assert watch.row.parts == known


def test_a_lost_line_costs_one_whole_reading_and_no_alert(origin: Origin) -> None:
    put_index(origin, a=STALE, b=STALE)
    put(origin, "/a.xml", article(1))
    put(origin, "/b.xml", article(2))
    watch = sitemap(origin)
    watch.check()
    put(origin, "/b.xml", article(3), article(2))
    watch.forget_line()
    asked(origin)
    watch.check()
    assert asked(origin) == ["/sitemap.xml", "/a.xml", "/b.xml"]
    assert watch.titles == ["داعش 3"]


def test_a_nested_index_is_followed_one_level_down(origin: Origin) -> None:
    put_index(origin, year=STALE, deep=STALE)
    origin.put("/year.xml", index({origin.url("/day1.xml"): STALE}), content_type=XML)
    origin.put("/deep.xml", index({origin.url("/deeper.xml"): STALE}), content_type=XML)
    origin.put("/deeper.xml", index({origin.url("/deepest.xml"): STALE}), content_type=XML)
    put(origin, "/day1.xml", article(1, date=FRESH))
    watch = sitemap(origin)
    watch.check()
    assert watch.titles == ["داعش 1"]
    assert "/deepest.xml" not in {each.path for each in origin.requests}

    put(origin, "/day2.xml", article(2))
    days = {origin.url("/day1.xml"): STALE, origin.url("/day2.xml"): FRESH}
    origin.put("/year.xml", index(days), content_type=XML)
    put_index(origin, year=FRESH, deep=STALE)
    watch.check()
    assert watch.titles == ["داعش 1", "داعش 2"]
    put(origin, "/day2.xml", article(3), article(2))
    origin.put("/year.xml", index(days | {origin.url("/day2.xml"): "2026-01-15T11:00:00Z"}))
    put_index(origin, year="2026-01-15T11:00:00Z", deep=STALE)
    watch.check()
    assert watch.titles == ["داعش 1", "داعش 2", "داعش 3"]


def test_a_long_index_is_read_in_bounds_and_its_archive_alerts_nobody(origin: Origin) -> None:
    listed: dict[str, str | None] = {f"page{n}": None for n in range(1, 121)}
    put_index(origin, **listed)
    for name in listed:
        put(origin, f"/{name}.xml", article(name))
    watch = sitemap(origin)
    watch.check()
    first = {each.path for each in origin.requests[1:]}
    assert len(first) == 50
    assert {"/page120.xml", "/page1.xml", "/page119.xml"} <= first
    asked(origin)
    for _ in range(3):
        watch.check()
        again = asked(origin)
        assert len(again) == 21
        assert {"/page120.xml?", "/page1.xml?"} <= set(again)
    assert watch.titles == []

    put(origin, "/page60.xml", article("archive"))  # old, and never read
    put_index(origin, **(listed | {"page60": "2026-01-15T11:40:00Z"}))
    watch.check()
    assert "/page60.xml" in asked(origin)
    assert watch.titles == []
    put(origin, "/page60.xml", article("fresh"), article("archive"))
    put_index(origin, **(listed | {"page60": "2026-01-15T12:00:00Z"}))
    watch.check()
    assert watch.titles == ["داعش fresh"]


def test_an_article_in_two_sitemaps_is_one_and_is_not_edited_to_and_fro(origin: Origin) -> None:
    put_index(origin, news=None, posts=None)
    loc = "https://paper.example/2026/some-words-here"
    told = {"loc": loc, "title": "داعش يهاجم", "date": FRESH}
    put(origin, "/posts.xml", {"loc": loc})
    put(origin, "/news.xml", told)
    watch = sitemap(origin)
    watch.check()
    (first,) = watch.store.feed("f").entries
    for number in range(2):
        put(origin, "/posts.xml", {"loc": loc}, article(f"p{number}"))
        watch.check()
        put(origin, "/news.xml", told, article(f"n{number}"))
        watch.check()
    (seen,) = (each for each in watch.store.feed("f").entries if each.key == first.key)
    assert seen.revision == 0
    assert sorted(watch.titles) == ["داعش n0", "داعش n1", "داعش p0", "داعش p1", "داعش يهاجم"]


def test_other_sites_are_not_asked_and_get_no_secret(origin: Origin) -> None:
    with Origin() as other:
        other.put("/x.xml", urlset([article(1)]), content_type=XML)
        origin.redirect("/b.xml", other.url("/x.xml"), 302)
        put(origin, "/a.xml", article(2))
        listed = {
            origin.url("/a.xml"): None,
            origin.url("/b.xml"): None,
            other.url("/x.xml", host="localhost"): None,
        }
        origin.put("/sitemap.xml", index(listed), content_type=XML)
        feed = Feed(
            "f", origin.url("/sitemap.xml"), "صحيفة", kind="sitemap",
            headers=(("Authorization", "Bearer hunter2"),),
        )  # fmt: skip
        Watch(feed).check()
        assert all("authorization" in each.headers for each in origin.requests)
        assert [each.path for each in other.requests] == ["/x.xml"]  # by the redirect alone
        assert "authorization" not in other.requests[0].headers


# --- pages ----------------------------------------------------------------------------------------


def page_of(*articles: str) -> str:
    cards = "".join(
        f"<li><h2><a href='/n/{n}'>داعش {n}</a></h2><p>نص {n}</p></li>" for n in articles
    )
    return f"<html><body><a href='/'>الرئيسية</a><ul class=news>{cards}</ul></body></html>"


def test_new_links_of_a_page_are_new_articles_and_old_ones_come_back_in_silence(
    origin: Origin,
) -> None:
    url = origin.put("/", page_of("1", "2"), content_type="text/html; charset=utf-8")
    watch = Watch(Feed("f", url, "صحيفة", kind="page", selector="ul.news li"))
    watch.check()
    assert watch.titles == []
    assert watch.check().kind is Kind.UNCHANGED
    for shown in (("3", "1"), ("2", "1"), ("3", "2")):
        origin.put("/", page_of(*shown), content_type="text/html; charset=utf-8")
        watch.check()
    assert watch.links == [origin.url("/n/3")]
    assert asked(origin) == ["/", "/?", "/?", "/?", "/?"]


def test_a_page_laid_out_anew_is_told(origin: Origin) -> None:
    url = origin.put("/", page_of("1"), content_type="text/html")
    watch = Watch(Feed("f", url, "صحيفة", kind="page", selector="ul.news a"))
    watch.check()
    origin.put("/", page_of("1").replace("class=news", "class=latest"), content_type="text/html")
    done = watch.check()
    assert done.kind is Kind.FAILED
    assert done.error == (
        "not-a-feed: the selector 'ul.news a' finds no link to an article in the page"
    )


def test_another_selector_is_tried_at_once_and_finds_no_news_in_what_stood_there(
    origin: Origin,
) -> None:
    both = page_of("1") + page_of("2").replace("class=news", "class=more")
    url = origin.put("/", both, content_type="text/html")
    watch = Watch(Feed("f", url, "صحيفة", kind="page", selector="ul.news a"))
    watch.check()
    watch.feed = replace(watch.feed, selector="ul.news a, ul.more a")
    assert watch.check().kind is Kind.CHANGED
    assert watch.titles == []
    watch.forget_line()
    assert watch.row.read_as == "page ul.news a, ul.more a"
    origin.put("/", both + page_of("3"), content_type="text/html")
    watch.check()
    assert watch.titles == ["داعش 3"]


def test_a_page_asks_for_html(origin: Origin) -> None:
    url = origin.put("/", handler=lambda request: Reply(request.headers["accept"]))
    Watch(Feed("f", url, "صحيفة", kind="page", selector="a")).check()
    assert origin.requests[0].headers["accept"].startswith("text/html")


# --- what is ours ---------------------------------------------------------------------------------


def test_what_is_long_in_an_index_is_not_gone_through_on_the_event_loop(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = set()

    def noted(call: Any) -> Any:
        def noting(*arguments: Any, **named: Any) -> Any:
            threads.add(threading.current_thread())
            return call(*arguments, **named)

        return noting

    for name in ("same_site", "listing", "ranked", "remembered"):
        monkeypatch.setattr(plan, name, noted(getattr(plan, name)))
    put(origin, "/a.xml", article(1, date=FRESH))
    put_index(origin, a=FRESH)
    watch = sitemap(origin)
    watch.check()
    assert watch.titles == ["داعش 1"]
    assert threads.isdisjoint({threading.main_thread()})


def test_a_fault_of_ours_over_one_of_its_sitemaps_is_told_as_that(origin: Origin) -> None:
    class NoProcess(InProcess):
        async def read(self, body: Any, headers: Any, url: str, **more: Any) -> ParsedFeed:
            if url.endswith("/a.xml"):
                raise RasidError("no process to read documents in")
            return await super().read(body, headers, url, **more)

    put(origin, "/a.xml", article(1, date=FRESH))
    put_index(origin, a=FRESH)
    polling = Polling(timeout=5.0)
    fetcher = HttpFetcher(polling, allow_private=["127.0.0.0/8"], clock=lambda: NOW)
    gatherer = Gatherer(fetcher, NoProcess(), polling, lambda: NOW)
    feed = sitemap(origin).feed
    with pytest.raises(RasidError, match="no process"):
        asyncio.run(gatherer.fetch(feed, FeedRow(feed.id, feed.url)))
