"""`/api/v1/cases`: what the office decides on, step by step; and its filings (地名管理条例 arts. 10 to 14)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CurrentActor, ListerDep, PageParam, ReadDb, WriteDb, base_url, does
from api.languages import locale_of, say_language
from api.once import HEADERS, MAY_REFUSE, Made, OnceDep
from api.problems import WHO_MAY, BodyTooLarge, MediaTypeRefused, answers
from api.saving import to_be_saved
from api.schemas.cases import (
    AnnouncementDraftOut,
    CaseDocumentOut,
    CaseFindingsOut,
    CaseOut,
    CaseTableOut,
    CaseToldOut,
    FilingOut,
    NeighboursOut,
    OpenedOut,
)
from api.schemas.shared import Items
from api.tags import TAGGED, VERSIONED, IfMatch, ShowerDep, etag
from geo_registry.accounts.policy import Verb
from geo_registry.cases import service
from geo_registry.cases.inputs import (
    Amending,
    Announcing,
    Approving,
    CaseChange,
    Consulting,
    Correcting,
    EnteredCodes,
    Filed,
    FromReview,
    LineChange,
    LineClearing,
    NewCase,
    NewLines,
    Sending,
    SortClearing,
    Split,
    TakenOver,
    Taking,
)
from geo_registry.cases.papers_kept import NewDocument
from geo_registry.cases.queries import CaseQuery
from geo_registry.cases.service import CaseTold
from geo_registry.cases.writing import today
from geo_registry.errors import (
    AlreadyExists,
    BodyMalformed,
    CaseApproverNeeded,
    CaseDateAhead,
    CaseDatesOutOfOrder,
    CaseDocumentUnknown,
    CaseEffectFixed,
    CaseElsewhere,
    CaseFindingsOpen,
    CaseFindingsWeigh,
    CaseFindingUnknown,
    CaseIncomplete,
    CaseLineUnknown,
    CaseNothingToAmend,
    CaseNotOpen,
    CasePlaceAbolished,
    CasePlacePending,
    CasePlaceTwice,
    CaseRowsRefused,
    CaseSignedByItsAuthor,
    CaseStepNotOpen,
    CaseTableEmpty,
    CaseTooLarge,
    CaseUnknown,
    CrsUnknown,
    CursorInvalid,
    DivisionCodeInvalid,
    DivisionUnknown,
    DocumentRefused,
    DomainError,
    HeritageUnprotected,
    NameNotInForce,
    NothingOfTheReview,
    PaperFontMissing,
    PaperNotMadeSo,
    PeriodsOverlap,
    PlaceUnknown,
    PlaceUnsound,
    SentFileUnsupported,
    SpellingInvalid,
)
from geo_registry.exchange import service as exchange
from geo_registry.places.inputs import PlaceWithdrawal
from geo_registry.vocabulary import CaseKind, CasePaper, CaseState, CaseStep, DocumentKind, DutyState, PaperFormat

router = APIRouter(tags=["cases"])

CaseId = Annotated[UUID, Path(description="Its id")]
LineId = Annotated[UUID, Path(description="The id of the name in the case")]
DocumentId = Annotated[UUID, Path(description="The document's id")]

WRITING = (BodyMalformed, BodyTooLarge, MediaTypeRefused, *WHO_MAY)
OF_NAMES = (
    CasePlacePending,
    CasePlaceTwice,
    CasePlaceAbolished,
    CaseElsewhere,
    CaseTooLarge,
    PlaceUnknown,
    PlaceUnsound,
    SpellingInvalid,
    DivisionUnknown,
    DivisionCodeInvalid,
)
EDITING = (*WRITING, *VERSIONED, CaseUnknown, CaseNotOpen)
TAKING = (*WRITING, *VERSIONED, CaseUnknown, CaseStepNotOpen, CaseDatesOutOfOrder, CaseDateAhead)
MADE: Mapping[int | str, dict[str, Any]] = {201: {"headers": {**HEADERS, **TAGGED[200]["headers"]}}}
FILES: Mapping[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get(
    "/cases",
    summary="List cases",
    responses=answers(CursorInvalid, DivisionCodeInvalid, *WHO_MAY),
)
def list_cases(
    *,
    db: ReadDb,
    actor: CurrentActor,
    page: PageParam,
    lister: ListerDep,
    division: Annotated[
        str | None,
        Query(description="Of this division (code, or its first digits) or below", max_length=12, examples=["330702"]),
    ] = None,
    kind: Annotated[CaseKind | None, Query(description="Of this kind")] = None,
    state: Annotated[list[CaseState] | None, Query(description="In one of these states")] = None,
    open_now: Annotated[
        bool | None, Query(alias="open", description="Only those with something left to do, or only the others")
    ] = None,
    late: Annotated[bool, Query(description="Only those with something that is late")] = False,
    place: Annotated[UUID | None, Query(description="About this place")] = None,
    text: Annotated[str | None, Query(description="Part of the number, the title or a name", max_length=100)] = None,
) -> Items[CaseOut]:
    """The cases of your divisions, by keyset in the order that they were opened."""
    query = CaseQuery(
        division=division,
        kind=kind,
        states=tuple(state or ()),
        open=open_now,
        late_on=today() if late else None,
        place=place,
        text=text,
    )
    return Items(**lister.page(service.list_cases(db, query, page, actor=actor), CaseOut.of))


@router.post(
    "/cases",
    summary="Open a case",
    status_code=201,
    response_model=CaseToldOut,
    responses={**MADE, **answers(*WRITING, *MAY_REFUSE, *OF_NAMES, CaseApproverNeeded, has_body=True)},
)
@does(Verb.OPEN_CASE)
def open_case(db: WriteDb, once: OnceDep, new: NewCase, actor: CurrentActor, request: Request) -> Response:
    """Open a case as a draft, with its names: of new places, or of places that are there, by their ids.

    One case may hold many: a road that is split is said by `splits` of each of the new ones, one that goes over whole
    by `absorbs`, one that keeps its name and reaches farther by the action `adjust`.
    """

    def make() -> Made:
        told = service.open_case(db, new, actor=actor)
        location = f"{base_url(request)}/api/v1/cases/{told.case.id}"
        return Made(CaseToldOut.told(told), location=location, headers={"ETag": etag(told.case.version)})

    return once.make(make, allow=lambda: service.require_opening(db, new, actor=actor))


@router.post(
    "/cases/from-review",
    summary="Open cases of the optimisation list",
    responses=answers(
        *WRITING, NothingOfTheReview, PlaceUnknown, DivisionUnknown, DivisionCodeInvalid, CaseTooLarge, has_body=True
    ),
)
@does(Verb.OPEN_CASE)
def open_cases_of_review(
    db: WriteDb, asked: FromReview, actor: CurrentActor, request: Request, response: Response
) -> OpenedOut:
    """Open drafts of the names that the last review of all names found something about (地名优化), many at once.

    One case is opened for each county, or each township, and whoever approves there. What waits for another case is left
    out and told, so that sent again it opens nothing twice.
    """
    opened = service.open_cases_of_review(db, asked, actor=actor)
    return OpenedOut.of(opened, locale=say_language(request, response))


@router.post(
    "/cases/taken-over",
    summary="Take over what was decided on before",
    status_code=201,
    response_model=CaseToldOut,
    responses={
        **MADE,
        **answers(
            *WRITING,
            *MAY_REFUSE,
            CaseDateAhead,
            CaseElsewhere,
            PlaceUnknown,
            DivisionUnknown,
            DivisionCodeInvalid,
            has_body=True,
        ),
    },
)
@does(Verb.TAKE_OVER_CASE)
def take_over_case(db: WriteDb, once: OnceDep, taken: TakenOver, actor: CurrentActor, request: Request) -> Response:
    """Enter an earlier approval of names of places that are there, or were: an approved case, with what is known of it.

    Nothing of the places changes, nothing falls due; what isn't known is left out. Its documents are added to the case.
    """

    def make() -> Made:
        told = service.take_over(db, taken, actor=actor)
        location = f"{base_url(request)}/api/v1/cases/{told.case.id}"
        return Made(CaseToldOut.told(told), location=location, headers={"ETag": etag(told.case.version)})

    return once.make(make, allow=lambda: service.require_taking_over(db, taken, actor=actor))


@router.get(
    "/cases/{case}",
    summary="One case",
    response_model=CaseToldOut,
    responses={**TAGGED, **answers(CaseUnknown, *WHO_MAY)},
)
def get_case(db: ReadDb, actor: CurrentActor, case: CaseId, shower: ShowerDep) -> CaseToldOut | Response:
    """A case with its names, steps and papers, what is due by when, and what can be done now."""
    told = service.tell_case(db, case, actor=actor)
    return shower.show(told.case.version, lambda: CaseToldOut.told(told))


@router.patch(
    "/cases/{case}", summary="Change a case", responses={200: TAGGED[200], **answers(*EDITING, has_body=True)}
)
@does(Verb.CHANGE_CASE)
def change_case(
    *, db: WriteDb, case: CaseId, change: CaseChange, seen: IfMatch, actor: CurrentActor, response: Response
) -> CaseToldOut:
    """Change what a case says; whoever applied may until it is submitted, the office until it is handled."""
    return _shown(response, service.change_case(db, case, change, seen=seen, actor=actor))


@router.post(
    "/cases/{case}/names",
    summary="Add names to a case",
    responses={200: TAGGED[200], **answers(*EDITING, *OF_NAMES, has_body=True)},
)
@does(Verb.CHANGE_CASE)
def add_case_names(
    *, db: WriteDb, case: CaseId, new: NewLines, seen: IfMatch, actor: CurrentActor, response: Response
) -> CaseToldOut:
    """Add names to a case that isn't decided on."""
    return _shown(response, service.add_names(db, case, new.names, seen=seen, actor=actor))


