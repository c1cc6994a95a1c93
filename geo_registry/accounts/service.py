"""The verbs of accounts: add, disable, grant; teams; passwords and tokens. How somebody signs in: `identity.py`."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from uuid import UUID

from geo_registry import clock
from geo_registry.accounts import audit, keys, policy, queries
from geo_registry.accounts.actors import DIGITS_OF_LEVELS, WHOLE_REGISTRY, Actor, Grant, Known, significant
from geo_registry.accounts.passwords import Passwords, check_strength
from geo_registry.accounts.policy import Verb
from geo_registry.accounts.queries import AccountRow, TeamRow, TokenRow
from geo_registry.accounts.revisions import revisions_of_account, revisions_of_team
from geo_registry.accounts.then import account_at, accounts_at, team_at, teams_at
from geo_registry.db.paging import MAX_LIMIT, Listing, Page, listing
from geo_registry.db.revisions import WHICHEVER, Revision, Seen, page_of, require_seen
from geo_registry.db.session import PrivateRead, ReadSession, WriteSession, everywhere, read_as, say_why
from geo_registry.errors import (
    DisplayNameInvalid,
    DivisionUnknown,
    GrantInvalid,
    GrantUnknown,
    LoginInvalid,
    LoginTaken,
    OwnAccount,
    PasswordTooWeak,
    PasswordWrong,
    TeamUnknown,
    TokenInvalid,
)
from geo_registry.model import (
    Account,
    AccountPassword,
    ApiToken,
    ApiTokenSecret,
    AuditEntry,
    RoleGrant,
    Team,
    TeamMember,
)
from geo_registry.vocabulary import AccountState, Nameless, Role, TokenScope

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
MOST_NAME_CHARACTERS = 60
MOST_TOKEN_DAYS = 366


@dataclass(frozen=True, slots=True)
class Added:
    """A new account, and its password where one was made for it: it is shown once and kept nowhere."""

    login: str
    password: str | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token with its secret, which is shown once and kept nowhere."""

    id: UUID
    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a grant is for: an account by its login name, or a team by its key."""

    account: str | None = None
    team: str | None = None

    def __str__(self) -> str:
        """As commands take it."""
        return self.account or f"team:{self.team}"


ALL = Page(limit=MAX_LIMIT)
"""A page that an office's accounts, teams and tokens all fit on."""


def list_accounts(
    session: ReadSession, *, actor: Actor, page: Page = ALL, at: datetime | None = None
) -> Listing[AccountRow]:
    """Accounts with what they are granted, as they were made: those that lie in the actor's scope, and one's own.

    They are those of now, or, with `at`, those of that moment as the registry held them then.

    Raises
    ------
    Forbidden
        The actor may not.
    """
    policy.require(actor, Verb.LIST_ACCOUNTS)
    with read_as(session, policy.reader(actor, Verb.LIST_ACCOUNTS)):
        found = queries.list_accounts(session, page) if at is None else accounts_at(session, at, page)
    _note(session, actor, Verb.LIST_ACCOUNTS, Account.__tablename__, [each.id for each in found.rows])
    return found


def show_account(session: ReadSession, login: str, *, actor: Actor, at: datetime | None = None) -> AccountRow:
    """One account with what it is granted, now or as the registry held it at a moment.

    Raises
    ------
    Forbidden
        The actor may not.
    AccountUnknown
        There is no such account.
    NotRecordedThen
        It was made later.
    """
    policy.require(actor, Verb.LIST_ACCOUNTS)
    with read_as(session, policy.reader(actor, Verb.LIST_ACCOUNTS)):
        found = queries.account_row(session, login) if at is None else account_at(session, login, at)
    _note(session, actor, Verb.LIST_ACCOUNTS, Account.__tablename__, [found.id])
    return found


def list_account_revisions(session: ReadSession, login: str, page: Page, *, actor: Actor) -> Listing[Revision]:
    """An account's revisions, the newest first: its own, what it was granted, the teams that it was of.

    Raises
    ------
    Forbidden
        The actor may not.
    AccountUnknown
        There is no such account.
    """
    policy.require(actor, Verb.LIST_ACCOUNTS)
    with read_as(session, policy.reader(actor, Verb.LIST_ACCOUNTS)):
        account = queries.account_of(session, login).id
        found = page_of(revisions_of_account(session, account), page)
    _note(session, actor, Verb.LIST_ACCOUNTS, Account.__tablename__, [account])
    return found


