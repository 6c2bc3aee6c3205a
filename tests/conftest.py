"""What all tests share: the flag for the long runs, and the mark of those that run untraced."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from coverage import Coverage
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Coverage traces each line, which makes code take three times as long. What a test does
    thousands of times over, or to a text of a million letters, others do once: it need not be
    traced."""
    coverage = Coverage.current() if "untraced" in item.keywords else None
    if coverage is None:
        return (yield)
    coverage.stop()
    try:
        return (yield)
    finally:
        coverage.start()
