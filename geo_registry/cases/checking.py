"""The rule engine on every name of a case: against the registry, against the other names of the case, and what is settled."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import text

from geo_registry.cases import offices
from geo_registry.cases.queries import (
    CaseRow,
    ClearanceRow,
    ConsultationRow,
    LineRow,
    OpenName,
    case_with_id,
    clearances_of,
    consultations_of,
    lines_of,
    open_names_beside,
)
from geo_registry.db.session import ReadSession
from geo_registry.divisions.rules import DIGITS_OF_LEVEL, prefix_of
from geo_registry.places.checking import (
    DEGREE_M,
    MARGIN_DEG,
    Candidates,
    NameQuestion,
    Placed,
    check_placed,
    placed_all,
)
from geo_registry.places.rules.findings import Finding, Subject, found, in_order
from geo_registry.places.rules.surroundings import (
    OVER_M,
    SHARED_M,
    bound,
    end_findings,
    ends_of,
    overlap_findings,
    serial_of,
)
from geo_registry.text.homophones import homophone_key, syllables
from geo_registry.vocabulary import (
    ConsultationKind,
    DivisionLevel,
    FindingCode,
    LineState,
    NameAction,
    PlaceClass,
    Severity,
)

GIVES_A_NAME = frozenset({NameAction.NAME, NameAction.RENAME, NameAction.STANDARDISE})
"""What has a name checked that nobody bore yet as the standard one."""
OF_WHAT_IS_ADJUSTED = frozenset({FindingCode.GENERIC_SIZE, FindingCode.DATES, FindingCode.OUTSIDE})
"""What is looked at of a place that keeps its name: whether it fits what the place becomes."""
WITHOUT_ITS_NAME = frozenset({NameAction.RENAME, NameAction.STANDARDISE, NameAction.ABOLISH})
"""What leaves the name that a place bears now."""

# Streets of another name that lie along a line's: of the registry, and of the same case.
OVERLAPS = text("""
    WITH drawn AS MATERIALIZED (
        SELECT id, name, geom FROM case_name
        WHERE case_id = :case AND state <> 'struck' AND class = 'street' AND action <> 'abolish' AND geom IS NOT NULL
            AND ST_Dimension(geom) = 1
    ), other AS (
        SELECT one.id AS line, place.id, place.standard_name AS name, one.geom, place.geom AS beside
        FROM drawn AS one JOIN place ON place.geom && ST_Expand(one.geom, :over) AND place.class = 'street'
            AND place.state <> 'abolished' AND ST_Dimension(place.geom) = 1 AND place.standard_name <> one.name
            AND place.id <> ALL (CAST(:leave_out AS uuid[]))
        UNION ALL
        SELECT one.id, two.id, two.name, one.geom, two.geom
        FROM drawn AS one JOIN drawn AS two ON two.id <> one.id AND two.geom && ST_Expand(one.geom, :over) AND two.name <> one.name
    )
    SELECT line, id, name,
        ST_Length(CAST(ST_Intersection(geom, ST_Buffer(beside, :over, 'endcap=flat')) AS geography)) AS shared
    FROM other WHERE ST_DWithin(geom, beside, :over)
""")

# How far each end of a line is from the nearest street of the name that it is said to begin or to end at.
APART = text("""
    WITH called AS MATERIALIZED (
        SELECT id, standard_name AS name, geom FROM place
        WHERE standard_name = ANY (CAST(:streets AS text[])) AND geom && (
            SELECT ST_Expand(ST_SetSRID(CAST(ST_Extent(geom) AS geometry), 4490), :margin) FROM case_name
            WHERE id = ANY (CAST(:ids AS uuid[]))
        )
    ), own AS MATERIALIZED (
        SELECT id, name, geom FROM case_name
        WHERE case_id = :case AND name = ANY (CAST(:streets AS text[])) AND state <> 'struck' AND geom IS NOT NULL
    )
    SELECT asked.id, asked.field, asked.street, ending.number AS ending,
        min(ST_Distance(CAST(street.geom AS geography), CAST(ending.geom AS geography))) AS apart
    FROM unnest(CAST(:ids AS uuid[]), CAST(:fields AS text[]), CAST(:streets AS text[])) AS asked (id, field, street)
    JOIN case_name AS line ON line.id = asked.id
    CROSS JOIN LATERAL (
        SELECT geom FROM called
        WHERE called.name = asked.street AND called.geom && ST_Expand(line.geom, :margin) AND called.id IS DISTINCT FROM line.place_id
        UNION ALL
        SELECT geom FROM own WHERE own.name = asked.street AND own.id <> line.id
    ) AS street
    CROSS JOIN LATERAL (
        SELECT coalesce(path[1], 0) AS number, geom
        FROM ST_Dump(CASE ST_Dimension(line.geom) WHEN 1 THEN ST_Boundary(line.geom) ELSE line.geom END)
    ) AS ending
    GROUP BY asked.id, asked.field, asked.street, ending.number
