"""Names that other open cases are to give, for the checks of a case; two more codes of findings, which are of cases alone; who ordered a job."""

from alembic import op

revision = "0043"
down_revision = "0038"
branch_labels = None
depends_on = None

# Two cases must not give one name: that it is applied for is no secret, of whatever township it is.
OPEN_NAMES = """
CREATE FUNCTION open_case_names(inside text, besides uuid)
RETURNS TABLE (line uuid, number text, name text, class text, division_code text, lon double precision, lat double precision, detail jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT case_name.id, naming_case.number, case_name.name, case_name.class, own.code::text, ST_X(lies.at), ST_Y(lies.at), case_name.detail
    FROM naming_case JOIN division ON division.id = naming_case.division_id AND division.code ^@ inside
    JOIN case_name ON case_name.case_id = naming_case.id AND case_name.state = 'open'
        AND case_name.action IN ('name', 'rename', 'standardise')
    LEFT JOIN place ON place.id = case_name.place_id
    LEFT JOIN division AS own ON own.id = coalesce(case_name.division_id, place.division_id)
    CROSS JOIN LATERAL (SELECT ST_PointOnSurface(coalesce(case_name.geom, place.geom)) AS at) AS lies
    WHERE naming_case.state NOT IN ('draft', 'returned', 'approved', 'rejected', 'withdrawn') AND naming_case.id <> besides
        AND (SELECT scope_is_somewhere())
    ORDER BY naming_case.fid, case_name.position
$body$
"""

# Who ordered a job of their own divisions is in the audit, whatever the job writes later.
NOTE_ORDER = """
CREATE FUNCTION note_order(job bigint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    IF coalesce(current_setting('geo.actor', true), '') = '' OR NOT EXISTS (
        SELECT FROM jobs.procrastinate_jobs WHERE id = job AND status = 'todo'
            AND (scope_is_everywhere() OR args ->> 'division' ^@ ANY (scope_prefixes())))
    THEN
        RAISE EXCEPTION 'nobody orders a job here whom the audit could name' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO audit_entry (at, transaction, actor, address, way, why, verb, operation, table_name, rows)
    VALUES (
        transaction_timestamp(), pg_current_xact_id()::text::bigint, current_setting('geo.actor'),
        coalesce(current_setting('geo.address', true), ''), nullif(current_setting('geo.way', true), ''),
        concat_ws(': ', nullif(current_setting('geo.why', true), ''), job),
        nullif(current_setting('geo.verb', true), ''), 'insert', 'procrastinate_jobs', 1);
END $body$
"""

CODES = (
    "duplicate", "duplicate-folded", "homophone", "near-homophone", "renowned-feature", "renowned-homophone",
    "specific-missing", "generic-missing", "generic-unfit", "generic-size", "grandiose", "meaning", "script", "figures",
    "character-uncommon", "character-unlisted", "leader-name", "personal-name", "foreign-name", "brand-name",
    "name-elsewhere", "division-from-feature", "facility-disagrees", "extent-overlap", "extent-gap", "series-gap",
    "dates-order", "outside-division", "built-up-area-unknown", "dialect-unchecked", "not-compared",
)  # fmt: skip
OF_CASES = ("approver-unfit", "changed-since-consulted")
TABLES = ("name_finding", "finding_clearance", "case_clearance")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for function, signature in ((OPEN_NAMES, "open_case_names(text, uuid)"), (NOTE_ORDER, "note_order(bigint)")):
        op.execute(function)
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO geo_app")
    op.create_index("ix_announcement_published_on_fid", "announcement", ["published_on", "fid"])
    _let_codes((*CODES, *OF_CASES))


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DELETE FROM {table} WHERE code IN ('approver-unfit', 'changed-since-consulted')")
    _let_codes(CODES)
    op.drop_index("ix_announcement_published_on_fid", table_name="announcement")
    op.execute("DROP FUNCTION note_order(bigint)")
    op.execute("DROP FUNCTION open_case_names(text, uuid)")


def _let_codes(codes: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{code}'" for code in codes)
    for table in TABLES:
        op.drop_constraint(f"ck_{table}_code_known", table)
        op.create_check_constraint(op.f(f"ck_{table}_code_known"), table, f"code IN ({listed})")
