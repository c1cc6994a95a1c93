"""`/divisions/{code}`: a division through its vintages, what it came from, what it became, and how that is known."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.deps import base_url, does, reading, settings_of, writing
from api.visitors import form_for, keep_form_cookie, refuse_foreign_form, visitor_of
from api.web.admin.frame import EMPTY, Filled, Typed, go_and_say, seen_typed
from api.web.maps import chart
from api.web.preferences import ELDER, preferences_of
from api.web.rendering import page
from geo_registry import clock
from geo_registry.accounts import policy
from geo_registry.accounts.policy import Verb
from geo_registry.db.session import ReadSession
from geo_registry.divisions import service
from geo_registry.divisions.inputs import NewSuccession, SuccessionWithdrawal
from geo_registry.divisions.lineage import Member, Step
from geo_registry.divisions.queries import DivisionRow, box_of
from geo_registry.errors import DivisionUnknown, DomainError, Forbidden, SuccessionMalformed, Unauthenticated
from geo_registry.geo.bbox import BBox
from geo_registry.validation import typed
from geo_registry.vocabulary import Certainty, DivisionChange, DivisionLevel, Fate, PositionQuality

TONES = {
    Certainty.CERTAIN: "good",
    Certainty.PROBABLE: "warn",
    Certainty.POSSIBLE: "warn",
}
"""How a succession's certainty is marked: a tone of `components.html`'s badge."""

FATE_TONES = {
    Fate.PRESENT: "good",
    Fate.KNOWN: "plain",
    Fate.SUPPOSED: "warn",
    Fate.SEVERAL: "warn",
    Fate.UNKNOWN: "warn",
}

"""The same for what became of a division."""

BECAME, CAME_FROM = "became", "came-from"
"""Which of the two ends the page's own division is."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Told:
    """A succession as the page lists it: the division that it leads to the page's own from, or from it to.

    `near` is the division at its other end, where that isn't the page's own.
    """

    step: Step
    far: Member
    near: Member | None
    seen: str
    """The version that a form to take it back is made of; empty where whoever asks may not."""


@router.get("/divisions/{code}")
def division_record(
    request: Request,
    code: str,
    vintage: Annotated[int | None, Query()] = None,
) -> Response:
    """A division's record; of a vintage, or the newest that has the code."""
    return _show(request, code, vintage)


@router.post("/divisions/{code}/successions")
@does(Verb.RECORD_SUCCESSION)
def record_succession_form(
    request: Request,
    code: str,
    vintage: Annotated[int, Query()],
    *,
    direction: Typed = "",
    other_code: Typed = "",
    other_vintage: Typed = "",
    change: Typed = "",
    certainty: Typed = "",
    happened_on: Typed = "",
    evidence: Typed = "",
    csrf: Typed = "",
) -> Response:
    """Record what it became, or what it came from."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    own = {"code": code, "vintage": vintage}
    other = {"code": other_code.strip(), "vintage": other_vintage.strip()}
    before, after = (other, own) if direction == CAME_FROM else (own, other)
    try:
        with writing(request) as db:
            new = typed(
                NewSuccession,
                SuccessionMalformed,
                before=before,
                after=after,
                change=change,
                certainty=certainty,
                happened_on=happened_on.strip() or None,
                evidence=evidence,
            )
            service.record_succession(db, new, actor=visitor.actor)
    except (Forbidden, Unauthenticated):
        raise
    except DomainError as refused:
        values = {
            "direction": direction,
            "other_code": other_code,
            "other_vintage": other_vintage,
            "change": change,
            "certainty": certainty,
            "happened_on": happened_on,
            "evidence": evidence,
        }
        return _show(request, code, vintage, filled=Filled("record", values, refused))
    return _back(request, code, vintage, "recorded")


@router.post("/divisions/{code}/successions/{succession}/withdraw")
@does(Verb.WITHDRAW_SUCCESSION)
def withdraw_succession_form(
    request: Request,
    code: str,
    succession: UUID,
    vintage: Annotated[int, Query()],
    *,
    why: Typed = "",
    seen: Typed = "",
    csrf: Typed = "",
) -> Response:
    """Take back what was recorded of it."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    try:
        with writing(request) as db:
            given = typed(SuccessionWithdrawal, SuccessionMalformed, why=why)
            service.withdraw_succession(db, succession, seen=seen_typed(seen), why=given.why, actor=visitor.actor)
    except (Forbidden, Unauthenticated):
        raise
    except DomainError as refused:
        return _show(request, code, vintage, filled=Filled("withdraw", {"why": why}, refused))
    return _back(request, code, vintage, "withdrawn")


