"""Roads as a graph: nodes in Hilbert order, edges in integer decimetres, arcs as compressed rows.

`compile_graph` is the one way to make a `Graph`. It is pure: the same roads give the same arrays, byte for byte.

The arithmetic, so that another computation can agree with this one to the last person: vertices that are equal when
rounded to 1e-7 degree are one place; a node is the end of a road or a place that is used more than once; an edge is
the piece of a road between two nodes; its length is the sum of its pieces' geodesics on the CGCS2000 ellipsoid,
rounded half up, once, to decimetres.
"""
# ruff: noqa: PLR0917  - a compiled kernel takes no keywords

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_registry.errors import RoadUnusable
from geo_registry.network.access import drive_speed_kmh
from geo_registry.network.arrays import Bools, Float64, Int8, Int16, Int32, Int64, UInt64
from geo_registry.network.compiled import kernel
from geo_registry.network.geodesic import along_lines_m, rounded_dm
from geo_registry.network.grid import Grid, build_grid
from geo_registry.network.hilbert import UNITS_PER_DEG, place_indexes
from geo_registry.vocabulary import TravelMode

CENTISECONDS_KMH_PER_DM = 36
"""Centiseconds that a decimetre takes at 1 km/h: 0.1 m ÷ (1/3.6 m/s) = 0.36 s."""

MAX_EDGE_COST = 2**30
"""The largest cost of one edge: with it no sum of the kernels leaves 32 bits before they notice."""


@dataclass(frozen=True, slots=True, eq=False)
class RoadLines:
    """Roads as flat arrays: `r` roads with `v` vertices.

    Attributes
    ----------
    road_fid
        The roads' own numbers, int64, shape (r,).
    highway
        OSM's class words, shape (r,).
    oneway
        int8, shape (r,): 1 along the line, -1 against it, 0 both ways; it binds vehicles only.
    maxspeed_kmh
        int16, shape (r,); 0 where no limit is known.
    foot, motor
        Which mode may use the road, shape (r,).
    vertex_ptr
        Road `i` has the vertices ``vertex_ptr[i]:vertex_ptr[i + 1]``, int64, shape (r + 1,).
    lon, lat
        Degrees of EPSG:4490, float64, shape (v,).
    """

    road_fid: Int64
    highway: npt.NDArray[np.str_]
    oneway: Int8
    maxspeed_kmh: Int16
    foot: Bools
    motor: Bools
    vertex_ptr: Int64
    lon: Float64
    lat: Float64

    def __post_init__(self) -> None:
        roads = self.road_fid.size
        by_road = (self.highway, self.oneway, self.maxspeed_kmh, self.foot, self.motor)
        if any(column.shape != (roads,) for column in by_road) or self.vertex_ptr.shape != (roads + 1,):
            raise ValueError("every column of roads must have one value a road")
        vertices = self.lon.size
        if self.lat.shape != (vertices,) or self.vertex_ptr[0] != 0 or self.vertex_ptr[-1] != vertices:
            raise ValueError("vertex_ptr must divide all vertices")


@dataclass(frozen=True, slots=True, eq=False)
class Barriers:
    """Points that a mode can't pass, degrees of EPSG:4490, every array of shape (b,)."""

    lon: Float64
    lat: Float64
    foot_blocked: Bools
    motor_blocked: Bools


def no_barriers() -> Barriers:
    """Barriers of roads that have none."""
    return Barriers(np.empty(0), np.empty(0), np.empty(0, np.bool_), np.empty(0, np.bool_))


