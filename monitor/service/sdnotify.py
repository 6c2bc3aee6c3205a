"""Tells systemd how the service is (sd_notify(3)): a datagram to the socket in $NOTIFY_SOCKET.

Outside systemd every call does nothing. This module must not read the environment itself.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping

log = logging.getLogger("rasid.service")


class Notifier:
    """Sends states such as READY=1. A failure to send is logged once and never raised."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        path = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + path[1:] if path.startswith("@") else path
        self._told = False
        watchdog = environ.get("WATCHDOG_USEC", "")
        mine = environ.get("WATCHDOG_PID", "")
        self.watchdog = int(watchdog) / 1e6 if watchdog.isdigit() else 0.0
        self.watchdog_pid = int(mine) if mine.isdigit() else None

    def send(self, *states: str) -> None:
        """Sends one datagram of several states."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
                sock.sendto("\n".join(states).encode(), self._address)
        except OSError as error:
            if not self._told:
                log.warning("systemd cannot be notified: %s", error)
            self._told = True
