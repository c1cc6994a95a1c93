"""Place names: names, extents and relations of places, built-up areas, what became of divisions (ADR 0058)."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STATES = ("planned", "in-use", "abolished")
KINDS = ("standard", "former", "alias", "short", "map", "dialect", "historical", "minority", "romanized")
STATUSES = ("proposed", "approved", "recorded", "historical", "rejected")
NAMINGS = ("taken-over", "raised", "decided", "withdrawn")
PRECISIONS = ("day", "month", "year", "decade", "century", "era")
ROMANIZERS = ("rules", "registrar", "source")
RELATIONS = ("replaces", "merged-from", "split-from", "part-of", "named-after")
CHANGES = ("same", "renamed", "recoded", "merged", "split")
CERTAINTIES = ("certain", "probable", "possible")
QUALITIES = ("surveyed", "source", "approximate", "synthetic")
DATASETS = ("divisions", "facilities", "population", "roads")
WITH_PLACES = ("divisions", "places", "facilities", "population", "roads")

STANDARD = "kind = 'standard' AND status <> 'rejected' AND status <> 'proposed'"
OF_PLACES = ("place_name", "place_extent", "place_relation")
TABLES = (*OF_PLACES, "built_up_area", "division_succession")
WATCHED = ("standard_name", "class", "state", "division_id", "position_quality", "geom_3857")
"""Of a place: what a hit shows, or is put in order by."""

EVERYWHERE = "(SELECT scope_is_everywhere())"

SCOPE_HOLDS_PLACE = """
CREATE FUNCTION scope_holds_place(place_id uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $body$
    SELECT scope_holds(division_id) FROM place WHERE id = $1
$body$
"""

# What was in force last; what begins at an unknown time begins before all others. The place's own history tells of it too.
FOLLOW_NAMES = f"""
CREATE FUNCTION follow_names() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    UPDATE place SET standard_name = last.name FROM (
        SELECT DISTINCT ON (place_id) place_id, name FROM place_name
        WHERE place_id IN (SELECT place_id FROM new_rows) AND {STANDARD}
        ORDER BY place_id, valid_from DESC NULLS LAST
    ) AS last
    WHERE place.id = last.place_id AND place.standard_name <> last.name;
    RETURN NULL;
END $body$
"""
FOLLOW_EXTENTS = """
CREATE FUNCTION follow_extents() RETURNS trigger LANGUAGE plpgsql
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

# A place is found by each of its names: when one of them changes, the keys of all are made anew.
MARK_PLACE_NAMES = """
CREATE FUNCTION mark_place_names() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
DECLARE
    changed uuid[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT place_id) INTO changed FROM old_rows;
    ELSE
        SELECT array_agg(DISTINCT place_id) INTO changed FROM new_rows;
    END IF;
    IF changed IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO name_due (type, record_id) SELECT 'place', id FROM place WHERE id = ANY(changed) ORDER BY id
    ON CONFLICT (type, record_id) DO UPDATE SET type = excluded.type;
    DELETE FROM name_key WHERE record_id = ANY(changed);
    PERFORM set_config('geo.names', 'due', true);
    RETURN NULL;
END $body$
"""

EVENTS = (
    ("INSERT", "NEW TABLE AS new_rows"),
    ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
    ("DELETE", "OLD TABLE AS old_rows"),
)


def upgrade() -> None:
    _places()
    _names()
    _extents()
    _relations()
    _areas()
    _successions()
    op.execute(SCOPE_HOLDS_PLACE)
    for table in TABLES:
        op.execute(f"SELECT install_history('{table}')")
        op.execute(f"SELECT install_audit('{table}')")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO geo_app")
        op.execute(f"GRANT SELECT ON history.{table} TO geo_app")
    for table in OF_PLACES:
        _wall_in(table, f"{EVERYWHERE} OR scope_holds_place(place_id)")
    _wall_in("built_up_area", EVERYWHERE)
    _wall_in("division_succession", f"{EVERYWHERE} OR scope_holds(after_id)")
    _follow()
    _keys()


def downgrade() -> None:
    for event, _ in EVENTS:
        op.execute(f"DROP TRIGGER mark_names_on_{event.lower()} ON place")
    op.execute("DELETE FROM name_key WHERE type = 'place'")
    op.execute("DELETE FROM name_due WHERE type = 'place'")
    op.drop_index("ix_name_key_homophone", table_name="name_key")
    for column in ("former", "name_kind", "homophone"):
        op.drop_column("name_key", column)
    for table in reversed(TABLES):
        op.drop_table(table)
        op.execute(f"DROP TABLE history.{table}")
        op.execute(f"DROP FUNCTION history.write_{table}()")
        op.execute(f"DROP FUNCTION history.audit_{table}()")
    for function in ("follow_names()", "follow_extents()", "mark_place_names()", "scope_holds_place(uuid)"):
        op.execute(f"DROP FUNCTION {function}")
    for table in ("dataset", "import_run"):
        op.drop_constraint(f"ck_{table}_kind_known", table)
        op.create_check_constraint(op.f(f"ck_{table}_kind_known"), table, f"kind IN ({_listed(DATASETS)})")
    columns = ("state", "national_code", "begun_on", "ended_on", "detail", "dataset_id", "source_id")
    for column in columns:
        op.drop_column("place", column)
        op.execute(f"ALTER TABLE history.place DROP COLUMN {column}")
    op.drop_index("ix_place_class_fid", table_name="place")
    op.drop_index("ix_place_synthetic", table_name="place")
    op.execute("SELECT install_history('place')")
    op.execute("SELECT install_audit('place')")


def _places() -> None:
    op.add_column("place", sa.Column("state", sa.String(), server_default="in-use", nullable=False))
    op.add_column("place", sa.Column("national_code", sa.CHAR(length=20), nullable=True))
    op.add_column("place", sa.Column("begun_on", sa.Date(), nullable=True))
    op.add_column("place", sa.Column("ended_on", sa.Date(), nullable=True))
    op.add_column("place", sa.Column("detail", postgresql.JSONB(), server_default="{}", nullable=False))
    op.add_column("place", sa.Column("dataset_id", sa.Uuid(), nullable=True))
    op.add_column("place", sa.Column("source_id", sa.String(), nullable=True))
    op.create_foreign_key(op.f("fk_place_dataset_id"), "place", "dataset", ["dataset_id"], ["id"])
    op.create_unique_constraint(op.f("uq_place_dataset_id_source_id"), "place", ["dataset_id", "source_id"])
    op.create_unique_constraint(op.f("uq_place_national_code"), "place", ["national_code"])
    for name, condition in (
        ("state_known", f"state IN ({_listed(STATES)})"),
        ("national_code_has_twenty_digits", "national_code ~ '^[0-9]{20}$'"),
        ("detail_is_an_object", "jsonb_typeof(detail) = 'object'"),
        ("ends_after_it_begins", "ended_on > begun_on"),
    ):
        op.create_check_constraint(op.f(f"ck_place_{name}"), "place", condition)
    op.create_index("ix_place_class_fid", "place", ["class", "fid"])
    op.create_index("ix_place_synthetic", "place", ["fid"], postgresql_where=sa.text("position_quality = 'synthetic'"))
    op.execute("SELECT install_history('place')")
    op.execute("SELECT install_audit('place')")
    for table in ("dataset", "import_run"):
        op.drop_constraint(f"ck_{table}_kind_known", table)
        op.create_check_constraint(op.f(f"ck_{table}_kind_known"), table, f"kind IN ({_listed(WITH_PLACES)})")


def _names() -> None:
    op.create_table(
        "place_name",
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), server_default="recorded", nullable=False),
        sa.Column("naming", sa.String(), server_default="taken-over", nullable=False),
        sa.Column("language", sa.String(), server_default="zh-Hans", nullable=False),
        sa.Column("romanized", sa.String(), nullable=True),
        sa.Column("romanized_by", sa.String(), nullable=True),
        *(
            sa.Column(name, sa.String(), server_default="", nullable=False)
            for name in ("romanized_why", "meaning", "origin", "source")
        ),
        *_period(),
        *_recorded(),
        *_checks(
            "place_name",
            name_given="name <> ''",
            kind_known=f"kind IN ({_listed(KINDS)})",
            status_known=f"status IN ({_listed(STATUSES)})",
            naming_known=f"naming IN ({_listed(NAMINGS)})",
            language_well_formed="language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'",
            romanized_given="romanized <> ''",
            romanized_by_known=f"romanized_by IN ({_listed(ROMANIZERS)})",
            romanized_by_somebody="(romanized IS NULL) = (romanized_by IS NULL)",
        ),
        *_of_a_place("place_name"),
        postgresql.ExcludeConstraint(
            (sa.column("place_id"), "="),
            (sa.column("period"), "&&"),
            name="ex_place_name_one_standard_name",
            where=sa.text(STANDARD),
            using="gist",
        ),
    )
    op.create_index("ix_place_name_place_id", "place_name", ["place_id", "fid"])


