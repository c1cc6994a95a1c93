"""Accounts with what they were granted, as the registry held them at a moment."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import null, select

from geo_registry.accounts.actors import Grant
from geo_registry.accounts.queries import AccountRow, GrantRow
from geo_registry.db.history import as_of
from geo_registry.db.session import ReadSession
from geo_registry.model import Account, RoleGrant, Team, TeamMember
from geo_registry.vocabulary import FacilityKind, Role


def accounts_at(session: ReadSession, moment: datetime) -> Sequence[AccountRow]:
    """Every account that there was at a moment, by login name; when it was last seen isn't kept that long."""
    account = as_of(Account, moment)
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
    ).order_by(account.login)
    teams, grants = _teams_at(session, moment), _grants_at(session, moment)
    return [
        AccountRow(
            fid=row.fid,
            login=row.login,
            display_name=row.display_name,
            state=row.state,
            must_change=row.must_change,
            demo=row.demo,
            recorded_at=row.recorded_at,
            seen_at=None,
            teams=teams[row.id],
            given=grants[row.id],
        )
        for row in session.execute(question)
    ]


def _teams_at(session: ReadSession, moment: datetime) -> defaultdict[UUID, list[str]]:
    member, team = as_of(TeamMember, moment), as_of(Team, moment)
    question = (
        select(member.account_id, team.key)
        .join(team, team.id == member.team_id)
        .where(member.left_at.is_(None))
        .order_by(team.key)
    )
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    for row in session.execute(question):
        found[row.account_id].append(row.key)
    return found


def _grants_at(session: ReadSession, moment: datetime) -> defaultdict[UUID, list[GrantRow]]:
    """What accounts were granted, themselves and by the teams that they were of, by account."""
    grant, member, team = as_of(RoleGrant, moment), as_of(TeamMember, moment), as_of(Team, moment)
    said = (grant.role, grant.division, grant.kinds, grant.valid_from, grant.valid_until, grant.by_group)
    own = select(grant.account_id, null().label("team"), *said).where(grant.account_id.is_not(None))
    of_teams = (
        select(member.account_id, team.key.label("team"), *said)
        .join(grant, grant.team_id == member.team_id)
        .join(team, team.id == member.team_id)
        .where(member.left_at.is_(None))
    )
    found: defaultdict[UUID, list[GrantRow]] = defaultdict(list)
    for question in (own, of_teams):
        for row in session.execute(question.order_by(grant.fid)):
            found[row.account_id].append(GrantRow(_grant(row), team=row.team, group=row.by_group))
    return found


def _grant(row: Any) -> Grant:
    return Grant(
        role=Role.of(row.role),
        division=row.division,
        kinds=frozenset(FacilityKind.of(kind) for kind in row.kinds) if row.kinds is not None else None,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )
