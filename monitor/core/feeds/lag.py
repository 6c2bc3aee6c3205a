"""How long after its publication an article was found: measured, for the last articles of a feed.

A feed cannot be asked faster than it tells; what a user wants to know is what comes of it. This
module must not read a clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from statistics import median

KEPT = 20  # articles
LONGEST = 7 * 86_400.0  # seconds; what comes later was put on the web late, or dated wrongly


def of_new(published: Iterable[datetime | None], now: float) -> tuple[float, ...]:
    """Whole seconds from these dates until a check at `now` (seconds since 1970). Undated articles,
    ones of the future and ones of over a week ago say nothing."""
    lags = (now - moment.timestamp() for moment in published if moment is not None)
    return tuple(float(round(lag)) for lag in lags if 0 <= lag <= LONGEST)


def with_new(
    known: tuple[float, ...], published: Iterable[datetime | None], now: float
) -> tuple[float, ...]:
    """The last KEPT lags, oldest first, after a check that found articles with these dates."""
    return (*known, *of_new(published, now))[-KEPT:]


def median_and_worst(lags: tuple[float, ...]) -> tuple[float, float] | None:
    """Both in seconds; None where nothing was measured."""
    return (median(lags), max(lags)) if lags else None
