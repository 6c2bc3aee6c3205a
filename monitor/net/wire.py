"""One HTTP/1.1 exchange over a connection of its own, dialled by the guard (RFC 9112).

Polls of one host lie minutes apart, so a connection is never kept, and what pools, clients and
streams would cost a request is saved (a 304 took 1.3 ms of CPU with httpx and takes 0.3 ms, half
of it asyncio's and the kernel's). llhttp, the parser of Node.js, reads the answer; each chunk goes
to its reader as it comes in, so nothing waits in a buffer and no answer can outgrow its reader's
limit.

All failures end here as a RefusedError of the kinds refused, tls, protocol and cut-off, but for
the guard's own. Time limits are the caller's: a cancelled exchange closes its socket. This module
must know nothing of redirects, and must dial nothing itself.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Callable
from typing import cast

import httptools

from monitor.net.exchange import (
    Head,
    Headers,
    RefusedError,
    Reply,
    Sink,
    Take,
    field_lines,
    no_connection,
)
from monitor.net.guard import Guard
from monitor.net.urls import Place

MOST_HEAD = 65_536  # bytes of an answer before its body, interim answers (1xx) included
_MOST_FIELDS = 200
_HANDSHAKE = 86_400.0  # seconds: longer than any time limit of a caller's, which is the one to act
_TARGET = re.compile(rb"[\x21-\x7e]+")
_LENGTH = re.compile(rb"content-length[ \t]*:", re.IGNORECASE)
_CUT_OFF = "the connection ended before the answer did"


def request(
    method: str, where: Place, headers: Headers, body: bytes = b"", *, has_body: bool = False
) -> bytes:
    """The bytes of a request. Raises RefusedError for what HTTP cannot carry."""
    lines = field_lines(headers)
    if not _TARGET.fullmatch(where.target):
        raise RefusedError("protocol", "a request that HTTP does not allow")
    if not any(name.lower() == "host" for name, _ in headers):
        lines = b"Host: %b\r\n%b" % (where.authority, lines)
    if has_body:
        lines = b"%bContent-Length: %d\r\n" % (lines, len(body))
    return b"%b %b HTTP/1.1\r\n%b\r\n%b" % (method.encode("ascii"), where.target, lines, body)


def _ignored() -> None:
    """For those who need not know."""


class Wire:
    """Makes exchanges, as many at once as the caller likes. `tls` becomes this object's own."""

    def __init__(self, guard: Guard, tls: ssl.SSLContext) -> None:
        self._guard = guard
        self._tls = tls
        tls.set_alpn_protocols(["http/1.1"])

    async def exchange(
        self, where: Place, asked: bytes, take: Take, sent: Callable[[], None] = _ignored
    ) -> Reply:
        """Sends the bytes of a request. `take` is called with the head of the answer, within the
        event loop, and says what the body goes to; without a body, or where none is wanted, it
        is b"". `sent` is called when the first byte is about to go out.

        Raises RefusedError, BlockedAddressError or NameNotFoundError."""
        conversation = _Conversation(asked, take, sent)
        try:
            await self._open(where, conversation)
            return await conversation.reply
        finally:
            conversation.close()

    async def _open(self, where: Place, conversation: _Conversation) -> None:
        try:
            connected = await self._guard.connect(where.host, where.port)
            try:
                await self._begin(connected, where, conversation)
            except BaseException:
                connected.close()
                raise
        except ssl.SSLError as error:
            raise RefusedError("tls", _tls_reason(error)) from error
        except OSError as error:
            raise RefusedError("refused", no_connection(error)) from error
        except ValueError as error:  # UnicodeError: a label that is too long, or empty
            raise RefusedError("tls", "TLS: a host name that no certificate can hold") from error

    async def _begin(
        self, connected: socket.socket, where: Place, conversation: _Conversation
    ) -> None:
        loop = asyncio.get_running_loop()
        if not where.secure:
            await loop.create_connection(lambda: conversation, sock=connected)
            return
        await loop.create_connection(
            lambda: conversation,
            sock=connected,
            ssl=self._tls,
            server_hostname=where.host.removesuffix("."),
            ssl_handshake_timeout=_HANDSHAKE,
        )


def _tls_reason(error: ssl.SSLError) -> str:
    said = getattr(error, "verify_message", "") or error.reason or "handshake failed"
    return f"TLS: {said}"


