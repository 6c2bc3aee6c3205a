"""The message of a delivery: what it says, in both languages, in text and HTML, whatever comes."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from alert_samples import BAGHDAD, NASTY, delivery, marked_texts
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alerts.inert import PARTING
from monitor.core.alerts.labels import LABELS
from monitor.core.alerts.render import LONGEST_SUBJECT, evidence_phrases, render
from monitor.model import Alert, Delivery, Evidence, Location, Marked, Message, Severity, Story

REPEAT = "تنبيه ربما تكرر · possible repeat"
UNDATED = "بلا تاريخ، وُجد 2023-11-15 01:13 +03"
ISOLATES = str.maketrans("", "", "\u2066\u2067\u2068\u2069")


def shown(given: Delivery, language: str = "ar", **options: bool) -> Message:
    assert language in ("ar", "en")
    return render(given, language="en" if language == "en" else "ar", timezone=BAGHDAD, **options)


class Document(HTMLParser):
    """Tags with their attributes, and the text within each kind of tag."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self._links: list[list[str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "a":
            self._links.append([dict(attrs)["href"] or ""])
        if tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1] if self._open else "", data))
        if "a" in self._open:
            self._links[-1].append(data)

    def links(self) -> list[tuple[str, str]]:
        """Each link with the words that lead to it."""
        return [(link, "".join(words)) for link, *words in self._links]

    def within(self, tag: str) -> list[str]:
        return [data for name, data in self.texts if name == tag]


def test_an_alert_in_arabic() -> None:
    message = shown(delivery())
    assert message.subject == "قصف على سنجار"
    assert [line.text for line in message.lines] == [
        "قصف على سنجار",
        "طال القصف أطراف سنجار ليلًا.",
        "القاعدة: قصف المدن — قصف، القصف",
        "المصدر: وكالة النهر · نُشر: 2026-05-05 00:30 +03",
        "https://news.example/1",
    ]
    assert message.lines[0].marks == ((0, 3),)
    assert message.lines[1].marks == ((4, 9),)
    assert message.text.translate(ISOLATES) == "\n".join(line.text for line in message.lines)
    assert (message.delivery_id, message.language) == ("d1", "ar")
    assert not message.possible_repeat


def test_an_alert_in_english_keeps_the_article_as_it_is() -> None:
    message = shown(delivery(), "en")
    assert [line.text for line in message.lines] == [
        "قصف على سنجار",
        "طال القصف أطراف سنجار ليلًا.",
        "Rule: قصف المدن — قصف, القصف",
        "Source: وكالة النهر · published: 2026-05-05 00:30 +03",
        "https://news.example/1",
    ]
    assert message.language == "en"


def test_every_rule_is_named_with_its_words_and_why_the_place_is_meant() -> None:
    message = shown(
        delivery(
            Alert("i1", "قصف", Severity.LOW, ("القصف",)),
            Alert(
                "i2",
                "سنجار",
                Severity.NORMAL,
                ("اشتباكات", "سنجار"),
                (
                    Evidence("head_before", 4.0, "قضاء", "سنجار"),
                    Evidence("telling_elsewhere", 2.0, "قضاء", "سنجار"),
                    Evidence("new_reason", 1.0, "x", "سنجار"),
                    Evidence("unambiguous", 0.5, "سنجار", "سنجار"),
                ),
            ),
            Alert("i3", "بلا كلمات", Severity.NORMAL),
        )
    )
    assert [line.text for line in message.lines[2:5]] == [
        "القاعدة: قصف — القصف",
        "القاعدة: سنجار — اشتباكات، سنجار (قبله «قضاء»، new reason)",
        "القاعدة: بلا كلمات",
    ]


def test_of_several_places_each_has_what_speaks_for_it_behind_it() -> None:
    reasons = (
        Evidence("head_before", 4.0, "قضاء", "سنجار"),
        Evidence("direction_before", 2.0, "غرب", "نينوى"),
        Evidence("unambiguous", 1.0, "سنجار", "سنجار"),
    )
    alert = Alert("i1", "الشمال", Severity.NORMAL, ("سنجار", "قصف", "نينوى"), reasons)
    assert shown(delivery(alert)).lines[2].text == (
        "القاعدة: الشمال — سنجار (قبله «قضاء»)، قصف، نينوى (قبله «غرب»)"
    )
    assert evidence_phrases(alert, LABELS["ar"]) == ["سنجار: قبله «قضاء»", "نينوى: قبله «غرب»"]


