"""The drawing of a run's map: roads, borders, demand points, facilities, names, and around them what a map must say."""

import io
import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Polygon, Rectangle
from matplotlib.patheffects import withStroke

from geo_registry.coverage.faces import faces
from geo_registry.coverage.mapfile import FACILITY_COLOUR, MINUTE_COLOURS
from geo_registry.coverage.picture import (
    CLASSES,
    GUTTER_MM,
    MM_PER_INCH,
    POINTS_PER_MM,
    Extent,
    Floats,
    Paper,
    PictureInput,
    cut,
    extent_of,
    paper_for,
    scale_for,
    width_em,
    wrapped,
)
from geo_registry.figures import whole
from geo_registry.vocabulary import DivisionLevel

SIZES_MM = ((10, 0.32), (50, 0.5), (200, 0.8), (500, 1.1), (1_000, 1.4))
"""People up to which a point gets a diameter on A4, in mm; more get `LARGEST_MM`."""
LARGEST_MM = 1.8

INK = "#1b1f24"
MUTED = "#57606a"
ROAD = "#bcc3cb"
TOWNSHIP_LINE = "#9aa3ad"
COUNTY_LINE = "#3d454d"
SYNTHETIC = "#a4241b"

FOOTER_LINES = 3
"""A licence may be a page long; what doesn't fit stands in the report's table of sources."""

ROAD_WIDTHS_MM: Mapping[str, float] = {"motorway": 0.45, "trunk": 0.38, "primary": 0.32, "secondary": 0.22}
OTHER_ROAD_MM = 0.15

_DRAWING = threading.Lock()
"""matplotlib's artists share caches: one picture at a time in a process."""


def draw(shown: PictureInput, paper: Paper | None = None) -> bytes:
    """The map as PNG, on A4 unless `paper` says otherwise.

    Raises
    ------
    FontMissing
        This machine has no face with Chinese characters.
    """
    extent = extent_of(shown)
    paper = paper or paper_for(extent)
    families = faces()
    with _DRAWING:
        figure = Figure(figsize=(paper.width_mm / MM_PER_INCH, paper.height_mm / MM_PER_INCH), dpi=paper.dpi)
        figure.set_facecolor("white")
        FigureCanvasAgg(figure)
        _Sheet(figure, shown, paper, extent, families).draw()
        file = io.BytesIO()
        # Without the program's name and the time: the same run makes the same picture.
        figure.savefig(file, format="png", dpi=paper.dpi, metadata={"Software": None}, pil_kwargs={"optimize": True})
    return file.getvalue()


