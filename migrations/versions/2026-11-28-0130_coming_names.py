"""Names and extents of places hold from their day on, and a day that comes is seen to (ADR 0075)."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0036"
branch_labels = None
depends_on = None

STANDARD = "kind = 'standard' AND status <> 'rejected' AND status <> 'proposed' AND NOT withdrawn"
SINCE = "DATE '2026-01-01'"
"""Nothing that this schema kept could come before: what began or ended earlier had done so when it was written."""

# The day that whoever writes says it is; at a prompt, where nobody does, the server's.
DAY_OF_WRITING = """
CREATE FUNCTION day_of_writing() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE SET search_path = public, pg_temp AS $body$
    SELECT coalesce(CAST(nullif(current_setting('geo.today', true), '') AS date), current_date)
$body$
"""

# Of what has begun the last, what begins at an unknown time before all others; where nothing has, the first that will.
IN_FORCE = "greatest({table}valid_from, today), {table}valid_from DESC NULLS LAST"
IN_FORCE_LAST = "{table}valid_from DESC NULLS LAST"

NAMES_FOLLOW = """
    UPDATE place SET standard_name = last.name FROM (
        SELECT DISTINCT ON (place_id) place_id, name FROM place_name
        WHERE place_id IN ({places}) AND {standard}
        ORDER BY place_id, {order}
    ) AS last
    WHERE place.id = last.place_id AND place.standard_name <> last.name;
"""
EXTENTS_FOLLOW = """
    UPDATE place SET geom = last.geom, position_quality = coalesce(last.position_quality, place.position_quality) FROM (
        SELECT DISTINCT ON (touched.place_id) touched.place_id, reach.geom, reach.position_quality
        FROM ({places}) AS touched
        LEFT JOIN place_extent AS reach ON reach.place_id = touched.place_id AND NOT reach.withdrawn
        ORDER BY touched.place_id, {order}
    ) AS last
    WHERE place.id = last.place_id
        AND (ST_AsBinary(place.geom) IS DISTINCT FROM ST_AsBinary(last.geom)
             OR place.position_quality <> last.position_quality);
"""
TOUCHED = "SELECT DISTINCT place_id FROM new_rows"

FOLLOW = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
DECLARE
    today date := {today};
BEGIN
{statement}
    RETURN NULL;
END $body$
"""

COMING = {
    "ix_place_name_valid_from": ("place_name", "valid_from"),
    "ix_place_name_valid_to": ("place_name", "valid_to"),
    "ix_place_extent_valid_from": ("place_extent", "valid_from"),
    "ix_place_ended_on": ("place", "ended_on"),
}

# The product's own work, done everywhere. Done again it finds nothing: each statement looks for what isn't so yet.
TURN_PLACES = f"""
CREATE FUNCTION turn_places() RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
DECLARE
    today date := day_of_writing();
    turned uuid[];
BEGIN
    IF scope_is_everywhere() IS NOT TRUE THEN
        RETURN 0;
    END IF;
    SELECT array_agg(DISTINCT record_id) INTO turned FROM name_key WHERE turns_on <= today;
    UPDATE place_name SET status = 'historical'
    WHERE kind = 'standard' AND status IN ('approved', 'recorded') AND NOT withdrawn
        AND valid_to >= {SINCE} AND valid_to <= today;
    UPDATE place SET state = 'abolished'
    WHERE state <> 'abolished' AND ended_on >= {SINCE} AND ended_on <= today;
{
    NAMES_FOLLOW.format(
        places=f"SELECT place_id FROM place_name WHERE valid_from >= {SINCE}",
        standard=STANDARD,
        order=IN_FORCE.format(table=""),
    )
}
{
    EXTENTS_FOLLOW.format(
        places=f"SELECT DISTINCT place_id FROM place_extent WHERE valid_from >= {SINCE}",
        order=IN_FORCE.format(table="reach."),
    )
}
    IF turned IS NULL THEN
        RETURN 0;
    END IF;
    INSERT INTO name_due (type, record_id) SELECT 'place', id FROM place WHERE id = ANY(turned) ORDER BY id
    ON CONFLICT (type, record_id) DO UPDATE SET type = excluded.type;
    DELETE FROM name_key WHERE record_id = ANY(turned);
    PERFORM set_config('geo.names', 'due', true);
    RETURN cardinality(turned);
END $body$
"""

