"""The names of a case as forms: added, changed, drawn, struck out, split off, and let stand in spite of a finding."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from api.deps import does, reading, settings_of, writing
from api.visitors import refuse_foreign_form, visitor_of
from api.web.admin.frame import EMPTY, Filled, admin_page, go_and_say, seen_typed, sign_in_first
from api.web.desk.case import show_case
from api.web.desk.drawn import SHAPES, coordinates_said, geometry_typed, opens_on
from api.web.desk.findings import CHECKED_AT_ONCE, checked_of, show_findings
from api.web.desk.frame import (
    DESK,
    NOT_AT_A_FORM,
    case_id,
    given,
    labels,
    line_id,
    read_form,
    told_to_change,
    why_typed,
    wrong,
)
from api.web.desk.inbox import UNPLACED
from api.web.desk.offered import may_edit
from api.web.maps import chart
from api.web.names import UNCHOSEN, offered_divisions
from api.web.preferences import preferences_of
from geo_registry.accounts import policy
from geo_registry.accounts.policy import Verb
from geo_registry.cases import service
from geo_registry.cases.announced import ACTION_OF
from geo_registry.cases.checking import LineFinding
from geo_registry.cases.inputs import LineChange, LineClearing, NewLine, SortClearing, Split
from geo_registry.cases.queries import LineRow, Part
from geo_registry.cases.service import CaseTold
from geo_registry.db.session import ReadSession
from geo_registry.divisions.rules import DIGITS_OF_LEVEL, prefix_of
from geo_registry.divisions.service import resolve
from geo_registry.errors import (
    CaseLineUnknown,
    DomainError,
    PlaceUnknown,
    SearchEmpty,
    SearchTooLong,
)
from geo_registry.figures import given as figure
from geo_registry.places import service as places
from geo_registry.places.details import BY_KEY, DetailType, fields_of
from geo_registry.places.inputs import MOST_TEXT_CHARACTERS
from geo_registry.places.queries import PlaceRow
from geo_registry.places.romanisation.engine import romanise
from geo_registry.search import service as searching
from geo_registry.search.inputs import Question
from geo_registry.search.service import Hit
from geo_registry.vocabulary import (
    CaseKind,
    CaseState,
    DivisionLevel,
    LineState,
    NameAction,
    Named,
    PlaceClass,
    PlaceState,
    PositionQuality,
)

COUNTY = DIGITS_OF_LEVEL[DivisionLevel.COUNTY]
MOST_HITS = 12
MOST_DRAWN = 1_000_000
"""Characters of a geometry that somebody hands in: a border to the metre has tens of thousands of points."""
AT_THE_END = re.compile(r"([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\s*$")

Short = Annotated[str, Field(max_length=1_000)]
Long = Annotated[str, Field(max_length=MOST_TEXT_CHARACTERS)]

router = APIRouter(include_in_schema=False)


class LineTyped(BaseModel):
    """The form of a name, as it was sent; which of the details there are, its class says (`places/details.py`)."""

    csrf: Short = ""
    seen: Short = ""
    action: Short = ""
    place: Short = ""
    place_class: Short = ""
    name: Short = ""
    working: Short = ""
    romanized: Short = ""
    meaning: Long = ""
    origin: Long = ""
    division: Short = ""
    shape: Short = ""
    geometry: Annotated[str, Field(max_length=MOST_DRAWN)] = ""
    absorbs: Long = ""
    splits: Long = ""
    aliases: Long = ""
    why: Short = ""
    grade: Short = ""
    direction: Short = ""
    begins_at: Short = ""
    ends_at: Short = ""
    length_m: Short = ""
    width_m: Short = ""
    surface: Short = ""
    built_from: Short = ""
    built_to: Short = ""
    area_m2: Short = ""
    elevation_m: Short = ""
    description: Long = ""


class SplitTyped(BaseModel):
    """The form that has names go on in a case of their own, as it was sent."""

    csrf: Short = ""
    seen: Short = ""
    lines: Annotated[list[Short], Field(max_length=2_000)] = []
    findings: Annotated[list[Short], Field(max_length=100)] = []
    """In the place of lines: those that these sorts of findings are about."""
    title: Short = ""
    why: Short = ""


Sent = Annotated[LineTyped, Form()]


@router.get("/desk/cases/{case}/names/new")
def new_line_page(
    *,
    request: Request,
    case: str,
    find: Annotated[str, Query(max_length=200)] = "",
    place: Annotated[str, Query(max_length=100)] = "",
    action: Annotated[NameAction | None, UNCHOSEN] = None,
    place_class: Annotated[PlaceClass | None, UNCHOSEN, Query(alias="class")] = None,
) -> Response:
    """What a name is to be added for: a new place of some class, or one that there is; and then its form."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    return _new(request, case_id(case), find=find, place=place, action=action, place_class=place_class)


