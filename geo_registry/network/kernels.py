"""Shortest paths in integers: the nearest facility of everyone, and everyone within a limit of each facility.

People travel to facilities, so searches run from the facilities against the arcs. Both searches are Dijkstra's with
the order within a band of costs left free (delta-stepping, Meyer and Sanders 2003): nodes of the present band wait in
one queue, all others in a pile that is sorted through once a band. That touches memory in order where a heap jumps
about. A node that improves while it waits is not queued twice: the lowest bit of its label says that it waits.

Costs are the graph's integers, decimetres on foot and centiseconds by car. All answers are exact and do not depend on
the order of work: of facilities equally near it is the one with the lowest position.
"""
# ruff: noqa: FBT001, PLR0917  - a compiled kernel takes no keywords
# ruff: noqa: C901, PLR0912, PLR0915  - a search is one loop: cut up, its arrays would not stay in registers

from dataclasses import dataclass

import numpy as np

from geo_registry.network.arrays import Bools, Int32, Int64
from geo_registry.network.compiled import kernel
from geo_registry.network.graph import Graph
from geo_registry.network.snap import NO_EDGE, Snapped

UNREACHABLE_COST = 2**31 - 1
"""The cost where there is no way to any facility."""

UNSNAPPED_COST = 2**31 - 2
"""The cost of a point that lies on no edge."""

NO_FACILITY = -1
"""The facility where there is no way to any."""

UNSNAPPED_FACILITY = -2
"""The facility of a point that lies on no edge."""

MAX_LIMIT = 2**30 - 2
"""The largest limit of a catchment: 107,000 km, or 124 days by car."""

BAND_EDGES = 4
"""A band of costs is this many mean edges wide. On street graphs of 100,000 and a million nodes anything between two
and six is within a tenth of the fastest."""

_COST_BIT = 31
_NEVER = UNSNAPPED_COST << _COST_BIT
_SOURCE_MASK = 2**30 - 1
_NEVER_NEAR = 2**31 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Seeds:
    """Where searches start: `s` sources, each with any number of nodes and what it costs from there to the source.

    Attributes
    ----------
    ptr
        Source `i` has the seeds ``ptr[i]:ptr[i + 1]``, int64, shape (s + 1,).
    node, cost
        int32, shape (seeds,); costs are at least 0.
    """

    ptr: Int64
    node: Int32
    cost: Int32


@dataclass(frozen=True, slots=True, eq=False)
class NodeNearest:
    """The nearest source of every node.

    Attributes
    ----------
    cost
        `UNREACHABLE_COST` where there is no way, int32, shape (n,).
    source
        `NO_FACILITY` where there is no way, int32, shape (n,).
    """

    cost: Int32
    source: Int32


@dataclass(frozen=True, slots=True, eq=False)
class NodeCatchments:
    """All pairs of a source and a node from which it costs at most the limit; a source's nodes in no stated order.

    Attributes
    ----------
    ptr
        Source `i` has the pairs ``ptr[i]:ptr[i + 1]``, int64, shape (s + 1,).
    node, cost
        int32, shape (pairs,).
    """

    ptr: Int64
    node: Int32
    cost: Int32


@dataclass(frozen=True, slots=True, eq=False)
class PointCatchments:
    """All pairs of a facility and a point from which it costs at most the limit; a facility's points in no stated order.

    Attributes
    ----------
    ptr
        Facility `i` has the pairs ``ptr[i]:ptr[i + 1]``, int64, shape (f + 1,).
    point, cost
        int32, shape (pairs,); costs include both access legs.
    """

    ptr: Int64
    point: Int32
    cost: Int32


@dataclass(frozen=True, slots=True, eq=False)
class Legs:
    """Ways between points and the ends of their edges, access legs included: point by point, at most two each."""

    point: Int64
    node: Int32
    cost: Int32


@dataclass(frozen=True, slots=True, eq=False)
class _OnEdges:
    """Points by the edge that they lie on: those of edge `i` begin at ``start[i]`` in `point`, -1 where there are none.

    `edge`, `from_dm`, `from_cost` and `access_cost` are in the order of `point`.
    """

    start: Int32
    point: Int32
    edge: Int32
    from_dm: Int32
    from_cost: Int32
    access_cost: Int32


