"""How cases are written: numbers, lines, steps, and what steps come to; who may was asked before."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from geoalchemy2.shape import from_shape

from geo_registry import clock
from geo_registry.cases import offices, queries
from geo_registry.cases.inputs import MOST_NAMES, LineChange, NewLine
from geo_registry.cases.lifecycle import Apart, Case, Event, advance
from geo_registry.cases.queries import CaseRow, StepRow
from geo_registry.cases.terms import Due, dues
from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.divisions import service as divisions
from geo_registry.divisions.queries import DivisionRow
from geo_registry.divisions.rules import DIGITS_OF_LEVEL, contains, prefix_of
from geo_registry.errors import (
    CaseApproverNeeded,
    CaseElsewhere,
    CaseNotOpen,
    CasePlaceAbolished,
    CasePlacePending,
    CasePlaceTwice,
    CaseTooLarge,
    PlaceUnsound,
)
from geo_registry.model import CaseName, CaseStepTaken, NamingCase
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.places import details
from geo_registry.places import service as places
from geo_registry.places.inputs import shape_of
from geo_registry.places.queries import PlaceRow, division_at, divisions_at
from geo_registry.places.romanisation.engine import romanise
from geo_registry.places.romanisation.overriding import with_override
from geo_registry.settings import get_settings
from geo_registry.vocabulary import (
    Approver,
    CaseState,
    CaseStep,
    DivisionLevel,
    Duty,
    DutyState,
    LineState,
    NameAction,
    PlaceClass,
    PlaceState,
    RomanizedBy,
)

COUNTY = DIGITS_OF_LEVEL[DivisionLevel.COUNTY]
KEEPS_ITS_NAME = frozenset({NameAction.ADJUST, NameAction.ABOLISH, NameAction.LIST})
"""What leaves a place the name that it has, or had."""
BEFORE_HANDLING = frozenset({CaseState.DRAFT, CaseState.RETURNED})
"""States in which whoever applies may change what they applied for."""
IN_THE_OFFICE = frozenset({CaseState.SUBMITTED, CaseState.CHECKED})
"""States in which whoever handles the case may."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands, with what it has still to do and by when."""

    case: Case
    dues: Sequence[Due]


def today() -> date:
    """The date that it is where the registry is."""
    return clock.today(get_settings().zone)


def number_of_new(session: WriteSession, division: DivisionRow) -> str:
    """The number of a new case: its county's or city's code, the year, a serial."""
    return queries.next_number(session, f"{prefix_of(division.code)[:COUNTY]}-{today().year}-")


def approver_of(
    said: Approver | None, lines: Sequence[NewLine], classes: Sequence[PlaceClass], division_code: str
) -> Approver:
    """Who approves: as it is said, or as article 12 has it of the class of the first name; without names, the government.

    Raises
    ------
    CaseApproverNeeded
        Nobody says, and the article leaves it to other rules.
    """
    if said is not None:
        return said
    if not lines:
        # Most names are streets'; that another body approves a class is found of its first name (`approver-unfit`).
        return Approver.GOVERNMENT
    office = offices.approval_of(classes[0], division_code)
    if office is not None and office.approver is not None:
        return office.approver
    zh, en = (office.zh, office.en) if office is not None else ("", "")
    if office is not None and not office.basis.verified:
        zh, en = f"{zh}，未核实", f"{en}, not verified"
    raise CaseApproverNeeded(
        class_zh=classes[0].zh,
        class_en=classes[0].en,
        rule_zh=zh or "未列入",
        rule_en=en or "not told of",
    )


def standing(
    of: CaseRow | NamingCase, actions: frozenset[NameAction], division_code: str, steps: Sequence[StepRow]
) -> Standing:
    """Where a case stands by its steps; what was signed once, by whomever the office let sign then, is signed."""
    case = queries.as_case(of, actions, steps)
    return Standing(case, dues(case, division_code))


def kept_apart(words: str) -> Apart:
    """The steps that a setting keeps apart: ``handle-sign, review-sign``."""
    pairs = (each.strip().split("-") for each in words.split(",") if each.strip())
    return frozenset((CaseStep.of(before), CaseStep.of(step)) for before, step in pairs)


def take(session: WriteSession, record: NamingCase, event: Event, division_code: str) -> Standing:
    """Write a step down, and what the case comes to with it.

    Raises
    ------
    CaseStepNotOpen, CaseDatesOutOfOrder, CaseSignedByItsAuthor
        As `lifecycle.advance`.
    """
    steps = queries.steps_of(session, record.id)
    before = standing(record, queries.actions_of(session, record.id), division_code, steps)
    moved = advance(replace(before.case, apart=kept_apart(get_settings().case_apart), asks_dates=True), event)
    session.add(
        CaseStepTaken(
            case_id=record.id,
            step=event.step.value,
            happened_on=event.on,
            until=event.until,
            number=event.number,
            note=event.why,
            amends=event.amends.value if event.amends is not None else None,
        )
    )
    after = Standing(moved, dues(moved, division_code))
    _keep(record, after)
    record.turns += 1
    session.flush()
    return after


