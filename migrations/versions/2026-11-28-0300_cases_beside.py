"""Names that other open cases are to give, for the checks of a case; two more codes of findings, which are of cases alone."""

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
    op.execute(OPEN_NAMES)
    op.execute("REVOKE ALL ON FUNCTION open_case_names(text, uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION open_case_names(text, uuid) TO geo_app")
    _let_codes((*CODES, *OF_CASES))


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DELETE FROM {table} WHERE code IN ('approver-unfit', 'changed-since-consulted')")
    _let_codes(CODES)
    op.execute("DROP FUNCTION open_case_names(text, uuid)")


def _let_codes(codes: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{code}'" for code in codes)
    for table in TABLES:
        op.drop_constraint(f"ck_{table}_code_known", table)
        op.create_check_constraint(op.f(f"ck_{table}_code_known"), table, f"code IN ({listed})")
