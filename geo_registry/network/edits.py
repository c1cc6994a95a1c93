"""What changes for everyone when facilities are closed and added, without searching the whole network again.

A baseline knows the nearest facility of every node. Closing a facility takes its nodes (a connected patch) out and fills
the patch from its rim and from facilities inside it; adding one spreads from its place for as long as it is nearer than
what was there (Dijkstra's search, pruned). Both touch about a facility's share of the network. What was touched is put
back afterwards, so the baseline stays as it was: an answer depends on nothing but the baseline and the list of edits.

Costs and ties are those of `kernels.nearest_points`, exactly.
"""
# ruff: noqa: PLR0917  - a compiled kernel takes no keywords
# ruff: noqa: C901, PLR0912, PLR0915  - a search is one loop: cut up, its arrays would not stay in registers

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

import numpy as np

from geo_registry.network.arrays import Bools, Int32, Int64
from geo_registry.network.compiled import kernel
from geo_registry.network.graph import Graph
from geo_registry.network.kernels import (
    NO_FACILITY,
    UNREACHABLE_COST,
    along_edge,
    facility_seeds,
    legs_of,
    nearest,
    nearest_points,
)
from geo_registry.network.snap import NO_EDGE, Snapped

MOST_ADDED = 1_000
"""Facilities that one edit may add."""

_COST_BIT = 31
_SOURCE_MASK = 2**31 - 1
_NEVER = np.int64(2**62)


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """The points for which an edit changes anything: `c` of them, in rising order.

    Attributes
    ----------
    point
        Position of the point, int32, shape (c,).
    cost
        As in `kernels.nearest_points`, int32, shape (c,).
    facility
        Position of the facility; added ones follow those of the baseline in their order; int32, shape (c,).
    """

    point: Int32
    cost: Int32
    facility: Int32


@kernel("void(int64[::1], int32[::1], int64, int64, int32)")
def _push(keys: Int64, nodes: Int32, size: int, key: int, node: int) -> None:
    """Put one more into a binary heap of `size`; the arrays have room for it."""
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if keys[above] <= key:
            break
        keys[at] = keys[above]
        nodes[at] = nodes[above]
        at = above
    keys[at] = key
    nodes[at] = node


@kernel("void(int64[::1], int32[::1], int64)")
def _drop_first(keys: Int64, nodes: Int32, size: int) -> None:
    """Take the least out of a binary heap of `size`."""
    last = size - 1
    key = keys[last]
    node = nodes[last]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= last:
            break
        if below + 1 < last and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[at] = keys[below]
        nodes[at] = nodes[below]
        at = below
    keys[at] = key
    nodes[at] = node


