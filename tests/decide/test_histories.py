"""Histories of feeds, as documents of any format: each article alerts once, none is missed.

Each history is lived through three times: as the daemon reads, with every document read whole, and
with a new process at each check. A history is a list of documents and how many alerts each brings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from pressroom import CELL, DAY, FEED, RAID, TWIN, Newsroom, atom, json_feed, rss

from monitor.model import Delivery, FeedUpdate, Rule

Item = dict[str, Any]

TEXTS = {
    "A": (
        "طائرات مسيرة تستهدف وكرا في سلسلة جبال حمرين",
        (
            "أفاد مصدر أمني في محافظة ديالى بأن غارة نفذتها طائرات مسيرة دمرت وكرا للمسلحين "
            "عند الفجر "
            "وأكد أن القوات تواصل تمشيط الوديان المحيطة بالموقع بحثا عن الفارين"
        ),
    ),
    "B": (
        "سكان دير الزور يتحدثون عن ليلة بلا نوم",
        (
            "روى أهالي بلدة على ضفة الفرات كيف هزت غارة مجهولة المصدر منازلهم قبيل منتصف "
            "الليل فيما "
            "نقلت سيارات الإسعاف عددا من الجرحى إلى المستشفى الوطني القريب"
        ),
    ),
    "C": (
        "الجيش يعلن مقتل قيادي بارز قرب الحدود",
        (
            "ذكر بيان لوزارة الدفاع أن قياديا مطلوبا لقي حتفه في غارة دقيقة أعقبت شهرا من المراقبة "
            "وأضاف البيان أن وثائق وأجهزة اتصال ضبطت داخل المخبأ"
        ),
    ),
    "D": (
        "مزارعون يطالبون بتعويضات عن حقول محترقة",
        (
            "تجمع عشرات الفلاحين أمام مبنى البلدية مطالبين بتعويض محاصيل أتلفتها غارة "
            "الأسبوع الماضي "
            "ووعد رئيس المجلس المحلي برفع مطالبهم إلى العاصمة خلال أيام"
        ),
    ),
    "Z": (
        "افتتاح معرض الكتاب الدولي في دورته الأربعين",
        (
            "شهدت العاصمة افتتاح معرض الكتاب بحضور مئات الناشرين والقراء من أنحاء العالم "
            "العربي وتستمر "
            "الفعاليات عشرة أيام تتخللها ندوات وأمسيات شعرية"
        ),
    ),
}
SITE = "https://a.example/"


def new(name: str, **changes: Any) -> Item:
    title, text = TEXTS[name]
    number = 48100 + ord(name)
    item = {"guid": f"id-{name}", "link": f"{SITE}news/{number}", "title": title}
    return {**item, "description": text, **changes}


A, B, C, D, Z = map(new, "ABCDZ")
BARE = {"guid": None, "link": None}
NO_ID: Item = {"guid": None}
NO_LINK: Item = {"link": None}
HEADLINE = "عاجل: طائرات مسيرة تستهدف وكرا في جبال حمرين وأنباء عن قتلى"
MORE = " وقال شهود إن الدخان ظل يتصاعد حتى الظهيرة"
STRIKE = {**BARE, "title": "غارة بطائرات مسيرة تستهدف وكرا في جبال حمرين", "description": ""}
FLASHES = [
    {"guid": f"flash-{n}", "link": f"{SITE}flash/{n}", "title": "عاجل", "description": text}
    for n, text in enumerate(("غارة على الموصل", "غارة على بغداد", "غارة على تكريت"))
]
F, G, H = FLASHES


def but(item: Item, **changes: Any) -> Item:
    return {**item, **changes}


def more(item: Item, text: str = MORE, **changes: Any) -> Item:
    return but(item, description=item["description"] + text, **changes)


SECOND_STRIKE = but(STRIKE, title="مصادر محلية تتحدث عن غارة ثانية طالت مخازن أسلحة خلف المصفاة")
TOLD = {**A, "title": STRIKE["title"]}


def each(items: Sequence[Item], change: Callable[[Item], Item]) -> list[Item]:
    return [change(item) for item in items]


def churned(number: int, *items: Item, **changes: Any) -> list[Item]:
    """The same items under ids that no other document has."""
    return [but(item, guid=f"{item['guid']}?session={number}", **changes) for item in items]


def moved(number: int, *items: Item, **changes: Any) -> list[Item]:
    """The same items at links that no other document has."""
    return [but(item, link=f"{item['link']}?s={number}x", **changes) for item in items]


def at(link: str, *items: Item, **changes: Any) -> list[Item]:
    return [but(item, link=link, **changes) for item in items]


def bulletin(number: int, **changes: Any) -> Item:
    item = {"guid": f"b{number}", "link": f"{SITE}bulletin/{number}", "title": "موجز: غارة"}
    return {**item, "description": "", **changes}


SLUG = f"{SITE}أخبار/غارة-في-حمرين"
ESCAPED = SITE + quote("أخبار/غارة-في-حمرين")
LIVE = f"{SITE}live"
Histories = dict[str, tuple[list[list[Item]], str]]

CHANGING_IDS: Histories = {
    "a stable feed": ([[A], [B, A], [B, A], [C, B]], "1 1 0 1"),
    "ids change at every check": (
        [[A, Z], churned(1, B, A, Z), churned(2, B, A, Z), churned(3, C, B, A)],
        "1 1 0 1",
    ),
    "ids change at every check, no links": (
        [
            churned(0, A, Z, **NO_LINK),
            churned(1, B, A, Z, **NO_LINK),
            churned(2, B, A, Z, **NO_LINK),
        ],
        "1 1 0",
    ),
    "ids change at every check, no links, a word or two": (
        [churned(0, F, Z, **NO_LINK), churned(1, G, F, Z, **NO_LINK), churned(2, G, F, **NO_LINK)],
        "1 1 0",
    ),
    "ids and links change at every check, short texts": (
        [
            moved(1, *churned(0, F, G)),
            moved(2, *churned(1, F, G)),
            moved(3, *churned(2, H, F, G)),
        ],
        "2 0 1",
    ),
    "ids change with a short text at a stable link": (
        [[F, Z], churned(1, F, Z), churned(2, F, Z)],
        "1 0 0",
    ),
    "ids change and a title is edited": (
        [[A, Z], churned(1, but(A, title=HEADLINE), Z), churned(2, but(A, title=HEADLINE), Z)],
        "1 0 0",
    ),
    "ids change and a text is edited": ([[A, Z], churned(1, more(A), Z)], "1 0"),
    "all ids change and one article is written anew": (
        [[A, B, Z], churned(1, more(A, title=HEADLINE), B, Z)],
        "2 0",
    ),
    "one id changes, of an article alone in its feed": ([[A], churned(1, A)], "1 0"),
    "ids differ in case": ([[A, Z], [but(A, guid="ID-A"), Z]], "1 0"),
    "ids differ in blanks": ([[A, Z], [but(A, guid="\n id-A ", **NO_LINK), Z]], "1 0"),
    "ids differ in tracking": (
        [[but(A, guid=A["link"]), Z], [but(A, guid=A["link"] + "?utm_source=rss"), Z]],
        "1 0",
    ),
    "ids differ in composition (NFC, NFD), no links": (
        [
            [but(F, guid="خبر\u0622", **NO_LINK), Z],
            [but(F, guid="خبر\u0627\u0653", **NO_LINK), Z],
        ],
        "1 0",
    ),
    "an id of 5,000 letters": ([[but(A, guid="x" * 5000), Z]] * 2, "1 0"),
    "ids of blanks alone": ([[but(A, guid="  "), but(B, guid="  ")]] * 2, "2 0"),
    "an id appears": ([[but(A, **NO_ID), Z], [A, Z], [A, Z]], "1 0 0"),
    "an id appears with an edit": ([[but(A, **NO_ID), Z], [more(A, title=HEADLINE), Z]], "1 0"),
    "an id, a link and a text appear": ([[STRIKE, Z], [TOLD, Z], [TOLD, Z]], "1 0 0"),
    "an id and a text appear, with a new article": ([[STRIKE, Z], [F, TOLD, Z]], "1 1"),
    "a few words, and the same over another article": (
        [[but(F, description="", title="غارة", **BARE), Z], [but(G, title="غارة"), Z]],
        "1 1",
    ),
    "an id that is a link whose slug follows the title, with a number": (
        [
            [but(A, guid=f"{SITE}48165-first", link=f"{SITE}48165-first"), Z],
            [but(A, guid=f"{SITE}48165-second", link=f"{SITE}48165-second", title=HEADLINE), Z],
        ],
        "1 0",
    ),
    "an id disappears": ([[A, Z], [but(A, **NO_ID), Z], [A, Z]], "1 0 0"),
    "an id disappears, no link": (
        [[but(A, **NO_LINK), Z], [but(A, **BARE), Z], [but(A, **NO_LINK), Z]],
        "1 0 0",
    ),
    "a link appears": ([[but(A, **NO_LINK), Z], [A, Z]], "1 0"),
    "a link appears, no id": ([[but(F, **BARE), Z], [but(F, **NO_ID), Z]], "1 0"),
    "a link disappears, no id": ([[but(F, **NO_ID), Z], [but(F, **BARE), Z]], "1 0"),
    "an id has the time of the last change": (
        [
            [but(A, guid=A["link"] + "#1"), Z],
            [more(A, guid=A["link"] + "#2", title=HEADLINE), Z],
            [more(A, MORE + MORE, guid=A["link"] + "#3", title=HEADLINE), Z],
        ],
        "1 0 0",
    ),
    "the format changes, and ids with it": (
        [[A, B, Z], each([A, B, Z], lambda i: but(i, guid=f"tag:a.example:{i['link']}"))],
        "2 0",
    ),
}

RE_USED_IDS: Histories = {
    "an id is re-used": (
        [[but(A, guid="1"), Z], [but(B, guid="1"), Z], [but(B, guid="1"), Z]],
        "1 1 0",
    ),
    "an id is re-used and the old article comes back": (
        [[but(item, guid="1"), Z] for item in (A, B, A, B, A, C)],
        "1 1 0 0 0 1",
    ),
    "an id is re-used by short texts": ([[but(F, guid="1")], [but(G, guid="1")]], "1 1"),
    "one id for all": (
        [
            each([A, Z], lambda i: but(i, guid="0")),
            each([B, A, Z], lambda i: but(i, guid="0")),
            each([B, Z], lambda i: but(i, guid="0")),
            each([C], lambda i: but(i, guid="0")),
            each([B, C], lambda i: but(i, guid="0")),
        ],
        "1 1 0 1 0",
    ),
    "ids are places in the list": (
        [
            [but(item, guid=str(n)) for n, item in enumerate(shown)]
            for shown in ([A, Z], [B, A, Z], [C, B, A], [D, C, B], [D, C, B])
        ],
        "1 1 1 1 0",
    ),
    "ids are places in the list, short texts": (
        [
            [but(item, guid=str(n)) for n, item in enumerate(shown)]
            for shown in ([F, Z], [G, F, Z], [H, G, F], [H, G, F])
        ],
        "1 1 1 0",
    ),
    "one link shows one article after another": (
        [at(f"{SITE}breaking", item, **NO_ID) for item in (A, B, B, C, A, more(A))],
        "1 1 0 1 0 0",
    ),
    "one id and link show one article after another": (
        [at(f"{SITE}latest?n=5", item, guid="5") for item in (A, B, B, C, A, more(A))],
        "1 1 0 1 0 0",
    ),
    "all share a link, and then there is but one at a time": (
        [at(LIVE, *shown, **NO_ID) for shown in ([A, B, Z], [C], [D], [D], [A])],
        "2 1 1 0 0",
    ),
    "fragments of one page, one at a time": (
        [at(f"{LIVE}/7#{item['guid']}", item, **NO_ID) for item in (A, B, C, C, A)],
        "1 1 1 0 0",
    ),
    "links are places in the list": (
        [
            [but(item, link=f"{SITE}slot/{n}", **NO_ID) for n, item in enumerate(shown)]
            for shown in ([A, Z], [B, A, Z], [C, B, A], [D, C, B], [D, C, B])
        ],
        "1 1 1 1 0",
    ),
    "links are places in the list, of which all are filled anew": (
        [
            [but(item, link=f"{SITE}slot/{n}", **NO_ID) for n, item in enumerate(shown)]
            for shown in ([A, Z], [B, C], [D, A], [D, A])
        ],
        "1 2 1 0",
    ),
    "ids are places in the list, titles alone": (
        [
            [but(STRIKE, guid="0"), but(Z, guid="1", **NO_LINK)],
            [but(SECOND_STRIKE, guid="0"), but(D, guid="1", **NO_LINK)],
        ],
        "1 2",
    ),
    "a headline alone, in other words, among others": (
        [[but(STRIKE, guid="0"), Z], [but(SECOND_STRIKE, guid="0"), Z]],
        "1 0",
    ),
    "a re-used id, then an edit": (
        [[but(A, guid="1")], [but(B, guid="1")], [more(B, guid="1")], [more(A, guid="1")]],
        "1 1 0 0",
    ),
    "the site is the id of all, one at a time": (
        [[but(item, guid=SITE, link=SITE)] for item in (A, B, B, C, A)],
        "1 1 0 1 0",
    ),
    "one id and link for all": (
        [at(LIVE, *shown, guid="0") for shown in ([A, Z], [B, A, Z], [C, B, A], [A, C, B])],
        "1 1 1 0",
    ),
    "an edit of everything under one id and link": (
        [[A, Z], [but(A, title=B["title"], description=B["description"]), Z]],
        "1 0",
    ),
    "title, text and link edited under one id": (
        [[A, Z], [more(A, title=HEADLINE, link=A["link"] + "/other-slug"), Z]],
        "1 0",
    ),
    "one id, two versions in one document": ([[A, Z], [more(A), A, Z], [more(A), Z]], "1 0 0"),
    "one id, the later version alone matches": (
        [[Z], [but(Z, description=A["description"]), Z], [Z, Z]],
        "0 1 0",
    ),
    "one id, two versions at two links in one document": (
        [[more(A, link=A["link"] + "-b"), A, Z]] * 2,
        "1 0",
    ),
}

LINKS: Histories = {
    "http, www, a slash, tracking, a fragment": (
        [
            at(link, but(A, **NO_ID))
            for link in (
                "http://a.example/news/1",
                "https://a.example/news/1",
                "https://www.a.example/news/1",
                "https://www.a.example/news/1/",
                "https://www.a.example/news/1?utm_source=rss",
                "https://a.example/news/1#!comments",
            )
        ],
        "1 0 0 0 0 0",
    ),
    "a number in the query tells articles apart": (
        [
            at(SITE + "?id=1", but(A, **NO_ID)),
            [*at(SITE + "?id=2", but(B, **NO_ID)), *at(SITE + "?id=1", but(A, **NO_ID))],
        ],
        "1 1",
    ),
    "a mobile link": (
        [
            at("https://a.example/n/1", but(A, **NO_ID)),
            at("https://m.a.example/n/1", but(A, **NO_ID)),
        ],
        "1 0",
    ),
    "an Arabic slug in each spelling": (
        [at(link, but(F, **NO_ID)) for link in (SLUG, ESCAPED, ESCAPED.lower(), SLUG)],
        "1 0 0 0",
    ),
    "session ids, no ids": (
        [
            at(f"{SITE}n.jsp;jsessionid={n}?a=1&PHPSESSID={n}", but(F, **NO_ID))
            + at(f"{SITE}n.jsp;jsessionid={n}?a=2&PHPSESSID={n}", but(Z, **NO_ID))
            for n in range(3)
        ],
        "1 0 0",
    ),
    "a redirector's links": (
        [
            [but(i, guid=None, link=f"https://r.example/{n}{i['guid']}") for i in (A, B, Z)]
            for n in range(3)
        ],
        "2 0 0",
    ),
    "a redirector's links, short texts": (
        [
            [but(i, guid=None, link=f"https://r.example/{n}{i['guid']}") for i in (F, G, Z)]
            for n in range(3)
        ],
        "2 0 0",
    ),
    "a slug follows the title, the number stays, no id": (
        [
            [but(A, guid=None, link=f"{SITE}48165/first-slug"), Z],
            [more(A, guid=None, link=f"{SITE}48165/second-slug", title=HEADLINE), Z],
        ],
        "1 0",
    ),
    "a slug follows the title, no number, no id": (
        [
            [but(A, guid=None, link=f"{SITE}first-slug"), Z],
            [but(A, guid=None, link=f"{SITE}second-slug", title=HEADLINE), Z],
        ],
        "1 0",
    ),
    "all items share one link": (
        [at(LIVE, A, Z), at(LIVE, B, A, Z), at(LIVE, B, Z), at(LIVE, B, A)],
        "1 1 0 0",
    ),
    "all items share one link, no ids": (
        [at(LIVE, A, Z, **NO_ID), at(LIVE, B, A, Z, **NO_ID), at(LIVE, B, A, **NO_ID)],
        "1 1 0",
    ),
    "all items link to the site": (
        [at(SITE, A, Z), at(SITE, B, A, Z), at(SITE, B, Z), at(SITE, A, B)],
        "1 1 0 0",
    ),
    "all items link to the site, no ids": (
        [at(SITE, A, Z, **NO_ID), at(SITE, B, A, Z, **NO_ID), at(SITE, B, A, **NO_ID)],
        "1 1 0",
    ),
    "one link, one article at a time": ([at(LIVE, item) for item in (A, B, C, C)], "1 1 1 0"),
    "one link, one short text at a time": ([at(LIVE, item) for item in (F, G, H, H)], "1 1 1 0"),
    "only an enclosure is linked": (
        [[but(A, link=None, enclosure=True), Z], [but(B, link=None, enclosure=True), Z]],
        "1 1",
    ),
    "the publisher moves to another host": (
        [[A, B, Z], each([A, B, Z], lambda i: but(i, link=i["link"].replace("a.", "new.")))],
        "2 0",
    ),
    "the publisher moves to another host, no ids": (
        [
            each([A, B, Z], lambda i: but(i, guid=None)),
            each([A, B, Z], lambda i: but(i, guid=None, link=i["link"].replace("a.", "new."))),
        ],
        "2 0",
    ),
}

WITHOUT: Histories = {
    "no ids, no links": (
        [each(shown, lambda i: but(i, **BARE)) for shown in ([A, Z], [B, A, Z], [A, B], [C, B])],
        "1 1 0 1",
    ),
    "no ids, no links, short texts": (
        [each(shown, lambda i: but(i, **BARE)) for shown in ([F, Z], [G, F, Z], [H, G, F])],
        "1 1 1",
    ),
    "no ids, no links, a title edited": (
        [[but(A, **BARE), Z], [but(A, title=HEADLINE, **BARE), Z]],
        "1 0",
    ),
    "no ids, no links, a text edited": ([[but(A, **BARE), Z], [more(A, **BARE), Z]], "1 0"),
    "no ids, no links, the same title over another text": (
        [
            [but(A, title="نشرة الثامنة", **BARE), Z],
            [but(B, title="نشرة الثامنة", **BARE), Z],
        ],
        "1 1",
    ),
    "no ids, an edit at one link": ([[but(A, **NO_ID)], [more(A, title=HEADLINE, **NO_ID)]], "1 0"),
}

REPEATS: Histories = {
    "one item twice": ([[A, A, Z]] * 2, "1 0"),
    "one item twice, other ids": ([[but(A, guid="x"), A, Z]] * 2, "1 0"),
    "one short item twice, other ids": ([[but(F, guid="x"), F, Z]] * 2, "1 0"),
    "one short item twice, later": ([[F, Z], [but(F, guid="x"), F, Z]], "1 0"),
    "one text twice, other ids and links": ([[but(A, guid="x", link=SITE + "x"), A]] * 2, "1 0"),
    "one item in two sections": ([[but(F, link=SITE + "x"), F, Z]] * 2, "1 0"),
    "bulletins under one title": (
        [
            [bulletin(n) for n in (2, 1, 0)],
            [bulletin(n) for n in (3, 2, 1)],
            [bulletin(n) for n in (4, 3, 2)],
        ],
        "3 1 1",
    ),
    "a day's reports give way to the next day's": (
        [
            [
                bulletin(10 * day + n, title=f"تقرير {n}", description=f"{TEXTS['A'][1]} {day} {n}")
                for n in range(3)
            ]
            for day in range(3)
        ],
        "3 3 3",
    ),
    "the same few words under another id, among other news": (
        [[but(F, **NO_LINK), A, Z], [but(F, guid="x", **NO_LINK), B, C], [A, B]],
        "2 3 0",
    ),
    "one bulletin at a time": ([[bulletin(n)] for n in (1, 2, 3)], "1 1 1"),
}

COMINGS: Histories = {
    "empty, then full again": ([[A, B], [], [A, B], [B, A]], "2 0 0 0"),
    "empty, then full again under other ids": (
        [[F, G], [], churned(1, F, G, **NO_LINK), [], churned(2, G, F, **NO_LINK)],
        "2 0 0 0 0",
    ),
    "one item at a time, in turns": ([[item] for item in (A, B, C, A, B, C)], "1 1 1 0 0 0"),
    "one item at a time, no ids": (
        [[but(item, **NO_ID)] for item in (A, B, C, A, B, C)],
        "1 1 1 0 0 0",
    ),
    "one item at a time, no ids, no links": (
        [[but(item, **BARE)] for item in (A, B, C, A, B, C)],
        "1 1 1 0 0 0",
    ),
    "another order": ([[A, B, Z], [Z, B, A], [B, A, Z]], "2 0 0"),
    "an older copy now and then": ([[A, Z], [B, A], [A, Z], [B, A], [A, Z], [C, B]], "1 1 0 0 0 1"),
    "an older copy, of edited titles": (
        [[but(A, title=(A["title"], HEADLINE)[n % 2]), Z] for n in range(5)],
        "1 0 0 0 0",
    ),
    "an older copy, of edited titles, no ids": (
        [[but(A, title=(A["title"], HEADLINE)[n % 2], **NO_ID), Z] for n in range(5)],
        "1 0 0 0 0",
    ),
    "an older copy, of edited titles, no ids, no links": (
        [[but(A, title=(A["title"], HEADLINE)[n % 2], **BARE), Z] for n in range(5)],
        "1 0 0 0 0",
    ),
    "two servers with ids of their own": (
        [churned(n % 2, A, B, Z) for n in range(5)],
        "2 0 0 0 0",
    ),
    "two servers with ids of their own, no links, short": (
        [churned(n % 2, F, G, Z, **NO_LINK) for n in range(5)],
        "2 0 0 0 0",
    ),
}

EDITS: Histories = {
    "a title": ([[A, Z], [but(A, title=HEADLINE), Z]], "1 0"),
    "a text": ([[A, Z], [more(A), Z]], "1 0"),
    "both": ([[A, Z], [more(A, title=HEADLINE), Z]], "1 0"),
    "another rule comes to match": (
        [[A, Z], [more(A, " وضبطت خلية"), Z], [A, Z], [more(A, " وضبطت خلية نائمة"), Z]],
        "1 1 0 0",
    ),
    "it comes to match": ([[Z], [more(Z, " ثم وقعت غارة"), A], [Z, A]], "0 2 0"),
    "a date alone": (
        [[but(A, pubDate=f"Tue, {day} Nov 2023 10:00:00 GMT"), Z] for day in (14, 15, 16)],
        "1 0 0",
    ),
    "blanks, marks and tatweel": (
        [
            [A, Z],
            [but(A, description=A["description"].replace(" ", "\n  ").replace("قوات", "قُوَّات"))],
            [but(A, title=A["title"].replace("جبال", "جبــال"))],
        ],
        "1 0 0",
    ),
    "blanks and tatweel, no ids, no links": (
        [
            [but(A, **BARE), Z],
            [but(A, description=A["description"].replace(" ", "  "), **BARE), Z],
            [but(A, title=A["title"].replace("جبال", "جبــال"), **BARE), Z],
        ],
        "1 0 0",
    ),
}

ALL: dict[str, tuple[list[list[Item]], str]] = {
    f"{group}: {name}": history
    for group, histories in {
        "ids": CHANGING_IDS,
        "re-used": RE_USED_IDS,
        "links": LINKS,
        "neither": WITHOUT,
        "repeats": REPEATS,
        "comings": COMINGS,
        "edits": EDITS,
    }.items()
    for name, history in histories.items()
}
WAYS = {"marks": {}, "whole": {"marks": False}, "restarts": {"restarts": True}}
FIRST = rss([new("Z", guid="first", link=SITE + "first", title="أول", description="لا شيء")])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ALL)
def test_each_article_alerts_once(name: str, way: str) -> None:
    documents, alerts = ALL[name]
    room = Newsroom(RAID, CELL, **WAYS[way])
    assert room.shows(FIRST) == []
    assert [len(room.shows(rss(items))) for items in documents] == list(map(int, alerts.split()))


@pytest.mark.parametrize("write", [atom, json_feed])
@pytest.mark.parametrize("name", ALL)
def test_each_article_alerts_once_in_other_formats(
    name: str, write: Callable[[Sequence[Item]], bytes]
) -> None:
    documents, alerts = ALL[name]
    room = Newsroom(RAID, CELL)
    room.shows(FIRST)
    assert [len(room.shows(write(items))) for items in documents] == list(map(int, alerts.split()))


def told(room: Newsroom, *items: Item, **more: Any) -> int:
    return len(room.shows(rss(items), **more))


def begun(*rules: Any, feed: Any = FEED) -> Newsroom:
    room = Newsroom(*rules)
    room.shows(FIRST)
    room.shows(rss([new("Z", guid="second", link=None, title="ثان")]), feed=TWIN)
    return room


@pytest.mark.parametrize(
    ("away", "alerts"), [(timedelta(days=80), 0), (timedelta(days=91), 1)], ids=str
)
def test_what_left_is_remembered_for_the_time_set(away: timedelta, alerts: int) -> None:
    room, short = begun(), but(F, link=None)
    assert told(room, short, Z) == 1
    assert told(room) == 0
    assert told(room, Z, later=away.total_seconds()) == 0
    assert told(room, short, Z) == alerts


def test_what_stays_is_remembered_for_ever() -> None:
    room = begun()
    assert told(room, A, Z) == 1
    for number in range(6):
        assert told(room, *churned(number, A, Z), later=80 * DAY) == 0


@pytest.mark.parametrize(
    "twin",
    [
        but(A, guid="x", link="http://www.a.example/news/48165/?utm_source=b"),
        but(A, guid="x", link="http://www.a.example/news/48165", title="عنوان آخر عن الخبر"),
        but(A, guid="x", link="https://b.example/1"),
        but(A, guid=None, link=None),
    ],
)
def test_an_article_in_two_feeds_alerts_once(twin: Item) -> None:
    for first, second in ((A, twin), (twin, A)):
        room = begun()
        assert told(room, first) == 1
        assert told(room, second, feed=TWIN) == 0
        assert told(room, more(second), feed=TWIN) == 0


def test_short_texts_of_two_feeds_are_two_articles() -> None:
    room = begun()
    assert told(room, F) == 1
    assert told(room, but(F, guid="x", link="https://b.example/1"), feed=TWIN) == 1


def test_an_edited_article_is_no_news_to_a_feed_that_has_it_as_edited() -> None:
    room = begun()
    assert told(room, A) == 1
    assert told(room, more(A)) == 0
    assert told(room, more(A, guid="x", link="https://b.example/1"), feed=TWIN) == 0


def test_an_article_that_a_second_feed_tells_otherwise_is_no_news_to_a_third_place() -> None:
    room = begun()
    own_words = more(A, guid="x", title=HEADLINE)
    assert told(room, A) == 1
    assert told(room, own_words, feed=TWIN) == 0  # by its link
    elsewhere = but(own_words, guid="y", link="https://c.example/1")
    assert told(room, A, elsewhere) == 0  # by the words of the second


def test_a_first_poll_remembers_and_what_it_found_does_not_alert_later() -> None:
    for change in (
        churned,
        lambda n, *items: churned(n, *items, **NO_LINK),
        lambda n, *items: moved(n, *churned(n, *items)),
        lambda n, *items: each(items, lambda i: but(i, **BARE)),
    ):
        room = Newsroom()
        assert told(room, *change(0, A, F, Z)) == 0
        assert told(room, *change(1, A, F, Z)) == 0
        assert told(room, *change(2, more(A), F, Z)) == 0
        assert told(room, *change(3, B, more(A), F, Z)) == 1
        assert told(room, *change(4, B, more(A, " وضبطت خلية"), F, Z)) == 1


def test_a_first_poll_matches_what_is_new_though_an_older_version_stands_below() -> None:
    room = Newsroom()
    assert told(room, more(A, " وضبطت خلية"), A) == 0
    assert told(room, more(A, " وضبطت خلية"), B) == 1


def test_every_edit_alerts_where_a_rule_asks_for_it_and_an_older_copy_is_none() -> None:
    room = begun(replace(RAID, on_change=True))
    first, second, third = A, more(A), more(A, title=HEADLINE)
    shown = (first, second, first, second, third, first, second, third, A)
    assert [told(room, item, Z) for item in shown] == [1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert [told(room, *churned(n, third, Z)) for n in range(3)] == [0, 0, 0]


def test_both_versions_in_one_document_are_one_edit_however_often_they_are_shown() -> None:
    room = begun(replace(RAID, on_change=True))
    assert [told(room, more(A), A, Z) for _ in range(3)] == [2, 0, 0]


def test_a_feed_that_moved_is_the_same_feed() -> None:
    room = begun()
    assert told(room, A, F) == 1 + 1
    assert told(room, A, F, at="https://elsewhere.example/feed") == 0


def test_messages_of_articles_that_share_an_id_have_names_of_their_own() -> None:
    room = begun()
    shown = ([A], [B, A], [C, B, A], [D, C, B])
    sent = [
        delivery
        for items in shown
        for delivery in room.shows(rss([but(i, guid=str(n)) for n, i in enumerate(items)]))
    ]
    assert len(sent) == len({delivery.id for delivery in sent}) == 4
    assert len({delivery.story.id for delivery in sent}) == 4


def test_a_memory_of_an_earlier_version_alerts_nothing_anew() -> None:
    room = begun()
    assert told(room, A, F, Z) == 2
    state, row = room.store.feed(FEED.id), room.store.row(FEED.id)
    assert state is not None
    assert row is not None
    old = tuple(replace(seen, sketch="") for seen in state.entries)
    room.store.commit(FeedUpdate(row, replace(state, entries=old)))
    assert told(room, more(A, title=HEADLINE, link=SITE + "moved"), F, Z) == 0
    assert told(room, but(B, guid=A["guid"]), F, Z) == 1


ORDERS = {
    "usual": "<title>{0}</title><link>{1}</link><guid>{2}</guid>{3}{4}",
    "date last": "<title>{0}</title><link>{1}</link>{3}<guid>{2}</guid>{4}",
    "sound first": "<title>{0}</title><enclosure url='https://a.example/{2}.mp3'/><link>{1}</link>",
    "by a counter": (
        "<title>{0}</title><feedburner:origLink>{1}</feedburner:origLink><link>{1}?c={2}</link>{3}"
    ),
    "text first": "{3}<guid>{2}</guid><title>{0}</title>{4}",
    "a document inside": "<title>{0}</title><description><![CDATA[<item>{1}</item></channel>]]>"
    "</description><link>{1}</link>{4}",
}


def ordered(order: str, item: Item) -> str:
    told = f"<description>{item['description']}</description>"
    date = "<pubDate>Tue, 14 Nov 2023 22:00:00 GMT</pubDate>"
    inside = order.format(item["title"], item["link"], item["guid"], told, date)
    return f"<item>{inside}</item>"


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("first_poll", [False, True])
@pytest.mark.parametrize("changes", [{"on_change": True}, {"none": ("تعويضات",)}], ids=str)
def test_a_document_that_breaks_off_anywhere_costs_and_doubles_no_alert(
    order: str, first_poll: bool, changes: dict[str, Any]
) -> None:
    """The rule looks at titles, which stand there when texts, links and dates are cut off."""
    rule = replace(RAID, any=("طائرات", "سكان", "مزارعون"), **changes)
    dated = order if "{4}" in order else order + "{4}"  # at a first poll, others are old
    items = "".join(ordered(dated, item) for item in (A, B, Z, D))
    space = "http://rssnamespace.org/feedburner/ext/1.0"
    head = f"<rss version='2.0' xmlns:feedburner='{space}'><channel><title>ص</title>"
    whole = f"{head}{items}</channel></rss>".encode()
    due = len(shown_to(rule, whole, first_poll=first_poll))
    for end in range(whole.index(b"<item>") + 6, len(whole) - 20, 61):
        brought = shown_to(rule, whole[:end], whole, whole[:end], whole, first_poll=first_poll)
        assert len(brought) == due, whole[end - 60 : end].decode(errors="replace")


def shown_to(rule: Rule, *documents: bytes, first_poll: bool) -> list[Delivery]:
    room = Newsroom(rule) if first_poll else begun(rule)
    return [delivery for document in documents for delivery in room.shows(document)]


def test_an_id_that_comes_to_stand_for_another_article_without_links_is_seen_through() -> None:
    room = begun()
    assert [told(room, but(item, guid="1", link=None)) for item in (A, B, C, D)] == [1, 1, 1, 1]
    room = begun()
    shown = ([A], [B, A], [C, B, A], [D, C, B])
    places = [
        [but(item, guid=str(n), link=None) for n, item in enumerate(items)] for items in shown
    ]
    assert [told(room, *items) for items in places] == [1, 1, 1, 1]
    room = begun()
    edits = (A, more(A), more(A, title=HEADLINE), but(A, title=HEADLINE), A)
    assert [told(room, but(item, guid="1", link=None)) for item in edits] == [1, 0, 0, 0, 0]
