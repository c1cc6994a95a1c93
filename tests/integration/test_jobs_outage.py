"""The database is killed under a working worker, and comes back."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from geo_registry.db import cluster, migrate
from geo_registry.db.session import Database
from geo_registry.jobs.queue import JobState
from tests.integration.test_jobs import _datasets, _ended, _order, _until, _view, _worker


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="geo-registry-outage-"))
    folder.chmod(0o755)
    yield folder
    cluster.remove(folder)
    shutil.rmtree(folder)


def test_a_worker_goes_on_after_the_database_was_killed(data_dir: Path, tmp_path: Path) -> None:
    urls = cluster.ensure_running(data_dir)
    migrate.upgrade(urls.owner_url)
    database = Database.connect(urls.app_url)
    go = tmp_path / "go"
    with _worker(urls.app_url) as worker:
        job = _order(database, "test.slow", key="a", until=str(go))
        _until(lambda: _view(database, job).done is not None, "the job to begin")
        pid = cluster.status(data_dir).pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        _until(lambda: not cluster.status(data_dir).running, "the database to be gone")
        assert cluster.ensure_running(data_dir).app_url == urls.app_url
        database.dispose()
        go.touch()
        assert _ended(database, job).state is JobState.DONE
        assert _ended(database, _order(database, "test.write", key="b")).state is JobState.DONE
        assert worker.poll() is None
    assert _datasets(database) == {"a": "written", "b": "written"}
    database.dispose()