def _extents() -> None:
    op.create_table(
        "place_extent",
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("geom", Geometry("GEOMETRY", srid=4490, spatial_index=False), nullable=False),
        sa.Column("source", sa.String(), server_default="", nullable=False),
        sa.Column("position_quality", sa.String(), server_default="source", nullable=False),
        *_period(),
        *_recorded(),
        *_checks(
            "place_extent",
            geom_not_empty="NOT ST_IsEmpty(geom)",
            position_quality_known=f"position_quality IN ({_listed(QUALITIES)})",
        ),
        *_of_a_place("place_extent"),
        postgresql.ExcludeConstraint(
            (sa.column("place_id"), "="),
            (sa.column("period"), "&&"),
            name="ex_place_extent_one_at_a_time",
            using="gist",
        ),
    )
    op.create_index("ix_place_extent_place_id", "place_extent", ["place_id", "fid"])
    op.create_index("ix_place_extent_geom", "place_extent", ["geom"], postgresql_using="gist")


def _relations() -> None:
    op.create_table(
        "place_relation",
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("since_precision", sa.String(), server_default="day", nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("certainty", sa.String(), server_default="certain", nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default="false", nullable=False),
        *_recorded(),
        *_checks(
            "place_relation",
            other_is_another="place_id <> other_id",
            kind_known=f"kind IN ({_listed(RELATIONS)})",
            certainty_known=f"certainty IN ({_listed(CERTAINTIES)})",
            since_precision_known=f"since_precision IN ({_listed(PRECISIONS)})",
            evidence_given="evidence <> ''",
        ),
        *_of_a_place("place_relation"),
        sa.ForeignKeyConstraint(["other_id"], ["place.id"], name=op.f("fk_place_relation_other_id")),
        sa.UniqueConstraint("place_id", "other_id", "kind", name=op.f("uq_place_relation_place_id_other_id_kind")),
    )
    op.create_index(op.f("ix_place_relation_other_id"), "place_relation", ["other_id"])


def _areas() -> None:
    op.create_table(
        "built_up_area",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=4490, spatial_index=False), nullable=False),
        sa.Column("source", sa.String(), server_default="", nullable=False),
        *_recorded(),
        *_checks("built_up_area", key_well_formed="key ~ '^[a-z0-9][a-z0-9-]{0,39}$'", name_given="name <> ''"),
        *_keyed("built_up_area"),
        sa.UniqueConstraint("key", name=op.f("uq_built_up_area_key")),
    )
    op.create_index("ix_built_up_area_geom", "built_up_area", ["geom"], postgresql_using="gist")


