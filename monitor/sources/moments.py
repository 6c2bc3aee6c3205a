"""How exact a date of a sitemap is. What moment it tells is read as in feeds: core.feeds.dates."""

from __future__ import annotations

import re

_LONGEST = 100  # letters
# https://www.w3.org/TR/NOTE-datetime, with a blank for the T, no seconds, and zones without a colon
_W3C = re.compile(
    r"(\d{4})(?:-(\d\d?)(?:-(\d\d?)(?:[T ]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d{1,20})?)?"
    r" ?(Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)


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
