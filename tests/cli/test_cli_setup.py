"""`rasid init` and `rasid check`: a configuration to start from, and every fault told at once."""

from __future__ import annotations

import pytest


def test_what_init_writes_is_right(rasid, tmp_path):
    folder = tmp_path / "new"
    made = rasid("init", folder)
    assert made.code == 0
    names = {path.name for path in folder.iterdir()}
    assert {"monitor.yaml", "feeds.yaml", "rules.yaml"} <= names
    assert all(name in made.out for name in ("monitor.yaml", "rasid check", "rasid once"))
    checked = rasid("check", "-c", folder)
    assert (checked.code, checked.err) == (0, "")
    assert "all is right" in checked.out
    again = rasid("init", folder)
    assert again.code == 64
    assert "rules.yaml, places.yaml exist; nothing was written" in again.err


def test_a_schema_goes_to_stdout_and_nothing_else(rasid):
    answer = rasid("schema", "rules")
    assert (answer.code, answer.err) == (0, "")
    assert answer.json["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "severity" in answer.json["$defs"]["RuleSection"]["properties"]


def test_the_schemas_are_written_where_the_files_name_them(rasid, tmp_path):
    folder = tmp_path / "new"
    assert "schema" in rasid("init", folder).out
    for path in (folder / "schema").iterdir():
        path.write_text("old", "utf-8")
    again = rasid("schema", "--write", "-c", folder)
    assert again.code == 0
    for kind in ("monitor", "feeds", "rules", "places"):
        line = (folder / f"{kind}.yaml").read_text("utf-8").splitlines()[0]
        named = folder / line.partition("$schema=")[2]
        assert named.read_text("utf-8") == rasid("schema", kind).out


@pytest.mark.parametrize("args", [[], ["rule"], ["rules", "--write"]])
def test_a_schema_of_nothing_in_particular_is_a_usage_error(rasid, args):
    assert rasid("schema", *args).code == 64


def test_init_never_overwrites(rasid, tmp_path):
    folder = tmp_path / "new"
    rasid("init", folder)
    (folder / "rules.yaml").write_text("rules: []\n", "utf-8")
    again = rasid("init", folder)
    assert again.code != 0
    assert (folder / "rules.yaml").read_text("utf-8") == "rules: []\n"


def test_check_counts_what_it_found_right(rasid, desk):
    answer = rasid("check", "-c", desk.folder)
    assert answer.code == 0
    assert "2 rules" in answer.out
    assert "1 channel," in answer.out
    assert "2 examples passed" in answer.out


def test_check_tells_every_fault_with_its_position(rasid, desk):
    desk.write(
        "rules.yaml",
        "rules:\n"
        "  - name: أ\n"
        "    anny: [داعش]\n"
        "  - name: ب\n"
        "    any: [داعش]\n"
        "    places: [مخموور]\n",
    )
    desk.monitor(timezone="Asia/Bagdad")
    answer = rasid("check", "-c", desk.folder)
    assert answer.code == 78
    assert answer.out == ""
    assert "rules.yaml:3:5: " in answer.err
    assert "rules.yaml:6:" in answer.err
    assert "monitor.yaml:" in answer.err
    assert "Asia/Baghdad" in answer.err


def test_check_runs_the_examples_of_rules(rasid, desk):
    desk.write(
        "rules.yaml",
        {"rules": [{"name": "أ", "any": ["حريق"], "examples": {"no_match": ["حريق كبير"]}}]},
    )
    answer = rasid("check", "-c", desk.folder)
    assert answer.code == 78
    assert "rules.yaml:1:" in answer.err


def test_no_channel_is_a_warning(rasid, desk):
    desk.monitor(channels={})
    answer = rasid("check", "-c", desk.folder)
    assert answer.code == 0
    assert "warning: " in answer.err


def test_a_wrong_address_of_a_channel_is_told_without_showing_it(rasid, desk):
    desk.monitor(channels={"chat": {"url": "tgramm://very-secret-token/1"}})
    answer = rasid("check", "-c", desk.folder)
    assert answer.code == 78
    assert "chat" in answer.err
    assert "very-secret" not in answer.err
