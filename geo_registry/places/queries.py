"""The SELECTs of the room: places as they are listed, and what is told of one; now, on a day, or as held at a moment."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from geo_registry.db.history import as_of, twin_of
from geo_registry.db.revisions import (
    Revision,
    Versions,
    as_revisions,
    revision_number,
    revisions_of_record,
    version_of,
    versions_of,
)
from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.divisions.queries import containing, in_box, within
from geo_registry.errors import PlaceNameUnknown, PlaceUnknown
from geo_registry.geo import geojson
from geo_registry.geo.bbox import BBox
from geo_registry.geo.geojson import GeometryJson
from geo_registry.model import Dataset, Division, Place, PlaceExtent, PlaceName, PlaceRelation
from geo_registry.places.periods import Dated, dated, days_of, holds
from geo_registry.vocabulary import NameKind, PlaceClass, PlaceRelationKind, PlaceState, Precision, SpellingStatus

GEOJSON_DIGITS = 6
"""Decimals of a degree: a decimetre."""

DECIDED = and_(
    PlaceName.status.not_in((SpellingStatus.PROPOSED.value, SpellingStatus.REJECTED.value)),
    PlaceName.withdrawn.is_(False),
)


@dataclass(frozen=True, slots=True)
class PlaceQuery:
    """Which places are asked for; what is None or empty doesn't matter."""

    classes: tuple[PlaceClass, ...] = ()
    states: tuple[PlaceState, ...] = ()
    division: str | None = None
    """A code, or its first digits: places in that division and all below it."""
    bbox: BBox | None = None
    name: str | None = None
    """Exactly one of its names, of whatever kind and period."""
    on: date | None = None
    """Those that were there on this day, under the name that they bore then; as the registry knows it now."""
    at: datetime | None = None
    """As the registry held them at this moment; `on` doesn't go with it."""
    dataset: UUID | None = None
    """Those that came with this dataset."""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One place as it is listed; the position, inside its extent, in degrees (EPSG:4490).

    Of a day it has the name and the position of that day; its division, its state and its details are those of now.
    """

    fid: int
    id: UUID
    place_class: str
    name: str
    state: str
    national_code: str | None
    division_code: str | None
    division_name: str | None
    begun_on: Dated | None
    ended_on: Dated | None
    detail: dict[str, object]
    lon: float | None
    lat: float | None
    position_quality: str
    dataset: str | None
    revision: int | None = None
    """The number of the revision that it is; None in lists, which don't look for it."""
    name_known: bool = True
    """Whether the name is one of the day that is asked for; else it is the one that the place bears now."""
    position_known: bool = True
    """Whether it is known how far the place reached on the day that is asked for; else it has no position."""

    @property
    def version(self) -> str:
        """A word that is another one whenever something that is shown of the place itself differs."""
        return version_of(self.id, self.revision, self.division_code, self.division_name, self.dataset)


@dataclass(frozen=True, slots=True)
class NameRow:
    """One name of a place; its period is [`valid_from`, `valid_to`), an end that is None is open or unknown."""

    fid: int
    id: UUID
    place: UUID
    name: str
    kind: str
    status: str
    naming: str
    language: str
    romanized: str | None
    romanized_by: str | None
    romanized_why: str
    meaning: str
    origin: str
    source: str
    valid_from: Dated | None
    valid_to: Dated | None
    revision: int | None = None
    withdrawn: bool = False

    @property
    def version(self) -> str:
        """A word that is another one whenever something that is shown of the name differs."""
        return version_of(self.id, self.revision)

    @property
    def is_standard(self) -> bool:
        """Whether it was, or is, the name that was decided on."""
        decided = self.status not in {SpellingStatus.PROPOSED.value, SpellingStatus.REJECTED.value}
        return self.kind == NameKind.STANDARD.value and decided

    def held_on(self, day: date) -> bool:
        """Whether the place bore it on a day."""
        return holds(*days_of(self.valid_from, self.valid_to), day)