@router.post(
    "/cases/{case}/names/table",
    summary="Add the names of a table to a case",
    responses={
        200: TAGGED[200],
        **answers(*EDITING, *OF_NAMES, CaseRowsRefused, CaseTableEmpty, SentFileUnsupported, CrsUnknown, has_body=True),
    },
)
@does(Verb.CHANGE_CASE)
def add_case_table(
    *,
    db: WriteDb,
    case: CaseId,
    seen: IfMatch,
    actor: CurrentActor,
    content: Annotated[bytes, Body(media_type="application/octet-stream", description="The file itself")],
    file_name: Annotated[str, Query(description="With its ending", max_length=200, examples=["道路名称.xlsx"])],
    crs: Annotated[
        str, Query(description="`auto`, `epsg:N`, `gcj02` or `bd09`", max_length=20, examples=["auto"])
    ] = "auto",
    skip: Annotated[bool, Query(description="Leave out rows that can't be taken, instead of taking none")] = False,
    request: Request,
    response: Response,
) -> CaseTableOut:
    """Add the names of an XLSX, CSV or GeoJSON, a row each; where a row can't be taken, nothing is written and `errors` has each."""
    taken = exchange.add_names_from_file(db, case, content, file_name, seen=seen, actor=actor, crs=crs, skip=skip)
    told = taken.required()
    response.headers["ETag"] = etag(told.case.version)
    return CaseTableOut.of(told, taken.read, locale=say_language(request, response))


