"""Motorways: smooth lines past the towns, which other roads meet at interchanges only."""

import numpy as np

from geo_registry.demo import plane
from geo_registry.demo.edges import CLASS, Edges, Names, Neighbourhood, Nodes, edges, together
from geo_registry.demo.plane import Floats

ROUTES = (
    (
        "示例高速东西线",
        (
            (119.26, 29.14),
            (119.35, 29.16),
            (119.52, 29.15),
            (119.63, 29.185),
            (119.78, 29.22),
            (119.93, 29.3),
            (120.0, 29.38),
            (120.17, 29.38),
            (120.33, 29.34),
            (120.46, 29.355),
            (120.56, 29.37),
        ),
    ),
    (
        "示例高速南线",
        (
            (119.52, 29.15),
            (119.56, 29.03),
            (119.68, 28.99),
            (119.79, 28.94),
            (119.93, 28.94),
            (120.05, 28.925),
            (120.14, 28.86),
            (120.2, 28.8),
        ),
    ),
    (
        "示例高速东线",
        ((120.17, 29.38), (120.17, 29.27), (120.18, 29.15), (120.22, 29.02), (120.15, 28.93), (120.05, 28.925)),
    ),
    (
        "示例高速山线",
        ((120.18, 29.15), (120.3, 29.09), (120.41, 29.075), (120.52, 29.045), (120.62, 29.01), (120.68, 29.03)),
    ),
    ("示例高速北线", ((120.0, 29.38), (119.97, 29.465), (119.88, 29.49), (119.86, 29.57), (119.92, 29.63))),
    ("示例高速西线", ((119.52, 29.15), (119.515, 29.25), (119.52, 29.32), (119.51, 29.36))),
)
"""Made-up routes by their waypoints, degrees; they begin and end at each other where they meet."""

STEP_M = 600.0
INTERCHANGE_STEPS = 15
"""Steps between interchanges, nine kilometres."""
LINK_M = 2_500.0
"""An interchange is linked to the nearest great road within this."""


def make_motorways(others: Edges, points: Floats, names: Names, nodes: Nodes) -> Edges:
    """The motorways and their links to the great roads among `others`, whose nodes lie at `points` (metres)."""
    great = others.where((others.highway >= CLASS["trunk"]) & (others.highway <= CLASS["tertiary"]))
    great_nodes = np.unique(np.concatenate([great.start, great.end]))
    near = Neighbourhood(points[great_nodes], LINK_M)
    ends: dict[tuple[float, float], int] = {}
    parts: list[Edges] = []
    for name, waypoints in ROUTES:
        line = _smooth(np.stack(plane.to_plane(*np.array(waypoints).T), axis=1))
        own = nodes.add(line[1:-1, 0], line[1:-1, 1]).tolist()
        first, last = (
            _end(ends, where, at, nodes) for where, at in ((waypoints[0], line[0]), (waypoints[-1], line[-1]))
        )
        chain = np.array([first, *own, last])
        parts.append(edges(chain[:-1], chain[1:], CLASS["motorway"], name=names.number(name), bend_m=4.0))
        for at in range(INTERCHANGE_STEPS // 2, len(line) - 2, INTERCHANGE_STEPS):
            found, _ = near.nearest(float(line[at, 0]), float(line[at, 1]))
            if found >= 0:
                link = (chain[at : at + 1], great_nodes[found : found + 1])
                parts.append(edges(*link, CLASS["motorway_link"], bend_m=60.0))
    return together(parts)


def _end(ends: dict[tuple[float, float], int], where: tuple[float, float], at: Floats, nodes: Nodes) -> int:
    """The node of a route's end, which routes that meet there share."""
    if where not in ends:
        ends[where] = int(nodes.add(at[:1], at[1:])[0])
    return ends[where]


def _smooth(waypoints: Floats) -> Floats:
    """A smooth line through the waypoints' neighbourhood, a vertex about every `STEP_M`; shape (n, 2)."""
    line = waypoints
    for _ in range(3):
        # Chaikin: every corner is cut at a quarter, the ends stay.
        quarter, three = line[:-1] * 0.75 + line[1:] * 0.25, line[:-1] * 0.25 + line[1:] * 0.75
        line = np.concatenate([line[:1], np.stack([quarter, three], axis=1).reshape(-1, 2), line[-1:]])
    length = np.concatenate([[0.0], np.cumsum(np.sqrt(((line[1:] - line[:-1]) ** 2).sum(axis=1)))])
    marks = np.linspace(0.0, length[-1], max(int(length[-1] / STEP_M), 2) + 1)
    return np.stack([np.interp(marks, length, line[:, 0]), np.interp(marks, length, line[:, 1])], axis=1)
