"""Names can be searched for: their keys, and triggers that say which have to be made anew (ADR 0033)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WATCHED = {
    "division": ("name", "code", "vintage", "level", "position_quality", "label_3857"),
    "facility": ("name", "kind", "status", "division_id", "position_quality", "geom_3857"),
}
"""What a hit shows, or is put in order by: a change of anything else leaves the keys as they are."""

# Keys of what changed go at once; they are made again before the transaction commits, so nobody sees them missing.
# Marking comes first: where another transaction is just making keys of the same record, it waits, and then takes out
# what that one made.
MARK_NAMES = """
CREATE FUNCTION mark_names() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
DECLARE
    changed uuid[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM name_due WHERE type = TG_TABLE_NAME AND record_id IN (SELECT id FROM old_rows);
        DELETE FROM name_key WHERE record_id IN (SELECT id FROM old_rows);
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO name_due (type, record_id) SELECT TG_TABLE_NAME, id FROM new_rows;
    ELSE
        EXECUTE (
            SELECT 'SELECT array_agg(id) FROM old_rows AS was JOIN new_rows AS now USING (id) WHERE '
                || string_agg(format('was.%1$I IS DISTINCT FROM now.%1$I', watched), ' OR ')
            FROM unnest(TG_ARGV) AS watched) INTO changed;
        IF changed IS NULL THEN
            RETURN NULL;
        END IF;
        INSERT INTO name_due (type, record_id) SELECT TG_TABLE_NAME, id FROM unnest(changed) AS id
        ON CONFLICT (type, record_id) DO UPDATE SET type = excluded.type;
        DELETE FROM name_key WHERE record_id = ANY(changed);
    END IF;
    PERFORM set_config('geo.names', 'due', true);
    RETURN NULL;
END $body$
"""

# The application deletes nothing (ADR 0007): what it has taken up, this takes off the list for it.
TAKE_NAMES = """
CREATE FUNCTION take_names(most integer) RETURNS TABLE (type text, record_id uuid) LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    DELETE FROM name_due
    WHERE ctid = ANY(ARRAY(SELECT due.ctid FROM name_due AS due LIMIT most FOR UPDATE SKIP LOCKED))
    RETURNING name_due.type, name_due.record_id
$body$
"""


def upgrade() -> None:
    types = "type IN ('division', 'facility', 'place')"
    op.create_table(
        "name_due",
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(types, name=op.f("ck_name_due_type_known")),
        sa.PrimaryKeyConstraint("type", "record_id", name=op.f("pk_name_due")),
    )
    op.create_table(
        "name_key",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("pinyin", sa.String(), nullable=False),
        sa.Column("initials", sa.String(), nullable=False),
        sa.Column("grams", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("length", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("quality", sa.String(), nullable=False),
        sa.Column("code", sa.CHAR(length=12), nullable=True),
        sa.Column("vintage", sa.SmallInteger(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.CheckConstraint(types, name=op.f("ck_name_key_type_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_key")),
    )
    op.create_index(op.f("ix_name_key_record_id"), "name_key", ["record_id"], unique=False)
    for column in ("folded", "pinyin", "initials"):
        op.create_index(
            f"ix_name_key_{column}",
            "name_key",
            [column],
            unique=False,
            postgresql_ops={column: "text_pattern_ops"},
            postgresql_include=["rank", "length", "vintage", "id"],
        )
    op.create_index("ix_name_key_grams", "name_key", ["grams"], unique=False, postgresql_using="gin")
    op.execute("GRANT SELECT, INSERT, UPDATE ON name_key, name_due TO geo_app")
    op.execute(TAKE_NAMES)
    op.execute("REVOKE ALL ON FUNCTION take_names(integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION take_names(integer) TO geo_app")
    op.execute(MARK_NAMES)
    for table, watched in WATCHED.items():
        arguments = ", ".join(f"'{column}'" for column in watched)
        for event, rows, given in (
            ("INSERT", "NEW TABLE AS new_rows", ""),
            ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows", arguments),
            ("DELETE", "OLD TABLE AS old_rows", ""),
        ):
            op.execute(
                f"CREATE TRIGGER mark_names_on_{event.lower()} AFTER {event} ON {table} "
                f"REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION mark_names({given})"
            )
        # What is there already: the service, when it starts, has their keys made.
        op.execute(f"INSERT INTO name_due (type, record_id) SELECT '{table}', id FROM {table}")


def downgrade() -> None:
    for table in WATCHED:
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER mark_names_on_{event} ON {table}")
    op.execute("DROP FUNCTION mark_names()")
    op.execute("DROP FUNCTION take_names(integer)")
    op.drop_table("name_key")
    op.drop_table("name_due")
