"""A web server and a mail server for the tests of the service."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from origin import Origin
from sink import Sink


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server
