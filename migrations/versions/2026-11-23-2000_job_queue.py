"""The job queue: procrastinate's own schema, in a schema of its own (ADR 0010)."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA jobs")
    op.execute("SET LOCAL search_path = jobs, public")
    # By the driver's cursor: the script holds percent signs and many statements.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(SchemaManager.get_schema())
    cursor.close()
    op.execute("SET LOCAL search_path = public, jobs")
    op.execute("GRANT USAGE ON SCHEMA jobs TO geo_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA jobs TO geo_app")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA jobs TO geo_app")


def downgrade() -> None:
    op.execute("DROP SCHEMA jobs CASCADE")
