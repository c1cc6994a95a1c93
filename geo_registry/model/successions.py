"""What became of the divisions of one vintage in a later one."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Attributed, Base, Identified, one_of
from geo_registry.vocabulary import Certainty, DivisionChange


class DivisionSuccession(Identified, Attributed, Base):
    """A division of one vintage (`before_id`) became, or became part of, one of a later vintage (`after_id`).

    One that was merged has one such row, what it was merged into has several; of one that was split it is the other way
    about. `certainty` says how sure that is, `evidence` how it is known; what is only supposed is never certain.
    """

    __tablename__ = "division_succession"
    __table_args__ = (
        UniqueConstraint("before_id", "after_id"),
        CheckConstraint("before_id <> after_id", name="after_is_another"),
        CheckConstraint(one_of("change", DivisionChange), name="change_known"),
        CheckConstraint(one_of("certainty", Certainty), name="certainty_known"),
        CheckConstraint("evidence <> ''", name="evidence_given"),
    )

    before_id: Mapped[UUID] = mapped_column(ForeignKey("division.id"))
    after_id: Mapped[UUID] = mapped_column(ForeignKey("division.id"), index=True)
    change: Mapped[str]
    happened_on: Mapped[date | None]
    evidence: Mapped[str]
    certainty: Mapped[str]
    withdrawn: Mapped[bool] = mapped_column(server_default="false")