def test_what_speaks_for_a_place_is_told_once_for_all_rules() -> None:
    reason = Evidence("head_before", 4.0, "قضاء", "سنجار")
    other = Evidence("direction_before", 2.0, "غرب", "سنجار")
    alerts = [
        Alert(f"i{number}", f"ق{number}", Severity.NORMAL, ("سنجار",), evidence)
        for number, evidence in enumerate(((reason,), (reason,), (other,)))
    ]
    assert [line.text for line in shown(delivery(*alerts)).lines[2:5]] == [
        "القاعدة: ق0 — سنجار (قبله «قضاء»)",
        "القاعدة: ق1 — سنجار",
        "القاعدة: ق2 — سنجار (قبله «غرب»)",
    ]


def test_a_reason_that_an_older_version_kept_stands_behind_all_words() -> None:
    alert = Alert(
        "i1", "ق", Severity.NORMAL, ("سنجار", "قصف"), (Evidence("head_before", 4.0, "قضاء"),)
    )
    assert shown(delivery(alert)).lines[2].text == "القاعدة: ق — سنجار، قصف (قبله «قضاء»)"
    assert evidence_phrases(alert, LABELS["ar"]) == ["قبله «قضاء»"]


def test_the_places_are_told_with_a_map_of_the_first_that_has_a_position() -> None:
    places = (Location("تل", ("مخمور", "العراق")), Location("كركوك", ("العراق",), 35.47, 44.39))
    arabic, english = (shown(delivery(locations=places), language) for language in ("ar", "en"))
    link = "https://www.openstreetmap.org/?mlat=35.47&mlon=44.39#map=11/35.47/44.39"
    assert [line.text for line in arabic.lines[-4:]] == [
        "المكان: تل، مخمور، العراق؛ كركوك، العراق",
        "المصدر: وكالة النهر · نُشر: 2026-05-05 00:30 +03",
        "https://news.example/1",
        link,
    ]
    assert english.lines[-4].text == "Places: تل, مخمور, العراق; كركوك, العراق"
    page = Document(arabic.html)
    assert page.links() == [
        ("https://news.example/1", "قصف على سنجار"),
        (link, "خريطة: كركوك"),
        ("https://news.example/1", "https://news.example/1"),
    ]
    first = shown(delivery(locations=places[1:]), "en")
    assert Document(first.html).links()[1] == (link, "map")


def test_places_without_positions_have_no_map() -> None:
    message = shown(delivery(locations=(Location("تل"),)))
    assert message.lines[-3].text == "المكان: تل"
    assert "openstreetmap" not in message.text


@pytest.mark.parametrize(
    ("severities", "arabic", "english"),
    [
        ([Severity.LOW], "قصف", "قصف"),
        ([Severity.NORMAL], "قصف", "قصف"),
        ([Severity.LOW, Severity.HIGH], "مهم: قصف", "HIGH: قصف"),
        ([Severity.HIGH, Severity.CRITICAL, Severity.LOW], "عاجل: قصف", "CRITICAL: قصف"),
    ],
)
def test_the_subject_tells_what_is_urgent(
    severities: list[Severity], arabic: str, english: str
) -> None:
    alerts = [Alert(f"i{n}", f"ق{n}", severity) for n, severity in enumerate(severities)]
    given = delivery(*alerts, title=Marked("قصف"))
    assert shown(given).subject == arabic
    assert shown(given, "en").subject == english
    assert shown(given).severity is max(severities, key=list(Severity).index)


def test_a_possible_repeat_says_so_first_and_is_the_same_message_otherwise() -> None:
    once, again = shown(delivery()), shown(delivery(), possible_repeat=True)
    assert again.lines == (Marked(REPEAT), *once.lines)
    assert again.text == f"{REPEAT}\n{once.text}"
    assert again.text.split("\n")[0] == REPEAT
    assert REPEAT in again.html
    assert again.possible_repeat
    assert (again.subject, again.delivery_id) == (once.subject, once.delivery_id)


def test_plain_leaves_only_the_html_out() -> None:
    message = shown(delivery())
    assert shown(delivery(), plain=True) == replace(message, html="")


@pytest.mark.parametrize(
    ("story", "line", "arabic"),
    [
        ({"title": Marked("")}, 0, "خبر بلا عنوان"),
        ({"title": Marked("\u202e\u200b")}, 0, "خبر بلا عنوان"),
        ({"link": None}, -1, "بلا رابط"),
        ({"link": "javascript:alert(1)"}, -1, "بلا رابط"),
        ({"published": None}, -2, f"المصدر: وكالة النهر · {UNDATED}"),
        ({"published": 9e15}, -2, f"المصدر: وكالة النهر · {UNDATED}"),
        ({"published": float("nan"), "source": ""}, -2, UNDATED),
    ],
)
def test_what_a_feed_lacks_is_said(story: dict[str, object], line: int, arabic: str) -> None:
    assert shown(delivery(**story)).lines[line].text == arabic


