"""What is asked of accounts, teams, grants, sessions and tokens."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, null, or_, select, text
from sqlalchemy.orm import aliased

from geo_registry.accounts.actors import DIGITS_OF_LEVELS, Grant
from geo_registry.accounts.revisions import OF_ACCOUNT, OF_TEAM, count_writes
from geo_registry.db.history import as_of
from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.revisions import Revision, as_revisions, version_of, versions_of
from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.errors import AccountUnknown, NotRecordedThen, TeamUnknown, TokenUnknown
from geo_registry.model import (
    Account,
    AccountIdentity,
    AccountPassword,
    AccountSession,
    ApiToken,
    ApiTokenSecret,
    Division,
    RoleGrant,
    Team,
    TeamMember,
)
from geo_registry.vocabulary import AccountState, FacilityKind, Role, TokenScope

ANY_ACCOUNT = text("SELECT accounts_exist()")
IS_TAKEN = text("SELECT login_is_taken(:login)")
"""Functions of the database: both are asked where accounts themselves may not be seen."""


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A grant, and through what its holder has it: the key of a team, or a group of the single sign-on."""

    fid: int
    grant: Grant
    team: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as it is listed."""

    fid: int
    id: UUID
    login: str
    display_name: str
    state: str
    must_change: bool
    demo: bool
    recorded_at: datetime
    seen_at: datetime | None
    teams: Sequence[str]
    given: Sequence[GrantRow]
    writes: int | None = None
    """How often it was written, its grants and its teams with it; None in lists, which don't count."""
    password_set_at: datetime | None = None

    @property
    def grants(self) -> Sequence[Grant]:
        """What it is granted, itself and by its teams."""
        return [each.grant for each in self.given]

    @property
    def version(self) -> str:
        """A word that is another one whenever it was written, got another password, or its teams were granted other things.

        That somebody was seen makes no version.
        """
        by_teams = [part for each in self.given if each.team is not None for part in (each.fid, each.grant.valid_until)]
        return version_of(self.id, self.writes, self.password_set_at, *by_teams)


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team as it is listed."""

    fid: int
    id: UUID
    key: str
    name: str
    recorded_at: datetime
    members: Sequence[str]
    given: Sequence[GrantRow]
    writes: int | None = None
    """As an account's."""

    @property
    def version(self) -> str:
        """A word that is another one whenever it was written: its name, who is of it, what it is granted."""
        return version_of(self.id, self.writes)


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as it is listed: everything but its secret."""

    fid: int
    id: UUID
    login: str
    name: str
    scopes: frozenset[TokenScope]
    recorded_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None

    @property
    def version(self) -> str:
        """A word that is another one once it is revoked; nothing else of a token changes."""
        return version_of(self.id, self.revoked_at)


def accounts_exist(session: ReadSession) -> bool:
    """Whether anybody has an account: until then, whoever sits at the machine may everything (ADR 0038)."""
    return bool(session.execute(ANY_ACCOUNT).scalar_one())


def login_is_taken(session: ReadSession, login: str) -> bool:
    """Whether an account is called so, be it one that the asker doesn't see."""
    return bool(session.execute(IS_TAKEN, {"login": login}).scalar_one())


FRESH = {"populate_existing": True}
"""Of a record that was read before its lock was waited for, a session gives what it says by now."""


def hold(session: WriteSession, record: str) -> None:
    """Keep an account with its tokens, or a team, by what it is called, from everybody else who would change it.

    Until the unit of work ends. Its rows can't be locked for that: of those that whoever grants something sees, not each
    is theirs to change.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"record {record}", 0))))


def account_of(session: ReadSession, login: str) -> Account:
    """The account that is called so.

    Raises
    ------
    AccountUnknown
        There is none.
    """
    found = find_account(session, login)
    if found is None:
        raise AccountUnknown(login=login)
    return found


def find_account(session: ReadSession, login: str) -> Account | None:
    """The account that is called so; None where there is none."""
    question = select(Account).where(Account.login == login).execution_options(**FRESH)
    return session.scalars(question).one_or_none()


def credentials(session: ReadSession, login: str) -> tuple[Account | None, AccountPassword | None]:
    """An account and how its password is kept, in one question: as long for a name that isn't there."""
    question = (
        select(Account, AccountPassword)
        .outerjoin(AccountPassword, AccountPassword.account_id == Account.id)
        .where(Account.login == login)
    )
    row = session.execute(question).one_or_none()
    return (None, None) if row is None else (row[0], row[1])