def _keep(record: NamingCase, standing: Standing) -> None:
    """Keep beside a case what lists ask for."""
    case = standing.case
    by_duty = {due.duty: due for due in standing.dues}
    record.state = case.state.value
    record.consulted_until = case.consulted_until
    record.approved_on, record.approval_number = case.approved_on, case.approval_number
    filing, announcement = case.filing, case.announcement
    record.filing = filing.state.value if filing else None
    record.filed_on = filing.done_on if filing else None
    record.filing_number = filing.number if filing and filing.state is DutyState.DONE else ""
    record.filing_due_on = by_duty[Duty.FILING].last_day if Duty.FILING in by_duty else None
    record.announcing = announcement.state.value if announcement else None
    record.announced_on = announcement.done_on if announcement else None
    record.announcement_due_on = by_duty[Duty.ANNOUNCEMENT].last_day if Duty.ANNOUNCEMENT in by_duty else None
    waiting = [due.last_day for due in standing.dues if due.done_on is None and due.last_day is not None]
    if case.state is CaseState.CONSULTING and case.consulted_until is not None:
        waiting.append(case.consulted_until)
    record.due_on = min(waiting, default=None)


def require_open(record: NamingCase, allowed: Collection[CaseState]) -> None:
    """Raise where what a case says can't be changed any more.

    Raises
    ------
    CaseNotOpen
        It stands in no state of `allowed`.
    """
    state = CaseState.of(record.state)
    if state not in allowed:
        raise CaseNotOpen(state_zh=state.zh, state_en=state.en)


def add_lines(session: WriteSession, record: NamingCase, division: DivisionRow, new: Sequence[NewLine]) -> None:
    """Write names into a case.

    Raises
    ------
    CaseTooLarge
        It would hold more than a case does.
    PlaceUnknown, PlaceUnsound, SpellingInvalid, DivisionUnknown, CaseElsewhere, CasePlaceAbolished, CasePlacePending
        Something of a name can't be.
    """
    present = queries.records_of_lines(session, record.id)
    if len(present) + len(new) > MOST_NAMES:
        raise CaseTooLarge(most=MOST_NAMES)
    touched = _places_of(session, new)
    queries.hold(session, division.code)
    _refuse_taken(session, record, division, touched)
    _refuse_twice(touched, [*map(_uses, filter(_is_open, present)), *map(_uses_of_new, new)])
    last = max((line.position for line in present), default=0)
    homes = _divisions_of(session, division, new, touched)
    for position, line in enumerate(new, start=last + 1):
        place = touched.get(line.place) if line.place is not None else None
        session.add(_line_of(record, line, place=place, division=homes[position - last - 1], position=position))
    record.turns += 1
    session.flush()


def _places_of(session: ReadSession, lines: Iterable[NewLine]) -> Mapping[UUID, PlaceRow]:
    """The places that lines are about.

    Raises
    ------
    PlaceUnknown
        One isn't there.
    """
    ids = {each for line in lines for each in (*((line.place,) if line.place else ()), *line.absorbs, *line.splits)}
    return places.get_places(session, ids)


def _refuse_taken(
    session: ReadSession, record: NamingCase, division: DivisionRow, touched: Mapping[UUID, PlaceRow]
) -> None:
    """Raise where a place is gone, another county's, or waits for another case."""
    for row in touched.values():
        if row.state == PlaceState.ABOLISHED.value:
            raise CasePlaceAbolished(name=row.name)
        if row.division_code is None:
            raise PlaceUnsound(
                problems_zh=f"division: “{row.name}”没有所在区划，请先在地名的页面补填",
                problems_en=f"division: {row.name} lies in none that is known: say in which on its page first",
            )
        refuse_elsewhere(row.name, row.division_code, division, called=row.division_name or "")
    pending = queries.pending_of(session, touched, record.id)
    for place, number in pending.items():
        raise CasePlacePending(name=touched[place].name, number=number)


@dataclass(frozen=True, slots=True)
class _Uses:
    """The places that a line is about."""

    place: UUID | None
    absorbs: Collection[UUID]
    splits: Collection[UUID]


def _uses(line: CaseName) -> _Uses:
    return _Uses(line.place_id, line.absorbs, line.splits)


def _uses_of_new(line: NewLine) -> _Uses:
    return _Uses(line.place, line.absorbs, line.splits)


def _is_open(line: CaseName) -> bool:
    return line.state == LineState.OPEN.value


