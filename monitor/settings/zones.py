"""Which time zone is meant by the name of a city or country, or by its hours from Greenwich.

The zones are those of the IANA (https://www.iana.org/time-zones); most countries have one, by its
capital or largest city. A guess, for the hint behind an error. This module must not read a file.
"""

from __future__ import annotations

import re
import unicodedata
from zoneinfo import available_timezones

_PLACES = {
    "Asia/Baghdad": """
        iraq erbil irbil arbil hewler mosul basra basrah sulaimaniyah sulaymaniyah sulaimani slemani
        duhok dohuk kirkuk najaf karbala kerbala anbar ramadi fallujah tikrit samarra baqubah diyala
        hillah babil kut amarah nasiriyah diwaniyah samawah sinjar makhmur halabja zakho kurdistan
        arabic_standard_time
        العراق بغداد اربيل هولير الموصل البصرة السليمانية دهوك كركوك النجف كربلاء الانبار الرمادي
        الفلوجة تكريت سامراء ديالى كردستان حلبجة سنجار مخمور""",
    "Asia/Damascus": """
        syria aleppo halab homs hama latakia lattakia tartus tartous idlib raqqa deir_ez_zor daraa
        hasakah qamishli kobani palmyra syria_standard_time
        سوريا سورية دمشق حلب حمص حماة اللاذقية ادلب الرقة درعا الحسكة القامشلي""",
    "Asia/Riyadh": """
        saudi saudi_arabia ksa jeddah jiddah mecca makkah medina madinah dammam taif tabuk abha
        arab_standard_time
        السعودية الرياض جدة مكة المدينة الدمام""",
    "Asia/Dubai": """
        uae emirates united_arab_emirates abu_dhabi abudhabi sharjah ajman fujairah al_ain
        arabian_standard_time
        الامارات دبي ابوظبي ابو_ظبي الشارقة""",
    "Asia/Aden": "yemen sanaa sana'a sana taiz hodeidah mukalla marib اليمن صنعاء عدن تعز الحديدة",
    "Asia/Kuwait": "kuwait_city الكويت",
    "Asia/Bahrain": "manama البحرين المنامة",
    "Asia/Qatar": "doha قطر الدوحة",
    "Asia/Muscat": "oman salalah عمان_السلطنة سلطنة_عمان مسقط",
    "Asia/Amman": "jordan irbid zarqa aqaba jordan_standard_time الاردن عمان اربد الزرقاء العقبة",
    "Asia/Beirut": """
        lebanon tripoli_lebanon sidon saida tyre zahle baalbek middle_east_standard_time
        لبنان بيروت صيدا صور بعلبك""",
    "Asia/Gaza": "gaza_city rafah khan_younis غزة رفح خان_يونس",
    "Asia/Hebron": """
        palestine ramallah nablus jenin bethlehem west_bank فلسطين رام_الله نابلس جنين الخليل""",
    "Asia/Jerusalem": "israel tel_aviv haifa القدس",
    "Africa/Cairo": """
        egypt alexandria giza suez aswan luxor port_said egypt_standard_time
        مصر القاهرة الاسكندرية الجيزة السويس اسوان""",
    "Africa/Tripoli": "libya benghazi misrata sirte sabha ليبيا طرابلس بنغازي مصراتة",
    "Africa/Tunis": "tunisia sfax sousse تونس صفاقس",
    "Africa/Algiers": "algeria oran constantine الجزائر وهران",
    "Africa/Casablanca": """
        morocco rabat marrakesh marrakech fes tangier agadir المغرب الرباط الدار_البيضاء مراكش""",
    "Africa/Khartoum": "sudan omdurman port_sudan السودان الخرطوم",
    "Africa/Nouakchott": "mauritania موريتانيا نواكشوط",
    "Africa/Mogadishu": "somalia hargeisa الصومال مقديشو",
    "Africa/Djibouti": "جيبوتي",
    "Asia/Tehran": "iran mashhad isfahan tabriz shiraz ahvaz kermanshah qom ايران طهران الاحواز",
    "Europe/Istanbul": "turkey ankara izmir diyarbakir gaziantep turkiye تركيا انقرة اسطنبول",
    "Asia/Kabul": "afghanistan kandahar herat افغانستان كابول",
    "Asia/Karachi": "pakistan islamabad lahore باكستان كراتشي",
    "Europe/London": "uk england britain لندن بريطانيا",
    "Europe/Berlin": "germany frankfurt munich hamburg المانيا برلين",
    "Europe/Paris": "france marseille lyon فرنسا باريس",
    "Europe/Stockholm": "sweden malmo gothenburg السويد",
}

# A zone of the region for each number of hours east of Greenwich.
_HOURS = {
    0: "UTC", 1: "Africa/Tunis", 2: "Africa/Cairo", 3: "Asia/Baghdad", 3.5: "Asia/Tehran",
    4: "Asia/Dubai", 4.5: "Asia/Kabul", 5: "Asia/Karachi",
}  # fmt: skip
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])?\s*([0-9]{1,2})(?::?([0-9]{2}))?")
_TRIPOLI_OF_LEBANON = ("asia/tripoli", "lebanon/tripoli", "طرابلس لبنان", "tripoli, lebanon")


def zone_of(text: str) -> str | None:
    """The zone of a city or country: `Asia/Erbil`, `Iraq`, `البصرة`."""
    folded = _folded(text)
    if folded in _TRIPOLI_OF_LEBANON:
        return "Asia/Beirut"
    last = re.sub(r"[\s-]+", "_", folded.rpartition("/")[2].strip())
    for name in (last, last.removeprefix("al_"), last.replace("_", "")):
        if name in _ZONES:
            return _ZONES[name]
    ends = {zone.rpartition("/")[2].casefold(): zone for zone in sorted(available_timezones())}
    return ends.get(last)


def zone_of_hours(text: str) -> str | None:
    """A zone that has these hours from Greenwich, or one as an example; None where the text tells
    no hours."""
    found = _OFFSET.fullmatch(_folded(text))
    if found is None:
        return None
    hours = int(found[2]) + int(found[3] or 0) / 60
    return _HOURS.get(-hours if found[1] == "-" else hours, "Asia/Baghdad")


def _folded(text: str) -> str:
    """Without accents, capitals, harakat and the hamza of an alef."""
    plain = unicodedata.normalize("NFKD", text[:100]).casefold().strip()
    digits = re.sub(r"\d", lambda digit: str(int(digit[0])), plain)
    return "".join(letter for letter in digits if not unicodedata.combining(letter))


_ZONES = {_folded(place): zone for zone, places in _PLACES.items() for place in places.split()}