@kernel("Tuple((int32[::1], int32[::1]))(int32[::1], int32[:, ::1], int32[::1], int32[::1], int32[::1], int64)")
def _nearest(
    ptr: Int32, head_cost: Int32, seed_node: Int32, seed_cost: Int32, seed_source: Int32, band: int
) -> tuple[Int32, Int32]:
    """Cost and source of the nearest seed of each node.

    A label is (cost, source, waiting) in one integer: 32, 30 and 1 bits. Comparing labels then settles ties by the
    lowest source, and one memory access brings all three. A cost below 2^31 plus an edge's below 2^30 has room.
    """
    nodes = ptr.size - 1
    label = np.full(nodes, _NEVER, np.int64)
    size = 1
    while size < nodes:
        size *= 2
    wrap = size - 1
    queue = np.empty(size, np.int32)
    pile = np.empty(nodes, np.int32)
    piled = 0
    for seed in range(seed_node.size):
        node = seed_node[seed]
        new = (np.int64(seed_cost[seed]) << _COST_BIT) | (np.int64(seed_source[seed]) << 1)
        if new < label[node]:
            if label[node] == _NEVER:
                pile[piled] = node
                piled += 1
            label[node] = new
    head = tail = 0
    end = np.int64(0)
    while piled > 0:
        start = end
        end += np.int64(band) << _COST_BIT
        kept = 0
        for i in range(piled):
            node = pile[i]
            if label[node] >= end:
                pile[kept] = node
                kept += 1
            elif label[node] >= start:
                label[node] |= 1
                queue[tail & wrap] = node
                tail += 1
        piled = kept
        while head < tail:
            node = queue[head & wrap]
            head += 1
            here = label[node] & ~1
            label[node] = here
            for arc in range(ptr[node], ptr[node + 1]):
                other = head_cost[arc, 0]
                old = label[other]
                # Waiting or not, the label is less only when cost or source is.
                new = (here + (np.int64(head_cost[arc, 1]) << _COST_BIT)) | 1
                if new >= old:
                    continue
                if new < end:
                    label[other] = new
                    if old & 1 == 0:
                        queue[tail & wrap] = other
                        tail += 1
                else:
                    label[other] = new - 1
                    if old == _NEVER:
                        pile[piled] = other
                        piled += 1
    cost = np.empty(nodes, np.int32)
    source = np.empty(nodes, np.int32)
    for node in range(nodes):
        if label[node] == _NEVER:
            cost[node] = UNREACHABLE_COST
            source[node] = NO_FACILITY
        else:
            cost[node] = label[node] >> _COST_BIT
            source[node] = (label[node] >> 1) & _SOURCE_MASK
    return cost, source


@kernel(
    "int64(int32[::1], int32[:, ::1], int32[::1], int32[::1], int64, int64, int32[::1], int32[::1], int32[::1],"
    " int32[::1])"
)
def _within(
    ptr: Int32,
    head_cost: Int32,
    seed_node: Int32,
    seed_cost: Int32,
    limit: int,
    band: int,
    label: Int32,
    queue: Int32,
    pile: Int32,
    reached: Int32,
) -> int:
    """Label all nodes from which one source costs at most `limit`; how many there are, in `reached`.

    A label is (cost, waiting). Every label must be `_NEVER_NEAR` at the start; the caller resets those in `reached`.
    `queue` has a power of two of elements, at least one a node; `pile` and `reached` have one more than nodes.

    What a branch would do is done by arithmetic: each of the three lists is written at its end, which then moves or
    doesn't. Which way an arc goes can't be predicted, and this takes a third off the time. (In `_nearest` it adds a
    tenth at a million nodes: there the search waits for memory, and a guessed branch lets it run ahead.)
    """
    wrap = queue.size - 1
    count = piled = 0
    for seed in range(seed_node.size):
        node = seed_node[seed]
        if seed_cost[seed] > limit:
            continue
        if label[node] == _NEVER_NEAR:
            pile[piled] = node
            piled += 1
            reached[count] = node
            count += 1
        label[node] = min(label[node], 2 * seed_cost[seed])
    most = 2 * limit + 1
    head = tail = 0
    end = np.int64(0)
    while piled > 0:
        start = end
        end += 2 * band
        kept = 0
        for i in range(piled):
            node = pile[i]
            here = np.int64(label[node])
            pile[kept] = node
            kept += int(here >= end)
            due = int((here >= start) & (here < end))
            label[node] = here | due
            queue[tail & wrap] = node
            tail += due
        piled = kept
        while head < tail:
            node = queue[head & wrap]
            head += 1
            here = np.int64(label[node] & ~1)
            label[node] = here
            for arc in range(ptr[node], ptr[node + 1]):
                other = head_cost[arc, 0]
                old = np.int64(label[other])
                new = (here + 2 * np.int64(head_cost[arc, 1])) | 1
                better = (new < old) & (new <= most)
                near = new < end
                first = better & (old == _NEVER_NEAR)
                label[other] = new - 1 + near if better else old
                reached[count] = other
                count += first
                queue[tail & wrap] = other
                tail += better & near & (first | (old & 1 == 0))
                pile[piled] = other
                piled += first & (not near)
    return count


