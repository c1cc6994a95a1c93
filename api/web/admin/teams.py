"""`/admin/teams`: people who are granted the same things together."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from api.deps import does, reading, writing
from api.visitors import refuse_foreign_form, visitor_of
from api.web.admin import grants
from api.web.admin.frame import (
    EMPTY,
    Filled,
    Typed,
    admin_page,
    asked_page,
    following,
    go_and_say,
    outdated,
    seen_typed,
    show_again,
    sign_in_first,
)
from api.web.admin.grants import TypedEnd, TypedGrant
from api.web.preferences import preferences_of
from geo_registry.accounts import policy, service
from geo_registry.accounts.policy import Verb
from geo_registry.accounts.service import Holder
from geo_registry.errors import DomainError, Forbidden, RecordChanged, TeamKeyTaken, TeamUnknown, VersionNeeded

TEAMS = "/admin/teams"

router = APIRouter(include_in_schema=False)


@router.get("/admin/teams")
def teams_page(request: Request, after: Annotated[str, Query(max_length=64)] = "") -> Response:
    """Every team, and the form for another."""
    return sign_in_first(request) or _list(request, after=after)


@router.post("/admin/teams")
@does(Verb.KEEP_TEAM)
def add_team_form(request: Request, *, login: Typed = "", name: Typed = "", csrf: Typed = "") -> Response:
    """Make a team; one of that key that is there stays as it is."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    try:
        with writing(request, why="users team") as db:
            service.keep_team(db, login.strip(), name=name, actor=visitor.actor)
    except Forbidden:
        raise
    except DomainError as error:
        refused = TeamKeyTaken(key=login.strip()) if isinstance(error, VersionNeeded) else error
        return _list(request, filled=Filled("add", {"login": login, "name": name}, refused))
    return go_and_say(request, _of(login.strip()), "kept")


@router.get("/admin/teams/{key}")
def team_page(request: Request, key: str) -> Response:
    """One team: who is of it, and what they are granted together."""
    return sign_in_first(request) or _show(request, key)


@router.post("/admin/teams/{key}/members")
@does(Verb.KEEP_TEAM)
def change_members(
    request: Request, key: str, *, join: Typed = "", leave: Typed = "", seen: Typed = "", csrf: Typed = ""
) -> Response:
    """Have somebody join or leave."""
    visitor = visitor_of(request)
    refuse_foreign_form(request, visitor, csrf)
    try:
        with writing(request, why="users team") as db:
            service.keep_team(
                db,
                key,
                join=[join.strip()] if join.strip() else (),
                leave=[leave] if leave else (),
                actor=visitor.actor,
                seen=seen_typed(seen),
            )
    except (Forbidden, TeamUnknown):
        raise
    except DomainError as refused:
        pressed = not join and isinstance(refused, RecordChanged | VersionNeeded)
        return _show(request, key, filled=outdated(refused) if pressed else Filled("join", {"login": join}, refused))
    return go_and_say(request, _of(key), "kept")


@router.post("/admin/teams/{key}/grants")
@does(Verb.GRANT_ROLE)
def grant_team_form(request: Request, key: str, typed: TypedGrant) -> Response:
    """Grant it a role."""
    refuse_foreign_form(request, visitor_of(request), typed.csrf)
    refused = grants.give(request, Holder(team=key), typed)
    if refused:
        return show_again(refused, lambda: _show(request, key, filled=refused))
    return go_and_say(request, _of(key), "granted")


@router.post("/admin/teams/{key}/grants/end")
@does(Verb.END_GRANT)
def end_team_grant_form(request: Request, key: str, typed: TypedEnd) -> Response:
    """Take a role back."""
    refuse_foreign_form(request, visitor_of(request), typed.csrf)
    refused = grants.take(request, Holder(team=key), typed)
    if refused:
        return _show(request, key, filled=refused)
    return go_and_say(request, _of(key), "ended")


def _of(key: str) -> str:
    return f"{TEAMS}/{quote(key, safe='')}"


def _list(request: Request, *, after: str = "", filled: Filled = EMPTY) -> Response:
    actor = visitor_of(request).actor
    with reading(request) as db:
        found = service.list_teams(db, actor=actor, page=asked_page(after))
    return admin_page(
        request,
        "admin/teams.html",
        filled=filled,
        rows=found.rows,
        after=after,
        following=following(found.next_after),
        may_keep=policy.refusal(actor, Verb.KEEP_TEAM) is None,
    )


def _show(request: Request, key: str, *, filled: Filled = EMPTY) -> Response:
    actor, locale = visitor_of(request).actor, preferences_of(request).locale
    with reading(request) as db:
        row = service.show_team(db, key, actor=actor)
    return admin_page(
        request,
        "admin/team.html",
        filled=filled,
        team=row,
        may_keep=policy.refusal(actor, Verb.KEEP_TEAM) is None,
        may_grant=policy.may_somewhere(actor, Verb.GRANT_ROLE),
        **grants.shown(row.given, locale),
    )
