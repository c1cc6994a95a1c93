"""That somebody took back or tried again a job: what the queue's tables, which have no triggers, leave no entry of."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# A job is known by a number, and entries name records by their ids: the number is told by why it was done.
NOTE_JOB = """
CREATE FUNCTION note_job(job bigint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    IF coalesce(current_setting('geo.actor', true), '') = '' OR NOT scope_is_everywhere()
        OR NOT EXISTS (SELECT FROM jobs.procrastinate_jobs WHERE id = job)
    THEN
        RAISE EXCEPTION 'nobody changes a job here whom the audit could name' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO audit_entry (at, transaction, actor, address, way, why, verb, operation, table_name, rows)
    VALUES (
        transaction_timestamp(), pg_current_xact_id()::text::bigint, current_setting('geo.actor'),
        coalesce(current_setting('geo.address', true), ''), nullif(current_setting('geo.way', true), ''),
        concat_ws(': ', nullif(current_setting('geo.why', true), ''), job),
        nullif(current_setting('geo.verb', true), ''), 'update', 'procrastinate_jobs', 1);
END $body$
"""


def upgrade() -> None:
    op.execute(NOTE_JOB)
    op.execute("REVOKE ALL ON FUNCTION note_job(bigint) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION note_job(bigint) TO geo_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION note_job(bigint)")
