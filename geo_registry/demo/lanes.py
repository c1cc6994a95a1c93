"""Lanes within hamlets, and tracks that lead from them up the hills."""

import numpy as np

from geo_registry.demo import plane
from geo_registry.demo.country import STEEP_PERCENT
from geo_registry.demo.edges import CLASS, Edges, Nodes, edges, together
from geo_registry.demo.layout import Layout
from geo_registry.demo.plane import Floats, Longs

LANE_M = (45.0, 120.0)
"""How far a hamlet's lanes reach from where they meet, least and most."""
TRACK_SHARE = 0.16
"""Of the hamlets those from which a track leads uphill."""
TRACK_STEP_M, TRACK_STEPS = 170.0, 4


def _directions(rng: np.random.Generator, size: int) -> Floats:
    """Unit vectors in any direction, shape (size, 2): points of a square that lie in its circle, made unit long."""
    points = rng.random((size, 8, 2)) * 2 - 1
    length = np.sqrt((points**2).sum(axis=2))
    first = np.argmax((length <= 1) & (length > 0.1), axis=1)
    at = np.arange(size)
    unit: Floats = points[at, first] / np.maximum(length[at, first], 1e-9)[:, None]
    return unit


def make_lanes(layout: Layout, hamlet: Longs, *, centre: Longs, x: Floats, y: Floats, nodes: Nodes) -> Edges:
    """The lanes of hamlets that lie outside of town: two that meet at the hamlet's node, and for half one across.

    `hamlet` are places in the layout, `centre` their nodes, `x` and `y` where these lie; shape (h,).
    """
    rng = plane.random(21)
    steep = layout.terrain.slope[layout.hamlet_cell[hamlet]] > STEEP_PERCENT
    facing = _directions(rng, centre.size)
    ends = []
    parts = []
    for turn in ((1.0, 0.0), (-0.6, 0.8)):
        reach = LANE_M[0] + (LANE_M[1] - LANE_M[0]) * rng.random(centre.size)
        ahead = np.stack(
            [turn[0] * facing[:, 0] - turn[1] * facing[:, 1], turn[1] * facing[:, 0] + turn[0] * facing[:, 1]], axis=1
        )
        end = nodes.add(x + ahead[:, 0] * reach, y + ahead[:, 1] * reach)
        drawn = rng.random(centre.size)
        flat_class = np.where(
            drawn < 0.55, CLASS["residential"], np.where(drawn < 0.8, CLASS["service"], CLASS["footway"])
        )
        steep_class = np.where(drawn < 0.5, CLASS["residential"], np.where(drawn < 0.8, CLASS["path"], CLASS["steps"]))
        parts.append(edges(centre, end, np.where(steep, steep_class, flat_class), bend_m=9.0))
        ends.append(end)
    across = rng.random(centre.size) < 0.5
    parts.append(edges(ends[0][across], ends[1][across], CLASS["footway"], bend_m=14.0))
    return together(parts)


def make_tracks(layout: Layout, hamlet: Longs, *, centre: Longs, x: Floats, y: Floats, nodes: Nodes) -> Edges:
    """Tracks that climb from some hamlets of the hills and end in the woods."""
    rng = plane.random(22)
    terrain = layout.terrain
    chosen = np.flatnonzero(
        (terrain.slope[layout.hamlet_cell[hamlet]] > 5) & (rng.random(centre.size) < 2 * TRACK_SHARE)
    )
    here, at_x, at_y = centre[chosen], x[chosen], y[chosen]
    heading = _directions(rng, chosen.size)
    parts = []
    for step in range(TRACK_STEPS):
        best = np.full(chosen.size, -1, dtype=np.int64)
        best_x, best_y = at_x.copy(), at_y.copy()
        for turn in (0.0, 0.55, -0.55):
            ahead = heading + turn * np.stack([-heading[:, 1], heading[:, 0]], axis=1)
            ahead /= np.sqrt((ahead**2).sum(axis=1))[:, None]
            there_x, there_y = at_x + TRACK_STEP_M * ahead[:, 0], at_y + TRACK_STEP_M * ahead[:, 1]
            height = terrain.height_m[terrain.cell_of(there_x, there_y)]
            higher = height > best
            best = np.where(higher, height, best)
            best_x, best_y = np.where(higher, there_x, best_x), np.where(higher, there_y, best_y)
        heading = np.stack([best_x - at_x, best_y - at_y], axis=1) / TRACK_STEP_M
        end = nodes.add(best_x, best_y)
        kind = CLASS["track"] if step < TRACK_STEPS // 2 else CLASS["path"]
        parts.append(edges(here, end, kind, bend_m=18.0))
        here, at_x, at_y = end, best_x, best_y
    return together(parts)
