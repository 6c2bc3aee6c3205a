"""A parsed feed as bytes and back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.feeds.identity import identify
from monitor.model import Entry, ParsedFeed
from monitor.sources.wire import pack, unpack

texts = st.text(st.characters(), max_size=20)  # surrogates too
moments = st.integers(-62_135_500_000, 253_402_200_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
entries = st.builds(
    Entry,
    id=st.none() | texts,
    title=texts,
    link=st.none() | texts,
    published=st.none() | moments,
    updated=st.none() | moments,
    author=st.none() | texts,
    summary=texts,
    text=texts,
    categories=st.lists(texts, max_size=3).map(tuple),
)
feeds = st.builds(
    ParsedFeed,
    kind=texts,
    title=texts,
    link=st.none() | texts,
    language=st.none() | texts,
    entries=st.lists(entries, max_size=4).map(tuple),
    warnings=st.lists(texts, max_size=3).map(tuple),
)


@given(feeds)
def test_what_was_packed_is_unpacked(feed: ParsedFeed) -> None:
    assert unpack(pack(feed)) == feed
    known = replace(feed, identities=identify(feed.entries))
    assert unpack(pack(known)).identities == known.identities


ONE = ParsedFeed("x", entries=(Entry(),), identities=identify([Entry()]))
HEAD, ENTRY = map(json.loads, pack(ONE).split(b"\n"))


@pytest.mark.parametrize(
    "lines",
    [
        [""],
        ["null"],
        ["[" * 100_000],
        [HEAD | {"kind": None}],
        [HEAD | {"title": 1}],
        [HEAD | {"warnings": "abc"}],
        [HEAD | {"warnings": [1]}],
        [HEAD, ENTRY | {"published": "now"}],
        [HEAD, ENTRY | {"published": 1e300}],
        [HEAD, ENTRY | {"published": float("nan")}],
        [HEAD, ENTRY | {"text": None}],
        [HEAD, ENTRY | {"link": []}],
        [HEAD, {"title": "a"}],
        [HEAD, ""],
        [HEAD, ENTRY | {"identity": "abcde"}],
        [HEAD, ENTRY | {"identity": ["a", "b", "c", 4, False]}],
        [HEAD, ENTRY | {"identity": None}],
        [HEAD, ENTRY, {k: v for k, v in ENTRY.items() if k != "identity"}],
    ],
)
def test_what_is_no_packed_feed_is_refused(lines: list[object]) -> None:
    told = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    with pytest.raises(ValueError, match="no packed feed"):
        unpack("\n".join(told).encode())


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ValueError, match="no packed feed"):
        unpack(b"\xff")