class _Sheet:
    """One sheet while it is drawn: an axes for the map in metres, and one for all else in mm from the lower left."""

    def __init__(
        self, figure: Figure, shown: PictureInput, paper: Paper, extent: Extent, families: tuple[str, ...]
    ) -> None:
        self.shown, self.paper, self.extent, self.families = shown, paper, extent, list(families)
        self.scale = scale_for(extent, paper)
        left, bottom, wide, high = paper.chart_mm
        whole_wide, whole_high = paper.width_mm, paper.height_mm
        self.chart = figure.add_axes((left / whole_wide, bottom / whole_high, wide / whole_wide, high / whole_high))
        half_wide_m, half_high_m = wide * self.scale / 2000, high * self.scale / 2000
        self.chart.set_xlim(-half_wide_m, half_wide_m)
        self.chart.set_ylim(-half_high_m, half_high_m)
        self.chart.set_xticks([])
        self.chart.set_yticks([])
        for side in self.chart.spines.values():
            side.set_edgecolor(MUTED)
            side.set_linewidth(0.6)
        self.sheet = figure.add_axes((0, 0, 1, 1))
        self.sheet.set_xlim(0, whole_wide)
        self.sheet.set_ylim(0, whole_high)
        self.sheet.set_axis_off()

    def draw(self) -> None:
        self._roads()
        self._outlines()
        self._points()
        self._facilities()
        self._marks()
        self._scale_bar()
        self._north()
        self._legend()
        if self.paper.titled:
            self._title()
            self._footer()
        if self.shown.synthetic:
            self._synthetic()

    def _points_wide(self, mm: float) -> float:
        """A length on A4 as typographic points on this paper."""
        return mm * self.paper.detail * POINTS_PER_MM

    def text(self, x: float, y: float, text: str, *, size: float, **how: Any) -> None:
        options: dict[str, Any] = {"color": INK, "va": "baseline", "parse_math": False, **how}
        # parse_math: a name may hold a dollar sign, and is no formula.
        self.sheet.text(x, y, text, fontsize=size, fontfamily=self.families, **options)

    def _roads(self) -> None:
        plane = self.extent.plane
        lines = [plane.metres(road.line) for road in self.shown.roads]
        widths = [self._points_wide(ROAD_WIDTHS_MM.get(road.highway, OTHER_ROAD_MM)) for road in self.shown.roads]
        self.chart.add_collection(LineCollection(lines, colors=ROAD, linewidths=widths, zorder=1), autolim=False)

    def _outlines(self) -> None:
        plane = self.extent.plane
        for level, colour, wide_mm in (
            (DivisionLevel.TOWNSHIP, TOWNSHIP_LINE, 0.16),
            (DivisionLevel.COUNTY, COUNTY_LINE, 0.38),
        ):
            rings = [plane.metres(ring) for each in self.shown.outlines if each.level is level for ring in each.rings]
            drawn = LineCollection(rings, colors=colour, linewidths=self._points_wide(wide_mm), zorder=2)
            self.chart.add_collection(drawn, autolim=False)

    def _points(self) -> None:
        points = self.shown.points
        places = self.extent.plane.metres(np.column_stack([points.lon, points.lat]))
        limits, sizes_mm = zip(*SIZES_MM, strict=True)
        diameter_mm = np.array([*sizes_mm, LARGEST_MM])[np.searchsorted(limits, points.people, side="left")]
        # Large ones first, whatever their class: no class lies over another.
        order = np.argsort(-points.people, kind="stable")
        class_at = points.class_at[order]
        fills, outlines = np.array([each.fill for each in CLASSES]), np.array([each.outline for each in CLASSES])
        self.chart.scatter(
            places[order, 0],
            places[order, 1],
            s=(diameter_mm[order] * self.paper.detail * POINTS_PER_MM) ** 2,
            facecolors=list(fills[class_at]),
            edgecolors=list(outlines[class_at]),
            linewidths=[self._points_wide(0.03 if at < len(MINUTE_COLOURS) else 0.06) for at in class_at],
            zorder=3,
        )

    def _facilities(self) -> None:
        if len(self.shown.facilities):
            places = self.extent.plane.metres(self.shown.facilities)
            self.chart.scatter(
                places[:, 0],
                places[:, 1],
                s=self._points_wide(0.85) ** 2,
                marker="^",
                facecolor="white",
                edgecolor=FACILITY_COLOUR,
                linewidth=self._points_wide(0.11),
                zorder=4,
            )

    def _marks(self) -> None:
        """The largest gaps by their number in the table, and the counties' names, none over another."""
        taken: list[Floats] = []
        radius_mm = 2.0 * math.sqrt(self.paper.detail)
        for each in sorted(
            filter(lambda one: one.rank is not None, self.shown.outlines), key=lambda one: one.rank or 0
        ):
            if each.at is not None:
                self._number(str(each.rank), self._chart_mm(each.at), radius_mm, taken)
        size = 10.5 * math.sqrt(self.paper.detail)
        for each in self.shown.outlines:
            if each.level is DivisionLevel.COUNTY and each.at is not None:
                half_mm = np.array([width_em(each.name) / 2, 0.6]) * size / POINTS_PER_MM
                x, y = _clear_of(taken, self._chart_mm(each.at), half_mm, step_mm=size / POINTS_PER_MM)
                halo = [withStroke(linewidth=2.4 * self.paper.detail, foreground="white")]
                self.text(x, y, each.name, size=size, ha="center", va="center", path_effects=halo)

    def _number(self, text: str, at: Floats, radius_mm: float, taken: list[Floats]) -> None:
        x, y = _clear_of(taken, at, np.array([radius_mm, radius_mm]), step_mm=radius_mm)
        if not np.array_equal(at, (x, y)):
            self.sheet.plot([at[0], x], [at[1], y], color=INK, linewidth=0.6)
        self.sheet.add_patch(Circle((x, y), radius_mm, facecolor="white", edgecolor=INK, linewidth=0.6, zorder=3))
        self.text(x, y, text, size=3.7 * radius_mm, ha="center", va="center_baseline", zorder=4)

    def _chart_mm(self, place: tuple[float, float]) -> Floats:
        """Where a longitude and latitude lie on the sheet."""
        left, bottom, wide, high = self.paper.chart_mm
        metres: Floats = self.extent.plane.metres(np.array([place]))[0]
        return metres * 1000 / self.scale + (left + wide / 2, bottom + high / 2)

    def _scale_bar(self) -> None:
        left, bottom, wide, _ = self.paper.chart_mm
        length_m = _round_below(wide * self.scale / 1000 / 5)
        length_mm = length_m * 1000 / self.scale
        x, y, high = left + 3.0, bottom + 3.0, 1.1 * self.paper.detail
        size = self._legend_size()
        for half, colour in ((0, INK), (1, "white")):
            self.sheet.add_patch(
                Rectangle(
                    (x + half * length_mm / 2, y), length_mm / 2, high, facecolor=colour, edgecolor=INK, linewidth=0.5
                )
            )
        text_y = y + high + 0.9
        unit, per_unit = ("km", 1000.0) if length_m >= 1000 else ("m", 1.0)
        halo = [withStroke(linewidth=1.8, foreground="white")]
        self.text(x, text_y, "0", size=size, path_effects=halo)
        self.text(x + length_mm, text_y, f"{length_m / per_unit:g} {unit}", size=size, ha="center", path_effects=halo)

    def _north(self) -> None:
        left, bottom, wide, high = self.paper.chart_mm
        grown = math.sqrt(self.paper.detail)
        x, top = left + wide - 5.0 * grown, bottom + high - 3.0 * grown
        arrow = [
            (x, top),
            (x - 1.6 * grown, top - 6 * grown),
            (x, top - 4.6 * grown),
            (x + 1.6 * grown, top - 6 * grown),
        ]
        self.sheet.add_patch(Polygon(arrow, facecolor=INK, edgecolor="white", linewidth=0.6))
        halo = [withStroke(linewidth=1.6, foreground="white")]
        self.text(x, top - 9.4 * grown, self.shown.say("北", "N"), size=8.5 * grown, ha="center", path_effects=halo)

    def _legend_size(self) -> float:
        return 8.2 if self.paper.titled else 6.6

    def _legend(self) -> None:
        """As large as it may be: a small map's legend with every class in it takes smaller letters."""
        _, _, _, high = self.paper.chart_mm
        size = self._legend_size()
        for _ in range(LEGEND_TRIES):
            tried = self._new_legend(size, tried=True)
            self._fill(tried)
            taken_mm = tried.top_mm - tried.y_mm
            if taken_mm <= high:
                break
            size *= max(high / taken_mm, SHRINKING)
        self._fill(self._new_legend(size))

    def _new_legend(self, size: float, *, tried: bool = False) -> "_Legend":
        left, bottom, wide, high = self.paper.chart_mm
        return _Legend(
            sheet=self,
            left_mm=left + wide + GUTTER_MM,
            right_mm=self.paper.width_mm - (self.paper.margin_mm if self.paper.titled else 0.0),
            bottom_mm=bottom,
            top_mm=bottom + high,
            y_mm=bottom + high,
            size=size,
            tried=tried,
        )

    def _fill(self, legend: "_Legend") -> None:
        shown = self.shown
        legend.heading(shown.legend_title)
        for each, people in zip(CLASSES, shown.class_people, strict=True):
            if people > 0:
                count = shown.say(f"{whole(people)} 人", whole(people))
                legend.sign(
                    shown.say(each.zh, each.en), count, facecolor=each.fill, edgecolor=each.outline, linewidth=0.7
                )
        legend.gap()
        legend.sign(shown.facilities_label, marker="^", facecolor="white", edgecolor=FACILITY_COLOUR, linewidth=0.9)
        levels = {each.level for each in shown.outlines}
        if DivisionLevel.COUNTY in levels:
            legend.line(shown.say("县级边界", "county border"), COUNTY_LINE, 1.1)
        if DivisionLevel.TOWNSHIP in levels:
            legend.line(shown.say("乡级边界", "township border"), TOWNSHIP_LINE, 0.6)
        if shown.roads:
            main = any(road.highway in ROAD_WIDTHS_MM for road in shown.roads)
            legend.line(shown.say("主要道路", "main roads") if main else shown.say("道路", "roads"), ROAD, 1.3)
        if any(each.rank is not None and each.at is not None for each in shown.outlines):
            legend.number(shown.say("缺口最大的区划，序号同报告的表", "largest gaps, numbered as in the report"))
        legend.gap()
        legend.note(shown.say(f"比例尺 1:{whole(self.scale)}", f"scale 1:{whole(self.scale)}"))
        if shown.drawn_together:
            legend.note(shown.say("相邻的人口点合并显示", "points that lie together are drawn as one"))
        if not self.paper.titled:
            legend.note(self.approval())
            legend.small_print(self.sources())

    def _title(self) -> None:
        left, top = self.paper.margin_mm, self.paper.height_mm - self.paper.margin_mm
        self.text(left, top - 5.4, self.shown.title, size=16)
        self.text(left, top - 11.2, self.shown.subtitle, size=9, color=MUTED)

    def _footer(self) -> None:
        left, y = self.paper.margin_mm, self.paper.margin_mm + 7.6
        wide_mm = self.paper.width_mm - 2 * left
        # The approval number first: however long the sources, it is seen.
        lines = wrapped("　".join(filter(None, [self.approval(), self.sources()])), wide_mm / (7 / POINTS_PER_MM))
        for line in cut(lines, FOOTER_LINES):
            self.text(left, y, line, size=7, color=MUTED)
            y -= 3.4

    def approval(self) -> str:
        """The approval number as it is printed; empty where the map has none."""
        number = self.shown.approval
        return self.shown.say(f"审图号：{number}", f"Map approval number {number}") if number else ""

    def sources(self) -> str:
        """Whom the data is from, and who drew it."""
        named = self.shown.credits
        return self.shown.say(f"数据来源：{named or '未注明'}", f"Sources: {named or 'not stated'}")

    def _synthetic(self) -> None:
        left, bottom, _, high = self.paper.chart_mm
        words = self.shown.say("示例数据", "synthetic example data")
        box = {"boxstyle": "square,pad=0.35", "facecolor": "white", "edgecolor": SYNTHETIC, "linewidth": 1.2}
        size = 15 if self.paper.titled else 8.5
        inset = 4.0 if self.paper.titled else 2.5
        self.text(left + inset, bottom + high - inset, words, size=size, color=SYNTHETIC, va="top", bbox=box)


