"""Names for lanes: from features, villages and wishes, with reasons."""

from geo_registry.unnamed.proposing import Feature, Surroundings, Wish, generic_of, numeral, proposals
from geo_registry.vocabulary import Compass, CourseShape, NamedAfter, PlaceClass

TEMPLE = Feature("胡公庙", PlaceClass.TEMPLE, 42.0, Compass.SOUTH)


def around(**over: object) -> Surroundings:
    plain = {"length_m": 150.0, "highway": "residential", "shape": CourseShape.STRAIGHT, "village": ""}
    return Surroundings(**{**plain, **over})  # type: ignore[arg-type]


def test_the_generic_part_goes_by_class_length_and_shape() -> None:
    straight = CourseShape.STRAIGHT
    assert generic_of(100, "tertiary", straight) == "路"
    assert generic_of(900, "residential", straight) == "路"
    assert generic_of(400, "residential", straight) == "街"
    assert generic_of(150, "residential", straight) == "巷"
    assert generic_of(60, "residential", straight) == "弄"
    assert generic_of(300, "residential", CourseShape.LOOP) == "里"


def test_a_temple_gives_its_name_and_what_lies_before_it() -> None:
    made = proposals(around(features=[TEMPLE]))
    assert [each.name for each in made] == ["胡公庙巷", "胡公庙前巷"]
    assert made[0].reason("zh-CN") == "邻近寺庙“胡公庙”（约 40 米）"
    assert made[1].reason("en") == "south of temple 胡公庙, 40 m"


def test_a_river_gives_the_side_that_the_lane_lies_on() -> None:
    river = Feature("白沙溪", PlaceClass.RIVER, 80.0, Compass.WEST)
    assert "白沙溪西巷" in [each.name for each in proposals(around(features=[river]))]


def test_what_lies_far_off_or_is_nobody_s_landmark_gives_no_name() -> None:
    far = Feature("胡公庙", PlaceClass.TEMPLE, 400.0, Compass.SOUTH)
    mast = Feature("某变电站", PlaceClass.POWER, 10.0, Compass.SOUTH)
    assert proposals(around(features=[far, mast])) == []


def test_wishes_come_first_and_get_a_generic_part_where_they_have_none() -> None:
    made = proposals(around(features=[TEMPLE], wishes=[Wish("古樟", "巷口有古樟"), Wish("和睦路")]))
    assert [each.name for each in made[:2]] == ["古樟巷", "和睦路"]
    assert made[0].after is NamedAfter.WISH
    assert made[0].zh == "群众意愿“古樟”：巷口有古樟"


def test_a_village_numbers_its_lanes_in_characters() -> None:
    assert proposals(around(village="王村", ordinal=12))[-1].name == "王村十二巷"
    assert [numeral(each) for each in (1, 10, 11, 20, 35)] == ["一", "十", "十一", "二十", "三十五"]


def test_a_name_is_proposed_once() -> None:
    names = [each.name for each in proposals(around(features=[TEMPLE, TEMPLE], wishes=[Wish("胡公庙巷")]))]
    assert len(names) == len(set(names))