@kernel("int32[::1](int32[::1], int64, int64)")
def _grown(values: Int32, used: int, needed: int) -> Int32:
    """The array with room for `needed` values, of which `used` are in use."""
    size = values.size
    if needed <= size:
        return values
    while size < needed:
        size *= 2
    grown = np.empty(size, np.int32)
    grown[:used] = values[:used]
    return grown


@kernel(
    "Tuple((int64[::1], int32[::1], int32[::1]))"
    "(int32[::1], int32[:, ::1], int64[::1], int32[::1], int32[::1], int64, int64)"
)
def _node_catchments(
    ptr: Int32, head_cost: Int32, seed_ptr: Int64, seed_node: Int32, seed_cost: Int32, limit: int, band: int
) -> tuple[Int64, Int32, Int32]:
    nodes = ptr.size - 1
    label = np.full(nodes, _NEVER_NEAR, np.int32)
    size = 1
    while size < nodes:
        size *= 2
    queue = np.empty(size, np.int32)
    pile = np.empty(nodes + 1, np.int32)
    reached = np.empty(nodes + 1, np.int32)
    sources = seed_ptr.size - 1
    pair_ptr = np.zeros(sources + 1, np.int64)
    pair_node = np.empty(1024, np.int32)
    pair_cost = np.empty(1024, np.int32)
    for source in range(sources):
        first, past = seed_ptr[source], seed_ptr[source + 1]
        count = _within(
            ptr, head_cost, seed_node[first:past], seed_cost[first:past], limit, band, label, queue, pile, reached
        )
        used = pair_ptr[source]
        pair_node = _grown(pair_node, used, used + count)
        pair_cost = _grown(pair_cost, used, used + count)
        for i in range(count):
            node = reached[i]
            pair_node[used + i] = node
            pair_cost[used + i] = label[node] >> 1
            label[node] = _NEVER_NEAR
        pair_ptr[source + 1] = used + count
    return pair_ptr, pair_node[: pair_ptr[sources]].copy(), pair_cost[: pair_ptr[sources]].copy()


@kernel("int64(int32, int32, int32, int32, boolean, boolean)")
def along_edge(
    demand_dm: int, demand_cost: int, facility_dm: int, facility_cost: int, forward: bool, backward: bool
) -> int:
    """The cost from a point to a facility straight along the edge that both lie on; -1 against its direction."""
    if demand_dm == facility_dm:
        return 0
    if demand_dm < facility_dm:
        return facility_cost - demand_cost if forward else -1
    return demand_cost - facility_cost if backward else -1


