"""The made-up terrain: a basin from south-west to north-east, its side valleys, and mountains around it.

It is roughly how the land lies about Jinhua, and no survey of it: every height is a function of position alone.
"""

from dataclasses import dataclass

import numpy as np

from geo_registry.demo.plane import (
    Bools,
    Floats,
    Longs,
    distance_to_line,
    fractal,
    noise,
    ridges,
    smooth_step,
    to_plane,
)

CELL_M = 200.0
"""The side of a cell: fine enough for valleys, coarse enough for half a million cells to be searched in a second."""
WEST_SOUTH_DEG, EAST_NORTH_DEG = (119.12, 28.42), (120.88, 29.76)

RIVER_HALF_WIDTH_M = 130.0
MEANDER_M = 700.0


@dataclass(frozen=True, slots=True)
class Valley:
    """A valley's axis (degrees), half the width of its floor, and the heights of its floor at both ends."""

    axis: tuple[tuple[float, float], ...]
    half_width_m: float
    floor_m: tuple[float, float]
    river: bool = False


VALLEYS = (
    Valley(
        (
            (119.05, 29.07),
            (119.3, 29.11),
            (119.45, 29.1),
            (119.56, 29.07),
            (119.65, 29.09),
            (119.8, 29.13),
            (119.95, 29.22),
            (120.07, 29.29),
            (120.22, 29.26),
            (120.35, 29.28),
            (120.47, 29.32),
        ),
        8_500,
        (35, 95),
        river=True,
    ),
    Valley(
        ((119.45, 29.1), (119.47, 29.21), (119.48, 29.32), (119.5, 29.45), (119.46, 29.56)), 5_000, (34, 28), river=True
    ),
    Valley(
        ((119.65, 29.08), (119.72, 28.98), (119.81, 28.9), (119.95, 28.91), (120.05, 28.9), (120.14, 28.96)),
        5_200,
        (38, 110),
        river=True,
    ),
    Valley(((120.14, 28.96), (120.19, 29.03), (120.2, 29.12), (120.22, 29.26)), 3_500, (110, 80)),
    Valley(((120.04, 28.89), (120.09, 28.82), (120.19, 28.79)), 2_800, (95, 170)),
    Valley(((120.14, 28.96), (120.22, 28.98), (120.29, 28.98)), 1_900, (110, 200)),
    Valley(((119.81, 28.89), (119.75, 28.83), (119.68, 28.78), (119.62, 28.68), (119.58, 28.56)), 1_500, (75, 260)),
    Valley(((119.74, 29.47), (119.89, 29.45), (120.0, 29.45), (120.12, 29.5)), 3_600, (120, 25), river=True),
    Valley(((120.07, 29.3), (120.1, 29.38), (120.13, 29.47)), 3_200, (60, 90)),
    Valley(((120.2, 29.12), (120.3, 29.07), (120.37, 29.06), (120.437, 29.055), (120.54, 29.02)), 1_200, (100, 360)),
    Valley(((120.23, 29.22), (120.31, 29.16), (120.39, 29.18), (120.47, 29.2)), 2_600, (80, 170)),
    Valley(((120.55, 29.16), (120.65, 29.15), (120.71, 29.22)), 1_700, (430, 520)),
    Valley(((119.47, 29.22), (119.35, 29.23), (119.25, 29.26)), 2_800, (40, 80)),
    Valley(((119.5, 29.27), (119.6, 29.32), (119.72, 29.34), (119.82, 29.37)), 2_400, (45, 110)),
    Valley(((119.4, 29.07), (119.41, 28.97), (119.46, 28.89)), 900, (60, 240)),
    Valley(((119.64, 29.06), (119.64, 28.97), (119.62, 28.89)), 1_000, (50, 220)),
    Valley(((120.35, 28.99), (120.35, 28.9), (120.45, 28.93), (120.55, 28.96)), 800, (250, 420)),
    Valley(((119.89, 29.46), (119.87, 29.56), (119.94, 29.63)), 900, (60, 210)),
)

RIM_M = 560.0
"""How high the slopes rise from valley floors to the rims, before crests come on top."""
RIM_WIDTH_M = 3_200.0
CREST_M = 640.0
TOWN_POCKET_M = 2_200.0
"""The land is levelled somewhat this far around a town: where there is one, there is a place for it."""


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """The terrain on a grid of `rows` by `columns` cells, row 0 in the south; arrays are flat, shape (cells,).

    Attributes
    ----------
    x, y
        The cells' middles, metres of the plane.
    height_m
        int64, whole metres.
    slope
        The steepest rise to a neighbour, in percent, int64.
    river
        Cells that a river fills.
    """

    rows: int
    columns: int
    x: Floats
    y: Floats
    height_m: Longs
    slope: Longs
    river: Bools

    def cell_of(self, x: Floats, y: Floats) -> Longs:
        """The cell that each point lies in (the nearest at the edges)."""
        column = np.clip(np.floor((x - self.x[0]) / CELL_M + 0.5).astype(np.int64), 0, self.columns - 1)
        row = np.clip(np.floor((y - self.y[0]) / CELL_M + 0.5).astype(np.int64), 0, self.rows - 1)
        cells: Longs = row * self.columns + column
        return cells


