"""Names out of a table: sent in to a case, with the rows that can't be taken told of one by one; and the table to fill in."""

from typing import Annotated

from fastapi import APIRouter, File, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from api.deps import does, writing
from api.saving import to_be_saved
from api.visitors import refuse_foreign_form, visitor_of
from api.web.admin.frame import Filled, Typed, go_and_say, seen_typed, sign_in_first
from api.web.desk.case import show_case
from api.web.desk.frame import DESK, NOT_AT_A_FORM, case_id, sent_table, told_to_change
from api.web.preferences import preferences_of
from geo_registry.accounts.policy import Verb
from geo_registry.errors import DomainError
from geo_registry.exchange import case_template
from geo_registry.exchange import service as exchange

router = APIRouter(include_in_schema=False)


@router.get("/desk/names.csv")
def names_template(request: Request) -> Response:
    """The table that names are filled into, in the reader's language."""
    if (sign_in := sign_in_first(request)) is not None:
        return sign_in
    content = case_template.template(preferences_of(request).locale)
    return to_be_saved(content, "text/csv; charset=utf-8", case_template.FILE_NAME)


@router.post("/desk/cases/{case}/names/table")
@does(Verb.CHANGE_CASE)
def add_table_form(
    *,
    request: Request,
    case: str,
    csrf: Typed = "",
    seen: Typed = "",
    crs: Typed = "auto",
    skip: Typed = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Add the names of a table to a case; where rows are left out, the page tells which and why."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    known = case_id(case)
    values = {"crs": crs, "skip": skip}
    try:
        with writing(request) as db:
            told_to_change(db, known, Verb.CHANGE_CASE, visitor.actor)
            content, name = sent_table(file)
            taken = exchange.add_names_from_file(
                db, known, content, name, seen=seen_typed(seen), actor=visitor.actor, crs=crs or "auto", skip=bool(skip)
            )
            taken.required()
    except NOT_AT_A_FORM:
        raise
    except DomainError as refused:
        return show_case(request, known, filled=Filled("table", values, refused))
    if taken.read.problems:
        return show_case(request, known, read=taken.read)
    return go_and_say(request, f"{DESK}/cases/{known}", "table-added")
