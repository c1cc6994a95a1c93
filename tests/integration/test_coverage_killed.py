"""A coverage run whose worker is killed is finished by the next one, once and whole; one that is cancelled by nobody."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import create_engine, select, text

from geo_registry.coverage import queries, service
from geo_registry.coverage.inputs import Question, standard_from
from geo_registry.db.session import Database
from geo_registry.errors import RunCancelled
from geo_registry.jobs.queue import get_job
from geo_registry.model import CoverageRun
from geo_registry.settings import CHECKOUT
from geo_registry.vocabulary import DatasetKind, DivisionLevel, JobState, RunState
from tests.conftest import TestUrls
from tests.factories import make_dataset, make_demand_point, make_division, make_facility, make_road, operator

PATIENCE_S = 120.0
"""A worker may have to compile its kernels first."""

POINTS = 20_000
"""More than one buffer of COPY: part of them has reached the server before the last is made."""

RESULTS = ("coverage_zone", "coverage_point", "coverage_facility")

COPY_POINTS = text("""
    INSERT INTO demand_point (dataset_id, source_id, division_id, geom, counts)
    SELECT dataset_id, 'copy ' || number, division_id, geom, counts
    FROM demand_point, generate_series(2, :points) AS number
""")

STANDARD = standard_from(
    {
        "key": "town",
        "name": {"zh": "小镇", "en": "town"},
        "family": "reach",
        "demand": "all",
        "basis": "resident",
        "kinds": ["home-care-centre"],
        "speed_kmh": 3.6,
        "minutes": 5,
        "snap_limit_m": 100,
        "source": "the test",
    },
    origin="test",
)


@pytest.fixture
def own(committed: TestUrls) -> Iterator[Database]:
    """A town of 20,000 points with ten people each, all of them near its one centre."""
    database = Database.connect(committed.app)
    with database.write(actor="test") as session:
        roads = make_dataset(session, DatasetKind.ROADS)
        make_road(session, roads, [(119.650, 29.080), (119.653, 29.080)])
        people = make_dataset(session, DatasetKind.POPULATION)
        county = make_division(session, level=DivisionLevel.COUNTY)
        make_demand_point(session, people, lon=119.651, lat=29.080, counts={"all": 10}, division=county)
        session.execute(COPY_POINTS, {"points": POINTS})
        make_facility(session, lon=119.650, lat=29.080)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def data_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory of all these tests: the kernels are taken over once."""
    return Path(tmp_path_factory.mktemp("data"))


