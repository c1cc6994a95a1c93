"""Audit: who did what, when, from where and why; written by triggers, never changed, chained by a sealer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

AUDITED = (
    "dataset",
    "division",
    "place",
    "facility",
    "demand_point",
    "road_segment",
    "road_barrier",
    "import_run",
    "coverage_run",
    "account",
    "team",
    "team_member",
    "role_grant",
    "api_token",
)
SECRET = {
    "account_password": ("account_id", "{}"),
    "account_session": ("id", "{seen_at}"),
    "api_token_secret": ("token_id", "{used_at}"),
}
"""Of what is secret only that it was written is told. By table: whose it is, and what changes without being told."""

OPERATIONS = ("insert", "update", "delete", "read")
WAYS = ("page", "api", "cli", "worker", "notebook")

# One entry a statement: of few rows it names the records and holds the digests of all that they said before and after,
# in the order of their ids; of many it tells how many they were. A row is told by its stored columns that aren't empty,
# so a column that is added later changes no digest. What the rows said stands in the history twin and in the table.
INSTALL_AUDIT = """
CREATE FUNCTION install_audit(target regclass, record text DEFAULT 'id', told boolean DEFAULT true, unheeded text[] DEFAULT '{}')
RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    bare text := (SELECT relname FROM pg_class WHERE oid = target);
    kept text;
    said text;
    changed text := 'new_rows';
BEGIN
    SELECT string_agg(quote_ident(attname), ', ') FILTER (WHERE attname <> ALL (unheeded)),
           'concat_ws(chr(31), ' || string_agg(
               format('%L || quote_literal(%I::text)', attname || '=', attname), ', ' ORDER BY attname COLLATE "C") || ')'
    INTO kept, said
    FROM pg_attribute WHERE attrelid = target AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
    IF unheeded <> '{}' THEN
        changed := format('(SELECT %1$s FROM new_rows EXCEPT SELECT %1$s FROM old_rows)', kept);
    END IF;
    IF NOT told THEN
        said := 'NULL::text';
    END IF;
    EXECUTE format($write$
        CREATE OR REPLACE FUNCTION history.audit_%1$s() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET search_path = public, pg_temp AS $trigger$
        DECLARE
            most CONSTANT integer := 100;
            n bigint;
            ids uuid[];
            was bytea;
            became bytea;
        BEGIN
            IF TG_OP = 'INSERT' THEN
                SELECT count(*), array_agg(%2$I ORDER BY %2$I), sha256(convert_to(string_agg(%3$s, chr(10) ORDER BY %2$I), 'UTF8'))
                INTO n, ids, became FROM (SELECT * FROM new_rows LIMIT most + 1) AS few;
            ELSE
                SELECT count(*), array_agg(%2$I ORDER BY %2$I), sha256(convert_to(string_agg(%3$s, chr(10) ORDER BY %2$I), 'UTF8'))
                INTO n, ids, was FROM (SELECT * FROM old_rows LIMIT most + 1) AS few;
            END IF;
            IF TG_OP = 'UPDATE' AND n BETWEEN 1 AND most THEN
                SELECT count(*), array_agg(%2$I ORDER BY %2$I), sha256(convert_to(string_agg(%3$s, chr(10) ORDER BY %2$I), 'UTF8'))
                INTO n, ids, became FROM %4$s AS few;
            END IF;
            IF n = 0 THEN
                RETURN NULL;
            END IF;
            IF n > most THEN
                ids := NULL;
                was := NULL;
                became := NULL;
                IF TG_OP = 'INSERT' THEN
                    SELECT count(*) INTO n FROM new_rows;
                ELSE
                    SELECT count(*) INTO n FROM old_rows;
                END IF;
            END IF;
            INSERT INTO audit_entry (at, transaction, actor, address, way, why, verb, operation, table_name, rows, records, before, after)
            VALUES (
                transaction_timestamp(), pg_current_xact_id()::text::bigint,
                coalesce(nullif(current_setting('geo.actor', true), ''), session_user),
                coalesce(current_setting('geo.address', true), ''), nullif(current_setting('geo.way', true), ''),
                nullif(current_setting('geo.why', true), ''), nullif(current_setting('geo.verb', true), ''),
                lower(TG_OP), TG_TABLE_NAME, n, ids, was, became);
            RETURN NULL;
        END $trigger$
        $write$, bare, record, said, changed);
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER audit_on_insert AFTER INSERT ON %s
         REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history.audit_%s()', target, bare);
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER audit_on_update AFTER UPDATE ON %s
         REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION history.audit_%s()',
        target, bare);
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER audit_on_delete AFTER DELETE ON %s
         REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION history.audit_%s()', target, bare);
