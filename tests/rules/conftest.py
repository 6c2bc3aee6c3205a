"""The shipped gazetteer, read once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.text.lexicon import Lexicon
from monitor.model import Place
from monitor.settings.packaged import shipped_lexicon

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


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return shipped_lexicon()
