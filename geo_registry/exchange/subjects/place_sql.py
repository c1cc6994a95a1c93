"""The statements by which staged place names get into the registry, in their order; `place_writing.py` runs them.

`import_row` holds a row each of the file: of a place where `entry` is empty, else of one of its names. `fate` is 1 for
what is new and 2 for what changed. `import_name` holds a row each of the names that they tell.
"""

from sqlalchemy import text

from geo_registry.db.session import by_import
from geo_registry.model.places import STANDARD_SPELLING
from geo_registry.places.turning import WHY as TURNED
from geo_registry.vocabulary import DatasetKind

BY_IMPORT = f"{by_import(DatasetKind.PLACES, '')}%"
"""How the reason begins that an import leaves in history, and nobody else (`db.session.say_why`)."""

# What anybody else ever changed isn't the source's any more; that a day came is nobody's change.
_BY_OTHERS = "coalesce({why}, '') NOT LIKE :by_import AND coalesce({why}, '') <> '" + TURNED + "'"
_TOUCHED = f"""(
    {_BY_OTHERS.format(why="{record}.recorded_why")} OR EXISTS (
        SELECT FROM history.{{table}} AS was WHERE was.id = {{record}}.id AND {_BY_OTHERS.format(why="was.why")}))"""
_PLACE_TOUCHED = _TOUCHED.format(record="place", table="place")
_NAME_TOUCHED = _TOUCHED.format(record="place_name", table="place_name")
_EXTENT_TOUCHED = _TOUCHED.format(record="place_extent", table="place_extent")

KNOWN = text("""
    UPDATE import_row SET place_id = place.id FROM place
    WHERE place.dataset_id = :dataset AND place.source_id = import_row.source_id
""")

# A number that an earlier row of the file has, or another place.
CODES_REPEATED = text("""
    WITH again AS (
        SELECT number, national_code, first_value(number) OVER code AS first, first_value(name) OVER code AS other
        FROM import_row WHERE state = 0 AND entry = '' AND national_code IS NOT NULL
        WINDOW code AS (PARTITION BY national_code ORDER BY number)
    ), told AS (
        INSERT INTO import_problem
        SELECT number, :column, national_code, 'national-code-taken', jsonb_build_object('other', other,
            'row_zh', '（第 ' || first || ' 行）', 'row_en', ' (row ' || first || ')')
        FROM again WHERE number <> first
    )
    UPDATE import_row SET state = 1 FROM again WHERE import_row.number = again.number AND again.number <> again.first
""")
CODES_TAKEN = text("""
    WITH taken AS (
        SELECT import_row.number, import_row.national_code, place.standard_name FROM import_row
        JOIN place ON place.national_code = import_row.national_code
        WHERE import_row.state = 0 AND import_row.entry = '' AND place.id IS DISTINCT FROM import_row.place_id
    ), told AS (
        INSERT INTO import_problem
        SELECT number, :column, national_code, 'national-code-taken',
            jsonb_build_object('other', standard_name, 'row_zh', '', 'row_en', '')
        FROM taken
    )
    UPDATE import_row SET state = 1 FROM taken WHERE import_row.number = taken.number
""")

NEW = text("""
    UPDATE import_row SET place_id = gen_random_uuid(), fate = 1 WHERE state = 0 AND entry = '' AND place_id IS NULL
""")
NAMES_OF_NEW = text("""
    UPDATE import_row SET place_id = own.place_id FROM import_row AS own
    WHERE import_row.entry <> '' AND import_row.place_id IS NULL
        AND own.source_id = import_row.source_id AND own.entry = '' AND own.state = 0
""")
NAMES_OF_NONE = text("""
    WITH told AS (
        INSERT INTO import_problem SELECT number, :column, source_id, 'place-missing', '{}' FROM import_row
        WHERE state = 0 AND place_id IS NULL
    )
    UPDATE import_row SET state = 1 WHERE state = 0 AND place_id IS NULL
""")

