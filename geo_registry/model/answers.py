"""Answers kept for requests that are sent twice."""

from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary, SmallInteger, func
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Base


class KeptAnswer(Base):
    """What whoever made something was answered, by the key that they sent along; it commits together with what was made.

    `digest` is the SHA-256 of the request. A day later nobody tries again, and it is forgotten.
    """

    __tablename__ = "kept_answer"
    __table_args__ = (CheckConstraint("octet_length(digest) = 32", name="digest_whole"),)

    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int] = mapped_column(SmallInteger)
    headers: Mapped[dict[str, object]]
    body: Mapped[str]
    kept_at: Mapped[datetime] = mapped_column(server_default=func.transaction_timestamp(), index=True)
