"""`/sign-in`, `/sign-out`, `/me`: who one is, and how one is known."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import WriteAsVisitor, database_of, settings_of
from api.languages import ZH
from api.visitors import (
    drop_session_cookie,
    give_form,
    keep_form_cookie,
    keep_session_cookie,
    origin_of,
    refuse_foreign_form,
    refuse_form_of_nobody,
    session_secret,
    visitor_of,
)
from api.web.preferences import preferences_of
from api.web.rendering import page
from geo_registry.accounts import identity, service
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.identity import Limits
from geo_registry.accounts.passwords import LEAST_CHARACTERS, passwords_for
from geo_registry.errors import DomainError, PasswordTooWeak, PasswordWrong, SignInBlocked, SignInRefused
from geo_registry.vocabulary import FacilityKind

HOME = "/"
ME = "/me"

MOST_TYPED = 1_000
"""Characters of a field that are looked at: far above what fits in one."""

router = APIRouter(include_in_schema=False)

Typed = Annotated[str, Form(max_length=MOST_TYPED)]


@dataclass(frozen=True, slots=True)
class GrantShown:
    """A grant as its holder reads it."""

    role: str
    division: str
    kinds: str
    until: str
    in_force: bool


@router.get("/sign-in")
def sign_in_form(request: Request, following: Annotated[str, Query(alias="next", max_length=2_000)] = "") -> Response:
    """The form; whoever is signed in goes on to where they were going."""
    if visitor_of(request).signed_in:
        return _go(own_path(following) or ME)
    return _form(request, following=own_path(following))


@router.post("/sign-in")
def sign_in(
    request: Request,
    *,
    login: Typed = "",
    password: Typed = "",
    csrf: Typed = "",
    following: Annotated[str, Form(alias="next", max_length=2_000)] = "",
) -> Response:
    """Sign in, and go on to where one was going; who isn't let in has the form again, the name kept."""
    refuse_form_of_nobody(request, csrf)
    settings = settings_of(request)
    path = own_path(following)
    try:
        signed_in = identity.sign_in(
            database_of(request),
            login=login,
            password=password,
            origin=origin_of(request),
            passwords=passwords_for(settings),
            limits=Limits.of(settings),
            previous=session_secret(request),
        )
    except (SignInRefused, SignInBlocked) as refused:
        return _form(request, following=path, login=login, refused=refused)
    response = _go(ME if signed_in.must_change else path or HOME)
    keep_session_cookie(request, response, signed_in)
    return response


@router.post("/sign-out")
def sign_out(request: Request, csrf: Typed = "") -> Response:
    """End this browser's session."""
    refuse_foreign_form(visitor_of(request), csrf)
    secret = session_secret(request)
    if secret is not None:
        identity.sign_out(database_of(request), secret, actor=visitor_of(request).actor.name, origin=origin_of(request))
    response = _go(HOME)
    drop_session_cookie(request, response)
    return response


@router.get("/me")
def me(request: Request, *, changed: Annotated[bool, Query()] = False) -> Response:
    """Who one is, what one may, and the form for another password."""
    if not visitor_of(request).signed_in:
        return _go(f"/sign-in?next={ME}")
    return _me(request, changed=changed)


@router.post("/me/password")
def change_password(
    request: Request, db: WriteAsVisitor, *, present: Typed = "", new: Typed = "", again: Typed = "", csrf: Typed = ""
) -> Response:
    """Change one's own password; sessions elsewhere end."""
    visitor = visitor_of(request)
    refuse_foreign_form(visitor, csrf)
    if not visitor.signed_in:
        return _go(f"/sign-in?next={ME}")
    if new != again:
        return _me(request, mistyped=True)
    try:
        service.change_password(
            db,
            present=present,
            new=new,
            passwords=passwords_for(settings_of(request)),
            actor=visitor.actor,
            session_id=visitor.session_id,
        )
    except (PasswordWrong, PasswordTooWeak) as refused:
        return _me(request, refused=refused)
    return _go(f"{ME}?changed=1")


def own_path(asked: str) -> str:
    """`asked` where it is a path of ours to go on to; empty where it leads elsewhere, or is none."""
    # Browsers take a backslash for a slash, and drop control characters before they look.
    if not asked.startswith("/") or asked.startswith("//") or "\\" in asked or not asked.isprintable():
        return ""
    parts = urlsplit(asked)
    return "" if parts.scheme or parts.netloc else asked


def _go(path: str) -> RedirectResponse:
    return RedirectResponse(path, status_code=HTTPStatus.SEE_OTHER)


def _form(
    request: Request, *, following: str, login: str = "", refused: SignInRefused | SignInBlocked | None = None
) -> Response:
    cookie, token = give_form(request)
    response = page(
        request,
        "sign-in.html",
        status=_status(refused),
        accounts=visitor_of(request).accounts,
        login=login,
        following=following,
        token=token,
        refused=refused,
    )
    if isinstance(refused, SignInBlocked):
        response.headers["Retry-After"] = str(refused.details["wait_s"])
    keep_form_cookie(request, response, cookie)
    return response


def _status(refused: DomainError | None) -> int:
    if refused is None:
        return HTTPStatus.OK
    return HTTPStatus.TOO_MANY_REQUESTS if isinstance(refused, SignInBlocked) else HTTPStatus.UNAUTHORIZED


def _me(
    request: Request,
    *,
    changed: bool = False,
    mistyped: bool = False,
    refused: PasswordWrong | PasswordTooWeak | None = None,
) -> Response:
    locale = preferences_of(request).locale
    actor = visitor_of(request).actor
    response = page(
        request,
        "me.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if mistyped or refused else HTTPStatus.OK,
        actor=actor,
        grants=[_shown(grant, locale, in_force=grant in actor.in_force) for grant in actor.grants],
        changed=changed,
        mistyped=mistyped,
        wrong=refused if isinstance(refused, PasswordWrong) else None,
        weak=refused if isinstance(refused, PasswordTooWeak) else None,
        least=LEAST_CHARACTERS,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _shown(grant: Grant, locale: str, *, in_force: bool) -> GrantShown:
    kinds = [kind.label(locale) for kind in FacilityKind if kind in (grant.kinds or ())]
    return GrantShown(
        role=grant.role.label(locale),
        division=grant.division,
        kinds=("、" if locale == ZH else ", ").join(kinds),
        until=grant.valid_until.date().isoformat() if grant.valid_until else "",
        in_force=in_force,
    )
