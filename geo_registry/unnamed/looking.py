"""Lanes looked for in the registry: its roads, its divisions and its names brought to the engine, and what that says."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from geo_registry.db.session import ReadSession
from geo_registry.errors import LanesWithoutBorders
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.model import Dataset
from geo_registry.network.arrays import Bools, Int64
from geo_registry.network.graph import Graph
from geo_registry.network.service import load_network
from geo_registry.unnamed import queries
from geo_registry.unnamed.course import Course, backwards, courses_of
from geo_registry.unnamed.covering import covered
from geo_registry.unnamed.ends import End, Named, ends_of
from geo_registry.unnamed.lanes import Lanes, Roads, edge_lines, find
from geo_registry.unnamed.plane import Lines
from geo_registry.unnamed.queries import Zone
from geo_registry.vocabulary import DivisionLevel, TravelMode

LEVELS = (DivisionLevel.VILLAGE, DivisionLevel.TOWNSHIP, DivisionLevel.COUNTY)
"""By whose boundaries lanes are told apart, where they are known: the most detailed first."""


@dataclass(frozen=True, slots=True)
class FoundLane:
    """One lane: its line in degrees of EPSG:4490, told from its western or southern end."""

    line: shapely.LineString
    length_m: float
    highway: str
    zone: Zone | None
    course: Course
    begins: End
    ends: End


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What was found, and the names by which the rest is covered."""

    lanes: Sequence[FoundLane]
    zones: Sequence[Zone]
    _named: Lines

    def named(self, lines: Lines) -> Bools:
        """Which of some lines have a name by now, shape (n,)."""
        return covered(lines, self._named)


def look(
    session: ReadSession, data_path: Path, roads: Dataset, *, within: str = "", progress: Progress = unheard
) -> Looked:
    """Find the lanes without a name in a division (first digits of its code), or everywhere.

    Raises
    ------
    LanesWithoutBorders
        No division there has a boundary.
    NoRoads, NetworkNotKept, RoadUnusable
        As `load_network`.
    """
    zones = queries.zones_within(session, within, LEVELS)
    if not zones:
        raise LanesWithoutBorders(division=within or "*")
    graph = load_network(session, data_path, roads, TravelMode.WALK, progress=progress).graph
    words = queries.words_of_roads(session, roads)
    road = np.searchsorted(words.fid, graph.edge_road)
    areas = np.array([zone.area for zone in zones], dtype=object)
    asked = _within(graph, shapely.total_bounds(areas)) if within else np.ones(graph.edges, np.bool_)
    streets = queries.streets_near(session, queries.box_around(areas) if within else None)
    lanes = find(
        graph,
        Roads(highway=words.highway[road], named=words.name[road] != "", asked=asked),
        zones=[areas[[zone.level is level for zone in zones]] for level in LEVELS],
        extents=streets.geometries,
        progress=progress,
    )
    kept = np.flatnonzero((lanes.division >= 0) | (not within))
    own = asked & (words.name[road] != "")
    return Looked(
        lanes=_told(session, graph, lanes, kept, names=words.name[road], zones=zones, streets=streets),
        zones=zones,
        _named=np.concatenate([streets.geometries, _by_name(graph, np.flatnonzero(own), words.name[road])]),
    )


def _within(graph: Graph, bounds: Sequence[float]) -> Bools:
    """Which edges meet a box of degrees."""
    west, south, east, north = bounds
    if not graph.edges:
        return np.zeros(0, np.bool_)
    first = graph.shape_ptr[:-1]
    inside: Bools = (
        (np.maximum.reduceat(graph.shape_lon, first) >= west)
        & (np.minimum.reduceat(graph.shape_lon, first) <= east)
        & (np.maximum.reduceat(graph.shape_lat, first) >= south)
        & (np.minimum.reduceat(graph.shape_lat, first) <= north)
    )
    return inside


def _by_name(graph: Graph, edges: Int64, names: np.ndarray) -> Lines:
    """The roads that have names of their own, all of one name as one line."""
    if not edges.size:
        return np.empty(0, object)
    order = edges[np.argsort(names[edges], kind="stable")]
    of_name = np.unique(names[order], return_inverse=True)[1]
    together: Lines = shapely.multilinestrings(edge_lines(graph, order), indices=of_name)
    return together


def _told(
    session: ReadSession,
    graph: Graph,
    lanes: Lanes,
    kept: Int64,
    *,
    names: np.ndarray,
    zones: Sequence[Zone],
    streets: Named,
) -> Sequence[FoundLane]:
    """The lanes from their western or southern ends, with their courses and what lies at their ends."""
    if not kept.size:
        return []
    lines, node = lanes.lines[kept].copy(), lanes.node[kept].copy()
    turned = backwards(lines)
    lines[turned] = shapely.reverse(lines[turned])
    node[turned] = node[turned, ::-1]
    met, meeting = _meeting(graph, names, node.ravel())
    points = shapely.get_point(lines[:, None], np.array([0, -1])[None, :]).ravel()
    features = queries.features_near(session, queries.box_around(lines))
    ends = ends_of(points, met=met, goes_on=meeting, streets=streets, features=features)
    courses = courses_of(lines)
    # `find` counts through the levels, villages first; so do the zones.
    return [
        FoundLane(
            line=lines[i],
            length_m=float(lanes.length_m[lane]),
            highway=str(lanes.highway[lane]),
            zone=zones[lanes.division[lane]] if lanes.division[lane] >= 0 else None,
            course=courses[i],
            begins=ends[2 * i],
            ends=ends[2 * i + 1],
        )
        for i, lane in enumerate(kept)
    ]


def _meeting(graph: Graph, names: np.ndarray, node: Int64) -> tuple[Sequence[str], Int64]:
    """The name of a road that each node lies at, and how many ends of roads meet there; "" and -1 where a border cut."""
    degree = np.bincount(np.concatenate([graph.edge_from, graph.edge_to]), minlength=graph.nodes)
    named = np.flatnonzero(names != "")
    known, rank = np.unique(names[named], return_inverse=True)
    # Of several the name that comes first.
    first = np.full(graph.nodes, known.size)
    np.minimum.at(first, graph.edge_from[named], rank)
    np.minimum.at(first, graph.edge_to[named], rank)
    met = [str(known[first[each]]) if each >= 0 and first[each] < known.size else "" for each in node]
    return met, np.where(node >= 0, degree[np.maximum(node, 0)], -1)