def test_an_article_without_a_date_says_in_english_too_when_it_was_found() -> None:
    undated = delivery(published=None)
    line = "Source: وكالة النهر · undated, found 2023-11-15 01:13 +03"
    assert shown(undated, "en").lines[-2].text == line
    when_lost = replace(undated, made_at=float("inf"))
    assert shown(when_lost).lines[-2].text == "المصدر: وكالة النهر · بلا تاريخ"


def test_values_of_the_other_direction_stand_between_isolates_of_ours() -> None:
    given = delivery(Alert("i1", "ISIS (قاعدة)", Severity.NORMAL), source="BBC عربي")
    arabic, english = shown(given), shown(given, "en")
    assert "القاعدة: \u2068ISIS (قاعدة)\u2069" in arabic.text
    assert "المصدر: \u2068BBC عربي\u2069 · نُشر: \u20682026-05-05 00:30 +03\u2069" in arabic.text
    assert "<bdi>BBC عربي</bdi>" in arabic.html
    assert "published: 2026-05-05 00:30 +03\n" in english.text
    assert not any(set(line.text) & set("\u2068\u2069") for line in arabic.lines)


def test_the_html_reads_from_right_to_left_with_the_words_marked() -> None:
    message = shown(delivery(excerpts=(Marked("أ <b> & قصف", ((8, 11),)),)))
    page = Document(message.html)
    attributes = dict(page.tags)
    assert attributes["html"] == {"dir": "rtl", "lang": "ar"}
    assert attributes["body"]["dir"] == "rtl"
    assert page.within("mark") == ["قصف", "قصف"]
    assert page.within("title") == [message.subject]
    assert attributes["a"]["href"] == "https://news.example/1"
    assert dict(Document(shown(delivery(), "en").html).tags)["html"] == {"dir": "ltr", "lang": "en"}
    assert "\n" not in [line.text for line in message.lines]


def test_many_rules_are_all_named_within_the_limit() -> None:
    alerts = [Alert(f"i{n}", f"قاعدة رقم {n}", Severity.LOW, ("كلمة",) * 1) for n in range(40)]
    message = shown(delivery(*alerts))
    assert all(f"قاعدة رقم {n}" in message.text for n in range(40))
    assert len(message.text) < 3600


HOSTILE_STORIES = st.builds(
    Story,
    id=st.just("a"),
    title=marked_texts(),
    excerpts=st.lists(marked_texts(), max_size=3).map(tuple),
    link=st.none() | NASTY.map(lambda text: "https://x.example/" + text) | NASTY,
    source=NASTY,
    published=st.none() | st.floats(allow_nan=True),
)
HOSTILE_ALERTS = st.lists(
    st.builds(
        Alert,
        id=st.just("i"),
        rule=NASTY,
        severity=st.sampled_from(Severity),
        words=st.lists(NASTY, max_size=3).map(tuple),
        evidence=st.lists(
            st.builds(
                Evidence,
                st.sampled_from(["head_before", "hashtag", "same_country"]),
                st.just(1.0),
                NASTY,
            ),
            max_size=2,
        ).map(tuple),
    ),
    max_size=3,
).map(tuple)


@given(HOSTILE_STORIES, HOSTILE_ALERTS, st.sampled_from(["ar", "en"]))
def test_whatever_a_feed_holds_the_message_is_well_formed_and_acts_on_nothing(
    story: Story, alerts: tuple[Alert, ...], language: str
) -> None:
    message = shown(Delivery("d", "c", 0.0, story, alerts), language)
    assert message.text.count("\n") == len(message.lines) - 1
    for line in (message.subject, *(line.text for line in message.lines)):
        assert line.splitlines() == [line]
        assert not set(line) & set("\x00\x1b\x07\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff")
        if not line.startswith("https://x.example/"):
            assert "://" not in line
            assert "@" not in line.replace("@" + PARTING, "")
    assert len(message.subject) <= LONGEST_SUBJECT
    assert len(message.text) < 4096
    message.html.encode()
    page = Document(message.html)
    assert {tag for tag, _ in page.tags} <= {
        *("html", "head", "meta", "title", "body", "h1", "p", "mark", "bdi", "a")
    }
    for tag, attributes in page.tags:
        assert set(attributes) <= {"dir", "lang", "charset", "style", "href", "rel"}, tag
        assert str(attributes.get("href", "https://x.example/")).startswith("https://x.example/")


def test_a_message_too_long_for_a_service_loses_excerpts_from_the_end() -> None:
    excerpts = tuple(Marked(f"{number} " + "كلمة " * 200) for number in range(4))
    message = shown(delivery(excerpts=excerpts))
    kept = [line.text[0] for line in message.lines if line.text[:2] in ("0 ", "1 ", "2 ", "3 ")]
    assert kept == ["0", "1", "2"]
    assert "https://news.example/1" in message.text