ON_AN_ACCOUNT = (
    Verb.DISABLE_ACCOUNT,
    Verb.ENABLE_ACCOUNT,
    Verb.SET_PASSWORD,
    Verb.LIST_TOKENS,
    Verb.ISSUE_TOKEN,
    Verb.REVOKE_TOKEN,
)
"""What is done to one account, wherever it is granted something."""


def allowed_on(session: ReadSession, login: str, *, actor: Actor) -> frozenset[Verb]:
    """What the actor may do to one account, and whether they may grant anybody anything: what a page offers.

    Raises
    ------
    Forbidden
        The actor may not even see it.
    """
    policy.require(actor, Verb.LIST_ACCOUNTS)
    with read_as(session, policy.reader(actor, Verb.LIST_ACCOUNTS)):
        reach = _reach(session, login)
    allowed = {each for each in ON_AN_ACCOUNT if policy.refusal(actor, each, division=reach, account=login) is None}
    return frozenset(
        allowed | {each for each in (Verb.GRANT_ROLE, Verb.END_GRANT) if policy.may_somewhere(actor, each)}
    )


def may_list_tokens(rows: Iterable[AccountRow], *, asker: Actor) -> frozenset[str]:
    """The accounts among those that are listed, by their login names, whose tokens whoever asks may see."""
    return frozenset(
        row.login
        for row in rows
        if policy.refusal(asker, Verb.LIST_TOKENS, division=_reach_of(row.grants), account=row.login) is None
    )


def list_teams(session: ReadSession, *, actor: Actor, page: Page = ALL, at: datetime | None = None) -> Listing[TeamRow]:
    """Teams with their members and what they are granted, as they were made; now, or as they were at a moment.

    Raises
    ------
    Forbidden
        The actor may not.
    """
    policy.require(actor, Verb.LIST_TEAMS)
    with read_as(session, policy.reader(actor, Verb.LIST_TEAMS)):
        found = queries.list_teams(session, page) if at is None else teams_at(session, at, page)
    _note(session, actor, Verb.LIST_TEAMS, Team.__tablename__, [each.id for each in found.rows])
    return found


def show_team(session: ReadSession, key: str, *, actor: Actor, at: datetime | None = None) -> TeamRow:
    """One team with its members and what it is granted, now or as the registry held it at a moment.

    Raises
    ------
    Forbidden
        The actor may not.
    TeamUnknown
        There is no such team.
    NotRecordedThen
        It was made later.
    """
    policy.require(actor, Verb.LIST_TEAMS)
    with read_as(session, policy.reader(actor, Verb.LIST_TEAMS)):
        found = queries.team_row(session, key) if at is None else team_at(session, key, at)
    _note(session, actor, Verb.LIST_TEAMS, Team.__tablename__, [found.id])
    return found


def list_team_revisions(session: ReadSession, key: str, page: Page, *, actor: Actor) -> Listing[Revision]:
    """A team's revisions, the newest first: its name, who was of it, what it was granted.

    Raises
    ------
    Forbidden
        The actor may not.
    TeamUnknown
        There is no such team.
    """
    policy.require(actor, Verb.LIST_TEAMS)
    with read_as(session, policy.reader(actor, Verb.LIST_TEAMS)):
        team = queries.team_of(session, key).id
        found = page_of(revisions_of_team(session, team), page)
    _note(session, actor, Verb.LIST_TEAMS, Team.__tablename__, [team])
    return found


