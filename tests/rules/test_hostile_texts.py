"""Texts that a feed could be made of to hang the watcher: each is answered rightly, and at once
(code that is quadratic in one of them would take minutes here)."""

from __future__ import annotations

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.explain import explain
from monitor.core.rules.matcher import compile_rules
from monitor.model import Article, PlaceName, Rule

RULES = [
    Rule("word", any=("داعش",)),
    Rule("forms", any=("داعش+", "دا*")),
    Rule("place", places=(PlaceName("مخمور"),)),
    Rule("near", query="(غارة NEAR/100 قصف) NEAR/5 داعش"),
    Rule("phrase", any=("تنظيم الدولة",)),
    Rule("deep", query="غارة" + " NEAR/100 قصف NEAR/100 غارة" * 6 + " NEAR/1 صاروخ"),
    Rule("gap", query='"غارة داعش"~20'),
    Rule("pattern", query="/داعش(?:.*الموصل)?/"),
]
BY_WORD = ["forms", "pattern", "word"]
ALL_WORDS = ["forms", "gap", "near", "pattern", "word"]


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("text", "fires"),
    [
        pytest.param("داعش" + "." * 300_000, BY_WORD, id="dots"),
        pytest.param("داعش" + "😀\0" * 150_000, BY_WORD, id="emoji"),
        pytest.param("ا" + "\u0301\u0316" * 150_000 + " داعش", BY_WORD, id="marks"),
        pytest.param("ا" + "\u0654\u0655" * 150_000 + " داعش", BY_WORD, id="hamzas"),
        pytest.param("x" + "\u20d0\u20e8" * 150_000 + " داعش", BY_WORD, id="other marks"),
        pytest.param("مخمور " * 6_000, [], id="places"),
        pytest.param("و" + "«" * 200_000 + "داعش", BY_WORD, id="quotes"),
        pytest.param("غارة قصف " * 5_000 + "داعش", ALL_WORDS, id="near"),
        pytest.param("تنظيم" + "." * 300_000 + "الدولة", ["phrase"], id="dots in a phrase"),
        pytest.param("صاروخ " + "غارة قصف " * 300, ["deep"], id="deep chain"),
        pytest.param("د ا ع ش " * 20_000, ["forms", "word"], id="letters"),
        pytest.param("د" * 500_000 + " داعش", BY_WORD, id="one word"),
        pytest.param("داعش " + "ﷺ" * 20_000, BY_WORD, id="ligatures"),
        pytest.param("داعش\n" * 20_000, BY_WORD, id="hits"),
    ],
)  # fmt: skip
def test_no_text_hangs_the_matcher(gazetteer: Gazetteer, text: str, fires: list[str]) -> None:
    rules = compile_rules(RULES, gazetteer)
    matches = rules.match(Article(title=text, text=text))
    assert sorted(match.rule.name for match in matches) == fires
    for match in matches:
        assert len(match.spans) <= 2_000
        assert all(0 <= span.start < span.end <= len(text) for span in match.spans)


def test_reasons_stay_short_whatever_the_text_holds(gazetteer: Gazetteer) -> None:
    word = "ا" * 100_000 + "داعش"
    told = explain(compile_rules(RULES[:1], gazetteer), Article(text=word)).rules[0]
    assert len(told.clauses[0].reason) < 300


def test_a_very_long_phrase_is_a_phrase(gazetteer: Gazetteer) -> None:
    phrase = " ".join(["عبد", "الله"] * 600)
    rules = compile_rules([Rule("r", any=(phrase,))], gazetteer)
    assert len(rules.match(Article(text=f"قال {phrase}"))) == 1
