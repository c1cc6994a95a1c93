"""Roads that no name covers, joined into whole lanes by village. Pure: arrays in, arrays out, the same every time.

A lane runs on where a road goes straight on: at a crossing within `CROSSING_DEG`, at a mere bend farther. It is of one
class, and of one division: a road that crosses a border is cut there, unless only a small part of it lies beyond.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import shapely

from geo_registry.jobs.progress import Progress, unheard
from geo_registry.network.arrays import Bools, Float64, Int64
from geo_registry.network.chains import chain_vertices, chains, end_bearings_deg, partners
from geo_registry.network.geodesic import along_lines_m
from geo_registry.network.graph import Graph
from geo_registry.unnamed.covering import covered
from geo_registry.unnamed.measured import Measured
from geo_registry.unnamed.plane import Lines, in_metres

CLASSES: Mapping[str, int] = MappingProxyType(
    {
        "tertiary": 1,
        "unclassified": 2,
        "residential": 2,
        "living_street": 2,
        "road": 2,
        "pedestrian": 3,
        "service": 4,
        "track": 5,
    }
)
"""Roads that a village names, and which go on into one another: sources change between those of one number as they like.

Not those above, which the road authority names by number (公路, 条例 art. 12); nor paths, which run beside roads.
"""
CROSSING_DEG = 45.0
JOINT_DEG = 120.0
"""A road that only bends may turn back on itself no farther."""
ALONG_M = 15.0
"""How far from a crossing a road's direction is taken."""
SHORTEST_M = 40.0
"""What is shorter is a way into a yard."""
SMALL_SHARE, SMALL_M = 0.1, 30.0
"""What lies beyond a border stays with the rest, when it is no more than this share of a road, or than so many metres."""
NOWHERE = -1

Texts = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Shortest:
    """What is looked for."""

    shortest_m: float = SHORTEST_M
    crossing_deg: float = CROSSING_DEG
    joint_deg: float = JOINT_DEG


