"""Iraq is whole: every governorate and district, by its names, in its governorate."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.errors import QueryError
from monitor.model import PlaceName

TABLE = Path(__file__).with_name("iraq_districts.tsv").read_text("utf-8").splitlines()[1:]
DISTRICTS = {governorate: listed for governorate, *listed in (row.split("\t") for row in TABLE)}
ROWS = [
    (governorate, spelling)
    for governorate, listed in DISTRICTS.items()
    for district in filter(None, listed)
    for spelling in district.split("/")
]


def test_all_governorates_are_there(gazetteer: Gazetteer) -> None:
    governorates = {
        place.name
        for place in gazetteer.places.values()
        if place.country == "iq" and place.kind == "governorate"
    }
    assert len(governorates) == 19
    for name in DISTRICTS:
        (found,) = gazetteer.find(PlaceName(name, within="العراق"))[:1]
        assert found.name in governorates, name


@pytest.mark.parametrize(("governorate", "district"), ROWS)
def test_a_district_lies_in_its_governorate(
    gazetteer: Gazetteer, governorate: str, district: str
) -> None:
    try:
        found = gazetteer.find(PlaceName(district, within=governorate))
    except QueryError as fault:
        pytest.fail(f"{fault.reason}; {fault.suggestion}")
    assert {place.country for place in found} == {"iq"}


def test_the_mountains_of_makhmur_lie_in_it(gazetteer: Gazetteer) -> None:
    (mountains,) = gazetteer.find(PlaceName("جبال قره جوغ"))
    assert mountains.kind == "mountain"
    assert mountains.parents[0] == "iq-makhmur"
    assert {"iq-nineveh", "iq-erbil"} <= set(mountains.parents)


OTHERS = (
    "سد الموصل، سد حديثة، مخيم مخمور، جبل سنجار، جبال حمرين، منفذ طريبيل، قاعدة عين الأسد"
    "، مصفى بيجي، حقل مجنون، مطار أربيل، سجن الحوت، وادي حوران، معبر إبراهيم الخليل"
)


@pytest.mark.parametrize("name", OTHERS.split("، "))
def test_what_news_names_beside_towns_is_there(gazetteer: Gazetteer, name: str) -> None:
    assert {place.country for place in gazetteer.find(PlaceName(name))} == {"iq"}
