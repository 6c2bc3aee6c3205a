"""What is guessed of a value that has another form than its own; None where nothing is."""

from __future__ import annotations

from zoneinfo import available_timezones

import pytest

from monitor.settings import meant, zones
from monitor.settings.layout import cause
from monitor.settings.naming import likeness

GUESSES = [
    (
        meant.duration,
        {
            "10min": "10m", "10 minutes": "10m", "١٠د": "10m", "٥ دقائق": "5m", "90 MIN": "90m",
            "1h30m": "90m", "1.5h": "90m", "ساعة و٣٠ دقيقة": "90m", "1w": "7d", "أسبوعين": "14d",
            "ساعة": "1h", "ساعتين": "2h", "hourly": "1h", "PT15M": "15m", "P1DT2H": "26h",
            "every 5 minutes": "5m", "10": None, "2 months": None, "soon": None, "0.5s": None,
            "10m ago": None, "": None,
        },
    ),
    (
        meant.size,
        {
            "10M": "10MB", "10 megabytes": "10MB", "10mo": "10MB", "١٠ ميغابايت": "10MB",
            "1.5GB": "1500MB", "0.5kb": "500B", "10 apples": None, "MB": None, "1.0001kB": None,
        },
    ),
    (
        meant.clock,
        {
            "7": "07:00", "23": "23:00", "7:30": "07:30", "2300": "23:00", "23.30": "23:30",
            "11pm": "23:00", "12am": "00:00", "12pm": "12:00", "7 ص": "07:00", "٧ مساءً": "19:00",
            "24:00": "00:00", "07:00:00": "07:00", "midnight": "00:00", "25": None, "24:30": None,
            "7:5": None, "13pm": None, "07:60": None, "later": None,
        },
    ),
    (
        meant.daily,
        {
            "08:00": "daily 08:00", "daily": "daily 08:00", "every day at 8": "daily 08:00",
            "يومياً الساعة ٨": "daily 08:00", "30 6 * * *": "daily 06:30", "24h": "daily 08:00",
            "true": "daily 08:00", "weekly": None, "hourly": None, "daily 25:00": None, "off": None,
        },
    ),
    (
        meant.rate,
        {
            "20": "20/m", "20/min": "20/m", "20 per hour": "20/h", "٢٠/دقيقة": "20/m",
            "0": None, "20/week": None, "20/fortnight": None, "much": None,
        },
    ),
    (
        meant.listen,
        {
            "9464": "127.0.0.1:9464", "*:9464": "127.0.0.1:9464", "localhost": "localhost:9464",
            "::1": "[::1]:9464", "99999": None, "0": None, "news.example": None,
        },
    ),
    (
        zones.zone_of,
        {
            "Asia/Erbil": "Asia/Baghdad", "sulaimaniyah": "Asia/Baghdad",
            "Al-Najaf": "Asia/Baghdad", "الجزائر": "Africa/Algiers",
            "كركوك": "Asia/Baghdad", "أربيل": "Asia/Baghdad", "Iraq/Baghdad": "Asia/Baghdad",
            "Asia/Basra": "Asia/Baghdad", "إدلب": "Asia/Damascus", "Abu Dhabi": "Asia/Dubai",
            "Mecca": "Asia/Riyadh", "Arab Standard Time": "Asia/Riyadh", "Asia/Sanaa": "Asia/Aden",
            "Africa/Alexandria": "Africa/Cairo", "Irbid": "Asia/Amman",
            "Asia/Tripoli": "Asia/Beirut", "طرابلس": "Africa/Tripoli", "Türkiye": "Europe/Istanbul",
            "europe/baghdad": "Asia/Baghdad", "Atlantis": None, "": None,
        },
    ),
    (
        zones.zone_of_hours,
        {
            "+03:00": "Asia/Baghdad", "3": "Asia/Baghdad", "UTC+3": "Asia/Baghdad",
            "GMT +4": "Asia/Dubai", "utc+0330": "Asia/Tehran", "٣": "Asia/Baghdad",
            "+14": "Asia/Baghdad", "UTC": None, "Asia/Baghdad": None,
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("guess", "text", "correct"),
    [(guess, text, correct) for guess, table in GUESSES for text, correct in table.items()],
)
def test_what_was_meant(guess, text, correct):
    assert guess(text) == correct


def test_every_zone_that_is_named_exists():
    named = {zones.zone_of(place) for place in zones._ZONES}
    assert named <= available_timezones()


def test_names_that_a_reader_takes_for_one():
    assert likeness("داعش  في\u200f مخمـورَ") == likeness("داعش في مخمور")
    assert likeness("داعش") != likeness("دعش")


@pytest.mark.parametrize("reason", ["expected a key here", "a second ':' in one value", "x"])
@pytest.mark.parametrize("text", ["", "\n\n", "a: b\n", "# x\n  - y\n", "a:\n\t- b"])
def test_any_place_in_any_text_has_a_cause(text, reason):
    for line in range(4):
        for column in range(6):
            found = cause(text, line, column, reason)
            assert found.reason
            assert found.line <= line