@dataclass(frozen=True, slots=True)
class ExtentRow:
    """How far a place reached in [`valid_from`, `valid_to`); degrees (EPSG:4490)."""

    id: UUID
    geometry: GeometryJson
    source: str
    position_quality: str
    valid_from: Dated | None
    valid_to: Dated | None

    @property
    def period(self) -> tuple[date | None, date | None]:
        """Its days."""
        return days_of(self.valid_from, self.valid_to)

    def held_on(self, day: date) -> bool:
        """Whether the place reached so far on a day."""
        return holds(*self.period, day)


@dataclass(frozen=True, slots=True)
class RelationRow:
    """What a place is to another; `inverse` where it was written from the other's side."""

    id: UUID
    kind: str
    inverse: bool
    other: UUID
    other_name: str
    other_class: str
    other_state: str
    since: Dated | None
    evidence: str
    certainty: str


def rows_matching(session: ReadSession, query: PlaceQuery, *, after: int, limit: int) -> Sequence[PlaceRow]:
    """At most `limit` places with a `fid` greater than `after`, by `fid`."""
    of = as_of(Place, query.at) if query.at is not None else Place
    above = as_of(Division, query.at) if query.at is not None else Division
    then = _then(of, query.on) if query.on is not None else None
    question = _rows(of, above, then).where(of.fid > after).order_by(of.fid).limit(limit)
    if query.on is not None:
        question = question.where(_there(of, query.on))
    if query.classes:
        question = question.where(of.place_class.in_([each.value for each in query.classes]))
    if query.states:
        question = question.where(of.state.in_([each.value for each in query.states]))
    if query.division is not None:
        question = question.where(within(above.code, query.division))
    if query.bbox is not None:
        question = question.where(in_box(of.geom if then is None else then.extent.geom, query.bbox))
    if query.name is not None:
        bearing = select(PlaceName.place_id).where(PlaceName.name == query.name, PlaceName.withdrawn.is_(False))
        question = question.where(of.id.in_(bearing))
    if query.dataset is not None:
        question = question.where(of.dataset_id == query.dataset)
    return [_row(found) for found in session.execute(question)]


def row_with_id(
    session: ReadSession, place: UUID, *, at: datetime | None = None, on: date | None = None
) -> PlaceRow | None:
    """The place of that id, now, as it was on a day, or as the registry held it at a moment; None where there is, or was, none.

    `on` doesn't go with `at`; it says nothing about whether the place was there (`stood_on`).
    """
    if at is None:
        then = _then(Place, on) if on is not None else None
        question = _rows(Place, Division, then).add_columns(revision_number(Place).label("revision"))
        found = session.execute(question.where(Place.id == place)).one_or_none()
        return _row(found) if found else None
    versions = versions_of(Place, place)
    question = (
        _rows(versions.rows, Division, None)
        .add_columns(versions.number.label("revision"))
        .where(versions.at(at))
        .order_by(versions.number)
        .limit(1)
    )
    found = session.execute(question).one_or_none()
    return _row(found) if found else None


def rows_with_ids(session: ReadSession, places: Collection[UUID]) -> Mapping[UUID, PlaceRow]:
    """The places of those ids that are there, as they are now, in one question."""
    if not places:
        return {}
    return {row.id: row for row in map(_row, session.execute(_rows(Place, Division, None).where(Place.id.in_(places))))}


def rows_meant(
    session: ReadSession, *, ids: Collection[UUID], codes: Collection[str], names: Collection[str], zone: str
) -> Sequence[PlaceRow]:
    """The places of those ids or national codes, and those in the division `zone` that bear one of the names now."""
    called = and_(
        Place.standard_name.in_(names), Place.state != PlaceState.ABOLISHED.value, within(Division.code, zone)
    )
    question = (
        _rows(Place, Division, None)
        .where(or_(Place.id.in_(ids), Place.national_code.in_(codes), called))
        .order_by(Place.fid)
    )
    return [_row(found) for found in session.execute(question)]


def stood_on(row: PlaceRow, day: date) -> bool:
    """Whether a place was there on a day, as far as that is known; as the list has it."""
    return holds(*days_of(row.begun_on, row.ended_on), day)


def was_ever(session: ReadSession, place: UUID) -> bool:
    """Whether the registry holds a place of that id, or ever held one."""
    versions = versions_of(Place, place)
    return session.execute(select(versions.number).limit(1)).first() is not None


