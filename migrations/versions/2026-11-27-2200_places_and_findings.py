"""How exactly a place's beginning and end are known; findings in the order of their weight; what a clearing was against."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

PRECISIONS = ("day", "month", "year", "decade", "century", "era")
ENDS = ("begun_precision", "ended_precision")

SEVERITIES = ("error", "warning", "note")
CODES = (
    "duplicate", "duplicate-folded", "homophone", "near-homophone", "renowned-feature", "renowned-homophone",
    "specific-missing", "generic-missing", "generic-unfit", "generic-size", "grandiose", "meaning", "script", "figures",
    "character-uncommon", "character-unlisted", "leader-name", "personal-name", "foreign-name", "brand-name",
    "name-elsewhere", "division-from-feature", "facility-disagrees", "extent-overlap", "extent-gap", "series-gap",
    "dates-order", "outside-division", "built-up-area-unknown", "dialect-unchecked",
)  # fmt: skip
PER_SEVERITY = 64
"""As `clearing.weight_of` has it."""

EVERYWHERE = "(SELECT scope_is_everywhere())"
OWN = "scope_holds_place(place_id) OR scope_holds(division_id)"
OTHERS = "scope_holds_place(collides_with) OR scope_holds(collides_with)"

# What the extent and the name of the same day know of it.
BEGUN = """
    UPDATE place SET begun_precision = known.from_precision FROM (
        SELECT DISTINCT ON (place_id) place_id, valid_from, from_precision FROM (
            SELECT place_id, valid_from, from_precision FROM place_extent
            UNION ALL SELECT place_id, valid_from, from_precision FROM place_name WHERE kind = 'standard'
        ) AS told WHERE from_precision <> 'day' ORDER BY place_id, valid_from
    ) AS known
    WHERE place.id = known.place_id AND place.begun_on = known.valid_from
"""
ENDED = """
    UPDATE place SET ended_precision = known.to_precision FROM (
        SELECT DISTINCT ON (place_id) place_id, valid_to, to_precision FROM (
            SELECT place_id, valid_to, to_precision FROM place_extent
            UNION ALL SELECT place_id, valid_to, to_precision FROM place_name WHERE kind = 'standard'
        ) AS told WHERE to_precision <> 'day' ORDER BY place_id, valid_to DESC
    ) AS known
    WHERE place.id = known.place_id AND place.ended_on = known.valid_to
"""
NAMES_OF_OTHERS = """
    UPDATE finding_clearance SET collides_name = coalesce(
        (SELECT collides_name FROM name_finding AS found
         WHERE found.record_id = coalesce(finding_clearance.place_id, finding_clearance.division_id)
            AND found.code = finding_clearance.code AND found.collides_with = finding_clearance.collides_with LIMIT 1),
        (SELECT standard_name FROM place WHERE place.id = finding_clearance.collides_with),
        (SELECT name FROM division WHERE division.id = finding_clearance.collides_with)
    ) WHERE collides_with IS NOT NULL
"""


# A clearing is of two names: when one of them is given another, it is withdrawn, also where it comes back later.
END_CLEARANCES = """
CREATE FUNCTION end_clearances() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    UPDATE finding_clearance SET withdrawn = true FROM (
        SELECT before.id, before.{name} AS called FROM old_rows AS before JOIN new_rows AS after ON after.id = before.id
        WHERE after.{name} <> before.{name}
    ) AS renamed
    WHERE NOT withdrawn AND (
        coalesce(place_id, division_id) = renamed.id AND name = renamed.called
        OR collides_with = renamed.id AND collides_name = renamed.called);
    RETURN NULL;
END $body$
"""
NAMED = {"place": "standard_name", "division": "name"}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in ENDS:
        op.add_column("place", sa.Column(column, sa.String(), server_default="day", nullable=False))
        op.create_check_constraint(op.f(f"ck_place_{column}_known"), "place", f"{column} IN ({_listed(PRECISIONS)})")
    op.add_column("finding_clearance", sa.Column("collides_name", sa.String(), nullable=True))
    for table in ("place", "finding_clearance"):
        for each in ("history", "audit"):
            op.execute(f"SELECT install_{each}('{table}')")
        op.execute(f"SELECT let_write('{table}', true)")
    for statement in (BEGUN, ENDED, NAMES_OF_OTHERS):
        op.execute(statement)
    op.create_index(
        "ix_finding_clearance_collides_with",
        "finding_clearance",
        ["collides_with"],
        postgresql_where=sa.text("NOT withdrawn"),
    )
    # Who may decide on either of two names may have both count again.
    _updates_of_clearances(f"{EVERYWHERE} OR {OWN} OR {OTHERS}")
    for table, name in NAMED.items():
        op.execute(END_CLEARANCES.replace("end_clearances", f"end_clearances_of_{table}").replace("{name}", name))
        op.execute(f"REVOKE ALL ON FUNCTION end_clearances_of_{table}() FROM PUBLIC")
        op.execute(
            f"CREATE TRIGGER end_clearances AFTER UPDATE ON {table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows "
            f"FOR EACH STATEMENT EXECUTE FUNCTION end_clearances_of_{table}()"
        )
    op.add_column("name_finding", sa.Column("weight", sa.SmallInteger(), server_default="0", nullable=False))
    op.execute(
        f"UPDATE name_finding SET weight = {_place('severity', SEVERITIES)} * {PER_SEVERITY} + {_place('code', CODES)}"
    )
    op.drop_index("ix_name_finding_severity_fid", table_name="name_finding")
    op.create_index("ix_name_finding_weight_fid", "name_finding", ["weight", "fid"])


def downgrade() -> None:
    op.drop_index("ix_name_finding_weight_fid", table_name="name_finding")
    op.create_index("ix_name_finding_severity_fid", "name_finding", ["severity", "fid"])
    op.drop_column("name_finding", "weight")
    for table in NAMED:
        op.execute(f"DROP TRIGGER end_clearances ON {table}")
        op.execute(f"DROP FUNCTION end_clearances_of_{table}()")
    _updates_of_clearances(f"{EVERYWHERE} OR {OWN}")
    op.drop_index("ix_finding_clearance_collides_with", table_name="finding_clearance")
    for table, columns in (("finding_clearance", ("collides_name",)), ("place", ENDS)):
        for column in columns:
            op.drop_column(table, column)
            op.execute(f"ALTER TABLE history.{table} DROP COLUMN {column}")
        for each in ("history", "audit"):
            op.execute(f"SELECT install_{each}('{table}')")


def _updates_of_clearances(whose: str) -> None:
    op.execute("DROP POLICY updates ON finding_clearance")
    op.execute(f"CREATE POLICY updates ON finding_clearance FOR UPDATE TO geo_app USING ({whose}) WITH CHECK ({whose})")


def _place(column: str, words: tuple[str, ...]) -> str:
    return f"(array_position(ARRAY[{_listed(words)}], {column}::text) - 1)"


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
