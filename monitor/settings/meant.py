"""What somebody meant who wrote a value in another way than the files have it: `١٠د` is 10m, `11pm`
23:00, `عاجل` critical.

Guesses, for the hint behind an error. They never make a wrong value right: the file says what it
says. This module must not know keys or files, and a guess holds nothing of what was written but
numbers, so that no secret is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_UNITS = {
    "s": "s sec secs second seconds ث ثانية ثانيه ثوان ثواني",
    "m": "m min mins minute minutes د دقيقة دقيقه دقائق دقيقتين",
    "h": "h hr hrs hour hours hourly س ساعة ساعه ساعات ساعتين",
    "d": "d day days daily ي يوم يوما أيام ايام يومين",
    "w": "w week weeks weekly أسبوع اسبوع أسابيع اسابيع أسبوعا أسبوعين",
}
_UNIT = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_TWO = frozenset(("دقيقتين", "ساعتين", "يومين", "أسبوعين"))  # the dual says its number itself
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1, "w": 7 * 86400}  # the longest first, but weeks

_SIZES = {
    "": "b byte bytes بايت",
    "k": "k kb ko kilobyte kilobytes كيلو كيلوبايت",
    "M": "m mb mo meg mega megabyte megabytes ميغا ميجا ميغابايت ميجابايت م.ب",
    "G": "g gb go giga gigabyte gigabytes غيغا جيجا غيغابايت جيجابايت",
}
_SIZE = {word: size for size, words in _SIZES.items() for word in words.split()}
_BYTES = {"G": 10**9, "M": 10**6, "k": 10**3, "": 1}

_AMOUNT = re.compile(r"([0-9]{1,9}(?:[.,٫][0-9]{1,3})?)?\s*([^\W\d_][^\W\d_.]*)\s*")
_CLOCK = re.compile(
    r"([0-9]{1,2})(?:[:.]([0-9]{2})(?::[0-9]{2})?)?\s*"
    r"(?:(am|a\.m\.|ص|صباحا|فجرا)|(pm|p\.m\.|م|مساء|مساءا|ليلا|ظهرا|عصرا))?"
)
_EVERY_DAY = re.compile(
    r"(?:daily|every ?day|each day|يوميا|كل يوم)?,?\s*(?:at|@|عند|الساعة|في)?\s*"
)
_CRON = re.compile(r"([0-9]{1,2}) ([0-9]{1,2}) \* \* \*")
_RATE = re.compile(r"([1-9][0-9]{0,5})\s*(?:(?:/|per|a|an|each|كل|في)?\s*1?\s*([^\W\d_]+))?")
_HARAKAT = re.compile("[\u064b-\u0652\u0640]")
DAILY = "daily 08:00"


def ascii_digits(text: str) -> str:
    """The text with the digits of Arabic, Persian and others as the files have them."""
    return re.sub(r"\d", lambda digit: str(int(digit[0])), text)


def _plain(text: str) -> str:
    return _HARAKAT.sub("", ascii_digits(text[:100])).casefold().strip()


def duration(text: str) -> str | None:
    """`10 minutes` as 10m, `1h30m` as 90m, `PT15M` as 15m."""
    plain = re.sub(r"^p(?=[0-9])|^pt(?=[0-9])|(?<=d)t(?=[0-9])", "", _plain(text))
    plain = re.sub(r"\s(?:و|and)\s*|^every\s|^كل\s", " ", plain).strip()
    amounts = _AMOUNT.findall(plain)
    known = [(number, _UNIT.get(word), word in _TWO) for number, word in amounts]
    if not amounts or _AMOUNT.sub("", plain) or any(unit is None for _, unit, _ in known):
        return None
    if len(known) == 1 and known[0][0].isdigit() and known[0][1] != "w":
        return f"{known[0][0]}{known[0][1]}"
    seconds = sum(_number(n, two=two) * _SECONDS[unit or "s"] for n, unit, two in known)
    return _exactly(seconds, _SECONDS) if seconds >= 1 else None


def _number(text: str, *, two: bool = False) -> float:
    return float(re.sub("[,٫]", ".", text)) if text else 1 + two


def _exactly(amount: float, units: dict[str, int]) -> str | None:
    """An amount in the largest unit that writes it as a whole number."""
    if amount != int(amount):
        return None
    return next(f"{int(amount) // size}{unit}" for unit, size in units.items() if not amount % size)


def size(text: str) -> str | None:
    """`10 megabytes` as 10MB."""
    found = re.fullmatch(r"([0-9]{1,12}(?:[.,٫][0-9]{1,3})?)\s*(\S+)", _plain(text))
    unit = _SIZE.get(found[2]) if found else None
    if found is None or unit is None:
        return None
    return f"{found[1]}{unit}B" if found[1].isdigit() else bytes_of(_number(found[1]), unit)


def bytes_of(number: float, unit: str | None = None) -> str | None:
    """A number of bytes, or of kilobytes …, with its unit; a handful of bytes is no size of ours,
    so megabytes are meant."""
    if unit is None:
        unit = "M" if number < 1000 else ""
    written = _exactly(round(number * _BYTES[unit], 3), _BYTES)
    return f"{written}B" if written else None


def clock(text: str) -> str | None:
    """`7`, `11pm`, `2300` or `٧ مساءً` as the hours and minutes of a day."""
    plain = re.sub(r"^([0-9]{2})([0-9]{2})$", r"\1:\2", _plain(text))
    plain = {"midnight": "0", "منتصف الليل": "0", "noon": "12", "الظهر": "12"}.get(plain, plain)
    found = _CLOCK.fullmatch(plain)
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3] or found[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[4] else 0)
    if hour == 24 and not minute:
        hour = 0
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def daily(text: str) -> str | None:
    """`8 am`, `every day at 08:00` or cron's `0 8 * * *` as daily 08:00."""
    plain = _plain(text)
    if plain in ("true", "yes", "on", "نعم") or duration(plain) in ("1d", "24h"):
        return DAILY
    cron = _CRON.fullmatch(plain)
    if cron:
        plain = f"{cron[2]}:{cron[1]:0>2}"
    start = _EVERY_DAY.match(plain)
    rest = plain[start.end() :] if start else plain
    at = clock(rest) if rest else DAILY.split()[1]
    return f"daily {at}" if at else None