@router.get("/desk/cases/{case}/names/{line}")
def line_page(request: Request, case: str, line: str) -> Response:
    """One name of a case."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    return _show(request, case_id(case), line_id(line))


@router.post("/desk/cases/{case}/names")
@does(Verb.CHANGE_CASE)
def add_line_form(request: Request, case: str, sent: Sent) -> Response:
    """Add a name to a case."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, sent.csrf)
    known = case_id(case)
    values = sent.model_dump(exclude={"csrf", "seen"})
    try:
        with writing(request) as db:
            told = told_to_change(db, known, Verb.CHANGE_CASE, visitor.actor)
            new = read_form(NewLine, **_new_typed(db, values, told))
            service.add_names(db, known, [new], seen=seen_typed(sent.seen), actor=visitor.actor, why=sent.why.strip())
    except NOT_AT_A_FORM:
        raise
    except DomainError as refused:
        action = next((each for each in NameAction if each.value == sent.action), None)
        place_class = next((each for each in PlaceClass if each.value == sent.place_class), None)
        filled = Filled("line", values, refused)
        return _new(request, known, place=sent.place, action=action, place_class=place_class, filled=filled)
    return go_and_say(request, f"{DESK}/cases/{known}", "added")


@router.post("/desk/cases/{case}/names/{line}/change")
@does(Verb.CHANGE_CASE)
def change_line_form(request: Request, case: str, line: str, sent: Sent) -> Response:
    """Change a name of a case, or what bears it."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, sent.csrf)
    known, of = case_id(case), line_id(line)
    values = sent.model_dump(exclude={"csrf", "seen"})
    try:
        with writing(request) as db:
            told = told_to_change(db, known, Verb.CHANGE_CASE, visitor.actor)
            why = why_typed(sent.why, told.case.state)
            change = read_form(LineChange, **_change_typed(db, values, told, _line(told, of)), why=why)
            service.change_name(db, known, of, change, seen=seen_typed(sent.seen), actor=visitor.actor)
    except NOT_AT_A_FORM:
        raise
    except DomainError as refused:
        return _show(request, known, of, filled=Filled("line", values, refused))
    return go_and_say(request, f"{DESK}/cases/{known}/names/{of}", "name-changed")


@router.post("/desk/cases/{case}/names/{line}/strike")
@does(Verb.CHANGE_CASE)
def strike_line_form(request: Request, case: str, line: str, sent: Sent) -> Response:
    """Take a name out of a case for a reason, or have it again."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, sent.csrf)
    known, of = case_id(case), line_id(line)
    try:
        with writing(request) as db:
            present = _line(told_to_change(db, known, Verb.CHANGE_CASE, visitor.actor), of)
            again = present.state is LineState.STRUCK
            state = LineState.OPEN if again else LineState.STRUCK
            change = read_form(LineChange, state=state, why=sent.why.strip())
            service.change_name(db, known, of, change, seen=seen_typed(sent.seen), actor=visitor.actor)
    except NOT_AT_A_FORM:
        raise
    except DomainError as refused:
        return _show(request, known, of, filled=Filled("strike", {"why": sent.why}, refused))
    return go_and_say(request, f"{DESK}/cases/{known}", "open-again" if again else "struck")


