"""What a layer's rows come from: which dataset or run, in which version, where they lie, and whom they are credited to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import TextClause, text

from geo_registry.db.session import ReadSession
from geo_registry.errors import DatasetUnknown, GroupUnknown, RunNotDone, RunUnknown, TileParameterMissing
from geo_registry.geo.bbox import BBox
from geo_registry.vocabulary import DatasetKind, RunState

Values = Mapping[str, object]
"""The parameters of a question about tiles, by name; one that wasn't given is there, and None."""

ALL = "all"
"""Everyone: the group that isn't checked, since a dataset without it has nobody to show."""

NOTHING = "nothing"
"""The version of what isn't there yet: tables that nobody wrote to, a kind without a dataset."""

VERSION_OF_TABLE = text(
    "SELECT string_agg(CAST(version AS text), ' ' ORDER BY id) FROM table_version WHERE table_name = :name"
)
DATASETS = text(
    """
    SELECT id, key, CAST(content_version AS text) AS version FROM dataset
    WHERE kind = :kind AND (CAST(:key AS text) IS NULL OR key = :key) ORDER BY as_of DESC NULLS LAST, fid DESC
    """
)
RUN = text("SELECT state FROM coverage_run WHERE id = :run")
HAS_GROUP = text(
    "SELECT EXISTS (SELECT FROM demand_point WHERE dataset_id = :dataset AND jsonb_exists(counts, :group))"
)
GROUPS = text(
    """
    SELECT DISTINCT said FROM demand_point, jsonb_object_keys(counts) AS found (said) WHERE dataset_id = :dataset ORDER BY said
    """
)
KEY = text("SELECT key FROM dataset WHERE id = :dataset")
CREDITS = text(
    """
    SELECT DISTINCT licence FROM dataset
    WHERE kind = :kind AND licence <> '' AND (CAST(:id AS uuid) IS NULL OR id = :id) ORDER BY licence
    """
)
RUN_CREDITS = text(
    """
    SELECT DISTINCT licence
    FROM coverage_run, jsonb_path_query(inputs, '$.*.licence ? (@ != "")') AS found, LATERAL (SELECT found #>> '{}') AS said (licence)
    WHERE id = :run ORDER BY licence
    """
)
RUN_EXTENT = text("SELECT min(lon), min(lat), max(lon), max(lat) FROM coverage_point WHERE run_id = :run")


@dataclass(frozen=True, slots=True)
class Found:
    """What a question's tiles show: `subject` is the dataset or run, None where a whole table is or nothing is there."""

    version: str
    subject: UUID | None = None


class Source(Protocol):
    """Where a layer's rows come from; what is `lasting` never changes."""

    @property
    def lasting(self) -> bool:
        """Whether what is found stays as it is for good."""

    def find(self, session: ReadSession, values: Values) -> Found:
        """What is asked for, in its version of now; any write to it that commits makes another version."""

    def extent(self, session: ReadSession, found: Found) -> BBox | None:
        """A box around all that tiles may show; None where nothing is there."""

    def credits(self, session: ReadSession, found: Found) -> Sequence[str]:
        """The licences of the datasets that it is from."""


def _index_extent(session: ReadSession, table: str, *columns: str) -> BBox | None:
    # From the root of the spatial index: exact or a little wide, in a fraction of a millisecond, and never stale.
    extents = " UNION ALL ".join(
        f"SELECT CAST(ST_EstimatedExtent('public', '{table}', '{column}') AS geometry)" for column in columns
    )
    question = f"""
        SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
        FROM (SELECT ST_Transform(ST_SetSRID(ST_Extent(found.box), 3857), 4326) FROM ({extents}) AS found (box)) AS all_of (box)
    """
    return _box(session, text(question))


def _box(session: ReadSession, question: TextClause, **values: object) -> BBox | None:
    west, south, east, north = session.execute(question, values).one()
    return None if west is None else BBox(west, south, east, north)