@dataclass(frozen=True, slots=True, eq=False)
class Arcs:
    """Edges as seen from their nodes: compressed rows of `a` arcs over `n` nodes.

    Attributes
    ----------
    ptr
        Node `u` has the arcs ``ptr[u]:ptr[u + 1]``, int32, shape (n + 1,).
    head_cost
        Where an arc leads and what it costs, side by side so that one memory access brings both; int32, shape (a, 2).
    edge
        The edge that an arc runs along, int32, shape (a,).
    """

    ptr: Int32
    head_cost: Int32
    edge: Int32


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """A compiled road graph of one mode: `n` nodes, `e` edges, `v` shape vertices.

    Costs are decimetres for walking and centiseconds for driving.

    Attributes
    ----------
    node_lon, node_lat
        Degrees of EPSG:4490 rounded to 1e-7, float64, shape (n,). Nodes are in Hilbert order.
    node_component
        The weakly connected component of each node, numbered from 0 by its first node, int32, shape (n,).
    edge_from, edge_to
        The nodes that an edge joins, in the direction that its road is drawn; int32, shape (e,). Edges are in the
        order of `edge_from`. Two edges may join the same nodes, and an edge may return to its own.
    edge_length_dm, edge_cost
        int32, shape (e,).
    edge_forward, edge_backward
        Whether the mode may travel the edge from `edge_from` to `edge_to`, and the other way; shape (e,).
    edge_speed_kmh
        What driving costs are computed with, int16, shape (e,); 0 for walking.
    edge_road
        The `road_fid` of the edge's road, int64, shape (e,).
    shape_ptr
        Edge `i` is drawn by the vertices ``shape_ptr[i]:shape_ptr[i + 1]``, int64, shape (e + 1,).
    shape_lon, shape_lat
        Degrees of EPSG:4490 as the road has them, float64, shape (v,).
    shape_along_m
        Geodesic length from the edge's start, not rounded, float64, shape (v,).
    shape_edge
        The edge that a vertex belongs to, int32, shape (v,).
    outward, inward
        The arcs that leave a node, and those that arrive (`head_cost` then names where they come from). Walking, both
        are the same arrays.
    grid
        Which pieces of edges lie where.
    """

    mode: TravelMode
    node_lon: Float64
    node_lat: Float64
    node_component: Int32
    edge_from: Int32
    edge_to: Int32
    edge_length_dm: Int32
    edge_cost: Int32
    edge_forward: Bools
    edge_backward: Bools
    edge_speed_kmh: Int16
    edge_road: Int64
    shape_ptr: Int64
    shape_lon: Float64
    shape_lat: Float64
    shape_along_m: Float64
    shape_edge: Int32
    outward: Arcs
    inward: Arcs
    grid: Grid

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return self.node_lon.size

    @property
    def edges(self) -> int:
        """How many edges there are."""
        return self.edge_from.size

    @property
    def components(self) -> int:
        """How many weakly connected components there are."""
        return int(self.node_component.max(initial=-1)) + 1

    @property
    def largest_component_share(self) -> float:
        """The share of nodes that lie in the largest component, 0 for an empty graph."""
        return float(self.component_nodes().max(initial=0)) / max(self.nodes, 1)

    def component_nodes(self) -> Int64:
        """How many nodes each component has, int64, shape (components,)."""
        return np.bincount(self.node_component, minlength=self.components)


def compile_graph(roads: RoadLines, barriers: Barriers, mode: TravelMode) -> Graph:
    """Compile the roads that `mode` may use.

    Vertices of one road that follow each other at the same place (to 1e-7 degree) count once, and a road that is only
    one place is left out. At a barrier that blocks the mode every road ends in a node of its own: one can come up to
    it from each side and not pass.

    Raises
    ------
    RoadUnusable
        A road's coordinates are no place on Earth, or an edge costs more than 32 bits hold.
    """
    used = roads.foot if mode is TravelMode.WALK else roads.motor
    _refuse_impossible_places(roads, used)
    lines = _lines_of_distinct_places(roads, used)
    places = _places(lines, barriers, mode)
    first, last, line = _cut_at_nodes(lines.vertex_ptr, places.of_vertex, places.is_node)
    node_ptr = _node_ptr(first, last, places)
    end_node = _number_ends(first, last, places.of_vertex, node_ptr, places.is_blocked)
    order = np.argsort(end_node[0], kind="stable")
    first, last, line = first[order], last[order], line[order]
    edge_from, edge_to = end_node[0][order], end_node[1][order]

    shape_ptr = np.concatenate(([0], np.cumsum(last - first + 1)))
    taken, shape_edge = _shape_vertices(first, shape_ptr)
    shape_lon, shape_lat = lines.lon[taken], lines.lat[taken]
    shape_along_m = along_lines_m(shape_ptr, shape_lon, shape_lat)
    edge_road = roads.road_fid[lines.road[line]]
    length_dm = rounded_dm(shape_along_m[shape_ptr[1:] - 1])
    speed_kmh = _speeds_kmh(roads, lines.road, mode)[line]
    cost = edge_costs(length_dm, speed_kmh)
    too_long = np.flatnonzero((cost > MAX_EDGE_COST) | (length_dm > MAX_EDGE_COST))
    if too_long.size:
        raise RoadUnusable(road=int(edge_road[too_long[0]]), reason_zh="过长", reason_en="too long")

    oneway = roads.oneway[lines.road[line]] if mode is TravelMode.DRIVE else np.zeros(line.size, np.int8)
    forward, backward = oneway >= 0, oneway <= 0
    edge_cost = cost.astype(np.int32)
    nodes = int(node_ptr[-1])
    outward = _arcs(nodes, edge_from, edge_to, edge_cost, forward, backward)
    inward = outward if mode is TravelMode.WALK else _arcs(nodes, edge_to, edge_from, edge_cost, forward, backward)
    vertex_of_node = np.repeat(places.a_vertex, np.diff(node_ptr))
    return Graph(
        mode=mode,
        node_lon=_rounded_deg(lines.lon[vertex_of_node]),
        node_lat=_rounded_deg(lines.lat[vertex_of_node]),
        node_component=_components(nodes, edge_from, edge_to),
        edge_from=edge_from,
        edge_to=edge_to,
        edge_length_dm=length_dm.astype(np.int32),
        edge_cost=edge_cost,
        edge_forward=forward,
        edge_backward=backward,
        edge_speed_kmh=speed_kmh,
        edge_road=edge_road,
        shape_ptr=shape_ptr,
        shape_lon=shape_lon,
        shape_lat=shape_lat,
        shape_along_m=shape_along_m,
        shape_edge=shape_edge,
        outward=outward,
        inward=inward,
        grid=build_grid(shape_ptr, shape_lon, shape_lat),
    )


