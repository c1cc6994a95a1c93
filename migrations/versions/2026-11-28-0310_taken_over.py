"""Taking over what exists is a case too: of a dataset of places, or of what was decided on before (ADR 0077)."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0043"
branch_labels = None
depends_on = None

CHANGED = {"naming_case": True, "name_decision": False}
"""Whether each is written more than once, but for columns of its own."""

# By which case a place was taken over is no secret; of the case itself nothing is shown but that.
CASE_OF_DATASET = """
CREATE FUNCTION case_of_dataset(wanted uuid) RETURNS uuid LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT id FROM naming_case WHERE dataset_id = wanted
$body$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("naming_case", sa.Column("dataset_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_naming_case_dataset_id"), "naming_case", "dataset", ["dataset_id"], ["id"])
    op.create_unique_constraint(op.f("uq_naming_case_dataset_id"), "naming_case", ["dataset_id"])
    op.alter_column("name_decision", "approved_on", nullable=True)
    op.add_column("name_decision", sa.Column("announced_on", sa.Date(), nullable=True))
    _kept()
    op.execute(CASE_OF_DATASET)
    op.execute("REVOKE ALL ON FUNCTION case_of_dataset(uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION case_of_dataset(uuid) TO geo_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION case_of_dataset(uuid)")
    # What was decided on an unknown day can't be said any more; the case that says so stays.
    op.execute("DELETE FROM name_decision WHERE approved_on IS NULL")
    op.alter_column("name_decision", "approved_on", nullable=False)
    op.drop_constraint(op.f("uq_naming_case_dataset_id"), "naming_case")
    for table, column in (("naming_case", "dataset_id"), ("name_decision", "announced_on")):
        op.drop_column(table, column)
        op.execute(f"ALTER TABLE history.{table} DROP COLUMN {column}")
    _kept()


def _kept() -> None:
    for table, rewritten in CHANGED.items():
        op.execute(f"SELECT install_history('{table}')")
        op.execute(f"SELECT install_audit('{table}')")
        op.execute(f"SELECT let_write('{table}', {'true' if rewritten else 'false'})")
