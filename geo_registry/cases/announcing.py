"""What an announcement of a case says: made from the case, so that nothing is typed twice; kept as JSON, and read back."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from geo_registry.cases import offices, queries
from geo_registry.cases.announced import GIVEN, Announced, AnnouncedName, FormerName
from geo_registry.cases.queries import CaseRow, LineRow
from geo_registry.cases.terms import Due
from geo_registry.cases.wording import title_of
from geo_registry.db.session import ReadSession
from geo_registry.divisions import service as divisions
from geo_registry.divisions.rules import CODE_DIGITS, DIGITS_OF_LEVEL, prefix_of
from geo_registry.places.queries import PlaceRow, rows_with_ids
from geo_registry.places.romanisation.engine import romanise
from geo_registry.places.rules.findings import Basis
from geo_registry.vocabulary import Approver, DivisionLevel, Duty, LineState, NameAction, PartFate

COUNTY = DIGITS_OF_LEVEL[DivisionLevel.COUNTY]
CITY = DIGITS_OF_LEVEL[DivisionLevel.CITY]

GETS_ANOTHER = frozenset({NameAction.RENAME, NameAction.STANDARDISE})
"""What gives a place another name than it bears."""

_CONTENT = TypeAdapter(Announced)


def as_content(announced: Announced) -> dict[str, Any]:
    """An announcement as it is kept."""
    content: dict[str, Any] = _CONTENT.dump_python(announced, mode="json")
    return content


def from_content(content: Mapping[str, Any]) -> Announced:
    """An announcement as it was kept."""
    return _CONTENT.validate_python(content)


def announced_of(
    session: ReadSession,
    case: CaseRow,
    lines: Sequence[LineRow],
    dues: Sequence[Due],
    *,
    on: date | None = None,
    number: str = "",
    title: str = "",
    office: str = "",
    paragraphs: Sequence[str] = (),
    corrects: str | None = None,
    reason: str = "",
    locale: str = "zh-CN",
) -> Announced:
    """The announcement of a case's names that are, or are to be, in force."""
    told = [line for line in lines if line.state is not LineState.STRUCK]
    divided = _divisions_in_words(session, {line.division_code for line in told if line.division_code})
    borne = rows_with_ids(session, {line.place for line in told if line.place is not None})
    before = _names_before(session, case, told)
    names = [
        _name(
            line,
            divided.get(line.division_code or "", ""),
            borne.get(line.place) if line.place else None,
            before.get(line.id),
        )
        for line in told
    ]
    office = office or office_of(session, case)
    return Announced(
        title=title or title_of(office, names, locale, corrects=corrects is not None),
        office=office,
        names=names,
        number=number,
        announced_on=on,
        approving_body=body_of(session, case),
        approved_on=case.approved_on,
        approval_number=case.approval_number,
        basis=_basis(lines, dues),
        paragraphs=paragraphs,
        synthetic=case.synthetic,
        corrects=corrects,
        reason=reason,
    )


def body_of(session: ReadSession, case: CaseRow) -> str:
    """The body that approves, by its name; where none was given, that of the case's county or city."""
    if case.approving_body:
        return case.approving_body
    name = _of_the_government(session, case)
    return {
        Approver.GOVERNMENT: f"{name}人民政府",
        Approver.CIVIL_AFFAIRS: f"{name}民政局",
    }.get(case.approver, f"{name}有关部门")


def office_of(session: ReadSession, case: CaseRow) -> str:
    """Who announces: the civil-affairs body of the level that approved (art. 14)."""
    return f"{_of_the_government(session, case)}民政局"


def _of_the_government(session: ReadSession, case: CaseRow) -> str:
    """The city or the county whose government the case is of; a district is the city's (art. 12)."""
    code = prefix_of(case.division_code)[:COUNTY].ljust(CODE_DIGITS, "0")
    name = divisions.get_division(session, code).name if code != case.division_code else case.division_name
    if name.endswith("区") and len(prefix_of(code)) == COUNTY:
        city = code[:CITY].ljust(CODE_DIGITS, "0")
        above = divisions.path_of(session, code)
        return next((each.name for each in above if each.code == city), name)
    return name


