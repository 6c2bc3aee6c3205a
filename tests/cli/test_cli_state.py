"""`rasid state verify`, `backup` and `restore`: the memory checked, copied and put back."""

from __future__ import annotations

import gzip
import json
import socket
import time
from email.utils import formatdate
from pathlib import Path

import pytest
from newsroom import start

from monitor.service.once import once
from monitor.settings.load import load
from monitor.stores.lock import StateLock
from origin import rss

HIT = {
    "guid": "fire-1",
    "title": "حريق في سوق الخشب",
    "link": "https://example.org/fire",
    "description": "أخمدت فرق الدفاع المدني الحريق بعد ساعتين",
    "pubDate": formatdate(time.time() - 3600),
}


@pytest.fixture
def watched(desk, origin, rasid):
    """The desk after a pass that sent one alert."""
    desk.feeds(origin.put("/feed.xml", rss([HIT])))
    assert rasid("once", "-c", desk.folder).code == 0
    return desk


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def feed_file(desk) -> Path:
    return next(desk.state.glob("feeds/*/*.json"))


def test_a_sound_state_is_told_so(rasid, watched):
    answer = rasid("state", "verify", "-c", watched.folder)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == f"{watched.state}: 4 files, all is sound\n"
    as_json = rasid("state", "verify", "--json", "-c", watched.folder)
    assert as_json.json == {"files": 4, "faults": []}


def test_a_state_that_is_not_there_yet_is_sound(rasid, desk):
    answer = rasid("state", "verify", "-c", desk.folder)
    assert (answer.code, answer.out) == (0, f"{desk.state}: 0 files, all is sound\n")
    assert not desk.state.exists()


def test_a_damaged_file_is_named(rasid, watched):
    feed_file(watched).write_bytes(b"")
    name = feed_file(watched).relative_to(watched.state)
    answer = rasid("state", "verify", "-c", watched.folder)
    assert answer.code == 65
    assert answer.out.splitlines() == [
        f"{name}: lost: corrupt: the file is empty",
        f"{watched.state}: 4 files, 1 faulty",
    ]
    fault = {"path": str(name), "verdict": "lost", "reason": "corrupt: the file is empty"}
    as_json = rasid("state", "verify", "--json", "-c", watched.folder)
    assert (as_json.code, as_json.json["faults"]) == (65, [fault])


def test_verifying_and_backing_up_go_on_beside_a_running_watcher(rasid, watched, tmp_path):
    with StateLock.acquire(watched.state):
        assert rasid("state", "verify", "-c", watched.folder).code == 0
        assert rasid("state", "backup", tmp_path / "b", "-c", watched.folder).code == 0


def test_a_restored_state_goes_on_where_the_backup_was_made(rasid, watched, tmp_path):
    file = tmp_path / "state.gz"
    made = rasid("state", "backup", file, "-c", watched.folder)
    assert (made.code, made.out) == (0, "")
    told = f"{file}: 3 files of {watched.state} backed up; left out: 1 MB of articles' texts\n"
    assert made.err == told

    refused = rasid("state", "restore", file, "-c", watched.folder)
    assert refused.code == 64
    assert "is not empty; --force" in refused.err
    done = rasid("state", "restore", file, "--force", "-c", watched.folder)
    assert done.code == 0
    first, second = done.out.splitlines()
    assert first == f"{watched.state}: 3 files restored from {file}"
    assert second.startswith(f"the old state is in {watched.state}/replaced-")
    report = once(load(watched.folder, environ={}), clock=lambda: time.time() + 3600)
    assert (report.polled, report.changed) == (1, 1), "fetched whole"
    assert (report.alerts, report.delivered) == (0, 0), "known to have been sent"


def test_a_backup_goes_through_a_pipe(rasid, watched, tmp_path):
    copied = start("state", "backup", "-", "-c", watched.folder)
    out, err = copied.communicate()
    assert copied.returncode == 0
    assert err.decode().startswith(f"-: 3 files of {watched.state} backed up; left out: ")
    assert [next(iter(json.loads(line))) for line in out.splitlines()] == [
        "rasid_backup", "path", "path", "path", "files",
    ]  # fmt: skip
    done = rasid("state", "restore", "-", "--force", "-c", watched.folder, stdin=gzip.compress(out))
    assert done.code == 0


def test_a_backup_of_a_damaged_state_holds_the_rest(rasid, watched, tmp_path):
    feed_file(watched).write_bytes(b"torn")
    answer = rasid("state", "backup", tmp_path / "b", "-c", watched.folder)
    assert answer.code == 65
    assert ": lost: corrupt: no header" in answer.err
    assert "2 files of" in answer.err


