"""The demo's web server for feeds, on the loopback interface only.

It answers conditional requests as RFC 9110 section 13 asks: 304 where the validator that the
client sends is the current one. It must serve nothing but the documents put into it.
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any


class Origin:
    """A server in a thread, as a context manager. `answers` lists (path, status) in order."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, int]] = []
        self._documents: dict[str, bytes] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def put(self, path: str, document: bytes) -> None:
        """Publishes a document, new or changed."""
        self._documents[path] = document

    def url(self, path: str) -> str:
        """The address of a document."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    def __enter__(self) -> Origin:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, path: str, if_none_match: str | None) -> tuple[int, str, bytes]:
        """Status, validator and body for one request; notes it in `answers`."""
        body = self._documents.get(path)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"' if body is not None else ""
        if body is None:
            status = HTTPStatus.NOT_FOUND
        elif if_none_match == etag:
            status = HTTPStatus.NOT_MODIFIED
        else:
            status = HTTPStatus.OK
        self.answers.append((path, int(status)))
        return int(status), etag, body if body and status is HTTPStatus.OK else b""

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        origin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                status, etag, body = origin.answer(self.path, self.headers.get("If-None-Match"))
                self.send_response(status)
                if etag:
                    self.send_header("ETag", etag)
                self.send_header("Content-Type", "application/xml")
                if status != HTTPStatus.NOT_MODIFIED:  # RFC 9110 section 8.6
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
                """Says nothing: the demo tells what was asked itself."""

        return Handler
