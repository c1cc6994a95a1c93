"""The verbs of service gaps: order a run, perform it, cancel it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from uuid import UUID, uuid4

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, func, select

from geo_registry import clock
from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.coverage import queries
from geo_registry.coverage.evaluate import NO_FACILITY, Evaluation, evaluate
from geo_registry.coverage.gathering import gather
from geo_registry.coverage.inputs import Question, Standard
from geo_registry.coverage.live import Scene, Scenes
from geo_registry.coverage.queries import Demand, Facilities, PastRun, Zones
from geo_registry.coverage.reach import BEYOND, COVERED, NO_ZONE, STATES, Totals, by_zone, totals
from geo_registry.db.copying import Value, insert_rows
from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.revisions import WHICHEVER, Revision, Seen, require_seen, without_author
from geo_registry.db.session import LOCAL_OPERATOR, Database, ReadSession, WriteSession
from geo_registry.errors import (
    DomainError,
    Forbidden,
    JobCancelled,
    JobUnknown,
    RunBrokenOff,
    RunCancelled,
    RunFinished,
    Unauthenticated,
)
from geo_registry.facilities.filtering import condition
from geo_registry.jobs import queue
from geo_registry.jobs.ledger import as_json
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.jobs.queue import defer
from geo_registry.model import CoverageRun
from geo_registry.settings import get_settings
from geo_registry.vocabulary import RunState

RUN_TASK = "coverage.run"
"""The job that performs a run; `coverage/jobs.py` registers it."""

HEEDS_EVERY_S = 0.5
"""How often a run without a job looks whether somebody cancelled it, at most."""

CONFIRMED_WITHIN_DAYS = 365
"""A facility whose record was confirmed longer ago counts as unconfirmed in a run's totals."""


def record_run(session: WriteSession, *, standard: Standard, question: Question, actor: str) -> CoverageRun:
    """Write down a run that is to be performed.

    Raises
    ------
    BadQuery
        The standard's condition can't be parsed, or names a field that facilities don't have.
    """
    if standard.where:
        condition(standard.where)
    run = CoverageRun(
        id=uuid4(),
        state=RunState.QUEUED.value,
        standard=standard.spelt_out().model_dump(mode="json"),
        question=question.model_dump(mode="json"),
        actor=actor,
    )
    session.add(run)
    session.flush()
    return run


def require_ordering(question: Question, *, actor: Actor) -> None:
    """Raise unless the actor may order a run: asked again before an answer is given again.

    Raises
    ------
    Forbidden
        The actor may not, in the division that is asked about.
    """
    policy.require(actor, Verb.ORDER_RUN, division=question.zone)


def order_run(session: WriteSession, *, standard: Standard, question: Question, actor: Actor) -> CoverageRun:
    """Write down a run and put it in the job queue, in one unit of work: the job exists if and only if the run does.

    Raises
    ------
    Forbidden
        The actor may not, in the division that is asked about.
    BadQuery
        As `record_run`.
    """
    policy.require(actor, Verb.ORDER_RUN, division=question.zone)
    run = record_run(session, standard=standard, question=question, actor=actor.name)
    run.job_id = defer(session, RUN_TASK, run_id=str(run.id))
    session.flush()
    return run


def cancel_run(session: WriteSession, run_id: UUID, *, actor: Actor, seen: Seen | None = WHICHEVER) -> CoverageRun:
    """Take a run back: it is cancelled from now on, and nothing of it will be stored.

    A queued one is never begun. Whoever is performing it leaves off at the next word of progress, and, where that
    comes too late, finds out when the results are to be stored. Cancelling a cancelled run changes nothing.

    Raises
    ------
    RunUnknown
        There is none of that id.
    Forbidden
        The actor may not, in the division that it asks about.
    VersionNeeded, RecordChanged
        Nothing says how far on whoever cancels it has seen it, or it is farther by now.
    RunFinished
        It is done, or has failed.
    """
    asked = queries.get_run(session, run_id)
    policy.require(actor, Verb.CANCEL_RUN, division=Question.model_validate(asked.question).zone)
    # Held only now: of what lies outside one's scope, the database lets nothing be held.
    run = queries.run_to_change(session, run_id)
    require_seen(seen, queries.version_of_run(run))
    if run.state == RunState.CANCELLED.value:
        return run
    if run.state not in queries.OPEN_STATES:
        raise RunFinished(run=run_id, state=run.state)
    if run.job_id is not None:
        # One that the queue has no longer will never be performed.
        with suppress(JobUnknown):
            queue.cancel(session, run.job_id)
    _mark_cancelled(run)
    session.flush()
    return run


