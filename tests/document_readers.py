"""Readers that stand in for parse_feed in a reading process, named as document_readers:NAME.

Each takes the trial document that every reader gets at its start, and returns a feed for it. A
reader that gets stuck says so first on a FIFO, which `url` names: its process's id, in a line.
"""

from __future__ import annotations

import json
import os
import re
import resource
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from monitor.errors import FeedError
from monitor.model import ParsedFeed
from monitor.sources.worker import ANSWER, FEED

_KEPT: list[bytes] = []


def echo(data: bytes, headers: Mapping[str, str], url: str) -> ParsedFeed:
    """The document as title, the process as link, headers and address as warnings."""
    if data == b"none":
        raise FeedError("no feed: ليس خبرا")
    warnings = (*(f"{name}={value}" for name, value in headers.items()), url)
    return ParsedFeed("x", data.decode("utf-8", "replace"), str(os.getpid()), warnings=warnings)


def trouble(data: bytes, headers: Mapping[str, str], url: str) -> ParsedFeed:
    """Does what the document asks for, else as `echo`."""
    deed = _DEEDS.get(data)
    if deed is not None:
        deed(url)
    return echo(data, headers, url)


def surroundings(data: bytes, headers: Mapping[str, str], url: str) -> ParsedFeed:
    """What the process has, as JSON in the title."""
    limits = {
        name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[0]
        for name in ("AS", "CORE", "NOFILE", "FSIZE", "CPU")
    }
    open_files = [str(Path(f"/proc/self/fd/{each}").readlink()) for each in _descriptors()]
    title = {
        "environment": sorted(os.environ),
        "files": open_files,
        "limits": limits,
        "leads its session": os.getsid(0) == os.getpid(),
        "expendable": int(Path("/proc/self/oom_score_adj").read_text()),
        "niceness": os.nice(0),
    }
    return ParsedFeed("x", json.dumps(title))


def leaky(data: bytes, headers: Mapping[str, str], url: str) -> ParsedFeed:
    """Reads the file that an entity names, as libxml2's driver lets feedparser do."""
    named = re.search(rb'SYSTEM "file://([^"]+)"', data)
    return ParsedFeed("x", Path(named[1].decode()).read_text() if named else "")


def _say(fifo: str) -> None:
    with Path(fifo).open("w") as told:
        told.write(f"{os.getpid()}\n")


def _descriptors() -> list[int]:
    found = []
    for number in range(64):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    return found


def _hang(fifo: str) -> None:
    _say(fifo)
    re.match("(a+)+$", "a" * 60 + "b")  # years, and never back in Python


def _wait(fifo: str) -> None:
    _say(fifo)
    time.sleep(3600)


def _fill_in_steps(_: str) -> None:
    while True:
        _KEPT.append(bytes(1 << 20))


def _babble_at_length(_: str) -> None:
    raise FeedError("\x1b[2J\u202e" + "x" * 1_000_000)


def _fault(_: str) -> None:
    raise KeyError("fault")


_DEEDS: Mapping[bytes, Callable[[str], object]] = {
    b"hang": _hang,
    b"wait": _wait,
    b"fill": lambda _: _KEPT.append(bytes(1 << 40)),
    b"fill in steps": _fill_in_steps,
    b"grow": lambda _: _KEPT.append(b"x" * 90_000_000),
    b"abort": lambda _: os.abort(),
    b"fault": _fault,
    b"babble at length": _babble_at_length,
    b"babble": lambda _: print("not an answer", flush=True),
    b"take over": lambda _: os.write(3, ANSWER.pack(FEED, False, 4) + b"null"),
    b"boast": lambda _: os.write(3, ANSWER.pack(FEED, False, 2**32 - 1)),
    b"write": lambda path: Path(path).write_text("x"),
}