@dataclass(frozen=True, slots=True)
class OwnTable:
    """All rows of a table; `columns` are those in EPSG:3857 that are shown, each with a spatial index."""

    table: str
    columns: tuple[str, ...]
    kind: DatasetKind
    lasting: bool = False

    def find(self, session: ReadSession, values: Values) -> Found:
        """The table in its version."""
        del values
        return Found(version=session.execute(VERSION_OF_TABLE, {"name": self.table}).scalar_one() or NOTHING)

    def extent(self, session: ReadSession, found: Found) -> BBox | None:
        """As its spatial index has it."""
        del found
        return _index_extent(session, self.table, *self.columns)

    def credits(self, session: ReadSession, found: Found) -> Sequence[str]:
        """Those of every dataset that was imported into it."""
        del found
        return session.execute(CREDITS, {"kind": self.kind.value, "id": None}).scalars().all()


@dataclass(frozen=True, slots=True)
class OneDataset:
    """The rows of one dataset of `kind`: the one that `parameter` names, or the newest, as in a coverage run."""

    table: str
    kind: DatasetKind
    parameter: str
    lasting: bool = False

    def find(self, session: ReadSession, values: Values) -> Found:
        """The dataset in its content version.

        Raises
        ------
        DatasetUnknown
            One was named that isn't there.
        """
        key = values[self.parameter]
        row = session.execute(DATASETS, {"kind": self.kind.value, "key": key}).first()
        if row is not None:
            return Found(version=f"{row.id} {row.version}", subject=row.id)
        if key is None:
            return Found(version=NOTHING)
        known = session.execute(DATASETS, {"kind": self.kind.value, "key": None}).all()
        raise DatasetUnknown(
            kind=self.kind.value,
            kind_zh=self.kind.zh,
            key=key,
            known=", ".join(each.key for each in known) or "–",
        )

    def extent(self, session: ReadSession, found: Found) -> BBox | None:
        """A box around the table's rows of every dataset."""
        return _index_extent(session, self.table, "geom_3857") if found.subject else None

    def credits(self, session: ReadSession, found: Found) -> Sequence[str]:
        """The dataset's own."""
        if found.subject is None:
            return ()
        return session.execute(CREDITS, {"kind": self.kind.value, "id": found.subject}).scalars().all()


@dataclass(frozen=True, slots=True)
class OnePopulation(OneDataset):
    """The rows of one population dataset, of whom a group is asked for."""

    def find(self, session: ReadSession, values: Values) -> Found:
        """The dataset in its content version.

        Raises
        ------
        DatasetUnknown
            One was named that isn't there.
        GroupUnknown
            None of its points says anything about the group.
        """
        # Not `super()`: a class with slots is made twice, and it would mean the first.
        found = OneDataset.find(self, session, values)
        group = values["group"]
        if found.subject is None or group == ALL:
            return found
        if not session.execute(HAS_GROUP, {"dataset": found.subject, "group": group}).scalar_one():
            known = session.execute(GROUPS, {"dataset": found.subject}).scalars().all()
            key = session.execute(KEY, {"dataset": found.subject}).scalar_one()
            raise GroupUnknown(key=key, group=group, known=", ".join(known) or "–")
        return found


@dataclass(frozen=True, slots=True)
class OneRun:
    """The answers of one coverage run; they never change."""

    lasting: bool = True

    def find(self, session: ReadSession, values: Values) -> Found:
        """The run.

        Raises
        ------
        TileParameterMissing
            None was named.
        RunUnknown, RunNotDone
            There is none of that id, or it has no answers.
        """
        run = values["run"]
        if not isinstance(run, UUID):
            raise TileParameterMissing(name="run", layer="coverage")
        row = session.execute(RUN, {"run": run}).first()
        if row is None:
            raise RunUnknown(run=run)
        if row.state != RunState.DONE.value:
            raise RunNotDone(run=run, state=row.state)
        return Found(version=str(run), subject=run)

    def extent(self, session: ReadSession, found: Found) -> BBox | None:
        """A box around the run's points."""
        return _box(session, RUN_EXTENT, run=found.subject)

    def credits(self, session: ReadSession, found: Found) -> Sequence[str]:
        """Those of the population and the roads that answered."""
        return session.execute(RUN_CREDITS, {"run": found.subject}).scalars().all()
