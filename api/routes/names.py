"""`/api/v1/names/…`: how place names are spelt, whether they may be given, and what is found of those that are."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from api.deps import CurrentActor, ListerDep, PageParam, ReadDb, WriteDb, base_url, does
from api.languages import say_language
from api.once import HEADERS, MAY_REFUSE, Made, OnceDep
from api.problems import WHO_MAY, BodyTooLarge, MediaTypeRefused, answers
from api.schemas.names import (
    CheckedOut,
    FindingsOut,
    OrderedOut,
    ReviewedOut,
    ReviewOut,
    RomanizedOut,
    WithdrawalBody,
)
from geo_registry.accounts.policy import Verb
from geo_registry.divisions.rules import prefix_of
from geo_registry.errors import (
    AlreadyExists,
    BodyMalformed,
    ClearanceUnknown,
    CursorInvalid,
    DivisionAmbiguous,
    DivisionCodeInvalid,
    DivisionUnknown,
    FindingUnknown,
    NameNotRomanised,
    NameQuestionEmpty,
    NearInvalid,
)
from geo_registry.places import clearing, service
from geo_registry.places.checking import asked
from geo_registry.places.clearing import FindingQuery, NewClearance
from geo_registry.places.romanisation.engine import NAME_CHARS, romanise
from geo_registry.places.romanisation.pieces import Setting
from geo_registry.vocabulary import FindingCode, PlaceClass, Severity

router = APIRouter(prefix="/names", tags=["names"])

Name = Annotated[
    str, Query(description="The name alone, in Chinese characters", examples=["双溪西路"], max_length=NAME_CHARS)
]
Class = Annotated[
    PlaceClass | None, Query(alias="class", description="What it names; else its generic part suggests it")
]
Figures = Annotated[
    bool, Query(description="Ordinals of streets and institutions in figures (1984), else in letters (GB/T 16159)")
]


@router.get("/romanize", summary="Spell a name", responses=answers(NameNotRomanised))
def romanize_name(
    request: Request, response: Response, name: Name, place_class: Class = None, *, figures: Figures = True
) -> RomanizedOut:
    """A proposal how a name is spelt in Hanyu Pinyin: its parts, the rule of each, what is doubtful, what else it could be.

    It is made of rules and tables, and decides nothing: `doubtful` says that a person should look first.
    """
    proposal = romanise(name, place_class, setting=Setting(figures=figures))
    if proposal.refused is not None:
        raise NameNotRomanised(name=name, reason_zh=proposal.refused.zh, reason_en=proposal.refused.en)
    return RomanizedOut.of(proposal, locale=say_language(request, response))


Division = Annotated[
    str | None, Query(description="A division's code, or its first digits", max_length=12, examples=["330702"])
]
Size = Annotated[float | None, Query(ge=0, description="As far as it is known")]


@router.get(
    "/check",
    summary="Check a name",
    responses=answers(
        NameQuestionEmpty, DivisionCodeInvalid, DivisionUnknown, DivisionAmbiguous, NearInvalid, *WHO_MAY
    ),
)
def check_name(
    *,
    request: Request,
    response: Response,
    db: ReadDb,
    actor: CurrentActor,
    name: Annotated[str, Query(description="The name that is to be given", examples=["人民路"], max_length=200)],
    place_class: Annotated[PlaceClass, Query(alias="class", description="What it is to name", examples=["street"])],
    division: Annotated[
        str | None,
        Query(
            description="Where it is to lie: a division's code, its first digits, or a name that one division bears",
            max_length=100,
            examples=["330702"],
        ),
    ] = None,
    at: Annotated[
        str | None, Query(description="Longitude,latitude in degrees", examples=["119.65,29.08"], max_length=100)
    ] = None,
    width_m: Size = None,
    length_m: Size = None,
    area_m2: Size = None,
) -> CheckedOut:
    """What 地名管理条例 art. 9 and local rules say of a name, and with which names it collides, the weightiest first.

    An error is what the law rules out, a warning what a person decides on. `basis.verified` is false where a list or a figure
    is the registry's own.
    """
    size = {"width_m": width_m, "length_m": length_m, "area_m2": area_m2}
    question = asked(name, place_class, division=division, at=at, size=size)
    findings = service.check_name(db, question, actor=actor)
    return CheckedOut.of(question.name, findings, locale=say_language(request, response))


@router.get(
    "/review", summary="What the last review found", responses=answers(CursorInvalid, DivisionCodeInvalid, *WHO_MAY)
)
def list_findings(
    *,
    request: Request,
    response: Response,
    db: ReadDb,
    page: PageParam,
    lister: ListerDep,
    actor: CurrentActor,
    division: Division = None,
    severity: Annotated[Severity | None, Query(description="Only findings that weigh so much")] = None,
    code: Annotated[FindingCode | None, Query(description="Only findings of this code")] = None,
    record: Annotated[UUID | None, Query(description="Only findings about this place or division")] = None,
    cleared: Annotated[
        bool | None, Query(description="Only those that are cleared, or that aren't; left out, both")
    ] = None,
) -> FindingsOut:
    """The checks over all names as a work list (地名优化), as the last review made it."""
    within = (prefix_of(division),) if division is not None else ()
    query = FindingQuery(divisions=within, severity=severity, code=code, record=record, cleared=cleared)
    locale = say_language(request, response)
    found = service.list_findings(db, query, page, actor=actor)
    done = clearing.last_review(db)
    return FindingsOut(
        **lister.page(found, lambda row: ReviewedOut.of_row(row, locale=locale)),
        review=ReviewOut.of(done) if done is not None else None,
    )


@router.post("/review", summary="Have all names checked", status_code=202, responses=answers(*WHO_MAY))
@does(Verb.REVIEW_NAMES)
def order_review(db: WriteDb, actor: CurrentActor) -> OrderedOut:
    """Order a job that checks all names; what it finds takes the place of what was found before."""
    return OrderedOut(job=service.order_review(db, actor=actor))


@router.post(
    "/clearances",
    summary="Clear a finding",
    status_code=201,
    response_model=ReviewedOut,
    responses={
        201: {"headers": HEADERS},
        **answers(
            AlreadyExists,
            BodyMalformed,
            BodyTooLarge,
            FindingUnknown,
            MediaTypeRefused,
            *MAY_REFUSE,
            *WHO_MAY,
            has_body=True,
        ),
    },
)
@does(Verb.CLEAR_FINDING)
def clear_finding(
    *, db: WriteDb, once: OnceDep, new: NewClearance, actor: CurrentActor, request: Request, response: Response
) -> Response:
    """Let a name stand in spite of a finding of the last review, for a reason that is kept; a duplicate that is meant likewise."""
    locale = say_language(request, response)

    def made() -> Made:
        row = service.clear_finding(db, new, actor=actor)
        listed = f"{base_url(request)}/api/v1/names/review?record={row.record}&code={row.finding.code.value}"
        return Made(ReviewedOut.of_row(row, locale=locale), listed, headers={"Content-Language": locale})

    return once.make(made, allow=lambda: service.require_clearing(db, new, actor=actor))


@router.post(
    "/clearances/{clearance}/withdraw",
    summary="Have a finding count again",
    status_code=204,
    responses=answers(BodyMalformed, BodyTooLarge, ClearanceUnknown, MediaTypeRefused, *WHO_MAY, has_body=True),
)
@does(Verb.CLEAR_FINDING)
def withdraw_clearance(
    db: WriteDb, clearance: Annotated[UUID, Path(description="Its id")], body: WithdrawalBody, actor: CurrentActor
) -> None:
    """Withdraw a clearance, with the reason; both stay in the history."""
    service.withdraw_clearance(db, clearance, body.why, actor=actor)
