"""What a planner's edits of facilities would change, answered while a facility is dragged.

A scene is a finished run, ready to be asked: its data are read and its searches made once a process, then every question
carries the whole list of edits and touches only what they change (`network/edits`). Nothing is stored, so any process
may answer any question.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from uuid import UUID

import numpy as np
import numpy.typing as npt

from geo_registry.coverage import queries
from geo_registry.coverage.gathering import Gathered, gather
from geo_registry.coverage.inputs import Add, Close, Edit, Move, Question, Standard
from geo_registry.coverage.reach import (
    COVERED,
    NO_ZONE,
    UNREACHABLE,
    UNSNAPPED,
    Floats,
    Ints,
    Longs,
    by_zone,
    point_states,
)
from geo_registry.db.session import ReadSession
from geo_registry.errors import EditedTwice, FacilityNotInRun, PointNotInRun, RunNotDone, RunOutdated
from geo_registry.model import CoverageRun
from geo_registry.network.edits import Baseline
from geo_registry.network.kernels import UNREACHABLE_COST
from geo_registry.network.paths import Way, way_between
from geo_registry.network.snap import NO_EDGE, Snapped, snap
from geo_registry.vocabulary import RunState

SCENES_KEPT = 3
"""Runs that a process keeps ready; the one that was asked for longest ago makes room."""

States = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class ZoneChange:
    """A zone whose covered people change; people."""

    code: str
    demand: float
    covered: float
    change: float


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A facility that an edit added or moved: its place in the list of edits, and whether a road lies near enough."""

    edit: int
    snapped: bool


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What a list of edits comes to.

    Attributes
    ----------
    demand, covered, unreachable, unsnapped, gained, lost
        People: all; covered with the edits, without any way to a facility, without a road near; newly covered, and no
        longer covered.
    zones
        Those whose covered people change, by code.
    point, state, minutes, facility
        The demand points for which anything changes, shape (c,): `fid`; index in `reach.STATES`; minutes to the nearest,
        NaN where there is no way; the `fid` of the nearest facility, or of an added one the complement of its place in
        the list of edits (-1 for the first), 0 where there is none.
    """

    demand: float
    covered: float
    unreachable: float
    unsnapped: float
    gained: float
    lost: float
    zones: Sequence[ZoneChange]
    placed: Sequence[Placed]
    point: Longs
    state: States
    minutes: Floats
    facility: Longs


class Scene:
    """A finished run, ready to be asked what edits would change; any number of threads may ask."""

    def __init__(self, gathered: Gathered) -> None:
        standard, graph = gathered.standard, gathered.network.graph
        self._gathered = gathered
        self._demand = snap(graph, gathered.demand.lon, gathered.demand.lat, standard.snap_limit_m)
        self._facilities = snap(graph, gathered.facilities.lon, gathered.facilities.lat, standard.snap_limit_m)
        self._baseline = Baseline(graph, self._demand, self._facilities)
        self._states = self._states_of(self._baseline.cost, np.arange(len(gathered.demand.fid)))
        self._people = by_zone(gathered.demand.people, self._states, gathered.demand.zone, gathered.zones.parent)
        self._covered, self._unreachable, self._unsnapped = (
            float(gathered.demand.people[self._states == state].sum()) for state in (COVERED, UNREACHABLE, UNSNAPPED)
        )
        self._position = {fid: at for at, fid in enumerate(gathered.facilities.fid.tolist())}

    def outlook(self, edits: Sequence[Edit]) -> Outlook:
        """What changes for whom.

        Raises
        ------
        FacilityNotInRun
            An edit names a facility that the run didn't count.
        EditedTwice
            Two edits name the same facility.
        """
        gathered = self._gathered
        standard, demand = gathered.standard, gathered.demand
        placing = [at for at, edit in enumerate(edits) if isinstance(edit, Add | Move)]
        added = self._snapped([edits[at] for at in placing])
        changes = self._baseline.edited(self._closed(edits), added)
        at = changes.point
        states = self._states_of(changes.cost, at)
        before = self._states[at]
        people = demand.people[at]
        gained = float(people[(states == COVERED) & (before != COVERED)].sum())
        lost = float(people[(states != COVERED) & (before == COVERED)].sum())
        reached = changes.cost != UNREACHABLE_COST
        fids = np.concatenate((gathered.facilities.fid, ~np.array(placing, dtype=np.int64), [0]))
        return Outlook(
            demand=float(demand.people.sum()),
            covered=self._covered + gained - lost,
            unreachable=self._unreachable
            + float(people[states == UNREACHABLE].sum() - people[before == UNREACHABLE].sum()),
            unsnapped=self._unsnapped,
            gained=gained,
            lost=lost,
            zones=self._zones(people, states, before, demand.zone[at]),
            placed=[Placed(edit, bool(edge != NO_EDGE)) for edit, edge in zip(placing, added.edge, strict=True)],
            point=demand.fid[at],
            state=states,
            minutes=np.where(reached, changes.cost / standard.cost_per_minute, np.nan),
            facility=fids[changes.facility],
        )

    def way(self, fid: int, edits: Sequence[Edit]) -> Way | None:
        """The way from the demand point `fid` to the facility that is nearest with the edits; None where none is.

        Raises
        ------
        PointNotInRun
            The run has no such demand point.
        FacilityNotInRun, EditedTwice
            As `outlook` does.
        """
        at = int(np.searchsorted(self._gathered.demand.fid, fid))
        if at == len(self._gathered.demand.fid) or self._gathered.demand.fid[at] != fid:
            raise PointNotInRun(fid=fid)
        added = self._snapped([edit for edit in edits if isinstance(edit, Add | Move)])
        changes = self._baseline.edited(self._closed(edits), added)
        changed = np.flatnonzero(changes.point == at)
        facility = int(changes.facility[changed[0]] if changed.size else self._baseline.facility[at])
        if facility < 0:
            return None
        there = (
            self._facilities.only(facility)
            if facility < len(self._position)
            else added.only(facility - len(self._position))
        )
        return way_between(self._gathered.network.graph, self._demand.only(at), there)

    @property
    def cost_per_minute(self) -> float:
        """Units of a way's cost that a minute of travel takes."""
        return self._gathered.standard.cost_per_minute

    def _closed(self, edits: Sequence[Edit]) -> Longs:
        named = [edit.facility for edit in edits if isinstance(edit, Move | Close)]
        for fid in named:
            if fid not in self._position:
                raise FacilityNotInRun(fid=fid)
        if len(set(named)) < len(named):
            raise EditedTwice(fid=next(fid for fid in named if named.count(fid) > 1))
        return np.array([self._position[fid] for fid in named], dtype=np.int64)

    def _snapped(self, placed: Sequence[Edit]) -> Snapped:
        where = [(edit.lon, edit.lat) for edit in placed if isinstance(edit, Add | Move)]
        lon, lat = np.array(where, dtype=np.float64).reshape(-1, 2).T
        graph = self._gathered.network.graph
        return snap(graph, np.ascontiguousarray(lon), np.ascontiguousarray(lat), self._gathered.standard.snap_limit_m)

    def _states_of(self, cost: Ints, at: npt.NDArray[np.integer]) -> States:
        return point_states(
            cost,
            snapped=self._demand.edge[at] != NO_EDGE,
            reached=cost != UNREACHABLE_COST,
            limit_cost=self._gathered.standard.limit_cost,
        )

    def _zones(self, people: Floats, states: States, before: States, zone: Longs) -> list[ZoneChange]:
        zones = self._gathered.zones
        moved = (states == COVERED) != (before == COVERED)
        sign = np.where(states[moved] == COVERED, 1.0, -1.0) * people[moved]
        here = zone[moved]
        change: dict[int, float] = {}
        for own, people_moved in zip(here.tolist(), sign.tolist(), strict=True):
            at = own
            while at != NO_ZONE:
                change[at] = change.get(at, 0.0) + people_moved
                at = int(zones.parent[at])
        return [
            ZoneChange(
                code=zones.code[at],
                demand=float(self._people.demand[at]),
                covered=float(self._people.covered[at]) + by,
                change=by,
            )
            for at, by in sorted(change.items())
            if by
        ]


