"""Reads the date that a feed tells, whatever it looks like, to a moment in UTC.

    RFC 822 and RFC 3339     by one expression each: nearly all dates
    anything else            folded (letters, digits, directions), then taken apart:
                             the clock, the zone behind it, words, and the numbers that are left

What is not understood whole is no date: None is better than another day. Day and month are never
swapped by guess: 03/04/2020 is read only where something tells the order, and nothing speaks
against it: the day of the week, dots (3.4.2020), Arabic letters, an American zone, the language of
the feed; a day above 12 leaves no doubt. Of a year in two digits the same holds for all three.

A moment before 1990 or after 2099 is not believed: nothing was published on the web before, so it
is 1970 for "none", or a year of another calendar. A Hijri date is left aside, and what stands
beside it read. What lies in the future is for those to doubt who know what time it is.

A date without a zone, or with one that nobody knows, is read as UTC, which is off by some hours,
but lets the article be told from old ones; Korean is written in one zone alone.

This module must not read a clock, and takes a time that is bounded whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from monitor.core.feeds.calendars import common, full_year, without_hijri
from monitor.core.feeds.clocks import MARK, Clock, Timed, take_clock
from monitor.core.feeds.date_words import (
    folded,
    is_doubtful_month,
    is_filler,
    is_of_other_calendar,
    languages,
    month,
)
from monitor.core.feeds.weekdays import is_weekday, weekday
from monitor.core.feeds.zones import AMERICAN, is_zone, offset

LONGEST: Final = 200  # letters of a date
FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2099
_FIRST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
_END = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
_EAST, _WEST = 14 * 60, -12 * 60  # minutes from UTC: Kiribati, Baker Island; beyond is no zone
_MOST_UNKNOWN: Final = 2  # words: days of the week of other languages, mostly
_CLEAR: Final = 4  # letters of a month's name that is no other word of some language
_UNKNOWN_ZONE = re.compile(r"[a-z]|[a-z]{3,6}", re.ASCII)

_RFC822 = re.compile(
    r"(?:[A-Za-z]{3,9},? )?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d\d):(\d\d)(?::(\d\d))?"
    r" (?:GMT|UTC|UT|Z|([+-])(\d\d)(\d\d))",
    re.ASCII,
)
_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)? ?(?:Z|([+-])(\d\d):?(\d\d))?)?",
    re.ASCII,
)
_SHORT_MONTHS = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_MONTHS = {
    name: number
    for number, short in zip(range(1, 13), _SHORT_MONTHS, strict=True)
    for name in (short, short.upper(), short.lower())
}

# Seconds, ms, µs since 1970; not what could be a day with its hour (2024011014), until 2033
_UNIX = re.compile(
    r"((?!(?:19|20)\d\d(?:0\d|1[0-2])(?:[0-2]\d|3[01])(?:[01]\d|2[0-3])\b)\d{9,10})(?:\.\d*)?"
    r"|(\d{10})\d{3}|(\d{10})\d{6}"
)
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
_IN_NUMBERS = re.compile(r"(?<![/.-])\d+(\s?[/.-]\s?)\d+\1\d+(?![\d/-])")
_ARABIC = re.compile(r"[\u0620-\u064a]")
_PERSIAN = re.compile("[پچژگ]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")

# How CLDR's languages order the parts of a date in numbers
_YEAR_FIRST = frozenset(
    ("hu", "sv", "lt", "eu", "fa", "ps", "ckb")
)  # where the year has two digits
_DAY_FIRST = languages() | frozenset(("nn", "no", "bn", "th", "vi", "ta", "te", "ga", "cy"))
_ENGLISH_DAY_FIRST = frozenset(("en-gb", "en-au", "en-nz", "en-ie", "en-in"))
_SPANISH_MONTH_FIRST = frozenset(("es-pa", "es-pr"))
_DOTNET = re.compile(r"[1-9]\d?/[1-9]\d?/\d{4} [1-9]\d?:\d\d:\d\d [ap]m")  # its American form


class _Words(NamedTuple):
    """What the words of a date tell, each None or empty where they do not. `month_at`: where the
    month stands; `tell_day`: whether one may tell its day (الرابع عشر من يناير 2025); `unknown`:
    whether one was not understood."""

    month: int | None
    month_at: int
    weekday: int | None
    zones: frozenset[str]
    tell_day: bool
    unknown: bool


class _Evidence(NamedTuple):
    """What may tell the order of three numbers: all of the text, the feed's language (ar-iq),
    and whether Arabic letters do."""

    whole: str
    language: str
    letters: bool = True

    @property
    def primary(self) -> str:
        """The language without a country, Arabic by its letters where none is told."""
        told = self.language.partition("-")[0]
        return told or ("ar" if self.is_arabic else "")

    @property
    def is_arabic(self) -> bool:
        return self.letters and _ARABIC.search(self.whole) is not None


def read_date(text: str, language: str = "") -> datetime | None:
    """The moment that a feed's date tells, in UTC and whole seconds; None where it tells none that
    can be believed, or leaves a doubt which day it means. `language` is the feed's, as it tells it
    itself (ar, ar-IQ), "" where it does not. Raises nothing."""
    text = text.strip()
    try:
        moment = _read_usual(text)
    except (ValueError, KeyError, OverflowError):  # a leap second, 24:00, the 31st of February
        moment = None
    if moment is None:
        moment = _read_odd(text, language) if len(text) <= LONGEST else None
    return moment if moment is not None and _FIRST <= moment < _END else None


def _read_usual(text: str) -> datetime | None:
    """Raises ValueError, KeyError and OverflowError where parts are no date's."""
    if match := _RFC822.fullmatch(text):
        day, name, year, hour, minute, second, sign, hours, minutes = match.groups()
        number = _MONTHS[name]
    elif match := _RFC3339.fullmatch(text):
        year, name, day, hour, minute, second, sign, hours, minutes = match.groups()
        number = int(name)
    else:
        return None
    moment = datetime(
        int(year), number, int(day), int(hour or 0), int(minute or 0), int(second or 0), 0, UTC
    )
    if sign is None:
        return moment
    ahead = int(hours) * 60 + int(minutes)
    return moment - _ahead_of_utc(ahead if sign == "+" else -ahead)


