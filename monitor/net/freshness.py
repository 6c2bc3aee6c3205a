"""For how long an answer calls itself fresh: there is no sense in asking again before (RFC 9111
section 4.2). This module must hold nothing else: what comes of it is for the schedule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

# RFC 9111 section 5.2.2. `must-revalidate` is here as well: who says so minds staleness more than
# requests, and a watcher of news is glad to ask.
_ASK_ALWAYS = frozenset(("no-store", "no-cache", "must-revalidate"))
_DIRECTIVE = re.compile(r'([\w!#$%&\'*+.^`|~-]+)(?:=("[^"]*"|[^",\s]*))?')
_SECONDS = re.compile(r"[0-9]{1,300}")  # beyond what fits, it still means: very long
_LONGEST_HEADER = 1000  # letters; a longer one is no honest hint


def read_freshness(headers: Mapping[str, str], now: float) -> float:
    """Seconds from `now` (since 1970) within which the answer is fresh; 0 where it does not say, or
    says it oddly. Names in lower case. `max-age` less `Age`, else `Expires` less `Date`."""
    control = headers.get("cache-control", "")
    if len(control) > _LONGEST_HEADER:
        return 0.0
    told = [(name.lower(), value.strip('"')) for name, value in _DIRECTIVE.findall(control)]
    if any(name in _ASK_ALWAYS for name, _ in told):
        return 0.0
    ages = {value for name, value in told if name == "max-age"}
    if ages:  # it wins over Expires, even where it makes no sense
        return max(0.0, _one(ages) - _seconds(headers.get("age", "0"), otherwise=float("inf")))
    if "expires" not in headers:
        return 0.0
    until = read_date(headers["expires"])
    since = read_date(headers["date"]) if "date" in headers else now
    return 0.0 if until is None or since is None else max(0.0, until - since)


def read_date(text: str) -> float | None:
    """An HTTP date in seconds since 1970 (RFC 9110 section 5.6.7); None for anything else, such as
    `Expires: 0`. One of its three forms names no zone; all of them are in GMT."""
    try:
        found = parsedate_to_datetime(text[:_LONGEST_HEADER])
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def _one(ages: set[str]) -> float:
    """What is said once, or twice alike; two answers are none (RFC 9111 section 4.2.1)."""
    return _seconds(ages.pop(), otherwise=0.0) if len(ages) == 1 else 0.0


def _seconds(text: str, *, otherwise: float) -> float:
    text = text.strip()
    return float(text) if _SECONDS.fullmatch(text) else otherwise