def edge_costs(length_dm: Int64, speed_kmh: Int16) -> Int64:
    """What lengths cost, shape (n,): decimetres where the speed is 0 (walking), else centiseconds rounded half up."""
    doubled = 2 * np.maximum(speed_kmh.astype(np.int64), 1)
    centiseconds = (2 * CENTISECONDS_KMH_PER_DM * length_dm + doubled // 2) // doubled
    return np.where(speed_kmh == 0, length_dm, centiseconds)


def _refuse_impossible_places(roads: RoadLines, used: Bools) -> None:
    # `not <=` also catches NaN.
    impossible = ~((np.abs(roads.lon) <= 180) & (np.abs(roads.lat) <= 90))
    if not impossible.any():
        return
    road = _road_of_vertex(roads.vertex_ptr, np.flatnonzero(impossible))
    refused = road[used[road]]
    if refused.size:
        raise RoadUnusable(
            road=int(roads.road_fid[refused[0]]), reason_zh="坐标不是经纬度", reason_en="not at degrees on Earth"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """The roads of the mode, without repeated vertices: `road` is each one's position in `RoadLines`."""

    road: Int64
    vertex_ptr: Int64
    lon: Float64
    lat: Float64
    place_index: UInt64


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """The distinct places of all vertices in Hilbert order: the place of each vertex, and a vertex of each place."""

    of_vertex: Int64
    a_vertex: Int64
    is_node: Bools
    is_blocked: Bools


def _lines_of_distinct_places(roads: RoadLines, used: Bools) -> _Lines:
    sizes = np.diff(roads.vertex_ptr)
    if used.all():
        lon, lat, kept_sizes = roads.lon, roads.lat, sizes
    else:
        vertex_used = np.repeat(used, sizes)
        lon, lat, kept_sizes = roads.lon[vertex_used], roads.lat[vertex_used], sizes[used]
    road = np.flatnonzero(used)
    vertex_ptr = np.concatenate(([0], np.cumsum(kept_sizes)))
    index = place_indexes(lon, lat)
    kept = _keep_distinct(vertex_ptr, index)
    if not kept.all():
        road_of_kept = np.repeat(np.arange(road.size), kept_sizes)[kept]
        distinct = np.bincount(road_of_kept, minlength=road.size)
        road = road[distinct > 0]
        vertex_ptr = np.concatenate(([0], np.cumsum(distinct[distinct > 0])))
        lon, lat, index = lon[kept], lat[kept], index[kept]
    return _Lines(road=road, vertex_ptr=vertex_ptr, lon=lon, lat=lat, place_index=index)


@kernel("boolean[::1](int64[::1], uint64[::1])")
def _keep_distinct(vertex_ptr: Int64, index: UInt64) -> Bools:
    """Which vertices differ from the one before them; none of a line that is one place."""
    kept = np.empty(index.size, np.bool_)
    for line in range(vertex_ptr.size - 1):
        first, end = vertex_ptr[line], vertex_ptr[line + 1]
        distinct = 0
        for vertex in range(first, end):
            kept[vertex] = vertex == first or index[vertex] != index[vertex - 1]
            distinct += kept[vertex]
        if distinct == 1:
            kept[first] = False
    return kept


def _places(lines: _Lines, barriers: Barriers, mode: TravelMode) -> _Places:
    order = np.argsort(lines.place_index)
    of_vertex, a_vertex, is_node = _group(lines.vertex_ptr, lines.place_index, order)
    blocked = barriers.foot_blocked if mode is TravelMode.WALK else barriers.motor_blocked
    blocked_index = np.unique(place_indexes(barriers.lon[blocked], barriers.lat[blocked]))
    is_blocked = np.zeros_like(is_node)
    if blocked_index.size:
        is_blocked = np.isin(lines.place_index[a_vertex], blocked_index)
    return _Places(of_vertex=of_vertex, a_vertex=a_vertex, is_node=is_node | is_blocked, is_blocked=is_blocked)


@kernel("Tuple((int64[::1], int64[::1], boolean[::1]))(int64[::1], uint64[::1], int64[::1])")
def _group(vertex_ptr: Int64, index: UInt64, order: Int64) -> tuple[Int64, Int64, Bools]:
    """Group vertices of one place, given in `order` of their index.

    The place of each vertex, a vertex of each place, and whether a place is used twice or is the end of a line.
    """
    of_vertex = np.empty(order.size, np.int64)
    a_vertex = np.empty(order.size, np.int64)
    is_node = np.zeros(order.size, np.bool_)
    places = 0
    for i in range(order.size):
        vertex = order[i]
        if i > 0 and index[vertex] == index[order[i - 1]]:
            is_node[places - 1] = True
        else:
            a_vertex[places] = vertex
            places += 1
        of_vertex[vertex] = places - 1
    for line in range(vertex_ptr.size - 1):
        is_node[of_vertex[vertex_ptr[line]]] = True
        is_node[of_vertex[vertex_ptr[line + 1] - 1]] = True
    return of_vertex, a_vertex[:places].copy(), is_node[:places].copy()


def _rounded_deg(degrees: Float64) -> Float64:
    return np.floor(degrees * UNITS_PER_DEG + 0.5) / UNITS_PER_DEG


def _road_of_vertex(vertex_ptr: Int64, vertex: Int64) -> Int64:
    """The road that each vertex belongs to, int64, shape of `vertex`."""
    return np.searchsorted(vertex_ptr, vertex, side="right") - 1


@kernel("UniTuple(int64[::1], 3)(int64[::1], int64[::1], boolean[::1])")
def _cut_at_nodes(vertex_ptr: Int64, place: Int64, is_node: Bools) -> tuple[Int64, Int64, Int64]:
    """Cut lines at nodes: the first and the last vertex of every piece and its line, in the lines' order."""
    edges = 0
    for line in range(vertex_ptr.size - 1):
        for vertex in range(vertex_ptr[line] + 1, vertex_ptr[line + 1]):
            edges += is_node[place[vertex]]
    first = np.empty(edges, np.int64)
    last = np.empty(edges, np.int64)
    line_of = np.empty(edges, np.int64)
    edge = 0
    for line in range(vertex_ptr.size - 1):
        start = vertex_ptr[line]
        for vertex in range(start + 1, vertex_ptr[line + 1]):
            if is_node[place[vertex]]:
                first[edge] = start
                last[edge] = vertex
                line_of[edge] = line
                start = vertex
                edge += 1
    return first, last, line_of


def _node_ptr(first: Int64, last: Int64, places: _Places) -> Int64:
    """Number the nodes of the places in their order: one each, and at a barrier one for every end of an edge."""
    nodes = places.is_node.astype(np.int64)
    if places.is_blocked.any():
        ends = np.bincount(places.of_vertex[np.concatenate((first, last))], minlength=nodes.size)
        nodes = np.where(places.is_blocked, ends, nodes)
    return np.concatenate(([0], np.cumsum(nodes)))


@kernel("int32[:, ::1](int64[::1], int64[::1], int64[::1], int64[::1], boolean[::1])")
def _number_ends(first: Int64, last: Int64, place: Int64, node_ptr: Int64, is_blocked: Bools) -> Int32:
    """The node of each edge's start and end, shape (2, e)."""
    node = np.empty((2, first.size), np.int32)
    taken = np.zeros(node_ptr.size - 1, np.int32)
    for edge in range(first.size):
        for end in range(2):
            at = place[first[edge]] if end == 0 else place[last[edge]]
            node[end, edge] = node_ptr[at] + taken[at]
            if is_blocked[at]:
                taken[at] += 1
    return node


@kernel("Tuple((int64[::1], int32[::1]))(int64[::1], int64[::1])")
def _shape_vertices(first: Int64, shape_ptr: Int64) -> tuple[Int64, Int32]:
    """Which vertex each shape vertex is, and the edge that it belongs to."""
    taken = np.empty(shape_ptr[-1], np.int64)
    edge_of = np.empty(shape_ptr[-1], np.int32)
    for edge in range(first.size):
        for position in range(shape_ptr[edge], shape_ptr[edge + 1]):
            taken[position] = first[edge] + position - shape_ptr[edge]
            edge_of[position] = edge
    return taken, edge_of


def _speeds_kmh(roads: RoadLines, road: Int64, mode: TravelMode) -> Int16:
    """The speed that driving on each road is counted with; 0 for walking."""
    if mode is TravelMode.WALK:
        return np.zeros(road.size, np.int16)
    # Few roads differ in both class and limit: each pair that occurs is looked up once.
    words = roads.highway[road].tolist()
    code = {word: position for position, word in enumerate(dict.fromkeys(words))}
    of_road = np.fromiter(map(code.__getitem__, words), np.int64, len(words)) << 16 | roads.maxspeed_kmh[road]
    pairs, position = np.unique(of_road, return_inverse=True)
    known = list(code)
    speed = [drive_speed_kmh(known[pair >> 16], pair & 0xFFFF or None) for pair in pairs.tolist()]
    return np.array(speed, np.int16)[position]


@kernel(
    "Tuple((int32[::1], int32[:, ::1], int32[::1]))(int64, int32[::1], int32[::1], int32[::1], boolean[::1], boolean[::1])"
)
def _rows(
    nodes: int, tail: Int32, head: Int32, cost: Int32, forward: Bools, backward: Bools
) -> tuple[Int32, Int32, Int32]:
    """Arcs in the order of the node that they belong to, then of their edge: a counting sort."""
    ptr = np.zeros(nodes + 1, np.int32)
    for edge in range(tail.size):
        ptr[tail[edge] + 1] += forward[edge]
        ptr[head[edge] + 1] += backward[edge]
    for node in range(nodes):
        ptr[node + 1] += ptr[node]
    head_cost = np.empty((ptr[nodes], 2), np.int32)
    arc_edge = np.empty(ptr[nodes], np.int32)
    free = ptr[:nodes].copy()
    for edge in range(tail.size):
        if forward[edge]:
            arc = free[tail[edge]]
            free[tail[edge]] += 1
            head_cost[arc, 0] = head[edge]
            head_cost[arc, 1] = cost[edge]
            arc_edge[arc] = edge
        if backward[edge]:
            arc = free[head[edge]]
            free[head[edge]] += 1
            head_cost[arc, 0] = tail[edge]
            head_cost[arc, 1] = cost[edge]
            arc_edge[arc] = edge
    return ptr, head_cost, arc_edge


def _arcs(nodes: int, tail: Int32, head: Int32, cost: Int32, forward: Bools, backward: Bools) -> Arcs:
    return Arcs(*_rows(nodes, tail, head, cost, forward, backward))


@kernel("int32[::1](int64, int32[::1], int32[::1])")
def _components(nodes: int, edge_from: Int32, edge_to: Int32) -> Int32:
    """The weakly connected component of each node, numbered by first node: union-find with path halving."""
    parent = np.arange(nodes).astype(np.int32)
    for edge in range(edge_from.size):
        a, b = edge_from[edge], edge_to[edge]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        # The root is the lowest node, so numbering in order meets it first.
        if a < b:
            parent[b] = a
        elif b < a:
            parent[a] = b
    component = np.empty(nodes, np.int32)
    components = 0
    for node in range(nodes):
        if parent[node] == node:
            component[node] = components
            components += 1
        else:
            component[node] = component[parent[node]]
    return component