def tell_author(run: CoverageRun | PastRun, *, actor: Actor) -> str:
    """Who ordered a run: the login name.

    Raises
    ------
    Forbidden, Unauthenticated
        The actor isn't told, in the division that it asks about.
    """
    policy.require(actor, Verb.SEE_RUN_AUTHORS, division=Question.model_validate(run.question).zone)
    return run.actor


def author_for(asker: Actor, run: CoverageRun | PastRun) -> str | None:
    """Who ordered a run, as far as whoever asks may know; else None."""
    try:
        return tell_author(run, actor=asker)
    except (Forbidden, Unauthenticated):
        return None


def list_revisions(session: ReadSession, run_id: UUID, page: Page) -> Listing[Revision]:
    """A run's revisions, the newest first, without the names of their authors; `page.after` counts downwards.

    Raises
    ------
    RunUnknown
        There is none of that id.
    """
    queries.get_run(session, run_id)
    found = queries.revisions_of(session, run_id, after=page.after, limit=page.limit + 1)
    return listing([without_author(each) for each in found], page, lambda each: each.number)


def list_revisions_with_authors(session: ReadSession, run_id: UUID, page: Page, *, actor: Actor) -> Listing[Revision]:
    """As `list_revisions`, with who made them.

    Raises
    ------
    RunUnknown
        There is none of that id.
    Forbidden, Unauthenticated
        The actor isn't told, in the division that it asks about.
    """
    asked = queries.get_run(session, run_id)
    policy.require(actor, Verb.SEE_RUN_AUTHORS, division=Question.model_validate(asked.question).zone)
    found = queries.revisions_of(session, run_id, after=page.after, limit=page.limit + 1)
    return listing(found, page, lambda each: each.number)


def revisions_for(asker: Actor, session: ReadSession, run_id: UUID, page: Page) -> Listing[Revision]:
    """A run's revisions as whoever asks may see them: with their authors' names, or without.

    Raises
    ------
    RunUnknown
        There is none of that id.
    """
    try:
        return list_revisions_with_authors(session, run_id, page, actor=asker)
    except (Forbidden, Unauthenticated):
        return list_revisions(session, run_id, page)


def perform_run(database: Database, run_id: UUID, *, data_path: Path, progress: Progress = unheard) -> None:
    """Evaluate a recorded run and store its results, all of them or none.

    Performing a run again (its worker was killed) starts afresh; performing a finished or a cancelled one does nothing.
    Who performs it sees to its failure: the worker by `fail_run`, when it has tried often enough; `run_now` at once.

    Raises
    ------
    RunCancelled
        Somebody cancelled it meanwhile.
    DomainError
        Something that it needs is missing, doesn't fit, or went away.
    """
    with database.write(actor=_actor(database, run_id), why="coverage run") as session:
        run = queries.run_to_change(session, run_id)
        if run.state in {RunState.DONE.value, RunState.CANCELLED.value}:
            return
        run.state, run.started_at, run.error = RunState.RUNNING.value, clock.now(), None
    with database.read() as session:
        answer = _answer(session, run, data_path, progress)
    with database.write(actor=run.actor, why="coverage run") as session:
        _store(session, run_id, answer, progress)


def run_now(
    database: Database,
    *,
    standard: Standard,
    question: Question,
    actor: Actor,
    data_path: Path,
    progress: Progress = unheard,
) -> UUID:
    """Record a run and perform it in this process; whatever ends it early, the run says so.

    Raises
    ------
    Forbidden
        The actor may not, in the division that is asked about.
    RunCancelled
        Somebody cancelled it meanwhile.
    DomainError
        Something that it needs is missing, doesn't fit, or went away.
    """
    policy.require(actor, Verb.ORDER_RUN, division=question.zone)
    fail_forsaken(database)
    with database.engine.connect() as sign_of_life:
        with database.write(actor=actor, why="coverage run") as session:
            run_id = record_run(session, standard=standard, question=question, actor=actor.name).id
            # Held until the connection ends, however it ends: who finds it free knows that nobody performs the run.
            sign_of_life.execute(select(func.pg_advisory_lock(_life_of(run_id))))
            sign_of_life.commit()
        try:
            heeding = _heeding_cancellation(database, run_id, progress)
            perform_run(database, run_id, data_path=data_path, progress=heeding)
        except DomainError as error:
            fail_run(database, run_id, error)
            raise
        except BaseException:
            fail_run(database, run_id, RunBrokenOff())
            raise
        finally:
            sign_of_life.execute(select(func.pg_advisory_unlock(_life_of(run_id))))
    return run_id


