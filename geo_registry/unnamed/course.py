"""How a lane runs, in words (走向): "由西向东再往北呈弧形". From a line to a shape and headings, and from those to words.

A line means the same whichever way it was drawn: it is told from its western end where it reaches farther east than
north, else from its southern one. Turned or mirrored it keeps its shape, and its headings turn with it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import shapely

from geo_registry.network.arrays import Bools, Float64, Int64
from geo_registry.unnamed.measured import Measured
from geo_registry.unnamed.plane import FULL_TURN, Lines, in_metres
from geo_registry.vocabulary import Compass, CourseShape

STEPS = 64
"""Equal steps that a line is looked at in."""
SMOOTHED_SHARE, SMOOTHED_M = 0.015, 3.0
"""What a line wobbles less than, of its length and in metres, is how it was drawn, not how it runs."""
CLOSED_SHARE = 0.05
"""Ends that lie nearer than this, of the length, meet."""
STRAIGHT_OFF, STRAIGHT_LONGER = 0.04, 1.03
"""A straight lane leaves the line between its ends by no more than this share of it, and is no longer by more."""
SLIGHT_OFF, SLIGHT_LONGER = 0.09, 1.1
ONE_WAY_SHARE = 0.75
"""Of all its turning, as much to one side: it doesn't turn back."""
HORSESHOE_RAD = math.radians(150)
WINDOW = 10
"""Steps that a corner is turned in: a sixth of the lane."""
CORNER_SHARE = 0.65
"""As much of the turning within a window is a corner, less is an arc."""
BACK_RAD, ASIDE_RAD, OTHER_RAD = math.radians(35), math.radians(35), math.radians(20)
"""An S ends about as it began, has gone aside that much in between, and hardly to the other side."""
ONCE = 2.6
"""What goes aside and comes back turns twice as far as it goes aside; what does so again and again, farther."""

COMPASS = tuple(Compass)


@dataclass(frozen=True, slots=True)
class Course:
    """How a line runs: its shape, and the ways that it heads one after another (one for what is told by its ends)."""

    shape: CourseShape
    headings: tuple[Compass, ...]

    def says(self, locale: str) -> str:
        """The course in words, in zh or en."""
        return _said(self, locale)


def opposite(heading: Compass) -> Compass:
    """The direction that one comes from who heads so."""
    return COMPASS[(COMPASS.index(heading) + 4) % 8]


def _axis(heading: Compass, locale: str) -> str:
    """The axis of a heading, in the order that people say it."""
    pairs = {0: ("东西", "east–west"), 2: ("南北", "north–south"), 1: ("东北—西南", "north-east–south-west")}
    zh, en = pairs.get(COMPASS.index(heading) % 4, ("西北—东南", "north-west–south-east"))
    return en if locale.startswith("en") else zh


PHRASES: Mapping[CourseShape, tuple[str, str]] = MappingProxyType(
    {
        CourseShape.STRAIGHT: ("{axis}走向", "{axis}"),
        CourseShape.SLIGHT: ("{axis}走向，略有弯曲", "{axis}, bending slightly"),
        CourseShape.ARC: ("由{back}向{first}再往{second}呈弧形", "from {back} to {first}, then {second} in an arc"),
        CourseShape.BEND: ("由{back}向{first}再折向{second}", "from {back} to {first}, then turning {second}"),
        CourseShape.HORSESHOE: (
            "由{back}向{first}，经{second}转向{third}，呈U形",
            "from {back} to {first}, by {second} to {third}, in a horseshoe",
        ),
        CourseShape.DOUBLE: (
            "由{back}向{first}，经{second}转向{third}，呈S形",
            "from {back} to {first}, by {second} to {third}, in an S",
        ),
        CourseShape.WINDING: ("大致由{back}向{first}，蜿蜒曲折", "roughly from {back} to {first}, winding"),
        CourseShape.LOOP: ("环形", "a loop"),
    }
)
"""How each shape is told, in zh and en."""


def _said(course: Course, locale: str) -> str:
    zh, en = PHRASES[course.shape]
    if not course.headings:
        return en if locale.startswith("en") else zh
    first, second, third = (*course.headings, *course.headings[-1:] * 2)[:3]
    words = {"back": opposite(first), "first": first, "second": second, "third": third}
    told = {name: heading.label(locale) for name, heading in words.items()}
    return (en if locale.startswith("en") else zh).format(axis=_axis(first, locale), **told)


