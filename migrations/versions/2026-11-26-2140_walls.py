"""The second wall: row security on every table, by the divisions of the transaction's scope (ADR 0040, 0041)."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# `geo.scope` holds first digits of codes, with commas between; `*` is everywhere, nothing is nowhere. An empty entry
# would be the beginning of every code: it is taken out.
SCOPE = """
CREATE FUNCTION scope_prefixes() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT array_remove(string_to_array(coalesce(current_setting('geo.scope', true), ''), ','), '')
$body$;
CREATE FUNCTION scope_is_everywhere() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT '*' = ANY (scope_prefixes())
$body$;
CREATE FUNCTION scope_is_signing_in() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $body$
    SELECT 'sign-in' = ANY (scope_prefixes())
$body$;
CREATE FUNCTION scope_holds(division_id uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $body$
    SELECT EXISTS (SELECT FROM division WHERE id = $1 AND code::text ^@ ANY (scope_prefixes()))
$body$;
CREATE FUNCTION scope_holds_run(run_id uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $body$
    SELECT EXISTS (SELECT FROM coverage_run WHERE id = $1 AND (question ->> 'zone') ^@ ANY (scope_prefixes()))
$body$;
"""

# What policies of the accounts' tables ask of one another's rows is asked with the owner's rights: a policy that reads
# a table with a policy that reads the first one never comes to an end.
ACCOUNTS = """
CREATE FUNCTION acting_account() RETURNS uuid LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT id FROM account WHERE login = current_setting('geo.actor', true)
$body$;
CREATE FUNCTION acting_teams() RETURNS uuid[] LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT array_agg(team_id) FROM team_member WHERE account_id = acting_account() AND left_at IS NULL
$body$;
CREATE FUNCTION granted(holder_account uuid, holder_team uuid) RETURNS TABLE (division text, is_open boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT given.division, given.valid_until IS NULL OR given.valid_until > clock_timestamp() FROM (
        SELECT * FROM role_grant WHERE account_id = holder_account
        UNION ALL
        SELECT * FROM role_grant WHERE team_id = holder_team
        UNION ALL
        SELECT role_grant.* FROM team_member JOIN role_grant ON role_grant.team_id = team_member.team_id
        WHERE team_member.account_id = holder_account AND team_member.left_at IS NULL
    ) AS given
$body$;
CREATE FUNCTION scope_holds_account(account_id uuid) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT coalesce(bool_and(division ^@ ANY (scope_prefixes())) FILTER (WHERE is_open), false) FROM granted($1, NULL)
$body$;
CREATE FUNCTION scope_sees(account_id uuid, team_id uuid) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT CASE
        WHEN count(*) FILTER (WHERE is_open) > 0
            THEN bool_and(division ^@ ANY (scope_prefixes())) FILTER (WHERE is_open)
        WHEN count(*) > 0 THEN bool_or(division ^@ ANY (scope_prefixes()))
        ELSE cardinality(scope_prefixes()) > 0
    END FROM granted($1, $2)
$body$;
CREATE FUNCTION account_of_token(token_id uuid) RETURNS uuid LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT account_id FROM api_token WHERE id = $1
$body$;
CREATE FUNCTION accounts_exist() RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT EXISTS (SELECT FROM account)
$body$;
CREATE FUNCTION login_is_taken(wanted text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT EXISTS (SELECT FROM account WHERE login = wanted)
$body$;
"""

# One policy a command; of history the reading alone. The owner isn't bound: triggers, migrations and `demo clear` work.
WALL_IN = """
CREATE FUNCTION wall_in(target regclass, reads text, inserts text, updates text) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $body$
DECLARE
    twin regclass := to_regclass(format('history.%I', (SELECT relname FROM pg_class WHERE oid = target)));
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY reads ON %s FOR SELECT TO geo_app USING (%s)', target, reads);
    EXECUTE format('CREATE POLICY inserts ON %s FOR INSERT TO geo_app WITH CHECK (%s)', target, inserts);
    EXECUTE format('CREATE POLICY updates ON %s FOR UPDATE TO geo_app USING (%s) WITH CHECK (%s)', target, updates, updates);
    IF twin IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', twin);
        EXECUTE format('CREATE POLICY reads ON %s FOR SELECT TO geo_app USING (%s)', twin, reads);
    END IF;
END $body$
"""

PURE = (
    "scope_prefixes()",
    "scope_is_everywhere()",
    "scope_is_signing_in()",
    "scope_holds(uuid)",
    "scope_holds_run(uuid)",
)
WITH_RIGHTS = (
    "acting_account()",
    "acting_teams()",
    "granted(uuid, uuid)",
    "scope_holds_account(uuid)",
    "scope_sees(uuid, uuid)",
    "account_of_token(uuid)",
    "accounts_exist()",
    "login_is_taken(text)",
)
WALL = "wall_in(regclass, text, text, text)"

EVERYONE = "true"
"""A policy that reads no row costs nothing; one that does keeps spatial indexes from being used."""
EVERYWHERE = "(SELECT scope_is_everywhere())"
"""In a sub-select, as all that doesn't depend on the row: it is computed once a statement."""


def _or(*conditions: str) -> str:
    return " OR ".join((EVERYWHERE, *conditions))


def _begins(code: str) -> str:
    return f"{code} ^@ ANY ((SELECT scope_prefixes())::text[])"


PUBLIC_ROWS = {
    "dataset": EVERYWHERE,
    "import_run": EVERYWHERE,
    "division": _or(_begins("code::text")),
    "facility": _or("scope_holds(division_id)"),
    "place": _or("scope_holds(division_id)"),
    "demand_point": _or("scope_holds(division_id)"),
    "road_segment": EVERYWHERE,
    "road_barrier": EVERYWHERE,
    "coverage_run": _or(_begins("(question ->> 'zone')")),
    "coverage_zone": _or("scope_holds_run(run_id)"),
    "coverage_point": _or("scope_holds_run(run_id)"),
    "coverage_facility": _or("scope_holds_run(run_id)"),
    "job_progress": EVERYWHERE,
    "name_key": EVERYWHERE,
    "name_due": EVERYWHERE,
    "table_version": EVERYWHERE,
}
"""Everybody reads them. What is in no division, what belongs to the whole registry and what the product derives is
written everywhere or not at all."""

SIGNING_IN = "(SELECT scope_is_signing_in())"
OWN = "account_id = (SELECT acting_account())"
OF_OWN_TEAMS = "team_id = ANY ((SELECT acting_teams())::uuid[])"
SEEN = "scope_sees(account_id, NULL)"
HELD = "scope_holds_account(account_id)"
TOKENS_ACCOUNT = "account_of_token(token_id)"

PRIVATE_ROWS = {
    "account": (
        _or(SIGNING_IN, "id = (SELECT acting_account())", "scope_sees(id, NULL)"),
        _or("cardinality((SELECT scope_prefixes())) > 0 AND NOT " + SIGNING_IN),
        _or("id = (SELECT acting_account())", "scope_holds_account(id)"),
    ),
    "account_password": (_or(SIGNING_IN, OWN, SEEN), _or(OWN, SEEN), _or(SIGNING_IN, OWN, HELD)),
    "team": (
        _or("id = ANY ((SELECT acting_teams())::uuid[])", "scope_sees(NULL, id)"),
        EVERYWHERE,
        EVERYWHERE,
    ),
    "team_member": (_or(SIGNING_IN, OWN, SEEN), EVERYWHERE, EVERYWHERE),
    "role_grant": (
        _or(SIGNING_IN, _begins("division"), OWN, OF_OWN_TEAMS),
        _or(_begins("division") + " AND scope_sees(account_id, team_id)"),
        _or(_begins("division")),
    ),
    "account_session": (_or(SIGNING_IN, OWN, SEEN), _or(SIGNING_IN), _or(SIGNING_IN, OWN, HELD)),
    "api_token": (_or(SIGNING_IN, OWN, SEEN), _or(OWN, HELD), _or(OWN, HELD)),
    "api_token_secret": (
        _or(SIGNING_IN, f"{TOKENS_ACCOUNT} = (SELECT acting_account())", f"scope_sees({TOKENS_ACCOUNT}, NULL)"),
        _or(f"{TOKENS_ACCOUNT} = (SELECT acting_account())", f"scope_holds_account({TOKENS_ACCOUNT})"),
        _or(SIGNING_IN),
    ),
    "sign_in_failure": (_or(SIGNING_IN), _or(SIGNING_IN), _or(SIGNING_IN)),
}
"""Who reads, inserts and updates what is about accounts: oneself; whoever's scope holds all that an account is granted;
and what finds out who asks. An account that was never granted anything is nobody's yet, and seen by every scope."""


def upgrade() -> None:
    op.execute(SCOPE)
    op.execute(ACCOUNTS)
    op.execute(WALL_IN)
    for function in (*WITH_RIGHTS, WALL):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    for function in WITH_RIGHTS:
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO geo_app")
    for table, writes in PUBLIC_ROWS.items():
        _wall_in(table, EVERYONE, writes, writes)
    for table, (reads, inserts, updates) in PRIVATE_ROWS.items():
        _wall_in(table, reads, inserts, updates)


def downgrade() -> None:
    for table in (*PUBLIC_ROWS, *PRIVATE_ROWS):
        for policy in ("reads", "inserts", "updates"):
            op.execute(f"DROP POLICY {policy} ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        op.execute(
            f"""
            DO $body$ BEGIN
                IF to_regclass('history.{table}') IS NOT NULL THEN
                    DROP POLICY reads ON history.{table};
                    ALTER TABLE history.{table} DISABLE ROW LEVEL SECURITY;
                END IF;
            END $body$
            """
        )
    for function in (WALL, *reversed(WITH_RIGHTS), *reversed(PURE)):
        op.execute(f"DROP FUNCTION {function}")


def _wall_in(table: str, reads: str, inserts: str, updates: str) -> None:
    given = ", ".join("'" + condition.replace("'", "''") + "'" for condition in (reads, inserts, updates))
    op.execute(f"SELECT wall_in('{table}', {given})")
