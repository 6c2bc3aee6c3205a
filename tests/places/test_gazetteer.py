"""Finding places by what users call them, and what lies inside what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.errors import QueryError
from monitor.model import Place, PlaceName

ROWS = Path(__file__).parents[2] / "monitor" / "data" / "places.jsonl"


@pytest.mark.parametrize(
    "name",
    [
        "مخمور",
        "مخمـور",
        "iq-makhmur",
        "Makhmur",
        "MAKHMUR",
        "مەخموور",
        "مه‌خموور".replace("\u200c", ""),
    ],
)
def test_one_place_has_many_names(gazetteer: Gazetteer, name: str) -> None:
    assert [place.id for place in gazetteer.find(PlaceName(name))] == ["iq-makhmur"]


def test_a_name_of_several_places_means_all_of_them_or_the_one_inside(gazetteer: Gazetteer) -> None:
    both = {place.country for place in gazetteer.find(PlaceName("طرابلس"))}
    assert both == {"lb", "ly"}
    (place,) = gazetteer.find(PlaceName("طرابلس", within="لبنان"))
    assert place.country == "lb"


@pytest.mark.parametrize(
    ("name", "suggestion"), [("الموصلل", "did you mean الموصل?"), ("كركوكك", "did you mean كركوك?")]
)
def test_an_unknown_name_is_refused_with_a_suggestion(
    gazetteer: Gazetteer, name: str, suggestion: str
) -> None:
    with pytest.raises(QueryError) as caught:
        gazetteer.find(PlaceName(name))
    assert caught.value.suggestion == suggestion


@pytest.mark.parametrize(
    ("written", "meant"),
    [("أربييل", "أربيل"), ("حليجة", "حلبجة"), ("مخمر", "مخمور"), ("سنجر", "سنجار")],
)
def test_the_well_known_place_is_meant_rather_than_a_hamlet(
    gazetteer: Gazetteer, written: str, meant: str
) -> None:
    with pytest.raises(QueryError) as refused:
        gazetteer.find(PlaceName(written))
    assert refused.value.suggestion == f"did you mean {meant}?"


@pytest.mark.parametrize(
    "name",
    [PlaceName("دمشق", within="العراق"), PlaceName("دمشق", within="أطلنطس"), PlaceName("؟")],
)
def test_what_is_not_there_is_refused(gazetteer: Gazetteer, name: PlaceName) -> None:
    with pytest.raises(QueryError):
        gazetteer.find(name)


def test_inside_goes_all_the_way_down(gazetteer: Gazetteer) -> None:
    nineveh = gazetteer.inside("iq-nineveh")
    assert {"iq-nineveh", "iq-mosul", "iq-makhmur", "iq-qarachogh", "iq-sinjar"} <= nineveh
    assert "iq-erbil" not in nineveh
    assert nineveh < gazetteer.inside("iq")


def test_a_later_row_replaces_an_earlier_one_of_its_id() -> None:
    places = Gazetteer([Place("x", "city", "بغداد"), Place("x", "city", "الموصل")])
    assert [place.name for place in places.find(PlaceName("x"))] == ["الموصل"]
    with pytest.raises(QueryError):
        places.find(PlaceName("بغداد"))


def test_places_of_ones_own_join_as_if_all_were_read_together(gazetteer: Gazetteer) -> None:
    shipped = list(gazetteer.places.values())
    renamed = shipped[5]._replace(name="اسم جديد", spellings=("مخمور",))
    own = [
        renamed,
        Place(id="own-1", kind="town", name="الموصل", parents=(shipped[3].id,)),
        Place(id="own-2", kind="town", name="قرية التجربة", latin=("Tajriba",)),
    ]
    joined = gazetteer.joined(own, gazetteer.lore)
    whole = Gazetteer([*(each for each in shipped if each.id != renamed.id), *own])
    assert joined.names == whole.names
    assert joined.latin == whole.latin
    assert list(joined.places) == list(whole.places)
    assert all(joined.inside(each) == whole.inside(each) for each in joined.places)


def test_the_shipped_rows_hold_together() -> None:
    rows = [json.loads(line) for line in ROWS.read_text("utf-8").splitlines()]
    ids = [row["id"] for row in rows]
    known = set(ids)
    assert len(ids) == len(known)
    for row in rows:
        parents = row.get("parents", [])
        assert known.issuperset(parents), row["id"]
        assert row.get("country", "iq") in known
        assert row["kind"] == "country" or "country" not in row or row["country"] in parents
        assert row["name"].strip() == row["name"]


def test_every_row_has_a_source_or_says_that_it_has_none() -> None:
    for line in ROWS.read_text("utf-8").splitlines():
        row = json.loads(line)
        sourced = bool({"geonames", "iso"} & row.keys())
        assert row.get("verified", True) is sourced, row["id"]
        assert {"lat", "lon"} & row.keys() in (set(), {"lat", "lon"})
        assert sourced or "lat" not in row, row["id"]


def test_around_a_place_lies_what_is_near_it(gazetteer: Gazetteer) -> None:
    around = gazetteer.around(PlaceName("الموصل"), 40)
    assert {"iq-mosul", "iq-hamdaniya", "iq-bashiqa"} <= around
    assert not {"iq-erbil", "iq-sinjar", "iq"} & around
    assert "iq-erbil" in gazetteer.around(PlaceName("الموصل"), 90)


def test_a_place_without_a_position_lies_where_its_container_does() -> None:
    town = Place("town", "town", "بلدة", lat=36.0, lon=43.0)
    hill = Place("hill", "mountain", "تل", parents=("town", "land"))
    land = Place("land", "country", "أرض", lat=0.0, lon=0.0)
    far = Place("far", "village", "بعيدة", parents=("land",))
    places = Gazetteer([town, hill, land, far])
    assert places.around(PlaceName("تل"), 1) == {"town", "hill"}
    with pytest.raises(QueryError) as caught:
        places.around(PlaceName("بعيدة"), 1)
    assert "lat and lon" in (caught.value.suggestion or "")


def test_an_administrative_word_before_a_name_is_passed_over(gazetteer: Gazetteer) -> None:
    with pytest.raises(QueryError) as caught:
        gazetteer.find(PlaceName("معتمدية مخمور"))
    assert caught.value.suggestion == "did you mean مخمور?"
