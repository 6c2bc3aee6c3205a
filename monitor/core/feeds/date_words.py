"""The words of dates, in the languages that feeds are written in: months, and the words that stand
between them and mean nothing.

The names are those of Unicode's CLDR (https://cldr.unicode.org), long and short, and such as feeds
are seen to write besides. A name that means one month here and another there (listopad) is only
understood where the language is known. This module must know words alone, not where they stand.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

# Letters that one language or keyboard writes for another's; after decomposition, without marks
_SAME: Final = str.maketrans(
    {
        "ى": "ي",
        "ی": "ي",
        "ې": "ي",
        "ۍ": "ي",
        "ة": "ه",
        "ە": "ه",
        "ہ": "ه",
        "ھ": "ه",
        "ۃ": "ه",
        "ک": "ك",
        "ګ": "گ",
        "ٱ": "ا",
        "ـ": "",
        "،": ",",
        "؛": ";",
        "٫": ".",
        "٬": ",",
        "\N{RATIO}": ":",
        "\N{HYPHEN}": "-",
        "\N{NON-BREAKING HYPHEN}": "-",
        "\N{FIGURE DASH}": "-",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{MINUS SIGN}": "-",
        "\N{FRACTION SLASH}": "/",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
    }
)

# Twelve names each, January first; "|" parts the spellings of one
_MONTHS: Final[Mapping[str, str]] = {
    "en": (
        "january|jan / february|feb / march|mar / april|apr / may / june|jun / july|jul / "
        "august|aug / september|sep|sept / october|oct / november|nov / december|dec"
    ),
    "ar": (
        "يناير|جانفي|كانون الثاني|كانون ثاني|كانون ثان / فبراير|فيفري|شباط / "
        "مارس|آذار|مارت / أبريل|أفريل|نيسان / مايو|ماي|أيار|مايس / يونيو|يونيه|جوان|حزيران / "
        "يوليو|يوليه|يوليوز|جويلية|تموز / أغسطس|أوت|غشت|أغشت|آب / "
        "سبتمبر|شتنبر|شتمبر|سبتنبر|أيلول / أكتوبر|أوكتوبر|تشرين الأول|تشرين أول / "
        "نوفمبر|نونبر|نوفنبر|تشرين الثاني|تشرين ثاني|تشرين ثان / "
        "ديسمبر|دجنبر|دجمبر|دسمبر|كانون الأول|كانون أول"
    ),
    "ckb": (
        "کانوونی دووەم|کانونی دووەم / شوبات / ئازار|ئادار|مارت / نیسان / ئایار|مایس / "
        "حوزەیران / تەمووز|تەموز|تەمموز|تەممووز / ئاب / ئەیلوول|ئەیلول / تشرینی یەکەم / "
        "تشرینی دووەم / کانونی یەکەم|کانوونی یەکەم"
    ),
    "fa": (
        "ژانویهٔ|ژانویه / فوریهٔ|فوریه / مارس / آوریل / مهٔ|مه / ژوئن / ژوئیهٔ|ژوئیه / اوت / "
        "سپتامبر / اکتبر / نوامبر / دسامبر"
    ),
    "ur": (
        "جنوری / فروری / مارچ / اپریل / مئی / جون / جولائی / اگست / ستمبر / اکتوبر / نومبر / دسمبر"
    ),
    "ps": (
        "جنوري / فبروري|فېبروري / مارچ / اپریل / مۍ / جون / جولای / اګست / سېپتمبر|سپتمبر / "
        "اکتوبر / نومبر / دسمبر"
    ),
    "ku": (
        "rêbendan|rbn|çile|kanûna paşîn / sibat|sbt|reşemî / adar|adr / nîsan|nsn / gulan|gln "
        "/ hezîran|hzr|pûşper / tîrmeh|trm / tebax|tbx|gelawêj / îlon|îln|rezber / "
        "cotmeh|cot|çiriya pêşîn / mijdar|mjd|çiriya paşîn / berfanbar|brf|kanûna pêşîn"
    ),
    "he": (
        "ינואר|ינו / פברואר|פבר / מרץ / אפריל|אפר / מאי / יוני / יולי / אוגוסט|אוג / "
        "ספטמבר|ספט / אוקטובר|אוק / נובמבר|נוב / דצמבר|דצמ"
    ),
    "tr": (
        "ocak|oca / şubat|şub / mart|mar / nisan|nis / mayıs|may / haziran|haz / temmuz|tem / "
        "ağustos|ağu / eylül|eyl / ekim|eki / kasım|kas / aralık|ara"
    ),
    "az": (
        "yanvar|yan / fevral|fev / mart|mar / aprel|apr / may / iyun|iyn / iyul|iyl / "
        "avqust|avq / sentyabr|sen / oktyabr|okt / noyabr|noy / dekabr|dek"
    ),
    "de": (
        "januar|jan|jänner|jän / februar|feb|feber / märz|mär|mrz / april|apr / mai / "
        "juni|jun / juli|jul / august|aug / september|sept|sep / oktober|okt / november|nov / "
        "dezember|dez"
    ),
    "fr": (
        "janvier|janv|jan / février|févr|fév|fevr / mars|mar / avril|avr / mai / juin / "
        "juillet|juil|jul / août|aou / septembre|sept|sep / octobre|oct / novembre|nov / "
        "décembre|déc"
    ),
    "es": (
        "enero|ene / febrero|feb / marzo|mar / abril|abr / mayo|may / junio|jun / julio|jul / "
        "agosto|ago / septiembre|sept|setiembre|sep|set / octubre|oct / noviembre|nov / "
        "diciembre|dic"
    ),
    "it": (
        "gennaio|gen / febbraio|feb / marzo|mar / aprile|apr / maggio|mag / giugno|giu / "
        "luglio|lug / agosto|ago / settembre|set|sett / ottobre|ott / novembre|nov / "
        "dicembre|dic"
    ),
    "pt": (
        "janeiro|jan / fevereiro|fev / março|mar / abril|abr / maio|mai / junho|jun / "
        "julho|jul / agosto|ago / setembro|set / outubro|out / novembro|nov / dezembro|dez"
    ),
    "gl": (
        "xaneiro|xan / febreiro|feb / marzo|mar / abril|abr / maio / xuño / xullo|xul / "
        "agosto|ago / setembro|set / outubro|out / novembro|nov / decembro|dec"
    ),
    "ca": (
        "gener|gen / febrer|febr / març / abril|abr / maig / juny / juliol|jul / agost|ag / "
        "setembre|set / octubre|oct / novembre|nov / desembre|des"
    ),
    "eu": (
        "urtarrila|urt / otsaila|ots / martxoa|mar / apirila|api / maiatza|mai / ekaina|eka / "
        "uztaila|uzt / abuztua|abu / iraila|ira / urria|urr / azaroa|aza / abendua|abe"
    ),
    "nl": (
        "januari|jan / februari|feb / maart|mrt|maa / april|apr / mei / juni|jun / juli|jul / "
        "augustus|aug / september|sep / oktober|okt / november|nov / december|dec"
    ),
    "da": (
        "januar|jan / februar|feb / marts|mar / april|apr / maj / juni|jun / juli|jul / "
        "august|aug / september|sep / oktober|okt / november|nov / december|dec"
    ),
    "nb": (
        "januar|jan / februar|feb / mars|mar / april|apr / mai / juni|jun / juli|jul / "
        "august|aug / september|sep|sept / oktober|okt / november|nov / desember|des"
    ),
    "sv": (
        "januari|jan / februari|feb / mars|mar / april|apr / maj / juni|jun / juli|jul / "
        "augusti|aug / september|sep|sept / oktober|okt / november|nov / december|dec"
    ),
    "is": (
        "janúar|jan / febrúar|feb / mars|mar / apríl|apr / maí / júní|jún / júlí|júl / "
        "ágúst|ágú / september|sep / október|okt / nóvember|nóv / desember|des"
    ),
    "fi": (
        "tammikuuta|tammi|tammikuu / helmikuuta|helmi|helmikuu / maaliskuuta|maalis|maaliskuu "
        "/ huhtikuuta|huhti|huhtikuu / toukokuuta|touko|toukokuu / kesäkuuta|kesä|kesäkuu / "
        "heinäkuuta|heinä|heinäkuu / elokuuta|elo|elokuu / syyskuuta|syys|syyskuu / "
        "lokakuuta|loka|lokakuu / marraskuuta|marras|marraskuu / joulukuuta|joulu|joulukuu"
    ),
    "et": (
        "jaanuar|jaan / veebruar|veebr / märts / aprill|apr / mai / juuni / juuli / "
        "august|aug / september|sept / oktoober|okt / november|nov / detsember|dets"
    ),
    "lv": (
        "janvāris|janv / februāris|febr / marts / aprīlis|apr / maijs / jūnijs|jūn / "
        "jūlijs|jūl / augusts|aug / septembris|sept / oktobris|okt / novembris|nov / "
        "decembris|dec"
    ),
    "lt": (
        "sausio|saus|sausis / vasario|vas|vasaris / kovo|kov|kovas / balandžio|bal|balandis / "
        "gegužės|geg|gegužė / birželio|birž|birželis / liepos|liep|liepa / "
        "rugpjūčio|rugp|rugpjūtis / rugsėjo|rugs|rugsėjis / spalio|spal|spalis / "
        "lapkričio|lapkr|lapkritis / gruodžio|gruod|gruodis"
    ),
    "pl": (
        "stycznia|sty|styczeń / lutego|lut|luty / marca|mar|marzec / kwietnia|kwi|kwiecień / "
        "maja|maj / czerwca|cze|czerwiec / lipca|lip|lipiec / sierpnia|sie|sierpień / "
        "września|wrz|wrzesień / października|paź|październik / listopada|lis|listopad / "
        "grudnia|gru|grudzień"
    ),
    "cs": (
        "ledna|led|leden / února|úno|únor / března|bře|březen / dubna|dub|duben / "
        "května|kvě|květen / června|čvn|červen / července|čvc|červenec / srpna|srp|srpen / "
        "září|zář / října|říj|říjen / listopadu|lis|listopad / prosince|pro|prosinec"
    ),
    "sk": (
        "januára|jan|január / februára|feb|február / marca|mar|marec / apríla|apr|apríl / "
        "mája|máj / júna|jún / júla|júl / augusta|aug|august / septembra|sep|september / "
        "októbra|okt|október / novembra|nov|november / decembra|dec|december"
    ),
    "hu": (
        "január|jan / február|febr|feb / március|márc|már|marc / április|ápr / május|máj / "
        "június|jún / július|júl / augusztus|aug / szeptember|szept|szep / október|okt / "
        "november|nov / december|dec"
    ),
    "ro": (
        "ianuarie|ian / februarie|feb / martie|mar / aprilie|apr / mai / iunie|iun / "
        "iulie|iul / august|aug / septembrie|sept / octombrie|oct / noiembrie|nov / "
        "decembrie|dec"
    ),
    "sq": (
        "janar|jan / shkurt|shk / mars|mar / prill|pri / maj / qershor|qer / korrik|korr / "
        "gusht|gush / shtator|sht / tetor|tet / nëntor|nën / dhjetor|dhj"
    ),
    "sl": (
        "januar|jan / februar|feb / marec|mar / april|apr / maj / junij|jun / julij|jul / "
        "avgust|avg / september|sep / oktober|okt / november|nov / december|dec"
    ),
    "hr": (
        "siječnja|sij|siječanj / veljače|velj|veljača / ožujka|ožu|ožujak / "
        "travnja|tra|travanj / svibnja|svi|svibanj / lipnja|lip|lipanj / srpnja|srp|srpanj / "
        "kolovoza|kol|kolovoz / rujna|ruj|rujan / listopada|lis|listopad / "
        "studenoga|stu|studeni / prosinca|pro|prosinac"
    ),
    "sr-latn": (
        "januar|jan / februar|feb / mart|mar / april|apr / maj / jun / jul / avgust|avg / "
        "septembar|sep / oktobar|okt / novembar|nov / decembar|dec"
    ),
    "bs": (
        "januar|jan / februar|feb / mart|mar / april|apr / maj / juni|jun / juli|jul / "
        "august|aug / septembar|sep / oktobar|okt / novembar|nov / decembar|dec"
    ),
    "sr": (
        "јануар|јан / фебруар|феб / март|мар / април|апр / мај / јун / јул / август|авг / "
        "септембар|сеп / октобар|окт / новембар|нов / децембар|дец"
    ),
    "mk": (
        "јануари|јан / февруари|фев / март|мар / април|апр / мај / јуни|јун / јули|јул / "
        "август|авг / септември|сеп / октомври|окт / ноември|ное / декември|дек"
    ),
    "bg": (
        "януари|яну / февруари|фев / март / април|апр / май / юни / юли / август|авг / "
        "септември|сеп / октомври|окт / ноември|ное / декември|дек"
    ),
    "ru": (
        "января|янв|январь / февраля|февр|февраль / марта|мар|март / апреля|апр|апрель / "
        "мая|май / июня|июн|июнь / июля|июл|июль / августа|авг|август / "
        "сентября|сент|сентябрь|сен / октября|окт|октябрь / ноября|нояб|ноябрь|ноя / "
        "декабря|дек|декабрь"
    ),
    "uk": (
        "січня|січ|січень / лютого|лют|лютий / березня|бер|березень / квітня|квіт|квітень / "
        "травня|трав|травень / червня|черв|червень / липня|лип|липень / серпня|серп|серпень / "
        "вересня|вер|вересень / жовтня|жовт|жовтень / листопада|лист|листопад / "
        "грудня|груд|грудень"
    ),
    "be": (
        "студзеня|сту|студзень / лютага|лют|люты / сакавіка|сак|сакавік / "
        "красавіка|кра|красавік / мая|май / чэрвеня|чэр|чэрвень / ліпеня|ліп|ліпень / "
        "жніўня|жні|жнівень / верасня|вер|верасень / кастрычніка|кас|кастрычнік / "
        "лістапада|ліс|лістапад / снежня|сне|снежань"
    ),
    "el": (
        "ιανουαρίου|ιαν|ιανουάριος / φεβρουαρίου|φεβ|φεβρουάριος / "
        "μαρτίου|μαρ|μάρτιος|μάρ|μαώ / απριλίου|απρ|απρίλιος / μαΐου|μαΐ|μάιος|μάι|μαϊ|μαι / "
        "ιουνίου|ιουν|ιούνιος|ιούν|ιον / ιουλίου|ιουλ|ιούλιος|ιούλ|ιολ / "
        "αυγούστου|αυγ|αύγουστος|αύγ / σεπτεμβρίου|σεπ|σεπτέμβριος|σεπτ / "
        "οκτωβρίου|οκτ|οκτώβριος / νοεμβρίου|νοε|νοέμβριος|νοέ / δεκεμβρίου|δεκ|δεκέμβριος"
    ),
    "hi": (
        "जनवरी|जन / फ़रवरी|फ़र / मार्च / अप्रैल / मई / जून / जुलाई / अगस्त|अग / "
        "सितंबर|सितम्बर|सित / अक्टूबर|अक्तूबर|अक्टू / नवंबर|नवम्बर|नव / दिसंबर|दिसम्बर|दिस"
    ),
    "id": (
        "januari|jan / februari|feb / maret|mar / april|apr / mei / juni|jun / juli|jul / "
        "agustus|agu / september|sep / oktober|okt / november|nov / desember|des"
    ),
    "ms": (
        "januari|jan / februari|feb / mac / april|apr / mei / jun / julai|jul / ogos|ogo / "
        "september|sep / oktober|okt / november|nov / disember|dis"
    ),
}

# Months of the Persian, Afghan, Kurdish, Coptic, Jewish, Hijri and Chinese calendars: the rest of
# their names are another's too, or words of everyday
_OF_OTHER_CALENDARS: Final = """
    فروردین اردیبهشت خرداد تیر مرداد امرداد شهریور مهر آبان آذر دی بهمن اسفند
    حمل ثور جوزا سرطان اسد سنبله میزان عقرب قوس جدی دلو حوت وری غویی غبرګولی چنګاښ زمری وږی تله
    لړم لیندۍ مرغومی سلواغه کب
    خاکەلێوە گوڵان بانەمەڕ جۆزەردان پووشپەڕ پوشپەڕ گەلاوێژ خەرمانان ڕەزبەر رەزبەر گەڵاڕێزان خەزەڵوەر
    سەرماوەز بەفرانبار ڕێبەندان رێبەندان ڕەشەمە رەشەمە
    توت بابه هاتور كيهك طوبة أمشير برمهات برمودة بشنس بؤونة مسرى النسيء نسيء
    תשרי חשון חשוון מרחשוון כסלו טבת שבט אדר ניסן אייר סיון סיוון תמוז אב אלול
    tishrei tishri cheshvan heshvan kislev tevet shevat adar nisan iyar sivan tammuz elul
    محرم صفر ربيع جمادى جمادي جماد رجب شعبان رمضان شوال
    muharram safar rabi rabiʻ jumada rajab shaban shaʻban ramadan ramadhan shawwal dhu zulkadah
    muharrem rebiülevvel rebiülahir cemaziyelevvel cemaziyelahir recep şaban ramazan şevval zilkade
    zilhicce
    farvardin ordibehesht khordad mordad shahrivar azar bahman esfand
    正月 腊月 臘月 冬月