class _Conversation(asyncio.Protocol):
    """One connection's two sides. The methods named on_… are called by the parser, from within
    `data_received`; what they raise comes out of it again."""

    def __init__(self, asked: bytes, take: Take, sent: Callable[[], None]) -> None:
        self.reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._asked = asked
        self._take = take
        self._sent = sent
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = _parser(self)
        self._start: list[bytes] = []  # all that came, while the head is not whole
        self._fields: list[tuple[bytes, bytes]] = []
        self._field_bytes = 0
        self._head: Head | None = None
        self._sink: Sink | None = None
        self._until_close = False
        self._complete = False
        self._chunks: list[bytes] = []
        self._overhead = 0  # bytes on the wire that are none of the body
        self._body = 0  # bytes on the wire that are

    def close(self) -> None:
        """Closes the connection at once: an exchange needs no goodbye."""
        if not self.reply.cancel() and not self.reply.cancelled():
            self.reply.exception()  # was seen, or nobody cares for it any more
        self._parser = None  # which holds on to this object
        self._sink = None
        self._chunks = []
        if self._transport is not None:
            self._transport.abort()

    # --- called by the event loop ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._sent()
        self._transport.write(self._asked)

    def data_received(self, data: bytes) -> None:
        if self.reply.done():
            return
        self._settle(lambda: self._read(data))

    def eof_received(self) -> None:
        self._ended(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended(exc)

    def _ended(self, error: Exception | None) -> None:
        if self.reply.done():
            return
        if isinstance(error, ssl.SSLError):
            self.reply.set_exception(RefusedError("tls", _tls_reason(error)))
        elif error is not None or not self._until_close:
            self.reply.set_exception(RefusedError("cut-off", _CUT_OFF))
        else:
            self._settle(self._finish)

    def _settle(self, step: Callable[[], None]) -> None:
        """Takes a step, whose refusal is the outcome."""
        try:
            step()
        except RefusedError as error:
            # Its frames know this object and the body so far: a circle that only a late
            # collection of garbage would break.
            self.reply.set_exception(error.with_traceback(None))

    # --- reading ---

    def _read(self, data: bytes) -> None:
        if self._parser is None:
            return
        before = self._body
        if self._head is None:
            self._start.append(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError as error:
            raise (error.__context__ or error) from None
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if self._starts_over():
                return
            if not self._complete:  # what follows a whole answer does not matter
                raise RefusedError("protocol", f"no valid HTTP: {error}") from error
        self._overhead += len(data) - (self._body - before)
        if not self._complete and self._overhead > MOST_HEAD + self._body:
            raise RefusedError("protocol", f"no valid HTTP: over {MOST_HEAD} bytes beside the body")
        if self._chunks and self._sink is not None:
            # Joined, since a body in chunks of one byte would cost its reader a call for each.
            self._sink.feed(b"".join(self._chunks))
            self._chunks.clear()
        if self._complete:
            self._finish()

    def _starts_over(self) -> bool:
        """Reads the answer anew where all that was wrong is a length that it tells several times:
        that is what its sender means (RFC 9110 section 8.6), and no leniency of the parser's."""
        mended = _with_one_length(b"".join(self._start)) if self._head is None else None
        if mended is None:
            return False
        self._parser = _parser(self)
        self._start, self._fields, self._field_bytes = [], [], 0
        self._read(mended)
        return True

    def _finish(self) -> None:
        if self._head is not None:
            body = self._sink.close() if self._sink is not None else b""
            self.reply.set_result((self._head, body))

    # --- called by the parser ---

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._head is not None:
            return  # a trailer
        self._field_bytes += len(name) + len(value) + 4
        if self._field_bytes > MOST_HEAD or len(self._fields) >= _MOST_FIELDS:
            raise RefusedError("protocol", "no valid HTTP: too many headers, or too long")
        if b"\0" in value:
            raise RefusedError("protocol", "no valid HTTP: a zero byte in a header")
        self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        if self._head is not None or self._parser is None:
            return
        status = self._parser.get_status_code()
        if status < 200:  # an interim answer; the one that counts follows
            self._fields.clear()
            return
        self._head, self._start = Head.of(status, self._fields), []
        self._until_close = _is_until_close(self._head)
        self._sink = self._take(self._head)
        self._complete = self._sink is None

    def on_body(self, chunk: bytes) -> None:
        self._body += len(chunk)
        if not self._complete:
            self._chunks.append(chunk)

    def on_message_complete(self) -> None:
        self._complete = self._complete or self._head is not None


def _parser(protocol: _Conversation) -> httptools.HttpResponseParser:
    parser = httptools.HttpResponseParser(protocol)
    # What browsers take too. It is safe here, where no second answer follows on a connection, so
    # that a misread length could pass for nothing: line ends without CR, folded headers and odd
    # bytes in them, a length beside chunks (the chunks count, RFC 9112 section 6.3), blanks
    # behind the size of a chunk, and more behind an answer that is the last.
    parser.set_dangerous_leniencies(
        lenient_headers=True,
        lenient_chunked_length=True,
        lenient_data_after_close=True,
        lenient_optional_cr_before_lf=True,
        lenient_spaces_after_chunk_size=True,
    )
    return parser


def _with_one_length(answer: bytes) -> bytes | None:
    """An answer whose head tells one length several times, without the repetitions; None for any
    other."""
    head, end, body = answer.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    lengths = [line for line in lines if _LENGTH.match(line)]
    if not end or len(lengths) < 2 or len({_LENGTH.sub(b"", line).strip() for line in lengths}) > 1:
        return None
    kept = [line for line in lines if line not in lengths]
    return b"\r\n".join([*kept, lengths[0]]) + end + body


def _is_until_close(head: Head) -> bool:
    """Whether the end of the connection is the end of the body, as RFC 9112 section 6.3 has it."""
    codings = head.headers.get("transfer-encoding", "").lower().replace(" ", "")
    named = set(codings.split(",")) - {"", "identity"}
    if named - {"chunked"}:
        raise RefusedError("protocol", "no valid HTTP: a transfer coding that was not asked for")
    return not named and (bool(codings) or "content-length" not in head.headers)
