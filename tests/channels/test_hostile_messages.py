"""Hostile texts in every place that a feed can write to, over every kind of channel: each arrives
as text that does nothing there, and is read as it was written.

What would act is told per service by patterns over the text as that service shows it, after its
own decoding (entities of HTML, JSON, forms). Decimals, dates and ordinary punctuation must survive.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta, timezone
from html.parser import HTMLParser
from ssl import SSLContext

import pytest
from channel_samples import LINK
from services import SECURE_SERVICES, SERVICES, delivered

from monitor.channels.console import Console
from monitor.channels.mail import Mail
from monitor.channels.notify import mail_account
from monitor.channels.template import Wording
from monitor.channels.webhook import Webhook
from monitor.core.alerts.bundle import render_bundle
from monitor.core.alerts.render import map_link, render
from monitor.model import (
    Alert,
    Delivery,
    Evidence,
    Location,
    Marked,
    Message,
    Parcel,
    Severity,
    Story,
)
from origin import Origin
from sink import Sink

BAGHDAD = timezone(timedelta(hours=3), "+03")
MAP = map_link(36.3, 41.9)

HOSTILE = {
    "everyone": "@everyone عاجل @here",
    "slack channel": "<!channel> خبر <!here|x> <!subteam^S1>",
    "slack user": "<@U123> و<#C123|general>",
    "slack link": "<https://evil.example|اضغط>",
    "discord user": "<@123456789> <@&42> <#7> </cmd:9> <:e:1> <t:1:R>",
    "google chat": "<users/all> <users/123>",
    "teams": "<at>everyone</at>",
    "matrix room": "@room @user:evil.example",
    "zulip": "@**all** @_**x|1** #**stream>topic** @*group*",
    "markdown link": "[اضغط](https://evil.example) [x](javascript:alert(1))",
    "markdown reference": "[x][1] [1]: https://evil.example ![x](http://evil.example/p.png)",
    "markdown style": "*عريض* **عريض** _مائل_ __خط__ ~~شطب~~ ||سر|| `كود` ```\nكتلة```",
    "markdown blocks": "# رأس\n> نقل\n- بند\n+ بند\n| جدول |",
    "html tags": "<b>ب</b><img src=x onerror=alert(1)><script>alert(1)</script><a href=x>y</a>",
    "html attributes": "\"onmouseover='alert(1)' '><svg/onload=alert(1)>",
    "html comment": "<!-- x --><!DOCTYPE x><![CDATA[x]]><?xml?>",
    "html entities": "&lt;b&gt; &#64;everyone &amp;lt;script&amp;gt; &#x3c;img&#x3e;",
    "encoded word": "=?utf-8?b?QGV2ZXJ5b25l?= =?utf-8?q?=0D=0ABcc=3A_x=40x.example?=",
    "header injection": "خبر\r\nBcc: evil@evil.example\r\n\r\n<b>جسم</b>",
    "nul and controls": "خ\x00ب\x01ر\x07\x08\x7f\x80\x9f",
    "ansi": "\x1b[31mأحمر\x1b[0m \x1b]8;;http://evil.example\x07x\x1b]8;;\x07 \x9b2J",
    "bidi": "خبر \u202eelpmaxe.live\u202c \u2066x\u2069 \u200f\u200e\u061c",
    "line separators": "سطر\u2028آخر\u2029و\x85ثالث\x0bرابع\x0cخامس",
    "zero width": "خ\u200bب\ufeffر\u2060ص\u00adف\u180e",
    "tags and fillers": "خبر\U000e0041\U000e0042\u3164\u115f\ufff9x\ufffb",
    "surrogates": "خبر \ud800 و\udfff\ud83d",
    "links": "https://evil.example http://evil.example/x HTTPS://EVIL.EXAMPLE ftp://evil.example",
    "app links": "tg://resolve?domain=evil slack://open intent://x#Intent;end matrix://r/x",
    "bare hosts": "evil.example www.evil.example evil.example/x t.me/evil discord.gg/evil",
    "mail address": "evil@evil.example mailto:evil@evil.example",
    "commands": "/start /kick all /giphy x",
    "jinja": "{{7*7}} {% for x in range(9) %}x{% endfor %} {{ ''.__class__ }} {# x #}",
    "formats": "%s %(x)s {0} ${IFS} $(id) `id` \\u0040everyone \\n",
    "json": '","possible_repeat":true,"x":"',
    "emoji": "👨‍👩‍👧‍👦 👩🏽‍🚀 🇮🇶🇸🇾 ❤️‍🔥 1️⃣",
    "entity cuts": "&amp;" * 2000,
    "endless": "ط" * 100_000,
    "endless words": "@everyone <b> " * 8_000,
    "combining": "خ" + "\u0651" * 5_000,
}

# name -> what would act in the text as it is shown; and beyond that in chats that style text.
ACTS = {
    "mention": r"@(?=[\w*(\[&])",
    "angle": r"<(?=[!@#/:&?\w])",
    "markdown link": r"\](?=[(\[:])",
    "scheme": r"\w:(?=//)",
    "host": r"\w\.(?=[^\W\d])",
    "command": r"(?m)(?:^|(?<=\s))/(?=\w)",
    "control": r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e]",
    "surrogate": r"[\ud800-\udfff]",
    "isolate": r"[\u2066\u2067]",
    "tag letter": r"[\U000e0000-\U000e0fff]",
}
STYLES = {"style": r"[*`~|]|(?<!\w)_|_(?!\w)", "leading style": r"(?m)^[#>+-]"}
OUR_FIELDS = r"m\.text|\+1555123456[78]|http://adaptivecards\.io/\S+|application/vnd\.microsoft\S+"
LIMITS = {"telegram": 4096, "discord": 2000, "googlechat": 4000, "rocketchat": 1000, "webex": 1000}


def hostile(text: str) -> Message:
    """A message in which the text stands wherever a feed's text can."""
    story = Story(
        "a1",
        Marked(text),
        (Marked(text), Marked(text)),
        LINK,
        text,
        1_700_000_000.0,
        (Location(text, (text,), 36.3, 41.9),),
    )
    evidence = (Evidence("head_before", 1.0, text, text), Evidence("head_before", 1.0, text))
    alert = Alert("i1", "قصف المدن", Severity.HIGH, (text,), evidence)
    delivery = Delivery("d0123456789abcdef", "desk", 1_700_000_000.0, story, (alert,))
    return render(delivery, language="ar", timezone=BAGHDAD)