""")


@dataclass(frozen=True, slots=True)
class LineFinding:
    """A finding about a line, and what settled it; None where nothing has."""

    finding: Finding
    cleared: ClearanceRow | None

    @property
    def other(self) -> str:
        """What it collides with, by name."""
        return self.finding.collides_with.name if self.finding.collides_with is not None else ""

    @property
    def counts(self) -> bool:
        """Whether a person has to do something about it: an error or a warning that nobody settled."""
        return self.cleared is None and self.finding.severity is not Severity.NOTE


def findings_of(
    session: ReadSession, case: UUID, *, noticed_on: date | None = None, only: Collection[UUID] | None = None
) -> Mapping[UUID, Sequence[LineFinding]]:
    """The findings about the lines of a case, by their ids, the weightiest first; a line without any has an empty list.

    Parameters
    ----------
    noticed_on
        The day of the notice or the approval, where there is one: what is said to be built later is told.
    only
        The lines that are asked about; the others are compared with them.
    """
    row = case_with_id(session, case)
    lines = [line for line in lines_of(session, case) if line.state is not LineState.STRUCK]
    asked = [line for line in lines if only is None or line.id in only]
    leave_out = frozenset(_left(lines))
    checked = [line for line in lines if line.action in GIVES_A_NAME or line.action is NameAction.ADJUST]
    located = placed_all(session, [(_question(line), line.place or line.id) for line in checked])
    subjects = {line.id: each for line, each in zip(checked, located, strict=True)}
    known = Candidates(session, [subjects[line.id] for line in asked if line.id in subjects])
    giving = [subjects[line.id] for line in checked if line.action in GIVES_A_NAME]
    beside = {each.line: each for each in open_names_beside(session, case, _around(row))}
    heard: dict[str, list[Placed]] = {}
    for each in (*giving, *_beside(session, beside.values(), {_sound(one.subject) for one in giving})):
        heard.setdefault(_sound(each.subject), []).append(each)
    numbered = _numbered(giving)
    apart = _ends(session, case, asked)
    overlaps = _overlaps(session, case, leave_out | {line.place for line in lines if line.place is not None})
    settled = _settled(clearances_of(session, case))
    consulted = [each for each in consultations_of(session, case) if each.kind is ConsultationKind.NOTICE]
    answered: dict[UUID, Sequence[LineFinding]] = {}
    for line in asked:
        findings: list[Finding] = [*_of_the_case(row, line, consulted)]
        one = subjects.get(line.id)
        if one is not None:
            serial = serial_of(line.name)
            of_name = check_placed(
                session,
                one,
                besides=[each.subject for each in heard.get(_sound(one.subject), ()) if each is not one],
                serials=numbered.get((serial.before, serial.generic), ()) if serial is not None else (),
                leave_out=leave_out | ({line.place} if line.place is not None else set()),
                noticed_on=noticed_on,
                known=known,
            )
            gives = line.action in GIVES_A_NAME
            findings += [_told(each, beside) for each in of_name if gives or each.code in OF_WHAT_IS_ADJUSTED]
        findings += overlap_findings(overlaps.get(line.id, ()))
        findings += end_findings(bound(apart.get(line.id, {})))
        answered[line.id] = [LineFinding(each, settled.get(_key(line, each))) for each in in_order(findings)]
    return answered


def _around(row: CaseRow) -> str:
    """The county that a case's names could collide in; of a city's case all of the city."""
    return prefix_of(row.division_code)[: DIGITS_OF_LEVEL[DivisionLevel.COUNTY]]


def _beside(session: ReadSession, names: Iterable[OpenName], sounds: Collection[str]) -> Sequence[Placed]:
    """Names that other cases are to give and that sound like one of this case's, with where they lie."""
    alike = [
        (
            NameQuestion(
                name=each.name,
                place_class=each.place_class,
                division=each.division_code,
                lon=each.lon,
                lat=each.lat,
                detail=each.detail,
            ),
            each.line,
        )
        for each in names
        if homophone_key(syllables(each.name)) in sounds
    ]
    return placed_all(session, alike)


