"""One evaluation of a *reach* standard on a network, pure: arrays in, arrays out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_registry.coverage.reach import Bools, Floats, Ints, Longs, point_states
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.network.graph import Graph
from geo_registry.network.kernels import UNREACHABLE_COST, catchment_points, nearest_points
from geo_registry.network.snap import snap

NO_FACILITY = -1


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the network says; n demand points, f facilities.

    Attributes
    ----------
    states
        Index in `reach.STATES` of each point, shape (n,).
    cost
        Cost to the nearest facility in the network's integer unit, both access legs included; shape (n,), read only
        where the state is covered or beyond.
    nearest
        Index of the nearest facility, `NO_FACILITY` where there is no way; shape (n,).
    facility_snapped
        Whether a road lies within the snapping limit of the facility, shape (f,).
    nearest_for, within_reach
        People for whom the facility is the nearest, and people who reach it within the threshold; shape (f,).
    """

    states: npt.NDArray[np.int8]
    cost: Ints
    nearest: Longs
    facility_snapped: Bools
    nearest_for: Floats
    within_reach: Floats


def evaluate(
    graph: Graph,
    *,
    demand_lon: Floats,
    demand_lat: Floats,
    people: Floats,
    facility_lon: Floats,
    facility_lat: Floats,
    limit_cost: int,
    snap_limit_m: float,
    progress: Progress = unheard,
) -> Evaluation:
    """Snap demand and facilities to the network and find who is within reach of what.

    Positions are longitude and latitude in degrees, EPSG:4490. A demand point is covered when the whole way to the
    nearest facility (access leg, network, access leg) costs at most `limit_cost`.
    """
    points = len(people)
    progress("snap", 0, points)
    demand = snap(graph, demand_lon, demand_lat, snap_limit_m)
    facilities = snap(graph, facility_lon, facility_lat, snap_limit_m)
    progress("snap", points, points)
    progress("nearest", 0, points)
    cost, nearest = nearest_points(graph, demand, facilities)
    progress("nearest", points, points)
    states = point_states(cost, snapped=demand.edge >= 0, reached=cost != UNREACHABLE_COST, limit_cost=limit_cost)
    reached = nearest >= 0
    catchments = catchment_points(graph, demand, facilities, limit_cost)
    sizes = np.diff(catchments.ptr)
    owner = np.repeat(np.arange(len(facility_lon)), sizes)
    progress("catchments", len(facility_lon), len(facility_lon))
    return Evaluation(
        states=states,
        cost=cost,
        nearest=np.where(reached, nearest, NO_FACILITY).astype(np.int64),
        facility_snapped=facilities.edge >= 0,
        nearest_for=_people_by(nearest[reached], people[reached], len(facility_lon)),
        within_reach=_people_by(owner, people[catchments.point], len(facility_lon)),
    )


def _people_by(facility: npt.NDArray[np.integer], people: Floats, facilities: int) -> Floats:
    return np.bincount(facility, weights=people, minlength=facilities).astype(np.float64)