def make_terrain(town_x: Floats, town_y: Floats) -> Terrain:
    """The terrain, levelled somewhat about the towns (metres of the plane)."""
    (west, east), (south, north) = np.stack(
        to_plane([WEST_SOUTH_DEG[0], EAST_NORTH_DEG[0]], [WEST_SOUTH_DEG[1], EAST_NORTH_DEG[1]])
    )
    columns, rows = int((east - west) // CELL_M), int((north - south) // CELL_M)
    grid_x, grid_y = np.meshgrid(west + np.arange(columns) * CELL_M, south + np.arange(rows) * CELL_M)
    x, y = grid_x.ravel(), grid_y.ravel()
    height, river = _heights(x, y, _nearness(grid_x, grid_y, town_x, town_y))
    height_m = np.floor(height + 0.5).astype(np.int64)
    return Terrain(rows, columns, x, y, height_m, _slope_percent(height_m.reshape(rows, columns)), river)


def _nearness(x: Floats, y: Floats, town_x: Floats, town_y: Floats) -> Floats:
    """1 at a town, 0 beyond its pocket, flat; `x` and `y` are the grid's, row by column: a town looks around itself."""
    near = np.zeros_like(x)
    reach = int(TOWN_POCKET_M / CELL_M) + 1
    for at_x, at_y in zip(town_x.tolist(), town_y.tolist(), strict=True):
        column, row = round((at_x - x[0, 0]) / CELL_M), round((at_y - y[0, 0]) / CELL_M)
        window = np.s_[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1]
        away = np.sqrt((x[window] - at_x) ** 2 + (y[window] - at_y) ** 2)
        near[window] = np.maximum(near[window], 1.0 - smooth_step(away / TOWN_POCKET_M))
    return near.ravel()


def bent(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Where a point would lie if valleys ran straight along their axes, metres of the plane: it bends and winds them."""
    return (
        x + 1_800 * noise(x, y, wave_m=9_000, salt=11) + MEANDER_M * noise(x, y, wave_m=2_400, salt=13),
        y + 1_800 * noise(x, y, wave_m=9_000, salt=12) + MEANDER_M * noise(x, y, wave_m=2_400, salt=14),
    )


def _heights(x: Floats, y: Floats, near_town: Floats) -> tuple[Floats, Bools]:
    warp_x, warp_y = bent(x, y)
    beyond = np.full(x.shape, np.inf)
    floor = np.zeros(x.shape)
    river = np.zeros(x.shape, dtype=bool)
    narrow_and_wide = 1 + 0.35 * noise(x, y, wave_m=7_000, salt=21)
    for valley in VALLEYS:
        line = np.stack(to_plane(*np.array(valley.axis).T), axis=1)
        away, along = distance_to_line(warp_x, warp_y, line)
        outside = np.maximum(away - valley.half_width_m * narrow_and_wide, 0.0)
        level = valley.floor_m[0] + (valley.floor_m[1] - valley.floor_m[0]) * along
        floor = np.where(outside < beyond, level, floor)
        beyond = np.minimum(beyond, outside)
        if valley.river:
            river |= away < RIVER_HALF_WIDTH_M
    beyond = beyond * (1 - 0.75 * near_town)
    rise = beyond / (beyond + RIM_WIDTH_M)
    crests = ridges(x, y, wave_m=10_000, octaves=6, salt=31)
    hills = fractal(x, y, wave_m=2_600, octaves=3, salt=41) + 0.35
    height = floor + RIM_M * rise * (0.55 + 0.9 * crests) + CREST_M * crests * rise
    return height + 34 * np.maximum(hills, 0.0) * (0.25 + rise), river & (beyond == 0)


def _slope_percent(height_m: Longs) -> Longs:
    rise = np.zeros_like(height_m)
    for axis in (0, 1):
        step = np.abs(np.diff(height_m, axis=axis))
        low, high = (np.s_[:-1], np.s_[1:]) if axis == 0 else (np.s_[:, :-1], np.s_[:, 1:])
        rise[low] = np.maximum(rise[low], step)
        rise[high] = np.maximum(rise[high], step)
    percent: Longs = (rise * 100 // int(CELL_M)).ravel()
    return percent
