"""Small road networks for tests, and the slow, plain way to compute on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from hypothesis import HealthCheck, settings
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from geo_registry.network.graph import Barriers, Graph, RoadLines
from geo_registry.network.snap import NO_EDGE, Snapped

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For tests that share the machine: how long an example takes says nothing."""


@dataclass(frozen=True)
class Road:
    """One road: its vertices as (lon, lat), and what it allows."""

    vertices: Sequence[tuple[float, float]]
    highway: str = "residential"
    oneway: int = 0
    maxspeed_kmh: int = 0
    foot: bool = True
    motor: bool = True


def road_lines(*roads: Road) -> RoadLines:
    vertices = [vertex for road in roads for vertex in road.vertices]
    places = np.array(vertices, np.float64).reshape(-1, 2)
    return RoadLines(
        road_fid=np.arange(100, 100 + len(roads), dtype=np.int64),
        highway=np.array([road.highway for road in roads], np.str_),
        oneway=np.array([road.oneway for road in roads], np.int8),
        maxspeed_kmh=np.array([road.maxspeed_kmh for road in roads], np.int16),
        foot=np.array([road.foot for road in roads], np.bool_),
        motor=np.array([road.motor for road in roads], np.bool_),
        vertex_ptr=np.concatenate(([0], np.cumsum([len(road.vertices) for road in roads]))).astype(np.int64),
        lon=np.ascontiguousarray(places[:, 0]),
        lat=np.ascontiguousarray(places[:, 1]),
    )


def barrier_at(lon: float, lat: float, *, foot: bool = True, motor: bool = True) -> Barriers:
    return Barriers(np.array([lon]), np.array([lat]), np.array([foot]), np.array([motor]))


def node_at(graph: Graph, lon: float, lat: float) -> int:
    """The one node at a place."""
    (found,) = np.flatnonzero((np.abs(graph.node_lon - lon) < 1e-8) & (np.abs(graph.node_lat - lat) < 1e-8))
    return int(found)


def all_pairs(nodes: int, arcs: Sequence[tuple[int, int, int]]) -> np.ndarray:
    """Costs between all nodes by scipy, inf where there is no way; of parallel arcs (from, to, cost) the cheapest."""
    cheapest: dict[tuple[int, int], int] = {}
    for tail, head, cost in arcs:
        cheapest[tail, head] = min(cost, cheapest.get((tail, head), cost))
    rows = [tail for tail, _ in cheapest]
    columns = [head for _, head in cheapest]
    matrix = csr_matrix((np.array(list(cheapest.values()), np.float64), (rows, columns)), shape=(nodes, nodes))
    return np.asarray(dijkstra(matrix))


def node_arcs(graph: Graph) -> list[tuple[int, int, int]]:
    """Every arc (from, to, cost) as the edges say it, without the compiled rows."""
    arcs = []
    for edge in range(graph.edges):
        tail, head, cost = (int(column[edge]) for column in (graph.edge_from, graph.edge_to, graph.edge_cost))
        if graph.edge_forward[edge]:
            arcs.append((tail, head, cost))
        if graph.edge_backward[edge]:
            arcs.append((head, tail, cost))
    return arcs


def point_costs(graph: Graph, demand: Snapped, facility: Snapped) -> np.ndarray:
    """Costs from every point to every facility, shape (p, f), inf where there is no way.

    Points become nodes of a graph in which every edge is cut where they lie; scipy does the rest.
    """
    demands, facilities = demand.edge.size, facility.edge.size
    edge = np.concatenate((demand.edge, facility.edge))
    from_dm = np.concatenate((demand.from_dm, facility.from_dm))
    from_cost = np.concatenate((demand.from_cost, facility.from_cost))
    arcs: list[tuple[int, int, int]] = []
    for number in range(graph.edges):
        on_edge = sorted(np.flatnonzero(edge == number), key=lambda point: from_dm[point])
        chain = [
            (int(graph.edge_from[number]), 0, 0),
            *((graph.nodes + int(point), int(from_dm[point]), int(from_cost[point])) for point in on_edge),
            (int(graph.edge_to[number]), int(graph.edge_length_dm[number]), int(graph.edge_cost[number])),
        ]
        for (tail, tail_dm, tail_cost), (head, head_dm, head_cost) in pairwise(chain):
            same_place = tail_dm == head_dm and (tail >= graph.nodes or head >= graph.nodes)
            if graph.edge_forward[number] or same_place:
                arcs.append((tail, head, head_cost - tail_cost))
            if graph.edge_backward[number] or same_place:
                arcs.append((head, tail, head_cost - tail_cost))
    between = all_pairs(graph.nodes + demands + facilities, arcs)[
        graph.nodes : graph.nodes + demands, graph.nodes + demands :
    ]
    total = between + demand.access_cost[:, None] + facility.access_cost[None, :]
    total[demand.edge == NO_EDGE] = np.inf
    total[:, facility.edge == NO_EDGE] = np.inf
    return total
