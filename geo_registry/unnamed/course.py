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

from geo_registry.network.arrays import Bools, Float64
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
    runs = _Runs(lines)
    return [runs.course(line) for line in range(lines.size)]


def backwards(lines: Lines) -> Bools:
    """Which lines are told from their other end, shape (n,): those whose first end isn't the western, or southern, one."""
    points = shapely.get_coordinates(shapely.get_point(in_metres(lines), np.array([[0], [-1]])).ravel())
    reach = points[lines.size :] - points[: lines.size]
    farther_east = np.abs(reach[:, 0]) >= np.abs(reach[:, 1])
    against: Bools = np.where(farther_east, reach[:, 0] < 0, reach[:, 1] < 0)
    return against


class _Runs:
    """Lines as equal steps, told from their western or southern ends: all of them at once, then one by one in words."""

    def __init__(self, lines: Lines) -> None:
        plain = in_metres(lines)
        turned = backwards(lines)
        plain[turned] = shapely.reverse(plain[turned])
        self.length_m = shapely.length(plain)
        smooth = shapely.simplify(plain, np.maximum(SMOOTHED_M, SMOOTHED_SHARE * self.length_m), preserve_topology=True)
        # What is shorter than the wobble is a straight piece between its ends.
        fractions = np.linspace(0, 1, STEPS + 1)
        points = shapely.line_interpolate_point(smooth[:, None], fractions[None, :], normalized=True)
        self.points: Float64 = shapely.get_coordinates(points.ravel()).reshape(lines.size, STEPS + 1, 2)
        steps = np.diff(self.points, axis=1)
        self.heading: Float64 = np.unwrap(np.arctan2(steps[:, :, 1], steps[:, :, 0]), axis=1)
        self.turning: Float64 = np.diff(self.heading, axis=1)
        reach = self.points[:, -1] - self.points[:, 0]
        self.chord_m: Float64 = np.hypot(reach[:, 0], reach[:, 1])
        aside = self.points - self.points[:, :1]
        cross = np.abs(aside[:, :, 0] * reach[:, None, 1] - aside[:, :, 1] * reach[:, None, 0]).max(axis=1)
        apart = np.maximum(self.chord_m, 1e-9)
        self.off: Float64 = cross / apart**2
        self.longer: Float64 = shapely.length(smooth) / apart
        running = np.concatenate([np.zeros((lines.size, 1)), np.cumsum(self.turning, axis=1)], axis=1)
        self.in_window: Float64 = running[:, WINDOW:] - running[:, :-WINDOW]

    def course(self, line: int) -> Course:
        if self.chord_m[line] <= CLOSED_SHARE * self.length_m[line]:
            return Course(CourseShape.LOOP, ())
        if self.off[line] <= STRAIGHT_OFF and self.longer[line] <= STRAIGHT_LONGER:
            return Course(CourseShape.STRAIGHT, (self._way(line, 0, STEPS),))
        if self.off[line] <= SLIGHT_OFF and self.longer[line] <= SLIGHT_LONGER:
            return Course(CourseShape.SLIGHT, (self._way(line, 0, STEPS),))
        total = float(self.turning[line].sum())
        if abs(total) >= ONE_WAY_SHARE * float(np.abs(self.turning[line]).sum()):
            return self._one_way(line, total)
        return self._there_and_back(line, total)

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
        base = float(self.heading[line, 0] + self.heading[line, -1]) / 2
        left, right = float(self.heading[line].max()) - base, base - float(self.heading[line].min())
        most, other = (left, right) if left >= right else (-right, left)
        once = float(np.abs(self.turning[line]).sum()) <= ONCE * abs(most)
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
