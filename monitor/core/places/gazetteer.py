"""The places that rules may name: by id, name or spelling, and what lies inside what.

This module must not read articles (see mentions) nor judge names (see sense).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches
from functools import cached_property
from math import asin, cos, log10, radians, sin, sqrt
from types import MappingProxyType
from typing import Final

from monitor.core.places.lore import NO_LORE, Lore
from monitor.core.text.tokens import words, words_of_each
from monitor.errors import QueryError
from monitor.model import Place, PlaceName

Position = tuple[float, float]  # latitude and longitude, in degrees (WGS 84)

# Of these a point says nothing.
_WIDE: Final = frozenset({"country", "region"})
_EARTH: Final = 6371.0  # km, the mean radius
_NEAREST: Final = 8  # names that a misspelt one may have meant
_RENOWN: Final = {"country": 0.12, "governorate": 0.12, "district": 0.06, "city": 0.06}
_AT_ONCE: Final = 1_000  # names that are folded together


def distance_km(one: Position, other: Position) -> float:
    """The distance of two positions over the globe, in kilometres (haversine)."""
    north, east = radians(other[0] - one[0]), radians(other[1] - one[1])
    across = cos(radians(one[0])) * cos(radians(other[0])) * sin(east / 2) ** 2
    return 2 * _EARTH * asin(sqrt(min(1.0, sin(north / 2) ** 2 + across)))


def name_key(name: str) -> tuple[str, ...]:
    """What two spellings of one name have in common: their folded words."""
    return tuple(words(name))


def names_of(place: Place) -> tuple[str, ...]:
    """All that a place is called in Arabic letters, its own name first."""
    return (place.name, *place.spellings, *place.kurdish)


def _keys(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The folded words of each name; of so many at once that they cost neither time nor room."""
    for start in range(0, len(names), _AT_ONCE):
        yield from words_of_each(names[start : start + _AT_ONCE])


def _named(
    places: Iterable[Place], names: Callable[[Place], tuple[str, ...]]
) -> dict[tuple[str, ...], tuple[Place, ...]]:
    """The places by the folded words of their names. Names that share a word share its string, and
    those of one place alone their tuple, which saves 3 MB of 8."""
    listed = [(name, alone) for place in places for alone in [(place,)] for name in names(place)]
    found: dict[tuple[str, ...], tuple[Place, ...]] = {}
    shared: dict[str, str] = {}
    for key, (_, alone) in zip(_keys([name for name, _ in listed]), listed, strict=True):
        bearers = found.get(key)
        if bearers is None:
            found[tuple(map(shared.setdefault, key, key))] = alone
        elif bearers[-1] is not alone[0]:
            found[key] = bearers + alone
    found.pop((), None)
    return found


