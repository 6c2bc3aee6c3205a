"""Dates of sitemaps and pages: W3C's form of ISO 8601 first, then whatever feeds write.

This module must not guess: what is no date is None.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from monitor.sources.engine import read_date

_LONGEST = 100  # letters
# https://www.w3.org/TR/NOTE-datetime, with a blank for the T, no seconds, and zones without a colon
_W3C = re.compile(
    r"(\d{4})(?:-(\d\d?)(?:-(\d\d?)(?:[T ]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d{1,20})?)?"
    r" ?(Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)


def read_moment(text: str) -> datetime | None:
    """The moment that a date names, in UTC to the second; without a zone it is in UTC, without a
    time its first moment. None for what is no date of the years 1970 to 9998."""
    bare = " ".join(text.split())[: _LONGEST + 1]
    if not bare or len(bare) > _LONGEST:
        return None
    found = _W3C.fullmatch(bare.upper())
    try:
        moment = _of_parts(found) if found else _as_in_feeds(bare)
    except (ValueError, OverflowError):
        return None
    return moment if moment is not None and 1970 <= moment.year < 9999 else None


def _of_parts(found: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second, zone = found.groups()
    offset = "+00:00" if zone in (None, "Z") else zone
    date = f"{year}-{int(month or 1):02}-{int(day or 1):02}"
    time = f"{int(hour or 0):02}:{minute or '00'}:{second or '00'}"
    return datetime.fromisoformat(f"{date}T{time}{offset}").astimezone(UTC)


def _as_in_feeds(text: str) -> datetime | None:
    parsed = read_date(text)
    return None if parsed is None else datetime(*parsed[:6], tzinfo=UTC)


def precision(text: str) -> float:
    """Seconds within which a W3C date leaves its moment open: 1, 60, a day, a month, a year. One of
    another form is as exact as a day."""
    found = _W3C.fullmatch(" ".join(text.split()).upper()[:_LONGEST])
    if found is None:
        return 86_400.0
    _, month, day, hour, _, second, _ = found.groups()
    for part, seconds in ((month, 366.0 * 86_400), (day, 31.0 * 86_400), (hour, 86_400.0)):
        if part is None:
            return seconds
    return 1.0 if second else 60.0
