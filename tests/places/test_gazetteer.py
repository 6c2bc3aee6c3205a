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


def test_the_shipped_rows_hold_together() -> None:
    rows = [json.loads(line) for line in ROWS.read_text("utf-8").splitlines()]
    ids = [row["id"] for row in rows]
    assert len(ids) == len(set(ids))
    for row in rows:
        assert set(row["parents"]) <= set(ids), row["id"]
        assert row["country"] in ids
        assert row["kind"] == "country" or row["parents"][-1] == row["country"], row["id"]
        assert row["name"].strip() == row["name"]


def test_all_governorates_of_iraq_are_there(gazetteer: Gazetteer) -> None:
    governorates = [
        place
        for place in gazetteer.places.values()
        if place.country == "iq" and place.kind == "governorate"
    ]
    assert len(governorates) == 19
