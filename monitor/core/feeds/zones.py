"""Time zones as dates name them: by letters, by what computers call them, by a place.

Which of two zones a name means is told by the language of the feed, where that can tell. Names
without a fixed distance to UTC ("Eastern Time", Cairo's) follow the rules for summer time of today,
on the day and not the hour that the change falls on. This module must read no data of the system.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Final, NamedTuple

from monitor.core.feeds.date_words import folded

_Day = tuple[int, int, int]  # the first such weekday (0 is Monday) on or after a month's day


class _Rule(NamedTuple):
    """Summer time: from one day to another of the year, since some year."""

    begins: _Day
    ends: _Day
    since: int = 1990


_US: Final = _Rule((3, 8, 6), (11, 1, 6))
_EU: Final = _Rule((3, 25, 6), (10, 25, 6))  # and Lebanon
_JERUSALEM: Final = _Rule((3, 23, 4), (10, 25, 6))
_EGYPT: Final = _Rule((4, 24, 4), (10, 26, 4), since=2023)

# Minutes east of UTC. AST is Halifax's, IST India's, CST Chicago's, BST London's, GST Dubai's.
_FIXED: Final[Mapping[int, str]] = {
    -660: "sst",
    -600: "hst hast",
    -540: "akst hadt",
    -480: "pst akdt",
    -420: "mst pdt",
    -360: "cst mdt",
    -300: "est cdt pet cot",
    -240: "ast edt at clt bot vet",
    -210: "nst",
    -180: "adt brt art clst",
    -150: "ndt",
    -120: "brst",
    0: """
        utc ut gmt z zulu wet universal coordinated greenwich
        غرينتش جرينتش غرينيتش جرينيتش جرينتس قرينتش غرينيش العالمي نواكشوط
    """,
    60: """
        cet bst west wat met mez tunis algiers casablanca rabat lagos
        تونس الجزائر المغرب الرباط
    """,
    120: "eet cest sast mest mesz cat tripoli khartoum طرابلس ليبيا الخرطوم السودان",
    180: """
        eest msk trt eat idt arab arabia arabic baghdad riyadh mecca makkah ksa kuwait qatar doha
        bahrain aden sanaa amman damascus istanbul moscow
        بغداد مكة الرياض السعودية الكويت الدوحة قطر المنامة البحرين صنعاء اليمن عدن عمان الأردن
        دمشق سوريا اسطنبول إسطنبول أنقرة تركيا موسكو مقديشو جيبوتي أربيل هەولێر کوردستان العراق
    """,
    210: "irst tehran iran طهران إيران",
    240: """
        gst msd arabian dubai muscat uae baku yerevan tbilisi دبي أبوظبي ظبي الإمارات الشارقة مسقط
        باكو يريفان تبليسي
    """,
    270: "irdt aft kabul afghanistan كابل كابول أفغانستان",
    300: "pkt uzt karachi islamabad tashkent كراتشي آباد باكستان طشقند",
    330: "ist kolkata calcutta delhi نيودلهي دلهي مومباي الهند",
    345: "npt kathmandu كاتماندو كاتمندو",
    360: "bdt dhaka دكا",
    420: "ict wib jakarta bangkok جاكرتا بانكوك",
    480: """
        hkt sgt myt pht awst wita shanghai beijing hongkong singapore manila
        بكين شنغهاي كوالالمبور سنغافورة مانيلا
    """,
    540: "jst kst wit tokyo seoul طوكيو سيول",
    570: "acst",
    600: "aest",
    630: "acdt",
    660: "aedt",
    720: "nzst",
    780: "nzdt",
}

# Where summer time is kept: minutes in winter, and the rule
_RULED: Final[tuple[tuple[int, _Rule, str], ...]] = (
    (-300, _US, "et eastern newyork toronto detroit واشنطن نيويورك"),
    (-360, _US, "ct central chicago"),
    (-420, _US, "mt mountain denver edmonton"),
    (-480, _US, "pt pacific losangeles vancouver"),
    (0, _EU, "london dublin lisbon لندن"),
    (
        60,
        _EU,
        """
        paris berlin madrid rome brussels amsterdam vienna zurich stockholm oslo copenhagen prague
        warsaw budapest belgrade zagreb باريس برلين روما مدريد بروكسل فيينا جنيف ستوكهولم أوسلو
        وارسو
        """,
    ),
    (120, _EU, "athens helsinki bucharest sofia kiev kyiv beirut أثينا بيروت لبنان"),
    (120, _JERUSALEM, "jerusalem gaza hebron القدس فلسطين غزة أبيب"),
    (120, _EGYPT, "cairo القاهرة مصر"),
)

# The same letters elsewhere. Java writes AST for Baghdad and Riyadh, IST for Jerusalem.
_BY_LANGUAGE: Final[Mapping[str, Mapping[str, int]]] = {
    "ar": {"ast": 180, "adt": 240, "ist": 120},
    "ckb": {"ast": 180, "adt": 240},
    "ku": {"ast": 180, "adt": 240},
    "he": {"ist": 120},
    "zh": {"cst": 480},
}
AMERICAN: Final = frozenset(
    ("est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt", "et", "ct", "mt", "pt")
)


def offset(name: str, day: date, language: str) -> int | None:
    """How many minutes a zone is ahead of UTC on a day, by a folded word of its name; None where
    it is not known. `language` is a primary subtag."""
    own = _BY_LANGUAGE.get(language, {}).get(name)
    if own is not None:
        return own
    fixed = _fixed().get(name)
    if fixed is not None:
        return fixed
    winter, rule = _ruled().get(name, (None, _EU))
    if winter is None:
        return None
    return winter + 60 if _is_summer(day, rule) else winter


def is_zone(name: str) -> bool:
    """Whether a folded word names a zone."""
    return name in _fixed() or name in _ruled()


def _is_summer(day: date, rule: _Rule) -> bool:
    return day.year >= rule.since and _on(day.year, rule.begins) <= day < _on(day.year, rule.ends)


def _on(year: int, told: _Day) -> date:
    month, first, weekday = told
    earliest = date(year, month, first)
    return earliest + timedelta(days=(weekday - earliest.weekday()) % 7)


@cache
def _fixed() -> Mapping[str, int]:
    return {folded(name): ahead for ahead, names in _FIXED.items() for name in names.split()}


@cache
def _ruled() -> Mapping[str, tuple[int, _Rule]]:
    return {folded(n): (winter, rule) for winter, rule, names in _RULED for n in names.split()}
