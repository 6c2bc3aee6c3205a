"""The starter configuration and the packaged gazetteer."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from monitor.errors import UsageError
from monitor.settings.load import load
from monitor.settings.packaged import shipped_places, write_starter
from monitor.settings.report import FILES
from monitor.settings.schema import FeedSection, MonitorFile, OwnPlaceSection, RuleSection

CONFIG = Path(__file__).parents[2] / "config"


@pytest.mark.parametrize("name", FILES)
def test_the_example_in_the_repository_is_the_one_in_the_package(name: str) -> None:
    assert (CONFIG / name).read_bytes() == (files("monitor.data") / "starter" / name).read_bytes()


def test_what_init_writes_is_sound_and_its_examples_hold(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "config"
    written = write_starter(folder)
    assert [path.name for path in written] == list(FILES)
    config = load(folder, environ={}, examples=True)
    assert config.warnings == ()
    assert len(config.feeds) >= 15
    assert len(config.rules) >= 8
    assert all(rule.examples_match and rule.examples_no_match for rule in config.rules)
    assert [channel.url for channel in config.channels] == ["console://"]


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("rules: []\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"rules\.yaml exists; nothing was written"):
        write_starter(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["rules.yaml"]


@pytest.mark.parametrize(
    ("name", "section"),
    [
        ("monitor.yaml", MonitorFile),
        ("feeds.yaml", FeedSection),
        ("rules.yaml", RuleSection),
        ("places.yaml", OwnPlaceSection),
    ],
)
def test_the_example_explains_every_key_that_works(name: str, section: type) -> None:
    text = (CONFIG / name).read_text(encoding="utf-8")
    absent = {"forms"}
    absent |= {"language"} if section is RuleSection else set()
    keys = {field.alias or key for key, field in section.model_fields.items()} - absent
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", text)] == []


def test_the_gazetteer_is_whole() -> None:
    places = {place.id: place for place in shipped_places()}
    assert len(places) == len(shipped_places())
    assert all(parent in places for place in places.values() for parent in place.parents)
    assert all(isinstance(place.spellings, tuple) for place in places.values())