@dataclass(slots=True)
class _Legend:
    """The signs of a sheet and what they mean, from the top down; `y_mm` is where the next line's top is."""

    sheet: _Sheet
    left_mm: float
    right_mm: float
    bottom_mm: float
    top_mm: float
    y_mm: float
    size: float
    tried: bool
    """Nothing is drawn yet: how much it takes is what is asked."""

    @property
    def step_mm(self) -> float:
        return self.size * 0.55

    def heading(self, text: str) -> None:
        self._lines(text, self.left_mm, self.size * 1.08)
        self.gap()

    def sign(self, text: str, count: str = "", *, marker: str = "o", **how: Any) -> None:
        """A point's sign, what it means, and how many people that are."""
        if not self.tried:
            area = (self.size * 0.66) ** 2
            self.sheet.sheet.scatter([self.left_mm + 1.7], [self._middle_mm], s=area, marker=marker, **how)
            self.sheet.text(self.right_mm, self._base_mm, count, size=self.size, ha="right")
        taken_mm = width_em(count) * self.size / POINTS_PER_MM
        self._lines(text, self.left_mm + SIGN_MM, self.size, right_mm=self.right_mm - taken_mm)

    def line(self, text: str, colour: str, wide_pt: float) -> None:
        """A line's colour and width, and what it means."""
        x, y = self.left_mm, self._middle_mm
        if not self.tried:
            self.sheet.sheet.plot([x, x + 3.4], [y, y], color=colour, linewidth=wide_pt)
        self._lines(text, x + SIGN_MM, self.size)

    def number(self, text: str) -> None:
        """A number in its circle, and what such numbers mean."""
        x, y = self.left_mm + 1.7, self._middle_mm
        if not self.tried:
            ring = Circle((x, y), self.size * 0.19, facecolor="white", edgecolor=INK, linewidth=0.6)
            self.sheet.sheet.add_patch(ring)
            self.sheet.text(x, y, "1", size=self.size * 0.75, ha="center", va="center_baseline")
        self._lines(text, self.left_mm + SIGN_MM, self.size)

    def note(self, text: str) -> None:
        """Something else that has to be said, if it has."""
        if text:
            self._lines(text, self.left_mm, self.size * 0.92, color=MUTED)

    def small_print(self, text: str) -> None:
        """The sources, in what is left: at least `SOURCES_LINES`; the report has them whole."""
        size = self.size * 0.75
        left = int((self.y_mm - self.bottom_mm) / (self.step_mm * 0.75))
        self._lines(text, self.left_mm, size, most=SOURCES_LINES if self.tried else max(1, left), color=MUTED)

    def gap(self) -> None:
        """A little room."""
        self.y_mm -= self.step_mm * 0.4

    @property
    def _base_mm(self) -> float:
        return self.y_mm - self.size / POINTS_PER_MM

    @property
    def _middle_mm(self) -> float:
        return self._base_mm + self.size * 0.13

    def _lines(
        self, text: str, x: float, size: float, *, right_mm: float | None = None, most: int | None = None, **how: Any
    ) -> None:
        room_mm = (right_mm or self.right_mm) - x
        step_mm = self.step_mm * size / self.size
        lines = wrapped(text, room_mm / (size / POINTS_PER_MM)) or [""]
        for line in lines if most is None else cut(lines, most):
            if not self.tried:
                self.sheet.text(x, self._base_mm, line, size=size, **how)
            self.y_mm -= step_mm


