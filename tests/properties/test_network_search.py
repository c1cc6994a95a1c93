"""The kernels against scipy on random small networks of every shape: parallel, looping, of no length, one-way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_registry.network.graph import Graph, compile_graph, no_barriers
from geo_registry.network.kernels import (
    MAX_LIMIT,
    NO_FACILITY,
    UNREACHABLE_COST,
    UNSNAPPED_COST,
    UNSNAPPED_FACILITY,
    Seeds,
    catchment_points,
    catchments,
    nearest,
    nearest_points,
)
from geo_registry.network.snap import NO_EDGE, Snapped, snap
from geo_registry.vocabulary import TravelMode
from tests.network_roads import Road, all_pairs, node_arcs, point_costs, road_lines, unhurried

ORIGIN = (119.64, 29.08)

# Steps of a street's length, of a decimetre or so, and of a centimetre, whose edges have no length.
STEPS_DEG = (0.0, 1e-7, 1.1e-6, 5e-4, 5.1e-4, 1.1e-3)

places = st.tuples(st.sampled_from(STEPS_DEG), st.sampled_from(STEPS_DEG)).map(
    lambda step: (ORIGIN[0] + step[0], ORIGIN[1] + step[1])
)
roads = st.builds(
    Road,
    vertices=st.lists(places, min_size=2, max_size=5),
    highway=st.sampled_from(["residential", "primary", "service"]),
    oneway=st.sampled_from([-1, 0, 0, 1]),
    maxspeed_kmh=st.sampled_from([0, 30, 120]),
)
modes = st.sampled_from(list(TravelMode))


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    lines = road_lines(*draw(st.lists(roads, min_size=1, max_size=12)))
    return compile_graph(lines, no_barriers(), draw(modes))


@st.composite
def points(draw: st.DrawFn, graph: Graph, most: int = 6) -> Snapped:
    near = st.floats(-3e-4, 1.4e-3)
    at_place = places.map(lambda place: (place[0] - ORIGIN[0], place[1] - ORIGIN[1]))
    offsets = draw(st.lists(st.one_of(st.tuples(near, near), at_place), min_size=1, max_size=most))
    lon, lat = np.array(offsets).T
    return snap(graph, ORIGIN[0] + lon, ORIGIN[1] + lat, draw(st.sampled_from([3.0, 40.0, 300.0])))


def seeds_of(starts: list[list[tuple[int, int]]]) -> Seeds:
    """The seeds of each source as (node, cost)."""
    flat = [seed for source in starts for seed in source]
    return Seeds(
        ptr=np.concatenate(([0], np.cumsum([len(source) for source in starts]))).astype(np.int64),
        node=np.array([node for node, _ in flat], np.int32),
        cost=np.array([cost for _, cost in flat], np.int32),
    )


@st.composite
def graphs_with_seeds(draw: st.DrawFn) -> tuple[Graph, Seeds, np.ndarray]:
    """A graph, seeds, and the cost from every node to every source, shape (n, s), inf where there is no way."""
    graph = draw(graphs().filter(lambda graph: graph.nodes > 0))
    seed = st.tuples(st.integers(0, graph.nodes - 1), st.integers(0, 3_000))
    starts = draw(st.lists(st.lists(seed, max_size=2), min_size=1, max_size=5))
    between = all_pairs(graph.nodes, node_arcs(graph))
    to_source = np.full((graph.nodes, len(starts)), np.inf)
    for source, start in enumerate(starts):
        for node, cost in start:
            to_source[:, source] = np.minimum(to_source[:, source], between[:, node] + cost)
    return graph, seeds_of(starts), to_source


@unhurried
@given(graphs_with_seeds())
def test_nearest_is_what_scipy_finds_and_ties_go_to_the_lowest(case: tuple[Graph, Seeds, np.ndarray]) -> None:
    graph, seeds, to_source = case
    found = nearest(graph, seeds)
    lowest = to_source.min(axis=1)
    assert found.cost.tolist() == np.where(np.isinf(lowest), UNREACHABLE_COST, lowest).astype(np.int64).tolist()
    assert found.source.tolist() == np.where(np.isinf(lowest), NO_FACILITY, to_source.argmin(axis=1)).tolist()


@unhurried
@given(graphs_with_seeds(), st.data())
def test_catchments_are_all_pairs_within_the_limit_inclusive(
    case: tuple[Graph, Seeds, np.ndarray], data: st.DataObject
) -> None:
    graph, seeds, to_source = case
    costs = np.unique(to_source[np.isfinite(to_source)]).astype(int).tolist() or [0]
    limit = data.draw(st.sampled_from(costs)) + data.draw(st.sampled_from([-1, 0, 1]))
    found = catchments(graph, seeds, limit)
    for source in range(seeds.ptr.size - 1):
        part = slice(found.ptr[source], found.ptr[source + 1])
        pairs = sorted(zip(found.node[part].tolist(), found.cost[part].tolist(), strict=True))
        within = np.flatnonzero(to_source[:, source] <= limit)
        assert pairs == [(node, int(to_source[node, source])) for node in within.tolist()]


@st.composite
def snapped_cases(draw: st.DrawFn) -> tuple[Graph, Snapped, Snapped, np.ndarray]:
    graph = draw(graphs())
    demand, facility = draw(points(graph)), draw(points(graph, most=4))
    return graph, demand, facility, point_costs(graph, demand, facility)


@settings(unhurried, max_examples=200)
@given(snapped_cases())
def test_nearest_of_points_counts_both_access_legs_and_short_cuts_along_an_edge(
    case: tuple[Graph, Snapped, Snapped, np.ndarray],
) -> None:
    graph, demand, facility, costs = case
    cost, nearest_facility = nearest_points(graph, demand, facility)
    lowest = costs.min(axis=1)
    off = demand.edge == NO_EDGE
    expected = np.where(off, UNSNAPPED_COST, np.where(np.isinf(lowest), UNREACHABLE_COST, lowest))
    assert cost.tolist() == expected.astype(np.int64).tolist()
    chosen = np.where(off, UNSNAPPED_FACILITY, np.where(np.isinf(lowest), NO_FACILITY, costs.argmin(axis=1)))
    assert nearest_facility.tolist() == chosen.tolist()


@settings(unhurried, max_examples=200)
@given(snapped_cases(), st.data())
def test_catchments_of_points_are_all_pairs_within_the_limit_inclusive(
    case: tuple[Graph, Snapped, Snapped, np.ndarray], data: st.DataObject
) -> None:
    graph, demand, facility, costs = case
    known = np.unique(costs[np.isfinite(costs)]).astype(int).tolist() or [0]
    limit = data.draw(st.sampled_from(known)) + data.draw(st.sampled_from([-1, 0, 1]))
    found = catchment_points(graph, demand, facility, limit)
    for number in range(facility.edge.size):
        part = slice(found.ptr[number], found.ptr[number + 1])
        pairs = sorted(zip(found.point[part].tolist(), found.cost[part].tolist(), strict=True))
        within = np.flatnonzero(costs[:, number] <= limit)
        assert pairs == [(point, int(costs[point, number])) for point in within.tolist()]


def test_a_limit_beyond_32_bits_is_refused() -> None:
    graph = compile_graph(road_lines(Road([ORIGIN, (119.65, 29.08)])), no_barriers(), TravelMode.WALK)
    with pytest.raises(ValueError, match="at most"):
        catchments(graph, seeds_of([[(0, 0)]]), MAX_LIMIT + 1)
    assert catchments(graph, seeds_of([[(0, 0)]]), MAX_LIMIT).node.size == 2
