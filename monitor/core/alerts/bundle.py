"""Several deliveries of one channel in one message: what a backlog goes out as, instead of a flood.

    [possible repeat]
    Rasid: 14 articles        or, where they waited: Digest: 14 articles (quiet hours 23:00-07:00)
    1. how much it matters: title
       the sentence that matched · rules · source, time · other outlets · link     for each article

The subject of those that did not wait is "rule: first title (+13)", with the rule where it fired on
all of them.

Nothing of an article is left out: what does not fit goes into the next bundle. This module must
not decide when to bundle.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from monitor.core.alerts.hold import GROUP
from monitor.core.alerts.inert import clean, inert, safe_link
from monitor.core.alerts.labels import LABELS, POSSIBLE_REPEAT, Labels
from monitor.core.alerts.marked import shorten
from monitor.core.alerts.markup import Kind, Line
from monitor.core.alerts.render import (
    about,
    as_message,
    heaviest,
    isolated,
    opening,
    outlets,
    plain_line,
)
from monitor.model import Delivery, Lang, Marked, Message, Parcel

MOST: Final = 100  # articles in one message, however long it may be
_LONGEST_TITLE: Final = 200
_LONGEST_RULES: Final = 160
_LONGEST_SENTENCE: Final = 240
_LONGEST_FIRST: Final = 80  # letters of the first title, and of the rule, in the heading
_LONGEST_RULE: Final = 40
_SPARE: Final = 110  # letters for a heading without a title, and what a service puts around it
_SPARE_A_LINE: Final = 2  # the line's end, and a mark that keeps a chat from styling it


def fitting(deliveries: Sequence[Delivery], limit: int, language: Lang, timezone: tzinfo) -> int:
    """How many of the first deliveries one message of at most `limit` letters holds; at least 1."""
    left = limit - _SPARE - len(POSSIBLE_REPEAT)
    left -= _length(_first_of(deliveries[:1], LABELS[language]))
    for count, delivery in enumerate(deliveries[:MOST]):
        lines = _item(count + 1, delivery, language, timezone)
        left -= sum(_length(isolated(line)) + _SPARE_A_LINE for line in lines)
        if left < 0:
            return max(count, 1)
    return max(min(len(deliveries), MOST), 1)


def _length(text: str) -> int:
    """Letters as services count them: Telegram in UTF-16, where most emoji are two."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def render_bundle(
    parcel: Parcel,
    *,
    language: Lang,
    timezone: tzinfo,
    possible_repeat: bool = False,
    plain: bool = False,
    waited_for: str = "",
) -> Message:
    """The message of a bundle; `plain` leaves the HTML empty, `waited_for` is the reason of a Hold.
    The same bundle always gives the same message, but for the repeat mark."""
    labels = LABELS[language]
    waited = _waited(len(parcel.deliveries), waited_for, labels)
    # Who counts titles finds each once: the first stands in the subject, not in the text above it.
    heading = waited or labels.bundle.format(len(parcel.deliveries))
    lines = opening(Marked(heading), possible_repeat=possible_repeat)
    for number, delivery in enumerate(parcel.deliveries, 1):
        lines += _item(number, delivery, language, timezone)
    return as_message(
        parcel,
        waited or _first_of(parcel.deliveries, labels),
        lines,
        language,
        possible_repeat=possible_repeat,
        plain=plain,
        joint=" · ",  # a heading may have a colon of its own
    )


def _waited(count: int, waited_for: str, labels: Labels) -> str:
    """Of what waited by the clock, that it is a digest and why; else ""."""
    word, _, set_to = waited_for.partition(" ")
    if not word or word == GROUP:
        return ""
    heading = labels.digest.format(count)
    why = labels.waited.get(word, "").format(set_to).strip()
    return f"{heading} ({why})" if why else heading


def _first_of(deliveries: Sequence[Delivery], labels: Labels) -> str:
    """The first title and how many more there are, and the rule that fired on all of them, if it
    is one."""
    first = shorten(inert(deliveries[0].story.title), _LONGEST_FIRST).text or labels.untitled
    heading = f"{first} (+{len(deliveries) - 1})" if len(deliveries) > 1 else first
    shared = set.intersection(*({alert.rule for alert in each.alerts} for each in deliveries))
    if len(shared) != 1:
        return heading
    return f"{shorten(Marked(clean(shared.pop())), _LONGEST_RULE).text}: {heading}"


def _item(number: int, delivery: Delivery, language: Lang, timezone: tzinfo) -> list[Line]:
    story, labels = delivery.story, LABELS[language]
    title = shorten(inert(story.title), _LONGEST_TITLE)
    text = title.text or labels.untitled
    severity = labels.severity.get(heaviest(delivery.alerts))
    before = f"{number}. {severity}: " if severity else f"{number}. "
    marks = tuple((a + len(before), b + len(before)) for a, b in title.marks)
    names = labels.comma.join(clean(alert.rule) for alert in delivery.alerts)
    rules = shorten(Marked(names), _LONGEST_RULES).text
    sentences = (inert(each) for each in story.excerpts[:1])
    link = safe_link(story.link)
    return [
        Line(Kind.ITEM, Marked(before + text, marks), link=link or ""),
        *(Line(Kind.EXCERPT, shorten(each, _LONGEST_SENTENCE)) for each in sentences if each.text),
        plain_line(Kind.RULE, language, f"{labels.rule}: ", rules),
        about(delivery, labels, language, timezone),
        *outlets(story, labels, language),
        Line(Kind.LINK, Marked(link)) if link else Line(Kind.ABOUT, Marked(labels.no_link)),
    ]
