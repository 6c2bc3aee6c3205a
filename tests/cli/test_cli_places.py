"""`rasid places`: what may be named in rules."""

from __future__ import annotations

import json


def test_a_place_is_shown_with_all_that_is_known_of_it(rasid, desk):
    answer = rasid("places", "show", "مخمور", "-c", desk.folder)
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0] == "مخمور  district  iq-makhmur"
    assert lines[1] == "  in: نينوى, أربيل, إقليم كردستان, العراق"
    assert "  means: person_adjective:drunk" in lines
    assert any(line.startswith("  lies at: 35.7") for line in lines)
    assert any(line.startswith("  source: GeoNames ") for line in lines)


def test_a_name_of_several_places_shows_all(rasid, desk):
    answer = rasid("places", "show", "طرابلس", "--json", "-c", desk.folder)
    found = json.loads(answer.out)
    assert {place["country"] for place in found} == {"lb", "ly"}
    assert {"id", "kind", "name", "spellings", "parents", "lat", "lon"} <= found[0].keys()


def test_what_lies_in_a_place_is_listed(rasid, desk):
    desk.write("places.yaml", {"places": [{"id": "spring", "name": "عين", "in": ["مخمور"]}]})
    answer = rasid("places", "list", "مخمور", "-c", desk.folder)
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert "عين  place  spring" in lines
    assert "جبال قره جوغ  mountain  iq-qarachogh" in lines
    camps = rasid("places", "list", "مخمور", "--kind", "camp", "--json", "-c", desk.folder)
    assert {place["kind"] for place in json.loads(camps.out)} == {"camp"}


def test_an_unknown_place_is_told_with_a_suggestion(rasid, desk):
    answer = rasid("places", "show", "الموصلل", "-c", desk.folder)
    assert answer.code == 64
    assert "did you mean الموصل?" in answer.err


def test_no_configuration_is_needed(rasid, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("RASID_CONFIG", raising=False)
    assert rasid("places", "show", "بغداد").code == 0


def test_faults_of_places_yaml_are_told(rasid, desk):
    desk.write("places.yaml", {"places": [{"id": "x", "name": "عين", "in": ["أطلنطس"]}]})
    answer = rasid("places", "show", "بغداد", "-c", desk.folder)
    assert answer.code == 78
    assert "no place is called أطلنطس" in answer.err