def hostile_bundle(text: str) -> Message:
    """Two such articles in one message."""
    (delivery,) = hostile(text).deliveries
    both = Parcel("b1", (delivery, replace(delivery, id="d2")))
    return render_bundle(both, language="ar", timezone=BAGHDAD)


def acting(shown: str, *, styles: bool = False) -> list[str]:
    """What acts in a text, without the links that are ours."""
    for link in (LINK, MAP):
        shown = shown.replace(link, "")
    patterns = ACTS | (STYLES if styles else {})
    return [
        f"{name}: {shown[max(0, found.start() - 20) : found.end() + 20]!r}"
        for name, pattern in patterns.items()
        if (found := re.search(pattern, shown.replace("\r\n", "\n")))
    ]


def as_read(service: str, sent: str) -> str:
    """The text as a reader of the service sees it, our own styling taken off."""
    if service == "telegram":  # it takes HTML: <b> is Apprise's, around the title
        bare = sent.replace("<b>", "").replace("</b>", "")
        assert "<" not in bare
        assert not re.search(r"&(?!amp;|lt;|gt;|quot;|#\d+;|emsp;|nbsp;)", bare)
        return html.unescape(bare)
    if service == "slack":  # its own three entities (docs.slack.dev, formatting message text)
        assert "<" not in sent
        bare = re.sub(r"(?m)^#CACF29$", "", sent)
        return bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    if service == "xml":
        return html.unescape(re.sub(r"<[^>]*>", " ", sent))
    return re.sub(rf"(?m)^(?:{OUR_FIELDS})$|^# (?=مهم)", "", sent)


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[Origin]:
    """The server of the service that the test is about."""
    secure = request.node.callspec.params["service"] in SECURE_SERVICES
    certificate: SSLContext | None = request.getfixturevalue("certificate") if secure else None
    with Origin(tls=certificate) as server:
        yield server


