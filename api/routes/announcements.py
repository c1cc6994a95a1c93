"""`/api/v1/announcements` and `/api/v1/consultations`: what everybody is told, and asked."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CurrentActor, ListerDep, PageParam, ReadDb, WriteDb, does
from api.languages import locale_of, say_language
from api.problems import WHO_MAY, BodyTooLarge, MediaTypeRefused, answers
from api.saving import to_be_saved
from api.schemas.cases import (
    AnnouncementOut,
    AnnouncementToldOut,
    CommentAnsweredOut,
    CommentOut,
    CommentSaidOut,
    ConsultationOut,
    DecisionOut,
)
from api.schemas.shared import Items
from api.tags import TAGGED, VERSIONED, IfMatch, ShowerDep, etag
from geo_registry.accounts.policy import Verb
from geo_registry.cases import announcing, service
from geo_registry.cases.inputs import CommentAnswer, NewComment
from geo_registry.cases.queries import ConsultationRow
from geo_registry.cases.writing import today
from geo_registry.errors import (
    AnnouncementUnknown,
    BodyMalformed,
    CommentUnknown,
    ConsultationOver,
    ConsultationUnknown,
    CursorInvalid,
    DivisionCodeInvalid,
    PaperFontMissing,
    PlaceUnknown,
)
from geo_registry.vocabulary import PaperFormat

router = APIRouter(tags=["cases"])

Division = Annotated[
    str | None,
    Query(description="Of this division (code, or its first digits) or below", max_length=12, examples=["330702"]),
]
ConsultationId = Annotated[UUID, Path(description="Its id")]


@router.get("/announcements", summary="List announcements", responses=answers(CursorInvalid, DivisionCodeInvalid))
def list_announcements(
    *,
    db: ReadDb,
    page: PageParam,
    lister: ListerDep,
    division: Division = None,
    text: Annotated[str | None, Query(description="Part of the title, the number or a name", max_length=100)] = None,
) -> Items[AnnouncementOut]:
    """Announcements (公告), the newest first."""
    found = service.list_announcements(db, page, division=division, words=text)
    return Items(**lister.page(found, AnnouncementOut.of))


@router.get(
    "/announcements/{announcement}",
    summary="One announcement",
    response_model=AnnouncementToldOut,
    responses={**TAGGED, **answers(AnnouncementUnknown)},
)
def get_announcement(
    db: ReadDb,
    announcement: Annotated[UUID, Path(description="Its id")],
    shower: ShowerDep,
    request: Request,
    response: Response,
) -> AnnouncementToldOut | Response:
    """An announcement with its names as it was published: what is wrong in it is corrected by another one."""
    row, said = service.get_announcement(db, announcement)
    locale = say_language(request, response)
    return shower.show(row.version, lambda: AnnouncementToldOut.told(row, said, locale=locale), settled=False)


@router.get(
    "/announcements/{announcement}/paper",
    summary="An announcement as a paper",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        **answers(AnnouncementUnknown, PaperFontMissing),
    },
)
def announcement_paper(
    db: ReadDb,
    announcement: Annotated[UUID, Path(description="Its id")],
    request: Request,
    wanted: Annotated[PaperFormat, Query(alias="format", description="In what format")] = PaperFormat.PDF,
) -> Response:
    """The announcement as PDF or DOCX, to be printed or stamped; as XLSX the table of its names."""
    made = service.announcement_paper(db, announcement, wanted, locale=locale_of(request))
    return to_be_saved(made.content, made.media_type, made.file_name)


@router.get("/consultations", summary="List consultations", responses=answers(CursorInvalid, DivisionCodeInvalid))
def list_consultations(
    *,
    db: ReadDb,
    page: PageParam,
    lister: ListerDep,
    request: Request,
    response: Response,
    division: Division = None,
    open_now: Annotated[
        bool | None, Query(alias="open", description="Only those that take opinions today, or only the others")
    ] = None,
) -> Items[ConsultationOut]:
    """What the public is, or was, asked (公示、征集), the newest first."""
    locale = say_language(request, response)
    found = service.list_consultations(db, page, open_now=open_now, division=division)
    return Items(**lister.page(found, lambda row: _consultation(row, locale)))


@router.get("/consultations/comments/{number}", summary="What became of a comment", responses=answers(CommentUnknown))
def comment_answered(
    db: ReadDb,
    number: Annotated[str, Path(description="As it was given", pattern=r"^[0-9]{10}$", examples=["0418273645"])],
) -> CommentAnsweredOut:
    """What became of what somebody said, by the number that they were given; nothing of what they said."""
    return CommentAnsweredOut.of(service.answered(db, number))


@router.get(
    "/consultations/{consultation}",
    summary="One consultation",
    response_model=ConsultationOut,
    responses={**TAGGED, **answers(ConsultationUnknown)},
)
def get_consultation(
    db: ReadDb, consultation: ConsultationId, shower: ShowerDep, request: Request, response: Response
) -> ConsultationOut | Response:
    """What the public is asked, with the names as they were when it opened."""
    row = service.get_consultation(db, consultation)
    locale = say_language(request, response)
    # Whether it is open is another thing on another day.
    return shower.show(row.version, lambda: _consultation(row, locale), settled=False)


@router.post(
    "/consultations/{consultation}/comments",
    summary="Say something",
    status_code=201,
    responses=answers(
        BodyMalformed, BodyTooLarge, MediaTypeRefused, *WHO_MAY, ConsultationUnknown, ConsultationOver, has_body=True
    ),
)
@does(Verb.COMMENT)
def add_comment(db: WriteDb, consultation: ConsultationId, new: NewComment, actor: CurrentActor) -> CommentSaidOut:
    """Say something in a consultation, with or without a name; the answer is asked for by the number that comes back."""
    return CommentSaidOut(number=service.comment(db, consultation, new, actor=actor))


@router.get(
    "/consultations/{consultation}/comments",
    summary="What was said",
    responses=answers(CursorInvalid, ConsultationUnknown, *WHO_MAY),
)
def list_comments(
    db: ReadDb, actor: CurrentActor, consultation: ConsultationId, page: PageParam, lister: ListerDep
) -> Items[CommentOut]:
    """What was said in a consultation, with who it is as far as they told; that you read it is written down."""
    return Items(**lister.page(service.list_comments(db, consultation, page, actor=actor), CommentOut.of))


@router.patch(
    "/consultations/{consultation}/comments/{comment}",
    summary="Answer a comment",
    responses={
        200: TAGGED[200],
        **answers(
            BodyMalformed,
            BodyTooLarge,
            MediaTypeRefused,
            *WHO_MAY,
            *VERSIONED,
            ConsultationUnknown,
            CommentUnknown,
            has_body=True,
        ),
    },
)
@does(Verb.ANSWER_COMMENT)
def answer_comment(
    *,
    db: WriteDb,
    consultation: ConsultationId,
    comment: Annotated[UUID, Path(description="Its id")],
    answer: CommentAnswer,
    seen: IfMatch,
    actor: CurrentActor,
    response: Response,
) -> CommentOut:
    """Say what became of it, and answer."""
    row = service.answer_comment(db, consultation, comment, answer, seen=seen, actor=actor)
    response.headers["ETag"] = etag(row.version)
    return CommentOut.of(row)


@router.get("/places/{place}/decisions", summary="Decisions on a place's names", responses=answers(PlaceUnknown))
def list_place_decisions(db: ReadDb, place: Annotated[UUID, Path(description="The place's id")]) -> Items[DecisionOut]:
    """By whom its names were decided on, by which document, where that was filed and announced; the newest first."""
    return Items(items=[DecisionOut.of(each) for each in service.decisions_of(db, place)], next=None)


def _consultation(row: ConsultationRow, locale: str) -> ConsultationOut:
    return ConsultationOut.of(row, announcing.from_public(row.names), today=today(), locale=locale)
