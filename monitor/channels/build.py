"""A channel from its configuration: which sender an address belongs to, and a deadline for each.

This module must hold no knowledge of a service.
"""

from __future__ import annotations

import queue
import sys
import threading
from typing import TextIO

from monitor.channels.console import Console
from monitor.errors import ConfigError, Problem
from monitor.model import ChannelConfig, Message, Outcome, Receipt
from monitor.ports import Channel

CONSOLE = "console://"
DEADLINE = 150.0  # seconds; time-outs of sockets are per read, and a server may drip


def check_url(url: str) -> str | None:
    """None for an address that `build` takes, else the reason, which never quotes the address."""
    if url.lower().startswith(("webhook+http://", "webhook+https://")):
        return "webhook+http(s):// is not available in this version; json:// and jsons:// are"
    if url == CONSOLE:
        return None
    if url.lower().startswith("console:"):
        return f"write it as {CONSOLE}"
    from monitor.channels.notify import check_address  # Apprise takes a while to import

    return check_address(url)


def build(config: ChannelConfig, *, out: TextIO | None = None) -> Channel:
    """The channel of a configuration; console channels print to `out` (standard output). Raises
    ConfigError where the address is not usable."""
    reason = check_url(config.url)
    if reason is not None:
        raise ConfigError([Problem("monitor.yaml", 0, 0, f"channels.{config.name}", reason)])
    if config.url == CONSOLE:
        return Console(config.name, out or sys.stdout)
    from monitor.channels.mail import Mail
    from monitor.channels.notify import MAIL_SCHEMES, Notify, mail_account

    if config.url.partition(":")[0].lower() in MAIL_SCHEMES:
        return InTime(Mail(config.name, mail_account(config.url)))
    return InTime(Notify(config.name, config.url))


class InTime:
    """A channel whose every try ends within `deadline` seconds, whatever the other side does.

    A try that does not is left to itself in its thread, and the next waits until it is over: the
    message may have arrived, which the receipt says."""

    def __init__(self, channel: Channel, deadline: float = DEADLINE) -> None:
        self.name = channel.name
        self.longest = channel.longest
        self.limits = channel.limits
        self._channel = channel
        self._deadline = deadline
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
        return answer

    def _try(self, message: Message, answers: queue.Queue[Receipt | BaseException]) -> None:
        try:
            answers.put(self._channel.send(message))
        except BaseException as error:  # noqa: BLE001 - a bug of ours, raised where it is waited for
            answers.put(error)
