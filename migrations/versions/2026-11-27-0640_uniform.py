"""Who registered accounts, teams, grants, tokens and runs, and why; runs have a history from now on."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ATTRIBUTED = ("account", "team", "team_member", "role_grant", "api_token", "coverage_run")

WHO = "coalesce(nullif(current_setting('geo.actor', true), ''), session_user::text)"
WHY = "nullif(current_setting('geo.why', true), '')"

HOLDERS = {"role_grant": ("account_id", "team_id"), "team_member": ("account_id", "team_id")}
"""Whose they are: the history of an account or a team is asked for by these."""


def upgrade() -> None:
    for table in ATTRIBUTED:
        for column, default in (("recorded_by", WHO), ("recorded_why", WHY)):
            # In two steps: who migrates didn't register what is there already.
            op.add_column(table, sa.Column(column, sa.String(), nullable=True))
            op.alter_column(table, column, server_default=sa.text(default))
        op.execute(f"SELECT install_history('{table}')")
        op.execute(f"SELECT install_audit('{table}')")
    # Runs are everyone's to read.
    op.execute("GRANT SELECT ON history.coverage_run TO geo_app")
    op.execute("ALTER TABLE history.coverage_run ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY reads ON history.coverage_run FOR SELECT TO geo_app USING (true)")
    for table, columns in HOLDERS.items():
        for column in columns:
            op.execute(f"CREATE INDEX ix_{table}_{column} ON history.{table} ({column})")


def downgrade() -> None:
    for table, columns in HOLDERS.items():
        for column in columns:
            op.execute(f"DROP INDEX history.ix_{table}_{column}")
    for event in ("update", "delete"):
        op.execute(f"DROP TRIGGER history_on_{event} ON coverage_run")
    op.execute("DROP TABLE history.coverage_run")
    op.execute("DROP FUNCTION history.write_coverage_run()")
    for table in ATTRIBUTED:
        for column in ("recorded_why", "recorded_by"):
            op.drop_column(table, column)
            if table != "coverage_run":
                op.drop_column(table, column, schema="history")
        if table != "coverage_run":
            op.execute(f"SELECT install_history('{table}')")
        op.execute(f"SELECT install_audit('{table}')")
