"""How far each job of the queue has come; the queue itself is procrastinate's, in the schema `jobs`."""

from datetime import datetime

from sqlalchemy import CheckConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Base


class JobProgress(Base):
    """What a job said last; written on a connection of its own so that it shows before the job commits.

    `error` is why it failed or was cancelled: a code, messages and hints in both languages.
    """

    __tablename__ = "job_progress"
    __table_args__ = (CheckConstraint("done >= 0 AND (total IS NULL OR done <= total)", name="done_within_total"),)

    job_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[str]
    done: Mapped[int]
    total: Mapped[int | None]
    error: Mapped[dict[str, object] | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
