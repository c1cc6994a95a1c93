"""Former divisions are found by their names: what makes a name former has its keys made anew (ADR 0061)."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

EVENTS = (
    ("INSERT", "NEW TABLE AS new_rows"),
    ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
    ("DELETE", "OLD TABLE AS old_rows"),
)

ABOVE = """
CREATE FUNCTION division_above(code text, level text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT left(code, CASE level
        WHEN 'village' THEN 9 WHEN 'township' THEN 6 WHEN 'county' THEN 4 WHEN 'city' THEN 2 ELSE 0 END)
$body$
"""

# As in mark_names: marking comes first, in one order for all, so that two transactions wait for each other.
MARK = """
CREATE FUNCTION mark_divisions(due uuid[]) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    IF due IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO name_due (type, record_id) SELECT 'division', id FROM unnest(due) AS id ORDER BY id
    ON CONFLICT (type, record_id) DO UPDATE SET type = excluded.type;
    DELETE FROM name_key WHERE record_id = ANY(due);
    PERFORM set_config('geo.names', 'due', true);
END $body$
"""

# A name of an earlier vintage goes out, or comes back, with those of the later ones beside it. And when the first
# division of a vintage comes, or the last one goes, so does the whole vintage that was, or again is, the newest.
MARK_OLDER = """
CREATE FUNCTION mark_older_divisions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
DECLARE
    now_or_then CONSTANT text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT id, code, name, level, vintage FROM new_rows'
        WHEN 'DELETE' THEN 'SELECT id, code, name, level, vintage FROM old_rows'
        ELSE 'SELECT each.id, each.code, each.name, each.level, each.vintage
              FROM old_rows AS was JOIN new_rows AS now USING (id),
                  LATERAL (VALUES (was.id, was.code, was.name, was.level, was.vintage),
                                  (now.id, now.code, now.name, now.level, now.vintage))
                      AS each (id, code, name, level, vintage)
              WHERE (was.code, was.name, was.level, was.vintage) IS DISTINCT FROM
                    (now.code, now.name, now.level, now.vintage)' END;
    due uuid[];
BEGIN
    EXECUTE format($query$
        WITH changed AS MATERIALIZED (%s),
        turned AS (
            SELECT level, vintage FROM changed GROUP BY level, vintage
            HAVING NOT EXISTS (
                SELECT FROM division AS other
                WHERE other.level = changed.level AND other.vintage = changed.vintage
                    AND NOT EXISTS (SELECT FROM changed AS own WHERE own.id = other.id)
            )
        )
        SELECT array_agg(DISTINCT id) FROM (
            SELECT older.id FROM changed JOIN division AS older
                ON older.name = changed.name AND older.level = changed.level AND older.vintage < changed.vintage
                    AND division_above(older.code, older.level) = division_above(changed.code, changed.level)
            UNION ALL
            SELECT older.id FROM turned JOIN division AS older
                ON older.level = turned.level AND older.vintage = (
                    SELECT max(vintage) FROM division AS last
                    WHERE last.level = turned.level AND last.vintage < turned.vintage
                )
        ) AS found
    $query$, now_or_then) INTO due;
    PERFORM mark_divisions(due);
    RETURN NULL;
END $body$
"""

# A succession lets a name go on where the division of that name isn't in the same division above.
MARK_SUCCEEDED = """
CREATE FUNCTION mark_succeeded_divisions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
DECLARE
    due uuid[];
BEGIN
    EXECUTE format($query$
        SELECT array_agg(DISTINCT earlier.id)
        FROM %I AS changed
            JOIN division AS earlier ON earlier.id = changed.before_id
            JOIN division AS later ON later.id = changed.after_id
        WHERE later.name = earlier.name
            AND division_above(later.code, later.level) <> division_above(earlier.code, earlier.level)
    $query$, CASE TG_OP WHEN 'DELETE' THEN 'old_rows' ELSE 'new_rows' END) INTO due;
    PERFORM mark_divisions(due);
    RETURN NULL;
END $body$
"""

TRIGGERS = (("division", "mark_older_divisions"), ("division_succession", "mark_succeeded_divisions"))

# Those that may be former by now.
ALL_OLDER = """
SELECT array_agg(id) FROM division AS older
WHERE vintage < (SELECT max(vintage) FROM division AS last WHERE last.level = older.level)
"""


def upgrade() -> None:
    op.create_index("ix_division_name", "division", ["name"])
    op.execute(ABOVE)
    op.execute(MARK)
    op.execute("REVOKE ALL ON FUNCTION mark_divisions(uuid[]) FROM PUBLIC")
    op.execute(MARK_OLDER)
    op.execute(MARK_SUCCEEDED)
    for table, function in TRIGGERS:
        for event, rows in EVENTS:
            op.execute(
                f"CREATE TRIGGER {function}_on_{event.lower()} AFTER {event} ON {table} "
                f"REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            )
    op.execute(f"SELECT mark_divisions(({ALL_OLDER}))")


def downgrade() -> None:
    for table, function in TRIGGERS:
        for event, _ in EVENTS:
            op.execute(f"DROP TRIGGER {function}_on_{event.lower()} ON {table}")
        op.execute(f"DROP FUNCTION {function}()")
    op.execute(f"SELECT mark_divisions(({ALL_OLDER}))")
    op.execute("DROP FUNCTION mark_divisions(uuid[])")
    op.execute("DROP FUNCTION division_above(text, text)")
    op.drop_index("ix_division_name", table_name="division")
