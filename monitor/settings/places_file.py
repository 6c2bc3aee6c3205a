"""places.yaml: the user's own places, joined to the shipped gazetteer.

This module must not judge whether a name is ambiguous in texts: that is the core's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from monitor.core.places.gazetteer import Gazetteer, name_key
from monitor.errors import QueryError
from monitor.model import Place, PlaceName
from monitor.settings.report import Scope, shown
from monitor.settings.schema import OwnPlaceSection
from monitor.settings.validate import check, items

_SPARE = {"id": "unnamed", "name": "؟"}
_Own = tuple[OwnPlaceSection, Scope, frozenset[str]]


def read_places(scope: Scope, shipped: Iterable[Place]) -> tuple[Place, ...]:
    """Shipped places and the user's own; an own place replaces the shipped one of the same id."""
    own: list[_Own] = []
    for below in items(scope, "places"):
        section, faulty = check(OwnPlaceSection, below, _SPARE)
        if section is not None:
            own.append((section, below, faulty))
    if not own:
        return tuple(shipped)
    _refuse_repeats(own)
    bare = [_bare(section) for section, _, _ in own]
    ids = {place.id for place in bare}
    others = [place for place in shipped if place.id not in ids]
    gazetteer = Gazetteer([*others, *bare])
    direct = {section.id: _containers(section, below, gazetteer) for section, below, _ in own}
    placed = [_placed(section, below, gazetteer, direct) for section, below, _ in own]
    return (*others, *placed)


def _bare(section: OwnPlaceSection) -> Place:
    return Place(
        id=section.id,
        kind=section.kind,
        name=section.name,
        spellings=tuple(section.spellings),
        lat=section.lat,
        lon=section.lon,
    )


def _refuse_repeats(own: list[_Own]) -> None:
    ids: dict[str, Scope] = {}
    names: dict[object, Scope] = {}
    for section, scope, faulty in own:
        if "id" not in faulty:
            first = ids.setdefault(section.id, scope)
            if first is not scope:
                line = first.line(("id",))
                scope.error(("id",), f"repeated id {shown(section.id)}, first at line {line}")
        if "name" not in faulty:
            first = names.setdefault((name_key(section.name), tuple(section.within)), scope)
            if first is not scope:
                line = first.line(("name",))
                scope.error(("name",), f"repeated name {shown(section.name)}, first at line {line}")


def _containers(section: OwnPlaceSection, scope: Scope, gazetteer: Gazetteer) -> list[str]:
    """The ids that `in` names, in its order; a name of several places names them all."""
    found: list[str] = []
    for index, name in enumerate(section.within):
        try:
            found += [place.id for place in gazetteer.find(PlaceName(name))]
        except QueryError as error:
            scope.error(("in", index), error.reason, error.suggestion)
    return found


def _placed(
    section: OwnPlaceSection, scope: Scope, gazetteer: Gazetteer, direct: dict[str, list[str]]
) -> Place:
    """The place with all that contains it, nearest first, and the country of the nearest."""
    parents: list[str] = []
    waiting = list(direct[section.id])
    while waiting:
        parent = waiting.pop(0)
        if parent == section.id:
            scope.error(("in",), "the place lies inside itself")
        elif parent not in parents:
            parents.append(parent)
            waiting += direct.get(parent, gazetteer.places[parent].parents)
    known = (gazetteer.places[parent] for parent in parents if parent in gazetteer.places)
    country = next((place.country for place in known if place.country), None)
    return replace(_bare(section), parents=tuple(parents), country=country)
