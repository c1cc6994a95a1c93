"""All roads of the city, joined to one network, as lines with bends."""

from dataclasses import dataclass

import numpy as np

from geo_registry.demo import country as over_land
from geo_registry.demo import plane
from geo_registry.demo.edges import CLASS, Edges, Names, Neighbourhood, Nodes, components, edges, merged, together
from geo_registry.demo.lanes import make_lanes, make_tracks
from geo_registry.demo.layout import Layout
from geo_registry.demo.motorways import make_motorways
from geo_registry.demo.plane import Floats, Longs
from geo_registry.demo.streets import Streets, make_streets

JOIN_M = 900.0
"""Pieces of the network that lie apart are joined where they come this near."""
MOST_SWING = 0.18
"""No road swings by more than this share of its length."""
BEND_POINTS = 3
"""Vertices of a road between its ends, at most."""
STRAIGHT_BELOW_M = 60.0
"""A road shorter than this has one bend, one shorter than the double two."""


@dataclass(frozen=True, slots=True, eq=False)
class Roads:
    """The roads as flat arrays: `r` roads with `v` vertices.

    Attributes
    ----------
    highway
        Places in `edges.HIGHWAYS`, int64, shape (r,).
    name
        Shape (r,); empty where a road has none.
    vertex_ptr
        Road `i` has the vertices ``vertex_ptr[i]:vertex_ptr[i + 1]``, int64, shape (r + 1,).
    lon, lat
        Degrees of EPSG:4490, shape (v,).
    street_x, street_y, street_cell
        The corners of streets in towns, metres of the plane, and their cells; shape (s,).
    hamlet_x, hamlet_y
        Where the lanes of each of the layout's hamlets meet, metres of the plane; shape (h,).
    """

    highway: Longs
    name: tuple[str, ...]
    vertex_ptr: Longs
    lon: Floats
    lat: Floats
    street_x: Floats
    street_y: Floats
    street_cell: Longs
    hamlet_x: Floats
    hamlet_y: Floats


def make_roads(layout: Layout) -> Roads:
    """The roads of a layout; the same each time."""
    names, nodes, terrain = Names(), Nodes(), layout.terrain
    country = over_land.make_country(layout, names)
    node_of_cell = np.full(terrain.x.size, -1, dtype=np.int64)
    node_of_cell[country.cells()] = nodes.add(*over_land.drawn(terrain, country))
    streets = make_streets(layout, names, nodes)
    hamlet_x, hamlet_y = terrain.x[layout.hamlet_cell].copy(), terrain.y[layout.hamlet_cell].copy()
    points = nodes.positions()
    rural = np.flatnonzero(~layout.urban[layout.hamlet_cell])
    centre = node_of_cell[layout.hamlet_cell[rural]]
    hamlet_x[rural], hamlet_y[rural] = points[centre, 0], points[centre, 1]
    lanes = make_lanes(layout, rural, centre=centre, x=hamlet_x[rural], y=hamlet_y[rural], nodes=nodes)
    tracks = make_tracks(layout, rural, centre=centre, x=hamlet_x[rural], y=hamlet_y[rural], nodes=nodes)
    apart = together([_country_roads(layout, country, node_of_cell, points, streets), streets.edges, lanes, tracks])
    joined = _joined(nodes.positions(), apart)
    whole = together([joined, make_motorways(joined, nodes.positions(), names, nodes)])
    whole = merged(nodes.size, whole)
    vertex_ptr, lon, lat = _lines(nodes.positions(), whole)
    known = names.all()
    return Roads(
        highway=whole.highway,
        name=tuple(known[at] for at in whole.name.tolist()),
        vertex_ptr=vertex_ptr,
        lon=lon,
        lat=lat,
        street_x=streets.x,
        street_y=streets.y,
        street_cell=streets.cell,
        hamlet_x=hamlet_x,
        hamlet_y=hamlet_y,
    )


