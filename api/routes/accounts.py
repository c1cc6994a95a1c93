"""`/api/v1/me`, `users`, `teams`, `tokens`: who may, as programs ask and change it (docs/access.md)."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from api.deps import AppSettings, CurrentActor, ListerDep, PageParam, ReadDb, ThenParam, WriteDb
from api.problems import WHO_MAY, BodyTooLarge, MediaTypeRefused, answers
from api.schemas.accounts import (
    GrantEnd,
    GrantOrder,
    IssuedOut,
    MeOut,
    PasswordOut,
    TeamOrder,
    TeamOut,
    TokenOrder,
    TokenOut,
    UserOrder,
    UserOut,
)
from api.schemas.shared import Items
from api.tags import TAGGED, ShowerDep, version_of
from geo_registry.accounts import service
from geo_registry.accounts.passwords import passwords_for
from geo_registry.accounts.service import Holder
from geo_registry.errors import (
    AccountUnknown,
    BodyMalformed,
    CursorInvalid,
    DisplayNameInvalid,
    DivisionCodeInvalid,
    DomainError,
    GrantInvalid,
    GrantUnknown,
    LoginInvalid,
    LoginTaken,
    MomentInvalid,
    NotYourKind,
    TeamUnknown,
    TokenInvalid,
    TokenRefused,
    TokenUnknown,
)

router = APIRouter(tags=["accounts"])

Login = Annotated[str, Path(description="The account's login name", max_length=200)]
Key = Annotated[str, Path(description="What the team is known by", max_length=200)]
TokenId = Annotated[UUID, Path(description="The token's id, which isn't its secret")]

NEVER_KEPT = "no-store"


def _answers(*errors: type[DomainError]) -> dict[int | str, dict[str, Any]]:
    return answers(*errors, *WHO_MAY)


def _answers_body(*errors: type[DomainError]) -> dict[int | str, dict[str, Any]]:
    return answers(BodyMalformed, BodyTooLarge, MediaTypeRefused, *errors, *WHO_MAY, has_body=True)


@router.get(
    "/me", summary="Who asks, and what they may", responses={**TAGGED, **answers(TokenRefused)}, response_model=MeOut
)
def get_me(actor: CurrentActor, shower: ShowerDep) -> MeOut | Response:
    """The account that the cookie or the token belongs to, its grants, and the verbs that they allow somewhere."""
    me = MeOut.of(actor)
    return shower.show(version_of(me), lambda: me)


@router.get("/users", summary="List accounts", responses=_answers(CursorInvalid, MomentInvalid))
def list_users(
    *, db: ReadDb, page: PageParam, then: ThenParam, lister: ListerDep, actor: CurrentActor
) -> Items[UserOut]:
    """Accounts with what they are granted, as they were made; as of a moment, all of them on one page."""
    at = then.at if then is not None else None
    return Items(**lister.page(service.list_accounts(db, actor=actor, page=page, at=at), UserOut.of))


@router.post(
    "/users",
    summary="Add an account",
    status_code=201,
    responses=_answers_body(LoginInvalid, LoginTaken, DisplayNameInvalid),
)
def add_user(
    db: WriteDb, order: UserOrder, actor: CurrentActor, settings: AppSettings, response: Response
) -> PasswordOut:
    """Make an account, with a password that is shown this once and changed at the first sign-in."""
    passwords = passwords_for(settings)
    added = service.add_account(db, login=order.login, display_name=order.name, passwords=passwords, actor=actor)
    response.headers["Cache-Control"] = NEVER_KEPT
    return PasswordOut.of(added)


@router.get(
    "/users/{login}", summary="One account", responses={**TAGGED, **_answers(AccountUnknown)}, response_model=UserOut
)
def get_user(db: ReadDb, login: Login, actor: CurrentActor, shower: ShowerDep) -> UserOut | Response:
    """An account with what it is granted, itself and by its teams."""
    user = UserOut.of(service.show_account(db, login, actor=actor))
    return shower.show(version_of(user), lambda: user)


@router.post("/users/{login}/disable", summary="Disable an account", responses=_answers(AccountUnknown))
def disable_user(db: WriteDb, login: Login, actor: CurrentActor) -> UserOut:
    """Let it do nothing any more: its sessions end, its tokens are refused. Nobody is deleted: history says their names."""
    service.disable_account(db, login, actor=actor)
    return UserOut.of(service.show_account(db, login, actor=actor))


@router.post("/users/{login}/enable", summary="Enable an account", responses=_answers(AccountUnknown))
def enable_user(db: WriteDb, login: Login, actor: CurrentActor) -> UserOut:
    """Let a disabled account do again what it is granted."""
    service.enable_account(db, login, actor=actor)
    return UserOut.of(service.show_account(db, login, actor=actor))


@router.post("/users/{login}/password", summary="Give an account another password", responses=_answers(AccountUnknown))
def set_password(
    db: WriteDb, login: Login, actor: CurrentActor, settings: AppSettings, response: Response
) -> PasswordOut:
    """One that is made, shown this once and changed at the next sign-in; its sessions end. No token will do."""
    added = service.set_password(db, login, passwords=passwords_for(settings), actor=actor)
    response.headers["Cache-Control"] = NEVER_KEPT
    return PasswordOut.of(added)


@router.post(
    "/users/{login}/grants",
    summary="Grant an account a role",
    responses=_answers_body(AccountUnknown, DivisionCodeInvalid, GrantInvalid, NotYourKind),
)
def grant_user(db: WriteDb, login: Login, order: GrantOrder, actor: CurrentActor) -> UserOut:
    """Nobody grants what reaches farther than their own grant."""
    service.grant_role(db, Holder(account=login), order.grant(), actor=actor)
    return UserOut.of(service.show_account(db, login, actor=actor))


@router.post(
    "/users/{login}/grants/end",
    summary="Take a role back from an account",
    responses=_answers_body(AccountUnknown, DivisionCodeInvalid, GrantUnknown),
)
def end_user_grant(db: WriteDb, login: Login, order: GrantEnd, actor: CurrentActor) -> UserOut:
    """End what it was granted itself; what it has by a team, the team is asked about."""
    service.end_grant(db, Holder(account=login), order.role, order.prefix, actor=actor)
    return UserOut.of(service.show_account(db, login, actor=actor))


@router.get("/teams", summary="List teams", responses=_answers(CursorInvalid))
def list_teams(db: ReadDb, page: PageParam, lister: ListerDep, actor: CurrentActor) -> Items[TeamOut]:
    """Teams with their members and what they are granted, as they were made."""
    return Items(**lister.page(service.list_teams(db, actor=actor, page=page), TeamOut.of))


@router.get("/teams/{key}", summary="One team", responses={**TAGGED, **_answers(TeamUnknown)}, response_model=TeamOut)
def get_team(db: ReadDb, key: Key, actor: CurrentActor, shower: ShowerDep) -> TeamOut | Response:
    """A team with its members and what they are granted together."""
    team = TeamOut.of(service.show_team(db, key, actor=actor))
    return shower.show(version_of(team), lambda: team)


@router.put(
    "/teams/{key}",
    summary="Keep a team",
    responses=_answers_body(AccountUnknown, DisplayNameInvalid, LoginInvalid, TeamUnknown),
)
def keep_team(db: WriteDb, key: Key, order: TeamOrder, actor: CurrentActor) -> TeamOut:
    """Make a team or change its name, and who is of it."""
    service.keep_team(db, key, name=order.name, join=order.join, leave=order.leave, actor=actor)
    return TeamOut.of(service.show_team(db, key, actor=actor))


@router.post(
    "/teams/{key}/grants",
    summary="Grant a team a role",
    responses=_answers_body(DivisionCodeInvalid, GrantInvalid, NotYourKind, TeamUnknown),
)
def grant_team(db: WriteDb, key: Key, order: GrantOrder, actor: CurrentActor) -> TeamOut:
    """Everyone of the team has it, as long as they are of it."""
    service.grant_role(db, Holder(team=key), order.grant(), actor=actor)
    return TeamOut.of(service.show_team(db, key, actor=actor))


@router.post(
    "/teams/{key}/grants/end",
    summary="Take a role back from a team",
    responses=_answers_body(DivisionCodeInvalid, GrantUnknown, TeamUnknown),
)
def end_team_grant(db: WriteDb, key: Key, order: GrantEnd, actor: CurrentActor) -> TeamOut:
    """End what the team was granted."""
    service.end_grant(db, Holder(team=key), order.role, order.prefix, actor=actor)
    return TeamOut.of(service.show_team(db, key, actor=actor))


@router.get("/tokens", summary="List tokens", responses=_answers(CursorInvalid))
def list_tokens(
    db: ReadDb,
    page: PageParam,
    lister: ListerDep,
    actor: CurrentActor,
    login: Annotated[str | None, Query(description="Only those of this account", max_length=200)] = None,
) -> Items[TokenOut]:
    """Tokens, the newest first; never their secrets. Whoever may not see everybody's names their own account."""
    return Items(**lister.page(service.list_tokens(db, login, actor=actor, page=page), TokenOut.of))


@router.post("/tokens", summary="Issue a token", status_code=201, responses=_answers_body(AccountUnknown, TokenInvalid))
def issue_token(db: WriteDb, order: TokenOrder, actor: CurrentActor, response: Response) -> IssuedOut:
    """Make a token with which a program acts as an account; it is shown this once. No token makes tokens."""
    issued = service.issue_token(
        db, order.login or actor.name, name=order.name, scopes=order.scopes, days=order.days, actor=actor
    )
    response.headers["Cache-Control"] = NEVER_KEPT
    return IssuedOut.of(issued)


@router.post("/tokens/{token}/revoke", summary="Revoke a token", status_code=204, responses=_answers(TokenUnknown))
def revoke_token(db: WriteDb, token: TokenId, actor: CurrentActor) -> None:
    """Refuse it from now on; one that is revoked stays so."""
    service.revoke_token(db, token, actor=actor)
