"""A server on the loopback that says byte for byte what a test wants, however wrong it is.

It must never listen on anything but addresses of the loopback, and leaves no thread or socket
behind.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable
from types import TracebackType

Manner = Callable[[socket.socket], None]


def says(*chunks: bytes) -> Manner:
    """Reads a request, answers with these bytes and closes."""

    def manner(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"".join(chunks))

    return manner


def repeats(head: bytes, chunk: bytes, pause: float = 0.0) -> Manner:
    """Answers with a head, and then the same again and again until the other side has gone."""

    def manner(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(head)
        while not gone.wait(pause):
            connection.sendall(chunk)

    gone = threading.Event()
    return manner


def resets(*chunks: bytes) -> Manner:
    """Answers with these bytes and breaks the connection."""

    def manner(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"".join(chunks))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return manner


def silent(connection: socket.socket) -> None:
    """Says nothing, and waits for the other side to go."""
    while connection.recv(65_536):
        pass


def read_head(connection: socket.socket) -> bytes:
    """All of a request up to its empty line."""
    head = b""
    while b"\r\n\r\n" not in head:
        more = connection.recv(65_536)
        if not more:
            raise ConnectionError
        head += more
    return head


class RawServer:
    """`manner` is run for each connection, in a thread of its own. `heads` are the requests of
    those connections that made one, `connections` how many there were."""

    def __init__(
        self, manner: Manner, *, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> None:
        assert address.startswith("127.")
        self._manner = manner
        self._tls = tls
        self._listening = socket.create_server((address, 0), backlog=256)
        self.host, self.port = self._listening.getsockname()
        self.connections = 0
        self.ended = threading.Semaphore(0)  # one more for each connection that has ended
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._accept, name="raw-server")]

    def __enter__(self) -> RawServer:
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _shut([self._listening])
        self._threads[0].join()
        with self._lock:
            _shut(self._open)
        for thread in self._threads[1:]:
            thread.join()
        self._listening.close()

    def url(self, path: str = "/", host: str = "") -> str:
        return f"http{'s' if self._tls else ''}://{host or self.host}:{self.port}{path}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), name="raw-server")
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        connection = plain
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(plain, server_side=True)
                with self._lock:
                    self._open.add(connection)
            self._manner(connection)
        except OSError:
            pass  # the other side has had enough: half of the tests are about that
        finally:
            with self._lock:
                self._open -= {plain, connection}
            plain.close()
            connection.close()
            self.ended.release()


def _shut(sockets: Iterable[socket.socket]) -> None:
    for each in sockets:
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue  # gone already
