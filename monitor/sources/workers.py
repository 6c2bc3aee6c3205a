"""Reads documents in processes of their own, a few at a time, each within a deadline.

    first document -> a process starts      all are busy -> one more, up to `workers`
    deadline, crash, no memory -> it is killed, that poll fails, the next one starts anew
    nothing to do for `idle` seconds -> it ends

Processes are started afresh, never forked: a forked child would keep the state's lock after our
death. They get the paths that modules are found on, no other environment, no descriptor of ours,
a session of their own (so that Ctrl-C reaches only us), and of an answer's headers the two that
reading takes. Pebble, the library for this, was measured: its processes read our __main__ and
are larger for it (32 MB), a busy one outlives us where we are killed, all are started at
once, none ends when idle, and answers are unpickled here, which lets a reader that a document
took over run code in the daemon. This module must not know what a document says.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import nullcontext
from typing import NamedTuple

from monitor.errors import FeedError, RasidError
from monitor.model import ParsedFeed
from monitor.net.exchange import plain_detail
from monitor.net.threads import in_thread
from monitor.sources.wire import unpack
from monitor.sources.worker import ANSWER, FAULT, FEED, NO_FEED, NO_MEMORY, READY, REQUEST

MEMORY = 256 << 20  # bytes of address space: the worst feed of 10 MB that we made takes 252 million
READER = "monitor.sources.documents:read_document"
PAGE_READER = "monitor.sources.fulltext:read_page"
_MOST_WORKERS = 3  # of 25 MB each, beside a daemon of 130
_STARTING = 60.0  # seconds within which a process has to be ready; it takes 0.2
_LARGEST_ANSWER = 64_000_000  # bytes; of a document of 10 MB it is 36 MB at most
_LONGEST_REASON = 4_000  # bytes
_LARGE = 1_000_000  # bytes of a document; smaller ones are read in a second
_SHORT = 200_000  # bytes of an answer that are unpacked in 2 ms: no thread is worth that
_CHUNK = 1 << 18
_HEADERS = ("content-type", "content-language")
_KEPT = ("LD_LIBRARY_PATH", "PYTHONHOME")  # without these, some Pythons do not start
# It gives way to us, who have an event loop to serve, from its first moment on: at niceness 5 it
# gets a quarter of a processor that others want. Some containers forbid even that.
_START = """
import os, sys
try:
    os.nice(5)
except OSError:
    pass
