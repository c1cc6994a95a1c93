"""Coverage runs can be cancelled: one more state of a run."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("coverage_run", "import_run")
"""Both say how they stand in the same words."""

BEFORE = "state IN ('queued', 'running', 'done', 'failed')"
SINCE = "state IN ('queued', 'running', 'done', 'failed', 'cancelled')"

# What doesn't know the word reads them as what they come to for it: without a result, and with a reason.
AS_FAILED = """
UPDATE coverage_run SET state = 'failed', error = jsonb_build_object(
    'code', 'run-cancelled',
    'messages', jsonb_build_object('zh-CN', '覆盖分析已被取消', 'en', 'the coverage run was cancelled'),
    'hints', jsonb_build_object('zh-CN', '需要时可重新提交。', 'en', 'Order it again if it is still wanted.'))
WHERE state = 'cancelled'
"""


def upgrade() -> None:
    for table in TABLES:
        _states(table, SINCE)


def downgrade() -> None:
    op.execute(AS_FAILED)
    for table in TABLES:
        _states(table, BEFORE)


def _states(table: str, rule: str) -> None:
    name = op.f(f"ck_{table}_state_known")
    op.drop_constraint(name, table, type_="check")
    op.create_check_constraint(name, table, sa.text(rule))