@router.patch(
    "/cases/{case}/names/{line}",
    summary="Change a name of a case",
    responses={200: TAGGED[200], **answers(*EDITING, *OF_NAMES, CaseLineUnknown, has_body=True)},
)
@does(Verb.CHANGE_CASE)
def change_case_name(
    *,
    db: WriteDb,
    case: CaseId,
    line: LineId,
    change: LineChange,
    seen: IfMatch,
    actor: CurrentActor,
    response: Response,
) -> CaseToldOut:
    """Change a name, or what bears it; with `state` strike it out, or have it again."""
    return _shown(response, service.change_name(db, case, line, change, seen=seen, actor=actor))


@router.get(
    "/cases/{case}/names/{line}/neighbours",
    summary="What lies around a name of a case",
    responses=answers(CaseUnknown, CaseLineUnknown, *WHO_MAY),
)
def list_case_neighbours(
    *, db: ReadDb, actor: CurrentActor, case: CaseId, line: LineId, request: Request, response: Response
) -> NeighboursOut:
    """The registered places within 500 m of the name's extent, the nearest first, at most 20."""
    found = service.neighbours_of(db, case, line, actor=actor)
    return NeighboursOut.of(found, locale=say_language(request, response))


@router.post(
    "/cases/{case}/split",
    summary="Split a case",
    responses={200: TAGGED[200], **answers(*EDITING, CaseLineUnknown, CaseIncomplete, has_body=True)},
)
@does(Verb.CHANGE_CASE)
def split_case(
    *, db: WriteDb, case: CaseId, split: Split, seen: IfMatch, actor: CurrentActor, response: Response
) -> CaseToldOut:
    """Have some names go on in a case of their own, as those that something was found of; the new case is answered."""
    return _shown(response, service.split_case(db, case, split, seen=seen, actor=actor))


