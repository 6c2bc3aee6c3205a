"""What a killed watcher owes to servers: its next life keeps the promises of the one before."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

from monitor.core.feeds.identity import feed_id
from monitor.stores.tiny import TinyStore
from origin import Origin, Reply, Request, rss
from sink import Sink
from stranger import Daemon, Stranger

PATIENCE = 60.0


class Watched:
    """Counts the requests of a feed that is checked every second, so that a test can wait."""

    def __init__(self, origin: Origin) -> None:
        self._came = threading.Condition()
        self._times: list[float] = []
        origin.put("/often.xml", handler=self._answer)

    def _answer(self, request: Request) -> Reply:
        with self._came:
            self._times.append(request.time)
            self._came.notify_all()
        known = "if-none-match" in request.headers
        return Reply(b"" if known else rss([]), 304 if known else 200, {"ETag": '"a"'})

    def wait_for(self, more: int) -> list[float]:
        with self._came:
            asked = len(self._times) + more
            assert self._came.wait_for(lambda: len(self._times) >= asked, PATIENCE)
            return list(self._times)


def test_a_killed_watcher_polls_nothing_before_its_time(
    tmp_path: Path, origin: Origin, sink: Sink
) -> None:
    often = Watched(origin)
    origin.put("/busy.xml", status=503, headers={"Retry-After": "3600"})
    origin.put("/broken.xml", status=500)
    origin.put("/news.xml", rss([{"title": "خبر", "guid": "1"}]))
    slow = ("busy", "broken", "news")
    home = Stranger(
        tmp_path,
        feeds={name: origin.url(f"/{name}.xml") for name in ("often", *slow)},
        channels={"mail": sink.mailto},
        interval="1h",
    )
    home.write(
        "feeds.yaml",
        "feeds:\n"
        + "".join(f"  - {{name: {name}, url: '{origin.url(f'/{name}.xml')}'}}\n" for name in slow)
        + f"  - {{name: often, url: '{origin.url('/often.xml')}', interval: 1s}}\n",
    )
    for _ in range(2):
        with Daemon(home, tmp_path / "daemon") as daemon:
            daemon.wait_until_ready()
            times = often.wait_for(3)
            daemon.kill()
        # The last check but one was over when the last one began.
        line = TinyStore.read(home.state).rows()[feed_id(origin.url("/often.xml"))]
        assert line.last_check >= times[-2] - 0.001  # the journal keeps milliseconds
    asked = Counter(request.path for request in origin.requests)
    assert {name: asked[f"/{name}.xml"] for name in slow} == dict.fromkeys(slow, 1)


def test_a_start_after_a_crash_says_so(tmp_path: Path, origin: Origin) -> None:
    origin.put("/a.xml", rss([]))
    home = Stranger(tmp_path, feeds={"a": origin.url("/a.xml")}, channels={"x": "console://"})
    for number, ends in enumerate(["kill", "stop", "stop"]):
        with Daemon(home, tmp_path / f"run{number}") as daemon:
            daemon.wait_until_ready()
            daemon.kill() if ends == "kill" else daemon.stop()
        assert ("was cut off" in daemon.log.read_text("utf-8")) == (number == 1)