def _back(request: Request, code: str, vintage: int, done: str) -> Response:
    return go_and_say(request, f"/divisions/{quote(code, safe='')}?{urlencode({'vintage': vintage})}", done)


def _show(request: Request, code: str, vintage: int | None, *, filled: Filled = EMPTY) -> Response:
    visitor, wanted = visitor_of(request), preferences_of(request)
    actor, locale = visitor.actor, wanted.locale
    with reading(request) as db:
        row = service.get_division(db, code, vintage=vintage)
        lineage = service.lineage_of(db, row.code, vintage=row.vintage)
        vintages = service.vintages_of(db, row.code)
        path = service.path_of(db, row.code)
        shown = [row, *(_row_of(db, lead.division) for lead in lineage.present.leads)]
        outlined = [each for each in shown if each.geometry is not None]
        around = box_of(db, outlined[0].id) if outlined else _around_parent(db, row)
        may_withdraw = policy.refusal(actor, Verb.WITHDRAW_SUCCESSION, division=row.code) is None
        came_from = [
            _told(db, each, each.before, each.after, own=lineage.division, may=may_withdraw)
            for each in lineage.came_from
        ]
        became = [
            _told(db, each, each.after, each.before, own=lineage.division, may=may_withdraw) for each in lineage.became
        ]
        made = None if wanted.view == ELDER else chart(db, settings_of(request), around=around)
    cookie, token = form_for(request, visitor)
    address = f"/divisions/{row.code}?{urlencode({'vintage': row.vintage})}"
    response = page(
        request,
        "division.html",
        status=filled.status,
        division=row,
        level=DivisionLevel.of(row.level),
        fate=lineage.present.fate,
        fate_tone=FATE_TONES[lineage.present.fate],
        leads=lineage.present.leads,
        came_from=came_from,
        became=became,
        tones=TONES,
        vintages=vintages,
        path=path,
        chart=made,
        outlined=[each.code for each in outlined],
        boundary_synthetic=any(each.position_quality == PositionQuality.SYNTHETIC.value for each in outlined),
        may_record=policy.refusal(actor, Verb.RECORD_SUCCESSION, division=row.code) is None,
        filled=filled,
        token=token,
        directions=[BECAME, CAME_FROM],
        changes=[(each.value, each.label(locale)) for each in DivisionChange],
        certainties=[(each.value, each.label(locale)) for each in Certainty],
        address=f"{base_url(request)}{address}",
        here_address=address,
        data=f"/api/v1/divisions/{row.code}?{urlencode({'vintage': row.vintage})}",
        lineage_data=f"/api/v1/divisions/{row.code}/successions?{urlencode({'vintage': row.vintage})}",
        today=clock.today(settings_of(request).zone),
    )
    if cookie:
        keep_form_cookie(request, response, cookie)
    return response


def _told(db: ReadSession, step: Step, far: Member, near: Member, *, own: Member, may: bool) -> Told:
    is_own = near == own
    seen = service.get_succession(db, step.id).version if may and is_own else ""
    return Told(step=step, far=far, near=None if is_own else near, seen=seen)


def _row_of(db: ReadSession, division: Member) -> DivisionRow:
    return service.get_division(db, division.code, vintage=division.vintage)


def _around_parent(db: ReadSession, row: DivisionRow) -> BBox | None:
    """Where the division above lies now, of one that has no place of its own."""
    if row.parent_code is None:
        return None
    try:
        return box_of(db, service.get_division(db, row.parent_code).id)
    except DivisionUnknown:
        return None