@router.get("/cases/{case}/findings", summary="What the rules say of a case", responses=answers(CaseUnknown, *WHO_MAY))
def list_case_findings(
    db: ReadDb, actor: CurrentActor, case: CaseId, request: Request, response: Response
) -> CaseFindingsOut:
    """The findings about every name of a case, against the registry and the other names of it, with what settled them."""
    lines = service.tell_case(db, case, actor=actor).lines
    found = service.check_case(db, case, actor=actor)
    return CaseFindingsOut.of(lines, found, locale=say_language(request, response))


@router.post(
    "/cases/{case}/names/{line}/clearances",
    summary="Settle a finding",
    responses=answers(*WRITING, CaseUnknown, CaseLineUnknown, CaseFindingUnknown, AlreadyExists, has_body=True),
)
@does(Verb.CLEAR_CASE_FINDING)
def clear_case_finding(
    *,
    db: WriteDb,
    case: CaseId,
    line: LineId,
    settling: LineClearing,
    actor: CurrentActor,
    request: Request,
    response: Response,
) -> CaseFindingsOut:
    """Let a name stand in spite of a finding, for a reason that is kept; the findings about the name."""
    found = service.clear_finding(db, case, line, settling, actor=actor)
    lines = [each for each in service.tell_case(db, case, actor=actor).lines if each.id == line]
    return CaseFindingsOut.of(lines, {line: found}, locale=say_language(request, response))


@router.post(
    "/cases/{case}/clearances",
    summary="Settle all findings of a sort",
    responses=answers(*WRITING, *VERSIONED, CaseUnknown, CaseFindingUnknown, CaseFindingsWeigh, has_body=True),
)
@does(Verb.CLEAR_CASE_FINDING)
def clear_case_findings(
    *,
    db: WriteDb,
    case: CaseId,
    settling: SortClearing,
    seen: IfMatch,
    actor: CurrentActor,
    request: Request,
    response: Response,
) -> CaseFindingsOut:
    """Let all names of a case stand in spite of the warnings of one sort, for one reason that is kept with each.

    What breaks a rule is settled one by one.
    """
    service.clear_findings(db, case, settling, seen=seen, actor=actor)
    told = service.tell_case(db, case, actor=actor)
    response.headers["ETag"] = etag(told.case.version)
    return CaseFindingsOut.of(
        told.lines, service.check_case(db, case, actor=actor), locale=say_language(request, response)
    )


@router.get(
    "/cases/{case}/announcement",
    summary="The announcement as it would be made",
    responses=answers(CaseUnknown, *WHO_MAY),
)
def draft_announcement(
    db: ReadDb, actor: CurrentActor, case: CaseId, request: Request, response: Response
) -> AnnouncementDraftOut:
    """What an announcement of the case would say now, and what it lacks."""
    said, flaws = service.draft_announcement(db, case, actor=actor)
    return AnnouncementDraftOut.of(said, flaws, locale=say_language(request, response))


