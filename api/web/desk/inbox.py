"""`/desk`: the cases of one's divisions, what is late first; narrowed by the address, as a file too; and the form that opens one."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, UploadFile
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from api.deps import does, reading, writing
from api.visitors import refuse_foreign_form, visitor_of
from api.web.admin.frame import EMPTY, Filled, admin_page, as_id, go_and_say, said_together, sign_in_first
from api.web.desk.frame import DESK, days_left, given, labels, read_form, sent_table, systems, wrong
from api.web.names import UNCHOSEN, digits_said, offered_divisions
from api.web.preferences import preferences_of
from geo_registry.accounts import policy
from geo_registry.accounts.actors import WHOLE_REGISTRY, Actor
from geo_registry.accounts.policy import Verb
from geo_registry.cases import service, turns
from geo_registry.cases import writing as office
from geo_registry.cases.announced import ACTION_OF
from geo_registry.cases.inputs import NewCase
from geo_registry.cases.queries import SOON_DAYS, CaseQuery, CaseRow
from geo_registry.coverage.exports import defused
from geo_registry.db.session import ReadSession
from geo_registry.divisions.rules import CODE_DIGITS, DIGITS_OF_LEVEL, prefix_of
from geo_registry.divisions.service import resolve
from geo_registry.errors import (
    DivisionAmbiguous,
    DivisionCodeInvalid,
    DivisionUnknown,
    DomainError,
    Forbidden,
    Unauthenticated,
)
from geo_registry.exchange import service as exchange
from geo_registry.exchange.case_names import NamesRead
from geo_registry.places import service as places
from geo_registry.places.inputs import MOST_TEXT_CHARACTERS
from geo_registry.places.queries import PlaceRow
from geo_registry.vocabulary import (
    Approver,
    CaseKind,
    CaseState,
    DivisionLevel,
    DutyState,
    NameAction,
    PlaceClass,
)

AT_ONCE = 200
"""Cases a page: what is due first. More are found by narrowing."""
IN_A_FILE = 10_000
COUNTY = DIGITS_OF_LEVEL[DivisionLevel.COUNTY]
UNPLACED = (DivisionAmbiguous, DivisionCodeInvalid, DivisionUnknown)

Words = Annotated[str, Query(max_length=100)]

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case of the inbox, and how many days there are until it is late."""

    row: CaseRow
    left: int | None


class NewCaseTyped(BaseModel):
    """The form that opens a case, as it was sent."""

    csrf: Annotated[str, Field(max_length=1_000)] = ""
    kind: Annotated[str, Field(max_length=100)] = ""
    title: Annotated[str, Field(max_length=1_000)] = ""
    division: Annotated[str, Field(max_length=100)] = ""
    applicant: Annotated[str, Field(max_length=1_000)] = ""
    plan: Annotated[str, Field(max_length=MOST_TEXT_CHARACTERS)] = ""
    reasons: Annotated[str, Field(max_length=MOST_TEXT_CHARACTERS)] = ""
    approver: Annotated[str, Field(max_length=100)] = ""
    approving_body: Annotated[str, Field(max_length=1_000)] = ""
    place: Annotated[str, Field(max_length=100)] = ""
    name: Annotated[str, Field(max_length=1_000)] = ""
    place_class: Annotated[str, Field(max_length=100)] = ""
    crs: Annotated[str, Field(max_length=100)] = "auto"
    skip: Annotated[str, Field(max_length=100)] = ""
    file: UploadFile | None = None
    """A table with its names, in the place of the first one."""


