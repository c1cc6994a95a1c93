"""What happens to an import when something below it breaks: nothing is half there, and the next try works."""

import errno
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import create_engine, text

from geo_registry.db import cluster, migrate
from geo_registry.db.failures import failures_said
from geo_registry.db.session import Database, WriteSession
from geo_registry.errors import DatabaseUnavailable, FileCutOff, StorageFull
from geo_registry.exchange import staging
from geo_registry.exchange.inputs import ImportCommand, ImportReport
from geo_registry.exchange.service import import_file
from geo_registry.jobs.progress import Progress, unheard
from geo_registry.vocabulary import DatasetKind, PopulationBasis
from tests.conftest import TestUrls
from tests.factories import operator
from tests.integration.imports import ask, counts

ROWS = 25_000
"""Enough for several chunks."""
PATIENCE_S = 30
"""The longest that a killed server may take to be gone."""


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    path = tmp_path / "cells.csv"
    rows = (f"c{at},{119 + at % 100 / 100:.2f},{29 + at // 100 / 1000:.3f},{at % 500}" for at in range(ROWS))
    path.write_text("id,lon,lat,population\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def imported(database: Database, path: Path, *, progress: Progress = unheard, dataset: str = "cells") -> ImportReport:
    command = ImportCommand(
        kind=DatasetKind.POPULATION,
        path=path,
        dataset=dataset,
        as_of=date(2020, 11, 1),
        basis=PopulationBasis.RESIDENT,
    )
    return import_file(database, command, actor=operator(), progress=progress)


def nothing_is_there(database: Database) -> bool:
    return all(
        ask(database, f"SELECT count(*) FROM {table}") == [(0,)] for table in ("demand_point", "dataset", "import_run")
    )


@pytest.fixture
def own(committed: TestUrls) -> Iterator[Database]:
    """A database that really commits."""
    database = Database.connect(committed.app)
    yield database
    database.dispose()


@pytest.mark.parametrize("when", ["check", "write"])
def test_connection_that_is_ended_leaves_nothing_and_the_next_try_works(
    committed: TestUrls, own: Database, cells: Path, when: str
) -> None:
    administrator = create_engine(committed.superuser, isolation_level="AUTOCOMMIT")
    ended: list[int] = []
    idle = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'")

    def end_it(step: str, done: int, total: int | None = None) -> None:
        del done, total
        if step == when and not ended:
            with administrator.connect() as connection:
                ended.extend(connection.scalars(idle))
                for pid in ended:
                    connection.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid})

    with pytest.raises(DatabaseUnavailable):
        imported(own, cells, progress=end_it)
    administrator.dispose()
    assert len(ended) == 1
    assert nothing_is_there(own)
    assert counts(imported(own, cells)) == (ROWS, ROWS, 0, 0, 0)


@pytest.mark.parametrize("when", ["check", "write", "keys", "names", "surroundings"])
def test_names_that_are_taken_over_are_all_there_or_none_whenever_the_connection_ends(
    committed: TestUrls, own: Database, tmp_path: Path, when: str
) -> None:
    path = tmp_path / "names.csv"
    rows = (f"n{at},第{at}村,自然村,旧{at}村,{119 + at % 100 / 100:.2f},29.1" for at in range(200))
    path.write_text("id,name,class,曾用名,lon,lat\n" + "\n".join(rows) + "\n", encoding="utf-8")
    command = ImportCommand(kind=DatasetKind.PLACES, path=path)
    administrator = create_engine(committed.superuser, isolation_level="AUTOCOMMIT")
    ended: list[int] = []
    ours = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'")

    def end_it(step: str, done: int, total: int | None = None) -> None:
        del done, total
        if step == when and not ended:
            with administrator.connect() as connection:
                ended.extend(connection.scalars(ours))
                for pid in ended:
                    connection.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid})

    with pytest.raises(DatabaseUnavailable):
        import_file(own, command, actor=operator(), progress=end_it)
    administrator.dispose()
    assert len(ended) == 1
    for table in ("place", "place_name", "place_extent", "dataset", "import_run", "name_key"):
        assert ask(own, f"SELECT count(*) FROM {table}") == [(0,)], table
    assert counts(import_file(own, command, actor=operator())) == (200, 200, 0, 0, 0)
    assert ask(own, "SELECT count(*) FROM place_name") == [(400,)]


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="geo-registry-import-"))
    folder.chmod(0o755)
    yield folder
    cluster.remove(folder)
    shutil.rmtree(folder)


def test_killed_server_leaves_nothing_and_the_next_try_works(data_dir: Path, cells: Path) -> None:
    urls = cluster.ensure_running(data_dir)
    migrate.upgrade(urls.owner_url)
    database = Database.connect(urls.app_url)
    killed: list[int] = []

    def kill_it(step: str, done: int, total: int | None = None) -> None:
        del total
        pid = cluster.status(data_dir).pid
        if step == "check" and done >= ROWS // 2 and not killed and pid is not None:
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)
            deadline = monotonic() + PATIENCE_S
            while cluster.status(data_dir).running and monotonic() < deadline:
                sleep(0.05)

    with pytest.raises(DatabaseUnavailable):
        imported(database, cells, progress=kill_it)
    assert killed
    database.dispose()
    cluster.ensure_running(data_dir)
    again = Database.connect(urls.app_url)
    assert nothing_is_there(again)
    assert counts(imported(again, cells)) == (ROWS, ROWS, 0, 0, 0)
    again.dispose()


def test_two_imports_into_one_dataset_wait_for_each_other(own: Database, cells: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()
    reports: dict[str, ImportReport] = {}

    def hold(step: str, done: int, total: int | None = None) -> None:
        del done, total
        if step == "write":
            begun.set()
            assert go_on.wait(timeout=60)

    first = threading.Thread(target=lambda: reports.update(first=imported(own, cells, progress=hold)))
    second = threading.Thread(target=lambda: reports.update(second=imported(own, cells)))
    first.start()
    assert begun.wait(timeout=60)
    second.start()
    assert imported(own, cells, dataset="another").created == ROWS
    assert "second" not in reports
    go_on.set()
    first.join(timeout=120)
    second.join(timeout=120)
    assert counts(reports["first"]) == (ROWS, ROWS, 0, 0, 0)
    assert counts(reports["second"]) == (ROWS, 0, 0, ROWS, 0)


def test_file_that_is_cut_off_leaves_nothing(database: Database, cells: Path) -> None:
    content = cells.read_bytes()
    cells.write_bytes(content[: content.rindex(b",", 0, -10)])
    with pytest.raises(FileCutOff):
        imported(database, cells)
    assert nothing_is_there(database)


def test_full_disk_under_the_database_is_said_and_leaves_nothing(
    database: Database, cells: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(session: WriteSession, *_: object) -> None:
        session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"))

    monkeypatch.setattr(staging, "prepare", full)
    with pytest.raises(StorageFull):
        imported(database, cells)
    assert nothing_is_there(database)


def test_full_disk_under_temporary_files_is_said() -> None:
    with pytest.raises(StorageFull), failures_said():
        raise OSError(errno.ENOSPC, "No space left on device")


def test_other_failures_are_not_renamed() -> None:
    with pytest.raises(PermissionError), failures_said():
        raise PermissionError(errno.EACCES, "Permission denied")
