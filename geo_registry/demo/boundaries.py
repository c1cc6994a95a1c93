"""The boundaries: cells of a Voronoi diagram, each the village's that its middle belongs to, dissolved level by level.

Every boundary is made of the same cells' edges, so that levels nest without gaps or slivers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo_registry.demo import plane, tables, ways
from geo_registry.demo.edges import components
from geo_registry.demo.layout import Layout
from geo_registry.demo.plane import Bools, Longs
from geo_registry.demo.terrain import CELL_M

Shapes = npt.NDArray[np.object_]

COUNTRY_EVERY = 3
"""Outside of town every third cell of a row and of a column is a point of the diagram, in town every one."""
EXCLAVE_ROUNDS = 6
MARGIN_CELLS = 9
"""Points are laid this far beyond the city, to bound its outermost cells."""


@dataclass(frozen=True, slots=True, eq=False)
class Boundaries:
    """Areas in degrees of EPSG:4490, polygons or multipolygons, in the order of the names."""

    city: Shapes
    counties: Shapes
    townships: Shapes
    villages: Shapes


def make_boundaries(layout: Layout) -> Boundaries:
    """The boundaries of a layout; the same each time with the same GEOS."""
    cells, village = _cells(layout)
    villages = _dissolved(cells, village, layout.village_cell.size)
    townships = _dissolved(villages, layout.village_town, layout.town_cell.size)
    counties = _dissolved(townships, county_of_town(layout), len(layout.names.counties))
    city = _dissolved(counties, np.zeros(counties.size, dtype=np.int64), 1)
    return Boundaries(city=city, counties=counties, townships=townships, villages=villages)


def county_of_town(layout: Layout) -> Longs:
    """The place of each township's county among the counties."""
    place = {code[: tables.COUNTY_DIGITS]: at for at, (code, _) in enumerate(layout.names.counties)}
    return np.array([place[code[: tables.COUNTY_DIGITS]] for code, _ in layout.names.townships])


def _cells(layout: Layout) -> tuple[Shapes, Longs]:
    """The cells of the diagram within the city, degrees, and whose each is."""
    terrain = layout.terrain
    owner = layout.village_of_cell
    row, column = np.divmod(np.arange(owner.size), terrain.columns)
    laid = layout.urban | ((row % COUNTRY_EVERY == 0) & (column % COUNTRY_EVERY == 0))
    laid &= _near((owner != ways.NOBODY).reshape(terrain.rows, terrain.columns)).ravel()
    at = np.flatnonzero(laid)
    rng = plane.random(31)
    spread = np.where(layout.urban[at], 0.3, 0.42 * COUNTRY_EVERY)[:, None] * CELL_M
    points = np.stack([terrain.x[at], terrain.y[at]], axis=1) + (rng.random((at.size, 2)) * 2 - 1) * spread
    own = owner[terrain.cell_of(points[:, 0], points[:, 1])]
    middle = layout.village_cell
    points = np.concatenate([points, np.stack([terrain.x[middle], terrain.y[middle]], axis=1)])
    own = np.concatenate([own, np.arange(middle.size)])
    # In the plane, where distances are distances; then the vertices are rounded once, alike for all who share them.
    diagram = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), ordered=True))
    inside = own != ways.NOBODY
    cells = shapely.transform(diagram[inside], plane.to_degrees, interleaved=False)
    return cells, _without_exclaves(cells, own[inside])


def _without_exclaves(cells: Shapes, own: Longs) -> Longs:
    """Whose each cell is when cells that are cut off from the rest of their village go to a village beside them."""
    start, end = _side_by_side(cells)
    for _ in range(EXCLAVE_ROUNDS):
        same = own[start] == own[end]
        piece = components(own.size, start[same], end[same])
        size = np.bincount(piece, minlength=own.size)
        order = np.lexsort((piece, -size[piece], own))
        first = np.searchsorted(own[order], np.arange(own.max() + 1))
        lost = piece != piece[order[first]][own]
        across = np.concatenate([np.stack([start, end]), np.stack([end, start])], axis=1)[:, np.tile(~same, 2)]
        across = across[:, lost[across[0]]]
        if across.size == 0:
            break
        # Each takes the owner of its neighbour with the lowest number.
        order = np.lexsort((own[across[1]], across[0]))
        cell, at = np.unique(across[0][order], return_index=True)
        own = own.copy()
        own[cell] = own[across[1][order][at]]
    return own


def _side_by_side(cells: Shapes) -> tuple[Longs, Longs]:
    """Pairs of cells that share an edge."""
    coordinates, cell = shapely.get_coordinates(cells, return_index=True)
    whole = np.round(coordinates * 10**plane.DECIMALS).astype(np.int64)
    vertex = np.unique(whole[:, 0] << 32 | whole[:, 1], return_inverse=True)[1]
    within = cell[1:] == cell[:-1]
    a, b, of = vertex[:-1][within], vertex[1:][within], cell[1:][within]
    edge = np.minimum(a, b) << 32 | np.maximum(a, b)
    order = np.lexsort((of, edge))
    edge, of = edge[order], of[order]
    twice = (edge[1:] == edge[:-1]) & (of[1:] != of[:-1])
    return of[:-1][twice], of[1:][twice]


def _near(inside: Bools) -> Bools:
    """The cells within `MARGIN_CELLS` of the city, row by column."""
    near = inside.copy()
    for _ in range(MARGIN_CELLS):
        grown = near.copy()
        grown[1:] |= near[:-1]
        grown[:-1] |= near[1:]
        grown[:, 1:] |= near[:, :-1]
        grown[:, :-1] |= near[:, 1:]
        near = grown
    return near


def _dissolved(parts: Shapes, whole: Longs, wholes: int) -> Shapes:
    """Parts joined to the wholes that they belong to."""
    order = np.argsort(whole, kind="stable")
    cuts = np.searchsorted(whole[order], np.arange(1, wholes))
    groups: Sequence[Shapes] = np.split(parts[order], cuts)
    return np.array([shapely.coverage_union_all(group) for group in groups], dtype=object)
