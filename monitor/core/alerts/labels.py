"""The words of ours that stand in messages, in Arabic and in English.

This module must hold nothing but words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from monitor.model import Lang, Severity

POSSIBLE_REPEAT: Final = "تنبيه ربما تكرر · possible repeat"


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of one language. `evidence` gives a phrase for each reason for a place, in which
    `{}` stands for the words behind it."""

    severity: Mapping[Severity, str]
    rule: str
    more_rules: str
    source: str
    published: str
    undated: str
    untitled: str
    no_link: str
    comma: str
    evidence: Mapping[str, str]


_ARABIC: Final = Labels(
    severity={Severity.CRITICAL: "عاجل", Severity.HIGH: "مهم"},
    rule="القاعدة",
    more_rules="وقواعد أخرى",
    source="المصدر",
    published="نُشر",
    undated="بلا تاريخ",
    untitled="خبر بلا عنوان",
    no_link="بلا رابط",
    comma="، ",
    evidence={
        "unambiguous": "اسم لا لبس فيه",
        "often_place": "يرد غالبًا اسم مكان",
        "word_before": "قبله «{}»",
        "direction_before": "قبله «{}»",
        "place_of": "مضاف إلى «{}»",
        "beside_place": "بجوار «{}»",
        "country_after": "بعده «{}»",
        "opens_text": "في صدر الخبر",
        "hashtag": "وسم",
        "verb_before": "قبله «{}»",
        "preposition_before": "قبله «{}»",
        "same_country": "معه «{}»",
        "one_of_same_country": "معه «{}»",
        "country_named": "ذُكر «{}»",
        "word_before_elsewhere": "سبقه في موضع آخر «{}»",
    },
)

_ENGLISH: Final = Labels(
    severity={Severity.CRITICAL: "CRITICAL", Severity.HIGH: "HIGH"},
    rule="Rule",
    more_rules="and other rules",
    source="Source",
    published="published",
    undated="undated",
    untitled="Article without a title",
    no_link="no link",
    comma=", ",
    evidence={
        "unambiguous": "has no other meaning",
        "often_place": "mostly a place",
        "word_before": "after “{}”",
        "direction_before": "after “{}”",
        "place_of": "of “{}”",
        "beside_place": "beside “{}”",
        "country_after": "before “{}”",
        "opens_text": "opens the text",
        "hashtag": "a hashtag",
        "verb_before": "after “{}”",
        "preposition_before": "after “{}”",
        "same_country": "with “{}”",
        "one_of_same_country": "with “{}”",
        "country_named": "“{}” is named",
        "word_before_elsewhere": "elsewhere after “{}”",
    },
)

LABELS: Final[Mapping[Lang, Labels]] = {"ar": _ARABIC, "en": _ENGLISH}
