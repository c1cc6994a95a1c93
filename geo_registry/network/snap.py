"""Points to the nearest place on an edge, exactly, and what it costs to get there.

The nearest place is found in the plane that touches the ellipsoid at the point (local equirectangular: a degree of
latitude is as long as the meridian's radius there says, one of longitude as the parallel's). The access leg and the
lengths along the edge are then geodesics, rounded half up to decimetres, each once.
"""
# ruff: noqa: PLR0917  - a compiled kernel takes no keywords

import math
from dataclasses import dataclass, fields

import numpy as np

from geo_registry.network.arrays import Bools, Float64, Int32, Int64, for_kernel
from geo_registry.network.compiled import kernel
from geo_registry.network.geodesic import (
    DM_PER_M,
    ECCENTRICITY_SQUARED,
    SEMI_MAJOR_AXIS_M,
    exact_along_m,
    lines_m,
    open_roundings,
    rounded_dm,
)
from geo_registry.network.graph import Graph, edge_costs
from geo_registry.network.grid import PAD_CELLS, east_of_deg, turned_deg

NO_EDGE = -1

NO_PIECE = np.iinfo(np.int64).max

_RADIANS = math.pi / 180


@dataclass(frozen=True, slots=True, eq=False)
class Snapped:
    """Points on the edges of a graph, every array of shape (p,).

    Where `edge` is `NO_EDGE` nothing lies within the limit; the other columns are then 0, longitude and latitude NaN.

    Attributes
    ----------
    edge
        The nearest edge, int32; of edges equally near the lowest.
    lon, lat
        The nearest place on it, degrees of EPSG:4490.
    access_dm
        The geodesic from the point to that place, int32.
    from_dm, to_dm
        The length along the edge from its start and to its end, int32; together the length of the edge.
    access_cost, from_cost, to_cost
        The same three in the graph's cost unit, int32: driving, at the edge's speed, with from and to together the
        cost of the edge.
    """

    edge: Int32
    lon: Float64
    lat: Float64
    access_dm: Int32
    from_dm: Int32
    to_dm: Int32
    access_cost: Int32
    from_cost: Int32
    to_cost: Int32

    @property
    def on_network(self) -> Bools:
        """Which points lie within the limit of an edge."""
        on_network: Bools = self.edge != NO_EDGE
        return on_network

    def only(self, position: int) -> "Snapped":
        """The point at a position, by itself."""
        one = slice(position, position + 1)
        return Snapped(*(getattr(self, column.name)[one] for column in fields(self)))


@kernel(
    "Tuple((float64, int64, float64))"
    "(float64, float64, float64, float64, int64, int64, int32[::1],"
    " float64[::1], float64[::1], float64, int64, float64)"
)
def _nearest_of(
    lon: float,
    lat: float,
    x_m_per_deg: float,
    y_m_per_deg: float,
    first: int,
    end: int,
    cell_piece: Int32,
    shape_lon: Float64,
    shape_lat: Float64,
    best_m2: float,
    best_piece: int,
    best_t: float,
) -> tuple[float, int, float]:
    """The best of what was found and of the pieces ``cell_piece[first:end]``: squared metres, piece, part of it."""
    for entry in range(first, end):
        piece = cell_piece[entry]
        x_m = turned_deg(shape_lon[piece] - lon) * x_m_per_deg
        y_m = (shape_lat[piece] - lat) * y_m_per_deg
        dx_m = turned_deg(shape_lon[piece + 1] - shape_lon[piece]) * x_m_per_deg
        dy_m = (shape_lat[piece + 1] - shape_lat[piece]) * y_m_per_deg
        length_m2 = dx_m * dx_m + dy_m * dy_m
        t = -(x_m * dx_m + y_m * dy_m) / length_m2 if length_m2 > 0 else 0.0
        if t <= 0:
            t = 0.0
        elif t >= 1:
            # The end itself, so that pieces which meet there are exactly equally far.
            t = 1.0
            x_m = turned_deg(shape_lon[piece + 1] - lon) * x_m_per_deg
            y_m = (shape_lat[piece + 1] - lat) * y_m_per_deg
        else:
            x_m += t * dx_m
            y_m += t * dy_m
        far_m2 = x_m * x_m + y_m * y_m
        # Pieces are numbered in the order of their edges: of equals the lowest edge, and of one edge its first piece.
        if far_m2 < best_m2 or (far_m2 == best_m2 and piece < best_piece):
            best_m2, best_piece, best_t = far_m2, piece, t
    return best_m2, best_piece, best_t