@dataclass(frozen=True, slots=True, eq=False)
class Roads:
    """What the engine asks of each edge of a graph, shape (e,)."""

    highway: Texts
    """OSM's class word."""
    named: Bools
    """Whether it has a name of its own."""
    asked: Bools
    """Whether it lies where lanes are looked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Lanes:
    """The lanes that were found, `n` of them, in the order of their divisions, then from west to east.

    Attributes
    ----------
    lines
        Degrees of EPSG:4490, shape (n,).
    length_m
        Geodesic, shape (n,).
    division
        Which of the zones each lies in; -1 outside of all.
    highway
        The class of most of it, shape (n,).
    node
        The graph's nodes at its first and last end; -1 where it was cut at a border; shape (n, 2).
    """

    lines: Lines
    length_m: Float64
    division: Int64
    highway: Texts
    node: Int64


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """Roads between nodes or borders: their lines, the edge and the zone of each, and their nodes (-1 at a border)."""

    lines: Lines
    edge: Int64
    zone: Int64
    node: Int64


def find(
    graph: Graph,
    roads: Roads,
    *,
    zones: Sequence[Lines],
    extents: Lines,
    limits: Shortest | None = None,
    progress: Progress = unheard,
) -> Lanes:
    """Find the lanes without a name.

    Parameters
    ----------
    zones
        Areas of divisions, the most detailed level first (villages, then townships): a road belongs to the first that it
        lies in. `Lanes.division` counts through all of them.
    extents
        Of the streets that are registered: a road along one of them has its name.
    """
    wanted = limits or Shortest()
    open_ = np.flatnonzero(roads.asked & ~roads.named & np.isin(roads.highway, list(CLASSES)))
    progress("look for names", 0, 4)
    lines = edge_lines(graph, open_)
    bare = ~covered(lines, extents)
    open_, lines = open_[bare], lines[bare]
    progress("look for villages", 1, 4)
    node = np.stack([graph.edge_from[open_], graph.edge_to[open_]], axis=1).astype(np.int64)
    pieces = _in_order(_in_zones(_Pieces(lines, open_, np.full(open_.size, NOWHERE), node), zones))
    progress("join", 2, 4)
    lanes = _joined(graph, pieces, roads.highway, wanted)
    progress("join", 4, 4)
    return lanes


def edge_lines(graph: Graph, edges: Int64) -> Lines:
    """The lines of some edges, degrees of EPSG:4490."""
    first, sizes = graph.shape_ptr[edges], graph.shape_ptr[edges + 1] - graph.shape_ptr[edges]
    line_of = np.repeat(np.arange(edges.size), sizes)
    started = np.concatenate(([0], np.cumsum(sizes)))[:-1]
    vertex = np.arange(line_of.size) - np.repeat(started, sizes) + np.repeat(first, sizes)
    points = np.stack([graph.shape_lon[vertex], graph.shape_lat[vertex]], axis=1)
    lines: Lines = shapely.linestrings(points, indices=line_of) if edges.size else np.empty(0, object)
    return lines


def _in_zones(pieces: _Pieces, zones: Sequence[Lines]) -> _Pieces:
    """The pieces, each in one zone: those that cross a border cut there."""
    before = 0
    for areas in zones:
        left = pieces.zone == NOWHERE
        if areas.size and left.any():
            rest = _Pieces(pieces.lines[left], pieces.edge[left], pieces.zone[left], pieces.node[left])
            found = _in_areas(rest, areas, before)
            pieces = _Pieces(
                np.concatenate([pieces.lines[~left], found.lines]),
                np.concatenate([pieces.edge[~left], found.edge]),
                np.concatenate([pieces.zone[~left], found.zone]),
                np.concatenate([pieces.node[~left], found.node]),
            )
        before += areas.size
    return pieces


def _in_order(pieces: _Pieces) -> _Pieces:
    """The pieces from west to east, whatever order their roads were in: of two as straight ones the first goes on."""
    order = np.lexsort((shapely.length(pieces.lines), *shapely.bounds(pieces.lines).T[::-1]))
    return _Pieces(pieces.lines[order], pieces.edge[order], pieces.zone[order], pieces.node[order])


def _in_areas(pieces: _Pieces, areas: Lines, before: int) -> _Pieces:
    tree = shapely.STRtree(pieces.lines)
    zone = pieces.zone.copy()
    area, line = tree.query(areas, predicate="covers")
    # Where areas overlap, the first of them has it.
    zone[line[::-1]] = area[::-1] + before
    area, line = tree.query(areas, predicate="intersects")
    open_ = zone[line] == NOWHERE
    across, first = np.unique(line[open_], return_inverse=True)
    if not across.size:
        return _Pieces(pieces.lines, pieces.edge, zone, pieces.node)
    order = np.lexsort((area[open_], first))
    candidate = _Candidates(areas, area[open_][order], first[order])
    whole = np.ones(zone.size, np.bool_)
    runs: list[tuple[int, float, float, int]] = []
    for each, stretches in zip(across.tolist(), _stretches(pieces.lines[across], candidate), strict=True):
        if len(stretches) == 1:
            zone[each] = stretches[0][2] + before if stretches[0][2] != NOWHERE else NOWHERE
            continue
        whole[each] = False
        runs += [(each, *stretch) for stretch in stretches]
    if not runs:
        return _Pieces(pieces.lines, pieces.edge, zone, pieces.node)
    of, start, end, within = (np.array(column) for column in zip(*runs, strict=True))
    cut, position = np.unique(of, return_inverse=True)
    node = pieces.node[of].copy()
    node[start > 0, 0], node[end < 1, 1] = NOWHERE, NOWHERE
    return _Pieces(
        np.concatenate([pieces.lines[whole], Measured.of(pieces.lines[cut]).stretches(position, start, end)]),
        np.concatenate([pieces.edge[whole], pieces.edge[of]]),
        np.concatenate([zone[whole], np.where(within == NOWHERE, NOWHERE, within + before)]),
        np.concatenate([pieces.node[whole], node]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Candidates:
    """Which of `areas` some lines meet: pairs of a line and an area, by line, then by area."""

    areas: Lines
    area: Int64
    line: Int64


def _stretches(lines: Lines, meet: _Candidates) -> Iterator[list[tuple[float, float, int]]]:
    """From where to where, in shares of its length, each line lies in which area; small parts with what is beside them."""
    length_m = shapely.length(in_metres(lines))
    bound, start, end = _between_borders(lines, meet)
    middles = shapely.points(Measured.of(lines).places(bound, (start + end) / 2))
    # Each part with each area that its line meets: the first that holds its middle has it.
    first = np.searchsorted(meet.line, np.arange(lines.size))
    counts = np.bincount(meet.line, minlength=lines.size)[bound]
    part = np.repeat(np.arange(bound.size), counts)
    area = meet.area[np.arange(part.size) - np.repeat(np.cumsum(counts) - counts, counts) + first[bound][part]]
    shapely.prepare(meet.areas)
    holds = np.flatnonzero(shapely.covers(meet.areas[area], middles[part]))
    within = np.full(bound.size, NOWHERE)
    within[part[holds[::-1]]] = area[holds[::-1]]
    parts = list(zip(start.tolist(), end.tolist(), within.tolist(), strict=True))
    ptr = np.searchsorted(bound, np.arange(lines.size + 1)).tolist()
    for line, (at, until) in enumerate(pairwise(ptr)):
        yield _without_small(_merged(parts[at:until]), float(length_m[line]))


def _between_borders(lines: Lines, meet: _Candidates) -> tuple[Int64, Float64, Float64]:
    """The parts of lines between the borders that they cross: the line of each, and from where to where in shares."""
    borders = shapely.boundary(meet.areas)
    crossed = shapely.intersection(borders[meet.area], lines[meet.line])
    points, pair = shapely.get_coordinates(crossed, return_index=True)
    line = meet.line[pair]
    every, ends = np.arange(lines.size), np.ones(lines.size)
    share = shapely.line_locate_point(lines[line], shapely.points(points), normalized=True)
    bounds = np.unique(
        np.stack([np.concatenate([every, every, line]), np.concatenate([0 * ends, ends, share])], axis=1), axis=0
    )
    begins = np.flatnonzero(np.diff(bounds[:, 0]) == 0)
    return bounds[begins, 0].astype(np.int64), bounds[begins, 1], bounds[begins + 1, 1]


def _without_small(runs: list[tuple[float, float, int]], length_m: float) -> list[tuple[float, float, int]]:
    while len(runs) > 1:
        shares = [end - start for start, end, _ in runs]
        least = min(range(len(runs)), key=shares.__getitem__)
        if shares[least] > SMALL_SHARE and shares[least] * length_m > SMALL_M:
            break
        beside = [at for at in (least - 1, least + 1) if 0 <= at < len(runs)]
        to = max(beside, key=lambda at: shares[at])
        low, high = min(least, to), max(least, to)
        runs[low : high + 1] = [(runs[low][0], runs[high][1], runs[to][2])]
        runs = _merged(runs)
    return runs


def _merged(runs: list[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    merged: list[tuple[float, float, int]] = []
    for start, end, within in runs:
        if merged and merged[-1][2] == within:
            merged[-1] = (merged[-1][0], end, within)
        else:
            merged.append((start, end, within))
    return merged


def _joined(graph: Graph, pieces: _Pieces, highway: Texts, limits: Shortest) -> Lanes:
    """The pieces joined at nodes into lanes, those that are long enough."""
    if not pieces.lines.size:
        return Lanes(pieces.lines, np.empty(0), np.empty(0, np.int64), np.empty(0, np.str_), np.empty((0, 2), np.int64))
    points = shapely.get_coordinates(pieces.lines)
    lon, lat = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    piece_ptr = np.concatenate(([0], np.cumsum(shapely.get_num_coordinates(pieces.lines)))).astype(np.int64)
    group = np.array([CLASSES[each] for each in np.unique(highway[pieces.edge])], np.int64)
    kind = group[np.unique(highway[pieces.edge], return_inverse=True)[1]] + 16 * (pieces.zone + 1)
    node = pieces.node.copy()
    is_cut = node == NOWHERE
    # A cut end is a node of its own: nothing goes on there.
    node[is_cut] = graph.nodes + np.arange(int(is_cut.sum()))
    ends = node.ravel()
    degree = np.bincount(
        np.concatenate([graph.edge_from, graph.edge_to]), minlength=graph.nodes + int(is_cut.sum())
    ).astype(np.int64)
    bearing = end_bearings_deg(piece_ptr, lon, lat, ALONG_M)
    order = np.argsort(ends, kind="stable").astype(np.int64)
    partner = partners(order, ends, kind, bearing, degree[ends], limits.crossing_deg, limits.joint_deg)
    chain_ptr, entered = chains(partner)
    vertex_ptr, taken = chain_vertices(chain_ptr, entered, piece_ptr)
    lane_lon, lane_lat = lon[taken], lat[taken]
    length_m = along_lines_m(vertex_ptr, lane_lon, lane_lat)[vertex_ptr[1:] - 1]
    lane_of = np.repeat(np.arange(vertex_ptr.size - 1), np.diff(vertex_ptr))
    lines = shapely.linestrings(np.stack([lane_lon, lane_lat], axis=1), indices=lane_of)
    first, last = entered[chain_ptr[:-1]], entered[chain_ptr[1:] - 1] ^ 1
    original = np.where(is_cut, NOWHERE, pieces.node).ravel()
    lanes = Lanes(
        lines=lines,
        length_m=length_m,
        division=pieces.zone[first // 2],
        highway=_most(highway[pieces.edge[entered // 2]], chain_ptr, pieces.lines[entered // 2]),
        node=np.stack([original[first], original[last]], axis=1),
    )
    return _sorted(lanes, np.flatnonzero(length_m >= limits.shortest_m))


def _most(words: Texts, chain_ptr: Int64, lines: Lines) -> Texts:
    """The class that most of each chain's length is of; of two that have equal parts, the one that comes first."""
    known, code = np.unique(words, return_inverse=True)
    chain_of = np.repeat(np.arange(chain_ptr.size - 1), np.diff(chain_ptr))
    length = np.zeros((chain_ptr.size - 1, known.size))
    np.add.at(length, (chain_of, code), np.round(shapely.length(lines), 9))
    most: Texts = known[length.argmax(axis=1)]
    return most


def _sorted(lanes: Lanes, kept: Int64) -> Lanes:
    """Some of the lanes, by division, then from west to east."""
    west_south = shapely.bounds(lanes.lines[kept])[:, :2] if kept.size else np.empty((0, 2))
    order = kept[np.lexsort((lanes.length_m[kept], west_south[:, 1], west_south[:, 0], lanes.division[kept]))]
    return Lanes(
        lines=lanes.lines[order],
        length_m=lanes.length_m[order],
        division=lanes.division[order],
        highway=lanes.highway[order],
        node=lanes.node[order],
    )
