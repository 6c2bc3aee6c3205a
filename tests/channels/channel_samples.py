"""Messages that the tests of channels send."""

from __future__ import annotations

from datetime import timedelta, timezone

from monitor.core.alerts.render import render
from monitor.model import Alert, Delivery, Marked, Message, Severity, Story

REPEAT = "تنبيه ربما تكرر · possible repeat"
LINK = "https://news.example/a_b/1?x=1&y=2"
HOSTILE = (
    "@everyone <!channel> <@123> <users/all> [هنا](https://evil.example/x) https://evil.example "
    "evil.example *عريض* _مائل_ `كود` ||سر|| <b onclick=x>ب</b>\r\nBcc: evil@evil.example\u2028"
    "\x1b[31mأحمر\u202eمعكوس\x00 =?utf-8?b?2YXYstmI2LE=?= \ud800"
)


def message(
    title: str = "قصف على سنجار",
    *,
    excerpt: str = "طال القصف أطراف سنجار ليلًا.",
    severity: Severity = Severity.NORMAL,
    repeat: bool = False,
    plain: bool = False,
) -> Message:
    """An alert as it is rendered for any channel; the first three letters of its title match."""
    story = Story(
        "a1", Marked(title, ((0, 3),)), (Marked(excerpt),), LINK, "وكالة النهر", 1_700_000_000.0
    )
    alert = Alert("i1", "قصف المدن", severity, ("قصف",))
    return render(
        Delivery("d0123456789abcdef", "desk", 1_700_000_000.0, story, (alert,)),
        language="ar",
        timezone=timezone(timedelta(hours=3), "+03"),
        possible_repeat=repeat,
        plain=plain,
    )
