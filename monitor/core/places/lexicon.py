"""The words that speak for or against a place name, as data: one table a kind, in plain spelling.

This module must hold no logic beyond making the forms of its words.
"""

from __future__ import annotations

from typing import Final

from monitor.core.text.forms import attached, determined
from monitor.core.text.normalise import fold


def _forms(listed: str, *, article: bool = False) -> frozenset[str]:
    """Each word with every proclitic, and where asked in its forms with the article as well."""
    found: set[str] = set()
    for word in fold(listed).split():
        found.update(attached(word, article=False))
        if article:
            found.update(determined(word))
    return frozenset(found)


# Right before a name they say what kind of place it is. In the construct they bear no article.
HEADS: Final = _forms(
    "قضاء ناحية مدينة محافظة بلدة قرية جبال جبل سهل سهول مخيم ريف أطراف ضواحي ضاحية"
    " قائممقام قائمقام قائمقامية معبر مطار وادي نهر بادية مشارف ولاية لواء إقليم بلدية"
    " محافظات مدن أقضية قرى بلدات نواحي قضائي مدينتي محافظتي بلدتي قريتي ناحيتي محافظ مصفاة مصفى"
)
# Before a name they speak for a place, more softly: what they stand before need not be one.
DIRECTIONS: Final = _forms(
    "شمال جنوب شرق غرب شمالي جنوبي شرقي غربي قرب منطقة مناطق مركز محور قاطع حدود محيط سكان أهالي"
    " نازحي طريق جامعة شرطة عمليات ميناء حقل صحراء جزيرة منفذ سد مستشفى مديرية باتجاه نحو"
)
# These stand before a name with ل or ب: مزارع تابعة لمخمور.
BELONGING: Final = frozenset(fold("تابع تابعة التابع التابعة تابعا تقع يقع الواقعة الواقع").split())
PREPOSITIONS: Final = frozenset(
    fold("في وفي من ومن إلى وإلى بين وبين عن قرب داخل خارج حول عبر تجاه").split()
)
# Verbs whose subject or object is often a place. Without ف: فيصل is a first name.
VERBS: Final = frozenset(
    conjunction + verb
    for conjunction in ("", "و")
    for verb in fold(
        "دخل دخلت دخلوا يدخل تدخل وصل وصلت يصل غادر غادرت يغادر اجتاح اجتاحت يجتاح اقتحم اقتحمت"
        " تقتحم حرر حررت تحرير استعاد استعادت قصف قصفت تقصف زار زارت يزور تشهد شهدت تعرضت تتعرض"
        " تستهدف استهدفت"
    ).split()
)
# Near a name they say that it is a club.
SPORT: Final = _forms(
    "فريق نادي لاعب لاعبين مباراة مباريات دوري كأس مدرب هدف أهداف ملعب بطولة منتخب الشوط",
    article=True,
)

# Right before a name they make an adjective of it: سائق مخمور. With the article, with any clitic.
PERSONS: Final = _forms(
    "سائق رجل شخص شاب امرأة فتاة رجلا شخصا شابا سائقا سائقة سائقين جندي جنديا شرطي شرطيا ضابط"
    " ضابطا سائح سائحا مواطن مواطنا طالب طالبا لاعب لاعبا ممثل زوج زوجا والد والدا مراهق مراهقا"
    " طيار طيارا قبطان موظف موظفا عامل عاملا مسافر مسافرا راكب راكبا صديق عجوز مسلح مسلحا متهم"
    " سيارة مركبة دراجة شاحنة حافلة أميركي أمريكي بريطاني روسي إنجليزي ألماني فرنسي تركي إيراني",
    article=True,
)
# Before a name of one of PERSON_ADJECTIVES they say of someone that he is so.
PREDICATES: Final = _forms(
    "هو هي كان أنت أنا بات أصبح ظهر بدا يبدو ليس يكن شبه غير كونه أنه إنه لأنه نصف مشهد صدمها صدمه"
)
# Adjectives of persons: an article's other places say nothing of them (شاب مخمور قرب دجلة).
PERSON_ADJECTIVES: Final = frozenset({fold("مخمور")})

