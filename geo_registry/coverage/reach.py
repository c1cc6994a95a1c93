"""The family *reach*, pure: from costs to states, and from people at points to people by zone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_registry.vocabulary import PointState

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

STATES = (PointState.COVERED, PointState.BEYOND, PointState.UNREACHABLE, PointState.UNSNAPPED)
COVERED, BEYOND, UNREACHABLE, UNSNAPPED = range(len(STATES))
"""Codes of the states in arrays: the index in `STATES`."""

NO_ZONE = -1


def point_states(cost: Ints, *, snapped: Bools, reached: Bools, limit_cost: int) -> npt.NDArray[np.int8]:
    """The state of every demand point, shape (n,): an index in `STATES`.

    Parameters
    ----------
    cost
        Cost to the nearest facility in the network's integer unit, shape (n,); read only where `reached`.
    snapped, reached
        Whether the point lies within the snapping limit of a road; whether any facility can be reached from it.
    limit_cost
        The threshold, inclusive, in the same unit.
    """
    states = np.where(cost <= limit_cost, COVERED, BEYOND)
    states = np.where(reached, states, UNREACHABLE)
    return np.where(snapped, states, UNSNAPPED).astype(np.int8)


@dataclass(frozen=True, slots=True)
class People:
    """People by what became of them; every array has the same shape, `demand` is the sum of all states."""

    demand: Floats
    covered: Floats
    unreachable: Floats
    unsnapped: Floats


@dataclass(frozen=True, slots=True)
class Totals:
    """The answer for everyone asked about, in people.

    `share` is None where there is nobody; `gap` is who isn't covered, for whatever reason: it includes `unreachable`
    and `unsnapped`. `outside_divisions` lives at points that no registered division contains: in no zone, but here.
    """

    demand: float
    covered: float
    share: float | None
    gap: float
    unreachable: float
    unsnapped: float
    outside_divisions: float


def totals(demand: Floats, states: npt.NDArray[np.int8], zone: Longs) -> Totals:
    """Sum people over points; arrays of shape (n,), `zone` is `NO_ZONE` outside every division."""

    def people(mask: Bools) -> float:
        return float(demand[mask].sum())

    everyone = float(demand.sum())
    covered = people(states == COVERED)
    return Totals(
        demand=everyone,
        covered=covered,
        share=share(covered, everyone),
        gap=everyone - covered,
        unreachable=people(states == UNREACHABLE),
        unsnapped=people(states == UNSNAPPED),
        outside_divisions=people(zone == NO_ZONE),
    )


def share(covered: float, demand: float) -> float | None:
    """Covered people out of all, 0 to 1; None where there is nobody to cover."""
    return covered / demand if demand > 0 else None


def by_zone(demand: Floats, states: npt.NDArray[np.int8], zone: Longs, parent: Longs) -> People:
    """People by zone, each zone with all that lies below it.

    Parameters
    ----------
    demand, states, zone
        Shape (n,): people, state, and index of the point's own zone (`NO_ZONE` for none).
    parent
        Shape (z,): index of each zone's parent, `NO_ZONE` at the top. Parents form a forest; any order will do.

    Returns
    -------
    People
        Arrays of shape (z,). A zone's people are those of its children and those at points that name the zone itself,
        so children add up to their parent wherever every point belongs to a child.
    """
    inside = zone != NO_ZONE

    def rolled_up(mask: Bools) -> Floats:
        kept = mask & inside
        own = np.bincount(zone[kept], weights=demand[kept], minlength=len(parent)).astype(np.float64)
        return _add_to_ancestors(own, parent)

    return People(
        demand=rolled_up(np.ones_like(inside)),
        covered=rolled_up(states == COVERED),
        unreachable=rolled_up(states == UNREACHABLE),
        unsnapped=rolled_up(states == UNSNAPPED),
    )


def _add_to_ancestors(own: Floats, parent: Longs) -> Floats:
    total = own.copy()
    ancestor = parent.copy()
    while (climbing := ancestor != NO_ZONE).any():
        np.add.at(total, ancestor[climbing], own[climbing])
        ancestor[climbing] = parent[ancestor[climbing]]
    return total
