"""The shipped gazetteer and lexicon, read once."""

from __future__ import annotations

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.text.lexicon import Lexicon
from monitor.settings.packaged import shipped_gazetteer, shipped_lexicon


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return shipped_gazetteer()


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return shipped_lexicon()