@lru_cache(200)
def _ahead_of_utc(minutes: int) -> timedelta:
    return timedelta(minutes=minutes if _WEST <= minutes <= _EAST else 0)


def _day(year: int, number: int, day: int) -> date | None:
    """A day of the years that are believed."""
    try:
        return date(year, number, day) if FIRST_YEAR <= year <= LAST_YEAR else None
    except (ValueError, OverflowError):  # of twenty digits
        return None


def _moment(day: date | None, clock: Clock, ahead: int) -> datetime | None:
    """`ahead`: minutes east of UTC. A leap second is the one before it (RFC 3339 section 5.7), and
    24:00 the end of the day (ISO 8601), but 24:05 near its beginning: some clocks count hours from
    1 (Java's "kk"). What no clock shows is no moment."""
    hour, minute, second = clock
    if day is None or minute > 59 or second > 60 or hour > 24:
        return None
    if hour == 24 and (minute or second):
        hour = 0
    time = timedelta(hours=hour, minutes=minute, seconds=min(second, 59))
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + time - _ahead_of_utc(ahead)


def _read_odd(text: str, language: str) -> datetime | None:
    whole = without_hijri(folded(text))
    if whole is None or len(whole) > 2 * LONGEST:  # one letter can be 18
        return None
    if match := _UNIX.fullmatch(whole):
        return datetime.fromtimestamp(int(next(filter(None, match.groups()))), UTC)
    evidence = _Evidence(whole, language.lower().replace("_", "-"))
    timed = take_clock(common(whole))
    rest, clock, ahead = timed
    words = _read_words(timed, evidence.language)
    if words is None:
        return None
    day = _find_day(rest, words, evidence)
    if day is not None and ahead is None:
        ahead = _ahead(words.zones, day, evidence)
    return _moment(day, clock, ahead or 0)


