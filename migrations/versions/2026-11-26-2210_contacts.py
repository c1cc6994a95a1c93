"""Whom to call at a facility: personal data in a table of its own, which can be erased with all its history."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

CHANGED = ("person", "post", "phone")

SCOPE_HOLDS_FACILITY = """
CREATE FUNCTION scope_holds_facility(facility_id uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $body$
    SELECT scope_holds(division_id) FROM facility WHERE id = $1
$body$
"""

# Who has no reason to call is shown masks, 王** 138****1234: the numbers themselves don't leave the database. Of a number
# the first three and the last four digits show, if four are hidden between; of a shorter one the last two at most.
MASKS = """
CREATE FUNCTION masked_person(person text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT left(person, 1) || repeat('*', greatest(1, length(person) - 1))
$body$;
CREATE FUNCTION masked_phone(phone text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT CASE
        WHEN length(digits) >= 11 THEN left(digits, 3) || repeat('*', length(digits) - 7) || right(digits, 4)
        ELSE repeat('*', length(digits) - least(2, length(digits) / 2)) || right(digits, least(2, length(digits) / 2))
    END
    FROM (SELECT regexp_replace(phone, '[^0-9]', '', 'g') AS digits) AS dialled
$body$;
CREATE FUNCTION masked_contacts(facility uuid) RETURNS TABLE (id uuid, person text, post text, phone text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT id, masked_person(person), post, masked_phone(phone) FROM facility_contact WHERE facility_id = facility ORDER BY fid
$body$;
"""

THERE = "(SELECT scope_is_everywhere()) OR scope_holds_facility(facility_id)"

# The application deletes nothing (ADR 0007); what is personal goes for good, its history too. The trigger copies what is
# deleted into the twin before that is emptied. Audit keeps that somebody erased it, and digests that held its key.
ERASE_CONTACT = """
CREATE FUNCTION erase_contact(contact uuid) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    DELETE FROM facility_contact
    WHERE id = contact AND (scope_is_everywhere() OR scope_holds_facility(facility_id));
    DELETE FROM history.facility_contact
    WHERE id = contact AND NOT EXISTS (SELECT FROM facility_contact WHERE id = contact);
$body$
"""


def upgrade() -> None:
    op.create_table(
        "facility_contact",
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("post", sa.String(), server_default="", nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("digest_key", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("fid", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("person <> ''", name=op.f("ck_facility_contact_person_given")),
        sa.CheckConstraint("phone ~ '^[+0-9][0-9 -]{2,24}$'", name=op.f("ck_facility_contact_phone_well_formed")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_facility_contact_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility_contact")),
        sa.UniqueConstraint("fid", name=op.f("uq_facility_contact_fid")),
    )
    op.create_index(op.f("ix_facility_contact_facility_id"), "facility_contact", ["facility_id"])
    op.execute("SELECT install_history('facility_contact')")
    op.execute("SELECT install_audit('facility_contact')")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ({', '.join(CHANGED)}) ON facility_contact TO geo_app")
    op.execute("GRANT SELECT ON history.facility_contact TO geo_app")
    op.execute(SCOPE_HOLDS_FACILITY)
    op.execute(f"SELECT wall_in('facility_contact', $${THERE}$$, $${THERE}$$, $${THERE}$$)")
    op.execute(ERASE_CONTACT)
    op.execute(MASKS)
    for function in ("erase_contact(uuid)", "masked_contacts(uuid)"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO geo_app")


def downgrade() -> None:
    for function in ("erase_contact(uuid)", "masked_contacts(uuid)", "masked_phone(text)", "masked_person(text)"):
        op.execute(f"DROP FUNCTION {function}")
    op.drop_table("facility_contact")
    op.execute("DROP TABLE history.facility_contact")
    op.execute("DROP FUNCTION scope_holds_facility(uuid)")
    op.execute("DROP FUNCTION history.write_facility_contact()")
    op.execute("DROP FUNCTION history.audit_facility_contact()")