@kernel(
    "int64(int32[::1], int32[:, ::1], int32[::1], int32[:, ::1], int64[::1], int64[::1], int32[::1], int32[::1],"
    " int32[::1], int32[::1], int32[::1], int32[::1], boolean[::1], int32[::1], int32[::1], int32[::1],"
    " int32[::1], int64[::1], int64[::1], int32[::1])"
)
def _relabel(
    in_ptr: Int32,
    in_head_cost: Int32,
    out_ptr: Int32,
    out_head_cost: Int32,
    label: Int64,
    seed_ptr: Int64,
    seed_node: Int32,
    seed_cost: Int32,
    seed_source: Int32,
    seeds_at: Int32,
    seeds_by_node: Int32,
    closed: Int32,
    is_closed: Bools,
    added_node: Int32,
    added_cost: Int32,
    added_source: Int32,
    touched: Int32,
    before: Int64,
    keys: Int64,
    heap: Int32,
) -> int:
    """Bring labels up to date with an edit; how many nodes were touched: they are in `touched`, their labels in `before`.

    A label is (cost, source) in one integer, so the lesser label wins and ties go to the lowest source. A negative
    label is one of this edit: it is written as its complement until the end, which tells touched nodes from others.
    """
    count = 0
    # The patches of what is closed: each is connected from its facility's seeds.
    for position in range(closed.size):
        source = closed[position]
        for seed in range(seed_ptr[source], seed_ptr[source + 1]):
            node = seed_node[seed]
            if label[node] >= 0 and label[node] != _NEVER and label[node] & _SOURCE_MASK == source:
                touched[count] = node
                before[count] = label[node]
                label[node] = ~_NEVER
                count += 1
    at = 0
    while at < count:
        node = touched[at]
        source = before[at] & _SOURCE_MASK
        at += 1
        for arc in range(in_ptr[node], in_ptr[node + 1]):
            other = in_head_cost[arc, 0]
            if label[other] >= 0 and label[other] != _NEVER and label[other] & _SOURCE_MASK == source:
                touched[count] = other
                before[count] = label[other]
                label[other] = ~_NEVER
                count += 1
    # From their rims, and from facilities inside them.
    size = 0
    for at in range(count):
        node = touched[at]
        best = _NEVER
        for arc in range(out_ptr[node], out_ptr[node + 1]):
            there = label[out_head_cost[arc, 0]]
            if 0 <= there < _NEVER:
                best = min(best, there + (np.int64(out_head_cost[arc, 1]) << _COST_BIT))
        for place in range(seeds_at[node], seeds_at[node + 1]):
            seed = seeds_by_node[place]
            if not is_closed[seed_source[seed]]:
                best = min(best, (np.int64(seed_cost[seed]) << _COST_BIT) | np.int64(seed_source[seed]))
        if best < _NEVER:
            label[node] = ~best
            _push(keys, heap, size, best, node)  # type: ignore[arg-type]
            size += 1
    for seed in range(added_node.size):
        node = added_node[seed]
        new = (np.int64(added_cost[seed]) << _COST_BIT) | np.int64(added_source[seed])
        old = label[node]
        if old >= 0:
            if new >= old:
                continue
            touched[count] = node
            before[count] = old
            count += 1
        elif new >= ~old:
            continue
        label[node] = ~new
        _push(keys, heap, size, new, node)  # type: ignore[arg-type]
        size += 1
    while size > 0:
        here = keys[0]
        node = heap[0]
        _drop_first(keys, heap, size)
        size -= 1
        if ~label[node] != here:
            continue
        for arc in range(in_ptr[node], in_ptr[node + 1]):
            other = in_head_cost[arc, 0]
            new = here + (np.int64(in_head_cost[arc, 1]) << _COST_BIT)
            old = label[other]
            if old >= 0:
                if new >= old:
                    continue
                touched[count] = other
                before[count] = old
                count += 1
            elif new >= ~old:
                continue
            label[other] = ~new
            _push(keys, heap, size, new, other)
            size += 1
    for at in range(count):
        label[touched[at]] = ~label[touched[at]]
    return count


