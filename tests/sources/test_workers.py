"""Documents read in processes of their own: what hangs, crashes or fills the memory costs one poll
of one feed, and no process outlives us."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import select
import signal
import subprocess
import sys
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from monitor.core.feeds.identity import identify
from monitor.errors import FeedError, RasidError
from monitor.model import Fetched, ParsedFeed, Validators
from monitor.sources import workers
from monitor.sources.feed import parse_feed, read_feed
from monitor.sources.worker import MOST_DOCUMENTS
from monitor.sources.workers import MEMORY, ProcessParser
from origin import rss

T = TypeVar("T")
TESTS = Path(__file__).parents[1]
PATIENCE = 60  # seconds until what should happen counts as never happening
ECHO, TROUBLE = "document_readers:echo", "document_readers:trouble"
URL = "https://host.example/f"
SETPRIORITY = {"x86_64": 141, "aarch64": 140}  # its number


def fetched(body: bytes | str, url: str = URL, **headers: str) -> Fetched:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    data = body.encode() if isinstance(body, str) else body
    return Fetched(url, named, data, Validators(), "")


async def parse(parser: ProcessParser, document: Fetched) -> ParsedFeed:
    return await parser.read(document.body, document.headers, document.url)


def within(parser: ProcessParser, work: Coroutine[Any, Any, T]) -> T:
    """What comes of the work in an event loop of its own, at whose end the parser is closed."""

    async def run() -> T:
        try:
            return await work
        finally:
            await parser.aclose()

    return asyncio.run(run())


def ended(pidfd: int) -> bool:
    """Waits for the end of a process."""
    try:
        return bool(select.select([pidfd], [], [], PATIENCE)[0])
    finally:
        os.close(pidfd)


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "stuck"
    os.mkfifo(path)
    return path


def stuck(fifo: Path) -> int:
    """Waits until a reader says that it is stuck; its process, as a descriptor to wait on."""
    return os.pidfd_open(int(fifo.read_text()))


# --- what is read ---------------------------------------------------------------------------------


def test_a_document_is_read_as_it_is_in_process() -> None:
    document = rss(
        [{"title": f"خبر {n}", "link": f"/{n}", "content": "نص " * 2_000} for n in range(200)]
    )
    odd = rss([{"title": "a"}, {"pubDate": "2025-01-14"}])
    json_feed = b'{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1"}, 2]}'
    for body in (document, odd, b"<rss><channel>\xff</channel></rss>", json_feed):
        parser = ProcessParser()
        got = within(parser, parse(parser, fetched(body, content_language="ar")))
        here = read_feed(body, {"content-language": "ar"}, URL)
        assert replace(got, marks=()) == here
        assert got.identities == identify(here.entries)


@pytest.mark.parametrize("body", [b"<html></html>", b"", b"none", b"<!ENTITY a '&b;&b;'>" * 9])
def test_what_is_no_feed_is_told_as_it_is_in_process(body: bytes) -> None:
    with pytest.raises(FeedError) as here:
        parse_feed(body, {}, URL)
    parser = ProcessParser()
    with pytest.raises(FeedError) as there:
        within(parser, parse(parser, fetched(body)))
    assert str(there.value) == str(here.value)


def test_the_process_learns_no_more_than_reading_takes() -> None:
    headers = {"Content-Type": "text/xml", "content-language": "ar", "set-cookie": "secret"}
    parser = ProcessParser(reader=ECHO)
    got = within(parser, parser.read(b"a", headers, URL))
    assert got.warnings == ("content-type=text/xml", "content-language=ar", URL)


def test_the_process_is_shut_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RASID_SECRET", "secret")
    parser = ProcessParser(reader="document_readers:surroundings", deadline=7)
    with (tmp_path / "lock").open("w") as lock:
        os.set_inheritable(lock.fileno(), True)
        found = json.loads(within(parser, parse(parser, fetched("a"))).title)
    assert set(found["environment"]) <= {"LC_CTYPE", "LD_LIBRARY_PATH", "PYTHONHOME"}
    assert not [
        name for name in found["files"] if not name.startswith(("pipe:", "socket:", "/dev/null"))
    ]
    limits = found["limits"]
    assert limits.pop("CPU") in range(8, 12)  # seven seconds, after what the start took
    assert limits == {"AS": MEMORY, "CORE": 0, "NOFILE": 16, "FSIZE": 0}
    assert found["leads its session"]
    assert found["expendable"] == 500
    assert found["niceness"] == os.nice(0) + 5


def test_what_a_reader_prints_and_writes_goes_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "written"
    parser = ProcessParser(reader=TROUBLE)

    async def run() -> ParsedFeed:
        with pytest.raises(FeedError, match="OSError"):
            await parse(parser, fetched("write", str(file)))
        return await parse(parser, fetched("babble"))

    assert within(parser, run()).title == "babble"
    assert file.read_bytes() == b""


# --- what goes wrong costs one poll ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("hang", "not read within 2 s"),
        ("fill", "ran out of memory"),
        ("fill in steps", "ran out of memory"),
        ("abort", "the reader died over it"),
        ("take over", "the reader died over it"),
        ("boast", "the reader died over it"),
        ("fault", "the reader fails over it: KeyError in _fault, line"),
        ("babble at length", r"^\[2J x{100,200}…$"),
    ],
)
def test_a_bad_document_fails_and_the_next_is_read(document: str, told: str, fifo: Path) -> None:
    deadline = 2 if document == "hang" else PATIENCE
    parser = ProcessParser(workers=1, deadline=deadline, reader=TROUBLE)

    async def run() -> ParsedFeed:
        hears = asyncio.to_thread(stuck, fifo) if document == "hang" else asyncio.sleep(0, -1)
        listening = asyncio.create_task(hears)
        with pytest.raises(FeedError, match=told):
            await parse(parser, fetched(document, str(fifo)))
        pidfd = await listening
        if pidfd != -1:
            assert await asyncio.to_thread(ended, pidfd)
        return await parse(parser, fetched("next"))

    assert within(parser, run()).title == "next"


def test_a_feed_too_large_for_the_memory_fails_and_the_next_is_read() -> None:
    parser = ProcessParser(workers=1, memory=64 << 20)
    large = rss([{"title": "خبر", "content": "نص " * 2_000_000}])

    async def run() -> ParsedFeed:
        with pytest.raises(FeedError, match="ran out of memory"):
            await parse(parser, fetched(large))
        return await parse(parser, fetched(rss([{"title": "خبر"}])))

    assert within(parser, run()).entries[0].title == "خبر"


def test_ten_megabytes_are_read_within_the_memory() -> None:
    parser = ProcessParser(deadline=PATIENCE)
    one = {"title": "news 😀", "content": "words and more of them, " * 500}
    body = rss([one] * 825)
    assert 9_900_000 < len(body) < 10_100_000
    assert len(within(parser, parse(parser, fetched(body))).entries) == 825


def test_a_process_killed_at_work_costs_one_poll(fifo: Path) -> None:
    parser = ProcessParser(workers=1, reader=TROUBLE)

    async def run() -> ParsedFeed:
        reading = asyncio.create_task(parse(parser, fetched("wait", str(fifo))))
        pidfd = await asyncio.to_thread(stuck, fifo)
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        with pytest.raises(FeedError, match="died"):
            await reading
        assert await asyncio.to_thread(ended, pidfd)
        return await parse(parser, fetched("next"))

    assert within(parser, run()).title == "next"


def test_a_process_killed_at_rest_costs_nothing() -> None:
    parser = ProcessParser(workers=1, reader=ECHO)

    async def run() -> tuple[ParsedFeed, ParsedFeed]:
        first = await parse(parser, fetched("first"))
        (worker,) = parser._living
        os.kill(worker.process.pid, signal.SIGKILL)
        await worker.process.wait()
        return first, await parse(parser, fetched("next"))

    first, second = within(parser, run())
    assert second.title == "next"
    assert first.link != second.link


def test_a_document_that_is_given_up_ends_its_process(fifo: Path) -> None:
    parser = ProcessParser(workers=1, reader=TROUBLE)

    async def run() -> ParsedFeed:
        reading = asyncio.create_task(parse(parser, fetched("hang", str(fifo))))
        pidfd = await asyncio.to_thread(stuck, fifo)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert await asyncio.to_thread(ended, pidfd)
        return await parse(parser, fetched("next"))

    assert within(parser, run()).title == "next"


# --- how many processes there are -----------------------------------------------------------------


def test_no_process_starts_before_there_is_a_document() -> None:
    parser = ProcessParser()
    assert parser.pids == frozenset()
    within(parser, asyncio.sleep(0))
    assert parser.pids == frozenset()


def test_one_process_reads_all_where_one_document_comes_at_a_time() -> None:
    parser = ProcessParser(workers=4, reader=ECHO)

    async def run() -> set[str | None]:
        return {(await parse(parser, fetched("a"))).link for _ in range(5)}

    assert len(within(parser, run())) == 1


def test_no_more_documents_are_read_at_once_than_there_are_workers() -> None:
    parser = ProcessParser(workers=2, reader=ECHO)
    most: list[int] = []

    async def read() -> ParsedFeed:
        got = await parse(parser, fetched("a"))
        most.append(len(parser.pids))
        return got

    async def run() -> list[ParsedFeed]:
        return await asyncio.gather(*(read() for _ in range(30)))

    assert len({feed.link for feed in within(parser, run())}) == 2
    assert len(most) == 30
    assert max(most) == 2


def test_a_parser_helps_where_a_process_is_free_or_may_start(
    monkeypatch: pytest.MonkeyPatch, fifo: Path
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    parser = ProcessParser(workers=2, reader=TROUBLE)

    async def run() -> None:
        assert parser.helps
        first = asyncio.create_task(parse(parser, fetched("a")))
        await asyncio.sleep(0)
        assert not parser.helps, "one process starts at a time"
        await first
        assert parser.helps
        hung = asyncio.create_task(parse(parser, fetched("hang", str(fifo))))
        os.close(await asyncio.to_thread(stuck, fifo))
        assert parser.helps, "another may start"
        second = asyncio.create_task(parse(parser, fetched("a")))
        await asyncio.sleep(0)
        assert not parser.helps, "no more than two are there"
        await second
        hung.cancel()

    within(parser, run())


def test_large_documents_that_hang_leave_a_process_to_the_small_ones(
    monkeypatch: pytest.MonkeyPatch, fifo: Path
) -> None:
    monkeypatch.setattr(workers, "_LARGE", 3)
    parser = ProcessParser(workers=2, reader=TROUBLE)

    async def run() -> str:
        hung = [asyncio.create_task(parse(parser, fetched("hang", str(fifo)))) for _ in range(4)]
        os.close(await asyncio.to_thread(stuck, fifo))
        read = await parse(parser, fetched("a"))
        for each in hung:
            each.cancel()
        return read.title

    assert within(parser, run()) == "a"


def test_a_parser_is_no_help_on_a_single_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert not ProcessParser().helps


def test_a_process_without_work_ends() -> None:
    parser = ProcessParser(idle=0, reader=ECHO)

    async def run() -> None:
        await parse(parser, fetched("a"))
        (pid,) = parser.pids
        assert await asyncio.to_thread(ended, os.pidfd_open(pid))

    within(parser, run())
    assert parser.pids == frozenset()


def test_a_process_that_has_grown_is_replaced() -> None:
    parser = ProcessParser(workers=1, reader=TROUBLE)

    async def run() -> list[str | None]:
        return [(await parse(parser, fetched(word))).link for word in ("a", "grow", "b")]

    first, grown, after = within(parser, run())
    assert first == grown
    assert after != grown


def test_a_process_reads_so_many_documents_and_no_more() -> None:
    parser = ProcessParser(workers=1, reader=ECHO)

    async def run() -> list[str | None]:
        return [(await parse(parser, fetched("a"))).link for _ in range(MOST_DOCUMENTS + 1)]

    links = within(parser, run())
    assert len(set(links[:-1])) == 1
    assert links[-1] != links[0]


# --- start and end --------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", ["document_readers:leaky", "no.such:reader"])
def test_a_reader_that_opens_files_or_is_none_is_refused(reader: str) -> None:
    parser = ProcessParser(reader=reader)
    with pytest.raises(RasidError, match="refuses to start") as told:
        within(parser, parse(parser, fetched(rss([]))))
    assert not isinstance(told.value, FeedError)  # the feed is not to blame
    assert parser.pids == frozenset()


def test_where_no_process_can_start_the_feed_is_not_to_blame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    parser = ProcessParser()
    with pytest.raises(RasidError, match="No such file") as told:
        within(parser, parse(parser, fetched(rss([]))))
    assert not isinstance(told.value, FeedError)


def test_closing_ends_what_is_under_way_and_begins_nothing(fifo: Path) -> None:
    parser = ProcessParser(workers=1, reader=TROUBLE)

    async def run() -> None:
        reading = asyncio.create_task(parse(parser, fetched("hang", str(fifo))))
        waiting = asyncio.create_task(parse(parser, fetched("next")))
        pidfd = await asyncio.to_thread(stuck, fifo)
        await parser.aclose()
        assert ended(pidfd)
        for task in (reading, waiting):
            with pytest.raises(FeedError, match="closing"):
                await task
        with pytest.raises(FeedError, match="closing"):
            await parse(parser, fetched("next"))

    within(parser, run())
    assert parser.pids == frozenset()


PARENT = """
import asyncio, sys
from monitor.sources.workers import ProcessParser

