"""Static errors of rules, all of them with key and item, and examples that do not hold."""

from __future__ import annotations

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.lint import Examples, faults
from monitor.core.rules.matcher import compile_rules
from monitor.errors import QueryError
from monitor.model import FeedFilter, PlaceName, Rule


def test_every_fault_is_told_with_its_place(gazetteer: Gazetteer) -> None:
    rule = Rule(
        "r",
        any=("قصف", "غارة، هجوم"),
        all=("",),
        none=("دا+عش",),
        query="قصف AND",
        places=(PlaceName("بغداد"), PlaceName("تلعفرر")),
        not_places=(PlaceName("أطلنطس"),),
    )
    told = [(fault.key, fault.index, fault.error.offset) for fault in faults(rule, gazetteer)]
    assert told == [
        ("any", 1, 4),
        ("all", 0, 0),
        ("none", 0, 2),
        ("query", None, 7),
        ("places", 1, 0),
        ("not_places", 0, 0),
    ]


def test_an_unknown_place_comes_with_a_suggestion(gazetteer: Gazetteer) -> None:
    (fault,) = faults(Rule("r", places=(PlaceName("مخمورر"),)), gazetteer)
    assert fault.error.suggestion == "did you mean مخمور?"


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (Rule("r"), "asks for nothing"),
        (Rule("r", none=("قصف",)), "only excludes"),
        (Rule("r", not_places=(PlaceName("بغداد"),)), "only excludes"),
    ],
)
def test_a_rule_that_asks_for_nothing_is_refused(
    gazetteer: Gazetteer, rule: Rule, reason: str
) -> None:
    (fault,) = faults(rule, gazetteer)
    assert (fault.key, fault.index) == ("name", None)
    assert reason in fault.error.reason
    with pytest.raises(QueryError):
        compile_rules([rule], gazetteer)


def test_a_good_rule_has_no_fault(gazetteer: Gazetteer) -> None:
    rule = Rule("r", any=("=داعش", "داع*", "تنظيم الدولة"), places=(PlaceName("نينوى"),))
    assert faults(rule, gazetteer) == ()


def test_examples_that_do_not_hold_are_told_with_the_reason(gazetteer: Gazetteer) -> None:
    rule = Rule(
        "r",
        any=("داعش",),
        places=(PlaceName("مخمور"),),
        enabled=False,
        feeds=FeedFilter(names=("x",)),
        examples_match=("قصف داعش أطراف قضاء مخمور", "خلية داعش أوقفها سائق مخمور"),
        examples_no_match=("سائق مخمور", "داعش في قضاء مخمور\nنص الخبر"),
    )
    told = Examples(gazetteer).broken(rule)
    assert [(name, index) for name, index, _ in told] == [("match", 1), ("no_match", 1)]
    assert "سائق before it" in told[0][2]
    assert "fires" in told[1][2]


def test_examples_that_hold(gazetteer: Gazetteer) -> None:
    rule = Rule("r", any=("قصف",), examples_match=("قصف",), examples_no_match=("غارة",))
    assert Examples(gazetteer).broken(rule) == ()


def test_an_example_of_one_line_is_a_title_or_a_text(gazetteer: Gazetteer) -> None:
    good = Rule("r", any=("داعش",), fields=("title",), examples_match=("قصف داعش",))
    assert Examples(gazetteer).broken(good) == ()
    bad = Rule("r", query="title:داعش", examples_no_match=("قصف داعش", "خبر\nداعش"))
    ((name, index, reason),) = Examples(gazetteer).broken(bad)
    assert (name, index) == ("no_match", 0)
    assert "the rule fires" in reason
