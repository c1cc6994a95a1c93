"""Totals add up, whatever the zones look like."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo_registry.coverage.reach import (
    BEYOND,
    COVERED,
    NO_ZONE,
    UNREACHABLE,
    UNSNAPPED,
    by_zone,
    point_states,
    totals,
)

ZONES = 12


@st.composite
def forests(draw: st.DrawFn) -> np.ndarray:
    """Parents that form a forest, in any order: each zone's parent comes before it in a hidden order."""
    order = draw(st.permutations(range(ZONES)))
    parent = np.full(ZONES, NO_ZONE, dtype=np.int64)
    for at, zone in enumerate(order):
        chosen = draw(st.integers(-1, at - 1))
        parent[zone] = order[chosen] if chosen >= 0 else NO_ZONE
    return parent


people = st.lists(
    st.tuples(
        st.integers(0, 5_000), st.sampled_from([COVERED, BEYOND, UNREACHABLE, UNSNAPPED]), st.integers(-1, ZONES - 1)
    ),
    max_size=60,
)


def arrays(rows: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    count, state, zone = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return count.astype(np.float64), state.astype(np.int8), zone


@given(people, forests())
def test_zone_is_its_own_points_and_its_children(rows: list[tuple[int, int, int]], parent: np.ndarray) -> None:
    count, state, zone = arrays(rows)
    sums = by_zone(count, state, zone, parent)
    for at in range(ZONES):
        children = np.flatnonzero(parent == at)
        own = zone == at
        assert sums.demand[at] == count[own].sum() + sums.demand[children].sum()
        assert sums.covered[at] == count[own & (state == COVERED)].sum() + sums.covered[children].sum()
        assert sums.unreachable[at] == count[own & (state == UNREACHABLE)].sum() + sums.unreachable[children].sum()
        assert sums.unsnapped[at] == count[own & (state == UNSNAPPED)].sum() + sums.unsnapped[children].sum()


@given(people, forests())
def test_top_zones_and_those_outside_are_everyone(rows: list[tuple[int, int, int]], parent: np.ndarray) -> None:
    count, state, zone = arrays(rows)
    whole = totals(count, state, zone)
    sums = by_zone(count, state, zone, parent)
    assert sums.demand[parent == NO_ZONE].sum() + whole.outside_divisions == whole.demand
    assert whole.covered + whole.gap == whole.demand
    assert whole.unreachable + whole.unsnapped <= whole.gap


@given(st.lists(st.integers(0, 20_000), min_size=1), st.integers(0, 20_000))
def test_threshold_is_inclusive(costs: list[int], limit: int) -> None:
    cost = np.array([*costs, limit, limit + 1], dtype=np.int32)
    everywhere = np.ones(len(cost), dtype=bool)
    states = point_states(cost, snapped=everywhere, reached=everywhere, limit_cost=limit)
    assert ((states == COVERED) == (cost <= limit)).all()
    assert states[-2] == COVERED
    assert states[-1] == BEYOND


def test_unsnapped_outranks_unreachable() -> None:
    states = point_states(
        np.array([5, 5, 5], dtype=np.int32),
        snapped=np.array([True, True, False]),
        reached=np.array([True, False, False]),
        limit_cost=10,
    )
    assert states.tolist() == [COVERED, UNREACHABLE, UNSNAPPED]


def test_share_of_nobody_is_unknown() -> None:
    empty = np.empty(0)
    assert totals(empty, empty.astype(np.int8), empty.astype(np.int64)).share is None
