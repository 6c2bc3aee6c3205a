"""Warnings on rules that have no error: what is odd, where, and what to do instead."""

from __future__ import annotations

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.cautions import cautions
from monitor.core.rules.compiled import compile_rule
from monitor.core.rules.shadows import shadows
from monitor.core.text.lexicon import Lexicon
from monitor.model import FeedFilter, PlaceName, Rule, Severity

P = PlaceName


def told(rule: Rule, gazetteer: Gazetteer, lexicon: Lexicon) -> list[tuple[str, int | None, str]]:
    compiled = compile_rule(rule, gazetteer, lexicon)
    found = cautions(compiled, gazetteer, lexicon)
    assert all(fault.error.suggestion for fault in found)
    return [(fault.key, fault.index, fault.error.reason) for fault in found]


ODD = [
    # name, rule, key, index, words of the reason
    ("homograph", Rule("r", any=("داعش", "مخمور")), "any", 1, "مخمور is a place and has other"),
    ("homograph in all", Rule("r", all=("الرقة", "داعش")), "all", 0, "الرقة is a place"),
    ("homograph in a query", Rule("r", query="داعش مخمور"), "query", None, "مخمور is a place"),
    ("common", Rule("r", any=("العراق", "رئيس")), "any", 1, "very common word: about"),
    ("common in a query", Rule("r", query="داعش OR على"), "query", None, "على is a very common"),
    ("a place", Rule("r", any=("بنان",)), "any", 0, "لبنان, a place, reads as"),
    ("another place", Rule("r", any=("عقوبة",)), "any", 0, "بعقوبة, a place, reads as"),
    ("collision", Rule("r", any=("طن",)), "any", 0, "وطن, a commoner word, reads as"),
    ("collision under none", Rule("r", any=("داعش",), none=("عنة",)), "none", 0, "لعنة"),
    ("repeat", Rule("r", any=("أربيل", "قصف", "اربيل")), "any", 2, "the same as أربيل"),
    ("impossible", Rule("r", any=("داعش",), none=("داعش",)), "name", None, "never fires: it asks"),
    ("impossible phrase", Rule("r", any=("تنظيم داعش",), none=("داعش",)), "name", None, "never"),
    ("impossible query", Rule("r", query="داعش (قصف NOT داعش)"), "name", None, "never fires"),
    (
        "impossible place",
        Rule("r", places=(P("مخمور"),), not_places=(P("العراق"),)),
        "name",
        None,
        "never fires: it asks for مخمور",
    ),
    ("small letters", Rule("r", query="داعش or قصف"), "query", None, "or in small letters"),
    ("capitalised", Rule("r", query="داعش Or قصف"), "query", None, "Or in small letters"),
    ("Arabic or", Rule("r", query="داعش أو قصف"), "query", None, "أو is a word to look for"),
    ("Arabic and", Rule("r", query="داعش و قصف"), "query", None, "و is a word to look for"),
    ("Arabic or in an item", Rule("r", any=("داعش أو قصف",)), "any", 0, "a part of this phrase"),
    ("shared name", Rule("r", places=(P("طرابلس"),)), "places", 0, "the name of several places"),
    ("digits", Rule("r", query=r"/\d+ قتيلا/"), "query", None, r"\d finds 0 to 9"),
    ("short prefix", Rule("r", any=("مع*",)), "any", 0, "finds very many words"),
    ("common in none", Rule("r", any=("داعش",), none=("في",)), "none", 0, "very common word"),
    ("impossible field", Rule("r", query="title:داعش NOT داعش"), "name", None, "never fires"),
    ("impossible prefix", Rule("r", query="داعش NOT داع*"), "name", None, "never fires"),
    ("impossible article", Rule("r", any=("القنبلة",), none=("قنبلة",)), "name", None, "never"),
    ("small near", Rule("r", query="داعش near/5 قصف"), "query", None, "near/5 in small letters"),
    ("ASCII", Rule("r", query=r"/\bداعش\b/"), "query", None, r"\b knows only ASCII"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "key", "index", "words"), [pytest.param(*row[1:], id=row[0]) for row in ODD]
)
def test_what_is_odd_is_told(
    gazetteer: Gazetteer,
    lexicon: Lexicon,
    rule: Rule,
    key: str,
    index: int | None,
    words: str,
) -> None:
    found = told(rule, gazetteer, lexicon)
    assert any((k, i) == (key, index) and words in reason for k, i, reason in found), found


SOUND = [
    Rule("r", any=("داعش", "تنظيم الدولة الإسلامية"), places=(P("مخمور"),)),
    Rule("r", any=("قنبلة", "عبوة ناسفة"), none=("مسلسل",)),
    Rule("r", all=("رئيس", "داعش")),  # the rarer one decides
    Rule("r", query='(غارة OR قصف) NEAR/10 place:"مخمور" NOT title:تدريب'),
    Rule("r", any=("=طن",)),
    Rule("r", any=("الدور",)),  # hardly ever the place
    Rule("r", places=(P("صلاح الدين"),)),  # quarters of that name hardly matter
    Rule("r", any=("سعر", "صاروخ")),
    Rule("r", any=("لبنان",)),
    Rule("r", any=("داعش",), none=("داعشي",)),
    Rule("r", any=("داعش", "قصف"), none=("داعش",)),  # قصف is left
    Rule("r", places=(P("العراق"),), not_places=(P("مخمور"),)),
    Rule("r", query=r"/\p{Arabic}+ش/"),
    Rule("r", query="ISIS", fields=("title",), enabled=False),
    Rule("r", query='"this or that" OR /or and/'),
    Rule("r", query="داعش NOT مخمور"),
    Rule("r", query="داعش author:ربيعة NOT category:في"),
    Rule("r", any=("مخمور",), places=(P("مخمور"),)),
    Rule("r", any=("نور الدين",), none=("نور",)),  # نورالدين is left
    Rule("r", all=("إلهام",), none=("هام",)),
    Rule("r", query=r"/غارة\s+جوية/"),
]