sys.path[:] = sys.argv[4:]
from monitor.sources.worker import main
main(sys.argv[1:4])
"""


class ProcessParser:
    """The parser of the daemon. `workers` documents are read at once (None: as many as there are
    cores, at most 3), `deadline` seconds each, in `memory` bytes of address space; a process
    without work ends after `idle` seconds. `reader` names the function that reads, as
    module:function with the signature of read_feed (and kind and selector, by name). Use it inside
    one event loop."""

    def __init__(
        self,
        *,
        workers: int | None = None,
        deadline: float = 30.0,
        memory: int = MEMORY,
        idle: float = 60.0,
        reader: str = READER,
    ) -> None:
        self._cores = len(os.sched_getaffinity(0))
        places = workers or min(self._cores, _MOST_WORKERS)
        self._places = asyncio.Semaphore(places)
        self._large = asyncio.Semaphore(max(places - 1, 1))  # so that small ones wait for few
        self._deadline = deadline
        self._idle_for = idle
        seconds = math.ceil(deadline)
        self._arguments = (str(memory), str(seconds), reader)
        self._idle: list[_Worker] = []  # the one that worked last comes last
        self._living: set[_Worker] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._starting = 0
        self._closed = False

    @property
    def pids(self) -> frozenset[int]:
        """The processes that live."""
        return frozenset(worker.process.pid for worker in self._living)

    @property
    def helps(self) -> bool:
        """Whether a document given now is begun at once, and beside what this process does; by a
        process that has to start first only where no other is starting."""
        free = not self._places.locked() and bool(self._idle or not self._starting)
        return self._cores > 1 and free

    async def read(
        self,
        body: bytes,
        headers: Mapping[str, str],
        url: str,
        *,
        kind: str = "feed",
        selector: str | None = None,
    ) -> ParsedFeed:
        """Reads a document, with the arguments of read_document. Raises FeedError where it is none
        of that kind, takes too long or too much memory, or ends the process; RasidError where no
        process could be started."""
        told = {name.lower(): value for name, value in headers.items()}
        about = {
            "url": url,
            "headers": {name: told[name] for name in _HEADERS if name in told},
            "how": {} if kind == "feed" else {"kind": kind, "selector": selector},
        }
        large = self._large if len(body) > _LARGE else nullcontext()
        async with large, self._places:
            worker = await self._worker()
            keep = False
            try:
                async with asyncio.timeout(self._deadline):
                    answer = await worker.ask(json.dumps(about).encode(), body)
                outcome = await _outcome(answer)
                keep = not answer.last
            except TimeoutError as error:
                raise FeedError(f"not read within {self._deadline:g} s") from error
            except (OSError, EOFError, ValueError) as error:
                why = "not read: closing down" if self._closed else "the reader died over it"
                raise FeedError(why) from error
            finally:
                self._rest(worker) if keep else self._end(worker)
        if isinstance(outcome, FeedError):
            raise outcome
        return outcome

    async def aclose(self) -> None:
        """Ends all processes, also those that are at work, and begins no further document."""
        self._closed = True
        for worker in list(self._living):
            self._end(worker)
        while self._ending:
            await asyncio.gather(*self._ending)

    async def _worker(self) -> _Worker:
        """A process that waits, or a new one."""
        while self._idle:
            worker = self._idle.pop()
            worker.rest_over()
            if worker.lives:
                return worker
            self._end(worker)
        if self._closed:
            raise FeedError("not read: closing down")
        return await self._start()

    async def _start(self) -> _Worker:
        self._starting += 1
        try:
            return await self._started()
        finally:
            self._starting -= 1

    async def _started(self) -> _Worker:
        try:
            worker = _Worker(await _spawn(self._arguments))
        except OSError as error:
            raise RasidError(f"no process to read documents in: {error.strerror}") from error
        self._living.add(worker)
        ready = False
        try:
            async with asyncio.timeout(_STARTING):
                answer = await worker.answer()
            if answer.kind != READY:
                raise RasidError(f"the reader refuses to start: {answer.text}")
            ready = not self._closed
        except (OSError, EOFError, ValueError) as error:  # TimeoutError is an OSError
            if not self._closed:
                raise RasidError("the reader does not start") from error
        finally:
            if not ready:
                self._end(worker)
        if not ready:
            raise FeedError("not read: closing down")
        return worker

    def _rest(self, worker: _Worker) -> None:
        if self._closed:
            self._end(worker)
            return
        self._idle.append(worker)
        loop = asyncio.get_running_loop()
        worker.rest(loop.call_later(self._idle_for, self._end, worker))

    def _end(self, worker: _Worker) -> None:
        """Kills a process; that it is gone is waited for beside, and by `aclose`."""
        if worker not in self._living:
            return
        self._living.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        task = asyncio.get_running_loop().create_task(worker.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


class _Answer(NamedTuple):
    """What a process said; `last` where it ends now."""

    kind: bytes
    last: bool
    body: bytes

    @property
    def text(self) -> str:
        """A reason, in one line: a reader that a document took over may say anything."""
        return plain_detail(self.body[:_LONGEST_REASON].decode("utf-8", "replace"))


class _Worker:
    """One process and its two pipes."""

    def __init__(self, process: Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("a process without pipes")
        self.process = process
        self._into, self._out = process.stdin, process.stdout
        self._timer: asyncio.TimerHandle | None = None

    @property
    def lives(self) -> bool:
        """Whether it is not known to have ended."""
        return self.process.returncode is None and not self._out.at_eof()

    async def ask(self, about: bytes, body: bytes) -> _Answer:
        """Its answer on a document. Raises EOFError, OSError or ValueError where it gives none."""
        self._into.write(REQUEST.pack(len(about), len(body)) + about)
        for start in range(0, len(body), _CHUNK):
            self._into.write(body[start : start + _CHUNK])
            await self._into.drain()
        return await self.answer()

    async def answer(self) -> _Answer:
        """What it says next."""
        kind, last, length = ANSWER.unpack(await self._out.readexactly(ANSWER.size))
        if length > _LARGEST_ANSWER:
            raise ValueError("too long an answer")
        return _Answer(kind, last, await self._out.readexactly(length))

    def rest(self, timer: asyncio.TimerHandle) -> None:
        """Nothing to do until the timer."""
        self._timer = timer

    def rest_over(self) -> None:
        """There is work again, or the end."""
        if self._timer is not None:
            self._timer.cancel()

    async def end(self) -> None:
        """Kills it, and waits until it is gone."""
        self.rest_over()
        if self.process.returncode is None:
            self.process.kill()
        self._into.close()
        await self.process.wait()


async def _spawn(arguments: tuple[str, ...]) -> Process:
    flags = ["-P", *(["-B"] if sys.dont_write_bytecode else [])]
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *flags,
        "-c",
        _START,
        *arguments,
        *sys.path,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env={name: os.environ[name] for name in _KEPT if name in os.environ},
        start_new_session=True,
    )


async def _outcome(answer: _Answer) -> ParsedFeed | FeedError:
    """What an answer says of the document. Raises ValueError where it says nothing."""
    if answer.kind == NO_FEED:
        return FeedError(answer.text)
    if answer.kind == NO_MEMORY:
        return FeedError("the reader ran out of memory")
    if answer.kind == FAULT:
        return FeedError(f"the reader fails over it: {answer.text}")
    if answer.kind != FEED:
        raise ValueError("no answer to a document")
    if len(answer.body) <= _SHORT:
        return unpack(answer.body)
    return await in_thread(lambda: unpack(answer.body), "rasid-unpack")
