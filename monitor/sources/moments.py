"""Dates of sitemaps and pages: those of feeds, and W3C's that tell a month or a year alone.

This module must not guess: what is no date is None.
"""

from __future__ import annotations

import re
from datetime import datetime

from monitor.core.feeds.dates import read_date

_DAY = 86_400.0  # seconds
# https://www.w3.org/TR/NOTE-datetime
_W3C = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(:\d\d)?\S{0,40})?)?)?", re.ASCII
)


def read_moment(text: str) -> datetime | None:
    """The moment that a date names, in UTC to the second; without a time or day its first moment.
    None where it is none."""
    bare = " ".join(text[:1_000].split())
    found = _W3C.fullmatch(bare)
    if found is not None and found[3] is None:
        bare = f"{found[1]}-{found[2] or '01'}-01"
    return read_date(bare)


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