def add_account(
    session: WriteSession,
    *,
    login: str,
    display_name: str,
    passwords: Passwords,
    actor: Actor,
    password: str | None = None,
    why: str = "",
) -> Added:
    """Make an account. It may do nothing until it is granted something, nor before its password is changed.

    Parameters
    ----------
    password
        What the person will sign in with the first time; None has one made.
    why
        The reason that somebody gives, for history and the audit; so in every function here that changes something.

    Raises
    ------
    Forbidden
        The actor may not.
    LoginInvalid, LoginTaken, DisplayNameInvalid, PasswordTooWeak
        It can't be made so.
    """
    policy.require(actor, Verb.ADD_ACCOUNT)
    if not LOGIN.fullmatch(login) or login in {each.value for each in Nameless}:
        raise LoginInvalid(login=login)
    if queries.login_is_taken(session, login):
        raise LoginTaken(login=login)
    given = password if password is not None else keys.new_password()
    check_strength(given, login=login)
    _give_reason(session, why)
    account = Account(login=login, display_name=_shown(display_name), must_change=True)
    session.add(account)
    session.flush()
    session.add(AccountPassword(account_id=account.id, hash=passwords.hashed(given)))
    session.flush()
    return Added(login=login, password=None if password is not None else given)


def require_adding(*, actor: Actor) -> None:
    """Raise unless the actor may make an account: asked again before an answer is given again.

    Raises
    ------
    Forbidden
        The actor may not.
    """
    policy.require(actor, Verb.ADD_ACCOUNT)


def disable_account(
    session: WriteSession, login: str, *, actor: Actor, seen: Seen | None = WHICHEVER, why: str = ""
) -> None:
    """Let an account do nothing any more: its sessions end, its tokens are refused as long as it is disabled.

    Those that it issued for others are revoked: it knows their secrets.

    Parameters
    ----------
    seen
        The versions that the change is based on; whichever it is, for whoever works at the machine.

    Raises
    ------
    Forbidden
        The actor may not: the account reaches farther than the actor's own grant.
    AccountUnknown
        There is no such account.
    OwnAccount
        It is the actor's own.
    VersionNeeded, RecordChanged
        Nothing says which version was seen, or it is another by now.
    """
    policy.require(actor, Verb.DISABLE_ACCOUNT, division=_reach(session, login))
    if actor.account is not None and login == actor.name:
        raise OwnAccount
    queries.hold(session, login)
    # It may have been granted something elsewhere while its lock was waited for.
    policy.require(actor, Verb.DISABLE_ACCOUNT, division=_reach(session, login))
    account = queries.account_of(session, login)
    _require_account_seen(session, login, seen, actor)
    _give_reason(session, why)
    account.state = AccountState.DISABLED.value
    end_sessions(session, account.id)
    revoke_issued(session, [account.id])


def enable_account(
    session: WriteSession, login: str, *, actor: Actor, seen: Seen | None = WHICHEVER, why: str = ""
) -> None:
    """Let a disabled account do again what it is granted.

    Raises
    ------
    Forbidden, AccountUnknown, VersionNeeded, RecordChanged
        As `disable_account`.
    """
    policy.require(actor, Verb.ENABLE_ACCOUNT, division=_reach(session, login))
    queries.hold(session, login)
    # It may have been granted something elsewhere while its lock was waited for.
    policy.require(actor, Verb.ENABLE_ACCOUNT, division=_reach(session, login))
    account = queries.account_of(session, login)
    _require_account_seen(session, login, seen, actor)
    _give_reason(session, why)
    account.state = AccountState.ACTIVE.value


def has_password(session: ReadSession, *, actor: Actor) -> bool:
    """Whether one signs in by a password of one's own: who comes by the single sign-on has none.

    Raises
    ------
    Forbidden
        The actor has no account, or acts by a token.
    """
    policy.require(actor, Verb.CHANGE_PASSWORD, account=actor.name)
    with read_as(session, actor):
        return queries.password_of(session, queries.account_of(session, actor.name).id) is not None


