"""Reading only what is new gives just what feedparser makes of the whole document."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from feed_maker import Maker
from feed_text import rss
from hypothesis import given, settings
from hypothesis import strategies as st

from in_process import InProcess
from monitor.errors import FeedError
from monitor.model import Fetched, Reading, Unread, Validators
from monitor.sources.feed import read_feed
from monitor.sources.reader import LARGEST_HERE, Reader, read_whole

URL = "https://news.example/f"
HEADERS = {"content-type": "text/xml"}
GOLDEN = Path(__file__).with_name("golden")
NEWS = [
    {"title": f"خبر {n}", "link": f"https://news.example/{n}", "guid": str(n)} for n in range(9)
]


def fetched(body: bytes, headers: Mapping[str, str] = HEADERS) -> Fetched:
    return Fetched(URL, headers, body, Validators(), "")


def glance(body: bytes, known: Collection[str] = ()) -> Reading | None:
    seen = Reader(InProcess()).glance(fetched(body), frozenset(known))
    return seen if isinstance(seen, Reading) else None


def parse(body: bytes, known: Collection[str] = (), by: InProcess | None = None) -> Reading:
    """By the slower way, as where nothing were plain."""
    reader = Reader(by or InProcess())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("monitor.sources.simple.read_head", lambda *_: None)
        unread = reader.glance(fetched(body), frozenset(known))
        assert isinstance(unread, Unread)
        return asyncio.run(reader.parse(unread))


def check_all_ways(seed: int, odd: float) -> str:
    """Reads a document made at random in every way, and whole. Gives what kind it was."""
    random = Random(seed)
    body = Maker(random, odd).document()
    fast = glance(body)
    try:
        whole = read_feed(body, HEADERS, URL)
    except FeedError:
        return "no feed"
    assert fast is None or fast.feed == whole
    slow = parse(body)
    assert replace(slow.feed, marks=()) == whole
    known = {item.mark for item in slow.items if item.mark and random.random() < 0.6}
    for part in (glance(body, known), parse(body, known)):
        if part is not None:
            check_part(part, slow, known)
    return "other" if fast is None else "plain"


def check_part(part: Reading, whole: Reading, known: Collection[str]) -> None:
    assert [item.mark for item in part.items] == [item.mark for item in whole.items]
    for item, full in zip(part.items, whole.items, strict=True):
        assert item == full or (item.entry is None and item.mark in known)
    assert part.feed.entries == tuple(i.entry for i in part.items if i.entry is not None)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@settings(max_examples=500, deadline=None)
@given(seed=st.integers(0, 2**32), odd=st.sampled_from((0.0, 0.02, 0.05, 0.15)))
def test_every_way_of_reading_gives_what_feedparser_gives_of_the_whole(
    seed: int, odd: float
) -> None:
    check_all_ways(seed, odd)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_way_of_reading_the_same_at_length() -> None:
    for seed in range(30_000):
        check_all_ways(seed, (0.0, 0.02, 0.05, 0.15)[seed % 4])


def test_a_namespace_with_an_odd_blank_is_read_the_same_by_both_ways() -> None:
    body = '<rss version="2.0" xmlns:q="http://a.example/\u00a0b"><channel/></rss>'.encode()
    assert read_whole(body, {}, URL) == read_feed(body, {}, URL)


@pytest.mark.parametrize("name", ["date", "items", "url", "date_parsed", "description_detail"])
def test_an_element_that_goes_by_another_name_is_read_the_same_by_both_ways(name: str) -> None:
    inside = f"<title>a</title><description>b</description><{name}>2025-01-14</{name}>"
    body = f"<rss version='2.0'><channel><item>{inside}</item></channel></rss>".encode()
    assert read_whole(body, {}, URL).entries == read_feed(body, {}, URL).entries


def test_plain_documents_are_read_by_the_fast_way() -> None:
    """The comparison would say little if it were seldom taken."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kinds = [check_all_ways(seed, 0.0) for seed in range(120)]
    assert kinds.count("plain") > 30


