"""Synthetic street networks: the same roads for the same size and seed, on any machine.

A lattice of places about 78 by 80 m apart, each moved at random by up to a third of that, joined to its neighbours
with probability 0.7: a planar graph with 1.4 edges a node, as street graphs have (OSMnx reports 1.3 to 1.5 for cities),
nearly all of it in one component. Every edge is a road of its own with two vertices between its ends, somewhat off the
straight line, and the roads come in random order: what a source of data promises about order is nothing.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_registry.network.graph import Graph, RoadLines, compile_graph, no_barriers
from geo_registry.vocabulary import TravelMode

SIZES = {"1k": 1_000, "100k": 102_000, "1m": 1_010_000}
"""Places in the lattice; about one in a hundred has no edge and is no node."""

MEASURED_SIZES = ("100k", "1m")
"""Those that are measured unless told; the smallest is for seeing whether a benchmark works, and nothing is promised."""

SEED = 20_260_101
"""Of the roads; facilities and orders have seeds of their own beside their use."""

EDGE_PROBABILITY = 0.7
STEP_LON_DEG = 8e-4
STEP_LAT_DEG = 7.2e-4
JITTER_STEPS = 0.35
BEND_DEG = 5e-5
VERTICES_BETWEEN = 2
SOUTH_WEST = (119.2, 28.8)
"""Near Jinhua."""

FACILITIES = 1_000
FACILITY_SEED = 7
ORDER_SEED = 11

Int32 = npt.NDArray[np.int32]


def street_roads(places: int, seed: int = SEED) -> RoadLines:
    """Roads over a lattice of about `places` places."""
    rng = np.random.default_rng(seed)
    side = round(places**0.5)
    column, row = np.tile(np.arange(side), side), np.repeat(np.arange(side), side)
    lon = SOUTH_WEST[0] + (column + rng.uniform(-JITTER_STEPS, JITTER_STEPS, side * side)) * STEP_LON_DEG
    lat = SOUTH_WEST[1] + (row + rng.uniform(-JITTER_STEPS, JITTER_STEPS, side * side)) * STEP_LAT_DEG
    # As OpenStreetMap keeps them.
    lon, lat = np.round(lon, 7), np.round(lat, 7)
    place = np.arange(side * side).reshape(side, side)
    start = np.concatenate([place[:, :-1].ravel(), place[:-1].ravel()])
    end = np.concatenate([place[:, 1:].ravel(), place[1:].ravel()])
    kept = rng.permutation(np.flatnonzero(rng.random(start.size) < EDGE_PROBABILITY))
    start, end = start[kept], end[kept]
    share = np.linspace(0, 1, VERTICES_BETWEEN + 2)
    shape_lon = lon[start, None] + (lon[end] - lon[start])[:, None] * share
    shape_lat = lat[start, None] + (lat[end] - lat[start])[:, None] * share
    for shape, exact_start, exact_end in ((shape_lon, lon[start], lon[end]), (shape_lat, lat[start], lat[end])):
        shape[:, 1:-1] += rng.normal(0, BEND_DEG, (start.size, VERTICES_BETWEEN))
        shape[:, 0], shape[:, -1] = exact_start, exact_end
    roads = start.size
    return RoadLines(
        road_fid=np.arange(roads),
        highway=np.full(roads, "residential"),
        oneway=np.zeros(roads, np.int8),
        maxspeed_kmh=np.zeros(roads, np.int16),
        foot=np.ones(roads, np.bool_),
        motor=np.ones(roads, np.bool_),
        vertex_ptr=np.arange(roads + 1) * (VERTICES_BETWEEN + 2),
        lon=shape_lon.ravel(),
        lat=shape_lat.ravel(),
    )


def street_graph(places: int, seed: int = SEED) -> Graph:
    """The walking graph of `street_roads`."""
    return compile_graph(street_roads(places, seed), no_barriers(), TravelMode.WALK)


def facility_nodes(graph: Graph) -> Int32:
    """`FACILITIES` distinct nodes at random, in no order; in a small graph a tenth of its nodes."""
    rng = np.random.default_rng(FACILITY_SEED)
    return rng.choice(graph.nodes, min(FACILITIES, graph.nodes // 10), replace=False).astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class EdgeList:
    """What other libraries take: numbered nodes and weighted undirected edges; lengths in decimetres."""

    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    length_dm: npt.NDArray[np.int64]


def edge_list(graph: Graph) -> EdgeList:
    """The graph's edges, nodes numbered as in the graph: in Hilbert order."""
    return EdgeList(
        lon=graph.node_lon,
        lat=graph.node_lat,
        start=graph.edge_from.astype(np.int64),
        end=graph.edge_to.astype(np.int64),
        length_dm=graph.edge_length_dm.astype(np.int64),
    )


def shuffled(edges: EdgeList) -> tuple[EdgeList, npt.NDArray[np.int64]]:
    """The same edges with nodes numbered at random, and the new number of each node."""
    number = np.random.default_rng(ORDER_SEED).permutation(edges.lon.size)
    lon, lat = np.empty_like(edges.lon), np.empty_like(edges.lat)
    lon[number], lat[number] = edges.lon, edges.lat
    renumbered = EdgeList(lon=lon, lat=lat, start=number[edges.start], end=number[edges.end], length_dm=edges.length_dm)
    return renumbered, number
