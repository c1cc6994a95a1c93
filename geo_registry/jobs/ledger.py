"""What a running job says, written where everyone can read it."""

from collections.abc import Callable
from time import monotonic
from uuid import uuid4

from sqlalchemy import func, null
from sqlalchemy.dialects.postgresql import insert

from geo_registry.db.session import Database
from geo_registry.errors import DatabaseUnavailable, DomainError
from geo_registry.model import JobProgress

WRITE_EVERY_S = 0.25
"""A person sees no more than four steps a second, and the database shouldn't have to."""

LOCALES = ("zh-CN", "en")


class Stopped(BaseException):
    """The job is to stop here; raised out of its call of `progress`.

    Not an `Exception`, so that a handler around one bad row doesn't take it for the row's.
    """


class JobProgressListener:
    """The `Progress` of one job: keeps its row, on a connection of its own, and stops the job when it has to.

    What is said too soon after the last word waits; a new step and the end are always written.
    That the row can't be written is no reason to fail: then the database is away, and the job will notice itself.
    """

    def __init__(self, database: Database, job: int, *, must_stop: Callable[[], bool]) -> None:
        self._database = database
        self._job = job
        self._must_stop = must_stop
        self._written: tuple[str, int, int | None] | None = None
        self._latest: tuple[str, int, int | None] | None = None
        self._written_at = 0.0

    def __call__(self, step: str, done: int, total: int | None = None) -> None:
        """Take note of `done` of `total` units of `step`.

        Raises
        ------
        Stopped
            The job was cancelled, or its worker has to go.
        """
        if self._must_stop():
            raise Stopped
        self._latest = (step, done if total is None else min(done, total), total)
        new_step = self._written is None or self._written[0] != step
        if new_step or monotonic() - self._written_at >= WRITE_EVERY_S:
            self.flush()

    def flush(self) -> None:
        """Write the latest word, if it isn't written yet."""
        if self._latest is None or self._latest == self._written:
            return
        step, done, total = self._latest
        try:
            _write(self._database, self._job, step=step, done=done, total=total, error=null())
        except DatabaseUnavailable:
            return
        self._written, self._written_at = self._latest, monotonic()


def note_error(database: Database, job: int, error: DomainError) -> None:
    """Write down why a job failed; how far it had come stays."""
    statement = insert(JobProgress).values(job_id=job, step="", done=0, error=as_json(error))
    with database.write(actor=_actor(job), why="job failed") as session:
        session.execute(
            statement.on_conflict_do_update(
                index_elements=[JobProgress.job_id],
                set_={"error": statement.excluded.error, "updated_at": func.clock_timestamp()},
            )
        )


def as_json(error: DomainError) -> dict[str, object]:
    """An error as it is stored and shown: its code, and what it says in every language."""
    return {
        "code": error.code,
        "messages": {locale: error.message(locale) for locale in LOCALES},
        "hints": {locale: error.hint(locale) for locale in LOCALES},
    }


def new_reference() -> str:
    """A short word by which a message and a line of the log are matched."""
    return uuid4().hex[:12]


def _write(database: Database, job: int, **values: object) -> None:
    statement = insert(JobProgress).values(job_id=job, **values)
    with database.write(actor=_actor(job), why="job progress") as session:
        session.execute(
            statement.on_conflict_do_update(
                index_elements=[JobProgress.job_id], set_={**values, "updated_at": func.clock_timestamp()}
            )
        )


def _actor(job: int) -> str:
    return f"job:{job}"
