"""What a review asks of the database: of all names, or of those of the places in `reviewed_place`."""

from dataclasses import dataclass

from sqlalchemy import Column, MetaData, Table, TextClause, Uuid, text

from geo_registry.places.rules.collisions import COMMITTEES

COUNT = text("SELECT count(*) FROM name_key WHERE type IN ('place', 'division') AND NOT former")
DIVISIONS = text("""
    SELECT code, name, level FROM division
    WHERE (level, vintage) IN (SELECT * FROM unnest(CAST(:levels AS text[]), CAST(:vintages AS int[])))
""")
FEATURES = text("SELECT DISTINCT folded FROM name_key WHERE type = 'place' AND NOT former AND kind = ANY(:kinds)")

STREETS_NEAR = text("""
    SELECT DISTINCT ON (asked.id, asked.street) asked.id, asked.street, key.record_id, key.name, key.kind, key.type, key.code,
        key.lon, key.lat, CAST(NULL AS uuid[]) AS areas,
        ST_Distance(CAST(street.geom AS geography), CAST(place.geom AS geography)) AS near
    FROM unnest(CAST(:ids AS uuid[]), CAST(:streets AS text[]), CAST(:homophones AS text[])) AS asked (id, street, homophone)
    JOIN name_key AS own ON own.record_id = asked.id AND own.name_kind = 'standard'
    JOIN place ON place.id = asked.id
    JOIN name_key AS key ON key.homophone = asked.homophone AND key.kind = 'street' AND key.type = 'place' AND NOT key.former
        AND key.lon BETWEEN own.lon - :margin AND own.lon + :margin AND key.lat BETWEEN own.lat - :margin AND own.lat + :margin
        AND key.folded = asked.street
    JOIN place AS street ON street.id = key.record_id
    ORDER BY asked.id, asked.street, near, key.record_id
""")
STREETS_CALLED = text("""
    SELECT record_id, name, kind, type, code, lon, lat, CAST(NULL AS uuid[]) AS areas, folded FROM name_key
    WHERE homophone = ANY(:homophones) AND folded = ANY(:streets) AND kind = 'street' AND type = 'place' AND NOT former
    ORDER BY record_id
""")
DIVISIONS_WRITTEN = text("""
    SELECT record_id, name, kind, type, code, lon, lat, CAST(NULL AS uuid[]) AS areas FROM name_key
    WHERE type = 'division' AND kind <> 'village' AND NOT former
        AND (kind, vintage) IN (SELECT * FROM unnest(CAST(:levels AS text[]), CAST(:vintages AS int[])))
""")
NAMES_NEAR = text("""
    SELECT asked.id, near.names
    FROM unnest(CAST(:ids AS uuid[]), CAST(:lons AS float8[]), CAST(:lats AS float8[])) AS asked (id, lon, lat)
    CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT standard_name) AS names FROM (
            SELECT standard_name FROM place
            WHERE geom && ST_Expand(ST_SetSRID(ST_MakePoint(asked.lon, asked.lat), 4490), :within)
                AND class = ANY(:classes) AND state <> 'abolished'
            LIMIT :most
        ) AS around
    ) AS near
""")
APART = text("""
    SELECT asked.id, asked.field, asked.street, ending.number AS ending,
        min(ST_Distance(CAST(street.geom AS geography), CAST(ending.geom AS geography))) AS apart
    FROM unnest(CAST(:ids AS uuid[]), CAST(:fields AS text[]), CAST(:streets AS text[])) AS asked (id, field, street)
    JOIN place ON place.id = asked.id
    CROSS JOIN LATERAL (
        SELECT coalesce(path[1], 0) AS number, geom
        FROM ST_Dump(CASE ST_Dimension(place.geom) WHEN 1 THEN ST_Boundary(place.geom) ELSE place.geom END)
    ) AS ending
    JOIN place AS street ON street.geom && ST_Expand(place.geom, :margin) AND street.standard_name = asked.street
        AND street.id <> place.id
    GROUP BY asked.id, asked.field, asked.street, ending.number
""")
FORGET = text("SELECT forget_name_findings()")
KEYS_OF = text("""
    SELECT record_id, name, kind, type, code, lon, lat, CAST(NULL AS uuid[]) AS areas FROM name_key
    WHERE record_id = ANY(:ids) AND type = 'place' AND name_kind = 'standard' AND NOT former
""")

