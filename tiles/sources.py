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

DATASET = text("SELECT id FROM dataset WHERE kind = :kind AND key = :key")
DATASETS = text("SELECT key FROM dataset WHERE kind = :kind ORDER BY as_of DESC NULLS LAST, fid DESC")
RUN = text("SELECT state FROM coverage_run WHERE id = :run")
GROUPS = text(
    """
    SELECT DISTINCT said FROM demand_point, jsonb_object_keys(counts) AS found (said) WHERE dataset_id = :dataset ORDER BY said
    """
)
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

    @property
    def query(self) -> str:
        """SQL of what is asked for: one row of its `id` and its `version` of now, or none.

        Any write to it that commits makes another version. The parameters are bound by their names.
        """

    def explain(self, session: ReadSession, values: Values) -> None:
        """Say why `query` had no row, where that is the question's fault; nothing where nothing is there yet."""

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

    @property
    def query(self) -> str:
        """The table in its version."""
        return f"""
            SELECT CAST(NULL AS uuid) AS id, string_agg(CAST(version AS text), ' ' ORDER BY id) AS version
            FROM table_version WHERE table_name = '{self.table}'
        """

    def explain(self, session: ReadSession, values: Values) -> None:
        """A table is always there."""
        del session, values

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

    @property
    def named(self) -> str:
        """SQL of the dataset in its content version."""
        return f"""
            SELECT id, key, id || ' ' || content_version AS version FROM dataset
            WHERE kind = '{self.kind.value}' AND (CAST(:{self.parameter} AS text) IS NULL OR key = :{self.parameter})
            ORDER BY as_of DESC NULLS LAST, fid DESC LIMIT 1
        """

    @property
    def query(self) -> str:
        """The dataset in its content version."""
        return self.named

    def explain(self, session: ReadSession, values: Values) -> None:
        """Refuse one that was named and isn't there.

        Raises
        ------
        DatasetUnknown
        """
        key = values[self.parameter]
        asked = {"kind": self.kind.value}
        if key is not None and session.execute(DATASET, {**asked, "key": key}).first() is None:
            known = ", ".join(session.execute(DATASETS, asked).scalars())
            raise DatasetUnknown(kind=self.kind.value, kind_zh=self.kind.zh, key=key, known=known or "–")

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

    @property
    def query(self) -> str:
        """The dataset in its content version, where any of its points says something about the group."""
        return f"""
            SELECT id, version FROM ({self.named}) AS named
            WHERE :group = '{ALL}' OR EXISTS (
                SELECT FROM demand_point WHERE dataset_id = named.id AND jsonb_exists(counts, :group))
        """

    def explain(self, session: ReadSession, values: Values) -> None:
        """Refuse one that was named and isn't there, and a group that none of its points says anything about.

        Raises
        ------
        DatasetUnknown, GroupUnknown
        """
        # Not `super()`: a class with slots is made twice, and it would mean the first.
        OneDataset.explain(self, session, values)
        group = values["group"]
        if group == ALL:
            return
        named = session.execute(text(self.named), {self.parameter: values[self.parameter]}).first()
        known = session.execute(GROUPS, {"dataset": named.id}).scalars().all() if named else ()
        if named and group not in known:
            raise GroupUnknown(key=named.key, group=group, known=", ".join(known) or "–")


@dataclass(frozen=True, slots=True)
class OneRun:
    """The answers of one coverage run; they never change."""

    lasting: bool = True

    @property
    def query(self) -> str:
        """The run, once it is done."""
        return f"""
            SELECT id, CAST(id AS text) AS version FROM coverage_run
            WHERE id = CAST(:run AS uuid) AND state = '{RunState.DONE.value}'
        """

    def explain(self, session: ReadSession, values: Values) -> None:
        """Refuse to show what isn't named, isn't there, or has no answers.

        Raises
        ------
        TileParameterMissing, RunUnknown, RunNotDone
        """
        run = values["run"]
        if not isinstance(run, UUID):
            raise TileParameterMissing(name="run", layer="coverage")
        row = session.execute(RUN, {"run": run}).first()
        if row is None:
            raise RunUnknown(run=run)
        # Even one that is done by now: it wasn't when its tile was made, and that tile would be kept for a day.
        raise RunNotDone(run=run, state=row.state)

    def extent(self, session: ReadSession, found: Found) -> BBox | None:
        """A box around the run's points."""
        return _box(session, RUN_EXTENT, run=found.subject)

    def credits(self, session: ReadSession, found: Found) -> Sequence[str]:
        """Those of the population and the roads that answered."""
        return session.execute(RUN_CREDITS, {"run": found.subject}).scalars().all()
