"""Roads as edges between nodes of one table: roads that meet share a node."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo_registry.demo.plane import Bools, Floats, Longs

HIGHWAYS = (
    "motorway",
    "motorway_link",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "track",
    "pedestrian",
    "footway",
    "path",
    "steps",
)
"""OpenStreetMap's class words; a road's class is its place here."""
CLASS = {word: at for at, word in enumerate(HIGHWAYS)}
MARK = "（示例）"
"""Stands behind every name that is made up."""


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Roads between two nodes each; int64, shape (n,).

    `highway` is a place in `HIGHWAYS`, `name` one in the list of names, 0 for none. `bend_m`, float64, is how far a
    road swings from the straight line. `via` is a node between the two that the road runs through, -1 for none.
    """

    start: Longs
    end: Longs
    highway: Longs
    name: Longs
    bend_m: Floats
    via: Longs

    def where(self, keep: Bools | Longs) -> "Edges":
        """Those of a mask, or at places."""
        return Edges(
            self.start[keep], self.end[keep], self.highway[keep], self.name[keep], self.bend_m[keep], self.via[keep]
        )


def edges(
    start: Longs, end: Longs, highway: Longs | int, *, name: Longs | int = 0, bend_m: Floats | float = 0.0
) -> Edges:
    """Edges; what is said once is said for all."""
    return Edges(
        start,
        end,
        np.broadcast_to(np.asarray(highway, np.int64), start.shape),
        np.broadcast_to(np.asarray(name, np.int64), start.shape),
        np.broadcast_to(np.asarray(bend_m, np.float64), start.shape),
        np.full(start.shape, -1),
    )


def together(parts: Sequence[Edges]) -> Edges:
    """All edges of several."""
    return Edges(
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.end for part in parts]),
        np.concatenate([part.highway for part in parts]),
        np.concatenate([part.name for part in parts]),
        np.concatenate([part.bend_m for part in parts]),
        np.concatenate([part.via for part in parts]),
    )


def merged(size: int, roads: Edges) -> Edges:
    """Roads of which two that go on into each other, with nothing else there, are one; none is more than two.

    `size` is how many nodes there are. Of neighbouring nodes that could be run through the one with the higher
    scrambled number is.
    """
    ends = np.concatenate([roads.start, roads.end])
    road = np.tile(np.arange(roads.start.size), 2)
    order = np.argsort(ends, kind="stable")
    degree = np.bincount(ends, minlength=size)
    first = np.concatenate([[0], np.cumsum(degree)[:-1]])
    through = np.flatnonzero(degree == 2)
    one, two = road[order[first[through]]], road[order[first[through] + 1]]
    alike = (roads.highway[one] == roads.highway[two]) & (roads.name[one] == roads.name[two]) & (one != two)
    through, one, two = through[alike], one[alike], two[alike]
    rank = np.full(size, -1)
    rank[through] = through * 7_919 % 104_729 * size + through
    far_one = roads.start[one] + roads.end[one] - through
    far_two = roads.start[two] + roads.end[two] - through
    chosen = (rank[through] > rank[far_one]) & (rank[through] > rank[far_two]) & (far_one != far_two)
    through, one, two, far_one, far_two = (each[chosen] for each in (through, one, two, far_one, far_two))
    kept = np.ones(roads.start.size, dtype=bool)
    kept[one] = kept[two] = False
    made = Edges(far_one, far_two, roads.highway[one], roads.name[one], roads.bend_m[one], through)
    return together([roads.where(kept), made])


class Names:
    """Names in the order in which they were first said; number 0 is none."""

    def __init__(self) -> None:
        self._at: dict[str, int] = {"": 0}

    def number(self, name: str) -> int:
        """The number of a made-up name, which is marked as such."""
        return self._at.setdefault(f"{name}{MARK}", len(self._at))

    def all(self) -> tuple[str, ...]:
        """Every name, by number."""
        return tuple(self._at)


class Nodes:
    """The table of nodes as it grows."""

    def __init__(self) -> None:
        self._parts: list[Floats] = []
        self.size = 0

    def add(self, x: Floats, y: Floats) -> Longs:
        """Add nodes at metres of the plane; their numbers."""
        self._parts.append(np.stack([x, y], axis=1))
        numbers = np.arange(self.size, self.size + x.size)
        self.size += x.size
        return numbers

    def positions(self) -> Floats:
        """Metres of the plane, shape (n, 2)."""
        return np.concatenate(self._parts)


def components(size: int, start: Longs, end: Longs) -> Longs:
    """The component of each of `size` nodes: the lowest node in it; shape (size,)."""
    root = np.arange(size)
    while True:
        a, b = root[start], root[end]
        low = np.minimum(a, b)
        before = root.copy()
        np.minimum.at(root, a, low)
        np.minimum.at(root, b, low)
        while (shorter := root[root] != root).any():
            root = np.where(shorter, root[root], root)
        if (root == before).all():
            return root


class Neighbourhood:
    """Finds the nearest of many points by squares of `side_m`; points are metres of the plane, shape (n, 2)."""

    def __init__(self, points: Floats, side_m: float) -> None:
        self._points = points
        self._side_m = side_m
        self._members: dict[tuple[int, int], list[int]] = {}
        for at, (column, row) in enumerate(np.floor(points / side_m).astype(np.int64).tolist()):
            self._members.setdefault((column, row), []).append(at)

    def nearest(self, x: float, y: float) -> tuple[int, float]:
        """The nearest point's place and its distance in metres; -1 and infinity where none is within a square or so."""
        column, row = int(x // self._side_m), int(y // self._side_m)
        best, best_m = -1, float("inf")
        for right in (-1, 0, 1):
            for up in (-1, 0, 1):
                for at in self._members.get((column + right, row + up), ()):
                    dx, dy = self._points[at, 0] - x, self._points[at, 1] - y
                    away_m = float(dx * dx + dy * dy) ** 0.5
                    if away_m < best_m:
                        best, best_m = at, away_m
        return best, best_m
