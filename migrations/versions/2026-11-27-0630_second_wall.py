"""What the second wall answers to nobody, who grants a team, what the queue may be told, refused sign-ins (ADR 0053)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SOMEWHERE = """
CREATE FUNCTION scope_is_somewhere() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $body$
    SELECT cardinality(scope_prefixes()) > 0 AND NOT scope_is_signing_in()
$body$
"""

# Of no account and no team nothing is seen: what can't be found would else pass for what was never granted anything.
SEES = """
CREATE OR REPLACE FUNCTION scope_sees(account_id uuid, team_id uuid) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT CASE
        {unknown}WHEN count(*) FILTER (WHERE is_open) > 0
            THEN bool_and(division ^@ ANY (scope_prefixes())) FILTER (WHERE is_open)
        WHEN count(*) > 0 THEN bool_or(division ^@ ANY (scope_prefixes()))
        ELSE cardinality(scope_prefixes()) > 0
    END FROM granted($1, $2)
$body$
"""
OF_NOBODY = "WHEN $1 IS NULL AND $2 IS NULL THEN false\n        "

# Who grants a team gives something to everybody in it: all of them have to be in reach, and all that it has already.
HOLDS_TEAM = """
CREATE FUNCTION scope_holds_team(team_id uuid) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT scope_is_everywhere() OR coalesce(bool_and(held), false) FROM (
        SELECT division ^@ ANY (scope_prefixes()) AS held FROM role_grant
        WHERE role_grant.team_id = $1 AND (valid_until IS NULL OR valid_until > clock_timestamp())
        UNION ALL
        SELECT scope_sees(account_id, NULL) FROM team_member WHERE team_member.team_id = $1 AND left_at IS NULL
    ) AS reached
