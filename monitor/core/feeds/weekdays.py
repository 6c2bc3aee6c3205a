"""The days of the week, in the languages that feeds are written in.

The names are those of Unicode's CLDR (https://cldr.unicode.org), long and short, and such as feeds
are seen to write besides. This module must know names alone, not what they are evidence of.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from monitor.core.feeds.date_words import folded, is_filler

# Seven names each, Monday first; "|" parts the spellings of one
_WEEKDAYS: Final[Mapping[str, str]] = {
    "en": (
        "monday|mon / tuesday|tue|tues / wednesday|wed|weds / thursday|thu|thur|thurs / "
        "friday|fri / saturday|sat / sunday|sun"
    ),
    "ar": (
        "الاثنين|اثنين / الثلاثاء|ثلاثاء|الثلاثا|الثلثاء / الأربعاء|أربعاء|الأربعا / "
        "الخميس|خميس / الجمعة|جمعة / السبت|سبت / الأحد|أحد"
    ),
    "ckb": "دووشەممە / سێشەممە / چوارشەممە / پێنجشەممە / ھەینی / شەممە / یەکشەممە",
    "fa": (
        "دوشنبه|دو شنبه / سه شنبه / چهارشنبه|چهار شنبه|چارشنبه / پنجشنبه|پنج شنبه / جمعه / "
        "شنبه / یکشنبه"
    ),
    "ur": "پیر / منگل / بدھ / جمعرات / جمعہ / ہفتہ / اتوار",
    "ps": "دوشنبه / سه شنبه / چهارشنبه / پنج شنبه / جمعه / اونۍ|شنبه / یکشنبه",
    "ku": "duşem|dşm / sêşem|sşm / çarşem|çşm / pêncşem|pşm / înî / şemî|şem / yekşem|yşm",
    "he": ("יום שני / יום שלישי / יום רביעי / יום חמישי / יום שישי / יום שבת|שבת / יום ראשון"),
    "tr": (
        "pazartesi|pzt / salı|sal / çarşamba|çar / perşembe|per / cuma|cum / cumartesi|cmt "
        "/ pazar|paz"
    ),
    "az": "bazar ertəsi / çərşənbə axşamı / çərşənbə / cümə axşamı / cümə / şənbə / bazar",
    "de": (
        "montag|mo / dienstag|di / mittwoch|mi / donnerstag|do / freitag|fr / samstag|sa / "
        "sonntag|so"
    ),
    "fr": (
        "lundi|lun / mardi|mar / mercredi|mer / jeudi|jeu / vendredi|ven / samedi|sam / "
        "dimanche|dim"
    ),
    "es": (
        "lunes|lun / martes|mar / miércoles|mié / jueves|jue / viernes|vie / sábado|sáb / "
        "domingo|dom"
    ),
    "it": (
        "lunedì|lun / martedì|mar / mercoledì|mer / giovedì|gio / venerdì|ven / sabato|sab "
        "/ domenica|dom"
    ),
    "pt": (
        "segunda|seg / terça|ter / quarta|qua / quinta|qui / sexta|sex / sábado|sáb / domingo|dom"
    ),
    "gl": ("luns / martes|mar / mércores|mér / xoves|xov / venres|ven / sábado|sáb / domingo|dom"),
    "ca": (
        "dilluns|dl / dimarts|dt / dimecres|dc / dijous|dj / divendres|dv / dissabte|ds / "
        "diumenge|dg"
    ),
    "eu": (
        "astelehena|al / asteartea|ar / asteazkena|az / osteguna|og / ostirala|or / "
        "larunbata|lr / igandea|ig"
    ),
    "nl": (
        "maandag|ma / dinsdag|di / woensdag|wo / donderdag|do / vrijdag|vr / zaterdag|za / "
        "zondag|zo"
    ),
    "da": (
        "mandag|man / tirsdag|tirs / onsdag|ons / torsdag|tors / fredag|fre / lørdag|lør / "
        "søndag|søn"
    ),
    "nb": (
        "mandag|man / tirsdag|tir / onsdag|ons / torsdag|tor / fredag|fre / lørdag|lør / søndag|søn"
    ),
    "sv": (
        "måndag|mån / tisdag|tis / onsdag|ons / torsdag|tors / fredag|fre / lördag|lör / söndag|sön"
    ),
    "is": (
        "mánudagur|mán / þriðjudagur|þri / miðvikudagur|mið / fimmtudagur|fim / "
        "föstudagur|fös / laugardagur|lau / sunnudagur|sun"
    ),
    "fi": (
        "maanantaina|maanantai|ma / tiistaina|tiistai|ti / keskiviikkona|keskiviikko|ke / "
        "torstaina|torstai|to / perjantaina|perjantai|pe / lauantaina|lauantai|la / "
        "sunnuntaina|sunnuntai|su"
    ),
    "et": "esmaspäev / teisipäev / kolmapäev / neljapäev / reede / laupäev / pühapäev",
    "lv": (
        "pirmdiena|pirmd / otrdiena|otrd / trešdiena|trešd / ceturtdiena|ceturtd / "
        "piektdiena|piektd / sestdiena|sestd / svētdiena|svētd"
    ),
    "lt": (
        "pirmadienis|pr / antradienis|an / trečiadienis|tr / ketvirtadienis|kt / "
        "penktadienis|pn / šeštadienis|št / sekmadienis|sk"
    ),
    "pl": (
        "poniedziałek|pon / wtorek|wt / środa|śr / czwartek|czw / piątek|pt / sobota|sob / "
        "niedziela|niedz"
    ),
    "cs": ("pondělí|po / úterý|út / středa|st / čtvrtek|čt / pátek|pá / sobota|so / neděle|ne"),
    "sk": ("pondelok|po / utorok|ut / streda|st / štvrtok|št / piatok|pi / sobota|so / nedeľa|ne"),
    "hu": "hétfő / kedd / szerda|sze / csütörtök|cs / péntek / szombat|szo / vasárnap",
    "ro": ("luni|lun / marți|mar / miercuri|mie / joi / vineri|vin / sâmbătă|sâm / duminică|dum"),
    "sq": (
        "e hënë|hën / e martë|mar / e mërkurë|mër / e enjte|enj / e premte|pre / e "
        "shtunë|sht / e diel|die"
    ),
    "sl": (
        "ponedeljek|pon / torek|tor / sreda|sre / četrtek|čet / petek|pet / sobota|sob / "
        "nedelja|ned"
    ),
    "hr": (
        "ponedjeljak|pon / utorak|uto / srijeda|sri / četvrtak|čet / petak|pet / subota|sub "
        "/ nedjelja|ned"
    ),
    "sr-latn": (
        "ponedeljak|pon / utorak|uto / sreda|sre / četvrtak|čet / petak|pet / subota|sub / "
        "nedelja|ned"
    ),
    "bs": (
        "ponedjeljak|pon / utorak|uto / srijeda|sri / četvrtak|čet / petak|pet / subota|sub "
        "/ nedjelja|ned"
    ),
    "sr": (
        "понедељак|пон / уторак|уто / среда|сре / четвртак|чет / петак|пет / субота|суб / "
        "недеља|нед"
    ),
    "mk": (
        "понеделник|пон / вторник|вто / среда|сре / четврток|чет / петок|пет / сабота|саб / "
        "недела|нед"
    ),
    "bg": (
        "понеделник|пн / вторник|вт / сряда|ср / четвъртък|чт / петък|пт / събота|сб / неделя|нд"
    ),
    "ru": (
        "понедельник|пн / вторник|вт / среда|ср / четверг|чт / пятница|пт / суббота|сб / "
        "воскресенье|вс"
    ),
    "uk": (
        "понеділок|пн / вівторок|вт / середа|ср / четвер|чт / пʼятниця|пт / субота|сб / неділя|нд"
    ),
    "be": (
        "панядзелак|пн / аўторак|аў / серада|ср / чацвер|чц / пятніца|пт / субота|сб / нядзеля|нд"
    ),
    "el": (
        "δευτέρα|δευ / τρίτη|τρί / τετάρτη|τετ / πέμπτη|πέμ / παρασκευή|παρ / σάββατο|σάβ / "
        "κυριακή|κυρ"
    ),
    "id": ("senin|sen / selasa|sel / rabu|rab / kamis|kam / jumat|jum / sabtu|sab / minggu|min"),
    "ms": ("isnin|isn / selasa|sel / rabu|rab / khamis|kha / jumaat|jum / sabtu|sab / ahad|ahd"),
    "vi": "thứ hai / thứ ba / thứ tư / thứ năm / thứ sáu / thứ bảy / chủ nhật|cn",
    "hi": ("सोमवार|सोम / मंगलवार|मंगल / बुधवार|बुध / गुरुवार|गुरु / शुक्रवार|शुक्र / शनिवार|शनि / रविवार|रवि"),
    "zh": (
        "星期一|周一|週一|礼拜一 / 星期二|周二|週二|礼拜二 / 星期三|周三|週三|礼拜三 / "
        "星期四|周四|週四|礼拜四 / 星期五|周五|週五|礼拜五 / 星期六|周六|週六|礼拜六 / "
        "星期日|周日|週日|星期天|周天|礼拜天"
    ),
    "ja": "月曜日 / 火曜日|火 / 水曜日|水 / 木曜日|木 / 金曜日|金 / 土曜日|土 / 日曜日",
    "ko": "월요일 / 화요일|화 / 수요일|수 / 목요일|목 / 금요일|금 / 토요일|토 / 일요일",
}


def weekday(name: str, language: str) -> int | None:
    """0 for a Monday's folded name of one or two words; None where it is no day's, or could be
    another day's and `language` ("fr", "pt-br", ...) does not tell."""
    own = _by_language().get(language) or _by_language().get(language.partition("-")[0], {})
    if name in own:
        return own[name]
    told = _all().get(name, frozenset())
    return next(iter(told)) if len(told) == 1 and not is_filler(name) else None


def is_weekday(name: str) -> bool:
    """Whether it is a day's folded name in some language, whichever day's."""
    return name in _all()


@cache
def _by_language() -> Mapping[str, Mapping[str, int]]:
    return {
        language: {
            spelling: number
            for number, names in enumerate(told.split("/"))
            for name in names.split("|")
            for spelling in _spellings(folded(name).strip())
        }
        for language, told in _WEEKDAYS.items()
    }


def _spellings(name: str) -> tuple[str, ...]:
    """A Persian name of two parts is also written as one, with what joins no letters between."""
    return (name, name.replace(" ", "")) if name.endswith("شنبه") else (name,)


@cache
def _all() -> Mapping[str, frozenset[int]]:
    found: dict[str, frozenset[int]] = {}
    for names in _by_language().values():
        for name, number in names.items():
            found[name] = found.get(name, frozenset()) | {number}
    return found
