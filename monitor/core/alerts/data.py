"""A message as data for programs: the body that webhooks carry, version 1.

Keys are only ever added within a version; README.md documents them. Texts are those of the feed in
one line each, without controls and tricks of direction, and otherwise as they are: whoever shows
them escapes them for the place where they are shown. `text` is the message as people get it. This
module must not know how the data travels.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from monitor.core.alerts.inert import one_line, safe_link
from monitor.model import Alert, Delivery, Location, Message, Outlet

VERSION: Final = 1

Data = dict[str, Any]


def as_data(message: Message, *, name: str, now: float) -> Data:
    """The message under the id `name`, sent at the moment `now`."""
    return {
        "version": VERSION,
        "id": name,
        "possible_repeat": message.possible_repeat,
        "severity": message.severity.value,
        "sent_at": _iso(now),
        "articles": [_article(delivery) for delivery in message.deliveries],
        "text": "\n".join(line.text for line in message.lines),
    }


def _article(delivery: Delivery) -> Data:
    story = delivery.story
    return {
        "id": story.id,
        "delivery": delivery.id,
        "follows": delivery.follows,
        "title": one_line(story.title.text),
        "link": safe_link(story.link),
        "source": one_line(story.source),
        "outlets": [_outlet(each) for each in story.outlets],
        "published": None if story.published is None else _iso(story.published),
        "found_at": _iso(delivery.made_at),
        "excerpts": [one_line(excerpt.text) for excerpt in story.excerpts],
        "places": [_place(location) for location in story.locations],
        "rules": [_rule(alert) for alert in delivery.alerts],
    }


def _outlet(outlet: Outlet) -> Data:
    return {
        "source": one_line(outlet.source),
        "link": safe_link(outlet.link),
        "seen_at": _iso(outlet.seen_at),
    }


def _place(location: Location) -> Data:
    return {
        "name": one_line(location.name),
        "containers": [one_line(name) for name in location.containers],
        "lat": location.lat,
        "lon": location.lon,
    }


def _rule(alert: Alert) -> Data:
    return {
        "name": one_line(alert.rule),
        "severity": alert.severity.value,
        "words": [one_line(word) for word in alert.words],
        "evidence": [
            {"what": each.what, "text": one_line(each.text), "place": one_line(each.place)}
            for each in alert.evidence
        ],
    }


def _iso(moment: float) -> str | None:
    try:
        return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return None  # feeds date entries in the year 30828
