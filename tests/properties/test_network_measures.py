"""The measures under the network: geodesics beside pyproj, snapping beside a search of everything, Hilbert's curve."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import LineString, Point

from geo_registry.network.geodesic import ERROR_M, along_lines_m, earth_centred_m, lines_m, rounded_dm, short_line_m
from geo_registry.network.graph import Graph, compile_graph, no_barriers
from geo_registry.network.hilbert import NIBBLE_STEPS, hilbert_index, place_indexes
from geo_registry.network.snap import snap
from geo_registry.vocabulary import TravelMode
from tests.network_roads import Road, road_lines, unhurried

ELLIPSOID = Geod(a=6378137, rf=298.257222101)

anywhere = st.tuples(st.floats(-180, 180), st.floats(-89.9, 89.9))


@unhurried
@given(anywhere, st.floats(0, 360), st.floats(0, 1990))
def test_a_short_line_is_the_geodesic_within_the_stated_error(
    start: tuple[float, float], azimuth: float, length_m: float
) -> None:
    lon, lat, _ = ELLIPSOID.fwd(*start, azimuth, length_m)
    exact_m = ELLIPSOID.inv(*start, lon, lat)[2]
    assert abs(short_line_m(earth_centred_m(*start), earth_centred_m(lon, lat)) - exact_m) < ERROR_M


@unhurried
@given(anywhere, st.floats(0, 360), st.integers(0, 40_000).map(lambda half_dm: half_dm / 20))
def test_lengths_round_as_pyproj_rounds_them_at_the_very_edge(
    start: tuple[float, float], azimuth: float, length_m: float
) -> None:
    lon, lat, _ = ELLIPSOID.fwd(*start, azimuth, length_m)
    columns = (np.array([value]) for value in (*start, lon, lat))
    exact_m = np.array([ELLIPSOID.inv(*start, lon, lat)[2]])
    assert rounded_dm(lines_m(*columns)).tolist() == rounded_dm(exact_m).tolist()


@unhurried
@given(st.lists(st.lists(anywhere, min_size=1, max_size=4), min_size=1, max_size=4))
def test_lengths_along_lines_are_sums_of_geodesics(lines: list[list[tuple[float, float]]]) -> None:
    ptr = np.concatenate(([0], np.cumsum([len(line) for line in lines])))
    lon, lat = np.array([vertex for line in lines for vertex in line]).T
    along_m = along_lines_m(ptr, np.ascontiguousarray(lon), np.ascontiguousarray(lat))
    for number, line in enumerate(lines):
        exact_m = sum(ELLIPSOID.inv(*a, *b)[2] for a, b in pairwise(line))
        assert math.isclose(along_m[ptr[number + 1] - 1], exact_m, rel_tol=1e-12, abs_tol=len(line) * ERROR_M)


@st.composite
def town_and_visitors(draw: st.DrawFn) -> tuple[list[Road], np.ndarray, np.ndarray, float]:
    """Roads about some place on Earth, points among them, and a limit in metres."""
    lon0 = draw(st.sampled_from([119.64, 0.0, 179.9995, -179.9995, -70.0]))
    lat0 = draw(st.sampled_from([29.08, 0.0, -33.0, 65.0, 80.0]))
    size_deg = draw(st.sampled_from([1e-3, 1e-2]))
    squeeze = 1 / math.cos(math.radians(lat0))
    offset = st.floats(-1, 1)

    def place(step: tuple[float, float]) -> tuple[float, float]:
        lon = lon0 + step[0] * size_deg * squeeze
        return (lon + 180) % 360 - 180, lat0 + step[1] * size_deg

    steps = st.tuples(offset, offset).map(place)
    roads = draw(st.lists(st.lists(steps, min_size=2, max_size=4).map(Road), min_size=1, max_size=8))
    vertices = [vertex for road in roads for vertex in road.vertices]
    visitors = draw(st.lists(st.one_of(steps, st.sampled_from(vertices)), min_size=1, max_size=8))
    lon, lat = np.array(visitors).T
    return roads, lon, lat, draw(st.sampled_from([20.0, 150.0, 3_000.0]))


class Plane:
    """The plane that touches the ellipsoid at a place, by the textbook's radii."""

    def __init__(self, lon: float, lat: float) -> None:
        e2 = (2 - 1 / 298.257222101) / 298.257222101
        w = math.sqrt(1 - e2 * math.sin(math.radians(lat)) ** 2)
        self.lon, self.lat = lon, lat
        self.meridian_m = 6378137 * (1 - e2) / w**3
        self.parallel_m = 6378137 / w * math.cos(math.radians(lat))

    def at(self, place: tuple[float, float]) -> tuple[float, float]:
        turn = (place[0] - self.lon + 180) % 360 - 180
        return math.radians(turn) * self.parallel_m, math.radians(place[1] - self.lat) * self.meridian_m

    def away_m(self, graph: Graph, edge: int) -> float:
        part = slice(graph.shape_ptr[edge], graph.shape_ptr[edge + 1])
        shape = zip(graph.shape_lon[part].tolist(), graph.shape_lat[part].tolist(), strict=True)
        return float(LineString([self.at(vertex) for vertex in shape]).distance(Point(0, 0)))


@settings(unhurried, max_examples=150)
@given(town_and_visitors())
def test_the_snapped_place_is_the_nearest_of_all(case: tuple[list[Road], np.ndarray, np.ndarray, float]) -> None:
    roads, lons, lats, limit_m = case
    graph = compile_graph(road_lines(*roads), no_barriers(), TravelMode.WALK)
    snapped = snap(graph, lons, lats, limit_m)
    for number, (lon, lat) in enumerate(zip(lons.tolist(), lats.tolist(), strict=True)):
        touching = Plane(lon, lat)
        all_m = [touching.away_m(graph, edge) for edge in range(graph.edges)]
        edge = int(snapped.edge[number])
        if edge < 0:
            # The limit binds the geodesic, which differs from the plane by a little.
            assert not all_m or min(all_m) > limit_m - 0.06 - limit_m / 100
            continue
        place = (float(snapped.lon[number]), float(snapped.lat[number]))
        assert math.hypot(*touching.at(place)) - min(all_m) < 1e-4
        assert all_m[edge] - min(all_m) < 1e-6
        assert snapped.access_dm[number] == math.floor(ELLIPSOID.inv(lon, lat, *place)[2] * 10 + 0.5)
        assert snapped.access_dm[number] <= limit_m * 10
        assert 0 <= snapped.from_dm[number] <= graph.edge_length_dm[edge]


@pytest.mark.parametrize("nibbles", [1, 2])
def test_hilbert_visits_every_cell_once_and_steps_to_a_neighbour(nibbles: int) -> None:
    side = 16**nibbles
    visited = {
        int(hilbert_index(np.uint64(x), np.uint64(y), nibbles, NIBBLE_STEPS)): (x, y)
        for x in range(side)
        for y in range(side)
    }
    assert sorted(visited) == list(range(side * side))
    path = [visited[index] for index in range(side * side)]
    assert {abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in pairwise(path)} == {1}


@unhurried
@given(anywhere, st.integers(-5, 5), st.integers(-5, 5))
def test_places_have_one_index_if_and_only_if_they_are_one_place(
    place: tuple[float, float], east: int, north: int
) -> None:
    lon, lat = round(place[0], 7), round(place[1], 7)
    other = ((lon + east * 1e-7 + 180) % 360 - 180, lat + north * 1e-7)
    index = place_indexes(np.array([lon, other[0]]), np.array([lat, other[1]]))
    assert (index[0] == index[1]) == (east == 0 and north == 0)
