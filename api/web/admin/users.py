"""`/admin`, `/admin/users`: who has an account, what they are granted, and whether they may come in."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.deps import does, reading, settings_of, writing
from api.visitors import refuse_foreign_form, visitor_of
from api.web import navigation
from api.web.admin import grants
from api.web.admin.frame import (
    EMPTY,
    Filled,
    Typed,
    admin_page,
    asked_page,
    following,
    go,
    go_and_say,
    outdated,
    seen_typed,
    show_again,
    sign_in_first,
)
from api.web.admin.grants import TypedEnd, TypedGrant
from api.web.admin.tokens import scopes_offered
from api.web.preferences import preferences_of
from geo_registry.accounts import policy, service
from geo_registry.accounts.actors import Grant, Known
from geo_registry.accounts.passwords import passwords_for
from geo_registry.accounts.policy import Verb
from geo_registry.accounts.service import Added, Holder
from geo_registry.errors import DomainError, Forbidden, RecordChanged, VersionNeeded
from geo_registry.vocabulary import Role

USERS = "/admin/users"

router = APIRouter(include_in_schema=False)


@router.get("/admin")
def admin(request: Request) -> Response:
    """The first page of those that whoever asks may see."""
    first = sign_in_first(request)
    if first is not None:
        return first
    sections = navigation.sections(visitor_of(request), preferences_of(request), here=request.url.path)
    return go(sections[0].address if sections else USERS)


@router.get("/admin/users")
def users_page(request: Request, after: Annotated[str, Query(max_length=64)] = "") -> Response:
    """Every account, and the form for another."""
    return sign_in_first(request) or _list(request, after=after)


@router.post("/admin/users")
@does(Verb.ADD_ACCOUNT)
def add_user_form(request: Request, *, login: Typed = "", name: Typed = "", csrf: Typed = "") -> Response:
    """Make an account; its password is shown on the page that comes back, this once.

    The first of a registry, made at the machine itself, is an administrator's: nobody could grant it anything after.
    """
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    first = visitor.actor.known is Known.AT_THE_MACHINE
    try:
        with writing(request, why="users add") as db:
            added = service.add_account(
                db,
                login=login.strip(),
                display_name=name,
                passwords=passwords_for(settings_of(request)),
                actor=visitor.actor,
            )
            if first:
                service.grant_role(db, Holder(account=added.login), Grant(Role.ADMIN), actor=visitor.actor)
    except Forbidden:
        raise
    except DomainError as refused:
        return _list(request, filled=Filled("add", {"login": login, "name": name}, refused))
    return _list(request, added=added, first=first)


@router.get("/admin/users/{login}")
def user_page(request: Request, login: str) -> Response:
    """One account: its grants, its teams, its tokens, and what can be done to it."""
    return sign_in_first(request) or _show(request, login)


@router.post("/admin/users/{login}/disable")
@does(Verb.DISABLE_ACCOUNT)
def disable_user_form(request: Request, login: str, *, seen: Typed = "", csrf: Typed = "") -> Response:
    """Let it do nothing any more."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    try:
        with writing(request, why="users disable") as db:
            service.disable_account(db, login, actor=visitor.actor, seen=seen_typed(seen))
    except (RecordChanged, VersionNeeded) as refused:
        return _show(request, login, filled=outdated(refused))
    return go_and_say(request, _of(login), "disabled")


@router.post("/admin/users/{login}/enable")
@does(Verb.ENABLE_ACCOUNT)
def enable_user_form(request: Request, login: str, *, seen: Typed = "", csrf: Typed = "") -> Response:
    """Let it do again what it is granted."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    try:
        with writing(request, why="users enable") as db:
            service.enable_account(db, login, actor=visitor.actor, seen=seen_typed(seen))
    except (RecordChanged, VersionNeeded) as refused:
        return _show(request, login, filled=outdated(refused))
    return go_and_say(request, _of(login), "enabled")


@router.post("/admin/users/{login}/password")
@does(Verb.SET_PASSWORD)
def set_password_form(request: Request, login: str, *, seen: Typed = "", csrf: Typed = "") -> Response:
    """Give it another password, shown on the page that comes back, this once."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    passwords = passwords_for(settings_of(request))
    try:
        with writing(request, why="users password") as db:
            added = service.set_password(db, login, passwords=passwords, actor=visitor.actor, seen=seen_typed(seen))
    except (RecordChanged, VersionNeeded) as refused:
        return _show(request, login, filled=outdated(refused))
    return _show(request, login, added=added)


@router.post("/admin/users/{login}/grants")
@does(Verb.GRANT_ROLE)
def grant_user_form(request: Request, login: str, typed: TypedGrant) -> Response:
    """Grant it a role."""
    refuse_foreign_form(request, visitor_of(request), typed.csrf)
    refused = grants.give(request, Holder(account=login), typed)
    if refused:
        return show_again(refused, lambda: _show(request, login, filled=refused))
    return go_and_say(request, _of(login), "granted")


@router.post("/admin/users/{login}/grants/end")
@does(Verb.END_GRANT)
def end_user_grant_form(request: Request, login: str, typed: TypedEnd) -> Response:
    """Take a role back."""
    refuse_foreign_form(request, visitor_of(request), typed.csrf)
    refused = grants.take(request, Holder(account=login), typed)
    if refused:
        return _show(request, login, filled=refused)
    return go_and_say(request, _of(login), "ended")


def _of(login: str) -> str:
    return f"{USERS}/{quote(login, safe='')}"


def _list(
    request: Request, *, after: str = "", filled: Filled = EMPTY, added: Added | None = None, first: bool = False
) -> Response:
    actor = visitor_of(request).actor
    with reading(request) as db:
        found = service.list_accounts(db, actor=actor, page=asked_page(after))
    return admin_page(
        request,
        "admin/users.html",
        filled=filled,
        status=HTTPStatus.CREATED if added else 0,
        rows=found.rows,
        with_tokens=service.may_list_tokens(found.rows, asker=actor),
        after=after,
        following=following(found.next_after),
        added=added,
        first=first,
        may_add=policy.refusal(actor, Verb.ADD_ACCOUNT) is None,
    )


def _show(request: Request, login: str, *, filled: Filled = EMPTY, added: Added | None = None) -> Response:
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    with reading(request) as db:
        row = service.show_account(db, login, actor=actor)
        may = service.allowed_on(db, login, actor=actor)
        tokens = service.list_tokens(db, login, actor=actor).rows if Verb.LIST_TOKENS in may else None
    return admin_page(
        request,
        "admin/user.html",
        filled=filled,
        account=row,
        may={verb.name: verb in may for verb in Verb},
        tokens=tokens,
        scopes=scopes_offered(locale),
        added=added,
        **grants.shown(row.given, locale),
    )
