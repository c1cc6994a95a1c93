"""Accounts: who may sign in, what they are granted, how they are known."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WITH_HISTORY = ("account", "team", "team_member", "role_grant", "api_token")

CHANGED = {
    "account": ("display_name", "state", "must_change"),
    "account_password": ("hash", "set_at"),
    "team": ("name",),
    "team_member": ("left_at",),
    "role_grant": ("valid_until",),
    "account_session": ("seen_at", "ended_at"),
    "api_token": ("revoked_at",),
    "api_token_secret": ("used_at",),
    "sign_in_failure": ("failures", "last_at", "blocked_until"),
}
"""The columns that the application changes; of all others it can't alter what was written once."""

FACILITY_KINDS = (
    "care-institution",
    "home-care-centre",
    "meal-point",
    "cemetery",
    "columbarium",
    "funeral-home",
    "marriage-hall",
    "child-welfare-home",
    "child-protection-centre",
    "child-protection-station",
    "rescue-station",
    "assistance-station",
    "rehabilitation-point",
    "charity-shop",
    "incubator",
    "social-work-station",
)
ROLES = (
    "public",
    "viewer",
    "township",
    "steward",
    "field",
    "contractor",
    "supervisor",
    "registrar",
    "signer",
    "planner",
    "admin",
)
SCOPES = ("read", "plan", "edit", "admin")

# The application deletes nothing (ADR 0007); what is of no use to anybody any more goes by this alone.
FORGET_SIGN_INS = """
CREATE FUNCTION forget_sign_ins() RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    DELETE FROM sign_in_failure WHERE last_at < now() - interval '1 day' AND coalesce(blocked_until < now(), true);
    DELETE FROM account_session WHERE expires_at < now() - interval '90 days';
$body$
"""


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _identified() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("fid", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
    ]


def _identified_by(table: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("fid", name=op.f(f"uq_{table}_fid")),
    ]


def _moment(name: str, *, nullable: bool = False, now: bool = False) -> sa.Column[object]:
    default = sa.text("transaction_timestamp()") if now else None
    return sa.Column(name, postgresql.TIMESTAMP(timezone=True), server_default=default, nullable=nullable)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="active", nullable=False),
        sa.Column("must_change", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        *_identified(),
        sa.CheckConstraint("login ~ '^[a-z0-9][a-z0-9._-]{1,39}$'", name=op.f("ck_account_login_well_formed")),
        sa.CheckConstraint("display_name <> ''", name=op.f("ck_account_display_name_given")),
        sa.CheckConstraint("state IN ('active', 'disabled')", name=op.f("ck_account_state_known")),
        *_identified_by("account"),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_table(
        "account_password",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        _moment("set_at", now=True),
        sa.CheckConstraint("hash LIKE '$argon2id$%'", name=op.f("ck_account_password_hash_is_argon2id")),
        _refers("account_password", "account_id", "account"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_password")),
    )
    op.create_table(
        "team",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        *_identified(),
        sa.CheckConstraint("key ~ '^[a-z0-9][a-z0-9._-]{1,39}$'", name=op.f("ck_team_key_well_formed")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_team_name_given")),
        *_identified_by("team"),
        sa.UniqueConstraint("key", name=op.f("uq_team_key")),
    )
    op.create_table(
        "team_member",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        _moment("left_at", nullable=True),
        *_identified(),
        _refers("team_member", "team_id", "team"),
        _refers("team_member", "account_id", "account"),
        *_identified_by("team_member"),
    )
    op.create_index(op.f("ix_team_member_team_id"), "team_member", ["team_id"])
    op.create_index(
        "uq_team_member_present",
        "team_member",
        ["account_id", "team_id"],
        unique=True,
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_table(
        "role_grant",
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("division", sa.String(), server_default="", nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=True),
        _moment("valid_from", now=True),
        _moment("valid_until", nullable=True),
        *_identified(),
        sa.CheckConstraint(f"role IN ({_listed(ROLES)})", name=op.f("ck_role_grant_role_known")),
        sa.CheckConstraint("role <> 'public'", name=op.f("ck_role_grant_role_is_not_everyones")),
        sa.CheckConstraint("(account_id IS NULL) <> (team_id IS NULL)", name=op.f("ck_role_grant_one_holder")),
        sa.CheckConstraint(
            "division ~ '^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})?$'",
            name=op.f("ck_role_grant_division_is_a_prefix"),
        ),
        sa.CheckConstraint(
            f"kinds <@ ARRAY[{_listed(FACILITY_KINDS)}]::text[] AND kinds <> '{{}}'",
            name=op.f("ck_role_grant_kinds_known"),
        ),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_role_grant_ends_after_it_begins")),
        _refers("role_grant", "account_id", "account"),
        _refers("role_grant", "team_id", "team"),
        *_identified_by("role_grant"),
    )
    for column in ("account_id", "team_id"):
        op.create_index(op.f(f"ix_role_grant_{column}"), "role_grant", [column])
    op.create_table(
        "account_session",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        _moment("created_at"),
        _moment("seen_at"),
        _moment("expires_at"),
        _moment("ended_at", nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_account_session_digest_whole")),
        _refers("account_session", "account_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_account_session_digest")),
    )
    op.create_index(op.f("ix_account_session_expires_at"), "account_session", ["expires_at"])
    op.create_index(
        "ix_account_session_account_id",
        "account_session",
        ["account_id"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "api_token",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        _moment("expires_at"),
        _moment("revoked_at", nullable=True),
        *_identified(),
        sa.CheckConstraint("name <> ''", name=op.f("ck_api_token_name_given")),
        sa.CheckConstraint(
            f"scopes <@ ARRAY[{_listed(SCOPES)}]::text[] AND scopes <> '{{}}'", name=op.f("ck_api_token_scopes_known")
        ),
        _refers("api_token", "account_id", "account"),
        *_identified_by("api_token"),
    )
    op.create_index(op.f("ix_api_token_account_id"), "api_token", ["account_id"])
    op.create_table(
        "api_token_secret",
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        _moment("used_at", nullable=True),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_api_token_secret_digest_whole")),
        _refers("api_token_secret", "token_id", "api_token"),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_api_token_secret")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_token_secret_digest")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        _moment("last_at"),
        _moment("blocked_until", nullable=True),
        sa.CheckConstraint("by IN ('login', 'address')", name=op.f("ck_sign_in_failure_by_known")),
        sa.PrimaryKeyConstraint("by", "key", name=op.f("pk_sign_in_failure")),
    )
    op.create_index(op.f("ix_sign_in_failure_last_at"), "sign_in_failure", ["last_at"])
    for table in WITH_HISTORY:
        op.execute(f"SELECT install_history('{table}')")
        op.execute(f"GRANT SELECT ON history.{table} TO geo_app")
    for table, changed in CHANGED.items():
        op.execute(f"GRANT SELECT, INSERT, UPDATE ({', '.join(changed)}) ON {table} TO geo_app")
    op.execute(FORGET_SIGN_INS)
    op.execute("REVOKE ALL ON FUNCTION forget_sign_ins() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION forget_sign_ins() TO geo_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION forget_sign_ins()")
    for table in reversed(CHANGED):
        op.drop_table(table)
    for table in WITH_HISTORY:
        op.execute(f"DROP TABLE history.{table}")
        op.execute(f"DROP FUNCTION history.write_{table}()")
