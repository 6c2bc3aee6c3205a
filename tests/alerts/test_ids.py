"""Names of alerts and deliveries: the same for ever, and never two things under one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alerts.ids import alert_id, delivery_id

PART = st.text(max_size=8)


def test_they_never_change() -> None:
    """State files and Message-IDs of earlier versions hold these very values."""
    assert alert_id("قصف", "a1") == "9eacaf9f985351965e69c2b9bac5065f"
    assert delivery_id("a1", "mail", ["x", "y"]) == "abfe60f8a27c7c00f0c481d3d02cf45c"


@given(PART, PART, st.integers(0, 3), PART, PART, st.integers(0, 3))
def test_different_alerts_have_different_names(
    rule: str, article: str, revision: int, rule2: str, article2: str, revision2: int
) -> None:
    same = (rule, article, revision) == (rule2, article2, revision2)
    assert (alert_id(rule, article, revision) == alert_id(rule2, article2, revision2)) is same


@given(PART, PART, st.lists(PART), st.lists(PART))
def test_a_delivery_is_named_after_the_set_of_its_alerts(
    article: str, channel: str, alerts: list[str], others: list[str]
) -> None:
    name = delivery_id(article, channel, alerts)
    assert name == delivery_id(article, channel, [*reversed(alerts), *alerts])
    assert (name == delivery_id(article, channel, others)) is (set(alerts) == set(others))
    assert name != delivery_id(article, channel + "2", alerts)


def test_names_are_fit_for_files_and_headers_whatever_the_rule_is_called() -> None:
    for rule in ("قاعدة", "a/../b", "\ud800", "\x00\n", ""):
        assert set(alert_id(rule, rule)) <= set("0123456789abcdef")
        assert len(alert_id(rule, rule)) == 32
