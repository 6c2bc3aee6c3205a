"""A server that behaves in one way for each host name, and writes down all that is asked of it.

It runs on the event loop of those who ask, so that a simulated clock stands still while it
answers. It must never listen on anything but the loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterable
from types import TracebackType

from etiquette_log import Kind, Line, Reply, Turn

LOOPBACK = "127.0.0.1"
CANARY = "127.0.0.2"  # where nobody may be sent by a redirect
CANARY_HOST = "private.canary.example"
_LONGEST_HEAD = 65_536
_REASONS = {200: "OK", 304: "Not Modified"}


class Server:
    """The server. `log` has a line for each request, in order of arrival."""

    def __init__(self, kinds: Iterable[Kind], clock: Callable[[], float]) -> None:
        self.log: list[Line] = []
        self.strays = 0
        self._kinds = {kind.name: kind for kind in kinds}
        self._clock = clock
        self._asked: Counter[str] = Counter()
        self._under_way: Counter[str] = Counter()

    async def __aenter__(self) -> Server:
        self._server = await asyncio.start_server(self._talk, LOOPBACK, 0, limit=_LONGEST_HEAD)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._canary = await asyncio.start_server(self._stray, CANARY, self.port)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in (self._server, self._canary):
            server.close()
            await server.wait_closed()

    async def _stray(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.strays += 1
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection; that is all that a poller needs."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            await self._exchange(head, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client has had enough: that is what half of the kinds are about
        finally:
            writer.transport.abort() if writer.transport.is_closing() else writer.close()

    async def _exchange(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        first, *rest = head[:-4].split(b"\r\n")
        method, target, _ = first.decode("iso-8859-1").split(" ")
        pairs = tuple((name, value.strip()) for name, _, value in (r.partition(b":") for r in rest))
        read = {n.decode("iso-8859-1").lower(): v.decode("iso-8859-1") for n, v in pairs}
        host = read["host"]
        self._under_way[host] += 1
        began = time.monotonic()
        line = Line(self._clock(), method, host, target, pairs, Reply())
        try:
            name = host.split(":")[0]
            number = self._asked[line.url]
            self._asked[line.url] += 1
            turn = Turn(number, line.at, name, target, read, self.port)
            line.at_once = self._under_way[host]
            line.reply = self._kinds[line.kind].handler(turn)
            self.log.append(line)
            await asyncio.sleep(line.reply.delay)
            await _send(line, writer, reader)
        finally:
            self._under_way[host] -= 1
            line.seconds = time.monotonic() - began


async def _send(line: Line, writer: asyncio.StreamWriter, reader: asyncio.StreamReader) -> None:
    reply = line.reply
    whole = reply.raw if reply.raw is not None else made(reply)
    writer.write(whole)
    line.sent += len(whole)
    await writer.drain()
    gone = asyncio.ensure_future(reader.read())
    try:
        while reply.chunk and not gone.done():
            writer.write(reply.chunk)
            line.sent += len(reply.chunk)
            await writer.drain()
            await asyncio.wait([gone], timeout=reply.pause)
        if reply.pause and not reply.chunk:  # says nothing more, and leaves the line open
            await gone
    finally:
        gone.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await gone


def made(reply: Reply) -> bytes:
    """An answer as it goes over the wire."""
    bodiless = reply.status in (204, 304)
    headers = [*reply.headers]
    if not bodiless and not any(name.lower() == "content-length" for name, _ in headers):
        headers.append(("Content-Length", str(len(reply.body))))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    reason = _REASONS.get(reply.status, "Whatever")
    head = f"HTTP/1.1 {reply.status} {reason}\r\n{lines}Connection: close\r\n\r\n"
    return head.encode("iso-8859-1") + (b"" if bodiless else reply.body)
