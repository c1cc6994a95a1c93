"""Roads become nodes, edges and arcs."""

from dataclasses import fields

import numpy as np
import pytest
from pyproj import Geod

from geo_registry.errors import RoadUnusable
from geo_registry.network.graph import Graph, RoadLines, compile_graph, no_barriers
from geo_registry.vocabulary import TravelMode
from tests.network_roads import Road, barrier_at, node_at, road_lines

ELLIPSOID = Geod(a=6378137, rf=298.257222101)

A, B, C, D = (119.640, 29.080), (119.641, 29.080), (119.642, 29.080), (119.641, 29.081)


def walk(*roads: Road) -> Graph:
    return compile_graph(road_lines(*roads), no_barriers(), TravelMode.WALK)


def drive(*roads: Road) -> Graph:
    return compile_graph(road_lines(*roads), no_barriers(), TravelMode.DRIVE)


def geodesic_dm(*vertices: tuple[float, float]) -> int:
    lon, lat = zip(*vertices, strict=True)
    return int(np.floor(ELLIPSOID.line_length(lon, lat) * 10 + 0.5))


def test_roads_meet_where_they_share_a_vertex() -> None:
    graph = walk(Road([A, B, C]), Road([B, D]))
    assert (graph.nodes, graph.edges, graph.components) == (4, 3, 1)
    assert sorted(graph.edge_road.tolist()) == [100, 100, 101]


def test_a_vertex_used_once_is_no_node() -> None:
    graph = walk(Road([A, B, C]))
    assert (graph.nodes, graph.edges) == (2, 1)
    assert graph.shape_lon.tolist() == [A[0], B[0], C[0]]
    assert graph.edge_length_dm[0] == geodesic_dm(A, B, C)


def test_vertices_equal_to_1e_7_degree_are_one_place() -> None:
    near = (B[0] + 0.4e-7, B[1] - 0.4e-7)
    assert walk(Road([A, B]), Road([near, D])).components == 1
    far = (B[0] + 1e-7, B[1])
    assert walk(Road([A, B]), Road([far, D])).components == 2


def test_a_length_is_the_sum_of_geodesics_rounded_once() -> None:
    vertices = [(119.64 + i * 0.000_037, 29.08 + (i % 2) * 0.000_029) for i in range(40)]
    assert walk(Road(vertices)).edge_length_dm.tolist() == [geodesic_dm(*vertices)]


def test_long_pieces_are_measured_on_the_ellipsoid_too() -> None:
    vertices = [(119.0, 29.0), (121.0, 31.0), (121.001, 31.0)]
    assert walk(Road(vertices)).edge_length_dm.tolist() == [geodesic_dm(*vertices)]


def test_a_loop_and_two_parallel_roads_are_kept() -> None:
    graph = walk(Road([A, B, D, A]), Road([A, C]), Road([A, (119.641, 29.079), C]))
    loops = graph.edge_from == graph.edge_to
    assert loops.sum() == 1
    assert graph.edges == 3
    assert graph.outward.ptr[-1] == 6


def test_a_road_that_crosses_itself_is_cut_there() -> None:
    graph = walk(Road([A, B, D, (119.6415, 29.0805), B, C]))
    assert (graph.nodes, graph.edges) == (3, 3)


def test_repeated_vertices_count_once_and_a_road_of_one_place_is_left_out() -> None:
    graph = walk(Road([A, A, B, B, B]), Road([D, D]))
    assert (graph.nodes, graph.edges) == (2, 1)


def test_an_edge_may_have_no_length() -> None:
    graph = walk(Road([A, (A[0] + 1e-7, A[1])]))
    assert graph.edge_length_dm.tolist() == [0]
    assert graph.nodes == 2


def test_columns_of_tables_are_taken_as_they_come() -> None:
    roads = road_lines(Road([A, B, C]))
    for column in fields(roads):
        getattr(roads, column.name).flags.writeable = False
    assert compile_graph(roads, no_barriers(), TravelMode.DRIVE).edges == 1


def test_a_mode_sees_only_its_roads() -> None:
    roads = (Road([A, B], foot=False), Road([B, C], motor=False))
    assert walk(*roads).edge_road.tolist() == [101]
    assert drive(*roads).edge_road.tolist() == [100]


def test_a_graph_without_roads_is_empty() -> None:
    graph = walk(Road([A, B], foot=False))
    assert (graph.nodes, graph.edges, graph.components, graph.largest_component_share) == (0, 0, 0, 0.0)


