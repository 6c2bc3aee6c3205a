"""A delivery becomes a message: subject, plain text, and HTML from right to left.

    [possible repeat]
    title                               in HTML the link as well
    excerpts
    rule: NAME — matched words, a place with what speaks for it     a line for each rule that fired
    places                              where the article speaks of some; in HTML with the map
    source · published, or when it was found
    other outlets                       where others brought it before the message went out
    link
    the map of the first place          in HTML behind the places

All of a feed's text passes through `inert` here, and only here. Values whose direction differs
from that of the labels stand between bidi isolates (UAX #9) in `text` and in <bdi> in the HTML;
`lines` carry none. This module must not know services, formats of mail, or length limits of
channels beyond the one that it keeps for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Final

from monitor.core.alerts.inert import clean, inert, safe_link
from monitor.core.alerts.labels import LABELS, POSSIBLE_REPEAT, Labels
from monitor.core.alerts.marked import merge, shorten
from monitor.core.alerts.markup import Kind, Line, document
from monitor.model import (
    Alert,
    Delivery,
    Evidence,
    Lang,
    Location,
    Marked,
    Message,
    Parcel,
    Severity,
    Story,
)

LONGEST_TEXT: Final = 3500  # letters: no service has to split it (Telegram takes 4096)
LONGEST_SUBJECT: Final = 200
LONGEST_TITLE: Final = 300
MAPS: Final = "https://www.openstreetmap.org/"
_LONGEST_RULE_LINE: Final = 260
_LONGEST_RULES: Final = 900
_LONGEST_NAME: Final = 100
_MOST_EVIDENCE: Final = 2
_ELSEWHERE: Final = "telling_elsewhere"
_LONGEST_PLACES: Final = 300
_LONGEST_OUTLETS: Final = 200

_LATIN: Final = re.compile(r"[A-Za-z0-9\u00c0-\u024f]")
_ARABIC: Final = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class _Value:
    """A part of a line that is not ours to word."""

    text: str


def render(
    delivery: Delivery,
    *,
    language: Lang,
    timezone: tzinfo,
    possible_repeat: bool = False,
    plain: bool = False,
) -> Message:
    """The message of a delivery; `plain` leaves the HTML empty. The same delivery always gives the
    same message, but for the repeat mark."""
    labels = LABELS[language]
    story = delivery.story
    title = shorten(inert(story.title), LONGEST_TITLE)
    if not title.text:
        title = Marked(labels.untitled)
    lines = _within(
        [
            *opening(title, link=safe_link(story.link) or "", possible_repeat=possible_repeat),
            *(Line(Kind.EXCERPT, shown) for shown in map(inert, story.excerpts) if shown.text),
            *_rules(delivery.alerts, labels, language),
            *_places(story.locations, labels, language),
            about(delivery, labels, language, timezone),
            *outlets(story, labels, language),
            *_link(delivery, labels),
            *_map(story.locations),
        ]
    )
    return as_message(
        Parcel(delivery.id, (delivery,)),
        title.text,
        lines,
        language,
        possible_repeat=possible_repeat,
        plain=plain,
    )


def opening(title: Marked, *, link: str = "", possible_repeat: bool) -> list[Line]:
    """The first lines of any message; in HTML the title leads to `link`."""
    repeat = [Line(Kind.REPEAT, Marked(POSSIBLE_REPEAT))] if possible_repeat else []
    return [*repeat, Line(Kind.TITLE, title, link=link)]


def as_message(
    parcel: Parcel,
    title: str,
    lines: Sequence[Line],
    language: Lang,
    *,
    possible_repeat: bool,
    plain: bool,
    joint: str = ": ",
) -> Message:
    """The message of these lines, under a subject that gives its title and, before the `joint`, how
    much it matters."""
    severity = heaviest(alert for each in parcel.deliveries for alert in each.alerts)
    word = LABELS[language].severity.get(severity)
    subject = shorten(Marked(f"{word}{joint}{title}" if word else title), LONGEST_SUBJECT).text
    return Message(
        delivery_id=parcel.id,
        subject=subject,
        lines=tuple(line.shown for line in lines),
        text="\n".join(map(_in_text, lines)),
        html="" if plain else document(subject, lines, language),
        severity=severity,
        possible_repeat=possible_repeat,
        language=language,
        deliveries=parcel.deliveries,
    )


def heaviest(alerts: Iterable[Alert]) -> Severity:
    """The severity of a message: that of its heaviest alert."""
    order = list(Severity)
    return max((alert.severity for alert in alerts), key=order.index, default=Severity.NORMAL)


def _within(lines: list[Line]) -> list[Line]:
    """The lines, without the last excerpts where all together would be too long."""
    excerpts = [line for line in lines if line.kind is Kind.EXCERPT]
    while excerpts and sum(len(line.shown.text) + 3 for line in lines) > LONGEST_TEXT:
        last = excerpts.pop()
        lines = [line for line in lines if line is not last]
    return lines


def _rules(alerts: Sequence[Alert], labels: Labels, language: Lang) -> list[Line]:
    """A line for each rule; where there are very many, the last line has the names of the rest."""
    lines: list[Line] = []
    told: set[str] = set()
    left = _LONGEST_RULES
    for number, alert in enumerate(alerts):
        line = _rule(alert, labels, language, told)
        left -= len(line.shown.text)
        if left < 0:
            names = labels.comma.join(_name(rest.rule) for rest in alerts[number:])
            rest = shorten(Marked(names), _LONGEST_RULE_LINE).text
            return [*lines, _line(Kind.RULE, language, f"{labels.more_rules}: ", _Value(rest))]
        lines.append(line)
    return lines


def _rule(alert: Alert, labels: Labels, language: Lang, told: set[str]) -> Line:
    """A rule with its words; what an earlier line `told` for a place is not said again."""
    parts: list[str | _Value] = [f"{labels.rule}: ", _Value(_name(alert.rule))]
    if alert.words:
        parts += (" — ", _Value(labels.comma.join(_words_told(alert, labels, told))))
    rest = [each for each in alert.evidence if each.place not in alert.words]
    if phrases := _phrases(rest, labels)[:_MOST_EVIDENCE]:
        parts += (" (", _Value(labels.comma.join(phrases)), ")")
    line = _line(Kind.RULE, language, *parts)
    shown = shorten(line.shown, _LONGEST_RULE_LINE)
    length = len(shown.text)
    return Line(line.kind, shown, merge((a, min(b, length)) for a, b in line.apart))


def _words_told(alert: Alert, labels: Labels, told: set[str]) -> Iterator[str]:
    """The matched words, and behind each that names a place what speaks for it: two reasons, or one
    for each of several places."""
    places = {each.place for each in alert.evidence}.intersection(alert.words)
    most = _MOST_EVIDENCE if len(places) == 1 else 1
    for word in alert.words:
        reasons = [each for each in alert.evidence if each.place == word]
        phrases = labels.comma.join(_phrases(reasons, labels)[:most])
        shown = f"{clean(word)} ({phrases})" if phrases else clean(word)
        yield clean(word) if shown in told else shown
        told.add(shown)


def evidence_phrases(alert: Alert, labels: Labels) -> list[str]:
    """What speaks for the places of an alert in words, the strongest first, made inert; of several
    places with the word that each reason speaks for."""
    places = {each.place: None for each in alert.evidence}
    if len(places) < 2:
        return _phrases(alert.evidence, labels)[:_MOST_EVIDENCE]
    return [
        f"{clean(place)}: {phrase}"
        for place in places
        for phrase in _phrases([e for e in alert.evidence if e.place == place], labels)[:1]
    ]


def _phrases(evidence: Sequence[Evidence], labels: Labels) -> list[str]:
    """The reasons in words, each once: of two hits with the same word before them either says that
    it stands before the other."""
    beside = {each.text for each in evidence if each.what != _ELSEWHERE}
    phrases = (
        labels.evidence.get(each.what, each.what.replace("_", " ")).format(clean(each.text))
        for each in evidence
        if each.what != _ELSEWHERE or each.text not in beside
    )
    return list(dict.fromkeys(phrases))


def _places(locations: Sequence[Location], labels: Labels, language: Lang) -> list[Line]:
    """The line of the places that the article speaks of."""
    if not locations:
        return []
    names = (labels.comma.join(map(clean, (place.name, *place.containers))) for place in locations)
    listed = shorten(Marked(labels.semicolon.join(names)), _LONGEST_PLACES).text
    line = _line(Kind.PLACES, language, f"{labels.places}: ", _Value(listed))
    mapped = _mapped(locations)
    if mapped is None:
        return [line]
    place, link = mapped
    label = labels.map if place == locations[0] else f"{labels.map}: {_name(place.name)}"
    return [replace(line, link=link, label=label)]


def _map(locations: Sequence[Location]) -> list[Line]:
    mapped = _mapped(locations)
    return [Line(Kind.MAP, Marked(mapped[1]))] if mapped else []


def _mapped(locations: Sequence[Location]) -> tuple[Location, str] | None:
    """The first place that is known to lie somewhere, and the link to its map."""
    for place in locations:
        if place.lat is not None and place.lon is not None:
            return place, map_link(place.lat, place.lon)
    return None


def map_link(lat: float, lon: float) -> str:
    """A link to a map with a marker at a place, in degrees (WGS 84)."""
    return f"{MAPS}?mlat={lat:g}&mlon={lon:g}#map=11/{lat:g}/{lon:g}"


def about(delivery: Delivery, labels: Labels, language: Lang, timezone: tzinfo) -> Line:
    """The line of where an article stood, and when it was published, or else found."""
    name = _name(delivery.story.source)
    parts: list[str | _Value] = [f"{labels.source}: ", _Value(name), " · "] if name else []
    published = moment_shown(delivery.story.published, timezone)
    found = moment_shown(delivery.made_at, timezone)
    if published:
        parts += (f"{labels.published}: ", _Value(published))
    elif found:
        parts += (f"{labels.undated}{labels.comma}{labels.found} ", _Value(found))
    else:
        parts.append(labels.undated)
    return _line(Kind.ABOUT, language, *parts)


def outlets(story: Story, labels: Labels, language: Lang) -> list[Line]:
    """The line of who brought the article later, as many as it holds, if anybody did."""
    if not story.outlets:
        return []
    names = labels.comma.join(_name(each.source) for each in story.outlets)
    listed = shorten(Marked(names), _LONGEST_OUTLETS).text
    return [plain_line(Kind.ABOUT, language, f"{labels.outlets}: ", listed)]


def moment_shown(published: float | None, timezone: tzinfo) -> str | None:
    """The time on the reader's wall, with the name of the zone; None where there is no such day."""
    if published is None:
        return None
    try:
        return f"{datetime.fromtimestamp(published, timezone):%Y-%m-%d %H:%M %Z}".strip()
    except (OverflowError, ValueError, OSError):
        return None  # feeds date entries in the year 30828


