"""The SELECTs of the room: divisions as they are listed, found and laid under points."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, SQLColumnExpression, case, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from geo_registry.db.session import ReadSession
from geo_registry.divisions.rules import DIGITS_OF_LEVEL, prefix_of
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


def within(code: SQLColumnExpression[str], zone: str) -> ColumnElement[bool]:
    """Whether the twelve-digit `code` lies in `zone`, a code or its first digits.

    Raises
    ------
    DivisionCodeInvalid
        `zone` isn't a code.
    """
    return code.like(f"{prefix_of(zone)}%")


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
    question = _rows(with_geometry=query.with_geometry).where(Division.fid > after).order_by(Division.fid).limit(limit)
    if query.level is not None:
        question = question.where(Division.level == query.level.value)
    if query.within is not None:
        question = question.where(within(Division.code, query.within))
    if query.vintage is not None and not query.every_vintage:
        question = question.where(Division.vintage == query.vintage)
    elif not query.every_vintage:
        question = question.where(is_newest_of_its_level())
    if query.name:
        question = question.where(Division.name.contains(query.name, autoescape=True))
    if query.bbox is not None:
        question = question.where(or_(in_box(Division.geom, query.bbox), in_box(Division.point, query.bbox)))
    if query.parent is not None:
        above = aliased(Division)
        question = question.where(Division.parent_id.in_(select(above.id).where(above.code == _whole(query.parent))))
    return [_row(found) for found in session.execute(question)]


def rows_with_code(session: ReadSession, code: str, *, vintage: int | None = None) -> Sequence[DivisionRow]:
    """The division of a twelve-digit code, the newest vintage first; at most one where `vintage` is given."""
    question = _rows(with_geometry=True).where(Division.code == code).order_by(Division.vintage.desc())
    if vintage is not None:
        question = question.where(Division.vintage == vintage)
    return [_row(found) for found in session.execute(question)]


def rows_called(session: ReadSession, name: str, *, vintage: int | None = None) -> Sequence[DivisionRow]:
    """The divisions of exactly that name, by code: of `vintage`, or of the newest vintage of each level."""
    question = _rows(with_geometry=True).where(Division.name == name).order_by(Division.code)
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


def is_newest_of_its_level() -> ColumnElement[bool]:
    """Whether a division is of the newest vintage that its level is registered in."""
    # Uncorrelated, so that it is computed once and not for every row.
    peer = aliased(Division)
    newest = select(peer.level, func.max(peer.vintage)).group_by(peer.level)
    return tuple_(Division.level, Division.vintage).in_(newest)


def _rows(*, with_geometry: bool) -> Select[*tuple[Any, ...]]:
    above = aliased(Division)
    shape = func.ST_AsGeoJSON(func.coalesce(Division.geom, Division.point), GEOJSON_DIGITS)
    columns: list[Any] = [
        Division.fid,
        Division.id,
        Division.code,
        Division.name,
        Division.level,
        Division.vintage,
        above.code.label("parent_code"),
        above.name.label("parent_name"),
        Dataset.key.label("dataset"),
        Division.position_quality,
    ]
    if with_geometry:
        columns.append(shape.label("geometry"))
    return (
        select(*columns)
        .outerjoin(above, above.id == Division.parent_id)
        .outerjoin(Dataset, Dataset.id == Division.dataset_id)
    )


def _row(found: Any) -> DivisionRow:
    values = dict(found._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    values["geometry"] = geojson.loads(values.get("geometry"))
    return DivisionRow(**values)
