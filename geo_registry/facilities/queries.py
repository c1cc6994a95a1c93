"""The SELECTs of the room: facilities as they are listed, now or on a past date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, case, func, or_, select, text, tuple_

from geo_registry import clock
from geo_registry.db.history import as_of
from geo_registry.db.revisions import Revision, as_revisions, revision_number, version_of, versions_of
from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.divisions.queries import called_at, containing, in_box, within
from geo_registry.errors import FacilityUnknown, RevisionUnknown
from geo_registry.facilities.contacts import Contact
from geo_registry.facilities.filtering import condition
from geo_registry.geo.bbox import BBox
from geo_registry.model import Dataset, Division, Facility, FacilityContact
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.settings import get_settings
from geo_registry.vocabulary import FacilityKind, FacilityStatus, PositionQuality

MASKED = text("SELECT id, person, post, phone FROM masked_contacts(:facility)")
ERASE_CONTACT = text("SELECT erase_contact(:contact)")

Question = TypeVar("Question", bound=Select[*tuple[Any, ...]])


class FacilityOrder(StrEnum):
    """What a list of facilities is put in order by; `fid` decides between equals."""

    REGISTERED = "registered"
    NAME = "name"
    KIND = "kind"
    """By kind, in the vocabulary's order; those of a kind by name."""


PINYIN = "zh-x-icu"
"""How Chinese readers put names in order: by pinyin. No index has it: one that outlives its ICU version would be wrong."""


@dataclass(frozen=True, slots=True)
class FacilityQuery:
    """Which facilities are asked for; what is None or empty doesn't matter."""

    kinds: tuple[FacilityKind, ...] = ()
    statuses: tuple[FacilityStatus, ...] = ()
    division: str | None = None
    """A code, or its first digits: facilities in that division and all below it."""
    bbox: BBox | None = None
    where: str | None = None
    """CQL2 text over `filtering.FILTERABLE`."""
    on: date | None = None
    """Those that stood on this date, as the registry knew them at its end."""
    at: datetime | None = None
    """As the registry held them at this moment, whether they stood or not; `on` doesn't go with it."""
    among: Select[UUID] | None = None
    """Only those whose ids another room selects: by their names, `search.service.facilities_called`."""
    order: FacilityOrder = FacilityOrder.REGISTERED


@dataclass(frozen=True, slots=True)
class FacilityRow:
    """One facility as it is listed; `capacity` is in its kind's unit, the position in degrees (EPSG:4490)."""

    fid: int
    id: UUID
    kind: str
    name: str
    division_code: str | None
    division_name: str | None
    address: str
    status: str
    opened_on: date | None
    closed_on: date | None
    capacity: int | None
    detail: dict[str, object]
    lon: float
    lat: float
    position_quality: str
    confirmed_on: date | None
    dataset: str | None
    revision: int | None = None
    """The number of the revision that it is; None in lists, which don't look for it."""

    @property
    def version(self) -> str:
        """A word that is another one whenever something that is shown of the facility differs."""
        return version_of(self.id, self.revision, self.division_code, self.division_name, self.dataset)


def rows_matching(session: ReadSession, query: FacilityQuery, *, after: int, limit: int) -> Sequence[FacilityRow]:
    """At most `limit` facilities that come after the one with the `fid` `after`, in the order that is asked for."""
    then, place = Facility, Division
    if query.at is not None:
        then, place = as_of(Facility, query.at), as_of(Division, query.at)
    elif query.on is not None:
        then = as_of(Facility, clock.end_of(query.on, get_settings().zone), or_first_known=True)
    by = _order(then, query.order)
    question = _rows(then, place).order_by(*by).limit(limit).where(_comes_after(session, then, query.order, after))
    question = _asked(question, then, query, place)
    return [FacilityRow(**found._mapping) for found in session.execute(question)]  # noqa: SLF001 - SQLAlchemy's public name for it


def count_matching(session: ReadSession, query: FacilityQuery) -> int:
    """How many there are, now."""
    question = _asked(_rows(Facility).with_only_columns(func.count(), maintain_column_froms=True), Facility, query)
    return session.execute(question).scalar_one()


def _order(of: type[Facility], order: FacilityOrder) -> list[SQLColumnExpression[Any]]:
    name = of.name.collate(PINYIN)
    kind = case({each.value: place for place, each in enumerate(FacilityKind)}, value=of.kind)
    match order:
        case FacilityOrder.NAME:
            return [name, of.fid]
        case FacilityOrder.KIND:
            return [kind, name, of.fid]
        case _:
            return [of.fid]


def _comes_after(session: ReadSession, of: type[Facility], order: FacilityOrder, after: int) -> ColumnElement[bool]:
    """Whether a facility comes after the one with that `fid`; facilities are never deleted, so that it is there."""
    by = _order(of, order)
    last = session.execute(select(*by).where(of.fid == after)).one_or_none() if len(by) > 1 and after else None
    return tuple_(*by) > tuple_(*last) if last is not None else of.fid > after