@kernel(
    "int64(int32[::1], int64[::1], int32[::1], int32[::1], int32[::1], int32[::1], int32[::1],"
    " int32[::1], int32[::1], int32[::1], int32[:, ::1], int32[::1], int32[::1], int32[:, ::1], int32[:, ::1],"
    " boolean[::1], boolean[::1], boolean[::1], int32[::1], int32[::1], boolean[::1], int32[::1], int32[::1], int32[::1])"
)
def _points_of(
    touched: Int32,
    label: Int64,
    edited_edges: Int32,
    points_at_node: Int32,
    points_by_node: Int32,
    points_at_edge: Int32,
    points_by_edge: Int32,
    leg_ptr: Int32,
    leg_node: Int32,
    leg_cost: Int32,
    demand: Int32,
    facilities_at_edge: Int32,
    facilities_by_edge: Int32,
    facility: Int32,
    added: Int32,
    is_closed: Bools,
    forward: Bools,
    backward: Bools,
    base_cost: Int32,
    base_facility: Int32,
    met: Bools,
    point_out: Int32,
    cost_out: Int32,
    facility_out: Int32,
) -> int:
    """How many points change; they are in the three arrays `…_out`. `met` is false everywhere, before and after."""
    found = 0
    for at in range(touched.size):
        node = touched[at]
        for place in range(points_at_node[node], points_at_node[node + 1]):
            point = points_by_node[place]
            if not met[point]:
                met[point] = True
                point_out[found] = point
                found += 1
    for at in range(edited_edges.size):
        edge = edited_edges[at]
        for place in range(points_at_edge[edge], points_at_edge[edge + 1]):
            point = points_by_edge[place]
            if not met[point]:
                met[point] = True
                point_out[found] = point
                found += 1
    changed = 0
    for at in range(found):
        point = point_out[at]
        met[point] = False
        cost = np.int64(UNREACHABLE_COST)
        source = np.int64(NO_FACILITY)
        for leg in range(leg_ptr[point], leg_ptr[point + 1]):
            there = label[leg_node[leg]]
            if there == _NEVER:
                continue
            total = (there >> _COST_BIT) + leg_cost[leg]
            who = there & _SOURCE_MASK
            if total < cost or (total == cost and who < source):
                cost = total
                source = who
        edge = demand[point, 0]
        first = facilities_at_edge[edge]
        on_edge = facilities_at_edge[edge + 1] - first
        for place in range(on_edge + added.shape[0]):
            if place < on_edge:
                who = np.int64(facilities_by_edge[first + place])
                if is_closed[who]:
                    continue
                dm, along_cost, access = facility[who, 1], facility[who, 2], facility[who, 3]
            else:
                if added[place - on_edge, 0] != edge:
                    continue
                who = np.int64(facility.shape[0] + place - on_edge)
                dm = added[place - on_edge, 1]
                along_cost = added[place - on_edge, 2]
                access = added[place - on_edge, 3]
            along = along_edge(demand[point, 1], demand[point, 2], dm, along_cost, forward[edge], backward[edge])
            if along < 0:
                continue
            total = along + demand[point, 3] + access
            if total < cost or (total == cost and who < source):
                cost = total
                source = who
        if cost != base_cost[point] or source != base_facility[point]:
            point_out[changed] = point
            cost_out[changed] = cost
            facility_out[changed] = source
            changed += 1
    return changed


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """Things by the number they belong to: those of number `i` are ``members[ptr[i]:ptr[i + 1]]``."""

    ptr: Int32
    members: Int32


def _grouped(number: Int32, numbers: int) -> _Groups:
    """The positions of `number` by its values, all of which are in ``0..numbers - 1``, or `NO_EDGE` and left out."""
    there = np.flatnonzero(number != NO_EDGE)
    ptr = np.concatenate(([0], np.cumsum(np.bincount(number[there], minlength=numbers))))
    order = there[np.argsort(number[there], kind="stable")]
    return _Groups(ptr=ptr.astype(np.int32), members=order.astype(np.int32))


def _rows(points: Snapped) -> Int32:
    """Edge, decimetres from its start, cost from there, access cost: what ways along an edge are computed from."""
    rows: Int32 = np.ascontiguousarray(
        np.column_stack((points.edge, points.from_dm, points.from_cost, points.access_cost)), dtype=np.int32
    )
    return rows


@dataclass(frozen=True, slots=True, eq=False)
class _Scratch:
    """What one search writes on; given back as it was taken."""

    label: Int64
    touched: Int32
    before: Int64
    keys: Int64
    heap: Int32
    met: Bools
    point: Int32
    cost: Int32
    facility: Int32


