"""`/api/v1/me`, `users`, `teams`, `tokens`: who may, as programs ask and change it (docs/access.md)."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AppSettings, CurrentActor, ListerDep, PageParam, ReadDb, ThenParam, WriteDb, base_url, does
from api.once import HEADERS, MAY_REFUSE, Made, OnceDep
from api.problems import WHO_MAY, BodyTooLarge, MediaTypeRefused, answers
from api.schemas.accounts import (
    GrantEnd,
    GrantOrder,
    IssuedOut,
    MeOut,
    PasswordOut,
    ReasonOrder,
    TeamOrder,
    TeamOut,
    TokenOrder,
    TokenOut,
    UserOrder,
    UserOut,
)
from api.schemas.revisions import RevisionOut
from api.schemas.shared import Items
from api.tags import TAGGED, VERSIONED, IfMatch, ShowerDep, etag, version_of
from geo_registry.accounts import service
from geo_registry.accounts.passwords import passwords_for
from geo_registry.accounts.policy import Verb
from geo_registry.accounts.queries import AccountRow, TeamRow
from geo_registry.accounts.service import Holder
from geo_registry.errors import (
    AccountUnknown,
    BodyMalformed,
    CursorInvalid,
    DisplayNameInvalid,
    DivisionCodeInvalid,
    DivisionUnknown,
    DomainError,
    GrantInvalid,
    GrantUnknown,
    LoginInvalid,
    LoginTaken,
    MomentInvalid,
    NotRecordedThen,
    NotYourKind,
    OwnAccount,
    TeamUnknown,
    TokenInvalid,
    TokenRefused,
    TokenUnknown,
)

router = APIRouter(tags=["accounts"])

Login = Annotated[str, Path(description="The account's login name", max_length=200)]
Key = Annotated[str, Path(description="What the team is known by", max_length=200)]
TokenId = Annotated[UUID, Path(description="The token's id, which isn't its secret")]

NO_REASON = ReasonOrder()
"""What is ordered without a body."""

MADE: dict[int | str, dict[str, Any]] = {201: {"headers": {**HEADERS, **TAGGED[200]["headers"]}}}
CHANGED: dict[int | str, dict[str, Any]] = {200: TAGGED[200]}
"""What a route that makes, or changes, a record answers, for its description in OpenAPI."""


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
    """Accounts with what they are granted, as they were made; now, or as of a moment."""
    at = then.at if then is not None else None
    return Items(**lister.page(service.list_accounts(db, actor=actor, page=page, at=at), UserOut.of))


@router.post(
    "/users",
    summary="Add an account",
    status_code=201,
    response_model=PasswordOut,
    responses={**MADE, **_answers_body(LoginInvalid, LoginTaken, DisplayNameInvalid, *MAY_REFUSE)},
)
@does(Verb.ADD_ACCOUNT)
def add_user(
    *, db: WriteDb, once: OnceDep, order: UserOrder, actor: CurrentActor, settings: AppSettings, request: Request
) -> Response:
    """Make an account, with a password that is shown this once and changed at the first sign-in.

    The answer that is given again to the same `Idempotency-Key` has no password: whoever didn't hear it sets another.
    """

    def make() -> Made:
        passwords = passwords_for(settings)
        added = service.add_account(
            db, login=order.login, display_name=order.name, passwords=passwords, actor=actor, why=order.why
        )
        row = service.show_account(db, order.login, actor=actor)
        shown = PasswordOut.of(added)
        return Made(
            shown,
            location=f"{base_url(request)}/api/v1/users/{order.login}",
            headers={"ETag": etag(row.version)},
            again=shown.model_copy(update={"password": None}),
        )

    return once.make(make, allow=lambda: service.require_adding(actor=actor))


@router.get(
    "/users/{login}",
    summary="One account",
    responses={**TAGGED, **_answers(AccountUnknown, MomentInvalid, NotRecordedThen)},
    response_model=UserOut,
)
def get_user(db: ReadDb, login: Login, then: ThenParam, actor: CurrentActor, shower: ShowerDep) -> UserOut | Response:
    """An account with what it is granted, itself and by its teams; now, or as the registry held it then."""
    at = then.at if then is not None else None
    row = service.show_account(db, login, actor=actor, at=at)
    # When it was last seen makes no version.
    return shower.show(row.version, lambda: UserOut.of(row), settled=at is not None)


@router.get(
    "/users/{login}/revisions", summary="An account's revisions", responses=_answers(AccountUnknown, CursorInvalid)
)
def list_user_revisions(
    db: ReadDb, login: Login, page: PageParam, lister: ListerDep, actor: CurrentActor
) -> Items[RevisionOut]:
    """Every time that it was written, the newest first: by whom, when, why; its state, its teams, what it was granted."""
    return Items(**lister.page(service.list_account_revisions(db, login, page, actor=actor), RevisionOut.of))


@router.post(
    "/users/{login}/disable",
    summary="Disable an account",
    responses={**CHANGED, **_answers_body(AccountUnknown, OwnAccount, *VERSIONED)},
)
@does(Verb.DISABLE_ACCOUNT)
def disable_user(
    *, db: WriteDb, login: Login, order: ReasonOrder = NO_REASON, seen: IfMatch, actor: CurrentActor, response: Response
) -> UserOut:
    """Let it do nothing any more: its sessions end, its tokens are refused. Nobody is deleted: history says their names."""
    service.disable_account(db, login, actor=actor, seen=seen, why=order.why)
    return _user(response, service.show_account(db, login, actor=actor))


@router.post(
    "/users/{login}/enable",
    summary="Enable an account",
    responses={**CHANGED, **_answers_body(AccountUnknown, *VERSIONED)},
)
@does(Verb.ENABLE_ACCOUNT)
def enable_user(
    *, db: WriteDb, login: Login, order: ReasonOrder = NO_REASON, seen: IfMatch, actor: CurrentActor, response: Response
) -> UserOut:
    """Let a disabled account do again what it is granted."""
    service.enable_account(db, login, actor=actor, seen=seen, why=order.why)
    return _user(response, service.show_account(db, login, actor=actor))


@router.post(
    "/users/{login}/password",
    summary="Give an account another password",
    responses={**CHANGED, **_answers_body(AccountUnknown, *VERSIONED)},
)
@does(Verb.SET_PASSWORD)
def set_password(
    *,
    db: WriteDb,
    login: Login,
    order: ReasonOrder = NO_REASON,
    seen: IfMatch,
    actor: CurrentActor,
    settings: AppSettings,
    response: Response,
) -> PasswordOut:
    """One that is made, shown this once and changed at the next sign-in; its sessions end. No token will do."""
    passwords = passwords_for(settings)
    added = service.set_password(db, login, passwords=passwords, actor=actor, seen=seen, why=order.why)
    response.headers["ETag"] = etag(service.show_account(db, login, actor=actor).version)
    return PasswordOut.of(added)


@router.post(
    "/users/{login}/grants",
    summary="Grant an account a role",
    responses={
        **CHANGED,
        **_answers_body(AccountUnknown, DivisionCodeInvalid, DivisionUnknown, GrantInvalid, NotYourKind, *VERSIONED),
    },
)
@does(Verb.GRANT_ROLE)
def grant_user(
    *, db: WriteDb, login: Login, order: GrantOrder, seen: IfMatch, actor: CurrentActor, response: Response
) -> UserOut:
    """Nobody grants what reaches farther than their own grant, nor in a division that isn't registered."""
    service.grant_role(db, Holder(account=login), order.grant(), actor=actor, seen=seen, why=order.why)
    return _user(response, service.show_account(db, login, actor=actor))


