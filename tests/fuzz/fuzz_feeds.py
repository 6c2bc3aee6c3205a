"""The entry of a fuzzer over the reading of feeds: `python tests/fuzz/fuzz_feeds.py -runs=1000000`.

Whatever the bytes, only FeedError may come out; and the fast way of reading must come to the same
as feedparser, error or feed. Takes libFuzzer's options, and a folder of seeds, which it adds to;
without one, it begins with the shipped samples. It takes over its process: tests start it as a
child.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["monitor", "feedparser"]):
    from monitor.errors import FeedError
    from monitor.model import Fetched, ParsedFeed, Reading, Validators
    from monitor.sources.feed import read_feed, titled
    from monitor.sources.reader import Reader

URL = "https://host.example/feed.xml"
TYPES = ("", "text/xml; charset=utf-8", "text/xml; charset=windows-1256", "application/rss+xml")
HERE = Path(__file__).parent


class Nowhere:
    """Stands in for the process that reads what the fast way declines."""

    helps = False

    async def read(self, body: bytes, headers: Mapping[str, str], url: str) -> ParsedFeed:
        raise NotImplementedError

    async def aclose(self) -> None:
        raise NotImplementedError


def one_input(data: bytes) -> None:
    """The first byte chooses the header, the others are the document."""
    headers = {"content-type": TYPES[data[0] % len(TYPES)]} if data else {}
    fetched = Fetched(URL, headers, data[1:], Validators(), "")
    fast = Reader(Nowhere()).glance(fetched, frozenset())
    slow = None
    with suppress(FeedError):
        slow = read_feed(data[1:], headers, URL)
        titled(slow)
    if isinstance(fast, Reading) and replace(fast.feed, marks=()) != slow:
        raise AssertionError(f"the fast way differs: {slow!r} is not {fast!r}")


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if not any(not each.startswith("-") for each in arguments[1:]):
            seeds(Path(folder))
            arguments = [*arguments, folder]
        options = [f"-dict={HERE / 'feeds.dict'}", "-timeout=20", "-rss_limit_mb=1024"]
        atheris.Setup([arguments[0], *options, *arguments[1:]], one_input)
        atheris.Fuzz()


def seeds(folder: Path) -> None:
    """Writes the samples that the search begins with: golden feeds, whole and damaged."""
    for sample in (HERE.parent / "sources" / "golden").iterdir():
        text = sample.read_text("utf-8")
        for encoding in ("utf-8", "cp1256", "utf-16"):
            data = text.encode(encoding, "replace")
            (folder / f"{sample.name}-{encoding}").write_bytes(b"\0" + data)
            (folder / f"{sample.name}-{encoding}-cut").write_bytes(b"\1" + data[: len(data) // 2])


if __name__ == "__main__":
    main(sys.argv)
