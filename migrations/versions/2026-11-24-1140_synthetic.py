"""What a map shows of the demonstration is found at once, also in a large registry that holds none of it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SYNTHETIC = sa.text("position_quality = 'synthetic'")


def upgrade() -> None:
    for table in ("division", "facility"):
        op.create_index(f"ix_{table}_synthetic", table, ["fid"], postgresql_where=SYNTHETIC)


def downgrade() -> None:
    for table in ("facility", "division"):
        op.drop_index(f"ix_{table}_synthetic", table_name=table)
