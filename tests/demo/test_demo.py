"""`rasid demo`: runs offline in seconds, proves what it says, leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from monitor.demo.articles import DRUNK, FIRST_EDITION, SECOND_EDITION, STRIKE, WELLS
from monitor.demo.origin import Origin
from monitor.sources.feed import parse_feed


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The demo as a user runs it: its output, its time, and what it leaves lying about."""
    folder = tmp_path_factory.mktemp("demo")
    environ = os.environ | {"TMPDIR": str(folder), "RASID_CONFIG": "/nonexistent"}
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "demo"],
        capture_output=True, text=True, env=environ, cwd=folder, timeout=60,
    )  # fmt: skip
    return done, time.monotonic() - began, list(folder.iterdir())


def test_comes_out_as_promised_within_seconds(played):
    done, seconds, left = played
    assert (done.returncode, done.stderr) == (0, "")
    assert seconds < 30
    assert left == []


def test_shows_the_alert_and_the_silence(played):
    out = played[0].stdout
    assert out.count(STRIKE.title) >= 2  # the alert, and the copy that did not alert
    assert DRUNK.title in out
    assert "4 mails" in out
    assert "Message-ID: <" in out
    assert "\x1b" not in out


def test_what_alerted_after_an_edit_is_no_silence(played):
    told, silence = played[0].stdout.split("What did not alert, and why")
    assert WELLS.title in told
    assert WELLS.title not in silence.split("The drunk driver")[0]


@pytest.mark.parametrize("edition", [FIRST_EDITION, SECOND_EDITION], ids=["first", "second"])
def test_every_paper_is_a_feed_that_reads_as_written(edition):
    for paper in edition:
        parsed = parse_feed(paper.document(1_772_000_000.0), {}, "http://127.0.0.1/")
        assert [entry.title for entry in parsed.entries] == [item.title for item in paper.items]
        assert [entry.link for entry in parsed.entries] == [paper.link(i) for i in paper.items]
        assert all(entry.published or entry.updated for entry in parsed.entries)


def test_the_server_answers_conditional_requests():
    with Origin() as origin:
        origin.put("/a", b"one")
        status, etag, body = origin.answer("/a", None)
        assert (status, body) == (200, b"one")
        assert origin.answer("/a", etag)[0] == 304
        origin.put("/a", b"two")
        assert origin.answer("/a", etag)[0] == 200
        assert origin.answer("/b", None)[0] == 404
        assert [status for _, status in origin.answers] == [200, 304, 200, 404]
