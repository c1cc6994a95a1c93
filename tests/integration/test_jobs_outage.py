"""The database is killed under a working worker, and comes back."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from geo_registry.db import cluster, migrate
from geo_registry.db.session import Database
from geo_registry.jobs.queue import worker_silence_s
from geo_registry.jobs.worker import CONNECT_TIMEOUT_S
from geo_registry.vocabulary import JobState
from tests.integration.job_worker import OPTIONS
from tests.integration.test_jobs import _datasets, _ended, _order, _until, _view, _worker


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="geo-registry-outage-"))
    folder.chmod(0o755)
    yield folder
    cluster.remove(folder)
    shutil.rmtree(folder)


@pytest.mark.parametrize("ends_meanwhile", [False, True], ids=["its job ends afterwards", "its job ends meanwhile"])
def test_a_worker_goes_on_after_the_database_was_away_for_longer_than_it_waits(
    data_dir: Path, tmp_path: Path, *, ends_meanwhile: bool
) -> None:
    urls = cluster.ensure_running(data_dir)
    migrate.upgrade(urls.owner_url)
    database = Database.connect(urls.app_url)
    go = tmp_path / "go"
    with _worker(urls.app_url) as worker:
        job = _order(database, "test.slow", key="a", until=str(go))
        _until(lambda: _view(database, job).done is not None, "the job to begin")
        _kill(data_dir)
        if ends_meanwhile:
            go.touch()
        time.sleep(CONNECT_TIMEOUT_S + 1)
        cluster.ensure_running(data_dir)
        database.dispose()
        go.touch()
        assert _ended(database, job).state is JobState.DONE
        assert _ended(database, _order(database, "test.write", key="b")).state is JobState.DONE
        assert worker.poll() is None
        _until(lambda: _silence_s(database) < OPTIONS.silent_s, "a heartbeat")
    assert _datasets(database) == {"a": "written", "b": "written"}
    database.dispose()


def test_a_worker_goes_on_after_the_database_was_killed(data_dir: Path, tmp_path: Path) -> None:
    urls = cluster.ensure_running(data_dir)
    migrate.upgrade(urls.owner_url)
    database = Database.connect(urls.app_url)
    go = tmp_path / "go"
    with _worker(urls.app_url) as worker:
        job = _order(database, "test.slow", key="a", until=str(go))
        _until(lambda: _view(database, job).done is not None, "the job to begin")
        _kill(data_dir)
        assert cluster.ensure_running(data_dir).app_url == urls.app_url
        database.dispose()
        go.touch()
        assert _ended(database, job).state is JobState.DONE
        assert _ended(database, _order(database, "test.write", key="b")).state is JobState.DONE
        assert worker.poll() is None
    assert _datasets(database) == {"a": "written", "b": "written"}
    database.dispose()


def _kill(data_dir: Path) -> None:
    pid = cluster.status(data_dir).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    _until(lambda: not cluster.status(data_dir).running, "the database to be gone")


def _silence_s(database: Database) -> float:
    with database.read() as session:
        silence_s = worker_silence_s(session)
    return float("inf") if silence_s is None else silence_s
