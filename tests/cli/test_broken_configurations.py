"""The slips that people make in their files: each is told with its place, its key, the reason and,
where there is one, the right spelling; all at once, and without a traceback."""

from __future__ import annotations

import os
import re

import pytest
from newsroom import Desk
from slips import ADDRESS_FILES, BROKEN, FEEDS, MONITOR, ODD, SOUND, TEMPLATES, TOGETHER


def saved(desk: Desk, **changed: str | bytes) -> None:
    for name, text in {**SOUND, **changed}.items():
        (desk.folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(("file", "text", "told"), BROKEN.values(), ids=BROKEN)
def test_one_slip_is_told_in_one_line(rasid, desk, file, text, told):
    saved(desk, **{file: text})
    answer = rasid("check", "-c", desk.folder)
    assert (answer.code, answer.out) == (78, "")
    (line,) = answer.err.splitlines()
    assert line.startswith(f"{file}:{told}")
    assert "hunter2" not in line


@pytest.mark.parametrize(("text", "told"), TEMPLATES.values(), ids=TEMPLATES)
def test_a_slip_in_a_template_is_told_with_its_line(rasid, desk, text, told):
    saved(desk, **{"monitor.yaml": "channels:\n  a: {url: 'console://', template: t.j2}\n"})
    desk.write("t.j2", text)
    answer = rasid("check", "-c", desk.folder)
    (line,) = answer.err.splitlines()
    assert answer.code == 78
    assert line.startswith(f"monitor.yaml:2:36: channels.a.template: t.j2:{told}")


@pytest.mark.parametrize(("text", "told"), ADDRESS_FILES.values(), ids=ADDRESS_FILES)
def test_a_slip_in_the_file_of_an_address_shows_nothing_of_it(rasid, desk, text, told):
    saved(desk, **{"monitor.yaml": "channels:\n  a: {url_file: a.url}\n"})
    desk.write("a.url", text)
    (desk.folder / "a.url").chmod(0o600)
    answer = rasid("check", "-c", desk.folder)
    (line,) = answer.err.splitlines()
    assert line.startswith(f"monitor.yaml:2:17: channels.a.url_file: {told}")
    assert "hunter2" not in line


@pytest.mark.parametrize(("file", "text", "told"), TOGETHER.values(), ids=TOGETHER)
def test_slips_of_one_value_are_told_together(rasid, desk, file, text, told):
    saved(desk, **{file: text})
    lines = rasid("check", "-c", desk.folder).err.splitlines()
    assert len(lines) == len(told)
    for line, begins in zip(lines, told, strict=True):
        assert line.startswith(f"{file}:{begins}")


@pytest.mark.parametrize(("file", "text", "told"), ODD.values(), ids=ODD)
def test_what_only_looks_like_a_slip_is_a_warning(rasid, desk, file, text, told):
    saved(desk, **{file: text})
    answer = rasid("check", "-c", desk.folder)
    assert answer.code == 0
    assert any(line.startswith(f"warning: {file}:{told}") for line in answer.err.splitlines()), (
        answer.err
    )


@pytest.mark.parametrize("name", ["a place that nobody knows", "a tab"])
@pytest.mark.parametrize("command", ["run", "once"])
def test_what_watches_refuses_it_in_the_same_words(rasid, desk, command, name):
    file, text, told = BROKEN[name]
    saved(desk, **{file: text})
    answer = rasid(command, "-c", desk.folder)
    assert answer.code == 78
    assert answer.err.startswith(f"{file}:{told}")
    assert not desk.state.exists()


def test_all_slips_are_told_at_once(rasid, desk):
    rules = [
        text.split("\n", 1)[1].rstrip().replace("name: أ", f"name: ق{number}")
        for number, (file, text, _) in enumerate(BROKEN.values())
        if file == "rules.yaml"
        and isinstance(text, str)
        and re.match(r"rules:\n  - \{.*\}\n$", text)
    ]
    saved(
        desk,
        **{
            "rules.yaml": "rules:\n" + "\n".join(rules),
            "monitor.yaml": MONITOR + "timezone: Asia/Bagdad\npooling: {}\n",
            "feeds.yaml": FEEDS + "  - {url: 'https://a.example/rss', enabled: yes}\n",
        },
    )
    lines = rasid("check", "-c", desk.folder).err.splitlines()
    assert [line.split(":")[0] for line in lines[:4]] == ["monitor.yaml"] * 2 + ["feeds.yaml"] * 2
    assert len([line for line in lines if line.startswith("rules.yaml:")]) >= len(rules) > 5


@pytest.mark.parametrize("file", ["feeds.yaml", "places.yaml", "rules.yaml", "monitor.yaml"])
@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n"])
def test_an_empty_file_is_none_of_them(rasid, desk, file, text):
    saved(desk, **{file: text})
    answer = rasid("check", "-c", desk.folder)
    assert answer.code == 0
    assert "warning: " in answer.err or file == "places.yaml"


def test_a_text_over_several_lines_may_hold_dashes(rasid, desk):
    note = "note: 'one\n      - two'\n    query: >-\n      داعش\n      OR غارة\n"
    saved(desk, **{"rules.yaml": f"rules:\n  - name: أ\n    {note}"})
    assert rasid("check", "-c", desk.folder).code == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_state_that_this_user_may_not_make_is_a_warning(rasid, desk):
    saved(desk, **{"monitor.yaml": MONITOR + "state: kept/state\n"})
    kept = desk.folder / "kept"
    kept.mkdir(mode=0o500)
    answer = rasid("check", "-c", desk.folder)
    assert answer.code == 0
    assert f"monitor.yaml:3:8: state: this user may not make it in '{str(kept)[:40]}" in answer.err
