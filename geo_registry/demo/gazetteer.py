"""The places of `tables/places.csv`: well-known names of Jinhua and a few that are made up, laid on the made-up land."""

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_registry.demo import plane, shapes, tables
from geo_registry.demo.built_up import Seat
from geo_registry.demo.layout import Layout
from geo_registry.demo.lines import in_metres, length_m, of_road
from geo_registry.demo.named import BY_EXAMPLE, KNOWN, MADE_UP, NamedPlace, OtherName, Tie
from geo_registry.demo.roads import Roads
from geo_registry.demo.terrain import CELL_M
from geo_registry.places.details import fields_of
from geo_registry.vocabulary import Certainty, NameKind, PlaceClass, PlaceRelationKind, PlaceState

CITY = "330700000000"
WIDE = "city"
"""Stands for the county of what lies in several."""
COMMUNE = "人民公社"
LONG: Mapping[str, float] = {"pool": 1.9, "massif": 1.7}
"""How many times as long as wide areas are; others are as long."""
Row = Mapping[str, str]


def make_gazetteer(layout: Layout, roads: Roads, seats: Sequence[Seat]) -> tuple[NamedPlace, ...]:
    """The places of the table; the same each time."""
    land = _Land(layout, roads, seats)
    names, ties = tables.other_names(), tables.relations()
    return tuple(_place(land, row, names.get(row["key"], ()), ties.get(row["key"], ())) for row in tables.gazetteer())


class _Land:
    """Where anchors lie, and how the shapes of the table are drawn on the land."""

    def __init__(self, layout: Layout, roads: Roads, seats: Sequence[Seat]) -> None:
        self.layout, self.roads = layout, roads
        self._seats = {seat.code: seat.cell for seat in seats}
        self._rng = plane.random(61)

    def anchor(self, county: str, near: str) -> tuple[float, float]:
        """Metres of the plane: a village's, a township's, the seat's, the river's nearest to the seat, or degrees."""
        layout, terrain = self.layout, self.layout.terrain
        word, _, name = near.partition(":")
        if word == "village":
            at = _first(layout.names.villages, county, name)
            return _middle(layout, int(layout.village_cell[at]))
        if word == "township":
            at = _first(layout.names.townships, county, name)
            return float(layout.town_x[at]), float(layout.town_y[at])
        if near == "seat":
            return _middle(layout, self._seats[county])
        if word == "river":
            cells = np.flatnonzero(terrain.river)
            x, y = _middle(layout, self._seats[county])
            away = (terrain.x[cells] - x) ** 2 + (terrain.y[cells] - y) ** 2
            return _middle(layout, int(cells[np.argmin(away)]))
        lon, lat = map(float, near.split())
        x_, y_ = plane.to_plane([lon], [lat])
        return float(x_[0]), float(y_[0])

    def drawn(self, row: Row) -> tuple[str, BaseGeometry]:
        """The name of a row and its shape; a highway has the name of the road that it lies on."""
        how, *said = row["shape"].split()
        if how == "highway":
            return of_road(self.roads, said[0], ending="公路")
        if how == "path":
            corners = np.array([each.split() for each in " ".join(said).split(";")], dtype=np.float64)
            return row["name"], shapes.smooth(np.stack(plane.to_plane(corners[:, 0], corners[:, 1]), axis=1))
        if how == "valley":
            shape = shapes.course(int(said[0]), float(said[1]), float(said[2]))
            return row["name"], shapely.reverse(shape) if "back" in said else shape
        return row["name"], self._laid(how, [*map(float, said)], *self.anchor(row["county"], row["near"]))

    def _laid(self, how: str, sizes: Sequence[float], x: float, y: float) -> BaseGeometry:
        """A shape of some sizes about an anchor, or aside of it by what is told after them, in metres."""
        needed = {"point": 0, "line": 2}.get(how, 1)
        aside = [*sizes[needed:], 0.0, 0.0]
        x, y = x + aside[0], y + aside[1]
        if how == "peak":
            x, y = _middle(self.layout, shapes.summit(self.layout.terrain, x, y, sizes[0]))
        if how in {"point", "peak"}:
            return shapes.point(x, y)
        if how == "line":
            return shapes.straight(x, y, sizes[0], sizes[1])
        if how == "isles":
            return shapes.isles(x, y, sizes[0], self._rng)
        return shapes.rounded(x, y, sizes[0], self._rng, long=LONG.get(how, 1.0))

    def told_by(self, place_class: PlaceClass, shape: BaseGeometry) -> Mapping[str, int]:
        """What the land tells of a place: how long a line is, how high a mountain."""
        fields = {field.key for field in fields_of(place_class)}
        if "length_m" in fields and shape.geom_type == "LineString":
            return {"length_m": round(length_m(shape))}
        if "elevation_m" in fields:
            west, south, east, north = in_metres(shape).bounds
            terrain, half = self.layout.terrain, CELL_M / 2
            within = (terrain.x >= west - half) & (terrain.x <= east + half)
            within &= (terrain.y >= south - half) & (terrain.y <= north + half)
            return {"elevation_m": int(terrain.height_m[within].max())}
        return {}


def _place(land: _Land, row: Row, names: Sequence[Row], ties: Sequence[Row]) -> NamedPlace:
    place_class = PlaceClass.of(row["class"])
    name, shape = land.drawn(row)
    known = row["known"] == "yes"
    said = dict(each.split("=", 1) for each in row["detail"].split(";") if each)
    detail = {
        **land.told_by(place_class, shape),
        **{key: int(value) if key.endswith("_m") else value for key, value in said.items()},
    }
    others = [_name(each) for each in names]
    if name.endswith(COMMUNE):
        others.append(OtherName(name.removesuffix(COMMUNE) + "公社", NameKind.SHORT))
    return NamedPlace(
        key=row["key"],
        place_class=place_class,
        name=name,
        shape=shape,
        source=KNOWN if known else MADE_UP,
        state=PlaceState.of(row["state"]),
        begun=row["begun"] or None,
        ended=row["ended"] or None,
        named=row["named"] or None,
        division=CITY if row["county"] == WIDE else None,
        meaning=row["meaning"],
        origin=row["origin"],
        detail=cast("Mapping[str, str | float | int]", detail),
        names=tuple(others),
        ties=tuple(_tie(each) for each in ties),
    )


def _name(row: Row) -> OtherName:
    return OtherName(
        name=row["name"],
        kind=NameKind.of(row["kind"]),
        language=row["language"],
        romanized=row["romanized"] or None,
        since=row["from"] or None,
        until=row["to"] or None,
        source=f"{BY_EXAMPLE}{row['source']}",
    )


def _tie(row: Row) -> Tie:
    return Tie(
        kind=PlaceRelationKind.of(row["kind"]),
        other=row["other"],
        evidence=f"{BY_EXAMPLE}{row['evidence']}",
        certainty=Certainty.of(row["certainty"]),
        since=row["since"] or None,
    )


def _first(known: Sequence[tuple[str, str]], county: str, name: str) -> int:
    return next(at for at, (code, each) in enumerate(known) if code.startswith(county) and each.startswith(name))


def _middle(layout: Layout, cell: int) -> tuple[float, float]:
    return float(layout.terrain.x[cell]), float(layout.terrain.y[cell])
