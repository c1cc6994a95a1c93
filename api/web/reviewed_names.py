"""`/names/review`: what the last review of all names found, as a list to be worked through; what is cleared of it, and why."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.deps import does, reading, writing
from api.visitors import forget_refused, refuse_foreign_form, refused_just_now, visitor_of
from api.web.admin.frame import (
    EMPTY,
    Filled,
    Typed,
    admin_page,
    asked_page,
    following,
    go_and_refuse,
    go_and_say,
    said_together,
    sign_in_first,
)
from api.web.names import UNCHOSEN, UNPLACED, Choice, cards_of, choices_of, offered_divisions, own_zones, paths_said
from api.web.preferences import preferences_of
from geo_registry.accounts import policy
from geo_registry.accounts.policy import Verb
from geo_registry.cases import service as cases
from geo_registry.cases.inputs import FROM_REVIEW, MOST_LINES, FromReview
from geo_registry.coverage.exports import defused
from geo_registry.db.paging import Page
from geo_registry.db.session import ReadSession
from geo_registry.divisions.rules import CODE_DIGITS, prefix_of
from geo_registry.divisions.service import resolve
from geo_registry.errors import (
    AlreadyExists,
    CaseMalformed,
    CaseTooLarge,
    ClearanceReasonInvalid,
    ClearanceUnknown,
    DomainError,
    FindingUnknown,
    NothingOfTheReview,
    PlaceUnknown,
)
from geo_registry.places import clearing, service
from geo_registry.places.clearing import MOST_REASON, FindingQuery, FindingRow, asked_clearance
from geo_registry.validation import typed
from geo_registry.vocabulary import CaseKind, FindingCode, Named, Severity

REVIEW = "/names/review"
AT_ONCE = 1_000
"""Rows of a file that are read at a time."""

LISTED = frozenset({"division", "severity", "code", "cleared", "after"})
"""What an address of the list narrows it by, and how far on in it it is."""

REFUSED: dict[str, DomainError] = {
    each.code: each
    for each in (
        ClearanceReasonInvalid(limit=MOST_REASON),
        AlreadyExists(constraint=clearing.IN_FORCE_ONCE, detail=""),
        FindingUnknown(record="", code=""),
    )
}
"""What a form of the list may be refused for, as the list that it leads back to says it."""

BETWEEN = re.compile("[,，、;；]")
"""What stands between several divisions."""

Text = Annotated[str, Query(max_length=100)]

router = APIRouter(include_in_schema=False)


@router.get("/names/review")
def review_page(
    *,
    request: Request,
    division: Text = "",
    severity: Annotated[Severity | None, UNCHOSEN] = None,
    code: Annotated[FindingCode | None, UNCHOSEN] = None,
    cleared: bool = False,
    after: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """What the last review found, a page at a time: at first of the divisions that are the reader's own.

    Two names that collide are one entry. A form that was refused stands open once, with what was typed into it.
    """
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    policy.require(actor, Verb.LIST_FINDINGS)
    said = _division_asked(request, division)
    told = refused_just_now(request)
    filled = EMPTY
    if told.get("refused") in REFUSED:
        filled = Filled(name=told["of"], values={"reason": told["reason"]}, refused=REFUSED[told["refused"]])
    choices: Sequence[Choice] = ()
    query = FindingQuery(severity=severity, code=code, cleared=cleared, once=True)
    with reading(request) as db:
        try:
            is_asked = "division" in request.query_params
            query = replace(query, divisions=_within(db, said) if is_asked else tuple(own_zones(actor)))
        except UNPLACED as error:
            filled = Filled(name="filter", refused=error)
            choices = choices_of(db, error, lambda name, code: _address(request, division=_put(said, name, code)))
        found = service.list_findings(db, query, asked_page(after), actor=actor)
        cards = cards_of(db, [(row.finding, row) for row in found.rows], actor)
        counted = clearing.count_matching(db, replace(query, severity=None))
        last = clearing.last_review(db)
        offered = offered_divisions(db, actor)
        within = [each.ljust(CODE_DIGITS, "0") for each in query.divisions]
        paths = paths_said(db, within)
        called = said_together([paths[each] or each for each in within], locale)
    listed = {
        "division": said,
        "severity": severity.value if severity is not None else "",
        "code": code.value if code is not None else "",
        "cleared": "true" if cleared else "false",
    }
    response = admin_page(
        request,
        "names-review.html",
        filled=filled,
        choices=choices,
        cards=cards,
        counted=list(counted.items()),
        matching=sum(counted.values()) if severity is None else counted[severity],
        last=last,
        asked={**listed, "after": after},
        listed=urlencode({**listed, "after": after}),
        is_own=bool(said) and "division" not in request.query_params,
        called=called,
        offered=offered,
        severities=[(each.value, each.label(locale)) for each in Severity],
        codes=[(each.value, each.label(locale)) for each in FindingCode],
        file=f"{REVIEW}.csv?{urlencode(listed)}",
        following=following(found.next_after),
        may_order=policy.refusal(actor, Verb.REVIEW_NAMES) is None,
        may_open=policy.may_somewhere(actor, Verb.OPEN_CASE),
        case_kinds=[(each.value, each.label(locale)) for each in CaseKind if each in FROM_REVIEW],
    )
    if told:
        forget_refused(request, response)
    return response


@router.get("/names/review.csv")
def review_file(
    *,
    request: Request,
    division: Text = "",
    severity: Annotated[Severity | None, UNCHOSEN] = None,
    code: Annotated[FindingCode | None, UNCHOSEN] = None,
    cleared: bool = False,
) -> Response:
    """The list as it is narrowed, as a table: one row an entry. Texts that a spreadsheet would run are kept texts."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    policy.require(visitor_of(request).actor, Verb.LIST_FINDINGS)
    with reading(request) as db:
        within = _within(db, division)
    query = FindingQuery(divisions=within, severity=severity, code=code, cleared=cleared, once=True)
    headers = {"Content-Disposition": 'attachment; filename="names-review.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(_lines(request, query), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/names/review")
@does(Verb.REVIEW_NAMES)
def order_review_form(request: Request, *, csrf: Typed = "") -> Response:
    """Have all names checked anew."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    with writing(request) as db:
        service.order_review(db, actor=visitor.actor)
    return go_and_say(request, REVIEW, "ordered")


@router.post("/names/review/cases")
@does(Verb.OPEN_CASE)
def open_cases_form(
    *,
    request: Request,
    csrf: Typed = "",
    places: Annotated[list[str], Form(max_length=MOST_LINES)] = [],  # noqa: B006 - read, never written
    kind: Typed = "",
    per: Typed = "",
    listed: Typed = "",
) -> Response:
    """Open cases of the names that are ticked, and say which; those that can be in none are told with why."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    opened, refused = None, None
    try:
        asked = typed(FromReview, CaseMalformed, kind=kind, places=places, per=per)
        with writing(request) as db:
            opened = cases.open_cases_of_review(db, asked, actor=visitor.actor)
    except (CaseMalformed, CaseTooLarge, NothingOfTheReview, PlaceUnknown) as error:
        refused = error
    back = _listed(listed, "")
    return admin_page(
        request, "names-opened.html", filled=Filled("open", {}, refused), opened=opened, refused=refused, back=back
    )


@router.post("/names/clear")
@does(Verb.CLEAR_FINDING)
def clear_finding_form(
    *,
    request: Request,
    csrf: Typed = "",
    type: Typed = "place",  # noqa: A002 - the field's name
    record: Typed = "",
    code: Typed = "",
    against: Typed = "",
    reason: Typed = "",
    key: Typed = "",
    listed: Typed = "",
) -> Response:
    """Let a name stand, for a reason; back to the list as it was."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    found_code = next((each for each in FindingCode if each.value == code), FindingCode.DUPLICATE)
    try:
        of_type = Named.DIVISION if type == Named.DIVISION.value else Named.PLACE
        new = asked_clearance(of_type, record, found_code, collides_with=against or None, reason=reason)
        with writing(request) as db:
            service.clear_finding(db, new, actor=visitor.actor)
    except (AlreadyExists, ClearanceReasonInvalid, FindingUnknown) as refused:
        return _again(request, listed, key, refused=refused.code, reason=reason)
    return _back(request, listed, key, done="cleared")


@router.post("/names/withdraw")
@does(Verb.CLEAR_FINDING)
def withdraw_clearance_form(
    request: Request, *, csrf: Typed = "", clearance: Typed = "", why: Typed = "", key: Typed = "", listed: Typed = ""
) -> Response:
    """Have a finding count again, for a reason; back to the list as it was."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    try:
        known = UUID(clearance)
    except ValueError:
        raise ClearanceUnknown(clearance=clearance) from None
    why = " ".join(why.split())
    if not 0 < len(why) <= MOST_REASON:
        return _again(request, listed, key, refused=ClearanceReasonInvalid.code, reason=why)
    with writing(request) as db:
        service.withdraw_clearance(db, known, why, actor=visitor.actor)
    return _back(request, listed, key, done="withdrawn")


def _division_asked(request: Request, said: str) -> str:
    """The divisions that are asked for; where none is, those that are the reader's own."""
    if "division" in request.query_params:
        return said.strip()
    return ",".join(own_zones(visitor_of(request).actor))


def _within(db: ReadSession, said: str) -> tuple[str, ...]:
    """The first digits of the divisions that are said by code or by name, several with commas between them."""
    each = [one.strip() for one in BETWEEN.split(said) if one.strip()]
    return tuple(dict.fromkeys(_first_digits(db, one) for one in each))


def _first_digits(db: ReadSession, said: str) -> str:
    code = resolve(db, said).code
    return prefix_of(code if any(map(str.isalpha, said)) else said)


def _put(said: str, name: str, code: str) -> str:
    """The divisions as they were said, a code in the place of a name."""
    each = [one.strip() for one in BETWEEN.split(said) if one.strip()]
    return ",".join(code if one == name else one for one in each)


def _address(request: Request, **over: str) -> str:
    """The list as it is narrowed, but for what is said, from its beginning."""
    asked = {name: value for name, value in request.query_params.items() if name in LISTED - {"after"}}
    return f"{REVIEW}?{urlencode({**asked, **over})}"


def _listed(listed: str, key: str) -> str:
    """The list as `listed` (its query) has it, at the entry that was decided on."""
    asked = [(name, value) for name, value in parse_qsl(listed, keep_blank_values=True) if name in LISTED]
    path = f"{REVIEW}?{urlencode(asked)}"
    return f"{path}#{key}" if key else path


def _back(request: Request, listed: str, key: str, *, done: str) -> Response:
    response = go_and_say(request, _listed(listed, key), done)
    # What was refused before, and nobody looked at, is past.
    forget_refused(request, response)
    return response


def _again(request: Request, listed: str, key: str, *, refused: str, reason: str) -> Response:
    return go_and_refuse(request, _listed(listed, key), {"refused": refused, "of": key, "reason": reason})


HEADER = {
    "zh": (
        "程度", "问题", "名称", "类别", "所在区划", "区划代码", "说明", "依据", "已核实", "冲突名称", "冲突名称所在区划代码", "相距米",
        "排除理由", "排除人", "排除时间", "编号", "冲突编号",
    ),
    "en": (
        "severity", "code", "name", "class", "division", "division_code", "finding", "article", "verified", "collides_with",
        "collides_division_code", "distance_m", "cleared_for", "cleared_by", "cleared_at", "id", "collides_id",
    ),
}  # fmt: skip


def _lines(request: Request, query: FindingQuery) -> Iterator[bytes]:
    locale = "en" if preferences_of(request).locale.startswith("en") else "zh"
    yield b"\xef\xbb\xbf" + _line(HEADER[locale])
    after: int | None = 0
    with reading(request) as db:
        while after is not None:
            found = service.list_findings(db, query, Page(after=after, limit=AT_ONCE), actor=visitor_of(request).actor)
            paths = paths_said(db, {row.division_code for row in found.rows})
            yield b"".join(_line(_cells(row, paths[row.division_code], locale)) for row in found.rows)
            after = found.next_after


def _line(cells: Sequence[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(
        [defused(cell) if isinstance(cell, str) else cell for cell in cells]
    )
    return line.getvalue().encode()


def _cells(row: FindingRow, where: str, locale: str) -> Sequence[object]:
    finding, other, cleared = row.finding, row.finding.collides_with, row.cleared
    verified = {"zh": ("否", "是"), "en": ("no", "yes")}[locale][finding.basis.verified]
    return (
        finding.severity.label(locale),
        finding.code.label(locale) if locale == "zh" else finding.code.value,
        row.name,
        row.kind_label.label(locale),
        where,
        row.division_code,
        finding.message(locale),
        finding.basis.cited,
        verified,
        other.name if other is not None else None,
        other.division if other is not None else None,
        other.distance_m if other is not None else None,
        cleared.reason if cleared is not None else None,
        cleared.by if cleared is not None else None,
        cleared.at.isoformat() if cleared is not None else None,
        row.record,
        other.id if other is not None else None,
    )
