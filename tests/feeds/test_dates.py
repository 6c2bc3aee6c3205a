"""The dates of feeds, as they are written: what they mean, and which are better not believed."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.feeds.dates import LONGEST, read_date

MOMENT = datetime(2024, 1, 10, 14, 33, 7, tzinfo=UTC)
NO_SECONDS = MOMENT.replace(second=0)
DAY = datetime(2024, 1, 10, tzinfo=UTC)


def ahead(hours: float, moment: datetime = NO_SECONDS) -> datetime:
    """The moment at which clocks so many hours ahead of UTC show this one."""
    return moment - timedelta(hours=hours)


STANDARDS = [
    ("RFC 822", "Wed, 10 Jan 2024 14:33:07 GMT", MOMENT),
    ("with an offset", "Wed, 10 Jan 2024 17:33:07 +0300", MOMENT),
    ("west", "10 Jan 2024 04:03:07 -1030", MOMENT),
    ("without seconds", "Wed, 10 Jan 2024 14:33 UT", NO_SECONDS),
    ("year in two digits", "Wed, 10 Jan 24 14:33:07 Z", MOMENT),
    (
        "year in two digits, before 2000",
        "10 Jan 99 00:00:00 GMT",
        datetime(1999, 1, 10, tzinfo=UTC),
    ),
    ("year in three digits", "10 Jan 124 14:33:07 GMT", MOMENT),
    ("RFC 850", "Wednesday, 10-Jan-24 14:33:07 GMT", MOMENT),
    ("asctime", "Wed Jan 10 14:33:07 2024", MOMENT),
    ("date(1)", "Wed Jan 10 17:33:07 +03 2024", MOMENT),
    ("RFC 3339", "2024-01-10T14:33:07Z", MOMENT),
    ("small letters", "2024-01-10t17:33:07.123456789+03:00", MOMENT),
    ("no colon", "2024-01-10 17:33:07.5 +0300", MOMENT),
    ("no zone", "2024-01-10T14:33", NO_SECONDS),
    ("day", "2024-01-10", DAY),
    ("day with a zone", "2024-01-10+03:00", ahead(3, DAY)),
    ("month", "2024-01", datetime(2024, 1, 1, tzinfo=UTC)),
    ("year", "2024", datetime(2024, 1, 1, tzinfo=UTC)),
    ("basic", "20240110T143307Z", MOMENT),
    ("digits alone", "20240110143307", MOMENT),
    ("week", "2024-W02-3T14:33:07Z", MOMENT),
    ("day of the year", "2024-010", DAY),
    ("hour alone", "2024-01-10T14Z", DAY.replace(hour=14)),
    ("short, but with the T of ISO 8601", "24-01-10T14:33:07Z", MOMENT),
    ("Unix", "1704897187", MOMENT),
    ("milliseconds", "1704897187999", MOMENT),
    (
        "leap second",
        "Sat, 31 Dec 2016 23:59:60 GMT",
        datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC),
    ),
    ("end of the day", "2024-01-09T24:00:00Z", DAY),
    ("hours from 1 to 24", "Wed, 10 Jan 2024 24:05:00 GMT", DAY.replace(minute=5)),
    ("JavaScript", "Wed Jan 10 2024 17:33:07 GMT+0300 (Arabian Standard Time)", MOMENT),
    ("Go", "2024-01-10 17:33:07.25 +0300 +0300", MOMENT),
    ("Java", "2024-01-10T15:33:07+01:00[Europe/Paris]", MOMENT),
    ("a log's", "10/Jan/2024:17:33:07 +0300", MOMENT),
]

DAMAGED = [
    ("wrong weekday", "Sun, 10 Jan 2024 14:33:07 GMT", MOMENT),
    ("weekday in full", "Wednesday, 10 January 2024 14:33:07 GMT", MOMENT),
    ("weekday of its own", "Weds., 10 Jan 2024 14:33:07 GMT", MOMENT),
    ("no blank", "Wed,10 Jan 2024 14:33:07 GMT", MOMENT),
    ("many blanks", "  Wed,  10  Jan   2024\n 14:33:07\tGMT ", MOMENT),
    ("ordinal", "Wed, 10th Jan 2024 14:33:07 GMT", MOMENT),
    ("month first", "Wed, Jan 10, 2024 14:33:07 GMT", MOMENT),
    ("of the clock", "January 10th, 2024 at 2:33 pm", NO_SECONDS),
    ("with dots", "Jan. 10, 2024, 2:33 p.m.", NO_SECONDS),
    ("midnight", "10 Jan 2024 12:00 AM", DAY),
    ("noon", "10 Jan 2024 12:00 PM", DAY.replace(hour=12)),
    ("half of a day of 24 hours", "10 Jan 2024 14:33 PM", NO_SECONDS),
    ("misspelt", "10 Januray 2024 14:33:07 GMT", MOMENT),
    ("year first", "2024 Jan 10 14:33:07", MOMENT),
    ("slashes", "2024/1/10 14:33:07", MOMENT),
    ("clock first", "14:33 2024/01/10", NO_SECONDS),
    ("the half before all else", "م 2:33 - 10 يناير 2024", NO_SECONDS),
    ("short names of months", "10 ك2 2024", DAY),
    ("with a digit of its own", "١٠ ك٢ ٢٠٢٤ ١٤:٣٣", NO_SECONDS),
    ("behind Greenwich", "10 يناير 2024 17:33 بتوقيت غرينتش +3", NO_SECONDS),
    ("behind Greenwich in brackets", "10 يناير 2024 17:33 (جرينتش+3)", NO_SECONDS),
    ("a zone of two words", "10 يناير 2024 18:33 بتوقيت أبو ظبي", NO_SECONDS),
    ("an hour alone", "10 January 2024, 2pm", DAY.replace(hour=14)),
    ("no day", "Jan. 2024", datetime(2024, 1, 1, tzinfo=UTC)),
    ("a sign apart", "Wed, 10 Jan 2024 17:33:07 + 0300", MOMENT),
    ("a sign apart, with a colon", "2024-01-10 17:33:07 + 03:00", MOMENT),
    ("a sign apart, west", "Wed, 10 Jan 2024 11:33:07 - 0300", MOMENT),
    ("two zones that agree", "Wed, 10 Jan 2024 17:33:07 +0300 (MSK)", MOMENT),
    ("sign twice", "Wed, 10 Jan 2024 17:33:07 -+0300", MOMENT),
]

ZONES = [
    ("+3", 3),
    ("+330", 3.5),
    ("+05:45", 5.75),
    ("GMT+3", 3),
    ("UTC-03:30", -3.5),
    ("UTC + 3", 3),
    ("Etc/GMT", 0),
    ("Etc/GMT-3", 3),
    ("EST", -5),
    ("PDT", -7),
    ("Eastern Standard Time", -5),
    ("PST-0800", -8),
    ("CET", 1),
    ("CEST", 2),
    ("EET", 2),
    ("EEST", 3),
    ("MSK", 3),
    ("JST", 9),
    ("IST", 5.5),
    ("AST", -4),
    ("Asia/Baghdad", 3),
    ("America/New_York", -5),
    ("Antarctica/Troll", 0),
    ("XYZ", 0),
    ("+1500", 0),
    ("بتوقيت بغداد", 3),
    ("بتوقيت غرينتش", 0),
    ("بتوقيت جرينتش", 0),
    ("(توقيت مكة المكرمة)", 3),
    ("بتوقيت القدس المحتلة", 2),
    ("بتوقيت بيروت", 2),
    ("بتوقيت القاهرة", 2),
    ("بتوقيت أبوظبي", 4),
    ("بتوقيت كابل", 4.5),
    ("بتوقيت كابول", 4.5),
    ("Asia/Kabul", 4.5),
    ("بتوقيت طهران", 3.5),
    ("بتوقيت كاتماندو", 5.75),
    ("بتوقيت بكين", 8),
    ("ت.غ", 0),
    ("ت.غ.", 0),
    ("(ت.غ)", 0),
    ("ت غ +3", 3),
    ("بتوقيت ت.غ +3", 3),
    ("بتوقيت الدار التي لا نعرفها", None),
]

MONTHS = [
    ("يناير", "جانفي", "كانون الثاني", "كانون ثاني", "كانون الثانى", "ژانویه", "کانوونی دووەم"),
    ("فبراير", "فيفري", "شباط", "فوریه", "شوبات", "février", "Şubat"),
    ("مارس", "آذار", "اذار", "ئازار", "Mär", "Mart", "Μάρτιος"),
    ("أبريل", "إبريل", "ابريل", "أفريل", "نيسان", "آوریل", "avril", "április"),
    ("مايو", "ماي", "أيار", "ايار", "مايس", "ئایار", "Mai", "май"),
    ("يونيو", "يونيه", "يونية", "جوان", "حزيران", "ژوئن", "juin", "Ιούν"),
    ("يوليو", "يوليه", "يوليوز", "جويلية", "جويليه", "تموز", "تـمـوز", "juillet", "július"),
    ("أغسطس", "اغسطس", "غشت", "أوت", "آب", "اب", "ئاب", "août", "Ağustos"),
    ("سبتمبر", "شتنبر", "أيلول", "ايلول", "سِبْتَمْبَر", "سپتامبر", "ئەیلوول", "Eylül"),
    ("أكتوبر", "اكتوبر", "تشرين الأول", "تشرين الاول", "تشرين أول", "октября", "Ekim"),
    ("نوفمبر", "نونبر", "تشرين الثاني", "تشرين الثانى", "تشرینی دووەم", "ноября", "Kasım"),
    ("ديسمبر", "دجنبر", "كانون الأول", "كانون الاول", "دسامبر", "décembre", "Aralık"),
]
NAMED = [(name, number) for number, names in enumerate(MONTHS, 1) for name in names]

ARABIC = [
    ("weekday and comma", "الأربعاء، 10 يناير 2024 14:33", NO_SECONDS),
    ("weekday without its article", "أربعاء 10 يناير 2024", DAY),
    ("a clock in words", "يوم الأربعاء 10 يناير 2024 الساعة 14:33", NO_SECONDS),
    ("digits of its own", "الأربعاء ١٠ يناير ٢٠٢٤ - ٢:٣٣ م", NO_SECONDS),
    ("Persian digits", "۱۰ ژانویه ۲۰۲۴ ساعت ۱۴:۳۳", NO_SECONDS),
    ("pair", "10 كانون الثاني/يناير 2024 14:33", NO_SECONDS),
    ("pair in brackets", "10 كانون الثاني (يناير) 2024", DAY),
    ("of the Christian era", "10 يناير 2024م 02:33 مساءً", NO_SECONDS),
    ("no blank before the clock's half", "10 يناير 2024، 2:33م", NO_SECONDS),
    ("morning", "10 يناير 2024 الساعة 9:05 صباحاً", DAY.replace(hour=9, minute=5)),
    ("noon", "10 يناير 2024 12:05 ظهرا", DAY.replace(hour=12, minute=5)),
    ("after noon", "10 يناير 2024 1:05 ظهراً", DAY.replace(hour=13, minute=5)),
    ("night", "10 يناير 2024 11:05 ليلا", DAY.replace(hour=23, minute=5)),
    ("after midnight", "10 يناير 2024 1:05 ليلا", DAY.replace(hour=1, minute=5)),
    ("an hour alone", "10 يناير 2024 الساعة 2 مساء", DAY.replace(hour=14)),
    ("year first", "2024 يناير 10", DAY),
    ("with dashes", "10-يناير-2024", DAY),
    ("numbers", "10/01/2024 02:33 م", NO_SECONDS),
    ("numbers with marks of direction", "\u200f10\u200f/01\u200f/2024 02:33 م", NO_SECONDS),
    ("in an RFC's form", "أربعاء, 10 يناير 2024 17:33:07 +0300", MOMENT),
    ("words before it", "نشر بتاريخ: 10 يناير 2024", DAY),
    ("beside the Hijri date", "28 جمادى الآخرة 1445 هـ الموافق 10 يناير 2024 م", DAY),
    ("before the Hijri date", "الأربعاء 10 يناير 2024 - 28 جمادى الآخرة 1445هـ", DAY),
    ("in brackets behind it", "28 جمادى الآخرة 1445 (10 يناير 2024)", DAY),
    ("both in numbers", "1445/06/28 - 2024/01/10", DAY),
    ("Sorani", "چوارشەممە ١٠ی کانوونی دووەم ٢٠٢٤", DAY),
    ("Sorani, bound to the year", "١٠ی کانوونی دووەمی ٢٠٢٤", DAY),
    ("numbered month", "10 كانون2 2024", DAY),
    ("numbered month first", "كانون2 10, 2024 14:33", NO_SECONDS),
    ("numbered month in digits of its own", "كانون٢ ١٠، ٢٠٢٤", DAY),
    ("numbered month, apart", "10 كانون 2 2024", DAY),
    ("numbered month first, apart", "كانون 2 10, 2024", DAY),
    ("numbered month with a dash", "10 كانون-2 2024", DAY),
    ("numbered month between dashes", "10-كانون-2-2024", DAY),
    ("year before a numbered month", "2024 كانون 2 10", DAY),
    ("month of two words with a low line", "10 كانون_الثاني 2024", DAY),
    ("month of two words with a dash", "10-كانون-الثاني-2024", DAY),
    ("an hour and one letter", "10 يناير 2024 2 م", DAY.replace(hour=14)),
    ("an hour and one letter, no blank", "10 يناير 2024م 2م", DAY.replace(hour=14)),
    ("an hour and one letter before all else", "2 م 10 يناير 2024", DAY.replace(hour=14)),
    ("an hour and one letter behind numbers", "10/1/2024 2 م", DAY.replace(hour=14)),
    ("midnight in one letter", "10 يناير 2024 12 ص", DAY),
    ("an hour behind the word for it", "10 يناير 2024 الساعة 7", DAY.replace(hour=7)),
    ("an hour of 24", "10 يناير 2024، الساعة ١٤", DAY.replace(hour=14)),
    ("the era is no hour", "10 يناير 2024 م", DAY),
    ("beside a numbered Hijri month", "28 جمادى 2 1445 هـ الموافق 10 يناير 2024", DAY),
]

LANGUAGES = [
    ("German", "Mi, 10. Jan. 2024 14:33 Uhr", NO_SECONDS),
    ("French", "mercredi 10 janvier 2024 à 14h33", NO_SECONDS),
    ("a French Tuesday is no March", "mar., 09 janv. 2024 14:33:00 +0000", ahead(24)),
    ("Spanish", "miércoles, 10 de enero de 2024, 14:33", NO_SECONDS),
    ("Portuguese", "quarta-feira, 10 de janeiro de 2024", DAY),
    ("Greek", "Τετ, 10 Ιαν 2024 14:33:07 EET", ahead(2, MOMENT)),
    ("Hungarian", "2024-január-10T14:33+00:00", NO_SECONDS),
    ("Hungarian, with dots", "2024. január 10., szerda", DAY),
    ("Russian", "10 января 2024 г. 17:33 MSK", NO_SECONDS),
    ("Turkish, weekday before the clock", "10 Ocak 2024 Çarşamba 14:33", NO_SECONDS),
    ("Hebrew", "יום רביעי, 10 בינואר 2024 14:33", NO_SECONDS),
    ("Indonesian", "Rab, 10 Januari 2024", DAY),
    ("an Indonesian Monday is no month", "Sen, 10 Januari 2024", DAY),
    ("Vietnamese", "10 tháng 1 2024", DAY),
    ("Vietnamese in full", "Thứ Tư, ngày 10 tháng 1 năm 2024", DAY),
    ("Hindi", "10 जनवरी 2024", DAY),
    ("Hindi, short", "10 जन॰ 2024", DAY),
    ("Hindi June", "10 जून 2024", DAY.replace(month=6)),
    ("Chinese with a weekday", "2024年01月10日 星期三", DAY),
    ("Chinese, weekday before the clock", "2024年01月10日 星期三 14:33", NO_SECONDS),
    ("Japanese, a weekday of the moon", "2024年1月10日 月曜日 14:33", NO_SECONDS),
    ("Turkish", "10 Ocak 2024 Çarşamba, 14:33", NO_SECONDS),
    ("Korean", "2024년 1월 10일 23:33:07", MOMENT),
    ("Korean, in halves of the day", "2024-01-10 오후 11:33:07", MOMENT),
    ("Japanese", "2024年1月10日(水) 14時33分", NO_SECONDS),
    ("Chinese", "2024年01月10日 下午2:33", NO_SECONDS),
]

NONE = [
    "",
    "   ",
    "yesterday",
    "2 hours ago",
    "منذ ساعتين",
    "14:33",
    "10 Jan",
    "10 كانون 2024",
    "Wed, 31 Feb 2024 10:00:00 GMT",
    "Wed, 10 Jan 2024 25:00:00 GMT",
    "Wed, 10 Jan 2024 10:61:00 GMT",
    "Wed, 10 Xyz 2024 10:00:00 GMT",
    "Wed, x Jan 2024 10:00:00 GMT",
    "2024-13-10T10:00:00Z",
    "2024-01-10-11",
    "2024-01-10T10:00:00+0x:00",
    "2024-13-45",
    "10 Jan 2024 11 Feb 2024",
    "10 يناير / فبراير 2024",
    "12024-01-10",
    "0001-01-01T00:00:00+10:00",
    "1" * 30,
    "2024011014",
    "x" * 100_000,
    "6 مايو 2024 الساعة 7 والنصف",
    "6 مايو 2024 10:08 - 10:30",
    "7 تشرين 2023",
    "تشرين 7, 2023",
    "تشرين 2, 2023",
    "تشرين 2 2023",
    "تشرين 7 2 2023",
    "2 تشرين 7 2023",
    "صحيفة تشرين 2/7/2023",
    "unknown 2 7, 2023",
    "unknown 13 7 2023",
    "شيءما 2 7, 2023",
    "2 7 2023 شيءما",
    "listopada 7/2/2023",
    "2月 7 2023",
    "شيءما-2-7-2023",
    "2024-01-10" + " " * LONGEST + "x",
]

TOO_EARLY_OR_LATE = [
    "1970-01-01T00:00:00Z",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Sun, 31 Dec 1989 23:59:59 GMT",
    "1990-01-01T00:00:00+03:00",
    "01 Jan 70 00:00:00 GMT",
    "0",
    "2567-01-10",
    "9999-12-31T23:59:59Z",
]

OTHER_CALENDARS = [
    "28 جمادى الآخرة 1445",
    "28 جمادى الآخرة 1445 هـ 14:33",
    "٢٨ جمادى الآخرة ١٤٤٥ هـ",
    "الأربعاء 28/06/1445",
    "1445-06-28T14:33:00Z",
    "28/6/45هـ",
    "15 رمضان 45 هـ",
    "1 محرم 1446",
    "20 دی 1402",
    "ربيع 2 7, 2023",
    "ربيع2 7, 2023",
    "جمادى-1 7, 2023",
    "ربيع_الثاني 7, 2023",
    "6 ربيع الثاني 2024",
    "6 ربيع الثاني 2024 10:00",
    "6 ربيع الثاني مايو 2024",
    "2 رمضان 2023-07",
    "2023-07-02 رمضان",
    "رمضان 2 7, 2023",
    "Ramadan 2 7, 2023",
    "7 Tishrei 2 2023",
    "7 Tishrei Jan 2023",
    "آبان 2 7, 2023",
    "آبان 2/7/2023",
    "توت 2 7, 2023",
    "حوت 13/7/2023",
    "گەلاوێژ 2/7/2023",
    "۱۴۰۲/۱۰/۲۰",
]

# text, language, expected; the 3rd of April, or the 4th of March
APRIL, MARCH = datetime(2020, 4, 3, tzinfo=UTC), datetime(2020, 3, 4, tzinfo=UTC)
ORDERS = [
    ("03/04/2020", "", None),
    ("03-04-2020", "", None),
    ("03/04/2020", "en", None),
    ("03/04/2020", "en-US", None),
    ("03/04/2020", "xx", None),
    ("03/04/20", "", None),
    ("20-03-04", "", None),
    ("03/04/2020", "ar", APRIL),
    ("03/04/2020", "ar-IQ", APRIL),
    ("03/04/2020", "ar_EG", APRIL),
    ("03/04/2020", "en-GB", APRIL),
    ("03/04/2020", "fr", APRIL),
    ("03/04/20", "ar", APRIL),
    ("03/04/2020", "es-PR", None),
    ("03.04.2020", "", APRIL),
    ("3.4.20", "", APRIL),
    ("03/04/2020 00:00 ص", "", APRIL),
    ("Fri, 03/04/2020", "", APRIL),
    ("الجمعة 03/04/2020", "", APRIL),
    ("Wed, 03/04/2020", "", MARCH),
    ("Wed, 03/04/2020", "ar", None),
    ("Mon, 03/04/2020", "ar", APRIL),
    ("الأربعاء 03/04/2020", "ar", None),
    ("الأربعاء 03/04/2020", "", MARCH),
    ("mercredi 03/04/2020", "", MARCH),
    ("vendredi 03/04/2020", "fr", APRIL),
    ("mercredi 03/04/2020", "fr", None),
    ("Çarşamba 03/04/2020", "", MARCH),
    ("چوارشەممە 03/04/2020", "", MARCH),
    ("چهارشنبه 03/04/2020", "", MARCH),
    ("среда 03/04/2020", "", MARCH),
    ("Selasa 03/04/2020", "", None),
    ("الثلاثاء 03/04/2020", "", APRIL),
    ("الأربعاء 03.04.2020", "", None),
    ("03/03/2020 19:00 EST", "", datetime(2020, 3, 4, tzinfo=UTC)),
    ("03/04/2020 00:00 EST", "", MARCH + timedelta(hours=5)),
    ("03/04/2020 00:00 EST", "ar", None),
    ("3/4/2020 12:00:00 AM", "en-us", MARCH),
    ("3/4/2020 12:00:00 AM", "ar", None),
    ("3/4/2020 12:00:00 AM", "", None),
    ("13/04/2020", "", datetime(2020, 4, 13, tzinfo=UTC)),
    ("04/13/2020", "", datetime(2020, 4, 13, tzinfo=UTC)),
    ("04/13/2020", "ar", datetime(2020, 4, 13, tzinfo=UTC)),
    ("04/04/2020", "", datetime(2020, 4, 4, tzinfo=UTC)),
    ("2020/3/4", "ar", MARCH),
    ("2020/13/04", "", None),
    ("04 03 Sep", "", None),
    ("4 unknown 03 2020", "", None),
]


def names(rows: list[tuple[str, str, datetime]]) -> list[object]:
    return [pytest.param(text, moment, id=name) for name, text, moment in rows]


@pytest.mark.parametrize(("text", "moment"), names([*STANDARDS, *DAMAGED, *ARABIC, *LANGUAGES]))
def test_a_date_is_read_as_it_is_meant(text: str, moment: datetime) -> None:
    assert read_date(text) == moment


@pytest.mark.parametrize(("zone", "hours"), ZONES)
def test_a_zone_is_known_by_its_number_its_letters_or_its_place(
    zone: str, hours: float | None
) -> None:
    expected = None if hours is None else ahead(hours)
    assert read_date(f"Wed, 10 Jan 2024 14:33:00 {zone}") == expected


@pytest.mark.parametrize(
    ("text", "language", "hours"),
    [
        ("10 Jan 2024 14:33 AST", "ar", 3),
        ("10 Jan 2024 14:33 AST", "ar-SA", 3),
        ("10 Jan 2024 14:33 AST", "en", -4),
        ("10 يناير 2024 14:33 AST", "", 3),
        ("10 Jan 2024 14:33 IST", "ar", 2),
        ("10 Jan 2024 14:33 IST", "en-in", 5.5),
    ],
)
def test_a_zone_of_two_meanings_is_that_of_the_language(
    text: str, language: str, hours: float
) -> None:
    assert read_date(text, language) == ahead(hours)


@pytest.mark.parametrize(
    ("place", "winter", "summer"),
    [("بيروت", 2, 3), ("القاهرة", 2, 3), ("القدس", 2, 3), ("بغداد", 3, 3), ("لندن", 0, 1)],
)
def test_places_keep_their_summer_time(place: str, winter: int, summer: int) -> None:
    july = NO_SECONDS.replace(month=7)
    assert read_date(f"10 يناير 2024 14:33 بتوقيت {place}") == ahead(winter)
    assert read_date(f"10 يوليو 2024 14:33 بتوقيت {place}") == ahead(summer, july)


@pytest.mark.parametrize(("name", "number"), NAMED)
def test_months_go_by_many_names(name: str, number: int) -> None:
    expected = datetime(2024, number, 9, 14, 33, tzinfo=UTC)
    assert read_date(f"9 {name} 2024 14:33") == expected
    assert read_date(f"2024 {name.upper()} 09, 14:33") == expected


def test_a_month_of_two_meanings_needs_its_language() -> None:
    text = "9 listopada 2024"
    polish, croatian = (datetime(2024, month, 9, tzinfo=UTC) for month in (11, 10))
    assert [read_date(text, it) for it in ("", "pl", "hr", "de")] == [None, polish, croatian, None]


@pytest.mark.parametrize(
    "text",
    ["الرابع عشر من يناير 2025", "Fifteenth of January 2025", "الجمعة يناير 2025", "late May 2025"],
)
def test_a_month_is_no_day_where_words_may_tell_it(text: str) -> None:
    assert read_date(text, "ar") is None


@pytest.mark.parametrize("part", range(3))
def test_a_number_without_end_is_no_date(part: int) -> None:
    for separator in "-/. ":
        parts = ["2024", "1", "10"]
        parts[part] = "9" * 50
        assert read_date(separator.join(parts)) is None
        assert read_date(separator.join(reversed(parts)), "ar") is None


@pytest.mark.parametrize("text", [*NONE, *TOO_EARLY_OR_LATE, *OTHER_CALENDARS])
def test_what_tells_no_date_or_one_that_none_believes_is_none(text: str) -> None:
    assert read_date(text) is None
    assert read_date(text, "ar") is None


@pytest.mark.parametrize(("text", "language", "moment"), ORDERS)
def test_day_and_month_are_told_apart_by_evidence_alone(
    text: str, language: str, moment: datetime | None
) -> None:
    assert read_date(text, language) == moment


MOMENTS = st.integers(631_324_800, 4_102_272_000).map(  # 1990-01-03 to 2099-12-30
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
SHIFTS = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timedelta(minutes=15 * quarters))
FORMATS = [
    "%a, %d %b %Y %H:%M:%S %z",
    "%d %b %Y %H:%M:%S %z",
    "%A, %d %B %Y %H:%M:%S %z",
    "%A %B %d, %Y, %I:%M:%S %p %z",
    "%a %b %d %H:%M:%S %z %Y",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y/%m/%d %H:%M:%S %z",
    "%Y%m%dT%H%M%S%z",
    "%G-W%V-%uT%H:%M:%S%z",
    "%Y-%jT%H:%M:%S%z",
    "%d.%m.%Y %H:%M:%S %z",
    "%d/%b/%Y:%H:%M:%S %z",
]


@given(moment=MOMENTS, shift=SHIFTS, format_=st.sampled_from(FORMATS))
def test_what_is_written_is_read(moment: datetime, shift: timedelta, format_: str) -> None:
    written = moment.astimezone(timezone(shift)).strftime(format_)
    assert read_date(written) == moment


@given(
    moment=MOMENTS,
    shift=SHIFTS,
    names_of_months=st.sampled_from([*zip(*MONTHS, strict=False)]),
    digits=st.sampled_from(["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"]),
)
def test_what_is_written_in_other_languages_is_read(
    moment: datetime, shift: timedelta, names_of_months: tuple[str, ...], digits: str
) -> None:
    local = moment.astimezone(timezone(shift))
    name = names_of_months[local.month - 1]
    written = f"{local:%d} {name} {local:%Y الساعة %H:%M:%S %z}"
    assert read_date(written.translate(str.maketrans("0123456789", digits))) == moment


@given(
    moment=MOMENTS, separator=st.sampled_from("/-. "), language=st.sampled_from(["", "ar", "en"])
)
def test_day_and_month_are_never_swapped(moment: datetime, separator: str, language: str) -> None:
    """Where the day comes first, it is never taken for the month."""
    written = moment.strftime(f"%d{separator}%m{separator}%Y")
    read = read_date(written, language)
    midnight = moment.replace(hour=0, minute=0, second=0)
    assert read in (None, midnight)
    certain = moment.day > 12 or moment.day == moment.month or separator == "." or language == "ar"
    assert read == midnight or not certain


NO_MONTHS = """
    تشرين كانون ربيع ربيع_الآخر ربيع1 جمادى-الأولى جمادى رمضان صفر ذو_القعدة ذوالحجة مهر آبان دی
    قوس حمل توت مسرى ڕێبەندان שבט Ramazan Shawwal Tishrei Bahman lis unknown شيءما 正月
