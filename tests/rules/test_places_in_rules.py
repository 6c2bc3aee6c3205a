"""What rules on places hear: names with sense, circles on the map, and places of one name."""

from __future__ import annotations

import sys

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.explain import explain
from monitor.core.rules.matcher import RuleSet, compile_rules
from monitor.core.rules.whereabouts import whereabouts
from monitor.core.text.lexicon import Lexicon
from monitor.errors import QueryError
from monitor.model import (
    Article,
    Location,
    NearPlace,
    Place,
    PlaceName,
    PlaceReading,
    Rule,
    Sense,
    Span,
)

MAKHMUR = (PlaceName("مخمور"),)


@pytest.fixture(scope="module")
def heard(gazetteer: Gazetteer, lexicon: Lexicon):
    """What a rule's spans cover in a text."""

    def spans(rule: Rule, text: str, title: str = "") -> list[str]:
        rules = compile_rules([rule], gazetteer, lexicon)
        matches = rules.match(Article(title=title, text=text))
        fields = {"title": title, "text": text}
        return [
            fields[span.field][span.start : span.end] for match in matches for span in match.spans
        ]

    return spans


RULES = [
    # name, rule, text, found
    ("inside", Rule("r", places=(PlaceName("نينوى"),)), "مداهمة في سنجار", ["سنجار"]),
    ("deep inside", Rule("r", places=(PlaceName("العراق"),)), "في جبال حمرين", ["جبال حمرين"]),
    ("doubly administered", Rule("r", places=(PlaceName("أربيل"),)), "في قضاء مخمور", ["مخمور"]),
    ("not inside", Rule("r", places=(PlaceName("كركوك"),)), "في قضاء مخمور", []),
    ("except", Rule("r", places=(PlaceName("العراق"),), not_places=MAKHMUR), "في قضاء مخمور", []),
    ("longest", Rule("r", places=(PlaceName("بلد"),)), "في قضاء بلد روز", []),
    ("of a list", Rule("r", places=MAKHMUR), "في قضاءي الحويجة ومخمور", ["ومخمور"]),
    ("drunk", Rule("r", places=MAKHMUR), "سائق مخمور في أربيل", []),
    ("whatever it means", Rule("r", places=MAKHMUR, sense=Sense.ANY), "سائق مخمور", ["مخمور"]),
    ("strict, told", Rule("r", places=MAKHMUR, sense=Sense.STRICT), "في قضاء مخمور", ["مخمور"]),
    ("strict, guessed", Rule("r", places=MAKHMUR, sense=Sense.STRICT), "العودة إلى مخمور", []),
    ("strict in a query", Rule("r", query="place:مخمور", sense=Sense.STRICT), "إلى مخمور", []),
    ("any in a query", Rule("r", query="within:نينوى", sense=Sense.ANY), "سائق مخمور", ["مخمور"]),
    ("near", Rule("r", near=NearPlace(PlaceName("الموصل"), 40)), "حريق في برطلة", ["برطلة"]),
    ("near itself", Rule("r", near=NearPlace(PlaceName("الموصل"), 1)), "في الموصل", ["الموصل"]),
    ("not near", Rule("r", near=NearPlace(PlaceName("الموصل"), 40)), "حريق في كركوك", []),
    ("farther", Rule("r", near=NearPlace(PlaceName("الموصل"), 200)), "حريق في كركوك", ["كركوك"]),
    ("no country is near", Rule("r", near=NearPlace(PlaceName("الموصل"), 200)), "في العراق", []),
    ("a name in Latin", Rule("r", places=(PlaceName("Makhmur"),)), "في قضاء مخمور", ["مخمور"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "text", "expected"), [pytest.param(*row[1:], id=row[0]) for row in RULES]
)
def test_what_a_rule_on_places_hears(heard, rule: Rule, text: str, expected: list[str]) -> None:
    assert heard(rule, text) == expected


@pytest.mark.parametrize(("loose", "fires"), [(True, True), (False, False)])
def test_a_loose_rule_hears_loose_spellings(
    gazetteer: Gazetteer, lexicon: Lexicon, *, loose: bool, fires: bool
) -> None:
    own = Gazetteer([Place("x", "village", "خربة المئذنة")], gazetteer.lore)
    rules = compile_rules([Rule("r", places=(PlaceName("x"),), loose=loose)], own, lexicon)
    assert bool(rules.match(Article(text="حريق في خربه الميذنه"))) is fires


@pytest.mark.parametrize(
    ("within", "text", "fires"),
    [
        ("حمص", "معارك في مدينة القصير بريف حمص في سوريا", True),
        ("مصر", "معارك في مدينة القصير بريف حمص في سوريا", False),
        ("مصر", "افتتاح ميناء القصير على البحر الأحمر في مصر", True),
        ("حمص", "افتتاح ميناء القصير على البحر الأحمر في مصر", False),
        (None, "معارك في مدينة القصير بريف حمص في سوريا", True),
        (None, "افتتاح ميناء القصير على البحر الأحمر في مصر", True),
    ],
)
def test_places_of_one_name_are_told_apart(
    heard, within: str | None, text: str, fires: bool
) -> None:
    rule = Rule("r", places=(PlaceName("القصير", within=within),))
    assert bool(heard(rule, text)) is fires


def test_one_name_in_two_rules_goes_to_the_place_that_is_meant(heard) -> None:
    lebanese = Rule("r", places=(PlaceName("طرابلس", within="لبنان"),))
    libyan = Rule("r", places=(PlaceName("طرابلس", within="ليبيا"),))
    text = "اشتباكات في طرابلس بين باب التبانة وجبل محسن شمال لبنان"
    assert heard(lebanese, text) == ["طرابلس", "باب التبانة", "وجبل محسن"]
    assert heard(libyan, text) == []


def test_a_circle_around_nowhere_is_refused() -> None:
    nowhere = Gazetteer([Place("x", "village", "قرية")])
    with pytest.raises(QueryError, match="is not known"):
        compile_rules([Rule("r", near=NearPlace(PlaceName("قرية"), 5))], nowhere)


@pytest.fixture(scope="module")
def ruleset(gazetteer: Gazetteer, lexicon: Lexicon) -> RuleSet:
    return compile_rules([], gazetteer, lexicon)


def test_the_places_of_an_article_come_the_most_specific_first(ruleset: RuleSet) -> None:
    article = Article(
        title="العراق يبدأ عملية", text="في جبال قره جوغ بقضاء مخمور، وفي كركوك. سائق مخمور"
    )
    first, second = ruleset.locations(article)
    assert (first.name, first.containers[0], first.containers[-1]) == (
        "جبال قره جوغ",
        "مخمور",
        "العراق",
    )
    assert (second.name, second.lat is not None) == ("كركوك", True)


def test_an_article_may_speak_of_no_place(ruleset: RuleSet) -> None:
    assert ruleset.locations(Article(text="فاز الفريق بالدور الأول")) == ()


def test_the_place_that_a_rule_means_is_the_one_on_the_map(
    gazetteer: Gazetteer, lexicon: Lexicon
) -> None:
    rule = Rule("r", places=(PlaceName("طرابلس", within="لبنان"),))
    rules = compile_rules([rule], gazetteer, lexicon)
    article = Article(text="انفجار في طرابلس، قال مصدر في بيروت ومصدر في بنغازي")
    matches = rules.match(article)
    assert matches
    asked = next(each for each in rules.locations(article, matches) if each.name == "طرابلس")
    assert "لبنان" in asked.containers
    open_ = next(each for each in rules.locations(article) if each.name == "طرابلس")
    assert (open_.lat, open_.containers) == (None, ())


FIRST = [
    # name, rule, title, text, the names that are told
    ("of a rule", Rule("r", places=(PlaceName("تلعفر"),)), "انفجار يوقع جرحى",
     "في باب الطوب وسط الموصل، وانفجار ثان في قضاء تلعفر", ["تلعفر", "باب الطوب"]),
    ("of the words that fired", Rule("r", any=("بعشيقة",)), "انفجار يوقع جرحى",
     "في باب الطوب وسط الموصل، وانفجار ثان في ناحية بعشيقة", ["بعشيقة", "باب الطوب"]),
    ("of the title", Rule("r", any=("انفجار",)), "انفجار في قضاء تلعفر",
     "نقل الجرحى إلى باب الطوب وسط الموصل", ["تلعفر", "باب الطوب"]),
    ("of a rule and the title", Rule("r", places=(PlaceName("نينوى"),)), "انفجار في قضاء تلعفر",
     "نقل الجرحى إلى باب الطوب وسط الموصل", ["تلعفر", "باب الطوب"]),
    ("of a rule before the title", Rule("r", places=(PlaceName("سنجار"),)), "مسؤول في كركوك يتحدث",
     "قال إن انفجارا وقع في قضاء سنجار", ["سنجار", "كركوك"]),
    ("around what is mentioned", Rule("r", any=("الموصل",)), "انفجار في الموصل",
     "وشوهد الدخان من باب الطوب", ["الموصل", "باب الطوب"]),
    ("a country by what lies in it", Rule("r", any=("العراق",)), "العراق يعلن حصيلة انفجار",
     "وقع الانفجار في قضاء سنجار", ["سنجار"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "title", "text", "names"), [row[1:] for row in FIRST], ids=[row[0] for row in FIRST]
)
def test_the_place_that_is_meant_comes_before_those_that_are_mentioned(
    gazetteer: Gazetteer, lexicon: Lexicon, rule: Rule, title: str, text: str, names: list[str]
) -> None:
    rules = compile_rules([rule], gazetteer, lexicon)
    article = Article(title=title, text=text)
    matches = rules.match(article)
    assert matches
    assert [each.name for each in rules.locations(article, matches)] == names


def test_a_dam_that_a_town_is_called_by_too_has_its_containers_and_position(
    ruleset: RuleSet,
) -> None:
    (dam,) = ruleset.locations(Article(title="ارتفاع منسوب المياه في سد دوكان"))
    assert (dam.name, dam.containers[:2]) == ("سد دوكان", ("دوكان", "السليمانية"))
    assert dam.lat is not None


def test_of_a_name_that_several_places_bear_what_contains_them_all_is_told() -> None:
    places = [
        Place("land", "country", "بلاد"),
        Place("north", "governorate", "الشمال", parents=("land",)),
        Place("a", "village", "تلة", parents=("north", "land"), lat=1.0, lon=1.0, country="land"),
        Place("b", "village", "تلة", parents=("land",), lat=9.0, lon=9.0, country="land"),
    ]
    reading = PlaceReading(
        "تلة", "a", ("north", "land"), 0.9, Span("text", 0, 3), (), frozenset({"a", "b"})
    )
    (told,) = whereabouts([reading], (), frozenset(), Gazetteer(places))
    assert told == Location("تلة", ("بلاد",))
    (told,) = whereabouts([reading], (), frozenset({"b"}), Gazetteer(places))
    assert told == Location("تلة", ("بلاد",), 9.0, 9.0)


REASONS = [
    # name, rule, text, words of the reason
    ("any", Rule("r", places=MAKHMUR, sense=Sense.ANY), "سائق مخمور", "sense: any takes every hit"),
    (
        "strict",
        Rule("r", places=MAKHMUR, sense=Sense.STRICT),
        "العودة إلى مخمور",
        "strict asks for",
    ),
    (
        "another place",
        Rule("r", places=(PlaceName("القصير", within="مصر"),)),
        "معارك في مدينة القصير بريف حمص في سوريا",
        "another place of that name is meant, sy-",
    ),
    (
        "nothing near",
        Rule("r", near=NearPlace(PlaceName("الموصل"), 40)),
        "خبر",
        "neither 40 km around الموصل nor a place in it is named",
    ),
]


@pytest.mark.parametrize(
    ("rule", "text", "reason"), [pytest.param(*row[1:], id=row[0]) for row in REASONS]
)
def test_explain_says_why(
    gazetteer: Gazetteer, lexicon: Lexicon, rule: Rule, text: str, reason: str
) -> None:
    told = explain(compile_rules([rule], gazetteer, lexicon), Article(text=text))
    assert reason in told.rules[0].clauses[0].reason


def test_a_loose_spelling_is_told(gazetteer: Gazetteer, lexicon: Lexicon) -> None:
    own = Gazetteer([Place("x", "village", "خربة المئذنة")], gazetteer.lore)
    rules = compile_rules([Rule("r", places=(PlaceName("x"),))], own, lexicon)
    told = explain(rules, Article(text="حريق في قرية خربه الميذنه"))
    assert "loose: true" in told.rules[0].clauses[0].reason


def test_a_loose_name_hides_no_exact_one(heard) -> None:
    rule = Rule("r", places=(PlaceName("بغداد"),))
    assert heard(rule, "حريق في بغداد الجديده") == ["بغداد"]


def long_texts() -> list[tuple[str, str]]:
    """Texts in which a name is the more work the more of them there are, unless care is taken."""
    many = [f"ال{a}{b}{c}ية" for a in "بتجحرسعفقكلمن" for b in "بتجحرسعفقكلمن" for c in "ارو"]
    names = ["كركوك", "الموصل", "مخمور", "القائم", "بلد", "أربيل", "حديثة", *many]
    return [
        ("a list", "، ".join(names * 12)),
        ("joined by and", " و".join(names * 12)),
        ("sentences", ". ".join(names * 12)),
        ("dots", "كركوك" + "." * 60_000 + "x"),
        ("blanks", "كركوك" + " " * 60_000 + "مخمور"),
        ("quotes", "كركوك" + "«" * 60_000 + "مخمور"),
    ]


@pytest.mark.untraced
@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in long_texts()])
def test_long_texts_take_no_longer_than_they_are(
    gazetteer: Gazetteer, lexicon: Lexicon, text: str
) -> None:
    """Twice the text may take about twice the work, counted in steps of the interpreter."""
    rules = compile_rules([Rule("r", places=(PlaceName("العراق"),))], gazetteer, lexicon)
    steps = []
    for article in (Article(text=text), Article(text=text + "\n" + text)):
        rules.match(article)  # the words are known from now on
        count = 0

        def step(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(step)
        try:
            rules.match(article)
        finally:
            sys.setprofile(None)
        steps.append(count)
    assert steps[1] < 3 * steps[0]
