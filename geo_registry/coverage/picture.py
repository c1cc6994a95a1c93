"""A run's map on a sheet of paper, as a picture: true to scale, with legend, scale, north and source."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_registry.coverage.mapfile import (
    MINUTE_BANDS,
    MINUTE_CLASSES,
    MINUTE_COLOURS,
    NEAR_OUTLINE,
    TRUE_DECIMALS,
    UNCOVERED_COLOUR,
    UNCOVERED_FILLS,
)
from geo_registry.geo.bbox import MAX_LAT, MAX_LON, BBox
from geo_registry.network.geodesic import ECCENTRICITY_SQUARED, SEMI_MAJOR_AXIS_M
from geo_registry.vocabulary import DivisionLevel, PointState

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

MM_PER_INCH = 25.4
POINTS_PER_MM = 72 / MM_PER_INCH

LEGEND_SHARE = 0.235
"""The part of a sheet's width that the legend takes."""
GUTTER_MM = 3.0
FRAME_MM = 0.3
"""Half a frame's line lies outside of what it frames."""

SCALES = (1.0, 1.1, 1.2, 1.25, 1.4, 1.5, 1.6, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0)
"""Denominators that people can reckon with, times a power of ten."""

SMALLEST_EXTENT_M = 400.0
"""A map of one point still shows where it is."""
PADDING = 1.03


LATIN_EM = 0.6
"""Letters and digits of the pictures' faces are at most about this wide, of their size, on the average of a line."""
FIRST_SQUARE = 0x2E80
"""From the radicals on, characters fill a square (Unicode, blocks of East Asian scripts)."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet, in mm, at `dpi` dots an inch; `detail` is how large signs are drawn, of their size on A4.

    One that isn't `titled` stands in a text that says what it is: it has no margin, title or footer.
    """

    width_mm: float
    height_mm: float
    margin_mm: float = 8.0
    detail: float = 1.0
    titled: bool = True
    dpi: int = 200

    @property
    def chart_mm(self) -> tuple[float, float, float, float]:
        """Where the map lies: left, bottom, width, height."""
        if not self.titled:
            legend_mm = self.width_mm * LEGEND_SHARE * 1.4
            return FRAME_MM, FRAME_MM, self.width_mm - legend_mm - GUTTER_MM, self.height_mm - 2 * FRAME_MM
        legend_mm = self.width_mm * LEGEND_SHARE
        bottom_mm, top_mm = self.margin_mm + 11.0, self.margin_mm + 14.0
        wide_mm = self.width_mm - 2 * self.margin_mm - legend_mm - GUTTER_MM
        return self.margin_mm, bottom_mm, wide_mm, self.height_mm - bottom_mm - top_mm


A4_LANDSCAPE = Paper(297.0, 210.0)
A4_PORTRAIT = Paper(210.0, 297.0)


@dataclass(frozen=True, slots=True)
class PointClass:
    """How demand points of one class are drawn, and what the legend calls them."""

    zh: str
    en: str
    fill: str
    outline: str


CLASSES = (
    *(
        PointClass(f"{band} 分钟", f"{band} min", colour, NEAR_OUTLINE)
        for band, colour in zip(MINUTE_BANDS, MINUTE_COLOURS, strict=True)
    ),
    *(
        PointClass(f"未覆盖：{state.zh}", f"not covered: {state.en}", fill, UNCOVERED_COLOUR)
        for state, fill in UNCOVERED_FILLS.items()
    ),
)
"""What a covered point's minutes make of it, then why the others aren't covered: the order of every legend."""

STATE_CLASSES = {state.value: len(MINUTE_COLOURS) + at for at, state in enumerate(UNCOVERED_FILLS)}


def class_of(state: str, minutes: float | None) -> int:
    """Which of `CLASSES` a demand point belongs to; the ends are inclusive, and minutes aren't rounded to them."""
    if state != PointState.COVERED.value:
        return STATE_CLASSES[state]
    taken = round(minutes or 0.0, TRUE_DECIMALS)
    return next((at for at, end in enumerate(MINUTE_CLASSES) if taken <= end), len(MINUTE_CLASSES))


@dataclass(frozen=True, slots=True)
class Points:
    """Demand points; arrays of shape (n,): degrees, people, and index in `CLASSES`."""

    lon: Floats
    lat: Floats
    people: Floats
    class_at: Longs


@dataclass(frozen=True, slots=True)
class Outline:
    """A division's border: rings of shape (k, 2), longitude and latitude; `at` is a place inside it.

    `rank` is its number in the table of the largest gaps, where it is one of them.
    """

    level: DivisionLevel
    name: str
    rings: Sequence[Floats]
    at: tuple[float, float] | None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Road:
    """A road as it is drawn: its class, and its line of shape (k, 2), longitude and latitude."""

    highway: str
    line: Floats


@dataclass(frozen=True, slots=True)
class PictureInput:
    """What the picture shows; `class_people` is everybody by `CLASSES`, whatever of them is drawn."""

    locale: str
    title: str
    subtitle: str
    legend_title: str
    points: Points
    class_people: Sequence[float]
    facilities_label: str
    facilities: Floats
    outlines: Sequence[Outline]
    roads: Sequence[Road]
    credits: str
    approval: str
    synthetic: bool
    drawn_together: bool

    def say(self, zh: str, en: str) -> str:
        """The words in the picture's language."""
        return en if self.locale.startswith("en") else zh