def _read_words(timed: Timed, language: str) -> _Words | None:
    """What the words tell; None where one is not understood that could change the meaning."""
    text, of_zone = timed.rest, timed.ahead is None
    months: dict[int, int] = {}  # with their places
    days: set[int | None] = set()
    zones: set[str] = set()
    unknown: list[tuple[str, int]] = []
    for name, at in _named(text, language):
        if of_zone and is_zone(name) and _is_behind_clock(text, at):
            zones.add(name)
        elif number := month(name, language):
            if 0 in months.values() and is_weekday(_first_word(text)):  # mar. is mardi, or March
                months.clear()
            months.setdefault(number, at)
        elif is_weekday(name):
            days.add(weekday(name, language))
        elif is_zone(name) and name != "at":
            zones.add(name)
        elif not is_filler(name) and not _is_unknown_zone(name, text, at, of_zone):
            unknown.append((name, at))
    if len(months) > 1 or not _may_be_left(unknown, months, timed):
        return None
    day_of_week = next(iter(days)) if len(days) == 1 else None
    number, at = next(iter(months.items()), (None, 0))
    tell_day = bool(unknown or days)
    return _Words(number, at, day_of_week, frozenset(zones), tell_day, bool(unknown))


def _may_be_left(unknown: list[tuple[str, int]], months: dict[int, int], timed: Timed) -> bool:
    """Whether words that are not understood leave the meaning as it is: few, none a month of
    another calendar or of two meanings, nor beside the clock."""
    text = timed.rest
    if len(unknown) > _MOST_UNKNOWN:
        return False
    for name, at in unknown:
        if is_of_other_calendar(name) or (not months and is_doubtful_month(name)):
            return False
        if _is_half(timed, at, at + len(name)):
            return False
        is_later = any(place < at for place in months.values()) or _NUMBER.search(text, 0, at)
        if is_later and any(_is_short(text, place) for place in months.values()):
            return False
    return True


def _first_word(text: str) -> str:
    match = _WORD.match(text)
    return match[0] if match else ""


