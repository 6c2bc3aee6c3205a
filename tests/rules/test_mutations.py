"""What feeds do to words: however a word is written, it is found, and exactly it is marked."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import pairwise

import pytest

from monitor.core.places.gazetteer import Gazetteer
from monitor.core.rules.matcher import compile_rules
from monitor.core.text.lexicon import Lexicon
from monitor.model import Article, Rule

KEYWORDS = (
    *("داعش", "غارة", "القاعدة", "أربيل", "مصطفى", "مؤتمر", "رئيس", "لبنان", "وزارة", "فرنسا"),
    *(
        "بغداد",
        "كركوك",
        "ليبيا",
        "سلاح",
        "آذار",
        "إسرائيل",
        "طائرة مسيرة",
        "مجلس الأمن",
        "حزب الله",
    ),
    *("عبد الملك الحوثي", "پێشمەرگە", "ISIS", "F16", "قرار 1701"),
)
SHAPES = {  # the isolated shape of each letter that has one
    unicodedata.normalize("NFKC", chr(code)): chr(code)
    for code in range(0xFEFC, 0xFE70, -1)
    if "ISOLATED" in unicodedata.name(chr(code), "")
}


def between(mark: str) -> Callable[[str], str]:
    return lambda word: word[0] + "".join(mark * (a != " " != b) + b for a, b in pairwise(word))


def each(table: dict[str, str]) -> Callable[[str], str]:
    return lambda word: "".join(table.get(letter, letter) for letter in word)


WRITTEN: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "tatweel": between("\u0640\u0640"),
    "harakat": lambda word: between("\u064e")(word) + "\u064f",
    "shadda and superscript alef": between("\u0651\u0670"),
    "RLM inside": between("\u200f"),
    "ZWNJ inside": between("\u200c"),
    "soft hyphen": between("\u00ad"),
    "BOM inside": between("\ufeff"),
    "presentation forms": each(SHAPES),
    "lam-alef ligatures": lambda word: word.replace("لا", "\ufefb").replace("لأ", "\ufef7"),
    "Persian letters": each({"ي": "ی", "ك": "ک", "ى": "ی", "ه": "ہ"}),
    "decomposed": lambda word: unicodedata.normalize("NFD", word),
    "decomposed, with tatweel": lambda word: between("\u0640")(unicodedata.normalize("NFD", word)),
    "hamza missing": each({"أ": "ا", "إ": "ا", "آ": "ا"}),
    "hamza wrong": each({"أ": "إ", "إ": "أ"}),
    "yeh for alef maksura": each({"ى": "ي"}),
    "alef maksura for yeh": each({"ي": "ى"}),
    "Arabic digits": each({"1": "١", "7": "٧", "0": "٠", "6": "۶"}),
    "capitals": str.upper,
    "no-break spaces": lambda word: word.replace(" ", "\u00a0"),
    "underscores": lambda word: word.replace(" ", "_"),
}
AROUND = {
    "bare": ("خبر عن ", " اليوم"),
    "alone": ("", ""),
    "quoted": ("قال «", "» ثم"),
    "in brackets": ("(", ")"),
    "comma": ("ثم ", "، وغيره"),
    "embedding": ("عن \u202b", "\u202c هنا"),
    "isolate": ("عن \u2067", "\u2069 هنا"),
    "embedded between letters": ("كلمة\u202b", "\u202cكلمة"),
    "RLM around": ("\u200f", "\u200f."),
    "hashtag": ("#", " و"),
    "part of a hashtag": ("#خبر_", "_عاجل"),
    "slashes": ("خبر/", "/خبر"),
    "full stops": ("خبر.", ".خبر"),
    "no-break": ("خبر\u00a0", "\u00a0خبر"),
    "emoji": ("🔴", "🔴"),
}
CLITICS = ("و", "ف", "ب", "ك", "ل", "وب", "فل")


@pytest.mark.parametrize("way", WRITTEN)
def test_a_word_is_found_and_exactly_it_is_marked(lexicon: Lexicon, way: str) -> None:
    for keyword in KEYWORDS:
        rules = compile_rules([Rule("r", any=(keyword,))], Gazetteer([]), lexicon)
        word = WRITTEN[way](keyword)
        for name, (before, after) in AROUND.items():
            assert marked(rules.match, before + word + after) == [word], (way, name, keyword)
        if "\u0621" <= word[0] <= "\u064a" and not keyword.startswith("ال"):
            for clitic in CLITICS:
                text = f"خبر {clitic}{word} هنا"
                assert marked(rules.match, text) == [clitic + word], (way, clitic, keyword)


def marked(match: Callable[[Article], tuple], text: str) -> list[str]:
    return [
        text[span.start : span.end] for found in match(Article(text=text)) for span in found.spans
    ]
