"""What the operator is told of the daemon's own troubles, in Arabic or in English.

This module must hold nothing but words; when to tell is not its business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from monitor.core.alerts.ids import delivery_id
from monitor.model import Delivery, Lang, Marked, Story


class Trouble(StrEnum):
    """What may be amiss, and that it is over."""

    HELD = "held"
    HELD_OVER = "held over"
    LATE = "late"
    PARTLY = "partly"
    DEAD = "dead"
    DISK = "disk"
    DISK_OVER = "disk over"
    STATE = "state"
    FAILING = "feeds failing"
    FAILING_OVER = "feeds failing over"
    GONE = "feeds gone"
    SILENT = "feeds silent"
    SILENT_OVER = "feeds silent over"
    RELOAD = "reload"
    RELOAD_OVER = "reload over"
    METRICS = "metrics"
    METRICS_OVER = "metrics over"
    FEWER = "fewer rules"


@dataclass(frozen=True, slots=True)
class Notice:
    """A trouble of one subject (a channel's name, a file); `detail` is free of secrets, and may
    have several lines."""

    trouble: Trouble
    subject: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """What a day brought: `seen` of all `feeds` were read, `alerts` made on `articles`; of the lags
    of the last articles, 95 of 100 are no longer than `lag_p95` seconds (None: nothing was
    measured). `unseen` are the names of the feeds that were not read."""

    seen: int
    feeds: int
    lag_p95: float | None
    alerts: int
    unseen: tuple[str, ...] = ()
    articles: int = 0


_WORDS: Final[Mapping[Lang, Mapping[Trouble, tuple[str, str]]]] = {
    "ar": {
        Trouble.HELD: (
            "راصد: القناة {subject} ترفض الرسائل",
            "الرسائل محفوظة، وتعاد المحاولة كل ساعة. بعد الإصلاح: rasid outbox retry\n{detail}",
        ),
        Trouble.HELD_OVER: (
            "راصد: عادت القناة {subject} إلى العمل",
            "تُرسل الآن الرسائل التي كانت في الانتظار.",
        ),
        Trouble.LATE: (
            "راصد: تتأخر الرسائل على القناة {subject}",
            "أقدم رسالة تنتظر منذ أكثر من ساعة، وتعاد المحاولة: rasid outbox list\n{detail}",
        ),
        Trouble.PARTLY: (
            "راصد: بعض المستلمين على القناة {subject} لا يصلهم شيء",
            "صحح العنوان الذي لا يصل إليه شيء أو احذفه.\n{detail}",
        ),
        Trouble.DEAD: (
            "راصد: رفضت القناة {subject} رسالة نهائيا",
            "الرسالة محفوظة: rasid outbox list\n{detail}",
        ),
        Trouble.DISK: (
            "راصد: تتعذر الكتابة على القرص",
            "ما لم يُحفظ يعاد فحصه كل دقيقة.\n{detail}",
        ),
        Trouble.DISK_OVER: ("راصد: عادت الكتابة على القرص", "كل شيء يُحفظ من جديد."),
        Trouble.STATE: (
            "راصد: ملف تالف في الذاكرة",
            "تعذرت قراءة هذا الملف، فعولج كما يلي. للفحص: rasid state verify\n{subject}: {detail}",
        ),
        Trouble.FAILING: (
            "راصد: مصادر تتعذر قراءتها: {subject}",
            "تعاد المحاولة على فترات متباعدة. التفاصيل: rasid feeds list\n{detail}",
        ),
        Trouble.FAILING_OVER: ("راصد: مصادر عادت إلى العمل: {subject}", "{detail}."),
        Trouble.GONE: (
            "راصد: مصادر أزيلت نهائيا: {subject}",
            "أجاب الخادم بالرمز 410، فلن تُفحص بعد الآن: صحح العنوان أو احذف المصدر.\n{detail}",
        ),
        Trouble.SILENT: (
            "راصد: مصادر صامتة منذ زمن: {subject}",
            "الخادم يجيب، لكن لا جديد منذ ذلك اليوم، وهو صمت أطول بكثير من كل ما سبق.\n{detail}",
        ),
        Trouble.SILENT_OVER: ("راصد: مصادر عادت تنشر: {subject}", "{detail}."),
        Trouble.RELOAD: (
            "راصد: في الإعدادات خطأ، والإعدادات السابقة ما زالت سارية",
            "صحح ما يلي واحفظ الملف، فتسري الإعدادات الجديدة. للفحص: rasid check\n{detail}",
        ),
        Trouble.RELOAD_OVER: ("راصد: قُبلت الإعدادات", "الإعدادات الجديدة سارية الآن."),
        Trouble.METRICS: (
            "راصد: تتعذر إتاحة القياسات",
            "تستمر المراقبة، وتعاد المحاولة.\n{detail}",
        ),
        Trouble.METRICS_OVER: ("راصد: القياسات متاحة", "عادت القياسات."),
        Trouble.FEWER: (
            "راصد: القواعد السارية الآن: {subject}",
            "حُذف معظم القواعد من الملف. إن لم يكن ذلك مقصودا فأعد الملف كما كان.\n{detail}",
        ),
    },
    "en": {
        Trouble.HELD: (
            "Rasid: channel {subject} refuses messages",
            "{detail}. Messages are kept and tried every hour. Once repaired: rasid outbox retry",
        ),
        Trouble.HELD_OVER: (
            "Rasid: channel {subject} works again",
            "What waited for it is being sent.",
        ),
        Trouble.LATE: (
            "Rasid: channel {subject} is late",
            "{detail}. A message has been waiting for over an hour and is tried again.",
        ),
        Trouble.PARTLY: (
            "Rasid: some recipients of channel {subject} get nothing",
            "{detail}. Correct their address or remove it.",
        ),
        Trouble.DEAD: (
            "Rasid: channel {subject} refused a message for good",
            "{detail}. The message is kept: rasid outbox list",
        ),
        Trouble.DISK: (
            "Rasid: the disk cannot be written to",
            "{detail}. What was not stored is checked again every minute.",
        ),
        Trouble.DISK_OVER: (
            "Rasid: the disk can be written to again",
            "Everything is stored again.",
        ),
        Trouble.STATE: ("Rasid: a damaged file in the state", "{subject}: {detail}"),
        Trouble.FAILING: (
            "Rasid: feeds that cannot be read: {subject}",
            "{detail}. They are tried again, less and less often. Details: rasid feeds list",
        ),
        Trouble.FAILING_OVER: ("Rasid: feeds that work again: {subject}", "{detail}."),
        Trouble.GONE: (
            "Rasid: feeds that are gone: {subject}",
            "{detail}. The server says 410: they are checked no more. Correct or remove them.",
        ),
        Trouble.SILENT: (
            "Rasid: feeds that fell silent: {subject}",
            "{detail}. The server answers, but nothing new came since that day: longer than ever.",
        ),
        Trouble.SILENT_OVER: ("Rasid: feeds that publish again: {subject}", "{detail}."),
        Trouble.RELOAD: (
            "Rasid: the configuration has an error, the one before it stays in force",
            "{detail}",
        ),
        Trouble.RELOAD_OVER: (
            "Rasid: the configuration is right again",
            "The new one is in force.",
        ),
        Trouble.METRICS: (
            "Rasid: metrics cannot be served",
            "{detail}. The watching goes on, and this is tried again.",
        ),
        Trouble.METRICS_OVER: ("Rasid: metrics are served", "All is as it should be."),
        Trouble.FEWER: (
            "Rasid: rules in force now: {subject}",
            "Most rules are gone from the file: {detail}. If that is not meant, put the file back.",
        ),
    },
}


def notice_for(notice: Notice, channel: str, language: Lang, now: float) -> Delivery:
    """The delivery that tells of a trouble over a channel: a story of our own, without alerts. In
    Arabic what is told in English has a line of its own, which reads from left to right."""
    title, text = (
        words.format(subject=notice.subject, detail=notice.detail)
        for words in _WORDS[language][notice.trouble]
    )
    return _delivery(
        f"notice {notice.trouble} {notice.subject} {now:.3f}", channel, now, title, text
    )


MOST_NAMED: Final = 10  # feeds; `rasid feeds list` knows them all


def heartbeat_for(day: Day, name: str, channel: str, language: Lang, now: float) -> Delivery:
    """The delivery of a heartbeat over a channel; `name` is that of the day, so that there is but
    one."""
    named = " · ".join(day.unseen[:MOST_NAMED])
    if len(day.unseen) > MOST_NAMED:
        named += f" · +{len(day.unseen) - MOST_NAMED}"
    told = _in_english(day, named) if language == "en" else _in_arabic(day, named)
    return _delivery(f"heartbeat {name}", channel, now, *told)


def _in_english(day: Day, named: str) -> tuple[str, str]:
    count, unit = (0, "") if day.lag_p95 is None else _span(day.lag_p95)
    lag = f"{count} {unit}" if unit else "–"
    alerts = "1 alert" if day.alerts == 1 else f"{day.alerts} alerts"
    title = f"Rasid: {day.seen} of {day.feeds} feeds seen, lag p95 {lag}, {alerts}"
    return (
        title,
        f"Not read for a day: {named}." if day.unseen else "Each feed was read in its time.",
    )


def _in_arabic(day: Day, named: str) -> tuple[str, str]:
    title = f"راصد: قُرئت {day.seen} من {day.feeds} من المصادر، وعدد أخبار التنبيهات {day.articles}"
    text = f"لم تُقرأ منذ يوم: {named}." if day.unseen else "قُرئت كل المصادر في أوقاتها."
    if day.lag_p95 is None:
        return title, text
    count, unit = _span(day.lag_p95)
    return title, f"وُجد 95 من كل 100 خبر خلال {_counted(count, unit)} من نشره.\n{text}"


def _span(seconds: float) -> tuple[int, str]:
    """A duration in its largest unit (min, h), rounded up: what is told is not exceeded."""
    minutes = -int(-seconds // 60)
    return (minutes, "min") if minutes < 120 else (-(-minutes // 60), "h")


_UNITS: Final = {
    "min": ("دقيقة", "دقيقتين", "دقائق"),
    "h": ("ساعة", "ساعتين", "ساعات"),
}


def _counted(count: int, unit: str) -> str:
    """So many of a unit, in Arabic: دقيقة، دقيقتين، 3 دقائق، 11 دقيقة."""
    one, two, few = _UNITS[unit]
    if count <= 2:
        return two if count == 2 else one
    return f"{count} {few if 3 <= count % 100 <= 10 else one}"


def _delivery(key: str, channel: str, now: float, title: str, text: str) -> Delivery:
    lines = tuple(map(Marked, text.split("\n")))
    story = Story(key, Marked(title), lines, link=None, source="rasid", published=now)
    return Delivery(delivery_id(key, channel, ()), channel, now, story, ())
