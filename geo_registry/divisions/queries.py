"""The SELECTs of the room: divisions as they are listed, found and laid under points."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, SQLColumnExpression, case, func, or_, select, tuple_, union
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from geo_registry.db.history import as_of, twin_of
from geo_registry.db.revisions import Revision, as_revisions, revision_number, version_of, versions_of
from geo_registry.db.session import ReadSession, WriteSession
from geo_registry.divisions.rules import DIGITS_OF_LEVEL, prefix_of
from geo_registry.errors import RevisionUnknown
from geo_registry.geo import geojson
from geo_registry.geo.bbox import BBox
from geo_registry.geo.geojson import GeometryJson
from geo_registry.model import Dataset, Division
from geo_registry.model.geometry import STORAGE_SRID
from geo_registry.vocabulary import DivisionLevel

GEOJSON_DIGITS = 6
"""Decimals of a degree in listed geometries: a decimetre."""


@dataclass(frozen=True, slots=True)
class DivisionQuery:
    """Which divisions are asked for; what is None doesn't matter."""

    level: DivisionLevel | None = None
    parent: str | None = None
    """The code of the division directly above."""
    within: str | None = None
    """A code, or its first digits: that division and all below it."""
    vintage: int | None = None
    """A year; None for the newest vintage of each level."""
    every_vintage: bool = False
    """All vintages side by side; `vintage` doesn't count then."""
    name: str | None = None
    """Part of the name."""
    bbox: BBox | None = None
    """Their area or approximate point meets this box."""
    with_geometry: bool = True
    at: datetime | None = None
    """As the registry held them at this moment; None for now."""


@dataclass(frozen=True, slots=True)
class DivisionRow:
    """One division of one vintage, as it is listed."""

    fid: int
    id: UUID
    code: str
    name: str
    level: str
    vintage: int
    parent_code: str | None
    parent_name: str | None
    dataset: str | None
    position_quality: str
    geometry: GeometryJson | None
    """Its area, or its approximate point, in degrees (EPSG:4490); None where neither is known or asked for."""
    revision: int | None = None
    """The number of the revision that it is; None in lists, which don't look for it."""

    @property
    def version(self) -> str:
        """A word that is another one whenever something that is shown of the division differs."""
        return version_of(self.id, self.revision, self.parent_code, self.parent_name, self.dataset)


def within(code: SQLColumnExpression[str], zone: str) -> ColumnElement[bool]:
    """Whether the twelve-digit `code` lies in `zone`, a code or its first digits.

    Raises
    ------
    DivisionCodeInvalid
        `zone` isn't a code.
    """
    return code.like(f"{prefix_of(zone)}%")


def bounds_of(session: ReadSession, division: UUID) -> BBox | None:
    """A box around a division's area, in degrees; None where none is drawn."""
    box = func.ST_Envelope(Division.geom)
    edges = (func.ST_XMin(box), func.ST_YMin(box), func.ST_XMax(box), func.ST_YMax(box))
    found = session.execute(select(*edges).where(Division.id == division, Division.geom.is_not(None))).one_or_none()
    return BBox(*found) if found is not None else None


def in_box(geometry: Any, bbox: BBox) -> ColumnElement[bool]:
    """Whether the bounding box of `geometry` (EPSG:4490) meets `bbox`; a box across 180° counts as its two parts."""
    return or_(
        *[
            geometry.op("&&")(func.ST_MakeEnvelope(part.west, part.south, part.east, part.north, STORAGE_SRID))
            for part in bbox.parts()
        ]
    )


def rows_matching(session: ReadSession, query: DivisionQuery, *, after: int, limit: int) -> Sequence[DivisionRow]:
    """At most `limit` divisions with a `fid` greater than `after`, by `fid`."""
    of = as_of(Division, query.at) if query.at is not None else Division
    above = as_of(Division, query.at) if query.at is not None else aliased(Division)
    question = _rows(of, above, with_geometry=query.with_geometry)
    question = question.where(of.fid > after).order_by(of.fid).limit(limit)
    if query.level is not None:
        question = question.where(of.level == query.level.value)
    if query.within is not None:
        question = question.where(within(of.code, query.within))
    if query.vintage is not None and not query.every_vintage:
        question = question.where(of.vintage == query.vintage)
    elif not query.every_vintage:
        question = question.where(is_newest_of_its_level(of, query.at))
    if query.name:
        question = question.where(of.name.contains(query.name, autoescape=True))
    if query.bbox is not None:
        question = question.where(or_(in_box(of.geom, query.bbox), in_box(of.point, query.bbox)))
    if query.parent is not None:
        question = question.where(above.code == _whole(query.parent))
    return [_row(found) for found in session.execute(question)]