def set_password(
    session: WriteSession,
    login: str,
    *,
    passwords: Passwords,
    actor: Actor,
    password: str | None = None,
    seen: Seen | None = WHICHEVER,
    why: str = "",
) -> Added:
    """Give an account another password, which it has to change; its sessions end, and its tokens.

    Raises
    ------
    Forbidden, AccountUnknown, VersionNeeded, RecordChanged
        As `disable_account`.
    PasswordTooWeak
        The one that is given.
    """
    policy.require(actor, Verb.SET_PASSWORD, division=_reach(session, login))
    queries.hold(session, login)
    # It may have been granted something elsewhere while its lock was waited for.
    policy.require(actor, Verb.SET_PASSWORD, division=_reach(session, login))
    account = queries.account_of(session, login)
    _require_account_seen(session, login, seen, actor)
    _give_reason(session, why)
    given = password if password is not None else keys.new_password()
    _keep_password(session, account, given, passwords)
    account.must_change = True
    end_sessions(session, account.id)
    for token in queries.tokens_in_force(session, account.id):
        token.revoked_at = clock.now()
    return Added(login=login, password=None if password is not None else given)


def change_password(
    session: WriteSession, *, present: str, new: str, passwords: Passwords, actor: Actor, session_id: UUID | None = None
) -> None:
    """Change one's own password; every session but the one at hand ends.

    Raises
    ------
    Forbidden
        The actor has no account, or acts by a token.
    PasswordWrong
        `present` isn't the present password.
    PasswordTooWeak
        The new one is weak, or the same.
    """
    policy.require(actor, Verb.CHANGE_PASSWORD, account=actor.name)
    # So that one that is set for somebody by the version that was seen isn't set over this one.
    queries.hold(session, actor.name)
    account = queries.account_of(session, actor.name)
    kept = queries.password_of(session, account.id)
    if not passwords.fits(present, kept.hash if kept else None):
        raise PasswordWrong
    if new == present:
        raise PasswordTooWeak(reason_zh="与当前密码相同", reason_en="it is the present one", least=len(present))
    _keep_password(session, account, new, passwords)
    account.must_change = False
    end_sessions(session, account.id, but=session_id)


def grant_role(
    session: WriteSession,
    holder: Holder,
    grant: Grant,
    *,
    actor: Actor,
    seen: Seen | None = WHICHEVER,
    why: str = "",
) -> None:
    """Grant an account or a team a role; nobody grants what reaches farther than their own grant.

    Nor to a team that does, since it gives something to all who are of it.

    Parameters
    ----------
    seen
        The versions of the holder that it is based on; whichever it is, for whoever works at the machine.

    Raises
    ------
    Forbidden
        The actor may not, there or for these kinds.
    AccountUnknown, TeamUnknown
        There is no such holder.
    VersionNeeded, RecordChanged
        Nothing says which version of the holder was seen, or it is another by now.
    DivisionUnknown
        No division of that code is registered, of any year.
    GrantInvalid
        It would be over already, or make everyone of somebody.
    """
    reach = _reach_of_grant(session, holder, grant)
    for kind in grant.kinds or (None,):
        policy.require(actor, Verb.GRANT_ROLE, division=reach, kind=kind)
    queries.hold(session, str(holder))
    # A team may have been granted something elsewhere, or got other people, while its lock was waited for.
    reach = _reach_of_grant(session, holder, grant)
    for kind in grant.kinds or (None,):
        policy.require(actor, Verb.GRANT_ROLE, division=reach, kind=kind)
    if grant.division and not queries.division_exists(session, grant.division):
        raise DivisionUnknown(text=grant.division)
    if grant.role is Role.PUBLIC:
        raise GrantInvalid(reason_zh="“公众”不需要授权", reason_en="everyone is the public")
    now = clock.now()
    if grant.valid_until is not None and grant.valid_until <= max(now, grant.valid_from or now):
        raise GrantInvalid(reason_zh="结束时间已过", reason_en="it ends before it begins")
    latest = policy.latest_end(actor, Verb.GRANT_ROLE, division=reach, kinds=grant.kinds)
    if latest is not None and (grant.valid_until is None or grant.valid_until > latest):
        raise GrantInvalid(reason_zh="不能比授权人自己的授权更久", reason_en="it would outlast one's own grant")
    account, team = _ids(session, holder)
    _require_holder_seen(session, holder, seen, actor)
    _give_reason(session, why)
    session.add(
        RoleGrant(
            account_id=account,
            team_id=team,
            role=grant.role.value,
            division=grant.division,
            kinds=sorted(kind.value for kind in grant.kinds) if grant.kinds is not None else None,
            valid_from=grant.valid_from or now,
            valid_until=grant.valid_until,
        )
    )
    session.flush()


