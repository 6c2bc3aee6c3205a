"""Messages cut to what a service takes: the link and the mark of a repeat stay longest."""

from __future__ import annotations

import pytest
from alert_samples import BAGHDAD, delivery
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alerts.fit import fit
from monitor.core.alerts.render import render
from monitor.model import Location, Marked

REPEAT = "تنبيه ربما تكرر · possible repeat"
LINK = "https://news.example/1"


def cut(title: int, body: int, *, repeat: bool = False) -> tuple[str, tuple[str, ...]]:
    long = delivery(title=Marked("عنوان طويل " * 20), excerpts=(Marked("جملة عن القصف " * 30),) * 2)
    message = render(long, language="ar", timezone=BAGHDAD, possible_repeat=repeat)
    return fit(message, title=title, body=body)


def test_a_roomy_service_gets_everything_and_the_title_once() -> None:
    message = render(delivery(), language="ar", timezone=BAGHDAD, possible_repeat=True)
    title, lines = fit(message, title=250, body=32768)
    assert title == message.subject == message.lines[1].text
    assert [REPEAT, title, *lines[1:]] == message.text.split("\n")


@pytest.mark.parametrize(("title", "body"), [(250, 1000), (250, 280), (0, 160), (60, 300)])
def test_a_narrow_service_gets_the_link_and_the_mark_whole(title: int, body: int) -> None:
    heading, lines = cut(title, body, repeat=True)
    assert len(heading) <= (title or body)
    assert len(heading) + 2 + len("\n".join(lines)) <= body
    assert lines[0] == REPEAT
    assert lines[-1] == LINK


@pytest.mark.parametrize("body", [160, 280, 400])
def test_the_link_of_the_article_stays_longer_than_that_of_the_map(body: int) -> None:
    place = Location("سنجار", ("نينوى",), 36.3, 41.9)
    long = delivery(title=Marked("عنوان طويل " * 20), locations=(place,))
    _, lines = fit(render(long, language="ar", timezone=BAGHDAD), title=0, body=body)
    assert [line for line in lines if line.startswith("http")] == [LINK]
    _, lines = fit(render(long, language="ar", timezone=BAGHDAD), title=0, body=4000)
    assert lines[-2] == LINK
    assert lines[-1].startswith("https://www.openstreetmap.org/")


@given(st.integers(0, 300), st.integers(1, 4000), st.booleans())
def test_no_limit_is_ever_passed(title: int, body: int, repeat: bool) -> None:
    heading, lines = cut(title, body, repeat=repeat)
    assert len(heading) <= (title or body)
    assert len(heading) + len("\n".join(lines)) <= body
    assert not any("https://" in line for line in lines[:-1])
    assert all(line == LINK or not line.startswith("http") for line in lines)
