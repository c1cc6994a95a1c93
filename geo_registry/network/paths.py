"""The way from a point to a facility: its line, and the roads that it follows.

The search is `kernels.nearest` from the one facility; the way is then read off its answer, node by node, so it costs to
the unit what a run says. Of ways that cost the same it is one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from geo_registry.network.arrays import Float64, Int32
from geo_registry.network.geodesic import DM_PER_M
from geo_registry.network.graph import Graph
from geo_registry.network.kernels import UNREACHABLE_COST, along_edge, facility_seeds, legs_of, nearest
from geo_registry.network.snap import Snapped


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a way that follows one road; `road_fid` is None between a point and the nearest road."""

    road_fid: int | None
    length_dm: int


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A way that can be travelled, from a point to a facility.

    Attributes
    ----------
    cost
        In the graph's unit, both access legs included.
    stretches
        In the order of travel, the access legs first and last; their lengths add up to the way's.
    lon, lat
        From place to place on the network, without the access legs; degrees of EPSG:4490, shape (v,), v ≥ 2.
    """

    cost: int
    stretches: Sequence[Stretch]
    lon: Float64
    lat: Float64

    @property
    def length_dm(self) -> int:
        """Decimetres, both access legs included."""
        return sum(one.length_dm for one in self.stretches)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of an edge in the direction of travel, by decimetres from the edge's start."""

    edge: int
    start_dm: int
    end_dm: int


def way_between(graph: Graph, point: Snapped, facility: Snapped) -> Way | None:
    """A shortest way from the one place in `point` to the one in `facility`; None where there is none.

    Takes about as long as one search over the whole network.
    """
    if not (point.on_network[0] and facility.on_network[0]):
        return None
    found = min(
        filter(None, (_straight(graph, point, facility), _over_nodes(graph, point, facility))),
        key=lambda one: one[0],
        default=None,
    )
    if found is None:
        return None
    cost, pieces = found
    lon, lat = _line(graph, point, facility, pieces)
    access = int(point.access_dm[0]), int(facility.access_dm[0])
    by_road = groupby(pieces, key=lambda piece: int(graph.edge_road[piece.edge]))
    stretches = [Stretch(road, sum(abs(one.end_dm - one.start_dm) for one in along)) for road, along in by_road]
    return Way(cost, (Stretch(None, access[0]), *stretches, Stretch(None, access[1])), lon, lat)


def _straight(graph: Graph, point: Snapped, facility: Snapped) -> tuple[int, Sequence[_Piece]] | None:
    """Along the edge that both lie on."""
    edge = int(point.edge[0])
    if edge != facility.edge[0]:
        return None
    along = along_edge(
        point.from_dm[0],
        point.from_cost[0],
        facility.from_dm[0],
        facility.from_cost[0],
        graph.edge_forward[edge],
        graph.edge_backward[edge],
    )
    if along < 0:
        return None
    cost = along + int(point.access_cost[0]) + int(facility.access_cost[0])
    return cost, (_Piece(edge, int(point.from_dm[0]), int(facility.from_dm[0])),)


def _over_nodes(graph: Graph, point: Snapped, facility: Snapped) -> tuple[int, Sequence[_Piece]] | None:
    """Out of the point's edge by one of its ends, and into the facility's by one of its own."""
    seeds = facility_seeds(graph, facility)
    left = nearest(graph, seeds).cost
    legs = legs_of(graph, point, arriving=False)
    totals = left[legs.node].astype(np.int64) + legs.cost
    if not totals.size or (left[legs.node] == UNREACHABLE_COST).all():
        return None
    best = int(np.where(left[legs.node] == UNREACHABLE_COST, np.iinfo(np.int64).max, totals).argmin())
    # The dearer first: an edge that returns to its node has two entries there.
    entries = dict(sorted(zip(seeds.node.tolist(), seeds.cost.tolist(), strict=True), key=lambda seed: -seed[1]))
    nodes, edges = _descend(graph, left, int(legs.node[best]), entries)
    pieces = [
        _leg(graph, point, nodes[0], arriving=False),
        *(_through(graph, edge, node) for node, edge in zip(nodes, edges, strict=False)),
        _leg(graph, facility, nodes[-1], arriving=True),
    ]
    return int(totals[best]), pieces