def course_of(lon: Float64, lat: Float64) -> Course:
    """How one line runs; degrees of EPSG:4490, at least two places that differ, shape (v,)."""
    return courses_of(np.array([shapely.linestrings(lon, lat)], dtype=object))[0]


def courses_of(lines: Lines) -> Sequence[Course]:
    """How each line runs; shapely lines in degrees of EPSG:4490, shape (n,)."""
    if not lines.size:
        return []
    plain = in_metres(lines)
    turned = _against(plain)
    plain[turned] = shapely.reverse(plain[turned])
    length_m = shapely.length(plain)
    reach = _reach(plain)
    chord_m = np.hypot(reach[:, 0], reach[:, 1])
    found = np.empty(lines.size, object)
    loops = chord_m <= CLOSED_SHARE * length_m
    found[loops] = Course(CourseShape.LOOP, ())
    smooth = _smooth(plain, length_m)
    straight, slight = ~loops & (shapely.get_num_coordinates(smooth) == 2), np.zeros(lines.size, np.bool_)
    rest = np.flatnonzero(~loops & ~straight)
    steps = _steps(smooth[rest])
    off, longer = _off(steps, reach[rest], chord_m[rest]), shapely.length(smooth[rest]) / chord_m[rest]
    straight[rest] = (off <= STRAIGHT_OFF) & (longer <= STRAIGHT_LONGER)
    slight[rest] = ~straight[rest] & (off <= SLIGHT_OFF) & (longer <= SLIGHT_LONGER)
    for shape, those in ((CourseShape.STRAIGHT, straight), (CourseShape.SLIGHT, slight)):
        told = np.array([Course(shape, (heading,)) for heading in COMPASS], object)
        found[those] = told[_eighths(reach[those])]
    turning = ~(straight | slight)[rest]
    bends = _Bends(steps[turning])
    for at, line in enumerate(rest[turning]):
        found[line] = bends.course(at)
    courses: Sequence[Course] = found.tolist()
    return courses


def backwards(lines: Lines) -> Bools:
    """Which lines are told from their other end, shape (n,): those whose first end isn't the western, or southern, one."""
    return _against(in_metres(lines))


def _against(plain: Lines) -> Bools:
    reach = _reach(plain)
    farther_east = np.abs(reach[:, 0]) >= np.abs(reach[:, 1])
    against: Bools = np.where(farther_east, reach[:, 0] < 0, reach[:, 1] < 0)
    return against


def _reach(plain: Lines) -> Float64:
    """How far east and north the last end of each line lies from its first one."""
    reach: Float64 = shapely.get_coordinates(shapely.get_point(plain, -1)) - shapely.get_coordinates(
        shapely.get_point(plain, 0)
    )
    return reach


def _smooth(plain: Lines, length_m: Float64) -> Lines:
    """The lines without their wobble; what is shorter than it is a straight piece between its ends."""
    smooth = plain.copy()
    bent = shapely.get_num_coordinates(plain) > 2
    wobble = np.maximum(SMOOTHED_M, SMOOTHED_SHARE * length_m[bent])
    smooth[bent] = shapely.simplify(plain[bent], wobble, preserve_topology=True)
    return smooth


def _steps(smooth: Lines) -> Float64:
    """Equal steps along each line, shape (n, STEPS + 1, 2)."""
    if not smooth.size:
        return np.empty((0, STEPS + 1, 2))
    line, share = np.arange(smooth.size).repeat(STEPS + 1), np.tile(np.linspace(0, 1, STEPS + 1), smooth.size)
    return Measured.of(smooth).places(line, share).reshape(smooth.size, STEPS + 1, 2)


def _off(steps: Float64, reach: Float64, chord_m: Float64) -> Float64:
    """How far each line leaves the straight one between its ends, as a share of that."""
    aside = steps - steps[:, :1]
    off: Float64 = np.abs(aside[:, :, 0] * reach[:, None, 1] - aside[:, :, 1] * reach[:, None, 0]).max(axis=1)
    off /= chord_m**2
    return off


