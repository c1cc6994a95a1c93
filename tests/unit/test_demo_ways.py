"""Ways over a small grid, and the splitting of people."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_registry.demo import ways
from geo_registry.demo.edges import components, edges, merged
from geo_registry.demo.people import apportioned


def grid(rows: int, columns: int, *, closed: tuple[int, ...] = (), high: tuple[int, ...] = ()) -> ways.Grid:
    cells = rows * columns
    height = np.zeros(cells, dtype=np.int64)
    height[list(high)] = 100
    shut = np.zeros(cells, dtype=bool)
    shut[list(closed)] = True
    return ways.Grid(rows, columns, np.ones(cells, dtype=np.int64), height, shut)


def way(grid: ways.Grid, *seeds: int, detour: float = 1.0) -> list[tuple[int, int]]:
    found = ways.territories(grid, np.array(seeds))
    known = ways.passes(grid, found)
    steps = ways.steps_of_ways(found, known, ways.worth_building(known, len(seeds), detour=detour))
    return list(zip(steps.low.tolist(), steps.high.tolist(), strict=True))


def test_each_cell_belongs_to_the_nearest_seed() -> None:
    found = ways.territories(grid(1, 7), np.array([0, 6]))
    assert found.seed.tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert found.cost.tolist() == [0, 10, 20, 30, 20, 10, 0]


def test_a_cell_that_no_way_reaches_is_nobodys() -> None:
    assert ways.territories(grid(1, 4, closed=(2,)), np.array([0])).seed.tolist() == [0, 0, ways.NOBODY, ways.NOBODY]


def test_two_seeds_are_joined_by_a_way_without_gaps() -> None:
    assert way(grid(1, 5), 0, 4) == [(0, 1), (1, 2), (2, 3), (3, 4)]


def test_a_way_goes_round_a_hill() -> None:
    # A row of five with a hill in its middle, and a flat row beside it.
    assert (1, 2) not in way(grid(2, 5, high=(2,)), 0, 4)


def test_a_third_way_isnt_built_where_two_lead_there_as_well() -> None:
    known = ways.Passes(*(np.array(each) for each in ([0, 1, 0], [1, 2, 2], [10, 10, 19], [0, 0, 0], [0, 0, 0])))
    assert ways.worth_building(known, 3, detour=1.2).tolist() == [True, True, False]
    assert ways.worth_building(known, 3, detour=0.9).tolist() == [True, True, True]


def test_a_grid_that_is_too_large_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="more cells"):
        ways.territories(grid(1_025, 1_024), np.array([0]))


def test_roads_that_go_on_into_each_other_are_one() -> None:
    chain = merged(3, edges(np.array([0, 1]), np.array([1, 2]), 5))
    assert chain.via.tolist() == [1]
    assert {*chain.start.tolist(), *chain.end.tolist()} == {0, 2}


def test_roads_of_different_classes_stay_two() -> None:
    assert merged(3, edges(np.array([0, 1]), np.array([1, 2]), np.array([5, 6]))).start.size == 2


def test_components_are_called_by_their_lowest_node() -> None:
    assert components(5, np.array([4, 1]), np.array([1, 2])).tolist() == [0, 1, 1, 3, 1]


@given(st.integers(0, 2_000_000), st.lists(st.integers(1, 10**7), min_size=1, max_size=60))
def test_people_are_split_to_the_person_and_within_one_of_their_share(people: int, weights: list[int]) -> None:
    split = apportioned(people, np.array(weights)).tolist()
    assert sum(split) == people
    exact = [people * weight / sum(weights) for weight in weights]
    assert all(abs(got - share) < 1 + 1e-6 for got, share in zip(split, exact, strict=True))