REVIEWED_PLACE = Table("reviewed_place", MetaData(), Column("id", Uuid, primary_key=True), prefixes=["TEMPORARY"])
REVIEWED = (
    text("CREATE TEMPORARY TABLE IF NOT EXISTS reviewed_place (id uuid PRIMARY KEY) ON COMMIT DROP"),
    text("CREATE TEMPORARY TABLE IF NOT EXISTS reviewed_sound (homophone text PRIMARY KEY) ON COMMIT DROP"),
    text("TRUNCATE reviewed_place, reviewed_sound"),
)
"""The places that are reviewed where not all are, and what their names sound like."""
SOUNDS = text("""
    INSERT INTO reviewed_sound SELECT DISTINCT key.homophone FROM reviewed_place AS reviewed
    JOIN name_key AS key ON key.record_id = reviewed.id
    WHERE key.type = 'place' AND key.name_kind = 'standard' AND NOT key.former
""")
MEASURED = (text("ANALYZE reviewed_place"), text("ANALYZE reviewed_sound"))
COUNT_SOUNDS = text("""
    SELECT count(*) FROM name_key JOIN reviewed_sound USING (homophone) WHERE type IN ('place', 'division') AND NOT former
""")
SERIES_MEMBERS = text("""
    SELECT key.record_id, key.name, key.kind, key.type, key.code, key.lon, key.lat, ARRAY(
        SELECT area.id FROM built_up_area AS area WHERE area.valid_to IS NULL AND ST_Intersects(area.geom, place.geom)
    ) AS areas
    FROM name_key AS key JOIN place ON place.id = key.record_id
    WHERE key.type = 'place' AND key.kind = 'street' AND key.name_kind = 'standard' AND NOT key.former
        AND left(key.code, 6) = ANY(:counties) AND key.name ~ :numerals
        AND key.record_id NOT IN (SELECT id FROM reviewed_place)
""")
"""Streets with a number in their names, of the counties where reviewed ones have one."""


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions that are about all names, or about some.

    `names` has those that sound nearly alike together, by `ix_name_key_homophone` or sorted, and says of each whether
    it is reviewed itself or only compared with. Streets lie over one another by the length that they share; of those
    whose boxes share less than `shortest` degrees, as where they cross, it isn't measured.
    """

    count: TextClause
    names: TextClause
    areas: TextClause
    overlaps: TextClause
    both_ways: bool
    """Whether each of two streets that lie over one another, or of two seats, is told of, though the question has them once."""
    seats: TextClause
    with_ends: TextClause
    with_dates: TextClause
    outside: TextClause


def _names(asked: str, among: str) -> TextClause:
    return text(f"""
        SELECT key.record_id, key.name, key.kind, key.type, key.code, key.lon, key.lat, key.homophone,
            nullif(place.detail, '{{}}') AS detail, CAST(NULL AS uuid[]) AS areas, {asked} AS asked
        FROM name_key AS key LEFT JOIN place ON place.id = key.record_id {among}
        WHERE key.type IN ('place', 'division') AND NOT key.former AND (key.name_kind IS NULL OR key.name_kind = 'standard')
            AND (key.vintage IS NULL OR (key.kind, key.vintage) IN (SELECT * FROM unnest(CAST(:levels AS text[]), CAST(:vintages AS int[]))))
        ORDER BY key.homophone
    """)


def _areas(among: str) -> TextClause:
    return text(f"""
        SELECT place.id, array_agg(area.id) AS areas FROM built_up_area AS area
        JOIN place ON place.geom && area.geom AND ST_Intersects(area.geom, place.geom)
        WHERE area.valid_to IS NULL AND place.class = ANY(:classes) {among} GROUP BY place.id
    """)


_CALLED = "CASE {} ELSE folded END".format(
    " ".join(f"WHEN folded LIKE '%{long}' THEN left(folded, {-len(long)}) || '{short}'" for long, short in COMMITTEES)
)
"""`seat_called`, as the database asks it."""
_ENDINGS = "CASE {} END".format(
    " ".join(
        f"WHEN one.name LIKE '%{short}' THEN ARRAY{['', *(long.removeprefix(short) for long, of in COMMITTEES if of == short)]}"
        for short in dict.fromkeys(short for _, short in COMMITTEES)
    )
)
"""What may stand behind a seat's name: `forms_of`."""
_IS_COMMITTEE = f"folded ~ '({'|'.join(long for long, _ in COMMITTEES)})$'"


