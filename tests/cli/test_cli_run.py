"""`rasid run`: it tells systemd when it is ready, alerts, and stops when it is asked to."""

from __future__ import annotations

import signal
import socket
import time
from email.utils import formatdate

import pytest
from newsroom import start

from origin import rss


@pytest.fixture
def systemd(tmp_path):
    """The socket that systemd listens at."""
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ours:
        ours.settimeout(30)
        ours.bind(str(path))
        yield ours, {"NOTIFY_SOCKET": str(path)}


def test_runs_until_it_is_asked_to_stop(desk, origin, systemd, rasid):
    title = "حريق في مخازن الميناء"
    link = "https://example.org/fire"
    item = {"guid": "1", "title": title, "link": link, "pubDate": formatdate(time.time() - 60)}
    desk.feeds(origin.put("/feed.xml", rss([item])))
    ours, environ = systemd
    with start("run", "-c", desk.folder, more=environ) as process:
        while b"READY=1" not in ours.recv(4096):  # it may ask for time before
            pass
        told = b""
        while link.encode() not in told:
            line = process.stdout.readline()
            assert line, process.stderr.read().decode()
            told += line
        running = rasid("status", "--json", "-c", desk.folder)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert title in told.decode()
    assert process.returncode == 0, err.decode()
    assert (running.code, running.json["running"]) == (0, True)
    after = rasid("status", "--json", "-c", desk.folder)
    assert (after.code, after.json["running"]) == (0, False)
    assert after.json["outbox"]["pending"] == 0


def test_without_a_channel_it_does_not_start(rasid, desk):
    desk.monitor(channels={})
    answer = rasid("run", "-c", desk.folder)
    assert answer.code == 69
    assert not desk.state.exists()