def end_grant(
    session: WriteSession,
    holder: Holder,
    role: Role,
    division: str,
    *,
    actor: Actor,
    seen: Seen | None = WHICHEVER,
    why: str = "",
) -> int:
    """End a role that an account or a team has in a division, whatever its kinds; how many grants that were.

    What a group of the single sign-on gave is withheld from then on, until the account has left the group. Tokens that
    were issued for others by what has ended are revoked.

    Raises
    ------
    Forbidden
        The actor may not, there.
    AccountUnknown, TeamUnknown, GrantUnknown
        There is no such holder, or no such grant of it.
    VersionNeeded, RecordChanged
        As `grant_role`.
    """
    policy.require(actor, Verb.END_GRANT, division=division or None)
    queries.hold(session, str(holder))
    account, team = _ids(session, holder)
    _require_holder_seen(session, holder, seen, actor)
    now = clock.now()
    found = [
        grant
        for grant in queries.open_grants(session, account=account, team=team, at=now)
        if (grant.role, grant.division) == (role.value, division)
    ]
    if not found:
        raise GrantUnknown(holder=holder, role=role.value, division=division or "*")
    _give_reason(session, why)
    for grant in found:
        # One that hasn't begun ends where it would have begun.
        grant.valid_until = max(now, grant.valid_from)
        if grant.by_group is not None:
            grant.withheld_at = now
    with everywhere(session):
        issuers = [account] if account is not None else queries.member_ids(session, team)
    revoke_issued(session, issuers)
    return len(found)


def keep_team(
    session: WriteSession,
    key: str,
    *,
    actor: Actor,
    name: str | None = None,
    join: Collection[str] = (),
    leave: Collection[str] = (),
    seen: Seen | None = None,
    why: str = "",
) -> Sequence[str]:
    """Make a team or change its name, and who is of it; the login names of those who are then.

    Parameters
    ----------
    seen
        The versions that a change is based on; to make a team, or to say again what it is, none is needed.

    Raises
    ------
    Forbidden
        The actor may not.
    LoginInvalid, DisplayNameInvalid
        A team can't be called so.
    TeamUnknown
        It isn't there, and one was seen, or no name is given to make it.
    AccountUnknown
        Somebody who is to join or leave isn't there.
    VersionNeeded, RecordChanged
        It is there and would change, and nothing says which version was seen, or it is another by now.
    """
    policy.require(actor, Verb.KEEP_TEAM)
    _give_reason(session, why)
    queries.hold(session, str(Holder(team=key)))
    team = queries.find_team(session, key)
    shown = _shown(name) if name is not None else None
    is_new = team is None
    if team is None:
        team = _new_team(session, key, shown, seen)
    # In one order for all, so that two who keep teams of the same people don't wait for each other.
    for login in sorted({*join, *leave}):
        queries.hold(session, login)
    joining = [each for each in _accounts(session, join) if queries.membership(session, team.id, each) is None]
    leaving = _accounts(session, leave)
    changes = (
        joining or shown not in {None, team.name} or any(queries.membership(session, team.id, each) for each in leaving)
    )
    if not is_new and (changes or seen is not None):
        _require_holder_seen(session, Holder(team=key), seen, actor)
    if shown is not None:
        team.name = shown
    session.add_all(TeamMember(team_id=team.id, account_id=each) for each in joining)
    session.flush()
    for each in leaving:
        member = queries.membership(session, team.id, each)
        if member is not None:
            member.left_at = clock.now()
    session.flush()
    revoke_issued(session, leaving)
    return queries.members_of(session, team.id)


def _new_team(session: WriteSession, key: str, name: str | None, seen: Seen | None) -> Team:
    if name is None or seen is not None:
        raise TeamUnknown(key=key)
    if not LOGIN.fullmatch(key):
        raise LoginInvalid(login=key)
    team = Team(key=key, name=name)
    session.add(team)
    session.flush()
    return team


def _accounts(session: ReadSession, logins: Collection[str]) -> Sequence[UUID]:
    """The ids of accounts, each once."""
    return [queries.account_of(session, login).id for login in dict.fromkeys(logins)]


