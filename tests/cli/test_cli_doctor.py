"""`rasid doctor`: all that helps, nothing that is secret, whatever is broken."""

from __future__ import annotations

import time
from typing import Any

import pytest
from test_secrets_stay import CANARY, configure, traces

from origin import Reply, rss
from sink import Sink


def amiss(report: dict[str, Any]) -> list[str]:
    notes = [(name, note) for name, notes in report["report"].items() for note in notes]
    return [f"{name}: {note['what']}: {note['value']}" for name, note in notes if note["amiss"]]


def test_where_all_is_well_it_says_so(rasid, desk, origin):
    desk.feeds(origin.put("/feed.xml", rss([])))
    assert rasid("once", "-c", desk.folder).code == 0
    answer = rasid("doctor", "-c", desk.folder)
    assert (answer.code, answer.err) == (0, "")
    for told in ("rasid: 0.", "python: 3.", "feedparser: 6.", "check: all is right", "0 faulty"):
        assert told in answer.out
    assert answer.out.endswith("all is well\n")
    report = rasid("doctor", "--json", "-c", desk.folder).json
    assert report["well"] is True
    assert {"program", "machine", "configuration", "state", "clock"} <= set(report["report"])


def test_it_changes_nothing(rasid, desk):
    before = sorted(desk.folder.rglob("*"))
    assert rasid("doctor", "-c", desk.folder).code == 0
    assert sorted(desk.folder.rglob("*")) == before


def test_without_a_configuration_it_tells_of_the_rest(rasid):
    answer = rasid("doctor", "--json")
    assert answer.code == 1
    assert amiss(answer.json)[0].startswith("configuration: problem: -c DIR: no configuration in")
    assert answer.json["report"]["program"]


def test_faults_of_the_configuration_are_lines_of_the_report(rasid, desk):
    desk.write("rules.yaml", "rules:\n  - {name: أ, chanels: [x], any: [داعش]}\n")
    answer = rasid("doctor", "--json", "-c", desk.folder)
    assert answer.code == 1
    (fault,) = amiss(answer.json)
    assert fault.startswith("configuration: problem: rules.yaml:2:15: chanels: unknown key")


def test_a_damaged_state_is_told_and_no_end_of_the_report(rasid, desk, origin):
    desk.feeds(origin.put("/feed.xml", rss([])))
    rasid("once", "-c", desk.folder)
    rasid("mute", "حرائق", "2h", "-c", desk.folder)
    for path in desk.state.glob("system.json*"):
        path.write_text("{", "utf-8")
    desk.state.chmod(0o755)
    told = amiss(rasid("doctor", "--json", "-c", desk.folder).json)
    assert any(each.startswith("state: system.json: lost") for each in told)
    assert any(each.startswith("state: mode: 0755") for each in told)
    assert any(each.startswith("health: cannot be told: ") for each in told)


def test_a_clock_that_was_set_back_is_told(rasid, desk, origin, monkeypatch):
    desk.feeds(origin.put("/feed.xml", rss([])))
    rasid("once", "-c", desk.folder)
    earlier = time.time() - 86_400
    monkeypatch.setattr(time, "time", lambda: earlier)
    assert any("it was set back" in each for each in amiss(
        rasid("doctor", "--json", "-c", desk.folder).json
    ))  # fmt: skip


def test_hosts_are_looked_up_when_asked_for(rasid, desk):
    desk.feeds("http://localhost/rss", "http://nowhere.invalid/rss")
    assert rasid("doctor", "-c", desk.folder).code == 0
    told = amiss(rasid("doctor", "--network", "--json", "-c", desk.folder).json)
    assert [each.split(": ")[:2] for each in told] == [["network", "nowhere.invalid"]]


def test_a_secret_in_the_place_of_a_files_name_is_not_repeated(rasid, desk):
    named = {"headers_file": f"Authorization: Bearer {CANARY}"}
    desk.write("feeds.yaml", {"feeds": [{"url": "http://127.0.0.1:1/a.xml", **named}]})
    desk.monitor(channels={"mail": {"url_file": f"user:{CANARY}@example.org"}})
    answer = rasid("doctor", "-c", desk.folder)
    assert "! a file that is named: No such file or directory" in answer.out
    assert traces(answer.out + answer.err) == []


@pytest.mark.untraced
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_no_secret_comes_out(rasid, desk, origin, monkeypatch, more):
    with Sink() as sink:
        configure(desk, origin, sink)
        text = (desk.folder / "feeds.yaml").read_text("utf-8")
        hidden = f"http://127.0.0.1:{origin.port}/refused.xml?key={CANARY}"
        (desk.folder / "feeds.yaml").write_text(
            text.replace("]}", f', {{"url": "{hidden}", "name": "رابعة"}}]}}'), "utf-8"
        )
        origin.elsewhere(lambda told: Reply(f"no: {told.path} {CANARY}", 401))
        sink.answer(535, times=100, at="AUTH", text=f"5.7.8 no {CANARY}")
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:{CANARY}@127.0.0.1:1")
        assert rasid("once", "-c", desk.folder).code in (0, 75)
        answer = rasid("doctor", "-c", desk.folder, *more)
        assert answer.code == 1, answer.err
        assert traces(answer.out + answer.err) == []
        assert "refused.xml?…" in answer.out
        (desk.folder / "json.url").unlink()
        desk.write("rules.yaml", f"rules: [{{name: x, any: [y], channels: ['json://{CANARY}']}}]")
        broken = rasid("doctor", "-c", desk.folder, *more)
        assert broken.code == 1
        assert traces(broken.out + broken.err) == []
