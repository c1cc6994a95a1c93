"""A browser that an account was signed in from counts its failures by itself, and is known for half a year."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

KNOWN = "ck_sign_in_failure_by_known"
# As 0016 made it; a browser is forgotten when nobody signed in there for half a year.
FORGET_SIGN_INS = """
CREATE OR REPLACE FUNCTION forget_sign_ins() RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    DELETE FROM sign_in_failure
    WHERE last_at < now() - interval '1 day' AND coalesce(blocked_until < now(), true){young} AND {at_the_door};
    DELETE FROM account_session WHERE expires_at < now() - interval '90 days' AND {at_the_door};
    DELETE FROM oidc_attempt WHERE created_at < now() - interval '1 day' AND {at_the_door};
$body$
"""
AT_THE_DOOR = "(scope_is_everywhere() OR scope_is_signing_in())"
YOUNG = "\n      AND (by <> 'device' OR last_at < now() - interval '180 days')"


def upgrade() -> None:
    _let("'login', 'address', 'device'")
    op.execute(FORGET_SIGN_INS.format(young=YOUNG, at_the_door=AT_THE_DOOR))


def downgrade() -> None:
    op.execute("DELETE FROM sign_in_failure WHERE by = 'device'")
    op.execute(FORGET_SIGN_INS.format(young="", at_the_door=AT_THE_DOOR))
    _let("'login', 'address'")


def _let(by: str) -> None:
    op.execute(f"ALTER TABLE sign_in_failure DROP CONSTRAINT {KNOWN}")
    op.execute(f"ALTER TABLE sign_in_failure ADD CONSTRAINT {KNOWN} CHECK (by IN ({by}))")
