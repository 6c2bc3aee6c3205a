"""A web server on the loopback for the tests: serves documents, misbehaves on request, logs all.

    with Origin() as origin:
        origin.put("/feed.xml", rss([{"title": "خبر", "link": "https://example.org/1"}]))
        ...poll origin.url("/feed.xml")...
        assert origin.requests[0].headers["user-agent"].startswith("Rasid/")

It must never listen on anything but 127.0.0.1, and leaves no thread or socket behind.
"""

from __future__ import annotations

import gzip as gzip_codec
import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from ssl import SSLContext
from types import TracebackType
from typing import Any, NamedTuple

from feed_text import rss

__all__ = ["FAULTS", "RSS_TYPE", "Handler", "Origin", "Reply", "Request", "rss"]

RSS_TYPE = "application/rss+xml; charset=utf-8"


class Request(NamedTuple):
    """One request as it came in; header names in lower case, `time` as time.time() tells it."""

    method: str
    path: str
    headers: dict[str, str]
    time: float
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """What a handler may return instead of a body."""

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Request], Reply | bytes | str]


@dataclass(frozen=True)
class Page:
    """What stands at a path."""

    body: bytes
    status: int
    headers: dict[str, str]
    etag: str | None
    last_modified: str | None
    delay: float
    handler: Handler | None

    def unchanged(self, request: Request) -> bool:
        """RFC 9110 section 13.1: If-None-Match decides alone where it is sent."""
        asked = request.headers.get("if-none-match")
        if asked is not None:
            tags = [tag.strip().removeprefix("W/") for tag in asked.split(",")]
            return self.etag is not None and self.etag.removeprefix("W/") in tags
        since = request.headers.get("if-modified-since")
        if since is None or self.last_modified is None:
            return False
        return since == self.last_modified or _not_later(self.last_modified, since)


def _not_later(moment: str, limit: str) -> bool:
    try:
        return parsedate_to_datetime(moment) <= parsedate_to_datetime(limit)
    except (TypeError, ValueError):
        return False