SOURCES_LINES = 2
SIGN_MM = 4.6
"""From a legend's left edge to the words beside a sign."""
LEGEND_TRIES = 6
SHRINKING = 0.85
"""Smaller letters need fewer lines as well: not all at once."""

DIRECTIONS = np.array([(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1)], dtype=np.float64)
STEPS_AWAY = 4


def _clear_of(taken: list[Floats], at: Floats, half: Floats, *, step_mm: float) -> tuple[float, float]:
    """A place at `at`, or as near as may be, where a box of twice `half` covers none of `taken`, which it then joins.

    Boxes are (left, bottom, right, top); where all is full, `at` itself.
    """
    for step in range(1, STEPS_AWAY + 1):
        for direction in DIRECTIONS:
            middle = at + direction * step_mm * step
            box = np.concatenate([middle - half, middle + half])
            if not any((box[:2] < other[2:]).all() and (other[:2] < box[2:]).all() for other in taken):
                taken.append(box)
                return float(middle[0]), float(middle[1])
    return float(at[0]), float(at[1])


def _round_below(length: float) -> float:
    """1, 2 or 5 times a power of ten, at most `length`."""
    power = 10.0 ** math.floor(math.log10(length))
    return next(power * each for each in (5.0, 2.0, 1.0) if power * each <= length)