@pytest.mark.untraced
@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")  # the certificate is a test's own
@pytest.mark.parametrize("service", [*SERVICES, *SECURE_SERVICES])
def test_nothing_acts_in_what_a_service_is_sent(service: str, site: Origin) -> None:
    chat = service not in ("json", "xml", "form")
    texts = [
        (name, make(text)) for name, text in HOSTILE.items() for make in (hostile, hostile_bundle)
    ]
    for name, message in texts:
        shown = as_read(service, delivered(service, site, message))
        assert acting(shown, styles=chat) == [], name
        assert LINK in html.unescape(shown), name
        assert len(shown) <= LIMITS.get(service, 10_000) + 500, name
        shown.encode()


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        pytest.fail(f"a comment: {data[:50]}")


OUR_TAGS = {"html", "head", "meta", "title", "body", "p", "h1", "mark", "bdi", "a"}
OUR_ATTRIBUTES = {"dir", "lang", "charset", "style", "href", "rel"}


def check_page(page: str) -> None:
    read = Page(page)
    assert {tag for tag, _ in read.tags} <= OUR_TAGS
    assert {name for _, attributes in read.tags for name, _ in attributes} <= OUR_ATTRIBUTES
    targets = {value for _, attributes in read.tags for name, value in attributes if name == "href"}
    assert targets <= {LINK, MAP}
    assert acting(read.text) == []


@pytest.mark.untraced
@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_acts_in_a_mail(name: str) -> None:
    with Sink() as sink:
        assert Mail("desk", mail_account(sink.mailto)).send(hostile(HOSTILE[name])).code == 250
        got = sink.messages[0]
    mail = got.message
    assert got.recipients == ("b@x.example",)
    assert mail["Bcc"] is None
    assert len(mail.keys()) == len(set(mail.keys()))
    assert not mail.defects
    assert max(map(len, got.data.split(b"\r\n"))) <= 998
    assert not set(str(mail["Subject"])) & set("\x00\x1b\r\n\u202e\u2028")
    plain, page = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert page is not None
    assert acting(plain.get_content()) == []
    check_page(page.get_content())


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_acts_in_a_mail_worded_by_a_template(name: str) -> None:
    template = (
        "{% block subject %}{{ article.title }}{% endblock %}"
        "{% block text %}{{ article.title }}\n{{ article.source }}\n{{ article.excerpts|join }}\n"
        "{{ article.rules[0].words|join }}\n{{ article.link }}{% endblock %}"
        '{% block html %}<p dir="auto" style="{{ article.source }}">{{ article.title }}</p>'
        "<p>{{ article.excerpts|join }}</p>"
        '<a href="{{ article.link }}">{{ article.places[0].name }}</a>{% endblock %}'
    )
    got = Wording(template, timezone=BAGHDAD).reword(hostile(HOSTILE[name]))
    assert acting(got.text) == []
    assert acting(got.subject) == []
    check_page(got.html)


@pytest.mark.untraced
def test_nothing_acts_in_what_a_webhook_shows_and_all_is_data(site_of_webhook: Origin) -> None:
    for name, text in HOSTILE.items():
        site_of_webhook.put("/hook", b"ok")
        url = f"webhook+{site_of_webhook.url('/hook')}"
        receipt = Webhook("desk", url, allow_private=["127.0.0.0/8"]).send(hostile(text))
        assert receipt.code == 200, name
        raw = site_of_webhook.requests[-1].body.decode()
        body = json.loads(raw)
        assert acting(body["text"]) == [], name
        assert body["possible_repeat"] is False, name
        assert body["articles"][0]["link"] == LINK
        assert not re.search(ACTS["control"], raw), name
        assert len(body["articles"]) == 1


@pytest.fixture
def site_of_webhook() -> Iterator[Origin]:
    with Origin() as server:
        yield server


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_acts_on_a_terminal(name: str) -> None:
    message = hostile(HOSTILE[name])
    for out in (io.StringIO(), Terminal()):
        Console("screen", out).send(message)
        shown = out.getvalue().replace("\x1b[1;30;43m", "").replace("\x1b[0m", "")
        assert not re.search(ACTS["control"], shown)
        begun = [line for line in shown.split("\n") if not line.startswith("  ")]
        assert len(begun) == len(message.lines) + 2, "a broken line's rest is indented"


@pytest.mark.parametrize("text", ["قُتل 3.5 آلاف في 12/5، «بحسب المصدر»: نعم! 2026-05-04 & e < f"])
def test_ordinary_text_arrives_as_it_was(text: str) -> None:
    message = hostile(text)
    assert message.lines[0].text == text
    assert message.text.count(text) >= 3