@router.post(
    "/users/{login}/grants/end",
    summary="Take a role back from an account",
    responses={**CHANGED, **_answers_body(AccountUnknown, DivisionCodeInvalid, GrantUnknown, *VERSIONED)},
)
@does(Verb.END_GRANT)
def end_user_grant(
    *, db: WriteDb, login: Login, order: GrantEnd, seen: IfMatch, actor: CurrentActor, response: Response
) -> UserOut:
    """End what it was granted itself; what it has by a team, the team is asked about."""
    service.end_grant(db, Holder(account=login), order.role, order.prefix, actor=actor, seen=seen, why=order.why)
    return _user(response, service.show_account(db, login, actor=actor))


def _user(response: Response, row: AccountRow) -> UserOut:
    response.headers["ETag"] = etag(row.version)
    return UserOut.of(row)


@router.get("/teams", summary="List teams", responses=_answers(CursorInvalid, MomentInvalid))
def list_teams(
    *, db: ReadDb, page: PageParam, then: ThenParam, lister: ListerDep, actor: CurrentActor
) -> Items[TeamOut]:
    """Teams with their members and what they are granted, as they were made; now, or as of a moment."""
    at = then.at if then is not None else None
    return Items(**lister.page(service.list_teams(db, actor=actor, page=page, at=at), TeamOut.of))