# Keys of names whose day was seen to by nobody, or is to come: the next start of the service makes them.
DUE = f"""
    INSERT INTO name_due (type, record_id) SELECT DISTINCT 'place', place_id FROM place_name
    WHERE valid_from >= {SINCE} OR valid_to >= {SINCE}
    ON CONFLICT DO NOTHING
"""
TAKEN_OUT = f"""
    DELETE FROM name_key WHERE type = 'place' AND record_id IN (
        SELECT place_id FROM place_name WHERE valid_from >= {SINCE} OR valid_to >= {SINCE})
"""


CODES = (
    "duplicate", "duplicate-folded", "homophone", "near-homophone", "renowned-feature", "renowned-homophone",
    "specific-missing", "generic-missing", "generic-unfit", "generic-size", "grandiose", "meaning", "script", "figures",
    "character-uncommon", "character-unlisted", "leader-name", "personal-name", "foreign-name", "brand-name",
    "name-elsewhere", "division-from-feature", "facility-disagrees", "extent-overlap", "extent-gap", "series-gap",
    "dates-order", "outside-division", "built-up-area-unknown", "dialect-unchecked",
)  # fmt: skip
WITH_NOT_COMPARED = (*CODES, "not-compared")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("name_key", sa.Column("begins_on", sa.Date(), nullable=True))
    op.add_column("name_key", sa.Column("turns_on", sa.Date(), nullable=True))
    op.create_index("ix_name_key_turns_on", "name_key", ["turns_on"], postgresql_where=sa.text("turns_on IS NOT NULL"))
    for index, (table, column) in COMING.items():
        op.create_index(index, table, [column], postgresql_where=sa.text(f"{column} >= '2026-01-01'"))
    op.execute(DAY_OF_WRITING)
    _follow(IN_FORCE, "day_of_writing()")
    op.execute(TURN_PLACES)
    op.execute("REVOKE ALL ON FUNCTION turn_places() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION turn_places() TO geo_app")
    op.execute(DUE)
    op.execute(TAKEN_OUT)
    _let_codes(WITH_NOT_COMPARED)


def downgrade() -> None:
    for table in ("name_finding", "finding_clearance"):
        op.execute(f"DELETE FROM {table} WHERE code = 'not-compared'")
    _let_codes(CODES)
    op.execute("DROP FUNCTION turn_places()")
    _follow(IN_FORCE_LAST, "current_date")
    op.execute("DROP FUNCTION day_of_writing()")
    for index, (table, _) in COMING.items():
        op.drop_index(index, table_name=table)
    op.drop_index("ix_name_key_turns_on", table_name="name_key")
    for column in ("turns_on", "begins_on"):
        op.drop_column("name_key", column)


def _let_codes(codes: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{code}'" for code in codes)
    for table in ("name_finding", "finding_clearance"):
        op.drop_constraint(f"ck_{table}_code_known", table)
        op.create_check_constraint(op.f(f"ck_{table}_code_known"), table, f"code IN ({listed})")


def _follow(order: str, today: str) -> None:
    names = NAMES_FOLLOW.format(places=TOUCHED, standard=STANDARD, order=order.format(table=""))
    extents = EXTENTS_FOLLOW.format(places=TOUCHED, order=order.format(table="reach."))
    for function, statement in (("follow_names", names), ("follow_extents", extents)):
        op.execute(FOLLOW.format(function=function, statement=statement, today=today))
