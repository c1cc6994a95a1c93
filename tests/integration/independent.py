"""Reach computed a second time, with scipy and shapely and nothing of the engine: the yardstick for the last person.

It follows the arithmetic that docs/planner.md writes down, in the plainest way: dictionaries, brute force over all
pieces of road, every snapped place a node of its own, one Dijkstra from all facilities.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from pyproj import Geod
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

CGCS2000 = Geod(a=6378137.0, rf=298.257222101)
Position = tuple[float, float]
Place = tuple[int, int]


@dataclass(frozen=True)
class Edge:
    """A piece of road between two junctions."""

    start: object
    end: object
    line: tuple[Position, ...]
    along_m: tuple[float, ...]
    length_dm: int


def half_up(value: float) -> int:
    return math.floor(value + 0.5)


def place_of(position: Position) -> Place:
    return round(position[0] * 1e7), round(position[1] * 1e7)


def metres(a: Position, b: Position) -> float:
    return float(CGCS2000.inv(*a, *b)[2])


def edges_of(lines: Sequence[Sequence[Position]], blocked: set[Place]) -> list[Edge]:
    """Cut lines where they meet, end, or are blocked; at a blocked place every piece ends alone."""
    uses = Counter(place_of(position) for line in lines for position in line)
    edges: list[Edge] = []
    for line in lines:
        cuts = [
            at
            for at, position in enumerate(line)
            if at in {0, len(line) - 1} or uses[place_of(position)] > 1 or place_of(position) in blocked
        ]
        for first, last in pairwise(cuts):
            piece = tuple(line[first : last + 1])
            along = [0.0]
            for a, b in pairwise(piece):
                along.append(along[-1] + metres(a, b))
            start, end = place_of(piece[0]), place_of(piece[-1])
            edges.append(
                Edge(
                    start=(start, len(edges), "start") if start in blocked else start,
                    end=(end, len(edges), "end") if end in blocked else end,
                    line=piece,
                    along_m=tuple(along),
                    length_dm=half_up(along[-1] * 10),
                )
            )
    return edges


class Pieces:
    """Every straight piece of every edge, for a brute-force search of the nearest place."""

    def __init__(self, edges: Sequence[Edge]) -> None:
        rows = [
            (number, at, *edge.line[at], *edge.line[at + 1])
            for number, edge in enumerate(edges)
            for at in range(len(edge.line) - 1)
        ]
        self.table = np.array(rows)
        self.edges = edges

    def nearest(self, point: Position) -> tuple[int, float, Position, float]:
        """(edge, metres from its start, the place, metres to it)."""
        lon, lat = point
        radians = math.radians(lat)
        flattening = 1 / 298.257222101
        e2 = flattening * (2 - flattening)
        w = math.sqrt(1 - e2 * math.sin(radians) ** 2)
        east = math.radians(1) * 6378137.0 / w * math.cos(radians)
        north = math.radians(1) * 6378137.0 * (1 - e2) / w**3
        ax, ay = (self.table[:, 2] - lon) * east, (self.table[:, 3] - lat) * north
        dx, dy = (self.table[:, 4] - self.table[:, 2]) * east, (self.table[:, 5] - self.table[:, 3]) * north
        square = dx * dx + dy * dy
        with np.errstate(invalid="ignore", divide="ignore"):
            t = np.where(square > 0, np.clip(-(ax * dx + ay * dy) / square, 0, 1), 0)
        best = int(np.argmin((ax + t * dx) ** 2 + (ay + t * dy) ** 2))
        number, at, lon0, lat0, lon1, lat1 = self.table[best]
        place = (lon0 + t[best] * (lon1 - lon0), lat0 + t[best] * (lat1 - lat0))
        edge = self.edges[int(number)]
        return int(number), edge.along_m[int(at)] + metres((lon0, lat0), place), place, metres(point, place)


def nearest_costs_dm(
    lines: Sequence[Sequence[Position]],
    blocked: set[Place],
    demand: Sequence[Position],
    facilities: Sequence[Position],
    snap_limit_m: float,
) -> list[float | None]:
    """Decimetres from every demand point to its nearest facility; inf without a way, None where it can't be snapped."""
    edges = edges_of(lines, blocked)
    pieces = Pieces(edges)
    on_edge: dict[int, list[tuple[int, object]]] = defaultdict(list)
    arcs: dict[tuple[object, object], int] = {}

    def join(a: object, b: object, cost: int) -> None:
        for pair in ((a, b), (b, a)):
            arcs[pair] = min(cost, arcs.get(pair, cost))

    snapped = []
    for name, points in (("demand", demand), ("facility", facilities)):
        for number, point in enumerate(points):
            on, along_m, _, away_m = pieces.nearest(point)
            if half_up(away_m * 10) > snap_limit_m * 10:
                snapped.append(False)
                continue
            snapped.append(True)
            offset = min(half_up(along_m * 10), edges[on].length_dm)
            on_edge[on].append((offset, (name, number, "on the road")))
            join((name, number), (name, number, "on the road"), half_up(away_m * 10))
    for number, edge in enumerate(edges):
        stops = [(0, edge.start), *sorted(on_edge[number], key=lambda stop: stop[0]), (edge.length_dm, edge.end)]
        for (offset_a, a), (offset_b, b) in pairwise(stops):
            join(a, b, offset_b - offset_a)
    index = {node: at for at, node in enumerate({node for pair in arcs for node in pair})}
    pairs = np.array([(index[a], index[b]) for a, b in arcs])
    # Whole decimetres, shifted by far less than half of one over any path: a weight of zero would be no arc.
    weights = np.array(list(arcs.values()), dtype=np.float64) + 1e-7
    graph = csr_array((weights, (pairs[:, 0], pairs[:, 1])), shape=(len(index), len(index)))
    sources = [index[("facility", number)] for number in range(len(facilities)) if ("facility", number) in index]
    costs = dijkstra(graph, directed=True, indices=sources, min_only=True)
    return [
        None if not snapped[number] else float(np.round(costs[index[("demand", number)]]))
        for number in range(len(demand))
    ]
