"""The SQL of what became of divisions: walks along the successions in both directions, and the vintages of a code."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from geo_registry.db.revisions import (
    Revision,
    revision_number,
    revisions_of_record,
    version_of,
    versions_of,
)
from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.divisions.lineage import Member, Step
from geo_registry.divisions.queries import DivisionRow
from geo_registry.divisions.rules import DIGITS_OF_LEVEL
from geo_registry.errors import NotRecordedThen, SuccessionUnknown
from geo_registry.model import Division, DivisionSuccession
from geo_registry.vocabulary import Certainty, DivisionChange, DivisionLevel

Before, After = aliased(Division), aliased(Division)

Key = tuple[str, int]
"""A code and a vintage."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A succession as it is kept."""

    step: Step
    withdrawn: bool
    revision: int

    @property
    def version(self) -> str:
        """A word that is another one whenever something that is shown of it differs."""
        ends = [(each.code, each.name, each.vintage) for each in (self.step.before, self.step.after)]
        return version_of(self.step.id, self.revision, *ends)


def member(row: DivisionRow) -> Member:
    """A division as lineages name it."""
    return Member(row.id, row.code, row.name, DivisionLevel.of(row.level), row.vintage)


def steps_about(session: ReadSession, divisions: Collection[UUID]) -> Sequence[Step]:
    """Every succession that holds and by which something leads to, or comes from, one of the divisions."""
    kept = or_(
        DivisionSuccession.id.in_(_walked(divisions, DivisionSuccession.before_id, DivisionSuccession.after_id)),
        DivisionSuccession.id.in_(_walked(divisions, DivisionSuccession.after_id, DivisionSuccession.before_id)),
    )
    return [_step(row) for row in session.execute(_steps().where(kept))]


def steps_onward(session: ReadSession, divisions: Collection[UUID]) -> Sequence[Step]:
    """Every succession that holds and by which one of the divisions leads to another."""
    walked = _walked(divisions, DivisionSuccession.before_id, DivisionSuccession.after_id)
    return [_step(row) for row in session.execute(_steps().where(DivisionSuccession.id.in_(walked)))]


def _walked(
    divisions: Collection[UUID], near: InstrumentedAttribute[UUID], far: InstrumentedAttribute[UUID]
) -> Select[UUID]:
    holds = DivisionSuccession.withdrawn.is_(False)
    walk = (
        select(DivisionSuccession.id, far.label("reached"))
        .where(near.in_(sorted(divisions)), holds)
        .cte(recursive=True)
    )
    walk = walk.union(select(DivisionSuccession.id, far).join(walk, near == walk.c.reached).where(holds))
    return select(walk.c.id)


def recorded(session: ReadSession, succession: UUID, *, at: datetime | None = None) -> Recorded:
    """A succession by its id, also one that was withdrawn; now, or as it was recorded at a moment.

    Raises
    ------
    SuccessionUnknown
        There is none.
    NotRecordedThen
        It wasn't recorded at that moment.
    """
    if at is not None:
        versions = versions_of(DivisionSuccession, succession)
        question = _steps(versions.rows).add_columns(versions.rows.withdrawn, versions.number.label("revision"))
        question = question.where(versions.at(at)).order_by(None).order_by(versions.number).limit(1)
    else:
        number = revision_number(DivisionSuccession).label("revision")
        question = _steps().add_columns(DivisionSuccession.withdrawn, number)
        question = question.where(DivisionSuccession.id == succession)
    found = session.execute(question).one_or_none()
    if found is None and at is not None:
        recorded(session, succession)
        raise NotRecordedThen(moment=at.isoformat())
    if found is None:
        raise SuccessionUnknown(succession=succession)
    return Recorded(step=_step(found), withdrawn=found.withdrawn, revision=found.revision)


COMPARED = ("change", "happened_on", "evidence", "certainty", "withdrawn")


def revisions_of(session: ReadSession, succession: UUID, *, after: int, limit: int) -> Sequence[Revision]:
    """At most `limit` revisions of a succession, the newest first; `after` counts downwards, 0 begins."""
    return revisions_of_record(session, DivisionSuccession, succession, COMPARED, _compared, after=after, limit=limit)


def _compared(row: Mapping[str, Any]) -> Mapping[str, object]:
    happened_on = row["happened_on"]
    return {**{name: row[name] for name in COMPARED}, "happened_on": happened_on.isoformat() if happened_on else None}


def to_change(session: WriteSession, succession: UUID) -> DivisionSuccession:
    """A succession's row, kept from everybody else who would change it until the unit of work ends.

    Raises
    ------
    SuccessionUnknown
        There is none.
    """
    record = session.get(DivisionSuccession, succession, populate_existing=True, with_for_update=True)
    if record is None:
        raise SuccessionUnknown(succession=succession)
    return record


