"""What the flow of an import asks of each kind of data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import Table

from geo_registry.db.copying import Value
from geo_registry.db.session import WriteSession
from geo_registry.errors import MappingIncomplete
from geo_registry.exchange.batch import Batch
from geo_registry.exchange.inputs import DatasetFacts
from geo_registry.exchange.plan import Plan
from geo_registry.exchange.source import Chunk
from geo_registry.geo.crs import Crs
from geo_registry.jobs.progress import Progress
from geo_registry.vocabulary import DatasetKind


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the rows that were settled in the database."""

    created: int
    updated: int
    unchanged: int
    refused: int
    absent: int = 0
    """Rows of the dataset that the file doesn't hold; they are left as they are."""


class Subject(Protocol):
    """One kind of data on its way in; made anew for every import."""

    @property
    def kind(self) -> DatasetKind:
        """What it is."""

    @property
    def fitting(self) -> Sequence[str]:
        """Words of the geometry types that its layers have."""

    @property
    def staged(self) -> Table:
        """Where its rows wait."""

    @property
    def keys(self) -> Sequence[str]:
        """The columns of `staged` that a row is known by."""

    @property
    def copied(self) -> Sequence[str]:
        """The columns of `staged` that `rows` fills."""

    def check(self, plan: Plan, columns: Sequence[str]) -> None:
        """See that the plan fills what every row needs.

        Raises
        ------
        MappingIncomplete, PositionsUnmapped, LinesMissing
            It doesn't; the error lists the file's `columns`.
        """

    def rows(self, batch: Batch, plan: Plan, crs: Crs) -> Sequence[Sequence[Value]]:
        """The batch's good rows as they are staged; the others become problems of the batch."""

    def facts(self, told: DatasetFacts) -> DatasetFacts:
        """What the dataset is of, from the command and the rows seen."""

    def settle(self, session: WriteSession, plan: Plan, dataset: UUID) -> Written:
        """Bring the staged rows into the registry."""

    def afterwards(self, session: WriteSession, progress: Progress) -> None:
        """See to what needs all rows in the registry, and tell of it in the report."""

    def beside(self, session: WriteSession, chunk: Chunk) -> None:
        """Stage what a chunk brings beside its rows."""

    def counts(self) -> Mapping[str, int]:
        """Counts of what came beside the rows, for the report."""


def needs(plan: Plan, columns: Sequence[str], *fields: str) -> None:
    """See that each of `fields` is filled.

    Raises
    ------
    MappingIncomplete
        One isn't.
    """
    for name in fields:
        if name not in plan.columns and name not in plan.constants:
            raise MappingIncomplete(field=name, known=", ".join(columns))
