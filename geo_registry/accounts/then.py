"""Accounts and teams with what they were granted, as the registry held them at a moment."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, null, select

from geo_registry.accounts.queries import AccountRow, GrantRow, TeamRow, account_of, as_grant, password_of, team_of
from geo_registry.accounts.revisions import OF_ACCOUNT, OF_TEAM, count_writes
from geo_registry.db.history import as_of
from geo_registry.db.paging import Listing, Page, listing
from geo_registry.db.session import ReadSession
from geo_registry.errors import NotRecordedThen
from geo_registry.model import Account, RoleGrant, Team, TeamMember


def accounts_at(session: ReadSession, moment: datetime, page: Page) -> Listing[AccountRow]:
    """Accounts that there were at a moment, as they were made; when they were last seen isn't kept that long."""
    account = as_of(Account, moment)
    return listing(_accounts(session, moment, account, account.fid > page.after, page.limit + 1), page, _fid)


def account_at(session: ReadSession, login: str, moment: datetime) -> AccountRow:
    """One account as it was at a moment.

    Raises
    ------
    AccountUnknown
        There is no such account.
    NotRecordedThen
        It was made later.
    """
    record = account_of(session, login).id
    account = as_of(Account, moment)
    found = _accounts(session, moment, account, account.id == record, 1)
    if not found:
        raise NotRecordedThen(moment=moment.isoformat())
    kept = password_of(session, record)
    return replace(
        found[0],
        writes=count_writes(session, OF_ACCOUNT, record, at=moment),
        password_set_at=kept.set_at if kept is not None and kept.set_at <= moment else None,
    )


def teams_at(session: ReadSession, moment: datetime, page: Page) -> Listing[TeamRow]:
    """Teams that there were at a moment, as they were made."""
    team = as_of(Team, moment)
    return listing(_teams(session, moment, team, team.fid > page.after, page.limit + 1), page, _fid)


def team_at(session: ReadSession, key: str, moment: datetime) -> TeamRow:
    """One team as it was at a moment.

    Raises
    ------
    TeamUnknown
        There is no such team.
    NotRecordedThen
        It was made later.
    """
    record = team_of(session, key).id
    team = as_of(Team, moment)
    found = _teams(session, moment, team, team.id == record, 1)
    if not found:
        raise NotRecordedThen(moment=moment.isoformat())
    return replace(found[0], writes=count_writes(session, OF_TEAM, record, at=moment))


def _fid(row: AccountRow | TeamRow) -> int:
    return row.fid


def _accounts(
    session: ReadSession, moment: datetime, account: type[Account], which: ColumnElement[bool], most: int
) -> Sequence[AccountRow]:
    # Columns, not records: of a record, a session would give what it read before.
    question = select(
        account.id,
        account.fid,
        account.login,
        account.display_name,
        account.state,
        account.must_change,
        account.demo,
        account.recorded_at,
    )
    rows = session.execute(question.where(which).order_by(account.fid).limit(most)).all()
    ids = [row.id for row in rows]
    teams, grants = _teams_of(session, moment, ids), _grants_of(session, moment, ids)
    return [
        AccountRow(
            fid=row.fid,
            id=row.id,
            login=row.login,
            display_name=row.display_name,
            state=row.state,
            must_change=row.must_change,
            demo=row.demo,
            recorded_at=row.recorded_at,
            seen_at=None,
            teams=teams.get(row.id, []),
            given=grants.get(row.id, ()),
        )
        for row in rows
    ]


def _teams(
    session: ReadSession, moment: datetime, team: type[Team], which: ColumnElement[bool], most: int
) -> Sequence[TeamRow]:
    question = select(team.id, team.fid, team.key, team.name, team.recorded_at)
    rows = session.execute(question.where(which).order_by(team.fid).limit(most)).all()
    ids = [row.id for row in rows]
    member, grant = as_of(TeamMember, moment), as_of(RoleGrant, moment)
    # Login names are for good.
    members = (
        select(member.team_id, Account.login)
        .join(Account, Account.id == member.account_id)
        .where(member.left_at.is_(None), member.team_id.in_(ids))
        .order_by(Account.login)
    )
    given = select(grant.team_id.label("holder"), null().label("team"), *_said(grant)).where(grant.team_id.in_(ids))
    logins: defaultdict[UUID, list[str]] = defaultdict(list)
    for row in session.execute(members):
        logins[row.team_id].append(row.login)
    grants = _by_holder(session, given.order_by(grant.fid))
    return [
        TeamRow(
            fid=row.fid,
            id=row.id,
            key=row.key,
            name=row.name,
            recorded_at=row.recorded_at,
            members=logins[row.id],
            given=grants.get(row.id, ()),
        )
        for row in rows
    ]


def _teams_of(session: ReadSession, moment: datetime, accounts: Collection[UUID]) -> Mapping[UUID, Sequence[str]]:
    member, team = as_of(TeamMember, moment), as_of(Team, moment)
    question = (
        select(member.account_id, team.key)
        .join(team, team.id == member.team_id)
        .where(member.left_at.is_(None), member.account_id.in_(accounts))
        .order_by(team.key)
    )
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    for row in session.execute(question):
        found[row.account_id].append(row.key)
    return found


def _grants_of(session: ReadSession, moment: datetime, accounts: Collection[UUID]) -> Mapping[UUID, Sequence[GrantRow]]:
    """What accounts were granted, themselves and by the teams that they were of, by account."""
    grant, member, team = as_of(RoleGrant, moment), as_of(TeamMember, moment), as_of(Team, moment)
    own = select(grant.account_id.label("holder"), null().label("team"), *_said(grant)).where(
        grant.account_id.in_(accounts)
    )
    of_teams = (
        select(member.account_id.label("holder"), team.key.label("team"), *_said(grant))
        .join(grant, grant.team_id == member.team_id)
        .join(team, team.id == member.team_id)
        .where(member.left_at.is_(None), member.account_id.in_(accounts))
    )
    return _by_holder(session, own.order_by(grant.fid), of_teams.order_by(grant.fid))


def _said(grant: type[RoleGrant]) -> Sequence[Any]:
    return (grant.fid, grant.role, grant.division, grant.kinds, grant.valid_from, grant.valid_until, grant.by_group)


def _by_holder(session: ReadSession, *questions: Any) -> Mapping[UUID, Sequence[GrantRow]]:
    found: defaultdict[UUID, list[GrantRow]] = defaultdict(list)
    for question in questions:
        rows: Any = session.execute(question)
        for row in rows:
            found[row.holder].append(GrantRow(row.fid, as_grant(row), team=row.team, group=row.by_group))
    return found
