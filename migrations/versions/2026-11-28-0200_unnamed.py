"""Roads without a name, the searches for them, and wishes for names (ADR 0073)."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0034"
branch_labels = None
depends_on = None

SEARCH, LANE, WISH = "unnamed_search", "unnamed_lane", "name_wish"
ORIGINS = ("network", "drawn", "imported")
STATUSES = ("found", "proposed", "dropped", "filed", "named", "gone")
AFTER = ("feature", "village", "wish", "person")
QUALITIES = ("surveyed", "source", "approximate", "synthetic")
WRITES = "(SELECT scope_is_everywhere()) OR scope_holds(division_id)"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _runs()
    _lanes()
    _wishes()
    for table in (SEARCH, LANE, WISH):
        op.execute(f"SELECT install_history('{table}')")
        op.execute(f"SELECT install_audit('{table}')")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO geo_app")
        op.execute(f"GRANT SELECT ON history.{table} TO geo_app")
        op.execute(f"SELECT wall_in('{table}', 'true', $${WRITES}$$, $${WRITES}$$)")
        op.execute(f"SELECT let_write('{table}', true)")


def downgrade() -> None:
    for table in (WISH, LANE, SEARCH):
        op.drop_table(table)
        op.execute(f"DROP TABLE history.{table}")
        op.execute(f"DROP FUNCTION history.write_{table}()")
        op.execute(f"DROP FUNCTION history.audit_{table}()")


def _runs() -> None:
    op.create_table(
        SEARCH,
        sa.Column("division_id", sa.Uuid(), nullable=True),
        sa.Column("roads_id", sa.Uuid(), nullable=False),
        *[
            sa.Column(each, sa.BigInteger(), nullable=False)
            for each in ("lanes_found", "lanes_new", "lanes_named", "lanes_gone")
        ],
        sa.Column("seconds", sa.Double(), nullable=False),
        *_recorded(),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name=op.f(f"fk_{SEARCH}_division_id")),
        sa.ForeignKeyConstraint(["roads_id"], ["dataset.id"], name=op.f(f"fk_{SEARCH}_roads_id")),
        *_keys(SEARCH),
    )
    op.create_index(op.f(f"ix_{SEARCH}_division_id"), SEARCH, ["division_id"])


def _lanes() -> None:
    conditions = {
        "origin_known": f"origin IN ({_listed(ORIGINS)})",
        "status_known": f"status IN ({_listed(STATUSES)})",
        "named_after_known": f"named_after IN ({_listed(AFTER)})",
        "position_quality_known": f"position_quality IN ({_listed(QUALITIES)})",
        "geom_not_empty": "NOT ST_IsEmpty(geom)",
        "length_positive": "length_m > 0",
        "width_positive": "width_m > 0",
        "proposed_name_given": "proposed_name <> ''",
        "proposed_lanes_have_a_name": "status NOT IN ('proposed', 'filed') OR proposed_name IS NOT NULL",
        "dropped_lanes_have_a_reason": "status <> 'dropped' OR reason <> ''",
    }
    op.create_table(
        LANE,
        sa.Column("search_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=True),
        sa.Column("geom", Geometry("LINESTRING", srid=4490, spatial_index=False), nullable=False),
        sa.Column("length_m", sa.Double(), nullable=False),
        sa.Column("highway", sa.String(), server_default="", nullable=False),
        sa.Column("begins", postgresql.JSONB(), nullable=False),
        sa.Column("ends", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.String(), server_default="found", nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("proposed_name", sa.String(), nullable=True),
        sa.Column("other_names", postgresql.ARRAY(sa.TEXT()), server_default="{}", nullable=False),
        sa.Column("meaning", sa.String(), server_default="", nullable=False),
        sa.Column("named_after", sa.String(), nullable=True),
        sa.Column("width_m", sa.Double(), nullable=True),
        sa.Column("surface", sa.String(), server_default="", nullable=False),
        sa.Column("position_quality", sa.String(), server_default="source", nullable=False),
        *_recorded(),
        *[sa.CheckConstraint(each, name=op.f(f"ck_{LANE}_{name}")) for name, each in conditions.items()],
        sa.ForeignKeyConstraint(["search_id"], [f"{SEARCH}.id"], name=op.f(f"fk_{LANE}_search_id")),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name=op.f(f"fk_{LANE}_division_id")),
        *_keys(LANE),
    )
    op.create_index(op.f(f"ix_{LANE}_division_id"), LANE, ["division_id"])
    op.create_index(f"ix_{LANE}_geom", LANE, ["geom"], postgresql_using="gist")


def _wishes() -> None:
    op.create_table(
        WISH,
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column("lane_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("meaning", sa.String(), server_default="", nullable=False),
        sa.Column("by_whom", sa.String(), server_default="", nullable=False),
        sa.Column("synthetic", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default="false", nullable=False),
        *_recorded(),
        sa.CheckConstraint("name <> ''", name=op.f(f"ck_{WISH}_name_given")),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name=op.f(f"fk_{WISH}_division_id")),
        sa.ForeignKeyConstraint(["lane_id"], [f"{LANE}.id"], name=op.f(f"fk_{WISH}_lane_id")),
        *_keys(WISH),
    )
    op.create_index(op.f(f"ix_{WISH}_division_id"), WISH, ["division_id"])


def _keys(table: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("fid", name=op.f(f"uq_{table}_fid")),
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


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
