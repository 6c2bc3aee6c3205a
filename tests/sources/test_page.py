"""Pages of links: what a selector picks, and pages that are made to hurt."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.core.feeds.selector import SelectorError, to_xpath
from monitor.errors import FeedError
from monitor.model import Entry
from monitor.sources.page import read_page
from monitor.sources.workers import ProcessParser

URL = "https://paper.example/ar/news?page=1"
CARD = """<html lang="ar"><head><title>صحيفة المثال</title></head><body>
  <article class="card"><a href="/n/1"><img alt="صورة" src="x"></a>
    <h2><a href="/n/1?utm_source=home">غارة على مخبأ</a></h2>
    <p>نفذت الطائرات غارة فجر اليوم.</p><script>x()</script>
    <time datetime="2026-01-15T12:00:00+03:00">قبل ساعة</time></article></body></html>"""


def entries(markup: str, selector: str) -> tuple[Entry, ...]:
    return read_page(markup.encode(), "text/html; charset=utf-8", URL, selector).entries


def titles(markup: str, selector: str) -> list[tuple[str, str | None]]:
    return [(each.title, each.link) for each in entries(markup, selector)]


def test_a_card_is_an_article_with_its_text_and_time() -> None:
    (entry,) = entries(CARD, "article.card")
    assert entry == Entry(
        title="غارة على مخبأ",
        link="https://paper.example/n/1?utm_source=home",
        published=datetime(2026, 1, 15, 9, tzinfo=UTC),
        summary="نفذت الطائرات غارة فجر اليوم.\nقبل ساعة",
        text="نفذت الطائرات غارة فجر اليوم.\nقبل ساعة",
    )
    page = read_page(CARD.encode(), "text/html", URL, "article.card")
    assert (page.kind, page.title, page.language) == ("page", "صحيفة المثال", "ar")


@pytest.mark.parametrize("selector", ["article a", "h2 a", "h2", "article.card h2", "a, h2 > a"])
def test_links_to_one_article_are_one(selector: str) -> None:
    ((title, _),) = titles(CARD, selector)
    assert title == "غارة على مخبأ"
    (entry,) = entries(CARD, selector)
    assert entry.published == datetime(2026, 1, 15, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("markup", "selector", "title"),
    [
        ("<a class=x href=/n/1>خبر  <b>أول</b>\n</a>", "a.x", "خبر أول"),
        ("<a href=/n/1><h3>خبر أول</h3><p>نص</p></a>", "h3", "خبر أول"),
        ("<a href=/n/1><h3>خبر أول</h3><p>نص</p></a>", "a", "خبر أول"),
        ("<a href=/n/1 title='خبر أول'><img></a>", "a", "خبر أول"),
        ("<a href=/n/1 aria-label='خبر أول'></a>", "a", "خبر أول"),
        ("<a href=/n/1><img alt='خبر أول'></a>", "a", "خبر أول"),
        ("<li><h4>خبر أول</h4><a href=/n/1><img alt='صورة'></a></li>", "li", "خبر أول"),
        ("<article><h4>خبر أول</h4><p><a href=/n/1>»</a></p></article>", "article p a", "خبر أول"),
        ("<a href=/n/1><svg><title>x</title></svg><span>خبر أول</span></a>", "a", "خبر أول"),
        ("<a href=/n/1><template>x</template>خبر أول</a></body></html>", "a", "خبر أول"),
        ("<body><p>x</body></html><a href=/n/1>خبر أول</a>", "a", "خبر أول"),
        ("<base href='https://paper.example/n/'><a href=1>خبر أول</a>", "a", "خبر أول"),
        ("<base href='https://paper.example/x/'><a href='../n/1'>خبر أول</a>", "a", "خبر أول"),
    ],
)
def test_a_link_and_its_title(markup: str, selector: str, title: str) -> None:
    assert titles(f"<html><body>{markup}", selector) == [(title, "https://paper.example/n/1")]


@pytest.mark.parametrize(
    "href",
    ["#top", "javascript:void(0)", "mailto:a@b.example", "tel:1", "", "/", "/ar/news?page=1#c",
     "data:text/html,x", "https://", "//"],
)  # fmt: skip
def test_what_leads_to_no_article_is_left_out(href: str) -> None:
    markup = f"<html><a href='{href}'>خبر</a><a href='/n/1'>خبر أول</a>"
    assert titles(markup, "a") == [("خبر أول", "https://paper.example/n/1")]


def test_a_page_in_windows_letters_is_read() -> None:
    markup = "<html><meta charset=windows-1256><a href=/n/1>غارة على مخبأ في نينوى</a>"
    page = read_page(markup.encode("cp1256"), "", URL, "a")
    assert page.entries[0].title == "غارة على مخبأ في نينوى"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "an empty document"),
        (b"%PDF-1.7 x", "no HTML page"),
        (b"<html><p>x", "the selector 'a' finds no link to an article in the page"),
    ],
)
def test_what_is_no_page_of_links_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(FeedError) as refused:
        read_page(data, "", URL, "a")
    assert str(refused.value) == reason


PIECES = ["<a href=/n/1>", "</a>", "<h2>", "</h2>", "<time>", "<li>", "خبر", "<table>", "<tr>"]
PIECES += ["<svg>", "</svg>", "<script>", "<!--", "<base href=x>", "&#0;", "\x00"]


@given(st.lists(st.sampled_from(PIECES)))
def test_no_page_is_too_odd(pieces: list[str]) -> None:
    with suppress(FeedError):
        entries("<html>" + "".join(pieces), "a, h2, li, :has(a)")


@example("\\1")
@given(st.text(alphabet="a.#[]()=*>~+:,' \"\\خ|^$-1", max_size=30))
def test_a_selector_is_run_or_refused_with_its_place(selector: str) -> None:
    offset = 0
    try:
        to_xpath(selector)
        entries(CARD, selector)
    except SelectorError as error:
        offset = error.offset
    except FeedError:
        return
    assert 0 <= offset <= len(selector)


HOSTILE = {
    "deep": "<html><body>" + "<div>" * 2_000_000,
    "deep links": "<html><body>" + "<a href=x>" * 900_000,
    "a million tags": "<html><body>" + "<p>a</p>" * 1_200_000,
    "links": "<html><ul>" + "".join(f"<li><a href={n}>خ {n}</a>" for n in range(300_000)),
    "a long attribute": "<html><a href='" + "x" * 9_000_000 + "'>t</a>",
    "misnested": "<html><body>" + "<table><a href=1><tr>" * 400_000,
    "comments": "<html>" + "<!--" * 2_400_000,
    "brackets": "<html>" + "<" * 9_900_000,
}


def test_pages_made_to_hurt_cost_one_poll_each() -> None:
    async def read_all() -> tuple[dict[str, str], int]:
        parser = ProcessParser(workers=1)
        told = {}
        try:
            for name, markup in HOSTILE.items():
                try:
                    await parser.read(
                        markup.encode()[:10_000_000], {}, URL, kind="page", selector="h1 a, li"
                    )
                except FeedError as error:
                    told[name] = str(error)
            page = await parser.read(CARD.encode(), {}, URL, kind="page", selector="h2 a")
            return told, len(page.entries)
        finally:
            await parser.aclose()

    told, after = asyncio.run(read_all())
    assert after == 1
    assert set(told) == set(HOSTILE)
    assert told["links"] == told["a million tags"] == "the reader ran out of memory"
