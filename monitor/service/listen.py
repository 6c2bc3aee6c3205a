"""Serves a few small pages to this machine's own processes, over HTTP on a loopback address or a
unix socket: for Prometheus, and for whoever asks whether all is well.

    GET PATH   200 or the page's own status      other paths 404, other methods 405
    HEAD PATH  the same without the page
    Host       on an address, one of this machine alone, else 421: a page in somebody's browser may
               have its own host's name lead here (DNS rebinding), and read what is none of its own
    limits     4 connections, 8 kB of request, 5 s for everything; one request a connection

It answers nothing that changes anything. This module must not know what the pages say.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import re
import socket
import stat
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from monitor.settings.monitor_file import Listen

log = logging.getLogger("rasid.service")

MOST_CONNECTIONS: Final = 4
LONGEST_REQUEST: Final = 8_192  # bytes, headers included
TIME: Final = 5.0  # seconds, from the first byte to the last one of the answer
_END = b"\r\n\r\n"
_PLAIN = "text/plain; charset=utf-8"
_METHODS = (b"GET", b"HEAD")


@dataclass(frozen=True, slots=True)
class Page:
    """An answer."""

    body: bytes
    type: str = _PLAIN
    status: HTTPStatus = HTTPStatus.OK


Pages = Mapping[str, Callable[[], Awaitable[Page]]]  # by path


class Listener:
    """A server on the running loop."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._server: asyncio.Server | None = None
        self._at: Listen | None = None
        self._open: set[asyncio.WriteTransport] = set()

    @property
    def at(self) -> Listen | None:
        """Where it listens; None: nowhere."""
        return self._at

    async def open(self, at: Listen) -> None:
        """Listens there, instead of where it did. OSError where that cannot be had; then it listens
        nowhere."""
        await self.close()
        sock = _unix_socket(at) if isinstance(at, Path) else _tcp_socket(*at)
        start = asyncio.start_unix_server if isinstance(at, Path) else asyncio.start_server
        self._server = await start(
            self._serve, sock=sock, limit=LONGEST_REQUEST, backlog=MOST_CONNECTIONS
        )
        self._at = at
        log.info("metrics and health are served at %s", told(at))

    async def close(self) -> None:
        """Listens no more."""
        server, self._server, at, self._at = self._server, None, self._at, None
        if server is None:
            return
        server.close()
        for transport in self._open:
            transport.abort()
        if isinstance(at, Path):
            with suppress(OSError):
                at.unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        transport = writer.transport
        self._open.add(transport)
        try:
            if len(self._open) <= MOST_CONNECTIONS:
                async with asyncio.timeout(TIME):
                    await self._answer(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.CancelledError):
            transport.abort()  # a peer that is gone, or slow, or our own end
        except Exception:
            log.exception("fault in answering a request")
            transport.abort()
        finally:
            self._open.discard(transport)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(_END)
        except asyncio.LimitOverrunError:
            head, page = b"", _refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        else:
            page = await self._page(head)
        writer.transport.set_write_buffer_limits(0)  # so that `drain` waits for all of it
        writer.write(_head(page) + (b"" if head.startswith(b"HEAD ") else page.body))
        await writer.drain()

    async def _page(self, head: bytes) -> Page:
        method, _, rest = head.partition(b"\r\n")[0].partition(b" ")
        target, _, protocol = rest.partition(b" ")
        if not protocol.startswith(b"HTTP/1."):
            return _refusal(HTTPStatus.BAD_REQUEST)
        if method not in _METHODS:
            return _refusal(HTTPStatus.METHOD_NOT_ALLOWED)
        if not (isinstance(self._at, Path) or _is_meant(head)):
            return _refusal(HTTPStatus.MISDIRECTED_REQUEST)
        path = target.partition(b"?")[0].decode("ascii", "replace")
        found = self._pages.get(path)
        return await found() if found is not None else _refusal(HTTPStatus.NOT_FOUND)


def told(at: Listen) -> str:
    """Where that is, for people."""
    if isinstance(at, Path):
        return str(at)
    host, port = at
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _refusal(status: HTTPStatus) -> Page:
    return Page(f"{status.phrase}\n".encode(), status=status)


def _is_meant(head: bytes) -> bool:
    """Whether each Host that a request names is this machine; HTTP/1.0 needs none."""
    fields = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    hosts = (value.strip() for name, _, value in fields if name.strip().lower() == b"host")
    return all(_is_here(host.decode("ascii", "replace").lower()) for host in hosts)


def _is_here(authority: str) -> bool:
    host = re.sub(r":[0-9]*$", "", authority)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


def _head(page: Page) -> bytes:
    lines = [
        f"HTTP/1.1 {page.status.value} {page.status.phrase}",
        f"Content-Type: {page.type}",
        f"Content-Length: {len(page.body)}",
        "X-Content-Type-Options: nosniff",
        "Cache-Control: no-store",
        "Connection: close",
    ]
    if page.status is HTTPStatus.METHOD_NOT_ALLOWED:
        lines.append("Allow: GET, HEAD")
    return "\r\n".join(lines).encode() + _END


def _tcp_socket(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def _unix_socket(path: Path) -> socket.socket:
    """A socket of that name that only our own user may use, from its first moment on: it is made
    beside it, and takes no connection before it has its mode. One that a crash left is replaced."""
    _refuse_taken(path)
    beside = path.with_name(f".{os.getpid()}.new")
    sock = socket.socket(socket.AF_UNIX)
    try:
        with suppress(FileNotFoundError):
            beside.unlink()
        sock.bind(str(beside))
        beside.chmod(0o600)
        sock.listen(MOST_CONNECTIONS)
        beside.replace(path)
    except OSError:
        sock.close()
        with suppress(OSError):
            beside.unlink()
        raise
    return sock


def _refuse_taken(path: Path) -> None:
    """OSError where something else is there: a file, or a socket that somebody listens at."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise FileExistsError(f"{path} is there, and no socket")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return
    raise OSError(f"somebody listens at {path}")