@pytest.mark.parametrize("name", ["rss20", "atom10", "rdf"])
def test_real_forms_of_feeds_are_read_the_same(name: str) -> None:
    body = (GOLDEN / f"{name}.xml").read_bytes()
    whole = read_feed(body, HEADERS, URL)
    for reading in (glance(body), parse(body)):
        assert reading is None or replace(reading.feed, marks=()) == whole


def test_what_is_known_is_not_read_again() -> None:
    before = parse(rss(NEWS[1:]))
    known = [item.mark for item in before.items]
    reader, by = Reader(InProcess()), InProcess()
    now = reader.glance(fetched(rss(NEWS)), frozenset(known))
    assert isinstance(now, Reading)
    assert [entry.title for entry in now.feed.entries] == ["خبر 0"]
    assert [item.entry is None for item in now.items] == [False] + [True] * 8
    odd = rss(NEWS).replace("<title>خبر 0".encode(), "<x/><media/><itunes/><title>خبر 0".encode())
    assert parse(odd, known, by).feed.entries[0].title == "خبر 0"
    assert by.bodies[0].count(b"<item>") == 1


@pytest.mark.parametrize(
    "change",
    [
        (b"<rss ", b'<rss xml:lang="ar" '),
        (b"</title><link>https://news", b" </title><link>https://news"),
        (b"xmlns:dc=", b"xmlns:x='urn:x' xmlns:dc="),
    ],
)
def test_another_context_or_another_byte_is_another_mark(change: tuple[bytes, bytes]) -> None:
    body = rss(NEWS)
    assert change[0] in body
    before, after = parse(body), parse(body.replace(*change))
    assert not {i.mark for i in before.items} & {i.mark for i in after.items}


def test_another_address_is_another_mark_since_links_depend_on_it() -> None:
    reader = Reader(InProcess())
    elsewhere = Fetched("https://b.example/", HEADERS, rss(NEWS), Validators(), "")
    here, there = (reader.glance(each, frozenset()) for each in (fetched(rss(NEWS)), elsewhere))
    assert isinstance(here, Reading)
    assert isinstance(there, Reading)
    assert not {i.mark for i in here.items} & {i.mark for i in there.items}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b"{}",
        b"<rss><channel><item></channel></rss>",
        b'<!DOCTYPE rss [<!ENTITY a "b">]><rss version="2.0"><channel></channel></rss>',
        b"<rss><channel><item/></channel></rss>",
        b'<rss vErsion="2.0"><channel><item><title>a</title></item></channel></rss>',
        b"<rss><channel><item><title><![CDATA[<![CDATA[a]]></title></item></channel></rss>",
        b"<rss><channel><item><title>&#216;<![CDATA[&Oslash;]]></title></item></channel></rss>",
        b"<item><title>a</title></item>",
        b"<RSS VERSION='2.0'><channel><item><title>a</title></item></channel></RSS>",
        b"<rss><channel></channel><channel></channel></rss>",
        b"<rss><channel><item><item></item></item></channel></rss>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry xml:base='/b/'></entry></feed>",
        rss(NEWS).replace(b"<title>", b"<title>&#5;", 1),
        rss(NEWS) + b" " * LARGEST_HERE,
        rss([{"author": "a" * 150 + "@"}]),  # feedparser's search takes the square of it
        rss([{"categories": map(str, range(150))}]),
        b"<rss><channel>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</channel></rss>",
    ],
)
def test_what_is_not_plain_is_left_to_feedparser(body: bytes) -> None:
    assert glance(body) is None


def test_a_namespace_that_is_taken_back_is_none() -> None:
    body = rss(NEWS).replace(b"<item>", b"<item xmlns=''>").replace(b"<link>", b"<link xmlns=''>")
    reading = glance(body)
    assert reading is None or reading.feed == read_feed(body, HEADERS, URL)
    assert parse(body).feed.entries == read_feed(body, HEADERS, URL).entries


def test_windows_1256_is_read_fast_too() -> None:
    body = rss(NEWS).decode().replace("utf-8", "windows-1256").encode("cp1256")
    reading = glance(body)
    assert reading is not None
    assert reading.feed == read_feed(body, HEADERS, URL)
    assert reading.feed.entries[3].title == "خبر 3"
