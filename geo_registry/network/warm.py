"""Compile every kernel ahead: ``python -m geo_registry.network.warm``, so that the first answer doesn't wait.

The set-up calls it. Kernels are kept under the data directory (`compiled`), so a second call takes two seconds; calls
at the same time write the same files.
"""

import sys

import numpy as np

from geo_registry.network.compiled import kernel_cache
from geo_registry.network.graph import RoadLines, compile_graph, no_barriers
from geo_registry.network.kernels import catchment_points, catchments, facility_seeds, nearest_points
from geo_registry.network.snap import snap
from geo_registry.vocabulary import TravelMode


def warm() -> None:
    """Answer one question of each kind; that this module was imported has compiled or loaded every kernel.

    What importing can't do, calling does: numpy and pyproj load parts of theirs at their first use.
    """
    block = RoadLines(
        road_fid=np.arange(4),
        highway=np.full(4, "residential"),
        oneway=np.array([0, 1, 0, -1], np.int8),
        maxspeed_kmh=np.array([0, 30, 50, 0], np.int16),
        foot=np.ones(4, np.bool_),
        motor=np.ones(4, np.bool_),
        vertex_ptr=np.array([0, 2, 4, 6, 8]),
        lon=np.array([119.64, 119.65, 119.65, 119.65, 119.65, 119.64, 119.64, 119.64]),
        lat=np.array([29.08, 29.08, 29.08, 29.09, 29.09, 29.09, 29.09, 29.08]),
    )
    for mode in TravelMode:
        graph = compile_graph(block, no_barriers(), mode)
        demand = snap(graph, np.array([119.642, 119.646]), np.array([29.0801, 29.0899]), 100.0)
        facility = snap(graph, np.array([119.6501]), np.array([29.085]), 100.0)
        nearest_points(graph, demand, facility)
        catchment_points(graph, demand, facility, 10_000)
        catchments(graph, facility_seeds(graph, facility), 10_000)


def main() -> int:
    """Warm, and say where the kernels are kept; 1 where they can't be."""
    warm()
    kept = kernel_cache()
    where = f"kept in {kept}" if kept else "not kept: the data directory can't be written"
    sys.stdout.write(f"kernels ready, {where}\n")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
