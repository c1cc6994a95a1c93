"""What the rules of names say of names that were taken over: warnings in the report, which refuse nothing."""

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import Text, Uuid, literal_column, select, text
from sqlalchemy.sql import column, table

from geo_registry.db.copying import Value, copy_rows
from geo_registry.db.session import WriteSession
from geo_registry.jobs.progress import Progress
from geo_registry.places.reviewing import Found, findings_among
from geo_registry.search import keeping

_COLUMNS = ("record_id", "name", "other_id", "rule", "details")
FINDINGS = (
    text("DROP TABLE IF EXISTS pg_temp.import_finding"),
    text("""
        CREATE TEMPORARY TABLE import_finding (record_id uuid, name text, other_id uuid, rule text, details jsonb)
        ON COMMIT DROP
    """),
)
# Of what a person cleared once nothing is told again. What another row of the file bears is told with its number.
TELL = text("""
    INSERT INTO import_problem
    SELECT own.number, :column, found.name, 'name-rule', jsonb_strip_nulls(found.details || jsonb_build_object(
        'other_row', CAST(other.number AS text),
        'row_zh', CASE WHEN other.number IS NULL THEN '' ELSE '，即本文件第 ' || other.number || ' 行' END,
        'row_en', CASE WHEN other.number IS NULL THEN '' ELSE ', row ' || other.number || ' of this file' END))
    FROM import_finding AS found
    JOIN import_row AS own ON own.place_id = found.record_id AND own.entry = '' AND own.state = 0
    LEFT JOIN import_row AS other ON other.place_id = found.other_id AND other.entry = '' AND other.state = 0
    WHERE NOT EXISTS (
        SELECT FROM finding_clearance AS cleared
        WHERE cleared.place_id = found.record_id AND NOT cleared.withdrawn AND cleared.code = found.rule
            AND cleared.name = found.name AND cleared.collides_with IS NOT DISTINCT FROM found.other_id
            AND (found.other_id IS NULL OR cleared.collides_name = found.details ->> 'other_name'))
        AND NOT EXISTS (
        SELECT FROM finding_clearance AS cleared
        WHERE cleared.collides_with = found.record_id AND NOT cleared.withdrawn AND cleared.code = found.rule
            AND cleared.collides_name = found.name AND coalesce(cleared.place_id, cleared.division_id) = found.other_id
            AND cleared.name = found.details ->> 'other_name')
""")
INDEX = (
    text("CREATE INDEX ON import_finding (record_id)"),
    text("CREATE INDEX ON import_row (place_id)"),
    text("ANALYZE pg_temp.import_finding"),
    text("ANALYZE pg_temp.import_row"),
)


def tell_findings(session: WriteSession, name_column: str, progress: Progress) -> None:
    """Check the names of the places that the staged rows are of, against all names and one another.

    Parameters
    ----------
    session
        The import's unit of work, its rows settled.
    name_column
        The file's column that the report names.
    progress
        Called with the steps ``keys``, ``names`` and ``surroundings``.
    """
    keeping.make_now(session, progress)
    rows = table("import_row", column("place_id", Uuid), column("entry", Text), column("state"))
    places = select(rows.c.place_id).distinct().where(rows.c.entry == "", rows.c.state == literal_column("0"))
    for statement in FINDINGS:
        session.execute(statement)
    for batch in findings_among(session, places, progress):
        copy_rows(session, "import_finding", _COLUMNS, _staged(batch))
    for statement in INDEX:
        session.execute(statement)
    session.execute(TELL, {"column": name_column})


def _staged(batch: Sequence[Found]) -> Iterator[Sequence[Value]]:
    for subject, finding in batch:
        other = finding.collides_with
        cited = finding.basis.cited
        details = {
            "rule": finding.code.value,
            "severity": finding.severity.value,
            "article": cited,
            "zh": f"{finding.message('zh')}（{cited}）",
            "en": f"{finding.message('en')} ({cited})",
        }
        if other is not None:
            told = {
                "name": other.name,
                "id": str(other.id) if other.id is not None else None,
                "division": other.division,
                "distance_m": str(other.distance_m) if other.distance_m is not None else None,
            }
            details |= {f"other_{key}": value for key, value in told.items() if value is not None}
            details["zh"] += _where_zh(other.division, other.distance_m)
            details["en"] += _where_en(other.division, other.distance_m)
        yield (
            str(subject.id),
            subject.name,
            str(other.id) if other is not None and other.id is not None else None,
            finding.code.value,
            json.dumps(details, ensure_ascii=False),
        )


def _where_zh(division: str | None, distance_m: int | None) -> str:
    said = [f"对方在 {division}" if division else "", f"相距 {distance_m} 米" if distance_m is not None else ""]
    return "".join(f"；{each}" if at == 0 else f"，{each}" for at, each in enumerate(filter(None, said)))


def _where_en(division: str | None, distance_m: int | None) -> str:
    said = [f"it lies in {division}" if division else "", f"{distance_m} m away" if distance_m is not None else ""]
    return "".join(f"; {each}" if at == 0 else f", {each}" for at, each in enumerate(filter(None, said)))
