"""Steps are amended by steps; the public proposes names; a name may be a working one; numbers of filings are the receipts' (ADR 0076)."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

STEPS = (
    "submit",
    "check",
    "return",
    "withdraw",
    "consult",
    "conclude",
    "handle",
    "review",
    "send-back",
    "sign",
    "approve",
    "reject",
    "file",
    "filed",
    "filing-returned",
    "announce",
    "correct",
)
ADDED = {"case_step": "amends", "case_name": "working", "consultation_comment": "proposed_name"}
AMENDABLE = ("approve", "file", "filed", "announce")

SAY = """
CREATE FUNCTION say_in_consultation(comment uuid, consultation uuid, comment_number text, words text, {proposing}who text, where_to text, today date)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    IF coalesce(current_setting('geo.actor', true), '') = '' THEN
        RAISE EXCEPTION 'nobody says nothing' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM FROM consultation AS open WHERE open.id = consultation AND open.closed_on IS NULL AND today BETWEEN open.opened_on AND open.closes_on;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the consultation is not open' USING ERRCODE = 'check_violation', CONSTRAINT = 'consultation_is_open';
    END IF;
    INSERT INTO consultation_comment (id, consultation_id, number, said, {column}person, reach)
    VALUES (comment, consultation, comment_number, words, {value}who, where_to);
END $body$
"""
SAYING = "say_in_consultation(uuid, uuid, text, text, text, text, date)"
PROPOSING = "say_in_consultation(uuid, uuid, text, text, text, text, text, date)"

# A working name is nobody's to keep: other cases needn't heed it.
OPEN_NAMES = """
CREATE OR REPLACE FUNCTION open_case_names(inside text, besides uuid)
RETURNS TABLE (line uuid, number text, name text, class text, division_code text, lon double precision, lat double precision, detail jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT case_name.id, naming_case.number, case_name.name, case_name.class, own.code::text, ST_X(lies.at), ST_Y(lies.at), case_name.detail
    FROM naming_case JOIN division ON division.id = naming_case.division_id AND division.code ^@ inside
    JOIN case_name ON case_name.case_id = naming_case.id AND case_name.state = 'open'{but}
        AND case_name.action IN ('name', 'rename', 'standardise')
    LEFT JOIN place ON place.id = case_name.place_id
    LEFT JOIN division AS own ON own.id = coalesce(case_name.division_id, place.division_id)
    CROSS JOIN LATERAL (SELECT ST_PointOnSurface(coalesce(case_name.geom, place.geom)) AS at) AS lies
    WHERE naming_case.state NOT IN ('draft', 'returned', 'approved', 'rejected', 'withdrawn') AND naming_case.id <> besides
        AND (SELECT scope_is_somewhere())
    ORDER BY naming_case.fid, case_name.position
$body$
"""

# What the office sent its filing with is none of the receipt's: where the receipt had no number, none is known.
RECEIPTS = """
    UPDATE {table} SET filing_number = receipt.number FROM (
        SELECT DISTINCT ON (case_id) case_id, number FROM case_step WHERE step = 'filed' ORDER BY case_id, fid DESC
    ) AS receipt
    WHERE receipt.case_id = {table}.{case} AND filing_number <> receipt.number
"""
# What was withdrawn while it was before the public is before it no more.
ENDED = """
    UPDATE consultation SET closed_on = greatest(consultation.opened_on, ended.day) FROM (
        SELECT case_id, max(happened_on) AS day FROM case_step
        JOIN naming_case ON naming_case.id = case_id AND naming_case.state = 'withdrawn'
        WHERE step = 'withdraw' GROUP BY case_id
    ) AS ended
    WHERE consultation.case_id = ended.case_id AND consultation.closed_on IS NULL
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("case_step", sa.Column("amends", sa.String(), nullable=True))
    _let_steps((*STEPS, "amend"))
    op.create_check_constraint(op.f("ck_case_step_amends_known"), "case_step", f"amends IN ({_listed(AMENDABLE)})")
    op.create_check_constraint(
        op.f("ck_case_step_amends_a_step"), "case_step", "(step = 'amend') = (amends IS NOT NULL)"
    )
    op.add_column("case_name", sa.Column("working", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("consultation_comment", sa.Column("proposed_name", sa.String(), server_default="", nullable=False))
    _renew()
    op.execute("GRANT UPDATE (approval_number) ON name_decision TO geo_app")
    _say(SAYING, PROPOSING, proposing="proposed text, ", column="proposed_name, ", value="proposed, ")
    op.execute(OPEN_NAMES.format(but=" AND NOT case_name.working"))
    op.execute(RECEIPTS.format(table="naming_case", case="id"))
    op.execute(RECEIPTS.format(table="name_decision", case="case_id"))
    op.execute(ENDED)


def downgrade() -> None:
    _say(PROPOSING, SAYING, proposing="", column="", value="")
    op.execute("REVOKE UPDATE (approval_number) ON name_decision FROM geo_app")
    op.execute(OPEN_NAMES.format(but=""))
    op.drop_column("consultation_comment", "proposed_name")
    op.drop_column("case_name", "working")
    op.execute("DELETE FROM case_step WHERE step = 'amend'")
    op.drop_constraint(op.f("ck_case_step_amends_a_step"), "case_step")
    op.drop_constraint(op.f("ck_case_step_amends_known"), "case_step")
    _let_steps(STEPS)
    op.drop_column("case_step", "amends")
    for table, column in ADDED.items():
        op.execute(f"ALTER TABLE history.{table} DROP COLUMN {column}")
    _renew()


def _renew() -> None:
    for table, whole in (("case_step", "false"), ("case_name", "true"), ("consultation_comment", "false")):
        op.execute(f"SELECT install_history('{table}')")
        op.execute(f"SELECT install_audit('{table}')")
        op.execute(f"SELECT let_write('{table}', {whole})")


def _let_steps(steps: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_case_step_step_known"), "case_step")
    op.create_check_constraint(op.f("ck_case_step_step_known"), "case_step", f"step IN ({_listed(steps)})")


def _say(old: str, new: str, *, proposing: str, column: str, value: str) -> None:
    op.execute(f"DROP FUNCTION {old}")
    op.execute(SAY.format(proposing=proposing, column=column, value=value))
    op.execute(f"REVOKE ALL ON FUNCTION {new} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {new} TO geo_app")


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
