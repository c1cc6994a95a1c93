"""Who signs in has what their teams are granted: the wall shows teams to whoever finds out who asks."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SEEN = (
    "(SELECT scope_is_everywhere()) OR {door}id = ANY ((SELECT acting_teams())::uuid[]) OR scope_sees(NULL::uuid, id)"
)
AT_THE_DOOR = "(SELECT scope_is_signing_in()) OR "


def upgrade() -> None:
    op.execute(f"ALTER POLICY reads ON team USING ({SEEN.format(door=AT_THE_DOOR)})")
    op.execute(f"ALTER POLICY reads ON history.team USING ({SEEN.format(door=AT_THE_DOOR)})")


def downgrade() -> None:
    op.execute(f"ALTER POLICY reads ON team USING ({SEEN.format(door='')})")
    op.execute(f"ALTER POLICY reads ON history.team USING ({SEEN.format(door='')})")