def account_to_enter(session: WriteSession, account: UUID) -> Account:
    """An account as it is now; it isn't disabled before the unit of work ends."""
    return session.get_one(Account, account, populate_existing=True, with_for_update={"read": True})


def password_of(session: ReadSession, account: UUID) -> AccountPassword | None:
    """How an account's password is kept; None where it has none."""
    return session.get(AccountPassword, account, populate_existing=True)


def team_of(session: ReadSession, key: str) -> Team:
    """The team that is called so.

    Raises
    ------
    TeamUnknown
        There is none.
    """
    found = session.scalars(select(Team).where(Team.key == key).execution_options(**FRESH)).one_or_none()
    if found is None:
        raise TeamUnknown(key=key)
    return found


def find_team(session: ReadSession, key: str) -> Team | None:
    """The team that is called so; None where there is none."""
    return session.scalars(select(Team).where(Team.key == key).execution_options(**FRESH)).one_or_none()


def membership(session: ReadSession, team: UUID, account: UUID) -> TeamMember | None:
    """That an account is of a team now; None where it isn't."""
    present = select(TeamMember).where(
        TeamMember.team_id == team, TeamMember.account_id == account, TeamMember.left_at.is_(None)
    )
    return session.scalars(present).one_or_none()


def grants_of(session: ReadSession, accounts: Collection[UUID]) -> Mapping[UUID, tuple[Grant, ...]]:
    """What accounts are granted, themselves and by the teams that they are of, in force or not, by account."""
    return {account: tuple(row.grant for row in rows) for account, rows in given_to(session, accounts).items()}


def given_to(session: ReadSession, accounts: Collection[UUID]) -> Mapping[UUID, Sequence[GrantRow]]:
    """The same with where each comes from: their own first."""
    own = (
        select(Account.id, RoleGrant, null().label("team"))
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(Account.id.in_(accounts))
    )
    of_teams = (
        select(TeamMember.account_id, RoleGrant, Team.key.label("team"))
        .join(RoleGrant, RoleGrant.team_id == TeamMember.team_id)
        .join(Team, Team.id == TeamMember.team_id)
        .where(TeamMember.account_id.in_(accounts), TeamMember.left_at.is_(None))
    )
    found: defaultdict[UUID, list[GrantRow]] = defaultdict(list)
    for question in (own, of_teams):
        for holder, row, team in session.execute(question.order_by(RoleGrant.fid).execution_options(**FRESH)):
            found[holder].append(GrantRow(row.fid, as_grant(row), team=team, group=row.by_group))
    return {account: found[account] for account in accounts}


def division_exists(session: ReadSession, prefix: str) -> bool:
    """Whether a division of any year begins so, with as many digits as its level has."""
    code = prefix.ljust(DIGITS_OF_LEVELS[-1], "0")
    return bool(session.scalar(select(exists().where(Division.code == code))))