def names_of(
    session: ReadSession, place: UUID, *, at: datetime | None = None, withdrawn: bool = False
) -> Sequence[NameRow]:
    """The names of a place, now or as held at a moment: standard ones first, of each kind the newest period first.

    Those that hold, or those that are withdrawn.
    """
    of = as_of(PlaceName, at) if at is not None else PlaceName
    columns = [of] if at is not None else [of, revision_number(PlaceName).label("revision")]
    question = select(*columns).where(of.place_id == place, of.withdrawn.is_(withdrawn))
    found = session.execute(question).all()
    rows = [_name(row[0], row[1] if at is None else None) for row in found]
    return sorted(rows, key=_in_order)


def name_with_id(session: ReadSession, place: UUID, name: UUID) -> NameRow:
    """One name of a place.

    Raises
    ------
    PlaceNameUnknown
        It has none of that id.
    """
    question = select(PlaceName, revision_number(PlaceName).label("revision"))
    found = session.execute(question.where(PlaceName.id == name, PlaceName.place_id == place)).one_or_none()
    if found is None:
        raise PlaceNameUnknown(name=name)
    return _name(found[0], found[1])


def standard_names_of(session: ReadSession, place: UUID) -> Sequence[PlaceName]:
    """The records of the standard names of a place, by their periods."""
    question = select(PlaceName).where(PlaceName.place_id == place, PlaceName.kind == NameKind.STANDARD.value, DECIDED)
    return session.scalars(question.order_by(PlaceName.valid_from.asc().nulls_first())).all()


def extents_of(
    session: ReadSession, place: UUID, *, at: datetime | None = None, withdrawn: bool = False
) -> Sequence[ExtentRow]:
    """How far a place reached, the newest period first; now, or as held at a moment. What holds, or what is withdrawn."""
    of = as_of(PlaceExtent, at) if at is not None else PlaceExtent
    question = select(of, func.ST_AsGeoJSON(of.geom, GEOJSON_DIGITS)).where(
        of.place_id == place, of.withdrawn.is_(withdrawn)
    )
    rows = [
        ExtentRow(
            id=row.id,
            geometry=_geometry(shape),
            source=row.source,
            position_quality=row.position_quality,
            valid_from=dated(row.valid_from, row.from_precision),
            valid_to=dated(row.valid_to, row.to_precision),
        )
        for row, shape in session.execute(question)
    ]
    return sorted(rows, key=lambda row: row.valid_from.day if row.valid_from else date.min, reverse=True)


def reopened_without(session: ReadSession, extent: PlaceExtent) -> PlaceExtent | None:
    """The extent that was open until this one was told and ended it, and has ended so since; None where there is none."""
    twin = twin_of(PlaceExtent)
    open_until_then = select(twin.c.id).where(
        twin.c.place_id == extent.place_id, twin.c.replaced_at == extent.recorded_at, twin.c.valid_to.is_(None)
    )
    question = select(PlaceExtent).where(
        PlaceExtent.place_id == extent.place_id,
        PlaceExtent.id != extent.id,
        PlaceExtent.valid_to == extent.valid_from,
        PlaceExtent.id.in_(open_until_then),
        PlaceExtent.withdrawn.is_(False),
    )
    return session.scalars(question).one_or_none()


def relations_of(session: ReadSession, place: UUID, *, at: datetime | None = None) -> Sequence[RelationRow]:
    """What a place is to others and they to it, from its side; now, or as held at a moment. Withdrawn ones are left out."""
    of = as_of(PlaceRelation, at) if at is not None else PlaceRelation
    other = as_of(Place, at) if at is not None else aliased(Place)
    far = func.nullif(of.place_id, place)
    question = (
        select(of, other.id, other.standard_name, other.place_class, other.state)
        .join(other, other.id == func.coalesce(far, of.other_id))
        .where(or_(of.place_id == place, of.other_id == place), of.withdrawn.is_(False))
        .order_by(of.since.desc().nulls_last(), of.fid)
    )
    return [
        RelationRow(
            id=row.id,
            kind=row.kind,
            inverse=row.other_id == place,
            other=other_id,
            other_name=name,
            other_class=place_class,
            other_state=state,
            since=dated(row.since, row.since_precision),
            evidence=row.evidence,
            certainty=row.certainty,
        )
        for row, other_id, name, place_class, state in session.execute(question)
    ]


