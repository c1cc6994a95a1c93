"""Jobs whose worker is gone: put them back, or report them when that has happened too often.

A worker says that it lives by a heartbeat. One that was killed stays silent; its jobs stay `doing` until somebody looks.
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import RowMapping, text

from geo_registry.db.session import Database, WriteSession
from geo_registry.errors import DatabaseUnavailable, DomainError, JobCancelled, WorkerDied
from geo_registry.jobs.ledger import note_error
from geo_registry.jobs.registry import tasks

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
"""How often a job is tried in all: a third death is hardly bad luck any more."""

WORKER = "job-worker"

ABANDONED = text("""
    SELECT job.id, job.task_name, job.args, job.attempts, job.abort_requested
    FROM procrastinate_jobs AS job LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
    WHERE job.status = 'doing'
      AND job.worker_id IS DISTINCT FROM :own
      AND (worker.id IS NULL OR worker.id = ANY(:gone)
           OR worker.last_heartbeat < now() - make_interval(secs => :silent_s))
    ORDER BY job.id
    FOR UPDATE OF job SKIP LOCKED
    LIMIT 1
""")
PUT_BACK = text("SELECT procrastinate_retry_job_v2(:job, NULL, NULL, NULL, NULL)")
FINISH = text("SELECT procrastinate_finish_job_v1(:job, CAST(:status AS procrastinate_job_status), false)")
FORGET = text("""
    DELETE FROM procrastinate_workers
    WHERE id IS DISTINCT FROM :own
      AND (id = ANY(:gone) OR last_heartbeat < now() - make_interval(secs => :silent_s))
""")
FORGET_ALL = text("DELETE FROM procrastinate_workers")
UNCOUNT = text("UPDATE procrastinate_jobs SET attempts = attempts - 1 WHERE id = :job AND status = 'doing'")


@dataclass(frozen=True, slots=True)
class Rescued:
    """What became of the abandoned jobs, by id."""

    put_back: tuple[int, ...]
    failed: tuple[int, ...]


def rescue(database: Database, *, silent_s: float, own: int | None = None, gone: Collection[int] = ()) -> Rescued:
    """Put back the jobs of workers that are gone; those tried `MAX_ATTEMPTS` times fail with `WorkerDied`.

    Safe when several workers do it at once: each job is taken by one.

    Parameters
    ----------
    database
        Where the queue is.
    silent_s
        Seconds without a heartbeat after which a worker counts as gone.
    own
        The caller's own worker, which is never gone, however late its heartbeat (a laptop that slept).
    gone
        Workers that the caller knows to be gone, late or not.
    """
    parameters = {"own": own, "gone": list(gone), "silent_s": silent_s}
    put_back: list[int] = []
    failed: list[int] = []
    while True:
        with database.write(actor=WORKER, why="abandoned by its worker") as session:
            job = session.execute(ABANDONED, parameters).mappings().one_or_none()
            if job is None:
                session.execute(FORGET, parameters)
                return Rescued(put_back=tuple(put_back), failed=tuple(failed))
            (put_back if _decide(database, session, job) else failed).append(job["id"])


def forget_workers(database: Database) -> None:
    """Forget every worker, where none can be: in a restored database. The next one that begins puts their jobs back."""
    with database.write(actor=WORKER, why="a restored database has no workers") as session:
        session.execute(FORGET_ALL)


def uncount(database: Database, job: int) -> None:
    """Don't count the attempt that is just being broken off in good order: the queue will count it when it ends."""
    with database.write(actor=WORKER, why="broken off by its worker") as session:
        session.execute(UNCOUNT, {"job": job})


def give_up(database: Database, *, job: int, task_name: str, args: Mapping[str, object], error: DomainError) -> None:
    """Write down why a job came to nothing, and tell its room.

    A room that fails at that doesn't keep the job from failing: the log has the rest. Only a database that is away
    does, since then the whole is repeated later.
    """
    note_error(database, job, error)
    task = tasks().get(task_name)
    if task is None:
        return
    try:
        task.give_up(database, error, args)
    except DatabaseUnavailable:
        raise
    except Exception:  # the room's own failure, whatever it is, must not stop the worker
        logger.exception("%s could not take note that job %d failed", task_name, job)


def _decide(database: Database, session: WriteSession, job: RowMapping) -> bool:
    """Whether the job goes back into the queue; the room is told before the job is ticked off, so it is told surely."""
    attempts = job["attempts"] + 1
    if not job["abort_requested"] and attempts < MAX_ATTEMPTS:
        session.execute(PUT_BACK, {"job": job["id"]})
        logger.warning("job %d (%s) was abandoned by its worker: put back", job["id"], job["task_name"])
        return True
    cancelled = job["abort_requested"]
    error = JobCancelled() if cancelled else WorkerDied(attempts=attempts)
    give_up(database, job=job["id"], task_name=job["task_name"], args=job["args"], error=error)
    session.execute(FINISH, {"job": job["id"], "status": "aborted" if cancelled else "failed"})
    logger.error("job %d (%s) was abandoned by its worker: %s", job["id"], job["task_name"], error)
    return False
