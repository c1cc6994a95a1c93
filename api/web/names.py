"""`/names`: a name checked before it is given; `/names/review`: what is found of all names, and what is cleared of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BeforeValidator
from starlette.requests import Request
from starlette.responses import Response

from api.deps import does, reading, writing
from api.visitors import refuse_foreign_form, visitor_of
from api.web.admin.frame import EMPTY, Filled, Typed, admin_page, asked_page, following, go_and_say, sign_in_first
from api.web.preferences import preferences_of
from geo_registry.accounts import policy
from geo_registry.accounts.actors import Actor
from geo_registry.accounts.policy import Verb
from geo_registry.db.session import ReadSession
from geo_registry.divisions.queries import names_of
from geo_registry.divisions.rules import codes_above, prefix_of
from geo_registry.errors import AlreadyExists, BadQuery, ClearanceReasonInvalid, ClearanceUnknown, FindingUnknown
from geo_registry.places import clearing, service
from geo_registry.places.checking import asked
from geo_registry.places.clearing import FindingQuery, FindingRow, asked_clearance
from geo_registry.places.rules.findings import Finding
from geo_registry.places.rules.law import cited_text
from geo_registry.vocabulary import FindingCode, Named, PlaceClass, Severity, Word

NAMES = "/names"
REVIEW = "/names/review"

TONES = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.NOTE: "plain"}

UNCHOSEN = BeforeValidator(lambda written: written or None)
"""A form sends also what nobody chose, as nothing."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Card:
    """A finding as a page shows it."""

    finding: Finding
    tone: str
    text: str
    """The article, word for word; empty where it isn't at hand."""
    where: str
    """Where what it collides with lies."""
    row: FindingRow | None = None
    kind: Word | None = None
    """What bears the name: a class of places, or a level of divisions."""
    may_clear: bool = False
    key: str = ""
    """What its form is called by."""

    @property
    def own(self) -> str:
        """The page of what bears the name; empty for a name that isn't registered."""
        if self.row is None:
            return ""
        return _page(self.row.record, self.row.division_code, division=self.row.type is Named.DIVISION)

    @property
    def other(self) -> str:
        """The page of what it collides with; empty where that is nothing of the registry's."""
        other = self.finding.collides_with
        if other is None or other.id is None:
            return ""
        return _page(other.id, other.division, division=other.place_class is PlaceClass.DIVISION)


@router.get("/names")
def names_page(
    *,
    request: Request,
    name: Annotated[str, Query(max_length=1_000)] = "",
    place_class: Annotated[PlaceClass | None, UNCHOSEN, Query(alias="class")] = None,
    division: Annotated[str, Query(max_length=100)] = "",
    at: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """A form, and what was found about the name that was typed into it."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    policy.require(actor, Verb.CHECK_NAME)
    cards: Sequence[Card] | None = None
    filled = EMPTY
    place_class = place_class or PlaceClass.STREET
    if name.strip():
        try:
            question = asked(name, place_class, division=division.strip() or None, at=at.strip() or None)
            with reading(request) as db:
                findings = service.check_name(db, question, actor=actor)
                cards = [_card(db, finding) for finding in findings]
        except BadQuery as refused:
            filled = Filled(name="check", refused=refused)
    return admin_page(
        request,
        "names.html",
        filled=filled,
        asked={"name": name, "class": place_class.value, "division": division, "at": at},
        classes=[(each.value, each.label(locale)) for each in PlaceClass],
        cards=cards,
    )


@router.get("/names/review")
def review_page(
    *,
    request: Request,
    division: Annotated[str, Query(max_length=12)] = "",
    severity: Annotated[Severity | None, UNCHOSEN] = None,
    code: Annotated[FindingCode | None, UNCHOSEN] = None,
    cleared: bool = False,
    after: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """What the last review found, a page at a time."""
    within = prefix_of(division.strip()) if division.strip() else None
    query = FindingQuery(division=within, severity=severity, code=code, cleared=cleared)
    return sign_in_first(request) or _review(request, query, after=after)


@router.post("/names/review")
@does(Verb.REVIEW_NAMES)
def order_review_form(request: Request, *, csrf: Typed = "") -> Response:
    """Have all names checked anew."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    with writing(request) as db:
        service.order_review(db, actor=visitor.actor)
    return go_and_say(request, REVIEW, "ordered")


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
    severity: Typed = "",
) -> Response:
    """Let a name stand, for a reason."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    found_code = next((each for each in FindingCode if each.value == code), FindingCode.DUPLICATE)
    shown = next((each for each in Severity if each.value == severity), None)
    try:
        of_type = Named.DIVISION if type == Named.DIVISION.value else Named.PLACE
        new = asked_clearance(of_type, record, found_code, collides_with=against or None, reason=reason)
        with writing(request) as db:
            service.clear_finding(db, new, actor=visitor.actor)
    except (AlreadyExists, ClearanceReasonInvalid, FindingUnknown) as refused:
        filled = Filled(name=f"{record}-{code}-{against}", values={"reason": reason}, refused=refused)
        return _review(request, FindingQuery(severity=shown), filled=filled)
    return go_and_say(request, f"{REVIEW}?severity={quote(severity)}" if shown else REVIEW, "cleared")


@router.post("/names/withdraw")
@does(Verb.CLEAR_FINDING)
def withdraw_clearance_form(request: Request, *, csrf: Typed = "", clearance: Typed = "", why: Typed = "") -> Response:
    """Have a finding count again."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    try:
        known = UUID(clearance)
    except ValueError:
        raise ClearanceUnknown(clearance=clearance) from None
    with writing(request) as db:
        service.withdraw_clearance(db, known, why.strip(), actor=visitor.actor)
    return go_and_say(request, REVIEW, "withdrawn")


def _review(request: Request, query: FindingQuery, *, after: str = "", filled: Filled = EMPTY) -> Response:
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    with reading(request) as db:
        found = service.list_findings(db, query, asked_page(after), actor=actor)
        cards = [_card(db, row.finding, row, actor) for row in found.rows]
        counted = clearing.count_matching(db, replace(query, severity=None))
        last = clearing.last_review(db)
    return admin_page(
        request,
        "names-review.html",
        filled=filled,
        cards=cards,
        counted=[(each, count) for each, count in counted.items()],
        last=last,
        asked={
            "division": query.division or "",
            "severity": query.severity or "",
            "code": query.code or "",
            "cleared": query.cleared,
            "after": after,
        },
        severities=[(each.value, each.label(locale)) for each in Severity],
        codes=[(each.value, each.label(locale)) for each in FindingCode],
        following=following(found.next_after),
        may_order=policy.refusal(actor, Verb.REVIEW_NAMES) is None,
    )


def _page(record: UUID, code: str | None, *, division: bool) -> str:
    return f"/divisions/{code}" if division else f"/places/{record}"


def _card(db: ReadSession, finding: Finding, row: FindingRow | None = None, actor: Actor | None = None) -> Card:
    other = finding.collides_with
    where = ""
    if other is not None and other.division is not None:
        names = names_of(db, [*codes_above(other.division), other.division])
        where = "".join(names[each].name for each in (*codes_above(other.division), other.division) if each in names)
    may_clear = (
        row is not None
        and actor is not None
        and policy.refusal(actor, Verb.CLEAR_FINDING, division=row.division_code) is None
    )
    against = str(other.id) if other is not None and other.id is not None else ""
    key = f"{row.record}-{finding.code.value}-{against}" if row is not None else ""
    kind = row.kind_label if row is not None else None
    return Card(finding, TONES[finding.severity], cited_text(finding.basis), where, row, kind, may_clear, key)