@router.get(
    "/cases/{case}/papers/{paper}",
    summary="A paper made from a case",
    response_class=Response,
    responses={**FILES, **answers(CaseUnknown, PaperNotMadeSo, PaperFontMissing, *WHO_MAY)},
)
def draft_paper(
    *,
    db: ReadDb,
    actor: CurrentActor,
    case: CaseId,
    paper: Annotated[CasePaper, Path(description="Which paper")],
    wanted: Annotated[PaperFormat, Query(alias="format", description="In what format")] = PaperFormat.DOCX,
    request: Request,
) -> Response:
    """The application, the report on opinions, the filing papers or the announcement, as they would be made now."""
    made = service.draft_paper(db, case, paper, wanted, actor=actor, locale=locale_of(request))
    return to_be_saved(made.content, made.media_type, made.file_name)


@router.post(
    "/cases/{case}/documents",
    summary="Add a document",
    status_code=201,
    responses=answers(*WRITING, CaseUnknown, DocumentRefused, has_body=True),
)
@does(Verb.ATTACH_DOCUMENT)
def attach_document(
    *,
    db: WriteDb,
    case: CaseId,
    actor: CurrentActor,
    content: Annotated[bytes, Body(media_type="application/octet-stream", description="The file itself")],
    kind: Annotated[DocumentKind, Query(description="What paper it is")],
    file_name: Annotated[str, Query(description="With its ending", max_length=200, examples=["论证报告.pdf"])],
    title: Annotated[str, Query(description="Else what its kind is called", max_length=200)] = "",
) -> CaseDocumentOut:
    """Keep a paper with the case: PDF, DOCX, XLSX, OFD, ZIP, JPEG or PNG, told by what it holds; sent again it is the same one."""
    new = NewDocument(kind=kind, file_name=file_name, content=content, title=title)
    return CaseDocumentOut.of(service.attach(db, case, new, actor=actor))


@router.get(
    "/cases/{case}/documents/{document}",
    summary="A document",
    response_class=Response,
    responses={**FILES, **answers(CaseUnknown, CaseDocumentUnknown, *WHO_MAY)},
)
def read_document(db: ReadDb, actor: CurrentActor, case: CaseId, document: DocumentId) -> Response:
    """What a paper holds, to be saved."""
    row, content = service.read_document(db, case, document, actor=actor)
    return to_be_saved(content, row.media_type, row.file_name)


@router.post(
    "/cases/{case}/documents/{document}/withdraw",
    summary="Take a document out",
    status_code=204,
    responses=answers(*WRITING, CaseUnknown, CaseDocumentUnknown, CaseNotOpen, has_body=True),
)
@does(Verb.ATTACH_DOCUMENT)
def withdraw_document(
    db: WriteDb, case: CaseId, document: DocumentId, withdrawal: PlaceWithdrawal, actor: CurrentActor
) -> None:
    """Take a paper out of a case that isn't decided on; that it was there stays in the history."""
    service.withdraw_document(db, case, document, withdrawal.why, actor=actor)


@dataclass(frozen=True, slots=True)
class StepRoute:
    """A route that takes one step: below which path, by which function, with what body."""

    verb: Verb
    step: CaseStep
    path: str
    taking: type[Taking]
    do: Callable[..., CaseTold]
    summary: str
    says: str
    more: tuple[type[DomainError], ...] = ()
    """What it may be refused for beside what any step may."""

    def add(self) -> None:
        """Have the router answer it."""
        responses = {200: TAGGED[200], **answers(*TAKING, *self.more, has_body=True)}
        answered = does(self.verb)(self._endpoint())
        router.post(f"/cases/{{case}}/{self.path}", summary=self.summary, responses=responses)(answered)

    def _endpoint(self) -> Callable[..., CaseToldOut]:
        def take(
            *, db: WriteDb, case: CaseId, taking: Taking, seen: IfMatch, actor: CurrentActor, response: Response
        ) -> CaseToldOut:
            return _shown(response, self.do(db, case, self.step, taking, seen=seen, actor=actor))

        take.__name__ = f"{self.path.replace('-', '_')}_case"
        take.__doc__ = self.says
        take.__annotations__["taking"] = self.taking
        return take


