"""The way itself: the edges that lead from one point to one facility.

The kernels keep no predecessors, which would cost every search memory for a few ways that are ever drawn. Costs are
exact integers, so the way is found again by following arcs that use up exactly what is left.
"""

from dataclasses import dataclass

import numpy as np

from geo_registry.network.arrays import Bools, Int32
from geo_registry.network.graph import Graph
from geo_registry.network.kernels import (
    UNSNAPPED_COST,
    NodeNearest,
    Seeds,
    along_edge,
    facility_seeds,
    legs_of,
    nearest,
    nearest_points,
)
from geo_registry.network.snap import Snapped


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A cheapest way from a point to a facility.

    Attributes
    ----------
    cost
        What it costs with both access legs; None where there is no way.
    edge
        The edges in the order of travel, int32, shape (k,). The first is the point's and the last the facility's: of
        these only the part between the place and a node is travelled, or, if they are one, between the two places.
    forward
        Whether each is travelled from `edge_from` to `edge_to`, shape (k,).
    """

    cost: int | None
    edge: Int32
    forward: Bools


def edges_on_the_way(graph: Graph, demand: Snapped, facility: Snapped, *, point: int, facility_number: int) -> Way:
    """A cheapest way from the point to the facility, each named by its position."""
    here, there = demand.take(np.array([point])), facility.take(np.array([facility_number]))
    seeds = facility_seeds(graph, there)
    nodes = nearest(graph, seeds)
    cost = int(nearest_points(graph, here, there, nodes)[0][0])
    if cost >= UNSNAPPED_COST:
        return _way(None, [])
    first_edge, last_edge = int(here.edge[0]), int(there.edge[0])
    if first_edge == last_edge and _straight_cost(graph, here, there) == cost:
        return _way(cost, [(first_edge, bool(here.from_dm[0] <= there.from_dm[0]))])
    legs = legs_of(graph, here, arriving=False)
    start, leg_cost = next(
        (int(node), int(leg))
        for node, leg in zip(legs.node, legs.cost, strict=True)
        if int(nodes.cost[node]) + int(leg) == cost
    )
    leaves_over_end = start == graph.edge_to[first_edge] and leg_cost == here.to_cost[0] + here.access_cost[0]
    between = _edges_between(graph, nodes, seeds, start)
    last_node = _far_end(graph, between[-1]) if between else start
    arrives_over_start = last_node == graph.edge_from[last_edge] and (
        nodes.cost[last_node] == there.from_cost[0] + there.access_cost[0]
    )
    return _way(cost, [(first_edge, bool(leaves_over_end)), *between, (last_edge, bool(arrives_over_start))])


def _way(cost: int | None, steps: list[tuple[int, bool]]) -> Way:
    return Way(
        cost=cost,
        edge=np.array([edge for edge, _ in steps], np.int32),
        forward=np.array([forward for _, forward in steps], np.bool_),
    )


def _straight_cost(graph: Graph, here: Snapped, there: Snapped) -> int | None:
    """The cost along the one edge that both lie on, access legs included; None against its direction."""
    edge = here.edge[0]
    along = along_edge(
        here.from_dm[0],
        here.from_cost[0],
        there.from_dm[0],
        there.from_cost[0],
        graph.edge_forward[edge],
        graph.edge_backward[edge],
    )
    return along + int(here.access_cost[0]) + int(there.access_cost[0]) if along >= 0 else None


def _far_end(graph: Graph, step: tuple[int, bool]) -> int:
    edge, forward = step
    return int(graph.edge_to[edge] if forward else graph.edge_from[edge])


def _edges_between(graph: Graph, nodes: NodeNearest, seeds: Seeds, start: int) -> list[tuple[int, bool]]:
    """The whole edges from `start` to a node at which the search was seeded, each with its direction.

    Only arcs that cost exactly what they bring nearer are followed. Those of no cost could lead round in a circle, so
    no node is entered twice.
    """
    goals = {int(node) for node, cost in zip(seeds.node, seeds.cost, strict=True) if nodes.cost[node] == cost}
    came: dict[int, tuple[int, int] | None] = {start: None}
    open_nodes = [start]
    arcs = graph.outward
    while open_nodes:
        node = open_nodes.pop()
        if node in goals:
            break
        for arc in range(arcs.ptr[node], arcs.ptr[node + 1]):
            head, cost = (int(value) for value in arcs.head_cost[arc])
            if head not in came and int(nodes.cost[head]) + cost == int(nodes.cost[node]):
                came[head] = (node, int(arcs.edge[arc]))
                open_nodes.append(head)
    steps = []
    while (step := came[node]) is not None:
        before, edge = step
        steps.append((edge, bool(graph.edge_from[edge] == before and graph.edge_forward[edge])))
        node = before
    return steps[::-1]