NAMES_BEFORE = text("DROP TABLE IF EXISTS pg_temp.import_name")
NAMES = text("""
    CREATE TEMPORARY TABLE import_name ON COMMIT DROP AS
    SELECT row_number() OVER (ORDER BY import_row.number, told.at) AS name_number, import_row.number, import_row.place_id,
        import_row.fate IS NOT NULL AS of_new, import_row.entry <> '' AS own, CAST(NULL AS uuid) AS name_id, false AS fixed,
        told.name, told.kind, told.status, told.language, told.romanized, told.romanized_by, told.meaning, told.origin,
        told.source, told.valid_from, told.from_precision, told.valid_to, told.to_precision, told.present
    FROM import_row CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(import_row.names) AS (
        name text, kind text, status text, language text, romanized text, romanized_by text, meaning text, origin text,
        source text, valid_from date, from_precision text, valid_to date, to_precision text, present boolean)
    ) WITH ORDINALITY AS told (
        name, kind, status, language, romanized, romanized_by, meaning, origin, source, valid_from, from_precision, valid_to,
        to_precision, present, at)
    WHERE import_row.state = 0
""")
INDEX_NAMES = (
    text("CREATE INDEX ix_import_name ON import_name (place_id, kind)"),
    text("ANALYZE pg_temp.import_name"),
)
# A name that a cell lists and a row of its own tells more of is that row's; one that is told twice is one.
REPEATED = text("""
    DELETE FROM import_name USING (
        SELECT name_number, row_number() OVER (
            PARTITION BY place_id, kind, language, name
            ORDER BY present DESC, own DESC, valid_from NULLS LAST, valid_to NULLS LAST, number) AS nth
        FROM import_name
    ) AS told
    WHERE told.name_number = import_name.name_number AND told.nth > 1 AND NOT import_name.present
        AND import_name.valid_from IS NULL AND import_name.valid_to IS NULL
""")

_THERE = """
    SELECT place_name.id, place_name.place_id, place_name.kind, place_name.language, place_name.name, row_number() OVER (
        PARTITION BY place_name.place_id, place_name.kind, place_name.language, place_name.name
        ORDER BY place_name.withdrawn, place_name.valid_from NULLS FIRST, place_name.fid) AS nth
    FROM place_name WHERE place_name.place_id IN (SELECT place_id FROM import_name WHERE NOT of_new)
"""
# One that was withdrawn is known too, after those that hold: it isn't told anew.
OTHER_NAMES_THERE = text(f"""
    WITH there AS ({_THERE}), told AS (
        SELECT name_number, place_id, kind, language, name, row_number() OVER (
            PARTITION BY place_id, kind, language, name ORDER BY valid_from NULLS FIRST, name_number) AS nth
        FROM import_name WHERE NOT of_new AND NOT present
    )
    UPDATE import_name SET name_id = there.id FROM there JOIN told USING (place_id, kind, language, name, nth)
    WHERE told.name_number = import_name.name_number
""")
# The standard name that is in force or was last, unless the file says that it is one of the past; one to come is told by itself.
STANDARD_NAMES_THERE = text(f"""
    UPDATE import_name SET name_id = last.id FROM (
        SELECT DISTINCT ON (own.place_id) own.id, own.place_id FROM (
            SELECT * FROM place_name
            WHERE place_id IN (SELECT place_id FROM import_name WHERE NOT of_new AND present) AND {STANDARD_SPELLING}
        ) AS own JOIN import_name AS told ON told.place_id = own.place_id AND told.present
        ORDER BY own.place_id, own.valid_from > :today AND own.name = told.name DESC NULLS LAST,
            greatest(own.valid_from, :today), own.valid_from DESC NULLS LAST
    ) AS last
    WHERE import_name.present AND import_name.place_id = last.place_id
        AND last.id NOT IN (SELECT name_id FROM import_name WHERE name_id IS NOT NULL)
""")

# What was decided on here, corrected or taken back by a person, isn't written over; that it differs is told.
_DIFFERS = """
        place_name.name <> import_name.name
        OR place_name.romanized IS DISTINCT FROM coalesce(import_name.romanized, place_name.romanized) AND import_name.romanized_by = 'source'
        OR place_name.meaning <> coalesce(nullif(import_name.meaning, ''), place_name.meaning)
        OR place_name.origin <> coalesce(nullif(import_name.origin, ''), place_name.origin)
        OR place_name.source <> coalesce(nullif(import_name.source, ''), place_name.source)
        OR place_name.valid_from IS DISTINCT FROM coalesce(import_name.valid_from, place_name.valid_from)
        OR place_name.valid_to IS DISTINCT FROM coalesce(import_name.valid_to, place_name.valid_to)
"""
NAMES_KEPT = text(f"""
    WITH kept AS (
        UPDATE import_name SET fixed = true FROM place_name
        WHERE place_name.id = import_name.name_id AND (place_name.naming <> 'taken-over' OR {_NAME_TOUCHED})
        RETURNING import_name.number, place_name.name, place_name.withdrawn OR {_DIFFERS} AS differs
    )
    INSERT INTO import_problem SELECT number, :column, name, 'kept-as-changed', '{{}}' FROM kept WHERE differs
""")