def as_grant(row: RoleGrant) -> Grant:
    """A row of grants as the value that the policy knows."""
    return Grant(
        role=Role.of(row.role),
        division=row.division,
        kinds=frozenset(FacilityKind.of(kind) for kind in row.kinds) if row.kinds is not None else None,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def open_grants(session: ReadSession, *, account: UUID | None, team: UUID | None, at: datetime) -> Sequence[RoleGrant]:
    """The grants of one holder that aren't over."""
    holder = RoleGrant.account_id == account if account is not None else RoleGrant.team_id == team
    question = select(RoleGrant).where(holder, _not_over(at)).order_by(RoleGrant.fid)
    return session.scalars(question.execution_options(**FRESH)).all()


def member_ids(session: ReadSession, team: UUID | None) -> Sequence[UUID]:
    """The accounts that are of a team now."""
    present = select(TeamMember.account_id).where(TeamMember.team_id == team, TeamMember.left_at.is_(None))
    return session.scalars(present).all()


def reach_of_team(session: ReadSession, team: UUID, *, at: datetime) -> tuple[int, Sequence[str]]:
    """How many are of a team now, and the divisions of what it and they are granted, themselves and by other teams.

    Of whom nothing is granted any more it is what was.
    """
    members = member_ids(session, team)
    divisions = [grant.division for grant in open_grants(session, account=None, team=team, at=at)]
    for grants in grants_of(session, members).values():
        still = [grant.division for grant in grants if grant.valid_until is None or grant.valid_until > at]
        divisions += still or [grant.division for grant in grants]
    return len(members), divisions


def _not_over(at: datetime) -> ColumnElement[bool]:
    return or_(RoleGrant.valid_until.is_(None), RoleGrant.valid_until > at)


def list_accounts(session: ReadSession, page: Page) -> Listing[AccountRow]:
    """Accounts, as they were made."""
    question = select(Account).where(Account.fid > page.after).order_by(Account.fid).limit(page.limit + 1)
    return listing(_account_rows(session, session.scalars(question).all()), page, lambda row: row.fid)


def account_row(session: ReadSession, login: str) -> AccountRow:
    """One account as it is listed.

    Raises
    ------
    AccountUnknown
        There is none.
    """
    account = account_of(session, login)
    (row,) = _account_rows(session, [account])
    kept = password_of(session, account.id)
    return replace(
        row,
        writes=count_writes(session, OF_ACCOUNT, account.id),
        password_set_at=kept.set_at if kept is not None else None,
    )


def _account_rows(session: ReadSession, accounts: Sequence[Account]) -> Sequence[AccountRow]:
    ids = [account.id for account in accounts]
    given, teams, seen = given_to(session, ids), _teams_of(session, ids), _last_seen(session, ids)
    return [
        AccountRow(
            fid=account.fid,
            id=account.id,
            login=account.login,
            display_name=account.display_name,
            state=account.state,
            must_change=account.must_change,
            demo=account.demo,
            recorded_at=account.recorded_at,
            seen_at=seen.get(account.id),
            teams=teams.get(account.id, ()),
            given=given[account.id],
        )
        for account in accounts
    ]


def list_teams(session: ReadSession, page: Page) -> Listing[TeamRow]:
    """Teams, as they were made."""
    question = select(Team).where(Team.fid > page.after).order_by(Team.fid).limit(page.limit + 1)
    return listing(_team_rows(session, session.scalars(question).all()), page, lambda row: row.fid)


def team_row(session: ReadSession, key: str) -> TeamRow:
    """One team as it is listed.

    Raises
    ------
    TeamUnknown
        There is none.
    """
    team = team_of(session, key)
    (row,) = _team_rows(session, [team])
    return replace(row, writes=count_writes(session, OF_TEAM, team.id))


def _team_rows(session: ReadSession, teams: Sequence[Team]) -> Sequence[TeamRow]:
    question = (
        select(RoleGrant)
        .where(RoleGrant.team_id.in_([team.id for team in teams]))
        .order_by(RoleGrant.fid)
        .execution_options(**FRESH)
    )
    given: defaultdict[UUID | None, list[GrantRow]] = defaultdict(list)
    for row in session.scalars(question):
        given[row.team_id].append(GrantRow(row.fid, as_grant(row), group=row.by_group))
    return [
        TeamRow(
            fid=team.fid,
            id=team.id,
            key=team.key,
            name=team.name,
            recorded_at=team.recorded_at,
            members=members_of(session, team.id),
            given=given[team.id],
        )
        for team in teams
    ]


def _teams_of(session: ReadSession, accounts: Collection[UUID]) -> Mapping[UUID, Sequence[str]]:
    question = (
        select(TeamMember.account_id, func.array_agg(Team.key))
        .join(Team, Team.id == TeamMember.team_id)
        .where(TeamMember.account_id.in_(accounts), TeamMember.left_at.is_(None))
        .group_by(TeamMember.account_id)
    )
    return {account: sorted(keys) for account, keys in session.execute(question)}


def _last_seen(session: ReadSession, accounts: Collection[UUID]) -> Mapping[UUID, datetime]:
    question = (
        select(AccountSession.account_id, func.max(AccountSession.seen_at))
        .where(AccountSession.account_id.in_(accounts))
        .group_by(AccountSession.account_id)
    )
    return {account: at for account, at in session.execute(question)}  # noqa: C416 - a row isn't a pair


def live_session(
    session: ReadSession, digest: bytes, *, at: datetime, seen_since: datetime, demo: bool
) -> AccountSession | None:
    """The session of a cookie's secret, unless it is over, idle since before `seen_since`, or its account may not be used."""
    question = (
        select(AccountSession)
        .join(Account, Account.id == AccountSession.account_id)
        .where(
            AccountSession.digest == digest,
            AccountSession.ended_at.is_(None),
            AccountSession.expires_at > at,
            AccountSession.seen_at > seen_since,
            _usable(demo=demo),
        )
    )
    return session.scalars(question).one_or_none()


def _usable(*, demo: bool) -> ColumnElement[bool]:
    """Whether an account may be used; those of the demonstration where `demo` ones may."""
    active = Account.state == AccountState.ACTIVE.value
    return active if demo else active & ~Account.demo


def session_of(session: ReadSession, digest: bytes) -> AccountSession | None:
    """The session of a cookie's secret, over or not."""
    return session.scalars(select(AccountSession).where(AccountSession.digest == digest)).one_or_none()


def open_sessions(session: ReadSession, account: UUID) -> Sequence[AccountSession]:
    """The sessions of an account that nobody ended."""
    question = select(AccountSession).where(AccountSession.account_id == account, AccountSession.ended_at.is_(None))
    return session.scalars(question).all()


def live_token(
    session: ReadSession, digest: bytes, *, at: datetime, demo: bool
) -> tuple[ApiToken, ApiTokenSecret] | None:
    """The token of a secret, unless it is over, revoked, or its account may not be used."""
    question = (
        select(ApiToken, ApiTokenSecret)
        .join(ApiTokenSecret, ApiTokenSecret.token_id == ApiToken.id)
        .join(Account, Account.id == ApiToken.account_id)
        .where(
            ApiTokenSecret.digest == digest,
            ApiToken.expires_at > at,
            ApiToken.revoked_at.is_(None),
            _usable(demo=demo),
        )
    )
    row = session.execute(question).one_or_none()
    return None if row is None else (row[0], row[1])


def token_of(session: ReadSession, token: UUID) -> ApiToken:
    """A token by its id.

    Raises
    ------
    TokenUnknown
        There is none.
    """
    found = session.get(ApiToken, token)
    if found is None:
        raise TokenUnknown(token=token)
    return found


def holder_of(session: ReadSession, token: UUID) -> str | None:
    """The login name of a token's account; None where there is no such token."""
    question = select(Account.login).join(ApiToken, ApiToken.account_id == Account.id).where(ApiToken.id == token)
    return session.scalars(question).one_or_none()


def list_tokens(
    session: ReadSession, login: str | None, page: Page, *, at: datetime | None = None
) -> Listing[TokenRow]:
    """Tokens, the newest first; of everyone, or of one account. `page.after` counts downwards, 0 begins.

    Now, or as the registry held them at a moment; when they were last used isn't kept that long.
    """
    token: type[ApiToken] = as_of(ApiToken, at) if at is not None else ApiToken
    question = _tokens(token, at=at).order_by(token.fid.desc()).limit(page.limit + 1)
    if page.after:
        question = question.where(token.fid < page.after)
    if login is not None:
        question = question.where(Account.login == login)
    return listing([_token_row(row) for row in session.execute(question)], page, lambda row: row.fid)


def token_row(session: ReadSession, token: UUID, *, at: datetime | None = None) -> TokenRow:
    """One token as it is listed, now or as the registry held it at a moment.

    Raises
    ------
    TokenUnknown
        There is none.
    NotRecordedThen
        It was issued later.
    """
    of: type[ApiToken] = as_of(ApiToken, at) if at is not None else ApiToken
    found = session.execute(_tokens(of, at=at).where(of.id == token)).one_or_none()
    if found is not None:
        return _token_row(found)
    if at is not None and holder_of(session, token) is not None:
        raise NotRecordedThen(moment=at.isoformat())
    raise TokenUnknown(token=token)


def _tokens(of: type[ApiToken], *, at: datetime | None) -> Select[*tuple[Any, ...]]:
    # Columns, not records: of a record, a session would give what it read before.
    used_at = ApiTokenSecret.used_at if at is None else null().label("used_at")
    return (
        select(of.fid, of.id, Account.login, of.name, of.scopes, of.recorded_at, of.expires_at, of.revoked_at, used_at)
        .select_from(of)
        .join(Account, Account.id == of.account_id)
        .join(ApiTokenSecret, ApiTokenSecret.token_id == of.id)
    )


def _token_row(found: Any) -> TokenRow:
    return TokenRow(
        fid=found.fid,
        id=found.id,
        login=found.login,
        name=found.name,
        scopes=frozenset(TokenScope.of(scope) for scope in found.scopes),
        recorded_at=found.recorded_at,
        expires_at=found.expires_at,
        revoked_at=found.revoked_at,
        used_at=found.used_at,
    )


def token_revisions(session: ReadSession, token: UUID, *, after: int, limit: int) -> Sequence[Revision]:
    """At most `limit` revisions of a token, the newest first: that it was revoked, that it was issued."""
    versions = versions_of(ApiToken, token)
    question = select(
        versions.number.label("number"),
        versions.since.label("since"),
        versions.by.label("by"),
        versions.why.label("why"),
        versions.rows.revoked_at,
    ).order_by(versions.number.desc())
    if after:
        question = question.where(versions.number < after)
    found = [dict(row) for row in session.execute(question.limit(limit + 1)).mappings()]
    return as_revisions(found, _compared, limit)


def _compared(row: Mapping[str, Any]) -> Mapping[str, object]:
    return {"revoked_at": row["revoked_at"].isoformat() if row["revoked_at"] is not None else None}


def members_of(session: ReadSession, team: UUID) -> Sequence[str]:
    """The login names of those who are of a team now, in order."""
    question = (
        select(Account.login)
        .join(TeamMember, TeamMember.account_id == Account.id)
        .where(TeamMember.team_id == team, TeamMember.left_at.is_(None))
        .order_by(Account.login)
    )
    return session.scalars(question).all()


def people_exist(session: ReadSession) -> bool:
    """Whether anybody who isn't of the demonstration has an account."""
    return bool(session.scalar(select(exists().where(~Account.demo))))


def tokens_in_force(session: ReadSession, account: UUID) -> Sequence[ApiToken]:
    """An account's tokens that aren't revoked."""
    return session.scalars(select(ApiToken).where(ApiToken.account_id == account, ApiToken.revoked_at.is_(None))).all()


def issued_for_others(session: ReadSession, issuers: Collection[UUID]) -> Sequence[tuple[Account, ApiToken, str]]:
    """Tokens that aren't revoked and that accounts issued for others: who did, the token, the other's login name."""
    issuer, other = aliased(Account), aliased(Account)
    question = (
        select(issuer, ApiToken, other.login)
        .join(ApiToken, ApiToken.recorded_by == issuer.login)
        .join(other, other.id == ApiToken.account_id)
        .where(issuer.id.in_(issuers), other.id != issuer.id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.fid)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(question)]


def demo_accounts(session: ReadSession) -> Sequence[Account]:
    """The accounts of the demonstration, as they were made."""
    return session.scalars(select(Account).where(Account.demo).order_by(Account.fid)).all()


def account_of_identity(session: ReadSession, issuer: str, subject: str) -> Account | None:
    """The account of somebody whom a single sign-on knows; None where there is none yet."""
    question = (
        select(Account)
        .join(AccountIdentity, AccountIdentity.account_id == Account.id)
        .where(AccountIdentity.issuer == issuer, AccountIdentity.subject == subject)
    )
    return session.scalars(question).one_or_none()


def grants_by_groups(session: ReadSession, account: UUID, *, at: datetime) -> Sequence[RoleGrant]:
    """What the single sign-on's groups give an account, as far as it isn't over or is withheld."""
    counts = or_(_not_over(at), RoleGrant.withheld_at.is_not(None))
    question = select(RoleGrant).where(RoleGrant.account_id == account, RoleGrant.by_group.is_not(None), counts)
    return session.scalars(question.order_by(RoleGrant.fid)).all()
