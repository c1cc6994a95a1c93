"""The findings of the last review, and what a person cleared of them, with the reason that is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field
from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, tuple_, union_all
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.divisions.rules import prefix_of
from geo_registry.errors import AlreadyExists, ClearanceReasonInvalid, ClearanceUnknown, FindingUnknown
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

    divisions: tuple[str, ...] = ()
    """Codes, or their first digits: of names in any of these divisions and all below them; none for everywhere."""
    severity: Severity | None = None
    code: FindingCode | None = None
    record: UUID | None = None
    records: frozenset[UUID] = frozenset()
    """About one of these; about anything where there are none."""
    codes: frozenset[FindingCode] = frozenset()
    """Of one of these sorts; of any where there are none."""
    cleared: bool | None = False
    once: bool = False
    """Whether two names that collide are listed once, as the first of their two findings that are asked for."""


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
    weight: int
    type: Named
    record: UUID
    name: str
    kind: str
    division_code: str | None
    lon: float | None
    lat: float | None
    finding: Finding
    cleared: Cleared | None
    paired: bool = False
    """Whether what it collides with has the same finding, of this name."""

    @property
    def position(self) -> int:
        """Where it stands in the list."""
        return (self.weight << _FIDS) + self.fid

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


PER_SEVERITY = 64
"""More codes than there are."""
_SEVERITIES, _CODES = list(Severity), list(FindingCode)
_FIDS = 40
"""Bits of a position in the list that a finding's number has: a million findings a review, a million reviews."""


def weight_of(severity: Severity, code: FindingCode) -> int:
    """Where findings stand in the list: errors before warnings before notes, each in the order of the checks."""
    return _SEVERITIES.index(severity) * PER_SEVERITY + _CODES.index(code)


_RECORD: ColumnElement[Any] = func.coalesce(FindingClearance.place_id, FindingClearance.division_id)
_KEPT = FindingClearance.withdrawn.is_(False)
_SIDES = union_all(
    select(
        FindingClearance.id,
        FindingClearance.code,
        _RECORD.label("record"),
        FindingClearance.name,
        FindingClearance.collides_with.label("other"),
        FindingClearance.collides_name.label("other_name"),
        literal(0).label("side"),
    ).where(_KEPT),
    select(
        FindingClearance.id,
        FindingClearance.code,
        FindingClearance.collides_with,
        FindingClearance.collides_name,
        _RECORD,
        FindingClearance.name,
        literal(1),
    ).where(_KEPT, FindingClearance.collides_name.is_not(None)),
).subquery("side")
"""Clearances in force as either of the two names is told of them: a pair is cleared once, and settled from both sides."""

_SETTLED = (
    select(_SIDES)
    .ext(distinct_on(_SIDES.c.record, _SIDES.c.code, _SIDES.c.name, _SIDES.c.other, _SIDES.c.other_name))
    .order_by(
        _SIDES.c.record, _SIDES.c.code, _SIDES.c.name, _SIDES.c.other, _SIDES.c.other_name, _SIDES.c.side, _SIDES.c.id
    )
    .subquery("settled")
)
_IN_FORCE = and_(
    _SETTLED.c.record == NameFinding.record_id,
    _SETTLED.c.code == NameFinding.code,
    _SETTLED.c.name == NameFinding.name,
    _SETTLED.c.other.is_not_distinct_from(NameFinding.collides_with),
    # Of what is nothing of the registry's, as a famous mountain, only the finding tells the name.
    or_(_SETTLED.c.other.is_(None), _SETTLED.c.other_name == NameFinding.collides_name),
)


_OTHER = aliased(NameFinding)
_TWIN = (
    _OTHER.record_id == NameFinding.collides_with,
    _OTHER.collides_with == NameFinding.record_id,
    _OTHER.code == NameFinding.code,
)
"""The finding of the other of two names that collide."""


def last_review(session: ReadSession) -> ReviewRow | None:
    """When all names were checked last; None before they ever were."""
    found = session.scalars(select(NameReview).order_by(NameReview.made_at.desc()).limit(1)).one_or_none()
    if found is None:
        return None
    return ReviewRow(found.id, found.names, found.findings, found.seconds, found.made_at, found.ordered_by)


