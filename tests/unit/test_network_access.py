"""What OpenStreetMap's tags allow, mode by mode."""

import pytest

from geo_registry.network.access import (
    BARRIER_BLOCKS,
    CLASS_ACCESS,
    CLASS_DRIVE_SPEED_KMH,
    barrier_from_tags,
    drive_speed_kmh,
    parse_maxspeed_kmh,
    road_from_tags,
)


def modes(**tags: str) -> tuple[bool, bool]:
    """Whether a way may be used (on foot, by car)."""
    road = road_from_tags({key.replace("__", ":"): value for key, value in tags.items()})
    assert road is not None
    return road.foot, road.motor


@pytest.mark.parametrize(
    ("highway", "expected"),
    [
        ("motorway", (False, True)),
        ("motorway_link", (False, True)),
        ("trunk", (True, True)),
        ("residential", (True, True)),
        ("service", (True, True)),
        ("footway", (True, False)),
        ("steps", (True, False)),
        ("pedestrian", (True, False)),
        ("path", (True, False)),
        ("track", (True, False)),
        ("cycleway", (True, False)),
        ("corridor", (True, False)),
        ("busway", (False, False)),
    ],
)
def test_class_decides_where_no_access_tag_does(highway: str, expected: tuple[bool, bool]) -> None:
    assert modes(highway=highway) == expected


@pytest.mark.parametrize(
    "highway", ["construction", "proposed", "raceway", "abandoned", "rest_area", "no", "unheard_of"]
)
def test_what_is_no_road_is_left_out(highway: str) -> None:
    assert road_from_tags({"highway": highway}) is None


def test_other_features_areas_and_impassable_ways_are_left_out() -> None:
    assert road_from_tags({"building": "yes"}) is None
    assert road_from_tags({"highway": "pedestrian", "area": "yes"}) is None
    assert road_from_tags({"highway": "track", "smoothness": "impassable"}) is None
    assert road_from_tags({"highway": "path", "status": "impassable"}) is None


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "motorway", "foot": "yes"}, (True, True)),
        ({"highway": "trunk", "motorroad": "yes"}, (False, True)),
        ({"highway": "trunk", "motorroad": "yes", "foot": "designated"}, (True, True)),
        ({"highway": "residential", "access": "private"}, (False, False)),
        ({"highway": "residential", "access": "customers"}, (False, False)),
        ({"highway": "residential", "access": "no", "foot": "yes"}, (True, False)),
        ({"highway": "residential", "access": "private", "motor_vehicle": "permissive"}, (False, True)),
        ({"highway": "residential", "access": "destination"}, (True, True)),
        ({"highway": "residential", "vehicle": "no"}, (True, False)),
        ({"highway": "residential", "vehicle": "no", "motorcar": "yes"}, (True, True)),
        ({"highway": "residential", "motor_vehicle": "yes", "motorcar": "no"}, (True, False)),
        ({"highway": "primary", "foot": "use_sidepath"}, (False, True)),
        ({"highway": "cycleway", "foot": "no"}, (False, False)),
        ({"highway": "cycleway", "access": "no", "bicycle": "designated"}, (False, False)),
        ({"highway": "track", "motor_vehicle": "yes"}, (True, True)),
        ({"highway": "track", "motor_vehicle": "agricultural"}, (True, False)),
        ({"highway": "service", "service": "emergency_access"}, (True, False)),
        ({"highway": "service", "service": "private", "foot": "yes"}, (False, False)),
        ({"highway": "residential", "access": "unknown"}, (True, True)),
    ],
)
def test_the_most_particular_access_tag_decides(tags: dict[str, str], expected: tuple[bool, bool]) -> None:
    assert modes(**tags) == expected


def test_a_general_tag_closes_but_never_opens_to_cars() -> None:
    assert modes(highway="footway", access="yes") == (True, False)
    assert modes(highway="pedestrian", vehicle="yes") == (True, False)


def test_a_ferry_is_kept_and_nobody_walks_or_drives_it() -> None:
    road = road_from_tags({"route": "ferry", "foot": "yes", "motor_vehicle": "yes", "name": "渡口"})
    assert road is not None
    assert (road.highway, road.name, road.foot, road.motor) == ("ferry", "渡口", False, False)


