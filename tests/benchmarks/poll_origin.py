"""The web server of the polling benchmark: canned answers on many addresses of the loopback.

    with Origin(Plan(), hosts=1_000) as origin:
        origin.turn(generation=1, validators=True)
        ...poll origin.url(0) ...
        told = origin.counts()

It runs as a process of its own (`python poll_origin.py '{"plan": …, "hosts": …}'`), so that it
shares no interpreter with who is measured, and is told what to do over its standard input. It must
never listen on anything but addresses of 127.0.0.0/8.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import resource
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from email.utils import formatdate
from pathlib import Path
from types import TracebackType
from typing import Any

from poll_feeds import FeedMaker, Plan

_MOST_HEADERS = 65_536


def address_of(host: int) -> str:
    """The address of the `host`-th server."""
    return f"127.{1 + host // 62_500}.{host // 250 % 250}.{1 + host % 250}"


@dataclass(frozen=True, slots=True)
class Counts:
    """What came in since the last turn. `first_at` by time.monotonic(), None: nothing came;
    `sent` in bytes; `at_once` the most connections that one host had open at a moment."""

    requests: int
    fresh: int
    not_modified: int
    sent: int
    at_once: int
    first_at: float | None


class Origin:
    """The server's process, from the side of who started it."""

    def __init__(self, plan: Plan, *, hosts: int) -> None:
        self._plan = plan
        self._hosts = hosts
        self._port = 0

    def __enter__(self) -> Origin:
        asked = json.dumps({"plan": asdict(self._plan), "hosts": self._hosts})
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__)), asked],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._port = self._hear()["port"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()  # the end of its input ends it

    def url(self, number: int) -> str:
        """The address of a feed."""
        return f"http://{address_of(number % self._hosts)}:{self._port}/feed/{number}.xml"

    @property
    def urls(self) -> list[str]:
        """The addresses of all feeds of the plan."""
        return [self.url(number) for number in range(self._plan.all)]

    def turn(self, *, generation: int, validators: bool) -> None:
        """Lets all feeds stand at a generation, with validators or without; counts from 0."""
        self._tell({"generation": generation, "validators": validators})

    def counts(self) -> Counts:
        """What came in since the last turn."""
        return Counts(**self._tell({}))

    def _tell(self, what: dict[str, Any]) -> dict[str, Any]:
        pipe = self._process.stdin
        assert pipe is not None
        pipe.write(json.dumps(what) + "\n")
        pipe.flush()
        return self._hear()

    def _hear(self) -> dict[str, Any]:
        pipe = self._process.stdout
        assert pipe is not None
        heard: dict[str, Any] = json.loads(pipe.readline() or "{}")
        if not heard:
            raise RuntimeError(f"the origin ended with {self._process.wait()}")
        return heard


class _Site:
    """All pages, and what was asked of them."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._maker = FeedMaker(plan)
        self._generation = 0
        self._bodies: dict[int, bytes] = {}  # packed: 10,000 feeds would be 470 MB otherwise
        self.validators = True
        self.open: Counter[str] = Counter()
        self._forget()
        for number in range(plan.all):
            self._make(number)

    def turn(self, generation: int, *, validators: bool) -> None:
        revision = self._maker.revision
        for number in range(self._plan.all):
            if revision(number, generation) != revision(number, self._generation):
                self._make(number, generation)
        self._generation, self.validators = generation, validators
        self._forget()

    def counts(self) -> dict[str, Any]:
        return asdict(
            Counts(
                self._fresh + self._unchanged,
                self._fresh,
                self._unchanged,
                self._sent,
                self._at_once,
                self._first_at,
            )
        )

    def opened(self, host: str) -> None:
        self.open[host] += 1
        self._at_once = max(self._at_once, self.open[host])

    def answer(self, head: bytes) -> tuple[bytes, bool]:
        """The answer to a request's head, and whether the connection is to be closed then."""
        if self._first_at is None:
            self._first_at = time.monotonic()
        path = head.split(b" ", 2)[1]
        lower = head.lower()
        close = b"\r\nconnection: close" in lower
        try:
            number = int(path.removeprefix(b"/feed/").removesuffix(b".xml"))
            body = self._bodies[number]
        except (ValueError, KeyError):
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", close
        answer = self._answer(number, body, head, lower)
        self._sent += len(answer)
        return answer, close

    def _answer(self, number: int, body: bytes, head: bytes, lower: bytes) -> bytes:
        etag = b'"%d-%d"' % (number, self._maker.revision(number, self._generation))
        told = b""
        if self.validators:
            told = b"ETag: %s\r\nLast-Modified: %s\r\n" % (etag, self._modified(number))
            if _header(head, lower, b"if-none-match") == etag:
                self._unchanged += 1
                return b"HTTP/1.1 304 Not Modified\r\n%s\r\n" % told
        self._fresh += 1
        if b"gzip" in _header(head, lower, b"accept-encoding"):
            told += b"Content-Encoding: gzip\r\n"
        else:
            body = gzip.decompress(body)
        return (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml; charset=utf-8\r\n"
            b"%sContent-Length: %d\r\n\r\n%s" % (told, len(body), body)
        )

    def _modified(self, number: int) -> bytes:
        moment = self._plan.start + self._maker.revision(number, self._generation)
        return formatdate(moment, usegmt=True).encode()

    def _make(self, number: int, generation: int = 0) -> None:
        document = self._maker.document(number, generation)
        self._bodies[number] = gzip.compress(document, 1, mtime=0)

    def _forget(self) -> None:
        self._fresh = self._unchanged = self._sent = self._at_once = 0
        self._first_at: float | None = None


def _header(head: bytes, lower: bytes, name: bytes) -> bytes:
    start = lower.find(b"\r\n" + name + b":")
    if start < 0:
        return b""
    start += len(name) + 3
    return head[start : head.find(b"\r\n", start)].strip()


class _Connection(asyncio.Protocol):
    """One connection: kept open until the other side asks to close it."""

    def __init__(self, site: _Site) -> None:
        self._site = site
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._host = transport.get_extra_info("sockname")[0]
        self._site.opened(self._host)

    def connection_lost(self, exc: Exception | None) -> None:
        self._site.open[self._host] -= 1

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while (end := self._heard.find(b"\r\n\r\n")) >= 0:
            head, self._heard = self._heard[: end + 2], self._heard[end + 4 :]
            answer, close = self._site.answer(head)
            self._transport.write(answer)
            if close:
                self._transport.close()
                return
        if len(self._heard) > _MOST_HEADERS:
            self._transport.abort()


def _listen(address: str, port: int) -> socket.socket:
    assert address.startswith("127.")
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    return listener


def _listeners(hosts: int) -> list[socket.socket]:
    """One listener an address, all on one port."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    first = _listen(address_of(0), 0)
    port = first.getsockname()[1]
    return [first, *(_listen(address_of(host), port) for host in range(1, hosts))]


async def _serve(plan: Plan, hosts: int) -> None:
    site = _Site(plan)
    loop = asyncio.get_running_loop()
    listeners = _listeners(hosts)
    servers = [
        await loop.create_server(lambda: _Connection(site), sock=each, backlog=64)
        for each in listeners
    ]
    _say({"port": listeners[0].getsockname()[1]})
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        asked = json.loads(line)
        if asked:
            site.turn(asked["generation"], validators=asked["validators"])
        _say(site.counts())
    for server in servers:
        server.close()


def _say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


def main() -> None:
    """Serves until standard input ends."""
    asked = json.loads(sys.argv[1])
    asyncio.run(_serve(Plan(**asked["plan"]), asked["hosts"]))


if __name__ == "__main__":
    main()
