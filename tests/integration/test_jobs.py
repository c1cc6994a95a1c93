"""The queue and the worker, with real processes that are really killed."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from geo_registry.db.session import Database, WriteSession
from geo_registry.errors import JobUnknown
from geo_registry.jobs.ledger import JobProgressListener, Stopped
from geo_registry.jobs.queue import JobView, cancel, defer, get_job
from geo_registry.jobs.registry import task
from geo_registry.model import Dataset, JobProgress
from geo_registry.settings import CHECKOUT
from geo_registry.vocabulary import JobState
from tests.conftest import TestUrls

PATIENCE_S = 30.0

Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def own(committed: TestUrls) -> Iterator[Database]:
    """A database of the test's own, whose changes really commit."""
    database = Database.connect(committed.app)
    yield database
    database.dispose()


@contextmanager
def _worker(url: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "tests.integration.job_worker", url], cwd=CHECKOUT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _order(database: Database, task: str, /, **args: str) -> int:
    with database.write(actor="test") as session:
        return defer(session, task, **args)


def _view(database: Database, job: int) -> JobView:
    with database.read() as session:
        return get_job(session, job)


def _until(happened: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S} s for {what}"
        time.sleep(0.05)


def _ended(database: Database, job: int) -> JobView:
    ends = {JobState.DONE, JobState.FAILED, JobState.CANCELLED}
    _until(lambda: _view(database, job).state in ends, f"job {job} to end")
    return _view(database, job)


def _datasets(database: Database) -> dict[str, str]:
    with database.read() as session:
        return {row.key: row.title for row in session.scalars(select(Dataset))}


def test_a_job_exists_only_if_its_unit_of_work_commits(own: Database) -> None:
    with pytest.raises(RuntimeError), own.write(actor="test") as session:  # noqa: PT012
        lost = defer(session, "test.write", key="a")
        raise RuntimeError
    kept = _order(own, "test.write", key="b")
    with own.read() as session, pytest.raises(JobUnknown):
        get_job(session, lost)
    view = _view(own, kept)
    assert view.ordered_at is not None
    assert view == JobView(
        id=kept,
        task="test.write",
        state=JobState.QUEUED,
        attempts=0,
        step=None,
        done=None,
        total=None,
        error=None,
        ordered_at=view.ordered_at,
        updated_at=None,
    )


def test_a_worker_performs_a_job_and_its_progress_stays(own: Database, committed: TestUrls) -> None:
    with _worker(committed.app):
        view = _ended(own, _order(own, "test.write", key="a"))
    assert (view.state, view.attempts, view.step, view.done, view.total) == (JobState.DONE, 1, "write", 1, 1)
    assert _datasets(own) == {"a": "written"}


def test_a_refused_job_fails_at_once_with_its_reason_and_its_room_knows(own: Database, committed: TestUrls) -> None:
    with _worker(committed.app):
        view = _ended(own, _order(own, "test.refuse", key="a"))
    assert (view.state, view.attempts, view.step, view.done) == (JobState.FAILED, 1, "think", 3)
    assert view.error is not None
    assert view.error["code"] == "group-unknown"
    assert _datasets(own) == {"a-failed": "group-unknown"}


def test_the_log_has_one_line_for_a_refused_job_and_a_traceback_for_a_crash(
    own: Database, committed: TestUrls, capfd: pytest.CaptureFixture[str]
) -> None:
    with _worker(committed.app):
        refused = _ended(own, _order(own, "test.refuse", key="a"))
        said = capfd.readouterr().err
        crashed = _ended(own, _order(own, "test.crash", key="b"))
    assert (refused.state, crashed.state) == (JobState.FAILED, JobState.FAILED)
    assert len([line for line in said.splitlines() if "group-unknown" in line]) == 1
    assert "Traceback" not in said
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_a_crash_is_reported_by_a_reference_and_without_internals(own: Database, committed: TestUrls) -> None:
    with _worker(committed.app):
        view = _ended(own, _order(own, "test.crash", key="a"))
    assert view.error is not None
    assert view.error["code"] == "task-crashed"
    assert "ZeroDivision" not in str(view.error)
    assert _datasets(own) == {"a-failed": "task-crashed"}


