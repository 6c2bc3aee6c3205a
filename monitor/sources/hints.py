"""What a document says of its own rhythm: `ttl`, `skipHours` and `skipDays` (RSS 2.0), and
`updatePeriod` with `updateFrequency` (RSS 1.0 module "syndication", met in RSS 2.0 and Atom too).

The text is searched instead of parsed: hints stand before the first item or behind the last one,
and nothing else of the document may cost time here. This module must not judge how far a hint is
followed.
"""

from __future__ import annotations

import re

from monitor.model import Hints

_LONGEST_HEAD = 65_536  # letters before the first item; longer heads hold lists of links
_LONGEST_TAIL = 8_192
_ITEM = re.compile(r"<(?:[\w.-]++:)?(?:item|entry)[\s/>]")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_TTL = re.compile(r"<ttl>\s*+([0-9]{1,7})\s*+</ttl>")
_PERIOD = re.compile(r"<(?:[\w.-]++:)?updatePeriod[^<>]{0,200}+>\s*+([a-z]{1,10})\s*+</")
_FREQUENCY = re.compile(r"<(?:[\w.-]++:)?updateFrequency[^<>]{0,200}+>\s*+([0-9]{1,7})\s*+</")
_HOUR = re.compile(r"<hour>\s*+([0-9]{1,2})\s*+</hour>")
_DAY = re.compile(r"<day>\s*+([A-Za-z]{6,9})\s*+</day>")
_MINUTE = 60.0
_PERIODS = {
    "hourly": 3600.0,
    "daily": 86_400.0,
    "weekly": 7 * 86_400.0,
    "monthly": 30 * 86_400.0,
    "yearly": 365 * 86_400.0,
}
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_hints(text: str) -> Hints:
    """The hints of a document; what is odd (a negative ttl, an hour 25, an unknown period) is none.
    Costs some microseconds, whatever the length of the items."""
    head = _head(text)
    outside = head + _tail(text, len(head))
    if "<ttl>" not in outside and "updatePeriod" not in outside and "<skip" not in outside:
        return Hints()
    return Hints(
        every=max(_ttl(outside), _period(outside)),
        skip_hours=_hours(_inside(outside, "skipHours")),
        skip_days=_days(_inside(outside, "skipDays")),
    )


def _head(text: str) -> str:
    """What stands before the first item, without comments and with CDATA as the text that it is."""
    item = _ITEM.search(text, 0, _LONGEST_HEAD)
    return _plain(text[: item.start() if item else _LONGEST_HEAD])


def _tail(text: str, after: int) -> str:
    """What stands behind the last item; nothing where that cannot be told for sure."""
    least = max(after, len(text) - _LONGEST_TAIL)
    end = max(text.rfind("item>", least), text.rfind("entry>", least))
    if end < 0:
        return ""
    tail = _plain(text[end:])
    return "" if _ITEM.search(tail) else tail


def _plain(part: str) -> str:
    if "<!" not in part:
        return part
    part = _COMMENT.sub("", part)
    return _CDATA.sub(lambda found: found[1].replace("<", " "), part)


def _ttl(outside: str) -> float:
    found = _TTL.search(outside)
    return float(found[1]) * _MINUTE if found else 0.0


def _period(outside: str) -> float:
    """The period over the frequency. A period that is left out would be a day, by the module's
    text; but who leaves it out has hardly read that, so it says nothing."""
    found, times = _PERIOD.search(outside), _FREQUENCY.search(outside)
    period = _PERIODS.get(found[1], 0.0) if found else 0.0
    return period / max(int(times[1]), 1) if times else period


def _inside(outside: str, name: str) -> str:
    start = outside.find(f"<{name}>")
    end = outside.find(f"</{name}>", start)
    return outside[start:end] if 0 <= start < end else ""


def _hours(part: str) -> tuple[int, ...]:
    """0 to 23; 24, which an older RSS had for midnight, is 0."""
    found = {int(hour) for hour in _HOUR.findall(part)}
    return tuple(sorted({hour % 24 for hour in found if hour <= 24}))


def _days(part: str) -> tuple[int, ...]:
    found = {day.lower() for day in _DAY.findall(part)}
    return tuple(number for number, day in enumerate(_WEEK) if day in found)