def test_walkers_ignore_oneway_and_drivers_obey() -> None:
    assert walk(Road([A, B], oneway=1)).outward.ptr[-1] == 2
    along, against = drive(Road([A, B], oneway=1)), drive(Road([A, B], oneway=-1))
    start, end = node_at(along, *A), node_at(along, *B)
    assert np.diff(along.outward.ptr)[[start, end]].tolist() == [1, 0]
    assert np.diff(along.inward.ptr)[[start, end]].tolist() == [0, 1]
    assert np.diff(against.outward.ptr)[[start, end]].tolist() == [0, 1]
    assert along.inward.head_cost[0, 0] == start


def test_driving_costs_centiseconds_rounded_half_up() -> None:
    graph = drive(Road([A, B], highway="primary", maxspeed_kmh=50))
    assert graph.edge_speed_kmh.tolist() == [40]
    length_dm = int(graph.edge_length_dm[0])
    assert graph.edge_cost[0] == int(np.floor(length_dm * 36 / 40 + 0.5))


def test_a_blocked_place_is_come_up_to_and_not_passed() -> None:
    roads = road_lines(Road([A, B, C]), Road([B, D]))
    graph = compile_graph(roads, barrier_at(*B), TravelMode.WALK)
    assert graph.edges == 3
    assert graph.components == 3
    assert graph.nodes == 6


def test_a_barrier_stops_only_the_mode_that_it_blocks() -> None:
    roads = road_lines(Road([A, B, C]))
    bollard = barrier_at(*B, foot=False)
    assert compile_graph(roads, bollard, TravelMode.WALK).components == 1
    assert compile_graph(roads, bollard, TravelMode.DRIVE).components == 2


def test_a_barrier_away_from_every_vertex_stops_nobody() -> None:
    graph = compile_graph(road_lines(Road([A, C])), barrier_at(*B), TravelMode.WALK)
    assert graph.components == 1


def test_a_loop_that_is_closed_by_a_barrier_is_open_there() -> None:
    graph = compile_graph(road_lines(Road([A, B, D, A])), barrier_at(*A), TravelMode.WALK)
    assert graph.edges == 1
    assert graph.edge_from[0] != graph.edge_to[0]


def test_components_and_the_largest_share_are_counted() -> None:
    graph = walk(Road([A, B]), Road([B, C]), Road([(119.7, 29.1), (119.71, 29.1)]))
    assert graph.components == 2
    assert graph.largest_component_share == pytest.approx(3 / 5)
    assert sorted(graph.component_nodes().tolist()) == [2, 3]


def test_the_same_roads_give_the_same_arrays() -> None:
    roads = (Road([A, B, C]), Road([B, D]), Road([D, A]))
    one, other = walk(*roads), walk(*roads)
    assert one.outward.head_cost.tobytes() == other.outward.head_cost.tobytes()
    assert one.grid.cell_piece.tobytes() == other.grid.cell_piece.tobytes()


def test_roads_across_the_180th_meridian_and_at_the_pole_are_like_others() -> None:
    graph = walk(Road([(179.9999, 10.0), (-179.9999, 10.0)]), Road([(-180.0, 10.001), (-179.9999, 10.0)]))
    assert graph.components == 1
    assert walk(Road([(179.0, 0.0), (180.0, 0.0)]), Road([(-180.0, 0.0), (-179.0, 0.0)])).components == 1
    assert walk(Road([(0.0, 89.9), (0.0, 90.0)]), Road([(77.0, 90.0), (77.0, 89.9)])).components == 1


@pytest.mark.parametrize("vertex", [(float("nan"), 29.0), (181.0, 29.0), (119.0, 90.5), (float("inf"), 0.0)])
def test_coordinates_that_are_no_place_are_refused_with_their_road(vertex: tuple[float, float]) -> None:
    with pytest.raises(RoadUnusable) as raised:
        walk(Road([A, B]), Road([A, vertex]))
    assert raised.value.details["road"] == 101


def test_a_bad_road_that_the_mode_does_not_use_does_not_matter() -> None:
    assert walk(Road([A, B]), Road([A, (181.0, 0.0)], foot=False)).edges == 1


def test_columns_of_different_lengths_are_a_programming_error() -> None:
    good = road_lines(Road([A, B]))
    with pytest.raises(ValueError, match="one value a road"):
        RoadLines(
            good.road_fid,
            good.highway,
            good.oneway[:0],
            good.maxspeed_kmh,
            good.foot,
            good.motor,
            good.vertex_ptr,
            good.lon,
            good.lat,
        )
    with pytest.raises(ValueError, match="vertex_ptr"):
        RoadLines(
            good.road_fid,
            good.highway,
            good.oneway,
            good.maxspeed_kmh,
            good.foot,
            good.motor,
            good.vertex_ptr - 1,
            good.lon,
            good.lat,
        )
