"""History twins, content versions of datasets, and what the application's role may do."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WITH_HISTORY = (
    "dataset",
    "division",
    "place",
    "facility",
    "demand_point",
    "road_segment",
    "road_barrier",
)
"""Business tables. Runs and their results are records of what happened: they aren't changed, so they need no twin."""

VERSIONED_BY_DATASET = ("demand_point", "road_segment", "road_barrier")
WITHOUT_HISTORY = ("import_run", "coverage_run", "coverage_zone", "coverage_point", "coverage_facility", "job_progress")

# A twin has the columns of its table (less the generated ones) behind four of its own. One statement makes one call
# of the trigger, however many rows it changed: a row-level trigger would make a million calls of a million rows.
INSTALL_HISTORY = """
CREATE FUNCTION install_history(target regclass) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    bare text := (SELECT relname FROM pg_class WHERE oid = target);
    columns text := (
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = target AND attnum > 0 AND NOT attisdropped AND attgenerated = '');
    col record;
BEGIN
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS history.%I (
            history_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            replaced_at timestamptz NOT NULL,
            replaced_by text NOT NULL,
            why text,
            operation text NOT NULL CHECK (operation IN (''UPDATE'', ''DELETE'')))', bare);
    FOR col IN
        SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute
        WHERE attrelid = target AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
    LOOP
        EXECUTE format('ALTER TABLE history.%I ADD COLUMN IF NOT EXISTS %I %s', bare, col.attname, col.type);
    END LOOP;
    EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON history.%I (id, replaced_at)', 'ix_' || bare || '_id_replaced_at', bare);
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION history.%I() RETURNS trigger LANGUAGE plpgsql
         SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $write$
         BEGIN
             INSERT INTO history.%I (replaced_at, replaced_by, why, operation, %s)
             SELECT transaction_timestamp(), coalesce(nullif(current_setting(''geo.actor'', true), ''''), session_user),
                    nullif(current_setting(''geo.why'', true), ''''), TG_OP, %s
             FROM old_rows;
             RETURN NULL;
         END $write$', 'write_' || bare, bare, columns, columns);
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER history_on_update AFTER UPDATE ON %s
         REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION history.%I()', target, 'write_' || bare);
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER history_on_delete AFTER DELETE ON %s
         REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION history.%I()', target, 'write_' || bare);
END $body$
"""

TOUCH_DATASET = """
CREATE FUNCTION touch_dataset() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    UPDATE dataset SET content_version = gen_random_uuid()
    WHERE id IN (SELECT dataset_id FROM changed_rows);
    RETURN NULL;
END $body$
"""

NEEDS_APP_ROLE = """
DO $body$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'geo_app') THEN
        RAISE EXCEPTION 'the role geo_app is missing'
            USING HINT = 'As an administrator of this server: CREATE ROLE geo_app LOGIN PASSWORD ''…''; then migrate again.';
    END IF;
END $body$
"""


def upgrade() -> None:
    op.execute(NEEDS_APP_ROLE)
    op.execute("CREATE SCHEMA history")
    op.execute(INSTALL_HISTORY)
    op.execute("REVOKE ALL ON FUNCTION install_history(regclass) FROM PUBLIC")
    op.execute(TOUCH_DATASET)
    for table in WITH_HISTORY:
        op.execute(f"SELECT install_history('{table}')")
    for table in VERSIONED_BY_DATASET:
        for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            op.execute(
                f"CREATE TRIGGER touch_dataset_on_{event.lower()} AFTER {event} ON {table} "
                f"REFERENCING {rows} TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION touch_dataset()"
            )
    # No DELETE: a record ends by its status or its dates, and what it said stays.
    op.execute("GRANT USAGE ON SCHEMA public, history TO geo_app")
    for table in (*WITH_HISTORY, *WITHOUT_HISTORY):
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO geo_app")
    op.execute("GRANT SELECT ON alembic_version TO geo_app")
    op.execute("GRANT SELECT ON ALL TABLES IN SCHEMA history TO geo_app")


def downgrade() -> None:
    op.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM geo_app")
    op.execute("REVOKE ALL ON SCHEMA public FROM geo_app")
    for table in VERSIONED_BY_DATASET:
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER touch_dataset_on_{event} ON {table}")
    op.execute("DROP FUNCTION touch_dataset()")
    for table in WITH_HISTORY:
        op.execute(f"DROP TRIGGER history_on_update ON {table}")
        op.execute(f"DROP TRIGGER history_on_delete ON {table}")
    op.execute("DROP FUNCTION install_history(regclass)")
    op.execute("DROP SCHEMA history CASCADE")
