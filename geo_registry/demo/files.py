"""The demonstration as files, in the formats and with the mappings that anybody's data come in."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pyogrio
import shapely

from geo_registry.demo import plane, tables
from geo_registry.demo.boundaries import Shapes
from geo_registry.demo.datasets import KEY, LICENCES
from geo_registry.demo.edges import HIGHWAYS
from geo_registry.demo.people import GROUPS
from geo_registry.demo.region import Region
from geo_registry.exchange.inputs import ImportCommand
from geo_registry.facilities.kinds import DETAIL_FIELDS, FieldType
from geo_registry.vocabulary import DatasetKind, PopulationBasis, PositionQuality

CENSUS_DAY = date(2020, 11, 1)
CRS = "EPSG:4490"

_ABOUT = f'[constants]\nposition_quality = "{PositionQuality.SYNTHETIC.value}"\n'


def write_files(region: Region, folder: Path) -> Sequence[ImportCommand]:
    """Write the region to files of a folder; the imports that bring them in, in their order."""
    return (
        _divisions(region, folder),
        *(_earlier(year, names, folder) for year, names in tables.lists().items() if year != tables.LATEST),
        _roads(region, folder),
        _facilities(region, folder),
        _population(region, folder),
    )


def _divisions(region: Region, folder: Path) -> ImportCommand:
    names, areas = region.layout.names, region.boundaries
    levels: tuple[tuple[Sequence[tuple[str, str]], Shapes], ...] = (
        ((names.city,), areas.city),
        (names.counties, areas.counties),
        (names.townships, areas.townships),
        (names.villages, areas.villages),
    )
    shapes = np.concatenate([level for _, level in levels])
    whole = [shapely.multipolygons(shapely.get_parts(shape)) for shape in shapes]
    known = [one for level, _ in levels for one in level]
    path = folder / f"{KEY}-divisions.fgb"
    _layer(path, np.array(whole, dtype=object), "MultiPolygon", code=[c for c, _ in known], name=[n for _, n in known])
    return _command(DatasetKind.DIVISIONS, path, _ABOUT, vintage=tables.LATEST)


def _earlier(year: int, names: Mapping[str, str], folder: Path) -> ImportCommand:
    """An earlier list: codes and names, without boundaries."""
    path = folder / f"{KEY}-divisions-{year}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("code", "name"))
        writer.writerows(names.items())
    return _command(DatasetKind.DIVISIONS, path, _ABOUT, vintage=year)


def _roads(region: Region, folder: Path) -> ImportCommand:
    roads = region.roads
    road = np.repeat(np.arange(roads.highway.size), np.diff(roads.vertex_ptr))
    lines = shapely.linestrings(np.stack([roads.lon, roads.lat], axis=1), indices=road)
    path = folder / f"{KEY}-roads.fgb"
    _layer(
        path,
        lines,
        "LineString",
        source_id=[f"way-{at:06d}" for at in range(roads.highway.size)],
        name=list(roads.name),
        highway=[HIGHWAYS[at] for at in roads.highway.tolist()],
        # A motorway that says nothing is taken for one carriageway of two.
        oneway=["no"] * roads.highway.size,
    )
    return _command(DatasetKind.ROADS, path, _ABOUT)


def _layer(path: Path, shapes: Shapes, geometry_type: str, **columns: Sequence[str]) -> None:
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapes),
        [np.array(column, dtype=object) for column in columns.values()],
        list(columns),
        geometry_type=geometry_type,
        crs=CRS,
        driver="FlatGeobuf",
        # The file's order is the registry's: an index would have it sorted by place.
        layer_options={"SPATIAL_INDEX": "NO"},
    )


def _facilities(region: Region, folder: Path) -> ImportCommand:
    details = [key for key, field in DETAIL_FIELDS.items() if field.holds is not FieldType.COUNTS]
    burials = sorted({kind for one in region.facilities for kind in _counts(one.detail)})
    plain = (
        "source_id",
        "kind",
        "name",
        "division",
        "address",
        "status",
        "opened_on",
        "closed_on",
        "capacity",
        "confirmed_on",
    )
    path = folder / f"{KEY}-facilities.csv"
    lon, lat = plane.to_degrees([one.x for one in region.facilities], [one.y for one in region.facilities])
    codes = [code for code, _ in region.layout.names.villages]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((*plain, "lon", "lat", *details, *burials))
        for one, east, north in zip(region.facilities, lon.tolist(), lat.tolist(), strict=True):
            counts = _counts(one.detail)
            writer.writerow(
                (
                    one.source_id,
                    one.kind.value,
                    one.name,
                    codes[one.village],
                    one.address,
                    one.status.value,
                    one.opened_on,
                    one.closed_on,
                    one.capacity,
                    one.confirmed_on,
                    east,
                    north,
                    *[_cell(one.detail.get(key)) for key in details],
                    *[counts.get(kind) for kind in burials],
                )
            )
    columns = {name: name for name in (*plain, *details)} | {f"burial_places.{kind}": kind for kind in burials}
    return _command(DatasetKind.FACILITIES, path, _ABOUT + _mapped(columns))


def _counts(detail: Mapping[str, object]) -> Mapping[str, int]:
    found = detail.get("burial_places")
    return found if isinstance(found, dict) else {}


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ";".join(map(str, value)) if isinstance(value, list) else value


def _population(region: Region, folder: Path) -> ImportCommand:
    people, codes = region.people, [code for code, _ in region.layout.names.villages]
    lon, lat = plane.to_degrees(people.x, people.y)
    groups = [people.group(name).tolist() for name in GROUPS]
    path = folder / f"{KEY}-population.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("source_id", "division", "lon", "lat", *GROUPS))
        villages = (codes[at] for at in people.village.tolist())
        ids = (f"point-{at:05d}" for at in range(people.village.size))
        writer.writerows(zip(ids, villages, lon.tolist(), lat.tolist(), *groups, strict=True))
    columns = {"source_id": "source_id", "division": "division"} | {f"population.{name}": name for name in GROUPS}
    return _command(
        DatasetKind.POPULATION,
        path,
        _ABOUT + _mapped(columns),
        basis=PopulationBasis.RESIDENT,
        as_of=CENSUS_DAY,
    )


def _mapped(columns: Mapping[str, str]) -> str:
    lines = [f'"{field}" = "{column}"' for field, column in columns.items()]
    return "\n".join(["[columns]", *lines, "[geometry]", 'lon = "lon"', 'lat = "lat"', ""])


def _command(
    kind: DatasetKind,
    path: Path,
    mapping: str,
    *,
    vintage: int | None = None,
    basis: PopulationBasis | None = None,
    as_of: date | None = None,
) -> ImportCommand:
    mapping_path = path.with_suffix(".toml")
    mapping_path.write_text(mapping, encoding="utf-8")
    return ImportCommand(
        kind=kind,
        path=path,
        dataset=KEY,
        mapping=mapping_path,
        crs=CRS.lower(),
        vintage=vintage,
        basis=basis,
        as_of=as_of,
        licence=LICENCES[kind],
    )