def between(session: WriteSession, before: Member, after: Member) -> DivisionSuccession | None:
    """What is recorded of two divisions, withdrawn or not, locked."""
    question = select(DivisionSuccession).where(
        DivisionSuccession.before_id == before.id, DivisionSuccession.after_id == after.id
    )
    return session.scalars(question.with_for_update()).one_or_none()


def among(session: ReadSession, divisions: Collection[UUID]) -> Mapping[tuple[UUID, UUID], tuple[Step, bool]]:
    """What is recorded of divisions as the earlier ones, by both ends' ids, and whether it was withdrawn."""
    question = _steps().add_columns(DivisionSuccession.withdrawn)
    question = question.where(DivisionSuccession.before_id.in_(sorted(divisions)))
    return {(row.before_id, row.after_id): (_step(row), row.withdrawn) for row in session.execute(question)}


def members(session: ReadSession, keys: Collection[Key]) -> Mapping[Key, Member]:
    """The divisions of twelve-digit codes and vintages; those that aren't there are missing."""
    codes, vintages = sorted({code for code, _ in keys}), sorted({vintage for _, vintage in keys})
    question = select(Division.id, Division.code, Division.name, Division.level, Division.vintage).where(
        Division.code.in_(codes), Division.vintage.in_(vintages)
    )
    found = (
        Member(row.id, row.code, row.name, DivisionLevel.of(row.level), row.vintage)
        for row in session.execute(question)
    )
    return {(each.code, each.vintage): each for each in found}


def listed(session: ReadSession, vintage: int, within: str) -> Sequence[tuple[str, str]]:
    """Code and name of every division of a vintage whose code begins with `within`."""
    question = select(Division.code, Division.name).where(Division.vintage == vintage, Division.code.like(f"{within}%"))
    return [(row.code, row.name) for row in session.execute(question.order_by(Division.code))]


def vintages_of(session: ReadSession, code: str) -> Sequence[Member]:
    """The divisions that had a twelve-digit code, the newest vintage first."""
    question = select(Division.id, Division.code, Division.name, Division.level, Division.vintage)
    question = question.where(Division.code == code).order_by(Division.vintage.desc())
    return [
        Member(row.id, row.code, row.name, DivisionLevel.of(row.level), row.vintage)
        for row in session.execute(question)
    ]


def is_former() -> ColumnElement[bool]:
    """Whether a name went out with its division, for a `select()` from `Division`.

    There is a later vintage, and nothing of it bears the name on: no division of that name in the same division above,
    and none that this one is recorded to have become. Of a name that goes on, the newest division is found by it.
    """
    later, peer, heir = aliased(Division), aliased(Division), aliased(Division)
    outdated = select(later.id).where(later.level == Division.level, later.vintage > Division.vintage)
    beside = select(peer.id).where(
        peer.name == Division.name,
        peer.level == Division.level,
        peer.vintage > Division.vintage,
        _above(peer) == _above(Division),
    )
    inherited = (
        select(heir.id)
        .join(DivisionSuccession, DivisionSuccession.after_id == heir.id)
        .where(
            DivisionSuccession.before_id == Division.id,
            DivisionSuccession.withdrawn.is_(False),
            heir.name == Division.name,
        )
    )
    return (
        outdated.correlate(Division).exists()
        & ~beside.correlate(Division).exists()
        & ~inherited.correlate(Division).exists()
    )


def _above(of: type[Division]) -> ColumnElement[str]:
    """The digits that a division's code shares with that of the division above."""
    lengths = list(DIGITS_OF_LEVEL.items())
    digits = {level.value: above for (level, _), (_, above) in zip(lengths[1:], lengths, strict=False)}
    return func.left(of.code, case(digits, value=of.level, else_=0))


def _steps(of: type[DivisionSuccession] = DivisionSuccession) -> Select[*tuple[Any, ...]]:
    ends: list[Any] = []
    for name, end in (("before", Before), ("after", After)):
        ends += [
            getattr(end, column).label(f"{name}_{column}") for column in ("id", "code", "name", "level", "vintage")
        ]
    return (
        select(
            of.id,
            of.change,
            of.happened_on,
            of.evidence,
            of.certainty,
            *ends,
        )
        .select_from(of)
        .join(Before, Before.id == of.before_id)
        .join(After, After.id == of.after_id)
        .order_by(Before.vintage, After.vintage, Before.code, After.code)
    )


def _step(row: Any) -> Step:
    def end(name: str) -> Member:
        code, called, level, vintage = (getattr(row, f"{name}_{each}") for each in ("code", "name", "level", "vintage"))
        return Member(getattr(row, f"{name}_id"), code, called, DivisionLevel.of(level), vintage)

    return Step(
        id=row.id,
        before=end("before"),
        after=end("after"),
        change=DivisionChange.of(row.change),
        happened_on=row.happened_on,
        evidence=row.evidence,
        certainty=Certainty.of(row.certainty),
    )
