"""Lines measured in shares of their own length, all at once: the places at given shares, and stretches between two. Pure.

As shapely's `line_interpolate_point` and `substring` have them, line by line; a network has a million lines.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely

from geo_registry.network.arrays import Float64, Int64
from geo_registry.unnamed.plane import Lines

APART = 2.0
"""How far the shares of one line lie from those of the next, as one row of numbers; each line has 0 to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The vertices of some lines: `points` of shape (v, 2), the line of each, and its `share` of the line's length."""

    points: Float64
    line_of: Int64
    share: Float64

    @classmethod
    def of(cls, lines: Lines) -> Self:
        """Measure lines."""
        points, line_of = shapely.get_coordinates(lines, return_index=True)
        steps = np.hypot(*np.diff(points, axis=0).T)
        steps[np.diff(line_of) != 0] = 0.0
        run = np.concatenate(([0.0], np.cumsum(steps)))
        first = np.searchsorted(line_of, np.arange(lines.size))
        last = np.append(first[1:], points.shape[0]) - 1
        whole = np.maximum(run[last] - run[first], np.finfo(np.float64).tiny)
        share = (run - run[first][line_of]) / whole[line_of]
        share[last] = 1.0
        return cls(points, line_of.astype(np.int64), share)

    def places(self, line: Int64, share: Float64) -> Float64:
        """The places at shares of some lines' lengths; shape (n, 2)."""
        known, asked = self.share + APART * self.line_of, share + APART * line
        x, y = self.points.T
        return np.stack([np.interp(asked, known, x), np.interp(asked, known, y)], axis=1)

    def stretches(self, line: Int64, start: Float64, end: Float64) -> Lines:
        """The stretches of some lines from one share of their lengths to a greater one."""
        counts = np.bincount(self.line_of)
        first = np.concatenate(([0], np.cumsum(counts)))[line]
        of = np.repeat(np.arange(line.size), counts[line])
        vertex = np.arange(of.size) - np.repeat(np.cumsum(counts[line]) - counts[line], counts[line]) + first[of]
        inside = (self.share[vertex] > start[of]) & (self.share[vertex] < end[of])
        of, vertex = of[inside], vertex[inside]
        every = np.arange(line.size)
        stretch = np.concatenate([every, of, every])
        share = np.concatenate([start, self.share[vertex], end])
        points = np.concatenate([self.places(line, start), self.points[vertex], self.places(line, end)])
        order = np.lexsort((share, stretch))
        cut: Lines = shapely.linestrings(points[order], indices=stretch[order])
        return cut
