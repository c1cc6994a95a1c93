"""The findings of the last review, and what a person cleared of them, with the reason that is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field
from sqlalchemy import Select, and_, func, or_, select

from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.divisions.rules import prefix_of
from geo_registry.errors import ClearanceReasonInvalid, ClearanceUnknown, FindingUnknown
from geo_registry.model import Division, FindingClearance, NameFinding, NameReview, Place
from geo_registry.places.inputs import Frozen, Line
from geo_registry.places.rules.findings import Basis, Collision, Finding
from geo_registry.vocabulary import DivisionLevel, FindingCode, Named, PlaceClass, Severity

MOST_REASON = 500


class NewClearance(Frozen):
    """That a finding is looked at and the name stands: of which record, which code, against what, and why."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "record": "0f8fad5b-d9cb-469f-a165-70867728950e",
                    "code": next(iter(FindingCode)).value,
                    "reason": "两处相距甚远，沿用已久",
                }
            ]
        },
    )

    type: Annotated[Named, Field(description="`place` or `division`")] = Named.PLACE
    record: Annotated[UUID, Field(description="The id of the place or division")]
    code: FindingCode
    collides_with: Annotated[UUID | None, Field(description="As the finding has it")] = None
    reason: Annotated[
        Line, Field(min_length=1, max_length=MOST_REASON, description="Why the name may stand; it is kept")
    ]


def asked_clearance(
    record_type: Named, record: str, code: FindingCode, *, collides_with: str | None, reason: str
) -> NewClearance:
    """What somebody typed, as a clearance.

    Raises
    ------
    FindingUnknown
        An id is none.
    ClearanceReasonInvalid
        There is no reason, or one that is too long.
    """
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= MOST_REASON:
        raise ClearanceReasonInvalid(limit=MOST_REASON)
    try:
        ids = UUID(record), UUID(collides_with) if collides_with else None
    except ValueError:
        raise FindingUnknown(record=record, code=code.value) from None
    return NewClearance(type=record_type, record=ids[0], code=code, collides_with=ids[1], reason=reason)


@dataclass(frozen=True, slots=True)
class FindingQuery:
    """Which findings are asked for; what is None doesn't matter."""

    division: str | None = None
    """A code, or its first digits: of names in that division and all below it."""
    severity: Severity | None = None
    code: FindingCode | None = None
    record: UUID | None = None
    cleared: bool | None = False