"""

_FILLERS: Final = """
    في من شهر عام لعام سنة لسنة يوم ليوم الساعة ساعة الموافق ل م ميلادي ميلادية للميلاد تم نشر نشرت
    النشر تاريخ بتاريخ التاريخ منشور تحديث آخر أخر حسب على عند و توقيت بتوقيت التوقيت بالتوقيت
    أبو المحلي الصيفي الشتوي القياسي الرسمي المكرمة المحتلة المنورة الشريف المملكة العربية
    ساعت رۆژی ڕۆژی ی سال سالی ساڵی مانگی ماه کاتژمێر יום בשעה ngày năm lúc feira
    at on of the in th st nd rd date time published posted updated created t ad
    standard daylight summer winter mean etc asia europe africa america local
    de del do da dos das di d le la el il den der dem dne dnia om um am uhr kl klo à a às as las
    alle er ère e o º ta ος η г года год р року в го
    о у u en em
"""


def folded(text: str) -> str:
    """A text in small letters, without marks, directions and elongation, one letter for those that
    are used for each other, and digits of any script as 0-9."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(map(_plain, apart))).translate(_SAME)


@lru_cache(2000)
def _plain(letter: str) -> str:
    """A letter as it is, a digit as 0-9, nothing for a mark or a direction; but a long u stays, by
    which the Hindi June is not January."""
    if letter == "\N{DEVANAGARI VOWEL SIGN UU}":
        return "\N{DEVANAGARI LETTER UU}"
    if unicodedata.category(letter) in ("Mn", "Mc", "Me", "Cf"):
        return ""
    return str(unicodedata.decimal(letter)) if letter.isdecimal() else letter