def list_tokens(
    session: ReadSession, login: str | None, *, actor: Actor, page: Page = ALL, at: datetime | None = None
) -> Listing[TokenRow]:
    """Tokens of one account, or of all that lie in the actor's scope, the newest first; never their secrets.

    Now, or as they were at a moment.

    Raises
    ------
    Forbidden
        They aren't the actor's own, and the actor may not see others'.
    """
    with read_as(session, actor if login else policy.reader(actor, Verb.LIST_TOKENS)):
        division = _reach(session, login) if login else policy.somewhere(actor, Verb.LIST_TOKENS)
        policy.require(actor, Verb.LIST_TOKENS, division=division, account=login)
        found = queries.list_tokens(session, login, page, at=at)
    _note(session, actor, Verb.LIST_TOKENS, ApiToken.__tablename__, [each.id for each in found.rows])
    return found


def show_token(session: ReadSession, token: UUID, *, actor: Actor, at: datetime | None = None) -> TokenRow:
    """One token, never its secret; now, or as the registry held it at a moment.

    Raises
    ------
    Forbidden
        It isn't the actor's own, and the actor may not see others'.
    TokenUnknown
        There is no such token.
    NotRecordedThen
        It was issued later.
    """
    with read_as(session, actor):
        holder = queries.holder_of(session, token)
        policy.require(actor, Verb.LIST_TOKENS, division=_reach(session, holder), account=holder)
        found = queries.token_row(session, token, at=at)
    _note(session, actor, Verb.LIST_TOKENS, ApiToken.__tablename__, [token])
    return found


def list_token_revisions(session: ReadSession, token: UUID, page: Page, *, actor: Actor) -> Listing[Revision]:
    """A token's revisions, the newest first: that it was issued, and that it was revoked.

    Raises
    ------
    Forbidden, TokenUnknown
        As `show_token`.
    """
    with read_as(session, actor):
        holder = queries.holder_of(session, token)
        policy.require(actor, Verb.LIST_TOKENS, division=_reach(session, holder), account=holder)
        queries.token_of(session, token)
        found = queries.token_revisions(session, token, after=page.after, limit=page.limit + 1)
    _note(session, actor, Verb.LIST_TOKENS, ApiToken.__tablename__, [token])
    return listing(found, page, lambda each: each.number)


def require_issuing(session: ReadSession, login: str, *, actor: Actor) -> None:
    """Raise unless the actor may make a token for an account: asked again before an answer is given again.

    Raises
    ------
    Forbidden
        As `issue_token`.
    """
    policy.require(actor, Verb.ISSUE_TOKEN, division=_reach(session, login), account=login)


def issue_token(
    session: WriteSession,
    login: str,
    *,
    name: str,
    scopes: Iterable[TokenScope],
    days: int,
    actor: Actor,
    why: str = "",
) -> Issued:
    """Make a token with which a program acts as an account, within scopes, for so many days.

    Raises
    ------
    Forbidden
        The account is another's and reaches farther than the actor's own grant, or the actor acts by a token.
    AccountUnknown
        There is no such account.
    TokenInvalid
        It has no name or no scopes, or would last too long: of another's account, longer than one's own grant.
    """
    policy.require(actor, Verb.ISSUE_TOKEN, division=_reach(session, login), account=login)
    queries.hold(session, login)
    # It may have been granted something elsewhere while its lock was waited for.
    reach = _reach(session, login)
    policy.require(actor, Verb.ISSUE_TOKEN, division=reach, account=login)
    account = queries.account_of(session, login)
    wanted = sorted({scope.value for scope in scopes})
    if not _is_plain(name):
        raise TokenInvalid(reason_zh="没有名称", reason_en="it has no name", most=MOST_TOKEN_DAYS)
    if not wanted:
        raise TokenInvalid(reason_zh="没有范围", reason_en="it has no scopes", most=MOST_TOKEN_DAYS)
    if not 0 < days <= MOST_TOKEN_DAYS:
        raise TokenInvalid(reason_zh=f"有效期 {days} 天", reason_en=f"it would last {days} days", most=MOST_TOKEN_DAYS)
    secret = keys.new_token()
    expires_at = clock.now() + timedelta(days=days)
    latest = policy.latest_end(actor, Verb.ISSUE_TOKEN, division=reach) if login != actor.name else None
    if latest is not None and expires_at > latest:
        raise TokenInvalid(
            reason_zh="不能比签发人自己的授权更久", reason_en="it would outlast one's own grant", most=MOST_TOKEN_DAYS
        )
    _give_reason(session, why)
    token = ApiToken(account_id=account.id, name=name.strip(), scopes=wanted, expires_at=expires_at)
    session.add(token)
    session.flush()
    session.add(ApiTokenSecret(token_id=token.id, digest=keys.digest_of(secret)))
    session.flush()
    return Issued(id=token.id, secret=secret, expires_at=expires_at)


