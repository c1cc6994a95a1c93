"""What an announcement of a case says: made from the case, so that nothing is typed twice; kept as JSON, and read back."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from geo_registry.cases import offices
from geo_registry.cases.announced import Announced, AnnouncedName, FormerName
from geo_registry.cases.checking import GIVES_A_NAME
from geo_registry.cases.queries import CaseRow, LineRow
from geo_registry.cases.terms import Due
from geo_registry.cases.wording import sides_between, title_of
from geo_registry.db.session import ReadSession
from geo_registry.divisions import service as divisions
from geo_registry.divisions.queries import DivisionName
from geo_registry.divisions.rules import CODE_DIGITS, DIGITS_OF_LEVEL, parent_code_of, prefix_of
from geo_registry.places import service as places
from geo_registry.places.queries import NameRow
from geo_registry.places.romanisation.engine import romanise
from geo_registry.places.rules.findings import Basis
from geo_registry.vocabulary import Approver, DivisionLevel, Duty, LineState, NameAction, PartFate

COUNTY = DIGITS_OF_LEVEL[DivisionLevel.COUNTY]
CITY = DIGITS_OF_LEVEL[DivisionLevel.CITY]

_CONTENT = TypeAdapter(Announced)

SEAT = re.compile("(?:村民委员会|村委会|居民委员会|居委会)$")
"""What a committee's name ends with."""


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
    channels: str = "",
    corrects: str | None = None,
    reason: str = "",
    locale: str = "zh-CN",
) -> Announced:
    """The announcement of a case's names that are, or are to be, in force: those that are as the registry has them corrected."""
    told = [line for line in lines if line.state is not LineState.STRUCK]
    divided = _divisions_in_words(session, {line.division_code for line in told if line.division_code})
    held = held_of(told, known_of(session, told))
    names = [_name(line, divided.get(line.division_code or "", ""), held.get(line.id)) for line in told]
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
        basis=_basis(case, told, dues),
        paragraphs=paragraphs,
        channels=channels,
        synthetic=case.synthetic,
        corrects=corrects,
        reason=reason,
    )


def body_of(session: ReadSession, case: CaseRow) -> str:
    """The body that approves, by its name; where none was given, that of the case's county or city.

    Empty where nothing tells which it is: of several departments, or where the city of a district isn't registered.
    """
    own = _government(session, case)
    if case.approving_body or own is None:
        return case.approving_body
    return {Approver.GOVERNMENT: f"{own.name}人民政府", Approver.CIVIL_AFFAIRS: f"{own.name}民政局"}.get(
        case.approver, ""
    )


def office_of(session: ReadSession, case: CaseRow) -> str:
    """Who announces: the civil-affairs body of the level that approved (art. 14); empty where the city isn't registered."""
    own = _government(session, case)
    return f"{own.name}民政局" if own is not None else ""


def receiver_of(session: ReadSession, case: CaseRow) -> str:
    """With whom the approval is filed (art. 13), by name: the body above, or the civil-affairs body of the same level."""
    own = _government(session, case)
    if own is None:
        return offices.filing_to(case.approver).zh
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
    own = _government(session, case)
    if own is None or case.approver is Approver.STATE_DEPARTMENT:
        return None
    return own.code if case.approver is Approver.DEPARTMENT else parent_code_of(own.code)


def _government(session: ReadSession, case: CaseRow) -> DivisionName | None:
    """The city or the county whose government the case is of.

    A district is the city's (art. 12 (5)) and never approves for itself: None where the city isn't registered.
    """
    code = prefix_of(case.division_code)[:COUNTY].ljust(CODE_DIGITS, "0")
    name = divisions.get_division(session, code).name if code != case.division_code else case.division_name
    own = DivisionName(code=code, name=name)
    if name.endswith("区") and len(prefix_of(code)) == COUNTY:
        city = code[:CITY].ljust(CODE_DIGITS, "0")
        return next((each for each in divisions.path_of(session, code) if each.code == city), None)
    return own


