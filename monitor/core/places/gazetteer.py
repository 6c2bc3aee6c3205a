"""The places that rules may name: by id, name or spelling, and what lies inside what.

This module must not read articles (see mentions) nor judge names (see sense).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from monitor.core.text.tokens import words
from monitor.errors import QueryError
from monitor.model import Place, PlaceName


def name_key(name: str) -> tuple[str, ...]:
    """What two spellings of one name have in common: their folded words."""
    return tuple(words(name))


class Gazetteer:
    """Places by id, by name, and by what contains them. Immutable; any thread may read it.

    Of two rows with one id the later counts, so that a user's place replaces a shipped one."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.places: Mapping[str, Place] = MappingProxyType({place.id: place for place in places})
        named: dict[tuple[str, ...], list[Place]] = {}
        inside: dict[str, set[str]] = {}
        for place in self.places.values():
            for key in {name_key(name) for name in (place.name, *place.spellings)} - {()}:
                named.setdefault(key, []).append(place)
            for container in (place.id, *place.parents):
                inside.setdefault(container, set()).add(place.id)
        self.names: Mapping[tuple[str, ...], tuple[Place, ...]] = MappingProxyType(
            {key: tuple(found) for key, found in named.items()}
        )
        self._inside = {container: frozenset(ids) for container, ids in inside.items()}

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

    def inside(self, place_id: str) -> frozenset[str]:
        """The ids of a place and of everything inside it."""
        return self._inside.get(place_id, frozenset({place_id}))

    def _named(self, name: str) -> tuple[Place, ...]:
        if name in self.places:
            return (self.places[name],)
        found = self.names.get(name_key(name))
        if found is None:
            raise QueryError(f"no place is called {name}", 0, self._suggestion(name))
        return found

    def _suggestion(self, name: str) -> str | None:
        known = {" ".join(key): places[0].name for key, places in self.names.items()}
        near = get_close_matches(" ".join(name_key(name)), known, n=1, cutoff=0.7)
        near_ids = get_close_matches(name, self.places, n=1, cutoff=0.8)
        if not near and not near_ids:
            return None
        return f"did you mean {known[near[0]] if near else near_ids[0]}?"
