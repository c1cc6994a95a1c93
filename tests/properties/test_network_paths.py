"""Ways on random small networks: they cost what the search says, and lead along roads from the point to the facility."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_registry.network.geodesic import DM_PER_M, lines_m
from geo_registry.network.graph import Graph, compile_graph, no_barriers
from geo_registry.network.kernels import UNREACHABLE_COST, UNSNAPPED_COST, nearest_points
from geo_registry.network.paths import way_between
from geo_registry.network.snap import Snapped, snap
from geo_registry.vocabulary import TravelMode
from tests.network_roads import Road, road_lines, unhurried
from tests.properties.test_network_search import ORIGIN, graphs, points


@st.composite
def questions(draw: st.DrawFn) -> tuple[Graph, Snapped, Snapped]:
    graph = draw(graphs())
    return graph, draw(points(graph, most=1)), draw(points(graph, most=1))


@settings(unhurried, max_examples=500)
@given(questions())
def test_a_way_is_as_long_as_the_search_says_and_lies_on_roads(case: tuple[Graph, Snapped, Snapped]) -> None:
    graph, point, facility = case
    way = way_between(graph, point, facility)
    ((cost,), _) = nearest_points(graph, point, facility)
    if cost in {UNREACHABLE_COST, UNSNAPPED_COST}:
        assert way is None
        return
    assert way is not None
    assert way.cost == cost
    if graph.mode is TravelMode.WALK:
        assert way.length_dm == cost
    first, *along, last = way.stretches
    assert (first.road_fid, first.length_dm) == (None, point.access_dm[0])
    assert (last.road_fid, last.length_dm) == (None, facility.access_dm[0])
    assert all(one.road_fid in graph.edge_road for one in along)
    assert all(left.road_fid != right.road_fid for left, right in pairwise(along))
    # The line joins the two places and is as long as its roads; every part is off by less than the two roundings.
    assert way.lon.size == way.lat.size >= 2
    assert (way.lon[0], way.lat[0], way.lon[-1], way.lat[-1]) == (
        point.lon[0],
        point.lat[0],
        facility.lon[0],
        facility.lat[0],
    )
    drawn_dm = lines_m(way.lon[:-1], way.lat[:-1], way.lon[1:], way.lat[1:]).sum() * DM_PER_M
    edges = len(way.lon) + len(along)
    assert abs(drawn_dm - sum(one.length_dm for one in along)) <= 2 * edges


def test_by_car_the_way_goes_round_what_is_one_way() -> None:
    west, south = ORIGIN
    east, north = west + 1e-3, south + 1e-3
    block = [
        Road([(west, south), (east, south)], oneway=1),
        Road([(east, south), (east, north), (west, north), (west, south)]),
    ]
    ways = {}
    for mode in TravelMode:
        graph = compile_graph(road_lines(*block), no_barriers(), mode)
        place = [snap(graph, np.array([lon]), np.array([south]), 50.0) for lon in (west + 8e-4, west + 2e-4)]
        way = way_between(graph, *place)
        assert way is not None
        ways[mode] = way
    assert [one.road_fid for one in ways[TravelMode.WALK].stretches] == [None, 100, None]
    assert [one.road_fid for one in ways[TravelMode.DRIVE].stretches] == [None, 100, 101, 100, None]
    assert ways[TravelMode.DRIVE].lat.max() == north
