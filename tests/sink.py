"""A mail server on the loopback for the tests: keeps what it takes, misbehaves on request.

    with Sink() as sink:
        sink.answer(451, times=2)                   # the next two messages are put off
        ...send over sink.mailto...
        sink.wait_for(1)[0].message["Subject"]

It takes any login. It must never listen on anything but 127.0.0.1 nor pass a message on, and
leaves no thread or socket behind.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from ssl import SSLContext
from threading import Condition, Thread
from types import TracebackType
from typing import Any, NamedTuple

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, Session

HANG_UP = 0  # as a code: cut the connection instead of answering
STEPS = frozenset({"AUTH", "MAIL", "RCPT", "DATA", "QUIT"})
TEXTS = {421: "4.3.2 closing", 451: "4.7.1 later", 535: "5.7.8 bad credentials", 550: "5.7.1 no"}


class Received(NamedTuple):
    """One message that was taken: parsed, as the envelope had it, and as its bytes were.

    `login` is the name that its connection logged in with, `tls` whether it was encrypted."""

    message: EmailMessage
    sender: str
    recipients: tuple[str, ...]
    data: bytes
    login: str | None
    tls: bool


class Sink:
    """An SMTP server in a thread of its own, as a context manager. Safe in any thread.

    `faults` is asked at each message for a code to answer instead of keeping it, or None.
    `delay` is how many seconds it waits after a message is kept, before it says so. With a
    `tls` context it offers STARTTLS."""

    def __init__(self, port: int = 0, *, tls: SSLContext | None = None) -> None:
        self.delay = 0.0
        self.faults: Callable[[], int | None] = lambda: None
        self._tls = tls
        self._received: list[Received] = []
        self._changed = Condition()
        self._orders: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        self._refused: dict[str, int | None] = {}
        self._open: list[SMTP] = []
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="mail sink")
        self._server = self._loop.run_until_complete(self._listen(port))
        self.port = int(self._server.sockets[0].getsockname()[1])
        self.mailto = f"mailto://127.0.0.1:{self.port}/?from=a@x.example&to=b@x.example"

    @property
    def messages(self) -> list[Received]:
        """Every message taken so far, in order."""
        with self._changed:
            return list(self._received)

    def wait_for(self, count: int, timeout: float = 20.0) -> list[Received]:
        """The messages, once there are `count` of them; fails after `timeout` seconds."""
        with self._changed:
            come = self._changed.wait_for(lambda: len(self._received) >= count, timeout)
            assert come, f"{len(self._received)} messages came instead of {count}"
            return list(self._received)

    def answer(self, code: int, *, times: int = 1, at: str = "DATA", text: str = "") -> None:
        """Answers the next `times` commands `at` with `code` and `text`; HANG_UP cuts the
        connection.

        The message of a DATA that is answered so is not kept."""
        assert at in STEPS, at
        with self._changed:
            self._orders[at] += [(code, text)] * times

    def relent(self) -> None:
        """Forgets what was told to `answer`: from now on all is taken."""
        with self._changed:
            self._orders.clear()

    def refuse(self, recipient: str, code: int | None = 550) -> None:
        """Answers `code` to one recipient, from now on; None takes it again."""
        self._refused[recipient] = code

    @contextmanager
    def away(self) -> Iterator[None]:
        """Connections are refused meanwhile; after it the same port listens again."""
        self._run(self._close())
        try:
            yield
        finally:
            self._server = self._run(self._listen(self.port))

    def __enter__(self) -> Sink:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _listen(self, port: int) -> asyncio.Server:
        return await self._loop.create_server(self._protocol, "127.0.0.1", port)

    def _protocol(self) -> SMTP:
        protocol = SMTP(
            _Hooks(self),
            hostname="sink.example",
            loop=self._loop,
            tls_context=self._tls,
            auth_require_tls=False,
            auth_exclude_mechanism=["LOGIN"],
            authenticator=lambda *given: AuthResult(success=True, auth_data=given[-1]),
        )
        self._open.append(protocol)
        return protocol

    async def _close(self) -> None:
        self._server.close()
        for protocol in self._open:
            _cut(protocol)
        self._open.clear()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._server.wait_closed()

    def _order(self, step: str) -> tuple[int, str] | None:
        with self._changed:
            return self._orders[step].pop(0) if self._orders[step] else None

    def _keep(self, received: Received) -> None:
        with self._changed:
            self._received.append(received)
            self._changed.notify_all()


class _Hooks:
    """What aiosmtpd calls; MISSING means that it goes on as it would. One a connection."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def handle_AUTH(  # noqa: N802 (the name that aiosmtpd calls)
        self, server: SMTP, session: Session, envelope: Envelope, args: Any
    ) -> Any:
        return self._ordered(server, "AUTH")

    async def handle_MAIL(  # noqa: N802 (the name that aiosmtpd calls)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> Any:
        answer = self._ordered(server, "MAIL")
        if answer is MISSING:
            envelope.mail_from = address
            return "250 sender taken"
        return answer

    async def handle_RCPT(  # noqa: N802 (the name that aiosmtpd calls)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> Any:
        answer = self._ordered(server, "RCPT")
        if answer is not MISSING:
            return answer
        refusal = self._sink._refused.get(address)
        if refusal is not None:
            return _reply(refusal)
        envelope.rcpt_tos.append(address)
        return "250 recipient taken"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> Any:  # noqa: N802 (the name that aiosmtpd calls)
        answer = self._ordered(server, "DATA")
        if answer is not MISSING:
            return answer
        fault = self._sink.faults()
        if fault is not None:
            return _reply(fault)
        data = envelope.original_content or b""
        plain = data.replace(b"\r\n", b"\n")
        login = getattr(session.auth_data, "login", None)
        self._sink._keep(
            Received(
                message=message_from_bytes(plain, policy=policy.default),
                sender=envelope.mail_from or "",
                recipients=tuple(envelope.rcpt_tos),
                data=data,
                login=login.decode() if login else None,
                tls=session.ssl is not None,
            )
        )
        if self._sink.delay:
            await asyncio.sleep(self._sink.delay)
        return "250 kept"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> Any:  # noqa: N802 (the name that aiosmtpd calls)
        answer = self._ordered(server, "QUIT")
        return "221 bye" if answer is MISSING else answer

    def _ordered(self, server: SMTP, step: str) -> Any:
        order = self._sink._order(step)
        if order is None:
            return MISSING
        if order[0] == HANG_UP:
            _cut(server)
            return _reply(421)
        return _reply(*order)


def _reply(code: int, text: str = "") -> str:
    return f"{code} {text or TEXTS.get(code, 'as told')}"


def _cut(protocol: SMTP) -> None:
    if isinstance(protocol.transport, asyncio.WriteTransport):
        protocol.transport.abort()