def _descend(graph: Graph, left: Int32, start: int, entries: dict[int, int]) -> tuple[list[int], list[int]]:
    """Nodes and the edges between them, from `start` to a node that costs what the facility's own edge costs from it.

    Every step goes to a node that is nearer by just the arc's cost. Arcs may cost nothing, so a step can lead into a
    place that was seen before, or to where nothing leads on: such a step is taken back.
    """
    arcs = graph.outward
    nodes, edges, seen = [start], list[int](), {start}
    untried = [_nearer(graph, left, start)]
    while entries.get(nodes[-1]) != left[nodes[-1]]:
        step = next((one for one in untried[-1] if one[0] not in seen), None)
        if step is None:
            nodes.pop()
            untried.pop()
            edges.pop()
            continue
        node, arc = step
        seen.add(node)
        nodes.append(node)
        edges.append(int(arcs.edge[arc]))
        untried.append(_nearer(graph, left, node))
    return nodes, edges


def _nearer(graph: Graph, left: Int32, node: int) -> Iterator[tuple[int, int]]:
    """Where a shortest way may go from `node`: the next node and the arc to it."""
    arcs = graph.outward
    for arc in range(int(arcs.ptr[node]), int(arcs.ptr[node + 1])):
        other, cost = arcs.head_cost[arc].tolist()
        if int(left[other]) + cost == left[node]:
            yield other, arc


def _leg(graph: Graph, place: Snapped, node: int, *, arriving: bool) -> _Piece:
    """Between a place on an edge and the end of it that `node` is; an edge that returns to its node has two such ends."""
    edge = int(place.edge[0])
    from_dm, to_dm = int(place.from_dm[0]), int(place.to_dm[0])
    up, down = bool(graph.edge_forward[edge]), bool(graph.edge_backward[edge])
    by_start = (up if arriving else down) or from_dm == 0
    by_end = (down if arriving else up) or to_dm == 0
    ends = [
        (int(cost), dm)
        for cost, dm, end, is_open in (
            (place.from_cost[0], 0, graph.edge_from[edge], by_start),
            (place.to_cost[0], from_dm + to_dm, graph.edge_to[edge], by_end),
        )
        if end == node and is_open
    ]
    _, dm = min(ends)
    return _Piece(edge, dm, from_dm) if arriving else _Piece(edge, from_dm, dm)


def _through(graph: Graph, edge: int, start: int) -> _Piece:
    length = int(graph.edge_length_dm[edge])
    return _Piece(edge, 0, length) if graph.edge_from[edge] == start else _Piece(edge, length, 0)


def _line(graph: Graph, point: Snapped, facility: Snapped, pieces: Sequence[_Piece]) -> tuple[Float64, Float64]:
    lon, lat = [point.lon[:1]], [point.lat[:1]]
    for piece in pieces:
        inside = _vertices(graph, piece)
        lon.append(graph.shape_lon[inside])
        lat.append(graph.shape_lat[inside])
    lon.append(facility.lon[:1])
    lat.append(facility.lat[:1])
    line = np.column_stack((np.concatenate(lon), np.concatenate(lat)))
    # Nodes stand at the end of one edge and the start of the next.
    kept = np.concatenate(([True], (line[1:] != line[:-1]).any(axis=1)))
    kept[-1] |= kept.sum() == 1
    return np.ascontiguousarray(line[kept, 0]), np.ascontiguousarray(line[kept, 1])


def _vertices(graph: Graph, piece: _Piece) -> np.ndarray:
    """The vertices of a part of an edge in the order of travel, those at its very ends included."""
    first, end = int(graph.shape_ptr[piece.edge]), int(graph.shape_ptr[piece.edge + 1])
    low, high = sorted((piece.start_dm, piece.end_dm))
    along_dm = graph.shape_along_m[first:end] * DM_PER_M
    # Half a decimetre is what rounding may move a place by.
    inside = first + np.flatnonzero((along_dm > low - 0.5) & (along_dm < high + 0.5))
    return inside if piece.start_dm <= piece.end_dm else inside[::-1]
