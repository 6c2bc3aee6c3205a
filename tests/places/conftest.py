"""The shipped gazetteer, read once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.model import Place

PLACES = Path(__file__).parents[2] / "monitor" / "data" / "places.jsonl"


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    rows = [json.loads(line) for line in PLACES.read_text("utf-8").splitlines()]
    return Gazetteer(
        Place(
            **{
                **row,
                "spellings": tuple(row.get("spellings", ())),
                "parents": tuple(row["parents"]),
            }
        )
        for row in rows
    )
