"""What feeds and servers write into the daemon's log begins no line of its own."""

from __future__ import annotations

import json
import re
import unicodedata
from email.utils import formatdate
from pathlib import Path

import pytest
from test_reload import status_until

from origin import Origin, rss
from sink import Sink
from stranger import Daemon, Stranger

FORGED = "\n2026-01-01 00:00:00 error rasid.service: FORGED\u2028<0>FORGED\u202eFORGED\x9b31m"
KEYS = {"time", "level", "logger", "message", "exception"}
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [A-Z+]\S* (debug|info|warning|error) [\w.]+: .*")


@pytest.mark.parametrize("form", ["human", "json"])
def test_no_line_is_forged(tmp_path: Path, origin: Origin, sink: Sink, form: str) -> None:
    item = {"title": f"داعش{FORGED}", "guid": f"1{FORGED}", "content": f"داعش{FORGED}"}
    origin.put("/title.xml", rss([item | {"pubDate": formatdate()}]))
    origin.put(
        "/moved.xml", status=301, headers={"Location": "/%0aFORGED\u00a0/\x7fFORGED\x1b[31m"}
    )
    origin.put("/page.xml", f"<html><title>{FORGED}</title>", content_type="text/html")
    origin.put("/cut.xml", f"<rss><channel><item><title>{FORGED}")
    origin.put("/kind.xml", rss([]), content_type="text/xml; charset=\x1bFORGED")
    names = ("title", "moved", "page", "cut", "kind")
    feeds = {name: origin.url(f"/{name}.xml") for name in names}
    home = Stranger(tmp_path, feeds=feeds, channels={"mail": sink.mailto})
    monitor = (home.folder / "monitor.yaml").read_text("utf-8")
    home.write("monitor.yaml", f"{monitor}log: {{level: debug, format: {form}}}\n")
    with Daemon(home, tmp_path / "daemon") as daemon:
        daemon.wait_until_ready()
        sink.wait_for(1)
        status_until(home, lambda found: found["feeds"]["failing"] + found["feeds"]["ok"] == 5)
        assert daemon.stop() == 0
        told = daemon.log.read_text("utf-8")
    lines = told.splitlines()
    assert "FORGED" in told
    assert len(lines) == told.count("\n")
    for line in lines:
        assert LINE.fullmatch(line) if form == "human" else set(json.loads(line)) <= KEYS, line
        assert not any(unicodedata.category(c) in ("Cc", "Cf") for c in line), line