def rows_matching(session: ReadSession, query: FindingQuery, *, after: int, limit: int) -> Sequence[FindingRow]:
    """At most `limit` findings behind the position `after`: errors before warnings before notes, each by the checks.

    Raises
    ------
    DivisionCodeInvalid
        One of `divisions` isn't a code.
    """
    question = _narrowed(select(NameFinding, FindingClearance, exists().where(*_TWIN).label("paired")), query)
    weight, fid = divmod(after, 1 << _FIDS)
    behind = tuple_(NameFinding.weight, NameFinding.fid) > tuple_(literal(weight), literal(fid))
    rows = session.execute(question.where(behind).order_by(NameFinding.weight, NameFinding.fid).limit(limit))
    return [_row(*row) for row in rows]


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
    if present[0].cleared is not None:
        raise AlreadyExists(constraint=IN_FORCE_ONCE, detail=present[0].cleared.reason)
    record = FindingClearance(
        place_id=new.record if place else None,
        division_id=None if place else new.record,
        name=present[0].name,
        code=new.code.value,
        collides_with=new.collides_with,
        collides_name=_other_name(present[0]),
        reason=new.reason,
    )
    session.add(record)
    session.flush()
    return next(
        row
        for row in rows_matching(session, query, after=present[0].position - 1, limit=1)
        if row.fid == present[0].fid
    )


IN_FORCE_ONCE = "uq_finding_clearance_in_force"

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


def withdraw(session: WriteSession, clearance: FindingClearance) -> None:
    """Have a finding count again from both sides: another clearance of the same pair, from its other side, goes too."""
    clearance.withdrawn = True
    other = clearance.collides_with
    if other is not None:
        of_pair = (
            _RECORD.is_not_distinct_from(other),
            FindingClearance.collides_with == record_of(clearance)[1],
            FindingClearance.code == clearance.code,
            FindingClearance.name == clearance.collides_name,
            FindingClearance.collides_name == clearance.name,
        )
        for each in session.scalars(select(FindingClearance).where(_KEPT, *of_pair)):
            each.withdrawn = True
    session.flush()


def sides_of(session: ReadSession, clearance: FindingClearance) -> Sequence[str | None]:
    """The divisions of the name that a clearance is about, and of what it collides with."""
    own = division_of(session, *record_of(clearance))
    other = clearance.collides_with
    if other is None:
        return [own]
    there = [division_of(session, each, other) for each in (Named.PLACE, Named.DIVISION)]
    return [own, *(each for each in there if each is not None)]


def record_of(clearance: FindingClearance) -> tuple[Named, UUID]:
    """The record that a clearance is about."""
    if clearance.place_id is not None:
        return Named.PLACE, clearance.place_id
    assert clearance.division_id is not None
    return Named.DIVISION, clearance.division_id


def _narrowed(question: Select[*tuple[Any, ...]], query: FindingQuery) -> Select[*tuple[Any, ...]]:
    question = question.select_from(NameFinding).outerjoin(_SETTLED, _IN_FORCE)
    question = question.outerjoin(FindingClearance, FindingClearance.id == _SETTLED.c.id)
    if query.divisions:
        question = question.where(_within(NameFinding.division_code, query.divisions))
    if query.severity is not None:
        question = question.where(NameFinding.severity == query.severity.value)
    if query.code is not None:
        question = question.where(NameFinding.code == query.code.value)
    if query.record is not None:
        question = question.where(NameFinding.record_id == query.record)
    if query.records:
        question = question.where(NameFinding.record_id.in_(query.records))
    if query.codes:
        question = question.where(NameFinding.code.in_([each.value for each in query.codes]))
    if query.once and query.record is None:
        asked = (_within(_OTHER.division_code, query.divisions),) if query.divisions else ()
        question = question.where(~exists().where(*_TWIN, _OTHER.fid < NameFinding.fid, *asked))
    if query.cleared is not None:
        question = question.where(_SETTLED.c.id.is_not(None) if query.cleared else _SETTLED.c.id.is_(None))
    return question


def _within(code: Any, divisions: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(code.like(f"{prefix_of(each)}%") for each in divisions))


def _other(row: FindingRow) -> UUID | None:
    other = row.finding.collides_with
    return other.id if other is not None else None


def _other_name(row: FindingRow) -> str | None:
    """What the other is called, where it is a record of the registry."""
    other = row.finding.collides_with
    return other.name if other is not None and other.id is not None else None


def _row(found: NameFinding, clearance: FindingClearance | None, paired: bool) -> FindingRow:  # noqa: FBT001 - a column
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
        weight=found.weight,
        type=Named.of(found.type),
        record=found.record_id,
        name=found.name,
        kind=found.kind,
        division_code=found.division_code,
        lon=found.lon,
        lat=found.lat,
        finding=finding,
        cleared=cleared,
        paired=paired,
    )