class Gazetteer:
    """Places by id, by name, and by what contains them, and the lore by which their names are
    judged. Immutable; any thread may read it. Of two rows with one id the later counts."""

    def __init__(self, places: Iterable[Place], lore: Lore = NO_LORE) -> None:
        self._fill(places, lore)
        self.names: Mapping[tuple[str, ...], tuple[Place, ...]] = MappingProxyType(
            _named(self.places.values(), names_of)
        )

    def _fill(self, places: Iterable[Place], lore: Lore) -> None:
        self.lore = lore
        self.places: Mapping[str, Place] = MappingProxyType({place.id: place for place in places})
        inside: dict[str, list[str]] = {}  # sets would take 4 MB more
        for place in self.places.values():
            for container in place.parents:
                inside.setdefault(container, []).append(place.id)
        self._inside = inside

    def joined(self, own: Sequence[Place], lore: Lore) -> Gazetteer:
        """This gazetteer with places of a user's, which replace those of the same ids, and with
        other lore. Folding 40,000 names takes a third of a second, so those known are taken over.
        """
        new = {place.id for place in own}
        gone = [self.places[each] for each in new if each in self.places]
        names = dict(self.names)
        for key in _named(gone, names_of):
            names[key] = tuple(place for place in names[key] if place.id not in new)
        for key, bearers in _named(own, names_of).items():
            names[key] = names.get(key, ()) + bearers
        made = Gazetteer.__new__(Gazetteer)
        made._fill([*(each for each in self.places.values() if each.id not in new), *own], lore)
        made.names = MappingProxyType({key: each for key, each in names.items() if each})
        return made

    @cached_property
    def latin(self) -> Mapping[tuple[str, ...], tuple[Place, ...]]:
        """Places by their names in Latin letters, which few texts hold: made when one does."""
        return MappingProxyType(_named(self.places.values(), lambda place: place.latin))

    def bearers(self, key: tuple[str, ...]) -> tuple[Place, ...]:
        """The places of a name, given as its folded words, in any letters."""
        found = self.names.get(key, ())
        return found or (self.latin.get(key, ()) if any(map(str.isascii, key)) else ())

    def find(self, name: PlaceName) -> tuple[Place, ...]:
        """Every place that a rule means by a name. Raises QueryError, with a suggestion where a
        known name is near."""
        found = self._named(name.name)
        if name.within is None:
            return found
        containers = {place.id for place in self._named(name.within)}
        inner = tuple(place for place in found if containers.intersection(place.parents))
        if not inner:
            raise QueryError(f"no place {name.name} is known inside {name.within}")
        return inner

    def around(self, name: PlaceName, km: float) -> frozenset[str]:
        """The ids of the places that a name means, of what lies inside them, and of every place at
        most so many kilometres away. Raises QueryError where no place of that name is known, or
        none with its position on the map."""
        found = self.find(name)
        centres = [where for place in found if (where := self.position(place))]
        if not centres:
            cure = "give it lat and lon in places.yaml"
            raise QueryError(f"where {name.name} lies on the map is not known", 0, cure)
        near = {
            place.id
            for place in self.places.values()
            if place.kind not in _WIDE
            and (where := self.position(place))
            and any(distance_km(centre, where) <= km for centre in centres)
        }
        return frozenset(near).union(*(self.inside(place.id) for place in found))

    def position(self, place: Place) -> Position | None:
        """Where a place lies, or else the nearest that contains it and is no wide country."""
        for candidate in (place, *map(self.places.get, place.parents)):
            if candidate is None or candidate.kind in _WIDE:
                return None
            if candidate.lat is not None and candidate.lon is not None:
                return candidate.lat, candidate.lon
        return None

    def inside(self, place_id: str) -> frozenset[str]:
        """The ids of a place and of everything inside it."""
        return frozenset((place_id, *self._inside.get(place_id, ())))

    def _named(self, name: str) -> tuple[Place, ...]:
        if name in self.places:
            return (self.places[name],)
        found = self.bearers(name_key(name))
        if not found:
            raise QueryError(f"no place is called {name}", 0, self._suggestion(name))
        return found

    def _suggestion(self, name: str) -> str | None:
        every = {**self.latin, **self.names}
        known = {" ".join(key): max(places, key=_renown) for key, places in every.items()}
        key = name_key(name)
        if len(key) > 1 and "head" in self.lore.kinds.get(key[0], ()) and self.bearers(key[1:]):
            key = key[1:]  # قضاء مخمور
        wanted = " ".join(key)
        near = get_close_matches(wanted, known, n=_NEAREST, cutoff=0.7)
        near.sort(key=lambda each: _likeness(each, wanted) + _renown(known[each]), reverse=True)
        near_ids = get_close_matches(name, self.places, n=1, cutoff=0.8)
        if not near and not near_ids:
            return None
        return f"did you mean {known[near[0]].name if near else near_ids[0]}?"


def _likeness(one: str, other: str) -> float:
    """What get_close_matches goes by: 0 to 1."""
    return SequenceMatcher(None, other, one).ratio()


def _renown(place: Place) -> float:
    """How much likelier one means a well-known place than a hamlet of nearly that name, as part of
    a likeness."""
    return _RENOWN.get(place.kind, 0.0) + 0.01 * log10(place.population + 1)
