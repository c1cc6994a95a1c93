"""Taking over what exists, as cases that are decided on already: nothing of the places is changed, nothing falls due (ADR 0077).

A dataset of places is one case, whose names are the dataset's places; a place that is registered by hand and what was decided
on before are cases with lines. What nobody knows of them, the number of an approval for one, stays unknown.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from uuid import UUID

from geo_registry.cases import announcing, queries, writing
from geo_registry.cases.inputs import DecidedName, TakenOver
from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.divisions import service as divisions
from geo_registry.divisions.queries import DivisionRow
from geo_registry.divisions.rules import CODE_DIGITS, DIGITS_OF_LEVEL, home_code, prefix_of
from geo_registry.errors import DivisionUnknown
from geo_registry.model import CaseName, NameDecision, NamingCase
from geo_registry.places import service as places
from geo_registry.places.queries import PlaceRow
from geo_registry.settings import get_settings
from geo_registry.vocabulary import (
    Approver,
    CaseKind,
    CaseOrigin,
    CaseState,
    DutyState,
    LineState,
    NameAction,
    PlaceClass,
    PositionQuality,
)

LEVELS = sorted(DIGITS_OF_LEVEL.values(), reverse=True)
"""Digits of a division's code, the smallest divisions first."""


def record_dataset(session: WriteSession, dataset: UUID, *, synthetic: bool = False) -> UUID | None:
    """The case by which a dataset of places is taken over, opened where there is none; None where no division is registered.

    Who may was asked by whoever writes the places.
    """
    known = queries.case_taking_over(session, dataset)
    if known is not None:
        return known
    division = smallest_holding(session, queries.codes_of_dataset(session, dataset))
    if division is None:
        return None
    title = f"接收既有地名：{queries.name_of_dataset(session, dataset)}"
    record = _decided(session, CaseKind.NAMING, title, division, synthetic=synthetic)
    record.dataset_id = dataset
    session.flush()
    return record.id


def record_place(session: WriteSession, place: UUID) -> UUID | None:
    """The case by which a place that was registered by hand is taken over; None where no division is registered.

    Who may was asked by whoever registers the place.
    """
    row = places.get_place(session, place)
    division = smallest_holding(session, [row.division_code])
    if division is None:
        return None
    synthetic = row.position_quality == PositionQuality.SYNTHETIC.value
    record = _decided(session, CaseKind.NAMING, f"接收既有地名：{row.name}", division, synthetic=synthetic)
    _add_names(session, record, division, [DecidedName(place=place)], {place: row})
    return record.id


def record_decided(session: WriteSession, taken: TakenOver, division: DivisionRow) -> UUID:
    """The case of what was decided on before; who may was asked before.

    Raises
    ------
    PlaceUnknown, CaseElsewhere
        A place isn't there, or lies outside the division.
    """
    known = places.get_places(session, {each.place for each in taken.names})
    for row in known.values():
        if row.division_code is not None:
            writing.refuse_elsewhere(row.name, row.division_code, division)
    record = _decided(session, taken.kind, taken.title, division)
    if taken.approver is not None:
        record.approver = taken.approver.value
        session.flush()
        record.approving_body = taken.approving_body or announcing.body_of(
            session, queries.case_with_id(session, record.id)
        )
    record.approved_on, record.approval_number = taken.approved_on, taken.approval_number
    record.filed_on, record.filing_number = taken.filed_on, taken.filing_number
    record.announced_on = taken.announced_on
    record.filing = DutyState.DONE.value if taken.filed_on is not None else None
    record.announcing = DutyState.DONE.value if taken.announced_on is not None else None
    _add_names(session, record, division, taken.names, known)
    return record.id


def smallest_holding(session: ReadSession, codes: Iterable[str | None]) -> DivisionRow | None:
    """The smallest registered division that holds all of those codes, else the registry's own; None where none is registered.

    What lies in none is held by the registry's own alone: that of its settings, else the first and greatest that there is.
    """
    known = [*codes]
    given = [prefix_of(code) for code in known if code is not None]
    common = _common(given) if given and len(given) == len(known) else ""
    home = prefix_of(code) if (code := home_code(get_settings().home_division)) else ""
    for prefix in (common, home, queries.first_division(session)):
        for digits in LEVELS:
            if len(prefix) >= digits and (found := _registered(session, prefix[:digits])) is not None:
                return found
    return None


def _common(codes: Sequence[str]) -> str:
    """The digits that all codes begin with: those of the least and the greatest."""
    least, greatest = min(codes), max(codes)
    same = takewhile(lambda pair: pair[0] == pair[1], zip(least, greatest, strict=False))
    return "".join(digit for digit, _ in same)


def _registered(session: ReadSession, prefix: str) -> DivisionRow | None:
    try:
        return divisions.get_division(session, prefix.ljust(CODE_DIGITS, "0"))
    except DivisionUnknown:
        return None


def _decided(
    session: WriteSession, kind: CaseKind, title: str, division: DivisionRow, *, synthetic: bool = False
) -> NamingCase:
    """A case that is approved, by whom and when nobody knows as yet."""
    record = NamingCase(
        number=writing.number_of_new(session, division),
        kind=kind.value,
        title=title,
        division_id=division.id,
        origin=CaseOrigin.TAKEN_OVER.value,
        # The column asks for one: without the name of a body it is told as unknown (`CaseRow.known_approver`).
        approver=Approver.GOVERNMENT.value,
        # What is taken over into a registry of examples is an example.
        synthetic=synthetic or division.position_quality == PositionQuality.SYNTHETIC.value,
        state=CaseState.APPROVED.value,
        turns=1,
    )
    session.add(record)
    session.flush()
    return record


def _add_names(
    session: WriteSession,
    record: NamingCase,
    division: DivisionRow,
    names: Sequence[DecidedName],
    known: Mapping[UUID, PlaceRow],
) -> None:
    """Write the names of what was decided on, in force since then, and what everybody may know of it."""
    homes = {division.code: division.id}
    for position, each in enumerate(names, start=1):
        row = known[each.place]
        code = row.division_code or division.code
        if code not in homes:
            homes[code] = divisions.get_division(session, code).id
        name = each.name or row.name
        session.add(
            CaseName(
                case_id=record.id,
                position=position,
                action=each.action.value,
                place_id=each.place,
                name=name,
                former=each.former or (name if each.action is not NameAction.NAME else ""),
                place_class=PlaceClass.of(row.place_class).value,
                division_id=homes[code],
                state=LineState.IN_FORCE.value,
            )
        )
        session.add(
            NameDecision(
                case_id=record.id,
                place_id=each.place,
                name=name,
                action=each.action.value,
                body=record.approving_body,
                approved_on=record.approved_on,
                approval_number=record.approval_number,
                filed_on=record.filed_on,
                filing_number=record.filing_number,
                announced_on=record.announced_on,
            )
        )
    session.flush()
