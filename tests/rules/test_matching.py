"""Which spans a rule finds in a text: tables of (name, rule, text, found)."""

from __future__ import annotations

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules import needles
from monitor.core.rules.matcher import compile_rules
from monitor.core.text.lexicon import Lexicon
from monitor.model import Article, FeedFilter, FeedInfo, PlaceName, Rule


def found(gazetteer: Gazetteer, rule: Rule, text: str) -> list[str]:
    """The stretches of a text that the rule's spans cover, in order."""
    matches = compile_rules([rule], gazetteer).match(Article(text=text))
    return [text[span.start : span.end] for match in matches for span in match.spans]


def of_any(*items: str, loose: bool = False) -> Rule:
    return Rule("r", any=items, loose=loose)


WORDS = [
    # name, keyword, text, found
    ("bare", "داعش", "فلول داعش هنا", ["داعش"]),
    ("waw", "داعش", "فرّ وداعش خلفه", ["وداعش"]),
    ("fa", "داعش", "فداعش هنا", ["فداعش"]),
    ("ba", "داعش", "التحق بداعش", ["بداعش"]),
    ("kaf", "داعش", "فكر كداعش", ["كداعش"]),
    ("lam", "داعش", "تابع لداعش.", ["لداعش"]),
    ("waw and ba", "داعش", "وبداعش", ["وبداعش"]),
    ("fa and lam", "داعش", "فلداعش", ["فلداعش"]),
    ("the article", "داعش", "الداعش", ["الداعش"]),
    ("article for a word without", "قنبلة", "القنبلة وللقنبلة", ["القنبلة", "وللقنبلة"]),
    ("a word with the article needs it", "القنبلة", "قنبلة", []),
    ("contractions", "القنبلة", "للقنبلة بالقنبلة", ["للقنبلة", "بالقنبلة"]),
    ("hamza is no article", "ألمانيا", "لألمانيا وبألمانيا", ["لألمانيا", "وبألمانيا"]),
    ("hamza does not contract", "ألمانيا", "للمانيا", []),
    ("nor does that of a prefix", "ألمان*", "للمانيا وألمانية", ["وألمانية"]),
    ("God's name", "الله", "لله وبالله", ["لله", "وبالله"]),
    ("hamza written is no article", "سنة", "ألسنة اللهب", []),
    ("nor behind a proclitic", "وان", "وألوان بإلوان", []),
    ("article behind a proclitic", "باب", "وبالباب", ["وبالباب"]),
    ("article in a ligature", "لجنة", "اﻟﻠﺠﻨﺔ", ["اﻟﻠﺠﻨﺔ"]),
    ("article outside quotes", "القاعدة", "تنظيم الـ«قاعدة» هنا", ["الـ«قاعدة"]),
    ("contraction outside quotes", "القاعدة", 'تابع لل"قاعدة"', ['لل"قاعدة']),
    ("gained outside quotes", "قاعدة", "في الـ[قاعدة]", ["الـ[قاعدة"]),
    ("article with a blank outside", "القاعدة", "ال «قاعدة»", []),
    ("behind an embedding", "داعش", "ل\u202bداعش\u202c", ["ل\u202bداعش"]),
    ("ornate brackets", "داعش", "و﴿داعش﴾", ["و﴿داعش"]),
    ("joiner behind", "داعش", "داعش\u034f", ["داعش"]),
    ("servant in one word", "عبدالله", "قال عبد الله وعبدالله", ["عبد الله", "وعبدالله"]),
    ("victory in one word", "نصرالله", "خطاب نصر الله", ["نصر الله"]),
    ("father in one word", "أبوظبي", "في أبو ظبي", ["أبو ظبي"]),
    ("faith in one word", "صلاحالدين", "محافظة صلاح الدين", ["صلاح الدين"]),
    ("exactly one word", "=عبدالله", "عبد الله", []),
    ("parents are no faith", "والدين", "وا الدين", []),
    ("no suffix", "داعش", "داعشي داعشية الدواعش", []),
    ("no part of a word", "داعش", "أحداعشر", []),
    ("interrogative", "داعش", "أداعش فعلها؟", ["أداعش"]),
    ("interrogative decomposed", "داعش", "ا\u0654داعش", ["ا\u0654داعش"]),
    ("interrogative and clitic", "داعش", "أبداعش يثقون؟", ["أبداعش"]),
    ("no interrogative without hamza", "داعش", "اداعش", []),
    ("no interrogative on short words", "قصف", "أقصف", []),
    ("a question about four letters", "مطار", "أمطار جديد يفتح؟", ["أمطار"]),
    ("quotes", "داعش", 'قال "داعش" إنه', ["داعش"]),
    ("lam outside quotes", "داعش", 'تابع ل"داعش" هنا', ['ل"داعش']),
    ("lam and tatweel", "داعش", 'تابع لـ"داعش" هنا', ['لـ"داعش']),
    ("waw and guillemets", "داعش", "و«داعش» هنا", ["و«داعش"]),
    ("typographic quotes", "داعش", "بـ“داعش”", ["بـ“داعش"]),
    ("brackets", "داعش", "ب[داعش]", ["ب[داعش"]),
    ("hidden mark in the quotes", "داعش", 'ل\u200f"\u200fداعش"', ['ل\u200f"\u200fداعش']),
    ("a blank parts the clitic", "داعش", 'ل "داعش"', ["داعش"]),
    ("a comma parts the clitic", "داعش", "ل،داعش", ["داعش"]),
    ("hashtag", "داعش", "#داعش", ["داعش"]),
    ("part of a hashtag", "داعش", "#فلول_داعش_هنا", ["داعش"]),
    ("harakat", "داعش", "دَاعِشُ", ["دَاعِشُ"]),
    ("tatweel", "داعش", "داعـــــش", ["داعـــــش"]),
    ("presentation forms", "داعش", "ﺩﺍﻋﺶ", ["ﺩﺍﻋﺶ"]),
    ("trailing mark", "داعش", "داعش\u200f، ثم", ["داعش"]),
    ("between embeddings", "داعش", "تنظيم\u202bداعش\u202cالإرهابي", ["داعش"]),
    ("hamza folded", "اربيل", "أربيل وإربيل", ["أربيل", "وإربيل"]),
    ("yeh folded", "مصطفى", "مصطفي مصطفی", ["مصطفي", "مصطفی"]),
    ("persian kaf", "كركوك", "کرکوک", ["کرکوک"]),
    ("teh marbuta stays", "غارة", "غاره", []),
    ("digits", "قرار ١٧٠١", "القرار؟ قرار 1701", ["قرار 1701"]),
    ("letters glued to digits", "F16", "طائرة F-16 ثم f16", ["F-16", "f16"]),
    ("glued digit in the text", "داعش", "عناصر5داعش", ["داعش"]),
    ("latin", "ISIS", "تنظيم isis", ["isis"]),
    ("kurdish", "هەولێر", "لە هەولێر", ["هەولێر"]),
    ("several", "داعش", "داعش وداعش", ["داعش", "وداعش"]),
    ("exact", "=داعش", "داعش وداعش الداعش", ["داعش"]),
    ("exact in no hashtag", "=داعش", "#داعش_هنا", []),
    ("exact folds", "=داعش", "داعـش", ["داعـش"]),
    ("prefix", "داعش*", "داعشي والداعشية بداعش", ["داعشي", "والداعشية", "بداعش"]),
    ("letters with dots", "داعش", "فلول د.ا.ع.ش. هنا", ["د.ا.ع.ش"]),
    ("letters with blanks", "داعش", "فلول د ا ع ش هنا", ["د ا ع ش"]),
    ("letters with hyphens and marks", "داعش", "د-اَ-ع-شُ", ["د-اَ-ع-شُ"]),
    ("letters with underscores", "داعش", "#د_ا_ع_ش", ["د_ا_ع_ش"]),
    ("letters behind waw", "داعش", "و د ا ع ش", ["و د ا ع ش"]),
    ("letters with a proclitic", "داعش", "تابع لد.ا.ع.ش", ["لد.ا.ع.ش"]),
    ("a list of letters", "داعش", "د، ا، ع، ش", []),
    ("letters on lines", "داعش", "د\nا\nع\nش", []),
    ("letters of a longer row", "داعش", "س د ا ع ش ت", ["د ا ع ش"]),
    ("exact is not spelled out", "=داعش", "د.ا.ع.ش", []),
    ("latin letters", "FBI", "مكتب F.B.I.", ["F.B.I"]),
    ("short prefix with the article", "الق*", "للقاعدة", ["للقاعدة"]),
    ("prefix with the article", "القاع*", "للقاعدة والقاعة قاعدة", ["للقاعدة", "والقاعة"]),
    ("prefix begins", "عراق*", "بالعراقيين إعراق", ["بالعراقيين"]),
]  # fmt: skip