def month(name: str, language: str) -> int | None:
    """The month of a folded name of one or two words, 1..12; None where it is none, or could mean
    two and `language` ("hr", "pt-br", …) does not tell."""
    own = _by_language().get(language) or _by_language().get(language.partition("-")[0], {})
    if name in own:
        return own[name]
    told = _months().get(name) or _english(name) or _cut(name, own)
    akin = {number for full, number in own.items() if full[:3] == name[:3] and " " not in name}
    return next(iter(told)) if len(told) == 1 and told >= akin else None


def is_doubtful_month(name: str) -> bool:
    """Whether a folded word is the name of some month, or the first word of one: where `month`
    finds none in it, it could be two (كانون, listopad)."""
    return name in _months() or name in _first_words()


def is_of_other_calendar(word: str) -> bool:
    """Whether a folded word names a month that is none of the Gregorian calendar."""
    return word in _other_months()


def is_filler(word: str) -> bool:
    """Whether a folded word says nothing about the moment."""
    return word in _fillers()


def languages() -> frozenset[str]:
    """Those whose names of months are known here, as primary language subtags."""
    return frozenset(language.partition("-")[0] for language in _MONTHS)


@cache
def _by_language() -> Mapping[str, Mapping[str, int]]:
    return {
        language: {
            spelling: number
            for number, names in enumerate(told.split("/"), 1)
            for name in names.split("|")
            for spelling in _spellings(folded(name).strip(), language)
        }
        for language, told in _MONTHS.items()
    }