@kernel(
    "void(int32[::1], int32[::1], int64[::1], int32[::1], int32[::1],"
    " int32[::1], int32[::1], int32[::1], int32[::1], boolean[::1], boolean[::1],"
    " int32[::1], int32[::1], int32[::1], int32[::1], int32[::1], int32[::1],"
    " int32[::1], int32[::1])"
)
def _nearest_of_points(
    node_cost: Int32,
    node_source: Int32,
    leg_point: Int64,
    leg_node: Int32,
    leg_cost: Int32,
    demand_edge: Int32,
    demand_dm: Int32,
    demand_cost: Int32,
    demand_access: Int32,
    forward: Bools,
    backward: Bools,
    start: Int32,
    facility: Int32,
    facility_edge: Int32,
    facility_dm: Int32,
    facility_cost: Int32,
    facility_access: Int32,
    cost: Int32,
    source: Int32,
) -> None:
    """Fill `cost` and `source` of each point: over the ends of its edge, or straight along the edge."""
    for leg in range(leg_point.size):
        node = leg_node[leg]
        if node_source[node] == NO_FACILITY:
            continue
        point = leg_point[leg]
        total = np.int64(node_cost[node]) + leg_cost[leg]
        if total < cost[point] or (total == cost[point] and node_source[node] < source[point]):
            cost[point] = total
            source[point] = node_source[node]
    for point in range(demand_edge.size):
        edge = demand_edge[point]
        if edge == NO_EDGE:
            cost[point] = UNSNAPPED_COST
            source[point] = UNSNAPPED_FACILITY
            continue
        place = start[edge]
        if place < 0:
            continue
        while place < facility_edge.size and facility_edge[place] == edge:
            along = along_edge(
                demand_dm[point],
                demand_cost[point],
                facility_dm[place],
                facility_cost[place],
                forward[edge],
                backward[edge],
            )
            if along >= 0:
                total = along + demand_access[point] + facility_access[place]
                if total < cost[point] or (total == cost[point] and facility[place] < source[point]):
                    cost[point] = total
                    source[point] = facility[place]
            place += 1


@kernel("Tuple((int32[::1], int32[:, ::1]))(int64, int64[::1], int32[::1], int32[::1])")
def _legs_by_node(nodes: int, leg_point: Int64, leg_node: Int32, leg_cost: Int32) -> tuple[Int32, Int32]:
    """The legs of each node, as rows of (point, cost): a counting sort."""
    ptr = np.zeros(nodes + 1, np.int32)
    for leg in range(leg_node.size):
        ptr[leg_node[leg] + 1] += 1
    for node in range(nodes):
        ptr[node + 1] += ptr[node]
    free = ptr[:nodes].copy()
    point_cost = np.empty((leg_node.size, 2), np.int32)
    for leg in range(leg_node.size):
        row = free[leg_node[leg]]
        free[leg_node[leg]] += 1
        point_cost[row, 0] = leg_point[leg]
        point_cost[row, 1] = leg_cost[leg]
    return ptr, point_cost


