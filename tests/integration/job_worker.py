"""A worker with tasks for the tests, run as a process of its own: ``python -m tests.integration.job_worker URL``.

Further arguments name modules that declare the product's own tasks.
"""

import importlib
import logging
import os
import sys
import time
from pathlib import Path

from geo_registry.db.session import Database
from geo_registry.errors import DatabaseUnavailable, DomainError, GroupUnknown
from geo_registry.jobs.progress import Progress
from geo_registry.jobs.registry import task
from geo_registry.jobs.worker import WorkerOptions, run_worker
from geo_registry.model import Dataset

OPTIONS = WorkerOptions(poll_s=0.2, heartbeat_s=0.3, silent_s=1.5, grace_s=0.5)


def _write(database: Database, key: str, title: str) -> None:
    with database.write(actor="test") as session:
        session.add(Dataset(kind="roads", key=key, title=title))


def _note_failure(database: Database, error: DomainError, *, key: str, **_rest: object) -> None:
    _write(database, f"{key}-failed", error.code)


@task("test.write", on_failure=_note_failure)
def write(database: Database, progress: Progress, *, key: str) -> None:
    progress("write", 1, 1)
    _write(database, key, "written")


@task("test.slow", on_failure=_note_failure)
def slow(database: Database, progress: Progress, *, key: str, until: str) -> None:
    """Works until the file `until` is there; leaves ``<until>.<attempt's pid>`` behind when it begins."""
    Path(f"{until}.{os.getpid()}").touch()
    for step in range(10_000):
        progress("wait", step, 10_000)
        if Path(until).exists():
            break
        time.sleep(0.02)
    _write(database, key, "written")


@task("test.refuse", on_failure=_note_failure)
def refuse(database: Database, progress: Progress, *, key: str) -> None:
    progress("think", 3, 7)
    raise GroupUnknown(key=key, group="60+", known="all")


@task("test.crash", on_failure=_note_failure)
def crash(database: Database, progress: Progress, *, key: str) -> None:
    raise ZeroDivisionError


@task("test.die", on_failure=_note_failure)
def die(database: Database, progress: Progress, *, key: str) -> None:
    os._exit(9)


@task("test.outage", on_failure=_note_failure)
def outage(database: Database, progress: Progress, *, key: str, once: str) -> None:
    if not Path(once).exists():
        Path(once).touch()
        raise DatabaseUnavailable(reason="for the test")
    _write(database, key, "written")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    for module in sys.argv[2:]:
        importlib.import_module(module)
    run_worker(sys.argv[1], Database.connect(sys.argv[1]), OPTIONS)