@dataclass(frozen=True, slots=True)
class Heir:
    """A place that took over from one that is gone."""

    id: UUID
    name: str
    is_gone: bool = False
    """Whether it is gone itself by now."""


TAKES_OVER = (PlaceRelationKind.REPLACES, PlaceRelationKind.MERGED_FROM, PlaceRelationKind.SPLIT_FROM)
"""What a place is to one that it came of."""


def heirs_of(session: ReadSession, places: Collection[UUID]) -> Mapping[UUID, Sequence[Heir]]:
    """What replaced, took in or came of places, by the place that is gone; nothing of those of which it isn't told."""
    if not places:
        return {}
    question = (
        select(PlaceRelation.other_id, Place.id, Place.standard_name, Place.state)
        .join(Place, Place.id == PlaceRelation.place_id)
        .where(
            PlaceRelation.other_id.in_(places),
            PlaceRelation.kind.in_([each.value for each in TAKES_OVER]),
            PlaceRelation.withdrawn.is_(False),
        )
        .order_by(PlaceRelation.fid)
    )
    found: dict[UUID, list[Heir]] = {}
    for other, heir, name, state in session.execute(question):
        found.setdefault(other, []).append(Heir(heir, name, is_gone=state == PlaceState.ABOLISHED.value))
    return found


def place_to_change(session: WriteSession, place: UUID) -> Place:
    """A place's record, kept from everybody else who would change it, or its names, until the unit of work ends.

    Raises
    ------
    PlaceUnknown
        There is none of that id.
    """
    found = session.get(Place, place, populate_existing=True, with_for_update={"key_share": True})
    if found is None:
        raise PlaceUnknown(place=place)
    return found


def division_at(session: ReadSession, wkt: str) -> str | None:
    """The code of the division that a point inside an extent (WKT, degrees, EPSG:4490) lies in; None where none is known."""
    point = func.ST_PointOnSurface(func.ST_GeomFromText(wkt, 4490))
    return session.scalar(select(Division.code).where(Division.id == containing(point)))


def divisions_at(session: ReadSession, wkts: Sequence[str]) -> Sequence[str | None]:
    """As `division_at`, of many extents in one question."""
    if not wkts:
        return []
    drawn = (
        func.unnest(cast(literal(list(wkts)), ARRAY(Text))).table_valued("wkt", with_ordinality="at").render_derived()
    )
    point = func.ST_PointOnSurface(func.ST_GeomFromText(drawn.c.wkt, 4490))
    lying = drawn.outerjoin(Division, Division.id == containing(point))
    return session.scalars(select(Division.code).select_from(lying).order_by(drawn.c.at)).all()


def is_beyond(session: ReadSession, division: UUID, codes: Collection[str], wkt: str) -> bool:
    """Whether an extent (WKT, degrees, EPSG:4490) has no point in a division; False where nobody knows.

    Where its own boundary isn't known, those of `codes`, which it lies in, stand in for it.
    """
    extent = func.ST_GeomFromText(wkt, 4490)
    touched = func.bool_or(func.ST_Intersects(Division.geom, extent))
    own = session.scalar(select(touched).where(Division.id == division, Division.geom.is_not(None)))
    if own is not None:
        return not own
    above = session.scalar(select(touched).where(Division.code.in_(codes), Division.geom.is_not(None)))
    return above is False


NAME_COMPARED = (
    "name",
    "kind",
    "status",
    "naming",
    "language",
    "romanized",
    "romanized_by",
    "meaning",
    "origin",
    "source",
    "valid_from",
    "valid_to",
    "withdrawn",
)


def revisions_of_name(session: ReadSession, name: UUID, *, after: int, limit: int) -> Sequence[Revision]:
    """At most `limit` revisions of one name of a place, the newest first; `after` counts downwards, 0 begins."""
    return revisions_of_record(session, PlaceName, name, NAME_COMPARED, _name_compared, after=after, limit=limit)


def _name_compared(row: Mapping[str, Any]) -> Mapping[str, object]:
    return {name: row[name].isoformat() if isinstance(row[name], date) else row[name] for name in NAME_COMPARED}