@kernel(
    "Tuple((int64[::1], int32[::1], int32[::1]))"
    "(int32[::1], int32[:, ::1], int64[::1], int32[::1], int32[::1], int64, int64, int64,"
    " int32[::1], int32[:, ::1], int32[::1], int32[::1], int32[::1], int32[::1], boolean[::1], boolean[::1],"
    " int32[::1], int32[::1], int32[::1], int32[::1], int32[::1], int32[::1])"
)
def _point_catchments(
    ptr: Int32,
    head_cost: Int32,
    seed_ptr: Int64,
    seed_node: Int32,
    seed_cost: Int32,
    points: int,
    limit: int,
    band: int,
    leg_ptr: Int32,
    leg_point_cost: Int32,
    facility_edge: Int32,
    facility_dm: Int32,
    facility_cost: Int32,
    facility_access: Int32,
    forward: Bools,
    backward: Bools,
    start: Int32,
    point_on: Int32,
    point_edge: Int32,
    point_dm: Int32,
    point_cost: Int32,
    point_access: Int32,
) -> tuple[Int64, Int32, Int32]:
    nodes = ptr.size - 1
    label = np.full(nodes, _NEVER_NEAR, np.int32)
    size = 1
    while size < nodes:
        size *= 2
    queue = np.empty(size, np.int32)
    pile = np.empty(nodes + 1, np.int32)
    reached = np.empty(nodes + 1, np.int32)
    best = np.full(points, _NEVER_NEAR, np.int32)
    met = np.empty(points, np.int32)
    facilities = seed_ptr.size - 1
    pair_ptr = np.zeros(facilities + 1, np.int64)
    pair_point = np.empty(1024, np.int32)
    pair_cost = np.empty(1024, np.int32)
    for facility in range(facilities):
        first, past = seed_ptr[facility], seed_ptr[facility + 1]
        count = _within(
            ptr, head_cost, seed_node[first:past], seed_cost[first:past], limit, band, label, queue, pile, reached
        )
        found = 0
        for i in range(count):
            node = reached[i]
            here = label[node] >> 1
            label[node] = _NEVER_NEAR
            for leg in range(leg_ptr[node], leg_ptr[node + 1]):
                point = leg_point_cost[leg, 0]
                total = np.int64(here) + leg_point_cost[leg, 1]
                if total <= limit and total < best[point]:
                    if best[point] == _NEVER_NEAR:
                        met[found] = point
                        found += 1
                    best[point] = total
        edge = facility_edge[facility]
        place = start[edge] if edge != NO_EDGE else -1
        while 0 <= place < point_edge.size and point_edge[place] == edge:
            point = point_on[place]
            along = along_edge(
                point_dm[place],
                point_cost[place],
                facility_dm[facility],
                facility_cost[facility],
                forward[edge],
                backward[edge],
            )
            total = along + point_access[place] + facility_access[facility]
            if along >= 0 and total <= limit and total < best[point]:
                if best[point] == _NEVER_NEAR:
                    met[found] = point
                    found += 1
                best[point] = total
            place += 1
        used = pair_ptr[facility]
        pair_point = _grown(pair_point, used, used + found)
        pair_cost = _grown(pair_cost, used, used + found)
        for i in range(found):
            point = met[i]
            pair_point[used + i] = point
            pair_cost[used + i] = best[point]
            best[point] = _NEVER_NEAR
        pair_ptr[facility + 1] = used + found
    return pair_ptr, pair_point[: pair_ptr[facilities]].copy(), pair_cost[: pair_ptr[facilities]].copy()


def nearest(graph: Graph, seeds: Seeds) -> NodeNearest:
    """The cost from every node to its nearest source, and which that is; of equally near ones the lowest."""
    source = np.repeat(np.arange(seeds.ptr.size - 1, dtype=np.int32), np.diff(seeds.ptr))
    arcs = graph.inward
    return NodeNearest(*_nearest(arcs.ptr, arcs.head_cost, seeds.node, seeds.cost, source, _band(graph)))


def catchments(graph: Graph, seeds: Seeds, limit_cost: int) -> NodeCatchments:
    """All pairs of a source and a node from which it costs at most `limit_cost`, inclusive.

    The search of `catchment_points` by itself: what peers answer that know nodes only, so that it can be held against
    them, and what a measure of supply at nodes sums over.

    Raises
    ------
    ValueError
        `limit_cost` is above `MAX_LIMIT`.
    """
    arcs = graph.inward
    return NodeCatchments(
        *_node_catchments(
            arcs.ptr, arcs.head_cost, seeds.ptr, seeds.node, seeds.cost, _checked(limit_cost), _band(graph)
        )
    )


def facility_seeds(graph: Graph, facility: Snapped) -> Seeds:
    """Where searches for facilities start: both ends of a facility's edge, as far as its direction allows.

    A facility that is on no edge has no seeds.
    """
    legs = legs_of(graph, facility, arriving=True)
    counts = np.bincount(legs.point, minlength=facility.edge.size)
    return Seeds(ptr=np.concatenate(([0], np.cumsum(counts))), node=legs.node, cost=legs.cost)


