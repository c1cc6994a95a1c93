"""`/sign-in`, `/sign-out`, `/me`: who one is, and how one is known."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import database_of, does, reading, settings_of, writing
from api.languages import ZH
from api.visitors import (
    drop_session_cookie,
    give_form,
    keep_done,
    keep_form_cookie,
    keep_session_cookie,
    origin_of,
    refuse_foreign_form,
    refuse_form_of_nobody,
    session_secret,
    visitor_of,
)
from api.web.admin.frame import EMPTY, Filled, Ticked, Typed, admin_page, go_and_say, outdated, seen_typed
from api.web.admin.tokens import IssuedShown, Wanted, id_typed, issue_once, new_once, scopes_offered
from api.web.preferences import preferences_of
from api.web.rendering import page
from geo_registry.accounts import identity, service
from geo_registry.accounts.actors import Grant
from geo_registry.accounts.identity import Limits
from geo_registry.accounts.passwords import LEAST_CHARACTERS, passwords_for
from geo_registry.accounts.policy import Verb
from geo_registry.demo import sign_ins
from geo_registry.errors import (
    DomainError,
    PasswordTooWeak,
    PasswordWrong,
    RecordChanged,
    SignInBlocked,
    SignInRefused,
    VersionNeeded,
)
from geo_registry.vocabulary import FacilityKind

IN_COMPOSE = "docker compose exec api "
"""What a command is said to in the container of `compose.yaml`."""

HOME = "/"
ME = "/me"
SIGN_IN = "/sign-in"

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class GrantShown:
    """A grant as its holder reads it."""

    role: str
    division: str
    kinds: str
    until: str
    in_force: bool


@router.get("/sign-in")
def sign_in_form(
    request: Request,
    following: Annotated[str, Query(alias="next", max_length=2_000)] = "",
) -> Response:
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
    """End this browser's session; who came by the single sign-on is told how to leave that too."""
    refuse_foreign_form(request, visitor_of(request), csrf)
    secret = session_secret(request)
    if secret is not None:
        identity.sign_out(database_of(request), secret, actor=visitor_of(request).actor.name, origin=origin_of(request))
    response = _go(SIGN_IN if settings_of(request).oidc_issuer else HOME)
    drop_session_cookie(request, response)
    if settings_of(request).oidc_issuer:
        browser, _ = give_form(request)
        keep_form_cookie(request, response, browser)
        keep_done(request, response, path=SIGN_IN, done="left", secret=browser)
    return response


@router.get("/me")
def me(request: Request) -> Response:
    """Who one is, what one may, one's tokens, and the form for another password."""
    if not visitor_of(request).signed_in:
        return _go(f"/sign-in?next={ME}")
    return _me(request)


@router.post("/me/tokens")
@does(Verb.ISSUE_TOKEN)
def issue_own_token(
    request: Request,
    *,
    name: Typed = "",
    scopes: Ticked = [],  # noqa: B006 - FastAPI copies it
    days: Typed = "",
    once: Typed = "",
    csrf: Typed = "",
) -> Response:
    """Make a token for a program of one's own; its secret is shown on the page that comes back, this once.

    The form is good for one, as that of `/admin/tokens`.
    """
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    if not visitor.signed_in:
        return _go(f"/sign-in?next={ME}")
    try:
        with writing(request, why="tokens issue") as db:
            wanted = Wanted(login=visitor.actor.name, name=name, scopes=scopes, days=days)
            shown = issue_once(db, wanted, once=once, actor=visitor.actor)
    except DomainError as refused:
        return _me(request, filled=Filled("issue", {"name": name, "scopes": scopes, "days": days}, refused))
    return _me(request, issued=shown)


@router.post("/me/tokens/revoke")
@does(Verb.REVOKE_TOKEN)
def revoke_own_token(request: Request, *, token: Typed = "", seen: Typed = "", csrf: Typed = "") -> Response:
    """Refuse one of one's own tokens from now on."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    if not visitor.signed_in:
        return _go(f"/sign-in?next={ME}")
    try:
        with writing(request, why="tokens revoke") as db:
            service.revoke_token(db, id_typed(token), actor=visitor.actor, seen=seen_typed(seen))
    except (RecordChanged, VersionNeeded) as refused:
        return _me(request, filled=outdated(refused))
    return go_and_say(request, ME, "revoked")


@router.post("/me/password")
@does(Verb.CHANGE_PASSWORD)
def change_password(
    request: Request, *, present: Typed = "", new: Typed = "", again: Typed = "", csrf: Typed = ""
) -> Response:
    """Change one's own password; sessions elsewhere end."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    if not visitor.signed_in:
        return _go(f"/sign-in?next={ME}")
    if new != again:
        return _me(request, mistyped=True)
    try:
        with (
            identity.saying_password(
                database_of(request), visitor.actor, origin=origin_of(request), verb=Verb.CHANGE_PASSWORD
            ),
            writing(request, why="password") as db,
        ):
            service.change_password(
                db,
                present=present,
                new=new,
                passwords=passwords_for(settings_of(request)),
                actor=visitor.actor,
                session_id=visitor.session_id,
            )
    except (PasswordWrong, PasswordTooWeak, SignInBlocked) as refused:
        return _me(request, refused=refused)
    return go_and_say(request, ME, "changed")


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
    request: Request,
    *,
    following: str,
    login: str = "",
    refused: SignInRefused | SignInBlocked | None = None,
) -> Response:
    cookie, token = give_form(request)
    settings = settings_of(request)
    with reading(request) as db:
        demo = sign_ins.shown(db) if settings.is_local else ()
    response = page(
        request,
        "sign-in.html",
        status=_status(refused),
        accounts=visitor_of(request).accounts,
        login=login,
        following=following,
        token=token,
        refused=refused,
        demo=demo,
        demo_password=sign_ins.PASSWORD,
        single_sign_on=settings.oidc_name if settings.oidc_issuer else "",
        in_container=settings.behind_container,
        within=IN_COMPOSE if settings.behind_container else "",
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
    mistyped: bool = False,
    refused: PasswordWrong | PasswordTooWeak | SignInBlocked | None = None,
    filled: Filled = EMPTY,
    issued: IssuedShown | None = None,
) -> Response:
    locale = preferences_of(request).locale
    actor = visitor_of(request).actor
    with reading(request) as db:
        tokens = service.list_tokens(db, actor.name, actor=actor).rows if not actor.must_change else ()
        has_password = service.has_password(db, actor=actor)
    blocked = refused if isinstance(refused, SignInBlocked) else None
    unfit = HTTPStatus.TOO_MANY_REQUESTS if blocked else HTTPStatus.UNPROCESSABLE_ENTITY
    response = admin_page(
        request,
        "me.html",
        filled=filled,
        status=unfit if mistyped or refused else HTTPStatus.CREATED if issued and issued.secret else 0,
        actor=actor,
        grants=[_shown(grant, locale, in_force=grant in actor.in_force) for grant in actor.grants],
        tokens=tokens,
        scopes=scopes_offered(locale),
        issued=issued,
        once=new_once(),
        has_password=has_password,
        mistyped=mistyped,
        wrong=refused if isinstance(refused, PasswordWrong) else None,
        weak=refused if isinstance(refused, PasswordTooWeak) else None,
        blocked=blocked,
        least=LEAST_CHARACTERS,
    )
    if blocked is not None:
        response.headers["Retry-After"] = str(blocked.details["wait_s"])
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
