"""What systemd is told, read back from a real socket."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from monitor.service.sdnotify import Notifier


def test_states_arrive_in_one_datagram(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(path))
        sock.settimeout(5)
        notifier = Notifier({"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "90000000"})
        notifier.send("READY=1", "STATUS=watching 3 feeds")
        assert sock.recv(4096) == b"READY=1\nSTATUS=watching 3 feeds"
    assert notifier.watchdog == 90.0


def test_an_abstract_socket_is_reached_too() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind("\0rasid-test-notify")
        sock.settimeout(5)
        Notifier({"NOTIFY_SOCKET": "@rasid-test-notify"}).send("STOPPING=1")
        assert sock.recv(4096) == b"STOPPING=1"


def test_outside_systemd_and_with_a_dead_socket_nothing_happens(tmp_path: Path) -> None:
    Notifier({}).send("READY=1")
    gone = Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    gone.send("READY=1")
    gone.send("STOPPING=1")
    assert gone.watchdog == 0.0


def test_who_takes_no_message_holds_up_nothing(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(path))
        notifier = Notifier({"NOTIFY_SOCKET": str(path)})
        for _ in range(2_000):  # more than any system keeps for it
            notifier.send("WATCHDOG=1")
        sock.setblocking(False)
        assert sock.recv(4096) == b"WATCHDOG=1"


def test_a_watchdog_of_another_process_is_none_of_ours() -> None:
    asked = {"WATCHDOG_USEC": "30000000"}
    assert Notifier(asked | {"WATCHDOG_PID": str(os.getpid())}).watchdog == 30.0
    assert Notifier(asked | {"WATCHDOG_PID": "1"}).watchdog == 0.0
    assert Notifier({"WATCHDOG_USEC": "soon"}).watchdog == 0.0


def test_more_time_is_asked_for_while_something_takes_long(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(path))
        sock.settimeout(5)
        with Notifier({"NOTIFY_SOCKET": str(path)}).extending():
            assert sock.recv(4096) == b"EXTEND_TIMEOUT_USEC=30000000"
    with Notifier({}).extending():
        pass