def test_a_state_in_use_is_not_restored(rasid, watched, tmp_path):
    rasid("state", "backup", tmp_path / "b", "-c", watched.folder)
    with StateLock.acquire(watched.state):
        answer = rasid("state", "restore", tmp_path / "b", "--force", "-c", watched.folder)
    assert answer.code == 75


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, 65),
        (b"", 65),
        (b"text", 65),
        (b'{"rasid_backup":1,"schema":9,"made_at":0,"version":"9"}\n', 65),
    ],
)
def test_what_is_no_backup_is_refused(rasid, watched, tmp_path, content, code):
    if content is not None:
        (tmp_path / "b").write_bytes(content)
    before = feed_file(watched).read_bytes()
    answer = rasid("state", "restore", tmp_path / "b", "--force", "-c", watched.folder)
    assert (answer.code, answer.out) == (code, "")
    assert feed_file(watched).read_bytes() == before


def test_a_backup_that_cannot_be_written_is_told(rasid, watched, tmp_path):
    answer = rasid("state", "backup", tmp_path / "none" / "b", "-c", watched.folder)
    assert answer.code == 73


def test_a_restore_that_was_cut_off_is_to_be_run_again(rasid, watched, tmp_path):
    rasid("state", "backup", tmp_path / "b", "-c", watched.folder)
    (watched.state / "restoring").write_text('{"replaced":"replaced-20260101T000000","moved":true}')
    for command in (["once"], ["status"], ["state", "verify"], ["state", "backup", "c"]):
        answer = rasid(*command, "-c", watched.folder)
        assert answer.code == 65
        assert "run `rasid state restore` again" in answer.err
    assert rasid("state", "restore", tmp_path / "b", "-c", watched.folder).code == 0
    assert rasid("once", "-c", watched.folder).code == 0


def test_a_broken_rule_is_in_nobodys_way_but_a_broken_monitor_yaml_is(rasid, watched, tmp_path):
    watched.write("rules.yaml", "rules: [")
    assert rasid("state", "verify", "-c", watched.folder).code == 0
    watched.write("monitor.yaml", "state: [")
    assert rasid("state", "verify", "-c", watched.folder).code == 78


def test_an_alert_that_is_lost_with_a_damaged_file_is_made_again(desk, origin, capsys):
    """The index knows of the alert, and the paper would answer 304: neither may hide the loss."""
    desk.monitor(channels={"hook": {"url": f"json://127.0.0.1:{closed_port()}/"}})
    desk.feeds(origin.put("/feed.xml", rss([])))
    began = time.time()
    once(load(desk.folder, environ={}), clock=lambda: began)
    origin.put("/feed.xml", rss([HIT]))
    lost = once(load(desk.folder, environ={}), clock=lambda: began + 3600)
    assert (lost.alerts, lost.delivered, lost.pending) == (1, 0, 1)
    feed_file(desk).write_bytes(feed_file(desk).read_bytes()[:-9])

    desk.monitor(channels={"hook": {"url": "console://"}})
    found = once(load(desk.folder, environ={}), clock=lambda: began + 2 * 3600)
    assert (found.changed, found.alerts, found.delivered, found.pending) == (1, 1, 1, 0)
    assert "حريق في سوق الخشب" in capsys.readouterr().out
    again = once(load(desk.folder, environ={}), clock=lambda: began + 3 * 3600)
    assert (again.alerts, again.delivered, again.pending) == (0, 0, 0)
    assert not feed_file(desk).with_name(f"{feed_file(desk).name}.prev.tmp").exists()


def test_what_was_sent_is_not_sent_again_for_a_damaged_feed_file(desk, origin, capsys):
    desk.feeds(origin.put("/feed.xml", rss([])))
    began = time.time()
    once(load(desk.folder, environ={}), clock=lambda: began)
    origin.put("/feed.xml", rss([HIT]))
    assert once(load(desk.folder, environ={}), clock=lambda: began + 3600).delivered == 1
    feed_file(desk).write_bytes(b"")
    report = once(load(desk.folder, environ={}), clock=lambda: began + 2 * 3600)
    assert (report.changed, report.delivered, report.pending) == (1, 0, 0)
    assert capsys.readouterr().out.count("حريق في سوق الخشب") == 1


def test_a_damaged_ledger_makes_a_repeat_that_says_so(desk, origin, capsys):
    """The record that the alert was sent is lost: it may have been sent, and the repeat says so."""
    desk.feeds(origin.put("/feed.xml", rss([HIT])))
    began = time.time()
    assert once(load(desk.folder, environ={}), clock=lambda: began).delivered == 1
    assert "possible repeat" not in capsys.readouterr().out
    (ledger,) = desk.state.glob("channels/*/*.json")
    ledger.write_bytes(b"")
    assert once(load(desk.folder, environ={}), clock=lambda: began + 3600).delivered == 1
    assert "possible repeat" in capsys.readouterr().out
    assert once(load(desk.folder, environ={}), clock=lambda: began + 2 * 3600).delivered == 0


def test_a_damaged_archive_is_told_and_nothing_else_is_hurt(rasid, watched):
    (watched.state / "archive.sqlite").write_bytes(b"rubbish" * 999)
    answer = rasid("state", "verify", "-c", watched.folder)
    assert answer.code == 65
    assert answer.out.startswith("archive.sqlite: recoverable: ")
    assert rasid("once", "-c", watched.folder).code == 0
    assert (watched.state / "archive.sqlite").exists()
