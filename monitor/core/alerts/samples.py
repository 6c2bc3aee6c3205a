"""Alerts on news that never happened, to try over them how messages are worded.

They hold all that an article may have, then as little as one may have, then two articles in one
message. This module must not be used for what is sent as news.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Final

from monitor.core.alerts.render import render
from monitor.model import (
    Alert,
    Delivery,
    Evidence,
    Lang,
    Location,
    Marked,
    Message,
    Severity,
    Story,
)

_MOMENT: Final = 1_767_355_200.0  # 2026-01-02 12:00 UTC

_WHOLE: Final = Delivery(
    id="sample-1",
    channel="sample",
    made_at=_MOMENT,
    story=Story(
        id="sample-1",
        title=Marked("خبر للتجربة: اشتباكات في قضاء مخمور", ((13, 21),)),
        excerpts=(
            Marked("هذا نص للتجربة، ولم يحدث شيء: اشتبكت القوات مع عناصر داعش في قضاء مخمور."),
            Marked("وقال مصدر إن الوضع هادئ."),
        ),
        link="https://news.example/2026/1?id=1&lang=ar",
        source="صحيفة المثال",
        published=_MOMENT,
        locations=(Location("مخمور", ("نينوى", "العراق"), 35.776, 43.579), Location("العراق")),
    ),
    alerts=(
        Alert(
            "sample-1-a",
            "داعش في مخمور",
            Severity.HIGH,
            ("داعش", "مخمور"),
            (Evidence("head_before", 2.0, "قضاء", "مخمور"),),
        ),
        Alert("sample-1-b", "اشتباكات", Severity.NORMAL, ("اشتباكات",)),
    ),
)
_MEAGRE: Final = Delivery(
    id="sample-2",
    channel="sample",
    made_at=_MOMENT,
    story=Story("sample-2", Marked(""), (), link=None, source="news.example", published=None),
    alerts=(Alert("sample-2-a", "اشتباكات", Severity.LOW),),
)


def sample(language: Lang, timezone: tzinfo) -> Message:
    """An alert with all that an article may have."""
    return render(_WHOLE, language=language, timezone=timezone)


def samples() -> Iterator[Message]:
    """Alerts of all kinds, each as a first try and as a possible repeat."""
    for repeat in (False, True):
        whole, meagre = (
            render(delivery, language="ar", timezone=UTC, possible_repeat=repeat)
            for delivery in (_WHOLE, _MEAGRE)
        )
        yield from (whole, meagre, replace(whole, deliveries=(_WHOLE, _MEAGRE)))
