"""The verbs of the room, for whoever keeps the queue: see what is in it, take jobs back, try again what failed."""

from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.db.paging import Listing, Page
from geo_registry.db.session import Database, ReadSession
from geo_registry.errors import JobCancelled, JobFinished, JobNotFailed
from geo_registry.jobs import queue, rescue
from geo_registry.jobs.queue import JobView
from geo_registry.jobs.registry import tasks
from geo_registry.vocabulary import JobState

OPEN_STATES = frozenset({JobState.QUEUED, JobState.RUNNING})


def list_jobs(session: ReadSession, page: Page, *, actor: Actor, state: JobState | None = None) -> Listing[JobView]:
    """Jobs, the newest first, in one state or in any.

    Raises
    ------
    Forbidden
        The actor may not.
    """
    policy.require(actor, Verb.LIST_JOBS)
    return queue.list_jobs(session, page, state=state)


def show_job(session: ReadSession, job: int, *, actor: Actor) -> JobView:
    """How one job stands.

    Raises
    ------
    Forbidden
        The actor may not.
    JobUnknown
        There is no such job.
    """
    policy.require(actor, Verb.LIST_JOBS)
    return queue.get_job(session, job)


def cancel_job(database: Database, job: int, *, actor: Actor) -> JobView:
    """Take a job back: a queued one is never begun, a running one stops at its next word of progress; its room is told.

    Cancelling a cancelled job changes nothing.

    Raises
    ------
    Forbidden
        The actor may not.
    JobUnknown
        There is no such job.
    JobFinished
        It is done, or has failed.
    """
    policy.require(actor, Verb.CANCEL_JOB)
    with database.write(actor=actor, why="jobs cancel", verb=Verb.CANCEL_JOB.value) as session:
        found = queue.job_to_change(session, job)
        if found.state is JobState.CANCELLED:
            return queue.get_job(session, job)
        if found.state not in OPEN_STATES:
            raise JobFinished(job=job, state=found.state.value)
        queue.note(session, job)
        if found.state is JobState.QUEUED:
            # Before it is ticked off, so that the room is told surely; of a running one the worker tells it.
            rescue.give_up(database, job=job, task_name=found.task, args=found.args, error=JobCancelled())
        return queue.cancel(session, job)


def retry_job(database: Database, job: int, *, actor: Actor) -> JobView:
    """Queue a job that failed once more, with what it was ordered with.

    Raises
    ------
    Forbidden
        The actor may not.
    JobUnknown
        There is no such job.
    JobNotFailed
        It hasn't failed.
    """
    policy.require(actor, Verb.RETRY_JOB)
    with database.write(actor=actor, why="jobs retry", verb=Verb.RETRY_JOB.value) as session:
        found = queue.job_to_change(session, job)
        if found.state is not JobState.FAILED:
            raise JobNotFailed(job=job, state=found.state.value)
        queue.note(session, job)
        task = tasks().get(found.task)
        if task is not None:
            task.begin_again(session, found.args)
        queue.put_back(session, job)
        return queue.get_job(session, job)
