"""What nobody writes by a token: accounts, grants, passwords, tokens; who registered a record is written once (ADR 0053)."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# `geo.token` holds the scopes of the token that somebody acts by, with commas between; nothing where they act without one.
BY_WHICH = """
CREATE FUNCTION acts_without_token() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT coalesce(current_setting('geo.token', true), '') = ''
$body$;
CREATE FUNCTION token_is_for(VARIADIC scopes text[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT coalesce(string_to_array(nullif(current_setting('geo.token', true), ''), ',') && scopes, true)
$body$;
"""
FUNCTIONS = ("acts_without_token()", "token_is_for(text[])")

BY_NONE = "(SELECT acts_without_token())"
TO_ADMINISTER = "(SELECT token_is_for('admin'))"
TO_CHANGE = "(SELECT token_is_for('plan', 'edit', 'admin'))"


def _to_make(taken_back: str) -> str:
    return f"{BY_NONE} OR {TO_ADMINISTER} AND {taken_back}"


BY_TOKENS = {
    "account": (BY_NONE, _to_make("state = 'disabled'")),
    "account_identity": (BY_NONE, BY_NONE),
    "account_password": (BY_NONE, BY_NONE),
    "account_session": (BY_NONE, _to_make("ended_at IS NOT NULL")),
    "api_token": (BY_NONE, _to_make("revoked_at IS NOT NULL")),
    "api_token_secret": (BY_NONE, BY_NONE),
    "kept_answer": (TO_CHANGE, TO_CHANGE),
    "oidc_attempt": (BY_NONE, BY_NONE),
    "role_grant": (BY_NONE, _to_make("valid_until IS NOT NULL")),
    "sign_in_failure": (BY_NONE, BY_NONE),
    "team": (BY_NONE, BY_NONE),
    "team_member": (BY_NONE, BY_NONE),
}
"""By which token rows are inserted, and what they may say when they were updated, besides who may (0011): one for
administering takes back and shuts out, and gives nobody anything, as the policy's table has it."""

# Of a table the application inserts all columns but those that say who registered a record and why, and changes all but
# these, the ids, and since when it is known. Called again for a table that gets another column.
LET_WRITE = """
CREATE FUNCTION let_write(target regclass, rewritten boolean) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $body$
DECLARE
    columns text[] := (
        SELECT array_agg(quote_ident(attname) ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = target AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
            AND attname NOT IN ('recorded_by', 'recorded_why'));
    kept text[] := ARRAY['id', 'fid', 'recorded_at'];
BEGIN
    EXECUTE format('REVOKE INSERT ON %s FROM geo_app', target);
    EXECUTE format('GRANT INSERT (%s) ON %s TO geo_app', array_to_string(columns, ', '), target);
    IF rewritten THEN
        EXECUTE format('REVOKE UPDATE ON %s FROM geo_app', target);
        EXECUTE format('GRANT UPDATE (%s) ON %s TO geo_app',
            (SELECT string_agg(each, ', ') FROM unnest(columns) AS each WHERE each <> ALL (kept)), target);
    END IF;
END $body$
"""
ATTRIBUTED = {
    "account": False,
    "team": False,
    "team_member": False,
    "role_grant": False,
    "api_token": False,
    "division": True,
    "facility": True,
    "place": True,
    "coverage_run": True,
    "built_up_area": True,
    "division_succession": True,
    "finding_clearance": True,
    "place_extent": True,
    "place_name": True,
    "place_relation": True,
}
"""What says who registered it; and whether the application changes more of it than columns that are named one by one (0010)."""


def upgrade() -> None:
    op.execute(LET_WRITE)
    op.execute("REVOKE ALL ON FUNCTION let_write(regclass, boolean) FROM PUBLIC")
    for table, rewritten in ATTRIBUTED.items():
        op.execute(f"SELECT let_write('{table}', {rewritten})")
    op.execute(BY_WHICH)
    for table, (inserts, updates) in BY_TOKENS.items():
        op.execute(
            f"CREATE POLICY inserts_by_tokens ON {table} AS RESTRICTIVE FOR INSERT TO geo_app WITH CHECK ({inserts})"
        )
        op.execute(
            f"CREATE POLICY updates_by_tokens ON {table} AS RESTRICTIVE FOR UPDATE TO geo_app "
            f"USING (true) WITH CHECK ({updates})"
        )


def downgrade() -> None:
    for table, rewritten in ATTRIBUTED.items():
        rights = "INSERT, UPDATE" if rewritten else "INSERT"
        op.execute(f"REVOKE {rights} ON {table} FROM geo_app")
        op.execute(f"GRANT {rights} ON {table} TO geo_app")
    op.execute("DROP FUNCTION let_write(regclass, boolean)")
    for table in BY_TOKENS:
        for policy in ("inserts_by_tokens", "updates_by_tokens"):
            op.execute(f"DROP POLICY {policy} ON {table}")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
