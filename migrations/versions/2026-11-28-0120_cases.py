"""Cases: names decided on, with steps, papers, consultations; announcements and decisions, which everybody reads (ADR 0070)."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

EVERYWHERE = "(SELECT scope_is_everywhere())"

KINDS = ("naming", "renaming", "adjustment", "standardising", "abolition", "heritage")
ORIGINS = ("application", "taken-over")
APPROVERS = ("state-department", "government", "civil-affairs", "department")
STATES = (
    "draft",
    "submitted",
    "returned",
    "checked",
    "consulting",
    "handled",
    "reviewed",
    "signed",
    "approved",
    "rejected",
    "withdrawn",
)
DUTIES = ("due", "sent", "returned", "done", "corrected")
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
ACTIONS = ("name", "rename", "adjust", "standardise", "abolish", "list")
LINES = ("open", "in-force", "struck")
DOCUMENTS = (
    "application",
    "plan",
    "assessment",
    "experts",
    "opinions",
    "hearing",
    "approval",
    "filing-report",
    "filing-form",
    "receipt",
    "announcement",
    "evidence",
    "other",
)
CONSULTATIONS = ("notice", "call")
OUTCOMES = ("received", "adopted", "partly", "not-adopted")
CLASSES = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_place_class_known'"
CODES = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_finding_clearance_code_known'"

HOLDS = """
CREATE FUNCTION scope_holds_case(case_id uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $body$
    SELECT scope_holds(division_id) FROM naming_case WHERE id = $1
$body$;
CREATE FUNCTION scope_holds_line(line_id uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $body$
    SELECT scope_holds_case(case_id) FROM case_name WHERE id = $1
$body$;
CREATE FUNCTION scope_holds_document(document_id uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $body$
    SELECT scope_holds_case(case_id) FROM case_document WHERE id = $1
$body$;
CREATE FUNCTION scope_holds_consultation(consultation_id uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $body$
    SELECT scope_holds(division_id) FROM consultation WHERE id = $1
$body$;
"""
FUNCTIONS = ("scope_holds_case", "scope_holds_line", "scope_holds_document", "scope_holds_consultation")

# Anybody may say something, by this way alone: their name and their words come in, and nothing comes out but the number.
SAY = """
CREATE FUNCTION say_in_consultation(comment uuid, consultation uuid, comment_number text, words text, who text, where_to text, today date)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    IF coalesce(current_setting('geo.actor', true), '') = '' THEN
        RAISE EXCEPTION 'nobody says nothing' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM FROM consultation AS open WHERE open.id = consultation AND open.closed_on IS NULL AND today BETWEEN open.opened_on AND open.closes_on;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the consultation is not open' USING ERRCODE = 'check_violation', CONSTRAINT = 'consultation_is_open';
    END IF;
    INSERT INTO consultation_comment (id, consultation_id, number, said, person, reach)
    VALUES (comment, consultation, comment_number, words, who, where_to);
END $body$
"""
SAYING = "say_in_consultation(uuid, uuid, text, text, text, text, date)"
# By the number that they were given, and nothing else, somebody learns what became of what they said.
ANSWERED = """
CREATE FUNCTION comment_with_number(comment_number text)
RETURNS TABLE (consultation_id uuid, received_at timestamptz, outcome text, answer text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT consultation_id, recorded_at, outcome, answer FROM consultation_comment WHERE number = comment_number
$body$
"""
# That a place waits for a decision is no secret, of whatever county it is: two must not decide on it at once.
PENDING = """
CREATE FUNCTION case_pending_of(places uuid[], besides uuid) RETURNS TABLE (place_id uuid, number text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT asked.id, naming_case.number FROM unnest(places) AS asked (id)
    JOIN case_name ON case_name.state = 'open'
        AND (case_name.place_id = asked.id OR case_name.absorbs @> ARRAY[asked.id] OR case_name.splits @> ARRAY[asked.id])
    JOIN naming_case ON naming_case.id = case_name.case_id
    WHERE naming_case.state NOT IN ('approved', 'rejected', 'withdrawn') AND naming_case.id IS DISTINCT FROM besides
        AND (SELECT scope_is_somewhere())
    ORDER BY naming_case.fid
$body$
"""
# Whoever reaches for another county's case is told that it is another's, as of everything else: of the case itself, nothing.
WHOSE = """
CREATE FUNCTION division_of_case(wanted uuid) RETURNS text LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT code::text FROM naming_case JOIN division ON division.id = naming_case.division_id WHERE naming_case.id = wanted
$body$
"""
NUMBERED = """
CREATE FUNCTION next_case_number(beginning text) RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
DECLARE serial bigint;
BEGIN
    IF NOT scope_is_somewhere() THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('case number'), hashtext(beginning));
    SELECT coalesce(max(substr(number, length(beginning) + 1)::bigint), 0) + 1 INTO serial FROM naming_case
    WHERE number ^@ beginning AND substr(number, length(beginning) + 1) ~ '^[0-9]{1,9}$';
    RETURN beginning || lpad(serial::text, greatest(4, length(serial::text)), '0');
END $body$
"""
OWNERS_WORK = (
    SAYING,
    "comment_with_number(text)",
    "case_pending_of(uuid[], uuid)",
    "division_of_case(uuid)",
    "next_case_number(text)",
)

TABLES = (
    "naming_case",
    "case_name",
    "case_step",
    "case_document",
    "case_clearance",
    "consultation",
    "consultation_comment",
    "announcement",
    "name_decision",
)
CHANGED_BY_COLUMN = {
    "case_step": (),
    "case_document": ("withdrawn",),
    "case_clearance": ("withdrawn",),
    "consultation": ("closed_on",),
    "consultation_comment": ("outcome", "answer"),
    "announcement": (),
    "name_decision": ("filed_on", "filing_number", "announcement_id"),
}
"""What is written once, but for these columns."""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    bind = op.get_bind()
    classes = bind.execute(sa.text(CLASSES)).scalar_one()
    codes = bind.execute(sa.text(CODES)).scalar_one()
    _cases()
    _lines(classes)
    _steps()
    _papers()
    _clearances(codes)
    _consultations()
    _announcements()
    op.execute(HOLDS)
    for table in TABLES:
        op.execute(f"SELECT install_history('{table}')")
        op.execute(f"SELECT install_audit('{table}')")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO geo_app")
        op.execute(f"GRANT SELECT ON history.{table} TO geo_app")
    op.execute("GRANT SELECT, INSERT ON document_content TO geo_app")
    _walls()
    for table in TABLES:
        columns = CHANGED_BY_COLUMN.get(table)
        op.execute(f"SELECT let_write('{table}', {'true' if columns is None else 'false'})")
        if columns:
            op.execute(f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO geo_app")
    for function in (SAY, ANSWERED, PENDING, WHOSE, NUMBERED):
        op.execute(function)
    for signature in OWNERS_WORK:
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO geo_app")


def downgrade() -> None:
    for signature in OWNERS_WORK:
        op.execute(f"DROP FUNCTION {signature}")
    for table in ("name_decision", "announcement", "consultation_comment", "consultation", "case_clearance"):
        op.drop_table(table)
    for table in ("document_content", "case_document", "case_step", "case_name", "naming_case"):
        op.drop_table(table)
    for table in TABLES:
        op.execute(f"DROP TABLE history.{table}")
        op.execute(f"DROP FUNCTION history.write_{table}()")
        op.execute(f"DROP FUNCTION history.audit_{table}()")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}(uuid)")


def _walls() -> None:
    own = f"{EVERYWHERE} OR scope_holds(division_id)"
    of_case = f"{EVERYWHERE} OR scope_holds_case(case_id)"
    of_line = f"{EVERYWHERE} OR scope_holds_line(line_id)"
    of_document = f"{EVERYWHERE} OR scope_holds_document(id)"
    of_consultation = f"{EVERYWHERE} OR scope_holds_consultation(consultation_id)"
    private = {
        "naming_case": own,
        "case_name": of_case,
        "case_step": of_case,
        "case_document": of_case,
        "document_content": of_document,
        "case_clearance": of_line,
        "consultation_comment": of_consultation,
    }
    for table, whose in private.items():
        op.execute(f"SELECT wall_in('{table}', $${whose}$$, $${whose}$$, $${whose}$$)")
    public = {"consultation": own, "announcement": own, "name_decision": of_case}
    for table, whose in public.items():
        op.execute(f"SELECT wall_in('{table}', 'true', $${whose}$$, $${whose}$$)")


def _cases() -> None:
    op.create_table(
        "naming_case",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(), server_default="application", nullable=False),
        _text("applicant"),
        _text("plan"),
        _text("reasons"),
        sa.Column("approver", sa.String(), nullable=False),
        _text("approving_body"),
        sa.Column("synthetic", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("turns", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.String(), server_default="draft", nullable=False),
        sa.Column("consulted_until", sa.Date(), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        _text("approval_number"),
        sa.Column("filing", sa.String(), nullable=True),
        sa.Column("filing_due_on", sa.Date(), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        _text("filing_number"),
        sa.Column("announcing", sa.String(), nullable=True),
        sa.Column("announcement_due_on", sa.Date(), nullable=True),
        sa.Column("announced_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        *_recorded("naming_case"),
        *_checks(
            "naming_case",
            number_given="number <> ''",
            title_given="title <> ''",
            kind_known=_one_of("kind", KINDS),
            origin_known=_one_of("origin", ORIGINS),
            approver_known=_one_of("approver", APPROVERS),
            state_known=_one_of("state", STATES),
            filing_known=_one_of("filing", DUTIES),
            announcing_known=_one_of("announcing", DUTIES),
            approved_on_a_day="(state = 'approved') = (approved_on IS NOT NULL) OR origin = 'taken-over'",
        ),
        sa.UniqueConstraint("number", name=op.f("uq_naming_case_number")),
        _refers("naming_case", "division_id", "division"),
    )
    op.create_index("ix_naming_case_due_on_fid", "naming_case", ["due_on", "fid"])
    op.create_index(op.f("ix_naming_case_division_id"), "naming_case", ["division_id"])


def _lines(classes: str) -> None:
    op.create_table(
        "case_name",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        _text("former"),
        sa.Column("class", sa.String(), nullable=False),
        sa.Column("romanized", sa.String(), nullable=True),
        _text("meaning"),
        _text("origin"),
        sa.Column("division_id", sa.Uuid(), nullable=True),
        sa.Column("geom", Geometry("GEOMETRY", srid=4490, spatial_index=False), nullable=True),
        sa.Column("detail", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("absorbs", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("splits", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        _text("struck_why"),
        *_recorded("case_name"),
        *_checks(
            "case_name",
            name_given="name <> ''",
            action_known=_one_of("action", ACTIONS),
            class_known=classes.removeprefix("CHECK ").strip(),
            state_known=_one_of("state", LINES),
            of_a_place="action = 'name' OR place_id IS NOT NULL",
            detail_is_an_object="jsonb_typeof(detail) = 'object'",
            geom_not_empty="NOT ST_IsEmpty(geom)",
            struck_for_a_reason="state <> 'struck' OR struck_why <> ''",
        ),
        sa.UniqueConstraint("case_id", "position", name=op.f("uq_case_name_case_id_position")),
        _refers("case_name", "case_id", "naming_case"),
        _refers("case_name", "place_id", "place"),
        _refers("case_name", "division_id", "division"),
    )
    op.create_index("ix_case_name_place_id", "case_name", ["place_id"])
    op.create_index("ix_case_name_absorbs", "case_name", ["absorbs"], postgresql_using="gin")
    op.create_index("ix_case_name_splits", "case_name", ["splits"], postgresql_using="gin")
    # Of what is private nothing is kept by which anybody could tell where it lies: no figures, no index.
    op.execute("ALTER TABLE case_name ALTER COLUMN geom SET STATISTICS 0")


def _steps() -> None:
    op.create_table(
        "case_step",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        _text("number"),
        _text("note"),
        *_recorded("case_step"),
        *_checks("case_step", step_known=_one_of("step", STEPS)),
        _refers("case_step", "case_id", "naming_case"),
    )
    op.create_index("ix_case_step_case_id", "case_step", ["case_id", "fid"])


def _papers() -> None:
    op.create_table(
        "case_document",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default="false", nullable=False),
        *_recorded("case_document"),
        *_checks(
            "case_document",
            kind_known=_one_of("kind", DOCUMENTS),
            title_given="title <> ''",
            sha256_well_formed="sha256 ~ '^[0-9a-f]{64}$'",
        ),
        _refers("case_document", "case_id", "naming_case"),
    )
    op.create_index("ix_case_document_case_id", "case_document", ["case_id", "fid"])
    op.create_table(
        "document_content",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_content")),
        _refers("document_content", "id", "case_document"),
    )


def _clearances(codes: str) -> None:
    op.create_table(
        "case_clearance",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("collides_with", sa.Uuid(), nullable=True),
        _text("collides_name"),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default="false", nullable=False),
        *_recorded("case_clearance"),
        *_checks("case_clearance", code_known=codes.removeprefix("CHECK ").strip(), reason_given="reason <> ''"),
        _refers("case_clearance", "line_id", "case_name"),
    )
    op.create_index(
        "uq_case_clearance_in_force",
        "case_clearance",
        ["line_id", "name", "code", "collides_name"],
        unique=True,
        postgresql_where=sa.text("NOT withdrawn"),
    )


def _consultations() -> None:
    op.create_table(
        "consultation",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        _text("body"),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("synthetic", sa.Boolean(), server_default="false", nullable=False),
        *_recorded("consultation"),
        *_checks(
            "consultation",
            kind_known=_one_of("kind", CONSULTATIONS),
            title_given="title <> ''",
            closes_after_it_opens="closes_on >= opened_on",
            names_are_a_list="jsonb_typeof(names) = 'array'",
        ),
        _refers("consultation", "case_id", "naming_case"),
        _refers("consultation", "division_id", "division"),
    )
    op.create_index("ix_consultation_case_id", "consultation", ["case_id"])
    op.create_index("ix_consultation_closes_on", "consultation", ["closes_on"])
    op.create_table(
        "consultation_comment",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        _text("person"),
        _text("reach"),
        sa.Column("outcome", sa.String(), server_default="received", nullable=False),
        _text("answer"),
        sa.Column("digest_key", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        *_recorded("consultation_comment"),
        *_checks(
            "consultation_comment",
            said_something="said <> ''",
            outcome_known=_one_of("outcome", OUTCOMES),
            answered_with_words="outcome = 'received' OR answer <> ''",
        ),
        sa.UniqueConstraint("number", name=op.f("uq_consultation_comment_number")),
        _refers("consultation_comment", "consultation_id", "consultation"),
    )
    op.create_index("ix_consultation_comment_consultation_id", "consultation_comment", ["consultation_id", "fid"])


def _announcements() -> None:
    op.create_table(
        "announcement",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        _text("number"),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        _text("correction"),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), server_default="false", nullable=False),
        *_recorded("announcement"),
        *_checks("announcement", title_given="title <> ''", content_is_an_object="jsonb_typeof(content) = 'object'"),
        _refers("announcement", "case_id", "naming_case"),
        _refers("announcement", "division_id", "division"),
        _refers("announcement", "corrects_id", "announcement"),
    )
    op.create_index("ix_announcement_case_id", "announcement", ["case_id"])
    op.create_index("ix_announcement_corrects_id", "announcement", ["corrects_id"], unique=True)
    op.create_index(op.f("ix_announcement_division_id"), "announcement", ["division_id"])
    op.create_table(
        "name_decision",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=False),
        _text("approval_number"),
        sa.Column("filed_on", sa.Date(), nullable=True),
        _text("filing_number"),
        sa.Column("announcement_id", sa.Uuid(), nullable=True),
        *_recorded("name_decision"),
        *_checks("name_decision", action_known=_one_of("action", ACTIONS)),
        sa.UniqueConstraint("case_id", "place_id", "action", name=op.f("uq_name_decision_case_id_place_id_action")),
        _refers("name_decision", "case_id", "naming_case"),
        _refers("name_decision", "place_id", "place"),
        _refers("name_decision", "announcement_id", "announcement"),
    )
    op.create_index("ix_name_decision_place_id", "name_decision", ["place_id"])


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), server_default="", nullable=False)


def _one_of(column: str, words: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


def _checks(table: str, **conditions: str) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(each, name=op.f(f"ck_{table}_{name}")) for name, each in conditions.items()]


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _recorded(table: str) -> list[Any]:
    return [
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("fid", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "recorded_by",
            sa.String(),
            server_default=sa.text("coalesce(nullif(current_setting('geo.actor', true), ''), session_user::text)"),
            nullable=True,
        ),
        sa.Column(
            "recorded_why",
            sa.String(),
            server_default=sa.text("nullif(current_setting('geo.why', true), '')"),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("fid", name=op.f(f"uq_{table}_fid")),
    ]