def rate(text: str) -> str | None:
    """`20`, `20 per minute` or `20/min` as 20/m."""
    found = _RATE.fullmatch(_plain(text))
    unit = (_UNIT.get(found[2]) if found[2] else "m") if found else None
    return f"{found[1]}/{unit}" if found and unit in tuple("smhd") else None


def listen(text: str) -> str | None:
    """A port alone, or this machine alone, as an address of this machine with its port."""
    plain = _plain(text)
    if plain in ("true", "yes", "on", "localhost", "127.0.0.1", "[::1]", "::1"):
        host = {"localhost": "localhost", "[::1]": "[::1]", "::1": "[::1]"}.get(plain, "127.0.0.1")
        return f"{host}:9464"
    found = re.fullmatch(r"(?:[*:]|\*:|port\s*)?([0-9]{1,5})", plain)
    return f"127.0.0.1:{int(found[1])}" if found and 0 < int(found[1]) < 65_536 else None


_CHOICES = {
    "critical": "عاجل عاجلة حرج حرجة خطير طارئ urgent emergency highest fatal severe",
    "high": "مهم مهمة هام هامة عال عالي عالية مرتفع مرتفعة important major hi",
    "normal": "عادي عادية متوسط متوسطة medium default moderate standard middle",
    "low": "منخفض منخفضة قليل minor info lowest",
    "ar": "عربي عربية العربية arabic ara ar-iq",
    "en": "انجليزي إنجليزي إنجليزية الإنجليزية english eng en-us en-gb",
    "ckb": "كردي كردية الكردية kurdish kurdi sorani ku kur",
    "fa": "فارسي فارسية الفارسية persian farsi",
    "ur": "اردو أردو urdu",
    "tr": "تركي تركية turkish",
    "fr": "فرنسي فرنسية french",
    "debug": "trace verbose all",
    "info": "notice normal default",
    "warning": "warn quiet",
    "error": "critical fatal err",
    "human": "text plain pretty console",
    "title": "عنوان العنوان headline titles",
    "text": "نص النص المتن body content summary description",
    "feed": "rss atom xml json rss2",
    "page": "html web site webpage",
    "strict": "high exact",
    "any": "all loose off none",
    "true": "yes y on 1 نعم صح true enabled always",
    "false": "no n off 0 لا كلا false disabled never",
}


def choice(word: object, known: Iterable[str]) -> str | None:
    """The one of a few known words that another word stands for."""
    plain = _plain(word) if isinstance(word, str) else str(word) if isinstance(word, int) else ""
    return next((each for each in known if plain in _CHOICES.get(each, "").split()), None)


def language(word: str) -> str | None:
    """`arabic` as ar."""
    return choice(word, ("ar", "ckb", "en", "fa", "ur", "tr", "fr"))


_KEYS = {
    "any": "words word keywords keyword terms or any_of أي كلمات الكلمات",
    "all": "and must required all_of كل كلها",
    "none": "not exclude excluded except without never بدون ليس استثناء",
    "places": "location locations region city where مكان أماكن اماكن المكان",
    "near": "around within nearby قرب",
    "severity": "priority importance level urgency أهمية",
    "name": "title label id اسم الاسم",
    "url": "link href address feed rss source uri رابط الرابط",
    "category": "tag tags group categories section topic صنف فئة",
    "interval": "every period frequency poll refresh schedule",
    "enabled": "active disabled disable off on",
    "query": "search expression استعلام",
    "note": "comment description remark",
    "channels": "send_to notify alert to receivers قنوات",
    "km": "radius distance kilometres kilometers كم",
    "place": "name city location",
    "from": "start begin after since من",
    "to": "end until till before إلى الى",
    "except": "but unless",
    "listen": "port address bind host addr",
    "match": "yes positive good should_match",
    "no_match": "no negative bad should_not_match",
    "days": "keep retention age max_days",
    "lat": "latitude",
    "lon": "lng long longitude",
    "in": "parent parents within country inside",
    "spellings": "aliases alias names variants",
    "timezone": "tz time_zone zone المنطقة",
    "state": "data state_dir data_dir",
    "contact": "email mail user_agent",
    "headers_file": "headers cookies cookie user_agent",
    "full_text": "fulltext article",
    "level": "verbosity",
    "rate": "limit rate_limit max_per_minute",
    "credential": "secret env",
    "rules": "rule قواعد القواعد",
    "feeds": "feed sources مصادر",
}


def key(word: str, known: Iterable[str]) -> str | None:
    """The key that another word stands for."""
    plain = _plain(word)
    return next((each for each in known if plain in _KEYS.get(each, "").split()), None)