class Baseline:
    """The nearest facility of everyone, ready to be asked what an edit would change; any number of threads may ask.

    Attributes
    ----------
    cost, facility
        As `kernels.nearest_points` gives them, int32, shape (p,).
    """

    def __init__(self, graph: Graph, demand: Snapped, facility: Snapped) -> None:
        self._graph = graph
        self._seeds = facility_seeds(graph, facility)
        self._seed_source = np.repeat(
            np.arange(self._seeds.ptr.size - 1, dtype=np.int32), np.diff(self._seeds.ptr)
        ).astype(np.int32)
        nodes = nearest(graph, self._seeds)
        self._label = np.where(
            nodes.source == NO_FACILITY, _NEVER, (nodes.cost.astype(np.int64) << _COST_BIT) | nodes.source
        )
        self.cost, self.facility = nearest_points(graph, demand, facility)
        legs = legs_of(graph, demand, arriving=False)
        self._legs = legs
        self._leg_ptr = np.searchsorted(legs.point, np.arange(demand.edge.size + 1)).astype(np.int32)
        by_node = _grouped(legs.node, graph.nodes)
        self._points_at_node = by_node.ptr
        self._points_by_node = legs.point[by_node.members].astype(np.int32)
        self._points_on = _grouped(demand.edge, graph.edges)
        self._facilities_on = _grouped(facility.edge, graph.edges)
        self._seeds_at = _grouped(self._seeds.node, graph.nodes)
        self._demand = _rows(demand)
        self._facility = _rows(facility)
        self._free: list[_Scratch] = []
        self._lock = Lock()

    def edited(self, closed: Int64, added: Snapped) -> Changes:
        """For whom something changes when the facilities at the positions `closed` close and those of `added` open.

        Moving a facility is closing it and adding it elsewhere. What is the same as before isn't listed.
        """
        graph, seeds = self._graph, facility_seeds(self._graph, added)
        facilities = self._facility.shape[0]
        gone = np.unique(closed).astype(np.int32)
        is_closed = np.zeros(facilities, np.bool_)
        is_closed[gone] = True
        source = facilities + np.repeat(np.arange(added.edge.size, dtype=np.int32), np.diff(seeds.ptr))
        edges = np.concatenate((self._facility[gone, 0], added.edge))
        with self._scratch() as own:
            count = _relabel(
                graph.inward.ptr,
                graph.inward.head_cost,
                graph.outward.ptr,
                graph.outward.head_cost,
                own.label,
                self._seeds.ptr,
                self._seeds.node,
                self._seeds.cost,
                self._seed_source,
                self._seeds_at.ptr,
                self._seeds_at.members,
                gone,
                is_closed,
                seeds.node,
                seeds.cost,
                source.astype(np.int32),
                own.touched,
                own.before,
                own.keys,
                own.heap,
            )
            touched = own.touched[:count]
            changed = _points_of(
                touched,
                own.label,
                edges[edges != NO_EDGE].astype(np.int32),
                self._points_at_node,
                self._points_by_node,
                self._points_on.ptr,
                self._points_on.members,
                self._leg_ptr,
                self._legs.node,
                self._legs.cost,
                self._demand,
                self._facilities_on.ptr,
                self._facilities_on.members,
                self._facility,
                _rows(added),
                is_closed,
                graph.edge_forward,
                graph.edge_backward,
                self.cost,
                self.facility,
                own.met,
                own.point,
                own.cost,
                own.facility,
            )
            own.label[touched] = own.before[:count]
            order = np.argsort(own.point[:changed])
            return Changes(own.point[order], own.cost[order], own.facility[order])

    @contextmanager
    def _scratch(self) -> Iterator[_Scratch]:
        with self._lock:
            own = self._free.pop() if self._free else None
        if own is None:
            own = self._new_scratch()
        yield own
        # Not after an exception: what it wrote may still stand there.
        with self._lock:
            self._free.append(own)

    def _new_scratch(self) -> _Scratch:
        nodes, points = self._graph.nodes, self.cost.size
        # Every push is of a label that an arc, a seed or a patch's node improved; memory that isn't written isn't used.
        pushes = self._graph.inward.head_cost.shape[0] + 3 * nodes + MOST_ADDED
        return _Scratch(
            label=self._label.copy(),
            touched=np.empty(nodes, np.int32),
            before=np.empty(nodes, np.int64),
            keys=np.empty(pushes, np.int64),
            heap=np.empty(pushes, np.int32),
            met=np.zeros(points, np.bool_),
            point=np.empty(points, np.int32),
            cost=np.empty(points, np.int32),
            facility=np.empty(points, np.int32),
        )