def _heeding_cancellation(database: Database, run_id: UUID, progress: Progress) -> Progress:
    """`progress`, whose next word ends the run where somebody cancelled it; for runs that no queue can stop."""
    looked_at = monotonic()

    def heed(step: str, done: int, total: int | None = None) -> None:
        nonlocal looked_at
        if monotonic() - looked_at >= HEEDS_EVERY_S:
            with database.read() as session:
                _refuse_cancelled(queries.get_run(session, run_id))
            looked_at = monotonic()
        progress(step, done, total)

    return heed


def _refuse_cancelled(run: CoverageRun) -> None:
    if run.state == RunState.CANCELLED.value:
        raise RunCancelled(run=run.id)


def try_edits(session: ReadSession, scenes: Scenes, run_id: UUID, *, actor: Actor, data_path: Path) -> Scene:
    """A finished run, ready to be asked what edits of facilities would change (`coverage/live.py`).

    Raises
    ------
    Forbidden
        The actor may not.
    RunUnknown, RunNotDone, RunOutdated
        As `Scenes.scene`.
    """
    policy.require(actor, Verb.TRY_EDITS)
    return scenes.scene(session, run_id, data_path)


def fail_forsaken(database: Database) -> None:
    """Mark runs as failed whose process was killed: without a job, unfinished, and nobody holds their lock."""
    with database.write(actor=LOCAL_OPERATOR, why="its process was killed") as session:
        for run in queries.unfinished_without_job(session):
            if session.scalar(select(func.pg_try_advisory_xact_lock(_life_of(run.id)))):
                _mark_failed(run, RunBrokenOff())


def _life_of(run_id: UUID) -> ColumnElement[int]:
    return func.hashtextextended(f"coverage run {run_id}", 0)


def fail_run(database: Database, run_id: UUID, error: DomainError) -> None:
    """Mark a run as failed, with the reason in both languages; one that is done, or was cancelled, stays so.

    One whose job was cancelled, whoever did it, is cancelled.
    """
    with database.write(actor=_actor(database, run_id), why="coverage run failed") as session:
        run = queries.run_to_change(session, run_id)
        if run.state in {RunState.DONE.value, RunState.CANCELLED.value}:
            return
        if isinstance(error, JobCancelled):
            _mark_cancelled(run)
        else:
            _mark_failed(run, error)


def queue_again(session: WriteSession, run_id: UUID) -> None:
    """Have a run that failed wait once more; its job goes back into the queue. What else it is, it stays."""
    run = queries.run_to_change(session, run_id)
    if run.state == RunState.FAILED.value:
        run.state, run.started_at, run.finished_at, run.error = RunState.QUEUED.value, None, None, None
        session.flush()


def _mark_failed(run: CoverageRun, error: DomainError) -> None:
    run.state, run.finished_at, run.error = RunState.FAILED.value, clock.now(), as_json(error)


def _mark_cancelled(run: CoverageRun) -> None:
    run.state, run.finished_at, run.error = RunState.CANCELLED.value, clock.now(), None


def _actor(database: Database, run_id: UUID) -> str:
    with database.read() as session:
        return queries.get_run(session, run_id).actor


@dataclass(frozen=True, slots=True)
class Answer:
    """A run's results before they are stored."""

    standard: Standard
    demand: Demand
    zones: Zones
    facilities: Facilities
    evaluation: Evaluation
    totals: Totals
    inputs: dict[str, object]
    facts: dict[str, object]


def _answer(session: ReadSession, run: CoverageRun, data_path: Path, progress: Progress) -> Answer:
    question = Question.model_validate(run.question)
    gathered = gather(session, Standard.model_validate(run.standard), question, data_path, progress)
    standard, demand, facilities = gathered.standard, gathered.demand, gathered.facilities
    evaluation = evaluate(
        gathered.network.graph,
        demand_lon=demand.lon,
        demand_lat=demand.lat,
        people=demand.people,
        facility_lon=facilities.lon,
        facility_lat=facilities.lat,
        limit_cost=standard.limit_cost,
        snap_limit_m=standard.snap_limit_m,
        progress=progress,
    )
    return Answer(
        standard=standard,
        demand=demand,
        zones=gathered.zones,
        facilities=facilities,
        evaluation=evaluation,
        totals=totals(demand.people, evaluation.states, demand.zone),
        inputs=gathered.inputs(),
        facts=_facts(demand, facilities, evaluation)
        | {
            "synthetic": queries.holds_synthetic_data(session, (gathered.population, gathered.roads), facilities),
            "positions": {
                "population": queries.position_qualities(session, gathered.population, standard.demand, question.zone),
                "facilities": dict(sorted(Counter(facilities.quality).items())),
            },
        },
    )