# How often a hit of the name is the place in news, where that is far from the middle: counted over
# 46,079 articles by what stands around it.
SELDOM: Final = frozenset(
    fold(
        "التاجي المدائن الحضر رانية حديثة عنة القائم الخالص بلد الدور الحي الحلة الهاشمية"
        " الهندية الحمزة الخضر السلمان الرفاعي العمارة الزبير ربيعة العباسي حرير البغدادي السعدية"
        " العلم القاسم صفوان الباب القصير الميادين الطبقة السلمية نوى جاسم صور بشري المفرق معان"
        " الأحمدي حولي الغربية مطروح إب حجة عمران البيضاء المهرة الزاوية الكفرة غات بشار معسكر"
        " سعيدة الوادي الأبيض العين الخور الريان أطار المدينة العظيم مشهد قم الاستقلال الملتقى"
    ).split()
)
OFTEN: Final = frozenset(
    fold(
        "الرياض عسير حائل عرعر الحديدة الجوف سوسة قبلي مسقط بعقوبة الرقة صيدا الخليل جنين الأقصر"
        " المنصورة أبين سرت الرباط فاس الرمادي الحمدانية الكرخ صلاح"
    ).split()
)

# Parts of names of persons; what follows is a family name.
NAME_PARTS: Final = _forms(
    "بن ابن أبو أبي عبد أم بنت محمد أحمد حسن حسين محمود خالد سيف عمر مصطفى إبراهيم يوسف"
    " الشيخ الدكتور السيد الرئيس الوزير النائب الإمام اللواء العميد العقيد الفريق القاضي المهندس"
)

# A proclitic and a name that together write a far commoner word.
COMMON_WORDS: Final = frozenset(
    fold(
        "لعنة فعنة وعنة بصدد بحوث كبيرة فقيرة فريدة بنوا وجدة لغات وقم فقم بلد لبلد وصور بصور لصور"
        " كبلد للحج وكسبها كسبها فكسبها وحجة بحجة لحجة بالدور كدور للحي والحي وراوة والحد لحد وهيت"
    ).split()
)

# The adjective of a country, which follows the name of its places: الرقة السورية.
_DEMONYMS: Final = {
    "iq": "عراقي", "sy": "سوري", "lb": "لبناني", "jo": "أردني", "tr": "تركي", "ir": "إيراني",
    "sa": "سعودي", "kw": "كويتي", "ps": "فلسطيني", "eg": "مصري", "ye": "يمني", "ly": "ليبي",
    "tn": "تونسي", "dz": "جزائري", "ma": "مغربي", "sd": "سوداني", "ae": "إماراتي", "qa": "قطري",
    "bh": "بحريني", "om": "عماني", "mr": "موريتاني", "il": "إسرائيلي",
}  # fmt: skip
COUNTRY_OF: Final = {
    form: country
    for country, word in _DEMONYMS.items()
    for ending in ("", "ة", "ين", "ون", "ا")
    for form in (*attached(fold(word + ending), article=False), *determined(fold(word + ending)))
}

# They hold a name and are no place, or another one than it.
SET_PHRASES: Final = (
    "البيت الأبيض", "مدينة السلام", "باب المندب", "الباب العالي", "ذر الرماد", "كوت ديفوار",
    "الكوت ديفوار", "كوت دازور", "القائم بالأعمال", "القائم بأعمال", "القائم على", "القائم بين",
    "حزب الله", "نهر الأردن", "الدور الأول", "الدور الثاني", "الدور الكبير", "قضاء الدور الأول",
    "سد الباب", "حجر رشيد", "الطريق الموصل",
    "الهلال الأحمر", "الوضع القائم", "عبد السلام", "السلام عليكم",
    "هارون الرشيد", "الحكم الرشيد", "القاسم المشترك", "مقتدى الصدر", "باقر الصدر",
)  # fmt: skip