# Two standard names on one day: the row of the present name stays, else the earlier one.
OVERLAPPING = text(f"""
    WITH told AS (
        SELECT told.number, told.name_number, told.place_id, told.present, told.name, told.fixed, place_name.id,
            CASE WHEN coalesce(told.valid_from, place_name.valid_from) < coalesce(told.valid_to, place_name.valid_to)
                    OR coalesce(told.valid_from, place_name.valid_from) IS NULL
                    OR coalesce(told.valid_to, place_name.valid_to) IS NULL
                THEN daterange(coalesce(told.valid_from, place_name.valid_from), coalesce(told.valid_to, place_name.valid_to))
                ELSE 'empty' END AS period
        FROM import_name AS told LEFT JOIN place_name ON place_name.id = told.name_id
        WHERE told.kind = 'standard'
    ), others AS (
        SELECT place_id, name, period, number, name_number, present FROM told WHERE NOT fixed
        UNION ALL
        SELECT place_name.place_id, place_name.name, place_name.period, NULL, NULL, true FROM place_name
        WHERE {STANDARD_SPELLING} AND place_id IN (SELECT place_id FROM told)
            AND place_name.id NOT IN (SELECT id FROM told WHERE id IS NOT NULL AND NOT fixed)
    ), wrong AS (
        SELECT DISTINCT ON (one.number) one.number, one.name, other.name AS other, CAST(other.period AS text) AS period
        FROM told AS one JOIN others AS other ON other.place_id = one.place_id AND other.period && one.period
            AND (other.name_number IS NULL OR other.present OR (NOT one.present AND other.number < one.number))
        WHERE NOT one.fixed AND one.name_number IS DISTINCT FROM other.name_number
        ORDER BY one.number, other.period
    ), told_of AS (
        INSERT INTO import_problem SELECT number, :column, name, 'periods-overlap',
            jsonb_build_object('other', other, 'period', period) FROM wrong
    )
    UPDATE import_row SET state = 1 FROM wrong WHERE import_row.number = wrong.number
""")
NAMES_REFUSED = text("""
    DELETE FROM import_name USING import_row
    WHERE import_row.number = import_name.number AND import_row.state = 1
""")

_PLACE_ROW = "import_row.entry = '' AND import_row.state = 0"
_DIVISION = """
        CASE WHEN import_row.division_id IS NOT NULL THEN import_row.division_id
            WHEN place.division_id IS NULL OR place.geom IS DISTINCT FROM coalesce(import_row.geom, place.geom)
            THEN coalesce(import_row.placed_id, place.division_id) ELSE place.division_id END"""
_PLACE_NOW = f"""
        import_row.class, coalesce(import_row.place_state, place.state), coalesce(import_row.national_code, place.national_code),
        coalesce(import_row.begun_on, place.begun_on),
        CASE WHEN import_row.begun_on IS NULL THEN place.begun_precision ELSE import_row.begun_precision END,
        coalesce(import_row.ended_on, place.ended_on),
        CASE WHEN import_row.ended_on IS NULL THEN place.ended_precision ELSE import_row.ended_precision END,
        place.detail || import_row.detail, {_DIVISION}"""