def _seats(among: str) -> TextClause:
    """Pairs of committees' seats of one county that are one name written otherwise, by `ix_name_key_folded`; each its two rows."""
    return text(f"""
        WITH seat AS (
            SELECT id, record_id, folded, left(code, 6) AS county FROM name_key
            WHERE ((type = 'place' AND kind = 'committee-seat' AND name_kind = 'standard') OR (type = 'division' AND kind = 'village'
                AND (kind, vintage) IN (SELECT * FROM unnest(CAST(:levels AS text[]), CAST(:vintages AS int[]))))) AND NOT former
        ), called AS (
            SELECT id, folded, county, {_CALLED} AS name FROM seat WHERE {among}
        ), pair AS (
            SELECT row_number() OVER () AS number, one.id AS one, other.id AS other
            FROM called AS one
            CROSS JOIN LATERAL unnest({_ENDINGS}) AS form (ending)
            JOIN name_key AS other ON other.folded = one.name || form.ending AND left(other.code, 6) = one.county AND NOT other.former
            WHERE other.folded <> one.folded AND (
                (other.type = 'place' AND other.kind = 'committee-seat' AND other.name_kind = 'standard')
                OR (other.type = 'division' AND other.kind = 'village' AND (other.kind, other.vintage) IN (
                    SELECT * FROM unnest(CAST(:levels AS text[]), CAST(:vintages AS int[])))))
        )
        SELECT pair.number, key.record_id, key.name, key.kind, key.type, key.code, key.lon, key.lat, CAST(NULL AS uuid[]) AS areas
        FROM pair CROSS JOIN LATERAL (VALUES (1, pair.one), (2, pair.other)) AS member (side, id)
        JOIN name_key AS key ON key.id = member.id
        ORDER BY pair.number, member.side
    """)


SEATS_TWICE = text(f"""
    WITH seat AS (
        SELECT code, {_CALLED} AS name FROM name_key
        WHERE type = 'place' AND kind = 'committee-seat' AND name_kind = 'standard' AND NOT former AND code IS NOT NULL
    ), village AS (
        SELECT record_id, code, {_CALLED} AS name FROM name_key
        WHERE type = 'division' AND kind = 'village' AND NOT former
            AND (kind, vintage) IN (SELECT * FROM unnest(CAST(:levels AS text[]), CAST(:vintages AS int[])))
    )
    SELECT DISTINCT village.record_id FROM village
    JOIN seat ON left(seat.code, 9) = left(village.code, 9) AND seat.name = village.name
        AND (seat.code = village.code OR substr(seat.code, 10) = '000')
""")
"""Villages whose committee's seat is recorded as a place too, under the same name (`is_its_seat`)."""


def _with_ends(among: str) -> TextClause:
    return text(f"""
        SELECT id, standard_name, detail FROM place
        WHERE class = 'street' AND state <> 'abolished' AND geom IS NOT NULL AND detail ?| ARRAY['begins_at', 'ends_at'] {among}
    """)