PHRASES = [
    ("phrase", "تنظيم الدولة", "هجوم تنظيم الدولة هنا", ["تنظيم الدولة"]),
    ("clitic first", "تنظيم الدولة", "وبتنظيم الدولة", ["وبتنظيم الدولة"]),
    ("no article inside or before", "تنظيم الدولة", "التنظيم الدولة", []),
    ("inner word as written", "تنظيم الدولة", "تنظيم دولة", []),
    ("inner quotes", "تنظيم الدولة", 'تنظيم "الدولة"', ['تنظيم "الدولة']),
    ("folded inside", "الدولة الإسلامية", "الدّولة الاسلامية", ["الدّولة الاسلامية"]),
    ("contraction first", "الجيش السوري", "للجيش السوري", ["للجيش السوري"]),
    ("longer of two", "تنظيم الدولة", "تنظيم تنظيم الدولة", ["تنظيم الدولة"]),
    ("cut off", "تنظيم الدولة", "انتهى تنظيم", []),
    ("over an underscore", "تنظيم الدولة", "#تنظيم_الدولة", ["تنظيم_الدولة"]),
    ("made definite", "سيارة مفخخة", "بالسيارة المفخخة", ["بالسيارة المفخخة"]),
    ("definite over a hamza", "حرب إلكترونية", "الحرب الإلكترونية", ["الحرب الإلكترونية"]),
    ("definite by a last word in hamza", "حقل ألغام", "في حقل الألغام", ["حقل الألغام"]),
    ("an article inside", "قصر الضيافة", "القصر الضيافة", []),
    ("definite by its last word", "حزام ناسف", "وحزام الناسف", ["وحزام الناسف"]),
    ("definite at its head alone", "حزام ناسف", "الحزام ناسف", []),
    ("definite with a number", "قرار 1701", "بالقرار 1701", ["بالقرار 1701"]),
    ("three words", "قوات حفظ السلام", "وقوات حفظ السلام", ["وقوات حفظ السلام"]),
    ("three words cut off", "قوات سوريا الديمقراطية", "وقوات سوريا", []),
    ("servant", "عبد الملك الحوثي", "خطاب لعبدالملك الحوثي", ["لعبدالملك الحوثي"]),
    ("servant in the keyword", "عبدالملك الحوثي", "عبد الملك الحوثي", ["عبد الملك الحوثي"]),
    ("victory", "حسن نصر الله", "وحسن نصرالله", ["وحسن نصرالله"]),
    ("article outside quotes inside", "تنظيم القاعدة", "تنظيم الـ«قاعدة»", ["تنظيم الـ«قاعدة"]),
    ("over the end of a sentence", "حزب الله", "أسس حزب. الله أكبر؟", []),
    ("behind an initial", "ج بايدن", "قال ج. بايدن", ["ج. بايدن"]),
    ("over a comma", "مجلس الأمن", "مجلس، الأمن", ["مجلس، الأمن"]),
    ("exact", "=محمد حسن", "محمد الحسن ومحمد حسن محمد حسن", ["محمد حسن"]),
    ("exact in quotes", "=محمد حسن", "و«محمد حسن»", ["محمد حسن"]),
    ("colours are no article", "سيارة وان", "سيارة ألوان", []),
    ("letters as a keyword", "د.ا.ع.ش", "داعش ثم د.ا.ع.ش", ["داعش", "د.ا.ع.ش"]),
    ("question about the rarer word", "سيارة مفخخة", "أسيارة مفخخة هناك؟", ["أسيارة مفخخة"]),
    ("question", "داعش الآن", "أداعش الآن هنا؟", ["أداعش الآن"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("keyword", "text", "expected"),
    [pytest.param(*row[1:], id=row[0]) for row in WORDS + PHRASES],
)
def test_keywords(gazetteer: Gazetteer, keyword: str, text: str, expected: list[str]) -> None:
    assert found(gazetteer, of_any(keyword), text) == expected


@pytest.mark.parametrize(
    ("keyword", "text", "expected"),
    [
        ("غارة", "غاره", ["غاره"]),
        ("مؤتمر", "المؤتمر والموتمر", ["المؤتمر", "والموتمر"]),
        ("هيئة النزاهة", "هييه النزاهه", ["هييه النزاهه"]),
    ],
)
def test_loose_rules(gazetteer: Gazetteer, keyword: str, text: str, expected: list[str]) -> None:
    assert found(gazetteer, of_any(keyword, loose=True), text) == expected


RULES = [
    ("any needs one", Rule("r", any=("قصف", "غارة")), "غارة جديدة", ["غارة"]),
    ("all needs every", Rule("r", all=("قصف", "غارة")), "غارة جديدة", []),
    ("all", Rule("r", all=("قصف", "غارة")), "غارة بعد قصف", ["غارة", "قصف"]),
    ("any and all", Rule("r", any=("قصف",), all=("غارة",)), "غارة بعد قصف", ["غارة", "قصف"]),
    ("none", Rule("r", any=("قصف",), none=("مسلسل",)), "قصف في المسلسل", []),
    ("query and", Rule("r", query="قصف غارة"), "غارة بعد قصف", ["غارة", "قصف"]),
    ("query or", Rule("r", query="قصف OR غارة"), "غارة جديدة", ["غارة"]),
    ("query not", Rule("r", query="قصف NOT تدريب"), "قصف في تدريب", []),
    ("query phrase", Rule("r", query='"تنظيم الدولة"'), "تنظيم الدولة", ["تنظيم الدولة"]),
    ("and binds closer", Rule("r", query="أ1 OR قصف غارة"), "قصف", []),
    ("a failing branch", Rule("r", query="(قصف AND غارة) OR هجوم"), "قصف وهجوم", ["وهجوم"]),
    ("query and list", Rule("r", any=("قصف",), query="غارة"), "قصف", []),
    ("disabled", Rule("r", any=("قصف",), enabled=False), "قصف", []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "text", "expected"), [pytest.param(*row[1:], id=row[0]) for row in RULES]
)
def test_keys_of_a_rule(gazetteer: Gazetteer, rule: Rule, text: str, expected: list[str]) -> None:
    assert found(gazetteer, rule, text) == expected


def test_fields_limit_words_and_not_exclusions(gazetteer: Gazetteer) -> None:
    rules = compile_rules(
        [
            Rule("title", any=("قصف",), fields=("title",)),
            Rule("none", any=("قصف",), fields=("title",), none=("تدريب",)),
            Rule("not", query="قصف NOT رياضة", fields=("title",)),
            Rule("author", any=("كريم",), fields=("author",)),
            Rule("category", any=("رياضة",), fields=("category",)),
        ],
        gazetteer,
    )

    def names(**fields: object) -> list[str]:
        return [match.rule.name for match in rules.match(Article(**fields))]  # type: ignore[arg-type]

    assert names(title="قصف") == ["title", "none", "not"]
    assert names(text="قصف كريم") == []
    assert names(title="قصف", text="تدريب") == ["title", "not"]
    assert names(title="قصف", categories=("رياضة",)) == ["title", "none", "category"]
    assert names(author="كريم") == ["author"]


def test_a_feed_filter_is_met_where_the_feed_is_unknown(gazetteer: Gazetteer) -> None:
    rules = compile_rules(
        [Rule("r", any=("قصف",), feeds=FeedFilter(categories=("security",)))], gazetteer
    )
    assert rules.match(Article(text="قصف"))
    assert rules.match(Article(text="قصف", feed=FeedInfo(category="security")))
    assert not rules.match(Article(text="قصف", feed=FeedInfo(category="sport")))


def test_spans_are_sorted_and_unique(gazetteer: Gazetteer) -> None:
    rule = Rule("r", any=("قصف", "=قصف", "قصف بغداد"), all=("قصف",), places=(PlaceName("بغداد"),))
    article = Article(title="قصف بغداد", text="قصف")
    (match,) = compile_rules([rule], gazetteer).match(article)
    assert list(match.spans) == sorted(set(match.spans))
    assert {span.field for span in match.spans} == {"title", "text"}


def test_rules_keep_their_order_and_an_empty_article_fires_none(gazetteer: Gazetteer) -> None:
    rules = [Rule(f"r{number}", any=("قصف",)) for number in range(20)]
    ruleset = compile_rules(rules, gazetteer)
    assert [match.rule for match in ruleset.match(Article(title="قصف"))] == rules
    assert ruleset.match(Article()) == ()
    assert ruleset.rules == tuple(rules)


@pytest.mark.parametrize("text", ["أضحية العيد", "أقران الفتى", "الأثمان وأثمان"])
def test_a_word_that_begins_with_hamza_is_no_question(lexicon: Lexicon, text: str) -> None:
    rules = compile_rules(
        [Rule(word, any=(word,)) for word in ("ضحية", "قرآن", "ثمان")], Gazetteer([]), lexicon
    )
    assert not rules.match(Article(text=text))


def test_what_is_remembered_of_words_is_bounded_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(needles, "_REMEMBERED", 3)
    rules = compile_rules([Rule("r", any=("داعش", "تنظيم الدولة"))], Gazetteer([]))
    for number in range(9):
        text = f"كلمة{number} أخرى وداعش ثم تنظيم الدولة"
        (match,) = rules.match(Article(text=text))
        assert [text[s.start : s.end] for s in match.spans] == ["وداعش", "تنظيم الدولة"]
