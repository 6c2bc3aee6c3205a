"""Finds the time of day in a date that is no standard's, and its distance to UTC in numbers.

Texts are folded ones (date_words.folded). What is found is cut out, so that behind this only words
and the numbers of the day are left. Each expression takes a time in proportion to the text.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from monitor.core.feeds.zones import is_zone

MARK: Final = "|"  # stands where the clock stood

# The halves of a day: Arabic, Persian, Kurdish, Greek, Korean, Chinese, Japanese, and Latin
_AM = (
    r"a\.?\s?m|ص(?:باحا?)?|الصباح|فجرا?|قبل\s+الظهر|ق\.?\s?ظ|پ\.?\s?ن|π\.?\s?μ|오전|上午|午前|早上"
)
_PM = r"p\.?\s?m|م(?:ساءا?)?|المساء|عصرا|بعد\s+الظهر|ب\.?\s?ظ|د\.?\s?ن|μ\.?\s?μ|오후|下午|午後|晚上"
_HALF = rf"(?:(?P<am>{_AM})|(?P<pm>{_PM})|(?P<noon>ظهرا|الظهر)|(?P<night>ليلا))(?![^\W\d_])\.?"
_NOT_ALONE = r"(?![صم](?![^\W\d_]))"  # م behind a year means AD
_HALF_AFTER = re.compile(rf"\s*{_HALF}")
_HALF_BEFORE = re.compile(rf"(?:^|(?<![^\W\d_]){_NOT_ALONE}){_HALF}[\s,]*$")

_CLOCK = re.compile(
    r"(?<![\d:+-])(\d{1,2})\s?[:h]\s?(\d{1,2})"
    r"(?:\s?:\s?(\d{1,2})(?:[.,]\d+|(?<=\d\d):\d{2,3})?)?(?::(?=[+-]))?(?![\d:])"
)
_DOTTED_CLOCK = re.compile(r"(?<![\d./-])(\d{1,2})\.(\d\d)()(?![\d./-])")
_HOUR = re.compile(rf"(?<![\d:+/.-])(\d{{1,2}})()()(?=\s*{_NOT_ALONE}{_HALF})")
_HOUR_OF_HALF = re.compile(r"(?<![\d:+/.-])(0?\d|1[0-2])()()(?=\s*[صم](?![^\W\d_]))")
_HOUR_SAID = re.compile(r"(?<![^\W\d_])(?:الساعه|ساعت|كاتژمير)\s*:?\s*(\d{1,2})()()(?![\d:/.-])")
_NUMBER = re.compile(r"\d+")

# Behind the clock: sign, hours, minutes
_NAMED_OFFSET = re.compile(
    r"[\s,([]*(?:ب?توقيت\s+)?(?P<posix>etc/)?(?:(?:gmt|utc|ut|z|[غج]رين[يت]*ش)\s*|[a-z]{3,5}(?=[+-]))([+-])\s?(\d{1,2})"
    r"(?::?([0-5]\d))?(?!\d)"
)
_FULL_OFFSET = re.compile(
    r"[\s,([]*(?:[a-z]{2,5}\s?)?-?([+-])0?(\d{1,2}):?([0-5]\d)(?![\d/.-])(?::\d\d)?"
    r"(?:\s[+-]\d\d(?:\d\d)?(?!\d))?"
)
_APART_OFFSET = re.compile(  # 10:08 - 10:30 are two clocks
    r"\s?(\+|-(?=\s0\d{3}$))\s(0\d|1[0-4]):?(00|15|30|45)(?![\d/.:-])"
)
_SHORT_OFFSET = re.compile(r"[\s,]*([+-])(\d{1,2})()(?![\d/.:-])(?!\s?[^\W\d_])")
_ZEROS = re.compile(r"\s()(00)()(?:00)?$")
_OFFSETS = (_NAMED_OFFSET, _FULL_OFFSET, _APART_OFFSET, _SHORT_OFFSET, _ZEROS)
# At the end, behind whatever
_LAST_OFFSET = re.compile(r"(?<=[\s\d])([+-])(0\d|1[0-4]):?([0-5]\d)$")

_ZONE_AGAIN = re.compile(r"\(\s*(?:gmt|utc)?\s*[+-]\d\d:?\d\d\s*\)")
_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")
_WORD = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")


class Clock(NamedTuple):
    """What a clock shows, as it was told: 24:00 and a leap second too, or what none can show."""

    hour: int = 0
    minute: int = 0
    second: int = 0


class Timed(NamedTuple):
    """A text with MARK for its clock and without its offset and remarks. `ahead`: how many minutes
    its zone is ahead of UTC, None where numbers do not tell."""

    rest: str
    clock: Clock
    ahead: int | None


def take_clock(text: str) -> Timed:
    """Takes a text apart. Without a clock it is midnight."""
    match = _CLOCK.search(text) or _DOTTED_CLOCK.search(text) or _hour_alone(text)
    if match is None:
        rest, ahead = _without_offset(text, behind_clock=False)
        return Timed(_without_remarks(rest, ahead), Clock(), ahead)
    before, after = text[: match.start()], text[match.end() :]
    hour = int(match[1])
    if half := _HALF_AFTER.match(after):
        hour, after = _of_day(hour, half), after[half.end() :]
    elif half := _HALF_BEFORE.search(before):
        hour, before = _of_day(hour, half), before[: half.start()]
    after, ahead = _without_offset(after, behind_clock=True)
    clock = Clock(hour, int(match[2] or 0), int(match[3] or 0))
    return Timed(_without_remarks(f"{before}{MARK}{after}", ahead), clock, ahead)


def _hour_alone(text: str) -> re.Match[str] | None:
    """An hour beside its half of the day, or behind the word for it. One letter (م) could be AD,
    and tells a half only where the day has its three parts without that number."""
    match = _HOUR.search(text) or _HOUR_SAID.search(text)
    if match is None and len(_NUMBER.findall(text)) > 2:
        match = _HOUR_OF_HALF.search(text)
    return match


def _of_day(hour: int, half: re.Match[str]) -> int:
    """An hour of the day from one of a half of it. What is above 12 was one already; 1 at noon is
    13, and 1 at night is 1."""
    name = half.lastgroup
    if name in ("am", "night") and hour == 12:
        return 0
    later = name == "pm" or (name == "noon" and hour < 6) or (name == "night" and hour > 5)
    return hour + 12 if later and hour < 12 else hour


def _without_offset(text: str, *, behind_clock: bool) -> tuple[str, int | None]:
    for offset in _OFFSETS if behind_clock else ():
        if match := offset.match(text):
            return text[match.end() :], _in_minutes(match)
    if match := _LAST_OFFSET.search(text):
        return text[: match.start()], _in_minutes(match)
    return text, None


def _in_minutes(match: re.Match[str]) -> int:
    """POSIX counts Etc/GMT-3 to the west, and means what is east."""
    sign, hours, minutes = match.groups()[-3:]
    ahead = int(hours) * 60 + int(minutes or 0)
    is_posix = match.re is _NAMED_OFFSET and match["posix"] is not None
    return -ahead if (sign == "-") != is_posix else ahead


def _without_remarks(text: str, ahead: int | None) -> str:
    """Without what stands in brackets (RFC 822 section 3.4.3), unless it holds the zone or a
    date."""

    def opened(match: re.Match[str]) -> str:
        inside = match[0][1:-1]
        tells_zone = ahead is None and any(map(is_zone, _WORD.findall(inside)))
        return f" {inside} " if tells_zone or _DIGIT.search(inside) else " "

    return _BRACKETS.sub(opened, text if ahead is None else _ZONE_AGAIN.sub(" ", text))
