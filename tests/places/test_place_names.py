"""Which names are heard as places, and which are taken for something else."""

from __future__ import annotations

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.places.lexicon import SET_PHRASES
from monitor.core.places.mentions import NameFinder
from monitor.core.places.sense import ACCEPTED, Scene
from monitor.core.text.tokens import Passage
from monitor.model import Place, PlaceReading


def readings(gazetteer: Gazetteer, text: str) -> tuple[PlaceReading, ...]:
    passages = [Passage("text", text)]
    return Scene(passages, NameFinder(gazetteer, SET_PHRASES).find(passages)).readings()


def accepted(gazetteer: Gazetteer, text: str) -> list[str]:
    """The accepted names as the text writes them."""
    return [
        text[found.span.start : found.span.end]
        for found in readings(gazetteer, text)
        if found.score >= ACCEPTED
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("حريق في بغداد", ["بغداد"]),
        ("من بغداد وببغداد ولبغداد", ["بغداد", "وببغداد", "ولبغداد"]),
        ("بالموصل وللموصل فالموصل", ["بالموصل", "وللموصل", "فالموصل"]),
        ("للأنبار وبالأنبار", ["للأنبار", "وبالأنبار"]),
        ("طريق للاذقية", ["للاذقية"]),
        ('قرب "الموصل" وبـ"كركوك"', ["الموصل", 'وبـ"كركوك']),
        ("#كركوك_الآن", ["كركوك"]),
        ("البغداد", []),
        ("البغدادي والموصلي", []),
        ("كهف في جبال قره جوغ", ["جبال قره جوغ"]),
        ("اشتباك في دير الزور", ["دير الزور"]),
        ("في قضاء بلد روز", ["بلد روز"]),
        ("وادي لبنان", ["لبنان"]),
        ("مظاهرة أمام البيت الأبيض", []),
        ("في أربيل وهەولێر", ["أربيل", "وهەولێر"]),
    ],
)
def test_names_and_their_forms(gazetteer: Gazetteer, text: str, expected: list[str]) -> None:
    assert accepted(gazetteer, text) == expected


PLACE = [
    "حريق في قضاء مخمور",
    "حريق بقضاء مخمور",
    "مداهمة لجبال مخمور",
    "سكان قرية قرب مخيم مخمور",
    "نيران في أطراف مخمور",
    "قائممقام مخمور يصرح",
    "أمطار جنوب مخمور",
    "وصلت القوات إلى مخمور",
    "مخمور: حريق في سوق",
    "قتيلان في الكوير ومخمور",
    "كركوك/مخمور",
    "#مخمور تحترق",
    "مزارع تابعة لمخمور",
    "حملة لمخمور من كركوك والموصل",
]
DRUNK = [
    "سائق مخمور",
    "أوقفت الشرطة في كركوك قرب الموصل سائق مخمور",
    "رجل مخمور أوقف بين بغداد والبصرة",
    "سائق سيارة مخمور في أربيل",
    "شاب عشريني مخمور",
    "السائق مخمور",
    "كان وهو مخمور",
    "كان مخموراً في بغداد والبصرة",
    "قضاء مخمورٍ",
    "امرأة مخمورة في أربيل",
    "قاد سيارته مخمورا",
    "مخمور يقود سيارة",
    "ليس الحارس بمخمور",
    "المخمور في قضاء سنجار",
]


@pytest.mark.parametrize("text", PLACE)
def test_makhmur_the_place(gazetteer: Gazetteer, text: str) -> None:
    found = [reading for reading in readings(gazetteer, text) if reading.id == "iq-makhmur"]
    assert [reading.score >= ACCEPTED for reading in found] == [True]