def nearest_points(graph: Graph, demand: Snapped, facility: Snapped) -> tuple[Int32, Int32]:
    """What the way to the nearest facility costs from each point, both access legs included, and which one it is.

    The way runs over the ends of the point's and the facility's edges, or straight along the edge if both lie on one.

    Returns
    -------
    cost
        `UNREACHABLE_COST` where there is no way and `UNSNAPPED_COST` for a point on no edge, int32, shape (p,).
    facility
        Position of the facility, of equally near ones the lowest; `NO_FACILITY` and `UNSNAPPED_FACILITY` likewise;
        int32, shape (p,).
    """
    nodes = nearest(graph, facility_seeds(graph, facility))
    legs = legs_of(graph, demand, arriving=False)
    there = _by_edge(graph, facility)
    cost = np.full(demand.edge.size, UNREACHABLE_COST, np.int32)
    source = np.full(demand.edge.size, NO_FACILITY, np.int32)
    _nearest_of_points(
        nodes.cost,
        nodes.source,
        legs.point,
        legs.node,
        legs.cost,
        demand.edge,
        demand.from_dm,
        demand.from_cost,
        demand.access_cost,
        graph.edge_forward,
        graph.edge_backward,
        there.start,
        there.point,
        there.edge,
        there.from_dm,
        there.from_cost,
        there.access_cost,
        cost,
        source,
    )
    return cost, source


def catchment_points(graph: Graph, demand: Snapped, facility: Snapped, limit_cost: int) -> PointCatchments:
    """All pairs of a facility and a point from which it costs at most `limit_cost`, inclusive, access legs included.

    Raises
    ------
    ValueError
        `limit_cost` is above `MAX_LIMIT`.
    """
    seeds = facility_seeds(graph, facility)
    legs = legs_of(graph, demand, arriving=False)
    here = _by_edge(graph, demand)
    return PointCatchments(
        *_point_catchments(
            graph.inward.ptr,
            graph.inward.head_cost,
            seeds.ptr,
            seeds.node,
            seeds.cost,
            demand.edge.size,
            _checked(limit_cost),
            _band(graph),
            *_legs_by_node(graph.nodes, legs.point, legs.node, legs.cost),
            facility.edge,
            facility.from_dm,
            facility.from_cost,
            facility.access_cost,
            graph.edge_forward,
            graph.edge_backward,
            here.start,
            here.point,
            here.edge,
            here.from_dm,
            here.from_cost,
            here.access_cost,
        )
    )


def _checked(limit_cost: int) -> int:
    if limit_cost > MAX_LIMIT:
        message = f"a catchment's limit is at most {MAX_LIMIT}"
        raise ValueError(message)
    return limit_cost


def _band(graph: Graph) -> int:
    """The width of a band of costs."""
    if graph.edges == 0:
        return 1
    return max(1, round(BAND_EDGES * float(graph.edge_cost.mean())))


def legs_of(graph: Graph, points: Snapped, *, arriving: bool) -> Legs:
    """The ways from points to the ends of their edges, or of `arriving` from the ends to the points, with access.

    A point that lies at an end is there, whatever the direction of its edge.
    """
    on = np.flatnonzero(points.on_network)
    edge = points.edge[on]
    up, down = graph.edge_forward[edge], graph.edge_backward[edge]
    by_from = (up if arriving else down) | (points.from_dm[on] == 0)
    by_to = (down if arriving else up) | (points.to_dm[on] == 0)
    # Column 0 is the way over the edge's start, column 1 over its end; flattened they are in the order of points.
    open_ = np.column_stack((by_from, by_to)).ravel()
    node = np.column_stack((graph.edge_from[edge], graph.edge_to[edge])).ravel()
    along = np.column_stack((points.from_cost[on], points.to_cost[on]))
    cost = (along + points.access_cost[on][:, None]).ravel()
    return Legs(point=np.repeat(on, 2)[open_], node=node[open_], cost=cost[open_])


def _by_edge(graph: Graph, points: Snapped) -> _OnEdges:
    on = np.flatnonzero(points.on_network)
    order = on[np.argsort(points.edge[on], kind="stable")].astype(np.int32)
    edge = points.edge[order]
    start = np.full(graph.edges, -1, np.int32)
    first = np.flatnonzero(np.diff(edge, prepend=NO_EDGE))
    start[edge[first]] = first
    return _OnEdges(
        start=start,
        point=order,
        edge=edge,
        from_dm=points.from_dm[order],
        from_cost=points.from_cost[order],
        access_cost=points.access_cost[order],
    )
