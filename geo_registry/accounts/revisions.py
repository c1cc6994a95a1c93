"""The versions of accounts and teams: how often they were written, and every time that they were (ADR 0054).

An account is its row, what it was granted itself and the teams that it was of; a team is its row, what it was granted
and who was of it. What one transaction wrote of all these is one revision; revisions stand in the order of the moments
at which their transactions began.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from geo_registry.db.base import Base
from geo_registry.db.history import twin_of
from geo_registry.db.revisions import Change, Revision, changes_between, versions_of
from geo_registry.db.session import ReadSession
from geo_registry.model import Account, RoleGrant, Team, TeamMember

Parts = Sequence[tuple[type[Base], str]]
"""The tables that a record stands in, and the column of each that says whose a row is."""

OF_ACCOUNT: Parts = ((Account, "id"), (RoleGrant, "account_id"), (TeamMember, "account_id"))
OF_TEAM: Parts = ((Team, "id"), (RoleGrant, "team_id"), (TeamMember, "team_id"))


def count_writes(session: ReadSession, parts: Parts, record: UUID, *, at: datetime | None = None) -> int:
    """How often rows of a record were written, until now or until a moment; it grows with each change of the record."""
    counts = []
    for model, of in parts:
        table, twin = model.metadata.tables[model.__tablename__], twin_of(model)
        made = select(func.count()).select_from(table).where(table.c[of] == record)
        replaced = select(func.count()).select_from(twin).where(twin.c[of] == record)
        if at is not None:
            made, replaced = made.where(table.c.recorded_at <= at), replaced.where(twin.c.replaced_at <= at)
        counts += [made.scalar_subquery(), replaced.scalar_subquery()]
    count: int = session.execute(select(reduce(add, counts))).scalar_one()
    return count


def revisions_of_account(session: ReadSession, account: UUID) -> Sequence[Revision]:
    """Every revision of an account, the newest first: of an account there are some dozens."""
    memberships = _written(session, TeamMember, "account_id", account, ("team_id", "left_at"))
    teams = _words(session, Team.key, Team.id, {each.values["team_id"] for each in memberships})

    def told(parts: _Rows) -> Mapping[str, object]:
        (own,) = parts["own"] or ({"display_name": None, "state": None, "must_change": None, "demo": None},)
        return {
            "name": own["display_name"],
            "state": own["state"],
            "must_change": own["must_change"],
            "demo": own["demo"],
            "teams": _present(parts["memberships"], "team_id", teams),
        }

    own = _written(session, Account, "id", account, ("display_name", "state", "must_change", "demo"))
    grants = _written(session, RoleGrant, "account_id", account, GRANTED)
    return _revisions({"own": own, "grants": grants, "memberships": memberships}, told)


def revisions_of_team(session: ReadSession, team: UUID) -> Sequence[Revision]:
    """Every revision of a team, the newest first."""
    memberships = _written(session, TeamMember, "team_id", team, ("account_id", "left_at"))
    logins = _words(session, Account.login, Account.id, {each.values["account_id"] for each in memberships})

    def told(parts: _Rows) -> Mapping[str, object]:
        (own,) = parts["own"] or ({"name": None},)
        return {"name": own["name"], "members": _present(parts["memberships"], "account_id", logins)}

    own = _written(session, Team, "id", team, ("name",))
    grants = _written(session, RoleGrant, "team_id", team, GRANTED)
    return _revisions({"own": own, "grants": grants, "memberships": memberships}, told)


GRANTED = ("role", "division", "kinds", "valid_from", "valid_until")

_Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""The rows of a record's parts as they stood at a moment."""


@dataclass(frozen=True, slots=True)
class _Write:
    """One row as it was written: since when it said so, by whom, why."""

    row: UUID
    since: datetime
    by: str | None
    why: str | None
    values: Mapping[str, Any]


def _written(
    session: ReadSession, model: type[Base], of: str, record: UUID, columns: Sequence[str]
) -> Sequence[_Write]:
    """Every write of the rows of a part, in the order of rows and, for each, of writing."""
    versions = versions_of(model, record, by=of)
    rows: Any = versions.rows
    question = select(
        rows.id.label("row"),
        versions.since.label("since"),
        versions.by.label("by"),
        versions.why.label("why"),
        *[getattr(rows, name) for name in columns],
    ).order_by(rows.fid, versions.number)
    return [
        _Write(row["row"], row["since"], row["by"], row["why"], {name: row[name] for name in columns})
        for row in session.execute(question).mappings()
    ]


def _words(session: ReadSession, word: Any, key: Any, records: set[UUID]) -> Mapping[UUID, str]:
    """What records are called, by their ids; those that aren't seen are left out."""
    return {row[0]: row[1] for row in session.execute(select(key, word).where(key.in_(records)))}


def _present(memberships: Sequence[Mapping[str, Any]], of: str, called: Mapping[UUID, str]) -> Sequence[str]:
    """The words of those whose membership hadn't ended, in order."""
    return sorted(called[each[of]] for each in memberships if each["left_at"] is None and each[of] in called)


def _revisions(
    parts: Mapping[str, Sequence[_Write]], told: Callable[[_Rows], Mapping[str, object]]
) -> Sequence[Revision]:
    writes = [each for part in parts.values() for each in part]
    found: list[Revision] = []
    before: Mapping[str, object] | None = None
    grants_before: Mapping[UUID, Mapping[str, Any]] = {}
    for number, moment in enumerate(sorted({each.since for each in writes}), start=1):
        then = {name: _at(part, moment) for name, part in parts.items()}
        after = told({name: list(rows.values()) for name, rows in then.items()})
        made = [each for each in writes if each.since == moment]
        found.append(
            Revision(
                number=number,
                since=moment,
                by=next((each.by for each in made if each.by), None),
                why=next((each.why for each in made if each.why), ""),
                changes=(*changes_between(before, after), *_grants_changed(grants_before, then["grants"]))
                if before is not None
                else (),
            )
        )
        before, grants_before = after, then["grants"]
    return found[::-1]


def _at(part: Sequence[_Write], moment: datetime) -> Mapping[UUID, Mapping[str, Any]]:
    """The rows of a part as they stood at a moment."""
    return {each.row: each.values for each in part if each.since <= moment}


def _grants_changed(
    before: Mapping[UUID, Mapping[str, Any]], after: Mapping[UUID, Mapping[str, Any]]
) -> Sequence[Change]:
    """The grants that were given or ended, as they stood before and as they stand then; those alone."""
    changed = [row for row, values in after.items() if values != before.get(row)]
    if not changed:
        return ()
    was = [_as_json(before[row]) for row in changed if row in before]
    return (Change("grants", was, [_as_json(after[row]) for row in changed]),)


def _as_json(grant: Mapping[str, Any]) -> Mapping[str, object]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else (value or None) for name, value in grant.items()
    }
