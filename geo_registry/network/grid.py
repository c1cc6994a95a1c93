"""A grid over the straight pieces of a graph's edges: which pieces may lie near a place.

Rows are latitudes and columns longitudes, counted from a corner of the graph. Columns divide the whole circle evenly
and are counted round it, so that a graph across the 180th meridian is like any other.
"""
# ruff: noqa: FBT001, FBT003, PLR0917  - a compiled kernel takes no keywords

import math
from dataclasses import dataclass

import numpy as np

from geo_registry.network.arrays import Float64, Int32, Int64
from geo_registry.network.compiled import kernel

FULL_CIRCLE_DEG = 360.0

METRES_PER_DEG = 111_320.0
"""Of latitude, roughly: it only decides how large cells are."""

MIN_CELL_M = 20.0
"""Smaller cells than a street's width only repeat the same pieces."""

MAX_CELLS_PER_PIECE = 4

SPARE_CELLS = 1_024

PAD_CELLS = 1e-9
"""Pieces are entered this much wider, so that rounding never leaves one out of a cell that it touches."""

MARGIN_DEG = 1e-9

GAP_BINS = 360


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The cells, and the pieces in each.

    A piece is named by the position of its first vertex in the graph's shape. Cell (row, column) holds
    ``cell_piece[cell_ptr[c]:cell_ptr[c + 1]]`` with ``c = row * columns + column``.

    Attributes
    ----------
    west_deg, south_deg
        The corner that rows and columns are counted from, degrees of EPSG:4490.
    row_deg
        A row's height in degrees.
    columns, rows
        The cells that are stored.
    circle_columns
        Columns in the whole circle; each is ``360 / circle_columns`` degrees wide.
    cell_ptr
        int32, shape (rows * columns + 1,).
    cell_piece
        int32, shape (entries,).
    """

    west_deg: float
    south_deg: float
    row_deg: float
    columns: int
    rows: int
    circle_columns: int
    cell_ptr: Int32
    cell_piece: Int32

    @property
    def column_deg(self) -> float:
        """A column's width in degrees."""
        return FULL_CIRCLE_DEG / self.circle_columns


@kernel("float64(float64)")
def turned_deg(difference_deg: float) -> float:
    """A difference of longitudes as the shorter way round, within ±180 degrees."""
    if difference_deg > 180.0:
        return difference_deg - 360.0
    if difference_deg < -180.0:
        return difference_deg + 360.0
    return difference_deg


@kernel("float64(float64, float64)")
def east_of_deg(lon: float, west_deg: float) -> float:
    """How far east of `west_deg` a longitude lies, from 0 to below 360; a modulo by hand, four times as fast."""
    east_deg = lon - west_deg
    if east_deg < 0.0:
        east_deg += 360.0
    # Just west of it, rounding gives the whole turn.
    return east_deg if east_deg < 360.0 else east_deg - 360.0


@kernel("UniTuple(float64, 4)(float64[::1], float64[::1], float64)")
def _extent_deg(lon: Float64, lat: Float64, west_deg: float) -> tuple[float, float, float, float]:
    """The least and the most that vertices lie east of `west_deg`, and the least and the most latitude."""
    nearest, farthest, south, north = 360.0, 0.0, 90.0, -90.0
    for vertex in range(lon.size):
        east_deg = east_of_deg(lon[vertex], west_deg)
        nearest = min(nearest, east_deg)
        farthest = max(farthest, east_deg)
        south = min(south, lat[vertex])
        north = max(north, lat[vertex])
    return nearest, farthest, south, north


@kernel("int64[::1](int64[::1], float64[::1])")
def _degrees_in_use(shape_ptr: Int64, lon: Float64) -> Int64:
    """How many pieces touch each whole degree of longitude, counted from -180, shape (360,)."""
    pieces = np.zeros(GAP_BINS, np.int64)
    for edge in range(shape_ptr.size - 1):
        for vertex in range(shape_ptr[edge], shape_ptr[edge + 1] - 1):
            start = lon[vertex] + 180.0
            end = start + turned_deg(lon[vertex + 1] - lon[vertex])
            low = math.floor(min(start, end))
            high = math.floor(max(start, end))
            for degree in range(low, high + 1):
                pieces[degree % GAP_BINS] += 1
    return pieces


def _west_and_width_deg(shape_ptr: Int64, lon: Float64) -> tuple[float, float]:
    """The narrowest band of longitudes that holds every piece: its west end and its width, in whole degrees."""
    used = np.flatnonzero(_degrees_in_use(shape_ptr, lon))
    if used.size == 0:
        return 0.0, 1.0
    gaps = np.diff(used, append=used[0] + GAP_BINS)
    widest = int(np.argmax(gaps))
    west = int(used[(widest + 1) % used.size]) - 180
    return float(west), float(GAP_BINS - gaps[widest] + 1)


