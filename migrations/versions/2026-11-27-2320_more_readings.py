"""The table of place readings has more rows: keys of names are made anew by it."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_anew()


def downgrade() -> None:
    _make_anew()


def _make_anew() -> None:
    """Every key is due: the next start of the service makes them (`search/keeping.py`)."""
    op.execute(
        "INSERT INTO name_due (type, record_id) SELECT DISTINCT type, record_id FROM name_key ON CONFLICT DO NOTHING"
    )
    op.execute("DELETE FROM name_key")
