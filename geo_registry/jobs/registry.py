"""The tasks that the worker can perform; rooms declare theirs here and never meet the queue's library."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from geo_registry.db.session import Database, WriteSession
from geo_registry.errors import DomainError

MAX_NAME_CHARS = 40
"""PostgreSQL's channels have at most 63; the queue of a task is told of by one, after procrastinate's prefix."""

Perform = TypeVar("Perform", bound=Callable[..., None])
"""``(database: Database, progress: Progress, **args) -> None``, with the arguments that the job was deferred with."""

OnFailure = Callable[..., None]
"""``(database: Database, error: DomainError, **args) -> None``."""

OnRetry = Callable[..., None]
"""``(session: WriteSession, **args) -> None``, in the unit of work that queues the job once more."""


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of long work: how it is performed, and how its room learns that it won't be.

    `perform` may run more than once for one job (its worker may be killed after the work was committed and before the
    job was ticked off), so it must be safe to repeat.
    `on_failure` is told once when a job has failed for good or was cancelled while it ran; it too must bear a
    repetition, for the same reason.
    `on_retry` is told when somebody has such a job queued once more.
    """

    name: str
    perform: Callable[..., None]
    on_failure: OnFailure | None = None
    on_retry: OnRetry | None = None

    def give_up(self, database: Database, error: DomainError, args: Mapping[str, object]) -> None:
        """Tell the room that the job with `args` came to nothing, and why."""
        if self.on_failure is not None:
            self.on_failure(database, error, **args)

    def begin_again(self, session: WriteSession, args: Mapping[str, object]) -> None:
        """Tell the room that the job with `args`, which failed, is queued once more."""
        if self.on_retry is not None:
            self.on_retry(session, **args)


_tasks: dict[str, Task] = {}


def task(
    name: str, *, on_failure: OnFailure | None = None, on_retry: OnRetry | None = None
) -> Callable[[Perform], Perform]:
    """Declare the decorated function as the task `name` (``room.verb``).

    Raises
    ------
    ValueError
        Another function has the name, or it is longer than `MAX_NAME_CHARS`.
    """
    if len(name) > MAX_NAME_CHARS:
        msg = f"the name of a task has at most {MAX_NAME_CHARS} characters: {name}"
        raise ValueError(msg)

    def declare(perform: Perform) -> Perform:
        if name in _tasks and _tasks[name].perform is not perform:
            msg = f"two tasks are called {name}"
            raise ValueError(msg)
        _tasks[name] = Task(name=name, perform=perform, on_failure=on_failure, on_retry=on_retry)
        return perform

    return declare


def tasks() -> Mapping[str, Task]:
    """Every declared task by its name; what the process didn't import isn't there."""
    return MappingProxyType(_tasks)