def test_a_job_is_tried_again_when_the_database_was_away(own: Database, committed: TestUrls, tmp_path: Path) -> None:
    with _worker(committed.app):
        view = _ended(own, _order(own, "test.outage", key="a", once=str(tmp_path / "once")))
    assert (view.state, view.attempts) == (JobState.DONE, 2)
    assert _datasets(own) == {"a": "written"}


def test_a_job_whose_worker_is_killed_is_finished_by_the_next_one(
    own: Database, committed: TestUrls, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    job = _order(own, "test.slow", key="a", until=str(go))
    with _worker(committed.app) as first:
        _until(lambda: _view(own, job).done is not None, "the job to begin")
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert _view(own, job).state is JobState.RUNNING
    assert _datasets(own) == {}
    with _worker(committed.app) as second:
        _until(Path(f"{go}.{second.pid}").exists, "the second worker to take the job up")
        go.touch()
        view = _ended(own, job)
    assert (view.state, view.attempts) == (JobState.DONE, 2)
    assert _datasets(own) == {"a": "written"}


def test_a_job_that_kills_every_worker_is_reported(own: Database, committed: TestUrls) -> None:
    job = _order(own, "test.die", key="a")
    for _ in range(4):
        with _worker(committed.app) as worker:
            _until(lambda w=worker: w.poll() is not None or _view(own, job).state is JobState.FAILED, "an end")  # type: ignore[misc]
            if _view(own, job).state is JobState.FAILED:
                break
    view = _view(own, job)
    assert (view.state, view.attempts) == (JobState.FAILED, 3)
    assert view.error is not None
    assert view.error["code"] == "worker-died"
    assert _datasets(own) == {"a-failed": "worker-died"}


def test_a_worker_that_is_told_to_stop_puts_its_job_back_uncounted(
    own: Database, committed: TestUrls, tmp_path: Path
) -> None:
    job = _order(own, "test.slow", key="a", until=str(tmp_path / "never"))
    with _worker(committed.app) as worker:
        _until(lambda: _view(own, job).done is not None, "the job to begin")
        worker.terminate()
        assert worker.wait(PATIENCE_S) == 0
    view = _view(own, job)
    assert (view.state, view.attempts) == (JobState.QUEUED, 0)
    assert _datasets(own) == {}
    with own.read() as session:
        assert session.scalar(text("SELECT count(*) FROM procrastinate_workers")) == 0


def test_a_worker_that_is_told_to_stop_finishes_a_job_that_is_nearly_done(
    own: Database, committed: TestUrls, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    job = _order(own, "test.slow", key="a", until=str(go))
    with _worker(committed.app) as worker:
        _until(lambda: _view(own, job).done is not None, "the job to begin")
        worker.terminate()
        go.touch()
        assert worker.wait(PATIENCE_S) == 0
    assert _view(own, job).state is JobState.DONE


def test_a_job_that_no_worker_knows_waits_for_one_that_does(own: Database, committed: TestUrls) -> None:
    unknown = _order(own, "test.of-a-later-version", key="a")
    with _worker(committed.app):
        assert _ended(own, _order(own, "test.write", key="b")).state is JobState.DONE
    assert _view(own, unknown).state is JobState.QUEUED


def test_a_queued_job_is_cancelled_at_once(own: Database) -> None:
    job = _order(own, "test.write", key="a")
    with own.write(actor="test") as session:
        assert cancel(session, job).state is JobState.CANCELLED


def test_a_running_job_is_cancelled_and_its_room_knows(own: Database, committed: TestUrls, tmp_path: Path) -> None:
    job = _order(own, "test.slow", key="a", until=str(tmp_path / "never"))
    with _worker(committed.app):
        _until(lambda: _view(own, job).done is not None, "the job to begin")
        with own.write(actor="test") as session:
            cancel(session, job)
        view = _ended(own, job)
    assert view.state is JobState.CANCELLED
    assert _datasets(own) == {"a-failed": "job-cancelled"}


def test_a_worker_goes_on_after_the_database_cut_every_connection(
    own: Database, committed: TestUrls, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    with _worker(committed.app) as worker:
        job = _order(own, "test.slow", key="a", until=str(go))
        _until(lambda: _view(own, job).done is not None, "the job to begin")
        _cut_connections(committed)
        own.dispose()
        go.touch()
        assert _ended(own, job).state is JobState.DONE
        assert _ended(own, _order(own, "test.write", key="b")).state is JobState.DONE
        assert worker.poll() is None
    assert _datasets(own) == {"a": "written", "b": "written"}


def _cut_connections(urls: TestUrls) -> None:
    superuser = Database.connect(urls.superuser)
    with superuser.write(actor="test") as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'geo_app' AND datname = current_database()"
            )
        )
    superuser.dispose()


def test_progress_is_thinned_but_steps_and_the_end_are_written(own: Database) -> None:
    listener = JobProgressListener(own, 7, must_stop=lambda: False)
    seen: list[tuple[str, int, int | None]] = []
    for done in range(1_000):
        listener("read", done, 1_000)
        if not seen:
            seen.append(_progress(own, 7))
    listener("write", 1, 2)
    seen.append(_progress(own, 7))
    listener("write", 2, 2)
    listener.flush()
    seen.append(_progress(own, 7))
    assert seen == [("read", 0, 1_000), ("write", 1, 2), ("write", 2, 2)]


def test_progress_beyond_its_total_is_not_an_error(own: Database) -> None:
    listener = JobProgressListener(own, 7, must_stop=lambda: False)
    listener("read", 12, 10)
    assert _progress(own, 7) == ("read", 10, 10)


def test_progress_stops_a_job_that_has_to_stop(own: Database) -> None:
    with pytest.raises(Stopped):
        JobProgressListener(own, 7, must_stop=lambda: True)("read", 1)


def _progress(database: Database, job: int) -> tuple[str, int, int | None]:
    with database.read() as session:
        row = session.get_one(JobProgress, job)
        return row.step, row.done, row.total


def test_two_tasks_of_one_name_are_refused() -> None:
    from tests.integration import job_worker  # noqa: PLC0415 - its import declares the tasks

    with pytest.raises(ValueError, match=r"test\.write"):
        task("test.write")(job_worker.refuse)


def test_a_name_that_cannot_be_notified_is_refused() -> None:
    with pytest.raises(ValueError, match="40"):
        task("room." + "x" * 40)


def test_defer_keeps_arguments_as_they_are(session: WriteSession) -> None:
    job = defer(session, "test.write", key="地名 100% %(x)s ?", number=3, flag=True, nothing=None)
    args = session.scalar(text("SELECT args FROM procrastinate_jobs WHERE id = :job"), {"job": job})
    assert args == {"key": "地名 100% %(x)s ?", "number": 3, "flag": True, "nothing": None}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE procrastinate_jobs SET args = '{}' WHERE id = :job",
        "UPDATE procrastinate_jobs SET task_name = 'other' WHERE id = :job",
        "UPDATE procrastinate_jobs SET id = id + 1 WHERE id = :job",
        "DELETE FROM procrastinate_jobs WHERE id = :job",
        "SELECT procrastinate_finish_job_v1(:job, 'succeeded', true)",
        "SELECT procrastinate_cancel_job_v1(:job, false, true)",
        "TRUNCATE procrastinate_jobs CASCADE",
        "UPDATE procrastinate_events SET at = now() WHERE job_id = :job",
        "DELETE FROM procrastinate_events WHERE job_id = :job",
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status) SELECT 'x', 'x', 'succeeded' WHERE :job > 0",
        "INSERT INTO procrastinate_periodic_defers (task_name, job_id) VALUES ('x', :job)",
        "ALTER TABLE procrastinate_jobs DISABLE TRIGGER ALL",
    ],
)
def test_what_a_job_is_and_what_became_of_it_nobody_changes_or_takes_out(session: WriteSession, statement: str) -> None:
    """With a bug in Python, too: of a job only how it stands is anybody's to write."""
    job = defer(session, "test.write", key="a")
    said = text("SELECT job::text FROM procrastinate_jobs AS job WHERE id = :job")
    before = session.scalar(said, {"job": job})
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), session.begin_nested():
        session.execute(text(statement), {"job": job} if ":job" in statement else {})
    assert session.scalar(said, {"job": job}) == before
