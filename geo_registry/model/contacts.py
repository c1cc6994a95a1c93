"""Personal data: in tables of their own, so that they can be hidden and erased apart from the records that they belong to."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Base, Identified


class FacilityContact(Identified, Base):
    """Somebody to call at a facility.

    `digest_key` is random and goes with the row: digests of what the row said, which audit keeps, hold it, and tell
    nobody anything once it is erased.
    """

    __tablename__ = "facility_contact"
    __table_args__ = (
        CheckConstraint("person <> ''", name="person_given"),
        CheckConstraint("phone ~ '^[+0-9][0-9 -]{2,24}$'", name="phone_well_formed"),
    )

    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facility.id"), index=True)
    person: Mapped[str]
    post: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str]
    digest_key: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))
