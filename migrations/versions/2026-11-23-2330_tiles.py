"""What vector tiles stand on: label points, positions of answers, indexes by zoom, and versions of tables."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

VERSIONED_TABLES = ("division", "facility")
"""Drawn in tiles, and in no dataset whose content version would tell that they changed."""

MAIN_ROADS = "highway IN ('motorway', 'motorway_link', 'trunk', 'trunk_link', 'primary', 'primary_link', 'secondary', 'secondary_link')"

# A writer takes a slot that no other transaction holds, and adds one where all are held: nobody waits for anybody's
# commit, and there are as many slots as there were ever writers at once. Whatever commits changes a slot that is seen.
TOUCH_TABLE = """
CREATE FUNCTION touch_table() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    UPDATE table_version SET version = gen_random_uuid()
    WHERE id = (
        SELECT id FROM table_version WHERE table_name = TG_TABLE_NAME ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
        INSERT INTO table_version (table_name) VALUES (TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $body$
"""


def _point(name: str, computed: str) -> sa.Column[object]:
    return sa.Column(
        name,
        Geometry(
            geometry_type="POINT",
            srid=3857,
            dimension=2,
            spatial_index=False,
            from_text="ST_GeomFromEWKT",
            name="geometry",
        ),
        sa.Computed(computed, persisted=True),
        nullable=True,
    )


def upgrade() -> None:
    op.create_table(
        "table_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("version", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_version")),
    )
    op.create_index(op.f("ix_table_version_table_name"), "table_version", ["table_name"], unique=False)
    op.execute("GRANT SELECT, INSERT, UPDATE ON table_version TO geo_app")
    op.execute(TOUCH_TABLE)
    for table in VERSIONED_TABLES:
        for event in ("INSERT", "UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER touch_table_on_{event.lower()} AFTER {event} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION touch_table()"
            )
    op.add_column("division", _point("label_3857", "ST_Transform(coalesce(ST_PointOnSurface(geom), point), 3857)"))
    op.create_index("ix_division_label_3857", "division", ["label_3857"], unique=False, postgresql_using="gist")
    op.create_index("ix_division_level_vintage", "division", ["level", "vintage"], unique=False)
    op.add_column("coverage_point", _point("geom_3857", "ST_Transform(ST_SetSRID(ST_MakePoint(lon, lat), 4490), 3857)"))
    op.create_index("ix_coverage_point_run_id_lon_lat", "coverage_point", ["run_id", "lon", "lat"], unique=False)
    op.create_index(
        "ix_road_segment_main_3857",
        "road_segment",
        ["geom_3857"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text(MAIN_ROADS),
    )


def downgrade() -> None:
    op.drop_index("ix_road_segment_main_3857", table_name="road_segment")
    op.drop_index("ix_coverage_point_run_id_lon_lat", table_name="coverage_point")
    op.drop_column("coverage_point", "geom_3857")
    op.drop_index("ix_division_level_vintage", table_name="division")
    op.drop_index("ix_division_label_3857", table_name="division")
    op.drop_column("division", "label_3857")
    for table in VERSIONED_TABLES:
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER touch_table_on_{event} ON {table}")
    op.execute("DROP FUNCTION touch_table()")
    op.drop_table("table_version")
