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
    """A trouble of one subject (a channel's name, a file); `detail` is free of secrets."""

    trouble: Trouble
    subject: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """What a day brought: `seen` of all `feeds` were read, `alerts` made; of the lags of the last
    articles, 95 of 100 are no longer than `lag_p95` seconds (None: nothing was measured). `unseen`
    are the names of the feeds that were not read."""

    seen: int
    feeds: int
    lag_p95: float | None
    alerts: int
    unseen: tuple[str, ...] = ()


_WORDS: Final[Mapping[Lang, Mapping[Trouble, tuple[str, str]]]] = {
    "ar": {
        Trouble.HELD: (
            "راصد: القناة {subject} ترفض الرسائل",
            "{detail}. الرسائل محفوظة، وتعاد المحاولة كل ساعة. بعد الإصلاح: rasid outbox retry",
        ),
        Trouble.HELD_OVER: (
            "راصد: عادت القناة {subject} إلى العمل",
            "تُرسل الآن الرسائل التي كانت في الانتظار.",
        ),
        Trouble.LATE: (
            "راصد: تتأخر الرسائل على القناة {subject}",
            "{detail}. أقدم رسالة تنتظر منذ أكثر من ساعة، وتعاد المحاولة. rasid outbox list",
        ),
        Trouble.PARTLY: (
            "راصد: بعض المستلمين على القناة {subject} لا يصلهم شيء",
            "{detail}. صحح العنوان أو احذفه.",
        ),
        Trouble.DEAD: (
            "راصد: رفضت القناة {subject} رسالة نهائيا",
            "{detail}. الرسالة محفوظة: rasid outbox list",
        ),
        Trouble.DISK: (
            "راصد: تتعذر الكتابة على القرص",
            "{detail}. ما لم يُحفظ يعاد فحصه كل دقيقة.",
        ),
        Trouble.DISK_OVER: ("راصد: عادت الكتابة على القرص", "كل شيء يُحفظ من جديد."),
        Trouble.STATE: ("راصد: ملف تالف في الذاكرة", "{subject}: {detail}"),
        Trouble.FAILING: (
            "راصد: مصادر تتعذر قراءتها: {subject}",
            "{detail}. تعاد المحاولة على فترات متباعدة. التفاصيل: rasid feeds list",
        ),
        Trouble.FAILING_OVER: ("راصد: مصادر عادت إلى العمل: {subject}", "{detail}."),
        Trouble.GONE: (
            "راصد: مصادر أزيلت نهائيا: {subject}",
            "{detail}. أجاب الخادم بالرمز 410، فلن تُفحص بعد الآن: صحح العنوان أو احذف المصدر.",
        ),
        Trouble.SILENT: (
            "راصد: مصادر صامتة منذ زمن: {subject}",
            "{detail}. الخادم يجيب، لكن لا جديد منذ ذلك اليوم، وهو صمت أطول بكثير من كل ما سبق.",
        ),
        Trouble.SILENT_OVER: ("راصد: مصادر عادت تنشر: {subject}", "{detail}."),
        Trouble.RELOAD: (
            "راصد: في الإعدادات خطأ، والإعدادات السابقة ما زالت سارية",
            "{detail}",
        ),
        Trouble.RELOAD_OVER: ("راصد: قُبلت الإعدادات", "الإعدادات الجديدة سارية الآن."),
        Trouble.METRICS: (
            "راصد: تتعذر إتاحة القياسات",
            "{detail}. تستمر المراقبة، وتعاد المحاولة.",
        ),
        Trouble.METRICS_OVER: ("راصد: القياسات متاحة", "عادت القياسات."),
        Trouble.FEWER: (
            "راصد: القواعد السارية الآن: {subject}",
            "حُذف معظم القواعد من الملف: {detail}. إن لم يكن ذلك مقصودا فأعد الملف كما كان.",
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
    """The delivery that tells of a trouble over a channel: a story of our own, without alerts."""
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
    lag = "–" if day.lag_p95 is None else _span(day.lag_p95, language)
    if language == "en":
        alerts = "1 alert" if day.alerts == 1 else f"{day.alerts} alerts"
        title = f"Rasid: {day.seen} of {day.feeds} feeds seen, lag p95 {lag}, {alerts}"
        text = f"Not read for a day: {named}." if day.unseen else "Each feed was read in its time."
    else:
        title = (
            f"راصد: قُرئت {day.seen} من {day.feeds} من المصادر، التأخر p95 {lag}،"
            f" التنبيهات {day.alerts}"
        )
        text = f"لم تُقرأ منذ يوم: {named}." if day.unseen else "قُرئت كل المصادر في أوقاتها."
    return _delivery(f"heartbeat {name}", channel, now, title, text)


def _span(seconds: float, language: Lang) -> str:
    """A duration in its largest unit, rounded up: what is told is not exceeded."""
    minute, hour = ("min", "h") if language == "en" else ("د", "س")
    minutes = -int(-seconds // 60)
    return f"{minutes} {minute}" if minutes < 120 else f"{-(-minutes // 60)} {hour}"


def _delivery(key: str, channel: str, now: float, title: str, text: str) -> Delivery:
    story = Story(key, Marked(title), (Marked(text),), link=None, source="rasid", published=now)
    return Delivery(delivery_id(key, channel, ()), channel, now, story, ())
