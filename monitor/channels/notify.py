"""Apprise: every chat and push service that it knows, each as a channel of ours.

One channel is one Apprise service. Text goes out as plain text, cut by us to what the service takes
so that Apprise never splits it: a split message is neither sent nor unsent. Apprise reports failure
without a code, so the code is read from what it logs. Nothing of an address may be shown: its
logs, which hold addresses and tokens, are read here and go nowhere else.
"""

from __future__ import annotations

import difflib
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import apprise

from monitor.channels.mail import Address, MailServer
from monitor.model import Message, Outcome, Receipt

_CODE = re.compile(r"\b(?:error|status|code)\s*[=:]\s*(\d{3})\b", re.IGNORECASE)
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*)://")
_HELD = frozenset({401, 402, 403, 404, 410})
_REJECTED = frozenset({400, 413, 422})
_MARGIN = 40  # letters kept free for what a plugin adds

log = logging.getLogger("apprise")


class Service:
    """A channel over one Apprise service."""

    def __init__(self, name: str, service: Any) -> None:
        self.name = name
        self._service = service
        service.request_rate_per_sec = 0.0  # our sender sets the pace

    def send(self, message: Message) -> Receipt:
        """Sends one message; what Apprise logged meanwhile decides between the failures."""
        title, body = self._fitted(message)
        with _overheard() as said:
            try:
                taken = self._service.notify(
                    body=body, title=title, body_format=apprise.NotifyFormat.TEXT
                )
            except (TypeError, ValueError, OSError) as error:
                return Receipt(Outcome.RETRY, f"{type(error).__name__} in the service's plugin")
        if taken:
            return Receipt(Outcome.SENT, "accepted")
        return _failure(" ".join(said))

    def _fitted(self, message: Message) -> tuple[str, str]:
        """Title and body as long as the service allows; one without titles gets both as body."""
        most = max(int(self._service.body_maxlen) - _MARGIN, 1)
        limit = int(self._service.title_maxlen)
        if limit <= 0:
            return "", cut(message.text, most)
        title = cut(message.subject, limit)
        return title, cut(message.text, max(most - len(title), 1))


def cut(text: str, most: int) -> str:
    """The text in at most `most` letters, ending in … where it was cut, its last line (the link)
    kept where there is room for it."""
    if len(text) <= most:
        return text
    last = text.rstrip("\n").rpartition("\n")[2]
    tail = f"…\n{last}" if len(last) + 2 <= most // 2 else "…"
    return text[: most - len(tail)].rstrip("\u200d\u2066\u2067\u2068 ") + tail


def _failure(said: str) -> Receipt:
    found = _CODE.search(said)
    code = int(found[1]) if found else None
    if code in _HELD:
        return Receipt(Outcome.HELD, f"the service refuses us (status {code})", code)
    if code in _REJECTED:
        return Receipt(Outcome.REJECTED, f"the service refuses the message (status {code})", code)
    if code is not None:
        return Receipt(Outcome.RETRY, f"the service answered with status {code}", code)
    return Receipt(Outcome.RETRY, "the service was not reached or did not accept")


class _Ear(logging.Handler):
    """Keeps what one thread logs."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.said: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.said.append(record.getMessage())


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """What Apprise logs in this thread. Its logger passes nothing on to other handlers: records
    of level WARNING hold addresses with their tokens."""
    ear = _Ear()
    log.propagate = False
    log.setLevel(logging.INFO)
    log.addHandler(ear)
    try:
        yield ear.said
    finally:
        log.removeHandler(ear)


def service_of(url: str) -> Any | None:
    """The Apprise service of an address, or None where Apprise cannot make one of it."""
    asset = apprise.AppriseAsset(
        app_id="Rasid",
        app_desc="Rasid, the watcher of Arabic news",
        app_url="",
        http_redirects=False,
        async_mode=False,
    )
    with _overheard():
        return apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)


def mail_server(url: str) -> MailServer | str:
    """The mail server that a mailto(s):// address names, or why it names none."""
    service = service_of(url)
    if service is None:
        return "this is no mail address that can be read"
    to = _addresses(service.targets)
    if not to:
        return "names no recipient (to=name@example.org)"
    sender = service.from_addr
    return MailServer(
        host=service.smtp_host or service.host,
        port=int(service.port or 25),
        mode=str(getattr(service.secure_mode, "value", service.secure_mode)),
        sender=(sender[0] or "", sender[1]),
        to=to,
        cc=tuple(_named(address, service.names) for address in sorted(service.cc)),
        bcc=tuple(_named(address, service.names) for address in sorted(service.bcc)),
        user=service.user or None,
        password=service.password or None,
    )


def _addresses(targets: Any) -> tuple[Address, ...]:
    return tuple((name or "", address) for name, address in targets)


def _named(address: str, names: Any) -> Address:
    return names.get(address) or "", address


def scheme_of(url: str) -> str:
    """The scheme of an address in lower case, "" where it has none."""
    found = _SCHEME.match(url.strip())
    return found[1].lower() if found else ""


def check(url: str) -> str | None:
    """Why Apprise cannot use this address, without any part of it but the scheme; None: it can."""
    if service_of(url) is not None:
        return None
    known, scheme = schemes(), scheme_of(url)
    if scheme not in known:
        close = difflib.get_close_matches(scheme, known, 1, 0.6)
        hint = f" (did you mean '{close[0]}'?)" if close else ""
        return f"unknown kind of channel '{scheme}://'{hint}"
    return f"this is no complete {scheme}:// address"


def schemes() -> frozenset[str]:
    """Every scheme that Apprise knows."""
    listed = apprise.Apprise().details()["schemas"]
    return frozenset(
        scheme
        for service in listed
        for kind in ("protocols", "secure_protocols")
        for scheme in service[kind] or ()
    )
