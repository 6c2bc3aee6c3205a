"""`rasid once`, `status`, `outbox`, `alerts` and `feeds`: one pass, and what is known after it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from email.utils import formatdate

import pytest

from origin import rss

HIT = {
    "guid": "fire-1",
    "title": "حريق في سوق الخشب",
    "link": "https://example.org/fire",
    "description": "أخمدت فرق الدفاع المدني الحريق بعد ساعتين",
    "pubDate": formatdate(time.time() - 3600),
}
KEYS = [
    "feeds", "polled", "changed", "not_modified", "failed",
    "new_articles", "alerts", "delivered", "pending", "seconds",
]  # fmt: skip


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def watched(desk, origin):
    """The desk with one feed that holds one article for the rule on fires."""
    desk.feeds(origin.put("/feed.xml", rss([HIT])))
    return desk


@pytest.fixture
def stuck(watched):
    """The desk with a second channel whose server takes no connection."""
    watched.monitor(channels={
        "screen": {"url": "console://"},
        "hook": {"url": f"json://127.0.0.1:{closed_port()}/"},
    })  # fmt: skip
    return watched


def test_a_pass_alerts_once_and_never_again(rasid, watched):
    first = rasid("once", "--json", "-c", watched.folder)
    assert first.code == 0
    report = first.json
    assert list(report) == KEYS
    counts = {key: report[key] for key in KEYS[:-1]}
    assert counts == {
        "feeds": 1, "polled": 1, "changed": 1, "not_modified": 0, "failed": 0,
        "new_articles": 1, "alerts": 1, "delivered": 1, "pending": 0,
    }  # fmt: skip
    assert HIT["title"] in first.err  # the console channel: stdout holds nothing but the answer
    second = rasid("once", "--json", "-c", watched.folder)
    assert (second.code, second.json["alerts"], second.json["delivered"]) == (0, 0, 0)
    assert HIT["title"] not in second.err


def test_without_json_the_alert_is_on_stdout_as_plain_text(rasid, watched):
    answer = rasid("once", "-c", watched.folder)
    assert answer.code == 0
    assert HIT["title"] in answer.out
    assert HIT["link"] in answer.out
    assert "1 alert, 1 delivered" in answer.out
    assert "(alerts are rules that fired on articles; delivered are messages" in answer.out
    assert "(alerts are" not in rasid("once", "-c", watched.folder).out
    assert "\x1b" not in answer.out


def test_a_dry_run_tells_and_remembers_nothing(rasid, watched):
    dry = rasid("once", "--dry-run", "--json", "-c", watched.folder)
    assert dry.code == 0
    assert dry.json["alerts"] == 1
    assert dry.json["delivered"] == 0
    assert not watched.state.exists()
    assert rasid("once", "--json", "-c", watched.folder).json["delivered"] == 1


def test_a_failing_feed_is_no_error_of_the_pass(rasid, watched, origin):
    watched.feeds(origin.url("/feed.xml"), origin.url("/missing.xml"))
    answer = rasid("once", "-c", watched.folder)
    assert answer.code == 0
    assert "1 failed" in answer.out
    assert "صحيفة 2" in answer.err
    status = rasid("status", "--json", "-c", watched.folder)
    assert status.json["feeds"] == {"total": 2, "ok": 1, "failing": 1, "gone": 0}
    assert status.code == 0  # not for a day yet


def test_no_channel_is_69(rasid, watched):
    watched.monitor(channels={})
    answer = rasid("once", "-c", watched.folder)
    assert answer.code == 69
    assert answer.out == ""


def test_a_delivery_that_waits_is_75_and_the_outbox_says_why(rasid, stuck):
    answer = rasid("once", "--json", "-c", stuck.folder)
    assert answer.code == 75
    assert (answer.json["delivered"], answer.json["pending"]) == (1, 1)
    (waiting,) = rasid("outbox", "list", "--json", "-c", stuck.folder).json
    assert (waiting["channel"], waiting["attempts"]) == ("hook", 1)
    assert waiting["rules"] == ["حرائق"]
    assert waiting["next_at"]
    assert waiting["detail"]
    status = rasid("status", "--json", "-c", stuck.folder).json
    assert status["outbox"]["pending"] == 1
    assert status["channels"]["hook"]["pending"] == 1
    assert status["channels"]["screen"] == {"state": "ok", "pending": 0, "held": 0, "dead": 0}


def test_the_ledger_answers_what_was_told_when_and_how(rasid, watched):
    rasid("once", "--json", "-c", watched.folder)
    (record,) = rasid("alerts", "list", "--json", "-c", watched.folder).json
    assert (record["channel"], record["state"], record["attempts"]) == ("screen", "sent", 1)
    assert (record["title"], record["rules"]) == (HIT["title"], ["حرائق"])
    assert rasid("alerts", "list", "--rule", "أخرى", "--json", "-c", watched.folder).json == []
    assert HIT["title"] in rasid("alerts", "list", "-c", watched.folder).out


@pytest.mark.parametrize("command", ["status", "outbox list", "alerts list", "feeds list"])
def test_what_looks_creates_nothing_and_takes_no_lock(rasid, watched, command):
    assert rasid(*command.split(), "-c", watched.folder).code == 0
    assert not watched.state.exists()


def test_status_of_a_new_desk_has_every_key_and_is_well(rasid, watched):
    answer = rasid("status", "--json", "-c", watched.folder)
    assert answer.code == 0
    assert answer.json == {
        "running": False,
        "feeds": {"total": 1, "ok": 0, "failing": 0, "gone": 0},
        "rules": {"total": 2, "muted": 0},
        "channels": {"screen": {"state": "ok", "pending": 0, "held": 0, "dead": 0}},
        "outbox": {"pending": 0, "oldest_seconds": 0.0},
        "reload": {"ok": True, "at": None, "errors": []},
        "problems": [],
    }


def test_feeds_are_listed_with_how_they_fare(rasid, watched):
    before = rasid("feeds", "list", "--json", "-c", watched.folder).json
    rasid("once", "-c", watched.folder)
    after = rasid("feeds", "list", "--json", "-c", watched.folder).json
    assert [each["state"] for each in before + after] == ["new", "ok"]
    assert after[0]["next_check"] > after[0]["last_check"]
    assert "صحيفة 1" in rasid("feeds", "list", "-c", watched.folder).out


def test_a_state_that_another_process_holds_is_75(rasid, watched):
    holds = (
        "import sys; from pathlib import Path; from monitor.stores.lock import StateLock\n"
        "with StateLock.acquire(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", holds, str(watched.state)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        answer = rasid("once", "-c", watched.folder)
        looking = rasid("status", "--json", "-c", watched.folder)
        holder.stdin.close()
    assert answer.code == 75
    assert (looking.code, looking.json["running"]) == (0, True)