def revoke_token(
    session: WriteSession, token: UUID, *, actor: Actor, seen: Seen | None = WHICHEVER, why: str = ""
) -> None:
    """Refuse a token from now on; one that is revoked stays so.

    Raises
    ------
    Forbidden
        It is another's, whose account reaches farther than the actor's own grant.
    TokenUnknown
        There is no such token.
    VersionNeeded, RecordChanged
        Nothing says which version was seen, or it is another by now.
    """
    holder = queries.holder_of(session, token)
    policy.require(actor, Verb.REVOKE_TOKEN, division=_reach(session, holder), account=holder)
    # Its account, which nothing else becomes of meanwhile.
    queries.hold(session, str(holder))
    policy.require(actor, Verb.REVOKE_TOKEN, division=_reach(session, holder), account=holder)
    found = queries.token_of(session, token)
    require_seen(seen, queries.token_row(session, token).version)
    _give_reason(session, why)
    if found.revoked_at is None:
        found.revoked_at = clock.now()


def revoke_issued(session: WriteSession, issuers: Collection[UUID]) -> None:
    """Revoke what accounts issued for others and may issue for them no more: who issued a token knows its secret.

    Wherever these others are: it is no power over them.
    """
    now = clock.now()
    with everywhere(session):
        grants = queries.grants_of(session, issuers)
        for issuer, token, login in queries.issued_for_others(session, issuers):
            known = Actor(issuer.login, Known.BY_SESSION, account=issuer.id, grants=grants[issuer.id], at=now)
            if (
                issuer.state == AccountState.DISABLED.value
                or policy.refusal(known, Verb.ISSUE_TOKEN, division=_reach(session, login), account=login) is not None
            ):
                token.revoked_at = now
        session.flush()


def read_audit(session: ReadSession, query: audit.EntryQuery, page: Page, *, actor: Actor) -> Listing[audit.EntryRow]:
    """Who did what: entries of the audit, the newest first; `page.after` counts downwards, 0 begins.

    Raises
    ------
    Forbidden
        The actor may not.
    """
    policy.require(actor, Verb.READ_AUDIT)
    with read_as(session, actor):
        found = audit.entries(session, query, page)
    session.note(PrivateRead(actor, AuditEntry.__tablename__, rows=len(found.rows), verb=Verb.READ_AUDIT.value))
    return found


def read_entry(session: ReadSession, entry: int, *, actor: Actor) -> audit.Told:
    """One entry of the audit, with what its rows said before and after.

    Raises
    ------
    Forbidden
        The actor may not.
    AuditEntryUnknown
        There is none of that number.
    """
    policy.require(actor, Verb.READ_AUDIT)
    session.note(PrivateRead(actor, AuditEntry.__tablename__, rows=1, verb=Verb.READ_AUDIT.value))
    with read_as(session, actor):
        return audit.told(session, entry)


def _give_reason(session: WriteSession, why: str) -> None:
    """Have what follows say the reason that somebody gave; without one, that of whoever opened the unit of work."""
    if why:
        say_why(session, why)


def _note(session: ReadSession, actor: Actor, verb: Verb, table: str, records: Sequence[UUID]) -> None:
    """Have audit know whose rows the actor was shown."""
    session.note(PrivateRead(actor, table, rows=len(records), records=records, verb=verb.value))


