"""The built-up areas of the counties' seats: the built cells that hang together with a seat, across its rivers too."""

from dataclasses import dataclass

import numpy as np
import shapely

from geo_registry.demo import plane, tables
from geo_registry.demo.country import seat_cells
from geo_registry.demo.edges import components
from geo_registry.demo.layout import Layout
from geo_registry.demo.named import BuiltUp
from geo_registry.demo.plane import Bools, Longs
from geo_registry.demo.terrain import CELL_M

ACROSS = 2
"""Built cells so many apart, as over a river, are of one area."""
ROUNDING_M, SIMPLER_M = 260.0, 60.0
JINHUA = "330702"
"""The first of the two districts that share one built-up area."""


@dataclass(frozen=True, slots=True, eq=False)
class Seat:
    """A county's seat and the built-up area that it lies in: the seat's cell, and all built cells of the area; shape (cells,).

    `code` is the first six digits of the county's; the area of two districts is the first one's.
    """

    code: str
    name: str
    cell: int
    built: Bools

    @property
    def key(self) -> str:
        """How the area is called in the registry."""
        return f"demo-{self.code}"


def seats(layout: Layout) -> tuple[Seat, ...]:
    """Every county's seat, in the counties' order; two of one area share its cells."""
    piece = _pieces(layout)
    found: list[Seat] = []
    for (code, name), centre in zip(layout.names.counties, seat_cells(layout).tolist(), strict=True):
        cell = _nearest(layout, centre)
        built = layout.urban & (piece == piece[cell])
        found.append(Seat(code[: tables.COUNTY_DIGITS], name, cell, built))
    return tuple(found)


def areas(layout: Layout, of: tuple[Seat, ...]) -> tuple[BuiltUp, ...]:
    """The areas themselves, each once."""
    return tuple(_area(layout, seat) for seat in of if not any(seat.built[each.cell] for each in _before(seat, of)))


def shared_with(seat: Seat, of: tuple[Seat, ...]) -> Seat:
    """The first seat of the same area."""
    return next(each for each in of if each.built[seat.cell])


def _nearest(layout: Layout, cell: int) -> int:
    """The built cell nearest to one, which may be a river's."""
    terrain, built = layout.terrain, np.flatnonzero(layout.urban)
    away = (terrain.x[built] - terrain.x[cell]) ** 2 + (terrain.y[built] - terrain.y[cell]) ** 2
    return int(built[np.argmin(away)])


def _before(seat: Seat, of: tuple[Seat, ...]) -> tuple[Seat, ...]:
    return of[: of.index(seat)]


def _area(layout: Layout, seat: Seat) -> BuiltUp:
    cells = np.flatnonzero(seat.built)
    x, y, half = layout.terrain.x[cells], layout.terrain.y[cells], CELL_M / 2
    whole = shapely.union_all(shapely.box(x - half, y - half, x + half, y + half))
    smoothed = whole.buffer(2 * ROUNDING_M).buffer(-2 * ROUNDING_M + ROUNDING_M / 2).simplify(SIMPLER_M)
    in_degrees = shapely.transform(smoothed, plane.to_degrees, interleaved=False)
    # That of two districts is their city's.
    name, division = ("金华市城区", JINHUA[:4]) if seat.code == JINHUA else (f"{seat.name}城区", seat.code)
    return BuiltUp(seat.key, name, division, shapely.multipolygons(shapely.get_parts(in_degrees)))


def _pieces(layout: Layout) -> Longs:
    """Which built cells hang together: the lowest cell of each piece; shape (cells,)."""
    terrain = layout.terrain
    at = np.flatnonzero(layout.urban)
    row, column = np.divmod(at, terrain.columns)
    starts, ends = [], []
    for up in range(ACROSS + 2):
        for right in range(-ACROSS - 1, ACROSS + 2):
            inside = (row + up < terrain.rows) & (column + right >= 0) & (column + right < terrain.columns)
            other = at[inside] + up * terrain.columns + right
            both = layout.urban[other]
            starts.append(at[inside][both])
            ends.append(other[both])
    return components(layout.urban.size, np.concatenate(starts), np.concatenate(ends))
