"""Pandana, answering over arrays on disk, in a process and an environment of its own.

It reads one JSON object a line and writes one back; times are taken here, without start and imports. This file must
not import the product: it runs where only pandana is installed.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandana  # type: ignore[import-not-found]  # only in the peers' environment
import pandas as pd

WEIGHT = "length_dm"


class Worker:
    """One network in the folder given: `lon`, `lat`, `start`, `end`, `length_dm`, and the nodes of `facilities`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.network: Any = None
        self.far = 0.0

    def build(self) -> float:
        """Build the network, contraction included."""
        lon, lat, start, end, length_dm = (
            np.load(self.folder / f"{name}.npy") for name in ("lon", "lat", "start", "end", "length_dm")
        )
        began = perf_counter()
        self.network = pandana.Network(
            pd.Series(lon), pd.Series(lat), pd.Series(start), pd.Series(end), pd.DataFrame({WEIGHT: length_dm})
        )
        return perf_counter() - began

    def place(self, far: float) -> float:
        """Place the facilities; `far` is farther than any way is long."""
        nodes = np.load(self.folder / "facilities.npy")
        where = self.network.nodes_df.iloc[nodes]
        self.far = far
        began = perf_counter()
        self.network.set_pois("facility", far, 1, where["x"], where["y"])
        return perf_counter() - began

    def nearest(self) -> float:
        """The cost from every node to its nearest facility, kept in ``nearest.npy``."""
        began = perf_counter()
        found = self.network.nearest_pois(self.far, "facility", num_pois=1)
        taken = perf_counter() - began
        np.save(self.folder / "nearest.npy", found[1].to_numpy())
        return taken

    def catchments(self, limit: float) -> float:
        """All pairs of facility and node within the limit, kept in ``source.npy``, ``node.npy``, ``cost.npy``."""
        nodes = np.load(self.folder / "facilities.npy")
        began = perf_counter()
        found = self.network.nodes_in_range(nodes, limit)
        taken = perf_counter() - began
        for name, column in (("source", "source"), ("node", "destination"), ("cost", WEIGHT)):
            np.save(self.folder / f"{name}.npy", found[column].to_numpy())
        return taken

    def peak_mb(self) -> float:
        """The most memory that this process has had, in MB; as `benchmarks.build` reads its own."""
        with Path("/proc/self/status").open() as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def main() -> None:
    """Answer until the input ends. What pandana prints, from C++ too, goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    worker = Worker(Path(sys.argv[1]))
    for line in sys.stdin:
        asked = json.loads(line)
        verb: Callable[..., float] = getattr(worker, asked.pop("verb"))
        answers.write(json.dumps(verb(**asked)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
