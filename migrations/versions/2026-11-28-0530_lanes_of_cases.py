"""A lane that is filed knows its line of a case, a line the other names of what it names; a finding of what still stands."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

LANE, LINE = "unnamed_lane", "case_name"

# How far a lane has come that was filed: what became of its line is said by the case alone, so that both are never out of
# step. Whose case it is stays behind the wall: of the line nothing is told but that.
STANDS = """
CREATE FUNCTION lane_stands(line uuid) RETURNS text LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT coalesce((
        SELECT CASE
            WHEN case_name.state = 'in-force' THEN CASE WHEN place.state = 'abolished' THEN 'proposed' ELSE 'named' END
            WHEN case_name.state = 'struck' OR naming_case.state IN ('rejected', 'withdrawn') THEN 'proposed'
            ELSE 'filed'
        END
        FROM case_name JOIN naming_case ON naming_case.id = case_name.case_id
        LEFT JOIN place ON place.id = case_name.place_id
        WHERE case_name.id = line
    ), 'proposed')
$body$
"""

# What a lane is to be called, or is called by now, and by which place: what is on its signs is everybody's.
CALLED = """
CREATE FUNCTION lanes_called(lines uuid[])
RETURNS TABLE (line uuid, name text, romanized text, place_id uuid) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT case_name.id, coalesce(place.standard_name, case_name.name), coalesce(own.romanized, case_name.romanized), place.id
    FROM case_name
    LEFT JOIN place ON place.id = case_name.place_id AND case_name.state = 'in-force'
    LEFT JOIN LATERAL (
        SELECT romanized FROM place_name
        WHERE place_id = place.id AND kind = 'standard' AND place_name.name = place.standard_name AND NOT withdrawn
        ORDER BY valid_from DESC NULLS LAST LIMIT 1
    ) AS own ON true
    WHERE case_name.id = ANY (lines)
$body$
"""
OF_PLACES = """
CREATE FUNCTION lanes_of_places(places uuid[]) RETURNS TABLE (lane uuid, place_id uuid) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT unnamed_lane.id, case_name.place_id FROM case_name
    JOIN unnamed_lane ON unnamed_lane.case_name_id = case_name.id
    WHERE case_name.place_id = ANY (places) AND case_name.state = 'in-force'
$body$
"""
CODES = (
    "duplicate", "duplicate-folded", "homophone", "near-homophone", "renowned-feature", "renowned-homophone",
    "specific-missing", "generic-missing", "generic-unfit", "generic-size", "grandiose", "meaning", "script", "figures",
    "character-uncommon", "character-unlisted", "leader-name", "personal-name", "foreign-name", "brand-name",
    "name-elsewhere", "division-from-feature", "facility-disagrees", "extent-overlap", "extent-gap", "series-gap",
    "dates-order", "outside-division", "built-up-area-unknown", "dialect-unchecked", "not-compared", "approver-unfit",
    "changed-since-consulted",
)  # fmt: skip
STANDING = "still-standing"
OF_FINDINGS = ("name_finding", "finding_clearance", "case_clearance")
FUNCTIONS = ("lane_stands(uuid)", "lanes_called(uuid[])", "lanes_of_places(uuid[])")

# What was filed before: the newest line of its name that lies where it does.
LINKED = """
    UPDATE unnamed_lane SET case_name_id = (
        SELECT case_name.id FROM case_name
        WHERE case_name.name = unnamed_lane.proposed_name AND case_name.action = 'name'
            AND ST_Covers(ST_Buffer(case_name.geom, 0.00001), unnamed_lane.geom)
        ORDER BY case_name.fid DESC LIMIT 1
    ) WHERE status = 'filed'
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(LANE, sa.Column("case_name_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f(f"fk_{LANE}_case_name_id"), LANE, LINE, ["case_name_id"], ["id"])
    op.create_index(op.f(f"ix_{LANE}_case_name_id"), LANE, ["case_name_id"])
    op.add_column(LINE, sa.Column("aliases", postgresql.ARRAY(sa.TEXT()), server_default="{}", nullable=False))
    for table in (LANE, LINE):
        op.execute(f"SELECT install_history('{table}')")
        op.execute(f"SELECT install_audit('{table}')")
        op.execute(f"SELECT let_write('{table}', true)")
    for statement in (STANDS, CALLED, OF_PLACES):
        op.execute(statement)
    for function in FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO geo_app")
    _let_codes((*CODES, STANDING))
    op.execute(LINKED)


def downgrade() -> None:
    for table in OF_FINDINGS:
        op.execute(f"DELETE FROM {table} WHERE code = '{STANDING}'")
    _let_codes(CODES)
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    for table, column in ((LANE, "case_name_id"), (LINE, "aliases")):
        op.drop_column(table, column)
        op.execute(f"ALTER TABLE history.{table} DROP COLUMN {column}")
        op.execute(f"SELECT install_history('{table}')")
        op.execute(f"SELECT install_audit('{table}')")
        op.execute(f"SELECT let_write('{table}', true)")


def _let_codes(codes: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{code}'" for code in codes)
    for table in OF_FINDINGS:
        op.drop_constraint(f"ck_{table}_code_known", table)
        op.create_check_constraint(op.f(f"ck_{table}_code_known"), table, f"code IN ({listed})")
