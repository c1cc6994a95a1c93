"""The sheet that a field team carries: a map of each village's lanes with their numbers, and the lanes as a list, as PDF.

Drawn with matplotlib, whose letters lie in the file as outlines of the faces that are named. One division a part: its map
first, then its lanes.
"""

import io
import math
import threading
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from geo_registry.unnamed.offering import Offer
from geo_registry.unnamed.plane import Lines, metre_at, on_plane
from geo_registry.unnamed.queries import Backdrop, LaneRow
from geo_registry.unnamed.signing import PlannedSign
from geo_registry.vocabulary import LaneStatus, PlateAxis, PositionQuality

MM_PER_INCH = 25.4
WIDE_MM, HIGH_MM, MARGIN_MM = 210.0, 297.0, 12.0
"""A4, upright."""
MAP_MM = (MARGIN_MM, 24.0, WIDE_MM - 2 * MARGIN_MM, 232.0)
"""Where the map lies: left, bottom, width, height."""
ROW_MM, ROWS = 11.5, 20
PADDING = 1.12
SMALLEST_M = 300.0
INK, MUTED, ROAD, LANE, SYNTHETIC = "#1b1f24", "#57606a", "#c3c9d0", "#0b5cad", "#a4241b"
BLUE, GREEN = "#1f5fbf", "#1a7f4b"
"""Plates along east–west and along north–south roads."""
BAR_LENGTHS_M = (20, 50, 100, 200, 500, 1_000, 2_000, 5_000)

_DRAWING = threading.Lock()
"""matplotlib's artists share caches: one document at a time in a process."""


def document(
    rows: Sequence[LaneRow],
    offers: Mapping[UUID, Sequence[Offer]],
    *,
    families: Sequence[str],
    backdrop: Backdrop | None = None,
    signs: Sequence[PlannedSign] = (),
) -> bytes:
    """The lanes as a PDF on A4, in the order that they are given: for each division a map, then its table.

    Parameters
    ----------
    families
        Faces to draw with, one that has Chinese first.
    """
    content = io.BytesIO()
    under = backdrop or Backdrop()
    with _DRAWING, PdfPages(content, metadata={"Creator": None, "Producer": None, "CreationDate": None}) as pages:
        number = 1
        for (code, name), together in groupby(rows, key=lambda row: (row.division_code, row.division_name)):
            lanes = list(together)
            sheet = _Sheet(list(families), f"{name or '区划不详'} {code or ''}".strip(), lanes, number)
            pages.savefig(sheet.map(under, signs))
            for first in range(0, len(lanes), ROWS):
                pages.savefig(sheet.table(first, offers))
            number += len(lanes)
        if not rows:
            pages.savefig(_Sheet(list(families), "没有无名道路", [], 1).table(0, {}))
    return content.getvalue()