$body$
"""

TOKENS_ACCOUNT = """
CREATE OR REPLACE FUNCTION account_of_token(token_id uuid) RETURNS uuid LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT account_id FROM api_token WHERE id = $1{who}
$body$
"""
WHO_MAY_KNOW_IT = """ AND (
        scope_is_everywhere() OR scope_is_signing_in() OR account_id = acting_account() OR scope_sees(account_id, NULL))"""

TAKEN = """
CREATE OR REPLACE FUNCTION login_is_taken(wanted text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT {who}EXISTS (SELECT FROM account WHERE login = wanted)
$body$
"""

MASKED = """
CREATE OR REPLACE FUNCTION masked_contacts(facility uuid) RETURNS TABLE (id uuid, person text, post text, phone text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT id, masked_person(person), post, masked_phone(phone) FROM facility_contact
    WHERE facility_id = facility{who} ORDER BY fid
$body$
"""

ERASE = """
CREATE OR REPLACE FUNCTION erase_contact(contact uuid) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    DELETE FROM facility_contact
    WHERE id = contact AND (scope_is_everywhere() OR scope_holds_facility(facility_id));
    DELETE FROM history.facility_contact
    WHERE id = contact{who} AND NOT EXISTS (SELECT FROM facility_contact WHERE id = contact);
$body$
"""

FORGET_SIGN_INS = """
CREATE OR REPLACE FUNCTION forget_sign_ins() RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    DELETE FROM sign_in_failure WHERE last_at < now() - interval '1 day' AND coalesce(blocked_until < now(), true){who};
    DELETE FROM account_session WHERE expires_at < now() - interval '90 days'{who};
    DELETE FROM oidc_attempt WHERE created_at < now() - interval '1 day'{who};
$body$
"""
AT_THE_DOOR = " AND (scope_is_everywhere() OR scope_is_signing_in())"

FORGET_ANSWERS = """
CREATE OR REPLACE FUNCTION forget_answers() RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    DELETE FROM kept_answer WHERE ctid = ANY(ARRAY(
        SELECT old.ctid FROM kept_answer AS old
        WHERE old.kept_at <= transaction_timestamp() - interval '1 day'{who} LIMIT 1000 FOR UPDATE SKIP LOCKED))
$body$
"""
SOMEBODY = "coalesce(current_setting('geo.actor', true), '') <> ''"

TAKE_NAMES = """
CREATE OR REPLACE FUNCTION take_names(most integer) RETURNS TABLE (type text, record_id uuid) LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    DELETE FROM name_due
    WHERE ctid = ANY(ARRAY(SELECT due.ctid FROM name_due AS due{who} LIMIT most FOR UPDATE SKIP LOCKED))
    RETURNING name_due.type, name_due.record_id
$body$
"""

ENTRY = """
    INSERT INTO audit_entry (at, transaction, actor, address, way, why, verb, operation, table_name, rows, records)
    VALUES (
        transaction_timestamp(), pg_current_xact_id()::text::bigint,
        coalesce(nullif(current_setting('geo.actor', true), ''), session_user),
        coalesce(current_setting('geo.address', true), ''), nullif(current_setting('geo.way', true), ''),
        nullif(current_setting('geo.why', true), ''), nullif(current_setting('geo.verb', true), ''),
        {what});
"""
A_READ = "'read', subject, many, CASE WHEN many <= 100 THEN ids END"

NOTE_READ_BEFORE = f"""
CREATE OR REPLACE FUNCTION note_read(subject text, ids uuid[], many bigint) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $body${ENTRY.format(what=A_READ)}$body$
"""

# That a read can't be noted is no reason to let it go by: what nobody did is refused, so that nothing is shown.
NOTED = """
CREATE OR REPLACE FUNCTION {signature} RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    IF NOT ({who}) THEN
        RAISE EXCEPTION 'nobody acts here whom the audit could name' USING ERRCODE = 'insufficient_privilege';
    END IF;{entry}END $body$
"""
NOTE_READ = NOTED.format(
    signature="note_read(subject text, ids uuid[], many bigint)", who=SOMEBODY, entry=ENTRY.format(what=A_READ)
)

# About the account that was tried; of one that isn't there nothing is kept of what was typed, which may be a password.
NOTE_REFUSAL = NOTED.format(
    signature="note_refusal(tried uuid)",
    who=f"{SOMEBODY} AND scope_is_signing_in()",
    entry=ENTRY.format(
        what="'refuse', 'account', num_nonnulls(tried), CASE WHEN tried IS NOT NULL THEN ARRAY[tried] END"
    ),
)

# What was the application's to call goes on under another name, as the owner's alone.
SEAL_AS_SIGNED = """
CREATE FUNCTION seal_audit(most integer) RETURNS integer LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT CASE WHEN scope_is_everywhere() THEN seal_entries(most) ELSE 0 END
$body$
"""

# A trigger's function that anybody may call, anybody may hang on a table of their own, and write history with it.
INSTALL_HISTORY = """
CREATE FUNCTION install_history(target regclass) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    PERFORM install_history_open(target);
    EXECUTE format('REVOKE ALL ON FUNCTION history.%I() FROM PUBLIC',
        'write_' || (SELECT relname FROM pg_class WHERE oid = target));
END $body$
"""
INSTALL_AUDIT = """
CREATE FUNCTION install_audit(target regclass, record text DEFAULT 'id', told boolean DEFAULT true, unheeded text[] DEFAULT '{}')
RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    PERFORM install_audit_open(target, record, told, unheeded);
    EXECUTE format('REVOKE ALL ON FUNCTION history.%I() FROM PUBLIC',
        'audit_' || (SELECT relname FROM pg_class WHERE oid = target));
END $body$
"""
TRIGGERS_FUNCTIONS = """
DO $body$
DECLARE
    one regprocedure;
BEGIN
    FOR one IN
        SELECT oid FROM pg_proc
        WHERE prosecdef AND prorettype = 'trigger'::regtype AND pronamespace IN ('public'::regnamespace, 'history'::regnamespace)
    LOOP
        EXECUTE format('{what}', one);
    END LOOP;
END $body$
"""
WRAPPED = (
    ("install_history", "install_history_open", "regclass"),
    ("install_audit", "install_audit_open", "regclass, text, boolean, text[]"),
    ("seal_audit", "seal_entries", "integer"),
)
"""What it is called, what it is called behind that, its arguments."""

JOBS = ("procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers", "procrastinate_workers")
ORDERED = ("queue_name", "task_name", "priority", "lock", "queueing_lock", "args", "scheduled_at")
"""What a job is ordered with."""
AS_IT_STANDS = (
    "queue_name",
    "priority",
    "lock",
    "scheduled_at",
    "status",
    "attempts",
    "abort_requested",
    "worker_id",
)
"""What the queue's own functions change of it: neither what is to be done nor with what arguments."""

GRANTS_ARE_INSERTED = (
    "(SELECT scope_is_everywhere()) OR division ^@ ANY ((SELECT scope_prefixes())::text[]) AND {reached}"
)
REACHED = "CASE WHEN team_id IS NULL THEN scope_sees(account_id, NULL) ELSE scope_holds_team(team_id) END"
REACHED_BEFORE = "scope_sees(account_id, team_id)"

OPERATIONS_BEFORE = ("insert", "update", "delete", "read")


def upgrade() -> None:
    _operations((*OPERATIONS_BEFORE, "refuse"))
    op.execute("ALTER TABLE audit_entry VALIDATE CONSTRAINT ck_audit_entry_operation_known")
    for name, behind, arguments in WRAPPED:
        op.execute(f"ALTER FUNCTION {name}({arguments}) RENAME TO {behind}")
        op.execute(f"REVOKE ALL ON FUNCTION {behind}({arguments}) FROM geo_app")
    for function in (SOMEWHERE, HOLDS_TEAM, SEAL_AS_SIGNED, INSTALL_HISTORY, INSTALL_AUDIT, NOTE_READ, NOTE_REFUSAL):
        op.execute(function)
    for name, _, arguments in WRAPPED:
        op.execute(f"REVOKE ALL ON FUNCTION {name}({arguments}) FROM PUBLIC")
    for function in ("scope_holds_team(uuid)", "note_refusal(uuid)", "seal_audit(integer)"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO geo_app")
    op.execute(SEES.format(unknown=OF_NOBODY))
    op.execute(TOKENS_ACCOUNT.format(who=WHO_MAY_KNOW_IT))
    op.execute(TAKEN.format(who="scope_is_somewhere() AND "))
    op.execute(MASKED.format(who=" AND scope_is_somewhere()"))
    op.execute(ERASE.format(who=" AND (scope_is_everywhere() OR scope_holds_facility(facility_id))"))
    op.execute(FORGET_SIGN_INS.format(who=AT_THE_DOOR))
    op.execute(FORGET_ANSWERS.format(who=f" AND {SOMEBODY}"))
    op.execute(TAKE_NAMES.format(who=" WHERE (SELECT scope_is_everywhere())"))
    # Asked by the two functions that say what a scope makes of it, and by nobody else.
    op.execute("REVOKE EXECUTE ON FUNCTION granted(uuid, uuid) FROM geo_app")
    op.execute(TRIGGERS_FUNCTIONS.format(what="REVOKE ALL ON FUNCTION %s FROM PUBLIC"))
    op.execute(f"ALTER POLICY inserts ON role_grant WITH CHECK ({GRANTS_ARE_INSERTED.format(reached=REACHED)})")
    _jobs()
    op.add_column("role_grant", sa.Column("withheld_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    _follow("role_grant")
    op.execute("GRANT UPDATE (withheld_at) ON role_grant TO geo_app")


def downgrade() -> None:
    op.drop_column("role_grant", "withheld_at")
    op.drop_column("role_grant", "withheld_at", schema="history")
    _follow("role_grant")
    for table in JOBS:
        op.execute(f"REVOKE ALL ON jobs.{table} FROM geo_app")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON jobs.{table} TO geo_app")
    op.execute(f"ALTER POLICY inserts ON role_grant WITH CHECK ({GRANTS_ARE_INSERTED.format(reached=REACHED_BEFORE)})")
    op.execute(TRIGGERS_FUNCTIONS.format(what="GRANT EXECUTE ON FUNCTION %s TO PUBLIC"))
    op.execute("GRANT EXECUTE ON FUNCTION granted(uuid, uuid) TO geo_app")
    op.execute(TAKE_NAMES.format(who=""))
    op.execute(FORGET_ANSWERS.format(who=""))
    op.execute(FORGET_SIGN_INS.format(who=""))
    op.execute(ERASE.format(who=""))
    op.execute(MASKED.format(who=""))
    op.execute(TAKEN.format(who=""))
    op.execute(TOKENS_ACCOUNT.format(who=""))
    op.execute(SEES.format(unknown=""))
    op.execute(NOTE_READ_BEFORE)
    for function in ("note_refusal(uuid)", "scope_holds_team(uuid)", "scope_is_somewhere()"):
        op.execute(f"DROP FUNCTION {function}")
    for name, behind, arguments in WRAPPED:
        op.execute(f"DROP FUNCTION {name}({arguments})")
        op.execute(f"ALTER FUNCTION {behind}({arguments}) RENAME TO {name}")
    op.execute("GRANT EXECUTE ON FUNCTION seal_audit(integer) TO geo_app")
    # Entries stay as they are: of those that are there already nothing is asked.
    _operations(OPERATIONS_BEFORE)


def _operations(known: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{each}'" for each in known)
    op.execute("ALTER TABLE audit_entry DROP CONSTRAINT ck_audit_entry_operation_known")
    op.execute(
        "ALTER TABLE audit_entry ADD CONSTRAINT ck_audit_entry_operation_known "
        f"CHECK (operation IN ({listed})) NOT VALID"
    )


def _jobs() -> None:
    """What the queue's own functions do, who calls them with the application's rights, and no more."""
    for table in JOBS:
        op.execute(f"REVOKE INSERT, UPDATE, DELETE ON jobs.{table} FROM geo_app")
    op.execute(
        f"GRANT INSERT ({', '.join(ORDERED)}), UPDATE ({', '.join(AS_IT_STANDS)}) ON jobs.procrastinate_jobs TO geo_app"
    )
    op.execute("GRANT INSERT (job_id, type, at) ON jobs.procrastinate_events TO geo_app")
    op.execute("GRANT INSERT, UPDATE (last_heartbeat), DELETE ON jobs.procrastinate_workers TO geo_app")


def _follow(table: str) -> None:
    """Have history and audit tell the columns that the table has now."""
    op.execute(f"SELECT install_history('{table}')")
    op.execute(f"SELECT install_audit('{table}')")
