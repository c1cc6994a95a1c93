"""What holds for every lane: its course turns, mirrors and reverses with it; joining loses no road and forgets no border."""

import math

import numpy as np
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from geo_registry.unnamed.course import Course, course_of, opposite
from geo_registry.vocabulary import Compass, CourseShape
from tests.network_roads import unhurried

LON, LAT = 119.65, 29.08
DEGREE_M = 111_195.0
COMPASS = tuple(Compass)


def at(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Metres east and north of one place, in degrees."""
    return LON + points[:, 0] / (DEGREE_M * math.cos(math.radians(LAT))), LAT + points[:, 1] / DEGREE_M


@st.composite
def lines(draw: st.DrawFn) -> np.ndarray:
    """A line of a lane's size in metres: legs of some length, each turned from the one before."""
    legs = draw(st.lists(st.tuples(st.integers(20, 200), st.integers(-100, 100)), min_size=1, max_size=6))
    heading = draw(st.integers(0, 359))
    points = [(0.0, 0.0)]
    for length, turn in legs:
        heading += turn
        x, y = points[-1]
        points.append((x + length * math.cos(math.radians(heading)), y + length * math.sin(math.radians(heading))))
    return np.array(points)


def forms(course: Course) -> set[tuple[Compass, ...]]:
    """The headings of a line, and those of the same line told from its other end."""
    return {course.headings, tuple(opposite(each) for each in reversed(course.headings))}


def turned(course: Course, eighths: int) -> Course:
    return Course(course.shape, tuple(COMPASS[(COMPASS.index(each) + eighths) % 8] for each in course.headings))


def mirrored(course: Course) -> Course:
    """North and south changed."""
    return Course(course.shape, tuple(COMPASS[-COMPASS.index(each) % 8] for each in course.headings))


def steady(points: np.ndarray) -> bool:
    """Whether the line's course doesn't hang on a hair: turned by a little it is the same."""
    told = [course_of(*at(points @ rotation(degrees))) for degrees in (-1.5, 0.0, 1.5)]
    bent = [course_of(*at(points * np.array([1.0, 1.0 + each]))) for each in (-0.02, 0.02)]
    return len({(each.shape, each.headings) for each in [*told, *bent]}) == 1


def rotation(degrees: float) -> np.ndarray:
    angle = math.radians(degrees)
    return np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])


@unhurried
@given(lines())
def test_a_line_drawn_the_other_way_runs_the_same(points: np.ndarray) -> None:
    assume(steady(points))
    assert course_of(*at(points[::-1])) == course_of(*at(points))


@unhurried
@given(lines(), st.integers(1, 3))
def test_a_line_that_is_turned_heads_elsewhere_in_the_same_shape(points: np.ndarray, quarters: int) -> None:
    assume(steady(points))
    course = course_of(*at(points))
    other = course_of(*at(points @ rotation(90 * quarters)))
    assert other.shape is course.shape
    assert other.headings in forms(turned(course, 2 * quarters))


@unhurried
@given(lines())
def test_a_line_in_the_mirror_heads_the_mirrored_way(points: np.ndarray) -> None:
    assume(steady(points))
    course = course_of(*at(points))
    other = course_of(*at(points * np.array([1, -1])))
    assert other.shape is course.shape
    assert other.headings in forms(mirrored(course))


@unhurried
@given(lines())
def test_every_line_has_words_in_both_languages(points: np.ndarray) -> None:
    assume(shapely.length(shapely.linestrings(points)) > 0)
    course = course_of(*at(points))
    assert (course.shape is CourseShape.LOOP) == (not course.headings)
    assert course.says("zh-CN")
    assert course.says("en").isascii() or "–" in course.says("en")