async def main(document, fifo):
    parser = ProcessParser(reader="document_readers:trouble")
    got = await parser.read(document.encode(), {}, fifo)
    open(fifo, "w").write(got.link + "\\n")
    while True:  # a Ctrl-C that comes just before a wait is seen after it
        await asyncio.sleep(1)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("document", ["hang", "wait", "a"], ids=["in C", "asleep", "at rest"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_outlives_its_parent_nor_says_a_word(
    document: str, number: signal.Signals, fifo: Path
) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, document, str(fifo)],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    pidfd = stuck(fifo)
    os.killpg(parent.pid, number)
    said = parent.communicate(timeout=PATIENCE)[0]
    assert ended(pidfd)
    assert "worker.py" not in said
    assert number == signal.SIGINT or said == ""


# A filter of system calls (seccomp(2)) that denies setpriority, as systemd's @resources does: load
# the number of the call, compare, deny with EPERM, else allow.
FORBIDDEN = """
import asyncio, ctypes, struct, sys
from monitor.sources.workers import ProcessParser

class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]

def forbid(call):
    steps = [(0x20, 0, 0, 0), (0x15, 0, 1, call), (6, 0, 0, 0x50001), (6, 0, 0, 0x7FFF0000)]
    packed = b"".join(struct.pack("HBBI", *step) for step in steps)
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    assert prctl(38, 1, 0, 0, 0) == 0
    return prctl(22, 2, ctypes.byref(Program(len(steps), packed)), 0, 0) == 0

async def main():
    parser = ProcessParser()
    print((await parser.read(sys.argv[2].encode(), {}, "https://host.example/")).title)
    await parser.aclose()

print(forbid(int(sys.argv[1])))
asyncio.run(main())
"""


@pytest.mark.skipif(platform.machine() not in SETPRIORITY, reason="its number is not known here")
def test_where_no_process_may_give_way_documents_are_read_all_the_same() -> None:
    document = "<rss version='2.0'><channel><title>news</title></channel></rss>"
    call = str(SETPRIORITY[platform.machine()])
    command = [sys.executable, "-c", FORBIDDEN, call, document]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    forbidden, *told = done.stdout.split()
    if forbidden != "True":
        pytest.skip("system calls cannot be filtered here")
    assert told == ["news"], done.stderr
