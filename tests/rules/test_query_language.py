"""The query language: what it means, and where exactly it is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.core.rules.items import parse_item
from monitor.core.rules.query import parse_query
from monitor.core.rules.tree import And, Mode, Node, Not, Or, Term
from monitor.errors import QueryError


def shape(node: Node) -> str:
    """A tree as one line: a&b|!c with every join in parentheses."""
    if isinstance(node, And | Or):
        join = "&" if isinstance(node, And) else "|"
        return f"({join.join(map(shape, node.parts))})"
    if isinstance(node, Not):
        return f"!{shape(node.part)}"
    assert isinstance(node, Term)
    return "+".join(node.words)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("قصف", "قصف"),
        ("قصف غارة", "(قصف&غارة)"),
        ("قصف AND غارة هجوم", "(قصف&غارة&هجوم)"),
        ("قصف OR غارة هجوم", "(قصف|(غارة&هجوم))"),
        ("(قصف OR غارة) هجوم", "((قصف|غارة)&هجوم)"),
        ("قصف NOT تدريب OR غارة", "((قصف&!تدريب)|غارة)"),
        ("قصف AND NOT (تدريب OR رياضة)", "(قصف&!(تدريب|رياضة))"),
        ('"تنظيم الدولة" قصف', "(تنظيم+الدولة&قصف)"),
        ("“تنظيم الدولة”", "تنظيم+الدولة"),
        ("«تنظيم الدولة»", "تنظيم+الدولة"),
        ("and or not", "(and&or&not)"),
        ("ANDROID ORDER", "(android&order)"),
        ("آذار/مارس", "اذار+مارس"),
        ("((قصف))", "قصف"),
        ("قصف\nغارة", "(قصف&غارة)"),
    ],
)
def test_meaning(query: str, expected: str) -> None:
    assert shape(parse_query(query)) == expected


def test_signs_in_a_query_are_those_of_lists() -> None:
    node = parse_query("=داعش OR داع*")
    assert isinstance(node, Or)
    assert [part.mode for part in node.parts if isinstance(part, Term)] == [Mode.EXACT, Mode.PREFIX]


@pytest.mark.parametrize(
    ("query", "offset", "reason"),
    [
        ("", 0, "empty"),
        ("   ", 0, "empty"),
        ("AND AND", 0, "AND"),
        ("قصف AND AND غارة", 8, "AND"),
        ("OR قصف", 0, "OR"),
        ("قصف AND", 7, "ends"),
        ("قصف AND ", 7, "ends"),
        ("قصف OR NOT", 10, "ends"),
        ("(قصف", 0, "not closed"),
        ("قصف (غارة (هجوم)", 4, "not closed"),
        ("قصف)", 3, "closes nothing"),
        ("()", 1, "expected"),
        ("قصف ()", 5, "expected"),
        ('قصف "تنظيم', 4, "partner"),
        ("قصف» غارة", 3, "partner"),
        ('""', 1, "empty"),
        ('قصف "!!"', 5, "no letter"),
        ("قصف !!", 4, "no letter"),
        ("NOT قصف", 0, "only excludes"),
        ("قصف OR NOT غارة", 0, "only excludes"),
        ("قصف، غارة", 3, "comma"),
        ("قصف NEAR/5 غارة", 4, "not available"),
        ("قصف NEAR غارة", 4, "not available"),
        ("قصف ONEAR/5 غارة", 4, "not available"),
        ('"قصف غارة"~3', 10, "not available"),
        ("title:قصف", 0, "not available"),
        ('قصف place:"بغداد"', 4, "not available"),
        ("within:بغداد", 0, "not available"),
        ("count(قصف)>=3", 0, "not available"),
        ("قصف /غا.ة/", 4, "not available"),
        ("قصف داعش+", 8, "not available"),
        ("د*", 0, "prefix"),
        ("=دا*", 3, "exact"),
    ],
)
def test_faults_have_their_place(query: str, offset: int, reason: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(query)
    assert (caught.value.offset, reason in caught.value.reason) == (offset, True), caught.value


@pytest.mark.parametrize(
    ("item", "offset", "reason"),
    [
        ("", 0, "empty"),
        ("  ", 0, "empty"),
        ("؟!", 0, "no letter"),
        (" … ", 1, "no letter"),
        ("قصف، غارة", 3, "comma"),
        ("قصف؛ غارة", 3, "comma"),
        ("قصف OR غارة", 4, "OR"),
        ("داعش+", 4, "not available"),
        ("  داعش+", 6, "not available"),
        ("=تنظيم الدولة", 0, "phrase"),
        ("تنظيم الدو*", 0, "phrase"),
        ("دا*عش", 2, "="),
        ("=", 0, "no letter"),
    ],
)
def test_faulty_items_have_their_place(item: str, offset: int, reason: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_item(item)
    assert (caught.value.offset, reason in caught.value.reason) == (offset, True), caught.value


def test_the_arabic_comma_comes_with_a_hint() -> None:
    with pytest.raises(QueryError) as caught:
        parse_item("قصف، غارة")
    assert caught.value.suggestion is not None
    assert "item of its own" in caught.value.suggestion


PIECES = st.lists(
    st.sampled_from(
        [
            *'()"“”«»=*+~/،؛_#: \n',
            " AND ",
            " OR ",
            " NOT ",
            "NEAR/3",
            "title:",
            "count(",
            "قصف",
            "ab",
            "1",
        ]
    ),
    max_size=25,
).map("".join)


@given(st.one_of(PIECES, st.text(max_size=40)))
@example("(" * 5000 + "ا" + ")" * 5000)
@example("NOT " * 5000 + "ا")
@example("ا " * 5000)
def test_no_text_breaks_the_parser(query: str) -> None:
    fault = fault_of(parse_query, query)
    assert fault is None or (fault.reason and 0 <= fault.offset <= len(query))


@given(st.text(max_size=30))
def test_no_item_breaks_the_parser(item: str) -> None:
    fault = fault_of(parse_item, item)
    assert fault is None or (fault.reason and 0 <= fault.offset <= len(item))


def fault_of(parse: Callable[[str], object], text: str) -> QueryError | None:
    """The QueryError that a text meets; anything else goes through."""
    try:
        parse(text)
    except QueryError as fault:
        return fault
    return None
