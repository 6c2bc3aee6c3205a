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
    `{}` stands for the words behind it; `sender` is whose mail it is."""

    severity: Mapping[Severity, str]
    rule: str
    more_rules: str
    source: str
    outlets: str
    published: str
    undated: str
    found: str
    untitled: str
    no_link: str
    comma: str
    semicolon: str
    places: str
    map: str
    sender: str
    bundle: str
    digest: str
    waited: Mapping[str, str]  # by the word of a Hold; {} stands for what it was set to
    evidence: Mapping[str, str]


_ARABIC: Final = Labels(
    severity={Severity.CRITICAL: "عاجل", Severity.HIGH: "مهم"},
    rule="القاعدة",
    more_rules="وقواعد أخرى",
    source="المصدر",
    outlets="ورد أيضا في",
    published="نُشر",
    undated="بلا تاريخ",
    found="وُجد",
    untitled="خبر بلا عنوان",
    no_link="بلا رابط",
    comma="، ",
    semicolon="؛ ",
    places="المكان",
    map="خريطة",
    sender="راصد",
    bundle="راصد: عدد الأخبار {}",
    digest="موجز: عدد الأخبار {}",
    waited={
        "quiet": "ساعات الهدوء {}",
        "digest": "الموجز اليومي {}",
        "max_per_day": "ما زاد على الحد اليومي",
        "backfill": "مما سبق نشره",
    },
    evidence={
        "unambiguous": "اسم لا لبس فيه",
        "often_place": "يرد غالبًا اسم مكان",
        "head_before": "قبله «{}»",
        "heads_before": "قبله «{}»",
        "direction_before": "قبله «{}»",
        "site_before": "قبله «{}»",
        "belonging": "قبله «{}»",
        "verb_before": "قبله «{}»",
        "preposition_before": "قبله «{}»",
        "head_of_list": "قبله «{}»",
        "country_after": "بعده «{}»",
        "direction_after": "بعده «{}»",
        "apposition_after": "بعده «{}»",
        "beside_place": "بجوار «{}»",
        "she_after": "بعده «{}»",
        "definite_after_bare": "بعده «{}»",
        "belonging_after": "بعده «{}»",
        "disagreeing_before": "قبله «{}»",
        "noun_before_bare": "قبله «{}»",
        "noun_before_definite": "قبله «{}»",
        "thing_before": "قبله «{}»",
        "town_spoken_of": "ذُكر «{}»",
        "dateline": "في صدر الخبر",
        "hashtag": "وسم",
        "telling_elsewhere": "سبقه في موضع آخر «{}»",
        "places_in_sentence": "في الجملة نفسها «{}»",
        "country_in_sentence": "في الجملة نفسها «{}»",
        "places_in_article": "ذُكر «{}»",
        "country_in_article": "ذُكر «{}»",
        "container_named": "ذُكر «{}»",
        "place_near": "قريب من «{}»",
        "share_of_country": "سياق الخبر «{}»",
        "war_near": "قربه «{}»",
    },
)

_ENGLISH: Final = Labels(
    severity={Severity.CRITICAL: "CRITICAL", Severity.HIGH: "HIGH"},
    rule="Rule",
    more_rules="and other rules",
    source="Source",
    outlets="Also in",
    published="published",
    undated="undated",
    found="found",
    untitled="Article without a title",
    no_link="no link",
    comma=", ",
    semicolon="; ",
    places="Places",
    map="map",
    sender="Rasid",
    bundle="Rasid: {} articles",
    digest="Digest: {} articles",
    waited={
        "quiet": "quiet hours {}",
        "digest": "daily digest {}",
        "max_per_day": "beyond the day's limit",
        "backfill": "published before",
    },
    evidence={
        "unambiguous": "has no other meaning",
        "often_place": "mostly a place",
        "head_before": "after “{}”",
        "heads_before": "after “{}”",
        "direction_before": "after “{}”",
        "site_before": "after “{}”",
        "belonging": "after “{}”",
        "verb_before": "after “{}”",
        "preposition_before": "after “{}”",
        "head_of_list": "after “{}”",
        "country_after": "before “{}”",
        "direction_after": "before “{}”",
        "apposition_after": "before “{}”",
        "beside_place": "beside “{}”",
        "she_after": "before “{}”",
        "definite_after_bare": "before “{}”",
        "belonging_after": "before “{}”",
        "disagreeing_before": "after “{}”",
        "noun_before_bare": "after “{}”",
        "noun_before_definite": "after “{}”",
        "thing_before": "after “{}”",
        "town_spoken_of": "“{}” is named",
        "dateline": "a dateline",
        "hashtag": "a hashtag",
        "telling_elsewhere": "elsewhere after “{}”",
        "places_in_sentence": "“{}” in the same sentence",
        "country_in_sentence": "“{}” in the same sentence",
        "places_in_article": "“{}” is named",
        "country_in_article": "“{}” is named",
        "container_named": "“{}” is named",
        "place_near": "near “{}”",
        "share_of_country": "the article is about “{}”",
        "war_near": "near “{}”",
    },
)

LABELS: Final[Mapping[Lang, Labels]] = {"ar": _ARABIC, "en": _ENGLISH}
