"""Heritage: names on protection lists, and what is told of them (ADR 0072)."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0032"
branch_labels = None
depends_on = None

HERITAGE = "heritage"
EVIDENCE, STORY, PICTURE, MEASURE = (f"heritage_{each}" for each in ("evidence", "story", "picture", "measure"))
PARTS = (EVIDENCE, STORY, PICTURE, MEASURE)
KINDS = ("ancient-county", "ancient-town", "ancient-village", "old-street", "feature", "modern", "other")
LEVELS = ("nation", "province", "city", "county")
STATUSES = ("proposed", "listed", "delisted")
PURPOSES = ("keeping", "renaming")
MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp")
EVERYWHERE = "(SELECT scope_is_everywhere())"

SCOPE_HOLDS = """
CREATE FUNCTION scope_holds_heritage(heritage_id uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $body$
    SELECT scope_holds(division_id) FROM heritage WHERE id = $1
$body$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _heritage()
    _parts()
    op.execute(SCOPE_HOLDS)
    for table in (HERITAGE, *PARTS):
        op.execute(f"SELECT install_history('{table}')")
        op.execute(f"SELECT install_audit('{table}')")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO geo_app")
        op.execute(f"GRANT SELECT ON history.{table} TO geo_app")
        of = "scope_holds(division_id)" if table == HERITAGE else "scope_holds_heritage(heritage_id)"
        whose = f"{EVERYWHERE} OR {of}"
        op.execute(f"SELECT wall_in('{table}', 'true', $${whose}$$, $${whose}$$)")
        op.execute(f"SELECT let_write('{table}', true)")


def downgrade() -> None:
    for table in (*PARTS, HERITAGE):
        op.drop_table(table)
        op.execute(f"DROP TABLE history.{table}")
        for function in (f"history.write_{table}()", f"history.audit_{table}()"):
            op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP FUNCTION scope_holds_heritage(uuid)")


def _heritage() -> None:
    op.create_table(
        HERITAGE,
        _text("name"),
        _text("romanized", ""),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("division_id", sa.Uuid(), nullable=True),
        sa.Column("geom", Geometry("POINT", srid=4490, spatial_index=False), nullable=True),
        _text("kind"),
        _text("level"),
        _text("list_name", ""),
        _text("status", "proposed"),
        sa.Column("listed_on", sa.Date(), nullable=True),
        _text("document_number", ""),
        _text("body", ""),
        sa.Column("delisted_on", sa.Date(), nullable=True),
        _text("delisted_document", ""),
        _text("delisted_why", ""),
        *[_text(each, "") for each in ("founded", "named", "disused", "restored")],
        sa.Column("claims", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("synthetic", sa.Boolean(), server_default="false", nullable=False),
        *_recorded(),
        *_checks(
            HERITAGE,
            {
                "name_given": "name <> ''",
                "kind_known": _one_of("kind", KINDS),
                "level_known": _one_of("level", LEVELS),
                "status_known": _one_of("status", STATUSES),
                "claims_are_an_object": "jsonb_typeof(claims) = 'object'",
                "listed_by_a_document": "status = 'proposed' OR (listed_on IS NOT NULL AND document_number <> '' AND body <> '')",
                "delisted_on_a_day": "(status = 'delisted') = (delisted_on IS NOT NULL)",
                "delisted_after_listed": "delisted_on >= listed_on",
                "delisted_for_a_reason": "delisted_on IS NULL OR delisted_why <> ''",
                "geom_not_empty": "NOT ST_IsEmpty(geom)",
            },
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{HERITAGE}")),
        sa.UniqueConstraint("fid", name=op.f(f"uq_{HERITAGE}_fid")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f(f"fk_{HERITAGE}_place_id")),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name=op.f(f"fk_{HERITAGE}_division_id")),
    )
    op.create_index(op.f(f"ix_{HERITAGE}_place_id"), HERITAGE, ["place_id"])
    op.create_index(op.f(f"ix_{HERITAGE}_division_id"), HERITAGE, ["division_id"])
    op.create_index(
        "uq_heritage_one_listing",
        HERITAGE,
        ["place_id", "name", "list_name"],
        unique=True,
        postgresql_where=sa.text("place_id IS NOT NULL AND status <> 'delisted'"),
    )


def _parts() -> None:
    _part(
        EVIDENCE,
        [
            _text("what"),
            *[_text(each, "") for each in ("says", "dated", "source")],
            sa.Column("supports", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        ],
        {"what_given": "what <> ''"},
    )
    _part(STORY, [_text("title", ""), _text("story"), _text("source", "")], {"story_given": "story <> ''"})
    _part(
        PICTURE,
        [
            *[_text(each) for each in ("caption", "author", "licence")],
            _text("taken", ""),
            _text("media_type"),
            sa.Column("width_px", sa.Integer(), nullable=False),
            sa.Column("height_px", sa.Integer(), nullable=False),
            sa.Column("checksum", sa.LargeBinary(), nullable=False),
            sa.Column("content", sa.LargeBinary(), nullable=False),
        ],
        {
            "caption_given": "caption <> ''",
            "author_and_licence_given": "author <> '' AND licence <> ''",
            "media_type_known": _one_of("media_type", MEDIA_TYPES),
            "size_known": "width_px > 0 AND height_px > 0",
            "content_of_a_size": "octet_length(content) BETWEEN 1 AND 2000000",
            "checksum_whole": "octet_length(checksum) = 32",
        },
    )
    _part(
        MEASURE,
        [
            _text("purpose"),
            _text("measure"),
            sa.Column("decided_on", sa.Date(), nullable=False),
            _text("document_number", ""),
            _text("body", ""),
        ],
        {"measure_given": "measure <> ''", "purpose_known": _one_of("purpose", PURPOSES)},
    )


def _part(table: str, columns: list[sa.Column[Any]], checks: dict[str, str]) -> None:
    op.create_table(
        table,
        sa.Column("heritage_id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column("withdrawn", sa.Boolean(), server_default="false", nullable=False),
        *_recorded(),
        *_checks(table, checks),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("fid", name=op.f(f"uq_{table}_fid")),
        sa.ForeignKeyConstraint(["heritage_id"], [f"{HERITAGE}.id"], name=op.f(f"fk_{table}_heritage_id")),
    )
    op.create_index(op.f(f"ix_{table}_heritage_id"), table, ["heritage_id", "fid"])


def _checks(table: str, conditions: dict[str, str]) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(each, name=op.f(f"ck_{table}_{name}")) for name, each in conditions.items()]


def _text(name: str, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), server_default=default, nullable=False)


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


def _one_of(column: str, words: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"