class _Bends:
    """Lines that turn, as equal steps from their western or southern ends: measured all at once, told one by one."""

    def __init__(self, points: Float64) -> None:
        self.points = points
        steps = np.diff(points, axis=1)
        heading = np.arctan2(steps[:, :, 1], steps[:, :, 0])
        self.turning: Float64 = np.diff(heading, axis=1)
        # Never more than half a turn at once.
        self.turning -= FULL_TURN * np.round(self.turning / FULL_TURN)
        running = np.concatenate([np.zeros((len(points), 1)), np.cumsum(self.turning, axis=1)], axis=1)
        self.in_window: Float64 = running[:, WINDOW:] - running[:, :-WINDOW]
        total = running[:, -1]
        self.total: list[float] = total.tolist()
        self.all_ways: list[float] = np.abs(self.turning).sum(axis=1).tolist()
        # An S is told by its middle direction, and by how far it goes aside of it.
        self.base: list[float] = (heading[:, 0] + total / 2).tolist()
        self.left: list[float] = (running.max(axis=1) - total / 2).tolist()
        self.right: list[float] = (total / 2 - running.min(axis=1)).tolist()

    def course(self, line: int) -> Course:
        if abs(self.total[line]) >= ONE_WAY_SHARE * self.all_ways[line]:
            return self._one_way(line, self.total[line])
        return self._there_and_back(line, self.total[line])

    def _one_way(self, line: int, total: float) -> Course:
        """What turns to one side only."""
        third = STEPS // 4
        if abs(total) >= HORSESHOE_RAD:
            begun, ended = self._angle(line, 0, third), self._angle(line, STEPS - third, STEPS)
            turned = (ended - begun) % FULL_TURN if total > 0 else -((begun - ended) % FULL_TURN)
            # Halfway round, whatever the length of its legs: so it is told alike from either end.
            middle = COMPASS[_eighth(begun + turned / 2)]
            return Course(CourseShape.HORSESHOE, (COMPASS[_eighth(begun)], middle, COMPASS[_eighth(ended)]))
        sharpest = np.abs(self.in_window[line])
        if sharpest.max() >= CORNER_SHARE * abs(total):
            # Of windows that all hold the corner, the middle one.
            holding = np.flatnonzero(sharpest >= sharpest.max() * (1 - 1e-6))
            corner = int(holding[0] + holding[-1]) // 2
            shape, before, after = CourseShape.BEND, max(corner, 1), min(corner + WINDOW + 1, STEPS - 1)
        else:
            shape, before, after = CourseShape.ARC, third, STEPS - third
        first, last = self._way(line, 0, before), self._way(line, after, STEPS)
        if first is last:
            return Course(CourseShape.SLIGHT, (self._way(line, 0, STEPS),))
        return Course(shape, (first, last))

    def _there_and_back(self, line: int, total: float) -> Course:
        """What turns to both sides: an S where it does so once, else winding."""
        base, left, right = self.base[line], self.left[line], self.right[line]
        most, other = (left, right) if left >= right else (-right, left)
        once = self.all_ways[line] <= ONCE * abs(most)
        if once and abs(total) <= BACK_RAD and abs(most) >= ASIDE_RAD and other <= OTHER_RAD:
            first, last = self._way(line, 0, STEPS // 6), self._way(line, STEPS - STEPS // 6, STEPS)
            aside = COMPASS[_eighth(base + most)]
            if aside not in {first, last}:
                return Course(CourseShape.DOUBLE, (first, aside, last))
        return Course(CourseShape.WINDING, (self._way(line, 0, STEPS),))

    def _way(self, line: int, start: int, end: int) -> Compass:
        """The direction from one step's place to another's."""
        return COMPASS[_eighth(self._angle(line, start, end))]

    def _angle(self, line: int, start: int, end: int) -> float:
        """The same as an angle, anticlockwise from the east."""
        east, north = self.points[line, end] - self.points[line, start]
        return math.atan2(north, east)


def _eighth(angle: float) -> int:
    return round(angle / FULL_TURN * 8) % 8


def _eighths(reach: Float64) -> Int64:
    """As `_eighth`, of many directions: how far east and north each goes."""
    return np.round(np.arctan2(reach[:, 1], reach[:, 0]) / FULL_TURN * 8).astype(np.int64) % 8
