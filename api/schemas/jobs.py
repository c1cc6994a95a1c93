"""Jobs over the wire."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from geo_registry.jobs.queue import JobView
from geo_registry.vocabulary import JobState


class JobOut(BaseModel):
    """A job of the queue: how it stands, how far it has come, why it failed."""

    id: int
    task: Annotated[str, Field(description="What is done", examples=["coverage.run"])]
    state: JobState
    attempts: Annotated[int, Field(description="Those that came to an end, well or not")]
    step: Annotated[str | None, Field(description="What it said last; null before it said anything")]
    done: Annotated[int | None, Field(description="Units of the step that are done")]
    total: Annotated[int | None, Field(description="Of how many; null where that isn't known")]
    error: Annotated[
        dict[str, object] | None, Field(description="Why it failed: `code`, `messages` and `hints` by language")
    ]
    ordered_at: datetime | None
    updated_at: Annotated[datetime | None, Field(description="When it last said something")]

    @classmethod
    def of(cls, view: JobView) -> Self:
        """A job as it is sent."""
        return cls(
            id=view.id,
            task=view.task,
            state=view.state,
            attempts=view.attempts,
            step=view.step,
            done=view.done,
            total=view.total,
            error=dict(view.error) if view.error is not None else None,
            ordered_at=view.ordered_at,
            updated_at=view.updated_at,
        )
