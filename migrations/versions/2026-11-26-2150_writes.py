"""Who registered a record and why; answers kept for requests that are sent twice."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OWN = "actor = (SELECT current_setting('geo.actor', true))"
"""What somebody was answered is theirs alone."""

CHANGED = ("digest", "status", "headers", "body", "kept_at")
"""Of an answer that is too old to be given again, when its key is used anew."""

ATTRIBUTED = ("division", "facility", "place")

WHO = "coalesce(nullif(current_setting('geo.actor', true), ''), session_user::text)"
WHY = "nullif(current_setting('geo.why', true), '')"

# The application deletes nothing (ADR 0007); what is older than a day goes by this alone. What another transaction is
# just looking at stays for the next time, so that nobody waits.
FORGET_ANSWERS = """
CREATE FUNCTION forget_answers() RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    DELETE FROM kept_answer WHERE ctid = ANY(ARRAY(
        SELECT old.ctid FROM kept_answer AS old
        WHERE old.kept_at <= transaction_timestamp() - interval '1 day' LIMIT 1000 FOR UPDATE SKIP LOCKED))
$body$
"""


def upgrade() -> None:
    for table in ATTRIBUTED:
        for column, default in (("recorded_by", WHO), ("recorded_why", WHY)):
            # In two steps: who migrates didn't register what is there already.
            op.add_column(table, sa.Column(column, sa.String(), nullable=True))
            op.alter_column(table, column, server_default=sa.text(default))
        op.execute(f"SELECT install_history('{table}')")
    # A division is asked for by its code.
    op.execute("CREATE INDEX ix_division_code ON history.division (code)")
    op.create_table(
        "kept_answer",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column(
            "kept_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_kept_answer_digest_whole")),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_kept_answer")),
    )
    op.create_index(op.f("ix_kept_answer_kept_at"), "kept_answer", ["kept_at"])
    op.execute(f"GRANT SELECT, INSERT, UPDATE ({', '.join(CHANGED)}) ON kept_answer TO geo_app")
    own = "'" + OWN.replace("'", "''") + "'"
    op.execute(f"SELECT wall_in('kept_answer', {own}, {own}, {own})")
    op.execute(FORGET_ANSWERS)
    op.execute("REVOKE ALL ON FUNCTION forget_answers() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION forget_answers() TO geo_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION forget_answers()")
    op.drop_table("kept_answer")
    op.execute("DROP INDEX history.ix_division_code")
    for table in ATTRIBUTED:
        for column in ("recorded_why", "recorded_by"):
            op.drop_column(table, column)
            op.drop_column(table, column, schema="history")
        op.execute(f"SELECT install_history('{table}')")