STEPS = (
    StepRoute(
        Verb.SUBMIT_CASE,
        CaseStep.SUBMIT,
        "submit",
        Taking,
        service.submit,
        summary="Submit a case",
        says="Apply with it: it has names, and for a naming or a renaming a plan and reasons (art. 11).",
        more=(CaseIncomplete,),
    ),
    StepRoute(
        Verb.SUBMIT_CASE,
        CaseStep.WITHDRAW,
        "withdraw",
        Sending,
        service.submit,
        summary="Withdraw a case",
        says="Have it go no farther, with the reason.",
    ),
    StepRoute(
        Verb.HANDLE_CASE,
        CaseStep.CHECK,
        "check",
        Taking,
        service.handle,
        summary="Take a case on",
        says="Its papers are complete: the office takes it on.",
    ),
    StepRoute(
        Verb.HANDLE_CASE,
        CaseStep.RETURN,
        "return",
        Sending,
        service.handle,
        summary="Return a case",
        says="Give it back to whoever applied, with what is missing.",
    ),
    StepRoute(
        Verb.HANDLE_CASE,
        CaseStep.CONSULT,
        "consult",
        Consulting,
        service.handle,
        summary="Ask the public",
        says="Publish its names for opinions, or call for names, up to a day; of a call the names may be working ones.",
        more=(CaseIncomplete,),
    ),
    StepRoute(
        Verb.HANDLE_CASE,
        CaseStep.CONCLUDE,
        "conclude",
        Taking,
        service.handle,
        summary="Conclude a consultation",
        says="Take no more opinions; not before the day that was said.",
    ),
    StepRoute(
        Verb.HANDLE_CASE,
        CaseStep.HANDLE,
        "handle",
        Taking,
        service.handle,
        summary="Say that a case is handled",
        says="Hand it to review: every error and warning is settled by then.",
        more=(CaseIncomplete, CaseFindingsOpen, HeritageUnprotected),
    ),
    StepRoute(
        Verb.SIGN_CASE,
        CaseStep.REVIEW,
        "review",
        Taking,
        service.sign,
        summary="Review a case",
        says="Say that it was reviewed.",
        more=(CaseSignedByItsAuthor,),
    ),
    StepRoute(
        Verb.SIGN_CASE,
        CaseStep.SEND_BACK,
        "send-back",
        Sending,
        service.sign,
        summary="Send a case back",
        says="Give it back to whoever handled it, with the reason.",
    ),
    StepRoute(
        Verb.SIGN_CASE,
        CaseStep.SIGN,
        "sign",
        Taking,
        service.sign,
        summary="Sign a case",
        says="Sign it; whoever handled it doesn't.",
        more=(CaseSignedByItsAuthor,),
    ),
    StepRoute(
        Verb.DECIDE_CASE,
        CaseStep.APPROVE,
        "approve",
        Approving,
        service.decide,
        summary="Enter the approval",
        says="The names take effect on the day of the document, whenever it is entered; filing and announcement begin to run. "
        "Say by which body, where the case doesn't.",
        more=(CaseIncomplete, CaseFindingsOpen, HeritageUnprotected, NameNotInForce, PeriodsOverlap, PlaceUnsound),
    ),
    StepRoute(
        Verb.DECIDE_CASE,
        CaseStep.REJECT,
        "reject",
        Sending,
        service.decide,
        summary="Enter a refusal",
        says="It isn't approved, for that reason; nothing takes effect.",
    ),
    StepRoute(
        Verb.DECIDE_CASE,
        CaseStep.RETURN,
        "hand-back",
        Sending,
        service.decide,
        summary="Have a signed case returned",
        says="Whoever approves asks for more: it goes back to whoever applied.",
    ),
    StepRoute(
        Verb.FOLLOW_UP_CASE,
        CaseStep.FILE,
        "file",
        Taking,
        service.follow_up,
        summary="Send for filing",
        says="The papers went to the body that files (art. 13); after the last day `note` says why.",
        more=(CaseIncomplete,),
    ),
    StepRoute(
        Verb.FOLLOW_UP_CASE,
        CaseStep.FILED,
        "filed",
        Filed,
        service.follow_up,
        summary="Enter the receipt",
        says="It is filed: the number, and the national codes that came back.",
        more=(CaseLineUnknown, AlreadyExists),
    ),
    StepRoute(
        Verb.FOLLOW_UP_CASE,
        CaseStep.FILING_RETURNED,
        "filing-returned",
        Sending,
        service.follow_up,
        summary="Enter that a filing was returned",
        says="It came back, for that reason, and is due again.",
    ),
    StepRoute(
        Verb.FOLLOW_UP_CASE,
        CaseStep.ANNOUNCE,
        "announce",
        Announcing,
        service.follow_up,
        summary="Announce",
        says="Publish the announcement, made from the case (art. 14).",
        more=(CaseIncomplete,),
    ),
    StepRoute(
        Verb.FOLLOW_UP_CASE,
        CaseStep.CORRECT,
        "correct",
        Correcting,
        service.follow_up,
        summary="Correct the announcement",
        says="Publish another announcement that corrects the last one.",
        more=(CaseIncomplete,),
    ),
)
for _each in STEPS:
    _each.add()