def _asked(
    question: Question, then: type[Facility], query: FacilityQuery, place: type[Division] = Division
) -> Question:
    """The question with its conditions."""
    if query.on is not None:
        question = question.where(stands_on(then, query.on))
    if query.kinds:
        question = question.where(then.kind.in_([kind.value for kind in query.kinds]))
    if query.statuses:
        question = question.where(then.status.in_([status.value for status in query.statuses]))
    if query.division is not None:
        question = question.where(within(place.code, query.division))
    if query.bbox is not None:
        question = question.where(in_box(then.geom, query.bbox))
    if query.where:
        question = question.where(condition(query.where, then))
    if query.among is not None:
        question = question.where(then.id.in_(query.among))
    return question


def row_with_id(session: ReadSession, facility: UUID, *, at: datetime | None = None) -> FacilityRow | None:
    """The facility of that id, now or as the registry held it at a moment; None where there is, or was, none."""
    if at is not None:
        return _row_at(session, facility, at)
    question = _rows(Facility).add_columns(revision_number(Facility).label("revision"))
    found = session.execute(question.where(Facility.id == facility)).one_or_none()
    return FacilityRow(**found._mapping) if found else None  # noqa: SLF001 - SQLAlchemy's public name for it


def was_ever(session: ReadSession, facility: UUID) -> bool:
    """Whether the registry holds a facility of that id, or ever held one."""
    versions = versions_of(Facility, facility)
    return session.execute(select(versions.number).limit(1)).first() is not None


def _row_at(session: ReadSession, facility: UUID, moment: datetime) -> FacilityRow | None:
    versions = versions_of(Facility, facility)
    question = (
        _rows(versions.rows)
        .add_columns(versions.number.label("revision"), versions.rows.division_id)
        .where(versions.at(moment))
        .order_by(versions.number)
        .limit(1)
    )
    found = session.execute(question).mappings().one_or_none()
    if found is None:
        return None
    values = dict(found)
    division = values.pop("division_id")
    row = FacilityRow(**values)
    # Its division's name of then; looked up by itself, so that its history is found by an index too.
    place = called_at(session, division, moment) if division is not None else None
    return replace(row, division_name=place.name if place is not None else row.division_name)


@dataclass(frozen=True, slots=True)
class Present:
    """A facility that is kept from everybody else who would change it: its record, and what is shown of it."""

    record: Facility
    row: FacilityRow


def facility_to_change(session: WriteSession, facility: UUID) -> Present:
    """One facility as it stands, kept from everybody else who would change it until the unit of work ends.

    Raises
    ------
    FacilityUnknown
        There is none of that id.
    """
    record = session.get(Facility, facility, populate_existing=True, with_for_update={"key_share": True})
    row = row_with_id(session, facility)
    if record is None or row is None:
        raise FacilityUnknown(facility=facility)
    return Present(record=record, row=row)


RESTORED = (
    "kind",
    "name",
    "division_id",
    "address",
    "geom",
    "status",
    "opened_on",
    "closed_on",
    "capacity",
    "detail",
    "position_quality",
    "confirmed_on",
    "confirmed_by",
)
"""What a revision says of a facility; whence the record comes isn't said anew by restoring one."""


@dataclass(frozen=True, slots=True)
class Past:
    """A revision of a facility: the columns that it would restore, and the code of the division that it was in."""

    values: Mapping[str, Any]
    division_code: str | None


def past_of(session: ReadSession, facility: UUID, number: int) -> Past:
    """What a facility's revision of that number says.

    Raises
    ------
    RevisionUnknown
        It has none of that number.
    """
    versions = versions_of(Facility, facility)
    question = (
        select(Division.code.label("division_code"), *[getattr(versions.rows, name) for name in RESTORED])
        .select_from(versions.rows)
        .outerjoin(Division, Division.id == versions.rows.division_id)
        .where(versions.number == number)
    )
    found = session.execute(question).mappings().one_or_none()
    if found is None:
        raise RevisionUnknown(number=number)
    return Past(values={name: found[name] for name in RESTORED}, division_code=found["division_code"])


def revisions_of(session: ReadSession, facility: UUID, *, after: int, limit: int) -> Sequence[Revision]:
    """At most `limit` revisions of a facility, the newest first; `after` counts downwards, 0 begins."""
    versions = versions_of(Facility, facility)
    question = (
        _rows(versions.rows)
        .add_columns(versions.number.label("number"), versions.since, versions.by, versions.why.label("why"))
        .order_by(versions.number.desc())
        .limit(limit + 1)
    )
    if after:
        question = question.where(versions.number < after)
    return as_revisions([dict(row) for row in session.execute(question).mappings()], _compared, limit)


COMPARED = (
    "kind",
    "name",
    "division_code",
    "address",
    "status",
    "opened_on",
    "closed_on",
    "capacity",
    "position_quality",
    "confirmed_on",
)


