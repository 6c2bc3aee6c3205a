"""Brings a date in a rare form into a common one: the forms of ISO 8601 with weeks and days of the
year and without separators, the years, months and days of East Asia; and leaves the Hijri calendar
out. Texts are folded ones (date_words.folded). This module must not decide what day a date means.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

_HIJRI_MONTH = (
    r"(?:محرم|صفر|ربيع(?:\s+(?:ال)?(?:اول|ثاني|اخر)|\s?[12](?!\d))|رجب|شعبان"
    r"|جمادي?(?:\s+(?:ال)?(?:اولي?|ثانيه?|اخره?)|\s?[12](?!\d))|رمضان|شوال|ذ[ويا]\s?(?:ال)?(?:قعده|حجه))"
)
# The year behind a Hijri day and month, in our calendar: it is none of either
_OTHER_YEAR = r"(?![\s,]*(?:(?:عام|سنه|لعام|لسنه)\s+)?(?:19|20)\d\d(?!\s?[/.-]\s?\d))"
_OF_HIJRI = r"(?:ه(?:جري)?ه?(?![^\W\d_])\.?)"
_THEN = rf"(?:\s*{_OF_HIJRI})?"
_HIJRI = re.compile(
    rf"(?<!\d)(?<!\d[/.-])\d{{1,2}}\s*(?:من\s+)?(?:شهر\s+)?{_HIJRI_MONTH}{_OTHER_YEAR}[\s,]*(?:(?:عام|سنه|لعام|لسنه)\s+)?"
    rf"(?:1[2-5]\d\d(?!\d){_THEN}|\d\d\s*{_OF_HIJRI})?"
    rf"|(?<!\d)(?:\d{{1,2}}\s?[/.-]\s?\d{{1,2}}\s?[/.-]\s?1[2-5]\d\d(?!\d){_THEN}"
    rf"|1[2-5]\d\d\s?[/.-]\s?\d{{1,2}}\s?[/.-]\s?\d{{1,2}}(?!\d){_THEN}"
    rf"|\d{{1,2}}\s?[/.-]\s?\d{{1,2}}\s?[/.-]\s?\d\d\s*{_OF_HIJRI})"
)
_STILL_HIJRI = re.compile(
    rf"(?<![^\W\d_])(?:{_HIJRI_MONTH}|ربيع|جماد[يه]?|{_OF_HIJRI})(?![^\W\d_])"
)
_NO_DAY = re.compile(r"\D*(?:\d{1,4}\D*)?|\D*\d{4}-\d\d\D*")  # at most a year or its month
_JOINED = re.compile(r"(?<=[\u0620-\u064a])[-_](?=[\u0620-\u064a])")  # كانون_الثاني

_CJK_CLOCK = re.compile(r"(\d{1,2})\s?[時时點点시]\s?(\d{1,2})\s?[分분](?:\s?(\d{1,2})\s?[秒초])?")
_CJK_DATE = re.compile(
    r"(?<!\d)(\d{2}|\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})(?!\d)\s?[日일]?"
)
_LOG = re.compile(r"(?<=/\d{4}):(?=\d\d:\d\d)")  # 10/Jan/2024:14:33:00
_AREA = re.compile(
    r"(?:(?<=\d )|(?<=[ap]m ))(?!etc/)[a-z]+(?=/[a-z])"
)  # Asia/Baghdad; beside the clock
_UNDERSCORE = re.compile(r"(?<=[a-z])_(?=[a-z])")  # America/New_York

_NUMBERED_MONTH = re.compile(  # كانون2, ت1; months whose first word is that of two
    r"(?<![^\W\d_])(كانوو?ني?|تشريني?|[كت])([\s_./-]{0,3})([12])(?![^\W_])"
)
_FULL_NAMES = {"ك": "كانون", "ت": "تشرين"}
_DAY_BEFORE = re.compile(r"(?<![\d:])\d{1,2}(?:\s?من)?[\s,/.-]{1,3}$")
_DAY_BEHIND = re.compile(r"[\s,/.-]{1,3}\d{1,2}(?![\d:])")
_REST_IN_NUMBERS = re.compile(r"\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d")
_GREENWICH = re.compile(r"(?<![^\W_])ت\s?\.?\s?غ(?![^\W_])\.?")
_VIETNAMESE = re.compile(
    r"(?<!\d)(\d{1,2})\s+(?:thang|thg)\s+(\d{1,2})[\s,]+(?:nam\s+)?(\d{4})(?!\d)"
)

_MONTH_ALONE = re.compile(r"(\d{4})(?:-(\d\d))?")
_SHORT_ISO = re.compile(r"(\d\d)-(\d\d-\d\dt)")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(?!\d)")
_WEEK = re.compile(r"(\d{4})-?w(\d\d)(?:-?(\d))?(?!\d)")
_ORDINAL = re.compile(r"(\d{4})-?(\d{3})(?![\d-])")
_COMPACT_CLOCK = re.compile(r"(?<=-\d\d)(?:t(\d\d)(\d\d)?| (\d\d)(\d\d))(\d\d)?(?=[.,z+-]|$)")


def without_hijri(text: str) -> str | None:
    """The text without dates of the Hijri calendar, and of any other by which this is a year from
    1200 to 1599; None where something of one is left that was not understood."""
    text = _JOINED.sub(" ", text)
    rest, count = _HIJRI.subn(" ", text)
    if _STILL_HIJRI.search(rest) or (count and _NO_DAY.fullmatch(rest)):
        return None
    return rest.strip(" \t\r\n,;|/-=") if count else text


def common(text: str) -> str:
    """The text with its date as year-month-day and its clock as hour:minute:second, where it has
    one of the forms that this module is for."""
    text = _CJK_CLOCK.sub(lambda m: f" {m[1]}:{m[2]}:{m[3] or '00'} ", text)
    text = _CJK_DATE.sub(r"\1-\2-\3 ", text)
    text = _VIETNAMESE.sub(r"\3-\2-\1", _GREENWICH.sub("gmt", text))
    text = _NUMBERED_MONTH.sub(_with_its_name, text)
    text = _AREA.sub("", _LOG.sub(" ", _UNDERSCORE.sub("", text)))
    if _MONTH_ALONE.fullmatch(text):
        return f"{text[:4]}-{text[5:] or '01'}-01"
    if match := _SHORT_ISO.match(text):
        return f"{full_year(match[1])}-{text[3:]}"
    if match := _COMPACT.match(text):
        clock = f" {match[4]}:{match[5]}:{match[6] or '00'}" if match[4] else ""
        text = f"{match[1]}-{match[2]}-{match[3]}{clock}{text[match.end() :]}"
    else:
        text = _by_week_or_day(text)
    return _COMPACT_CLOCK.sub(_with_colons, text)


def full_year(digits: str) -> int:
    """RFC 2822 section 4.3: of two digits from 50 on, and of three, they are years after 1900."""
    year = int(digits)
    if len(digits) > 3:
        return year
    return year + (2000 if len(digits) < 3 and year < 50 else 1900)


def _with_its_name(match: re.Match[str]) -> str:
    """A number that stands apart from its month could be the day, unless there is another."""
    first, between, number = match.groups()
    text = match.string
    before, behind = text[max(0, match.start() - 12) : match.start()], text[match.end() :]
    if between.isspace() and _REST_IN_NUMBERS.match(behind):  # تشرين is a newspaper too
        return match[0]
    if between and not (_DAY_BEFORE.search(before) or _DAY_BEHIND.match(behind)):
        return match[0]
    return f" {_FULL_NAMES[first[0]]} {'اول' if number == '1' else 'ثاني'} "


def _by_week_or_day(text: str) -> str:
    """ISO 8601: 2024-W02-3 and 2024-010 are the 10th of January."""
    match = _WEEK.match(text) or _ORDINAL.match(text)
    if match is None:
        return text
    try:
        day = _day_of_week(match) if match.re is _WEEK else _day_of_year(match)
    except (ValueError, OverflowError):
        return text
    return f"{day.isoformat()}{text[match.end() :]}"


def _day_of_week(match: re.Match[str]) -> date:
    return date.fromisocalendar(int(match[1]), int(match[2]), int(match[3] or 1))


def _day_of_year(match: re.Match[str]) -> date:
    day = date(int(match[1]), 1, 1) + timedelta(days=int(match[2]) - 1)
    if day.year != int(match[1]):
        raise ValueError
    return day


def _with_colons(match: re.Match[str]) -> str:
    hour, minute, second = match[1] or match[3], match[2] or match[4] or "00", match[5] or "00"
    return f" {hour}:{minute}:{second}"
