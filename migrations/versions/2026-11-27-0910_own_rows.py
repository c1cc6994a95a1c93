"""What nobody writes by a token, whosever rows they are: accounts, grants, passwords, tokens (ADR 0053)."""

from alembic import op

revision = "0022"
down_revision = "0020"
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

BY_TOKENS = {
    "account": (BY_NONE, TO_ADMINISTER),
    "account_identity": (BY_NONE, BY_NONE),
    "account_password": (BY_NONE, BY_NONE),
    "account_session": (BY_NONE, TO_ADMINISTER),
    "api_token": (BY_NONE, TO_ADMINISTER),
    "api_token_secret": (BY_NONE, BY_NONE),
    "kept_answer": (TO_CHANGE, TO_CHANGE),
    "oidc_attempt": (BY_NONE, BY_NONE),
    "role_grant": (BY_NONE, TO_ADMINISTER),
    "sign_in_failure": (BY_NONE, BY_NONE),
    "team": (BY_NONE, BY_NONE),
    "team_member": (BY_NONE, BY_NONE),
}
"""By which token rows are inserted and updated, besides who may (0011): one for administering takes back and shuts out,
and gives nobody anything, as the policy's table has it."""


def upgrade() -> None:
    op.execute(BY_WHICH)
    for table, (inserts, updates) in BY_TOKENS.items():
        op.execute(
            f"CREATE POLICY inserts_by_tokens ON {table} AS RESTRICTIVE FOR INSERT TO geo_app WITH CHECK ({inserts})"
        )
        op.execute(
            f"CREATE POLICY updates_by_tokens ON {table} AS RESTRICTIVE FOR UPDATE TO geo_app "
            f"USING ({updates}) WITH CHECK ({updates})"
        )


def downgrade() -> None:
    for table in BY_TOKENS:
        for policy in ("inserts_by_tokens", "updates_by_tokens"):
            op.execute(f"DROP POLICY {policy} ON {table}")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
