"""Which names are heard as places, and which are taken for something else."""

from __future__ import annotations

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.places.mentions import NameFinder
from monitor.core.places.sense import ACCEPTED, Scene, SenseModel
from monitor.core.text.lexicon import Lexicon
from monitor.core.text.tokens import Passage
from monitor.model import Place, PlaceReading


class Reader:
    """Reads the names of a gazetteer in texts."""

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon) -> None:
        self.names = NameFinder(gazetteer, lexicon)
        self.model = SenseModel(gazetteer.lore, lexicon)

    def readings(self, text: str, title: str = "") -> tuple[PlaceReading, ...]:
        passages = [Passage("title", title), Passage("text", text)]
        mentions = self.names.find(passages)
        scene = Scene(passages, mentions, self.model)
        return tuple(scene.read(mention) for mention in mentions)

    def accepted(self, text: str) -> list[str]:
        """The accepted names as the text writes them."""
        return [
            text[found.span.start : found.span.end]
            for found in self.readings(text)
            if found.score >= ACCEPTED
        ]

    def is_place(self, text: str, place: str) -> list[bool]:
        """For each hit of a place's name whether it is that place."""
        found = [reading for reading in self.readings(text) if place in reading.ids]
        return [reading.score >= ACCEPTED for reading in found]


@pytest.fixture(scope="session")
def reader(gazetteer: Gazetteer, lexicon: Lexicon) -> Reader:
    return Reader(gazetteer, lexicon)


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
        ("قضاء تلعفر غرب الموصل", ["تلعفر", "الموصل"]),
        ("قضاء الحمدانية شرقي الموصل", ["الحمدانية", "الموصل"]),
        ("في قضاء بلد روز", ["بلد روز"]),
        ("وادي لبنان", ["لبنان"]),
        ("مظاهرة أمام البيت الأبيض", []),
        ("في أربيل وهەولێر", ["أربيل", "وهەولێر"]),
    ],
)
def test_names_and_their_forms(reader: Reader, text: str, expected: list[str]) -> None:
    assert reader.accepted(text) == expected


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
    "القبض على مخمور في أربيل",
    "#سائق_مخمور في أربيل",
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
def test_makhmur_the_place(reader: Reader, text: str) -> None:
    assert set(reader.is_place(text, "iq-makhmur")) == {True}


@pytest.mark.parametrize("text", DRUNK)
def test_makhmur_the_drunk(reader: Reader, text: str) -> None:
    assert True not in reader.is_place(text, "iq-makhmur")


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
def test_other_homographs(reader: Reader, text: str, name: str, expected: bool) -> None:
    assert (True in reader.is_place(text, name)) is expected


def test_a_name_of_two_countries_goes_with_its_neighbours(reader: Reader) -> None:
    (first, *_) = reader.readings("من طرابلس إلى بيروت وصيدا في لبنان")
    assert first.id == "lb-tripoli"
    (first, *_) = reader.readings("من طرابلس إلى بنغازي ومصراتة في ليبيا")
    assert first.id == "ly-tripoli"


def test_what_nothing_tells_apart_may_be_either(reader: Reader) -> None:
    (bare,) = reader.readings("حريق في حي العدل")
    assert "iq-adl-baghdad" in bare.ids
    (told, *_) = reader.readings("حريق في ناحية العدل بمحافظة ميسان")
    assert told.id == "iq-adl-maysan"
    assert "iq-adl-baghdad" not in told.ids


def test_doubtful_neighbours_prove_nothing(reader: Reader) -> None:
    assert reader.accepted("في بلد له الدور الكبير والحي القائم على مشاريع حديثة") == []


def test_evidence_is_told_in_words_of_the_text(reader: Reader) -> None:
    (reading,) = reader.readings("حريق بقضاء مخمور")
    assert ("head_before", "بقضاء") in {(item.what, item.text) for item in reading.evidence}
    assert reading.parents == ("iq-nineveh", "iq-erbil", "iq-kurdistan", "iq")
    weights = [abs(item.weight) for item in reading.evidence]
    assert weights == sorted(weights, reverse=True)


def test_other_names_of_the_country_are_evidence(reader: Reader) -> None:
    found = reader.readings("حملة بمخمور. وفي كركوك، ثم الموصل")
    assert found[0].score >= ACCEPTED
    assert "places_in_article" in {item.what for item in found[0].evidence}


def test_what_is_told_of_one_hit_holds_for_the_others(reader: Reader) -> None:
    found = reader.readings("القائم هادئة. قال قائممقام القائم ذلك")
    assert "telling_elsewhere" in {item.what for item in found[0].evidence}


def test_a_common_name_of_a_users_place_is_doubtful_too(
    gazetteer: Gazetteer, lexicon: Lexicon
) -> None:
    own = [
        Place("home", "village", "القصير"),
        Place("dam", "dam", "سد الوادي"),
        Place("tents", "camp", "الخيام", meanings=("plural:tents",)),
    ]
    reader = Reader(Gazetteer(own, gazetteer.lore), lexicon)
    assert reader.accepted("في الوقت القصير") == []
    assert reader.accepted("نصبوا الخيام أمس") == []
    assert reader.accepted("في بلدة القصير قرب سد الوادي") == ["القصير", "سد الوادي"]


