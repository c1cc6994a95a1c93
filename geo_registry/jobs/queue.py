"""Put work in the queue, take it out again, and see how it stands; all inside the caller's unit of work.

The queue's tables belong to procrastinate and lie in the schema `jobs`; they are written by its own SQL functions, on
the connection that carries the change, so that a job exists if and only if the change does (ADR 0010).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, text

from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.errors import JobUnknown
from geo_registry.vocabulary import JobState

SILENT_AFTER_S = 20.0
"""A worker that wasn't heard of for so long is taken for dead; well above the heartbeat, so that a busy moment isn't."""

Argument = str | int | float | bool | None
"""What a job may be given: it is kept as JSON, so ids and dates go as their text."""

# Every task is a queue of its own: a worker takes from those that it knows, so a job that a newer program ordered waits
# for a newer worker, where an older one would fail it.
DEFER = text("""
    SELECT unnest(procrastinate_defer_jobs_v1(ARRAY[
        ROW(:task, :task, 0, NULL, NULL, CAST(:args AS jsonb), NULL)::procrastinate_job_to_defer_v1
    ]))
""")

CANCEL = text("SELECT procrastinate_cancel_job_v1(:job, true, false)")

_VIEW = """
    SELECT job.id, job.task_name, job.status::text, job.attempts, progress.step, progress.done, progress.total, progress.error,
        (SELECT min(event.at) FROM procrastinate_events AS event WHERE event.job_id = job.id) AS ordered_at,
        progress.updated_at
    FROM procrastinate_jobs AS job LEFT JOIN job_progress AS progress ON progress.job_id = job.id
"""
VIEW = text(f"{_VIEW} WHERE job.id = :job")

# The newest first; ids count up as jobs are ordered.
LIST = text(f"""
    {_VIEW}
    WHERE (:after = 0 OR job.id < :after) AND (:anyhow OR job.status::text = ANY(:statuses))
    ORDER BY job.id DESC LIMIT :limit
""")

# Nobody else takes it while it is looked at: a worker passes over what is locked.
TO_CHANGE = text("SELECT id, task_name, args, status::text FROM procrastinate_jobs WHERE id = :job FOR UPDATE")

AGAIN = text("SELECT procrastinate_retry_job_v2(:job, NULL, NULL, NULL, NULL)")

NOTE = text("SELECT note_job(:job)")
NOTE_ORDER = text("SELECT note_order(:job)")

SILENCE = text("SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers")


STATES = {
    "todo": JobState.QUEUED,
    "doing": JobState.RUNNING,
    "succeeded": JobState.DONE,
    "failed": JobState.FAILED,
    "cancelled": JobState.CANCELLED,
    "aborting": JobState.RUNNING,
    "aborted": JobState.CANCELLED,
}
"""procrastinate's words for it: cancelled before it began, or aborted while it ran."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as its owner sees it.

    `attempts` counts those that came to an end, well or not; `done` of `total` units of `step` is what it said last
    (None before it said anything); `error` is why it failed, with ``code``, ``messages`` and ``hints`` by language.
    """

    id: int
    task: str
    state: JobState
    attempts: int
    step: str | None
    done: int | None
    total: int | None
    error: Mapping[str, object] | None
    ordered_at: datetime | None
    updated_at: datetime | None
    """When it last said something."""


@dataclass(frozen=True, slots=True)
class JobToChange:
    """A job that nobody else changes or takes until the unit of work ends, and what it was ordered with."""

    id: int
    task: str
    state: JobState
    args: Mapping[str, Argument]


def defer(session: WriteSession, task: str, /, **args: Argument) -> int:
    """Queue `task` with `args`, to be performed after the unit of work has committed; gives the job's id."""
    return int(session.execute(DEFER, {"task": task, "args": json.dumps(args, ensure_ascii=False)}).scalar_one())


def get_job(session: ReadSession, job: int) -> JobView:
    """How a job stands.

    Raises
    ------
    JobUnknown
        There is no such job.
    """
    row = session.execute(VIEW, {"job": job}).mappings().one_or_none()
    if row is None:
        raise JobUnknown(job=job)
    return _view(row)


def list_jobs(session: ReadSession, page: Page, *, state: JobState | None = None) -> Listing[JobView]:
    """Jobs, the newest first, in one state or in any; `page.after` counts downwards, 0 begins."""
    statuses = [status for status, means in STATES.items() if means is state]
    asked = {"after": page.after, "anyhow": state is None, "statuses": statuses, "limit": page.limit + 1}
    return listing([_view(row) for row in session.execute(LIST, asked).mappings()], page, lambda job: job.id)


def job_to_change(session: WriteSession, job: int) -> JobToChange:
    """A job, held until the unit of work ends.

    Raises
    ------
    JobUnknown
        There is no such job.
    """
    row = session.execute(TO_CHANGE, {"job": job}).mappings().one_or_none()
    if row is None:
        raise JobUnknown(job=job)
    return JobToChange(id=row["id"], task=row["task_name"], state=STATES[row["status"]], args=row["args"])


def note(session: WriteSession, job: int) -> None:
    """Have audit know that a job is changed, by whom the session is signed by; the queue's tables don't tell it."""
    session.execute(NOTE, {"job": job})


def note_order(session: WriteSession, job: int) -> None:
    """Have audit know that a job was queued, by whom the session is signed by."""
    session.execute(NOTE_ORDER, {"job": job})


def put_back(session: WriteSession, job: int) -> None:
    """Queue a job that failed once more."""
    session.execute(AGAIN, {"job": job})


def cancel(session: WriteSession, job: int) -> JobView:
    """Take a job back: a queued one is cancelled at once, a running one stops at its next word of progress.

    A job that has ended stays as it is. The room is told of a running job's end by the task's `on_failure`; of a queued
    one's it knows already, since it asked.

    Raises
    ------
    JobUnknown
        There is no such job.
    """
    session.execute(CANCEL, {"job": job})
    return get_job(session, job)


def worker_silence_s(session: ReadSession) -> float | None:
    """Seconds since any worker was heard of; None where there is none."""
    silence = session.execute(SILENCE).scalar_one()
    return None if silence is None else max(float(silence), 0.0)


def _view(row: RowMapping) -> JobView:
    return JobView(
        id=row["id"],
        task=row["task_name"],
        state=STATES[row["status"]],
        attempts=row["attempts"],
        step=row["step"],
        done=row["done"],
        total=row["total"],
        error=row["error"],
        ordered_at=row["ordered_at"],
        updated_at=row["updated_at"],
    )