def _successions() -> None:
    op.create_table(
        "division_succession",
        sa.Column("before_id", sa.Uuid(), nullable=False),
        sa.Column("after_id", sa.Uuid(), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("certainty", sa.String(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default="false", nullable=False),
        *_recorded(),
        *_checks(
            "division_succession",
            after_is_another="before_id <> after_id",
            change_known=f"change IN ({_listed(CHANGES)})",
            certainty_known=f"certainty IN ({_listed(CERTAINTIES)})",
            evidence_given="evidence <> ''",
        ),
        *_keyed("division_succession"),
        sa.ForeignKeyConstraint(["before_id"], ["division.id"], name=op.f("fk_division_succession_before_id")),
        sa.ForeignKeyConstraint(["after_id"], ["division.id"], name=op.f("fk_division_succession_after_id")),
        sa.UniqueConstraint("before_id", "after_id", name=op.f("uq_division_succession_before_id_after_id")),
    )
    op.create_index(op.f("ix_division_succession_after_id"), "division_succession", ["after_id"])


def _follow() -> None:
    for function, statement, table in (
        ("follow_names", FOLLOW_NAMES, "place_name"),
        ("follow_extents", FOLLOW_EXTENTS, "place_extent"),
    ):
        op.execute(statement)
        op.execute(f"REVOKE ALL ON FUNCTION {function}() FROM PUBLIC")
        for event in ("INSERT", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER {function}_on_{event.lower()} AFTER {event} ON {table} "
                f"REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            )


def _keys() -> None:
    """All keys are made anew, with what they hold beside: the service, when it starts, has them made."""
    op.execute("DELETE FROM name_key")
    op.add_column("name_key", sa.Column("homophone", sa.String(), nullable=False))
    op.add_column("name_key", sa.Column("name_kind", sa.String(), nullable=True))
    op.add_column("name_key", sa.Column("former", sa.Boolean(), server_default="false", nullable=False))
    op.create_index(
        "ix_name_key_homophone", "name_key", ["homophone", "code"], postgresql_ops={"code": "bpchar_pattern_ops"}
    )
    op.execute(MARK_PLACE_NAMES)
    op.execute("REVOKE ALL ON FUNCTION mark_place_names() FROM PUBLIC")
    given = ", ".join(f"'{column}'" for column in WATCHED)
    for event, rows in EVENTS:
        arguments = given if event == "UPDATE" else ""
        op.execute(
            f"CREATE TRIGGER mark_names_on_{event.lower()} AFTER {event} ON place "
            f"REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION mark_names({arguments})"
        )
        op.execute(
            f"CREATE TRIGGER mark_names_on_{event.lower()} AFTER {event} ON place_name "
            f"REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION mark_place_names()"
        )
    for table in ("division", "facility", "place"):
        op.execute(f"INSERT INTO name_due (type, record_id) SELECT '{table}', id FROM {table} ON CONFLICT DO NOTHING")


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _wall_in(table: str, writes: str) -> None:
    op.execute(f"SELECT wall_in('{table}', 'true', $${writes}$$, $${writes}$$)")


def _checks(table: str, **conditions: str) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}")) for name, condition in conditions.items()]


def _period() -> list[sa.Column[Any]]:
    return [
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("from_precision", sa.String(), server_default="day", nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("to_precision", sa.String(), server_default="day", nullable=False),
        sa.Column(
            "period",
            postgresql.DATERANGE(),
            sa.Computed("daterange(valid_from, valid_to)", persisted=True),
            nullable=False,
        ),
    ]


def _recorded() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("fid", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "recorded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "recorded_by",
            sa.String(),
            server_default=sa.text("coalesce(nullif(current_setting('geo.actor', true), ''), session_user::text)"),
            nullable=True,
        ),
        sa.Column(
            "recorded_why",
            sa.String(),
            server_default=sa.text("nullif(current_setting('geo.why', true), '')"),
            nullable=True,
        ),
    ]


def _keyed(table: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("fid", name=op.f(f"uq_{table}_fid")),
    ]


def _of_a_place(table: str) -> list[sa.Constraint]:
    checks = []
    if table != "place_relation":
        checks = _checks(
            table,
            from_precision_known=f"from_precision IN ({_listed(PRECISIONS)})",
            to_precision_known=f"to_precision IN ({_listed(PRECISIONS)})",
            ends_after_it_begins="valid_to > valid_from",
        )
    place = sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f(f"fk_{table}_place_id"))
    return [*_keyed(table), *checks, place]