def _refuse_twice(touched: Mapping[UUID, PlaceRow], lines: Iterable[_Uses]) -> None:
    """Raise where two things are decided on one place: what is split may stay, what goes over whole is gone.

    Raises
    ------
    CasePlaceTwice
        A place is in two lines, or goes over whole and is in another one too.
    """
    own: Counter[UUID] = Counter()
    whole: Counter[UUID] = Counter()
    parts: set[UUID] = set()
    for line in lines:
        own.update([line.place] if line.place is not None else [])
        whole.update(line.absorbs)
        parts |= {*line.splits}
    for place in touched:
        if own[place] > 1 or whole[place] > 1 or (whole[place] and (own[place] or place in parts)):
            raise CasePlaceTwice(name=touched[place].name)


def refuse_elsewhere(name: str, code: str, division: DivisionRow, *, called: str = "") -> None:
    """Raise where what bears a name lies outside a case's division.

    Raises
    ------
    CaseElsewhere
        It is neither in the division nor in one that holds it and that the same county holds; told with what the other
        division is `called`, where that is known.
    """
    in_it = contains(division.code, code)
    around_it = contains(code, division.code) and len(prefix_of(code)) >= COUNTY
    if not (in_it or around_it):
        raise CaseElsewhere(name=name, other=f"{called} {code}".strip(), division=f"{division.name} {division.code}")


def _line_of(record: NamingCase, new: NewLine, *, place: PlaceRow | None, division: UUID, position: int) -> CaseName:
    place_class = PlaceClass.of(place.place_class) if place is not None else new.place_class
    name = new.name or (place.name if place is not None else "")
    assert place_class is not None, "a new place says its class (inputs.NewLine)"
    _refuse_unsound(place_class, new.detail, new.geometry, new.action)
    if place is not None:
        _refuse_other_name(new.action, name, place.name)
    return CaseName(
        case_id=record.id,
        position=position,
        action=new.action.value,
        place_id=place.id if place is not None else None,
        name=name,
        working=new.working,
        place_class=place_class.value,
        romanized=spelt(name, place_class, new.romanized),
        meaning=new.meaning,
        origin=new.origin,
        division_id=division,
        geom=from_shape(shape_of(new.geometry), srid=STORAGE_SRID) if new.geometry is not None else None,
        detail=dict(new.detail),
        absorbs=list(new.absorbs),
        splits=list(new.splits),
        aliases=_besides(name, new.aliases),
    )


def _besides(name: str, aliases: Iterable[str]) -> list[str]:
    """Other names, each once, and not the name itself."""
    return [each for each in dict.fromkeys(aliases) if each != name]


def spelt(name: str, place_class: PlaceClass, said: str | None) -> str | None:
    """A romanisation that somebody decided on; None for what the rules spell.

    Raises
    ------
    SpellingInvalid
        It can't be one of the name.
    """
    if not said:
        return None
    proposal = with_override(romanise(name, place_class), said, by=RomanizedBy.REGISTRAR.value)
    return proposal.spelling.romanized


def _divisions_of(
    session: ReadSession, division: DivisionRow, lines: Sequence[NewLine], touched: Mapping[UUID, PlaceRow]
) -> Sequence[UUID]:
    """The division of each line: the one that is said, that it lies in, its place's, or the case's own.

    Raises
    ------
    DivisionUnknown, DivisionCodeInvalid, CaseElsewhere
        One isn't registered, or lies outside the case's.
    """
    codes = [line.division for line in lines]
    drawn = [(at, shape_of(line.geometry).wkt) for at, line in enumerate(lines) if line.geometry is not None]
    lying = divisions_at(session, [wkt for _, wkt in drawn])
    for (at, _), code in zip(drawn, lying, strict=True):
        if code is not None:
            _refuse_lying(session, _called(lines[at], touched), code, division)
        codes[at] = codes[at] or code
    known: dict[str, DivisionRow] = {division.code: division}
    homes: list[UUID] = []
    lies_in = {at: (wkt, code) for (at, wkt), code in zip(drawn, lying, strict=True)}
    for at, (line, said) in enumerate(zip(lines, codes, strict=True)):
        place = touched[line.place] if line.place is not None else None
        code = said or (place.division_code if place is not None else None) or division.code
        if code not in known:
            known[code] = divisions.get_division(session, code)
        refuse_elsewhere(_called(line, touched), known[code].code, division, called=known[code].name)
        if at in lies_in:
            # What couldn't take effect is told before anybody works on it.
            places.require_within(session, known[code].id, known[code].code, *lies_in[at])
        homes.append(known[code].id)
    return homes


def _called(line: NewLine, touched: Mapping[UUID, PlaceRow]) -> str:
    return line.name or (touched[line.place].name if line.place is not None else "")


