"""What the README says is so: its tables of matching, its commands, its first two blocks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.core.rules.matcher import compile_rules
from monitor.model import Article, PlaceName, Rule
from monitor.settings.packaged import shipped_gazetteer, shipped_lexicon

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def rows(head: str) -> list[list[str]]:
    """The cells of the table that begins with this line."""
    table = README[README.index(head) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


def rule(written: str) -> Rule:
    word = written[written.index("`") + 1 : written.rindex("`")]
    if written.startswith("place"):
        return Rule(name="rule", places=(PlaceName(word),))
    return Rule(name="rule", any=(word,))


@pytest.fixture(scope="module")
def gazetteer():
    return shipped_gazetteer()


TABLE = rows("| you write |")


@pytest.mark.parametrize(("written", "found", "missed"), TABLE, ids=[row[0] for row in TABLE])
def test_the_table_of_matching_holds(gazetteer, written, found, missed):
    rules = compile_rules([rule(written)], gazetteer, shipped_lexicon())
    for text in found.split(", "):
        assert rules.match(Article(text=text)), f"{written} misses {text}"
    for text in missed.split(", "):
        assert not rules.match(Article(text=text)), f"{written} finds {text}"


@pytest.mark.parametrize("query", [row[0].strip("`") for row in rows("| query |")])
def test_the_queries_can_be_asked(gazetteer, query):
    assert compile_rules([Rule(name="rule", query=query)], gazetteer)


def test_the_first_two_blocks_are_one_line_each():
    blocks = re.findall(r"^```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert blocks[0].count("\n") == blocks[1].count("\n") == 1
    assert blocks[0].endswith("rasid demo\n")
    assert blocks[1].endswith("pytest\n")


def test_every_command_is_in_the_reference(rasid):
    listed = rasid("--help").out.split("Commands:")[1]
    for line in listed.strip().splitlines():
        name = line.split()[0]
        assert f"rasid {name}" in README, name


def test_every_dependency_has_its_reason():
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    block = project[project.index("dependencies = [") : project.index("[project.scripts]")]
    for name in re.findall(r'"([A-Za-z-]+)[>=<]', block):
        assert name.lower() in README.lower(), name