_PLACE_COLUMNS = (
    "class, state, national_code, begun_on, begun_precision, ended_on, ended_precision, detail, division_id"
)
_OF_PLACE = ", ".join(f"place.{column}" for column in _PLACE_COLUMNS.split(", "))
PLACES_KEPT = text(f"""
    INSERT INTO import_problem SELECT import_row.number, :column, place.standard_name, 'kept-as-changed', '{{}}'
    FROM import_row JOIN place ON place.id = import_row.place_id
    WHERE {_PLACE_ROW} AND import_row.fate IS NULL AND {_PLACE_TOUCHED}
        AND ROW({_OF_PLACE}) IS DISTINCT FROM ROW({_PLACE_NOW})
        AND NOT EXISTS (SELECT FROM import_problem AS told WHERE told.number = import_row.number AND told.code = 'kept-as-changed')
""")
PLACES_CHANGED = text(f"""
    WITH changed AS (
        UPDATE place SET ({_PLACE_COLUMNS}) = ROW({_PLACE_NOW}) FROM import_row
        WHERE place.id = import_row.place_id AND {_PLACE_ROW} AND import_row.fate IS NULL AND NOT {_PLACE_TOUCHED}
            AND ROW({_OF_PLACE}) IS DISTINCT FROM ROW({_PLACE_NOW})
        RETURNING import_row.number
    )
    UPDATE import_row SET fate = 2 FROM changed WHERE import_row.number = changed.number
""")
PLACES_NEW = text(f"""
    INSERT INTO place (id, class, standard_name, state, national_code, division_id, begun_on, begun_precision, ended_on, ended_precision,
        geom, detail,
        position_quality, dataset_id, source_id)
    SELECT place_id, class, name, coalesce(place_state, 'in-use'), national_code, coalesce(division_id, placed_id), begun_on,
        begun_precision, ended_on, ended_precision, geom, detail, CASE WHEN geom IS NULL THEN 'source' ELSE position_quality END, :dataset, source_id
    FROM import_row WHERE {_PLACE_ROW} AND fate = 1 ORDER BY number
""")

_NAME_NOW = """
        import_name.name,
        CASE WHEN import_name.romanized_by = 'source' OR place_name.romanized IS NULL OR place_name.romanized_by = 'rules'
            THEN coalesce(import_name.romanized, place_name.romanized) ELSE place_name.romanized END,
        CASE WHEN import_name.romanized IS NOT NULL AND (
                import_name.romanized_by = 'source' OR place_name.romanized IS NULL OR place_name.romanized_by = 'rules')
            THEN import_name.romanized_by ELSE place_name.romanized_by END,
        coalesce(nullif(import_name.meaning, ''), place_name.meaning),
        coalesce(nullif(import_name.origin, ''), place_name.origin),
        coalesce(nullif(import_name.source, ''), place_name.source),
        coalesce(import_name.valid_from, place_name.valid_from),
        CASE WHEN import_name.valid_from IS NULL THEN place_name.from_precision ELSE import_name.from_precision END,
        coalesce(import_name.valid_to, place_name.valid_to),
        CASE WHEN import_name.valid_to IS NULL THEN place_name.to_precision ELSE import_name.to_precision END"""
_NAME_COLUMNS = (
    "name, romanized, romanized_by, meaning, origin, source, valid_from, from_precision, valid_to, to_precision"
)
_OF_NAME = ", ".join(f"place_name.{column}" for column in _NAME_COLUMNS.split(", "))


def _names_changed(first: str) -> str:
    return f"""
    WITH changed AS (
        UPDATE place_name SET ({_NAME_COLUMNS}) = ROW({_NAME_NOW}) FROM import_name
        WHERE place_name.id = import_name.name_id AND NOT import_name.fixed
            AND ROW({_OF_NAME}) IS DISTINCT FROM ROW({_NAME_NOW}) {first}
        RETURNING import_name.number
    )
    UPDATE import_row SET fate = 2 FROM changed WHERE import_row.number = changed.number AND import_row.fate IS NULL
"""


NAMES_CHANGED = (
    # Those that get shorter first: they make room for those that get longer.
    text(
        _names_changed(
            "AND daterange(coalesce(import_name.valid_from, place_name.valid_from), coalesce(import_name.valid_to, place_name.valid_to)) <@ place_name.period"
        )
    ),
    text(_names_changed("")),
)
NAMES_NEW = text("""
    WITH made AS (
        INSERT INTO place_name (place_id, name, kind, status, naming, language, romanized, romanized_by, meaning, origin,
            source, valid_from, from_precision, valid_to, to_precision)
        SELECT place_id, name, kind, status, 'taken-over', language, romanized, romanized_by, coalesce(meaning, ''),
            coalesce(origin, ''), coalesce(source, ''), valid_from, from_precision, valid_to, to_precision
        FROM import_name WHERE name_id IS NULL ORDER BY name_number
    )
    UPDATE import_row SET fate = CASE WHEN import_row.entry = '' THEN 2 ELSE 1 END FROM import_name
    WHERE import_row.number = import_name.number AND import_name.name_id IS NULL AND import_row.fate IS NULL
""")

