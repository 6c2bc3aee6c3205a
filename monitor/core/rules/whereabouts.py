"""The places that an article speaks of, the one that is meant first.

What the rules that fired rest on comes before the title's places, and both before those that the
article merely mentions. This module must not judge whether a name is a place.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from monitor.core.places.gazetteer import Gazetteer
from monitor.model import Location, Match, Place, PlaceReading, Span


@dataclass(slots=True)
class _Meant:
    """A place that is spoken of. `rules` are the numbers of the matches that rest on its name."""

    place: Place
    sure: bool = False
    titled: bool = False
    rules: set[int] = field(default_factory=set)
    shared: tuple[str, ...] = ()  # what contains every place that the name may mean


class _Ground:
    """What a match rests on: by field, where its spans start, and how far those until there reach.
    An article may have thousands of both."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._starts: dict[str, list[int]] = {}
        self._reaches: dict[str, list[int]] = {}
        for span in sorted(spans):
            reaches = self._reaches.setdefault(span.field, [0])
            self._starts.setdefault(span.field, []).append(span.start)
            reaches.append(max(reaches[-1], span.end))

    def touches(self, where: Span) -> bool:
        """Whether it shares a letter with a part of the article."""
        before = bisect_left(self._starts.get(where.field, ()), where.end)
        return before > 0 and self._reaches[where.field][before] > where.start


def whereabouts(
    readings: Iterable[PlaceReading],
    matches: Sequence[Match],
    wanted: frozenset[str],
    gazetteer: Gazetteer,
) -> tuple[Location, ...]:
    """The places of readings that were accepted, but for those that contain another of them, which
    names them as well; a place that rules rest on stays beside one that is merely mentioned. Where
    a name may be several places, the one of the ids that are `wanted` is meant; else there is no
    position, and only what contains all of them is told."""
    grounds = [_Ground(match.spans) for match in matches]
    meant: dict[str, _Meant] = {}
    for reading in readings:
        asked = _asked(reading, wanted)
        spoken = meant.setdefault(
            asked or reading.id, _Meant(gazetteer.places[asked or reading.id])
        )
        spoken.sure = bool(asked) or _one_spot(reading, gazetteer)
        spoken.shared = _shared(reading, gazetteer)
        spoken.titled |= reading.span.field == "title"
        spoken.rules.update(n for n, ground in enumerate(grounds) if ground.touches(reading.span))
    told = [each for each in meant.values() if not _told_by_another(each, meant, gazetteer)]
    told.sort(key=_first_of_all)
    return tuple(_location(each, gazetteer) for each in told)


def _asked(reading: PlaceReading, wanted: frozenset[str]) -> str | None:
    """The place of a name that rules listen to."""
    return reading.id if reading.id in wanted else min(reading.ids & wanted, default=None)


def _one_spot(reading: PlaceReading, gazetteer: Gazetteer) -> bool:
    """Whether all that a name may be lies in one place: a town, and the dam beside it."""
    own = gazetteer.places[reading.id]
    others = (gazetteer.places[each] for each in reading.ids if each != own.id)
    return all(own.id in each.parents or each.id in own.parents for each in others)


def _shared(reading: PlaceReading, gazetteer: Gazetteer) -> tuple[str, ...]:
    """The ids of what contains every place that a name may mean, the nearest first."""
    chains = [gazetteer.places[each].parents for each in reading.ids]
    return tuple(each for each in reading.parents if all(each in chain for chain in chains))


def _told_by_another(each: _Meant, meant: dict[str, _Meant], gazetteer: Gazetteer) -> bool:
    """Whether a place is named by what lies in it. A wide country always is."""
    inner = [other for other in meant.values() if each.place.id in other.place.parents]
    if not inner:
        return False
    merely_mentioned = not any(other.rules for other in inner)
    stays = each.rules and merely_mentioned and gazetteer.position(each.place)
    return not stays


def _first_of_all(each: _Meant) -> tuple[bool, bool, int, int]:
    return not each.rules, not each.titled, -len(each.rules), -len(each.place.parents)


def _location(each: _Meant, gazetteer: Gazetteer) -> Location:
    known = gazetteer.places
    parents = each.place.parents if each.sure else each.shared
    names = tuple(known[parent].name for parent in parents if parent in known)
    lat, lon = (gazetteer.position(each.place) if each.sure else None) or (None, None)
    return Location(each.place.name, names, lat, lon)
