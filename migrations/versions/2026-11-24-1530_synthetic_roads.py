"""Whether the roads that a map shows are example data is found at once, also in a large registry that holds none."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_road_segment_synthetic",
        "road_segment",
        ["dataset_id"],
        postgresql_where=sa.text("position_quality = 'synthetic'"),
    )


def downgrade() -> None:
    op.drop_index("ix_road_segment_synthetic", table_name="road_segment")
