"""places.yaml: the user's own places and words, joined to the shipped gazetteer.

This module must not judge whether a name is ambiguous in texts: that is the core's.
"""

from __future__ import annotations

from dataclasses import replace

from monitor.core.places.gazetteer import Gazetteer, name_key
from monitor.core.places.lore import Lore, kinds_of
from monitor.core.text.tokens import words
from monitor.errors import QueryError
from monitor.model import Place, PlaceName
from monitor.settings.report import Scope, did_you_mean, shown
from monitor.settings.schema import OwnPlaceSection, SenseSection
from monitor.settings.validate import check, items

_SPARE = {"id": "unnamed", "name": "؟"}
_Own = tuple[OwnPlaceSection, Scope, frozenset[str]]


def read_places(scope: Scope, shipped: Gazetteer) -> Gazetteer:
    """Shipped places and the user's own, which replace the shipped ones of the same ids, judged by
    the shipped lore and the user's additions to it."""
    lore = _lore(scope, shipped.lore)
    own = _own(scope, shipped)
    return shipped if lore is shipped.lore and not own else shipped.joined(own, lore)


def _own(scope: Scope, shipped: Gazetteer) -> tuple[Place, ...]:
    """The user's places, with what contains them."""
    own: list[_Own] = []
    for below in items(scope, "places", "sense"):
        section, faulty = check(OwnPlaceSection, below, _SPARE)
        if section is not None:
            if faulty.isdisjoint(("lat", "lon")):
                _refuse_half_a_position(section, below)
            own.append((section, below, faulty))
    if not own:
        return ()
    _refuse_repeats(own)
    gazetteer = shipped.joined([_bare(section) for section, _, _ in own], shipped.lore)
    direct = {section.id: _containers(section, below, gazetteer) for section, below, _ in own}
    return tuple(_placed(section, below, gazetteer, direct) for section, below, _ in own)


def _refuse_half_a_position(section: OwnPlaceSection, scope: Scope) -> None:
    if (section.lat is None) is not (section.lon is None):
        there, other = ("lat", "lon") if section.lon is None else ("lon", "lat")
        scope.error((there,), f"needs {other} beside it")


def _bare(section: OwnPlaceSection) -> Place:
    return Place(
        id=section.id,
        kind=section.kind,
        name=section.name,
        spellings=tuple(section.spellings),
        lat=section.lat,
        lon=section.lon,
        meanings=tuple(section.meanings),
        population=section.population,
    )


def _lore(scope: Scope, shipped: Lore) -> Lore:
    """The shipped lore with the user's words, expressions and weights."""
    if not isinstance(scope.value, dict) or "sense" not in scope.value:
        return shipped
    section, _ = check(SenseSection, scope.below("sense"), {})
    if section is None:
        return shipped
    known = frozenset().union(*shipped.kinds.values())
    for kind in section.words:
        if kind not in known:
            reason = f"no kind of word is called {shown(kind)}"
            scope.error(("sense", "words", kind), reason, did_you_mean(kind, known))
    for clue in section.weights:
        if clue not in shipped.weights:
            reason = f"no evidence is called {shown(clue)}"
            scope.error(("sense", "weights", clue), reason, did_you_mean(clue, shipped.weights))
    for kind, listed in section.words.items():
        for index, word in enumerate(listed):
            if len(words(word)) != 1:
                path = ("sense", "words", kind, index)
                scope.error(path, f"{shown(word)} is not one word")
    own = kinds_of(section.words, shipped.definite)
    kinds = {word: told | shipped.kinds.get(word, frozenset()) for word, told in own.items()}
    return replace(
        shipped,
        kinds={**shipped.kinds, **kinds},
        phrases=(*shipped.phrases, *section.phrases),
        weights={**shipped.weights, **section.weights},
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
    return _bare(section)._replace(parents=tuple(parents), country=country)
