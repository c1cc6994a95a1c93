"""What the rules say of the names of a case: on the case's page, or on one of its own; each can be let stand, with a reason."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.deps import reading
from api.visitors import visitor_of
from api.web.admin.frame import EMPTY, Filled, admin_page, sign_in_first
from api.web.desk.frame import DESK, case_id, labels, line_id
from api.web.desk.offered import may_edit
from api.web.names import Card, cards_of
from api.web.preferences import preferences_of
from geo_registry.accounts import policy
from geo_registry.accounts.policy import Verb
from geo_registry.cases import service
from geo_registry.cases.checking import LineFinding
from geo_registry.cases.queries import LineRow, positions_of
from geo_registry.cases.service import CaseTold
from geo_registry.db.session import ReadSession
from geo_registry.vocabulary import Severity

CHECKED_AT_ONCE = 40
"""Cases with so many names are checked while the page is made; larger ones by a part that is loaded behind it."""
MOST_FINDINGS = 200

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Found:
    """The findings about a name that are shown, and what settled those that are."""

    line: LineRow
    cards: Sequence[tuple[Card, LineFinding]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """One sort of findings that is looked at by itself: those of it that count."""

    label: str
    count: int
    names: int
    errors: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What the rules say of a case's names."""

    found: Sequence[Found]
    counted: int
    """Errors and warnings that nobody settled."""
    by_code: Sequence[tuple[str, str, int]]
    """Of each sort of finding that counts: its word, how it is called, how many there are."""
    by_line: Mapping[str, int]
    left_off: int
    others: Sequence[Mapping[str, Any]]
    """Where what they collide with lies."""


@router.get("/desk/cases/{case}/findings")
def case_findings_page(
    *,
    request: Request,
    case: str,
    code: Annotated[str, Query(max_length=100)] = "",
    line: Annotated[str, Query(max_length=100)] = "",
    settled: bool = False,
    part: bool = False,
    whole: bool = False,
) -> Response:
    """What the rules say of the names of a case, or of one; with `part` what another page puts into itself.

    Of a case with many names the page comes first, and what is found behind it; with `whole` all at once.
    """
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    only = {line_id(line)} if line else None
    return show_findings(
        request, case_id(case), code=code, settled=settled, part=part, only=only, behind=not (part or whole)
    )


def show_findings(
    request: Request,
    case: UUID,
    *,
    code: str = "",
    settled: bool = False,
    part: bool = False,
    only: Collection[UUID] | None = None,
    filled: Filled = EMPTY,
    behind: bool = False,
) -> Response:
    """The findings about the names of a case, or some of them, with a form of theirs as it was refused.

    With `behind` the page of a case with many names comes first, and asks for its findings then.
    """
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    with reading(request) as db:
        told = service.tell_case(db, case, actor=actor)
        if behind and only is None and len(told.lines) > CHECKED_AT_ONCE:
            return _behind(request, told, code=code, settled=settled)
        found = service.check_case(db, case, actor=actor, only=only)
        checked = checked_of(db, told, found, locale, code=code, settled=settled or only is not None)
    return admin_page(
        request,
        "desk-findings-part.html" if part else "desk-findings.html",
        filled=filled,
        case=told.case,
        checked=checked,
        chosen=_chosen(found, code, locale),
        seen=told.case.version,
        asked_code=code,
        settled=settled,
        back=f"{DESK}/cases/{case}" if part else f"{DESK}/cases/{case}/findings",
        may_clear=policy.refusal(actor, Verb.CLEAR_CASE_FINDING, division=told.case.division_code) is None,
        may_edit=may_edit(told.case, actor),
        labels=labels(locale),
    )


def _behind(request: Request, told: CaseTold, *, code: str, settled: bool) -> Response:
    """The page alone, with where its findings are to be had."""
    page = f"{DESK}/cases/{told.case.id}/findings"
    asked = {"code": code, **({"settled": "true"} if settled else {})}
    return admin_page(
        request,
        "desk-findings.html",
        case=told.case,
        checked=None,
        asked_code=code,
        settled=settled,
        behind=f"{page}?{urlencode({**asked, 'part': 'true'})}",
        at_once=f"{page}?{urlencode({**asked, 'whole': 'true'})}",
    )


def _chosen(found: Mapping[UUID, Sequence[LineFinding]], code: str, locale: str) -> Chosen | None:
    met = [
        (line, each)
        for line, those in found.items()
        for each in those
        if each.counts and each.finding.code.value == code
    ]
    if not met:
        return None
    errors = sum(each.finding.severity is Severity.ERROR for _, each in met)
    return Chosen(met[0][1].finding.code.label(locale), len(met), len({line for line, _ in met}), errors)


def checked_of(
    db: ReadSession,
    told: CaseTold,
    findings: Mapping[UUID, Sequence[LineFinding]],
    locale: str,
    *,
    code: str = "",
    settled: bool = False,
    most: int = MOST_FINDINGS,
) -> Checked:
    """What the rules found, as a page shows it: what counts, or with `settled` also what doesn't."""
    counts = [(line, each) for line in told.lines for each in findings.get(line.id, ()) if each.counts]
    by_code: dict[str, list[Any]] = {}
    for _, each in counts:
        by_code.setdefault(each.finding.code.value, [each.finding.code.label(locale), 0])[1] += 1
    by_line: dict[str, int] = {}
    for line, _ in counts:
        by_line[str(line.id)] = by_line.get(str(line.id), 0) + 1
    every = [(line, each) for line in told.lines for each in findings.get(line.id, ())]
    # Of a few all is shown; of many what has to be done comes first, and is all there is room for.
    wanted = every if settled or len(every) <= CHECKED_AT_ONCE else counts
    wanted = [(line, each) for line, each in wanted if not code or each.finding.code.value == code]
    kept = wanted[:most]
    cards = cards_of(db, [(each.finding, None) for _, each in kept])
    found: dict[UUID, list[tuple[Card, LineFinding]]] = {}
    for (line, each), card in zip(kept, cards, strict=True):
        found.setdefault(line.id, []).append((card, each))
    others = {
        each.finding.collides_with.id
        for _, each in kept
        if each.finding.collides_with is not None and each.finding.collides_with.id is not None
    }
    return Checked(
        [Found(line, found[line.id]) for line in told.lines if line.id in found],
        len(counts),
        [(key, label, number) for key, (label, number) in sorted(by_code.items(), key=lambda each: -each[1][1])],
        by_line,
        len(wanted) - len(kept),
        [
            {"id": str(place), "name": name, "lon": lon, "lat": lat}
            for place, (name, lon, lat) in positions_of(db, others).items()
        ],
    )
