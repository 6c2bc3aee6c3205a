"""A channel's own words on the way of a delivery: used, and never in the way of an alert."""

from __future__ import annotations

import io
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.channels.pace import Pace
from monitor.errors import ConfigError
from monitor.model import (
    Alert,
    ChannelConfig,
    Delivery,
    LedgerState,
    Marked,
    Parcel,
    Severity,
    Story,
)
from monitor.service.desk import Around, made_of, open_desk
from monitor.settings.load import Config, load
from monitor.stores.memory import MemoryLedger

NOW = 1_700_000_100.0
DELIVERY = Delivery(
    "d1",
    "screen",
    1_700_000_000.0,
    Story("a1", Marked("خبر"), (), "https://news.example/1", "وكالة", None),
    (Alert("i1", "قاعدة", Severity.NORMAL),),
)


def printed(template: str | None) -> str:
    """What the delivery prints over a channel with this template; it is settled by that."""
    out = io.StringIO()
    channel = ChannelConfig("screen", "console://", template=template)
    config = Config(Path(), Path(), channels=(channel,))
    around = Around(
        lambda: NOW, Pace(), lambda _n, _t: None, lambda _e: None, outlets=lambda _: (), out=out
    )
    desk = open_desk(config, channel, MemoryLedger(), around)
    assert desk.courier.attempt(Parcel("d1", (DELIVERY,))).record.state is LedgerState.SENT
    return out.getvalue()


def test_a_channel_has_its_own_words() -> None:
    assert printed("كلمات: {{ article.title }}") == "كلمات: خبر\n\n"
    assert printed(None).startswith("خبر\nالقاعدة: قاعدة\n")


def test_a_template_that_fails_costs_no_alert(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "rasid.outbox"):
        assert printed("{{ 1 // (article.title|length - 3) }}") == printed(None)
    assert "screen: template:1: a division by zero" in caplog.text


def test_one_that_is_none_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(ConfigError, match=r"channels\.screen: its template:1: "):
        printed("{% if %}")


def test_a_changed_template_makes_a_changed_channel(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("rules: []\n", "utf-8")
    (tmp_path / "monitor.yaml").write_text(
        "channels: {screen: {url: 'console://', template: words.j2}}\n", "utf-8"
    )
    before, after = (
        (tmp_path / "words.j2").write_text(text, "utf-8") and load(tmp_path, environ={}).channels
        for text in ("أ", "ب")
    )
    assert before != after
    assert (before[0].template, after[0].template) == ("أ", "ب")


def test_a_changed_network_that_is_allowed_makes_a_changed_channel() -> None:
    channel = ChannelConfig("hook", "webhook+http://127.0.0.1/")
    before = Config(Path(), Path(), channels=(channel,))
    after = replace(before, allow_private=("127.0.0.0/8",))
    assert made_of(before, channel) == made_of(replace(before), channel)
    assert made_of(before, channel) != made_of(after, channel)