@router.get(
    "/teams/{key}",
    summary="One team",
    responses={**TAGGED, **_answers(MomentInvalid, NotRecordedThen, TeamUnknown)},
    response_model=TeamOut,
)
def get_team(db: ReadDb, key: Key, then: ThenParam, actor: CurrentActor, shower: ShowerDep) -> TeamOut | Response:
    """A team with its members and what they are granted together; now, or as the registry held it then."""
    row = service.show_team(db, key, actor=actor, at=then.at if then is not None else None)
    return shower.show(row.version, lambda: TeamOut.of(row))


@router.get("/teams/{key}/revisions", summary="A team's revisions", responses=_answers(CursorInvalid, TeamUnknown))
def list_team_revisions(
    db: ReadDb, key: Key, page: PageParam, lister: ListerDep, actor: CurrentActor
) -> Items[RevisionOut]:
    """Every time that it was written, the newest first: by whom, when, why; its name, its members, what it was granted."""
    return Items(**lister.page(service.list_team_revisions(db, key, page, actor=actor), RevisionOut.of))


@router.put(
    "/teams/{key}",
    summary="Keep a team",
    responses={
        **CHANGED,
        **_answers_body(AccountUnknown, DisplayNameInvalid, LoginInvalid, TeamUnknown, *VERSIONED),
    },
)
@does(Verb.KEEP_TEAM)
def keep_team(
    *, db: WriteDb, key: Key, order: TeamOrder, seen: IfMatch, actor: CurrentActor, response: Response
) -> TeamOut:
    """Make a team, or, with `If-Match`, change its name and who is of it; sent again, it is the same team."""
    service.keep_team(
        db, key, name=order.name, join=order.join, leave=order.leave, actor=actor, seen=seen, why=order.why
    )
    return _team(response, service.show_team(db, key, actor=actor))


@router.post(
    "/teams/{key}/grants",
    summary="Grant a team a role",
    responses={
        **CHANGED,
        **_answers_body(DivisionCodeInvalid, DivisionUnknown, GrantInvalid, NotYourKind, TeamUnknown, *VERSIONED),
    },
)
@does(Verb.GRANT_ROLE)
def grant_team(
    *, db: WriteDb, key: Key, order: GrantOrder, seen: IfMatch, actor: CurrentActor, response: Response
) -> TeamOut:
    """Everyone of the team has it, as long as they are of it."""
    service.grant_role(db, Holder(team=key), order.grant(), actor=actor, seen=seen, why=order.why)
    return _team(response, service.show_team(db, key, actor=actor))