def _divisions_in_words(session: ReadSession, codes: set[str]) -> Mapping[str, str]:
    """Divisions as an announcement says them: from the county down."""
    words: dict[str, str] = {}
    for code in codes:
        path = divisions.path_to(session, code, divisions.get_division(session, code).name)
        words[code] = "".join(each.name for each in path if len(prefix_of(each.code)) >= COUNTY) or path[-1].name
    return words


def _names_before(session: ReadSession, case: CaseRow, lines: Sequence[LineRow]) -> Mapping[UUID, str]:
    """What is, or was, called otherwise until the decision, by the lines' ids."""
    renamed = {line.id: line for line in lines if line.place is not None and line.action in GETS_ANOTHER}
    ended: Mapping[UUID, str] = {}
    if case.approved_on is not None:
        ended = queries.names_ended(session, {line.place for line in renamed.values() if line.place}, case.approved_on)
    names = {
        line_id: ended.get(line.place) if line.state is LineState.IN_FORCE and line.place else line.place_name
        for line_id, line in renamed.items()
    }
    return {line_id: name for line_id, name in names.items() if name and name != renamed[line_id].name}


def _name(line: LineRow, division: str, place: PlaceRow | None, before: str | None) -> AnnouncedName:
    """A line as it is announced: what it doesn't say of a place that stays is as it is."""
    former = [FormerName(before, PartFate.REPLACED)] if before is not None else []
    former += [FormerName(part.name, PartFate.ABSORBED) for part in line.absorbs]
    former += [FormerName(part.name, PartFate.SPLIT) for part in line.splits]
    known = place if line.action in GIVEN else None
    detail = {**(known.detail if known is not None else {}), **line.detail}
    lon, lat = line.lon, line.lat
    if lon is None and known is not None:
        lon, lat = known.lon, known.lat
    return AnnouncedName(
        name=line.name,
        place_class=line.place_class,
        action=line.action,
        romanized=line.romanized or romanise(line.name, line.place_class).romanized,
        former=former,
        division=division,
        division_code=line.division_code or "",
        position=_position(detail, lon, lat, division),
        detail={key: value for key, value in detail.items() if key != "description"},
        meaning=line.meaning,
        reason=line.origin,
        lon=round(lon, 6) if lon is not None else None,
        lat=round(lat, 6) if lat is not None else None,
        place_id=line.place,
    )


def _position(detail: Mapping[str, object], lon: float | None, lat: float | None, division: str) -> str:
    """Where it lies, in words: as it is told, else where its middle lies; empty where nothing tells."""
    said = detail.get("description")
    if isinstance(said, str) and said.strip():
        return said.strip()
    if lon is None or lat is None or any(detail.get(end) for end in ("begins_at", "ends_at")):
        return ""
    return f"{division}，东经{lon:.4f}°，北纬{lat:.4f}°"


def _basis(lines: Sequence[LineRow], dues: Sequence[Due]) -> Sequence[Basis]:
    """What the decision stands on: who approves such names, and what asks for its announcement."""
    office = offices.approval_of(lines[0].place_class) if lines else None
    found = [office.basis] if office is not None else []
    found += [due.term.basis for due in dues if due.duty is Duty.ANNOUNCEMENT and due.term is not None]
    return list(dict.fromkeys(found))


def in_public(names: Sequence[AnnouncedName]) -> list[dict[str, Any]]:
    """Names as a consultation tells of them."""
    adapter = TypeAdapter(list[AnnouncedName])
    told: list[dict[str, Any]] = adapter.dump_python(list(names), mode="json")
    return told


def from_public(names: Sequence[Mapping[str, Any]]) -> Sequence[AnnouncedName]:
    """Names as a consultation told of them."""
    return TypeAdapter(list[AnnouncedName]).validate_python(list(names))
