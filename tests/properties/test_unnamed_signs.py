"""Signs are planned at every end and junction, none within ten metres of another, wherever roads lie."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_registry.unnamed.signs import MERGED_M, Spot, planned
from geo_registry.vocabulary import PlateAxis, SignAt

LON, LAT = 119.65, 29.08
LON_M, LAT_M = 111_195.0 * math.cos(math.radians(LAT)), 111_195.0
METRES = st.integers(-400, 400).map(float)
PLACE = st.tuples(METRES, METRES)
LINE = st.lists(PLACE, min_size=2, max_size=6, unique=True)
NEAR_M = 0.2
"""What a plane of metres at one latitude differs from the ground by, over a kilometre."""


def degrees(*places: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(LON + x / LON_M, LAT + y / LAT_M) for x, y in places])


def metres(spot: Spot) -> tuple[float, float]:
    return (spot.lon - LON) * LON_M, (spot.lat - LAT) * LAT_M


def signs(*lanes: shapely.LineString, others: tuple[shapely.LineString, ...] = ()) -> list[Spot]:
    """The signs of lanes that are one road, in a network that has them and others."""
    network = np.array([*lanes, *others], dtype=object)
    return list(planned(np.array(lanes, dtype=object), np.zeros(len(lanes), np.int64), network))


@given(st.lists(LINE, min_size=1, max_size=4), st.lists(LINE, max_size=4))
def test_no_two_stand_near_each_other_and_each_end_has_one_near(
    lanes: list[list[tuple[float, float]]], others: list[list[tuple[float, float]]]
) -> None:
    found = signs(*(degrees(*each) for each in lanes), others=tuple(degrees(*each) for each in others))
    places = np.array([metres(each) for each in found])
    apart = np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1))
    assert apart[~np.eye(len(found), dtype=bool)].min(initial=np.inf) > MERGED_M - NEAR_M
    for lane in lanes:
        for end in (lane[0], lane[-1]):
            assert np.hypot(*(places - end).T).min() <= MERGED_M + NEAR_M
    for each, (x, y) in zip(found, places, strict=True):
        line = shapely.LineString(lanes[each.lane])
        assert shapely.Point(x, y).distance(line) <= NEAR_M, "a sign stands at its lane"
        assert 0 <= each.bearing_deg < 180
    assert found == signs(*(degrees(*each) for each in lanes), others=tuple(degrees(*each) for each in others))


@given(
    st.lists(st.integers(2, 38).map(lambda each: each * 10.0), min_size=1, max_size=5, unique=True),
    st.sampled_from([0.0, -80.0]),
)
def test_each_road_that_meets_a_lane_has_a_sign_near(crossings: list[float], south: float) -> None:
    lane = degrees((0, 0), (400, 0))
    others = [degrees((x, south), (x, 80)) for x in crossings]
    found = [metres(each)[0] for each in signs(lane, others=tuple(others))]
    for x in crossings:
        assert min(abs(x - each) for each in found) <= MERGED_M + NEAR_M
    assert len(found) <= 2 + len(crossings)


@given(st.integers(0, 359), st.floats(30, 300))
def test_the_plate_shows_how_the_road_runs_there(turned: int, length: float) -> None:
    angle = math.radians(turned)
    first, last = signs(degrees((0, 0), (length * math.sin(angle), length * math.cos(angle))))
    for each in (first, last):
        off = abs(each.bearing_deg - turned % 180)
        assert min(off, 180 - off) < 0.5
        if abs(turned % 90 - 45) > 1:
            east_west = abs(math.sin(angle)) > abs(math.cos(angle))
            assert each.axis is (PlateAxis.EAST_WEST if east_west else PlateAxis.NORTH_SOUTH)


def test_a_bent_lane_has_the_plate_of_each_of_its_legs() -> None:
    found = signs(degrees((0, 0), (200, 0), (200, 200)), others=(degrees((100, 0), (100, 90)),))
    assert [(each.at, each.axis) for each in found] == [
        (SignAt.END, PlateAxis.EAST_WEST),
        (SignAt.END, PlateAxis.NORTH_SOUTH),
        (SignAt.JUNCTION, PlateAxis.EAST_WEST),
    ]
    assert metres(found[2])[0] == pytest.approx(100, abs=NEAR_M)


def test_what_goes_on_beyond_its_end_or_is_the_lane_itself_is_no_junction() -> None:
    lane = degrees((0, 0), (100, 0), (200, 0))
    pieces = (degrees((0, 0), (100, 0)), degrees((100, 0), (300, 0)))
    assert [each.at for each in signs(lane, others=pieces)] == [SignAt.END, SignAt.END]


def test_two_lanes_of_one_road_share_the_sign_where_they_meet() -> None:
    first, second = degrees((0, 0), (100, 0)), degrees((100, 0), (100, 100))
    assert len(signs(first, second)) == 3
    apart = planned(np.array([first, second], dtype=object), np.array([0, 1]), np.empty(0, object))
    assert len(apart) == 4, "roads of two names have each its own"


def test_ends_that_lie_near_each_other_have_one() -> None:
    assert len(signs(degrees((0, 0), (60, 0), (60, 60), (0, 6)))) == 1
    assert planned(np.empty(0, object), np.empty(0, np.int64), np.empty(0, object)) == []