def _facts(demand: Demand, facilities: Facilities, evaluation: Evaluation) -> dict[str, object]:
    """What a reader of the totals must also know: how many points and facilities, and how well they are known."""
    today = clock.today(get_settings().zone)
    stale = sum(1 for day in facilities.confirmed_on if day is None or (today - day).days > CONFIRMED_WITHIN_DAYS)
    count = len(facilities.fid)
    return {
        "points": len(demand.fid),
        "points_by_state": {state.value: int((evaluation.states == at).sum()) for at, state in enumerate(STATES)},
        "facilities": count,
        "facilities_unsnapped": int((~evaluation.facility_snapped).sum()),
        "facilities_unconfirmed_share": stale / count if count else None,
    }


def _store(session: WriteSession, run_id: UUID, answer: Answer, progress: Progress) -> None:
    progress("write", 0, len(answer.demand.fid))
    key = str(run_id)
    insert_rows(session, "coverage_zone", ZONE_COLUMNS, _zone_rows(key, answer))
    insert_rows(session, "coverage_point", POINT_COLUMNS, _point_rows(key, answer, progress))
    insert_rows(session, "coverage_facility", FACILITY_COLUMNS, _facility_rows(key, answer))
    run = queries.run_to_change(session, run_id)
    _refuse_cancelled(run)
    run.state, run.finished_at = RunState.DONE.value, clock.now()
    run.inputs = answer.inputs
    run.totals = asdict(answer.totals) | answer.facts


ZONE_COLUMNS = ("run_id", "code", "division_id", "name", "level", "demand", "covered", "unreachable", "unsnapped")
POINT_COLUMNS = (
    "run_id",
    "point_fid",
    "source_id",
    "lon",
    "lat",
    "division_code",
    "demand",
    "state",
    "cost",
    "minutes",
    "facility_fid",
)
FACILITY_COLUMNS = (
    "run_id",
    "facility_fid",
    "facility_id",
    "name",
    "kind",
    "lon",
    "lat",
    "snapped",
    "nearest_for",
    "within_reach",
)


def _zone_rows(run_id: str, answer: Answer) -> Iterator[tuple[Value, ...]]:
    zones = answer.zones
    people = by_zone(answer.demand.people, answer.evaluation.states, answer.demand.zone, zones.parent)
    sums = zip(
        people.demand.tolist(),
        people.covered.tolist(),
        people.unreachable.tolist(),
        people.unsnapped.tolist(),
        strict=True,
    )
    asked = _zones_asked(answer)
    for at, values in enumerate(sums):
        if asked[at]:
            yield (run_id, zones.code[at], str(zones.id[at]), zones.name[at], zones.level[at], *values)


def _zones_asked(answer: Answer) -> npt.NDArray[np.bool_]:
    """Zones that hold a demand point of the question, and their ancestors; the rest was not asked about."""
    asked = np.zeros(len(answer.zones.code), dtype=bool)
    at = np.unique(answer.demand.zone[answer.demand.zone != NO_ZONE])
    while len(at):
        asked[at] = True
        above = answer.zones.parent[at]
        at = np.unique(above[above != NO_ZONE])
    return asked


def _point_rows(run_id: str, answer: Answer, progress: Progress) -> Iterator[tuple[Value, ...]]:
    demand, evaluation = answer.demand, answer.evaluation
    cost_per_minute = answer.standard.cost_per_minute
    fids = answer.facilities.fid.tolist()
    names = [state.value for state in STATES]
    codes = answer.zones.code
    rows = zip(
        demand.fid.tolist(),
        demand.source_id,
        demand.lon.tolist(),
        demand.lat.tolist(),
        demand.zone.tolist(),
        demand.people.tolist(),
        evaluation.states.tolist(),
        evaluation.cost.tolist(),
        evaluation.nearest.tolist(),
        strict=True,
    )
    total = len(demand.fid)
    for done, (fid, source_id, lon, lat, zone, people, state, cost, nearest) in enumerate(rows, start=1):
        there = state in {COVERED, BEYOND}
        yield (
            run_id,
            fid,
            source_id,
            lon,
            lat,
            codes[zone] if zone != NO_ZONE else None,
            people,
            names[state],
            cost if there else None,
            cost / cost_per_minute if there else None,
            fids[nearest] if there and nearest != NO_FACILITY else None,
        )
        if done % 50_000 == 0:
            progress("write", done, total)


def _facility_rows(run_id: str, answer: Answer) -> Iterator[tuple[Value, ...]]:
    facilities, evaluation = answer.facilities, answer.evaluation
    rows = zip(
        facilities.fid.tolist(),
        facilities.id,
        facilities.name,
        facilities.kind,
        facilities.lon.tolist(),
        facilities.lat.tolist(),
        evaluation.facility_snapped.tolist(),
        evaluation.nearest_for.tolist(),
        evaluation.within_reach.tolist(),
        strict=True,
    )
    for fid, facility_id, *rest in rows:
        yield (run_id, fid, str(facility_id), *rest)
