"""The core of the model: datasets, divisions, places, facilities, population, roads, coverage runs."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coverage_run",
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("standard", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("question", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("totals", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("finished_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("fid", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("state <> 'done' OR totals IS NOT NULL", name=op.f("ck_coverage_run_done_has_totals")),
        sa.CheckConstraint("state <> 'failed' OR error IS NOT NULL", name=op.f("ck_coverage_run_failed_says_why")),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_coverage_run_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_run")),
        sa.UniqueConstraint("fid", name=op.f("uq_coverage_run_fid")),
    )
    op.create_index(op.f("ix_coverage_run_job_id"), "coverage_run", ["job_id"], unique=False)
    op.create_table(
        "dataset",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), server_default="", nullable=False),
        sa.Column("basis", sa.String(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("licence", sa.String(), server_default="", nullable=False),
        sa.Column("content_version", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("fid", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("basis IN ('registered', 'resident', 'service-list')", name=op.f("ck_dataset_basis_known")),
        sa.CheckConstraint("key <> ''", name=op.f("ck_dataset_key_given")),
        sa.CheckConstraint(
            "kind <> 'population' OR (basis IS NOT NULL AND as_of IS NOT NULL)",
            name=op.f("ck_dataset_population_says_basis_and_date"),
        ),
        sa.CheckConstraint(
            "kind IN ('divisions', 'facilities', 'population', 'roads')", name=op.f("ck_dataset_kind_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset")),
        sa.UniqueConstraint("fid", name=op.f("uq_dataset_fid")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_dataset_kind_key")),
    )
    op.create_table(
        "job_progress",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column(
            "updated_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "done >= 0 AND (total IS NULL OR done <= total)", name=op.f("ck_job_progress_done_within_total")
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job_progress")),
    )
    op.create_table(
        "coverage_facility",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("facility_fid", sa.BigInteger(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("snapped", sa.Boolean(), nullable=False),
        sa.Column("nearest_for", sa.Double(), nullable=False),
        sa.Column("within_reach", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["coverage_run.id"], name=op.f("fk_coverage_facility_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "facility_fid", name=op.f("pk_coverage_facility")),
    )
    op.create_table(
        "coverage_point",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("point_fid", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("division_code", sa.CHAR(length=12), nullable=True),
        sa.Column("demand", sa.Double(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Double(), nullable=True),
        sa.Column("facility_fid", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('covered', 'beyond')) = (cost IS NOT NULL)",
            name=op.f("ck_coverage_point_cost_where_there_is_a_way"),
        ),
        sa.CheckConstraint(
            "state IN ('covered', 'beyond', 'unreachable', 'unsnapped')", name=op.f("ck_coverage_point_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["coverage_run.id"], name=op.f("fk_coverage_point_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "point_fid", name=op.f("pk_coverage_point")),
    )
    op.create_table(
        "division",
        sa.Column("code", sa.CHAR(length=12), nullable=False),
        sa.Column("vintage", sa.SmallInteger(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("dataset_id", sa.Uuid(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column(
            "point",
            Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column(
            "geom_3857",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("position_quality", sa.String(), server_default="source", nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("fid", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("code ~ '^[0-9]{12}$'", name=op.f("ck_division_code_has_twelve_digits")),
        sa.CheckConstraint(
            "level = CASE\n    WHEN right(code, 10) = '0000000000' THEN 'province'\n    WHEN right(code, 8) = '00000000' THEN 'city'\n    WHEN right(code, 6) = '000000' THEN 'county'\n    WHEN right(code, 3) = '000' THEN 'township'\n    ELSE 'village' END",
            name=op.f("ck_division_level_follows_code"),
        ),
        sa.CheckConstraint(
            "level IN ('province', 'city', 'county', 'township', 'village')", name=op.f("ck_division_level_known")
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_division_name_given")),
        sa.CheckConstraint(
            "position_quality IN ('surveyed', 'source', 'approximate', 'synthetic')",
            name=op.f("ck_division_position_quality_known"),
        ),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_division_parent_is_another")),
        sa.CheckConstraint("vintage BETWEEN 1949 AND 2200", name=op.f("ck_division_vintage_is_a_year")),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name=op.f("fk_division_dataset_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["division.id"], name=op.f("fk_division_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_division")),
        sa.UniqueConstraint("code", "vintage", name=op.f("uq_division_code_vintage")),
        sa.UniqueConstraint("fid", name=op.f("uq_division_fid")),
    )
    op.create_index(
        "ix_division_code_prefix", "division", ["code"], unique=False, postgresql_ops={"code": "bpchar_pattern_ops"}
    )
    op.create_index(op.f("ix_division_dataset_id"), "division", ["dataset_id"], unique=False)
    op.create_index("ix_division_geom", "division", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("ix_division_geom_3857", "division", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_division_parent_id"), "division", ["parent_id"], unique=False)
    op.create_index("ix_division_point", "division", ["point"], unique=False, postgresql_using="gist")
    op.create_table(
        "import_run",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("dataset_id", sa.Uuid(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("finished_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("fid", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('divisions', 'facilities', 'population', 'roads')", name=op.f("ck_import_run_kind_known")
        ),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_import_run_state_known")),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name=op.f("fk_import_run_dataset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        sa.UniqueConstraint("fid", name=op.f("uq_import_run_fid")),
    )
    op.create_index(op.f("ix_import_run_dataset_id"), "import_run", ["dataset_id"], unique=False)
    op.create_table(
        "road_barrier",
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("barrier", sa.String(), nullable=False),
        sa.Column("foot_blocked", sa.Boolean(), nullable=False),
        sa.Column("motor_blocked", sa.Boolean(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("fid", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("foot_blocked OR motor_blocked", name=op.f("ck_road_barrier_blocks_someone")),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name=op.f("fk_road_barrier_dataset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_road_barrier")),
        sa.UniqueConstraint("dataset_id", "source_id", name=op.f("uq_road_barrier_dataset_id_source_id")),
        sa.UniqueConstraint("fid", name=op.f("uq_road_barrier_fid")),
    )
    op.create_index("ix_road_barrier_geom", "road_barrier", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "road_segment",
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), server_default="", nullable=False),
        sa.Column("highway", sa.String(), nullable=False),
        sa.Column("oneway", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("foot", sa.Boolean(), nullable=False),
        sa.Column("motor", sa.Boolean(), nullable=False),
        sa.Column("maxspeed_kmh", sa.SmallInteger(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="LINESTRING",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "geom_3857",
            Geometry(
                geometry_type="LINESTRING",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("position_quality", sa.String(), server_default="source", nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("fid", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "position_quality IN ('surveyed', 'source', 'approximate', 'synthetic')",
            name=op.f("ck_road_segment_position_quality_known"),
        ),
        sa.CheckConstraint("ST_NPoints(geom) >= 2", name=op.f("ck_road_segment_geom_is_a_line")),
        sa.CheckConstraint("maxspeed_kmh BETWEEN 1 AND 200", name=op.f("ck_road_segment_maxspeed_plausible")),
        sa.CheckConstraint("oneway IN (-1, 0, 1)", name=op.f("ck_road_segment_oneway_known")),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name=op.f("fk_road_segment_dataset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_road_segment")),
        sa.UniqueConstraint("dataset_id", "source_id", name=op.f("uq_road_segment_dataset_id_source_id")),
        sa.UniqueConstraint("fid", name=op.f("uq_road_segment_fid")),
    )
    op.create_index("ix_road_segment_dataset_id_fid", "road_segment", ["dataset_id", "fid"], unique=False)
    op.create_index("ix_road_segment_geom", "road_segment", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("ix_road_segment_geom_3857", "road_segment", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_table(
        "coverage_zone",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.CHAR(length=12), nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("demand", sa.Double(), nullable=False),
        sa.Column("covered", sa.Double(), nullable=False),
        sa.Column("unreachable", sa.Double(), nullable=False),
        sa.Column("unsnapped", sa.Double(), nullable=False),
        sa.CheckConstraint(
            "level IN ('province', 'city', 'county', 'township', 'village')", name=op.f("ck_coverage_zone_level_known")
        ),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name=op.f("fk_coverage_zone_division_id")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["coverage_run.id"], name=op.f("fk_coverage_zone_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "code", name=op.f("pk_coverage_zone")),
    )
    op.create_index("ix_coverage_zone_run_id_level", "coverage_zone", ["run_id", "level"], unique=False)
    op.create_table(
        "demand_point",
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "geom_3857",
            Geometry(
                geometry_type="POINT",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("position_quality", sa.String(), server_default="source", nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("fid", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "position_quality IN ('surveyed', 'source', 'approximate', 'synthetic')",
            name=op.f("ck_demand_point_position_quality_known"),
        ),
        sa.CheckConstraint("NOT ST_IsEmpty(geom)", name=op.f("ck_demand_point_geom_not_empty")),
        sa.CheckConstraint(
            "jsonb_typeof(counts) = 'object'\n    AND NOT jsonb_path_exists(counts, '$.* ? (@.type() != \"number\" || @ < 0)')",
            name=op.f("ck_demand_point_counts_are_numbers"),
        ),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name=op.f("fk_demand_point_dataset_id")),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name=op.f("fk_demand_point_division_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_point")),
        sa.UniqueConstraint("dataset_id", "source_id", name=op.f("uq_demand_point_dataset_id_source_id")),
        sa.UniqueConstraint("fid", name=op.f("uq_demand_point_fid")),
    )
    op.create_index("ix_demand_point_dataset_id_fid", "demand_point", ["dataset_id", "fid"], unique=False)
    op.create_index(op.f("ix_demand_point_division_id"), "demand_point", ["division_id"], unique=False)
    op.create_index("ix_demand_point_geom", "demand_point", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("ix_demand_point_geom_3857", "demand_point", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_table(
        "facility",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(), server_default="", nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "geom_3857",
            Geometry(
                geometry_type="POINT",
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("status", sa.String(), server_default="open", nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("capacity", sa.BigInteger(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("position_quality", sa.String(), server_default="source", nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.Column("dataset_id", sa.Uuid(), nullable=True),
        sa.Column("source_id", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("fid", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("jsonb_typeof(detail) = 'object'", name=op.f("ck_facility_detail_is_an_object")),
        sa.CheckConstraint(
            "kind IN ('care-institution', 'home-care-centre', 'meal-point', 'cemetery', 'columbarium', 'funeral-home', 'marriage-hall', 'child-welfare-home', 'child-protection-centre', 'child-protection-station', 'rescue-station', 'assistance-station', 'rehabilitation-point', 'charity-shop', 'incubator', 'social-work-station')",
            name=op.f("ck_facility_kind_known"),
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_facility_name_given")),
        sa.CheckConstraint(
            "position_quality IN ('surveyed', 'source', 'approximate', 'synthetic')",
            name=op.f("ck_facility_position_quality_known"),
        ),
        sa.CheckConstraint(
            "status IN ('planned', 'building', 'open', 'suspended', 'closed')", name=op.f("ck_facility_status_known")
        ),
        sa.CheckConstraint("NOT ST_IsEmpty(geom)", name=op.f("ck_facility_geom_not_empty")),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_facility_capacity_not_negative")),
        sa.CheckConstraint("closed_on >= opened_on", name=op.f("ck_facility_closes_after_it_opens")),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name=op.f("fk_facility_dataset_id")),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name=op.f("fk_facility_division_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
        sa.UniqueConstraint("dataset_id", "source_id", name=op.f("uq_facility_dataset_id_source_id")),
        sa.UniqueConstraint("fid", name=op.f("uq_facility_fid")),
    )
    op.create_index(op.f("ix_facility_division_id"), "facility", ["division_id"], unique=False)
    op.create_index("ix_facility_geom", "facility", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("ix_facility_geom_3857", "facility", ["geom_3857"], unique=False, postgresql_using="gist")
    op.create_index("ix_facility_kind_fid", "facility", ["kind", "fid"], unique=False)
    op.create_table(
        "place",
        sa.Column("class", sa.String(), nullable=False),
        sa.Column("standard_name", sa.String(), nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=True),
        sa.Column(
            "geom",
            Geometry(srid=4490, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"),
            nullable=True,
        ),
        sa.Column(
            "geom_3857",
            Geometry(srid=3857, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("position_quality", sa.String(), server_default="source", nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("fid", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "class IN ('division', 'committee-seat', 'village', 'street', 'residential-area', 'building', 'bridge', 'tunnel', 'station', 'road', 'railway', 'port', 'airport', 'park', 'reserve', 'scenic-area', 'monument', 'temple', 'mountain', 'plateau', 'plain', 'valley', 'island', 'islands', 'peninsula', 'bay', 'strait', 'sea', 'river', 'lake', 'spring', 'waterfall', 'canal', 'reservoir', 'dyke', 'power', 'telecom', 'weather', 'institution', 'other')",
            name=op.f("ck_place_class_known"),
        ),
        sa.CheckConstraint(
            "position_quality IN ('surveyed', 'source', 'approximate', 'synthetic')",
            name=op.f("ck_place_position_quality_known"),
        ),
        sa.CheckConstraint("standard_name <> ''", name=op.f("ck_place_standard_name_given")),
        sa.CheckConstraint("NOT ST_IsEmpty(geom)", name=op.f("ck_place_geom_not_empty")),
        sa.ForeignKeyConstraint(["division_id"], ["division.id"], name=op.f("fk_place_division_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("fid", name=op.f("uq_place_fid")),
    )
    op.create_index(op.f("ix_place_division_id"), "place", ["division_id"], unique=False)
    op.create_index("ix_place_geom", "place", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("ix_place_geom_3857", "place", ["geom_3857"], unique=False, postgresql_using="gist")


def downgrade() -> None:
    for table in (
        "place",
        "facility",
        "demand_point",
        "coverage_zone",
        "road_segment",
        "road_barrier",
        "import_run",
        "division",
        "coverage_point",
        "coverage_facility",
        "job_progress",
        "dataset",
        "coverage_run",
    ):
        op.drop_table(table)