@router.get("/desk")
def desk_page(
    *,
    request: Request,
    state: Annotated[CaseState | None, UNCHOSEN] = None,
    kind: Annotated[CaseKind | None, UNCHOSEN] = None,
    division: Words = "",
    text: Words = "",
    show: Annotated[str, Query(max_length=20)] = "open",
) -> Response:
    """The cases that are asked for: at first those in which something is still to be done."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    policy.require(actor, Verb.LIST_CASES)
    asked = {
        "state": state.value if state else "",
        "kind": kind.value if kind else "",
        "division": division.strip(),
        "text": text.strip(),
        "show": show if show in SHOWN else "open",
    }
    filled = EMPTY
    with reading(request) as db:
        query = _query(asked, actor)
        try:
            query = replace(query, division=digits_said(db, asked["division"]))
        except UNPLACED as refused:
            filled = Filled("filter", asked, refused)
        rows, sums = service.inbox(db, query, actor=actor, limit=AT_ONCE)
        every = replace(query, states=(), late_on=None, due_from=None, due_by=None, turn=None)
        _, all_sums = service.inbox(db, every, actor=actor, limit=1)
        _, own_sums = service.inbox(db, replace(every, turn=turns.turn_of(actor)), actor=actor, limit=1)
        offered = offered_divisions(db, actor)
    return admin_page(
        request,
        "desk.html",
        filled=filled,
        waiting=waiting(rows),
        matching=sum(sums.by_state.values()),
        sums=[(each, all_sums.by_state[each]) for each in CaseState if each in all_sums.by_state],
        late=all_sums.late,
        soon=all_sums.soon,
        own=sum(own_sums.by_state.values()),
        at_once=AT_ONCE,
        asked=asked,
        with_=lambda **over: f"{DESK}?{urlencode({**asked, **over})}",
        file=f"{DESK}.csv?{urlencode(asked)}",
        offered=offered,
        states=[(each.value, each.label(locale)) for each in CaseState],
        kinds=[(each.value, each.label(locale)) for each in CaseKind],
        may_open=policy.may_somewhere(actor, Verb.OPEN_CASE),
        ended=frozenset({CaseState.REJECTED, CaseState.WITHDRAWN}),
        approved=CaseState.APPROVED,
    )


@router.get("/desk.csv")
def desk_file(
    *,
    request: Request,
    state: Annotated[CaseState | None, UNCHOSEN] = None,
    kind: Annotated[CaseKind | None, UNCHOSEN] = None,
    division: Words = "",
    text: Words = "",
    show: Annotated[str, Query(max_length=20)] = "open",
) -> Response:
    """The same cases as a table. Texts that a spreadsheet would run are kept texts."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    policy.require(actor, Verb.LIST_CASES)
    asked = {
        "state": state.value if state else "",
        "kind": kind.value if kind else "",
        "text": text.strip(),
        "show": show,
    }
    with reading(request) as db:
        query = replace(_query(asked, actor), division=digits_said(db, division.strip()))
        rows, _ = service.inbox(db, query, actor=actor, limit=IN_A_FILE)
    file = io.StringIO()
    lines = csv.writer(file, lineterminator="\r\n")
    lines.writerow(HEADER["zh" if locale.startswith("zh") else "en"])
    for each in rows:
        lines.writerow([defused(cell) if isinstance(cell, str) else cell for cell in _cells(each, locale)])
    headers = {
        "Content-Disposition": 'attachment; filename="cases.csv"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(b"\xef\xbb\xbf" + file.getvalue().encode(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/desk/new")
def new_case_page(
    *,
    request: Request,
    place: Annotated[str, Query(max_length=100)] = "",
    kind: Annotated[CaseKind | None, UNCHOSEN] = None,
) -> Response:
    """The form that opens a case; with `place` it is about that place."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    return _form(request, place=place, kind=kind)


@router.post("/desk/new")
@does(Verb.OPEN_CASE)
def open_case_form(request: Request, asked: Annotated[NewCaseTyped, Form()]) -> Response:
    """Open a case, and go to it."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, asked.csrf)
    tabled = asked.file is not None and bool(asked.file.filename)
    values = asked.model_dump(exclude={"csrf", "file"}) | {"table": "yes" if tabled else ""}
    read: NamesRead | None = None
    try:
        with writing(request) as db:
            new = read_form(NewCase, **_case_typed(db, values))
            if tabled:
                content, name = sent_table(asked.file)
                taken = exchange.open_case_from_sent(
                    db, new, content, name, actor=visitor.actor, crs=asked.crs or "auto", skip=bool(asked.skip)
                )
                told, read = taken.required(), taken.read
            else:
                told = service.open_case(db, new, actor=visitor.actor)
    except (Forbidden, Unauthenticated):
        raise
    except DomainError as refused:
        return _form(request, place=asked.place, filled=Filled("open", values, refused))
    if read is not None and read.problems:
        from api.web.desk.case import show_case  # noqa: PLC0415 - its page shows cases of the inbox beside it

        return show_case(request, told.case.id, read=read)
    return go_and_say(request, f"{DESK}/cases/{told.case.id}", "opened")


def waiting(rows: Sequence[CaseRow]) -> Sequence[Waiting]:
    """Cases with the days that are left."""
    today = office.today()
    return [Waiting(row, days_left(row.due_on, today)) for row in rows]


SHOWN = ("open", "own", "late", "soon", "done", "all")
"""What the inbox shows: what is still to be done, by oneself, what is late, what is due soon, what is done, everything."""


def _query(asked: Mapping[str, str], actor: Actor) -> CaseQuery:
    return CaseQuery(
        kind=CaseKind.of(asked["kind"]) if asked["kind"] else None,
        states=(CaseState.of(asked["state"]),) if asked["state"] else (),
        open={"open": True, "late": True, "soon": True, "done": False}.get(asked["show"])
        if not asked["state"]
        else None,
        late_on=office.today() if asked["show"] == "late" else None,
        due_from=office.today() if asked["show"] == "soon" else None,
        due_by=office.today() + timedelta(days=SOON_DAYS) if asked["show"] == "soon" else None,
        turn=turns.turn_of(actor) if asked["show"] == "own" else None,
        text=asked["text"] or None,
    )


def _form(request: Request, *, place: str = "", kind: CaseKind | None = None, filled: Filled = EMPTY) -> Response:
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    with reading(request) as db:
        about = places.get_place(db, _uuid(place)) if place else None
        offered = offered_divisions(db, actor)
    return admin_page(
        request,
        "desk-new.html",
        filled=filled,
        labels=labels(locale),
        systems=systems(locale),
        about=about,
        about_class=PlaceClass.of(about.place_class).label(locale) if about else "",
        kind=(kind or (CaseKind.RENAMING if about else CaseKind.NAMING)).value,
        division=_default_division(actor, about),
        offered=offered,
        kinds=[(each.value, each.label(locale)) for each in CaseKind],
        approvers=[(each.value, each.label(locale)) for each in Approver],
        classes=[(each.value, each.label(locale)) for each in PlaceClass],
        may_open=policy.may_somewhere(actor, Verb.OPEN_CASE),
        roles=said_together([each.label(locale) for each in policy.TABLE[Verb.OPEN_CASE].roles], locale),
    )


def _default_division(actor: Actor, about: PlaceRow | None) -> str:
    """The only division that somebody may open cases in; else the county of the place that it is about."""
    roles = policy.TABLE[Verb.OPEN_CASE].roles
    own = {grant.division for grant in actor.in_force if grant.role in roles} - {WHOLE_REGISTRY}
    if len(own) == 1:
        return next(iter(own))
    if about is not None and about.division_code is not None:
        return prefix_of(about.division_code)[:COUNTY]
    return ""


def _case_typed(db: ReadSession, values: Mapping[str, str]) -> Mapping[str, object]:
    """A case as the form says it: with its first name, where there is one.

    Raises
    ------
    DivisionUnknown, DivisionAmbiguous, CaseUnsound
        Nothing of it says which division.
    """
    said: dict[str, object] = {**given(values)}
    place, name, place_class, *_ = (
        said.pop(key, None) for key in ("place", "name", "place_class", "crs", "skip", "table")
    )
    division = str(said.get("division", ""))
    if not division:
        raise wrong("division", "请填写所在区划", "say whose division it is")
    if any(each.isalpha() for each in division):
        said["division"] = resolve(db, division).code
    kind = next((each for each in CaseKind if each.value == said.get("kind")), CaseKind.NAMING)
    if place:
        action = ACTION_OF[kind] if kind is not CaseKind.NAMING else NameAction.RENAME
        said["names"] = [{"action": action, "place": place, **({"name": name} if name else {})}]
    elif name:
        said["names"] = [{"name": name, "class": place_class}]
    return said


def _uuid(text: str) -> UUID:
    return as_id(text, wrong("place", "不是地名的编号", "it is no place's id"))


HEADER = {
    "zh": ("编号", "种类", "标题", "名称", "名称数", "所在区划", "区划代码", "状态", "备案", "公告", "到期日", "剩余天数", "批准日期", "批准文号", "申请单位", "示例"),
    "en": ("number", "kind", "title", "first_name", "names", "division", "division_code", "state", "filing", "announcement", "due_on", "days_left", "approved_on", "approval_number", "applicant", "synthetic"),
}  # fmt: skip


def _cells(row: CaseRow, locale: str) -> Sequence[object]:
    def duty(state: DutyState | None) -> str | None:
        return state.label(locale) if state is not None else None

    yes, no = ("是", "否") if locale.startswith("zh") else ("yes", "no")
    return (
        row.number,
        row.kind.label(locale),
        row.title,
        row.first_name,
        row.names,
        row.division_name,
        row.division_code[:CODE_DIGITS],
        row.state.label(locale),
        duty(row.filing),
        duty(row.announcing),
        row.due_on,
        days_left(row.due_on, office.today()),
        row.approved_on,
        row.approval_number,
        row.applicant,
        yes if row.synthetic else no,
    )