@dataclass(frozen=True, slots=True)
class Cleared:
    """A clearance in force."""

    id: UUID
    reason: str
    by: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding of the last review, about which name, and whether it is cleared."""

    fid: int
    type: Named
    record: UUID
    name: str
    kind: str
    division_code: str | None
    lon: float | None
    lat: float | None
    finding: Finding
    cleared: Cleared | None

    @property
    def kind_label(self) -> PlaceClass | DivisionLevel:
        """The word for what bears the name."""
        return DivisionLevel.of(self.kind) if self.type is Named.DIVISION else PlaceClass.of(self.kind)


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """The last review."""

    id: UUID
    names: int
    findings: int
    seconds: float
    at: datetime
    ordered_by: str


_IN_FORCE = and_(
    FindingClearance.withdrawn.is_(False),
    FindingClearance.code == NameFinding.code,
    FindingClearance.name == NameFinding.name,
    FindingClearance.collides_with.is_not_distinct_from(NameFinding.collides_with),
    or_(
        and_(NameFinding.type == Named.PLACE.value, FindingClearance.place_id == NameFinding.record_id),
        and_(NameFinding.type == Named.DIVISION.value, FindingClearance.division_id == NameFinding.record_id),
    ),
)


def last_review(session: ReadSession) -> ReviewRow | None:
    """When all names were checked last; None before they ever were."""
    found = session.scalars(select(NameReview).order_by(NameReview.made_at.desc()).limit(1)).one_or_none()
    if found is None:
        return None
    return ReviewRow(found.id, found.names, found.findings, found.seconds, found.made_at, found.ordered_by)


def rows_matching(session: ReadSession, query: FindingQuery, *, after: int, limit: int) -> Sequence[FindingRow]:
    """At most `limit` findings with a `fid` greater than `after`, by `fid`.

    Raises
    ------
    DivisionCodeInvalid
        `division` isn't a code.
    """
    question = _narrowed(select(NameFinding, FindingClearance), query)
    rows = session.execute(question.where(NameFinding.fid > after).order_by(NameFinding.fid).limit(limit))
    return [_row(found, clearance) for found, clearance in rows]


def count_matching(session: ReadSession, query: FindingQuery) -> dict[Severity, int]:
    """How many findings there are of those that are asked for, by how much they weigh."""
    question = _narrowed(select(NameFinding.severity, func.count()), query).group_by(NameFinding.severity)
    counted = {row[0]: row[1] for row in session.execute(question)}
    return {each: counted.get(each.value, 0) for each in Severity}


def division_of(session: ReadSession, record_type: Named, record: UUID) -> str | None:
    """The code of the division that a place lies in, or of a division itself; None where it is in none."""
    if record_type is Named.DIVISION:
        return session.scalar(select(Division.code).where(Division.id == record))
    code = select(Division.code).join(Place, Place.division_id == Division.id).where(Place.id == record)
    return session.scalar(code)


def clear(session: WriteSession, new: NewClearance) -> FindingRow:
    """Write down that a finding of the last review is cleared.

    Raises
    ------
    FindingUnknown
        The last review found no such thing of that record.
    """
    place = new.type is Named.PLACE
    query = FindingQuery(code=new.code, record=new.record, cleared=None)
    present = [
        row
        for row in rows_matching(session, query, after=0, limit=MOST_OF_ONE)
        if row.type is new.type and _other(row) == new.collides_with
    ]
    if not present:
        raise FindingUnknown(record=new.record, code=new.code.value)
    record = FindingClearance(
        place_id=new.record if place else None,
        division_id=None if place else new.record,
        name=present[0].name,
        code=new.code.value,
        collides_with=new.collides_with,
        reason=new.reason,
    )
    session.add(record)
    session.flush()
    return next(
        row for row in rows_matching(session, query, after=present[0].fid - 1, limit=1) if row.fid == present[0].fid
    )


MOST_OF_ONE = 1_000
"""Findings of one code that one record may have; what collides is told of the nearest twenty."""


def clearance_with_id(session: ReadSession, clearance: UUID) -> FindingClearance:
    """A clearance, in force or withdrawn.

    Raises
    ------
    ClearanceUnknown
        There is none of that id.
    """
    found = session.get(FindingClearance, clearance)
    if found is None:
        raise ClearanceUnknown(clearance=clearance)
    return found


def record_of(clearance: FindingClearance) -> tuple[Named, UUID]:
    """The record that a clearance is about."""
    if clearance.place_id is not None:
        return Named.PLACE, clearance.place_id
    assert clearance.division_id is not None
    return Named.DIVISION, clearance.division_id


def _narrowed(question: Select[*tuple[Any, ...]], query: FindingQuery) -> Select[*tuple[Any, ...]]:
    question = question.select_from(NameFinding).outerjoin(FindingClearance, _IN_FORCE)
    if query.division is not None:
        question = question.where(NameFinding.division_code.like(f"{prefix_of(query.division)}%"))
    if query.severity is not None:
        question = question.where(NameFinding.severity == query.severity.value)
    if query.code is not None:
        question = question.where(NameFinding.code == query.code.value)
    if query.record is not None:
        question = question.where(NameFinding.record_id == query.record)
    if query.cleared is not None:
        question = question.where(FindingClearance.id.is_not(None) if query.cleared else FindingClearance.id.is_(None))
    return question


def _other(row: FindingRow) -> UUID | None:
    other = row.finding.collides_with
    return other.id if other is not None else None


def _row(found: NameFinding, clearance: FindingClearance | None) -> FindingRow:
    basis: dict[str, Any] = found.basis
    other = None
    if found.collides_name is not None:
        other = Collision(
            found.collides_with,
            found.collides_name,
            PlaceClass.of(found.collides_kind) if found.collides_kind is not None else None,
            found.collides_division,
            found.distance_m,
        )
    finding = Finding(
        code=FindingCode.of(found.code),
        severity=Severity.of(found.severity),
        basis=Basis(**basis),
        details={key: str(value) for key, value in found.details.items()},
        collides_with=other,
    )
    cleared = None
    if clearance is not None:
        cleared = Cleared(clearance.id, clearance.reason, clearance.recorded_by, clearance.recorded_at)
    return FindingRow(
        fid=found.fid,
        type=Named.of(found.type),
        record=found.record_id,
        name=found.name,
        kind=found.kind,
        division_code=found.division_code,
        lon=found.lon,
        lat=found.lat,
        finding=finding,
        cleared=cleared,
    )