def _link(delivery: Delivery, labels: Labels) -> list[Line]:
    """The article's link; a message of our own to the operator has none, and says nothing of it."""
    link = safe_link(delivery.story.link)
    if link is None:
        return [Line(Kind.ABOUT, Marked(labels.no_link))] if delivery.alerts else []
    return [Line(Kind.LINK, Marked(link))]


def _name(name: str) -> str:
    return shorten(Marked(clean(name)), _LONGEST_NAME).text


def _line(kind: Kind, language: Lang, *parts: str | _Value) -> Line:
    """A line of labels and values, knowing which values read the other way."""
    foreign = _LATIN if language == "ar" else _ARABIC
    text = ""
    apart: list[tuple[int, int]] = []
    for part in parts:
        added = part.text if isinstance(part, _Value) else part
        if isinstance(part, _Value) and foreign.search(added):
            apart.append((len(text), len(text) + len(added)))
        text += added
    return Line(kind, Marked(text), tuple(apart))


def plain_line(kind: Kind, language: Lang, label: str, value: str) -> Line:
    """A label of ours and one value that is not ours to word."""
    return _line(kind, language, label, _Value(value))


def _in_text(line: Line) -> str:
    """A line of plain text; each article of a bundle begins after an empty one."""
    return ("\n" if line.kind is Kind.ITEM else "") + isolated(line)


def isolated(line: Line) -> str:
    """The line in plain text, its parts that read the other way between isolates."""
    text, at = "", 0
    for start, end in line.apart:
        text += f"{line.shown.text[at:start]}{_ISOLATE}{line.shown.text[start:end]}"
        text += _END_OF_ISOLATE
        at = end
    return text + line.shown.text[at:]
