"""How a lane runs, in words: lines that a person labelled, and what holds for every line."""

import math

import numpy as np
import pytest
import shapely

from geo_registry.unnamed.course import course_of, courses_of
from geo_registry.vocabulary import Compass, CourseShape

LON, LAT = 119.65, 29.08
DEGREE_M = 111_195.0


def line(*metres: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """A line by metres east and north of one place, in degrees."""
    points = np.array(metres, float)
    return LON + points[:, 0] / (DEGREE_M * math.cos(math.radians(LAT))), LAT + points[:, 1] / DEGREE_M


def arc(radius_m: float, begin_deg: float, end_deg: float) -> tuple[np.ndarray, np.ndarray]:
    angles = np.radians(np.linspace(begin_deg, end_deg, 25))
    return line(*zip(radius_m * np.cos(angles), radius_m * np.sin(angles), strict=True))


LABELLED = {
    "east": (line((0, 0), (300, 8)), "东西走向", "east–west"),
    "drawn westwards": (line((300, 8), (0, 0)), "东西走向", "east–west"),
    "north": (line((0, 0), (-10, 250)), "南北走向", "north–south"),
    "to the north-east": (line((0, 0), (200, 210)), "东北—西南走向", "north-east–south-west"),
    "to the south-east": (line((0, 0), (200, -190)), "西北—东南走向", "north-west–south-east"),
    "wobbling by a metre": (line((0, 0), (60, 1), (120, -1), (180, 1), (240, 0)), "东西走向", "east–west"),
    "slightly bent": (line((0, 0), (150, 5), (300, 45)), "东西走向，略有弯曲", "east–west, bending slightly"),
    # The example of the task: a quarter of a circle, from heading east to heading north.
    "quarter of a circle": (arc(200, -90, 0), "由西向东再往北呈弧形", "from west to east, then north in an arc"),
    "corner": (line((0, 0), (200, 0), (200, 180)), "由西向东再折向北", "from west to east, then turning north"),
    "corner southwards": (
        line((0, 0), (200, 0), (200, -180)),
        "由西向东再折向南",
        "from west to east, then turning south",
    ),
    "horseshoe": (
        line((0, 0), (0, 200), (90, 200), (90, 0)),
        "由南向北，经东转向南，呈U形",
        "from south to north, by east to south, in a horseshoe",
    ),
    "S": (
        line((0, 0), (150, 0), (150, 150), (300, 150)),
        "由西向东，经北转向东，呈S形",
        "from west to east, by north to east, in an S",
    ),
    "winding": (
        line((0, 0), (80, 60), (160, -50), (240, 70), (320, -40), (400, 10)),
        "大致由西向东，蜿蜒曲折",
        "roughly from west to east, winding",
    ),
    "loop": (arc(60, 0, 360), "环形", "a loop"),
    "loop that nearly closes": (line((0, 0), (100, 0), (100, 100), (0, 100), (0, 8)), "环形", "a loop"),
}


@pytest.mark.parametrize("label", LABELLED)
def test_a_person_s_word_for_a_line_is_the_engine_s(label: str) -> None:
    (lon, lat), zh, en = LABELLED[label]
    course = course_of(lon, lat)
    assert course.says("zh-CN") == zh
    assert course.says("en") == en


def test_many_lines_are_told_as_each_alone() -> None:
    lines = np.array([shapely.linestrings(*each[0]) for each in LABELLED.values()], dtype=object)
    assert courses_of(lines) == [course_of(*each[0]) for each in LABELLED.values()]
    assert courses_of(np.empty(0, object)) == []


def test_every_shape_has_a_labelled_line() -> None:
    assert {course_of(*each[0]).shape for each in LABELLED.values()} == set(CourseShape)


def test_a_tiny_lane_has_a_course() -> None:
    assert course_of(*line((0, 0), (1, 2))).headings == (Compass.NORTH_EAST,)
