"""Points and the roads that they are near."""

from itertools import pairwise

import numpy as np
import pytest
from pyproj import Geod

from geo_registry.network.graph import Graph, compile_graph, no_barriers
from geo_registry.network.grid import METRES_PER_DEG, MIN_CELL_M
from geo_registry.network.snap import NO_EDGE, snap
from geo_registry.vocabulary import TravelMode
from tests.network_roads import Road, road_lines

ELLIPSOID = Geod(a=6378137, rf=298.257222101)

WEST, MIDDLE, EAST = (119.640, 29.080), (119.645, 29.080), (119.650, 29.080)


def graph_of(*roads: Road, mode: TravelMode = TravelMode.WALK) -> Graph:
    return compile_graph(road_lines(*roads), no_barriers(), mode)


def geodesic_dm(a: tuple[float, float], b: tuple[float, float]) -> int:
    return int(np.floor(ELLIPSOID.inv(*a, *b)[2] * 10 + 0.5))


def test_the_limit_is_inclusive_in_decimetres() -> None:
    graph = graph_of(Road([WEST, EAST]))
    lon, lat = np.array([MIDDLE[0]]), np.array([29.081])
    access_dm = int(snap(graph, lon, lat, 1_000).access_dm[0])
    assert snap(graph, lon, lat, access_dm / 10).edge.tolist() == [0]
    assert snap(graph, lon, lat, (access_dm - 1) / 10).edge.tolist() == [NO_EDGE]


def test_lengths_along_the_edge_are_geodesics_and_add_up() -> None:
    graph = graph_of(Road([WEST, MIDDLE, EAST]))
    snapped = snap(graph, np.array([119.647]), np.array([29.0803]), 100)
    place = (float(snapped.lon[0]), float(snapped.lat[0]))
    assert snapped.from_dm[0] == geodesic_dm(WEST, place)
    assert snapped.from_dm[0] + snapped.to_dm[0] == graph.edge_length_dm[0]
    assert snapped.access_dm[0] == geodesic_dm((119.647, 29.0803), place)
    assert place == pytest.approx((119.647, 29.080), abs=1e-9)


def test_walking_costs_are_lengths() -> None:
    snapped = snap(graph_of(Road([WEST, EAST])), np.array([119.643]), np.array([29.0801]), 100)
    assert (snapped.access_cost, snapped.from_cost, snapped.to_cost) == (
        snapped.access_dm,
        snapped.from_dm,
        snapped.to_dm,
    )


def test_driving_costs_are_shares_of_the_edge_at_its_speed() -> None:
    graph = graph_of(Road([WEST, EAST], maxspeed_kmh=50), mode=TravelMode.DRIVE)
    snapped = snap(graph, np.array([119.643]), np.array([29.0801]), 100)
    assert snapped.from_cost[0] + snapped.to_cost[0] == graph.edge_cost[0]
    assert snapped.from_cost[0] == pytest.approx(snapped.from_dm[0] * 36 / 40, abs=1)
    assert snapped.access_cost[0] == int(np.floor(snapped.access_dm[0] * 36 / 40 + 0.5))


def test_of_edges_equally_near_the_lowest_is_taken() -> None:
    graph = graph_of(Road([WEST, MIDDLE]), Road([MIDDLE, EAST]), Road([MIDDLE, (119.645, 29.070)]))
    snapped = snap(graph, np.array([MIDDLE[0]]), np.array([29.0805]), 100)
    assert snapped.edge.tolist() == [0]
    assert (snapped.lon[0], snapped.lat[0]) == MIDDLE


def test_what_is_too_far_is_on_no_edge_and_says_so() -> None:
    snapped = snap(graph_of(Road([WEST, EAST])), np.array([119.6, 119.645]), np.array([29.0, 29.0801]), 100)
    assert snapped.on_network.tolist() == [False, True]
    assert snapped.access_dm[0] == snapped.from_dm[0] == snapped.to_dm[0] == 0
    assert np.isnan(snapped.lon[0])


def test_nothing_is_near_an_empty_graph_and_no_points_are_no_answers() -> None:
    empty = graph_of(Road([WEST, EAST], foot=False))
    assert snap(empty, np.array([119.645]), np.array([29.08]), 1_000).edge.tolist() == [NO_EDGE]
    assert snap(graph_of(Road([WEST, EAST])), np.empty(0), np.empty(0), 100).edge.size == 0


def test_columns_of_tables_are_taken_as_they_come() -> None:
    graph = graph_of(Road([WEST, EAST]))
    table = np.array([[119.643, 29.0801], [119.644, 29.0801]])
    table.flags.writeable = False
    assert snap(graph, table[:, 0], table[:, 1], 100).edge.tolist() == [0, 0]


def test_the_180th_meridian_is_no_border() -> None:
    graph = graph_of(Road([(179.999, 10.0), (-179.999, 10.0)]), Road([(-179.999, 10.0), (-179.99, 10.0)]))
    snapped = snap(graph, np.array([180.0, -180.0, 179.9999, -179.9999]), np.full(4, 10.0001), 50)
    assert snapped.edge.tolist() == [snapped.edge[0]] * 4
    assert (np.abs(snapped.lon) <= 180).all()
    assert np.abs(np.diff(snapped.from_dm[2:])) == pytest.approx(
        abs(geodesic_dm((179.9999, 10.0), (-179.9999, 10.0))), abs=1
    )


def test_a_graph_round_the_whole_earth_is_searched_everywhere() -> None:
    belt = [(float(lon), 5.0) for lon in range(-180, 181, 10)]
    graph = graph_of(*(Road([a, b]) for a, b in pairwise(belt)))
    lon = np.arange(-179.5, 180, 1.0)
    snapped = snap(graph, lon, np.full(lon.size, 5.0), 5_000)
    assert snapped.on_network.all()
    assert np.abs(snapped.lon - lon).max() < 1e-3


def test_a_road_that_runs_along_the_border_of_two_rows_is_found_from_both() -> None:
    row_deg = MIN_CELL_M / METRES_PER_DEG
    graph = graph_of(*(Road([(0.0, row * row_deg), (1e-4, row * row_deg)]) for row in range(3)))
    assert graph.grid.row_deg == row_deg
    snapped = snap(graph, np.full(2, 5e-5), np.array([0.9, 1.1]) * row_deg, 5)
    assert snapped.lat.tolist() == [row_deg, row_deg]


@pytest.mark.parametrize("place", [(float("nan"), 29.0), (119.0, float("inf")), (200.0, 29.0)])
def test_coordinates_that_are_no_place_are_a_programming_error(place: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="on Earth"):
        snap(graph_of(Road([WEST, EAST])), np.array([place[0]]), np.array([place[1]]), 100)
