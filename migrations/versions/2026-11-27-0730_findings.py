"""Findings of the checks over all names, and what is cleared of them with a reason (ADR 0060)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TYPES = ("division", "facility", "place")
SEVERITIES = ("error", "warning", "note")
CODES = (
    "duplicate",
    "duplicate-folded",
    "homophone",
    "near-homophone",
    "renowned-feature",
    "renowned-homophone",
    "specific-missing",
    "generic-missing",
    "generic-unfit",
    "generic-size",
    "grandiose",
    "meaning",
    "script",
    "figures",
    "character-uncommon",
    "character-unlisted",
    "leader-name",
    "personal-name",
    "foreign-name",
    "brand-name",
    "name-elsewhere",
    "division-from-feature",
    "facility-disagrees",
    "extent-overlap",
    "extent-gap",
    "series-gap",
    "dates-order",
    "outside-division",
    "built-up-area-unknown",
    "dialect-unchecked",
)
EVERYWHERE = "(SELECT scope_is_everywhere())"
BUILT_UP = "type = 'place' AND kind IN ('street', 'residential-area', 'building') AND NOT former"

# The application deletes nothing (ADR 0007): what was found before goes when it is found anew, and only everywhere at once.
FORGET_NAME_FINDINGS = """
CREATE FUNCTION forget_name_findings() RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    IF NOT scope_is_everywhere() THEN
        RAISE insufficient_privilege USING MESSAGE = 'findings are of the whole registry';
    END IF;
    DELETE FROM name_finding;
    DELETE FROM name_review;
END $body$
"""


def upgrade() -> None:
    op.create_table(
        "name_review",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column(
            "made_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.Column("names", sa.BigInteger(), nullable=False),
        sa.Column("findings", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("ordered_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_review")),
    )
    op.create_table(
        "name_finding",
        sa.Column("fid", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("division_code", sa.CHAR(length=12), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("basis", postgresql.JSONB(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("collides_with", sa.Uuid(), nullable=True),
        sa.Column("collides_name", sa.String(), nullable=True),
        sa.Column("collides_kind", sa.String(), nullable=True),
        sa.Column("collides_division", sa.CHAR(length=12), nullable=True),
        sa.Column("distance_m", sa.Integer(), nullable=True),
        sa.CheckConstraint(f"type IN ({_listed(TYPES)})", name=op.f("ck_name_finding_type_known")),
        sa.CheckConstraint(f"code IN ({_listed(CODES)})", name=op.f("ck_name_finding_code_known")),
        sa.CheckConstraint(f"severity IN ({_listed(SEVERITIES)})", name=op.f("ck_name_finding_severity_known")),
        sa.ForeignKeyConstraint(["review_id"], ["name_review.id"], name=op.f("fk_name_finding_review_id")),
        sa.PrimaryKeyConstraint("fid", name=op.f("pk_name_finding")),
    )
    op.create_index("ix_name_finding_severity_fid", "name_finding", ["severity", "fid"])
    op.create_index("ix_name_finding_record_id", "name_finding", ["record_id"])
    op.create_index(
        "ix_name_finding_division_code",
        "name_finding",
        ["division_code"],
        postgresql_ops={"division_code": "bpchar_pattern_ops"},
    )
    _clearances()
    op.execute(FORGET_NAME_FINDINGS)
    op.execute("REVOKE ALL ON FUNCTION forget_name_findings() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION forget_name_findings() TO geo_app")
    for table in ("name_review", "name_finding"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO geo_app")
        _wall_in(table, EVERYWHERE)
    op.create_index(
        "ix_name_key_built_up", "name_key", ["homophone", "kind", "lon"], postgresql_where=sa.text(BUILT_UP)
    )


def downgrade() -> None:
    op.drop_index("ix_name_key_built_up", table_name="name_key")
    op.execute("DROP FUNCTION forget_name_findings()")
    op.drop_table("finding_clearance")
    op.execute("DROP TABLE history.finding_clearance")
    op.execute("DROP FUNCTION history.write_finding_clearance()")
    op.execute("DROP FUNCTION history.audit_finding_clearance()")
    op.drop_table("name_finding")
    op.drop_table("name_review")


def _clearances() -> None:
    op.create_table(
        "finding_clearance",
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("division_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("collides_with", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default="false", nullable=False),
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
        sa.CheckConstraint("num_nonnulls(place_id, division_id) = 1", name=op.f("ck_finding_clearance_of_one_record")),
        sa.CheckConstraint(f"code IN ({_listed(CODES)})", name=op.f("ck_finding_clearance_code_known")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_finding_clearance_reason_given")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_finding_clearance_place_id")),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name=op.f("fk_finding_clearance_division_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_clearance")),
        sa.UniqueConstraint("fid", name=op.f("uq_finding_clearance_fid")),
    )
    op.create_index(
        "uq_finding_clearance_in_force",
        "finding_clearance",
        ["place_id", "division_id", "name", "code", "collides_with"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("NOT withdrawn"),
    )
    op.execute("SELECT install_history('finding_clearance')")
    op.execute("SELECT install_audit('finding_clearance')")
    op.execute("GRANT SELECT, INSERT, UPDATE ON finding_clearance TO geo_app")
    op.execute("GRANT SELECT ON history.finding_clearance TO geo_app")
    _wall_in("finding_clearance", f"{EVERYWHERE} OR scope_holds_place(place_id) OR scope_holds(division_id)")


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _wall_in(table: str, writes: str) -> None:
    op.execute(f"SELECT wall_in('{table}', 'true', $${writes}$$, $${writes}$$)")