EXTENTS_KEPT = text(f"""
    INSERT INTO import_problem SELECT import_row.number, '', import_row.name, 'kept-as-changed', '{{}}'
    FROM import_row JOIN LATERAL (
        SELECT * FROM place_extent WHERE place_id = import_row.place_id
        ORDER BY withdrawn, greatest(valid_from, :today), valid_from DESC NULLS LAST LIMIT 1
    ) AS place_extent ON true
    WHERE {_PLACE_ROW} AND import_row.fate IS DISTINCT FROM 1 AND import_row.geom IS NOT NULL AND {_EXTENT_TOUCHED}
        AND (place_extent.withdrawn OR place_extent.geom IS DISTINCT FROM import_row.geom)
        AND NOT EXISTS (SELECT FROM import_problem AS told WHERE told.number = import_row.number AND told.code = 'kept-as-changed')
""")
EXTENTS_CHANGED = text(f"""
    WITH last AS (
        SELECT DISTINCT ON (place_extent.place_id) place_extent.id, import_row.number, import_row.geom, import_row.position_quality
        FROM import_row JOIN place_extent ON place_extent.place_id = import_row.place_id
        WHERE {_PLACE_ROW} AND import_row.fate IS DISTINCT FROM 1 AND import_row.geom IS NOT NULL
        ORDER BY place_extent.place_id, place_extent.withdrawn, greatest(place_extent.valid_from, :today),
            place_extent.valid_from DESC NULLS LAST
    ), changed AS (
        UPDATE place_extent SET geom = last.geom, position_quality = last.position_quality FROM last
        WHERE place_extent.id = last.id AND place_extent.geom IS DISTINCT FROM last.geom AND NOT {_EXTENT_TOUCHED}
        RETURNING last.number
    )
    UPDATE import_row SET fate = 2 FROM changed WHERE import_row.number = changed.number
""")
EXTENTS_NEW = text(f"""
    WITH made AS (
        INSERT INTO place_extent (place_id, geom, source, position_quality, valid_from, from_precision)
        SELECT place_id, geom, coalesce(source, ''), position_quality, begun_on, CASE WHEN begun_on IS NULL THEN 'day' ELSE begun_precision END
        FROM import_row WHERE {_PLACE_ROW} AND geom IS NOT NULL
            AND NOT EXISTS (SELECT FROM place_extent WHERE place_extent.place_id = import_row.place_id)
        ORDER BY number
        RETURNING place_id
    )
    UPDATE import_row SET fate = 2 FROM made WHERE {_PLACE_ROW} AND import_row.place_id = made.place_id AND import_row.fate IS NULL
""")

NOWHERE = text(f"""
    INSERT INTO import_problem SELECT import_row.number, '', import_row.name, 'place-nowhere', '{{}}'
    FROM import_row JOIN place ON place.id = import_row.place_id
    WHERE {_PLACE_ROW} AND place.division_id IS NULL AND place.geom IS NULL
""")
# Of what names its division, and that has an area, the rules of names say whether it lies in it (`outside-division`).
BEYOND_ALL = text(f"""
    INSERT INTO import_problem
    SELECT number, '', concat_ws(',', round(ST_X(lies.at)::numeric, 5), round(ST_Y(lies.at)::numeric, 5)), 'position-beyond-all', '{{}}'
    FROM import_row CROSS JOIN LATERAL (SELECT ST_PointOnSurface(geom) AS at) AS lies
    WHERE {_PLACE_ROW} AND geom IS NOT NULL AND EXISTS (SELECT FROM division WHERE geom IS NOT NULL)
        AND NOT EXISTS (SELECT FROM division WHERE division.geom && lies.at AND ST_Covers(division.geom, lies.at))
        AND NOT EXISTS (
            SELECT FROM division AS own JOIN division AS around ON around.geom IS NOT NULL AND around.code IN (
                own.code, left(own.code, 9) || '000', left(own.code, 6) || '000000', left(own.code, 4) || '00000000',
                left(own.code, 2) || '0000000000')
            WHERE own.id = import_row.division_id)
""")
FATES = text("""
    SELECT count(*) FILTER (WHERE state = 0 AND fate = 1) AS created,
        count(*) FILTER (WHERE state = 0 AND fate = 2) AS updated,
        count(*) FILTER (WHERE state = 0 AND fate IS NULL OR state = 2) AS unchanged,
        count(*) FILTER (WHERE state = 1) AS refused
    FROM import_row
""")
ABSENT = text("""
    SELECT count(*) FROM place WHERE dataset_id = :dataset
        AND id NOT IN (SELECT place_id FROM import_row WHERE place_id IS NOT NULL)
""")
