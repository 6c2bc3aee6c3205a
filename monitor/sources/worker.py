"""The process that reads documents: one after the other, off its standard input, within limits.

A document may make a reader hang, fill the memory or crash it. Here that ends one poll of one
feed. Started by sources.workers, with no environment and no descriptor but its two pipes:

    request   lengths of two parts (two 32-bit numbers), a JSON object (url, headers,
              how: kind and selector of what is no feed), the document
    answer    a byte that says what it is, 1 where this process ends now, a length, the answer

Before it reads anything it limits its memory, files and core; CPU time is limited for each
document, beyond which the kernel ends it. It ends when its input ends; while it reads a document,
the end of the input (our parent is gone) is a signal that ends it too. This module must import
nothing of note before the limits stand, and must not outlive its parent.
"""

from __future__ import annotations

import fcntl
import importlib
import json
import os
import resource
import select
import signal
import struct
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from monitor.errors import FeedError
from monitor.model import ParsedFeed
from monitor.sources.wire import pack

Read = Callable[..., ParsedFeed]  # of read_document

REQUEST = struct.Struct(">II")
ANSWER = struct.Struct(">c?I")
READY, FEED, NO_FEED, NO_MEMORY, FAULT = b"r", b"f", b"n", b"m", b"x"

MOST_DOCUMENTS = 1_000  # of one life: feedparser leaks a little
LARGEST_RSS = 64_000_000  # bytes between two documents, beyond which a fresh process is cheaper
_MOST_FILES = 16  # a library may load a module; nothing here opens more
_EXPENDABLE = "500"  # of 1000: where memory runs out, the kernel ends us and not the daemon

_CANARY = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY own SYSTEM "file:///proc/self/comm">]>
<rss version="2.0"><channel><title>&own;</title><item><title>a</title></item></channel></rss>"""


class Limits(NamedTuple):
    """What a reading process may use: bytes of address space, seconds of CPU for a document."""

    memory: int
    seconds: int


def main(arguments: list[str]) -> None:
    """Serves until the input ends. The arguments: memory, seconds, module:function of the
    reader."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ends with its parent, not beside it
    limits = Limits(int(arguments[0]), int(arguments[1]))
    source, sink = os.fdopen(0, "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    try:
        limit(limits)
        read = load(arguments[2])
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # modules are compiled: no more writing
    except Exception as error:  # noqa: BLE001 (told to the parent, whatever it is)
        _send(sink, FAULT, f"{type(error).__name__}: {error}".encode(), last=True)
        return
    try:
        _send(sink, READY)
        _serve(source, sink, read, limits)
    except BrokenPipeError:
        os._exit(0)  # the parent is gone; a flush at exit would only fail again


def limit(limits: Limits) -> None:
    """Bounds this process for good. Raises OSError or ValueError where the system refuses."""
    with suppress(OSError):  # some containers keep it read-only; it is no limit
        Path("/proc/self/oom_score_adj").write_text(_EXPENDABLE, "ascii")
    _lower(resource.RLIMIT_AS, limits.memory)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, _MOST_FILES)


def load(name: str) -> Read:
    """The reader of that name, module:function, after it has shown that it opens no files.

    Raises RuntimeError where a document's entity names a file and the reader reads it, as
    feedparser does with libxml2's driver."""
    module, _, function = name.partition(":")
    read: Read = getattr(importlib.import_module(module), function)
    secret = Path("/proc/self/comm").read_text("utf-8").strip()
    if secret in read(_CANARY, {}, "").title:
        raise RuntimeError("the XML parser reads files that a document names")
    return read


def _serve(source: BinaryIO, sink: BinaryIO, read: Read, limits: Limits) -> None:
    for number in range(1, MOST_DOCUMENTS + 1):
        head = source.read(REQUEST.size)
        if len(head) < REQUEST.size:
            return
        about, length = REQUEST.unpack(head)
        told, document = json.loads(source.read(about)), source.read(length)
        if len(document) < length:
            return
        with _Lifeline():
            _allow_seconds(limits.seconds)
            kind, answer = _answer(read, document, told)
        del document
        worn = number == MOST_DOCUMENTS or kind in (NO_MEMORY, FAULT) or _rss() > LARGEST_RSS
        _send(sink, kind, answer, last=worn)
        if worn:
            return


def _answer(read: Read, document: bytes, told: Mapping[str, Any]) -> tuple[bytes, bytes]:
    try:
        return FEED, pack(read(document, told["headers"], str(told["url"]), **told["how"]))
    except FeedError as error:
        return NO_FEED, str(error).encode("utf-8", "replace")
    except MemoryError:
        return NO_MEMORY, b""
    except Exception as error:  # noqa: BLE001 (a fault of ours, told with its place)
        return FAULT, f"{type(error).__name__} {_place(error)}".encode()


def _place(error: Exception) -> str:
    """Where in the code an error arose."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"in {trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}"


def _send(sink: BinaryIO, kind: bytes, answer: bytes = b"", *, last: bool = False) -> None:
    sink.write(ANSWER.pack(kind, last, len(answer)))
    sink.write(answer)
    sink.flush()


def _lower(which: int, value: int) -> None:
    """Lowers a limit, soft and hard; one that is lower already stays."""
    hard = resource.getrlimit(which)[1]
    lower = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (lower, lower))


def _allow_seconds(seconds: int) -> None:
    """CPU time counts from the start of the process, the limit from now."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = int(spent.ru_utime + spent.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _rss() -> int:
    """Bytes of memory in use (proc(5), statm)."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()


class _Lifeline:
    """While a document is read, the end of standard input raises SIGIO, which ends the process
    (fcntl(2), O_ASYNC): the parent is gone, or has given us up. prctl's PR_SET_PDEATHSIG would
    take ctypes, and look at the parent's thread instead of the parent."""

    def __enter__(self) -> None:
        fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
        self._switch(on=True)
        if select.select([0], [], [], 0)[0]:  # it ended before the signal was asked for
            os._exit(0)

    def __exit__(self, *_: object) -> None:
        self._switch(on=False)  # from now on the next document may come

    def _switch(self, *, on: bool) -> None:
        flags = fcntl.fcntl(0, fcntl.F_GETFL)
        flags = flags | os.O_ASYNC if on else flags & ~os.O_ASYNC
        fcntl.fcntl(0, fcntl.F_SETFL, flags)


if __name__ == "__main__":
    main(sys.argv[1:])
