"""Tells systemd how the service is (sd_notify(3)): a datagram to the socket in $NOTIFY_SOCKET.

Outside systemd every call does nothing. This module must not read the environment itself.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

log = logging.getLogger("rasid.service")

PATIENCE: Final = 2.0  # seconds
_AWAITED: Final = ("READY", "RELOADING", "STOPPING")
STEP: Final = 10.0  # seconds between two pleas for more time
MORE: Final = 30.0  # seconds that are asked for each time
LONGEST: Final = 900.0  # seconds in all: what takes longer hangs, and is to be ended


class Notifier:
    """Sends states such as READY=1. A failure to send is logged once and never raised. `watchdog`
    is within how many seconds systemd wants a sign of life of this process, 0 that it wants none.
    Safe in any thread."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        path = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + path[1:] if path.startswith("@") else path
        self._told = False
        mine = environ.get("WATCHDOG_PID", "")
        watchdog = environ.get("WATCHDOG_USEC", "")
        meant = not mine or mine == str(os.getpid())
        self.watchdog = int(watchdog) / 1e6 if meant and watchdog.isdecimal() else 0.0

    @property
    def heard(self) -> bool:
        """Whether systemd listens."""
        return bool(self._address)

    @contextmanager
    def extending(self) -> Iterator[None]:
        """Asks for more time again and again, while a start or a stop takes long: rules by the
        hundred thousand, a state to be read again."""
        if not self.heard:
            yield
            return
        over = threading.Event()
        plea = threading.Thread(target=self._plead, args=(over,), name="plea", daemon=True)
        plea.start()
        try:
            yield
        finally:
            over.set()
            plea.join()

    def _plead(self, over: threading.Event) -> None:
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            self.send(f"EXTEND_TIMEOUT_USEC={round(MORE * 1e6)}")
            if over.wait(STEP):
                return

    def send(self, *states: str) -> None:
        """Sends one datagram of several states. Who listens and takes none holds up nothing for
        long: what is told again soon is lost, and what systemd waits for has a moment."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
                sock.settimeout(PATIENCE if states[0].startswith(_AWAITED) else 0.0)
                sock.sendto("\n".join(states).encode(), self._address)
        except OSError as error:
            if not self._told:
                log.warning("systemd cannot be notified: %s", error)
            self._told = True