class _Server(ThreadingHTTPServer):
    """A server that can cut its open connections, so that closing it waits for nobody."""

    daemon_threads = False
    request_queue_size = 256

    def __init__(self, origin: Origin, tls: SSLContext | None) -> None:
        self.origin = origin
        self.closing = threading.Event()
        self._open: set[socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Exchange)
        if tls is not None:  # the handshake is made in the connection's own thread
            self.socket = tls.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what half of the tests are about: no traceback for it."""

    def cut(self) -> None:
        self.closing.set()
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            try:
                connection.shutdown(SHUT_RDWR)
            except OSError:
                continue  # gone already


class _Exchange(BaseHTTPRequestHandler):
    """One connection: kept alive as HTTP/1.1 has it."""

    protocol_version = "HTTP/1.1"
    wbufsize = 0
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        request = Request(self.command, self.path, headers, time.time(), body)
        origin = self.server.origin
        origin._note(request)
        misbehave = origin._misbehaviour(self.path)
        if misbehave is not None:
            self.close_connection = True
            misbehave(self)
            return
        page = origin._page(self.path)
        if page.delay and self.server.closing.wait(page.delay):
            return
        self._answer(request, page)

    do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815 (the names that http.server asks for)

    def _answer(self, request: Request, page: Page) -> None:
        if page.handler is not None:
            made = page.handler(request)
            reply = made if isinstance(made, Reply) else Reply(made)
            headers = {"Content-Type": RSS_TYPE, **reply.headers}
            self.reply(reply.status, headers, _bytes(reply.body))
        elif page.status == 200 and page.unchanged(request):
            kept = {k: v for k, v in page.headers.items() if k.lower() != "content-encoding"}
            self.reply(304, kept, b"")
        else:
            self.reply(page.status, page.headers, page.body)

    def reply(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Sends a whole answer; a Content-Length among `headers` is taken as it is."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status not in (204, 304) and "content-length" not in {name.lower() for name in headers}:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(body)

    def drip(self, chunks: Iterable[bytes], pause: float) -> None:
        """Sends raw chunks with a pause after each, until either side has had enough."""
        for chunk in chunks:
            self.wfile.write(chunk)
            if self.server.closing.wait(pause):
                return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base's name for it)
        """Says nothing: the log is Origin.requests."""


def _endless(head: bytes, chunk: bytes) -> Iterable[bytes]:
    yield head
    while True:
        yield chunk


_GZIP = {"Content-Encoding": "gzip"}
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"


@cache
def _bomb() -> bytes:
    return gzip_codec.compress(b"<rss>" + bytes(100_000_000), 6)


def _fault_garbage(exchange: _Exchange) -> None:
    exchange.wfile.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")


def _answers(headers: Mapping[str, str], body: Callable[[], bytes]) -> Callable[[_Exchange], None]:
    return lambda exchange: exchange.reply(200, headers, body())


def _drips(head: bytes, chunk: bytes, pause: float) -> Callable[[_Exchange], None]:
    return lambda exchange: exchange.drip(_endless(head, chunk), pause)


def _fault_stall(exchange: _Exchange) -> None:
    exchange.server.closing.wait()


def _fault_hang_up(exchange: _Exchange) -> None:
    """Closes without a word."""


FAULTS: dict[str, Callable[[_Exchange], None]] = {
    "garbage": _fault_garbage,  # an answer that is no HTTP
    # less body than Content-Length says
    "short": _answers({"Content-Length": "5000"}, lambda: b"<rss><channel>"),
    # a gzip stream without its end
    "gzip-cut": _answers(_GZIP, lambda: gzip_codec.compress(b"<rss/>" * 500)[:-12]),
    "gzip-lie": _answers(_GZIP, lambda: b"<rss></rss>"),  # says gzip, is not
    "gzip-bomb": _answers(_GZIP, _bomb),  # 100 kB that unpack to 100 MB
    # a coding that nobody asked for
    "brotli": _answers({"Content-Encoding": "br"}, lambda: b"\x0b\x02\x80<rss\x03"),
    # a body, and headers, of one byte each 50 ms
    "drip": _drips(_HEAD + b"Content-Length: 100000\r\n\r\n", b"<", 0.05),
    "slow-header": _drips(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a", 0.05),
    # a body that never ends
    "endless": _drips(_HEAD + b"Connection: close\r\n\r\n", b"<item/>" * 10_000, 0),
    "stall": _fault_stall,  # takes the request, never answers
    "hang-up": _fault_hang_up,  # closes the connection without an answer
}


class Origin:
    """The server. Paths are exact, with their query; what nobody put there answers 404. With a
    `tls` context it speaks https alone."""

    def __init__(self, *, tls: SSLContext | None = None) -> None:
        self._tls = tls
        self._pages: dict[str, Page] = {}
        self._faults: dict[str, str] = {}
        self._elsewhere: Handler | None = None
        self._requests: list[Request] = []
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Origin:
        self._server = _Server(self, self._tls)
        serve = self._server.serve_forever
        self._thread = threading.Thread(target=serve, args=(0.02,), name="origin")
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._server.shutdown()
        self._thread.join()
        self._server.cut()
        self._server.server_close()  # joins the threads of the connections

    @property
    def port(self) -> int:
        assert self._server is not None, "use it in a with block"
        return int(self._server.server_address[1])

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """The address of a path; `host` may be another name of the loopback."""
        return f"http{'s' if self._tls else ''}://{host}:{self.port}{path}"

    @property
    def requests(self) -> list[Request]:
        """All requests so far, in order of arrival: a copy."""
        with self._lock:
            return list(self._requests)

    def put(
        self,
        path: str,
        body: bytes | str = b"",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        etag: str | bool | None = True,
        last_modified: str | None = None,
        content_type: str | None = RSS_TYPE,
        gzip: bool = False,
        delay: float = 0.0,
        handler: Handler | None = None,
    ) -> str:
        """Puts a document at `path` (again: replaces it, ends its misbehaviour); returns its URL.

        `etag` True: made from the body, a text: sent as it is (give its quotes). A conditional
        request is answered 304 where one of the two validators says unchanged. `delay` is seconds
        before the answer. `handler` makes each answer itself, from the Request.
        """
        raw = _bytes(body)
        tag = f'"{hashlib.sha256(raw).hexdigest()[:16]}"' if etag is True else etag or None
        own = {
            "Content-Type": content_type,
            "ETag": tag if status == 200 else None,
            "Last-Modified": last_modified,
            "Content-Encoding": "gzip" if gzip else None,
        }
        merged = {name: value for name, value in own.items() if value} | dict(headers or {})
        packed = gzip_codec.compress(raw) if gzip else raw
        page = Page(packed, status, merged, tag, last_modified, delay, handler)
        with self._lock:
            self._pages[path] = page
            self._faults.pop(path, None)
        return self.url(path)

    def redirect(self, path: str, to: str, status: int = 301) -> str:
        """Answers `path` with a redirect; `to` goes into Location as it is."""
        return self.put(path, status=status, headers={"Location": to}, content_type=None)

    def fail(self, path: str, how: str) -> str:
        """Misbehaves at `path` in one of the ways that FAULTS lists, until the next put there."""
        if how not in FAULTS:
            raise ValueError(f"{how} is none of {', '.join(FAULTS)}")
        with self._lock:
            self._faults[path] = how
        return self.url(path)

    def elsewhere(self, handler: Handler) -> None:
        """Lets the handler answer where nobody put anything, instead of 404."""
        self._elsewhere = handler

    def _note(self, request: Request) -> None:
        with self._lock:
            self._requests.append(request)

    def _misbehaviour(self, path: str) -> Callable[[_Exchange], None] | None:
        with self._lock:
            return FAULTS.get(self._faults.get(path, ""))

    def _page(self, path: str) -> Page:
        plain = {"Content-Type": "text/plain"}
        missing = Page(b"not found", 404, plain, None, None, 0.0, self._elsewhere)
        with self._lock:
            return self._pages.get(path, missing)


def _bytes(body: bytes | str) -> bytes:
    return body.encode() if isinstance(body, str) else body