def rows_with_code(
    session: ReadSession, code: str, *, vintage: int | None = None, at: datetime | None = None
) -> Sequence[DivisionRow]:
    """The division of a twelve-digit code, the newest vintage first; at most one where `vintage` is given.

    Now, or as the registry held it at a moment.
    """
    if at is not None:
        found = [_row_at(session, record, at) for record in _ever_of(session, code)]
        rows = [row for row in found if row is not None and row.code == code and vintage in {None, row.vintage}]
        return sorted(rows, key=lambda row: -row.vintage)
    question = _rows(Division, aliased(Division), with_geometry=True)
    question = question.add_columns(revision_number(Division).label("revision"))
    question = question.where(Division.code == code).order_by(Division.vintage.desc())
    if vintage is not None:
        question = question.where(Division.vintage == vintage)
    return [_row(row) for row in session.execute(question)]


def was_ever(session: ReadSession, code: str, *, vintage: int | None = None) -> bool:
    """Whether the registry holds a division of a twelve-digit code, or ever held one."""
    twin = twin_of(Division)
    vintages = union(
        select(Division.vintage).where(Division.code == code), select(twin.c.vintage).where(twin.c.code == code)
    )
    found = session.scalars(vintages).all()
    return bool(found) and vintage in {None, *found}


def _ever_of(session: ReadSession, code: str) -> Sequence[UUID]:
    """The ids of the divisions that have, or ever had, a code."""
    twin = twin_of(Division)
    present = select(Division.id).where(Division.code == code)
    return session.scalars(union(present, select(twin.c.id).where(twin.c.code == code))).all()


def _row_at(session: ReadSession, division: UUID, moment: datetime) -> DivisionRow | None:
    versions = versions_of(Division, division)
    question = (
        _rows(versions.rows, aliased(Division), with_geometry=True)
        .add_columns(versions.number.label("revision"), versions.rows.parent_id)
        .where(versions.at(moment))
        .order_by(versions.number)
        .limit(1)
    )
    found = session.execute(question).one_or_none()
    if found is None:
        return None
    above = called_at(session, found.parent_id, moment) if found.parent_id is not None else None
    row = _row(found)
    return replace(row, parent_name=above.name if above is not None else row.parent_name)


def called_at(session: ReadSession, division: UUID, moment: datetime) -> "DivisionName | None":
    """What a division was called at a moment; None where the registry didn't hold it then."""
    versions = versions_of(Division, division)
    question = select(versions.rows.code, versions.rows.name).where(versions.at(moment)).order_by(versions.number)
    found = session.execute(question.limit(1)).one_or_none()
    return DivisionName(code=found.code, name=found.name) if found is not None else None


def revisions_of(session: ReadSession, division: UUID, *, after: int, limit: int) -> Sequence[Revision]:
    """At most `limit` revisions of a division, the newest first; `after` counts downwards, 0 begins."""
    versions = versions_of(Division, division)
    shape = func.coalesce(versions.rows.geom, versions.rows.point)
    question = (
        _rows(versions.rows, aliased(Division), with_geometry=False)
        .add_columns(
            versions.number.label("number"),
            versions.since,
            versions.by,
            versions.why.label("why"),
            func.encode(func.sha256(func.ST_AsBinary(shape)), "hex").label("shape"),
        )
        .order_by(versions.number.desc())
        .limit(limit + 1)
    )
    if after:
        question = question.where(versions.number < after)
    return as_revisions([dict(row) for row in session.execute(question).mappings()], _compared, limit)


@dataclass(frozen=True, slots=True)
class Present:
    """A division that is kept from everybody else who would change it: its record, and what is shown of it."""

    record: Division
    row: DivisionRow


def division_to_change(session: WriteSession, division: UUID) -> Present | None:
    """One division as it stands, kept from everybody else who would change it until the unit of work ends.

    None where there is none of that id in the divisions of whoever acts.
    """
    record = session.get(Division, division, populate_existing=True, with_for_update={"key_share": True})
    return Present(record=record, row=row_with_id(session, division)) if record is not None else None


def row_with_id(session: ReadSession, division: UUID) -> DivisionRow:
    """The division of an id that is there."""
    question = _rows(Division, aliased(Division), with_geometry=True)
    question = question.add_columns(revision_number(Division).label("revision"))
    return _row(session.execute(question.where(Division.id == division)).one())


RESTORED = ("name", "geom", "point", "position_quality")
"""What a revision says of a division. By its code and its vintage it is known, and by its code lies where it lies: none of
these is said anew by restoring one, nor whence the record comes."""


def past_of(session: ReadSession, division: UUID, number: int) -> Mapping[str, Any]:
    """The columns that a division's revision of that number would restore.

    Raises
    ------
    RevisionUnknown
        It has none of that number.
    """
    versions = versions_of(Division, division)
    question = select(*[getattr(versions.rows, name) for name in RESTORED]).where(versions.number == number)
    found = session.execute(question).mappings().one_or_none()
    if found is None:
        raise RevisionUnknown(number=number)
    return dict(found)


COMPARED = ("code", "name", "vintage", "parent_code", "position_quality")


def _compared(row: Mapping[str, Any]) -> Mapping[str, object]:
    """What is compared of a version; an area by its digest, in which it is told that it is another one."""
    return {**{name: row[name] for name in COMPARED}, "geometry": row["shape"]}


