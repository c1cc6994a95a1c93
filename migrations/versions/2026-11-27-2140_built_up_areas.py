"""Built-up areas as records: whose they are, how far they reached in which period, by what evidence (ADR 0066)."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None

AREA, EXTENT = "built_up_area", "built_up_extent"
PRECISIONS = ("day", "month", "year", "decade", "century", "era")
QUALITIES = ("surveyed", "source", "approximate", "synthetic")
DATASETS = ("divisions", "places", "facilities", "population", "roads")
WITH_AREAS = ("divisions", "places", "built-up-areas", "facilities", "population", "roads")
PERIOD = "daterange(valid_from, valid_to)"
OWN = ("division_id", "divisions", "position_quality", "dataset_id", "source_id", "period")
EVERYWHERE = "(SELECT scope_is_everywhere())"

SCOPE_HOLDS_AREA = """
CREATE FUNCTION scope_holds_built_up_area(area_id uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $body$
    SELECT scope_holds(division_id) FROM built_up_area WHERE id = $1
$body$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _areas()
    _extents()
    op.execute(SCOPE_HOLDS_AREA)
    for table in (AREA, EXTENT):
        op.execute(f"SELECT install_history('{table}')")
        op.execute(f"SELECT install_audit('{table}')")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {EXTENT} TO geo_app")
    op.execute(f"GRANT SELECT ON history.{EXTENT} TO geo_app")
    _wall_in_areas(f"{EVERYWHERE} OR scope_holds(division_id)")
    whose = f"{EVERYWHERE} OR scope_holds_built_up_area(area_id)"
    op.execute(f"SELECT wall_in('{EXTENT}', 'true', $${whose}$$, $${whose}$$)")
    for table in (AREA, EXTENT):
        op.execute(f"SELECT let_write('{table}', true)")
    _kinds(WITH_AREAS)


def downgrade() -> None:
    op.drop_table(EXTENT)
    op.execute(f"DROP TABLE history.{EXTENT}")
    for function in (f"history.write_{EXTENT}()", f"history.audit_{EXTENT}()", "scope_holds_built_up_area(uuid)"):
        op.execute(f"DROP FUNCTION {function}")
    _wall_in_areas(EVERYWHERE)
    op.drop_constraint(op.f(f"ck_{AREA}_geom_not_empty"), AREA)
    columns = (*OWN, "valid_from", "from_precision", "valid_to", "to_precision")
    # The period is computed of the others.
    for column in ("period", *(each for each in columns if each != "period")):
        op.drop_column(AREA, column)
        op.execute(f"ALTER TABLE history.{AREA} DROP COLUMN IF EXISTS {column}")
    for each in ("history", "audit"):
        op.execute(f"SELECT install_{each}('{AREA}')")
    for table in ("import_run", "dataset"):
        op.execute(f"DELETE FROM {table} WHERE kind = 'built-up-areas'")
    _kinds(DATASETS)


def _areas() -> None:
    columns: list[sa.Column[Any]] = [
        sa.Column("division_id", sa.Uuid(), nullable=True),
        sa.Column("divisions", postgresql.JSONB(), nullable=True),
        sa.Column("position_quality", sa.String(), server_default="source", nullable=False),
        sa.Column("dataset_id", sa.Uuid(), nullable=True),
        sa.Column("source_id", sa.String(), nullable=True),
        *_period(ends=False),
    ]
    for column in columns:
        op.add_column(AREA, column)
    for name, condition in _conditions().items():
        op.create_check_constraint(op.f(f"ck_{AREA}_{name}"), AREA, condition)
    op.create_foreign_key(op.f(f"fk_{AREA}_division_id"), AREA, "division", ["division_id"], ["id"])
    op.create_foreign_key(op.f(f"fk_{AREA}_dataset_id"), AREA, "dataset", ["dataset_id"], ["id"])
    op.create_unique_constraint(op.f(f"uq_{AREA}_dataset_id_source_id"), AREA, ["dataset_id", "source_id"])
    op.create_index(op.f(f"ix_{AREA}_division_id"), AREA, ["division_id"])


def _extents() -> None:
    op.create_table(
        EXTENT,
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=4490, spatial_index=False), nullable=False),
        sa.Column("divisions", postgresql.JSONB(), nullable=True),
        sa.Column("source", sa.String(), server_default="", nullable=False),
        sa.Column("position_quality", sa.String(), server_default="source", nullable=False),
        *_period(ends=True),
        sa.Column("withdrawn", sa.Boolean(), server_default="false", nullable=False),
        *_recorded(),
        *[sa.CheckConstraint(each, name=op.f(f"ck_{EXTENT}_{name}")) for name, each in _conditions().items()],
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{EXTENT}")),
        sa.UniqueConstraint("fid", name=op.f(f"uq_{EXTENT}_fid")),
        sa.ForeignKeyConstraint(["area_id"], [f"{AREA}.id"], name=op.f(f"fk_{EXTENT}_area_id")),
        postgresql.ExcludeConstraint(
            (sa.column("area_id"), "="),
            (sa.column("period"), "&&"),
            where=sa.text("NOT withdrawn"),
            using="gist",
            name="ex_built_up_extent_one_at_a_time",
        ),
    )
    op.create_index(f"ix_{EXTENT}_area_id", EXTENT, ["area_id", "fid"])


def _conditions() -> dict[str, str]:
    return {
        "from_precision_known": f"from_precision IN ({_listed(PRECISIONS)})",
        "to_precision_known": f"to_precision IN ({_listed(PRECISIONS)})",
        "ends_after_it_begins": "valid_to > valid_from",
        "position_quality_known": f"position_quality IN ({_listed(QUALITIES)})",
        "divisions_are_a_list": "jsonb_typeof(divisions) = 'array'",
        "geom_not_empty": "NOT ST_IsEmpty(geom)",
    }


def _period(*, ends: bool) -> list[sa.Column[Any]]:
    return [
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("from_precision", sa.String(), server_default="day", nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=not ends),
        sa.Column("to_precision", sa.String(), server_default="day", nullable=False),
        sa.Column("period", postgresql.DATERANGE(), sa.Computed(PERIOD, persisted=True), nullable=False),
    ]


def _recorded() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("fid", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "recorded_by",
            sa.String(),
            server_default=sa.text("coalesce(nullif(current_setting('geo.actor', true), ''), session_user::text)"),
            nullable=True,
        ),
        sa.Column(
            "recorded_why",
            sa.String(),
            server_default=sa.text("nullif(current_setting('geo.why', true), '')"),
            nullable=True,
        ),
    ]


def _wall_in_areas(writes: str) -> None:
    op.execute(f"DROP POLICY inserts ON {AREA}")
    op.execute(f"DROP POLICY updates ON {AREA}")
    op.execute(f"CREATE POLICY inserts ON {AREA} FOR INSERT TO geo_app WITH CHECK ({writes})")
    op.execute(f"CREATE POLICY updates ON {AREA} FOR UPDATE TO geo_app USING ({writes}) WITH CHECK ({writes})")


def _kinds(kinds: tuple[str, ...]) -> None:
    for table in ("dataset", "import_run"):
        op.drop_constraint(f"ck_{table}_kind_known", table)
        op.create_check_constraint(op.f(f"ck_{table}_kind_known"), table, f"kind IN ({_listed(kinds)})")


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
