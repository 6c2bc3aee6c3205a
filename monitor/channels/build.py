"""A channel from its configuration: which sender an address belongs to, and a deadline for each.

This module must hold no knowledge of a service.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TextIO

from monitor.channels.console import Console
from monitor.core.redact import Redactor, channel_secrets
from monitor.errors import ConfigError, Problem
from monitor.model import ChannelConfig, Message, Outcome, Receipt
from monitor.ports import Channel

CONSOLE = "console://"
WEBHOOK = "webhook+"
DEADLINE = 150.0  # seconds; time-outs of sockets are per read, and a server may drip


def check_url(url: str) -> str | None:
    """None for an address that `build` takes, else the reason, which never quotes the address."""
    if url.lower().startswith(WEBHOOK):
        from monitor.channels.webhook import check_webhook  # so does the HTTP client

        return check_webhook(url)
    if url == CONSOLE:
        return None
    if url.lower().startswith("console:"):
        return f"write it as {CONSOLE}"
    from monitor.channels.notify import check_address  # Apprise takes a while to import

    return check_address(url)


def build(
    config: ChannelConfig, *, out: TextIO | None = None, allow_private: Iterable[str] = ()
) -> Channel:
    """The channel of a configuration; console channels print to `out` (standard output), webhooks
    may live in the networks `allow_private`. Raises ConfigError where the address, or what signs
    for it, is not usable."""
    reason = check_url(config.url)
    if reason is not None:
        raise _unusable(config, reason)
    if config.url == CONSOLE:
        return Console(config.name, out or sys.stdout)
    return InTime(_sender(config, allow_private), redact=Redactor(channel_secrets(config)))


def _sender(config: ChannelConfig, allow_private: Iterable[str]) -> Channel:
    if config.url.lower().startswith(WEBHOOK):
        from monitor.channels.webhook import Webhook

        try:
            return Webhook(
                config.name, config.url, secret=config.secret, allow_private=allow_private
            )
        except ValueError as error:
            raise _unusable(config, f"the secret {error}") from None
    from monitor.channels.mail import Mail
    from monitor.channels.notify import MAIL_SCHEMES, Notify, mail_account

    if config.url.partition(":")[0].lower() in MAIL_SCHEMES:
        return Mail(config.name, mail_account(config.url))
    return Notify(config.name, config.url)


def _unusable(config: ChannelConfig, reason: str) -> ConfigError:
    return ConfigError([Problem("monitor.yaml", 0, 0, f"channels.{config.name}", reason)])


class InTime:
    """A channel whose every try ends within `deadline` seconds, whatever the other side does.

    A try that does not is left to itself in its thread, and the next waits until it is over: the
    message may have arrived, which the receipt says. Receipts are kept on disk and shown, so
    `redact` takes out of them what the other side may have quoted."""

    def __init__(
        self,
        channel: Channel,
        deadline: float = DEADLINE,
        *,
        redact: Callable[[str], str] = str,
    ) -> None:
        self.name = channel.name
        self.longest = channel.longest
        self.limits = channel.limits
        self._channel = channel
        self._deadline = deadline
        self._redact = redact
        self._left_over: threading.Thread | None = None

    def send(self, message: Message) -> Receipt:
        """The channel's own receipt, or RETRY at the deadline."""
        if self._left_over is not None and self._left_over.is_alive():
            return Receipt(Outcome.RETRY, "the try before still hangs")
        answers: queue.Queue[Receipt | BaseException] = queue.Queue()
        worker = threading.Thread(
            target=self._try, args=(message, answers), name=f"send {self.name}", daemon=True
        )
        worker.start()
        try:
            answer = answers.get(timeout=self._deadline)
        except queue.Empty:
            self._left_over = worker
            return Receipt(
                Outcome.RETRY, f"no end within {self._deadline:.0f} seconds", in_doubt=True
            )
        if isinstance(answer, BaseException):
            raise answer
        return replace(answer, detail=self._redact(answer.detail))

    def _try(self, message: Message, answers: queue.Queue[Receipt | BaseException]) -> None:
        try:
            answers.put(self._channel.send(message))
        except BaseException as error:  # noqa: BLE001 - a bug of ours, raised where it is waited for
            answers.put(error)