@kernel(
    "void(float64[::1], float64[::1], float64, float64, float64, float64, int64, int64, int64, int32[::1], int32[::1],"
    " float64[::1], float64[::1], int64[::1], float64[::1])"
)
def _nearest_pieces(
    lons: Float64,
    lats: Float64,
    limit_m: float,
    west_deg: float,
    south_deg: float,
    row_deg: float,
    columns: int,
    rows: int,
    circle_columns: int,
    cell_ptr: Int32,
    cell_piece: Int32,
    shape_lon: Float64,
    shape_lat: Float64,
    out_piece: Int64,
    out_t: Float64,
) -> None:
    """The nearest piece of each point and how far along it the place lies, 0 to 1; `NO_PIECE` where none is near.

    All cells within a box round the point are searched; the box grows until it holds the best that was found. Cells
    of one row lie side by side, so a box costs a look-up a row however empty it is.
    """
    column_deg = 360.0 / circle_columns
    for point in range(lons.size):
        lon, lat = lons[point], lats[point]
        sin_lat = math.sin(lat * _RADIANS)
        cos_lat = math.cos(lat * _RADIANS)
        flattening = 1 - ECCENTRICITY_SQUARED * sin_lat * sin_lat
        normal_m = SEMI_MAJOR_AXIS_M / math.sqrt(flattening)
        x_m_per_deg = normal_m * cos_lat * _RADIANS
        y_m_per_deg = normal_m * (1 - ECCENTRICITY_SQUARED) / flattening * _RADIANS
        # The plane is off by about d·tan(lat)/2R of a distance d: look that much farther, the geodesic decides.
        slack = min(1.0, (limit_m + 1) / SEMI_MAJOR_AXIS_M * (1 + abs(sin_lat) / max(cos_lat, 1e-9)))
        farthest_m = (limit_m + 1) * (1 + slack)
        best_m2 = farthest_m * farthest_m
        best_piece = NO_PIECE
        best_t = 0.0
        column_at = east_of_deg(lon, west_deg) / column_deg
        row_at = (lat - south_deg) / row_deg
        box_m = min(row_deg * y_m_per_deg / 2, farthest_m)
        while True:
            half_rows = box_m / y_m_per_deg / row_deg + PAD_CELLS
            half_columns = min(box_m / max(x_m_per_deg, 1e-9) / column_deg, circle_columns) + PAD_CELLS
            # Columns from `west` on, `wide` of them, going round the circle.
            west = math.floor(column_at - half_columns)
            wide = min(math.floor(column_at + half_columns) - west + 1, circle_columns)
            west %= circle_columns
            for row in range(max(math.floor(row_at - half_rows), 0), min(math.floor(row_at + half_rows), rows - 1) + 1):
                for first, past in ((west, west + wide), (0, west + wide - circle_columns)):
                    end = min(past, columns)
                    if first < end:
                        best_m2, best_piece, best_t = _nearest_of(
                            lon,
                            lat,
                            x_m_per_deg,
                            y_m_per_deg,
                            cell_ptr[row * columns + first],
                            cell_ptr[row * columns + end],
                            cell_piece,
                            shape_lon,
                            shape_lat,
                            best_m2,
                            best_piece,
                            best_t,
                        )
            if best_m2 <= box_m * box_m or box_m >= farthest_m:
                break
            # The margin keeps a root that was rounded down from asking for the same box again.
            box_m = min(2 * box_m if best_piece == NO_PIECE else math.sqrt(best_m2) * (1 + 1e-12), farthest_m)
        out_piece[point] = best_piece
        out_t[point] = best_t


