"""Several articles in one message: all of each, within what a service takes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from alert_samples import BAGHDAD, delivery
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alerts.bundle import MOST, fitting, render_bundle
from monitor.core.alerts.fit import fit
from monitor.core.alerts.ids import bundle_id
from monitor.core.alerts.inert import unstyled
from monitor.core.alerts.labels import POSSIBLE_REPEAT
from monitor.model import Alert, Delivery, Marked, Parcel, Severity

SERVICES = {"telegram": (0, 4096), "discord": (250, 2000), "slack": (250, 30_000), "sms": (0, 160)}


def article(number: int, words: int = 8) -> Delivery:
    one = delivery()
    title = " ".join([f"خبر{number}", *["عاجل"] * words])
    sentence = " ".join([f"جملة{number}", *["طويلة"] * words])
    link = f"https://news.example/{number}/" + "x" * words
    story = replace(
        one.story, title=Marked(title), excerpts=(Marked(sentence), Marked("أخرى")), link=link
    )
    return replace(one, id=f"d{number}", story=story)


def parcel(*deliveries: Delivery) -> Parcel:
    return Parcel(bundle_id("mail", [each.id for each in deliveries]), deliveries)


def test_a_bundle_says_of_each_article_its_title_rules_sentence_and_link() -> None:
    message = render_bundle(parcel(*map(article, range(3))), language="ar", timezone=BAGHDAD)
    for number in range(3):
        lines = [line.text for line in message.lines]
        at = next(i for i, line in enumerate(lines) if f"خبر{number}" in line)
        assert lines[at].startswith(f"{number + 1}. خبر{number}")
        assert f"جملة{number}" in lines[at + 1]
        assert lines[at + 2] == "القاعدة: قصف المدن"
        assert lines[at + 3] == "المصدر: وكالة النهر · نُشر: 2026-05-05 00:30 +03"
        assert lines[at + 4] == f"https://news.example/{number}/xxxxxxxx"
        assert message.html.count(f'<a href="https://news.example/{number}/xxxxxxxx"') == 2
    assert message.deliveries == tuple(map(article, range(3)))


def test_a_bundle_has_the_weight_of_its_heaviest_alert_and_the_mark_of_a_repeat() -> None:
    heavy = replace(article(2), alerts=(replace(delivery().alerts[0], severity=Severity.CRITICAL),))
    both = parcel(article(1), heavy)
    message = render_bundle(
        both, language="en", timezone=BAGHDAD, possible_repeat=True, plain=True, waited_for="x"
    )
    assert message.severity is Severity.CRITICAL
    assert message.subject == "CRITICAL · Digest: 2 articles"
    assert message.lines[0].text == POSSIBLE_REPEAT
    assert message.html == ""
    once = render_bundle(both, language="en", timezone=BAGHDAD, waited_for="x")
    assert message.text == f"{POSSIBLE_REPEAT}\n{once.text}"
    assert message.delivery_id == once.delivery_id


@pytest.mark.parametrize(
    ("waited_for", "arabic", "english"),
    [
        (
            "quiet 23:00-07:00",
            "موجز: عدد الأخبار 2 (ساعات الهدوء 23:00-07:00)",
            "Digest: 2 articles (quiet hours 23:00-07:00)",
        ),
        (
            "digest 08:00",
            "موجز: عدد الأخبار 2 (الموجز اليومي 08:00)",
            "Digest: 2 articles (daily digest 08:00)",
        ),
        (
            "max_per_day",
            "موجز: عدد الأخبار 2 (ما زاد على الحد اليومي)",
            "Digest: 2 articles (beyond the day's limit)",
        ),
        ("digest", "موجز: عدد الأخبار 2 (الموجز اليومي)", "Digest: 2 articles (daily digest)"),
        ("several", "موجز: عدد الأخبار 2", "Digest: 2 articles"),
    ],
)
def test_a_digest_says_what_it_waited_for(waited_for: str, arabic: str, english: str) -> None:
    both = parcel(article(1), article(2))
    for language, heading in (("ar", arabic), ("en", english)):
        told = render_bundle(
            both,
            language=language,  # type: ignore[arg-type]
            timezone=BAGHDAD,
            waited_for=waited_for,
        )
        assert told.subject == heading
        assert told.text.startswith(heading + "\n")


def fired(number: int, *rules: str, severity: Severity = Severity.NORMAL) -> Delivery:
    alerts = tuple(Alert(f"i{number} {rule}", rule, severity) for rule in rules)
    return replace(article(number, 1), alerts=alerts)


@pytest.mark.parametrize("waited_for", ["", "group_wait"])
@pytest.mark.parametrize(
    ("deliveries", "subject"),
    [
        ([fired(1, "حرائق"), fired(2, "حرائق")], "حرائق: خبر1 عاجل (+1)"),
        ([fired(1, "حرائق"), fired(2, "نفط"), fired(3, "نفط")], "خبر1 عاجل (+2)"),
        ([fired(1, "حرائق", "نفط"), fired(2, "نفط")], "نفط: خبر1 عاجل (+1)"),
        ([fired(1, "حرائق", "نفط"), fired(2, "نفط", "حرائق")], "خبر1 عاجل (+1)"),
        (
            [fired(1, "حرائق"), fired(2, "حرائق", severity=Severity.HIGH)],
            "مهم · حرائق: خبر1 عاجل (+1)",
        ),
        (
            [fired(1, "نفط", severity=Severity.CRITICAL), fired(2, "حرائق")],
            "عاجل · خبر1 عاجل (+1)",
        ),
    ],
)
def test_a_bundle_is_called_by_its_first_title_and_the_rule_that_all_share(
    deliveries: list[Delivery], subject: str, waited_for: str
) -> None:
    message = render_bundle(
        parcel(*deliveries), language="ar", timezone=BAGHDAD, waited_for=waited_for
    )
    assert message.subject == subject
    assert message.lines[0].text == f"راصد: عدد الأخبار {len(deliveries)}"
    titles = [delivery.story.title.text for delivery in deliveries]
    assert [message.text.count(title) for title in titles] == [1] * len(titles)


def test_a_long_title_and_a_long_rule_leave_the_count_in_sight() -> None:
    both = parcel(replace(article(1, 60), alerts=fired(1, "قاعدة " * 30).alerts), fired(2, "نفط"))
    for each in (both, parcel(*both.deliveries[:1], *both.deliveries[:1])):
        message = render_bundle(each, language="ar", timezone=BAGHDAD)
        assert message.subject.endswith("… (+1)")
        assert len(message.subject) <= 140


def test_each_article_says_how_much_it_matters_and_when_it_came() -> None:
    quiet, heavy = fired(1, "حرائق"), fired(2, "حرائق", "نفط", severity=Severity.CRITICAL)
    undated = replace(fired(3, "نفط", severity=Severity.HIGH), made_at=1_700_003_600.0)
    undated = replace(undated, story=replace(undated.story, published=None))
    for language, words, when in (
        ("ar", ("عاجل: ", "مهم: "), "المصدر: وكالة النهر · بلا تاريخ، وُجد 2023-11-15 02:13 +03"),
        (
            "en",
            ("CRITICAL: ", "HIGH: "),
            "Source: وكالة النهر · undated, found 2023-11-15 02:13 +03",
        ),
    ):
        message = render_bundle(
            parcel(quiet, heavy, undated),
            language=language,  # type: ignore[arg-type]
            timezone=BAGHDAD,
            waited_for="digest 08:00",
        )
        lines = [line.text for line in message.lines]
        assert [line for line in lines if line[:1].isdigit()] == [
            "1. خبر1 عاجل",
            f"2. {words[0]}خبر2 عاجل",
            f"3. {words[1]}خبر3 عاجل",
        ]
        assert when in lines


def test_an_article_without_title_or_link_says_so() -> None:
    bare = replace(article(1).story, title=Marked(""), link="javascript:alert(1)")
    both = parcel(replace(article(1), story=bare), article(2))
    message = render_bundle(both, language="ar", timezone=BAGHDAD)
    assert message.subject == "قصف المدن: خبر بلا عنوان (+1)"
    assert "1. خبر بلا عنوان" in message.text
    assert "بلا رابط" in message.text
    assert "javascript" not in message.text


@pytest.mark.parametrize(("title", "body"), SERVICES.values(), ids=SERVICES)
@given(
    sizes=st.lists(st.integers(0, 120), min_size=1, max_size=30),
    repeat=st.booleans(),
    language=st.sampled_from(["ar", "en"]),
    waited_for=st.sampled_from(["", "quiet 23:00-07:00", "max_per_day"]),
)
def test_what_fits_arrives_whole(
    title: int, body: int, sizes: list[int], repeat: bool, language: str, waited_for: str
) -> None:
    deliveries = [article(number, words) for number, words in enumerate(sizes)]
    count = fitting(deliveries, body, language, BAGHDAD)  # type: ignore[arg-type]
    assert 1 <= count <= len(deliveries)
    if count == 1:
        return  # sent as a message of its own
    message = render_bundle(
        parcel(*deliveries[:count]),
        language=language,  # type: ignore[arg-type]
        timezone=BAGHDAD,
        possible_repeat=repeat,
        waited_for=waited_for,
    )
    heading, lines = fit(message, title=title, body=body)
    above = message.text.split("\n")[repeat]  # the title that stands over the text elsewhere
    assert lines == tuple(line for line in message.text.split("\n") if line != above)
    shown = [unstyled(line) for line in lines]
    assert len(heading) + 2 + len("\n".join(shown)) <= body


def test_a_heading_of_letters_that_count_twice_fits_too() -> None:
    first = replace(article(0, 1), story=replace(article(0, 1).story, title=Marked("😀" * 300)))
    deliveries = [first, *(article(number, 1) for number in range(1, 60))]
    count = fitting(deliveries, 2000, "ar", BAGHDAD)
    message = render_bundle(parcel(*deliveries[:count]), language="ar", timezone=BAGHDAD)
    assert count > 5
    assert len((message.subject + message.text).encode("utf-16-le")) // 2 <= 2000


def test_as_many_as_fit_are_taken_and_never_more_than_a_reader_bears() -> None:
    deliveries = [article(number) for number in range(300)]
    counts = [
        fitting(deliveries, limit, "ar", BAGHDAD) for limit in (160, 2000, 4096, 30_000, 10**6)
    ]
    assert counts == sorted(counts)
    assert counts[0] == 1
    assert counts[2] >= 8
    assert counts[-1] == MOST
