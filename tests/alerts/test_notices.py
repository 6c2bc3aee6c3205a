"""What the operator is told: in Arabic, with what is told in English on lines of its own."""

from __future__ import annotations

import re

import pytest
from alert_samples import BAGHDAD, NOW

from monitor.core.alerts.notices import Notice, Trouble, notice_for
from monitor.core.alerts.render import render

ERROR = "rules.yaml:221:5: plases: unknown key (did you mean 'places'?)"


NAMES_ALONE = (Trouble.FAILING_OVER, Trouble.SILENT_OVER)  # of feeds, in the reader's language


@pytest.mark.parametrize("trouble", [each for each in Trouble if each not in NAMES_ALONE])
def test_an_arabic_notice_is_arabic_but_for_the_error_on_its_own_line(trouble: Trouble) -> None:
    notice = Notice(trouble, "desk-mail", "550 5.7.1 spam")
    message = render(notice_for(notice, "desk", "ar", NOW), language="ar", timezone=BAGHDAD)
    title, first, *rest = (line.text for line in message.lines)
    assert title.startswith("راصد: ")
    assert re.match("[\u0621-\u064a]", first)
    assert "550" not in title + first
    told = {line for line in rest if "550" in line}
    assert told <= {"550 5.7.1 spam", "desk-mail: 550 5.7.1 spam"}


def test_the_place_of_an_error_can_be_copied() -> None:
    notice = Notice(Trouble.RELOAD, detail=f"{ERROR}\nfeeds.yaml:3:1: url: is missing")
    message = render(notice_for(notice, "desk", "ar", NOW), language="ar", timezone=BAGHDAD)
    lines = message.text.split("\n")
    assert lines[2:4] == [ERROR, "feeds.yaml:3:1: url: is missing"]
    assert lines[1].startswith("صحح ما يلي")
