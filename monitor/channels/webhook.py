"""Alerts as JSON, posted to an address of the operator's: webhook+https:// and webhook+http://.

    2xx                                                sent
    400, 413, 415, 422                                 rejected
    401, 402, 403, 404, 405, 407, 410, a redirect, a certificate that is not trusted, an address
    that is not public                                 the channel held
    other 4xx, 5xx, no connection, no answer           again later, as Retry-After asks

The body and its signature are described in README.md; they only ever gain keys and headers. This
module must not follow a redirect, and must not quote the address or the secret.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Mapping
from typing import Final

from monitor.core.alerts.data import as_data
from monitor.core.alerts.signing import body_signature, signing_key, standard_signature
from monitor.model import Limit, Message, Outcome, Receipt
from monitor.net.exchange import Headers, RefusedError, read_retry_after, user_agent
from monitor.net.post import TIMEOUT, NotPosted, Posted, Poster
from monitor.net.urls import read_url
from monitor.ports import Clock

LONGEST: Final = 100_000  # letters of the text; the articles' own stand beside it

_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_-]")  # the dot parts what is signed
_MESSAGE_CODES: Final = frozenset({400, 413, 415, 422})
_CHANNEL_CODES: Final = frozenset({401, 402, 403, 404, 405, 407, 410})
_TROUBLES: Final[Mapping[str, tuple[Outcome, str]]] = {
    "blocked": (
        Outcome.HELD,
        "the address is not public, and allow_private in monitor.yaml does not name it",
    ),
    "certificate": (Outcome.HELD, "the server's certificate is not trusted"),
    "dns": (Outcome.RETRY, "the server's name is not known"),
    "refused": (Outcome.RETRY, "no connection"),
    "tls": (Outcome.RETRY, "encryption failed"),
    "timeout": (Outcome.RETRY, "no answer in time"),
    "protocol": (Outcome.RETRY, "the answer is no HTTP"),
    "cut-off": (Outcome.RETRY, "the server hung up"),
}


def check_webhook(url: str) -> str | None:
    """None for an address that can be posted to, else the reason, which never quotes it."""
    if not url.isprintable() or " " in url:
        return "the address behind webhook+ must not hold blanks or control characters"
    try:
        read_url(_target(url))
    except RefusedError as refused:
        return f"the address behind webhook+ is {refused.detail}"
    return None


def _target(url: str) -> str:
    return url.partition("+")[2]


class Webhook:
    """One receiver. `secret` is the line of the secret file, None where nothing is signed."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        secret: str | None = None,
        allow_private: Iterable[str] = (),
        timeout: float = TIMEOUT,
        clock: Clock = time.time,
    ) -> None:
        """Raises RefusedError or ValueError, without address and secret in it."""
        self.name = name
        self.longest = LONGEST
        self.limits: tuple[Limit, ...] = ()
        self._key = None if secret is None else signing_key(secret)
        self._clock = clock
        self._poster = Poster(
            _target(url), agent=user_agent(None), allow_private=allow_private, timeout=timeout
        )

    def send(self, message: Message) -> Receipt:
        """One try. See the module for what each answer leads to; `code` is HTTP's."""
        now = self._clock()
        name = _NOT_IN_NAMES.sub("-", message.delivery_id)
        body = _body(message, name, now)
        answer = self._poster.send(body, self._headers(message, name, int(now), body))
        if isinstance(answer, NotPosted):
            outcome, detail = _TROUBLES.get(answer.kind, _TROUBLES["cut-off"])
            return Receipt(outcome, detail, in_doubt=answer.in_doubt)
        return _judge(answer, self._clock())

    def _headers(self, message: Message, name: str, timestamp: int, body: bytes) -> Headers:
        signatures: Headers = ()
        if self._key is not None:
            signatures = (
                ("webhook-signature", standard_signature(self._key, name, timestamp, body)),
                ("X-Rasid-Signature-256", body_signature(self._key, body)),
            )
        return (
            ("Content-Type", "application/json"),
            ("Idempotency-Key", name),
            ("X-Rasid-Delivery", name),
            ("X-Rasid-Possible-Repeat", "true" if message.possible_repeat else "false"),
            ("webhook-id", name),
            ("webhook-timestamp", str(timestamp)),
            *signatures,
        )


def _body(message: Message, name: str, now: float) -> bytes:
    data = as_data(message, name=name, now=now)
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _judge(answer: Posted, now: float) -> Receipt:
    status = answer.status
    outcome, detail = _meaning(status)
    wait = None
    if outcome is Outcome.RETRY:
        wait = read_retry_after(answer.headers.get("retry-after", ""), now)
    return Receipt(outcome, detail, code=status, retry_after=wait)


def _meaning(status: int) -> tuple[Outcome, str]:
    if 200 <= status < 300:
        return Outcome.SENT, "taken"
    detail = f"HTTP {status}"
    if status in _MESSAGE_CODES:
        return Outcome.REJECTED, detail
    if 300 <= status < 400:
        return Outcome.HELD, f"{detail}: a redirect is not followed, correct the address"
    return (Outcome.HELD if status in _CHANNEL_CODES else Outcome.RETRY), detail