END $body$
"""

# That somebody read what is private: the application can tell it, and nothing else of an entry.
NOTE_READ = """
CREATE FUNCTION note_read(subject text, ids uuid[], many bigint) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    INSERT INTO audit_entry (at, transaction, actor, address, way, why, verb, operation, table_name, rows, records)
    VALUES (
        transaction_timestamp(), pg_current_xact_id()::text::bigint,
        coalesce(nullif(current_setting('geo.actor', true), ''), session_user),
        coalesce(current_setting('geo.address', true), ''), nullif(current_setting('geo.way', true), ''),
        nullif(current_setting('geo.why', true), ''), nullif(current_setting('geo.verb', true), ''),
        'read', subject, many, CASE WHEN many <= 100 THEN ids END);
$body$
"""

# Whatever is committed and has no seal gets one; entries of transactions that still run get theirs after their commit.
# `horizon` only saves looking at what is old: no entry of an older transaction lacked a seal, nor could one come any
# more. Numbers of transactions begin anew in another cluster; there all is looked at once.
SEAL_AUDIT = """
CREATE FUNCTION seal_audit(most integer) RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
DECLARE
    last audit_seal;
    entry record;
    since bigint;
    place bigint;
    head bytea;
    done integer := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('audit seal', 0)) THEN
        RETURN 0;
    END IF;
    SELECT * INTO last FROM audit_seal ORDER BY position DESC LIMIT 1;
    place := coalesce(last.position, 0);
    head := coalesce(last.digest, sha256(''));
    since := coalesce(last.horizon, 0);
    IF since > pg_snapshot_xmin(pg_current_snapshot())::text::bigint THEN
        since := 0;
    END IF;
    FOR entry IN
        SELECT one.*, (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint) AS oldest
        FROM audit_entry AS one
        WHERE one.transaction >= since AND NOT EXISTS (SELECT FROM audit_seal WHERE entry_id = one.id)
        ORDER BY one.transaction, one.id
        LIMIT most
    LOOP
        place := place + 1;
        head := sha256(head || convert_to(json_build_array(
            entry.id, to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), entry.transaction,
            entry.actor, entry.address, entry.way, entry.why, entry.verb, entry.operation, entry.table_name, entry.rows,
            array_to_string(entry.records, ','), encode(entry.before, 'hex'), encode(entry.after, 'hex'))::text, 'UTF8'));
        INSERT INTO audit_seal (position, entry_id, digest, horizon)
        VALUES (place, entry.id, head, least(entry.transaction, entry.oldest));
        done := done + 1;
    END LOOP;
    RETURN done;
END $body$
"""


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("transaction", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("verb", sa.String(), nullable=True),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("records", postgresql.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.Column("after", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(f"operation IN ({_listed(OPERATIONS)})", name=op.f("ck_audit_entry_operation_known")),
        sa.CheckConstraint(f"way IN ({_listed(WAYS)})", name=op.f("ck_audit_entry_way_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_transaction"), "audit_entry", ["transaction"])
    op.create_index(op.f("ix_audit_entry_actor_id"), "audit_entry", ["actor", "id"])
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"], postgresql_using="brin")
    op.create_index("ix_audit_entry_records", "audit_entry", ["records"], postgresql_using="gin")
    op.create_table(
        "audit_seal",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("horizon", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_audit_seal_digest_whole")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_seal_entry_id")),
    )
    op.execute("GRANT SELECT ON audit_entry, audit_seal TO geo_app")
    for table in ("audit_entry", "audit_seal"):
        op.execute(f"SELECT wall_in('{table}', '(SELECT scope_is_everywhere())', 'false', 'false')")
    op.execute(NOTE_READ)
    op.execute(SEAL_AUDIT)
    for function in ("note_read(text, uuid[], bigint)", "seal_audit(integer)"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO geo_app")
    op.execute(INSTALL_AUDIT)
    op.execute("REVOKE ALL ON FUNCTION install_audit(regclass, text, boolean, text[]) FROM PUBLIC")
    for table in AUDITED:
        op.execute(f"SELECT install_audit('{table}')")
    for table, (record, unheeded) in SECRET.items():
        op.execute(f"SELECT install_audit('{table}', '{record}', false, '{unheeded}')")


def downgrade() -> None:
    for table in (*AUDITED, *SECRET):
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER audit_on_{event} ON {table}")
        op.execute(f"DROP FUNCTION history.audit_{table}()")
    op.execute("DROP FUNCTION install_audit(regclass, text, boolean, text[])")
    op.execute("DROP FUNCTION seal_audit(integer)")
    op.execute("DROP FUNCTION note_read(text, uuid[], bigint)")
    op.drop_table("audit_seal")
    op.drop_table("audit_entry")