def _country_roads(
    layout: Layout, country: over_land.Country, node_of_cell: Longs, points: Floats, streets: Streets
) -> Edges:
    """The roads outside of town; those that lead into it end at the nearest corner of a street."""
    outside, into = over_land.outside_of_town(layout, country)
    bend = over_land.bends_m(layout.terrain, country.low, country.high)
    start, end = node_of_cell[country.low], node_of_cell[country.high]
    corners = Neighbourhood(np.stack([streets.x, streets.y], axis=1), 500.0)
    for at in np.flatnonzero(into).tolist():
        in_town = start if layout.urban[country.low[at]] else end
        corner, _ = corners.nearest(*points[in_town[at]].tolist())
        if corner >= 0:
            in_town[at] = streets.node[corner]
    return edges(start, end, country.highway, name=country.name, bend_m=bend).where(outside | into)


def _joined(points: Floats, apart: Edges) -> Edges:
    """The network with its pieces joined, and without those that lie too far from the rest.

    Streets across a river, and roads that ended in a town too small for streets, are such pieces.
    """
    while True:
        piece = components(len(points), apart.start, apart.end)
        used = np.unique(np.concatenate([apart.start, apart.end]))
        roots, size = np.unique(piece[used], return_counts=True)
        if roots.size == 1:
            return apart
        largest = roots[np.argmax(size)]
        main = used[piece[used] == largest]
        near = Neighbourhood(points[main], JOIN_M)
        bridges: list[tuple[int, int]] = []
        for root in roots[roots != largest].tolist():
            own = used[piece[used] == root]
            best = min((*near.nearest(*points[node].tolist())[::-1], int(node)) for node in own.tolist())
            if best[1] >= 0:
                bridges.append((best[2], int(main[best[1]])))
        if not bridges:
            return apart.where(piece[apart.start] == largest)
        start, end = np.array(bridges).T
        apart = together([apart, edges(start, end, CLASS["unclassified"], bend_m=6.0)])


def _lines(points: Floats, roads: Edges) -> tuple[Longs, Floats, Floats]:
    """Each road as a line: its ends and the bends between, degrees.

    A road through a node is two legs, of which the second goes on where the first ends.
    """
    has_via = roads.via >= 0
    road_of_leg = np.repeat(np.arange(has_via.size), 1 + has_via)
    second = np.concatenate([[False], road_of_leg[1:] == road_of_leg[:-1]])
    first = ~second & has_via[road_of_leg]
    a = points[np.where(second, roads.via[road_of_leg], roads.start[road_of_leg])]
    b = points[np.where(first, roads.via[road_of_leg], roads.end[road_of_leg])]
    along = b - a
    length = np.sqrt((along**2).sum(axis=1))
    pieces = np.clip((length / STRAIGHT_BELOW_M).astype(np.int64), 1, BEND_POINTS) + 1
    count = pieces + ~second
    leg_ptr = np.concatenate([[0], np.cumsum(count)])
    leg = np.repeat(np.arange(count.size), count)
    part = (np.arange(leg_ptr[-1]) - leg_ptr[leg] + second[leg]) / pieces[leg]
    x, y = a[leg, 0] + along[leg, 0] * part, a[leg, 1] + along[leg, 1] * part
    swing = 1.6 * plane.noise(x, y, wave_m=190.0, salt=81) + 0.8 * plane.noise(x, y, wave_m=70.0, salt=82)
    # No swing at the ends, and none to speak of on a road too short for it.
    swing *= 4 * part * (1 - part) * np.minimum(roads.bend_m[road_of_leg], length * MOST_SWING)[leg]
    side = np.stack([-along[leg, 1], along[leg, 0]], axis=1) / np.maximum(length[leg], 1.0)[:, None]
    lon, lat = plane.to_degrees(x + side[:, 0] * swing, y + side[:, 1] * swing)
    vertices = np.bincount(road_of_leg, weights=count, minlength=has_via.size).astype(np.int64)
    return np.concatenate([[0], np.cumsum(vertices)]), lon, lat
