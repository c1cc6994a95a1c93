"""A coverage run whose worker is killed in the middle of it is finished by the next one, once and whole."""

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
from sqlalchemy import create_engine, text

from geo_registry.coverage import queries, service
from geo_registry.coverage.inputs import Question, standard_from
from geo_registry.db.session import Database
from geo_registry.jobs.queue import JobState, get_job
from geo_registry.settings import CHECKOUT
from geo_registry.vocabulary import DatasetKind, DivisionLevel
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
    own: Database, committed: TestUrls, tmp_path: Path, table: str, to_look_at: tuple[str, ...]
) -> None:
    with own.write(actor="planner") as session:
        run = service.order_run(session, standard=STANDARD, question=Question(), actor=operator("planner"))
        run_id, job = run.id, run.job_id
    assert job is not None
    with held(committed, table) as awaited, worker(committed.app, tmp_path) as first:
        until(awaited, f"the worker to come to {table}")
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert not any(results(own, run_id, to_look_at))
    with own.read() as session:
        assert get_job(session, job).state is JobState.RUNNING
    with worker(committed.app, tmp_path):
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


def job_state(database: Database, job: int) -> JobState:
    with database.read() as session:
        return get_job(session, job).state