class Scenes:
    """The scenes that a process keeps ready."""

    def __init__(self) -> None:
        self._kept: OrderedDict[UUID, Scene] = OrderedDict()
        self._lock = Lock()
        self._making: dict[UUID, Lock] = {}

    def scene(self, session: ReadSession, run_id: UUID, data_path: Path) -> Scene:
        """The scene of a finished run; made where it isn't kept, by one thread while others that want it wait.

        Raises
        ------
        RunUnknown, RunNotDone
            There is no such run, or it has no result.
        RunOutdated
            Its data have changed since: a new run would answer differently.
        """
        with self._lock:
            if run_id in self._kept:
                self._kept.move_to_end(run_id)
                return self._kept[run_id]
            making = self._making.setdefault(run_id, Lock())
        with making:
            with self._lock:
                if run_id in self._kept:
                    return self._kept[run_id]
            try:
                made = make_scene(session, queries.get_run(session, run_id), data_path)
            finally:
                with self._lock:
                    self._making.pop(run_id, None)
            with self._lock:
                self._kept[run_id] = made
                while len(self._kept) > SCENES_KEPT:
                    self._kept.popitem(last=False)
            return made


def make_scene(session: ReadSession, run: CoverageRun, data_path: Path) -> Scene:
    """Read a finished run's data again and make its searches; see `Scenes.scene` for what it raises."""
    if run.state != RunState.DONE.value:
        raise RunNotDone(run=run.id, state=run.state)
    gathered = gather(session, Standard.model_validate(run.standard), Question.model_validate(run.question), data_path)
    if _digests(gathered.inputs()) != _digests(run.inputs or {}):
        raise RunOutdated(run=run.id)
    return Scene(gathered)


def _digests(inputs: dict[str, object]) -> dict[str, object]:
    return {name: part["digest"] for name, part in inputs.items() if isinstance(part, dict)}
