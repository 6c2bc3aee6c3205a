"""What all tests share: the flag for the long runs."""

from __future__ import annotations

import pytest
from hypothesis import settings

# A slow machine fails no test: time is measured by the benchmarks.
settings.register_profile("unhurried", deadline=None)
settings.register_profile("long", deadline=None, max_examples=5_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run what takes minutes")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("long" if config.getoption("--long") else "unhurried")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    skip = pytest.mark.skip(reason="takes minutes; asked for by --long")
    for item in items:
        if "long" in item.keywords:
            item.add_marker(skip)