@dataclass(frozen=True, slots=True)
class Plane:
    """The plane that touches the ellipsoid in the middle of the area: metres east and north of there."""

    lon: float
    lat: float

    @property
    def degree_m(self) -> tuple[float, float]:
        """How long a degree is in the middle: of longitude along the parallel, of latitude along the meridian."""
        sine = math.sin(math.radians(self.lat))
        flattening = 1 - ECCENTRICITY_SQUARED * sine * sine
        normal_m = SEMI_MAJOR_AXIS_M / math.sqrt(flattening)
        east_m = normal_m * math.cos(math.radians(self.lat))
        return math.radians(east_m), math.radians(normal_m * (1 - ECCENTRICITY_SQUARED) / flattening)

    def metres(self, places: Floats) -> Floats:
        """Longitude and latitude, shape (n, 2), as metres."""
        return (places - (self.lon, self.lat)) * self.degree_m


@dataclass(frozen=True, slots=True)
class Extent:
    """What a map shows, on its plane: width and height in metres around the middle."""

    plane: Plane
    width_m: float
    height_m: float


def extent_of(shown: PictureInput) -> Extent:
    """The area of the demand points and of the smallest drawn divisions; of the facilities where there is neither."""
    places = [np.column_stack([shown.points.lon, shown.points.lat]), *_smallest_rings(shown.outlines)]
    places = [each for each in places if len(each)] or [shown.facilities]
    whole = np.concatenate(places)
    if not len(whole):
        return Extent(Plane(0.0, 0.0), SMALLEST_EXTENT_M, SMALLEST_EXTENT_M)
    low, high = whole.min(axis=0), whole.max(axis=0)
    middle = (low + high) / 2
    plane = Plane(float(middle[0]), float(middle[1]))
    corners = plane.metres(np.vstack([low, high]))
    wide_m, high_m = corners[1] - corners[0]
    return Extent(
        plane, max(float(wide_m), SMALLEST_EXTENT_M) * PADDING, max(float(high_m), SMALLEST_EXTENT_M) * PADDING
    )


def _smallest_rings(outlines: Sequence[Outline]) -> Iterator[Floats]:
    """Rings of the lowest level that is drawn: the higher ones may reach far beyond the question."""
    if outlines:
        order = list(DivisionLevel)
        lowest = max((outline.level for outline in outlines), key=order.index)
        for outline in outlines:
            if outline.level is lowest:
                yield from outline.rings


def scale_for(extent: Extent, paper: Paper) -> float:
    """The denominator of the largest round scale at which the area fits the paper."""
    _, _, wide_mm, high_mm = paper.chart_mm
    needed = max(extent.width_m / wide_mm, extent.height_m / high_mm) * 1000
    power = 10.0 ** math.floor(math.log10(needed))
    return next(power * each for each in (*SCALES, 10.0) if power * each >= needed)


def paper_for(extent: Extent) -> Paper:
    """A4, the way round on which the map is larger."""
    return min((A4_LANDSCAPE, A4_PORTRAIT), key=lambda paper: scale_for(extent, paper))


def area_of(extent: Extent, paper: Paper) -> BBox:
    """What the map shows on this paper; not beyond a pole or the 180° meridian."""
    _, _, wide_mm, high_mm = paper.chart_mm
    half_m_a_mm = scale_for(extent, paper) / 2000
    east_m, north_m = extent.plane.degree_m
    wide_deg, high_deg = wide_mm * half_m_a_mm / east_m, high_mm * half_m_a_mm / north_m
    lon, lat = extent.plane.lon, extent.plane.lat
    return BBox(
        west=max(lon - wide_deg, -MAX_LON),
        south=max(lat - high_deg, -MAX_LAT),
        east=min(lon + wide_deg, MAX_LON),
        north=min(lat + high_deg, MAX_LAT),
    )


def wrapped(text: str, ems: float, *, latin_em: float = LATIN_EM) -> list[str]:
    """`text` in lines of at most `ems` letters' widths, broken between words and between Chinese characters.

    A Chinese character fills its square; others are `latin_em` wide, of the face's size.
    """

    def wide_em(piece: str) -> float:
        return sum(1.0 if _is_square(character) else latin_em for character in piece)

    lines: list[str] = []
    line, wide = "", 0.0
    for piece in _pieces(text, int(ems / latin_em)):
        piece_wide = wide_em(piece)
        if line and wide + piece_wide > ems:
            lines.append(line.rstrip())
            line, wide = piece.lstrip(), piece_wide
        else:
            line, wide = line + piece, wide + piece_wide
    return [*lines, line.rstrip()] if line else lines


def cut(lines: Sequence[str], most: int) -> list[str]:
    """The first `most` lines; where there are more, the last says so."""
    return [*lines] if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1][:-1]}…"]


def width_em(text: str) -> float:
    """How wide a text of a picture stands, of its face's size."""
    return sum(1.0 if _is_square(character) else LATIN_EM for character in text)


def _is_square(character: str) -> bool:
    return ord(character) >= FIRST_SQUARE


def _pieces(text: str, longest: int) -> Iterator[str]:
    """What a line isn't broken within: a Chinese character, a word; one of more than `longest` letters goes in parts."""
    word = ""
    for character in text:
        if _is_square(character) or character == " ":
            yield from filter(None, (word, character))
            word = ""
        elif len(word) >= longest:
            yield from filter(None, (word,))
            word = character
        else:
            word += character
    yield from filter(None, (word,))
