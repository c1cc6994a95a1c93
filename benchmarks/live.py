"""What an edit of facilities changes for everyone: the search that touches only what changes, beside the whole search.

100,000 demand points and 1,000 facilities at random over the network; each round edits another facility: adds one, closes
one, moves one. The peer is our own search over all, which is the fastest there is (`benchmarks.nearest`); what it finds
to differ is what the edit's search must list.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from time import perf_counter

import numpy as np
import numpy.typing as npt

from benchmarks.city import SNAP_LIMIT_M, City, city_on
from benchmarks.graphs import MEASURED_SIZES, SIZES, street_graph
from benchmarks.nearest import insist
from benchmarks.report import Report, Row, publish
from benchmarks.timing import Series, ratio, timed
from geo_registry.network.edits import Baseline, Changes
from geo_registry.network.graph import Graph
from geo_registry.network.kernels import nearest_points
from geo_registry.network.snap import NO_EDGE, Snapped, snap

ROUNDS = 200
WHOLE_ROUNDS = 10
FEW = (100, 10)
FEW_ROUNDS = 50
SEED = 20_261_124

Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """One edit: the positions of facilities that close, and where others open."""

    closed: Longs
    added: Snapped


def edits_of(kind: str, graph: Graph, city: City, rounds: int) -> list[Drawn]:
    """Edits of a kind: ``add``, ``close`` or ``move``."""
    rng = np.random.default_rng(SEED)
    facilities = len(city.facility_lon)
    lon = rng.uniform(city.lon.min(), city.lon.max(), rounds)
    lat = rng.uniform(city.lat.min(), city.lat.max(), rounds)
    which = rng.integers(0, facilities, rounds)
    opens, closes = kind != "close", kind != "add"
    return [
        Drawn(
            closed=which[at : at + int(closes)].astype(np.int64),
            added=snap(graph, lon[at : at + int(opens)], lat[at : at + int(opens)], SNAP_LIMIT_M),
        )
        for at in range(rounds)
    ]


def edited_facilities(facility: Snapped, edit: Drawn) -> Snapped:
    """All facilities after an edit, closed ones on no edge, so that positions stay."""
    columns = {
        part.name: np.concatenate((getattr(facility, part.name), getattr(edit.added, part.name)))
        for part in fields(Snapped)
    }
    columns["edge"][edit.closed] = NO_EDGE
    return Snapped(**columns)


def measure(size: str) -> tuple[list[Row], list[str]]:
    """The rows of one size, and what was found to agree."""
    graph = street_graph(SIZES[size])
    city = city_on(graph)
    demand = snap(graph, city.lon, city.lat, SNAP_LIMIT_M)
    facility = snap(graph, city.facility_lon, city.facility_lat, SNAP_LIMIT_M)
    began = perf_counter()
    baseline = Baseline(graph, demand, facility)
    rows = [Row("making a baseline, once a run and process", size, Series((perf_counter() - began,)))]
    rows += [_of_few(graph, city, demand, size, few) for few in FEW]
    for kind in ("add", "close", "move"):
        edits = edits_of(kind, graph, city, ROUNDS)
        baseline.edited(edits[0].closed, edits[0].added)
        changed = 0
        seconds = []
        for edit in edits:
            began = perf_counter()
            changed += baseline.edited(edit.closed, edit.added).point.size
            seconds.append(perf_counter() - began)
        ours = Series(tuple(seconds))
        whole = Series(tuple(_whole(graph, demand, facility, baseline, edit) for edit in edits[:WHOLE_ROUNDS]))
        rows += [
            Row(f"ours, {kind} one", size, ours, note=f"{changed / ROUNDS:.0f} points change, of {demand.edge.size:,}"),
            Row("the whole search again", size, whole, ratio(whole, Series(ours.seconds[:WHOLE_ROUNDS]))),
        ]
    return rows, [f"{size}: {3 * WHOLE_ROUNDS} edits change for each point what the whole search finds changed"]


def _of_few(graph: Graph, city: City, demand: Snapped, size: str, few: int) -> Row:
    """One of few facilities moved: each serves a larger part of the network, all of which is searched anew."""
    fewer = replace(city, facility_lon=city.facility_lon[:few], facility_lat=city.facility_lat[:few])
    baseline = Baseline(graph, demand, snap(graph, fewer.facility_lon, fewer.facility_lat, SNAP_LIMIT_M))
    edits = edits_of("move", graph, fewer, FEW_ROUNDS)
    series = Series(tuple(timed(partial(baseline.edited, edit.closed, edit.added))() for edit in edits))
    return Row(f"ours, move one of {few}", size, series)


def _whole(graph: Graph, demand: Snapped, facility: Snapped, baseline: Baseline, edit: Drawn) -> float:
    after = edited_facilities(facility, edit)
    began = perf_counter()
    cost, source = nearest_points(graph, demand, after)
    seconds = perf_counter() - began
    differs = np.flatnonzero((cost != baseline.cost) | (source != baseline.facility))
    found = baseline.edited(edit.closed, edit.added)
    insist(_same(found, differs, cost, source), "an edit's changes are not those of the whole search")
    return seconds


def _same(found: Changes, differs: Longs, cost: npt.NDArray[np.int32], source: npt.NDArray[np.int32]) -> bool:
    return (
        np.array_equal(found.point, differs)
        and np.array_equal(found.cost, cost[differs])
        and np.array_equal(found.facility, source[differs])
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and publish; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(MEASURED_SIZES))
    parser.add_argument("--no-pandana", action="store_true", help="there is none in this one")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    checks: list[str] = []
    for size in options.sizes:
        more, said = measure(size)
        rows += more
        checks += said
    return 0 if publish(Report("live", "Edits of facilities, followed while they are dragged", rows, checks)) else 1


if __name__ == "__main__":
    sys.exit(main())
