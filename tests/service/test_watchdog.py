"""systemd's watchdog: what hangs for good gives no sign of life any more, in a real process; a
channel that hangs does not count."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import formatdate
from pathlib import Path

import pytest

from monitor.stores.ledger import TinyLedger
from origin import Origin, rss
from stranger import PATIENCE, Stranger

WATCHDOG = 1.0  # seconds; a sign of life is due four times in it
CHILD = Path(__file__).with_name("hung_child.py")


class Listening:
    """The socket that systemd would listen at."""

    def __init__(self, at: Path) -> None:
        self.at = at
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(at))

    def __enter__(self) -> Listening:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def environ(self, stranger: Stranger) -> dict[str, str]:
        return stranger.environ(NOTIFY_SOCKET=str(self.at), WATCHDOG_USEC=str(int(WATCHDOG * 1e6)))

    def until(self, what: bytes, within: float = PATIENCE) -> list[bytes]:
        """The datagrams until one that holds this; TimeoutError where it does not come."""
        self._socket.settimeout(within)
        told = [self._socket.recv(4096)]
        while what not in told[-1]:
            told.append(self._socket.recv(4096))
        return told

    def is_silent_at_last(self) -> bool:
        """Whether there comes to be a time without a sign of life that is long enough for systemd
        to end the service."""
        for _ in range(20):
            try:
                self.until(b"WATCHDOG=1", within=3 * WATCHDOG)
            except TimeoutError:
                return True
        return False


@contextmanager
def started(command: list[str], environ: dict[str, str], stdout: int) -> Iterator[None]:
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.DEVNULL, env=environ
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def home(tmp_path: Path, origin: Origin) -> Stranger:
    origin.put("/a.xml", rss([{"guid": "0", "title": "لا شيء", "content": "لا شيء"}]))
    feeds = {"a": origin.url("/a.xml")}
    return Stranger(tmp_path, feeds=feeds, channels={"x": "console://"})


@pytest.mark.parametrize("what", ["loop", "writer", "sender"])
def test_what_hangs_gives_no_sign_of_life(tmp_path: Path, origin: Origin, what: str) -> None:
    house = home(tmp_path, origin)
    command = [sys.executable, str(CHILD), str(house.folder), what, str(4 * WATCHDOG)]
    with (
        Listening(tmp_path / "notify") as systemd,
        started(command, systemd.environ(house), subprocess.DEVNULL),
    ):
        systemd.until(b"READY=1")
        for _ in range(3):
            systemd.until(b"WATCHDOG=1")
        assert systemd.is_silent_at_last()


def test_a_channel_that_never_takes_a_message_is_no_hang(tmp_path: Path, origin: Origin) -> None:
    house = home(tmp_path, origin)
    news = {"guid": "1", "title": "داعش", "content": "هجوم لداعش ليلا", "pubDate": formatdate()}
    origin.put("/a.xml", rss([news]))
    outlet, inlet = os.pipe()  # that nobody reads, and that is full
    fcntl.fcntl(inlet, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(inlet, False)
    with suppress(BlockingIOError):
        while os.write(inlet, b"." * 4096):
            pass
    os.set_blocking(inlet, True)
    with (
        Listening(tmp_path / "notify") as systemd,
        started(house.command("run"), systemd.environ(house), inlet),
    ):
        systemd.until(b"READY=1")
        for _ in range(200):
            if list(TinyLedger.read(house.state, "x").records()):
                break
            systemd.until(b"WATCHDOG=1")
        for _ in range(12):  # three times as long as systemd waits
            systemd.until(b"WATCHDOG=1")
        (record,) = TinyLedger.read(house.state, "x").records()
        assert record.state == "sending"
    os.close(outlet)
    os.close(inlet)


def test_systemd_is_told_of_each_turn(tmp_path: Path, origin: Origin) -> None:
    house = home(tmp_path, origin)
    with (
        Listening(tmp_path / "notify") as systemd,
        started(house.command("run"), systemd.environ(house), subprocess.DEVNULL),
    ):
        start = systemd.until(b"READY=1")
        assert start[0] == b"EXTEND_TIMEOUT_USEC=30000000"
        assert start[-1].startswith(b"READY=1\nSTATUS=watching 1 feeds: ")
        house.write("rules.yaml", "rules: [{name: a, any: [خبر]}]\n")
        assert b"MONOTONIC_USEC=" in systemd.until(b"RELOADING=1")[-1]
        systemd.until(b"READY=1")
        status = systemd.until(b"STATUS=watching 1 feeds: 1 ok, 0 failing; 0 messages waiting")
        assert all(each.startswith((b"STATUS=", b"WATCHDOG=1")) for each in status)