def _named(text: str, language: str) -> Iterator[tuple[str, int]]:
    """The words with their places; two that name a month or a weekday together are one."""
    found = [(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]
    joined = {
        at: f"{first} {second}"
        for (first, at, end), (second, begin, _) in pairwise(found)
        if text[end:begin].isspace() and _is_name(f"{first} {second}", language)
    }
    skipped = False
    for name, at, _ in found:
        if not skipped:
            yield joined.get(at, name), at
        skipped = at in joined and not skipped


def _is_name(words: str, language: str) -> bool:
    return month(words, language) is not None or is_weekday(words)


def _is_behind_clock(text: str, at: int) -> bool:
    clock = text.find(MARK)
    return 0 <= clock < at and not _NUMBER.search(text, clock, at)


def _is_half(timed: Timed, at: int, end: int) -> bool:
    """Whether a word that is not known might tell the half of the day, from beside the clock."""
    before, after = timed.rest[:at].rstrip(" .,"), timed.rest[end:].lstrip(" .,")
    return timed.clock.hour <= 12 and (after.startswith(MARK) or before.endswith(MARK))


def _is_short(text: str, at: int) -> bool:
    name = _WORD.match(text, at)
    return name is None or len(name[0]) < _CLEAR


def _is_unknown_zone(name: str, text: str, at: int, alone: bool) -> bool:
    """Whether a word stands where a zone does: CHAST, Antarctica/Troll."""
    between = text[text.find(MARK) + 1 : at]
    return (
        _is_behind_clock(text, at)
        and (_UNKNOWN_ZONE.fullmatch(name) is not None or between.endswith("/"))
        and not between.strip(" ,(/")
        and (alone or between.startswith(" "))
    )


def _find_day(text: str, words: _Words, evidence: _Evidence) -> date | None:
    """The day from the numbers that are left, with all that tells their order."""
    numbers = list(_NUMBER.finditer(text))
    if words.month is not None:
        return _of_month(words, numbers, text)
    told = [match[0] for match in numbers]
    if len(told) != 3 or _WORD.search(text, numbers[0].end(), numbers[2].start()):
        return None
    if words.unknown and not _IN_NUMBERS.match(text, numbers[0].start()):
        return None  # it may be the month
    if len(told[0]) == 4:
        return _day(int(told[0]), int(told[1]), int(told[2])) if len(told[2]) < 3 else None
    by_order = _orders(told)
    days = {day for day in by_order.values() if day is not None}
    if len(days) < 2:
        return next(iter(days), None)
    dotted = text[numbers[0].end() : numbers[1].start()].strip() == "."
    fitting = {day for day in days if day.weekday() == words.weekday}
    if len(fitting) == 1:  # it is evidence too, and better than the letters
        evidence = evidence._replace(letters=False)
    order = _order(evidence, words.zones, dotted=dotted, short=len(told[2]) < 4)
    if len(fitting) != 1:
        return by_order.get(order)
    day = fitting.pop()
    return day if by_order.get(order) in (None, day) else None


def _of_month(words: _Words, numbers: list[re.Match[str]], text: str) -> date | None:
    """Day and year beside a month's name: the year is the one of four digits, or the second, unless
    the month stands last. Without a day it is the first, as in W3CDTF."""
    told, number = [match[0] for match in numbers], words.month or 0
    if len(told) == 1 and len(told[0]) == 4 and MARK not in text and not words.tell_day:
        return _day(int(told[0]), number, 1)
    if len(told) != 2:
        return None
    day, year = reversed(told) if len(told[0]) > 2 else told
    if len(day) > 2 or (len(year) < 4 and numbers[1].start() < words.month_at):
        return None
    return _day(full_year(year), number, int(day))


def _orders(told: list[str]) -> dict[str, date | None]:
    """The days that three numbers can mean, by the order of their parts."""
    one, two, three = told
    if len(one) > 2 or len(two) > 2 or len(three) == 3:
        return {}
    first, second, year = int(one), int(two), full_year(three)
    found = {"dmy": _day(year, second, first), "mdy": _day(year, first, second)}
    if len(three) < 3:
        found["ymd"] = _day(full_year(one), second, int(three))
    return found


def _order(evidence: _Evidence, zones: frozenset[str], *, dotted: bool, short: bool) -> str:
    """The order of the parts of a date that all evidence speaks for, "" where there is none, or
    where it disagrees. `short`: the year has two digits. CLDR has no language that writes the month
    first with dots. In English only a country tells; "en-us" not by itself, since makers of feeds
    leave it in where nothing is American, but beside a form of its own."""
    whole, language, _ = evidence
    primary = evidence.primary
    if short and (primary in _YEAR_FIRST or _PERSIAN.search(whole)):
        return ""
    american = _DOTNET.fullmatch(whole) is not None
    day_first = dotted or language in _ENGLISH_DAY_FIRST or evidence.is_arabic
    if primary != "en" and primary in _DAY_FIRST and language not in _SPANISH_MONTH_FIRST:
        day_first = True
    month_first = not zones.isdisjoint(AMERICAN) or (american and language == "en-us")
    if day_first == month_first or (day_first and american):
        return ""
    return "dmy" if day_first else "mdy"


def _ahead(zones: frozenset[str], day: date, evidence: _Evidence) -> int:
    """Minutes ahead of UTC of the zone that words name; 0 where none is known, or two disagree."""
    if not zones and _HANGUL.search(evidence.whole):
        return 9 * 60
    ahead = {offset(name, day, evidence.primary) for name in zones}
    return next(iter(ahead)) or 0 if len(ahead) == 1 else 0
