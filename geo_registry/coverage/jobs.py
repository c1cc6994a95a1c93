"""The room's jobs; importing this module declares them to the worker."""

from contextlib import suppress
from uuid import UUID

from geo_registry.coverage.service import RUN_TASK, fail_run, perform_run, queue_again
from geo_registry.db.session import Database, WriteSession
from geo_registry.errors import DomainError, RunCancelled
from geo_registry.jobs.progress import Progress
from geo_registry.jobs.registry import task
from geo_registry.settings import get_settings


def say_that_it_failed(database: Database, error: DomainError, *, run_id: str) -> None:
    """The worker gave the run up, or was told to: it says so itself, and why."""
    fail_run(database, UUID(run_id), error)


def say_that_it_is_queued(session: WriteSession, *, run_id: str) -> None:
    """Somebody has it tried once more: it waits again."""
    queue_again(session, UUID(run_id))


@task(RUN_TASK, on_failure=say_that_it_failed, on_retry=say_that_it_is_queued)
def perform(database: Database, progress: Progress, *, run_id: str) -> None:
    """Perform an ordered run; of one that was cancelled just before the end, the job is done with that."""
    with suppress(RunCancelled):
        perform_run(database, UUID(run_id), data_path=get_settings().data_path, progress=progress)
