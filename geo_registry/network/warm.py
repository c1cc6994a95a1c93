"""Compile every kernel ahead: ``python -m geo_registry.network.warm``, so that the first answer doesn't wait.

The set-up calls it, after it has asked with `--kept` whether that will take long. Kernels are kept under the data
directory (`compiled`), so a second call takes two seconds; calls at the same time write the same files.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from geo_registry.network.compiled import kernel_cache
from geo_registry.vocabulary import TravelMode

COULD_NOT_KEEP = 1
NOT_KEPT_YET = 3


def warm() -> None:
    """Answer one question of each kind; importing what answers compiles or loads every kernel.

    What importing can't do, calling does: numpy and pyproj load parts of theirs at their first use.
    """
    # Not at the top: whoever asks what is kept doesn't want it compiled.
    from geo_registry.network import chains  # noqa: F401, PLC0415  - importing it compiles it
    from geo_registry.network.edits import Baseline  # noqa: PLC0415
    from geo_registry.network.graph import RoadLines, compile_graph, no_barriers  # noqa: PLC0415
    from geo_registry.network.kernels import (  # noqa: PLC0415
        catchment_points,
        catchments,
        facility_seeds,
        nearest_points,
    )
    from geo_registry.network.snap import snap  # noqa: PLC0415

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
        Baseline(graph, demand, facility).edited(np.zeros(1, np.int64), facility)


def is_kept(kept: Path | None) -> bool:
    """Whether kernels of this version were compiled into the folder before."""
    return kept is not None and any(kept.rglob("*.nbi"))


def main(arguments: Sequence[str] = ()) -> int:
    """Warm, or, with `--kept`, tell by the exit code whether there is anything to compile; the caller says it all."""
    kept = kernel_cache()
    if "--kept" in arguments:
        return 0 if is_kept(kept) else NOT_KEPT_YET
    warm()
    return 0 if kept else COULD_NOT_KEEP


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