def end_sessions(session: WriteSession, account: UUID, *, but: UUID | None = None) -> None:
    """End an account's sessions, all or all but one."""
    now = clock.now()
    for each in queries.open_sessions(session, account):
        if each.id != but:
            each.ended_at = now


def _reach(session: ReadSession, login: str | None) -> str | None:
    """The smallest division that holds all that an account is granted; None for the whole registry.

    So it is for an account that isn't there or is granted nothing: who may not know that is told nothing.
    """
    account = queries.find_account(session, login) if login is not None else None
    if account is None:
        return None
    return _reach_of(queries.grants_of(session, [account.id])[account.id])


def _reach_of(grants: Iterable[Grant]) -> str | None:
    now = clock.now()
    divisions = [grant.division for grant in grants if grant.valid_until is None or grant.valid_until > now]
    return _common(divisions) or None


def _reach_of_grant(session: WriteSession, holder: Holder, grant: Grant) -> str | None:
    """Whose affair it is that a holder is granted something: where that is, and of a team all that it reaches besides."""
    return _team_reach(session, holder.team, grant) if holder.team is not None else grant.division or None


def _team_reach(session: WriteSession, key: str, grant: Grant) -> str | None:
    """The smallest division that holds what a team, and everybody in it, is granted, and `grant` besides.

    None for the whole registry; so it is for a team that the actor doesn't see, and for one that is nobody's yet. What
    is granted elsewhere counts as well, which the actor isn't shown.
    """
    team = queries.find_team(session, key)
    if team is None:
        return None
    with everywhere(session):
        members, given = queries.reach_of_team(session, team.id, at=clock.now())
    if not members and not given:
        return None
    return _common([grant.division, *given]) or None


def _common(divisions: Collection[str]) -> str:
    """The first digits that all have in common, as many as a level has."""
    if not divisions:
        return WHOLE_REGISTRY
    shared = [pair[0] for pair in takewhile(lambda digits: len(set(digits)) == 1, zip(*divisions, strict=False))]
    levels = [digits for digits in DIGITS_OF_LEVELS if digits <= len(shared)]
    return significant("".join(shared)[: max(levels)]) if levels else WHOLE_REGISTRY


def _require_account_seen(session: ReadSession, login: str, seen: Seen | None, actor: Actor) -> None:
    """Raise unless the writer has seen the version that an account, held by now, is of: as whoever lists it is shown it."""
    if seen == WHICHEVER:
        return
    with read_as(session, policy.reader(actor, Verb.LIST_ACCOUNTS)):
        require_seen(seen, queries.account_row(session, login).version)


def _require_holder_seen(session: ReadSession, holder: Holder, seen: Seen | None, actor: Actor) -> None:
    """The same of whoever is granted something."""
    if holder.account is not None:
        _require_account_seen(session, holder.account, seen, actor)
        return
    if seen == WHICHEVER:
        return
    with read_as(session, policy.reader(actor, Verb.LIST_TEAMS)):
        require_seen(seen, queries.team_row(session, holder.team or "").version)


def _ids(session: ReadSession, holder: Holder) -> tuple[UUID | None, UUID | None]:
    if holder.account is not None:
        return queries.account_of(session, holder.account).id, None
    return None, queries.team_of(session, holder.team or "").id


def _keep_password(session: WriteSession, account: Account, password: str, passwords: Passwords) -> None:
    check_strength(password, login=account.login)
    kept = queries.password_of(session, account.id)
    if kept is None:
        session.add(AccountPassword(account_id=account.id, hash=passwords.hashed(password)))
    else:
        kept.hash, kept.set_at = passwords.hashed(password), clock.now()
    session.flush()


def _shown(name: str) -> str:
    if not _is_plain(name):
        raise DisplayNameInvalid(most=MOST_NAME_CHARACTERS)
    return name.strip()


def _is_plain(text: str) -> bool:
    """Whether it is a line that can be shown: letters of any script, no control characters, no surrogates."""
    stripped = text.strip()
    return 0 < len(stripped) <= MOST_NAME_CHARACTERS and not any(
        unicodedata.category(letter) in {"Cc", "Cs", "Cf", "Zl", "Zp"} for letter in stripped
    )