@dataclass(frozen=True, slots=True)
class Written:
    """A time that a place, one of its names or one of its extents was written."""

    revision: Revision
    part: str
    """``place``, ``name`` or ``extent``."""
    called: str = ""
    """The name, of a name."""
    kind: str = ""
    """The kind of that name."""
    since: Dated | None = None
    until: Dated | None = None
    """The period of the extent, as it was written."""


EXTENT_COMPARED = ("valid_from", "valid_to", "source", "position_quality", "geometry", "withdrawn")


def names_written(session: ReadSession, place: UUID) -> Sequence[Written]:
    """Every time that a name of a place was written; of each name the newest first."""
    versions = versions_of(PlaceName, place, by="place_id")
    columns = [getattr(versions.rows, each) for each in ("id", *NAME_COMPARED, "from_precision", "to_precision")]
    return [
        Written(revision, "name", called=row["name"], kind=row["kind"])
        for revision, row in _parts_written(session, versions, columns, NAME_COMPARED)
    ]


def extents_written(session: ReadSession, place: UUID) -> Sequence[Written]:
    """Every time that an extent of a place was written; of each extent the newest first."""
    versions = versions_of(PlaceExtent, place, by="place_id")
    told = ("id", "valid_from", "from_precision", "valid_to", "to_precision", "source", "position_quality", "withdrawn")
    shape = func.encode(func.sha256(func.ST_AsBinary(versions.rows.geom)), "hex").label("geometry")
    columns = [*(getattr(versions.rows, each) for each in told), shape]
    return [
        Written(
            revision,
            "extent",
            since=dated(row["valid_from"], row["from_precision"]),
            until=dated(row["valid_to"], row["to_precision"]),
        )
        for revision, row in _parts_written(session, versions, columns, EXTENT_COMPARED)
    ]


def _parts_written(
    session: ReadSession, versions: Versions[Any], columns: Sequence[Any], compared: Sequence[str]
) -> Iterator[tuple[Revision, Mapping[str, Any]]]:
    """The revisions of each of several records, with the rows that they wrote."""

    def values(row: Mapping[str, Any]) -> Mapping[str, object]:
        ends = {
            end: dated(row[end], row[precision])
            for end, precision in (("valid_from", "from_precision"), ("valid_to", "to_precision"))
        }
        said = {end: str(dated) if dated is not None else None for end, dated in ends.items()}
        return {each: said[each] if each in said else row[each] for each in compared}

    question = select(
        *columns, versions.number.label("number"), versions.since, versions.by, versions.why.label("why")
    ).order_by(versions.rows.id, versions.number.desc())
    rows = [dict(row) for row in session.execute(question).mappings()]
    for _record, group in groupby(rows, key=lambda row: row["id"]):
        of_one = list(group)
        yield from zip(as_revisions(of_one, values, len(of_one)), of_one, strict=True)


COMPARED = (
    "place_class",
    "name",
    "state",
    "national_code",
    "division_code",
    "begun_on",
    "ended_on",
    "position_quality",
)


def revisions_of(session: ReadSession, place: UUID, *, after: int, limit: int) -> Sequence[Revision]:
    """At most `limit` revisions of a place's own record, the newest first; `after` counts downwards, 0 begins."""
    versions = versions_of(Place, place)
    question = (
        _rows(versions.rows, Division, None)
        .add_columns(
            versions.number.label("number"),
            versions.since,
            versions.by,
            versions.why.label("why"),
            func.encode(func.sha256(func.ST_AsBinary(versions.rows.geom)), "hex").label("shape"),
        )
        .order_by(versions.number.desc())
        .limit(limit + 1)
    )
    if after:
        question = question.where(versions.number < after)
    return as_revisions([dict(row) for row in session.execute(question).mappings()], _compared, limit)


def _compared(row: Mapping[str, Any]) -> Mapping[str, object]:
    """What is compared of a version, as JSON has it; an extent by its digest, in which it is told that it is another one."""
    ends = {
        end: dated(row[end], row[precision] or Precision.DAY.value)
        for end, precision in (("begun_on", "begun_precision"), ("ended_on", "ended_precision"))
    }
    values = {name: row[name] for name in COMPARED}
    return {
        **values,
        **{end: str(dated) if dated is not None else None for end, dated in ends.items()},
        "geometry": row["shape"],
        **{f"detail.{key}": each for key, each in sorted(row["detail"].items())},
    }


