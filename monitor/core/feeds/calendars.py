"""Brings a date in a rare form into a common one: the forms of ISO 8601 with weeks and days of the
year and without separators, the years, months and days of East Asia; and leaves the Hijri calendar
out. Texts are folded ones (date_words.folded). This module must not decide what day a date means.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

_HIJRI_MONTH = (
    r"(?:محرم|صفر|ربيع\s+(?:ال)?(?:اول|ثاني|اخر)|جمادي?\s+(?:ال)?(?:اولي?|ثانيه?|اخره?)|رجب|شعبان"
    r"|رمضان|شوال|ذ[ويا]\s?(?:ال)?(?:قعده|حجه))"
)
_OF_HIJRI = r"(?:ه(?:جري)?ه?(?![^\W\d_])\.?)"
_THEN = rf"(?:\s*{_OF_HIJRI})?"
_HIJRI = re.compile(
    rf"(?<!\d)\d{{1,2}}\s*(?:من\s+)?(?:شهر\s+)?{_HIJRI_MONTH}[\s,]*(?:(?:عام|سنه|لعام|لسنه)\s+)?"
    rf"(?:1[2-5]\d\d(?!\d){_THEN}|\d\d\s*{_OF_HIJRI})?"
    rf"|(?<!\d)(?:\d{{1,2}}\s?[/.-]\s?\d{{1,2}}\s?[/.-]\s?1[2-5]\d\d(?!\d){_THEN}"
    rf"|1[2-5]\d\d\s?[/.-]\s?\d{{1,2}}\s?[/.-]\s?\d{{1,2}}(?!\d){_THEN}"
    rf"|\d{{1,2}}\s?[/.-]\s?\d{{1,2}}\s?[/.-]\s?\d\d\s*{_OF_HIJRI})"
)
_STILL_HIJRI = re.compile(rf"(?<![^\W\d_])(?:{_HIJRI_MONTH}|{_OF_HIJRI})(?![^\W\d_])")

_CJK_CLOCK = re.compile(r"(\d{1,2})\s?[時时點点시]\s?(\d{1,2})\s?[分분](?:\s?(\d{1,2})\s?[秒초])?")
_CJK_DATE = str.maketrans("年月日년월일", "-- -- ")
_LOG = re.compile(r"(?<=/\d{4}):(?=\d\d:\d\d)")  # 10/Jan/2024:14:33:00
_AREA = re.compile(
    r"(?:(?<=\d )|(?<=[ap]m ))(?!etc/)[a-z]+(?=/[a-z])"
)  # Asia/Baghdad; beside the clock
_UNDERSCORE = re.compile(r"(?<=[a-z])_(?=[a-z])")  # America/New_York

_SHORT_MONTH = re.compile(r"(?<![^\W_])([كت])\s?([12])(?![^\W_])")  # كانون, تشرين
_SHORT_MONTHS = {"ك1": "كانون اول", "ك2": "كانون ثاني", "ت1": "تشرين اول", "ت2": "تشرين ثاني"}

_MONTH_ALONE = re.compile(r"(\d{4})(?:-(\d\d))?")
_SHORT_ISO = re.compile(r"(\d\d)-(\d\d-\d\dt)")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(?!\d)")
_WEEK = re.compile(r"(\d{4})-?w(\d\d)(?:-?(\d))?(?!\d)")
_ORDINAL = re.compile(r"(\d{4})-?(\d{3})(?![\d-])")
_COMPACT_CLOCK = re.compile(r"(?<=-\d\d)(?:t(\d\d)(\d\d)?| (\d\d)(\d\d))(\d\d)?(?=[.,z+-]|$)")


def without_hijri(text: str) -> str | None:
    """The text without dates of the Hijri calendar, and of any other by which this is a year from
    1200 to 1599; None where something of one is left that was not understood."""
    rest, count = _HIJRI.subn(" ", text)
    if _STILL_HIJRI.search(rest):
        return None
    return rest.strip(" \t\r\n,;|/-=") if count else text


def common(text: str) -> str:
    """The text with its date as year-month-day and its clock as hour:minute:second, where it has
    one of the forms that this module is for."""
    text = _CJK_CLOCK.sub(lambda m: f" {m[1]}:{m[2]}:{m[3] or '00'} ", text).translate(_CJK_DATE)
    text = _SHORT_MONTH.sub(lambda m: _SHORT_MONTHS[m[1] + m[2]], text)
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