def _told(finding: Finding, beside: Mapping[UUID, OpenName]) -> Finding:
    """A collision with a name of another case says of which."""
    other = finding.collides_with
    case = beside.get(other.id) if other is not None and other.id is not None else None
    if other is None or case is None:
        return finding
    zh, en = f"{other.name}（事项 {case.number}）", f"{other.name} (case {case.number})"
    details = {**finding.details, "other": zh, "other_en": en}
    return replace(finding, details=details, collides_with=replace(other, id=None, name=zh))


def _of_the_case(row: CaseRow, line: LineRow, consulted: Sequence[ConsultationRow]) -> Iterator[Finding]:
    """What only the case tells: who approves a name of the class, and whether the public was asked about it."""
    office = offices.approval_of(line.place_class)
    if (
        line.action in GIVES_A_NAME
        and office is not None
        and office.approver is not None
        and office.approver is not row.approver
    ):
        yield found(
            FindingCode.APPROVER,
            basis=office.basis,
            kind=line.place_class.zh,
            kind_en=line.place_class.en,
            office=office.zh,
            office_en=office.en,
            approver=row.approver.zh,
            approver_en=row.approver.en,
        )
    over = [each for each in consulted if each.closed_on is not None]
    if line.action in GIVES_A_NAME and over and all(name["name"] != line.name for name in over[-1].names):
        yield found(FindingCode.CHANGED, closed=str(over[-1].closed_on))


def _question(line: LineRow) -> NameQuestion:
    return NameQuestion(
        name=line.name,
        place_class=line.place_class,
        division=line.division_code,
        lon=line.lon,
        lat=line.lat,
        detail=line.detail,
    )


def _left(lines: Iterable[LineRow]) -> Iterable[UUID]:
    """Places that won't bear the name any more that they bear now."""
    for line in lines:
        yield from (each.id for each in (*line.absorbs, *line.splits))
        if line.place is not None and line.action in WITHOUT_ITS_NAME:
            yield line.place


def _sound(subject: Subject) -> str:
    return homophone_key(syllables(subject.name))


def _numbered(subjects: Iterable[Placed]) -> Mapping[tuple[str, str], Sequence[str]]:
    """The names of the case that belong to a numbered series, by the series."""
    series: dict[tuple[str, str], list[str]] = {}
    for each in subjects:
        serial = serial_of(each.subject.name)
        if serial is not None:
            series.setdefault((serial.before, serial.generic), []).append(each.subject.name)
    return series


def _overlaps(
    session: ReadSession, case: UUID, leave_out: Collection[UUID]
) -> Mapping[UUID, Sequence[tuple[Subject, float]]]:
    asked = {"case": case, "over": OVER_M / DEGREE_M, "leave_out": list(leave_out)}
    by_line: dict[UUID, list[tuple[Subject, float]]] = {}
    for row in session.execute(OVERLAPS, asked):
        if row.shared >= SHARED_M:
            other = Subject(name=row.name, place_class=PlaceClass.STREET, id=row.id)
            by_line.setdefault(row.line, []).append((other, row.shared))
    return by_line


def _ends(
    session: ReadSession, case: UUID, lines: Iterable[LineRow]
) -> Mapping[UUID, Mapping[str, tuple[str, Mapping[int, float]]]]:
    """How far the ends of streets are from what they are said to begin and to end at, as `bound` takes it."""
    asked = [
        (line.id, end, street)
        for line in lines
        if line.place_class is PlaceClass.STREET and line.geometry is not None
        for end, street in ends_of(Subject(line.name, PlaceClass.STREET, detail=line.detail)).items()
    ]
    if not asked:
        return {}
    ids, fields, streets = ([each[column] for each in asked] for column in range(3))
    rows = session.execute(
        APART, {"case": case, "ids": ids, "fields": fields, "streets": streets, "margin": MARGIN_DEG}
    )
    apart: dict[UUID, dict[str, tuple[str, dict[int, float]]]] = {}
    for row in rows:
        if row.apart is not None and math.isfinite(row.apart):
            _, measured = apart.setdefault(row.id, {}).setdefault(row.field, (row.street, {}))
            measured[row.ending] = row.apart
    return apart


def _settled(clearances: Iterable[ClearanceRow]) -> Mapping[tuple[UUID, str, str, str], ClearanceRow]:
    return {(each.line, each.name, each.code, each.collides_name): each for each in clearances}


def _key(line: LineRow, finding: Finding) -> tuple[UUID, str, str, str]:
    other = finding.collides_with.name if finding.collides_with is not None else ""
    return line.id, line.name, finding.code.value, other