@dataclass(frozen=True, slots=True)
class _Then:
    """What a place was called, and how far it reached, on a day: at most one row of each, by the indexes of their periods."""

    name: type[PlaceName]
    extent: type[PlaceExtent]
    bore: ColumnElement[bool]
    reached: ColumnElement[bool]


def _then(of: type[Place], day: date) -> _Then:
    name, extent = aliased(PlaceName), aliased(PlaceExtent)
    decided = and_(
        name.status.not_in((SpellingStatus.PROPOSED.value, SpellingStatus.REJECTED.value)), name.withdrawn.is_(False)
    )
    return _Then(
        name=name,
        extent=extent,
        bore=and_(name.place_id == of.id, name.kind == NameKind.STANDARD.value, decided, name.period.contains(day)),
        reached=and_(extent.place_id == of.id, extent.withdrawn.is_(False), extent.period.contains(day)),
    )


def _there(of: type[Place], day: date) -> ColumnElement[bool]:
    """`stood_on`, as the database asks it."""
    return and_(or_(of.begun_on.is_(None), of.begun_on <= day), or_(of.ended_on.is_(None), of.ended_on > day))


def _rows(of: type[Place], above: type[Division], then: _Then | None) -> Select[*tuple[Any, ...]]:
    question = _columns(of, above, then).select_from(of).outerjoin(above, above.id == of.division_id)
    if then is not None:
        question = question.outerjoin(then.name, then.bore).outerjoin(then.extent, then.reached)
    return question.outerjoin(Dataset, Dataset.id == of.dataset_id)


def _columns(of: type[Place], above: type[Division], then: _Then | None) -> Select[*tuple[Any, ...]]:
    inside = func.ST_PointOnSurface(of.geom if then is None else then.extent.geom)
    name = of.standard_name if then is None else func.coalesce(then.name.name, of.standard_name)
    quality = of.position_quality if then is None else func.coalesce(then.extent.position_quality, of.position_quality)
    return select(
        of.fid,
        of.id,
        of.place_class.label("place_class"),
        name.label("name"),
        of.state,
        of.national_code,
        above.code.label("division_code"),
        above.name.label("division_name"),
        of.begun_on,
        of.begun_precision,
        of.ended_on,
        of.ended_precision,
        of.detail,
        func.ST_X(inside).label("lon"),
        func.ST_Y(inside).label("lat"),
        quality.label("position_quality"),
        Dataset.key.label("dataset"),
        (true() if then is None else then.name.id.is_not(None)).label("name_known"),
        (true() if then is None else then.extent.id.is_not(None)).label("position_known"),
    )


def _row(found: Any) -> PlaceRow:
    values = dict(found._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    for end, precision in (("begun_on", "begun_precision"), ("ended_on", "ended_precision")):
        values[end] = dated(values[end], values.pop(precision) or Precision.DAY.value)
    return PlaceRow(**values)


def _name(row: PlaceName, revision: int | None) -> NameRow:
    return NameRow(
        fid=row.fid,
        id=row.id,
        place=row.place_id,
        name=row.name,
        kind=row.kind,
        status=row.status,
        naming=row.naming,
        language=row.language,
        romanized=row.romanized,
        romanized_by=row.romanized_by,
        romanized_why=row.romanized_why,
        meaning=row.meaning,
        origin=row.origin,
        source=row.source,
        valid_from=dated(row.valid_from, row.from_precision),
        valid_to=dated(row.valid_to, row.to_precision),
        revision=revision,
        withdrawn=row.withdrawn,
    )


_KINDS = [kind.value for kind in NameKind]


def _in_order(row: NameRow) -> tuple[int, int, int]:
    begun = row.valid_from.day.toordinal() if row.valid_from is not None else 0
    return _KINDS.index(row.kind), -begun, row.fid


def _geometry(text: str) -> GeometryJson:
    shape = geojson.loads(text)
    assert shape is not None
    return shape