@router.post("/desk/cases/{case}/names/{line}/clear")
@does(Verb.CLEAR_CASE_FINDING)
def clear_line_form(
    *,
    request: Request,
    case: str,
    line: str,
    csrf: Annotated[str, Form(max_length=1_000)] = "",
    code: Annotated[str, Form(max_length=100)] = "",
    collides_name: Annotated[str, Form(max_length=1_000)] = "",
    reason: Annotated[str, Form(max_length=1_000)] = "",
    back: Annotated[str, Form(max_length=1_000)] = "",
) -> Response:
    """Let a name stand in spite of a finding, for a reason; back to where it was said."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    known, of = case_id(case), line_id(line)
    try:
        with writing(request) as db:
            settling = read_form(LineClearing, code=code, collides_name=collides_name, reason=reason.strip())
            service.clear_finding(db, known, of, settling, actor=visitor.actor)
    except NOT_AT_A_FORM:
        raise
    except DomainError as refused:
        filled = Filled(f"{of}|{code}|{collides_name}", {"reason": reason}, refused)
        return show_findings(request, known, filled=filled)
    page = f"{DESK}/cases/{known}"
    # Back to a page of this very case alone: the field is anybody's to fill in.
    ours = {page, f"{page}/findings", f"{page}/names/{of}"}
    return go_and_say(request, back if back in ours else page, "cleared")


@router.post("/desk/cases/{case}/findings/clear")
@does(Verb.CLEAR_CASE_FINDING)
def clear_findings_form(
    *,
    request: Request,
    case: str,
    csrf: Annotated[str, Form(max_length=1_000)] = "",
    seen: Annotated[str, Form(max_length=1_000)] = "",
    code: Annotated[str, Form(max_length=100)] = "",
    reason: Annotated[str, Form(max_length=1_000)] = "",
) -> Response:
    """Let all names stand in spite of the warnings of one sort, for a reason."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    known = case_id(case)
    try:
        with writing(request) as db:
            told_to_change(db, known, Verb.CLEAR_CASE_FINDING, visitor.actor)
            settling = read_form(SortClearing, code=code, reason=reason.strip())
            service.clear_findings(db, known, settling, seen=seen_typed(seen), actor=visitor.actor)
    except NOT_AT_A_FORM:
        raise
    except DomainError as refused:
        return show_findings(request, known, code=code, filled=Filled("clear-all", {"reason": reason}, refused))
    return go_and_say(request, f"{DESK}/cases/{known}/findings", "all-cleared")


