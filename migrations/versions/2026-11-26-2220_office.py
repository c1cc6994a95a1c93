"""Accounts of the demonstration, single sign-on, and who is granted what by it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# As 0010 made it, and attempts at single sign-on that were left lying.
FORGET_SIGN_INS = """
CREATE OR REPLACE FUNCTION forget_sign_ins() RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    DELETE FROM sign_in_failure WHERE last_at < now() - interval '1 day' AND coalesce(blocked_until < now(), true);
    DELETE FROM account_session WHERE expires_at < now() - interval '90 days';
{more}$body$
"""
# Accounts of a demonstration that was cleared don't count: the registry is as it was before.
ACCOUNTS_EXIST = """
CREATE OR REPLACE FUNCTION accounts_exist() RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT EXISTS (SELECT FROM account{where})
$body$
"""

EVERYWHERE = "(SELECT scope_is_everywhere())"
SIGNING_IN = "(SELECT scope_is_signing_in())"
WALLS = {
    "account_identity": (
        f"{EVERYWHERE} OR {SIGNING_IN} OR account_id = (SELECT acting_account()) OR scope_sees(account_id, NULL)",
        EVERYWHERE,
        EVERYWHERE,
    ),
    "oidc_attempt": (EVERYWHERE, EVERYWHERE, EVERYWHERE),
}
"""Who reads, inserts and updates them (0011): whom the single sign-on knows is noted by the product itself."""
AND_ATTEMPTS = "    DELETE FROM oidc_attempt WHERE created_at < now() - interval '1 day';\n"


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, postgresql.TIMESTAMP(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.add_column("account", sa.Column("demo", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("role_grant", sa.Column("by_group", sa.String(), nullable=True))
    for table in ("account", "role_grant"):
        _follow(table)
    op.create_table(
        "account_identity",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("fid", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("subject <> ''", name=op.f("ck_account_identity_subject_given")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_identity_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_identity")),
        sa.UniqueConstraint("fid", name=op.f("uq_account_identity_fid")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_account_identity_issuer_subject")),
    )
    op.create_index(op.f("ix_account_identity_account_id"), "account_identity", ["account_id"])
    _follow("account_identity")
    op.execute("GRANT SELECT ON history.account_identity TO geo_app")
    op.execute("GRANT SELECT, INSERT ON account_identity TO geo_app")
    op.create_table(
        "oidc_attempt",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("following", sa.String(), nullable=False),
        _moment("created_at"),
        _moment("used_at", nullable=True),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_oidc_attempt_digest_whole")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_oidc_attempt")),
    )
    op.create_index(op.f("ix_oidc_attempt_created_at"), "oidc_attempt", ["created_at"])
    op.execute("GRANT SELECT, INSERT, UPDATE (used_at) ON oidc_attempt TO geo_app")
    op.execute(FORGET_SIGN_INS.format(more=AND_ATTEMPTS))
    op.execute(ACCOUNTS_EXIST.format(where=" WHERE NOT demo OR state = 'active'"))
    for table, conditions in WALLS.items():
        given = ", ".join(f"$wall${condition}$wall$" for condition in conditions)
        op.execute(f"SELECT wall_in('{table}', {given})")


def downgrade() -> None:
    op.execute(ACCOUNTS_EXIST.format(where=""))
    op.execute(FORGET_SIGN_INS.format(more=""))
    op.drop_table("oidc_attempt")
    op.drop_table("account_identity")
    op.execute("DROP TABLE history.account_identity")
    op.execute("DROP FUNCTION history.write_account_identity()")
    op.execute("DROP FUNCTION history.audit_account_identity()")
    for table, column in (("role_grant", "by_group"), ("account", "demo")):
        op.drop_column(table, column)
        op.drop_column(table, column, schema="history")
        _follow(table)


def _follow(table: str) -> None:
    """Have history and audit tell the columns that the table has now."""
    op.execute(f"SELECT install_history('{table}')")
    op.execute(f"SELECT install_audit('{table}')")
