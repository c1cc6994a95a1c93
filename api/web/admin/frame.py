"""What the pages of `/admin` share: their frame, their forms' tokens, and how a refusal is said at its field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import decode_cursor, encode_cursor, settings_of
from api.languages import ZH
from api.problems import status_of
from api.visitors import Visitor, form_for, keep_form_cookie, visitor_of
from api.web import navigation
from api.web.preferences import preferences_of
from api.web.rendering import page
from geo_registry import clock
from geo_registry.accounts.actors import WHOLE_REGISTRY, Grant, Known
from geo_registry.accounts.queries import GrantRow
from geo_registry.db.paging import Page
from geo_registry.divisions.rules import prefix_of
from geo_registry.errors import (
    AccountUnknown,
    DisplayNameInvalid,
    DivisionCodeInvalid,
    DomainError,
    GrantInvalid,
    LoginInvalid,
    LoginTaken,
    NameQuestionEmpty,
    NearInvalid,
    NotYourDivision,
    NotYourKind,
    TokenInvalid,
)
from geo_registry.vocabulary import FacilityKind, Role

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
    DisplayNameInvalid: "name",
    TokenInvalid: "name",
    GrantInvalid: "until",
    DivisionCodeInvalid: "division",
    NotYourDivision: "division",
    NotYourKind: "kinds",
    NameQuestionEmpty: "name",
    NearInvalid: "at",
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
        return f"{self.refused.message(locale)} {self.refused.hint(locale)}"

    @property
    def field(self) -> str:
        """The field that the refusal is about; empty where it is about none."""
        return next((FIELDS[kind] for kind in type(self.refused).__mro__ if kind in FIELDS), "")

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows it."""
        return status_of(type(self.refused)) if self.refused is not None else HTTPStatus.OK


EMPTY = Filled()


@dataclass(frozen=True, slots=True)
class GrantShown:
    """A grant as a page lists it; one that somebody gave, and that isn't over, can be taken back."""

    role: str
    division: str
    kinds: str
    until: str
    through: str
    in_force: bool
    key: tuple[str, str] | None
    """The role and the division by which it is taken back."""


def grants_shown(rows: Sequence[GrantRow], locale: str) -> Sequence[GrantShown]:
    """Grants as a page lists them."""
    now = clock.now()
    return [
        GrantShown(
            role=row.grant.role.label(locale),
            division=row.grant.division,
            kinds=said_together(
                [kind.label(locale) for kind in FacilityKind if kind in (row.grant.kinds or ())], locale
            ),
            until=row.grant.valid_until.date().isoformat() if row.grant.valid_until else "",
            through=row.team or row.group or "",
            in_force=row.grant.is_in_force(now),
            key=(row.grant.role.value, row.grant.division)
            if row.team is None and (row.grant.valid_until is None or row.grant.valid_until > now)
            else None,
        )
        for row in rows
    ]


def said_together(words: Sequence[str], locale: str) -> str:
    """Words in a row, as the language separates them."""
    return ("、" if locale == ZH else ", ").join(words)


def grant_typed(request: Request, *, role: str, division: str, kinds: Sequence[str], until: str) -> Grant:
    """The grant of a form's fields.

    Raises
    ------
    GrantInvalid, DivisionCodeInvalid
        They say none.
    """
    day = _day(until.strip())
    try:
        return Grant(
            role=Role.of(role),
            division=prefix_typed(division),
            kinds=frozenset(FacilityKind.of(kind) for kind in kinds) or None,
            valid_until=clock.end_of(day, settings_of(request).zone) if day is not None else None,
        )
    except ValueError:
        raise GrantInvalid(reason_zh="没有这个角色或类别", reason_en="there is no such role or kind") from None


def role_typed(role: str) -> Role:
    """The role of a form's field.

    Raises
    ------
    GrantInvalid
        There is none of that name.
    """
    try:
        return Role.of(role)
    except ValueError:
        raise GrantInvalid(reason_zh="没有这个角色", reason_en="there is no such role") from None


def prefix_typed(division: str) -> str:
    """The first digits of a division that was typed; of the whole registry where nothing was."""
    return prefix_of(division.strip()) if division.strip() else WHOLE_REGISTRY


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
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


def go(path: str, *, done: str = "") -> RedirectResponse:
    """On to a page of ours, which says what was done."""
    return RedirectResponse(f"{path}?done={quote(done)}" if done else path, status_code=HTTPStatus.SEE_OTHER)


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
