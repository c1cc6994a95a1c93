"""Where rows come from: datasets (a source, of a date, with its licence) and the runs that imported them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from geo_registry.db.base import Base, Identified, one_of
from geo_registry.vocabulary import DatasetKind, PopulationBasis, RunState


class Dataset(Identified, Base):
    """One source of one kind of data; several live side by side and a run names which it used.

    `key` is how a person names it (by default the file's stem). `content_version` changes with every write
    to the dataset's rows, by trigger: what is derived from them (a compiled network) is keyed by it.
    `basis` and `as_of` are required for population and empty elsewhere where unknown.
    """

    __tablename__ = "dataset"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        CheckConstraint(one_of("kind", DatasetKind), name="kind_known"),
        CheckConstraint("key <> ''", name="key_given"),
        CheckConstraint(one_of("basis", PopulationBasis), name="basis_known"),
        CheckConstraint(
            "kind <> 'population' OR (basis IS NOT NULL AND as_of IS NOT NULL)", name="population_says_basis_and_date"
        ),
    )

    kind: Mapped[str]
    key: Mapped[str]
    title: Mapped[str] = mapped_column(server_default="")
    basis: Mapped[str | None]
    as_of: Mapped[date | None]
    licence: Mapped[str] = mapped_column(server_default="")
    content_version: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))


class ImportRun(Identified, Base):
    """One import: what was read and what became of it. It commits together with the rows that it wrote."""

    __tablename__ = "import_run"
    __table_args__ = (
        CheckConstraint(one_of("state", RunState), name="state_known"),
        CheckConstraint(one_of("kind", DatasetKind), name="kind_known"),
    )

    kind: Mapped[str]
    dataset_id: Mapped[UUID | None] = mapped_column(ForeignKey("dataset.id"), index=True)
    file_name: Mapped[str]
    state: Mapped[str]
    report: Mapped[dict[str, object]]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    actor: Mapped[str]