@pytest.mark.parametrize(
    ("text", "what", "rests_on"),
    [
        ("سافر مع أب إلى صنعاء", "other_hamza", "أب"),
        ("لعنة أصابت البلدة", "commoner_form", "لعنة"),
        ("قرية تابعة لحديثة", "belonging", "تابعة"),
        ("وصلوا لحديثة", "preposition_before", "لحديثة"),
        ("فاز حديثة بهدف على الميناء", "sport_alone", "فاز"),
        ("حديثة - مراسلنا", "dateline", "حديثة"),
        ("رويترز - حديثة: سقط مطر", "dateline", "حديثة"),
        ("في القائم العراقية", "country_after", "العراقية"),
        ("في القائم السورية", "other_country_after", "السورية"),
        ("كركوك/حديثة", "beside_place", "كركوك"),
        ("حديثة، كركوك", "beside_place", "كركوك"),
        ("«كركوك» و«حديثة»", "beside_place", "كركوك"),
        ("في مدينتي كركوك وحديثة", "head_of_list", "مدينتي"),
        ("في مدينتي كركوك وحديثة", "beside_place", "كركوك"),
        ("بمحافظتي كركوك والأنبار", "heads_before", "بمحافظتي"),
        ("قصف في القائم شمال البلاد", "direction_after", "شمال"),
        ("سكان حديثة المحاصرة", "apposition_after", "المحاصرة"),
        ("في الدور القديم", "preposition_before", "في"),
        ("أمام الدور الحادي والعشرين", "club_before", "أمام"),
        ("قال محمد القاسم", "first_name_before", "محمد"),
        ("عبد الله بن حديثة", "name_part_before", "بن"),
        ("عشرون حديثة", "noun_before_bare", "عشرون"),
        ("5 حديثة", "number_before", "5"),
        ("الدراسة القائمة على حديثة", "preposition_before", "على"),
        ("الوضع الحالي القائم", "definite_before_definite", "الحالي"),
        ("كتب القائم الجديد", "definite_after_definite", "الجديد"),
        ("حديثة تستعيد عافيتها", "she_after", "تستعيد"),
        ("حديثة يستعيد عافيته", "he_after", "يستعيد"),
        ("شركة مخمور للنقل", "disagreeing_before", "شركة"),
        ("رجل ثمل مخمور", "person_before", "رجل"),
        ("وهو مخمور", "predicate_before", "وهو"),
        ("أخبار مخمور. يذهب الأهالي إليها", "town_spoken_of", "الأهالي"),
        ("مخمور. شرب الكحول", "other_topic", "الكحول"),
        ("قصف صور جنوب لبنان", "country_in_sentence", "لبنان"),
        ("اشتباكات قرب سنجار غرب نينوى", "share_of_country", "نينوى"),
        ("قضاء سنجار في نينوي", "container_named", "نينوي"),
        ("من سنجار وصلوا للأنبار", "places_in_sentence", "الأنبار"),
        ("من سنجار وصلوا إلى أَرْبيل", "places_in_sentence", "أَرْبيل"),
        ("من سنجار إلى بغداد مرورا بأربيل", "places_in_sentence", "بغداد، أربيل"),
    ],
)
def test_clues_beside_a_name(reader: Reader, text: str, what: str, rests_on: str) -> None:
    heard = reader.readings(text)
    found = {(item.what, item.text) for reading in heard for item in reading.evidence}
    assert (what, rests_on) in found


def test_another_spelling_is_no_other_hamza(reader: Reader) -> None:
    (reading,) = reader.readings("أمس مەخموور هادئة")
    assert reading.id == "iq-makhmur"
    assert "other_hamza" not in {item.what for item in reading.evidence}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("clashes near Makhmur in Nineveh", ["Makhmur", "Nineveh"]),
        ("a nice day in Nice", ["Nice"]),
        ("لە قەزای مەخموور", ["مەخموور"]),
    ],
)
def test_names_in_other_letters(reader: Reader, text: str, expected: list[str]) -> None:
    assert reader.accepted(text) == expected


def test_a_longer_name_names_what_it_lies_in(reader: Reader) -> None:
    ids = {reading.id for reading in reader.readings("سفينة في ميناء العقبة")}
    assert {"jo-port-of-aqaba", "jo-aqaba"} <= ids
    ids = {reading.id for reading in reader.readings("عاصفة في بلد روز")}
    assert ids == {"iq-baladruz"}


def test_names_in_one_word_or_two(reader: Reader) -> None:
    ids = [reading.id for reading in reader.readings("إلى ابوظبي ثم أبو ظبي")]
    assert ids == ["ae-abu-dhabi", "ae-abu-dhabi"]


def test_a_place_of_no_country_is_judged_without_one(reader: Reader) -> None:
    (reading,) = reader.readings("عاصفة في الشرق الأوسط")
    assert reading.score >= ACCEPTED
    assert "share_of_country" not in {item.what for item in reading.evidence}