def _compared(row: Mapping[str, Any]) -> Mapping[str, object]:
    """What is compared of a version, as JSON has it; the fields of its kind one by one."""
    values = {name: row[name].isoformat() if isinstance(row[name], date) else row[name] for name in COMPARED}
    return {
        **values,
        "position": [row["lon"], row["lat"]],
        **{f"detail.{key}": value for key, value in sorted(row["detail"].items())},
    }


def division_at(session: ReadSession, lon: float, lat: float) -> str | None:
    """The code of the division whose area a point (degrees, EPSG:4490) lies in; None where none is known."""
    point = func.ST_SetSRID(func.ST_MakePoint(lon, lat), STORAGE_SRID)
    return session.scalar(select(Division.code).where(Division.id == containing(point)))


@dataclass(frozen=True, slots=True)
class SourceRow:
    """Where a facility's record comes from."""

    key: str
    title: str
    licence: str
    as_of: date | None
    source_id: str | None
    """What the source itself calls the record."""


def source_of(session: ReadSession, facility: UUID) -> SourceRow | None:
    """The dataset that a facility came with; None where it was registered here."""
    found = session.execute(
        select(Dataset.key, Dataset.title, Dataset.licence, Dataset.as_of, Facility.source_id)
        .join(Facility, Facility.dataset_id == Dataset.id)
        .where(Facility.id == facility)
    ).one_or_none()
    return SourceRow(**found._mapping) if found else None  # noqa: SLF001 - SQLAlchemy's public name for it


def contacts_of(session: ReadSession, facility: UUID) -> Sequence[Contact]:
    """Whom to call at a facility, in the order that they were registered."""
    question = select(FacilityContact).where(FacilityContact.facility_id == facility).order_by(FacilityContact.fid)
    return [as_contact(row) for row in session.scalars(question)]


def as_contact(row: FacilityContact) -> Contact:
    """A row of contacts as it is shown whole."""
    version = version_of(row.id, row.person, row.post, row.phone)
    return Contact(id=row.id, person=row.person, post=row.post, phone=row.phone, version=version)


def masked_contacts_of(session: ReadSession, facility: UUID) -> Sequence[Contact]:
    """The same as those see them who have no reason to call: 王** 138****1234; what is hidden stays in the database."""
    return [
        Contact(id=row.id, person=row.person, post=row.post, phone=row.phone, masked=True)
        for row in session.execute(MASKED, {"facility": facility})
    ]


def contact_to_change(session: WriteSession, contact: UUID) -> FacilityContact | None:
    """The row of a contact, of whatever facility, locked; None where there is none."""
    return session.get(FacilityContact, contact, populate_existing=True, with_for_update=True)


def erase_contact(session: WriteSession, contact: UUID) -> None:
    """Take a contact out, its history too: the application itself deletes nothing."""
    session.execute(ERASE_CONTACT, {"contact": contact})


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many facilities of a kind there are, and how many of them are made up."""

    facilities: int
    synthetic: int


def counts_by_kind(session: ReadSession, *, division: str | None = None) -> Mapping[FacilityKind, KindCount]:
    """How many facilities of each kind there are that aren't closed: in a division and below, or everywhere.

    Raises
    ------
    DivisionCodeInvalid
        `division` isn't a code.
    """
    synthetic = Facility.position_quality == PositionQuality.SYNTHETIC.value
    question = (
        select(Facility.kind, func.count().label("facilities"), func.count().filter(synthetic).label("synthetic"))
        .where(Facility.status != FacilityStatus.CLOSED.value)
        .group_by(Facility.kind)
    )
    if division is not None:
        question = question.join(Division, Division.id == Facility.division_id).where(within(Division.code, division))
    found = {row.kind: row for row in session.execute(question)}
    return {
        kind: KindCount(facilities=found[kind.value].facilities, synthetic=found[kind.value].synthetic)
        for kind in FacilityKind
        if kind.value in found
    }


def stands_on(of: type[Facility], day: date) -> ColumnElement[bool]:
    """Whether a facility stood, open, on a date; an unknown opening date counts as before it."""
    closes_later = of.closed_on > day
    return and_(
        or_(of.status == FacilityStatus.OPEN.value, and_(of.status == FacilityStatus.CLOSED.value, closes_later)),
        or_(of.opened_on.is_(None), of.opened_on <= day),
        or_(of.closed_on.is_(None), closes_later),
    )


def _rows(of: type[Facility], place: type[Division] = Division) -> Select[*tuple[Any, ...]]:
    return (
        select(
            of.fid,
            of.id,
            of.kind,
            of.name,
            place.code.label("division_code"),
            place.name.label("division_name"),
            of.address,
            of.status,
            of.opened_on,
            of.closed_on,
            of.capacity,
            of.detail,
            func.ST_X(of.geom).label("lon"),
            func.ST_Y(of.geom).label("lat"),
            of.position_quality,
            of.confirmed_on,
            Dataset.key.label("dataset"),
        )
        .select_from(of)
        .outerjoin(place, place.id == of.division_id)
        .outerjoin(Dataset, Dataset.id == of.dataset_id)
    )