class _Sheet:
    """The pages of one division: text is set in mm from the lower left."""

    def __init__(self, families: list[str], title: str, lanes: Sequence[LaneRow], number: int) -> None:
        self.families, self.title, self.lanes, self.number = families, title, lanes, number
        self.synthetic = any(lane.position_quality == PositionQuality.SYNTHETIC.value for lane in lanes)

    def _page(self) -> tuple[Figure, Any]:
        figure = Figure(figsize=(WIDE_MM / MM_PER_INCH, HIGH_MM / MM_PER_INCH))
        FigureCanvasPdf(figure)
        page = figure.add_axes((0, 0, 1, 1))
        page.set_xlim(0, WIDE_MM)
        page.set_ylim(0, HIGH_MM)
        page.set_axis_off()
        km = sum(lane.length_m for lane in self.lanes) / 1_000
        self._text(page, MARGIN_MM, HIGH_MM - 19, self.title, size=15)
        self._text(page, MARGIN_MM, HIGH_MM - 26, f"无名道路 {len(self.lanes)} 条，{km:.2f} 千米", size=9, color=MUTED)
        if self.synthetic:
            self._text(
                page, WIDE_MM - MARGIN_MM, HIGH_MM - 19, "示例数据 synthetic", size=11, color=SYNTHETIC, ha="right"
            )
        return figure, page

    def _text(self, axes: Any, x: float, y: float, text: str, *, size: float, **how: Any) -> None:
        # parse_math: a name may hold a dollar sign, and is no formula.
        axes.text(x, y, text, fontsize=size, fontfamily=self.families, **{"color": INK, "parse_math": False, **how})

    def map(self, under: Backdrop, signs: Sequence[PlannedSign]) -> Figure:
        """The lanes on a map, true to scale, each with its number; and the signs that are planned around them."""
        figure, page = self._page()
        left, bottom, wide, high = MAP_MM
        chart = figure.add_axes((left / WIDE_MM, bottom / HIGH_MM, wide / WIDE_MM, high / HIGH_MM))
        chart.set_xticks([])
        chart.set_yticks([])
        lines = np.array([lane.line for lane in self.lanes], dtype=object)
        scale = float(metre_at((shapely.total_bounds(lines)[1] + shapely.total_bounds(lines)[3]) / 2))
        plane = on_plane(lines)
        middle, half = _extent(plane, wide / high, scale)
        chart.set_xlim(middle[0] - half[0], middle[0] + half[0])
        chart.set_ylim(middle[1] - half[1], middle[1] + half[1])
        if under.roads.size:
            roads = [shapely.get_coordinates(each) for each in on_plane(under.roads)]
            chart.add_collection(LineCollection(roads, colors=ROAD, linewidths=0.5, zorder=1), autolim=False)
        chart.add_collection(
            LineCollection([shapely.get_coordinates(each) for each in plane], colors=LANE, linewidths=1.3, zorder=2),
            autolim=False,
        )
        halo = [withStroke(linewidth=2, foreground="white")]
        for name, place in under.names:
            x, y = shapely.get_coordinates(on_plane(np.array([place], dtype=object)))[0]
            if abs(x - middle[0]) < half[0] and abs(y - middle[1]) < half[1]:
                self._text(chart, x, y, name, size=7, ha="center", color=MUTED, path_effects=halo, zorder=3)
        for at, line in enumerate(plane):
            x, y = shapely.get_coordinates(shapely.line_interpolate_point(line, 0.5, normalized=True))[0]
            self._text(
                chart, x, y, str(self.number + at), size=7, ha="center", va="center", path_effects=halo, zorder=4
            )
        shown = 0
        for sign in signs:
            x, y = shapely.get_coordinates(on_plane(np.array([shapely.Point(sign.spot.lon, sign.spot.lat)])))[0]
            if abs(x - middle[0]) < half[0] and abs(y - middle[1]) < half[1]:
                east_west = sign.spot.axis is PlateAxis.EAST_WEST
                chart.plot(x, y, marker="s" if east_west else "D", color=BLUE if east_west else GREEN, ms=4, zorder=3)
                shown += 1
        if shown:
            said = f"拟设标志 {shown} 处：■ 东西向（蓝）　◆ 南北向（绿）"
            self._text(page, WIDE_MM - MARGIN_MM, 11, said, size=8, color=MUTED, ha="right")
        self._bar(page, 2 * half[0] / scale / wide)
        if under.approval:
            self._text(page, WIDE_MM - MARGIN_MM, 16, f"审图号：{under.approval}", size=8, color=MUTED, ha="right")
        return figure

    def _bar(self, page: Any, metres_per_mm: float) -> None:
        """A bar of a length that people reckon with, and which way north is."""
        length_m = max((each for each in BAR_LENGTHS_M if each / metres_per_mm <= 60), default=BAR_LENGTHS_M[0])
        end = MARGIN_MM + length_m / metres_per_mm
        page.plot([MARGIN_MM, MARGIN_MM, end, end], [18, 16.5, 16.5, 18], color=INK, linewidth=0.8)
        self._text(page, end + 2, 16.5, f"{length_m} 米    ↑ 北", size=8)

    def table(self, first: int, offers: Mapping[UUID, Sequence[Offer]]) -> Figure:
        """Some of the lanes as a list with room to write."""
        figure, page = self._page()
        top = HIGH_MM - 36
        columns = (
            (MARGIN_MM, "号"),
            (22, "长度"),
            (38, "走向；起止"),
            (112, "建议名称"),
            (146, "采用名称／不命名理由（手写）"),
        )
        for x, word in columns:
            self._text(page, x, top, word, size=8, color=MUTED)
        for at, lane in enumerate(self.lanes[first : first + ROWS]):
            y = top - 8 - at * ROW_MM
            page.plot([MARGIN_MM, WIDE_MM - MARGIN_MM], [y + 5.5, y + 5.5], color=ROAD, linewidth=0.5)
            self._text(page, MARGIN_MM, y, str(self.number + first + at), size=9)
            self._text(page, 22, y, f"{lane.length_m:.0f} 米", size=8)
            self._text(page, 38, y + 1.6, _short(lane.course.says("zh-CN"), 24), size=7.5)
            self._text(
                page,
                38,
                y - 2.4,
                _short(f"{lane.begins.says('zh-CN')} — {lane.ends.says('zh-CN')}", 26),
                size=7,
                color=MUTED,
            )
            good = [each.proposal.name for each in offers.get(lane.id, ()) if not each.forbidden][:2]
            for line, name in enumerate(good):
                self._text(page, 112, y + 1.6 - 4 * line, _short(name, 11), size=7.5)
            said = {LaneStatus.PROPOSED: lane.proposed_name or "", LaneStatus.DROPPED: lane.reason}.get(lane.status, "")
            self._text(page, 146, y, _short(said, 16), size=8)
        return figure


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _extent(plane: Lines, shape: float, scale: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """The middle and half the size of a map of some lines that fills a frame of that shape."""
    west, south, east, north = shapely.total_bounds(plane)
    high = max(north - south, (east - west) / shape, SMALLEST_M * scale) * PADDING
    half = high / 2
    if not math.isfinite(half):
        half = SMALLEST_M
    return ((west + east) / 2, (south + north) / 2), (half * shape, half)