@pytest.mark.parametrize("text", DRUNK)
def test_makhmur_the_drunk(gazetteer: Gazetteer, text: str) -> None:
    found = [reading for reading in readings(gazetteer, text) if reading.id == "iq-makhmur"]
    assert not [reading for reading in found if reading.score >= ACCEPTED]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("الأمن في قضاء القائم الحدودي", "iq-qaim", True),
        ("بحث الوزير الوضع القائم في البلاد", "iq-qaim", False),
        ("الاتفاق القائم بين بغداد والبصرة والموصل", "iq-qaim", False),
        ("اشتباكات في القائم والرطبة والفلوجة غرب الأنبار", "iq-qaim", True),
        ("مباراة في الدور الأول", "iq-dour", False),
        ("سكان ناحية الدور شرق تكريت", "iq-dour", True),
        ("تقنية حديثة وصلت بغداد والموصل", "iq-haditha", False),
        ("سد حديثة في الأنبار", "iq-haditha", True),
        ("لعنة الحرب في بغداد والبصرة", "iq-anah", False),
        ("قال محمد القاسم في بغداد", "iq-qasim", False),
        ("نشر صور من بيروت", "lb-tyre", False),
        ("قصف مدينة صور جنوب لبنان", "lb-tyre", True),
    ],
)
def test_other_homographs(gazetteer: Gazetteer, text: str, name: str, expected: bool) -> None:
    found = [reading for reading in readings(gazetteer, text) if reading.id == name]
    assert any(reading.score >= ACCEPTED for reading in found) is expected


def test_a_name_of_two_countries_goes_with_its_neighbours(gazetteer: Gazetteer) -> None:
    (first, *_) = readings(gazetteer, "من طرابلس إلى بيروت وصيدا في لبنان")
    assert first.id == "lb-tripoli"
    (first, *_) = readings(gazetteer, "من طرابلس إلى بنغازي ومصراتة في ليبيا")
    assert first.id == "ly-tripoli"


def test_doubtful_neighbours_prove_nothing(gazetteer: Gazetteer) -> None:
    assert accepted(gazetteer, "في بلد له الدور الكبير والحي القائم على مشاريع حديثة") == []


def test_evidence_is_told_in_words_of_the_text(gazetteer: Gazetteer) -> None:
    (reading,) = readings(gazetteer, "حريق بقضاء مخمور")
    assert {(item.what, item.text) for item in reading.evidence} >= {("word_before", "بقضاء")}
    assert reading.parents == ("iq-nineveh", "iq")
    (reading,) = readings(gazetteer, "حريق في كركوك")
    assert [item.what for item in reading.evidence] == ["unambiguous"]
    assert reading.score == pytest.approx(0.9, abs=0.01)


def test_other_names_of_the_country_are_evidence(gazetteer: Gazetteer) -> None:
    found = readings(gazetteer, "حملة بمخمور. وفي كركوك، ثم الموصل")
    assert found[0].score >= ACCEPTED
    assert "same_country" in {item.what for item in found[0].evidence}


def test_a_common_name_of_a_users_place_is_doubtful_too() -> None:
    own = Gazetteer([Place("home", "village", "القصير"), Place("dam", "dam", "سد الوادي")])
    assert accepted(own, "في الوقت القصير") == []
    assert accepted(own, "في بلدة القصير قرب سد الوادي") == ["القصير", "سد الوادي"]


@pytest.mark.parametrize(
    ("text", "what", "rests_on"),
    [
        ("سافر مع أب إلى صنعاء", "other_hamza", "أب"),
        ("لعنة أصابت البلدة", "common_word", "لعنة"),
        ("تقنية حديثة", "feminine_pair", "تقنية"),
        ("قرية تابعة لحديثة", "direction_before", "تابعة"),
        ("وصلوا لحديثة", "preposition_before", "لحديثة"),
        ("فاز فريق حديثة بالكأس", "sport_near", "فريق"),
        ("حديثة - مراسلنا", "opens_text", "حديثة"),
        ("في القائم العراقية", "country_after", "العراقية"),
        ("كركوك/حديثة", "beside_place", "كركوك"),
        ("حديثة، كركوك", "beside_place", "كركوك"),
    ],
)
def test_clues_beside_a_name(gazetteer: Gazetteer, text: str, what: str, rests_on: str) -> None:
    heard = readings(gazetteer, text)
    found = {(item.what, item.text) for reading in heard for item in reading.evidence}
    assert (what, rests_on) in found


def test_another_spelling_is_no_other_hamza(gazetteer: Gazetteer) -> None:
    (reading,) = readings(gazetteer, "أمس مەخموور هادئة")
    assert reading.id == "iq-makhmur"
    assert "other_hamza" not in {item.what for item in reading.evidence}
