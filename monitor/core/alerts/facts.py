"""What a template may show: a message's articles as plain dicts, lists, strings and numbers.

All of a feed's text passes through `clean` or `safe_link` here, so that no template can let it
act. README.md documents the names. This module must not know how templates are written.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Any, Final

from monitor.core.alerts.inert import clean, safe_link
from monitor.core.alerts.labels import LABELS, POSSIBLE_REPEAT, Labels
from monitor.core.alerts.marked import shorten
from monitor.core.alerts.render import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    evidence_phrases,
    heaviest,
    map_link,
    moment_shown,
)
from monitor.model import Alert, Delivery, Location, Marked, Message, Outlet

Facts = dict[str, Any]

_LONGEST_NAME: Final = 100


def facts(message: Message, timezone: tzinfo) -> Facts:
    """The names of a template; `message` is made of one delivery or more. A text that is not
    known is "", so that a template need not ask first."""
    labels = LABELS[message.language]
    articles = [_article(delivery, labels, timezone) for delivery in message.deliveries]
    return {
        "articles": articles,
        "article": articles[0],
        "severity": message.severity.value,
        "severity_label": labels.severity.get(message.severity, ""),
        "possible_repeat": message.possible_repeat,
        "language": message.language,
        "labels": _words(labels),
    }


def _article(delivery: Delivery, labels: Labels, timezone: tzinfo) -> Facts:
    story = delivery.story
    severity = heaviest(delivery.alerts)
    return {
        "title": _short(story.title.text, LONGEST_TITLE) or labels.untitled,
        "link": safe_link(story.link) or "",
        "source": _short(story.source, _LONGEST_NAME),
        "outlets": [_outlet(each) for each in story.outlets],
        "published": moment_shown(story.published, timezone) or "",
        "found": moment_shown(delivery.made_at, timezone) or "",
        "severity": severity.value,
        "severity_label": labels.severity.get(severity, ""),
        "rules": [_rule(alert, labels) for alert in delivery.alerts],
        "excerpts": [shown for shown in map(_excerpt, story.excerpts) if shown],
        "places": [_place(location) for location in story.locations],
        "map": next(filter(None, map(_map, story.locations)), ""),
    }


def _rule(alert: Alert, labels: Labels) -> Facts:
    return {
        "name": _short(alert.rule, _LONGEST_NAME),
        "severity": alert.severity.value,
        "words": [_short(word, _LONGEST_NAME) for word in alert.words],
        "evidence": evidence_phrases(alert, labels),
    }


def _outlet(outlet: Outlet) -> Facts:
    return {"source": _short(outlet.source, _LONGEST_NAME), "link": safe_link(outlet.link) or ""}


def _place(location: Location) -> Facts:
    return {
        "name": _short(location.name, _LONGEST_NAME),
        "containers": [_short(name, _LONGEST_NAME) for name in location.containers],
        "map": _map(location),
    }


def _map(location: Location) -> str:
    if location.lat is None or location.lon is None:
        return ""
    return map_link(location.lat, location.lon)


def _words(labels: Labels) -> dict[str, str]:
    return {
        "rule": labels.rule,
        "source": labels.source,
        "outlets": labels.outlets,
        "published": labels.published,
        "undated": labels.undated,
        "found": labels.found,
        "untitled": labels.untitled,
        "no_link": labels.no_link,
        "places": labels.places,
        "map": labels.map,
        "comma": labels.comma,
        "semicolon": labels.semicolon,
        "possible_repeat": POSSIBLE_REPEAT,
    }


def _excerpt(excerpt: Marked) -> str:
    return _short(excerpt.text, LONGEST_TEXT)


def _short(text: str, limit: int) -> str:
    return shorten(Marked(clean(text)), limit).text