def _division_of(
    session: ReadSession, division: DivisionRow, name: str, *, said: str | None, geometry: Mapping[str, Any] | None
) -> UUID:
    """The division of a line that is changed: the one that is said, that it lies in, or the case's own."""
    wkt = shape_of(geometry).wkt if geometry is not None else None
    lying = division_at(session, wkt) if wkt is not None else None
    if lying is not None:
        _refuse_lying(session, name, lying, division)
    code = said or lying
    found = divisions.get_division(session, code) if code is not None else division
    refuse_elsewhere(name, found.code, division, called=found.name)
    if wkt is not None:
        places.require_within(session, found.id, found.code, wkt, lying)
    return found.id


def _refuse_lying(session: ReadSession, name: str, code: str, division: DivisionRow) -> None:
    """As `refuse_elsewhere`, of where something is drawn."""
    try:
        refuse_elsewhere(name, code, division)
    except CaseElsewhere:
        refuse_elsewhere(name, code, division, called=divisions.get_division(session, code).name)


def _refuse_unsound(
    place_class: PlaceClass, detail: Mapping[str, object], geometry: Mapping[str, Any] | None, action: NameAction
) -> None:
    """Raise where the details aren't those of the class, or an end comes with a new extent."""
    breaches = [(each.field, each.zh, each.en) for each in details.breaches(place_class, detail)]
    if action is NameAction.ABOLISH and geometry is not None:
        breaches.append(("geometry", "销名不改变范围", "what is abolished gets no other extent"))
    if breaches:
        raise PlaceUnsound(
            problems_zh="; ".join(f"{field}: {zh}" for field, zh, _ in breaches),
            problems_en="; ".join(f"{field}: {en}" for field, _, en in breaches),
        )


def _refuse_other_name(action: NameAction, name: str, own: str) -> None:
    """Raise where a place would get another name by what leaves it its name."""
    if action in KEEPS_ITS_NAME and name != own:
        raise PlaceUnsound(
            problems_zh=f"name: “{own}”的{action.zh}不改名称，改名请办更名",
            problems_en=f"name: {own} keeps its name; for another one it is a renaming",
        )


def change_line(
    session: WriteSession, record: NamingCase, division: DivisionRow, line: CaseName, change: LineChange
) -> None:
    """Write down what is to be different of a line.

    Raises
    ------
    PlaceUnknown, PlaceUnsound, SpellingInvalid, DivisionUnknown, CaseElsewhere, CasePlaceAbolished, CasePlacePending
        Something of it can't be.
    """
    _rename(session, line, change)
    for field in ("meaning", "origin"):
        if field in change.model_fields_set:
            setattr(line, field, getattr(change, field) or "")
    if change.detail is not None:
        merged = {**line.detail, **change.detail}
        line.detail = {key: value for key, value in merged.items() if value is not None}
    for field in ("absorbs", "splits"):
        if getattr(change, field) is not None:
            setattr(line, field, list(getattr(change, field)))
    if change.aliases is not None:
        line.aliases = _besides(line.name, change.aliases)
    _move(session, division, line, change)
    if change.state is not None:
        line.state = change.state.value
        line.struck_why = change.why if change.state is LineState.STRUCK else ""
    _refuse_unsound(PlaceClass.of(line.place_class), line.detail, change.geometry, NameAction.of(line.action))
    if line.state == LineState.OPEN.value:
        ids = {*line.absorbs, *line.splits} | ({line.place_id} if line.place_id is not None else set())
        touched = places.get_places(session, ids)
        queries.hold(session, division.code)
        _refuse_taken(session, record, division, touched)
        _refuse_twice(touched, map(_uses, filter(_is_open, queries.records_of_lines(session, record.id))))
    record.turns += 1
    session.flush()


def _rename(session: ReadSession, line: CaseName, change: LineChange) -> None:
    """Another name, another spelling: what was spelt for the one before says nothing of this one."""
    if change.name is not None:
        if line.place_id is not None:
            _refuse_other_name(NameAction.of(line.action), change.name, places.get_place(session, line.place_id).name)
        line.name = change.name
    if change.name is not None or change.working is not None:
        line.working = bool(change.working)
    if change.name is not None or "romanized" in change.model_fields_set:
        line.romanized = spelt(line.name, PlaceClass.of(line.place_class), change.romanized)


def _move(session: ReadSession, division: DivisionRow, line: CaseName, change: LineChange) -> None:
    if "geometry" in change.model_fields_set:
        shape = shape_of(change.geometry) if change.geometry is not None else None
        line.geom = from_shape(shape, srid=STORAGE_SRID) if shape is not None else None
    if change.division is not None or change.geometry is not None:
        line.division_id = _division_of(session, division, line.name, said=change.division, geometry=change.geometry)
