"""Documents read off the event loop."""

from __future__ import annotations

import asyncio
import threading

import pytest

from monitor.errors import FeedError
from monitor.model import Fetched, ParsedFeed, Validators
from monitor.sources.workers import ThreadParser
from origin import rss


def fetched(body: bytes) -> Fetched:
    return Fetched("https://host.example/f", {"content-type": "text/xml"}, body, Validators(), "")


def test_a_document_is_read_in_another_thread() -> None:
    async def run() -> ParsedFeed:
        return await ThreadParser().parse(fetched(rss([{"title": "خبر", "link": "/1"}])))

    (entry,) = asyncio.run(run()).entries
    assert (entry.title, entry.link) == ("خبر", "https://host.example/1")


def test_what_is_no_feed_is_told_as_it_is() -> None:
    async def run() -> ParsedFeed:
        return await ThreadParser().parse(fetched(b"<html></html>"))

    with pytest.raises(FeedError, match="HTML page"):
        asyncio.run(run())


def test_a_document_that_takes_too_long_fails_and_frees_its_place() -> None:
    hold = threading.Event()

    def read(document: Fetched) -> ParsedFeed:
        if document.body == b"slow":
            hold.wait(30)
        return ParsedFeed(kind=document.body.decode())

    async def run() -> str:
        parser = ThreadParser(workers=1, deadline=0.2, read=read)
        with pytest.raises(FeedError, match=r"not read within 0\.2 s"):
            await parser.parse(fetched(b"slow"))
        return (await parser.parse(fetched(b"next"))).kind

    try:
        assert asyncio.run(run()) == "next"
    finally:
        hold.set()


def test_no_more_documents_are_read_at_once_than_there_are_workers() -> None:
    lock = threading.Lock()
    running: list[int] = []
    most: list[int] = []

    def read(document: Fetched) -> ParsedFeed:
        with lock:
            running.append(1)
            most.append(len(running))
        parsed = ParsedFeed(kind="x")
        with lock:
            running.pop()
        return parsed

    async def run() -> None:
        parser = ThreadParser(workers=2, read=read)
        await asyncio.gather(*(parser.parse(fetched(b"x")) for _ in range(30)))

    asyncio.run(run())
    assert len(most) == 30
    assert max(most) <= 2


def test_a_closed_parser_begins_nothing() -> None:
    async def run() -> None:
        parser = ThreadParser()
        parser.close()
        with pytest.raises(FeedError, match="closing"):
            await parser.parse(fetched(rss([])))

    asyncio.run(run())
