"""Roads without a name, joined into lanes: on small networks whose lanes a person would tell at once."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
import shapely

from geo_registry.network.graph import compile_graph, no_barriers
from geo_registry.unnamed.covering import alongside, covered
from geo_registry.unnamed.ends import CUT, End, Named, between, ends_of
from geo_registry.unnamed.lanes import Lanes, Roads, find
from geo_registry.unnamed.matching import match
from geo_registry.vocabulary import LaneEnd, TravelMode
from tests.network_roads import Road, road_lines

LON, LAT = 119.65, 29.08
DEGREE_M = 111_195.0
NOTHING = np.empty(0, object)


def at(x: float, y: float) -> tuple[float, float]:
    """A place by metres east and north of one, in degrees."""
    return LON + x / (DEGREE_M * math.cos(math.radians(LAT))), LAT + y / DEGREE_M


def road(*metres: tuple[float, float], highway: str = "residential") -> Road:
    return Road([at(*each) for each in metres], highway)


def line(*metres: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([at(*each) for each in metres])


def box(west: float, south: float, east: float, north: float) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([shapely.box(*at(west, south), *at(east, north))])


def many(*shapes: shapely.Geometry) -> np.ndarray:
    return np.array(shapes, dtype=object)


def lanes_of(
    *roads: Road, named: Sequence[int] = (), extents: np.ndarray = NOTHING, zones: Sequence[np.ndarray] = ()
) -> Lanes:
    """The lanes of roads, of which those at some positions have names of their own."""
    graph = compile_graph(road_lines(*roads), no_barriers(), TravelMode.WALK)
    position = graph.edge_road - 100
    has_name = np.isin(position, list(named))
    highway = np.array([roads[each].highway for each in position], np.str_)
    asked = np.ones(graph.edges, np.bool_)
    return find(graph, Roads(highway, has_name, asked), zones=zones, extents=extents)


def lengths(lanes: Lanes) -> list[int]:
    return sorted(round(each) for each in lanes.length_m)


def test_pieces_that_go_straight_on_are_one_lane() -> None:
    lanes = lanes_of(road((0, 0), (100, 0)), road((100, 0), (200, 4)), road((300, 4), (200, 4)))
    assert lengths(lanes) == [pytest.approx(300, abs=2)]


def test_at_a_crossing_the_straightest_goes_on_and_the_others_end() -> None:
    lanes = lanes_of(road((0, 0), (100, 0)), road((100, 0), (220, 10)), road((100, 0), (100, 150)))
    assert lengths(lanes) == [150, pytest.approx(220, abs=2)]


def test_a_cross_is_two_lanes() -> None:
    cross = [road((0, 0), (100, 0)), road((100, 0), (180, 0)), road((100, -90), (100, 0)), road((100, 0), (100, 70))]
    assert lengths(lanes_of(*cross)) == [pytest.approx(160, abs=1), pytest.approx(180, abs=1)]


def test_a_road_that_only_bends_is_one_lane_but_at_a_crossing_it_isn_t() -> None:
    corner = [road((0, 0), (100, 0)), road((100, 0), (100, 100))]
    assert lengths(lanes_of(*corner)) == [pytest.approx(200, abs=1)]
    # Of three ends at 90, 63 and 150 degrees to one another the two that deflect least go on.
    crossing = lanes_of(*corner, road((100, 0), (140, -90)))
    assert lengths(crossing) == [pytest.approx(100, abs=1), pytest.approx(198, abs=1)]
    # At a crossing none turns so far: a bend of 60 degrees ends there, where another road begins.
    bend = [road((0, 0), (100, 0)), road((100, 0), (150, 87))]
    assert lengths(lanes_of(*bend)) == [pytest.approx(200, abs=1)]
    assert len(lanes_of(*bend, road((100, 0), (60, 90))).lines) == 3


def test_another_class_is_another_lane() -> None:
    assert lengths(lanes_of(road((0, 0), (100, 0)), road((100, 0), (200, 0), highway="tertiary"))) == [100, 100]
    # Sources draw a village street as either.
    assert lengths(lanes_of(road((0, 0), (100, 0)), road((100, 0), (200, 0), highway="unclassified"))) == [200]


def test_paths_and_numbered_roads_are_no_lanes() -> None:
    apart = [road((0, y), (100, y), highway=each) for y, each in enumerate(("footway", "primary", "steps", "path"))]
    assert lengths(lanes_of(*apart)) == []


def test_a_named_road_is_no_lane_and_what_comes_from_it_ends_there() -> None:
    assert lengths(lanes_of(road((0, 0), (100, 0)), road((100, 0), (200, 0)), named=[1])) == [100]


def test_a_ring_is_one_lane_wherever_it_was_begun() -> None:
    ring = lanes_of(road((0, 0), (100, 0), (100, 100), (0, 100), (0, 0)))
    assert lengths(ring) == [400]
    parts = lanes_of(road((0, 0), (100, 0), (100, 100)), road((0, 0), (0, 100), (100, 100)))
    assert lengths(parts) == [400]
    assert shapely.is_closed(parts.lines[0])


def test_what_is_short_is_a_way_into_a_yard() -> None:
    assert lengths(lanes_of(road((0, 0), (30, 0)))) == []


def test_a_road_is_cut_at_a_border() -> None:
    zones = [many(box(-10, -50, 100, 50), box(100, -50, 300, 50))]
    lanes = lanes_of(road((0, 0), (250, 0)), zones=zones)
    assert lanes.division.tolist() == [0, 1]
    assert [round(each) for each in lanes.length_m] == [100, 150]
    assert (lanes.node[:, 0] < 0).sum() + (lanes.node[:, 1] < 0).sum() == 2


def test_a_small_part_beyond_a_border_stays_with_the_rest() -> None:
    zones = [many(box(-10, -50, 100, 50), box(100, -50, 300, 50))]
    lanes = lanes_of(road((0, 0), (110, 0)), zones=zones)
    assert lanes.division.tolist() == [0]
    assert lengths(lanes) == [110]


def test_lanes_of_two_divisions_are_not_joined() -> None:
    zones = [many(box(-10, -50, 100, 50), box(100, -50, 300, 50))]
    assert lengths(lanes_of(road((0, 0), (100, 0)), road((100, 0), (200, 0)), zones=zones)) == [100, 100]


def test_where_no_village_is_known_the_township_has_the_lane() -> None:
    villages, townships = many(box(-10, -50, 100, 50)), many(box(-10, -50, 300, 50))
    lanes = lanes_of(road((0, 0), (90, 0)), road((110, 20), (290, 20)), zones=[villages, townships])
    assert lanes.division.tolist() == [0, 1]
    outside = lanes_of(road((500, 0), (600, 0)), zones=[villages, townships])
    assert outside.division.tolist() == [-1]


def test_the_order_of_roads_makes_no_difference() -> None:
    roads = [
        road((0, 0), (100, 0)),
        road((100, 0), (200, 30)),
        road((100, 0), (200, -30)),
        road((200, 30), (300, 30), (300, 130)),
        road((200, -30), (200, 30)),
    ]
    said = {each.normalize().wkt for each in lanes_of(*roads).lines}
    for order in ((4, 3, 2, 1, 0), (2, 0, 4, 1, 3)):
        assert {each.normalize().wkt for each in lanes_of(*[roads[each] for each in order]).lines} == said


def test_a_road_along_an_extent_has_its_name() -> None:
    extent = many(line((0, 8), (100, 8), (200, 8)))
    along, across, apart = line((10, 0), (190, 0)), line((100, -100), (100, 100)), line((0, 40), (200, 40))
    assert covered(many(along, across, apart), extent).tolist() == [True, False, False]


def test_a_short_road_between_two_named_ones_is_not_covered_by_passing_near_them() -> None:
    extents = many(line((0, 0), (200, 0)), line((0, 40), (200, 40)))
    assert covered(many(line((100, 0), (100, 40))), extents).tolist() == [False]


def test_half_a_road_along_an_extent_is_not_enough() -> None:
    found = alongside(many(line((0, 0), (200, 0))), many(line((0, 5), (80, 5))))
    assert found.share.tolist() == [0.5]
    assert covered(many(line((0, 0), (200, 0))), many(line((0, 5), (80, 5)))).tolist() == [False]


def test_an_area_covers_what_lies_in_it() -> None:
    assert covered(many(line((0, 0), (50, 80))), many(box(-10, -10, 100, 100))).tolist() == [True]


def test_what_was_found_again_is_known() -> None:
    kept = many(line((0, 0), (200, 0)), line((0, 100), (200, 100)))
    found = many(line((0, 3), (198, 3)), line((0, 200), (200, 200)), line((10, 97), (80, 99)))
    matched = match(found, kept)
    assert matched.known.tolist() == [0, -1, 1]
    # The last is only a part of what is kept.
    assert matched.same == {0: 0}


def test_two_lanes_beside_each_other_are_each_known_again() -> None:
    pair = many(line((0, 0), (200, 0)), line((0, 9), (200, 9)))
    for found in (pair, pair[::-1]):
        matched = match(found, pair)
        assert found[[matched.same[each] for each in (0, 1)]].tolist() == pair.tolist()
        assert matched.there == {0, 1}


def test_a_lane_that_is_now_part_of_a_longer_one_is_still_there() -> None:
    matched = match(many(line((0, 0), (600, 0))), many(line((0, 0), (200, 0))))
    assert matched.known.tolist() == [-1]
    assert matched.there == {0}


def test_ends_are_told_by_the_road_then_the_feature_then_by_what_meets() -> None:
    points = many(*(shapely.Point(at(x, 0)) for x in (0, 500, 1_000, 1_500, 2_000, 2_500)))
    streets = Named(many(line((500, -100), (500, 100))), ["双溪西路"])
    features = Named(many(shapely.Point(at(1_050, 0))), ["胡公庙"])
    ends = ends_of(
        points,
        met=["人民路", "", "", "", "", ""],
        goes_on=np.array([3, 1, 1, 3, 1, CUT]),
        streets=streets,
        features=features,
    )
    assert ends == [
        End(LaneEnd.ROAD, "人民路"),
        End(LaneEnd.ROAD, "双溪西路"),
        End(LaneEnd.FEATURE, "胡公庙"),
        End(LaneEnd.UNNAMED),
        End(LaneEnd.NOWHERE),
        End(LaneEnd.BORDER),
    ]
    assert between(ends[0], ends[2], "zh-CN") == "起于人民路，止于胡公庙附近"
    assert between(ends[1], ends[4], "en") == "from 双溪西路 to a dead end"