@router.post("/desk/cases/{case}/split")
@does(Verb.CHANGE_CASE)
def split_case_form(request: Request, case: str, sent: Annotated[SplitTyped, Form()]) -> Response:
    """Have the names that are ticked go on in a case of their own."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, sent.csrf)
    known = case_id(case)
    values = sent.model_dump(exclude={"csrf", "seen"})
    try:
        with writing(request) as db:
            told_to_change(db, known, Verb.CHANGE_CASE, visitor.actor)
            if not sent.lines and not sent.findings:
                raise wrong("lines", "请在名称表中勾选要分出的名称", "tick the names that are to go")
            said = given({"title": sent.title, "why": sent.why})
            split = read_form(Split, lines=sent.lines, findings=sent.findings, **{"why": "", **said})
            told = service.split_case(db, known, split, seen=seen_typed(sent.seen), actor=visitor.actor)
    except NOT_AT_A_FORM:
        raise
    except DomainError as refused:
        filled = Filled("split", values, refused)
        if sent.findings:
            return show_findings(request, known, code=sent.findings[0], filled=filled)
        return show_case(request, known, filled=filled)
    return go_and_say(request, f"{DESK}/cases/{told.case.id}", "split")


def _new(
    request: Request,
    case: UUID,
    *,
    find: str = "",
    place: str = "",
    action: NameAction | None = None,
    place_class: PlaceClass | None = None,
    filled: Filled = EMPTY,
) -> Response:
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    with reading(request) as db:
        told = service.tell_case(db, case, actor=actor)
        about = _place(db, place) if place else None
        hits, unasked = _found(db, find, told.case.division_code) if find.strip() else ((), None)
        offered = offered_divisions(db, actor)
        made = chart(db, settings_of(request), around=opens_on(db, told.lines, told.case.division_code))
    if about is not None:
        place_class = PlaceClass.of(about.place_class)
        if action in {None, NameAction.NAME}:
            action = ACTION_OF[told.case.kind] if told.case.kind is not CaseKind.NAMING else NameAction.RENAME
    elif place_class is not None:
        action = NameAction.NAME
    return admin_page(
        request,
        "desk-name-new.html",
        filled=filled if unasked is None else Filled("find", {"find": find}, unasked),
        case=told.case,
        seen=told.case.version,
        about=about,
        action=action,
        actions=[each for each in NameAction if each is not NameAction.NAME],
        place_class=place_class,
        find=find,
        hits=hits,
        fields=_fields(place_class, {}, locale) if place_class is not None else (),
        shown={"shape": _usual_shape(place_class).lower() if place_class else "", "division": ""},
        proposal="",
        usual=_usual_shape(place_class) if place_class else "",
        drawn=None,
        chart=made,
        labels=labels(locale),
        offered=offered,
        classes=[(each.value, each.label(locale)) for each in PlaceClass],
        classes_said={each.value: each.label(locale) for each in PlaceClass},
        abolished=PlaceState.ABOLISHED.value,
        may_edit=may_edit(told.case, actor),
    )


def _show(request: Request, case: UUID, line: UUID, *, filled: Filled = EMPTY) -> Response:
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    with reading(request) as db:
        told = service.tell_case(db, case, actor=actor)
        row = _line(told, line)
        checks = row.state is LineState.OPEN
        findings: Mapping[UUID, Sequence[LineFinding]] = {}
        if checks and len(told.lines) <= CHECKED_AT_ONCE:
            findings = service.check_case(db, case, actor=actor, only={line})
        checked = checked_of(db, told, findings, locale, settled=True) if findings else None
        now = places.get_place(db, row.place) if row.place is not None else None
        near = service.neighbours_of(db, case, line, actor=actor)
        offered = offered_divisions(db, actor)
        made = chart(
            db,
            settings_of(request),
            around=opens_on(db, [row] if row.geometry else told.lines, told.case.division_code),
        )
    around = [each.id for each in told.lines]
    at = around.index(line)
    return admin_page(
        request,
        "desk-name.html",
        filled=filled,
        case=told.case,
        seen=told.case.version,
        row=row,
        now=now,
        checked=checked,
        checks=checks,
        near=near,
        near_shapes=[
            {"type": "Feature", "geometry": each.geometry, "properties": {"name": each.name}}
            for each in near
            if each.geometry is not None
        ],
        made_up=PositionQuality.SYNTHETIC.value,
        previous=told.lines[at - 1] if at else None,
        following=told.lines[at + 1] if at + 1 < len(told.lines) else None,
        number=at + 1,
        names=len(told.lines),
        fields=_fields(row.place_class, row.detail, locale),
        shown={
            "name": row.name,
            "working": "1" if row.working else "",
            "romanized": row.romanized or "",
            "meaning": row.meaning,
            "origin": row.origin,
            "division": prefix_of(row.division_code) if row.division_code else "",
            "geometry": coordinates_said(row.geometry),
            "absorbs": _parts_said(row.absorbs),
            "splits": _parts_said(row.splits),
            "aliases": "\n".join(row.aliases),
        },
        proposal=romanise(row.name, row.place_class).romanized,
        is_draft=told.case.state is CaseState.DRAFT,
        usual=row.geometry["type"]
        if row.geometry and row.geometry["type"] in SHAPES
        else _usual_shape(row.place_class),
        drawn=row.geometry,
        chart=made,
        labels=labels(locale),
        offered=offered,
        struck=LineState.STRUCK,
        back=f"{DESK}/cases/{case}/names/{line}",
        may_edit=may_edit(told.case, actor),
        may_clear=policy.refusal(actor, Verb.CLEAR_CASE_FINDING, division=told.case.division_code) is None,
    )


def _line(told: CaseTold, line: UUID) -> LineRow:
    found = next((each for each in told.lines if each.id == line), None)
    if found is None:
        raise CaseLineUnknown(line=line)
    return found


def _fields(place_class: PlaceClass, detail: Mapping[str, Any], locale: str) -> Sequence[tuple[str, str, str, bool]]:
    """The details of a class: key, how it is called, what it says, whether it is longer than a line."""
    return [
        (
            each.key,
            each.zh if locale.startswith("zh") else each.en,
            _detail_said(detail.get(each.key)),
            each.key == "description",
        )
        for each in fields_of(place_class)
    ]


def _detail_said(value: object) -> str:
    return figure(value) if isinstance(value, int | float) else str(value or "")


def _usual_shape(place_class: PlaceClass) -> str:
    """What places of a class are drawn as, most of the time."""
    keys = {each.key for each in fields_of(place_class)}
    return "LineString" if "begins_at" in keys else "Polygon" if "area_m2" in keys else "Point"


# What is typed


def _new_typed(db: ReadSession, values: Mapping[str, str], told: CaseTold) -> Mapping[str, object]:
    """A new name as its form says it.

    Raises
    ------
    CaseUnsound, DivisionUnknown, DivisionAmbiguous
        Something of it can't be read.
    """
    said: dict[str, object] = {"action": values["action"]}
    place_class = next((each for each in PlaceClass if each.value == values["place_class"]), None)
    if values["place"].strip():
        place = _place(db, values["place"])
        said["place"], place_class = place.id, PlaceClass.of(place.place_class)
    else:
        said["class"] = values["place_class"]
    for name in ("name", "romanized", "meaning", "origin"):
        if text := values[name].replace("\r\n", "\n").strip():
            said[name] = text
    if values["working"].strip():
        said["working"] = True
    if values["division"].strip():
        said["division"] = _division(db, values["division"])
    if place_class is not None:
        said["detail"] = {key: value for key, value in _detail(values, place_class).items() if value is not None}
        if values["geometry"].strip():
            said["geometry"] = geometry_typed(values["geometry"], values["shape"] or _usual_shape(place_class))
    said["aliases"] = _names_said(values["aliases"])
    for name in ("absorbs", "splits"):
        said[name] = _parts(db, values[name], name, told.case.division_code)
    return said


def _change_typed(db: ReadSession, values: Mapping[str, str], told: CaseTold, present: LineRow) -> dict[str, object]:
    """What a form says otherwise than it was shown.

    Raises
    ------
    CaseUnsound, DivisionUnknown, DivisionAmbiguous
        Something of it can't be read.
    """
    plain = {name: text.replace("\r\n", "\n").strip() for name, text in values.items()}
    said: dict[str, object] = {}
    shown = {"name": present.name, "meaning": present.meaning, "origin": present.origin}
    said |= {name: plain[name] for name, text in shown.items() if plain[name] != text}
    working = bool(plain["working"])
    if working != present.working or "name" in said:
        said["working"] = working
    if plain["romanized"] != (present.romanized or ""):
        said["romanized"] = plain["romanized"] or None
    elif "name" in said:
        said["romanized"] = None
    if plain["division"] and plain["division"] != prefix_of(present.division_code or ""):
        said["division"] = _division(db, plain["division"])
    detail = _detail(values, present.place_class)
    changed = {key: value for key, value in detail.items() if value != present.detail.get(key)}
    if changed:
        said["detail"] = changed
    if plain["geometry"] != coordinates_said(present.geometry):
        usual = values["shape"] or _usual_shape(present.place_class)
        said["geometry"] = geometry_typed(plain["geometry"], usual) if plain["geometry"] else None
    if _names_said(plain["aliases"]) != list(present.aliases):
        said["aliases"] = _names_said(plain["aliases"])
    for name, parts in (("absorbs", present.absorbs), ("splits", present.splits)):
        if plain[name] != _parts_said(parts):
            said[name] = _parts(db, plain[name], name, told.case.division_code)
    return said


def _names_said(text: str) -> list[str]:
    """Names that somebody wrote, one a line."""
    return [each.strip() for each in text.splitlines() if each.strip()]


def _detail(values: Mapping[str, str], place_class: PlaceClass) -> dict[str, object]:
    """The details of a class as they were typed: figures as figures, what is empty as None."""
    said: dict[str, object] = {}
    for field in fields_of(place_class):
        text = values[field.key].replace("\r\n", "\n").strip()
        if not text:
            said[field.key] = None
        elif field.type in {DetailType.METRES, DetailType.SQUARE_METRES}:
            said[field.key] = _number(text, field.key)
        else:
            said[field.key] = text
    return said


def _number(text: str, key: str) -> float | int:
    try:
        value = float(text.replace(",", "").replace("，", "").replace(" ", ""))
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        field = BY_KEY[key]
        raise wrong(key, f"“{field.zh}”应为不小于 0 的数，如 1520", f"{field.en} is a number from 0 up, such as 1520")
    return int(value) if value.is_integer() else value


def _division(db: ReadSession, said: str) -> str:
    try:
        return resolve(db, said.strip()).code
    except UNPLACED as refused:
        raise wrong("division", refused.message("zh"), refused.message("en")) from None


def _parts_said(parts: Sequence[Part]) -> str:
    return "\n".join(f"{each.name} {each.id}" for each in parts)


def _parts(db: ReadSession, text: str, field: str, division: str) -> Sequence[UUID]:
    """The places that lines say by name, or by name and id.

    Raises
    ------
    CaseUnsound
        None is called so in the county, or several are.
    """
    found: list[UUID] = []
    for line in (each.strip() for each in text.splitlines()):
        if not line:
            continue
        met = AT_THE_END.search(line)
        if met is not None:
            found.append(UUID(met[1]))
            continue
        hits = [each for each in _found(db, line, division)[0] if each.name == line and not each.former]
        if not hits:
            raise wrong(field, f"没有找到在用的地名“{line}”", f"no place in use is called {line}")
        if len(hits) > 1:
            listed = "；".join(f"{each.label} {each.id}" for each in hits)
            raise wrong(
                field,
                f"有几处“{line}”，请写名称、空格、编号：{listed}",
                f"several are called {line}; add the id: {listed}",
            )
        found.append(hits[0].id)
    return found


def _found(db: ReadSession, text: str, division: str) -> tuple[Sequence[Hit], DomainError | None]:
    """The places of the case's county that are called so, or nearly."""
    try:
        question = Question.parse(text, limit=MOST_HITS * 4)
    except (SearchEmpty, SearchTooLong) as refused:
        return (), refused
    within = prefix_of(division)[:COUNTY]
    hits = [
        each
        for each in searching.search(db, question, home=division)
        if each.type is Named.PLACE and (not each.path or any(one.code.startswith(within) for one in each.path))
    ]
    return hits[:MOST_HITS], None


def _place(db: ReadSession, text: str) -> PlaceRow:
    try:
        return places.get_place(db, UUID(text.strip()))
    except ValueError:
        raise PlaceUnknown(place=text) from None
