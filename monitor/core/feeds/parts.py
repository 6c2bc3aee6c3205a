"""Which sitemaps of an index to read now: what is remembered of them, and what comes of a check.

An index lists years of sitemaps, of which the newest are the paper's news. So the foremost are
followed: those of news, then by what the index says of their last change, then, where it says
nothing, from both ends of each numbered row of them. Of these, a check reads the changed ones;
once a day all are read without conditions. This module must not fetch, read or know a clock.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from monitor.model import Feed, FetchFailed, Part, Parts, Validators

MOST_AT_ONCE = 20  # sitemaps of one check
MOST_FOLLOWED = 50  # all of which are read once a day
MOST_REMEMBERED = 200
DAY = 86_400.0
_KEPT = 60 * DAY  # how long a sitemap is remembered after it was read
_MARGIN = 900.0  # seconds for which a cache may show a sitemap as it was
_PASSING = 3  # failures in a row; after more, what a sitemap had counts as gone
_NEWS = re.compile(r"(?<![a-z])(?:google[-_]?)?news(?![a-z])|خبر|أخبار|اخبار", re.IGNORECASE)
_NUMBERS = re.compile(r"[0-9]+")
_HASH = 4  # bytes; among 50,000 names, one new name in 86,000 passes for an old one
_MOST_NAMES = 60_000
_SECOND_LEVEL = frozenset(("ac", "co", "com", "edu", "gov", "gouv", "info", "mil", "net", "org"))


def read_as(feed: Feed) -> str:
    """What stands in a feed's line for the kind of its source; "" for a feed."""
    return "" if feed.kind == "feed" else f"{feed.kind} {feed.selector or ''}".strip()


def same_site(url: str, other: str) -> bool:
    """Whether two addresses lie on one site: on one host, or in one domain that has an owner."""
    one, two = (urlsplit(each).hostname or "" for each in (url, other))
    return bool(one) and (one == two or _site(one) == _site(two))


def _site(host: str) -> str:
    """The part of a host's name that somebody registered, by the usual second levels (gov.iq)."""
    labels = host.split(".")
    if ":" in host or labels[-1].isdigit():  # an address
        return host
    most = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-most:])


def is_whole_due(known: Parts | None, now: float) -> bool:
    """Whether all that is followed is to be read, without conditions."""
    return known is None or not known.whole_at <= now < known.whole_at + DAY


def listing(known: Parts | None, listed: Iterable[Part], inside: str = "") -> tuple[Part, ...]:
    """The sitemaps of a document that lists them, with what is remembered of each."""
    before = {part.url: part for part in known.members} if known else {}
    names = _names(known.listed) if known else frozenset()
    parts = []
    for each in listed:
        part = before.get(each.url)
        if part is None:
            parts.append(replace(each, inside=inside, old=_name(each.url) in names))
        else:
            current = part.current and part.lastmod == each.lastmod
            told = replace(part, lastmod=each.lastmod, dated=each.dated, settled=each.settled)
            parts.append(replace(told, inside=inside, current=current))
    return tuple(parts)


def ranked(parts: Collection[Part]) -> list[Part]:
    """The foremost first. Sitemaps with and without a date take turns."""
    dated = sorted((part for part in parts if part.dated), key=lambda part: -part.dated)
    places = {part.url: place for place, part in enumerate(dated)}
    undated = [part for part in parts if not part.dated]
    places |= _places_in_rows(undated)
    return sorted(parts, key=lambda part: (not _is_news(part), places[part.url]))


def _places_in_rows(parts: Iterable[Part]) -> dict[str, int]:
    """Sitemaps that differ in numbers alone are a row; its last page may be the newest, or its
    first: 9 1 8 2 7 …"""
    rows: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        rows[_NUMBERS.sub("0", part.url)].append(part)
    places = {}
    for row in rows.values():
        row.sort(key=lambda part: [int(number[:18]) for number in _NUMBERS.findall(part.url)])
        for place, part in enumerate(reversed(row)):
            places[part.url] = min(2 * place, 2 * (len(row) - place) - 1)
    return places


def _is_news(part: Part) -> bool:
    return _NEWS.search(urlsplit(part.url).path) is not None


def due(followed: Sequence[Part], now: float, *, whole: bool) -> list[Part]:
    """Which of the followed sitemaps to ask for now, in this order. What changed comes before what
    may have, what waits longest first; and nothing that failed a moment ago."""
    waiting = [part for part in followed if part.not_before <= now]
    if whole:
        return waiting
    places = _places_in_rows(part for part in followed if not part.dated)

    def turn(part: Part) -> tuple[bool, bool, bool, float]:
        inner = part.current and places.get(part.url, 0) > 1
        return not _is_news(part), part.current, inner, part.read_at

    return sorted((part for part in waiting if not _is_known(part)), key=turn)[:MOST_AT_ONCE]


def _is_known(part: Part) -> bool:
    """Whether the index itself tells that a sitemap is as it was when it was read."""
    settled = part.settled and part.read_at >= part.settled + _MARGIN
    return bool(part.current and settled)


def after_read(part: Part, now: float, validators: Validators, body_hash: str) -> Part:
    """A sitemap that was read, or said that it has not changed."""
    return replace(
        part,
        current=True,
        old=False,
        read_at=now,
        validators=validators,
        body_hash=body_hash,
        failures=0,
        not_before=0.0,
        error="",
    )


def after_failure(part: Part, why: FetchFailed, interval: float, now: float) -> Part:
    """A sitemap that could not be read: it is tried the next time, and after the second failure in
    a row with growing pauses."""
    pause = min(interval * 2.0 ** min(part.failures - 1, 32), DAY) if part.failures else 0.0
    return replace(
        part,
        current=False,
        failures=part.failures + 1,
        not_before=now + max(why.retry_after or 0.0, pause),
        error=f"{why.kind}: {why.detail}",
    )


def fails_for_long(part: Part) -> bool:
    """Whether a sitemap failed so often that it is not waited for."""
    return part.failures >= _PASSING


def remembered(
    known: Parts | None, parts: Sequence[Part], followed: int, now: float, *, polled: bool
) -> Parts:
    """The memory after a check; `parts` are ranked, as many as are listed. What is not followed is
    read later only if it changes, and then as if for the first time where it never was. `polled`:
    the feed was read before; what a first poll left out has stood there for long."""
    if not polled:
        parts = [replace(part, old=True) if not part.read_at else part for part in parts]
    members = [*parts[:followed]]
    for part in parts[followed:]:
        if part.read_at > now - _KEPT and len(members) < MOST_REMEMBERED:
            members.append(part)
    kept = {part.url for part in members}
    return Parts(
        validators=known.validators if known else Validators(),
        body_hash=known.body_hash if known else "",
        whole_at=known.whole_at if known else 0.0,
        followed=followed,
        members=tuple(members),
        listed=_listed(known, (part.url for part in parts if part.url not in kept)),
    )


def _name(url: str) -> bytes:
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).digest()[:_HASH]


def _listed(known: Parts | None, urls: Iterable[str]) -> str:
    """The names of what is known by name only. An index that has not changed lists nothing anew, so
    names stay, until they are more than can be listed."""
    names = frozenset(map(_name, urls))
    before = _names(known.listed) if known else frozenset()
    if len(names | before) <= _MOST_NAMES:
        names |= before
    return base64.b64encode(b"".join(sorted(names))).decode("ascii")


def _names(listed: str) -> frozenset[bytes]:
    data = base64.b64decode(listed)
    return frozenset(data[at : at + _HASH] for at in range(0, len(data), _HASH))