def snap(graph: Graph, lon: Float64, lat: Float64, limit_m: float) -> Snapped:
    """The nearest place on any edge of `graph` for each point.

    Parameters
    ----------
    lon, lat
        Degrees of EPSG:4490, shape (p,), finite, within ±180 and ±90.
    limit_m
        The longest access leg in metres, inclusive, compared in decimetres.

    Raises
    ------
    ValueError
        A coordinate is no place on Earth.
    """
    lon, lat = for_kernel(lon), for_kernel(lat)
    # `not all <=` also catches NaN.
    if lon.shape != lat.shape or not ((np.abs(lon) <= 180) & (np.abs(lat) <= 90)).all():
        raise ValueError("points to snap must be at degrees on Earth")
    piece = np.empty(lon.size, np.int64)
    part = np.empty(lon.size, np.float64)
    grid = graph.grid
    _nearest_pieces(
        lon,
        lat,
        limit_m,
        grid.west_deg,
        grid.south_deg,
        grid.row_deg,
        grid.columns,
        grid.rows,
        grid.circle_columns,
        grid.cell_ptr,
        grid.cell_piece,
        graph.shape_lon,
        graph.shape_lat,
        piece,
        part,
    )
    near = np.flatnonzero(piece != NO_PIECE)
    place_lon, place_lat = _places(graph, piece[near], part[near])
    access_dm = rounded_dm(lines_m(lon[near], lat[near], place_lon, place_lat))
    within = access_dm <= math.floor(limit_m * DM_PER_M + 0.5)
    near = near[within]
    return _columns(
        graph, lon.size, near, piece[near], place_lon[within], place_lat[within], access_dm=access_dm[within]
    )


def _places(graph: Graph, piece: Int64, part: Float64) -> tuple[Float64, Float64]:
    """The places at the given part, 0 to 1, of each piece; a piece's end is its vertex to the last bit."""
    lon_a, lat_a = graph.shape_lon[piece], graph.shape_lat[piece]
    lon_b, lat_b = graph.shape_lon[piece + 1], graph.shape_lat[piece + 1]
    change_deg = lon_b - lon_a
    change_deg -= 360 * np.rint(change_deg / 360)
    lon = lon_a + part * change_deg
    lon -= 360 * np.rint(lon / 360) * (np.abs(lon) > 180)
    at_end = part == 1
    return np.where(at_end, lon_b, lon), np.where(at_end, lat_b, lat_a + part * (lat_b - lat_a))


def _columns(
    graph: Graph, points: int, near: Int64, piece: Int64, lon: Float64, lat: Float64, *, access_dm: Int64
) -> Snapped:
    """Everything about the places at which the points `near` were snapped, spread over all points."""
    edge = graph.shape_edge[piece]
    length_dm = graph.edge_length_dm[edge].astype(np.int64)
    from_dm = np.clip(rounded_dm(_from_start_m(graph, edge, piece, lon, lat)), 0, length_dm)
    cost = graph.edge_cost[edge].astype(np.int64)
    doubled = 2 * np.maximum(length_dm, 1)
    from_cost = (2 * cost * from_dm + doubled // 2) // doubled
    access_cost = edge_costs(access_dm, graph.edge_speed_kmh[edge])

    def spread(values: Int64 | Int32) -> Int32:
        column = np.zeros(points, np.int32)
        column[near] = values
        return column

    def spread_deg(values: Float64) -> Float64:
        column = np.full(points, np.nan)
        column[near] = values
        return column

    on_edge = np.full(points, NO_EDGE, np.int32)
    on_edge[near] = edge
    return Snapped(
        edge=on_edge,
        lon=spread_deg(lon),
        lat=spread_deg(lat),
        access_dm=spread(access_dm),
        from_dm=spread(from_dm),
        to_dm=spread(length_dm - from_dm),
        access_cost=spread(access_cost),
        from_cost=spread(from_cost),
        to_cost=spread(cost - from_cost),
    )


def _from_start_m(graph: Graph, edge: Int32, piece: Int64, lon: Float64, lat: Float64) -> Float64:
    """Geodesic length along each edge up to the place on its piece, in metres; it rounds as pyproj's sum does."""
    start_lon, start_lat = graph.shape_lon[piece], graph.shape_lat[piece]
    from_m: Float64 = graph.shape_along_m[piece] + lines_m(start_lon, start_lat, lon, lat)
    first = graph.shape_ptr[edge]
    for i in np.flatnonzero(open_roundings(from_m, piece - first + 1)):
        up_to = slice(first[i], piece[i] + 1)
        along_m = exact_along_m(np.append(graph.shape_lon[up_to], lon[i]), np.append(graph.shape_lat[up_to], lat[i]))
        from_m[i] = along_m[-1]
    return from_m
