"""Edits against the whole search: what changes for whom is the difference between two baselines, whatever the edit."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_registry.network.edits import Baseline
from geo_registry.network.graph import Graph
from geo_registry.network.kernels import nearest_points
from geo_registry.network.snap import NO_EDGE, Snapped
from tests.network_roads import unhurried
from tests.properties.test_network_search import graphs, points


def joined(first: Snapped, second: Snapped, *, without: np.ndarray) -> Snapped:
    """Both sets as one; those of the first at the positions `without` lie nowhere, and keep their positions."""
    edge = first.edge.copy()
    edge[without] = NO_EDGE
    return Snapped(
        edge=np.concatenate((edge, second.edge)),
        lon=np.concatenate((first.lon, second.lon)),
        lat=np.concatenate((first.lat, second.lat)),
        **{
            name: np.concatenate((getattr(first, name), getattr(second, name)))
            for name in ("access_dm", "from_dm", "to_dm", "access_cost", "from_cost", "to_cost")
        },
    )


def part(points: Snapped, which: np.ndarray) -> Snapped:
    return Snapped(**{name: getattr(points, name)[which] for name in Snapped.__slots__})


@st.composite
def edits(draw: st.DrawFn) -> tuple[Graph, Snapped, Snapped, np.ndarray, Snapped]:
    """A network, people, facilities, which of them close, and what is added."""
    graph = draw(graphs())
    facility = draw(points(graph, most=5))
    closed = draw(st.lists(st.integers(0, facility.edge.size - 1), max_size=3))
    added = draw(points(graph, most=3))
    if draw(st.booleans()):
        added = part(added, np.empty(0, np.int64))
    return graph, draw(points(graph, most=8)), facility, np.array(closed, np.int64), added


@settings(unhurried, max_examples=400)
@given(edits())
def test_an_edit_changes_what_a_whole_search_finds_changed(
    case: tuple[Graph, Snapped, Snapped, np.ndarray, Snapped],
) -> None:
    graph, demand, facility, closed, added = case
    baseline = Baseline(graph, demand, facility)
    changes = baseline.edited(closed, added)
    cost, source = nearest_points(graph, demand, joined(facility, added, without=closed))
    differs = np.flatnonzero((cost != baseline.cost) | (source != baseline.facility))
    assert changes.point.tolist() == differs.tolist()
    assert changes.cost.tolist() == cost[differs].tolist()
    assert changes.facility.tolist() == source[differs].tolist()
    # The baseline is as it was: the same question has the same answer, and nothing changes without an edit.
    again = baseline.edited(closed, added)
    assert (again.point.tolist(), again.cost.tolist()) == (changes.point.tolist(), changes.cost.tolist())
    assert baseline.edited(np.empty(0, np.int64), part(added, np.empty(0, np.int64))).point.size == 0


@settings(unhurried, max_examples=200)
@given(edits())
def test_adding_and_taking_away_again_changes_nothing(
    case: tuple[Graph, Snapped, Snapped, np.ndarray, Snapped],
) -> None:
    graph, demand, facility, _, added = case
    first = Baseline(graph, demand, facility)
    both = Baseline(graph, demand, joined(facility, added, without=np.empty(0, np.int64)))
    gone = np.arange(facility.edge.size, facility.edge.size + added.edge.size)
    back = both.edited(gone, part(added, np.empty(0, np.int64)))
    cost, source = both.cost.copy(), both.facility.copy()
    cost[back.point], source[back.point] = back.cost, back.facility
    assert cost.tolist() == first.cost.tolist()
    assert source.tolist() == first.facility.tolist()
