"""What the pages of `/admin` share: their frame, their forms' tokens, and how a refusal is said at its field."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import unquote, urlencode, urlsplit
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import decode_cursor, encode_cursor
from api.languages import ZH
from api.problems import status_of
from api.visitors import Visitor, form_for, keep_done, keep_form_cookie, keep_refused, visitor_of
from api.web import navigation
from api.web.preferences import preferences_of
from api.web.rendering import page
from geo_registry.accounts.actors import Known
from geo_registry.db.paging import Page
from geo_registry.db.revisions import Seen
from geo_registry.errors import (
    AccountUnknown,
    CaseApproverNeeded,
    ContactInvalid,
    DisplayNameInvalid,
    DivisionAmbiguous,
    DivisionCodeInvalid,
    DivisionUnknown,
    DomainError,
    FacilityKindUnknown,
    Forbidden,
    GrantInvalid,
    LoginInvalid,
    LoginTaken,
    NameQuestionEmpty,
    NearInvalid,
    NotYourDivision,
    NotYourKind,
    ScopeLacking,
    TeamKeyTaken,
    TokenInvalid,
    Unauthenticated,
)

MOST_TYPED = 1_000
"""Characters of a field that are looked at: far above what fits in one."""

MOST_LISTED = 50
"""Rows a page."""

Typed = Annotated[str, Form(max_length=MOST_TYPED)]
Ticked = Annotated[list[str], Form(max_length=100)]

FIELDS: Mapping[type[DomainError], str] = {
    LoginInvalid: "login",
    LoginTaken: "login",
    AccountUnknown: "login",
    TeamKeyTaken: "login",
    DisplayNameInvalid: "name",
    TokenInvalid: "name",
    GrantInvalid: "until",
    DivisionCodeInvalid: "division",
    DivisionUnknown: "division",
    FacilityKindUnknown: "kinds",
    DivisionAmbiguous: "division",
    NotYourDivision: "division",
    NotYourKind: "kinds",
    NameQuestionEmpty: "name",
    NearInvalid: "at",
    CaseApproverNeeded: "approver",
}
"""The field that a refusal is about; of others it is said above the form."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was sent, to be shown again where it is refused; empty before."""

    name: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    refused: DomainError | None = None

    def value(self, form: str, name: str, otherwise: Any = "") -> Any:
        """What was typed into a field of this form."""
        return self.values.get(name, otherwise) if form == self.name else otherwise

    def wrong(self, form: str, name: str, locale: str) -> str:
        """What is wrong with a field of it, and what to do; empty where nothing is."""
        if form != self.name or self.refused is None or self.field != name:
            return ""
        stop, between = ("。", "") if locale == ZH else (".", " ")
        return f"{self.refused.message(locale).rstrip(stop)}{stop}{between}{self.refused.hint(locale)}"

    @property
    def field(self) -> str:
        """The field that the refusal is about; empty where it is about none."""
        if isinstance(self.refused, ContactInvalid):
            return str(self.refused.details["field"])
        return next((FIELDS[kind] for kind in type(self.refused).__mro__ if kind in FIELDS), "")

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows it."""
        return status_of(type(self.refused)) if self.refused is not None else HTTPStatus.OK


EMPTY = Filled()


def outdated(refused: DomainError) -> Filled:
    """That a button was pressed on a page whose record is another one by now: said above all of it."""
    return Filled("outdated", {}, refused)


def show_again(filled: Filled, show: Callable[[], Response]) -> Response:
    """The page with a form as it was refused; the refusal itself, for programs and for whoever may not even see the page."""
    if isinstance(filled.refused, ScopeLacking):
        raise filled.refused
    try:
        return show()
    except (Forbidden, Unauthenticated):
        if filled.refused is None:
            raise
        raise filled.refused from None


def seen_typed(version: str) -> Seen | None:
    """The version that a form was made of, as it carries it; None where it carries none."""
    return Seen(frozenset({version})) if version else None


def as_id(text: str, unknown: DomainError) -> UUID:
    """The id that stands in an address or a form; what isn't one is refused as `unknown`."""
    try:
        return UUID(text)
    except ValueError:
        raise unknown from None


def said_together(words: Sequence[str], locale: str) -> str:
    """Words in a row, as the language separates them."""
    return ("、" if locale == ZH else ", ").join(words)


def day_typed(typed: str) -> date | None:
    """The day of a form's field; None where nothing was typed.

    Raises
    ------
    GrantInvalid
        It is none.
    """
    try:
        return date.fromisoformat(typed.strip()) if typed.strip() else None
    except ValueError:
        raise GrantInvalid(reason_zh="日期应如 2026-12-31", reason_en="a date is as 2026-12-31") from None


def asked_page(after: str) -> Page:
    """The page of a list that an address asks for."""
    return Page(after=decode_cursor(after) if after else 0, limit=MOST_LISTED)


def following(next_after: int | None) -> str:
    """What the next page of a list is asked for by; empty on the last one."""
    return encode_cursor(next_after) if next_after is not None else ""


def sign_in_first(request: Request) -> Response | None:
    """To the page of signing in, and back, where nobody is known; None where somebody is."""
    if visitor_of(request).actor.known is not Known.NOT:
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    return go(f"/sign-in?{urlencode({'next': request.url.path + query})}")


def go(path: str) -> RedirectResponse:
    """On to a page of ours."""
    return RedirectResponse(path, status_code=HTTPStatus.SEE_OTHER)


def go_and_say(request: Request, path: str, done: str) -> RedirectResponse:
    """On to a page of ours, which says once what was done."""
    response = go(path)
    keep_done(request, response, path=unquote(urlsplit(path).path), done=done)
    return response


def go_and_refuse(request: Request, path: str, told: Mapping[str, str]) -> RedirectResponse:
    """On to a page of ours, which says once what a form was refused for, with what was typed into it."""
    response = go(path)
    keep_refused(request, response, path=unquote(urlsplit(path).path), told=told)
    return response


def admin_page(request: Request, template: str, *, filled: Filled = EMPTY, status: int = 0, **values: Any) -> Response:
    """A page of `/admin` with the forms that it was refused in; nobody on the way keeps it."""
    visitor: Visitor = visitor_of(request)
    cookie, token = form_for(request, visitor)
    response = page(
        request,
        template,
        status=status or filled.status,
        sections=navigation.sections(visitor, preferences_of(request), here=request.url.path),
        token=token,
        filled=filled,
        **values,
    )
    if cookie:
        keep_form_cookie(request, response, cookie)
    response.headers["Cache-Control"] = "no-store"
    return response