def _spellings(name: str, language: str) -> tuple[str, ...]:
    """Sorani ends a month's name with what binds the year to it, and Hebrew begins it with "in"."""
    if language == "ckb":
        return (name, f"{name}ي")
    return (name, f"ב{name}") if language == "he" else (name,)


@cache
def _months() -> Mapping[str, frozenset[int]]:
    found: dict[str, frozenset[int]] = {}
    for names in _by_language().values():
        for name, number in names.items():
            found[name] = found.get(name, frozenset()) | {number}
    return found


def _cut(name: str, own: Mapping[str, int]) -> frozenset[int]:
    """The months of a language that begin so."""
    found = (number for full, number in own.items() if full.startswith(name))
    return frozenset(found) if len(name) > 2 else frozenset()


def _english(name: str) -> frozenset[int]:
    """An English month cut short (Novem), or misspelt in its middle (Febuary)."""
    if len(name) < 3 or not name.isascii():
        return frozenset()
    return frozenset(
        number
        for full, number in _by_language()["en"].items()
        if len(full) > 4
        and full[:3] == name[:3]
        and (full.startswith(name) or (full[-1] == name[-1] and abs(len(full) - len(name)) < 3))
    )


@cache
def _first_words() -> frozenset[str]:
    return frozenset(name.partition(" ")[0] for name in _months() if " " in name)


@cache
def _other_months() -> frozenset[str]:
    words = frozenset(map(folded, _OF_OTHER_CALENDARS.split()))
    return words.difference(_months(), _fillers())


@cache
def _fillers() -> frozenset[str]:
    return frozenset(map(folded, _FILLERS.split()))
