"""Several articles in one message: all of each, within what a service takes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from alert_samples import delivery
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alerts.bundle import MOST, fitting, render_bundle
from monitor.core.alerts.fit import fit
from monitor.core.alerts.ids import bundle_id
from monitor.core.alerts.inert import unstyled
from monitor.core.alerts.labels import POSSIBLE_REPEAT
from monitor.model import Delivery, Marked, Parcel, Severity

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
    message = render_bundle(parcel(*map(article, range(3))), language="ar")
    assert message.subject.endswith("راصد: عدد الأخبار 3")
    for number in range(3):
        lines = [line.text for line in message.lines]
        at = next(i for i, line in enumerate(lines) if f"خبر{number}" in line)
        assert lines[at].startswith(f"{number + 1}. ")
        assert lines[at + 1] == "القاعدة: قصف المدن"
        assert f"جملة{number}" in lines[at + 2]
        assert lines[at + 3] == "المصدر: وكالة النهر"
        assert lines[at + 4] == f"https://news.example/{number}/xxxxxxxx"
        assert f'<a href="https://news.example/{number}/xxxxxxxx"' in message.html
    assert message.deliveries == tuple(map(article, range(3)))


def test_a_bundle_has_the_weight_of_its_heaviest_alert_and_the_mark_of_a_repeat() -> None:
    heavy = replace(article(2), alerts=(replace(delivery().alerts[0], severity=Severity.CRITICAL),))
    both = parcel(article(1), heavy)
    message = render_bundle(both, language="en", possible_repeat=True, plain=True)
    assert message.severity is Severity.CRITICAL
    assert message.subject == "CRITICAL: Rasid: 2 articles"
    assert message.lines[0].text == POSSIBLE_REPEAT
    assert message.html == ""
    once = render_bundle(both, language="en")
    assert message.text == f"{POSSIBLE_REPEAT}\n{once.text}"
    assert message.delivery_id == once.delivery_id


@pytest.mark.parametrize(
    ("waited_for", "arabic", "english"),
    [
        ("", "راصد: عدد الأخبار 2", "Rasid: 2 articles"),
        ("group_wait", "راصد: عدد الأخبار 2", "Rasid: 2 articles"),
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
        told = render_bundle(both, language=language, waited_for=waited_for)  # type: ignore[arg-type]
        assert told.subject == heading
        assert told.text.startswith(heading + "\n")


def test_an_article_without_title_or_link_says_so() -> None:
    bare = replace(article(1).story, title=Marked(""), link="javascript:alert(1)")
    message = render_bundle(parcel(replace(article(1), story=bare), article(2)), language="ar")
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
    count = fitting(deliveries, body, language)  # type: ignore[arg-type]
    assert 1 <= count <= len(deliveries)
    if count == 1:
        return  # sent as a message of its own
    message = render_bundle(
        parcel(*deliveries[:count]),
        language=language,  # type: ignore[arg-type]
        possible_repeat=repeat,
        waited_for=waited_for,
    )
    heading, lines = fit(message, title=title, body=body)
    assert lines == tuple(line for line in message.text.split("\n") if line != heading)
    shown = [unstyled(line) for line in lines]
    assert len(heading) + 2 + len("\n".join(shown)) <= body


def test_as_many_as_fit_are_taken_and_never_more_than_a_reader_bears() -> None:
    deliveries = [article(number) for number in range(300)]
    counts = [fitting(deliveries, limit, "ar") for limit in (160, 2000, 4096, 30_000, 10**6)]
    assert counts == sorted(counts)
    assert counts[0] == 1
    assert counts[2] >= 8
    assert counts[-1] == MOST
