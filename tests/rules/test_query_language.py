"""The query language: what it means, and where exactly it is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.items import parse_item
from monitor.core.rules.query import parse_query
from monitor.core.rules.tree import (
    And,
    Count,
    Gapped,
    InPlace,
    Mode,
    Near,
    Node,
    Not,
    Or,
    Pattern,
    Term,
    Within,
)
from monitor.errors import QueryError


def shape(node: Node) -> str:
    """A tree as one line: a&b|!c with every join in parentheses."""
    if isinstance(node, And | Or):
        join = "&" if isinstance(node, And) else "|"
        return f"({join.join(map(shape, node.parts))})"
    if isinstance(node, Not):
        return f"!{shape(node.part)}"
    match node:
        case Near(left=left, right=right, distance=distance, ordered=ordered):
            return f"{shape(left)}{'>' if ordered else '~'}{distance}{shape(right)}"
        case Gapped(words=words, gap=gap):
            return f"[{' '.join(map(shape, words))}]{gap}"
        case Count(part=part, least=least):
            return f"{least}x{shape(part)}"
        case Within(field=field, part=part):
            return f"{field}={shape(part)}"
        case Pattern(pattern=pattern):
            return f"/{pattern}/"
        case InPlace(ids=ids):
            return f"@{len(ids)}"
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
        ("قصف NEAR/5 غارة", "قصف~5غارة"),
        ("قصف ONEAR/٣ غارة", "قصف>3غارة"),
        ("قصف NEAR/۴ غارة هجوم", "(قصف~4غارة&هجوم)"),
        ("هجوم OR قصف NEAR/4 غارة", "(هجوم|قصف~4غارة)"),
        ("هجوم NOT (قصف NEAR/4 غارة)", "(هجوم&!قصف~4غارة)"),
        ("قصف NEAR/4 غارة ONEAR/2 هجوم", "قصف~4غارة>2هجوم"),
        ('(قصف OR "تنظيم الدولة") NEAR/0 غارة', "(قصف|تنظيم+الدولة)~0غارة"),
        ('"قصف غارة"~3', "[قصف غارة]3"),
        ("«قصف غارة»~٣", "[قصف غارة]3"),
        ("title:قصف غارة", "(title=قصف&غارة)"),
        ("Title: (قصف OR غارة)", "title=(قصف|غارة)"),
        ("NOT title:قصف غارة", "(!title=قصف&غارة)"),
        ('author:"ليلى" category:رياضة feed:شفق', "(author=ليلي&category=رياضة&feed=شفق)"),
        ("count(قصف)>=3", "3xقصف"),
        ("count( قصف OR غارة ) > ٢", "3x(قصف|غارة)"),
        ("COUNT(قصف) ≥ 2 غارة", "(2xقصف&غارة)"),
        ("count(title:قصف)>=2", "2xtitle=قصف"),
        ("/غا.ة/ OR قصف", "(/غا.ة/|قصف)"),
        (r"/a\/b c/i", "/(?i)a/b c/"),
        ("title:/غا.ة/", "title=/غا.ة/"),
        ("„قصف غارة“ ”هجوم جديد“", "(قصف+غارة&هجوم+جديد)"),
        ("‹قصف غارة› ‘هجوم جديد’", "(قصف+غارة&هجوم+جديد)"),
        ('"قصف، غارة"', "قصف+غارة"),
        ('="قصف غارة" هجوم', "(قصف+غارة&هجوم)"),
        ("\u200fقصف\u200f OR\u200f غارة\u202c", "(قصف|غارة)"),
        ("\u202b(قصف)\u202c", "قصف"),
        ("غارة \u200bOR قصف", "(غارة|قصف)"),
        ("غارة NOT (قصف OR NOT هجوم)", "(غارة&!(قصف|!هجوم))"),
        ("قصف AND\u00a0غارة", "(قصف&غارة)"),
        ("F-16 OR 10:30", "(f+16|10+30)"),
        ("https://paper.example/a", "https+paper+example+a"),
        ("1,000 قصف", "(1+000&قصف)"),
    ],
)
def test_meaning(query: str, expected: str) -> None:
    assert shape(parse_query(query)) == expected


def test_signs_in_a_query_are_those_of_lists() -> None:
    node = parse_query("=داعش OR داع* OR داعش+ OR داعش")
    assert isinstance(node, Or)
    modes = [part.mode for part in node.parts if isinstance(part, Term)]
    assert modes == [Mode.EXACT, Mode.PREFIX, Mode.FORMS, Mode.PLAIN]


def test_places_are_that_place_or_what_lies_inside(gazetteer: Gazetteer) -> None:
    assert shape(parse_query('place:"نينوى" قصف', gazetteer=gazetteer)) == "(@1&قصف)"
    node = parse_query("within:نينوى", gazetteer=gazetteer)
    assert isinstance(node, InPlace)
    assert len(node.ids) > 5


SUGGESTIONS = [
    ("titel:قصف", "title:"),
    ("عنوان:قصف", "title:"),
    ("قصف -غارة", "NOT"),
    ("قصف || غارة", "OR"),
    ("قصف، غارة", "OR or AND"),
    ("قصف NEAR غارة", "NEAR/10"),
    ("(قصف غارة) NEAR/3 هجوم", "quotes"),
    ("count(قصف)<3", "NOT count"),
    ("place:مخمورر", "مخمور"),
    ("place:قققق عين", "quotes"),
    ("قصف –غارة", "NOT"),
    ("قال:قصف", "quotes"),
]


@pytest.mark.parametrize(("query", "suggestion"), SUGGESTIONS)
def test_faults_say_how_to_write_it(gazetteer: Gazetteer, query: str, suggestion: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(query, gazetteer=gazetteer)
    assert suggestion in (caught.value.suggestion or "")


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
        ("قصف AND OR غارة", 8, "not OR"),
        ("قصف NEAR/5 NEAR/5 غارة", 11, "not NEAR"),
        ("قصف ()", 5, "expected"),
        ('قصف "تنظيم', 4, "partner"),
        ("قصف» غارة", 3, "partner"),
        ('""', 1, "empty"),
        ('قصف "!!"', 5, "no letter"),
        ("قصف !!", 4, "no letter"),
        ("NOT قصف", 0, "only excludes"),
        ("قصف OR NOT غارة", 11, "part beside OR only excludes"),
        ("NOT قصف OR NOT غارة", 4, "part beside OR only excludes"),
        ('title:place:"مخمور"', 6, "directly behind another field"),
        ("قصف title :غارة", 10, "no blank stands before the colon"),
        ('"قصف غارة" ~2', 11, "~2 stands right behind a phrase"),
        ("قصف~2", 3, "~2 stands right behind a phrase"),
        ('"قصف غارة"+', 10, "+ finds derived forms of one word"),
        ("غارة –قصف", 5, "– is no operator"),
        ('place:""', 7, "takes the name of a place"),
        ("قصف، غارة", 3, "comma"),
        ("قصف, غارة", 3, "comma"),
        ("قصف NEAR غارة", 9, "number of words"),
        ("قصف NEAR/ غارة", 9, "number of words"),
        ("قصف NEAR/x غارة", 9, "number of words"),
        ("قصف ONEAR/101 غارة", 10, "number of words"),
        ("قصف NEAR/3", 10, "ends"),
        ("NEAR/3 قصف", 0, "not NEAR"),
        ("NOT قصف NEAR/3 غارة", 4, "takes no NOT"),
        ("(قصف غارة) NEAR/3 هجوم", 1, "NEAR takes"),
        ("هجوم NEAR/3 (قصف غارة)", 13, "NEAR takes"),
        ("count(قصف)>=2 NEAR/3 غارة", 0, "does not take count"),
        ("هجوم NEAR/3 /غا.ة/", 12, "does not take a regular"),
        ("هجوم NEAR/3 (غارة OR /غا.ة/)", 13, "does not take a regular"),
        (" NEAR/1 ".join("ا" * 22), 0, "in a row"),
        ('"قصف غارة"~', 11, "number of words"),
        ('"قصف غارة"~x', 11, "number of words"),
        ('"قصف"~2', 0, "two or more"),
        ('="قصف غارة"~2', 0, "~ has no place"),
        ('هجوم ="قصف غا*رة"', 13, "* stands only after"),
        ("/‹/3", 1, "not ‹/3"),
        ("قصف ()", 5, "before this parenthesis"),
        ("(NOT)", 4, "before this parenthesis"),
        ("titel:قصف", 0, "no field is called titel"),
        ("عنوان:قصف", 0, "no field is called عنوان"),
        ("قال:قصف", 0, "no field is called قال"),
        ("title:", 6, "ends"),
        ("title:place:مخمور", 6, "directly behind another field"),
        ("count(قصف)", 10, "comparison"),
        ("count(قصف) غارة", 11, "comparison"),
        ("count(قصف) AND غارة", 11, "comparison"),
        ("count(قصف)<3", 10, "no comparison"),
        ("count(قصف)=3", 10, "no comparison"),
        ("count(قصف)>=0", 10, "compares with"),
        ("count(قصف)>=99999999999", 10, "compares with"),
        ("count(قصف غارة)>=3", 6, "count() counts"),
        ("count(NOT قصف)>=3", 10, "count() counts"),
        ("قصف /غا.ة", 4, "ends with /"),
        ("/غا(ة/", 1, "a ) is missing behind"),
        ("/غا*[ة/", 4, "a ] is missing behind"),
        ("/(?=ا)/", 1, "(?= is not known here"),
        ("/ا*/", 1, "empty text"),
        ("قصف -غارة", 4, "- is no operator"),
        ("قصف !غارة", 4, "! is no operator"),
        ("+قصف", 0, "+ is no operator"),
        ("قصف && غارة", 4, "&& is no operator"),
        ("قصف | غارة", 4, "| is no operator"),
        ("'قصف غارة'", 0, "' quotes nothing"),
        ("place:أطلنطس", 6, "no place"),
        ('within:"أطلنطس"', 8, "no place"),
        ("place:(بغداد OR دمشق)", 7, "takes the name of one place"),
        ("قصف د+ع", 5, "+ stands only"),
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
        ("تنظيم الدو+", 0, "phrase"),
        ("title:داعش", 0, "title: means nothing"),
        ("place:مخمور", 0, "place: means nothing"),
        ("/داعش/", 0, "/داعش/ means nothing"),
        ('"تنظيم الدولة"~2', 13, "means nothing"),
        ("تنظيم الدو*", 0, "phrase"),
        ("دا*عش", 2, "* stands only after"),
        ("دا=عش", 2, "= stands only before"),
        ("دا+عش", 2, "+ stands only after"),
        ("=داعش+", 5, "either"),
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
            " NEAR/3 ",
            "NEAR",
            "title:",
            "place:",
            "count(",
            ")>=2",
            "~2",
            "/ا+/",
            "\u200f",
            "-",
            "*",
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
@example("title:" * 5000 + "ا")
@example("count(" * 5000)
@example("ا NEAR/1 " * 5000 + "ا")
@example('"ا ب"~1 ' * 2000)
@example("/" * 5000)
@example('"' * 4999)
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