def _divisions_in_words(session: ReadSession, codes: set[str]) -> Mapping[str, str]:
    """Divisions as an announcement says them: from the county down."""
    words: dict[str, str] = {}
    for code in codes:
        path = divisions.path_to(session, code, divisions.get_division(session, code).name)
        words[code] = (
            "".join(_locality(each.name) for each in path if len(prefix_of(each.code)) >= COUNTY) or path[-1].name
        )
    return words


def _locality(name: str) -> str:
    """Where something lies, and not who governs there: ``雅上店村村委会`` is 雅上店村, ``三路口社区居委会`` 三路口社区."""
    short = SEAT.sub("", name)
    return f"{short}村" if short != name and name[len(short)] == "村" and not short.endswith("村") else short


def known_of(session: ReadSession, lines: Sequence[LineRow]) -> Mapping[UUID, Sequence[NameRow]]:
    """All names of the places that lines are about, by the places."""
    return places.names_of_places(session, {line.place for line in lines if line.place is not None})


def held_of(lines: Sequence[LineRow], known: Mapping[UUID, Sequence[NameRow]]) -> Mapping[UUID, NameRow]:
    """The standard names that the places of lines bear, or bore, in the characters of each line, by the lines' ids.

    `known` is what `known_of` answers of them.
    """
    held: dict[UUID, NameRow] = {}
    for line in lines:
        rows = known.get(line.place, ()) if line.place is not None else ()
        mine = next((row for row in rows if row.is_standard and row.name == line.name), None)
        if mine is not None:
            held[line.id] = mine
    return held


def _name(line: LineRow, division: str, held: NameRow | None = None) -> AnnouncedName:
    former = [FormerName(part.name, PartFate.ABSORBED) for part in line.absorbs]
    former += [FormerName(part.name, PartFate.SPLIT) for part in line.splits]
    if line.action in {NameAction.RENAME, NameAction.STANDARDISE} and line.place_name and line.place_name != line.name:
        former.insert(0, FormerName(line.place_name, PartFate.REPLACED))
    in_force = line.state is LineState.IN_FORCE
    spelt = (held.romanized if held is not None else None) or ""
    # What a decision says of its name is the name's from then on, and is corrected there.
    own = held if held is not None and in_force and line.action in GIVES_A_NAME else line
    return AnnouncedName(
        name=line.name,
        place_class=line.place_class,
        action=line.action,
        romanized=(spelt if in_force else line.romanized or spelt) or romanise(line.name, line.place_class).romanized,
        former=former,
        division=division,
        division_code=line.division_code or "",
        position=_position(line, division),
        sides=sides_between(*line.ends, course=line.known.get("direction")) if line.ends is not None else None,
        detail={key: value for key, value in line.known.items() if key != "description"},
        meaning=own.meaning,
        reason=own.origin,
        lon=round(line.lon, 6) if line.lon is not None else None,
        lat=round(line.lat, 6) if line.lat is not None else None,
        place_id=line.place,
        working=line.working,
        geometry=dict(line.geometry) if line.geometry is not None else None,
        code=line.national_code or "",
    )


def _position(line: LineRow, division: str) -> str:
    """Where it lies, in words: as it is told, else where its middle lies; empty where nothing tells."""
    said = line.known.get("description")
    if isinstance(said, str) and said.strip():
        return said.strip()
    if line.lon is None or line.lat is None or any(line.known.get(end) for end in ("begins_at", "ends_at")):
        return ""
    return f"{division}，东经{_in_seconds(line.lon)}，北纬{_in_seconds(line.lat)}"


def _in_seconds(degrees: float) -> str:
    """Degrees, minutes and whole seconds: ``119°36′47″``."""
    seconds = round(abs(degrees) * 3600)
    return f"{seconds // 3600}°{seconds // 60 % 60:02d}′{seconds % 60:02d}″"


def _basis(case: CaseRow, lines: Sequence[LineRow], dues: Sequence[Due]) -> Sequence[Basis]:
    """What the decisions stand on, each of its own article, and what asks for their announcement."""
    kinds = dict.fromkeys((line.action, line.place_class) for line in lines)
    found = [basis for each in kinds for basis in offices.bases_of(*each, case.division_code)]
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