def _with_dates(among: str) -> TextClause:
    return text(f"""
        SELECT id, standard_name, detail, (
            SELECT max(valid_from) FROM place_name
            WHERE place_id = place.id AND place_name.name = place.standard_name AND kind = 'standard' AND status = 'approved'
                AND NOT withdrawn AND from_precision = 'day'
        ) AS named_on
        FROM place WHERE state <> 'abolished' AND detail ?| ARRAY['built_from', 'built_to'] {among}
    """)


def _outside(among: str) -> TextClause:
    return text(f"""
        WITH home AS MATERIALIZED (
            SELECT own.id, around.name, around.geom FROM division AS own CROSS JOIN LATERAL (
                SELECT name, geom FROM division
                WHERE geom IS NOT NULL AND code IN (
                    own.code, left(own.code, 9) || '000', left(own.code, 6) || '000000', left(own.code, 4) || '00000000',
                    left(own.code, 2) || '0000000000'
                )
                ORDER BY code DESC, vintage DESC LIMIT 1
            ) AS around
        )
        SELECT place.id, home.name FROM place JOIN home ON home.id = place.division_id
        WHERE place.state <> 'abolished' AND NOT ST_Intersects(home.geom, place.geom) {among}
    """)


_SHARED = """
    one.id AS one_id, one.standard_name AS one_name, other.id AS other_id, other.standard_name AS other_name,
        ST_Length(CAST(ST_Intersection(one.geom, ST_Buffer(other.geom, :over, 'endcap=flat')) AS geography)) AS shared
"""
_TWO_STREETS = """
    one.class = 'street' AND other.class = 'street' AND other.id <> one.id
        AND ST_Dimension(one.geom) = 1 AND ST_Dimension(other.geom) = 1
        AND one.standard_name <> other.standard_name AND one.state <> 'abolished' AND other.state <> 'abolished'
"""
_LIE_TOGETHER = """
    other.geom && ST_Expand(one.geom, :over) AND ST_DWithin(one.geom, other.geom, :over) AND :shortest <= 2 * :over + greatest(
        least(ST_XMax(one.geom), ST_XMax(other.geom)) - greatest(ST_XMin(one.geom), ST_XMin(other.geom)),
        least(ST_YMax(one.geom), ST_YMax(other.geom)) - greatest(ST_YMin(one.geom), ST_YMin(other.geom))
    )
"""
ALL_OVERLAPS = text(f"""
    SELECT {_SHARED} FROM place AS one JOIN place AS other ON {_LIE_TOGETHER}
    WHERE {_TWO_STREETS} AND one.id < other.id
""")
OVERLAPS_AMONG = text(f"""
    SELECT {_SHARED} FROM reviewed_place JOIN place AS one USING (id) JOIN place AS other ON {_LIE_TOGETHER}
    WHERE {_TWO_STREETS}
""")

_IS_REVIEWED = "AND place.id IN (SELECT id FROM reviewed_place)"
_SOUNDS_LIKE_IT = """AND place.id IN (
            SELECT key.record_id FROM name_key AS key JOIN reviewed_sound USING (homophone) WHERE key.type = 'place')"""

OF_ALL = Questions(
    count=COUNT,
    names=_names("true", ""),
    areas=_areas(""),
    overlaps=ALL_OVERLAPS,
    both_ways=True,
    seats=_seats(_IS_COMMITTEE),
    with_ends=_with_ends(""),
    with_dates=_with_dates(""),
    outside=_outside(""),
)
OF_REVIEWED = Questions(
    count=COUNT_SOUNDS,
    names=_names(
        "reviewed.id IS NOT NULL",
        "JOIN reviewed_sound USING (homophone) LEFT JOIN reviewed_place AS reviewed ON reviewed.id = key.record_id",
    ),
    areas=_areas(_SOUNDS_LIKE_IT),
    overlaps=OVERLAPS_AMONG,
    both_ways=False,
    seats=_seats("record_id IN (SELECT id FROM reviewed_place)"),
    with_ends=_with_ends(_IS_REVIEWED),
    with_dates=_with_dates(_IS_REVIEWED),
    outside=_outside(_IS_REVIEWED),
)
