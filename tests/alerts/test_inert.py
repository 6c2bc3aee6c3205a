"""What a feed wrote does nothing in a message, and reads as before."""

from __future__ import annotations

import re
import unicodedata

import pytest
from alert_samples import NASTY, marked_texts
from hypothesis import given

from monitor.core.alerts.inert import PARTING, clean, inert, one_line, safe_link, unstyled
from monitor.model import Marked

ACTING = [
    r"@\w",  # mentions
    r"<[!@#a-z/]",
    r"\]\(",
    r"\w://",
    r"\w\.[a-z]",  # bare host names
    r"(?:^| )/\w",
    r"&#?\w+;",
]


@pytest.mark.parametrize(
    "hostile",
    [
        "@everyone عاجل",
        "<!channel> خبر",
        "<!here>",
        "<@123456> اقرأ",
        "<users/all>",
        "[اضغط هنا](https://evil.example/x)",
        "[هنا]: https://evil.example",
        "زوروا https://evil.example الآن",
        "زوروا evil.example الآن",
        "javascript://x",
        "user@evil.example",
        "/start now",
        "<b>عريض</b><img src=x onerror=alert(1)>",
        "👉 @here",
        "&#64;everyone &lt;b&gt; &#x2f;start &amp;#64;x",
    ],
)
def test_nothing_is_left_that_a_service_would_act_on(hostile: str) -> None:
    shown = clean(hostile)
    for pattern in ACTING:
        assert not re.search(pattern, shown, re.IGNORECASE), pattern
    assert shown.replace(PARTING, "") == hostile


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("خبر\u202eجديد", "خبرجديد"),
        ("\u2067خبر\u2069", "خبر"),
        ("سطر\r\nBcc: x", "سطر  Bcc: x"),
        ("سطر\u2028آخر\u2029و\x85ب\vج", "سطر آخر و ب ج"),
        ("\x1b[31mأحمر\x07", "[31mأحمر"),
        ("صفر\x00\ufeff\u200b\u00adعرض", "صفرعرض"),
        ("نيم\u200cفاصله", "نيم\u200cفاصله"),
        ("\u200cطرف\u200c وسط", "طرف وسط"),
        ("بديل\ud800\udfff", "بديل"),
        ("وسم\U000e0041\U000e007f", "وسم"),
    ],
)
def test_what_is_not_seen_or_turns_the_direction_goes(hostile: str, shown: str) -> None:
    assert clean(hostile) == shown
    assert one_line(hostile) == shown


@pytest.mark.parametrize(
    "text", ["قُتل 3.5 آلاف في 12/5، بحسب «المصدر»: نعم!", "e < f & g", "نص عادي. جملة ثانية", ""]
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert clean(text) == text


@given(marked_texts())
def test_marks_stay_on_the_same_words(text: Marked) -> None:
    shown = inert(text)
    got = [shown.text[a:b].replace(PARTING, "") for a, b in shown.marks]
    wanted = [one_line_between(text.text, a, b) for a, b in text.marks]
    assert [word for word in got if word] == [word for word in wanted if word]


def one_line_between(text: str, start: int, end: int) -> str:
    """What is left of text[start:end], letter by letter; a ZWNJ depends on what stands around."""
    return "".join(
        _zwnj(text, at) if text[at] == "\u200c" else one_line(text[at]) for at in range(start, end)
    )


def _zwnj(text: str, at: int) -> str:
    def inside(letter: str) -> bool:
        return bool(re.fullmatch(r"[\w\u064b-\u0652]", letter))

    between = 0 < at < len(text) - 1 and inside(text[at - 1]) and inside(text[at + 1])
    return "\u200c" if between else ""


@given(NASTY)
def test_one_line_without_controls_that_stays_as_it_is(text: str) -> None:
    shown = clean(text)
    assert clean(shown) == shown
    assert shown.splitlines() in ([shown], [])
    assert not any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in shown)
    assert not set(shown) & set(
        "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
    )
    shown.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rules.yaml:221:5: plases", "rules.yaml:221:5: plases"),
        ("places.yml، desk-mail.url أو index.json.", "places.yml، desk-mail.url أو index.json."),
        ("rules.yaml.example", f"rules.{PARTING}yaml.{PARTING}example"),
        ("evil.example/rules.yaml", f"evil.{PARTING}example/rules.yaml"),
        (
            "rules.yamla rules.yaml-x.example",
            f"rules.{PARTING}yamla rules.{PARTING}yaml-x.{PARTING}example",
        ),
    ],
)
def test_names_of_our_files_stay_whole(text: str, shown: str) -> None:
    assert clean(text) == shown


@pytest.mark.parametrize(
    "hostile", ["*عريض*", "_مائل_", "`كود`", "~~x~~", "||سر||", "# رأس", "> نقل"]
)
def test_markup_of_chats_becomes_letters(hostile: str) -> None:
    shown = unstyled(hostile)
    assert not re.search(r"[*_`~|]|^[#>+-]", shown)
    assert len(shown.replace(PARTING, "")) == len(hostile)


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://news.example/a_b/خبر?x=1&y=(2)#z", "https://news.example/a_b/خبر?x=1&y=(2)#z"),
        ("HTTP://News.Example/", "HTTP://News.Example/"),
        ("https://medium.example/@writer/1", "https://medium.example/@writer/1"),
        ("https://x.example/@everyone", "https://x.example/%40everyone"),
        ('https://x.example/"><script>', "https://x.example/%22%3E%3Cscript%3E"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("//news.example/1", None),
        ("https://bank.example@evil.example/", None),
        ("https://x.example\\@evil.example/", None),
        ("https://x.example/a\nb", None),
        ("https://x.example/a b", None),
        ("https://x.example/\u202egpj", None),
        ("https://", None),
        ("https://x.example/" + "a" * 2000, None),
        ("", None),
        (None, None),
    ],
)
def test_only_web_links_are_shown_and_as_given(link: str | None, shown: str | None) -> None:
    assert safe_link(link) == shown