def test_platforms_and_piers_without_a_highway_are_walked() -> None:
    assert modes(railway="platform") == (True, False)
    assert modes(public_transport="platform") == (True, False)
    assert modes(man_made="pier") == (True, False)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "residential"}, 0),
        ({"highway": "residential", "oneway": "yes"}, 1),
        ({"highway": "residential", "oneway": "1"}, 1),
        ({"highway": "residential", "oneway": "-1"}, -1),
        ({"highway": "residential", "oneway": "reverse"}, -1),
        ({"highway": "residential", "oneway": "no"}, 0),
        ({"highway": "motorway"}, 1),
        ({"highway": "motorway", "oneway": "no"}, 0),
        ({"highway": "motorway_link"}, 0),
        ({"highway": "tertiary", "junction": "roundabout"}, 1),
        ({"highway": "tertiary", "junction": "circular"}, 1),
        ({"highway": "residential", "oneway": "yes", "oneway:motor_vehicle": "no"}, 0),
    ],
)
def test_oneway_is_read_from_tags_or_implied(tags: dict[str, str], expected: int) -> None:
    road = road_from_tags(tags)
    assert road is not None
    assert road.oneway == expected


def test_a_road_whose_direction_changes_with_the_hour_is_walked_and_not_driven() -> None:
    assert modes(highway="primary", oneway="reversible") == (True, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50", 50),
        ("50 km/h", 50),
        ("30 mph", 48),
        ("12.5", 13),
        ("10 knots", 19),
        ("walk", 6),
        ("CN:urban", 50),
        ("CN:rural", 70),
        ("FR:rural", 90),
        ("DE:zone:30", 30),
        ("DE:zone30", 30),
        ("BE-VLG:30", 30),
        ("50;30", 30),
        ("80|60|60", 60),
        ("none", None),
        ("signals", None),
        ("variable", None),
        ("", None),
        ("fifty", None),
        ("50 furlongs", None),
        ("0", None),
        ("999", None),
    ],
)
def test_posted_limits_are_read(text: str, expected: int | None) -> None:
    assert parse_maxspeed_kmh(text) == expected


def test_a_limit_is_also_found_beside_maxspeed() -> None:
    road = road_from_tags({"highway": "primary", "maxspeed:forward": "70", "maxspeed:backward": "50"})
    assert road is not None
    assert road.maxspeed_kmh == 50
    road = road_from_tags({"highway": "primary", "maxspeed": "none", "maxspeed:type": "CN:urban"})
    assert road is not None
    assert road.maxspeed_kmh == 50


def test_driving_takes_four_fifths_of_the_limit_else_the_class() -> None:
    assert drive_speed_kmh("primary", 50) == 40
    assert drive_speed_kmh("primary", 30) == 24
    assert drive_speed_kmh("primary", 1) == 1
    assert drive_speed_kmh("primary", None) == 65
    assert drive_speed_kmh("track", None) == 10
    assert drive_speed_kmh("三级公路", None) == CLASS_DRIVE_SPEED_KMH["road"]


def test_every_class_with_a_speed_is_a_class_that_cars_may_use() -> None:
    assert all(CLASS_ACCESS[highway][1] for highway in CLASS_DRIVE_SPEED_KMH)
    assert {highway for highway, (_, motor) in CLASS_ACCESS.items() if motor} == set(CLASS_DRIVE_SPEED_KMH)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"barrier": "bollard"}, (False, True)),
        ({"barrier": "cycle_barrier"}, (False, True)),
        ({"barrier": "block"}, (False, True)),
        ({"barrier": "wall"}, (True, True)),
        ({"barrier": "fence"}, (True, True)),
        ({"barrier": "gate", "access": "private"}, (True, True)),
        ({"barrier": "lift_gate", "access": "no", "foot": "yes"}, (False, True)),
        ({"barrier": "gate", "locked": "yes"}, (True, True)),
        ({"barrier": "gate", "locked": "yes", "foot": "yes"}, (False, True)),
        ({"barrier": "gate", "motor_vehicle": "private"}, (False, True)),
        ({"barrier": "stile", "foot": "no"}, (True, True)),
    ],
)
def test_barriers_block_whom_they_block(tags: dict[str, str], expected: tuple[bool, bool]) -> None:
    barrier = barrier_from_tags(tags)
    assert barrier is not None
    assert (barrier.foot_blocked, barrier.motor_blocked) == expected
    assert barrier.kind == tags["barrier"]


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"highway": "crossing", "access": "no"},
        {"barrier": "gate"},
        {"barrier": "lift_gate", "access": "destination"},
        {"barrier": "kerb"},
        {"barrier": "kerb", "access": "no"},
        {"barrier": "entrance"},
        {"barrier": "toll_booth"},
        {"barrier": "unheard_of"},
        {"barrier": "bollard", "motor_vehicle": "yes"},
    ],
)
def test_what_everyone_passes_is_no_barrier(tags: dict[str, str]) -> None:
    assert barrier_from_tags(tags) is None


def test_nothing_that_blocks_people_lets_cars_through() -> None:
    assert all(motor for foot, motor in BARRIER_BLOCKS.values() if foot)
