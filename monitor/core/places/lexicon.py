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
PREPOSITIONS: Final = frozenset(
    fold("في بين من إلى وفي ومن وبين وإلى عن داخل خارج حول عبر").split()
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
# Adjectives of persons: an article's other places say nothing of them (رجل مخمور في بغداد).
PERSON_ADJECTIVES: Final = frozenset({fold("مخمور")})

# Parts of names of persons; what follows is a family name.
NAME_PARTS: Final = _forms(
    "بن ابن أبو أبي عبد آل أم بنت محمد أحمد علي حسن حسين محمود خالد سيف عمر مصطفى إبراهيم يوسف"
    " الشيخ الدكتور السيد الرئيس الوزير النائب الإمام اللواء العميد العقيد الفريق القاضي المهندس"
)

# They hold a name and are no place, or another one than it.
SET_PHRASES: Final = (
    "البيت الأبيض", "مدينة السلام", "باب المندب", "الباب العالي", "ذر الرماد", "كوت ديفوار",
    "الكوت ديفوار", "كوت دازور", "القائم بالأعمال", "القائم بأعمال", "القائم على", "القائم بين",
    "حزب الله", "نهر الأردن", "الدور الأول", "الدور الثاني", "الدور الكبير", "قضاء الدور الأول",
    "سد الباب", "حجر رشيد", "الهلال الأحمر", "الوضع القائم", "عبد السلام", "السلام عليكم",
    "هارون الرشيد", "الحكم الرشيد", "القاسم المشترك", "بلد روز", "مقتدى الصدر", "باقر الصدر",
)  # fmt: skip
