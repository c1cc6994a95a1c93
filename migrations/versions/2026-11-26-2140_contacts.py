"""Whom to call at a facility: personal data in a table of its own, which can be erased with all its history."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CHANGED = ("person", "post", "phone")

SCOPE_HOLDS_FACILITY = """
CREATE FUNCTION scope_holds_facility(facility_id uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $body$
    SELECT scope_holds(division_id) FROM facility WHERE id = $1
$body$
"""

# Masks are made for whoever has a role, wherever it is: the wall keeps out who wasn't said to be anybody.
KNOWN = "(SELECT coalesce(current_setting('geo.actor', true), '') NOT IN ('', 'anonymous'))"
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
    op.execute(f"SELECT wall_in('facility_contact', $${KNOWN}$$, $${THERE}$$, $${THERE}$$)")
    op.execute(ERASE_CONTACT)
    op.execute("REVOKE ALL ON FUNCTION erase_contact(uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION erase_contact(uuid) TO geo_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION erase_contact(uuid)")
    op.drop_table("facility_contact")
    op.execute("DROP FUNCTION scope_holds_facility(uuid)")
    op.execute("DROP TABLE history.facility_contact")
    op.execute("DROP FUNCTION history.write_facility_contact()")
    op.execute("DROP FUNCTION history.audit_facility_contact()")
