"""The article that the project began with, where it is at hand: nothing of it stands here."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.explain import explain
from monitor.core.rules.matcher import compile_rules
from monitor.model import Article, PlaceName, Rule

SEED = Path(__file__).parents[2].parent / "shared" / "seed"
TEXTS = sorted(SEED.glob("*.txt")) if SEED.is_dir() else []


@pytest.fixture
def article() -> Article:
    if not TEXTS:
        pytest.skip("the first article is not at hand")
    title, _, text = TEXTS[0].read_text("utf-8").strip().partition("\n")
    return Article(title=title, text=text)


def test_the_keyword_is_found_in_each_form_it_has(gazetteer: Gazetteer, article: Article) -> None:
    (match,) = compile_rules([Rule("r", any=("داعش",))], gazetteer).match(article)
    forms = [article.text[span.start : span.end] for span in match.spans if span.field == "text"]
    assert {"داعش", "لداعش"} <= set(forms)
    assert len(forms) == article.text.count("داعش")


@pytest.mark.parametrize("name", ["مخمور", "نينوى", "العراق", "جبال قره جوغ"])
def test_the_place_is_the_place(gazetteer: Gazetteer, article: Article, name: str) -> None:
    rule = Rule("r", any=("داعش",), places=(PlaceName(name),))
    (match,) = compile_rules([rule], gazetteer).match(article)
    assert match.places
    assert all(reading.score >= 0.5 for reading in match.places)


def test_no_driver_is_taken_for_it(gazetteer: Gazetteer, article: Article) -> None:
    ruleset = compile_rules([Rule("r", places=(PlaceName("مخمور"),))], gazetteer)
    drunk = Article(title="سائق مخمور", text=article.text.replace("مخمور", "آخر"))
    readings = [found for found in explain(ruleset, drunk).places if found.id == "iq-makhmur"]
    assert readings
    assert all(found.score < 0.5 for found in readings)