def rows_called(session: ReadSession, name: str, *, vintage: int | None = None) -> Sequence[DivisionRow]:
    """The divisions of exactly that name, by code: of `vintage`, or of the newest vintage of each level."""
    question = (
        _rows(Division, aliased(Division), with_geometry=True).where(Division.name == name).order_by(Division.code)
    )
    question = question.where(Division.vintage == vintage if vintage is not None else is_newest_of_its_level())
    return [_row(found) for found in session.execute(question)]


@dataclass(frozen=True, slots=True)
class DivisionName:
    """A division as a path names it."""

    code: str
    name: str


def names_of(session: ReadSession, codes: Iterable[str]) -> Mapping[str, DivisionName]:
    """The divisions of twelve-digit codes, by code, each as its newest vintage calls it; those that aren't there are missing."""
    question = (
        select(Division.code, Division.name)
        .where(Division.code.in_(sorted(set(codes))))
        .ext(distinct_on(Division.code))
        .order_by(Division.code, Division.vintage.desc())
    )
    return {row.code: DivisionName(code=row.code, name=row.name) for row in session.execute(question)}


def names_within(
    session: ReadSession, zones: Sequence[str], *, levels: Sequence[DivisionLevel], limit: int
) -> Sequence[DivisionName]:
    """The newest divisions of some levels within any of `zones` (first digits of codes), by code; at most `limit`."""
    inside = or_(*(Division.code.like(f"{zone}%") for zone in zones))
    question = (
        select(Division.code, Division.name)
        .where(inside, Division.level.in_([level.value for level in levels]), is_newest_of_its_level())
        .order_by(Division.code)
        .limit(limit)
    )
    return [DivisionName(code=row.code, name=row.name) for row in session.execute(question)]


def newest_vintages(session: ReadSession) -> Mapping[DivisionLevel, int]:
    """The newest vintage of each level that there is one of; a look into an index each."""
    newest = [
        select(func.max(Division.vintage)).where(Division.level == level.value).scalar_subquery()
        for level in DivisionLevel
    ]
    found = session.execute(select(*newest)).one()
    return {level: vintage for level, vintage in zip(DivisionLevel, found, strict=True) if vintage is not None}


def box_of(session: ReadSession, division: UUID) -> BBox | None:
    """A box around a division's area, or at its approximate point, in degrees; None where neither is known."""
    box = func.ST_Envelope(func.coalesce(Division.geom, Division.point))
    edges = [func.ST_XMin(box), func.ST_YMin(box), func.ST_XMax(box), func.ST_YMax(box)]
    west, south, east, north = session.execute(select(*edges).where(Division.id == division)).one()
    return None if west is None else BBox(west=west, south=south, east=east, north=north)


def containing(point: Any) -> ScalarSelect[UUID]:
    """The id of the division that a point (EPSG:4490) lies in, for a correlated subquery over many points.

    The newest vintage with an area there decides, and in it the most detailed level. A point on a border belongs to
    the division of the lower code.
    """
    around = aliased(Division)
    detail = case({level.value: digits for level, digits in DIGITS_OF_LEVEL.items()}, value=around.level)
    return (
        select(around.id)
        .where(around.geom.op("&&")(point), func.ST_Covers(around.geom, point))
        .order_by(around.vintage.desc(), detail.desc(), around.code)
        .limit(1)
        .scalar_subquery()
    )


def _whole(code: str) -> str:
    return prefix_of(code).ljust(12, "0")


def is_newest_of_its_level(of: type[Division] = Division, at: datetime | None = None) -> ColumnElement[bool]:
    """Whether a division is of the newest vintage that its level is, or at a moment was, registered in."""
    # Uncorrelated, so that it is computed once and not for every row.
    peer = as_of(Division, at) if at is not None else aliased(Division)
    newest = select(peer.level, func.max(peer.vintage)).group_by(peer.level)
    return tuple_(of.level, of.vintage).in_(newest)


def _rows(of: type[Division], above: type[Division], *, with_geometry: bool) -> Select[*tuple[Any, ...]]:
    shape = func.ST_AsGeoJSON(func.coalesce(of.geom, of.point), GEOJSON_DIGITS)
    columns: list[Any] = [
        of.fid,
        of.id,
        of.code,
        of.name,
        of.level,
        of.vintage,
        above.code.label("parent_code"),
        above.name.label("parent_name"),
        Dataset.key.label("dataset"),
        of.position_quality,
    ]
    if with_geometry:
        columns.append(shape.label("geometry"))
    return (
        select(*columns)
        .select_from(of)
        .outerjoin(above, above.id == of.parent_id)
        .outerjoin(Dataset, Dataset.id == of.dataset_id)
    )


def _row(found: Any) -> DivisionRow:
    values = dict(found._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    values.pop("parent_id", None)
    values["geometry"] = geojson.loads(values.get("geometry"))
    return DivisionRow(**values)