@router.post(
    "/cases/{case}/codes",
    summary="Enter national codes",
    responses={
        200: TAGGED[200],
        **answers(*WRITING, *VERSIONED, CaseUnknown, CaseNotOpen, CaseLineUnknown, AlreadyExists, has_body=True),
    },
)
@does(Verb.FOLLOW_UP_CASE)
def enter_case_codes(
    *, db: WriteDb, case: CaseId, given: EnteredCodes, seen: IfMatch, actor: CurrentActor, response: Response
) -> CaseToldOut:
    """Enter codes that came back for names of an approved case, with the receipt or whenever they did."""
    return _shown(response, service.enter_codes(db, case, given, seen=seen, actor=actor))


@router.post(
    "/cases/{case}/amend",
    summary="Amend what was entered",
    responses={
        200: TAGGED[200],
        **answers(
            *WRITING,
            *VERSIONED,
            CaseUnknown,
            CaseDatesOutOfOrder,
            CaseDateAhead,
            CaseNothingToAmend,
            CaseEffectFixed,
            has_body=True,
        ),
    },
)
@does(Verb.SIGN_CASE)
def amend_case(
    *, db: WriteDb, case: CaseId, amending: Amending, seen: IfMatch, actor: CurrentActor, response: Response
) -> CaseToldOut:
    """Have a mistyped date or number right, by a step of its own with the reason; terms are reckoned anew.

    The date of an approval stays, as the names hold from it; what was published stays as it was.
    """
    return _shown(response, service.amend(db, case, amending, seen=seen, actor=actor))


@router.get("/filings", summary="List filings", responses=answers(CursorInvalid, DivisionCodeInvalid, *WHO_MAY))
def list_filings(
    *,
    db: ReadDb,
    actor: CurrentActor,
    page: PageParam,
    lister: ListerDep,
    division: Annotated[
        str | None,
        Query(description="Of this division (code, or its first digits) or below", max_length=12, examples=["330702"]),
    ] = None,
    state: Annotated[DutyState | None, Query(description="Where it stands")] = None,
    late: Annotated[bool, Query(description="Only those that are late")] = False,
    incoming: Annotated[
        bool, Query(description="Only those that were sent to your office; the other questions don't go with it")
    ] = False,
) -> Items[FilingOut]:
    """The filings of the approved cases of your divisions: where they stand, by when they are due.

    With `incoming` the filings that other offices sent to yours and that wait for the receipt, or to be returned (art. 13).
    """
    now = today()
    if incoming:
        sent = service.list_incoming(db, page, actor=actor)
        return Items(**lister.page(sent, lambda row: FilingOut.of(row, now)))
    query = CaseQuery(
        division=division,
        states=(CaseState.APPROVED,),
        filing=state,
        has_filing=True,
        late_on=now if late else None,
    )
    return Items(**lister.page(service.list_cases(db, query, page, actor=actor), lambda row: FilingOut.of(row, now)))


def _shown(response: Response, told: CaseTold) -> CaseToldOut:
    response.headers["ETag"] = etag(told.case.version)
    return CaseToldOut.told(told)