@contextmanager
def worker(url: str, data_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.job_worker", url, "geo_registry.coverage.jobs"],
        cwd=CHECKOUT,
        env=os.environ | {"GEO_DATA_DIR": str(data_path)},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(happened: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S} s for {what}"
        time.sleep(0.05)


@contextmanager
def held(urls: TestUrls, table: str) -> Iterator[Callable[[], bool]]:
    """Keep everybody else from a table; gives a question: is anybody waiting for it?"""
    engine = create_engine(urls.superuser)
    with engine.connect() as holder, engine.connect() as watcher:
        holder.execute(text(f"LOCK TABLE {table}"))

        def awaited() -> bool:
            waiting = text("SELECT count(*) FROM pg_locks WHERE relation = CAST(:it AS regclass) AND NOT granted")
            found = bool(watcher.scalar(waiting, {"it": table}))
            watcher.rollback()
            return found

        yield awaited
        holder.rollback()
    engine.dispose()


def results(database: Database, run: UUID, tables: tuple[str, ...] = RESULTS) -> list[int]:
    with database.read() as session:
        return [
            session.scalar(text(f"SELECT count(*) FROM {table} WHERE run_id = :run"), {"run": run}) or 0
            for table in tables
        ]


@pytest.mark.parametrize(
    ("table", "to_look_at"),
    [("road_segment", RESULTS), ("coverage_facility", RESULTS[:2])],
    ids=["while it reads", "after its points are written"],
)
def test_a_run_whose_worker_is_killed_is_finished_by_the_next_one(
    own: Database, committed: TestUrls, data_path: Path, table: str, to_look_at: tuple[str, ...]
) -> None:
    with own.write(actor="planner") as session:
        run = service.order_run(session, standard=STANDARD, question=Question(), actor=operator("planner"))
        run_id, job = run.id, run.job_id
    assert job is not None
    with held(committed, table) as awaited, worker(committed.app, data_path) as first:
        until(awaited, f"the worker to come to {table}")
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert not any(results(own, run_id, to_look_at))
    with own.read() as session:
        assert get_job(session, job).state is JobState.RUNNING
    with worker(committed.app, data_path):
        until(lambda: job_state(own, job) not in {JobState.QUEUED, JobState.RUNNING}, "the run to end")
    with own.read() as session:
        view = get_job(session, job)
        done = queries.get_run(session, run_id)
        points, people = session.execute(
            text("SELECT count(DISTINCT point_fid), sum(demand) FROM coverage_point WHERE run_id = :run"),
            {"run": run_id},
        ).one()
    assert (view.state, view.attempts) == (JobState.DONE, 2)
    assert (done.state, done.error) == ("done", None)
    assert results(own, run_id) == [1, POINTS, 1]
    assert (points, people) == (POINTS, 10 * POINTS)
    assert done.totals is not None
    assert (done.totals["points"], done.totals["covered"]) == (POINTS, 10 * POINTS)


def ordered(database: Database) -> tuple[UUID, int]:
    with database.write(actor="planner") as session:
        run = service.order_run(session, standard=STANDARD, question=Question(), actor=operator("planner"))
    assert run.job_id is not None
    return run.id, run.job_id


def cancelled(database: Database, run_id: UUID) -> None:
    with database.write(actor="planner") as session:
        assert service.cancel_run(session, run_id, actor=operator("planner")).state == RunState.CANCELLED.value


def ended(database: Database, job: int) -> JobState:
    until(lambda: job_state(database, job) not in {JobState.QUEUED, JobState.RUNNING}, "the job to end")
    return job_state(database, job)


def left(database: Database, run_id: UUID) -> tuple[str, object, list[int]]:
    """How a run stands, what it answers, and the rows of its results."""
    with database.read() as session:
        run = queries.get_run(session, run_id)
    return run.state, run.totals, results(database, run_id)


NOTHING_LEFT = ("cancelled", None, [0, 0, 0])


@pytest.mark.parametrize(
    ("table", "how"),
    [("road_segment", JobState.CANCELLED), ("coverage_facility", JobState.DONE)],
    ids=["while it reads: at its next word", "after its last word: when it would be stored"],
)
def test_a_run_that_is_cancelled_while_it_runs_stops_and_leaves_nothing(
    own: Database, committed: TestUrls, data_path: Path, table: str, how: JobState
) -> None:
    run_id, job = ordered(own)
    with worker(committed.app, data_path):
        with held(committed, table) as awaited:
            until(awaited, f"the worker to come to {table}")
            # Nobody waits for the worker, nor for the rows that it is writing.
            cancelled(own, run_id)
        assert ended(own, job) is how
    assert left(own, run_id) == NOTHING_LEFT


def test_a_run_whose_worker_is_killed_after_it_was_cancelled_is_not_taken_up_again(
    own: Database, committed: TestUrls, data_path: Path
) -> None:
    run_id, job = ordered(own)
    with held(committed, "road_segment") as awaited, worker(committed.app, data_path) as first:
        until(awaited, "the worker to read the roads")
        cancelled(own, run_id)
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert job_state(own, job) is JobState.RUNNING
    with worker(committed.app, data_path):
        assert ended(own, job) is JobState.CANCELLED
    assert left(own, run_id) == NOTHING_LEFT


def test_a_run_that_is_cancelled_before_a_worker_comes_is_never_begun(
    own: Database, committed: TestUrls, data_path: Path
) -> None:
    (first, first_job), (second, second_job) = ordered(own), ordered(own)
    cancelled(own, first)
    assert job_state(own, first_job) is JobState.CANCELLED
    with worker(committed.app, data_path):
        assert ended(own, second_job) is JobState.DONE
    with own.read() as session:
        assert queries.get_run(session, first).started_at is None
        assert queries.get_run(session, second).state == RunState.DONE.value
    assert left(own, first) == NOTHING_LEFT


@pytest.mark.parametrize(
    ("at", "wait_s"),
    [("snap", service.HEEDS_EVERY_S), ("write", 0.0)],
    ids=["its next word", "when it would be stored"],
)
def test_a_run_without_a_job_that_is_cancelled_stops_and_leaves_nothing(
    own: Database, data_path: Path, at: str, wait_s: float
) -> None:
    heard: list[str] = []

    def cancel(step: str, done: int, total: int | None = None) -> None:
        if not heard and step == at:
            with own.read() as session:
                (run_id,) = session.scalars(select(CoverageRun.id))
            cancelled(own, run_id)
            time.sleep(wait_s)
        if heard or step == at:
            heard.append(step)

    with pytest.raises(RunCancelled) as refused:
        service.run_now(
            own, standard=STANDARD, question=Question(), actor=operator("planner"), data_path=data_path, progress=cancel
        )
    assert heard == [at]
    run_id = refused.value.details["run"]
    assert isinstance(run_id, UUID)
    assert left(own, run_id) == NOTHING_LEFT
    with own.read() as session:
        assert queries.get_run(session, run_id).error is None


def job_state(database: Database, job: int) -> JobState:
    with database.read() as session:
        return get_job(session, job).state