@router.post(
    "/teams/{key}/grants/end",
    summary="Take a role back from a team",
    responses={**CHANGED, **_answers_body(DivisionCodeInvalid, GrantUnknown, TeamUnknown, *VERSIONED)},
)
@does(Verb.END_GRANT)
def end_team_grant(
    *, db: WriteDb, key: Key, order: GrantEnd, seen: IfMatch, actor: CurrentActor, response: Response
) -> TeamOut:
    """End what the team was granted."""
    service.end_grant(db, Holder(team=key), order.role, order.prefix, actor=actor, seen=seen, why=order.why)
    return _team(response, service.show_team(db, key, actor=actor))


def _team(response: Response, row: TeamRow) -> TeamOut:
    response.headers["ETag"] = etag(row.version)
    return TeamOut.of(row)


@router.get("/tokens", summary="List tokens", responses=_answers(CursorInvalid, MomentInvalid))
def list_tokens(
    *,
    db: ReadDb,
    page: PageParam,
    then: ThenParam,
    lister: ListerDep,
    actor: CurrentActor,
    login: Annotated[str | None, Query(description="Only those of this account", max_length=200)] = None,
) -> Items[TokenOut]:
    """Tokens, the newest first; never their secrets. Whoever may not see everybody's names their own account."""
    at = then.at if then is not None else None
    return Items(**lister.page(service.list_tokens(db, login, actor=actor, page=page, at=at), TokenOut.of))


@router.get(
    "/tokens/{token}",
    summary="One token",
    responses={**TAGGED, **_answers(MomentInvalid, NotRecordedThen, TokenUnknown)},
    response_model=TokenOut,
)
def get_token(
    db: ReadDb, token: TokenId, then: ThenParam, actor: CurrentActor, shower: ShowerDep
) -> TokenOut | Response:
    """A token without its secret; now, or as the registry held it then."""
    at = then.at if then is not None else None
    row = service.show_token(db, token, actor=actor, at=at)
    # When it was last used makes no version.
    return shower.show(row.version, lambda: TokenOut.of(row), settled=at is not None)


@router.get("/tokens/{token}/revisions", summary="A token's revisions", responses=_answers(CursorInvalid, TokenUnknown))
def list_token_revisions(
    db: ReadDb, token: TokenId, page: PageParam, lister: ListerDep, actor: CurrentActor
) -> Items[RevisionOut]:
    """That it was issued, and that it was revoked: by whom, when, why."""
    return Items(**lister.page(service.list_token_revisions(db, token, page, actor=actor), RevisionOut.of))


@router.post(
    "/tokens",
    summary="Issue a token",
    status_code=201,
    response_model=IssuedOut,
    responses={**MADE, **_answers_body(AccountUnknown, TokenInvalid, *MAY_REFUSE)},
)
@does(Verb.ISSUE_TOKEN)
def issue_token(db: WriteDb, once: OnceDep, order: TokenOrder, actor: CurrentActor, request: Request) -> Response:
    """Make a token with which a program acts as an account; it is shown this once. No token makes tokens.

    The answer that is given again to the same `Idempotency-Key` has no `token`: whoever didn't hear it revokes it.
    """
    login = order.login or actor.name

    def make() -> Made:
        issued = service.issue_token(
            db, login, name=order.name, scopes=order.scopes, days=order.days, actor=actor, why=order.why
        )
        row = service.show_token(db, issued.id, actor=actor)
        shown = IssuedOut.of(issued)
        return Made(
            shown,
            location=f"{base_url(request)}/api/v1/tokens/{issued.id}",
            headers={"ETag": etag(row.version)},
            again=shown.model_copy(update={"token": None}),
        )

    return once.make(make, allow=lambda: service.require_issuing(db, login, actor=actor))


@router.post(
    "/tokens/{token}/revoke",
    summary="Revoke a token",
    status_code=204,
    responses=_answers_body(TokenUnknown, *VERSIONED),
)
@does(Verb.REVOKE_TOKEN)
def revoke_token(
    *, db: WriteDb, token: TokenId, order: ReasonOrder = NO_REASON, seen: IfMatch, actor: CurrentActor
) -> None:
    """Refuse it from now on; one that is revoked stays so."""
    service.revoke_token(db, token, actor=actor, seen=seen, why=order.why)
