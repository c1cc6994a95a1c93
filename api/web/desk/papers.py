"""The papers of a case: added, taken out with a reason, read."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, File, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from api.deps import does, reading, writing
from api.visitors import refuse_foreign_form, visitor_of
from api.web.admin.frame import Filled, Typed, as_id, go_and_say, sign_in_first
from api.web.desk.case import show_case
from api.web.desk.frame import DESK, NOT_AT_A_FORM, case_id, told_to_change, wrong
from geo_registry.accounts.policy import Verb
from geo_registry.cases import service
from geo_registry.cases.papers_kept import MOST_BYTES, NewDocument
from geo_registry.errors import CaseDocumentUnknown, DomainError
from geo_registry.vocabulary import DocumentKind

router = APIRouter(include_in_schema=False)


@router.post("/desk/cases/{case}/documents")
@does(Verb.ATTACH_DOCUMENT)
def attach_document_form(
    *,
    request: Request,
    case: str,
    csrf: Typed = "",
    kind: Typed = "",
    title: Typed = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Add a paper to a case."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    known = case_id(case)
    values = {"kind": kind, "title": title}
    try:
        with writing(request) as db:
            found = next((each for each in DocumentKind if each.value == kind), DocumentKind.OTHER)
            name = file.filename if file is not None and file.filename else ""
            # One byte more than is kept, so that what is too large is known to be.
            content = file.file.read(MOST_BYTES + 1) if file is not None else b""
            service.attach(db, known, NewDocument(found, name, content, title), actor=visitor.actor)
    except NOT_AT_A_FORM:
        raise
    except DomainError as refused:
        return show_case(request, known, filled=Filled("attach", values, refused))
    return go_and_say(request, f"{DESK}/cases/{known}", "attached")


@router.post("/desk/cases/{case}/documents/{document}/withdraw")
@does(Verb.ATTACH_DOCUMENT)
def withdraw_document_form(
    *, request: Request, case: str, document: str, csrf: Typed = "", why: Typed = ""
) -> Response:
    """Take a paper out of a case."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    known = case_id(case)
    try:
        with writing(request) as db:
            told_to_change(db, known, Verb.ATTACH_DOCUMENT, visitor.actor)
            if not why.strip():
                raise wrong("why", "请写明理由", "say why")
            service.withdraw_document(db, known, _document_id(document), why.strip(), actor=visitor.actor)
    except NOT_AT_A_FORM:
        raise
    except DomainError as refused:
        return show_case(request, known, filled=Filled(f"withdraw-{document}", {"why": why}, refused))
    return go_and_say(request, f"{DESK}/cases/{known}", "document-withdrawn")


@router.get("/desk/cases/{case}/documents/{document}")
def case_document(request: Request, case: str, document: str) -> Response:
    """What a paper holds, to be kept as a file: no browser shows it as a page of ours."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    with reading(request) as db:
        row, content = service.read_document(db, case_id(case), _document_id(document), actor=visitor_of(request).actor)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.file_name, safe='')}",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=row.media_type, headers=headers)


def _document_id(text: str) -> UUID:
    return as_id(text, CaseDocumentUnknown(document=text))
