"""`/desk`: the cases of one's divisions, what is late first; narrowed by the address, as a file too."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.deps import reading
from api.visitors import visitor_of
from api.web.admin.frame import EMPTY, Filled, admin_page, sign_in_first
from api.web.desk.frame import DESK, days_left
from api.web.names import UNCHOSEN, digits_said, offered_divisions
from api.web.preferences import preferences_of
from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.cases import service, turns
from geo_registry.cases import writing as office
from geo_registry.cases.queries import SOON_DAYS, CaseQuery, CaseRow
from geo_registry.coverage.exports import defused
from geo_registry.divisions.rules import CODE_DIGITS
from geo_registry.errors import (
    DivisionAmbiguous,
    DivisionCodeInvalid,
    DivisionUnknown,
)
from geo_registry.vocabulary import (
    CaseKind,
    CaseState,
    DutyState,
)

AT_ONCE = 200
"""Cases a page: what is due first. More are found by narrowing."""
IN_A_FILE = 10_000
UNPLACED = (DivisionAmbiguous, DivisionCodeInvalid, DivisionUnknown)

Words = Annotated[str, Query(max_length=100)]

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case of the inbox, and how many days there are until it is late."""

    row: CaseRow
    left: int | None


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
        if asked["show"] == INCOMING:
            rows = service.every_incoming(db, actor=actor)
            matching = len(rows)
        else:
            rows, sums = service.inbox(db, query, actor=actor, limit=AT_ONCE)
            matching = sum(sums.by_state.values())
        every = replace(query, states=(), late_on=None, due_from=None, due_by=None, turn=None)
        all_sums = service.count_cases(db, every, actor=actor)
        own_sums = service.count_cases(db, replace(every, turn=turns.turn_of(actor)), actor=actor)
        offered = offered_divisions(db, actor)
    return admin_page(
        request,
        "desk.html",
        filled=filled,
        waiting=waiting(rows[:AT_ONCE]),
        matching=matching,
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


def waiting(rows: Sequence[CaseRow]) -> Sequence[Waiting]:
    """Cases with the days that are left."""
    today = office.today()
    return [Waiting(row, days_left(row.due_on, today)) for row in rows]


INCOMING = "incoming"
SHOWN = ("open", "own", "late", "soon", "done", "all", INCOMING)
"""What the inbox shows: what is still to be done, by oneself, what is late, what is due soon, what is done, everything,
what others sent for filing."""


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
