"""What an announcement of a case says: made from the case, so that nothing is typed twice; kept as JSON, and read back."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from geo_registry.cases import offices
from geo_registry.cases.announced import Announced, AnnouncedName, FormerName
from geo_registry.cases.queries import CaseRow, LineRow
from geo_registry.cases.terms import Due
from geo_registry.cases.wording import title_of
from geo_registry.db.session import ReadSession
from geo_registry.divisions import service as divisions
from geo_registry.divisions.queries import DivisionName
from geo_registry.divisions.rules import CODE_DIGITS, DIGITS_OF_LEVEL, parent_code_of, prefix_of
from geo_registry.places.romanisation.engine import romanise
from geo_registry.places.rules.findings import Basis
from geo_registry.vocabulary import Approver, DivisionLevel, Duty, LineState, NameAction, PartFate

COUNTY = DIGITS_OF_LEVEL[DivisionLevel.COUNTY]
CITY = DIGITS_OF_LEVEL[DivisionLevel.CITY]

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
    names = [_name(line, divided.get(line.division_code or "", "")) for line in told]
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
        basis=_basis(case, lines, dues),
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


def receiver_of(session: ReadSession, case: CaseRow) -> str:
    """With whom the approval is filed (art. 13), by name: the body above, or the civil-affairs body of the same level."""
    own = _government(session, case)
    if case.approver is Approver.DEPARTMENT:
        return f"{own.name}民政局"
    above = divisions.path_of(session, own.code)
    over = above[-1].name if above else ""
    if not over:
        return offices.filing_to(case.approver).zh
    if case.approver is Approver.GOVERNMENT:
        return f"{over}人民政府"
    return f"{over}民政{'厅' if len(above) == 1 else '局'}"


def receiving_division(session: ReadSession, case: CaseRow) -> str | None:
    """The code of the division whose civil-affairs body takes a case's filing in (art. 13); None where that is no division's."""
    if case.approver is Approver.STATE_DEPARTMENT:
        return None
    own = _government(session, case).code
    return own if case.approver is Approver.DEPARTMENT else parent_code_of(own)


def _of_the_government(session: ReadSession, case: CaseRow) -> str:
    return _government(session, case).name


def _government(session: ReadSession, case: CaseRow) -> DivisionName:
    """The city or the county whose government the case is of; a district is the city's (art. 12)."""
    code = prefix_of(case.division_code)[:COUNTY].ljust(CODE_DIGITS, "0")
    name = divisions.get_division(session, code).name if code != case.division_code else case.division_name
    own = DivisionName(code=code, name=name)
    if name.endswith("区") and len(prefix_of(code)) == COUNTY:
        city = code[:CITY].ljust(CODE_DIGITS, "0")
        return next((each for each in divisions.path_of(session, code) if each.code == city), own)
    return own


def _divisions_in_words(session: ReadSession, codes: set[str]) -> Mapping[str, str]:
    """Divisions as an announcement says them: from the county down."""
    words: dict[str, str] = {}
    for code in codes:
        path = divisions.path_to(session, code, divisions.get_division(session, code).name)
        words[code] = "".join(each.name for each in path if len(prefix_of(each.code)) >= COUNTY) or path[-1].name
    return words


def _name(line: LineRow, division: str) -> AnnouncedName:
    former = [FormerName(part.name, PartFate.ABSORBED) for part in line.absorbs]
    former += [FormerName(part.name, PartFate.SPLIT) for part in line.splits]
    if line.action in {NameAction.RENAME, NameAction.STANDARDISE} and line.place_name and line.place_name != line.name:
        former.insert(0, FormerName(line.place_name, PartFate.REPLACED))
    return AnnouncedName(
        name=line.name,
        place_class=line.place_class,
        action=line.action,
        romanized=line.romanized or romanise(line.name, line.place_class).romanized,
        former=former,
        division=division,
        division_code=line.division_code or "",
        position=_position(line, division),
        detail={key: value for key, value in line.known.items() if key != "description"},
        meaning=line.meaning,
        reason=line.origin,
        lon=round(line.lon, 6) if line.lon is not None else None,
        lat=round(line.lat, 6) if line.lat is not None else None,
        place_id=line.place,
        working=line.working,
    )


def _position(line: LineRow, division: str) -> str:
    """Where it lies, in words: as it is told, else where its middle lies; empty where nothing tells."""
    said = line.known.get("description")
    if isinstance(said, str) and said.strip():
        return said.strip()
    if line.lon is None or line.lat is None or any(line.known.get(end) for end in ("begins_at", "ends_at")):
        return ""
    return f"{division}，东经{line.lon:.4f}°，北纬{line.lat:.4f}°"


def _basis(case: CaseRow, lines: Sequence[LineRow], dues: Sequence[Due]) -> Sequence[Basis]:
    """What the decision stands on: who approves such names, and what asks for its announcement."""
    office = offices.approval_of(lines[0].place_class, case.division_code) if lines else None
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
