"""The worker: takes jobs from the queue and performs them, through kills, restarts and outages of the database.

What it promises: a job is performed at least once or its room is told why not; a failure of the database or the death
of a worker delays a job and never loses it.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, LiteralString

import psycopg
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.connector import Notify
from procrastinate.exceptions import ConnectorException, JobAborted
from procrastinate.job_context import AbortReason
from procrastinate.jobs import Job
from procrastinate.worker import Worker
from sqlalchemy import make_url

from geo_registry import clock
from geo_registry.db.engine import SEARCH_PATH
from geo_registry.db.session import Database
from geo_registry.errors import DatabaseUnavailable, DomainError, JobCancelled, TaskCrashed
from geo_registry.jobs.ledger import JobProgressListener, Stopped, new_reference
from geo_registry.jobs.queue import SILENT_AFTER_S
from geo_registry.jobs.registry import Task, tasks
from geo_registry.jobs.rescue import MAX_ATTEMPTS, give_up, rescue, uncount

logger = logging.getLogger(__name__)

RETRY_WAIT_S = (2, 15)
"""How long a job waits after the database went away under it, by attempt."""
RECONNECT_WAIT_S = (0.5, 1.0, 2.0, 5.0)
"""How long the worker waits before it tries the database again; the last one from then on."""
CONNECT_TIMEOUT_S = 5.0


def _is_worth_a_traceback(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, DomainError) or isinstance(error, TaskCrashed)


# Crashes are worth their tracebacks; what was refused, and an outage, are said once, by us.
logging.getLogger("procrastinate").setLevel(logging.WARNING)
logging.getLogger("procrastinate.worker").addFilter(_is_worth_a_traceback)
logging.getLogger("procrastinate.utils").setLevel(logging.CRITICAL)
logging.getLogger("psycopg.pool").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How a worker works; times in seconds.

    `grace_s` is how long a job may go on after the worker was told to stop; then it is broken off at its next word of
    progress and put back.
    """

    concurrency: int = 1
    poll_s: float = 2.0
    heartbeat_s: float = 3.0
    silent_s: float = SILENT_AFTER_S
    grace_s: float = 8.0


DEFAULT_OPTIONS = WorkerOptions()


class BrokenOff(Exception):
    """The worker stops before the job is done: the job goes back into the queue."""


def run_worker(url: str, database: Database, options: WorkerOptions = DEFAULT_OPTIONS) -> None:
    """Perform jobs until SIGTERM or SIGINT; jobs that can't be finished by then are put back.

    Parameters
    ----------
    url
        The database's URL as the application's role, for the queue's own driver.
    database
        The same database, for the jobs.
    options
        How many at once, and how patient.
    """
    asyncio.run(JobWorker(url, database, options).run())


class JobWorker:
    """A worker that connects anew whenever the database comes back, each time as a new worker of the queue."""

    def __init__(self, url: str, database: Database, options: WorkerOptions = DEFAULT_OPTIONS) -> None:
        self._url = url
        self._database = database
        self._options = options
        self._stopping = asyncio.Event()
        self._current: Worker | None = None
        self._lost: ConnectorException | None = None
        self._failures = 0
        self._gone: set[int] = set()

    async def run(self) -> None:
        """Work until told to stop."""
        asyncio.get_running_loop().set_exception_handler(_say_unless_outage)
        with self._signals():
            while not self._stopping.is_set():
                try:
                    await self._work()
                except (ConnectorException, psycopg.Error, DatabaseUnavailable) as error:
                    wait_s = RECONNECT_WAIT_S[min(self._failures, len(RECONNECT_WAIT_S) - 1)]
                    self._failures += 1
                    logger.warning(
                        "the database is away (%s): trying again in %.1f s", error.__cause__ or error, wait_s
                    )
                    await self._sleep(wait_s)

    def stop(self) -> None:
        """Stop when the running jobs are done, or broken off."""
        self._stopping.set()
        if self._current is not None:
            self._current.stop()  # type: ignore[no-untyped-call]

    def _leave(self, error: ConnectorException) -> None:
        """Stop being this worker of the queue, and be a new one as soon as the database lets us.

        Running jobs are given their grace, then broken off; those whose end can't be written down are rescued by the
        new worker, to whom the old one is gone.
        """
        self._lost = error
        if self._current is not None:
            self._current.stop()  # type: ignore[no-untyped-call]

    async def _work(self) -> None:
        self._lost = None
        async with make_app(self._url, self._database, on_failure=self._leave).open_async() as app:
            await self._rescue()
            self._failures = 0
            worker = Worker(
                app=app,
                queues=sorted(tasks()),
                concurrency=self._options.concurrency,
                fetch_job_polling_interval=self._options.poll_s,
                abort_job_polling_interval=self._options.poll_s,
                shutdown_graceful_timeout=self._options.grace_s,
                update_heartbeat_interval=self._options.heartbeat_s,
                stalled_worker_timeout=self._options.silent_s,
                install_signal_handlers=False,
            )
            self._current = worker
            if self._stopping.is_set():
                return
            watch = asyncio.create_task(self._watch(worker))
            try:
                await worker.run()  # type: ignore[no-untyped-call]
            finally:
                watch.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await watch
                # Still registered means that the database went away before it could sign off: its jobs are abandoned.
                if worker.worker_id is not None:
                    self._gone.add(worker.worker_id)
                self._current = None
        if self._lost is not None:
            raise self._lost

    async def _watch(self, worker: Worker) -> None:
        """Look after other workers' jobs from time to time."""
        while True:
            await asyncio.sleep(self._options.silent_s / 4)
            try:
                await self._rescue(worker.worker_id)
            except DatabaseUnavailable as error:
                logger.warning("can't look for abandoned jobs now: %s", error)

    async def _rescue(self, own: int | None = None) -> None:
        await asyncio.to_thread(
            rescue, self._database, silent_s=self._options.silent_s, own=own, gone=tuple(self._gone)
        )
        self._gone.clear()

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        stops = (signal.SIGTERM, signal.SIGINT)
        for stop in stops:
            loop.add_signal_handler(stop, self.stop)
        try:
            yield
        finally:
            for stop in stops:
                loop.remove_signal_handler(stop)