"""


@pytest.mark.parametrize("name", NO_MONTHS.split())
@pytest.mark.parametrize("language", ["", "ar", "en", "fr"])
def test_what_is_no_month_leaves_no_date_made_of_the_other_numbers(
    name: str, language: str
) -> None:
    for form in (
        "{} 3 7, 2023",
        "{} 7, 3 2023 13:05",
        "{}, 13 7 2023",
        "{} 7, 2023",
        "7 {} 2023",
        "3 {} 7 2023",
        "3 7 {} 2023",
        "3 7 2023 {}",
        "2023 {} 7",
        "2023 3 7 {} 13:05",
        "{} 2023",
    ):
        assert read_date(form.format(name), language) is None, form


PIECES = """
    10 2024 1445 3:04 14:33:07 AM م ص ه هـ يناير ربيع الأول كانون Jan May mar. Sat - / . , ( ) + :
    | T Z GMT +0300 etc/gmt-3 年 月 日 时 분 오후 ليلا ظهرا الموافق ﷺ
"""
LIKELY = st.lists(
    st.one_of(
        st.sampled_from([*PIECES.split(), " ", "\u200f", "\u00a0"]),
        st.integers(0, 99_999).map(str),
        st.text(max_size=4),
    ),
    max_size=60,
).map("".join)


@settings(max_examples=500)
@given(text=st.one_of(st.text(max_size=400), LIKELY), language=st.sampled_from(["", "ar", "x-y"]))
def test_whatever_is_written_gives_a_moment_or_none(text: str, language: str) -> None:
    read = read_date(text, language)
    assert read is None or (read.tzinfo is UTC and 1990 <= read.year <= 2099)


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1:",
        "10:10 ",
        "1/",
        " ",
        "(",
        "ربيع ",
        "28 رجب ",
        "م ",
        "+0",
        "gmt",
        "ﷺ",
        "\u0651",
        "1 ",
    ],
)
def test_a_hostile_text_takes_no_time(piece: str) -> None:
    texts = [(piece * 1_000_000)[:1_000_000], (piece * LONGEST)[:LONGEST], (piece * 99)[:99] + "x"]
    began = time.perf_counter()
    for text in texts:
        read_date(text)
    assert time.perf_counter() - began < 1  # it takes a thousandth


def test_the_texts_of_the_tables_are_all_different() -> None:
    told = [text for _, text, _ in (*STANDARDS, *DAMAGED, *ARABIC, *LANGUAGES)]
    assert len({re.sub(r"\s+", " ", text) for text in told}) == len(told)