@pytest.mark.parametrize("rule", SOUND, ids=str)
def test_sound_rules_are_not_warned_of(gazetteer: Gazetteer, lexicon: Lexicon, rule: Rule) -> None:
    assert told(rule, gazetteer, lexicon) == []


def shadowed(gazetteer: Gazetteer, *rules: Rule) -> list[tuple[str, str]]:
    compiled = [compile_rule(rule, gazetteer) for rule in rules]
    return [(rules[number].name, fault.error.reason) for number, fault in shadows(compiled)]


A = Rule("A", any=("داعش",))
PAIRS = [
    # name, rule, told of it beside A
    ("the same", Rule("B", any=("داعش",)), ["B: the rule A asks for the same"]),
    ("the same in a query", Rule("B", query="داعش"), ["B: the rule A asks for the same"]),
    ("the same with more words", Rule("B", any=("داعش", "تنظيم داعش")), ["B: the rule A asks"]),
    ("narrower", Rule("B", any=("داعش",), all=("قصف",)), ["B: the rule A fires wherever"]),
    ("narrower by none", Rule("B", any=("داعش",), none=("قصف",)), ["B: the rule A fires wherever"]),
    ("a phrase with it", Rule("B", any=("تنظيم داعش",)), ["B: the rule A fires wherever"]),
    ("an exact word", Rule("B", any=("=داعش",)), ["B: the rule A fires wherever"]),
    ("narrower by its fields", Rule("B", any=("داعش",), fields=("title",)), ["B: the rule A"]),
    (
        "narrower by its feeds",
        Rule("B", any=("داعش",), feeds=FeedFilter(names=("x",))),
        ["B: the rule A fires"],
    ),
    ("narrower by its language", Rule("B", any=("داعش",), languages=("ar",)), ["B: the rule A"]),
    ("wider", Rule("B", any=("داعش", "قصف")), ["A: the rule B fires wherever"]),
    ("another severity", Rule("B", any=("داعش",), severity=Severity.HIGH), []),
    ("another channel", Rule("B", any=("داعش",), channels=("x",)), []),
    ("switched off", Rule("B", any=("داعش",), enabled=False), []),
    ("another word", Rule("B", any=("قصف",)), []),
    ("the definite word", Rule("B", any=("الداعش",)), ["B: the rule A fires wherever"]),
    ("loose", Rule("B", any=("داعش",), loose=True), []),
    ("derived words", Rule("B", any=("داعش",), forms=True), ["A: the rule B fires wherever"]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "expected"), [pytest.param(*row[1:], id=row[0]) for row in PAIRS])
def test_rules_that_another_makes_needless(
    gazetteer: Gazetteer, rule: Rule, expected: list[str]
) -> None:
    found = [f"{name}: {reason}" for name, reason in shadowed(gazetteer, A, rule)]
    assert len(found) == len(expected)
    assert all(got.startswith(start) for got, start in zip(found, expected, strict=True)), found


def test_places_inside_others_are_narrower(gazetteer: Gazetteer) -> None:
    inner, outer = Rule("in", places=(P("مخمور"),)), Rule("out", places=(P("العراق"),))
    assert [name for name, _ in shadowed(gazetteer, inner, outer)] == ["in"]


def test_patterns_and_lists_are_compared_too(gazetteer: Gazetteer) -> None:
    one = Rule("one", query="/قص./")
    same = Rule("same", query="/قص./")
    both = Rule("both", query="/قص./ داعش")
    many = Rule("many", any=("داعش", "قصف", "غارة"))
    found = shadowed(gazetteer, one, same, both, many)
    assert sorted(name for name, _ in found) == ["both", "same"]


def test_exclusions_are_weaker_the_more_they_exclude(gazetteer: Gazetteer) -> None:
    few = Rule("few", query="داعش NOT (قصف OR غارة)")
    more = Rule("more", query="داعش NOT قصف")
    assert [name for name, _ in shadowed(gazetteer, few, more)] == ["few"]


@pytest.mark.untraced
def test_many_rules_are_compared_in_no_time(gazetteer: Gazetteer) -> None:
    rules = [Rule(f"both {n}", all=(f"كلمة{n}", "قرشوب")) for n in range(3_000)]
    rules += [Rule(f"phrase {n}", any=(f"تنظيم كلمة{n}",)) for n in range(3_000)]
    rules += [Rule(f"same {n}", any=("داعش",)) for n in range(3_000)]
    shared = [tuple(f"لفظ{n + i}" for i in range(20)) for n in range(300)]
    rules += [Rule(f"list {n}", any=("هجوم", *words)) for n, words in enumerate(shared)]
    rules += [Rule(f"none {n}", any=("غارة",), none=(f"كلمة{n}", "س")) for n in range(300)]
    rules += [Rule("long", any=tuple(f"ك{n}" for n in range(3_000)))]
    assert len(shadowed(gazetteer, *rules)) == 2_999
