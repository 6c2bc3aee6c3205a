"""How late news are found."""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.core.feeds.lag import KEPT, LONGEST, median_and_worst, with_new

NOW = 1_700_000_000.0


def ago(seconds: float) -> datetime:
    return datetime.fromtimestamp(NOW - seconds, UTC)


def test_only_what_can_be_true_is_measured() -> None:
    published = [ago(120.4), None, ago(-60), ago(LONGEST + 1), ago(LONGEST), ago(0)]
    assert with_new((7.0,), published, NOW) == (7.0, 120.0, LONGEST, 0.0)


def test_the_last_articles_count() -> None:
    lags = with_new(tuple(float(n) for n in range(KEPT)), [ago(99)], NOW)
    assert len(lags) == KEPT
    assert lags[-1] == 99.0
    assert lags[0] == 1.0


def test_median_and_worst() -> None:
    assert median_and_worst(()) is None
    assert median_and_worst((60.0,)) == (60.0, 60.0)
    assert median_and_worst((60.0, 120.0, 900.0)) == (120.0, 900.0)
