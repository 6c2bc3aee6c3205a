"""`rasid places`: the places that rules may name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answers import Json, count, joined, json_document
from monitor.cli.completing import place_names
from monitor.cli.options import config_option, directory, json_option
from monitor.cli.terminal import Screen
from monitor.errors import ConfigError, QueryError, UsageError

if TYPE_CHECKING:
    from monitor.core.places.gazetteer import Gazetteer
    from monitor.model import Place


@click.group(short_help="Show the places that rules may name.")
@config_option
def places() -> None:
    """The places that rules may name: the shipped ones, and those of places.yaml."""


@places.command("show", short_help="Every place of a name.")
@click.argument("name", shell_complete=place_names)
@config_option
@json_option
def show(*, name: str, as_json: bool) -> int:
    """Every place that NAME, a name or an id, may mean: what contains it, what else it is called,
    where it lies, and what else the name means."""
    gazetteer = _gazetteer()
    found = _found(gazetteer, name)
    if as_json:
        click.echo(json_document([_answer(place) for place in found]))
        return 0
    screen = Screen()
    for place in found:
        _show(screen, place, gazetteer)
    return 0


@places.command("list", short_help="The places inside a place.")
@click.argument("name", shell_complete=place_names)
@click.option("--kind", help="Only places of this kind, such as district or camp.")
@config_option
@json_option
def list_places(*, name: str, kind: str | None, as_json: bool) -> int:
    """Every place inside NAME, a name or an id, that is, all that a rule on it hears."""
    gazetteer = _gazetteer()
    ids = frozenset().union(*(gazetteer.inside(place.id) for place in _found(gazetteer, name)))
    inside = [place for place in gazetteer.places.values() if place.id in ids]
    found = [place for place in inside if kind in (None, place.kind)]
    if as_json:
        click.echo(json_document([_answer(place) for place in found]))
        return 0
    screen = Screen()
    for place in found:
        screen.line(f"{place.name}  {place.kind}  {place.id}")
    screen.line(count(len(found), "place"), "dim")
    return 0


def _gazetteer() -> Gazetteer:
    """That of the configuration, or where there is none the shipped one."""
    from monitor.settings.load import load_places
    from monitor.settings.packaged import shipped_gazetteer

    try:
        folder = directory()
    except ConfigError:
        return shipped_gazetteer()
    return load_places(folder)


def _found(gazetteer: Gazetteer, name: str) -> tuple[Place, ...]:
    from monitor.model import PlaceName

    try:
        return gazetteer.find(PlaceName(name))
    except QueryError as error:
        hint = f" ({error.suggestion})" if error.suggestion else ""
        raise UsageError(f"{error.reason}{hint}") from error


def _answer(place: Place) -> Json:
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in place._asdict().items()
    }


def _show(screen: Screen, place: Place, gazetteer: Gazetteer) -> None:
    parents = [gazetteer.places[parent].name for parent in place.parents]
    position = None if place.lat is None or place.lon is None else f"{place.lat:g}, {place.lon:g}"
    source = [f"GeoNames {place.geonames}" if place.geonames else None, place.iso]
    told = {
        "in": joined(parents),
        "also": joined((*place.spellings, *place.kurdish, *place.latin)),
        "means": joined(place.meanings),
        "lies at": position,
        "people": f"{place.population:,}" if place.population else None,
        "source": joined(source) if place.verified else "none confirms it",
    }
    screen.line(f"{place.name}  {place.kind}  {place.id}", "bold")
    for what, text in told.items():
        if text:
            screen.line(f"  {what}: {text}")
