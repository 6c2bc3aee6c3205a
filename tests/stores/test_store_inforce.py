"""The copies of the rules in force, and of those before."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from monitor.stores import inforce
from monitor.stores.disk import Disk


def written(folder: Path, rules: str | None, places: str | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in (("rules.yaml", rules), ("places.yaml", places)):
        if text is None:
            (folder / name).unlink(missing_ok=True)
        else:
            (folder / name).write_text(text, "utf-8")
    return folder


def texts(folder: Path) -> tuple[str | None, ...]:
    paths = (folder / "rules.yaml", folder / "places.yaml")
    return tuple(path.read_text("utf-8") if path.exists() else None for path in paths)


def test_what_is_replaced_is_kept_until_the_next_is(tmp_path: Path) -> None:
    state, desk = tmp_path / "state", tmp_path / "desk"
    assert (inforce.folder(state), inforce.before(state)) == (None, None)
    inforce.keep(state, written(desk, "one", "mine"))
    assert inforce.before(state) is None
    assert inforce.holds(state, desk)
    written(desk, "two")
    assert not inforce.holds(state, desk)
    for _ in range(2):  # what is the same replaces nothing
        inforce.keep(state, desk)
        found, before = inforce.folder(state), inforce.before(state)
        assert found is not None
        assert before is not None
        assert (texts(found), texts(before.folder)) == (("two", None), ("one", "mine"))
    inforce.keep(state, written(desk, "three"))
    before = inforce.before(state)
    assert before is not None
    assert texts(before.folder) == ("two", None)
    modes = {path.stat().st_mode & 0o777 for path in (state / "in-force").rglob("*.yaml")}
    assert modes == {0o600}


def test_a_disk_that_takes_nothing_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Full(Disk):
        def create(self, path: Path) -> int:
            raise OSError(28, "No space left on device")

    with caplog.at_level(logging.WARNING, "rasid.state"):
        inforce.keep(tmp_path / "state", written(tmp_path / "desk", "one"), Full())
    assert "No space left" in caplog.text
    assert inforce.folder(tmp_path / "state") is None
