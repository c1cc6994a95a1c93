"""Names and extents that were told by mistake can be withdrawn, and had again (ADR 0069)."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None

TABLES = ("place_name", "place_extent")
STANDARD = "kind = 'standard' AND status <> 'rejected' AND status <> 'proposed'"
ONE_NAME = "ex_place_name_one_standard_name"
ONE_EXTENT = "ex_place_extent_one_at_a_time"

# What was in force last; what begins at an unknown time begins before all others. The place's own history tells of it too.
FOLLOW_NAMES = """
CREATE OR REPLACE FUNCTION follow_names() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    UPDATE place SET standard_name = last.name FROM (
        SELECT DISTINCT ON (place_id) place_id, name FROM place_name
        WHERE place_id IN (SELECT place_id FROM new_rows) AND {standard}
        ORDER BY place_id, valid_from DESC NULLS LAST
    ) AS last
    WHERE place.id = last.place_id AND place.standard_name <> last.name;
    RETURN NULL;
END $body$
"""
# A place whose extents are all withdrawn has no position; how good it was stays said, so that an example stays marked.
FOLLOW_EXTENTS = """
CREATE OR REPLACE FUNCTION follow_extents() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    UPDATE place SET geom = last.geom, position_quality = coalesce(last.position_quality, place.position_quality) FROM (
        SELECT DISTINCT ON (touched.place_id) touched.place_id, reach.geom, reach.position_quality
        FROM (SELECT DISTINCT place_id FROM new_rows) AS touched
        LEFT JOIN place_extent AS reach ON reach.place_id = touched.place_id AND NOT reach.withdrawn
        ORDER BY touched.place_id, reach.valid_from DESC NULLS LAST
    ) AS last
    WHERE place.id = last.place_id
        AND (ST_AsBinary(place.geom) IS DISTINCT FROM ST_AsBinary(last.geom)
             OR place.position_quality <> last.position_quality);
    RETURN NULL;
END $body$
"""
FOLLOW_EVERY_EXTENT = """
CREATE OR REPLACE FUNCTION follow_extents() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    UPDATE place SET geom = last.geom, position_quality = last.position_quality FROM (
        SELECT DISTINCT ON (place_id) place_id, geom, position_quality FROM place_extent
        WHERE place_id IN (SELECT place_id FROM new_rows)
        ORDER BY place_id, valid_from DESC NULLS LAST
    ) AS last
    WHERE place.id = last.place_id
        AND (place.geom IS NULL OR ST_AsBinary(place.geom) <> ST_AsBinary(last.geom)
             OR place.position_quality <> last.position_quality);
    RETURN NULL;
END $body$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        op.add_column(table, sa.Column("withdrawn", sa.Boolean(), server_default="false", nullable=False))
        op.execute(f"SELECT install_history('{table}')")
        op.execute(f"SELECT install_audit('{table}')")
        op.execute(f"SELECT let_write('{table}', true)")
    _one_at_a_time(f"{STANDARD} AND NOT withdrawn", "NOT withdrawn")
    op.execute(FOLLOW_NAMES.format(standard=f"{STANDARD} AND NOT withdrawn"))
    op.execute(FOLLOW_EXTENTS)


def downgrade() -> None:
    # What was withdrawn would hold again.
    for table in TABLES:
        op.execute(f"DELETE FROM {table} WHERE withdrawn")
    op.execute(FOLLOW_NAMES.format(standard=STANDARD))
    op.execute(FOLLOW_EVERY_EXTENT)
    _one_at_a_time(STANDARD, "")
    for table in TABLES:
        op.drop_column(table, "withdrawn")
        op.execute(f"ALTER TABLE history.{table} DROP COLUMN withdrawn")
        op.execute(f"SELECT install_history('{table}')")
        op.execute(f"SELECT install_audit('{table}')")


def _one_at_a_time(names: str, extents: str) -> None:
    for table, constraint, condition in (("place_name", ONE_NAME, names), ("place_extent", ONE_EXTENT, extents)):
        where = f" WHERE ({condition})" if condition else ""
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT {constraint} EXCLUDE USING gist (place_id WITH =, period WITH &&){where}"
        )
