"""How the database stands: its revision, its extensions, and how much it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import text

from geo_registry.db import migrate
from geo_registry.db.session import ReadSession
from geo_registry.vocabulary import Holding

EXACT_UP_TO = 100_000
"""Larger tables are estimated: counting them would cost more than the number is worth."""

EXTENSIONS = text("SELECT extname, extversion FROM pg_extension ORDER BY extname")
ESTIMATE = text(
    """
    SELECT relname, reltuples / relpages * (pg_relation_size(oid) / current_setting('block_size')::int) AS rows
      FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relname = ANY(:tables) AND reltuples >= 0 AND relpages > 0
    """
)
"""As the planner does it: as many rows a page as were found last, times the pages that there are now."""

TRANSFORM = text("SELECT ST_Transform(ST_SetSRID(ST_MakePoint(119.65, 29.08), 4490), 3857)")

SYNTHETIC = text(
    """
    SELECT EXISTS (SELECT FROM division WHERE position_quality = 'synthetic')
        OR EXISTS (SELECT FROM facility WHERE position_quality = 'synthetic')
        OR EXISTS (
            SELECT FROM road_segment
            WHERE position_quality = 'synthetic' AND dataset_id = (
                SELECT id FROM dataset WHERE kind = 'roads' ORDER BY as_of DESC NULLS LAST, fid DESC LIMIT 1))
    """
)
"""Of roads the dataset that maps show: the newest, as `tiles/sources.py` finds it."""


UNWALLED = text(
    """
    SELECT relname FROM pg_class
     WHERE relnamespace IN (to_regnamespace('public'), to_regnamespace('history'))
       AND relkind IN ('r', 'p') AND relname <> 'alembic_version' AND NOT row_security_active(oid)
       AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
     ORDER BY relname
    """
)
"""For whoever asks: none is active for a table's owner, nor for a superuser. PostGIS's own table is left out."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The schema's revision beside the one that this program wants, and the versions of the extensions.

    `unwalled` are the tables in which row security doesn't bind the application (`docs/access.md`).
    """

    revision: str | None
    wanted: str
    extensions: Mapping[str, str]
    unwalled: Sequence[str]

    @property
    def migrated(self) -> bool:
        """Whether the schema is the one that this program was written for."""
        return self.revision == self.wanted


@dataclass(frozen=True, slots=True)
class RowCount:
    """How many rows a table has: exactly, about, or, where it was never measured, more than `rows`."""

    rows: int
    exact: bool
    more: bool = False


def warm(session: ReadSession) -> None:
    """Pay for a connection and its first transform (20 to 50 ms) before somebody waits for it."""
    session.execute(TRANSFORM)


@lru_cache(maxsize=1)
def _wanted() -> str:
    """The revision that this program was written for; reading every migration for it takes a tenth of a second."""
    return migrate.head()


def standing(session: ReadSession) -> Standing:
    """How the database stands; a few milliseconds."""
    return Standing(
        revision=migrate.revision_of(session.connection()),
        wanted=_wanted(),
        extensions={row.extname: row.extversion for row in session.execute(EXTENSIONS)},
        unwalled=session.scalars(UNWALLED).all(),
    )


def shows_synthetic_data(session: ReadSession) -> bool:
    """Whether any division, facility or road that every map shows is example data; such a map says so.

    A map that shows a run's people besides looks at the run's `totals.synthetic` too.
    """
    return bool(session.execute(SYNTHETIC).scalar_one())


def row_counts(session: ReadSession) -> Mapping[Holding, RowCount]:
    """How much the registry holds, by table."""
    estimates = {
        row.relname: round(row.rows) for row in session.execute(ESTIMATE, {"tables": [each.value for each in Holding]})
    }
    return {each: _count(session, each.value, estimates.get(each.value, 0)) for each in Holding}


def _count(session: ReadSession, table: str, estimate: int) -> RowCount:
    if estimate > EXACT_UP_TO:
        return RowCount(rows=estimate, exact=False)
    counted = session.execute(
        text(f"SELECT count(*) FROM (SELECT FROM {table} LIMIT :most) AS counted"), {"most": EXACT_UP_TO + 1}
    )
    rows = counted.scalar_one()
    return RowCount(rows=min(rows, EXACT_UP_TO), exact=rows <= EXACT_UP_TO, more=rows > EXACT_UP_TO)
