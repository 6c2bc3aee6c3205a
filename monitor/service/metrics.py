"""The figures of a running daemon, in Prometheus' text format: counted as things happen, or read
when somebody asks.

Names as the field has them (prefix, unit, `_total`). No label is an address, and the figures of a
rule or channel that is configured no more are dropped. This module must not serve anything, and
must not know where what it shows is read from.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from monitor.app.health import ChannelHealth, Vitals
from monitor.app.pipeline import Checked
from monitor.channels.queue import Tried
from monitor.model import Outcome, Verdict
from monitor.settings.load import Config

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_COUNTERS: Final = (
    ("articles", "New articles.", ()),
    ("matches", "Articles that a rule matched.", ("rule",)),
    ("alerts", "Alerts that a rule made.", ("rule",)),
    ("notifications", "Tries to send a message.", ("channel",)),
    (
        "notifications_failed",
        "Tries that failed: for now, for this message, or for the whole channel.",
        ("channel", "reason"),
    ),
    (
        "notifications_suppressed",
        "Articles that rules matched, of which nobody was told anew.",
        ("reason",),
    ),
)
_HISTOGRAMS: Final = (
    (
        "fetch_duration_seconds",
        "Exchanges with feeds' servers, waiting for a place at the host included.",
        ("status",),
        (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0),
    ),
    (
        "state_commit_seconds",
        "Making the outcome of a check durable.",
        (),
        (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
    ),
    (
        "article_lag_seconds",
        "From an article's publication to its finding.",
        (),
        (60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 21600.0, 86400.0, 604800.0),
    ),
)
_FAILED: Final = {
    Outcome.RETRY: "temporary",
    Outcome.REJECTED: "message",
    Outcome.HELD: "channel",
}
_SHOWN_AT_ONCE = 1_000  # rules; where there are more, each shows once it matches
_STATUSES: Final = ("ok", "failing", "gone", "new")
_TOLD_OR_NOT_MATCHED = (Verdict.ALERTED, Verdict.NO_RULE, Verdict.OLD, Verdict.AWAITED)


class Metrics:
    """What is counted from the start of the process, or since metrics were asked for. Safe in any
    thread; an `Events` (ports)."""

    def __init__(self, config: Config, now: float) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        about = {"version": version("rasid"), "python": platform.python_version()}
        _gauge("build_info", "Constantly 1.", registry, tuple(about)).labels(**about).set(1)
        self._counters = {
            name: Counter(f"rasid_{name}", told, labels, registry=registry)
            for name, told, labels in _COUNTERS
        }
        self._histograms = {
            name: Histogram(f"rasid_{name}", told, labels, buckets=buckets, registry=registry)
            for name, told, labels, buckets in _HISTOGRAMS
        }
        self._reload_ok = _gauge(
            "config_last_reload_successful",
            "Whether the configuration that was read last is in force.",
            registry,
        )
        self._reload_at = _gauge(
            "config_last_reload_success_timestamp_seconds",
            "When the configuration in force was read.",
            registry,
        )
        self._rules: frozenset[str] = frozenset()
        self._channels: frozenset[str] = frozenset()
        self.use(config)
        self.reloaded(ok=True, now=now)

    def use(self, config: Config) -> None:
        """Shows the rules and channels of a configuration, and no others."""
        rules = frozenset(rule.name for rule in config.rules if rule.enabled)
        channels = frozenset(channel.name for channel in config.channels)
        for name in self._rules - rules:
            self._drop("matches", {"rule": name})
            self._drop("alerts", {"rule": name})
        for name in self._channels - channels:
            self._drop("notifications", {"channel": name})
            self._drop("notifications_failed", {"channel": name})
        self._rules, self._channels = rules, channels
        for name in channels:
            self._counters["notifications"].labels(name)
        if len(rules) <= _SHOWN_AT_ONCE:  # from 0 on, so that the first match shows as a rise
            for name in rules:
                self._counters["matches"].labels(name)
                self._counters["alerts"].labels(name)

    def fetched(self, status: str, seconds: float) -> None:
        """An exchange with a feed's server."""
        self._histograms["fetch_duration_seconds"].labels(status).observe(seconds)

    def committed(self, seconds: float) -> None:
        """A check's outcome was made durable."""
        self._histograms["state_commit_seconds"].observe(seconds)

    def checked(self, checked: Checked) -> None:
        """What a check, or a look at its entries' pages, brought."""
        update = checked.update
        if update is None:
            return
        self._counters["articles"].inc(update.new_articles)
        for lag in update.lags:
            self._histograms["article_lag_seconds"].observe(lag)
        for decision in update.decisions:
            for rule in decision.rules:
                self._count("matches", rule)
            if decision.verdict not in _TOLD_OR_NOT_MATCHED:
                self._counters["notifications_suppressed"].labels(
                    decision.verdict.name.lower()
                ).inc()
        for alert in update.alerts:
            self._count("alerts", alert.rule)

    def tried(self, channel: str, tried: Tried) -> None:
        """What came of a try to send."""
        if tried.outcome is None or channel not in self._channels:
            return
        self._counters["notifications"].labels(channel).inc()
        if tried.outcome in _FAILED:
            self._counters["notifications_failed"].labels(channel, _FAILED[tried.outcome]).inc()

    def reloaded(self, *, ok: bool, now: float) -> None:
        """A configuration was read, and put into force or refused."""
        self._reload_ok.set(ok)
        if ok:
            self._reload_at.set(now)

    def render(self, vitals: Vitals) -> bytes:
        """All figures, with how things stand now."""
        return generate_latest(self._registry) + generate_latest(_Readings(vitals))

    def _count(self, counter: str, rule: str) -> None:
        if rule in self._rules:  # a check may end after the reload that dropped it
            self._counters[counter].labels(rule).inc()

    def _drop(self, counter: str, labels: Mapping[str, str]) -> None:
        self._counters[counter].remove_by_labels(dict(labels))


def _gauge(name: str, told: str, registry: CollectorRegistry, labels: Iterable[str] = ()) -> Gauge:
    return Gauge(f"rasid_{name}", told, tuple(labels), registry=registry)


class _Readings(Collector):
    """How things stand, as figures."""

    def __init__(self, vitals: Vitals) -> None:
        self._vitals = vitals

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """As prometheus_client asks a collector."""
        vitals = self._vitals
        feeds = {name: getattr(vitals.feeds, name) for name in _STATUSES}
        yield _family("feeds", "Configured feeds by how they fare.", "status", feeds)
        for name, told in (
            ("pending", "Messages to be sent."),
            ("held", "Messages kept for a channel that refuses, or too old to be tried further."),
            ("dead", "Messages refused for good."),
        ):
            yield _family(f"outbox_{name}", told, "channel", _of_channels(vitals.channels, name))
        yield _single("outbox_oldest_seconds", "Age of the oldest message due.", vitals.oldest)
        yield _single("state_bytes", "The state on the disk.", vitals.state_bytes)


def _of_channels(channels: Mapping[str, ChannelHealth], name: str) -> dict[str, float]:
    return {channel: getattr(found, name) for channel, found in channels.items()}


def _family(name: str, told: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"rasid_{name}", told, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family


def _single(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"rasid_{name}", told, value=value)