class _Connector(PsycopgConnector):
    """The queue's connection, which says when it failed.

    procrastinate's worker ends by itself only when it fails to take a job. It watches its heartbeat and its listener
    until the first of its side tasks ends, and the one for periodic tasks, of which we have none, ends at once; and a
    job whose end couldn't be written down it forgets. It would go on without a heartbeat, and the job stay `doing`.
    """

    def __init__(self, *, on_failure: Callable[[ConnectorException], None], **pool: Any) -> None:
        super().__init__(**pool)
        self._on_failure = on_failure

    @contextlib.contextmanager
    def _failure_said(self) -> Iterator[None]:
        try:
            yield
        except ConnectorException as error:
            self._on_failure(error)
            raise

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        with self._failure_said():
            await super().execute_query_async(query, **arguments)

    async def execute_query_one_async(self, query: LiteralString, **arguments: Any) -> dict[str, Any]:
        with self._failure_said():
            row: dict[str, Any] = await super().execute_query_one_async(query, **arguments)
        return row

    async def execute_query_all_async(self, query: LiteralString, **arguments: Any) -> list[dict[str, Any]]:
        with self._failure_said():
            rows: list[dict[str, Any]] = await super().execute_query_all_async(query, **arguments)
        return rows

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        with self._failure_said():
            await super().listen_notify(on_notification, channels)


def _say_unless_outage(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """For what a forgotten task of procrastinate's raised: an outage is said once, by us."""
    if not isinstance(context.get("exception"), ConnectorException):
        loop.default_exception_handler(context)


def make_app(url: str, database: Database, *, on_failure: Callable[[ConnectorException], None]) -> App:
    """The queue's side of every declared task, on `url`; `on_failure` is told when a question to the queue failed."""
    connector = _Connector(
        on_failure=on_failure,
        conninfo=make_url(url).set(drivername="postgresql").render_as_string(hide_password=False),
        kwargs={"options": f"-c search_path={SEARCH_PATH}", "application_name": "geo-registry worker"},
        min_size=1,
        max_size=4,
        timeout=CONNECT_TIMEOUT_S,
    )
    app = App(connector=connector)
    for task in tasks().values():
        app.task(name=task.name, queue=task.name, pass_context=True, retry=_RetryWhenTheDatabaseWasAway())(
            _performer(task, database)
        )
    return app


class _RetryWhenTheDatabaseWasAway(BaseRetryStrategy):
    """Asked by procrastinate what becomes of a job that raised."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, BrokenOff):
            return RetryDecision()
        if _is_tried_again(exception, job):
            return RetryDecision(retry_at=clock.now() + timedelta(seconds=RETRY_WAIT_S[job.attempts]))
        return None


def _is_tried_again(error: BaseException, job: Job) -> bool:
    return isinstance(error, DatabaseUnavailable) and job.attempts + 1 < MAX_ATTEMPTS


def _performer(task: Task, database: Database) -> Callable[..., None]:
    def perform(context: JobContext, **args: object) -> None:
        job = context.job
        progress = JobProgressListener(database, _id_of(job), must_stop=context.should_abort)
        try:
            logger.info("job %d (%s) begins", _id_of(job), task.name)
            task.perform(database, progress, **args)
            progress.flush()
            logger.info("job %d (%s) is done", _id_of(job), task.name)
        except Stopped:
            if context.abort_reason() is AbortReason.USER_REQUEST:
                _report(database, job, JobCancelled())
                raise JobAborted from None
            # Rather counted once too often than failed without a word.
            with contextlib.suppress(DatabaseUnavailable):
                uncount(database, _id_of(job))
            raise BrokenOff from None
        except DomainError as error:
            if not _is_tried_again(error, job):
                logger.warning("job %d (%s) failed: %s: %s", _id_of(job), task.name, error.code, error)
                _report(database, job, error)
            raise
        except Exception as error:  # whatever a room lets slip, its record must say that it failed
            crash = TaskCrashed(task=task.name, reference=new_reference())
            _report(database, job, crash)
            raise crash from error

    return perform


def _id_of(job: Job) -> int:
    assert job.id is not None, "a job that is performed is in the queue"
    return job.id


def _report(database: Database, job: Job, error: DomainError) -> None:
    """Tell the room; while nobody can be told, the job is put back rather than lost in silence."""
    try:
        give_up(database, job=_id_of(job), task_name=job.task_name, args=job.task_kwargs, error=error)
    except DatabaseUnavailable as away:
        raise BrokenOff from away