@kernel(
    "int64(int64[::1], float64[::1], float64[::1], float64, float64, float64, int64, int64, int64, int32[::1], int32[::1], boolean)"
)
def _enter_pieces(
    shape_ptr: Int64,
    lon: Float64,
    lat: Float64,
    west_deg: float,
    south_deg: float,
    row_deg: float,
    columns: int,
    rows: int,
    circle_columns: int,
    cell_end: Int32,
    cell_piece: Int32,
    write: bool,
) -> int:
    """Go over the cells that each piece touches: count them into `cell_end`, or `write` them before its ends."""
    column_deg = 360.0 / circle_columns
    entries = 0
    for edge in range(shape_ptr.size - 1):
        for piece in range(shape_ptr[edge], shape_ptr[edge + 1] - 1):
            x_a = east_of_deg(lon[piece], west_deg) / column_deg
            x_b = x_a + turned_deg(lon[piece + 1] - lon[piece]) / column_deg
            y_a = (lat[piece] - south_deg) / row_deg
            y_b = (lat[piece + 1] - south_deg) / row_deg
            first_row = max(math.floor(min(y_a, y_b) - PAD_CELLS), 0)
            last_row = min(math.floor(max(y_a, y_b) + PAD_CELLS), rows - 1)
            for row in range(first_row, last_row + 1):
                # The part of the piece within the row.
                low, high = 0.0, 1.0
                if last_row > first_row and y_a != y_b:
                    t_south = (row - PAD_CELLS - y_a) / (y_b - y_a)
                    t_north = (row + 1 + PAD_CELLS - y_a) / (y_b - y_a)
                    low = max(low, min(t_south, t_north))
                    high = min(high, max(t_south, t_north))
                x_low = x_a + low * (x_b - x_a)
                x_high = x_a + high * (x_b - x_a)
                first = math.floor(min(x_low, x_high) - PAD_CELLS)
                last = math.floor(max(x_low, x_high) + PAD_CELLS)
                for unrolled in range(first, last + 1):
                    # At most half a turn beyond the circle on either side.
                    column = unrolled
                    if column < 0:
                        column += circle_columns
                    elif column >= circle_columns:
                        column -= circle_columns
                    # Only the padding reaches past the stored columns.
                    if column >= columns:
                        continue
                    cell = row * columns + column
                    if write:
                        cell_end[cell] -= 1
                        cell_piece[cell_end[cell]] = piece
                    else:
                        cell_end[cell] += 1
                    entries += 1
    return entries


def build_grid(shape_ptr: Int64, lon: Float64, lat: Float64) -> Grid:
    """Enter every piece of the edges' shapes in the cells that it touches.

    Parameters
    ----------
    shape_ptr
        Edge `i` has the vertices ``shape_ptr[i]:shape_ptr[i + 1]``, shape (edges + 1,).
    lon, lat
        The vertices, degrees of EPSG:4490, shape (v,).
    """
    pieces = max(lon.size - (shape_ptr.size - 1), 1)
    west_deg, width_deg = _west_and_width_deg(shape_ptr, lon)
    south_deg, north_deg = 0.0, 1.0
    if lon.size:
        nearest_deg, farthest_deg, south_deg, north_deg = _extent_deg(lon, lat, west_deg)
        # Whole degrees found the gap; the band is narrowed to the pieces, with a margin that keeps the westernmost
        # vertex from rounding to a whole turn east.
        if width_deg < FULL_CIRCLE_DEG:
            west_deg += nearest_deg - MARGIN_DEG
            width_deg = farthest_deg - nearest_deg + 2 * MARGIN_DEG
    height_deg = north_deg - south_deg
    squeeze = max(math.cos(math.radians((south_deg + north_deg) / 2)), 1e-3)
    width_m = width_deg * METRES_PER_DEG * squeeze
    height_m = height_deg * METRES_PER_DEG
    cell_m = max(math.sqrt(width_m * height_m / pieces), MIN_CELL_M)
    while (width_m / cell_m + 1) * (height_m / cell_m + 1) > MAX_CELLS_PER_PIECE * pieces + SPARE_CELLS:
        cell_m *= 1.5
    row_deg = cell_m / METRES_PER_DEG
    circle_columns = max(int(FULL_CIRCLE_DEG * METRES_PER_DEG * squeeze / cell_m), 1)
    columns = min(int(width_deg / (FULL_CIRCLE_DEG / circle_columns)) + 1, circle_columns)
    rows = int(height_deg / row_deg) + 1
    where = (shape_ptr, lon, lat, west_deg, south_deg, row_deg, columns, rows, circle_columns)
    cell_end = np.zeros(rows * columns + 1, np.int32)
    entries = _enter_pieces(*where, cell_end, np.empty(0, np.int32), False)
    np.cumsum(cell_end, out=cell_end)
    cell_piece = np.empty(entries, np.int32)
    _enter_pieces(*where, cell_end, cell_piece, True)
    return Grid(
        west_deg=west_deg,
        south_deg=south_deg,
        row_deg=row_deg,
        columns=columns,
        rows=rows,
        circle_columns=circle_columns,
        cell_ptr=cell_end,
        cell_piece=cell_piece,
    )
