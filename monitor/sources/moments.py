"""How exact a date of a sitemap is. What moment it tells is read as in feeds: core.feeds.dates."""

from __future__ import annotations

import re

_DAY = 86_400.0  # seconds
# https://www.w3.org/TR/NOTE-datetime
_W3C = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(:\d\d)?\S{0,40})?)?)?", re.ASCII
)


def precision(text: str) -> float:
    """Seconds within which a date leaves its moment open: 1, 60, a day, a month, a year. One that
    is not W3C's is as exact as a day."""
    found = _W3C.fullmatch(" ".join(text[:1_000].split()))
    if found is None:
        return _DAY
    _, month, day, hour, _, second = found.groups()
    if month is None:
        return 366 * _DAY
    if day is None:
        return 31 * _DAY
    if hour is None:
        return _DAY
    return 1.0 if second else 60.0
